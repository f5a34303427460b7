//! Code history: how often a code's page was opened. Counted by this site, not proven; no address, no cookie, no identifier is
//! kept, only a day and numbers for each code: all visits, and those unlike the others of their day.

use std::collections::HashMap;
use std::sync::Mutex;

use base::clock;
use engine::Engine;
use ledger::Key;
use trace::page::{CodeHistory, Often};

use crate::http::visit::Kind;

/// Unlike visits of one day that count: beyond them a day is loud, not telling.
pub const UNLIKE_A_DAY: u32 = 10;
/// Codes whose kinds of visits are known of a day. Visits to further ones are counted, and not told apart.
const CODES_MAX: usize = 200_000;

/// Which kinds of visits a code had today. It is the unlike ones that make a code unusual: a phone that comes again, a program that
/// loads a page a thousand times, are one kind. A program can pretend to be many kinds; then it must do so day after day.
///
/// A kind is what a few million phones have in common ([`Kind`]), so it tells nobody apart; and it is kept in memory for the day.
#[derive(Debug, Default)]
pub struct Kinds {
    today: Mutex<(u32, HashMap<Key, u128>)>,
}

impl Kinds {
    /// Whether this is the first visit of its kind to this code today.
    fn is_new(&self, key: &Key, day: u32, kind: Kind) -> bool {
        let mut today = self.today.lock().unwrap_or_else(|e| e.into_inner());
        if today.0 != day {
            *today = (day, HashMap::new());
        }
        if today.1.len() >= CODES_MAX && !today.1.contains_key(key) {
            return false;
        }
        let seen = today.1.entry(*key).or_default();
        let is_new = *seen & kind.bit() == 0 && seen.count_ones() < UNLIKE_A_DAY;
        *seen |= kind.bit();
        is_new
    }
}

/// Under which unlike visits are counted, beside all visits under the code's own key.
pub fn unlike_key(key: &Key) -> Key {
    Key(ledger::dk("leafproof unlike visits v1", &[&key.0.0]))
}

/// What is known of a code; where this opening is a `visit`, it is counted and included.
pub fn history(engine: &Engine, kinds: &Kinds, key: &Key, visit: Option<Kind>) -> CodeHistory {
    let unlike_key = unlike_key(key);
    let (known, unlike) = match engine.scans(key).and_then(|known| Ok((known, engine.scans(&unlike_key)?))) {
        Ok(known) => known,
        Err(error) => {
            tracing::error!(%error, "scan counts could not be read");
            return CodeHistory::NotCounted;
        }
    };
    let today = clock::today();
    if let Some(kind) = visit {
        engine.scan(key, today);
        // It shows on the next page.
        if kinds.is_new(key, today, kind) {
            engine.scan(&unlike_key, today);
        }
    }
    match (known.count, visit) {
        (0, Some(_)) => CodeHistory::First,
        (0, None) => CodeHistory::NotYet,
        _ => {
            let now = if visit.is_some() { known.add(today, 1) } else { known };
            let unlike = Often { unlike: unlike.count, days: unlike.days };
            CodeHistory::Seen { count: now.count, first_day: clock::date(now.first_day), days: now.days, unlike }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use ledger::Hash;
    use trace::page::Category;

    use super::*;

    fn kind(agent: &str, language: &str) -> Kind {
        let headers = [("user-agent", agent), ("accept-language", language)];
        Kind::of(&headers.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>())
    }

    #[test]
    fn the_same_kind_counts_once_a_day_and_a_day_has_its_most() {
        let (kinds, code, other) = (Kinds::default(), Key(Hash([1; 32])), Key(Hash([2; 32])));
        let phone = kind("Mozilla/5.0 (Linux; Android 14) Chrome/120", "zh-CN");
        assert!(kinds.is_new(&code, 5, phone));
        assert!((0..1_000).all(|_| !kinds.is_new(&code, 5, phone)), "reloads, a script, a hundred like phones");
        assert!(kinds.is_new(&other, 5, phone) && kinds.is_new(&code, 6, phone));
        let mut new = 0;
        for agent in ["iPhone", "Android", "Windows", "Macintosh", "?"] {
            for app in ["MicroMessenger", "AlipayClient", "Firefox", "Edg/", "Chrome", "Safari", ""] {
                for language in ["zh", "en", "fr"] {
                    new += u32::from(kinds.is_new(&code, 7, kind(&format!("{agent} {app}"), language)));
                }
            }
        }
        assert_eq!(new, UNLIKE_A_DAY);
    }

    #[test]
    fn only_unlike_visits_over_days_are_unusual() {
        let often = |goods: Category, days: u64, a_day: u64| {
            let unlike = Often { unlike: days * a_day, days };
            CodeHistory::Seen { count: 1_000, first_day: "2026-11-19".to_owned(), days, unlike }.is_often(goods)
        };
        let (milk, bag) = (Category::UsedUp, Category::Kept);
        assert!(!often(milk, 1, 1_000) && !often(milk, 3, u64::from(UNLIKE_A_DAY)), "loud days");
        assert!(!often(milk, 9, 3), "a household, nine days");
        assert!(often(milk, 4, 8) && often(milk, 5, 6), "a copied code");
        assert!(!often(bag, 5, 10) && !often(bag, 20, 4), "a bag that is shown around, and sold");
        assert!(often(bag, 12, 8), "a copied one");
    }
}
