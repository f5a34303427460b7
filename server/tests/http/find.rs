//! What people and scanners type on the first page, with a ledger that knows some items.

use axum::http::{Method, StatusCode};
use server::serials::{CHOICES_MAX, ENDINGS_AN_HOUR};

use crate::app::{Answer, App, commissioning};

const PACK: &str = "/01/09521234000044/21/7K2M9QX4TD3HWZ";

/// Two products of one brand and one of another; serials that fit once, twice, in two cases.
async fn shop() -> App {
    let app = App::new().await;
    for (id, urn) in [
        ("1", "urn:epc:id:sgtin:9521234.000004.7K2M9QX4TD3HWZ"),
        ("2", "urn:epc:id:sgtin:9521234.000004.M4R8WQ2HTX9KDC"),
        ("3", "urn:epc:id:sgtin:9521234.000005.BOTHPRODUCTS"),
        ("4", "urn:epc:id:sgtin:9521234.000004.BOTHPRODUCTS"),
        ("5", "urn:epc:id:sgtin:9521234.000004.0000000042"),
        ("6", "urn:epc:id:sgtin:9521234.000004.17"),
        ("7", "urn:epc:id:sgtin:9521234.000004.aBcDeFgH1"),
        ("8", "urn:epc:id:sgtin:9521234.000004.AbCdEfGh1"),
        ("9", "urn:epc:id:sgtin:9521234.000004.9521234000044"),
        ("10", "urn:epc:id:sgtin:9521234.000004.AB21CD"),
    ] {
        app.taken("brand.example", vec![commissioning(id, urn)]).await;
    }
    app
}

async fn typed(app: &App, code: &str) -> Answer {
    app.get(&format!("/find?code={}", base::percent::component(code))).await
}

async fn leads_to(app: &App, code: &str, path: &str) {
    let answer = typed(app, code).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, path), "{code:?}: {}", answer.text());
}

#[tokio::test]
async fn one_pack_is_found_however_its_code_is_written() {
    let app = shop().await;
    for code in [
        "7K2M9QX4TD3HWZ",
        "7k2m9qx4td3hwz",
        "7K2M 9QX4 TD3HWZ",
        "7k2m-9qx4-td3hwz",
        " \u{200e}7K2M9QX4TD3HWZ\u{200f} ",
        "７Ｋ２Ｍ９ＱＸ４ＴＤ３ＨＷＺ",
        "(21)7K2M9QX4TD3HWZ",
        "217K2M9QX4TD3HWZ",
        "TD3HWZ",
        "td3 hwz",
        "(01)09521234000044(17)261213(21)7K2M9QX4TD3HWZ",
        "(01) 09521234000044 (21) 7k2m-9qx4-td3hwz",
        "（01）09521234000044（21）7K2M9QX4TD3HWZ",
        "]d2010952123400004417261213217K2M9QX4TD3HWZ",
        "]C10109521234000044217K2M9QX4TD3HWZ\u{1d}10L7",
        "0109521234000044217K2M9QX4TD3HWZ10L7",
        "09521234000044 7K2M9QX4TD3HWZ",
        "9521234000044 TD3HWZ",
        "id.example.com/01/09521234000044/21/7K2M9QX4TD3HWZ",
        "https://id.example.com/01/9521234000044/21/7K2M9QX4TD3HWZ/?17=261213",
        "urn:epc:id:sgtin:9521234.000004.7K2M9QX4TD3HWZ",
    ] {
        leads_to(&app, code, PACK).await;
    }
    // A product's number that is somebody's serial too; the product has no record of its own here.
    leads_to(&app, "9521234000044", "/01/09521234000044/21/9521234000044").await;
    leads_to(&app, "0000000042", "/01/09521234000044/21/0000000042").await;
    leads_to(&app, "9521234000044 17", "/01/09521234000044/21/17").await;
    leads_to(&app, "010952123400004410L7", "/01/09521234000044/10/L7").await;
}

