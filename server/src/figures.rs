//! Figures of brands and stores: what is counted of pages and of checks on phones, and how a desk reads it, with its letters.
//!
//! Counted are days and numbers of a product, a lot and a store, of nobody and of no item. Anybody can open a page and say how a check
//! ended, so none of it is proof: limits keep one network from making much of it, and no check is counted beyond the pages that were opened.
//! What can be read of it is decided when it is written (`store::rows::tally`): never fewer than five.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base::clock::DAY_MS;
use engine::Engine;
use ledger::name::Name;
use store::record::tally::{Counts, Place};

use crate::counting::{Goods, Outcome};
use crate::feedback::Desk;
use crate::feedback::letters::{self, LetterError};
use crate::feedback::standing::standing;
use crate::inbox::{LOOKED_AT_MAX, may_read};
use crate::session::accounts::Account;

base::limits! {
    /// The longest range of figures: a year, a leap year's too.
    FIGURES_DAYS: u32 = 366, "days";
    /// Rows of one desk's figures that a page or a file looks at: a year of a hundred lots.
    FIGURES_ROWS: usize = 50_000, "rows";
    /// Products, lots or stores in one table of the page; the file has all.
    FIGURES_SHOWN: usize = 50, "rows";
    /// Products whose name is looked up on their page, where no letter tells it; further ones are called by their number.
    FIGURES_NAMED: usize = 200, "products";
    /// Opened pages of one network that figures count: a store's whole day, a provider that hides a town behind one address.
    OPENED_PER_NETWORK: u32 = 1_000, "an hour";
    /// Checks of one network that figures count.
    CHECKS_PER_NETWORK: u32 = 1_000, "an hour";
}

fn day(now_ms: u64) -> u32 {
    u32::try_from(now_ms / DAY_MS).unwrap_or(u32::MAX)
}

/// Counts a page that a person opened; `first` where its code was never scanned before.
pub fn opened(desk: &Desk, of: &Goods, first: bool, from: IpAddr) {
    let (engine, now_ms) = (&desk.engine, desk.engine.now_ms());
    if of.gtin.is_empty() || desk.counting.opened.add(from, now_ms) > OPENED_PER_NETWORK {
        return;
    }
    let brand = letters::owner(engine, &engine.view(), &of.gtin).unwrap_or_default();
    if brand.is_empty() && of.store.is_none() {
        return;
    }
    if desk.site.count_checks {
        desk.counting.opens(&of.gtin, now_ms);
    }
    let place = Place { brand, gtin: of.gtin.clone(), lot: of.lot.clone(), store: of.store.clone() };
    engine.tally(place, day(now_ms), |counts| {
        counts.opened += 1;
        counts.first += u64::from(first);
    });
}

/// Counts how a check on a phone ended, where this site does so: of a page that was opened today, under a lot that there is.
pub fn checked(desk: &Desk, gtin: &str, lot: Option<&str>, outcome: Outcome, from: IpAddr) {
    let (engine, now_ms) = (&desk.engine, desk.engine.now_ms());
    if !desk.site.count_checks || desk.counting.checked.add(from, now_ms) > CHECKS_PER_NETWORK || !desk.counting.says(gtin, now_ms) {
        return;
    }
    let view = engine.view();
    let Some(brand) = letters::owner(engine, &view, gtin) else { return };
    let field = |ai: &str, value: &str| (ai.to_owned(), value.to_owned());
    let lot = lot.filter(|lot| view.knows(&Name::Gs1(vec![field("01", gtin), field("10", lot)])));
    let place = Place { brand, gtin: gtin.to_owned(), lot: lot.map(str::to_owned), store: None };
    engine.tally(place, day(now_ms), |counts| match outcome {
        Outcome::Verified => counts.verified += 1,
        Outcome::Failed => counts.failed += 1,
        Outcome::Undecided => counts.undecided += 1,
    });
}

/// Days since 1970, from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: u32,
    /// The last.
    pub to: u32,
}

