//! State beside the log: accounts, keys, names of places, comments, counts. Append-only records; [`crate::rows::apply`] turns them
//! into tables that can be read.
//!
//! To add a record: add a variant with its own struct here, give it a table and its lines in `rows.rs`, and never change a variant
//! that was released (add fields with `#[serde(default)]`). Texts that people wrote, photographs and contact data never stand in the
//! record itself: they come beside it as blobs and are named by [`Blob`]; so they can be erased by overwriting.

pub mod deed;

use std::collections::BTreeMap;

use ledger::{Hash, Key};
use serde::{Deserialize, Serialize};

pub mod outgoing;
pub mod tally;

/// First byte of a record's body: JSON of a [`StateRecord`] follows.
const VERSION: u8 = 2;

/// Words of one text by language tag.
pub type Words = BTreeMap<String, String>;

/// The n-th of the blobs that came with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob(pub u16);

/// An erasable text or file, as tables name it: by its salted commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(#[serde(with = "hex_hash")] pub Hash);

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "records are made one by one and written at once")]
pub enum StateRecord {
    /// Page openings, gathered for up to a second.
    Scans(Scans),
    /// An account, new or changed: the newest record of a name counts.
    User(User),
    /// A member's API key, new or changed.
    ApiKey(ApiKey),
    /// A name of a place, from a member's location master data.
    Location(Location),
    /// The outcome of a capture job.
    CaptureJob(CaptureJob),
    /// A shopper's comment.
    Comment(Comment),
    /// A comment was read, answered, closed.
    CommentState(CommentState),
    /// An answer to a comment.
    Answer(Answer),
    /// What a comment's writer said to the answers.
    Reply(Reply),
    /// What those of one desk note on a comment for each other.
    Note(Note),
    /// Whose work a comment is.
    Assignment(Assignment),
    /// An answer that a desk keeps ready, new, changed or taken away: the newest record of an id counts.
    ReadyAnswer(ReadyAnswer),
    /// A filter of the inbox that somebody keeps, or took away.
    SavedFilter(SavedFilter),
    /// Blobs to be overwritten.
    Erase(Erase),
    /// The checkpoint that phones keep of a day.
    Milestone(Milestone),
    /// A member's named query, new or taken away.
    Query(NamedQuery),
    /// A member asks an owner for a permission, or what became of that: the newest record of the two counts.
    GrantRequest(GrantRequest),
    /// Something done to a member's accounts, with its line in the trail.
    Deed(Box<deed::Deed>),
    /// What leaves this service: addresses, rules, subscriptions, messages.
    Outgoing(outgoing::Outgoing),
    /// What is counted of pages and checks, for figures.
    Tally(tally::Tally),
    /// The code inside a pack was used.
    InnerSpent(InnerSpent),
}

/// The code inside a pack was used: which, and when; by whom is known to nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InnerSpent {
    /// Digital Link path of the pack.
    pub item: String,
    /// The member that had the code made.
    pub member: String,
    /// When.
    pub at_ms: u64,
}

/// A request for permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRequest {
    /// Id of the member that owns the numbers.
    pub owner: String,
    /// Id of the member that asks.
    pub partner: String,
    /// Words of the rights that it asks for.
    pub rights: Vec<String>,
    /// Beginnings of the numbers; none: all of the owner's.
    pub scopes: Vec<String>,
    /// The newest version of the permission between the two when it asked; a later one answers the request.
    pub version: u32,
    /// When it asked.
    pub asked_ms: u64,
    /// When it asked the same owner earlier, of which a limit takes count; oldest first.
    #[serde(default)]
    pub earlier_ms: Vec<u64>,
    /// When the owner declined.
    #[serde(default)]
    pub declined_ms: Option<u64>,
    /// The partner took it back.
    #[serde(default)]
    pub withdrawn: bool,
}

/// The first checkpoint of a UTC day that the quorum had co-signed; where the policy asks for nobody, that the log had signed. It
/// is public from then on and never another one: the record keeps it through every rebuild.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Days since 1970-01-01 UTC, of the co-signatures.
    pub day: u32,
    /// How many entries.
    pub size: u64,
    /// The signed note, as phones keep it.
    pub note: String,
}

/// Counts of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scans {
    /// Days since 1970-01-01 UTC.
    pub day: u32,
    /// Item keys (64 hex digits) and how often.
    pub counts: BTreeMap<String, u32>,
}

