//! A capture document, or a single event.

use serde_json::{Map, Value};

use super::check::{Check, Problem};
use super::event::{Event, EventContext, EventType};
use super::hash::{PREFIX_URI_BYTES_MAX, Prefixes, too_much_to_hash};
use super::master::{MasterData, master_data};
use super::rules::check_event;
use super::xml;

/// A read document: each event by itself is either good or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Events in the order they came.
    pub events: Vec<Result<Event, Vec<Problem>>>,
    /// Master data of the header.
    pub master: MasterData,
    /// `creationDate`, for the master data: when it was said.
    pub created_ms: Option<u64>,
}

impl Document {
    /// All events, or all that is wrong with any of them.
    pub fn all(self) -> Result<Vec<Event>, Vec<Problem>> {
        let mut good = Vec::new();
        let mut problems = Vec::new();
        for event in self.events {
            match event {
                Ok(event) => good.push(event),
                Err(wrong) => problems.extend(wrong),
            }
        }
        if problems.is_empty() { Ok(good) } else { Err(problems) }
    }
}

const FIELDS: &[&str] =
    &["@context", "id", "type", "schemaVersion", "creationDate", "instanceIdentifier", "sender", "receiver", "epcisHeader", "epcisBody"];

/// Reads an EPCISDocument or a single event. `Err` holds what is wrong with the document as a whole.
pub fn parse(text: &str) -> Result<Document, Vec<Problem>> {
    let mut check = Check::new(None, None);
    // A byte order mark is no part of the text (RFC 8259, 8.1).
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if xml::is_xml(text) {
        return match xml::read(text) {
            Ok(read) => of_xml(read),
            Err(why) => {
                check.add("", why);
                Err(check.problems)
            }
        };
    }
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            check.add("", format!("is no JSON: {error}"));
            return Err(check.problems);
        }
    };
    if let Some(at) = super::unique::repeated(text) {
        check.add(&at, "stands twice in its object, so it says two things; remove one");
        return Err(check.problems);
    }
    of_json(check, &value)
}

/// The events keep their bytes of XML as their source.
fn of_xml(read: xml::Read) -> Result<Document, Vec<Problem>> {
    let mut document = of_json(Check::new(None, None), &read.json)?;
    for (event, source) in document.events.iter_mut().zip(read.sources) {
        if let Ok(event) = event {
            event.came_in(source);
        }
    }
    Ok(document)
}

fn of_json(mut check: Check, value: &Value) -> Result<Document, Vec<Problem>> {
    let Some(document) = check.object("", value) else {
        return Err(check.problems);
    };
    let mut lp = None;
    match document.get("@context") {
        Some(context) => context_of(&mut check, "/@context", context, &mut lp),
        None => check.add("/@context", "is missing; it must name https://ref.gs1.org/standards/epcis/epcis-context.jsonld"),
    }
    match document.get("type").and_then(Value::as_str) {
        Some("EPCISDocument" | "EPCISQueryDocument") => capture(check, document, lp.as_deref()),
        Some(kind) if EventType::parse(kind).is_some() => {
            if !check.problems.is_empty() {
                return Err(check.problems);
            }
            Ok(Document {
                events: vec![event(&EventContext { index: 0, lp: lp.as_deref(), prefixes: &Prefixes::default() }, value)],
                master: MasterData::default(),
                created_ms: None,
            })
        }
        _ => {
            check.add("/type", "must be EPCISDocument, EPCISQueryDocument or one of the five event types, for example ObjectEvent");
            Err(check.problems)
        }
    }
}

fn capture(mut check: Check, document: &Map<String, Value>, lp: Option<&str>) -> Result<Document, Vec<Problem>> {
    check.names("", document, FIELDS, true);
    match document.get("schemaVersion").map(|version| check.text("/schemaVersion", version)) {
        None => check.add("/schemaVersion", "is missing; write \"2.0\""),
        Some(Some(version)) if version != "2" && !version.starts_with("2.") => {
            check.add("/schemaVersion", format!("{version:?} is not supported; write EPCIS 2.0"));
        }
        Some(_) => {}
    }
    match document.get("creationDate") {
        Some(date) => check.time("/creationDate", date),
        None => check.add("/creationDate", "is missing; say when the document was made"),
    }
    if let Some(id) = document.get("id") {
        check.uri("/id", id);
    }
    for name in ["sender", "receiver", "instanceIdentifier"] {
        if let Some(value) = document.get(name) {
            check.text(&format!("/{name}"), value);
        }
    }
    let master = document.get("epcisHeader").map(|header| master_data(&mut check, "/epcisHeader", header)).unwrap_or_default();
    let list = event_list(&mut check, document);
    if !check.problems.is_empty() {
        return Err(check.problems);
    }
    let prefixes = Prefixes::of(document.get("@context"), None);
    let events = list.iter().enumerate().map(|(index, value)| event(&EventContext { index, lp, prefixes: &prefixes }, value)).collect();
    let created_ms = document.get("creationDate").and_then(Value::as_str).and_then(crate::time::instant_ms);
    Ok(Document { events, master, created_ms })
}

