//! The parts of a GS1-conformant resolver that can be checked (../shared/design/standards.md).

use axum::http::{Method, StatusCode};

use crate::app::{App, GTIN, ITEM, ITEM_URN, URL, commissioning};

async fn with_item() -> App {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app
}

#[tokio::test]
async fn one_page_under_any_stem_and_any_form_of_the_gtin() {
    let app = with_item().await;
    for path in [ITEM.to_owned(), format!("/shop/2026{ITEM}"), format!("{ITEM}/"), "/01/9521234000044/21/7K2M9".to_owned()] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.text().contains(&format!("data-item=\"{ITEM}\"")), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    let head = app.with(Method::HEAD, ITEM, &[]).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    let options = app.with(Method::OPTIONS, ITEM, &[]).await;
    assert!(options.status.is_success() && options.header("access-control-allow-methods").contains("HEAD"));
    assert_eq!(app.with(Method::DELETE, ITEM, &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_linkset_for_machines_with_every_level() {
    let app = with_item().await;
    app.taken("brand.example", vec![commissioning("2", "urn:epc:id:sgtin:9521234.000004.Q2")]).await;
    let by_accept = app.with(Method::GET, ITEM, &[("accept", "application/linkset+json")]).await;
    let by_query = app.get(&format!("{ITEM}?linkType=linkset")).await;
    assert_eq!(by_accept.json(), by_query.json());
    assert_eq!(by_accept.header("content-type"), "application/linkset+json");
    let linkset = by_accept.json();
    let first = &linkset["linkset"][0];
    assert_eq!(first["anchor"], format!("{URL}{ITEM}"));
    assert_eq!(first["https://gs1.org/voc/defaultLink"][0], first["https://gs1.org/voc/traceability"][0]);
    assert!(app.get(ITEM).await.header("link").contains("linkType=linkset"), "the page points at it");
    let person = app.with(Method::GET, ITEM, &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]).await;
    assert!(person.header("content-type").starts_with("text/html"), "a browser gets the page");
}

#[tokio::test]
async fn redirects_to_a_link_type_pass_the_query_on() {
    let app = with_item().await;
    let proof = app.get(&format!("{ITEM}?17=261213&linkType=gs1:verificationService")).await;
    assert_eq!(proof.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(proof.header("location"), format!("{URL}/bundle{ITEM}?17=261213"));
    assert_eq!(app.get(&format!("{ITEM}?linkType=gs1:dpp")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get(&format!("{ITEM}?linkType=gs1:traceability")).await.status, StatusCode::OK);
    let unknown = app.get(&format!("/01/{GTIN}/21/NOTTHERE?linkType=linkset")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "never 200 for an error");
    let about = app.get("/.well-known/gs1resolver").await.json();
    assert_eq!(about["resolverRoot"], URL);
}
