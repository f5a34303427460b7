//! Our own words, in files: `texts/*.en.tsv` and `texts/*.zh.tsv`, one `key TAB text` per line, `{name}` where a value goes.
//!
//! Words signed by members never pass through here; vocabulary terms have their table in `trace::words`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::context::Lang;

/// The files, one pair per part of the site.
const FILES: &[(&str, &str)] = &[
    (include_str!("../texts/shopper.en.tsv"), include_str!("../texts/shopper.zh.tsv")),
    (include_str!("../texts/feedback.en.tsv"), include_str!("../texts/feedback.zh.tsv")),
    (crate::islands::WORDS[0], crate::islands::WORDS[1]),
    (include_str!("../texts/console.en.tsv"), include_str!("../texts/console.zh.tsv")),
    (include_str!("../texts/accounts.en.tsv"), include_str!("../texts/accounts.zh.tsv")),
    (include_str!("../texts/verify.en.tsv"), include_str!("../texts/verify.zh.tsv")),
    (include_str!("../texts/stage.en.tsv"), include_str!("../texts/stage.zh.tsv")),
    (include_str!("../texts/scanner.en.tsv"), include_str!("../texts/scanner.zh.tsv")),
    (include_str!("../texts/alerts.en.tsv"), include_str!("../texts/alerts.zh.tsv")),
    (include_str!("../texts/figures.en.tsv"), include_str!("../texts/figures.zh.tsv")),
    (include_str!("../texts/codes.en.tsv"), include_str!("../texts/codes.zh.tsv")),
];

type Table = BTreeMap<&'static str, &'static str>;

static TABLES: LazyLock<[Table; 2]> = LazyLock::new(|| {
    let read = |file: &'static str| file.lines().filter_map(|line| line.split_once('\t'));
    [FILES.iter().flat_map(|pair| read(pair.0)).collect(), FILES.iter().flat_map(|pair| read(pair.1)).collect()]
});

/// The text of a key; a key without one is returned itself, which a test of every key used in the sources rules out.
pub fn text(lang: Lang, key: &'static str) -> &'static str {
    TABLES[lang as usize].get(key).copied().unwrap_or(key)
}

/// A text with its values filled in.
pub fn fill(lang: Lang, key: &'static str, values: &[(&str, &str)]) -> String {
    pieces(text(lang, key))
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Slot(name) => values.iter().find(|(slot, _)| *slot == name).map_or("", |(_, value)| value),
        })
        .collect()
}

/// The form of a word for a number, by Unicode's plural rules (CLDR) for our languages; `plural` in `public/page.js` is the same.
fn plural(lang: Lang, n: u64) -> &'static str {
    match (lang, n) {
        (Lang::En, 1) => "one",
        _ => "other",
    }
}

/// The key of a text in the form that fits the number: `key.one` where there is one, else `key`.
pub fn counted(lang: Lang, key: &'static str, n: u64) -> &'static str {
    let form = format!("{key}.{}", plural(lang, n));
    TABLES[lang as usize].get_key_value(form.as_str()).map_or(key, |(key, _)| key)
}

/// A piece of a text: words, or the name of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(&'static str),
    /// `{name}`.
    Slot(&'static str),
}

/// A text cut at its values.
pub fn pieces(text: &'static str) -> impl Iterator<Item = Piece> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = match rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            Some((name, after)) => (Piece::Slot(name), after),
            None => {
                let end = rest.find('{').unwrap_or(rest.len());
                (Piece::Text(&rest[..end]), &rest[end..])
            }
        };
        rest = after;
        Some(piece)
    })
}

/// Texts by their own keys that `public/page.js` makes again, or looks for in one place alone.
fn made_again(key: &str) -> bool {
    const ALSO: [&str; 5] = ["voice.records", "voice.code", "voice.product", "foot.serial", "story.zone"];
    key.starts_with("product.ok")
        || in_records(key)
        || ["foot.lot", "code.first", "code.notyet", "code.uncounted"].contains(&key)
        || key.starts_with("code.seen")
        || ALSO.contains(&key)
}

