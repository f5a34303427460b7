//! Store mode at `/demo/`: the choice of an item, the stage of one, and the worker that keeps both for when there is no network.
//!
//! Nothing here counts a scan or writes anything. The worker's scope is `/demo/`, so it never comes near a shopper's page; that is why the
//! choice stands at `/demo/` and not at `/demo`, whose scope would be every address that begins so.

use app::plain::Choice;
use app::stage::{self, Said, TILES_MAX, Tile};
use app::texts::text;
use axum::Router;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use ledger::name::Level;
use trace::gs1::{DigitalLink, Gs1Error};
use trace::page::CodeHistory;

use super::building::{NotBuilt, build_of, built, busy};
use super::headers;
use super::item::{context, with_status, words_in};
use crate::pages::{self, Scanned};
use crate::state::AppState;

/// What stands before the address of an item on the stage.
pub const PREFIX: &str = "/demo";

const WORKER_SCRIPT: &str = include_str!("../../../public/worker.js");

/// The routes; `/demo/find` is [`super::find`]'s.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/demo", get(|OriginalUri(uri): OriginalUri| async move { moved("/", uri.query()) }))
        .route("/demo/", get(start))
        .route("/demo/worker.js", get(worker))
        .route("/demo/{*path}", get(scenes))
}

fn moved(path: &str, query: Option<&str>) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("{PREFIX}{path}{query}")).into_response()
}

async fn worker() -> Response {
    headers::worker(WORKER_SCRIPT)
}

async fn start(State(state): State<AppState>, OriginalUri(uri): OriginalUri, request: HeaderMap) -> Response {
    choice(&state, &uri, &request, StatusCode::OK, None).await
}

/// The page where staff choose, with what came of a code that leads nowhere.
pub async fn choice(state: &AppState, uri: &Uri, request: &HeaderMap, status: StatusCode, said: Option<Said>) -> Response {
    let mut context = context(state, uri, request);
    // The other language begins anew.
    context.here = format!("{PREFIX}/");
    let worker = state.clone();
    built("where store mode begins", move || {
        let tiles = tiles(&worker, context.lang);
        with_status(status, headers::page(stage::start(&tiles, said.as_ref(), &context)))
    })
    .await
}

/// Several things fit what was typed.
pub fn several(state: &AppState, uri: &Uri, request: &HeaderMap, said: &Said, choices: Vec<Choice>) -> Response {
    let mut context = context(state, uri, request);
    context.here = format!("{PREFIX}/");
    let tile = |choice: Choice| {
        let note = [choice.owner.as_str(), choice.path.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        Tile { name: choice.name, note, path: choice.path, picture: None }
    };
    let tiles: Vec<Tile> = choices.into_iter().map(tile).collect();
    with_status(StatusCode::MULTIPLE_CHOICES, headers::page(stage::start(&tiles, Some(said), &context)))
}

/// The goods of this shelf: the demo's, those in order first.
fn tiles(state: &AppState, lang: app::context::Lang) -> Vec<Tile> {
    let picture = |path: &str| {
        let name = DigitalLink::from_request(path, None).ok()?.name();
        let page = pages::page(&state.engine.view(), &name, scanned(state, None)).ok()??;
        page.headline.picture.map(|picture| format!("/media/{}", picture.file.hash))
    };
    let mut items: Vec<_> = state.demo_items.iter().collect();
    // One of each product first: a shelf does not begin with the odd ones.
    items.sort_by_key(|item| state.demo_items.iter().take_while(|one| one.path != item.path).filter(|one| one.scene == item.scene).count());
    items
        .into_iter()
        .take(TILES_MAX)
        .map(|item| Tile {
            path: item.path.clone(),
            name: words_in(&item.scene, lang),
            note: words_in(&item.title, lang),
            picture: picture(&item.path),
        })
        .collect()
}

fn scanned(state: &AppState, lot: Option<String>) -> Scanned {
    Scanned { lot, code: CodeHistory::NotCounted, demo: state.demo }
}

async fn scenes(State(state): State<AppState>, OriginalUri(uri): OriginalUri, request: HeaderMap) -> Response {
    let context = context(&state, &uri, &request);
    let lang = context.lang;
    let raw = uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let nothing = |status, why: String| (status, Some(Said { code: raw.to_owned(), why, several: false }));
    let link = match DigitalLink::from_request(raw, None) {
        Ok(link) => link,
        Err(wrong) => {
            let (status, said) = match wrong {
                Gs1Error::NoKey => nothing(StatusCode::NOT_FOUND, text(lang, "gone.text").to_owned()),
                wrong => nothing(StatusCode::BAD_REQUEST, app::plain::wrong_words(lang, &wrong)),
            };
            return choice(&state, &uri, &request, status, said).await;
        }
    };
    let name = link.name();
    // One spelling for one item, as on its own page: the worker keeps each address once.
    let path = name.digital_link_path().unwrap_or_else(|| link.path());
    if raw != path {
        return moved(&path, uri.query());
    }
    if !state.engine.view().knows(&name) || name.level() == Level::Other {
        let why = if name.level() == Level::Other { "other.text" } else { "stage.start.none" };
        let (status, said) = nothing(StatusCode::NOT_FOUND, text(lang, why).to_owned());
        return choice(&state, &uri, &request, status, said).await;
    }
    let (worker, lot) = (state.clone(), link.get("10").map(str::to_owned));
    let subject = name.key();
    let made = build_of(&subject, move || -> Result<_, String> {
        let Some(page) = pages::page(&worker.engine.view(), &name, scanned(&worker, lot))? else { return Ok(None) };
        let gtin = format!("/01/{}/", page.gtin);
        let other = worker.demo_items.iter().find(|item| !item.path.starts_with(&gtin)).map(|item| item.path.as_str());
        Ok((!page.nodes.is_empty()).then(|| stage::scenes(&page, other, &context)))
    });
    let made = match made.await {
        Err(NotBuilt::Busy) => return busy(),
        made => made.map_err(|e| e.to_string()).flatten(),
    };
    match made {
        Ok(Some(html)) => headers::page(html),
        // A product of which nothing happened: there is nothing to check, and so nothing to show.
        Ok(None) => {
            let (status, said) = nothing(StatusCode::NOT_FOUND, text(lang, "stage.start.bare").to_owned());
            choice(&state, &uri, &request, status, said).await
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &str) -> Response {
    tracing::error!(error, "the stage could not be made");
    (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made. The cause is in the server's log. Please try again.\n")
        .into_response()
}
