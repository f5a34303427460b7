//! What must hold for every item's page: marks, size, no inline style, and nothing unmarked inside a record.

use std::collections::BTreeSet;

use trace::page::ItemPage;

use crate::context::Lang;
use crate::{fixture, render};

/// budgets.md P1: brotli bytes until all facts are readable.
const PAGE_BYTES: usize = 14_000;

fn pages() -> Vec<(String, String)> {
    type Made = fn() -> ItemPage;
    let all: [(&str, Made); 5] = [
        ("beef", fixture::beef),
        ("recalled", fixture::recalled),
        ("scanned", fixture::scanned),
        ("others", fixture::others),
        ("product", fixture::product),
    ];
    let mut out = Vec::new();
    for lang in [Lang::En, Lang::Zh] {
        for (name, page) in all {
            out.push((format!("{name} {}", lang.tag()), render::item(&page(), true, &fixture::context(lang))));
        }
    }
    out
}

/// An element that is open: tag and attributes as written.
type Open<'a> = (&'a str, &'a str);

/// Calls `text` for every text with the elements it stands in.
fn walk<'a>(html: &'a str, mut text: impl FnMut(&'a str, &[Open<'a>])) {
    let mut open: Vec<Open<'a>> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if !rest[..at].trim().is_empty() {
            text(rest[..at].trim(), &open);
        }
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            while open.pop().is_some_and(|(opened, _)| opened != name) {}
        } else if !tag.starts_with('!') && !tag.ends_with('/') {
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            if !["meta", "link", "img", "input", "br", "hr"].contains(&name) {
                open.push((name, attributes));
            }
        }
    }
}

#[test]
fn every_text_of_a_record_is_signed_or_ours() {
    for (name, html) in pages() {
        let words: BTreeSet<String> = [Lang::En, Lang::Zh]
            .iter()
            .map(|l| crate::texts::script_words(*l, None, |_| String::new()) + &crate::texts::more_words(*l, false))
            .collect();
        let (mut signed, mut ours) = (0, 0);
        walk(&html, |text, open| {
            if !open.iter().any(|(tag, a)| *tag == "li" && a.contains("data-entry")) {
                return;
            }
            let has = |mark: &str| open.iter().any(|(_, a)| a.contains(mark));
            if has("data-p=") || has("data-by=") || has("data-k=") {
                signed += 1;
            } else if has("data-o") {
                ours += 1;
                let known = |words: &String| words.split(['"', '{', '}']).any(|piece| piece.trim() == text);
                assert!(words.iter().any(known), "{name}: {text:?} is not in the script's words");
            } else {
                assert!(has("class=\"rec\""), "{name}: {text:?} is unmarked");
            }
        });
        assert!((signed > 60 && ours > 2) != name.starts_with("product"), "{name}: {signed} {ours}");
    }
}

#[test]
fn a_page_fits_its_budget() {
    for (name, html) in pages() {
        let mut out = Vec::new();
        let params = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
        brotli::BrotliCompress(&mut html.as_bytes(), &mut out, &params).unwrap();
        assert!(out.len() <= PAGE_BYTES, "{name}: {} bytes", out.len());
    }
}

#[test]
fn the_policy_of_pages_is_kept() {
    for (name, html) in pages() {
        assert!(!html.contains(" style="), "{name}: an inline style");
        assert!(!html.contains(" onclick=") && !html.contains("javascript:"), "{name}");
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" src="), "{name}: {script}");
        }
        // The icon's drawing names its own kind by an address; nothing is asked there.
        assert!(!html.replace("xmlns='http://www.w3.org/2000/svg'", "").contains("http://"), "{name}: an address elsewhere");
    }
}

#[test]
fn the_server_never_says_verified() {
    for (name, html) in pages() {
        let body = &html[html.find("<body").unwrap()..];
        assert!(!body.contains("class=\"node ok") && !body.contains("class=\"node fail"), "{name}");
        assert!(!body.contains(" verified") && !body.contains("已核验"), "{name}");
        let nodes = if name.starts_with("product") { 0 } else { 8 };
        assert_eq!(body.matches("data-entry=").count(), nodes, "{name}");
        assert_eq!(body.matches("<p class=\"when\"><span data-p=").count(), nodes, "{name}");
        assert_eq!(body.matches("role=\"status\"").count(), 1, "{name}: one announcement of the check");
        for mark in ["data-line=\"records\"", "data-line=\"code\"", "data-line=\"product\"", "data-words=\""] {
            assert!(body.contains(mark), "{name}: {mark}");
        }
    }
}

