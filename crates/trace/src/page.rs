//! The page of an item as data: everything a shopper's page shows, free of language and of markup.
//!
//! Built from an item's history (`crate::history`), rendered by the crate `app`. Every fact carries the pointers of the signed
//! lines it was made from, so that the phone can compare what is shown with what was signed (ARCHITECTURE.md, S2 to S4).

mod build;
mod cover;
mod facts;
mod lines;
mod shown;
mod status;
mod times;

use std::collections::BTreeMap;

pub use build::{View, item_page};
pub(crate) use cover::{unshown, value};
pub use shown::shown_pointers;

/// Words of one text by language tag (`en`, `zh`).
pub type Words = BTreeMap<String, String>;

/// How signed values become shown text (ARCHITECTURE.md, S3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One value as it is.
    Text,
    /// A vocabulary term in the reader's language.
    Word,
    /// RFC 3339 time and offset.
    Time,
    /// The same without its offset, which the page names once for all.
    Local,
    /// The same without offset and year, which what stands before it names.
    Moment,
    /// Calendar date.
    Date,
    /// A number, digits grouped.
    Number,
    /// A number and a UN/ECE recommendation 20 unit code.
    Quantity,
}

/// A signed value: where it stands and how it is shown. For words in several languages one `Signed` per language exists and the
/// page shows the reader's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Pointers of the lines, in the order the format takes them.
    pub pointers: Vec<String>,
    /// The values of these lines.
    pub values: Vec<String>,
    /// How they are shown.
    pub format: Format,
}

/// Signed words in the languages they were signed in.
pub type SignedWords = BTreeMap<String, Signed>;

/// What a fact is called: signed by the author, or one of our vocabulary words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// The author's own label.
    Signed(SignedWords),
    /// Our word for a standard field, by vocabulary term (for example `itemExpirationDate`).
    Ours(String),
    /// A term of the author's own that our vocabulary has no word for, shown as it was signed.
    Term(Signed),
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Language-free: number, date, quantity, term, plain text.
    One(Signed),
    /// In words.
    Words(SignedWords),
}

/// A file on this server, named by its BLAKE3 hash in a signed line; served at `/media/<hash>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Pointer of the line that holds the hash.
    pub pointer: String,
    /// BLAKE3, lower-case hex.
    pub hash: String,
    /// Media type, e.g. `image/svg+xml`.
    pub media_type: String,
    /// Size where it was signed.
    pub bytes: Option<u64>,
}

/// One fact of a node: a row of its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is called.
    pub label: Label,
    /// What it is.
    pub value: Value,
    /// A document behind it.
    pub file: Option<File>,
    /// What its author says of it since.
    pub change: Change,
}

/// What the author of a record says of one of its facts since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it stands, or stands in the same words in the record that replaced this one.
    Kept,
    /// It was taken back.
    Gone,
    /// It was taken back, and the record of this entry has another value in its place.
    Now(u64, Value),
}

/// A picture of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub file: File,
    /// What it shows, in words.
    pub alt: SignedWords,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
}

/// Recorded video, loaded on tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// The file.
    pub file: File,
    /// Its name.
    pub label: SignedWords,
    /// Length in seconds.
    pub seconds: Option<Signed>,
}

/// A live stream elsewhere: an outbound link that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The address, signed.
    pub href: Signed,
    /// Its name.
    pub label: SignedWords,
}

/// A chart of measured values, in the order of their times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What was measured: our word, for example for `Temperature`, or the author's own term.
    pub kind: Label,
    /// Readings: time (format Time) and value (format Quantity).
    pub readings: Vec<(Signed, Signed)>,
    /// The limit drawn in (format Quantity).
    pub limit: Option<Signed>,
}

/// Packs of a transformation: how many came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packs {
    /// How many (format Number).
    pub count: Signed,
    /// What they are.
    pub label: SignedWords,
}

impl Packs {
    /// Most ticks of a strip: on a phone's width more would run into each other.
    pub const TICKS_MAX: u32 = 60;

    /// One tick for each pack, as `Leafproof.packs` in public/draw.js counts them.
    pub fn ticks(&self) -> u32 {
        self.count.values.first().and_then(|count| crate::number::packs(count)).unwrap_or(0).min(Self::TICKS_MAX)
    }
}

