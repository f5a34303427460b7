//! An owner objects to what another recorded of its goods; nobody else does, and nothing is hidden by it.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use ed25519_dalek::SigningKey;
use engine::{NewEvent, Submission};
use ledger::entry::{Custody, Member, level, role};
use ledger::name::Name;
use ledger::policy::Policy;
use ledger::presigned::{self, Presigned};
use ledger::verify::{State, verify};
use serde_json::{Value, json};
use server::objection::{self, Reason};
use server::presign;
use server::session::accounts::{self, Role};
use store::record::StateRecord;

use crate::app::{Answer, App, ITEM, ITEM_URN, URL, commissioning, key, observed};

const PASSWORD: &str = "orchard-2026";

async fn send(app: &App, member: &str, method: Method, path: &str, body: impl Into<Body>, content_type: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", key(member)));
    app.send(request.header("content-type", content_type).body(body.into()).unwrap()).await
}

async fn object(app: &App, member: &str, wish: &Value) -> Answer {
    send(app, member, Method::POST, "/objections", wish.to_string(), "application/json").await
}

async fn changed(app: &App, id: &str, change: impl FnOnce(&mut Member)) {
    let (_, mut member) = app.engine.view().member(id).unwrap().pop().unwrap();
    member.version += 1;
    change(&mut member);
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    app.engine.submit(Submission::Member(Box::new(member))).await.unwrap();
}

/// Records something and says where it stands.
async fn recorded(app: &App, member: &str, id: &str, step: &str) -> u64 {
    let job = app.taken(member, vec![observed(id, ITEM_URN, step, "urn:epc:id:sgln:9529999.00018.0")]).await;
    job["events"][0]["entries"][0].as_u64().unwrap()
}

fn report(app: &App) -> (State, String) {
    let name = Name::from_digital_link_path(ITEM).unwrap();
    let policy = Policy::parse(app.engine.keys().policy().encode().as_bytes()).unwrap();
    let report = verify(&app.engine.bundle(&name).unwrap(), &policy, Some(&name.bytes()), base::clock::now_ms(), &[]);
    (report.state, report.text)
}

fn objected(app: &App) -> usize {
    report(app).1.lines().filter(|line| line.starts_with("mark\t") && line.contains("\tobjected\t")).count()
}

#[tokio::test]
async fn the_owner_objects_once_to_anothers_record_of_its_goods_and_nobody_else_does() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let entry = recorded(&app, "store.example", "2", "receiving").await;
    let why = json!({ "en": "We sold nothing to this store.", "zh": "我们没有向这家门店供货。" });
    for (who, wish, status, said) in [
        ("rival.example", json!({ "entry": entry, "reason": why }), StatusCode::FORBIDDEN, "number is yours"),
        ("store.example", json!({ "entry": entry, "reason": why }), StatusCode::BAD_REQUEST, "your own record"),
        ("brand.example", json!({ "entry": 1_000_000, "reason": why }), StatusCode::NOT_FOUND, "no record about goods"),
        ("brand.example", json!({ "entry": 0, "reason": why }), StatusCode::NOT_FOUND, "no record about goods"),
        ("brand.example", json!({ "entry": entry, "reason": {} }), StatusCode::BAD_REQUEST, "say why"),
        ("brand.example", json!({ "entry": entry, "reason": { "en": "gnp.\u{202e}exe" } }), StatusCode::BAD_REQUEST, "U+202E"),
        ("brand.example", json!({ "entry": entry, "reason": { "fr": "Non" } }), StatusCode::BAD_REQUEST, "en or zh"),
        ("brand.example", json!({ "entry": entry, "reason": { "en": "word ".repeat(60).trim() } }), StatusCode::BAD_REQUEST, "at most 200"),
        ("brand.example", json!({ "entry": entry, "goods": ["nonsense"], "reason": why }), StatusCode::BAD_REQUEST, "nonsense"),
    ] {
        let answer = object(&app, who, &wish).await;
        assert_eq!(answer.status, status, "{wish}: {}", answer.text());
        assert!(answer.text().contains(said), "{said}: {}", answer.text());
    }
    let nobody = app.with(Method::POST, "/objections", &[]).await;
    assert_eq!((nobody.status, objected(&app)), (StatusCode::UNAUTHORIZED, 0));
    let done = object(&app, "brand.example", &json!({ "entry": entry, "reason": why })).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text());
    let again = object(&app, "brand.example", &json!({ "entry": entry, "reason": { "en": "Another reason" } })).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text());
    let (state, text) = report(&app);
    assert_eq!((state, objected(&app)), (State::NotCosigned, 1), "{text}");
    let page = app.get(ITEM).await.text();
    assert!(page.contains("class=\"objection\"") && page.contains("We sold nothing to this store."), "{page}");
    assert!(page.contains(&format!("data-entry=\"{entry}\"")), "the record stands where it stood");
}

