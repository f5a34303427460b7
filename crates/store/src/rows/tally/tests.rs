//! No count below [`TOGETHER`] can be had, whenever one looks and whatever one subtracts; and next to nothing is lost.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What a place has had so far, by day, lot and store: all that a reader of a book ever gets.
type Read = BTreeMap<(u32, String, String), Counts>;

/// A visit: so many days after the one before, of which lot, at which store, which count, how often.
fn visits() -> impl Strategy<Value = Vec<(u32, u8, u8, u8, u64)>> {
    proptest::collection::vec((0u32..4, 0u8..4, 0u8..4, 0u8..5, 1u64..8), 1..150)
}

fn name(sign: char, n: u8) -> String {
    if n == 0 { String::new() } else { format!("{sign}{n}") }
}

fn counts(kind: u8, n: u64) -> Counts {
    let mut counts = Counts::default();
    *[&mut counts.opened, &mut counts.first, &mut counts.verified, &mut counts.failed, &mut counts.undecided][usize::from(kind)] = n;
    counts
}

fn numbers(counts: Counts) -> [u64; 5] {
    [counts.opened, counts.first, counts.verified, counts.failed, counts.undecided]
}

fn counted(waiting: &mut Waiting, read: &mut Read, day: u32, (lot, store): (&str, &str), counts: Counts) {
    waiting.widen(day);
    let place = waiting.place(lot, store, day);
    place.counts = place.counts.plus(counts);
    for heap in waiting.heaps(day) {
        let row = read.entry((day, heap.lot, heap.store)).or_default();
        *row = row.plus(heap.counts);
    }
}

proptest! {
    #[test]
    fn whatever_is_read_whenever_is_made_of_whole_heaps(visits in visits()) {
        let (mut waiting, mut read, mut day) = (Waiting::default(), Read::new(), 20_000);
        let mut all = Counts::default();
        for (later, lot, store, kind, n) in visits {
            day += later;
            let before = read.clone();
            counted(&mut waiting, &mut read, day, (&name('L', lot), &name('S', store)), counts(kind, n));
            all = all.plus(counts(kind, n));
            // One who looks after each visit learns of heaps alone: each row, and how each row grew.
            for (at, row) in &read {
                let grew = row.each(before.get(at).copied().unwrap_or_default(), |now, was| now - was);
                for n in numbers(*row).into_iter().chain(numbers(grew)) {
                    prop_assert!(n % TOGETHER == 0, "{at:?}: {row:?} grew by {grew:?}");
                }
            }
            // Rows are never taken back: a count that vanished would be a difference.
            prop_assert!(before.keys().all(|at| read.contains_key(at)));
            // Nothing is counted twice, nothing is lost: what is not read waits, less than a heap in each place.
            let sum = read.values().fold(Counts::default(), |sum, row| sum.plus(*row));
            let waits = waiting.places.iter().fold(Counts::default(), |sum, place| sum.plus(place.counts));
            prop_assert_eq!(sum.plus(waits), all);
            prop_assert!(waiting.places.iter().flat_map(|place| numbers(place.counts)).all(|n| n < TOGETHER));
            prop_assert!(waiting.places.len() <= PLACES_WAITING);
        }
        // After twice that time all but the last few of the product are read.
        let later = day + PATIENCE_DAYS;
        counted(&mut waiting, &mut read, later, ("", ""), Counts::default());
        counted(&mut waiting, &mut read, later + PATIENCE_DAYS, ("", ""), Counts::default());
        prop_assert!(waiting.places.len() == 1);
    }
}

#[test]
fn a_lot_of_few_visits_is_read_with_its_product_and_never_apart() {
    let (mut waiting, mut read) = (Waiting::default(), Read::new());
    let one = counts(0, 1);
    for lot in ["A", "B", "C", "D"] {
        counted(&mut waiting, &mut read, 5, (lot, "/414/1"), one);
        counted(&mut waiting, &mut read, 5, (lot, "/414/2"), one);
    }
    assert!(read.is_empty(), "two of each lot: {read:?}");
    counted(&mut waiting, &mut read, 5 + PATIENCE_DAYS, ("E", "/414/1"), one);
    assert!(read.is_empty(), "they wait with their lots: {read:?}");
    counted(&mut waiting, &mut read, 5 + 2 * PATIENCE_DAYS, ("E", "/414/1"), one);
    let rows: Vec<_> = read.into_iter().collect();
    assert_eq!(rows, [((5 + 2 * PATIENCE_DAYS, String::new(), String::new()), counts(0, 5))], "and then with the product");
}

#[test]
fn no_product_makes_its_row_grow_without_end() {
    let (mut waiting, mut read) = (Waiting::default(), Read::new());
    for n in 0..2_000 {
        counted(&mut waiting, &mut read, 5, (&format!("L{n}"), "/414/1"), counts(0, 1));
    }
    assert_eq!(waiting.places.len(), PLACES_WAITING);
    let sum: u64 = read.values().map(|row| row.opened).sum();
    assert!(sum > 1_800, "what found no place of its own is read with the product: {sum}");
}
