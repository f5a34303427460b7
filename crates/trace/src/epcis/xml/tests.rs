use super::*;
use crate::epcis::{Event, hash_id, parse, source_json};

/// All that 1.2 can say, where 1.2 says it.
const OLD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" xmlns:own="https://brand.example/ns/" xmlns:cbvmda="urn:epcglobal:cbv:mda"
    schemaVersion="1.2" creationDate="2026-01-05T08:00:00Z">
  <EPCISHeader><extension><EPCISMasterData><VocabularyList>
    <Vocabulary type="urn:epcglobal:epcis:vtype:EPCClass"><VocabularyElementList>
      <VocabularyElement id="urn:epc:idpat:sgtin:9521234.000004.*">
        <attribute id="urn:epcglobal:cbv:mda#descriptionShort">Ribeye &amp; co</attribute>
      </VocabularyElement>
    </VocabularyElementList></Vocabulary>
  </VocabularyList></EPCISMasterData></extension></EPCISHeader>
  <EPCISBody><EventList>
    <!-- made -->
    <ObjectEvent>
      <eventTime>2026-01-05T09:00:00+08:00</eventTime>
      <eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
      <baseExtension><eventID>urn:uuid:00000000-0000-4000-8000-000000000001</eventID></baseExtension>
      <epcList><epc> urn:epc:id:sgtin:9521234.000004.7K2M9 </epc></epcList>
      <action>ADD</action>
      <bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
      <disposition>urn:epcglobal:cbv:disp:active</disposition>
      <readPoint><id>urn:epc:id:sgln:9521234.00001.0</id><own:door>2</own:door></readPoint>
      <bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:po">urn:epcglobal:cbv:bt:9521234000006:1</bizTransaction></bizTransactionList>
      <extension>
        <quantityList><quantityElement><epcClass>urn:epc:class:lgtin:9521234.000004.L7</epcClass><quantity>+012.50</quantity><uom>KGM</uom></quantityElement></quantityList>
        <sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">urn:epc:id:pgln:9521234.00001</source></sourceList>
        <ilmd><cbvmda:lotNumber>L7</cbvmda:lotNumber><cbvmda:grossWeight measurementUnitCode="KGM">3.5</cbvmda:grossWeight></ilmd>
      </extension>
      <own:grade><![CDATA[A<B]]></own:grade><own:size>1</own:size><own:size>2</own:size>
    </ObjectEvent>
    <extension><TransformationEvent>
      <eventTime>2026-01-05T10:00:00Z</eventTime>
      <eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
      <inputQuantityList><quantityElement><epcClass>urn:epc:class:lgtin:9521234.000004.L7</epcClass></quantityElement></inputQuantityList>
      <outputEPCList><epc>urn:epc:id:sgtin:9521234.000004.B1</epc></outputEPCList>
      <transformationID>urn:epc:id:gdti:9521234.00001.1</transformationID>
    </TransformationEvent>
    <extension><AssociationEvent>
      <eventTime>2026-01-05T11:00:00Z</eventTime>
      <eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
      <parentID>urn:epc:id:grai:9521234.00001.1</parentID>
      <childEPCs><epc>urn:epc:id:sgtin:9521234.000004.B1</epc></childEPCs>
      <action>ADD</action>
    </AssociationEvent></extension></extension>
  </EventList></EPCISBody>
</epcis:EPCISDocument>"#;

fn old() -> Value {
    json!({
        "type": "ObjectEvent", "eventTime": "2026-01-05T09:00:00+08:00", "eventTimeZoneOffset": "+08:00",
        "eventID": "urn:uuid:00000000-0000-4000-8000-000000000001", "epcList": ["urn:epc:id:sgtin:9521234.000004.7K2M9"], "action": "ADD",
        "bizStep": "urn:epcglobal:cbv:bizstep:commissioning", "disposition": "urn:epcglobal:cbv:disp:active",
        "readPoint": {"id": "urn:epc:id:sgln:9521234.00001.0", "own:door": "2"},
        "bizTransactionList": [{"type": "urn:epcglobal:cbv:btt:po", "bizTransaction": "urn:epcglobal:cbv:bt:9521234000006:1"}],
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:9521234.000004.L7", "quantity": 12.5, "uom": "KGM"}],
        "sourceList": [{"type": "urn:epcglobal:cbv:sdt:owning_party", "source": "urn:epc:id:pgln:9521234.00001"}],
        "ilmd": {"cbvmda:lotNumber": "L7", "cbvmda:grossWeight": {"@measurementUnitCode": "KGM", "#text": "3.5"}},
        "own:grade": "A<B", "own:size": ["1", "2"],
    })
}

