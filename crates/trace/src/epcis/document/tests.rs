use super::*;
use serde_json::json;
use std::path::PathBuf;

fn vectors(folder: &str) -> Option<Vec<(String, String)>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/epcis").join(folder);
    let Ok(entries) = std::fs::read_dir(&path) else {
        println!("skipped: {} is absent", path.display());
        return None;
    };
    let files: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).map(|p| (p.display().to_string(), std::fs::read_to_string(p).unwrap())).collect();
    assert!(files.len() > 5, "{folder}");
    Some(files)
}

#[test]
fn valid_files_are_accepted() {
    for (path, text) in vectors("valid").unwrap_or_default() {
        let document = parse(&text).unwrap_or_else(|e| panic!("{path}: {e:#?}"));
        assert!(!document.events.is_empty(), "{path}");
        let events = document.all().unwrap_or_else(|e| panic!("{path}: {e:#?}"));
        assert!(events.iter().all(|event| !event.subjects.is_empty()), "{path}");
    }
}

#[test]
fn invalid_files_are_refused_naming_event_and_field() {
    let want = |path: &str| -> Vec<(usize, &str)> {
        let name = path.rsplit('/').next().unwrap();
        match name {
            "Combination_of_events_with_missing_mandatory_fields.json" => {
                vec![(0, "/action"), (1, "/eventTimeZoneOffset"), (1, "/action")]
            }
            "Combination_of_non_standard_bizStep_and_disposition.json" => {
                vec![(0, "/bizStep"), (1, "/disposition")]
            }
            "ObjectEvent_with_ilmd_field_without_namespace.json" => vec![(0, "/ilmd/materialType")],
            "ObjectEvent_with_invalid_certificationInfo.json" => {
                vec![(0, "/certificationInfo/1/gs1:CertificationDetails/gs1:certificationAuditDate")]
            }
            "ObjectEvent_with_non_standard_bizStep.json" => vec![(0, "/bizStep")],
            "ObjectEvent_with_non_standard_disposition.json" => vec![(0, "/disposition")],
            "ObjectEvent_with_unknown_field_in_quantityList.json" => {
                vec![(0, "/quantityList/0/weight")]
            }
            "ObjectEvent_without_identifier_list.json" => vec![(0, "/epcList")],
            _ => Vec::new(),
        }
    };
    for (path, text) in vectors("invalid").unwrap_or_default() {
        let problems = parse(&text).and_then(Document::all).expect_err(&path);
        for (event, field) in want(&path) {
            assert!(problems.iter().any(|p| p.event == Some(event) && p.field == field), "{path}: {problems:#?}");
        }
    }
}

const TIME: &str = "2026-11-09T06:40:00+08:00";

fn object_event() -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"lp": "https://leafproof.example/epcis/", "ex": "https://ex.example/"}],
        "type": "ObjectEvent", "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", "eventTime": TIME, "eventTimeZoneOffset": "+08:00", "action": "ADD",
        "epcList": ["urn:epc:id:sgtin:9506000.013435.1"],
        "quantityList": [{"epcClass": "https://x.example/01/09506000134352/10/L7", "quantity": 5, "uom": "KGM"}],
        "bizStep": "commissioning", "disposition": "active", "recordTime": TIME,
        "readPoint": {"id": "urn:epc:id:sgln:9506000.00001.0", "ex:room": 3}, "bizLocation": {"id": "https://x.example/414/9506000000015"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:1:2"}, {"bizTransaction": "https://x.example/1"}],
        "sourceList": [{"type": "location", "source": "urn:epc:id:sgln:9506000.00001.0"}],
        "destinationList": [{"type": "owning_party", "destination": "urn:epc:id:pgln:9506000.00001"}],
        "persistentDisposition": {"set": ["conformant"], "unset": ["completeness_inferred"]},
        "certificationInfo": ["https://x.example/c", {"gs1:CertificationDetails": {"gs1:certificationAgency": "A", "gs1:certificationEndDate": "2027-01-01", "gs1:certificationStatus": "ACTIVE"}}],
        "sensorElementList": [{"sensorMetadata": {"time": TIME, "deviceID": "urn:epc:id:giai:9506000.1"}, "ex:a": {"b": 1},
            "sensorReport": [{"type": "Temperature", "value": 2.5, "uom": "CEL", "time": TIME, "booleanValue": true, "hexBinaryValue": "f0", "component": "x", "exception": "ALARM_CONDITION"}]}],
        "ilmd": {"cbvmda:lotNumber": "L7", "cbvmda:itemExpirationDate": "2026-12-13", "ex:any": [1, {"free": null}]},
        "lp:title": {"en": "Coded"}, "ex:own": {"nested": {"deep": true}}
    })
}

