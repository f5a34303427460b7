//! Each expected text was compared with what the reference implementation (PyPI, epcis-event-hash-generator 1.9.3) makes of the same
//! event, the ids as well where the two agree on every rule.

use super::*;
use crate::epcis::parse;
use serde_json::json;

fn base() -> Value {
    json!({
        "type": "ObjectEvent", "eventTime": "2026-11-09T06:40:00+08:00", "eventTimeZoneOffset": "+08:00", "action": "OBSERVE",
        "bizStep": "shipping", "disposition": "in_transit",
        "epcList": ["urn:epc:id:sgtin:9521234.000004.B2", "https://brand.example/x/01/09521234000044/10/L7/21/A1?17=271231"],
        "readPoint": {"id": "urn:epc:id:sgln:9521258.00003.0"},
    })
}

const BASE: &str = "eventType=ObjectEventeventTime=2026-11-08T22:40:00.000ZeventTimeZoneOffset=+08:00\
    epcListepc=https://id.gs1.org/01/09521234000044/21/A1epc=https://id.gs1.org/01/09521234000044/21/B2action=OBSERVE\
    bizStep=https://ref.gs1.org/cbv/BizStep-shippingdisposition=https://ref.gs1.org/cbv/Disp-in_transit\
    readPointid=https://id.gs1.org/414/9521258000037";

fn text(event: &Value) -> String {
    pre_hash(event, &Prefixes::default())
}

#[test]
fn an_event_is_named_by_what_it_says() {
    assert_eq!(text(&base()), BASE);
    assert_eq!(hash_id(&base()), "ni:///sha-256;b30d376f65d3abdf57bb0f4ed1ef4d39a4fa14605abd8837124d7b4635d73890?ver=CBV2.0");
    assert!(is_hash_id(&hash_id(&base())));
}

#[test]
fn however_it_is_written_it_has_one_name() {
    let mut other = base();
    other["eventTime"] = json!("2026-11-08T22:40:00.0004Z");
    other["bizStep"] = json!("urn:epcglobal:cbv:bizstep:shipping");
    other["disposition"] = json!("cbv:Disp-in_transit");
    other["epcList"].as_array_mut().unwrap().reverse();
    other["eventID"] = json!("urn:uuid:1");
    other["recordTime"] = json!("2026-11-09T06:41:00Z");
    other["errorDeclaration"] = json!({"declarationTime": "2026-11-10T00:00:00Z", "reason": "did_not_occur"});
    other["_comment"] = json!("a remark");
    assert_eq!(hash_id(&other), hash_id(&base()));
}

#[test]
fn whatever_it_says_else_gives_it_another() {
    let changes = [
        ("eventTime", json!("2026-11-09T06:40:00.001+08:00")),
        ("eventTimeZoneOffset", json!("+07:00")),
        ("action", json!("ADD")),
        ("bizStep", json!("https://brand.example/shipping")),
        ("epcList", json!(["urn:epc:id:sgtin:9521234.000004.B2"])),
        ("readPoint", json!({"id": "urn:epc:id:sgln:9521258.00003.1"})),
        ("readPoint", json!({"id": "urn:epc:id:sgln:9521258.00003.0", "lp:door": "2"})),
        ("certificationInfo", json!("https://certs.example/1")),
        ("lp:title", json!({"en": "Sent"})),
        ("ilmd", json!({"cbvmda:lotNumber": "L7"})),
    ];
    let mut seen = std::collections::BTreeSet::from([hash_id(&base())]);
    for (field, value) in changes {
        let mut other = base();
        other[field] = value;
        assert!(seen.insert(hash_id(&other)), "{field}");
    }
}

