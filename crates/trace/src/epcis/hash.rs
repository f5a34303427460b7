//! The event hash id (CBV 2.0, 8.9): a name that an event has by what it says, the same for whoever computes it, in JSON and in XML.
//!
//! It is an identity, no proof: `errorDeclaration`, `recordTime` and `eventID` take no part in it, so a correction names its original.
//! What the ledger proves is the whole record, under hashes of its own.
//!
//! The rules leave three questions open, which its implementations answer differently. Here the text decides where it speaks:
//! extensions stand at the end of their own parent (rule 21), a business transaction, source or destination comes before its type
//! (rule 13), `epcList` before `parentID` (the table). `certificationInfo`, which the table forgets, stands where the reference
//! implementation has it: an id that a changed certificate leaves as it was would name two events.

use std::collections::BTreeMap;

use ledger::Hash;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::check::is_comment;
use super::{cbv, listed};
use crate::words::bare;

const START: &str = "ni:///sha-256;";
const END: &str = "?ver=CBV2.0";

/// Longest URI that a prefix stands for, in bytes. It is written out for each name that begins so: without a limit a small document
/// asks for all memory.
pub(super) const PREFIX_URI_BYTES_MAX: usize = 256;
/// Fields and values of one's own in an event, all levels together.
const OWN_VALUES_MAX: usize = 20_000;

/// Why an event cannot be given a hash id.
pub fn too_much_to_hash(event: &Value) -> Option<String> {
    (own_values(event, false) > OWN_VALUES_MAX).then(|| {
        format!("has more than {OWN_VALUES_MAX} fields and values of its own (with a prefix); divide it, or put raw data into a file")
    })
}

fn own_values(value: &Value, own: bool) -> usize {
    match value {
        Value::Object(object) => {
            object.iter().map(|(name, value)| own_values(value, own || name.contains(':'))).sum::<usize>() + usize::from(own)
        }
        Value::Array(list) => list.iter().map(|one| own_values(one, own)).sum(),
        _ => usize::from(own),
    }
}

/// What prefixes stand for: in a document, in an event of it, and so on inwards.
#[derive(Clone, Debug, Default)]
pub(super) struct Prefixes<'a> {
    outer: Option<&'a Prefixes<'a>>,
    own: BTreeMap<&'a str, &'a str>,
}

/// Prefixes that the standard's own context declares, and ours, which stands for nothing else in any document that is taken.
const STANDARD: [(&str, &str); 5] = [
    ("cbv", "https://ref.gs1.org/cbv/"),
    ("cbvmda", "urn:epcglobal:cbv:mda:"),
    ("epcis", "https://ref.gs1.org/epcis/"),
    ("gs1", "https://gs1.org/voc/"),
    ("lp", super::LP_NAMESPACE),
];

impl<'a> Prefixes<'a> {
    /// The prefixes that a context declares, inside what is declared around it.
    pub(super) fn of(context: Option<&'a Value>, outer: Option<&'a Prefixes<'a>>) -> Self {
        let mut own = BTreeMap::new();
        for (prefix, meaning) in context.map_or(&[][..], listed).iter().filter_map(Value::as_object).flatten() {
            let uri = meaning.as_str().or_else(|| meaning.get("@id").and_then(Value::as_str));
            if let Some(uri) = uri.filter(|uri| uri.len() <= PREFIX_URI_BYTES_MAX) {
                own.insert(prefix.as_str(), uri);
            }
        }
        Self { outer, own }
    }

