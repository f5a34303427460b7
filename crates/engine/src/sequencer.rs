//! The writer's thread: queue → group → checkpoint → commit → rows → answers.
//!
//! One group is one commit: all new entries with the MAPHEAD after them, the records beside the log, and the signed checkpoint. The
//! signature is made before the commit and leaves after it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use base::clock::Clock;
use ledger::audit::Quota;
use ledger::entry::{Body, Entry, Event, Kind, Part, TileEntry, part_kind};
use ledger::name::Name;
use ledger::note::{Checkpoint, NoteSignature, SignedNote};
use ledger::{Hash, Key};
use store::record::tally::{Tallied, Tally};
use store::record::{Erase, Milestone, Scans, Secret, StateRecord, scan_key};
use store::table::{BODIES, EVENT_IDS};
use store::{Group, Index, Leaf, NewEntry, NewRecord, SaltedPart, Sync, Writer, rows};
use tokio::sync::{oneshot, watch};

use crate::PendingScans;
use crate::bounded::bounded;
use crate::check::{self, Ready};
use crate::cosigned::Gathered;
use crate::error::EngineError;
use crate::keys::Keys;
use crate::log::{Log, TakeError};
use crate::submission::{Accepted, NewEvent, Submission, SubmitError};
use crate::view::{View, event_key};

base::limits! {
    /// Commands that share one fsync and one checkpoint: a comment never waits behind more records than these.
    GROUP_COMMANDS: usize = 512, "commands";
    /// Their bytes together: one write to the journal.
    GROUP_BYTES: usize = 8 << 20, "bytes";
    /// Scan counts are gathered this long before they are written: a crash forgets no more than that.
    SCAN_FLUSH_MS: u64 = 1000, "milliseconds";
}

const PART_OF_ANOTHER: &str =
    "a part of this record is in the ledger already, under another record; each record has parts of its own, with new random salts";

/// What the writer is asked to do.
#[expect(clippy::large_enum_variant, reason = "a queue of a few thousand of them is small beside their parts")]
pub(crate) enum Command {
    Submit {
        submission: Submission,
        bytes: usize,
        reply: oneshot::Sender<Result<Accepted, SubmitError>>,
    },
    State {
        record: StateRecord,
        body: Vec<u8>,
        blobs: Vec<Vec<u8>>,
        bytes: usize,
        reply: oneshot::Sender<Vec<Hash>>,
    },
    /// A co-signature came.
    Cosigned {
        view: Arc<View>,
        signature: NoteSignature,
    },
    /// Scans are waiting.
    Wake,
}

impl Command {
    fn bytes(&self) -> usize {
        match self {
            Self::Submit { bytes, .. } | Self::State { bytes, .. } => *bytes,
            Self::Cosigned { .. } | Self::Wake => 0,
        }
    }
}

pub(crate) struct Sequencer {
    pub(crate) log: Log,
    pub(crate) store: Box<dyn Writer>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) clock: Clock,
    pub(crate) index: Index,
    pub(crate) view: watch::Sender<Arc<View>>,
    pub(crate) cosigned: watch::Sender<Option<Arc<View>>>,
    pub(crate) gathered: Gathered,
    /// Why nothing is signed any more.
    pub(crate) halted: Arc<OnceLock<String>>,
    pub(crate) waiting: Arc<AtomicUsize>,
    pub(crate) scans: Arc<Mutex<PendingScans>>,
    /// How long a quiet ledger's checkpoint keeps its signed time.
    pub(crate) recosign: Duration,
}

/// A group in the making.
#[derive(Default)]
struct Making {
    group: Group,
    /// The group's records, read.
    records: Vec<Kept>,
    /// Answers to give.
    answers: Vec<(oneshot::Sender<Result<Accepted, SubmitError>>, Accepted)>,
    /// Commitments of parts that an event of this group erases.
    erased: Vec<Hash>,
    /// Commitments of the parts that its events bring.
    parts: HashSet<Hash>,
    /// Events of this group with their parts, by index: not readable from the store yet.
    fresh: HashMap<u64, (Event, Vec<SaltedPart>)>,
}

