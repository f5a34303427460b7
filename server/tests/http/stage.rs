//! Store mode: a stage for whatever has records, and no trace of having been shown.

use axum::http::{Method, StatusCode};

use crate::app::{BROWSER, ITEM, commissioning, observed, with_item};

#[tokio::test]
async fn the_stage_has_six_scenes_the_signed_facts_and_no_result() {
    let app = with_item().await;
    for (lang, words) in
        [("en", ["Made", "Two parties wrote this down.", "Change one letter."]), ("zh", ["制成", "记录由两方写下。", "改一个字试试。"])]
    {
        let page = app.get(&format!("/demo{ITEM}?lang={lang}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        let html = page.text();
        for k in 1..=6 {
            assert!(html.contains(&format!("data-scene=\"{k}\"")), "scene {k}");
        }
        assert!(words.iter().all(|words| html.contains(words)), "{html}");
        assert_eq!(html.matches("class=\"node\"").count(), 2);
        assert!(!html.contains(" ok\"") && !html.contains("erified on"), "the server claims no check");
        assert!(html.contains(&format!("src=\"/qr/svg{ITEM}\"")));
    }
}

#[tokio::test]
async fn its_policy_is_that_of_all_pages_and_its_worker_has_its_own() {
    let app = with_item().await;
    for path in ["/demo/".to_owned(), format!("/demo{ITEM}")] {
        let csp = app.get(&path).await.header("content-security-policy").to_owned();
        assert!(
            csp.contains("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'") && !csp.contains("unsafe-inline"),
            "{path}: {csp}"
        );
    }
    let worker = app.get("/demo/worker.js").await;
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(worker.header("content-security-policy"), "default-src 'none'; connect-src 'self'");
    // Nobody lets it reach beyond the folder that it stands in: shoppers' pages are not its affair.
    assert_eq!(worker.header("service-worker-allowed"), "");
    assert!(worker.text().contains("addEventListener('fetch'"));
    assert!(!app.get(ITEM).await.text().contains("worker") && !app.get("/").await.text().contains("stage."));
}

#[tokio::test]
async fn an_item_has_one_address_on_the_stage() {
    let app = with_item().await;
    for (asked, to) in [
        ("/demo", "/demo/".to_owned()),
        ("/demo?lang=zh", "/demo/?lang=zh".to_owned()),
        ("/demo/01/09521234000044/10/A/21/7K2M9?lang=zh", format!("/demo{ITEM}?lang=zh")),
    ] {
        let answer = app.get(asked).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::PERMANENT_REDIRECT, to.as_str()), "{asked}");
    }
}

#[tokio::test]
async fn what_has_no_record_or_is_no_code_leads_back_to_the_choice() {
    let app = with_item().await;
    for (path, status, said) in [
        ("/demo/01/09521234000044/21/NOSUCH", StatusCode::NOT_FOUND, "no record of this code"),
        ("/demo/01/09521234000045/21/7K2M9", StatusCode::BAD_REQUEST, "wrong last digit"),
        // Its pack is known, so it is; nothing happened to the product itself.
        ("/demo/01/09521234000044", StatusCode::NOT_FOUND, "ecord"),
        ("/demo/nothing", StatusCode::NOT_FOUND, "Check the address"),
        ("/demo/01/09521234000044/21/%00", StatusCode::BAD_REQUEST, "cannot"),
        ("/demo/find?code=", StatusCode::BAD_REQUEST, "Nothing was typed"),
        ("/demo/find?code=%3Cscript%3E", StatusCode::NOT_FOUND, "No pack with this serial number"),
    ] {
        let answer = app.get(path).await;
        let html = answer.text();
        assert_eq!(answer.status, status, "{path}: {html}");
        assert!(html.contains(said) && html.contains("action=\"/demo/find\""), "{path}: {html}");
        assert!(!html.contains("<script>"), "{path}: what was typed is words");
    }
    let found = app.get("/demo/find?code=(01)%2009521234000044%20(21)%207K2M9&lang=zh").await;
    assert_eq!((found.status, found.header("location")), (StatusCode::SEE_OTHER, format!("/demo{ITEM}?lang=zh").as_str()));
}

#[tokio::test]
async fn showing_an_item_is_no_scan_and_writes_nothing() {
    let app = with_item().await;
    let size = app.engine.view().size();
    for path in [
        "/demo/".to_owned(),
        format!("/demo{ITEM}"),
        "/demo/find?code=7K2M9".to_owned(),
        format!("/qr/svg{ITEM}"),
        format!("/bundle{ITEM}"),
    ] {
        for _ in 0..3 {
            app.with(Method::GET, &path, &BROWSER).await;
        }
    }
    assert_eq!(app.engine.view().size(), size);
    assert!(app.with(Method::GET, ITEM, &BROWSER).await.text().contains("First scan of this code"), "the shopper's is the first");
}

#[tokio::test]
async fn a_batch_has_a_stage_with_its_own_number_to_compare() {
    let app = with_item().await;
    let mut made = commissioning("3", "urn:epc:id:sgtin:9521234.000004.B1");
    made["ilmd"] = serde_json::json!({ "cbvmda:lotNumber": "L-77" });
    app.taken("brand.example", vec![made]).await;
    let mut about = observed("4", "urn:epc:class:lgtin:9521234.000004.L-77", "inspecting", "urn:epc:id:sgln:9521234.00001.0");
    about.as_object_mut().unwrap().remove("epcList");
    about["quantityList"] = serde_json::json!([{ "epcClass": "urn:epc:class:lgtin:9521234.000004.L-77" }]);
    app.taken("brand.example", vec![about]).await;
    let page = app.get("/demo/01/09521234000044/10/L-77").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("<b>L-77</b>") && page.text().contains("Compare this lot with the pack"));
}
