//! What a member may see of an event, and in which form: its own events as they came; of others' the public part and who recorded it,
//! where the event speaks of the member's goods by its leave or by governance's, or passed one of its own locations and the two trade: one
//! lets the other speak of its goods, or somebody lets both. Whatever anybody says of its own goods at a place that it names stands in nobody else's answers.

use std::collections::BTreeSet;

use ledger::Key;
use ledger::entry::{Authority, Body, Class, Event, Kind, Member, Part, Record, part_kind};
use ledger::name::Name;
use ledger::public::{LineKind, PublicPart};
use serde_json::{Map, Value, json};

use engine::{RightsNow, View, ViewError};

/// An event as its reader gets it.
#[derive(Clone, Debug)]
pub struct Visible {
    /// Its place in the ledger.
    pub index: u64,
    /// When it was recorded.
    pub record_ms: u64,
    /// Whether it is the reader's own.
    pub own: bool,
    /// EPCIS JSON; for others' events the public part.
    pub json: Value,
    /// What its entry names.
    pub records: Vec<Record>,
    /// About how many bytes its JSON has.
    pub bytes: usize,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Member id.
    pub id: String,
    /// Newest version: prefixes.
    pub member: Member,
}

/// Reads the entry at `index` for `reader`. `None`: no event, or not for this reader. An own event in several entries is read whole from
/// each; `again` says, of the entries before this one, whether it was answered already.
pub fn read(view: &View, index: u64, reader: &Reader, again: &dyn Fn(&[u64]) -> bool) -> Result<Option<Visible>, ViewError> {
    let tile = view.entry(index)?;
    let Body::Event(event) = &tile.entry.body else { return Ok(None) };
    // A declaration that a record was wrong is part of the event it is about; the ledger's own kinds are no events of EPCIS.
    if matches!(event.kind, Kind::Erase | Kind::MasterData | Kind::Void | Kind::Objection) {
        return Ok(None);
    }
    let own = event.member == Name::member_key(&reader.id);
    let pieces = if own { pieces(view, event, index)? } else { Vec::new() };
    let before: Vec<u64> = pieces.iter().copied().filter(|piece| *piece < index).collect();
    if again(&before) {
        return Ok(None);
    }
    let json = if own { whole(view, event, &pieces)? } else { public(view, event, &tile.records, reader)? };
    let Some((mut json, bytes)) = json else { return Ok(None) };
    let declaration = declaration(view, event)?;
    // Its author alone may know the id that an event without one has: whoever has it can test a guess of what the event says.
    let has_source = event.parts.iter().any(|part| part.kind == part_kind::SOURCE);
    let nameless = own && has_source && json.get("eventID").is_none();
    let hash_id = nameless.then(|| trace::epcis::hash_id(&json));
    if let Some(object) = json.as_object_mut() {
        if let Some(id) = hash_id {
            object.insert("eventID".to_owned(), json!(id));
        }
        if let Some(declaration) = declaration {
            object.insert("errorDeclaration".to_owned(), declaration);
        }
        object.insert("recordTime".to_owned(), json!(rfc3339(tile.entry.logged_ms)));
    }
    Ok(Some(Visible { index, record_ms: tile.entry.logged_ms, own, json, records: tile.records.clone(), bytes }))
}

/// The declaration by which its author took the event back; it stands in an entry of its own, under the same id.
fn declaration(view: &View, event: &Event) -> Result<Option<Value>, ViewError> {
    let Some(index) = view.find_event(&event.member, &event.event_id, Kind::Void as u8, event.chunk)? else { return Ok(None) };
    let tile = view.entry(index)?;
    let Some(void) = tile.entry.event().filter(|void| void.target == event.body_hash(view.origin())) else { return Ok(None) };
    Ok(lines(view, void)?.and_then(|part| unflatten(&part).get_mut("errorDeclaration").map(Value::take)))
}

/// All entries of an event that is in several.
fn pieces(view: &View, event: &Event, index: u64) -> Result<Vec<u64>, ViewError> {
    if event.chunks == 1 {
        return Ok(vec![index]);
    }
    let of_kind = view.entries_of(&event.member, &event.event_id)?.into_iter().filter(|(kind, _)| *kind == event.kind as u8);
    Ok(of_kind.map(|(_, index)| index).collect())
}

/// JSON, and about how many bytes it has.
type Sized = (Value, usize);

/// The event as it came, put together where it was cut. Entries that it was cut into for its length have their source in common.
fn whole(view: &View, event: &Event, pieces: &[u64]) -> Result<Option<Sized>, ViewError> {
    if pieces.len() < 2 {
        return source(view, event);
    }
    let (mut sources, mut all, mut seen) = (Vec::new(), 0, BTreeSet::new());
    for piece in pieces {
        let tile = view.entry(*piece)?;
        let Some(event) = tile.entry.event() else { continue };
        if source_part(event).is_none_or(|part| seen.insert(part.commitment))
            && let Some((json, bytes)) = source(view, event)?
        {
            all += bytes;
            sources.push(json);
        }
    }
    Ok(trace::draft::join(sources).map(|json| (json, all)))
}

fn source_part(event: &Event) -> Option<&Part> {
    event.parts.iter().find(|part| part.kind == part_kind::SOURCE)
}

fn source(view: &View, event: &Event) -> Result<Option<Sized>, ViewError> {
    let Some(part) = source_part(event) else {
        return Ok(lines(view, event)?.map(|part| (unflatten(&part), part.encode().len())));
    };
    let bytes = view.part_bytes(&part.commitment)?;
    Ok(bytes.and_then(|b| Some((trace::epcis::source_json(&b)?, b.len()))))
}

