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
use ledger::entry::RECORD_LEN;

use super::keyed::member_of;
use crate::engine::View;
use crate::state::AppState;

/// Hashes of a full tile.
pub const TILE_WIDTH: u64 = 256;
/// Levels of the tree that one level of tiles spans.
pub const TILE_HEIGHT: u8 = 8;
/// Levels of tiles over a tree of 2^63 leaves.
pub const TILE_LEVELS: u8 = 8;
/// Levels that a path may name.
const LEVELS_NAMED: u8 = 64;

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/tile/{*path}", get(tile))
}

/// The path of the entries of a tile, of which the first `width` are wanted.
pub fn entries_path(tile: u64, width: u64) -> String {
    format!("/tile/entries/{}", number_path(tile, width))
}

/// The path of the records of these entries.
pub fn records_path(tile: u64, width: u64) -> String {
    format!("/tile/records/{}", number_path(tile, width))
}

/// The path of a tile of hashes.
pub fn hashes_path(level: u8, tile: u64, width: u64) -> String {
    format!("/tile/{level}/{}", number_path(tile, width))
}

/// `x001/x234/067`, and `.p/<width>` where it is not full.
fn number_path(tile: u64, width: u64) -> String {
    let mut path = format!("{:03}", tile % 1000);
    let mut rest = tile / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH {
        path += &format!(".p/{width}");
    }
    path
}

/// Reads what [`number_path`] writes, and nothing else.
fn parse_number(path: &str) -> Option<(u64, u64)> {
    let (number, width) = match path.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok().filter(|w| (1..TILE_WIDTH).contains(w))?),
        None => (path, TILE_WIDTH),
    };
    let mut tile: u64 = 0;
    for group in number.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        tile = tile.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    (number_path(tile, width) == path).then_some((tile, width))
}

/// What a path below `/tile/` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Hashes { level: u8, tile: u64, width: u64 },
    Entries { tile: u64, width: u64 },
    Records { tile: u64, width: u64 },
}

fn parse(path: &str) -> Option<Wanted> {
    let (kind, number) = path.split_once('/')?;
    let (tile, width) = parse_number(number)?;
    Some(match kind {
        "entries" => Wanted::Entries { tile, width },
        "records" => Wanted::Records { tile, width },
        _ => {
            let level = kind.parse().ok().filter(|level: &u8| *level < LEVELS_NAMED && level.to_string() == kind)?;
            Wanted::Hashes { level, tile, width }
        }
    })
}

async fn tile(State(state): State<AppState>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(wanted) = parse(&path) else {
        let why = "A tile's path is LEVEL, entries or records, then NUMBER or NUMBER.p/WIDTH, such as 0/x001/234.\n";
        return (StatusCode::BAD_REQUEST, why).into_response();
    };
    let open = state.open_tiles || matches!(wanted, Wanted::Hashes { .. });
    if !open && let Err(problem) = member_of(&state, &headers) {
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
fn read(view: &View, wanted: &Wanted) -> Result<Option<Vec<u8>>, crate::engine::ViewError> {
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
fn each(view: &View, tile: u64, width: u64, put: impl Fn(&mut Vec<u8>, &[u8], &[u8])) -> Result<Option<Vec<u8>>, crate::engine::ViewError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_tlog_tiles() {
        assert_eq!(hashes_path(0, 1_234_067, 256), "/tile/0/x001/x234/067");
        assert_eq!(hashes_path(1, 0, 5), "/tile/1/000.p/5");
        assert_eq!(entries_path(67, 256), "/tile/entries/067");
        assert_eq!(parse("0/x001/x234/067"), Some(Wanted::Hashes { level: 0, tile: 1_234_067, width: 256 }));
        assert_eq!(parse("63/000"), Some(Wanted::Hashes { level: 63, tile: 0, width: 256 }));
        assert_eq!(records_path(1000, 3), "/tile/records/x001/000.p/3");
        assert_eq!(parse("records/001"), Some(Wanted::Records { tile: 1, width: 256 }));
        assert_eq!(parse("entries/000.p/255"), Some(Wanted::Entries { tile: 0, width: 255 }));
    }

    #[test]
    fn each_tile_has_one_path() {
        for bad in [
            "",
            "0",
            "0/",
            "0/1",
            "0/0001",
            "0/x000/001",
            "0/001/002",
            "0/x001",
            "00/001",
            "64/001",
            "-1/000",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/05",
            "0/000.p/",
            "entries/",
            "data/000",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
