//! The words people type: cleaned where that loses nothing, refused with a reason otherwise.

use super::limits;

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing in it.
    #[error("nothing is written here")]
    Empty,
    /// Longer than its limit.
    #[error("{chars} characters; at most {max} fit")]
    TooLong {
        /// Characters given.
        chars: usize,
        /// The limit.
        max: usize,
    },
}

/// A comment's text: 1 to [`limits::TEXT_CHARS_MAX`] characters, LF line ends, no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

/// How the shopper can be reached, if they wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

/// An answer's text: 1 to [`limits::ANSWER_CHARS_MAX`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerText(String);

/// A note's text: 1 to [`limits::NOTE_CHARS_MAX`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteText(String);

impl Text {
    /// Cleans and measures.
    pub fn parse(raw: &str) -> Result<Text, TextFault> {
        measured(clean(raw, true), limits::TEXT_CHARS_MAX).map(Text)
    }
    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Contact {
    /// Cleans and measures; an empty field is no contact.
    pub fn parse(raw: &str) -> Result<Option<Contact>, TextFault> {
        match measured(clean(raw, false), limits::CONTACT_CHARS_MAX) {
            Ok(words) => Ok(Some(Contact(words))),
            Err(TextFault::Empty) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AnswerText {
    /// Cleans and measures.
    pub fn parse(raw: &str) -> Result<AnswerText, TextFault> {
        measured(clean(raw, true), limits::ANSWER_CHARS_MAX).map(AnswerText)
    }
    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a ready answer is found by: 1 to [`limits::READY_TITLE_CHARS_MAX`] characters in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleText(String);

impl TitleText {
    /// Cleans and measures.
    pub fn parse(raw: &str) -> Result<TitleText, TextFault> {
        measured(clean(raw, false), limits::READY_TITLE_CHARS_MAX).map(TitleText)
    }
    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NoteText {
    /// Cleans and measures.
    pub fn parse(raw: &str) -> Result<NoteText, TextFault> {
        measured(clean(raw, true), limits::NOTE_CHARS_MAX).map(NoteText)
    }
    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// True if the words hold what looks like a telephone number. Such a comment is held: a number may be somebody else's, and the
/// form has a field for one's own. GTINs and serials, which people quote, are no telephone numbers.
pub fn holds_phone_number(text: &str) -> bool {
    let mut run = String::new();
    let mut gap = 0; // separators since the last digit
    let mut chars = text.chars().map(narrow).peekable();
    while let Some(c) = chars.next() {
        match c {
            '0'..='9' => {
                run.push(c);
                gap = 0;
            }
            '+' if run.is_empty() => run.push(c),
            ' ' | '-' | '.' | '(' | ')' if !run.is_empty() && gap < 2 => gap += 1,
            c if c.is_ascii_alphanumeric() => {
                // A letter glued to digits makes a serial or a lot, not a number: forget both sides of it.
                if gap > 0 && is_phone(&run) {
                    return true;
                }
                run.clear();
                gap = 0;
                while chars.peek().is_some_and(char::is_ascii_alphanumeric) {
                    chars.next();
                }
            }
            _ => {
                if is_phone(&run) {
                    return true;
                }
                run.clear();
                gap = 0;
            }
        }
    }
    is_phone(&run)
}

/// The shapes of telephone numbers: mainland mobile, mainland landline with area code or 400/800 service, or international with "+".
fn is_phone(run: &str) -> bool {
    let bytes = run.as_bytes();
    match bytes {
        [b'+', rest @ ..] => (8..=15).contains(&rest.len()),
        [b'1', b'3'..=b'9', ..] => bytes.len() == 11,
        [b'0', b'1'..=b'9', ..] => (10..=12).contains(&bytes.len()),
        [b'4' | b'8', b'0', b'0', ..] => bytes.len() == 10,
        _ => false,
    }
}

/// Full-width digits and signs as plain ones.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        other => other,
    }
}

/// Line ends as LF; no control characters, no overrides of writing direction (they can make text read as something else), no
/// byte order marks; no space at either end; at most one empty line in a row.
fn clean(raw: &str, lines: bool) -> String {
    let unified = raw.replace("\r\n", "\n").replace('\r', "\n");
    let mut out = String::with_capacity(unified.len());
    let mut line_ends = 0;
    for c in unified.chars() {
        match c {
            '\n' if lines => {
                line_ends += 1;
                if line_ends <= 2 {
                    out.push('\n');
                }
                continue;
            }
            '\n' | '\t' => out.push(' '),
            c if c.is_control() => continue,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => continue,
            c => out.push(c),
        }
        line_ends = 0;
    }
    out.trim().to_owned()
}

/// Whether a character shows anything by itself. Words of such characters alone are nothing written: Unicode's default-ignorable
/// characters (UAX #44), blanks that count as letters, and accents without a letter.
fn shows(c: char) -> bool {
    let nothing = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    // Combining Diacritical Marks with their supplements, and the marks of kana.
    let accent = matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{3099}'..='\u{309a}' | '\u{fe20}'..='\u{fe2f}');
    !(nothing || accent || c.is_whitespace() || c.is_control())
}

fn measured(words: String, max: usize) -> Result<String, TextFault> {
    if !words.chars().any(shows) {
        return Err(TextFault::Empty);
    }
    match words.chars().count() {
        chars if chars > max => Err(TextFault::TooLong { chars, max }),
        _ => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cleaned_without_losing_words() {
        let text = Text::parse("\u{feff} a\u{0}b\r\n\r\n\r\n\r\nc\u{202e}d\te \u{7}").unwrap();
        assert_eq!(text.as_str(), "ab\n\ncd e");
        assert_eq!(Text::parse("\u{1}\r\n"), Err(TextFault::Empty));
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        let chars = limits::TEXT_CHARS_MAX;
        assert!(Text::parse(&"牛".repeat(chars)).is_ok());
        assert_eq!(Text::parse(&"牛".repeat(chars + 1)), Err(TextFault::TooLong { chars: chars + 1, max: chars }));
        // Browsers send CR LF, and count one: a text that fits in the field fits here.
        assert!(Text::parse(&"a\r\n".repeat(chars / 2)).is_ok());
        assert!(AnswerText::parse(&"a".repeat(limits::ANSWER_CHARS_MAX + 1)).is_err());
    }

    #[test]
    fn what_shows_nothing_is_nothing_written() {
        for nothing in [
            "\u{200b}\u{200b}",
            "\u{200d}",
            "\u{2060}",
            "\u{ad}",
            "\u{3164}",
            "\u{2800}",
            "\u{fe0f}",
            "\u{200e}\u{200f}",
            "\u{e0041}\u{e0042}",
            "\u{301}",
            " \u{3000}\u{a0}\n\u{2003}",
            "\u{115f}\u{1160}\u{ffa0}",
            "\u{34f}\u{301}",
            "\u{2028}\u{2029}",
            "\u{fffb}",
            "\u{3099}",
        ] {
            assert_eq!(Text::parse(nothing), Err(TextFault::Empty), "{nothing:?}");
            assert!(AnswerText::parse(nothing).is_err());
            assert_eq!(Contact::parse(nothing), Ok(None));
        }
        for something in ["\u{200b}a", "e\u{301}", "👍", "👩\u{200d}🌾", "好", "?", "·", "か\u{3099}", "ᄒ"] {
            assert!(Text::parse(something).is_ok(), "{something:?}");
        }
    }

    #[test]
    fn an_empty_contact_is_none() {
        assert_eq!(Contact::parse(" \r\n"), Ok(None));
        assert_eq!(Contact::parse(" a@b.example\n").unwrap().unwrap().as_str(), "a@b.example");
        assert!(Contact::parse(&"x".repeat(limits::CONTACT_CHARS_MAX + 1)).is_err());
    }

    #[test]
    fn telephone_numbers_are_seen_and_codes_are_not() {
        for phone in [
            "call 13800138000",
            "138 0013 8000",
            "138-0013-8000.",
            "电话１３８００１３８０００。",
            "010-6552 9988",
            "+86 138 0013 8000 please",
            "(0571) 8888 1234",
            "400-810-1234",
        ] {
            assert!(holds_phone_number(phone), "{phone}");
        }
        for other in [
            "",
            "06912345678905",
            "6912345678905",
            "7K2M9QX4TD3HWZ",
            "lot 2611-044 of 2026-11-22",
            "13 packs, 320 g, 2026",
            "AB13800138000",
            "13800138000X",
            "at 3.4 to 8.4 C from 10 to 12",
        ] {
            assert!(!holds_phone_number(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(raw in any::<String>()) {
            let once = clean(&raw, true);
            prop_assert_eq!(clean(&once, true), once.clone());
            prop_assert!(!once.chars().any(|c| c.is_control() && c != '\n'));
            let _ = holds_phone_number(&raw);
        }
    }
}
