//! RFC 3339 times as milliseconds, for comparing a line with the signed `event_ms`.

/// Milliseconds since 1970 of an RFC 3339 time with offset, digits below the millisecond left off; `None` if it is not one
/// or lies before 1970.
pub fn rfc3339_ms(text: &str) -> Option<u64> {
    let mut n = [0; 6];
    let mut rest = fields(text.as_bytes(), b"0000-00-00T00:00:00", &mut n)?;
    let [year, month, day, hour, minute, second] = n;
    if !(1..=12).contains(&month) || day < 1 || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // A day is of its month if it comes before the next one.
    let day = first_day(year, month) + day - 1;
    if day >= first_day(year, month + 1) {
        return None;
    }
    let mut milli = 0;
    if let [b'.', after @ ..] = rest {
        let mut worth = 100;
        rest = after;
        while let [digit @ b'0'..=b'9', after @ ..] = rest {
            milli += i64::from(digit - b'0') * worth;
            worth /= 10;
            rest = after;
        }
        if rest.len() == after.len() {
            return None;
        }
    }
    let offset_minutes = match rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), after @ ..] => {
            let mut offset = [0; 2];
            let [hours, minutes] = match fields(after, b"00:00", &mut offset) {
                Some([]) => offset,
                _ => return None,
            };
            if hours > 23 || minutes > 59 {
                return None;
            }
            let minutes = hours * 60 + minutes;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let seconds = day * 86_400 + hour * 3_600 + minute * 60 + second - offset_minutes * 60;
    u64::try_from(seconds * 1_000 + milli).ok()
}

/// The first day of a month, counted from 1970 in the proleptic Gregorian calendar, years beginning in March.
fn first_day(year: i64, month: i64) -> i64 {
    // Month 13 is the next January. Of the year before 0, all that matters is that it is before 1970.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 - 719_468
}

/// Reads numbers as the form has them, digits for its zeros, and returns what follows. A `T` may be small.
fn fields<'a>(text: &'a [u8], form: &[u8], numbers: &mut [i64]) -> Option<&'a [u8]> {
    let (text, rest) = text.split_at_checked(form.len())?;
    let mut numbers = numbers.iter_mut();
    let mut number = numbers.next()?;
    for (byte, form) in text.iter().zip(form) {
        match (form, byte) {
            (b'0', b'0'..=b'9') => *number = *number * 10 + i64::from(byte - b'0'),
            (b'T', b't') => number = numbers.next()?,
            (b'0', _) => return None,
            _ if form == byte => number = numbers.next()?,
            _ => return None,
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::rfc3339_ms;

    /// Every day from 1970 on follows the one before, and a month ends where the Gregorian calendar says.
    #[test]
    fn months_end_where_they_end() {
        let mut next_day = Some(0);
        for year in 1970..2410 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, days) in (1..).zip([31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for day in 1..=days {
                    assert_eq!(rfc3339_ms(&format!("{year}-{month:02}-{day:02}T00:00:00Z")), next_day, "{year}-{month}-{day}");
                    next_day = next_day.map(|ms| ms + 86_400_000);
                }
                for day in [0, days + 1] {
                    assert_eq!(rfc3339_ms(&format!("{year}-{month:02}-{day:02}T00:00:00Z")), None, "{year}-{month}-{day}");
                }
            }
        }
    }

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
