//! Members that keep their own key: captures signed on their side; rotation and revocation.

use std::sync::atomic::{AtomicU8, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use ed25519_dalek::SigningKey;
use engine::{Submission, SubmitError};
use ledger::entry::{
    Authority, Body as EntryBody, Custody, Entry, EventDraft, Kind, Member, Part, Record, Status, TileEntry, commitment, event_id,
    part_kind, record_role,
};
use ledger::name::Name;
use ledger::policy::Policy;
use ledger::presigned::{self, Presigned};
use ledger::verify::{State, verify};
use server::presigned::CONTENT_TYPE;
use server::{capture, grants};
use trace::rights::rights_of;

use super::app::{Answer, App, ITEM, ITEM_URN, commissioning, key};

const MEMBER: &str = "brand.example";

/// The brand takes a key of its own.
async fn own(app: &App, seed: u8) -> SigningKey {
    own_of(app, MEMBER, seed).await
}

/// A member takes a key of its own.
pub(crate) async fn own_of(app: &App, id: &str, seed: u8) -> SigningKey {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let public_key = key.verifying_key().to_bytes();
    let own = |member: &mut Member| {
        (member.custody, member.public_key, member.status, member.since) = (Custody::Own, public_key, Status::Active, 0);
    };
    change_of(app, id, own).await;
    key
}

/// A next version of the brand, approved by governance.
async fn change(app: &App, change: impl FnOnce(&mut Member)) {
    change_of(app, MEMBER, change).await;
}

pub(crate) async fn change_of(app: &App, id: &str, change: impl FnOnce(&mut Member)) {
    let (_, mut member) = app.engine.view().member(id).unwrap().pop().unwrap();
    member.version += 1;
    change(&mut member);
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    app.engine.submit(Submission::Member(Box::new(member))).await.unwrap();
}

fn event(app: &App, signer: &SigningKey, seq: u64, lines: &str) -> Presigned {
    let (salt, bytes) = ([seq as u8; 16], lines.as_bytes().to_vec());
    let draft = EventDraft {
        member: Name::member_key(MEMBER),
        seq,
        event_ms: 1_767_603_600_000,
        kind: Kind::Object,
        action: if seq == 1 { ledger::entry::Action::Add } else { ledger::entry::Action::Observe },
        class: ledger::entry::Class::Ordinary,
        event_id: event_id(format!("own {seq}").as_bytes()),
        chunk: 0,
        chunks: 1,
        target: ledger::Hash::ZERO,
        authorities: vec![ledger::entry::Authority::Owner(Name::member_key(MEMBER))],
        refs: Vec::new(),
        parts: vec![Part { kind: part_kind::PUBLIC, commitment: commitment(&salt, &bytes) }],
        records: vec![Record { role: record_role::OBJECT, authority: 0, key: Name::from_digital_link_path(ITEM).unwrap().key() }],
    };
    let (event, records) = draft.sign(app.engine.keys().origin(), signer);
    let tile = TileEntry { entry: Entry { logged_ms: 1_767_603_600_000, body: EntryBody::Event(event) }, records };
    Presigned { tile, parts: vec![(salt, bytes)] }
}

/// An entry about the item, changed before it is signed, with these parts.
pub(crate) fn entry(app: &App, signer: &SigningKey, id: &str, parts: &[(u8, &str)], change: impl FnOnce(&mut EventDraft)) -> Presigned {
    // No record takes a part of another: each has salts of its own.
    static MADE: AtomicU8 = AtomicU8::new(0);
    let salts = [(); 2].map(|()| [MADE.fetch_add(1, Ordering::Relaxed); 16]);
    let salted: Vec<_> = parts.iter().zip(salts).map(|((_, text), salt)| (salt, text.as_bytes().to_vec())).collect();
    let mut draft = EventDraft {
        member: Name::member_key(id),
        seq: 1,
        event_ms: 1_767_603_600_000,
        kind: Kind::Object,
        action: ledger::entry::Action::Add,
        class: ledger::entry::Class::Ordinary,
        event_id: ledger::Hash::ZERO,
        chunk: 0,
        chunks: 1,
        target: ledger::Hash::ZERO,
        authorities: vec![Authority::Owner(Name::member_key(id))],
        refs: Vec::new(),
        parts: salted.iter().zip(parts).map(|((salt, text), (kind, _))| Part { kind: *kind, commitment: commitment(salt, text) }).collect(),
        records: vec![Record { role: record_role::OBJECT, authority: 0, key: Name::from_digital_link_path(ITEM).unwrap().key() }],
    };
    change(&mut draft);
    draft.event_id = event_id(format!("{id} {}", draft.seq).as_bytes());
    let (event, records) = draft.sign(app.engine.keys().origin(), signer);
    let tile = TileEntry { entry: Entry { logged_ms: 1_767_603_600_000, body: EntryBody::Event(event) }, records };
    Presigned { tile, parts: salted }
}

/// What becomes of one entry, and why.
pub(crate) async fn outcome(app: &App, member: &str, entry: Presigned) -> (String, String) {
    let told = post(app, member, file(app, &[entry]), "").await.json();
    assert!(told["events"].is_array(), "{told}");
    let told = told["events"][0].clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    (text(&told["outcome"]), text(&told["problems"][0]))
}

fn file(app: &App, entries: &[Presigned]) -> Vec<u8> {
    presigned::encode(app.engine.keys().origin(), entries).unwrap()
}

async fn post(app: &App, member: &str, file: Vec<u8>, query: &str) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/epcis/v2/capture{query}"))
        .header("authorization", format!("Bearer {}", key(member)))
        .header("content-type", CONTENT_TYPE);
    app.send(request.body(Body::from(file)).unwrap()).await
}

