//! Who sees what, over every route and export of the console.

use axum::http::StatusCode;
use ledger::entry::right;
use proptest::prelude::*;
use store::record::StateRecord;
use store::record::deed::{Act, Change, Freeze};
use store::record::tally::{Counts, Place, Tallied, Tally};

use crate::feedback::tests::{GOOD, House, ITEM, PASSWORD, WUTONG, house, permit, row_at};
use crate::session::accounts::{self, Role};
use crate::session::team;

/// Every way to a comment from the console. A new route is added here, or its test is missing.
fn routes(id: &str) -> Vec<(bool, String)> {
    let get = |path: &str| (false, path.to_owned());
    let post = |path: &str| (true, format!("/console/comments/{id}/{path}"));
    vec![
        get("/console/comments"),
        get("/console/comments?state=open"),
        get("/console/comments?state=held"),
        get("/console/comments?words=zq"),
        get("/console/comments?words=text&since=2020-01-01&store=/414/1"),
        get("/console/comments.csv?words=zq"),
        get("/console/comments?product=06917777000000"),
        get(&format!("/console/comments?before={id}")),
        get("/console/comments.csv"),
        get("/console/comments.xlsx"),
        get(&format!("/console/comments/{id}")),
        get(&format!("/console/comments/{id}/photos/0")),
        post("answer"),
        post("close"),
        post("reopen"),
        post("hold"),
        post("release"),
        post("here"),
        get("/console/comments?sort=waiting"),
        get("/console/comments?sort=rating&words=zq"),
        post("note"),
        post("assign"),
        post("put-off"),
        get("/console/answers"),
        get("/console/team"),
        get("/console/keys"),
        get("/console/trail"),
        get("/console/trail.csv"),
        get("/console/account"),
        get("/console/account/factor"),
        get("/console/partners"),
        get("/console/objections"),
        get("/console/figures"),
        get("/console/figures?days=90"),
        get("/console/figures?from=2026-01-01&to=2026-12-31"),
        get("/console/figures.csv?days=90"),
        get("/console/codes"),
        (true, "/console/codes/inner".to_owned()),
        get("/console/alerts"),
        get(&format!("/console/alerts/addresses/{id}")),
        (true, format!("/console/alerts/messages/{id}/replay")),
        get("/console/comments?view=to-do"),
        get("/console/comments?view=unread"),
        get("/console/comments?view=mine"),
        get("/console/comments?view=nobodys"),
        get("/console/comments?state=waiting&view=mine&words=zq"),
    ]
}