/// Who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name to sign in with.
    pub name: String,
    /// argon2 string (PHC format); empty: nobody can sign in with it.
    pub password: String,
    /// Whose.
    pub member: String,
    /// `brand` sees all of the member's; `store` what concerns `location`.
    pub role: String,
    /// A store's location as Digital Link path, `/414/…`.
    #[serde(default)]
    pub location: Option<String>,
    /// Display name.
    #[serde(default)]
    pub display: Words,
    /// Taken away.
    #[serde(default)]
    pub disabled: bool,
}

/// What a key opens. It is said when the key is made and never changed: a program that has a key gets no more by it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Sending records, and what one needs to know before.
    Capture,
    /// Reading records.
    Query,
    /// Taking letters away as a file.
    Letters,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 3] = [Scope::Capture, Scope::Query, Scope::Letters];

    /// Its word.
    pub fn value(self) -> &'static str {
        match self {
            Scope::Capture => "capture",
            Scope::Query => "query",
            Scope::Letters => "letters",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.value() == word)
    }

    /// Of keys that were made before there were scopes: what they opened then.
    fn of_old() -> Vec<Scope> {
        vec![Scope::Capture, Scope::Query]
    }
}

/// A key for a member's programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Hash of the key's text.
    #[serde(with = "hex_hash")]
    pub hash: Hash,
    /// Whose.
    pub member: String,
    /// What it is for, in the words of who made it.
    pub label: String,
    /// When it was made.
    pub created_ms: u64,
    /// What it opens.
    #[serde(default = "Scope::of_old")]
    pub scopes: Vec<Scope>,
    /// Taken away.
    #[serde(default)]
    pub revoked: bool,
}

/// A place's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Whose master data.
    pub member: String,
    /// Digital Link path, `/414/…`.
    pub path: String,
    /// Names.
    pub names: Words,
}

/// A capture job, whole: the newest record of an id counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureJob {
    /// Its id.
    pub id: String,
    /// Whose.
    pub member: String,
    /// When it came in.
    pub created_ms: u64,
    /// What the interface answers.
    pub document: serde_json::Value,
}

/// A query that a member keeps under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedQuery {
    /// Whose.
    pub member: String,
    /// Its name, one of the member's own.
    pub name: String,
    /// What it asks, in the JSON of EPCIS 2.0; `None`: taken away.
    pub query: Option<serde_json::Value>,
    /// When it was made.
    pub created_ms: u64,
}

/// A comment: a letter to brand and store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Random id, 32 hex digits; also orders nothing.
    pub id: String,
    /// Hash of the receipt's private token.
    #[serde(with = "hex_hash")]
    pub token: Hash,
    /// When it came in.
    pub received_ms: u64,
    /// The item's Digital Link path.
    pub item: String,
    /// Its batch, where it was known.
    #[serde(default)]
    pub lot: Option<String>,
    /// The brand's member id; empty where nobody owns the GTIN's prefix.
    pub brand: String,
    /// The store that received the item last, as Digital Link path, and that store's member id.
    #[serde(default)]
    pub store: Option<(String, String)>,
    /// The independent seller that the writer chose: location and member id.
    #[serde(default)]
    pub seller: Option<(String, String)>,
    /// 1 to 5, or none.
    #[serde(default)]
    pub rating: Option<u8>,
    /// Topic.
    pub topic: String,
    /// Language of the page.
    pub language: String,
    /// The text.
    #[serde(default)]
    pub text: Option<Blob>,
    /// Contact, given with consent.
    #[serde(default)]
    pub contact: Option<Blob>,
    /// Photographs.
    #[serde(default)]
    pub photos: Vec<Photo>,
    /// Held for review.
    #[serde(default)]
    pub held: bool,
    /// Its writer lets it stand on the product's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<Public>,
    /// Words and states as they stood when it was written.
    #[serde(default)]
    pub about: About,
}

/// What of a comment stands on its product's page: its words, rating and month, and never how to reach its writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Public {
    /// Its photographs too.
    #[serde(default)]
    pub photos: bool,
}

/// What a comment is about, in the words that were signed when it was written: the inbox shows these, whatever comes later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// GTIN, 14 digits.
    pub gtin: String,
    /// Serial, where the code had one.
    #[serde(default)]
    pub serial: Option<String>,
    /// The product's name.
    #[serde(default)]
    pub product: Words,
    /// The brand's name.
    #[serde(default)]
    pub brand_names: Words,
    /// The store's name.
    #[serde(default)]
    pub store_names: Words,
    /// The independent seller's name.
    #[serde(default)]
    pub seller_names: Words,
    /// How the proof stood on this server; what the phone found is not taken, for the reader could not believe it.
    #[serde(default)]
    pub proof: Option<trace::feedback::ProofState>,
    /// Why it is held.
    #[serde(default)]
    pub hold: Option<trace::feedback::HoldReason>,
}

