//! Whether a submission may enter the log: the rules that need more than the entry itself. What passes here, a mirror passes.

use ed25519_dalek::SigningKey;
use ledger::entry::{
    Authority, Class, Custody, Entry, Event, Grant, Kind, MAX_GRANT_VERSIONS, MAX_PARTS, Member, Part, Record, Status, TileEntry,
    part_kind, record_role, role,
};
use ledger::entry::{Body, EntryError, MAX_EVENT_AHEAD_MS};
use ledger::name::Name;
use ledger::{Hash, Key};
use store::SaltedPart;

use crate::keys::Keys;
use crate::log::Log;
use crate::submission::{NewEvent, SignedEvent, SubmitError};

/// An event ready to be logged.
pub(crate) struct Ready {
    pub(crate) tile: TileEntry,
    pub(crate) bytes: Vec<u8>,
    pub(crate) parts: Vec<SaltedPart>,
}

/// How long the public part of an event is; 0 where it is not among these.
pub(crate) fn public_len(event: &Event, parts: &[SaltedPart]) -> usize {
    let public = event.public_part().and_then(|public| parts.iter().find(|part| part.commitment() == *public));
    public.map_or(0, |part| part.bytes().len())
}

/// The version of a member that governs an entry logged now.
pub(crate) fn governing<'a>(log: &'a Log, id: &str, now_ms: u64) -> Result<(Key, &'a Member), SubmitError> {
    let key = Name::member_key(id);
    governing_key(log, &key, now_ms)?.map(|member| (key, member)).ok_or_else(|| SubmitError::UnknownMember(id.to_owned()))
}

/// The same by the key that events name their author by; `None` where nobody has it.
fn governing_key<'a>(log: &'a Log, key: &Key, now_ms: u64) -> Result<Option<&'a Member>, SubmitError> {
    let Some(member) = log.members.get(key).and_then(|versions| versions.last()) else {
        return Ok(None);
    };
    match key_signs_no_more(member, now_ms) {
        Some(why) => Err(SubmitError::NotAllowed { member: member.id.clone(), why }),
        None => Ok(Some(member)),
    }
}

/// Why the key of a member's newest version signs nothing now.
pub fn key_signs_no_more(member: &Member, now_ms: u64) -> Option<&'static str> {
    if member.status != Status::Active {
        return Some("its key was retired or compromised");
    }
    let valid = (member.valid_from..=member.valid_until).contains(&now_ms);
    (!valid).then_some("its key is not valid at this time")
}

/// Why this service signs nothing for a member that keeps its own key.
pub const KEEPS_ITS_KEY: &str = "it keeps its own key, so its records must come signed (leafproof sign)";

/// Checks an event that its member signed: author, count, signature, parts.
pub(crate) fn signed(log: &Log, signed: SignedEvent, seq: u64, now_ms: u64) -> Result<Ready, SubmitError> {
    let SignedEvent { event, records, parts } = signed;
    let member =
        governing_key(log, &event.member, now_ms)?.ok_or_else(|| SubmitError::UnknownMember("whoever signed this record".to_owned()))?;
    let refuse = |why| SubmitError::NotAllowed { member: member.id.clone(), why };
    if member.custody != Custody::Own {
        return Err(refuse("this service keeps its key, so its records come unsigned"));
    }
    if event.seq != seq {
        return Err(SubmitError::Sequence { member: member.id.clone(), expected: seq, got: event.seq });
    }
    if !event.verify(&log.origin, &member.public_key) {
        return Err(refuse("the signature is not that of its key over this record in this ledger"));
    }
    let salted: Vec<SaltedPart> = parts.iter().map(|(_, salt, bytes)| SaltedPart::new(*salt, bytes.clone())).collect();
    let named = parts.iter().zip(&salted).map(|((kind, ..), part)| Part { kind: *kind, commitment: part.commitment() });
    if !named.eq(event.parts.iter().filter(|part| part.kind & part_kind::ERASED == 0).copied()) {
        return Err(refuse("the parts that came are not those the record commits to"));
    }
    entitled(log, member, &event, &records, now_ms)?;
    ready(log, event, records, salted, now_ms)
}