#[tokio::test]
async fn where_several_fit_the_person_chooses() {
    let app = shop().await;
    for (code, fitting) in [
        ("bothproducts", &["/01/09521234000051/21/BOTHPRODUCTS", "/01/09521234000044/21/BOTHPRODUCTS"][..]),
        ("abcdefgh1", &["/01/09521234000044/21/aBcDeFgH1", "/01/09521234000044/21/AbCdEfGh1"]),
        // A whole element string of a code that nobody knows, where a known serial ends so.
        ("(01)09521234000044(21)TD3HWZ", &["/01/09521234000044/21/TD3HWZ", PACK]),
        // Lost separators, and neither reading is known.
        ("010952123400004410XX21YY", &["/01/09521234000044/10/XX21YY", "/01/09521234000044/10/XX/21/YY"]),
    ] {
        let answer = typed(&app, code).await;
        assert_eq!(answer.status, StatusCode::MULTIPLE_CHOICES, "{code}: {}", answer.text());
        for path in fitting {
            assert!(answer.text().contains(&format!("href=\"{path}")), "{code}: {path}");
        }
    }
}

#[tokio::test]
async fn a_stranger_gets_no_list_of_serials() {
    let app = shop().await;
    let seen = |answer: &Answer| answer.text().contains("/21/");
    for (code, status) in [
        ("42", StatusCode::BAD_REQUEST),
        ("17", StatusCode::BAD_REQUEST),
        ("ODUCTS", StatusCode::NOT_FOUND),
        ("NOSUCHSERIAL", StatusCode::NOT_FOUND),
    ] {
        let answer = typed(&app, code).await;
        assert_eq!(answer.status, status, "{code}");
        assert!(!seen(&answer), "{code}");
    }
    // A serial that is counted up is found with its product's number alone.
    leads_to(&app, "(01)09521234000044(21)17", "/01/09521234000044/21/17").await;
    let mut refused = false;
    for guess in 0..=ENDINGS_AN_HOUR {
        let answer = typed(&app, &format!("ZZZZ{guess:02}")).await;
        refused |= answer.status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(refused, "endings cannot be tried without end");
    assert_eq!(typed(&app, "TD3HWZ").await.status, StatusCode::TOO_MANY_REQUESTS);
    leads_to(&app, "7K2M9QX4TD3HWZ", PACK).await;
}

#[tokio::test]
async fn a_serial_never_opens_the_product_and_errors_are_in_the_readers_language() {
    let app = shop().await;
    leads_to(&app, "(01)09521234000044(21)NOBODYSSERIAL", "/01/09521234000044/21/NOBODYSSERIAL").await;
    for code in [
        "(01)09521234000044(21)牛",
        "(01)09521234000044(21)",
        "(01)09521234000044(21)123456789012345678901",
        "(01)09521234000045(21)7K",
        "",
    ] {
        let answer = app.get(&format!("/find?lang=zh&code={}", base::percent::component(code))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{code}");
        let html = answer.text();
        assert!(html.contains("<html lang=\"zh-CN\"") && !html.contains("cannot") && !html.contains("must"), "{code}");
    }
    let compressed = typed(&app, "https://id.example.com/ARHKVAdpQg").await;
    assert_eq!(compressed.status, StatusCode::BAD_REQUEST);
    assert!(compressed.text().contains("compressed"));
    let scanned = app.get("/ARHKVAdpQg").await;
    assert_eq!(scanned.status, StatusCode::NOT_FOUND);
    assert!(scanned.text().contains("compressed"));
    // The chosen language goes along.
    let chosen = app.with(Method::GET, "/find?lang=zh&code=7K2M9QX4TD3HWZ", &[("accept-language", "en")]).await;
    assert_eq!(chosen.header("location"), format!("{PACK}?lang=zh"));
}

#[tokio::test]
async fn serials_are_found_again_when_the_index_is_made_anew_and_not_when_the_record_was_erased() {
    let app = shop().await;
    leads_to(&app, "M4R8WQ2HTX9KDC", "/01/09521234000044/21/M4R8WQ2HTX9KDC").await;
    let rows = |engine: &engine::Engine| {
        let rows: Result<Vec<_>, _> = engine.index().rows(store::table::SERIALS, &[]).collect();
        rows.unwrap()
    };
    let before = rows(&app.engine);
    assert_eq!(before.len(), 10);
    let mut changes = app.engine.index().changes();
    for (key, _) in &before {
        changes.remove(store::table::SERIALS, key);
    }
    changes.remove(store::table::META, b"serials");
    changes.commit().unwrap();
    leads_to(&app, "M4R8WQ2HTX9KDC", "/01/09521234000044/21/M4R8WQ2HTX9KDC").await;
    assert_eq!(rows(&app.engine), before);
    // The row of an erased record counts no more, as it would not be made again.
    let bearer = format!("Bearer {}", crate::app::key("brand.example"));
    let erased = app
        .with(Method::DELETE, "/epcis/v2/events/urn:uuid:00000000-0000-4000-8000-000000000002?reason=asked", &[("authorization", &bearer)])
        .await;
    assert!(erased.status.is_success(), "{}", erased.text());
    assert_eq!(typed(&app, "M4R8WQ2HTX9KDC").await.status, StatusCode::NOT_FOUND);
    leads_to(&app, "(01)09521234000044(21)M4R8WQ2HTX9KDC", "/01/09521234000044/21/M4R8WQ2HTX9KDC").await;
}

/// Whoever learns a serial can number goods of its own with it, as many as it likes. The pack that had it first is found all the same.
#[tokio::test]
async fn no_rival_hides_a_pack_by_using_its_serial_for_goods_of_its_own() {
    let app = shop().await;
    let rivals = |from: u32, to: u32| -> Vec<serde_json::Value> {
        (from..to)
            .map(|number| commissioning(&format!("r{number}"), &format!("urn:epc:id:sgtin:9529999.{number:06}.7K2M9QX4TD3HWZ")))
            .collect()
    };
    app.taken("rival.example", rivals(0, 8)).await;
    let listed = |html: &str| html.matches("/21/7K2M9QX4TD3HWZ?lang=").count();
    let answer = typed(&app, "7K2M9QX4TD3HWZ").await;
    assert_eq!(answer.status, StatusCode::MULTIPLE_CHOICES, "{}", answer.text());
    let html = answer.text();
    let (honest, rival) = (html.find(&format!("href=\"{PACK}")).unwrap(), html.find("href=\"/01/09529999").unwrap());
    assert!(honest < rival, "who was first stands first");
    assert_eq!(listed(&html), CHOICES_MAX);
    assert!(html.contains("Not all packs with this serial number are listed") && html.contains("Number of "), "{html}");
    let scanner = app.get("/scanner/find?lang=en&code=7K2M9QX4TD3HWZ").await.json();
    assert_eq!((&scanner["choices"][0]["path"], scanner["choices"].as_array().unwrap().len()), (&serde_json::json!(PACK), CHOICES_MAX));
    assert!(
        scanner["why"].as_str().unwrap().contains("number below its bar code") && scanner["choices"][0]["owner"].as_str().unwrap() != "",
        "{scanner}"
    );
    let stage = app.get("/demo/find?lang=en&code=7K2M9QX4TD3HWZ").await;
    assert!(stage.status == StatusCode::MULTIPLE_CHOICES && stage.text().contains(&format!("/demo{PACK}")), "{}", stage.text());
    // The number below the bar code beside it leads to the one pack.
    for code in ["9521234000044 7K2M9QX4TD3HWZ", "(01)09521234000044(21)7k2m9qx4td3hwz", "09521234000044 TD3HWZ"] {
        leads_to(&app, code, PACK).await;
    }
    // More rows than a search reads, and all of them before the honest one's: each owner's first is asked for by its own prefix.
    let honest = "/01/09521272000013/21/STORESOWNPACK";
    app.taken("store.example", vec![commissioning("s", "urn:epc:id:sgtin:9521272.000001.STORESOWNPACK")]).await;
    for from in (0..512).step_by(64) {
        let urn = |number: u32| format!("urn:epc:id:sgtin:9521234.{number:06}.STORESOWNPACK");
        app.taken("brand.example", (from..from + 64).map(|number| commissioning(&format!("b{number}"), &urn(number))).collect()).await;
        // The rows follow the log a little at a time.
        leads_to(&app, "9521272000013 STORESOWNPACK", honest).await;
    }
    let html = typed(&app, "STORESOWNPACK").await.text();
    assert!(html.find(&format!("href=\"{honest}")).unwrap() < html.find("href=\"/01/09521234").unwrap(), "{html}");
}
