//! What is decided of a document before anything of it is written: which events can be recorded, by whose right, without which goods, and
//! whether the ledger or an event before them says something else under their names.

use std::cell::RefCell;
use std::collections::btree_map::Entry as MapEntry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::{Engine, KEEPS_ITS_KEY, Said, SubmitError, View, beside, bounded, key_signs_no_more, says_the_same};
use ledger::audit::Quota;
use ledger::entry::{Authority, Body, Chain, Class, Custody, Entry, Kind, Member, part_kind, right};
use ledger::name::Name;
use ledger::standing::may_take_back;
use ledger::{Hash, Key};
use trace::draft::{self, Draft, Target};
use trace::epcis::{self, Event, Problem};
use trace::page::Words;

use super::outcome::{Behaviour, CaptureError, EVENTS_MAX, EventResult, MISSING_TOLD, Options, problem, unavailable};
use super::recorded::{event_id, find, record_at, resolve, target};
use crate::authority::{Missing, Resolved, leads_elsewhere};
use crate::epcis::identity;

/// A document with everything decided that can be decided before anything is written.
pub(super) struct Prepared {
    pub(super) locations: Vec<epcis::Location>,
    pub(super) masters: Vec<Draft>,
    pub(super) checked: Vec<Result<Good, Box<EventResult>>>,
    pub(super) ignored: Vec<String>,
}

/// Reads and checks a document. Takes up to a second for a large one, so it runs beside the threads that answer.
pub(super) fn prepare(engine: &Engine, member: &str, text: &str, options: Options, own_key: bool) -> Result<Prepared, CaptureError> {
    let document = epcis::parse(text).map_err(CaptureError::Document)?;
    if document.events.len() > EVENTS_MAX {
        return Err(CaptureError::TooMany(document.events.len()));
    }
    let at_ms = document.created_ms.unwrap_or(options.now_ms).min(options.now_ms);
    let view = engine.view();
    // Only an owner gives goods their words; a document that goes with goods of nobody's names them all the same.
    let of_nobody =
        |product: &epcis::Product| product.name.digits().is_none_or(|digits| view.rights().owner_key(digits, options.now_ms).is_none());
    let (nobodys, products): (Vec<_>, Vec<_>) = document.master.products.iter().partition(|product| of_nobody(product));
    let masters = products
        .into_iter()
        .map(|product| draft::master_data(product, at_ms))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| CaptureError::Document(vec![problem("/epcisHeader/epcisMasterData", e.to_string())]))?;
    let version = view.member(member).map_err(unavailable)?.pop().map(|(_, version)| version);
    let check = Check {
        engine,
        view: &view,
        member,
        may_not: may_not_sign(version.as_ref(), member, own_key, options.now_ms),
        in_part: options.behaviour == Behaviour::Proceed,
        now_ms: options.now_ms,
        own_places: places(&document.master.locations),
    };
    if let Some(why) = check.may_not.as_ref().filter(|_| document.events.is_empty() && !masters.is_empty()) {
        return Err(CaptureError::Document(vec![problem("/epcisHeader/epcisMasterData", why.clone())]));
    }
    let named = nobodys.iter().filter_map(|product| product.name.digital_link_path());
    let ignored = document.master.ignored.iter().cloned().chain(named.map(|path| format!("{path}: nobody owns this number"))).collect();
    let mut coming = Coming::default();
    let mut checked = Vec::new();
    for (index, event) in document.events.into_iter().enumerate() {
        checked.push(check.event(index, event, &mut coming)?);
    }
    Ok(Prepared { locations: document.master.locations, masters, checked, ignored })
}

/// Why this member's records cannot be signed here now, as the engine would say it when they come.
fn may_not_sign(version: Option<&Member>, id: &str, own_key: bool, now_ms: u64) -> Option<String> {
    let Some(version) = version else { return Some(SubmitError::UnknownMember(id.to_owned()).to_string()) };
    let unsigned = version.custody == Custody::Own && !own_key;
    let why = key_signs_no_more(version, now_ms).or_else(|| unsigned.then_some(KEEPS_ITS_KEY))?;
    Some(SubmitError::NotAllowed { member: id.to_owned(), why }.to_string())
}

