//! Public lines that were signed elsewhere, by the rules for a document's events: what the door for documents refuses comes in by no other.

use std::collections::BTreeMap;

use ledger::entry::{Action, Kind};
use ledger::public::{Line, LineKind, PublicPart};
use serde_json::{Map, Value};

use super::LP_NAMESPACE;
use super::check::Check;
use super::event::EventType;
use super::rules::check_fields;

/// Places of a list.
const PLACES_MAX: usize = crate::showable::LINES_MAX;
/// Places of all lists together of which no line tells anything. A list in each element of another could ask for millions.
const GAPS_MAX: usize = 4 * crate::showable::LINES_MAX;

/// Fields of which a document makes no line: names of other things, what is no fact, and business that is nobody else's (invoices, who sold
/// to whom). They stay in the source record, which the author alone reads.
pub const NO_LINES: &[&str] = &[
    "@context",
    "epcList",
    "childEPCs",
    "inputEPCList",
    "outputEPCList",
    "parentID",
    "errorDeclaration",
    "bizTransactionList",
    "sourceList",
    "destinationList",
];

/// Class lists: amounts are shown, the names of the classes are not; an element without an amount has no line.
pub const CLASS_LISTS: &[&str] = &["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"];

/// Whether a line says what a document's never do. Goods that it named would be another event's than the record stands for.
fn names_others(pointer: &str) -> bool {
    let amount = || matches!(pointer.split('/').nth(3), Some("quantity" | "uom"));
    NO_LINES.contains(&first(pointer)) || CLASS_LISTS.contains(&first(pointer)) && !amount()
}

/// The field that a pointer begins with.
fn first(pointer: &str) -> &str {
    pointer.strip_prefix('/').unwrap_or_default().split('/').next().unwrap_or_default()
}

/// What is wrong with the public lines of an event of this kind and action: the field, and how to mend it.
pub fn public_problem(kind: Kind, action: Action, part: &PublicPart) -> Option<(String, String)> {
    let kind = match kind {
        Kind::Object => EventType::Object,
        Kind::Aggregation => EventType::Aggregation,
        Kind::Transformation => EventType::Transformation,
        Kind::Transaction => EventType::Transaction,
        Kind::Association => EventType::Association,
        Kind::MasterData | Kind::Void | Kind::Erase | Kind::Objection => return None,
    };
    // Names of other things have their own rules, and the place's words come from master data.
    if let Some(line) = part.lines().iter().find(|line| names_others(&line.pointer)) {
        let why = "names goods or business partners, which stand in the source record alone: leave the line out";
        return Some((line.pointer.clone(), why.to_owned()));
    }
    let lines = || part.lines().iter().filter(|line| !line.pointer.starts_with('@') && !line.pointer.starts_with("/place/"));
    let mut fields = Fields::default();
    for line in lines() {
        if let Err(why) = fields.put(line) {
            return Some((line.pointer.clone(), why.to_owned()));
        }
    }
    if fields.gaps() > GAPS_MAX {
        return Some(("/".to_owned(), "the lists have too many places of which no line tells anything; number them from 0 on".to_owned()));
    }
    let mut event: Map<String, Value> = fields.0.into_iter().map(|(name, field)| (name, field.value())).collect();
    let word = match action {
        Action::Add => Some("ADD"),
        Action::Observe => Some("OBSERVE"),
        Action::Delete => Some("DELETE"),
        Action::None => None,
    };
    let mut check = Check::new(None, None);
    if let Some(said) = event.get("type")
        && said.as_str().and_then(EventType::parse) != Some(kind)
    {
        check.add("/type", "is not the type of the signed entry");
    }
    match (event.get("action"), word) {
        (Some(said), Some(word)) if said.as_str() != Some(word) => check.add("/action", format!("is not that of the signed entry, {word}")),
        // Whether master data of a lot may stand there depends on it.
        (None, Some(word)) => drop(event.insert("action".to_owned(), word.into())),
        _ => {}
    }
    check_fields(&mut check, &event, kind, Some(LP_NAMESPACE));
    let said =
        |field: &str| lines().any(|line| line.pointer.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let unsaid = |field: &str| CLASS_LISTS.contains(&first(field)) && field.matches('/').count() > 1 && !said(field);
    check.problems.into_iter().find(|problem| !unsaid(&problem.field)).map(|problem| (problem.field, problem.message))
}

/// The fields of an object or a list, by the parts of their pointers.
#[derive(Default)]
struct Fields(BTreeMap<String, Field>);

enum Field {
    One(Value),
    Many(Fields),
}

impl Fields {
    fn put(&mut self, line: &Line) -> Result<(), &'static str> {
        let mut parts: Vec<String> = line.pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        let last = parts.pop().ok_or("names no field")?;
        let mut at = self;
        for part in parts {
            match at.0.entry(part).or_insert_with(|| Field::Many(Fields::default())) {
                Field::Many(fields) => at = fields,
                Field::One(_) => return Err("lies in a field that has a value of its own"),
            }
        }
        let value = match line.kind {
            LineKind::Num => serde_json::from_str(&line.value).map_err(|_| "is no number of JSON")?,
            LineKind::Bool => Value::Bool(line.value == "true"),
            LineKind::Str | LineKind::Name => Value::String(line.value.clone()),
        };
        match at.0.insert(last, Field::One(value)) {
            None => Ok(()),
            Some(_) => Err("lies in a field that has a value of its own"),
        }
    }

    /// Places before the last one of each list that have no line.
    fn gaps(&self) -> usize {
        let last = self.0.keys().filter_map(|name| place(name)).max();
        let own = last.map_or(0, |last| (last + 1).saturating_sub(self.0.len()));
        let inner = self.0.values().map(|field| if let Field::Many(fields) = field { fields.gaps() } else { 0 });
        own + inner.sum::<usize>()
    }
}

/// The place in a list that a field's name is.
fn place(name: &str) -> Option<usize> {
    name.parse().ok().filter(|place: &usize| *place < PLACES_MAX && place.to_string() == *name)
}

impl Field {
    /// As JSON: fields whose names are places in a list are a list; where some of its elements have no line, nothing stands there.
    fn value(self) -> Value {
        let fields = match self {
            Self::One(value) => return value,
            Self::Many(fields) => fields.0,
        };
        if fields.keys().all(|name| place(name).is_some()) {
            let mut list = Vec::new();
            for (name, field) in fields {
                let Some(place) = place(&name) else { continue };
                list.resize_with(list.len().max(place + 1), || Value::Null);
                list[place] = field.value();
            }
            return Value::Array(list);
        }
        Value::Object(fields.into_iter().map(|(name, field)| (name, field.value())).collect())
    }
}
