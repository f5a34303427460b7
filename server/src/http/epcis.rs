//! The EPCIS 2.0 REST binding (EPCIS 2.0, 12): capture, capture jobs, queries. A member's API key opens it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use ledger::name::Name;
use serde_json::{Value, json};

use super::headers::random_hex;
use super::keyed::{Keyed, member_of};
use super::problem::Problem;
use crate::capture::{self, Behaviour, CaptureError, DOCUMENT_BYTES_MAX, EVENTS_MAX, Options, Outcome};
use crate::engine::state::{CaptureJob, StateRecord};
use crate::engine::{View, ViewError};
use crate::epcis::query::Query;
use crate::epcis::visible::{self, Reader, Visible, rfc3339};
use crate::erase::{self, EraseError};
use crate::presigned;
use crate::scans::now_ms;
use crate::state::AppState;

/// Entries one query reads at the most before it answers with what it has and a token for the rest.
const SCAN_ENTRIES_MAX: usize = 20_000;

const VERSION: HeaderName = HeaderName::from_static("gs1-epcis-version");
const CBV_VERSION: HeaderName = HeaderName::from_static("gs1-cbv-version");
const CAPTURE_LIMIT: HeaderName = HeaderName::from_static("gs1-epcis-capture-limit");
const FILE_LIMIT: HeaderName = HeaderName::from_static("gs1-epcis-capture-file-size-limit");
const BEHAVIOUR: HeaderName = HeaderName::from_static("gs1-epcis-capture-error-behaviour");

/// Routes of `/epcis/v2`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/epcis/v2", get(versions).options(versions))
        .route("/epcis/v2/capture", post(capture).options(capture_options))
        .route("/epcis/v2/capture/{id}", get(job))
        .route("/presigned", get(next_number))
        .route("/epcis/v2/events", get(events).post(capture).options(versions))
        .route("/epcis/v2/events/{id}", get(event).delete(erase_event))
        .route("/epcis/v2/epcs/{epc}/events", get(events_of))
        .layer(DefaultBodyLimit::max(DOCUMENT_BYTES_MAX))
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, what, "the EPCIS interface failed");
    Problem::internal()
}

fn takes_records(state: &AppState) -> Result<(), Problem> {
    state.engine.halted().map_or(Ok(()), |reason| Err(Problem::halted(reason)))
}

/// `OPTIONS` and the root: which versions are spoken.
async fn versions() -> Response {
    let mut response = axum::Json(json!({ "epcis": "2.0", "cbv": "2.0" })).into_response();
    version_headers(response.headers_mut());
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST, OPTIONS"));
    response
}

async fn capture_options() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    version_headers(response.headers_mut());
    limit_headers(response.headers_mut());
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
    response
}

fn version_headers(headers: &mut HeaderMap) {
    headers.insert(VERSION, HeaderValue::from_static("2.0.0"));
    headers.insert(CBV_VERSION, HeaderValue::from_static("2.0.0"));
}

fn limit_headers(headers: &mut HeaderMap) {
    headers.insert(CAPTURE_LIMIT, HeaderValue::from(EVENTS_MAX));
    headers.insert(FILE_LIMIT, HeaderValue::from(DOCUMENT_BYTES_MAX));
    headers.insert(BEHAVIOUR, HeaderValue::from_static("rollback, proceed"));
}

/// `POST /epcis/v2/capture`: 202 with the job's address. What the job lists as captured is on disk and in the ledger.
async fn capture(
    State(state): State<AppState>,
    Keyed(member): Keyed,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    takes_records(&state)?;
    let options = Options { behaviour: behaviour(&headers)?, dry_run: dry_run(uri.query()), now_ms: now_ms() };
    let signed = headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes() == presigned::CONTENT_TYPE.as_bytes());
    let (outcome, expected_seq) = if signed {
        presigned::run(&state.engine, &member, &body, options).await.map(|taken| (taken.outcome, taken.expected_seq))
    } else {
        let text = std::str::from_utf8(&body).map_err(|e| Problem::validation(format!("the document is not UTF-8: {e}")))?;
        capture::run(&state.engine, &member, text, options, None).await.map(|outcome| (outcome, None))
    }
    .map_err(|e| match e {
        CaptureError::Busy => Problem::busy(),
        CaptureError::Internal(why) => failed("capture", &why),
        CaptureError::TooMany(_) => Problem::too_large(e.to_string()),
        CaptureError::Document(_) | CaptureError::Presigned(_) => Problem::validation(e.to_string()),
    })?;
    if let Some(expected) = expected_seq {
        return Err(Problem::sequence(expected, &outcome));
    }
    if options.dry_run {
        let mut response = axum::Json(job_document("dry run", options, &outcome)).into_response();
        version_headers(response.headers_mut());
        return Ok(response);
    }
    let id = random_hex();
    let document = job_document(&id, options, &outcome);
    let job = CaptureJob { id: id.clone(), member, created_ms: options.now_ms, document: document.clone() };
    state.engine.state(StateRecord::CaptureJob(job)).await.map_err(|e| failed("capture job", &e))?;
    let location = HeaderValue::from_str(&format!("/epcis/v2/capture/{id}")).map_err(|e| failed("location", &e))?;
    let mut response = (StatusCode::ACCEPTED, axum::Json(document)).into_response();
    response.headers_mut().insert(header::LOCATION, location);
    version_headers(response.headers_mut());
    limit_headers(response.headers_mut());
    Ok(response)
}