fn places(locations: &[epcis::Location]) -> BTreeMap<Vec<u8>, Words> {
    locations.iter().rev().map(|l| (l.name.bytes(), l.words.clone())).collect()
}

/// An event that can be recorded.
pub(super) struct Good {
    index: usize,
    pub(super) event: Event,
    /// What is to be signed; of a record to be taken back, which may be in the ledger already, without authorities.
    pub(super) drafts: Vec<(Draft, Option<Resolved>)>,
    /// Whose permission is missing for what was left out of it.
    pub(super) left_out: Vec<String>,
}

/// What is to be signed by which right, and what there is no right to.
struct Judged {
    drafts: Vec<(Draft, Option<Resolved>)>,
    missing: Vec<Missing>,
}

impl Good {
    pub(super) fn result(&self, outcome: &str) -> EventResult {
        let id = self.event.event_id.as_ref().unwrap_or(&self.event.hash_id);
        let result = EventResult::new(self.index, Some(id.clone()), outcome);
        EventResult { hash_id: Some(self.event.hash_id.clone()), problems: self.left_out.clone(), ..result }
    }
}

/// What the ledger will hold of the document's events before the one that is looked at.
#[derive(Default)]
struct Coming {
    /// What they say under their identities: id, kind, chunk.
    says: BTreeMap<(Hash, u8, u16), Arc<[u8]>>,
    /// The author's alerts, by list.
    alerts: BTreeMap<Key, Quota>,
    /// The author's ordinary records in bounded lists.
    said: BTreeMap<Key, Said>,
    /// Bodies of those that are not in the ledger yet.
    alerted: BTreeSet<Hash>,
}

/// What is asked of each event before any is taken.
struct Check<'a> {
    engine: &'a Engine,
    view: &'a View,
    member: &'a str,
    may_not: Option<String>,
    /// Whether an event goes in without the goods that its author may not speak of.
    in_part: bool,
    now_ms: u64,
    own_places: BTreeMap<Vec<u8>, Words>,
}

