//! The log as tiles, for mirrors and whoever else wants to check all of it, as C2SP's tlog-tiles has them.
//!
//! `/tile/<L>/<N>[.p/<W>]` are hashes, `/tile/entries/<N>[.p/<W>]` the leaves below them. `/tile/records/<N>[.p/<W>]` is our own: the
//! records of those entries' subjects, without which nobody can build the map. A tile never changes, so it may be kept for ever.
//!
//! Hashes tell nothing but that the log grows as it should, so everybody may have them. Entries and records tell who signed how much
//! and when: they are for members, where the ledger is not declared open.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use engine::View;
use ledger::entry::RECORD_LEN;
use ledger::tiles::{TILE_HEIGHT, TILE_LEVELS, TILE_WIDTH, Wanted, parse};
use store::record::Scope;

use super::keyed::opened;
use crate::state::AppState;

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/tile/{*path}", get(tile))
}

async fn tile(State(state): State<AppState>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(wanted) = parse(&path) else {
        let why = "A tile's path is LEVEL, entries or records, then NUMBER or NUMBER.p/WIDTH, such as 0/x001/234.\n";
        return (StatusCode::BAD_REQUEST, why).into_response();
    };
    let open = state.open_tiles || matches!(wanted, Wanted::Hashes { .. });
    if !open && let Err(problem) = opened(&state.engine, &headers, Scope::Query) {
        if problem.status != StatusCode::UNAUTHORIZED {
            return problem.into_response();
        }
        let why = "This ledger's entries are for its members: send an API key as Authorization: Bearer KEY.\n";
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], why).into_response();
    }
    let view = state.engine.view();
    match tokio::task::spawn_blocking(move || read(&view, &wanted)).await {
        Ok(Ok(Some(bytes))) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            let cache = if open { "public, max-age=31536000, immutable" } else { "private, max-age=31536000, immutable" };
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            response
        }
        Ok(Ok(None)) => (StatusCode::NOT_FOUND, "The ledger has not grown that far; /checkpoint says how far it has.\n").into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, path, "a tile could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(error) => {
            tracing::error!(%error, path, "reading a tile failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The bytes of a tile; `None` where the version does not reach so far.
fn read(view: &View, wanted: &Wanted) -> Result<Option<Vec<u8>>, engine::ViewError> {
    match *wanted {
        Wanted::Hashes { level, .. } if level >= TILE_LEVELS => Ok(None),
        Wanted::Hashes { level, tile, width } => Ok(first(tile, width)
            .and_then(|range| range.map(|index| view.node(level * TILE_HEIGHT, index)).collect::<Option<Vec<_>>>())
            .map(|hashes| hashes.iter().flat_map(|hash| hash.0).collect())),
        Wanted::Entries { tile, width } => each(view, tile, width, |bytes, leaf, _| {
            bytes.extend_from_slice(&(leaf.len() as u16).to_be_bytes());
            bytes.extend_from_slice(leaf);
        }),
        Wanted::Records { tile, width } => each(view, tile, width, |bytes, _, records| {
            bytes.extend_from_slice(&((records.len() / RECORD_LEN) as u16).to_be_bytes());
            bytes.extend_from_slice(records);
        }),
    }
}

/// What `put` makes of every leaf and its records, one after the other; `None` where the version does not reach so far.
fn each(view: &View, tile: u64, width: u64, put: impl Fn(&mut Vec<u8>, &[u8], &[u8])) -> Result<Option<Vec<u8>>, engine::ViewError> {
    let Some(range) = first(tile, width).filter(|range| range.end <= view.size()) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    for index in range {
        let (leaf, records) = view.leaf_and_records(index)?;
        put(&mut bytes, &leaf, &records);
    }
    Ok(Some(bytes))
}

fn first(tile: u64, width: u64) -> Option<std::ops::Range<u64>> {
    let start = tile.checked_mul(TILE_WIDTH)?;
    Some(start..start.checked_add(width)?)
}
