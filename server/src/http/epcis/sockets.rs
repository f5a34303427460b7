//! Subscriptions by WebSocket (EPCIS 2.0, 12.7; RFC 6455): `GET /queries/{queryName}/events?stream=true` with `Upgrade: websocket`, or with a
//! schedule in its place. The answers are query documents, one in each message, for as long as the connection lives; nothing of it is kept, so
//! what comes while nobody is connected is asked for by `initialRecordTime`. It ends with the API key, the member or the query it stands on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};
use store::record::NamedQuery;
use store::record::outgoing::{Fingerprint, Subscription};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::queries::{self, named};
use super::subscriptions::{Controls, of_no_limit};
use crate::epcis::schedule;
use crate::epcis::subscriptions::{Live, Look, SUBSCRIPTION_EVERY_MS};
use crate::http::building;
use crate::http::keyed::{Querying, hash_of};
use crate::http::problem::Problem;
use crate::outbox::random_id;
use crate::state::AppState;

base::limits! {
    /// Open at once.
    SOCKETS: usize = 256, "connections";
    /// The same of one member.
    SOCKETS_OF_ONE: usize = 8, "connections";
    /// How long a message may wait until its reader takes it.
    SOCKET_SEND_SECONDS: u64 = 15, "seconds";
    /// A reader of whom nothing was heard for twice as long is gone.
    SOCKET_PING_SECONDS: u64 = 30, "seconds";
}

/// Largest message from a reader: it has nothing to say but that it is there.
const HEARD_BYTES_MAX: usize = 1024;

/// Whether a request for a query's events asks to be sent them from now on.
fn asked(uri: &Uri, headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let pairs = uri.query().unwrap_or("").split('&');
    upgrade || pairs.map(|pair| pair.split('=').next().unwrap_or_default()).any(|name| CONTROLS.contains(&name) || is_time(name))
}

/// What stands in the address, beside the fields of a schedule.
const CONTROLS: [&str; 3] = ["stream", "reportIfEmpty", "initialRecordTime"];

fn is_time(name: &str) -> bool {
    schedule::names().any(|known| known == name)
}

/// The controls of the address as those of a subscription's body.
fn sent(uri: &Uri) -> Result<Map<String, Value>, Problem> {
    let mut sent = Map::new();
    let mut times = Map::new();
    for pair in uri.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = base::percent::decode(value).ok_or_else(|| Problem::query(format!("{name} has a broken percent escape")))?;
        let value = match (name, value.as_str()) {
            ("stream" | "reportIfEmpty", "true") => Value::Bool(true),
            ("stream" | "reportIfEmpty", "false") => Value::Bool(false),
            _ => Value::String(value),
        };
        if is_time(name) {
            times.insert(name.to_owned(), value);
        } else if CONTROLS.contains(&name) {
            sent.insert(name.to_owned(), value);
        } else {
            let times = schedule::names().collect::<Vec<_>>().join(", ");
            let known = format!("{name} is not known here: a subscription takes {}, or {times}", CONTROLS.join(", "));
            return Err(Problem::query(known));
        }
    }
    if !times.is_empty() {
        sent.insert("schedule".to_owned(), Value::Object(times));
    }
    Ok(sent)
}

/// `GET /queries/{queryName}/events`: the events of now, or those that come.
pub(super) async fn events(
    State(state): State<AppState>,
    Querying(member): Querying,
    Path(name): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let asked = asked(&uri, &headers);
    let kept = named(&state, &member, &name)?;
    if asked { open(&state, member, kept, &uri, &headers, upgrade) } else { queries::events(state, member, kept, &uri).await }
}

/// Answers with a connection that stays.
fn open(
    state: &AppState,
    member: String,
    kept: NamedQuery,
    uri: &Uri,
    headers: &HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let controls = Controls::of(&sent(uri)?)?;
    of_no_limit(&kept)?;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(_) => return Ok(not_upgraded()),
    };
    let Some(seat) = Seat::take(&member) else {
        return Err(Problem {
            retry_after_s: Some(60),
            ..Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "epcisException:SubscribeNotPermittedException",
                "Too many connections",
                format!(
                    "Subscriptions by WebSocket: {SOCKETS_OF_ONE} of one member at once, {SOCKETS} of all. Close one, or subscribe by webhook."
                ),
            )
        });
    };
    let key = hash_of(headers).map(Fingerprint).ok_or_else(Problem::unauthorized)?;
    let engine = state.engine.clone();
    // With a time of its own it begins with the ledger's first entry, else with what comes from now on.
    let from = if controls.since_ms.is_some() { 0 } else { engine.view().size() };
    let subscription = Subscription {
        id: random_id(),
        member,
        query: kept.name,
        private: None,
        schedule: controls.schedule,
        report_if_empty: controls.report_if_empty,
        from,
        key,
        since_ms: controls.since_ms,
        created_ms: engine.now_ms(),
    };
    let live = Live::new(engine, subscription);
    let upgrade = upgrade.max_message_size(HEARD_BYTES_MAX).max_frame_size(HEARD_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| async move {
        told(socket, live).await;
        drop(seat);
    }))
}

