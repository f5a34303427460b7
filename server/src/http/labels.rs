//! `GET /qr/svg/{path}`, `/qr/png/{path}`: the symbol of a Digital Link, made before any record of it exists, for print shops;
//! likewise of the address inside a pack, `/qr/svg/inner/{code}/01/…`;
//! `GET /qr/bundle/{path}`: the symbol of the proof's address, for phones whose chat app blocks downloads;
//! `GET /label/{size}/{path}`: the whole label of a known item, with the words that are signed for it.

use axum::Router;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use labels::label::{self, Size};
use labels::symbol::{MODULE_MM_DEFAULT, Symbol, element_lines};
use trace::gs1::DigitalLink;

use super::building::built_of;
use crate::state::AppState;

/// Routes of symbols and labels.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/qr/svg/{*path}", get(svg))
        .route("/qr/png/{*path}", get(png))
        .route("/qr/bundle/{*path}", get(bundle))
        .route("/label/{size}/{*path}", get(label_svg))
}

async fn svg(State(state): State<AppState>, OriginalUri(uri): OriginalUri) -> Response {
    answer(symbol(&state, uri.path().strip_prefix("/qr/svg"), uri.query()).and_then(|(s, mm)| {
        let drawn = s.svg(mm).map_err(|e| e.to_string())?;
        Ok((drawn.into_bytes(), "image/svg+xml"))
    }))
}

async fn png(State(state): State<AppState>, OriginalUri(uri): OriginalUri) -> Response {
    answer(symbol(&state, uri.path().strip_prefix("/qr/png"), uri.query()).and_then(|(s, mm)| {
        let drawn = s.png(mm).map_err(|e| e.to_string())?;
        Ok((drawn, "image/png"))
    }))
}

async fn bundle(State(state): State<AppState>, OriginalUri(uri): OriginalUri) -> Response {
    answer(link(uri.path().strip_prefix("/qr/bundle"), None).and_then(|link| {
        let symbol = Symbol::new(state.public_url(), &format!("/bundle{}", link.path())).map_err(|e| e.to_string())?;
        Ok((symbol.svg(MODULE_MM_DEFAULT).map_err(|e| e.to_string())?.into_bytes(), "image/svg+xml"))
    }))
}

async fn label_svg(State(state): State<AppState>, Path((size, _)): Path<(String, String)>, OriginalUri(uri): OriginalUri) -> Response {
    // A long history takes a while to read, and a label has only its last words.
    let asked = Size::parse(&size).ok_or_else(|| "labels are 60x40 or 40x25 (millimetres): name one of them".to_owned());
    let asked = asked.and_then(|of| Ok((of, link(uri.path().strip_prefix(&*format!("/label/{size}")), None)?)));
    match asked {
        Ok((size, link)) => built_of(&link.name().key(), "a label", move || answer(whole_label(&state, size, &link))).await,
        Err(why) => answer(Err(why)),
    }
}

fn whole_label(state: &AppState, size: Size, link: &DigitalLink) -> Result<(Vec<u8>, &'static str), String> {
    let symbol = Symbol::new(state.public_url(), &link.path()).map_err(|e| e.to_string())?;
    let svg = label::svg(size, &symbol, &super::item::label_text(state, link))
        .ok_or_else(|| "the address is too long for this label: use 60x40, or a shorter PUBLIC_URL".to_owned())?;
    Ok((svg.into_bytes(), "image/svg+xml"))
}

fn link(path: Option<&str>, query: Option<&str>) -> Result<DigitalLink, String> {
    DigitalLink::from_request(path.unwrap_or(""), query).map_err(|e| e.to_string())
}

/// The symbol and the module size of `?x=MILLIMETRES`.
fn symbol(state: &AppState, path: Option<&str>, query: Option<&str>) -> Result<(Symbol, f64), String> {
    let x = query.and_then(|q| q.split('&').find_map(|p| p.strip_prefix("x=")));
    let module_mm = match x {
        Some(text) => text.parse().map_err(|_| format!("x is \"{text}\": write the module's size in millimetres, for example x=0.5"))?,
        None => MODULE_MM_DEFAULT,
    };
    // The address inside a pack is drawn whether or not its code is right: the symbol tells nothing that the address does not.
    if let Some(inner) = path.filter(|path| path.starts_with("/inner/")) {
        let (code, name) = super::inner::parse(inner).ok_or_else(|| "this is no address of a code inside a pack".to_owned())?;
        let item = name.digital_link_path().unwrap_or_default();
        let mut symbol = Symbol::new(state.public_url(), &crate::inner::address(code, &item)).map_err(|e| e.to_string())?;
        symbol.lines = element_lines(&item);
        return Ok((symbol, module_mm));
    }
    let link = link(path, None)?;
    Symbol::new(state.public_url(), &link.path()).map(|s| (s, module_mm)).map_err(|e| e.to_string())
}

fn answer(made: Result<(Vec<u8>, &'static str), String>) -> Response {
    match made {
        Ok((bytes, media_type)) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            response
        }
        Err(message) => (StatusCode::BAD_REQUEST, format!("{message}\n")).into_response(),
    }
}
