//! The conditions of the simple event query (EPCIS 2.0, 8.2.7.1): what a parameter's name means, and whether an event meets it.
//!
//! Names are fixed (`EQ_bizStep`) or made of a field, a type or a unit (`EQ_own:door`, `EQ_source_owning_party`, `GE_value_CEL`). A
//! field of one's own is named as in the event (`own:door`) or by its whole name (`https://brand.example/door`).

use jiff::Timestamp;
use ledger::entry::{Record, record_role};
use ledger::name::Name;
use serde_json::Value;
use trace::epcis::{full_name, id_in, listed};
use trace::words::bare;

/// Most values of one parameter.
pub const VALUES_MAX: usize = 100;

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// One of the values stands here. Terms of the vocabulary are compared bare, GS1 keys in their one form.
    Is(&'static [&'static str], Vec<String>),
    /// The place is one of these, given as canonical paths; with descendants also one below it: the same GLN with an extension.
    Place(&'static str, Vec<String>, bool),
    /// One of the EPCs or classes stands in one of these lists; values are canonical paths.
    Match(&'static [&'static str], Vec<String>),
    /// The entry stands in the list of this EPC: `epcs` reads no other, so each of them holds.
    About(String),
    /// A time here compares so with this one, in milliseconds.
    Time(&'static [&'static str], Op, i64),
    /// When it was recorded.
    Recorded(Op, i64),
    /// A number here compares so with one of these, in this unit where one is said.
    Number(&'static [&'static str], Op, Vec<f64>, Option<String>),
    /// A list of typed references holds one of the values under this type.
    Typed(&'static str, &'static str, String, Vec<String>),
    /// Something stands here.
    Exists(&'static [&'static str]),
    /// A field of somebody's own.
    Own(Own),
}

/// How values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Eq,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

impl Op {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Eq => left == right,
            Self::Gt => left > right,
            Self::Ge => left >= right,
            Self::Lt => left < right,
            Self::Le => left <= right,
        }
    }
}

/// A condition on a field of somebody's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    /// The objects in which it may stand.
    within: &'static [&'static str],
    /// Not there itself, but at any depth inside fields of one's own there.
    inner: bool,
    /// Its name.
    name: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Exists,
    Has(Vec<String>),
    Compare(Op, Vec<String>),
    Attribute(String, Vec<String>),
}

const EPC: &[&str] = &["epcList", "childEPCs"];
const CLASS: &[&str] = &["quantityList", "childQuantityList"];
const ANY: &[&str] = &[
    "epcList",
    "childEPCs",
    "inputEPCList",
    "outputEPCList",
    "parentID",
    "quantityList",
    "childQuantityList",
    "inputQuantityList",
    "outputQuantityList",
];

/// Parameters with a fixed name whose values are compared as they stand, and where.
const FIXED: &[(&str, &[&str])] = &[
    ("eventType", &["/type"]),
    ("EQ_action", &["/action"]),
    ("EQ_bizStep", &["/bizStep"]),
    ("EQ_disposition", &["/disposition"]),
    ("EQ_persistentDisposition_set", &["/persistentDisposition/set"]),
    ("EQ_persistentDisposition_unset", &["/persistentDisposition/unset"]),
    ("EQ_transformationID", &["/transformationID"]),
    ("EQ_eventID", &["/eventID"]),
    ("EQ_errorReason", &["/errorDeclaration/reason"]),
    ("EQ_correctiveEventID", &["/errorDeclaration/correctiveEventIDs"]),
    ("EQ_type", &["/sensorElementList/sensorReport/type"]),
    ("EQ_deviceID", &["/sensorElementList/sensorMetadata/deviceID", "/sensorElementList/sensorReport/deviceID"]),
    ("EQ_deviceMetadata", &["/sensorElementList/sensorMetadata/deviceMetadata", "/sensorElementList/sensorReport/deviceMetadata"]),
    ("EQ_rawData", &["/sensorElementList/sensorMetadata/rawData", "/sensorElementList/sensorReport/rawData"]),
    (
        "EQ_dataProcessingMethod",
        &["/sensorElementList/sensorMetadata/dataProcessingMethod", "/sensorElementList/sensorReport/dataProcessingMethod"],
    ),
    ("EQ_bizRules", &["/sensorElementList/sensorMetadata/bizRules"]),
    ("EQ_microorganism", &["/sensorElementList/sensorReport/microorganism"]),
    ("EQ_chemicalSubstance", &["/sensorElementList/sensorReport/chemicalSubstance"]),
    ("EQ_stringValue", &["/sensorElementList/sensorReport/stringValue"]),
    ("EQ_booleanValue", &["/sensorElementList/sensorReport/booleanValue"]),
    ("EQ_hexBinaryValue", &["/sensorElementList/sensorReport/hexBinaryValue"]),
    ("EQ_uriValue", &["/sensorElementList/sensorReport/uriValue"]),
];

