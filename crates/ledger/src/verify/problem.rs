//! The steps of a check, and every way in which one can fail.

use core::fmt;

use crate::bundle::BundleError;
use crate::entry::EntryError;
use crate::hash::Key;
use crate::note::NoteError;
use crate::prelude::*;
use crate::text::nth;

/// The steps, in their order. `Form` to `Corrections` are made for each entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the specification's names, listed there with their meaning")]
pub enum Step {
    Policy,
    File,
    Subject,
    Checkpoint,
    Cosignatures,
    Memory,
    MapHead,
    Lists,
    Relations,
    Form,
    Names,
    Inclusion,
    Author,
    Signature,
    Parts,
    Standing,
    Corrections,
    Issued,
}

impl Step {
    /// The word in the report.
    pub fn word(self) -> &'static str {
        let words = "policy file subject checkpoint cosignatures memory maphead lists relations \
                     form names inclusion author signature parts standing corrections issued";
        nth(words, self as usize)
    }
}

/// Why a check failed: at which step, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step.
    pub step: Step,
    /// What is wrong.
    pub problem: Problem,
    /// In which entry.
    pub entry: Option<u64>,
    /// In which list.
    pub list: Option<Key>,
}

/// Boxed and made in one place: a failure is handed up through many calls, and copying it at each would be a good part of the
/// verifier's code.
impl Failure {
    pub(super) fn new(step: Step, problem: Problem) -> Box<Self> {
        Self::make(step, problem, None, None)
    }

    pub(super) fn at(step: Step, problem: Problem, entry: u64) -> Box<Self> {
        Self::make(step, problem, Some(entry), None)
    }

    pub(super) fn list(step: Step, problem: Problem, list: &Key) -> Box<Self> {
        Self::make(step, problem, None, Some(list))
    }

    #[inline(never)]
    fn make(step: Step, problem: Problem, entry: Option<u64>, list: Option<&Key>) -> Box<Self> {
        Box::new(Self { step, problem, entry, list: list.copied() })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.step.word())?;
        f.write_str(": ")?;
        f.write_str(self.problem.message())
    }
}

impl core::error::Error for Failure {}

macro_rules! problems {
    ($($variant:ident $word:literal $message:literal,)*) => {
        /// What is wrong. One variant per way to be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is explained by its message")]
        pub enum Problem {
            /// The file is no bundle.
            File(BundleError),
            /// The checkpoint's note or a signature on it.
            Note(NoteError),
            /// The entry breaks a rule of form.
            Entry(EntryError),
            $($variant,)*
        }

        impl Problem {
            /// All words that belong to one problem each, with what they say: the specification's table.
            pub const WORDS: &[(&str, &str)] = &[$(($word, $message),)*];

            /// One word that never changes, for scripts.
            pub fn word(self) -> &'static str {
                enum Place {
                    File,
                    Note,
                    Entry,
                    $($variant,)*
                }
                let place = match self {
                    Self::File(_) => Place::File,
                    Self::Note(_) => Place::Note,
                    Self::Entry(_) => Place::Entry,
                    $(Self::$variant => Place::$variant,)*
                };
                nth(concat!("file note form", $(" ", $word,)*), place as usize)
            }

            /// What is wrong, in words.
            #[cfg_attr(feature = "small", expect(unreachable_patterns, reason = "there all reasons of a note are one"))]
            pub fn message(self) -> &'static str {
                match self {
                    Self::File(error) => error.message(),
                    Self::Note(NoteError::BadSignature) => "a signature on the checkpoint is wrong",
                    Self::Note(NoteError::NotSigned) => "the checkpoint is not signed by this ledger",
                    Self::Note(_) => "the checkpoint is not a well-formed signed note",
                    Self::Entry(error) => error.message(),
                    $(Self::$variant => $message,)*
                }
            }
        }
    };
}

problems! {
    PolicyUnreadable "policy" "the policy cannot be read",
    OtherSubject "other-subject" "this proof is about another subject",
    NameUnreadable "name" "the subject's name is not well-formed",
    EmptyLedger "empty" "the checkpoint is of an empty ledger",
    Fork "fork" "this ledger was shown to this phone before with another content: it has forked",
    Older "older" "this checkpoint is older than one this phone has seen",
    MemoryUnreadable "memory" "what this phone remembered cannot be read",
    HeadNotIncluded "head-inclusion" "the map head is not the last entry of the signed ledger",
    NotAMapHead "not-a-head" "the last entry of the ledger is not a map head that covers all before it",
    MapProof "map-proof" "a list's proof does not lead to the map's root",
    ListBeyondHead "list-index" "a list names an entry that the map does not cover",
    MemberRow "member-row" "a row of a member's list has a role or a path",
    RequiredListMissing "list-missing" "a list that belongs to this history is missing",
    ListNotRequired "list-extra" "the file has a list that nothing requires",
    ListTooShort "list-short" "a list is shortened more than it may be",
    ListOfOther "list-of-other" "a list holds entries that do not belong in such a list",
    NotChecked "not-checked" "not every record was checked",
    PathMissing "path-missing" "the record has no proof that it is in the ledger",
    NotIncluded "inclusion" "the record is not in the signed ledger",
    NotAbout "not-about" "the record does not name this subject",
    BulkBit "bulk-bit" "the record stands in the wrong list of its subject",
    SequenceTwice "sequence" "the author signed two records with one number",
    MemberUnknown "member-unknown" "the author was no member when the record was made",
    MemberVersions "member-versions" "the author's versions are not complete or not in order",
    MemberSignature "member-signature" "governance has not signed the author's entry",
    MemberNotValid "member-validity" "the author's key was not valid when the record was made",
    KeyCompromised "key-compromised" "the author's key had been compromised when the record was made",
    BadSignature "signature" "the author's signature does not fit the record",
    PartMissing "part-missing" "the record's words are missing, and no erasure says so",
    PartChanged "part-changed" "the record's words are not those that were signed",
    PartNotNamed "part-extra" "the file has words that no record names",
    PublicForm "part-form" "the record's words are not in their canonical form",
    TimeDisagrees "time" "the time in the record's words is not the signed time",
    ClassDisagrees "class" "step and disposition in the record's words do not give the signed class",
    NameDisagrees "name-mismatch" "a name in the record's words is not the one that was signed",
    LotDisagrees "lot" "the lot in the record's words is not the one that was signed",
    NeverIssued "never-issued" "nobody who may issued this item",
    TargetMissing "target" "the erasure is about no record here",
    GrantVersions "grant-versions" "the owner's permissions for the author are not complete or not in order",
    GrantSignature "grant-signature" "the owner has not signed the author's permission",
    OwnerNotNamed "owner" "governance gave this number's prefix to another than the proof says",
    PrefixProof "prefix-proof" "a prefix is not in the signed register of prefixes",
    PrefixMissing "prefix-missing" "the owner of this number is not proven",
    RowNotInChain "row-extra" "a shortened list has a row that nothing proves",
    MayNotErase "may-not-erase" "the author may not erase the words of others",
    ErasedOther "erased-other" "the erasure names words that its record does not have",
}

impl Problem {
    /// True where the file is not a bundle at all, rather than a wrong one.
    pub const fn is_no_bundle(self) -> bool {
        matches!(self, Self::File(BundleError::Magic | BundleError::TooLarge))
    }
}
