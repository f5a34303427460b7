//! Comments over HTTP, from the form to the receipt, and what the tests of inbox and sign-in share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use ed25519_dalek::SigningKey;
use engine::{Engine, Options, Submission};
use ledger::entry::{Custody, Member, level, right, role};
use ledger::name::Name;
use ledger::testing::new_member;
use store::record::StateRecord;
use tempfile::TempDir;
use tower::ServiceExt as _;
use trace::feedback::Side;
use trace::page::{CodeHistory, Format, Headline, ItemPage, Level, ProductStatus, Seller, Signed, SignedWords, Store};

use super::standing::standing;
use super::{Desk, Site, handling, letters, started};
use crate::http::{
    account, alerts, codes, export, feedback, figures, filters, inbox, inner, keys, letters as shown, objections, partners, ready, signin,
    team, ticked, trail,
};
use crate::session::accounts::{self, Role};

pub(crate) const START_MS: u64 = 1_795_353_164_000;
pub(crate) const ITEM: &str = "/01/06912345678902/21/7K2M9QX4TD3HWZ";
pub(crate) const WUTONG: &str = "/414/6901234000016";
pub(crate) const RESALE: &str = "/414/6908888000010";
pub(crate) const PASSWORD: &str = "grassland-2026";

pub(crate) fn words(text: &str) -> SignedWords {
    let signed = Signed { pointers: vec!["/x".into()], values: vec![text.into()], format: Format::Text };
    BTreeMap::from([("en".to_owned(), signed.clone()), ("zh".to_owned(), signed)])
}

/// The page of any item: GTINs that begin with 0691 are known, items were last received in Wutong Road, those whose serial begins with X were
/// never recorded, and
/// those whose serial begins with R were sold by somebody that the owner did not name, those whose serial begins with Z are recalled.
pub(crate) fn page_of(name: &Name) -> Option<ItemPage> {
    let Name::Gs1(fields) = name else { return None };
    let get = |ai: &str| fields.iter().find(|(key, _)| key == ai).map(|(_, value)| value.clone());
    let gtin = get("01").filter(|gtin| gtin.starts_with("0691"))?;
    let serial = get("21");
    let store = serial.is_some().then(|| Store {
        location: WUTONG.into(),
        name: words("Pinglu Market, Wutong Road"),
        entry: 3,
        member: "pinglu.example".into(),
    });
    let seller = serial.as_ref().filter(|serial| serial.starts_with('R')).map(|_| Seller {
        location: RESALE.into(),
        member: "resale.example".into(),
        names: BTreeMap::from([("en".to_owned(), "Second Life Goods".to_owned())]),
    });
    Some(ItemPage {
        zone: None,
        owned: true,
        path: name.digital_link_path()?,
        level: if serial.is_some() { Level::Item } else { Level::Product },
        gtin,
        lot: Some("2611-044".into()),
        lot_has_page: false,
        recorded: serial.is_some(),
        vouched: serial.as_ref().is_some_and(|serial| !serial.starts_with('X')),
        product: match &serial {
            Some(serial) if serial.starts_with('Z') => ProductStatus::Recalled("2026-11-24".into()),
            _ => ProductStatus::InOrder { days_left: Some(21), corrected: None, corrections: 0 },
        },
        serial,
        headline: Headline { name: words("Grassland beef ribeye"), brand: words("Talanuur"), ..Headline::default() },
        use_by: None,
        notices: vec![],
        nodes: vec![],
        code: CodeHistory::First,
        store,
        seller,
        ledger_size: 90,
        ledger_ms: START_MS,
        cut: false,
        demo: false,
    })
}

pub(crate) struct House {
    pub(crate) desk: Desk,
    pub(crate) now: Arc<AtomicU64>,
    pub(crate) folder: TempDir,
}

/// An engine in a folder of its own, two brands, a market that gets letters about their goods, and a seller that no brand names.
pub(crate) async fn house() -> House {
    let house = strangers().await;
    permit(&house, right::STORE, u64::MAX).await;
    let engine = &house.desk.engine;
    let grant = crate::grants::next(engine, "other.example", "pinglu.example", right::STORE, Vec::new()).unwrap();
    crate::grants::give(engine, grant, None).await.unwrap();
    house
}

/// What talanuur.example, which keeps its own key, lets the market do, until then.
pub(crate) async fn permit(house: &House, rights: u16, until: u64) {
    let engine = &house.desk.engine;
    let mut grant = crate::grants::next(engine, "talanuur.example", "pinglu.example", rights, Vec::new()).unwrap();
    grant.valid_until = until;
    crate::grants::give(engine, grant, Some(&SigningKey::from_bytes(&[10; 32]))).await.unwrap();
}

