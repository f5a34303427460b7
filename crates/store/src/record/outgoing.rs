//! What leaves this service: whom to tell, of what, and every message on its way. A message is a record before anything is sent, so
//! none is lost; its id stays the same in every attempt, so none is taken for two.

use ledger::Hash;
use serde::{Deserialize, Serialize};

use super::{Blob, hex_hash};

/// One record of what leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing {
    /// An address that is told, new or changed: the newest record of an id counts.
    Channel(Channel),
    /// An address was confirmed, or wants nothing more.
    ChannelState(ChannelState),
    /// When a desk is told of letters, new or changed.
    Rule(Rule),
    /// A rule looked at letters: how far, and what leaves.
    Told(Told),
    /// A member's subscription to a named query, new or taken away.
    Subscription(Subscription),
    /// A subscription looked at records: how far, and what leaves.
    Reported(Reported),
    /// A message that no rule made.
    Message(Message),
    /// A message was sent, or was tried to be.
    Attempt(Attempt),
    /// A message that is to be sent once more.
    Replay(Replay),
}

/// Of what kind an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// A program, by a signed POST.
    Webhook,
    /// A person, by e-mail.
    Mail,
}

/// An address that a desk gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Random id, 32 hex digits.
    pub id: String,
    /// Whose.
    pub member: String,
    /// A store's location as Digital Link path; the brand's own without.
    #[serde(default)]
    pub location: Option<String>,
    /// Program or person.
    pub kind: ChannelKind,
    /// Address and secrets as JSON; `None`: taken away.
    pub private: Option<Blob>,
    /// Of a person's address, each time it is asked whether it may be written to: keyed hashes of the address and of who asks, by which
    /// that is counted.
    #[serde(default)]
    pub asked: Vec<Fingerprint>,
    /// Language of what is written to it.
    pub language: String,
    /// Which account gave it.
    pub by: String,
    /// When.
    pub at_ms: u64,
}

/// A hash that stands for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(#[serde(with = "hex_hash")] pub Hash);

/// What became of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelState {
    /// Which.
    pub id: String,
    /// Whether it may be written to from now on.
    pub confirmed: bool,
    /// When.
    pub at_ms: u64,
}

/// What a desk is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Each letter.
    Letter,
    /// A letter that names illness.
    Illness,
    /// Several letters that suspect fakes of one lot.
    Fakes,
    /// Bad ratings on average.
    Rating,
}

/// When a desk is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Random id, 32 hex digits.
    pub id: String,
    /// Whose.
    pub member: String,
    /// A store's location; the brand's own without.
    #[serde(default)]
    pub location: Option<String>,
    /// Of what; `None`: taken away.
    pub kind: Option<RuleKind>,
    /// At which addresses.
    pub channels: Vec<String>,
    /// At most one message in so many minutes; what comes in between is told in the next.
    pub minutes: u32,
    /// Which account wrote it last.
    pub by: String,
    /// When.
    pub at_ms: u64,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Which rule.
    pub rule: String,
    /// The number of the last letter that it looked at, as its member's letters are counted.
    pub upto: u64,
    /// Whether ratings are bad now.
    #[serde(default)]
    pub low: bool,
    /// When.
    pub at_ms: u64,
    /// What leaves, in the same moment.
    pub messages: Vec<Message>,
}

/// A member asks to be told of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Random id, 32 hex digits.
    pub id: String,
    /// Whose.
    pub member: String,
    /// The name of its query.
    pub query: String,
    /// Address and secret as JSON; `None`: taken away.
    pub private: Option<Blob>,
    /// When it runs, as EPCIS 2.0 says it; without a schedule with each new record.
    #[serde(default)]
    pub schedule: Option<serde_json::Value>,
    /// Whether it tells that there was nothing.
    #[serde(default)]
    pub report_if_empty: bool,
    /// The first entry of the ledger that it is asked of.
    pub from: u64,
    /// The hash of the API key that asked for it: it ends with that key.
    pub key: Fingerprint,
    /// Records of before this time are not told.
    #[serde(default)]
    pub since_ms: Option<u64>,
    /// When it was made.
    pub created_ms: u64,
}

/// What a subscription found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// Which.
    pub subscription: String,
    /// The first entry that it did not look at yet.
    pub next: u64,
    /// When it ran.
    pub at_ms: u64,
    /// What leaves, in the same moment.
    pub message: Option<Message>,
}

/// A message on its way. Its words are made when it is sent, of what its reader may read then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Random id, 32 hex digits: the same in each attempt.
    pub id: String,
    /// Whose.
    pub member: String,
    /// To which channel or subscription.
    pub to: String,
    /// About what.
    pub about: About,
    /// When it was made; it is due at once.
    pub at_ms: u64,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Nothing: whether it arrives is to be seen.
    Test,
    /// Whether the address may be written to.
    Confirm,
    /// Letters.
    Letters {
        /// By which kind of rule.
        rule: RuleKind,
        /// Ids of the newest of them.
        letters: Vec<String>,
        /// How many further ones there are.
        more: u64,
        /// Of bad ratings: how many there were, and their sum.
        #[serde(default)]
        ratings: Option<(u64, u64)>,
    },
    /// Records, from an entry of the ledger up to before another.
    Records {
        /// The first.
        from: u64,
        /// The first that is not asked any more.
        until: u64,
    },
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was taken.
    Delivered,
    /// It was not, and is tried again.
    Again {
        /// When.
        due_ms: u64,
    },
    /// It was not, and nothing more is tried.
    Failed,
}

/// An attempt to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which message.
    pub message: String,
    /// When.
    pub at_ms: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What the other side said, in few words.
    pub answer: String,
}

/// A message is to be sent once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// Which.
    pub message: String,
    /// Which account wants it.
    pub by: String,
    /// When.
    pub at_ms: u64,
}