/// Who made a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Member id, e.g. `beihe.example`.
    pub id: String,
    /// Names by language, from the verified MEMBER entry.
    pub names: Words,
    /// Index of that MEMBER entry.
    pub member_entry: u64,
    /// True where the author holds the key itself; false where this service keeps it.
    pub own_key: bool,
}

/// By whose right a record stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// Its author owns the number that it is about.
    Owner,
    /// The owner lets its author record these goods.
    Granted {
        /// The owner.
        owner: Author,
        /// Since when the ledger has the owner's word.
        since_ms: u64,
    },
    /// A regulator.
    Regulator,
    /// Somebody whom governance lets speak, and whom the owner did not name.
    Independent,
    /// Made while nobody owned the number.
    Unowned,
}

impl Right {
    /// The word in marks and in the report.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Granted { .. } => "granted",
            Self::Regulator => "regulator",
            Self::Independent => "independent",
            Self::Unowned => "unowned",
        }
    }
}

/// Who says of what a transformation was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// The owners of all inputs let its author name them, and recorded that they went to it.
    Confirmed,
    /// The owners of all inputs let its author name them.
    Named,
    /// Of one input at least, its author alone.
    Said,
}

/// What the owner of the number has against a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Ledger index of the objection.
    pub entry: u64,
    /// When it was made (format Time).
    pub when: Signed,
    /// Why, in the owner's words.
    pub words: SignedWords,
    /// The owner.
    pub author: Author,
}

/// A correction: what superseded the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Ledger index of the entry that voids this one.
    pub by_entry: u64,
    /// When it was declared (format Time).
    pub at: Signed,
    /// Why: vocabulary term (format Word).
    pub reason: Option<Signed>,
    /// Why, in the author's words.
    pub words: SignedWords,
}

/// How the record reached this item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// It names the item itself.
    Item,
    /// It names the item's batch.
    Batch,
    /// It names the product.
    Product,
    /// It names a case or pallet while the item was inside.
    Container,
    /// It names an input of the transformation that made the item.
    Input,
    /// It made goods of this batch.
    Made,
}

/// One record on the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Ledger index of the entry.
    pub entry: u64,
    /// Anchor on the page, from 1.
    pub number: usize,
    /// How it belongs here.
    pub through: Through,
    /// Heading in the author's words; empty where there are none.
    pub title: SignedWords,
    /// The business step or, without one, the event type (format Word): heading where `title` is empty.
    pub step: Signed,
    /// When it happened (format Time).
    pub when: Signed,
    /// When it was recorded (milliseconds since 1970), given where that is more than a day later.
    pub recorded_ms: Option<u64>,
    /// Where.
    pub place: SignedWords,
    /// By whom.
    pub author: Author,
    /// By whose right.
    pub right: Right,
    /// Of a transformation that used up the goods of others, or says so: who stands behind that.
    pub inputs: Option<Inputs>,
    /// The owner of the number objects.
    pub objection: Option<Objection>,
    /// An alert by a key that was in other hands: struck.
    pub disputed: bool,
    /// Rows.
    pub facts: Vec<Fact>,
    /// Chart of measurements.
    pub charts: Vec<Chart>,
    /// Pictures.
    pub pictures: Vec<Picture>,
    /// Recorded video.
    pub video: Option<Video>,
    /// Live stream.
    pub live: Option<Live>,
    /// Packs of a transformation.
    pub packs: Option<Packs>,
    /// Struck through: a later record of the same author supersedes it.
    pub corrected: Option<Correction>,
    /// It says something is wrong (recalled, damaged …): an alert.
    pub alert: bool,
    /// Of an alert: the owner's word, or a regulator's. Else it is a warning.
    pub red: bool,
    /// Its words were erased; only the proof of its place remains.
    pub erased: bool,
    /// Why, in the words of whoever erased it, and the entry that says so.
    pub erased_why: Option<(u64, Signed)>,
}

