//! `/console/filters`: filters of the inbox that somebody keeps under a name.

use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use trace::feedback::TitleText;

use super::console::desked;
use super::feedback::see_other;
use crate::feedback::Desk;
use crate::inbox::filters;
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};

/// Routes of the saved filters.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/filters", post(keep))
        .route("/console/filters/{id}/remove", post(remove))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
}

/// Keeps what the address itself asks: the form stands on the list that is narrowed so.
async fn keep(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(named): Form<Named>) -> Response {
    let at = match desked(desk, uri, headers, May::Read) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let filter = at.filter();
    let said = |words| at.said(StatusCode::UNPROCESSABLE_ENTITY, "console.comments", words);
    let Ok(name) = TitleText::parse(&named.name) else { return said("console.filters.name") };
    match filters::keep(&at.desk.engine, &at.account, &name, &filter).await {
        Ok(true) => see_other(&format!("/console/comments{}", filter.query(&[]))),
        Ok(false) => said("console.filters.full"),
        Err(error) => at.failed(&error),
    }
}

async fn remove(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let at = match desked(desk, uri, headers, May::Read) {
        Ok(at) => at,
        Err(response) => return response,
    };
    match filters::remove(&at.desk.engine, &at.account, &id).await {
        Ok(()) => see_other(&format!("/console/comments{}", at.filter().query(&[]))),
        Err(error) => at.failed(&error),
    }
}
