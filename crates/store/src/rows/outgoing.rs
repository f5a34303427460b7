//! Tables of what leaves: addresses, rules, subscriptions, messages, what is due, and each address's log.

use ledger::Hash;
use serde::{Deserialize, Serialize};

use super::pair;
use crate::record::Secret;
use crate::record::outgoing::{Attempt, Channel, Fingerprint, Message, Outcome, Outgoing, Replay, Rule, Subscription};
use crate::table::{
    CHANNELS, CHANNELS_OF, DUE, LETTERS, LETTERS_COUNT, LOGS, MAILED, OUTBOX, RULES, RULES_OF, SUBSCRIPTIONS, SUBSCRIPTIONS_OF,
};
use crate::{Changes, Index, StoreError, Table};

/// Messages that the log of one address holds; the oldest that are done go first, and are counted.
pub const LOG_MESSAGES: usize = 100;
/// Attempts that a message's row holds; the oldest go first. Those of one round of tries fit.
pub const ATTEMPTS_KEPT: usize = 20;
/// Times that are kept of how often an address was asked.
pub const ASKED_KEPT: usize = 20;

/// An address as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRow {
    /// As it came.
    pub channel: Channel,
    /// Address and secrets.
    pub private: Secret,
    /// When it said that it may be written to.
    pub confirmed_ms: Option<u64>,
    /// When it said that it wants nothing more.
    pub stopped_ms: Option<u64>,
}

/// A rule as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// As it came.
    pub rule: Rule,
    /// The number of the last letter that it looked at.
    pub upto: u64,
    /// When it told something last.
    pub told_ms: Option<u64>,
    /// Whether ratings were bad when it looked last.
    pub low: bool,
}

/// A subscription as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionRow {
    /// As it came.
    pub subscription: Subscription,
    /// Address and secret.
    pub private: Secret,
    /// The first entry that it did not look at yet.
    pub next: u64,
    /// When it ran last.
    pub ran_ms: Option<u64>,
}

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is to be sent.
    Waiting {
        /// From when on.
        due_ms: u64,
    },
    /// It was taken.
    Delivered,
    /// It was not, and nothing more is tried.
    Failed,
}

/// A message with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// As it was made.
    pub message: Message,
    /// How it stands.
    pub standing: Standing,
    /// Attempts since it was made, or replayed.
    pub tries: u32,
    /// The newest attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// Who wanted it sent again, and when: the last time.
    pub replayed: Option<(String, u64)>,
}

/// The messages to one address, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRow {
    /// Their ids.
    pub ids: Vec<String>,
    /// How many went out of the log.
    pub gone: u64,
}

/// How often a person's address was asked whether it may be written to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailedRow {
    /// When, oldest first.
    pub asked_ms: Vec<u64>,
    /// When it said no last.
    pub refused_ms: Option<u64>,
}

