//! What a member that keeps its own key asks before it signs: its next number, and what it may say; and how it asks an owner for more.
//! Its API key opens all of it.

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get};
use engine::StateError;
use ledger::name::Name;
use serde::Deserialize;
use serde_json::{Value, json};
use store::record::GrantRequest;

use super::keyed::Capturing;
use super::problem::Problem;
use crate::authority::Known;
use crate::requests::{self, RequestError, Standing, Wish};
use crate::state::AppState;

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/presigned", get(next_number))
        .route("/rights", get(rights))
        .route("/rights/requests", get(requests).post(ask))
        .route("/rights/requests/to/{owner}", delete(withdraw))
        .route("/rights/requests/from/{partner}", delete(decline))
}

/// `GET /presigned`: the ledger's name and the member's next number.
async fn next_number(State(state): State<AppState>, Capturing(member): Capturing) -> Result<Response, Problem> {
    let view = state.engine.view();
    let newest = view.newest_seq(&Name::member_key(&member)).map_err(|error| {
        tracing::error!(%error, "a member's newest number could not be read");
        Problem::internal()
    })?;
    Ok(axum::Json(json!({ "origin": view.origin(), "member": member, "nextSeq": newest + 1 })).into_response())
}

/// `GET /rights`: whose numbers are whose, and what the member may say of others' goods: what `leafproof sign` needs to know.
async fn rights(State(state): State<AppState>, Capturing(member): Capturing) -> Response {
    let view = state.engine.view();
    Json(Known::of(view.origin(), view.rights(), &member, state.engine.now_ms())).into_response()
}

/// `GET /rights/requests`: what the member asked for, and who asks it.
async fn requests(State(state): State<AppState>, Capturing(member): Capturing) -> Result<Response, Problem> {
    let engine = &state.engine;
    let asked = requests::asked_by(engine, &member).map_err(|error| refused(error.into()))?;
    let received = requests::open_to(engine, &member).map_err(|error| refused(error.into()))?;
    let asked: Vec<Value> = asked.iter().map(|(request, standing)| told(request, *standing)).collect();
    let received: Vec<Value> = received.iter().map(|request| told(request, Standing::Open)).collect();
    Ok(Json(json!({ "asked": asked, "received": received })).into_response())
}

fn told(request: &GrantRequest, standing: Standing) -> Value {
    let GrantRequest { owner, partner, rights, scopes, asked_ms, .. } = request;
    json!({ "owner": owner, "partner": partner, "rights": rights, "scopes": scopes, "askedMs": asked_ms, "state": standing.word() })
}

/// What `POST /rights/requests` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    owner: String,
    rights: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

/// `POST /rights/requests`: asks an owner for a permission.
async fn ask(State(state): State<AppState>, Capturing(member): Capturing, body: Bytes) -> Result<Response, Problem> {
    let Asked { owner, rights, scopes } = serde_json::from_slice(&body)
        .map_err(|error| Problem::validation(format!("send {{\"owner\": ID, \"rights\": [WORD], \"scopes\": [DIGITS]}}: {error}")))?;
    let request = requests::ask(&state.engine, &member, Wish { owner, rights, scopes }).await.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(told(&request, Standing::Open))).into_response())
}

/// `DELETE /rights/requests/to/{owner}`: takes a request back.
async fn withdraw(State(state): State<AppState>, Capturing(member): Capturing, Path(owner): Path<String>) -> Result<Response, Problem> {
    requests::withdraw(&state.engine, &owner, &member).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE /rights/requests/from/{partner}`: declines.
async fn decline(State(state): State<AppState>, Capturing(member): Capturing, Path(partner): Path<String>) -> Result<Response, Problem> {
    requests::decline(&state.engine, &member, &partner).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn refused(error: RequestError) -> Problem {
    use RequestError as E;
    let conflict = |detail: String| Problem::new(StatusCode::CONFLICT, "about:blank", "The request stands otherwise", detail);
    match error {
        E::Own | E::Rights | E::Form | E::Numbers { .. } => Problem::validation(error.to_string()),
        E::Owner(_) | E::Nothing => Problem::not_found(error.to_string()),
        E::Have(_) | E::Open { .. } | E::Declined { .. } => conflict(error.to_string()),
        E::ManyOpen | E::ManyToday | E::Full(_) => Problem::too_fast(error.to_string(), A_DAY_S),
        E::State(StateError::Overloaded | StateError::Stopped) => Problem::busy(),
        E::State(_) | E::Index(_) => {
            tracing::error!(%error, "a request for permission could not be kept or read");
            Problem::unavailable()
        }
    }
}

/// What a member that asks too much is told to wait.
const A_DAY_S: u32 = 86_400;
