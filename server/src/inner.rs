//! A second code inside a pack, for whoever opens it. It is used once, by a tap on its page and never by opening the page; from then on the
//! pack's own page says on which day. Like a frozen code it is this site's word for the owner of the number, unsigned.
//!
//! No code is kept: each is made from its pack's path and the member that had it made, with a secret of this server. So a copied journal or
//! index gives none, and who loses a file of codes gets the same ones again.

use app::feedback::words::local;
use base::clock::DAY_MS;
use engine::{Engine, StateError};
use ledger::name::{Level, Name};
use store::StoreError;
use store::record::deed::{Act, Change, InnerCodes};
use store::record::{InnerSpent, StateRecord};
use store::rows::inner::{InnerBatch, InnerRow};
use tokio::sync::Mutex;
use trace::page::CodeHistory;

use crate::feedback::letters::owner;
use crate::session::team;

base::limits! {
    /// Codes that are made at once: a sheet of them is still a page that a browser prints.
    INNER_AT_ONCE: usize = 1_000, "codes";
    /// Codes that one member has made, or takes once more, in 24 hours: the packs of a line that runs all day.
    INNER_A_DAY: usize = 20_000, "codes";
    /// Files of codes that one member takes in 24 hours. Each has a line in the trail, and nobody fills that.
    INNER_FILES_A_DAY: usize = 200, "files";
    /// Letters that say what codes are for.
    INNER_LABEL_CHARS: usize = 60, "characters";
    /// The newest batches of codes that the console shows with how many were used.
    INNER_BATCHES_SHOWN: usize = 100, "batches";
    /// Wrong codes from one network. Nobody finds a code of 128 bits by trying; it keeps programs from trying at all.
    INNER_GUESSES: u32 = 60, "wrong codes an hour";
}

/// Letters of a code, five bits each: 130 bits, of which 128 come from the secret.
pub const CODE_LETTERS: usize = 26;

/// Why no codes are made.
#[derive(Debug, thiserror::Error)]
pub enum InnerFault {
    /// None was asked for.
    #[error("name the packs: GTIN and serial, one on a line")]
    Nothing,
    /// It does not say what they are for.
    #[error("say what the codes are for, in 1 to {INNER_LABEL_CHARS} characters")]
    Label,
    /// More than are made at once.
    #[error("at most {INNER_AT_ONCE} codes are made at once")]
    Many,
    /// Not a pack.
    #[error("line {0} is not the code of one pack: GTIN and serial are needed")]
    NoItem(usize),
    /// Another member owns its number.
    #[error("line {0}: the number of this pack is not this member's")]
    NotOwn(usize),
    /// As many in 24 hours as can be.
    #[error("in 24 hours at most {INNER_A_DAY} codes are made, in {INNER_FILES_A_DAY} files")]
    ManyToday,
    /// It could not be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tables.
    #[error(transparent)]
    Index(#[from] StoreError),
}

/// Who has codes made.
#[derive(Clone, Copy, Debug)]
pub struct Maker<'a> {
    /// The member.
    pub member: &'a str,
    /// Its account; empty: who runs the service.
    pub by: &'a str,
    /// What they are for.
    pub label: &'a str,
}

/// A pack and the address inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// The pack's own address, without this site's.
    pub item: String,
    /// The inner one, likewise.
    pub address: String,
}

/// What a typed code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None of ours. Whether the right one was used, or whether there is one at all, is nothing to say here.
    Wrong,
    /// Right, and not used.
    Fresh,
    /// Right, and used then.
    Spent(u64),
    /// Right once: the number has another owner since.
    Over,
}

/// What using a code came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It was used now, for the first time.
    Now(u64),
    /// It was not.
    Not(Standing),
}

/// The path of an item, and its GTIN.
pub(crate) fn item(name: &Name) -> Option<(String, &str)> {
    let Name::Gs1(fields) = name else { return None };
    let gtin = fields.iter().find(|(ai, _)| ai == "01")?.1.as_str();
    Some((name.digital_link_path()?, gtin)).filter(|_| name.level() == Level::Item)
}

/// The code inside a pack.
fn code(engine: &Engine, member: &str, item: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&engine.secret("inner codes"));
    hasher.update(member.as_bytes()).update(&[0]).update(item.as_bytes());
    let hash = *hasher.finalize().as_bytes();
    let bits = u128::from_be_bytes(*hash.first_chunk().expect("32 bytes hold 16"));
    let letter = |place: usize| b"abcdefghijklmnopqrstuvwxyz234567"[(bits >> (5 * place) & 31) as usize];
    (0..CODE_LETTERS).map(|place| char::from(letter(place))).collect()
}

/// The address of a code, without this site's.
pub fn address(code: &str, item: &str) -> String {
    format!("/inner/{code}{item}")
}

fn standing(engine: &Engine, name: &Name, typed: &str) -> Result<(Standing, Option<InnerRow>), StoreError> {
    let Some((path, gtin)) = item(name) else { return Ok((Standing::Wrong, None)) };
    let row = engine.index().inner(&path)?;
    // The same work for a pack without a code; blake3::Hash compares in constant time.
    let member = row.as_ref().map_or("", |row| row.member.as_str());
    let right = blake3::hash(code(engine, member, &path).as_bytes()) == blake3::hash(typed.as_bytes());
    let Some(row) = row.filter(|_| right) else { return Ok((Standing::Wrong, None)) };
    let standing = match row.spent_ms {
        _ if owner(engine, &engine.view(), gtin).as_deref() != Some(&row.member) => Standing::Over,
        Some(at_ms) => Standing::Spent(at_ms),
        None => Standing::Fresh,
    };
    Ok((standing, Some(row)))
}