const MATCH: &[(&str, &[&str])] = &[
    ("MATCH_epc", EPC),
    ("MATCH_epcClass", CLASS),
    ("MATCH_parentID", &["parentID"]),
    ("MATCH_inputEPC", &["inputEPCList"]),
    ("MATCH_outputEPC", &["outputEPCList"]),
    ("MATCH_inputEPCClass", &["inputQuantityList"]),
    ("MATCH_outputEPCClass", &["outputQuantityList"]),
    ("MATCH_anyEPC", ANY),
    ("MATCH_anyEPCClass", ANY),
];

/// Times, after `GE_` and `LT_`. The first spelling of the declaration's is the query schema's, the second the standard's text's.
const TIMES: &[(&str, &[&str])] = &[
    ("eventTime", &["/eventTime"]),
    ("errorDeclaration_Time", &["/errorDeclaration/declarationTime"]),
    ("errorDeclarationTime", &["/errorDeclaration/declarationTime"]),
    ("time", &["/sensorElementList/sensorMetadata/time", "/sensorElementList/sensorReport/time"]),
    ("startTime", &["/sensorElementList/sensorMetadata/startTime"]),
    ("endTime", &["/sensorElementList/sensorMetadata/endTime"]),
];

/// Numbers, after `EQ_`, `GT_`, `GE_`, `LT_`, `LE_`; `_` and a unit may follow.
const NUMBERS: &[(&str, &[&str])] = &[
    ("quantity", &["/quantityList/quantity", "/childQuantityList/quantity", "/inputQuantityList/quantity", "/outputQuantityList/quantity"]),
    ("value", &["/sensorElementList/sensorReport/value"]),
    ("minValue", &["/sensorElementList/sensorReport/minValue"]),
    ("maxValue", &["/sensorElementList/sensorReport/maxValue"]),
    ("meanValue", &["/sensorElementList/sensorReport/meanValue"]),
    ("sDev", &["/sensorElementList/sensorReport/sDev"]),
    ("percRank", &["/sensorElementList/sensorReport/percRank"]),
    ("percValue", &["/sensorElementList/sensorReport/percValue"]),
];

/// Typed references: `EQ_source_owning_party`.
const TYPED: &[(&str, &str, &str)] = &[
    ("bizTransaction_", "bizTransactionList", "bizTransaction"),
    ("source_", "sourceList", "source"),
    ("destination_", "destinationList", "destination"),
];

/// Where fields of one's own may stand, by the word before their name; the last is the event itself.
const SCOPES: &[(&str, &[&str])] = &[
    ("ILMD_", &["ilmd"]),
    ("ERROR_DECLARATION_", &["errorDeclaration"]),
    ("SENSORELEMENT_", &["sensorElementList"]),
    ("SENSORMETADATA_", &["sensorElementList", "sensorMetadata"]),
    ("SENSORREPORT_", &["sensorElementList", "sensorReport"]),
    ("readPoint_", &["readPoint"]),
    ("bizLocation_", &["bizLocation"]),
    ("", &[]),
];

/// Parameters with fixed names, for the description of the interface; all take values parted by `|`.
pub fn fixed_names() -> impl Iterator<Item = String> {
    let ranges = TIMES.iter().map(|(name, _)| *name).chain(["recordTime"]).flat_map(|name| [format!("GE_{name}"), format!("LT_{name}")]);
    let numbers = ["EQ", "GT", "GE", "LT", "LE"].into_iter().flat_map(|op| ["quantity", "percRank"].map(|name| format!("{op}_{name}")));
    let plain = FIXED.iter().map(|(name, _)| *name).chain(MATCH.iter().map(|(name, _)| *name));
    let places =
        ["EQ_readPoint", "WD_readPoint", "EQ_bizLocation", "WD_bizLocation", "EXISTS_errorDeclaration", "EXISTS_sensorElementList"];
    plain.chain(places).map(str::to_owned).chain(ranges).chain(numbers)
}