const LINES: &str = "/eventTime\ts2026-01-05T17:00:00+08:00\n";

#[tokio::test]
async fn what_a_member_signed_itself_is_taken_and_verifies() {
    let app = App::new().await;
    let signer = own(&app, 7).await;
    let next = app.with(Method::GET, "/presigned", &[("authorization", &format!("Bearer {}", key(MEMBER)))]).await.json();
    assert_eq!((next["nextSeq"].as_u64(), next["origin"].as_str()), (Some(1), Some(app.engine.keys().origin())));
    let both = file(&app, &[event(&app, &signer, 1, LINES), event(&app, &signer, 2, LINES)]);
    let dry = post(&app, MEMBER, both.clone(), "?dryRun=true").await.json();
    assert_eq!((&dry["success"], &dry["events"][1]["outcome"]), (&true.into(), &"valid".into()));
    let answer = post(&app, MEMBER, both.clone(), "").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(answer.json()["success"], true);
    assert_eq!(post(&app, MEMBER, both, "").await.json()["events"][0]["outcome"], "already captured");
    let name = Name::from_digital_link_path(ITEM).unwrap();
    let policy = Policy::parse(app.engine.keys().policy().encode().as_bytes()).unwrap();
    let report = verify(&app.engine.bundle(&name).unwrap(), &policy, Some(&name.bytes()), base::clock::now_ms(), &[]);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
}

#[tokio::test]
async fn what_is_not_in_order_is_refused_with_the_reason() {
    let app = App::new().await;
    let signer = own(&app, 7).await;
    // A gap: 409 and the number that is expected.
    let gap = post(&app, MEMBER, file(&app, &[event(&app, &signer, 3, LINES)]), "").await;
    assert_eq!(gap.status, StatusCode::CONFLICT);
    assert!(gap.text().contains("expected 1"), "{}", gap.text());
    // Another's key, another member, another ledger, lines that contradict the event, a cut file.
    let stranger = SigningKey::from_bytes(&[9; 32]);
    let wrong = post(&app, MEMBER, file(&app, &[event(&app, &stranger, 1, LINES)]), "").await.json();
    assert!(wrong["events"][0]["problems"][0].as_str().unwrap().contains("signature"), "{wrong}");
    let good = file(&app, &[event(&app, &signer, 1, LINES)]);
    let other = post(&app, "rival.example", good.clone(), "").await.json();
    assert!(other["events"][0]["problems"][0].as_str().unwrap().contains("another member"), "{other}");
    let elsewhere = presigned::encode("other.example/1", &[event(&app, &signer, 1, LINES)]).unwrap();
    assert_eq!(post(&app, MEMBER, elsewhere, "").await.status, StatusCode::BAD_REQUEST);
    let lie = event(&app, &signer, 1, "/eventTime\ts2026-01-05T18:00:00+08:00\n");
    let lie = post(&app, MEMBER, file(&app, &[lie]), "").await.json();
    assert!(lie["events"][0]["problems"][0].as_str().unwrap().contains("time"), "{lie}");
    assert_eq!(post(&app, MEMBER, good[..good.len() - 1].to_vec(), "").await.status, StatusCode::BAD_REQUEST);
    // What no page can show is not taken because somebody signed it.
    for (line, says) in [
        ("/lp:title/en\tsone\\r\\ntwo\n", "/lp:title/en"),
        ("/lp:title/en\tsgnp.\u{202e}exe\n", "U+202E"),
        ("/lp:facts/0/lp:value\tn1e400\n", "/lp:facts/0/lp:value"),
        ("/place/fr\tsParis\n", "/place/fr"),
    ] {
        let odd = post(&app, MEMBER, file(&app, &[event(&app, &signer, 1, &format!("{LINES}{line}"))]), "?dryRun=true").await.json();
        assert!(odd["events"][0]["problems"][0].as_str().unwrap().contains(says), "{odd}");
    }
    assert_eq!(app.engine.view().newest_seq(&Name::member_key(MEMBER)).unwrap(), 0, "nothing of it was taken");
}