/// Our words in records that most pages have. They come before the check; those of alerts, objections, corrections, erasures, and of
/// authors by no owner's leave with `more.js`.
fn in_records(key: &str) -> bool {
    const SELDOM: [&str; 8] = [
        "node.right.struck",
        "node.right.nobody",
        "node.right.regulator",
        "node.right.unowned",
        "node.live",
        "node.objected",
        "node.corrected",
        "node.erased",
    ];
    key.starts_with("node.") && !SELDOM.iter().any(|part| key.starts_with(part))
}

/// Our words that stand on any page outside its records. What the script itself writes over is not among them.
fn common_chrome(key: &str) -> bool {
    const PARTS: [&str; 9] = ["voices.", "foot.", "hand.", "checked.", "tell.", "offer.", "story.", "name.until.", "print."];
    const LINES: [&str; 8] = [
        "code.why",
        "code.why.label",
        "code.days",
        "code.days.one",
        "code.days.label",
        "code.demo",
        "code.demo.label",
        "product.why.label",
    ];
    // Written over, or made again.
    let written = ["checked.off", "checked.limit.off", "story.zone"].iter().any(|part| key.starts_with(part));
    !written && (LINES.contains(&key) || key == "product.why.ok" || PARTS.iter().any(|part| key.starts_with(part)))
}

/// Those of seldom pages and states.
fn seldom_chrome(key: &str) -> bool {
    const PARTS: [&str; 10] =
        ["code.why", "code.often.label", "code.days", "product.why.", "records.cut", "unknown.", "type.", "notice.", "pack.", "unit."];
    !common_chrome(key) && PARTS.iter().any(|part| key.starts_with(part))
}

/// The words `public/page.js` needs, as the statement the server writes before it: `const W={…};` with `l` the language, `t` the
/// script's own texts (those of `node.` may stand in records), `k` the beginning of the hash of [`page_words`], `v` the vocabulary's
/// common terms.
pub fn script_words(lang: Lang, verifier_hash: Option<&str>, hash: impl Fn(&[u8]) -> String) -> String {
    let texts = texts(lang, |key| key.strip_prefix("js.").or(made_again(key).then_some(key)));
    let chrome = quoted(beginning(&hash(page_words(lang, verifier_hash).as_bytes())));
    format!("const W={{l:{},{texts},k:{chrome},{}}};\n", quoted(lang.tag()), vocabulary(trace::words::common(lang)))
}

/// Our words that may stand on any page outside of its records, between bars. The page brings them: most of them stand in it anyway, so
/// they compress to a third of what they take in the script, which holds their hash. The last of them is the verifier's hash.
pub fn page_words(lang: Lang, verifier_hash: Option<&str>) -> String {
    static WORDS: LazyLock<[String; 2]> =
        LazyLock::new(|| [Lang::En, Lang::Zh].map(|lang| chrome(lang, common_chrome).into_iter().collect::<Vec<_>>().join("|")));
    let words = &WORDS[lang as usize];
    verifier_hash.map_or_else(|| words.clone(), |hash| format!("{words}|{hash}"))
}

/// What the check must know of this site, and takes from no page: `const S={…};`.
#[derive(Clone, Debug, Default)]
pub struct Site<'a> {
    /// Where this service is reached.
    pub public_url: &'a str,
    /// The verifier's address.
    pub verifier: Option<&'a str>,
    /// The policy that the check goes by, as `/policy` has it.
    pub policy: &'a str,
    /// The address of `more.js` in the same language.
    pub more: &'a str,
    /// The address of `draw.js`.
    pub draw: &'a str,
    /// The style that comes after the check.
    pub later: &'a str,
    /// One operator, invented companies.
    pub demo: bool,
}

/// The statement of [`Site`], with the styles that a page may have: each part's length in UTF-16 units and the beginning of its hash.
pub fn script_site(site: &Site<'_>, hash: impl Fn(&[u8]) -> String) -> String {
    let host = site.public_url.split_once("://").map_or(site.public_url, |(_, host)| host);
    let styles: String = crate::style::parts()
        .iter()
        .map(|part| format!("[{},{}],", part.encode_utf16().count(), quoted(beginning(&hash(part.as_bytes())))))
        .collect();
    let verifier = site.verifier.map(|address| format!("v:{},", quoted(address))).unwrap_or_default();
    format!(
        "const S={{u:{},h:{},m:{},c:{},l:{},r:{},{verifier}{}s:[{styles}]}};\n",
        quoted(site.public_url),
        quoted(host),
        quoted(site.more),
        quoted(site.draw),
        quoted(site.later),
        quoted(site.policy),
        if site.demo { "d:1," } else { "" },
    )
}

