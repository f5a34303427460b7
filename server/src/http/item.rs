//! The pages a shopper gets: an item's, a batch's, a product's; unknown and unreadable codes; `/` for people without a code in
//! hand ([`super::find`] reads what they type). And the resolver's other answers on the same addresses.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use app::context::{Lang, PageContext};
use app::{plain, render};
use axum::Router;
use axum::extract::{ConnectInfo, Extension, OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use labels::label::LabelText;
use ledger::name::{Level, Name};
use trace::gs1::{DigitalLink, Gs1Error};
use trace::page::{Category, CodeHistory, ItemPage};

use super::bodies;
use super::building::{NotBuilt, build_of, busy};
use super::kept::pages::{Envelope, Kept, Version, Which};
use super::linkset::{self, Level as LinkLevel};
use super::{compress, headers, visit};
use crate::counting::Goods;
use crate::pages::{self, Scanned};
use crate::scans;
use crate::state::AppState;
use crate::{figures, freeze};

/// Routes with fixed addresses; Digital Links are the router's fallback, for any stem may stand before them.
pub fn routes() -> Router<AppState> {
    Router::new().route("/", get(home))
}

/// What a page is rendered with.
pub fn context(state: &AppState, uri: &Uri, request: &HeaderMap) -> PageContext {
    let kept: Vec<&str> = uri.query().unwrap_or("").split('&').filter(|p| !p.is_empty() && !p.starts_with("lang=")).collect();
    let here = if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), kept.join("&")) };
    state.desk.context(request, uri, here)
}

/// A page of one message.
pub fn message(status: StatusCode, heading: &str, words: &str, context: &PageContext) -> Response {
    with_status(status, headers::page(render::message(heading, words, context)))
}

pub(super) fn with_status(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}

async fn home(State(state): State<AppState>, OriginalUri(uri): OriginalUri, request: HeaderMap) -> Response {
    let context = context(&state, &uri, &request);
    let items: Vec<plain::DemoItem> = state
        .demo_items
        .iter()
        .map(|item| plain::DemoItem {
            path: item.path.clone(),
            name: words_in(&item.scene, context.lang),
            note: words_in(&item.title, context.lang),
        })
        .collect();
    headers::page(render::home(&items, &context))
}

pub(super) fn words_in(words: &trace::page::Words, lang: Lang) -> String {
    words.get(lang.tag()).or_else(|| words.values().next()).cloned().unwrap_or_default()
}

fn bad_code(state: &AppState, uri: &Uri, request: &HeaderMap, code: &str, wrong: &Gs1Error) -> Response {
    let context = context(state, uri, request);
    with_status(StatusCode::BAD_REQUEST, headers::page(render::bad_code(code, &plain::wrong_words(context.lang, wrong), &context)))
}

/// Any address that no route knows: a Digital Link under some stem, or nothing.
pub async fn digital_link(
    State(state): State<AppState>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    request: HeaderMap,
) -> Response {
    let from = peer.map(|peer| peer.0.0.ip());
    let mut response = match method {
        Method::OPTIONS => preflight(),
        Method::GET | Method::HEAD => resolve(&state, &method, &uri, &request, from).await,
        _ => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, METHODS)]).into_response(),
    };
    let out = response.headers_mut();
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    out.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Link"));
    response
}

/// The GS1 keys of what goods travel in: SSCC, GRAI, GIAI.
const UNITS: [&str; 3] = ["00", "8003", "8004"];

/// What an item's address answers.
const METHODS: &str = "GET, HEAD, OPTIONS";

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let out = response.headers_mut();
    out.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    out.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Accept, Accept-Language"));
    response
}

