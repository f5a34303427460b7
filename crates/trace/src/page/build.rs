//! From a history to the page of its subject.

use ledger::entry::{Class, Custody, Event, Kind, Member, part_kind, record_role, right};
use ledger::name::Name;
use ledger::relations::{self, Backing};
use ledger::standing::Standing;

use super::lines::Lines;
use super::{
    Author, CodeHistory, Correction, Fact, Format, Headline, Inputs, ItemPage, Level, Node, Notice, Objection, Picture, Right, Seller,
    Signed, SignedWords, Store, Through, Words, facts, status, times,
};
use crate::history::{History, HistoryEntry};

/// Recorded later than this after it happened: the page says so.
const LATE_MS: u64 = 86_400_000;

/// What the page needs besides the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Now.
    pub now_ms: u64,
    /// Size of the signed checkpoint the history was read at.
    pub ledger_size: u64,
    /// Its signed time.
    pub ledger_ms: u64,
    /// The lot in the scanned address, where it held one.
    pub lot: Option<String>,
    /// The code's history as this site counted it.
    pub code: CodeHistory,
    /// Demo data.
    pub demo: bool,
}

/// Builds the page.
pub fn item_page(history: &History, view: &View) -> ItemPage {
    let name = &history.name;
    let (gtin, serial) = (name.gtin().unwrap_or_default().to_owned(), field(name, &["21", "235"]));
    let mut nodes: Vec<Node> =
        history.entries.iter().filter(|entry| entry.is_node()).enumerate().map(|(at, entry)| node(history, entry, at + 1)).collect();
    let mut notices: Vec<Notice> =
        history.entries.iter().filter(|entry| entry.is_alert()).filter_map(|entry| notice(entry, &nodes)).collect();
    notices.sort_by_key(|notice| !notice.red);
    let use_by = status::use_by(history);
    let product = status::status(history, &notices, use_by.as_ref(), view.now_ms);
    let zone = times::shorten(&mut nodes);
    let level = match name.level() {
        ledger::name::Level::Batch => Level::Batch,
        ledger::name::Level::Product => Level::Product,
        ledger::name::Level::Item => Level::Item,
        ledger::name::Level::Other => Level::Unit,
    };
    ItemPage {
        path: name.digital_link_path().unwrap_or_default(),
        level,
        // What was signed comes before what an address says: anybody can write an address.
        lot: field(name, &["10"]).or_else(|| signed_lot(history)).or_else(|| view.lot.clone()),
        lot_has_page: history.relations.lists.iter().any(|list| list.through == relations::Through::Batch && list.count > 0),
        serial,
        headline: headline(history),
        gtin,
        use_by,
        notices,
        nodes,
        product,
        code: match level {
            Level::Item => view.code.clone(),
            // A code that many packs share has no history of its own.
            Level::Batch | Level::Product => CodeHistory::Shared,
            // Everybody who handles it reads it.
            Level::Unit => CodeHistory::NotCounted,
        },
        store: store(history),
        seller: seller(history),
        ledger_size: view.ledger_size,
        ledger_ms: view.ledger_ms,
        zone,
        owned: history.owner().is_some(),
        recorded: history.entries.iter().any(|entry| entry.related.through == relations::Through::Item)
            || history.relations.cut.iter().any(|(key, _)| *key == name.key()),
        vouched: history.entries.iter().any(|entry| {
            let stands = match entry.related.standing {
                Standing::Owner | Standing::Granted(_) => true,
                Standing::Unowned => history.owner().is_none(),
                Standing::Regulator | Standing::Independent => false,
            };
            // Who objects to a record about a pack does not say by that that there is one.
            stands && entry.is_node() && entry.related.through == relations::Through::Item
        }),
        cut: !history.relations.cut.is_empty() || history.relations.lists.iter().any(|list| list.older > 0),
        demo: view.demo,
    }
}

fn field(name: &Name, ais: &[&str]) -> Option<String> {
    let Name::Gs1(fields) = name else { return None };
    fields.iter().find(|(ai, _)| ais.contains(&ai.as_str())).map(|(_, value)| value.clone())
}

