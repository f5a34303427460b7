//! The rules of the five event types.

use serde_json::{Map, Value};

use super::check::{Check, token};
use super::details::{certification, standard_ilmd};
use super::event::EventType;
use super::lists::lists;
use super::sensor::{elements, term};
use super::{LP_NAMESPACE, cbv};
use crate::gs1::object_name;

const COMMON: &[&str] = &[
    "@context",
    "type",
    "eventTime",
    "recordTime",
    "eventTimeZoneOffset",
    "eventID",
    "certificationInfo",
    "errorDeclaration",
    "bizStep",
    "disposition",
    "readPoint",
    "bizLocation",
    "bizTransactionList",
    "sourceList",
    "destinationList",
    "sensorElementList",
];

fn own(kind: EventType) -> &'static [&'static str] {
    match kind {
        EventType::Object => &["action", "epcList", "quantityList", "persistentDisposition", "ilmd"],
        EventType::Aggregation | EventType::Association => &["action", "parentID", "childEPCs", "childQuantityList"],
        EventType::Transaction => &["action", "parentID", "epcList", "quantityList"],
        EventType::Transformation => &[
            "inputEPCList",
            "inputQuantityList",
            "outputEPCList",
            "outputQuantityList",
            "transformationID",
            "persistentDisposition",
            "ilmd",
        ],
    }
}

/// Checks an event: what it needs, and every field. `lp` is the namespace that the prefix `lp` stands for here.
pub(super) fn check_event(check: &mut Check, event: &Map<String, Value>, kind: EventType, lp: Option<&str>) {
    required(check, event, kind);
    check_fields(check, event, kind, lp);
    lists(check, event, kind);
}

/// Checks every field that an event has.
pub(super) fn check_fields(check: &mut Check, event: &Map<String, Value>, kind: EventType, lp: Option<&str>) {
    let known: Vec<&str> = COMMON.iter().chain(own(kind)).copied().collect();
    let others = [EventType::Object, EventType::Aggregation, EventType::Transaction, EventType::Transformation].into_iter().flat_map(own);
    let foreign: Vec<&str> = others.copied().filter(|name| !known.contains(name) && event.contains_key(*name)).collect();
    for name in foreign.iter().collect::<std::collections::BTreeSet<_>>() {
        check.add(&format!("/{name}"), "belongs to other types of event, not to this one; remove it, or change the type");
    }
    check.names("", event, &[known.as_slice(), foreign.as_slice()].concat(), true);
    if lp != Some(LP_NAMESPACE)
        && let Some(name) = event.keys().find(|name| name.starts_with("lp:"))
    {
        check.add(&format!("/{}", token(name)), format!("declare the prefix in @context: {{\"lp\": {LP_NAMESPACE:?}}}"));
    }
    super::profile::check_profile(check, event);
    for (name, value) in event.iter().filter(|(name, _)| known.contains(&name.as_str())) {
        field(check, &format!("/{name}"), name, value);
    }
    let action = event.get("action").and_then(Value::as_str);
    if event.contains_key("ilmd") && kind == EventType::Object && matches!(action, Some("OBSERVE" | "DELETE")) {
        check.add("/ilmd", "may stand with action ADD only: master data of a lot is given once, when it begins");
    }
}

fn required(check: &mut Check, event: &Map<String, Value>, kind: EventType) {
    let mut names = vec!["eventTime", "eventTimeZoneOffset"];
    if kind != EventType::Transformation {
        names.push("action");
    }
    let action = event.get("action").and_then(Value::as_str);
    let needs_parent = match kind {
        EventType::Association => true,
        EventType::Aggregation => matches!(action, Some("ADD" | "DELETE")),
        _ => false,
    };
    if needs_parent {
        names.push("parentID");
    }
    if kind == EventType::Transaction {
        names.push("bizTransactionList");
    }
    for name in names {
        if !event.contains_key(name) {
            check.add(&format!("/{name}"), format!("is missing; an event of this kind needs {name}"));
        }
    }
}

fn field(check: &mut Check, at: &str, name: &str, value: &Value) {
    match name {
        "@context" | "type" => {}
        "eventTime" | "recordTime" => check.time(at, value),
        "eventTimeZoneOffset" => {
            let fits = |text: &str| crate::time::offset_minutes(text).is_some();
            check.text_that(at, value, fits, "must be an offset like +08:00 or -05:30, at most 14:00");
        }
        "eventID" | "transformationID" => check.uri(at, value),
        "action" => check.text_that(at, value, |text| ["ADD", "OBSERVE", "DELETE"].contains(&text), "must be ADD, OBSERVE or DELETE"),
        "bizStep" => term(check, at, value, cbv::BIZ_STEPS),
        "disposition" => term(check, at, value, cbv::DISPOSITIONS),
        "persistentDisposition" => persistent(check, at, value),
        "readPoint" | "bizLocation" => place(check, at, value),
        "parentID" => subject(check, at, value),
        "epcList" | "inputEPCList" | "outputEPCList" => epcs(check, at, value, true),
        "childEPCs" => epcs(check, at, value, false),
        "quantityList" | "childQuantityList" | "inputQuantityList" | "outputQuantityList" => quantities(check, at, value),
        "bizTransactionList" => typed(check, at, value, "bizTransaction", cbv::TRANSACTION_TYPES, false),
        "sourceList" => typed(check, at, value, "source", cbv::SOURCE_TYPES, true),
        "destinationList" => typed(check, at, value, "destination", cbv::SOURCE_TYPES, true),
        "sensorElementList" => elements(check, at, value),
        "ilmd" => {
            if let Some(ilmd) = check.object(at, value) {
                check.names(at, ilmd, &[], true);
                standard_ilmd(check, at, ilmd);
            }
        }
        "errorDeclaration" => declaration(check, at, value),
        "certificationInfo" => certification(check, at, value),
        _ => {}
    }
}

