//! The must-show rule (ARCHITECTURE.md, S4): which signed lines of a record a page in one language may not leave out. The page's
//! script implements the rule in `must` (there any language of the same words counts, and units and files are demanded too);
//! this is the place where it is written down.
//!
//! Words are lines whose pointer ends in a language (`/en`, `/zh`). Of the words with the same stem one must be shown: those in
//! the reader's language, else English, else Chinese. Must be shown, where they are signed:
//!
//! 1. `/eventTime`;
//! 2. the words of `/lp:title`, else `/bizStep`, else `/type`;
//! 3. the words of `/place`;
//! 4. all words below `/lp:facts`, `/lp:pictures`, `/lp:video`, `/lp:live`, `/lp:packs`; and below these the lines
//!    that end in `/lp:text`, `/lp:value`, `/lp:date`, `/lp:time`, `/lp:count`, `/lp:href`, and `/lp:file` of pictures;
//! 5. `/ilmd/cbvmda:…` where the vocabulary has a word for the field;
//! 6. `/disposition`, unless it is one of [`QUIET`];
//!    (so a recall cannot be left out; the words of its `/lp:notice` stand above the thread while it is in force);
//!    A telephone number in an alert is shown where the owner of the number or a regulator gives it, and nobody else's is;
//!    `/lp:live` of an independent's record is not shown at all;
//! 7. `value`, `minValue`, `maxValue`, `meanValue` of `/sensorElementList/*/sensorReport/*`.

use std::collections::BTreeSet;

use ledger::public::Line;

use super::lines::LANGUAGES;
use crate::lang::Lang;
use crate::words::{bare, has_word};

/// Dispositions that say only that all goes its way.
pub(super) const QUIET: [&str; 5] = ["active", "container_closed", "encoded", "in_progress", "in_transit"];

const OWN: [&str; 5] = ["/lp:facts/", "/lp:pictures/", "/lp:video/", "/lp:live/", "/lp:packs/"];
const OWN_ENDS: [&str; 6] = ["lp:text", "lp:value", "lp:date", "lp:time", "lp:count", "lp:href"];
const MEASURED: [&str; 4] = ["value", "minValue", "maxValue", "meanValue"];

/// Pointers of the lines that a page in this language must show, sorted.
pub fn shown_pointers(lines: &[Line], lang: Lang) -> Vec<String> {
    let pointers: BTreeSet<&str> = lines.iter().map(|line| line.pointer.as_str()).collect();
    let has = |pointer: &str| pointers.contains(pointer);
    let words = |stem: &str| [lang.tag(), "en", "zh"].iter().map(|tag| format!("{stem}/{tag}")).find(|pointer| has(pointer));
    let mut shown = BTreeSet::new();
    shown.extend(has("/eventTime").then(|| "/eventTime".to_owned()));
    let step = ["/bizStep", "/type"].into_iter().find(|pointer| has(pointer)).map(str::to_owned);
    shown.extend(words("/lp:title").or(step));
    shown.extend(words("/place"));
    for line in lines {
        let pointer = line.pointer.as_str();
        let (stem, last) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let own = OWN.iter().any(|start| pointer.starts_with(start));
        if own && LANGUAGES.contains(&last) {
            shown.extend(words(stem));
        }
        let field = pointer.strip_prefix("/ilmd/cbvmda:").is_some_and(|field| !field.contains('/') && has_word(field));
        let picture = last == "lp:file" && pointer.starts_with("/lp:pictures/");
        let state = pointer == "/disposition" && !QUIET.contains(&bare(&line.value));
        let parts: Vec<&str> = pointer.split('/').collect();
        let measured = matches!(parts[..], ["", "sensorElementList", _, "sensorReport", _, name] if MEASURED.contains(&name));
        if (own && OWN_ENDS.contains(&last)) || field || picture || state || measured {
            shown.insert(pointer.to_owned());
        }
    }
    shown.into_iter().collect()
}