#[tokio::test]
async fn its_author_alone_takes_an_objection_back_and_once() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let entry = recorded(&app, "store.example", "2", "receiving").await;
    let path = format!("/objections/{entry}");
    let take_back = async |who: &str| send(&app, who, Method::DELETE, &path, "", "text/plain").await;
    let none = take_back("brand.example").await;
    assert!(none.status == StatusCode::NOT_FOUND && none.text().contains("no objection of yours"), "{}", none.text());
    let wish = json!({ "entry": entry, "reason": { "en": "We sold nothing to this store." } });
    assert_eq!(object(&app, "brand.example", &wish).await.status, StatusCode::CREATED);
    let told = async || send(&app, "brand.example", Method::GET, &path, "", "text/plain").await.json();
    assert!(told().await["objection"]["entry"].as_u64().is_some_and(|at| at > entry));
    for (who, status) in
        [("rival.example", StatusCode::NOT_FOUND), ("store.example", StatusCode::NOT_FOUND), ("nobody.example", StatusCode::UNAUTHORIZED)]
    {
        assert_eq!((take_back(who).await.status, objected(&app)), (status, 1), "{who}");
    }
    let done = take_back("brand.example").await;
    assert_eq!((done.status, &done.json()["takesBackObjectionTo"]), (StatusCode::OK, &json!(entry)), "{}", done.text());
    let (state, text) = report(&app);
    assert_eq!((state, objected(&app)), (State::NotCosigned, 0), "{text}");
    let page = app.get(ITEM).await.text();
    assert!(!page.contains("class=\"objection\"") && !page.contains("We sold nothing"), "{page}");
    assert!(page.contains(&format!("data-entry=\"{entry}\"")), "the record stands as before");
    assert_eq!(told().await.get("objection"), None);
    // Once and for all: neither the end nor the objection comes again.
    let again = take_back("brand.example").await;
    assert!(again.status == StatusCode::CONFLICT && again.text().contains("back already"), "{}", again.text());
    let again = object(&app, "brand.example", &wish).await;
    assert!(again.status == StatusCode::CONFLICT && again.text().contains("also where that was taken back"), "{}", again.text());
    assert_eq!(objected(&app), 0);
    // None of it is an event of EPCIS.
    let events = send(&app, "brand.example", Method::GET, "/epcis/v2/events", "", "text/plain").await.events();
    assert!(events.len() == 2 && events.iter().all(|event| event["type"] == "ObjectEvent"), "{events:?}");
}

#[tokio::test]
async fn nobody_objects_to_a_regulator_and_an_independents_goods_are_named() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN), commissioning("2", "urn:epc:id:sgtin:9521234.000004.OTHER")]).await;
    changed(&app, "rival.example", |member| member.roles = role::MEMBER | role::REGULATOR).await;
    let inspected = recorded(&app, "rival.example", "3", "inspecting").await;
    changed(&app, "rival.example", |member| (member.roles, member.levels) = (role::MEMBER | role::INDEPENDENT, level::ITEM)).await;
    let sold = recorded(&app, "rival.example", "4", "retail_selling").await;
    let other = "/01/09521234000044/21/OTHER";
    for (who, entry, goods, status) in [
        ("brand.example", inspected, vec![ITEM], StatusCode::FORBIDDEN),
        ("brand.example", sold, vec![], StatusCode::FORBIDDEN),
        ("brand.example", sold, vec![other], StatusCode::FORBIDDEN),
        ("carrier.example", sold, vec![ITEM], StatusCode::FORBIDDEN),
        ("brand.example", sold, vec![ITEM, other], StatusCode::CREATED),
    ] {
        let answer = object(&app, who, &json!({ "entry": entry, "goods": goods, "reason": { "en": "Not so." } })).await;
        assert_eq!(answer.status, status, "{who} {goods:?}: {}", answer.text());
    }
    assert_eq!(objected(&app), 1, "{}", report(&app).1);
}

