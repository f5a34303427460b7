//! What was done is told, to the owners of the member alone, page by page.

use app::context::Lang;
use axum::http::StatusCode;
use store::record::deed::Act;

use super::TRAIL_ROWS;
use crate::feedback::tests::{PASSWORD, house};
use crate::session::team::{self, DEEDS_A_DAY};

#[tokio::test]
async fn who_did_what_is_told_to_owners_of_the_same_member() {
    let house = house().await;
    let owner = house.signed_in("other").await;
    let made = house.post("/console/team/invite", &owner, &[("name", "mei"), ("role", "editor")]).await;
    let link = super::super::team::tests::link_in(&made);
    house.later(1_000);
    let mei = super::super::team::tests::joined(&house, &link, "seven wet herons").await;
    house.later(1_000);
    let form = [("account", "mei@other.example"), ("role", "reader")];
    house.post("/console/team/role", &owner, &form).await;
    let give = [("partner", "talanuur.example"), ("right-record", "on"), ("right-store", "on")];
    house.later(1_000);
    assert_eq!(house.post("/console/partners", &owner, &give).await.status, StatusCode::SEE_OTHER);
    house.later(1_000);
    assert_eq!(house.post("/console/partners/end", &owner, &[("partner", "talanuur.example")]).await.status, StatusCode::SEE_OTHER);
    house.later(1_000);
    for _ in 0..3 {
        house.post("/signin", "", &[("name", "mei@other.example"), ("password", "a wrong password")]).await;
    }
    house.post("/signin", "", &[("name", "nobody@other.example"), ("password", "a wrong password")]).await;
    let page = house.get("/console/trail", &owner).await.text();
    for told in [
        "invited mei@other.example as: Editor",
        "has an account now",
        "changed the role of mei@other.example: Editor → Reads",
        "gave talanuur.example a permission:",
        "ended the permission of talanuur.example",
        "3 sign-ins as mei@other.example failed that day",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("nobody@other.example"), "what is no account stands in nobody's trail");
    let order = |words: &str| page.find(words).unwrap();
    assert!(
        order("ended the permission") < order("has an account now") && order("has an account now") < order("invited mei"),
        "newest first"
    );
    let zh = house.get("/console/trail?lang=zh", &owner).await.text();
    assert!(zh.contains("邀请了 mei@other.example，角色：编辑") && zh.contains("当天以 mei@other.example 登录失败 3 次"), "{zh}");
    let file = house.get("/console/trail.csv", &owner).await;
    assert!(file.text().contains("\"invited\",\"mei@other.example\",\"editor\"") && file.text().starts_with('\u{feff}'), "{}", file.text());
    // Neither a colleague nor another member's owner reads it.
    assert!(house.get("/console/trail", &mei).await.to().starts_with("/signin"), "its role fell");
    let mei = house.post("/signin", "", &[("name", "mei@other.example"), ("password", "seven wet herons")]).await.session();
    let rival = house.signed_in("talanuur").await;
    for path in ["/console/trail", "/console/trail.csv"] {
        assert_eq!(house.get(path, &mei).await.status, StatusCode::FORBIDDEN);
        assert!(!house.get(path, &rival).await.text().contains("mei@other.example"), "{path}");
    }
    // No password and no link stands in it.
    assert!(!file.text().contains(&link[6..]) && !file.text().contains(PASSWORD));
}

