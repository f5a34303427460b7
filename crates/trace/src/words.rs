//! Our words for signed vocabulary terms: written, plain, one table per language, which the page's scripts embed as well. Words that
//! come from no entry are ours; the signed term is one tap away.
//!
//! The terms that most consumer goods use stand in `texts/vocabulary.*.tsv`, which every page's check loads; the many others in
//! `texts/seldom.*.tsv`, which a phone fetches where a record has one of them. A term may move from one file to the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::lang::Lang;

/// Common terms by language: `term TAB word` per line; units have the term `unit:CODE`, countries their ISO 3166 code.
const COMMON: [&str; 2] = [include_str!("../texts/vocabulary.en.tsv"), include_str!("../texts/vocabulary.zh.tsv")];
/// The others, likewise.
const SELDOM: [&str; 2] = [include_str!("../texts/seldom.en.tsv"), include_str!("../texts/seldom.zh.tsv")];

static TABLES: LazyLock<[BTreeMap<&str, &str>; 2]> =
    LazyLock::new(|| [Lang::En, Lang::Zh].map(|lang| common(lang).chain(seldom(lang)).collect()));

/// Terms that most consumer goods use, with their words.
pub fn common(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(COMMON[lang as usize])
}

/// All other terms, with their words.
pub fn seldom(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(SELDOM[lang as usize])
}

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().filter_map(|line| line.split_once('\t'))
}

/// Beginnings of a standard term written in full; the bare term follows the last `:`, `/` or `-`.
const FULL: [&str; 9] = [
    "urn:epcglobal:cbv:",
    "https://ref.gs1.org/cbv/",
    "http://ref.gs1.org/cbv/",
    "https://ns.gs1.org/cbv/",
    "http://ns.gs1.org/cbv/",
    "https://gs1.org/voc/",
    "https://ref.gs1.org/voc/",
    "cbv:",
    "gs1:",
];

/// The bare term of a standard term, however it was written; any other text as it is.
pub fn bare(term: &str) -> &str {
    if FULL.iter().any(|start| term.starts_with(start)) { term.rsplit([':', '/', '-']).next().unwrap_or(term) } else { term }
}

/// The word for a term in the reader's language; a term without one is shown as it was signed.
pub fn word(term: &str, lang: Lang) -> String {
    let table = &TABLES[lang as usize];
    table.get(bare(term)).map_or_else(|| term.to_owned(), |word| (*word).to_owned())
}

/// Whether a check has to ask for the other terms before it can say what this one is called.
pub fn is_seldom(term: &str) -> bool {
    static SELDOM_TERMS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| seldom(Lang::En).map(|(term, _)| term).collect());
    SELDOM_TERMS.contains(bare(term))
}

/// Whether the table has a word for the term.
pub fn has_word(term: &str) -> bool {
    TABLES[0].contains_key(bare(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_hold_the_same_terms_once() {
        let terms = |text: &'static str| text.lines().map(|line| line.split_once('\t').expect(line).0).collect::<Vec<_>>();
        assert_eq!(terms(COMMON[0]), terms(COMMON[1]));
        assert_eq!(terms(SELDOM[0]), terms(SELDOM[1]));
        assert_eq!(TABLES[0].len(), COMMON[0].lines().chain(SELDOM[0].lines()).count(), "a term stands twice");
        for line in [COMMON, SELDOM].concat().iter().flat_map(|table| table.lines()) {
            let word = line.split_once('\t').unwrap().1;
            assert!(!word.is_empty() && word.trim() == word && !word.contains(['\t', '…', '’']), "{line}");
        }
    }

    #[test]
    fn terms_are_found_however_they_are_written() {
        for term in [
            "shipping",
            "cbv:shipping",
            "cbv:BizStep-shipping",
            "urn:epcglobal:cbv:bizstep:shipping",
            "https://ref.gs1.org/cbv/BizStep-shipping",
        ] {
            assert_eq!(word(term, Lang::En), "Shipped", "{term}");
            assert_eq!(word(term, Lang::Zh), "发货", "{term}");
        }
        assert_eq!(word("https://example.com/steps/shipping", Lang::En), "https://example.com/steps/shipping");
        assert_eq!(word("", Lang::En), "");
    }
}
