//! A comment as it stands: what was written, about what, for whom, and what became of it.

use super::{HoldWhy, Publicity, Rating, Topic, limits};
use crate::page::{ItemPage, ProductStatus, SignedWords, Words};
use serde::{Deserialize, Serialize};

/// Who a comment goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The brand that owns the item's GTIN prefix.
    Brand,
    /// The store that received the item last.
    Store,
    /// A seller that the owner of the number did not name, to whom the writer sent it all the same.
    Seller,
}

/// Why a comment is held for a look before it is read with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldReason {
    /// Many comments came from its network that hour.
    Network,
    /// Many comments were written about its code that day.
    Code,
    /// It holds what looks like a telephone number.
    PhoneNumber,
    /// It was sent within seconds, or with a form this service did not make in the last days.
    Quick,
    /// A reader held it.
    Reader,
}

/// The one word for how a comment stands, at one desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Waits for an answer, and nobody here has opened it.
    New,
    /// Waits for an answer.
    Open,
    /// Put off until a day, or until its writer replies.
    Waiting,
    /// The last word is an answer.
    Answered,
    /// Done, with or without an answer.
    Closed,
    /// Held for a look.
    Held,
}

impl State {
    /// All states, in the order of the filter.
    pub const ALL: [State; 6] = [State::New, State::Open, State::Waiting, State::Answered, State::Closed, State::Held];

    /// The form's value, also the key of its word.
    pub fn value(self) -> &'static str {
        match self {
            State::New => "new",
            State::Open => "open",
            State::Waiting => "waiting",
            State::Answered => "answered",
            State::Closed => "closed",
            State::Held => "held",
        }
    }

    /// Reads the form's value.
    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.value() == text)
    }

    /// Whether it is this desk's turn to do something.
    pub fn to_do(self) -> bool {
        matches!(self, State::New | State::Open)
    }
}

/// The store a comment goes to, named as it was signed when the comment was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreRef {
    /// Location key as canonical Digital Link path.
    pub location: String,
    /// The member that received the item there.
    pub member: String,
    /// Its name by language.
    pub names: Words,
}

/// Product status when the comment was written, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandingProduct {
    /// A recall was in force.
    Recalled,
    /// Another alert was in force.
    Alert,
    /// Past its date.
    Expired,
    /// In order.
    InOrder,
    /// Nothing known.
    Unknown,
}

/// How the item's proof stood on this server when the comment was written. What the phone found is not taken: it cannot be
/// believed by the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofState {
    /// Records on the page, all signed and logged (the server shows no other).
    pub records: u32,
    /// How many of them were signed with the author's own key.
    pub own_key: u32,
    /// Size of the signed checkpoint.
    pub ledger_size: u64,
    /// Its signed time, milliseconds since 1970.
    pub ledger_ms: u64,
    /// Product status.
    pub product: StandingProduct,
}

/// Who says something under a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Voice {
    /// Its writer, to the answers.
    Writer,
    /// One whom it went to, to its writer.
    Answer(Side),
    /// Somebody of this desk, to colleagues alone.
    Note,
}

/// Something that was said under a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who said it.
    pub by: Voice,
    /// The account that wrote it, told to its own desk alone.
    pub account: Option<String>,
    /// The code of whoever wrote it at a store's shared tablet, told to brand and store.
    #[serde(default)]
    pub staff: Option<String>,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// The words; `None` once erased.
    pub text: Option<String>,
    /// Bytes of its photos; empty once erased.
    pub photos: Vec<u64>,
    /// Where they begin among all photos of the comment and its replies.
    pub first_photo: usize,
    /// To whom a writer's words go.
    pub to: Vec<Side>,
    /// Who opened the comment since.
    pub seen_by: Vec<Side>,
    /// An answer that stands beside the letter on the product's page, while that stands there.
    #[serde(default)]
    pub public: bool,
}

impl Said {
    /// These words; who they go to and who saw them is told apart.
    pub fn new(by: Voice, at_ms: u64) -> Self {
        let (photos, to, seen_by) = (Vec::new(), Vec::new(), Vec::new());
        Self { by, account: None, staff: None, at_ms, text: None, photos, first_photo: 0, to, seen_by, public: false }
    }
}

