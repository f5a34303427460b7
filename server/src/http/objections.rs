//! Objections of an owner of numbers: `/objections` for its own systems, `/console/objections` for people.

use app::console::objections::{Done, ObjectionPage, Shown, Typed};
use app::feedback::form::Fault;
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Form, FromRef, OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use engine::SubmitError;
use ledger::entry::Custody;
use ledger::name::Name;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::console::{Desked, desked};
use super::keyed::Capturing;
use super::problem::Problem;
use crate::feedback::Desk;
use crate::objection::{self, GOODS_MAX, ObjectionError, REASON_CHARS_MAX, Reason, Target, object};
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};
use crate::state::AppState;

/// Routes for programs, with an API key.
pub fn routes() -> Router<AppState> {
    Router::new().route("/objections", post(add)).route("/objections/{entry}", get(to_sign).delete(end))
}

/// Routes for people, signed in.
pub fn console_routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/objections", get(shown).post(send))
        .route("/console/objections/end", post(take_back))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// What an owner that keeps its own key signs: `GET /objections/{entry}` gives it, `leafproof objection sign` reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToSign {
    /// The ledger's name.
    pub origin: String,
    /// The owner.
    pub owner: String,
    /// The record's entry.
    pub entry: u64,
    /// Hash of the record's body.
    pub target: String,
    /// Keys of the owner's goods in it.
    pub goods: Vec<String>,
    /// The owner's next number.
    pub next_seq: u64,
    /// Its objection to the record, while that stands: what `leafproof objection end` takes back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub objection: Option<Standing>,
}

/// An objection that stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// Its entry.
    pub entry: u64,
    /// Hash of its body.
    pub body: String,
    /// Keys of the goods that it names.
    pub goods: Vec<String>,
}

/// Goods that an address names: an independent's record names no owner.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    goods: String,
}

async fn to_sign(
    State(state): State<AppState>,
    Capturing(owner): Capturing,
    Path(entry): Path<u64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = state.engine.view();
    let Target { event, goods, .. } =
        objection::target(&view, &owner, entry, &paths(&asked.goods), state.engine.now_ms()).map_err(refused)?;
    let next_seq = view.newest_seq(&Name::member_key(&owner)).map_err(|error| refused(error.into()))? + 1;
    let goods = goods.iter().map(ToString::to_string).collect();
    let target = event.body_hash(view.origin()).to_string();
    let objected = objection::objected(&view, &owner, entry).map_err(refused)?.filter(|objected| objected.ended.is_none());
    let objection = objected.map(|objected| Standing {
        entry: objected.index,
        body: objected.event.body_hash(view.origin()).to_string(),
        goods: objected.records.iter().map(|record| record.key.to_string()).collect(),
    });
    Ok(Json(ToSign { origin: view.origin().to_owned(), owner, entry, target, goods, next_seq, objection }).into_response())
}

/// `DELETE /objections/{entry}`: takes back one's objection to that record.
async fn end(State(state): State<AppState>, Capturing(owner): Capturing, Path(entry): Path<u64>) -> Result<Response, Problem> {
    let accepted = objection::end(&state.engine, &owner, entry, None).await.map_err(refused)?;
    let answer = json!({ "entry": accepted.index, "leafHash": accepted.leaf_hash.to_string(), "takesBackObjectionTo": entry });
    Ok(Json(answer).into_response())
}

/// What `POST /objections` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    entry: u64,
    #[serde(default)]
    goods: Vec<String>,
    reason: Reason,
}

async fn add(State(state): State<AppState>, Capturing(owner): Capturing, body: Bytes) -> Result<Response, Problem> {
    let sent: Sent = serde_json::from_slice(&body)
        .map_err(|error| Problem::validation(format!("send {{\"entry\": N, \"goods\": [PATH], \"reason\": {{\"en\": TEXT}}}}: {error}")))?;
    let accepted = object(&state.engine, &owner, sent.entry, &sent.goods, &sent.reason, None).await.map_err(refused)?;
    let answer = json!({ "entry": accepted.index, "leafHash": accepted.leaf_hash.to_string(), "objectsTo": sent.entry });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn refused(error: ObjectionError) -> Problem {
    use ObjectionError as E;
    let forbidden =
        |detail: String| Problem::new(StatusCode::FORBIDDEN, "epcisException:SecurityException", "Not yours to object to", detail);
    match error {
        E::Unknown(_) | E::None(_) => Problem::not_found(error.to_string()),
        E::NotYours(_) | E::Regulator(_) | E::Refused(SubmitError::NotAllowed { .. } | SubmitError::NotEntitled(_)) => {
            forbidden(error.to_string())
        }
        E::Already { .. } => Problem::new(StatusCode::CONFLICT, "about:blank", "There is an objection", error.to_string()),
        E::Ended { .. } => Problem::new(StatusCode::CONFLICT, "about:blank", "It was taken back", error.to_string()),
        E::Own(_) | E::Goods(_) | E::NoReason | E::Reason { .. } => Problem::validation(error.to_string()),
        E::Refused(SubmitError::Overloaded | SubmitError::Stopped) => Problem::busy(),
        E::Refused(SubmitError::Halted(reason)) => Problem::halted(&reason),
        E::Refused(refused) => Problem::validation(refused.to_string()),
        E::View(error) => {
            tracing::error!(%error, "a record to object to could not be read");
            Problem::unavailable()
        }
    }
}

fn paths(text: &str) -> Vec<String> {
    text.split([' ', ',', '，', '、', '\n', '\r']).filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(typed): Query<Typed>, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::SeePermissions) {
        Ok(at) => page(&at, typed, None, Done::Nothing),
        Err(response) => response,
    }
}