#[tokio::test]
async fn an_owner_with_its_own_key_objects_from_its_own_side_by_the_same_rules() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let entry = recorded(&app, "store.example", "2", "receiving").await;
    let [brand, rival, store] = [31, 32, 33].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    for (id, key) in [("brand.example", &brand), ("rival.example", &rival), ("store.example", &store)] {
        let public = key.verifying_key().to_bytes();
        changed(&app, id, |member| (member.custody, member.public_key) = (Custody::Own, public)).await;
    }
    let wish = json!({ "entry": entry, "reason": { "en": "Not so." } });
    let unsigned = object(&app, "brand.example", &wish).await;
    assert!(unsigned.status == StatusCode::FORBIDDEN && unsigned.text().contains("keeps its own key"), "{}", unsigned.text());
    // Signed by hand: a rival over the brand's goods, and the brand under an id that would let it object twice.
    let body = app.engine.view().entry(entry).unwrap().entry.event().unwrap().body_hash(app.engine.view().origin());
    let item = Name::from_digital_link_path(ITEM).unwrap().key();
    let reason: Reason = [("en".to_owned(), "Not so.".to_owned())].into();
    let made = |id: &str| objection::objection(&Name::member_key(id), body, &[item], &reason, base::clock::now_ms()).unwrap();
    let twice = NewEvent { event_id: ledger::entry::event_id(b"another"), ..made("brand.example") };
    let hidden: Reason = [("en".to_owned(), "gnp.exe".to_owned())].into();
    let mut odd = objection::objection(&Name::member_key("brand.example"), body, &[item], &hidden, base::clock::now_ms()).unwrap();
    odd.parts[0].1 = "/lp:reason/en\tsgnp.\u{202e}exe\n".as_bytes().to_vec();
    let wordless = NewEvent { parts: Vec::new(), event_id: ledger::entry::event_id(b"one more"), ..made("brand.example") };
    for (id, key, event, said) in [
        ("brand.example", &brand, wordless, "an objection says why"),
        ("rival.example", &rival, made("rival.example"), "number is yours"),
        ("brand.example", &brand, twice, "the id of an objection"),
        ("brand.example", &brand, odd, "U+202E"),
    ] {
        let answer = send(&app, id, Method::POST, "/epcis/v2/capture", file(&app, id, key, &event), server::presigned::CONTENT_TYPE).await;
        let job = answer.json();
        assert!(job["success"] == false && job["events"][0]["problems"][0].as_str().unwrap().contains(said), "{said}: {job:#}");
    }
    let folder = tempfile::tempdir().unwrap();
    let sign = async |reason: &str| {
        let target = send(&app, "brand.example", Method::GET, &format!("/objections/{entry}"), "", "text/plain").await;
        assert_eq!(target.status, StatusCode::OK, "{}", target.text());
        std::fs::write(folder.path().join("target.json"), &target.body).unwrap();
        std::fs::write(folder.path().join("key"), ledger::Hash([31; 32]).to_string()).unwrap();
        let arguments = ["objection", "sign", "target.json", "--owner", "brand.example", "--key", "key", "--out", "objection.lps"];
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_leafproof"));
        let done = command.current_dir(folder.path()).args(arguments).args(["--reason", reason]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let file = std::fs::read(folder.path().join("objection.lps")).unwrap();
        send(&app, "brand.example", Method::POST, "/epcis/v2/capture", file, server::presigned::CONTENT_TYPE).await.json()
    };
    let done = sign("en=Not so.").await;
    assert_eq!((&done["success"], objected(&app)), (&true.into(), 1), "{done:#}");
    let second = sign("en=Another reason.").await;
    assert_eq!((&second["success"], objected(&app)), (&false.into(), 1), "{second:#}");
    // Others sign its end, the one whose record it is about too; then the brand does, on its own side.
    let origin = app.engine.view().origin().to_owned();
    for (id, key, said) in [("rival.example", &rival, "belongs to brand.example"), ("store.example", &store, "another member's")] {
        let standing = objection::objected(&app.engine.view(), "brand.example", entry).unwrap().unwrap();
        let (it, now_ms) = (standing.event, base::clock::now_ms());
        let end = objection::ending(it.event_id, it.body_hash(&origin), it.authorities, standing.records, now_ms);
        let posted = file(&app, id, key, &end);
        let job = send(&app, id, Method::POST, "/epcis/v2/capture", posted, server::presigned::CONTENT_TYPE).await.json();
        assert!(job["success"] == false && job["events"][0]["problems"][0].as_str().unwrap().contains(said), "{job:#}");
        assert_eq!(objected(&app), 1, "{id}");
    }
    let target = send(&app, "brand.example", Method::GET, &format!("/objections/{entry}"), "", "text/plain").await;
    std::fs::write(folder.path().join("target.json"), &target.body).unwrap();
    let end = |entry: u64| {
        let number = entry.to_string();
        let arguments =
            ["objection", "end", &number, "--owner", "brand.example", "--key", "key", "--target", "target.json", "--out", "end.lps"];
        std::process::Command::new(env!("CARGO_BIN_EXE_leafproof")).current_dir(folder.path()).args(arguments).output().unwrap()
    };
    let wrong = end(entry + 1);
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("is about entry"), "{wrong:?}");
    let done = end(entry);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let posted = std::fs::read(folder.path().join("end.lps")).unwrap();
    let job = send(&app, "brand.example", Method::POST, "/epcis/v2/capture", posted, server::presigned::CONTENT_TYPE).await.json();
    assert_eq!((&job["success"], objected(&app)), (&true.into(), 0), "{job:#}");
    assert_eq!(report(&app).0, State::NotCosigned);
    let strangers = send(&app, "carrier.example", Method::GET, &format!("/objections/{entry}"), "", "text/plain").await;
    assert_eq!(strangers.status, StatusCode::FORBIDDEN);
}

