use super::*;
use crate::epcis::{Document, parse};
use ledger::entry::{EventDraft, Part, Ref, event_id, part_kind};
use proptest::prelude::*;
use serde_json::{Value, json};

const TIME: &str = "2026-11-09T06:40:00+08:00";

fn read(mut event: Value) -> Event {
    let object = event.as_object_mut().unwrap();
    object
        .entry("@context")
        .or_insert(json!(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"lp": "https://leafproof.example/epcis/"}]));
    object.entry("eventTime").or_insert(json!(TIME));
    object.entry("eventTimeZoneOffset").or_insert(json!("+08:00"));
    parse(&event.to_string()).and_then(Document::all).unwrap_or_else(|e| panic!("{event}: {e:?}")).remove(0)
}

fn nowhere(_: &Name) -> Option<Words> {
    None
}

fn nobody(_: &str) -> Option<Key> {
    None
}

fn drafts(value: Value) -> Vec<Draft> {
    event(&read(value), &nowhere, &nobody).unwrap()
}

fn one(value: Value) -> Draft {
    let mut all = drafts(value);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn key(path: &str) -> Key {
    Name::from_digital_link_path(path).unwrap().key()
}

/// The draft as the owner of all its goods would sign it.
fn signed_as_owner(draft: Draft, id: Hash, parts: Vec<Part>) -> (ledger::entry::Event, Vec<Record>) {
    let member = Name::member_key("m.example");
    let (authorities, refs, records) = match draft.subjects {
        Subjects::Named { refs, records } => {
            let refs = refs.iter().map(|about| Ref { role: about.role, authority: 0, key: about.key }).collect();
            let records = records.iter().map(|about| Record { role: about.role, authority: 0, key: about.key }).collect();
            (vec![Authority::Owner(member)], refs, records)
        }
        Subjects::Same { authorities, records } => (authorities, Vec::new(), records),
    };
    let draft = EventDraft {
        member,
        seq: 1,
        event_ms: draft.event_ms,
        kind: draft.kind,
        action: draft.action,
        class: draft.class,
        event_id: id,
        chunk: draft.chunk,
        chunks: draft.chunks,
        target: draft.target,
        authorities,
        refs,
        parts,
        records,
    };
    draft.unsigned()
}

/// Signs the draft and holds it to every rule of form that the ledger has.
fn sign(draft: Draft) -> (ledger::entry::Event, Vec<Record>) {
    let public = draft.public.clone();
    let parts = vec![Part { kind: part_kind::PUBLIC, commitment: Hash([1; 32]) }];
    let id = event_id(draft.event_id.as_deref().unwrap_or("random").as_bytes());
    let (signed, records) = signed_as_owner(draft, id, parts);
    signed.check_form().unwrap();
    signed.check_records(&records).unwrap();
    public.check_against(&signed).unwrap();
    // What one door lets through the other does too.
    let other = (!signed.corrects()).then(|| crate::epcis::public_problem(signed.kind, signed.action, &public)).flatten();
    assert_eq!(other, None);
    let entry = ledger::entry::Entry { logged_ms: signed.event_ms, body: ledger::entry::Body::Event(signed.clone()) };
    assert!(entry.encode().len() + 32 * 33 + 4 + records.len() * ledger::entry::RECORD_LEN <= ledger::entry::MAX_TILE_ENTRY);
    assert_eq!(PublicPart::parse(&public.encode()).unwrap(), public);
    (signed, records)
}

#[test]
fn commissioning_in_one_lot() {
    let draft = one(json!({"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "eventID": "urn:x:1",
        "epcList": ["urn:epc:id:sgtin:9506000.013435.1", "https://x.example/01/09506000134352/21/2"],
        "ilmd": {"cbvmda:lotNumber": "L7", "cbvmda:itemExpirationDate": "2026-12-13"}, "lp:title": {"en": "A\\B"}, "ex:own": [{"value": serde_json::from_str::<Value>("2.50").unwrap(), "a/b~c": true, "empty": [], "none": null}]}));
    let text = String::from_utf8(draft.public.encode()).unwrap();
    assert_eq!(
        text,
        "/action\tsADD\n/bizStep\tscommissioning\n/eventID\tsurn:x:1\n/eventTime\ts2026-11-09T06:40:00+08:00\n/eventTimeZoneOffset\ts+08:00\n\
         /ex:own/0/a~1b~0c\tbtrue\n/ex:own/0/value\tn2.50\n/ilmd/cbvmda:itemExpirationDate\ts2026-12-13\n/ilmd/cbvmda:lotNumber\tsL7\n/lp:title/en\tsA\\\\B\n\
         /type\tsObjectEvent\n@batch\t/01/09506000134352/10/L7\n@product\t/01/09506000134352\n"
    );
    assert_eq!(draft.class, Class::Ordinary);
    let (signed, records) = sign(draft);
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(|r| r.role == record_role::OBJECT));
    assert_eq!(signed.reference(ref_role::BATCH).copied(), Some(key("/01/09506000134352/10/L7")));
}

