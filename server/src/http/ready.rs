//! `/console/answers`: the answers that a desk keeps ready.

use app::console::ready::{Entry, ReadyPage};
use app::feedback::form::Fault;
use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use trace::feedback::limits::READY_TITLE_CHARS_MAX;
use trace::feedback::{AnswerText, TextFault, TitleText};

use super::console::{Desked, desked};
use super::feedback::see_other;
use crate::feedback::Desk;
use crate::feedback::letters::LetterError;
use crate::inbox::ready::{self, NotKept, READY_ANSWERS_MAX, SLOTS};
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};

/// Routes of the ready answers.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/answers", get(list).post(keep))
        .route("/console/answers/{id}/remove", post(remove))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// A form of the page; a new answer has no id.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    id: String,
    title: String,
    text: String,
}

async fn list(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::Ready) {
        Ok(at) => shown(&at, None, StatusCode::OK),
        Err(response) => response,
    }
}

async fn keep(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(written): Form<Written>) -> Response {
    let at = match desked(desk, uri, headers, May::Ready) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let engine = &at.desk.engine;
    let fault = match checked(&written) {
        Err(fault) => fault,
        Ok((title, text)) => {
            let id = Some(written.id.as_str()).filter(|id| !id.is_empty());
            match ready::keep(engine, &at.account, id, title, text).await {
                Ok(Ok(())) => return see_other("/console/answers"),
                Ok(Err(NotKept::Full)) => Fault::new("", "console.ready.full", vec![("max", READY_ANSWERS_MAX.to_string())]),
                // What was taken away by somebody else can be kept as a new one.
                Ok(Err(NotKept::Gone)) => {
                    let back = Written { id: String::new(), ..written };
                    let fault = Fault::new("", "console.ready.gone", vec![]);
                    return shown(&at, Some((back, fault)), StatusCode::UNPROCESSABLE_ENTITY);
                }
                Err(error) => return at.failed(&error),
            }
        }
    };
    shown(&at, Some((written, fault)), StatusCode::UNPROCESSABLE_ENTITY)
}

async fn remove(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let at = match desked(desk, uri, headers, May::Ready) {
        Ok(at) => at,
        Err(response) => return response,
    };
    match ready::remove(&at.desk.engine, &at.account, &id).await {
        Ok(()) => see_other("/console/answers"),
        Err(error) => at.failed(&error),
    }
}

fn checked(written: &Written) -> Result<(TitleText, AnswerText), Fault> {
    let title = TitleText::parse(&written.title).map_err(|fault| match fault {
        TextFault::Empty => Fault::new("title", "console.ready.untitled", vec![]),
        TextFault::TooLong { .. } => Fault::new("title", "console.ready.title.long", vec![("max", READY_TITLE_CHARS_MAX.to_string())]),
    })?;
    let text = AnswerText::parse(&written.text).map_err(|fault| match fault {
        TextFault::Empty => Fault::new("text", "console.answer.empty", vec![]),
        TextFault::TooLong { chars, max } => {
            Fault::new("text", "console.answer.long", vec![("chars", chars.to_string()), ("max", max.to_string())])
        }
    })?;
    match ready::unknown_slot(text.as_str()) {
        Some(slot) => Err(Fault::new("text", "console.ready.slot", vec![("slot", slot.to_owned())])),
        None => Ok((title, text)),
    }
}

fn shown(at: &Desked, back: Option<(Written, Fault)>, status: StatusCode) -> Response {
    match page(at, back) {
        Ok(mut response) => {
            *response.status_mut() = status;
            response
        }
        Err(error) => at.failed(&error),
    }
}

fn page(at: &Desked, back: Option<(Written, Fault)>) -> Result<Response, LetterError> {
    let context = at.desk.context(&at.headers, &at.uri, "/console/answers".to_owned());
    let entry = |ready: ready::Ready| Entry { id: ready.id, title: ready.title, text: ready.text, fault: None };
    let mut entries: Vec<Entry> = ready::all(&at.desk.engine, &at.account)?.into_iter().map(entry).collect();
    let mut new = Entry::default();
    if let Some((written, fault)) = back {
        let changed = entries.iter_mut().find(|entry| !written.id.is_empty() && entry.id == written.id);
        let into = changed.unwrap_or(&mut new);
        (into.title, into.text, into.fault) = (written.title, written.text, Some(fault));
    }
    let page = ReadyPage { reader: at.reader(context.lang), entries, new, slots: &SLOTS, max: READY_ANSWERS_MAX };
    Ok(at.html(app::console::ready(&page, &context)))
}
