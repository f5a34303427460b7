//! What a page that is opened, and a check that ends, come to in the figures of the brand and of nobody else.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use store::record::tally::Counts;

use crate::app::{App, BROWSER, GTIN, ITEM, with_item};

/// What a member can read by now: counts are written within a second.
async fn read(app: &App, member: &str, until: impl Fn(Counts) -> bool) -> Counts {
    let (today, began) = (base::clock::today(), Instant::now());
    loop {
        let rows = app.engine.index().figures(member, None, today - 1..=today);
        let sum = rows.fold(Counts::default(), |sum, row| sum.plus(row.unwrap().counts));
        if until(sum) || began.elapsed() > Duration::from_secs(20) {
            return sum;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn says(app: &App, path: &str, outcome: &'static str) -> StatusCode {
    app.send(Request::post(path).header("sec-fetch-site", "same-origin").body(Body::from(outcome)).unwrap()).await.status
}

#[tokio::test]
async fn opened_pages_and_their_checks_are_counted_for_the_owner_of_the_number() {
    let app = with_item().await;
    let product = format!("/01/{GTIN}");
    for _ in 0..18 {
        app.with(Method::GET, ITEM, &BROWSER).await;
    }
    // A reload, a preview, a page that is not there, and a look for a link are no visits.
    let mark = app.with(Method::GET, ITEM, &BROWSER).await.header("etag").to_owned();
    for _ in 0..9 {
        app.with(Method::GET, ITEM, &[BROWSER[0], BROWSER[1], ("if-none-match", &mark)]).await;
        app.get(ITEM).await;
        app.with(Method::GET, &format!("/01/{GTIN}/21/NOSUCH"), &BROWSER).await;
    }
    for n in 0..30 {
        let outcome = if n < 12 { "verified" } else { "failed" };
        assert_eq!(says(&app, &format!("/checked{product}"), outcome).await, StatusCode::NO_CONTENT);
    }
    // 19 pages were opened: so many checks are taken, and the others, of whoever sends them, are not.
    let sum = read(&app, "brand.example", |sum| sum.opened >= 15 && sum.verified >= 10 && sum.failed >= 5).await;
    assert_eq!(sum, Counts { opened: 15, verified: 10, failed: 5, ..Counts::default() });
    for other in ["rival.example", "store.example", "carrier.example"] {
        assert_eq!(read(&app, other, |_| true).await, Counts::default(), "{other}");
    }
}
