//! Texts that stand on a page as they were written.

use super::Fault;

/// Characters of one shown text: two screens of a phone.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Characters in a row without a place to break the line: the longest words of any language have fewer, most addresses too.
pub const WORD_CHARS_MAX: usize = 100;
/// Marks over one letter: Vietnamese and Thai need two, Hebrew three; towers of them cover the lines around.
const MARKS_MAX: usize = 4;

/// Whether a text of people can be shown as it is: names of places, members, products; titles, facts, notices.
pub fn words(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    characters(text)?;
    if text.trim() != text {
        return Err(Fault::Edge);
    }
    if text.contains("  ") {
        return Err(Fault::Doubled);
    }
    if !text.chars().any(is_seen) {
        return Err(Fault::Unseen);
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Fault::Long);
    }
    let mut run = 0;
    for c in text.chars() {
        run = if breaks(c) { 0 } else { run + 1 };
        if run > WORD_CHARS_MAX {
            return Err(Fault::Word);
        }
    }
    Ok(())
}

/// Whether a browser gives a character room where it stands by itself: neither a mark that is written over the letter before it, nor a
/// blank, nor one of those that only steer. The standard library knows them by Unicode's tables: what extends a letter, and what is not
/// printed, it writes with its number. What is younger than its tables counts as not printed.
fn is_seen(c: char) -> bool {
    let printed = matches!(c, '"' | '\'' | '\\') || c.escape_debug().eq([c]);
    // Letters to Unicode, blanks to the eye.
    let blank = matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}');
    printed && !blank && !c.is_whitespace() && !is_selector(c)
}

/// As [`characters`], for texts that stand on no page: they may have tabs and lines.
pub(super) fn hidden(text: &str) -> Result<(), Fault> {
    text.split(['\t', '\n']).try_for_each(characters)
}

/// Only characters that are seen where they stand.
pub(super) fn characters(text: &str) -> Result<(), Fault> {
    let mut before: Option<char> = None;
    let mut marks = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        if let Some(what) = refused(before, c, after) {
            return Err(Fault::Character { char: c, what });
        }
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if marks > MARKS_MAX {
            return Err(Fault::Character { char: c, what: "one mark too many over a letter" });
        }
        before = Some(c);
    }
    Ok(())
}

/// What is wrong with a character between its neighbours.
fn refused(before: Option<char>, c: char, after: Option<char>) -> Option<&'static str> {
    Some(match c {
        '\u{d}' => "a carriage return, which HTML turns into a line feed",
        '\u{9}' | '\u{a}' | '\u{2028}' | '\u{2029}' => "a tab or line break, which a page shows as a blank",
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => "a control character",
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => {
            "a control of the writing direction, which can make a text read otherwise than it is written"
        }
        // They shape letters of some scripts, and join emoji; between other characters they only hide.
        '\u{200c}' | '\u{200d}' => {
            let joined = |c: Option<char>| c.is_some_and(|c| is_joining(c) || is_emoji(c));
            if joined(before) && (joined(after) || after.is_none_or(|c| !c.is_alphanumeric())) {
                return None;
            }
            "a joiner where no script needs one"
        }
        // Mongolian shapes its letters with these.
        '\u{180b}'..='\u{180f}' if before.is_some_and(|c| ('\u{1820}'..='\u{18aa}').contains(&c)) => return None,
        // One selector after a character chooses its form (emoji, variants of ideographs); more of them carry hidden data.
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
            if before.is_some_and(|c| !c.is_whitespace() && !is_selector(c) && !matches!(c, '\u{200c}' | '\u{200d}')) =>
        {
            return None;
        }
        '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => {
            "which is not seen"
        }
        '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => "which looks like a blank and is none",
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => "which is not seen",
        '\u{fff9}'..='\u{fffc}' => "which stands for something that is not text",
        '\u{fffd}' => "which stands where a character was lost",
        '\u{fdd0}'..='\u{fdef}' => "which is no character",
        c if u32::from(c) & 0xfffe == 0xfffe => "which is no character",
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => "a private character, which other devices show as something else",
        _ => return None,
    })
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Scripts whose letters change their form beside a joiner: Arabic to Nko, Mongolian, the Indic ones, Sinhala to Myanmar, Khmer.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{18aa}'
        | '\u{a840}'..='\u{abff}' | '\u{fb50}'..='\u{fdcf}' | '\u{fe70}'..='\u{fefc}' | '\u{11000}'..='\u{11fff}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Marks that are stacked over or under a letter of any script.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Where a browser may break a line: blanks, and most of the scripts that need none.
fn breaks(c: char) -> bool {
    (c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}')
        || matches!(c, '-' | '/' | '?' | '\u{2010}' | '\u{2013}' | '\u{2014}' | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{1f000}'..='\u{1faff}'
            | '\u{20000}'..='\u{3ffff}')
}

/// A value as a message can hold it: the characters that were refused made visible, and no longer than a line.
pub(super) fn cut(value: &str) -> String {
    value.chars().take(40).collect()
}

/// A pointer as a message can hold it.
pub(super) fn named(pointer: &str) -> String {
    if characters(pointer).is_ok() { pointer.to_owned() } else { pointer.escape_unicode().to_string() }
}