/// 96 bits of a hash, for a text that is ours: nobody finds another text with the same beginning.
fn beginning(hash: &str) -> &str {
    hash.get(..24).unwrap_or_default()
}

/// What `public/more.js` adds to them: `const M={…};`. Where `counts`, it says to this site how a check ended, and to its reader that it does.
pub fn more_words(lang: Lang, counts: bool) -> String {
    const PARTS: [&str; 4] = ["product.", "code.", "node.", "notice."];
    let line = |key: &str| {
        let whole = PARTS.iter().any(|part| key.starts_with(part));
        whole && !key.contains(".why") && !key.contains(".demo") && !key.contains(".days") && !made_again(key)
    };
    const COUNTED: [&str; 3] = ["more.slip.took.counted", "more.counted", "more.counted.label"];
    let said = |key: &'static str| key.strip_prefix("more.").filter(|_| counts || !COUNTED.contains(&key));
    let texts = texts(lang, |key| said(key).or(line(key).then_some(key)));
    let counts = if counts { "n:1," } else { "" };
    let chrome: Vec<String> = chrome(lang, seldom_chrome).iter().map(|words| quoted(words)).collect();
    format!("const M={{{texts},{counts}k:[{}],{}}};\n", chrome.join(","), vocabulary(trace::words::seldom(lang)))
}

/// The object of [`script_words`] for `public/verify.js`: with all of the scripts' texts, the page's own words (keys `verify.`), and
/// the whole vocabulary.
pub fn verify_words(lang: Lang) -> String {
    let texts =
        texts(lang, |key| key.strip_prefix("js.").or_else(|| key.strip_prefix("more.")).or(key.starts_with("verify.").then_some(key)));
    let terms = trace::words::common(lang).chain(trace::words::seldom(lang));
    format!("{{l:{},{texts},{}}}", quoted(lang.tag()), vocabulary(terms))
}

/// What `public/stage.js` adds to the words of `public/page.js`: `const D={…};` with its own texts, why a step fails, and the whole vocabulary.
pub fn stage_words(lang: Lang) -> String {
    const PARTS: [&str; 4] = ["word.", "step.", "broken.why.", "slip.right."];
    let told = |key: &'static str| key.strip_prefix("more.").filter(|key| PARTS.iter().any(|part| key.starts_with(part)));
    let texts = texts(lang, |key| key.strip_prefix("stage.js.").or_else(|| told(key)));
    format!("const D={{{texts},{}}};\n", vocabulary(trace::words::seldom(lang)))
}

/// What `public/scanner.js` adds to them: `const C={…};` with its own texts, why a check fails, and the whole vocabulary.
pub fn scanner_words(lang: Lang) -> String {
    let told = |key: &'static str| key.strip_prefix("more.").filter(|key| key.starts_with("word."));
    let texts = texts(lang, |key| key.strip_prefix("scanner.js.").or_else(|| told(key)));
    format!("const C={{{texts},{}}};\n", vocabulary(trace::words::seldom(lang)))
}

/// What stands before `public/reader.js`: its words, and the two files of the reader that it fetches where the browser has none of its own.
pub fn reader_words(lang: Lang, script: Option<&str>, wasm: Option<&str>) -> String {
    let texts = texts(lang, |key| key.strip_prefix("reader.js."));
    let files = script.zip(wasm).map(|(script, wasm)| format!(",js:{},wasm:{}", quoted(script), quoted(wasm)));
    format!("const R={{{texts}{}}};\n", files.unwrap_or_default())
}

