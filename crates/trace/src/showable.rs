//! What a page can show: the one set of rules for public lines before they are signed.
//!
//! A page shows a signed value, and the shopper's phone compares what stands there with what was signed. A value that HTML changes on
//! its way (CR), that the formats cannot carry (1e400), or that reads otherwise than it is written (bidi controls) would break the
//! thread or deceive the reader for ever, so it is refused before it is signed, naming the line. Captures of EPCIS documents and of
//! records signed elsewhere go through here. A mirror sees commitments and no words: it cannot check these rules, and does not.

mod text;

use ledger::public::{Line, LineKind, PublicPart};
use thiserror::Error;

use crate::number::{self, PACKS_DIGITS_MAX, is_whole};
use crate::page;

pub use text::{TEXT_CHARS_MAX, WORD_CHARS_MAX, words};

/// Public lines of one record: 400 readings of a sensor with time, value, unit and kind. A page of more has no reader, and building it
/// would take long.
pub const LINES_MAX: usize = 2_000;
/// Levels of a field's name: no event is nested so deep, and what is read by levels is read one call inside the other.
const DEPTH_MAX: usize = 32;
/// Digits of a shown number: so many a double carries exactly, and the script that draws charts counts in doubles.
pub const DIGITS_MAX: usize = 15;
/// Largest whole number of bytes: twelve digits, below every format's limit.
const BYTES_DIGITS_MAX: usize = 12;
/// Longest side of a picture in pixels: what the canvases of phones take.
pub const SIDE_PX_MAX: u32 = 10_000;
/// A picture is shown as wide as the page; one much taller than wide would push all else away.
pub const SIDES_RATIO_MAX: u32 = 4;

/// A line that cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("field {field}: {fault}")]
pub struct Unshowable {
    /// The line's pointer.
    pub field: String,
    /// What is wrong.
    pub fault: Fault,
}

/// Why a page cannot show a value, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Nothing to see.
    #[error("is empty; leave the field out")]
    Empty,
    /// Marks, blanks and controls alone.
    #[error("has no character that is seen by itself; write a word, or leave the field out")]
    Unseen,
    /// Blanks at an end.
    #[error("begins or ends with a blank; remove it")]
    Edge,
    /// HTML shows two blanks as one.
    #[error("has two blanks in a row, which a page shows as one; write one")]
    Doubled,
    /// A character that is no text.
    #[error("holds U+{:04X}, {what}; remove it", u32::from(*.char))]
    Character {
        /// Which.
        char: char,
        /// What it is.
        what: &'static str,
    },
    /// Too long.
    #[error("has more than {TEXT_CHARS_MAX} characters; shorten it, or put it into a file")]
    Long,
    /// A word that no line holds.
    #[error("has a word of more than {WORD_CHARS_MAX} characters without a break; divide it")]
    Word,
    /// No number of the page's formats.
    #[error("{0:?} cannot be shown as a number; write a plain decimal like -12.5, with at most {DIGITS_MAX} digits and no exponent")]
    Number(String),
    /// Bytes, packs.
    #[error("{value:?} must be a whole number of at most {digits} digits")]
    Whole {
        /// As it came.
        value: String,
        /// So many fit.
        digits: usize,
    },
    /// A side of a picture.
    #[error("{0:?} is no size of a picture; write whole pixels, 1 to {SIDE_PX_MAX}")]
    Side(String),
    /// A ribbon.
    #[error("the picture is more than {SIDES_RATIO_MAX} times as long as wide, or the other way round; cut it")]
    Sides,
    /// No media type.
    #[error("{0:?} is no media type; write it like application/pdf")]
    MediaType(String),
    /// A file beside a fact, without its type.
    #[error("is missing; say what the file is, for example application/pdf")]
    NoMediaType,
    /// No telephone number.
    #[error("{0:?} is no telephone number; write 3 to 20 digits with +, blanks, brackets, dots or hyphens")]
    Phone(String),
    /// The page has no place for it.
    #[error("has no place on a page: {0}")]
    Place(&'static str),
    /// Levels.
    #[error("is nested too deep; at most {DEPTH_MAX} levels can be read")]
    Deep,
    /// Too many lines.
    #[error("the record has {0} public facts, at most {LINES_MAX} can be shown: divide it, or put the readings into a file")]
    Lines(usize),
}

/// The public lines of an event: each by itself can be shown, and all that a page has to show has its place there.
pub fn event(part: &PublicPart) -> Result<(), Unshowable> {
    lines(part)?;
    placed(part)
}

/// All that the page has to show of an event has its place there.
pub(crate) fn placed(part: &PublicPart) -> Result<(), Unshowable> {
    match page::unshown(part) {
        None => Ok(()),
        Some(line) => Err(Unshowable {
            field: line.pointer.clone(),
            fault: Fault::Place(
                "words are shown in en and zh, and each fact of a list has one value (lp:text, lp:value, lp:date or lp:time)",
            ),
        }),
    }
}