/// What is known of something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Pages and checks.
    pub counts: Counts,
    /// Letters.
    pub letters: u64,
    /// Those of them that are not held, which alone make the mean: many from one network press none.
    pub rated: u64,
    /// The stars of those together.
    pub stars: u64,
    /// How long each of those that were answered waited for its first answer.
    pub waits_ms: Vec<u64>,
}

impl Sum {
    fn add(&mut self, other: &Sum) {
        self.counts = self.counts.plus(other.counts);
        self.letters += other.letters;
        self.rated += other.rated;
        self.stars += other.stars;
        self.waits_ms.extend(&other.waits_ms);
    }

    /// Half of those that were answered had their first answer within this time.
    pub fn half_ms(&self) -> Option<u64> {
        let mut waits = self.waits_ms.clone();
        waits.sort_unstable();
        waits.get(waits.len() / 2).copied()
    }
}

/// What one row is about. Empty: several, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// Days since 1970.
    pub day: u32,
    /// GTIN.
    pub gtin: String,
    /// Lot.
    pub lot: String,
    /// The store's location and its member, with a space between.
    pub store: String,
}

/// Figures of one desk.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// All rows, in order.
    pub rows: BTreeMap<About, Sum>,
    /// Not all of the range was looked at.
    pub cut: bool,
    /// Names of products as their letters have them, by GTIN.
    pub names: BTreeMap<String, trace::page::Words>,
}

impl Figures {
    /// Added up by what `key` says of each row.
    pub fn by<K: Ord>(&self, key: impl Fn(&About) -> K) -> BTreeMap<K, Sum> {
        let mut sums: BTreeMap<K, Sum> = BTreeMap::new();
        for (about, sum) in &self.rows {
            sums.entry(key(about)).or_default().add(sum);
        }
        sums
    }
}

/// The figures of an account's desk: its member's own goods, or those of its store. What it may read of letters is the inbox's to say.
pub fn read(engine: &Engine, account: &Account, range: Range) -> Result<Figures, LetterError> {
    let location = if account.role.needs_location() { Some(account.location.as_deref().unwrap_or("-")) } else { None };
    let mut figures = Figures::default();
    for (n, figure) in engine.index().figures(&account.member, location, range.from..=range.to).enumerate() {
        if n == FIGURES_ROWS {
            figures.cut = true;
            break;
        }
        let figure = figure?;
        let about = About { day: figure.day, gtin: figure.gtin, lot: figure.lot, store: figure.store };
        figures.rows.entry(about).or_default().add(&Sum { counts: figure.counts, ..Sum::default() });
    }
    let now_ms = engine.now_ms();
    for (n, row) in engine.index().inbox(&account.member).enumerate() {
        let row = row?;
        let at = day(row.comment.received_ms);
        if n == LOOKED_AT_MAX {
            figures.cut = true;
            break;
        }
        if at < range.from {
            break;
        }
        let Some(side) = may_read(account, &row.comment).filter(|_| at <= range.to) else { continue };
        let comment = standing(&row, Some(side), now_ms);
        // A store reads its own letters alone.
        let store = if location.is_some() { None } else { comment.store.as_ref() };
        let about = About {
            day: at,
            gtin: comment.gtin.clone(),
            lot: comment.lot.clone().unwrap_or_default(),
            store: store.map(|store| format!("{} {}", store.location, store.member)).unwrap_or_default(),
        };
        let waits_ms = comment.first_answer_ms().map(|answered| answered.saturating_sub(comment.at_ms)).into_iter().collect();
        let rated = u64::from(comment.held.is_none());
        let sum = Sum { counts: Counts::default(), letters: 1, rated, stars: rated * u64::from(comment.rating.number()), waits_ms };
        figures.rows.entry(about).or_default().add(&sum);
        if !comment.product.is_empty() {
            figures.names.entry(comment.gtin).or_insert(comment.product);
        }
    }
    Ok(figures)
}