    fn get(&self, prefix: &str) -> Option<&'a str> {
        let declared = self.own.get(prefix).copied().or_else(|| self.outer.and_then(|outer| outer.get(prefix)));
        declared.or_else(|| STANDARD.iter().find(|(known, _)| *known == prefix).map(|(_, uri)| *uri))
    }

    /// `{namespace}name` of a field of one's own.
    fn field(&self, name: &str) -> String {
        match name.split_once(':').and_then(|(prefix, local)| Some((self.get(prefix)?, local))) {
            Some((uri, local)) => format!("{{{uri}}}{local}"),
            None => name.to_owned(),
        }
    }

    /// What an event uses of these prefixes, as a context of its own: without its document it would say less.
    pub(super) fn used_by(&self, event: &Value) -> Map<String, Value> {
        let mut used = Map::new();
        self.note_used(event, &mut used);
        used
    }

    fn note_used(&self, value: &Value, used: &mut Map<String, Value>) {
        let mut note = |text: &str| {
            let prefix = text.split_once(':').map(|(prefix, _)| prefix).filter(|prefix| !STANDARD.iter().any(|(known, _)| known == prefix));
            if let Some((prefix, uri)) = prefix.and_then(|prefix| self.own.get_key_value(prefix)) {
                used.insert((*prefix).to_owned(), Value::from(*uri));
            }
        };
        match value {
            Value::String(text) => note(text),
            Value::Array(list) => list.iter().for_each(|one| self.note_used(one, used)),
            Value::Object(object) => {
                object.keys().for_each(|name| note(name));
                object.values().for_each(|one| self.note_used(one, used));
            }
            _ => {}
        }
    }

    fn curie(&self, text: &str) -> Option<String> {
        let (prefix, local) = text.split_once(':')?;
        Some(format!("{}{local}", self.get(prefix)?))
    }
}

/// Whether a text has the form of a hash id of this kind.
pub fn is_hash_id(text: &str) -> bool {
    let hex = text.strip_prefix(START).and_then(|rest| rest.strip_suffix(END));
    hex.is_some_and(|hex| hex.parse::<Hash>().is_ok())
}

/// The whole name of a field of an event: its namespace and its name. `None` where nothing says what its prefix stands for.
pub fn full_name(event: &Value, name: &str) -> Option<String> {
    Prefixes::of(event.get("@context"), None).curie(name)
}

/// The hash id of an event that stands alone: its own `@context` says what its prefixes stand for.
pub fn hash_id(event: &Value) -> String {
    hash_id_in(event, &Prefixes::default())
}

pub(super) fn hash_id_in(event: &Value, document: &Prefixes<'_>) -> String {
    format!("{START}{}{END}", Hash(Sha256::digest(pre_hash(event, document)).into()))
}

