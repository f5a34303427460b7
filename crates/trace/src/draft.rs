//! From a checked event to what the ledger signs: kind, class, references, subject records, public lines, source record.
//!
//! One EPCIS event gives one draft, or several chunks where its subjects do not fit one entry or are of several owners or lots. The caller adds what only it
//! knows: member, count, salts, and by whose right the member speaks of each subject.

mod cut;
mod lines;
mod master;
mod void;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::entry::{Action, Authority, Class, Kind, MAX_SUBJECTS, Record, record_role, ref_role};
use ledger::name::{Level, Name};
use ledger::public::{PublicError, PublicPart, class_of};
use ledger::{Hash, Key};
use thiserror::Error;

use crate::epcis::{Event, EventType, Role, Subject};
use crate::page::Words;
use crate::showable::Unshowable;

pub use cut::{MAX_PIECES, join, only, without};
pub use lines::flatten;
pub use master::master_data;
pub use void::{Target, void};

/// Inputs of one entry: an entry holds at most 128 references, three of which may be parent, batch and transformation id.
pub const MAX_INPUTS: usize = 125;

/// Subjects of a chunk: with all references, 32 parts and 8 authorities its tile entry stays below 65,535 bytes.
const CHUNK_SUBJECTS: usize = 1_650;

/// Why a correct event cannot be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
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
    /// More owners or lots than one event is cut for.
    #[error("the event names goods of more than {MAX_PIECES} owners or lots; send it in parts")]
    TooManyPieces,
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
    #[error("the event's public facts are longer than 16 KiB; leave out raw data, or put it into a file")]
    TooLong,
    /// Nothing is named.
    #[error("the event names no object, place or document")]
    NoSubject,
    /// A void of something that does not fit.
    #[error("field /errorDeclaration: {0}")]
    Declaration(&'static str),
}

/// A subject or a reference, with what decides whose goods it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Role, as in a record or a reference.
    pub role: u8,
    /// Key of its name.
    pub key: Key,
    /// The digits of its number, see `Name::digits`; none where it has none.
    pub digits: String,
    /// What kind of goods.
    pub level: Level,
    /// Its Digital Link path, for people who have to be told about it.
    pub path: Option<String>,
}