#[test]
fn packing_moving_and_making() {
    let packed = one(json!({"type": "AggregationEvent", "action": "ADD", "parentID": "urn:epc:id:sscc:9506000.0000000001",
        "childEPCs": ["urn:epc:id:sgtin:9506000.013435.1"], "childQuantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.L7", "quantity": 3}]}));
    for hidden in ["/parentID", "/childEPCs/0", "/childQuantityList/0/epcClass", "/@context/0"] {
        assert_eq!(packed.public.get(hidden), None, "{hidden}");
    }
    assert!(packed.public.get("@parent").is_some());
    let (packed, records) = sign(packed);
    assert_eq!((packed.refs.len(), records.len()), (1, 3));
    assert!(records.iter().all(|r| r.role & record_role::BULK == 0));
    let moved = one(
        json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "quantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.L7", "quantity": 3, "uom": "KGM"}], "epcList": ["urn:epc:id:sgtin:9506000.013435.1"]}),
    );
    assert_eq!(moved.class, Class::Movement);
    assert!(moved.public.get("/quantityList/0/quantity").is_some() && moved.public.get("/quantityList/0/epcClass").is_none());
    let (_, records) = sign(moved);
    let of = |path: &str| records.iter().find(|r| r.key == key(path)).unwrap().role;
    assert_eq!(of("/01/09506000134352/10/L7"), record_role::OBJECT | record_role::BULK);
    assert_eq!(of("/01/09506000134352/21/1"), record_role::OBJECT);
    let made = one(
        json!({"type": "TransformationEvent", "transformationID": "urn:x:t", "inputQuantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.L7"}], "inputEPCList": ["urn:epc:id:sgtin:9506000.013435.1"],
        "outputEPCList": ["urn:epc:id:sgtin:9506000.012345.5"], "ilmd": {"cbvmda:lotNumber": "M1"}}),
    );
    assert_eq!(made.public.lines().iter().filter(|line| line.pointer == "@input").count(), 2);
    assert!(made.public.get("@product").is_none());
    let (signed, records) = sign(made);
    assert_eq!((signed.refs.len(), records.len()), (4, 4));
    let of = |path: &str| records.iter().find(|r| r.key == key(path)).unwrap().role;
    assert_eq!(of("/01/09506000134352/10/L7"), record_role::INPUT | record_role::BULK);
    assert_eq!(of("/01/09506000134352/21/1"), record_role::INPUT);
    let recalled = one(
        json!({"type": "ObjectEvent", "action": "OBSERVE", "disposition": "recalled", "bizStep": "shipping", "quantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.L7"}]}),
    );
    assert_eq!(recalled.class, Class::Alert);
    assert_eq!(sign(recalled).1[0].role, record_role::OBJECT, "an alert about a batch stands in the batch's own list");
    let unpacked = one(json!({"type": "AggregationEvent", "action": "DELETE", "parentID": "urn:epc:id:sscc:9506000.0000000001"}));
    assert_eq!(sign(unpacked).1.len(), 1);
}

