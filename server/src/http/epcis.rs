//! The EPCIS 2.0 REST binding (EPCIS 2.0, 12): capture, capture jobs, queries. A member's API key opens it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use ledger::name::Name;
use serde_json::{Value, json};

use super::headers::random_hex;
use super::keyed::{Keyed, member_of};
use super::problem::Problem;
use crate::capture::{self, Behaviour, CaptureError, DOCUMENT_BYTES_MAX, EVENTS_MAX, Options, Outcome};
use crate::engine::state::{CaptureJob, StateRecord};
use crate::engine::{View, ViewError};
use crate::epcis::query::{Filter, Query};
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
/// As the official OpenAPI document of EPCIS 2.0 names it, and as we did at first.
const BEHAVIOUR: [HeaderName; 2] =
    [HeaderName::from_static("gs1-capture-error-behaviour"), HeaderName::from_static("gs1-epcis-capture-error-behaviour")];
/// What is spoken at the least and at the most, and by what.
const RANGE: [(HeaderName, &str); 5] = [
    (HeaderName::from_static("gs1-epcis-min"), "2.0.0"),
    (HeaderName::from_static("gs1-epcis-max"), "2.0.0"),
    (HeaderName::from_static("gs1-cbv-min"), "2.0.0"),
    (HeaderName::from_static("gs1-cbv-max"), "2.0.0"),
    (HeaderName::from_static("gs1-vendor-version"), env!("CARGO_PKG_VERSION")),
];

/// Routes of `/epcis/v2`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/epcis/v2", get(versions).options(versions))
        .route("/epcis/v2/capture", post(capture).options(capture_options))
        .route("/epcis/v2/capture/{id}", get(job))
        .route("/epcis/v2/events", get(events).post(capture_event).options(capture_options))
        .route("/epcis/v2/events/{id}", get(event).delete(erase_event))
        .route("/epcis/v2/epcs/{epc}/events", get(events_of))
        .route("/epcis/v2/{*unknown}", any(nothing_here))
        .layer(DefaultBodyLimit::max(DOCUMENT_BYTES_MAX))
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, what, "the EPCIS interface failed");
    Problem::internal()
}

fn takes_records(state: &AppState) -> Result<(), Problem> {
    state.engine.halted().map_or(Ok(()), |reason| Err(Problem::halted(reason)))
}

async fn nothing_here(OriginalUri(uri): OriginalUri) -> Problem {
    Problem::not_found(format!("{} is none of the addresses of EPCIS that are served here: capture, events, epcs/…/events.", uri.path()))
}

/// `OPTIONS` and the root: which versions are spoken.
async fn versions() -> Response {
    let mut response = axum::Json(json!({ "epcis": "2.0", "cbv": "2.0" })).into_response();
    version_headers(response.headers_mut());
    range_headers(response.headers_mut());
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, OPTIONS"));
    response
}

async fn capture_options(OriginalUri(uri): OriginalUri) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    version_headers(response.headers_mut());
    range_headers(response.headers_mut());
    limit_headers(response.headers_mut());
    let allow = if uri.path().ends_with("/capture") { "POST, OPTIONS" } else { "GET, POST, OPTIONS" };
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

fn version_headers(headers: &mut HeaderMap) {
    headers.insert(VERSION, HeaderValue::from_static("2.0.0"));
    headers.insert(CBV_VERSION, HeaderValue::from_static("2.0.0"));
}

