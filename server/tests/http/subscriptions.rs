//! Subscriptions over HTTP, to a socket of this test.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use server::epcis::subscriptions::{SUBSCRIPTION_EVENTS, SUBSCRIPTIONS, Watcher};
use server::outbox::Outbox;
use server::outbox::settings::Outgoing;
use server::outbox::webhook::{secret_bytes, signature};
use server::serve::outgoing;
use store::record::{ApiKey, Scope, StateRecord};

use crate::app::{Answer, App, ITEM_URN, URL, commissioning, key, observed};
use crate::sinks::{Came, Sink};

const FARM: &str = "urn:epc:id:sgln:9521258.00003.0";

/// A site that looks and sends when it is told to.
struct Site {
    app: App,
    outbox: Outbox,
    watcher: Watcher,
    sink: Sink,
}

impl Site {
    async fn new(answers: &[&str]) -> Self {
        let app = App::new().await;
        let settings = Outgoing { allow_local_webhooks: true, ..Outgoing::default() };
        let outbox = outgoing::outbox(&settings, &app.engine, URL).unwrap();
        Self { app, outbox, watcher: Watcher::default(), sink: Sink::new(answers) }
    }

    async fn asked(&self, member: &str, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder().method(method).uri(format!("/epcis/v2{path}"));
        let request = request.header("authorization", format!("Bearer {}", key(member))).header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.app.send(request.body(body).unwrap()).await
    }

    /// Keeps a query and subscribes to it.
    async fn subscribed(&self, member: &str, name: &str, query: Value, more: Value) -> Value {
        let made = self.asked(member, Method::POST, "/queries", Some(&json!({"name": name, "query": query}))).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let made = self.asked(member, Method::POST, &format!("/queries/{name}/subscriptions"), Some(&self.subscription(more))).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let id = made.json()["subscriptionID"].as_str().unwrap().to_owned();
        assert_eq!(made.header("location"), format!("/epcis/v2/queries/{name}/subscriptions/{id}"));
        made.json()
    }

