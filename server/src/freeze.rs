//! A brand freezes the code of one pack that was stolen, copied or taken back, and releases it. It is this site's word for the owner of the
//! number: the line about the code's history says so, staff are told to ask, and the records stay what they are. What shall be seen by
//! whoever checks elsewhere is an alert, which is signed.

use app::feedback::words::local;
use base::clock;
use engine::{Engine, StateError};
use ledger::name::Name;
use store::StoreError;
use store::record::deed::{Act, Change, Freeze};
use trace::page::{CodeHistory, FreezeReason};

use crate::feedback::letters::owner;
use crate::inner::{self, item};
use crate::session::accounts::Account;
use crate::session::team::{self, FREEZES_A_DAY};

base::limits! {
    /// Codes of one member that are frozen at once: the list is one page.
    FROZEN_OF_MEMBER: usize = 500, "codes";
}

/// Why a code is not frozen or released.
#[derive(Debug, thiserror::Error)]
pub enum FreezeFault {
    /// No record of such an item.
    #[error("there is no record of an item with this code")]
    NoItem,
    /// Another member owns its number.
    #[error("the number of this item is not this member's")]
    NotOwn,
    /// As many as there can be.
    #[error("a member has at most {FROZEN_OF_MEMBER} frozen codes")]
    Full,
    /// As many in 24 hours as can be.
    #[error("{FREEZES_A_DAY} codes were frozen or released in 24 hours, which is the most")]
    ManyToday,
    /// It could not be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tables.
    #[error(transparent)]
    Index(#[from] StoreError),
}

/// What a code's history is, where it was `counted`: frozen, if the member that owns the number now froze it; else whether the code inside
/// was used.
pub fn history(engine: &Engine, name: &Name, counted: CodeHistory) -> CodeHistory {
    let counted = inner::history(engine, name, counted);
    let Some((path, gtin)) = item(name) else { return counted };
    let freeze = engine.index().frozen(&path).unwrap_or_else(|error| {
        tracing::error!(%error, "whether a code is frozen could not be read");
        None
    });
    let Some(freeze) = freeze else { return counted };
    let why = freeze.reason.as_deref().and_then(FreezeReason::parse);
    match why.filter(|_| owner(engine, &engine.view(), gtin).as_deref() == Some(&freeze.member)) {
        Some(why) => CodeHistory::Frozen { why, day: local(freeze.at_ms).chars().take(10).collect() },
        None => counted,
    }
}

/// The codes that a member froze, newest first.
pub fn of(engine: &Engine, member: &str) -> Result<Vec<Freeze>, StoreError> {
    let mut all = engine.index().frozen_of(member).take(FROZEN_OF_MEMBER).collect::<Result<Vec<_>, _>>()?;
    all.sort_by_key(|freeze| std::cmp::Reverse(freeze.at_ms));
    Ok(all)
}

/// Freezes a code, or says another reason for it.
pub async fn freeze(engine: &Engine, by: &Account, name: &Name, reason: FreezeReason) -> Result<(), FreezeFault> {
    let _turn = team::turn().await;
    let (path, gtin) = item(name).ok_or(FreezeFault::NoItem)?;
    let view = engine.view();
    if owner(engine, &view, gtin).as_deref() != Some(&by.member) {
        return Err(FreezeFault::NotOwn);
    }
    if !view.knows(name) {
        return Err(FreezeFault::NoItem);
    }
    let all = of(engine, &by.member)?;
    match all.iter().find(|freeze| freeze.item == path) {
        Some(same) if same.reason.as_deref() == Some(reason.value()) => return Ok(()),
        None if all.len() >= FROZEN_OF_MEMBER => return Err(FreezeFault::Full),
        _ => {}
    }
    keep(engine, by, path, Some(reason)).await
}

/// Releases a code that this member froze. One that is not frozen, or that another froze, stays as it is.
pub async fn release(engine: &Engine, by: &Account, path: &str) -> Result<(), FreezeFault> {
    let _turn = team::turn().await;
    match engine.index().frozen(path)? {
        Some(freeze) if freeze.member == by.member => keep(engine, by, freeze.item, None).await,
        _ => Ok(()),
    }
}

async fn keep(engine: &Engine, by: &Account, item: String, reason: Option<FreezeReason>) -> Result<(), FreezeFault> {
    let act = if reason.is_some() { Act::CodeFrozen } else { Act::CodeReleased };
    room(engine, &by.member)?;
    let mut deed = team::deed(engine, &by.member, &by.name, act, &item);
    deed.detail = reason.map_or("", FreezeReason::value).to_owned();
    let freeze = Freeze {
        item,
        member: by.member.clone(),
        reason: reason.map(|reason| reason.value().to_owned()),
        by: by.name.clone(),
        at_ms: deed.at_ms,
    };
    deed.changes.push(Change::Freeze(freeze));
    Ok(team::keep(engine, deed).await?)
}

fn room(engine: &Engine, member: &str) -> Result<(), FreezeFault> {
    let today = team::since(engine, member, clock::DAY_MS, |deed| usize::from(matches!(deed.act, Act::CodeFrozen | Act::CodeReleased)))?;
    if today < FREEZES_A_DAY { Ok(()) } else { Err(FreezeFault::ManyToday) }
}
