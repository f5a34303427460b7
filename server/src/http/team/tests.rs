//! Inviting, roles, new passwords, ending: each flow, and what somebody would try with it.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use store::record::StateRecord;

use crate::feedback::tests::{Answered, GOOD, House, ITEM, PASSWORD, WUTONG, house, row_at};
use crate::session::accounts::{self, Role};
use crate::session::team::{self, LINK_HOURS, LINKS_OPEN};

const NEW: &str = "seven wet herons";

/// The link that a page shows.
pub(crate) fn link_in(page: &Answered) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let token = page.text().split("http://leaf.test/join/").nth(1).expect("a link is shown")[..40].to_owned();
    assert!(token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    format!("/join/{token}")
}

/// Invites somebody of talanuur.example; the link.
async fn invited(house: &House, owner: &str, name: &str, role: &str) -> String {
    link_in(&house.post("/console/team/invite", owner, &[("name", name), ("role", role)]).await)
}

/// Sets a password by a link; the cookie of the session.
pub(crate) async fn joined(house: &House, link: &str, password: &str) -> String {
    let done = house.post(link, "", &[("new", password), ("again", password)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    done.session()
}

async fn signs_in(house: &House, name: &str, password: &str) -> StatusCode {
    house.post("/signin", "", &[("name", name), ("password", password)]).await.status
}

#[tokio::test]
async fn a_colleague_is_invited_and_comes_in_by_the_link_once() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let made = house.post("/console/team/invite", &owner, &[("name", "Mei"), ("role", "answerer")]).await;
    let link = link_in(&made);
    let token = link.trim_start_matches("/join/");
    assert!(made.text().contains("The link for mei@talanuur.example") && made.headers[header::CACHE_CONTROL] == "no-store");
    // It is shown once, and kept as a hash.
    let list = house.get("/console/team", &owner).await.text();
    assert!(!list.contains(token) && list.contains("Take back: the link for mei@talanuur.example"), "{list}");
    assert!(!house.on_disk(token.as_bytes()));
    // Looking at it uses nothing, tells no other site of it, and no search engine keeps it.
    for _ in 0..2 {
        let page = house.get(&link, "").await;
        assert!(page.status == StatusCode::OK && page.text().contains("talanuur.example invites you"), "{}", page.text());
        assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        assert!(page.text().contains("Answers letters") && page.text().contains("mei@talanuur.example"));
    }
    for (new, again, said) in [
        ("short", "short", "Too short: at least 12"),
        ("passwordpassword", "passwordpassword", "among the first passwords"),
        ("mei@talanuur.example", "mei@talanuur.example", "hardly more than your own name"),
        (NEW, "seven wet herns", "are not the same"),
    ] {
        let back = house.post(&link, "", &[("new", new), ("again", again)]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(back.text().contains(said) && back.text().contains("mei@talanuur.example"), "{said}: {}", back.text());
        assert!(
            new.contains('@') || !back.text().contains(&format!("\"{new}\"")),
            "what is typed into a password's field never comes back"
        );
        assert!(back.headers.get(header::SET_COOKIE).is_none());
    }
    // Whoever was signed in here before is not any more: the cookie is another's now.
    let before = house.signed_in("wutong").await;
    let done = house.post(&link, &before, &[("new", NEW), ("again", NEW)]).await;
    let mei = done.session();
    assert_eq!(done.to(), "/console/comments");
    assert_ne!(mei, before);
    assert_eq!(house.get("/console/comments", &before).await.status, StatusCode::SEE_OTHER, "no session is taken over");
    // It may what its role may, for its own member.
    house.comment(ITEM, &GOOD, &[]).await;
    assert!(house.get("/console/comments", &mei).await.text().contains("seal was loose"));
    assert_eq!(house.get("/console/team", &mei).await.status, StatusCode::FORBIDDEN);
    assert!(!house.get("/console/account", &mei).await.text().contains("/console/team"));
    // Used is used.
    for _ in 0..2 {
        assert_eq!(house.get(&link, "").await.status, StatusCode::NOT_FOUND);
        let again = house.post(&link, "", &[("new", PASSWORD), ("again", PASSWORD)]).await;
        assert!(again.status == StatusCode::NOT_FOUND && again.text().contains("This link is good no more"), "{}", again.text());
    }
    assert_eq!(signs_in(&house, "mei@talanuur.example", NEW).await, StatusCode::SEE_OTHER);
    assert_eq!(signs_in(&house, "mei@talanuur.example", PASSWORD).await, StatusCode::UNPROCESSABLE_ENTITY);
    let list = house.get("/console/team", &owner).await.text();
    assert!(!list.contains("Take back: the link") && list.contains("mei@talanuur.example"), "{list}");
}

#[tokio::test]
async fn two_at_one_link_make_one_account() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let link = invited(&house, &owner, "mei", "reader").await;
    let forms = [("first of all the herons", "first of all the herons"), ("second of the herons", "second of the herons")];
    let form = |n: usize| [("new", forms[n].0), ("again", forms[n].1)];
    let (one, two) = (form(0), form(1));
    let (one, two) = tokio::join!(house.post(&link, "", &one), house.post(&link, "", &two));
    let mut statuses = [one.status, two.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND]);
}

