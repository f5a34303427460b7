//! The writer's thread: queue → group → journal → checkpoint → index → answers.
//!
//! One group is one fsync. The order within it: STATE and INTAKE frames as they came, then the BATCH with all new entries and the MAPHEAD. After the
//! fsync the checkpoint is signed; its NOTE frame may be lost in a crash, for the same bytes give the same signature.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use base::clock::Clock;
use ledger::entry::{Body, Chain, Entry, Event, Kind, TileEntry, part_kind};
use ledger::name::Name;
use ledger::note::{Checkpoint, NoteSignature, SignedNote};
use ledger::{Hash, Key};
use tokio::sync::{oneshot, watch};

use super::PendingScans;
use super::check::{self, Ready};
use super::cosigned::Gathered;
use super::error::EngineError;
use super::frames;
use super::log::{Log, TakeError};
use super::state::{Erase, Milestone, Scans, Secret, StateRecord, scan_key};
use super::submission::{Accepted, NewEvent, Submission, SubmitError};
use super::view::{View, event_key};
use crate::index::table::{BODIES, EVENT_IDS};
use crate::index::{Index, state as tables};
use crate::journal::{FrameType, Journal, NewFrame, PartAt, SaltedPart, Sync, Written};
use crate::keys::Keys;

base::limits! {
    /// Commands that share one fsync and one checkpoint: a comment never waits behind more records than these.
    GROUP_COMMANDS: usize = 512, "commands";
    /// Their bytes together: one write to the journal.
    GROUP_BYTES: usize = 8 << 20, "bytes";
    /// Scan counts are gathered this long before they are written: a crash forgets no more than that.
    SCAN_FLUSH_MS: u64 = 1000, "milliseconds";
}

/// What the writer is asked to do.
#[expect(clippy::large_enum_variant, reason = "a queue of a few thousand of them is small beside their parts")]
pub(super) enum Command {
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
        reply: oneshot::Sender<tables::Placed>,
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

pub(super) struct Sequencer {
    pub(super) log: Log,
    pub(super) journal: Journal,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Clock,
    pub(super) index: Index,
    pub(super) view: watch::Sender<Arc<View>>,
    pub(super) cosigned: watch::Sender<Option<Arc<View>>>,
    pub(super) gathered: Gathered,
    /// Why nothing is signed any more.
    pub(super) halted: Arc<OnceLock<String>>,
    pub(super) waiting: Arc<AtomicUsize>,
    pub(super) scans: Arc<Mutex<PendingScans>>,
    /// How long a quiet ledger's checkpoint keeps its signed time.
    pub(super) recosign: Duration,
}

/// A group in the making.
#[derive(Default)]
struct Group {
    frames: Vec<NewFrame>,
    /// What to do with a frame once it is on disk, by its place in `frames`.
    states: Vec<(usize, StateRecord, Option<oneshot::Sender<tables::Placed>>)>,
    intakes: Vec<usize>,
    tiles: Vec<NewTile>,
    /// Answers to give, with the frame where there is one.
    answers: Vec<Answer>,
    /// Commitments of parts that an event of this group erases.
    erased: Vec<Hash>,
    /// Events of this group with their parts, by index: not readable from the journal yet.
    fresh: HashMap<u64, (Event, Vec<SaltedPart>)>,
}

/// Whom to tell what, and the place of its INTAKE among the group's frames.
type Answer = (oneshot::Sender<Result<Accepted, SubmitError>>, Accepted, Option<usize>);

struct NewTile {
    index: u64,
    leaf_hash: Hash,
    bytes: Vec<u8>,
    leaf_len: usize,
}

impl Sequencer {
    /// Works until nobody can ask any more.
    pub(super) fn run(&mut self, queue: &Receiver<Command>) -> Result<(), EngineError> {
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
            if commands.iter().any(|command| matches!(command, Command::Wake)) && scans_due.is_none() {
                scans_due = Some(Instant::now() + Duration::from_millis(SCAN_FLUSH_MS));
            }
            let now = Instant::now();
            let mut group = Group::default();
            if scans_due.is_some_and(|due| due <= now) {
                scans_due = None;
                self.gather_scans(&mut group);
            }
            for command in commands {
                self.waiting.fetch_sub(command.bytes(), Ordering::Relaxed);
                self.prepare(command, &mut group)?;
            }
            if !group.tiles.is_empty() || recosign <= now {
                signed = now;
            }
            let recosign = recosign <= now && self.halted.get().is_none();
            self.write(group, recosign)?;
        }
        let mut group = Group::default();
        self.gather_scans(&mut group);
        self.write(group, false)?;
        self.journal.sync()?;
        self.log.note_map();
        self.log.commit()?;
        Ok(self.index.flush()?)
    }

