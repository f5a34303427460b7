//! The inbox: who may read which comment, and the list of those.
//!
//! [`may_read`] is the one place that decides. Every way to a comment from the console goes through [`find`] or [`list`], which
//! ask it; no other function of this module hands out a comment.

pub mod export;
pub mod filters;
pub mod presence;
pub mod ready;

use app::console::data::{Counts, Filter, Sort};
use engine::Engine;
use store::record as state;
use store::rows::CommentRow;
use trace::feedback::{Comment, Said, Side, Voice};

use crate::feedback::letters::{self, LetterError};
use crate::feedback::standing::standing;
use crate::session::accounts::{Account, May};

base::limits! {
    /// Accounts of one member that are looked at for who can be given a letter.
    COLLEAGUES: usize = 500, "accounts";
}

/// Rows of one page: two screens of a desktop.
pub const PAGE_ROWS: usize = 25;
/// Newest comments that a list, a filter or a count looks at: a year of a busy brand. Older ones are found by their number only.
pub const LOOKED_AT_MAX: usize = 20_000;

/// Whether this account may read this comment, and for which side; an operator runs the post and reads none.
pub fn may_read(account: &Account, comment: &state::Comment) -> Option<Side> {
    if !account.may(May::Read) {
        return None;
    }
    let location = if account.role.needs_location() { Some(account.location.as_deref()?) } else { None };
    side_of_desk(&account.member, location, comment)
}

/// For which side a desk reads this comment, if it does. A brand reads what was written to it as a brand; a store and its tablet what was
/// written to that store, at that location, or sent there as to an independent seller.
pub fn side_of_desk(member: &str, location: Option<&str>, comment: &state::Comment) -> Option<Side> {
    let Some(own) = location else { return (!member.is_empty() && comment.brand == member).then_some(Side::Brand) };
    let here = |to: &Option<(String, String)>| to.as_ref().is_some_and(|(location, of)| own == location && member == of);
    if here(&comment.store) { Some(Side::Store) } else { here(&comment.seller).then_some(Side::Seller) }
}

/// Whose work a letter can be at the desk of this account: those accounts that answer there. Who went, or went elsewhere, is none of them.
pub fn colleagues(engine: &Engine, account: &Account) -> Result<Vec<String>, LetterError> {
    let mut names = Vec::new();
    for user in engine.index().users_of(&account.member).take(COLLEAGUES) {
        let same = |other: &Account| other.role.needs_location() == account.role.needs_location() && other.location == account.location;
        names.extend(Account::of(user?).filter(|other| other.may(May::Work) && same(other)).map(|other| other.name));
    }
    Ok(names)
}

/// A comment and the side that it is read for, if there is one and this account may read it. Both refusals look the same.
pub fn find(engine: &Engine, account: &Account, id: &str) -> Result<Option<(CommentRow, Side)>, LetterError> {
    Ok(engine.index().comment(id)?.and_then(|row| may_read(account, &row.comment).map(|side| (row, side))))
}

/// A letter as an account at the desk of these colleagues may read it, for this side: how to reach the writer is the brand's, a store's only
/// where the brand lets it, and never a shared tablet's.
pub fn letter(engine: &Engine, account: &Account, row: &CommentRow, side: Side, colleagues: &[String]) -> Result<Comment, LetterError> {
    let mut comment = letters::load(engine, row, Some(side))?;
    only_colleagues(&mut comment, colleagues);
    let contact = match side {
        Side::Brand => true,
        Side::Store => letters::store_may_contact(engine, &engine.view(), &comment),
        Side::Seller => false,
    };
    if !contact || !account.may(May::Contact) {
        comment.contact = None;
    }
    keep_apart(&mut comment, side);
    Ok(comment)
}

/// What was the work of somebody who is not at this desk any more is nobody's.
fn only_colleagues(comment: &mut Comment, colleagues: &[String]) {
    comment.assigned = comment.assigned.take().filter(|name| colleagues.contains(name));
}

/// Nor is it to a seller that the owner did not name, who else got the letter; what they say to it `standing` keeps from it.
fn keep_apart(comment: &mut Comment, side: Side) {
    if side == Side::Seller {
        (comment.brand, comment.store) = (None, None);
        (comment.seen_brand_ms, comment.seen_store_ms) = (None, None);
        comment.said.iter_mut().for_each(|said| said.to.clear());
    }
}