/// What stands over the thread, from the product's master data (a kind 8 entry).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headline {
    /// Ledger index of the entry that holds these words; `None` where no master data is known.
    pub entry: Option<u64>,
    /// Name of the product.
    pub name: SignedWords,
    /// Brand.
    pub brand: SignedWords,
    /// "From …".
    pub origin: SignedWords,
    /// Weight, packing, one short line.
    pub description: SignedWords,
    /// Heading over the thread.
    pub story: SignedWords,
    /// Line under it.
    pub story2: SignedWords,
    /// Product picture.
    pub picture: Option<Picture>,
    /// Text of the scale bar, e.g. "5 cm".
    pub picture_scale: SignedWords,
    /// Size of the object, e.g. "15 × 11 cm".
    pub picture_size: SignedWords,
    /// Who answers: company.
    pub company: SignedWords,
    /// Its address.
    pub address: SignedWords,
    /// Its hotline (format Text).
    pub phone: Option<Signed>,
    /// What the shopper gets with this pack.
    pub offer: SignedWords,
}

/// A recall, another alert or a warning, which stands above everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Ledger index of the entry.
    pub entry: u64,
    /// The owner of the number stands behind it, or the law: an alert. Else it is a warning, and changes no status.
    pub red: bool,
    /// Its node's number on the thread.
    pub number: usize,
    /// The instruction: the heading. Empty: the page uses its own "Do not use this".
    pub what_to_do: SignedWords,
    /// Why.
    pub why: SignedWords,
    /// What the shopper gets.
    pub what_you_get: SignedWords,
    /// Telephone, where its author may name one (format Text).
    pub phone: Option<Signed>,
    /// When (format Time).
    pub when: Signed,
    /// Who signed it.
    pub author: Author,
}

/// The third line: product status. It never colours the other two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductStatus {
    /// An alert of disposition recalled is in force, since this date (`YYYY-MM-DD`).
    Recalled(String),
    /// Another alert is in force: the disposition term as it was signed, empty where its words were erased, and its date.
    Alert(String, String),
    /// Past its date; days since.
    Expired(i64),
    /// The limits left alerts or facts out, or lists altogether: an alert may be among them, and nothing is said to be in order.
    Partly,
    /// In order; days until the date where there is one, and the last correction's date where the owner of the number, or whom it
    /// lets, took something back.
    InOrder {
        /// Days until use-by or best-before.
        days_left: Option<i64>,
        /// Date of the last correction.
        corrected: Option<String>,
        /// How many corrections.
        corrections: usize,
    },
    /// Nothing known.
    Unknown,
}

/// Sorts of goods, as far as it matters to how often the code on one pack is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// They carry a date: used up by then, in one household.
    UsedUp,
    /// They carry none: kept for years, shown to others, lent, sold again.
    Kept,
}

/// How often, by unlike visits: a code so far, or from when on it is called unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Often {
    /// Unlike visits.
    pub unlike: u64,
    /// Days on which there must have been some: no single day, whatever happened on it, makes a warning.
    pub days: u64,
}

impl Category {
    /// A household has two or three kinds of phone, so it gets to 30 unlike visits after ten days on which all of them scanned the same pack;
    /// a code that was copied gets there within days. What is kept for years is scanned by three times as many without being copied.
    pub const fn often(self) -> Often {
        match self {
            Self::UsedUp => Often { unlike: 30, days: 4 },
            Self::Kept => Often { unlike: 90, days: 12 },
        }
    }
}

/// The second line: the code's history as this site counted it; counted, not proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeHistory {
    /// Seen for the first time with this page view.
    First,
    /// Seen before.
    Seen {
        /// Rough count, this view included.
        count: u64,
        /// First day.
        first_day: String,
        /// Days with scans.
        days: u64,
        /// What of it was unlike the rest of its day.
        unlike: Often,
    },
    /// Counted, but nobody scanned it yet: this view is no scan (a reload, a preview, a link from inside the site).
    NotYet,
    /// A batch or product code: many packs share it, so it has no history.
    Shared,
    /// Not counted here (switched off, or the counts cannot be read).
    NotCounted,
    /// The owner of the number froze this code. It told this site, and signed nothing.
    Frozen {
        /// Why.
        why: FreezeReason,
        /// Since when, `YYYY-MM-DD`.
        day: String,
    },
    /// The code inside this pack was used: somebody said that the pack was opened. It is counted here, and signed by nobody.
    Opened {
        /// When, `YYYY-MM-DD`.
        day: String,
    },
}

