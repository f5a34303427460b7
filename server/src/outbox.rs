//! The outbox: messages that wait in the journal, sent one attempt after the other until they are taken, or given up and shown.
//!
//! A message is on disk before anybody tries to send it, and what an attempt came to is on disk before the next one. Between the two a
//! crash can hide that a message was taken: then it goes out again, under the same id, by which its reader knows it. What it says is
//! made for each attempt by [`Compose`], of what its reader may read then.

pub mod address;
pub mod mail;
pub mod settings;
pub mod webhook;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{Engine, StateError};
use store::StoreError;
use store::record::StateRecord;
use store::record::outgoing::{About, Attempt, Message, Outcome, Outgoing};
use store::rows::outgoing::MessageRow;
use tokio::task::JoinHandle;

use mail::{Mail, Mailer};
use webhook::{NotTaken, Post, Reach};

base::limits! {
    /// Attempts before a message is given up: with the pauses between them three days.
    OUTBOX_TRIES: u32 = 10, "attempts";
    /// The pause after the first attempt.
    OUTBOX_PAUSE_MS: u64 = 5_000, "milliseconds";
    /// How much longer each pause is than the one before.
    OUTBOX_PAUSE_FACTOR: u64 = 5, "times";
    /// The longest pause.
    OUTBOX_PAUSE_MAX_MS: u64 = 86_400_000, "milliseconds";
    /// Messages that are on their way at once, one of each member: nobody's slow server holds up the others.
    OUTBOX_AT_ONCE: usize = 16, "messages";
    /// Due messages that are looked at in one turn for the first of each member: some hundred of each of the largest services.
    OUTBOX_LOOKED_AT: usize = 100_000, "messages";
    /// How often it is looked for what is due.
    OUTBOX_EVERY_MS: u64 = 500, "milliseconds";
    /// What is kept of an answer.
    OUTBOX_ANSWER_CHARS: usize = 160, "characters";
}

/// A message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// To a program.
    Post(Post),
    /// To a person.
    Mail(Mail),
}

/// Why a message is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// There is nothing to be said, or nobody to say it to, any more.
    Void(String),
    /// It cannot be read just now of what it is made.
    Later(String),
}

impl From<StoreError> for NotMade {
    fn from(error: StoreError) -> Self {
        Self::Later(error.to_string())
    }
}

/// Makes what is sent of a message.
pub type Compose = Arc<dyn Fn(&MessageRow) -> Result<Parcel, NotMade> + Send + Sync>;

/// By what it is sent.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    /// How far webhooks go.
    pub reach: Reach,
    /// The mail server, where there is one.
    pub mailer: Option<Mailer>,
}

/// A new message, not yet in the outbox.
pub fn message(member: &str, to: &str, about: About, at_ms: u64) -> Message {
    Message { id: random_id(), member: member.to_owned(), to: to.to_owned(), about, at_ms }
}

/// 32 hex digits.
pub fn random_id() -> String {
    base::random::bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How the message's id stands in what is sent.
pub fn shown_id(id: &str) -> String {
    format!("msg_{id}")
}

/// How long to wait after so many attempts.
fn pause_ms(tries: u32) -> u64 {
    let factor = OUTBOX_PAUSE_FACTOR.saturating_pow(tries.saturating_sub(1));
    OUTBOX_PAUSE_MS.saturating_mul(factor).min(OUTBOX_PAUSE_MAX_MS)
}

/// Sends what is due. Cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    engine: Engine,
    compose: Compose,
    ways: Ways,
    busy: Mutex<BTreeSet<String>>,
    served: Mutex<Served>,
}

/// When each member's turn was, counted in turns: whose was longest ago comes next, however many messages others have waiting.
#[derive(Default)]
struct Served {
    turns: u64,
    last: BTreeMap<String, u64>,
}

/// A member that has a message on its way, until this is dropped.
struct Busy {
    outbox: Outbox,
    member: String,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.outbox.busy().remove(&self.member);
    }
}

