//! The router: which address is answered by what. One function builds it, so that tests call it without a port.
//!
//! | address | answer |
//! |---|---|
//! | `/01/…`, under any stem | the page of an item, batch or product; a linkset where one is asked for |
//! | `/find` | what a person typed, as an address |
//! | `/demo/` | store mode: the item's page on a stage, for a tablet at the shelf |
//! | `/scanner/` | what staff may do with an item, checked in their browser |
//! | `/verify` | the page that checks a saved proof, one file |
//! | `/bundle/01/…` | the proof, the same bytes for the page and for taking away |
//! | `/feedback/01/…`, `/receipt/…` | comments |
//! | `/letters/01/…` | those about a product that their writers let everybody read |
//! | `/inner/…` | the code inside a pack, used by a tap |
//! | `/qr/…`, `/label/…` | symbols and labels |
//! | `/epcis/v2/…` | records in, queries |
//! | `/api/letters.csv`, `.xlsx` | a member's letters, for its programs |
//! | `/presigned`, `/rights` | what a member with its own key needs to know before it signs |
//! | `/rights/requests` | asking an owner for a permission, and how that stands |
//! | `/objections` | an owner's objection to a record about its goods |
//! | `/signin`, `/console/…` | brands and stores |
//! | `/checked/01/…` | how a check on a phone ended, to be counted |
//! | `/join/…` | the page behind a link: a new account, or a new password |
//! | `/alerts/mail/…` | where a person says whether it wants alerts by mail |
//! | `/policy`, `/checkpoint`, `/tile/…`, `/.well-known/…` | what verifiers and mirrors need |
//! | `/milestone/…`, `/consistency/…` | what phones remember the ledger by |
//! | `/media/…`, `/_/…` | files that records point at; the web files of the build |

pub mod account;
pub mod alerts;
pub mod bodies;
pub mod building;
pub mod codes;
pub mod compress;
pub mod conditional;
mod console;
pub mod cosigner;
pub mod epcis;
pub mod export;
pub mod feedback;
pub mod figures;
pub mod files;
pub mod filters;
pub mod find;
pub mod headers;
pub mod inbox;
pub mod inner;
pub mod item;
pub mod kept;
pub mod keyed;
pub mod keys;
pub mod labels;
pub mod language;
pub mod letters;
pub mod linkset;
pub mod milestones;
pub mod objections;
pub mod own_key;
pub mod pace;
pub mod partners;
pub mod problem;
pub mod proofs;
pub mod ready;
pub mod scanner;
pub mod signin;
pub mod stage;
pub mod team;
pub mod ticked;
pub mod tiles;
pub mod trail;
pub mod typed;
pub mod visit;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use crate::state::AppState;

/// Largest body where a route names no other: forms without photos.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Brotli quality for what is made per request, but pages and bundles of items ([`compress`]).
pub const BROTLI_QUALITY: i32 = 5;

/// A tag names the bytes as they are sent (RFC 9110, 8.8.3.3): who tags an answer compresses it, or leaves it.
fn untagged(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ETAG)
}

/// Builds the whole site.
pub fn build_router(state: AppState) -> Router {
    let compression = CompressionLayer::new()
        .br(true)
        .quality(CompressionLevel::Precise(BROTLI_QUALITY))
        .compress_when(SizeAbove::new(256).and(NotForContentType::IMAGES).and(NotForContentType::const_new("video/")).and(untagged));
    Router::new()
        .merge(item::routes())
        .merge(find::routes())
        .merge(stage::routes())
        .merge(scanner::routes())
        .merge(proofs::routes())
        .merge(tiles::routes())
        .merge(milestones::routes())
        .merge(labels::routes())
        .merge(files::routes())
        .merge(epcis::routes())
        .merge(own_key::routes())
        .merge(objections::routes())
        .merge(feedback::routes(state.public_url()))
        .merge(letters::routes())
        .merge(inner::routes(state.public_url()))
        .merge(signin::routes(state.public_url()))
        .merge(inbox::routes(state.public_url()))
        .merge(export::routes())
        .merge(filters::routes(state.public_url()))
        .merge(partners::routes(state.public_url()))
        .merge(ready::routes(state.public_url()))
        .merge(ticked::routes(state.public_url()))
        .merge(alerts::routes(state.public_url()))
        .merge(objections::console_routes(state.public_url()))
        .merge(account::routes(state.public_url()))
        .merge(team::routes(state.public_url()))
        .merge(keys::routes(state.public_url()))
        .merge(trail::routes())
        .merge(figures::routes(state.public_url()))
        .merge(codes::routes(state.public_url()))
        .fallback(item::digital_link)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(pace::paced))
        .layer(middleware::from_fn(headers::common))
        .layer(compression)
        .with_state(state)
}
