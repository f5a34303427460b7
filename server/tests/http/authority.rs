//! Who may speak about whose goods, as a rival, a partner and a store try it over HTTP.

use axum::http::{Method, StatusCode};
use engine::{SignedEvent, Submission};
use ledger::entry::{
    Action, Authority, Class, Custody, Entry, EventDraft, Kind, Part, Record, Ref, TileEntry, commitment, event_id, part_kind, record_role,
    ref_role,
};
use ledger::name::Name;
use ledger::policy::Policy;
use ledger::presigned::{self, Presigned};
use ledger::verify::{Report, State, verify};
use serde_json::{Value, json};
use server::grants;
use trace::rights::rights_of;

use crate::app::{App, GTIN, ITEM, ITEM_URN, commissioning, document, key, observed};

fn report(app: &App) -> Report {
    report_of(app, ITEM)
}

fn report_of(app: &App, path: &str) -> Report {
    let name = Name::from_digital_link_path(path).unwrap();
    let policy = Policy::parse(app.engine.keys().policy().encode().as_bytes()).unwrap();
    verify(&app.engine.bundle(&name).unwrap(), &policy, Some(&name.bytes()), base::clock::now_ms(), &[])
}

/// What the page and its proof say, but for the checkpoint that others' records move on.
fn told(text: &str) -> Vec<&str> {
    let moves = ["checkpoint", "maphead", "log-time", "as-of", "cosigner", "fresh", "path", "leaf"];
    text.lines().filter(|line| !moves.iter().any(|kind| line.starts_with(&format!("{kind}\t")))).collect()
}

fn job_says(result: &Value, words: &str) -> bool {
    result["problems"].as_array().unwrap().iter().any(|problem| problem.as_str().unwrap().contains(words))
}

async fn refused(app: &App, member: &str, event: Value) -> String {
    let answer = app.capture(member, &document(vec![event]), &[], "").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let job = answer.json();
    assert_eq!((&job["success"], &job["events"][0]["outcome"]), (&false.into(), &"refused".into()), "{job:#}");
    job["events"][0]["problems"][0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_rival_with_a_key_changes_no_line_of_anothers_page() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app.taken("store.example", vec![observed("2", ITEM_URN, "receiving", "urn:epc:id:sgln:9521272.00018.0")]).await;
    let before = report(&app);
    assert_eq!(before.state, State::NotCosigned, "{}", before.text);
    let mut recall = observed("3", ITEM_URN, "inspecting", "urn:epc:id:sgln:9529999.00018.0");
    recall["disposition"] = json!("recalled");
    let mut of_all = recall.clone();
    of_all["eventID"] = json!("urn:uuid:00000000-0000-4000-8000-000000000004");
    of_all["quantityList"] = json!([{ "epcClass": format!("https://id.gs1.org/01/{GTIN}/10/L7"), "quantity": 1 }]);
    of_all.as_object_mut().unwrap().remove("epcList");
    let mut dated = commissioning("5", ITEM_URN);
    dated["ilmd"] = json!({ "cbvmda:itemExpirationDate": "2031-01-01" });
    let bought = observed("6", ITEM_URN, "retail_selling", "urn:epc:id:sgln:9529999.00018.0");
    let mut packed = observed("7", ITEM_URN, "packing", "urn:epc:id:sgln:9529999.00018.0");
    packed["type"] = json!("AggregationEvent");
    packed["action"] = json!("ADD");
    packed["parentID"] = json!("urn:epc:id:sscc:9529999.0000000001");
    packed["childEPCs"] = json!([ITEM_URN]);
    packed.as_object_mut().unwrap().remove("epcList");
    for event in [recall, of_all, dated, bought, packed] {
        let why = refused(&app, "rival.example", event).await;
        assert!(why.contains("brand.example") && why.contains("leafproof grant add"), "{why}");
    }
    let after = report(&app);
    assert_eq!(told(&after.text), told(&before.text));
}

#[tokio::test]
async fn a_partner_says_what_its_owner_lets_it_and_no_more() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let mut recall = observed("3", ITEM_URN, "inspecting", "urn:epc:id:sgln:9521272.00018.0");
    recall["disposition"] = json!("recalled");
    app.taken("store.example", vec![recall]).await;
    let text = report(&app).text;
    assert!(text.contains("\twarning\n") && !text.contains("\tred\n"), "whoever records goods may warn, and no more: {text}");
    let why = refused(&app, "store.example", commissioning("4", "urn:epc:id:sgtin:9521234.000004.FAKE")).await;
    assert!(why.contains("\"issue\""), "{why}");
    // What was said in time stays; what comes after the end of the permission is refused, and the same again answered as before.
    let first = observed("5", ITEM_URN, "storing", "urn:epc:id:sgln:9521272.00018.0");
    app.taken("store.example", vec![first.clone()]).await;
    let end = grants::next(&app.engine, "brand.example", "store.example", 0, Vec::new()).unwrap();
    grants::give(&app.engine, end, None).await.unwrap();
    let again = app.capture("store.example", &document(vec![first]), &[], "").await.json();
    assert_eq!(again["events"][0]["outcome"], "already captured", "{again}");
    refused(&app, "store.example", observed("6", ITEM_URN, "storing", "urn:epc:id:sgln:9521272.00018.0")).await;
    assert!(report(&app).failure.is_none());
}

#[tokio::test]
async fn permissions_are_the_owners_to_give() {
    let app = App::new().await;
    let issue = rights_of(["issue"]).unwrap();
    let mut forged = grants::next(&app.engine, "brand.example", "rival.example", issue, Vec::new()).unwrap();
    forged.sign(app.engine.keys().origin(), &ed25519_dalek::SigningKey::from_bytes(&[9; 32]));
    let answer = app.engine.submit(Submission::Grant(Box::new(forged))).await;
    assert!(answer.unwrap_err().to_string().contains("not signed by the owner's key"));
    assert!(grants::next(&app.engine, "brand.example", "rival.example", 0, Vec::new()).is_err(), "there is nothing to end");
    let known = app.with(Method::GET, "/rights", &[("authorization", &format!("Bearer {}", key("store.example")))]).await.json();
    assert_eq!(known["grants"][0]["rights"], json!(["record", "pack", "store"]));
    assert!(app.with(Method::GET, "/rights", &[]).await.status == StatusCode::UNAUTHORIZED);
}

