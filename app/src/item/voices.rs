//! The three lines: records, code history, product status. Each has its own mark and one sentence; none colours another.

use leptos::prelude::*;
use trace::format::shown;
use trace::page::{Category, CodeHistory, Format, FreezeReason, ItemPage, Level, Notice, ProductStatus};
use trace::words::word;

use crate::context::{Lang, PageContext};
use crate::feedback::words::name;
use crate::item::{grouped, moment};
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::say;
use crate::texts::{counted, fill, text};

/// One line. With reasons it opens; `open` is for an unusual scan pattern.
pub fn voice(id: &'static str, mark: Markup, label: &'static str, sentence: Markup, reasons: Option<Markup>, open: bool) -> Markup {
    let role = (id == "records").then_some("status");
    let row = view! {
        {mark}
        <span class="l">{label}</span>
        <span class="s" role=role>{sentence}</span>
    };
    match reasons {
        Some(reasons) => view! {
            <details class="voice" data-line=id open=open>
                <summary>{row}</summary>
                <dl class="why">{reasons}</dl>
            </details>
        }
        .markup(),
        None => view! { <div class="voice" data-line=id><div class="row">{row}</div></div> }.markup(),
    }
}

/// A row of reasons.
pub fn reason(label: &'static str, words: impl IntoView) -> Markup {
    view! { <div><dt>{label}</dt><dd>{words.into_view()}</dd></div> }.markup()
}

/// All three.
pub fn voices(page: &ItemPage, context: &PageContext) -> Markup {
    let label = text(context.lang, "voices.label");
    view! {
        <div class="voices" role="group" aria-label=label>
            {records(page, context)}
            {code(&page.code, page.category(), context)}
            {product(page, context)}
        </div>
    }
    .markup()
}

/// As the server sends it: not checked. Only the verifier on the phone says more.
fn records(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let all = page.nodes.len();
    let own = page.nodes.iter().filter(|n| n.author.own_key).count();
    let (n, own_n, kept_n) = (all.to_string(), own.to_string(), (all - own).to_string());
    let key = if all == 0 { "records.words" } else { counted(lang, "records.unchecked", all as u64) };
    let keys = match (own, all - own) {
        (_, 0) => fill(lang, "records.keys.own", &[("n", &n)]),
        (0, _) => fill(lang, "records.keys.kept", &[("n", &n)]),
        _ => fill(lang, "records.keys.both", &[("own", &own_n), ("kept", &kept_n)]),
    };
    let ledger = fill(lang, "records.ledger", &[("size", &grouped(page.ledger_size)), ("when", &moment(page.ledger_ms, context))]);
    let mark = view! {
        <svg class="m" viewBox="0 0 20 24" aria-hidden="true">
            <path class="t" d="M10 1v5m0 12v5"/>
            <circle class="r" cx="10" cy="12" r="5.2"/>
        </svg>
    };
    let reasons = view! {
        {reason(text(lang, "records.why.label"), text(lang, "records.why.off"))}
        {(all > 0).then(|| reason(text(lang, "records.keys.label"), keys))}
        {reason(text(lang, "records.ledger.label"), ledger)}
    };
    voice("records", mark.markup(), text(lang, "voice.records"), say(lang, key, &[("n", &n)]).markup(), Some(reasons.markup()), false)
}

/// Tally strokes: as many as scans, four at most, struck through when unusual.
pub fn tally(count: u64) -> Markup {
    let path = |from: u64, to: u64| (from..to).map(|i| format!("M{} 5v14", 3 + i * 5)).collect::<String>();
    let shown = count.min(4);
    view! {
        <svg class="m" viewBox="0 0 20 24" aria-hidden="true">
            <path class="g" d=path(shown, 4)/>
            <path class="t" d=path(0, shown)/>
            {(count > 4).then(|| view! { <path class="t" d="M0 17L20 8"/> })}
        </svg>
    }
    .markup()
}