    fn gather_scans(&self, group: &mut Group) {
        let mut days: std::collections::BTreeMap<u32, Scans> = std::collections::BTreeMap::new();
        let mut scans = self.scans.lock().unwrap_or_else(|e| e.into_inner());
        scans.writing = std::mem::take(&mut scans.waiting);
        for (&(day, key), &count) in &scans.writing {
            let scans = days.entry(day).or_insert_with(|| Scans { day, counts: Default::default() });
            scans.counts.insert(scan_key(&key), count);
        }
        drop(scans);
        for scans in days.into_values() {
            let record = StateRecord::Scans(scans);
            group.states.push((group.frames.len(), record.clone(), None));
            group.frames.push(NewFrame { kind: FrameType::State, body: record.encode(), parts: Vec::new() });
        }
    }

    fn prepare(&mut self, command: Command, group: &mut Group) -> Result<(), EngineError> {
        match command {
            Command::Wake => {}
            Command::Cosigned { view, signature } => self.cosigned(&view, signature, group)?,
            Command::State { record, body, blobs, reply, .. } => {
                let parts =
                    blobs.into_iter().map(|blob| Ok(SaltedPart::new(base::random::bytes(), blob))).collect::<Result<_, EngineError>>()?;
                group.states.push((group.frames.len(), record, Some(reply)));
                group.frames.push(NewFrame { kind: FrameType::State, body, parts });
            }
            Command::Submit { submission, reply, .. } => match self.admit(submission, group)? {
                Ok((accepted, frame)) => group.answers.push((reply, accepted, frame)),
                // Whoever asked may have gone; nothing was kept.
                Err(refused) => drop(reply.send(Err(refused))),
            },
        }
        Ok(())
    }