/// A member takes a key of its own.
async fn own_key(app: &App, id: &str, seed: u8) -> ed25519_dalek::SigningKey {
    let secret = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    let (_, mut member) = app.engine.view().member(id).unwrap().pop().unwrap();
    (member.version, member.custody, member.public_key) = (member.version + 1, Custody::Own, secret.verifying_key().to_bytes());
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    app.engine.submit(Submission::Member(Box::new(member))).await.unwrap();
    secret
}

/// A partner that signs on its own side stays within its permission's scope, which no key tells, and gives no page a product to fail at.
#[tokio::test]
async fn a_partner_that_signs_itself_names_what_it_speaks_of() {
    const LOT: &str = "/01/09521234000044/10/L7";
    const OTHER_LOT: &str = "/01/09521234000099/10/L7";
    let app = App::new().await;
    let secret = own_key(&app, "rival.example", 21).await;
    let rights = rights_of(["issue", "record"]).unwrap();
    let scope = vec!["9521234000044".to_owned()];
    grants::give(&app.engine, grants::next(&app.engine, "brand.example", "rival.example", rights, scope).unwrap(), None).await.unwrap();
    let name = |path: &str| Name::from_digital_link_path(path).unwrap();
    let owner = Authority::Owner(Name::member_key("brand.example"));
    let signed = |seq: u64, item: &str, lot: Option<&str>, lines: String, source: Option<Value>| {
        let mut parts = vec![(part_kind::PUBLIC, [7; 16], lines.into_bytes())];
        parts.extend(source.map(|json| (part_kind::SOURCE, [8; 16], json.to_string().into_bytes())));
        let draft = EventDraft {
            member: Name::member_key("rival.example"),
            seq,
            event_ms: 1_767_603_600_000,
            kind: Kind::Object,
            action: Action::Add,
            class: Class::Ordinary,
            event_id: event_id(format!("{seq} {item} {lot:?}").as_bytes()),
            chunk: 0,
            chunks: 1,
            target: ledger::Hash::ZERO,
            authorities: vec![owner],
            refs: lot.map(|lot| Ref { role: ref_role::BATCH, authority: 0, key: name(lot).key() }).into_iter().collect(),
            parts: parts.iter().map(|(kind, salt, bytes)| Part { kind: *kind, commitment: commitment(salt, bytes) }).collect(),
            records: vec![Record { role: record_role::OBJECT, authority: 0, key: name(item).key() }],
        };
        let (event, records) = draft.sign(app.engine.keys().origin(), &secret);
        let tile = TileEntry { entry: Entry { logged_ms: 1_767_603_600_000, body: ledger::entry::Body::Event(event) }, records };
        presigned::encode(
            app.engine.keys().origin(),
            &[Presigned { tile, parts: parts.into_iter().map(|(_, salt, bytes)| (salt, bytes)).collect() }],
        )
        .unwrap()
    };
    let post = async |file: Vec<u8>| {
        let request = axum::http::Request::post("/epcis/v2/capture")
            .header("authorization", format!("Bearer {}", key("rival.example")))
            .header("content-type", server::presigned::CONTENT_TYPE)
            .body(axum::body::Body::from(file))
            .unwrap();
        app.send(request).await.json()["events"][0].clone()
    };
    let (item, product) = (ITEM, "/01/09521234000044");
    let batch = |lot: &str| format!("@batch\t{lot}\n");
    let of = |product: &str| format!("@product\t{product}\n");
    let source = json!({ "epcList": [ITEM_URN] });
    for (lot, lines, source, says) in [
        (Some(OTHER_LOT), batch(OTHER_LOT), Some(source.clone()), "(@batch)"),
        (Some(OTHER_LOT), "/x:a\tsb\n".to_owned(), Some(source.clone()), "does not name (@batch)"),
        (None, of(product), None, "names all its goods"),
        (None, of("/01/09521234000099"), Some(source.clone()), "(@product)"),
        (None, of(product), Some(json!({ "epcList": [] })), "names all its goods"),
    ] {
        let refused = post(signed(1, item, lot, lines, source)).await;
        assert_eq!(refused["outcome"], "refused", "{refused}");
        assert!(refused["problems"][0].as_str().unwrap().contains(says), "{refused}");
    }
    let taken = post(signed(1, item, Some(LOT), batch(LOT) + &of(product), Some(source))).await;
    assert_eq!(taken["outcome"], "captured", "{taken}");
    assert!(report(&app).failure.is_none());
}

