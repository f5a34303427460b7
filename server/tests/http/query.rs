//! EPCIS queries: a member's own events whole, of others' the public part where it is concerned, nothing else.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{App, ITEM_URN, commissioning, key, observed};

async fn events(app: &App, member: &str, query: &str) -> Vec<Value> {
    let path = format!("/epcis/v2/{query}");
    app.with(Method::GET, &path, &[("authorization", &format!("Bearer {}", key(member)))]).await.events()
}

async fn history(app: &App) {
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app.taken("rival.example", vec![commissioning("2", "urn:epc:id:sgtin:9529999.000004.R1")]).await;
    app.taken("carrier.example", vec![observed("3", ITEM_URN, "transporting", "urn:epc:id:sgln:9521258.00003.0")]).await;
    app.taken("carrier.example", vec![observed("4", "urn:epc:id:sscc:9521258.0000000001", "receiving", "urn:epc:id:sgln:9521272.00018.0")])
        .await;
}

#[tokio::test]
async fn own_events_come_as_they_were_posted() {
    let app = App::new().await;
    history(&app).await;
    let own = events(&app, "carrier.example", "events?EQ_bizStep=transporting").await;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["epcList"], json!([ITEM_URN]));
    assert!(own[0]["recordTime"].is_string());
}

#[tokio::test]
async fn of_others_only_the_public_part_of_what_concerns_the_reader() {
    let app = App::new().await;
    history(&app).await;
    let brand = events(&app, "brand.example", "events").await;
    let steps: Vec<&str> = brand.iter().filter_map(|e| e["bizStep"].as_str()).collect();
    assert!(steps.contains(&"transporting") && steps.contains(&"commissioning"), "{steps:?}");
    let theirs = brand.iter().find(|e| e["bizStep"] == "transporting").unwrap();
    assert!(theirs.get("epcList").is_none(), "lists of goods are not public: {theirs}");
    // The store sees what passed its own location, and nothing of the rest.
    let store = events(&app, "store.example", "events").await;
    assert_eq!(store.len(), 1, "{store:?}");
    assert_eq!(store[0]["readPoint"]["id"], "urn:epc:id:sgln:9521272.00018.0");
    let rival = events(&app, "rival.example", "events").await;
    assert_eq!(rival.len(), 1, "its own only: {rival:?}");
}

#[tokio::test]
async fn by_epc_in_either_form_and_page_by_page() {
    let app = App::new().await;
    history(&app).await;
    for epc in [ITEM_URN, "https://id.example.org/01/09521234000044/21/7K2M9"] {
        let path = format!("epcs/{}/events", base::percent::component(epc));
        assert_eq!(events(&app, "brand.example", &path).await.len(), 2, "{epc}");
    }
    let bearer = format!("Bearer {}", key("brand.example"));
    let headers = [("authorization", bearer.as_str())];
    let first = app.with(Method::GET, "/epcis/v2/events?perPage=1", &headers).await;
    let second = app.with(Method::GET, first.next().unwrap(), &headers).await;
    assert_ne!(first.json()["epcisBody"], second.json()["epcisBody"]);
    let wrong = app.with(Method::GET, "/epcis/v2/events?EQ_color=red", &headers).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.json()["detail"].as_str().unwrap().contains("EQ_color"));
}

#[tokio::test]
async fn an_event_that_was_taken_back_comes_whole_with_its_declaration() {
    let app = App::new().await;
    let mut event = commissioning("1", ITEM_URN);
    event["eventID"] = json!("https://brand.example/events/1,2");
    app.taken("brand.example", vec![event.clone()]).await;
    let mut declared = event;
    declared["errorDeclaration"] = json!({"declarationTime": "2026-01-07T10:00:00+08:00", "reason": "did_not_occur"});
    app.taken("brand.example", vec![declared]).await;
    for query in [
        "events",
        "events?EXISTS_errorDeclaration=true",
        "events?EQ_eventID=https://brand.example/events/1,2",
        "events?EXISTS_errorDeclaration=false",
    ] {
        let list = events(&app, "brand.example", query).await;
        assert_eq!(list.len(), 1, "{query}");
        assert_eq!((&list[0]["eventTime"], &list[0]["action"]), (&json!("2026-01-05T09:00:00+08:00"), &json!("ADD")), "{query}");
        assert_eq!(list[0]["errorDeclaration"]["reason"], "did_not_occur", "{query}");
    }
}