/// GTINs of the two brands of the test house.
const OURS: &str = "06912345678902";
const THEIRS: &str = "06917777000000";

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn a_brand_never_sees_a_byte_of_another(
        comments in proptest::collection::vec((any::<bool>(), any::<bool>(), "[a-z]{12}", 0u8..3), 1..8)
    ) {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
            let house = house().await;
            let mut marks: Vec<(bool, String)> = Vec::new();
            let mut keys = Vec::new();
            let brands = [house.signed_in("talanuur").await, house.signed_in("other").await];
            for (brand, (ours, mark)) in brands.iter().zip([(true, "zqready-ours"), (false, "zqready-theirs")]) {
                let kept = house.post("/console/answers", brand, &[("title", mark), ("text", &format!("{mark} words"))]).await;
                assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text());
                marks.push((ours, mark.to_owned()));
                let mark = mark.replace("ready", "key");
                let made = house.post("/console/keys", brand, &[("label", &mark), ("letters", "on")]).await;
                assert_eq!(made.status, StatusCode::OK, "{}", made.text());
                keys.push(made.text().split("<code>").nth(1).unwrap()[..40].to_owned());
                marks.push((ours, mark.clone()));
                // Somebody is invited, and comes; somebody else is, and has not come yet.
                let mark = mark.replace("key", "invited");
                for (name, comes) in [(format!("{mark}-one"), true), (format!("{mark}-two"), false)] {
                    let made = house.post("/console/team/invite", brand, &[("name", &name), ("role", "reader")]).await;
                    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
                    if comes {
                        let link = made.text().split("http://leaf.test/join/").nth(1).unwrap()[..40].to_owned();
                        let joined = house.post(&format!("/join/{link}"), "", &[("new", PASSWORD), ("again", PASSWORD)]).await;
                        assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.text());
                    }
                    marks.push((ours, name));
                }
                // Visits of a lot whose number nobody else has, and a frozen code.
                let (member, gtin) = if ours { ("talanuur.example", OURS) } else { ("other.example", THEIRS) };
                let lot = mark.replace("invited", "lot");
                let of = Place { brand: member.to_owned(), gtin: gtin.to_owned(), lot: Some(lot.clone()), store: None };
                let counts = Counts { opened: 10, ..Counts::default() };
                let day = (house.desk.engine.now_ms() / base::clock::DAY_MS) as u32;
                let tally = Tally { day, rows: vec![Tallied { of, counts }] };
                house.desk.engine.state(StateRecord::Tally(tally)).await.unwrap();
                marks.push((ours, lot));
                let item = format!("/01/{gtin}/21/{}", mark.replace("invited", "frozen"));
                let mut deed = team::deed(&house.desk.engine, member, "somebody", Act::CodeFrozen, &item);
                let reason = Some("stolen".to_owned());
                let freeze = Freeze { item: item.clone(), member: member.to_owned(), reason, by: "somebody".to_owned(), at_ms: deed.at_ms };
                deed.changes.push(Change::Freeze(freeze));
                team::keep(&house.desk.engine, deed).await.unwrap();
                marks.push((ours, item));
                let label = mark.replace("invited", "inner");
                let packs = format!("/01/{gtin}/21/zqinner");
                let made = house.post("/console/codes/inner", brand, &[("items", &packs), ("label", &label)]).await;
                assert_eq!(made.status, StatusCode::OK, "{}", made.text());
                marks.push((ours, label));
                let hook = format!("https://hook.example/{mark}-hook");
                let kept = house.post("/console/alerts/webhooks", brand, &[("url", &hook)]).await;
                assert_eq!(kept.status, StatusCode::OK, "{}", kept.text());
                marks.push((ours, hook));
            }
            for (n, (ours, shared, word, photos)) in comments.iter().enumerate() {
                // A mark that occurs nowhere else, in the words, the contact and the serial.
                let mark = format!("zq{word}{n}");
                let gtin = if *ours { OURS } else { THEIRS };
                let item = if *shared { format!("/01/{gtin}") } else { format!("/01/{gtin}/21/{mark}") };
                let text = format!("{mark} text");
                let contact = format!("{mark}@b.example");
                let fields = [GOOD[0], GOOD[1], ("text", text.as_bytes()), ("contact", contact.as_bytes())];
                let jpeg = {
                    let mut bytes = std::io::Cursor::new(Vec::new());
                    image::DynamicImage::new_rgb8(8 + n as u32, 8).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
                    bytes.into_inner()
                };
                let pictures: Vec<(&str, &[u8])> = (0..*photos).map(|_| ("p.png", jpeg.as_slice())).collect();
                let sent = house.comment(&item, &fields, &pictures).await;
                assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
                // Each brand works on its own: an answer, its writer's reply, a note, an assignment.
                let (brand, receipt) = (if *ours { &brands[0] } else { &brands[1] }, sent.to());
                let letter = format!("/console/comments/{}", row_at(&house, receipt).comment.id);
                let name = if *ours { "talanuur" } else { "other" };
                for (path, field, value) in [
                    ("answer", "text", format!("{mark} answer")),
                    ("note", "text", format!("{mark} note")),
                    ("assign", "to", name.to_owned()),
                ] {
                    let done = house.post(&format!("{letter}/{path}"), brand, &[(field, &value)]).await;
                    assert_eq!(done.status, StatusCode::SEE_OTHER, "{path}: {}", done.text());
                }
                let reply = house.post(&format!("{receipt}/reply"), "", &[("text", &format!("{mark} reply"))]).await;
                assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
                marks.push((*ours, mark));
            }
            let index = house.desk.engine.index();
            for (reader, own) in [("talanuur", true), ("other", false)] {
                let cookie = house.signed_in(reader).await;
                let foreign_member = if own { "other.example" } else { "talanuur.example" };
                let foreign: Vec<String> = index.inbox(foreign_member).map(|row| row.unwrap().comment.id).collect();
                let mine: Vec<String> = index
                    .inbox(if own { "talanuur.example" } else { "other.example" })
                    .map(|row| row.unwrap().comment.id)
                    .collect();
                let before = serde_json::to_string(&foreign.iter().map(|id| index.comment(id).unwrap()).collect::<Vec<_>>()).unwrap();
                for id in foreign.iter().chain(&mine) {
                    for (post, path) in routes(id) {
                        let answer =
                            if post { house.post(&path, &cookie, &[("text", "our answer"), ("to", ""), ("until", "2026-12-24"), ("reason", "abuse")]).await } else { house.get(&path, &cookie).await };
                        let text = if path.contains(".xlsx") { parts(&answer.bytes) } else { answer.text() };
                        for (_, mark) in marks.iter().filter(|(ours, _)| *ours != own) {
                            assert!(!text.contains(mark.as_str()), "{reader} saw {mark} at {path}");
                        }
                        for other in &foreign {
                            // Its id may be echoed only where the reader itself named it, in the address.
                            assert!(!text.contains(other.as_str()) || path.contains(other.as_str()), "{reader} saw {other} at {path}");
                        }
                        if foreign.contains(id) && path.contains(&format!("/{id}")) {
                            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
                        }
                    }
                }
                let key = &keys[usize::from(!own)];
                for path in ["/api/letters.csv", "/api/letters.xlsx", "/api/letters.csv?words=zq&sort=rating", "/api/letters.csv?product=06917777000000"] {
                    let answer = house.keyed(path, key).await;
                    assert_eq!(answer.status, StatusCode::OK, "{path}");
                    let text = if path.contains(".xlsx") { parts(&answer.bytes) } else { answer.text() };
                    for (_, mark) in marks.iter().filter(|(ours, _)| *ours != own) {
                        assert!(!text.contains(mark.as_str()), "the key of {reader} saw {mark} at {path}");
                    }
                    assert!(!foreign.iter().any(|id| text.contains(id.as_str())) && !text.contains("@b.example"), "{path}: {text}");
                    assert!(path.contains('?') || marks.iter().filter(|(ours, mark)| *ours == own && mark.starts_with("zq") && !mark.contains('-')).all(|(_, mark)| text.contains(mark.as_str())), "{path}: {text}");
                }
                let after = serde_json::to_string(&foreign.iter().map(|id| index.comment(id).unwrap()).collect::<Vec<_>>()).unwrap();
                assert_eq!(before, after, "{reader} changed another's comment");
                // The test can fail: one's own are seen.
                let list = house.get("/console/comments.csv", &cookie).await.text();
                let sheet = parts(&house.get("/console/comments.xlsx", &cookie).await.bytes);
                assert!(mine.iter().all(|id| sheet.contains(id.as_str())), "{reader}: {sheet}");
                let list = list + &house.get("/console/answers", &cookie).await.text();
                let list = list + &house.get("/console/team", &cookie).await.text();
                let list = list + &house.get("/console/keys", &cookie).await.text();
                let list = list + &house.get("/console/alerts", &cookie).await.text();
                let list = list + &house.get("/console/figures", &cookie).await.text();
                let list = list + &house.get("/console/codes", &cookie).await.text();
                for (_, mark) in marks.iter().filter(|(ours, _)| *ours == own) {
                    assert!(list.contains(mark.as_str()), "{reader} does not see its own {mark}");
                }
            }
        });
    }
}