/// The same house before anybody permitted anything.
pub(crate) async fn strangers() -> House {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicU64::new(START_MS));
    let desk = opened(&folder, &now);
    let engine = desk.engine.clone();
    let view = engine.view();
    for (n, (id, digits)) in [
        ("packer.example", "6900000"),
        ("talanuur.example", "6912345"),
        ("other.example", "6917777"),
        ("pinglu.example", "6901234"),
        ("resale.example", "6908888"),
    ]
    .into_iter()
    .enumerate()
    {
        // The service keeps one key, so that permissions can be given in the console.
        let (custody, public_key) = match id {
            "other.example" => (Custody::Held, engine.keys().make_member().unwrap()),
            _ => (Custody::Own, SigningKey::from_bytes(&[n as u8 + 9; 32]).verifying_key().to_bytes()),
        };
        let (roles, levels) = if id == "resale.example" { (role::MEMBER | role::INDEPENDENT, level::ITEM) } else { (role::MEMBER, 0) };
        let names = vec![("en".into(), id.into())];
        let mut member = Member { custody, roles, levels, names, ..new_member(id, public_key, &[digits]) };
        member.sign(view.origin(), engine.keys().governance().unwrap());
        engine.submit(Submission::Member(Box::new(member))).await.unwrap();
    }
    for (name, role, member, location) in [
        ("talanuur", Role::Owner, "talanuur.example", None),
        ("other", Role::Owner, "other.example", None),
        ("wutong", Role::Store, "pinglu.example", Some(WUTONG)),
        ("staff", Role::Staff, "pinglu.example", Some(WUTONG)),
        ("lianhe", Role::Store, "pinglu.example", Some("/414/6901234000023")),
        ("resale", Role::Store, "resale.example", Some(RESALE)),
        ("operator", Role::Operator, "operator.example", None),
    ] {
        let user = accounts::create(name, PASSWORD, role, member, location, BTreeMap::new()).unwrap();
        engine.state(StateRecord::User(user)).await.unwrap();
    }
    House { desk, now, folder }
}

pub(crate) fn opened(folder: &TempDir, now: &Arc<AtomicU64>) -> Desk {
    let clock = Arc::clone(now);
    let mut options = Options::new(folder.path(), "ledger.test/comments", store_local::open);
    options.clock = Arc::new(move || clock.load(Ordering::SeqCst));
    options.fatal = Box::new(|reason| panic!("{reason}"));
    let engine: Engine = Engine::open(options).unwrap().engine;
    let pages: super::PageSource = Arc::new(|_, name| {
        let broken = name.digital_link_path().is_some_and(|path| path.ends_with("/21/BROKEN"));
        if broken { Err("the disk is slow".to_owned()) } else { Ok(page_of(name)) }
    });
    let alerts = crate::alerts::Ways { local: true, mail: true };
    let site = Site { public_url: "http://leaf.test".into(), alerts, count_checks: true, ..Site::default() };
    let sessions = store_local::Scratch::temporary().unwrap();
    Desk::over(crate::session::Sessions::new(sessions), engine, pages, site)
}

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answered {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
    /// The cookie of the session that it begins.
    pub(crate) fn session(&self) -> String {
        let cookie = self.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
    pub(crate) fn to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }
}

