//! The table of the interface: every address with what serves it and what it does. The router and the OpenAPI document are both made
//! of it, so neither can say what the other does not.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get};
use serde_json::{Map, Value, json};

use super::{ROOT, captures, events, queries, resources, sockets, subscriptions};
use crate::epcis::{filter, query};
use crate::state::AppState;

/// An address below `/epcis/v2`.
pub(super) struct Resource {
    pub(super) path: &'static str,
    pub(super) methods: fn() -> MethodRouter<AppState>,
    operations: &'static [Operation],
}

struct Operation {
    method: &'static str,
    says: &'static str,
    takes: Takes,
    /// Status and schema of the answer where all is well.
    answer: (&'static str, &'static str),
}

/// Parameters and body.
enum Takes {
    Nothing,
    Page,
    Query,
    Reason,
    Body(&'static str),
}

const fn op(method: &'static str, says: &'static str, takes: Takes, answer: (&'static str, &'static str)) -> Operation {
    Operation { method, says, takes, answer }
}

const LIST: &[Operation] = &[op("get", "Names in events that you may see.", Takes::Page, ("200", "Collection"))];
const ONE: &[Operation] = &[op("get", "What there is of one.", Takes::Nothing, ("200", "Collection"))];
const EVENTS: &[Operation] = &[op("get", "Its events.", Takes::Query, ("200", "EPCISQueryDocument"))];

macro_rules! browsed {
    ($list:literal, $one:literal, $events:literal) => {
        [
            Resource { path: $list, methods: || get(resources::list), operations: LIST },
            Resource { path: $one, methods: || get(resources::one), operations: ONE },
            Resource { path: $events, methods: || get(resources::events), operations: EVENTS },
        ]
    };
}

static BROWSED: [[Resource; 3]; 6] = [
    browsed!("/eventTypes", "/eventTypes/{eventType}", "/eventTypes/{eventType}/events"),
    browsed!("/epcs", "/epcs/{epc}", "/epcs/{epc}/events"),
    browsed!("/bizSteps", "/bizSteps/{bizStep}", "/bizSteps/{bizStep}/events"),
    browsed!("/bizLocations", "/bizLocations/{bizLocation}", "/bizLocations/{bizLocation}/events"),
    browsed!("/readPoints", "/readPoints/{readPoint}", "/readPoints/{readPoint}/events"),
    browsed!("/dispositions", "/dispositions/{disposition}", "/dispositions/{disposition}/events"),
];

static OTHERS: [Resource; 11] = [
    Resource {
        path: "",
        methods: || get(super::top_level),
        operations: &[op("get", "What can be browsed.", Takes::Nothing, ("200", "Collection"))],
    },
    Resource {
        path: "/capture",
        methods: || get(captures::jobs).post(captures::capture),
        operations: &[
            op("get", "Your capture jobs, newest first.", Takes::Page, ("200", "EPCISCaptureJobs")),
            op("post", "Capture a document of events.", Takes::Body("EPCISDocument"), ("202", "EPCISCaptureJob")),
        ],
    },
    Resource {
        path: "/capture/{captureID}",
        methods: || get(captures::job),
        operations: &[op("get", "What became of a capture.", Takes::Nothing, ("200", "EPCISCaptureJob"))],
    },
    Resource {
        path: "/events",
        methods: || get(events::events).post(captures::capture_event),
        operations: &[
            op(
                "get",
                "Events that you may see: your own, and the public part of what concerns you.",
                Takes::Query,
                ("200", "EPCISQueryDocument"),
            ),
            op("post", "Capture one event.", Takes::Body("EPCISEvent"), ("201", "EventResult")),
        ],
    },
    Resource {
        path: "/events/{eventID}",
        methods: || get(events::event).delete(events::erase_event),
        operations: &[
            op("get", "One event.", Takes::Nothing, ("200", "EPCISQueryDocument")),
            op("delete", "Erase the words of an event of yours; its place in the ledger stays.", Takes::Reason, ("200", "Erased")),
        ],
    },
    Resource {
        path: "/queries",
        methods: || get(queries::list).post(queries::create),
        operations: &[
            op("get", "Your named queries.", Takes::Page, ("200", "NamedQueries")),
            op("post", "Keep a query under a name.", Takes::Body("NamedQuery"), ("201", "NamedQuery")),
        ],
    },
    Resource {
        path: "/queries/{queryName}",
        methods: || get(queries::one).delete(queries::delete),
        operations: &[
            op("get", "What a named query asks.", Takes::Nothing, ("200", "NamedQuery")),
            op("delete", "Take a named query away.", Takes::Nothing, ("204", "")),
        ],
    },
    Resource {
        path: "/queries/{queryName}/events",
        methods: || get(sockets::events),
        operations: &[op(
            "get",
            "What a named query answers now. With Upgrade: websocket, and stream=true or a schedule (second, minute, hour, dayOfMonth, month, dayOfWeek) and perhaps reportIfEmpty and initialRecordTime in the address, what it finds from now on, a query document in each message.",
            Takes::Page,
            ("200", "EPCISQueryDocument"),
        )],
    },
    Resource {
        path: "/queries/{queryName}/subscriptions",
        methods: || get(subscriptions::list).post(subscriptions::create),
        operations: &[
            op("get", "Your subscriptions to a named query.", Takes::Page, ("200", "QuerySubscriptions")),
            op(
                "post",
                "Be sent what a named query finds from now on, with each new record (stream) or at times (schedule, UTC). Messages are signed as Standard Webhooks has it, and by HMAC-SHA256 of the body in GS1-Signature.",
                Takes::Body("QuerySubscription"),
                ("201", "QuerySubscription"),
            ),
        ],
    },
    Resource {
        path: "/queries/{queryName}/subscriptions/{subscriptionID}",
        methods: || get(subscriptions::one).delete(subscriptions::delete),
        operations: &[
            op("get", "A subscription, with what became of its messages.", Takes::Nothing, ("200", "QuerySubscription")),
            op("delete", "End a subscription.", Takes::Nothing, ("204", "")),
        ],
    },
    Resource {
        path: "/nextPageToken/{token}",
        methods: || delete(super::end_token),
        operations: &[op("delete", "Nothing is kept for a token; this answers as if it had been ended.", Takes::Nothing, ("204", ""))],
    },
];

/// All addresses.
pub(super) fn resources() -> impl Iterator<Item = &'static Resource> {
    OTHERS.iter().chain(BROWSED.iter().flatten())
}

