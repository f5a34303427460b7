//! Ways in which an entry can be wrong by itself.

use crate::bytes::Truncated;

reasons! {
    /// Why bytes are no entry, or an entry breaks a rule of form.
    EntryError {
        Truncated "the entry ends too early",
        TrailingBytes "bytes are left over after the entry",
        UnknownType "the entry is of no known type",
        UnknownVersion "the entry is of no known version",
        UnknownKind "the event is of no known kind",
        UnknownAction "the event's action is unknown",
        UnknownClass "the event's class is unknown",
        UnknownNotice "the notice is of no known kind",
        ActionDoesNotFitKind "object, aggregation, transaction and association events need an action, all others have none",
        ClassDoesNotFitKind "this kind of event cannot have this class",
        SequenceZero "a member's entries are counted from 1",
        ChunkOutOfRange "the chunk number is not below the number of chunks",
        RefCount "an entry has at most 128 references",
        RefRole "a reference has an unknown role",
        RefOrder "references do not ascend by role and key",
        RefTwice "only inputs, and up to four receivers, may be referenced more than once",
        RefsNotAllowed "a void or erasure has no references",
        ParentMissing "packing and unpacking need the parent as a reference",
        InputMissing "a transformation needs an input or a transformation id as a reference",
        TargetMissing "this kind of entry needs a target",
        TargetNotAllowed "this kind of entry has no target",
        PartCount "an entry has at most 32 parts, one of them public",
        PartKind "a part has a kind that does not belong here",
        SubjectCount "an entry has 1 to 1,900 subjects, master data exactly one",
        EventTooFarAhead "the event's time lies more than ten minutes after it was logged",
        MemberId "a member id has 1 to 64 characters of a-z, 0-9, dot and hyphen",
        MemberVersionZero "a member's versions are counted from 1",
        MemberStatus "the member's status is unknown",
        MemberCustody "who keeps the member's key is unknown",
        MemberRoles "the member has an unknown role",
        MemberValidity "the member's time of validity ends before it begins",
        MemberPrefix "a prefix has 4 to 13 digits; at most 64 of them, none the beginning of another",
        Scopes "a scope has 4 to 14 digits; at most 16 of them",
        MemberLevels "an independent speaks of items, batches or products, and nobody else has levels and scopes",
        Grant "a grant has a known version and rights, two different members, and ends after it begins",
        Authority "an event has 1 to 8 authorities, ascending, and each record and reference names one of them",
        MemberNames "a member has 1 to 8 names, each with its language",
        RecordRole "a subject's record has no role or an unknown one",
        RecordOrder "subject records do not ascend by key",
        RecordsDoNotFitRoot "the subject records do not give the signed count and root",
        RecordsDoNotFitRefs "parent, inputs and transformation id do not stand alike in references and subject records",
        BulkBit "only a subject that is input alone, or one of a movement, can be listed in bulk",
        TooLong "the entry with its subjects is longer than 65,535 bytes: cut the event into chunks",
    }
}

impl From<Truncated> for EntryError {
    fn from(_: Truncated) -> Self {
        Self::Truncated
    }
}

pub(super) const fn require(holds: bool, otherwise: EntryError) -> Result<(), EntryError> {
    if holds { Ok(()) } else { Err(otherwise) }
}