fn range_headers(headers: &mut HeaderMap) {
    for (name, value) in RANGE {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn limit_headers(headers: &mut HeaderMap) {
    headers.insert(CAPTURE_LIMIT, HeaderValue::from(EVENTS_MAX));
    headers.insert(FILE_LIMIT, HeaderValue::from(DOCUMENT_BYTES_MAX));
    for name in BEHAVIOUR {
        headers.insert(name, HeaderValue::from_static("rollback, proceed"));
    }
}

/// `POST /epcis/v2/capture`: 202 with the job's address. What the job lists as captured is on disk and in the ledger.
async fn capture(
    State(state): State<AppState>,
    Keyed(member): Keyed,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (options, outcome) = taken(&state, &member, &uri, &headers, &body).await?;
    answer_capture(&state, member, options, &outcome).await
}

/// `POST /epcis/v2/events`: one event, answered by what became of it. A document of several is a capture.
async fn capture_event(
    State(state): State<AppState>,
    Keyed(member): Keyed,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (options, outcome) = taken(&state, &member, &uri, &headers, &body).await?;
    let [only] = outcome.events.as_slice() else { return answer_capture(&state, member, options, &outcome).await };
    if only.used || only.outcome == "already captured" {
        let why = only.problems.first().cloned().unwrap_or_else(|| "this very event is in the ledger already".to_owned());
        return Err(Problem::new(StatusCode::CONFLICT, "epcisException:ResourceAlreadyExistsException", "The eventID is in use", why));
    }
    if !only.problems.is_empty() {
        return Err(Problem::validation(only.problems.join("; ")));
    }
    if options.dry_run {
        return answer_capture(&state, member, options, &outcome).await;
    }
    let mut response = (StatusCode::CREATED, axum::Json(only)).into_response();
    if let Some(id) = &only.event_id {
        let location = format!("/epcis/v2/events/{}", crate::percent::component(id));
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_str(&location).map_err(|e| failed("location", &e))?);
    }
    version_headers(response.headers_mut());
    Ok(response)
}

/// What is taken is JSON, or a file of records that were signed elsewhere; neither compressed.
fn acceptable(headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    let refuse = |what: &str| {
        Err(Problem::unsupported(format!(
            "{what} cannot be taken here. Send EPCIS 2.0 as JSON (Content-Type: application/json or application/ld+json), not compressed; or records signed elsewhere ({})",
            presigned::CONTENT_TYPE
        )))
    };
    let text = |name| headers.get(name).map(|v: &HeaderValue| v.to_str().unwrap_or("an unreadable value").trim().to_ascii_lowercase());
    if let Some(encoding) = text(header::CONTENT_ENCODING).filter(|encoding| !matches!(encoding.as_str(), "" | "identity")) {
        return refuse(&format!("Content-Encoding {encoding}"));
    }
    if body.starts_with(&[0x1f, 0x8b]) {
        return refuse("A gzip file");
    }
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    // curl says form data of any file that it is told nothing about.
    let json = matches!(kind, "" | "application/json" | "application/x-www-form-urlencoded") || kind.ends_with("+json");
    if !json {
        return refuse(&format!("Content-Type {kind}"));
    }
    let start = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    if start.starts_with(b"<") { refuse("XML") } else { Ok(()) }
}

async fn taken(
    state: &AppState,
    member: &str,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Options, Outcome), Problem> {
    takes_records(state)?;
    let options = Options { behaviour: behaviour(headers)?, dry_run: dry_run(uri.query()), now_ms: now_ms() };
    let signed = headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes() == presigned::CONTENT_TYPE.as_bytes());
    let (outcome, expected_seq) = if signed {
        presigned::run(&state.engine, member, body, options).await.map(|taken| (taken.outcome, taken.expected_seq))
    } else {
        acceptable(headers, body)?;
        let text = std::str::from_utf8(body).map_err(|e| Problem::validation(format!("the document is not UTF-8: {e}")))?;
        capture::run(&state.engine, member, text, options, None).await.map(|outcome| (outcome, None))
    }
    .map_err(|e| match e {
        CaptureError::Busy => Problem::busy(),
        CaptureError::Internal(why) => failed("capture", &why),
        CaptureError::Unavailable(why) => {
            tracing::error!(%why, "a capture's names could not be looked up");
            Problem::unreadable()
        }
        CaptureError::TooMany(_) => Problem::too_large(e.to_string()),
        CaptureError::Document(_) | CaptureError::Presigned(_) => Problem::validation(e.to_string()),
    })?;
    if let Some(expected) = expected_seq {
        return Err(Problem::sequence(expected, &outcome));
    }
    Ok((options, outcome))
}

