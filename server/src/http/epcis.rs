//! The EPCIS 2.0 REST binding (EPCIS 2.0, 12): capture, capture jobs, events, what can be browsed, named queries. A member's API key
//! opens it.

pub mod openapi;
mod queries;
mod resources;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, MatchedPath, OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use ledger::name::Name;
use serde_json::{Value, json};

use super::headers::random_hex;
use super::keyed::{Keyed, member_of};
use super::problem::Problem;
use crate::capture::{self, Behaviour, CaptureError, DOCUMENT_BYTES_MAX, EVENTS_MAX, Options, Outcome};
use crate::engine::state::{CaptureJob, StateRecord};
use crate::engine::{Engine, View, ViewError};
use crate::epcis::identity;
use crate::epcis::query::{PER_PAGE_DEFAULT, PER_PAGE_MAX, Query};
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

/// Before every address of the interface.
const ROOT: &str = "/epcis/v2";

/// Longest query string; what needs more is a named query.
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// Routes of `/epcis/v2`: those of the table, which is also what the interface's description is made of.
pub fn routes() -> Router<AppState> {
    let mut router = Router::new().route(&format!("{ROOT}/openapi.json"), get(openapi::document).options(discovery).fallback(not_so));
    for resource in openapi::resources() {
        let methods = || (resource.methods)().options(discovery).fallback(not_so);
        router = router.route(&format!("{ROOT}{}", resource.path), methods());
        if resource.path.is_empty() {
            router = router.route(&format!("{ROOT}/"), methods());
        }
    }
    router
        .route(&format!("{ROOT}/{{*unknown}}"), any(nothing_here))
        .layer(axum::middleware::from_fn(answerable))
        .layer(DefaultBodyLimit::max(DOCUMENT_BYTES_MAX))
}

/// Refuses what no answer would fit: another format than JSON, or a query beyond reason.
async fn answerable(request: Request, next: Next) -> Response {
    let accepts: Vec<&str> = request.headers().get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).collect();
    let json = |range: &str| {
        let kind = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(kind.as_str(), "*/*" | "application/*" | "application/json" | "")
            || (kind.starts_with("application/") && kind.ends_with("+json"))
    };
    if !accepts.is_empty() && !accepts.iter().flat_map(|line| line.split(',')).any(json) {
        let detail = "Answers of this interface are JSON: accept application/json.";
        return Problem::new(StatusCode::NOT_ACCEPTABLE, "epcisException:NotAcceptableException", "Not in that format", detail)
            .into_response();
    }
    if request.uri().query().is_some_and(|query| query.len() > QUERY_BYTES_MAX) {
        let detail = format!("The query string is longer than {QUERY_BYTES_MAX} bytes: keep it as a named query (POST {ROOT}/queries).");
        let title = "The query is too long";
        return Problem::new(StatusCode::URI_TOO_LONG, "epcisException:QueryTooComplexException", title, detail).into_response();
    }
    next.run(request).await
}

/// `OPTIONS`: which versions are spoken here, with which methods and limits.
async fn discovery(path: MatchedPath) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    version_headers(response.headers_mut());
    range_headers(response.headers_mut());
    if [format!("{ROOT}/capture"), format!("{ROOT}/events")].iter().any(|known| known == path.as_str()) {
        limit_headers(response.headers_mut());
    }
    allow(&mut response, path.as_str());
    response
}

async fn not_so(method: Method, path: MatchedPath) -> Response {
    let detail = format!("{method} is not served at {}; Allow says what is.", path.as_str());
    let title = "Not with this method";
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "epcisException:ImplementationException", title, detail);
    let mut response = problem.into_response();
    allow(&mut response, path.as_str());
    response
}

fn allow(response: &mut Response, path: &str) {
    if let Ok(value) = HeaderValue::from_str(&openapi::allowed(path.strip_prefix(ROOT).unwrap_or_default().trim_end_matches('/'))) {
        response.headers_mut().insert(header::ALLOW, value);
    }
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, what, "the EPCIS interface failed");
    Problem::internal()
}

fn takes_records(state: &AppState) -> Result<(), Problem> {
    state.engine.halted().map_or(Ok(()), |reason| Err(Problem::halted(reason)))
}

async fn nothing_here(OriginalUri(uri): OriginalUri) -> Problem {
    Problem::not_found(format!("{} is none of the addresses of EPCIS that are served here; {ROOT}/openapi.json lists them.", uri.path()))
}

/// `GET` of the root: what can be browsed.
async fn top_level() -> Response {
    let mut response = collection(
        ["eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions", "events", "capture", "queries"]
            .map(str::to_owned)
            .to_vec(),
        None,
    );
    range_headers(response.headers_mut());
    response
}

