//! What the inbox shows, as data.

use trace::feedback::{Comment, Rating, State, Topic};
use trace::gs1::escape;

use super::Reader;
use crate::feedback::form::Fault;

/// The ways in which people look at a list, each with its count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// It is this desk's turn.
    ToDo,
    /// Nobody here opened it since it came, or since its writer replied.
    Unread,
    /// The reader's own work, not closed.
    Mine,
    /// Nobody's work, not closed.
    Nobodys,
}

impl View {
    /// All of them, in the order of the page.
    pub const ALL: [View; 4] = [View::ToDo, View::Unread, View::Mine, View::Nobodys];

    /// The address's value.
    pub fn value(self) -> &'static str {
        match self {
            View::ToDo => "to-do",
            View::Unread => "unread",
            View::Mine => "mine",
            View::Nobodys => "nobodys",
        }
    }

    /// Reads it.
    pub fn parse(text: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.value() == text)
    }

    /// Whether this comment is among them, for this account.
    pub fn holds(self, comment: &Comment, account: &str) -> bool {
        match self {
            View::ToDo => comment.state().to_do(),
            View::Unread => comment.unread,
            View::Mine => comment.closed_ms.is_none() && comment.assigned.as_deref() == Some(account),
            View::Nobodys => comment.closed_ms.is_none() && comment.assigned.is_none(),
        }
    }
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Those that wait for this desk, longest first; then all others.
    Waiting,
    /// Worst rating first.
    Rating,
}

impl Sort {
    /// All of them, in the order of the form.
    pub const ALL: [Sort; 3] = [Sort::Newest, Sort::Waiting, Sort::Rating];

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Sort::Newest => "newest",
            Sort::Waiting => "waiting",
            Sort::Rating => "rating",
        }
    }

    /// Reads it; what cannot be read sorts as usual.
    pub fn parse(text: &str) -> Sort {
        Sort::ALL.into_iter().find(|sort| sort.value() == text).unwrap_or_default()
    }

    /// What a letter is sorted by, the smallest first.
    pub fn key(self, comment: &Comment) -> (u64, u64) {
        // The newest of equals first.
        let newest = u64::MAX - comment.at_ms;
        match self {
            Sort::Newest => (0, newest),
            Sort::Waiting if comment.state().to_do() => (0, comment.waits_since_ms()),
            Sort::Waiting => (1, newest),
            Sort::Rating => (u64::from(comment.rating.number()), newest),
        }
    }
}

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
    /// Lot, as it is printed.
    pub lot: Option<String>,
    /// Rating.
    pub rating: Option<Rating>,
    /// Topic.
    pub topic: Option<Topic>,
    /// State.
    pub state: Option<State>,
    /// Which of the ways to look at it.
    pub view: Option<View>,
    /// In which order; it narrows nothing.
    pub sort: Sort,
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
            ("lot", self.lot.as_deref()),
            ("rating", rating.as_deref()),
            ("topic", self.topic.map(Topic::value)),
            ("state", self.state.map(State::value)),
            ("view", self.view.map(View::value)),
            ("sort", Some(self.sort).filter(|sort| *sort != Sort::Newest).map(Sort::value)),
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
        *self == Filter { sort: self.sort, ..Filter::default() }
    }
}

/// How many comments each view holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of all.
    pub all: usize,
    /// Of each of [`View::ALL`].
    pub views: [usize; View::ALL.len()],
}

impl Counts {
    /// With one more.
    pub fn add(&mut self, comment: &Comment, account: &str) {
        self.all += 1;
        for (count, view) in self.views.iter_mut().zip(View::ALL) {
            *count += usize::from(view.holds(comment, account));
        }
    }

    /// How many a view holds.
    pub fn of(&self, view: View) -> usize {
        self.views[view as usize]
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
    /// How many each view holds, of all.
    pub counts: Counts,
    /// Half of the answered ones were answered within this time.
    pub half_ms: Option<u64>,
    /// Where the next page begins.
    pub older: Option<String>,
    /// True on a later page than the first.
    pub later: bool,
    /// The reader's saved filters: id, name, query.
    pub saved: Vec<(String, String, String)>,
    /// The chosen comment.
    pub chosen: Option<Letter>,
    /// Who can be given ticked comments.
    pub colleagues: Vec<String>,
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
    /// Who can be given it.
    pub colleagues: Vec<String>,
    /// The desk's ready answers: id and title.
    pub ready: Vec<(String, String)>,
    /// What was typed, where it came back.
    pub typed: Typed,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// How much of what was said the author of an answer that came back had not seen.
    pub news: usize,
    /// Who else of the desk has it open, and whether they write.
    pub others: Vec<(String, bool)>,
}

/// What was typed into the forms of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Answer.
    pub answer: String,
    /// It is for everybody.
    pub public: bool,
    /// Who writes it, at a shared tablet.
    pub code: String,
    /// Note.
    pub note: String,
    /// The day that it is put off until.
    pub until: String,
}
