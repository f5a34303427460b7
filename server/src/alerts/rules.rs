//! What a rule finds in the letters that came since it looked last. What it found, how far it looked, and the messages of it are one
//! record: a crash between two letters neither loses nor doubles an alert. Within a rule's pause letters are not looked at, so they
//! are counted into the next message.

use std::collections::BTreeSet;
use std::time::Duration;

use base::clock::DAY_MS;
use engine::Engine;
use ledger::entry::Status;
use store::record::StateRecord;
use store::record::outgoing::{About, Message, Outgoing, RuleKind, Told};
use store::rows::CommentRow;
use store::rows::outgoing::RuleRow;
use trace::feedback::illness::names_illness;
use trace::feedback::{Side, Topic};

use super::may_be_told;
use crate::feedback::letters::{self, LetterError};
use crate::feedback::standing::standing;
use crate::inbox::{LOOKED_AT_MAX, side_of_desk};
use crate::outbox;

base::limits! {
    /// How often it is looked for new letters.
    ALERT_EVERY_MS: u64 = 1_000, "milliseconds";
    /// New letters that a rule looks at in one turn; the others wait for the next.
    ALERT_LETTERS: u64 = 5_000, "letters";
    /// Letters that one message names; of the others it says how many.
    ALERT_NAMED: usize = 10, "letters";
    /// Letters that suspect fakes of one lot before a desk is told.
    ALERT_FAKES: usize = 3, "letters";
    /// Within which time.
    ALERT_FAKES_MS: u64 = DAY_MS, "milliseconds";
    /// Ratings of a week before their average says anything.
    ALERT_RATINGS: u64 = 5, "ratings";
    /// The week; and how long bad ratings that stay bad are not told again.
    ALERT_RATINGS_MS: u64 = 7 * DAY_MS, "milliseconds";
    /// An average below this is bad.
    ALERT_RATING_BELOW: u64 = 3, "points of five";
}

/// Looks for as long as the server runs.
pub async fn run(engine: Engine) {
    loop {
        if let Err(error) = look(&engine).await {
            tracing::error!(%error, "letters could not be looked at for alerts; they are looked at again");
        }
        tokio::time::sleep(Duration::from_millis(ALERT_EVERY_MS)).await;
    }
}

/// One look of every rule; how many had something new to look at.
pub async fn look(engine: &Engine) -> Result<usize, LetterError> {
    let this = engine.clone();
    let found = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        for row in this.index().all_rules() {
            found.extend(looked(&this, &row?)?);
        }
        Ok::<_, LetterError>(found)
    });
    let found = match found.await {
        Ok(found) => found?,
        Err(error) => {
            tracing::error!(%error, "letters could not be looked at");
            return Ok(0);
        }
    };
    let count = found.len();
    for told in found {
        engine.state(StateRecord::Outgoing(Outgoing::Told(told))).await?;
    }
    Ok(count)
}

/// A letter of a rule's desk.
struct Letter {
    row: CommentRow,
    side: Side,
}

fn looked(engine: &Engine, row: &RuleRow) -> Result<Option<Told>, LetterError> {
    let rule = &row.rule;
    let Some(kind) = rule.kind else { return Ok(None) };
    let now_ms = engine.now_ms();
    let count = engine.index().letters_count(&rule.member)?;
    let pausing = row.told_ms.is_some_and(|told| now_ms < told.saturating_add(u64::from(rule.minutes) * 60_000));
    if count <= row.upto || pausing {
        return Ok(None);
    }
    let upto = count.min(row.upto + ALERT_LETTERS);
    let mut new = Vec::new();
    for number in row.upto + 1..=upto {
        let Some(id) = engine.index().letter_id(&rule.member, number)? else { continue };
        new.extend(engine.index().comment(&id)?.and_then(|row| of_desk(rule.member.as_str(), rule.location.as_deref(), row)));
    }
    // The last ones are named: those of a flood are counted before the others.
    new.sort_by_key(|letter| !letter.row.comment.held);
    let found = match kind {
        RuleKind::Letter => (ids(new), None, false),
        RuleKind::Illness => (ids(ill(engine, new)?), None, false),
        RuleKind::Fakes => (fakes(engine, row, new)?, None, false),
        RuleKind::Rating if new.is_empty() => (Vec::new(), None, row.low),
        RuleKind::Rating => bad_ratings(engine, row, now_ms)?,
    };
    let (found, ratings, low) = found;
    let told = Told { rule: rule.id.clone(), upto, low, at_ms: now_ms, messages: Vec::new() };
    if found.is_empty() || !is_active(engine, &rule.member)? {
        return Ok(Some(told));
    }
    let more = found.len().saturating_sub(ALERT_NAMED);
    let about = About::Letters { rule: kind, letters: found[more..].to_vec(), more: more as u64, ratings };
    Ok(Some(Told { messages: messages(engine, row, &about, now_ms)?, ..told }))
}

