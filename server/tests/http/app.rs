//! A site in a folder of its own, with two brands, a carrier and a store.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use engine::keys::Cosigners;
use engine::{Engine, Options, Submission};
use ledger::entry::{Custody, Member};
use ledger::testing::new_member;
use serde_json::{Value, json};
use server::config::{Config, Switch};
use server::media::Media;
use server::share::Shares;
use server::{grants, http, serve};
use store::record::{ApiKey, Scope, StateRecord};
use tempfile::TempDir;
use tower::ServiceExt as _;
use trace::rights::rights_of;

/// A GTIN of the first brand.
pub(crate) const GTIN: &str = "09521234000044";
/// An item of it.
pub(crate) const ITEM: &str = "/01/09521234000044/21/7K2M9";
/// The same as a URN.
pub(crate) const ITEM_URN: &str = "urn:epc:id:sgtin:9521234.000004.7K2M9";
/// The public address of the site.
pub(crate) const URL: &str = "https://id.example.com";

/// The site.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) router: Router,
    // Deleted when the test ends.
    pub(crate) folder: TempDir,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The events of a query's answer.
    pub(crate) fn events(&self) -> Vec<Value> {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"].as_array().unwrap().clone()
    }

    /// Where a list goes on.
    pub(crate) fn next(&self) -> Option<&str> {
        self.header("link").split(['<', '>']).nth(1)
    }
}

impl App {
    pub(crate) async fn new() -> Self {
        Self::made(Cosigners::default(), false, Shares::default()).await
    }

    /// Where members may bring no more than this.
    pub(crate) async fn sharing(shares: Shares) -> Self {
        Self::made(Cosigners::default(), false, shares).await
    }

    /// With open tiles, and these in its policy.
    pub(crate) async fn cosigned_by(cosigners: Cosigners) -> Self {
        Self::made(cosigners, true, Shares::default()).await
    }

    async fn made(cosigners: Cosigners, open_tiles: bool, shares: Shares) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = Config::local(folder.path().to_owned());
        let mut config = Config { public_url: Some(URL.to_owned()), open_tiles, count_checks: Switch::On, shares, ..here };
        // Webhooks of these tests go to sockets of this machine.
        config.outgoing.allow_local_webhooks = true;
        let mut options = Options::new(&config.data, &config.origin(), store_local::open);
        options.first.cosigners = cosigners;
        let engine = Engine::open(options).unwrap().engine;
        for (id, prefix) in
            [("brand.example", "9521234"), ("rival.example", "9529999"), ("carrier.example", "9521258"), ("store.example", "9521272")]
        {
            join(&engine, id, prefix).await;
        }
        for (partner, words) in [("store.example", &["record", "pack", "store"][..]), ("carrier.example", &["record"])] {
            let rights = rights_of(words.iter().copied()).unwrap();
            let grant = grants::next(&engine, "brand.example", partner, rights, Vec::new()).unwrap();
            grants::give(&engine, grant, None).await.unwrap();
        }
        let media = Media::open(&config.data).unwrap();
        let state = serve::wire(&config, engine.clone(), media, URL.to_owned()).unwrap();
        Self { engine, router: http::build_router(state), folder }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 16 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.with(Method::GET, path, &[]).await
    }

    pub(crate) async fn with(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// `POST /epcis/v2/capture` as a member.
    pub(crate) async fn capture(&self, member: &str, document: &Value, headers: &[(&str, &str)], query: &str) -> Answer {
        self.post(member, &format!("/epcis/v2/capture{query}"), document, headers).await
    }

    /// `POST /epcis/v2/events` as a member.
    pub(crate) async fn post_event(&self, member: &str, event: &Value, headers: &[(&str, &str)]) -> Answer {
        self.post(member, "/epcis/v2/events", event, headers).await
    }

    async fn post(&self, member: &str, path: &str, document: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut request =
            Request::post(path).header("authorization", format!("Bearer {}", key(member))).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(document.to_string())).unwrap()).await
    }

    /// Captures events and expects all of them taken.
    pub(crate) async fn taken(&self, member: &str, events: Vec<Value>) -> Value {
        let answer = self.capture(member, &document(events), &[], "").await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        let job = answer.json();
        assert_eq!(job["success"], true, "{job:#}");
        job
    }
}

/// The API key of a member of the test site.
pub(crate) fn key(member: &str) -> String {
    format!("test key of {member}")
}

/// Admits a member whose key this service keeps, with an API key.
pub(crate) async fn join(engine: &Engine, id: &str, prefix: &str) {
    let keys = engine.keys();
    let names = vec![("en".to_owned(), id.to_owned())];
    let mut member = Member { custody: Custody::Held, names, ..new_member(id, keys.make_member().unwrap(), &[prefix]) };
    member.sign(keys.origin(), keys.governance().unwrap());
    engine.submit(Submission::Member(Box::new(member))).await.unwrap();
    let api_key = ApiKey {
        hash: ledger::hash(key(id).as_bytes()),
        member: id.to_owned(),
        label: "test".to_owned(),
        created_ms: 0,
        scopes: vec![Scope::Capture, Scope::Query],
        revoked: false,
    };
    engine.state(StateRecord::ApiKey(api_key)).await.unwrap();
}

/// A document of these events.
pub(crate) fn document(events: Vec<Value>) -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"cbvmda": "urn:epcglobal:cbv:mda:", "lp": "https://leafproof.example/epcis/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-05T08:00:00Z",
        "epcisBody": { "eventList": events },
    })
}

/// The commissioning of an item, by whoever posts it.
pub(crate) fn commissioning(id: &str, epc: &str) -> Value {
    json!({
        "eventID": format!("urn:uuid:00000000-0000-4000-8000-{id:0>12}"),
        "type": "ObjectEvent",
        "eventTime": "2026-01-05T09:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "bizStep": "commissioning",
        "epcList": [epc],
        "lp:title": { "en": "Made", "zh": "制成" },
        "lp:facts": [{ "lp:label": {"en": "Weight", "zh": "重量"}, "lp:value": 320, "lp:uom": "GRM" }],
    })
}

/// An observation of something, at a place.
pub(crate) fn observed(id: &str, epc: &str, step: &str, gln_urn: &str) -> Value {
    json!({
        "eventID": format!("urn:uuid:00000000-0000-4000-8000-{id:0>12}"),
        "type": "ObjectEvent",
        "eventTime": "2026-01-06T09:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": step,
        "epcList": [epc],
        "readPoint": { "id": gln_urn },
    })
}

/// What a person's phone says of itself.
pub(crate) const BROWSER: [(&str, &str); 2] =
    [("accept", "text/html"), ("user-agent", "Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537.36")];

/// A site whose ledger has an item that a store received.
pub(crate) async fn with_item() -> App {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app.taken("store.example", vec![observed("2", ITEM_URN, "receiving", "urn:epc:id:sgln:9521272.00018.0")]).await;
    app
}