fn file(app: &App, id: &str, key: &SigningKey, event: &NewEvent) -> Vec<u8> {
    let (view, member) = (app.engine.view(), Name::member_key(id));
    let signed = presign::sign(event, view.origin(), member, view.newest_seq(&member).unwrap() + 1, key);
    let entry = ledger::entry::Entry { logged_ms: base::clock::now_ms(), body: ledger::entry::Body::Event(signed.event) };
    let parts = signed.parts.into_iter().map(|(_, salt, bytes)| (salt, bytes)).collect();
    let tile = ledger::entry::TileEntry { entry, records: signed.records };
    presigned::encode(view.origin(), &[Presigned { tile, parts }]).unwrap()
}

#[tokio::test]
async fn people_object_in_the_console() {
    let app = App::new().await;
    for (name, role, member, location) in [
        ("brand", Role::Owner, "brand.example", None),
        ("rival", Role::Owner, "rival.example", None),
        ("shop", Role::Store, "brand.example", Some("/414/9521234000013")),
    ] {
        let user = accounts::create(name, PASSWORD, role, member, location, Default::default()).unwrap();
        app.engine.state(StateRecord::User(user)).await.unwrap();
    }
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let entry = recorded(&app, "store.example", "2", "receiving").await.to_string();
    let post = async |cookie: &str, path: &str, form: &[(&str, &str)]| {
        let body: Vec<String> = form.iter().map(|(k, v)| format!("{k}={}", base::percent::component(v))).collect();
        let request = Request::post(path).header("cookie", cookie).header("origin", URL).header("host", "id.example.com");
        app.send(request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(body.join("&"))).unwrap()).await
    };
    let sign_in = async |name: &str| {
        let answer = post("", "/signin", &[("name", name), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
    };
    let (brand, rival, shop) = (sign_in("brand").await, sign_in("rival").await, sign_in("shop").await);
    let found = app.with(Method::GET, &format!("/console/objections?entry=%23{entry}"), &[("cookie", &brand)]).await.text();
    assert!(found.contains("by store.example (store.example)") && found.contains("about 1 of your goods"), "{found}");
    let seen = app.with(Method::GET, &format!("/console/objections?entry={entry}"), &[("cookie", &rival)]).await.text();
    assert!(!seen.contains("store.example"), "nobody looks up others' records here: {seen}");
    for (cookie, form, said) in [
        (&rival, vec![("entry", entry.as_str()), ("en", "Not so.")], "nothing of goods whose number is yours"),
        (&brand, vec![("entry", "none"), ("en", "Not so.")], "no record about goods"),
        (&brand, vec![("entry", &entry), ("en", " ")], "Say why"),
        (&brand, vec![("entry", &entry), ("en", "two  blanks")], "two blanks in a row"),
    ] {
        let back = post(cookie, "/console/objections", &form).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}: {}", back.text());
        assert!(back.text().contains(said) && back.text().contains(form[1].1.trim()), "{said}: {}", back.text());
    }
    assert_eq!(objected(&app), 0);
    let done = post(&brand, "/console/objections?lang=zh", &[("entry", &entry), ("zh", "我们没有向这家门店供货。")]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert!(done.text().contains("已记录") && objected(&app) == 1, "{}", done.text());
    let again = post(&brand, "/console/objections", &[("entry", &entry), ("en", "Again.")]).await;
    assert!(again.text().contains("objected to this record already"), "{}", again.text());
    // Whoever looks the record up finds its own objection, and takes it back there.
    let look =
        async |cookie: &str| app.with(Method::GET, &format!("/console/objections?entry={entry}"), &[("cookie", cookie)]).await.text();
    let end = "action=\"/console/objections/end\"";
    assert!(look(&rival).await.contains("formmethod=\"get\""), "the form asks for a record as well as it objects");
    assert!(again.text().contains(end) && look(&brand).await.contains(end) && !look(&rival).await.contains(end));
    for path in ["/console/objections", "/console/objections/end"] {
        assert_eq!(post(&shop, path, &[("entry", &entry), ("en", "Not so.")]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for (cookie, number, said) in [(&rival, entry.as_str(), "You have not objected"), (&brand, "none", "no record about goods")] {
        let back = post(cookie, "/console/objections/end", &[("entry", number)]).await;
        assert!(back.status == StatusCode::UNPROCESSABLE_ENTITY && back.text().contains(said), "{said}: {}", back.text());
    }
    assert_eq!(objected(&app), 1);
    let done = post(&brand, "/console/objections/end?lang=zh", &[("entry", &entry)]).await;
    assert!(done.status == StatusCode::OK && done.text().contains("撤回了您对") && objected(&app) == 0, "{}", done.text());
    let again = post(&brand, "/console/objections/end", &[("entry", &entry)]).await;
    assert!(again.text().contains("already taken back") && !look(&brand).await.contains(end), "{}", again.text());
}

/// What was said while nobody owned a number stands on its pages, and so its first owner may object to it.
#[tokio::test]
async fn a_new_owner_objects_to_what_was_said_before_it_came() {
    const GOODS: &str = "/01/09528888123457/21/7";
    let app = App::new().await;
    let job = app
        .taken("store.example", vec![observed("1", "urn:epc:id:sgtin:9528888.012345.7", "receiving", "urn:epc:id:sgln:9529999.00018.0")])
        .await;
    let entry = job["events"][0]["entries"][0].as_u64().unwrap();
    let wish = json!({ "entry": entry, "goods": [GOODS], "reason": { "en": "This was never ours." } });
    let before = object(&app, "rival.example", &wish).await;
    assert_eq!(before.status, StatusCode::FORBIDDEN, "{}", before.text());
    changed(&app, "rival.example", |member| member.prefixes.push("9528888".to_owned())).await;
    let done = object(&app, "rival.example", &wish).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text());
}