async fn resolve(state: &AppState, method: &Method, uri: &Uri, request: &HeaderMap, from: Option<IpAddr>) -> Response {
    let link = match DigitalLink::from_request(uri.path(), uri.query()) {
        Ok(link) => link,
        Err(Gs1Error::NoKey) => {
            let context = context(state, uri, request);
            let words = if trace::gs1::is_compressed(uri.path()) { "find.compressed" } else { "gone.text" };
            let (heading, words) = (app::texts::text(context.lang, "gone.title"), app::texts::text(context.lang, words));
            return message(StatusCode::NOT_FOUND, heading, words, &context);
        }
        Err(e) => return bad_code(state, uri, request, uri.path(), &e),
    };
    if uri.path() != link.path() {
        return moved(&link.path(), uri.query());
    }
    let name = link.name();
    let known = state.engine.view().knows(&name);
    if let Some(asked) = Asked::of(uri, request) {
        let (worker, uri, link) = (state.clone(), uri.clone(), link.clone());
        // Names are read from the ledger for each level.
        match build_of(&name.key(), move || machine_answer(&worker, &uri, asked, &link, known)).await {
            Ok(Some(response)) => return response,
            Ok(None) => {}
            Err(NotBuilt::Busy) => return busy(),
            Err(error) => return failed(&error.to_string()),
        }
    }
    if !known {
        return unknown(state, uri, request, &link);
    }
    // Places and the rest have no page of their own yet; that there is nothing would be a lie.
    if name.level() == Level::Other && !UNITS.iter().any(|key| link.get(key).is_some()) {
        let context = context(state, uri, request);
        let [heading, words] = ["other.title", "other.text"].map(|key| app::texts::text(context.lang, key));
        return message(StatusCode::OK, heading, words, &context);
    }
    // Lot and variant beside a serial are facts about the item; what is signed of them stands on its page.
    if let Some(path) = name.digital_link_path().filter(|path| *path != link.path()) {
        return moved(&path, uri.query());
    }
    page(state, method, uri, request, from, &link).await
}

/// The one spelling of an address: a page served at another would tell the phone's script another subject than was opened, and
/// caches and bookmarks would hold one item many times.
fn moved(path: &str, query: Option<&str>) -> Response {
    let to = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    Redirect::permanent(&to).into_response()
}

/// What a program asks for: the linkset, or a link type.
struct Asked {
    linkset: bool,
    link_type: Option<String>,
}

impl Asked {
    fn of(uri: &Uri, request: &HeaderMap) -> Option<Self> {
        let link_type = uri.query().and_then(|q| q.split('&').find_map(|p| p.strip_prefix("linkType=")));
        let link_type = link_type.and_then(base::percent::decode);
        let linkset = linkset::accepted(request) || matches!(link_type.as_deref(), Some("linkset" | "all"));
        (linkset || link_type.is_some()).then_some(Self { linkset, link_type })
    }
}

/// The linkset, or the redirect to a link type.
fn machine_answer(state: &AppState, uri: &Uri, asked: Asked, link: &DigitalLink, known: bool) -> Option<Response> {
    let Asked { linkset: wants_linkset, link_type: asked } = asked;
    // What nobody recorded has the links of its lot or product (GS1-Conformant Resolver, 1.2.1: walking up the tree).
    let mut levels = levels(state, link);
    if levels.is_empty() {
        return wants_linkset.then(|| (StatusCode::NOT_FOUND, "no record of this code\n").into_response());
    }
    if !known {
        // Its own page says that there is no record; the product's would say that all is well.
        if asked.as_deref().is_some_and(linkset::is_default) {
            return None;
        }
        levels[0].description = format!("{} (there is no record of {}; these links are of {0})", levels[0].words(), link.path());
    }
    let passed_on = passed_on(uri.query());
    if wants_linkset {
        let document = linkset::document(state.public_url(), &levels, &passed_on);
        let mut response = axum::Json(document).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(linkset::MEDIA_TYPE));
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
        return Some(response);
    }
    let asked = asked.unwrap_or_default();
    Some(match linkset::find(&levels, &asked) {
        // The page itself is the default: it is answered here, not redirected to itself.
        Some(found) if found.href == link.path() => return None,
        Some(found) => Redirect::temporary(&format!("{}{}{passed_on}", state.public_url(), found.href)).into_response(),
        None => {
            (StatusCode::NOT_FOUND, format!("no link of type {asked} for this code; ask for linkType=linkset to see all\n")).into_response()
        }
    })
}

/// The query without the resolver's own words, with its `?`.
fn passed_on(query: Option<&str>) -> String {
    let kept: Vec<&str> = query.unwrap_or("").split('&').filter(|p| !p.is_empty() && !p.starts_with("linkType=")).collect();
    if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) }
}

/// The scanned level and all above it that the ledger knows.
fn levels(state: &AppState, link: &DigitalLink) -> Vec<LinkLevel> {
    let view = state.engine.view();
    let name = link.name();
    let mut names = vec![name.clone()];
    if let (Some(gtin), Some(lot)) = (link.get("01"), link.get("10")) {
        names.push(Name::Gs1(vec![("01".to_owned(), gtin.to_owned()), ("10".to_owned(), lot.to_owned())]));
    }
    names.extend(name.product());
    names.dedup();
    names
        .iter()
        .filter(|n| view.knows(n))
        .filter_map(|n| {
            let path = n.digital_link_path()?;
            Some(linkset::level(&path, &product_name(state, n, "en"), true))
        })
        .collect()
}

