//! `GET`/`POST /signin`, `POST /signout`.

use std::net::SocketAddr;

use app::console::signin::{SignInFault, SignInPage};
use axum::Router;
use axum::extract::FromRequest as _;
use axum::extract::{ConnectInfo, Form, FromRef, OriginalUri, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::feedback::{private, see_other};
use crate::feedback::Desk;
use crate::http::headers;
use crate::session::accounts::Account;
use crate::session::origin::same_origin;
use crate::session::{cookie, password};

/// Where sign-in leads.
const HOME: &str = "/console/comments";

/// Routes of sign-in.
pub fn routes<S>() -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/signin", get(page).post(sign_in)).route("/signout", post(sign_out)).layer(from_fn(same_origin))
}

/// Who is signed in, if anybody.
pub fn reader(desk: &Desk, headers: &HeaderMap) -> Option<Account> {
    let token = cookie::read(headers, desk.https())?;
    let find = |name: &str| desk.engine.index().user(name).ok().flatten().and_then(Account::of);
    desk.sessions.account(&token, desk.engine.now_ms(), find).ok().flatten()
}

#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
}

async fn page(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    if reader(&desk, &headers).is_some() {
        return see_other(HOME);
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
    if let Some(seconds) = desk.guesses.wait_s(&name, from, now_ms) {
        let page = again(SignInFault::Wait(seconds.div_ceil(60)));
        let mut response = shown(&desk, &uri, &headers, &page, StatusCode::TOO_MANY_REQUESTS);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return response;
    }
    // Counted before it is checked, so that a hundred at once are not all "the first"; a right one is taken back.
    desk.guesses.wrong(&name, from, now_ms);
    let account = desk.engine.index().user(&name).ok().flatten().and_then(Account::of);
    let phc = account.as_ref().map(|account| account.password.clone());
    if !password::fits(given.password, phc.clone()).await {
        return shown(&desk, &uri, &headers, &again(SignInFault::Wrong), StatusCode::UNPROCESSABLE_ENTITY);
    }
    desk.guesses.right(&name, from, now_ms);
    match desk.sessions.begin(&name, &phc.unwrap_or_default(), now_ms) {
        Ok(token) => {
            let mut response = see_other(next.as_deref().unwrap_or(HOME));
            response.headers_mut().insert(header::SET_COOKIE, cookie::set(&token, desk.https()));
            response
        }
        Err(error) => {
            eprintln!("sign-in: {error}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn sign_out(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    if let Some(token) = cookie::read(&headers, desk.https())
        && let Err(error) = desk.sessions.end(&token)
    {
        eprintln!("sign-out: {error}");
    }
    let mut response = see_other("/signin");
    response.headers_mut().insert(header::SET_COOKIE, cookie::clear(desk.https()));
    response
}

fn shown(desk: &Desk, uri: &Uri, headers: &HeaderMap, page: &SignInPage, status: StatusCode) -> Response {
    let nonce = headers::nonce();
    let context = desk.context(headers, uri, "/signin".to_owned(), &nonce);
    let mut response = private(headers::page(app::console::signin(page, &context), &nonce));
    *response.status_mut() = status;
    response
}
