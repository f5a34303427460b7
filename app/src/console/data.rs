//! What the inbox shows, as data.

use trace::feedback::{Comment, Rating, State, Topic};
use trace::gs1::escape;

use super::Reader;
use crate::feedback::form::Fault;

/// What the list is narrowed to; empty fields narrow nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that all stand in the letter, its answers, or what it is about.
    pub words: Option<String>,
    /// The first day, as YYYY-MM-DD, in UTC.
    pub since: Option<String>,
    /// The last day.
    pub until: Option<String>,
    /// A store's location, as Digital Link path.
    pub store: Option<String>,
    /// GTIN.
    pub product: Option<String>,
    /// Rating.
    pub rating: Option<Rating>,
    /// Topic.
    pub topic: Option<Topic>,
    /// State.
    pub state: Option<State>,
}

impl Filter {
    /// As a query string, with `more` behind it.
    pub fn query(&self, more: &[(&str, &str)]) -> String {
        let rating = self.rating.map(|rating| rating.number().to_string());
        let own = [
            ("words", self.words.as_deref()),
            ("since", self.since.as_deref()),
            ("until", self.until.as_deref()),
            ("store", self.store.as_deref()),
            ("product", self.product.as_deref()),
            ("rating", rating.as_deref()),
            ("topic", self.topic.map(Topic::value)),
            ("state", self.state.map(State::value)),
        ];
        let pairs: Vec<String> = own
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .chain(more.iter().copied())
            .map(|(key, value)| format!("{key}={}", escape(value)))
            .collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// True where nothing is narrowed.
    pub fn is_empty(&self) -> bool {
        *self == Filter::default()
    }
}

/// The page.
#[derive(Clone, Debug)]
pub struct InboxPage {
    /// Who reads.
    pub reader: Reader,
    /// Narrowed to.
    pub filter: Filter,
    /// Rows of this page, newest first.
    pub rows: Vec<Comment>,
    /// Products to choose from: GTIN and name.
    pub products: Vec<(String, String)>,
    /// Stores to choose from: location and name.
    pub stores: Vec<(String, String)>,
    /// How many wait for an answer, of all.
    pub unanswered: usize,
    /// Half of the answered ones were answered within this time.
    pub half_ms: Option<u64>,
    /// Where the next page begins.
    pub older: Option<String>,
    /// True on a later page than the first.
    pub later: bool,
    /// The chosen comment.
    pub chosen: Option<Letter>,
    /// Now.
    pub now_ms: u64,
}

/// The chosen comment.
#[derive(Clone, Debug)]
pub struct Letter {
    /// As it stands.
    pub comment: Comment,
    /// Index of its entry in the ledger and when it was logged.
    pub logged: Option<(u64, u64)>,
    /// An answer that came back.
    pub typed: String,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}
