//! Alerts over HTTP, from a letter to a webhook and a mailbox of this test.

use axum::http::StatusCode;
use store::record::outgoing::RuleKind;

use super::persons::add_mail;
use super::rules::{ALERT_FAKES, ALERT_NAMED, ALERT_RATINGS, look};
use super::*;
use crate::epcis::subscriptions;
use crate::feedback::tests::{House, ITEM, house, opened};
use crate::outbox::Outbox;
use crate::outbox::settings::{Outgoing as Settings, SmtpTls};
use crate::outbox::sinks::{MailSink, Sink};
use crate::outbox::webhook::{secret_bytes, signature};
use crate::serve::outgoing;
use base::clock::DAY_MS;
use ledger::Hash;

/// A house with a post office.
struct Told {
    house: House,
    outbox: Outbox,
    hook: Sink,
    mail: MailSink,
}

async fn told() -> Told {
    let (house, hook, mail) = (house().await, Sink::new(&["200 OK"]), MailSink::new("250 fine"));
    let outbox = office(&house.desk.engine, mail.port);
    Told { house, outbox, hook, mail }
}

fn office(engine: &Engine, port: u16) -> Outbox {
    let settings = Settings {
        allow_local_webhooks: true,
        smtp_host: Some("127.0.0.1".into()),
        smtp_port: Some(port),
        smtp_tls: SmtpTls::None,
        smtp_from: Some("alerts@leaf.test".into()),
        ..Settings::default()
    };
    outgoing::outbox(&settings, engine, "http://leaf.test").unwrap()
}

/// What stands between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {text}")).split(after).next().unwrap()
}

impl Told {
    /// Rules look, and all that is due is sent, in so many rounds as it takes.
    async fn turn(&self) {
        look(&self.house.desk.engine).await.unwrap();
        loop {
            let started = self.outbox.start_due().unwrap();
            if started.is_empty() {
                return;
            }
            for one in started {
                one.await.unwrap();
            }
        }
    }

    /// Adds the program's address; gives its id and secret.
    async fn webhook(&self, cookie: &str) -> (String, String) {
        let shown = self.house.post("/console/alerts/webhooks", cookie, &[("url", &format!("{}/hook", self.hook.url))]).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
        let page = shown.text();
        let id = between(&page, "/console/alerts/addresses/", "\"").to_owned();
        (id, between(&page, "<code>whsec_", "<").to_owned())
    }

