//! Filters of the inbox that somebody keeps under a name: each account its own. What is looked for may be a shopper's words or a name, so
//! they lie in erasable blobs.

use app::console::data::Filter;
use engine::Engine;
use serde::{Deserialize, Serialize};
use store::record::{Blob, Erase, SavedFilter, Secret, StateRecord};
use store::rows::SavedFilterRow;
use trace::feedback::TitleText;

use crate::feedback::letters::{LetterError, turn};
use crate::session::accounts::Account;

base::limits! {
    /// Filters that one account keeps: two lines of a page.
    SAVED_FILTERS: usize = 20, "filters";
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it asks, as the inbox's query string; empty for none.
    pub query: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    name: String,
    query: String,
}

/// An account's filters, the oldest first.
pub fn all(engine: &Engine, account: &Account) -> Result<Vec<Saved>, LetterError> {
    let rows: Vec<SavedFilterRow> = engine.index().saved_filters(&account.member, &account.name).collect::<Result<_, _>>()?;
    let mut read = Vec::new();
    for row in rows {
        let bytes = row.words.map_or(Ok(None), |words| engine.blob(&words))?;
        let kept: Option<Kept> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.extend(kept.map(|kept| (row.filter.at_ms, Saved { id: row.filter.id, name: kept.name, query: kept.query })));
    }
    read.sort_by(|one, two| (one.0, &one.1.id).cmp(&(two.0, &two.1.id)));
    Ok(read.into_iter().map(|(_, saved)| saved).collect())
}

/// Keeps one; false where there are as many as one can have.
pub async fn keep(engine: &Engine, account: &Account, name: &TitleText, filter: &Filter) -> Result<bool, LetterError> {
    let _turn = turn(&account.name).await;
    if engine.index().saved_filters(&account.member, &account.name).count() >= SAVED_FILTERS {
        return Ok(false);
    }
    let kept = Kept { name: name.as_str().to_owned(), query: filter.query(&[]) };
    let words = serde_json::to_vec(&kept).expect("two texts are JSON");
    let random: [u8; 16] = base::random::bytes();
    let id = random.iter().map(|byte| format!("{byte:02x}")).collect();
    engine.state_with(record(engine, account, id, Some(Blob(0))), vec![words]).await?;
    Ok(true)
}

/// Takes one away; what it asked is overwritten. One that is gone already, or another's, is none.
pub async fn remove(engine: &Engine, account: &Account, id: &str) -> Result<(), LetterError> {
    let _turn = turn(&account.name).await;
    let rows: Vec<SavedFilterRow> = engine.index().saved_filters(&account.member, &account.name).collect::<Result<_, _>>()?;
    if let Some(before) = rows.into_iter().find(|row| row.filter.id == id) {
        engine.state(record(engine, account, id.to_owned(), None)).await?;
        let secrets: Vec<Secret> = before.words.into_iter().collect();
        let reason = "a saved filter was taken away".to_owned();
        engine.state(StateRecord::Erase(Erase { secrets, reason, at_ms: engine.now_ms() })).await?;
    }
    Ok(())
}

fn record(engine: &Engine, account: &Account, id: String, words: Option<Blob>) -> StateRecord {
    let (member, account) = (account.member.clone(), account.name.clone());
    StateRecord::SavedFilter(SavedFilter { member, account, id, words, at_ms: engine.now_ms() })
}
