//! Which item a printed serial belongs to, for people who type it without the product's number.
//!
//! One row for each item: its serial turned round, so that a whole serial and the last characters of one are both the beginning
//! of a row's key. A row is made from the source record of the first entry that names the item in one, which stands in the journal; it
//! counts as long as the source of any entry about the item does. Whoever comes first, without a source or to erase it again, hides
//! nothing by that. Nobody waits for these rows: they follow the log behind it.
//!
//! What a stranger can learn here is bounded. A whole serial (at least [`ALONE_MIN`] characters, without a product's number) is
//! on the pack, and says no more than the item's own address would. Last characters are answered only where they fit one item,
//! never with a list, and [`ENDINGS_AN_HOUR`] times an hour for a network: with serials of 70 random bits and a million items, six
//! characters guessed blindly hit once in a thousand tries, so a network finds one serial of somebody's in two days, and cannot
//! choose which.
//!
//! A serial is any maker's to use, so whoever learns one can number goods of its own with it. That hides no pack: what a person chooses
//! from holds each owner's first, the one that was recorded first before all others, and only then more of one owner's; rows of one
//! owner that are too many to read are passed over for the next owner's; and a product's number beside the serial leads there alone.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use base::clock::now_ms;
use engine::{Engine, View, ViewError};
use ledger::entry::{Authority, Body, Kind, TileEntry, part_kind};
use ledger::name::{Level, Name};
use serde_json::Value;
use store::table::{META, SERIALS};
use trace::gs1::object_name;

use crate::session::network::NetworkCounts;

/// Fewest characters of a whole serial that is looked for without a product's number: shorter ones are counted up by many makers,
/// and fit many packs.
pub const ALONE_MIN: usize = 8;
/// Fewest last characters: what pages and receipts show.
pub const ENDING_MIN: usize = 6;
/// Searches by last characters that a network may make in an hour: a family at a shelf makes fewer.
pub const ENDINGS_AN_HOUR: u32 = 20;
/// Most items that a person is asked to choose from: one screen of a phone.
pub const CHOICES_MAX: usize = 6;
/// Rows looked at in one search. More than that begin alike only where serials are counted up, or somebody wants them to.
const ROWS_MAX: usize = 500;
/// Where rows are that many: most prefixes whose owners are asked for one each, ten short scans for a prefix.
const PREFIXES_MAX: usize = 2_000;
/// Entries of each list of an item that are read where the words of the row's own were erased.
const OTHERS_MAX: usize = 64;
/// Entries that a search reads by itself where the rows are behind: what came in since the last round.
const BEHIND_MAX: u64 = 500;
/// Entries between two commits.
pub const ROUND: u64 = 200;
/// Up to which entry the rows are made.
const CURSOR: &[u8] = b"serials";

/// The rows, and who asked how often.
pub struct Serials {
    engine: Engine,
    /// One at a time makes rows.
    turn: Mutex<()>,
    endings: NetworkCounts,
}

/// An item that fits; in the order in which a person is shown several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    /// How many items of the same owner stand before it: each owner has its turn.
    pub turn: usize,
    /// The entry whose record first named it: whoever copies a serial comes later.
    pub entry: u64,
    /// Its Digital Link path.
    pub path: String,
}

/// Items that fit.
#[derive(Debug, Default, PartialEq)]
pub struct Fitting {
    /// In their order, at most [`CHOICES_MAX`].
    pub items: Vec<Fit>,
    /// There may be more.
    pub more: bool,
}

/// Why a search gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The index or the journal.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The rows are being made.
    #[error("the serials of {0} entries are still to be read")]
    Behind(u64),
}

impl Serials {
    /// Of this ledger.
    pub fn new(engine: Engine) -> Self {
        Self { engine, turn: Mutex::new(()), endings: NetworkCounts::default() }
    }

    /// Items whose serial is this one, whichever way it is grouped and in whichever case.
    pub fn whole(&self, serial: &str, gtin: Option<&str>) -> Result<Fitting, SearchError> {
        let folded = turned(serial);
        let enough = !folded.is_empty() && (gtin.is_some() || folded.len() >= ALONE_MIN);
        if !enough {
            return Ok(Fitting::default());
        }
        // What a product has stands together, whatever others have.
        let product = gtin.map(|gtin| format!("/01/{gtin}/")).unwrap_or_default();
        self.search(&[&folded[..], &[0], product.as_bytes()].concat(), None)
    }