#[tokio::test]
async fn a_long_trail_is_read_page_by_page_and_failures_make_no_flood() {
    let house = house().await;
    let engine = &house.desk.engine;
    for n in 0..TRAIL_ROWS + 3 {
        let mut deed = team::deed(engine, "talanuur.example", "talanuur", Act::KeyMade, &format!("k{n}."));
        deed.at_ms = engine.now_ms() + n as u64 / 3;
        team::keep(engine, deed).await.unwrap();
    }
    let owner = house.signed_in("talanuur").await;
    let lines = |page: &str| page.matches("made the key k").count();
    let first = house.get("/console/trail", &owner).await.text();
    assert_eq!(lines(&first), TRAIL_ROWS);
    let older = first.split("/console/trail?before=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let second = house.get(&format!("/console/trail?before={older}"), &owner).await.text();
    assert_eq!(lines(&second), 3);
    assert!((0..TRAIL_ROWS + 3).all(|n| first.contains(&format!("key k{n}.")) != second.contains(&format!("key k{n}."))), "each once");
    assert!(!second.contains("before="));
    for garbage in ["zz", "%00", &"f".repeat(400)] {
        assert_eq!(lines(&house.get(&format!("/console/trail?before={garbage}"), &owner).await.text()), TRAIL_ROWS, "{garbage}");
    }
    // A hundred wrong guesses are one line of the day, and seven records.
    let account = crate::session::accounts::find(engine, "talanuur").unwrap().unwrap();
    for _ in 0..100 {
        house.desk.failures.add(engine, &account);
        house.desk.failures.written().await;
    }
    let page = house.get("/console/trail.csv", &owner).await.text();
    assert!(page.contains("At least 64 sign-ins as talanuur failed that day"), "{page}");
    assert_eq!(page.matches("signins_failed").count() + page.matches("sign_ins_failed").count(), 1, "{page}");
    house.later(base::clock::DAY_MS);
    house.desk.failures.add(engine, &account);
    house.desk.failures.written().await;
    let owner = house.signed_in("talanuur").await;
    let page = house.get("/console/trail.csv", &owner).await.text();
    assert!(page.contains("\"1 sign-in as talanuur failed that day\"") && page.contains("At least 64"), "each day has its own: {page}");
}

#[tokio::test]
async fn nobody_fills_the_trail_so_that_older_lines_are_not_found() {
    let house = house().await;
    let engine = &house.desk.engine;
    let owner = house.signed_in("talanuur").await;
    let made = house.post("/console/team/invite", &owner, &[("name", "mei"), ("role", "reader")]).await;
    super::super::team::tests::joined(&house, &super::super::team::tests::link_in(&made), "seven wet herons").await;
    for n in 0..DEEDS_A_DAY {
        team::keep(engine, team::deed(engine, "talanuur.example", "talanuur", Act::KeyEnded, &n.to_string())).await.unwrap();
    }
    let mei = ("account", "mei@talanuur.example");
    for (path, form) in [
        ("/console/team/invite", vec![("name", "lan"), ("role", "reader")]),
        ("/console/team/role", vec![mei, ("role", "editor")]),
        ("/console/team/reset", vec![mei]),
        ("/console/team/rule", vec![("factor", "on")]),
        ("/console/keys", vec![("label", "lan"), ("query", "on")]),
    ] {
        let over = house.post(path, &owner, &form).await;
        assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(over.text().contains("In the last 24 hours 500 things were done"), "{path}: {}", over.text());
    }
    assert_eq!(house.post("/console/team/end", &owner, &[mei]).await.to(), "/console/team", "ending always goes");
    house.later(base::clock::DAY_MS + 1);
    let owner = house.signed_in("talanuur").await;
    assert_eq!(house.post("/console/team/invite", &owner, &[("name", "lan"), ("role", "reader")]).await.status, StatusCode::OK);
}

#[test]
fn the_operator_makes_an_account_and_somebody_invited_has_one() {
    let told = |by: &str, lang| {
        let deed = serde_json::json!({ "id": "1", "member": "m.example", "by": by, "at_ms": 0, "act": "joined", "about": "mei@m.example" });
        let deed = serde_json::from_value(deed).unwrap();
        format!("{} {}", super::by(&deed, lang), super::words(&deed, lang))
    };
    assert_eq!(told("", Lang::En), "the operator made the account mei@m.example");
    assert_eq!(told("mei@m.example", Lang::En), "mei@m.example has an account now");
    assert_eq!(told("", Lang::Zh), "运营方 建立了账号 mei@m.example");
}