/// Subscription controls without a connection that could stay.
fn not_upgraded() -> Response {
    let detail = "stream, a schedule, reportIfEmpty and initialRecordTime belong to a WebSocket: send Connection: Upgrade and Upgrade: websocket (RFC 6455) over HTTP/1.1, or leave them out.";
    let problem =
        Problem::new(StatusCode::UPGRADE_REQUIRED, "epcisException:SubscriptionControlsException", "A WebSocket is needed", detail);
    let mut response = problem.into_response();
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response
}

/// Sends what comes until either side has enough.
async fn told(mut socket: WebSocket, live: Live) {
    let live = Arc::new(Mutex::new(live));
    let mut looks = interval(Duration::from_millis(SUBSCRIPTION_EVERY_MS));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ping = Duration::from_secs(SOCKET_PING_SECONDS);
    let (mut heard, mut pinged) = (Instant::now(), Instant::now());
    loop {
        tokio::select! {
            _ = looks.tick() => {
                if heard.elapsed() > ping * 2 {
                    return;
                }
                if pinged.elapsed() > ping {
                    pinged = Instant::now();
                    if !sent_in_time(&mut socket, Message::Ping(Vec::new().into())).await {
                        return;
                    }
                }
                match look(&live).await {
                    Look::Nothing => {}
                    Look::Message(document) => {
                        if !sent_in_time(&mut socket, Message::Text(document.into())).await {
                            return;
                        }
                    }
                    Look::Over(why) => {
                        let frame = CloseFrame { code: close_code::POLICY, reason: why.into() };
                        sent_in_time(&mut socket, Message::Close(Some(frame))).await;
                        return;
                    }
                }
            }
            said = socket.recv() => match said {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => heard = Instant::now(),
                // It closes, is gone, or says what nobody asked it.
                _ => return,
            },
        }
    }
}

async fn sent_in_time(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(Duration::from_secs(SOCKET_SEND_SECONDS), socket.send(message)).await, Ok(Ok(())))
}

/// One look, as a query of its member among others: where there is no turn for it, the next look finds the same.
async fn look(live: &Arc<Mutex<Live>>) -> Look {
    let idle = live.lock().unwrap_or_else(PoisonError::into_inner).idle();
    let member = match idle {
        Ok(None) => return Look::Nothing,
        Ok(Some(member)) => member,
        Err(over) => return Look::Over(over),
    };
    let this = Arc::clone(live);
    match building::query(&member, move || this.lock().unwrap_or_else(PoisonError::into_inner).look()).await {
        Ok(Ok(look)) => look,
        Ok(Err(error)) => {
            tracing::error!(%error, "a subscription could not be looked at; it is looked at again");
            Look::Nothing
        }
        Err(_) => Look::Nothing,
    }
}

/// A member's place among all open ones; given back when it is dropped.
struct Seat(String);

static SEATS: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);

impl Seat {
    fn take(member: &str) -> Option<Self> {
        let mut seats = SEATS.lock().unwrap_or_else(PoisonError::into_inner);
        let seats = seats.get_or_insert_default();
        let own = seats.get(member).copied().unwrap_or_default();
        if own >= SOCKETS_OF_ONE || seats.values().sum::<usize>() >= SOCKETS {
            return None;
        }
        seats.insert(member.to_owned(), own + 1);
        Some(Self(member.to_owned()))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = SEATS.lock().unwrap_or_else(PoisonError::into_inner);
        let seats = seats.get_or_insert_default();
        if let Some(own) = seats.get_mut(&self.0) {
            *own -= 1;
            if *own == 0 {
                seats.remove(&self.0);
            }
        }
    }
}