#[test]
fn whose_invoice_it_was_stays_with_its_author() {
    let draft = one(json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "epcList": ["urn:x:1"],
        "bizTransactionList": [{"type": "inv", "bizTransaction": "urn:epcglobal:cbv:bt:9506000000002:INV-7"}],
        "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:9506000.00001"}],
        "destinationList": [{"type": "owning_party", "destination": "urn:epc:id:pgln:9506000.00002"}]}));
    let public = String::from_utf8(draft.public.encode()).unwrap();
    assert!(public.contains("shipping") && !public.contains("INV-7") && !public.contains("pgln"), "{public}");
    let source = String::from_utf8(draft.source.to_vec()).unwrap();
    assert!(source.contains("INV-7") && source.contains("owning_party"));
}

#[test]
fn places_are_named_in_the_signed_lines() {
    let at = read(
        json!({"type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:epc:id:sgtin:9506000.013435.1"], "readPoint": {"id": "urn:epc:id:sgln:9506000.00001.0"}, "bizLocation": {"id": "urn:x:other"}}),
    );
    let names = |name: &Name| {
        (name.key() == key("/414/9506000000015")).then(|| Words::from([("en".into(), "Ranch".into()), ("zh".into(), "牧场".into())]))
    };
    let draft = event(&at, &names, &nobody).unwrap().remove(0);
    assert_eq!((draft.public.get("/place/en"), draft.public.get("/place/zh")), (Some("Ranch"), Some("牧场")));
    sign(draft);
}

#[test]
fn lots_that_contradict_are_refused_and_several_are_cut() {
    let add = |epcs: Value, ilmd: Value| {
        event(&read(json!({"type": "ObjectEvent", "action": "ADD", "epcList": epcs, "ilmd": ilmd})), &nowhere, &nobody)
    };
    let several = add(json!(["https://x.example/01/09506000134352/10/A/21/1", "https://x.example/01/09506000134352/10/B/21/2"]), json!({}));
    let batches = |drafts: Vec<Draft>| -> Vec<Option<Key>> {
        let refs = drafts.into_iter().map(|draft| match draft.subjects {
            Subjects::Named { refs, .. } => refs.into_iter().find(|about| about.role == ref_role::BATCH).map(|about| about.key),
            Subjects::Same { .. } => None,
        });
        refs.collect()
    };
    let lot = |path: &str| Some(key(path));
    assert_eq!(batches(several.unwrap()), [lot("/01/09506000134352/10/A"), lot("/01/09506000134352/10/B")]);
    // Of one cow two products, of one lot number: what they are made of stands beside each.
    let made = drafts(json!({"type": "TransformationEvent", "inputQuantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.IN1"}],
        "outputEPCList": ["urn:epc:id:sgtin:9506000.013435.O1", "urn:epc:id:sgtin:9506000.013436.O2"], "ilmd": {"cbvmda:lotNumber": "LOT7"}}));
    for draft in &made {
        let Subjects::Named { refs, records } = &draft.subjects else { panic!("{draft:?}") };
        assert_eq!(refs.iter().filter(|about| about.role == ref_role::INPUT).count(), 1);
        assert_eq!(records.iter().filter(|about| about.role & record_role::OUTPUT != 0).count(), 1);
        assert!(String::from_utf8_lossy(&draft.source).contains("IN1"));
    }
    assert_eq!(batches(made), [lot("/01/09506000134352/10/LOT7"), lot("/01/09506000134369/10/LOT7")]);
    let disagree = add(json!(["https://x.example/01/09506000134352/10/A/21/1"]), json!({"cbvmda:lotNumber": "B"}));
    assert!(matches!(disagree, Err(DraftError::LotsDisagree { .. })), "{disagree:?}");
    let observed = one(
        json!({"type": "ObjectEvent", "action": "OBSERVE", "epcList": ["https://x.example/01/09506000134352/10/A/21/1", "https://x.example/01/09506000134352/10/B/21/2"]}),
    );
    assert!(matches!(&observed.subjects, Subjects::Named { refs, .. } if refs.is_empty()));
    sign(observed);
    let bad = event(
        &read(json!({"type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:x:1"], "lp:title": {"en": "a\u{1}b"}})),
        &nowhere,
        &nobody,
    );
    assert!(bad.unwrap_err().to_string().starts_with("field /lp:title/en: holds U+0001"));
    let long = event(
        &read(json!({"type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:x:1"], "ex:raw": "a".repeat(MAX_LONG)})),
        &nowhere,
        &nobody,
    );
    assert_eq!(long, Err(DraftError::TooLong));
}

