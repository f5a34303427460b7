//! What phones remember the ledger by: one checkpoint of each UTC day, and the proof that a later one continues it. Both are the
//! same bytes for everybody who asks, for ever, so asking tells no more of a shopper than the day of the last visit.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::headers;
use crate::state::AppState;

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/milestone/{day}", get(milestone)).route("/consistency/{day}/{size}", get(consistency))
}

/// `2026-11-23` as days since 1970-01-01; the form is checked strictly, for each file has one address.
fn day_number(text: &str) -> Option<u32> {
    let date: jiff::civil::Date = text.parse().ok()?;
    if date.to_string() != text {
        return None;
    }
    let days = date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days();
    u32::try_from(days).ok()
}

fn bad_day() -> Response {
    (StatusCode::BAD_REQUEST, "Write the day as YYYY-MM-DD, in UTC.\n").into_response()
}

fn fixed(bytes: Vec<u8>, media_type: &'static str) -> Response {
    let mut response = bytes.into_response();
    headers::immutable(&mut response);
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The first checkpoint of the day that the quorum had co-signed.
async fn milestone(State(state): State<AppState>, Path(day): Path<String>) -> Response {
    let Some(day) = day_number(&day) else {
        return bad_day();
    };
    match state.engine.index().milestone(day) {
        Ok(Some(milestone)) => fixed(milestone.note.into_bytes(), "text/plain; charset=utf-8"),
        Ok(None) => (StatusCode::NOT_FOUND, "No checkpoint of that day is kept.\n").into_response(),
        Err(error) => failed(&error),
    }
}

/// The proof that the tree of `size` entries continues the day's milestone: hashes of 32 bytes, none where the sizes are equal.
async fn consistency(State(state): State<AppState>, Path((day, size)): Path<(String, String)>) -> Response {
    let Some(day) = day_number(&day) else {
        return bad_day();
    };
    let Some(size) = size.parse::<u64>().ok().filter(|number| number.to_string() == size) else {
        return (StatusCode::BAD_REQUEST, "Write the size as a number of entries, as a checkpoint has it.\n").into_response();
    };
    let milestone = match state.engine.index().milestone(day) {
        Ok(Some(milestone)) => milestone,
        Ok(None) => return (StatusCode::NOT_FOUND, "No checkpoint of that day is kept.\n").into_response(),
        Err(error) => return failed(&error),
    };
    let proof = state.engine.view().consistency_between(milestone.size, size);
    match proof {
        Some(proof) => fixed(proof.iter().flat_map(|hash| hash.0).collect(), "application/octet-stream"),
        None => (StatusCode::NOT_FOUND, "The ledger has not grown that far, or was larger on that day; /checkpoint says how far it has.\n")
            .into_response(),
    }
}

fn failed(error: &store::StoreError) -> Response {
    tracing::error!(%error, "a milestone could not be read");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use super::day_number;

    #[test]
    fn each_day_has_one_address() {
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("2026-11-23"), Some(20_780));
        for bad in ["", "2026-11-31", "2026-1-3", "20261123", "1969-12-31", "2026-11-23T00:00", "+002026-11-23", " 2026-11-23"] {
            assert_eq!(day_number(bad), None, "{bad}");
        }
    }
}