const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";

/// A list of names, with where it goes on.
fn collection(members: Vec<String>, next: Option<String>) -> Response {
    let mut response = axum::Json(json!({ "@context": CONTEXT, "type": "Collection", "member": members })).into_response();
    version_headers(response.headers_mut());
    link(&mut response, next);
    response
}

fn link(response: &mut Response, next: Option<String>) {
    if let Some(value) = next.and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok()) {
        response.headers_mut().insert(header::LINK, value);
    }
}

/// The address of the next page: the same query with another token.
fn next_page(uri: &Uri, token: &str) -> String {
    let query = uri.query().unwrap_or("").split('&').filter(|p| !p.is_empty() && !p.starts_with("nextPageToken="));
    format!("{}?{}nextPageToken={token}", uri.path(), query.map(|p| format!("{p}&")).collect::<String>())
}

/// How much of a list is asked for, and from where.
struct Page {
    per_page: usize,
    token: Option<String>,
}

impl Page {
    fn parse(uri: &Uri) -> Result<Self, Problem> {
        let mut page = Self { per_page: PER_PAGE_DEFAULT, token: None };
        for pair in uri.query().unwrap_or("").split('&').filter(|p| !p.is_empty()) {
            match pair.split_once('=').unwrap_or((pair, "")) {
                ("perPage", n) => {
                    let count = n.parse().ok().filter(|n| (1..=PER_PAGE_MAX).contains(n));
                    page.per_page = count.ok_or_else(|| Problem::query(format!("perPage is \"{n}\": 1 to {PER_PAGE_MAX} are served")))?;
                }
                ("nextPageToken", token) => {
                    let broken = || {
                        Problem::query(format!(
                            "nextPageToken is \"{token}\", which has a broken percent escape: send it as it stands in the Link header"
                        ))
                    };
                    page.token = Some(crate::percent::decode(token).ok_or_else(broken)?);
                }
                (name, _) => {
                    return Err(Problem::query(format!("{name} is no parameter of this list: it takes perPage and nextPageToken")));
                }
            }
        }
        Ok(page)
    }
}

fn unknown_token() -> Problem {
    Problem::query("nextPageToken is not one of ours: start again without it")
}

