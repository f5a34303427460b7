//! Certificates and the standard's own instance or lot master data.

use serde_json::{Map, Value};

use super::check::{Check, token};

const CERTIFICATION_TEXTS: &[&str] = &[
    "gs1:certificationAgency",
    "gs1:certificationIdentification",
    "gs1:certificationStandard",
    "gs1:certificationStatement",
    "gs1:certificationSubject",
    "gs1:certificationType",
    "gs1:certificationValue",
];
const CERTIFICATION_DATES: &[&str] =
    &["gs1:certificationAuditDate", "gs1:certificationEndDate", "gs1:certificationStartDate", "gs1:initialCertificationDate"];

/// A URI, or the GS1 Web Vocabulary's CertificationDetails; one or a list.
pub(super) fn certification(check: &mut Check, at: &str, value: &Value) {
    match value {
        Value::Array(list) => {
            for (number, one) in list.iter().enumerate() {
                certification(check, &format!("{at}/{number}"), one);
            }
        }
        Value::Object(object) => {
            check.names(at, object, &["gs1:CertificationDetails"], false);
            let at = format!("{at}/{}", token("gs1:CertificationDetails"));
            match object.get("gs1:CertificationDetails") {
                Some(details) => certification_details(check, &at, details),
                None => check.add(&at, "is missing"),
            }
        }
        other => check.uri(at, other),
    }
}

fn certification_details(check: &mut Check, at: &str, value: &Value) {
    let Some(details) = check.object(at, value) else {
        return;
    };
    let mut known: Vec<&str> = ["gs1:certificationAgencyURL", "gs1:certificationStatus", "gs1:certificationURI"].into();
    known.extend(CERTIFICATION_TEXTS);
    known.extend(CERTIFICATION_DATES);
    check.names(at, details, &known, false);
    for (name, value) in details {
        let at = format!("{at}/{}", token(name));
        match name.as_str() {
            "gs1:certificationAgencyURL" if value.is_object() => {}
            "gs1:certificationAgencyURL" | "gs1:certificationURI" => check.uri(&at, value),
            "gs1:certificationStatus" => {
                check.text_that(&at, value, |text| ["ACTIVE", "INACTIVE"].contains(&text), "must be ACTIVE or INACTIVE")
            }
            name if CERTIFICATION_DATES.contains(&name) => check.date(&at, value),
            name if CERTIFICATION_TEXTS.contains(&name) => {
                check.text(&at, value);
            }
            _ => {}
        }
    }
}

/// Dates and the lot of the standard's own ilmd fields, because the page and the ledger rely on them.
pub(super) fn standard_ilmd(check: &mut Check, at: &str, ilmd: &Map<String, Value>) {
    for (name, value) in ilmd {
        let at = format!("{at}/{}", token(name));
        match name.as_str() {
            "cbvmda:itemExpirationDate" | "cbvmda:bestBeforeDate" | "cbvmda:sellByDate" => {
                check.text_that(&at, value, |text| crate::time::date(text).is_some(), "must be a date like 2026-12-13");
            }
            "cbvmda:lotNumber" => {
                if let Some(lot) = check.text(&at, value)
                    && let Err(error) = crate::gs1::element_fits("10", lot)
                {
                    check.add(&at, error.to_string());
                }
            }
            _ => {}
        }
    }
}
