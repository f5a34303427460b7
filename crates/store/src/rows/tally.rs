//! Figures: what was counted, as far as it may be read. Whoever reads figures cannot learn of fewer than [`TOGETHER`] visits, by no total, no
//! difference of totals, and not by looking again a moment later.
//!
//! Of each place counts wait until there are that many, and then become readable together, on that day. So all that can be read is made of
//! whole heaps, each of one place and one day, and no heap is smaller: sums and differences of heaps are heaps. What waits stands in no
//! total. What waited for [`PATIENCE_DAYS`] without becoming a heap goes on to wait for the next larger place (of a lot at one store: the lot;
//! of a lot: the product), where it is no more told apart, so that totals are true but for the last few.
//!
//! Brand and store have books of their own, each a partition of what was counted.

use serde::{Deserialize, Serialize};

use crate::record::tally::{Counts, Tally};
use crate::table::{FIGURES, FIGURES_WAITING};
use crate::{Changes, Index, StoreError};

/// The smallest number of visits or checks that can be read.
pub const TOGETHER: u64 = 5;
/// How long counts of a place wait for others before they are counted with those of a larger one.
pub const PATIENCE_DAYS: u32 = 7;
/// Places of one product whose counts wait apart; further ones wait with their lot or their product.
pub const PLACES_WAITING: usize = 100;

/// What waits of one product in one book. The first place is the product itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    /// The newest day on which it was looked for what waited too long.
    day: u32,
    places: Vec<Waits>,
}

/// What waits of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Waits {
    /// Empty: of no lot in particular.
    lot: String,
    /// Location and member of the store, with a space between; empty: at no store in particular.
    store: String,
    since: u32,
    counts: Counts,
}

/// Counts that became readable together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Days since 1970-01-01 UTC.
    pub day: u32,
    /// GTIN, 14 digits.
    pub gtin: String,
    /// Empty: several lots, or none.
    pub lot: String,
    /// Location and member of the store, with a space between; empty: several stores, or none. Always empty in a store's own book.
    pub store: String,
    /// How much.
    pub counts: Counts,
}

impl Waiting {
    fn place(&mut self, lot: &str, store: &str, day: u32) -> &mut Waits {
        if self.places.is_empty() {
            self.places.push(Waits { since: day, ..Waits::default() });
        }
        let found = self.places.iter().position(|place| place.lot == lot && place.store == store);
        let at = match found {
            Some(at) => at,
            None if self.places.len() < PLACES_WAITING => {
                self.places.push(Waits { lot: lot.to_owned(), store: store.to_owned(), since: day, counts: Counts::default() });
                self.places.len() - 1
            }
            None => self.places.iter().position(|place| place.lot == lot && place.store.is_empty()).unwrap_or(0),
        };
        &mut self.places[at]
    }

    /// What waited too long goes on to wait for a larger place; a lot at one store first, so that what it gives its lot waits there.
    fn widen(&mut self, day: u32) {
        if day <= self.day {
            return;
        }
        self.day = day;
        for of_store in [true, false] {
            let late = |place: &Waits| {
                let smaller = if of_store { !place.store.is_empty() } else { place.store.is_empty() && !place.lot.is_empty() };
                smaller && place.since + PATIENCE_DAYS <= day
            };
            let gone: Vec<Waits> = self.places.extract_if(.., |place| late(place)).collect();
            for place in gone {
                let lot = if of_store { place.lot.as_str() } else { "" };
                let to = self.place(lot, "", day);
                to.counts = to.counts.plus(place.counts);
            }
        }
    }

    /// Takes what there is enough of.
    fn heaps(&mut self, day: u32) -> Vec<Waits> {
        let mut heaps = Vec::new();
        for place in &mut self.places {
            let whole = place.counts.each(Counts::default(), |count, _| count - count % TOGETHER);
            if !whole.is_none() {
                place.counts = place.counts.each(whole, |count, whole| count - whole);
                place.since = day;
                heaps.push(Waits { counts: whole, ..place.clone() });
            }
        }
        self.places.retain(|place| !place.counts.is_none() || (place.lot.is_empty() && place.store.is_empty()));
        heaps
    }
}

/// Puts counts into the books of brand and store.
pub(super) fn apply(changes: &mut Changes, tally: &Tally) -> Result<(), StoreError> {
    for row in &tally.rows {
        let lot = row.of.lot.as_deref().unwrap_or_default();
        let store = row.of.store.as_ref();
        if !row.of.brand.is_empty() {
            let at = store.map(|(location, member)| format!("{location} {member}")).unwrap_or_default();
            book(changes, &desk(&row.of.brand, None), tally.day, &row.of.gtin, (lot, &at), row.counts)?;
        }
        if let Some((location, member)) = store {
            book(changes, &desk(member, Some(location)), tally.day, &row.of.gtin, (lot, ""), row.counts)?;
        }
    }
    Ok(())
}

fn book(changes: &mut Changes, desk: &[u8], day: u32, gtin: &str, (lot, store): (&str, &str), counts: Counts) -> Result<(), StoreError> {
    let product = [desk, gtin.as_bytes()].concat();
    let mut waiting: Waiting = changes.get_json(FIGURES_WAITING, &product)?.unwrap_or_default();
    waiting.widen(day);
    let place = waiting.place(lot, store, day);
    place.counts = place.counts.plus(counts);
    for heap in waiting.heaps(day) {
        let key = [desk, &day.to_be_bytes(), gtin.as_bytes(), &[0], heap.lot.as_bytes(), &[0], heap.store.as_bytes()].concat();
        let old: Counts = changes.get_json(FIGURES, &key)?.unwrap_or_default();
        changes.put_json(FIGURES, &key, &old.plus(heap.counts));
    }
    changes.put_json(FIGURES_WAITING, &product, &waiting);
    Ok(())
}

/// A book: a member's own, or that of one of its stores.
fn desk(member: &str, location: Option<&str>) -> Vec<u8> {
    [member.as_bytes(), &[0], location.unwrap_or_default().as_bytes(), &[0]].concat()
}

impl Index {
    /// The figures of a desk on these days, oldest first: a member's own, or those of one of its stores.
    pub fn figures(
        &self,
        member: &str,
        location: Option<&str>,
        days: std::ops::RangeInclusive<u32>,
    ) -> impl Iterator<Item = Result<Figure, StoreError>> + use<> {
        let (this, desk) = (self.clone(), desk(member, location));
        days.flat_map(move |day| {
            let prefix = [&desk[..], &day.to_be_bytes()].concat();
            let at = prefix.len();
            this.json_rows::<Counts>(FIGURES, &prefix).map(move |row| {
                let (key, counts) = row?;
                let text = String::from_utf8_lossy(&key[at..]).into_owned();
                let mut parts = text.split('\0').map(str::to_owned);
                let mut next = || parts.next().unwrap_or_default();
                Ok(Figure { day, gtin: next(), lot: next(), store: next(), counts })
            })
        })
    }
}

#[cfg(test)]
mod tests;
