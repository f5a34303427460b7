//! The EPCIS 2.0 query language of `GET /epcis/v2/events` and of named queries (EPCIS 2.0, 8.2.7.1): parsed once, then asked of each
//! event.
//!
//! An unknown parameter is refused by name: an answer that silently ignored a filter would be wrong.

use ledger::entry::Record;
use serde_json::{Map, Value};

pub use super::filter::VALUES_MAX;
use super::filter::{self, Filter};

/// Events on one page where the caller names no number.
pub const PER_PAGE_DEFAULT: usize = 30;
/// Most events on one page: one answer stays under a few hundred kB.
pub const PER_PAGE_MAX: usize = 1_000;
/// Most conditions of one query: each is asked of each event.
pub const FILTERS_MAX: usize = 50;

/// Parameters that say how much is answered and in which order.
pub const CONTROLS: [&str; 6] = ["orderBy", "orderDirection", "eventCountLimit", "maxEventCount", "perPage", "nextPageToken"];

/// Said of a token of anybody else's.
pub const UNKNOWN_TOKEN: &str = "nextPageToken is not one of ours: start again without it";

/// How many events a parameter asks for.
pub fn count(name: &str, value: &str) -> Result<usize, String> {
    let count = value.parse().ok().filter(|count| (1..=PER_PAGE_MAX).contains(count));
    count.ok_or_else(|| format!("{name} is \"{value}\": 1 to {PER_PAGE_MAX} are served"))
}

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
    /// Answer with no more than these, on one page.
    pub count_limit: Option<usize>,
    /// Refuse where there are more.
    pub count_max: Option<usize>,
    /// Where the next page starts: the ledger index of the last event of the page before.
    pub after: Option<u64>,
}

