//! A brand freezes the code of one pack: its page and staff say so, its records stay, and nobody else can.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use engine::Submission;
use ledger::entry::Status;
use serde_json::Value;
use server::session::accounts::{self, Role};
use store::record::StateRecord;
use store::record::deed::Act;

use crate::app::{Answer, App, BROWSER, GTIN, ITEM, URL, with_item};

const PASSWORD: &str = "orchard-2026";

pub(crate) async fn post(app: &App, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", base::percent::component(value))).collect();
    let request = Request::post(path).header("cookie", cookie).header("content-type", "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(body.join("&"))).unwrap()).await
}

/// An account of a member, signed in.
pub(crate) async fn signed_in(app: &App, name: &str, member: &str, role: Role) -> String {
    let user = accounts::create(name, PASSWORD, role, member, None, Default::default()).unwrap();
    app.engine.state(StateRecord::User(user)).await.unwrap();
    let answer = post(app, "/signin", "", &[("name", name), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn freeze(app: &App, cookie: &str, code: &str, reason: &str) -> Answer {
    post(app, "/console/codes", cookie, &[("code", code), ("reason", reason)]).await
}

async fn page(app: &App, lang: &str) -> String {
    app.with(Method::GET, &format!("{ITEM}?lang={lang}"), &BROWSER).await.text()
}

#[tokio::test]
async fn the_owner_freezes_a_code_and_releases_it_and_the_records_stay() {
    let app = with_item().await;
    let brand = signed_in(&app, "editor", "brand.example", Role::Editor).await;
    let before = app.engine.view().size();
    let proof = app.get(&format!("/bundle{ITEM}")).await.body;
    // A page that is kept says it too.
    page(&app, "en").await;
    let done = freeze(&app, &brand, &format!("{URL}{ITEM}"), "copied").await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/console/codes"), "{}", done.text());
    for _ in 0..2 {
        let en = page(&app, "en").await;
        assert!(en.contains("Copies of this code were found, says the brand") && en.contains("It is not signed"), "{en}");
        assert!(en.contains("not checked") && en.contains("320\u{a0}g") && !en.contains("Scanned "), "{en}");
    }
    let zh = page(&app, "zh").await;
    assert!(zh.contains("称发现此码被复制") && zh.contains("没有签名，也不在账本里"), "{zh}");
    assert!(app.engine.view().size() == before && app.get(&format!("/bundle{ITEM}")).await.body == proof, "nothing was signed");
    let staff: Value = serde_json::from_str(&app.get(&format!("/scanner/code{ITEM}")).await.text()).unwrap();
    assert_eq!((&staff["known"], &staff["frozen"]), (&Value::Bool(true), &Value::String("copied".to_owned())), "{staff}");
    // The code's own page alone: lot and product are other packs' too.
    assert!(!app.get(&format!("/01/{GTIN}")).await.text().contains("Copies of this code"));
    let list = app.with(Method::GET, "/console/codes", &[("cookie", &brand)]).await.text();
    assert!(list.contains(ITEM) && list.contains("Found on other packs") && list.contains("editor"), "{list}");
    // Another reason takes the place of the first.
    freeze(&app, &brand, ITEM, "stolen").await;
    assert!(page(&app, "en").await.contains("Reported stolen by the brand"));

    let out = post(&app, "/console/codes/release", &brand, &[("item", ITEM)]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert!(page(&app, "en").await.contains("Scanned "), "what was counted meanwhile is said again");
    let owner = signed_in(&app, "owner", "brand.example", Role::Owner).await;
    let trail = app.with(Method::GET, "/console/trail", &[("cookie", &owner)]).await.text();
    for done in ["froze the code", "Found on other packs: copied", "Stolen", "released the code"] {
        assert!(trail.contains(done) && trail.contains(ITEM), "{done}: {trail}");
    }
}

#[tokio::test]
async fn a_rival_freezes_and_releases_nothing_of_anothers() {
    let app = with_item().await;
    let brand = signed_in(&app, "brand", "brand.example", Role::Owner).await;
    let rival = signed_in(&app, "rival", "rival.example", Role::Owner).await;
    let store = signed_in(&app, "market", "store.example", Role::Editor).await;
    for other in [&rival, &store] {
        let back = freeze(&app, other, ITEM, "stolen").await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", back.text());
        assert!(back.text().contains("is not yours today") && !page(&app, "en").await.contains("Reported stolen"), "{}", back.text());
    }
    freeze(&app, &brand, ITEM, "stolen").await;
    for other in [&rival, &store] {
        post(&app, "/console/codes/release", other, &[("item", ITEM)]).await;
        assert!(page(&app, "en").await.contains("Reported stolen by the brand"));
        assert!(!app.with(Method::GET, "/console/codes", &[("cookie", other)]).await.text().contains(ITEM));
        assert!(!app.with(Method::GET, "/console/trail", &[("cookie", other)]).await.text().contains(ITEM));
    }
}

#[tokio::test]
async fn what_a_member_froze_counts_while_the_number_is_its_own() {
    let app = with_item().await;
    let brand = signed_in(&app, "brand", "brand.example", Role::Owner).await;
    freeze(&app, &brand, ITEM, "stolen").await;
    assert!(page(&app, "en").await.contains("Reported stolen by the brand"));
    let (_, mut member) = app.engine.view().member("brand.example").unwrap().pop().unwrap();
    member.version += 1;
    member.status = Status::Retired;
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    app.engine.submit(Submission::Member(Box::new(member))).await.unwrap();
    let en = page(&app, "en").await;
    assert!(en.contains("Scanned ") && !en.contains("Reported stolen"), "{en}");
    let staff: Value = serde_json::from_str(&app.get(&format!("/scanner/code{ITEM}")).await.text()).unwrap();
    assert_eq!(staff.get("frozen"), None, "{staff}");
    // Nor does anybody come in for it any more.
    assert!(freeze(&app, &brand, ITEM, "copied").await.header("location").starts_with("/signin"));
}

#[tokio::test]
async fn what_is_no_code_of_one_pack_is_said_and_comes_back() {
    let app = with_item().await;
    let brand = signed_in(&app, "brand", "brand.example", Role::Owner).await;
    let unknown = format!("/01/{GTIN}/21/NOBODYMADEIT");
    for (code, reason, en, zh) in [
        ("", "stolen", "Type the code", "请填写要冻结的码"),
        ("7K2M9", "stolen", "GTIN and serial are needed", "需要 GTIN 和序列号"),
        (GTIN, "stolen", "GTIN and serial are needed", "需要 GTIN 和序列号"),
        ("(01)09521234000045(21)7K2M9", "stolen", "GTIN and serial are needed", "需要 GTIN 和序列号"),
        ("<script>", "stolen", "GTIN and serial are needed", "需要 GTIN 和序列号"),
        (&unknown, "stolen", "There is no record", "没有这件商品的记录"),
        (ITEM, "", "Choose why", "请选择冻结的原因"),
        (ITEM, "ugly", "Choose why", "请选择冻结的原因"),
    ] {
        for (lang, said) in [("en", en), ("zh", zh)] {
            let back = post(&app, &format!("/console/codes?lang={lang}"), &brand, &[("code", code), ("reason", reason)]).await;
            assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{code} {reason}");
            assert!(back.text().contains(said) && !back.text().contains("<script>"), "{code}: {}", back.text());
        }
    }
    let typed = format!("(01){GTIN}(21)7K2M9");
    let back = freeze(&app, &brand, &typed, "").await.text();
    assert!(back.contains(&format!("value=\"{typed}\"")), "{back}");
    assert_eq!(freeze(&app, &brand, &typed, "withdrawn").await.status, StatusCode::SEE_OTHER);
    assert!(page(&app, "en").await.contains("Taken back by the brand"));
}

#[tokio::test]
async fn a_day_has_its_most_and_who_freezes_keeps_no_owner_from_its_accounts() {
    use server::session::team::{self, FREEZES_A_DAY};
    let app = with_item().await;
    let owner = signed_in(&app, "owner", "brand.example", Role::Owner).await;
    for n in 0..FREEZES_A_DAY {
        let done = freeze(&app, &owner, ITEM, ["stolen", "copied"][n % 2]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{n}: {}", done.text());
    }
    let over = freeze(&app, &owner, ITEM, "withdrawn").await;
    assert!(
        over.status == StatusCode::UNPROCESSABLE_ENTITY && over.text().contains("200 codes were frozen or released"),
        "{}",
        over.text()
    );
    // Together with what was done to accounts they are more than a day has of those.
    for _ in 0..team::DEEDS_A_DAY - FREEZES_A_DAY {
        team::keep(&app.engine, team::deed(&app.engine, "brand.example", "owner", Act::RuleOn, "")).await.unwrap();
    }
    let invited = post(&app, "/console/team/invite", &owner, &[("name", "mei"), ("role", "reader")]).await;
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.text());
}
