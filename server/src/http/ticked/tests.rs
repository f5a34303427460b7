//! Several letters at once: said first how many, done to one's own alone.

use axum::http::StatusCode;
use trace::feedback::{Side, State};

use crate::feedback::standing::standing;
use crate::feedback::tests::{GOOD, House, ITEM, house, row_at};

async fn letters(house: &House, items: &[&str]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for item in items {
        let receipt = house.comment(item, &GOOD, &[]).await.to().to_owned();
        let id = row_at(house, &receipt).comment.id;
        all.push((receipt, id));
    }
    all
}

#[tokio::test]
async fn ticked_letters_are_counted_before_anything_is_done() {
    let house = house().await;
    let all = letters(&house, &[ITEM, "/01/06912345678902/21/ZX81", "/01/06912345678902"]).await;
    let brand = house.signed_in("talanuur").await;
    let state = |receipt: &str, side| standing(&row_at(&house, receipt), Some(side), house.desk.engine.now_ms()).state();
    let two = [("id", all[0].1.as_str()), ("id", all[1].1.as_str()), ("id", all[1].1.as_str()), ("do", "close"), ("to", "")];
    let asked = house.post("/console/ticked?view=to-do", &brand, &two).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked.text().contains("<h1>Close 2 letters?</h1>") && asked.text().contains("/console/comments?view=to-do"),
        "{}",
        asked.text()
    );
    assert_eq!(state(&all[0].0, Side::Brand), State::New, "nothing is done yet");
    let sure = [&two[..], &[("sure", "yes")]].concat();
    let done = house.post("/console/ticked?view=to-do", &brand, &sure).await;
    assert_eq!(done.to(), "/console/comments?view=to-do");
    assert_eq!([0, 1, 2].map(|n| state(&all[n].0, Side::Brand)), [State::Closed, State::Closed, State::New]);
    assert_eq!(state(&all[0].0, Side::Store), State::New, "another desk has it as before");
    // Given to somebody of the desk, and to nobody else.
    let give = |to: &'static str| [("id", all[2].1.as_str()), ("do", "assign"), ("to", to), ("sure", "yes")];
    for nobody in ["other", "wutong", "staff"] {
        let back = house.post("/console/ticked", &brand, &give(nobody)).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{nobody}");
    }
    assert_eq!(house.post("/console/ticked", &brand, &give("talanuur")).await.to(), "/console/comments");
    assert!(house.get("/console/comments?view=mine", &brand).await.text().contains(&all[2].1));
    for empty in [&[("do", "close"), ("sure", "yes")][..], &[]] {
        let back = house.post("/console/ticked", &brand, empty).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(back.text().contains("Tick some in the list first"), "{}", back.text());
    }
}

#[tokio::test]
async fn a_letter_of_another_desk_is_as_if_it_were_not_there() {
    let house = house().await;
    let all = letters(&house, &[ITEM, "/01/06912345678902"]).await;
    let before = all.iter().map(|(receipt, _)| row_at(&house, receipt)).collect::<Vec<_>>();
    for who in ["other", "lianhe", "staff", "operator", "resale"] {
        let cookie = house.signed_in(who).await;
        for extra in [&[][..], &[("sure", "yes")]] {
            let form = [&[("id", all[0].1.as_str()), ("id", all[1].1.as_str()), ("do", "close")], extra].concat();
            let answer = house.post("/console/ticked", &cookie, &form).await;
            assert!([StatusCode::UNPROCESSABLE_ENTITY, StatusCode::FORBIDDEN].contains(&answer.status), "{who}: {}", answer.status);
            assert!(!answer.text().contains("seal was loose") && !answer.text().contains(&all[0].1), "{who}: {}", answer.text());
        }
    }
    // The store closes what is its own, however many it names.
    let store = house.signed_in("wutong").await;
    let form = [("id", all[0].1.as_str()), ("id", all[1].1.as_str()), ("do", "close")];
    assert!(house.post("/console/ticked", &store, &form).await.text().contains("<h1>Close 1 letter?</h1>"));
    assert_eq!(before, all.iter().map(|(receipt, _)| row_at(&house, receipt)).collect::<Vec<_>>());
}

#[tokio::test]
async fn more_than_a_page_is_too_many() {
    let house = house().await;
    let brand = house.signed_in("talanuur").await;
    let ids: Vec<String> = (0..super::TICKED_MAX + 1).map(|n| format!("{n:032x}")).collect();
    let mut form: Vec<(&str, &str)> = ids.iter().map(|id| ("id", id.as_str())).collect();
    form.push(("do", "close"));
    let back = house.post("/console/ticked", &brand, &form).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("More than 25 were ticked"), "{}", back.text());
}
