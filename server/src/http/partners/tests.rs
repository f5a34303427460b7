//! Who asks whom for a permission, and who sees it.

use axum::http::StatusCode;
use base::clock::DAY_MS;
use ed25519_dalek::SigningKey;
use engine::Submission;
use ledger::entry::{Custody, Member};
use ledger::name::Name;
use ledger::testing::new_member;
use store::record::{GrantRequest, StateRecord};

use crate::feedback::tests::{Answered, House, strangers as house};
use crate::requests::{REQUEST_AGAIN_DAYS, REQUEST_OPEN_DAYS, REQUESTS_A_DAY, REQUESTS_OPEN_OF_PARTNER, REQUESTS_OPEN_TO_OWNER};

/// A member whose key this service keeps.
async fn join(house: &House, id: &str, prefix: &str) {
    let engine = &house.desk.engine;
    let names = vec![("en".into(), id.into())];
    let mut member = Member { custody: Custody::Held, names, ..new_member(id, engine.keys().make_member().unwrap(), &[prefix]) };
    member.sign(engine.keys().origin(), engine.keys().governance().unwrap());
    engine.submit(Submission::Member(Box::new(member))).await.unwrap();
}

async fn ask(house: &House, cookie: &str, owner: &str, more: &[(&str, &str)]) -> Answered {
    let form = [&[("owner", owner)][..], more].concat();
    house.post("/console/partners/ask", cookie, &form).await
}

async fn partners(house: &House, cookie: &str) -> String {
    house.get("/console/partners", cookie).await.text()
}

fn ticked(page: &str, form: &str, right: &str) -> bool {
    let form = page.split(&format!("id=\"{form}\"")).nth(1).unwrap().split("</form>").next().unwrap();
    form.contains(&format!("name=\"right-{right}\" checked"))
}

