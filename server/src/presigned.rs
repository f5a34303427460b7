//! A pre-signed capture: events that a member signed on its own side, with its own key.
//!
//! Checked before any is taken: the file, that it is for this ledger and by this member, that each public part agrees with
//! its event as a phone will check it, that a page can show it (`trace::showable`; a mirror sees no words, so nobody else will), and that its
//! lines keep the rules for the events of documents. The
//! engine checks number, right to sign and signature. Of goods that are another's the names must be known, too: no permission's scope can
//! be told from a key. Not checked: that the other public lines were derived from the source record as this server derives them; a page
//! shows what the member signed.

use std::collections::HashMap;

use engine::{Engine, RightsNow, SignedEvent, Submission, SubmitError, View};
use ledger::Key;
use ledger::entry::{Authority, Body, Event, Kind, Member, Record, part_kind, record_role, right};
use ledger::name::Name;
use ledger::presigned::{self, Presigned};
use ledger::public::PublicPart;
use ledger::standing::{by_role, needed};
use trace::showable::{self, Unshowable};

use crate::authority::leads_elsewhere;
use crate::capture::{self, Behaviour, CaptureError, EventResult, Options, Outcome};
use crate::objection;

/// The content type.
pub const CONTENT_TYPE: &str = "application/vnd.leafproof.presigned";

/// What a pre-signed capture came to.
#[derive(Debug)]
pub struct Taken {
    /// As for any capture.
    pub outcome: Outcome,
    /// Where an event had another number than the member's next one: that next one.
    pub expected_seq: Option<u64>,
}

/// Takes a file posted by `member`.
pub async fn run(engine: &Engine, member: &str, file: &[u8], options: Options) -> Result<Taken, CaptureError> {
    let checked = {
        let (view, member, file) = (engine.view(), member.to_owned(), file.to_vec());
        capture::checked(move || check_file(&view, &member, &file, options.now_ms)).await??
    };
    let all_good = checked.iter().all(|(_, submission)| submission.is_some());
    let take = !options.dry_run && (all_good || options.behaviour == Behaviour::Proceed);
    let mut events = Vec::new();
    let (mut expected_seq, mut stopped) = (None, false);
    for (mut result, submission) in checked {
        match submission {
            Some(submission) if take && !stopped => match engine.submit(submission).await {
                Ok(accepted) => {
                    let outcome = if accepted.is_repeat() { "already captured" } else { "captured" };
                    outcome.clone_into(&mut result.outcome);
                    result.entry(&accepted);
                }
                Err(SubmitError::Overloaded | SubmitError::Stopped) => return Err(CaptureError::Busy),
                Err(refused) => {
                    if let SubmitError::Sequence { expected, .. } = refused {
                        expected_seq = Some(expected);
                    }
                    // Numbers have no gaps: whatever follows would be refused too.
                    stopped = true;
                    "refused".clone_into(&mut result.outcome);
                    result.problems.push(refused.to_string());
                }
            },
            Some(_) if !options.dry_run => "not taken".clone_into(&mut result.outcome),
            _ => {}
        }
        events.push(result);
    }
    let success = events.iter().all(|e| e.problems.is_empty() && e.outcome != "not taken");
    Ok(Taken { outcome: Outcome { success, events, master_data: 0, ignored: Vec::new() }, expected_seq })
}

type Checked = (EventResult, Option<Submission>);

/// Reads a file and checks what it holds, entry by entry.
fn check_file(view: &View, member: &str, file: &[u8], now_ms: u64) -> Result<Vec<Checked>, CaptureError> {
    let (origin, entries) = presigned::parse(file).map_err(|e| CaptureError::Presigned(e.to_string()))?;
    if origin != view.origin() {
        return Err(CaptureError::Presigned(format!("it was signed for the ledger {origin}; this one is {}", view.origin())));
    }
    let result = |(at, entry)| {
        let mut result = EventResult::new(at, None, "valid");
        match check(view, entry, member, now_ms) {
            Ok(submission) => (result, Some(submission)),
            Err(why) => {
                "refused".clone_into(&mut result.outcome);
                result.problems.push(why);
                (result, None)
            }
        }
    };
    Ok(entries.into_iter().enumerate().map(result).collect())
}