/// A record of the group.
struct Kept {
    record: StateRecord,
    /// The commitments of its parts.
    parts: Vec<Hash>,
    /// Whom to tell them once it is on disk.
    reply: Option<oneshot::Sender<Vec<Hash>>>,
}

impl Making {
    /// Adds a record.
    fn record(&mut self, record: StateRecord, body: Vec<u8>, parts: Vec<SaltedPart>, reply: Option<oneshot::Sender<Vec<Hash>>>) {
        self.group.erase.extend(record.erased());
        self.records.push(Kept { record, parts: parts.iter().map(SaltedPart::commitment).collect(), reply });
        self.group.records.push(NewRecord { body, parts });
    }

    /// Adds the entry that has this index.
    fn put(&mut self, index: u64, entry: NewEntry) {
        if self.group.entries.is_empty() {
            self.group.first = index;
        }
        self.group.entries.push(entry);
    }

    /// Adds a record of the writer's own.
    fn own_record(&mut self, record: StateRecord) {
        let body = record.encode();
        self.record(record, body, Vec::new(), None);
    }
}

impl Sequencer {
    /// Works until nobody can ask any more.
    pub(crate) fn run(&mut self, queue: &Receiver<Command>) -> Result<(), EngineError> {
        let mut signed = Instant::now();
        let mut scans_due: Option<Instant> = None;
        loop {
            let recosign = signed + self.recosign;
            let due = scans_due.map_or(recosign, |due| due.min(recosign));
            let commands = match queue.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(first) => collect(first, queue),
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => break,
            };
            // Whatever woke it: the word that scans wait may have found the queue full.
            if scans_due.is_none() && self.scans.lock().unwrap_or_else(|e| e.into_inner()).are_waiting() {
                scans_due = Some(Instant::now() + Duration::from_millis(SCAN_FLUSH_MS));
            }
            let now = Instant::now();
            let mut making = Making::default();
            if scans_due.is_some_and(|due| due <= now) {
                scans_due = None;
                self.gather_scans(&mut making);
            }
            for command in commands {
                self.waiting.fetch_sub(command.bytes(), Ordering::Relaxed);
                self.prepare(command, &mut making)?;
            }
            if !making.group.entries.is_empty() || recosign <= now {
                signed = now;
            }
            let recosign = recosign <= now && self.halted.get().is_none();
            self.write(making, recosign)?;
        }
        let mut making = Making::default();
        self.gather_scans(&mut making);
        self.write(making, false)?;
        self.log.note_map();
        let rows = self.log.rows();
        self.store.show(rows)?;
        Ok(self.store.flush()?)
    }

    fn gather_scans(&self, making: &mut Making) {
        let mut days: std::collections::BTreeMap<u32, Scans> = std::collections::BTreeMap::new();
        let mut scans = self.scans.lock().unwrap_or_else(|e| e.into_inner());
        scans.writing = std::mem::take(&mut scans.waiting);
        for (&(day, key), &count) in &scans.writing {
            let scans = days.entry(day).or_insert_with(|| Scans { day, counts: Default::default() });
            scans.counts.insert(scan_key(&key), count);
        }
        let tallies = std::mem::take(&mut scans.tallies);
        drop(scans);
        for scans in days.into_values() {
            making.own_record(StateRecord::Scans(scans));
        }
        let mut days: std::collections::BTreeMap<u32, Tally> = std::collections::BTreeMap::new();
        for ((day, of), counts) in tallies {
            days.entry(day).or_insert_with(|| Tally { day, rows: Vec::new() }).rows.push(Tallied { of, counts });
        }
        for tally in days.into_values() {
            making.own_record(StateRecord::Tally(tally));
        }
    }

    fn prepare(&mut self, command: Command, making: &mut Making) -> Result<(), EngineError> {
        match command {
            Command::Wake => {}
            Command::Cosigned { view, signature } => self.cosigned(&view, signature, making)?,
            Command::State { record, body, blobs, reply, .. } => {
                let parts = blobs.into_iter().map(|blob| SaltedPart::new(base::random::bytes(), blob)).collect();
                making.record(record, body, parts, Some(reply));
            }
            Command::Submit { submission, reply, .. } => match self.admit(submission, making)? {
                Ok(accepted) => making.answers.push((reply, accepted)),
                // Whoever asked may have gone; nothing was kept.
                Err(refused) => drop(reply.send(Err(refused))),
            },
        }
        Ok(())
    }

    /// Checks a submission and takes it into the log in memory. An error of the outer kind ends the process.
    fn admit(&mut self, submission: Submission, making: &mut Making) -> Result<Result<Accepted, SubmitError>, EngineError> {
        let now_ms = (self.clock)().max(self.log.last_ms);
        let ready = match submission {
            Submission::Member(member) => {
                check::member_version(&self.log, &self.keys, &member).and_then(|()| statement(Body::Member(*member), now_ms))
            }
            Submission::Grant(grant) => {
                check::grant_version(&self.log, &grant, now_ms).and_then(|()| statement(Body::Grant(*grant), now_ms))
            }
            Submission::Notice(notice) => statement(Body::Notice(notice), now_ms),
            Submission::Custodial { member, event } => {
                let key = Name::member_key(&member);
                let Some(held) = self.held(&key, &event, making)? else {
                    return Ok(Err(SubmitError::Target("the chunk that brings its parts is not in the ledger")));
                };
                if let Some(index) = self.same_identity(&key, &event.event_id, event.kind, event.chunk)? {
                    let old = self.event_at(index, making)?;
                    let parts = [event.parts.clone(), self.bytes_of(&held, making)?].concat();
                    return self.repeat(index, &old, &check::beside(&old, &event), &parts, making);
                }
                let ready = self.sign_event(&member, &event, &held, now_ms)?;
                self.admit_event(ready, now_ms, making)?
            }
            Submission::Signed(signed) => {
                let event = &signed.event;
                if let Some(index) = self.same_identity(&event.member, &event.event_id, event.kind, event.chunk)? {
                    let old = self.event_at(index, making)?;
                    let parts: Vec<(u8, Vec<u8>)> = signed.parts.iter().map(|(kind, _, bytes)| (*kind, bytes.clone())).collect();
                    return self.repeat(index, &old, event, &parts, making);
                }
                let seq = self.log.seq(&event.member)? + 1;
                let ready = match check::signed(&self.log, *signed, seq, now_ms) {
                    Ok(ready) => self.with_own_parts(ready, making)?,
                    refused => refused,
                };
                self.admit_event(ready, now_ms, making)?
            }
        };
        let ready = match ready {
            Ok(ready) => ready,
            Err(refused) => return Ok(Err(refused)),
        };
        let leaf_len = ready.tile.leaf_len(&ready.bytes);
        let (index, leaf_hash) = self.log.take(&ready.tile, &ready.bytes[..leaf_len])?;
        if let Body::Event(event) = ready.tile.entry.body {
            let erased = event.parts.iter().filter(|part| part.kind & part_kind::ERASED != 0);
            making.erased.extend(erased.map(|part| part.commitment));
            making.parts.extend(ready.parts.iter().map(SaltedPart::commitment));
            making.fresh.insert(index, (event, ready.parts.clone()));
        }
        let leaf = Leaf { length: leaf_len, hash: leaf_hash };
        making.put(index, NewEntry { bytes: ready.bytes, leaf, parts: ready.parts, came: true });
        Ok(Ok(Accepted { repeat: false, index, leaf_hash }))
    }

    /// Parts that an event names and an earlier chunk of it has; `None`: that chunk is not here.
    fn held(&self, member: &Key, event: &NewEvent, making: &Making) -> Result<Option<Vec<Part>>, EngineError> {
        let Some(chunk) = event.parts_of else { return Ok(Some(Vec::new())) };
        let Some(index) = self.same_identity(member, &event.event_id, event.kind, chunk)? else { return Ok(None) };
        let brings = |kind: u8| event.parts.iter().any(|(brought, _)| *brought == kind);
        let parts = self.event_at(index, making)?.parts.into_iter();
        Ok(Some(parts.filter(|part| part.kind & part_kind::ERASED == 0 && !brings(part.kind)).collect()))
    }

    /// The kinds and bytes of parts that are in the ledger, without those that were erased.
    fn bytes_of(&self, parts: &[Part], making: &Making) -> Result<Vec<(u8, Vec<u8>)>, EngineError> {
        let mut all = Vec::new();
        for part in parts {
            all.extend(self.part_bytes(&part.commitment, making)?.map(|bytes| (part.kind, bytes)));
        }
        Ok(all)
    }

    /// The bytes of a part, which may have come with this very group.
    fn part_bytes(&self, commitment: &Hash, making: &Making) -> Result<Option<Vec<u8>>, EngineError> {
        let mut fresh = making.fresh.values().flat_map(|(_, parts)| parts);
        if making.parts.contains(commitment) {
            return Ok(fresh.find(|part| part.commitment() == *commitment).map(|part| part.bytes().to_vec()));
        }
        Ok(self.view.borrow().part_bytes(commitment)?)
    }

    /// Whoever signs elsewhere chooses the salts, and those of public parts everybody has: a part that is here already under another
    /// record would be erased with this one, or come back with it after it was erased. Only the record as it came, which no page reads,
    /// chunks of one event may have in common, as long as it is there.
    fn with_own_parts(&self, mut ready: Ready, making: &Making) -> Result<Result<Ready, SubmitError>, EngineError> {
        let event = ready.tile.entry.event().expect("only events are made ready here");
        let before = match event.chunk.checked_sub(1) {
            Some(chunk) => self.same_identity(&event.member, &event.event_id, event.kind, chunk)?,
            None => None,
        };
        let before = before.map(|index| self.event_at(index, making)).transpose()?.map_or_else(Vec::new, |event| event.parts);
        let mut new = HashSet::new();
        for part in &ready.parts {
            let commitment = part.commitment();
            let known = making.parts.contains(&commitment) || self.index.keeper().knows_part(&commitment)?;
            let twice = !known && !new.insert(commitment);
            let source = Part { kind: part_kind::SOURCE, commitment };
            let as_source = event.parts.iter().filter(|part| part.commitment == commitment).all(|part| *part == source);
            let shared = as_source && before.contains(&source);
            if twice || known && !(shared && self.part_bytes(&commitment, making)?.is_some()) {
                let member = self.log.rights.id_of(&event.member);
                return Ok(Err(SubmitError::NotAllowed { member, why: PART_OF_ANOTHER }));
            }
        }
        ready.parts.retain(|part| new.contains(&part.commitment()));
        Ok(Ok(ready))
    }

    /// Signs an event with the key this service keeps.
    fn sign_event(&self, member: &str, event: &NewEvent, held: &[Part], now_ms: u64) -> Result<Result<Ready, SubmitError>, EngineError> {
        let seq = self.log.seq(&Name::member_key(member))? + 1;
        Ok(check::sign(&self.log, &self.keys, member, event, held, seq, now_ms))
    }

    /// What an event that takes back, erases or withdraws must fit.
    fn admit_event(
        &mut self,
        ready: Result<Ready, SubmitError>,
        now_ms: u64,
        making: &Making,
    ) -> Result<Result<Ready, SubmitError>, EngineError> {
        let ready = match ready {
            Ok(ready) => ready,
            Err(refused) => return Ok(Err(refused)),
        };
        let signed = ready.tile.entry.event().expect("only events are made ready here");
        let target = match self.log.changes.number(BODIES, &signed.target.0)? {
            // Where its parts will stand is known once they are written.
            Some(index) if signed.kind == Kind::Erase && making.fresh.contains_key(&index) => return Ok(Err(SubmitError::BeingWritten)),
            Some(index) => Some(self.event_at(index, making)?),
            None => None,
        };
        let bytes = check::public_len(signed, &ready.parts);
        if let Some(refused) = self.over_quota(&ready.tile, bytes)? {
            return Ok(Err(refused));
        }
        let signed = ready.tile.entry.event().expect("only events are made ready here");
        let may_erase = check::erases(&self.log, &signed.member, now_ms);
        Ok(check::fits_target(signed, target.as_ref(), may_erase).map(|()| ready))
    }

    /// An author who said as much in one list of what no page leaves out as it may; owners and regulators are not counted.
    fn over_quota(&mut self, tile: &TileEntry, bytes: usize) -> Result<Option<SubmitError>, EngineError> {
        let Some(event) = tile.entry.event().filter(|event| self.log.rights.limits(event)) else { return Ok(None) };
        let view = Arc::clone(&self.view.borrow());
        for joined in tile.entry.lists(&tile.records).iter().filter(|joined| Quota::counts(event, joined.chain)) {
            // What was taken since this version was counted as it came: whoever wrote it was asked this question before.
            let quota = self.log.quota(joined.key, event.member, || view.quota(&joined.key, &event.member))?;
            if let Err(limit) = quota.has_room(event) {
                let member = self.log.rights.id_of(&event.member);
                return Ok(Some(SubmitError::OverQuota { member, limit }));
            }
        }
        for bounded in bounded(&tile.entry, event, &tile.records) {
            let list = bounded.list;
            let said = self.log.said(list, event.member, || view.said(&list, &event.member))?;
            if let Some(limit) = bounded.too_long(said, bytes) {
                return Ok(Some(SubmitError::LongAlert { bytes, limit }));
            }
            if bounded.is_full(said) {
                let member = self.log.rights.id_of(&event.member);
                return Ok(Some(SubmitError::TooManyRecords { member, limit: bounded.limit }));
            }
        }
        Ok(None)
    }

    fn same_identity(&self, member: &Key, event_id: &Hash, kind: Kind, chunk: u16) -> Result<Option<u64>, EngineError> {
        Ok(self.log.changes.number(EVENT_IDS, &event_key(member, event_id, kind as u8, chunk))?)
    }

    /// The answer to a record whose identity is in the log: as before, or a conflict.
    fn repeat(
        &self,
        index: u64,
        old: &Event,
        new: &Event,
        new_parts: &[(u8, Vec<u8>)],
        making: &Making,
    ) -> Result<Result<Accepted, SubmitError>, EngineError> {
        let mut failure = None;
        let mut part = |commitment: &Hash| {
            self.part_bytes(commitment, making).unwrap_or_else(|e| {
                failure = Some(e);
                None
            })
        };
        let same = check::says_the_same(old, new, new_parts, &mut part);
        if let Some(error) = failure {
            return Err(error);
        }
        let fresh = index.checked_sub(making.group.first).and_then(|at| making.group.entries.get(usize::try_from(at).ok()?));
        let leaf_hash = match fresh {
            Some(entry) => entry.leaf.hash,
            None => self.index.leaf_hash(index)?.unwrap_or_default(),
        };
        Ok(if same { Ok(Accepted { repeat: true, index, leaf_hash }) } else { Err(SubmitError::Conflict { index }) })
    }

    fn event_at(&self, index: u64, making: &Making) -> Result<Event, EngineError> {
        if let Some((event, _)) = making.fresh.get(&index) {
            return Ok(event.clone());
        }
        match self.view.borrow().entry(index)?.entry.body {
            Body::Event(event) => Ok(event),
            _ => Err(TakeError::Inconsistent(index, "it is listed as an event and is none").into()),
        }
    }

    /// Signs, writes the group, publishes, answers.
    fn write(&mut self, mut making: Making, recosign: bool) -> Result<(), EngineError> {
        if !making.group.entries.is_empty() {
            self.close(&mut making)?;
        }
        if let Some(record) = self.erasure(&making.erased) {
            making.own_record(record);
        }
        let signs = !making.group.entries.is_empty() || (recosign && self.log.size() > 0);
        let view = signs.then(|| self.sign(&mut making.group));
        if !making.group.is_empty() {
            self.commit(&mut making)?;
        }
        if let Some(view) = view {
            self.publish(view)?;
        }
        if self.log.forget_map() {
            // Versions that share the new map share what is fetched for it.
            self.view.send_modify(|view| *view = Arc::new(View { map: self.log.map.clone(), ..View::clone(view) }));
        }
        // Whoever asked may have gone: then nobody needs the answer.
        for (reply, accepted) in making.answers {
            drop(reply.send(Ok(accepted)));
        }
        for Kept { parts, reply, .. } in making.records {
            if let Some(reply) = reply {
                drop(reply.send(parts));
            }
        }
        Ok(())
    }

    /// Writes a group, and makes its rows visible.
    fn commit(&mut self, making: &mut Making) -> Result<(), EngineError> {
        let group = std::mem::take(&mut making.group);
        if let Some(note) = group.notes.last() {
            self.log.changes.put_note(note);
        }
        self.store.commit(group)?;
        for kept in &making.records {
            rows::apply(&mut self.log.changes, kept.record.clone(), &kept.parts)?;
        }
        let rows = self.log.rows();
        // A reader of scans sees a count here or in the index, never in neither and never in both.
        let mut scans = self.scans.lock().unwrap_or_else(|e| e.into_inner());
        self.store.show(rows)?;
        if making.records.iter().any(|kept| matches!(kept.record, StateRecord::Scans(_))) {
            scans.writing.clear();
        }
        Ok(())
    }

    /// The record that says which parts are overwritten, after the entries that erase them.
    fn erasure(&self, commitments: &[Hash]) -> Option<StateRecord> {
        let secrets: Vec<Secret> = commitments.iter().copied().map(Secret).collect();
        (!secrets.is_empty()).then(|| StateRecord::Erase(Erase { secrets, reason: "an entry of kind 7".to_owned(), at_ms: (self.clock)() }))
    }

    /// Signs the log as it stands anew, with what the last batch erases overwritten where a crash came between: the first thing that a
    /// start does.
    pub(crate) fn begin(&mut self) -> Result<(), EngineError> {
        let mut making = Making::default();
        let unfinished = self.unfinished_erasures()?;
        if let Some(record) = self.erasure(&unfinished) {
            making.own_record(record);
        }
        let view = self.sign(&mut making.group);
        self.commit(&mut making)?;
        self.publish(view)
    }

    /// Parts that the last batch erases and that are still there.
    fn unfinished_erasures(&self) -> Result<Vec<Hash>, EngineError> {
        let view = Arc::clone(&self.view.borrow());
        let mut commitments = Vec::new();
        for index in (0..view.size().saturating_sub(1)).rev() {
            let tile = view.entry(index)?;
            if matches!(tile.entry.body, Body::MapHead(_)) {
                break;
            }
            let parts = tile.entry.event().map_or(&[][..], |event| &event.parts);
            for part in parts.iter().filter(|part| part.kind & part_kind::ERASED != 0) {
                if view.part_bytes(&part.commitment)?.is_some() {
                    commitments.push(part.commitment);
                }
            }
        }
        Ok(commitments)
    }

    /// Adds the MAPHEAD and the root.
    fn close(&mut self, making: &mut Making) -> Result<(), EngineError> {
        let head = self.log.map_head_entry();
        let bytes = head.entry.encode();
        let (index, hash) = self.log.take(&head, &bytes)?;
        making.put(index, NewEntry { leaf: Leaf { length: bytes.len(), hash }, bytes, parts: Vec::new(), came: false });
        making.group.root = self.log.root();
        Ok(())
    }

    /// Signs the checkpoint of the log as it stands, for this group, and makes the view of it.
    fn sign(&mut self, group: &mut Group) -> View {
        // The same checkpoint with a new time keeps the co-signatures that it has.
        let view = self.gathered.onto(signed_view(&self.log, &self.keys, &self.clock, &self.index));
        group.notes.push(view.note.clone());
        view
    }

    /// Shows a version to readers: as the newest, and, if its quorum is reached, as the co-signed one.
    fn publish(&mut self, view: View) -> Result<(), EngineError> {
        if let Some(record) = self.milestone(&view)? {
            let mut making = Making::default();
            making.own_record(record);
            self.commit(&mut making)?;
        }
        let view = Arc::new(view);
        if self.gathered.reached(&view) {
            self.cosigned.send_replace(Some(Arc::clone(&view)));
        }
        self.view.send_replace(view);
        self.log.forget_quotas();
        Ok(())
    }

    /// The record of a version that is the first of its day which phones may keep.
    fn milestone(&self, view: &View) -> Result<Option<StateRecord>, EngineError> {
        let Some(day) = self.gathered.milestone_day(view) else {
            return Ok(None);
        };
        if self.index.milestone(day)?.is_some() {
            return Ok(None);
        }
        let note = String::from_utf8_lossy(&view.note).into_owned();
        Ok(Some(StateRecord::Milestone(Milestone { day, size: view.size(), note })))
    }

    /// Adds a co-signature to the checkpoint that it is for. One that is wrong, or too late to matter, changes nothing.
    fn cosigned(&mut self, view: &Arc<View>, signature: NoteSignature, making: &mut Making) -> Result<(), EngineError> {
        let newest = Arc::clone(&self.view.borrow());
        let base = if newest.size() == view.size() { newest } else { Arc::clone(view) };
        let Some(with) = self.gathered.add(&base, signature) else {
            return Ok(());
        };
        let reached = self.gathered.reached(&with);
        let shown = self.cosigned.borrow().as_ref().map_or(0, |shown| shown.size());
        if reached && with.size() >= shown {
            // Lost in a crash it is gathered again, so nobody waits for the disk.
            self.store.commit(Group { notes: vec![with.note.clone()], sync: Sync::WithNext, ..Group::default() })?;
            if with.size() == self.log.size() {
                self.log.changes.put_note(&with.note);
            }
            if let Some(record) = self.milestone(&with)? {
                making.own_record(record);
            }
            self.cosigned.send_replace(Some(Arc::new(with.clone())));
        }
        if self.view.borrow().size() == with.size() {
            self.view.send_replace(Arc::new(with));
        }
        Ok(())
    }
}