    /// Items whose serial ends so.
    pub fn ending(&self, last: &str, gtin: Option<&str>) -> Result<Fitting, SearchError> {
        let folded = turned(last);
        if folded.len() < ENDING_MIN {
            return Ok(Fitting::default());
        }
        self.search(&folded, gtin)
    }

    /// Whether this network may search by last characters once more.
    pub fn may_search_endings(&self, from: IpAddr) -> bool {
        self.endings.add(from, now_ms()) <= ENDINGS_AN_HOUR
    }

    fn search(&self, beginning: &[u8], gtin: Option<&str>) -> Result<Fitting, SearchError> {
        let behind = self.follow(BEHIND_MAX)?;
        if behind > 0 {
            return Err(SearchError::Behind(behind));
        }
        let view = self.engine.view();
        let product = gtin.map(|gtin| format!("/01/{gtin}/"));
        let mut fitting = Fitting::default();
        let mut rows = self.rows(beginning, ROWS_MAX + 1)?;
        if rows.len() > ROWS_MAX {
            fitting.more = true;
            rows.truncate(ROWS_MAX);
            // A whole serial: the rows of one owner do not stand before another's.
            if beginning.ends_with(&[0]) {
                rows.extend(self.of_each_owner(&view, beginning)?);
            }
        }
        for fit in in_turn(rows, |name| view.rights().owner_key(name.digits()?, now_ms())) {
            let Ok(name) = Name::from_digital_link_path(&fit.path) else { continue };
            if product.as_ref().is_some_and(|product| !fit.path.starts_with(product.as_str())) || !view.knows(&name) {
                continue;
            }
            if !still_named(&view, fit.entry, &name)? {
                continue;
            }
            if fitting.items.len() == CHOICES_MAX {
                fitting.more = true;
                break;
            }
            fitting.items.push(fit);
        }
        Ok(fitting)
    }