/// One message to each address of the rule that may be written to.
fn messages(engine: &Engine, row: &RuleRow, about: &About, now_ms: u64) -> Result<Vec<Message>, LetterError> {
    let rule = &row.rule;
    let mut messages = Vec::new();
    for id in &rule.channels {
        let channel = engine.index().channel(id)?;
        let own = channel.filter(|to| to.channel.member == rule.member && to.channel.location == rule.location && may_be_told(to));
        messages.extend(own.map(|_| outbox::message(&rule.member, id, about.clone(), now_ms)));
    }
    Ok(messages)
}

/// Whether a member is one still.
pub fn is_active(engine: &Engine, member: &str) -> Result<bool, LetterError> {
    Ok(engine.view().member(member)?.last().is_none_or(|(_, newest)| newest.status == Status::Active))
}

fn of_desk(member: &str, location: Option<&str>, row: CommentRow) -> Option<Letter> {
    let side = side_of_desk(member, location, &row.comment)?;
    Some(Letter { row, side })
}

fn ids(letters: Vec<Letter>) -> Vec<String> {
    letters.into_iter().map(|letter| letter.row.comment.id).collect()
}

fn ill(engine: &Engine, letters: Vec<Letter>) -> Result<Vec<Letter>, LetterError> {
    let mut found = Vec::new();
    for letter in letters {
        // What was erased meanwhile names nothing.
        if letters::load(engine, &letter.row, Some(letter.side))?.text.is_some_and(|text| names_illness(&text)) {
            found.push(letter);
        }
    }
    Ok(found)
}

/// Of one lot; where that is not known, of one product.
fn same_lot(one: &CommentRow, two: &CommentRow) -> bool {
    (&one.comment.about.gtin, &one.comment.lot) == (&two.comment.about.gtin, &two.comment.lot)
}

fn suspects(row: &CommentRow) -> bool {
    row.comment.topic == Topic::SuspectedFake.value()
}

/// Those of the new letters with which a lot has as many in a day as a desk is told of. Held ones count: many of one market's network
/// may be what the alert is for. Named with them are those before them that made them enough, told or not: who reads the alert needs all.
fn fakes(engine: &Engine, row: &RuleRow, new: Vec<Letter>) -> Result<Vec<String>, LetterError> {
    let new: Vec<Letter> = new.into_iter().filter(|letter| suspects(&letter.row)).collect();
    let Some(oldest) = new.iter().map(|letter| letter.row.comment.received_ms).min() else { return Ok(Vec::new()) };
    let recent = recent(engine, row, oldest.saturating_sub(ALERT_FAKES_MS))?;
    // Those that are held first, then by time: the last ones are named.
    let mut found = BTreeSet::new();
    for letter in new {
        let until = letter.row.comment.received_ms;
        let within = until.saturating_sub(ALERT_FAKES_MS)..=until;
        let same =
            |other: &&Letter| suspects(&other.row) && same_lot(&letter.row, &other.row) && within.contains(&other.row.comment.received_ms);
        let all: Vec<&Letter> = recent.iter().filter(same).collect();
        if all.len() >= ALERT_FAKES {
            found.extend(all.into_iter().map(|one| {
                let comment = &one.row.comment;
                (!comment.held, comment.received_ms, comment.id.clone())
            }));
        }
    }
    Ok(found.into_iter().map(|(_, _, id)| id).collect())
}

/// The letters of a rule's desk since then, newest first.
fn recent(engine: &Engine, row: &RuleRow, since_ms: u64) -> Result<Vec<Letter>, LetterError> {
    let rule = &row.rule;
    let mut found = Vec::new();
    for row in engine.index().inbox(&rule.member).take(LOOKED_AT_MAX) {
        let row = row?;
        if row.comment.received_ms < since_ms {
            break;
        }
        found.extend(of_desk(&rule.member, rule.location.as_deref(), row));
    }
    Ok(found)
}

type Ratings = (Vec<String>, Option<(u64, u64)>, bool);

/// The week's badly rated letters, where the average fell or stays too long. Held letters do not count: nobody is to press the average
/// by writing many.
fn bad_ratings(engine: &Engine, row: &RuleRow, now_ms: u64) -> Result<Ratings, LetterError> {
    let mut week = recent(engine, row, now_ms.saturating_sub(ALERT_RATINGS_MS))?;
    week.retain(|letter| standing(&letter.row, Some(letter.side), now_ms).held.is_none());
    let rated: Vec<(u64, &Letter)> = week.iter().filter_map(|letter| Some((u64::from(letter.row.comment.rating?), letter))).collect();
    let (count, sum) = (rated.len() as u64, rated.iter().map(|(rating, _)| rating).sum::<u64>());
    let low = count >= ALERT_RATINGS && sum < ALERT_RATING_BELOW * count;
    let news = !row.low || row.told_ms.is_none_or(|told| told + ALERT_RATINGS_MS <= now_ms);
    if !low || !news {
        return Ok((Vec::new(), None, low));
    }
    // Oldest first, as the other rules find them.
    let bad = rated.iter().rev().filter(|(rating, _)| *rating < ALERT_RATING_BELOW).map(|(_, letter)| letter.row.comment.id.clone());
    Ok((bad.collect(), Some((count, sum)), true))
}
