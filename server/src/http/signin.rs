//! `GET`/`POST /signin`, `POST /signout`.

use std::net::SocketAddr;

use app::console::signin::{SignInFault, SignInPage};
use axum::Router;
use axum::extract::FromRequest as _;
use axum::extract::{ConnectInfo, Form, FromRef, OriginalUri, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::feedback::{private, see_other};
use crate::feedback::Desk;
use crate::http::headers;
use crate::session::accounts::{self, Account};
use crate::session::cookie::Device;
use crate::session::origin::{Origin, same_origin};
use crate::session::rate::Guesser;
use crate::session::{SessionError, cookie, password};

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
}

async fn page(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    match reader(&desk, &headers) {
        Ok(Some(_)) => return see_other(HOME),
        Ok(None) => {}
        Err(error) => return unknown(&desk, &uri, &headers, &error),
    }
    let page = SignInPage { next: asked.next.filter(|next| is_ours(next)), ..SignInPage::default() };
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
    let name: String = given.name.trim().to_lowercase().chars().take(64).collect();
    let next = given.next.filter(|next| is_ours(next));
    let again = |fault| SignInPage { name: name.clone(), fault: Some(fault), next: next.clone() };
    let failed = |error: &SessionError| {
        tracing::error!(%error, "a sign-in failed on this side");
        unavailable(shown(&desk, &uri, &headers, &again(SignInFault::Failed), StatusCode::SERVICE_UNAVAILABLE))
    };
    let (https, secret) = (desk.https(), desk.engine.secret("sign-in devices"));
    let device = Device::read(&headers, https, &secret, &name);
    let guesser = Guesser { name: &name, from, device };
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
    if !password::fits(given.password, phc.clone()).await {
        return shown(&desk, &uri, &headers, &again(SignInFault::Wrong), StatusCode::UNPROCESSABLE_ENTITY);
    }
    desk.guesses.right(guesser, now_ms);
    // The browser's cookie is about to be overwritten: what it opened must not stay open for whoever copied it.
    let older = cookie::read(&headers, https).map_or(Ok(()), |token| desk.sessions.end(&token));
    match older.and_then(|()| desk.sessions.begin(&name, &phc.unwrap_or_default(), now_ms)) {
        Ok(token) => {
            let mut response = see_other(next.as_deref().unwrap_or(HOME));
            let out = response.headers_mut();
            out.append(header::SET_COOKIE, cookie::set(&token, https));
            out.append(header::SET_COOKIE, device.unwrap_or_else(Device::random).set(https, &secret, &name));
            response
        }
        Err(error) => failed(&error.into()),
    }
}

async fn sign_out(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    // A session that could not be ended lives on, and is not said to be over.
    if let Some(token) = cookie::read(&headers, desk.https())
        && let Err(error) = desk.sessions.end(&token)
    {
        return unknown(&desk, &uri, &headers, &error.into());
    }
    let mut response = see_other("/signin");
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