/// Whether the author may say this of these goods, as far as the ledger can tell without their names.
fn entitled(log: &Log, author: &Member, event: &Event, records: &[Record], now_ms: u64) -> Result<(), SubmitError> {
    // A claim changes nothing, and this ledger takes none but that something was used.
    let input = |record: &Record| record.role & !record_role::BULK == record_role::INPUT;
    if records.iter().any(|record| event.authority(record.authority) == Authority::Claim && !input(record)) && !event.corrects() {
        let message = format!("{} claims something about goods that are not its own; this ledger takes no claims", author.id);
        return Err(SubmitError::NotEntitled(message));
    }
    // Whoever owns the number one day would find it above its goods; who is there to warn has a right of its own.
    let nobodys = |record: &Record| matches!(event.authority(record.authority), Authority::Unowned(_));
    if event.kind == Kind::MasterData && records.iter().any(nobodys) {
        return Err(SubmitError::NotEntitled("nobody owns this number, and only an owner gives goods their words".to_owned()));
    }
    if event.class == Class::Alert && !event.corrects() && records.iter().any(nobodys) {
        let message = format!(
            "nobody owns one of these numbers, and a warning about such goods is taken from independents and regulators alone; {} can ask the \
             operator to become one, or warn through its owner once that joins",
            author.id
        );
        return Err(SubmitError::NotEntitled(message));
    }
    ledger::standing::entitled(event, records, log.size(), now_ms, author, &log.rights).map_err(|missing| {
        let owner = missing.authority.owner().and_then(|owner| log.rights.member(owner)).map(|owner| owner.id.as_str());
        SubmitError::NotEntitled(trace::rights::explain(&author.id, None, owner, missing.needs))
    })
}

/// Goods that stand in themselves: a page would look for what they are packed in, and never find its end.
fn packs_others(log: &Log, event: &Event, records: &[Record]) -> Result<(), SubmitError> {
    const BOTH: u8 = record_role::PARENT | record_role::CHILD;
    if event.corrects() || !records.iter().any(|record| record.role & BOTH == BOTH) {
        return Ok(());
    }
    Err(SubmitError::NotAllowed { member: log.rights.id_of(&event.member), why: "this packs goods into themselves" })
}

/// The event as a tile entry, its form checked.
fn ready(log: &Log, signed: Event, records: Vec<Record>, parts: Vec<SaltedPart>, now_ms: u64) -> Result<Ready, SubmitError> {
    signed.check_form().map_err(SubmitError::Form)?;
    // Its erasure names them all, and has words of its own.
    if signed.kind != Kind::Erase && signed.parts.len() >= MAX_PARTS {
        return Err(SubmitError::Form(EntryError::PartCount));
    }
    signed.check_records(&records).map_err(SubmitError::Form)?;
    packs_others(log, &signed, &records)?;
    log.rights.fits(&signed.member, signed.class, &signed.authorities, public_len(&signed, &parts))?;
    if signed.event_ms > now_ms.saturating_add(MAX_EVENT_AHEAD_MS) {
        return Err(SubmitError::Form(EntryError::EventTooFarAhead));
    }
    let tile = TileEntry { entry: Entry { logged_ms: now_ms, body: Body::Event(signed) }, records };
    let bytes = tile.encode().map_err(SubmitError::Form)?;
    Ok(Ready { tile, bytes, parts })
}

/// Signs an event with the member's key that this service keeps; `held`: the parts that it names and an earlier chunk of it has.
pub(crate) fn sign(
    log: &Log,
    keys: &Keys,
    member_id: &str,
    event: &NewEvent,
    held: &[Part],
    seq: u64,
    now_ms: u64,
) -> Result<Ready, SubmitError> {
    let (key, member) = governing(log, member_id, now_ms)?;
    let refuse = |why| SubmitError::NotAllowed { member: member_id.to_owned(), why };
    if member.custody != Custody::Held {
        return Err(refuse(KEEPS_ITS_KEY));
    }
    let signer: SigningKey =
        keys.member(&member.public_key).ok_or_else(|| refuse("this server does not hold its key; restore the keys directory"))?;
    let parts: Vec<SaltedPart> = event.parts.iter().map(|(_, bytes)| SaltedPart::new(base::random::bytes(), bytes.clone())).collect();
    let brought = event.parts.iter().zip(&parts).map(|((kind, _), part)| Part { kind: *kind, commitment: part.commitment() });
    let named = brought.chain(held.iter().copied()).collect();
    let (signed, records) = event.draft(key, seq, named).sign(&log.origin, &signer);
    entitled(log, member, &signed, &records, now_ms)?;
    ready(log, signed, records, parts, now_ms)
}

