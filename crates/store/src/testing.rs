//! The conformance suite: what every keeper does. A keeper's own tests call [`conforms`] with a way to open one place again and again.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

use ledger::Hash;
use ledger::entry::leaf_hash;

use crate::{Group, Item, Leaf, NewEntry, NewRecord, ReplayError, Rows, SaltedPart, Sync, Taken, Writer};

/// Opens the place once more, after the writer before was dropped.
pub type Open<'a> = &'a dyn Fn() -> Box<dyn Writer>;

/// Runs the suite. `fresh` gives a place where nothing is yet.
pub fn conforms<P>(fresh: impl Fn() -> P, open: impl Fn(&P) -> Box<dyn Writer>) {
    let cases: [fn(Open<'_>); 8] = [
        nothing_is_there,
        a_group_is_whole,
        what_was_shown_is_not_handed_over_again,
        what_was_not_shown_is_handed_over,
        everything_is_handed_over_anew,
        an_erased_part_is_gone,
        a_refusal_ends_the_replay,
        rows_lie_in_order_and_change_together,
    ];
    for case in cases {
        let place = fresh();
        case(&|| open(&place));
    }
}

/// An entry whose leaf and records tell which it is.
fn entry(n: u8, parts: &[&SaltedPart]) -> NewEntry {
    let leaf = vec![n; 40 + usize::from(n)];
    let bytes = [&leaf[..], &[0xee; 33]].concat();
    let leaf = Leaf { length: leaf.len(), hash: leaf_hash(&leaf) };
    NewEntry { bytes, leaf, parts: parts.iter().map(|part| (*part).clone()).collect(), came: true }
}

fn part(n: u8) -> SaltedPart {
    SaltedPart::new([n + 1; 16], vec![n + 1; 100])
}

fn record(body: &[u8], parts: &[&SaltedPart]) -> NewRecord {
    NewRecord { body: body.to_vec(), parts: parts.iter().map(|part| (*part).clone()).collect() }
}

/// Two entries from `first` on, a record, a note: with parts that are called after the first entry.
fn group(first: u8) -> Group {
    Group {
        first: first.into(),
        entries: vec![entry(first, &[&part(first)]), entry(first + 1, &[])],
        root: Hash([first; 32]),
        records: vec![record(&[first, b'r'], &[&part(first + 100)])],
        notes: vec![vec![first, b'n']],
        ..Group::default()
    }
}

fn rows(pairs: &[(&[u8], &[u8])]) -> Rows {
    pairs.iter().map(|(key, value)| (key.to_vec(), Some(value.to_vec()))).collect()
}

/// What is handed over, in words.
fn said(item: &Item<'_>) -> String {
    match item {
        Item::Entries { first, entries, root } => {
            format!("entries {first} {:?} {}", entries.iter().map(|bytes| bytes[0]).collect::<Vec<_>>(), root.0[0])
        }
        Item::Record { body, parts } => format!("record {} {}", body[0], parts.len()),
        Item::Note(note) => format!("note {}", note[0]),
    }
}

fn leaves(item: &Item<'_>) -> Vec<Leaf> {
    let Item::Entries { entries, .. } = item else { return Vec::new() };
    entries.iter().map(|bytes| entry(bytes[0], &[]).leaf).collect()
}

/// Replays, and gives what was handed over.
fn replay(writer: &mut dyn Writer, anew: bool, erased: &[Hash]) -> Result<Vec<String>, ReplayError> {
    let mut seen = Vec::new();
    writer.replay(anew, &mut |item| {
        seen.push(said(&item));
        Ok(Taken { leaves: leaves(&item), erased: erased.to_vec(), rows: None })
    })?;
    Ok(seen)
}

fn opened(open: Open<'_>) -> Box<dyn Writer> {
    let mut writer = open();
    let anew = !writer.has_rows().unwrap();
    assert_eq!(replay(writer.as_mut(), anew, &[]).unwrap(), [""; 0]);
    writer
}

fn nothing_is_there(open: Open<'_>) {
    let writer = open();
    assert!(!writer.has_rows().unwrap());
    drop(writer);
    let mut writer = opened(open);
    let keeper = writer.keeper();
    assert_eq!(keeper.entry(0).unwrap(), None);
    assert_eq!(keeper.leaf_hashes(0).count(), 0);
    assert_eq!(keeper.part(&Hash([1; 32])).unwrap(), None);
    assert!(!keeper.knows_part(&Hash([1; 32])).unwrap());
    assert_eq!(keeper.row(b"\x30x").unwrap(), None);
    writer.commit(Group::default()).unwrap();
    writer.show(Rows::new()).unwrap();
    assert!(writer.has_rows().unwrap());
}

fn a_group_is_whole(open: Open<'_>) {
    let mut writer = opened(open);
    let keeper = writer.keeper();
    writer.commit(group(0)).unwrap();
    writer.show(rows(&[(b"\x30a", b"1")])).unwrap();
    for n in 0..2 {
        let (stored, given) = (keeper.entry(n.into()).unwrap().unwrap(), entry(n, &[]));
        assert_eq!((stored.leaf.len(), [stored.leaf, stored.records].concat()), (given.leaf.length, given.bytes));
    }
    assert_eq!(keeper.entry(2).unwrap(), None);
    let hashes: Vec<Hash> = keeper.leaf_hashes(0).map(Result::unwrap).collect();
    assert_eq!(hashes, [entry(0, &[]).leaf.hash, entry(1, &[]).leaf.hash]);
    assert_eq!(keeper.leaf_hashes(1).count(), 1);
    for n in [0, 100] {
        assert_eq!(keeper.part(&part(n).commitment()).unwrap(), Some(part(n)));
        assert!(keeper.knows_part(&part(n).commitment()).unwrap());
    }
    assert_eq!(keeper.row(b"\x30a").unwrap().as_deref(), Some(&b"1"[..]));
}

fn what_was_shown_is_not_handed_over_again(open: Open<'_>) {
    let mut writer = opened(open);
    writer.commit(group(0)).unwrap();
    writer.show(rows(&[(b"\x30a", b"1")])).unwrap();
    writer.flush().unwrap();
    drop(writer);
    let mut writer = opened(open);
    let keeper = writer.keeper();
    assert_eq!(keeper.leaf_hashes(0).count(), 2);
    assert_eq!(keeper.row(b"\x30a").unwrap().as_deref(), Some(&b"1"[..]));
    writer.commit(group(2)).unwrap();
    writer.show(Rows::new()).unwrap();
    assert_eq!(keeper.entry(3).unwrap().unwrap().leaf[0], 3);
    assert_eq!(keeper.part(&part(0).commitment()).unwrap(), Some(part(0)));
}

fn what_was_not_shown_is_handed_over(open: Open<'_>) {
    let mut writer = opened(open);
    writer.commit(group(0)).unwrap();
    writer.show(Rows::new()).unwrap();
    writer.flush().unwrap();
    writer.commit(group(2)).unwrap();
    drop(writer);
    let mut writer = open();
    assert!(writer.has_rows().unwrap());
    assert_eq!(replay(writer.as_mut(), false, &[]).unwrap(), ["entries 2 [2, 3] 2", "record 2 1", "note 2"]);
    writer.show(Rows::new()).unwrap();
    assert_eq!(writer.keeper().leaf_hashes(0).count(), 4);
    assert_eq!(writer.keeper().part(&part(102).commitment()).unwrap(), Some(part(102)));
}

fn everything_is_handed_over_anew(open: Open<'_>) {
    let mut writer = opened(open);
    for first in [0, 2, 4] {
        writer.commit(group(first)).unwrap();
        writer.show(rows(&[(b"\x30a", b"old"), (b"\x30b", b"old")])).unwrap();
    }
    let late = Group { notes: vec![vec![9]], sync: Sync::WithNext, ..Group::default() };
    writer.commit(late).unwrap();
    writer.flush().unwrap();
    drop(writer);
    let mut writer = open();
    let mut seen = Vec::new();
    // Rows that are many are kept on the way.
    let visited = writer.replay(true, &mut |item| {
        seen.push(said(&item));
        let rows = (seen.len() == 4).then(|| rows(&[(b"\x30a", b"new")]));
        Ok(Taken { leaves: leaves(&item), erased: Vec::new(), rows })
    });
    visited.unwrap();
    let of = |n: u8| [format!("entries {n} [{n}, {}] {n}", n + 1), format!("record {n} 1"), format!("note {n}")];
    assert_eq!(seen, [&of(0)[..], &of(2), &of(4), &["note 9".to_owned()]].concat());
    writer.show(Rows::new()).unwrap();
    let keeper = writer.keeper();
    assert_eq!(keeper.row(b"\x30a").unwrap().as_deref(), Some(&b"new"[..]));
    assert_eq!(keeper.row(b"\x30b").unwrap(), None, "rows are emptied first");
    assert_eq!(keeper.leaf_hashes(0).count(), 6);
    assert_eq!(keeper.part(&part(104).commitment()).unwrap(), Some(part(104)));
}

fn an_erased_part_is_gone(open: Open<'_>) {
    let mut writer = opened(open);
    writer.commit(group(0)).unwrap();
    writer.show(Rows::new()).unwrap();
    let erased = [part(0).commitment(), part(100).commitment(), Hash([7; 32])];
    let group = Group { records: vec![record(b"erase", &[])], erase: erased.to_vec(), ..Group::default() };
    writer.commit(group).unwrap();
    writer.show(Rows::new()).unwrap();
    let keeper = writer.keeper();
    for commitment in &erased {
        assert_eq!(keeper.part(commitment).unwrap(), None);
    }
    assert_eq!(erased.map(|commitment| keeper.knows_part(&commitment).unwrap()), [true, true, false]);
    assert_eq!(keeper.entry(0).unwrap().unwrap().leaf[0], 0, "the entry stays");
    writer.flush().unwrap();
    drop((writer, keeper));
    // Bytes that are not what they should be, and nothing says why.
    let mut writer = open();
    assert!(replay(writer.as_mut(), true, &[]).is_err());
    drop(writer);
    let mut writer = open();
    assert_eq!(replay(writer.as_mut(), true, &erased).unwrap().len(), 4);
    writer.show(Rows::new()).unwrap();
    assert_eq!(writer.keeper().part(&part(0).commitment()).unwrap(), None);
    assert!(writer.keeper().knows_part(&part(0).commitment()).unwrap());
}

fn a_refusal_ends_the_replay(open: Open<'_>) {
    let mut writer = opened(open);
    writer.commit(group(0)).unwrap();
    writer.show(Rows::new()).unwrap();
    writer.flush().unwrap();
    drop(writer);
    let mut writer = open();
    let refused = writer.replay(true, &mut |_| Err("not so".to_owned()));
    assert!(matches!(&refused, Err(ReplayError::Misfit(error)) if error.to_string().contains("not so")), "{refused:?}");
    assert!(writer.commit(group(2)).is_err(), "what was not read is not written to");
}

fn rows_lie_in_order_and_change_together(open: Open<'_>) {
    let mut writer = opened(open);
    let keeper = writer.keeper();
    writer.show(rows(&[(b"\x30b\xff", b"3"), (b"\x30a", b"1"), (b"\x30b\x00", b"2"), (b"\x31a", b"4")])).unwrap();
    let keys = |prefix: &[u8]| keeper.rows(prefix).map(|row| row.unwrap().1).collect::<Vec<_>>().concat();
    assert_eq!((keys(b"\x30"), keys(b"\x30b"), keys(b"\x31")), (b"123".to_vec(), b"23".to_vec(), b"4".to_vec()));
    assert_eq!(keeper.rows(b"\x30").rev().map(|row| row.unwrap().1).collect::<Vec<_>>().concat(), b"321");
    keeper.apply(Rows::from([(b"\x30a".to_vec(), None), (b"\x30c".to_vec(), Some(b"5".to_vec()))])).unwrap();
    assert_eq!(keys(b"\x30"), b"235");
    // An iterator that is held does not keep others from writing.
    let mut held = keeper.rows(b"\x30");
    assert!(held.next().is_some());
    writer.show(rows(&[(b"\x30d", b"6")])).unwrap();
    drop(held);
    assert_eq!(keys(b"\x30"), b"2356");
}