/// The checkpoint of the log as it stands, signed and co-signed with the time.
pub(crate) fn signed_view(log: &Log, keys: &Keys, clock: &Clock, index: &Index) -> View {
    let checkpoint = Checkpoint { origin: log.origin.to_string(), size: log.size(), root: log.root() };
    let text = checkpoint.encode();
    let seconds = clock() / 1000;
    let signatures = vec![keys.log().sign(&text), keys.log().cosigner().cosign(&text, seconds)];
    let note = SignedNote { text, signatures }.encode();
    View {
        origin: Arc::clone(&log.origin),
        note,
        checkpoint,
        signed_ms: seconds * 1000,
        tree: Arc::clone(&log.tree),
        map: log.map.clone(),
        rights: log.rights.clone(),
        index: index.clone(),
    }
}

/// All that is waiting, up to a group's limits.
fn collect(first: Command, queue: &Receiver<Command>) -> Vec<Command> {
    let mut bytes = first.bytes();
    let mut commands = vec![first];
    while commands.len() < GROUP_COMMANDS && bytes < GROUP_BYTES {
        let Ok(next) = queue.try_recv() else { break };
        bytes += next.bytes();
        commands.push(next);
    }
    commands
}

/// An entry without records and parts.
fn statement(body: Body, now_ms: u64) -> Result<Ready, SubmitError> {
    let tile = TileEntry { entry: Entry { logged_ms: now_ms, body }, records: Vec::new() };
    let bytes = tile.encode().map_err(SubmitError::Form)?;
    Ok(Ready { tile, bytes, parts: Vec::new() })
}