/// Whether an event of kind 6, 7 or class 3 fits the entry it is about.
pub(crate) fn fits_target(event: &Event, target: Option<&Event>, may_erase: bool) -> Result<(), SubmitError> {
    ledger::audit::fits_target(event, target, may_erase).map_err(|fault| SubmitError::Target(fault.message()))
}

/// Whether the governing version of this member may erase the words of others.
pub(crate) fn erases(log: &Log, member: &Key, now_ms: u64) -> bool {
    matches!(governing_key(log, member, now_ms), Ok(Some(version)) if version.roles & role::ERASE != 0)
}

/// Whether a new version of a member may enter.
pub(crate) fn member_version(log: &Log, keys: &Keys, member: &Member) -> Result<(), SubmitError> {
    let refuse = |why| Err(SubmitError::Member { member: member.id.clone(), why });
    member.check_form().map_err(SubmitError::Form)?;
    if !member.verify(&log.origin, keys.governance_public()) {
        return refuse("it is not signed by the governance key");
    }
    let versions = log.members.get(&member.key()).map_or(0, Vec::len) as u32;
    if member.version != versions + 1 {
        return refuse("its version number is not the next one");
    }
    if log.key_owners.get(&member.public_key).is_some_and(|owner| *owner != member.key()) {
        return refuse("its key belongs to another member");
    }
    // Whoever found it signs with it too, and mirrors take nothing by it.
    let was_lost = |version: &&Member| version.public_key == member.public_key && version.status == Status::Compromised;
    if member.status == Status::Active && log.members.get(&member.key()).is_some_and(|versions| versions.iter().any(|v| was_lost(&v))) {
        return refuse("its key was compromised: it comes back with a new one");
    }
    let before = log.members.get(&member.key()).and_then(|versions| versions.last());
    let retired = |owner: &Key| log.rights.retired(owner);
    log.rights.register.check(&log.origin, member, before, &retired).or_else(|fault| refuse(fault.message()))
}

/// Whether a version of a grant may enter.
pub(crate) fn grant_version(log: &Log, grant: &Grant, now_ms: u64) -> Result<(), SubmitError> {
    let refuse = |why| Err(SubmitError::Grant(why));
    grant.check_form().map_err(SubmitError::Form)?;
    let Some(owner) = governing_key(log, &grant.owner, now_ms)? else {
        return refuse("the owner is no member of this ledger");
    };
    if log.rights.member(&grant.partner).is_none() {
        return refuse("the partner is no member of this ledger");
    }
    let versions = log.rights.grant_of(&grant.owner, &grant.partner).map_or(0, |grant| grant.version);
    if versions == MAX_GRANT_VERSIONS {
        return refuse("it was changed 64 times, which is the most that a page can show; the partner can become a member under another id");
    }
    if grant.version != versions + 1 {
        return refuse("its version number is not the next one");
    }
    if !grant.verify(&log.origin, &owner.public_key) {
        return refuse("it is not signed by the owner's key");
    }
    Ok(())
}

/// The event as it would stand beside `old` in the log, unsigned and without parts.
pub fn beside(old: &Event, new: &NewEvent) -> Event {
    new.draft(old.member, old.seq, Vec::new()).unsigned().0
}

/// Whether an event says the same as one that is in the log already. Salts, counts and times of logging differ by nature, so the words are
/// compared: the record as it came, or the public part; where both were erased the rest must do.
pub fn says_the_same(old: &Event, new: &Event, new_parts: &[(u8, Vec<u8>)], old_part: &mut dyn FnMut(&Hash) -> Option<Vec<u8>>) -> bool {
    let fields = |e: &Event| (e.event_ms, e.action as u8, e.class as u8, e.chunks, e.target, e.subject_root);
    if fields(old) != fields(new) || old.refs != new.refs {
        return false;
    }
    let mut compared = false;
    for kind in [part_kind::SOURCE, part_kind::PUBLIC] {
        let old = old.parts.iter().find(|part| part.kind == kind).and_then(|part| old_part(&part.commitment));
        if let Some(old) = old {
            if new_parts.iter().any(|(new_kind, bytes)| *new_kind == kind && *bytes == old) {
                return true;
            }
            compared = true;
        }
    }
    !compared
}
