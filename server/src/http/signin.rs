//! `GET`/`POST /signin`, `POST /signin/code`, `POST /signout`.

use std::net::SocketAddr;

use app::console::factor::CodePage;
use app::console::signin::{SignInFault, SignInPage};
use axum::Router;
use axum::extract::FromRequest as _;
use axum::extract::{ConnectInfo, Form, FromRef, OriginalUri, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use store_local::ScratchError;

use super::feedback::{private, see_other};
use crate::feedback::Desk;
use crate::http::headers;
use crate::session::accounts::{self, Account, NAME_CHARS_MAX};
use crate::session::cookie::Device;
use crate::session::origin::{Origin, same_origin};
use crate::session::rate::{Guesser, Secret};
use crate::session::{IDLE_MINUTES, SessionError, SessionToken, agent, cookie, factor, fingerprint, password, totp};

/// Where sign-in leads.
const HOME: &str = "/console/comments";
/// Its own address.
pub(super) const SIGN_IN: &str = "/signin";

/// Routes of sign-in.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/signin", get(page).post(sign_in))
        .route("/signin/code", get(|| async { see_other(SIGN_IN) }).post(second))
        .route("/signout", post(sign_out))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// Who is signed in, if anybody.
pub fn reader(desk: &Desk, headers: &HeaderMap) -> Result<Option<Account>, SessionError> {
    let Some(token) = cookie::read(headers, desk.https()) else {
        return Ok(None);
    };
    desk.sessions.account(&token, desk.engine.now_ms(), |name| accounts::find(&desk.engine, name))
}

/// The answer where nobody can tell whether somebody is signed in.
pub fn unknown(desk: &Desk, uri: &Uri, headers: &HeaderMap, error: &SessionError) -> Response {
    tracing::error!(%error, "a session could not be looked up");
    let context = desk.context(headers, uri, uri.path().to_owned());
    let say = |key| app::texts::text(context.lang, key);
    let page = app::render::message(say("console.signin"), say("console.signin.unknown"), &context);
    unavailable(private(headers::page(page)))
}

fn unavailable(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(base::limit::RETRY_AFTER_SECONDS));
    response
}

#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
    /// Why a shared tablet is here.
    idle: Option<String>,
}

async fn page(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    // A shared tablet that left by itself is signed out by that: a photo that it loaded late would have kept it in. No other site's page
    // does so.
    let left = asked.idle.is_some() && headers.get("sec-fetch-site").is_none_or(|site| site != "cross-site");
    match reader(&desk, &headers) {
        Ok(Some(account)) if left && account.role.shared() => return sign_out_to(&desk, &uri, &headers, &format!("{SIGN_IN}?idle=1")),
        Ok(Some(_)) => return see_other(HOME),
        Ok(None) => {}
        Err(error) => return unknown(&desk, &uri, &headers, &error),
    }
    let idle = asked.idle.map(|_| IDLE_MINUTES);
    let page = SignInPage { next: asked.next.filter(|next| is_ours(next)), idle, ..SignInPage::default() };
    shown(&desk, &uri, &headers, &page, StatusCode::OK)
}

/// A path of the console, nothing else: sign-in leads to no other site.
fn is_ours(next: &str) -> bool {
    next.starts_with("/console/") && !next.contains(['\\', '\r', '\n']) && !next.contains("//")
}

#[derive(Deserialize)]
struct Given {
    name: String,
    password: String,
    next: Option<String>,
}