fn transformation() -> Value {
    json!({"@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"], "type": "TransformationEvent", "eventTime": TIME, "eventTimeZoneOffset": "+08:00",
        "inputEPCList": ["urn:epc:id:sgtin:9506000.013435.1"], "outputQuantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.L"}]})
}

fn aggregation() -> Value {
    json!({"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "type": "AggregationEvent", "eventTime": TIME, "eventTimeZoneOffset": "+08:00",
        "action": "ADD", "parentID": "urn:epc:id:sscc:9506000.0000000001", "childEPCs": ["urn:epc:id:sgtin:9506000.013435.1"]})
}

fn transaction() -> Value {
    json!({"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "type": "TransactionEvent", "eventTime": TIME, "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE", "bizTransactionList": [{"bizTransaction": "urn:x:1"}], "epcList": ["urn:epc:id:sgtin:9506000.013435.1"]})
}

fn problems(event: &Value) -> Vec<Problem> {
    parse(&event.to_string()).and_then(Document::all).err().unwrap_or_default()
}

fn fields(event: &Value) -> Vec<String> {
    problems(event).into_iter().map(|p| p.field).collect()
}

/// The event with one pointer set (or, with null, removed).
fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match event.pointer_mut(parent).unwrap() {
        Value::Object(object) if value.is_null() => {
            object.remove(name).unwrap();
        }
        Value::Object(object) => {
            object.insert(name.to_owned(), value);
        }
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    event
}

#[test]
fn whole_events_are_accepted() {
    for event in [object_event(), transformation(), aggregation(), transaction()] {
        assert_eq!(problems(&event), [], "{event}");
    }
    for event in [
        with(aggregation(), "/type", json!("AssociationEvent")),
        with(with(aggregation(), "/action", json!("DELETE")), "/childEPCs", json!([])),
        with(with(aggregation(), "/action", json!("OBSERVE")), "/parentID", Value::Null),
        with(with(transaction(), "/action", json!("DELETE")), "/epcList", Value::Null),
        with(with(transformation(), "/inputEPCList", Value::Null), "/transformationID", json!("urn:x:1")),
        with(with(object_event(), "/epcList", Value::Null), "/quantityList", Value::Null),
        with(object_event(), "/eventTimeZoneOffset", json!("-00:00")),
        with(object_event(), "/bizStep", json!("cbv:BizStep-commissioning")),
        with(object_event(), "/sensorElementList/0/sensorReport/0/type", json!("gs1:Temperature")),
    ] {
        assert_eq!(problems(&event), [], "{event}");
    }
}

/// One wrong thing each: the field named must be this one, and it alone.
#[test]
fn each_rule_names_its_field() {
    let cases: Vec<(Value, Vec<(&str, Value)>)> = vec![
        (
            object_event(),
            vec![
                ("/eventTime", Value::Null),
                ("/eventTime", json!("2026-11-09")),
                ("/eventTime", json!(5)),
                ("/eventTimeZoneOffset", Value::Null),
                ("/eventTimeZoneOffset", json!("+8:00")),
                ("/eventTimeZoneOffset", json!("Z")),
                ("/eventTimeZoneOffset", json!("+14:30")),
                ("/action", Value::Null),
                ("/action", json!("add")),
                ("/recordTime", json!("yesterday")),
                ("/eventID", json!("no uri")),
                ("/eventID", json!(7)),
                ("/bizStep", json!("transforming")),
                ("/bizStep", json!(["shipping"])),
                ("/disposition", json!("in_transport")),
                ("/parentID", json!("urn:epc:id:sscc:9506000.0000000001")),
                ("/childEPCs", json!([])),
                ("/unknown", json!(1)),
                ("/un known:x", json!(1)),
                ("/epcList/0", json!("abc")),
                ("/epcList/0", json!("urn:epc:id:sgtin:9506000.01343.1")),
                ("/epcList/0", json!("https://x.example/01/09506000134353")),
                ("/epcList", json!("urn:x:1")),
                ("/quantityList/0", json!("urn:x:1")),
                ("/quantityList/0/epcClass", Value::Null),
                ("/quantityList/0/quantity", json!("5")),
                ("/quantityList/0/quantity", json!(-5)),
                ("/quantityList/0/uom", json!("kg")),
                ("/quantityList/0/uom", json!(5)),
                ("/quantityList/0/ex:weight", json!(5)),
                ("/readPoint/id", Value::Null),
                ("/readPoint", json!("urn:x:1")),
                ("/readPoint/room", json!(1)),
                ("/bizLocation/id", json!("home")),
                ("/bizTransactionList/0/type", json!("bill")),
                ("/bizTransactionList/0/bizTransaction", Value::Null),
                ("/bizTransactionList/0/ex:note", json!("x")),
                ("/sourceList/0/type", Value::Null),
                ("/sourceList/0/type", json!("home")),
                ("/sourceList/0/source", Value::Null),
                ("/sourceList/0/destination", json!("urn:x:1")),
                ("/destinationList/0/destination", json!("x")),
                ("/persistentDisposition/set", json!([])),
                ("/persistentDisposition/set/0", json!("fine")),
                ("/persistentDisposition/other", json!([])),
                ("/persistentDisposition", json!({})),
                ("/certificationInfo", json!(5)),
                ("/certificationInfo/0", json!("no uri")),
                ("/certificationInfo/1/other", json!(1)),
                ("/certificationInfo/1/gs1:CertificationDetails/gs1:certificationEndDate", json!("2027-13-01")),
                ("/certificationInfo/1/gs1:CertificationDetails/gs1:certificationStatus", json!("yes")),
                ("/certificationInfo/1/gs1:CertificationDetails/agency", json!("A")),
                ("/certificationInfo/1/gs1:CertificationDetails/gs1:certificationAgency", json!(1)),
                ("/sensorElementList/0/sensorReport", Value::Null),
                ("/sensorElementList/0/sensorReport", json!([])),
                ("/sensorElementList/0/report", json!(1)),
                ("/sensorElementList/0/sensorMetadata/time", json!("2026-11-09T06:40:00")),
                ("/sensorElementList/0/sensorMetadata/deviceID", json!("7")),
                ("/sensorElementList/0/sensorMetadata/place", json!("7")),
                ("/sensorElementList/0/sensorReport/0/type", Value::Null),
                ("/sensorElementList/0/sensorReport/0/type", json!("Heat")),
                ("/sensorElementList/0/sensorReport/0/value", json!("2.5")),
                ("/sensorElementList/0/sensorReport/0/booleanValue", json!("true")),
                ("/sensorElementList/0/sensorReport/0/hexBinaryValue", json!("xy")),
                ("/sensorElementList/0/sensorReport/0/component", json!("w")),
                ("/sensorElementList/0/sensorReport/0/exception", json!("PANIC")),
                ("/sensorElementList/0/sensorReport/0/time", json!("now")),
                ("/sensorElementList/0/sensorReport/0/unit", json!("CEL")),
                ("/sensorElementList/0/sensorReport/0/rawData", json!("raw data")),
                ("/sensorElementList/0/sensorReport/0/uom", json!(1)),
                ("/ilmd/materialType", json!("soil")),
                ("/ilmd", json!([])),
                ("/ilmd/cbvmda:itemExpirationDate", json!("soon")),
                ("/ilmd/cbvmda:lotNumber", json!("a b")),
                ("/errorDeclaration", json!("wrong")),
                ("/transformationID", json!("urn:x:1")),
                ("/inputEPCList", json!([])),
                ("/sensorElementList", json!({})),
                ("/bizTransactionList", json!({})),
                ("/ex:ok no", json!(1)),
            ],
        ),
        (
            transformation(),
            vec![
                ("/action", json!("ADD")),
                ("/inputEPCList", json!([])),
                ("/inputEPCList", Value::Null),
                ("/transformationID", json!("x")),
                ("/parentID", json!("urn:x:1")),
                ("/epcList", json!([])),
            ],
        ),
        (
            aggregation(),
            vec![
                ("/parentID", Value::Null),
                ("/parentID", json!("pallet")),
                ("/childEPCs", json!([])),
                ("/childEPCs", Value::Null),
                ("/ilmd", json!({})),
                ("/epcList", json!([])),
                ("/persistentDisposition", json!({"set": ["active"]})),
            ],
        ),
        (
            transaction(),
            vec![
                ("/bizTransactionList", Value::Null),
                ("/bizTransactionList", json!([])),
                ("/epcList", json!([])),
                ("/epcList", Value::Null),
                ("/ilmd", json!({})),
                ("/childEPCs", json!([])),
            ],
        ),
    ];
    for (base, changes) in cases {
        for (pointer, value) in changes {
            let event = with(base.clone(), pointer, value);
            let got = fields(&event);
            assert_eq!(got, [pointer], "{event}");
            let problem = &problems(&event)[0];
            assert!(problem.event == Some(0) && problem.message.len() > 9, "{problem}");
        }
    }
    let bad = with(object_event(), "/bizStep", json!("transforming"));
    let text = problems(&bad)[0].to_string();
    assert!(text.starts_with("event 1 (urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8), field /bizStep: \"transforming\""), "{text}");
}

#[test]
fn the_pages_own_fields_are_checked_too() {
    let hash = "ab".repeat(32);
    let full = [
        (
            "lp:facts",
            json!([{"lp:label": {"en": "a"}, "lp:text": {"zh": "b"}, "lp:file": hash, "lp:fileType": "application/pdf", "lp:fileBytes": 5}, {"lp:label": {"en": "a"}, "lp:value": 5, "lp:uom": "KGM"}]),
        ),
        ("lp:pictures", json!([{"lp:file": hash, "lp:fileType": "image/png", "lp:alt": {"en": "a"}, "lp:width": 3, "lp:height": 4}])),
        ("lp:video", json!({"lp:file": hash, "lp:seconds": 5, "lp:label": {"en": "a"}})),
        ("lp:live", json!({"lp:href": "https://x.example", "lp:label": {"en": "a"}})),
        ("lp:packs", json!({"lp:count": 5, "lp:label": {"en": "a"}})),
        ("lp:limit", json!({"lp:max": 5, "lp:uom": "CEL"})),
        ("lp:notice", json!({"lp:do": {"en": "a"}, "lp:phone": "1"})),
    ];
    let event = full.into_iter().fold(object_event(), |event, (name, value)| with(event, &format!("/{name}"), value));
    assert_eq!(problems(&event), []);
    for (pointer, value) in [
        ("/lp:title", json!("a")),
        ("/lp:title", json!({})),
        ("/lp:title/de", json!("a")),
        ("/lp:title/en", json!(1)),
        ("/lp:tilte", json!({})),
        ("/lp:facts", json!({})),
        ("/lp:facts/0", json!({"lp:label": {"en": "a"}})),
        ("/lp:facts/0/lp:value", json!(1)),
        ("/lp:facts/0/lp:label", Value::Null),
        ("/lp:facts/1/lp:value", json!("5")),
        ("/lp:facts/0/lp:file", json!("../x")),
        ("/lp:facts/0/note", json!(1)),
        ("/lp:pictures/0/lp:file", Value::Null),
        ("/lp:pictures/0/lp:alt", Value::Null),
        ("/lp:video/lp:label", Value::Null),
        ("/lp:packs/lp:count", json!("5")),
        ("/lp:live/lp:href", json!("javascript:alert(1)")),
        ("/lp:limit/lp:max", Value::Null),
        ("/lp:notice/lp:phone", json!(1)),
        ("/lp:notice/lp:other", json!("a")),
    ] {
        let want = if pointer == "/lp:facts/0/lp:value" { "/lp:facts/0" } else { pointer };
        assert_eq!(fields(&with(event.clone(), pointer, value.clone())), [want], "{pointer} {value}");
    }
}

#[test]
fn rules_over_several_fields() {
    assert_eq!(fields(&with(object_event(), "/action", json!("OBSERVE"))), ["/ilmd"]);
    assert_eq!(fields(&with(object_event(), "/action", json!("DELETE"))), ["/ilmd"]);
    let bare = with(with(with(object_event(), "/epcList", Value::Null), "/quantityList", Value::Null), "/readPoint", Value::Null);
    assert_eq!(fields(&bare), ["/epcList"]);
    assert_eq!(fields(&with(transformation(), "/outputQuantityList", Value::Null)), ["/outputEPCList"]);
    let twice = with(object_event(), "/epcList", json!(["urn:x:1", "urn:x:1"]));
    assert_eq!(fields(&twice), ["/epcList/1"]);
    let error = with(object_event(), "/errorDeclaration", json!({"reason": "typo", "correctiveEventIDs": ["x"], "note": 1}));
    assert_eq!(
        fields(&error),
        [
            "/errorDeclaration/note",
            "/errorDeclaration/declarationTime",
            "/errorDeclaration/reason",
            "/errorDeclaration/correctiveEventIDs/0"
        ]
    );
    let undeclared = with(object_event(), "/@context", json!("https://ref.gs1.org/standards/epcis/epcis-context.jsonld"));
    assert_eq!(fields(&undeclared), ["/lp:title"]);
    let elsewhere = with(object_event(), "/@context/1/lp", json!("https://elsewhere.example/"));
    assert_eq!(fields(&elsewhere), ["/lp:title"]);
    assert_eq!(fields(&with(object_event(), "/eventTime", json!("1969-01-01T00:00:00Z"))), ["/eventTime"]);
    assert_eq!(fields(&with(aggregation(), "/type", json!("AssociationEvent"))), [""; 0]);
    let association = with(with(aggregation(), "/type", json!("AssociationEvent")), "/action", json!("OBSERVE"));
    assert_eq!(fields(&with(association, "/parentID", Value::Null)), ["/parentID"]);
}

fn document(event: Value) -> Value {
    json!({"@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"lp": "https://leafproof.example/epcis/", "ex": "https://ex.example/"}], "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": TIME, "epcisHeader": {"epcisMasterData": {"vocabularyList": [
            {"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [{"id": "urn:epc:idpat:sgtin:9506000.013435.*", "attributes": [{"id": "lp:name/en", "attribute": "Beef"}]}]},
            {"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": [{"id": "urn:epc:id:sgln:9506000.00001.0", "attributes": [{"id": "lp:name/zh", "attribute": "牧场"}]}]}]}},
        "epcisBody": {"eventList": [event]}})
}