/// The signed name of a subject's product in a language, or in English; empty where none is signed. Read from the product's own history:
/// an item's may be long.
pub(super) fn product_name(state: &AppState, name: &Name, lang: &str) -> String {
    let name = name.product().unwrap_or_else(|| name.clone());
    let read = || item_page(state, &name, None, CodeHistory::NotCounted).ok().map(|page| page.headline.name);
    state.names.of(name.key(), lang, read)
}

fn unknown(state: &AppState, uri: &Uri, request: &HeaderMap, link: &DigitalLink) -> Response {
    let context = context(state, uri, request);
    let view = state.engine.view();
    let (size, reportable) = (view.size(), pages::may_be_reported(&view, &link.name()));
    let product = link.name().product().filter(|product| *product != link.name() && view.knows(product));
    let product = product.and_then(|product| product.digital_link_path());
    let html = render::unknown(&link.path(), size, reportable, product.as_deref(), &context);
    let mut response = with_status(StatusCode::NOT_FOUND, headers::page(html));
    let preloads = headers::links("", &render::preloads(None, &context));
    response.headers_mut().insert(header::LINK, preloads);
    response
}

async fn page(state: &AppState, method: &Method, uri: &Uri, request: &HeaderMap, from: Option<IpAddr>, link: &DigitalLink) -> Response {
    let name = link.name();
    let lot = link.get("10").map(str::to_owned);
    let context = context(state, uri, request);
    // Where nobody can tell who reads, nothing is counted.
    let staff = !matches!(super::signin::reader(&state.desk, request), Ok(None));
    let counts = visit::counts(method, request, staff, base::clock::today());
    let code = code_history(state, counts, request, &name);
    let is_goods = name.level() != Level::Other;
    let first = code == CodeHistory::First;
    let code = freeze::history(&state.engine, &name, code);
    // An address with a query of its own gives a page of its own: its links repeat the query.
    let which =
        (context.here == uri.path()).then(|| Which { name: name.key(), lot: lot.clone(), lang: context.lang, phone: context.phone });
    let kept = which.as_ref().and_then(|which| state.pages.get(which, &state.engine.view()));
    let mut response = Response::default();
    // One that nobody else reads is in memory from when it is made until it was read.
    let client = state.desk.client(request, from);
    let making = match &which {
        Some(_) => None,
        None => match bodies::making(client).await {
            Some(making) => Some(making),
            None => return busy(),
        },
    };
    let made = match kept {
        Some(kept) => Ok(Some(Made::Kept(kept))),
        None => {
            let (worker, about, context) = (state.clone(), name.clone(), context.clone());
            let scanned = Scanned { lot, code: code.clone(), demo: state.demo };
            match build_of(&name.key(), move || made(&worker, &about, scanned, &context, which)).await {
                Ok(made) => made,
                Err(NotBuilt::Busy) => return busy(),
                Err(error) => Err(error.to_string()),
            }
        }
    };
    let made = match made {
        Ok(Some(made)) => made,
        // Entries stand in its lists, and nobody who signed them may speak of it.
        Ok(None) => return unknown(state, uri, request, link),
        Err(error) => return failed(&error),
    };
    let envelope = made.envelope();
    let line = render::code(&code, envelope.category, &context);
    if counts {
        figures::opened(&state.desk, &envelope.goods, first, client);
    }
    headers::page_headers(&mut response, envelope.policy.clone());
    response.headers_mut().insert(header::LINK, envelope.links.clone());
    // What a phone is known by to have been counted today, of whatever level the page is.
    if is_goods {
        response.headers_mut().insert(header::ETAG, visit::mark(base::clock::today()));
    }
    match made {
        Made::Kept(kept) if compress::takes(request, "br") => {
            let small = match kept.ready(&line) {
                Some((small, smaller)) => {
                    if smaller {
                        compress::for_the_next(move || kept.make_smallest(&line));
                    }
                    Ok(small)
                }
                None => compress::in_time(move |quality| kept.compressed(&line, quality)).await,
            };
            match small {
                Ok(small) => compress::sent(response, small),
                Err(error) => failed(&error.to_string()),
            }
        }
        Made::Kept(kept) => compress::plain(response, bodies::of_pieces(kept.plain(&line))),
        Made::Once(html, _) => {
            let room = bodies::room(client, html.len()).await;
            drop(making);
            match room {
                Some(room) => bodies::holding(compress::body(request, response, html.into_bytes()).await, room),
                None => busy(),
            }
        }
    }
}