#[test]
fn bad_news_comes_first_and_nothing_is_offered_beside_it() {
    let html = render::item(&fixture::recalled(), true, &fixture::context(Lang::En));
    assert!(html.find("Do not eat this").unwrap() < html.find("<h1").unwrap());
    assert!(html.contains("href=\"tel:+864000000000\""));
    assert!(!html.contains("id=\"offer\""));
    let html = render::item(&fixture::beef(), true, &fixture::context(Lang::En));
    assert!(html.contains("id=\"offer\""));
}

#[test]
fn each_record_says_by_whose_right_it_stands_where_that_tells_something() {
    for (lang, number) in [(Lang::En, "owner of this number"), (Lang::Zh, "此编码的持有方")] {
        let html = render::item(&fixture::others(), true, &fixture::context(lang));
        let nodes: Vec<&str> = html.split("<li ").filter(|node| node.contains("data-entry=")).collect();
        let said = |at: usize| nodes[at].split_once("class=\"late right\"").map(|(_, rest)| rest.split_once("</p>").unwrap().0);
        assert!(nodes[1].contains("data-right=\"owner\"") && said(1).is_none());
        assert!(nodes[0].contains("data-right=\"unowned\"") && said(0).unwrap().contains(number));
        assert!(nodes[2].contains("data-right=\"regulator\"") && said(2).is_some());
        assert!(nodes[6].contains("data-right=\"independent\"") && said(6).unwrap().contains(number));
        assert_eq!(html.matches("<details class=\"apart\">").count(), 1, "an independent's words are folded");
        assert!(
            nodes[4].contains("data-made=\"said\"") && ["class=\"objection\"", "data-e=\"26\""].iter().all(|mark| nodes[7].contains(mark))
        );
        assert!(nodes[5].contains("class=\"struck\"") && !nodes[5].contains("node alarm"));
        // A warning is no recall: it offers no telephone, and takes nothing away.
        let warning = html.split_once("class=\"notice warning\"").unwrap().1.split_once("</section>").unwrap().0;
        assert!(!warning.contains("tel:") && warning.contains("data-by=\"talanuur.example\""));
        assert!(!html.contains("notice alert") && html.contains("id=\"offer\""));
    }
}

#[test]
fn amounts_are_said_once_to_be_unproven() {
    let mut page = fixture::others();
    page.nodes[5].inputs = Some(trace::page::Inputs::Named);
    let html = render::item(&page, false, &fixture::context(Lang::En));
    assert_eq!(html.matches(crate::texts::text(Lang::En, "node.made.amounts")).count(), 1);
}

#[test]
fn past_its_date_comes_first_with_a_telephone_and_a_recall_outranks_it() {
    let mut page = fixture::beef();
    page.product = trace::page::ProductStatus::Expired(3);
    let html = render::item(&page, false, &fixture::context(Lang::En));
    let notice = html.find("class=\"notice expired\"").unwrap();
    let name = html.find("<h1").unwrap();
    assert!(notice < name && html[notice..name].contains("href=\"tel:"), "{}", &html[notice..name]);
    page.notices = fixture::recalled().notices;
    assert!(!render::item(&page, false, &fixture::context(Lang::En)).contains("notice expired"));
}

#[test]
fn a_way_to_the_comment_form_stands_on_the_page_also_beside_a_recall() {
    let way = "href=\"/feedback/01/";
    for (page, ways) in [(fixture::beef(), 2), (fixture::recalled(), 1)] {
        let html = render::item(&page, true, &fixture::context(Lang::Zh));
        assert_eq!(html.matches(way).count(), ways);
        // Where nobody would read it, nothing is asked.
        assert!(!render::item(&page, false, &fixture::context(Lang::Zh)).contains(way));
    }
    let html = render::item(&fixture::recalled(), true, &fixture::context(Lang::En));
    let bar = html.split_once("class=\"bar\"").unwrap().1;
    assert!(bar.contains("href=\"tel:+864000000000\" class=\"go\""), "beside a recall the hand reaches the telephone: {bar}");
}

