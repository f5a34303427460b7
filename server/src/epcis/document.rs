//! A query document: events as an answer, or as a message to whoever subscribed.

use serde_json::{Value, json};

use super::visible::rfc3339;

/// The standard's context.
pub const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";

/// These events, as the answer of a query of this name, at this time.
pub fn of<'a>(events: impl Iterator<Item = &'a Value>, query: &str, subscription: Option<&str>, at_ms: u64) -> Value {
    let mut results = json!({ "queryName": query, "resultsBody": { "eventList": events.collect::<Vec<_>>() } });
    if let Some(id) = subscription {
        results["subscriptionID"] = json!(id);
    }
    json!({
        "@context": [CONTEXT, { "cbvmda": "urn:epcglobal:cbv:mda:", "lp": trace::epcis::LP_NAMESPACE }],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": rfc3339(at_ms),
        "epcisBody": { "queryResults": results },
    })
}