/// How the parts of a field are written.
enum Form {
    /// A time.
    Time,
    /// Text, number, URI or truth value.
    Plain,
    /// A term of the core business vocabulary, with what goes before it in the web vocabulary.
    Term(&'static [&'static str], &'static str),
    /// A list whose elements have this name.
    List(&'static str),
    /// A list of objects: the name of each, if it has one, and its fields.
    Objects(&'static str, &'static [(&'static str, Form)]),
    /// An object.
    Object(&'static [(&'static str, Form)]),
}

use Form::{List, Object, Objects, Plain, Term, Time};

const DISPOSITION: Form = Term(cbv::DISPOSITIONS, "https://ref.gs1.org/cbv/Disp-");
const PARTY: Form = Term(cbv::SOURCE_TYPES, "https://ref.gs1.org/cbv/SDT-");
const QUANTITY: &[(&str, Form)] = &[("epcClass", Plain), ("quantity", Plain), ("uom", Plain)];
const PLACE: &[(&str, Form)] = &[("id", Plain)];

const METADATA: &[(&str, Form)] = &[
    ("time", Time),
    ("startTime", Time),
    ("endTime", Time),
    ("deviceID", Plain),
    ("deviceMetadata", Plain),
    ("rawData", Plain),
    ("dataProcessingMethod", Plain),
    ("bizRules", Plain),
];

const REPORT: &[(&str, Form)] = &[
    ("type", Term(cbv::MEASUREMENTS, "https://gs1.org/voc/")),
    ("exception", Term(cbv::SENSOR_ALERTS, "https://gs1.org/voc/")),
    ("deviceID", Plain),
    ("deviceMetadata", Plain),
    ("rawData", Plain),
    ("dataProcessingMethod", Plain),
    ("time", Time),
    ("microorganism", Plain),
    ("chemicalSubstance", Plain),
    ("value", Plain),
    ("component", Term(cbv::COMPONENTS, "https://ref.gs1.org/cbv/Comp-")),
    ("stringValue", Plain),
    ("booleanValue", Plain),
    ("hexBinaryValue", Plain),
    ("uriValue", Plain),
    ("minValue", Plain),
    ("maxValue", Plain),
    ("meanValue", Plain),
    ("sDev", Plain),
    ("percRank", Plain),
    ("percValue", Plain),
    ("uom", Plain),
    ("coordinateReferenceSystem", Plain),
];

/// The canonical order of an event's fields.
const EVENT: &[(&str, Form)] = &[
    ("eventTime", Time),
    ("eventTimeZoneOffset", Plain),
    ("certificationInfo", Plain),
    ("epcList", List("epc")),
    ("parentID", Plain),
    ("inputEPCList", List("epc")),
    ("childEPCs", List("epc")),
    ("quantityList", Objects("quantityElement", QUANTITY)),
    ("childQuantityList", Objects("quantityElement", QUANTITY)),
    ("inputQuantityList", Objects("quantityElement", QUANTITY)),
    ("outputEPCList", List("epc")),
    ("outputQuantityList", Objects("quantityElement", QUANTITY)),
    ("action", Plain),
    ("transformationID", Plain),
    ("bizStep", Term(cbv::BIZ_STEPS, "https://ref.gs1.org/cbv/BizStep-")),
    ("disposition", DISPOSITION),
    ("persistentDisposition", Object(&[("set", DISPOSITION), ("unset", DISPOSITION)])),
    ("readPoint", Object(PLACE)),
    ("bizLocation", Object(PLACE)),
    (
        "bizTransactionList",
        Objects("", &[("bizTransaction", Plain), ("type", Term(cbv::TRANSACTION_TYPES, "https://ref.gs1.org/cbv/BTT-"))]),
    ),
    ("sourceList", Objects("", &[("source", Plain), ("type", PARTY)])),
    ("destinationList", Objects("", &[("destination", Plain), ("type", PARTY)])),
    (
        "sensorElementList",
        Objects("sensorElement", &[("sensorMetadata", Object(METADATA)), ("sensorReport", Objects("sensorReport", REPORT))]),
    ),
    ("ilmd", Object(&[])),
];

/// Fields that take no part: the id itself, what the repository adds, the correction, and what is written elsewhere.
const LEFT_OUT: [&str; 7] = ["@context", "type", "eventID", "recordTime", "errorDeclaration", "rdfs:comment", "comment"];

/// The text that is hashed.
fn pre_hash(event: &Value, document: &Prefixes<'_>) -> String {
    let Some(object) = event.as_object() else { return String::new() };
    let prefixes = Prefixes::of(object.get("@context"), Some(document));
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut text = format!("eventType={}", kind.strip_prefix("epcis:").unwrap_or(kind));
    fields(object, EVENT, &LEFT_OUT, &prefixes, &mut text);
    text
}

/// The fields of an object in their order, then what else stands in it.
fn fields(object: &Map<String, Value>, order: &[(&str, Form)], left_out: &[&str], prefixes: &Prefixes<'_>, out: &mut String) {
    for (name, form) in order {
        if let Some(value) = object.get(*name) {
            field(name, value, form, prefixes, out);
        }
    }
    let known = |name: &String| left_out.contains(&name.as_str()) || order.iter().any(|(known, _)| known == name);
    let rest = object.iter().filter(|(name, _)| !known(name));
    out.push_str(&extensions(rest, prefixes));
}

fn field(name: &str, value: &Value, form: &Form, prefixes: &Prefixes<'_>, out: &mut String) {
    let one = std::slice::from_ref(value);
    let list = value.as_array().map_or(one, Vec::as_slice);
    let text = match form {
        Plain | Time | Term(..) => return out.push_str(&values(name, list, form, prefixes)),
        List(element) => values(element, list, &Plain, prefixes),
        Objects(element, order) => {
            let each = list.iter().filter_map(Value::as_object).map(|object| {
                let mut inner = String::new();
                fields(object, order, &[], prefixes, &mut inner);
                // Reports stand directly in their element, without a name around all of them.
                if inner.is_empty() { inner } else { format!("{element}{inner}") }
            });
            let sorted = sorted(each.collect());
            if name == *element {
                return out.push_str(&sorted);
            }
            sorted
        }
        Object(order) => {
            let mut inner = String::new();
            if let Some(object) = value.as_object() {
                fields(object, order, &[], prefixes, &mut inner);
            }
            inner
        }
    };
    if !text.is_empty() {
        out.push_str(name);
        out.push_str(&text);
    }
}

fn values(name: &str, list: &[Value], form: &Form, prefixes: &Prefixes<'_>) -> String {
    let each = list.iter().filter_map(scalar).map(|text| match form {
        Time => time(&text),
        Term(terms, start) if terms.contains(&bare(&text)) => format!("{start}{}", bare(&text)),
        _ => canonical(&text, prefixes),
    });
    sorted(each.filter(|text| !text.is_empty()).map(|text| format!("{name}={text}")).collect())
}

fn sorted(mut texts: Vec<String>) -> String {
    texts.sort_unstable();
    texts.concat()
}

/// Fields of one's own: the name with its whole namespace, and what stands in it; sorted.
fn extensions<'a>(object: impl Iterator<Item = (&'a String, &'a Value)>, prefixes: &Prefixes<'_>) -> String {
    let mut texts = Vec::new();
    let none = ["@context", "rdfs:comment", "#text"];
    for (name, value) in object.filter(|(name, _)| !none.contains(&name.as_str()) && !is_comment(name)) {
        // Attributes of XML are told from elements by an @, which is no part of their name.
        let name = prefixes.field(name.strip_prefix('@').unwrap_or(name));
        for one in listed(value) {
            match one {
                Value::Object(inner) => {
                    let prefixes = Prefixes::of(inner.get("@context"), Some(prefixes));
                    // The text of an element of XML that has attributes as well.
                    let text = inner.get("#text").and_then(scalar).map(|text| format!("={}", canonical(&text, &prefixes)));
                    texts.push(format!("{name}{}{}", text.unwrap_or_default(), extensions(inner.iter(), &prefixes)));
                }
                Value::Array(inner) => {
                    let inner = inner.iter().filter_map(scalar).map(|text| format!("{name}={}", canonical(&text, prefixes)));
                    texts.extend(inner);
                }
                one => texts.extend(scalar(one).map(|text| match canonical(&text, prefixes) {
                    text if text.is_empty() => name.clone(),
                    text => format!("{name}={text}"),
                })),
            }
        }
    }
    sorted(texts)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// UTC with milliseconds, the fourth digit rounded.
fn time(text: &str) -> String {
    let rounded = crate::time::instant(text).and_then(|instant| instant.round(jiff::Unit::Millisecond).ok());
    rounded.map_or_else(|| text.to_owned(), |instant| format!("{instant:.3}"))
}

/// One spelling of a value: numbers without needless zeros, CURIEs and vocabulary URNs as web URIs, GS1 keys as canonical Digital
/// Links of the finest level.
fn canonical(text: &str, prefixes: &Prefixes<'_>) -> String {
    if let Some(number) = number(text) {
        return number;
    }
    if let Some(path) = digital_link(text) {
        return path;
    }
    for (urn, uri) in [("bizstep", "BizStep"), ("disp", "Disp"), ("btt", "BTT"), ("sdt", "SDT"), ("er", "ER")] {
        if let Some(term) = text.strip_prefix("urn:epcglobal:cbv:").and_then(|rest| rest.strip_prefix(urn)?.strip_prefix(':')) {
            return format!("https://ref.gs1.org/cbv/{uri}-{term}");
        }
    }
    prefixes.curie(text).unwrap_or_else(|| text.to_owned())
}

/// Longest number that is written out. Anything longer is text.
const DIGITS_MAX: usize = 64;

/// A decimal number in its shortest form.
pub(super) fn number(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or(Some((text, 0)), |(m, e)| Some((m, e.parse::<i32>().ok()?)))?;
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|c| c.is_ascii_digit());
    let shift = usize::try_from(exponent.unsigned_abs()).ok()?;
    if whole.is_empty() || !all_digits || whole.len() + fraction.len() + shift > DIGITS_MAX {
        return None;
    }
    let mut digits = format!("{whole}{fraction}");
    let mut point = whole.len();
    if exponent < 0 {
        digits.insert_str(0, &"0".repeat(shift));
    } else {
        digits.push_str(&"0".repeat(shift));
        point += shift;
    }
    let (whole, fraction) = digits.split_at(point);
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if negative && (whole, fraction) != ("0", "") { "-" } else { "" };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// The canonical Digital Link of a GS1 key. Of the characters of keys those stand plain that a Digital Link need not encode.
fn digital_link(text: &str) -> Option<String> {
    if !text.starts_with("urn:epc:") && !text.starts_with("http://") && !text.starts_with("https://") {
        return None;
    }
    let path = crate::gs1::name_of(text).ok()?.digital_link_path()?;
    Some(format!("https://id.gs1.org{}", path.replace("%27", "'").replace("%3B", ";").replace("%3D", "=")))
}

#[cfg(test)]
mod tests;
