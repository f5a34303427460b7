//! The conversation under a comment, over HTTP: replies on the receipt, what they do at each desk, and what is erased with them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use trace::feedback::limits::{REPLIES_IN_A_ROW_MAX, REPLIES_MAX};
use trace::feedback::{HoldReason, Side, State};

use crate::feedback::standing::standing;
use crate::feedback::tests::{Answered, BOX, GOOD, House, ITEM, RESOLD, house, png, row_at};

/// The form for a reply that stands on this receipt now: its hidden field.
async fn reply_form(house: &House, receipt: &str) -> String {
    let page = house.get(receipt, "").await.text();
    let form = page.split("id=\"reply\"").nth(1).unwrap_or_else(|| panic!("no form for a reply: {page}"));
    form.split("name=\"started\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Replies as a person does: opens the receipt, writes for a few seconds, sends.
async fn reply(house: &House, receipt: &str, text: &str) -> Answered {
    let started = reply_form(house, receipt).await;
    house.later(5_000);
    house.post(&format!("{receipt}/reply"), "", &[("text", text), ("started", &started)]).await
}

/// A comment that the brand answered: its receipt and its letter's address.
async fn answered(house: &House, item: &str, fields: &[(&str, &[u8])]) -> (String, String) {
    let sent = house.comment(item, fields, &[]).await;
    let receipt = sent.to().to_owned();
    let letter = format!("/console/comments/{}", row_at(house, &receipt).comment.id);
    let brand = house.signed_in("talanuur").await;
    house.get(&letter, &brand).await;
    let done = house.post(&format!("{letter}/answer"), &brand, &[("text", "Which pack was it?")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    (receipt, letter)
}

fn stands(house: &House, receipt: &str, side: Side) -> trace::feedback::Comment {
    standing(&row_at(house, receipt), Some(side), house.desk.engine.now_ms())
}

#[tokio::test]
async fn a_reply_opens_the_letter_again_for_all_whom_it_went_to() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let receipt = sent.to().to_owned();
    assert!(!house.get(&receipt, "").await.text().contains("id=\"reply\""), "there is nothing to reply to yet");
    let early = house.post(&format!("{receipt}/reply"), "", &[("text", "Hello, is anybody there")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.text().contains("Nobody has answered yet") && early.text().contains("is anybody there"), "{}", early.text());
    let letter = format!("/console/comments/{}", row_at(&house, &receipt).comment.id);
    let (brand, store) = (house.signed_in("talanuur").await, house.signed_in("wutong").await);
    for cookie in [&brand, &store] {
        house.get(&letter, cookie).await;
    }
    house.post(&format!("{letter}/answer"), &brand, &[("text", "Which pack was it?")]).await;
    for cookie in [&brand, &store] {
        house.post(&format!("{letter}/close"), cookie, &[]).await;
    }
    assert!(house.get(&receipt, "").await.text().contains("<b>Closed</b>"));
    let size = house.desk.engine.view().size();
    let done = reply(&house, &receipt, "The one from Tuesday, marked \"A\".").await;
    assert_eq!(done.to(), format!("{receipt}#answers"), "{}", done.text());
    assert_eq!(house.desk.engine.view().size(), size, "a reply makes no entry, and the page says so");
    let page = house.get(&receipt, "").await.text();
    assert!(page.contains("The one from Tuesday") && page.contains("Not opened yet") && !page.contains("<b>Closed</b>"), "{page}");
    assert!(page.contains("They are not in the ledger"), "{page}");
    for (side, cookie) in [(Side::Brand, &brand), (Side::Store, &store)] {
        let now = stands(&house, &receipt, side);
        assert_eq!((now.state(), now.unread), (State::Open, true), "{side:?}");
        let list = house.get("/console/comments?view=unread", cookie).await.text();
        assert!(list.contains("Reply: The one from Tuesday") && list.contains("class=\"row unread\""), "{list}");
        assert!(house.get(&letter, cookie).await.text().contains("The writer replied"));
        assert!(!stands(&house, &receipt, side).unread, "opened");
    }
    assert!(house.get(&receipt, "").await.text().contains("Seen by Talanuur, Pinglu Market, Wutong Road"));
    // It is found by its words, and stands in the file.
    let csv = house.get("/console/comments.csv?words=tuesday", &brand).await.text();
    assert!(csv.contains("The one from Tuesday, marked \"\"A\"\""), "{csv}");
}

#[tokio::test]
async fn a_reply_sent_twice_is_one_and_there_is_no_stream_of_them() {
    let house = house().await;
    let (receipt, letter) = answered(&house, ITEM, &GOOD).await;
    let brand = house.signed_in("talanuur").await;
    let started = reply_form(&house, &receipt).await;
    house.later(5_000);
    let path = format!("{receipt}/reply");
    let form = [("text", "twice"), ("started", started.as_str())];
    let (one, two) = tokio::join!(house.post(&path, "", &form), house.post(&path, "", &form));
    assert_eq!((one.status, two.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    let replies = || stands(&house, &receipt, Side::Brand).replies().count();
    assert_eq!(replies(), 1);
    for n in 1..REPLIES_IN_A_ROW_MAX {
        assert_eq!(reply(&house, &receipt, &format!("number {n}")).await.status, StatusCode::SEE_OTHER);
    }
    let page = house.get(&receipt, "").await.text();
    assert!(page.contains("You have replied 3 times since the last answer") && !page.contains("id=\"reply\""), "{page}");
    let over = house.post(&path, "", &[("text", "one more of them"), ("started", &started)]).await;
    assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(over.text().contains("since the last answer") && over.text().contains("one more of them</textarea>"), "{}", over.text());
    while replies() < REPLIES_MAX {
        house.later(3_600_000);
        house.post(&format!("{letter}/answer"), &brand, &[("text", "Go on.")]).await;
        for n in 0..REPLIES_IN_A_ROW_MAX.min(REPLIES_MAX - replies()) {
            assert_eq!(reply(&house, &receipt, &format!("further {n}")).await.status, StatusCode::SEE_OTHER);
        }
    }
    house.post(&format!("{letter}/answer"), &brand, &[("text", "Go on.")]).await;
    assert!(house.get(&receipt, "").await.text().contains("You have replied 20 times here, which is the most"));
}

#[tokio::test]
async fn a_faulty_reply_comes_back_with_its_words_and_photos() {
    let house = house().await;
    let (receipt, letter) = answered(&house, ITEM, &GOOD).await;
    let long = "x".repeat(1_001);
    let back = reply(&house, &receipt, &long).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("1001 characters. At most 1000 fit") && back.text().contains(&long));
    assert!(reply(&house, &receipt, " ").await.text().contains("Nothing is written here yet."));
    // With a photo, which nobody else can open.
    let started = reply_form(&house, &receipt).await;
    house.later(5_000);
    let mut body = Vec::new();
    for (name, value) in [("text", "Look at the seam"), ("started", started.as_str())] {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n\r\n");
    body.extend(png());
    body.extend(b"\r\n--b--\r\n");
    let request =
        Request::post(format!("{receipt}/reply")).header("content-type", "multipart/form-data; boundary=b").body(Body::from(body)).unwrap();
    assert_eq!(house.ask(request).await.status, StatusCode::SEE_OTHER);
    assert!(house.get(&receipt, "").await.text().contains("1 photo"));
    let photo = format!("{letter}/photos/0");
    for (who, status) in [("talanuur", StatusCode::OK), ("wutong", StatusCode::OK), ("other", StatusCode::NOT_FOUND)] {
        let cookie = house.signed_in(who).await;
        assert_eq!(house.get(&photo, &cookie).await.status, status, "{who}");
    }
    assert_eq!(house.get(&format!("{letter}/photos/1"), &house.signed_in("talanuur").await).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_suspicious_reply_is_held_with_its_letter_and_never_refused() {
    let house = house().await;
    let (receipt, letter) = answered(&house, ITEM, &GOOD).await;
    assert_eq!(reply(&house, &receipt, "Ring me: 13800138000").await.status, StatusCode::SEE_OTHER);
    assert_eq!(stands(&house, &receipt, Side::Brand).held, Some(HoldReason::PhoneNumber));
    assert!(house.get(&receipt, "").await.text().contains("It is not refused."));
    let brand = house.signed_in("talanuur").await;
    let list = house.get("/console/comments", &brand).await.text();
    assert!(!list.contains("13800138000") && list.contains("seems to contain a phone number"), "{list}");
    assert!(!house.get("/console/comments.csv", &brand).await.text().contains("13800138000"), "nor in a file");
    assert!(!house.get("/console/comments?words=13800138000", &brand).await.text().contains("<li class=\"row"), "nor to a search");
    house.post(&format!("{letter}/release"), &brand, &[]).await;
    assert_eq!(stands(&house, &receipt, Side::Brand).state(), State::Open);
    assert_eq!(stands(&house, &receipt, Side::Store).state(), State::Held, "each desk looks for itself");
    // One that no form of ours came with.
    house.post(&format!("{receipt}/reply"), "", &[("text", "at once")]).await;
    assert_eq!(stands(&house, &receipt, Side::Brand).held, Some(HoldReason::Quick));
    // From another site none is taken.
    let request = Request::post(format!("{receipt}/reply")).header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    assert_eq!(house.ask(request).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_independent_seller_gets_a_reply_only_where_its_box_was_ticked() {
    let house = house().await;
    let (receipt, letter) = answered(&house, RESOLD, &[GOOD[0], GOOD[1], GOOD[2], BOX]).await;
    let seller = house.signed_in("resale").await;
    house.get(&letter, &seller).await;
    assert_eq!(reply(&house, &receipt, "For the brand and the store.").await.status, StatusCode::SEE_OTHER);
    let own = house.get(&letter, &seller).await.text();
    assert!(!own.contains("For the brand and the store.") && !own.contains("Which pack"), "{own}");
    assert!(!stands(&house, &receipt, Side::Seller).unread, "nor does it learn that there was one");
    let started = reply_form(&house, &receipt).await;
    house.later(5_000);
    let form = [("text", "For the seller too."), ("seller", "yes"), ("started", &started)];
    assert_eq!(house.post(&format!("{receipt}/reply"), "", &form).await.status, StatusCode::SEE_OTHER);
    let own = house.get(&letter, &seller).await.text();
    assert!(own.contains("For the seller too.") && !own.contains("For the brand and the store."), "{own}");
}

#[tokio::test]
async fn what_is_erased_takes_replies_and_notes_with_it() {
    let house = house().await;
    let (receipt, letter) = answered(&house, ITEM, &GOOD).await;
    reply(&house, &receipt, "unmistakable-reply-4712").await;
    let brand = house.signed_in("talanuur").await;
    house.post(&format!("{letter}/note"), &brand, &[("text", "She wrote unmistakable-reply-4712")]).await;
    assert!(house.get(&letter, &brand).await.text().contains("unmistakable-reply-4712"));
    house.post(&format!("{receipt}/erase"), "", &[]).await;
    for (path, cookie) in [(&receipt, ""), (&letter, brand.as_str())] {
        let page = house.get(path, cookie).await.text();
        assert!(!page.contains("unmistakable") && page.contains("Which pack was it?"), "{page}");
    }
    let late = house.post(&format!("{receipt}/reply"), "", &[("text", "after that")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.text().contains("You erased this comment") && late.text().contains("after that</textarea>"), "{}", late.text());
    house.desk.engine.index().keeper().flush().unwrap();
    assert!(!house.on_disk(b"unmistakable") && house.on_disk(b"talanuur.example"));
}
