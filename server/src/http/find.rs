//! `GET /find?code=…`: what a person typed, turned into an address. Where several items fit, the person chooses; where a serial was
//! typed, the answer is never the product without it.

use std::net::{IpAddr, SocketAddr};

use app::context::PageContext;
use app::plain::{Choice, wrong_words};
use app::render;
use app::stage::Said;
use app::texts::text;
use axum::extract::{ConnectInfo, OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use base::clock::now_ms;
use ledger::entry::Member;
use ledger::name::Name;
use serde_json::json;
use trace::gs1::DigitalLink;

use super::building::{NotBuilt, busy, search};
use super::item::{context, product_name, with_status};
use super::typed::{self, Code, Read};
use super::{headers, language, stage};
use crate::serials::{ALONE_MIN, CHOICES_MAX, ENDING_MIN, Fitting, SearchError};
use crate::state::AppState;

/// Seconds after which the rows of serials will have caught up, or a little more of them.
const BEHIND_RETRY_SECONDS: &str = "20";

/// The same for staff in store mode: what is found opens there, and what is not is said there.
const ON_STAGE: &str = "/demo/find";

/// The same for the staff scanner, which gets the addresses, or why there are none, and checks by itself.
const IN_SCANNER: &str = "/scanner/find";

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/find", get(find)).route(ON_STAGE, get(find)).route(IN_SCANNER, get(find))
}