/// What the server cannot read it cannot refuse by name: a rival with its own key signs whatever it likes, under whatever right.
#[tokio::test]
async fn what_a_rival_signed_itself_is_refused_or_has_no_effect() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let before = report(&app);
    let key = own_key(&app, "rival.example", 21).await;
    let rival = Name::member_key("rival.example");
    let item = Name::from_digital_link_path(ITEM).unwrap();
    let (mut seq, mut salts) = (0, 0);
    let mut say = |authority: Authority, class: Class, action: Action| {
        let lines = if class == Class::Alert { "/disposition\tsrecalled\n" } else { "/a\tsb\n" };
        salts += 1;
        let (salt, bytes) = ([salts; 16], lines.as_bytes().to_vec());
        let draft = EventDraft {
            member: rival,
            seq: seq + 1,
            event_ms: 1_767_603_600_000,
            kind: Kind::Object,
            action,
            class,
            event_id: event_id(format!("{authority:?} {class:?} {action:?}").as_bytes()),
            chunk: 0,
            chunks: 1,
            target: ledger::Hash::ZERO,
            authorities: vec![authority],
            refs: Vec::new(),
            parts: vec![Part { kind: part_kind::PUBLIC, commitment: commitment(&salt, &bytes) }],
            records: vec![Record { role: record_role::OBJECT, authority: 0, key: item.key() }],
        };
        let (event, records) = draft.sign(app.engine.keys().origin(), &key);
        let submission = Submission::Signed(Box::new(SignedEvent { event, records, parts: vec![(part_kind::PUBLIC, salt, bytes)] }));
        let taken = matches!(authority, Authority::Owner(owner) if owner == rival);
        seq += u64::from(taken);
        (submission, taken)
    };
    let brand = Authority::Owner(Name::member_key("brand.example"));
    for authority in [brand, Authority::Governance, Authority::unowned("9521234000044"), Authority::Claim, Authority::Owner(rival)] {
        for (class, action) in [(Class::Alert, Action::Observe), (Class::Ordinary, Action::Add), (Class::Ordinary, Action::Delete)] {
            let (submission, taken) = say(authority, class, action);
            let answer = app.engine.submit(submission).await;
            assert_eq!(answer.is_ok(), taken, "{authority:?}: {answer:?}");
        }
    }
    assert_eq!(told(&report(&app).text), told(&before.text));
}

#[tokio::test]
async fn an_owner_with_its_own_key_gives_a_permission_from_its_own_side() {
    let app = App::new().await;
    own_key(&app, "brand.example", 22).await;
    let next = grants::next(&app.engine, "brand.example", "rival.example", rights_of(["record"]).unwrap(), Vec::new()).unwrap();
    assert!(grants::give(&app.engine, next, None).await.unwrap_err().to_string().contains("keeps its own key"));
    let folder = tempfile::tempdir().unwrap();
    let bearer = format!("Bearer {}", key("brand.example"));
    std::fs::write(folder.path().join("key"), ledger::Hash([22; 32]).to_string()).unwrap();
    for (command, more, event, outcome) in [
        ("add", &["--right", "record"][..], "1", "captured"),
        ("end", &[], "2", "refused"),
        ("add", &["--right", "record"], "3", "captured"),
    ] {
        let known = app.with(Method::GET, "/rights", &[("authorization", &bearer)]).await.text();
        std::fs::write(folder.path().join("rights.json"), known).unwrap();
        let common =
            ["--owner", "brand.example", "--partner", "rival.example", "--key", "key", "--rights", "rights.json", "--out", "grant.lps"];
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_leafproof"))
            .current_dir(folder.path())
            .args(["grant", command])
            .args(common)
            .args(more)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let request = axum::http::Request::post("/epcis/v2/capture")
            .header("authorization", &bearer)
            .header("content-type", server::presigned::CONTENT_TYPE)
            .body(axum::body::Body::from(std::fs::read(folder.path().join("grant.lps")).unwrap()))
            .unwrap();
        let answer = app.send(request).await.json();
        assert_eq!(answer["success"], true, "{answer}");
        let said = observed(event, ITEM_URN, "storing", "urn:epc:id:sgln:9529999.00018.0");
        let answer = app.capture("rival.example", &document(vec![said]), &[], "").await.json();
        assert_eq!(answer["events"][0]["outcome"], outcome, "{answer}");
    }
}

/// An input is confirmed where its owner's own record says that these goods went to whoever used them; and that is written into the ledger
/// only where the owner lets the other name its goods anyway.
#[tokio::test]
async fn an_owner_that_records_where_its_goods_went_confirms_them_as_input() {
    for (granted, shipped_to, word) in
        [(true, "9521234.00000", "confirmed"), (true, "9529999.00000", "named"), (false, "9521234.00000", "said")]
    {
        let app = App::new().await;
        let lot = "https://id.gs1.org/01/09521272000013/10/M1";
        if granted {
            let next = grants::next(&app.engine, "store.example", "brand.example", rights_of(["input"]).unwrap(), Vec::new()).unwrap();
            grants::give(&app.engine, next, None).await.unwrap();
        }
        let mut shipped = observed("1", ITEM_URN, "shipping", "urn:epc:id:sgln:9521272.00018.0");
        shipped.as_object_mut().unwrap().remove("epcList");
        shipped["quantityList"] = json!([{ "epcClass": lot, "quantity": 10 }]);
        shipped["destinationList"] = json!([
            { "type": "owning_party", "destination": format!("urn:epc:id:pgln:{shipped_to}") },
            { "type": "location", "destination": "urn:epc:id:sgln:9521272.00099.0" },
        ]);
        app.taken("store.example", vec![shipped.clone()]).await;
        let mut made = observed("2", ITEM_URN, "commissioning", "urn:epc:id:sgln:9521234.00018.0");
        for field in ["epcList", "action"] {
            made.as_object_mut().unwrap().remove(field);
        }
        made["type"] = json!("TransformationEvent");
        made["inputQuantityList"] = json!([{ "epcClass": lot, "quantity": 10 }]);
        made["outputEPCList"] = json!([ITEM_URN]);
        app.taken("brand.example", vec![made]).await;
        let text = report(&app).text;
        let said: Vec<&str> = text.lines().filter(|line| line.starts_with("input\t")).collect();
        assert!(said.len() == 1 && said[0].ends_with(word), "{word}: {said:?}");
        // Who buys from whom stands nowhere but where both say so.
        let view = app.engine.view();
        let receivers = (0..view.size()).filter_map(|index| view.entry(index).ok()).map(|tile| match &tile.entry.body {
            ledger::entry::Body::Event(event) => event.receivers().count(),
            _ => 0,
        });
        assert_eq!(receivers.sum::<usize>(), usize::from(word == "confirmed"));
        // A permission given or ended since changes nothing of what was said: the same again is the same.
        let next = grants::next(&app.engine, "store.example", "brand.example", u16::from(!granted) * 128, Vec::new()).unwrap();
        grants::give(&app.engine, next, None).await.unwrap();
        let again = app.capture("store.example", &document(vec![shipped]), &[], "").await.json();
        assert_eq!(again["events"][0]["outcome"], "already captured", "{again}");
    }
}

