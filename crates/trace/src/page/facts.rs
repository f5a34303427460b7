//! Rows, charts, pictures and films of a node, from its signed lines.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::Lines;
use super::shown::QUIET;
use super::{Change, Chart, Fact, Format, Label, Live, Packs, Picture, Signed, Value, Video};
use crate::words::{bare, has_word};

/// Rows of a node: the author's own first, then the standard's fields.
pub(super) fn facts(lines: Lines<'_>) -> Vec<Fact> {
    let mut facts: Vec<Fact> =
        lines.numbers("/lp:facts").into_iter().filter_map(|number| own(lines, &format!("/lp:facts/{number}"))).collect();
    let mut ours = |term: &str, value: Option<Signed>| {
        facts.extend(value.map(|value| Fact {
            label: Label::Ours(term.to_owned()),
            value: Value::One(value),
            file: None,
            change: Change::Kept,
        }));
    };
    if lines.get("/disposition").is_some_and(|term| !QUIET.contains(&bare(term))) {
        ours("disposition", lines.one(Format::Word, "/disposition", &[]));
    }
    for (list, label) in [
        ("/quantityList", "quantity"),
        ("/childQuantityList", "quantity"),
        ("/inputQuantityList", "input"),
        ("/outputQuantityList", "output"),
    ] {
        // Of several classes it could not be said which amount is whose.
        if let [only] = lines.numbers(list)[..] {
            ours(label, lines.amount(&format!("{list}/{only}/quantity"), &format!("{list}/{only}/uom")));
        }
    }
    for pointer in lines.pointers() {
        if let Some(field) = pointer.strip_prefix("/ilmd/cbvmda:").filter(|field| !field.contains('/') && has_word(field)) {
            let format = match field {
                _ if field.ends_with("Date") => Format::Date,
                "countryOfOrigin" | "countryOfExport" => Format::Word,
                _ => Format::Text,
            };
            ours(field, lines.one(format, pointer, &[]));
        }
        let certificate = pointer.strip_prefix("/certificationInfo");
        if let Some(rest) = certificate {
            let term = rest.rsplit_once("gs1:").map_or("certificationInfo", |(_, term)| term);
            let format = match term {
                _ if term.ends_with("Date") => Format::Date,
                "certificationStatus" => Format::Word,
                _ => Format::Text,
            };
            if has_word(term) && !rest.ends_with("/id") {
                ours(term, lines.one(format, pointer, &[]));
            }
        }
    }
    measured(lines, &mut facts);
    facts
}

/// Facts of a record that was taken back, beside those of the record that its author put in its place: what that one says in the same words
/// stands, another value stands beside the old one, all else is gone. `Leafproof.corrected` in public/more.js holds pages to it.
pub(super) fn changed(mut facts: Vec<Fact>, now: Option<(u64, Vec<Fact>)>) -> Vec<Fact> {
    let (entry, now) = now.unwrap_or_default();
    for fact in &mut facts {
        let other = now.iter().find(|other| other.label == fact.label && stem(&other.value) == stem(&fact.value));
        fact.change = match other {
            Some(other) if other.value == fact.value && other.file == fact.file => Change::Kept,
            // Another document is in the other record, with all that is to be read of it.
            Some(other) if other.file.is_none() && fact.file.is_none() => Change::Now(entry, other.value.clone()),
            _ => Change::Gone,
        };
    }
    facts
}

/// Where a value stands, its language left out.
fn stem(value: &Value) -> Option<&str> {
    match value {
        Value::One(signed) => signed.pointers.first().map(String::as_str),
        Value::Words(words) => words.values().next()?.pointers.first()?.rsplit_once('/').map(|(stem, _)| stem),
    }
}

fn own(lines: Lines<'_>, at: &str) -> Option<Fact> {
    let one = |format, name: &str| lines.one(format, &format!("{at}/lp:{name}"), &[]);
    let text = lines.words(&format!("{at}/lp:text"));
    let value = if text.is_empty() {
        one(Format::Text, "text")
            .or_else(|| lines.amount(&format!("{at}/lp:value"), &format!("{at}/lp:uom")))
            .or_else(|| one(Format::Date, "date"))
            .or_else(|| one(Format::Time, "time"))
            .map(Value::One)
    } else {
        Some(Value::Words(text))
    };
    Some(Fact { label: Label::Signed(lines.words(&format!("{at}/lp:label"))), value: value?, file: lines.file(at), change: Change::Kept })
}

/// A report of a sensor: what it measured and when.
struct Report {
    at: String,
    kind: String,
    time: Option<Signed>,
}

fn reports(lines: Lines<'_>) -> Vec<Report> {
    let mut reports = Vec::new();
    for element in lines.numbers("/sensorElementList") {
        let element = format!("/sensorElementList/{element}");
        for number in lines.numbers(&format!("{element}/sensorReport")) {
            let at = format!("{element}/sensorReport/{number}");
            let time = lines.time(&format!("{at}/time")).or_else(|| lines.time(&format!("{element}/sensorMetadata/time")));
            let kind = lines.get(&format!("{at}/type")).map_or("", bare).to_owned();
            reports.push(Report { at, kind, time });
        }
    }
    reports
}