/// Whether one of these takes a time.
pub fn takes_time(name: &str) -> bool {
    let field = name.strip_prefix("GE_").or_else(|| name.strip_prefix("LT_"));
    field.is_some_and(|field| field == "recordTime" || TIMES.iter().any(|(known, _)| *known == field))
}

/// What a parameter asks. `Ok(None)`: nothing. `canonical` turns an EPC (URN or Digital Link) into its canonical path.
pub fn parse(name: &str, values: &[String], canonical: &impl Fn(&str) -> Result<String, String>) -> Result<Option<Filter>, String> {
    if values.len() > VALUES_MAX {
        return Err(format!("{name} has {} values, at most {VALUES_MAX} are taken", values.len()));
    }
    if let Some(rest) = name.strip_prefix("EXISTS_").filter(|rest| ["errorDeclaration", "sensorElementList"].contains(rest)) {
        let path: &'static [&'static str] = if rest == "errorDeclaration" { &["/errorDeclaration"] } else { &["/sensorElementList"] };
        return exists(name, values).map(|asked| asked.then_some(Filter::Exists(path)));
    }
    let paths = || values.iter().map(|v| canonical(v)).collect::<Result<Vec<_>, _>>();
    if let Some((_, fields)) = MATCH.iter().find(|(known, _)| *known == name) {
        return Ok(Some(Filter::Match(fields, paths()?)));
    }
    if let Some((_, at)) = FIXED.iter().find(|(known, _)| *known == name) {
        return Ok(Some(Filter::Is(at, values.iter().map(|value| one_form(value, canonical)).collect())));
    }
    for (field, known) in [("readPoint", ["EQ_readPoint", "WD_readPoint"]), ("bizLocation", ["EQ_bizLocation", "WD_bizLocation"])] {
        if known.contains(&name) {
            return Ok(Some(Filter::Place(field, paths()?, name.starts_with("WD_"))));
        }
    }
    let unknown = || format!("the parameter {name} is not known here: leave it out, or filter the answer yourself");
    let (word, rest) = name.split_once('_').ok_or_else(unknown)?;
    let op = match word {
        "EQ" => Op::Eq,
        "GT" => Op::Gt,
        "GE" => Op::Ge,
        "LT" => Op::Lt,
        "LE" => Op::Le,
        "EXISTS" => {
            let asked = exists(name, values)?;
            return own(rest, Test::Exists).ok_or_else(unknown).map(|filter| asked.then_some(filter));
        }
        "HASATTR" => return own(rest, Test::Has(values.to_vec())).ok_or_else(unknown).map(Some),
        "EQATTR" => {
            let (field, attribute) = rest.rsplit_once('_').ok_or_else(unknown)?;
            return own(field, Test::Attribute(attribute.to_owned(), values.to_vec())).ok_or_else(unknown).map(Some);
        }
        _ => return Err(unknown()),
    };
    if matches!(op, Op::Ge | Op::Lt) {
        let time = || one(name, values).and_then(|value| time_ms(name, value));
        if rest == "recordTime" {
            return Ok(Some(Filter::Recorded(op, time()?)));
        }
        if let Some((_, at)) = TIMES.iter().find(|(known, _)| *known == rest) {
            return Ok(Some(Filter::Time(at, op, time()?)));
        }
    }
    for (field, at) in NUMBERS {
        let unit = match rest.strip_prefix(field) {
            Some("") => None,
            Some(unit) if is_unit(unit.strip_prefix('_').unwrap_or_default()) => Some(unit[1..].to_owned()),
            _ => continue,
        };
        if op != Op::Eq {
            one(name, values)?;
        }
        let numbers = values.iter().map(|value| number(value).ok_or_else(|| format!("{name} is {value:?}: write a number")));
        return Ok(Some(Filter::Number(at, op, numbers.collect::<Result<_, _>>()?, unit)));
    }
    if op == Op::Eq
        && let Some((start, list, field)) = TYPED.iter().find(|(start, ..)| rest.starts_with(start))
    {
        let kind = one_form(&rest[start.len()..], canonical);
        return Ok(Some(Filter::Typed(list, field, kind, values.iter().map(|value| one_form(value, canonical)).collect())));
    }
    if op != Op::Eq {
        let value = one(name, values)?;
        if number(value).is_none() && time_ms(name, value).is_err() {
            return Err(format!("{name} is {value:?}: write a number, or a time with offset"));
        }
    }
    own(rest, Test::Compare(op, values.to_vec())).ok_or_else(unknown).map(Some)
}

