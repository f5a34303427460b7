//! Our own words, in files: `texts/*.en.tsv` and `texts/*.zh.tsv`, one `key TAB text` per line, `{name}` where a value goes.
//!
//! Words signed by members never pass through here; vocabulary terms have their table in `trace::words`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::context::Lang;

/// The files, one pair per part of the site.
const FILES: &[(&str, &str)] = &[
    (include_str!("../texts/shopper.en.tsv"), include_str!("../texts/shopper.zh.tsv")),
    (include_str!("../texts/feedback.en.tsv"), include_str!("../texts/feedback.zh.tsv")),
    (include_str!("../texts/console.en.tsv"), include_str!("../texts/console.zh.tsv")),
    (include_str!("../texts/verify.en.tsv"), include_str!("../texts/verify.zh.tsv")),
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

/// The words `public/page.js` needs, as the statement the server writes before it: `const W={…};` with `t` the script's own
/// texts (keys `js.`), `o` our words that may stand inside a record or a notice (keys `node.`, `notice.`), `v` the vocabulary.
pub fn script_words(lang: Lang) -> String {
    format!("const W={};\n", words_object(lang, &["js."], "product."))
}

/// The words of `public/more.js` (keys `more.`), likewise: `const M={…};`.
pub fn more_words(lang: Lang) -> String {
    format!("const M={{{}}};\n", script_texts(lang, &["more."], "-"))
}

/// The object of [`script_words`] for `public/verify.js`: with all of the scripts' texts, and the page's own words (keys `verify.`) in the
/// place of the product line's.
pub fn verify_words(lang: Lang) -> String {
    words_object(lang, &["js.", "more."], "verify.")
}

/// Texts whose keys begin with one of `own`, which is left off, and those whose keys begin with `also`.
fn script_texts(lang: Lang, own: &[&str], also: &str) -> String {
    let mut out = String::new();
    for (key, text) in TABLES[lang as usize].iter() {
        // The product line's sentences too: the script asks whether the one shown fits the verified alerts.
        let more = key.starts_with(also) && !key.starts_with("product.why");
        if let Some(key) = own.iter().find_map(|start| key.strip_prefix(start)).or(more.then_some(*key)) {
            out += &format!("{}:{},", quoted(key), quoted(text));
        }
    }
    out
}

/// The script's texts, our words, the vocabulary: a JavaScript object.
fn words_object(lang: Lang, own: &[&str], also: &str) -> String {
    let table = &TABLES[lang as usize];
    let mut out = format!("{{l:{},t:{{{}", quoted(lang.tag()), script_texts(lang, own, also));
    out += "},o:[";
    for (key, text) in table.iter() {
        if key.starts_with("node.") || key.starts_with("notice.") {
            for piece in pieces(text) {
                if let Piece::Text(words) = piece
                    && !words.trim().is_empty()
                {
                    out += &format!("{},", quoted(words.trim()));
                }
            }
        }
    }
    out += "],v:{";
    let vocabulary = match lang {
        Lang::En => trace::words::EN,
        Lang::Zh => trace::words::ZH,
    };
    for (term, word) in vocabulary.lines().filter_map(|line| line.split_once('\t')) {
        out += &format!("{}:{},", quoted(term), quoted(word));
    }
    out + "}}"
}

/// A JavaScript string literal that is safe inside a script file.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
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
    fn values_are_filled_in() {
        assert_eq!(pieces("a {b} c").collect::<Vec<_>>(), [Piece::Text("a "), Piece::Slot("b"), Piece::Text(" c")]);
        assert!(fill(Lang::En, "records.unchecked", &[("n", "8")]).starts_with("8 records"));
    }

    #[test]
    fn script_words_are_one_statement_without_markup() {
        let words = script_words(Lang::Zh);
        assert!(words.starts_with("const W={l:\"zh\"") && words.ends_with("}};\n") && !words.contains('<'));
    }
}