/// How often the code of such goods was opened, which this site counts and nothing proves.
pub fn code(code: &CodeHistory, goods: Category, context: &PageContext) -> Markup {
    let (lang, often) = (context.lang, code.is_often(goods));
    let why = || reason(text(lang, "code.why.label"), text(lang, "code.why"));
    let demo = || context.demo.then(|| reason(text(lang, "code.demo.label"), text(lang, "code.demo")));
    let (marks, sentence, reasons, open) = match code {
        CodeHistory::First => (tally(1), text(lang, "code.first").to_owned(), view! { {why()} {demo()} }.markup(), false),
        CodeHistory::Seen { count, first_day, days, .. } => {
            let (n, day) = (grouped(*count), shown(Format::Date, &[first_day], lang));
            let key = match (often, count) {
                (true, _) => "code.often",
                (false, 1) => "code.seen.once",
                (false, 2) => "code.seen.twice",
                (false, _) => "code.seen",
            };
            let said = fill(lang, key, &[("n", &n), ("day", &day)]);
            let most = goods.often();
            let days = reason(text(lang, "code.days.label"), fill(lang, counted(lang, "code.days", *days), &[("n", &grouped(*days))]));
            let why_often = match goods {
                Category::UsedUp => "code.why.often",
                Category::Kept => "code.why.often.kept",
            };
            let first = often.then(|| {
                reason(
                    text(lang, "code.often.label"),
                    fill(lang, why_often, &[("n", &most.unlike.to_string()), ("days", &most.days.to_string())]),
                )
            });
            (tally(if often { 5 } else { (*count).min(4) }), said, view! { {first} {why()} {days} {demo()} }.markup(), often)
        }
        CodeHistory::Shared => {
            (tally(0), text(lang, "code.shared").to_owned(), reason(text(lang, "code.why.label"), text(lang, "code.why.shared")), false)
        }
        CodeHistory::NotYet => (tally(0), text(lang, "code.notyet").to_owned(), view! { {why()} {demo()} }.markup(), false),
        CodeHistory::NotCounted => (tally(0), text(lang, "code.uncounted").to_owned(), why(), false),
        CodeHistory::Frozen { why, day } => {
            let (said, reasons) = frozen(*why);
            let said = fill(lang, said, &[("day", &shown(Format::Date, &[day], lang))]);
            let reasons = view! {
                {reason(text(lang, "code.often.label"), text(lang, reasons))}
                {reason(text(lang, "code.why.label.frozen"), text(lang, "code.why.frozen"))}
            };
            (tally(0), said, reasons.markup(), true)
        }
        CodeHistory::Opened { day } => {
            let said = fill(lang, "code.inner", &[("day", &shown(Format::Date, &[day], lang))]);
            let reasons = view! {
                {reason(text(lang, "code.often.label"), text(lang, "code.why.inner"))}
                {reason(text(lang, "code.why.label.frozen"), text(lang, "code.why.inner.who"))}
            };
            (tally(0), said, reasons.markup(), true)
        }
    };
    let sentence = if open { view! { <span class="warn">{sentence}</span> }.markup() } else { sentence.markup() };
    let marks = if open { view! { <span class="mark warn">{marks}</span> }.markup() } else { marks };
    voice("code", marks, text(lang, "voice.code"), sentence, Some(reasons), open)
}

/// A square whose shape is the state.
pub fn square(state: &'static str) -> Markup {
    let inner = match state {
        "ok" => view! { <path class="f" d="M4 6h12v12H4z"/> }.markup(),
        "expired" => view! { <path class="t" d="M4.7 6.7h10.6v10.6H4.7z"/><path class="f" d="M4 12h12v6H4z"/> }.markup(),
        "recalled" => view! { <path class="t" d="M4.7 6.7h10.6v10.6H4.7zM2 20L18 4"/> }.markup(),
        "corrected" => view! { <path class="t" d="M4.7 6.7h10.6v10.6H4.7zM1 12h18"/> }.markup(),
        _ => view! { <path class="dot" d="M4.7 6.7h10.6v10.6H4.7z"/> }.markup(),
    };
    view! { <svg class="m" viewBox="0 0 20 24" aria-hidden="true">{inner}</svg> }.markup()
}

