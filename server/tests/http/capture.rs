//! EPCIS capture: what is taken, what is refused and how it is said.

use axum::http::{Method, StatusCode};
use ledger::entry::part_kind;
use serde_json::json;

use crate::app::{App, ITEM, ITEM_URN, commissioning, document, observed};

#[tokio::test]
async fn a_capture_is_answered_with_a_job_that_names_ledger_entries() {
    let app = App::new().await;
    let answer = app.capture("brand.example", &document(vec![commissioning("1", ITEM_URN)]), &[], "").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(answer.header("gs1-epcis-version"), "2.0.0");
    assert_eq!(answer.header("gs1-epcis-capture-limit"), "500");
    let job = answer.json();
    let index = job["events"][0]["entries"][0].as_u64().unwrap();
    let tile = app.engine.view().entry(index).unwrap();
    let leaf = ledger::entry::leaf_hash(&tile.entry.encode()).to_string();
    assert_eq!(job["events"][0]["leafHashes"][0], leaf, "the job names the entry's leaf");

    let location = answer.header("location").to_owned();
    let own = app.with(Method::GET, &location, &[("authorization", "Bearer test key of brand.example")]).await;
    assert_eq!(own.json(), job);
    let other = app.with(Method::GET, &location, &[("authorization", "Bearer test key of rival.example")]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "a job is its poster's alone");
}

#[tokio::test]
async fn the_same_event_twice_is_one_event_and_another_under_its_id_is_refused() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let size = app.engine.view().size();
    let again = app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    assert_eq!(again["events"][0]["outcome"], "already captured");
    assert_eq!(app.engine.view().size(), size, "nothing was added");
    let mut other = commissioning("1", ITEM_URN);
    other["lp:facts"][0]["lp:value"] = json!(500);
    let refused = app.capture("brand.example", &document(vec![other]), &[], "").await.json();
    assert_eq!(refused["success"], false);
    assert_eq!(app.engine.view().size(), size);

    let mut nameless = commissioning("2", "urn:epc:id:sgtin:9521234.000004.N1");
    nameless.as_object_mut().unwrap().remove("eventID");
    app.taken("brand.example", vec![nameless.clone()]).await;
    let again = app.taken("brand.example", vec![nameless]).await;
    assert_eq!(again["events"][0]["outcome"], "already captured", "events without an id too");
}

#[tokio::test]
async fn one_bad_event_stops_all_or_only_itself() {
    let app = App::new().await;
    let mut bad = commissioning("2", ITEM_URN);
    bad["bizStep"] = json!("transforming");
    let both = document(vec![commissioning("1", ITEM_URN), bad]);
    let size = app.engine.view().size();
    let rollback = app.capture("brand.example", &both, &[], "").await.json();
    assert_eq!((&rollback["success"], &rollback["events"][0]["outcome"]), (&json!(false), &json!("not taken")));
    let said = rollback["errors"][0]["detail"].as_str().unwrap();
    assert!(said.contains("event 2") && said.contains("bizStep"), "{said}");
    assert_eq!(app.engine.view().size(), size);
    let proceed = app.capture("brand.example", &both, &[("gs1-epcis-capture-error-behaviour", "proceed")], "").await.json();
    assert_eq!((&proceed["events"][0]["outcome"], &proceed["events"][1]["outcome"]), (&json!("captured"), &json!("refused")));
}

/// One by one each of them would wait for the disk and have a checkpoint of its own.
#[tokio::test]
async fn the_events_of_a_document_share_their_groups() {
    let app = App::new().await;
    let events = |from: usize, to: usize| {
        (from..to).map(|n| commissioning(&format!("{n:04}"), &format!("urn:epc:id:sgtin:9521234.000004.G{n}"))).collect::<Vec<_>>()
    };
    let before = app.engine.view().size();
    let job = app.taken("brand.example", events(0, 500)).await;
    let heads = app.engine.view().size() - before - 500;
    assert!(heads < 50, "{heads} checkpoints for 500 events");
    let entries: Vec<u64> = job["events"].as_array().unwrap().iter().map(|event| event["entries"][0].as_u64().unwrap()).collect();
    assert!(entries.is_sorted(), "in the order of the document");
    // One that is taken back in the same document comes before its declaration, and the same again is answered for each.
    let mut back = commissioning("0600", "urn:epc:id:sgtin:9521234.000004.G600");
    back["errorDeclaration"] = json!({ "declarationTime": "2026-11-10T09:00:00+08:00", "reason": "incorrect_data" });
    let mixed = [events(499, 602), vec![back], events(602, 610)].concat();
    let job = app.taken("brand.example", mixed).await;
    let outcomes: Vec<&str> = job["events"].as_array().unwrap().iter().map(|event| event["outcome"].as_str().unwrap()).collect();
    assert_eq!((outcomes[0], outcomes[1]), ("already captured", "captured"));
    assert!(outcomes[1..].iter().all(|outcome| *outcome == "captured"), "{outcomes:?}");
}