/// A comment with everything that happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its id, 32 hex digits; random, known to its readers, opens nothing by itself.
    pub id: String,
    /// Canonical Digital Link path of the code it was written about.
    pub item: String,
    /// GTIN, 14 digits.
    pub gtin: String,
    /// Batch, where it is known.
    pub lot: Option<String>,
    /// Serial, where the code had one.
    pub serial: Option<String>,
    /// The product's name by language.
    pub product: Words,
    /// The brand's name by language.
    pub brand_names: Words,
    /// Member id of the brand: the owner of the GTIN's prefix.
    pub brand: Option<String>,
    /// The store.
    pub store: Option<StoreRef>,
    /// The independent seller that the writer chose.
    pub seller: Option<StoreRef>,
    /// How it was.
    pub rating: Rating,
    /// What it is about.
    pub topic: Topic,
    /// The words; `None` once erased.
    pub text: Option<String>,
    /// How the shopper can be reached; `None` if never given or deleted.
    pub contact: Option<String>,
    /// Photos, by BLAKE3 hash in hex, with their size in bytes; empty once erased.
    pub photos: Vec<Photo>,
    /// How the proof stood.
    pub proof: ProofState,
    /// When it was received, milliseconds since 1970.
    pub at_ms: u64,
    /// Commitment in its ledger entry, hex.
    pub commitment: String,
    /// Why it is held, if it is.
    pub held: Option<HoldReason>,
    /// When the brand first opened it.
    pub seen_brand_ms: Option<u64>,
    /// When the store first opened it.
    pub seen_store_ms: Option<u64>,
    /// When the independent seller first opened it.
    pub seen_seller_ms: Option<u64>,
    /// What was said under it, oldest first: answers, replies, and the reader's own notes.
    pub said: Vec<Said>,
    /// True where nobody at the reader's desk opened it since it came, or since its writer replied.
    pub unread: bool,
    /// The account of the reader's desk whose work it is.
    pub assigned: Option<String>,
    /// The reader's desk put it off until then, which is still to come.
    pub until_ms: Option<u64>,
    /// The day that it was put off until has come, and nothing was done since.
    pub due: bool,
    /// Language of the page that it was written on.
    pub language: String,
    /// The side it stands so for; `None`: its writer.
    pub reader: Option<Side>,
    /// When it was closed.
    pub closed_ms: Option<u64>,
    /// When the shopper erased their words.
    pub erased_ms: Option<u64>,
    /// Whether it stands on its product's page.
    #[serde(default)]
    pub publicity: Publicity,
    /// Its photos may stand there too.
    #[serde(default)]
    pub public_photos: bool,
    /// Why the reader's desk holds it, where it said so.
    #[serde(default)]
    pub held_why: Option<HoldWhy>,
}

/// A photo of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// BLAKE3 of the JPEG, hex.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
}

impl Comment {
    /// The place in a list's one column: the store, else the seller that it was sent to.
    pub fn place(&self) -> Option<&StoreRef> {
        self.store.as_ref().or(self.seller.as_ref())
    }

    /// The one word for how it stands. Held goes first: it says what to do next.
    pub fn state(&self) -> State {
        if self.held.is_some() {
            State::Held
        } else if self.closed_ms.is_some() {
            State::Closed
        } else if self.until_ms.is_some() {
            State::Waiting
        } else if !self.due && !self.waits() {
            State::Answered
        } else if self.reader.is_some_and(|side| self.seen_ms(side).is_none()) {
            State::New
        } else {
            State::Open
        }
    }

    /// True where the last word between its writer and those who count for this reader is the writer's.
    fn waits(&self) -> bool {
        self.said.iter().rev().find(|said| said.by == Voice::Writer || self.counts(said)).is_none_or(|said| said.by == Voice::Writer)
    }

    /// Since when it is this reader's turn: since the first of its writer's words after the last answer that counts.
    pub fn waits_since_ms(&self) -> u64 {
        let after = self.said.iter().rposition(|said| self.counts(said)).map_or(0, |at| at + 1);
        let first = self.said[after..].iter().find(|said| said.by == Voice::Writer).map(|said| said.at_ms);
        if after == 0 { self.at_ms } else { first.unwrap_or(self.at_ms) }
    }

    /// Whether this is an answer, and counts for this reader. What an independent seller says answers for nobody but itself: else it
    /// could take a letter off the brand's desk.
    fn counts(&self, said: &Said) -> bool {
        match said.by {
            Voice::Answer(by) => self.reader.is_none_or(|side| (side == Side::Seller) == (by == Side::Seller)),
            Voice::Writer | Voice::Note => false,
        }
    }

