//! Events out (EPCIS 2.0, 12.6): by query, by eventID; and the erasure of their words.

use axum::extract::{OriginalUri, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use base::clock::now_ms;
use serde_json::{Value, json};

use super::{failed, next_page, page_of, said, takes_records};
use crate::epcis::document;
use crate::epcis::query::Query;
use crate::epcis::search::{self, canonical};
use crate::epcis::visible::{Reader, Visible};
use crate::erase::{self, EraseError};
use crate::http::building::{NotBuilt, query};
use crate::http::keyed::{Capturing, Querying};
use crate::http::problem::Problem;
use crate::state::AppState;

/// `GET /events`.
pub(super) async fn events(
    State(state): State<AppState>,
    Querying(member): Querying,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    let query = Query::parse(uri.query().unwrap_or(""), canonical).map_err(Problem::query)?;
    answer(&state, &uri, member, query).await
}

/// `GET /events/{eventID}`.
pub(super) async fn event(
    State(state): State<AppState>,
    Querying(member): Querying,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    let reader = reader(&state, member)?;
    let (engine, wanted) = (state.engine.clone(), id.clone());
    let member = reader.id.clone();
    let page = query(&member, move || search::called(&engine, &reader, &wanted)).await;
    let page = page.map_err(not_answered)?.map_err(|e| failed("query", &e))?;
    if page.is_empty() {
        return Err(Problem::not_found(format!("No event that you may see has the eventID {id}.")));
    }
    Ok(query_document(&uri, &page, None, None))
}

/// `DELETE /events/{eventID}?reason=…`: the words of one's own record are erased; its place in the ledger stays.
pub(super) async fn erase_event(
    State(state): State<AppState>,
    Capturing(member): Capturing,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    takes_records(&state)?;
    let reason = uri.query().unwrap_or("").split('&').find_map(|p| p.strip_prefix("reason=")).unwrap_or("");
    let reason = base::percent::decode(&reason.replace('+', " ")).unwrap_or_default();
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
    Ok(said(StatusCode::OK, json!({ "eventID": id, "outcome": "erased", "entries": entries })))
}

/// The member as a reader: what it may see goes by its newest version.
pub(super) fn reader(state: &AppState, id: String) -> Result<Reader, Problem> {
    let versions = state.engine.view().member(&id).map_err(|e| failed("member", &e))?;
    let member = versions.into_iter().next_back().map(|(_, m)| m).ok_or_else(Problem::unauthorized)?;
    Ok(Reader { id, member })
}

/// What a query answers to a member.
pub(super) async fn answer(state: &AppState, uri: &Uri, member: String, query: Query) -> Result<Response, Problem> {
    let (page, next) = found(state, reader(state, member)?, query).await?;
    Ok(query_document(uri, &page, next, None))
}

/// Why a query has no answer.
pub(super) fn not_answered(why: NotBuilt) -> Problem {
    match why {
        NotBuilt::Busy => Problem::many_queries(),
        NotBuilt::Ended(error) => failed("query", &error),
    }
}

/// The events that a query asks for, and where its next page starts.
pub(super) async fn found(state: &AppState, reader: Reader, asked: Query) -> Result<(Vec<Visible>, Option<u64>), Problem> {
    let view = state.engine.view();
    let (limit, most) = (asked.count_limit, asked.count_max);
    let member = reader.id.clone();
    let found = query(&member, move || search::select(&view, &reader, &asked)).await;
    let (page, next) = found.map_err(not_answered)?.map_err(|e| failed("query", &e))?;
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
    // A limited answer has no next page, unless there was more to read before it was full.
    let full = limit.is_some_and(|limit| page.len() >= limit);
    Ok((page, next.filter(|_| !full)))
}

/// Events as the answer of a query, which may have a name.
pub(super) fn query_document(uri: &Uri, page: &[Visible], next: Option<u64>, name: Option<&str>) -> Response {
    let document = document::of(page.iter().map(|event| &event.json), name.unwrap_or("SimpleEventQuery"), None, now_ms());
    page_of(document, next.map(|token| next_page(uri, &token.to_string())))
}
