//! What a member that keeps its own key asks before it signs: its next number, and what it may say. Its API key opens both.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use ledger::name::Name;
use serde_json::json;

use super::keyed::Keyed;
use super::problem::Problem;
use crate::authority::Known;
use crate::state::AppState;

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/presigned", get(next_number)).route("/rights", get(rights))
}

/// `GET /presigned`: the ledger's name and the member's next number.
async fn next_number(State(state): State<AppState>, Keyed(member): Keyed) -> Result<Response, Problem> {
    let view = state.engine.view();
    let newest = view.newest_seq(&Name::member_key(&member)).map_err(|error| {
        tracing::error!(%error, "a member's newest number could not be read");
        Problem::internal()
    })?;
    Ok(axum::Json(json!({ "origin": view.origin(), "member": member, "nextSeq": newest + 1 })).into_response())
}

/// `GET /rights`: whose numbers are whose, and what the member may say of others' goods: what `leafproof sign` needs to know.
async fn rights(State(state): State<AppState>, Keyed(member): Keyed) -> Response {
    let view = state.engine.view();
    axum::Json(Known::of(view.origin(), view.rights(), &member)).into_response()
}