/// A photograph of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// The picture.
    pub blob: Blob,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    #[serde(default)]
    pub bytes: u64,
}

/// A step of a comment's handling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentState {
    /// Which comment.
    pub comment: String,
    /// `seen`, `closed`, `reopened`, `held`, `released`, `put-off`; of its writer: `erased`, `withdrawn`.
    pub state: String,
    /// Which account did it.
    pub by: String,
    /// For whom: `brand`, `store` or `seller`.
    #[serde(default)]
    pub side: String,
    /// When.
    pub at_ms: u64,
    /// Of what was put off: until when.
    #[serde(default)]
    pub until_ms: Option<u64>,
    /// Of what was held: why, in a word of `trace::feedback::public::HoldWhy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// To which comment.
    pub comment: String,
    /// Which account.
    pub by: String,
    /// For whom: `brand`, `store` or `seller`.
    #[serde(default)]
    pub side: String,
    /// When.
    pub at_ms: u64,
    /// The words.
    pub text: Blob,
    /// At a tablet that many share: the code of whoever wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<String>,
    /// It stands beside the letter on the product's page, while that stands there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
}

/// What the writer of a comment said to the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// To the answers of which comment.
    pub comment: String,
    /// Made from its form and its words, 32 hex digits: the same one sent twice is kept once.
    pub id: String,
    /// To whom: `brand`, `store`, `seller`.
    pub to: Vec<String>,
    /// When.
    pub at_ms: u64,
    /// The words.
    pub text: Blob,
    /// Photographs.
    #[serde(default)]
    pub photos: Vec<Photo>,
    /// Why it is held, if it is.
    #[serde(default)]
    pub hold: Option<trace::feedback::HoldReason>,
}

/// A note on a comment, for those of one desk alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// On which comment.
    pub comment: String,
    /// Which account.
    pub by: String,
    /// Whose: `brand`, `store` or `seller`.
    pub side: String,
    /// When.
    pub at_ms: u64,
    /// The words.
    pub text: Blob,
}

/// Whose work a comment is, at one desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Which comment.
    pub comment: String,
    /// Which desk: `brand`, `store` or `seller`.
    pub side: String,
    /// The account whose work it is; nobody's without.
    pub to: Option<String>,
    /// Which account said so.
    pub by: String,
    /// When.
    pub at_ms: u64,
}

/// An answer that a desk keeps ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyAnswer {
    /// Whose.
    pub member: String,
    /// A store's location as Digital Link path; the brand's own without.
    #[serde(default)]
    pub location: Option<String>,
    /// Random id, 32 hex digits.
    pub id: String,
    /// Title and words as JSON; `None`: taken away.
    pub words: Option<Blob>,
    /// Which account wrote it last.
    pub by: String,
    /// When.
    pub at_ms: u64,
}

/// A filter of the inbox that an account keeps under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    /// Whose account.
    pub member: String,
    /// The account.
    pub account: String,
    /// Random id, 32 hex digits.
    pub id: String,
    /// Name and query as JSON; `None`: taken away.
    pub words: Option<Blob>,
    /// When.
    pub at_ms: u64,
}

/// Blobs that are overwritten once this record is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erase {
    /// Which.
    pub secrets: Vec<Secret>,
    /// On whose wish and why.
    pub reason: String,
    /// When.
    pub at_ms: u64,
}

impl StateRecord {
    /// The parts that this record says are erased.
    pub fn erased(&self) -> Vec<Hash> {
        match self {
            Self::Erase(erase) => erase.secrets.iter().map(|secret| secret.0).collect(),
            _ => Vec::new(),
        }
    }

    /// As a body.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = vec![VERSION];
        serde_json::to_writer(&mut body, self).expect("records have string keys and no failing serializers");
        body
    }

    /// From a body.
    pub fn decode(body: &[u8]) -> Result<Self, String> {
        match body.split_first() {
            Some((&VERSION, json)) => serde_json::from_slice(json).map_err(|e| format!("a state record this version cannot read: {e}")),
            _ => Err("a state record of an unknown version; use the newer leafproof that wrote it".to_owned()),
        }
    }
}

/// Hex of an item's key, as [`Scans`] counts it.
pub fn scan_key(key: &Key) -> String {
    key.to_string()
}

/// A hash as hex digits, for serde's `with`.
pub mod hex_hash {
    use ledger::Hash;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes it.
    pub fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(hash)
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