/// What a code is. Nothing is changed by asking.
pub fn look(engine: &Engine, name: &Name, typed: &str) -> Result<Standing, StoreError> {
    Ok(standing(engine, name, typed)?.0)
}

/// Uses a code: on disk when this returns. Of several at once one is the first.
pub async fn spend(engine: &Engine, name: &Name, typed: &str) -> Result<Use, InnerFault> {
    static TURN: Mutex<()> = Mutex::const_new(());
    // Who has no right code waits for nobody, and nobody waits for it.
    let before = look(engine, name, typed)?;
    if before != Standing::Fresh {
        return Ok(Use::Not(before));
    }
    let _turn = TURN.lock().await;
    let (now, row) = standing(engine, name, typed)?;
    match (now, row, item(name)) {
        (Standing::Fresh, Some(row), Some((item, _))) => {
            let at_ms = engine.now_ms();
            engine.state(StateRecord::InnerSpent(InnerSpent { item, member: row.member, at_ms })).await?;
            Ok(Use::Now(at_ms))
        }
        (now, _, _) => Ok(Use::Not(now)),
    }
}

/// What a code's history is, where it is this otherwise: the code inside was used, if the member that owns the number now had it made.
pub fn history(engine: &Engine, name: &Name, otherwise: CodeHistory) -> CodeHistory {
    let Some((path, gtin)) = item(name) else { return otherwise };
    let row = engine.index().inner(&path).unwrap_or_else(|error| {
        tracing::error!(%error, "whether the code inside a pack was used could not be read");
        None
    });
    let spent = row.and_then(|row| Some((row.spent_ms?, row.member)));
    match spent.filter(|(_, member)| owner(engine, &engine.view(), gtin).as_ref() == Some(member)) {
        Some((at_ms, _)) => CodeHistory::Opened { day: day(at_ms) },
        None => otherwise,
    }
}

/// The day of a time, by the clock of all our pages.
pub fn day(at_ms: u64) -> String {
    local(at_ms)[..10].to_owned()
}

/// The newest batches of a member's codes.
pub fn batches(engine: &Engine, member: &str) -> Result<Vec<InnerBatch>, StoreError> {
    engine.index().inner_of(member).take(INNER_BATCHES_SHOWN).collect()
}

/// The codes inside packs, made or once more: all of them, or none and why. `read` gives the pack of a line.
pub async fn make(engine: &Engine, maker: Maker<'_>, lines: &str, read: impl Fn(&str) -> Option<Name>) -> Result<Vec<Inside>, InnerFault> {
    let label = maker.label.trim();
    if !(1..=INNER_LABEL_CHARS).contains(&label.chars().count()) || label.chars().any(char::is_control) {
        return Err(InnerFault::Label);
    }
    let lines: Vec<(usize, &str)> = (1..).zip(lines.lines().map(str::trim)).filter(|(_, line)| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err(InnerFault::Nothing);
    }
    if lines.len() > INNER_AT_ONCE {
        return Err(InnerFault::Many);
    }
    let _turn = team::turn().await;
    let view = engine.view();
    let mut items: Vec<String> = Vec::new();
    for (number, line) in lines {
        let name = read(line).ok_or(InnerFault::NoItem(number))?;
        // A pack need not be recorded yet: what lies inside it is printed before it is closed.
        let (path, gtin) = item(&name).ok_or(InnerFault::NoItem(number))?;
        if owner(engine, &view, gtin).as_deref() != Some(maker.member) {
            return Err(InnerFault::NotOwn(number));
        }
        if !items.contains(&path) {
            items.push(path);
        }
    }
    room(engine, maker.member, items.len())?;
    let mut deed = team::deed(engine, maker.member, maker.by, Act::InnerTaken, label);
    deed.count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let mut new = Vec::new();
    for item in &items {
        let had = engine.index().inner(item)?.is_some_and(|row| row.member == maker.member);
        new.extend((!had).then(|| item.clone()));
    }
    if !new.is_empty() {
        let (id, at_ms) = (deed.id.clone(), deed.at_ms);
        let codes = InnerCodes { id, member: maker.member.to_owned(), label: label.to_owned(), items: new, at_ms };
        deed.changes.push(Change::Inner(codes));
    }
    team::keep(engine, deed).await?;
    Ok(items.into_iter().map(|item| Inside { address: address(&code(engine, maker.member, &item), &item), item }).collect())
}

fn room(engine: &Engine, member: &str, more: usize) -> Result<(), InnerFault> {
    let weigh = |weight: fn(u32) -> usize| {
        team::since(engine, member, DAY_MS, move |deed| if deed.act == Act::InnerTaken { weight(deed.count) } else { 0 })
    };
    let (codes, files) = (weigh(|count| count as usize)?, weigh(|_| 1)?);
    if codes + more <= INNER_A_DAY && files < INNER_FILES_A_DAY { Ok(()) } else { Err(InnerFault::ManyToday) }
}
