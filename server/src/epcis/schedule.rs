//! When a subscription runs (EPCIS 2.0, 8.2.5.3): times like those of cron, in UTC. A field that is not named takes any value, but
//! what is finer than the finest named field is its first one: `{"hour": "1"}` is one o'clock, and not each second of that hour.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Map, Value};

/// The fields, with the least and the greatest value of each; the finest first.
const FIELDS: [(&str, u8, u8); 6] =
    [("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("dayOfMonth", 1, 31), ("month", 1, 12), ("dayOfWeek", 1, 7)];
/// How far ahead a time is looked for: the 29th of February is eight years away at the most.
const DAYS_AHEAD: u32 = 366 * 8 + 3;
/// Longest text of one field.
const FIELD_CHARS_MAX: usize = 200;

/// What the fields are called.
pub fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, ..)| *name)
}

/// Times at which something runs: at most once a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Permitted values of each field.
    fields: [Vec<u8>; 6],
}

impl Schedule {
    /// Reads the JSON; says what is wrong with it.
    pub fn parse(json: &Map<String, Value>) -> Result<Self, String> {
        if let Some(unknown) = json.keys().find(|name| !names().any(|known| known == name.as_str())) {
            return Err(format!("schedule: {unknown} is none of second, minute, hour, dayOfMonth, month, dayOfWeek"));
        }
        let finest = FIELDS.iter().position(|(name, ..)| json.contains_key(*name));
        let finest = finest.ok_or("schedule: name at least one of second, minute, hour, dayOfMonth, month, dayOfWeek")?;
        let mut fields: [Vec<u8>; 6] = Default::default();
        for (place, (name, least, greatest)) in FIELDS.into_iter().enumerate() {
            fields[place] = match json.get(name) {
                Some(value) => values(name, value, least, greatest)?,
                // Where a day of the week or a month alone is named, the day begins at midnight; each day of it counts.
                None if place < finest.min(3) => vec![least],
                None => (least..=greatest).collect(),
            };
        }
        if fields[0].len() > 1 {
            return Err("schedule: second takes one value: a subscription runs at most once a minute (use stream for less)".to_owned());
        }
        let schedule = Self { fields };
        if schedule.next(0).is_none() {
            return Err("schedule: this time never comes".to_owned());
        }
        Ok(schedule)
    }

    /// The first time after this one.
    pub fn next(&self, after_ms: u64) -> Option<u64> {
        let after = Timestamp::from_millisecond(i64::try_from(after_ms).ok()?).ok()?.to_zoned(TimeZone::UTC);
        let [seconds, minutes, hours, ..] = &self.fields;
        let time = |hour: u8, minute: u8| (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(seconds[0]);
        let mut day = after.date();
        // On the first day only what comes after.
        let mut later_than = i64::from(after.hour()) * 3_600 + i64::from(after.minute()) * 60 + i64::from(after.second());
        for _ in 0..DAYS_AHEAD {
            if self.holds(day) {
                let times = hours.iter().flat_map(|hour| minutes.iter().map(|minute| time(*hour, *minute)));
                if let Some(second) = times.filter(|second| *second > later_than).min() {
                    let midnight = day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
                    return u64::try_from((midnight + second) * 1_000).ok();
                }
            }
            (day, later_than) = (day.checked_add(1.day()).ok()?, -1);
        }
        None
    }

    fn holds(&self, day: Date) -> bool {
        let has = |place: usize, value: i8| u8::try_from(value).is_ok_and(|value| self.fields[place].contains(&value));
        has(3, day.day()) && has(4, day.month()) && has(5, day.weekday().to_monday_one_offset())
    }
}

/// `5`, `1,15`, `[9-17]`, and both of them.
fn values(name: &str, value: &Value, least: u8, greatest: u8) -> Result<Vec<u8>, String> {
    let wrong = || format!("schedule: {name} is {value}: write values from {least} to {greatest} as \"5\", \"1,15\" or \"[9-17]\"");
    let text = value.as_str().filter(|text| text.len() <= FIELD_CHARS_MAX).ok_or_else(wrong)?;
    let number = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|number| plain && (least..=greatest).contains(number))
    };
    let mut all = Vec::new();
    for element in text.split(',') {
        match element.strip_prefix('[').and_then(|range| range.strip_suffix(']')) {
            Some(range) => {
                let (from, to) = range.split_once('-').ok_or_else(wrong)?;
                let (from, to) = (number(from).ok_or_else(wrong)?, number(to).ok_or_else(wrong)?);
                if from > to {
                    return Err(wrong());
                }
                all.extend(from..=to);
            }
            None => all.push(number(element).ok_or_else(wrong)?),
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn next(schedule: &Value, after: &str) -> String {
        let schedule = Schedule::parse(schedule.as_object().unwrap()).unwrap();
        let after = after.parse::<Timestamp>().unwrap().as_millisecond() as u64;
        let next = schedule.next(after).unwrap();
        Timestamp::from_millisecond(next as i64).unwrap().to_string()
    }

    #[test]
    fn times_come_as_they_are_named() {
        for (schedule, after, expected) in [
            (json!({"hour": "1", "minute": "5"}), "2026-11-22T14:00:00Z", "2026-11-23T01:05:00Z"),
            (json!({"hour": "1", "minute": "5"}), "2026-11-22T01:04:59.999Z", "2026-11-22T01:05:00Z"),
            (json!({"hour": "1", "minute": "5"}), "2026-11-22T01:05:00Z", "2026-11-23T01:05:00Z"),
            (json!({"hour": "[9-11],17"}), "2026-11-22T11:00:00Z", "2026-11-22T17:00:00Z"),
            (json!({"minute": "0,30"}), "2026-11-22T14:00:00Z", "2026-11-22T14:30:00Z"),
            (json!({"second": "7"}), "2026-11-22T14:00:07Z", "2026-11-22T14:01:07Z"),
            (json!({"dayOfWeek": "1"}), "2026-11-22T14:00:00Z", "2026-11-23T00:00:00Z"),
            (json!({"dayOfMonth": "31", "hour": "8"}), "2026-11-22T14:00:00Z", "2026-12-31T08:00:00Z"),
            (json!({"month": "2", "dayOfMonth": "29"}), "2026-11-22T14:00:00Z", "2028-02-29T00:00:00Z"),
            (json!({"month": "1"}), "2026-11-22T14:00:00Z", "2027-01-01T00:00:00Z"),
            (json!({"hour": "0"}), "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ] {
            assert_eq!(next(&schedule, after), expected, "{schedule} after {after}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in [
            json!({}),
            json!({"hour": "24"}),
            json!({"hour": 1}),
            json!({"hour": ""}),
            json!({"hour": "1,"}),
            json!({"hour": "[5-1]"}),
            json!({"hour": "[1-2"}),
            json!({"hour": "+1"}),
            json!({"hour": "1 "}),
            json!({"week": "1"}),
            json!({"second": "[0-59]"}),
            json!({"month": "2", "dayOfMonth": "30"}),
            json!({"hour": "1,".repeat(200) + "1"}),
        ] {
            assert!(Schedule::parse(wrong.as_object().unwrap()).is_err(), "{wrong}");
        }
    }
}
