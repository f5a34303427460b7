//! Comment rules: what a shopper's letter to brand and store may hold, and how it stands.
//!
//! A comment is a letter, not a post: the brand and the store the item was last received by read it, nobody else. This module
//! knows words, limits and states. It knows no HTTP, no storage, no clock and no randomness; they are passed in.
//!
//! ```
//! use trace::feedback::{Rating, Text, TextFault, Topic};
//! assert_eq!(Rating::parse("4").map(|r| r.number()), Some(4));
//! assert_eq!(Topic::parse("packaging"), Some(Topic::Packaging));
//! assert_eq!(Text::parse("  loose seal\r\nat one corner ").unwrap().as_str(), "loose seal\nat one corner");
//! assert_eq!(Text::parse(" \n "), Err(TextFault::Empty));
//! ```

pub mod comment;
pub mod illness;
pub mod limits;
pub mod public;
pub mod token;
pub mod words;

pub use comment::{Comment, HoldReason, NoReply, ProofState, Said, Side, StandingProduct, State, StoreRef, Voice};
pub use public::{HoldWhy, Publicity, Tally};
pub use token::Token;
pub use words::{AnswerText, Contact, NoteText, Text, TextFault, TitleText, holds_phone_number};

/// How it was: 1 (bad) to 5 (very good).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Rating(u8);

impl Rating {
    /// All ratings, lowest first.
    pub const ALL: [Rating; 5] = [Rating(1), Rating(2), Rating(3), Rating(4), Rating(5)];

    /// The form's value: one digit, 1 to 5.
    pub fn parse(text: &str) -> Option<Rating> {
        match text.as_bytes() {
            [digit @ b'1'..=b'5'] => Some(Rating(digit - b'0')),
            _ => None,
        }
    }

    /// 1 to 5.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Rating {
    type Error = String;
    fn try_from(number: u8) -> Result<Rating, String> {
        match number {
            1..=5 => Ok(Rating(number)),
            _ => Err(format!("a rating is 1 to 5, not {number}")),
        }
    }
}

impl From<Rating> for u8 {
    fn from(rating: Rating) -> u8 {
        rating.0
    }
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Taste and quality.
    Taste,
    /// Packaging.
    Packaging,
    /// Freshness.
    Freshness,
    /// The label, or what the page says.
    Label,
    /// The pack or its code looks wrong.
    SuspectedFake,
    /// Anything else.
    Other,
}

impl Topic {
    /// All topics, in the order of the form.
    pub const ALL: [Topic; 6] = [Topic::Taste, Topic::Packaging, Topic::Freshness, Topic::Label, Topic::SuspectedFake, Topic::Other];

    /// The form's value.
    pub fn parse(text: &str) -> Option<Topic> {
        Topic::ALL.into_iter().find(|topic| topic.value() == text)
    }

    /// The form's value, also the key of its words.
    pub fn value(self) -> &'static str {
        match self {
            Topic::Taste => "taste",
            Topic::Packaging => "packaging",
            Topic::Freshness => "freshness",
            Topic::Label => "label",
            Topic::SuspectedFake => "suspected-fake",
            Topic::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_is_one_digit_from_1_to_5() {
        for rating in Rating::ALL {
            assert_eq!(Rating::parse(&rating.number().to_string()), Some(rating));
        }
        for wrong in ["", "0", "6", "05", "5 ", "4.0", "-1", "四", "１"] {
            assert_eq!(Rating::parse(wrong), None, "{wrong:?}");
        }
        assert!(serde_json::from_str::<Rating>("6").is_err());
        assert_eq!(serde_json::to_string(&Rating::ALL[3]).unwrap(), "4");
    }

    #[test]
    fn a_topic_has_one_spelling() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.value()), Some(topic));
            assert_eq!(serde_json::to_string(&topic).unwrap(), format!("\"{}\"", topic.value()));
        }
        for wrong in ["", "Taste", "fake", "suspected_fake", "taste "] {
            assert_eq!(Topic::parse(wrong), None, "{wrong:?}");
        }
    }
}