    /// Whether this side answers for the product, where everybody reads it: the brand, or the store where nobody owns the number.
    pub fn speaks(&self, side: Side) -> bool {
        side == if self.brand.is_some() { Side::Brand } else { Side::Store }
    }

    /// What its writer replied, oldest first.
    pub fn replies(&self) -> impl Iterator<Item = &Said> {
        self.said.iter().filter(|said| said.by == Voice::Writer)
    }

    /// The answers, oldest first.
    pub fn answers(&self) -> impl Iterator<Item = (Side, &Said)> {
        self.said.iter().filter_map(|said| match said.by {
            Voice::Answer(by) => Some((by, said)),
            Voice::Writer | Voice::Note => None,
        })
    }

    /// The notes of the reader's desk, oldest first.
    pub fn notes(&self) -> impl Iterator<Item = &Said> {
        self.said.iter().filter(|said| said.by == Voice::Note)
    }

    /// Whether its writer can say one thing more: to an answer, and no stream of them.
    pub fn takes_reply(&self) -> Result<(), NoReply> {
        let in_a_row = self.said.iter().rev().take_while(|said| !matches!(said.by, Voice::Answer(_))).count();
        if self.erased_ms.is_some() {
            Err(NoReply::Erased)
        } else if self.answers().next().is_none() {
            Err(NoReply::NoAnswer)
        } else if self.replies().count() >= limits::REPLIES_MAX {
            Err(NoReply::Full)
        } else if in_a_row >= limits::REPLIES_IN_A_ROW_MAX {
            Err(NoReply::InARow)
        } else {
            Ok(())
        }
    }

    /// The number people say on the telephone: month and five characters of the id. It opens nothing, and does not tell how many
    /// comments there are.
    pub fn number(&self) -> String {
        let days = (self.at_ms / 86_400_000).min(jiff_days_max());
        let month = jiff::Timestamp::from_second((days * 86_400) as i64)
            .map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%y%m").to_string())
            .unwrap_or_default();
        format!("C-{month}-{}", self.id.chars().take(5).collect::<String>().to_uppercase())
    }

    /// First time the given side opened it.
    pub fn seen_ms(&self, side: Side) -> Option<u64> {
        match side {
            Side::Brand => self.seen_brand_ms,
            Side::Store => self.seen_store_ms,
            Side::Seller => self.seen_seller_ms,
        }
    }

    /// The first answer that counts for this reader.
    pub fn first_answer_ms(&self) -> Option<u64> {
        self.said.iter().find(|said| self.counts(said)).map(|said| said.at_ms)
    }

    /// True where one more answer of this side fits. Nobody fills up another's room.
    pub fn takes_answers(&self, of: Side) -> bool {
        self.answers().filter(|(by, _)| *by == of).count() < limits::ANSWERS_MAX
    }

    /// When the contact has to go, once one of those who may see it answered.
    pub fn contact_ends_ms(&self) -> Option<u64> {
        let (_, first) = self.answers().find(|(by, _)| *by != Side::Seller)?;
        self.contact.as_ref()?;
        Some(first.at_ms.saturating_add(limits::CONTACT_DAYS_AFTER_ANSWER * 86_400_000))
    }
}

/// Why a comment's writer cannot reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// The words were erased.
    #[error("the comment was erased")]
    Erased,
    /// Nobody answered.
    #[error("there is no answer yet")]
    NoAnswer,
    /// As often as one can.
    #[error("{} replies are the most", limits::REPLIES_MAX)]
    Full,
    /// Several since the last answer.
    #[error("{} replies in a row are the most", limits::REPLIES_IN_A_ROW_MAX)]
    InARow,
}

impl ProofState {
    /// How the proof of this page stands.
    pub fn of(page: &ItemPage) -> ProofState {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        ProofState {
            records: count(page.nodes.len()),
            own_key: count(page.nodes.iter().filter(|node| node.author.own_key).count()),
            ledger_size: page.ledger_size,
            ledger_ms: page.ledger_ms,
            product: match page.product {
                ProductStatus::Recalled(_) => StandingProduct::Recalled,
                ProductStatus::Alert(..) => StandingProduct::Alert,
                ProductStatus::Expired(_) => StandingProduct::Expired,
                ProductStatus::InOrder { .. } => StandingProduct::InOrder,
                ProductStatus::Partly | ProductStatus::Unknown => StandingProduct::Unknown,
            },
        }
    }
}