impl About {
    /// A name in a role.
    pub fn of(role: u8, name: &Name) -> Self {
        let digits = name.digits().unwrap_or_default().to_owned();
        Self { role, key: name.key(), digits, level: name.level(), path: name.digital_link_path() }
    }
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subjects {
    /// Names, of whom it is still to be found out by whose right the author speaks of them.
    Named {
        /// References.
        refs: Vec<About>,
        /// Subjects.
        records: Vec<About>,
    },
    /// Those of an entry in the ledger, under the same authorities.
    Same {
        /// Its authorities.
        authorities: Vec<Authority>,
        /// Its records.
        records: Vec<Record>,
    },
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
    /// eventID's text; where there is none the caller makes an identity of its own, the same for all chunks.
    pub event_id: Option<String>,
    /// The event's hash id; nothing for master data.
    pub hash_id: String,
    /// When it happened.
    pub event_ms: u64,
    /// Which chunk, from 0.
    pub chunk: u16,
    /// Of how many.
    pub chunks: u16,
    /// The chunk that brings the record as it came: the first of those that have it in common.
    pub source_in: u16,
    /// Body hash of the voided entry, else zeros.
    pub target: Hash,
    /// What it is about.
    pub subjects: Subjects,
    /// Public lines.
    pub public: PublicPart,
    /// The record as it came, of megabytes: chunks have it in common.
    pub source: Arc<[u8]>,
}

/// Drafts of an event. An event that comes with an errorDeclaration gives its original here, without the declaration: where the
/// ledger does not hold it yet it is recorded first, then taken back with [`void`]. `owner` knows whose number has these digits.
pub fn event(event: &Event, place: &dyn Fn(&Name) -> Option<Words>, owner: &dyn Fn(&str) -> Option<Key>) -> Result<Vec<Draft>, DraftError> {
    let mut drafts: Vec<Draft> = Vec::new();
    for piece in cut::pieces(event, owner)? {
        let first = u16::try_from(drafts.len()).map_err(|_| DraftError::TooManySubjects)?;
        drafts.extend(piece_of(&piece, place)?.into_iter().map(|draft| Draft { source_in: first, ..draft }));
    }
    let chunks = u16::try_from(drafts.len()).map_err(|_| DraftError::TooManySubjects)?;
    for (number, draft) in (0..chunks).zip(&mut drafts) {
        (draft.chunk, draft.chunks) = (number, chunks);
    }
    Ok(drafts)
}

/// Drafts of an event about goods of one owner, not yet counted.
fn piece_of(event: &Event, place: &dyn Fn(&Name) -> Option<Words>) -> Result<Vec<Draft>, DraftError> {
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
    let mut roles: BTreeMap<Key, About> = BTreeMap::new();
    for subject in &event.subjects {
        roles.entry(subject.name.key()).or_insert_with(|| About::of(0, &subject.name)).role |= role_bit(subject.role);
    }
    let inputs = roles.values().filter(|about| about.role & record_role::INPUT != 0).count();
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
    let place_words = event.place.as_deref().and_then(|id| crate::gs1::object_name(id).ok()).and_then(|name| place(&name));
    let public = lines::public_part(event, batch.as_ref(), place_words.as_ref(), groups.len() == 1)?;
    let source: Arc<[u8]> = event.record().into();
    let drafts = groups.into_iter().map(|records| Draft {
        kind,
        action: event.action,
        class,
        event_id: event.event_id.clone(),
        hash_id: event.hash_id.clone(),
        event_ms: event.event_ms,
        chunk: 0,
        chunks: 1,
        source_in: 0,
        target: Hash::ZERO,
        subjects: Subjects::Named { refs: refs(event, &records, batch.as_ref()), records },
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
fn records(roles: &BTreeMap<Key, About>, transformation: Option<&str>, class: Class) -> (Vec<About>, Vec<About>) {
    let all = roles.values().map(|about| {
        let many = matches!(about.level, Level::Product | Level::Batch);
        let bulk = many && (about.role == record_role::INPUT || class == Class::Movement);
        About { role: if bulk { about.role | record_role::BULK } else { about.role }, ..about.clone() }
    });
    let (mut common, divided): (Vec<_>, Vec<_>) = all.partition(|record| record.role & record_role::PARENT != 0);
    if let Some(id) = transformation {
        common.push(About::of(record_role::TRANSFORMATION, &Name::Transformation(id.to_owned())));
    }
    (common, divided)
}

fn divide(common: &[About], divided: Vec<About>, inputs: usize) -> Vec<Vec<About>> {
    let with_common = |some: &[About]| [common, some].concat();
    // 1,900 records leave no room for 128 references, 32 parts and 8 authorities in 65,535 bytes.
    let room = MAX_SUBJECTS.min(CHUNK_SUBJECTS + if inputs == 0 { 120 } else { 0 }) - common.len();
    if inputs <= MAX_INPUTS && divided.len() <= room {
        return vec![with_common(&divided)];
    }
    let (inputs, others): (Vec<About>, Vec<About>) = divided.into_iter().partition(|record| record.role & record_role::INPUT != 0);
    let count = inputs.len().div_ceil(MAX_INPUTS).max((inputs.len() + others.len()).div_ceil(CHUNK_SUBJECTS - common.len())).max(1);
    let per = |list: &[About], number: usize| -> Vec<About> {
        let size = list.len().div_ceil(count);
        list.iter().skip(number * size).take(size).cloned().collect()
    };
    (0..count)
        .map(|number| with_common(&[per(&inputs, number), per(&others, number)].concat()))
        .filter(|group| group.len() > common.len())
        .collect()
}

fn refs(event: &Event, records: &[About], batch: Option<&Name>) -> Vec<About> {
    let mut refs: Vec<About> = Vec::new();
    for role in [ref_role::PARENT, ref_role::INPUT, ref_role::TRANSFORMATION] {
        refs.extend(records.iter().filter(|record| record.role & role != 0).map(|record| About { role, ..record.clone() }));
    }
    refs.extend(batch.map(|name| About::of(ref_role::BATCH, name)));
    // Where they went; whether that is signed depends on whose they are and what is granted.
    refs.extend(destinations(event).map(|name| About::of(ref_role::RECEIVER, &name)));
    refs.sort_by_key(|about| (about.role, about.key));
    refs
}

/// EPCIS destinations: parties and places.
fn destinations(event: &Event) -> impl Iterator<Item = Name> {
    let list = event.json.get("destinationList").and_then(serde_json::Value::as_array);
    let ids = list.into_iter().flatten().filter_map(|one| one.get("destination").and_then(serde_json::Value::as_str));
    ids.filter_map(|id| crate::gs1::object_name(id).ok()).filter(|_| event.event_type != EventType::Transformation)
}

/// The one batch of all objects or outputs, where each of them (items and whole products) has a lot. What was packed or seen together may be
/// of many lots; what begins together was cut into pieces of one.
fn batch_of(event: &Event) -> Result<Option<Name>, DraftError> {
    let fits = |subject: &&Subject| {
        matches!(subject.role, Role::Object | Role::Output) && matches!(subject.name.level(), Level::Item | Level::Product)
    };
    let lots = event.subjects.iter().filter(fits).map(|subject| cut::lot_of(event, subject)).collect::<Result<BTreeSet<_>, _>>()?;
    let mut lots = lots.into_iter();
    Ok(match (lots.next().flatten(), lots.next()) {
        (Some((gtin, lot)), None) => Some(Name::Gs1(vec![("01".to_owned(), gtin), ("10".to_owned(), lot)])),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