impl Outbox {
    /// Over an engine.
    pub fn new(engine: Engine, compose: Compose, ways: Ways) -> Self {
        Self(Arc::new(Inner { engine, compose, ways, busy: Mutex::default(), served: Mutex::default() }))
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.0.busy.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Begins to send what is due now, as much of it as may go at once.
    pub fn start_due(&self) -> Result<Vec<JoinHandle<()>>, StoreError> {
        let engine = &self.0.engine;
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        for due in engine.index().due(engine.now_ms()).take(OUTBOX_LOOKED_AT) {
            let (id, member) = due?;
            first.entry(member).or_insert(id);
        }
        let mut served = self.0.served.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        served.last.retain(|member, _| first.contains_key(member));
        let mut waiting: Vec<(u64, String, String)> = Vec::new();
        for (member, id) in first {
            waiting.push((served.last.get(&member).copied().unwrap_or(0), member, id));
        }
        waiting.sort_unstable();
        let mut started = Vec::new();
        for (_, member, id) in waiting {
            {
                let mut busy = self.busy();
                if busy.len() >= OUTBOX_AT_ONCE {
                    break;
                }
                if !busy.insert(member.clone()) {
                    continue;
                }
            }
            served.turns += 1;
            let turn = served.turns;
            served.last.insert(member.clone(), turn);
            let busy = Busy { outbox: self.clone(), member };
            started.push(tokio::spawn(self.clone().attempt(id, busy)));
        }
        Ok(started)
    }

    /// One attempt of one message. It is read anew: since it was found due it may have been sent.
    async fn attempt(self, id: String, busy: Busy) {
        let this = self.clone();
        let trying = tokio::task::spawn_blocking(move || this.tried(&id)).await;
        match trying {
            Ok(Ok(Some(attempt))) => {
                // While the queue is full its member stays busy: what was sent a moment ago is not sent again for want of a note.
                loop {
                    match self.0.engine.state(StateRecord::Outgoing(Outgoing::Attempt(attempt.clone()))).await {
                        Ok(()) => break,
                        Err(StateError::Overloaded) => tokio::time::sleep(Duration::from_millis(OUTBOX_EVERY_MS)).await,
                        Err(error) => {
                            tracing::warn!(%error, "what became of a message could not be noted: it is sent again, under the same id");
                            break;
                        }
                    }
                }
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::error!(%error, "the outbox cannot be read"),
            Err(error) => tracing::error!(%error, "a message could not be sent"),
        }
        drop(busy);
    }

    fn tried(&self, id: &str) -> Result<Option<Attempt>, StoreError> {
        let engine = &self.0.engine;
        let now_ms = engine.now_ms();
        let Some(row) = engine.index().message(id)? else { return Ok(None) };
        match row.standing {
            store::rows::outgoing::Standing::Waiting { due_ms } if due_ms <= now_ms => {}
            _ => return Ok(None),
        }
        let sent = match (self.0.compose)(&row) {
            Ok(parcel) => self.sent(&parcel, &row.message.id, now_ms / 1_000),
            Err(NotMade::Void(why)) => Err(NotTaken::for_good(why)),
            Err(NotMade::Later(why)) => {
                tracing::error!(why, "a message cannot be made");
                Err(NotTaken::now("it could not be made just now"))
            }
        };
        let at_ms = engine.now_ms();
        let tries = row.tries + 1;
        let (outcome, answer) = match sent {
            Ok(answer) => (Outcome::Delivered, answer),
            Err(NotTaken { why, for_good }) if for_good || tries >= OUTBOX_TRIES => (Outcome::Failed, why),
            Err(NotTaken { why, .. }) => (Outcome::Again { due_ms: at_ms + pause_ms(tries) }, why),
        };
        let answer = answer.chars().filter(|c| !c.is_control()).take(OUTBOX_ANSWER_CHARS).collect();
        Ok(Some(Attempt { message: row.message.id, at_ms, outcome, answer }))
    }

    fn sent(&self, parcel: &Parcel, id: &str, now_s: u64) -> Result<String, NotTaken> {
        let id = shown_id(id);
        match parcel {
            Parcel::Post(post) if post.body.len() > webhook::WEBHOOK_BODY_BYTES => {
                Err(NotTaken::for_good("it is larger than a message may be"))
            }
            Parcel::Post(post) => webhook::send(post, &id, now_s, &self.0.ways.reach),
            Parcel::Mail(mail) => match &self.0.ways.mailer {
                Some(mailer) => mailer.send(mail, &id),
                None => Err(NotTaken::for_good("this service has no mail server")),
            },
        }
    }

    /// Sends for as long as the server runs.
    pub async fn run(self) {
        loop {
            // What was begun goes on by itself.
            if let Err(error) = self.start_due() {
                tracing::error!(%error, "the outbox cannot be read");
            }
            tokio::time::sleep(Duration::from_millis(OUTBOX_EVERY_MS)).await;
        }
    }
}

#[cfg(test)]
pub(crate) mod sinks;
#[cfg(test)]
mod tests;
