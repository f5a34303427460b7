//! A code as people type it and as scanners send it: an address, an element string in brackets or bare, a product's number, the
//! serial printed under the symbol. Here it is only read; whether the ledger knows it is for [`super::find`] to say.

use trace::gs1::element_string::{SEPARATOR, bracketed, concatenated, why_not};
use trace::gs1::{DigitalLink, Element, Gs1Error, Gtin, is_compressed, name_of};

/// Longest input: a Digital Link with every part at its longest.
pub const TYPED_BYTES_MAX: usize = 600;

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// It names something, in one or several ways.
    Code(Code),
    /// A compressed Digital Link, which this site does not read.
    Compressed,
    /// Nothing was typed.
    Nothing,
    /// It tries to be a code and is none.
    Wrong(Gs1Error),
}

/// All that a text can mean. Where none of it is known, the links are what was meant; without links, `wrong` says why there are none.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Code {
    /// Whole links.
    pub links: Vec<DigitalLink>,
    /// Serials as printed, each with the product's number where that stood before it.
    pub serials: Vec<(String, Option<Gtin>)>,
    /// What is wrong with it where it is no serial.
    pub wrong: Option<Gs1Error>,
}

/// Reads what was typed.
pub fn read(typed: &str) -> Read {
    let text = plain(typed);
    let text = without_symbology(text.trim());
    if text.is_empty() {
        return Read::Nothing;
    }
    if text.len() > TYPED_BYTES_MAX {
        return Read::Wrong(Gs1Error::TooLong);
    }
    if let Some(path) = address(text) {
        return match DigitalLink::from_request(path.split(['?', '#']).next().unwrap_or_default(), None) {
            Ok(link) => one(link),
            Err(Gs1Error::NoKey) if is_compressed(&path) => Read::Compressed,
            Err(wrong) => Read::Wrong(wrong),
        };
    }
    if text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("urn:epc:")) {
        let path = name_of(text).map(|name| name.digital_link_path().unwrap_or_default());
        return path.and_then(|path| DigitalLink::from_request(&path, None)).map_or_else(Read::Wrong, one);
    }
    match bracketed(text) {
        Some(elements) => from_elements(&elements),
        None => bare(text),
    }
}

fn one(link: DigitalLink) -> Read {
    Read::Code(Code { links: vec![link], ..Code::default() })
}