/// A page, ready to be sent.
enum Made {
    /// It stays for the next reader.
    Kept(Arc<Kept>),
    /// It does not.
    Once(String, Envelope),
}

impl Made {
    fn envelope(&self) -> &Envelope {
        match self {
            Self::Kept(kept) => kept.envelope(),
            Self::Once(_, envelope) => envelope,
        }
    }
}

/// Renders a page; `None` where nobody who may has said anything of the subject.
fn made(state: &AppState, name: &Name, scanned: Scanned, context: &PageContext, which: Option<Which>) -> Result<Option<Made>, String> {
    let view = state.engine.view();
    // Whoever waited finds what was made meanwhile.
    if let Some(kept) = which.as_ref().and_then(|which| state.pages.get(which, &view)) {
        return Ok(Some(Made::Kept(kept)));
    }
    let Some((page, lists)) = pages::page_with_lists(&view, name, scanned)? else { return Ok(None) };
    // Of what goods travel in nobody at a shelf has anything to say.
    let comments = page.level != trace::page::Level::Unit && super::feedback::is_read(&state.desk, &page);
    let html = render::item(&page, comments, context);
    let linkset = format!("<{}?linkType=linkset>; rel=\"linkset\"; type=\"application/linkset+json\"", page.path);
    let envelope = Envelope {
        policy: headers::policy(&html),
        links: headers::links(&linkset, &render::preloads(Some(&page), context)),
        goods: Goods::of(&page),
        category: page.category(),
    };
    let kept = match which {
        Some(which) => {
            let of = Version::of(&view, lists.into_iter()).map_err(|e| e.to_string())?;
            let line = render::code(&page.code, page.category(), context);
            state.pages.put(which, &html, &line, envelope.clone(), of, view.size())
        }
        None => None,
    };
    Ok(Some(kept.map_or_else(|| Made::Once(html, envelope), Made::Kept)))
}

fn failed(error: &str) -> Response {
    tracing::error!(error, "a page could not be made");
    (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made. The cause is in the server's log. Please try again.\n")
        .into_response()
}

/// The page of a subject as data, from the newest view of the ledger.
fn item_page(state: &AppState, name: &Name, lot: Option<String>, code: CodeHistory) -> Result<ItemPage, String> {
    let page = pages::page(&state.engine.view(), name, Scanned { lot, code, demo: state.demo })?;
    page.ok_or_else(|| "no entry is about this code".to_owned())
}

/// What sort of goods a name is of; without a page, of those that fewest scans are usual of.
pub(super) fn category(state: &AppState, name: &Name) -> Category {
    item_page(state, name, None, CodeHistory::NotCounted).map_or(Category::UsedUp, |page| page.category())
}

/// Counts this opening where it is a scan, and says what is known of the code.
fn code_history(state: &AppState, counts: bool, request: &HeaderMap, name: &Name) -> CodeHistory {
    if name.level() != Level::Item {
        return CodeHistory::Shared;
    }
    scans::history(&state.engine, &state.desk.kinds, &name.key(), counts.then(|| visit::Kind::of(request)))
}

/// The words of a label: what is signed for the item at this moment.
pub fn label_text(state: &AppState, link: &DigitalLink) -> LabelText {
    let name = link.name();
    let serial = link.get("21").unwrap_or("").to_owned();
    let Ok(page) = item_page(state, &name, link.get("10").map(str::to_owned), CodeHistory::NotCounted) else {
        return LabelText { serial, ..LabelText::default() };
    };
    let word = |words: &trace::page::SignedWords, lang: &str| words.get(lang).and_then(|s| s.values.first()).cloned().unwrap_or_default();
    let head = &page.headline;
    let (zh, en) = (word(&head.brand, "zh"), word(&head.brand, "en"));
    LabelText {
        brand: format!("{zh} {en}").trim().to_owned(),
        name_zh: word(&head.name, "zh"),
        name_en: word(&head.name, "en"),
        description: word(&head.description, "zh"),
        lot: page.lot.clone().unwrap_or_default(),
        use_by: page.use_by.as_ref().and_then(|(_, _, s)| s.values.first().cloned()).unwrap_or_default(),
        serial,
        records: page.nodes.len(),
    }
}
