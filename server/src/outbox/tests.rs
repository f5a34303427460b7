//! Messages on their way, against real sockets of this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use engine::Options;
use store::record::outgoing::Replay;
use store::rows::outgoing::{LOG_MESSAGES, Standing};
use tempfile::TempDir;

use super::webhook::signature;
use super::*;

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Came {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A web server of this test: hands over what comes, and answers with these heads, the last of them for ever.
pub(crate) struct Sink {
    pub(crate) url: String,
    came: mpsc::Receiver<Came>,
}

impl Sink {
    pub(crate) fn new(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (say, came) = mpsc::channel();
        let mut answers: Vec<String> = answers.iter().map(|head| (*head).to_owned()).collect();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    continue;
                }
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                let mut headers = Vec::new();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    let Some((name, value)) = line.trim_end().split_once(": ") else { break };
                    headers.push((name.to_ascii_lowercase(), value.to_owned()));
                }
                let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                if say.send(Came { path, headers, body }).is_err() {
                    return;
                }
                let head = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
                let _ = stream.write_all(format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes());
            }
        });
        Self { url, came }
    }

    /// All that came so far; whoever asks has waited for the attempts.
    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.try_iter().collect()
    }
}

/// A mail server of this test: takes everything, and hands over what came, whole.
pub(crate) struct MailSink {
    pub(crate) port: u16,
    came: mpsc::Receiver<String>,
}

impl MailSink {
    /// `answer`: to each recipient.
    pub(crate) fn new(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (say, came) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut write = |line: &str| stream.write_all(format!("{line}\r\n").as_bytes()).is_ok();
                let (mut mail, mut inside) = (String::new(), false);
                write("220 sink.test");
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) == 0 {
                        break;
                    }
                    let word = line.trim_end().to_ascii_uppercase();
                    if inside {
                        if word == "." {
                            inside = false;
                            let _ = say.send(std::mem::take(&mut mail));
                            write("250 taken");
                        } else {
                            mail += &line;
                        }
                        continue;
                    }
                    mail += &line;
                    match word.split([' ', ':']).next().unwrap_or_default() {
                        "DATA" => {
                            inside = true;
                            write("354 go on");
                        }
                        "RCPT" => drop(write(answer)),
                        "QUIT" => {
                            write("221 bye");
                            break;
                        }
                        _ => drop(write("250 sink.test")),
                    }
                }
            }
        });
        Self { port, came }
    }

    /// All that came so far, each with its body as it is read.
    pub(crate) fn came(&self) -> Vec<String> {
        self.came.try_iter().map(|mail| readable(&mail)).collect()
    }
}

/// A mail with its body decoded.
fn readable(mail: &str) -> String {
    let Some((head, body)) = mail.split_once("\r\n\r\n") else { return mail.to_owned() };
    if head.to_ascii_lowercase().contains("content-transfer-encoding: base64") {
        let bytes = ledger::note::base64::decode(&body.split_whitespace().collect::<String>()).unwrap();
        return format!("{head}\n\n{}", String::from_utf8(bytes).unwrap());
    }
    mail.replace("=\r\n", "").replace("=3D", "=")
}

struct House {
    engine: Engine,
    now: Arc<AtomicU64>,
    outbox: Outbox,
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
    let outbox = Outbox::new(engine.clone(), compose, Ways { local: true, mailer: None });
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
    assert!(!webhook::send(&post(&sink.url), "msg_1", 1, true).unwrap_err().for_good);
    assert!(target.came().is_empty());
    let port = target.url.rsplit(':').next().unwrap();
    for inside in
        [format!("https://localhost:{port}/"), format!("https://127.0.0.1:{port}/"), format!("https://[::ffff:127.0.0.1]:{port}/")]
    {
        assert!(webhook::send(&post(&inside), "msg_1", 1, false).is_err(), "{inside}");
    }
    assert!(webhook::send(&post(&target.url), "msg_1", 1, false).unwrap_err().for_good, "nor plain http");
    assert!(target.came().is_empty());
}
