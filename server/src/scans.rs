//! Code history: how often a code's page was opened. Counted by this site, not proven; no address, no cookie, no identifier is
//! kept, only a day and a number for each code.

use ledger::Key;
use trace::page::CodeHistory;

use crate::engine::Engine;

/// From here on a count is called unusual: a household, a few friends and a curious reviewer stay below it.
pub const OFTEN_COUNT: u64 = 30;

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}

/// Days since 1970-01-01 UTC.
pub fn today() -> u32 {
    u32::try_from(now_ms() / 86_400_000).unwrap_or(u32::MAX)
}

/// What is known of a code; where this opening `counts`, it is counted and included.
pub fn history(engine: &Engine, key: &Key, counts: bool) -> CodeHistory {
    let known = match engine.scans(key) {
        Ok(known) => known,
        Err(error) => {
            tracing::error!(%error, "scan counts could not be read");
            return CodeHistory::NotCounted;
        }
    };
    if counts {
        engine.scan(key, today());
    }
    match (known.count, counts) {
        (0, true) => CodeHistory::First,
        (0, false) => CodeHistory::NotYet,
        _ => {
            let now = if counts { known.add(today(), 1) } else { known };
            CodeHistory::Seen { count: now.count, first_day: day(now.first_day), days: now.days, often: now.count >= OFTEN_COUNT }
        }
    }
}

/// `YYYY-MM-DD` of a day number.
pub fn day(number: u32) -> String {
    let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(i64::from(number)));
    date.map(|d| d.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn day_numbers() {
        assert_eq!(super::day(0), "1970-01-01");
        assert_eq!(super::day(20_779), "2026-11-22");
    }
}