async fn sign_in(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, request: Request) -> Response {
    let headers = request.headers().clone();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let given = match Form::<Given>::from_request(request, &()).await {
        Ok(Form(given)) => given,
        Err(refused) => return refused.into_response(),
    };
    let (from, now_ms) = (desk.client(&headers, peer), desk.engine.now_ms());
    let name: String = given.name.trim().to_lowercase().chars().take(NAME_CHARS_MAX).collect();
    let next = given.next.filter(|next| is_ours(next));
    let again = |fault| SignInPage { name: name.clone(), fault: Some(fault), next: next.clone(), idle: None };
    let failed = |error: &SessionError| {
        tracing::error!(%error, "a sign-in failed on this side");
        unavailable(shown(&desk, &uri, &headers, &again(SignInFault::Failed), StatusCode::SERVICE_UNAVAILABLE))
    };
    let (https, secret) = (desk.https(), desk.engine.secret("sign-in devices"));
    let device = Device::read(&headers, https, &secret, &name);
    let guesser = Guesser { name: &name, from, device, what: Secret::Long };
    if let Some(seconds) = desk.guesses.wait_s(guesser, now_ms) {
        let page = again(SignInFault::Wait(seconds.div_ceil(60)));
        let mut response = shown(&desk, &uri, &headers, &page, StatusCode::TOO_MANY_REQUESTS);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return response;
    }
    // Counted before it is checked, so that a hundred at once are not all "the first"; a right one is taken back.
    desk.guesses.wrong(guesser, now_ms);
    let account = match accounts::find(&desk.engine, &name) {
        Ok(account) => account,
        Err(error) => {
            desk.guesses.right(guesser, now_ms);
            return failed(&error);
        }
    };
    let phc = account.as_ref().map(|account| account.password.clone());
    if !password::fits(given.password, phc).await {
        if let Some(account) = &account {
            desk.failures.add(&desk.engine, account);
        }
        return shown(&desk, &uri, &headers, &again(SignInFault::Wrong), StatusCode::UNPROCESSABLE_ENTITY);
    }
    desk.guesses.right(guesser, now_ms);
    // Without an account no password fits.
    let Some(account) = account else {
        return shown(&desk, &uri, &headers, &again(SignInFault::Wrong), StatusCode::UNPROCESSABLE_ENTITY);
    };
    first_step_done(&desk, &uri, &headers, &account, next).await
}

/// What comes after a right password: the second step, where the account has one, else its session.
pub(super) async fn first_step_done(desk: &Desk, uri: &Uri, headers: &HeaderMap, account: &Account, next: Option<String>) -> Response {
    match desk.engine.index().factor(&account.name) {
        Ok(Some(_)) => {
            let page = CodePage { half: half(desk, account), next, fault: None };
            asks_code(desk, uri, headers, &page, StatusCode::OK)
        }
        Ok(None) => begun(desk, uri, headers, account, next),
        Err(error) => unknown(desk, uri, headers, &error.into()),
    }
}

/// Begins a session in this browser.
fn begun(desk: &Desk, uri: &Uri, headers: &HeaderMap, account: &Account, next: Option<String>) -> Response {
    let https = desk.https();
    let secret = desk.engine.secret("sign-in devices");
    let device = Device::read(headers, https, &secret, &account.name);
    match begin(desk, headers, account) {
        Ok(token) => {
            let mut response = see_other(next.as_deref().unwrap_or(HOME));
            let out = response.headers_mut();
            out.append(header::SET_COOKIE, cookie::set(&token, https));
            out.append(header::SET_COOKIE, device.unwrap_or_else(Device::random).set(https, &secret, &account.name));
            response
        }
        Err(error) => unknown(desk, uri, headers, &error.into()),
    }
}