#[tokio::test]
async fn a_dry_run_takes_nothing() {
    let app = App::new().await;
    let size = app.engine.view().size();
    let answer = app.capture("brand.example", &document(vec![commissioning("1", ITEM_URN)]), &[], "?dryRun=true").await;
    assert_eq!((answer.status, answer.json()["events"][0]["outcome"].clone()), (StatusCode::OK, json!("valid")));
    assert_eq!(app.engine.view().size(), size);
}

#[tokio::test]
async fn what_a_page_cannot_show_is_refused_naming_the_field() {
    let app = App::new().await;
    let size = app.engine.view().size();
    for (pointer, value, field) in [
        ("/lp:title/en", json!("one\r\ntwo"), "/lp:title/en"),
        ("/lp:title/zh", json!("制\u{202e}成"), "/lp:title/zh"),
        ("/lp:title/zh", json!(""), "/lp:title/zh"),
        ("/lp:facts/0/lp:label/en", json!("w".repeat(5_000)), "/lp:facts/0/lp:label/en"),
        ("/lp:facts/0/lp:value", serde_json::from_str("1e400").unwrap(), "/lp:facts/0/lp:value"),
    ] {
        let mut event = commissioning("1", ITEM_URN);
        *event.pointer_mut(pointer).unwrap() = value;
        let answer = app.capture("brand.example", &document(vec![event]), &[], "").await.json();
        let said = answer["events"][0]["problems"][0].as_str().unwrap();
        assert!(said.contains("event 1") && said.contains(field), "{said}");
    }
    let mut named = document(vec![commissioning("1", ITEM_URN)]);
    named["epcisHeader"] = json!({"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": [
        {"id": "urn:epc:id:sgln:9521234.00001.0", "attributes": [{"id": "lp:name/en", "attribute": "Stable\u{200b}"}]}]}]}});
    let answer = app.capture("brand.example", &named, &[], "").await;
    assert!(answer.status == StatusCode::BAD_REQUEST && answer.text().contains("U+200B"), "{}", answer.text());
    assert_eq!(app.engine.view().size(), size);
    // Words for an erasure stand on the page too.
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let path = "/epcis/v2/events/urn:uuid:00000000-0000-4000-8000-000000000001?reason=a%E2%80%AEb";
    let erased = app.with(Method::DELETE, path, &[("authorization", "Bearer test key of brand.example")]).await;
    assert!(erased.status == StatusCode::BAD_REQUEST && erased.text().contains("reason"), "{}", erased.text());
}

#[tokio::test]
async fn requests_that_cannot_be_taken_say_why() {
    let app = App::new().await;
    let good = document(vec![commissioning("1", ITEM_URN)]);
    let no_key = app.with(Method::POST, "/epcis/v2/capture", &[]).await;
    assert_eq!((no_key.status, no_key.header("content-type")), (StatusCode::UNAUTHORIZED, "application/problem+json"));
    let wrong_key = app.capture("nobody.example", &good, &[], "").await;
    assert_eq!(wrong_key.status, StatusCode::UNAUTHORIZED);
    let odd = app.capture("brand.example", &good, &[("gs1-epcis-capture-error-behaviour", "maybe")], "").await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    let no_json = app.capture("brand.example", &json!("hello"), &[], "").await;
    assert_eq!(no_json.status, StatusCode::BAD_REQUEST);
    let many = document((0..501).map(|n| commissioning(&n.to_string(), ITEM_URN)).collect());
    assert_eq!(app.capture("brand.example", &many, &[], "").await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut late = commissioning("3", ITEM_URN);
    let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3600);
    late["eventTime"] = json!(ahead.to_string());
    late["eventTimeZoneOffset"] = json!("+00:00");
    let future = app.capture("brand.example", &document(vec![late]), &[], "").await.json();
    assert_eq!(future["success"], false, "more than five minutes ahead");
    assert!(future["errors"][0]["detail"].as_str().unwrap().contains("eventTime"));
}

