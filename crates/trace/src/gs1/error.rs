//! What can be wrong with a written GS1 key. Each message says what is wrong and how to mend it.

use std::fmt;

use thiserror::Error;

/// A set of characters of the General Specifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// 0 to 9.
    Digits,
    /// The 39-character set.
    Capitals,
    /// Base64 for files and addresses.
    FileSafe,
    /// The 82-character set.
    Any,
}

impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digits => "the digits 0 to 9",
            Self::Capitals => "capital letters, digits and # - /",
            Self::FileSafe => "letters, digits and - _ =",
            Self::Any => "letters, digits and ! \" % & ' ( ) * + , - . / : ; < = > ? _",
        })
    }
}

/// Why a text is not the GS1 key it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Gs1Error {
    /// Longer than any legal URI.
    #[error("the address is longer than {} characters; a GS1 Digital Link is far shorter", super::MAX_URI)]
    TooLong,
    /// Neither `http` nor `https`.
    #[error("a GS1 Digital Link begins with https:// or http://, all in lower case or all in upper case")]
    Scheme,
    /// No or impossible host.
    #[error("the host in the address is missing or holds a character that no host has; write for example https://example.com/01/…")]
    Host,
    /// A character that a URI never holds.
    #[error("the character {0:?} cannot stand in a web address; write it percent-encoded")]
    Character(char),
    /// `%` without two hexadecimal digits, or bytes that are no text.
    #[error("\"%\" in {0:?} must be followed by two hexadecimal digits; a percent sign itself is written %25")]
    Escape(String),
    /// No primary key anywhere in the path.
    #[error("no GS1 key found; the path must hold a key and its value, for example /01/09506000134352")]
    NoKey,
    /// Slash at the end.
    #[error("the path ends in \"/\" or holds an empty part; remove the extra slash")]
    EmptyPart,
    /// A qualifier where it must not stand.
    #[error("({qualifier}) cannot stand here after ({key}); the order is {order}")]
    Qualifier {
        /// The primary key.
        key: String,
        /// The offending application identifier.
        qualifier: String,
        /// What would be right.
        order: String,
    },
    /// A numeric query key that is no application identifier.
    #[error("({0}) is no GS1 application identifier")]
    UnknownAi(String),
    /// Twice the same.
    #[error("({0}) occurs twice; keep one")]
    Twice(String),
    /// A qualifier in the query.
    #[error("({0}) belongs into the path, not after \"?\"")]
    BelongsInPath(String),
    /// Wrong length.
    #[error("({ai}) must have {want} characters, {value:?} has {}", value.chars().count())]
    Length {
        /// Application identifier.
        ai: String,
        /// What fits.
        want: String,
        /// What came.
        value: String,
    },
    /// Wrong character for this identifier.
    #[error("({ai}) cannot hold the character {found:?}; allowed are {allowed}")]
    Charset {
        /// Application identifier.
        ai: String,
        /// What came.
        found: char,
        /// What fits.
        allowed: Letters,
    },
    /// Check digit.
    #[error("the check digit of ({ai}) {value} is wrong: it should be {expected}; look at the printed number again")]
    CheckDigit {
        /// Application identifier.
        ai: String,
        /// The digits.
        value: String,
        /// The digit that would fit.
        expected: char,
    },
    /// Not a date YYMMDD.
    #[error("({ai}) {value:?} is no date YYMMDD")]
    Date {
        /// Application identifier.
        ai: String,
        /// What came.
        value: String,
    },
    /// What a browser resolves as a step in the path.
    #[error(
        "({ai}) is {value:?}: a browser takes that for a step in the address, so the symbol would open another page; give it another value"
    )]
    Dots {
        /// Application identifier.
        ai: String,
        /// What came.
        value: String,
    },
    /// Another rule of the identifier.
    #[error("({ai}) {value:?}: {rule}")]
    Content {
        /// Application identifier.
        ai: String,
        /// What came.
        value: String,
        /// The rule.
        rule: &'static str,
    },
    /// A GTIN of impossible length.
    #[error("a GTIN has 8, 12, 13 or 14 digits, {0:?} has not")]
    GtinLength(String),
    /// Not an EPC URI, or a scheme that is none of GS1's keys.
    #[error("{0:?} is no EPC URI of a GS1 key (urn:epc:id:…, urn:epc:class:lgtin:…, urn:epc:idpat:…)")]
    NotEpc(String),
    /// The parts of an EPC URI do not add up.
    #[error("urn:epc:…:{scheme}: {rule}")]
    Epc {
        /// The scheme, e.g. `sgtin`.
        scheme: String,
        /// The rule.
        rule: String,
    },
}