/// A carrier moves goods of several owners on one pallet: an entry for each owner, so that none sees another's, and one event for itself.
#[tokio::test]
async fn an_event_about_goods_of_many_owners_is_cut_for_each() {
    const CARRIER: &str = "carrier.example";
    let app = App::new().await;
    let record = rights_of(["record", "pack"]).unwrap();
    let theirs = ["urn:epc:id:sgtin:9521234.000004.7K2M9", "urn:epc:id:sgtin:9521234.000004.7K2M8"];
    let stores = "urn:epc:id:sgtin:9521272.000001.S1";
    let rivals = "urn:epc:id:sgtin:9529999.000001.R1";
    for owner in ["brand.example", "store.example"] {
        grants::give(&app.engine, grants::next(&app.engine, owner, CARRIER, record, Vec::new()).unwrap(), None).await.unwrap();
    }
    let mut packed = observed("1", ITEM_URN, "loading", "urn:epc:id:sgln:9521258.00018.0");
    packed["type"] = json!("AggregationEvent");
    packed["action"] = json!("ADD");
    packed["parentID"] = json!("urn:epc:id:sscc:9521258.0000000001");
    packed["childEPCs"] = json!([theirs[0], stores, theirs[1]]);
    packed["childQuantityList"] = json!([{ "epcClass": "urn:epc:class:lgtin:9521272.000001.L1", "quantity": 4 }]);
    packed.as_object_mut().unwrap().remove("epcList");
    app.taken("brand.example", vec![commissioning("2", theirs[0])]).await;
    let job = app.taken(CARRIER, vec![packed.clone()]).await;
    let entries: Vec<u64> = job["events"][0]["entries"].as_array().unwrap().iter().map(|index| index.as_u64().unwrap()).collect();
    assert_eq!(entries.len(), 2, "{job}");
    let view = app.engine.view();
    let brand = Authority::Owner(Name::member_key("brand.example"));
    for index in &entries {
        let tile = view.entry(*index).unwrap();
        let event = tile.entry.event().unwrap();
        let source = event.parts.iter().find(|part| part.kind == part_kind::SOURCE).unwrap();
        let source = String::from_utf8(view.part_bytes(&source.commitment).unwrap().unwrap()).unwrap();
        let of_brand = event.authorities.contains(&brand);
        assert_eq!((event.authorities.len(), event.chunks), (2, 2), "the carrier's pallet, and one owner's goods");
        assert_eq!((source.contains("9521234"), source.contains("9521272")), (of_brand, !of_brand), "{source}");
        assert_eq!(source.contains("childQuantityList"), !of_brand, "{source}");
    }
    assert!(report(&app).failure.is_none());
    // Its author reads it whole, and once, by whatever it is found.
    let read = async |query: &str| {
        let authorization = format!("Bearer {}", key(CARRIER));
        app.with(Method::GET, &format!("/epcis/v2/events{query}"), &[("authorization", &authorization)]).await.events()
    };
    for query in ["", "?MATCH_anyEPC=urn:epc:id:sscc:9521258.0000000001", &format!("?MATCH_anyEPC={stores}")] {
        let found = read(query).await;
        assert_eq!(found.len(), 1, "{query}: {found:?}");
        let mut children: Vec<&str> = found[0]["childEPCs"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        children.sort_unstable();
        assert_eq!(children, [theirs[1], theirs[0], stores], "{query}");
        assert_eq!(found[0]["childQuantityList"].as_array().unwrap().len(), 1);
    }
    // The same again is the same, and one declaration takes all of it back.
    let again = app.capture(CARRIER, &document(vec![packed.clone()]), &[], "").await.json();
    assert_eq!(again["events"][0]["outcome"], "already captured", "{again}");
    let mut declared = packed.clone();
    declared["errorDeclaration"] = json!({ "declarationTime": "2026-11-10T09:00:00+08:00", "reason": "incorrect_data" });
    let back = app.taken(CARRIER, vec![declared]).await;
    assert_eq!(back["events"][0]["entries"].as_array().unwrap().len(), 2, "{back}");
    assert!(report(&app).text.contains("\tvoided\t"), "{}", report(&app).text);

    // What it has no right to is named, and goes in with nothing else; the rest of it goes in where it may.
    let mut mixed = observed("3", ITEM_URN, "loading", "urn:epc:id:sgln:9521258.00018.0");
    mixed["epcList"] = json!([theirs[0], rivals, stores]);
    let why = refused(&app, CARRIER, mixed.clone()).await;
    assert!(why.contains("rival.example") && why.contains("09529999"), "{why}");
    let before = app.engine.view().size();
    let proceed = [("gs1-capture-error-behaviour", "proceed")];
    let dry = app.capture(CARRIER, &document(vec![mixed.clone()]), &proceed, "?dryRun=true").await.json();
    assert_eq!((&dry["success"], &dry["events"][0]["outcome"]), (&json!(false), &json!("valid")), "{dry}");
    assert_eq!(app.engine.view().size(), before);
    let part = app.capture(CARRIER, &document(vec![mixed.clone()]), &proceed, "").await.json();
    assert_eq!((&part["success"], &part["events"][0]["outcome"]), (&json!(false), &json!("captured")), "{part}");
    assert!(part["events"][0]["problems"][0].as_str().unwrap().contains("rival.example"), "{part}");
    assert_eq!(part["events"][0]["entries"].as_array().unwrap().len(), 2);
    let found = read(&format!("?MATCH_anyEPC={stores}&EQ_bizStep=loading&eventType=ObjectEvent")).await;
    assert_eq!(found[0]["epcList"].as_array().unwrap().len(), 2, "{found:?}");
    let again = app.capture(CARRIER, &document(vec![mixed.clone()]), &proceed, "").await.json();
    assert_eq!(again["events"][0]["outcome"], "already captured", "{again}");
    // The same, sent as one event: what was taken in part was taken.
    let mut single = mixed.clone();
    single["@context"] = document(Vec::new())["@context"].clone();
    let again = app.post_event(CARRIER, &single, &proceed).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text());
    assert!(again.text().contains("this very event is in the ledger already"), "{}", again.text());
    single["eventID"] = json!("urn:uuid:00000000-0000-4000-8000-000000000008");
    let part = app.post_event(CARRIER, &single, &proceed).await;
    assert_eq!((part.status, &part.json()["outcome"]), (StatusCode::CREATED, &json!("captured")), "{}", part.text());
    assert!(part.json()["problems"][0].as_str().unwrap().contains("rival.example"), "{}", part.text());
    let kept = app.with(Method::GET, part.header("location"), &[("authorization", &format!("Bearer {}", key(CARRIER)))]).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text());
    // When the permission is there, the same again is told what is new in it, and that comes in by itself.
    assert!(job_says(&part.json(), "send them alone"), "{}", part.text());
    grants::give(&app.engine, grants::next(&app.engine, "rival.example", CARRIER, record, Vec::new()).unwrap(), None).await.unwrap();
    let size = app.engine.view().size();
    let grown = app.post_event(CARRIER, &single, &[]).await;
    assert_eq!(grown.status, StatusCode::CONFLICT, "{}", grown.text());
    let said = "send these alone, as an event with an id of its own: /01/09529999000019/21/R1";
    assert!(grown.json()["detail"].as_str().unwrap().contains(said), "{}", grown.text());
    assert!(refused(&app, CARRIER, mixed.clone()).await.contains(said));
    let mut another = mixed.clone();
    another["bizStep"] = json!("storing");
    let why = refused(&app, CARRIER, another).await;
    assert!(why.contains("says something else") && !why.contains("alone"), "{why}");
    assert_eq!(app.engine.view().size(), size);
    let mut alone = mixed.clone();
    (alone["epcList"], alone["eventID"]) = (json!([rivals]), json!("urn:uuid:00000000-0000-4000-8000-000000000006"));
    app.taken(CARRIER, vec![alone]).await;
    let end = grants::next(&app.engine, "rival.example", CARRIER, 0, Vec::new()).unwrap();
    grants::give(&app.engine, end, None).await.unwrap();
    // Nothing of it, where nothing of it may be said.
    mixed["epcList"] = json!([rivals]);
    mixed["eventID"] = json!("urn:uuid:00000000-0000-4000-8000-000000000009");
    let none = app.capture(CARRIER, &document(vec![mixed]), &proceed, "").await.json();
    assert_eq!(none["events"][0]["outcome"], "refused", "{none}");
    (single["epcList"], single["eventID"]) = (json!([rivals]), json!("urn:uuid:00000000-0000-4000-8000-000000000007"));
    assert_eq!(app.post_event(CARRIER, &single, &proceed).await.status, StatusCode::BAD_REQUEST);
}