/// An object, class or container: a URI, and where it tries to be a GS1 key, a correct one.
fn subject(check: &mut Check, at: &str, value: &Value) {
    check.uri(at, value);
    if let Some(text) = value.as_str()
        && super::is_uri(text)
        && let Err(error) = object_name(text)
    {
        check.add(at, error.to_string());
    }
}

fn epcs(check: &mut Check, at: &str, value: &Value, unique: bool) {
    let list = check.list(at, value);
    let mut seen = std::collections::BTreeSet::new();
    for (number, epc) in list.iter().enumerate() {
        let at = format!("{at}/{number}");
        subject(check, &at, epc);
        if unique && !seen.insert(epc.as_str()) {
            check.add(&at, "stands twice in the list");
        }
    }
}

fn quantities(check: &mut Check, at: &str, value: &Value) {
    for (number, element) in check.list(at, value).iter().enumerate() {
        let at = format!("{at}/{number}");
        let Some(element) = check.object(&at, element) else {
            continue;
        };
        check.names(&at, element, &["epcClass", "quantity", "uom"], false);
        match element.get("epcClass") {
            None => check.add(&format!("{at}/epcClass"), "is missing; name the product or lot"),
            Some(class) => subject(check, &format!("{at}/epcClass"), class),
        }
        if let Some(quantity) = element.get("quantity") {
            check.number(&format!("{at}/quantity"), quantity);
            if quantity.is_number() && quantity.to_string().starts_with('-') {
                check.add(&format!("{at}/quantity"), "cannot be negative");
            }
        }
        if let Some(uom) = element.get("uom") {
            let at = format!("{at}/uom");
            let fits = |text: &str| matches!(text.len(), 2 | 3) && text.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            check.text_that(&at, uom, fits, "must be a unit code of UN/ECE recommendation 20, for example KGM");
        }
    }
}

fn typed(check: &mut Check, at: &str, value: &Value, name: &str, terms: &[&str], type_required: bool) {
    for (number, element) in check.list(at, value).iter().enumerate() {
        let at = format!("{at}/{number}");
        let Some(element) = check.object(&at, element) else {
            continue;
        };
        check.names(&at, element, &["type", name], false);
        match element.get("type") {
            Some(kind) => term(check, &format!("{at}/type"), kind, terms),
            None if type_required => check.add(&format!("{at}/type"), "is missing"),
            None => {}
        }
        match element.get(name) {
            Some(uri) => check.uri(&format!("{at}/{name}"), uri),
            None => check.add(&format!("{at}/{name}"), "is missing"),
        }
    }
}

fn place(check: &mut Check, at: &str, value: &Value) {
    let Some(place) = check.object(at, value) else {
        return;
    };
    check.names(at, place, &["id"], true);
    match place.get("id") {
        Some(id) => subject(check, &format!("{at}/id"), id),
        None => check.add(&format!("{at}/id"), "is missing; name the place"),
    }
}

fn persistent(check: &mut Check, at: &str, value: &Value) {
    let Some(object) = check.object(at, value) else {
        return;
    };
    check.names(at, object, &["set", "unset"], false);
    if !object.contains_key("set") && !object.contains_key("unset") {
        check.add(at, "must hold set or unset");
    }
    for name in ["set", "unset"] {
        let Some(list) = object.get(name) else {
            continue;
        };
        let at = format!("{at}/{name}");
        let list = check.list(&at, list);
        if list.is_empty() {
            check.add(&at, "must hold at least one disposition");
        }
        let mut seen = std::collections::BTreeSet::new();
        for (number, value) in list.iter().enumerate() {
            term(check, &format!("{at}/{number}"), value, cbv::DISPOSITIONS);
            if value.as_str().is_some_and(|text| !seen.insert(text)) {
                check.add(&format!("{at}/{number}"), "stands twice in the list");
            }
        }
    }
}

fn declaration(check: &mut Check, at: &str, value: &Value) {
    let Some(object) = check.object(at, value) else {
        return;
    };
    check.names(at, object, &["declarationTime", "reason", "correctiveEventIDs"], true);
    match object.get("declarationTime") {
        Some(time) => check.time(&format!("{at}/declarationTime"), time),
        None => check.add(&format!("{at}/declarationTime"), "is missing; say when the error was declared"),
    }
    if let Some(reason) = object.get("reason") {
        term(check, &format!("{at}/reason"), reason, cbv::ERROR_REASONS);
    }
    if let Some(ids) = object.get("correctiveEventIDs") {
        let at = format!("{at}/correctiveEventIDs");
        for (number, id) in check.list(&at, ids).iter().enumerate() {
            check.uri(&format!("{at}/{number}"), id);
        }
    }
}
