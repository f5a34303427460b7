//! What was sent: tests, the log of each receiver, sending again; and what programs subscribed to, for who speaks for their member.

use engine::Engine;
use store::record::outgoing::{About, Outgoing, Replay};
use store::rows::outgoing::{MessageRow, Standing, SubscriptionRow};

use super::{ALERT_TEST_PAUSE_MS, Known, NotDone, Outcome, channel, may_be_told, message, put};
use crate::epcis::subscriptions::{self, SubscriptionError};
use crate::feedback::letters::{LetterError, turn};
use crate::session::accounts::{Account, May};

impl From<SubscriptionError> for LetterError {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::Index(error) => Self::Index(error),
            SubscriptionError::View(error) => Self::View(error),
            SubscriptionError::State(error) => Self::State(error),
            SubscriptionError::Ended => Self::State(engine::StateError::Stopped),
        }
    }
}

/// Sends a message about nothing.
pub async fn test(engine: &Engine, account: &Account, id: &str) -> Outcome<()> {
    let _turn = turn(&account.member).await;
    let Some(known) = channel(engine, account, id)? else { return Ok(Err(NotDone::Gone)) };
    if !may_be_told(&known.row) {
        return Ok(Err(NotDone::Unconfirmed));
    }
    let now_ms = engine.now_ms();
    let (log, _) = engine.index().log(id)?;
    let soon = |row: &MessageRow| row.message.about == About::Test && (waits(row) || row.message.at_ms + ALERT_TEST_PAUSE_MS > now_ms);
    if log.iter().any(soon) {
        return Ok(Err(NotDone::Soon));
    }
    put(engine, Outgoing::Message(message(account, id, About::Test, now_ms))).await?;
    Ok(Ok(()))
}

fn waits(row: &MessageRow) -> bool {
    matches!(row.standing, Standing::Waiting { .. })
}

/// A subscription of a member's program to records.
#[derive(Clone, Debug)]
pub struct Subscribed {
    /// As it stands.
    pub row: SubscriptionRow,
    /// Where its messages go.
    pub dest: String,
    /// The key that asked for it still opens something.
    pub open: bool,
}

fn subscribed(engine: &Engine, row: SubscriptionRow) -> Result<Option<Subscribed>, LetterError> {
    let open = subscriptions::is_open(engine, &row.subscription)?;
    Ok(subscriptions::private(engine, &row)?.map(|private| Subscribed { row, dest: private.dest, open }))
}

/// What programs with a key of this account's member subscribed to: for who speaks for the member, so that a subscription that nobody
/// there made is found.
pub fn subscriptions_of(engine: &Engine, account: &Account) -> Result<Vec<Subscribed>, LetterError> {
    let mut all = Vec::new();
    if account.may(May::Keys) {
        for row in engine.index().subscriptions(&account.member, "")? {
            all.extend(subscribed(engine, row)?);
        }
    }
    Ok(all)
}

/// One of them.
pub fn subscription(engine: &Engine, account: &Account, id: &str) -> Result<Option<Subscribed>, LetterError> {
    let row = engine.index().subscription(id)?.filter(|row| account.may(May::Keys) && row.subscription.member == account.member);
    row.map_or(Ok(None), |row| subscribed(engine, row))
}

/// Ends one of them.
pub async fn end_subscription(engine: &Engine, account: &Account, id: &str) -> Outcome<()> {
    let Some(found) = subscription(engine, account, id)? else { return Ok(Err(NotDone::Gone)) };
    subscriptions::end(engine, found.row).await?;
    Ok(Ok(()))
}

/// To whom a message goes, as this account's desk knows it.
#[derive(Clone, Debug)]
pub enum Receiver {
    /// An address of alerts.
    Channel(Known),
    /// A subscription to records.
    Subscription(Subscribed),
}

/// Who has this id at the desk of this account.
pub fn receiver(engine: &Engine, account: &Account, id: &str) -> Result<Option<Receiver>, LetterError> {
    Ok(match channel(engine, account, id)? {
        Some(known) => Some(Receiver::Channel(known)),
        None => subscription(engine, account, id)?.map(Receiver::Subscription),
    })
}

/// The messages to a receiver of this desk, newest first, and how many older ones are not in the log any more.
pub fn log(engine: &Engine, account: &Account, id: &str) -> Result<Option<(Receiver, Vec<MessageRow>, u64)>, LetterError> {
    let Some(receiver) = receiver(engine, account, id)? else { return Ok(None) };
    let (rows, gone) = engine.index().log(id)?;
    Ok(Some((receiver, rows, gone)))
}

/// Sends a message again that was given up or taken; gives the address that it is for.
pub async fn replay(engine: &Engine, account: &Account, id: &str) -> Outcome<String> {
    let _turn = turn(&account.member).await;
    let Some(row) = engine.index().message(id)? else { return Ok(Err(NotDone::Gone)) };
    let Some(receiver) = receiver(engine, account, &row.message.to)? else { return Ok(Err(NotDone::Gone)) };
    if waits(&row) || row.attempts.last().is_some_and(|last| last.at_ms + ALERT_TEST_PAUSE_MS > engine.now_ms()) {
        return Ok(Err(NotDone::Soon));
    }
    // What asks a person is counted when it is asked, not when it is sent.
    if row.message.about == About::Confirm || matches!(&receiver, Receiver::Channel(known) if !may_be_told(&known.row)) {
        return Ok(Err(NotDone::Unconfirmed));
    }
    let replay = Replay { message: id.to_owned(), by: account.name.clone(), at_ms: engine.now_ms() };
    put(engine, Outgoing::Replay(replay)).await?;
    Ok(Ok(row.message.to))
}
