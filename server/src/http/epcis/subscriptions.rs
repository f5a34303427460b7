//! Subscriptions to named queries (EPCIS 2.0, 12.7): by webhook, with each new record or at times.

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::clock::now_ms;
use serde_json::{Map, Value, json};
use store::record::outgoing::{Fingerprint, Outgoing, Subscription};
use store::record::{Blob, NamedQuery, StateRecord};
use store::rows::outgoing::{MessageRow, Standing, SubscriptionRow};

use super::queries::{NAMING, named};
use super::{Page, ROOT, failed, json_in, made, next_page, page_of, said, takes_records, unknown_token};
use crate::epcis::query::Query;
use crate::epcis::schedule::Schedule;
use crate::epcis::search::canonical;
use crate::epcis::subscriptions::{Private, SUBSCRIPTIONS, end, is_open, private};
use crate::epcis::visible::rfc3339;
use crate::http::keyed::{Querying, hash_of};
use crate::http::problem::Problem;
use crate::outbox::{address, random_id, shown_id, webhook};
use crate::state::AppState;

/// Largest request.
const BYTES_MAX: usize = 16 * 1024;
/// Characters of a token that the client made.
const TOKEN_CHARS: std::ops::RangeInclusive<usize> = 24..=128;
/// What a subscription may say.
const FIELDS: [&str; 7] = ["dest", "signatureToken", "reportIfEmpty", "initialRecordTime", "stream", "schedule", "@context"];

fn controls(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "epcisException:SubscriptionControlsException", "The subscription is not valid", detail)
}

fn text<'a>(sent: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Problem> {
    match sent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(controls(format!("{name}: write a text"))),
    }
}

fn flag(sent: &Map<String, Value>, name: &str) -> Result<bool, Problem> {
    match sent.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(_) => Err(controls(format!("{name}: write true or false"))),
    }
}

/// When a subscription tells, and from where on.
pub(super) struct Controls {
    /// At these times; `None` with each new record.
    pub(super) schedule: Option<Value>,
    /// Also where there is nothing to tell.
    pub(super) report_if_empty: bool,
    /// Events recorded before this time are not told.
    pub(super) since_ms: Option<u64>,
}

impl Controls {
    pub(super) fn of(sent: &Map<String, Value>) -> Result<Self, Problem> {
        let stream = flag(sent, "stream")?;
        let schedule = match sent.get("schedule") {
            None | Some(Value::Null) => None,
            Some(Value::Object(schedule)) => {
                Schedule::parse(schedule).map_err(controls)?;
                Some(Value::Object(schedule.clone()))
            }
            Some(_) => return Err(controls("schedule: write an object, for example {\"hour\": \"1\", \"minute\": \"5\"}")),
        };
        if stream == schedule.is_some() {
            return Err(controls("say either \"stream\": true, for each new record, or a schedule"));
        }
        let since_ms = match text(sent, "initialRecordTime")? {
            None => None,
            Some(time) => {
                let time = time.parse::<jiff::Timestamp>().ok().and_then(|time| u64::try_from(time.as_millisecond()).ok());
                Some(time.ok_or_else(|| controls("initialRecordTime: write a time with offset, for example 2026-11-22T14:00:00Z"))?)
            }
        };
        Ok(Self { schedule, report_if_empty: flag(sent, "reportIfEmpty")?, since_ms })
    }
}

/// A query with a limit of its own has no next event.
pub(super) fn of_no_limit(kept: &NamedQuery) -> Result<(), Problem> {
    let asked = kept.query.as_ref().and_then(Value::as_object).ok_or_else(|| failed("query", &"a kept query is no object"))?;
    let query = Query::from_json(asked, canonical).map_err(Problem::query)?;
    if query.count_limit.is_some() || query.count_max.is_some() {
        let why = "A query with eventCountLimit or maxEventCount cannot be subscribed to: keep one without.";
        let kind = "epcisException:SubscribeNotPermittedException";
        return Err(Problem::new(StatusCode::BAD_REQUEST, kind, "Nothing to subscribe to", why));
    }
    Ok(())
}