#[tokio::test]
async fn a_store_sees_what_its_own_location_received_and_its_tablet_answers_with_a_code() {
    let house = house().await;
    let with_contact = [GOOD[0], GOOD[1], GOOD[2], ("contact", b"mei@b.example".as_slice())];
    let receipt = house.comment(crate::feedback::tests::ITEM, &with_contact, &[]).await.to().to_owned();
    house.comment("/01/06912345678902", &[GOOD[0], GOOD[1], ("text", b"about the product")], &[]).await;
    let seen = |text: String| (text.contains("seal was loose"), text.contains("about the product"));
    for (name, expected) in [
        ("talanuur", (true, true)),
        ("wutong", (true, false)),
        ("staff", (true, false)),
        ("lianhe", (false, false)),
        ("operator", (false, false)),
    ] {
        let cookie = house.signed_in(name).await;
        assert_eq!(seen(house.get("/console/comments", &cookie).await.text()), expected, "{name}");
    }
    let id = house.desk.engine.index().inbox("pinglu.example").next().unwrap().unwrap().comment.id;
    let staff = house.signed_in("staff").await;
    let path = format!("/console/comments/{id}");
    assert_eq!(house.get(&path, &staff).await.status, StatusCode::OK);
    for (code, said) in [("", "Your code"), ("m", "2 to 6 letters"), ("mei lin", "2 to 6 letters"), ("m-l", "2 to 6 letters")] {
        let back = house.post(&format!("{path}/answer"), &staff, &[("text", "kept <words>"), ("code", code)]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        let page = back.text();
        assert!(
            page.contains(said) && page.contains("kept &lt;words&gt;</textarea>") && page.contains(&format!("value=\"{code}\"")),
            "{code}: {page}"
        );
    }
    let done = house.post(&format!("{path}/answer"), &staff, &[("text", "Come by."), ("code", " ml7 ")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    // Who of the store wrote it is told to the store and to the brand, and not to the shopper.
    let (store, brand) = (house.signed_in("wutong").await, house.signed_in("talanuur").await);
    for cookie in [&store, &brand, &staff] {
        assert!(house.get(&path, cookie).await.text().contains("ML7"));
    }
    let receipt = house.get(&receipt, "").await.text();
    assert!(receipt.contains("Come by.") && !receipt.contains("ML7") && !receipt.contains("ml7"), "{receipt}");
    // How the writer can be reached stands on no shared tablet, where the store itself may see it.
    permit(&house, right::STORE | right::CONTACT, u64::MAX).await;
    assert!(house.get(&path, &store).await.text().contains("mei@b.example"));
    for address in [&path, "/console/comments", "/console/comments?words=seal"] {
        assert!(!house.get(address, &staff).await.text().contains("mei@b.example"), "{address}");
    }
    // An account of a person needs no code, and one that is sent all the same is not kept.
    house.post(&format!("{path}/answer"), &brand, &[("text", "Thank you."), ("code", "zz9")]).await;
    assert!(!house.get(&path, &brand).await.text().to_lowercase().contains("zz9"));
    let store = house.signed_in("wutong").await;
    assert_eq!(house.post(&format!("{path}/answer"), &store, &[("text", "we do")]).await.status, StatusCode::SEE_OTHER);
    assert!(WUTONG.starts_with("/414/"));
}

#[tokio::test]
async fn signing_in_and_out() {
    let house = house().await;
    let outside = house.get("/console/comments?state=open", "").await;
    assert_eq!((outside.status, outside.to()), (StatusCode::SEE_OTHER, "/signin?next=%2Fconsole%2Fcomments%3Fstate%3Dopen"));
    let wrong = house.post("/signin", "", &[("name", "talanuur"), ("password", "wrong-password")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.text().contains("wrong-password"));
    let nobody = house.post("/signin", "", &[("name", "nobody"), ("password", PASSWORD)]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (next, to) in [
        ("/console/comments?state=open", "/console/comments?state=open"),
        ("//evil.example", "/console/comments"),
        ("https://evil.example", "/console/comments"),
    ] {
        let answer = house.post("/signin", "", &[("name", "talanuur"), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(answer.to(), to);
    }
    let cookie = house.signed_in("talanuur").await;
    assert_eq!(house.get("/console/comments", &cookie).await.status, StatusCode::OK);
    let out = house.post("/signout", &cookie, &[]).await;
    assert_eq!(out.to(), "/signin");
    assert_eq!(house.get("/console/comments", &cookie).await.status, StatusCode::SEE_OTHER);
    for _ in 0..6 {
        house.post("/signin", "", &[("name", "other"), ("password", "wrong-password")]).await;
    }
    let waits = house.post("/signin", "", &[("name", "other"), ("password", PASSWORD)]).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(waits.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn filters_and_pages() {
    let house = house().await;
    for n in 0..super::PAGE_ROWS + 3 {
        let rating = if n % 2 == 0 { b"5" } else { b"1" };
        let text = format!("comment number {n}.");
        let item = format!("/01/06912345678902/21/N{n}");
        house.later(3_600_000);
        house.comment(&item, &[("rating", rating), GOOD[1], ("text", text.as_bytes())], &[]).await;
    }
    let brand = house.signed_in("talanuur").await;
    let first = house.get("/console/comments", &brand).await.text();
    let row = |page: &str| page.matches("<li class=\"row").count();
    assert_eq!(row(&first), super::PAGE_ROWS);
    assert!(first.contains(&format!("comment number {}.", super::PAGE_ROWS + 2)), "newest first");
    let older = first.split("before=").nth(1).unwrap()[..32].to_owned();
    let second = house.get(&format!("/console/comments?before={older}"), &brand).await.text();
    assert_eq!(row(&second), 3);
    assert!(second.contains("comment number 0."));
    let fives = house.get("/console/comments?rating=5&view=to-do&state=new&topic=packaging&product=06912345678902", &brand).await.text();
    assert_eq!(row(&fives), super::PAGE_ROWS.div_ceil(2) + 1);
    assert!(!fives.contains("number 1."));
    assert!(house.get("/console/comments?topic=taste", &brand).await.text().contains("Nothing fits this filter"));
}

#[tokio::test]
async fn letters_are_found_by_their_words_day_and_store() {
    let house = house().await;
    let write = async |item: &str, text: &str| {
        house.later(86_400_000);
        house.comment(item, &[GOOD[0], GOOD[1], ("text", text.as_bytes()), ("contact", b"mei@b.example")], &[]).await;
    };
    write(crate::feedback::tests::ITEM, "The Seal was loose, 密封不好").await;
    write("/01/06912345678902/21/ZX81", "Nothing to say").await;
    write("/01/06912345678902", "Loose label").await;
    let brand = house.signed_in("talanuur").await;
    let rows = async |query: &str| house.get(&format!("/console/comments{query}"), &brand).await.text().matches("<li class=\"row").count();
    for (words, found) in [
        ("loose", 2),
        ("LOOSE+seal", 1),
        ("loose+nothing", 0),
        ("%E5%AF%86%E5%B0%81", 1),
        ("zx81", 1),
        ("06912345678902", 3),
        ("mei", 0),
        ("+", 3),
    ] {
        assert_eq!(rows(&format!("?words={words}")).await, found, "{words}");
    }
    let row = house.desk.engine.index().inbox("talanuur.example").next().unwrap().unwrap();
    let day = crate::epcis::visible::rfc3339(row.comment.received_ms)[..10].to_owned();
    assert_eq!((rows(&format!("?since={day}")).await, rows(&format!("?until={day}")).await), (1, 3), "the last was written on {day}");
    assert_eq!(rows("?since=yesterday&until=2026-02-31&store=nowhere").await, 3, "what cannot be read narrows nothing");
    assert_eq!(rows(&format!("?store={WUTONG}")).await, 2, "one went to no store");
    // An answer is found as well; what is held is not, nor in the file.
    let id = row.comment.id;
    house.post(&format!("/console/comments/{id}/answer"), &brand, &[("text", "We glue it better")]).await;
    assert_eq!(rows("?words=glue").await, 1);
    house.post(&format!("/console/comments/{id}/hold"), &brand, &[("reason", "personal")]).await;
    assert_eq!(rows("?words=label").await, 0);
    let file = house.get("/console/comments.csv?words=loose", &brand).await.text();
    assert!(file.contains("Seal was loose") && !file.contains("Nothing to say"), "{file}");
}

/// One more account of the brand.
async fn colleague(house: &House, name: &str, member: &str) {
    let user = accounts::create(name, PASSWORD, Role::Owner, member, None, Default::default()).unwrap();
    house.desk.engine.state(store::record::StateRecord::User(user)).await.unwrap();
}

#[tokio::test]
async fn notes_and_whose_work_it_is_stay_at_their_desk() {
    let house = house().await;
    colleague(&house, "talanuur-two", "talanuur.example").await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let receipt = sent.to().to_owned();
    let letter = format!("/console/comments/{}", row_at(&house, &receipt).comment.id);
    let (brand, two) = (house.signed_in("talanuur").await, house.signed_in("talanuur-two").await);
    let (store, staff) = (house.signed_in("wutong").await, house.signed_in("staff").await);
    for (cookie, words) in [(&brand, "batch seven again"), (&store, "we saw her yesterday")] {
        let done = house.post(&format!("{letter}/note"), cookie, &[("text", words)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
    }
    for (cookie, name) in [(&brand, "talanuur-two"), (&store, "wutong")] {
        assert_eq!(house.post(&format!("{letter}/assign"), cookie, &[("to", name)]).await.status, StatusCode::SEE_OTHER);
    }
    for (who, cookie, brands, stores) in [
        ("brand", &brand, true, false),
        ("its second account", &two, true, false),
        ("store", &store, false, true),
        ("its staff", &staff, false, true),
    ] {
        let page = house.get(&letter, cookie).await.text();
        assert_eq!((page.contains("batch seven again"), page.contains("saw her yesterday")), (brands, stores), "{who}: {page}");
        assert_eq!((page.contains("work of talanuur-two"), page.contains("work of wutong")), (brands, stores), "{who}: {page}");
        // Nobody finds a letter by words that it cannot read.
        let rows = async |words: &str| {
            house.get(&format!("/console/comments?words={words}"), cookie).await.text().matches("<li class=\"row").count()
        };
        assert_eq!((rows("seven").await, rows("yesterday").await), (usize::from(brands), usize::from(stores)), "{who}");
        let csv = house.get("/console/comments.csv", cookie).await.text();
        let taken = who != "its staff";
        assert!(!csv.contains("seven") && !csv.contains("yesterday") && csv.contains("seal was loose") == taken, "{who}: {csv}");
    }
    let page = house.get(&receipt, "").await.text();
    assert!(!page.contains("seven") && !page.contains("yesterday") && !page.contains("talanuur-two") && !page.contains("wutong"), "{page}");
    assert!(!house.get(&format!("{receipt}/file"), "").await.text().contains("seven"));
    // Staff read notes and write none; an answer's account is told to its own desk alone.
    assert_eq!(house.post(&format!("{letter}/note"), &staff, &[("text", "no")]).await.status, StatusCode::FORBIDDEN);
    house.post(&format!("{letter}/answer"), &two, &[("text", "We look into it.")]).await;
    assert!(house.get(&letter, &brand).await.text().contains("Answered by the brand, talanuur-two"));
    for (path, cookie) in [(&letter, store.as_str()), (&receipt, "")] {
        let page = house.get(path, cookie).await.text();
        assert!(page.contains("We look into it.") && !page.contains("talanuur-two"), "{page}");
    }
}

#[tokio::test]
async fn a_letter_is_the_work_of_somebody_at_its_own_desk_or_of_nobody() {
    let house = house().await;
    colleague(&house, "talanuur-two", "talanuur.example").await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let (brand, two) = (house.signed_in("talanuur").await, house.signed_in("talanuur-two").await);
    for nobody in ["other", "wutong", "staff", "operator", "nobody-at-all"] {
        let back = house.post(&format!("{letter}/assign"), &brand, &[("to", nobody)]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{nobody}");
        assert!(back.text().contains("No account of this name answers here."), "{}", back.text());
    }
    let page = house.get(&letter, &brand).await.text();
    assert!(!page.contains(">other</option>") && !page.contains(">wutong</option>"), "nor is anybody else offered: {page}");
    let rows = async |view: &str, cookie: &str| {
        house.get(&format!("/console/comments?view={view}"), cookie).await.text().matches("<li class=\"row").count()
    };
    assert_eq!((rows("nobodys", &brand).await, rows("mine", &two).await), (1, 0));
    house.post(&format!("{letter}/assign"), &brand, &[("to", "talanuur-two")]).await;
    assert_eq!((rows("nobodys", &brand).await, rows("mine", &two).await, rows("mine", &brand).await), (0, 1, 0));
    assert!(house.get("/console/comments", &brand).await.text().contains("work of talanuur-two"));
    // Who went over to another brand takes no work along, and its name is told to nobody there.
    colleague(&house, "talanuur-two", "other.example").await;
    assert_eq!((rows("nobodys", &brand).await, rows("mine", &house.signed_in("talanuur-two").await).await), (1, 0));
    assert!(!house.get(&letter, &brand).await.text().contains("talanuur-two"));
    assert_eq!(house.get(&letter, &house.signed_in("talanuur-two").await).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_at_one_letter_do_not_talk_past_each_other() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let (brand, store) = (house.signed_in("talanuur").await, house.signed_in("wutong").await);
    let seen = |page: &str| page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let opened = seen(&house.get(&letter, &brand).await.text());
    house.post(&format!("{letter}/answer"), &store, &[("text", "Bring it back to us.")]).await;
    let back = house.post(&format!("{letter}/answer"), &brand, &[("text", "Throw it <away>."), ("seen", &opened)]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = back.text();
    let news = page.split("class=\"news\"").nth(1).unwrap();
    assert!(news.contains("Bring it back to us.") && page.contains("since you opened this letter"), "{page}");
    assert!(page.contains("Throw it &lt;away&gt;.</textarea>"), "the words are kept: {page}");
    assert_eq!(row_at(&house, sent.to()).events.iter().filter(|e| matches!(e.what, store::rows::Happened::Answer(_))).count(), 1);
    // Read now, and sent.
    let again = house.post(&format!("{letter}/answer"), &brand, &[("text", "Bring it to the shop, please."), ("seen", &seen(&page))]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    // What another desk keeps for itself is no news.
    let opened = seen(&house.get(&letter, &brand).await.text());
    house.post(&format!("{letter}/note"), &store, &[("text", "ours")]).await;
    let sent = house.post(&format!("{letter}/answer"), &brand, &[("text", "And thank you."), ("seen", &opened)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_is_put_off_comes_back_on_its_day_or_with_a_reply() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let receipt = sent.to().to_owned();
    let letter = format!("/console/comments/{}", row_at(&house, &receipt).comment.id);
    let (brand, store) = (house.signed_in("talanuur").await, house.signed_in("wutong").await);
    let state = |side| crate::feedback::standing::standing(&row_at(&house, &receipt), Some(side), house.desk.engine.now_ms()).state();
    use trace::feedback::{Side, State};
    let put_off = async |day: &str| house.post(&format!("{letter}/put-off"), &brand, &[("until", day)]).await;
    house.get(&letter, &brand).await;
    for wrong in ["", "tomorrow", "2026-11-22", "2020-01-01", "2027-11-22", "2026-02-31", "99999-01-01"] {
        let back = put_off(wrong).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(back.text().contains("at most 90 days ahead"), "{wrong}: {}", back.text());
    }
    assert_eq!(put_off("2026-11-24").await.status, StatusCode::SEE_OTHER);
    assert_eq!((state(Side::Brand), state(Side::Store)), (State::Waiting, State::New), "for itself alone");
    assert!(house.get(&letter, &brand).await.text().contains("Put off until 24 Nov 2026"));
    assert!(!house.get(&letter, &store).await.text().contains("24 Nov"));
    assert!(!house.get(&receipt, "").await.text().contains("24 Nov"), "nor does its writer read that it waits");
    house.later(2 * base::clock::DAY_MS);
    assert_eq!(state(Side::Brand), State::Open);
    let brand = house.signed_in("talanuur").await;
    let put_off = async |day: &str| house.post(&format!("{letter}/put-off"), &brand, &[("until", day)]).await;
    // An answer, put off again: its writer's reply brings it back.
    house.post(&format!("{letter}/answer"), &brand, &[("text", "Tell us how it went.")]).await;
    assert_eq!(state(Side::Brand), State::Answered);
    put_off("2026-12-24").await;
    assert_eq!(state(Side::Brand), State::Waiting);
    house.post(&format!("{letter}/reopen"), &brand, &[]).await;
    assert_eq!(state(Side::Brand), State::Open, "or its reader, before that");
    put_off("2026-12-24").await;
    house.post(&format!("{receipt}/reply"), "", &[("text", "It went well.")]).await;
    house.post(&format!("{letter}/release"), &brand, &[]).await;
    assert_eq!(state(Side::Brand), State::Open);
}

#[tokio::test]
async fn one_desk_makes_no_row_without_end() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let brand = house.signed_in("talanuur").await;
    for n in 0..trace::feedback::limits::NOTES_MAX {
        assert_eq!(house.post(&format!("{letter}/note"), &brand, &[("text", &n.to_string())]).await.status, StatusCode::SEE_OTHER);
    }
    let back = house.post(&format!("{letter}/note"), &brand, &[("text", "the last straw")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("This letter has 50 notes") && back.text().contains("the last straw</textarea>"), "{}", back.text());
    for n in 0..crate::feedback::handling::COMMENT_STEPS {
        let step = ["hold", "release"][n % 2];
        assert_eq!(house.post(&format!("{letter}/{step}"), &brand, &[("reason", "legal")]).await.status, StatusCode::SEE_OTHER, "{n}");
    }
    let over = house.post(&format!("{letter}/close"), &brand, &[]).await;
    assert_eq!(over.status, StatusCode::CONFLICT);
    assert!(over.text().contains("As much has been done"), "{}", over.text());
    assert_eq!(house.post(&format!("{letter}/answer"), &brand, &[("text", "Still answered.")]).await.status, StatusCode::SEE_OTHER);
    let store = house.signed_in("wutong").await;
    assert_eq!(house.post(&format!("{letter}/close"), &store, &[]).await.status, StatusCode::SEE_OTHER, "another desk has its own room");
}

#[tokio::test]
async fn the_list_is_sorted_and_paged_in_each_order() {
    let house = house().await;
    let brand = house.signed_in("talanuur").await;
    let count = super::PAGE_ROWS + 4;
    for n in 0..count {
        let rating = ((n * 7) % 5 + 1).to_string();
        let text = format!("zq{n}z.");
        house.later(3_600_000);
        let item = format!("/01/06912345678902/21/S{n}");
        let sent = house.comment(&item, &[("rating", rating.as_bytes()), GOOD[1], ("text", text.as_bytes())], &[]).await;
        // Two were answered, and one of them has a reply that waits since now.
        if n == 1 || n == 3 {
            let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
            house.post(&format!("{letter}/answer"), &brand, &[("text", "Thank you.")]).await;
        }
        if n == 3 {
            house.later(400 * 3_600_000);
            house.post(&format!("{}/reply", sent.to()), "", &[("text", "And one thing more.")]).await;
            house
                .desk
                .engine
                .state(store::record::StateRecord::CommentState(released(&row_at(&house, sent.to()).comment.id)))
                .await
                .unwrap();
        }
    }
    let brand = house.signed_in("talanuur").await;
    let mut orders = Vec::new();
    for sort in ["newest", "waiting", "rating"] {
        let (mut all, mut before) = (Vec::new(), String::new());
        loop {
            let text = house.get(&format!("/console/comments?sort={sort}{before}"), &brand).await.text();
            let list = text.split("<ol class=\"rows\">").nth(1).unwrap().split("</ol>").next().unwrap();
            all.extend(list.split("href=\"/console/comments/").skip(1).map(|rest| rest[..32].to_owned()));
            let Some(next) = text.split("before=").nth(1) else { break };
            before = format!("&before={}", &next[..32]);
        }
        let index = house.desk.engine.index();
        let now = house.now.load(std::sync::atomic::Ordering::SeqCst);
        let rows: Vec<_> = all
            .iter()
            .map(|id| crate::feedback::standing::standing(&index.comment(id).unwrap().unwrap(), Some(trace::feedback::Side::Brand), now))
            .collect();
        let order: Vec<usize> = rows.iter().map(|row| row.serial.as_ref().unwrap()[1..].parse().unwrap()).collect();
        let mut seen = order.clone();
        seen.sort_unstable();
        assert_eq!(seen, (0..count).collect::<Vec<_>>(), "{sort}: each once over all pages");
        match sort {
            "newest" => assert!(rows.is_sorted_by(|one, two| one.at_ms > two.at_ms)),
            "rating" => assert!(rows.is_sorted_by(|one, two| (one.rating, two.at_ms) < (two.rating, one.at_ms)), "{order:?}"),
            _ => {
                assert_eq!(&order[..4], &[0, 2, 3, 4], "longest waiting first, a reply since it came");
                assert_eq!(order[count - 1], 1, "what was answered last");
                assert!(order.iter().position(|n| *n == 3) < order.iter().position(|n| *n == 1));
            }
        }
        orders.push(order);
    }
    assert!(orders[0] != orders[1] && orders[1] != orders[2]);
    let odd = house.get("/console/comments?sort=%00&before=x", &brand).await;
    assert_eq!(odd.status, StatusCode::OK);
}

/// A reply within seconds is held; a brand that looked at it.
fn released(id: &str) -> store::record::CommentState {
    store::record::CommentState {
        comment: id.to_owned(),
        state: "released".to_owned(),
        by: "talanuur".to_owned(),
        side: "brand".to_owned(),
        at_ms: 0,
        until_ms: None,
        reason: None,
    }
}

#[tokio::test]
async fn a_filter_is_kept_by_its_own_account_alone_and_overwritten_when_it_goes() {
    use crate::inbox::filters::SAVED_FILTERS;
    let house = house().await;
    let brand = house.signed_in("talanuur").await;
    let query = "?words=zqsecret%20words&rating=1&sort=waiting";
    for name in ["", "   ", &"x".repeat(61)] {
        let back = house.post(&format!("/console/filters{query}"), &brand, &[("name", name)]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(back.text().contains("1 to 60 characters"), "{}", back.text());
    }
    let kept = house.post(&format!("/console/filters{query}"), &brand, &[("name", "Bad <ones>")]).await;
    assert_eq!((kept.status, kept.to()), (StatusCode::SEE_OTHER, &*format!("/console/comments{query}")));
    let page = house.get("/console/comments", &brand).await.text();
    let link = format!("href=\"/console/comments{}\"", query.replace('&', "&amp;"));
    assert!(page.contains("Bad &lt;ones&gt;</a>") && page.contains(&link), "{page}");
    assert!(house.on_disk(b"zqsecret"));
    house.later(1);
    // Whatever else stands in the address is not kept: no way to another page under a name.
    house.post("/console/filters?next=//evil.example&rating=2%22onclick=x", &brand, &[("name", "odd")]).await;
    let page = house.get("/console/comments", &brand).await.text();
    assert!(!page.contains("evil.example") && !page.contains("onclick"), "{page}");
    for other in ["other", "wutong", "staff"] {
        let cookie = house.signed_in(other).await;
        let page = house.get("/console/comments", &cookie).await.text();
        assert!(!page.contains("Bad &lt;ones") && !page.contains("zqsecret"), "{other}");
    }
    let id = page.split("/console/filters/").nth(1).unwrap()[..32].to_owned();
    let other = house.signed_in("other").await;
    house.post(&format!("/console/filters/{id}/remove"), &other, &[]).await;
    assert!(house.get("/console/comments", &brand).await.text().contains("Bad &lt;ones&gt;</a>"), "nobody takes another's away");
    house.post(&format!("/console/filters/{id}/remove"), &brand, &[]).await;
    assert!(!house.get("/console/comments", &brand).await.text().contains("Bad &lt;ones"));
    assert!(!house.on_disk(b"zqsecret"), "and what it looked for is overwritten");
    for n in 0..SAVED_FILTERS {
        house.post(&format!("/console/filters?words=n{n}"), &brand, &[("name", &n.to_string())]).await;
    }
    let full = house.post("/console/filters?words=more", &brand, &[("name", "more")]).await;
    assert_eq!(full.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(full.text().contains(&format!("you keep {SAVED_FILTERS} filters")), "{}", full.text());
}

#[tokio::test]
async fn those_at_one_letter_see_each_other_and_what_was_said_meanwhile() {
    use crate::session::accounts;
    let house = house().await;
    let mei = accounts::create("mei", PASSWORD, Role::Answerer, "talanuur.example", None, Default::default()).unwrap();
    house.desk.engine.state(store::record::StateRecord::User(mei)).await.unwrap();
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let (brand, mei, store) = (house.signed_in("talanuur").await, house.signed_in("mei").await, house.signed_in("wutong").await);
    let here = async |cookie: &str, form: &[(&str, &str)]| -> serde_json::Value {
        let answer = house.post(&format!("{letter}/here"), cookie, form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        serde_json::from_slice(&answer.bytes).unwrap()
    };
    assert!(!house.get(&letter, &brand).await.text().contains("is reading"));
    assert!(house.get(&letter, &mei).await.text().contains("talanuur is reading this letter."), "by the page's own load, without a script");
    assert_eq!(here(&mei, &[("seen", "0"), ("writing", "yes")]).await["line"], "talanuur is reading this letter.");
    assert_eq!(here(&brand, &[("seen", "0")]).await["line"], "mei is writing on this letter.");
    assert_eq!(here(&store, &[("seen", "0")]).await["line"], "", "another desk's are nothing to it");
    house.later(crate::inbox::presence::PRESENCE_SECONDS * 1_000);
    assert_eq!(here(&brand, &[("seen", "0")]).await, serde_json::json!({ "line": "", "news": "" }));
    house.post(&format!("{letter}/answer"), &store, &[("text", "From the store.")]).await;
    assert!(here(&brand, &[("seen", "0")]).await["news"].as_str().unwrap().contains("more was said"));
    assert_eq!(here(&brand, &[("seen", "1")]).await["news"], "");
    // A shared tablet says nothing of itself: it would never seem unused.
    let staff = house.signed_in("staff").await;
    assert_eq!(house.post(&format!("{letter}/here"), &staff, &[("seen", "0")]).await.status, StatusCode::FORBIDDEN);
    assert!(!house.get(&letter, &staff).await.text().contains("data-here"));
    let other = house.signed_in("other").await;
    assert_eq!(house.post(&format!("{letter}/here"), &other, &[]).await.status, StatusCode::NOT_FOUND);
}

/// A file of an XLSX file, which is a ZIP archive of stored or deflated XML (APPNOTE, 4.3.7).
fn part(xlsx: &[u8], name: &str) -> String {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(xlsx)).expect("a ZIP archive");
    let mut text = String::new();
    archive.by_name(name).expect(name).read_to_string(&mut text).expect("UTF-8");
    text
}

/// All of its files together.
fn parts(xlsx: &[u8]) -> String {
    let archive = zip::ZipArchive::new(std::io::Cursor::new(xlsx)).expect("a ZIP archive");
    let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    names.iter().map(|name| part(xlsx, name)).collect()
}

#[tokio::test]
async fn the_spreadsheet_holds_strings_links_and_times_in_the_readers_language() {
    let house = house().await;
    let brand = house.signed_in("talanuur").await;
    let formula = "=HYPERLINK(\"https://evil.example\",\"zqclick\")";
    let contact = ("contact", b"mei@b.example".as_slice());
    let sent =
        house.comment(ITEM, &[GOOD[0], GOOD[1], ("text", formula.as_bytes()), contact], &[("p.png", &crate::feedback::tests::png())]).await;
    let id = row_at(&house, sent.to()).comment.id;
    house.post(&format!("/console/comments/{id}/answer"), &brand, &[("text", "+1 zqanswer")]).await;
    house.post(&format!("/console/comments/{id}/note"), &brand, &[("text", "zqnote")]).await;
    let held = house.comment(ITEM, &[GOOD[0], GOOD[1], ("text", b"zqheld 13800138000")], &[]).await;
    assert_eq!(held.status, StatusCode::SEE_OTHER);
    for (lang, heading, sheet) in [("en", "Received (UTC+8)", "Letters"), ("zh", "收到时间（UTC+8）", "留言")] {
        let file = house.get(&format!("/console/comments.xlsx?lang={lang}"), &brand).await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(file.headers["content-type"], super::export::XLSX);
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"letters.xlsx\"");
        assert_eq!(file.headers["cache-control"], "no-store");
        let strings = part(&file.bytes, "xl/sharedStrings.xml");
        let cells = part(&file.bytes, "xl/worksheets/sheet1.xml");
        let links = part(&file.bytes, "xl/worksheets/_rels/sheet1.xml.rels");
        assert!(strings.contains(heading) && part(&file.bytes, "xl/workbook.xml").contains(sheet), "{strings}");
        assert!(strings.contains("=HYPERLINK(") && strings.contains("zqclick") && strings.contains("+1 zqanswer"), "{strings}");
        assert!(!cells.contains("<f>") && !cells.contains("<f "), "no formula: {cells}");
        assert!(!links.contains("evil.example"), "no link that a stranger wrote: {links}");
        for own in [format!("http://leaf.test/console/comments/{id}\""), format!("http://leaf.test/console/comments/{id}/photos/0\"")] {
            assert!(links.contains(&own), "{own}: {links}");
        }
        // The GTIN is text, its leading zero is there.
        assert!(strings.contains(">06912345678902<"), "{strings}");
        for secret in ["zqnote", "mei@b", "zqheld"] {
            assert!(!strings.contains(secret), "{secret}");
        }
    }
    // Days since 1900 in the service's own time, 22 Nov 2026, 21:12.
    let file = house.get("/console/comments.xlsx", &brand).await;
    assert!(part(&file.bytes, "xl/worksheets/sheet1.xml").contains("<v>46348.88"), "{}", part(&file.bytes, "xl/worksheets/sheet1.xml"));
    let narrowed = house.get("/console/comments.xlsx?words=zqclick", &brand).await;
    assert_eq!(part(&narrowed.bytes, "xl/worksheets/sheet1.xml").matches("<row ").count(), 2);
}

#[tokio::test]
async fn a_letter_leads_whoever_may_to_freezing_its_code() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let of_product = house.comment("/01/06912345678902", &GOOD, &[]).await;
    let of_product = format!("/console/comments/{}", row_at(&house, of_product.to()).comment.id);
    let owner = house.signed_in("talanuur").await;
    let page = house.get(&letter, &owner).await.text();
    let form = page.split("href=\"/console/codes?code=").nth(1).expect("the way there").split('"').next().unwrap().to_owned();
    let form = house.get(&format!("/console/codes?code={form}"), &owner).await.text();
    assert!(form.contains(&format!("value=\"{ITEM}\"")), "{form}");
    assert!(!house.get(&of_product, &owner).await.text().contains("/console/codes?"), "many packs share that code");
    assert!(!house.get(&letter, &house.signed_in("wutong").await).await.text().contains("/console/codes?"));
}