/// A new session; the one that this browser had ends, for its cookie is about to be overwritten, and what it opened must not stay open for
/// whoever copied it.
pub(super) fn begin(desk: &Desk, headers: &HeaderMap, account: &Account) -> Result<SessionToken, ScratchError> {
    if let Some(older) = cookie::read(headers, desk.https()) {
        desk.sessions.end(&older)?;
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    desk.sessions.begin(account, &agent::family(agent), desk.engine.now_ms())
}

/// How long the second step may take.
const HALF_MS: u64 = 5 * 60_000;

/// That somebody gave this account's password just now: name, time, and what only this server can make of them. It goes out with the page
/// of the second step and comes back with its form; nothing is kept, and with another password it is over.
fn half(desk: &Desk, account: &Account) -> String {
    let until_ms = desk.engine.now_ms() + HALF_MS;
    format!("{}|{until_ms}|{}", account.name, mac(desk, account, until_ms))
}

fn mac(desk: &Desk, account: &Account, until_ms: u64) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&desk.engine.secret("first steps of signing in"));
    hasher.update(account.name.as_bytes()).update(&[0]).update(&until_ms.to_be_bytes()).update(fingerprint(account).as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// The account of such a proof, while it is good.
fn whose(desk: &Desk, half: &str) -> Result<Option<Account>, SessionError> {
    let mut parts = half.split('|');
    let (Some(name), Some(until), Some(sent), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let Some(until_ms) = until.parse().ok().filter(|until| desk.engine.now_ms() < *until) else {
        return Ok(None);
    };
    let account = accounts::find(&desk.engine, name)?;
    // blake3::Hash compares in constant time.
    Ok(account.filter(|account| blake3::hash(sent.as_bytes()) == blake3::hash(mac(desk, account, until_ms).as_bytes())))
}

#[derive(Deserialize)]
struct Second {
    half: String,
    code: String,
    next: Option<String>,
}

async fn second(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, request: Request) -> Response {
    let headers = request.headers().clone();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let given = match Form::<Second>::from_request(request, &()).await {
        Ok(Form(given)) => given,
        Err(refused) => return refused.into_response(),
    };
    let next = given.next.filter(|next| is_ours(next));
    let account = match whose(&desk, &given.half) {
        Ok(Some(account)) => account,
        Ok(None) => {
            let page = SignInPage { fault: Some(SignInFault::Over), next, ..SignInPage::default() };
            return shown(&desk, &uri, &headers, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
        Err(error) => return unknown(&desk, &uri, &headers, &error),
    };
    let now_ms = desk.engine.now_ms();
    let device = Device::read(&headers, desk.https(), &desk.engine.secret("sign-in devices"), &account.name);
    let what = if totp::digits(&given.code).is_some() { Secret::Digits } else { Secret::Long };
    let guesser = Guesser { name: &account.name, from: desk.client(&headers, peer), device, what };
    let page = |fault| CodePage { half: given.half.clone(), next: next.clone(), fault: Some(fault) };
    if let Some(seconds) = desk.guesses.wait_s(guesser, now_ms) {
        let mut response = asks_code(&desk, &uri, &headers, &page(Some(seconds.div_ceil(60))), StatusCode::TOO_MANY_REQUESTS);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return response;
    }
    // As with passwords, counted before it is checked.
    desk.guesses.wrong(guesser, now_ms);
    match factor::passes(&desk.engine, &account, &given.code).await {
        Ok(true) => {
            desk.guesses.right(guesser, now_ms);
            begun(&desk, &uri, &headers, &account, next)
        }
        Ok(false) => {
            desk.failures.add(&desk.engine, &account);
            asks_code(&desk, &uri, &headers, &page(None), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => {
            desk.guesses.right(guesser, now_ms);
            tracing::error!(%error, "a code could not be checked");
            let page = SignInPage { fault: Some(SignInFault::Failed), next, ..SignInPage::default() };
            unavailable(shown(&desk, &uri, &headers, &page, StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}

fn asks_code(desk: &Desk, uri: &Uri, headers: &HeaderMap, page: &CodePage, status: StatusCode) -> Response {
    let context = desk.context(headers, uri, SIGN_IN.to_owned());
    let mut response = private(headers::page(app::console::code(page, &context)));
    *response.status_mut() = status;
    response
}

async fn sign_out(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    sign_out_to(&desk, &uri, &headers, SIGN_IN)
}

fn sign_out_to(desk: &Desk, uri: &Uri, headers: &HeaderMap, to: &str) -> Response {
    // A session that could not be ended lives on, and is not said to be over.
    if let Some(token) = cookie::read(headers, desk.https())
        && let Err(error) = desk.sessions.end(&token)
    {
        return unknown(desk, uri, headers, &error.into());
    }
    let mut response = see_other(to);
    response.headers_mut().insert(header::SET_COOKIE, cookie::clear(desk.https()));
    response
}

fn shown(desk: &Desk, uri: &Uri, headers: &HeaderMap, page: &SignInPage, status: StatusCode) -> Response {
    let context = desk.context(headers, uri, "/signin".to_owned());
    let mut response = private(headers::page(app::console::signin(page, &context)));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