/// What 2.0 added.
const NEW: &str = r#"<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:own="https://brand.example/ns/" schemaVersion="2.0"
  creationDate="2026-01-05T08:00:00Z" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  xmlns:lp="https://leafproof.example/epcis/"><EPCISBody><EventList>
    <ObjectEvent>
      <eventTime>2026-01-05T09:00:00.5Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
      <certificationInfo>https://certs.example/1</certificationInfo><certificationInfo>https://certs.example/2</certificationInfo>
      <errorDeclaration><declarationTime>2026-01-06T00:00:00Z</declarationTime><reason>urn:epcglobal:cbv:er:did_not_occur</reason>
        <correctiveEventIDs><correctiveEventID>urn:x:2</correctiveEventID></correctiveEventIDs></errorDeclaration>
      <epcList><epc>urn:epc:id:sscc:9521234.0000000001</epc></epcList><quantityList/><action>OBSERVE</action>
      <sensorElementList><sensorElement>
        <sensorMetadata time="2026-01-05T09:00:00Z" deviceID="urn:epc:id:giai:9521234.1" own:note="n"/>
        <sensorReport type="gs1:Temperature" value="2.4" uom="CEL" booleanValue="true"/><sensorReport type="gs1:Speed" maxValue="7"/>
        <own:batch>9</own:batch>
      </sensorElement></sensorElementList>
      <persistentDisposition><unset>urn:epcglobal:cbv:disp:completeness_inferred</unset><set>urn:epcglobal:cbv:disp:completeness_verified</set></persistentDisposition>
      <lp:title><en>Packed</en><zh>装箱</zh></lp:title>
      <lp:facts><lp:label><en>Weight</en><zh>重量</zh></lp:label><lp:value xsi:type="xsd:decimal">320</lp:value><lp:uom>GRM</lp:uom></lp:facts>
      <fremd xmlns="https://other.example/ns#">x</fremd>
    </ObjectEvent>
</EventList></EPCISBody></epcis:EPCISDocument>"#;

fn new() -> Value {
    json!({
        "type": "ObjectEvent", "eventTime": "2026-01-05T09:00:00.5Z", "eventTimeZoneOffset": "+00:00",
        "certificationInfo": ["https://certs.example/1", "https://certs.example/2"],
        "errorDeclaration": {"declarationTime": "2026-01-06T00:00:00Z", "reason": "urn:epcglobal:cbv:er:did_not_occur", "correctiveEventIDs": ["urn:x:2"]},
        "epcList": ["urn:epc:id:sscc:9521234.0000000001"], "action": "OBSERVE",
        "sensorElementList": [{
            "sensorMetadata": {"time": "2026-01-05T09:00:00Z", "deviceID": "urn:epc:id:giai:9521234.1", "own:note": "n"},
            "own:batch": "9",
            "sensorReport": [{"type": "gs1:Temperature", "value": 2.4, "uom": "CEL", "booleanValue": true}, {"type": "gs1:Speed", "maxValue": 7}],
        }],
        "persistentDisposition": {"unset": ["urn:epcglobal:cbv:disp:completeness_inferred"], "set": ["urn:epcglobal:cbv:disp:completeness_verified"]},
        "lp:title": {"en": "Packed", "zh": "装箱"},
        "lp:facts": [{"lp:label": {"en": "Weight", "zh": "重量"}, "lp:value": 320, "lp:uom": "GRM"}],
        "ns:fremd": "x",
    })
}

fn events(text: &str) -> Vec<Event> {
    parse(text).unwrap().all().unwrap_or_else(|e| panic!("{e:?}"))
}

fn in_json(event: &Value) -> Event {
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"own": "https://brand.example/ns/", "lp": LP_NAMESPACE, "ns": "https://other.example/ns#"}],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-01-05T08:00:00Z", "epcisBody": {"eventList": [event]},
    });
    events(&document.to_string()).remove(0)
}

#[test]
fn the_old_xml_says_what_the_json_says() {
    let read = events(OLD);
    assert_eq!(read.len(), 3);
    assert_eq!(read[0].json, old());
    assert_eq!(read[0].hash_id, in_json(&old()).hash_id);
    assert_eq!(
        (read[1].json["type"].as_str(), read[1].transformation_id.as_deref()),
        (Some("TransformationEvent"), Some("urn:epc:id:gdti:9521234.00001.1"))
    );
    assert_eq!(read[2].json["childEPCs"], json!(["urn:epc:id:sgtin:9521234.000004.B1"]));
    let products = parse(OLD).unwrap().master.products;
    assert_eq!(products[0].attributes[0].value, json!("Ribeye & co"));
}

#[test]
fn the_new_xml_says_what_the_json_says() {
    let read = events(NEW);
    assert_eq!(read[0].json.as_object().map(|o| o.iter().filter(|(n, _)| *n != "@context").count()), new().as_object().map(Map::len));
    for (name, value) in new().as_object().unwrap() {
        assert_eq!(read[0].json.get(name), Some(value), "{name}");
    }
    assert_eq!(read[0].hash_id, in_json(&new()).hash_id);
}