#[test]
fn documents() {
    let good = document(with(object_event(), "/@context", Value::Null));
    let read = parse(&good.to_string()).unwrap();
    assert_eq!(read.master.products.len(), 1);
    assert_eq!(read.master.products[0].name.digital_link_path().as_deref(), Some("/01/09506000134352"));
    assert_eq!(read.master.locations[0].words["zh"], "牧场");
    assert_eq!(read.all().unwrap().len(), 1);
    for (pointer, value) in [
        ("/@context", Value::Null),
        ("/@context/0", json!(5)),
        ("/@context/0", json!(["https://x.example/"])),
        ("/@context/1/ex", json!(5)),
        ("/type", json!("Document")),
        ("/schemaVersion", Value::Null),
        ("/schemaVersion", json!("1.2")),
        ("/schemaVersion", json!(2)),
        ("/creationDate", Value::Null),
        ("/creationDate", json!("2005-07-11")),
        ("/epcisBody", Value::Null),
        ("/epcisBody/eventList", Value::Null),
        ("/epcisBody/eventList", json!({})),
        ("/other", json!(1)),
        ("/id", json!("x")),
        ("/sender", json!(1)),
        ("/epcisBody/other", json!(1)),
        ("/epcisHeader/other", json!(1)),
        ("/epcisHeader/epcisMasterData/vocabularyList/0/type", Value::Null),
        ("/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/id", Value::Null),
        ("/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/id", json!("urn:epc:id:sgtin:9506000.013435.1")),
        ("/epcisHeader/epcisMasterData/vocabularyList/0/vocabularyElementList/0/attributes/0/id", Value::Null),
    ] {
        let wrong = parse(&with(good.clone(), pointer, value).to_string()).expect_err(pointer);
        assert!(wrong.len() == 1 && wrong[0].field == pointer && wrong[0].event.is_none(), "{pointer}: {wrong:?}");
    }
    for text in ["", "{", "[]", "5", "null", "{\"a\":1,}"] {
        assert!(parse(text).is_err(), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(parse(&deep).is_err());
}

#[test]
fn documents_as_others_write_them() {
    let good = document(with(object_event(), "/@context", Value::Null));
    let events = |value: &Value| parse(&value.to_string()).map(|read| read.events.into_iter().filter(Result::is_ok).count());
    // A byte order mark; remarks beside the data; terms with a type alone, aliases of keywords, terms unmade.
    assert_eq!(parse(&format!("\u{feff}{good}")).unwrap().events.len(), 1);
    let mut remarked = good.clone();
    for at in ["", "/epcisHeader", "/epcisBody", "/epcisBody/eventList/0", "/epcisBody/eventList/0/readPoint"] {
        remarked.pointer_mut(at).unwrap()["_comment_why"] = json!({"any": ["thing"]});
    }
    assert_eq!(events(&remarked), Ok(1));
    for term in [json!({"@type": "xsd:integer"}), json!("@id"), Value::Null, json!({"@id": "https://ex.example/axles", "@type": "@id"})] {
        let mut typed = good.clone();
        typed["@context"][1]["ex:axles"] = term;
        assert_eq!(events(&typed), Ok(1), "{typed}");
    }
    // What another repository answered to a query.
    let mut answered = good.clone();
    answered["type"] = json!("EPCISQueryDocument");
    answered["epcisBody"] = json!({"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": good["epcisBody"]}});
    assert_eq!(events(&answered), Ok(1));
    answered["epcisBody"]["queryResults"]["resultsBody"] = Value::Null;
    assert_eq!(events(&answered).unwrap_err()[0].field, "/epcisBody/queryResults/resultsBody");
    // A key twice, however it is written.
    let twice = good.to_string().replacen("\"schemaVersion\"", "\"schema\\u0056ersion\":\"2.0\",\"schemaVersion\"", 1);
    assert_eq!(parse(&twice).unwrap_err()[0].field, "/schemaVersion");
}

#[test]
fn one_bad_event_does_not_spoil_the_others() {
    let mut both = document(with(object_event(), "/@context", Value::Null));
    let bad = with(with(object_event(), "/@context", Value::Null), "/bizStep", json!("x"));
    both.pointer_mut("/epcisBody/eventList").unwrap().as_array_mut().unwrap().push(bad);
    let read = parse(&both.to_string()).unwrap();
    assert!(read.events[0].is_ok() && read.events[1].is_err());
    let problems = read.all().unwrap_err();
    assert_eq!((problems[0].event, problems[0].field.as_str()), (Some(1), "/bizStep"));
    for kind in [Value::Null, json!("Object"), json!("example:MyEvent"), json!(5)] {
        let event = with(with(object_event(), "/@context", Value::Null), "/type", kind);
        let problems = parse(&document(event).to_string()).and_then(Document::all).unwrap_err();
        assert_eq!((problems[0].event, problems[0].field.as_str()), (Some(0), "/type"));
    }
}

#[test]
fn the_future_is_refused() {
    let event = parse(&object_event().to_string()).unwrap().all().unwrap().remove(0);
    let at = event.event_ms;
    assert!(crate::epcis::refuse_future(&event, at - 300_000).is_ok());
    let problem = crate::epcis::refuse_future(&event, at - 300_001).unwrap_err();
    assert_eq!(problem.field, "/eventTime");
    let declared = with(object_event(), "/errorDeclaration", json!({"declarationTime": "2027-01-01T00:00:00Z"}));
    let event = parse(&declared.to_string()).unwrap().all().unwrap().remove(0);
    assert_eq!(crate::epcis::refuse_future(&event, at).unwrap_err().field, "/errorDeclaration/declarationTime");
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered(text in ".{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_value_in_any_field_is_answered(which in 0usize..30, value in 0usize..6) {
        let mut event = object_event();
        let values = [json!(null), json!(true), json!(-1.5), json!("x"), json!([[]]), json!({"": {}})];
        let object = event.as_object_mut().unwrap();
        let name = object.keys().nth(which % object.len()).unwrap().clone();
        object.insert(name, values[value].clone());
        let _ = parse(&event.to_string()).and_then(Document::all);
    }
}
