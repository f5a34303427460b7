//! Files of members, and what the server says of itself.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::json;

use crate::app::{App, ITEM_URN, commissioning, document, key};

async fn put(app: &App, bytes: Vec<u8>) -> crate::app::Answer {
    let bearer = format!("Bearer {}", key("brand.example"));
    app.send(Request::put("/media").header("authorization", bearer).body(Body::from(bytes)).unwrap()).await
}

#[tokio::test]
async fn a_member_sees_its_quota_and_is_told_when_to_come_back() {
    let app = App::new().await;
    let stored = put(&app, b"<svg/>".to_vec()).await;
    assert_eq!((stored.status, stored.header("leafproof-media-used")), (StatusCode::CREATED, "6"));
    assert!(stored.header("leafproof-media-quota").parse::<u64>().unwrap() > 1 << 30);
    let mut refused = None;
    for n in 0..9 {
        let mut film = format!("<svg id='{n}'/>").into_bytes();
        film.resize(7_900_000, b' ');
        refused = Some(put(&app, film).await).filter(|answer| answer.status != StatusCode::CREATED);
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    assert!(refused.json()["detail"].as_str().unwrap().contains("within a minute"));
}

#[tokio::test]
async fn what_phones_do_not_show_is_refused_with_what_they_do() {
    let app = App::new().await;
    let refused = put(&app, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.json()["detail"].as_str().unwrap().contains("JPEG"));
}

#[tokio::test]
async fn a_halted_ledger_says_so_to_members_and_monitors() {
    let app = App::new().await;
    assert!(app.get("/healthz").await.text().starts_with("ok\n"));
    app.engine.halt("the map does not fit".to_owned());
    let health = app.get("/healthz").await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(health.text().starts_with("halted") && health.text().contains("the map does not fit"));
    for (query, headers) in [("", vec![]), ("?dryRun=true", vec![]), ("", vec![("gs1-epcis-capture-error-behaviour", "proceed")])] {
        let answer = app.capture("brand.example", &document(vec![commissioning("1", ITEM_URN)]), &headers, query).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        assert_eq!(answer.json()["title"], json!("The ledger takes no records"));
    }
    let bearer = format!("Bearer {}", key("brand.example"));
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(app.with(Method::DELETE, "/epcis/v2/events/x?reason=y", &headers).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.with(Method::GET, "/epcis/v2/events", &headers).await.status, StatusCode::OK, "reading goes on");
}