/// One set of rules for what is signed here and what was signed elsewhere.
#[tokio::test]
async fn what_the_door_for_documents_refuses_comes_in_by_no_other() {
    use ledger::entry::Action::{Add, Observe};
    let app = App::new().await;
    let signer = own(&app, 7).await;
    for (kind, action, line, says) in [
        (Kind::Object, Observe, "/ilmd/cbvmda:itemExpirationDate\ts2031-01-01", "/ilmd: may stand with action ADD only"),
        (Kind::Object, Observe, "/ilmd/cbvmda:lotNumber\tsL7", "/ilmd: may stand with action ADD only"),
        (Kind::Object, Add, "/ilmd/cbvmda:itemExpirationDate\tssoon", "must be a date"),
        (Kind::Transaction, Add, "/ilmd/cbvmda:lotNumber\tsL7", "belongs to other types of event"),
        (Kind::Object, Add, "/type\tsTransformationEvent", "/type: is not the type"),
        (Kind::Object, Add, "/action\tsOBSERVE", "/action: is not that of the signed entry, ADD"),
        (Kind::Object, Add, "/action\tn5", "/action"),
        (Kind::Object, Add, "/eventTimeZoneOffset\ts+99:99", "must be an offset"),
        (Kind::Object, Add, "/disposition\tsgood as new", "no term of the standard vocabulary"),
        (Kind::Object, Add, "/sensorElementList/0/sensorReport/0/type\tshot air", "no term of the standard vocabulary"),
        (Kind::Object, Add, "/lp:facts/0/lp:value\tn5", "lp:label"),
        (Kind::Object, Add, "/price\tn5", "unknown field without a namespace"),
        (Kind::Object, Add, "/quantityList/1/quantity\tn-5", "negative"),
        (Kind::Object, Add, "/x:deep/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0\tn5", "too deep"),
        (Kind::Object, Add, "/x:a\tn5\n/x:a/b\tn6", "has a value of its own"),
    ] {
        let odd = entry(&app, &signer, MEMBER, &[(part_kind::PUBLIC, &format!("{line}\n"))], |draft| {
            (draft.kind, draft.action) = (kind, action);
        });
        let (outcome, why) = outcome(&app, MEMBER, odd).await;
        assert!(outcome == "refused" && why.contains("the public part") && why.contains(says), "{line}: {outcome}, {why}");
    }
    assert_eq!(app.engine.view().newest_seq(&Name::member_key(MEMBER)).unwrap(), 0, "nothing of it was taken");
    let good = "/action\tsADD\n/eventTimeZoneOffset\ts+08:00\n/ilmd/cbvmda:itemExpirationDate\ts2031-01-01\n/place/en\tsStable\n\
        /quantityList/1/quantity\tn5\n/type\tsObjectEvent\n/x:mine/0/a\tn5\n";
    let good = entry(&app, &signer, MEMBER, &[(part_kind::PUBLIC, good)], |draft| draft.kind = Kind::Object);
    assert_eq!(outcome(&app, MEMBER, good).await, ("captured".to_owned(), String::new()));
}

