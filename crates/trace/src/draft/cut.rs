//! Events about goods of several owners or that make several lots: each owner's goods go into entries of their own, with a source record
//! of their own, so that nobody learns from the proof of his goods whose goods stood beside them; and an entry makes goods of one lot.

use std::collections::{BTreeMap, BTreeSet};

use ledger::entry::{Action, MAX_AUTHORITIES};
use ledger::name::{Level, Name};
use ledger::{Hash, Key};
use serde_json::Value;

use super::DraftError;
use crate::epcis::{Event, EventType, Role, Subject, hash_id, id_in};
use crate::gs1::object_name;

/// Lists of an event that can be cut, whatever happens to the rest of it.
const LISTS: [&str; 6] = ["epcList", "quantityList", "childEPCs", "childQuantityList", "outputEPCList", "outputQuantityList"];

/// Most pieces of one event: each is an entry of its own.
pub const MAX_PIECES: usize = 16;

/// Numbers that nobody owns in one entry: each is an authority of its own there, beside the parent's and an independent's.
const UNOWNED_AT_ONCE: usize = MAX_AUTHORITIES - 2;

/// What the goods of one piece have in common: owner, bundle of what nobody owns, lot.
type Group = (Key, usize, Option<Lot>);
/// GTIN and lot number.
pub(super) type Lot = (String, String);

/// The event once for each owner of its goods and each lot that it makes; in one piece where there is one. The container that goods go
/// into, and what goods are made of, is named in each: of what is made of what one event tells, whoever owns the outputs.
pub(super) fn pieces(event: &Event, owner: &dyn Fn(&str) -> Option<Key>) -> Result<Vec<Event>, DraftError> {
    let made = event.event_type == EventType::Transformation;
    let goods = event.subjects.iter().filter(|subject| is_cut(event, subject));
    let mut unowned: BTreeMap<&str, usize> = BTreeMap::new();
    for digits in goods.clone().map(|subject| digits(&subject.name)).filter(|digits| owner(digits).is_none()) {
        unowned.insert(digits, 0);
    }
    for (place, bundle) in unowned.values_mut().enumerate() {
        *bundle = place / UNOWNED_AT_ONCE;
    }
    let (mut lots, mut begun): (BTreeMap<Key, Lot>, BTreeSet<Lot>) = (BTreeMap::new(), BTreeSet::new());
    if made || event.action == Action::Add && event.event_type == EventType::Object {
        for subject in goods.clone() {
            if let Some(lot) = lot_of(event, subject)? {
                // A lot among the goods is named as such, and needs nothing to tie it to.
                begun.extend((subject.name.level() != Level::Batch).then(|| lot.clone()));
                lots.insert(subject.name.key(), lot);
            }
        }
    }
    // Of one lot are all its goods, whether each says so or not.
    if begun.len() < 2 {
        lots.clear();
    }
    // Owned goods by their owner, in an order that does not hang on that of the lists; all others in bundles.
    let group = |name: &Name| -> Group {
        let lot = lots.get(&name.key()).cloned();
        match owner(digits(name)) {
            _ if made => (Key(Hash::ZERO), 0, lot),
            Some(owner) => (owner, 0, lot),
            None => (Key(Hash::ZERO), unowned.get(digits(name)).copied().unwrap_or_default(), lot),
        }
    };
    let groups: BTreeSet<Group> = goods.map(|subject| group(&subject.name)).collect();
    match groups.len() {
        0 | 1 => Ok(vec![event.clone()]),
        2..=MAX_PIECES => Ok(groups.into_iter().map(|wanted| with(event, &|name| group(name) == wanted)).collect()),
        _ => Err(DraftError::TooManyPieces),
    }
}

/// Whether a subject is in one piece alone.
fn is_cut(event: &Event, subject: &Subject) -> bool {
    subject.role != Role::Parent && (event.event_type != EventType::Transformation || subject.role == Role::Output)
}

/// The lot that a subject is said to be of.
pub(super) fn lot_of(event: &Event, subject: &Subject) -> Result<Option<Lot>, DraftError> {
    let lot = match (&subject.lot, &event.lot) {
        // What ilmd says of the objects is not said of a lot that stands beside them.
        (Some(said), Some(ilmd)) if said != ilmd && subject.name.level() != Level::Batch => {
            let object = subject.name.digital_link_path().unwrap_or_default();
            return Err(DraftError::LotsDisagree { object, said: said.clone(), ilmd: ilmd.clone() });
        }
        (said, ilmd) => said.as_ref().or(ilmd.as_ref()),
    };
    Ok(subject.name.gtin().zip(lot).map(|(gtin, lot)| (gtin.to_owned(), lot.clone())))
}

/// The event without some of its goods; nothing where they are all, or where it cannot be without them.
pub fn without(event: &Event, goods: &BTreeSet<Key>) -> Option<Event> {
    let of = |subject: &&Subject| goods.contains(&subject.name.key());
    let cuttable = event.event_type != EventType::Transformation && !event.subjects.iter().filter(of).any(|s| s.role == Role::Parent);
    let some_stay = event.subjects.iter().any(|subject| subject.role != Role::Parent && !of(&subject));
    let mut rest = (cuttable && some_stay).then(|| with(event, &|name| !goods.contains(&name.key())))?;
    // It says something else, so it is called something else where it has no other name.
    rest.hash_id = hash_id(&rest.json);
    Some(rest)
}

/// The event with these of its goods alone.
pub fn only(event: &Event, goods: &BTreeSet<Key>) -> Event {
    with(event, &|name| goods.contains(&name.key()))
}

/// The event with these of its goods.
fn with(event: &Event, wanted: &dyn Fn(&Name) -> bool) -> Event {
    let mut part = event.clone();
    part.subjects.retain(|subject| !is_cut(event, subject) || wanted(&subject.name));
    if let Some(json) = part.json.as_object_mut() {
        for field in LISTS {
            let Some(list) = json.get_mut(field).and_then(Value::as_array_mut) else { continue };
            list.retain(|element| id_in(element).and_then(|id| object_name(id).ok()).is_some_and(|name| wanted(&name)));
            if list.is_empty() {
                json.remove(field);
            }
        }
    }
    part
}

/// An event as it came, from the source records of its entries. Entries of one owner have the same.
pub fn join(sources: Vec<Value>) -> Option<Value> {
    let mut sources = sources.into_iter();
    let mut whole = sources.next()?;
    let mut seen = vec![whole.clone()];
    for source in sources {
        if seen.contains(&source) {
            continue;
        }
        let Some(object) = whole.as_object_mut() else { break };
        for field in LISTS {
            let Some(Value::Array(more)) = source.get(field) else { continue };
            let list = object.entry(field).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut()?.extend(more.iter().cloned());
        }
        seen.push(source);
    }
    Some(whole)
}

fn digits(name: &Name) -> &str {
    name.digits().unwrap_or_default()
}
