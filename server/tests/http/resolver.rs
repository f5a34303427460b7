//! The parts of a GS1-conformant resolver that can be checked (../shared/design/standards.md).

use axum::http::{Method, StatusCode};

use crate::app::{App, GTIN, ITEM, ITEM_URN, URL, commissioning};

async fn with_item() -> App {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app
}

#[tokio::test]
async fn one_page_at_one_spelling_and_every_other_one_leads_there() {
    let app = with_item().await;
    let page = app.get(ITEM).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(&format!("href=\"/bundle{ITEM}\"")));
    assert_eq!(page.header("access-control-allow-origin"), "*");
    for path in [
        format!("/shop/2026{ITEM}"),
        format!("{ITEM}/"),
        "/01/9521234000044/21/7K2M9".to_owned(),
        "/01/%309521234000044/21/7K2M9".to_owned(),
        "/%30%31/09521234000044/21/%37K2M9".to_owned(),
        "//01//09521234000044/21/7K2M9".to_owned(),
        "/01/09521234000044/21/7K2M9/10/L7".to_owned(),
        "/01/09521234000044/10/L7/21/7K2M9".to_owned(),
        "/21/7K2M9/01/09521234000044".to_owned(),
    ] {
        let mut at = path.clone();
        let mut answer = app.get(&format!("{at}?17=261213&x=%20")).await;
        // The order of qualifiers is one step, what is no part of the name the next.
        for _ in 0..2 {
            if answer.status == StatusCode::PERMANENT_REDIRECT {
                let to = answer.header("location").to_owned();
                assert!(to.ends_with("?17=261213&x=%20"), "{path}: {to}");
                at = to.split('?').next().unwrap().to_owned();
                answer = app.get(&to).await;
            }
        }
        assert_eq!((at.as_str(), answer.status), (ITEM, StatusCode::OK), "{path}");
    }
    // A serial that was put into the query is no product's page; what is no serial is left where it is.
    let moved = app.get("/01/9521234000044?lang=zh&21=7K2M9").await;
    assert_eq!(moved.header("location"), format!("{ITEM}?lang=zh&21=7K2M9"));
    assert_eq!(app.get(moved.header("location")).await.status, StatusCode::OK);
    assert_eq!(app.get("/01/09521234000044?21=a%00b").await.header("location"), "");
    let escaped = app.get("/01/09521234000044/21/a%2fb").await;
    assert_eq!((escaped.status, escaped.header("location")), (StatusCode::PERMANENT_REDIRECT, "/01/09521234000044/21/a%2Fb"));
    let other = app.get("/01/09521234000044/21/7k2m9").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "case is part of a serial");
    let elsewhere = app.get("//evil.example/01/09521234000044").await;
    assert!(!elsewhere.header("location").starts_with("//"), "no redirect to another site");
    let head = app.with(Method::HEAD, ITEM, &[]).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    let options = app.with(Method::OPTIONS, ITEM, &[]).await;
    assert!(options.status.is_success() && options.header("access-control-allow-methods").contains("HEAD"));
    for path in [ITEM, "/policy", "/find"] {
        let refused = app.with(Method::DELETE, path, &[]).await;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(refused.header("allow").contains("GET"), "{path}");
    }
}

#[tokio::test]
async fn a_serial_that_browsers_take_away_is_refused_where_it_would_be_made() {
    let app = App::new().await;
    for epc in [
        "https://id.example.org/01/09521234000044/21/..",
        "urn:epc:id:sgtin:9521234.000004..",
        "https://x.example/01/09521234000044/21/%2e%2E",
    ] {
        let answer = app.capture("brand.example", &crate::app::document(vec![commissioning("1", epc)]), &[], "").await;
        assert!(answer.text().contains("step in the address"), "{epc}: {}", answer.text());
    }
    let mut in_lot = commissioning("1", ITEM_URN);
    in_lot["ilmd"] = serde_json::json!({ "cbvmda:lotNumber": ".." });
    let answer = app.capture("brand.example", &crate::app::document(vec![in_lot]), &[], "").await;
    assert!(answer.text().contains("step in the address"), "{}", answer.text());
    assert_eq!(app.engine.view().size(), App::new().await.engine.view().size(), "nothing was recorded");
    for path in ["/qr/svg/01/09521234000044/21/%2e%2e", "/qr/png/01/09521234000044/10/.", "/label/60x40/01/09521234000044/21/%2E%2e"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.text().contains("another page"), "{path}: {}", answer.text());
    }
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
    for voc in ["https://ref.gs1.org/voc/", "https%3A%2F%2Fgs1.org%2Fvoc%2F", ""] {
        let proof = app.get(&format!("{ITEM}?linkType={voc}verificationService")).await;
        assert_eq!(proof.header("location"), format!("{URL}/bundle{ITEM}"), "{voc}");
    }
    let page = app.with(Method::GET, ITEM, &[("accept", "application/linkset+json;q=0, */*")]).await;
    assert!(page.header("content-type").starts_with("text/html"));
    let about = app.get("/.well-known/gs1resolver").await.json();
    assert_eq!(about["resolverRoot"], URL);
}

#[tokio::test]
async fn what_nobody_recorded_has_the_links_of_its_product_and_its_own_page_says_that_it_is_unknown() {
    let app = with_item().await;
    let mut lot = commissioning("9", ITEM_URN);
    lot.as_object_mut().unwrap().remove("epcList");
    lot["quantityList"] = serde_json::json!([{ "epcClass": format!("https://id.example.org/01/{GTIN}") }]);
    app.taken("brand.example", vec![lot]).await;
    let unknown = format!("/01/{GTIN}/21/NOTTHERE");
    let linkset = app.get(&format!("{unknown}?linkType=linkset")).await;
    assert_eq!(linkset.status, StatusCode::OK);
    let contexts = linkset.json()["linkset"].clone();
    assert_eq!(contexts.as_array().unwrap().len(), 1);
    assert_eq!(contexts[0]["anchor"], format!("{URL}/01/{GTIN}"));
    assert!(contexts[0]["itemDescription"].as_str().unwrap().contains(&format!("no record of {unknown}")));
    let proof = app.get(&format!("{unknown}?linkType=gs1:verificationService&17=261213")).await;
    assert_eq!(proof.header("location"), format!("{URL}/bundle/01/{GTIN}?17=261213"));
    for query in ["", "?linkType=gs1:defaultLink"] {
        let page = app.get(&format!("{unknown}{query}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "a made-up serial is not covered by its product");
        assert!(page.text().contains(&format!("href=\"/01/{GTIN}\"")), "the product is named there");
    }
}
