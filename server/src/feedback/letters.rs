//! Comments in the engine's records, and back: the one place that knows both. What a person wrote stands in erasable blobs; the
//! first of them is what the ledger entry commits to.

use engine::{Engine, RightsNow, StateError, Submission, SubmitError, View, ViewError};
use ledger::Hash;
use ledger::entry::{Notice, NoticeKind, Status, right, role};
use ledger::name::Name;
use store::StoreError;
use store::record::{self as state, Blob, CommentState, Erase, Secret, StateRecord};
use store::rows::{CommentRow, Event, Happened};
use store::table::COMMENTS;
use tokio::sync::{Mutex, MutexGuard};
use trace::feedback::comment::{committed_bytes, plain_words, read_committed};
use trace::feedback::limits::HELD_ENTRIES_AN_HOUR;
use trace::feedback::{self as rules, Comment, Contact, HoldReason, ProofState, Publicity, Rating, Side, Text, Token, Topic};
use trace::page::{ItemPage, Seller};

use super::standing::{said, secret_of, sent_to, standing};
use super::started::Started;

/// Why a comment was not kept or not read.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// It could not be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// Its entry could not be logged.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The tables could not be read.
    #[error(transparent)]
    Index(#[from] StoreError),
    /// The ledger could not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The page of the item could not be made.
    #[error("the item's page could not be made: {0}")]
    Page(String),
}

/// What became of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is kept, now or since the same form was sent before; the token opens its receipt.
    Kept(Token),
    /// Its form was sent before with other content: nothing was kept.
    Spent,
    /// So many came that nothing was kept.
    Many,
}

/// More came than are taken.
#[derive(Debug)]
pub struct TooMany;

/// A comment that passed every rule.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The form it came with, where this service made it; a form is good for one comment.
    pub form: Option<&'a Started>,
    /// About this.
    pub page: &'a ItemPage,
    /// The brand: owner of the GTIN's prefix.
    pub brand: Option<String>,
    /// The independent seller, where its writer chose it.
    pub seller: Option<&'a Seller>,
    /// How it was.
    pub rating: Rating,
    /// About what.
    pub topic: Topic,
    /// The words.
    pub text: Text,
    /// Contact.
    pub contact: Option<Contact>,
    /// Cleaned photos.
    pub photos: Vec<Vec<u8>>,
    /// What of it may stand on the product's page, where its writer allows that.
    pub public: Option<state::Public>,
    /// Language of the page.
    pub language: &'static str,
    /// When it came in.
    pub at_ms: u64,
}

/// Comments that are written at once: those of one form wait for each other, those of two hardly ever.
static WRITING: [Mutex<()>; 64] = [const { Mutex::const_new(()) }; 64];