/// Puts a record into the tables.
pub(super) fn apply(changes: &mut Changes, record: Outgoing, parts: &[Hash]) -> Result<(), StoreError> {
    let secret = |blob: Option<crate::record::Blob>| blob.and_then(|blob| parts.get(usize::from(blob.0)).copied()).map(Secret);
    match record {
        Outgoing::Channel(channel) => {
            let before = changes.get_json::<ChannelRow>(CHANNELS, channel.id.as_bytes())?;
            let of = desk_key(&channel.member, channel.location.as_deref(), &channel.id);
            match secret(channel.private) {
                Some(private) => {
                    for asked in &channel.asked {
                        let mut mailed: MailedRow = changes.get_json(MAILED, &asked.0.0)?.unwrap_or_default();
                        mailed.asked_ms.push(channel.at_ms);
                        mailed.asked_ms.drain(..mailed.asked_ms.len().saturating_sub(ASKED_KEPT));
                        changes.put_json(MAILED, &asked.0.0, &mailed);
                    }
                    let (confirmed_ms, stopped_ms) = before.map_or((None, None), |row| (row.confirmed_ms, row.stopped_ms));
                    // Who is asked once more can answer once more.
                    let stopped_ms = stopped_ms.filter(|_| channel.asked.is_empty());
                    changes.put(CHANNELS_OF, &of, &[]);
                    let id = channel.id.clone();
                    changes.put_json(CHANNELS, id.as_bytes(), &ChannelRow { channel, private, confirmed_ms, stopped_ms });
                }
                None => {
                    changes.remove(CHANNELS, channel.id.as_bytes());
                    changes.remove(CHANNELS_OF, &of);
                    forget(changes, &channel.id)?;
                }
            }
        }
        Outgoing::ChannelState(state) => {
            if let Some(mut row) = changes.get_json::<ChannelRow>(CHANNELS, state.id.as_bytes())? {
                row.confirmed_ms = state.confirmed.then_some(state.at_ms);
                row.stopped_ms = (!state.confirmed).then_some(state.at_ms);
                if let Some(Fingerprint(asked)) = row.channel.asked.first() {
                    let mut mailed: MailedRow = changes.get_json(MAILED, &asked.0)?.unwrap_or_default();
                    mailed.refused_ms = row.stopped_ms;
                    changes.put_json(MAILED, &asked.0, &mailed);
                }
                changes.put_json(CHANNELS, state.id.as_bytes(), &row);
            }
        }
        Outgoing::Rule(rule) => {
            let of = desk_key(&rule.member, rule.location.as_deref(), &rule.id);
            if rule.kind.is_none() {
                changes.remove(RULES, rule.id.as_bytes());
                changes.remove(RULES_OF, &of);
                return Ok(());
            }
            let before = changes.get_json::<RuleRow>(RULES, rule.id.as_bytes())?;
            // A new one begins with the letters that come after it.
            let letters = count_of(changes, &rule.member)?;
            changes.put(RULES_OF, &of, &[]);
            let id = rule.id.clone();
            let row = match before {
                Some(before) if before.rule.kind == rule.kind => RuleRow { rule, ..before },
                _ => RuleRow { rule, upto: letters, told_ms: None, low: false },
            };
            changes.put_json(RULES, id.as_bytes(), &row);
        }
        Outgoing::Told(told) => {
            if let Some(mut row) = changes.get_json::<RuleRow>(RULES, told.rule.as_bytes())? {
                (row.upto, row.low) = (row.upto.max(told.upto), told.low);
                if !told.messages.is_empty() {
                    row.told_ms = Some(told.at_ms);
                }
                changes.put_json(RULES, told.rule.as_bytes(), &row);
                for message in told.messages {
                    post(changes, message)?;
                }
            }
        }
        Outgoing::Subscription(subscription) => {
            let of = subscription_key(&subscription.member, &subscription.query, &subscription.id);
            match secret(subscription.private) {
                Some(private) => {
                    changes.put(SUBSCRIPTIONS_OF, &of, &[]);
                    let (id, next) = (subscription.id.clone(), subscription.from);
                    changes.put_json(SUBSCRIPTIONS, id.as_bytes(), &SubscriptionRow { subscription, private, next, ran_ms: None });
                }
                None => {
                    changes.remove(SUBSCRIPTIONS, subscription.id.as_bytes());
                    changes.remove(SUBSCRIPTIONS_OF, &of);
                    forget(changes, &subscription.id)?;
                }
            }
        }
        Outgoing::Reported(reported) => {
            if let Some(mut row) = changes.get_json::<SubscriptionRow>(SUBSCRIPTIONS, reported.subscription.as_bytes())? {
                (row.next, row.ran_ms) = (row.next.max(reported.next), Some(reported.at_ms));
                changes.put_json(SUBSCRIPTIONS, reported.subscription.as_bytes(), &row);
                if let Some(message) = reported.message {
                    post(changes, message)?;
                }
            }
        }
        Outgoing::Message(message) => post(changes, message)?,
        Outgoing::Attempt(attempt) => tried(changes, attempt)?,
        Outgoing::Replay(Replay { message, by, at_ms }) => {
            if let Some(mut row) = changes.get_json::<MessageRow>(OUTBOX, message.as_bytes())? {
                stand(changes, &mut row, Standing::Waiting { due_ms: at_ms });
                (row.tries, row.replayed) = (0, Some((by, at_ms)));
                changes.put_json(OUTBOX, message.as_bytes(), &row);
            }
        }
    }
    Ok(())
}

/// Counts a letter of a member, in the order in which letters came in: no clock that was set back hides one.
pub(super) fn letter_came(changes: &mut Changes, member: &str, id: &str) -> Result<(), StoreError> {
    let number = count_of(changes, member)? + 1;
    changes.put_json(LETTERS_COUNT, member.as_bytes(), &number);
    changes.put(LETTERS, &letter_key(member, number), id.as_bytes());
    Ok(())
}