    /// Checks a submission and takes it into the log in memory. An error of the outer kind ends the process.
    fn admit(&mut self, submission: Submission, group: &mut Group) -> Result<Result<(Accepted, Option<usize>), SubmitError>, EngineError> {
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
                if let Some(index) = self.same_identity(&key, &event.event_id, event.kind, event.chunk)? {
                    let old = self.event_at(index, group)?;
                    let repeat = self.repeat(index, &old, &check::beside(&old, &event), &event.parts, group)?;
                    return Ok(repeat.map(|accepted| (accepted, None)));
                }
                let ready = self.sign_event(&member, &event, now_ms)?;
                self.admit_event(ready, now_ms, group)?
            }
            Submission::Signed(signed) => {
                let event = &signed.event;
                if let Some(index) = self.same_identity(&event.member, &event.event_id, event.kind, event.chunk)? {
                    let old = self.event_at(index, group)?;
                    let parts: Vec<(u8, Vec<u8>)> = signed.parts.iter().map(|(kind, _, bytes)| (*kind, bytes.clone())).collect();
                    let repeat = self.repeat(index, &old, event, &parts, group)?;
                    return Ok(repeat.map(|accepted| (accepted, None)));
                }
                let seq = self.log.seq(&event.member)? + 1;
                let ready = check::signed(&self.log, *signed, seq, now_ms);
                self.admit_event(ready, now_ms, group)?
            }
        };
        let ready = match ready {
            Ok(ready) => ready,
            Err(refused) => return Ok(Err(refused)),
        };
        let leaf_len = ready.tile.leaf_len(&ready.bytes);
        let (index, leaf_hash) = self.log.take(&ready.tile, &ready.bytes[..leaf_len])?;
        let frame = group.frames.len();
        group.intakes.push(frame);
        group.frames.push(NewFrame { kind: FrameType::Intake, body: frames::intake(index, &leaf_hash), parts: ready.parts.clone() });
        if let Body::Event(event) = ready.tile.entry.body {
            let erased = event.parts.iter().filter(|part| part.kind & part_kind::ERASED != 0);
            group.erased.extend(erased.map(|part| part.commitment));
            group.fresh.insert(index, (event, ready.parts));
        }
        group.tiles.push(NewTile { index, leaf_hash, bytes: ready.bytes, leaf_len });
        Ok(Ok((Accepted { intake: None, index, leaf_hash }, Some(frame))))
    }

    /// Signs an event with the key this service keeps.
    fn sign_event(&self, member: &str, event: &NewEvent, now_ms: u64) -> Result<Result<Ready, SubmitError>, EngineError> {
        let seq = self.log.seq(&Name::member_key(member))? + 1;
        Ok(check::sign(&self.log, &self.keys, member, event, seq, now_ms, &mut base::random::bytes))
    }

    /// What an event that takes back, erases or withdraws must fit.
    fn admit_event(
        &mut self,
        ready: Result<Ready, SubmitError>,
        now_ms: u64,
        group: &Group,
    ) -> Result<Result<Ready, SubmitError>, EngineError> {
        let ready = match ready {
            Ok(ready) => ready,
            Err(refused) => return Ok(Err(refused)),
        };
        let signed = ready.tile.entry.event().expect("only events are made ready here");
        let target = match self.log.changes.number(BODIES, &signed.target.0)? {
            // Where its parts will stand is known once they are written.
            Some(index) if signed.kind == Kind::Erase && group.fresh.contains_key(&index) => return Ok(Err(SubmitError::BeingWritten)),
            Some(index) => Some(self.event_at(index, group)?),
            None => None,
        };
        if let Some(refused) = self.too_many_alerts(&ready.tile)? {
            return Ok(Err(refused));
        }
        let signed = ready.tile.entry.event().expect("only events are made ready here");
        let may_erase = check::erases(&self.log, &signed.member, now_ms);
        Ok(check::fits_target(signed, target.as_ref(), may_erase).map(|()| ready))
    }

    /// An author who raised or ended as many alerts in one list as it may; owners and regulators are not counted.
    fn too_many_alerts(&mut self, tile: &TileEntry) -> Result<Option<SubmitError>, EngineError> {
        let Some(event) = tile.entry.event().filter(|event| self.log.rights.limits_alerts(event)) else { return Ok(None) };
        let view = Arc::clone(&self.view.borrow());
        for joined in tile.entry.lists(&tile.records).iter().filter(|joined| joined.chain == Chain::Alert) {
            // What was taken since this version was counted as it came: whoever wrote it was asked this question before.
            let raised = self.log.alerts(joined.key, event.member, || view.raised(&joined.key, &event.member))?;
            if let Err(limit) = raised.has_room(event) {
                let member = self.log.rights.member(&event.member).map_or_else(String::new, |author| author.id.clone());
                return Ok(Some(SubmitError::TooManyAlerts { member, limit }));
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
        group: &Group,
    ) -> Result<Result<Accepted, SubmitError>, EngineError> {
        let mut failure = None;
        let mut part = |commitment: &Hash| {
            let fresh = group.fresh.get(&index).and_then(|(_, parts)| parts.iter().find(|p| p.commitment() == *commitment));
            match fresh {
                Some(part) => Some(part.bytes().to_vec()),
                None => self.view.borrow().part_bytes(commitment).unwrap_or_else(|e| {
                    failure = Some(e);
                    None
                }),
            }
        };
        let same = check::says_the_same(old, new, new_parts, &mut part);
        if let Some(error) = failure {
            return Err(error.into());
        }
        let leaf_hash = match group.tiles.iter().find(|tile| tile.index == index) {
            Some(tile) => tile.leaf_hash,
            None => self.index.entry(index)?.map(|row| row.leaf_hash).unwrap_or_default(),
        };
        Ok(if same { Ok(Accepted { intake: None, index, leaf_hash }) } else { Err(SubmitError::Conflict { index }) })
    }

    fn event_at(&self, index: u64, group: &Group) -> Result<Event, EngineError> {
        if let Some((event, _)) = group.fresh.get(&index) {
            return Ok(event.clone());
        }
        match self.view.borrow().entry(index)?.entry.body {
            Body::Event(event) => Ok(event),
            _ => Err(TakeError::Inconsistent(index, "it is listed as an event and is none").into()),
        }
    }

    /// Writes the group, signs, publishes, answers.
    fn write(&mut self, mut group: Group, recosign: bool) -> Result<(), EngineError> {
        if group.frames.is_empty() && !recosign {
            return self.answer(group, &[]);
        }
        let has_entries = !group.tiles.is_empty();
        let places = if has_entries { self.close_batch(&mut group)? } else { Vec::new() };
        let batch = group.frames.len().saturating_sub(1);
        if let Some(record) = self.erasure(&group.erased)? {
            group.states.push((group.frames.len(), record.clone(), None));
            group.frames.push(NewFrame { kind: FrameType::State, body: record.encode(), parts: Vec::new() });
        }
        let written = self.journal.append(&group.frames, Sync::Now)?;
        let erased: Vec<PartAt> = group.states.iter().flat_map(|(_, record, _)| record.erased()).collect();
        self.journal.zero(&erased)?;
        for (tile, (offset, length)) in group.tiles.iter().zip(places) {
            self.log.place(tile.index, tile.leaf_hash, written[batch].body_at + offset as u64, length, tile.leaf_len);
        }
        for frame in &group.intakes {
            for (commitment, at) in &written[*frame].parts {
                self.log.changes.put_part(commitment, *at);
            }
        }
        for (frame, record, _) in &group.states {
            tables::apply(&mut self.log.changes, record.clone(), &placed(&written[*frame]))?;
        }
        let view = if has_entries || (recosign && self.log.size() > 0) { Some(self.sign(recosign)?) } else { None };
        self.log.changes.put_cursor(self.journal.cursor());
        let forgot = {
            // A reader of scans sees a count here or in the index, never in neither and never in both.
            let mut scans = self.scans.lock().unwrap_or_else(|e| e.into_inner());
            let forgot = self.log.commit()?;
            if group.states.iter().any(|(_, record, _)| matches!(record, StateRecord::Scans(_))) {
                scans.writing.clear();
            }
            forgot
        };
        if let Some(view) = view {
            self.publish(view)?;
        }
        if forgot {
            // Versions that share the new map share what is fetched for it.
            self.view.send_modify(|view| *view = Arc::new(View { map: self.log.map.clone(), ..View::clone(view) }));
        }
        self.answer(group, &written)
    }

    /// The record that says which bytes of the journal are overwritten, after the entries that erase them.
    fn erasure(&self, commitments: &[Hash]) -> Result<Option<StateRecord>, EngineError> {
        let mut secrets = Vec::new();
        for commitment in commitments {
            if let Some(at) = self.index.part(commitment)? {
                secrets.push(Secret { commitment: *commitment, at });
            }
        }
        let record = Erase { secrets, reason: "an entry of kind 7".to_owned(), at_ms: (self.clock)() };
        Ok((!record.secrets.is_empty()).then_some(StateRecord::Erase(record)))
    }

    /// Overwrites what the last batch erases, where a crash came between its frame and the one that records the overwriting.
    pub(super) fn finish_erasures(&mut self) -> Result<(), EngineError> {
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
        let Some(record) = self.erasure(&commitments)? else {
            return Ok(());
        };
        let erased = record.erased();
        let frame = NewFrame { kind: FrameType::State, body: record.encode(), parts: Vec::new() };
        self.journal.append(&[frame], Sync::Now)?;
        Ok(self.journal.zero(&erased)?)
    }

    /// Adds the MAPHEAD and the BATCH frame.
    fn close_batch(&mut self, group: &mut Group) -> Result<Vec<(usize, usize)>, EngineError> {
        let head = self.log.map_head_entry();
        let bytes = head.entry.encode();
        let (index, leaf_hash) = self.log.take(&head, &bytes)?;
        group.tiles.push(NewTile { index, leaf_hash, leaf_len: bytes.len(), bytes });
        let tiles: Vec<&[u8]> = group.tiles.iter().map(|tile| tile.bytes.as_slice()).collect();
        let (body, places) = frames::batch(group.tiles[0].index, &tiles, &self.log.root());
        group.frames.push(NewFrame { kind: FrameType::Batch, body, parts: Vec::new() });
        Ok(places)
    }

    /// Signs the checkpoint of what is on disk, and makes the view of it.
    pub(super) fn sign(&mut self, alone: bool) -> Result<View, EngineError> {
        let (view, _) = signed_view(&self.log, &self.keys, &self.clock, &self.index, &self.journal);
        // The same checkpoint with a new time keeps the co-signatures that it has.
        let view = self.gathered.onto(view);
        let note = view.note.clone();
        // A note that follows no batch is waited for, so that a later one vouches for it.
        let sync = if alone { Sync::Now } else { Sync::WithNext };
        self.journal.append(&[NewFrame { kind: FrameType::Note, body: note.clone(), parts: Vec::new() }], sync)?;
        self.log.changes.put_note(&note);
        Ok(view)
    }

    /// Shows a version to readers: as the newest, and, if its quorum is reached, as the co-signed one.
    pub(super) fn publish(&mut self, view: View) -> Result<(), EngineError> {
        if let Some(record) = self.milestone(&view)? {
            let frame = NewFrame { kind: FrameType::State, body: record.encode(), parts: Vec::new() };
            let written = self.journal.append(&[frame], Sync::Now)?;
            tables::apply(&mut self.log.changes, record, &placed(&written[0]))?;
            self.log.changes.put_cursor(self.journal.cursor());
            self.log.commit()?;
        }
        let view = Arc::new(view);
        if self.gathered.reached(&view) {
            self.cosigned.send_replace(Some(Arc::clone(&view)));
        }
        self.view.send_replace(view);
        self.log.forget_alerts();
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
    fn cosigned(&mut self, view: &Arc<View>, signature: NoteSignature, group: &mut Group) -> Result<(), EngineError> {
        let newest = Arc::clone(&self.view.borrow());
        let base = if newest.size() == view.size() { newest } else { Arc::clone(view) };
        let Some(with) = self.gathered.add(&base, signature) else {
            return Ok(());
        };
        let reached = self.gathered.reached(&with);
        let shown = self.cosigned.borrow().as_ref().map_or(0, |shown| shown.size());
        if reached && with.size() >= shown {
            // Lost in a crash it is gathered again, so nobody waits for the disk.
            self.journal.append(&[NewFrame { kind: FrameType::Note, body: with.note.clone(), parts: Vec::new() }], Sync::WithNext)?;
            if with.size() == self.log.size() {
                self.log.changes.put_note(&with.note);
            }
            if let Some(record) = self.milestone(&with)? {
                group.states.push((group.frames.len(), record.clone(), None));
                group.frames.push(NewFrame { kind: FrameType::State, body: record.encode(), parts: Vec::new() });
            }
            self.cosigned.send_replace(Some(Arc::new(with.clone())));
        }
        if self.view.borrow().size() == with.size() {
            self.view.send_replace(Arc::new(with));
        }
        Ok(())
    }

    fn answer(&self, group: Group, written: &[Written]) -> Result<(), EngineError> {
        // Whoever asked may have gone: then nobody needs the answer.
        for (reply, accepted, frame) in group.answers {
            let intake = frame.map(|frame| written[frame].position);
            drop(reply.send(Ok(Accepted { intake, ..accepted })));
        }
        for (frame, _, reply) in group.states {
            if let Some(reply) = reply {
                drop(reply.send(placed(&written[frame])));
            }
        }
        Ok(())
    }
}

/// The checkpoint of the log as it stands, signed and co-signed with the time.
pub(super) fn signed_view(log: &Log, keys: &Keys, clock: &Clock, index: &Index, journal: &Journal) -> (View, Vec<u8>) {
    let checkpoint = Checkpoint { origin: log.origin.to_string(), size: log.size(), root: log.root() };
    let text = checkpoint.encode();
    let seconds = clock() / 1000;
    let signatures = vec![keys.log().sign(&text), keys.log().cosigner().cosign(&text, seconds)];
    let note = SignedNote { text, signatures }.encode();
    let view = View {
        origin: Arc::clone(&log.origin),
        note: note.clone(),
        checkpoint,
        signed_ms: seconds * 1000,
        tree: Arc::clone(&log.tree),
        map: log.map.clone(),
        rights: log.rights.clone(),
        index: index.clone(),
        reader: journal.reader(),
    };
    (view, note)
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

fn placed(written: &Written) -> tables::Placed {
    tables::Placed { frame: written.position, blobs: written.parts.clone() }
}
