//! Subscriptions to named queries (EPCIS 2.0, 8.2.5): looked for in what the ledger gained since, and sent as signed messages.
//!
//! Of a subscription one message waits at most, so a receiver that is away makes no heap of them: what comes meanwhile is told in the
//! next. A message names entries of the ledger; which events they are, and which of those its reader may see, is decided when it is
//! sent, by [`visible::read`], as for any other query. A subscription ends with the API key that asked for it.

use std::collections::HashMap;
use std::time::Duration;

use engine::{Engine, View, ViewError};
use ledger::entry::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::StoreError;
use store::record::outgoing::{About, Outgoing, Reported, Subscription};
use store::record::{Erase, StateRecord};
use store::rows::outgoing::{MessageRow, Standing, SubscriptionRow};

use super::document;
use super::query::Query;
use super::schedule::Schedule;
use super::search::canonical;
use super::visible::{self, Reader, Visible};
use crate::outbox::webhook::{Post, secret_bytes};
use crate::outbox::{NotMade, Parcel, message};

base::limits! {
    /// Subscriptions of one member, over all of its queries.
    SUBSCRIPTIONS: usize = 50, "subscriptions";
    /// How often it is looked for what subscriptions ask for.
    SUBSCRIPTION_EVERY_MS: u64 = 1_000, "milliseconds";
    /// Entries that one subscription reads in one turn.
    SUBSCRIPTION_ENTRIES: u64 = 5_000, "entries";
    /// Events of one message; the others come in the next.
    SUBSCRIPTION_EVENTS: usize = 100, "events";
    /// Bytes of events after which a message takes no more of them.
    SUBSCRIPTION_BYTES: usize = 512 << 10, "bytes";
    /// Entries read in vain after which a subscription notes how far it came; a restart reads so many again.
    SUBSCRIPTION_NOTED: u64 = 10_000, "entries";
}

/// What nobody else reads of a subscription.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private {
    /// Where its messages go.
    pub dest: String,
    /// What signs them.
    pub token: String,
}

impl std::fmt::Debug for Private {
    /// Neither is anything for a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Private")
    }
}

/// The key that a token is: the bytes of one of ours (Standard Webhooks), else its text.
pub fn key_of(token: &str) -> Vec<u8> {
    secret_bytes(token).unwrap_or_else(|| token.as_bytes().to_vec())
}