impl House {
    pub(crate) fn later(&self, ms: u64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn router(&self) -> Router {
        Router::new()
            .merge(feedback::routes::<Desk>("http://leaf.test"))
            .merge(shown::routes::<Desk>())
            .merge(inner::routes::<Desk>("http://leaf.test"))
            .merge(signin::routes::<Desk>("http://leaf.test"))
            .merge(inbox::routes::<Desk>("http://leaf.test"))
            .merge(export::routes::<Desk>())
            .merge(filters::routes::<Desk>("http://leaf.test"))
            .merge(partners::routes::<Desk>("http://leaf.test"))
            .merge(ready::routes::<Desk>("http://leaf.test"))
            .merge(ticked::routes::<Desk>("http://leaf.test"))
            .merge(objections::console_routes::<Desk>("http://leaf.test"))
            .merge(account::routes::<Desk>("http://leaf.test"))
            .merge(team::routes::<Desk>("http://leaf.test"))
            .merge(keys::routes::<Desk>("http://leaf.test"))
            .merge(trail::routes::<Desk>())
            .merge(figures::routes::<Desk>("http://leaf.test"))
            .merge(codes::routes::<Desk>("http://leaf.test"))
            .merge(alerts::routes::<Desk>("http://leaf.test"))
            .with_state(self.desk.clone())
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answered {
        let response = self.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answered { status: parts.status, headers: parts.headers, bytes }
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answered {
        self.ask(Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await
    }

    /// As a program asks, with an API key.
    pub(crate) async fn keyed(&self, path: &str, key: &str) -> Answered {
        self.ask(Request::get(path).header("authorization", format!("Bearer {key}")).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answered {
        let body: Vec<String> = form.iter().map(|(k, v)| format!("{k}={}", base::percent::component(v))).collect();
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.ask(request).await
    }

    /// The hidden field of a form that is opened now.
    pub(crate) fn started(&self, item: &str) -> String {
        let engine = &self.desk.engine;
        let page = Name::from_digital_link_path(item).ok().and_then(|name| page_of(&name));
        let receivers = page.map_or_else(String::new, |page| {
            let brand = letters::owner(engine, &engine.view(), &page.gtin);
            feedback::receivers(&page, brand.as_deref())
        });
        started::sign(&self.desk.form_key, item, &receivers, self.now.load(Ordering::SeqCst))
    }

    /// Sends the form three seconds after it was made.
    pub(crate) async fn comment(&self, item: &str, fields: &[(&str, &[u8])], photos: &[(&str, &[u8])]) -> Answered {
        let started = self.started(item);
        self.later(5_000);
        let mut body = Vec::new();
        let started = [("started", started.as_bytes())];
        for (name, value) in fields.iter().copied().chain(started) {
            body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").bytes());
            body.extend(value);
            body.extend(b"\r\n");
        }
        for (name, bytes) in photos {
            let head = "Content-Type: application/octet-stream";
            body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"{name}\"\r\n{head}\r\n\r\n").bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--b--\r\n");
        let request = Request::post(format!("/feedback{item}"))
            .header("content-type", "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap();
        self.ask(request).await
    }

    /// Whether these bytes stand anywhere in the data folder.
    pub(crate) fn on_disk(&self, needle: &[u8]) -> bool {
        fn holds(folder: &std::path::Path, needle: &[u8]) -> bool {
            std::fs::read_dir(folder).unwrap().any(|entry| {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    return holds(&path, needle);
                }
                std::fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle)
            })
        }
        holds(self.folder.path(), needle)
    }

    /// Signs in; the cookie to send.
    pub(crate) async fn signed_in(&self, name: &str) -> String {
        let answer = self.post("/signin", "", &[("name", name), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.session()
    }
}

pub(crate) const GOOD: [(&str, &[u8]); 3] = [("rating", b"4"), ("topic", b"packaging"), ("text", b"Good colour, but the seal was loose.")];

pub(crate) fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(40, 30).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn from_the_form_to_the_answer_on_the_receipt() {
    let house = house().await;
    let form = house.get(&format!("/feedback{ITEM}"), "").await;
    assert_eq!(form.status, StatusCode::OK);
    for part in [
        "name=\"rating\"",
        "name=\"topic\"",
        "name=\"text\"",
        "name=\"photo\"",
        "name=\"contact\"",
        "enctype=\"multipart/form-data\"",
        "Wutong Road",
    ] {
        assert!(form.text().contains(part), "{part}");
    }
    let sent = house.comment(ITEM, &GOOD, &[("a.png", &png()), ("", b"")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let address = sent.to().to_owned();
    assert!(address.starts_with("/receipt/") && address.len() == 9 + 26, "{address}");
    let receipt = house.get(&address, "").await;
    assert_eq!(receipt.status, StatusCode::OK);
    assert_eq!(receipt.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(receipt.headers["x-robots-tag"], "noindex, nofollow");
    assert!(receipt.text().contains("the seal was loose") && receipt.text().contains("this receipt stands in the ledger"));
    // The brand reads it, and answers.
    let brand = house.signed_in("talanuur").await;
    let list = house.get("/console/comments", &brand).await.text();
    let id = list.split("/console/comments/").nth(1).unwrap()[..32].to_owned();
    house.later(60_000);
    let open = house.get(&format!("/console/comments/{id}"), &brand).await;
    assert!(open.text().contains("the seal was loose") && open.text().contains("1 photo"), "{}", open.text());
    let photo = house.get(&format!("/console/comments/{id}/photos/0"), &brand).await;
    assert_eq!((photo.status, &photo.bytes[..3]), (StatusCode::OK, &b"\xff\xd8\xff"[..]));
    let answer = house.post(&format!("/console/comments/{id}/answer"), &brand, &[("text", "We will tighten the sealing.")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let receipt = house.get(&address, "").await.text();
    assert!(receipt.contains("We will tighten the sealing.") && receipt.contains("Seen by Talanuur"));
    // Closed and open again; an empty answer comes back.
    for (step, word) in [("close", "closed"), ("reopen", "answered"), ("hold", "held"), ("release", "answered")] {
        let done = house.post(&format!("/console/comments/{id}/{step}"), &brand, &[("reason", "abuse")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        let row = house.desk.engine.index().comment(&id).unwrap().unwrap();
        assert_eq!(standing(&row, Some(Side::Brand), START_MS).state().value(), word, "{step}");
    }
    let empty = house.post(&format!("/console/comments/{id}/answer"), &brand, &[("text", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_faulty_form_comes_back_whole() {
    let house = house().await;
    let fields: [(&str, &[u8]); 4] = [("rating", b"9"), ("topic", b"taste"), ("text", b"<b>& \"words\"</b>"), ("contact", b"a@b.example")];
    let back = house.comment(ITEM, &fields, &[("a.png", &png()), ("b.txt", b"no picture")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = back.text();
    assert!(page.contains("Choose one of the five.") && page.contains("Photo 2 is no JPEG"), "{page}");
    assert!(page.contains("&lt;b&gt;&amp; \"words\"&lt;/b&gt;") && page.contains("a@b.example"));
    assert!(page.contains("value=\"taste\" checked"), "{page}");
    // The good photo comes along in the next try.
    let kept = page.split("name=\"kept\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut fields = GOOD.to_vec();
    fields.push(("kept", kept.as_bytes()));
    let sent = house.comment(ITEM, &fields, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(house.get(sent.to(), "").await.text().contains("1 photo"));
}

pub(crate) const RESOLD: &str = "/01/06912345678902/21/R1";
pub(crate) const BOX: (&str, &[u8]) = ("seller", b"resale.example /414/6908888000010");

#[tokio::test]
async fn a_seller_that_nobody_named_gets_a_letter_only_where_its_box_was_ticked() {
    let house = house().await;
    let form = house.get(&format!("/feedback{RESOLD}"), "").await.text();
    assert!(form.contains("Second Life Goods") && form.contains("the owner of this number did not name it"), "{form}");
    let offered = form.split("<input").find(|input| input.contains("name=\"seller\"")).unwrap();
    assert!(!offered.split('>').next().unwrap().contains("checked"), "nothing is ticked for anybody: {offered}");
    assert!(!house.get(&format!("/feedback{ITEM}"), "").await.text().contains("name=\"seller\""));
    // Whom the form did not offer gets nothing: on another item, at another place, another member, or after its role was taken back.
    for (item, to) in [
        (ITEM, BOX.1),
        (RESOLD, &b"resale.example /414/6901234000016"[..]),
        (RESOLD, b"other.example /414/6908888000010"),
        (RESOLD, b"resale.example"),
    ] {
        let back = house.comment(item, &[GOOD[0], GOOD[1], GOOD[2], ("seller", to)], &[]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(back.text().contains("not one that this form offers") && back.text().contains("the seal was loose"), "{}", back.text());
    }
    let reads = async |who: &str| house.get("/console/comments", &house.signed_in(who).await).await.text();
    assert_eq!(house.comment(RESOLD, &GOOD, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!reads("resale").await.contains("the seal was loose"), "not ticked");
    let sent = house.comment(RESOLD, &[GOOD[0], GOOD[1], ("text", b"Bought it used."), ("contact", b"me@b.example"), BOX], &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let id = row_at(&house, sent.to()).comment.id;
    let letter = format!("/console/comments/{id}");
    for (who, sees, reach) in [("talanuur", true, true), ("resale", true, false), ("wutong", true, false), ("other", false, false)] {
        let cookie = house.signed_in(who).await;
        let page = house.get(&letter, &cookie).await.text();
        assert_eq!((page.contains("Bought it used."), page.contains("me@b.example")), (sees, reach), "{who}: {page}");
    }
    // What it does with the letter, it does for itself.
    let (brand, seller) = (house.signed_in("talanuur").await, house.signed_in("resale").await);
    house.post(&format!("{letter}/answer"), &brand, &[("text", "For the writer alone.")]).await;
    let own = house.get(&letter, &seller).await.text();
    assert!(!own.contains("For the writer alone.") && !own.contains("Wutong"), "{own}");
    // Nor does it learn by asking to which store the letter went.
    let asked = house.get(&format!("/console/comments?store={WUTONG}"), &seller).await.text();
    assert!(!asked.contains("Bought it used.") && !asked.contains("Wutong"), "{asked}");
    let second = house.comment(RESOLD, &[GOOD[0], GOOD[1], ("text", b"A second one."), BOX], &[]).await;
    let second_letter = format!("/console/comments/{}", row_at(&house, second.to()).comment.id);
    for _ in 0..trace::feedback::limits::ANSWERS_MAX {
        let answer = house.post(&format!("{second_letter}/answer"), &seller, &[("text", "Send it to us.")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(house.post(&format!("{second_letter}/answer"), &seller, &[("text", "more")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for step in ["hold", "close"] {
        assert_eq!(house.post(&format!("{second_letter}/{step}"), &seller, &[("reason", "off-topic")]).await.status, StatusCode::SEE_OTHER);
    }
    let open = house.get("/console/comments?view=to-do", &brand).await.text();
    assert!(open.contains("A second one."), "open for the brand, and its words in the list: {open}");
    let receipt = house.get(second.to(), "").await.text();
    assert!(receipt.contains("Second Life Goods, not named by the owner of this number") && !receipt.contains("Closed"), "{receipt}");
    assert_eq!(house.post(&format!("{second_letter}/answer"), &brand, &[("text", "Ours.")]).await.status, StatusCode::SEE_OTHER);
}

/// Photos are kept though their letter is held, so a script could fill the disk with them.
#[tokio::test]
async fn photos_of_one_network_are_so_many_an_hour() {
    use trace::feedback::limits::{PHOTOS_MAX, PHOTOS_PER_NETWORK_AN_HOUR};
    let house = house().await;
    let photos: Vec<(&str, &[u8])> =
        [("a.png", png()), ("b.png", png()), ("c.png", png())].map(|(name, bytes)| (name, &*bytes.leak())).to_vec();
    for n in 0..PHOTOS_PER_NETWORK_AN_HOUR as usize / PHOTOS_MAX {
        assert_eq!(house.comment(&format!("/01/06912345678902/21/P{n}"), &GOOD, &photos).await.status, StatusCode::SEE_OTHER);
    }
    let over = house.comment(ITEM, &GOOD, &photos).await;
    assert_eq!(over.status, StatusCode::TOO_MANY_REQUESTS);
    let form = over.text();
    assert!(form.contains("Very many photos came from your network") && form.contains(std::str::from_utf8(GOOD[2].1).unwrap()), "{form}");
    assert_eq!(house.comment(ITEM, &GOOD, &[]).await.status, StatusCode::SEE_OTHER, "words alone are taken");
    house.later(3_600_000);
    assert_eq!(house.comment(ITEM, &GOOD, &photos).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_seller_that_nobody_named_releases_nothing_into_the_ledger() {
    let house = house().await;
    let form = [GOOD[0], GOOD[1], GOOD[2], BOX];
    for _ in 0..trace::feedback::limits::PER_ITEM_A_DAY {
        assert_eq!(house.comment(RESOLD, &form, &[]).await.status, StatusCode::SEE_OTHER);
        house.later(600_000);
    }
    let over = house.comment(RESOLD, &form, &[]).await;
    let (size, id) = (house.desk.engine.view().size(), row_at(&house, over.to()).comment.id);
    let seller = house.signed_in("resale").await;
    let release = format!("/console/comments/{id}/release");
    assert_eq!(house.post(&release, &seller, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.desk.engine.view().size(), size, "no entry");
    assert!(house.get(over.to(), "").await.text().contains("held until a person has looked at it"));
    assert!(house.get("/console/comments?view=to-do", &seller).await.text().contains(&id), "for itself it did");
    house.post(&release, &house.signed_in("talanuur").await, &[]).await;
    assert!(house.get(over.to(), "").await.text().contains("this receipt stands in the ledger"));
}

#[tokio::test]
async fn a_store_that_holds_or_closes_hides_nothing_from_the_brand() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let (brand, store) = (house.signed_in("talanuur").await, house.signed_in("wutong").await);
    for step in ["hold", "close"] {
        assert_eq!(house.post(&format!("{letter}/{step}"), &store, &[("reason", "legal")]).await.status, StatusCode::SEE_OTHER);
    }
    assert!(house.get("/console/comments?state=held", &store).await.text().contains("<li class=\"row"));
    assert!(house.get("/console/comments?view=to-do", &brand).await.text().contains("the seal was loose"));
    let closed = |page: &str| page.contains("<b>Closed</b>");
    assert!(!closed(&house.get(sent.to(), "").await.text()), "not before all whom it went to closed it");
    house.post(&format!("{letter}/close"), &brand, &[]).await;
    assert!(closed(&house.get(sent.to(), "").await.text()));
}

#[tokio::test]
async fn a_letter_goes_nowhere_that_its_form_did_not_name() {
    let house = house().await;
    let key = &house.desk.form_key;
    let before = started::sign(key, ITEM, "talanuur.example\n/414/6901234000023 pinglu.example", house.now.load(Ordering::SeqCst));
    house.later(5_000);
    let form = |started| [("rating", "4"), ("topic", "taste"), ("text", "to the other shop"), ("started", started)];
    let back = house.post(&format!("/feedback{ITEM}"), "", &form(&before)).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("whom it goes to has changed") && back.text().contains("to the other shop"), "{}", back.text());
    let now = back.text().split("name=\"started\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    house.later(5_000);
    assert_eq!(house.post(&format!("/feedback{ITEM}"), "", &form(&now)).await.status, StatusCode::SEE_OTHER);
}

/// The record by which a store received the item stays; what it gets by that ends with the permission, by its time or by the owner's word.
#[tokio::test]
async fn a_store_whose_permission_ended_gets_no_more_letters() {
    for by_time in [true, false] {
        let house = house().await;
        permit(&house, right::STORE, if by_time { START_MS + 60_000 } else { u64::MAX }).await;
        let path = format!("/feedback{ITEM}");
        assert!(house.get(&path, "").await.text().contains("Wutong Road"));
        let before = house.started(ITEM);
        if by_time {
            house.later(60_001);
        } else {
            permit(&house, 0, u64::MAX).await;
            house.later(5_000);
        }
        assert!(!house.get(&path, "").await.text().contains("Wutong Road"), "the form does not name it");
        let form = |started| [("rating", "4"), ("topic", "taste"), ("text", "for the brand alone"), ("started", started)];
        let back = house.post(&path, "", &form(&before)).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(back.text().contains("whom it goes to has changed"), "{}", back.text());
        let now = back.text().split("name=\"started\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        house.later(5_000);
        let sent = house.post(&path, "", &form(&now)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        assert_eq!(row_at(&house, sent.to()).comment.store, None);
        for (who, sees) in [("talanuur", true), ("wutong", false)] {
            let list = house.get("/console/comments", &house.signed_in(who).await).await.text();
            assert_eq!(list.contains("for the brand alone"), sees, "{who}");
        }
        // Whoever hands a page of before to the desk gets no further.
        let name = Name::from_digital_link_path(ITEM).unwrap();
        let draft = letters::Draft {
            form: None,
            page: &page_of(&name).unwrap(),
            brand: None,
            seller: None,
            rating: trace::feedback::Rating::ALL[0],
            topic: trace::feedback::Topic::Taste,
            text: trace::feedback::Text::parse("a page of before").unwrap(),
            contact: None,
            photos: Vec::new(),
            public: None,
            language: "en",
            at_ms: house.desk.engine.now_ms(),
        };
        letters::write(&house.desk.engine, draft, || Ok(None)).await.unwrap();
        assert_eq!(house.desk.engine.index().inbox("pinglu.example").count(), 0);
    }
}

/// A script that sends no form of ours, a made-up one or one of another item is told so; a person gets the words back, and sends again.
#[tokio::test]
async fn a_letter_without_a_form_of_its_item_comes_back_with_its_words() {
    let house = house().await;
    let of_another = house.started("/01/06912345678902/21/N1");
    let own = house.started(ITEM);
    let forged = format!("{}0", &own[..own.len() - 1]);
    let forged = if forged == own { format!("{}1", &own[..own.len() - 1]) } else { forged };
    house.later(5_000);
    for started in [None, Some(""), Some("x"), Some(of_another.as_str()), Some(forged.as_str())] {
        let mut form = vec![("rating", "4"), ("topic", "taste"), ("text", "these words stay"), ("contact", "me@b.example")];
        form.extend(started.map(|started| ("started", started)));
        let back = house.post(&format!("/feedback{ITEM}"), "", &form).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{started:?}");
        let page = back.text();
        assert!(page.contains("not made for this item") && page.contains("these words stay") && page.contains("me@b.example"), "{page}");
        assert!(house.desk.engine.index().inbox("talanuur.example").next().is_none(), "nothing is kept");
        // What comes back is a form of ours.
        let fresh = page.split("name=\"started\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(started::parse(&house.desk.form_key, ITEM, fresh).is_some());
    }
    let zh = house.post(&format!("/feedback{ITEM}?lang=zh"), "", &[("rating", "4"), ("topic", "taste"), ("text", "好")]).await;
    assert!(zh.text().contains("此表单不是为此商品生成的"), "{}", zh.text());
}

#[tokio::test]
async fn every_rule_names_its_field() {
    let house = house().await;
    let long = "x".repeat(1_001);
    for (field, value, said) in [
        ("rating", "", "Choose one of the five."),
        ("topic", "praise", "Choose what it is about."),
        ("text", " ", "Nothing is written here yet."),
        ("text", long.as_str(), "1001 characters. At most 1000 fit"),
        ("contact", long.as_str(), "At most 120 fit here."),
        ("website", "http://spam", "This field is a trap"),
    ] {
        let mut fields: Vec<(&str, &[u8])> = GOOD.iter().copied().filter(|(name, _)| *name != field).collect();
        fields.push((field, value.as_bytes()));
        let back = house.comment(ITEM, &fields, &[]).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(back.text().contains(said) && back.text().contains(&format!("id=\"e-{field}\"")), "{field}: {}", back.text());
    }
    let wrong = house.comment("/01/06912345678903/21/A?lang=zh", &GOOD, &[]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(
        wrong.text().contains("应为") && !wrong.text().contains("check digit"),
        "what is wrong, in the reader's language: {}",
        wrong.text()
    );
    assert_eq!(house.comment("/01/09506000134352/21/A", &GOOD, &[]).await.status, StatusCode::NOT_FOUND);
    assert!(house.desk.engine.index().inbox("talanuur.example").next().is_none(), "nothing of this was kept");
}

#[tokio::test]
async fn suspicion_holds_and_never_refuses() {
    let house = house().await;
    let state = |to: &str| {
        let token = trace::feedback::Token::parse(&to[9..]).unwrap();
        let id = house.desk.engine.index().receipt(&ledger::Hash(token.stored())).unwrap().unwrap();
        standing(&house.desk.engine.index().comment(&id).unwrap().unwrap(), None, START_MS).held
    };
    use trace::feedback::HoldReason::{Network, PhoneNumber, Quick};
    let phone = [GOOD[0], GOOD[1], ("text", &b"call 13800138000"[..])];
    assert_eq!(state(house.comment(ITEM, &phone, &[]).await.to()), Some(PhoneNumber));
    let at_once = house.started(ITEM);
    let form = [("rating", "4"), ("topic", "taste"), ("text", "at once"), ("started", &at_once)];
    assert_eq!(state(house.post(&format!("/feedback{ITEM}"), "", &form).await.to()), Some(Quick));
    // One that was open for longer than days is no less kept.
    let long_ago = house.started(ITEM);
    house.later(trace::feedback::limits::WRITING_MS_MAX + 1);
    let form = [("rating", "4"), ("topic", "taste"), ("text", "opened long ago"), ("started", &long_ago)];
    let logged = house.post(&format!("/feedback{ITEM}"), "", &form).await;
    assert_eq!(state(logged.to()), Some(Quick));
    assert!(house.get(logged.to(), "").await.text().contains("this receipt stands in the ledger"), "suspicion alone keeps no entry back");
    let mut held = 0;
    for n in 0..25 {
        let sent = house.comment(&format!("/01/06912345678902/21/N{n}"), &GOOD, &[]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "a shop's network is one address");
        held += u32::from(state(sent.to()) == Some(Network));
    }
    assert_eq!(held, 25 + 1 - trace::feedback::limits::PER_NETWORK_AN_HOUR);
}

#[tokio::test]
async fn far_too_many_go_back_to_their_writers_with_their_words() {
    use trace::feedback::limits::{HELD_PER_DESK_A_DAY, PER_NETWORK_AN_HOUR, TAKEN_PER_NETWORK_AN_HOUR};
    let house = house().await;
    // Five seconds pass with each letter, so all stay within two hours; each code is written about once.
    let hour_ms = 3_600_000;
    house.later(hour_ms - START_MS % hour_ms);
    let item = |n: u32| format!("/01/06912345678902/21/N{n}");
    for n in 0..TAKEN_PER_NETWORK_AN_HOUR {
        assert_eq!(house.comment(&item(n), &GOOD, &[]).await.status, StatusCode::SEE_OTHER);
    }
    let words = [GOOD[0], GOOD[1], ("text", &b"what I had to say"[..])];
    let back = house.comment(&item(1_000), &words, &[]).await;
    assert_eq!(back.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(back.text().contains("what I had to say") && back.text().contains("send them again in an hour"), "{}", back.text());
    // What is held presses no mean.
    let account = crate::session::accounts::Account::of(house.desk.engine.index().user("talanuur").unwrap().unwrap()).unwrap();
    let day = u32::try_from(house.desk.engine.now_ms() / base::clock::DAY_MS).unwrap();
    let figures = crate::figures::read(&house.desk.engine, &account, crate::figures::Range { from: day, to: day }).unwrap();
    let sums = figures.by(|_| ());
    assert_eq!((sums[&()].letters, sums[&()].rated), (u64::from(TAKEN_PER_NETWORK_AN_HOUR), u64::from(PER_NETWORK_AN_HOUR)));
    house.later(hour_ms);
    // A desk has had enough of those that are held; of the others it has not.
    while house.desk.holds_more("talanuur.example", house.desk.engine.now_ms()) {}
    for n in 0..PER_NETWORK_AN_HOUR {
        assert_eq!(house.comment(&item(2_000 + n), &GOOD, &[]).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(house.comment(&item(3_000), &GOOD, &[]).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Nor is a code that others wrote much about closed to anybody.
    house.later(hour_ms);
    while house.desk.holds_more("talanuur.example", house.desk.engine.now_ms()) {}
    while house.desk.nth_today(&item(4_000), house.desk.engine.now_ms()) <= trace::feedback::limits::PER_ITEM_A_DAY {}
    assert_eq!(house.comment(&item(4_000), &GOOD, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(HELD_PER_DESK_A_DAY > TAKEN_PER_NETWORK_AN_HOUR as usize, "no one network fills a desk's day");
}

pub(crate) fn row_at(house: &House, to: &str) -> store::rows::CommentRow {
    let token = trace::feedback::Token::parse(&to[9..]).unwrap();
    let id = house.desk.engine.index().receipt(&ledger::Hash(token.stored())).unwrap().unwrap();
    house.desk.engine.index().comment(&id).unwrap().unwrap()
}

#[tokio::test]
async fn what_is_over_a_codes_quota_is_held_without_an_entry_until_it_is_released() {
    use trace::feedback::limits::{HELD_ENTRIES_AN_HOUR, PER_ITEM_A_DAY};
    let house = house().await;
    let size = || house.desk.engine.view().size();
    for _ in 0..PER_ITEM_A_DAY {
        assert_eq!(house.comment(ITEM, &GOOD, &[]).await.status, StatusCode::SEE_OTHER);
        house.later(600_000);
    }
    let before = size();
    let mut over = Vec::new();
    for _ in 0..HELD_ENTRIES_AN_HOUR + 2 {
        let sent = house.comment(ITEM, &GOOD, &[]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "nobody is refused");
        over.push(sent.to().to_owned());
        house.later(600_000);
    }
    assert_eq!(size(), before, "no entry for what is too much");
    let first = row_at(&house, &over[0]);
    assert_eq!(standing(&first, None, START_MS).held, Some(trace::feedback::HoldReason::Code));
    let receipt = house.get(&over[0], "").await.text();
    assert!(receipt.contains("held until a person has looked at it") && !receipt.contains("stands in the ledger"), "{receipt}");
    let brand = house.signed_in("talanuur").await;
    house.post(&format!("/console/comments/{}/release", first.comment.id), &brand, &[]).await;
    assert!(house.get(&over[0], "").await.text().contains("this receipt stands in the ledger"));
    // Those that nobody looks at get theirs some at a time.
    let logged = || {
        over.iter()
            .filter(|to| letters::logged(&house.desk.engine, &house.desk.engine.view(), &row_at(&house, to)).unwrap().is_some())
            .count()
    };
    assert_eq!(logged(), 1);
    letters::sweep(&house.desk.engine).await.unwrap();
    assert_eq!(logged(), 1 + HELD_ENTRIES_AN_HOUR);
    letters::sweep(&house.desk.engine).await.unwrap();
    assert_eq!(logged(), over.len());
}

#[tokio::test]
async fn a_form_is_good_for_one_comment() {
    let house = house().await;
    let started = house.started(ITEM);
    house.later(5_000);
    let path = format!("/feedback{ITEM}");
    let post = async |text| {
        let form = [("rating", "4"), ("topic", "taste"), ("text", text), ("started", started.as_str())];
        house.post(&path, "", &form).await
    };
    let (first, second) = tokio::join!(post("sent twice"), post("sent twice"));
    assert_eq!((first.status, second.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(first.to(), second.to(), "the same receipt");
    assert_eq!(house.desk.engine.index().inbox("talanuur.example").count(), 1);
    // Other words with a form that was sent come back with a form that was not.
    let again = post("other words").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text().contains("other words") && again.text().contains("sent once already"), "{}", again.text());
    let fresh = again.text().split("name=\"started\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    house.later(5_000);
    let form = [("rating", "4"), ("topic", "taste"), ("text", "other words"), ("started", &fresh)];
    let third = house.post(&path, "", &form).await;
    assert!(third.status == StatusCode::SEE_OTHER && third.to() != first.to());
    // A script on one form uses up nothing of the code's quota.
    for _ in 0..50 {
        post("spam").await;
    }
    assert_eq!(standing(&row_at(&house, house.comment(ITEM, &GOOD, &[]).await.to()), None, START_MS).held, None);
}

#[tokio::test]
async fn erased_words_are_nowhere_in_the_data_folder() {
    let house = house().await;
    let secret = "unmistakable-sentence-4711";
    let fields = [GOOD[0], GOOD[1], ("text", secret.as_bytes()), ("contact", &b"writer-0815@b.example"[..])];
    let sent = house.comment(ITEM, &fields, &[("a.png", &png())]).await;
    let erase = house.post(&format!("{}/erase", sent.to()), "", &[]).await;
    assert_eq!(erase.status, StatusCode::SEE_OTHER);
    let receipt = house.get(sent.to(), "").await.text();
    assert!(receipt.contains("You erased your words") && !receipt.contains(secret));
    assert!(receipt.contains("this receipt stands in the ledger"), "its place in the ledger stays");
    house.desk.engine.index().keeper().flush().unwrap();
    assert!(house.on_disk(b"talanuur.example"), "the search finds what is there");
    assert!(!house.on_disk(secret.as_bytes()) && !house.on_disk(b"writer-0815"));
}

#[tokio::test]
async fn a_contact_ends_thirty_days_after_the_answer() {
    let house = house().await;
    let fields = [GOOD[0], GOOD[1], GOOD[2], ("contact", &b"a@b.example"[..])];
    house.comment(ITEM, &fields, &[]).await;
    let engine = &house.desk.engine;
    let contact = || {
        let row = engine.index().inbox("talanuur.example").next().unwrap().unwrap();
        letters::load(engine, &row, None).unwrap().contact
    };
    let id = engine.index().inbox("talanuur.example").next().unwrap().unwrap().comment.id;
    let text = trace::feedback::AnswerText::parse("yes").unwrap();
    handling::answer(engine, &id, text, handling::By::account("talanuur", Side::Brand), None).await.unwrap();
    house.later(29 * base::clock::DAY_MS);
    letters::sweep(engine).await.unwrap();
    assert_eq!(contact().as_deref(), Some("a@b.example"));
    house.later(2 * base::clock::DAY_MS);
    letters::sweep(engine).await.unwrap();
    assert_eq!(contact(), None);
}

#[tokio::test]
async fn a_wrong_address_opens_nothing_and_no_other_site_may_post() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let mut other = sent.to().to_owned();
    let last = other.pop().unwrap();
    other.push(if last == '0' { '1' } else { '0' });
    assert_eq!(house.get(&other, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/receipt/x", "").await.status, StatusCode::NOT_FOUND);
    let request = Request::post(format!("{}/erase", sent.to())).header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    assert_eq!(house.ask(request).await.status, StatusCode::FORBIDDEN);
    assert!(house.get(sent.to(), "").await.text().contains("the seal was loose"));
}

#[tokio::test]
async fn a_restart_keeps_every_acknowledged_comment() {
    let House { desk, now, folder } = house().await;
    let first = House { desk, now, folder };
    let sent = first.comment(ITEM, &GOOD, &[]).await;
    let to = sent.to().to_owned();
    let House { desk, now, folder } = first;
    drop(desk);
    let again = House { desk: opened(&folder, &now), now, folder };
    assert!(again.get(&to, "").await.text().contains("the seal was loose"));
}

#[tokio::test]
async fn stalled_photos_leave_room_for_words() {
    let house = house().await;
    let all = house.desk.uploads.available_permits() as u32;
    let _stalled = std::sync::Arc::clone(&house.desk.uploads).try_acquire_many_owned(all).unwrap();
    let photo = house.comment(ITEM, &GOOD, &[("a.png", &png())]).await;
    assert_eq!(photo.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(photo.text().contains("the seal was loose"), "the words come back");
    assert_eq!(house.comment(ITEM, &GOOD, &[]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_that_stops_coming_comes_back_with_what_came() {
    let house = house().await;
    let body = "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nHalf of it arrived.\r\n--b\r\nContent-Disposition: form-data; name=\"to";
    let request =
        Request::post(format!("/feedback{ITEM}")).header("content-type", "multipart/form-data; boundary=b").body(Body::from(body)).unwrap();
    let back = house.ask(request).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text().contains("Half of it arrived.") && back.text().contains("Sending stopped before"), "{}", back.text());
    let long = "x".repeat(400_000);
    assert_eq!(house.post(&format!("/feedback{ITEM}"), "", &[("text", &long)]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn photos_beyond_the_third_are_counted_and_not_looked_at() {
    let house = house().await;
    let good = png();
    let mut photos = vec![("a.png", good.as_slice()); 3];
    photos.extend([("b.png", &b"damaged, and nobody looks"[..]); 5]);
    let back = house.comment(ITEM, &GOOD, &photos).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = back.text();
    assert!(page.contains("At most 3 photos.") && !page.contains("no JPEG"), "{page}");
    assert_eq!(page.matches("name=\"kept\"").count(), 3);
    // A hundred thousand parts get the answer of a few.
    let many = vec![("a", &b"x"[..]); 100_000];
    let back = house.comment(ITEM, &[], &many).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.bytes.len() < 100_000 && back.text().contains("At most 3 photos."), "{}", back.bytes.len());
}
