//! The staff scanner: a page that says nothing of any item, addresses for its script, and no trace of having been used.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{BROWSER, ITEM, with_item};

#[tokio::test]
async fn its_page_says_nothing_of_any_item_and_gives_no_advice() {
    let app = with_item().await;
    for (lang, words, advice) in [("en", "May it be sold?", "Take off the shelf"), ("zh", "这件能卖吗？", "请下架")] {
        let page = app.get(&format!("/scanner/?lang={lang}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        assert!(page.text().contains(words) && !page.text().contains(advice), "{}", page.text());
        assert!(!page.text()[page.text().find("<body").unwrap()..].contains("data-advice"), "no state before a check");
        let csp = page.header("content-security-policy");
        assert!(csp.contains("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'") && !csp.contains("unsafe-inline"), "{csp}");
        assert_eq!(page.header("permissions-policy"), "camera=(self), geolocation=(), microphone=()");
    }
    let moved = app.get("/scanner?lang=zh").await;
    assert_eq!((moved.status, moved.header("location")), (StatusCode::PERMANENT_REDIRECT, "/scanner/?lang=zh"));
    let worker = app.get("/scanner/worker.js").await;
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(worker.header("content-security-policy"), "default-src 'none'; connect-src 'self'");
    assert_eq!(worker.header("service-worker-allowed"), "", "shoppers' pages are not its affair");
}

#[tokio::test]
async fn a_code_leads_to_addresses_or_to_why_not() {
    let app = with_item().await;
    let found =
        async |code: &str| -> Value { serde_json::from_str(&app.get(&format!("/scanner/find?lang=en&code={code}")).await.text()).unwrap() };
    for code in ["09521234000044%207K2M9", "(01)%2009521234000044%20(21)%207K2M9", "https://elsewhere.example/01/09521234000044/21/7K2M9"] {
        assert_eq!(found(code).await, json!({ "choices": [{ "path": ITEM }] }), "{code}");
    }
    assert_eq!(found("09521234000044").await["choices"][0]["path"], "/01/09521234000044");
    for (code, why) in
        [("", "Nothing was typed"), ("09521234000045", "wrong last digit"), ("%3Cscript%3E", "No pack with this serial number")]
    {
        let said = found(code).await;
        assert_eq!(said["choices"], json!([]), "{code}");
        assert!(said["why"].as_str().unwrap().contains(why), "{said}");
    }
}

#[tokio::test]
async fn what_is_known_of_a_code_is_told_and_asking_is_no_scan() {
    let app = with_item().await;
    let size = app.engine.view().size();
    let code = format!("/scanner/code{ITEM}");
    for path in ["/scanner/".to_owned(), code.clone(), "/scanner/find?code=7K2M9".to_owned(), format!("/bundle{ITEM}")] {
        for _ in 0..3 {
            app.with(Method::GET, &path, &BROWSER).await;
        }
    }
    assert_eq!(app.engine.view().size(), size);
    let known = async |path: &str| -> Value { serde_json::from_str(&app.get(path).await.text()).unwrap() };
    assert_eq!(known(&code).await, json!({ "known": true, "often": false }));
    assert_eq!(app.get(&code).await.header("cache-control"), "no-store");
    assert!(app.with(Method::GET, ITEM, &BROWSER).await.text().contains("First scan of this code"), "the shopper's is the first");
    let after = known(&code).await;
    assert_eq!((&after["count"], &after["often"]), (&json!(1), &json!(false)), "{after}");
    assert_eq!(known("/scanner/code/01/09521234000044").await, json!({ "known": true, "often": false }), "many packs share it");
    assert_eq!(app.get("/scanner/code/01/09521234000045/21/A").await.status, StatusCode::BAD_REQUEST);
}
