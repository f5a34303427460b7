//! What phones remember: a day's checkpoint stays the same for ever, and the proof leads from it to any later size. And the page
//! that checks saved files.

use axum::http::{Method, StatusCode};
use engine::{Engine, Options};
use ledger::Hash;
use ledger::note::{Checkpoint, SignedNote};
use ledger::tree::{Log, TreeSize, verify_consistency};

use super::app::{App, ITEM, ITEM_URN, commissioning};

fn today() -> String {
    base::clock::date(u32::try_from(base::clock::now_ms() / base::clock::DAY_MS).unwrap())
}

fn checkpoint(note: &[u8]) -> Checkpoint {
    Checkpoint::parse(&SignedNote::parse(note).unwrap().text).unwrap()
}

#[tokio::test]
async fn a_days_checkpoint_stays_and_later_sizes_continue_it() {
    let app = App::new().await;
    let day = today();
    let first = app.get(&format!("/milestone/{day}")).await;
    assert_eq!(first.status, StatusCode::OK, "the first member's entry made it");
    assert!(first.header("cache-control").contains("immutable"));
    let old = checkpoint(&first.body);
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app.taken("brand.example", vec![commissioning("2", "urn:epc:id:sgtin:9521234.000004.N2")]).await;
    assert_eq!(app.get(&format!("/milestone/{day}")).await.body, first.body, "it never changes");

    let new = app.engine.view().checkpoint().clone();
    let proof = app.get(&format!("/consistency/{day}/{}", new.size)).await;
    assert_eq!(proof.status, StatusCode::OK);
    assert!(proof.header("cache-control").contains("immutable"));
    let hashes: Vec<Hash> = proof.body.chunks(32).map(|h| Hash(h.try_into().unwrap())).collect();
    verify_consistency::<Log>(TreeSize(old.size), TreeSize(new.size), &old.root, &new.root, &hashes).unwrap();
    let same = app.get(&format!("/consistency/{day}/{}", old.size)).await;
    assert_eq!((same.status, same.body.len()), (StatusCode::OK, 0));

    for (path, status) in [
        ("/milestone/2020-01-01".to_owned(), 404),
        ("/milestone/yesterday".to_owned(), 400),
        (format!("/consistency/{day}/x"), 400),
        (format!("/consistency/{day}/007"), 400),
        (format!("/consistency/{day}/{}", new.size + 1), 404),
        (format!("/consistency/{day}/0"), 404),
        ("/consistency/2020-01-01/5".to_owned(), 404),
    ] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(!answer.header("cache-control").contains("immutable"), "{path}");
    }

    // Rebuilt from the journal it is the same.
    let App { engine, router, folder } = app;
    drop((engine, router));
    std::fs::remove_dir_all(folder.path().join("index")).unwrap();
    let engine = Engine::open(Options::new(folder.path(), "", store_local::open)).unwrap().engine;
    let days = u32::try_from(base::clock::now_ms() / base::clock::DAY_MS).unwrap();
    let again = [days, days - 1].iter().find_map(|day| engine.index().milestone(*day).unwrap()).unwrap();
    assert_eq!(again.note.as_bytes(), &first.body[..]);
}

#[tokio::test]
async fn the_page_that_checks_files_asks_nobody_and_keeps_its_policy_when_it_is_asked_for_again() {
    let app = App::new().await;
    let page = app.get("/verify").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("connect-src"), "{policy}");
    assert!(page.text().contains(&String::from_utf8_lossy(&app.get("/policy").await.body).lines().next().unwrap().to_owned()));
    let etag = page.header("etag").to_owned();
    let again = app.with(Method::GET, "/verify", &[("if-none-match", &etag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.header("content-security-policy"), "", "a 304 replaces headers: it must not close the page");
    let code = app.get(&format!("/qr/bundle{ITEM}")).await;
    assert_eq!((code.status, code.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert_eq!(app.get("/qr/bundle/no-code").await.status, StatusCode::BAD_REQUEST);
}
