//! `/console/account`: one's own password, second factor and sessions.

use std::net::SocketAddr;

use app::console::account::{AccountPage, SessionRow};
use app::console::factor::{FactorPage, Setup};
use app::feedback::form::Fault;
use axum::Router;
use axum::extract::{ConnectInfo, Extension, Form, FromRef, OriginalUri, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use labels::symbol::{QUIET_MODULES, Symbol};
use serde::Deserialize;

use super::console::{Desked, FACTOR, desked, place};
use super::feedback::see_other;
use super::signin;
use crate::feedback::Desk;
use crate::session::accounts::May;
use crate::session::cookie::{self, Device};
use crate::session::factor::{self, FactorFault};
use crate::session::origin::{Origin, same_origin};
use crate::session::password::{self, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PasswordFault};
use crate::session::rate::{Guesser, Secret};
use crate::session::team::{TeamFault, change_password, needs_factor};
use crate::session::{IDLE_MINUTES, Sessions, totp};

/// Its address.
const ACCOUNT: &str = "/console/account";

/// Routes of one's own account.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/account", get(shown))
        .route("/console/account/password", post(change))
        .route("/console/account/sessions", post(end))
        .route("/console/account/factor", get(set_up).post(switch_on))
        .route("/console/account/factor/off", post(switch_off))
        .route("/console/account/factor/codes", post(renew))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// Where a request came from, where a connection says so.
type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// What a page says that was just done.
#[derive(Default, Deserialize)]
struct Told {
    done: Option<String>,
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(told): Query<Told>, headers: HeaderMap) -> Response {
    let at = match desked(desk, uri, headers, May::Own) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let done = match told.done.as_deref() {
        Some("password") => Some("console.password.done"),
        Some("session") => Some("console.session.ended"),
        _ => None,
    };
    page(&at, None, done, StatusCode::OK)
}

fn page(at: &Desked, fault: Option<Fault>, done: Option<&'static str>, status: StatusCode) -> Response {
    let context = at.desk.context(&at.headers, &at.uri, ACCOUNT.to_owned());
    let engine = &at.desk.engine;
    let here = cookie::read(&at.headers, at.desk.https());
    let sessions = match at.desk.sessions.of(&at.account, here.as_ref(), engine.now_ms()) {
        Ok(sessions) => sessions,
        Err(error) => return at.failed(&error),
    };
    let (factor, at_place) = match (engine.index().factor(&at.account.name), place(at, at.account.location.as_deref(), context.lang)) {
        (Ok(factor), Ok(place)) => (factor, place),
        (Err(error), _) | (_, Err(error)) => return at.failed(&error),
    };
    let page = AccountPage {
        reader: at.reader(context.lang),
        role: at.account.role.value().to_owned(),
        place: at_place.map(|(_, name)| name),
        leads: at.account.may(May::Accounts),
        factor: factor.map(|factor| (factor.since_ms, factor.codes.len())),
        sessions: sessions
            .into_iter()
            .map(|seen| SessionRow { id: seen.id, begun_ms: seen.begun_ms, used_ms: seen.used_ms, browser: seen.browser, here: seen.here })
            .collect(),
        fault,
        done,
        password: (PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX),
        idle_minutes: IDLE_MINUTES,
    };
    let mut response = at.html(app::console::account(&page, &context));
    *response.status_mut() = status;
    response
}

/// Why a password is not this account's own.
enum Not {
    /// It is another.
    Wrong,
    /// Too many were tried; minutes.
    Wait(u64),
}

/// Whether somebody at an open session knows its password; tried as rarely as at sign-in, and counted with it.
async fn own_password(at: &Desked, peer: &Peer, typed: String) -> Result<(), Not> {
    let desk = &at.desk;
    let (name, now_ms) = (&at.account.name, desk.engine.now_ms());
    let device = Device::read(&at.headers, desk.https(), &desk.engine.secret("sign-in devices"), name);
    let peer = peer.as_ref().map(|Extension(peer)| peer.0.ip());
    let guesser = Guesser { name, from: desk.client(&at.headers, peer), device, what: Secret::Long };
    if let Some(seconds) = desk.guesses.wait_s(guesser, now_ms) {
        return Err(Not::Wait(seconds.div_ceil(60)));
    }
    desk.guesses.wrong(guesser, now_ms);
    if !password::fits(typed, Some(at.account.password.clone())).await {
        desk.failures.add(&desk.engine, &at.account);
        return Err(Not::Wrong);
    }
    desk.guesses.right(guesser, now_ms);
    Ok(())
}

/// The words of that, at this field.
fn not_own(field: &'static str, not: &Not) -> Fault {
    match not {
        Not::Wrong => Fault::new(field, "console.password.wrong", vec![]),
        Not::Wait(minutes) => Fault::new(field, "console.password.wait", vec![("n", minutes.to_string())]),
    }
}

/// The words for a new password that is not taken.
pub(super) fn not_taken(fault: PasswordFault) -> Fault {
    let (min, max) = (PASSWORD_CHARS_MIN.to_string(), PASSWORD_CHARS_MAX.to_string());
    match fault {
        PasswordFault::TooShort => Fault::new("new", "console.password.short", vec![("min", min)]),
        PasswordFault::TooLong => Fault::new("new", "console.password.long", vec![("max", max)]),
        PasswordFault::Common => Fault::new("new", "console.password.common", vec![]),
        PasswordFault::Own => Fault::new("new", "console.password.own", vec![]),
    }
}

/// A new password, typed twice.
#[derive(Deserialize)]
pub(super) struct Chosen {
    new: String,
    again: String,
}

impl Chosen {
    /// The password, if both are the same and will do for this account.
    pub(super) fn password(self, account: &str, member: &str) -> Result<String, Fault> {
        if self.new != self.again {
            return Err(Fault::new("again", "console.password.differ", vec![]));
        }
        password::check(&self.new, account, member).map_err(not_taken)?;
        Ok(self.new)
    }
}

#[derive(Deserialize)]
struct Changed {
    old: String,
    new: String,
    again: String,
}

async fn change(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    peer: Peer,
    headers: HeaderMap,
    Form(typed): Form<Changed>,
) -> Response {
    let at = match desked(desk, uri, headers, May::Own) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let back = |fault| page(&at, Some(fault), None, StatusCode::UNPROCESSABLE_ENTITY);
    let chosen = Chosen { new: typed.new, again: typed.again };
    let new = match chosen.password(&at.account.name, &at.account.member) {
        Ok(new) => new,
        Err(fault) => return back(fault),
    };
    if let Err(not) = own_password(&at, &peer, typed.old).await {
        return back(not_own("old", &not));
    }
    let account = match change_password(&at.desk.engine, &at.account, new).await {
        Ok(account) => account,
        Err(TeamFault::Password(fault)) => return back(not_taken(fault)),
        Err(error) => return at.failed(&error),
    };
    // All are over with the old password, and this browser goes on with a new one.
    let begun = at.desk.sessions.end_of(&account.name, |_| true).and_then(|_| signin::begin(&at.desk, &at.headers, &account));
    match begun {
        Ok(token) => {
            let mut response = see_other("/console/account?done=password");
            response.headers_mut().append(header::SET_COOKIE, cookie::set(&token, at.desk.https()));
            response
        }
        Err(error) => at.failed(&error),
    }
}

#[derive(Deserialize)]
struct Which {
    session: String,
}

async fn end(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(which): Form<Which>) -> Response {
    let at = match desked(desk, uri, headers, May::Own) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let here = cookie::read(&at.headers, at.desk.https()).map(|token| Sessions::id(&token)).unwrap_or_default();
    let ends = |id: &str| id != here && (which.session == "others" || which.session == id);
    match at.desk.sessions.end_of(&at.account.name, ends) {
        Ok(0) => see_other(ACCOUNT),
        Ok(_) => see_other("/console/account?done=session"),
        Err(error) => at.failed(&error),
    }
}

async fn set_up(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::Own) {
        Ok(at) => factor_page(&at, factor::seed(), None, Vec::new(), StatusCode::OK),
        Err(response) => response,
    }
}