fn nameless(epc: &str) -> Value {
    let mut event = observed("0", epc, "transporting", "urn:epc:id:sgln:9521258.00003.0");
    event.as_object_mut().unwrap().remove("eventID");
    event["sourceList"] = json!([{"type": "owning_party", "source": "urn:epc:id:pgln:9521258.00001"}]);
    event
}

#[tokio::test]
async fn an_event_without_an_id_is_called_by_its_hash_id_and_by_its_author_alone() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let mut event = nameless(ITEM_URN);
    let job = app.taken("carrier.example", vec![event.clone()]).await;
    let id = trace::epcis::hash_id(&event);
    assert_eq!((&job["events"][0]["eventID"], &job["events"][0]["hashID"]), (&json!(id), &json!(id)));
    let by_id = format!("events/{}", base::percent::component(&id));
    let own = events(&app, "carrier.example", &by_id).await;
    assert_eq!((own.len(), &own[0]["eventID"]), (1, &json!(id)));
    // The brand reads the public part. With the id it could find out by guessing whom the carrier sent it from.
    let bearer = format!("Bearer {}", key("brand.example"));
    let others = app.with(Method::GET, &format!("/epcis/v2/{by_id}"), &[("authorization", &bearer)]).await;
    assert_eq!(others.status, StatusCode::NOT_FOUND);
    let theirs = events(&app, "brand.example", "events?EQ_bizStep=transporting").await;
    assert_eq!((theirs.len(), theirs[0].get("eventID")), (1, None));

    // A declaration names it by that id, and so does an erasure.
    event["eventID"] = json!(id);
    event["errorDeclaration"] = json!({"declarationTime": "2026-01-07T10:00:00+08:00", "reason": "did_not_occur"});
    app.taken("carrier.example", vec![event]).await;
    let own = events(&app, "carrier.example", &by_id).await;
    assert_eq!((own.len(), &own[0]["errorDeclaration"]["reason"]), (1, &json!("did_not_occur")), "{own:?}");
    let bundle = app.get(&format!("/bundle{}", crate::app::ITEM)).await;
    assert!(!bundle.text().contains("ni:///"), "the id is in no public line");
    let bearer = format!("Bearer {}", key("carrier.example"));
    let erased = app.with(Method::DELETE, &format!("/epcis/v2/{by_id}?reason=wrong"), &[("authorization", &bearer)]).await;
    assert_eq!((erased.status, erased.json()["entries"].as_array().unwrap().len()), (StatusCode::OK, 1), "{}", erased.text());
}

#[tokio::test]
async fn a_hash_id_is_taken_as_the_event_id_that_it_is() {
    let app = App::new().await;
    let mut event = commissioning("1", ITEM_URN);
    event.as_object_mut().unwrap().remove("eventID");
    let id = trace::epcis::hash_id(&event);
    event["eventID"] = json!(id);
    let job = app.taken("brand.example", vec![event.clone()]).await;
    assert_eq!((&job["events"][0]["eventID"], &job["events"][0]["hashID"]), (&json!(id), &json!(id)));
    // The same id over other words: it is no proof, so the ledger's own rule holds, and the answer says what its words give.
    event["eventTime"] = json!("2026-01-05T09:00:01+08:00");
    let refused = app.capture("brand.example", &crate::app::document(vec![event.clone()]), &[], "").await.json();
    assert_eq!(refused["success"], false);
    event["eventID"] = json!("https://brand.example/events/other");
    let job = app.taken("brand.example", vec![event]).await;
    assert_ne!(job["events"][0]["hashID"], json!(id));
}
