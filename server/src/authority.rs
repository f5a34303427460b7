//! By whose right a member speaks of the goods that an event names, found before it is signed; and, where there is no such right,
//! whose permission is missing and how to ask for it.

use ledger::entry::{Action, Authority, Class, Event, Kind, MAX_RECEIVERS, Record, Ref, part_kind, record_role, ref_role, right};
use ledger::name::{Level, Name};
use ledger::public::PublicPart;
use ledger::standing::{by_role, needs};
use ledger::{Hash, Key};
use trace::draft::{About, Draft, Subjects};
use trace::rights::explain;

use engine::{NewEvent, RightsNow};

mod known;
pub use known::{Given, Known, KnownGrant, KnownHandover};

/// Subjects and references with their authorities, as an event has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The authorities.
    pub authorities: Vec<Authority>,
    /// References.
    pub refs: Vec<Ref>,
    /// Subjects.
    pub records: Vec<Record>,
}

/// Something that the member may not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The subject.
    pub key: Key,
    /// A sentence: whose permission is missing, and how to ask for it.
    pub why: String,
}

/// What is to be said: kind, action and class of the event, and when.
#[derive(Clone, Copy, Debug)]
pub struct Saying {
    /// Kind.
    pub kind: Kind,
    /// Action.
    pub action: Action,
    /// Class.
    pub class: Class,
    /// When it would be logged.
    pub now_ms: u64,
}

impl Saying {
    /// What a draft would say now.
    pub fn of(draft: &Draft, now_ms: u64) -> Self {
        Self { kind: draft.kind, action: draft.action, class: draft.class, now_ms }
    }
}

/// The authorities of everything that an event names, or what is missing.
pub fn resolve(rights: &RightsNow, author: &str, saying: Saying, subjects: &Subjects) -> Result<Resolved, Vec<Missing>> {
    let (refs, records) = match subjects {
        Subjects::Named { refs, records } => (refs, records),
        Subjects::Same { authorities, records } => {
            return Ok(Resolved { authorities: authorities.clone(), refs: Vec::new(), records: records.clone() });
        }
    };
    let author_key = Name::member_key(author);
    let (mut resolved, mut missing) = (Resolved::default(), Vec::new());
    for about in records {
        match of_record(rights, author, &author_key, saying, about) {
            Ok(authority) => {
                let authority = place(&mut resolved.authorities, authority);
                resolved.records.push(Record { role: about.role, authority, key: about.key });
            }
            Err(why) => missing.push(Missing { key: about.key, why }),
        }
    }
    for about in refs.iter().filter(|about| about.role != ref_role::RECEIVER) {
        // Where its record is looked for; of a claim, with the owner of the number.
        let record = resolved.records.iter().find(|record| record.key == about.key && about.role != ref_role::BATCH);
        let by = record.and_then(|record| resolved.authorities.get(usize::from(record.authority))).copied();
        let by = by.filter(|by| *by != Authority::Claim).unwrap_or_else(|| of_reference(rights, &author_key, saying.now_ms, about));
        let authority = place(&mut resolved.authorities, by);
        resolved.refs.push(Ref { role: about.role, authority, key: about.key });
    }
    resolved.name_receivers(rights, &author_key, saying.now_ms, refs, records);
    if resolved.authorities.len() > ledger::entry::MAX_AUTHORITIES {
        let why =
            "what was made is made of goods of more than seven owners, more than one record can name; make it in two steps".to_owned();
        missing.push(Missing { key: author_key, why });
    }
    if missing.is_empty() { Ok(resolved) } else { Err(missing) }
}

/// Lines that lead shoppers somewhere.
const LEADS: [&str; 2] = ["/lp:live/lp:href", "/lp:notice/lp:phone"];

/// What an author may not say because nobody owns one of the numbers: whoever does one day would find a stranger's link above its goods.
pub fn leads_elsewhere(authorities: &[Authority], public: &PublicPart) -> Option<String> {
    let nobodys = authorities.iter().any(|authority| matches!(authority, Authority::Unowned(_)));
    let lead = LEADS.into_iter().find(|lead| nobodys && public.get(lead).is_some())?;
    Some(format!("field {lead}: nobody owns one of these numbers, and only an owner leads shoppers somewhere; leave the field out"))
}

fn place(authorities: &mut Vec<Authority>, authority: Authority) -> u8 {
    let known = authorities.iter().position(|known| *known == authority);
    let place = known.unwrap_or_else(|| {
        authorities.push(authority);
        authorities.len() - 1
    });
    u8::try_from(place).unwrap_or(u8::MAX)
}

