//! Named queries (EPCIS 2.0, 12.7): a member's own, kept until it takes them away. What one answers is decided anew each time, by the
//! same function as for any other query.

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use base::clock::now_ms;
use serde_json::{Value, json};
use store::record::{NamedQuery, StateRecord};

use super::events::{found, query_document, reader};
use super::{Page, ROOT, failed, json_in, made, next_page, page_of, said, takes_records, unknown_token};
use crate::epcis::query::Query;
use crate::epcis::search::canonical;
use crate::epcis::subscriptions::end;
use crate::http::keyed::Querying;
use crate::http::problem::Problem;
use crate::state::AppState;

/// Most named queries of one member.
const QUERIES_MAX: usize = 100;
/// Largest definition.
const QUERY_BYTES_MAX: usize = 64 * 1024;
/// Longest name.
const NAME_BYTES_MAX: usize = 64;

/// Names are given one after the other: of two that ask for the same one, one is told.
pub(super) static NAMING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn shown(query: &NamedQuery) -> Value {
    json!({ "name": query.name, "createdAt": crate::epcis::visible::rfc3339(query.created_ms), "query": query.query })
}

/// `POST /queries`.
pub(super) async fn create(
    State(state): State<AppState>,
    Querying(member): Querying,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let sent = json_in(&headers, &body, QUERY_BYTES_MAX, "query")?;
    let name = sent.get("name").and_then(Value::as_str).unwrap_or_default();
    let good = (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c));
    if !good || name.starts_with('.') {
        let rule = format!("name must have 1 to {NAME_BYTES_MAX} of the characters A-Z a-z 0-9 - _ . and not begin with a dot");
        return Err(Problem::validation(rule));
    }
    let Some(query) = sent.get("query").and_then(Value::as_object) else {
        return Err(Problem::validation(
            "query is missing; write for example {\"name\": \"sent\", \"query\": {\"EQ_bizStep\": [\"shipping\"]}}",
        ));
    };
    if let Some(control) = ["perPage", "nextPageToken"].into_iter().find(|control| query.contains_key(*control)) {
        return Err(Problem::query(format!("{control} belongs to the address of the events ({ROOT}/queries/{name}/events?{control}=…)")));
    }
    Query::from_json(query, canonical).map_err(Problem::query)?;
    takes_records(&state)?;
    let _turn = NAMING.lock().await;
    let index = state.engine.index();
    if index.query(&member, name).map_err(|e| failed("query", &e))?.is_some() {
        let why = format!("You have a query named {name} already; delete it first, or choose another name.");
        return Err(Problem::new(StatusCode::CONFLICT, "epcisException:ResourceAlreadyExistsException", "The name is in use", why));
    }
    if index.queries(&member).count() >= QUERIES_MAX {
        return Err(Problem::validation(format!("you have {QUERIES_MAX} named queries already; delete one that you need no more")));
    }
    let kept = NamedQuery { member, name: name.to_owned(), query: Some(Value::Object(query.clone())), created_ms: now_ms() };
    let answer = shown(&kept);
    state.engine.state(StateRecord::Query(kept)).await.map_err(|e| failed("query", &e))?;
    made(StatusCode::CREATED, &format!("{ROOT}/queries/{name}"), answer)
}

/// `GET /queries`.
pub(super) async fn list(
    State(state): State<AppState>,
    Querying(member): Querying,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    let page = Page::parse(&uri)?;
    let all = state.engine.index().queries(&member).collect::<Result<Vec<_>, _>>().map_err(|e| failed("queries", &e))?;
    let from = match &page.token {
        Some(token) if all.iter().any(|query| query.name == *token) => all.partition_point(|query| query.name <= *token),
        Some(_) => return Err(unknown_token()),
        None => 0,
    };
    let here = &all[from..all.len().min(from.saturating_add(page.per_page))];
    let next = here.last().filter(|_| from + here.len() < all.len()).map(|last| next_page(&uri, &last.name));
    Ok(page_of(here.iter().map(shown).collect::<Vec<_>>(), next))
}

/// `GET /queries/{name}`.
pub(super) async fn one(State(state): State<AppState>, Querying(member): Querying, Path(name): Path<String>) -> Result<Response, Problem> {
    Ok(said(StatusCode::OK, shown(&named(&state, &member, &name)?)))
}

pub(super) fn named(state: &AppState, member: &str, name: &str) -> Result<NamedQuery, Problem> {
    let found = state.engine.index().query(member, name).map_err(|e| failed("query", &e))?;
    found.ok_or_else(|| Problem::not_found(format!("You have no query named {name}.")))
}

/// `DELETE /queries/{name}`: what subscribed to it ends with it.
pub(super) async fn delete(
    State(state): State<AppState>,
    Querying(member): Querying,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    takes_records(&state)?;
    let _turn = NAMING.lock().await;
    let gone = NamedQuery { query: None, ..named(&state, &member, &name)? };
    for row in state.engine.index().subscriptions(&member, &name).map_err(|e| failed("subscriptions", &e))? {
        end(&state.engine, row).await.map_err(|e| failed("subscription", &e))?;
    }
    state.engine.state(StateRecord::Query(gone)).await.map_err(|e| failed("query", &e))?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a named query answers now.
pub(super) async fn events(state: AppState, member: String, kept: NamedQuery, uri: &Uri) -> Result<Response, Problem> {
    let page = Page::parse(uri)?;
    let asked = kept.query.as_ref().and_then(Value::as_object).ok_or_else(|| failed("query", &"a kept query is no object"))?;
    let mut query = Query::from_json(asked, canonical).map_err(Problem::query)?;
    // A limit of the query's own stands over the pages.
    if query.count_limit.is_none() && query.count_max.is_none() {
        query.per_page = page.per_page;
    }
    query.after = page.token.map(|token| token.parse().map_err(|_| unknown_token())).transpose()?;
    let (events, next) = found(&state, reader(&state, member)?, query).await?;
    Ok(query_document(uri, &events, next, Some(&kept.name)))
}
