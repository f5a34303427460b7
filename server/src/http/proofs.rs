//! What a verifier needs: an item's bundle, the policy, the newest checkpoint, the verifier's published hash, the page that checks
//! a saved file. Public files, the same for everybody.

use std::fmt::Display;
use std::sync::Arc;

use axum::Router;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use ledger::bundle::BuildError;
use ledger::name::Name;
use trace::gs1::DigitalLink;

use super::building::{NotBuilt, build_of, busy};
use super::kept::proofs::Kept;
use super::{compress, conditional, linkset};
use crate::state::AppState;
use crate::tlog_proof::{EXTENSION, TlogProofError, of_bundle};

/// Routes of proofs.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/bundle/{*path}", get(bundle))
        .route("/proof/{*path}", get(proof))
        .route("/policy", get(policy))
        .route("/verify", get(verify_page))
        .route("/checkpoint", get(checkpoint))
        .route("/.well-known/gs1resolver", get(resolver))
        .route("/.well-known/leafproof-verifier", get(verifier))
}

/// The bundle of an item: built from one view, so that every proof in it belongs to one checkpoint.
async fn bundle(State(state): State<AppState>, Path(path): Path<String>, OriginalUri(uri): OriginalUri, request: HeaderMap) -> Response {
    // The raw path: a percent-encoded "/" inside a serial must stay encoded.
    let raw = uri.path().strip_prefix("/bundle").unwrap_or(&path);
    let link = match DigitalLink::from_request(raw, uri.query()) {
        Ok(link) => link,
        Err(e) => return (StatusCode::BAD_REQUEST, e.to_string()).into_response(),
    };
    let kept = match kept(&state, link.name(), raw).await {
        Ok(kept) => kept,
        Err(response) => return response,
    };
    let etag = compress::tag(&request, kept.tag());
    let mut response = Response::default();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).expect("hex"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if conditional::is_known(&request, &etag) {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        return conditional::not_modified(response);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if uri.query().is_some_and(|q| q.split('&').any(|p| p == "download")) {
        let file = file_name(&link);
        let value = format!("attachment; filename=\"{file}\"");
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&value).expect("only letters and digits"));
    }
    if !compress::takes(&request, "br") {
        return compress::plain(response, kept.bundle());
    }
    let small = match kept.ready() {
        Some((small, smaller)) => {
            if smaller {
                compress::for_the_next(move || kept.make_smallest());
            }
            Ok(small)
        }
        None => compress::in_time(move |quality| kept.compressed(quality)).await,
    };
    match small {
        Ok(small) => compress::sent(response, small),
        Err(error) => could_not(&error, raw),
    }
}

/// The proof of a subject, from before or built now, and kept.
async fn kept(state: &AppState, name: Name, raw: &str) -> Result<Arc<Kept>, Response> {
    if let Some(kept) = state.proofs.get(&name.key(), &state.engine) {
        return Ok(kept);
    }
    let worker = state.clone();
    let about = name.key();
    let built = build_of(&about, move || {
        // Whoever waited finds what was built meanwhile.
        if let Some(kept) = worker.proofs.get(&name.key(), &worker.engine) {
            return Ok(kept);
        }
        let proof = worker.engine.proof(&name)?;
        worker.proofs.put(name.key(), proof).map_err(BuildError::Source)
    });
    match built.await {
        Ok(Ok(kept)) => Ok(kept),
        Ok(Err(error)) => Err(could_not(&format_args!("{error:?}"), raw)),
        Err(NotBuilt::Busy) => Err(busy()),
        Err(error) => Err(could_not(&error, raw)),
    }
}

fn could_not(error: &dyn Display, path: &str) -> Response {
    tracing::error!(%error, path, "a proof could not be built");
    (StatusCode::INTERNAL_SERVER_ERROR, "The proof could not be built. The cause is in the server's log. Please try again.\n")
        .into_response()
}

/// One record of an item as C2SP's tlog-proof: `?entry=INDEX`, else the newest. Like the bundle it is made from, it is for whoever holds the
/// item's code; an index alone gives nobody a record.
async fn proof(State(state): State<AppState>, Path(path): Path<String>, OriginalUri(uri): OriginalUri) -> Response {
    let raw = uri.path().strip_prefix("/proof").unwrap_or(&path);
    let link = match DigitalLink::from_request(raw, None) {
        Ok(link) => link,
        Err(e) => return (StatusCode::BAD_REQUEST, format!("{e}\n")).into_response(),
    };
    let entry = match uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("entry=")).map(str::parse) {
        None => None,
        Some(Ok(index)) => Some(index),
        Some(Err(_)) => return (StatusCode::BAD_REQUEST, "entry is the index of a record in the ledger, a number.\n").into_response(),
    };
    let kept = match kept(&state, link.name(), raw).await {
        Ok(kept) => kept,
        Err(response) => return response,
    };
    // The whole file is read for it.
    let made = match build_of(&link.name().key(), move || of_bundle(&kept.bundle(), entry)).await {
        Ok(made) => made,
        Err(NotBuilt::Busy) => return busy(),
        Err(error) => return could_not(&error, raw),
    };
    match made {
        Ok((index, proof)) => {
            let mut response = text(proof);
            let file = file_name(&link).replace(".lpb", &format!("-{index}.{EXTENSION}"));
            let value = format!("attachment; filename=\"{file}\"");
            response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&value).expect("only letters and digits"));
            response
        }
        Err(why @ (TlogProofError::NoRecord | TlogProofError::NotHere { .. })) => {
            (StatusCode::NOT_FOUND, format!("{why}.\n")).into_response()
        }
        Err(error) => could_not(&error, raw),
    }
}

/// A file name a person recognises: the last qualifier's letters and digits.
fn file_name(link: &DigitalLink) -> String {
    let last: String = link.path().rsplit('/').next().unwrap_or("").chars().filter(char::is_ascii_alphanumeric).collect();
    format!("leafproof-{last}.lpb")
}

fn text(body: impl Into<Vec<u8>>) -> Response {
    let mut response = body.into().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

async fn policy(State(state): State<AppState>) -> Response {
    text(state.policy.clone())
}

/// The page that checks a saved proof with the network off. The same file for everybody, to be saved and served elsewhere.
async fn verify_page(State(state): State<AppState>, request: HeaderMap) -> Response {
    let page = &state.verify_page;
    let etag = compress::tag(&request, &ledger::hash(&page.html).to_string()[..16]);
    let mut response = Html(()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).expect("hex"));
    if conditional::is_known(&request, &etag) {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        return conditional::not_modified(response);
    }
    let policy = format!("{}; frame-ancestors 'none'", page.csp);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).expect("base64 and fixed words"));
    let html = page.html.clone();
    compress::body(&request, response, html.into()).await
}

async fn checkpoint(State(state): State<AppState>) -> Response {
    text(state.engine.view().note().to_vec())
}

async fn resolver(State(state): State<AppState>) -> Response {
    axum::Json(linkset::resolver_description(state.public_url(), "Leafproof")).into_response()
}

async fn verifier(State(state): State<AppState>) -> Response {
    match (&state.assets.verifier, &state.assets.verifier_hash) {
        (Some(name), Some(hash)) => {
            // Another compiler may give other bytes: who builds it again must know which one made it.
            let made_with = state.assets.text("made-with.txt").unwrap_or_default();
            text(format!("blake3 {hash}\npath /_/{name}\n{made_with}"))
        }
        _ => (StatusCode::NOT_FOUND, "This server was started without a verifier. Build it: make build\n").into_response(),
    }
}