fn public(view: &View, event: &Event, records: &[Record], reader: &Reader) -> Result<Option<Sized>, ViewError> {
    let Some(part) = lines(view, event)? else { return Ok(None) };
    if !concerns(view.rights(), event, records, &part, reader) {
        return Ok(None);
    }
    let mut json = unflatten(&part);
    // An id says nothing of who gave it: two members may use the same.
    if let (Some(author), Some(object)) = (view.rights().member(&event.member), json.as_object_mut()) {
        object.insert("lp:recordedBy".to_owned(), json!(author.id));
    }
    // The names that the event is tied to, as far as they are public.
    let names: Vec<Value> =
        part.lines().iter().filter(|l| l.kind == LineKind::Name).map(|l| json!({ "role": l.pointer, "id": l.value })).collect();
    if let Some(object) = json.as_object_mut()
        && !names.is_empty()
    {
        object.insert("lp:names".to_owned(), Value::Array(names));
    }
    Ok(Some((json, part.encode().len())))
}

fn lines(view: &View, event: &Event) -> Result<Option<PublicPart>, ViewError> {
    let Some(commitment) = event.public_part() else { return Ok(None) };
    let bytes = view.part_bytes(commitment)?;
    Ok(bytes.and_then(|b| PublicPart::parse(&b).ok()))
}

/// Whether the event says something of the reader's goods by a right over them, or of one of its places among those who trade. A permission
/// takes no consent, so a rival that gives one could be heard: what moves at its place the reader is told all the same, but an alert only
/// from those whom it lets speak itself.
fn concerns(rights: &RightsNow, event: &Event, records: &[Record], part: &PublicPart, reader: &Reader) -> bool {
    let key = Name::member_key(&reader.id);
    let by = |wanted: Authority| records.iter().any(|record| event.authority(record.authority) == wanted);
    let lets = |owner: &Key, partner: &Key| rights.grant_of(owner, partner).is_some_and(|grant| grant.rights != 0);
    let both = || rights.all_grants().any(|grant| grant.partner == event.member && grant.rights != 0 && lets(&grant.owner, &key));
    let warns = matches!(event.class, Class::Alert | Class::AlertWithdrawn);
    let trades = || lets(&key, &event.member) || !warns && (lets(&event.member, &key) || both());
    let names_product = || {
        part.lines()
            .iter()
            .filter(|l| l.kind == LineKind::Name)
            .any(|l| Name::from_digital_link_path(&l.value).is_ok_and(|name| trace::member::is_own(&reader.member, &name)))
    };
    let names_place = || {
        ["/readPoint/id", "/bizLocation/id"].iter().filter_map(|p| part.get(p)).any(|id| {
            let path = trace::gs1::name_of(id).ok().and_then(|n| n.digital_link_path());
            path.as_deref().and_then(|p| p.strip_prefix("/414/")).is_some_and(|gln| owns_gln(&reader.member, gln))
        })
    };
    by(Authority::Owner(key)) || by(Authority::Governance) && names_product() || names_place() && trades()
}

/// A GLN begins with its owner's GS1 company prefix.
fn owns_gln(member: &Member, gln: &str) -> bool {
    member.prefixes.iter().any(|prefix| gln.starts_with(prefix.as_str()))
}

/// Lines back to JSON: `/a/0/b` TAB value.
fn unflatten(part: &PublicPart) -> Value {
    let mut root = Value::Object(Map::new());
    for line in part.lines().iter().filter(|l| l.kind != LineKind::Name) {
        // None is taken that is nested deeper; what a ledger holds from elsewhere must not end the process.
        if trace::showable::is_too_deep(line) {
            continue;
        }
        let value = match line.kind {
            LineKind::Num => serde_json::from_str(&line.value).unwrap_or_else(|_| json!(line.value)),
            LineKind::Bool => Value::Bool(line.value == "true"),
            _ => Value::String(line.value.clone()),
        };
        let tokens: Vec<String> = line.pointer.split('/').skip(1).map(|t| t.replace("~1", "/").replace("~0", "~")).collect();
        put(&mut root, &tokens, value);
    }
    arrays(&mut root);
    root
}

fn put(at: &mut Value, tokens: &[String], value: Value) {
    let Some((first, rest)) = tokens.split_first() else {
        *at = value;
        return;
    };
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    if let Some(object) = at.as_object_mut() {
        put(object.entry(first.clone()).or_insert(Value::Null), rest, value);
    }
}

/// An object whose members are all numbers was a list.
fn arrays(value: &mut Value) {
    let Some(object) = value.as_object_mut() else { return };
    object.values_mut().for_each(arrays);
    let mut numbered: Option<Vec<(usize, String)>> = object.keys().map(|k| k.parse().ok().map(|n| (n, k.clone()))).collect();
    if let Some(numbered) = numbered.as_mut().filter(|n| !n.is_empty()) {
        numbered.sort();
        let list = numbered.iter().filter_map(|(_, k)| object.get(k).cloned()).collect();
        *value = Value::Array(list);
    }
}

/// Milliseconds as RFC 3339 in UTC.
pub fn rfc3339(ms: u64) -> String {
    let stamp = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    stamp.map(|t| t.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::public::Line;

    #[test]
    fn lines_become_the_event_again() {
        let event = json!({"type": "ObjectEvent", "a": [{"b": "x"}, {"b": "y"}], "lp:facts": {"en": "z"}, "n/m": true});
        let mut flat = Vec::new();
        trace::draft::flatten("", &event, &mut flat);
        flat.push(Line::name("@product", "/01/09521234000044"));
        assert_eq!(unflatten(&PublicPart::build(flat).unwrap()), event);
    }
}
