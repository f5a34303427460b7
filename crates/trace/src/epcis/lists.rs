//! Which identifier lists an event of each type must hold.

use serde_json::{Map, Value};

use super::check::Check;
use super::event::EventType;

/// Which identifier lists an event must hold.
pub(super) fn lists(check: &mut Check, event: &Map<String, Value>, kind: EventType) {
    let filled = |name: &str| event.get(name).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let delete = event.get("action").and_then(Value::as_str) == Some("DELETE");
    match kind {
        EventType::Object => {
            let measured = filled("sensorElementList") && event.contains_key("readPoint");
            if !filled("epcList") && !filled("quantityList") && !measured {
                check.add("/epcList", "is missing or empty; an ObjectEvent names objects in epcList or quantityList (or holds sensorElementList and readPoint)");
            }
        }
        EventType::Transaction => {
            if event.get("bizTransactionList").is_some_and(|list| list.as_array().is_some_and(Vec::is_empty)) {
                check.add("/bizTransactionList", "must hold at least one business transaction");
            }
            if !delete && !filled("epcList") && !filled("quantityList") {
                check.add(
                    "/epcList",
                    "is missing or empty; a TransactionEvent names objects in epcList or quantityList, unless its action is DELETE",
                );
            }
        }
        EventType::Aggregation | EventType::Association => {
            if !delete && !filled("childEPCs") && !filled("childQuantityList") {
                check.add(
                    "/childEPCs",
                    "is missing or empty; name the children in childEPCs or childQuantityList, unless the action is DELETE",
                );
            }
        }
        EventType::Transformation => {
            let input = filled("inputEPCList") || filled("inputQuantityList");
            let output = filled("outputEPCList") || filled("outputQuantityList");
            let enough = if event.contains_key("transformationID") { input || output } else { input && output };
            if !enough {
                let field = if input { "/outputEPCList" } else { "/inputEPCList" };
                check.add(
                    field,
                    "is missing or empty; a TransformationEvent names inputs and outputs, or some of them with a transformationID",
                );
            }
        }
    }
}
