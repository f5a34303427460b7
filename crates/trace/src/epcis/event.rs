//! A checked event with the parts that the ledger needs, typed.

use ledger::entry::Action;
use ledger::name::Name;
use serde_json::Value;

use super::MAX_AHEAD_MS;
use super::check::Problem;
use super::hash::Prefixes;
use crate::gs1::{fields_of, object_name};
use crate::words::bare;

/// Where an event stands.
pub(super) struct EventContext<'a> {
    pub(super) index: usize,
    /// What the prefix `lp` stands for.
    pub(super) lp: Option<&'a str>,
    /// What all prefixes of the document stand for: they are part of an event's hash id.
    pub(super) prefixes: &'a Prefixes<'a>,
}

/// The five event types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// Something happened to objects.
    Object,
    /// Packed or unpacked.
    Aggregation,
    /// Inputs became outputs.
    Transformation,
    /// Tied to a document.
    Transaction,
    /// Attached to something lasting.
    Association,
}

impl EventType {
    /// By the word in `type`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match bare_type(text) {
            "ObjectEvent" => Self::Object,
            "AggregationEvent" => Self::Aggregation,
            "TransformationEvent" => Self::Transformation,
            "TransactionEvent" => Self::Transaction,
            "AssociationEvent" => Self::Association,
            _ => return None,
        })
    }
}

fn bare_type(text: &str) -> &str {
    text.strip_prefix("epcis:").unwrap_or(text)
}

/// What a subject is in its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Named in epcList or quantityList.
    Object,
    /// parentID.
    Parent,
    /// childEPCs, childQuantityList.
    Child,
    /// Input of a transformation.
    Input,
    /// Output of a transformation.
    Output,
}

/// Something that an event names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its role.
    pub role: Role,
    /// Its one name.
    pub name: Name,
    /// The lot that its Digital Link carries beside a serial.
    pub lot: Option<String>,
}

/// The declaration that an earlier record was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorDeclaration {
    /// When it was declared.
    pub time_ms: u64,
    /// Why: bare vocabulary term or URI.
    pub reason: Option<String>,
}

/// Bytes of another form than JSON, with the hash of the JSON that they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    bytes: Vec<u8>,
    says: ledger::Hash,
}

/// A checked event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Position in its document, from 0.
    pub index: usize,
    /// The event as it came; one without an eventID carries what its document's context says of its prefixes.
    pub json: Value,
    /// The bytes it came in, where those are not this JSON.
    pub(super) source: Option<Source>,
    /// Its type.
    pub event_type: EventType,
    /// Its action; `None` for transformations.
    pub action: Action,
    /// Its id.
    pub event_id: Option<String>,
    /// The id that it has by what it says (CBV 2.0, 8.9).
    pub hash_id: String,
    /// When it happened.
    pub event_ms: u64,
    /// Business step, bare where it is a standard term.
    pub biz_step: Option<String>,
    /// Disposition, bare where it is a standard term.
    pub disposition: Option<String>,
    /// All that it names.
    pub subjects: Vec<Subject>,
    /// Transformation id.
    pub transformation_id: Option<String>,
    /// `ilmd` lot number.
    pub lot: Option<String>,
    /// Where it was read, else where things are afterwards.
    pub place: Option<String>,
    /// Present in a correction.
    pub error: Option<ErrorDeclaration>,
}

impl Event {
    /// The record that is kept of it: the bytes it came in while it says all that they say, and else its JSON. Of an event that was cut
    /// for the owners of its goods the bytes would name the others' goods too.
    pub fn record(&self) -> Vec<u8> {
        let json = self.json_bytes();
        self.source.as_ref().filter(|source| source.says == ledger::hash(&json)).map_or(json, |source| source.bytes.clone())
    }

    /// Says in which bytes the event came.
    pub(super) fn came_in(&mut self, bytes: Vec<u8>) {
        self.source = Some(Source { bytes, says: ledger::hash(&self.json_bytes()) });
    }