/// Keeps a comment, held where `hold`, asked for a new one alone, says why. When this returns it is on disk, and the token opens its
/// receipt. Its ledger entry follows at once; should that fail, [`sweep`] makes it later. What is over a rate gets its entry when
/// somebody releases it, or in its turn from the sweep: a flood of comments makes no flood of entries, and no comment stays without
/// one for ever. [`TooMany`]: it goes back.
pub async fn write(
    engine: &Engine,
    draft: Draft<'_>,
    hold: impl FnOnce() -> Result<Option<HoldReason>, TooMany>,
) -> Result<Written, LetterError> {
    let page = draft.page;
    let photos: Vec<rules::comment::Photo> = draft
        .photos
        .iter()
        .map(|jpeg| rules::comment::Photo { hash: blake3::hash(jpeg).to_hex().to_string(), bytes: jpeg.len() as u64 })
        .collect();
    let mut blobs = vec![committed_bytes(&page.path, draft.rating, draft.topic, draft.text.as_str(), &photos)];
    let (id, token) = match draft.form {
        None => (base::random::bytes(), base::random::bytes()),
        Some(form) => {
            let key = engine.secret("comments of forms");
            let contact = draft.contact.as_ref().map_or("", |contact| contact.as_str());
            let seller = draft.seller.map_or("", |seller| seller.member.as_str());
            let public = [u8::from(draft.public.is_some()), u8::from(draft.public.is_some_and(|public| public.photos))];
            let content = [blobs[0].as_slice(), &[0], contact.as_bytes(), &[0], seller.as_bytes(), &[0], &public].concat();
            (form.derived(&key, b""), form.derived(&key, &content))
        }
    };
    let writing = &WRITING[usize::from(id[0]) % WRITING.len()];
    let token = Token::from_random(token);
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    // Of the same post sent twice at once the second waits here until the first is in the table.
    let one_at_a_time = writing.lock().await;
    if let Some(row) = engine.index().comment(&id)? {
        return Ok(if row.comment.token.0 == token.stored() { Written::Kept(token) } else { Written::Spent });
    }
    let Ok(hold) = hold() else { return Ok(Written::Many) };
    let contact = draft.contact.map(|contact| push(&mut blobs, contact.as_str().as_bytes().to_vec()));
    let pictures = draft
        .photos
        .into_iter()
        // Sizes are read by the browser; the record needs none.
        .map(|jpeg| {
            let bytes = jpeg.len() as u64;
            state::Photo { blob: push(&mut blobs, jpeg), media_type: "image/jpeg".to_owned(), bytes }
        })
        .collect();
    let store = page.store.as_ref().filter(|_| store_may_read(engine.view().rights(), page, engine.now_ms()));
    let record = state::Comment {
        id: id.clone(),
        token: Hash(token.stored()),
        received_ms: draft.at_ms,
        item: page.path.clone(),
        lot: page.lot.clone(),
        brand: draft.brand.unwrap_or_default(),
        store: store.map(|store| (store.location.clone(), store.member.clone())),
        seller: draft.seller.map(|seller| (seller.location.clone(), seller.member.clone())),
        rating: Some(draft.rating.number()),
        topic: draft.topic.value().to_owned(),
        language: draft.language.to_owned(),
        text: Some(Blob(0)),
        contact,
        photos: pictures,
        held: hold.is_some(),
        public: draft.public,
        about: state::About {
            gtin: page.gtin.clone(),
            serial: page.serial.clone(),
            product: plain_words(&page.headline.name),
            brand_names: plain_words(&page.headline.brand),
            store_names: store.map(|store| plain_words(&store.name)).unwrap_or_default(),
            seller_names: draft.seller.map(|seller| seller.names.clone()).unwrap_or_default(),
            proof: Some(ProofState::of(page)),
            hold,
        },
    };
    let commitments = engine.state_with(StateRecord::Comment(record), blobs).await?;
    drop(one_at_a_time);
    if let Some(words) = commitments.first()
        && !hold.is_some_and(over_a_rate)
    {
        // The comment is safe already; an overload here is made good by the sweep.
        let _ = log(engine, *words).await;
    }
    Ok(Written::Kept(token))
}

/// Whether a comment is held because there are too many, and not for what it says or how fast it came: those few have their entry.
fn over_a_rate(reason: HoldReason) -> bool {
    matches!(reason, HoldReason::Network | HoldReason::Code)
}

fn push(blobs: &mut Vec<Vec<u8>>, bytes: Vec<u8>) -> Blob {
    blobs.push(bytes);
    Blob((blobs.len() - 1) as u16)
}

/// Under which key the ledger lists a comment: one of its own, that nobody else can make. By one of its item's, whoever sold a pack, or wrote
/// a letter about it, would see when others were written.
fn notice_key(engine: &Engine, commitment: &Hash) -> ledger::Key {
    ledger::Key(ledger::dk("leafproof notices v1", &[&engine.secret("notices"), &commitment.0]))
}

async fn log(engine: &Engine, commitment: Hash) -> Result<(), LetterError> {
    let key = notice_key(engine, &commitment);
    engine.submit(Submission::Notice(Notice { notice: NoticeKind::Feedback, key, commitment })).await?;
    Ok(())
}

/// Where a comment's entry stands in this version of the ledger, and when it was logged.
pub fn logged(engine: &Engine, view: &View, row: &CommentRow) -> Result<Option<(u64, u64)>, ViewError> {
    let Some(secret) = secret_of(row, row.comment.text) else {
        return Ok(None);
    };
    let Some(listed) = view.list(&notice_key(engine, &secret.0))?.first().map(|listed| listed.index) else {
        return Ok(None);
    };
    Ok(Some((listed, view.entry(listed)?.entry.logged_ms)))
}

/// A comment as it stands for this reader, with its words.
pub fn load(engine: &Engine, row: &CommentRow, reader: Option<Side>) -> Result<Comment, LetterError> {
    let mut comment = standing(row, reader, engine.now_ms());
    let read = |secret: Option<Secret>| -> Result<Option<Vec<u8>>, ViewError> { secret.map_or(Ok(None), |secret| engine.blob(&secret)) };
    let words = read(secret_of(row, row.comment.text))?.and_then(|bytes| read_committed(&bytes));
    let hashes = words.as_ref().map(|(_, hashes)| hashes.clone()).unwrap_or_default();
    comment.text = words.map(|(text, _)| text);
    comment.contact = read(secret_of(row, row.comment.contact))?.and_then(|bytes| String::from_utf8(bytes).ok());
    comment.photos =
        row.comment.photos.iter().zip(hashes).map(|(photo, hash)| rules::comment::Photo { hash, bytes: photo.bytes }).collect();
    for (said, event) in comment.said.iter_mut().zip(said(row, reader)) {
        let words = match &event.what {
            Happened::Answer(answer) => answer.text,
            Happened::Reply(reply) => reply.text,
            Happened::Note(note) => note.text,
            Happened::Step(_) | Happened::Assignment(_) => continue,
        };
        said.text = read(event.secret(words))?.and_then(|bytes| String::from_utf8(bytes).ok());
        if said.text.is_none() {
            said.photos.clear();
        }
    }
    Ok(comment)
}