#[test]
fn lists_of_objects_and_extensions() {
    let event = json!({
        "@context": {"own": "https://brand.example/"},
        "type": "TransactionEvent", "eventTime": "2026-11-09T06:40:00Z", "eventTimeZoneOffset": "+00:00", "action": "ADD",
        "parentID": "urn:epc:id:sscc:9521234.0000000001", "epcList": ["urn:epc:id:sgtin:9521234.000004.A1"],
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:9521234.000004.L7", "uom": "KGM", "quantity": 12.50}],
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521234000006:1"}],
        "persistentDisposition": {"unset": ["completeness_inferred"], "set": ["completeness_verified"]},
        "sensorElementList": [{"sensorMetadata": {"time": "2026-11-09T06:40:00.1235Z", "own:x": "1.0"}, "sensorReport": [
            {"type": "gs1:Temperature", "value": 2.40, "uom": "CEL"},
            {"type": "Speed", "component": "x", "booleanValue": true, "own:y": {"own:z": [2, "1"]}},
        ]}],
        "ilmd": {"cbvmda:lotNumber": "L7"},
        "own:b": "", "own:a": ["y", "own:x"],
    });
    assert_eq!(
        text(&event),
        "eventType=TransactionEventeventTime=2026-11-09T06:40:00.000ZeventTimeZoneOffset=+00:00\
         epcListepc=https://id.gs1.org/01/09521234000044/21/A1parentID=https://id.gs1.org/00/095212340000000013\
         quantityListquantityElementepcClass=https://id.gs1.org/01/09521234000044/10/L7quantity=12.5uom=KGM\
         action=ADDpersistentDispositionset=https://ref.gs1.org/cbv/Disp-completeness_verified\
         unset=https://ref.gs1.org/cbv/Disp-completeness_inferred\
         bizTransactionListbizTransaction=urn:epcglobal:cbv:bt:9521234000006:1type=https://ref.gs1.org/cbv/BTT-po\
         sensorElementListsensorElementsensorMetadatatime=2026-11-09T06:40:00.124Z{https://brand.example/}x=1\
         sensorReporttype=https://gs1.org/voc/Speedcomponent=https://ref.gs1.org/cbv/Comp-xbooleanValue=true\
         {https://brand.example/}y{https://brand.example/}z=1{https://brand.example/}z=2\
         sensorReporttype=https://gs1.org/voc/Temperaturevalue=2.4uom=CEL\
         ilmd{urn:epcglobal:cbv:mda:}lotNumber=L7\
         {https://brand.example/}a=https://brand.example/x{https://brand.example/}a=y{https://brand.example/}b"
    );
}

#[test]
fn numbers_have_one_spelling() {
    for (written, one) in [
        ("1.0", "1"),
        ("0.3434000", "0.3434"),
        ("+7", "7"),
        ("-0.0", "0"),
        ("007", "7"),
        ("1e3", "1000"),
        ("12.5E-3", "0.0125"),
        ("-2.50", "-2.5"),
    ] {
        assert_eq!(number(written).as_deref(), Some(one), "{written}");
    }
    for text in ["", ".", "1.2.3", "A1", "1e999999999", "１", "--1", "1e", "0x10"] {
        assert_eq!(number(text), None, "{text}");
    }
}

#[test]
fn of_a_document_an_event_keeps_what_its_prefixes_stand_for() {
    let document = |events: Value| {
        json!({
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"own": "https://brand.example/", "idle": "https://idle.example/"}],
            "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-09T06:40:00Z", "epcisBody": {"eventList": events},
        })
    };
    let mut event = base();
    event["own:door"] = json!(2);
    let read = parse(&document(json!([event])).to_string()).unwrap().all().unwrap().remove(0);
    assert_eq!(read.json["@context"], json!([{"own": "https://brand.example/"}]));
    assert_eq!(hash_id(&read.json), read.hash_id, "the record alone gives the id that the document gave");
    event["eventID"] = json!("urn:uuid:1");
    let named = parse(&document(json!([event])).to_string()).unwrap().all().unwrap().remove(0);
    assert_eq!((named.hash_id, named.json.get("@context")), (read.hash_id, None), "one with an eventID stays as it came");
}

#[test]
fn what_is_a_hash_id() {
    let good = "ni:///sha-256;87b5f18a69993f0052046d4687dfacdf48f7c988cfabda2819688c86b4066a49?ver=CBV2.0";
    assert!(is_hash_id(good));
    for bad in [good.replace("sha-256", "sha-512"), good.replace("87b5", "87B5"), good.replace("2.0", "2.1"), good.replace("87b5", "87b")] {
        assert!(!is_hash_id(&bad), "{bad}");
    }
}