/// What was said of goods of two owners is taken back for those that its author may still speak of, whichever of them let it go; and all
/// or nothing means so.
#[tokio::test]
async fn a_permission_that_ended_keeps_nobody_from_taking_back_what_was_said_of_anothers_goods() {
    const CARRIER: &str = "carrier.example";
    let stores = "urn:epc:id:sgtin:9521272.000001.S1";
    for (ended, stays) in [("store.example", "brand.example"), ("brand.example", "store.example")] {
        let app = App::new().await;
        let record = rights_of(["record"]).unwrap();
        let store = grants::next(&app.engine, "store.example", CARRIER, record, Vec::new()).unwrap();
        grants::give(&app.engine, store, None).await.unwrap();
        let mut moved = observed("1", ITEM_URN, "loading", "urn:epc:id:sgln:9521258.00018.0");
        moved["epcList"] = json!([ITEM_URN, stores]);
        let job = app.taken(CARRIER, vec![moved.clone()]).await;
        let pieces: Vec<u64> = job["events"][0]["entries"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
        assert_eq!(pieces.len(), 2);
        grants::give(&app.engine, grants::next(&app.engine, ended, CARRIER, 0, Vec::new()).unwrap(), None).await.unwrap();
        moved["errorDeclaration"] = json!({ "declarationTime": "2026-11-10T09:00:00+08:00", "reason": "incorrect_data" });
        let size = app.engine.view().size();
        for query in ["?dryRun=true", ""] {
            let none = app.capture(CARRIER, &document(vec![moved.clone()]), &[], query).await.json();
            assert_eq!((&none["success"], &none["events"][0]["outcome"]), (&json!(false), &json!("refused")), "{query}: {none}");
            assert!(none["events"][0]["problems"][0].as_str().unwrap().contains(ended), "{none}");
            assert_eq!(app.engine.view().size(), size, "nothing of it is taken");
        }
        let proceed = [("gs1-capture-error-behaviour", "proceed")];
        for (query, outcome) in [("?dryRun=true", "valid"), ("", "captured"), ("", "already captured")] {
            let part = app.capture(CARRIER, &document(vec![moved.clone()]), &proceed, query).await.json();
            assert_eq!((&part["success"], &part["events"][0]["outcome"]), (&json!(false), &json!(outcome)), "{query}: {part}");
            assert!(part["events"][0]["problems"][0].as_str().unwrap().contains(ended), "{part}");
        }
        let view = app.engine.view();
        let voids = (0..view.size()).filter_map(|index| match view.entry(index).unwrap().entry.body {
            ledger::entry::Body::Event(event) if event.kind == Kind::Void => Some(event.authorities),
            _ => None,
        });
        let voids: Vec<_> = voids.collect();
        assert_eq!(voids, [vec![Authority::Owner(Name::member_key(stays))]]);
    }
}

/// Alerts have a limit for each author and subject. It is looked at before anything of a document is taken: no half of an event stays behind.
#[tokio::test]
async fn an_event_with_one_alert_too_many_is_taken_for_none_of_its_owners() {
    const CARRIER: &str = "carrier.example";
    let stores = "urn:epc:id:sgtin:9521272.000001.S1";
    for full in [ITEM_URN, stores] {
        let app = App::new().await;
        let record = rights_of(["record"]).unwrap();
        let store = grants::next(&app.engine, "store.example", CARRIER, record, Vec::new()).unwrap();
        grants::give(&app.engine, store, None).await.unwrap();
        let warning = |id: usize, epcs: &[&str]| {
            let mut event = observed(&id.to_string(), ITEM_URN, "inspecting", "urn:epc:id:sgln:9521258.00018.0");
            (event["disposition"], event["epcList"]) = (json!("damaged"), json!(epcs));
            event
        };
        let nine: Vec<Value> = (1..=9).map(|id| warning(id, &[full])).collect();
        let before = app.engine.view().size();
        for query in ["?dryRun=true", ""] {
            let none = app.capture(CARRIER, &document(nine.clone()), &[], query).await.json();
            assert_eq!((&none["success"], &none["events"][8]["outcome"]), (&json!(false), &json!("refused")), "{query}: {none}");
            assert!(none["events"][8]["problems"][0].as_str().unwrap().contains("8 alerts open"), "{none}");
            assert_eq!(app.engine.view().size(), before, "all or nothing");
        }
        app.taken(CARRIER, nine[..8].to_vec()).await;
        let size = app.engine.view().size();
        let both = document(vec![warning(10, &[ITEM_URN, stores])]);
        for behaviour in ["rollback", "proceed"] {
            let none = app.capture(CARRIER, &both, &[("gs1-capture-error-behaviour", behaviour)], "").await.json();
            assert_eq!(none["events"][0]["outcome"], "refused", "{none}");
            assert!(none["events"][0]["entries"].is_null(), "{none}");
            assert_eq!(app.engine.view().size(), size, "{behaviour}: {full}");
        }
        // What is there already is no alert more.
        let again = app.capture(CARRIER, &document(nine[..8].to_vec()), &[], "").await.json();
        assert_eq!((&again["success"], &again["events"][0]["outcome"]), (&json!(true), &json!("already captured")), "{again}");
    }
}

/// An alert is never left out of a file, so whoever is not the owner says it in short, whichever way it comes and goes.
#[tokio::test]
async fn a_partners_alert_is_short_and_the_owners_as_long_as_it_must() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let warning = |id: &str, words: usize| {
        let mut event = observed(id, ITEM_URN, "inspecting", "urn:epc:id:sgln:9521272.00018.0");
        event["disposition"] = json!("damaged");
        let fact = json!({ "lp:label": {"en": "Seen"}, "lp:text": "word ".repeat(words).trim() });
        event["lp:facts"] = json!([fact, fact]);
        event
    };
    let (short, long) = (warning("2", 100), warning("3", 250));
    let size = app.engine.view().size();
    for query in ["?dryRun=true", ""] {
        let none = app.capture("store.example", &document(vec![short.clone(), long.clone()]), &[], query).await.json();
        assert_eq!((&none["success"], &none["events"][1]["outcome"]), (&json!(false), &json!("refused")), "{none}");
        assert!(none["events"][1]["problems"][0].as_str().unwrap().contains("may have 2048 bytes"), "{none}");
        assert_eq!(app.engine.view().size(), size, "all or nothing");
    }
    app.taken("store.example", vec![short.clone()]).await;
    app.taken("brand.example", vec![long.clone()]).await;
    // Nor is it taken back with more words than it was raised with; together with a good event, which stays out as well.
    let mut back = short;
    back["errorDeclaration"] = json!({
        "declarationTime": "2026-01-07T10:00:00+08:00", "reason": "incorrect_data",
        "lp:reason": { "en": "word ".repeat(250).trim(), "zh": "字".repeat(500) },
    });
    let size = app.engine.view().size();
    let none = app.capture("store.example", &document(vec![warning("4", 10), back.clone()]), &[], "").await.json();
    assert!(none["events"][1]["problems"][0].as_str().unwrap().contains("may have 2048 bytes"), "{none}");
    assert_eq!(app.engine.view().size(), size);
    back["errorDeclaration"]["lp:reason"] = json!({ "en": "It was another's." });
    app.taken("store.example", vec![back]).await;
    // Signed elsewhere.
    let source = json!({ "epcList": [ITEM_URN] }).to_string();
    let secret = own_key(&app, "store.example", 23).await;
    let seq = app.engine.view().newest_seq(&Name::member_key("store.example")).unwrap() + 1;
    for (words, outcome) in [(500, "refused"), (200, "captured")] {
        let said =
            format!("/disposition\tsdamaged\n/lp:facts/0/lp:label/en\tsSeen\n/lp:facts/0/lp:text\ts{}\n", "word ".repeat(words).trim());
        let event = engine::NewEvent {
            event_ms: 1_767_603_600_000,
            kind: Kind::Object,
            action: Action::Observe,
            class: Class::Alert,
            event_id: event_id(b"signed elsewhere"),
            chunk: 0,
            chunks: 1,
            target: ledger::Hash::ZERO,
            authorities: vec![Authority::Owner(Name::member_key("brand.example"))],
            refs: Vec::new(),
            records: vec![Record { role: record_role::OBJECT, authority: 0, key: Name::from_digital_link_path(ITEM).unwrap().key() }],
            parts: vec![(part_kind::PUBLIC, said.into_bytes()), (part_kind::SOURCE, source.clone().into_bytes())],
            parts_of: None,
            erased: Vec::new(),
        };
        let origin = app.engine.keys().origin();
        let signed = server::presign::sign(&event, origin, Name::member_key("store.example"), seq, &secret);
        let refused = app.engine.submit(Submission::Signed(Box::new(signed.clone()))).await.err().map(|why| why.to_string());
        assert_eq!(refused.is_some_and(|why| why.contains("2048 bytes")), outcome == "refused");
        let tile = TileEntry {
            entry: Entry { logged_ms: 1_767_603_600_000, body: ledger::entry::Body::Event(signed.event) },
            records: signed.records,
        };
        let parts = signed.parts.into_iter().map(|(_, salt, bytes)| (salt, bytes)).collect();
        let file = presigned::encode(origin, &[Presigned { tile, parts }]).unwrap();
        let request = axum::http::Request::post("/epcis/v2/capture?dryRun")
            .header("authorization", format!("Bearer {}", key("store.example")))
            .header("content-type", server::presigned::CONTENT_TYPE);
        let answer = app.send(request.body(axum::body::Body::from(file)).unwrap()).await.json();
        let expected = if outcome == "refused" { "refused" } else { "valid" };
        assert_eq!(answer["events"][0]["outcome"], expected, "{answer}");
    }
}

