//! The EPCIS 2.0 query language of `GET /epcis/v2/events` (EPCIS 2.0, 8.2.7.1): parameters parsed once, then asked of each event.
//!
//! Supported: the simple event query's parameters that filter by type, time, action, step, disposition, place, EPC and ID.
//! An unknown parameter is refused by name: an answer that silently ignored a filter would be wrong.

use jiff::Timestamp;
use ledger::entry::{Record, record_role};
use ledger::name::Name;
use serde_json::Value;

/// Events on one page where the caller names no number.
pub const PER_PAGE_DEFAULT: usize = 30;
/// Most events on one page: one answer stays under a few hundred kB.
pub const PER_PAGE_MAX: usize = 1_000;
/// Most values of one parameter.
pub const VALUES_MAX: usize = 100;

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// Oldest first instead of newest first.
    pub ascending: bool,
    /// Order by event time (else by record time).
    pub by_event_time: bool,
    /// Page size.
    pub per_page: usize,
    /// Where the next page starts: the ledger index of the last event of the page before.
    pub after: Option<u64>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// The field at this top-level name equals one of the values (vocabulary words without prefix).
    Equals(&'static str, Vec<String>),
    /// The `id` of the field (readPoint, bizLocation) is one of the values.
    Place(&'static str, Vec<String>),
    /// One of the EPCs or classes stands in one of these lists; values are canonical paths.
    Match(&'static [&'static str], Vec<String>),
    /// The entry stands in the list of this EPC: `epcs` reads no other, so each of them holds.
    About(String),
    /// Event time at or after (milliseconds).
    EventFrom(i64),
    /// Event time before.
    EventBefore(i64),
    /// Record time at or after.
    RecordFrom(i64),
    /// Record time before.
    RecordBefore(i64),
    /// An error declaration exists.
    ExistsError,
}

const EPC: &[&str] = &["epcList", "childEPCs"];
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
const CLASS: &[&str] = &["quantityList", "childQuantityList"];

