//! Sign-in: whose session lives, what a failing index says, and who is slowed down by whom.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use store::table::USERS;

use crate::feedback::tests::{Answered, House, PASSWORD, house};

const INBOX: &str = "/console/comments";

#[tokio::test]
async fn signing_in_again_ends_the_older_session_and_signing_out_the_newer() {
    let house = house().await;
    let first = house.signed_in("wutong").await;
    let elsewhere = house.signed_in("wutong").await;
    let form = [("name", "wutong"), ("password", PASSWORD)];
    let again = house.post("/signin", &first, &form).await;
    let second = again.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(house.get(INBOX, &first).await.status, StatusCode::SEE_OTHER, "over");
    assert_eq!(house.get(INBOX, &second).await.status, StatusCode::OK);
    assert_eq!(house.get(INBOX, &elsewhere).await.status, StatusCode::OK, "the store's other tablet");
    assert_eq!(house.post("/signout", &second, &[]).await.to(), "/signin");
    assert_eq!(house.get(INBOX, &second).await.status, StatusCode::SEE_OTHER, "over");
    // A wrong password ends nothing.
    house.post("/signin", &elsewhere, &[("name", "wutong"), ("password", "not this one")]).await;
    assert_eq!(house.get(INBOX, &elsewhere).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_index_that_fails_is_503_and_says_nothing_about_the_password() {
    let house = house().await;
    let cookie = house.signed_in("talanuur").await;
    let mut damage = house.desk.engine.index().changes();
    damage.put(USERS, b"talanuur", b"no account");
    damage.commit().unwrap();
    let sign_in = house.post("/signin", "", &[("name", "talanuur"), ("password", PASSWORD)]).await;
    assert!(sign_in.text().contains("your password was not checked"), "{}", sign_in.text());
    assert!(!sign_in.text().contains("do not fit"));
    for answer in [sign_in, house.get(INBOX, &cookie).await, house.get("/signin", &cookie).await] {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        assert!(answer.headers.contains_key(header::RETRY_AFTER) && !answer.headers.contains_key(header::SET_COOKIE));
    }
}

async fn tried(house: &House, from: IpAddr, cookie: &str, password: &str) -> Answered {
    let request = Request::post("/signin")
        .extension(ConnectInfo(SocketAddr::new(from, 4711)))
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("name=talanuur&password={password}")))
        .unwrap();
    house.ask(request).await
}

#[tokio::test]
async fn strangers_who_guess_slow_themselves_down_and_not_the_owner() {
    let house = house().await;
    let home = IpAddr::from([192, 0, 2, 7]);
    let signed_in = tried(&house, home, "", PASSWORD).await;
    let known = signed_in.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let known = known.filter_map(|line| line.split(';').next()).find(|pair| pair.starts_with("leafproof-device=")).unwrap().to_owned();
    // Guessed for from everywhere, and from the owner's own network until that is slowed down.
    let mut last = StatusCode::OK;
    for n in 0..7 {
        tried(&house, IpAddr::from([203, 0, n, 9]), "", "wrong-password").await;
        last = tried(&house, IpAddr::from([192, 0, 2, 200]), "", "wrong-password").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(tried(&house, home, &known, PASSWORD).await.status, StatusCode::SEE_OTHER, "the browser that is known");
    assert_eq!(tried(&house, IpAddr::from([198, 51, 100, 1]), "", PASSWORD).await.status, StatusCode::SEE_OTHER, "a new one, elsewhere");
}
