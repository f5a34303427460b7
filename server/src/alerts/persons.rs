//! Persons who are told by mail: each is asked once whether it wants that, and told nothing before it says yes by a link.

use std::fmt::Write as _;

use base::clock::DAY_MS;
use engine::Engine;
use ledger::Hash;
use store::StoreError;
use store::record::Blob;
use store::record::outgoing::{About, Channel, ChannelKind, ChannelState, Fingerprint, Outgoing};
use store::rows::outgoing::ChannelRow;

use super::{Known, NotDone, Outcome, Private, Ways, channel, channels, keep, message, new_channel, put, room};
use super::{MAIL_ASKED_A_DAY, MAIL_ASKS_A_DAY, MAIL_CONFIRM_DAYS, MAIL_REFUSED_DAYS};
use crate::feedback::letters::{LetterError, turn};
use crate::outbox::mail;
use crate::session::accounts::Account;

/// Persons are asked one after the other: two members that ask one address see each other.
static ASKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A hash that nobody else can make.
fn fingerprint(engine: &Engine, of: &str, text: &str) -> Fingerprint {
    let key = engine.secret("addresses of persons");
    Fingerprint(Hash(*blake3::keyed_hash(&key, [of.as_bytes(), &[0], text.as_bytes()].concat().as_slice()).as_bytes()))
}

/// Whether a person's address may be asked now; the hashes by which that is counted.
fn may_ask(engine: &Engine, account: &Account, address: &str) -> Result<Result<Vec<Fingerprint>, NotDone>, StoreError> {
    let now_ms = engine.now_ms();
    let (person, member) = (fingerprint(engine, "person", &address.to_lowercase()), fingerprint(engine, "member", &account.member));
    let today = |asked: &[u64]| asked.iter().filter(|at| **at + DAY_MS > now_ms).count();
    let (by_person, by_member) = (engine.index().mailed(&person.0)?, engine.index().mailed(&member.0)?);
    let refused = by_person.refused_ms.is_some_and(|at| at + MAIL_REFUSED_DAYS * DAY_MS > now_ms);
    if refused || today(&by_person.asked_ms) >= MAIL_ASKED_A_DAY || today(&by_member.asked_ms) >= MAIL_ASKS_A_DAY {
        return Ok(Err(NotDone::Asked));
    }
    Ok(Ok(vec![person, member]))
}

/// Adds a person's address. It is asked once, and told nothing before it says yes.
pub async fn add_mail(engine: &Engine, account: &Account, ways: Ways, address: &str, language: &str) -> Outcome<String> {
    let address = address.trim();
    if !ways.mail {
        return Ok(Err(NotDone::NoMailServer));
    }
    if mail::address(address).is_none() {
        return Ok(Err(NotDone::NoMail));
    }
    let (_turn, _asking) = (turn(&account.member).await, ASKING.lock().await);
    if let Err(why) = room(&channels(engine, account)?, address) {
        return Ok(Err(why));
    }
    let asked = match may_ask(engine, account, address)? {
        Ok(asked) => asked,
        Err(why) => return Ok(Err(why)),
    };
    let channel = new_channel(engine, account, ChannelKind::Mail, language, asked);
    let id = channel.id.clone();
    keep(engine, channel, &Private { address: address.to_owned(), secrets: Vec::new() }, None).await?;
    put(engine, Outgoing::Message(message(account, &id, About::Confirm, engine.now_ms()))).await?;
    Ok(Ok(id))
}

/// Asks a person's address once more.
pub async fn ask_again(engine: &Engine, account: &Account, id: &str) -> Outcome<()> {
    let (_turn, _asking) = (turn(&account.member).await, ASKING.lock().await);
    let waits = |known: &Known| known.row.channel.kind == ChannelKind::Mail && known.row.confirmed_ms.is_none();
    let Some(Known { row, private }) = channel(engine, account, id)?.filter(waits) else { return Ok(Err(NotDone::Gone)) };
    let asked = match may_ask(engine, account, &private.address)? {
        Ok(asked) => asked,
        Err(why) => return Ok(Err(why)),
    };
    let at_ms = engine.now_ms();
    let again = Channel { private: Some(Blob(0)), asked, at_ms, ..row.channel };
    keep(engine, again, &private, Some(row.private)).await?;
    put(engine, Outgoing::Message(message(account, id, About::Confirm, at_ms))).await?;
    Ok(Ok(()))
}

/// What stands in the address by which a person says yes or no: made of this server's secret, so nothing has to be kept.
pub fn token(engine: &Engine, channel: &Channel) -> String {
    let key = engine.secret("answers of persons");
    let hash = blake3::keyed_hash(&key, channel.id.as_bytes());
    hash.as_bytes()[..16].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The address that a person's link names, where its token is right.
pub fn by_token(engine: &Engine, id: &str, given: &str) -> Result<Option<ChannelRow>, StoreError> {
    let row = engine.index().channel(id)?.filter(|row| row.channel.kind == ChannelKind::Mail);
    // Hashes are compared, so that the time it takes tells nothing.
    let hash = |text: &str| blake3::hash(text.as_bytes());
    Ok(row.filter(|row| hash(&token(engine, &row.channel)) == hash(given)))
}

/// Whether a person can still say yes by the link that it has.
pub fn may_confirm(engine: &Engine, row: &ChannelRow) -> bool {
    row.stopped_ms.is_none() && row.channel.at_ms + MAIL_CONFIRM_DAYS * DAY_MS > engine.now_ms()
}

/// A person says whether it may be written to.
pub async fn answered(engine: &Engine, row: &ChannelRow, confirmed: bool) -> Result<(), LetterError> {
    let state = ChannelState { id: row.channel.id.clone(), confirmed, at_ms: engine.now_ms() };
    put(engine, Outgoing::ChannelState(state)).await
}