/// The lot that the item was signed with by who brought it into being: the owner of its number, or whom the owner lets do so.
fn signed_lot(history: &History) -> Option<String> {
    history.said(right::ISSUE, |entry| {
        if entry.related.through != relations::Through::Item || !entry.brings_forth() {
            return None;
        }
        let path = Lines(entry.public.as_ref()).get("@batch")?;
        field(&Name::from_digital_link_path(path).ok()?, &["10"])
    })
}

fn author(entry: &HistoryEntry) -> Author {
    match &entry.author {
        Some((member_entry, member)) => author_of(*member_entry, member),
        // Such an entry fails its check; the page must still stand.
        None => Author { id: String::new(), names: Words::new(), member_entry: 0, own_key: false },
    }
}

fn author_of(member_entry: u64, member: &Member) -> Author {
    Author { id: member.id.clone(), names: member.names.iter().cloned().collect(), member_entry, own_key: member.custody == Custody::Own }
}

fn right_of(entry: &HistoryEntry) -> Right {
    match (entry.related.standing, &entry.by_grant) {
        (Standing::Owner, _) => Right::Owner,
        (Standing::Granted(_), Some(granted)) => Right::Granted { owner: author_of(0, &granted.owner), since_ms: granted.since_ms },
        // Such an entry fails its check; the page must still stand.
        (Standing::Granted(_), None) => {
            Right::Granted { owner: Author { id: String::new(), names: Words::new(), member_entry: 0, own_key: false }, since_ms: 0 }
        }
        (Standing::Regulator, _) => Right::Regulator,
        (Standing::Independent, _) => Right::Independent,
        (Standing::Unowned, _) => Right::Unowned,
    }
}

/// Who says of what it was made: the weakest of its inputs gives the words. That goods were made of one's own needs none.
fn inputs_of(history: &History, entry: &HistoryEntry) -> Option<Inputs> {
    let inputs = history.relations.inputs.iter().filter(|input| input.index == entry.related.index);
    match inputs.map(|input| input.backing).min()? {
        Backing::Own => None,
        Backing::Confirmed => Some(Inputs::Confirmed),
        Backing::Named => Some(Inputs::Named),
        Backing::Said => Some(Inputs::Said),
    }
}

fn objection(history: &History, entry: &HistoryEntry) -> Option<Objection> {
    let objection = history.entry(entry.related.objected_by?)?;
    let lines = Lines(objection.public.as_ref());
    Some(Objection {
        entry: objection.related.index,
        when: when(lines, objection.event.event_ms),
        words: lines.words("/lp:reason"),
        author: author(objection),
    })
}

/// Whether its author signed words. A record that never had any was not erased.
fn has_words(event: &Event) -> bool {
    event.parts.iter().any(|part| part.kind == part_kind::PUBLIC)
}

/// When it happened. Of an erased record only the signed number is left: shown in UTC.
fn when(lines: Lines<'_>, event_ms: u64) -> Signed {
    lines.time("/eventTime").unwrap_or_else(|| bare(AT, Format::Time, iso(event_ms)))
}

/// In the place of a line: the event's time, and its kind, which its entry holds beside all lines.
const AT: &str = "#at";
const KIND: &str = "#kind";

fn bare(pointer: &str, format: Format, value: String) -> Signed {
    Signed { pointers: vec![pointer.to_owned()], values: vec![value], format }
}