fn exists(name: &str, values: &[String]) -> Result<bool, String> {
    match values {
        [] => Ok(true),
        [one] if one == "true" || one == "1" => Ok(true),
        [one] if one == "false" => Ok(false),
        _ => Err(format!("{name}: use true, or leave it out")),
    }
}

fn one<'a>(name: &str, values: &'a [String]) -> Result<&'a str, String> {
    match values {
        [value] => Ok(value),
        _ => Err(format!("{name} takes one value, not {}", values.len())),
    }
}

fn time_ms(name: &str, value: &str) -> Result<i64, String> {
    let time = value.parse::<Timestamp>().map(Timestamp::as_millisecond);
    time.map_err(|_| format!("{name} is \"{value}\": write a time with offset, for example 2026-11-22T14:00:00Z"))
}

fn is_unit(text: &str) -> bool {
    matches!(text.len(), 2..=4) && text.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn own(rest: &str, test: Test) -> Option<Filter> {
    let (inner, rest) = rest.strip_prefix("INNER_").map_or((false, rest), |rest| (true, rest));
    let (within, name) = SCOPES.iter().find_map(|(word, within)| Some((*within, rest.strip_prefix(word)?)))?;
    // A name without a prefix is none of somebody's own: it would be a standard field that has no such parameter.
    name.contains(':').then(|| Filter::Own(Own { within, inner, name: name.to_owned(), test }))
}

/// A value as it is compared: GS1 keys as their canonical path, terms bare.
fn one_form(value: &str, canonical: &impl Fn(&str) -> Result<String, String>) -> String {
    let key = value.starts_with("urn:epc:") || value.starts_with("http");
    key.then(|| canonical(value).ok()).flatten().unwrap_or_else(|| bare(value).to_owned())
}

impl Filter {
    /// Whether an event meets it. Of others' events the EPC lists are not public: what such an event names is read from the `records`
    /// of its entry.
    pub fn holds(
        &self,
        event: &Value,
        records: Option<&[Record]>,
        record_ms: i64,
        canonical: &impl Fn(&str) -> Result<String, String>,
    ) -> bool {
        match self {
            Self::Is(at, values) => found(event, at).any(|value| text(value).is_some_and(|t| values.contains(&one_form(&t, canonical)))),
            Self::Place(field, values, descendants) => {
                event.get(*field).and_then(|p| p.get("id")).and_then(Value::as_str).and_then(|id| canonical(id).ok()).is_some_and(|path| {
                    values.iter().any(|v| {
                        *v == path || (*descendants && path.strip_prefix(v.as_str()).is_some_and(|rest| rest.starts_with("/254/")))
                    })
                })
            }
            Self::Match(fields, values) => match records {
                Some(records) => named(fields, values, records),
                None => fields
                    .iter()
                    .filter_map(|f| event.get(*f))
                    .flat_map(epcs_of)
                    .any(|epc| canonical(epc).is_ok_and(|p| values.contains(&p))),
            },
            Self::About(_) => true,
            Self::Time(at, op, ms) => found(event, at).filter_map(instant).any(|time| op.holds(&time, ms)),
            Self::Recorded(op, ms) => op.holds(&record_ms, ms),
            Self::Number(at, op, numbers, unit) => at.iter().any(|path| {
                let (holder, field) = path.rsplit_once('/').unwrap_or(("", path));
                holders(event, holder).into_iter().any(|object| {
                    let fits = unit.is_none() || object.get("uom").and_then(Value::as_str) == unit.as_deref();
                    let value = object.get(field).and_then(Value::as_f64);
                    fits && value.is_some_and(|value| numbers.iter().any(|number| op.holds(&value, number)))
                })
            }),
            Self::Typed(list, field, kind, values) => event.get(*list).and_then(Value::as_array).into_iter().flatten().any(|one| {
                let at = |name: &str| one.get(name).and_then(Value::as_str).map(|value| one_form(value, canonical));
                at("type").as_ref() == Some(kind) && at(field).is_some_and(|value| values.contains(&value))
            }),
            Self::Exists(at) => found(event, at).any(|value| !value.is_null()),
            Self::Own(own) => own.holds(event),
        }
    }
}

impl Own {
    fn holds(&self, event: &Value) -> bool {
        let path: String = self.within.iter().map(|field| format!("/{field}")).collect();
        let called = Called { event, name: &self.name, whole: full_name(event, &self.name) };
        holders(event, &path).into_iter().any(|object| self.within_object(&called, object))
    }

    fn within_object(&self, called: &Called<'_>, object: &Value) -> bool {
        let fields = object.as_object().into_iter().flatten().filter(|(name, _)| name.contains(':'));
        fields.into_iter().any(
            |(name, value)| {
                if self.inner { self.inside(called, value) } else { called.so(name) && self.test.holds(value) }
            },
        )
    }

    fn inside(&self, called: &Called<'_>, value: &Value) -> bool {
        match value {
            Value::Array(list) => list.iter().any(|one| self.inside(called, one)),
            Value::Object(object) => {
                object.iter().any(|(name, inner)| (called.so(name) && self.test.holds(inner)) || self.inside(called, inner))
            }
            _ => false,
        }
    }
}

/// The name of a field, as asked and as the event's own context reads it.
struct Called<'a> {
    event: &'a Value,
    name: &'a str,
    whole: Option<String>,
}

