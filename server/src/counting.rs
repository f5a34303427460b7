//! What is known in memory of what is counted: how much of it came from one network lately, and how many opened pages of a product have not
//! said yet how their check ended.

use std::collections::HashMap;
use std::sync::Mutex;

use base::clock::DAY_MS;
use trace::page::ItemPage;

use crate::session::network::NetworkCounts;

base::limits! {
    /// Products of which it is known how many opened pages may still say how their check ended.
    CHECKS_DUE: usize = 50_000, "products";
}

/// How a check on a phone ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All holds.
    Verified,
    /// Something does not.
    Failed,
    /// It could not be decided.
    Undecided,
}

impl Outcome {
    /// Reads the word that a page sends.
    pub fn parse(word: &[u8]) -> Option<Outcome> {
        match word {
            b"verified" => Some(Outcome::Verified),
            b"failed" => Some(Outcome::Failed),
            b"undecided" => Some(Outcome::Undecided),
            _ => None,
        }
    }
}

/// Who counted how much lately. In memory, for the hour or the day.
#[derive(Debug, Default)]
pub struct Counting {
    /// Opened pages.
    pub opened: NetworkCounts,
    /// Checks.
    pub checked: NetworkCounts,
    /// The day, and for each product how many of its opened pages have not said yet how their check ended.
    due: Mutex<(u64, HashMap<String, u64>)>,
}

impl Counting {
    fn of_day<T>(&self, now_ms: u64, work: impl FnOnce(&mut HashMap<String, u64>) -> T) -> T {
        let mut due = self.due.lock().unwrap_or_else(|e| e.into_inner());
        if due.0 != now_ms / DAY_MS {
            *due = (now_ms / DAY_MS, HashMap::new());
        }
        work(&mut due.1)
    }

    /// A page of this product may say how its check ended.
    pub fn opens(&self, gtin: &str, now_ms: u64) {
        self.of_day(now_ms, |due| {
            let has_room = due.len() < CHECKS_DUE;
            match due.get_mut(gtin) {
                Some(count) => *count += 1,
                None if has_room => drop(due.insert(gtin.to_owned(), 1)),
                None => {}
            }
        });
    }

    /// Whether one was still to say it.
    pub fn says(&self, gtin: &str, now_ms: u64) -> bool {
        self.of_day(now_ms, |due| match due.get_mut(gtin) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        })
    }
}

/// What of a page its figures are counted under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goods {
    /// GTIN, 14 digits; empty where the page is of no product.
    pub gtin: String,
    /// Its lot.
    pub lot: Option<String>,
    /// The store that gets its letters.
    pub store: Option<(String, String)>,
}

impl Goods {
    /// Of a page.
    pub fn of(page: &ItemPage) -> Self {
        let store = page.store.as_ref().map(|store| (store.location.clone(), store.member.clone()));
        Self { gtin: page.gtin.clone(), lot: page.lot.clone(), store }
    }
}