#[test]
fn what_matters_less_is_folded_and_a_state_a_date_and_an_alert_never_are() {
    let html = |page: &ItemPage| render::item(page, true, &fixture::context(Lang::En));
    let fact = |pointer: &str| trace::page::Fact {
        label: trace::page::Label::Ours("quantity".to_owned()),
        value: trace::page::Value::One(trace::page::Signed {
            pointers: vec![pointer.to_owned()],
            values: vec!["x".to_owned()],
            format: trace::page::Format::Text,
        }),
        file: None,
        change: trace::page::Change::Kept,
    };
    let mut page = fixture::beef();
    page.nodes.truncate(1);
    let said = ["/lp:facts/0/lp:text", "/lp:facts/1/lp:text", "/lp:facts/2/lp:text", "/lp:facts/3/lp:text"];
    page.nodes[0].facts = said.map(fact).to_vec();
    page.nodes[0].facts[2].file = Some(trace::page::File {
        pointer: "/lp:facts/2/lp:file".to_owned(),
        hash: "b".repeat(64),
        media_type: "image/png".to_owned(),
        bytes: None,
    });
    let less = ["/ilmd/cbvmda:lotNumber", "/quantityList/0/quantity"];
    let never = ["/disposition", "/ilmd/cbvmda:itemExpirationDate", "/sensorElementList/0/sensorReport/0/maxValue"];
    page.nodes[0].facts.extend(less.into_iter().chain(never).map(fact));
    let folded = html(&page);
    let (shown, rest) = folded.split_once("class=\"rest\"").unwrap();
    for pointer in said[..3].iter().chain(&never) {
        assert!(shown.contains(pointer) && !rest.contains(pointer), "{pointer}");
    }
    for pointer in said[3..].iter().chain(&less) {
        assert!(rest.contains(pointer) && !shown.contains(pointer), "{pointer}");
    }
    for whole in
        [|node: &mut trace::page::Node| node.alert = true, |node: &mut trace::page::Node| node.right = trace::page::Right::Independent]
    {
        let mut page = page.clone();
        whole(&mut page.nodes[0]);
        assert!(!html(&page).contains("class=\"rest\""));
    }
}

#[test]
fn signed_words_cannot_break_out() {
    let mut page = fixture::beef();
    for signed in page.headline.name.values_mut() {
        signed.values = vec!["<script>alert(1)</script>\" onload=\"x".to_owned()];
    }
    let html = render::item(&page, true, &fixture::context(Lang::En));
    assert!(!html.contains("<script>alert"));
    assert_eq!(html.matches("<script").count(), 1);
}

#[test]
fn every_text_outside_the_records_is_signed_or_known_to_the_scripts() {
    for (name, html) in pages() {
        let lang = if name.ends_with("zh") { Lang::Zh } else { Lang::En };
        let words = crate::texts::script_words(lang, None, |_| String::new()) + &crate::texts::more_words(lang, false);
        let page_words = crate::texts::page_words(lang, crate::fixture::context(lang).files.verifier_hash.as_deref());
        assert!(html.contains(&format!("data-words=\"{page_words}\"")), "{name}: the page brings the words that the script knows");
        // The script compares these with the address, or writes them itself.
        let made = [
            "class=\"why\"",
            "class=\"code\"",
            "class=\"s\"",
            "id=\"checked\"",
            "id=\"limit\"",
            "data-p=",
            "data-entry=",
            "class=\"slip\"",
        ];
        let free = ["class=\"top\"", "class=\"paper\"", "class=\"foot\""];
        let body = &html[html.find("<body").unwrap()..];
        walk(body, |text, open| {
            let has = |marks: &[&str]| open.iter().any(|(_, a)| marks.iter().any(|mark| a.contains(mark)));
            if has(&made) || has(&free) || open.iter().any(|(tag, _)| ["noscript", "code", "b", "output"].contains(tag)) {
                return;
            }
            let known = page_words.split('|').any(|known| known == text)
                || words.contains(&format!("\"{text}\""))
                || text.chars().any(|c| c.is_ascii_digit())
                || has(&["data-by="]);
            assert!(known, "{name}: {text:?} is not among the scripts' words");
        });
    }
}

#[test]
fn a_shared_link_shows_signed_words_and_items_stay_out_of_search_engines() {
    let mut page = fixture::beef();
    let html = render::item(&page, false, &fixture::context(Lang::En));
    assert!(html.contains("<meta name=\"description\" content=\"320 g, vacuum-packed and chilled. From Oboo Banner, Inner Mongolia\">"));
    assert!(html.contains("property=\"og:title\" content=\"Grassland beef ribeye · Talanuur\""));
    assert!(html.contains(&format!("property=\"og:image\" content=\"https://id.talanuur.example/media/{}\"", "a".repeat(64))));
    assert!(html.contains("content=\"noindex\""));
    page.level = trace::page::Level::Product;
    assert!(!render::item(&page, false, &fixture::context(Lang::En)).contains("noindex"));
}
