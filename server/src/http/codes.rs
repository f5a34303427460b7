//! `/console/codes`: codes of single packs that a brand froze, for its owners and editors.

use app::console::codes::{CodeRow, CodesPage};
use app::feedback::form::Fault;
use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use ledger::name::{Level, Name};
use serde::Deserialize;
use trace::page::FreezeReason;

use super::console::{Desked, desked, member_name};
use super::feedback::see_other;
use super::typed::{self, Read, TYPED_BYTES_MAX};
use crate::feedback::Desk;
use crate::freeze::{self, FROZEN_OF_MEMBER, FreezeFault};
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};
use crate::session::team::FREEZES_A_DAY;

/// Its address.
const CODES: &str = "/console/codes";

/// Routes of frozen codes.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/codes", get(shown).post(freeze_one))
        .route("/console/codes/release", post(release))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    code: String,
    reason: String,
    item: String,
}

fn page(at: &Desked, typed: Typed, fault: Option<Fault>) -> Response {
    let context = at.desk.context(&at.headers, &at.uri, CODES.to_owned());
    let frozen = match freeze::of(&at.desk.engine, &at.account.member) {
        Ok(frozen) => frozen,
        Err(error) => return at.failed(&error),
    };
    let faulty = fault.is_some();
    let row = |freeze: store::record::deed::Freeze| CodeRow {
        reason: freeze.reason.as_deref().and_then(FreezeReason::parse),
        item: freeze.item,
        at_ms: freeze.at_ms,
        by: freeze.by,
    };
    let page = CodesPage {
        reader: at.reader(context.lang),
        member: member_name(&at.desk, &at.account.member, context.lang),
        rows: frozen.into_iter().map(row).collect(),
        code: typed.code,
        reason: FreezeReason::parse(&typed.reason),
        fault,
        code_max: TYPED_BYTES_MAX,
    };
    let mut response = at.html(app::console::codes(&page, &context));
    if faulty {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Typed>, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::Freeze) {
        // A link may bring the code along.
        Ok(at) => page(&at, asked, None),
        Err(response) => response,
    }
}

/// The one item that was typed.
fn item(typed: &str) -> Result<Name, Fault> {
    let fault = |key| Fault::new("code", key, vec![]);
    match typed::read(typed) {
        Read::Code(code) => {
            let mut items = code.links.iter().map(|link| link.name()).filter(|name| name.level() == Level::Item);
            match (items.next(), items.next()) {
                (Some(item), None) => Ok(item),
                _ => Err(fault("codes.fault.item")),
            }
        }
        Read::Nothing => Err(fault("codes.fault.nothing")),
        Read::Compressed | Read::Wrong(_) => Err(fault("codes.fault.item")),
    }
}

async fn freeze_one(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(typed): Form<Typed>) -> Response {
    let at = match desked(desk, uri, headers, May::Freeze) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let name = match item(&typed.code) {
        Ok(name) => name,
        Err(fault) => return page(&at, typed, Some(fault)),
    };
    let Some(reason) = FreezeReason::parse(&typed.reason) else {
        return page(&at, typed, Some(Fault::new("reason", "codes.fault.reason", vec![])));
    };
    let (key, values) = match freeze::freeze(&at.desk.engine, &at.account, &name, reason).await {
        Ok(()) => return see_other(CODES),
        Err(FreezeFault::NoItem) => ("codes.fault.unknown", vec![]),
        Err(FreezeFault::NotOwn) => ("codes.fault.own", vec![]),
        Err(FreezeFault::Full) => ("codes.fault.full", vec![("max", FROZEN_OF_MEMBER.to_string())]),
        Err(FreezeFault::ManyToday) => ("codes.fault.today", vec![("max", FREEZES_A_DAY.to_string())]),
        Err(error) => return at.failed(&error),
    };
    page(&at, typed, Some(Fault::new("code", key, values)))
}

async fn release(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(typed): Form<Typed>) -> Response {
    let at = match desked(desk, uri, headers, May::Freeze) {
        Ok(at) => at,
        Err(response) => return response,
    };
    match freeze::release(&at.desk.engine, &at.account, &typed.item).await {
        Ok(()) => see_other(CODES),
        Err(FreezeFault::ManyToday) => {
            let fault = Fault::new("code", "codes.fault.today", vec![("max", FREEZES_A_DAY.to_string())]);
            page(&at, Typed::default(), Some(fault))
        }
        Err(error) => at.failed(&error),
    }
}