impl Check<'_> {
    /// Everything that can be said of an event before any is taken.
    fn event(
        &self,
        index: usize,
        event: Result<Event, Vec<Problem>>,
        coming: &mut Coming,
    ) -> Result<Result<Good, Box<EventResult>>, CaptureError> {
        let refused = |event_id: Option<String>, problems: Vec<String>| {
            Ok(Err(Box::new(EventResult { problems, ..EventResult::new(index, event_id, "refused") })))
        };
        let event = match event {
            Ok(event) => event,
            Err(problems) => {
                let id = problems.iter().find_map(|p| p.event_id.clone());
                return refused(id, problems.iter().map(ToString::to_string).collect());
            }
        };
        let id = event.event_id.clone();
        let name = id.as_deref().map_or_else(String::new, |id| format!(" ({id})"));
        let said = |why: &dyn std::fmt::Display| vec![format!("event {}{name}, {why}", index + 1)];
        if let Err(problem) = epcis::refuse_future(&event, self.now_ms) {
            return refused(id, vec![problem.to_string()]);
        }
        if let Some(why) = &self.may_not {
            return refused(id, said(why));
        }
        let drafts = match self.drafts(&event)? {
            Ok(drafts) => drafts,
            Err(e) => return refused(id, said(&e)),
        };
        let mut judged = self.rights_to(&event, drafts)?;
        let (mut event, mut left_out) = (event, Vec::new());
        if !judged.missing.is_empty() {
            let told = judged.missing.iter().take(MISSING_TOLD).flat_map(|missing| said(&missing.why));
            let rest = judged.missing.len().saturating_sub(MISSING_TOLD);
            let more = (rest > 0).then(|| said(&format!("and {rest} more of the goods it names"))).into_iter().flatten();
            left_out = told.chain(more).collect();
            // The rest of it goes in where good events beside bad ones do.
            let goods = judged.missing.iter().map(|missing| missing.key).collect();
            let rest = if self.in_part { draft::without(&event, &goods) } else { None };
            let Some(rest) = rest else { return refused(id, left_out) };
            let drafts = match self.drafts(&rest)? {
                Ok(drafts) => drafts,
                Err(e) => return refused(id, said(&e)),
            };
            judged = self.rights_to(&rest, drafts)?;
            if !judged.missing.is_empty() {
                return refused(id, left_out);
            }
            event = rest;
        }
        let mut drafts = Vec::new();
        for (draft, by) in judged.drafts {
            match self.clash(&event, &draft, by.as_ref(), coming)? {
                None => drafts.push((draft, by)),
                // What was said of the goods of others is taken back all the same.
                Some(Clash { why, ended: true, .. }) => left_out.extend(said(&why)),
                Some(clash) => {
                    let grown = if clash.used { self.grown(&event)? } else { None };
                    let problems = [said(&grown.unwrap_or(clash.why)), left_out].concat();
                    return Ok(Err(Box::new(EventResult { problems, used: clash.used, ..EventResult::new(index, id, "refused") })));
                }
            }
        }
        if !left_out.is_empty() && (drafts.is_empty() || !self.in_part) {
            return refused(id, left_out);
        }
        if let Some(why) = drafts.iter().find_map(|(draft, by)| leads_elsewhere(&by.as_ref()?.authorities, &draft.public)) {
            return refused(id, said(&why));
        }
        let too_many = match self.too_many_alerts(&drafts, coming)? {
            None => self.too_many_records(&drafts, coming)?,
            why => why,
        };
        if let Some(why) = too_many {
            return refused(id, said(&why));
        }
        if !left_out.is_empty() && event.error.is_none() {
            left_out.extend(said(&"the rest of it goes in; when these are allowed, send them alone, as an event with an id of its own"));
        }
        Ok(Ok(Good { index, event, drafts, left_out }))
    }

    /// What is to be signed of an event.
    fn drafts(&self, event: &Event) -> Result<Result<Vec<Draft>, draft::DraftError>, CaptureError> {
        let unread = RefCell::new(None);
        let place = |name: &Name| {
            place(&self.own_places, name, |path| self.engine.index().location(path, self.member).map(|l| l.map(|l| l.names)))
                .unwrap_or_else(|error| {
                    *unread.borrow_mut() = Some(error.to_string());
                    None
                })
        };
        let drafts = draft::event(event, &place, &|digits| self.view.rights().owner_key(digits, self.now_ms));
        // A record is signed for ever: what could not be looked up must not be missing from it.
        if let Some(error) = unread.take() {
            return Err(CaptureError::Unavailable(error));
        }
        let Ok(drafts) = drafts else { return Ok(drafts) };
        // What is taken back was cut by the rights of then.
        let known = drafts.first().filter(|_| event.error.is_some());
        let chunks = match known.map(|first| self.recorded(first)).transpose()?.flatten() {
            Some(old) => old.chunks,
            None => return Ok(Ok(drafts)),
        };
        let all =
            (0..chunks).map(|chunk| Draft { chunk, chunks, source_in: chunk, ..drafts[usize::from(chunk).min(drafts.len() - 1)].clone() });
        Ok(Ok(all.collect()))
    }

    /// The entry that stands under the draft's identity.
    fn recorded(&self, draft: &Draft) -> Result<Option<ledger::entry::Event>, CaptureError> {
        let Some(index) = find(self.view, self.member, draft, &event_id(self.engine, self.view, self.member, draft)?)? else {
            return Ok(None);
        };
        record_at(self.view, index).map(|(event, _)| Some(event))
    }

    /// By whose right each of the goods is spoken of, and whose permission is missing.
    fn rights_to(&self, event: &Event, drafts: Vec<Draft>) -> Result<Judged, CaptureError> {
        let mut judged = Judged { drafts: Vec::new(), missing: Vec::new() };
        for draft in drafts {
            match resolve(self.view, self.member, self.now_ms, &draft) {
                Ok(by) => judged.drafts.push((draft, Some(by))),
                Err(missing) => {
                    // What stands in the ledger was said by right then: the same again is answered as before.
                    let id = event_id(self.engine, self.view, self.member, &draft)?;
                    let known = find(self.view, self.member, &draft, &id)?;
                    let same = known.map(|index| self.differs(index, &draft, id)).transpose()? == Some(false);
                    // Of what is to be taken back the original is recorded first where it is not known.
                    if !same && (event.error.is_none() || known.is_none()) {
                        judged.missing.extend(missing);
                    }
                    judged.drafts.push((draft, None));
                }
            }
        }
        Ok(judged)
    }

    /// Whether the ledger, or an event before it in this document, says something else under the draft's identity; and whether its
    /// declaration can take back what is there.
    fn clash(&self, event: &Event, draft: &Draft, by: Option<&Resolved>, coming: &mut Coming) -> Result<Option<Clash>, CaptureError> {
        let id = event_id(self.engine, self.view, self.member, draft)?;
        let known = find(self.view, self.member, draft, &id)?;
        if event.error.is_none() {
            return match known {
                Some(index) => Ok(self.differs(index, draft, id)?.then(|| Clash::used(&SubmitError::Conflict { index }))),
                None => Ok(other(coming, draft, id)),
            };
        }
        let target = match known {
            Some(index) => target(self.view, index)?,
            None => {
                // Its original comes first where this document holds it, else the declaration's own record stands for it.
                coming.says.entry((id, draft.kind as u8, draft.chunk)).or_insert_with(|| Arc::clone(&draft.source));
                Target {
                    body_hash: Hash::ZERO,
                    kind: draft.kind,
                    class: draft.class,
                    chunk: draft.chunk,
                    chunks: draft.chunks,
                    event_ms: draft.event_ms,
                    authorities: by.map(|by| by.authorities.clone()).unwrap_or_default(),
                    records: Vec::new(),
                }
            }
        };
        let refused = |why: String| Ok(Some(Clash { why, used: false, ended: false }));
        let voiding = match draft::void(event, &target) {
            Ok(voiding) => voiding,
            Err(e) => return refused(e.to_string()),
        };
        let (author, bytes) = (Name::member_key(self.member), voiding.public.encode().len());
        if let Err(long) = self.view.rights().fits(&author, voiding.class, &target.authorities, bytes) {
            return refused(long.to_string());
        }
        match find(self.view, self.member, &voiding, &id)? {
            Some(index) => Ok(self.differs(index, &voiding, id)?.then(|| Clash::used(&SubmitError::Conflict { index }))),
            None => match known.map(|index| self.keeps(index)).transpose()?.flatten() {
                Some(why) => Ok(Some(Clash { why, used: false, ended: true })),
                None => Ok(other(coming, &voiding, id)),
            },
        }
    }

    /// What to do with an event that stands in the ledger already without some of the goods that it names now: it was taken without them
    /// once, for want of a permission. `None`: something else stands there.
    fn grown(&self, event: &Event) -> Result<Option<String>, CaptureError> {
        let Some(text) = event.event_id.as_ref().filter(|_| event.error.is_none()) else { return Ok(None) };
        let id = identity::named(self.engine, self.view, self.member, text).map_err(unavailable)?;
        let mut known = BTreeSet::new();
        for index in identity::entries(self.view, &Name::member_key(self.member), &id).map_err(unavailable)? {
            let (old, _) = record_at(self.view, index)?;
            let source = old.parts.iter().find(|part| part.kind == part_kind::SOURCE);
            let source = source.map(|part| self.view.part_bytes(&part.commitment)).transpose().map_err(unavailable)?.flatten();
            let Some(source) = source else { return Ok(None) };
            let goods: BTreeSet<Key> =
                epcis::subjects_in(&epcis::source_json(&source).unwrap_or_default()).iter().map(|subject| subject.name.key()).collect();
            if draft::only(event, &goods).record() != source {
                return Ok(None);
            }
            known.extend(goods);
        }
        let new: Vec<String> = event
            .subjects
            .iter()
            .filter(|subject| !known.contains(&subject.name.key()))
            .filter_map(|subject| subject.name.digital_link_path())
            .collect();
        if known.is_empty() || new.is_empty() {
            return Ok(None);
        }
        let more = new.len().saturating_sub(MISSING_TOLD);
        let told = new.into_iter().take(MISSING_TOLD).chain((more > 0).then(|| format!("and {more} more"))).collect::<Vec<_>>().join(", ");
        Ok(Some(format!(
            "it stands in the ledger already, without goods that it names now; send these alone, as an event with an id of its own: {told}"
        )))
    }

    /// Why the member does not take back what stands at this place: who may say nothing of goods any more leaves them as they are.
    fn keeps(&self, index: u64) -> Result<Option<String>, CaptureError> {
        let (event, records) = record_at(self.view, index)?;
        if event.class == Class::Alert {
            return Ok(None);
        }
        let rights = self.view.rights();
        let may = |by: &Authority| {
            let grant = by.owner().and_then(|owner| rights.grant_of(owner, &event.member));
            may_take_back(&event, *by, self.now_ms, grant)
        };
        let kept = records.iter().map(|record| event.authority(record.authority)).find(|by| !may(by));
        let owner = kept.as_ref().map(|by| by.owner().and_then(|owner| rights.member(owner)).map(|owner| owner.id.as_str()));
        Ok(owner.map(|owner| trace::rights::explain(self.member, None, owner, right::RECORD)))
    }

    /// Whether these are more alerts over one subject than their author may raise; else they are counted.
    fn too_many_alerts(&self, drafts: &[(Draft, Option<Resolved>)], coming: &mut Coming) -> Result<Option<String>, CaptureError> {
        let author = Name::member_key(self.member);
        // Pieces of one event may have a container in common: each counts there.
        let mut counted: BTreeMap<Key, Quota> = BTreeMap::new();
        let mut bodies = Vec::new();
        for (draft, by) in drafts.iter().filter(|(draft, _)| draft.class == Class::Alert) {
            let id = event_id(self.engine, self.view, self.member, draft)?;
            let known = find(self.view, self.member, draft, &id)?;
            let Some(by) = by.clone().filter(|_| known.is_none()) else { continue };
            let (event, records) = by.event(draft, id).draft(author, 0, Vec::new()).unsigned();
            let body = event.body_hash(self.view.origin());
            if !self.view.rights().limits(&event) || coming.alerted.contains(&body) {
                continue;
            }
            let bytes = draft.public.encode().len();
            if let Err(long) = self.view.rights().fits(&author, event.class, &event.authorities, bytes) {
                return Ok(Some(long.to_string()));
            }
            let entry = Entry { logged_ms: self.now_ms, body: Body::Event(event.clone()) };
            for joined in entry.lists(&records).iter().filter(|joined| joined.chain == Chain::Alert) {
                let quota = match (counted.entry(joined.key), coming.alerts.get(&joined.key)) {
                    (MapEntry::Occupied(known), _) => known.into_mut(),
                    (MapEntry::Vacant(place), Some(known)) => place.insert(known.clone()),
                    (MapEntry::Vacant(place), None) => place.insert(self.view.quota(&joined.key, &author).map_err(unavailable)?),
                };
                if let Err(limit) = quota.has_room(&event) {
                    return Ok(Some(SubmitError::OverQuota { member: self.member.to_owned(), limit }.to_string()));
                }
                quota.take(&event, body);
            }
            bodies.push(body);
        }
        coming.alerts.extend(counted);
        coming.alerted.extend(bodies);
        Ok(None)
    }

    /// Whether these are more records about one subject than their author may put into a list that is not its own; else they are counted.
    fn too_many_records(&self, drafts: &[(Draft, Option<Resolved>)], coming: &mut Coming) -> Result<Option<String>, CaptureError> {
        let author = Name::member_key(self.member);
        for (draft, by) in drafts.iter().filter(|(draft, _)| draft.class != Class::Alert) {
            let own = |authority: &Authority| authority.owner() == Some(&author) || *authority == Authority::Claim;
            let keeps = |by: &&Resolved| by.authorities.iter().all(own);
            let Some(by) = by.as_ref().filter(|by| !keeps(by)) else { continue };
            let id = event_id(self.engine, self.view, self.member, draft)?;
            if find(self.view, self.member, draft, &id)?.is_some() {
                continue;
            }
            let (event, records) = by.clone().next_event(draft, id).draft(author, 0, Vec::new()).unsigned();
            if !self.view.rights().limits(&event) {
                continue;
            }
            let bytes = draft.public.encode().len();
            if let Err(long) = self.view.rights().fits(&author, event.class, &event.authorities, bytes) {
                return Ok(Some(long.to_string()));
            }
            let entry = Entry { logged_ms: self.now_ms, body: Body::Event(event.clone()) };
            for joined in entry.lists(&records) {
                let Some(bounded) = bounded(&entry, &event, &records).find(|bounded| bounded.list == joined.key) else { continue };
                let said = match coming.said.entry(joined.key) {
                    MapEntry::Occupied(known) => known.into_mut(),
                    MapEntry::Vacant(place) => place.insert(self.view.said(&joined.key, &author).map_err(unavailable)?),
                };
                if let Some(limit) = bounded.too_long(*said, bytes) {
                    return Ok(Some(SubmitError::LongAlert { bytes, limit }.to_string()));
                }
                if bounded.is_full(*said) {
                    return Ok(Some(SubmitError::TooManyRecords { member: self.member.to_owned(), limit: bounded.limit }.to_string()));
                }
                said.take(&event, joined.chain);
            }
        }
        Ok(None)
    }

    fn differs(&self, index: u64, draft: &Draft, id: Hash) -> Result<bool, CaptureError> {
        let (old, records) = record_at(self.view, index)?;
        // Of a record that stands there the goods are what they are: its source says which.
        let new = Resolved::as_in(&old, records).event(draft, id);
        let mut unread = None;
        let mut part = |commitment: &Hash| {
            self.view.part_bytes(commitment).unwrap_or_else(|error| {
                unread = Some(error.to_string());
                None
            })
        };
        let same = says_the_same(&old, &beside(&old, &new), &new.parts, &mut part);
        unread.map_or(Ok(!same), |error| Err(CaptureError::Unavailable(error)))
    }
}