/// Why a look or a message failed.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// The tables could not be read.
    #[error(transparent)]
    Index(#[from] StoreError),
    /// The ledger could not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// It could not be kept.
    #[error(transparent)]
    State(#[from] engine::StateError),
    /// The task ended.
    #[error("the look was ended")]
    Ended,
}

/// A member as a reader, by its newest version; `None` where it is no member any more.
pub fn reader(view: &View, id: &str) -> Result<Option<Reader>, ViewError> {
    let newest = view.member(id)?.into_iter().next_back().map(|(_, member)| member);
    Ok(newest.filter(|member| member.status == Status::Active).map(|member| Reader { id: id.to_owned(), member }))
}

/// Whether the key that asked for a subscription still opens anything.
pub fn is_open(engine: &Engine, subscription: &Subscription) -> Result<bool, StoreError> {
    let key = engine.index().api_key(&subscription.key.0)?;
    Ok(key.is_some_and(|key| !key.revoked && key.member == subscription.member))
}

/// Where a subscription's messages go, and what signs them.
pub fn private(engine: &Engine, row: &SubscriptionRow) -> Result<Option<Private>, SubscriptionError> {
    Ok(engine.blob(&row.private)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Ends a subscription; where its messages went, and by what they were signed, is overwritten.
pub async fn end(engine: &Engine, row: SubscriptionRow) -> Result<(), SubscriptionError> {
    let secrets = vec![row.private];
    let gone = Subscription { private: None, ..row.subscription };
    engine.state(StateRecord::Outgoing(Outgoing::Subscription(gone))).await?;
    let erase = Erase { secrets, reason: "a subscription was ended".to_owned(), at_ms: engine.now_ms() };
    Ok(engine.state(StateRecord::Erase(erase)).await?)
}

/// Where subscriptions that found nothing have read to, since this process began.
#[derive(Debug, Default)]
pub struct Watcher {
    read: HashMap<String, u64>,
}

/// Looks for as long as the server runs.
pub async fn run(engine: Engine) {
    let mut watcher = Watcher::default();
    loop {
        if let Err(error) = watcher.look(&engine).await {
            tracing::error!(%error, "subscriptions could not be looked at; they are looked at again");
        }
        tokio::time::sleep(Duration::from_millis(SUBSCRIPTION_EVERY_MS)).await;
    }
}

impl Watcher {
    /// One look of every subscription; how many have a message now.
    pub async fn look(&mut self, engine: &Engine) -> Result<usize, SubscriptionError> {
        let (this, read) = (engine.clone(), std::mem::take(&mut self.read));
        let looking = tokio::task::spawn_blocking(move || {
            let mut watcher = Watcher { read };
            let found = watcher.found(&this);
            (watcher.read, found)
        });
        let (read, found) = looking.await.map_err(|_| SubscriptionError::Ended)?;
        self.read = read;
        let mut messages = 0;
        for reported in found? {
            messages += usize::from(reported.message.is_some());
            engine.state(StateRecord::Outgoing(Outgoing::Reported(reported))).await?;
        }
        Ok(messages)
    }

    fn found(&mut self, engine: &Engine) -> Result<Vec<Reported>, SubscriptionError> {
        let (view, mut found, mut known) = (engine.view(), Vec::new(), HashMap::new());
        // A member's subscriptions share what is read in a look, one after the other: many of one do not hold up another's.
        let mut left: HashMap<String, u64> = HashMap::new();
        for row in engine.index().all_subscriptions() {
            let row = row?;
            let id = row.subscription.id.clone();
            let from = self.read.remove(&id).map_or(row.next, |read| read.max(row.next));
            let left = left.entry(row.subscription.member.clone()).or_insert(SUBSCRIPTION_ENTRIES);
            let looked = looked(engine, &view, &row, from, *left)?;
            let (Looked::Report(Reported { next: read, .. }) | Looked::ReadTo(read)) = &looked;
            *left = left.saturating_sub(read.saturating_sub(from));
            match looked {
                Looked::Report(reported) => found.push(reported),
                Looked::ReadTo(read) => drop(known.insert(id, read)),
            }
        }
        // Of those that were taken away nothing is kept.
        self.read = known;
        Ok(found)
    }
}

/// Whether it is time to look: with each new record, or at the first time of the schedule after the last look.
fn is_due(subscription: &Subscription, last_ms: u64, next: u64, view: &View, now_ms: u64) -> bool {
    match subscription.schedule.as_ref().and_then(Value::as_object).map(Schedule::parse) {
        Some(Ok(schedule)) => schedule.next(last_ms).is_some_and(|time| time <= now_ms),
        Some(Err(_)) => false,
        None => next < view.size(),
    }
}

enum Looked {
    Report(Reported),
    ReadTo(u64),
}

fn looked(engine: &Engine, view: &View, row: &SubscriptionRow, from: u64, most: u64) -> Result<Looked, SubscriptionError> {
    let (subscription, now_ms) = (&row.subscription, engine.now_ms());
    let nothing = Ok(Looked::ReadTo(from));
    let last = row.ran_ms.unwrap_or(subscription.created_ms);
    let scheduled = subscription.schedule.is_some();
    let due = is_due(subscription, last, from, view, now_ms) && (scheduled || most > 0);
    if !due || engine.index().newest_message(&subscription.id)?.is_some_and(|row| matches!(row.standing, Standing::Waiting { .. })) {
        return nothing;
    }
    let Some(reader) = reader(view, &subscription.member)? else { return nothing };
    if !is_open(engine, subscription)? {
        return nothing;
    }
    let Some(query) = query(engine, subscription)? else { return nothing };
    let until = view.size().min(from.saturating_add(most));
    let (events, read) = events(view, &reader, subscription, &query, from, until)?;
    // What is left is read at once, not at the next time of the schedule.
    let at_ms = if read < view.size() && scheduled { last } else { now_ms };
    let tells = !events.is_empty() || (scheduled && subscription.report_if_empty && read == view.size());
    if !tells {
        let note = read - row.next >= SUBSCRIPTION_NOTED || (scheduled && at_ms != last);
        let reported = Reported { subscription: subscription.id.clone(), next: read, at_ms, message: None };
        return Ok(if note { Looked::Report(reported) } else { Looked::ReadTo(read) });
    }
    let about = About::Records { from, until: read };
    let message = Some(message(&subscription.member, &subscription.id, about, now_ms));
    Ok(Looked::Report(Reported { subscription: subscription.id.clone(), next: read, at_ms, message }))
}

/// What a subscription asks for; `None` where its query is gone.
fn query(engine: &Engine, subscription: &Subscription) -> Result<Option<Query>, StoreError> {
    let kept = engine.index().query(&subscription.member, &subscription.query)?.and_then(|kept| kept.query);
    Ok(kept.as_ref().and_then(Value::as_object).and_then(|asked| Query::from_json(asked, canonical).ok()))
}

/// The events of these entries that are asked for, in the order in which they were recorded, and the first entry that was not read: a
/// message has room for so many.
fn events(
    view: &View,
    reader: &Reader,
    subscription: &Subscription,
    query: &Query,
    from: u64,
    until: u64,
) -> Result<(Vec<Visible>, u64), ViewError> {
    let (mut events, mut bytes) = (Vec::new(), 0);
    for index in from..until {
        if events.len() == SUBSCRIPTION_EVENTS || bytes >= SUBSCRIPTION_BYTES {
            return Ok((events, index));
        }
        // An event in several entries is told with its first.
        let Some(event) = visible::read(view, index, reader, &|before| !before.is_empty())? else { continue };
        let recorded = i64::try_from(event.record_ms).unwrap_or(i64::MAX);
        let late = subscription.since_ms.is_some_and(|since| event.record_ms < since);
        if !late && query.matches(&event.json, (!event.own).then_some(&event.records), recorded, &canonical) {
            bytes += event.bytes;
            events.push(event);
        }
    }
    Ok((events, until))
}

/// A subscription that lives as long as a connection.
pub struct Live {
    engine: Engine,
    subscription: Subscription,
    /// The first entry that was not read.
    next: u64,
    ran_ms: u64,
}

/// What a look found.
pub enum Look {
    /// Nothing new.
    Nothing,
    /// A query document.
    Message(String),
    /// It has ended, and why.
    Over(&'static str),
}

impl Live {
    /// From the subscription's first entry on.
    pub fn new(engine: Engine, subscription: Subscription) -> Self {
        Self { engine, next: subscription.from, ran_ms: subscription.created_ms, subscription }
    }

    fn is_due(&self, view: &View) -> bool {
        is_due(&self.subscription, self.ran_ms, self.next, view, self.engine.now_ms())
    }

    /// Whose turn a look needs; `None` where there is nothing to look at yet. Why it has ended, where its key opens nothing more.
    pub fn idle(&self) -> Result<Option<String>, &'static str> {
        match is_open(&self.engine, &self.subscription) {
            Ok(true) => Ok(self.is_due(&self.engine.view()).then(|| self.subscription.member.clone())),
            Ok(false) => Err("the API key was ended"),
            Err(error) => {
                tracing::error!(%error, "a subscription's key could not be looked up; it is looked up again");
                Ok(None)
            }
        }
    }

    /// Reads on.
    pub fn look(&mut self) -> Result<Look, SubscriptionError> {
        let view = self.engine.view();
        if !self.is_due(&view) {
            return Ok(Look::Nothing);
        }
        let Some(reader) = reader(&view, &self.subscription.member)? else { return Ok(Look::Over("its member is none any more")) };
        let Some(query) = query(&self.engine, &self.subscription)? else { return Ok(Look::Over("its query was taken away")) };
        let until = view.size().min(self.next.saturating_add(SUBSCRIPTION_ENTRIES));
        let (events, read) = events(&view, &reader, &self.subscription, &query, self.next, until)?;
        self.next = read;
        // What is left is read at once, not at the next time of the schedule.
        if read == view.size() {
            self.ran_ms = self.engine.now_ms();
        }
        let tells =
            !events.is_empty() || (self.subscription.report_if_empty && self.subscription.schedule.is_some() && read == view.size());
        if !tells {
            return Ok(Look::Nothing);
        }
        let list = events.iter().map(|event| &event.json);
        Ok(Look::Message(document::of(list, &self.subscription.query, None, self.engine.now_ms()).to_string()))
    }
}

impl From<SubscriptionError> for NotMade {
    fn from(error: SubscriptionError) -> Self {
        Self::Later(error.to_string())
    }
}

/// What is sent of a message, by what its reader may see now.
pub fn made(engine: &Engine, row: &MessageRow, from: u64, until: u64) -> Result<Parcel, NotMade> {
    let void = |why: &str| NotMade::Void(why.to_owned());
    let Some(found) = engine.index().subscription(&row.message.to)? else { return Err(void("the subscription was taken away")) };
    let subscription = &found.subscription;
    let Some(private) = private(engine, &found)? else { return Err(void("the subscription was taken away")) };
    let view = engine.view();
    let Some(reader) = reader(&view, &subscription.member).map_err(SubscriptionError::from)? else {
        return Err(void("its member is none any more"));
    };
    if !is_open(engine, subscription)? {
        return Err(void("the API key that asked for it was ended"));
    }
    let Some(query) = query(engine, subscription)? else { return Err(void("its query was taken away")) };
    let (events, _) = events(&view, &reader, subscription, &query, from, until).map_err(SubscriptionError::from)?;
    if events.is_empty() && !subscription.report_if_empty {
        return Err(void("nothing of it may be seen any more"));
    }
    let list = events.iter().map(|event| &event.json);
    let document = document::of(list, &subscription.query, Some(&subscription.id), row.message.at_ms);
    let body = serde_json::to_vec(&document).expect("a value has string keys");
    Ok(Parcel::Post(Post { url: private.dest, keys: vec![key_of(&private.token)], gs1: true, body }))
}