impl CodeHistory {
    /// Whether goods of this sort are rarely scanned so often.
    pub const fn is_often(&self, goods: Category) -> bool {
        let most = goods.often();
        matches!(self, Self::Seen { unlike, .. } if unlike.unlike >= most.unlike && unlike.days >= most.days)
    }
}

/// Why a code is frozen. A word of ours, so that a frozen code says nothing else of anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreezeReason {
    /// The pack was stolen.
    Stolen,
    /// The code was found on other packs.
    Copied,
    /// The pack was taken back, destroyed, or never meant to be sold.
    Withdrawn,
}

impl FreezeReason {
    /// All of them, in the order of the form.
    pub const ALL: [FreezeReason; 3] = [FreezeReason::Copied, FreezeReason::Stolen, FreezeReason::Withdrawn];

    /// Its word in records and forms.
    pub fn value(self) -> &'static str {
        match self {
            FreezeReason::Stolen => "stolen",
            FreezeReason::Copied => "copied",
            FreezeReason::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<FreezeReason> {
        FreezeReason::ALL.into_iter().find(|reason| reason.value() == text)
    }
}

/// The scanned level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// One item (serial).
    Item,
    /// A batch.
    Batch,
    /// A product.
    Product,
    /// A logistic unit or an asset: what goods travel in.
    Unit,
}

/// The last store that received the item: the comment goes there too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Location key as canonical Digital Link path, e.g. `/414/6901234000018`.
    pub location: String,
    /// Its signed name, with the entry it stands in.
    pub name: SignedWords,
    /// Ledger index of the entry.
    pub entry: u64,
    /// Member id of who received it.
    pub member: String,
}

/// A seller that the owner of the number did not name: a comment goes there only where its writer says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seller {
    /// Location key as canonical Digital Link path.
    pub location: String,
    /// Member id.
    pub member: String,
    /// The member's name, to which governance put its signature; what it calls its own place could be anybody's name.
    pub names: Words,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemPage {
    /// Canonical Digital Link path, e.g. `/01/06912345678905/21/7K2M9QX4TD3HWZ`.
    pub path: String,
    /// Level of the scanned code.
    pub level: Level,
    /// GTIN, 14 digits.
    pub gtin: String,
    /// Batch, scanned or signed.
    pub lot: Option<String>,
    /// An entry is about the batch itself, so that the batch has a page of its own.
    pub lot_has_page: bool,
    /// Serial.
    pub serial: Option<String>,
    /// Headline.
    pub headline: Headline,
    /// Use-by date with its label term (`itemExpirationDate`, `bestBeforeDate` …), its entry, and the value (format Date).
    pub use_by: Option<(String, u64, Signed)>,
    /// Recalls, other alerts and warnings in force; alerts first.
    pub notices: Vec<Notice>,
    /// Records, oldest first.
    pub nodes: Vec<Node>,
    /// Product status.
    pub product: ProductStatus,
    /// Code history.
    pub code: CodeHistory,
    /// The store that received the item last.
    pub store: Option<Store>,
    /// The independent seller that sold the item last.
    pub seller: Option<Seller>,
    /// Size of the signed checkpoint this page was made from.
    pub ledger_size: u64,
    /// The checkpoint's signed time, milliseconds since 1970.
    pub ledger_ms: u64,
    /// The offset that the times of all records share, as it is written ("UTC+8"): then no record repeats it.
    pub zone: Option<String>,
    /// Somebody owns the number now.
    pub owned: bool,
    /// Something was recorded of this very subject, or what a limit left out may have been.
    pub recorded: bool,
    /// Its number's owner recorded some of that, or whom it lets; where nobody owns the number, anybody.
    pub vouched: bool,
    /// True where the history was cut off by a limit (depth, lists, entries).
    pub cut: bool,
    /// Demo data: invented companies, one operator.
    pub demo: bool,
}

impl ItemPage {
    /// What sort of goods it is about.
    pub const fn category(&self) -> Category {
        if self.use_by.is_some() { Category::UsedUp } else { Category::Kept }
    }
}
