//! Objections (kind 9): the owner of a number says that a record about its goods is not so. Nothing is hidden by it; both stand side by
//! side. One for each record, none against a regulator's. Its author can take it back, once: a record that was objected to before is not
//! objected to again.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use engine::{Accepted, Engine, NewEvent, Submission, SubmitError, View, ViewError};
use ledger::entry::{Action, Authority, Class, Event, Kind, Member, Record, part_kind, record_role, role};
use ledger::name::Name;
use ledger::public::{Line, PublicPart};
use ledger::{Hash, Key};
use trace::showable;

use crate::presign;

/// Characters of a reason in one language: it stands beside the record, in two or three lines of a phone.
pub const REASON_CHARS_MAX: usize = 200;
/// Goods that one objection names.
pub const GOODS_MAX: usize = 64;
/// Languages of a page.
const LANGUAGES: [&str; 2] = ["en", "zh"];

/// Why nothing was objected to.
#[derive(Debug, thiserror::Error)]
pub enum ObjectionError {
    /// No such record.
    #[error("entry {0} is no record about goods; look at the number in the record's receipt once more")]
    Unknown(u64),
    /// One's own.
    #[error("entry {0} is your own record: take it back with an errorDeclaration")]
    Own(u64),
    /// A regulator's.
    #[error("entry {0} is a regulator's record; nobody objects to it here")]
    Regulator(u64),
    /// About other goods.
    #[error(
        "entry {0} says nothing of goods whose number is yours; where its author is independent, name the goods by their addresses, /01/…/21/…"
    )]
    NotYours(u64),
    /// Goods that cannot be read.
    #[error("{0:?} is no address of goods; write it as it stands in the page's address, /01/…/21/…, at most {GOODS_MAX} of them")]
    Goods(String),
    /// No reason.
    #[error("say why, in en or zh or both")]
    NoReason,
    /// A reason that cannot be shown.
    #[error("the reason in {language}: {why}")]
    Reason {
        /// Language.
        language: String,
        /// What is wrong and how to mend it.
        why: String,
    },
    /// There is one.
    #[error("you objected to entry {target} already, with entry {index}; a record has one objection, also where that was taken back")]
    Already {
        /// The record.
        target: u64,
        /// The objection.
        index: u64,
    },
    /// There is none.
    #[error("there is no objection of yours to entry {0}; look at the number in the record's receipt once more")]
    None(u64),
    /// It was taken back.
    #[error("you took your objection to entry {target} back already, with entry {index}")]
    Ended {
        /// The record.
        target: u64,
        /// What took the objection back.
        index: u64,
    },
    /// The ledger refuses it.
    #[error(transparent)]
    Refused(#[from] SubmitError),
    /// The ledger cannot be read.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// The words of a reason by language.
pub type Reason = BTreeMap<String, String>;

/// What may be objected to: a record of another about goods whose number is the owner's.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its place in the ledger.
    pub index: u64,
    /// The record.
    pub event: Event,
    /// The keys of the owner's goods in it.
    pub goods: Vec<Key>,
    /// Its author.
    pub author: Option<Member>,
}

/// Looks whether an owner can object to the record at this place. `goods` are addresses of goods in it; none: all that the record itself
/// names as the owner's. What an independent recorded names no owner, so there they have to be given.
pub fn target(view: &View, owner: &str, index: u64, goods: &[String], now_ms: u64) -> Result<Target, ObjectionError> {
    let owner_key = Name::member_key(owner);
    if goods.len() > GOODS_MAX {
        return Err(ObjectionError::Goods(goods[GOODS_MAX].clone()));
    }
    let mut named = Vec::new();
    for path in goods {
        let name = Name::from_digital_link_path(path).map_err(|_| ObjectionError::Goods(path.clone()))?;
        // Who owns the number now: what was said of it before is on its pages as well.
        let owner = name.digits().and_then(|digits| view.rights().owner_key(digits, now_ms));
        named.extend((owner == Some(owner_key)).then(|| name.key()));
    }
    about(view, owner_key, index, (!goods.is_empty()).then_some(named))
}