async fn answer_capture(state: &AppState, member: String, options: Options, outcome: &Outcome) -> Result<Response, Problem> {
    if options.dry_run {
        let mut response = axum::Json(job_document("dry run", options, outcome)).into_response();
        version_headers(response.headers_mut());
        return Ok(response);
    }
    let id = random_hex();
    let document = job_document(&id, options, outcome);
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
    let said = BEHAVIOUR.iter().find_map(|name| headers.get(name)).map(|v| v.to_str().unwrap_or("unreadable"));
    match said {
        None | Some("rollback") => Ok(Behaviour::Rollback),
        Some("proceed") => Ok(Behaviour::Proceed),
        Some(other) => Err(Problem::validation(format!("GS1-Capture-Error-Behaviour is \"{other}\": use rollback or proceed"))),
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
        "masterDataNotShown": outcome.ignored,
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
    let query =
        Query { filters: vec![Filter::Equals("eventID", vec![id.clone()])], ..Query::parse("", canonical).map_err(Problem::validation)? };
    let (page, next) = found(&state, reader, query).await?;
    if page.is_empty() && next.is_none() {
        return Err(Problem::not_found(format!("No event that you may see has the eventID {id}.")));
    }
    Ok(query_document(&uri, &page, next))
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
    let (page, next) = found(state, reader, query).await?;
    Ok(query_document(uri, &page, next))
}

async fn found(state: &AppState, reader: Reader, query: Query) -> Result<(Vec<Visible>, Option<u64>), Problem> {
    let view = state.engine.view();
    let found = tokio::task::spawn_blocking(move || select(&view, &reader, &query)).await;
    found.map_err(|e| failed("query", &e))?.map_err(|e| failed("query", &e))
}

fn query_document(uri: &axum::http::Uri, page: &[Visible], next: Option<u64>) -> Response {
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
    response
}

/// Reads entries in the order asked for until the page is full. The second value is where the next page starts.
///
/// Pages follow record order, which never changes; inside a page events are sorted as asked. Sorting all events ever recorded by
/// event time would need every one of them for each answer.
fn select(view: &View, reader: &Reader, query: &Query) -> Result<(Vec<Visible>, Option<u64>), ViewError> {
    let mut page = Vec::new();
    let mut last = None;
    let (order, listed) = candidates(view, query)?;
    // An event in several entries is answered once, for the first of them that is asked for, on whatever page that is.
    let again =
        |event: &Visible| event.pieces_before.iter().any(|piece| listed.as_ref().is_none_or(|listed| listed.binary_search(piece).is_ok()));
    for (read, index) in order.into_iter().enumerate() {
        if read == SCAN_ENTRIES_MAX || page.len() == query.per_page {
            sort(&mut page, query);
            return Ok((page, last));
        }
        last = Some(index);
        if let Some(event) = visible::read(view, index, reader)?
            && !again(&event)
            && query.matches(
                &event.json,
                (!event.own).then_some(&event.records),
                i64::try_from(event.record_ms).unwrap_or(i64::MAX),
                &canonical,
            )
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

/// Indices to look at, in their order: the lists of the EPCs asked for, or all; and these lists, ascending, beginning with the first page.
fn candidates(view: &View, query: &Query) -> Result<(Vec<u64>, Option<Vec<u64>>), ViewError> {
    let epcs = query.epcs();
    let listed = if epcs.is_empty() {
        None
    } else {
        let mut all = Vec::new();
        for path in epcs {
            let Ok(link) = trace::gs1::DigitalLink::from_request(path, None) else { continue };
            let name: Name = link.name();
            all.extend(view.about(&name.key())?);
        }
        all.sort_unstable();
        all.dedup();
        Some(all)
    };
    let mut indices = listed.clone().unwrap_or_else(|| (0..view.size()).collect());
    if let Some(after) = query.after {
        indices.retain(|i| if query.ascending { *i > after } else { *i < after });
    }
    if !query.ascending {
        indices.reverse();
    }
    Ok((indices, listed))
}