    fn json_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.json).expect("a JSON value that was read can be written")
    }

    /// Reads a checked event; the lists were checked, so what does not fit here is left out.
    pub(super) fn read(context: &EventContext<'_>, json: &Value, event_type: EventType) -> Option<Self> {
        let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str);
        let mut subjects = subjects_in(json);
        let place = text("/readPoint/id").or_else(|| text("/bizLocation/id"));
        // An event of sensors alone is about the place they stand at, a withdrawal of all documents about the documents.
        if subjects.is_empty()
            && let Some(about) = place.or_else(|| text("/bizTransactionList/0/bizTransaction"))
        {
            let name = object_name(about).unwrap_or_else(|_| Name::Printed(about.to_owned()));
            subjects.push(Subject { role: Role::Object, name, lot: None });
        }
        let error = match json.get("errorDeclaration") {
            None => None,
            Some(error) => Some(ErrorDeclaration {
                time_ms: crate::time::instant_ms(error.get("declarationTime")?.as_str()?)?,
                reason: error.get("reason").and_then(Value::as_str).map(|reason| bare(reason).to_owned()),
            }),
        };
        let event_id = text("/eventID").map(str::to_owned);
        Some(Self {
            index: context.index,
            json: if event_id.is_some() { json.clone() } else { standing_alone(json, context.prefixes) },
            source: None,
            event_type,
            action: match text("/action") {
                Some("ADD") => Action::Add,
                Some("OBSERVE") => Action::Observe,
                Some("DELETE") => Action::Delete,
                _ => Action::None,
            },
            event_id,
            hash_id: super::hash::hash_id_in(json, context.prefixes),
            event_ms: crate::time::instant_ms(text("/eventTime")?)?,
            biz_step: text("/bizStep").map(|term| bare(term).to_owned()),
            disposition: text("/disposition").map(|term| bare(term).to_owned()),
            subjects,
            transformation_id: text("/transformationID").map(str::to_owned),
            lot: text("/ilmd/cbvmda:lotNumber").map(str::to_owned),
            place: place.map(str::to_owned),
            error,
        })
    }
}

/// What an element of an event's list names: an EPC, or the class of a quantity.
pub fn id_in(element: &Value) -> Option<&str> {
    element.as_str().or_else(|| element.get("epcClass")?.as_str())
}

/// What the lists of an event name; ids that are no names are left out.
pub fn subjects_in(json: &Value) -> Vec<Subject> {
    let mut subjects = Vec::new();
    let mut push = |role: Role, uri: &str| {
        if let Ok(name) = object_name(uri) {
            let lot = fields_of(uri).ok().and_then(|all| all.into_iter().find(|(ai, _)| ai == "10")).map(|(_, lot)| lot);
            subjects.push(Subject { role, name, lot });
        }
    };
    for (field, role) in [
        ("epcList", Role::Object),
        ("quantityList", Role::Object),
        ("childEPCs", Role::Child),
        ("childQuantityList", Role::Child),
        ("inputEPCList", Role::Input),
        ("inputQuantityList", Role::Input),
        ("outputEPCList", Role::Output),
        ("outputQuantityList", Role::Output),
    ] {
        for element in json.get(field).and_then(Value::as_array).into_iter().flatten() {
            if let Some(uri) = id_in(element) {
                push(role, uri);
            }
        }
    }
    if let Some(parent) = json.get("parentID").and_then(Value::as_str) {
        push(Role::Parent, parent);
    }
    subjects
}

/// The event with what it needs of its document's context. An event without an eventID is known by its hash id, which has to be the
/// same whenever somebody computes it from the record.
fn standing_alone(json: &Value, document: &Prefixes<'_>) -> Value {
    let mut json = json.clone();
    let used = document.used_by(&json);
    if let Some(event) = json.as_object_mut().filter(|_| !used.is_empty()) {
        let mut context = vec![Value::Object(used)];
        match event.remove("@context") {
            Some(Value::Array(own)) => context.extend(own),
            own => context.extend(own),
        }
        event.insert("@context".to_owned(), Value::Array(context));
    }
    json
}

/// Refuses an event that lies further in the future than clocks differ. A declaration's own time counts as well.
pub fn refuse_future(event: &Event, now_ms: u64) -> Result<(), Problem> {
    let limit = now_ms.saturating_add(MAX_AHEAD_MS);
    let problem = |field: &str| Problem {
        event: Some(event.index),
        event_id: event.event_id.clone(),
        field: field.to_owned(),
        message: "lies more than 5 minutes in the future; check the clock and the offset".to_owned(),
    };
    if event.event_ms > limit {
        return Err(problem("/eventTime"));
    }
    if event.error.as_ref().is_some_and(|error| error.time_ms > limit) {
        return Err(problem("/errorDeclaration/declarationTime"));
    }
    Ok(())
}