/// A page of the list with its counts.
#[derive(Debug, Default)]
pub struct Listed {
    /// Rows, in the filter's order, with their words.
    pub rows: Vec<Comment>,
    /// Products: GTIN and one row to take its name from.
    pub products: Vec<Comment>,
    /// Stores: one row of each, to take location and name from.
    pub stores: Vec<Comment>,
    /// How many each view holds.
    pub counts: Counts,
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
    // In another order than they come in, all that fit have to be known before the first is shown: what they are sorted by, no more.
    let mut sorted: Vec<((u64, u64), String)> = Vec::new();
    let wanted = Wanted::of(filter);
    let colleagues = colleagues(engine, account)?;
    let now_ms = engine.now_ms();
    for row in engine.index().inbox(&account.member).take(LOOKED_AT_MAX) {
        let row = row?;
        let Some(side) = may_read(account, &row.comment) else { continue };
        let mut comment = standing(&row, Some(side), now_ms);
        keep_apart(&mut comment, side);
        only_colleagues(&mut comment, &colleagues);
        listed.counts.add(&comment, &account.name);
        if let Some(at_ms) = comment.first_answer_ms() {
            waits.push(at_ms.saturating_sub(comment.at_ms));
        }
        let fits = wanted.fits(&comment, &account.name);
        if fits && filter.sort != Sort::Newest {
            sorted.push((filter.sort.key(&comment), row.comment.id.clone()));
        }
        let at = comment.place().map(|store| store.location.clone());
        if at.is_some() && !listed.stores.iter().any(|known| known.place().map(|store| &store.location) == at.as_ref()) {
            listed.stores.push(comment.clone());
        }
        if !listed.products.iter().any(|known| known.gtin == comment.gtin) {
            listed.products.push(comment);
        }
        if filter.sort != Sort::Newest {
            continue;
        }
        if fits && reached && rows.len() <= rows_max {
            // The words are read last: they lie in the journal.
            if wanted.is_in(engine, account, &row, side, &colleagues)? {
                rows.push((row, side));
            }
        } else if before == Some(row.comment.id.as_str()) {
            reached = true;
        }
    }
    sorted.sort_unstable();
    for (_, id) in sorted {
        if rows.len() > rows_max {
            break;
        }
        if !reached {
            reached = before == Some(id.as_str());
            continue;
        }
        let Some((row, side)) = find(engine, account, &id)? else { continue };
        if wanted.is_in(engine, account, &row, side, &colleagues)? {
            rows.push((row, side));
        }
    }
    if rows.len() > rows_max {
        rows.truncate(rows_max);
        listed.older = rows.last().map(|(row, _)| row.comment.id.clone());
    }
    listed.rows = rows.iter().map(|(row, side)| letter(engine, account, row, *side, &colleagues)).collect::<Result<_, _>>()?;
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

    fn fits(&self, comment: &Comment, account: &str) -> bool {
        let filter = self.filter;
        (self.from_ms..self.until_ms).contains(&comment.at_ms)
            && filter.store.as_ref().is_none_or(|location| comment.place().is_some_and(|store| store.location == *location))
            && filter.product.as_ref().is_none_or(|gtin| *gtin == comment.gtin)
            && filter.lot.as_ref().is_none_or(|lot| comment.lot.as_ref() == Some(lot))
            && filter.rating.is_none_or(|rating| rating == comment.rating)
            && filter.topic.is_none_or(|topic| topic == comment.topic)
            && filter.state.is_none_or(|state| state == comment.state())
            && filter.view.is_none_or(|view| view.holds(comment, account))
    }

    /// Whether all words that are looked for stand in what this side may read of a letter: what it says, if it is not held, its answers
    /// and this desk's notes, its number, and what it is about. How to reach its writer is nothing to look for.
    fn is_in(&self, engine: &Engine, account: &Account, row: &CommentRow, side: Side, colleagues: &[String]) -> Result<bool, LetterError> {
        if self.words.is_empty() {
            return Ok(true);
        }
        let comment = letter(engine, account, row, side, colleagues)?;
        let shown = |said: &&Said| said.by != Voice::Writer || comment.held.is_none();
        let said = comment.text.iter().filter(|_| comment.held.is_none());
        let answers = comment.said.iter().filter(shown).filter_map(|said| said.text.as_ref());
        let names = comment.product.values().chain(comment.place().into_iter().flat_map(|store| store.names.values()));
        let numbers = [&comment.gtin].into_iter().chain(&comment.lot).chain(&comment.serial);
        let all: Vec<String> =
            said.chain(answers).chain(names).chain(numbers).chain([&comment.number()]).map(|text| text.to_lowercase()).collect();
        Ok(self.words.iter().all(|word| all.iter().any(|text| text.contains(word))))
    }
}

#[cfg(test)]
mod tests;