const MAX_LONG: usize = ledger::public::MAX_PUBLIC_PART;

fn items(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("urn:epc:id:sgtin:9506000.013435.{n}")).collect()
}

#[test]
fn large_events_are_cut_into_chunks() {
    for count in [1, 1699, 1700, 1820, 1821, 1900, 1901, 5000] {
        let all = drafts(
            json!({"type": "AggregationEvent", "action": "ADD", "parentID": "urn:epc:id:sscc:9506000.0000000001", "childEPCs": items(count)}),
        );
        let mut children = 0;
        for draft in all {
            let (signed, records) = sign(draft);
            assert!(signed.reference(ref_role::PARENT).is_some());
            children += records.iter().filter(|r| r.role == record_role::CHILD).count();
        }
        assert_eq!(children, count);
    }
    let many = json!({"type": "TransformationEvent", "eventID": "urn:x:1", "inputEPCList": items(400), "outputEPCList": ["urn:epc:id:sgtin:9506000.012345.5"]});
    let all = drafts(many.clone());
    assert_eq!(all.len(), 4);
    let mut inputs = 0;
    for draft in all {
        assert!(draft.public.get("@input").is_none());
        let (signed, _) = sign(draft);
        assert!(signed.reference(ref_role::TRANSFORMATION).is_some());
        inputs += signed.refs.iter().filter(|r| r.role == ref_role::INPUT).count();
    }
    assert_eq!(inputs, 400);
    let mut without = many;
    without.as_object_mut().unwrap().remove("eventID");
    assert_eq!(event(&read(without), &nowhere, &nobody), Err(DraftError::TooManyInputs));
}

#[test]
fn a_declaration_takes_back_what_was_recorded() {
    let wrong = json!({"type": "ObjectEvent", "eventID": "urn:x:1", "action": "OBSERVE", "bizStep": "shipping", "epcList": ["urn:epc:id:sgtin:9506000.013435.1"],
        "errorDeclaration": {"declarationTime": "2026-11-10T06:40:00Z", "reason": "incorrect_data", "lp:reason": {"en": "Wrong truck"}}});
    let declared = read(wrong.clone());
    let original = event(&declared, &nowhere, &nobody).unwrap().remove(0);
    assert!(!String::from_utf8(original.public.encode()).unwrap().contains("errorDeclaration"));
    let class = original.class;
    let (signed, records) = sign(original);
    let target = Target {
        body_hash: Hash([7; 32]),
        kind: signed.kind,
        class,
        chunk: 0,
        chunks: 1,
        event_ms: signed.event_ms,
        authorities: signed.authorities.clone(),
        records: records.clone(),
    };
    let draft = void(&declared, &target).unwrap();
    assert_eq!(draft.public.get("/errorDeclaration/lp:reason/en"), Some("Wrong truck"));
    assert_eq!(draft.event_id.as_deref(), Some("urn:x:1"));
    let (taken_back, same) = sign(draft);
    assert_eq!((taken_back.class, taken_back.target, taken_back.subject_root), (Class::Movement, Hash([7; 32]), signed.subject_root));
    assert_eq!(same, records);
    assert!(void(&declared, &Target { kind: Kind::Void, ..target.clone() }).is_err());
    let mut plain = wrong;
    plain.as_object_mut().unwrap().remove("errorDeclaration");
    assert!(void(&read(plain), &target).is_err());
}