    fn rows(&self, beginning: &[u8], most: usize) -> Result<Vec<(Name, u64)>, ViewError> {
        let rows = self.engine.index().rows(SERIALS, beginning).take(most);
        let read = rows.map(|row| row.map(|(key, value)| read_row(&key, &value)));
        Ok(read.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// One item of each owner and packaging level, where rows are too many to read them all.
    fn of_each_owner(&self, view: &View, serial: &[u8]) -> Result<Vec<(Name, u64)>, ViewError> {
        let mut found = Vec::new();
        for prefix in view.rights().members().flat_map(|member| &member.prefixes).take(PREFIXES_MAX) {
            for level in 0..=9 {
                found.extend(self.rows(&[serial, format!("/01/{level}{prefix}").as_bytes()].concat(), 1)?);
            }
        }
        Ok(found)
    }

    /// Makes the rows of at most so many entries; returns how many are left.
    pub fn follow(&self, most: u64) -> Result<u64, ViewError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.engine.view();
        let index = self.engine.index();
        let mut at = index.number(META, CURSOR)?.unwrap_or(0);
        let until = view.size().min(at.saturating_add(most));
        while at < until {
            let end = until.min(at + ROUND);
            let mut changes = index.changes();
            for number in at..end {
                for key in named_in(&view, number)? {
                    if changes.get(SERIALS, &key)?.is_none() {
                        changes.put_number(SERIALS, &key, number);
                    }
                }
            }
            changes.put_number(META, CURSOR, end);
            changes.commit()?;
            at = end;
        }
        Ok(view.size() - at)
    }
}

/// Keys of the rows of the items that this entry names.
fn named_in(view: &View, number: u64) -> Result<Vec<Vec<u8>>, ViewError> {
    let tile = view.entry(number)?;
    let Some(source) = source_of(view, &tile)? else { return Ok(Vec::new()) };
    let items = named(&source).filter_map(|uri| object_name(uri).ok());
    Ok(items.filter(|name| name.level() == Level::Item && speaks_of(&tile, name)).filter_map(|name| row_key(&name)).collect())
}

/// Who signs a record signs its subjects' keys; a text that names others beside them says nothing, and neither does a claim.
fn speaks_of(tile: &TileEntry, name: &Name) -> bool {
    let Some(event) = tile.entry.event() else { return false };
    let said = tile.records.binary_search_by_key(&name.key(), |record| record.key).ok().map(|at| tile.records[at].authority);
    said.is_some_and(|authority| event.authority(authority) != Authority::Claim)
}

/// Whether the record of the row's entry, or of another about the item, still names it.
fn still_named(view: &View, entry: u64, item: &Name) -> Result<bool, ViewError> {
    if source_of(view, &view.entry(entry)?)?.is_some() {
        return Ok(true);
    }
    for number in view.said_of(item, OTHERS_MAX)? {
        let tile = view.entry(number)?;
        if speaks_of(&tile, item)
            && let Some(source) = source_of(view, &tile)?
            && named(&source).any(|uri| object_name(uri).is_ok_and(|name| name == *item))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The record as it came; `None` where the entry has none, or it was erased.
fn source_of(view: &View, tile: &TileEntry) -> Result<Option<Value>, ViewError> {
    let Body::Event(event) = &tile.entry.body else { return Ok(None) };
    if matches!(event.kind, Kind::Erase | Kind::MasterData) {
        return Ok(None);
    }
    let Some(part) = event.parts.iter().find(|part| part.kind == part_kind::SOURCE) else { return Ok(None) };
    Ok(view.part_bytes(&part.commitment)?.and_then(|bytes| trace::epcis::source_json(&bytes)))
}

/// The objects of an EPCIS event.
fn named(event: &Value) -> impl Iterator<Item = &str> {
    let lists = ["epcList", "childEPCs", "inputEPCList", "outputEPCList"];
    let objects = lists.into_iter().filter_map(|list| event.get(list)?.as_array()).flatten().filter_map(Value::as_str);
    objects.chain(event.get("parentID").and_then(Value::as_str))
}

/// `turned serial | 0x00 | path`.
fn row_key(item: &Name) -> Option<Vec<u8>> {
    let Name::Gs1(fields) = item else { return None };
    let folded = turned(&fields.get(1)?.1);
    let path = item.digital_link_path()?;
    (!folded.is_empty()).then(|| [&folded[..], &[0], path.as_bytes()].concat())
}

fn read_row(key: &[u8], value: &[u8]) -> Option<(Name, u64)> {
    let zero = key.iter().position(|byte| *byte == 0)?;
    let path = std::str::from_utf8(&key[zero + 1..]).ok()?;
    Some((Name::from_digital_link_path(path).ok()?, u64::from_be_bytes(value.try_into().ok()?)))
}

/// Each owner's first before anybody's second; among these whose pack was recorded first.
fn in_turn<Owner: Ord>(mut rows: Vec<(Name, u64)>, owner: impl Fn(&Name) -> Option<Owner>) -> Vec<Fit> {
    rows.sort_by_key(|(_, entry)| *entry);
    rows.dedup();
    let mut turns: BTreeMap<Option<Owner>, usize> = BTreeMap::new();
    let fits = rows.into_iter().filter_map(|(name, entry)| {
        let turn = turns.entry(owner(&name)).or_default();
        *turn += 1;
        Some(Fit { turn: *turn - 1, entry, path: name.digital_link_path()? })
    });
    let mut fits: Vec<Fit> = fits.collect();
    fits.sort();
    fits
}

/// Letters and digits alone, in capitals, the last one first: groups and case are how people write, not what they mean.
fn turned(serial: &str) -> Vec<u8> {
    serial.bytes().rev().filter(u8::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_owner_has_its_turn_and_who_was_first_stands_first() {
        let row = |gtin: &str, entry| (Name::from_digital_link_path(&format!("/01/{gtin}/21/ABCDEFGH")).unwrap(), entry);
        let rows = vec![
            row("09529999000014", 7),
            row("09529999000021", 8),
            row("09529999000038", 9),
            row("09521234000044", 5),
            row("09521234000051", 20),
            row("09521272000016", 30),
            row("09521234000044", 5),
        ];
        let owner = |name: &Name| name.digits().map(|digits| digits[..7].to_owned());
        let order: Vec<(usize, u64)> = in_turn(rows, owner).into_iter().map(|fit| (fit.turn, fit.entry)).collect();
        assert_eq!(order, [(0, 5), (0, 7), (0, 30), (1, 8), (1, 20), (2, 9)]);
    }

    #[test]
    fn rows_are_read_back() {
        let name = Name::from_digital_link_path("/01/09521234000044/21/7k-2%2FM").unwrap();
        let row = row_key(&name).unwrap();
        assert!(row.starts_with(b"M2K7\0/01/"));
        assert_eq!(read_row(&row, &7_u64.to_be_bytes()), Some((name, 7)));
        assert_eq!(row_key(&Name::from_digital_link_path("/01/09521234000044/21/--").unwrap()), None);
        assert_eq!(read_row(b"no zero", &[0; 8]), None);
    }
}