fn count_of(changes: &Changes, member: &str) -> Result<u64, StoreError> {
    Ok(changes.get_json(LETTERS_COUNT, member.as_bytes())?.unwrap_or_default())
}

/// Puts a message into the outbox.
fn post(changes: &mut Changes, message: Message) -> Result<(), StoreError> {
    let mut log: LogRow = changes.get_json(LOGS, message.to.as_bytes())?.unwrap_or_default();
    log.ids.push(message.id.clone());
    while log.ids.len() > LOG_MESSAGES {
        let mut oldest_done = None;
        for (place, id) in log.ids.iter().enumerate() {
            let row = changes.get_json::<MessageRow>(OUTBOX, id.as_bytes())?;
            if row.is_some_and(|row| !matches!(row.standing, Standing::Waiting { .. })) {
                oldest_done = Some(place);
                break;
            }
        }
        let Some(place) = oldest_done else { break };
        let id = log.ids.remove(place);
        changes.remove(OUTBOX, id.as_bytes());
        log.gone += 1;
    }
    changes.put_json(LOGS, message.to.as_bytes(), &log);
    let due_ms = message.at_ms;
    changes.put(DUE, &due_key(due_ms, &message.id), message.member.as_bytes());
    let id = message.id.clone();
    let row = MessageRow { message, standing: Standing::Waiting { due_ms }, tries: 0, attempts: Vec::new(), replayed: None };
    changes.put_json(OUTBOX, id.as_bytes(), &row);
    Ok(())
}

fn tried(changes: &mut Changes, attempt: Attempt) -> Result<(), StoreError> {
    // A message whose address was taken away meanwhile is no more.
    let Some(mut row) = changes.get_json::<MessageRow>(OUTBOX, attempt.message.as_bytes())? else { return Ok(()) };
    let standing = match attempt.outcome {
        Outcome::Delivered => Standing::Delivered,
        Outcome::Again { due_ms } => Standing::Waiting { due_ms },
        Outcome::Failed => Standing::Failed,
    };
    stand(changes, &mut row, standing);
    row.tries += 1;
    row.attempts.push(attempt);
    row.attempts.drain(..row.attempts.len().saturating_sub(ATTEMPTS_KEPT));
    let id = row.message.id.clone();
    changes.put_json(OUTBOX, id.as_bytes(), &row);
    Ok(())
}

fn stand(changes: &mut Changes, row: &mut MessageRow, standing: Standing) {
    if let Standing::Waiting { due_ms } = row.standing {
        changes.remove(DUE, &due_key(due_ms, &row.message.id));
    }
    if let Standing::Waiting { due_ms } = standing {
        changes.put(DUE, &due_key(due_ms, &row.message.id), row.message.member.as_bytes());
    }
    row.standing = standing;
}

/// An address that was taken away takes its messages along.
fn forget(changes: &mut Changes, to: &str) -> Result<(), StoreError> {
    let log: LogRow = changes.get_json(LOGS, to.as_bytes())?.unwrap_or_default();
    for id in log.ids {
        if let Some(row) = changes.get_json::<MessageRow>(OUTBOX, id.as_bytes())?
            && let Standing::Waiting { due_ms } = row.standing
        {
            changes.remove(DUE, &due_key(due_ms, &id));
        }
        changes.remove(OUTBOX, id.as_bytes());
    }
    changes.remove(LOGS, to.as_bytes());
    Ok(())
}

fn desk_key(member: &str, location: Option<&str>, id: &str) -> Vec<u8> {
    [member.as_bytes(), &[0], location.unwrap_or_default().as_bytes(), &[0], id.as_bytes()].concat()
}

fn subscription_key(member: &str, query: &str, id: &str) -> Vec<u8> {
    [member.as_bytes(), &[0], query.as_bytes(), &[0], id.as_bytes()].concat()
}

fn due_key(due_ms: u64, id: &str) -> Vec<u8> {
    [&due_ms.to_be_bytes(), id.as_bytes()].concat()
}