#[tokio::test]
async fn permissions_are_given_and_ended_by_the_owner_in_the_console() {
    let house = house().await;
    let (owner, partner, store) = (house.signed_in("other").await, house.signed_in("talanuur").await, house.signed_in("wutong").await);
    let form = [("partner", " Talanuur.example "), ("right-record", "on"), ("right-store", "on"), ("scopes", "6917777000012, 69177770001")];
    // A store has nothing to give, whatever it sends; nobody gives in another's name, for the form names no owner.
    let refused = house.post("/console/partners", &store, &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for (wrong, said) in [
        (vec![("partner", "talanuur.example")], "at least one thing"),
        (vec![("partner", "nobody.example"), ("right-record", "on")], "No member of this ledger"),
        (vec![("partner", "talanuur.example"), ("right-record", "on"), ("scopes", "69")], "4 to 14 digits"),
    ] {
        let answer = house.post("/console/partners", &owner, &wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(said), "{said}: {}", answer.text());
    }
    let wrong = [("partner", "nobody.example"), ("right-pack", "on"), ("scopes", "6917777 6917778")];
    let kept = house.post("/console/partners", &owner, &wrong).await.text();
    assert!(kept.contains("value=\"nobody.example\"") && kept.contains("value=\"6917777 6917778\""), "{kept}");
    let only_pack = ticked(&kept, "give", "pack") && !ticked(&kept, "give", "record") && !ticked(&kept, "ask", "pack");
    assert!(only_pack, "a fault loses nothing of what was typed, and ticks nothing: {kept}");
    let given = house.post("/console/partners", &owner, &form).await;
    assert_eq!((given.status, given.to()), (StatusCode::SEE_OTHER, "/console/partners"), "{}", given.text());
    let page = partners(&house, &owner).await;
    assert!(page.contains("record what happens") && page.contains("6917777000012 and 69177770001"), "{page}");
    assert!(page.contains("Given on 22 Nov 2026.") && page.contains("Not used yet."), "{page}");
    let held = partners(&house, &partner).await;
    assert!(held.contains("other.example") && held.contains("leafproof grant add --owner talanuur.example"), "{held}");
    assert!(!partners(&house, &store).await.contains("other.example"), "a store of a third sees none of it");
    assert_eq!(house.post("/console/partners/end", &owner, &[("partner", "talanuur.example")]).await.status, StatusCode::SEE_OTHER);
    assert!(partners(&house, &partner).await.contains("No owner of goods"));
    assert_eq!(house.get("/console/partners", "").await.status, StatusCode::SEE_OTHER, "signed out: to the sign-in");
}

#[tokio::test]
async fn a_partner_asks_and_the_owner_gives_or_declines() {
    let house = house().await;
    let (owner, partner) = (house.signed_in("other").await, house.signed_in("talanuur").await);
    let asked = ask(&house, &partner, " Other.example", &[("right-record", "on"), ("scopes", "6917777")]).await;
    assert_eq!((asked.status, asked.to()), (StatusCode::SEE_OTHER, "/console/partners"), "{}", asked.text());
    assert!(partners(&house, &partner).await.contains("The owner has not answered yet."));
    let seen = partners(&house, &owner).await;
    assert!(seen.contains("Who asks you") && seen.contains("/console/partners?give=talanuur.example#give"), "{seen}");
    for stranger in ["wutong", "resale", "staff", "operator"] {
        let page = partners(&house, &house.signed_in(stranger).await).await;
        assert!(!page.contains("talanuur.example") && !page.contains("other.example"), "{stranger}: {page}");
    }
    let again = ask(&house, &partner, "other.example", &[("right-pack", "on")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text().contains("already. Wait for the answer") && ticked(&again.text(), "ask", "pack"), "{}", again.text());
    // The form is filled in, and what it says is given by the owner, who looked.
    let form = house.get("/console/partners?give=talanuur.example", &owner).await.text();
    assert!(ticked(&form, "give", "record") && form.contains("value=\"talanuur.example\"") && form.contains("value=\"6917777\""), "{form}");
    let other = house.get("/console/partners?give=pinglu.example", &owner).await.text();
    assert!(!ticked(&other, "give", "record"), "who did not ask fills in nothing");
    let give = [("partner", "talanuur.example"), ("right-record", "on"), ("scopes", "6917777")];
    assert_eq!(house.post("/console/partners", &owner, &give).await.status, StatusCode::SEE_OTHER);
    assert!(partners(&house, &partner).await.contains("The owner gave you a permission since."));
    assert!(!partners(&house, &owner).await.contains("Who asks you"));
    // Giving replaces: for the same numbers what it has stays in the form; for others the owner reads what it has, and chooses.
    assert!(ask(&house, &partner, "other.example", &give[1..]).await.text().contains("You have this permission already."));
    assert_eq!(ask(&house, &partner, "other.example", &[("right-pack", "on"), ("scopes", "69177770")]).await.status, StatusCode::SEE_OTHER);
    let form = house.get("/console/partners?give=talanuur.example", &owner).await.text();
    assert!(!ticked(&form, "give", "record") && ticked(&form, "give", "pack") && form.contains("value=\"69177770\""), "{form}");
    let beside = form.split("id=\"give\"").nth(1).unwrap();
    assert!(beside.contains("Today it may do this:") && beside.contains("begin with 6917777<"), "{beside}");
    let withdrawn = house.post("/console/partners/withdraw", &partner, &[("owner", "other.example")]).await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER);
    assert_eq!(ask(&house, &partner, "other.example", &[("right-pack", "on"), ("scopes", "6917777")]).await.status, StatusCode::SEE_OTHER);
    let form = house.get("/console/partners?give=talanuur.example", &owner).await.text();
    assert!(ticked(&form, "give", "record") && ticked(&form, "give", "pack") && form.contains("value=\"6917777\""), "{form}");
    let decline = [("partner", "talanuur.example")];
    assert_eq!(house.post("/console/partners/decline", &owner, &decline).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.post("/console/partners/decline", &owner, &decline).await.status, StatusCode::UNPROCESSABLE_ENTITY, "once");
    assert!(partners(&house, &partner).await.contains("Declined. You can ask again from"));
    let pack = [("right-pack", "on")];
    assert!(ask(&house, &partner, "other.example", &pack).await.text().contains("This owner declined."));
    house.later(REQUEST_AGAIN_DAYS * DAY_MS);
    assert_eq!(ask(&house, &house.signed_in("talanuur").await, "other.example", &pack).await.status, StatusCode::SEE_OTHER);
    house.later(REQUEST_OPEN_DAYS * DAY_MS);
    assert!(partners(&house, &house.signed_in("talanuur").await).await.contains("Nobody answered for 90 days"));
    assert!(!partners(&house, &house.signed_in("other").await).await.contains("Who asks you"));
}

/// Its own key or not: the owner reads what a partner has, and gives no more than was asked for.
#[tokio::test]
async fn an_owner_with_its_own_key_gets_the_whole_command() {
    let house = house().await;
    let (talanuur, other) = (house.signed_in("talanuur").await, house.signed_in("other").await);
    let engine = &house.desk.engine;
    let mut grant = crate::grants::next(engine, "talanuur.example", "other.example", ledger::entry::right::RECORD, Vec::new()).unwrap();
    grant.sign(engine.keys().origin(), &SigningKey::from_bytes(&[10; 32]));
    engine.submit(Submission::Grant(Box::new(grant))).await.unwrap();
    let wish = [("right-pack", "on"), ("scopes", "6912345")];
    assert_eq!(ask(&house, &other, "talanuur.example", &wish).await.status, StatusCode::SEE_OTHER);
    let page = partners(&house, &talanuur).await;
    let command = "--partner other.example --right pack --scope 6912345 --key FILE";
    assert!(page.contains(command) && page.contains("takes the place of that"), "{page}");
}

/// What had an end is over with it: it is no part of what is given next, and nobody reads it as in force.
#[tokio::test]
async fn a_permission_that_ended_by_time_comes_back_in_no_form() {
    let house = house().await;
    let (owner, partner) = (house.signed_in("other").await, house.signed_in("talanuur").await);
    let engine = &house.desk.engine;
    let rights = ledger::entry::right::ISSUE | ledger::entry::right::ALERT;
    let mut grant = crate::grants::next(engine, "other.example", "talanuur.example", rights, vec!["6917777".into()]).unwrap();
    grant.valid_until = engine.now_ms() + 60_000;
    crate::grants::give(engine, grant, None).await.unwrap();
    for cookie in [&owner, &partner] {
        let page = partners(&house, cookie).await;
        assert!(page.contains("Ends 22 Nov 2026") && !page.contains("Ended"), "{page}");
    }
    // While it is in force, what is given next would have no end: the form holds what was asked for, and what there is stands beside it.
    let wish = [("right-words", "on"), ("scopes", "6917777")];
    assert_eq!(ask(&house, &partner, "other.example", &wish).await.status, StatusCode::SEE_OTHER);
    let form = house.get("/console/partners?give=talanuur.example", &owner).await.text();
    assert!(ticked(&form, "give", "words") && !ticked(&form, "give", "issue") && form.contains("Today it may do this:"), "{form}");
    house.later(60_001);
    for cookie in [&owner, &partner] {
        let page = partners(&house, cookie).await;
        assert!(page.contains("Ended 22 Nov 2026") && !page.contains("Ends ") && !page.contains("/console/partners/end"), "{page}");
    }
    let zh = house.get("/console/partners?lang=zh", &partner).await.text();
    assert!(zh.contains("已于") && zh.contains("结束，不再有效。"), "{zh}");
    let withdrawn = house.post("/console/partners/withdraw", &partner, &[("owner", "other.example")]).await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER);
    assert_eq!(ask(&house, &partner, "other.example", &[("right-words", "on")]).await.status, StatusCode::SEE_OTHER);
    let form = house.get("/console/partners?give=talanuur.example", &owner).await.text();
    let only_words = ticked(&form, "give", "words") && !ticked(&form, "give", "issue") && !ticked(&form, "give", "alert");
    assert!(only_words && !form.contains("Today it may do this:"), "{form}");
}

