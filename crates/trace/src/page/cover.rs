//! Whether the page has an element for everything that its script demands of a record.

use std::collections::BTreeSet;

use ledger::public::{Line, PublicPart};

use super::lines::Lines;
use super::shown::QUIET;
use super::{Format, Label, Signed, SignedWords, Value, facts};
use crate::words::{bare, has_word};

/// The value at a pointer.
pub(crate) fn value<'a>(part: &'a PublicPart, pointer: &str) -> Option<&'a str> {
    Lines(Some(part)).get(pointer)
}

/// The first line of an event that `must` of public/page.js demands and the page does not show: signed, it would break the thread.
pub(crate) fn unshown(part: &PublicPart) -> Option<&Line> {
    let seen = seen(part);
    let titled = part.lines().iter().any(|line| line.pointer.starts_with("/lp:title/"));
    let stepped = value(part, "/bizStep").is_some();
    part.lines().iter().find(|line| {
        let pointer = line.pointer.as_str();
        let must = match pointer {
            "/disposition" => !QUIET.contains(&bare(&line.value)),
            "/bizStep" => !titled,
            "/type" => !titled && !stepped,
            _ => demanded(pointer),
        };
        must && !seen.contains(stem(pointer))
    })
}

/// The script's `SHOWN`, and fields of a lot that the vocabulary has a word for.
fn demanded(pointer: &str) -> bool {
    const OWN: [&str; 5] = ["/lp:facts/", "/lp:pictures/", "/lp:video/", "/lp:live/", "/lp:packs/"];
    const ENDS: [&str; 8] = ["lp:text", "lp:value", "lp:uom", "lp:date", "lp:time", "lp:count", "lp:href", "lp:file"];
    if let Some(field) = pointer.strip_prefix("/ilmd/cbvmda:") {
        return !field.contains('/') && has_word(field);
    }
    let last = pointer.rsplit('/').next().unwrap_or_default();
    let parts: Vec<&str> = pointer.split('/').collect();
    pointer == "/eventTime"
        || pointer.starts_with("/place/")
        || pointer.starts_with("/lp:title/")
        || (OWN.iter().any(|start| pointer.starts_with(start)) && (ENDS.contains(&last) || is_language(last)))
        || matches!(parts[..], ["", "sensorElementList", _, "sensorReport", _, "value" | "minValue" | "maxValue" | "meanValue"])
}

fn is_language(last: &str) -> bool {
    let (tag, rest) = last.split_once('-').map_or((last, None), |(tag, rest)| (tag, Some(rest)));
    tag.len() == 2
        && tag.bytes().all(|c| c.is_ascii_lowercase())
        && rest.is_none_or(|rest| !rest.is_empty() && rest.bytes().all(|c| c.is_ascii_alphabetic()))
}

fn stem(pointer: &str) -> &str {
    pointer.rsplit_once('/').filter(|(_, last)| is_language(last)).map_or(pointer, |(stem, _)| stem)
}

/// Stems of the pointers that the elements of the record's node have.
fn seen(part: &PublicPart) -> BTreeSet<String> {
    let lines = Lines(Some(part));
    let mut seen = BTreeSet::new();
    let mut one = |signed: &Signed| seen.extend(signed.pointers.iter().map(|pointer| stem(pointer).to_owned()));
    let words = |words: &SignedWords, one: &mut dyn FnMut(&Signed)| words.values().take(1).for_each(one);
    let label = |label: &Label, one: &mut dyn FnMut(&Signed)| match label {
        Label::Signed(some) => words(some, one),
        Label::Term(term) => one(term),
        Label::Ours(_) => {}
    };
    let title = lines.words("/lp:title");
    if title.is_empty() {
        lines.one(Format::Word, "/bizStep", &[]).or_else(|| lines.one(Format::Word, "/type", &[])).iter().for_each(&mut one);
    }
    words(&title, &mut one);
    words(&lines.words("/place"), &mut one);
    lines.time("/eventTime").iter().for_each(&mut one);
    let mut files = Vec::new();
    for fact in facts::facts(lines) {
        label(&fact.label, &mut one);
        match &fact.value {
            Value::One(signed) => one(signed),
            Value::Words(some) => words(some, &mut one),
        }
        files.extend(fact.file);
    }
    for chart in facts::charts(lines) {
        label(&chart.kind, &mut one);
        chart.readings.iter().for_each(|(time, value)| [time, value].into_iter().for_each(&mut one));
    }
    for picture in facts::pictures(lines) {
        words(&picture.alt, &mut one);
        files.push(picture.file);
    }
    if let Some(video) = facts::video(lines) {
        words(&video.label, &mut one);
        video.seconds.iter().for_each(&mut one);
        files.push(video.file);
    }
    if let Some(live) = facts::live(lines) {
        words(&live.label, &mut one);
        one(&live.href);
    }
    if let Some(packs) = facts::packs(lines) {
        words(&packs.label, &mut one);
        one(&packs.count);
    }
    seen.extend(files.into_iter().map(|file| file.pointer));
    seen
}
