//! The inbox: who may read which comment, and the list of those.
//!
//! [`may_read`] is the one place that decides. Every way to a comment from the console goes through [`find`] or [`list`], which
//! ask it; no other function of this module hands out a comment.

pub mod export;

use app::console::data::Filter;
use engine::Engine;
use store::record as state;
use store::rows::CommentRow;
use trace::feedback::{Comment, Side, State};

use crate::feedback::letters::{self, LetterError};
use crate::session::accounts::{Account, Role};

/// Rows of one page: two screens of a desktop.
pub const PAGE_ROWS: usize = 25;
/// Newest comments that a list, a filter or a count looks at: a year of a busy brand. Older ones are found by their number only.
pub const LOOKED_AT_MAX: usize = 20_000;

/// Whether this account may read this comment, and for which side. A brand reads what was written to it as a brand; a store and its
/// staff what was written to that store, at that location, or sent there as to an independent seller; an operator runs the post and
/// reads none.
pub fn may_read(account: &Account, comment: &state::Comment) -> Option<Side> {
    let here = |to: &Option<(String, String)>| match (&account.location, to) {
        (Some(own), Some((location, member))) => own == location && account.member == *member,
        _ => false,
    };
    match account.role {
        Role::Brand => (!account.member.is_empty() && comment.brand == account.member).then_some(Side::Brand),
        Role::Store | Role::Staff if here(&comment.store) => Some(Side::Store),
        Role::Store | Role::Staff => here(&comment.seller).then_some(Side::Seller),
        Role::Operator => None,
    }
}

/// Whether comments can be written to this account at all.
pub fn reads(account: &Account) -> bool {
    account.role != Role::Operator
}

/// Whether an account may answer, close and hold what it reads.
pub fn may_write(account: &Account) -> bool {
    matches!(account.role, Role::Brand | Role::Store)
}

/// A comment and the side that it is read for, if there is one and this account may read it. Both refusals look the same.
pub fn find(engine: &Engine, account: &Account, id: &str) -> Result<Option<(CommentRow, Side)>, LetterError> {
    Ok(engine.index().comment(id)?.and_then(|row| may_read(account, &row.comment).map(|side| (row, side))))
}

/// A letter as this side may read it: how to reach the writer is the brand's, and a store's only where the brand lets it.
pub fn letter(engine: &Engine, row: &CommentRow, side: Side) -> Result<Comment, LetterError> {
    let mut comment = letters::load(engine, row, Some(side))?;
    let contact = match side {
        Side::Brand => true,
        Side::Store => letters::store_may_contact(engine, &engine.view(), &comment),
        Side::Seller => false,
    };
    if !contact {
        comment.contact = None;
    }
    keep_apart(&mut comment, side);
    Ok(comment)
}

/// What brand and store make of a letter is nothing to a seller that the owner did not name.
fn keep_apart(comment: &mut Comment, side: Side) {
    if side == Side::Seller {
        comment.answers.retain(|answer| answer.by == Side::Seller);
        (comment.brand, comment.store) = (None, None);
    }
}

/// A page of the list with its counts.
#[derive(Debug, Default)]
pub struct Listed {
    /// Rows, newest first, with their words.
    pub rows: Vec<Comment>,
    /// Products: GTIN and one row to take its name from.
    pub products: Vec<Comment>,
    /// Stores: one row of each, to take location and name from.
    pub stores: Vec<Comment>,
    /// How many wait for an answer.
    pub unanswered: usize,
    /// Half of the answered ones were answered within this time.
    pub half_ms: Option<u64>,
    /// Id of the last row, where there are more.
    pub older: Option<String>,
}