#[tokio::test]
async fn a_request_that_cannot_be_given_comes_back_with_what_is_wrong() {
    let house = house().await;
    let (partner, store, staff) = (house.signed_in("talanuur").await, house.signed_in("wutong").await, house.signed_in("staff").await);
    let record = ("right-record", "on");
    for (owner, more, said) in [
        ("nobody.example", vec![record], "Nobody with this id owns numbers"),
        ("talanuur.example", vec![record], "your own"),
        ("other.example", vec![], "at least one thing"),
        ("other.example", vec![record, ("scopes", "691")], "4 to 14 digits"),
        ("other.example", vec![record, ("scopes", "6912345")], "6912345 is not a number of other.example"),
    ] {
        let back = ask(&house, &partner, owner, &more).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(back.text().contains(said) && back.text().contains(&format!("value=\"{owner}\"")), "{said}: {}", back.text());
    }
    for cookie in [&store, &staff] {
        for path in ["ask", "decline", "withdraw"] {
            let form = [("owner", "other.example"), ("partner", "talanuur.example"), record];
            let refused = house.post(&format!("/console/partners/{path}"), cookie, &form).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    assert_eq!(house.desk.engine.index().requests_to("other.example").count(), 0);
}

#[tokio::test]
async fn nobody_floods_an_owner_or_asks_without_end() {
    let house = house().await;
    let partner = house.signed_in("talanuur").await;
    let record = [("right-record", "on")];
    for n in 0..=REQUESTS_OPEN_OF_PARTNER {
        join(&house, &format!("owner{n}.example"), &format!("69500{n:02}")).await;
    }
    for n in 0..REQUESTS_OPEN_OF_PARTNER {
        assert_eq!(ask(&house, &partner, &format!("owner{n}.example"), &record).await.status, StatusCode::SEE_OTHER, "{n}");
    }
    let last = format!("owner{REQUESTS_OPEN_OF_PARTNER}.example");
    assert!(ask(&house, &partner, &last, &record).await.text().contains("16 of your requests are open"));
    for n in 0..REQUESTS_OPEN_OF_PARTNER {
        let back = house.post("/console/partners/withdraw", &partner, &[("owner", &format!("owner{n}.example"))]).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
    }
    let said = format!("You asked {REQUESTS_A_DAY} times within a day");
    assert!(ask(&house, &partner, &last, &record).await.text().contains(&said), "taking back makes no room for more on one day");
    house.later(DAY_MS);
    let partner = house.signed_in("talanuur").await;
    assert_eq!(ask(&house, &partner, &last, &record).await.status, StatusCode::SEE_OTHER);
    // One of each at most: an owner's list is full only where as many members ask, and then it says so to the next.
    for n in 0..REQUESTS_OPEN_TO_OWNER {
        let request = GrantRequest {
            owner: "other.example".into(),
            partner: format!("p{n}.example"),
            rights: vec!["record".into()],
            scopes: Vec::new(),
            version: 0,
            asked_ms: house.desk.engine.now_ms(),
            earlier_ms: Vec::new(),
            declined_ms: None,
            withdrawn: false,
        };
        house.desk.engine.state(StateRecord::GrantRequest(request)).await.unwrap();
    }
    assert!(ask(&house, &partner, "other.example", &record).await.text().contains("as many open requests as it can have"));
    let owner = house.signed_in("other").await;
    assert_eq!(house.post("/console/partners/decline", &owner, &[("partner", "p0.example")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ask(&house, &partner, "other.example", &record).await.status, StatusCode::SEE_OTHER);
}

/// Asking one owner and taking it back, again and again, is asking as often.
#[tokio::test]
async fn what_is_taken_back_was_asked() {
    let house = house().await;
    let partner = house.signed_in("talanuur").await;
    let record = [("right-record", "on")];
    for n in 0..REQUESTS_A_DAY {
        assert_eq!(ask(&house, &partner, "other.example", &record).await.status, StatusCode::SEE_OTHER, "{n}");
        let back = house.post("/console/partners/withdraw", &partner, &[("owner", "other.example")]).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
        house.later(60_000);
    }
    let said = format!("You asked {REQUESTS_A_DAY} times within a day");
    for owner in ["other.example", "packer.example"] {
        assert!(ask(&house, &partner, owner, &record).await.text().contains(&said), "{owner}");
    }
    // Each counts for a day, and no longer.
    house.later(DAY_MS - 60_000 * REQUESTS_A_DAY as u64);
    let partner = house.signed_in("talanuur").await;
    assert_eq!(ask(&house, &partner, "packer.example", &record).await.status, StatusCode::SEE_OTHER);
    assert!(ask(&house, &partner, "other.example", &record).await.text().contains(&said));
    house.later(DAY_MS);
    let partner = house.signed_in("talanuur").await;
    assert_eq!(ask(&house, &partner, "other.example", &record).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn members_are_told_of_numbers_that_change_hands_before_they_do() {
    let house = house().await;
    let engine = &house.desk.engine;
    let (origin, governance) = (engine.keys().origin(), engine.keys().governance().unwrap());
    let staff = house.signed_in("wutong").await;
    assert!(!partners(&house, &staff).await.contains("change hands"), "who joins takes nothing from anybody");
    let mut old = engine.view().member("packer.example").unwrap().pop().unwrap().1;
    (old.version, old.prefixes) = (2, Vec::new());
    old.consent(origin, &SigningKey::from_bytes(&[9; 32]));
    old.sign(origin, governance);
    engine.submit(Submission::Member(Box::new(old))).await.unwrap();
    let mut new = engine.view().member("other.example").unwrap().pop().unwrap().1;
    new.version = 2;
    new.prefixes.push("6900000".into());
    new.sign(origin, governance);
    engine.submit(Submission::Member(Box::new(new))).await.unwrap();
    assert_eq!(engine.view().rights().owner("6900000", engine.now_ms()), None, "not yet");
    let told = partners(&house, &staff).await;
    assert!(
        told.contains("6900000: from packer.example (packer.example) to other.example (other.example), from 25 Nov 2026, 21:1"),
        "{told}"
    );
    house.later(ledger::prefix::HANDOVER_MS);
    let owner = engine.view().rights().owner("6900000", engine.now_ms()).map(Member::key);
    assert_eq!(owner, Some(Name::member_key("other.example")));
    let staff = house.signed_in("wutong").await;
    assert!(partners(&house, &staff).await.contains("6900000: went from packer.example"));
    house.later(40 * DAY_MS);
    assert!(!partners(&house, &house.signed_in("wutong").await).await.contains("change hands"));
}