/// The methods of an address, for `Allow`. The description itself is open to everybody and not described.
pub(super) fn allowed(path: &str) -> String {
    let operations = resources().filter(|resource| resource.path == path).flat_map(|resource| resource.operations);
    let mut methods: Vec<String> = operations.map(|operation| operation.method.to_ascii_uppercase()).collect();
    if methods.is_empty() {
        methods.push("GET".to_owned());
    }
    if methods.iter().any(|method| method == "GET") {
        methods.push("HEAD".to_owned());
    }
    methods.push("OPTIONS".to_owned());
    methods.join(", ")
}

/// `GET /epcis/v2/openapi.json`: open to everybody, for it says nothing of anybody.
pub(super) async fn document() -> Response {
    Json(described()).into_response()
}

/// The OpenAPI document.
fn described() -> Value {
    let mut paths = Map::new();
    for resource in resources() {
        let mut item = Map::new();
        let names = resource.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let named: Vec<Value> =
            names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })).collect();
        if !named.is_empty() {
            item.insert("parameters".to_owned(), Value::Array(named));
        }
        item.insert(
            "options".to_owned(),
            json!({ "summary": "Versions, methods and limits.", "security": [], "responses": { "204": { "description": "In the headers." } } }),
        );
        for operation in resource.operations {
            item.insert(operation.method.to_owned(), operation_of(resource.path, operation));
        }
        let path = if resource.path.is_empty() { "/" } else { resource.path };
        paths.insert(path.to_owned(), Value::Object(item));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "EPCIS 2.0 at Leafproof",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The REST binding of EPCIS 2.0. A member reads its own events whole, and of others' the public part of what is about its products or places.",
        },
        "servers": [{ "url": ROOT }],
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": { "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } }, "parameters": parameters(), "schemas": schemas() },
    })
}

