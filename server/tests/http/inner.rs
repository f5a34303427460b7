//! The code inside a pack and the page of the pack: bytes, words, staff, and what becomes of it when the number changes hands.

use axum::http::{Method, StatusCode};
use engine::Submission;
use ledger::entry::Status;
use serde_json::Value;
use server::session::accounts::Role;

use crate::app::{App, BROWSER, ITEM, URL, with_item};
use crate::codes::{post, signed_in};

/// The inner address of the test item, and its owner's cookie.
async fn made(app: &App) -> (String, String) {
    let brand = signed_in(app, "editor", "brand.example", Role::Editor).await;
    let file = post(app, "/console/codes/inner", &brand, &[("items", ITEM), ("label", "lot 7"), ("as", "csv")]).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text());
    let address = file.text().split(&format!("{URL}/inner/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    (format!("/inner/{address}"), brand)
}

async fn page(app: &App, lang: &str) -> String {
    app.with(Method::GET, &format!("{ITEM}?lang={lang}"), &BROWSER).await.text()
}

async fn staff(app: &App) -> Value {
    serde_json::from_str(&app.get(&format!("/scanner/code{ITEM}")).await.text()).unwrap()
}

#[tokio::test]
async fn a_pack_says_that_its_inner_code_was_used_and_until_then_nothing() {
    let app = with_item().await;
    let before = app.get(ITEM).await.body;
    let (size, proof) = (app.engine.view().size(), app.get(&format!("/bundle{ITEM}")).await.body);
    let (inner, _) = made(&app).await;
    assert_eq!(app.get(ITEM).await.body, before, "not a byte, where none was used");
    assert_eq!(staff(&app).await.get("inner"), None);
    assert_eq!(app.get(&inner).await.status, StatusCode::OK);
    assert_eq!(app.get(ITEM).await.body, before);
    let done = app.with(Method::POST, &inner, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    for _ in 0..2 {
        let en = page(&app, "en").await;
        assert!(
            en.contains("The code inside was used on ") && en.contains("ask the store") && en.contains("does not prove a fake"),
            "{en}"
        );
        assert!(en.contains("not checked") && !en.contains("/inner/"), "{en}");
    }
    let zh = page(&app, "zh").await;
    assert!(zh.contains("包装内的码已于") && zh.contains("请询问门店") && zh.contains("不能证明是假货"), "{zh}");
    let told = staff(&app).await;
    assert_eq!((told["known"].as_bool(), told["inner"].as_str().map(str::len)), (Some(true), Some(10)), "the day, no more: {told}");
    assert!(app.engine.view().size() == size && app.get(&format!("/bundle{ITEM}")).await.body == proof, "nothing was signed");
}

#[tokio::test]
async fn a_code_that_the_brand_froze_says_so_first() {
    let app = with_item().await;
    let (inner, brand) = made(&app).await;
    app.with(Method::POST, &inner, &[]).await;
    post(&app, "/console/codes", &brand, &[("code", ITEM), ("reason", "stolen")]).await;
    let en = page(&app, "en").await;
    assert!(en.contains("Reported stolen by the brand") && !en.contains("The code inside"), "{en}");
}

#[tokio::test]
async fn a_rival_makes_none_for_anothers_pack_and_what_a_former_owner_made_counts_no_more() {
    let app = with_item().await;
    let (inner, _) = made(&app).await;
    let rival = signed_in(&app, "rival", "rival.example", Role::Owner).await;
    let back = post(&app, "/console/codes/inner", &rival, &[("items", ITEM), ("label", "lot"), ("as", "csv")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("is not yours today") && !back.text().contains("/inner/"), "{}", back.text());
    app.with(Method::POST, &inner, &[]).await;
    assert!(page(&app, "en").await.contains("The code inside was used"));
    let (_, mut member) = app.engine.view().member("brand.example").unwrap().pop().unwrap();
    (member.version, member.status) = (member.version + 1, Status::Retired);
    member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
    app.engine.submit(Submission::Member(Box::new(member))).await.unwrap();
    assert!(!page(&app, "en").await.contains("The code inside was used"));
    assert_eq!(staff(&app).await.get("inner"), None);
    for (method, lang, said) in [(Method::GET, "en", "This code counts no more"), (Method::POST, "zh", "此码已不再有效")] {
        let over = app.with(method, &format!("{inner}?lang={lang}"), &[]).await;
        assert!(over.status == StatusCode::OK && over.text().contains(said), "{}", over.text());
    }
}

#[tokio::test]
async fn the_symbol_of_an_inner_address_is_read_by_another_decoder() {
    let app = with_item().await;
    let (inner, _) = made(&app).await;
    let png = app.get(&format!("/qr/png{inner}")).await;
    assert_eq!((png.status, png.header("content-type")), (StatusCode::OK, "image/png"));
    let picture = image::load_from_memory(&png.body).unwrap().to_luma8();
    let mut picture = rqrr::PreparedImage::prepare(picture);
    let (_, read) = picture.detect_grids()[0].decode().unwrap();
    // Scheme and host have no case, and capitals take less room.
    assert_eq!(read, format!("{}{inner}", URL.to_uppercase()));
    let svg = app.get(&format!("/qr/svg{inner}?x=0.5")).await;
    assert_eq!((svg.status, svg.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    for wrong in ["/qr/svg/inner/abc/01/09521234000044/21/A", "/qr/png/inner/"] {
        assert_eq!(app.get(wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
