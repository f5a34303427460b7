//! How signed values become shown text (ARCHITECTURE.md, S3). The page's script holds the same eight formats; `app/formats.tsv`
//! holds both to one set of cases.
//!
//! One rule covers every value that does not have the form its format expects: it is shown as it was signed, the values
//! parted by a space. So no value is ever hidden, and both sides agree on what cannot be formatted.
//!
//! ```
//! use trace::format::shown;
//! use trace::lang::Lang;
//! use trace::page::Format;
//! assert_eq!(shown(Format::Quantity, &["2140", "HAR"], Lang::En), "2,140\u{a0}ha");
//! assert_eq!(shown(Format::Time, &["2026-11-08T22:40:00Z", "+08:00"], Lang::Zh), "2026年11月9日 06:40 UTC+8");
//! ```

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use crate::lang::Lang;
use crate::page::Format;
use crate::words::word;

impl Format {
    /// The word for it in the page's marks (`data-f`); most facts are text, so a page leaves that one out.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::Text).then(|| self.mark())
    }

    /// Its name.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Word => "word",
            Self::Time => "time",
            Self::Local => "local",
            Self::Moment => "moment",
            Self::Date => "date",
            Self::Number => "number",
            Self::Quantity => "quantity",
        }
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Between a number and its unit; never broken over two lines.
const NBSP: char = '\u{a0}';

/// A minus sign, longer than a hyphen.
const MINUS: char = '\u{2212}';

/// The shown text of signed values.
pub fn shown<S: AsRef<str>>(format: Format, values: &[S], lang: Lang) -> String {
    let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
    let made = match (format, values.as_slice()) {
        (Format::Word, [term]) => Some(word(term, lang)),
        (Format::Time | Format::Local | Format::Moment, [_] | [_, _]) => time_text(format, &values, lang),
        (Format::Date, [date]) => date_text(date, lang),
        (Format::Number, [number]) => number_text(number),
        (Format::Quantity, [number, unit]) => number_text(number).map(|number| {
            let key = format!("unit:{unit}");
            let known = word(&key, lang);
            let unit = if known == key { unit } else { known.as_str() };
            format!("{number}{NBSP}{unit}")
        }),
        _ => None,
    };
    made.unwrap_or_else(|| values.join(" "))
}

fn day(date: Date, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{} {}", day_of_year(date, lang), date.year()),
        Lang::Zh => format!("{}年{}", date.year(), day_of_year(date, lang)),
    }
}

fn day_of_year(date: Date, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{} {}", date.day(), MONTHS[usize::from(date.month().unsigned_abs()) - 1]),
        Lang::Zh => format!("{}月{}日", date.month(), date.day()),
    }
}

/// What a signed time says of its own clock: what its shorter forms leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Year there.
    pub year: i16,
    /// Offset from UTC in minutes.
    pub minutes: i32,
}

impl Clock {
    /// The offset as it is written: "UTC+8".
    pub fn zone(self) -> String {
        let (hours, rest) = (self.minutes.abs() / 60, self.minutes.abs() % 60);
        let sign = if self.minutes < 0 { MINUS } else { '+' };
        match (hours, rest) {
            (0, 0) => "UTC".to_owned(),
            (_, 0) => format!("UTC{sign}{hours}"),
            _ => format!("UTC{sign}{hours}:{rest:02}"),
        }
    }
}

/// The clock of a time with its offset beside it or in it; `None` where it has not that form.
pub fn clock<S: AsRef<str>>(values: &[S]) -> Option<Clock> {
    let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
    local(&values).map(|(at, minutes)| Clock { year: at.year(), minutes })
}

/// Day and time where it happened, with the offset from UTC in minutes.
fn local(values: &[&str]) -> Option<(DateTime, i32)> {
    let (time, offset) = (*values.first()?, values.get(1));
    let at: Timestamp = crate::time::instant(time)?;
    let minutes = crate::time::offset_minutes(offset.unwrap_or(&time.get(time.len().saturating_sub(6)..).unwrap_or("Z")));
    // A time with "Z" and no offset beside it is shown in UTC.
    let minutes = if offset.is_none() && time.ends_with(['Z', 'z']) { 0 } else { minutes? };
    Some((Offset::from_seconds(minutes * 60).ok()?.to_datetime(at), minutes))
}

fn time_text(format: Format, values: &[&str], lang: Lang) -> Option<String> {
    let (at, minutes) = local(values)?;
    let date = if format == Format::Moment { day_of_year(at.date(), lang) } else { day(at.date(), lang) };
    let comma = if lang == Lang::En { "," } else { "" };
    let zone = if format == Format::Time { format!(" {}", Clock { year: at.year(), minutes }.zone()) } else { String::new() };
    Some(format!("{date}{comma} {:02}:{:02}{zone}", at.hour(), at.minute()))
}

fn date_text(text: &str, lang: Lang) -> Option<String> {
    crate::time::date(text).map(|date| day(date, lang))
}

/// Groups the whole digits of a plain decimal number (`-?(0|[1-9][0-9]*)(.[0-9]+)?`).
fn number_text(text: &str) -> Option<String> {
    let (whole, fraction) = crate::number::parts(text)?;
    let mut shown = String::new();
    if text.starts_with('-') {
        shown.push(MINUS);
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown.push_str(fraction);
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Format; 8] =
        [Format::Text, Format::Word, Format::Time, Format::Local, Format::Moment, Format::Date, Format::Number, Format::Quantity];

    fn format_of(mark: &str) -> Format {
        ALL.into_iter().find(|format| format.mark() == mark).unwrap_or_else(|| panic!("{mark}"))
    }

    /// The cases the page's script is tested against as well.
    #[test]
    fn the_shared_cases() {
        let text = include_str!("../../../app/formats.tsv");
        let mut count = 0;
        for line in text.lines() {
            let [mark, lang, values, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
            let lang = if lang == "en" { Lang::En } else { Lang::Zh };
            let values: Vec<&str> = values.split('\u{1f}').collect();
            assert_eq!(shown(format_of(mark), &values, lang), expected, "{line:?}");
            count += 1;
        }
        assert!(count >= 80, "{count}");
    }

    proptest! {
        #[test]
        fn nothing_is_ever_hidden(values in proptest::collection::vec(".{1,30}", 1..3), format in proptest::sample::select(&ALL[..])) {
            prop_assert!(!shown(format, &values, Lang::En).is_empty());
            prop_assert!(!shown(format, &values, Lang::Zh).is_empty());
        }

        #[test]
        fn grouping_keeps_the_digits(number in "(-)?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,5})?") {
            let text = shown(Format::Number, &[&number], Lang::En);
            prop_assert_eq!(text.replace(',', "").replace(MINUS, "-"), number);
        }
    }
}