fn letter_key(member: &str, number: u64) -> Vec<u8> {
    [&pair(member, "")[..], &number.to_be_bytes()].concat()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Index {
    /// An address by its id.
    pub fn channel(&self, id: &str) -> Result<Option<ChannelRow>, StoreError> {
        self.get_json(CHANNELS, id.as_bytes())
    }

    /// The addresses of a desk: of a member's own, or of one of its stores.
    pub fn channels(&self, member: &str, location: Option<&str>) -> Result<Vec<ChannelRow>, StoreError> {
        self.of_desk(CHANNELS_OF, CHANNELS, &desk_key(member, location, ""))
    }

    /// A rule by its id.
    pub fn rule(&self, id: &str) -> Result<Option<RuleRow>, StoreError> {
        self.get_json(RULES, id.as_bytes())
    }

    /// The rules of a desk.
    pub fn rules(&self, member: &str, location: Option<&str>) -> Result<Vec<RuleRow>, StoreError> {
        self.of_desk(RULES_OF, RULES, &desk_key(member, location, ""))
    }

    /// All rules.
    pub fn all_rules(&self) -> impl Iterator<Item = Result<RuleRow, StoreError>> + use<> {
        self.json_rows(RULES, &[]).map(|row| Ok(row?.1))
    }

    /// A subscription by its id.
    pub fn subscription(&self, id: &str) -> Result<Option<SubscriptionRow>, StoreError> {
        self.get_json(SUBSCRIPTIONS, id.as_bytes())
    }

    /// A member's subscriptions to one of its queries, by id; to all of them with an empty name.
    pub fn subscriptions(&self, member: &str, query: &str) -> Result<Vec<SubscriptionRow>, StoreError> {
        let key = if query.is_empty() { pair(member, "") } else { subscription_key(member, query, "") };
        self.of_desk(SUBSCRIPTIONS_OF, SUBSCRIPTIONS, &key)
    }

    /// All subscriptions.
    pub fn all_subscriptions(&self) -> impl Iterator<Item = Result<SubscriptionRow, StoreError>> + use<> {
        self.json_rows(SUBSCRIPTIONS, &[]).map(|row| Ok(row?.1))
    }

    /// Rows of a table whose ids stand at the ends of another's keys.
    fn of_desk<T: serde::de::DeserializeOwned>(&self, of: Table, table: Table, key: &[u8]) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        for row in self.rows(of, key) {
            let (key, _) = row?;
            let id = key.rsplit(|byte| *byte == 0).next().unwrap_or_default();
            found.extend(self.get_json(table, id)?);
        }
        Ok(found)
    }

    /// A message.
    pub fn message(&self, id: &str) -> Result<Option<MessageRow>, StoreError> {
        self.get_json(OUTBOX, id.as_bytes())
    }

    /// Messages that are due, the longest due first, each with its member.
    pub fn due(&self, now_ms: u64) -> impl Iterator<Item = Result<(String, String), StoreError>> + use<> {
        let until = now_ms.to_be_bytes();
        self.rows(DUE, &[]).map_while(move |row| match row {
            Ok((key, member)) if key[..8] <= until[..] => Some(Ok((text(&key[8..]), text(&member)))),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// The messages to an address, newest first, and how many older ones its log holds no more.
    pub fn log(&self, to: &str) -> Result<(Vec<MessageRow>, u64), StoreError> {
        let log: LogRow = self.get_json(LOGS, to.as_bytes())?.unwrap_or_default();
        let mut rows = Vec::with_capacity(log.ids.len());
        for id in log.ids.iter().rev() {
            rows.extend(self.message(id)?);
        }
        Ok((rows, log.gone))
    }

    /// The newest message to an address.
    pub fn newest_message(&self, to: &str) -> Result<Option<MessageRow>, StoreError> {
        let log: LogRow = self.get_json(LOGS, to.as_bytes())?.unwrap_or_default();
        log.ids.last().map_or(Ok(None), |id| self.message(id))
    }

    /// How often a person's address was asked.
    pub fn mailed(&self, address: &Hash) -> Result<MailedRow, StoreError> {
        Ok(self.get_json(MAILED, &address.0)?.unwrap_or_default())
    }

    /// How many letters a member got.
    pub fn letters_count(&self, member: &str) -> Result<u64, StoreError> {
        Ok(self.get_json(LETTERS_COUNT, member.as_bytes())?.unwrap_or_default())
    }

    /// The id of a member's letter by its number, from 1 on in the order in which they came in.
    pub fn letter_id(&self, member: &str, number: u64) -> Result<Option<String>, StoreError> {
        Ok(self.get(LETTERS, &letter_key(member, number))?.map(|id| text(&id)))
    }
}
