//! An API key: asked for before anything else is read, looked up anew for each request.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Method, Request, StatusCode};
use engine::Submission;
use hyper::body::Frame;
use ledger::entry::Status;
use store::record::{ApiKey, Scope, StateRecord};

use crate::app::{App, key};

/// A body that never comes: whoever reads it never answers.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn nobody_without_a_key_makes_the_server_wait_for_a_body() {
    let app = App::new().await;
    for (method, path) in [(Method::PUT, "/media"), (Method::POST, "/epcis/v2/capture"), (Method::POST, "/epcis/v2/events")] {
        for key in ["", "Bearer nobody's"] {
            let request = Request::builder().method(&method).uri(path).header("authorization", key);
            let answer = app.send(request.header("content-type", "application/json").body(Body::new(Never)).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
}

async fn statuses(app: &App, key: &str) -> Vec<StatusCode> {
    let bearer = format!("bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let mut all = Vec::new();
    for path in ["/epcis/v2/events", "/tile/entries/000.p/1", "/presigned"] {
        all.push(app.with(Method::GET, path, &headers).await.status);
    }
    let file = Request::put("/media").header("authorization", &bearer).body(Body::from("<svg/>")).unwrap();
    all.push(app.send(file).await.status);
    all
}

#[tokio::test]
async fn a_key_opens_what_it_was_made_for_and_says_what_it_lacks() {
    let app = App::new().await;
    let open = [
        (Scope::Capture, Method::GET, "/presigned"),
        (Scope::Capture, Method::GET, "/rights"),
        (Scope::Capture, Method::GET, "/rights/requests"),
        (Scope::Capture, Method::GET, "/objections/0"),
        (Scope::Capture, Method::GET, "/epcis/v2/capture"),
        (Scope::Capture, Method::POST, "/epcis/v2/capture"),
        (Scope::Capture, Method::POST, "/epcis/v2/events"),
        (Scope::Capture, Method::PUT, "/media"),
        (Scope::Capture, Method::DELETE, "/epcis/v2/events/none"),
        (Scope::Query, Method::GET, "/epcis/v2/events"),
        (Scope::Query, Method::GET, "/epcis/v2/queries"),
        (Scope::Query, Method::POST, "/epcis/v2/queries"),
        (Scope::Query, Method::GET, "/epcis/v2/queries/none"),
        (Scope::Query, Method::GET, "/epcis/v2/eventTypes"),
        (Scope::Query, Method::GET, "/tile/entries/000.p/1"),
        (Scope::Letters, Method::GET, "/api/letters.csv"),
        (Scope::Letters, Method::GET, "/api/letters.xlsx"),
    ];
    for scope in Scope::ALL {
        let text = format!("key for {}", scope.value());
        let hash = ledger::hash(text.as_bytes());
        let key = ApiKey { hash, member: "brand.example".into(), label: "one".into(), created_ms: 0, scopes: vec![scope], revoked: false };
        app.engine.state(StateRecord::ApiKey(key)).await.unwrap();
        for (needs, method, path) in &open {
            let answer = app.with(method.clone(), path, &[("authorization", &format!("Bearer {text}"))]).await;
            if *needs == scope {
                assert!(![StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED].contains(&answer.status), "{scope:?} {method} {path}");
                continue;
            }
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{scope:?} {method} {path}");
            assert!(answer.text().contains(&format!("scope `{}`", needs.value())), "{path}: {}", answer.text());
            assert!(answer.header("www-authenticate").ends_with(&format!("scope=\"{}\"", needs.value())));
        }
    }
    // A key that was made before there were scopes opens what it did.
    let old = format!(r#"{{"hash":"{}","member":"brand.example","label":"old","created_ms":0}}"#, ledger::hash(b"old"));
    let old: ApiKey = serde_json::from_str(&old).unwrap();
    assert_eq!(old.scopes, [Scope::Capture, Scope::Query]);
    app.engine.state(StateRecord::ApiKey(old)).await.unwrap();
    assert_eq!(statuses(&app, "old").await, OPEN);
    let letters = app.with(Method::GET, "/api/letters.csv", &[("authorization", "Bearer old")]).await;
    assert_eq!(letters.status, StatusCode::FORBIDDEN);
}

const OPEN: [StatusCode; 4] = [StatusCode::OK, StatusCode::OK, StatusCode::OK, StatusCode::CREATED];

#[tokio::test]
async fn an_ended_key_and_every_key_of_an_ended_member_open_nothing() {
    let app = App::new().await;
    assert_eq!(statuses(&app, &key("brand.example")).await, OPEN);
    let second = ApiKey {
        hash: ledger::hash(b"second"),
        member: "brand.example".into(),
        label: "till".into(),
        created_ms: 0,
        scopes: Scope::ALL.to_vec(),
        revoked: false,
    };
    app.engine.state(StateRecord::ApiKey(second.clone())).await.unwrap();
    assert_eq!(statuses(&app, "second").await, OPEN);
    app.engine.state(StateRecord::ApiKey(ApiKey { revoked: true, ..second })).await.unwrap();
    assert_eq!(statuses(&app, "second").await, [StatusCode::UNAUTHORIZED; 4]);
    assert_eq!(statuses(&app, &key("brand.example")).await, OPEN, "the other key is another matter");
    let (_, mut member) = app.engine.view().member("brand.example").unwrap().pop().unwrap();
    (member.version, member.status) = (member.version + 1, Status::Retired);
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    app.engine.submit(Submission::Member(Box::new(member))).await.unwrap();
    assert_eq!(statuses(&app, &key("brand.example")).await, [StatusCode::UNAUTHORIZED; 4]);
    assert_eq!(statuses(&app, &key("rival.example")).await, OPEN);
}