#[tokio::test]
async fn a_correction_supersedes_and_both_stay() {
    let app = App::new().await;
    let wrong = observed("5", ITEM_URN, "receiving", "urn:epc:id:sgln:9521272.00018.0");
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app.taken("store.example", vec![wrong.clone()]).await;
    let mut declared = wrong;
    declared["errorDeclaration"] = json!({
        "declarationTime": "2026-01-07T10:00:00+08:00", "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:00000000-0000-4000-8000-000000000006"],
        "lp:reason": {"en": "The scale was not set to zero.", "zh": "秤未归零。"},
    });
    let right = observed("6", ITEM_URN, "receiving", "urn:epc:id:sgln:9521272.00018.0");
    app.taken("store.example", vec![declared, right]).await;
    let page = app.get(ITEM).await.text();
    assert!(page.contains("The scale was not set to zero."), "the reason in words");
    assert_eq!(page.matches("data-entry=").count(), 3, "commissioned, superseded, corrected");
    // A stranger has nothing to say of these goods, and is told whose permission is missing and how to ask for it.
    let mut stranger = observed("6", ITEM_URN, "receiving", "urn:epc:id:sgln:9521272.00018.0");
    stranger["errorDeclaration"] = json!({"declarationTime": "2026-01-07T10:00:00+08:00", "reason": "incorrect_data"});
    let refused = app.capture("rival.example", &document(vec![stranger.clone()]), &[], "").await.json();
    let why = refused["events"][0]["problems"][0].as_str().unwrap();
    assert!(
        why.contains("belongs to brand.example") && why.contains("leafproof grant add --owner brand.example --partner rival.example"),
        "{why}"
    );
    let page = app.get(ITEM).await.text();
    let corrected: Vec<&str> = page.split("<li ").filter(|node| node.contains("node corrected")).collect();
    let by = |member: &str| corrected.iter().filter(|node| node.contains(&format!("data-by=\"{member}\""))).count();
    assert_eq!((by("store.example"), by("rival.example")), (1, 0), "the right record of the store stands");
}

