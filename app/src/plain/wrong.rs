//! What is wrong with a code, in the reader's language, and how to mend it.

use trace::gs1::{Gs1Error, Letters};

use crate::context::Lang;
use crate::texts::{fill, text};

/// The words of an error.
pub fn wrong_words(lang: Lang, wrong: &Gs1Error) -> String {
    let say = |key, values: &[(&str, &str)]| fill(lang, key, values);
    match wrong {
        Gs1Error::TooLong => say("wrong.toolong", &[]),
        Gs1Error::Scheme | Gs1Error::Host | Gs1Error::NoKey => say("wrong.nokey", &[]),
        Gs1Error::Character(c) => say("wrong.character", &[("c", &shown(*c))]),
        Gs1Error::Escape(part) => say("wrong.escape", &[("part", part)]),
        Gs1Error::EmptyPart => say("wrong.empty", &[]),
        Gs1Error::Qualifier { key, qualifier, order } => {
            let order = order.replace(" or ", text(lang, "wrong.or"));
            let order = if order.contains('(') { order } else { text(lang, "wrong.alone").to_owned() };
            say("wrong.qualifier", &[("what", &what(lang, qualifier)), ("key", &what(lang, key)), ("order", &order)])
        }
        Gs1Error::UnknownAi(ai) => say("wrong.unknown", &[("ai", ai)]),
        Gs1Error::Twice(ai) => say("wrong.twice", &[("what", &what(lang, ai))]),
        Gs1Error::BelongsInPath(ai) => say("wrong.inpath", &[("what", &what(lang, ai))]),
        Gs1Error::Length { ai, value, .. } if value.is_empty() => say("wrong.missing", &[("what", &what(lang, ai))]),
        Gs1Error::Length { ai, want, value } => {
            let (want, has) = (want.replace(" to ", "–"), value.chars().count().to_string());
            say("wrong.length", &[("what", &what(lang, ai)), ("want", &want), ("value", value), ("has", &has)])
        }
        Gs1Error::Charset { ai, found, allowed } => {
            let allowed = text(lang, letters(*allowed));
            say("wrong.charset", &[("what", &what(lang, ai)), ("c", &shown(*found)), ("allowed", allowed)])
        }
        Gs1Error::CheckDigit { ai, value, expected } => {
            say("wrong.check", &[("what", &what(lang, ai)), ("value", value), ("digit", &expected.to_string())])
        }
        Gs1Error::Date { ai, value } => say("wrong.date", &[("what", &what(lang, ai)), ("value", value)]),
        Gs1Error::Dots { ai, value } => say("wrong.dots", &[("what", &what(lang, ai)), ("value", value)]),
        Gs1Error::Content { ai, value, .. } => say("wrong.content", &[("what", &what(lang, ai)), ("value", value)]),
        Gs1Error::GtinLength(value) if value.is_empty() => say("wrong.missing", &[("what", &what(lang, "01"))]),
        Gs1Error::GtinLength(value) => say("wrong.gtin", &[("value", value), ("has", &value.chars().count().to_string())]),
        Gs1Error::NotEpc(_) | Gs1Error::Epc { .. } => say("wrong.urn", &[]),
    }
}

/// The name of an identifier as it is printed beside its value.
fn what(lang: Lang, ai: &str) -> String {
    let name = match ai {
        "01" => "what.01",
        "10" => "what.10",
        "21" | "235" => "what.21",
        "00" => "what.00",
        "11" | "12" | "13" | "15" | "16" | "17" => "what.date",
        _ => return format!("({ai})"),
    };
    format!("{} ({ai})", text(lang, name))
}

fn letters(allowed: Letters) -> &'static str {
    match allowed {
        Letters::Digits => "letters.digits",
        Letters::Capitals => "letters.capitals",
        Letters::FileSafe => "letters.file",
        Letters::Any => "letters.any",
    }
}

/// A character that can be seen, or its number.
fn shown(c: char) -> String {
    if c.is_control() || c.is_whitespace() { format!("U+{:04X}", u32::from(c)) } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace::gs1::DigitalLink;

    #[test]
    fn every_error_has_words_in_both_languages_without_a_gap() {
        let gtin = "/01/09521234000044";
        for (path, en, zh) in [
            ("/01/09521234000045".to_owned(), "should be 4", "应为 4"),
            ("/01/0952123400".to_owned(), "8, 12, 13 or 14", "8、12、13 或 14"),
            ("/01".to_owned(), "product number", "商品条码"),
            (format!("{gtin}/21/%E8%82%89"), "肉", "肉"),
            (format!("{gtin}/21/123456789012345678901"), "1–20", "1–20"),
            (format!("{gtin}/10/%zz"), "%zz", "%zz"),
            (format!("{gtin}/10/.."), "another page", "别的页面"),
            (format!("{gtin}/21/a/89/b"), "(22) (10) (21) or (235)", "(22) (10) (21) 或 (235)"),
            ("/x".to_owned(), "(01)", "(01)"),
            ("/8003/19521234567899".to_owned(), "(8003)", "(8003)"),
            ("/".to_owned() + &"a".repeat(2_001), "2000", "2000"),
        ] {
            let wrong = DigitalLink::from_request(&path, None).unwrap_err();
            for (lang, want) in [(Lang::En, en), (Lang::Zh, zh)] {
                let words = wrong_words(lang, &wrong);
                assert!(words.contains(want), "{path}: {words}");
                assert!(!words.contains(['{', '}']) && !words.starts_with("wrong."), "{path}: {words}");
                assert!(!(words.is_ascii() && lang == Lang::Zh), "{words}");
            }
        }
    }
}