fn of_record(rights: &RightsNow, author: &str, author_key: &Key, saying: Saying, about: &About) -> Result<Authority, String> {
    let role = about.role & !record_role::BULK;
    if role == record_role::TRANSFORMATION {
        return Ok(Authority::Owner(*author_key));
    }
    let needed = needs(saying.kind, saying.action, saying.class, role);
    let owner = rights.owner_key(&about.digits, saying.now_ms);
    if let Some(owner) = owner
        && (owner == *author_key || rights.grants(&owner, author_key, needed, &about.digits, saying.now_ms))
    {
        return Ok(Authority::Owner(owner));
    }
    if let Some(member) = rights.member(author_key)
        && needed & right::RECORD != 0
        && by_role(member, Some((about.level, &about.digits))).is_some()
    {
        return Ok(Authority::Governance);
    }
    match owner {
        None => Ok(Authority::unowned(&about.digits)),
        // That something of another was used, its user may say; that it came from there, its owner alone.
        Some(_) if role == record_role::INPUT => Ok(Authority::Claim),
        Some(owner) => {
            let owner = rights.member(&owner).map(|owner| owner.id.as_str());
            Err(explain(author, about.path.as_deref(), owner, needed))
        }
    }
}

/// Where the records of what an event refers to are to be looked for: with the owner of its number.
fn of_reference(rights: &RightsNow, author: &Key, now_ms: u64, about: &About) -> Authority {
    if about.role == ref_role::TRANSFORMATION {
        return Authority::Owner(*author);
    }
    match rights.owner_key(&about.digits, now_ms) {
        Some(owner) => Authority::Owner(owner),
        None => Authority::unowned(&about.digits),
    }
}

impl Resolved {
    /// Says of the author's own goods to whom they went, where that is a member whom the author lets name them as its inputs: so that
    /// the ledger tells nobody who buys from whom but where both say so anyway. Then they are no more a movement among many.
    fn name_receivers(&mut self, rights: &RightsNow, author: &Key, now_ms: u64, refs: &[About], goods: &[About]) {
        let Some(own) = self.authorities.iter().position(|authority| authority.owner() == Some(author)) else { return };
        let own = u8::try_from(own).unwrap_or(u8::MAX);
        let (of_own, goods): (Vec<&mut Record>, Vec<&About>) =
            self.records.iter_mut().zip(goods).filter(|(record, goods)| record.authority == own && goods.level != Level::Other).unzip();
        if goods.is_empty() {
            return;
        }
        let mut receivers: Vec<Key> = Vec::new();
        for about in refs.iter().filter(|about| about.role == ref_role::RECEIVER) {
            let party = rights.owner_key(&about.digits, now_ms).filter(|party| party != author);
            let lets = |party: &Key| goods.iter().all(|goods| rights.grants(author, party, right::INPUT, &goods.digits, now_ms));
            if let Some(party) = party.filter(|party| !receivers.contains(party) && receivers.len() < MAX_RECEIVERS && lets(party)) {
                receivers.push(party);
            }
        }
        if receivers.is_empty() {
            return;
        }
        for record in of_own {
            record.role &= !record_role::BULK;
        }
        self.refs.extend(receivers.into_iter().map(|key| Ref { role: ref_role::RECEIVER, authority: own, key }));
    }

    /// As an event in the ledger has them.
    pub fn as_in(event: &Event, records: Vec<Record>) -> Self {
        Self { authorities: event.authorities.clone(), refs: event.refs.clone(), records }
    }

    /// What a draft says, by these rights.
    pub fn event(self, draft: &Draft, event_id: Hash) -> NewEvent {
        self.with_source(draft, event_id, true)
    }

    /// The same, with the record as it came only where no chunk before has it: of megabytes it would stand in each.
    pub fn next_event(self, draft: &Draft, event_id: Hash) -> NewEvent {
        self.with_source(draft, event_id, draft.source_in == draft.chunk)
    }

    fn with_source(self, draft: &Draft, event_id: Hash, brings: bool) -> NewEvent {
        let mut parts = vec![(part_kind::PUBLIC, draft.public.encode())];
        let has_source = draft.kind != Kind::Void;
        if has_source && brings {
            parts.push((part_kind::SOURCE, draft.source.to_vec()));
        }
        NewEvent {
            event_ms: draft.event_ms,
            kind: draft.kind,
            action: draft.action,
            class: draft.class,
            event_id,
            chunk: draft.chunk,
            chunks: draft.chunks,
            target: draft.target,
            authorities: self.authorities,
            refs: self.refs,
            records: self.records,
            parts,
            parts_of: (has_source && !brings).then_some(draft.source_in),
            erased: Vec::new(),
        }
    }
}
