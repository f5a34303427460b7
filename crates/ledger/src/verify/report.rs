//! The report's text: UTF-8 lines, TAB separated, LF ended, values escaped as in public lines. The first word of a line is
//! its kind; `<i>` is the place of an entry in [`super::Check::nodes`], times are milliseconds or seconds as named, hashes
//! and keys lower-case hex, `-` stands for nothing. Words name the problem ([`super::Problem::word`]); sentences are the
//! reader's: the page has its own in each language, the command line uses [`super::Problem::message`].
//!
//! ```text
//! report 2                                                 first line, with the grammar's version
//! step <step> ok|open|first|uncompared                     open: quorum not reached; first, uncompared: no memory, no proof
//! step <step> failed <word>                                the check ended here
//! subject <Digital Link path, or -> <key> <item|batch|product|other>
//! checkpoint <origin> <size> <root>
//! log-time <s>                                             when the log itself last co-signed
//! cosigner <name> <s>                                      one line each
//! as-of <s>                                                if the quorum is reached
//! complete mirrors|operator                                who vouches that the map is right
//! maphead <index> <logged ms> <key count> <map root>
//! list <key> <through> <count> <older rows not loaded>     through: item batch product container input bulk member
//! cut <key> <through>                                      left out by a limit
//! stay <container> <from ms> <until ms> <ended by> <alerts after>
//! node <i> <index> <through>                               what `entry` will check
//! context <count>                                          entries there only because lists must be whole
//! number <digits> <owner's member key, or ->               who owns the subject's number now
//! input <entry> <key> named|said                           the input's owner lets the author name it; or the author alone says so
//!
//! entry <i> <index> <kind> <action> <class> <through> <role> <logged ms> <event ms>
//! check <i> <step> ok | check <i> <step> failed <word>
//! author <i> <id> <index of MEMBER entry> own|held         as governed when the entry was logged
//! name <i> <language> <name>
//! standing <i> <standing> <grant> <owner's id> own|held <rights>
//!                                                          standing: owner granted regulator independent unowned
//! mark <i> voided|erased|ended|objected <by index>   mark <i> disputed -     an alert by a stolen key: struck
//! about <i> <index>                                        a correction's target
//! line <i> <pointer> s|n|b|@ <value>                       verified public lines
//! part <i> <kind> <commitment> <salt, or ->
//! leaf <i> <leaf hash> <body hash>
//! path <i> <sibling>...                                    from the leaf up
//! subjects <i> <owner> <role> <position> <count> <root> <sibling>...
//! signed <i> <seq> <public key> <signature>
//! done <i> ok | done <i> failed <step> <word>
//!
//! issued <index>|none                                      all levels of goods
//! headline <index>                                         master data in force
//! alert <index> red|warning                                in force; red: the owner's word or a regulator's
//! correction <index> <by index>
//! fresh fresh|old|stale|clock|operator <time ms>           operator: the map head's time, nobody else's
//! counts <relevant> <verified> <failed> <context>
//! state verified|not-cosigned|stale|failed|unusable|unissued|unowned <step> <word> <entry> <list>
//! ```

use crate::hash::push_hex;
use crate::note::decimal;
use crate::prelude::*;
use crate::public::escape;
use crate::text::{nth, utf8};

macro_rules! words {
    ($($word:ident $text:literal,)*) => {
        /// The kinds of lines, and words that stand in them.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(super) enum Word {
            $($word,)*
        }

        const WORDS: &str = concat!($($text, " ",)*);
    };
}

words! {
    Report "report",
    Maphead "maphead",
    List "list",
    Cut "cut",
    Stay "stay",
    Node "node",
    Context "context",
    Step "step",
    Subject "subject",
    Checkpoint "checkpoint",
    LogTime "log-time",
    Cosigner "cosigner",
    AsOf "as-of",
    Complete "complete",
    Part "part",
    Line "line",
    Counts "counts",
    Issued "issued",
    Number "number",
    Standing "standing",
    Input "input",
    Red "red",
    Warning "warning",
    Objected "objected",
    Disputed "disputed",
    Correction "correction",
    Alert "alert",
    Headline "headline",
    Fresh "fresh",
    State "state",
    Check "check",
    Done "done",
    Mark "mark",
    About "about",
    Leaf "leaf",
    Path "path",
    Subjects "subjects",
    Signed "signed",
    Entry "entry",
    Author "author",
    Name "name",
    Ok "ok",
    Failed "failed",
    Nothing "-",
    Open "open",
    Mirrors "mirrors",
    Operator "operator",
    Item "item",
    Batch "batch",
    Product "product",
    Other "other",
    Voided "voided",
    Erased "erased",
    Ended "ended",
    First "first",
    Uncompared "uncompared",
    None "none",
    Old "old",
    Stale "stale",
    Clock "clock",
}

/// Writes lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    text: String,
}

impl Lines {
    pub(super) fn kind(&mut self, kind: Word) -> &mut Self {
        self.text.push_str(nth(WORDS, kind as usize));
        self
    }

    pub(super) fn word(&mut self, word: Word) -> &mut Self {
        self.text.push('\t');
        self.kind(word)
    }

    pub(super) fn field(&mut self, value: &str) -> &mut Self {
        self.text.push('\t');
        let mut escaped = Vec::new();
        escape(value, &mut escaped);
        // Escaping puts ASCII in the place of ASCII, so it stays UTF-8.
        self.text.push_str(utf8(&escaped).unwrap_or_default());
        self
    }

    pub(super) fn num(&mut self, number: u64) -> &mut Self {
        self.text.push('\t');
        decimal::push(number, &mut self.text);
        self
    }

    pub(super) fn maybe(&mut self, number: Option<u64>) -> &mut Self {
        match number {
            Some(number) => self.num(number),
            None => self.word(Word::Nothing),
        }
    }

    pub(super) fn hex(&mut self, bytes: &[u8]) -> &mut Self {
        self.text.push('\t');
        push_hex(bytes, &mut self.text);
        self
    }

    pub(super) fn end(&mut self) {
        self.text.push('\n');
    }

    pub(super) fn take(&mut self) -> String {
        core::mem::take(&mut self.text)
    }
}