impl Query {
    /// Parses a query string; `canonical` turns an EPC (URN or Digital Link) into its canonical path.
    pub fn parse(query: &str, canonical: impl Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let mut q = Self::all();
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |s: &str| base::percent::decode(&s.replace('+', " ")).ok_or_else(|| format!("{s}: broken percent escape"));
            let (name, value) = (decode(name)?, decode(value)?);
            // Values are parted by | alone (EPCIS 2.0, 12.6.3): a comma may stand in a serial or an id.
            let values: Vec<String> = value.split('|').map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect();
            q.parameter(&name, &values, &canonical)?;
        }
        q.settled()
    }

    /// Reads the JSON form of a named query (query-schema.json): a list, or one value.
    pub fn from_json(query: &Map<String, Value>, canonical: impl Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let mut q = Self::all();
        for (name, value) in query.iter().filter(|(name, _)| *name != "@context") {
            let values = trace::epcis::listed(value).iter().filter(|one| !one.is_null()).map(|one| match one {
                Value::String(text) => Ok(text.clone()),
                Value::Number(number) => Ok(number.to_string()),
                Value::Bool(yes) => Ok(yes.to_string()),
                _ => Err(format!("{name}: write a text, a number or a list of them")),
            });
            q.parameter(name, &values.collect::<Result<Vec<_>, _>>()?, &canonical)?;
        }
        q.settled()
    }

    fn all() -> Self {
        Self { per_page: PER_PAGE_DEFAULT, by_event_time: true, ..Self::default() }
    }

    fn settled(mut self) -> Result<Self, String> {
        if self.count_limit.is_some() && self.count_max.is_some() {
            return Err("eventCountLimit and maxEventCount exclude each other: use one".to_owned());
        }
        if let Some(limit) = self.count_limit {
            // Pages follow record order; the first events by event time could be anywhere.
            if self.by_event_time {
                return Err(
                    "eventCountLimit needs orderBy=recordTime: by event time the first ones are known only when all are read".to_owned()
                );
            }
            self.per_page = limit;
        }
        if let Some(most) = self.count_max {
            self.per_page = most + 1;
        }
        Ok(self)
    }

    fn parameter(&mut self, name: &str, values: &[String], canonical: &impl Fn(&str) -> Result<String, String>) -> Result<(), String> {
        if CONTROLS.contains(&name) {
            return match values {
                [value] => self.control(name, value),
                _ => Err(format!("{name} takes one value")),
            };
        }
        if let Some(filter) = filter::parse(name, values, canonical)? {
            if self.filters.len() == FILTERS_MAX {
                return Err(format!("the query has more than {FILTERS_MAX} conditions"));
            }
            self.filters.push(filter);
        }
        Ok(())
    }

    fn control(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "orderBy" => {
                self.by_event_time = match value {
                    "eventTime" => true,
                    "recordTime" => false,
                    _ => return Err(format!("orderBy is \"{value}\": use eventTime or recordTime")),
                };
            }
            "orderDirection" => {
                self.ascending = match value {
                    "ASC" => true,
                    "DESC" => false,
                    _ => return Err(format!("orderDirection is \"{value}\": use ASC or DESC")),
                };
            }
            "eventCountLimit" => self.count_limit = Some(count(name, value)?),
            "maxEventCount" => self.count_max = Some(count(name, value)?),
            "perPage" => self.per_page = count(name, value)?,
            _ => self.after = Some(value.parse().map_err(|_| UNKNOWN_TOKEN.to_owned())?),
        }
        Ok(())
    }

    /// Whether an event is asked for: all filters hold (EPCIS 2.0, 8.2.7.1). `canonical` as in [`Query::parse`].
    pub fn matches(
        &self,
        event: &Value,
        records: Option<&[Record]>,
        record_ms: i64,
        canonical: &impl Fn(&str) -> Result<String, String>,
    ) -> bool {
        self.filters.iter().all(|filter| filter.holds(event, records, record_ms, canonical))
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

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::entry::record_role;
    use ledger::name::Name;
    use serde_json::json;

    fn same(s: &str) -> Result<String, String> {
        Ok(s.to_owned())
    }

    fn event() -> Value {
        json!({
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "eventTime": "2026-11-09T06:40:00+08:00",
            "epcList": ["/00/1"], "quantityList": [{"epcClass": "/01/2/10/L", "quantity": 12.5, "uom": "KGM"}],
            "readPoint": {"id": "/414/3/254/A", "own:door": "2"}, "persistentDisposition": {"set": ["completeness_verified"]},
            "bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:po:1"}], "sourceList": [{"type": "owning_party", "source": "/417/9"}],
            "@context": {"own": "https://own.example/"}, "own:grade": "A", "own:nest": {"own:deep": [{"own:size": 7}], "unit": "cm"},
            "ilmd": {"own:born": "2026-01-02T00:00:00Z", "cbvmda:lotNumber": "L"},
            "errorDeclaration": {"declarationTime": "2026-11-10T00:00:00Z", "reason": "did_not_occur", "correctiveEventIDs": ["urn:x:2"], "own:by": "Q"},
            "sensorElementList": [{"sensorMetadata": {"deviceID": "urn:x:dev", "startTime": "2026-11-09T00:00:00Z", "own:m": "1"},
                "own:e": "1", "sensorReport": [{"type": "Temperature", "value": 4.5, "uom": "CEL", "booleanValue": true, "own:r": "1"}]}],
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
            ("EQ_readPoint=/414/3/254/A&EQ_action=OBSERVE", true),
            ("EQ_readPoint=/414/3", false),
            ("WD_readPoint=/414/3", true),
            ("WD_readPoint=/414/4", false),
            ("EQ_persistentDisposition_set=cbv:Disp-completeness_verified", true),
            ("EQ_persistentDisposition_unset=completeness_verified", false),
            ("EQ_quantity=12.50", true),
            ("GT_quantity=12.5", false),
            ("GE_quantity_KGM=12.5", true),
            ("GE_quantity_GRM=12.5", false),
            ("EQ_bizTransaction_po=urn:x:po:1", true),
            ("EQ_bizTransaction_inv=urn:x:po:1", false),
            ("EQ_source_owning_party=/417/9", true),
            ("EQ_destination_owning_party=/417/9", false),
            ("EQ_own:grade=A|B", true),
            ("EQ_https://own.example/grade=A", true),
            ("EQ_https://own.example/%23grade=A", true),
            ("EQ_own:grade=a", false),
            ("EXISTS_own:grade", true),
            ("EXISTS_own:size", false),
            ("EXISTS_INNER_own:size", true),
            ("GE_INNER_own:size=7.0", true),
            ("LT_INNER_own:size=7", false),
            ("HASATTR_own:nest=unit", true),
            ("HASATTR_own:nest=colour", false),
            ("EQATTR_own:nest_unit=cm", true),
            ("EQATTR_own:nest_unit=m", false),
            ("EQ_ILMD_cbvmda:lotNumber=L", true),
            ("EQ_ILMD_urn:epcglobal:cbv:mda:lotNumber=L", true),
            ("GT_ILMD_own:born=2026-01-01T00:00:00%2B08:00", true),
            ("LE_ILMD_own:born=2026-01-01T00:00:00Z", false),
            ("EXISTS_ILMD_own:grade", false),
            ("EQ_readPoint_own:door=2", true),
            ("EQ_bizLocation_own:door=2", false),
            ("EQ_SENSORELEMENT_own:e=1&EQ_SENSORMETADATA_own:m=1&EQ_SENSORREPORT_own:r=1", true),
            ("EQ_SENSORREPORT_own:m=1", false),
            ("EQ_ERROR_DECLARATION_own:by=Q", true),
            ("EQ_errorReason=did_not_occur&EQ_correctiveEventID=urn:x:2", true),
            ("GE_errorDeclaration_Time=2026-11-10T00:00:00Z", true),
            ("LT_errorDeclarationTime=2026-11-10T00:00:00Z", false),
            ("EXISTS_sensorElementList=true", true),
            ("EQ_type=gs1:Temperature&EQ_deviceID=urn:x:dev&EQ_booleanValue=true", true),
            ("EQ_type=Speed", false),
            ("GE_startTime=2026-11-09T00:00:00Z", true),
            ("GE_endTime=2026-11-09T00:00:00Z", false),
            ("LE_value_CEL=4.5", true),
            ("GT_value_CEL=4.5", false),
            ("LE_value_FAH=4.5", false),
            ("GE_eventTime=2026-11-08T22:40:00Z", true),
            ("LT_eventTime=2026-11-08T22:40:00Z", false),
            ("GE_recordTime=1970-01-01T00:00:06Z", false),
            ("LT_recordTime=1970-01-01T00:00:06Z", true),
            ("EXISTS_errorDeclaration=true", true),
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
        let encoded = base::percent::component(&item);
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
        for query in [
            "EQ_foo=1",
            "EQ_bizTransaction=1",
            "GE_eventTime=yesterday",
            "GE_eventTime=2026-01-01T00:00:00Z|2026-01-02T00:00:00Z",
            "GT_own:x=big",
            "EQ_quantity=much",
            "EXISTS_errorDeclaration=maybe",
            "perPage=0",
            "perPage=5000",
            "eventCountLimit=0",
            "eventCountLimit=5",
            "maxEventCount=x",
            "orderBy=x",
            "orderDirection=up",
            "nextPageToken=x",
        ] {
            let name = query.split('=').next().unwrap();
            assert!(Query::parse(query, same).unwrap_err().contains(name), "{query}");
        }
        assert_eq!(Query::parse("", same).unwrap().per_page, PER_PAGE_DEFAULT);
    }

    #[test]
    fn a_named_query_asks_the_same_in_json() {
        let json = json!({"EQ_bizStep": ["receiving", "shipping"], "GE_quantity_KGM": 12.5, "EXISTS_errorDeclaration": null, "perPage": 5});
        let text = "EQ_bizStep=receiving|shipping&GE_quantity_KGM=12.5&EXISTS_errorDeclaration&perPage=5";
        let q = Query::from_json(json.as_object().unwrap(), same).unwrap();
        assert_eq!(q, Query::parse(text, same).unwrap());
        assert!(q.matches(&event(), None, 0, &same));
        for wrong in [json!({"EQ_foo": ["1"]}), json!({"EQ_bizStep": [["x"]]}), json!({"EQ_bizStep": {"a": 1}})] {
            assert!(Query::from_json(wrong.as_object().unwrap(), same).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_asked_of_each_event_is_bounded() {
        let many = "EQ_bizStep=shipping&".repeat(FILTERS_MAX);
        assert_eq!(Query::parse(&many, same).unwrap().filters.len(), FILTERS_MAX);
        assert!(Query::parse(&format!("{many}EQ_action=ADD"), same).unwrap_err().contains("50 conditions"));
        let values = format!("EQ_eventID={}", "a|".repeat(VALUES_MAX + 1));
        assert!(Query::parse(&values, same).unwrap_err().contains("100"));
        assert!(Query::parse("eventCountLimit=1&maxEventCount=1", same).unwrap_err().contains("exclude"));
    }
}
