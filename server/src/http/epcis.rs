//! The EPCIS 2.0 REST binding (EPCIS 2.0, 12): capture, capture jobs, events, what can be browsed, named queries and subscriptions to them. A member's API key
//! opens it.

mod captures;
mod events;
mod openapi;
mod queries;
mod resources;
pub mod sockets;
mod subscriptions;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, OriginalUri, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use serde_json::{Value, json};

use super::keyed::Querying;
use super::problem::Problem;
use crate::capture::{DOCUMENT_BYTES_MAX, EVENTS_MAX};
use crate::epcis::document::CONTEXT;
use crate::epcis::query::{self, PER_PAGE_DEFAULT, UNKNOWN_TOKEN};
use crate::presigned;
use crate::state::AppState;

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
    if matches!(below(&path), "/capture" | "/events") {
        limit_headers(response.headers_mut());
    }
    allow(&mut response, &path);
    response
}

async fn not_so(method: Method, path: MatchedPath) -> Response {
    let detail = format!("{method} is not served at {}; Allow says what is.", path.as_str());
    let title = "Not with this method";
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "epcisException:ImplementationException", title, detail);
    let mut response = problem.into_response();
    allow(&mut response, &path);
    response
}

/// The address as the table has it.
fn below(path: &MatchedPath) -> &str {
    path.as_str().strip_prefix(ROOT).unwrap_or_default().trim_end_matches('/')
}

fn allow(response: &mut Response, path: &MatchedPath) {
    if let Ok(value) = HeaderValue::from_str(&openapi::allowed(below(path))) {
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

/// An answer in JSON, with the versions that are spoken.
fn said(status: StatusCode, json: impl serde::Serialize) -> Response {
    let mut response = (status, axum::Json(json)).into_response();
    version_headers(response.headers_mut());
    response
}

/// The same for something new, with its address.
fn made(status: StatusCode, location: &str, json: impl serde::Serialize) -> Result<Response, Problem> {
    let mut response = said(status, json);
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_str(location).map_err(|e| failed("location", &e))?);
    Ok(response)
}

/// One page of a list, with where it goes on.
fn page_of(list: impl serde::Serialize, next: Option<String>) -> Response {
    let mut response = said(StatusCode::OK, list);
    if let Some(value) = next.and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok()) {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}

/// A list of names.
fn collection(members: Vec<String>, next: Option<String>) -> Response {
    page_of(json!({ "@context": CONTEXT, "type": "Collection", "member": members }), next)
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
                ("perPage", count) => page.per_page = query::count("perPage", count).map_err(Problem::query)?,
                ("nextPageToken", token) => {
                    let broken = || {
                        Problem::query(format!(
                            "nextPageToken is \"{token}\", which has a broken percent escape: send it as it stands in the Link header"
                        ))
                    };
                    page.token = Some(base::percent::decode(token).ok_or_else(broken)?);
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
    Problem::query(UNKNOWN_TOKEN)
}

/// `DELETE /nextPageToken/{token}`: a token says where the next page starts and nothing is kept for it, so nothing is left to end.
async fn end_token(Querying(_): Querying) -> StatusCode {
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

/// A body in JSON of so many bytes at most; `what` it is to be is said where it is none.
fn json_in(headers: &HeaderMap, body: &[u8], max: usize, what: &str) -> Result<Value, Problem> {
    acceptable(headers, body)?;
    if body.len() > max {
        return Err(Problem::too_large(format!("the {what} is larger than {max} bytes")));
    }
    serde_json::from_slice(body).map_err(|e| Problem::validation(format!("the {what} is no JSON: {e}")))
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
