//! Files: the build's web files at `/_/`, files that records point at at `/media/`, and the small fixed ones browsers ask for.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use ledger::Hash;

use super::conditional::{self, Wanted};
use super::keyed::Capturing;
use super::problem::Problem;
use super::{compress, headers};
use crate::assets::Asset;
use crate::media::MEDIA_MEMBER_BYTES;
use crate::media::{FILE_BYTES_MAX, MediaError, Stored};
use crate::state::AppState;

const MEDIA_USED: HeaderName = HeaderName::from_static("leafproof-media-used");
const MEDIA_QUOTA: HeaderName = HeaderName::from_static("leafproof-media-quota");

/// Routes of files.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/_/{*name}", get(asset))
        .route("/media", put(store).layer(axum::extract::DefaultBodyLimit::max(FILE_BYTES_MAX)))
        .route("/media/{hash}", get(media))
        .route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /console\nDisallow: /receipt\nDisallow: /bundle\n" }))
        .route("/healthz", get(health))
}

/// A ledger that takes no records any more is an alarm, though pages and proofs go on.
async fn health(State(state): State<AppState>) -> Response {
    let size = state.engine.view().size();
    match state.engine.halted() {
        None => format!("ok\nledger size {size}\n").into_response(),
        Some(reason) => {
            let text = format!("halted: no records are taken; pages, proofs and comments go on\nreason {reason}\nledger size {size}\n");
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}

async fn asset(State(state): State<AppState>, Path(name): Path<String>, request: HeaderMap) -> Response {
    let Some(asset) = state.assets.get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = encoded(asset, &request);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers::immutable(&mut response);
    response
}

/// The smallest form the browser takes.
fn encoded(asset: &Asset, request: &HeaderMap) -> Response {
    let (bytes, encoding): (&Bytes, _) = match (&asset.brotli, &asset.gzip) {
        (Some(b), _) if compress::takes(request, "br") => (b, Some("br")),
        (_, Some(g)) if compress::takes(request, "gzip") => (g, Some("gzip")),
        _ => (&asset.plain, None),
    };
    let mut response = Response::new(Body::from(bytes.clone()));
    if let Some(e) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(e));
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}

/// A file, or the range of it that video players ask for. Its name is its hash, so its tag is its name.
async fn media(State(state): State<AppState>, Path(name): Path<String>, method: Method, request: HeaderMap) -> Response {
    let Ok(hash) = name.parse::<Hash>() else { return StatusCode::NOT_FOUND.into_response() };
    let media = state.media.clone();
    let found = tokio::task::spawn_blocking(move || media.get(&hash)).await;
    let Ok(Some((bytes, media_type))) = found else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{hash}\"");
    let known = conditional::is_known(&request, &etag);
    let wanted = conditional::wanted(&method, &request, &etag, bytes.len());
    let mut response = conditional::answer(bytes, if known { Wanted::Whole } else { wanted });
    if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
        // Not to be kept for ever, unlike the file.
        return response;
    }
    let headers_out = response.headers_mut();
    headers_out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // A drawing opened by itself is a document: it may style itself and nothing else.
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    headers_out.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers_out.insert(header::ETAG, HeaderValue::from_str(&etag).expect("hex"));
    headers::immutable(&mut response);
    if known { conditional::not_modified(response) } else { response }
}

/// A member stores a picture or document before the record that points at it. The answer is the file's hash; its headers say how much
/// of its quota the member has used.
async fn store(State(state): State<AppState>, Capturing(member): Capturing, body: Bytes) -> Result<Response, Problem> {
    state.room.on_disk()?;
    let media = state.media.clone();
    let now_ms = state.engine.now_ms();
    let stored = tokio::task::spawn_blocking(move || media.put_for(&member, &body, now_ms)).await.map_err(|_| Problem::internal())?;
    match stored {
        Ok(Stored { hash, used }) => {
            let mut response = (StatusCode::CREATED, [(header::LOCATION, format!("/media/{hash}"))], format!("{hash}\n")).into_response();
            response.headers_mut().insert(MEDIA_USED, HeaderValue::from(used));
            response.headers_mut().insert(MEDIA_QUOTA, HeaderValue::from(MEDIA_MEMBER_BYTES));
            Ok(response)
        }
        Err(e @ MediaError::Io(_)) => {
            tracing::error!(error = %e, "a media file could not be stored");
            Err(Problem::internal())
        }
        Err(e @ MediaError::Rate { wait_s }) => Err(Problem::too_fast(e.to_string(), wait_s)),
        Err(e @ MediaError::Quota { .. }) => Err(Problem::too_large(e.to_string())),
        Err(e) => Err(Problem::validation(e.to_string())),
    }
}