#[test]
fn the_record_is_the_bytes_that_came_and_reads_alone() {
    for (text, number) in [(OLD, 0), (OLD, 1), (OLD, 2), (NEW, 0)] {
        let event = events(text).remove(number);
        let source = String::from_utf8(event.record()).unwrap();
        let slice = source.split_once("<EventList").unwrap().1.split_once('>').unwrap().1.strip_suffix("</EventList>").unwrap();
        assert!(text.contains(slice) && slice.ends_with("Event>"), "{source}");
        let json = source_json(source.as_bytes()).unwrap();
        assert_eq!(hash_id(&json), event.hash_id, "{source}");
        for (name, value) in event.json.as_object().unwrap().iter().filter(|(name, _)| *name != "@context") {
            assert_eq!(json.get(name), Some(value));
        }
    }
}

/// Who gets a piece of an event, for his goods alone, gets no bytes that name the others'.
#[test]
fn an_event_that_was_cut_is_recorded_without_what_was_cut() {
    let text = OLD.replace("</epc></epcList>", "</epc><epc>urn:epc:id:sgtin:9529999.000004.R1</epc></epcList>");
    let mut event = events(&text).remove(0);
    assert!(String::from_utf8(event.record()).unwrap().contains("9529999"));
    event.json["epcList"].as_array_mut().unwrap().pop();
    let record = String::from_utf8(event.record()).unwrap();
    assert!(!record.contains("9529999") && record.contains("7K2M9") && record.starts_with('{'), "{record}");
}

#[test]
fn a_single_event_and_a_query_document() {
    let single = r#"<ObjectEvent><eventTime>2026-01-05T09:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
        <epcList><epc>urn:epc:id:sgtin:9521234.000004.7</epc></epcList><action>OBSERVE</action></ObjectEvent>"#;
    assert_eq!(events(single).len(), 1);
    let query = format!(
        r#"<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:1" schemaVersion="1.2" creationDate="2026-01-05T08:00:00Z"><EPCISBody>
        <q:QueryResults><queryName>SimpleEventQuery</queryName><resultsBody><EventList>{single}{single}</EventList></resultsBody></q:QueryResults></EPCISBody></q:EPCISQueryDocument>"#
    );
    assert_eq!(events(&query).len(), 2);
}

#[test]
fn a_mistake_is_named_as_in_json() {
    let problems = |text: &str| parse(text).unwrap().all().unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    for (from, to, said) in [
        ("urn:epcglobal:cbv:bizstep:commissioning", "urn:epcglobal:cbv:bizstep:dancing", "/bizStep"),
        ("+012.50", "much", "/quantityList/0/quantity"),
        ("<action>ADD</action>\n      <bizStep>", "<bizStep>", "/action"),
        ("<action>ADD</action>\n      <bizStep>", "<action>ADD</action><action>DELETE</action><bizStep>", "/action"),
        ("<own:grade>", "<colour>red</colour><own:grade>", "/colour"),
    ] {
        let wrong = OLD.replacen(from, to, 1);
        assert_ne!(wrong, OLD);
        assert!(problems(&wrong).contains(said), "{}", problems(&wrong));
    }
}

#[test]
fn prefixes_stand_for_one_namespace_each() {
    let text = OLD.replace(
        "<own:size>1</own:size><own:size>2</own:size>",
        r#"<a:x xmlns:a="https://one.example/">1</a:x><a:x xmlns:a="https://two.example/">2</a:x><cbvmda:x xmlns:cbvmda="https://three.example/">3</cbvmda:x><lp:x xmlns:lp="https://four.example/">4</lp:x>"#,
    );
    let event = events(&text).remove(0);
    let read = |name: &str| event.json.get(name).and_then(Value::as_str);
    assert_eq!(
        (read("a:x"), read("a2:x"), read("cbvmda2:x"), read("lp2:x")),
        (Some("1"), Some("2"), Some("3"), Some("4")),
        "{}",
        event.json
    );
}