impl Query {
    /// Parses a query string; `canonical` turns an EPC (URN or Digital Link) into its canonical path.
    pub fn parse(query: &str, canonical: impl Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let mut q = Self { per_page: PER_PAGE_DEFAULT, by_event_time: true, ..Self::default() };
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |s: &str| crate::percent::decode(&s.replace('+', " ")).ok_or_else(|| format!("{s}: broken percent escape"));
            let (name, value) = (decode(name)?, decode(value)?);
            q.parameter(&name, &value, &canonical)?;
        }
        Ok(q)
    }

    fn parameter(&mut self, name: &str, value: &str, canonical: &impl Fn(&str) -> Result<String, String>) -> Result<(), String> {
        // Values are parted by | alone (EPCIS 2.0, 12.6.3): a comma may stand in a serial or an id.
        let values: Vec<String> = value.split('|').map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect();
        if values.len() > VALUES_MAX {
            return Err(format!("{name} has {} values, at most {VALUES_MAX} are taken", values.len()));
        }
        let words = || values.iter().map(|v| bare_word(v).to_owned()).collect::<Vec<_>>();
        let paths = || values.iter().map(|v| canonical(v)).collect::<Result<Vec<_>, _>>();
        let time = || {
            value
                .parse::<Timestamp>()
                .map(Timestamp::as_millisecond)
                .map_err(|_| format!("{name} is \"{value}\": write a time with offset, for example 2026-11-22T14:00:00Z"))
        };
        let filter = match name {
            "eventType" => Filter::Equals("type", words()),
            "EQ_action" => Filter::Equals("action", words()),
            "EQ_bizStep" => Filter::Equals("bizStep", words()),
            "EQ_disposition" => Filter::Equals("disposition", words()),
            "EQ_eventID" => Filter::Equals("eventID", values.clone()),
            "EQ_readPoint" => Filter::Place("readPoint", paths()?),
            "EQ_bizLocation" => Filter::Place("bizLocation", paths()?),
            "MATCH_epc" => Filter::Match(EPC, paths()?),
            "MATCH_epcClass" => Filter::Match(CLASS, paths()?),
            "MATCH_parentID" => Filter::Match(&["parentID"], paths()?),
            "MATCH_inputEPC" => Filter::Match(&["inputEPCList"], paths()?),
            "MATCH_outputEPC" => Filter::Match(&["outputEPCList"], paths()?),
            "MATCH_anyEPC" | "MATCH_anyEPCClass" => Filter::Match(ANY, paths()?),
            "GE_eventTime" => Filter::EventFrom(time()?),
            "LT_eventTime" => Filter::EventBefore(time()?),
            "GE_recordTime" => Filter::RecordFrom(time()?),
            "LT_recordTime" => Filter::RecordBefore(time()?),
            "EXISTS_errorDeclaration" => match value {
                "" | "true" => Filter::ExistsError,
                "false" => return Ok(()),
                _ => return Err(format!("{name} is \"{value}\": use true, or leave it out")),
            },
            "orderBy" => return self.order_by(value),
            "orderDirection" => return self.direction(value),
            "perPage" => return self.page_size(value),
            "nextPageToken" => {
                self.after = Some(value.parse().map_err(|_| "nextPageToken is not one of ours: start again without it".to_owned())?);
                return Ok(());
            }
            _ => return Err(format!("the parameter {name} is not supported here: leave it out, or filter the answer yourself")),
        };
        self.filters.push(filter);
        Ok(())
    }

    fn order_by(&mut self, value: &str) -> Result<(), String> {
        self.by_event_time = match value {
            "eventTime" => true,
            "recordTime" => false,
            _ => return Err(format!("orderBy is \"{value}\": use eventTime or recordTime")),
        };
        Ok(())
    }

    fn direction(&mut self, value: &str) -> Result<(), String> {
        self.ascending = match value {
            "ASC" => true,
            "DESC" => false,
            _ => return Err(format!("orderDirection is \"{value}\": use ASC or DESC")),
        };
        Ok(())
    }

    fn page_size(&mut self, value: &str) -> Result<(), String> {
        let n: usize = value.parse().map_err(|_| format!("perPage is \"{value}\": write a number"))?;
        if n == 0 || n > PER_PAGE_MAX {
            return Err(format!("perPage is {n}: 1 to {PER_PAGE_MAX} are served"));
        }
        self.per_page = n;
        Ok(())
    }

    /// Whether an event is asked for: all filters hold (EPCIS 2.0, 8.2.7.1). `canonical` as in [`Query::parse`]. Of others' events
    /// the EPC lists are not public: what such an event names is read from the `records` of its entry.
    pub fn matches(
        &self,
        event: &Value,
        records: Option<&[Record]>,
        record_ms: i64,
        canonical: &impl Fn(&str) -> Result<String, String>,
    ) -> bool {
        self.filters.iter().all(|filter| match (filter, records) {
            (Filter::Match(fields, values), Some(records)) => named(fields, values, records),
            _ => filter.holds(event, record_ms, canonical),
        })
    }

    /// Asks for the events of one EPC (canonical path), besides what else is asked.
    pub fn about(&mut self, path: String) {
        self.filters.insert(0, Filter::About(path));
    }

    /// EPCs the query is about: any result stands in their lists, so only these need to be read.
    pub fn epcs(&self) -> Vec<&str> {
        let matched = self.filters.iter().find_map(|f| match f {
            Filter::Match(_, v) => Some(v.iter().map(String::as_str).collect()),
            Filter::About(path) => Some(vec![path.as_str()]),
            _ => None,
        });
        matched.unwrap_or_default()
    }
}

impl Filter {
    fn holds(&self, event: &Value, record_ms: i64, canonical: &impl Fn(&str) -> Result<String, String>) -> bool {
        let event_ms = || {
            let text = event.get("eventTime").and_then(Value::as_str)?;
            text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
        };
        match self {
            Self::Equals(field, values) => {
                event.get(*field).and_then(Value::as_str).is_some_and(|v| values.iter().any(|w| w == v || w == bare_word(v)))
            }
            Self::Place(field, values) => event
                .get(*field)
                .and_then(|p| p.get("id"))
                .and_then(Value::as_str)
                .and_then(|id| canonical(id).ok())
                .is_some_and(|path| values.contains(&path)),
            Self::Match(fields, values) => {
                fields.iter().filter_map(|f| event.get(*f)).flat_map(epcs_of).any(|epc| canonical(epc).is_ok_and(|p| values.contains(&p)))
            }
            Self::About(_) => true,
            Self::EventFrom(ms) => event_ms().is_some_and(|t| t >= *ms),
            Self::EventBefore(ms) => event_ms().is_some_and(|t| t < *ms),
            Self::RecordFrom(ms) => record_ms >= *ms,
            Self::RecordBefore(ms) => record_ms < *ms,
            Self::ExistsError => event.get("errorDeclaration").is_some(),
        }
    }
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
        Value::Array(list) => list.iter().filter_map(|e| e.as_str().or_else(|| e.get("epcClass").and_then(Value::as_str))).collect(),
        _ => Vec::new(),
    }
}