/// The page of the second factor; `seed` is what a secret that is not switched on yet is made from.
fn factor_page(at: &Desked, seed: String, fault: Option<Fault>, codes: Vec<String>, status: StatusCode) -> Response {
    let context = at.desk.context(&at.headers, &at.uri, FACTOR.to_owned());
    let engine = &at.desk.engine;
    let (is_on, required) = match (engine.index().factor(&at.account.name), needs_factor(engine, &at.account.member)) {
        (Ok(factor), Ok(required)) => (factor.is_some(), required),
        (Err(error), _) | (_, Err(error)) => return at.failed(&error),
    };
    let setup = match (!is_on).then(|| symbol(at, seed, context.host())).transpose() {
        Ok(setup) => setup,
        Err(error) => return at.failed(&error),
    };
    let page = FactorPage { reader: at.reader(context.lang), setup, required, fault, codes };
    let mut response = at.html(app::console::factor(&page, &context));
    *response.status_mut() = status;
    response
}

/// What an app scans: the address of a secret, as authenticator apps know it (otpauth).
fn symbol(at: &Desked, seed: String, host: &str) -> Result<Setup, labels::symbol::QrError> {
    let secret = totp::base32(&factor::secret(&at.desk.engine, &at.account.name, &seed));
    let (issuer, name) = (base::percent::component(host), base::percent::component(&at.account.name));
    let symbol = Symbol::of(&format!("otpauth://totp/{issuer}:{name}?secret={secret}&issuer={issuer}"))?;
    Ok(Setup { seed, secret, symbol: (symbol.path_data(), symbol.width() + 2 * QUIET_MODULES) })
}