#[tokio::test]
async fn a_link_is_over_with_its_time_or_taken_back() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let late = invited(&house, &owner, "late", "reader").await;
    let back = invited(&house, &owner, "back", "reader").await;
    let list = house.get("/console/team", &owner).await.text();
    let ids: Vec<&str> = list.split("name=\"link\" value=\"").skip(1).map(|rest| &rest[..64]).collect();
    assert_eq!(ids.len(), 2);
    // What stands in the list opens nothing.
    assert_eq!(house.get(&format!("/join/{}", ids[0]), "").await.status, StatusCode::NOT_FOUND);
    // Another member's owner takes nothing back.
    let other = house.signed_in("other").await;
    for id in &ids {
        house.post("/console/team/links/end", &other, &[("link", id)]).await;
    }
    assert_eq!(house.get(&back, "").await.status, StatusCode::OK);
    let newest = ids.iter().find(|id| list.split(*id).next().unwrap().rsplit("<h3>").next().unwrap().starts_with("back@")).unwrap();
    assert_eq!(house.post("/console/team/links/end", &owner, &[("link", newest)]).await.to(), "/console/team");
    assert_eq!(house.get(&back, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get(&late, "").await.status, StatusCode::OK);
    house.later(LINK_HOURS * 3_600_000 - 1);
    assert_eq!(house.get(&late, "").await.status, StatusCode::OK);
    house.later(1);
    let over = house.post(&late, "", &[("new", NEW), ("again", NEW)]).await;
    assert!(over.status == StatusCode::NOT_FOUND && over.text().contains("older than 72 hours"), "{}", over.text());
    for never in ["", "0", &"0".repeat(40), &"f".repeat(400)] {
        assert_eq!(house.get(&format!("/join/{never}"), "").await.status, StatusCode::NOT_FOUND, "{never}");
    }
    // Its name is free again, and what was over takes no room.
    let owner = house.signed_in("talanuur").await;
    joined(&house, &invited(&house, &owner, "late", "reader").await, NEW).await;
}

