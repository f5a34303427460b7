//! Erasing a record's words over the interface: they are gone from every file, the place in the ledger and its proofs stay.

use std::path::{Path, PathBuf};

use axum::http::{Method, StatusCode};
use engine::{Engine, NewEvent, Options, Submission};
use ledger::entry::{Action, Authority, Class, Kind, Record, event_id, part_kind, record_role};
use ledger::name::Name;
use ledger::public::{Line, PublicPart};
use ledger::verify::{State, verify};

use super::app::{Answer, App, ITEM, ITEM_URN, commissioning, document, key, observed};

const SECRET: &str = "Handed to Mr Quillfeather-Ondrasik";
const GLN: &str = "urn:epc:id:sgln:9521234.00001.0";

/// Every file below a folder that holds these bytes.
fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|bytes| bytes == needle.as_bytes()) {
            found.push(path);
        }
    }
    found
}

async fn erase(app: &App, member: &str, id: &str, query: &str) -> Answer {
    let bearer = format!("Bearer {}", key(member));
    app.with(Method::DELETE, &format!("/epcis/v2/events/{id}{query}"), &[("authorization", &bearer)]).await
}

fn id_of(number: &str) -> String {
    format!("urn:uuid:00000000-0000-4000-8000-{number:0>12}")
}

fn state(engine: &Engine) -> State {
    let name = Name::from_digital_link_path(ITEM).unwrap();
    let bundle = engine.bundle(&name).unwrap();
    let report = verify(&bundle, engine.keys().policy(), Some(&name.bytes()), base::clock::now_ms(), &[]);
    assert_eq!(report.failure, None, "{}", report.text);
    report.state
}

#[tokio::test]
async fn erased_words_are_gone_from_the_whole_folder_and_the_proofs_stand() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let mut named = observed("2", ITEM_URN, "retail_selling", GLN);
    named["lp:facts"] = serde_json::json!([{ "lp:label": {"en": "To"}, "lp:text": SECRET }]);
    app.taken("brand.example", vec![named.clone()]).await;
    assert!(!files_with(app.folder.path(), SECRET).is_empty(), "the words are there before");
    assert!(app.get(ITEM).await.text().contains(SECRET));

    // Who may, and why.
    assert_eq!(erase(&app, "rival.example", &id_of("2"), "?reason=mine").await.status, StatusCode::NOT_FOUND);
    assert_eq!(erase(&app, "brand.example", &id_of("9"), "?reason=none").await.status, StatusCode::NOT_FOUND);
    for query in ["", "?reason=", "?reason=%20", "?reason=a%0Ab", &format!("?reason={}", "x".repeat(501))] {
        assert_eq!(erase(&app, "brand.example", &id_of("2"), query).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let unsigned = app.with(Method::DELETE, &format!("/epcis/v2/events/{}?reason=x", id_of("2")), &[]).await;
    assert_eq!(unsigned.status, StatusCode::UNAUTHORIZED);

    let size = app.engine.view().size();
    let answer = erase(&app, "brand.example", &id_of("2"), "?reason=A+person%27s+name%2C+on+her+wish").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(files_with(app.folder.path(), SECRET), Vec::<PathBuf>::new(), "in no file of the folder");
    assert_eq!(app.engine.view().size(), size + 2, "an entry of its own, and a map head");
    assert_eq!(state(&app.engine), State::NotCosigned);
    let page = app.get(ITEM).await.text();
    assert!(!page.contains(SECRET));
    assert!(page.contains("The words of this record were erased") && page.contains("A person's name, on her wish"));

    // Again: the same answer, no new entry. The record posted again is known still, and does not bring its words back.
    let again = erase(&app, "brand.example", &id_of("2"), "?reason=again").await;
    assert_eq!((again.status, &again.json()["entries"][0]["repeat"]), (StatusCode::OK, &serde_json::json!(true)));
    app.capture("brand.example", &document(vec![named]), &[], "").await;
    assert_eq!(app.engine.view().size(), size + 2);
    assert_eq!(files_with(app.folder.path(), SECRET), Vec::<PathBuf>::new());

    // After a restart, and after the index is made anew from the journal.
    let App { engine, router, folder } = app;
    drop((engine, router));
    server::fsck::directory(folder.path(), &mut |_| {}).unwrap();
    for index in [true, false] {
        if !index {
            std::fs::remove_dir_all(folder.path().join("index")).unwrap();
        }
        let engine = Engine::open(Options::new(folder.path(), "", store_local::open)).unwrap().engine;
        assert_eq!(state(&engine), State::NotCosigned);
        drop(engine);
        assert_eq!(files_with(folder.path(), SECRET), Vec::<PathBuf>::new());
    }
}

#[tokio::test]
async fn an_erased_recall_reads_as_a_safety_notice_still() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let mut recall = observed("2", ITEM_URN, "inspecting", GLN);
    recall["disposition"] = "recalled".into();
    recall["lp:notice"] = serde_json::json!({ "lp:do": {"en": "Do not eat this"}, "lp:why": {"en": SECRET} });
    app.taken("brand.example", vec![recall]).await;
    assert!(app.get(ITEM).await.text().contains("Do not eat this"));
    assert_eq!(erase(&app, "brand.example", &id_of("2"), "?reason=wrong+name+in+it").await.status, StatusCode::OK);
    let page = app.get(ITEM).await.text();
    assert!(page.contains("notice alert") && page.contains("Do not use this"), "it still stands above everything");
    assert!(!page.contains(SECRET));
    assert_eq!(state(&app.engine), State::NotCosigned);
}

