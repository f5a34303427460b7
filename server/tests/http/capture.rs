//! EPCIS capture: what is taken, what is refused and how it is said.

use axum::http::{Method, StatusCode};
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
    // A stranger's declaration takes back the stranger's own claim, never the store's record.
    let mut stranger = observed("6", ITEM_URN, "receiving", "urn:epc:id:sgln:9521272.00018.0");
    stranger["errorDeclaration"] = json!({"declarationTime": "2026-01-07T10:00:00+08:00", "reason": "incorrect_data"});
    app.taken("rival.example", vec![stranger]).await;
    let page = app.get(ITEM).await.text();
    let corrected: Vec<&str> = page.split("<li ").filter(|node| node.contains("node corrected")).collect();
    let by = |member: &str| corrected.iter().filter(|node| node.contains(&format!("data-by=\"{member}\""))).count();
    assert_eq!((by("store.example"), by("rival.example")), (1, 1), "the right record of the store stands");
}
