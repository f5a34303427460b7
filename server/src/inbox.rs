//! The inbox: who may read which comment, and the list of those.
//!
//! [`may_read`] is the one place that decides. Every way to a comment from the console goes through [`find`] or [`list`], which
//! ask it; no other function of this module hands out a comment.

pub mod export;

use app::console::inbox::Filter;
use trace::feedback::{Comment, Side, State};

use crate::engine::{Engine, state};
use crate::feedback::letters::{self, LetterError};
use crate::index::state::CommentRow;
use crate::session::accounts::{Account, Role};

/// Rows of one page: two screens of a desktop.
pub const PAGE_ROWS: usize = 25;
/// Newest comments that a list, a filter or a count looks at: a year of a busy brand. Older ones are found by their number only.
pub const LOOKED_AT_MAX: usize = 20_000;

/// Whether this account may read this comment. A brand reads what was written to it as a brand; a store and its staff what was
/// written to that store, at that location; an operator runs the post and reads none.
pub fn may_read(account: &Account, comment: &state::Comment) -> bool {
    match account.role {
        Role::Brand => !account.member.is_empty() && comment.brand == account.member,
        Role::Store | Role::Staff => match (&account.location, &comment.store) {
            (Some(own), Some((location, member))) => own == location && account.member == *member,
            _ => false,
        },
        Role::Operator => false,
    }
}

/// The side an account reads for.
pub fn side(account: &Account) -> Option<Side> {
    match account.role {
        Role::Brand => Some(Side::Brand),
        Role::Store | Role::Staff => Some(Side::Store),
        Role::Operator => None,
    }
}

/// Whether an account may answer, close and hold what it reads.
pub fn may_write(account: &Account) -> bool {
    matches!(account.role, Role::Brand | Role::Store)
}

/// A comment, if there is one and this account may read it. Both refusals look the same.
pub fn find(engine: &Engine, account: &Account, id: &str) -> Result<Option<CommentRow>, LetterError> {
    Ok(engine.index().comment(id)?.filter(|row| may_read(account, &row.comment)))
}

/// A letter as this account may read it: how to reach the writer is the brand's, and a store's only where the brand lets it.
pub fn letter(engine: &Engine, account: &Account, row: &CommentRow) -> Result<Comment, LetterError> {
    let mut comment = letters::load(engine, row)?;
    if side(account) != Some(Side::Brand) && !letters::store_may_contact(engine, &engine.view(), &comment) {
        comment.contact = None;
    }
    Ok(comment)
}

/// A page of the list with its counts.
#[derive(Debug, Default)]
pub struct Listed {
    /// Rows, newest first, with their words.
    pub rows: Vec<Comment>,
    /// Products: GTIN and one row to take its name from.
    pub products: Vec<Comment>,
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
    let mut rows: Vec<CommentRow> = Vec::new();
    for row in engine.index().inbox(&account.member).take(LOOKED_AT_MAX) {
        let row = row?;
        if !may_read(account, &row.comment) {
            continue;
        }
        let comment = letters::standing(&row);
        if comment.state() == State::Open {
            listed.unanswered += 1;
        }
        if let Some(answer) = comment.answers.first() {
            waits.push(answer.at_ms.saturating_sub(comment.at_ms));
        }
        let fits = fits(filter, &comment);
        if !listed.products.iter().any(|known| known.gtin == comment.gtin) {
            listed.products.push(comment);
        }
        if fits && reached && rows.len() <= rows_max {
            rows.push(row);
        } else if before == Some(row.comment.id.as_str()) {
            reached = true;
        }
    }
    if rows.len() > rows_max {
        rows.truncate(rows_max);
        listed.older = rows.last().map(|row| row.comment.id.clone());
    }
    listed.rows = rows.iter().map(|row| letter(engine, account, row)).collect::<Result<_, _>>()?;
    waits.sort_unstable();
    listed.half_ms = waits.get(waits.len() / 2).copied();
    Ok(listed)
}

fn fits(filter: &Filter, comment: &Comment) -> bool {
    filter.product.as_ref().is_none_or(|gtin| *gtin == comment.gtin)
        && filter.rating.is_none_or(|rating| rating == comment.rating)
        && filter.topic.is_none_or(|topic| topic == comment.topic)
        && filter.state.is_none_or(|state| state == comment.state())
}

#[cfg(test)]
mod tests;