/// The same, where goods are known by their keys. `named` are those that are meant; `None`: all that the record itself
/// names as the owner's.
fn about(view: &View, owner: Key, index: u64, named: Option<Vec<Key>>) -> Result<Target, ObjectionError> {
    if index >= view.size() {
        return Err(ObjectionError::Unknown(index));
    }
    let tile = view.entry(index)?;
    let is_record =
        |event: &&Event| !matches!(event.kind, Kind::Void | Kind::Erase | Kind::Objection) && event.class != Class::AlertWithdrawn;
    let event = tile.entry.event().filter(is_record).ok_or(ObjectionError::Unknown(index))?;
    if event.member == owner {
        return Err(ObjectionError::Own(index));
    }
    let author = view.member_by_key(&event.member)?.into_iter().rev().find(|(since, _)| *since < index).map(|(_, member)| member);
    let regulator = author.as_ref().is_some_and(|author| author.roles & role::REGULATOR != 0);
    let mut goods = Vec::new();
    for record in &tile.records {
        let its_own = match event.authority(record.authority) {
            Authority::Owner(by) if by == owner => named.as_ref().is_none_or(|named| named.contains(&record.key)),
            Authority::Governance if regulator => return Err(ObjectionError::Regulator(index)),
            // Of a former owner, an independent, a time when nobody owned it.
            Authority::Owner(by) if !view.rights().register.lost_one(&by) => false,
            Authority::Owner(_) | Authority::Governance | Authority::Unowned(_) => {
                named.as_ref().is_some_and(|named| named.contains(&record.key))
            }
            Authority::Claim => false,
        };
        if its_own && !goods.contains(&record.key) {
            goods.push(record.key);
        }
    }
    if goods.is_empty() {
        return Err(ObjectionError::NotYours(index));
    }
    Ok(Target { index, event: event.clone(), goods, author })
}

/// The reason, if a page can show it.
pub fn checked(reason: &Reason) -> Result<(), ObjectionError> {
    if reason.is_empty() {
        return Err(ObjectionError::NoReason);
    }
    for (language, words) in reason {
        let wrong = |why: String| Err(ObjectionError::Reason { language: language.clone(), why });
        if !LANGUAGES.contains(&language.as_str()) {
            return wrong("a page is in en or zh".to_owned());
        }
        if let Err(fault) = showable::words(words) {
            return wrong(fault.to_string());
        }
        let chars = words.chars().count();
        if chars > REASON_CHARS_MAX {
            return wrong(format!("has {chars} characters, at most {REASON_CHARS_MAX} fit beside a record"));
        }
    }
    Ok(())
}

/// The id of the objection to a record: made of that record's body, so that an author objects to it once.
pub fn event_id(target: &Hash) -> Hash {
    ledger::entry::event_id(format!("urn:leafproof:objection:{target}").as_bytes())
}

/// An objection to the record with this body, about these goods of the owner, to be signed by it.
pub fn objection(owner: &Key, body: Hash, goods: &[Key], reason: &Reason, now_ms: u64) -> Result<NewEvent, ObjectionError> {
    checked(reason)?;
    let lines = reason.iter().map(|(language, words)| Line::text(format!("/lp:reason/{language}"), words));
    let lines = lines.chain([Line::text("/type", "Objection")]).collect();
    let public = PublicPart::build(lines).map_err(|e| ObjectionError::Reason { language: "en".to_owned(), why: e.to_string() })?;
    Ok(NewEvent {
        event_ms: now_ms,
        kind: Kind::Objection,
        action: Action::None,
        class: Class::Ordinary,
        event_id: event_id(&body),
        chunk: 0,
        chunks: 1,
        target: body,
        authorities: vec![Authority::Owner(*owner)],
        refs: Vec::new(),
        records: goods.iter().map(|key| Record { role: record_role::OBJECT, authority: 0, key: *key }).collect(),
        parts: vec![(part_kind::PUBLIC, public.encode())],
        parts_of: None,
        erased: Vec::new(),
    })
}

/// Objects, with the owner's own key where that is at hand, else with the one that this service keeps for it.
pub async fn object(
    engine: &Engine,
    owner: &str,
    index: u64,
    goods: &[String],
    reason: &Reason,
    own: Option<&SigningKey>,
) -> Result<Accepted, ObjectionError> {
    checked(reason)?;
    let view = engine.view();
    let Target { event, goods, .. } = target(&view, owner, index, goods, engine.now_ms())?;
    let owner_key = Name::member_key(owner);
    let body = event.body_hash(view.origin());
    if let Some(at) = view.find_event(&owner_key, &event_id(&body), Kind::Objection as u8, 0)? {
        return Err(ObjectionError::Already { target: index, index: at });
    }
    let event = objection(&owner_key, body, &goods, reason, engine.now_ms())?;
    engine.submit(submission(engine, owner, event, own)).await.map_err(|error| match error {
        SubmitError::Conflict { index: at } => ObjectionError::Already { target: index, index: at },
        error => error.into(),
    })
}

