//! What a witness or mirror answers over HTTP: `POST /add-checkpoint` (C2SP tlog-witness) and its key at `/vkey`.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base::limit::RETRY_AFTER_SECONDS;
use cosign::party::{Party, Refusal};
use cosign::protocol::{ADD_CHECKPOINT, BODY_BYTES_MAX, SIZE_TYPE};

/// What a party answers.
pub fn router(party: Arc<Party>) -> Router {
    Router::new()
        .route(ADD_CHECKPOINT, post(add_checkpoint))
        .route("/vkey", get(|State(party): State<Arc<Party>>| async move { format!("{}\n", party.vkey()) }))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(party)
}

async fn add_checkpoint(State(party): State<Arc<Party>>, body: Bytes) -> Response {
    let done = tokio::task::spawn_blocking(move || party.add(&body)).await;
    let refusal = match done {
        Ok(Ok(line)) => return (StatusCode::OK, line).into_response(),
        Ok(Err(refusal)) => refusal,
        Err(error) => Refusal::Later(error.to_string()),
    };
    tracing::warn!(?refusal, "not co-signed");
    let status = match &refusal {
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::UnknownLog(_) => StatusCode::NOT_FOUND,
        Refusal::Signature(_) => StatusCode::FORBIDDEN,
        Refusal::OtherSize(_) | Refusal::OtherRoot(_) => StatusCode::CONFLICT,
        Refusal::Fork(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Later(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut headers = HeaderMap::new();
    match &refusal {
        Refusal::OtherSize(size) | Refusal::OtherRoot(size) => {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(SIZE_TYPE));
            (status, headers, format!("{size}\n")).into_response()
        }
        Refusal::Later(_) => {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            (status, headers, format!("{}\n", refusal.what())).into_response()
        }
        _ => (status, format!("{}\n", refusal.what())).into_response(),
    }
}
