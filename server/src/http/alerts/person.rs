//! `/alerts/mail/…`: a person says whether it wants alerts by mail. Whoever has the link may answer.

use app::console::alerts::log::Question;
use app::context::PageContext;
use app::feedback::words::name;
use axum::extract::{Form, OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use serde::Deserialize;

use crate::alerts::persons;
use crate::feedback::Desk;
use crate::http::feedback::{private, see_other};
use crate::http::headers;

pub(super) async fn asked(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path((id, token)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    question(&desk, &uri, &headers, &id, &token)
}

/// The question as it stands, to whoever has its link. Opening it changes nothing: programs that look at mail open every link in it.
fn question(desk: &Desk, uri: &Uri, headers: &HeaderMap, id: &str, token: &str) -> Response {
    let context = desk.context(headers, uri, uri.path().to_owned());
    let engine = &desk.engine;
    let row = match persons::by_token(engine, id, token) {
        Ok(Some(row)) => row,
        Ok(None) => return nothing(&context),
        Err(error) => return unavailable(&error, &context),
    };
    let stands = match (row.confirmed_ms, row.stopped_ms) {
        (_, Some(_)) => Question::Off,
        (Some(_), None) => Question::On,
        (None, None) if persons::may_confirm(engine, &row) => Question::Open,
        (None, None) => Question::Late,
    };
    let names = match engine.view().member(&row.channel.member) {
        Ok(versions) => versions.last().map(|(_, member)| member.names.iter().cloned().collect::<trace::page::Words>()).unwrap_or_default(),
        Err(error) => return unavailable(&error, &context),
    };
    let who = name(&names, context.lang).unwrap_or(&row.channel.member).to_owned();
    let mut response = private(headers::page(app::console::alerts_question(&who, stands, uri.path(), &context)));
    // The address is the key to it.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn nothing(context: &PageContext) -> Response {
    let say = |key| app::texts::text(context.lang, key);
    let html = app::render::message(say("alert.person.gone"), say("alert.person.gone.what"), context);
    let mut response = private(headers::page(html));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn unavailable(error: &dyn std::fmt::Display, context: &PageContext) -> Response {
    tracing::error!(%error, "an address could not be read");
    let say = |key| app::texts::text(context.lang, key);
    let html = app::render::message(say("alert.person"), say("feedback.fault.busy"), context);
    let mut response = private(headers::page(html));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

#[derive(Deserialize)]
pub(super) struct Answer {
    answer: String,
}

pub(super) async fn answered(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path((id, token)): Path<(String, String)>,
    headers: HeaderMap,
    Form(given): Form<Answer>,
) -> Response {
    let context = desk.context(&headers, &uri, uri.path().to_owned());
    let engine = &desk.engine;
    let row = match persons::by_token(engine, &id, &token) {
        Ok(Some(row)) => row,
        Ok(None) => return nothing(&context),
        Err(error) => return unavailable(&error, &context),
    };
    let yes = given.answer == "yes";
    // Who said no stays with it until it is asked again; a yes that came too late is none.
    let counts = if yes {
        row.confirmed_ms.is_none() && persons::may_confirm(engine, &row)
    } else {
        given.answer == "no" && row.stopped_ms.is_none()
    };
    if counts && let Err(error) = persons::answered(engine, &row, yes).await {
        return unavailable(&error, &context);
    }
    see_other(uri.path())
}
