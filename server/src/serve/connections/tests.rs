//! Over real sockets: what a client sees that keeps the server waiting, or comes when there is no room.

use std::io::{Read as _, Write as _};
use std::net::TcpStream as Client;

use axum::body::{Bytes, HttpBody};
use axum::routing::{get, post};
use hyper::body::Frame;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

/// Long enough that it is never reached, and a test that reaches it fails by taking for ever.
const NEVER: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(60);
const GENEROUS: Limits = Limits { all: 100, per_address: 100, head: NEVER, stall: NEVER, drain: NEVER };

struct Served {
    at: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn served(limits: Limits, router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, told) = oneshot::channel::<()>();
    let ended = tokio::spawn(serve(listener, router, limits, async move { drop(told.await) }));
    Served { at, stop, ended }
}

fn hello() -> Router {
    Router::new().route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { format!("hello {}", peer.ip()) }))
}

/// The kernel takes both at once, so this does not block.
fn sent(at: SocketAddr, text: &str) -> Client {
    let mut stream = Client::connect(at).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// What comes until the connection ends, which a reset does too.
async fn rest(mut stream: Client) -> String {
    let read = move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    };
    tokio::task::spawn_blocking(read).await.unwrap()
}

const WHOLE: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_request_is_answered_and_knows_where_it_comes_from() {
    let site = served(GENEROUS, hello()).await;
    let answer = rest(sent(site.at, WHOLE)).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello 127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn half_a_head_and_idle_connections_end() {
    let site = served(Limits { head: SHORT, ..GENEROUS }, hello()).await;
    for text in ["", "GET / HTTP/1.1\r\nHo", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
        // It ends, or this test never does.
        rest(sent(site.at, text)).await;
    }
}

#[tokio::test]
async fn half_requests_of_one_address_keep_nobody_out() {
    let site = served(Limits { all: 3, per_address: 3, ..GENEROUS }, hello()).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(sent(site.at, "GET / HTTP/1.1\r\n"));
        let answer = rest(sent(site.at, WHOLE)).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn where_all_are_being_answered_a_newcomer_is_told_to_come_back() {
    let (entered, mut inside) = tokio::sync::mpsc::channel(1);
    let router = Router::new().route(
        "/",
        get(move || async move {
            entered.send(()).await.unwrap();
            std::future::pending::<()>().await;
        }),
    );
    let site = served(Limits { all: 1, per_address: 1, ..GENEROUS }, router).await;
    let _first = sent(site.at, WHOLE);
    inside.recv().await.unwrap();
    let answer = rest(sent(site.at, "")).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("Retry-After"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_ends() {
    let (gone, ended) = oneshot::channel::<()>();
    let gone = Arc::new(Mutex::new(Some(gone)));
    struct Told(Arc<Mutex<Option<oneshot::Sender<()>>>>);
    impl Drop for Told {
        fn drop(&mut self) {
            drop(self.0.lock().unwrap().take());
        }
    }
    struct Endless(Told);
    impl HttpBody for Endless {
        type Data = Bytes;
        type Error = axum::Error;
        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            let _ = &self.0;
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; 65_536])))))
        }
    }
    let router = Router::new().route("/", get(move || async move { Response::new(Body::new(Endless(Told(gone)))) }));
    let site = served(Limits { stall: SHORT, ..GENEROUS }, router).await;
    let _unread = sent(site.at, WHOLE);
    assert!(ended.await.is_err(), "the answer was given up");
}

#[tokio::test]
async fn stopping_ends_who_waits_at_once_and_who_stalls_in_time() {
    let stalled = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }));
    let site = served(Limits { drain: SHORT, ..GENEROUS }, stalled).await;
    let waiting = sent(site.at, "GET / HT");
    let half = sent(site.at, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
    site.stop.send(()).unwrap();
    site.ended.await.unwrap();
    assert_eq!((rest(waiting).await, rest(half).await), (String::new(), String::new()));
}

#[tokio::test]
async fn stopping_lets_an_answer_under_way_come_to_its_end() {
    let (entered, mut inside) = tokio::sync::mpsc::channel(1);
    let (go, may_go) = watch::channel(false);
    let router = Router::new().route(
        "/",
        get(move || async move {
            entered.send(()).await.unwrap();
            may_go.clone().wait_for(|go| *go).await.unwrap();
            "done"
        }),
    );
    let site = served(GENEROUS, router).await;
    let asking = sent(site.at, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    inside.recv().await.unwrap();
    site.stop.send(()).unwrap();
    go.send(true).unwrap();
    let answer = rest(asking).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    site.ended.await.unwrap();
}

#[test]
fn the_systems_limit_of_files_is_read() {
    let text = "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            256                  524288               files     \n";
    assert_eq!(files_allowed(text), 256);
    assert_eq!(files_allowed(""), FILES_UNKNOWN);
    assert_eq!(files_allowed("Max open files            unlimited            unlimited            files"), usize::MAX);
}

#[test]
fn a_household_is_one_address() {
    let of = |text: &str| address(text.parse().unwrap());
    assert_eq!(of("203.0.113.7"), of("::ffff:203.0.113.7"));
    assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
    assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
    assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
}
