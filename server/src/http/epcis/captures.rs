//! Records in (EPCIS 2.0, 12.6): documents, single events, and the jobs that say what became of them.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base::clock::now_ms;
use serde_json::{Value, json};
use store::record::{CaptureJob, Scope, StateRecord};

use super::{BEHAVIOUR, Page, ROOT, acceptable, failed, limit_headers, made, next_page, page_of, said, takes_records, unknown_token};
use crate::capture::{self, Behaviour, CaptureError, DOCUMENT_BYTES_MAX, Options, Outcome};
use crate::epcis::visible::rfc3339;
use crate::http::building::{BUILD_WAIT_MS, CAPTURES_KIB, CAPTURES_OF_ONE_KIB};
use crate::http::headers::random_hex;
use crate::http::keyed::{Capturing, opened};
use crate::http::problem::Problem;
use crate::presigned;
use crate::state::AppState;
use crate::turns::{Place, Room};

/// A body that has its place among those that are read or wait for their turn, of all members together.
pub(super) struct Held {
    body: Bytes,
    _place: Place,
}

static ROOM: Room<String> = Room::new(CAPTURES_KIB, CAPTURES_OF_ONE_KIB);

impl FromRequest<AppState> for Held {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let member = opened(&state.engine, request.headers(), Scope::Capture).map_err(Problem::into_response)?.member;
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let kib = announced.unwrap_or(DOCUMENT_BYTES_MAX).min(DOCUMENT_BYTES_MAX).div_ceil(1_024);
        let wait = Duration::from_millis(BUILD_WAIT_MS);
        let place = ROOM.take_within(&member, kib, wait).await.ok_or_else(|| Problem::busy().into_response())?;
        let body = Bytes::from_request(request, state).await.map_err(|refused| refused.into_response())?;
        Ok(Self { body, _place: place })
    }
}

/// `POST /capture`: 202 with the job's address. What the job lists as captured is on disk and in the ledger.
pub(super) async fn capture(
    State(state): State<AppState>,
    Capturing(member): Capturing,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Held { body, .. }: Held,
) -> Result<Response, Problem> {
    let (options, outcome) = taken(&state, &member, &uri, &headers, &body).await?;
    answer_capture(&state, member, options, &outcome).await
}

/// `POST /events`: one event, answered by what became of it. A document of several is a capture.
pub(super) async fn capture_event(
    State(state): State<AppState>,
    Capturing(member): Capturing,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Held { body, .. }: Held,
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
    match &only.event_id {
        Some(id) => made(StatusCode::CREATED, &format!("{ROOT}/events/{}", base::percent::component(id)), only),
        // What was signed elsewhere says no id.
        None => Ok(said(StatusCode::CREATED, only)),
    }
}

async fn taken(state: &AppState, member: &str, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<(Options, Outcome), Problem> {
    takes_records(state)?;
    let options = Options { behaviour: behaviour(headers)?, dry_run: dry_run(uri.query()), now_ms: now_ms() };
    if !options.dry_run {
        state.room.take(member, body.len(), options.now_ms)?;
    }
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
        return Ok(said(StatusCode::OK, job_document("dry run", options, outcome)));
    }
    let id = random_hex();
    let document = job_document(&id, options, outcome);
    let job = CaptureJob { id: id.clone(), member, created_ms: options.now_ms, document: document.clone() };
    state.engine.state(StateRecord::CaptureJob(job)).await.map_err(|e| failed("capture job", &e))?;
    let mut response = made(StatusCode::ACCEPTED, &format!("{ROOT}/capture/{id}"), document)?;
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

/// `GET /capture/{id}`: only for the member that posted it.
pub(super) async fn job(State(state): State<AppState>, Capturing(member): Capturing, Path(id): Path<String>) -> Result<Response, Problem> {
    let found = state.engine.index().capture_job(&id).map_err(|e| failed("capture job", &e))?;
    let job = found.filter(|j| j.member == member).ok_or_else(|| Problem::not_found("No capture job of yours has this id."))?;
    Ok(said(StatusCode::OK, job.document))
}

/// `GET /capture`: the member's own jobs, newest first.
pub(super) async fn jobs(
    State(state): State<AppState>,
    Capturing(member): Capturing,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
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
    Ok(page_of(list, next))
}
