//! What everybody reads of a product's letters, who hides one and how that shows.

use axum::http::StatusCode;
use proptest::prelude::*;
use store::public::publicity;
use trace::feedback::limits::PUBLIC_PER_ITEM_A_DAY;
use trace::feedback::{HoldWhy, Publicity, Tally};

use super::LETTERS_PAGE;
use crate::feedback::tests::{GOOD, House, ITEM, house, row_at};

const PRODUCT: &str = "/letters/01/06912345678902";
const GTIN: &str = "06912345678902";

/// A letter that everybody may read, about its own pack; the address of its receipt.
async fn public(house: &House, serial: &str, text: &str) -> String {
    house.later(3_600_000);
    let fields = [GOOD[0], GOOD[1], ("text", text.as_bytes()), ("contact", b"mei@b.example".as_slice()), ("public", b"yes".as_slice())];
    let sent = house.comment(&format!("/01/{GTIN}/21/{serial}"), &fields, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    sent.to().to_owned()
}

fn letter_of(house: &House, receipt: &str) -> String {
    format!("/console/comments/{}", row_at(house, receipt).comment.id)
}

#[tokio::test]
async fn nothing_stands_there_that_its_writer_did_not_allow() {
    let house = house().await;
    let page = house.get(PRODUCT, "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("No letter about this product has come yet."), "{}", page.text());
    let photo = {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(9, 9).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let contact = ("contact", b"mei@b.example".as_slice());
    let private = house.comment(ITEM, &[GOOD[0], GOOD[1], ("text", b"zqprivate"), contact, ("public", b"")], &[]).await;
    let allowed = [GOOD[0], GOOD[1], ("text", b"zqshown <b>bold</b> https://evil.example".as_slice()), contact, ("public", b"yes")];
    let words = house.comment(ITEM, &allowed, &[("p.png", &photo)]).await;
    let both: Vec<_> = allowed.into_iter().chain([("public-photos", b"yes".as_slice())]).collect();
    let pictures = house.comment(ITEM, &both, &[("p.png", &photo)]).await;
    let page = house.get(PRODUCT, "").await;
    let text = page.text();
    assert!(text.contains("3 letters came. 2 stand here") && text.contains("1 was written for Talanuur and the store alone"), "{text}");
    assert!(text.contains("zqshown &lt;b&gt;bold&lt;/b&gt; https://evil.example</p>") && !text.contains("zqprivate"), "{text}");
    // Not who wrote it, nor of which pack, nor on which day, nor a way to it that opens more.
    let day = app::feedback::words::iso(row_at(&house, words.to()).comment.received_ms)[..10].to_owned();
    for secret in ["mei@b", "7K2M9QX4TD3HWZ", "3HWZ", "2611-044", day.as_str(), "href=\"https://evil", words.to()] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("Nov 2026") && text.contains("lang=\"en\" dir=\"auto\""), "{text}");
    assert!(page.headers.get("cache-control").is_some_and(|value| value == "no-store"), "what is taken off is gone");
    // Photos have a tick of their own.
    for (receipt, status) in [(&private, StatusCode::NOT_FOUND), (&words, StatusCode::NOT_FOUND), (&pictures, StatusCode::OK)] {
        let id = row_at(&house, receipt.to()).comment.id;
        assert_eq!(house.get(&format!("/letter/{id}/photos/0"), "").await.status, status);
        assert_eq!(text.contains(&format!("/letter/{id}/photos/0")), status == StatusCode::OK);
    }
    let id = row_at(&house, pictures.to()).comment.id;
    for place in ["1", "99", "-1", "x"] {
        assert!(house.get(&format!("/letter/{id}/photos/{place}"), "").await.status.is_client_error(), "{place}");
    }
    // An item's address leads to its product's, and what is no product says so.
    let item = house.get("/letters/01/06912345678902/21/7K2M9QX4TD3HWZ?lang=zh", "").await;
    assert_eq!((item.status, item.to()), (StatusCode::SEE_OTHER, "/letters/01/06912345678902?lang=zh"));
    assert_eq!(house.get("/letters/01/06912345678903", "").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(house.get("/letters/01/00012345678905", "").await.status, StatusCode::NOT_FOUND);
    assert!(house.get(&format!("{PRODUCT}?lang=zh"), "").await.text().contains("共收到 3 条，其中 2 条显示在这里"));
}

#[tokio::test]
async fn taken_off_or_erased_it_is_gone_at_once_with_its_answers_and_counted() {
    let house = house().await;
    let (one, two) = (public(&house, "A1", "zqone words").await, public(&house, "A2", "zqtwo words").await);
    let brand = house.signed_in("talanuur").await;
    for receipt in [&one, &two] {
        let letter = letter_of(&house, receipt);
        let done = house.post(&format!("{letter}/answer"), &brand, &[("text", "zqanswer to all"), ("public", "yes")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let done = house.post(&format!("{letter}/answer"), &brand, &[("text", "zqanswer to one")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        house.post(&format!("{letter}/note"), &brand, &[("text", "zqnote")]).await;
        house.post(&format!("{receipt}/reply"), "", &[("text", "zqreply")]).await;
    }
    let text = house.get(PRODUCT, "").await.text();
    assert!(text.contains("zqone") && text.contains("zqtwo") && text.contains("zqanswer to all"), "{text}");
    for own in ["zqanswer to one", "zqnote", "zqreply"] {
        assert!(!text.contains(own), "{own} is for its readers alone: {text}");
    }
    let receipt = house.get(&one, "").await.text();
    assert!(receipt.contains("where everybody can read them") && receipt.contains("Take it off the product's page"), "{receipt}");
    assert_eq!(house.post(&format!("{one}/withdraw"), "", &[]).await.status, StatusCode::SEE_OTHER);
    house.post(&format!("{two}/erase"), "", &[]).await;
    // Twice is once.
    house.post(&format!("{one}/withdraw"), "", &[]).await;
    let text = house.get(PRODUCT, "").await.text();
    for gone in ["zqone", "zqtwo", "zqanswer"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    assert!(text.contains("2 letters came. 0 stand here"), "{text}");
    assert!(text.contains("1 was taken off by its writer") && text.contains("1 was erased by its writer"), "{text}");
    let receipt = house.get(&one, "").await.text();
    assert!(receipt.contains("You took it off") && receipt.contains("zqone"), "those whom it went to keep it: {receipt}");
    // No answer for everybody to what is not for everybody.
    let letter = letter_of(&house, &one);
    let back = house.post(&format!("{letter}/answer"), &brand, &[("text", "zqlate <words>"), ("public", "yes")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("Not sent yet") && back.text().contains("zqlate &lt;words&gt;</textarea>"), "{}", back.text());
}

#[tokio::test]
async fn whoever_holds_one_says_why_and_everybody_reads_that() {
    let house = house().await;
    let receipt = public(&house, "A1", "zqbad, and sour").await;
    let letter = letter_of(&house, &receipt);
    let (brand, store) = (house.signed_in("talanuur").await, house.signed_in("wutong").await);
    for reason in ["", "bad", "Abuse", "shown"] {
        let back = house.post(&format!("{letter}/hold"), &brand, &[("reason", reason)]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}");
        assert!(back.text().contains("choose one of the reasons"), "{}", back.text());
    }
    assert!(house.get(PRODUCT, "").await.text().contains("zqbad"), "without a reason nothing is held");
    // A store's desk is its own: it takes nothing off the brand's page, and answers for nobody else there.
    house.post(&format!("{letter}/hold"), &store, &[("reason", "abuse")]).await;
    assert!(house.get(PRODUCT, "").await.text().contains("zqbad"));
    let back = house.post(&format!("{letter}/answer"), &store, &[("text", "ours"), ("public", "yes")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    for why in HoldWhy::ALL {
        house.post(&format!("{letter}/hold"), &brand, &[("reason", why.value())]).await;
        let text = house.get(PRODUCT, "").await.text();
        let said = format!("1 is held by Talanuur: {}", app::feedback::words::held_why(why, trace::lang::Lang::En));
        assert!(text.contains(&said) && !text.contains("zqbad"), "{said}: {text}");
        let receipt = house.get(&receipt, "").await.text();
        assert!(receipt.contains(app::feedback::words::held_why(why, trace::lang::Lang::En)), "its writer reads the reason: {receipt}");
    }
    house.post(&format!("{letter}/release"), &store, &[]).await;
    assert!(!house.get(PRODUCT, "").await.text().contains("zqbad"));
    house.post(&format!("{letter}/release"), &brand, &[]).await;
    assert!(house.get(PRODUCT, "").await.text().contains("zqbad"));
    // What is held when it comes waits there too, counted, until the brand looks.
    let sent = house.comment(ITEM, &[GOOD[0], GOOD[1], ("text", b"zqcall 13800138000"), ("public", b"yes")], &[]).await;
    let text = house.get(PRODUCT, "").await.text();
    assert!(text.contains("1 waits for Talanuur to look") && !text.contains("zqcall"), "{text}");
    let letter = letter_of(&house, sent.to());
    house.post(&format!("{letter}/release"), &store, &[]).await;
    assert!(!house.get(PRODUCT, "").await.text().contains("zqcall"), "the store looks for itself");
    house.post(&format!("{letter}/release"), &brand, &[]).await;
    assert!(house.get(PRODUCT, "").await.text().contains("zqcall"));
}

#[tokio::test]
async fn pages_lead_to_older_letters_and_a_brand_has_its_own() {
    let house = house().await;
    for n in 0..LETTERS_PAGE + 2 {
        public(&house, &format!("N{n}"), &format!("zqletter {n}.")).await;
    }
    let first = house.get(PRODUCT, "").await.text();
    let at = |text: &str, n: usize| text.find(&format!("zqletter {n}."));
    assert!(at(&first, LETTERS_PAGE + 1) < at(&first, 2) && at(&first, 2).is_some() && at(&first, 1).is_none(), "newest first: {first}");
    let older = first.split("?before=").nth(1).and_then(|rest| rest.get(..32)).unwrap().to_owned();
    let second = house.get(&format!("{PRODUCT}?before={older}"), "").await.text();
    assert!(at(&second, 1).is_some() && at(&second, 0).is_some() && at(&second, 2).is_none() && second.contains("Newest"), "{second}");
    for odd in ["x", "0", "%00", "🙂", "0123456789abcdef0123456789abcdef"] {
        assert_eq!(house.get(&format!("{PRODUCT}?before={odd}"), "").await.status, StatusCode::OK, "{odd}");
    }
    let other = house.get("/letters/01/06917777000000", "").await.text();
    assert!(!other.contains("zqletter") && other.contains("No letter about this product"), "{other}");
}

/// One star each, about packs that nobody made, would be all that readers of a rival's page see.
#[tokio::test]
async fn who_holds_no_pack_writes_on_nobodys_page() {
    let house = house().await;
    let product = format!("/01/{GTIN}");
    let invented = format!("{product}/21/X1");
    for path in [&product, &invented] {
        let form = house.get(&format!("/feedback{path}"), "").await.text();
        assert!(form.contains("name=\"text\"") && !form.contains("name=\"public\""), "{form}");
    }
    for (n, item) in [&invented, &product, &invented].into_iter().enumerate() {
        let text = format!("zqstranger {n}");
        let sent = house.comment(item, &[GOOD[0], GOOD[1], ("text", text.as_bytes()), ("public", b"yes")], &[]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "the brand hears of it all the same: {}", sent.text());
    }
    // Of one pack some few stand there, then they wait until the brand looks.
    let mut receipts = Vec::new();
    for n in 0..=PUBLIC_PER_ITEM_A_DAY {
        let text = format!("zqholder {n}.");
        let sent = house.comment(ITEM, &[GOOD[0], GOOD[1], ("text", text.as_bytes()), ("public", b"yes")], &[]).await;
        receipts.push(sent.to().to_owned());
    }
    let page = house.get(PRODUCT, "").await.text();
    assert!(!page.contains("zqstranger"), "{page}");
    let shown: Vec<bool> = (0..=PUBLIC_PER_ITEM_A_DAY).map(|n| page.contains(&format!("zqholder {n}."))).collect();
    assert_eq!(shown, [true, true, true, false]);
    assert!(page.contains("1 waits for Talanuur to look"), "{page}");
}

/// What somebody does to a letter.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Hold(HoldWhy),
    Release,
    StoreHolds,
    Withdraw,
    Erase,
    Close,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        proptest::sample::select(HoldWhy::ALL.to_vec()).prop_map(Deed::Hold),
        Just(Deed::Release),
        Just(Deed::StoreHolds),
        Just(Deed::Withdraw),
        Just(Deed::Erase),
        Just(Deed::Close),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever is done to them: the page's counts are those of the letters, one by one, and exactly the allowed ones stand there.
    #[test]
    fn the_count_is_the_letters_own(
        letters in proptest::collection::vec((any::<bool>(), any::<bool>(), proptest::collection::vec(deed(), 0..5)), 1..6)
    ) {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
            let house = house().await;
            let (brand, store) = (house.signed_in("talanuur").await, house.signed_in("wutong").await);
            for (n, (allowed, waits, deeds)) in letters.iter().enumerate() {
                let text = format!("zqmark{n}z {}", if *waits { "13800138000" } else { "" });
                let allowed: &[u8] = if *allowed { b"yes" } else { b"" };
                let item = format!("/01/{GTIN}/21/P{n}");
                let sent = house.comment(&item, &[GOOD[0], GOOD[1], ("text", text.as_bytes()), ("public", allowed)], &[]).await;
                let (receipt, letter) = (sent.to().to_owned(), letter_of(&house, sent.to()));
                for deed in deeds {
                    let (path, cookie, reason) = match deed {
                        Deed::Hold(why) => (format!("{letter}/hold"), &brand, why.value()),
                        Deed::Release => (format!("{letter}/release"), &brand, ""),
                        Deed::StoreHolds => (format!("{letter}/hold"), &store, "abuse"),
                        Deed::Close => (format!("{letter}/close"), &brand, ""),
                        Deed::Withdraw => (format!("{receipt}/withdraw"), &brand, ""),
                        Deed::Erase => (format!("{receipt}/erase"), &brand, ""),
                    };
                    assert_eq!(house.post(&path, cookie, &[("reason", reason)]).await.status, StatusCode::SEE_OTHER, "{deed:?}");
                }
            }
            let index = house.desk.engine.index();
            let rows: Vec<_> = index.inbox("talanuur.example").map(Result::unwrap).collect();
            let mut tally = Tally::default();
            for row in &rows {
                tally.moved(None, publicity(row));
            }
            assert_eq!(index.tally(GTIN).unwrap(), tally);
            let text = house.get(PRODUCT, "").await.text();
            let shown: Vec<String> = index.shown(GTIN).map(Result::unwrap).collect();
            for row in &rows {
                let n = row.comment.item.rsplit('P').next().unwrap();
                let here = publicity(row) == Publicity::Shown;
                assert_eq!(text.contains(&format!("zqmark{n}z")), here, "{n}: {text}");
                assert_eq!(shown.contains(&row.comment.id), here);
            }
            assert_eq!(shown.len() as u64, tally.of(Publicity::Shown));
        });
    }
}