#[test]
fn master_data_becomes_lines() {
    let document = json!({"@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": TIME, "epcisBody": {"eventList": []},
        "epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [{"id": "https://x.example/01/09506000134352",
            "attributes": [{"id": "lp:name/en", "attribute": "Beef"}, {"id": "lp:name/zh", "attribute": "牛肉"}, {"id": "lp:picture", "attribute": {"file": "ab", "alt": {"en": "Steak"}}}, {"id": "urn:epcglobal:cbv:mda#netWeight", "attribute": serde_json::from_str::<Value>("0.320").unwrap()}]}]}]}}});
    let read = parse(&document.to_string()).unwrap();
    let draft = master_data(&read.master.products[0], read.created_ms.unwrap()).unwrap();
    let text = String::from_utf8(draft.public.encode()).unwrap();
    assert_eq!(
        text,
        "/name/en\tsBeef\n/name/zh\ts牛肉\n/picture/alt/en\tsSteak\n/picture/file\tsab\n/urn:epcglobal:cbv:mda#netWeight\tn0.320\n@product\t/01/09506000134352\n"
    );
    assert_eq!(master_data(&read.master.products[0], read.created_ms.unwrap()).unwrap().event_id, draft.event_id);
    let mut standard = read.master.products[0].clone();
    for (id, value, name) in [
        ("urn:epcglobal:cbv:mda#descriptionShort", "牛肉", Some(("/name/zh", "牛肉"))),
        ("cbvmda:descriptionShort", "Beef", Some(("/name/en", "Beef"))),
        ("urn:epcglobal:cbv:mda#netContentDescription", "Beef", None),
    ] {
        standard.attributes = vec![crate::epcis::Attribute { id: id.to_owned(), value: json!(value) }];
        let lines = master_data(&standard, 5).unwrap().public;
        let shown = lines.lines().iter().find(|line| line.pointer.starts_with("/name/"));
        assert_eq!(shown.map(|line| (line.pointer.as_str(), line.value.as_str())), name, "{id}");
    }
    assert_ne!(master_data(&read.master.products[0], 5).unwrap().event_id, draft.event_id);
    sign(draft);
}

#[test]
fn every_valid_vector_can_be_recorded() {
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/epcis/valid");
    let Ok(files) = std::fs::read_dir(&path) else {
        println!("skipped: {} is absent", path.display());
        return;
    };
    for file in files {
        let file = file.unwrap().path();
        for one in parse(&std::fs::read_to_string(&file).unwrap()).unwrap().all().unwrap() {
            let drafts = event(&one, &nowhere, &nobody).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            for draft in drafts {
                sign(draft);
            }
        }
    }
}

proptest! {
    #[test]
    fn our_times_are_the_ledgers_times(ms in 0u64..4_000_000_000_000, minutes in -840i32..=840, digits in 0usize..=9) {
        let at = jiff::Timestamp::from_millisecond(ms as i64).unwrap();
        let local = jiff::tz::Offset::from_seconds(minutes * 60).unwrap().to_datetime(at);
        let sign = if minutes < 0 { '-' } else { '+' };
        let fraction = format!("{:03}000999", ms % 1000);
        let fraction = if digits == 0 { String::new() } else { format!(".{}", &fraction[..digits]) };
        let text = format!("{}{fraction}{sign}{:02}:{:02}", local.strftime("%Y-%m-%dT%H:%M:%S"), minutes.abs() / 60, minutes.abs() % 60);
        prop_assert_eq!(crate::time::instant_ms(&text), ledger::public::rfc3339_ms(&text), "{}", text);
    }
}

