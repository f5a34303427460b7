//! The table of GS1 application identifiers: what each value may hold, and which qualifiers follow which key.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Gs1Error, Gtin, Letters};

/// One line per identifier (`31n` lines stand for a range of last digits): identifier, `*` where its length is
/// predefined (no separator after it in an element string), then its parts. Part: N digits, X the 82-character set,
/// Y the 39-character set, Z file-safe base64; `18` exactly, `..20` at most; in brackets optional; then
/// `c` check digit, `d` date with day 00 allowed, `D` date, `k` begins with a company prefix, `z` zero, `t` piece of total.
const TABLE: &str = "
00 * N18c|01 * N14c|02 * N14c|10 X..20|11 * N6d|12 * N6d|13 * N6d|15 * N6d|16 * N6d|17 * N6d|20 * N2|21 X..20|22 X..20
235 X..28|240 X..30|241 X..30|242 N..6|243 X..20|250 X..30|251 X..30|253 N13c [X..17]|254 X..20|255 N13c [N..12]|30 N..8
310-5 * N6|311-5 * N6|312-5 * N6|313-5 * N6|314-5 * N6|315-5 * N6|316-5 * N6
320-5 * N6|321-5 * N6|322-5 * N6|323-5 * N6|324-5 * N6|325-5 * N6|326-5 * N6|327-5 * N6|328-5 * N6|329-5 * N6
330-5 * N6|331-5 * N6|332-5 * N6|333-5 * N6|334-5 * N6|335-5 * N6|336-5 * N6|337-5 * N6
340-5 * N6|341-5 * N6|342-5 * N6|343-5 * N6|344-5 * N6|345-5 * N6|346-5 * N6|347-5 * N6|348-5 * N6|349-5 * N6
350-5 * N6|351-5 * N6|352-5 * N6|353-5 * N6|354-5 * N6|355-5 * N6|356-5 * N6|357-5 * N6
360-5 * N6|361-5 * N6|362-5 * N6|363-5 * N6|364-5 * N6|365-5 * N6|366-5 * N6|367-5 * N6|368-5 * N6|369-5 * N6
37 N..8|390-9 N..15|391-9 N3 N..15|392-9 N..15|393-9 N3 N..15|394-3 N4|395-5 N6
400 X..30|401 X..30k|402 N17c|403 X..30|410 * N13c|411 * N13c|412 * N13c|413 * N13c|414 * N13c|415 * N13c|416 * N13c|417 * N13c
420 X..20|421 N3 X..9|422 N3|423 N..15|424 N3|425 N..15|426 N3|427 X..3
4300 X..35|4301 X..35|4302 X..70|4303 X..70|4304 X..70|4305 X..70|4306 X..70|4307 X2|4308 X..30|4309 N20
4310 X..35|4311 X..35|4312 X..70|4313 X..70|4314 X..70|4315 X..70|4316 X..70|4317 X2|4318 X..20|4319 X..30
4320 X..35|4321 N1|4322 N1|4323 N1|4324 N6d N4|4325 N6d N4|4326 N6D|4330 N6 [X1]|4331 N6 [X1]|4332 N6 [X1]|4333 N6 [X1]
7001 N13|7002 X..30|7003 N6D N4|7004 N..4|7005 X..12|7006 N6D|7007 N6D [N6D]|7008 X..3|7009 X..10|7010 X..2|7011 N6D [N4]
7020 X..20|7021 X..20|7022 X..20|7023 X..30k|703-9 N3 X..27|7040 N1 X1 X1 X1|710 X..20|711 X..20|712 X..20|713 X..20|714 X..20|715 X..20|716 X..20
723-9 X2 X..28|7240 X..20|7241 N2|7242 X..25|7250 N8|7251 N12|7252 N1|7253 X..40|7254 X..40|7255 X..10|7256 X..90|7257 X..70|7258 X3|7259 X..40
8001 N14|8002 X..20|8003 N1z N13c [X..16]|8004 X..30k|8005 N6|8006 N14c N4t|8007 X..34|8008 N8 [N..4]|8009 X..50
8010 Y..30k|8011 N..12|8012 X..20|8013 X..25k|8014 X..25k|8017 N18c|8018 N18c|8019 N..10|8020 X..25|8026 N14c N4t|8030 Z..90
8110 X..70|8111 N4|8112 X..70|8200 X..70|90 X..30
91 X..90|92 X..90|93 X..90|94 X..90|95 X..90|96 X..90|97 X..90|98 X..90|99 X..90
";