/// Two products of one animal, with one lot number, in one event: an entry for each lot, and both are issued by it.
#[tokio::test]
async fn what_makes_goods_of_two_lots_issues_both() {
    let app = App::new().await;
    let mut made = observed("1", ITEM_URN, "commissioning", "urn:epc:id:sgln:9521234.00018.0");
    for field in ["epcList", "action"] {
        made.as_object_mut().unwrap().remove(field);
    }
    made["type"] = json!("TransformationEvent");
    made["inputQuantityList"] = json!([{ "epcClass": "urn:epc:class:lgtin:9521234.000009.IN1", "quantity": 5 }]);
    made["outputEPCList"] = json!([ITEM_URN, "urn:epc:id:sgtin:9521234.000009.O2"]);
    made["ilmd"] = json!({ "cbvmda:lotNumber": "LOT7" });
    let job = app.taken("brand.example", vec![made.clone()]).await;
    assert_eq!(job["events"][0]["entries"].as_array().unwrap().len(), 2, "{job}");
    for (path, lot) in [(ITEM, "/01/09521234000044/10/LOT7"), ("/01/09521234000099/21/O2", "/01/09521234000099/10/LOT7")] {
        let report = report_of(&app, path);
        let lot = Name::from_digital_link_path(lot).unwrap().key();
        assert_eq!((report.state, report.failure), (State::NotCosigned, None), "{}", report.text);
        assert!(report.text.contains("\nissued\t") && report.text.contains("\tbatch\t"), "{}", report.text);
        assert!(report.text.contains("\ninput\t"), "{}", report.text);
        assert_eq!(app.engine.view().about(&lot).unwrap().len(), 1, "one entry makes goods of the lot");
    }
    let authorization = format!("Bearer {}", key("brand.example"));
    let events = app.with(Method::GET, "/epcis/v2/events", &[("authorization", &authorization)]).await.events();
    assert_eq!(
        (events.len(), &events[0]["outputEPCList"], &events[0]["inputQuantityList"]),
        (1, &made["outputEPCList"], &made["inputQuantityList"])
    );
}

