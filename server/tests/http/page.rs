//! The page and its proof: all facts in the first answer, and a bundle that the verifier accepts.

use axum::http::{Method, StatusCode};
use ledger::name::Name;
use serde_json::json;
use server::grants;
use trace::rights::rights_of;

use crate::app::{App, BROWSER, ITEM, ITEM_URN, document, observed, with_item};

#[tokio::test]
async fn every_fact_stands_in_the_first_answer_in_the_readers_language() {
    let app = with_item().await;
    let page = app.with(Method::GET, ITEM, &[("accept-language", "en-GB,en;q=0.8")]).await;
    assert_eq!(page.status, StatusCode::OK);
    let html = page.text();
    assert!(html.contains("<html lang=\"en\"") && html.contains("Made") && html.contains("320\u{a0}g"));
    assert!(html.contains("not checked"), "the server claims no check");
    let csp = page.header("content-security-policy");
    assert!(csp.contains("'wasm-unsafe-eval'") && csp.contains("default-src 'none'") && !csp.contains("unsafe-inline"), "{csp}");
    assert!(!html.contains(" style=\""), "no inline styles, which the policy forbids");
    let zh = app.get(&format!("{ITEM}?lang=zh")).await.text();
    assert!(zh.contains("<html lang=\"zh-CN\"") && zh.contains("制成") && zh.contains("未核验"));
}

