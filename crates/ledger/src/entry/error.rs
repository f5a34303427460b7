//! Ways in which an entry can be wrong by itself.

use core::fmt;

use crate::bytes::Truncated;

/// Why bytes are no entry, or an entry breaks a rule of form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is explained by its message below")]
pub enum EntryError {
    Truncated,
    TrailingBytes,
    UnknownType,
    UnknownVersion,
    UnknownKind,
    UnknownAction,
    UnknownClass,
    UnknownNotice,
    ActionDoesNotFitKind,
    ClassDoesNotFitKind,
    SequenceZero,
    ChunkOutOfRange,
    RefCount,
    RefRole,
    RefOrder,
    RefTwice,
    RefsNotAllowed,
    ParentMissing,
    InputMissing,
    TargetMissing,
    TargetNotAllowed,
    PartCount,
    PartKind,
    SubjectCount,
    EventTooFarAhead,
    MemberId,
    MemberVersionZero,
    MemberStatus,
    MemberCustody,
    MemberRoles,
    MemberValidity,
    MemberPrefix,
    MemberNames,
    RecordRole,
    RecordOrder,
    RecordsDoNotFitRoot,
    RecordsDoNotFitRefs,
    BulkBit,
    TooLong,
}

impl EntryError {
    /// What is wrong, in words.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Truncated => "the entry ends too early",
            Self::TrailingBytes => "bytes are left over after the entry",
            Self::UnknownType => "the entry is of no known type",
            Self::UnknownVersion => "the entry is of no known version",
            Self::UnknownKind => "the event is of no known kind",
            Self::UnknownAction => "the event's action is unknown",
            Self::UnknownClass => "the event's class is unknown",
            Self::UnknownNotice => "the notice is of no known kind",
            Self::ActionDoesNotFitKind => "object, aggregation, transaction and association events need an action, all others have none",
            Self::ClassDoesNotFitKind => "this kind of event cannot have this class",
            Self::SequenceZero => "a member's entries are counted from 1",
            Self::ChunkOutOfRange => "the chunk number is not below the number of chunks",
            Self::RefCount => "an entry has at most 128 references",
            Self::RefRole => "a reference has an unknown role",
            Self::RefOrder => "references do not ascend by role and key",
            Self::RefTwice => "only inputs may be referenced more than once",
            Self::RefsNotAllowed => "a void or erasure has no references",
            Self::ParentMissing => "packing and unpacking need the parent as a reference",
            Self::InputMissing => "a transformation needs an input or a transformation id as a reference",
            Self::TargetMissing => "this kind of entry needs a target",
            Self::TargetNotAllowed => "this kind of entry has no target",
            Self::PartCount => "an entry has at most 32 parts, one of them public",
            Self::PartKind => "a part has a kind that does not belong here",
            Self::SubjectCount => "an entry has 1 to 1,900 subjects, master data exactly one",
            Self::EventTooFarAhead => "the event's time lies more than ten minutes after it was logged",
            Self::MemberId => "a member id has 1 to 64 characters of a-z, 0-9, dot and hyphen",
            Self::MemberVersionZero => "a member's versions are counted from 1",
            Self::MemberStatus => "the member's status is unknown",
            Self::MemberCustody => "who keeps the member's key is unknown",
            Self::MemberRoles => "the member has an unknown role",
            Self::MemberValidity => "the member's time of validity ends before it begins",
            Self::MemberPrefix => "a prefix has 4 to 12 digits or a whole GTIN, and a known flag; at most 64 of them",
            Self::MemberNames => "a member has 1 to 8 names, each with its language",
            Self::RecordRole => "a subject's record has no role or an unknown one",
            Self::RecordOrder => "subject records do not ascend by key",
            Self::RecordsDoNotFitRoot => "the subject records do not give the signed count and root",
            Self::RecordsDoNotFitRefs => "parent, inputs and transformation id do not stand alike in references and subject records",
            Self::BulkBit => "only a subject that is input alone, or one of a movement, can be listed in bulk",
            Self::TooLong => "the entry with its subjects is longer than 65,535 bytes: cut the event into chunks",
        }
    }
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for EntryError {}

impl From<Truncated> for EntryError {
    fn from(_: Truncated) -> Self {
        Self::Truncated
    }
}