/// What stands in the way of an event.
struct Clash {
    why: String,
    /// Whether its eventID stands for something else.
    used: bool,
    /// Whether its author may say nothing more of these goods, which concerns no others.
    ended: bool,
}

impl Clash {
    fn used(why: &dyn std::fmt::Display) -> Self {
        Self { why: why.to_string(), used: true, ended: false }
    }
}

/// Notes what will stand under the draft's identity; the refusal where an event before it says something else there.
fn other(coming: &mut Coming, draft: &Draft, id: Hash) -> Option<Clash> {
    let says = if draft.kind == Kind::Void { draft.public.encode().into() } else { Arc::clone(&draft.source) };
    let before = coming.says.entry((id, draft.kind as u8, draft.chunk)).or_insert_with(|| Arc::clone(&says));
    (*before != says)
        .then(|| Clash::used(&"an event before it in this document has the same eventID and says something else; give it an id of its own"))
}

/// The name of a place: of this document, else as the member said before. An error is no answer.
fn place<E>(own: &BTreeMap<Vec<u8>, Words>, name: &Name, before: impl Fn(&str) -> Result<Option<Words>, E>) -> Result<Option<Words>, E> {
    match (own.get(&name.bytes()), name.digital_link_path()) {
        (Some(words), _) => Ok(Some(words.clone())),
        (None, Some(path)) => before(&path),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_cannot_be_looked_up_is_no_place_without_a_name() {
        let name = Name::from_digital_link_path("/414/9521234000013").unwrap();
        let words: Words = [("en".to_owned(), "Stable".to_owned())].into();
        let own = BTreeMap::from([(name.bytes(), words.clone())]);
        let broken = |_: &str| Err("the index cannot be read");
        assert_eq!(place(&own, &name, broken), Ok(Some(words.clone())), "the document's own names need no index");
        assert_eq!(place(&BTreeMap::new(), &name, broken), Err("the index cannot be read"));
        assert_eq!(place::<String>(&BTreeMap::new(), &name, |_| Ok(Some(words.clone()))), Ok(Some(words)));
        assert_eq!(place::<String>(&BTreeMap::new(), &name, |_| Ok(None)), Ok(None));
    }
}