#[tokio::test]
async fn the_bundle_is_verified_and_says_that_nobody_else_signed_yet() {
    let app = with_item().await;
    let bundle = app.get(&format!("/bundle{ITEM}")).await;
    assert_eq!((bundle.status, bundle.header("access-control-allow-origin")), (StatusCode::OK, "*"));
    let policy = ledger::policy::Policy::parse(&app.get("/policy").await.body).unwrap();
    let name = Name::from_digital_link_path(ITEM).unwrap().bytes();
    let now = base::clock::now_ms();
    let report = ledger::verify::verify(&bundle.body, &policy, Some(&name), now, &[]);
    assert_eq!(report.state, ledger::verify::State::NotCosigned, "{}", report.text);
    let mut spoiled = bundle.body.to_vec();
    spoiled[40] ^= 1;
    let report = ledger::verify::verify(&spoiled, &policy, Some(&name), now, &[]);
    assert!(!matches!(report.state, ledger::verify::State::NotCosigned | ledger::verify::State::Verified));
    let again = app.with(Method::GET, &format!("/bundle{ITEM}"), &[("if-none-match", bundle.header("etag"))]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_scan_is_counted_once_and_previews_are_not() {
    let app = with_item().await;
    for headers in [&[("user-agent", "WhatsApp/2.23"), ("accept", "*/*")][..], &[]] {
        let html = app.with(Method::GET, ITEM, headers).await.text();
        assert!(!html.contains("First scan"), "not a person's scan");
    }
    app.with(Method::HEAD, ITEM, &BROWSER).await;
    assert!(app.with(Method::GET, ITEM, &BROWSER).await.text().contains("First scan of this code"));
    assert!(app.with(Method::GET, ITEM, &BROWSER).await.text().contains("Scanned twice"));
    let batch = app.with(Method::GET, "/01/09521234000044", &BROWSER).await;
    assert!(!batch.text().contains("First scan"), "a code that many packs share has no history");
}

#[tokio::test]
async fn one_phone_counts_once_a_day_and_no_day_makes_a_warning() {
    let app = with_item().await;
    let first = app.with(Method::GET, ITEM, &BROWSER).await;
    let mark = first.header("etag").to_owned();
    for again in 0..40 {
        let page = app.with(Method::GET, ITEM, &[BROWSER[0], BROWSER[1], ("if-none-match", &mark)]).await;
        assert_eq!(page.status, StatusCode::OK, "a page is made anew each time");
        assert!(page.text().contains("Scanned once"), "{again}");
    }
    let mut last = String::new();
    for n in 0..60 {
        let agent = format!("{} {}", BROWSER[1].1, ["iPhone", "Firefox", "MicroMessenger", "Windows", "Macintosh"][n % 5]);
        let language = ["zh-CN", "en", "fr"][n % 3];
        last =
            app.with(Method::GET, ITEM, &[BROWSER[0], ("user-agent", &agent), ("accept-language", language), ("cookie", "")]).await.text();
    }
    let english = app.with(Method::GET, &format!("{ITEM}?lang=en"), &[("accept", "text/html")]).await.text();
    assert!(english.contains("Scanned 61 times"), "{last}");
    assert!(!english.contains("rarely scanned this often"));
}

/// A page that was rendered a moment ago is sent again, but never one that misses what was recorded since.
#[tokio::test]
async fn a_kept_page_is_the_page() {
    let app = with_item().await;
    let unpacked = |answer: &crate::app::Answer| {
        let mut html = Vec::new();
        brotli::BrotliDecompress(&mut &answer.body[..], &mut html).unwrap();
        String::from_utf8(html).unwrap()
    };
    let small = [BROWSER[0], BROWSER[1], ("accept-encoding", "br"), ("accept-language", "en")];
    let mut pages = Vec::new();
    for said in ["First scan of this code", "Scanned twice", "Scanned 3 times", "Scanned 4 times"] {
        let answer = app.with(Method::GET, ITEM, &small).await;
        let html = unpacked(&answer);
        assert!(html.contains(said) && html.contains("</html>"), "{said}");
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(answer.header("content-security-policy").contains(&server::csp::source_of(style)), "its style may be used");
        pages.push(html.len());
    }
    assert!(pages.iter().all(|length| length.abs_diff(pages[0]) < 400), "whole each time: {pages:?}");
    let uncounted = [("accept-language", "en")];
    let before = app.with(Method::GET, ITEM, &uncounted).await.text();
    assert_eq!(app.with(Method::GET, ITEM, &uncounted).await.text(), before, "with no visit and no record between, the same to the byte");
    let zh = app.with(Method::GET, ITEM, &[("accept-language", "zh")]).await.text();
    assert!(zh.contains("<html lang=\"zh-CN\""));
    app.taken("brand.example", vec![observed("77", ITEM_URN, "inspecting", "urn:epc:id:sgln:9521234.00018.0")]).await;
    let after = app.with(Method::GET, ITEM, &uncounted).await.text();
    assert!(after.len() > before.len() + 200 && !before.contains("Inspect") && after.contains("Inspect"), "{after}");
    let queried = app.with(Method::GET, &format!("{ITEM}?from=poster"), &uncounted).await.text();
    assert!(queried.contains("from=poster"), "its own links, kept for nobody else");
    assert!(!app.with(Method::GET, ITEM, &uncounted).await.text().contains("from=poster"));
}

#[tokio::test]
async fn unknown_and_unreadable_codes_have_their_own_pages() {
    let app = with_item().await;
    let unknown = app.get("/01/09521234000044/21/NOTTHERE").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.text().contains("No record of this code"));
    let bad = app.get("/01/09521234000045/21/7K2M9").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST, "check digit");
    assert!(bad.text().contains("<form"), "it offers to type the code");
    let typed = app.get("/find?code=%2801%29+09521234000044+%2821%29+7K2M9").await;
    assert_eq!((typed.status, typed.header("location")), (StatusCode::SEE_OTHER, ITEM));
    assert_eq!(app.get("/find?code=hello").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.get("/favicon.ico").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn symbols_and_labels_of_an_item() {
    let app = with_item().await;
    let svg = app.get(&format!("/qr/svg{ITEM}?x=0.4")).await;
    assert_eq!((svg.status, svg.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert!(svg.text().contains("(21) 7K2M9"));
    let png = app.get(&format!("/qr/png{ITEM}")).await;
    let decoder = png::Decoder::new(std::io::Cursor::new(png.body.to_vec()));
    let mut reader = decoder.read_info().unwrap();
    let mut luma = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut luma).unwrap();
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(info.width as usize, info.height as usize, |x, y| luma[y * info.width as usize + x]);
    assert_eq!(image.detect_grids()[0].decode().unwrap().1, format!("HTTPS://ID.EXAMPLE.COM{ITEM}"));
    let label = app.get(&format!("/label/60x40{ITEM}")).await;
    assert!(label.text().contains(r#"width="60mm" height="40mm""#), "{}", label.text());
    for wrong in [format!("/qr/svg{ITEM}?x=9"), "/qr/png/01/123".to_owned(), format!("/label/10x10{ITEM}")] {
        assert_eq!(app.get(&wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn answers_with_a_tag_are_told_apart_by_their_bytes_and_asked_for_by_lists() {
    let app = with_item().await;
    for path in [format!("/bundle{ITEM}"), "/verify".to_owned()] {
        let plain = app.get(&path).await;
        let small = app.with(Method::GET, &path, &[("accept-encoding", "br")]).await;
        assert_eq!(small.header("content-encoding"), "br", "{path}");
        assert_ne!(plain.header("etag"), small.header("etag"), "{path}");
        for answer in [&plain, &small] {
            assert!(answer.headers.get_all("vary").iter().any(|v| v.to_str().unwrap().contains("Accept-Encoding")), "{path}");
        }
        // Sent as it is where the tag is that of the plain bytes.
        let gzip = app.with(Method::GET, &path, &[("accept-encoding", "gzip")]).await;
        assert_eq!((gzip.header("content-encoding"), gzip.header("etag")), ("", plain.header("etag")), "{path}");
        let listed = format!("\"x\", W/{}", plain.header("etag"));
        for known in [listed.as_str(), "*"] {
            let again = app.with(Method::GET, &path, &[("if-none-match", known)]).await;
            assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path} {known}");
            assert_eq!((again.header("etag"), again.header("cache-control")), (plain.header("etag"), "no-cache"), "{path}");
        }
        let other = app.with(Method::GET, &path, &[("if-none-match", plain.header("etag")), ("accept-encoding", "br")]).await;
        assert_eq!(other.status, StatusCode::OK, "{path}: other bytes are asked for");
    }
}

#[tokio::test]
async fn files_have_ranges_and_tags() {
    let app = App::new().await;
    let bytes = [&b"%PDF-1.4\n"[..], &[b'x'; 5_000]].concat();
    let hash = server::media::Media::open(app.folder.path()).unwrap().put(&bytes).unwrap();
    let path = format!("/media/{hash}");
    let whole = app.with(Method::GET, &path, &[("accept-encoding", "gzip, br")]).await;
    let etag = whole.header("etag").to_owned();
    assert_eq!((whole.status, whole.body.len(), whole.header("accept-ranges")), (StatusCode::OK, bytes.len(), "bytes"));
    let part = app.with(Method::GET, &path, &[("range", "bytes=0-3"), ("if-range", &etag)]).await;
    assert_eq!((part.status, &part.body[..]), (StatusCode::PARTIAL_CONTENT, &b"%PDF"[..]));
    assert_eq!(part.header("content-range"), format!("bytes 0-3/{}", bytes.len()));
    for none in ["bytes=-0", "bytes=999999-"] {
        let none = app.with(Method::GET, &path, &[("range", none)]).await;
        assert_eq!(
            (none.status, none.header("content-range")),
            (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{}", bytes.len()).as_str())
        );
    }
    let head = app.with(Method::HEAD, &path, &[("range", "bytes=0-3"), ("if-range", &etag)]).await;
    assert_eq!((head.status, head.header("content-length")), (StatusCode::OK, bytes.len().to_string().as_str()));
    let known = app.with(Method::GET, &path, &[("if-none-match", &etag), ("range", "bytes=0-3")]).await;
    assert_eq!((known.status, known.header("etag")), (StatusCode::NOT_MODIFIED, etag.as_str()));
}

/// A pallet is in the ledger by what was packed on it: nobody is told that there is nothing.
#[tokio::test]
async fn a_container_that_is_known_is_not_denied() {
    let app = App::new().await;
    let mut packed = observed("1", ITEM_URN, "packing", "urn:epc:id:sgln:9521234.00018.0");
    packed["type"] = json!("AggregationEvent");
    packed["action"] = json!("ADD");
    packed["parentID"] = json!("urn:epc:id:sscc:9521234.0000000001");
    packed["childEPCs"] = json!([ITEM_URN]);
    packed.as_object_mut().unwrap().remove("epcList");
    app.taken("brand.example", vec![packed]).await;
    let known = app.with(Method::GET, "/00/095212340000000013", &[]).await;
    assert_eq!(known.status, StatusCode::OK, "{}", known.text());
    let page = known.text();
    assert!(page.contains("<h1>Pallet or parcel</h1>") && page.contains("data-entry=") && !page.contains("/feedback/"), "{page}");
    let bundle = app.get("/bundle/00/095212340000000013").await;
    let policy = ledger::policy::Policy::parse(&app.get("/policy").await.body).unwrap();
    let name = Name::from_digital_link_path("/00/095212340000000013").unwrap().bytes();
    let report = ledger::verify::verify(&bundle.body, &policy, Some(&name), base::clock::now_ms(), &[]);
    assert_eq!(report.state, ledger::verify::State::NotCosigned, "{}", report.text);
    assert_eq!(app.with(Method::GET, "/00/095212340000000020", &[]).await.status, StatusCode::NOT_FOUND);
}

/// The record by which a store received an item stays when its permission ends; that letters go there is said no more.
#[tokio::test]
async fn the_page_names_no_store_whose_permission_ended() {
    let app = with_item().await;
    let mut said = document(vec![observed("3", ITEM_URN, "stocking", "urn:epc:id:sgln:9521272.00018.0")]);
    said["epcisHeader"] = json!({"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": [
        {"id": "urn:epc:id:sgln:9521272.00018.0", "attributes": [{"id": "lp:name/en", "attribute": "Wutong Road"}]}]}]}});
    let taken = app.capture("store.example", &said, &[], "").await.json();
    assert_eq!(taken["success"], true, "{taken}");
    let goes = |html: &str| html.split("id=\"tell\"").nth(1).unwrap().split("</p>").next().unwrap().contains("Wutong Road");
    assert!(goes(&app.get(ITEM).await.text()));
    assert!(app.get(&format!("/feedback{ITEM}")).await.text().contains("Wutong Road"));
    let mut ended =
        grants::next(&app.engine, "brand.example", "store.example", rights_of(["record", "store"]).unwrap(), Vec::new()).unwrap();
    ended.valid_until = base::clock::now_ms() - 1;
    grants::give(&app.engine, ended, None).await.unwrap();
    let html = app.get(ITEM).await.text();
    assert!(!goes(&html) && html.contains("Goes to"), "{html}");
    assert!(!app.get(&format!("/feedback{ITEM}")).await.text().contains("Wutong Road"));
}
