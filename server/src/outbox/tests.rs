//! Messages on their way, against real sockets of this machine.

use std::sync::atomic::{AtomicU64, Ordering};

use engine::Options;
use store::record::outgoing::Replay;
use store::rows::outgoing::{LOG_MESSAGES, Standing};
use tempfile::TempDir;

use super::sinks::{MailSink, Sink};
use super::webhook::signature;
use super::*;

struct House {
    engine: Engine,
    now: Arc<AtomicU64>,
    outbox: Outbox,
}

fn local() -> Reach {
    Reach { local: true, authorities: None }
}

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

/// Messages of a member go to `url/{to}`.
fn open(folder: &TempDir, now: &Arc<AtomicU64>, url: &str) -> House {
    let clock = Arc::clone(now);
    let mut options = Options::new(folder.path(), "ledger.test/outbox", store_local::open);
    options.clock = Arc::new(move || clock.load(Ordering::SeqCst));
    options.fatal = Box::new(|reason| panic!("{reason}"));
    let engine = Engine::open(options).unwrap().engine;
    let url = url.to_owned();
    let compose: Compose = Arc::new(move |row| {
        let body = format!("{{\"to\":\"{}\"}}", row.message.to).into_bytes();
        match row.message.to.as_str() {
            "gone" => Err(NotMade::Void("the address was taken away".into())),
            "unreadable" => Err(NotMade::Later("the disk is slow".into())),
            to => Ok(Parcel::Post(Post { url: format!("{url}/{to}"), keys: vec![KEY.to_vec()], gs1: false, body })),
        }
    });
    let outbox = Outbox::new(engine.clone(), compose, Ways { reach: local(), mailer: None });
    House { engine, now: Arc::clone(now), outbox }
}

impl House {
    async fn put(&self, member: &str, to: &str) -> String {
        let message = message(member, to, About::Test, self.engine.now_ms());
        let id = message.id.clone();
        self.engine.state(StateRecord::Outgoing(Outgoing::Message(message))).await.unwrap();
        id
    }

    /// Lets everything that is due now be tried once.
    async fn turn(&self) -> usize {
        let started = self.outbox.start_due().unwrap();
        let count = started.len();
        for one in started {
            one.await.unwrap();
        }
        count
    }

    fn row(&self, id: &str) -> MessageRow {
        self.engine.index().message(id).unwrap().unwrap()
    }
}