/// Pieces of an event are taken one by one, so one in the middle can be missing.
#[tokio::test]
async fn an_event_with_a_missing_piece_is_read_and_erased_in_all_others() {
    let app = App::new().await;
    let mut pieces = Vec::new();
    for chunk in [0, 2, 3] {
        let (serial, urn) = (format!("S{chunk}"), format!("urn:epc:id:sgtin:9521234.000004.S{chunk}"));
        let source = observed("1", &urn, "storing", GLN);
        let public = PublicPart::build(vec![Line::text("/bizStep", "storing")]).unwrap();
        let item = Name::from_digital_link_path(&format!("/01/09521234000044/21/{serial}")).unwrap();
        let event = NewEvent {
            event_ms: 1_767_661_200_000,
            kind: Kind::Object,
            action: Action::Observe,
            class: Class::Movement,
            event_id: event_id(id_of("1").as_bytes()),
            chunk,
            chunks: 4,
            target: ledger::Hash::ZERO,
            authorities: vec![Authority::Owner(Name::member_key("brand.example"))],
            refs: Vec::new(),
            records: vec![Record { role: record_role::OBJECT, authority: 0, key: item.key() }],
            parts: vec![(part_kind::PUBLIC, public.encode()), (part_kind::SOURCE, source.to_string().into_bytes())],
            parts_of: None,
            erased: Vec::new(),
        };
        let submission = Submission::Custodial { member: "brand.example".to_owned(), event: Box::new(event) };
        pieces.push((app.engine.submit(submission).await.unwrap().index, urn));
    }
    let bearer = format!("Bearer {}", key("brand.example"));
    let (entries, goods): (Vec<u64>, Vec<String>) = pieces.into_iter().unzip();
    let found = app.with(Method::GET, &format!("/epcis/v2/events/{}", id_of("1")), &[("authorization", &bearer)]).await.events();
    assert_eq!((found.len(), &found[0]["epcList"]), (1, &serde_json::json!(goods)), "{found:?}");
    let erased = erase(&app, "brand.example", &id_of("1"), "?reason=wrong").await;
    assert_eq!((erased.status, erased.json()["entries"].as_array().map(Vec::len)), (StatusCode::OK, Some(3)), "{}", erased.text());
    let view = app.engine.view();
    for entry in entries {
        let tile = view.entry(entry).unwrap();
        for part in &tile.entry.event().unwrap().parts {
            assert_eq!(view.part_bytes(&part.commitment).unwrap(), None, "entry {entry}");
        }
    }
}