/// `DELETE /nextPageToken/{token}`: a token says where the next page starts and nothing is kept for it, so nothing is left to end.
async fn end_token(Keyed(_): Keyed) -> StatusCode {
    StatusCode::NO_CONTENT
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
        let why = if only.used { only.problems.join("; ") } else { "this very event is in the ledger already".to_owned() };
        return Err(Problem::new(StatusCode::CONFLICT, "epcisException:ResourceAlreadyExistsException", "The eventID is in use", why));
    }
    // One that was taken without some of its goods has problems as well; its answer names them.
    if only.outcome == "refused" {
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

/// What is taken is JSON or XML, or a file of records that were signed elsewhere; none compressed.
fn acceptable(headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    let refuse = |what: &str| {
        Err(Problem::unsupported(format!(
            "{what} cannot be taken here. Send EPCIS 2.0 as JSON (Content-Type: application/json or application/ld+json) or EPCIS 1.2 or 2.0 as XML (application/xml), not compressed; or records signed elsewhere ({})",
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
    let xml = matches!(kind, "application/xml" | "text/xml") || kind.ends_with("+xml");
    if json || xml { Ok(()) } else { refuse(&format!("Content-Type {kind}")) }
}

async fn taken(state: &AppState, member: &str, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<(Options, Outcome), Problem> {
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

/// `GET /epcis/v2/capture`: the member's own jobs, newest first.
async fn jobs(State(state): State<AppState>, Keyed(member): Keyed, OriginalUri(uri): OriginalUri) -> Result<Response, Problem> {
    let page = Page::parse(&uri)?;
    let mut jobs = Vec::new();
    let mut waiting = page.token.clone();
    for job in state.engine.index().capture_jobs(&member) {
        let job = job.map_err(|e| failed("capture jobs", &e))?;
        match &waiting {
            Some(token) if *token == job.id => waiting = None,
            Some(_) => {}
            None => jobs.push(job),
        }
        if jobs.len() > page.per_page {
            break;
        }
    }
    if waiting.is_some() {
        return Err(unknown_token());
    }
    let more = jobs.len() > page.per_page;
    jobs.truncate(page.per_page);
    let next = jobs.last().filter(|_| more).map(|last| next_page(&uri, &last.id));
    let list: Vec<Value> = jobs.into_iter().map(|job| job.document).collect();
    let mut response = axum::Json(list).into_response();
    version_headers(response.headers_mut());
    link(&mut response, next);
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
    let query = Query::parse(uri.query().unwrap_or(""), canonical).map_err(Problem::query)?;
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
    let (engine, wanted) = (state.engine.clone(), id.clone());
    let page = tokio::task::spawn_blocking(move || called(&engine, &reader, &wanted)).await;
    let page = page.map_err(|e| failed("query", &e))?.map_err(|e| failed("query", &e))?;
    if page.is_empty() {
        return Err(Problem::not_found(format!("No event that you may see has the eventID {id}.")));
    }
    Ok(query_document(&uri, &page, None, None))
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

async fn answer(state: &AppState, uri: &Uri, reader: Reader, query: Query) -> Result<Response, Problem> {
    let (page, next) = found(state, reader, query).await?;
    Ok(query_document(uri, &page, next, None))
}

async fn found(state: &AppState, reader: Reader, query: Query) -> Result<(Vec<Visible>, Option<u64>), Problem> {
    let view = state.engine.view();
    let (limited, most) = (query.count_limit.is_some(), query.count_max);
    let found = tokio::task::spawn_blocking(move || select(&view, &reader, &query)).await;
    let (page, next) = found.map_err(|e| failed("query", &e))?.map_err(|e| failed("query", &e))?;
    if let Some(most) = most {
        // Where the rest was not read nobody knows how many there are.
        if next.is_some() || page.len() > most {
            let detail = format!(
                "More than {most} events match (maxEventCount), or more entries than one answer reads. Ask for less, or page by page."
            );
            let kind = "epcisException:QueryTooLargeException";
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, kind, "The answer is too large", detail));
        }
    }
    Ok((page, next.filter(|_| !limited)))
}

/// The events with this id that the reader may see: its own, and others' whose public part has it.
fn called(engine: &Engine, reader: &Reader, id: &str) -> Result<Vec<Visible>, ViewError> {
    let view = engine.view();
    let mut page = Vec::new();
    for member in engine.index().members() {
        let member = member?;
        let own = member == reader.id;
        let identity = if own { identity::named(engine, &view, &member, id)? } else { ledger::entry::event_id(id.as_bytes()) };
        let author = Name::member_key(&member);
        for index in identity::entries(&view, &author, &identity)? {
            // Of an event in pieces the first gives all of it.
            let is_it = |event: &Visible| event.pieces_before.is_empty() && event.json.get("eventID").and_then(Value::as_str) == Some(id);
            page.extend(visible::read(&view, index, reader)?.filter(is_it));
        }
    }
    Ok(page)
}

fn query_document(uri: &Uri, page: &[Visible], next: Option<u64>, name: Option<&str>) -> Response {
    let list: Vec<&Value> = page.iter().map(|v| &v.json).collect();
    let document = json!({
        "@context": [CONTEXT, { "cbvmda": "urn:epcglobal:cbv:mda:", "lp": trace::epcis::LP_NAMESPACE }],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": rfc3339(now_ms()),
        "epcisBody": { "queryResults": { "queryName": name.unwrap_or("SimpleEventQuery"), "resultsBody": { "eventList": list } } },
    });
    let mut response = axum::Json(document).into_response();
    version_headers(response.headers_mut());
    link(&mut response, next.map(|token| next_page(uri, &token.to_string())));
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
    for (read, index) in order.enumerate() {
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

type Candidates = (Box<dyn Iterator<Item = u64>>, Option<Vec<u64>>);

/// Indices to look at, in their order: the lists of the EPCs asked for, or all; and these lists, ascending, beginning with the first page.
fn candidates(view: &View, query: &Query) -> Result<Candidates, ViewError> {
    let epcs = query.epcs();
    if epcs.is_empty() {
        let all = match query.after {
            Some(after) if query.ascending => after.saturating_add(1)..view.size(),
            Some(after) => 0..after.min(view.size()),
            None => 0..view.size(),
        };
        return Ok((if query.ascending { Box::new(all) } else { Box::new(all.rev()) }, None));
    }
    let mut listed = Vec::new();
    for path in epcs {
        let Ok(link) = trace::gs1::DigitalLink::from_request(path, None) else { continue };
        listed.extend(view.about(&link.name().key())?);
    }
    listed.sort_unstable();
    listed.dedup();
    let mut indices = listed.clone();
    if let Some(after) = query.after {
        indices.retain(|i| if query.ascending { *i > after } else { *i < after });
    }
    if !query.ascending {
        indices.reverse();
    }
    Ok((Box::new(indices.into_iter()), Some(listed)))
}