/// A photo's JPEG, of the comment or of a reply that this side got; `None` where there is none at this place, or it was erased.
pub fn photo(engine: &Engine, row: &CommentRow, place: usize, side: Side) -> Result<Option<Vec<u8>>, ViewError> {
    let own = row.comment.photos.iter().map(|photo| secret_of(row, Some(photo.blob)));
    let of_reply = |event: &Event| -> Vec<Option<Secret>> {
        match &event.what {
            Happened::Reply(reply) => reply.photos.iter().map(|photo| event.secret(photo.blob).filter(|_| sent_to(reply, side))).collect(),
            _ => Vec::new(),
        }
    };
    let secret = own.chain(row.events.iter().flat_map(of_reply)).nth(place).flatten();
    secret.map_or(Ok(None), |secret| engine.blob(&secret))
}

/// What is done to one comment waits for each other: two answers of one moment see each other, and nothing is said after the words are erased.
pub async fn turn(id: &str) -> MutexGuard<'static, ()> {
    let place = id.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    TURNS[place % TURNS.len()].lock().await
}

static TURNS: [Mutex<()>; 64] = [const { Mutex::const_new(()) }; 64];

/// What is to be logged of a comment that has no entry yet.
fn unlogged(engine: &Engine, view: &View, row: &CommentRow) -> Result<Option<Secret>, ViewError> {
    Ok(match logged(engine, view, row)? {
        Some(_) => None,
        None => secret_of(row, row.comment.text),
    })
}

/// Logs a comment that somebody released. As with a new one: what an overload keeps from the ledger, the sweep makes good.
pub async fn log_released(engine: &Engine, id: &str) -> Result<(), LetterError> {
    if let Some(row) = engine.index().comment(id)?
        && let Some(secret) = unlogged(engine, &engine.view(), &row)?
    {
        let _ = log(engine, secret.0).await;
    }
    Ok(())
}

/// Overwrites the writer's words, replies, contact and photos, on its wish, and the notes on them, which may quote them. Its entry in
/// the ledger stays: it holds a salted fingerprint.
pub async fn erase(engine: &Engine, row: &CommentRow) -> Result<(), LetterError> {
    let _turn = turn(&row.comment.id).await;
    let Some(row) = engine.index().comment(&row.comment.id)? else { return Ok(()) };
    let at_ms = engine.now_ms();
    let of_writer = |event: &&Event| matches!(event.what, Happened::Reply(_) | Happened::Note(_));
    let more = row.events.iter().filter(of_writer).flat_map(|event| &event.secrets);
    let secrets: Vec<Secret> = row.secrets.iter().chain(more).copied().collect();
    if !secrets.is_empty() {
        let reason = "the writer erased the comment".to_owned();
        engine.state(StateRecord::Erase(Erase { secrets, reason, at_ms })).await?;
    }
    let record = CommentState {
        comment: row.comment.id.clone(),
        state: "erased".to_owned(),
        by: "writer".to_owned(),
        side: String::new(),
        at_ms,
        until_ms: None,
        reason: None,
    };
    engine.state(StateRecord::CommentState(record)).await?;
    Ok(())
}

/// Takes a comment off its product's page for good, on its writer's wish; those whom it went to keep it. When this returns it is off.
pub async fn withdraw(engine: &Engine, row: &CommentRow) -> Result<(), LetterError> {
    let _turn = turn(&row.comment.id).await;
    let Some(row) = engine.index().comment(&row.comment.id)? else { return Ok(()) };
    if !store::public::publicity(&row).allowed() {
        return Ok(());
    }
    let record = CommentState {
        comment: row.comment.id.clone(),
        state: "withdrawn".to_owned(),
        by: "writer".to_owned(),
        side: String::new(),
        at_ms: engine.now_ms(),
        until_ms: None,
        reason: None,
    };
    engine.state(StateRecord::CommentState(record)).await?;
    Ok(())
}