/// The events: in the body, or in the results of a query that somebody else answered.
fn event_list<'a>(check: &mut Check, document: &'a Map<String, Value>) -> &'a [Value] {
    const WAY: [(&str, &[&str]); 3] = [
        ("epcisBody", &["queryResults"]),
        ("queryResults", &["subscriptionID", "queryName", "resultsBody"]),
        ("resultsBody", &["eventList"]),
    ];
    let queried = document.get("type").and_then(Value::as_str) == Some("EPCISQueryDocument");
    let way: &[(&str, &[&str])] = if queried { &WAY } else { &[("epcisBody", &["eventList"])] };
    let (mut at, mut holder) = (String::new(), document);
    for (name, known) in way {
        at = format!("{at}/{name}");
        let Some(next) = holder.get(*name) else {
            check.add(&at, "is missing; it leads to the eventList");
            return &[];
        };
        let Some(next) = check.object(&at, next) else {
            return &[];
        };
        check.names(&at, next, known, true);
        holder = next;
    }
    at += "/eventList";
    match holder.get("eventList") {
        None => {
            check.add(&at, "is missing");
            &[]
        }
        Some(events) => check.list(&at, events),
    }
}

/// Longest eventID: the ids of UUIDs, URNs and hashes have fewer than a hundred characters.
const EVENT_ID_BYTES_MAX: usize = 2_000;

fn event(context: &EventContext<'_>, value: &Value) -> Result<Event, Vec<Problem>> {
    let event_id = value.get("eventID").and_then(Value::as_str).map(str::to_owned);
    let long = event_id.as_ref().map(String::len).filter(|length| *length > EVENT_ID_BYTES_MAX);
    let mut check = Check::new(Some(context.index), event_id);
    if let Some(length) = long {
        check.add("/eventID", format!("has {length} bytes; at most {EVENT_ID_BYTES_MAX} are taken"));
    }
    let Some(object) = check.object("", value) else {
        return Err(check.problems);
    };
    let mut lp = context.lp.map(str::to_owned);
    if let Some(own) = object.get("@context") {
        context_of(&mut check, "/@context", own, &mut lp);
    }
    let kind = match object.get("type").map(|kind| check.text("/type", kind)) {
        None => {
            check.add("/type", "is missing; write ObjectEvent or another of the five event types");
            None
        }
        Some(Some(kind)) if EventType::parse(kind).is_none() => {
            check.add("/type", format!("{kind:?} is no event type that can be recorded here; use one of the five of EPCIS 2.0"));
            None
        }
        Some(kind) => kind.and_then(EventType::parse),
    };
    let Some(kind) = kind else {
        return Err(check.problems);
    };
    check_event(&mut check, object, kind, lp.as_deref());
    if let Some(why) = too_much_to_hash(value) {
        check.add("", why);
    }
    if check.problems.is_empty() {
        if let Some(event) = Event::read(context, value, kind) {
            return Ok(event);
        }
        check.add("/eventTime", "lies before 1970; such old events cannot be recorded");
    }
    Err(check.problems)
}

/// Checks a context, and finds what `lp` stands for. Contexts named by address are not fetched: GS1's own is known.
fn context_of(check: &mut Check, at: &str, value: &Value, lp: &mut Option<String>) {
    match value {
        Value::Array(list) => {
            for (number, one) in list.iter().enumerate() {
                let at = format!("{at}/{number}");
                if one.is_array() {
                    check.add(&at, "must be a web address or an object of prefixes");
                } else {
                    context_of(check, &at, one, lp);
                }
            }
        }
        Value::Object(object) => {
            for (prefix, meaning) in object {
                let uri = meaning.as_str().or_else(|| meaning.get("@id").and_then(Value::as_str));
                match uri {
                    Some(uri) if uri.len() > PREFIX_URI_BYTES_MAX => check.add(
                        &format!("{at}/{}", super::check::token(prefix)),
                        format!("is a URI of {} bytes; at most {PREFIX_URI_BYTES_MAX} are taken", uri.len()),
                    ),
                    Some(uri) if prefix == "lp" && super::is_uri(uri) => *lp = Some(uri.to_owned()),
                    // An alias of a keyword: {"id": "@id"} (JSON-LD 1.1, 4.1.2).
                    Some(uri) if super::is_uri(uri) || uri.starts_with('@') => {}
                    // Of a term whose name is a CURIE itself only the type may be said, and null unmakes a term (JSON-LD 1.1, 9.2).
                    None if meaning.is_null() || meaning.as_object().is_some_and(|term| !term.contains_key("@id")) => {}
                    _ if prefix.starts_with('@') => {}
                    _ => check.add(&format!("{at}/{}", super::check::token(prefix)), "must be the URI that the prefix stands for"),
                }
            }
        }
        other => check.uri(at, other),
    }
}

#[cfg(test)]
mod tests;
