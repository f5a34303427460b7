//! Ready answers over HTTP: kept, filled, and seen by nobody of another desk.

use axum::http::StatusCode;

use super::{READY_ANSWERS_MAX, SLOTS, filled, left, unknown_slot};
use crate::feedback::standing::standing;
use crate::feedback::tests::{GOOD, House, ITEM, house, row_at};

async fn keep(house: &House, cookie: &str, title: &str, text: &str) {
    let done = house.post("/console/answers", cookie, &[("title", title), ("text", text)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
}

/// The id of the ready answer with this title, as the letter's form offers it.
fn offered(page: &str, title: &str) -> String {
    let option = page.split("<option value=\"").find(|option| option.contains(&format!(">{title}<"))).unwrap_or_else(|| panic!("{page}"));
    option[..32].to_owned()
}

#[tokio::test]
async fn a_ready_answer_is_filled_by_the_letter_and_put_behind_what_was_typed() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let brand = house.signed_in("talanuur").await;
    let words = "{product}, lot {lot}, no. {item}, from {store}: {number} of {day}, {brand}. {not this}";
    keep(&house, &brand, "Seal", words).await;
    let page = house.get(&letter, &brand).await.text();
    let id = offered(&page, "Seal");
    let form = [("text", "Dear writer, <b>"), ("ready", id.as_str()), ("insert", "yes"), ("seen", "0")];
    let page = house.post(&format!("{letter}/answer"), &brand, &form).await;
    assert_eq!(page.status, StatusCode::OK);
    let number = standing(&row_at(&house, sent.to()), None, 0).number();
    let whole = format!(
        "Dear writer, &lt;b&gt;\n\nGrassland beef ribeye, lot 2611-044, no. TD3HWZ, from Pinglu Market, Wutong Road: {number} of 22 Nov 2026, Talanuur. {{not this}}</textarea>"
    );
    assert!(page.text().contains(&whole), "{}", page.text());
    assert!(!house.get(sent.to(), "").await.text().contains("Dear writer"), "nothing was sent");
    // What this letter has not stays to be seen, and does not leave.
    let sent = house.comment("/01/06912345678902", &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let page = house.post(&format!("{letter}/answer"), &brand, &[("text", ""), ("ready", &id), ("insert", "yes")]).await.text();
    assert!(page.contains("no. {item}, from {store}:"), "{page}");
    let back = house.post(&format!("{letter}/answer"), &brand, &[("text", "Bring it to {store}.")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("still has {store}") && back.text().contains("Bring it to {store}.</textarea>"), "{}", back.text());
}

#[tokio::test]
async fn ready_answers_are_their_desks_alone() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let brand = house.signed_in("talanuur").await;
    let store = house.signed_in("wutong").await;
    keep(&house, &brand, "Of the brand", "brand-words-77").await;
    keep(&house, &store, "Of the store", "store-words-88").await;
    let ids = [
        offered(&house.get(&letter, &brand).await.text(), "Of the brand"),
        offered(&house.get(&letter, &store).await.text(), "Of the store"),
    ];
    for (who, brands, stores) in
        [("talanuur", true, false), ("wutong", false, true), ("lianhe", false, false), ("other", false, false), ("resale", false, false)]
    {
        let cookie = house.signed_in(who).await;
        let page = house.get("/console/answers", &cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        let page = page.text();
        assert_eq!((page.contains("Of the brand"), page.contains("brand-words-77")), (brands, brands), "{who}");
        assert_eq!((page.contains("Of the store"), page.contains("store-words-88")), (stores, stores), "{who}");
        // Nor by naming it: to read, to change, to take away.
        for (id, own) in [(&ids[0], brands), (&ids[1], stores)] {
            if own {
                continue;
            }
            let read = house.post(&format!("{letter}/answer"), &cookie, &[("text", ""), ("ready", id), ("insert", "yes")]).await.text();
            assert!(!read.contains("words-77") && !read.contains("words-88") || brands || stores, "{who}: {read}");
            assert!(!read.contains(if id == &ids[0] { "words-77" } else { "words-88" }), "{who}: {read}");
            let change = house.post("/console/answers", &cookie, &[("id", id), ("title", "Mine"), ("text", "mine now")]).await;
            assert_eq!(change.status, StatusCode::UNPROCESSABLE_ENTITY, "{who}");
            house.post(&format!("/console/answers/{id}/remove"), &cookie, &[]).await;
        }
    }
    for (cookie, words) in [(&brand, "brand-words-77"), (&store, "store-words-88")] {
        assert!(house.get("/console/answers", cookie).await.text().contains(words), "still there");
    }
    // Who answers nothing keeps nothing.
    for who in ["staff", "operator"] {
        let cookie = house.signed_in(who).await;
        assert_eq!(house.get("/console/answers", &cookie).await.status, StatusCode::FORBIDDEN, "{who}");
        let kept = house.post("/console/answers", &cookie, &[("title", "a"), ("text", "b")]).await;
        assert_eq!(kept.status, StatusCode::FORBIDDEN, "{who}");
    }
}

#[tokio::test]
async fn a_faulty_ready_answer_comes_back_and_words_taken_away_are_gone() {
    let house = house().await;
    let brand = house.signed_in("talanuur").await;
    let long = "t".repeat(61);
    for (title, text, said) in [
        ("", "words kept 1", "Give it a title"),
        (long.as_str(), "words kept 2", "at most 60 characters"),
        ("Title", " ", "Nothing is written here yet."),
        ("Title", "words kept 3 {sotre}", "{sotre} is none of the places below"),
    ] {
        let back = house.post("/console/answers", &brand, &[("title", title), ("text", text)]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(back.text().contains(said) && back.text().contains(text.trim()), "{said}: {}", back.text());
    }
    keep(&house, &brand, "Once", "unmistakable-first-words").await;
    let page = house.get("/console/answers", &brand).await.text();
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap()[..32].to_owned();
    let changed = house.post("/console/answers", &brand, &[("id", &id), ("title", "Twice"), ("text", "unmistakable-second-words")]).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER);
    house.post(&format!("/console/answers/{id}/remove"), &brand, &[]).await;
    assert!(!house.get("/console/answers", &brand).await.text().contains("Twice"));
    house.desk.engine.index().keeper().flush().unwrap();
    assert!(!house.on_disk(b"unmistakable"));
    for n in 0..READY_ANSWERS_MAX {
        keep(&house, &brand, &format!("Number {n}"), "words").await;
    }
    let over = house.post("/console/answers", &brand, &[("title", "One more"), ("text", "of them")]).await;
    assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(over.text().contains("50 answers are kept here") && over.text().contains("of them</textarea>"));
}

#[test]
fn places_are_read_once_and_nothing_a_letter_brings_is_filled() {
    assert_eq!(unknown_slot("a {product} and {produkt}"), Some("{produkt}"));
    assert_eq!(unknown_slot("{} {1} { } {a b} {unclosed"), None, "braces that are no places");
    assert_eq!(left("to {store} {x}"), Some("{store}"));
    assert!(SLOTS.iter().all(|slot| left(slot) == Some(*slot)));
    let row = store::rows::CommentRow {
        comment: serde_json::from_value(serde_json::json!({
            "id": "7c2f9000000000000000000000000000", "token": "0".repeat(64), "received_ms": 0, "item": "/01/1", "brand": "a", "topic": "other",
            "language": "zh", "lot": "{number}", "about": { "gtin": "1", "product": { "en": "Beef", "zh": "牛肉" } }
        }))
        .unwrap(),
        secrets: vec![],
        events: vec![],
    };
    let comment = standing(&row, None, 0);
    assert_eq!(filled("{product}{lot}{day}{{lot}}", &comment), "牛肉{number}1970年1月1日{{number}}");
}