/// An owner's objection to a record.
#[derive(Clone, Debug)]
pub struct Objected {
    /// Its place in the ledger.
    pub index: u64,
    /// The objection.
    pub event: Event,
    /// What it names.
    pub records: Vec<Record>,
    /// What took it back.
    pub ended: Option<u64>,
}

/// The objection of an owner to the record at this place, if there is one.
pub fn objected(view: &View, owner: &str, index: u64) -> Result<Option<Objected>, ObjectionError> {
    if index >= view.size() {
        return Err(ObjectionError::Unknown(index));
    }
    let record = view.entry(index)?;
    let target = record.entry.event().ok_or(ObjectionError::Unknown(index))?.body_hash(view.origin());
    let (owner, id) = (Name::member_key(owner), event_id(&target));
    let Some(at) = view.find_event(&owner, &id, Kind::Objection as u8, 0)? else { return Ok(None) };
    let tile = view.entry(at)?;
    let Some(event) = tile.entry.event().cloned() else { return Ok(None) };
    let ended = view.find_event(&owner, &id, Kind::Void as u8, 0)?;
    Ok(Some(Objected { index: at, event, records: tile.records, ended }))
}

/// What takes an objection back, to be signed by its author: the objection of this id and body, with what it names.
pub fn ending(id: Hash, body: Hash, authorities: Vec<Authority>, records: Vec<Record>, now_ms: u64) -> NewEvent {
    let public = PublicPart::build(vec![Line::text("/type", "Objection")]).expect("one short line is a public part");
    NewEvent {
        event_ms: now_ms,
        kind: Kind::Void,
        action: Action::None,
        class: Class::Ordinary,
        event_id: id,
        chunk: 0,
        chunks: 1,
        target: body,
        authorities,
        refs: Vec::new(),
        records,
        parts: vec![(part_kind::PUBLIC, public.encode())],
        parts_of: None,
        erased: Vec::new(),
    }
}

/// Takes the objection to a record back, with the owner's own key where that is at hand, else with the one that this service keeps for it.
pub async fn end(engine: &Engine, owner: &str, index: u64, own: Option<&SigningKey>) -> Result<Accepted, ObjectionError> {
    let view = engine.view();
    let found = objected(&view, owner, index)?.ok_or(ObjectionError::None(index))?;
    if let Some(at) = found.ended {
        return Err(ObjectionError::Ended { target: index, index: at });
    }
    let Objected { event, records, .. } = found;
    let ending = ending(event.event_id, event.body_hash(view.origin()), event.authorities, records, engine.now_ms());
    engine.submit(submission(engine, owner, ending, own)).await.map_err(|error| match error {
        SubmitError::Conflict { index: at } => ObjectionError::Ended { target: index, index: at },
        error => error.into(),
    })
}

fn submission(engine: &Engine, owner: &str, event: NewEvent, own: Option<&SigningKey>) -> Submission {
    match own {
        Some(key) => presign::signer(engine, owner, key)(&event),
        None => Submission::Custodial { member: owner.to_owned(), event: Box::new(event) },
    }
}

/// Whether an objection that its author signed itself keeps the same rules.
pub fn keeps_the_rules(view: &View, owner: &str, event: &Event, records: &[Record], public: &PublicPart) -> Result<(), String> {
    if event.event_id != event_id(&event.target) {
        return Err("the id of an objection is made of the record that it is about; sign it with `leafproof objection sign`".to_owned());
    }
    let language = |pointer: &str| pointer.strip_prefix("/lp:reason/").map(str::to_owned);
    let reason: Reason = public.lines().iter().filter_map(|line| Some((language(&line.pointer)?, line.value.clone()))).collect();
    let other = public.lines().iter().find(|line| language(&line.pointer).is_none() && line.pointer != "/type");
    if let Some(line) = other {
        return Err(format!("an objection says why, and nothing else; leave out {}", line.pointer));
    }
    checked(&reason).map_err(|e| e.to_string())?;
    let index = view.find_body(&event.target).map_err(|e| e.to_string())?.ok_or("the record that it objects to is not in this ledger")?;
    let keys: Vec<Key> = records.iter().map(|record| record.key).collect();
    let owner = Name::member_key(owner);
    // An independent's goods have no names here: a false one lands in a list that nobody opens.
    let found = match about(view, owner, index, None) {
        Err(ObjectionError::NotYours(_)) => about(view, owner, index, Some(keys.clone())),
        found => found,
    };
    let goods = found.map_err(|e| e.to_string())?.goods;
    if keys.iter().all(|key| goods.contains(key)) { Ok(()) } else { Err(ObjectionError::NotYours(index).to_string()) }
}