fn operation_of(path: &str, operation: &Operation) -> Value {
    let (status, schema) = operation.answer;
    let problem = |description: &str| json!({ "description": description, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let mut responses = Map::new();
    let good = match schema {
        "" => json!({ "description": "Done." }),
        schema => {
            json!({ "description": "Done.", "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } } })
        }
    };
    responses.insert(status.to_owned(), good);
    for (code, why) in [
        ("400", "Not valid."),
        ("401", "No API key."),
        ("403", "The key does not open this: it lacks the scope `capture`, or `query`."),
        ("404", "Not there, or not for you."),
        ("406", "Not in that format."),
        ("default", "Another problem."),
    ] {
        responses.insert(code.to_owned(), problem(why));
    }
    let reference = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    let mut said = json!({ "summary": operation.says, "responses": responses });
    let page = ["perPage", "nextPageToken"].map(reference);
    match operation.takes {
        Takes::Nothing => {}
        Takes::Page => said["parameters"] = Value::from(page.to_vec()),
        Takes::Query => {
            let all = query::CONTROLS.iter().map(|name| (*name).to_owned()).chain(filter::fixed_names());
            said["parameters"] = all.map(|name| reference(&name)).collect();
            said["description"] = json!(
                "Parameters may also be made of a field of one's own, a type or a unit: EQ_own:door, EQ_ILMD_own:born, EXISTS_INNER_own:size, EQ_source_owning_party, GE_value_CEL."
            );
        }
        Takes::Reason => {
            said["parameters"] = json!([{ "name": "reason", "in": "query", "required": true, "schema": { "type": "string" } }]);
        }
        Takes::Body(schema) => {
            // Events may come in XML as well, whose schema OpenAPI cannot say.
            let xml = schema.starts_with("EPCIS");
            said["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } } });
            if xml {
                said["requestBody"]["content"]["application/xml"] = json!({});
            }
        }
    }
    if path.is_empty() {
        said["security"] = json!([]);
    }
    said
}

fn parameters() -> Value {
    let counted = json!({ "type": "integer", "minimum": 1, "maximum": query::PER_PAGE_MAX });
    let words = |list: &[&str]| json!({ "type": "string", "enum": list });
    let mut all = Map::new();
    for name in query::CONTROLS {
        let schema = match name {
            "orderBy" => words(&["eventTime", "recordTime"]),
            "orderDirection" => words(&["ASC", "DESC"]),
            "nextPageToken" => json!({ "type": "string" }),
            _ => counted.clone(),
        };
        all.insert(name.to_owned(), json!({ "name": name, "in": "query", "schema": schema }));
    }
    for name in filter::fixed_names() {
        let schema = if name.starts_with("EXISTS_") {
            json!({ "type": "boolean" })
        } else if filter::takes_time(&name) {
            json!({ "type": "string", "format": "date-time" })
        } else {
            json!({ "type": "string", "description": "One value, or several parted by |." })
        };
        all.insert(name.clone(), json!({ "name": name, "in": "query", "schema": schema }));
    }
    Value::Object(all)
}

fn schemas() -> Value {
    let standard = |what: &str| json!({ "type": "object", "description": format!("{what} of EPCIS 2.0; see https://ref.gs1.org/standards/epcis/epcis-json-schema.json"), "required": ["type"] });
    json!({
        "EPCISDocument": standard("A capture document, a query document or one event"),
        "EPCISEvent": standard("An event"),
        "EPCISQueryDocument": standard("A query document"),
        "Collection": {
            "type": "object",
            "required": ["@context", "type", "member"],
            "properties": { "@context": {}, "type": { "const": "Collection" }, "member": { "type": "array", "items": { "type": "string" } } },
        },
        "EPCISCaptureJob": {
            "type": "object",
            "required": ["captureID", "running", "success", "errors"],
            "properties": {
                "captureID": { "type": "string" }, "running": { "type": "boolean" }, "success": { "type": "boolean" },
                "errors": { "type": "array", "items": { "$ref": "#/components/schemas/Problem" } },
                "events": { "type": "array", "items": { "$ref": "#/components/schemas/EventResult" } },
            },
        },
        "EPCISCaptureJobs": { "type": "array", "items": { "$ref": "#/components/schemas/EPCISCaptureJob" } },
        "EventResult": {
            "type": "object",
            "required": ["event", "outcome"],
            "properties": {
                "event": { "type": "integer" }, "eventID": { "type": "string" }, "hashID": { "type": "string" }, "outcome": { "type": "string" },
                "entries": { "type": "array", "items": { "type": "integer" } }, "problems": { "type": "array", "items": { "type": "string" } },
            },
        },
        "Erased": { "type": "object", "required": ["eventID", "outcome", "entries"] },
        "NamedQuery": {
            "type": "object",
            "required": ["name", "query"],
            "properties": { "name": { "type": "string" }, "query": { "type": "object" }, "createdAt": { "type": "string", "format": "date-time" } },
        },
        "NamedQueries": { "type": "array", "items": { "$ref": "#/components/schemas/NamedQuery" } },
        "QuerySubscription": {
            "type": "object",
            "required": ["dest"],
            "properties": {
                "subscriptionID": { "type": "string", "readOnly": true }, "createdAt": { "type": "string", "format": "date-time", "readOnly": true },
                "dest": { "type": "string", "format": "uri" }, "signatureToken": { "type": "string" }, "stream": { "type": "boolean" },
                "schedule": {
                    "type": "object",
                    "properties": {
                        "second": { "type": "string" }, "minute": { "type": "string" }, "hour": { "type": "string" },
                        "dayOfMonth": { "type": "string" }, "month": { "type": "string" }, "dayOfWeek": { "type": "string" },
                    },
                },
                "reportIfEmpty": { "type": "boolean" }, "initialRecordTime": { "type": "string", "format": "date-time" },
                "lastNotifiedAt": { "type": "string", "format": "date-time", "readOnly": true },
                "messages": { "type": "array", "items": { "type": "object" }, "readOnly": true }, "olderMessages": { "type": "integer", "readOnly": true },
            },
        },
        "QuerySubscriptions": { "type": "array", "items": { "$ref": "#/components/schemas/QuerySubscription" } },
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": { "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" }, "detail": { "type": "string" } },
        },
    })
}