fn iso(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn node(history: &History, entry: &HistoryEntry, number: usize) -> Node {
    let lines = Lines(entry.public.as_ref());
    let event = &entry.event;
    let kind = match event.kind {
        Kind::Aggregation => "AggregationEvent",
        Kind::Transformation => "TransformationEvent",
        Kind::Transaction => "TransactionEvent",
        Kind::Association => "AssociationEvent",
        _ => "ObjectEvent",
    };
    let step = lines.one(Format::Word, "/bizStep", &[]).or_else(|| lines.one(Format::Word, "/type", &[]));
    let void = entry.related.voided_by.and_then(|by| history.entry(by));
    let facts = facts::facts(lines);
    let facts = match void {
        Some(void) => facts::changed(facts, in_its_place(history, entry, void)),
        None => facts,
    };
    let corrected = void.map(|void| {
        let lines = Lines(void.public.as_ref());
        Correction {
            by_entry: void.related.index,
            at: lines.time("/errorDeclaration/declarationTime").unwrap_or_else(|| bare(AT, Format::Time, iso(void.event.event_ms))),
            reason: lines.one(Format::Word, "/errorDeclaration/reason", &[]),
            words: lines.words("/errorDeclaration/lp:reason"),
        }
    });
    Node {
        entry: entry.related.index,
        number,
        through: match entry.related.through {
            relations::Through::Batch => Through::Batch,
            relations::Through::Product => Through::Product,
            relations::Through::Container => Through::Container,
            relations::Through::Input => Through::Input,
            relations::Through::Made => Through::Made,
            // The last three have no nodes.
            relations::Through::Item | relations::Through::Bulk | relations::Through::Member | relations::Through::Grant => Through::Item,
        },
        title: lines.words("/lp:title"),
        step: step.unwrap_or_else(|| bare(KIND, Format::Word, kind.to_owned())),
        when: when(lines, event.event_ms),
        recorded_ms: (entry.logged_ms.saturating_sub(event.event_ms) > LATE_MS).then_some(entry.logged_ms),
        place: lines.words("/place"),
        author: author(entry),
        right: right_of(entry),
        inputs: inputs_of(history, entry),
        objection: objection(history, entry),
        disputed: entry.disputed,
        facts,
        charts: facts::charts(lines),
        pictures: facts::pictures(lines),
        video: facts::video(lines),
        // Whom the owner did not name sends nobody elsewhere.
        live: facts::live(lines).filter(|_| entry.related.standing != Standing::Independent),
        packs: facts::packs(lines),
        corrected,
        alert: event.class == Class::Alert,
        red: entry.related.red,
        erased: entry.related.erased_by.is_some() || entry.public.is_none() && has_words(&entry.event),
        erased_why: entry.related.erased_by.and_then(|by| {
            let erasure = history.entry(by)?;
            Some((by, Lines(erasure.public.as_ref()).one(Format::Text, "/lp:reason", &[])?))
        }),
    }
}

/// The facts of the record that stands in the place of one that was taken back: of the same author, named by the correction
/// (`correctiveEventIDs`), on this page, and not taken back itself.
fn in_its_place(history: &History, entry: &HistoryEntry, void: &HistoryEntry) -> Option<(u64, Vec<Fact>)> {
    const IDS: &str = "/errorDeclaration/correctiveEventIDs";
    let lines = Lines(void.public.as_ref());
    let by = |one: &HistoryEntry| one.author.as_ref().map(|(_, member)| member.id.clone());
    let ids: Vec<&str> = lines.numbers(IDS).into_iter().filter_map(|number| lines.get(&format!("{IDS}/{number}"))).collect();
    let now = history.entries.iter().filter(|other| other.is_node() && other.related.voided_by.is_none()).find(|other| {
        let id = Lines(other.public.as_ref()).get("/eventID");
        by(other).is_some() && by(other) == by(entry) && id.is_some_and(|id| ids.contains(&id))
    })?;
    Some((now.related.index, facts::facts(Lines(now.public.as_ref()))))
}

fn notice(entry: &HistoryEntry, nodes: &[Node]) -> Option<Notice> {
    let lines = Lines(entry.public.as_ref());
    Some(Notice {
        entry: entry.related.index,
        red: entry.related.red,
        number: nodes.iter().find(|node| node.entry == entry.related.index)?.number,
        what_to_do: lines.words("/lp:notice/lp:do"),
        why: lines.words("/lp:notice/lp:why"),
        what_you_get: lines.words("/lp:notice/lp:get"),
        phone: lines.one(Format::Text, "/lp:notice/lp:phone", &[]).filter(|_| entry.may_name_hotline()),
        when: when(lines, entry.event.event_ms),
        author: author(entry),
    })
}

/// The newest standing master data of the number's owner; where there is none, the newest of those that the owner lets give the words,
/// or from before it owned the number. The phone's report chooses by the same rule (specification, section 9) and looks at no
/// words: one that names nothing is the headline too, for a page that showed an older one would fail.
fn headline(history: &History) -> Headline {
    let product = history.name.product().map(|product| product.key());
    let about = |entry: &&HistoryEntry| {
        let object = entry.related.role & record_role::OBJECT != 0;
        entry.event.kind == Kind::MasterData && Some(entry.related.owner) == product && object && entry.stands()
    };
    let in_force = history.entries.iter().filter(about).max_by_key(|e| (e.related.standing == Standing::Owner, e.related.index));
    let Some(entry) = in_force else {
        return Headline::default();
    };
    let lines = Lines(entry.public.as_ref());
    let words = |stem: &str| -> SignedWords { lines.words(stem) };
    Headline {
        entry: Some(entry.related.index),
        name: words("/name"),
        brand: words("/brand"),
        origin: words("/origin"),
        description: words("/description"),
        story: words("/story"),
        story2: words("/story2"),
        picture: picture(lines),
        picture_scale: words("/picture/scale"),
        picture_size: words("/picture/size"),
        company: words("/company"),
        address: words("/address"),
        phone: lines.one(Format::Text, "/phone", &[]),
        offer: words("/offer"),
    }
}

/// The product's picture; its fields have no prefix in master data lines.
fn picture(lines: Lines<'_>) -> Option<Picture> {
    let hash = lines.get("/picture/file")?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
    is_hash.then(|| Picture {
        file: super::File {
            pointer: "/picture/file".to_owned(),
            hash: hash.to_owned(),
            media_type: lines.get("/picture/fileType").unwrap_or("application/octet-stream").to_owned(),
            bytes: None,
        },
        alt: lines.words("/picture/alt"),
        size: None,
    })
}

/// Business steps by which goods come into a store.
const ARRIVES: [&str; 4] = ["receiving", "accepting", "stocking", "retail_selling"];

/// Where the item was received last: the last standing record of a step that brings goods in, with its place, by the owner itself or
/// by a store that the owner lets have letters, of this very item or of what it was packed in. Nobody else makes itself the one whom
/// shoppers write to: one record of a whole lot or product would be of every pack of it, wherever that was sold. Nor has a lot or a
/// product a store, being in many at once.
fn store(history: &History) -> Option<Store> {
    if matches!(history.name.level(), ledger::name::Level::Batch | ledger::name::Level::Product) {
        return None;
    }
    history.entries.iter().rev().filter(|entry| entry.is_node() && entry.stands()).find_map(|entry| {
        let lines = Lines(entry.public.as_ref());
        let own = matches!(entry.related.through, relations::Through::Item | relations::Through::Container);
        if !own || !history.is_owners_store(entry) || !ARRIVES.contains(&lines.get("/bizStep").map_or("", crate::words::bare)) {
            return None;
        }
        let location = location(lines)?;
        let member = entry.author.as_ref()?.1.id.clone();
        Some(Store { location, name: lines.words("/place"), entry: entry.related.index, member })
    })
}

/// Who sold the item last of those whom governance, not the owner, lets speak of it: by a record of its own on this very item.
fn seller(history: &History) -> Option<Seller> {
    history.entries.iter().rev().filter(|entry| entry.is_node() && entry.stands() && !entry.disputed).find_map(|entry| {
        let lines = Lines(entry.public.as_ref());
        let its_own = entry.related.through == relations::Through::Item && entry.related.standing == Standing::Independent;
        if !its_own || lines.get("/bizStep").map_or("", crate::words::bare) != "retail_selling" {
            return None;
        }
        let member = &entry.author.as_ref()?.1;
        let names = member.names.iter().cloned().collect();
        Some(Seller { location: location(lines)?, member: member.id.clone(), names })
    })
}

/// Where a record says that it was made, as a Digital Link path.
fn location(lines: Lines<'_>) -> Option<String> {
    let id = lines.get("/readPoint/id").or_else(|| lines.get("/bizLocation/id"))?;
    crate::gs1::name_of(id).ok()?.digital_link_path()
}

#[cfg(test)]
mod standing;
#[cfg(test)]
mod tests;