impl Called<'_> {
    /// Whether a field is called so.
    fn so(&self, name: &str) -> bool {
        // EPCIS 1.2 parts namespace and name by #.
        let same = |full: String| full == self.name || full == self.name.replace('#', "") || self.whole.as_ref() == Some(&full);
        name == self.name || full_name(self.event, name).is_some_and(same)
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        if let Value::Array(list) = value {
            return list.iter().any(|one| self.holds(one));
        }
        match self {
            Self::Exists => !value.is_null(),
            Self::Has(names) => names.iter().any(|name| value.get(name).is_some()),
            Self::Attribute(name, values) => value.get(name).and_then(text).is_some_and(|value| values.contains(&value)),
            Self::Compare(op, values) => text(value).is_some_and(|value| values.iter().any(|wanted| compare(*op, &value, wanted))),
        }
    }
}

/// As numbers where both are, else as times, else as texts; texts are equal or not.
fn compare(op: Op, value: &str, wanted: &str) -> bool {
    if let (Some(value), Some(wanted)) = (number(value), number(wanted)) {
        return op.holds(&value, &wanted);
    }
    match (value.parse::<Timestamp>(), wanted.parse::<Timestamp>()) {
        (Ok(value), Ok(wanted)) => op.holds(&value, &wanted),
        _ => op == Op::Eq && value == wanted,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn instant(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// Everything at these places; lists on the way and at the end are gone through.
fn found<'a>(event: &'a Value, at: &'a [&'a str]) -> impl Iterator<Item = &'a Value> {
    at.iter().flat_map(|path| holders(event, path))
}

fn holders<'a>(event: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut here = vec![event];
    for field in path.split('/').filter(|field| !field.is_empty()) {
        here = here.into_iter().filter_map(|value| value.get(field)).flat_map(listed).collect();
    }
    here
}

/// Whether the records of an entry name one of these in one of these fields.
fn named(fields: &[&str], values: &[String], records: &[Record]) -> bool {
    let role = fields.iter().fold(0, |role, field| {
        role | match *field {
            "epcList" | "quantityList" => record_role::OBJECT,
            "childEPCs" | "childQuantityList" => record_role::CHILD,
            "inputEPCList" | "inputQuantityList" => record_role::INPUT,
            "outputEPCList" | "outputQuantityList" => record_role::OUTPUT,
            _ => record_role::PARENT,
        }
    });
    let keys: Vec<_> = values.iter().filter_map(|path| Name::from_digital_link_path(path).ok()).map(|name| name.key()).collect();
    records.iter().any(|record| record.role & role != 0 && keys.contains(&record.key))
}

fn epcs_of(field: &Value) -> Vec<&str> {
    match field {
        Value::String(s) => vec![s],
        Value::Array(list) => list.iter().filter_map(id_in).collect(),
        _ => Vec::new(),
    }
}