/// Words of a signed text by language: what was signed, ready to be kept with a comment.
pub fn plain_words(signed: &SignedWords) -> Words {
    signed.iter().filter_map(|(language, text)| Some((language.clone(), text.values.first()?.clone()))).collect()
}

/// What stands in [`committed_bytes`]: the words and the photos' hashes. `None` where the bytes are none of ours.
pub fn read_committed(bytes: &[u8]) -> Option<(String, Vec<String>)> {
    let mut text = None;
    let mut photos = Vec::new();
    for line in std::str::from_utf8(bytes).ok()?.lines() {
        match line.split_once('\t')? {
            ("text", escaped) => text = Some(unescape(escaped)?),
            ("photo", hash) => photos.push(hash.to_owned()),
            _ => {}
        }
    }
    Some((text?, photos))
}

fn unescape(escaped: &str) -> Option<String> {
    let mut out = String::with_capacity(escaped.len());
    let mut chars = escaped.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}

/// The bytes a comment's ledger entry commits to: rating, topic, words and photos, one per line, as public lines are escaped.
/// The contact is not among them: it is deleted on its own.
pub fn committed_bytes(item: &str, rating: Rating, topic: Topic, text: &str, photos: &[Photo]) -> Vec<u8> {
    let escaped = text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r");
    let mut bytes = format!("item\t{item}\nrating\t{}\ntopic\t{}\ntext\t{escaped}\n", rating.number(), topic.value());
    for photo in photos {
        bytes.push_str("photo\t");
        bytes.push_str(&photo.hash);
        bytes.push('\n');
    }
    bytes.into_bytes()
}