fn reading(lines: Lines<'_>, report: &Report) -> Option<(Signed, Signed)> {
    Some((report.time.clone()?, lines.amount(&format!("{}/value", report.at), &format!("{}/uom", report.at))?))
}

/// Kinds of which several readings make a chart, in the order of their times: of one unit each, or the line would mean nothing, and at
/// two times at least, or there is no line. `Leafproof.charts` in public/draw.js is the same rule; `app/charts.tsv` holds both to it.
fn charted(lines: Lines<'_>, reports: &[Report]) -> BTreeMap<String, Vec<(Signed, Signed)>> {
    let mut kinds: BTreeMap<String, Vec<(u64, Signed, Signed)>> = BTreeMap::new();
    let mut undrawn = BTreeSet::new();
    for report in reports {
        let Some((time, value)) = reading(lines, report) else { continue };
        match crate::time::instant_ms(&time.values[0]).filter(|_| crate::number::parts(&value.values[0]).is_some()) {
            Some(at) => kinds.entry(report.kind.clone()).or_default().push((at, time, value)),
            None => drop(undrawn.insert(report.kind.clone())),
        }
    }
    kinds.retain(|kind, readings| {
        readings.sort_by_key(|(at, _, _)| *at);
        let one_unit = readings.iter().all(|(_, _, value)| value.values.get(1) == readings[0].2.values.get(1));
        one_unit && readings[0].0 < readings[readings.len() - 1].0 && !undrawn.contains(kind)
    });
    kinds.into_iter().map(|(kind, readings)| (kind, readings.into_iter().map(|(_, time, value)| (time, value)).collect())).collect()
}

/// Charts, readings in the order of their times.
pub(super) fn charts(lines: Lines<'_>) -> Vec<Chart> {
    let reports = reports(lines);
    let limit = lines.amount("/lp:limit/lp:max", "/lp:limit/lp:uom");
    let charts = charted(lines, &reports).into_iter().map(|(kind, readings)| {
        let unit = readings[0].1.values.get(1).cloned();
        let limit = limit.clone().filter(|limit| limit.values.get(1) == unit.as_ref());
        let first = readings[0].1.pointers[0].rsplit_once('/').map_or("", |(at, _)| at);
        Chart { kind: kind_of(lines, first, &kind), readings, limit }
    });
    charts.collect()
}

/// What a report measured: our word, or where there is none the term as it was signed, like an own business step.
fn kind_of(lines: Lines<'_>, report: &str, kind: &str) -> Label {
    let own = if has_word(kind) { None } else { lines.one(Format::Word, &format!("{report}/type"), &[]) };
    own.map_or_else(|| Label::Ours(kind.to_owned()), Label::Term)
}

/// What was measured, as far as it is in no chart.
fn measured(lines: Lines<'_>, facts: &mut Vec<Fact>) {
    let reports = reports(lines);
    let charts = charted(lines, &reports);
    for report in &reports {
        let in_chart = charts.contains_key(&report.kind) && reading(lines, report).is_some();
        for name in ["value", "minValue", "maxValue", "meanValue"] {
            if name == "value" && in_chart {
                continue;
            }
            let Some(value) = lines.amount(&format!("{}/{name}", report.at), &format!("{}/uom", report.at)) else {
                continue;
            };
            let precise = format!("{name}:{}", report.kind);
            let label = if has_word(&precise) { Label::Ours(precise) } else { kind_of(lines, &report.at, &report.kind) };
            facts.push(Fact { label, value: Value::One(value), file: None, change: Change::Kept });
        }
    }
}

pub(super) fn pictures(lines: Lines<'_>) -> Vec<Picture> {
    let picture = |number: usize| {
        let at = format!("/lp:pictures/{number}");
        let side = |name: &str| lines.get(&format!("{at}/lp:{name}"))?.parse::<u32>().ok().filter(|px| *px > 0);
        Some(Picture { file: lines.file(&at)?, alt: lines.words(&format!("{at}/lp:alt")), size: side("width").zip(side("height")) })
    };
    lines.numbers("/lp:pictures").into_iter().filter_map(picture).collect()
}

pub(super) fn video(lines: Lines<'_>) -> Option<Video> {
    Some(Video {
        file: lines.file("/lp:video")?,
        label: lines.words("/lp:video/lp:label"),
        seconds: lines.one(Format::Number, "/lp:video/lp:seconds", &[]),
    })
}

pub(super) fn live(lines: Lines<'_>) -> Option<Live> {
    // Only an https address becomes a link: a signed "javascript:" stays text nobody can tap.
    let href = lines.one(Format::Text, "/lp:live/lp:href", &[]).filter(|href| href.values[0].starts_with("https://"))?;
    Some(Live { href, label: lines.words("/lp:live/lp:label") })
}

pub(super) fn packs(lines: Lines<'_>) -> Option<Packs> {
    Some(Packs { count: lines.one(Format::Number, "/lp:packs/lp:count", &[])?, label: lines.words("/lp:packs/lp:label") })
}

#[cfg(test)]
mod tests;