/// An event by this author whose public part agrees with it; or a version of any member, for which governance's signature alone
/// counts, and that the engine checks: a key that was stolen is revoked without stopping the server.
fn check(view: &View, entry: Presigned, id: &str, now_ms: u64) -> Result<Submission, String> {
    let author = Name::member_key(id);
    let Presigned { tile, parts } = entry;
    let event = match tile.entry.body {
        Body::Event(event) => event,
        Body::Member(member) => {
            names_can_be_shown(&member)?;
            return Ok(Submission::Member(Box::new(member)));
        }
        Body::Grant(grant) if grant.owner == author => return Ok(Submission::Grant(Box::new(grant))),
        Body::Grant(_) => return Err("another member gives this permission than the one whose API key came with it".to_owned()),
        _ => return Err("only events, permissions and versions of members come signed".to_owned()),
    };
    if event.member != author {
        return Err("another member signed it than the one whose API key came with it".to_owned());
    }
    let mut with_kinds = Vec::new();
    let mut public_part = None;
    let kept = event.parts.iter().filter(|part| part.kind & part_kind::ERASED == 0);
    for (part, (salt, bytes)) in kept.zip(parts) {
        if part.kind == part_kind::PUBLIC {
            let public = PublicPart::parse(&bytes).map_err(|e| format!("the public part: {e}"))?;
            public.check_against(&event).map_err(|e| format!("the public part: {e}"))?;
            showable(event.kind, &public).map_err(|e| format!("the public part, {e}"))?;
            // The end of an alert tells of the declaration that ended it.
            if !event.corrects()
                && let Some((field, why)) = trace::epcis::public_problem(event.kind, event.action, &public)
            {
                return Err(format!("the public part, field {field}: {why}"));
            }
            if let Some(why) = leads_elsewhere(&event.authorities, &public) {
                return Err(why);
            }
            view.rights().fits(&event.member, event.class, &event.authorities, bytes.len()).map_err(|e| e.to_string())?;
            public_part = Some(public);
        }
        with_kinds.push((part.kind, salt, bytes));
    }
    let source = with_kinds.iter().find(|(kind, ..)| *kind == part_kind::SOURCE).map(|(.., bytes)| bytes.as_slice());
    if event.kind == Kind::Objection {
        let public = public_part.as_ref().ok_or("an objection says why, in its public part")?;
        objection::keeps_the_rules(view, id, &event, &tile.records, public)?;
    }
    // A page would say of it that its words were erased.
    if public_part.as_ref().is_none_or(|public| public.lines().is_empty()) {
        return Err("it has no public part, or an empty one: nobody could read what it says".to_owned());
    }
    let json = source.and_then(trace::epcis::source_json).unwrap_or_default();
    if let Some(why) = trace::epcis::too_much_to_hash(&json) {
        return Err(format!("its source record {why}"));
    }
    let named: Vec<Name> = trace::epcis::subjects_in(&json).into_iter().map(|subject| subject.name).collect();
    under_true_authority(&event, &tile.records, &named, view.rights(), now_ms)?;
    made_batch(&event, public_part.as_ref(), view.rights(), now_ms)?;
    named_inputs(&event, &tile.records, public_part.as_ref(), &named, view.rights(), now_ms)?;
    named_product(&event, &tile.records, public_part.as_ref(), &named)?;
    Ok(Submission::Signed(Box::new(SignedEvent { event, records: tile.records, parts: with_kinds })))
}

/// What its source record names, it speaks of under an authority that the number has, and that its author has over it: else the entry
/// would stand in lists for nothing.
fn under_true_authority(event: &Event, records: &[Record], named: &[Name], rights: &RightsNow, now_ms: u64) -> Result<(), String> {
    let named: HashMap<Key, &Name> = named.iter().map(|name| (name.key(), name)).collect();
    for record in records.iter().filter(|_| !event.corrects()) {
        let authority = event.authority(record.authority);
        // The id of a transformation is no number of anybody's: it stands in its author's own lists, and with no other role.
        if record.role == record_role::TRANSFORMATION && authority.owner() == Some(&event.member) {
            continue;
        }
        let Some(name) = named.get(&record.key) else {
            // From a key alone nobody can tell whose number it is: a partner could write beyond its permission, an independent beyond its
            // role, and fill lists in which it has nothing to say. So could who lost a prefix and has another, in its successor's.
            let own = authority.owner().is_some_and(|owner| *owner == event.member && !rights.register.lost_one(owner));
            // Inputs may be named in public lines instead (@input), which is asked below.
            let input = record.role & !record_role::BULK == record_role::INPUT;
            if !(own || input || matches!(authority, Authority::Unowned(_) | Authority::Claim)) {
                return Err(
                    "a record about goods of others, or by who gave a prefix up, names all its goods in its source record, and no more than \
                     it may speak of: add a part of kind 2 with the EPCIS event"
                        .to_owned(),
                );
            }
            continue;
        };
        let digits = name.digits().unwrap_or_default();
        let owner = rights.owner_key(digits, now_ms);
        let fits = match authority {
            Authority::Owner(said) => {
                let granted = || rights.grants(&said, &event.member, needed(event, record.role), digits, now_ms);
                owner == Some(said) && (said == event.member || granted())
            }
            by @ Authority::Unowned(_) => owner.is_none() && by == Authority::unowned(digits),
            Authority::Governance => {
                rights.member(&event.member).is_some_and(|author| by_role(author, Some((name.level(), digits))).is_some())
            }
            Authority::Claim => true,
        };
        if !fits {
            let path = name.digital_link_path().unwrap_or_else(|| "one of its goods".to_owned());
            return Err(format!(
                "it speaks of {path} by a right that it does not have over this number: see /rights for whose it is and what is granted, and sign anew"
            ));
        }
    }
    Ok(())
}

