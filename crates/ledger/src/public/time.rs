//! RFC 3339 times as milliseconds, for comparing a line with the signed `event_ms`.

/// Milliseconds since 1970 of an RFC 3339 time with offset, digits below the millisecond left off; `None` if it is not one
/// or lies before 1970.
pub fn rfc3339_ms(text: &str) -> Option<u64> {
    let t = text.as_bytes();
    let digits = |from: usize, len: usize| {
        t.get(from..from + len)?.iter().try_fold(0_i64, |sum, d| {
            d.is_ascii_digit().then(|| sum * 10 + i64::from(d - b'0'))
        })
    };
    let mark = |at: usize, marks: &[u8]| t.get(at).is_some_and(|c| marks.contains(c)).then_some(());
    let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
    let (hour, minute, second) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
    for (at, marks) in [
        (4, &b"-"[..]),
        (7, b"-"),
        (10, b"Tt"),
        (13, b":"),
        (16, b":"),
    ] {
        mark(at, marks)?;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let month_days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=month_days).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut at = 19;
    let mut milli = 0;
    if mark(at, b".").is_some() {
        at += 1;
        let begin = at;
        while let Some(d) = t.get(at).filter(|d| d.is_ascii_digit()) {
            milli += i64::from(d - b'0') * [100, 10, 1].get(at - begin).copied().unwrap_or(0);
            at += 1;
        }
        if at == begin {
            return None;
        }
    }
    let offset_minutes = if mark(at, b"Zz").is_some() {
        at += 1;
        0
    } else {
        mark(at, b"+-")?;
        mark(at + 3, b":")?;
        let (hours, minutes) = (digits(at + 1, 2)?, digits(at + 4, 2)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        let minutes = hours * 60 + minutes;
        let sign = if t[at] == b'-' { -1 } else { 1 };
        at += 6;
        sign * minutes
    };
    if at != t.len() {
        return None;
    }
    // Days since 1970 in the proleptic Gregorian calendar, years beginning in March.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days =
        y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (m * 153 + 2) / 5 + day
            - 1
            - 719_468;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset_minutes * 60;
    u64::try_from(seconds * 1_000 + milli).ok()
}

#[cfg(test)]
mod tests {
    use super::rfc3339_ms;

    #[test]
    fn known_times() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2023-11-14T22:13:20Z", 1_700_000_000_000),
            ("2023-11-15T06:13:20.5+08:00", 1_700_000_000_500),
            ("2023-11-14T14:43:20.123456-07:30", 1_700_000_000_123),
            ("2000-02-29T00:00:00.000Z", 951_782_400_000),
            ("2026-03-01T00:00:00Z", 1_772_323_200_000),
        ] {
            assert_eq!(rfc3339_ms(text), Some(ms), "{text}");
        }
        for text in [
            "",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-11-14T24:00:00Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20Zx",
            "2023-11-14T22:13:20+8",
            "1969-12-31T23:59:59Z",
            "2023-11-14 22:13:20Z",
        ] {
            assert_eq!(rfc3339_ms(text), None, "{text}");
        }
    }
}