/// Days that a jiff timestamp can hold (year 9999), so that no stored number can break a page.
fn jiff_days_max() -> u64 {
    2_932_890
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment() -> Comment {
        Comment {
            id: "7c2f90".repeat(5) + "aa",
            item: "/01/06912345678905/21/7K2M9QX4TD3HWZ".into(),
            gtin: "06912345678905".into(),
            lot: Some("2611-044".into()),
            serial: Some("7K2M9QX4TD3HWZ".into()),
            product: Words::new(),
            brand_names: Words::new(),
            brand: Some("talanuur.example".into()),
            store: None,
            seller: None,
            rating: Rating::ALL[3],
            topic: Topic::Packaging,
            text: Some("loose".into()),
            contact: Some("a@b.example".into()),
            photos: vec![],
            proof: ProofState { records: 8, own_key: 6, ledger_size: 90, ledger_ms: 1, product: StandingProduct::InOrder },
            at_ms: 1_795_353_164_000,
            commitment: String::new(),
            held: None,
            seen_brand_ms: None,
            seen_store_ms: None,
            seen_seller_ms: None,
            said: vec![],
            unread: true,
            assigned: None,
            until_ms: None,
            due: false,
            language: "en".into(),
            reader: None,
            closed_ms: None,
            erased_ms: None,
            publicity: Publicity::NotAllowed,
            public_photos: false,
            held_why: None,
        }
    }

    fn answer(by: Side, at_ms: u64) -> Said {
        Said::new(Voice::Answer(by), at_ms)
    }

    #[test]
    fn the_state_says_what_to_do_next() {
        let mut c = comment();
        assert_eq!(c.state(), State::Open);
        c.reader = Some(Side::Brand);
        assert_eq!(c.state(), State::New, "nobody here opened it");
        c.seen_brand_ms = Some(4);
        assert_eq!(c.state(), State::Open);
        c.said.push(answer(Side::Brand, 5));
        assert_eq!(c.state(), State::Answered);
        c.said.push(Said::new(Voice::Note, 6));
        assert_eq!(c.state(), State::Answered, "a note answers nothing and asks nothing");
        c.said.push(Said::new(Voice::Writer, 7));
        assert_eq!(c.state(), State::Open, "the writer has the last word");
        c.said.push(answer(Side::Seller, 8));
        assert_eq!(c.state(), State::Open, "an independent seller answers for nobody else");
        c.said.push(answer(Side::Store, 9));
        assert_eq!(c.state(), State::Answered);
        assert_eq!(c.waits_since_ms(), c.at_ms, "answered, and put off until today: since it came");
        c.said.extend([Said::new(Voice::Writer, 11), Said::new(Voice::Writer, 12)]);
        assert_eq!(c.waits_since_ms(), 11);
        c.said.truncate(5);
        c.due = true;
        assert_eq!(c.state(), State::Open);
        c.until_ms = Some(10);
        assert_eq!(c.state(), State::Waiting);
        c.closed_ms = Some(6);
        assert_eq!(c.state(), State::Closed);
        c.held = Some(HoldReason::Reader);
        assert_eq!(c.state(), State::Held);
        for state in State::ALL {
            assert_eq!(State::parse(state.value()), Some(state));
        }
    }

    #[test]
    fn a_writer_replies_to_answers_and_not_without_end() {
        let mut c = comment();
        assert_eq!(c.takes_reply(), Err(NoReply::NoAnswer));
        for round in 0..limits::REPLIES_MAX {
            if round % limits::REPLIES_IN_A_ROW_MAX == 0 {
                if round > 0 {
                    assert_eq!(c.takes_reply(), Err(NoReply::InARow), "{round}");
                }
                c.said.push(answer(Side::Brand, 1));
            }
            assert_eq!(c.takes_reply(), Ok(()), "{round}");
            c.said.push(Said::new(Voice::Writer, 2));
        }
        c.said.push(answer(Side::Brand, 3));
        assert_eq!(c.takes_reply(), Err(NoReply::Full));
        c.erased_ms = Some(4);
        assert_eq!(c.takes_reply(), Err(NoReply::Erased));
    }

    #[test]
    fn what_an_independent_seller_answers_counts_for_itself_alone() {
        let mut c = comment();
        c.said = (0..limits::ANSWERS_MAX as u64).map(|n| answer(Side::Seller, n)).collect();
        for (reader, state) in [(Some(Side::Brand), State::New), (Some(Side::Store), State::New), (Some(Side::Seller), State::Answered)] {
            c.reader = reader;
            assert_eq!(c.state(), state, "{reader:?}");
        }
        assert!(c.takes_answers(Side::Brand) && c.takes_answers(Side::Store) && !c.takes_answers(Side::Seller));
        assert_eq!(c.contact_ends_ms(), None, "nor does it end the time in which the brand can reach the writer");
        c.said.extend((0..limits::ANSWERS_MAX as u64).map(|_| answer(Side::Store, 2_000)));
        assert!(c.takes_answers(Side::Brand) && !c.takes_answers(Side::Store));
        c.said = vec![answer(Side::Seller, 1), answer(Side::Brand, 1_000)];
        assert_eq!(c.contact_ends_ms(), Some(1_000 + limits::CONTACT_DAYS_AFTER_ANSWER * 86_400_000));
    }

    #[test]
    fn the_number_names_the_month_and_hides_the_count() {
        assert_eq!(comment().number(), "C-2611-7C2F9");
        let mut far = comment();
        far.at_ms = u64::MAX;
        assert_eq!(far.number(), "C-9912-7C2F9");
    }

    #[test]
    fn a_contact_ends_after_the_first_answer_and_not_before() {
        let mut c = comment();
        assert_eq!(c.contact_ends_ms(), None);
        c.said.push(answer(Side::Store, 1_000));
        assert_eq!(c.contact_ends_ms(), Some(1_000 + 30 * 86_400_000));
        c.contact = None;
        assert_eq!(c.contact_ends_ms(), None);
    }

    #[test]
    fn what_was_committed_is_read_back() {
        let photo = Photo { hash: "ab".repeat(32), bytes: 5 };
        for words in ["a", "a\\nb", "two\nlines\tand \\ more", "牛肉"] {
            let bytes = committed_bytes("/01/1", Rating::ALL[0], Topic::Other, words, std::slice::from_ref(&photo));
            assert_eq!(read_committed(&bytes), Some((words.to_owned(), vec![photo.hash.clone()])));
        }
        assert_eq!(read_committed(b"rating\t5\n"), None);
    }

    #[test]
    fn the_commitment_covers_every_word_and_cannot_be_read_two_ways() {
        let (rating, topic) = (Rating::ALL[0], Topic::Other);
        let one = committed_bytes("/01/1", rating, topic, "a\nphoto\tb", &[]);
        assert_eq!(String::from_utf8(one).unwrap(), "item\t/01/1\nrating\t1\ntopic\tother\ntext\ta\\nphoto\\tb\n");
    }
}
