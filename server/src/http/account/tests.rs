//! One's own password, second factor and sessions: each flow, and what somebody would try with it.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};

use crate::feedback::tests::{Answered, House, PASSWORD, house};
use crate::session::{factor, totp};

const NEW: &str = "seven wet herons";
const FACTOR: &str = "/console/account/factor";

/// Switches talanuur's second factor on, as its owner does; the secret and the recovery codes.
async fn switched_on(house: &House, cookie: &str) -> ([u8; 20], Vec<String>) {
    let page = house.get(FACTOR, cookie).await.text();
    let seed = page.split("name=\"seed\" value=\"").nth(1).unwrap()[..32].to_owned();
    let secret = factor::secret(&house.desk.engine, "talanuur", &seed);
    let code = totp::shown(&secret, house.desk.engine.now_ms());
    let done = house.post(FACTOR, cookie, &[("seed", &seed), ("code", &code), ("password", PASSWORD)]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    let text = done.text();
    let codes = text.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    (secret, codes)
}

/// What the first step gives.
async fn half(house: &House) -> String {
    let first = house.post("/signin", "", &[("name", "talanuur"), ("password", PASSWORD)]).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    assert!(first.headers.get(header::SET_COOKIE).is_none(), "nothing is open yet");
    first.text().split("name=\"half\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn second(house: &House, half: &str, code: &str) -> Answered {
    house.post("/signin/code", "", &[("half", half), ("code", code), ("next", "/console/team")]).await
}

async fn second_from(house: &House, from: [u8; 4], half: &str, code: &str) -> StatusCode {
    let body = format!("half={}&code={code}", base::percent::component(half));
    let request = Request::post("/signin/code")
        .extension(ConnectInfo(SocketAddr::new(IpAddr::from(from), 4711)))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    house.ask(request).await.status
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_ends_other_sessions() {
    let house = house().await;
    let (here, there) = (house.signed_in("talanuur").await, house.signed_in("talanuur").await);
    let change = async |old: &str, new: &str, again: &str| {
        house.post("/console/account/password", &here, &[("old", old), ("new", new), ("again", again)]).await
    };
    for (old, new, again, said) in [
        ("not my password", NEW, NEW, "This is not your password"),
        (PASSWORD, "short", "short", "Too short"),
        (PASSWORD, NEW, "other wet herons", "are not the same"),
        (PASSWORD, "123456789012", "123456789012", "among the first"),
        (PASSWORD, "Talanuur-2026", "Talanuur-2026", "hardly more than your own name"),
    ] {
        let back = change(old, new, again).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(back.text().contains(said), "{said}: {}", back.text());
    }
    let done = change(PASSWORD, NEW, NEW).await;
    assert_eq!(done.to(), "/console/account?done=password", "{}", done.text());
    let new = done.session();
    assert!(house.get("/console/account?done=password", &new).await.text().contains("Your password is changed"));
    for old in [&here, &there] {
        assert!(house.get("/console/comments", old).await.to().starts_with("/signin"));
    }
    assert_eq!(house.post("/signin", "", &[("name", "talanuur"), ("password", PASSWORD)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A session that somebody else holds does not find the password out by trying.
    for _ in 0..6 {
        house
            .post("/console/account/password", &new, &[("old", "a wrong guess"), ("new", "nine dry herons"), ("again", "nine dry herons")])
            .await;
    }
    let form = [("old", NEW), ("new", "nine dry herons"), ("again", "nine dry herons")];
    let waits = house.post("/console/account/password", &new, &form).await;
    assert!(waits.text().contains("Too many wrong passwords"), "{}", waits.text());
    let stop = house.post("/console/account/factor/off", &new, &[("password", NEW)]).await;
    assert!(stop.text().contains("Too many wrong passwords"), "{}", stop.text());
}

#[tokio::test]
async fn a_second_factor_is_set_up_asked_for_and_good_once() {
    let house = house().await;
    let elsewhere = house.signed_in("talanuur").await;
    let cookie = house.signed_in("talanuur").await;
    let page = house.get(FACTOR, &cookie).await.text();
    let seed = page.split("name=\"seed\" value=\"").nth(1).unwrap()[..32].to_owned();
    let secret = factor::secret(&house.desk.engine, "talanuur", &seed);
    let shown = |ms: u64| totp::shown(&secret, house.desk.engine.now_ms() + ms);
    // The symbol is drawn here, and the secret stands beside it in fours.
    let groups: Vec<String> = totp::base32(&secret).as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    assert!(page.contains("class=\"symbol\"") && page.contains(&groups.join(" ")), "{page}");
    let text = format!("otpauth://totp/leaf.test:talanuur?secret={}&issuer=leaf.test", totp::base32(&secret));
    let drawn = labels::symbol::Symbol::of(&text).unwrap().path_data();
    assert!(page.contains(&drawn), "an authenticator reads the secret from it");
    for (code, password, said) in [
        ("000000", PASSWORD, "This code does not fit"),
        ("", PASSWORD, "This code does not fit"),
        (&shown(0), "not my password", "not your password"),
    ] {
        let back = house.post(FACTOR, &cookie, &[("seed", &seed), ("code", code), ("password", password)]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(back.text().contains(said) && back.text().contains(&drawn), "the same secret stands there: {said}: {}", back.text());
    }
    let at = shown(0);
    let done = house.post(FACTOR, &cookie, &[("seed", &seed), ("code", &at), ("password", PASSWORD)]).await;
    assert_eq!(done.text().matches("<li><code>").count(), 10, "{}", done.text());
    assert!(house.get("/console/comments", &elsewhere).await.to().starts_with("/signin"), "what began without it is over");
    assert_eq!(house.get("/console/comments", &cookie).await.status, StatusCode::OK);
    // Neither the secret nor a recovery code stands on any disk.
    let code = done.text().split("<li><code>").nth(1).unwrap()[..11].to_owned();
    assert!(!house.on_disk(totp::base32(&secret).as_bytes()) && !house.on_disk(&secret) && !house.on_disk(code.as_bytes()));
    let again = house.get(FACTOR, &cookie).await.text();
    assert!(!again.contains(&code) && !again.contains(&groups.join(" ")), "shown this once");
    // The password alone opens nothing; its code of just now was used to switch it on.
    let first = half(&house).await;
    assert_eq!(second(&house, &first, &at).await.status, StatusCode::UNPROCESSABLE_ENTITY, "a code works once");
    house.later(30_000);
    let next = shown(0);
    let came = second(&house, &first, &next).await;
    assert_eq!(came.to(), "/console/team", "{}", came.text());
    assert_eq!(house.get("/console/team", &came.session()).await.status, StatusCode::OK);
    for again in [&next, &at] {
        assert_eq!(second(&house, &first, again).await.status, StatusCode::UNPROCESSABLE_ENTITY, "replayed");
    }
    // Another browser's clock may be a step off, not two.
    house.later(90_000);
    for (off, good) in [(60_000, false), (30_000, true)] {
        let answer = second(&house, &half(&house).await, &shown(off)).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, good, "{off}");
    }
}

#[tokio::test]
async fn the_first_step_is_bound_to_name_time_and_password() {
    let house = house().await;
    let cookie = house.signed_in("talanuur").await;
    let (secret, codes) = switched_on(&house, &cookie).await;
    let good = half(&house).await;
    house.later(60_000);
    let code = totp::shown(&secret, house.desk.engine.now_ms());
    for (n, forged) in [
        good.replace("talanuur|", "other|"),
        good.replace("talanuur|", "wutong|"),
        good.replacen("|1", "|9", 1),
        format!("{good}|"),
        good[..good.len() - 1].to_owned(),
        String::new(),
    ]
    .iter()
    .enumerate()
    {
        let answer = second(&house, forged, &code).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.headers.get(header::SET_COOKIE).is_none(), "{n}");
        assert!(answer.text().contains("Please sign in again"), "{n}: {}", answer.text());
    }
    house.later(4 * 60_000);
    assert_eq!(second(&house, &good, &codes[0]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "it took too long");
    let before = half(&house).await;
    let form = [("old", PASSWORD), ("new", NEW), ("again", NEW)];
    assert_eq!(house.post("/console/account/password", &cookie, &form).await.to(), "/console/account?done=password");
    assert_eq!(second(&house, &before, &codes[0]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "the password is another");
}

#[tokio::test]
async fn a_lost_phone_is_met_by_recovery_codes_each_once() {
    let house = house().await;
    let cookie = house.signed_in("talanuur").await;
    let (_, codes) = switched_on(&house, &cookie).await;
    assert_eq!(codes.len(), 10);
    let first = half(&house).await;
    assert_eq!(second(&house, &first, &codes[3].to_uppercase().replace('-', " ")).await.status, StatusCode::SEE_OTHER, "as people type");
    assert_eq!(second(&house, &first, &codes[3]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "once");
    assert!(house.get("/console/account", &cookie).await.text().contains("9 recovery codes are left"));
    // New ones end the old ones.
    let wrong = house.post("/console/account/factor/codes", &cookie, &[("password", "not my password")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let renewed = house.post("/console/account/factor/codes", &cookie, &[("password", PASSWORD)]).await.text();
    assert_eq!(renewed.matches("<li><code>").count(), 10);
    let new = renewed.split("<li><code>").nth(1).unwrap()[..11].to_owned();
    assert_eq!(second(&house, &first, &codes[4]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(second(&house, &first, &new).await.status, StatusCode::SEE_OTHER);
    // Another account's codes open nothing here.
    let other = house.signed_in("other").await;
    assert!(house.get(FACTOR, &other).await.text().contains("class=\"symbol\""), "each has its own");
    // Switched off, with the password alone.
    assert_eq!(house.post("/console/account/factor/off", &cookie, &[("password", "wrong wrong wrong")]).await.status, 422);
    assert_eq!(house.post("/console/account/factor/off", &cookie, &[("password", PASSWORD)]).await.to(), "/console/account");
    house.signed_in("talanuur").await;
}

#[tokio::test]
async fn codes_cannot_be_tried_at_will_and_nobody_locks_the_owner_out() {
    let house = house().await;
    let cookie = house.signed_in("talanuur").await;
    let (secret, codes) = switched_on(&house, &cookie).await;
    let stolen = half(&house).await;
    let mut last = StatusCode::OK;
    for n in 0..11 {
        last = second_from(&house, [203, 0, n, 9], &stolen, "123456").await;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "from whatever network");
    house.later(30_000);
    let good = totp::shown(&secret, house.desk.engine.now_ms());
    assert_eq!(second_from(&house, [198, 51, 100, 7], &stolen, &good).await, StatusCode::TOO_MANY_REQUESTS, "nor by luck");
    // Whose password was stolen comes in by a recovery code at once, and by its own browser, and changes it.
    assert_eq!(second_from(&house, [198, 51, 100, 7], &stolen, &codes[0]).await, StatusCode::SEE_OTHER);
    house.desk.failures.written().await;
    let trail = house.get("/console/trail", &cookie).await.text();
    assert!(trail.contains("10 sign-ins as talanuur failed that day"), "its owner reads of it: {trail}");
}

#[tokio::test]
async fn an_owner_asks_a_second_factor_of_all() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let made = house.post("/console/team/invite", &owner, &[("name", "mei"), ("role", "reader")]).await;
    let mei = super::super::team::tests::joined(&house, &super::super::team::tests::link_in(&made), NEW).await;
    let back = house.post("/console/team/rule", &owner, &[("factor", "on")]).await;
    assert!(back.text().contains("Set up your own second factor first"), "{}", back.text());
    assert_eq!(house.get("/console/comments", &mei).await.status, StatusCode::OK);
    switched_on(&house, &owner).await;
    assert_eq!(house.post("/console/team/rule", &owner, &[("factor", "on")]).await.to(), "/console/team");
    // Everything else is closed until it is there.
    for path in ["/console/comments", "/console/partners", "/console/comments.csv", "/console/objections"] {
        assert_eq!(house.get(path, &mei).await.to(), FACTOR, "{path}");
    }
    assert_eq!(house.post("/console/ticked", &mei, &[("do", "close")]).await.to(), FACTOR);
    assert!(house.get(FACTOR, &mei).await.text().contains("Your company asks a second factor"));
    assert_eq!(house.get("/console/comments", &owner).await.status, StatusCode::OK);
    // Nobody takes it off while it is asked for; another member is asked nothing.
    let stays = house.post("/console/account/factor/off", &owner, &[("password", PASSWORD)]).await;
    assert!(stays.status == StatusCode::UNPROCESSABLE_ENTITY && stays.text().contains("so it stays on"), "{}", stays.text());
    assert_eq!(house.get("/console/comments", &house.signed_in("other").await).await.status, StatusCode::OK);
    house.post("/console/team/rule", &owner, &[("factor", "off")]).await;
    assert_eq!(house.get("/console/comments", &mei).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_by_link_does_not_go_round_the_second_factor() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let (secret, _) = switched_on(&house, &owner).await;
    let link = async |factor| {
        let form = [("account", "talanuur"), ("factor", factor)];
        super::super::team::tests::link_in(&house.post("/console/team/reset", &owner, &form).await)
    };
    let first = link("").await;
    let done = house.post(&first, "", &[("new", NEW), ("again", NEW)]).await;
    assert!(done.status == StatusCode::OK && done.headers.get(header::SET_COOKIE).is_none(), "{}", done.text());
    let half = done.text().split("name=\"half\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    house.later(60_000);
    let came = second(&house, &half, &totp::shown(&secret, house.desk.engine.now_ms())).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER);
    // Unless an owner says that the phone is lost, which stands in the trail.
    let owner = came.session();
    let form = [("account", "talanuur"), ("factor", "off")];
    let lost = super::super::team::tests::link_in(&house.post("/console/team/reset", &owner, &form).await);
    let done = house.post(&lost, "", &[("new", "nine dry herons"), ("again", "nine dry herons")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(house.get("/console/trail", &done.session()).await.text().contains("that also switches off its second factor"));
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_owner_alone() {
    let house = house().await;
    let agent = |agent: &'static str| {
        let body = format!("name=talanuur&password={PASSWORD}");
        let request = Request::post("/signin").header("user-agent", agent).header("content-type", "application/x-www-form-urlencoded");
        house.ask(request.body(Body::from(body)).unwrap())
    };
    let here = agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0").await.session();
    let phone = agent("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile/15E148 Safari/604.1").await.session();
    let third = agent("<b>curl</b>").await.session();
    let foreign = house.signed_in("other").await;
    let page = house.get("/console/account", &here).await.text();
    assert!(page.contains("Firefox, Windows") && page.contains("Safari, iPhone") && page.contains("Another browser"), "{page}");
    assert!(!page.contains("curl") && !page.contains("rv:140"), "no more of it is kept");
    let ids: Vec<String> = page.split("name=\"session\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 3, "two that can be ended, and all others at once: {ids:?}");
    // Another account ends none of them, by whatever it sends.
    for id in ids.iter().map(String::as_str).chain(["others"]) {
        house.post("/console/account/sessions", &foreign, &[("session", id)]).await;
    }
    for cookie in [&here, &phone, &third] {
        assert_eq!(house.get("/console/comments", cookie).await.status, StatusCode::OK);
    }
    let label = page.split("Sign out there: Safari, iPhone").next().unwrap();
    let phones = label.rsplit("name=\"session\" value=\"").next().unwrap().split('"').next().unwrap();
    assert_eq!(house.post("/console/account/sessions", &here, &[("session", phones)]).await.to(), "/console/account?done=session");
    assert!(house.get("/console/comments", &phone).await.to().starts_with("/signin"));
    assert_eq!(house.get("/console/comments", &third).await.status, StatusCode::OK);
    house.post("/console/account/sessions", &here, &[("session", "others")]).await;
    assert!(house.get("/console/comments", &third).await.to().starts_with("/signin"));
    assert!(house.get("/console/account", &here).await.text().contains("You are signed in here alone"));
    assert_eq!(house.get("/console/comments", &foreign).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_not_taken_over() {
    let house = house().await;
    for planted in [format!("leafproof={}", "0".repeat(64)), house.signed_in("wutong").await] {
        let form = [("name", "talanuur"), ("password", PASSWORD)];
        let came = house.post("/signin", &planted, &form).await.session();
        assert_ne!(came, planted);
        assert!(house.get("/console/comments", &planted).await.to().starts_with("/signin"));
    }
}

#[tokio::test]
async fn all_of_it_is_there_again_from_the_journal_alone() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let made = house.post("/console/team/invite", &owner, &[("name", "mei"), ("role", "editor")]).await;
    super::super::team::tests::joined(&house, &super::super::team::tests::link_in(&made), NEW).await;
    let waiting =
        super::super::team::tests::link_in(&house.post("/console/team/invite", &owner, &[("name", "lan"), ("role", "reader")]).await);
    let (secret, codes) = switched_on(&house, &owner).await;
    let used = half(&house).await;
    assert_eq!(second(&house, &used, &codes[0]).await.status, StatusCode::SEE_OTHER);
    house.post("/console/team/rule", &owner, &[("factor", "on")]).await;
    let trail = house.get("/console/trail.csv", &owner).await.text();
    // The tables are lost with everything in memory; a new server makes them again.
    let House { desk, now, folder } = house;
    drop(desk);
    std::fs::remove_dir_all(folder.path().join("index")).unwrap();
    let house = House { desk: crate::feedback::tests::opened(&folder, &now), now, folder };
    assert_eq!(house.post("/signin", "", &[("name", "mei@talanuur.example"), ("password", NEW)]).await.to(), "/console/comments");
    assert_eq!(house.get(&waiting, "").await.status, StatusCode::OK, "an open link is open");
    let first = half(&house).await;
    assert_eq!(second(&house, &first, &codes[0]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "a used code is used");
    house.later(60_000);
    let came = second(&house, &first, &totp::shown(&secret, house.desk.engine.now_ms())).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER);
    let again = house.get("/console/trail.csv", &came.session()).await.text();
    let (again, trail) = (again.lines().collect::<Vec<_>>(), trail.lines().collect::<Vec<_>>());
    assert!(trail.iter().all(|line| again.contains(line)), "{again:?}");
    assert!(again.iter().any(|line| line.contains("sign_ins_failed")), "{again:?}");
}