/// `t:{…}`: the texts whose key the script knows, by the name it knows them by.
fn texts(lang: Lang, name: impl Fn(&'static str) -> Option<&'static str>) -> String {
    // Chinese has one form for all numbers ([`plural`]).
    let is_asked_for = |key: &str| lang == Lang::En || !key.ends_with(".one");
    let rows = TABLES[lang as usize].iter().filter(|(key, _)| is_asked_for(key)).filter_map(|(key, text)| Some((name(key)?, *text)));
    format!("t:{{{}}}", pairs(rows))
}

/// The words of texts, cut where an element stands; numbers, days and this site's name keep their places.
fn chrome(lang: Lang, belongs: impl Fn(&str) -> bool) -> BTreeSet<String> {
    const KEPT: [&str; 6] = ["n", "size", "max", "days", "day", "host"];
    let mut all = BTreeSet::new();
    for (_, text) in TABLES[lang as usize].iter().filter(|(key, _)| belongs(key)) {
        let mut words = String::new();
        for piece in pieces(text).chain([Piece::Slot("")]) {
            match piece {
                Piece::Text(text) => words += text,
                Piece::Slot(name) if KEPT.contains(&name) => words += &format!("{{{name}}}"),
                Piece::Slot(_) => {
                    let cut = std::mem::take(&mut words).trim().to_owned();
                    if cut.chars().any(|c| c != '{' && c != '}') {
                        all.insert(cut);
                    }
                }
            }
        }
    }
    all
}

/// `v:{…}`: vocabulary terms.
fn vocabulary(terms: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    format!("v:{{{}}}", pairs(terms))
}

fn pairs(rows: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    rows.map(|(key, text)| format!("{}:{},", quoted(key), quoted(text))).collect()
}

/// A JavaScript string literal that is safe inside a script file.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            '<' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out += &format!("\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_hold_the_same_keys_with_the_same_values() {
        for (en, zh) in FILES {
            let keys = |file: &'static str| file.lines().map(|l| l.split_once('\t').expect(l)).collect::<Vec<_>>();
            let (en, zh) = (keys(en), keys(zh));
            assert_eq!(en.iter().map(|l| l.0).collect::<Vec<_>>(), zh.iter().map(|l| l.0).collect::<Vec<_>>());
            for (a, b) in en.iter().zip(&zh) {
                let slots = |text| {
                    let mut all: Vec<_> = pieces(text).filter(|p| matches!(p, Piece::Slot(s) if *s != "here")).collect();
                    all.sort_by_key(|p| format!("{p:?}"));
                    all
                };
                assert_eq!(slots(a.1), slots(b.1), "{}", a.0);
                for text in [a.1, b.1] {
                    assert!(!text.trim().is_empty() && !text.contains(['!', '！', '✓']), "{}: {text}", a.0);
                }
            }
        }
        let lines: usize = FILES.iter().map(|f| f.0.lines().count()).sum();
        assert_eq!(TABLES[0].len(), lines, "a key stands twice");
    }

    #[test]
    fn a_number_chooses_the_form_of_its_word() {
        assert_eq!(counted(Lang::En, "code.days", 1), "code.days.one");
        assert_eq!([0, 2, 11, 21].map(|n| counted(Lang::En, "code.days", n)), ["code.days"; 4]);
        assert_eq!([0, 1, 2].map(|n| counted(Lang::Zh, "code.days", n)), ["code.days"; 3]);
        assert_eq!(counted(Lang::En, "code.first", 1), "code.first");
    }

    #[test]
    fn values_are_filled_in() {
        assert_eq!(pieces("a {b} c").collect::<Vec<_>>(), [Piece::Text("a "), Piece::Slot("b"), Piece::Text(" c")]);
        assert!(fill(Lang::En, "records.unchecked", &[("n", "8")]).starts_with("8 records"));
    }

    #[test]
    fn script_words_are_one_statement_without_markup() {
        let words = script_words(Lang::Zh, None, |_| "0".repeat(64));
        assert!(
            !page_words(Lang::Zh, None).contains(['"', '<', '&'])
                && page_words(Lang::En, Some("ab12")).split('|').all(|words| !words.is_empty())
        );
        assert!(words.starts_with("const W={l:\"zh\"") && words.ends_with("}};\n") && !words.contains('<'));
    }
}
