//! Sensor elements: what was measured, and how.

use serde_json::{Map, Value};

use super::cbv;
use super::check::{Check, token};

/// `bizRules` is the metadata's field; the published schema has it there only, but reports with it are in circulation
/// (openepcis' own examples), and it harms nobody.
const REPORT: &[&str] = &[
    "type",
    "exception",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "time",
    "microorganism",
    "chemicalSubstance",
    "coordinateReferenceSystem",
    "value",
    "component",
    "stringValue",
    "booleanValue",
    "hexBinaryValue",
    "uriValue",
    "minValue",
    "maxValue",
    "meanValue",
    "sDev",
    "percRank",
    "percValue",
    "uom",
    "bizRules",
];
const METADATA: &[&str] = &["time", "deviceID", "deviceMetadata", "rawData", "startTime", "endTime", "dataProcessingMethod", "bizRules"];

pub(super) fn elements(check: &mut Check, at: &str, value: &Value) {
    for (number, element) in check.list(at, value).iter().enumerate() {
        let at = format!("{at}/{number}");
        let Some(element) = check.object(&at, element) else {
            continue;
        };
        check.names(&at, element, &["sensorMetadata", "sensorReport"], true);
        if let Some(metadata) = element.get("sensorMetadata") {
            metadata_of(check, &format!("{at}/sensorMetadata"), metadata);
        }
        let at = format!("{at}/sensorReport");
        match element.get("sensorReport") {
            None => check.add(&at, "is missing; a sensor element reports at least one measurement"),
            Some(reports) => {
                let reports = check.list(&at, reports);
                if reports.is_empty() {
                    check.add(&at, "must hold at least one report");
                }
                for (number, report) in reports.iter().enumerate() {
                    report_of(check, &format!("{at}/{number}"), report);
                }
            }
        }
    }
}

fn metadata_of(check: &mut Check, at: &str, value: &Value) {
    let Some(metadata) = check.object(at, value) else {
        return;
    };
    check.names(at, metadata, METADATA, true);
    for (name, value) in known(metadata, METADATA) {
        let at = format!("{at}/{}", token(name));
        if matches!(name, "time" | "startTime" | "endTime") { check.time(&at, value) } else { check.uri(&at, value) }
    }
}

fn report_of(check: &mut Check, at: &str, value: &Value) {
    let Some(report) = check.object(at, value) else {
        return;
    };
    check.names(at, report, REPORT, true);
    if !report.contains_key("type") {
        check.add(&format!("{at}/type"), "is missing; say what was measured, for example Temperature");
    }
    for (name, value) in known(report, REPORT) {
        let at = format!("{at}/{}", token(name));
        match name {
            "type" => term(check, &at, value, cbv::MEASUREMENTS),
            "exception" => term(check, &at, value, cbv::SENSOR_ALERTS),
            "component" => term(check, &at, value, cbv::COMPONENTS),
            "time" => check.time(&at, value),
            "value" | "minValue" | "maxValue" | "meanValue" | "sDev" | "percRank" | "percValue" => check.number(&at, value),
            "booleanValue" if !value.is_boolean() => check.add(&at, "must be true or false without quotes"),
            "booleanValue" => {}
            "hexBinaryValue" => {
                let fits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_hexdigit());
                check.text_that(&at, value, fits, "must hold hexadecimal digits");
            }
            "stringValue" | "uom" => {
                check.text(&at, value);
            }
            _ => check.uri(&at, value),
        }
    }
}

fn known<'a>(object: &'a Map<String, Value>, names: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a Value)> {
    object.iter().map(|(name, value)| (name.as_str(), value)).filter(|(name, _)| names.contains(name))
}

pub(super) fn term(check: &mut Check, at: &str, value: &Value, terms: &[&str]) {
    if let Some(text) = check.text(at, value)
        && !cbv::allows(terms, text)
    {
        check.add(at, format!("{text:?} is no term of the standard vocabulary; own values are written as URIs"));
    }
}
