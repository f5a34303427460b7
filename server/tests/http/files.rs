//! Files of members, and what the server says of itself.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::app::{App, key};

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