/// What a search came to.
enum Found {
    /// One thing, or what was typed is itself an address, known or not.
    Address(String),
    /// Several things, and whether more fit than these.
    Choose(Vec<String>, bool),
    /// Nothing, for a reason that a text tells.
    Nothing(StatusCode, &'static str),
    /// Not a code.
    Wrong(trace::gs1::Gs1Error),
}

async fn find(
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    request: HeaderMap,
) -> Response {
    let code = uri.query().and_then(|q| q.split('&').find_map(|p| p.strip_prefix("code="))).unwrap_or("");
    let code = base::percent::decode(&code.replace('+', " ")).unwrap_or_default();
    let context = context(&state, &uri, &request);
    let from = state.desk.client(&request, peer.map(|peer| peer.0.0.ip()));
    let worker = state.clone();
    let typed = code.clone();
    // Looking up reads the index and the journal, and each choice its product's history.
    let found = search(from, move || {
        let found = look_up(&worker, from, &typed);
        let choices = match &found {
            Ok(Found::Choose(paths, _)) => paths.iter().map(|path| choice(&worker, path, &context)).collect(),
            _ => Vec::new(),
        };
        (found, choices, context)
    })
    .await;
    let (found, choices, context) = match found {
        Ok(found) => found,
        Err(NotBuilt::Busy) => return busy(),
        Err(error) => {
            tracing::error!(%error, "a typed code could not be looked up");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    if uri.path() == ON_STAGE {
        return on_stage(&state, &uri, &request, code, found, choices).await;
    }
    if uri.path() == IN_SCANNER {
        return in_scanner(found, &choices, &context);
    }
    match found {
        Ok(Found::Address(path)) => Redirect::to(&in_language(&path, &uri, &request)).into_response(),
        Ok(Found::Choose(_, more)) => {
            with_status(StatusCode::MULTIPLE_CHOICES, headers::page(render::choose(&code, &choices, more, &context)))
        }
        Ok(Found::Nothing(status, why)) => {
            let html = if status == StatusCode::BAD_REQUEST {
                render::bad_code(&code, text(context.lang, why), &context)
            } else {
                render::not_found(&code, text(context.lang, why), &context)
            };
            with_status(status, headers::page(html))
        }
        Ok(Found::Wrong(wrong)) => {
            with_status(StatusCode::BAD_REQUEST, headers::page(render::bad_code(&code, &wrong_words(context.lang, &wrong), &context)))
        }
        Err(error) => {
            if matches!(error, SearchError::View(_)) {
                tracing::error!(%error, "a typed code could not be looked up");
            }
            let html = render::not_found(&code, text(context.lang, "find.behind"), &context);
            let mut response = with_status(StatusCode::SERVICE_UNAVAILABLE, headers::page(html));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(BEHIND_RETRY_SECONDS));
            response
        }
    }
}

async fn on_stage(
    state: &AppState,
    uri: &Uri,
    request: &HeaderMap,
    code: String,
    found: Result<Found, SearchError>,
    choices: Vec<Choice>,
) -> Response {
    let lang = context(state, uri, request).lang;
    let (status, why) = match found {
        Ok(Found::Address(path)) => return Redirect::to(&in_language(&format!("{}{path}", stage::PREFIX), uri, request)).into_response(),
        Ok(Found::Choose(_, more)) => {
            let said = Said { code, why: text(lang, if more { "choose.more" } else { "choose.text" }).to_owned(), several: true };
            return stage::several(state, uri, request, &said, choices);
        }
        Ok(Found::Nothing(status, why)) => (status, text(lang, why).to_owned()),
        Ok(Found::Wrong(wrong)) => (StatusCode::BAD_REQUEST, wrong_words(lang, &wrong)),
        Err(error) => {
            if matches!(error, SearchError::View(_)) {
                tracing::error!(%error, "a typed code could not be looked up");
            }
            (StatusCode::SERVICE_UNAVAILABLE, text(lang, "find.behind").to_owned())
        }
    };
    stage::choice(state, uri, request, status, Some(Said { code, why, several: false })).await
}

/// What a code leads to, for a script: addresses, or why there are none. That there are none is an answer like any other, so it is no error.
fn in_scanner(found: Result<Found, SearchError>, choices: &[Choice], context: &PageContext) -> Response {
    let lang = context.lang;
    let nothing = |why: &str| json!({ "choices": [], "why": why });
    let (status, said) = match found {
        Ok(Found::Address(path)) => (StatusCode::OK, json!({ "choices": [{ "path": path }] })),
        Ok(Found::Choose(_, more)) => {
            let all: Vec<_> = choices.iter().map(|one| json!({ "path": one.path, "name": one.name, "owner": one.owner })).collect();
            let why = more.then(|| text(lang, "choose.more"));
            (StatusCode::OK, json!({ "choices": all, "why": why }))
        }
        Ok(Found::Nothing(_, why)) => (StatusCode::OK, nothing(text(lang, why))),
        Ok(Found::Wrong(wrong)) => (StatusCode::OK, nothing(&wrong_words(lang, &wrong))),
        Err(error) => {
            if matches!(error, SearchError::View(_)) {
                tracing::error!(%error, "a typed code could not be looked up");
            }
            (StatusCode::SERVICE_UNAVAILABLE, nothing(text(lang, "find.behind")))
        }
    };
    let mut response = (status, Json(said)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(BEHIND_RETRY_SECONDS));
    }
    response
}

/// The reader's choice of language goes along where the browser would not ask for it by itself.
fn in_language(path: &str, uri: &Uri, request: &HeaderMap) -> String {
    let accepted = request.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let (chosen, by_itself) = (language::choose(uri.query(), accepted), language::choose(None, accepted));
    if chosen == by_itself { path.to_owned() } else { format!("{path}?lang={chosen}") }
}

/// What a person sees of a thing that fits: the name that its owner gives the product, and the owner by the name that governance signed,
/// for a rival can call its goods as it likes.
fn choice(state: &AppState, path: &str, context: &PageContext) -> Choice {
    let tag = context.lang.tag();
    let name = DigitalLink::from_request(path, None).map(|link| link.name()).ok();
    let product = name.as_ref().and_then(Name::product).map(|product| product_name(state, &product, tag));
    let view = state.engine.view();
    let owner = name.as_ref().and_then(Name::digits).and_then(|digits| view.rights().owner(digits, now_ms()));
    let named = |member: &Member| {
        let of = |tag: &str| member.names.iter().find(|(lang, _)| lang == tag);
        of(tag).or_else(|| of("en")).or(member.names.first()).map_or_else(|| member.id.clone(), |(_, name)| name.clone())
    };
    Choice { path: path.to_owned(), name: product.unwrap_or_default(), owner: owner.map(named).unwrap_or_default() }
}

fn look_up(state: &AppState, from: IpAddr, typed: &str) -> Result<Found, SearchError> {
    let code = match typed::read(typed) {
        Read::Code(code) => code,
        Read::Compressed => return Ok(Found::Nothing(StatusCode::BAD_REQUEST, "find.compressed")),
        Read::Nothing => return Ok(Found::Nothing(StatusCode::BAD_REQUEST, "find.nothing")),
        Read::Wrong(wrong) => return Ok(Found::Wrong(wrong)),
    };
    let (mut fitting, more) = known(state, &code)?;
    match fitting.len() {
        0 if more => return Ok(Found::Nothing(StatusCode::NOT_FOUND, "find.many")),
        0 => {}
        1 if !more => return Ok(Found::Address(fitting.remove(0))),
        _ => return Ok(Found::Choose(fitting, more)),
    }
    let endings: Vec<(String, Option<String>)> = if code.links.is_empty() { serials(&code) } else { serials_of_links(&code.links) };
    let long_enough = |text: &str| text.bytes().filter(u8::is_ascii_alphanumeric).count() >= ENDING_MIN;
    if endings.iter().any(|(text, _)| long_enough(text)) {
        // A whole address that nobody knows is shown as such, however often it is asked for.
        if !state.serials.may_search_endings(from) {
            return Ok(asked(&code).unwrap_or(Found::Nothing(StatusCode::TOO_MANY_REQUESTS, "find.often")));
        }
        for (text, gtin) in &endings {
            let Fitting { mut items, more } = state.serials.ending(text, gtin.as_deref())?;
            match items.len() {
                0 if !more => {}
                1 if !more => fitting.push(items.remove(0).path),
                // Which items end so is not told: that would list serials to whoever tries endings.
                _ => return Ok(asked(&code).unwrap_or(Found::Nothing(StatusCode::NOT_FOUND, "find.many"))),
            }
        }
    }
    fitting.sort();
    fitting.dedup();
    Ok(match (fitting.len(), asked(&code)) {
        (0, Some(asked)) => asked,
        (0, None) => match code.wrong {
            Some(wrong) => Found::Wrong(wrong),
            None if serials(&code).iter().all(|(text, _)| !long_enough(text)) => Found::Nothing(StatusCode::BAD_REQUEST, "find.short"),
            None => Found::Nothing(StatusCode::NOT_FOUND, "find.none"),
        },
        (1, None) => Found::Address(fitting.remove(0)),
        // An element string says that the serial is whole: that another one ends so is a question, not an answer.
        (1, Some(_)) => {
            fitting.extend(code.links.iter().map(DigitalLink::path));
            Found::Choose(fitting, false)
        }
        _ => Found::Nothing(StatusCode::NOT_FOUND, "find.many"),
    })
}

/// What the links themselves are, where the ledger knows none of them.
fn asked(code: &Code) -> Option<Found> {
    match code.links.as_slice() {
        [] => None,
        [one] => Some(Found::Address(one.path())),
        several => Some(Found::Choose(several.iter().take(CHOICES_MAX).map(DigitalLink::path).collect(), several.len() > CHOICES_MAX)),
    }
}

/// Addresses of what the ledger knows under what was typed, taken as whole: as many as a person can choose from, and whether there are
/// more. That there are many, which anybody can bring about, is never a reason to show none.
fn known(state: &AppState, code: &Code) -> Result<(Vec<String>, bool), SearchError> {
    let view = state.engine.view();
    let mut paths: Vec<String> =
        code.links.iter().map(DigitalLink::name).filter(|name| view.knows(name)).filter_map(|name| name.digital_link_path()).collect();
    let written_otherwise = if paths.is_empty() { serials_of_links(&code.links) } else { Vec::new() };
    let (mut fits, mut more) = (Vec::new(), false);
    for (text, gtin) in serials(code).into_iter().chain(written_otherwise) {
        // Shorter ones are found with a product's number alone.
        if gtin.is_none() && text.len() < ALONE_MIN {
            continue;
        }
        let fitting = state.serials.whole(&text, gtin.as_deref())?;
        fits.extend(fitting.items);
        more |= fitting.more;
    }
    fits.sort();
    for fit in fits {
        if !paths.contains(&fit.path) {
            paths.push(fit.path);
        }
    }
    more |= paths.len() > CHOICES_MAX;
    paths.truncate(CHOICES_MAX);
    Ok((paths, more))
}

fn serials(code: &Code) -> Vec<(String, Option<String>)> {
    code.serials.iter().map(|(text, gtin)| (text.clone(), gtin.as_ref().map(ToString::to_string))).collect()
}

/// Serials beside their products' numbers, for they may be written in groups, in lower case, or be the last characters.
fn serials_of_links(links: &[DigitalLink]) -> Vec<(String, Option<String>)> {
    let serial = |link: &DigitalLink| Some((link.get("21").or_else(|| link.get("235"))?.to_owned(), Some(link.get("01")?.to_owned())));
    links.iter().filter_map(serial).collect()
}