/// `cbv:BizStep-shipping`, `urn:epcglobal:cbv:bizstep:shipping`, `https://ref.gs1.org/cbv/BizStep-shipping` -> `shipping`.
fn bare_word(term: &str) -> &str {
    for prefix in ["cbv:", "https://ref.gs1.org/cbv/", "http://ref.gs1.org/cbv/"] {
        if let Some(rest) = term.strip_prefix(prefix) {
            return rest.split_once('-').map_or(rest, |(_, word)| word);
        }
    }
    term.strip_prefix("urn:epcglobal:cbv:").and_then(|rest| rest.rsplit(':').next()).unwrap_or(term)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn same(s: &str) -> Result<String, String> {
        Ok(s.to_owned())
    }

    fn event() -> Value {
        json!({
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "eventTime": "2026-11-09T06:40:00+08:00",
            "epcList": ["/00/1"], "quantityList": [{"epcClass": "/01/2/10/L"}], "readPoint": {"id": "/414/3"}
        })
    }

    #[test]
    fn each_filter_takes_and_leaves() {
        for (query, expected) in [
            ("eventType=ObjectEvent", true),
            ("eventType=AggregationEvent|ObjectEvent", true),
            ("eventType=AggregationEvent", false),
            ("EQ_bizStep=cbv:BizStep-shipping", true),
            ("EQ_bizStep=urn%3Aepcglobal%3Acbv%3Abizstep%3Ashipping", true),
            ("EQ_bizStep=receiving", false),
            ("EQ_disposition=in_transit", false),
            ("MATCH_epc=/00/1", true),
            ("MATCH_epc=/01/2/10/L", false),
            ("MATCH_anyEPC=/01/2/10/L", true),
            ("EQ_readPoint=/414/3&EQ_action=OBSERVE", true),
            ("EQ_readPoint=/414/4", false),
            ("GE_eventTime=2026-11-08T22:40:00Z", true),
            ("LT_eventTime=2026-11-08T22:40:00Z", false),
            ("GE_recordTime=1970-01-01T00:00:06Z", false),
            ("LT_recordTime=1970-01-01T00:00:06Z", true),
            ("EXISTS_errorDeclaration=true", false),
            ("EXISTS_errorDeclaration=false", true),
            ("MATCH_epc=/00/1,/00/2", false),
            ("MATCH_epc=/00/1%7C/00/2", true),
        ] {
            let q = Query::parse(query, same).unwrap();
            assert_eq!(q.matches(&event(), None, 5_000, &same), expected, "{query}");
        }
    }

    #[test]
    fn of_others_the_entrys_records_answer_whatever_the_order() {
        let name = |path: &str| Name::from_digital_link_path(path).unwrap().key();
        let (item, pallet) = ("/01/09521234000044/21/A,1", "/00/106141412345678908");
        let item = item.replace(',', "%2C");
        let records = [
            Record { role: record_role::CHILD, authority: 0, key: name(&item) },
            Record { role: record_role::PARENT, authority: 0, key: name(pallet) },
        ];
        let encoded = crate::percent::component(&item);
        for (query, expected) in [
            (format!("MATCH_parentID={pallet}&MATCH_epc={encoded}"), true),
            (format!("MATCH_epc={encoded}&MATCH_parentID={pallet}"), true),
            (format!("MATCH_parentID={encoded}"), false),
            (format!("MATCH_epc={encoded}&MATCH_parentID={encoded}"), false),
            (format!("MATCH_anyEPC={pallet}"), true),
            (format!("MATCH_inputEPC={pallet}"), false),
        ] {
            let q = Query::parse(&query, same).unwrap();
            assert_eq!(q.matches(&json!({}), Some(&records), 0, &same), expected, "{query}");
        }
    }

    #[test]
    fn what_cannot_be_answered_is_refused_by_name() {
        for query in
            ["EQ_foo=1", "GE_eventTime=yesterday", "perPage=0", "perPage=5000", "orderBy=x", "orderDirection=up", "nextPageToken=x"]
        {
            let name = query.split('=').next().unwrap();
            assert!(Query::parse(query, same).unwrap_err().contains(name), "{query}");
        }
        assert_eq!(Query::parse("", same).unwrap().per_page, PER_PAGE_DEFAULT);
    }
}