#[tokio::test]
async fn a_refused_member_asks_the_owner_and_both_see_how_it_stands() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let storing = |id| observed(id, ITEM_URN, "storing", "urn:epc:id:sgln:9529999.00018.0");
    let why = refused(&app, "rival.example", storing("2")).await;
    assert!(why.contains("/console/partners?ask=brand.example&right=record") && why.contains("POST /rights/requests"), "{why}");
    let send = async |member: &str, method: Method, path: &str, body: &str| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", key(member)))
            .body(axum::body::Body::from(body.to_owned()))
            .unwrap();
        app.send(request).await
    };
    let wish = r#"{"owner": "brand.example", "rights": ["record"], "scopes": ["9521234"]}"#;
    for (body, status, said) in [
        ("{}", StatusCode::BAD_REQUEST, "owner"),
        (r#"{"owner": "brand.example", "rights": ["everything"]}"#, StatusCode::BAD_REQUEST, "at least one right"),
        (r#"{"owner": "brand.example", "rights": ["record"], "scopes": ["9529999"]}"#, StatusCode::BAD_REQUEST, "9529999"),
        (r#"{"owner": "nobody.example", "rights": ["record"]}"#, StatusCode::NOT_FOUND, "nobody.example"),
        (r#"{"owner": "brand.example", "rights": ["record"], "words": "buy from us"}"#, StatusCode::BAD_REQUEST, "words"),
        (wish, StatusCode::CREATED, "\"open\""),
        (wish, StatusCode::CONFLICT, "already"),
    ] {
        let answer = send("rival.example", Method::POST, "/rights/requests", body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        assert!(answer.text().contains(said), "{body}: {}", answer.text());
    }
    assert_eq!(app.with(Method::GET, "/rights/requests", &[]).await.status, StatusCode::UNAUTHORIZED);
    let seen = async |member: &str| send(member, Method::GET, "/rights/requests", "").await.json();
    assert_eq!(seen("brand.example").await["received"][0]["partner"], "rival.example");
    assert_eq!(seen("rival.example").await["asked"][0]["state"], "open");
    assert_eq!(seen("carrier.example").await, json!({ "asked": [], "received": [] }), "nobody else sees any of it");
    // Nobody declines or takes back for another.
    for path in ["/rights/requests/from/rival.example", "/rights/requests/to/brand.example"] {
        assert_eq!(send("carrier.example", Method::DELETE, path, "").await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(send("brand.example", Method::DELETE, "/rights/requests/from/rival.example", "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(seen("rival.example").await["asked"][0]["state"], "declined");
    assert!(seen("brand.example").await["received"].as_array().unwrap().is_empty());
    assert_eq!(send("rival.example", Method::POST, "/rights/requests", wish).await.status, StatusCode::CONFLICT);
    refused(&app, "rival.example", storing("3")).await;
    // Whichever way the owner gives it, that is the answer.
    let grant = grants::next(&app.engine, "brand.example", "rival.example", rights_of(["record"]).unwrap(), Vec::new()).unwrap();
    grants::give(&app.engine, grant, None).await.unwrap();
    assert_eq!(seen("rival.example").await["asked"][0]["state"], "granted");
    app.taken("rival.example", vec![storing("4")]).await;
}

#[tokio::test]
async fn when_a_permission_was_used_last_is_noted_and_only_where_it_was_used() {
    let app = App::new().await;
    let [brand, store, carrier, rival] = ["brand.example", "store.example", "carrier.example", "rival.example"].map(Name::member_key);
    let used = |partner| app.engine.index().grant_used(&brand, partner).unwrap();
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    assert_eq!((used(&store), used(&brand)), (None, None));
    app.taken("store.example", vec![observed("2", ITEM_URN, "receiving", "urn:epc:id:sgln:9521272.00018.0")]).await;
    let newest = |member: &str| {
        let seq = app.engine.view().newest_seq(&Name::member_key(member)).unwrap();
        assert!(seq > 0, "{member} recorded something");
    };
    newest("store.example");
    assert!(used(&store).is_some() && used(&carrier).is_none());
    // To name goods as one's input takes no permission, so it uses none.
    let mut made = commissioning("3", ITEM_URN);
    for gone in ["epcList", "action"] {
        made.as_object_mut().unwrap().remove(gone);
    }
    made["type"] = json!("TransformationEvent");
    made["inputEPCList"] = json!([ITEM_URN]);
    made["outputEPCList"] = json!(["urn:epc:id:sgtin:9529999.000001.1"]);
    app.taken("rival.example", vec![made]).await;
    assert_eq!(used(&rival), None);
    let grant = app.engine.view().rights().grant_of(&brand, &store).unwrap().key();
    assert!(app.engine.index().grant_since(&grant).unwrap().is_some_and(|ms| ms <= used(&store).unwrap()));
}

/// By what a maker with a key of its own says of its inputs a page says "named": so it names them, each under its true owner and within
/// that owner's permission.
#[tokio::test]
async fn a_maker_that_signs_itself_names_its_inputs_and_their_owners() {
    const MILK: &str = "/01/09521272000013/10/M1";
    let app = App::new().await;
    let secret = own_key(&app, "brand.example", 22).await;
    let (brand, store, rival) = ["brand.example", "store.example", "rival.example"].map(Name::member_key).into();
    let scope = vec!["9521272000013".to_owned()];
    let input = rights_of(["input"]).unwrap();
    grants::give(&app.engine, grants::next(&app.engine, "store.example", "brand.example", input, scope).unwrap(), None).await.unwrap();
    grants::give(&app.engine, grants::next(&app.engine, "rival.example", "brand.example", input, Vec::new()).unwrap(), None).await.unwrap();
    let name = |path: &str| Name::from_digital_link_path(path).unwrap();
    let post = async |seq: u64, milk: &str, owner: ledger::Key, lines: String| {
        let parts = [(part_kind::PUBLIC, [7; 16], lines.into_bytes())];
        let draft = EventDraft {
            member: brand,
            seq,
            event_ms: 1_767_603_600_000,
            kind: Kind::Transformation,
            action: Action::None,
            class: Class::Ordinary,
            event_id: event_id(format!("{milk} {owner:?}").as_bytes()),
            chunk: 0,
            chunks: 1,
            target: ledger::Hash::ZERO,
            authorities: vec![Authority::Owner(brand), Authority::Owner(owner)],
            refs: vec![Ref { role: ref_role::INPUT, authority: 1, key: name(milk).key() }],
            parts: parts.iter().map(|(kind, salt, bytes)| Part { kind: *kind, commitment: commitment(salt, bytes) }).collect(),
            records: vec![
                Record { role: record_role::OUTPUT, authority: 0, key: name(ITEM).key() },
                Record { role: record_role::INPUT, authority: 1, key: name(milk).key() },
            ],
        };
        let (event, records) = draft.sign(app.engine.keys().origin(), &secret);
        let tile = TileEntry { entry: Entry { logged_ms: 1_767_603_600_000, body: ledger::entry::Body::Event(event) }, records };
        let parts = parts.into_iter().map(|(_, salt, bytes)| (salt, bytes)).collect();
        let file = presigned::encode(app.engine.keys().origin(), &[Presigned { tile, parts }]).unwrap();
        let request = axum::http::Request::post("/epcis/v2/capture")
            .header("authorization", format!("Bearer {}", key("brand.example")))
            .header("content-type", server::presigned::CONTENT_TYPE)
            .body(axum::body::Body::from(file))
            .unwrap();
        app.send(request).await.json()["events"][0].clone()
    };
    let named = |path: &str| format!("@input\t{path}\n");
    for (milk, owner, lines) in [
        (MILK, store, "/x:a\tsb\n".to_owned()),
        (MILK, rival, named(MILK)),
        ("/01/09521272000099/10/M1", store, named("/01/09521272000099/10/M1")),
    ] {
        let refused = post(1, milk, owner, lines).await;
        assert!(refused["outcome"] == "refused" && refused["problems"][0].as_str().unwrap().contains("@input"), "{refused}");
    }
    let taken = post(1, MILK, store, named(MILK)).await;
    assert_eq!(taken["outcome"], "captured", "{taken}");
}