/// Primary keys of a Digital Link with their qualifiers in order; `|` parts alternatives.
const KEYS: &[(&str, &str)] = &[
    ("00", ""),
    ("01", "22 10 21|235"),
    ("253", ""),
    ("255", ""),
    ("401", ""),
    ("402", ""),
    ("414", "254|7040"),
    ("415", "8020"),
    ("417", "7040"),
    ("8003", ""),
    ("8004", "7040"),
    ("8006", "22 10 21"),
    ("8010", "8011"),
    ("8013", ""),
    ("8017", "8019"),
    ("8018", "8019"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    None,
    Check,
    Month,
    Day,
    Company,
    Zero,
    Piece,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    set: u8,
    min: usize,
    max: usize,
    optional: bool,
    rule: Rule,
}

#[derive(Clone, Debug)]
struct Ai {
    fixed: bool,
    parts: Vec<Part>,
}

static AIS: LazyLock<BTreeMap<String, Ai>> = LazyLock::new(|| {
    let mut ais = BTreeMap::new();
    for line in TABLE.split(['|', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        let ai = words.next().unwrap_or_default();
        let mut fixed = false;
        let mut parts = Vec::new();
        for word in words {
            if word == "*" {
                fixed = true;
            } else {
                parts.push(part(word));
            }
        }
        let spec = Ai { fixed, parts };
        match ai.split_once('-') {
            Some((stem, last)) => {
                for digit in b'0'..=last.as_bytes()[0] {
                    ais.insert(format!("{stem}{}", char::from(digit)), spec.clone());
                }
            }
            None => {
                ais.insert(ai.to_owned(), spec);
            }
        }
    }
    ais
});

fn part(word: &str) -> Part {
    let optional = word.starts_with('[');
    let word = word.trim_matches(['[', ']']);
    let set = word.as_bytes()[0];
    let rest = &word[1..];
    let at_most = rest.starts_with("..");
    let digits: String = rest.trim_start_matches('.').chars().take_while(char::is_ascii_digit).collect();
    let max = digits.parse().expect("the table above holds a length in every part");
    let rule = match rest.chars().last() {
        Some('c') => Rule::Check,
        Some('d') => Rule::Month,
        Some('D') => Rule::Day,
        Some('k') => Rule::Company,
        Some('z') => Rule::Zero,
        Some('t') => Rule::Piece,
        _ => Rule::None,
    };
    Part { set, min: if at_most { 1 } else { max }, max, optional, rule }
}

/// Whether the text is an application identifier of the table.
pub(crate) fn is_ai(ai: &str) -> bool {
    AIS.contains_key(ai)
}

/// Whether an element string needs no separator after it.
pub(crate) fn is_fixed(ai: &str) -> bool {
    AIS.get(ai).is_some_and(|spec| spec.fixed)
}

/// The fewest and most characters of an identifier's value.
pub(crate) fn length_range(ai: &str) -> (usize, usize) {
    AIS.get(ai).map_or((0, 0), |spec| range(&spec.parts))
}

fn range(parts: &[Part]) -> (usize, usize) {
    let min = parts.iter().filter(|part| !part.optional).map(|part| part.min).sum();
    (min, parts.iter().map(|part| part.max).sum())
}

/// The qualifier sequences of a primary key; `None` where it is no primary key.
pub(crate) fn qualifiers(key: &str) -> Option<Vec<Vec<&'static str>>> {
    let (_, text) = KEYS.iter().find(|(ai, _)| *ai == key)?;
    Some(text.split('|').map(|alternative| alternative.split_ascii_whitespace().collect()).collect())
}

/// Whether it may be a segment of a path: a primary key or a qualifier.
fn stands_in_path(ai: &str) -> bool {
    KEYS.iter().any(|(key, qualifiers)| *key == ai || qualifiers.split(['|', ' ']).any(|known| known == ai))
}

/// Whether these application identifiers are a primary key with qualifiers in their order.
pub(crate) fn is_key_sequence(ais: &[&str]) -> bool {
    let Some((key, rest)) = ais.split_first() else {
        return false;
    };
    let Some(alternatives) = qualifiers(key) else {
        return false;
    };
    alternatives.iter().any(|order| {
        let mut left = order.iter();
        rest.iter().all(|ai| left.any(|candidate| candidate == ai))
    })
}

/// The modulo-10 check digit of a string of digits (weights 3 and 1 from the right).
pub fn check_digit(digits: &str) -> char {
    let sum: u32 = digits.bytes().rev().zip([3, 1].into_iter().cycle()).map(|(d, weight)| u32::from(d - b'0') * weight).sum();
    char::from_digit((10 - sum % 10) % 10, 10).expect("a number below 10 is a digit")
}

/// Checks a value against its identifier; a GTIN is padded to 14 digits. Returns the value as it counts.
pub fn element_fits(ai: &str, value: &str) -> Result<String, Gs1Error> {
    let spec = AIS.get(ai).ok_or_else(|| Gs1Error::UnknownAi(ai.into()))?;
    if ai == "01" {
        return Ok(Gtin::parse(value)?.as_str().to_owned());
    }
    // WHATWG URL, 4.5: such a segment is taken away, written as %2E too, before the request is sent.
    if matches!(value, "." | "..") && stands_in_path(ai) {
        return Err(Gs1Error::Dots { ai: ai.into(), value: value.into() });
    }
    let length = |value: &str| Gs1Error::Length { ai: ai.into(), want: want(&spec.parts), value: value.into() };
    let mut rest = value;
    for part in &spec.parts {
        if rest.is_empty() && part.optional {
            break;
        }
        let end = rest.char_indices().nth(part.max).map_or(rest.len(), |(at, _)| at);
        let (here, after) = rest.split_at(end);
        if here.chars().count() < part.min {
            return Err(length(value));
        }
        if let Some(found) = here.chars().find(|c| !in_set(part.set, *c)) {
            return Err(Gs1Error::Charset { ai: ai.into(), found, allowed: letters(part.set) });
        }
        holds(ai, part.rule, here)?;
        rest = after;
    }
    if rest.is_empty() { Ok(value.to_owned()) } else { Err(length(value)) }
}

fn want(parts: &[Part]) -> String {
    let (min, max) = range(parts);
    if min == max { min.to_string() } else { format!("{min} to {max}") }
}

fn in_set(set: u8, c: char) -> bool {
    match set {
        b'N' => c.is_ascii_digit(),
        b'Y' => c.is_ascii_digit() || c.is_ascii_uppercase() || "#-/".contains(c),
        b'Z' => c.is_ascii_alphanumeric() || "-_=".contains(c),
        _ => c.is_ascii_alphanumeric() || "!\"%&'()*+,-./:;<=>?_".contains(c),
    }
}

fn letters(set: u8) -> Letters {
    match set {
        b'N' => Letters::Digits,
        b'Y' => Letters::Capitals,
        b'Z' => Letters::FileSafe,
        _ => Letters::Any,
    }
}

fn holds(ai: &str, rule: Rule, value: &str) -> Result<(), Gs1Error> {
    let content = |rule| Gs1Error::Content { ai: ai.into(), value: value.into(), rule };
    match rule {
        Rule::None => Ok(()),
        Rule::Check => {
            let (digits, last) = value.split_at(value.len() - 1);
            let expected = check_digit(digits);
            if last.starts_with(expected) { Ok(()) } else { Err(Gs1Error::CheckDigit { ai: ai.into(), value: value.into(), expected }) }
        }
        Rule::Month | Rule::Day => {
            if is_date(value, rule == Rule::Month) {
                Ok(())
            } else {
                Err(Gs1Error::Date { ai: ai.into(), value: value.into() })
            }
        }
        Rule::Company => {
            if value.len() >= 4 && value.as_bytes()[..4].iter().all(u8::is_ascii_digit) {
                Ok(())
            } else {
                Err(content("it begins with a GS1 company prefix, at least four digits"))
            }
        }
        Rule::Zero => {
            if value == "0" {
                Ok(())
            } else {
                Err(content("the first digit is 0"))
            }
        }
        Rule::Piece => {
            let (piece, total) = value.split_at(2);
            if piece != "00" && piece <= total { Ok(()) } else { Err(content("the piece number is from 01 to the total")) }
        }
    }
}

fn is_date(value: &str, day_00: bool) -> bool {
    let number = |range: std::ops::Range<usize>| value[range].parse::<i8>().unwrap_or(-1);
    let (year, month, day) = (number(0..2), number(2..4), number(4..6));
    if day == 0 {
        return day_00 && (1..=12).contains(&month);
    }
    // Whichever century is meant, 2000 to 2099 has the same leap years for two digits but 1900, which no product carries.
    jiff::civil::Date::new(2000 + i16::from(year), month, day).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_the_keys_and_their_qualifiers() {
        for (key, text) in KEYS {
            assert!(is_ai(key), "{key}");
            for ai in text.split(['|', ' ']).filter(|ai| !ai.is_empty()) {
                assert!(is_ai(ai), "{ai}");
            }
        }
        assert!(is_ai("3105") && !is_ai("3106") && is_ai("3909") && !is_ai("3944") && !is_ai("999") && !is_ai("89"));
    }

    #[test]
    fn values() {
        for (ai, value) in [
            ("21", "a!\"%&'()*+,-./0:"),
            ("10", "x"),
            ("17", "260200"),
            ("17", "280229"),
            ("253", "1231231231232"),
            ("253", "1231231231232TEST5678901234567"),
            ("8003", "09521234567899"),
            ("8006", "123123123123330102"),
            ("8010", "4012345#-/A"),
            ("00", "006141411234567890"),
        ] {
            assert_eq!(element_fits(ai, value).as_deref(), Ok(value), "{ai}");
        }
    }

    #[test]
    fn wrong_values() {
        use Gs1Error as E;
        assert!(matches!(element_fits("21", ""), Err(E::Length { .. })));
        assert!(matches!(element_fits("21", "123456789012345678901"), Err(E::Length { .. })));
        for (ai, value) in [("21", ".."), ("10", "."), ("254", ".."), ("235", ".")] {
            let wrong = element_fits(ai, value).unwrap_err();
            assert!(matches!(&wrong, E::Dots { .. }) && wrong.to_string().contains("another value"), "{ai}");
        }
        assert!(element_fits("21", "...").is_ok() && element_fits("99", "..").is_ok() && element_fits("21", "%2e").is_ok());
        assert!(matches!(element_fits("21", "a b"), Err(E::Charset { found: ' ', .. })));
        assert!(matches!(element_fits("21", "牛"), Err(E::Charset { found: '牛', .. })));
        assert!(matches!(element_fits("10", "#"), Err(E::Charset { found: '#', .. })));
        assert!(matches!(element_fits("17", "261301"), Err(E::Date { .. })));
        assert!(matches!(element_fits("17", "270229"), Err(E::Date { .. })));
        assert!(matches!(element_fits("7006", "260200"), Err(E::Date { .. })));
        assert!(matches!(element_fits("253", "1231231231232TEST56789012345678"), Err(E::Length { .. })));
        assert!(matches!(element_fits("00", "006141411234567891"), Err(E::CheckDigit { expected: '0', .. })));
        assert!(matches!(element_fits("00", "0061414112345678"), Err(E::Length { .. })));
        assert!(matches!(element_fits("8003", "19521234567899"), Err(E::Content { .. })));
        assert!(matches!(element_fits("8004", "AB12"), Err(E::Content { .. })));
        assert!(matches!(element_fits("8006", "123123123123330302"), Err(E::Content { .. })));
        assert!(matches!(element_fits("999", "1"), Err(E::UnknownAi(_))));
    }
}