fn behaviour(headers: &HeaderMap) -> Result<Behaviour, Problem> {
    match headers.get(BEHAVIOUR).and_then(|v| v.to_str().ok()) {
        None | Some("rollback") => Ok(Behaviour::Rollback),
        Some("proceed") => Ok(Behaviour::Proceed),
        Some(other) => Err(Problem::validation(format!("GS1-EPCIS-Capture-Error-Behaviour is \"{other}\": use rollback or proceed"))),
    }
}

fn dry_run(query: Option<&str>) -> bool {
    query.is_some_and(|q| q.split('&').any(|p| matches!(p, "dryRun" | "dryRun=true" | "dryRun=1")))
}

/// An EPCISCaptureJob (EPCIS 2.0, 12.6.2), with the result of each event beside it.
fn job_document(id: &str, options: Options, outcome: &Outcome) -> Value {
    let errors: Vec<Value> = outcome
        .events
        .iter()
        .filter(|e| !e.problems.is_empty())
        .map(|e| {
            json!({
                "type": "epcisException:ValidationException",
                "title": "The event is not valid",
                "status": 400,
                "detail": e.problems.join("; "),
                "instance": e.event_id,
            })
        })
        .collect();
    json!({
        "captureID": id,
        "createdAt": rfc3339(options.now_ms),
        "finishedAt": rfc3339(now_ms()),
        "running": false,
        "success": outcome.success,
        "captureErrorBehaviour": match options.behaviour { Behaviour::Rollback => "rollback", Behaviour::Proceed => "proceed" },
        "errors": errors,
        "events": outcome.events,
        "masterData": outcome.master_data,
    })
}

/// `GET /epcis/v2/capture/{id}`: only for the member that posted it.
async fn job(State(state): State<AppState>, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let member = member_of(&state, &headers)?;
    let found = state.engine.index().capture_job(&id).map_err(|e| failed("capture job", &e))?;
    let job = found.filter(|j| j.member == member).ok_or_else(|| Problem::not_found("No capture job of yours has this id."))?;
    let mut response = axum::Json(job.document).into_response();
    version_headers(response.headers_mut());
    Ok(response)
}

/// `GET /presigned`: what a member needs to know to sign its next record.
async fn next_number(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    let member = member_of(&state, &headers)?;
    let view = state.engine.view();
    let newest = view.newest_seq(&Name::member_key(&member)).map_err(|e| failed("sequence number", &e))?;
    Ok(axum::Json(json!({ "origin": view.origin(), "member": member, "nextSeq": newest + 1 })).into_response())
}

/// Any way to write an EPC or place, as its canonical path.
fn canonical(epc: &str) -> Result<String, String> {
    let name =
        if epc.starts_with('/') { trace::gs1::DigitalLink::from_request(epc, None).map(|l| l.name()) } else { trace::gs1::name_of(epc) };
    let name = name.map_err(|e| format!("\"{epc}\" is no EPC: {e}"))?;
    name.digital_link_path().ok_or_else(|| format!("\"{epc}\" is no GS1 key"))
}