    fn subscription(&self, more: Value) -> Value {
        let mut body = json!({ "dest": format!("{}/events", self.sink.url) });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    /// One look, then one attempt of whatever is due.
    async fn turn(&mut self) -> Vec<Came> {
        self.watcher.look(&self.app.engine).await.unwrap();
        for one in self.outbox.start_due().unwrap() {
            one.await.unwrap();
        }
        self.sink.came()
    }
}

fn events(came: &Came) -> Vec<String> {
    let list = came.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"].as_array().unwrap().clone();
    list.iter().map(|event| event["eventID"].as_str().unwrap().rsplit('-').next().unwrap().trim_start_matches('0').to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_each_new_event_that_its_reader_may_see() {
    let mut site = Site::new(&["200 OK"]).await;
    site.app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let made = site.subscribed("brand.example", "moved", json!({"EQ_bizStep": ["transporting"]}), json!({"stream": true})).await;
    assert!(site.turn().await.is_empty(), "nothing of before, and nothing yet");
    site.app.taken("carrier.example", vec![observed("2", ITEM_URN, "transporting", FARM), observed("3", ITEM_URN, "arriving", FARM)]).await;
    // Another brand's goods, by the same carrier: the reader may not see them.
    site.app.taken("carrier.example", vec![observed("4", "urn:epc:id:sscc:9521258.0000000001", "transporting", FARM)]).await;
    let came = site.turn().await;
    let [one] = came.as_slice() else { panic!("{came:?}") };
    assert_eq!(events(one), ["2"]);
    let said = one.json();
    assert_eq!((&said["type"], &said["epcisBody"]["queryResults"]["queryName"]), (&json!("EPCISQueryDocument"), &json!("moved")));
    assert_eq!(said["epcisBody"]["queryResults"]["subscriptionID"], made["subscriptionID"]);
    let token = secret_bytes(made["signatureToken"].as_str().unwrap()).unwrap();
    let stamp = one.header("webhook-timestamp").parse().unwrap();
    assert_eq!(one.header("webhook-signature"), signature(&token, one.header("webhook-id"), stamp, &one.body));
    assert!(!one.header("gs1-signature").is_empty());
    assert!(site.turn().await.is_empty());
    let id = made["subscriptionID"].as_str().unwrap();
    let path = format!("/queries/moved/subscriptions/{id}");
    let shown = site.asked("brand.example", Method::GET, &path, None).await.json();
    assert!(shown["lastNotifiedAt"].is_string() && shown.get("signatureToken").is_none(), "{shown}");
    assert_eq!((&shown["messages"][0]["state"], &shown["messages"][0]["lastAnswer"]), (&json!("delivered"), &json!("HTTP 200")));
    // Nobody else finds it, and it ends when it is told to.
    for (method, status) in [(Method::GET, StatusCode::NOT_FOUND), (Method::DELETE, StatusCode::NOT_FOUND)] {
        assert_eq!(site.asked("rival.example", method, &path, None).await.status, status);
    }
    assert_eq!(site.asked("rival.example", Method::GET, "/queries/moved/subscriptions", None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.asked("brand.example", Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.asked("brand.example", Method::GET, &path, None).await.status, StatusCode::NOT_FOUND);
    site.app.taken("carrier.example", vec![observed("5", ITEM_URN, "transporting", FARM)]).await;
    assert!(site.turn().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_a_receiver_is_away_comes_later_in_order_and_once() {
    let mut site = Site::new(&["503 Away", "200 OK"]).await;
    let token = "13df38d8275b13f05704629e5f1cf3d45d6132d5";
    let made = site.subscribed("carrier.example", "all", json!({}), json!({"stream": true, "signatureToken": token})).await;
    assert!(made.get("signatureToken").is_none(), "its own is not told back");
    site.app.taken("carrier.example", vec![observed("1", ITEM_URN, "transporting", FARM)]).await;
    let came = site.turn().await;
    let id = came[0].header("webhook-id").to_owned();
    site.app.taken("carrier.example", vec![observed("2", ITEM_URN, "arriving", FARM)]).await;
    assert!(site.turn().await.is_empty(), "it waits, and nothing is put behind it");
    // A restarted server knows no more than what is on disk.
    site.watcher = Watcher::default();
    let row = site.app.engine.index().message(id.strip_prefix("msg_").unwrap()).unwrap().unwrap();
    let replay = store::record::outgoing::Replay { message: row.message.id.clone(), by: "test".into(), at_ms: site.app.engine.now_ms() };
    site.app.engine.state(StateRecord::Outgoing(store::record::outgoing::Outgoing::Replay(replay))).await.unwrap();
    let again = site.turn().await;
    assert_eq!((again[0].header("webhook-id"), events(&again[0])), (id.as_str(), vec!["1".to_owned()]));
    assert_eq!(again[0].body, came[0].body, "and says the same");
    assert_eq!(
        signature(token.as_bytes(), &id, again[0].header("webhook-timestamp").parse().unwrap(), &again[0].body),
        again[0].header("webhook-signature")
    );
    let next = site.turn().await;
    assert_eq!(events(&next[0]), ["2"]);
    assert_ne!(next[0].header("webhook-id"), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_events_come_in_several_messages() {
    let mut site = Site::new(&["200 OK"]).await;
    site.subscribed("carrier.example", "all", json!({}), json!({"stream": true})).await;
    let many: Vec<Value> = (1..=SUBSCRIPTION_EVENTS + 5).map(|n| observed(&n.to_string(), ITEM_URN, "transporting", FARM)).collect();
    site.app.taken("carrier.example", many).await;
    let first = site.turn().await;
    let second = site.turn().await;
    assert_eq!((events(&first[0]).len(), events(&second[0]).len()), (SUBSCRIPTION_EVENTS, 5));
    assert!(site.turn().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_from_a_time_on_begins_with_what_is_there() {
    let mut site = Site::new(&["200 OK"]).await;
    site.app.taken("carrier.example", vec![observed("1", ITEM_URN, "transporting", FARM)]).await;
    site.subscribed("carrier.example", "old", json!({}), json!({"stream": true, "initialRecordTime": "2020-01-01T00:00:00Z"})).await;
    site.subscribed("carrier.example", "new", json!({}), json!({"stream": true, "initialRecordTime": "2999-01-01T00:00:00Z"})).await;
    let came = site.turn().await;
    assert_eq!(came.iter().map(events).collect::<Vec<_>>(), [["1"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_ends_with_its_key_and_with_its_query() {
    let mut site = Site::new(&["200 OK"]).await;
    let made = site.subscribed("carrier.example", "all", json!({}), json!({"stream": true})).await;
    let path = format!("/queries/all/subscriptions/{}", made["subscriptionID"].as_str().unwrap());
    let own = ledger::hash(key("carrier.example").as_bytes());
    let set = async |revoked: bool| {
        let record = ApiKey {
            hash: own,
            member: "carrier.example".into(),
            label: "test".into(),
            created_ms: 0,
            scopes: Scope::ALL.to_vec(),
            revoked,
        };
        site.app.engine.state(StateRecord::ApiKey(record)).await.unwrap();
    };
    site.app.taken("carrier.example", vec![observed("1", ITEM_URN, "transporting", FARM)]).await;
    // Stolen, used to subscribe, and found out: what is on its way does not leave either.
    let mut watcher = Watcher::default();
    assert_eq!(watcher.look(&site.app.engine).await.unwrap(), 1);
    set(true).await;
    for one in site.outbox.start_due().unwrap() {
        one.await.unwrap();
    }
    assert!(site.sink.came().is_empty());
    assert_eq!(watcher.look(&site.app.engine).await.unwrap(), 0);
    set(false).await;
    let shown = site.asked("carrier.example", Method::GET, &path, None).await.json();
    assert_eq!(
        (&shown["messages"][0]["state"], &shown["messages"][0]["lastAnswer"]),
        (&json!("failed"), &json!("the API key that asked for it was ended"))
    );
    assert_eq!(site.asked("carrier.example", Method::DELETE, "/queries/all", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.app.engine.index().subscriptions("carrier.example", "").unwrap().len(), 0);
    assert!(site.turn().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_runs_when_its_time_comes_and_tells_nothing_only_where_it_is_to() {
    let mut site = Site::new(&["200 OK"]).await;
    let at = json!({"schedule": {"second": "0"}});
    let mut empty = at.clone();
    empty["reportIfEmpty"] = json!(true);
    let quiet = site.subscribed("rival.example", "quiet", json!({}), at).await;
    let told = site.subscribed("carrier.example", "told", json!({}), empty).await;
    assert_eq!((&quiet["schedule"], quiet.get("stream")), (&json!({"second": "0"}), None));
    // Their minute begins when the clock says so; the record of a run a day ago lets it have come.
    for made in [&quiet, &told] {
        let ran = store::record::outgoing::Reported {
            subscription: made["subscriptionID"].as_str().unwrap().to_owned(),
            next: 0,
            at_ms: site.app.engine.now_ms() - 86_400_000,
            message: None,
        };
        site.app.engine.state(StateRecord::Outgoing(store::record::outgoing::Outgoing::Reported(ran))).await.unwrap();
    }
    let came = site.turn().await;
    let [one] = came.as_slice() else { panic!("{came:?}") };
    assert_eq!((&one.json()["epcisBody"]["queryResults"]["queryName"], events(one).len()), (&json!("told"), 0));
}

#[tokio::test]
async fn what_is_no_subscription_is_refused_with_what_is_wrong() {
    let site = Site::new(&["200 OK"]).await;
    for (name, query) in [("all", json!({})), ("first", json!({"eventCountLimit": 1, "orderBy": "recordTime"}))] {
        site.asked("brand.example", Method::POST, "/queries", Some(&json!({"name": name, "query": query}))).await;
    }
    for (name, more, why) in [
        ("all", json!({}), "either"),
        ("all", json!({"stream": true, "schedule": {"hour": "1"}}), "either"),
        ("all", json!({"stream": "yes"}), "true or false"),
        ("all", json!({"schedule": {"hour": "25"}}), "from 0 to 23"),
        ("all", json!({"schedule": "daily"}), "an object"),
        ("all", json!({"stream": true, "signatureToken": "short"}), "24 to 128"),
        ("all", json!({"stream": true, "signatureToken": "whsec_no base64 at all, only words"}), "24 to 128"),
        ("all", json!({"stream": true, "initialRecordTime": "yesterday"}), "with offset"),
        ("all", json!({"stream": true, "secret": "x"}), "secret is not known"),
        ("all", json!({"stream": true, "dest": "ftp://example.com"}), "https://"),
        ("all", json!({"stream": true, "dest": 7}), "write a text"),
        ("first", json!({"stream": true}), "eventCountLimit"),
    ] {
        let answer = site
            .asked("brand.example", Method::POST, &format!("/queries/{name}/subscriptions"), Some(&site.subscription(more.clone())))
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{more}: {}", answer.text());
        assert!(answer.text().contains(why), "{more}: {}", answer.text());
    }
    let good = site.subscription(json!({"stream": true}));
    assert_eq!(site.asked("brand.example", Method::POST, "/queries/none/subscriptions", Some(&good)).await.status, StatusCode::NOT_FOUND);
    for n in 0..SUBSCRIPTIONS {
        let made = site.asked("brand.example", Method::POST, "/queries/all/subscriptions", Some(&good)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{n}");
    }
    let over = site.asked("brand.example", Method::POST, "/queries/all/subscriptions", Some(&good)).await;
    assert!(over.status == StatusCode::BAD_REQUEST && over.text().contains("50 subscriptions"), "{}", over.text());
    let page = site.asked("brand.example", Method::GET, "/queries/all/subscriptions?perPage=30", None).await;
    assert_eq!(page.json().as_array().unwrap().len(), 30);
    let next = page.next().unwrap().strip_prefix("/epcis/v2").unwrap().to_owned();
    assert_eq!(site.asked("brand.example", Method::GET, &next, None).await.json().as_array().unwrap().len(), 20);
}

/// A reader of a WebSocket, who waits for ten seconds at the most.
struct Reader(tungstenite::WebSocket<std::net::TcpStream>);

impl Reader {
    /// Asks a server for this, with this key; else the status that it answers with.
    async fn open(at: std::net::SocketAddr, member: &str, path: &str) -> Result<Self, u16> {
        let bearer = format!("Bearer {}", key(member));
        let address = format!("ws://{at}/epcis/v2{path}");
        let asked = move || {
            let mut request = tungstenite::client::IntoClientRequest::into_client_request(address).unwrap();
            request.headers_mut().insert("authorization", bearer.parse().unwrap());
            let stream = std::net::TcpStream::connect(at).unwrap();
            stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
            match tungstenite::client(request, stream) {
                Ok((socket, _)) => Ok(Self(socket)),
                Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => Err(answer.status().as_u16()),
                Err(error) => panic!("{error}"),
            }
        };
        tokio::task::spawn_blocking(asked).await.unwrap()
    }

    /// The next message; what ended it where there is none.
    async fn next(mut self) -> (Self, Result<Value, String>) {
        let read = move || loop {
            match self.0.read().unwrap() {
                tungstenite::Message::Text(text) => return (self, Ok(serde_json::from_str(&text).unwrap())),
                tungstenite::Message::Close(frame) => return (self, Err(frame.unwrap().reason.to_string())),
                _ => {}
            }
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }
}

async fn listening(app: &App) -> (std::net::SocketAddr, tokio::sync::oneshot::Sender<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (at, (stop, stopped)) = (listener.local_addr().unwrap(), tokio::sync::oneshot::channel());
    let limits = server::serve::connections::Limits::of_this_process(false);
    let stopped = async move { drop(stopped.await) };
    tokio::spawn(server::serve::connections::serve(listener, app.router.clone(), limits, stopped));
    (at, stop)
}

fn told(said: &Value) -> Vec<&str> {
    let list = said["epcisBody"]["queryResults"]["resultsBody"]["eventList"].as_array().unwrap();
    list.iter().map(|event| event["eventID"].as_str().unwrap().rsplit('-').next().unwrap().trim_start_matches('0')).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_tells_each_new_event_that_its_reader_may_see() {
    let site = Site::new(&[]).await;
    let (at, _stop) = listening(&site.app).await;
    site.app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let made = site
        .asked("brand.example", Method::POST, "/queries", Some(&json!({"name": "moved", "query": {"EQ_bizStep": ["transporting"]}})))
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    // What is asked wrongly is refused before anything stays open.
    for (member, path, status) in [
        ("brand.example", "/queries/moved/events", 400),
        ("brand.example", "/queries/moved/events?stream=true&hour=1", 400),
        ("brand.example", "/queries/moved/events?stream=yes", 400),
        ("brand.example", "/queries/moved/events?stream=true&perPage=2", 400),
        ("brand.example", "/queries/other/events?stream=true", 404),
        ("rival.example", "/queries/moved/events?stream=true", 404),
        ("nobody.example", "/queries/moved/events?stream=true", 401),
    ] {
        assert_eq!(Reader::open(at, member, path).await.err(), Some(status), "{member} {path}");
    }
    let plain = site.asked("brand.example", Method::GET, "/queries/moved/events?stream=true", None).await;
    assert_eq!((plain.status, plain.header("upgrade")), (StatusCode::UPGRADE_REQUIRED, "websocket"));
    let reader = Reader::open(at, "brand.example", "/queries/moved/events?stream=true").await.ok().unwrap();
    site.app.taken("carrier.example", vec![observed("2", ITEM_URN, "transporting", FARM), observed("3", ITEM_URN, "arriving", FARM)]).await;
    // Another brand's goods, by the same carrier: the reader may not see them.
    site.app.taken("carrier.example", vec![observed("4", "urn:epc:id:sscc:9521258.0000000001", "transporting", FARM)]).await;
    let (reader, said) = reader.next().await;
    let said = said.unwrap();
    assert_eq!((&said["type"], told(&said)), (&json!("EPCISQueryDocument"), vec!["2"]));
    // From a time on: what was there, to whoever comes later.
    let late =
        Reader::open(at, "brand.example", "/queries/moved/events?stream=true&initialRecordTime=2020-01-01T00:00:00Z").await.ok().unwrap();
    let (late, said) = late.next().await;
    assert_eq!(told(&said.unwrap()), ["2"]);
    site.app.taken("carrier.example", vec![observed("5", ITEM_URN, "transporting", FARM)]).await;
    let (reader, said) = reader.next().await;
    assert_eq!(told(&said.unwrap()), ["5"]);
    let (late, said) = late.next().await;
    assert_eq!(told(&said.unwrap()), ["5"]);
    // Only so many of one member; one that went makes room.
    let mut more = Vec::new();
    for _ in 2..server::http::epcis::sockets::SOCKETS_OF_ONE {
        more.push(Reader::open(at, "brand.example", "/queries/moved/events?stream=true").await.ok().unwrap());
    }
    assert_eq!(Reader::open(at, "brand.example", "/queries/moved/events?stream=true").await.err(), Some(503));
    drop(more);
    // The query it stands on, and the key, end it, with the reason.
    assert_eq!(site.asked("brand.example", Method::DELETE, "/queries/moved", None).await.status, StatusCode::NO_CONTENT);
    site.app.taken("carrier.example", vec![observed("6", ITEM_URN, "transporting", FARM)]).await;
    let (_, ended) = reader.next().await;
    assert_eq!(ended.unwrap_err(), "its query was taken away");
    let (_, ended) = late.next().await;
    assert_eq!(ended.unwrap_err(), "its query was taken away");
    site.asked("carrier.example", Method::POST, "/queries", Some(&json!({"name": "all", "query": {}}))).await;
    let reader = Reader::open(at, "carrier.example", "/queries/all/events?stream=true").await.ok().unwrap();
    let hash = ledger::hash(key("carrier.example").as_bytes());
    let gone = ApiKey { revoked: true, ..site.app.engine.index().api_key(&hash).unwrap().unwrap() };
    site.app.engine.state(StateRecord::ApiKey(gone)).await.unwrap();
    let (_, ended) = reader.next().await;
    assert_eq!(ended.unwrap_err(), "the API key was ended");
}