/// A comment as everybody may read it on its product's page; `None` where it does not stand there, or its words are gone.
pub fn published(engine: &Engine, id: &str) -> Result<Option<Comment>, LetterError> {
    let Some(row) = engine.index().comment(id)?.filter(|row| store::public::publicity(row) == Publicity::Shown) else { return Ok(None) };
    Ok(Some(load(engine, &row, None)?).filter(|comment| comment.text.is_some()))
}

/// A photo of one, where its writer lets it stand there too.
pub fn published_photo(engine: &Engine, id: &str, place: usize) -> Result<Option<Vec<u8>>, LetterError> {
    let Some(row) = engine.index().comment(id)?.filter(|row| store::public::publicity(row) == Publicity::Shown) else { return Ok(None) };
    let photo = row.comment.photos.get(place).filter(|_| row.comment.public.is_some_and(|public| public.photos));
    let secret = photo.and_then(|photo| secret_of(&row, Some(photo.blob)));
    Ok(secret.map_or(Ok(None), |secret| engine.blob(&secret))?)
}

/// Makes good what was left undone: ledger entries that an overload or a crash kept from being logged, and contacts whose time
/// is over. Of those that nobody looked at since they were held, a few are logged each time. Runs at start and every hour.
pub async fn sweep(engine: &Engine) -> Result<(), LetterError> {
    let (view, now_ms) = (engine.view(), engine.now_ms());
    let mut held_turns = HELD_ENTRIES_AN_HOUR;
    for row in engine.index().json_rows::<CommentRow>(COMMENTS, &[]) {
        let (_, row) = row?;
        let waits = standing(&row, None, now_ms).held.is_some_and(over_a_rate);
        if (!waits || held_turns > 0)
            && let Some(secret) = unlogged(engine, &view, &row)?
        {
            held_turns -= usize::from(waits);
            log(engine, secret.0).await?;
        }
        if let Some(secret) = secret_of(&row, row.comment.contact) {
            let comment = load(engine, &row, None)?;
            if comment.contact_ends_ms().is_some_and(|ends| ends <= now_ms) {
                let reason = "the time of the contact is over".to_owned();
                engine.state(StateRecord::Erase(Erase { secrets: vec![secret], reason, at_ms: now_ms })).await?;
            }
        }
    }
    Ok(())
}

/// The brand of a GTIN: the member that owns its prefix now, and can still sign.
pub fn owner(engine: &Engine, view: &View, gtin: &str) -> Option<String> {
    let digits = gtin.get(1..14)?;
    let owner = view.rights().owner(digits, engine.now_ms())?;
    (owner.status == Status::Active).then(|| owner.id.clone())
}

/// The independent seller that a comment on this page can go to as well: one that may still speak of goods, and is not the store anyway.
pub fn seller<'a>(engine: &Engine, view: &View, page: &'a ItemPage) -> Option<&'a Seller> {
    let seller = page.seller.as_ref()?;
    let member = view.rights().member(&Name::member_key(&seller.member))?;
    let active = member.status == Status::Active && (member.valid_from..=member.valid_until).contains(&engine.now_ms());
    let is_store = page.store.as_ref().is_some_and(|store| store.member == seller.member);
    (active && member.roles & role::INDEPENDENT != 0 && !is_store).then_some(seller)
}

/// Whether a store may see how to reach the writer: only where the owner of the number said so.
pub fn store_may_contact(engine: &Engine, view: &View, comment: &Comment) -> bool {
    comment.store.as_ref().is_some_and(|store| store_has(view.rights(), &comment.gtin, &store.member, right::CONTACT, engine.now_ms()))
}

/// Whether the store of a page gets letters about it now. Its record counts by the rights of the record's time; the owner may have ended
/// them since.
pub fn store_may_read(rights: &RightsNow, page: &ItemPage, now_ms: u64) -> bool {
    page.store.as_ref().is_some_and(|store| store_has(rights, &page.gtin, &store.member, right::STORE, now_ms))
}

/// Whether a store owns this number now, or has this right of its owner.
fn store_has(rights: &RightsNow, gtin: &str, store: &str, right: u16, now_ms: u64) -> bool {
    let Some(digits) = gtin.get(1..14) else { return false };
    let owner = rights.owner(digits, now_ms);
    owner.is_some_and(|owner| owner.id == store || rights.grants(&owner.key(), &Name::member_key(store), right, digits, now_ms))
}

/// Where the letters about a product stand.
pub fn address(gtin: &str) -> Option<String> {
    (gtin.len() == 14 && gtin.bytes().all(|b| b.is_ascii_digit())).then(|| format!("/letters/01/{gtin}"))
}