#[test]
fn nothing_is_expanded_and_nothing_is_without_bound() {
    let refused = |text: &str| parse(text).unwrap_err()[0].to_string();
    assert!(refused("<EPCISDocument>&b;</EPCISDocument>").contains("no XML"));
    assert!(refused("<EPCISDocument").contains("no XML"));
    assert!(refused("<html/>").contains("<html>"));
    assert!(refused("<EPCISDocument/>").contains("EventList"));
    assert!(refused(&format!("<EPCISDocument>{}", "<a>".repeat(100_000))).contains("deeper than 32"));
    let many: String = (0..65).map(|n| format!(" a{n}=\">\"")).collect();
    assert!(refused(&format!("<EPCISDocument{many}/>")).contains("64 attributes"));
    let wide = format!("<EPCISDocument><EventList>{}</EventList></EPCISDocument>", "<a/>".repeat(400_001));
    assert!(refused(&wide).contains("no XML"));
    let named: String = (0..20_001).map(|n| format!("<a xmlns=\"u:{n}\"/>")).collect();
    assert!(refused(&format!("<EPCISDocument>{named}</EPCISDocument>")).contains("20000 times"));
    // What only looks like markup is none.
    assert!(bounded("<a><!-- <<<< --><![CDATA[<!DOCTYPE]]><?p <a ?></a>").is_ok());
}

/// GS1's own examples begin with one; those of others say where a copy of it can be had.
#[test]
fn a_document_type_without_declarations_is_passed_over() {
    let plain = parse(OLD).unwrap();
    let (before, after) = OLD.split_at(OLD.find("?>").unwrap() + 2);
    for doctype in [
        "<!DOCTYPE project>",
        "\n<!-- <!DOCTYPE> -->\n<!DOCTYPE epcis:EPCISDocument SYSTEM \"file:///etc/passwd\" >",
        "<!DOCTYPE x PUBLIC '-//a > [b] <c>//' \"http://192.0.2.1/x.dtd?'>\">",
    ] {
        let read = parse(&format!("{before}{doctype}{after}")).unwrap_or_else(|why| panic!("{doctype}: {why:?}"));
        assert_eq!(read, plain, "{doctype}");
    }
}

#[test]
fn a_document_type_that_declares_something_is_refused() {
    let refused = |text: &str| parse(text).unwrap_err()[0].to_string();
    let laughs: String = (1..10).map(|n| format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10))).collect();
    let root = "<EPCISDocument>&a9;</EPCISDocument>";
    for text in [
        format!("<!DOCTYPE x [<!ENTITY a0 \"ha\">{laughs}]>{root}"),
        format!("<!DOCTYPE x SYSTEM \"x\" [<!ENTITY a9 SYSTEM \"file:///etc/passwd\">]>{root}"),
        format!("<!DOCTYPE x [<!ENTITY % p SYSTEM \"http://192.0.2.1/\">%p;]>{root}"),
        format!("<!DOCTYPE x []>{root}"),
        format!("<!DOCTYPE x><!DOCTYPE x>{root}"),
        format!("<!ENTITY a9 \"ha\">{root}"),
        format!("<!doctype x>{root}"),
        "<EPCISDocument><!DOCTYPE x></EPCISDocument>".to_owned(),
        "<EPCISDocument/><!DOCTYPE x>".to_owned(),
        "<!DOCTYPE x <EPCISDocument/>".to_owned(),
        "<!DOCTYPE x \"".to_owned(),
        // The end of the type, or its declarations, inside quotes or behind what looks like a comment.
        format!("<!DOCTYPE x SYSTEM \"><!--\" [<!ENTITY a9 \"ha\">]>{root}<!-- -->"),
        format!("<!DOCTYPE x SYSTEM '\"' [<!ENTITY a9 \"ha\">]>{root}"),
    ] {
        assert!(refused(&text).contains("document type"), "{text}: {}", refused(&text));
    }
    // Where the types could be hidden from whoever counts, the parser names them; where they are passed over, they declared nothing.
    for text in [
        format!("<?xml version=\"1.0\" encoding=\"?><!--\"?><!DOCTYPE x [<!ENTITY a9 \"ha\">]>{root}<!-- -->"),
        format!("<!DOCTYPE x>{root}"),
        format!("<?xml version=\"1.0\" encoding=\"?><!DOCTYPE x>\"?><!DOCTYPE x [<!ENTITY a9 \"ha\">]>{root}"),
    ] {
        assert!(parse(&text).is_err(), "{text}");
    }
}

proptest::proptest! {
    /// Whatever is cut off, doubled or put in, it is read or refused; and what is read stands alone.
    #[test]
    fn no_document_breaks_the_reader(new in proptest::bool::ANY, from in 0_usize..4_000, length in 0_usize..60, put in "[<>&;/!\\[\\]=\"' a-c:?-]{0,12}") {
        let text = if new { NEW } else { OLD };
        let edge = |at: usize| (at.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap();
        let (from, to) = (edge(from), edge(from + length));
        let changed = format!("{}{put}{}", &text[..from], &text[to..]);
        for event in parse(&changed).into_iter().flat_map(|document| document.events).flatten() {
            let json = source_json(&event.record());
            proptest::prop_assert_eq!(json.map(|json| hash_id(&json)), Some(event.hash_id), "{}", changed);
        }
    }
}