    async fn rule(&self, cookie: &str, kind: &str, minutes: &str, to: &[&str]) {
        let mut form = vec![("id", ""), ("kind", kind), ("minutes", minutes)];
        form.extend(to.iter().map(|id| ("to", *id)));
        let kept = self.house.post("/console/alerts/rules", cookie, &form).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text());
    }

    async fn letter(&self, item: &str, rating: &str, topic: &str, text: &str) -> String {
        let fields = [
            ("rating", rating.as_bytes()),
            ("topic", topic.as_bytes()),
            ("text", text.as_bytes()),
            ("contact", b"mei@home.example".as_slice()),
        ];
        let sent = self.house.comment(item, &fields, &[]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        crate::feedback::tests::row_at(&self.house, sent.to()).comment.id
    }

    /// Adds a person's address and says yes for it; gives its link.
    async fn person(&self, cookie: &str, address: &str, language: &str) -> String {
        let asked = self.house.post("/console/alerts/mail", cookie, &[("address", address), ("language", language)]).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
        self.turn().await;
        let mail = self.mail.came().pop().unwrap();
        let link = format!("/alerts/mail/{}", between(&mail, "List-Unsubscribe: <http://leaf.test/alerts/mail/", ">"));
        assert_eq!(self.house.post(&link, "", &[("answer", "yes")]).await.status, StatusCode::SEE_OTHER);
        link
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_letter_to_a_program_and_a_person() {
    let told = told().await;
    let brand = told.house.signed_in("talanuur").await;
    let (hook, secret) = told.webhook(&brand).await;
    let link = told.person(&brand, "mei@brand.example", "zh").await;
    let mail = link.split('/').nth(3).unwrap().to_owned();
    told.rule(&brand, "illness", "60", &[&hook, &mail]).await;
    told.letter(ITEM, "5", "taste", "We will buy it again").await;
    told.turn().await;
    assert!(told.hook.came().is_empty() && told.mail.came().is_empty(), "nobody is ill");
    let id = told.letter(ITEM, "1", "taste", "My son vomited zqwords all night").await;
    told.turn().await;
    let came = told.hook.came();
    let [one] = came.as_slice() else { panic!("{came:?}") };
    let key = secret_bytes(&format!("whsec_{secret}")).unwrap();
    let stamp = one.header("webhook-timestamp").parse().unwrap();
    assert_eq!(one.header("webhook-signature"), signature(&key, one.header("webhook-id"), stamp, &one.body));
    let said = one.json();
    assert_eq!((said["type"].as_str(), said["data"]["count"].as_u64()), (Some("letters.illness"), Some(1)));
    assert_eq!(said["data"]["letters"][0]["link"], format!("http://leaf.test/console/comments/{id}"));
    assert_eq!(said["data"]["letters"][0]["lot"], "2611-044");
    let mails = told.mail.came();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    for part in [
        "RCPT TO:<mei@brand.example>",
        "1条留言提到身体不适",
        "Grassland beef ribeye，批次2611-044",
        &format!("http://leaf.test/console/comments/{id}"),
        &link,
    ] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    for message in [String::from_utf8_lossy(&one.body).into_owned(), mail.clone()] {
        assert!(!message.contains("zqwords") && !message.contains("home.example") && !message.contains("vomit"), "{message}");
    }
    // It says so once.
    told.turn().await;
    assert!(told.hook.came().is_empty() && told.mail.came().is_empty());
    let log = told.house.get(&format!("/console/alerts/addresses/{hook}"), &brand).await.text();
    assert!(log.contains("1 letter that names illness") && log.contains("Arrived") && log.contains("HTTP 200"), "{log}");
    // Who wants nothing more gets nothing more.
    told.house.post(&link, "", &[("answer", "no")]).await;
    told.house.later(3_600_000);
    told.letter(ITEM, "1", "taste", "I was sick too").await;
    told.turn().await;
    assert_eq!((told.hook.came().len(), told.mail.came().len()), (1, 0));
    assert!(told.house.get("/console/alerts", &brand).await.text().contains("It wants nothing more from here"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_letters_make_one_message_and_all_are_counted() {
    let told = told().await;
    let brand = told.house.signed_in("talanuur").await;
    let (hook, _) = told.webhook(&brand).await;
    told.rule(&brand, "letter", "60", &[&hook]).await;
    let mut numbers = Vec::new();
    for n in 0..ALERT_NAMED + 6 {
        told.letter(&format!("/01/06912345678902/21/N{n}"), "4", "taste", &format!("letter {n}")).await;
        told.turn().await;
        numbers.extend(told.hook.came().iter().map(|one| one.json()["data"]["count"].as_u64().unwrap()));
    }
    assert_eq!(numbers, [1], "the first at once");
    told.house.later(3_600_000);
    told.turn().await;
    let came = told.hook.came();
    let [one] = came.as_slice() else { panic!("{came:?}") };
    let data = &one.json()["data"];
    assert_eq!(
        (data["count"].as_u64(), data["letters"].as_array().unwrap().len(), data["more"].as_u64()),
        (Some(15), ALERT_NAMED, Some(5))
    );
    told.house.later(3_600_000);
    told.turn().await;
    assert!(told.hook.came().is_empty(), "and nothing where nothing came");
}

#[tokio::test(flavor = "multi_thread")]
async fn suspected_fakes_are_told_from_the_third_of_one_lot_in_a_day() {
    let told = told().await;
    let brand = told.house.signed_in("talanuur").await;
    let (hook, _) = told.webhook(&brand).await;
    told.rule(&brand, "fakes", "5", &[&hook]).await;
    let letter = async |item: &str, topic: &str| {
        told.letter(item, "1", topic, "The print looks wrong").await;
        told.turn().await;
        told.hook.came().len()
    };
    assert_eq!(ALERT_FAKES, 3);
    assert_eq!(letter("/01/06912345678902/21/F1", "suspected-fake").await, 0);
    assert_eq!(letter("/01/06912345678902/21/F2", "packaging").await, 0);
    assert_eq!(letter("/01/06912345678919/21/F3", "suspected-fake").await, 0, "another product");
    assert_eq!(letter("/01/06912345678902/21/F4", "suspected-fake").await, 0);
    assert_eq!(letter("/01/06912345678902/21/F5", "suspected-fake").await, 1);
    told.house.later(2 * DAY_MS);
    assert_eq!(letter("/01/06912345678902/21/F6", "suspected-fake").await, 0, "two days later it is the first again");
    assert_eq!(letter("/01/06912345678902/21/F7", "suspected-fake").await, 0);
    assert_eq!(letter("/01/06912345678902/21/F8", "suspected-fake").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_ratings_are_told_when_they_become_bad() {
    let told = told().await;
    let brand = told.house.signed_in("talanuur").await;
    let (hook, _) = told.webhook(&brand).await;
    told.rule(&brand, "rating", "5", &[&hook]).await;
    let mut n = 0;
    let mut letter = async |rating: &str| {
        n += 1;
        told.letter(&format!("/01/06912345678902/21/A{n}"), rating, "taste", "So it was").await;
        told.house.later(600_000);
        told.turn().await;
        told.hook.came().iter().map(|one| one.json()["data"]["ratings"].clone()).collect::<Vec<_>>()
    };
    for _ in 1..ALERT_RATINGS {
        assert!(letter("2").await.is_empty(), "too few to say anything");
    }
    let first = letter("4").await;
    assert_eq!(first[0], serde_json::json!({"days": 7, "count": 5, "average": 2.4}));
    assert!(letter("1").await.is_empty(), "it stays bad");
    for _ in 0..3 {
        assert!(letter("5").await.is_empty());
    }
    assert_eq!(letter("1").await[0]["average"], 2.9, "they had become good, 28 of 9, and are bad again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_told_of_its_own_letters_alone() {
    let told = told().await;
    let (brand, store, elsewhere) =
        (told.house.signed_in("talanuur").await, told.house.signed_in("wutong").await, told.house.signed_in("lianhe").await);
    let (hook, _) = told.webhook(&store).await;
    told.rule(&store, "letter", "5", &[&hook]).await;
    told.letter("/01/06912345678902", "4", "taste", "about the product, to the brand alone").await;
    told.turn().await;
    assert!(told.hook.came().is_empty());
    told.letter(ITEM, "4", "taste", "bought here").await;
    told.turn().await;
    assert_eq!(told.hook.came().len(), 1);
    for other in [&brand, &elsewhere] {
        assert!(!told.house.get("/console/alerts", other).await.text().contains(&hook));
    }
    for nobody in ["staff", "operator"] {
        let cookie = told.house.signed_in(nobody).await;
        assert_eq!(told.house.get("/console/alerts", &cookie).await.status, StatusCode::FORBIDDEN, "{nobody}");
        let refused = told.house.post("/console/alerts/webhooks", &cookie, &[("url", "https://example.com/")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{nobody}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_anothers_is_not_there() {
    let told = told().await;
    let (brand, other) = (told.house.signed_in("talanuur").await, told.house.signed_in("other").await);
    let (hook, secret) = told.webhook(&brand).await;
    told.rule(&brand, "letter", "5", &[&hook]).await;
    told.letter(ITEM, "4", "taste", "hello").await;
    told.turn().await;
    let engine = &told.house.desk.engine;
    let rule = engine.index().rules("talanuur.example", None).unwrap()[0].rule.id.clone();
    let message = engine.index().log(&hook).unwrap().0[0].message.id.clone();
    let before = (engine.index().channel(&hook).unwrap(), engine.index().rule(&rule).unwrap(), engine.index().log(&hook).unwrap());
    for cookie in [other, told.house.signed_in("wutong").await] {
        for path in [
            format!("/console/alerts/rules/{rule}/remove"),
            format!("/console/alerts/addresses/{hook}/secret"),
            format!("/console/alerts/addresses/{hook}/test"),
            format!("/console/alerts/addresses/{hook}/ask"),
            format!("/console/alerts/addresses/{hook}/remove"),
            format!("/console/alerts/addresses/{hook}/sing"),
            format!("/console/alerts/messages/{message}/replay"),
        ] {
            let answer = told.house.post(&path, &cookie, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!answer.text().contains(&told.hook.url) && !answer.text().contains(&secret));
        }
        assert_eq!(told.house.get(&format!("/console/alerts/addresses/{hook}"), &cookie).await.status, StatusCode::NOT_FOUND);
        // A rule that names another's address tells nobody; another's rule is not changed.
        for (id, to) in [("", hook.as_str()), (rule.as_str(), hook.as_str())] {
            let form = [("id", id), ("kind", "letter"), ("minutes", "5"), ("to", to)];
            assert_eq!(told.house.post("/console/alerts/rules", &cookie, &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    assert_eq!(before, (engine.index().channel(&hook).unwrap(), engine.index().rule(&rule).unwrap(), engine.index().log(&hook).unwrap()));
    assert_eq!(told.house.get("/console/alerts", "").await.status, StatusCode::SEE_OTHER, "nobody without an account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_and_both_sign_while_it_changes() {
    let told = told().await;
    let brand = told.house.signed_in("talanuur").await;
    let (hook, first) = told.webhook(&brand).await;
    for path in ["/console/alerts".to_owned(), format!("/console/alerts/addresses/{hook}")] {
        assert!(!told.house.get(&path, &brand).await.text().contains(&first));
    }
    let rotated = told.house.post(&format!("/console/alerts/addresses/{hook}/secret"), &brand, &[]).await.text();
    let second = between(&rotated, "<code>whsec_", "<").to_owned();
    assert!(rotated.contains("signs as well for 24 hours") && first != second);
    let keys = [&second, &first].map(|secret| secret_bytes(&format!("whsec_{secret}")).unwrap());
    let signed = async || {
        told.house.post(&format!("/console/alerts/addresses/{hook}/test"), &brand, &[]).await;
        told.turn().await;
        let came = told.hook.came();
        let [one] = came.as_slice() else { panic!("{came:?}") };
        let stamp = one.header("webhook-timestamp").parse().unwrap();
        let expected: Vec<String> = keys.iter().map(|key| signature(key, one.header("webhook-id"), stamp, &one.body)).collect();
        one.header("webhook-signature").split(' ').map(|of| expected.iter().position(|known| known == of)).collect::<Vec<_>>()
    };
    assert_eq!(signed().await, [Some(0), Some(1)]);
    told.house.later(webhook::WEBHOOK_ROTATION_MS);
    let brand = told.house.signed_in("talanuur").await;
    told.house.post(&format!("/console/alerts/addresses/{hook}/test"), &brand, &[]).await;
    told.turn().await;
    assert_eq!(told.hook.came()[0].header("webhook-signature").split(' ').count(), 1, "the old one has ended");
    // Taken away, address and secrets are overwritten.
    assert!(told.house.on_disk(second.as_bytes()), "the check can fail");
    told.house.post(&format!("/console/alerts/addresses/{hook}/remove"), &brand, &[]).await;
    for gone in [&first, &second, &told.hook.url] {
        assert!(!told.house.on_disk(gone.as_bytes()), "{gone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_mails_strangers_through_this() {
    let told = told().await;
    let (brand, other) = (told.house.signed_in("talanuur").await, told.house.signed_in("other").await);
    let ask = async |cookie: &str, address: &str| {
        told.house.post("/console/alerts/mail", cookie, &[("address", address), ("language", "en")]).await
    };
    for wrong in ["", "mei", "a@b.example,c@d.example", "mei@brand.example\r\nBcc: x@y.example"] {
        let back = ask(&brand, wrong).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(back.text().contains("This is no mail address"));
    }
    assert_eq!(ask(&brand, "mei@brand.example").await.status, StatusCode::SEE_OTHER);
    told.turn().await;
    let mail = told.mail.came().pop().unwrap();
    let link = format!("/alerts/mail/{}", between(&mail, "List-Unsubscribe: <http://leaf.test/alerts/mail/", ">"));
    let id = link.split('/').nth(3).unwrap().to_owned();
    // It is told nothing before it says yes, and opening the link says nothing.
    told.rule(&brand, "letter", "5", &[&id]).await;
    assert!(told.house.get(&link, "").await.text().contains("Do you want that?"));
    told.letter(ITEM, "4", "taste", "hello").await;
    told.turn().await;
    assert_eq!(told.house.post(&format!("/console/alerts/addresses/{id}/test"), &brand, &[]).await.status, StatusCode::CONFLICT);
    told.turn().await;
    assert!(told.mail.came().is_empty());
    for wrong in [format!("/alerts/mail/{id}/{}", "0".repeat(32)), format!("/alerts/mail/{}/{}", "0".repeat(32), "0".repeat(32))] {
        assert_eq!(told.house.post(&wrong, "", &[("answer", "yes")]).await.status, StatusCode::NOT_FOUND);
    }
    // Asked over and over, by one or by two: three times a day.
    for _ in 1..MAIL_ASKED_A_DAY {
        assert_eq!(told.house.post(&format!("/console/alerts/addresses/{id}/ask"), &brand, &[]).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(told.house.post(&format!("/console/alerts/addresses/{id}/ask"), &brand, &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(ask(&other, "Mei@brand.example").await.status, StatusCode::UNPROCESSABLE_ENTITY, "in whatever letters");
    told.turn().await;
    assert_eq!(told.mail.came().len(), MAIL_ASKED_A_DAY - 1);
    // No is no for all, for long.
    told.house.post(&link, "", &[("answer", "no")]).await;
    assert!(told.house.get(&link, "").await.text().contains("Nothing more comes from"));
    told.house.later(2 * DAY_MS);
    let (brand, other) = (told.house.signed_in("talanuur").await, told.house.signed_in("other").await);
    assert_eq!(ask(&other, "mei@brand.example").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    told.house.post(&link, "", &[("answer", "yes")]).await;
    assert!(told.house.get(&link, "").await.text().contains("Nothing more comes from"), "nor does an old link undo it");
    // Different strangers: ten a day, whether or not the addresses are taken away again.
    let mut asked = 0;
    for n in 0..MAIL_ASKS_A_DAY + 2 {
        if ask(&brand, &format!("stranger{n}@home.example")).await.status == StatusCode::SEE_OTHER {
            asked += 1;
            let new = channels(&told.house.desk.engine, &account()).unwrap().pop().unwrap().row.channel.id;
            told.house.post(&format!("/console/alerts/addresses/{new}/remove"), &brand, &[]).await;
        }
    }
    assert_eq!(asked, MAIL_ASKS_A_DAY);
    // A link is good for a week.
    told.house.later(2 * DAY_MS);
    let brand = told.house.signed_in("talanuur").await;
    assert_eq!(ask(&brand, "late@brand.example").await.status, StatusCode::SEE_OTHER);
    told.turn().await;
    let late =
        format!("/alerts/mail/{}", between(&told.mail.came().pop().unwrap(), "List-Unsubscribe: <http://leaf.test/alerts/mail/", ">"));
    told.house.later(MAIL_CONFIRM_DAYS * DAY_MS);
    told.house.post(&late, "", &[("answer", "yes")]).await;
    assert!(told.house.get(&late, "").await.text().contains("no longer good"));
}

fn account() -> Account {
    Account {
        name: "talanuur".into(),
        password: String::new(),
        role: crate::session::accounts::Role::Owner,
        member: "talanuur.example".into(),
        location: None,
        display: Default::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_and_nothing_typed_is_lost() {
    let told = told().await;
    let brand = told.house.signed_in("talanuur").await;
    let back = told.house.post("/console/alerts/webhooks", &brand, &[("url", "ftp://typed.example/zq")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        back.text().contains("value=\"ftp://typed.example/zq\"") && back.text().contains("must begin with https://"),
        "{}",
        back.text()
    );
    let engine = &told.house.desk.engine;
    let closed = Ways { local: false, mail: false };
    for (url, fault) in [("https://127.0.0.1/", address::UrlFault::Local), ("http://example.com/", address::UrlFault::NotHttps)] {
        assert_eq!(add_webhook(engine, &account(), closed, url, "en").await.unwrap(), Err(NotDone::Url(fault)));
    }
    assert_eq!(add_mail(engine, &account(), closed, "mei@brand.example", "en").await.unwrap(), Err(NotDone::NoMailServer));
    let (hook, _) = told.webhook(&brand).await;
    let twice = told.house.post("/console/alerts/webhooks", &brand, &[("url", &format!("{}/hook", told.hook.url))]).await;
    assert!(twice.text().contains("here already"));
    let nobody = told.house.post("/console/alerts/rules", &brand, &[("id", ""), ("kind", "fakes"), ("minutes", "360")]).await;
    assert!(nobody.text().contains("Tick at least one address"));
    assert!(nobody.text().contains("<option value=\"fakes\" selected") && nobody.text().contains("<option value=\"360\" selected"));
    for (kind, minutes) in [("poetry", "5"), ("letter", "0"), ("letter", "4294967296")] {
        let form = [("id", ""), ("kind", kind), ("minutes", minutes), ("to", hook.as_str())];
        assert_eq!(told.house.post("/console/alerts/rules", &brand, &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(told.house.post(&format!("/console/alerts/addresses/{hook}/test"), &brand, &[]).await.status, StatusCode::SEE_OTHER);
    let soon = told.house.post(&format!("/console/alerts/addresses/{hook}/test"), &brand, &[]).await;
    assert!(soon.status == StatusCode::CONFLICT && soon.text().contains("Wait a minute"));
    for n in 1..ALERT_ADDRESSES {
        let url = format!("https://example.com/{n}");
        assert_eq!(told.house.post("/console/alerts/webhooks", &brand, &[("url", &url)]).await.status, StatusCode::OK);
    }
    let full = told.house.post("/console/alerts/webhooks", &brand, &[("url", "https://example.com/more")]).await;
    assert!(full.status == StatusCode::UNPROCESSABLE_ENTITY && full.text().contains("There are 10 addresses"));
    for _ in 0..ALERT_RULES {
        told.rule(&brand, "letter", "5", &[&hook]).await;
    }
    let form = [("id", ""), ("kind", "letter"), ("minutes", "5"), ("to", hook.as_str())];
    let full = told.house.post("/console/alerts/rules", &brand, &form).await;
    assert!(full.status == StatusCode::UNPROCESSABLE_ENTITY && full.text().contains("There are 20 rules"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_neither_loses_nor_doubles_an_alert() {
    let told = told().await;
    let brand = told.house.signed_in("talanuur").await;
    let (hook, _) = told.webhook(&brand).await;
    told.rule(&brand, "letter", "5", &[&hook]).await;
    told.letter(ITEM, "4", "taste", "before the crash").await;
    look(&told.house.desk.engine).await.unwrap();
    let Told { house, outbox, hook: sink, mail } = told;
    let House { desk, now, folder } = house;
    let waiting = desk.engine.index().log(&hook).unwrap().0[0].message.id.clone();
    drop((desk, outbox));
    std::fs::remove_dir_all(folder.path().join("index")).unwrap();
    let desk = opened(&folder, &now);
    let outbox = office(&desk.engine, mail.port);
    let told = Told { house: House { desk, now, folder }, outbox, hook: sink, mail };
    told.turn().await;
    told.turn().await;
    let came = told.hook.came();
    assert_eq!(came.iter().map(|one| one.header("webhook-id")).collect::<Vec<_>>(), [format!("msg_{waiting}")]);
    assert_eq!(came[0].json()["data"]["count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_for_a_member_sees_and_ends_what_programs_subscribed_to() {
    use store::record::outgoing::Subscription;
    let told = told().await;
    let engine = &told.house.desk.engine;
    let subscription = Subscription {
        id: random_id(),
        member: "talanuur.example".into(),
        query: "moved".into(),
        private: Some(Blob(0)),
        schedule: None,
        report_if_empty: false,
        from: 0,
        key: Fingerprint(Hash([7; 32])),
        since_ms: None,
        created_ms: engine.now_ms(),
    };
    let id = subscription.id.clone();
    let kept =
        serde_json::to_vec(&subscriptions::Private { dest: "https://zqdest.example/".into(), token: webhook::new_secret() }).unwrap();
    engine.state_with(StateRecord::Outgoing(Outgoing::Subscription(subscription)), vec![kept]).await.unwrap();
    let about = About::Records { from: 0, until: 1 };
    let sent = outbox::message("talanuur.example", &id, about, engine.now_ms());
    let message = sent.id.clone();
    put(engine, Outgoing::Message(sent)).await.unwrap();
    told.turn().await;
    let (brand, other, store) =
        (told.house.signed_in("talanuur").await, told.house.signed_in("other").await, told.house.signed_in("wutong").await);
    let page = told.house.get("/console/alerts", &brand).await.text();
    assert!(page.contains("https://zqdest.example/") && page.contains("The API key that asked for it was ended"), "{page}");
    let log = told.house.get(&format!("/console/alerts/addresses/{id}"), &brand).await.text();
    assert!(log.contains("Records") && log.contains("Given up") && log.contains("the API key that asked for it was ended"), "{log}");
    for cookie in [&other, &store] {
        assert!(!told.house.get("/console/alerts", cookie).await.text().contains("zqdest"));
        assert_eq!(told.house.get(&format!("/console/alerts/addresses/{id}"), cookie).await.status, StatusCode::NOT_FOUND);
        for path in [format!("/console/alerts/subscriptions/{id}/remove"), format!("/console/alerts/messages/{message}/replay")] {
            assert_eq!(told.house.post(&path, cookie, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    told.house.later(ALERT_TEST_PAUSE_MS);
    let replay = told.house.post(&format!("/console/alerts/messages/{message}/replay"), &brand, &[]).await;
    assert_eq!(replay.to(), format!("/console/alerts/addresses/{id}"));
    let done = told.house.post(&format!("/console/alerts/subscriptions/{id}/remove"), &brand, &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(!told.house.get("/console/alerts", &brand).await.text().contains("zqdest"));
    assert!(!told.house.on_disk(b"zqdest"));
}

#[test]
fn every_kind_has_its_word() {
    for kind in KINDS {
        assert_eq!(kind_of(kind_word(kind)), Some(kind));
    }
    assert_eq!((kind_of("poetry"), KINDS.len()), (None, 4));
    assert!(KINDS.contains(&RuleKind::Letter));
}