/// The list of an account, narrowed by a filter, from after the row `before`.
pub fn list(engine: &Engine, account: &Account, filter: &Filter, before: Option<&str>, rows_max: usize) -> Result<Listed, LetterError> {
    let mut listed = Listed::default();
    let mut waits = Vec::new();
    let mut reached = before.is_none();
    let mut rows: Vec<(CommentRow, Side)> = Vec::new();
    let wanted = Wanted::of(filter);
    for row in engine.index().inbox(&account.member).take(LOOKED_AT_MAX) {
        let row = row?;
        let Some(side) = may_read(account, &row.comment) else { continue };
        let mut comment = letters::standing(&row, Some(side));
        keep_apart(&mut comment, side);
        if comment.state() == State::Open {
            listed.unanswered += 1;
        }
        if let Some(at_ms) = comment.first_answer_ms() {
            waits.push(at_ms.saturating_sub(comment.at_ms));
        }
        let fits = wanted.fits(&comment);
        let at = comment.place().map(|store| store.location.clone());
        if at.is_some() && !listed.stores.iter().any(|known| known.place().map(|store| &store.location) == at.as_ref()) {
            listed.stores.push(comment.clone());
        }
        if !listed.products.iter().any(|known| known.gtin == comment.gtin) {
            listed.products.push(comment);
        }
        if fits && reached && rows.len() <= rows_max {
            // The words are read last: they lie in the journal.
            if wanted.is_in(engine, &row, side)? {
                rows.push((row, side));
            }
        } else if before == Some(row.comment.id.as_str()) {
            reached = true;
        }
    }
    if rows.len() > rows_max {
        rows.truncate(rows_max);
        listed.older = rows.last().map(|(row, _)| row.comment.id.clone());
    }
    listed.rows = rows.iter().map(|(row, side)| letter(engine, row, *side)).collect::<Result<_, _>>()?;
    waits.sort_unstable();
    listed.half_ms = waits.get(waits.len() / 2).copied();
    Ok(listed)
}

/// What a filter asks for, read once for all letters.
struct Wanted<'a> {
    filter: &'a Filter,
    from_ms: u64,
    until_ms: u64,
    words: Vec<String>,
}

impl<'a> Wanted<'a> {
    fn of(filter: &'a Filter) -> Self {
        let start = |text: &Option<String>| {
            let day = trace::time::date(text.as_ref()?)?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            u64::try_from(day.timestamp().as_millisecond()).ok()
        };
        let words = filter.words.as_deref().unwrap_or_default().to_lowercase().split_whitespace().map(str::to_owned).collect();
        let until_ms = start(&filter.until).map_or(u64::MAX, |day| day.saturating_add(86_400_000));
        Self { filter, from_ms: start(&filter.since).unwrap_or(0), until_ms, words }
    }

    fn fits(&self, comment: &Comment) -> bool {
        let filter = self.filter;
        (self.from_ms..self.until_ms).contains(&comment.at_ms)
            && filter.store.as_ref().is_none_or(|location| comment.place().is_some_and(|store| store.location == *location))
            && filter.product.as_ref().is_none_or(|gtin| *gtin == comment.gtin)
            && filter.rating.is_none_or(|rating| rating == comment.rating)
            && filter.topic.is_none_or(|topic| topic == comment.topic)
            && filter.state.is_none_or(|state| state == comment.state())
    }

    /// Whether all words that are looked for stand in what this side may read of a letter: what it says, if it is not held, its answers,
    /// its number, and what it is about. How to reach its writer is nothing to look for.
    fn is_in(&self, engine: &Engine, row: &CommentRow, side: Side) -> Result<bool, LetterError> {
        if self.words.is_empty() {
            return Ok(true);
        }
        let comment = letter(engine, row, side)?;
        let said = comment.text.iter().filter(|_| comment.held.is_none());
        let answers = comment.answers.iter().map(|answer| &answer.text);
        let names = comment.product.values().chain(comment.place().into_iter().flat_map(|store| store.names.values()));
        let numbers = [&comment.gtin].into_iter().chain(&comment.lot).chain(&comment.serial);
        let all: Vec<String> =
            said.chain(answers).chain(names).chain(numbers).chain([&comment.number()]).map(|text| text.to_lowercase()).collect();
        Ok(self.words.iter().all(|word| all.iter().any(|text| text.contains(word))))
    }
}

#[cfg(test)]
mod tests;