/// What was sent, checked, with whether the secret was made here.
fn checked(sent: &Map<String, Value>, local: bool) -> Result<(Private, bool, Subscription), Problem> {
    if let Some(unknown) = sent.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(controls(format!("{unknown} is not known here; a subscription has {}", FIELDS[..6].join(", "))));
    }
    let dest = text(sent, "dest")?.ok_or_else(|| controls("dest is missing: the address that messages go to"))?;
    address::parse(dest, local).map_err(|fault| {
        let why = format!("dest: {}", fault.said());
        Problem::new(StatusCode::BAD_REQUEST, "epcisException:InvalidURIException", "Nothing can be sent there", why)
    })?;
    let token = text(sent, "signatureToken")?;
    if let Some(token) = token {
        let plain = TOKEN_CHARS.contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || (token.starts_with("whsec_") && webhook::secret_bytes(token).is_none()) {
            return Err(controls(
                "signatureToken: write 24 to 128 characters without blanks, or whsec_ and the base64 of 24 to 64 bytes, or leave it out and one is made",
            ));
        }
    }
    let controls = Controls::of(sent)?;
    let subscription = Subscription {
        id: random_id(),
        member: String::new(),
        query: String::new(),
        private: Some(Blob(0)),
        schedule: controls.schedule,
        report_if_empty: controls.report_if_empty,
        from: 0,
        key: Fingerprint(ledger::Hash([0; 32])),
        since_ms: controls.since_ms,
        created_ms: now_ms(),
    };
    let new = token.is_none();
    let token = token.map_or_else(webhook::new_secret, str::to_owned);
    Ok((Private { dest: dest.to_owned(), token }, new, subscription))
}

/// `POST /queries/{queryName}/subscriptions`.
pub(super) async fn create(
    State(state): State<AppState>,
    Querying(member): Querying,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let sent = json_in(&headers, &body, BYTES_MAX, "subscription")?;
    let sent = sent.as_object().ok_or_else(|| controls("write an object, with dest, and stream or schedule"))?;
    let (private, new, subscription) = checked(sent, state.desk.site.alerts.local)?;
    takes_records(&state)?;
    // While a query is asked for it is not taken away, and the count stays.
    let _turn = NAMING.lock().await;
    let kept = named(&state, &member, &name)?;
    of_no_limit(&kept)?;
    let index = state.engine.index();
    if index.subscriptions(&member, "").map_err(|e| failed("subscriptions", &e))?.len() >= SUBSCRIPTIONS {
        return Err(controls(format!("you have {SUBSCRIPTIONS} subscriptions already; delete one that you need no more")));
    }
    let key = hash_of(&headers).map(Fingerprint).ok_or_else(Problem::unauthorized)?;
    // With a time of its own it begins with the ledger's first entry, else with what comes from now on.
    let from = if subscription.since_ms.is_some() { 0 } else { state.engine.view().size() };
    let subscription = Subscription { member, query: name.clone(), key, from, ..subscription };
    let mut answer = shown(&subscription, &private.dest, None);
    if new {
        answer["signatureToken"] = json!(private.token);
    }
    let address = format!("{ROOT}/queries/{name}/subscriptions/{}", subscription.id);
    let blob = serde_json::to_vec(&private).expect("texts are JSON");
    let record = StateRecord::Outgoing(Outgoing::Subscription(subscription));
    state.engine.state_with(record, vec![blob]).await.map_err(|e| failed("subscription", &e))?;
    made(StatusCode::CREATED, &address, answer)
}

fn shown(subscription: &Subscription, dest: &str, notified_ms: Option<u64>) -> Value {
    let mut json = json!({
        "subscriptionID": subscription.id, "createdAt": rfc3339(subscription.created_ms), "queryName": subscription.query, "dest": dest,
        "reportIfEmpty": subscription.report_if_empty,
    });
    match &subscription.schedule {
        Some(schedule) => json["schedule"] = schedule.clone(),
        None => json["stream"] = json!(true),
    }
    if let Some(since) = subscription.since_ms {
        json["initialRecordTime"] = json!(rfc3339(since));
    }
    if let Some(at) = notified_ms {
        json["lastNotifiedAt"] = json!(rfc3339(at));
    }
    json
}