/// A body as it is, with what is said of it.
async fn posted(app: &App, path: &str, kind: &str, encoding: &str, body: Vec<u8>) -> crate::app::Answer {
    let mut request =
        axum::http::Request::builder().method(Method::POST).uri(path).header("authorization", "Bearer test key of brand.example");
    for (name, value) in [("content-type", kind), ("content-encoding", encoding)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    app.send(request.body(axum::body::Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn other_kinds_of_bodies_are_named_and_a_byte_order_mark_is_none() {
    let app = App::new().await;
    let good = document(vec![commissioning("1", ITEM_URN)]).to_string().into_bytes();
    let marked = [b"\xef\xbb\xbf".to_vec(), good.clone()].concat();
    for (kind, encoding, body, status) in [
        ("application/xml", "", b"<epcis:EPCISDocument/>".to_vec(), 400),
        ("application/json", "", b" <?xml version=\"1.0\"?>".to_vec(), 400),
        ("application/json", "gzip", good.clone(), 415),
        ("application/json", "", vec![0x1f, 0x8b, 8, 0], 415),
        ("text/csv", "", good.clone(), 415),
        ("application/ld+json; charset=utf-8", "identity", marked, 200),
        ("", "", good, 200),
    ] {
        let answer = posted(&app, "/epcis/v2/capture?dryRun", kind, encoding, body).await;
        assert_eq!(answer.status.as_u16(), status, "{kind} {encoding}: {}", answer.text());
        if status == 415 {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert!(answer.text().contains("application/ld+json"), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn all_or_nothing_is_decided_before_anything_is_written() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let size = app.engine.view().size();
    let fresh = commissioning("2", "urn:epc:id:sgtin:9521234.000004.N2");
    let mut used = commissioning("1", ITEM_URN);
    used["bizStep"] = json!("inspecting");
    let both = document(vec![fresh.clone(), used.clone()]);
    for query in ["?dryRun=true", ""] {
        let answer = app.capture("brand.example", &both, &[], query).await.json();
        assert_eq!((&answer["success"], &answer["events"][1]["outcome"]), (&json!(false), &json!("refused")), "{answer}");
        assert!(answer["events"][1]["problems"][0].as_str().unwrap().contains("errorDeclaration"), "{answer}");
        assert_eq!(app.engine.view().size(), size, "nothing of it was taken");
    }
    // The same within one document, and a repeat that is none.
    let mut other = fresh.clone();
    other["lp:title"]["en"] = json!("Other");
    let clash = app.capture("brand.example", &document(vec![fresh.clone(), other]), &[], "").await.json();
    assert_eq!((&clash["events"][0]["outcome"], &clash["events"][1]["outcome"]), (&json!("not taken"), &json!("refused")), "{clash}");
    assert_eq!(app.engine.view().size(), size);
    let proceed = app.capture("brand.example", &both, &[("gs1-capture-error-behaviour", "proceed")], "").await.json();
    assert_eq!((&proceed["events"][0]["outcome"], &proceed["captureErrorBehaviour"]), (&json!("captured"), &json!("proceed")), "{proceed}");
    // A declaration and its original in one document.
    let mut declared = commissioning("3", ITEM_URN);
    let original = declared.clone();
    declared["errorDeclaration"] = json!({"declarationTime": "2026-01-07T10:00:00+08:00", "reason": "did_not_occur"});
    let job = app.taken("brand.example", vec![original, declared]).await;
    assert_eq!(job["events"][1]["outcome"], "captured", "{job}");
}

#[tokio::test]
async fn who_signs_elsewhere_is_told_so_by_a_dry_run() {
    let app = App::new().await;
    let (_, mut member) = app.engine.view().member("brand.example").unwrap().pop().unwrap();
    (member.version, member.custody, member.public_key) =
        (2, ledger::entry::Custody::Own, ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes());
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    app.engine.submit(engine::Submission::Member(Box::new(member))).await.unwrap();
    let answer = app.capture("brand.example", &document(vec![commissioning("1", ITEM_URN)]), &[], "?dryRun=true").await.json();
    assert!(answer["events"][0]["problems"][0].as_str().unwrap().contains("leafproof sign"), "{answer}");
}

#[tokio::test]
async fn one_event_is_answered_by_what_became_of_it() {
    let app = App::new().await;
    let single = |id: &str, step: &str| {
        let mut event = commissioning(id, ITEM_URN);
        event["@context"] = document(Vec::new())["@context"].clone();
        event["bizStep"] = json!(step);
        event.to_string().into_bytes()
    };
    let mut location = String::new();
    for (id, step, status) in [("1", "commissioning", 201), ("1", "inspecting", 409), ("1", "commissioning", 409), ("2", "no_step", 400)] {
        let answer = posted(&app, "/epcis/v2/events", "application/json", "", single(id, step)).await;
        assert_eq!(answer.status.as_u16(), status, "{id} {step}: {}", answer.text());
        if status == 201 {
            answer.header("location").clone_into(&mut location);
        } else {
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
    }
    let key = [("authorization", "Bearer test key of brand.example")];
    assert_eq!(app.with(Method::GET, &location, &key).await.status, StatusCode::OK);
    for unknown in ["/epcis/v2/events/urn:uuid:1", "/epcis/v2/nothing", "/epcis/v2/events/x/y"] {
        let answer = app.with(Method::GET, unknown, &key).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::NOT_FOUND, "application/problem+json"), "{unknown}");
    }
    for path in ["/epcis/v2/capture", "/epcis/v2/events"] {
        let said = app.with(Method::OPTIONS, path, &[]).await;
        for name in
            ["gs1-epcis-version", "gs1-epcis-min", "gs1-epcis-max", "gs1-capture-error-behaviour", "gs1-epcis-capture-limit", "allow"]
        {
            assert!(!said.header(name).is_empty(), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn the_standards_own_names_are_shown_and_other_vocabularies_are_named() {
    let app = App::new().await;
    let mut event = commissioning("1", ITEM_URN);
    event["readPoint"] = json!({"id": "urn:epc:id:sgln:9521234.00001.0"});
    let mut said = document(vec![event]);
    let list = |kind: &str, id: &str, name: &str, value: &str| {
        json!({"type": format!("urn:epcglobal:epcis:vtype:{kind}"), "vocabularyElementList": [{"id": id, "attributes": [
            {"id": format!("urn:epcglobal:cbv:mda#{name}"), "attribute": value}]}]})
    };
    said["epcisHeader"] = json!({"epcisMasterData": {"vocabularyList": [
        list("EPCClass", "urn:epc:idpat:sgtin:9521234.000004.*", "descriptionShort", "Ribeye of the standard"),
        list("Location", "urn:epc:id:sgln:9521234.00001.0", "name", "Stable of the standard"),
        list("BusinessTransaction", "urn:x:1", "name", "Order"),
    ]}});
    let job = app.capture("brand.example", &said, &[], "").await.json();
    assert_eq!(
        (&job["success"], &job["masterDataNotShown"]),
        (&json!(true), &json!(["urn:epcglobal:epcis:vtype:BusinessTransaction"])),
        "{job}"
    );
    let page = app.get(ITEM).await.text();
    assert!(page.contains("Ribeye of the standard") && page.contains("Stable of the standard"));
}

const EVENTS_OF_1_2: &str = r#"<ObjectEvent>
      <eventTime>2026-01-05T09:00:00+08:00</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
      <baseExtension><eventID>urn:uuid:00000000-0000-4000-8000-000000000001</eventID></baseExtension>
      <epcList><epc>urn:epc:id:sgtin:9521234.000004.7K2M9</epc></epcList><action>ADD</action>
      <bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep><own:grade>A</own:grade>
      <lp:title><en>Cut</en><zh>分割</zh></lp:title>
    </ObjectEvent>"#;

fn in_xml(events: &str) -> Vec<u8> {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2"
        creationDate="2026-01-05T08:00:00Z" xmlns:own="https://brand.example/ns/" xmlns:lp="https://leafproof.example/epcis/"><EPCISBody><EventList>{events}
        </EventList></EPCISBody></epcis:EPCISDocument>"#
    )
    .into_bytes()
}

#[tokio::test]
async fn xml_is_taken_and_its_bytes_are_the_record() {
    let app = App::new().await;
    let job = posted(&app, "/epcis/v2/capture", "application/xml", "", in_xml(EVENTS_OF_1_2)).await;
    assert_eq!((job.status, &job.json()["success"]), (StatusCode::ACCEPTED, &json!(true)), "{}", job.text());
    let again = posted(&app, "/epcis/v2/capture", "text/xml; charset=utf-8", "", in_xml(EVENTS_OF_1_2)).await.json();
    assert_eq!(again["events"][0]["outcome"], "already captured", "{again}");

    let entry = job.json()["events"][0]["entries"][0].as_u64().unwrap();
    let view = app.engine.view();
    let tile = view.entry(entry).unwrap();
    let part = *tile.entry.event().unwrap().parts.iter().find(|part| part.kind == part_kind::SOURCE).unwrap();
    let source = String::from_utf8(view.part_bytes(&part.commitment).unwrap().unwrap()).unwrap();
    assert!(source.contains(EVENTS_OF_1_2), "{source}");

    // Its author reads it back as JSON, under what its prefixes stand for; the page shows its words.
    let key = [("authorization", "Bearer test key of brand.example")];
    let event = &app.with(Method::GET, "/epcis/v2/events?EQ_https://brand.example/ns/grade=A", &key).await.events()[0];
    assert_eq!((&event["epcList"], &event["own:grade"]), (&json!([ITEM_URN]), &json!("A")), "{event}");
    assert_eq!(event["@context"][0]["own"], "https://brand.example/ns/");
    assert!(app.get(crate::app::ITEM).await.text().contains("Cut"));

    // One more by POST /events, and a mistake by its field.
    let other = EVENTS_OF_1_2.replace("7K2M9", "N9").replace("000000000001", "000000000002");
    assert_eq!(posted(&app, "/epcis/v2/events", "application/xml", "", in_xml(&other)).await.status, StatusCode::CREATED);
    let wrong = EVENTS_OF_1_2.replace("commissioning", "dancing").replace("000000000001", "000000000003");
    let refused = posted(&app, "/epcis/v2/events", "application/xml", "", in_xml(&wrong)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.json()["detail"].as_str().unwrap().contains("bizStep"), "{}", refused.text());
    let hostile = br#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><EPCISDocument>&e;</EPCISDocument>"#.to_vec();
    let refused = posted(&app, "/epcis/v2/capture", "application/xml", "", hostile).await;
    assert!(refused.status == StatusCode::BAD_REQUEST && refused.text().contains("document type"), "{}", refused.text());
}
