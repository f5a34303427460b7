//! Times, dates and offsets as EPCIS writes them.

use jiff::Timestamp;
use jiff::civil::Date;

/// An RFC 3339 time with an offset: `2005-04-03T20:33:31.116-06:00`.
pub fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    // jiff reads more forms than RFC 3339 (spaces, hours-only offsets, bracketed zones); those would be read differently elsewhere.
    let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let fixed = digits(0..4) && digits(5..7) && digits(8..10) && digits(11..13) && digits(14..16) && digits(17..19);
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')].iter().all(|(at, mark)| bytes.get(*at) == Some(mark));
    if !fixed || !marks || !matches!(bytes.get(10), Some(b'T' | b't')) {
        return None;
    }
    // A leap second is counted in one place and folded away in another; no record needs one.
    if bytes[17] > b'5' {
        return None;
    }
    let mut rest = &text[19..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=9).contains(&count) {
            return None;
        }
        rest = &fraction[count..];
    }
    if !matches!(rest, "Z" | "z") {
        offset_minutes(rest)?;
    }
    text.parse().ok()
}

/// Milliseconds since 1970, rounded down; `None` before 1970 as well.
pub fn instant_ms(text: &str) -> Option<u64> {
    u64::try_from(instant(text)?.as_millisecond()).ok()
}

/// `+08:00` as minutes. EPCIS allows -14:00 to +14:00.
pub fn offset_minutes(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    let sign = match bytes.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if bytes.len() != 6 || bytes[3] != b':' || ![1, 2, 4, 5].iter().all(|at: &usize| bytes[*at].is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (text[1..3].parse().ok()?, text[4..6].parse().ok()?);
    (minutes < 60 && (hours < 14 || (hours == 14 && minutes == 0))).then_some(sign * (hours * 60 + minutes))
}

/// `YYYY-MM-DD`, or the date of a time that begins so.
pub fn date(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    let fits = day.bytes().enumerate().all(|(at, c)| if at == 4 || at == 7 { c == b'-' } else { c.is_ascii_digit() });
    if !fits || !(text.len() == 10 || instant(text).is_some()) {
        return None;
    }
    day.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for text in
            ["2005-04-03T20:33:31.116-06:00", "2005-04-03T20:33:31Z", "2021-02-01T22:46:31.117000+00:00", "2020-02-29T00:00:00+14:00"]
        {
            assert!(instant(text).is_some(), "{text}");
        }
        for text in [
            "",
            "2005-04-03",
            "2005-04-03T20:33:31",
            "2005-04-03 20:33:31Z",
            "2005-04-03T20:33Z",
            "2005-13-03T20:33:31Z",
            "2005-02-29T20:33:31Z",
            "2005-04-03T24:33:31Z",
            "2016-12-31T23:59:60Z",
            "2005-04-03T20:33:31.Z",
            "2005-04-03T20:33:31+0600",
            "2005-04-03T20:33:31+06",
            "2005-04-03T20:33:31+15:00",
            "2005-04-03T20:33:31Z[UTC]",
            "20050403T203331Z",
            "２005-04-03T20:33:31Z",
            "2005-04-03T20:33:31.1234567890Z",
        ] {
            assert!(instant(text).is_none(), "{text}");
        }
        assert_eq!(instant_ms("1970-01-01T00:00:01.5Z"), Some(1500));
        assert_eq!(instant_ms("1969-12-31T23:59:59Z"), None);
    }

    #[test]
    fn offsets() {
        assert_eq!(offset_minutes("+08:00"), Some(480));
        assert_eq!(offset_minutes("-05:30"), Some(-330));
        assert_eq!(offset_minutes("+14:00"), Some(840));
        for text in ["", "Z", "08:00", "+8:00", "+0800", "+14:01", "+15:00", "+08:60", "+08:00 ", "±08:00"] {
            assert_eq!(offset_minutes(text), None, "{text}");
        }
    }

    #[test]
    fn dates() {
        assert!(date("2026-12-13").is_some() && date("2026-12-13T00:00:00Z").is_some());
        for text in ["2026-12-32", "2026-02-29", "wrong date format", "2026-12-13 ", "2026/12/13", "20261213", "", "２026-12-1"] {
            assert!(date(text).is_none(), "{text}");
        }
    }
}