/// Of whose batch goods are made by leave of its owner, that batch is in the permission's scope: its page reads the newest row of what was
/// made of it, so one outside would take the place of a true one.
fn made_batch(event: &Event, public: Option<&PublicPart>, rights: &RightsNow, now_ms: u64) -> Result<(), String> {
    let Some((Authority::Owner(owner), _)) = event.makes_batch().filter(|(by, _)| by.owner() != Some(&event.member)) else {
        return Ok(());
    };
    let batch = public.and_then(|public| public.get("@batch")).and_then(|path| Name::from_digital_link_path(path).ok());
    let batch = batch.ok_or("it makes goods of another's batch, which its public part does not name (@batch)")?;
    let granted = rights.grants(&owner, &event.member, right::ISSUE, batch.digits().unwrap_or_default(), now_ms);
    if granted { Ok(()) } else { Err("its permission to issue does not hold for the batch that it names (@batch)".to_owned()) }
}

/// What it says that its owner lets it use is that owner's, and within the permission: a page says "named", or "confirmed", by that.
/// `named` is what its source record names, here and below.
fn named_inputs(
    event: &Event,
    records: &[Record],
    public: Option<&PublicPart>,
    named: &[Name],
    rights: &RightsNow,
    now_ms: u64,
) -> Result<(), String> {
    let lines = public.iter().flat_map(|public| public.lines()).filter(|line| line.pointer == "@input");
    let said: Vec<Name> = lines.filter_map(|line| Name::from_digital_link_path(&line.value).ok()).collect();
    let digits: HashMap<Key, &str> = said.iter().chain(named).map(|name| (name.key(), name.digits().unwrap_or_default())).collect();
    for record in records.iter().filter(|record| record.role & record_role::INPUT != 0 && !event.corrects()) {
        let Authority::Owner(owner) = event.authority(record.authority) else { continue };
        let digits = *digits.get(&record.key).ok_or("it says whose its inputs are, and does not name them (@input)")?;
        let owns = rights.owner_key(digits, now_ms) == Some(owner);
        if !owns || owner != event.member && !rights.grants(&owner, &event.member, right::INPUT, digits, now_ms) {
            return Err("one of its inputs (@input) is not of the owner that it names, or outside that owner's permission".to_owned());
        }
    }
    Ok(())
}

/// The product that a public part names is that of all goods of others, or every page of theirs would fail at this record. Corrections
/// and erasures name nothing: they are about what their record names, and have no source record that could say so.
fn named_product(event: &Event, records: &[Record], public: Option<&PublicPart>, named: &[Name]) -> Result<(), String> {
    let lines = || public.iter().flat_map(|public| public.lines());
    if matches!(event.kind, Kind::Void | Kind::Erase) && lines().any(|line| line.pointer.starts_with('@')) {
        return Err("a correction or an erasure names no product, batch or input in its public part; leave out the lines with @".to_owned());
    }
    let Some(product) = public.and_then(|public| public.get("@product")) else { return Ok(()) };
    let product =
        Name::from_digital_link_path(product).map_err(|_| "its public part names a product (@product) that is none".to_owned())?;
    let products: HashMap<Key, Name> = named.iter().filter_map(|name| Some((name.key(), name.product()?))).collect();
    let of_others = records.iter().filter(|record| {
        let about = record.role & (record_role::OBJECT | record_role::OUTPUT) != 0;
        about && event.authority(record.authority).owner() != Some(&event.member)
    });
    for record in of_others {
        if products.get(&record.key) != Some(&product) {
            return Err(
                "its public part names a product (@product) that its source record does not give for all goods of others".to_owned()
            );
        }
    }
    Ok(())
}

/// A member's name stands beside all that it records.
pub(crate) fn names_can_be_shown(member: &Member) -> Result<(), String> {
    member
        .names
        .iter()
        .try_for_each(|(language, name)| showable::words(name).map_err(|fault| format!("the member's name in {language} {fault}")))
}

/// What a page cannot show is not taken, whoever signed it.
fn showable(kind: Kind, public: &PublicPart) -> Result<(), Unshowable> {
    match kind {
        Kind::MasterData | Kind::Void | Kind::Erase | Kind::Objection => showable::lines(public),
        _ => showable::event(public),
    }
}