/// The public lines of a product's master data, of a correction or an erasure: each by itself can be shown.
pub fn lines(part: &PublicPart) -> Result<(), Unshowable> {
    if part.lines().len() > LINES_MAX {
        return Err(Unshowable { field: "/".to_owned(), fault: Fault::Lines(part.lines().len()) });
    }
    for line in part.lines() {
        if is_too_deep(line) {
            return Err(Unshowable { field: text::cut(&line.pointer), fault: Fault::Deep });
        }
        plain(line)?;
        self::line(part, line).map_err(|fault| Unshowable { field: line.pointer.clone(), fault })?;
    }
    Ok(())
}

/// Whether a line's name has more levels than can be read.
pub fn is_too_deep(line: &Line) -> bool {
    line.pointer.split('/').count() > DEPTH_MAX + 1
}

/// No character that hides, in a name or a value, shown or not. What no page shows may have lines of its own.
pub(crate) fn plain(line: &Line) -> Result<(), Unshowable> {
    let value = if has_place(&line.pointer) { text::characters(&line.value) } else { text::hidden(&line.value) };
    text::characters(&line.pointer).and(value).map_err(|fault| Unshowable { field: text::named(&line.pointer), fault })
}

fn line(part: &PublicPart, line: &Line) -> Result<(), Fault> {
    let (stem, last) = line.pointer.rsplit_once('/').unwrap_or(("", &line.pointer));
    let own = line.pointer.starts_with("/lp:");
    match last {
        "lp:fileBytes" if own => return whole(&line.value, BYTES_DIGITS_MAX),
        "lp:count" if own => return whole(&line.value, PACKS_DIGITS_MAX),
        "lp:width" | "lp:height" if own => return side(part, stem, &line.value),
        "lp:value" | "lp:max" | "lp:seconds" if own => return number(&line.value),
        "value" | "minValue" | "maxValue" | "meanValue" if line.pointer.starts_with("/sensorElementList/") => return number(&line.value),
        "quantity" if line.kind == LineKind::Num => return number(&line.value),
        "lp:fileType" if own => media_type(&line.value)?,
        "fileType" if line.pointer == "/picture/fileType" => media_type(&line.value)?,
        "lp:phone" if own => phone(&line.value)?,
        "phone" if line.pointer == "/phone" => phone(&line.value)?,
        // The note beside a file names its kind; of a file without one the page and the script would say different things.
        "lp:file" if line.pointer.starts_with("/lp:facts/") && page::value(part, &format!("{stem}/lp:fileType")).is_none() => {
            return Err(Fault::NoMediaType);
        }
        _ => {}
    }
    if line.kind == LineKind::Str && has_place(&line.pointer) { words(&line.value) } else { Ok(()) }
}

/// Whether a page may show the value: a field of the standard or of the page's own profile, not an extension of somebody's own.
fn has_place(pointer: &str) -> bool {
    let known = |part: &str| match part.split_once(':') {
        None => true,
        Some((prefix, _)) => matches!(prefix, "lp" | "cbvmda" | "gs1" | "cbv" | "@context"),
    };
    let hidden = pointer.starts_with("/sensorElementList/") && !pointer.ends_with("/type") && !pointer.ends_with("/uom");
    !hidden && pointer.split('/').all(known)
}

fn number(value: &str) -> Result<(), Fault> {
    let digits = |(whole, fraction): &(&str, &str)| whole.len() + fraction.len().saturating_sub(1);
    let fits = number::parts(value).filter(|parts| digits(parts) <= DIGITS_MAX);
    // Minus zero is nobody's measurement, and reads like a mistake.
    let zero = value.strip_prefix('-').is_some_and(|value| value.bytes().all(|c| matches!(c, b'0' | b'.')));
    if fits.is_none() || zero { Err(Fault::Number(text::cut(value))) } else { Ok(()) }
}

fn whole(value: &str, digits: usize) -> Result<(), Fault> {
    if is_whole(value, digits) { Ok(()) } else { Err(Fault::Whole { value: text::cut(value), digits }) }
}

fn side(part: &PublicPart, stem: &str, value: &str) -> Result<(), Fault> {
    let px = |value: &str| value.parse().ok().filter(|px| is_whole(value, 5) && (1..=SIDE_PX_MAX).contains(px));
    let this = px(value).ok_or_else(|| Fault::Side(text::cut(value)))?;
    let sides = ["lp:width", "lp:height"].map(|name| page::value(part, &format!("{stem}/{name}")).and_then(px).unwrap_or(this));
    let (short, long) = (sides[0].min(sides[1]), sides[0].max(sides[1]));
    if long > short * SIDES_RATIO_MAX { Err(Fault::Sides) } else { Ok(()) }
}

fn media_type(value: &str) -> Result<(), Fault> {
    let token = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&c));
    let fits = value.len() <= 127 && value.split_once('/').is_some_and(|(kind, rest)| token(kind) && token(rest));
    if fits { Ok(()) } else { Err(Fault::MediaType(text::cut(value))) }
}

fn phone(value: &str) -> Result<(), Fault> {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let fits = value.bytes().all(|c| c.is_ascii_digit() || b"+ ()-./".contains(&c)) && (3..=20).contains(&digits);
    if fits { Ok(()) } else { Err(Fault::Phone(text::cut(value))) }
}

#[cfg(test)]
mod tests;