/// Who asks something of which record; the answer where that cannot be asked.
#[expect(clippy::result_large_err, reason = "the answer goes straight out")]
fn asked(desk: Desk, uri: Uri, headers: HeaderMap, typed: &Typed) -> Result<(Desked, u64), Response> {
    let at = desked(desk, uri, headers, May::Objections)?;
    let wrong = |field: &'static str, text: &'static str| page(&at, typed.clone(), Some(Fault::new(field, text, vec![])), Done::Nothing);
    let entry = typed.number().ok_or_else(|| wrong("entry", "console.objection.fault.entry"))?;
    Ok((at, entry))
}

async fn send(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(typed): Form<Typed>) -> Response {
    let (at, entry) = match asked(desk, uri, headers, &typed) {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    let reason: Reason = [("en", &typed.en), ("zh", &typed.zh)]
        .into_iter()
        .map(|(language, words)| (language.to_owned(), words.trim().to_owned()))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    match object(&at.desk.engine, &at.account.member, entry, &paths(&typed.goods), &reason, None).await {
        Ok(accepted) => page(&at, Typed::default(), None, Done::Objected { target: entry, index: accepted.index }),
        Err(error) => page(&at, typed, Some(told(error)), Done::Nothing),
    }
}

async fn take_back(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(typed): Form<Typed>) -> Response {
    let (at, entry) = match asked(desk, uri, headers, &typed) {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    match objection::end(&at.desk.engine, &at.account.member, entry, None).await {
        Ok(accepted) => page(&at, Typed::default(), None, Done::TakenBack { target: entry, index: accepted.index }),
        Err(error) => page(&at, typed, Some(told(error)), Done::Nothing),
    }
}

/// A fault beside its field, in the reader's language.
fn told(error: ObjectionError) -> Fault {
    use ObjectionError as E;
    let entry = |n: u64| vec![("n", n.to_string())];
    match error {
        E::Unknown(_) => Fault::new("entry", "console.objection.fault.entry", vec![]),
        E::Own(_) => Fault::new("entry", "console.objection.fault.own", vec![]),
        E::Regulator(_) => Fault::new("entry", "console.objection.fault.regulator", vec![]),
        E::NotYours(_) => Fault::new("entry", "console.objection.fault.goods", vec![]),
        E::Goods(path) => Fault::new("goods", "console.objection.fault.path", vec![("path", path), ("max", GOODS_MAX.to_string())]),
        E::NoReason => Fault::new("en", "console.objection.fault.none", vec![]),
        E::Reason { language, .. } => {
            let field = if language == "zh" { "zh" } else { "en" };
            Fault::new(field, "console.objection.fault.reason", vec![("max", REASON_CHARS_MAX.to_string())])
        }
        E::Already { index, .. } => Fault::new("entry", "console.objection.fault.already", entry(index)),
        E::None(_) => Fault::new("entry", "console.objection.fault.not", vec![]),
        E::Ended { index, .. } => Fault::new("entry", "console.objection.fault.ended", entry(index)),
        E::Refused(SubmitError::NotAllowed { .. }) => Fault::new("", "console.objection.fault.key", vec![]),
        error => {
            tracing::error!(%error, "an objection could not be recorded");
            Fault::new("", "console.partners.fault.later", vec![])
        }
    }
}

fn page(at: &Desked, typed: Typed, fault: Option<Fault>, done: Done) -> Response {
    let context = at.desk.context(&at.headers, &at.uri, "/console/objections".to_owned());
    let view = at.desk.engine.view();
    let id = &at.account.member;
    let rights = view.rights();
    let own = rights.member(&Name::member_key(id));
    // What is objected to, before it is: whose it is and what kind, from what everybody can read.
    let asked = typed.number().filter(|_| at.account.may(May::Objections));
    let found = asked.and_then(|entry| objection::target(&view, id, entry, &paths(&typed.goods), at.desk.engine.now_ms()).ok());
    let standing = asked.and_then(|entry| Some((entry, objection::objected(&view, id, entry).ok()??)));
    let standing = standing.filter(|(_, objected)| objected.ended.is_none()).map(|(entry, objected)| (entry, objected.index));
    let subject = found.map(|target| Shown {
        entry: target.index,
        who: target.author.as_ref().map(|author| author.id.clone()).unwrap_or_default(),
        names: target.author.map(|author| author.names.into_iter().collect()).unwrap_or_default(),
        at_ms: target.event.event_ms,
        goods: target.goods.len(),
    });
    let failed = fault.is_some();
    let page = ObjectionPage {
        reader: at.reader(context.lang),
        member: id.clone(),
        speaks: at.account.may(May::Objections),
        own_key: own.is_some_and(|own| own.custody == Custody::Own),
        subject,
        standing,
        typed,
        fault,
        done,
        reason_max: REASON_CHARS_MAX,
    };
    let mut response = at.html(app::console::objection(&page, &context));
    if failed {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}