/// The text in ASCII where it means ASCII, with one sign for each kind of separator, without what nobody sees.
fn plain(typed: &str) -> String {
    let mut text: String = typed
        .chars()
        .filter_map(|c| match c {
            // Soft hyphen, zero-width and direction marks, byte order mark: they come along when text is copied.
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => None,
            // Full-width forms lie in ASCII's order.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
            '【' | '〔' | '〖' => Some('('),
            '】' | '〕' | '〗' => Some(')'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' => Some('-'),
            '␝' => Some(SEPARATOR),
            // Other control characters are line ends and the like.
            c if c.is_whitespace() || (c.is_control() && c != SEPARATOR) => Some(' '),
            c => Some(c),
        })
        .collect();
    for written in ["<GS>", "{GS}", "[GS]", "<FNC1>", "{FNC1}", "[FNC1]", "\\x1d", "\\u001d", "^]"] {
        // ASCII letters keep their place in lower case.
        while let Some(at) = text.to_ascii_lowercase().find(&written.to_ascii_lowercase()) {
            text.replace_range(at..at + written.len(), "\u{1d}");
        }
    }
    // No identifier holds "^"; some scanners send it for FNC1. Square brackets are a tired hand's round ones.
    text.replace('^', "\u{1d}").replace('[', "(").replace(']', ")")
}

/// Without the scanner's word for the kind of symbol (AIM: `]C1`, `]d2`, `]Q3`, `]e0`, …), whose bracket was turned by then.
fn without_symbology(text: &str) -> &str {
    let is = |word: &[u8]| word[0] == b')' && word[1].is_ascii_alphabetic() && word[2].is_ascii_alphanumeric();
    let text = text.as_bytes().first_chunk::<3>().filter(|word| is(*word)).map_or(text, |_| &text[3..]);
    text.trim_start_matches(SEPARATOR).trim_end_matches(SEPARATOR).trim()
}

/// The path of what looks like an address, with or without its scheme. Blanks in it come from line ends.
fn address(text: &str) -> Option<String> {
    let whole: String = text.chars().filter(|c| !c.is_whitespace() && *c != SEPARATOR).collect();
    let lower = whole.to_ascii_lowercase();
    let rest = match ["https://", "http://", "https:/", "http:/", "//"].iter().find(|scheme| lower.starts_with(**scheme)) {
        Some(scheme) => &whole[scheme.len()..],
        None if whole.starts_with('/') => return Some(whole),
        None => {
            let (host, _) = whole.split_once('/')?;
            let is_host = host.bytes().all(|c| c.is_ascii_alphanumeric() || b"-.:".contains(&c));
            // A serial may hold "/" and "." too: an address shows its key, or is compressed.
            let shown = DigitalLink::from_request(&whole, None).is_ok() || is_compressed(&whole) || lower.contains("/01/");
            if !is_host || !(shown && (host.contains(['.', ':']) || host == "localhost" || host == "01")) {
                return None;
            }
            return Some(if host == "01" { format!("/{whole}") } else { whole[host.len()..].to_owned() });
        }
    };
    Some(rest.find('/').map_or_else(|| "/".to_owned(), |at| rest[at..].to_owned()))
}

fn from_elements(elements: &[Element]) -> Read {
    match DigitalLink::from_elements(elements) {
        Ok(link) => one(link),
        Err(wrong) => match elements.iter().find(|(ai, _)| ai == "21" || ai == "235") {
            // The serial alone, without its product's number.
            Some((_, serial)) if wrong == Gs1Error::NoKey => serial_alone(serial, None),
            _ => Read::Wrong(wrong),
        },
    }
}

/// No bracket, no address: digits of a product, a concatenation, a serial, or a product's number and a serial.
fn bare(text: &str) -> Read {
    let mut code = Code::default();
    let words: Vec<&str> = text.split([' ', SEPARATOR]).filter(|word| !word.is_empty()).collect();
    // `01 09521234000044 21 7K2M`: where blanks part identifiers and values, they say where a value ends.
    if words.len() > 2 && words.len().is_multiple_of(2) {
        let pairs: Vec<Element> = words.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
        if pairs.iter().all(|(ai, value)| trace::gs1::element_fits(ai, value).is_ok())
            && let Ok(link) = DigitalLink::from_elements(&pairs)
        {
            return one(link);
        }
    }
    let joined = words.concat();
    let digits: String = joined.chars().filter(|c| *c != '-').collect();
    if digits.bytes().all(|c| c.is_ascii_digit()) {
        match digits.len() {
            8 | 12..=14 => match DigitalLink::from_request(&format!("/01/{digits}"), None) {
                Ok(link) => code.links.push(link),
                Err(wrong) => code.wrong = Some(wrong),
            },
            // A container's number is printed without its (00) at times.
            18 => code.links.extend(DigitalLink::from_request(&format!("/00/{digits}"), None)),
            _ => {}
        }
    }
    let without_blanks: String = text.chars().filter(|c| *c != ' ').collect();
    for link in concatenated(&without_blanks) {
        if !code.links.iter().any(|known| known.name() == link.name()) {
            code.links.push(link);
        }
    }
    // A product's number, a blank, the rest is the serial.
    let numbers = (1..words.len()).rev().find_map(|count| Some((count, Gtin::parse(&words[..count].concat().replace('-', "")).ok()?)));
    if let Some((count, gtin)) = numbers {
        code.serials.push((words[count..].concat(), Some(gtin)));
    }
    if text.contains(SEPARATOR) && code.links.is_empty() {
        return Read::Wrong(why_not(&without_blanks).unwrap_or(Gs1Error::NoKey));
    }
    let begins_with_gtin = joined.get(..16).is_some_and(|start| start.starts_with("01") && start.bytes().all(|c| c.is_ascii_digit()));
    if code.links.is_empty() && begins_with_gtin {
        code.wrong = code.wrong.or(why_not(&without_blanks));
    }
    match serial_alone(&joined, code.wrong.clone()) {
        Read::Code(serial) => code.serials.extend(serial.serials),
        wrong if code.links.is_empty() && code.serials.is_empty() => return wrong,
        _ => {}
    }
    // Typed with its identifier, but without brackets.
    if let Some(after) = joined.strip_prefix("21").filter(|after| !after.is_empty()) {
        code.serials.push((after.to_owned(), None));
    }
    Read::Code(code)
}

/// A serial by itself, if it can be one when its groups are joined.
fn serial_alone(text: &str, wrong: Option<Gs1Error>) -> Read {
    let joined: String = text.chars().filter(|c| *c != '-').collect();
    match trace::gs1::element_fits("21", if joined.len() < text.len() && text.len() > 20 { &joined } else { text }) {
        Ok(_) => Read::Code(Code { serials: vec![(text.to_owned(), None)], wrong, ..Code::default() }),
        Err(error) => Read::Wrong(wrong.unwrap_or(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = "/01/09521234000044/21/7K2M9QX4TD3HWZ";

    fn code(typed: &str) -> Code {
        match read(typed) {
            Read::Code(code) => code,
            other => panic!("{typed:?}: {other:?}"),
        }
    }

    fn paths(typed: &str) -> Vec<String> {
        code(typed).links.iter().map(DigitalLink::path).collect()
    }

    #[test]
    fn addresses() {
        for typed in [
            "https://ID.example.com/s/01/09521234000044/21/7K2M9QX4TD3HWZ?17=261213#x",
            "HTTPS://ID.EXAMPLE.COM/01/9521234000044/21/7K2M9QX4TD3HWZ",
            "id.example.com/01/09521234000044/21/7K2M9QX4TD3HWZ",
            "id.example.com:8443/01/09521234000044/21/7K2M9QX4TD3HWZ/",
            "localhost/01/09521234000044/21/7K2M9QX4TD3HWZ",
            "//id.example.com/01/09521234000044/21/7K2M9QX4TD3HWZ",
            "/01/09521234000044/21/7K2M9QX4TD3HWZ",
            "01/09521234000044/21/7K2M9QX4TD3HWZ",
            "https://id.example.com/01/09521234000044/21/\n 7K2M9QX4TD3HWZ",
            "\u{200e}https://id.example.com/01/09521234000044/21/7K2M9QX4TD3HWZ\u{200e}",
            "ｈｔｔｐｓ：／／id.example.com／01／09521234000044／21／7K2M9QX4TD3HWZ",
            "]Q1https://id.example.com/01/09521234000044/21/7K2M9QX4TD3HWZ",
            "urn:epc:id:sgtin:9521234.000004.7K2M9QX4TD3HWZ",
        ] {
            assert_eq!(paths(typed), [ITEM], "{typed}");
        }
    }

    #[test]
    fn element_strings_as_printed_and_as_sent() {
        for typed in [
            "(01)09521234000044(17)261213(21)7K2M9QX4TD3HWZ",
            "(21)7K2M9QX4TD3HWZ(01)09521234000044",
            " (01) 0952 1234 0000 44 (21) 7K2M 9QX4 TD3HWZ ",
            "（０１）０９５２１２３４００００４４（２１）７Ｋ２Ｍ９ＱＸ４ＴＤ３ＨＷＺ",
            "【01】09521234000044【21】7K2M9QX4TD3HWZ",
            "[01]09521234000044[21]7K2M9QX4TD3HWZ",
            "]d2010952123400004417261213217K2M9QX4TD3HWZ",
            "]C10109521234000044217K2M9QX4TD3HWZ\u{1d}17261213",
            "]Q3\u{1d}0109521234000044217K2M9QX4TD3HWZ",
            "]e00109521234000044217K2M9QX4TD3HWZ",
            "0109521234000044217K2M9QX4TD3HWZ",
            "0109521234000044217K2M9QX4TD3HWZ<GS>17261213",
            "0109521234000044217K2M9QX4TD3HWZ{gs}17261213",
            "0109521234000044217K2M9QX4TD3HWZ^]17261213",
            "^0109521234000044217K2M9QX4TD3HWZ^17261213",
            "0109521234000044217K2M9QX4TD3HWZ␝17261213",
            "01 09521234000044 21 7K2M9QX4TD3HWZ",
            "\u{feff}(01)\u{200e}09521234000044(21)7K2M\u{200b}9QX4TD3HWZ\u{202c}",
        ] {
            assert_eq!(paths(typed), [ITEM], "{typed}");
        }
        assert_eq!(paths("(01)09521234000044(10)A(1)"), ["/01/09521234000044/10/A%281%29"]);
        assert_eq!(paths("010952123400004410AB21CD").len(), 2, "who typed it must choose");
    }

    #[test]
    fn numbers_of_products_and_containers() {
        for typed in ["9521234000044", "952-1234 000044", "09521234000044", "９５２１２３４００００４４", "(01)9521234000044"]
        {
            assert_eq!(paths(typed), ["/01/09521234000044"], "{typed}");
        }
        assert_eq!(paths("106141412345678908"), ["/00/106141412345678908"]);
    }

    #[test]
    fn a_serial_is_never_dropped() {
        let serials = |typed: &str| code(typed).serials.into_iter().map(|(s, gtin)| (s, gtin.map(|g| g.to_string()))).collect::<Vec<_>>();
        for typed in ["7K2M9QX4TD3HWZ", "7K2M 9QX4 TD3HWZ", "(21)7K2M9QX4TD3HWZ", "７Ｋ２Ｍ９ＱＸ４ＴＤ３ＨＷＺ", "SN (21) 7K2M9QX4TD3HWZ"]
        {
            assert_eq!(serials(typed)[0], ("7K2M9QX4TD3HWZ".to_owned(), None), "{typed}");
        }
        assert_eq!(serials("7k2m-9qx4-td3hwz")[0].0, "7k2m-9qx4-td3hwz");
        assert_eq!(serials("217K2M9QX4TD3HWZ")[1].0, "7K2M9QX4TD3HWZ");
        let gtin = Some("09521234000044".to_owned());
        assert_eq!(serials("0952 1234 0000 44 7K2M9QX4TD3HWZ")[0], ("7K2M9QX4TD3HWZ".to_owned(), gtin));
        assert!(paths("0952 1234 0000 44 7K2M9QX4TD3HWZ").is_empty(), "not the product alone");
        assert_eq!(serials("09521234000044")[0].0, "09521234000044", "a serial may look like a product's number");
        for typed in ["(01)09521234000044(21)", "(01)09521234000044(21)肉", "(01)09521234000044(21)123456789012345678901"] {
            assert!(matches!(read(typed), Read::Wrong(_)), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_says_why() {
        assert_eq!(read(" \u{200e} "), Read::Nothing);
        assert_eq!(read("https://id.example.com/"), Read::Wrong(Gs1Error::NoKey));
        assert_eq!(read("https://id.example.com"), Read::Wrong(Gs1Error::NoKey));
        assert_eq!(read("https://id.example.com/ARHKVAdpQg"), Read::Compressed);
        assert_eq!(read("id.example.com/ARHKVAdpQg"), Read::Compressed);
        assert!(matches!(read("(01)09521234000045(21)7K"), Read::Wrong(Gs1Error::CheckDigit { .. })));
        assert!(matches!(code("9521234000045").wrong, Some(Gs1Error::CheckDigit { .. })));
        assert!(matches!(read("0109521234000045217K2M9QX4TD3HWZ"), Read::Wrong(Gs1Error::CheckDigit { .. })));
        assert!(matches!(read("牛肉"), Read::Wrong(Gs1Error::Charset { found: '牛', .. })));
        assert_eq!(read(&"A".repeat(601)), Read::Wrong(Gs1Error::TooLong));
        assert!(matches!(read("0109521234000044\u{1d}89X"), Read::Wrong(_)));
    }
}
