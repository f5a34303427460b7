//! The page's own fields (`lp:…`, ARCHITECTURE.md S2): checked at the door, so that everything signed there can be shown.

use serde_json::{Map, Value};

use super::check::{Check, token};

const FIELDS: &[&str] = &["lp:title", "lp:facts", "lp:pictures", "lp:video", "lp:live", "lp:packs", "lp:limit", "lp:notice"];

/// Checks the fields of the page's profile.
pub(super) fn check_profile(check: &mut Check, event: &Map<String, Value>) {
    for (name, value) in event.iter().filter(|(name, _)| name.starts_with("lp:")) {
        let at = format!("/{}", token(name));
        match name.as_str() {
            "lp:title" => words(check, &at, value),
            "lp:facts" => each(check, &at, value, fact),
            "lp:pictures" => each(check, &at, value, picture),
            "lp:video" => {
                if let Some(video) = fields(
                    check,
                    &at,
                    value,
                    &["lp:file", "lp:fileType", "lp:fileBytes", "lp:seconds", "lp:label"],
                    &["lp:file", "lp:label"],
                ) {
                    values(check, &at, video);
                }
            }
            "lp:live" => {
                if let Some(live) = fields(check, &at, value, &["lp:href", "lp:label"], &["lp:href", "lp:label"]) {
                    values(check, &at, live);
                }
            }
            "lp:packs" => {
                if let Some(packs) = fields(check, &at, value, &["lp:count", "lp:label"], &["lp:count", "lp:label"]) {
                    values(check, &at, packs);
                }
            }
            "lp:limit" => {
                if let Some(limit) = fields(check, &at, value, &["lp:max", "lp:uom"], &["lp:max"]) {
                    values(check, &at, limit);
                }
            }
            "lp:notice" => {
                if let Some(notice) = fields(check, &at, value, &["lp:do", "lp:why", "lp:get", "lp:phone"], &[]) {
                    values(check, &at, notice);
                }
            }
            _ => check.add(&at, format!("is no field of the page's profile; it knows {}", FIELDS.join(", "))),
        }
    }
}

fn each(check: &mut Check, at: &str, value: &Value, one: fn(&mut Check, &str, &Value)) {
    for (number, value) in check.list(at, value).iter().enumerate() {
        one(check, &format!("{at}/{number}"), value);
    }
}

fn fact(check: &mut Check, at: &str, value: &Value) {
    const VALUES: [&str; 4] = ["lp:text", "lp:value", "lp:date", "lp:time"];
    let known = ["lp:label", "lp:text", "lp:value", "lp:uom", "lp:date", "lp:time", "lp:file", "lp:fileType", "lp:fileBytes"];
    let Some(fact) = fields(check, at, value, &known, &["lp:label"]) else {
        return;
    };
    if VALUES.iter().filter(|name| fact.contains_key(**name)).count() != 1 {
        check.add(at, format!("must hold exactly one of {}", VALUES.join(", ")));
    }
    values(check, at, fact);
}

fn picture(check: &mut Check, at: &str, value: &Value) {
    let known = ["lp:file", "lp:fileType", "lp:alt", "lp:width", "lp:height"];
    if let Some(picture) = fields(check, at, value, &known, &["lp:file", "lp:alt"]) {
        values(check, at, picture);
    }
}

fn fields<'a>(check: &mut Check, at: &str, value: &'a Value, known: &[&str], required: &[&str]) -> Option<&'a Map<String, Value>> {
    let object = check.object(at, value)?;
    check.names(at, object, known, false);
    for name in required.iter().filter(|name| !object.contains_key(**name)) {
        check.add(&format!("{at}/{name}"), "is missing");
    }
    Some(object)
}

/// Each field by what it holds.
fn values(check: &mut Check, at: &str, object: &Map<String, Value>) {
    for (name, value) in object {
        let at = format!("{at}/{}", token(name));
        match name.as_str() {
            "lp:label" | "lp:alt" | "lp:do" | "lp:why" | "lp:get" => words(check, &at, value),
            "lp:text" if value.is_string() => {}
            "lp:text" => words(check, &at, value),
            "lp:value" | "lp:max" | "lp:count" | "lp:seconds" | "lp:width" | "lp:height" | "lp:fileBytes" => check.number(&at, value),
            "lp:date" => check.date(&at, value),
            "lp:time" => check.time(&at, value),
            "lp:file" => {
                let hash = |text: &str| text.len() == 64 && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
                check.text_that(&at, value, hash, "must be the file's BLAKE3 hash, 64 hexadecimal digits in lower case");
            }
            "lp:href" => {
                check.uri(&at, value);
                if value.as_str().is_some_and(|text| !text.starts_with("https://")) {
                    check.add(&at, "must begin with https://");
                }
            }
            "lp:uom" | "lp:fileType" | "lp:phone" => {
                check.text(&at, value);
            }
            _ => {}
        }
    }
}

/// `{"en": …, "zh": …}`; at least one.
fn words(check: &mut Check, at: &str, value: &Value) {
    let Some(object) = check.object(at, value) else {
        return;
    };
    check.names(at, object, &["en", "zh"], false);
    if object.is_empty() {
        check.add(at, "must hold words in en or zh");
    }
    for (language, text) in object {
        check.text(&format!("{at}/{}", token(language)), text);
    }
}