async fn events(State(state): State<AppState>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Result<Response, Problem> {
    let reader = reader(&state, &headers)?;
    let query = Query::parse(uri.query().unwrap_or(""), canonical).map_err(Problem::validation)?;
    answer(&state, &uri, reader, query).await
}

/// `GET /epcis/v2/epcs/{epc}/events`.
async fn events_of(
    State(state): State<AppState>,
    Path(epc): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reader = reader(&state, &headers)?;
    let mut query = Query::parse(uri.query().unwrap_or(""), canonical).map_err(Problem::validation)?;
    query.about(canonical(&epc).map_err(Problem::validation)?);
    answer(&state, &uri, reader, query).await
}

/// `GET /epcis/v2/events/{eventID}`.
async fn event(
    State(state): State<AppState>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reader = reader(&state, &headers)?;
    let text = format!("EQ_eventID={}", crate::percent::component(&id));
    let query = Query::parse(&text, canonical).map_err(Problem::validation)?;
    answer(&state, &uri, reader, query).await
}

/// `DELETE /epcis/v2/events/{eventID}?reason=…`: the words of one's own record are erased; its place in the ledger stays.
async fn erase_event(
    State(state): State<AppState>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let member = member_of(&state, &headers)?;
    takes_records(&state)?;
    let reason = uri.query().unwrap_or("").split('&').find_map(|p| p.strip_prefix("reason=")).unwrap_or("");
    let reason = crate::percent::decode(&reason.replace('+', " ")).unwrap_or_default();
    if !reason.is_empty() {
        trace::showable::words(&reason).map_err(|fault| Problem::validation(format!("reason: {fault}")))?;
    }
    let done = erase::erase(&state.engine, &member, &id, &reason).await.map_err(|e| match e {
        EraseError::Unknown(_) => Problem::not_found(e.to_string()),
        EraseError::Reason | EraseError::Refused(_) => Problem::validation(e.to_string()),
        EraseError::Busy => Problem::busy(),
        EraseError::Internal(why) => failed("erasure", &why),
    })?;
    let entries: Vec<Value> =
        done.iter().map(|a| json!({ "index": a.index, "leafHash": a.leaf_hash.to_string(), "repeat": a.is_repeat() })).collect();
    let mut response = axum::Json(json!({ "eventID": id, "outcome": "erased", "entries": entries })).into_response();
    version_headers(response.headers_mut());
    Ok(response)
}

fn reader(state: &AppState, headers: &HeaderMap) -> Result<Reader, Problem> {
    let id = member_of(state, headers)?;
    let versions = state.engine.view().member(&id).map_err(|e| failed("member", &e))?;
    let member = versions.into_iter().next_back().map(|(_, m)| m).ok_or_else(Problem::unauthorized)?;
    Ok(Reader { id, member })
}

async fn answer(state: &AppState, uri: &axum::http::Uri, reader: Reader, query: Query) -> Result<Response, Problem> {
    let view = state.engine.view();
    let asked = query.clone();
    let found = tokio::task::spawn_blocking(move || select(&view, &reader, &asked)).await;
    let (page, next) = found.map_err(|e| failed("query", &e))?.map_err(|e| failed("query", &e))?;
    let list: Vec<&Value> = page.iter().map(|v| &v.json).collect();
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", { "cbvmda": "urn:epcglobal:cbv:mda:", "lp": "https://leafproof.example/epcis/" }],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": rfc3339(now_ms()),
        "epcisBody": { "queryResults": { "queryName": "SimpleEventQuery", "resultsBody": { "eventList": list } } },
    });
    let mut response = axum::Json(document).into_response();
    version_headers(response.headers_mut());
    if let Some(token) = next {
        let kept: String = uri
            .query()
            .unwrap_or("")
            .split('&')
            .filter(|p| !p.is_empty() && !p.starts_with("nextPageToken="))
            .map(|p| format!("{p}&"))
            .collect();
        let link = format!("<{}?{kept}nextPageToken={token}>; rel=\"next\"", uri.path());
        if let Ok(value) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, value);
        }
    }
    Ok(response)
}

/// Reads entries in the order asked for until the page is full. The second value is where the next page starts.
///
/// Pages follow record order, which never changes; inside a page events are sorted as asked. Sorting all events ever recorded by
/// event time would need every one of them for each answer.
fn select(view: &View, reader: &Reader, query: &Query) -> Result<(Vec<Visible>, Option<u64>), ViewError> {
    let mut page = Vec::new();
    let mut last = None;
    for (read, index) in candidates(view, query)?.into_iter().enumerate() {
        if read == SCAN_ENTRIES_MAX || page.len() == query.per_page {
            sort(&mut page, query);
            return Ok((page, last));
        }
        last = Some(index);
        if let Some(event) = visible::read(view, index, reader)?
            && query.matches(&event.json, event.own, i64::try_from(event.record_ms).unwrap_or(i64::MAX), &canonical)
        {
            page.push(event);
        }
    }
    sort(&mut page, query);
    Ok((page, None))
}

fn sort(page: &mut [Visible], query: &Query) {
    if query.by_event_time {
        page.sort_by_key(|v| v.json.get("eventTime").and_then(Value::as_str).and_then(|t| t.parse::<jiff::Timestamp>().ok()));
        if !query.ascending {
            page.reverse();
        }
    }
}

/// Indices to look at: the lists of the EPCs asked for, or all.
fn candidates(view: &View, query: &Query) -> Result<Vec<u64>, ViewError> {
    let epcs = query.epcs();
    let mut indices: Vec<u64> = if epcs.is_empty() {
        (0..view.size()).collect()
    } else {
        let mut all = Vec::new();
        for path in epcs {
            let Ok(link) = trace::gs1::DigitalLink::from_request(path, None) else { continue };
            let name: Name = link.name();
            for key in [name.key(), name.key().bulk()] {
                all.extend(view.list(&key)?.into_iter().map(|row| row.index));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    };
    if let Some(after) = query.after {
        indices.retain(|i| if query.ascending { *i > after } else { *i < after });
    }
    if !query.ascending {
        indices.reverse();
    }
    Ok(indices)
}