#[tokio::test]
async fn what_cannot_be_invited_comes_back_as_it_was_typed() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    invited(&house, &owner, "mei", "reader").await;
    joined(&house, &invited(&house, &owner, "lan", "reader").await, NEW).await;
    for (name, role, location, said) in [
        ("", "reader", "", "small letters, digits"),
        ("two words", "reader", "", "small letters, digits"),
        ("mei@other.example", "reader", "", "small letters, digits"),
        ("mei", "editor", "", "an open link for this name"),
        ("lan", "editor", "", "is or was an account"),
        ("ok", "operator", "", "Choose one of the roles"),
        ("ok", "", "", "Choose one of the roles"),
        ("ok", "store", "", "13 digits with the right last one"),
        ("ok", "staff", "6901234000017", "13 digits with the right last one"),
    ] {
        let form = [("name", name), ("role", role), ("location", location), ("member", "other.example")];
        let back = house.post("/console/team/invite", &owner, &form).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {role}");
        let page = back.text();
        assert!(page.contains(said) && page.contains(&format!("value=\"{location}\"")), "{said}: {page}");
        assert!(name.is_empty() || page.contains(&format!("value=\"{name}\"")), "{page}");
    }
    // Whose it is, no field says.
    let form = [("name", "ok"), ("role", "reader"), ("member", "other.example"), ("by", "other"), ("until_ms", "9999999999999")];
    let made = house.post("/console/team/invite", &owner, &form).await;
    assert!(made.text().contains("The link for ok@talanuur.example"), "{}", made.text());
    let link = link_in(&made);
    let form = [("new", NEW), ("again", NEW), ("role", "owner"), ("account", "talanuur"), ("member", "other.example"), ("username", "x")];
    let cookie = house.post(&link, "", &form).await.session();
    let user = house.desk.engine.index().user("ok@talanuur.example").unwrap().unwrap();
    assert_eq!((user.role.as_str(), user.member.as_str()), ("reader", "talanuur.example"));
    assert_eq!(house.get("/console/team", &cookie).await.status, StatusCode::FORBIDDEN);
    assert_eq!(signs_in(&house, "talanuur", PASSWORD).await, StatusCode::SEE_OTHER, "and another's password is what it was");
    // The name of another member's account is no secret that could be tried out here: names end in their member's id.
    assert!(house.post("/console/team/invite", &owner, &[("name", "other"), ("role", "reader")]).await.status == StatusCode::OK);
    // As many as there can be.
    for n in 0..LINKS_OPEN - 2 {
        let made = house.post("/console/team/invite", &owner, &[("name", &format!("n{n}")), ("role", "reader")]).await;
        assert_eq!(made.status, StatusCode::OK, "{n}: {}", made.text());
    }
    let full = house.post("/console/team/invite", &owner, &[("name", "one-more"), ("role", "reader")]).await;
    assert!(full.text().contains("There are 50 open links") && full.text().contains("value=\"one-more\""), "{}", full.text());
}