fn clock() -> Arc<AtomicU64> {
    Arc::new(AtomicU64::new(1_795_353_164_000))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_keeps_its_id_until_it_is_taken() {
    let (folder, sink) = (tempfile::tempdir().unwrap(), Sink::new(&["500 Broken", "302 Found", "204 No Content"]));
    let house = open(&folder, &clock(), &sink.url);
    let id = house.put("a.example", "hook").await;
    let mut stamps = Vec::new();
    for (n, (pause, said)) in
        [(0, "HTTP 500"), (5_000, "HTTP 302: it leads elsewhere, and is not followed"), (25_000, "HTTP 204")].into_iter().enumerate()
    {
        if pause > 0 {
            house.now.fetch_add(pause - 1, Ordering::SeqCst);
            assert_eq!(house.turn().await, 0, "not before its time");
            house.now.fetch_add(1, Ordering::SeqCst);
        }
        assert_eq!(house.turn().await, 1);
        let came = sink.came();
        let [one] = came.as_slice() else { panic!("{came:?}") };
        assert_eq!((one.path.as_str(), one.header("webhook-id")), ("/hook", format!("msg_{id}").as_str()));
        let stamp = one.header("webhook-timestamp").parse().unwrap();
        assert_eq!(one.header("webhook-signature"), signature(KEY, &format!("msg_{id}"), stamp, &one.body));
        stamps.push(stamp);
        let row = house.row(&id);
        assert_eq!((row.attempts.len(), row.attempts[n].answer.as_str()), (n + 1, said));
    }
    assert!(stamps.is_sorted() && stamps[0] < stamps[2], "each attempt says when it was: {stamps:?}");
    assert_eq!(house.row(&id).standing, Standing::Delivered);
    house.now.fetch_add(1_000_000_000, Ordering::SeqCst);
    assert_eq!((house.turn().await, sink.came().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_nothing_and_sends_under_the_same_id() {
    let (folder, now, sink) = (tempfile::tempdir().unwrap(), clock(), Sink::new(&["500 Broken", "200 OK"]));
    let (first, second) = {
        let house = open(&folder, &now, &sink.url);
        let first = house.put("a.example", "one").await;
        house.turn().await;
        (first, house.put("b.example", "two").await)
    };
    // What the tables hold is made again from the journal alone.
    std::fs::remove_dir_all(folder.path().join("index")).unwrap();
    now.fetch_add(5_000, Ordering::SeqCst);
    let house = open(&folder, &now, &sink.url);
    assert_eq!(house.row(&first).attempts.len(), 1);
    assert_eq!(house.turn().await, 2);
    let ids: BTreeSet<String> = sink.came().iter().map(|one| one.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, BTreeSet::from([format!("msg_{first}"), format!("msg_{second}")]));
    assert_eq!((house.row(&first).standing, house.row(&second).standing), (Standing::Delivered, Standing::Delivered));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_shown_and_can_be_sent_again() {
    let (folder, sink) = (tempfile::tempdir().unwrap(), Sink::new(&["503 Busy"]));
    let house = open(&folder, &clock(), &sink.url);
    let id = house.put("a.example", "hook").await;
    let begun = house.engine.now_ms();
    for n in 1..=OUTBOX_TRIES {
        assert_eq!(house.turn().await, 1, "{n}");
        house.now.fetch_add(OUTBOX_PAUSE_MAX_MS, Ordering::SeqCst);
    }
    let row = house.row(&id);
    assert_eq!((row.standing, row.tries, row.attempts.len()), (Standing::Failed, OUTBOX_TRIES, OUTBOX_TRIES as usize));
    assert_eq!(house.turn().await, 0);
    let waits: u64 = (1..OUTBOX_TRIES).map(pause_ms).sum();
    assert!((2 * 86_400_000..4 * 86_400_000).contains(&waits), "{waits}");
    assert!(house.engine.now_ms() > begun);
    let replay = Replay { message: id.clone(), by: "mei".into(), at_ms: house.engine.now_ms() };
    house.engine.state(StateRecord::Outgoing(Outgoing::Replay(replay))).await.unwrap();
    assert_eq!(house.turn().await, 1);
    let came = sink.came();
    assert!(came.iter().all(|one| one.header("webhook-id") == format!("msg_{id}")), "{came:?}");
    assert_eq!(came.len(), OUTBOX_TRIES as usize + 1);
    assert!(matches!(house.row(&id).standing, Standing::Waiting { .. }), "it has all its tries again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_never_be_taken_is_not_tried_again() {
    let (folder, sink) = (tempfile::tempdir().unwrap(), Sink::new(&["410 Gone"]));
    let house = open(&folder, &clock(), &sink.url);
    let (told, gone, unreadable) =
        (house.put("a.example", "hook").await, house.put("b.example", "gone").await, house.put("c.example", "unreadable").await);
    assert_eq!(house.turn().await, 3);
    assert_eq!((house.row(&told).standing, house.row(&gone).standing), (Standing::Failed, Standing::Failed));
    assert_eq!(house.row(&gone).attempts[0].answer, "the address was taken away");
    assert!(matches!(house.row(&unreadable).standing, Standing::Waiting { .. }));
    assert!(!house.row(&unreadable).attempts[0].answer.contains("disk"), "what is wrong inside is the operator's to read");
    assert_eq!(sink.came().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_slow_server_holds_up_the_others() {
    let (folder, sink) = (tempfile::tempdir().unwrap(), Sink::new(&["200 OK"]));
    let house = open(&folder, &clock(), &sink.url);
    for n in 0..OUTBOX_AT_ONCE + 2 {
        house.put("a.example", &format!("a{n}")).await;
    }
    house.put("b.example", "b").await;
    let started = house.outbox.start_due().unwrap();
    assert_eq!(started.len(), 2, "one of each member at once");
    for one in started {
        one.await.unwrap();
    }
    assert!(sink.came().iter().any(|one| one.path == "/b"));
    for _ in 0..OUTBOX_AT_ONCE + 1 {
        assert_eq!(house.turn().await, 1);
    }
    assert_eq!(house.turn().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_turn_was_longest_ago_comes_next_however_many_wait() {
    let (folder, sink) = (tempfile::tempdir().unwrap(), Sink::new(&["200 OK"]));
    let house = open(&folder, &clock(), &sink.url);
    // As many members as may send at once, each with more than one that is due longer than another's.
    for _ in 0..3 {
        for n in 0..OUTBOX_AT_ONCE {
            house.put(&format!("rival{n}.example"), "slow").await;
        }
    }
    assert_eq!(house.turn().await, OUTBOX_AT_ONCE);
    house.now.fetch_add(1_000, Ordering::SeqCst);
    let last = house.put("b.example", "b").await;
    house.turn().await;
    assert_eq!(house.row(&last).standing, Standing::Delivered);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_bounded_and_says_what_is_gone() {
    let (folder, sink) = (tempfile::tempdir().unwrap(), Sink::new(&["410 Gone"]));
    let house = open(&folder, &clock(), &sink.url);
    let first = house.put("a.example", "gone").await;
    house.turn().await;
    let waiting = house.put("a.example", "gone").await;
    for _ in 2..LOG_MESSAGES + 1 {
        house.put("a.example", "gone").await;
    }
    let (rows, gone) = house.engine.index().log("gone").unwrap();
    assert_eq!((rows.len(), gone), (LOG_MESSAGES, 1));
    assert!(house.engine.index().message(&first).unwrap().is_none(), "the oldest that is done goes first");
    house.put("a.example", "gone").await;
    let (rows, gone) = house.engine.index().log("gone").unwrap();
    assert_eq!((rows.len(), gone), (LOG_MESSAGES + 1, 1), "what waits is never dropped");
    assert_eq!(rows.last().unwrap().message.id, waiting);
}

fn settings(port: u16, smtp_tls: settings::SmtpTls) -> settings::Outgoing {
    settings::Outgoing {
        smtp_host: Some("127.0.0.1".into()),
        smtp_port: Some(port),
        smtp_tls,
        smtp_from: Some("Leafproof <alerts@leaf.test>".into()),
        ..settings::Outgoing::default()
    }
}

fn a_mail() -> Mail {
    let (to, stop) = ("mei@brand.example".into(), "https://leaf.test/alerts/mail/1/2".into());
    Mail { to, subject: "三封来信".into(), text: "看这里\r\n".into(), stop }
}

#[test]
fn a_mail_is_whole_and_says_that_a_machine_wrote_it() {
    let sink = MailSink::new("250 fine");
    let mailer = Mailer::new(&settings(sink.port, settings::SmtpTls::None), "https://leaf.test").unwrap().unwrap();
    assert_eq!(mailer.send(&a_mail(), "msg_7").unwrap(), "SMTP 250");
    let came = sink.came();
    let [mail] = came.as_slice() else { panic!("{came:?}") };
    for part in [
        "RCPT TO:<mei@brand.example>",
        "MAIL FROM:<alerts@leaf.test>",
        "Message-ID: <msg_7@leaf.test>",
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe: <https://leaf.test/alerts/mail/1/2>",
        "看这里",
    ] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
}

#[test]
fn what_a_mail_server_refuses_for_good_is_given_up_and_nothing_goes_plain_where_tls_is_wanted() {
    let sink = MailSink::new("550 nobody of that name");
    let of = |tls| Mailer::new(&settings(sink.port, tls), "https://leaf.test").unwrap().unwrap();
    assert_eq!(of(settings::SmtpTls::None).send(&a_mail(), "msg_7").unwrap_err(), NotTaken::for_good("SMTP 550"));
    let later = MailSink::new("451 try later");
    let mailer = Mailer::new(&settings(later.port, settings::SmtpTls::None), "https://leaf.test").unwrap().unwrap();
    assert_eq!(mailer.send(&a_mail(), "msg_7").unwrap_err(), NotTaken::now("SMTP 451"));
    // A server that offers no TLS, or one in the way that hides the offer.
    let plain = MailSink::new("250 fine");
    let mailer = Mailer::new(&settings(plain.port, settings::SmtpTls::Starttls), "https://leaf.test").unwrap().unwrap();
    assert!(!mailer.send(&a_mail(), "msg_7").unwrap_err().for_good);
    assert!(plain.came().is_empty(), "nothing was said before TLS");
    assert!(
        Mailer::new(&settings::Outgoing { smtp_from: Some("nobody".into()), ..settings(1, settings::SmtpTls::None) }, "https://leaf.test")
            .is_err()
    );
}

#[test]
fn a_redirect_is_not_followed_and_no_private_address_is_asked() {
    let target = Sink::new(&["200 OK"]);
    let redirect = format!("307 Temporary Redirect\r\nLocation: {}/", target.url);
    let sink = Sink::new(&[redirect.as_str()]);
    let post = |url: &str| Post { url: url.to_owned(), keys: vec![KEY.to_vec()], gs1: false, body: b"{}".to_vec() };
    assert!(!webhook::send(&post(&sink.url), "msg_1", 1, &local()).unwrap_err().for_good);
    assert!(target.came().is_empty());
    let port = target.url.rsplit(':').next().unwrap();
    for inside in
        [format!("https://localhost:{port}/"), format!("https://127.0.0.1:{port}/"), format!("https://[::ffff:127.0.0.1]:{port}/")]
    {
        assert!(webhook::send(&post(&inside), "msg_1", 1, &Reach::default()).is_err(), "{inside}");
    }
    assert!(webhook::send(&post(&target.url), "msg_1", 1, &Reach::default()).unwrap_err().for_good, "nor plain http");
    assert!(target.came().is_empty());
}

fn ca() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/outbox/testing/ca.pem")
}

#[test]
fn a_certificate_that_nobody_vouches_for_ends_the_connection() {
    let post = |sink: &Sink| Post { url: format!("{}/hook", sink.url), keys: vec![KEY.to_vec()], gs1: false, body: b"{}".to_vec() };
    let sink = Sink::secret(&["200 OK"]);
    let refused = webhook::send(&post(&sink), "msg_1", 1, &local()).unwrap_err();
    assert_eq!(refused, NotTaken::now("its certificate or TLS is not valid"));
    assert!(sink.came().is_empty(), "nothing was said to it");
    let certificates = settings::authorities(&ca()).unwrap();
    let authorities = certificates.iter().map(|pem| ureq::tls::Certificate::from_pem(pem.as_bytes()).unwrap()).collect();
    let reach = Reach { authorities: Some(authorities), ..local() };
    assert_eq!(webhook::send(&post(&sink), "msg_1", 1, &reach).unwrap(), "HTTP 200");
    assert_eq!(sink.came()[0].header("webhook-id"), "msg_1");
    // Its name is checked too, and nothing of this machine is reached without leave, whoever vouches for it.
    let elsewhere = Post { url: post(&sink).url.replace("localhost", "127.0.0.2"), ..post(&sink) };
    assert!(webhook::send(&elsewhere, "msg_1", 1, &reach).is_err());
    assert!(webhook::send(&post(&sink), "msg_1", 1, &Reach { local: false, ..reach }).is_err());
    assert!(sink.came().is_empty());
}

#[test]
fn mail_goes_over_tls_to_a_server_that_is_vouched_for_and_to_no_other() {
    let sink = MailSink::secret("250 fine");
    let named = |outgoing_ca| settings::Outgoing {
        smtp_host: Some("localhost".into()),
        outgoing_ca,
        ..settings(sink.port, settings::SmtpTls::Tls)
    };
    let mailer = |settings| Mailer::new(&settings, "https://leaf.test").unwrap().unwrap();
    assert!(mailer(named(None)).send(&a_mail(), "msg_7").is_err());
    assert!(sink.came().is_empty());
    assert_eq!(mailer(named(Some(ca()))).send(&a_mail(), "msg_7").unwrap(), "SMTP 250");
    assert_eq!(sink.came().len(), 1);
    assert!(settings::authorities(&ca().with_file_name("leaf.key")).unwrap_err().contains("no certificate"));
}