/// What a page says of its goods that nobody should miss who reads of them elsewhere: an alert, a warning, a date that has passed, a code
/// that the brand froze, or that not all could be read.
pub fn worries(page: &ItemPage, lang: Lang) -> Vec<String> {
    let (_, tone, sentence, _) = status(page, lang);
    let mut said = Vec::from_iter((!tone.is_empty()).then_some(sentence));
    // An alert that is red stands in the sentence.
    let by = |notice: &Notice| name(&notice.author.names, lang).unwrap_or(&notice.author.id).to_owned();
    said.extend(page.notices.iter().filter(|notice| !notice.red).map(|notice| fill(lang, "notice.warning", &[("who", &by(notice))])));
    if let CodeHistory::Frozen { why, day } = &page.code {
        said.push(fill(lang, frozen(*why).0, &[("day", &shown(Format::Date, &[day], lang))]));
    }
    said
}

fn product(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let (state, tone, sentence, why) = status(page, lang);
    let mark = view! { <span class=format!("mark {tone}")>{square(state)}</span> }.markup();
    let sentence = view! { <span class=tone>{sentence}</span> }.markup();
    voice("product", mark, text(lang, "voice.product"), sentence, Some(reason(text(lang, "product.why.label"), text(lang, why))), false)
}

/// The square's state, the sentence's tone, the sentence, and where it is from.
fn status(page: &ItemPage, lang: Lang) -> (&'static str, &'static str, String, &'static str) {
    let date = |day: &String| shown(Format::Date, &[day], lang);
    let until = || page.use_by.as_ref().map_or_else(String::new, |(_, _, signed)| shown(signed.format, &signed.values, lang));
    match &page.product {
        ProductStatus::Recalled(day) => ("recalled", "fail", fill(lang, "product.recalled", &[("day", &date(day))]), "product.why.alert"),
        // Its words were erased: that it is in force is signed all the same.
        ProductStatus::Alert(term, day) if term.is_empty() => {
            ("recalled", "fail", fill(lang, "product.alert.bare", &[("day", &date(day))]), "product.why.alert")
        }
        ProductStatus::Alert(term, day) => {
            ("recalled", "fail", fill(lang, "product.alert", &[("what", &word(term, lang)), ("day", &date(day))]), "product.why.alert")
        }
        ProductStatus::Expired(_) => ("expired", "warn", fill(lang, "product.expired", &[("day", &until())]), "product.why.expired"),
        ProductStatus::InOrder { corrections, corrected: Some(day), .. } => {
            let n = corrections.to_string();
            let key = if *corrections > 1 { "product.corrected.many" } else { "product.corrected" };
            ("corrected", "", fill(lang, key, &[("n", &n), ("day", &date(day))]), "product.why.corrected")
        }
        ProductStatus::InOrder { days_left, .. } => {
            let said = match days_left {
                None => text(lang, "product.ok.nodate").to_owned(),
                Some(0) => text(lang, "product.ok.today").to_owned(),
                Some(1) => text(lang, "product.ok.one").to_owned(),
                Some(n) => fill(lang, "product.ok", &[("n", &grouped(n.unsigned_abs()))]),
            };
            ("ok", "", said, "product.why.ok")
        }
        ProductStatus::Partly => ("none", "warn", text(lang, "product.part").to_owned(), "product.why.part"),
        ProductStatus::Unknown if page.level == Level::Product && !page.cut => {
            ("none", "", text(lang, "product.whole").to_owned(), "product.why.whole")
        }
        ProductStatus::Unknown => ("none", "", text(lang, "product.unknown").to_owned(), "product.why.unknown"),
    }
}

fn frozen(why: FreezeReason) -> (&'static str, &'static str) {
    match why {
        FreezeReason::Stolen => ("code.frozen.stolen", "code.why.stolen"),
        FreezeReason::Copied => ("code.frozen.copied", "code.why.copied"),
        FreezeReason::Withdrawn => ("code.frozen.withdrawn", "code.why.withdrawn"),
    }
}