#[derive(Deserialize)]
struct Typed {
    seed: String,
    code: String,
    password: String,
}

async fn switch_on(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    peer: Peer,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Response {
    let at = match desked(desk, uri, headers, May::Own) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let ours = typed.seed.len() == 32 && typed.seed.bytes().all(|byte| byte.is_ascii_hexdigit());
    let seed = if ours { typed.seed } else { factor::seed() };
    let back = |fault| factor_page(&at, seed.clone(), Some(fault), Vec::new(), StatusCode::UNPROCESSABLE_ENTITY);
    if let Err(not) = own_password(&at, &peer, typed.password).await {
        return back(not_own("password", &not));
    }
    match factor::switch_on(&at.desk.engine, &at.account, &seed, &typed.code).await {
        Ok(codes) => with_codes(&at, codes),
        Err(error) => faulty(&at, error, back),
    }
}

/// What a second factor does not open stays open nowhere else: the sessions that began without it are over. Its codes are shown.
fn with_codes(at: &Desked, codes: Vec<String>) -> Response {
    let here = cookie::read(&at.headers, at.desk.https()).map(|token| Sessions::id(&token)).unwrap_or_default();
    match at.desk.sessions.end_of(&at.account.name, |id| id != here) {
        Ok(_) => factor_page(at, String::new(), None, codes, StatusCode::OK),
        Err(error) => at.failed(&error),
    }
}

fn faulty(at: &Desked, error: FactorFault, back: impl FnOnce(Fault) -> Response) -> Response {
    match error {
        FactorFault::Wrong => back(Fault::new("code", "console.factor.fault", vec![])),
        FactorFault::Already => back(Fault::new("", "console.factor.already", vec![])),
        FactorFault::Required => back(Fault::new("stop", "console.factor.stop.required", vec![])),
        FactorFault::None => see_other(FACTOR),
        FactorFault::State(_) | FactorFault::Index(_) => at.failed(&error),
    }
}

#[derive(Deserialize)]
struct Password {
    password: String,
}

/// The page of an account whose factor is on, with what is wrong.
fn back(at: &Desked, fault: Fault) -> Response {
    factor_page(at, factor::seed(), Some(fault), Vec::new(), StatusCode::UNPROCESSABLE_ENTITY)
}

/// Who may change its factor: the signed-in account, by its password; else the answer, with the fault at this form.
async fn proven(desk: Desk, uri: Uri, headers: HeaderMap, peer: &Peer, password: String, form: &'static str) -> Result<Desked, Response> {
    let at = desked(desk, uri, headers, May::Own)?;
    match own_password(&at, peer, password).await {
        Ok(()) => Ok(at),
        Err(not) => Err(back(&at, not_own(form, &not))),
    }
}

async fn switch_off(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    peer: Peer,
    headers: HeaderMap,
    Form(typed): Form<Password>,
) -> Response {
    let at = match proven(desk, uri, headers, &peer, typed.password, "stop").await {
        Ok(at) => at,
        Err(response) => return response,
    };
    match factor::switch_off(&at.desk.engine, &at.account).await {
        Ok(()) => see_other(ACCOUNT),
        Err(error) => faulty(&at, error, |fault| back(&at, fault)),
    }
}

async fn renew(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    peer: Peer,
    headers: HeaderMap,
    Form(typed): Form<Password>,
) -> Response {
    let at = match proven(desk, uri, headers, &peer, typed.password, "codes").await {
        Ok(at) => at,
        Err(response) => return response,
    };
    match factor::renew(&at.desk.engine, &at.account).await {
        Ok(codes) => with_codes(&at, codes),
        Err(error) => faulty(&at, error, |fault| back(&at, fault)),
    }
}

#[cfg(test)]
mod tests;