/// What becomes of another team's documents: how many of their events go in, and what is said of the others.
#[test]
fn documents_of_others_go_in_but_for_their_mistakes() {
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/epcis-others");
    let Ok(files) = std::fs::read_dir(&path) else {
        println!("skipped: {} is absent", path.display());
        return;
    };
    // Files with mistakes of their own; all others go in whole.
    let mistaken = |name: &str| -> (usize, &[&str]) {
        match name {
            "battery_epcis_amperia-staxwall-lifecycle.jsonld" => {
                (5, &["/action: belongs", "/sensorElementList/0/sensorReport/2/value: must be a number"])
            }
            "iron-steel_epcis_transformation-rolling.jsonld" => (1, &["/action: belongs"]),
            _ => (0, &[]),
        }
    };
    let mut taken = 0;
    for file in files {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let document = parse(&std::fs::read_to_string(file.path()).unwrap()).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let (bad, says) = mistaken(&name);
        let mut wrong = Vec::new();
        for one in document.events {
            let drafts = one.map_err(|all| all.iter().map(ToString::to_string).collect::<String>()).and_then(|one| {
                let drafts = event(&one, &nowhere, &nobody).map_err(|e| e.to_string())?;
                let kept = one.json.to_string();
                assert!(drafts.iter().all(|draft| *draft.source == *kept.as_bytes()), "{name}");
                Ok(drafts)
            });
            match drafts {
                Ok(drafts) => {
                    taken += 1;
                    let lines = drafts.iter().flat_map(|draft| draft.public.lines());
                    assert!(lines.clone().count() > 0 && lines.into_iter().all(|line| !line.pointer.contains("_comment")), "{name}");
                }
                Err(said) => wrong.push(said),
            }
        }
        assert_eq!(wrong.len(), bad, "{name}: {wrong:?}");
        assert!(says.iter().all(|says| wrong.iter().any(|said| said.contains(says))), "{name}: {wrong:?}");
    }
    assert_eq!(taken, 32);
}

/// Whatever an event names goes into exactly one piece, each piece names one owner's goods, and the pieces together are the event.
#[test]
fn an_event_is_cut_by_owner_and_joined_again() {
    let owner = |digits: &str| {
        let known = ["9506000", "9521234", "4012345"].iter().find(|prefix| digits.starts_with(**prefix))?;
        Some(Name::member_key(known))
    };
    let ours = ["urn:epc:id:sgtin:9506000.013435.1", "urn:epc:id:sgtin:9506000.013435.2"];
    let others = ["urn:epc:id:sgtin:9521234.000004.1", "urn:epc:id:sgtin:4012345.000001.1"];
    let value = json!({"type": "ObjectEvent", "action": "OBSERVE", "epcList": [ours[0], others[0], others[1], ours[1]],
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:9521234.000004.L", "quantity": 3}]});
    let whole = read(value.clone());
    let pieces = event(&whole, &nowhere, &owner).unwrap();
    assert_eq!(pieces.iter().map(|piece| (piece.chunk, piece.chunks)).collect::<Vec<_>>(), [(0, 3), (1, 3), (2, 3)]);
    let mut names = 0;
    for piece in &pieces {
        let Subjects::Named { records, .. } = &piece.subjects else { panic!("{piece:?}") };
        let owners: BTreeSet<_> = records.iter().map(|about| owner(&about.digits)).collect();
        assert_eq!(owners.len(), 1, "{records:?}");
        names += records.len();
    }
    assert_eq!(names, 5);
    let sources = || pieces.iter().map(|piece| serde_json::from_slice(&piece.source).unwrap()).collect::<Vec<Value>>();
    let joined = super::join(sources()).unwrap();
    let sorted = |json: &Value| {
        let mut list: Vec<String> = json["epcList"].as_array().unwrap().iter().map(ToString::to_string).collect();
        list.sort_unstable();
        list
    };
    assert_eq!(sorted(&joined), sorted(&whole.json));
    assert_eq!(joined["quantityList"], whole.json["quantityList"]);
    // Entries of one owner, cut by size alone, have the same source: it stands once.
    assert_eq!(super::join(vec![value.clone(), value.clone()]), Some(value));
    // What is made of what is told by one entry; and goods of more owners than fit are refused, not lost.
    let made = json!({"type": "TransformationEvent", "inputEPCList": others, "outputEPCList": ours});
    assert_eq!(event(&read(made), &nowhere, &owner).unwrap().len(), 1);
    let many: Vec<String> = (0..17).map(|n| format!("urn:epc:id:sgtin:9506000.0134{n:02}.1")).collect();
    let each = |digits: &str| Some(Name::member_key(&digits.to_lowercase()));
    let event_of_many = read(json!({"type": "ObjectEvent", "action": "OBSERVE", "epcList": many}));
    assert_eq!(event(&event_of_many, &nowhere, &each), Err(DraftError::TooManyPieces));
    // Numbers without an owner go together, as many as one entry can name.
    assert_eq!(event(&event_of_many, &nowhere, &nobody).unwrap().len(), 3);
}
