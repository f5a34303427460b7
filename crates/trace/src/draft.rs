//! From a checked event to what the ledger signs: kind, class, references, subject records, public lines, source record.
//!
//! One EPCIS event gives one draft, or several chunks where its subjects do not fit one entry. The caller adds what only it
//! knows: member, count, salts; see [`Draft::into_ledger`].

mod lines;
mod master;
mod void;

use std::collections::{BTreeMap, BTreeSet};

use ledger::entry::{Action, Class, EventDraft, Kind, MAX_SUBJECTS, Part, Record, Ref, record_role, ref_role};
use ledger::name::{Level, Name};
use ledger::public::{PublicError, PublicPart, class_of};
use ledger::{Hash, Key};
use thiserror::Error;

use crate::epcis::{Event, EventType, Role, Subject};
use crate::page::Words;
use crate::showable::Unshowable;

pub use lines::flatten;
pub use master::master_data;
pub use void::{Target, void};

/// Inputs of one entry: an entry holds at most 128 references, three of which may be parent, batch and transformation id.
pub const MAX_INPUTS: usize = 125;

/// Subjects of a chunk: with all references and 32 parts its tile entry stays below 65,535 bytes.
const CHUNK_SUBJECTS: usize = 1_700;

/// Why a correct event cannot be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    /// The ledger ties the objects of an ADD to one batch.
    #[error("the objects belong to several lots ({0}); send one event for each lot")]
    SeveralLots(String),
    /// Lot beside a serial and ilmd disagree.
    #[error("{object} says lot {said}, but /ilmd/cbvmda:lotNumber says {ilmd}; correct one of them")]
    LotsDisagree {
        /// The object's path.
        object: String,
        /// Its own lot.
        said: String,
        /// ilmd's.
        ilmd: String,
    },
    /// More inputs than references, and nothing to tie the chunks together.
    #[error("an event with more than {MAX_INPUTS} inputs needs an eventID or a transformationID")]
    TooManyInputs,
    /// More chunks than can be counted.
    #[error("the event names too many objects; split it")]
    TooManySubjects,
    /// Lines that are no public part.
    #[error("the public facts: {0}")]
    Lines(#[from] PublicError),
    /// What a page cannot show is not signed.
    #[error(transparent)]
    Unshowable(#[from] Unshowable),
    /// Too much to show.
    #[error("the event's public facts are longer than 256 KiB; leave out raw data, or put it into a file")]
    TooLong,
    /// Nothing is named.
    #[error("the event names no object, place or document")]
    NoSubject,
    /// A void of something that does not fit.
    #[error("field /errorDeclaration: {0}")]
    Declaration(&'static str),
}

/// What is to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Kind.
    pub kind: Kind,
    /// Action.
    pub action: Action,
    /// Class.
    pub class: Class,
    /// eventID's text; where there is none the caller takes 16 random bytes, the same for all chunks.
    pub event_id: Option<String>,
    /// When it happened.
    pub event_ms: u64,
    /// Which chunk, from 0.
    pub chunk: u16,
    /// Of how many.
    pub chunks: u16,
    /// Body hash of the voided entry, else zeros.
    pub target: Hash,
    /// References.
    pub refs: Vec<Ref>,
    /// Subjects.
    pub records: Vec<Record>,
    /// Public lines.
    pub public: PublicPart,
    /// The record as it came.
    pub source: Vec<u8>,
}

impl Draft {
    /// Completes the draft. `event_id` is `ledger::entry::event_id` of the text or of random bytes; `parts` are the
    /// commitments to [`Self::public`] and [`Self::source`] and whatever the caller attaches.
    pub fn into_ledger(self, member: Key, seq: u64, event_id: Hash, parts: Vec<Part>) -> EventDraft {
        EventDraft {
            member,
            seq,
            event_ms: self.event_ms,
            kind: self.kind,
            action: self.action,
            class: self.class,
            event_id,
            chunk: self.chunk,
            chunks: self.chunks,
            target: self.target,
            refs: self.refs,
            parts,
            records: self.records,
        }
    }
}

/// Drafts of an event. An event that comes with an errorDeclaration gives its original here, without the declaration: where the
/// ledger does not hold it yet it is recorded first, then taken back with [`void`].
pub fn event(event: &Event, place: &dyn Fn(&Name) -> Option<Words>) -> Result<Vec<Draft>, DraftError> {
    let text = |pointer: &str| event.json.pointer(pointer).and_then(serde_json::Value::as_str);
    let class = class_of(event.action, text("/bizStep"), text("/disposition"));
    let kind = match event.event_type {
        EventType::Object => Kind::Object,
        EventType::Aggregation => Kind::Aggregation,
        EventType::Transformation => Kind::Transformation,
        EventType::Transaction => Kind::Transaction,
        EventType::Association => Kind::Association,
    };
    let batch = batch_of(event)?;
    let mut roles: BTreeMap<Key, (u8, bool)> = BTreeMap::new();
    for subject in &event.subjects {
        let entry = roles.entry(subject.name.key()).or_insert((0, matches!(subject.name.level(), Level::Product | Level::Batch)));
        entry.0 |= role_bit(subject.role);
    }
    let inputs = roles.values().filter(|(role, _)| role & record_role::INPUT != 0).count();
    let transformation = match &event.transformation_id {
        Some(id) => Some(id.clone()),
        None if inputs > MAX_INPUTS => Some(event.event_id.clone().ok_or(DraftError::TooManyInputs)?),
        None => None,
    };
    let (common, divided) = records(&roles, transformation.as_deref(), class);
    if common.is_empty() && divided.is_empty() {
        return Err(DraftError::NoSubject);
    }
    let groups = divide(&common, divided, inputs);
    let chunks = u16::try_from(groups.len()).map_err(|_| DraftError::TooManySubjects)?;
    let place_words = event.place.as_deref().and_then(|id| crate::gs1::object_name(id).ok()).and_then(|name| place(&name));
    let public = lines::public_part(event, batch.as_ref(), place_words.as_ref(), chunks == 1)?;
    let source = serde_json::to_vec(&event.json).expect("a JSON value that was read can be written");
    let drafts = groups.into_iter().enumerate().map(|(number, records)| Draft {
        kind,
        action: event.action,
        class,
        event_id: event.event_id.clone(),
        event_ms: event.event_ms,
        chunk: u16::try_from(number).expect("the count of chunks fits, as checked above"),
        chunks,
        target: Hash::ZERO,
        refs: refs(&records, batch.as_ref()),
        records,
        public: public.clone(),
        source: source.clone(),
    });
    Ok(drafts.collect())
}

fn role_bit(role: Role) -> u8 {
    match role {
        Role::Object => record_role::OBJECT,
        Role::Parent => record_role::PARENT,
        Role::Child => record_role::CHILD,
        Role::Input => record_role::INPUT,
        Role::Output => record_role::OUTPUT,
    }
}

/// Records that every chunk holds (parent, transformation id), and those that are divided.
fn records(roles: &BTreeMap<Key, (u8, bool)>, transformation: Option<&str>, class: Class) -> (Vec<Record>, Vec<Record>) {
    let all = roles.iter().map(|(key, (role, many))| {
        let bulk = *many && (*role == record_role::INPUT || class == Class::Movement);
        Record { role: if bulk { role | record_role::BULK } else { *role }, key: *key }
    });
    let (mut common, divided): (Vec<_>, Vec<_>) = all.partition(|record| record.role & record_role::PARENT != 0);
    if let Some(id) = transformation {
        common.push(Record { role: record_role::TRANSFORMATION, key: Name::Transformation(id.to_owned()).key() });
    }
    (common, divided)
}

fn divide(common: &[Record], divided: Vec<Record>, inputs: usize) -> Vec<Vec<Record>> {
    let with_common = |some: &[Record]| [common, some].concat();
    // 1,900 records leave no room for 128 references and 32 parts in 65,535 bytes.
    let room = MAX_SUBJECTS.min(CHUNK_SUBJECTS + if inputs == 0 { 120 } else { 0 }) - common.len();
    if inputs <= MAX_INPUTS && divided.len() <= room {
        return vec![with_common(&divided)];
    }
    let (inputs, others): (Vec<Record>, Vec<Record>) = divided.into_iter().partition(|record| record.role & record_role::INPUT != 0);
    let count = inputs.len().div_ceil(MAX_INPUTS).max((inputs.len() + others.len()).div_ceil(CHUNK_SUBJECTS - common.len())).max(1);
    let per = |list: &[Record], number: usize| -> Vec<Record> {
        let size = list.len().div_ceil(count);
        list.iter().skip(number * size).take(size).copied().collect()
    };
    (0..count)
        .map(|number| with_common(&[per(&inputs, number), per(&others, number)].concat()))
        .filter(|group| group.len() > common.len())
        .collect()
}

fn refs(records: &[Record], batch: Option<&Name>) -> Vec<Ref> {
    let mut refs: Vec<Ref> = Vec::new();
    for role in [ref_role::PARENT, ref_role::INPUT, ref_role::TRANSFORMATION] {
        refs.extend(records.iter().filter(|record| record.role & role != 0).map(|record| Ref { role, key: record.key }));
    }
    refs.extend(batch.map(|name| Ref { role: ref_role::BATCH, key: name.key() }));
    refs.sort_unstable();
    refs
}

/// The one batch of all objects or outputs, where each of them (items and whole products) has a lot.
fn batch_of(event: &Event) -> Result<Option<Name>, DraftError> {
    let fits = |subject: &&Subject| {
        matches!(subject.role, Role::Object | Role::Output) && matches!(subject.name.level(), Level::Item | Level::Product)
    };
    let mut batches: BTreeSet<Option<(String, String)>> = BTreeSet::new();
    for subject in event.subjects.iter().filter(fits) {
        let lot = match (&subject.lot, &event.lot) {
            (Some(said), Some(ilmd)) if said != ilmd => {
                let object = subject.name.digital_link_path().unwrap_or_default();
                return Err(DraftError::LotsDisagree { object, said: said.clone(), ilmd: ilmd.clone() });
            }
            (said, ilmd) => said.as_ref().or(ilmd.as_ref()),
        };
        batches.insert(subject.name.gtin().zip(lot).map(|(gtin, lot)| (gtin.to_owned(), lot.clone())));
    }
    let known: Vec<_> = batches.iter().flatten().collect();
    match known.as_slice() {
        [(gtin, lot)] if batches.len() == 1 => Ok(Some(Name::Gs1(vec![("01".to_owned(), gtin.clone()), ("10".to_owned(), lot.clone())]))),
        // What was packed or seen together may be of many lots; what begins together must say which.
        several if several.len() > 1 && (event.action == Action::Add || event.event_type == EventType::Transformation) => {
            let lots: Vec<String> = several.iter().take(3).map(|(gtin, lot)| format!("{gtin} {lot}")).collect();
            Err(DraftError::SeveralLots(lots.join(", ")))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
