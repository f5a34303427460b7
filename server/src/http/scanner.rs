//! The staff scanner at `/scanner/`: its page, its worker, and what it asks of the server beside the proof, the rules and the verifier.
//!
//! Nothing here counts a scan or writes anything. The worker's scope is `/scanner/`, so it never comes near a shopper's page.

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use ledger::name::Level;
use serde_json::{Value, json};
use trace::gs1::DigitalLink;
use trace::page::{Category, CodeHistory};

use super::building::{NotBuilt, build_of, busy};
use super::headers;
use super::item::{category, context};
use crate::state::AppState;
use crate::{freeze, scans};

const WORKER_SCRIPT: &str = include_str!("../../../public/scanner-worker.js");

/// The routes; `/scanner/find` is [`super::find`]'s.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/scanner", get(|OriginalUri(uri): OriginalUri| async move { moved(uri.query()) }))
        .route("/scanner/", get(page))
        .route("/scanner/worker.js", get(worker))
        .route("/scanner/code/{*path}", get(code))
}

fn moved(query: Option<&str>) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("/scanner/{query}")).into_response()
}

async fn worker() -> Response {
    headers::worker(WORKER_SCRIPT)
}

async fn page(State(state): State<AppState>, OriginalUri(uri): OriginalUri, request: HeaderMap) -> Response {
    headers::page(app::scanner::page(&context(&state, &uri, &request)))
}

/// What this site knows of a code's history. Nobody signed it, so the scanner takes it for a reason to ask, never for one to sell.
async fn code(State(state): State<AppState>, OriginalUri(uri): OriginalUri) -> Response {
    let raw = uri.path().strip_prefix("/scanner/code").unwrap_or_default();
    let name = match DigitalLink::from_request(raw, None) {
        Ok(link) => link.name(),
        Err(wrong) => return (StatusCode::BAD_REQUEST, format!("{wrong}\n")).into_response(),
    };
    let (worker, key) = (state.clone(), name.key());
    let known = build_of(&key, move || match name.level() {
        Level::Item => {
            let counted = scans::history(&worker.engine, &worker.desk.kinds, &name.key(), None);
            let history = freeze::history(&worker.engine, &name, counted);
            // Only of a code that would be unusual on any goods it matters which they are, and a page is made to learn it.
            let goods = if history.is_often(Category::UsedUp) { category(&worker, &name) } else { Category::UsedUp };
            (history, goods)
        }
        _ => (CodeHistory::Shared, Category::UsedUp),
    });
    let (history, goods) = match known.await {
        Ok(known) => known,
        Err(NotBuilt::Busy) => return busy(),
        // A task that panicked knows nothing.
        Err(NotBuilt::Ended(_)) => (CodeHistory::NotCounted, Category::UsedUp),
    };
    let mut response = Json(in_words(&history, goods)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn in_words(history: &CodeHistory, goods: Category) -> Value {
    match history {
        CodeHistory::Seen { count, first_day, .. } => {
            json!({ "known": true, "often": history.is_often(goods), "count": count, "first": first_day })
        }
        CodeHistory::NotCounted => json!({ "known": false }),
        CodeHistory::Frozen { why, day } => json!({ "known": true, "often": false, "frozen": why.value(), "first": day }),
        CodeHistory::Opened { day } => json!({ "known": true, "often": false, "inner": day }),
        CodeHistory::First | CodeHistory::NotYet | CodeHistory::Shared => json!({ "known": true, "often": false }),
    }
}