#[tokio::test]
async fn a_store_is_invited_with_its_place() {
    let house = house().await;
    let user = accounts::create("office", PASSWORD, Role::Owner, "pinglu.example", None, Default::default()).unwrap();
    house.desk.engine.state(StateRecord::User(user)).await.unwrap();
    house.comment(ITEM, &GOOD, &[]).await;
    let owner = house.signed_in("office").await;
    let number = WUTONG.trim_start_matches("/414/");
    let made = house.post("/console/team/invite", &owner, &[("name", "tablet"), ("role", "staff"), ("location", number)]).await;
    let tablet = joined(&house, &link_in(&made), NEW).await;
    assert!(house.get("/console/comments", &tablet).await.text().contains("seal was loose"));
    // Another place, and it reads nothing more of this one; its session is over besides.
    let form = [("account", "tablet@pinglu.example"), ("role", "staff"), ("location", "6901234000023")];
    assert_eq!(house.post("/console/team/role", &owner, &form).await.to(), "/console/team");
    assert!(house.get("/console/comments", &tablet).await.to().starts_with("/signin"));
    let again = house.post("/signin", "", &[("name", "tablet@pinglu.example"), ("password", NEW)]).await.session();
    assert!(!house.get("/console/comments", &again).await.text().contains("seal was loose"));
    // What many share has no password or second factor that one of them changes.
    for path in ["/console/account", "/console/account/factor"] {
        assert_eq!(house.get(path, &again).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn a_role_that_falls_loses_its_sessions_and_its_links() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    // The last owner stays.
    for (path, form) in
        [("/console/team/role", vec![("account", "talanuur"), ("role", "reader")]), ("/console/team/end", vec![("account", "talanuur")])]
    {
        let back = house.post(path, &owner, &form).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(back.text().contains("The last owner can be neither ended"), "{}", back.text());
    }
    let second = joined(&house, &invited(&house, &owner, "second", "owner").await, NEW).await;
    let backdoor = invited(&house, &second, "backdoor", "owner").await;
    let reset = link_in(&house.post("/console/team/reset", &second, &[("account", "talanuur")]).await);
    assert_eq!(house.get("/console/team", &second).await.status, StatusCode::OK);
    let form = [("account", "second@talanuur.example"), ("role", "answerer")];
    assert_eq!(house.post("/console/team/role", &owner, &form).await.to(), "/console/team");
    assert!(house.get("/console/team", &second).await.to().starts_with("/signin"), "at once");
    for link in [&backdoor, &reset] {
        assert_eq!(house.get(link, "").await.status, StatusCode::NOT_FOUND, "what it made is good no more");
    }
    let second = house.post("/signin", "", &[("name", "second@talanuur.example"), ("password", NEW)]).await.session();
    assert_eq!(house.get("/console/team", &second).await.status, StatusCode::FORBIDDEN);
    // Nobody lifts itself.
    for (path, form) in [
        ("/console/team/role", vec![("account", "second@talanuur.example"), ("role", "owner")]),
        ("/console/team/invite", vec![("name", "friend"), ("role", "owner")]),
        ("/console/team/reset", vec![("account", "talanuur")]),
        ("/console/team/end", vec![("account", "talanuur")]),
        ("/console/team/rule", vec![("factor", "on")]),
        ("/console/account/password", vec![("old", NEW), ("new", "another wet heron"), ("again", "another wet heron"), ("role", "owner")]),
    ] {
        house.post(path, &second, &form).await;
    }
    let user = house.desk.engine.index().user("second@talanuur.example").unwrap().unwrap();
    assert_eq!(user.role, "answerer");
    assert_eq!(team::links(&house.desk.engine, "talanuur.example").unwrap().len(), 0);
    // Ended is out, at once, and its name is nobody else's.
    let second = house.post("/signin", "", &[("name", "second@talanuur.example"), ("password", "another wet heron")]).await.session();
    assert_eq!(house.post("/console/team/end", &owner, &[("account", "second@talanuur.example")]).await.to(), "/console/team");
    assert!(house.get("/console/comments", &second).await.to().starts_with("/signin"));
    assert_eq!(signs_in(&house, "second@talanuur.example", "another wet heron").await, StatusCode::UNPROCESSABLE_ENTITY);
    let taken = house.post("/console/team/invite", &owner, &[("name", "second"), ("role", "reader")]).await;
    assert!(taken.text().contains("is or was an account"), "{}", taken.text());
}

#[tokio::test]
async fn two_owners_cannot_end_each_other_at_once() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let second = joined(&house, &invited(&house, &owner, "second", "owner").await, NEW).await;
    let (one, two) = ([("account", "second@talanuur.example")], [("account", "talanuur")]);
    tokio::join!(house.post("/console/team/end", &owner, &one), house.post("/console/team/end", &second, &two));
    let left = team::users(&house.desk.engine, "talanuur.example").unwrap().into_iter().filter(|user| !user.disabled).count();
    assert_eq!(left, 1, "one is always left");
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_of_an_owner() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let mei = joined(&house, &invited(&house, &owner, "mei", "editor").await, NEW).await;
    let reset = async || link_in(&house.post("/console/team/reset", &owner, &[("account", "mei@talanuur.example")]).await);
    let (first, second) = (reset().await, reset().await);
    assert_eq!(house.get(&first, "").await.status, StatusCode::NOT_FOUND, "a newer link takes its place");
    assert!(house.get(&second, "").await.text().contains("Choose a new password for mei@talanuur.example"));
    assert_eq!(house.get("/console/comments", &mei).await.status, StatusCode::OK, "nothing is changed yet");
    joined(&house, &second, "nine dry herons").await;
    assert!(house.get("/console/comments", &mei).await.to().starts_with("/signin"), "sessions of the old password are over");
    assert_eq!(signs_in(&house, "mei@talanuur.example", NEW).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(signs_in(&house, "mei@talanuur.example", "nine dry herons").await, StatusCode::SEE_OTHER);
    // A link that waits is over once its owner remembered, or the account was ended.
    let waiting = reset().await;
    let cookie = house.post("/signin", "", &[("name", "mei@talanuur.example"), ("password", "nine dry herons")]).await.session();
    let form = [("old", "nine dry herons"), ("new", "four tall herons"), ("again", "four tall herons")];
    assert_eq!(house.post("/console/account/password", &cookie, &form).await.to(), "/console/account?done=password");
    assert_eq!(house.get(&waiting, "").await.status, StatusCode::NOT_FOUND);
    let waiting = reset().await;
    house.post("/console/team/end", &owner, &[("account", "mei@talanuur.example")]).await;
    assert_eq!(house.get(&waiting, "").await.status, StatusCode::NOT_FOUND);
    // Brought back by a new one, with its role.
    joined(&house, &reset().await, "five tall herons").await;
    assert_eq!(house.desk.engine.index().user("mei@talanuur.example").unwrap().unwrap().role, "editor");
    // Nobody of another member, nor an operator, is reached.
    for name in ["other", "wutong", "operator", "nobody", ""] {
        for path in ["reset", "end", "role"] {
            let form = [("account", name), ("role", "reader"), ("factor", "off")];
            let answer = house.post(&format!("/console/team/{path}"), &owner, &form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} {name}");
        }
    }
    for name in ["other", "wutong", "operator"] {
        house.signed_in(name).await;
    }
}

#[tokio::test]
async fn no_other_site_does_any_of_it() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let link = invited(&house, &owner, "mei", "reader").await;
    for path in [
        "/console/team/invite",
        "/console/team/role",
        "/console/team/reset",
        "/console/team/end",
        "/console/team/links/end",
        "/console/team/rule",
        "/console/account/password",
        "/console/account/sessions",
        "/console/account/factor",
        "/console/account/factor/off",
        "/console/account/factor/codes",
        "/signin/code",
        &link,
    ] {
        let request = Request::post(path)
            .header("cookie", &owner)
            .header("origin", "https://evil.example")
            .header("host", "leaf.test")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("name=friend&role=owner&account=talanuur&new=seven+wet+herons&again=seven+wet+herons&session=others"))
            .unwrap();
        let answer = house.ask(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.text().contains("another site"), "{path}");
    }
    assert_eq!(house.get(&link, "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_was_invited_sees_nothing_of_another_member() {
    let house = house().await;
    house.comment(ITEM, &GOOD, &[]).await;
    let foreign = house.comment("/01/06917777000000", &[GOOD[0], GOOD[1], ("text", b"zqforeign words")], &[]).await;
    let id = row_at(&house, foreign.to()).comment.id;
    let owner = house.signed_in("talanuur").await;
    let rival = house.signed_in("other").await;
    house.post("/console/team/invite", &rival, &[("name", "zqrival"), ("role", "reader")]).await;
    for role in ["owner", "editor", "answerer", "reader"] {
        let cookie = joined(&house, &invited(&house, &owner, role, role).await, NEW).await;
        for path in
            ["/console/comments", "/console/comments.csv", "/console/team", "/console/trail", "/console/trail.csv", "/console/account"]
        {
            let page = house.get(path, &cookie).await.text();
            assert!(!page.contains("zqforeign") && !page.contains("zqrival") && !page.contains(&id), "{role} {path}: {page}");
        }
        assert_eq!(house.get(&format!("/console/comments/{id}"), &cookie).await.status, StatusCode::NOT_FOUND, "{role}");
        assert!(house.get("/console/comments", &cookie).await.text().contains("seal was loose"), "{role}");
    }
    assert!(house.get("/console/trail", &rival).await.text().contains("zqrival"), "the test can fail");
}
