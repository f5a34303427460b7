//! The one place where the time of day is asked for. What decides anything by it takes a [`Clock`] or a time as an argument, so that
//! tests set it.

use std::sync::Arc;

/// A day in milliseconds.
pub const DAY_MS: u64 = 86_400_000;

/// Says how many milliseconds have passed since 1970-01-01 UTC.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The machine's clock.
pub fn system() -> Clock {
    Arc::new(now_ms)
}

/// Milliseconds since 1970-01-01 UTC; 0 on a machine whose clock is set before.
pub fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}

/// Days since 1970-01-01 UTC.
pub fn today() -> u32 {
    u32::try_from(now_ms() / DAY_MS).unwrap_or(u32::MAX)
}

/// `YYYY-MM-DD` of a number of days since 1970-01-01; empty beyond the years that a calendar has.
pub fn date(day: u32) -> String {
    let days = jiff::Span::new().try_days(i64::from(day));
    let date = days.and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(days));
    date.map(|date| date.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn day_numbers() {
        assert_eq!(super::date(0), "1970-01-01");
        assert_eq!(super::date(20_779), "2026-11-22");
        assert_eq!(super::date(u32::MAX), "");
    }
}
