//! Answers that a desk keeps ready: a title, and words with places in them that each letter fills. A brand's accounts share theirs, a
//! store's those of its location.

use engine::Engine;
use serde::{Deserialize, Serialize};
use store::record::{Blob, Erase, ReadyAnswer, Secret, StateRecord};
use store::rows::ReadyAnswerRow;
use trace::feedback::{AnswerText, Comment, TitleText};

use crate::feedback::letters::{LetterError, turn};
use crate::session::accounts::Account;

base::limits! {
    /// Ready answers of one desk: more are not found again in a list.
    READY_ANSWERS_MAX: usize = 50, "answers";
}

/// The places that a letter fills, as people write them.
pub const SLOTS: [&str; 7] = ["{product}", "{item}", "{lot}", "{store}", "{brand}", "{number}", "{day}"];

/// A ready answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Its id, 32 hex digits.
    pub id: String,
    /// What it is found by.
    pub title: String,
    /// The words.
    pub text: String,
}

/// What is kept in its blob.
#[derive(Serialize, Deserialize)]
struct Kept {
    title: String,
    text: String,
}

fn read(engine: &Engine, row: ReadyAnswerRow) -> Result<Option<Ready>, LetterError> {
    let bytes = row.words.as_ref().map_or(Ok(None), |secret| engine.blob(secret))?;
    let kept: Option<Kept> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Ok(kept.map(|Kept { title, text }| Ready { id: row.answer.id, title, text }))
}

/// Those of this account's desk, by title.
pub fn all(engine: &Engine, account: &Account) -> Result<Vec<Ready>, LetterError> {
    let mut all = Vec::new();
    for row in engine.index().ready_answers(&account.member, account.location.as_deref()) {
        all.extend(read(engine, row?)?);
    }
    all.sort_by(|one, two| (&one.title, &one.id).cmp(&(&two.title, &two.id)));
    Ok(all)
}

fn row(engine: &Engine, account: &Account, id: &str) -> Result<Option<ReadyAnswerRow>, LetterError> {
    Ok(engine.index().ready_answer(&account.member, account.location.as_deref(), id)?)
}

/// One of them; another desk's id finds nothing.
pub fn one(engine: &Engine, account: &Account, id: &str) -> Result<Option<Ready>, LetterError> {
    row(engine, account, id)?.map_or(Ok(None), |row| read(engine, row))
}

/// Why a ready answer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKept {
    /// As many as there can be.
    Full,
    /// It was taken away since.
    Gone,
}

/// Keeps a new one, or other words of an old one; the words before are overwritten.
pub async fn keep(
    engine: &Engine,
    account: &Account,
    id: Option<&str>,
    title: TitleText,
    text: AnswerText,
) -> Result<Result<(), NotKept>, LetterError> {
    let _turn = turn(&account.member).await;
    let before = match id {
        Some(id) => row(engine, account, id)?,
        None => None,
    };
    if id.is_some() && before.is_none() {
        return Ok(Err(NotKept::Gone));
    }
    if id.is_none() && engine.index().ready_answers(&account.member, account.location.as_deref()).count() >= READY_ANSWERS_MAX {
        return Ok(Err(NotKept::Full));
    }
    let random: [u8; 16] = base::random::bytes();
    let id = id.map_or_else(|| random.iter().map(|byte| format!("{byte:02x}")).collect(), str::to_owned);
    let kept = Kept { title: title.as_str().to_owned(), text: text.as_str().to_owned() };
    let words = serde_json::to_vec(&kept).expect("two texts are JSON");
    engine.state_with(record(engine, account, id, Some(Blob(0))), vec![words]).await?;
    overwrite(engine, before).await?;
    Ok(Ok(()))
}

/// Takes one away; its words are overwritten.
pub async fn remove(engine: &Engine, account: &Account, id: &str) -> Result<(), LetterError> {
    let _turn = turn(&account.member).await;
    if let Some(before) = row(engine, account, id)? {
        engine.state(record(engine, account, id.to_owned(), None)).await?;
        overwrite(engine, Some(before)).await?;
    }
    Ok(())
}

fn record(engine: &Engine, account: &Account, id: String, words: Option<Blob>) -> StateRecord {
    StateRecord::ReadyAnswer(ReadyAnswer {
        member: account.member.clone(),
        location: account.location.clone(),
        id,
        words,
        by: account.name.clone(),
        at_ms: engine.now_ms(),
    })
}

async fn overwrite(engine: &Engine, before: Option<ReadyAnswerRow>) -> Result<(), LetterError> {
    let secrets: Vec<Secret> = before.and_then(|row| row.words).into_iter().collect();
    if !secrets.is_empty() {
        let reason = "a ready answer was changed or taken away".to_owned();
        engine.state(StateRecord::Erase(Erase { secrets, reason, at_ms: engine.now_ms() })).await?;
    }
    Ok(())
}

/// The first place in these words that no letter fills: a misspelt one.
pub fn unknown_slot(text: &str) -> Option<&str> {
    slots(text).find(|slot| !SLOTS.contains(slot))
}

/// The first place that was left to be filled.
pub fn left(text: &str) -> Option<&str> {
    slots(text).find(|slot| SLOTS.contains(slot))
}

/// What stands in braces and could be a place: letters alone.
fn slots(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(move |(at, _)| {
        let end = text[at..].find('}')? + at + 1;
        let name = &text[at + 1..end - 1];
        (!name.is_empty() && name.chars().all(char::is_alphabetic)).then(|| &text[at..end])
    })
}

/// The words with what this letter has in their places, in its writer's language. What it has not, stays as it is: whoever answers sees
/// it, and no answer leaves with it.
pub fn filled(text: &str, comment: &Comment) -> String {
    use app::context::Lang;
    use app::feedback::words::{day, name};
    let lang = if comment.language == "zh" { Lang::Zh } else { Lang::En };
    let value = |slot: &str| match slot {
        "{product}" => name(&comment.product, lang).map(str::to_owned),
        "{item}" => comment.serial.as_deref().map(app::feedback::receipt::last_six),
        "{lot}" => comment.lot.clone(),
        "{store}" => comment.place().and_then(|place| name(&place.names, lang)).map(str::to_owned),
        "{brand}" => name(&comment.brand_names, lang).map(str::to_owned),
        "{number}" => Some(comment.number()),
        "{day}" => Some(day(comment.at_ms, lang)),
        _ => None,
    };
    // Once from left to right: what a letter brings in is never filled itself.
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(slot) = slots(rest).next() {
        let at = slot.as_ptr() as usize - rest.as_ptr() as usize;
        out.push_str(&rest[..at]);
        out.push_str(&value(slot).unwrap_or_else(|| slot.to_owned()));
        rest = &rest[at + slot.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests;