/// Of a record without words a page would say that they were erased.
#[tokio::test]
async fn a_record_without_a_public_part_is_not_taken() {
    let app = App::new().await;
    let signer = own(&app, 7).await;
    let source = (part_kind::SOURCE, r#"{"epcList":[]}"#);
    for parts in [&[][..], &[source], &[(part_kind::PUBLIC, "")], &[(part_kind::PUBLIC, ""), source]] {
        for kind in [Kind::Object, Kind::Transaction, Kind::MasterData, Kind::Void] {
            let bare = entry(&app, &signer, MEMBER, parts, |draft| {
                draft.kind = kind;
                if matches!(kind, Kind::MasterData | Kind::Void) {
                    draft.action = ledger::entry::Action::None;
                }
                if kind == Kind::Void {
                    draft.target = ledger::Hash([1; 32]);
                }
            });
            let (outcome, why) = outcome(&app, MEMBER, bare).await;
            assert!(outcome == "refused" && why.contains("public part"), "{kind:?} {parts:?}: {why}");
        }
    }
}

/// A made-up code gets no page by somebody's signing it under a right that its number does not give.
#[tokio::test]
async fn a_code_that_a_stranger_signed_is_not_known_by_that() {
    const FAKE: &str = "/01/09521234000044/21/FAKEPACK1";
    const OTHER: &str = "/01/09521234000044/21/FAKEPACK2";
    const RIVAL: &str = "rival.example";
    let app = App::new().await;
    app.taken(MEMBER, vec![commissioning("1", ITEM_URN)]).await;
    let signer = own_of(&app, RIVAL, 9).await;
    let key = Name::from_digital_link_path(FAKE).unwrap().key();
    let (rivals, brands) = (Authority::Owner(Name::member_key(RIVAL)), Authority::Owner(Name::member_key(MEMBER)));
    // What does not name its goods is taken: nobody can tell whose they are.
    for (seq, by) in [(1, rivals), (2, Authority::unowned("1234567890123"))] {
        let lines = [(part_kind::PUBLIC, "/eventTime\ts2026-01-05T17:00:00+08:00\n")];
        let fake = entry(&app, &signer, RIVAL, &lines, |draft| {
            (draft.seq, draft.authorities, draft.records[0].key) = (seq, vec![by], key);
        });
        assert_eq!(outcome(&app, RIVAL, fake).await.0, "captured", "{by:?}");
        let page = app.get(FAKE).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{by:?}");
        assert!(page.text().contains("Never registered"));
    }
    // What names them is not.
    for by in [rivals, brands, Authority::unowned("1234567890123"), Authority::unowned("9521234000044")] {
        let parts = [
            (part_kind::PUBLIC, "/eventTime\ts2026-01-05T17:00:00+08:00\n"),
            (part_kind::SOURCE, r#"{"epcList":["https://id.gs1.org/01/09521234000044/21/FAKEPACK1"]}"#),
        ];
        let fake = entry(&app, &signer, RIVAL, &parts, |draft| {
            (draft.seq, draft.authorities, draft.records[0].key) = (3, vec![by], key);
        });
        let (outcome, why) = outcome(&app, RIVAL, fake).await;
        assert_eq!(outcome, "refused", "{by:?}");
        assert!(by == brands || why.contains("by a right that it does not have over this number"), "{why}");
    }
    // And when the brand issues it, it is found as any other.
    app.taken(MEMBER, vec![commissioning("2", "urn:epc:id:sgtin:9521234.000004.FAKEPACK1")]).await;
    assert_eq!(app.get(FAKE).await.status, StatusCode::OK);
    let found = app.get("/find?code=FAKEPACK1").await;
    assert_eq!((found.status, found.header("location")), (StatusCode::SEE_OTHER, FAKE), "{}", found.text());
    // Nor is one by a permission for other goods.
    let other = Name::from_digital_link_path(OTHER).unwrap().key();
    let grant = grants::next(&app.engine, MEMBER, RIVAL, rights_of(["issue", "record"]).unwrap(), vec!["9521234000099".to_owned()]);
    grants::give(&app.engine, grant.unwrap(), None).await.unwrap();
    for named in [true, false] {
        let mut parts = vec![
            (part_kind::PUBLIC, "/eventTime\ts2026-01-05T17:00:00+08:00\n"),
            (part_kind::SOURCE, r#"{"epcList":["https://id.gs1.org/01/09521234000044/21/FAKEPACK2"]}"#),
        ];
        parts.truncate(1 + usize::from(named));
        let fake = entry(&app, &signer, RIVAL, &parts, |draft| {
            (draft.seq, draft.authorities, draft.records[0].key) = (3, vec![brands], other);
        });
        assert_eq!(outcome(&app, RIVAL, fake).await.0, "refused", "named: {named}");
        for path in [OTHER, &format!("/demo{OTHER}")] {
            assert_eq!(app.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[tokio::test]
async fn a_new_key_takes_over_and_a_revoked_one_signs_no_more() {
    let app = App::new().await;
    let first = own(&app, 7).await;
    post(&app, MEMBER, file(&app, &[event(&app, &first, 1, LINES)]), "").await;
    let second = own(&app, 8).await;
    let old = post(&app, MEMBER, file(&app, &[event(&app, &first, 2, LINES)]), "").await.json();
    assert_eq!(old["success"], false, "the old key: {old}");
    let new = post(&app, MEMBER, file(&app, &[event(&app, &second, 2, LINES)]), "").await.json();
    assert_eq!(new["success"], true, "{new}");
    change(&app, |member| (member.status, member.since) = (Status::Compromised, 0)).await;
    let third = file(&app, &[event(&app, &second, 3, LINES)]);
    assert_eq!(post(&app, MEMBER, third.clone(), "").await.status, StatusCode::UNAUTHORIZED, "nor does its API key open anything");
    // One that came in just before the version did is refused by the writer.
    let options = capture::Options { behaviour: capture::Behaviour::Rollback, dry_run: false, now_ms: base::clock::now_ms() };
    let revoked = server::presigned::run(&app.engine, MEMBER, &third, options).await.unwrap().outcome;
    assert!(revoked.events[0].problems[0].contains("compromised"), "{revoked:?}");
    // What that key signed since then is disputed by every verifier, and the member's list, which says so, cannot be left out.
    let name = Name::from_digital_link_path(ITEM).unwrap();
    let policy = Policy::parse(app.engine.keys().policy().encode().as_bytes()).unwrap();
    let report = verify(&app.engine.bundle(&name).unwrap(), &policy, Some(&name.bytes()), base::clock::now_ms(), &[]);
    assert_eq!(report.state, State::Failed);
    assert!(report.text.contains("key-compromised"), "{}", report.text);
}

/// A stolen key is revoked while the server runs: governance signs elsewhere, any member may hand the version in.
#[tokio::test]
async fn a_version_that_governance_signed_comes_in_through_the_running_server() {
    let app = App::new().await;
    let (_, mut member) = app.engine.view().member(MEMBER).unwrap().pop().unwrap();
    (member.version, member.status, member.since) = (member.version + 1, Status::Compromised, 1);
    let entry = |member: &Member| {
        let entry = Entry { logged_ms: 1_767_603_600_000, body: EntryBody::Member(member.clone()) };
        Presigned { tile: TileEntry { entry, records: Vec::new() }, parts: Vec::new() }
    };
    // Signed by nobody, or by the member itself: refused.
    let unsigned = post(&app, "rival.example", file(&app, &[entry(&member)]), "").await.json();
    assert!(unsigned["events"][0]["problems"][0].as_str().unwrap().contains("governance"), "{unsigned}");
    member.sign(app.engine.keys().origin(), &SigningKey::from_bytes(&[7; 32]));
    let own = post(&app, MEMBER, file(&app, &[entry(&member)]), "").await.json();
    assert!(own["events"][0]["problems"][0].as_str().unwrap().contains("governance"), "{own}");
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    let good = post(&app, "rival.example", file(&app, &[entry(&member)]), "").await.json();
    assert_eq!(good["success"], true, "{good}");
    assert_eq!(app.engine.view().member(MEMBER).unwrap().pop().unwrap().1.status, Status::Compromised);
}

#[tokio::test]
async fn a_prefix_has_one_owner() {
    let app = App::new().await;
    let (_, mut member) = app.engine.view().member("rival.example").unwrap().pop().unwrap();
    member.version += 1;
    member.prefixes[0] = "95212".to_owned();
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    let refused = app.engine.submit(Submission::Member(Box::new(member))).await;
    assert!(matches!(refused, Err(SubmitError::Member { why, .. }) if why.contains("prefix")));
}

/// `leafproof sign` in a folder, as a member runs it.
fn sign(folder: &std::path::Path, arguments: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_leafproof")).current_dir(folder).arg("sign").args(arguments).output().unwrap()
}

#[tokio::test]
async fn a_member_takes_its_own_record_back_on_its_own_side() {
    let app = App::new().await;
    own(&app, 7).await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("key", &ledger::Hash([7; 32]).to_string());
    let document = |more: &str| {
        format!(
            r#"{{"@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld","type":"EPCISDocument","schemaVersion":"2.0",
            "creationDate":"2026-01-05T17:00:00+08:00","epcisBody":{{"eventList":[{{"type":"ObjectEvent","action":"ADD",
            "eventID":"urn:uuid:0c2f6b8e-6a4f-4a26-9a07-3f6a5e0d6d11","eventTime":"2026-01-05T17:00:00+08:00","eventTimeZoneOffset":"+08:00",
            "epcList":["https://id.gs1.org{ITEM}"],"bizStep":"commissioning"{more}}}]}}}}"#
        )
    };
    write("first.json", &document(""));
    let declaration = r#","errorDeclaration":{"declarationTime":"2026-01-05T18:00:00+08:00","reason":"incorrect_data"}"#;
    write("second.json", &document(declaration));
    let origin = app.engine.keys().origin().to_owned();
    let rights = app.with(Method::GET, "/rights", &[("authorization", &format!("Bearer {}", key(MEMBER)))]).await;
    write("rights.json", &rights.text());
    let common = ["--member", MEMBER, "--key", "key", "--origin", &origin, "--rights", "rights.json", "--seq"];
    let first = sign(folder.path(), &[&["first.json"], &common[..], &["1"]].concat());
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    // Without the file that holds the record: what is missing, and the next step.
    let alone = sign(folder.path(), &[&["second.json"], &common[..], &["2"]].concat());
    let said = String::from_utf8_lossy(&alone.stderr).into_owned();
    assert!(!alone.status.success() && said.contains("--corrects"), "{said}");
    let second = sign(folder.path(), &[&["second.json"], &common[..], &["2", "--corrects", "first.lps"]].concat());
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    for name in ["first.lps", "second.lps"] {
        let answer = post(&app, MEMBER, std::fs::read(folder.path().join(name)).unwrap(), "").await.json();
        assert_eq!(answer["success"], true, "{name}: {answer}");
    }
    let name = Name::from_digital_link_path(ITEM).unwrap();
    let policy = Policy::parse(app.engine.keys().policy().encode().as_bytes()).unwrap();
    let report = verify(&app.engine.bundle(&name).unwrap(), &policy, Some(&name.bytes()), base::clock::now_ms(), &[]);
    assert!(report.text.contains("\ncorrection\t"), "{}", report.text);
    assert!(report.text.contains("\tvoided\t"), "{}", report.text);

    // And erases its words: the entry says so, the bytes are gone, the record stays provable.
    let id = "urn:uuid:0c2f6b8e-6a4f-4a26-9a07-3f6a5e0d6d11";
    let erase = ["--erase", id, "--reason", "a person asked for it", "--out", "third.lps", "--of", "first.lps"];
    let third = sign(folder.path(), &[&erase[..], &common[..], &["3"]].concat());
    assert!(third.status.success(), "{}", String::from_utf8_lossy(&third.stderr));
    let answer = post(&app, MEMBER, std::fs::read(folder.path().join("third.lps")).unwrap(), "").await.json();
    assert_eq!(answer["success"], true, "{answer}");
    let view = app.engine.view();
    let first = view.entry(view.about(&name.key()).unwrap()[0]).unwrap();
    for part in &first.entry.event().unwrap().parts {
        assert_eq!(view.part_bytes(&part.commitment).unwrap(), None, "kind {}", part.kind);
    }
    let report = verify(&app.engine.bundle(&name).unwrap(), &policy, Some(&name.bytes()), base::clock::now_ms(), &[]);
    assert!(report.text.contains("\terased\t") && !report.text.contains("\tparts\tfailed"), "{}", report.text);
    assert!(report.text.contains("a person asked for it"), "{}", report.text);
}

#[tokio::test]
async fn who_gave_a_prefix_up_fills_no_lists_of_what_is_another_owners_now() {
    let app = App::new().await;
    let signer = own(&app, 7).await;
    change(&app, |member| member.prefixes.push("9527777".to_owned())).await;
    let give_up = |keep: &'static str| {
        let (origin, signer) = (app.engine.keys().origin().to_owned(), &signer);
        move |member: &mut Member| {
            member.prefixes.retain(|prefix| prefix == keep);
            member.consent(&origin, signer);
        }
    };
    change(&app, give_up("9527777")).await;
    // Its other prefix is left: of goods that nobody can tell from their keys it says whose they are.
    let (told, why) = outcome(&app, MEMBER, event(&app, &signer, 1, LINES)).await;
    assert_eq!(told, "refused", "{why}");
    assert!(why.contains("who gave a prefix up, names all its goods"), "{why}");
    // With none left the ledger itself refuses.
    change(&app, give_up("")).await;
    let (told, why) = outcome(&app, MEMBER, event(&app, &signer, 1, LINES)).await;
    assert_eq!(told, "refused", "{why}");
}