/// A subscription with its messages, newest first, as far as its log has them.
fn whole(state: &AppState, row: &SubscriptionRow, with_log: bool) -> Result<Value, Problem> {
    let private = private(&state.engine, row).map_err(|e| failed("subscription", &e))?;
    let (log, gone) = state.engine.index().log(&row.subscription.id).map_err(|e| failed("subscription", &e))?;
    let taken = |message: &MessageRow| message.attempts.last().filter(|_| message.standing == Standing::Delivered).map(|last| last.at_ms);
    let mut json = shown(&row.subscription, &private.map(|private| private.dest).unwrap_or_default(), log.iter().filter_map(taken).max());
    if !is_open(&state.engine, &row.subscription).map_err(|e| failed("subscription", &e))? {
        json["ended"] = json!("the API key that asked for it was ended; delete it, and subscribe anew");
    }
    if with_log {
        json["messages"] = log.iter().map(message).collect();
        json["olderMessages"] = json!(gone);
    }
    Ok(json)
}

fn message(row: &MessageRow) -> Value {
    let stands = match row.standing {
        Standing::Waiting { .. } => "waiting",
        Standing::Delivered => "delivered",
        Standing::Failed => "failed",
    };
    let mut json =
        json!({ "webhookID": shown_id(&row.message.id), "createdAt": rfc3339(row.message.at_ms), "state": stands, "attempts": row.tries });
    if let Standing::Waiting { due_ms } = row.standing {
        json["nextAttemptAt"] = json!(rfc3339(due_ms));
    }
    if let Some(last) = row.attempts.last() {
        json["lastAnswer"] = json!(last.answer);
    }
    json
}

/// `GET /queries/{queryName}/subscriptions`.
pub(super) async fn list(
    State(state): State<AppState>,
    Querying(member): Querying,
    Path(name): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    let page = Page::parse(&uri)?;
    named(&state, &member, &name)?;
    let all = state.engine.index().subscriptions(&member, &name).map_err(|e| failed("subscriptions", &e))?;
    let id = |row: &SubscriptionRow| row.subscription.id.clone();
    let from = match &page.token {
        Some(token) if all.iter().any(|row| id(row) == *token) => all.partition_point(|row| id(row) <= *token),
        Some(_) => return Err(unknown_token()),
        None => 0,
    };
    let here = &all[from..all.len().min(from.saturating_add(page.per_page))];
    let next = here.last().filter(|_| from + here.len() < all.len()).map(|last| next_page(&uri, &id(last)));
    let rows: Vec<Value> = here.iter().map(|row| whole(&state, row, false)).collect::<Result<_, _>>()?;
    Ok(page_of(rows, next))
}

fn found(state: &AppState, member: &str, name: &str, id: &str) -> Result<SubscriptionRow, Problem> {
    let row = state.engine.index().subscription(id).map_err(|e| failed("subscription", &e))?;
    let own = row.filter(|row| row.subscription.member == member && row.subscription.query == name);
    own.ok_or_else(|| Problem::not_found(format!("You have no subscription {id} to a query named {name}.")))
}

/// `GET /queries/{queryName}/subscriptions/{subscriptionID}`.
pub(super) async fn one(
    State(state): State<AppState>,
    Querying(member): Querying,
    Path((name, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    Ok(said(StatusCode::OK, whole(&state, &found(&state, &member, &name, &id)?, true)?))
}

/// `DELETE /queries/{queryName}/subscriptions/{subscriptionID}`.
pub(super) async fn delete(
    State(state): State<AppState>,
    Querying(member): Querying,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    takes_records(&state)?;
    let _turn = NAMING.lock().await;
    let row = found(&state, &member, &name, &id)?;
    end(&state.engine, row).await.map_err(|e| failed("subscription", &e))?;
    Ok(StatusCode::NO_CONTENT)
}
