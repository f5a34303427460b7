//! `/console/codes`: codes of single packs that a brand froze, and codes for the inside of packs, for its owners and editors.

use app::console::codes::{CodeRow, CodesPage, InnerBatchRow, InnerForm, SheetCode};
use app::feedback::form::Fault;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, FromRef, OriginalUri, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use labels::symbol::Symbol;
use ledger::name::{Level, Name};
use serde::Deserialize;
use trace::page::FreezeReason;

use super::console::{Desked, desked, member_name};
use super::feedback::{private, see_other};
use super::typed::{self, Read, TYPED_BYTES_MAX};
use crate::csv;
use crate::feedback::Desk;
use crate::freeze::{self, FROZEN_OF_MEMBER, FreezeFault};
use crate::inner::{self, INNER_A_DAY, INNER_AT_ONCE, INNER_FILES_A_DAY, INNER_LABEL_CHARS, InnerFault, Inside, Maker};
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};
use crate::session::team::FREEZES_A_DAY;

/// Form of as many packs as are named at once, each address at its longest usual length, encoded.
const INNER_FORM_BYTES: usize = 512 * 1024;
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
        .route("/console/codes/inner", post(inner_codes).layer(DefaultBodyLimit::max(INNER_FORM_BYTES)))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    code: String,
    reason: String,
    item: String,
    /// Packs whose inner codes are wanted, one on a line; what they are for; in which form.
    items: String,
    label: String,
    r#as: String,
}

fn page(at: &Desked, typed: Typed, fault: Option<Fault>) -> Response {
    let context = at.desk.context(&at.headers, &at.uri, CODES.to_owned());
    let frozen = match freeze::of(&at.desk.engine, &at.account.member) {
        Ok(frozen) => frozen,
        Err(error) => return at.failed(&error),
    };
    let inner = match inner::batches(&at.desk.engine, &at.account.member) {
        Ok(batches) => batches,
        Err(error) => return at.failed(&error),
    };
    let batch = |batch: store::rows::inner::InnerBatch| InnerBatchRow {
        label: batch.label,
        at_ms: batch.at_ms,
        codes: batch.codes.into(),
        spent: batch.spent.into(),
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
        inner: inner.into_iter().map(batch).collect(),
        form: InnerForm {
            items: typed.items,
            label: typed.label,
            sheet: typed.r#as == "sheet",
            max: INNER_AT_ONCE,
            label_max: INNER_LABEL_CHARS,
        },
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
pub(crate) fn item(typed: &str) -> Result<Name, Fault> {
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

async fn inner_codes(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(typed): Form<Typed>) -> Response {
    let at = match desked(desk, uri, headers, May::Freeze) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let maker = Maker { member: &at.account.member, by: &at.account.name, label: &typed.label };
    let made = inner::make(&at.desk.engine, maker, &typed.items, |line| item(line).ok()).await;
    let (field, key, values) = match made {
        Ok(codes) => return file(&at, &typed, &codes),
        Err(InnerFault::Nothing) => ("items", "codes.inner.fault.nothing", vec![]),
        Err(InnerFault::Label) => ("label", "codes.inner.fault.label", vec![("max", INNER_LABEL_CHARS.to_string())]),
        Err(InnerFault::Many) => ("items", "codes.inner.fault.many", vec![("max", INNER_AT_ONCE.to_string())]),
        Err(InnerFault::NoItem(line)) => ("items", "codes.inner.fault.item", vec![("line", line.to_string())]),
        Err(InnerFault::NotOwn(line)) => ("items", "codes.inner.fault.own", vec![("line", line.to_string())]),
        Err(InnerFault::ManyToday) => {
            let values = vec![("max", INNER_A_DAY.to_string()), ("files", INNER_FILES_A_DAY.to_string())];
            ("items", "codes.inner.fault.today", values)
        }
        Err(error) => return at.failed(&error),
    };
    page(&at, typed, Some(Fault::new(field, key, values)))
}

/// The codes, this once: as a list, or as a sheet of symbols.
fn file(at: &Desked, typed: &Typed, codes: &[Inside]) -> Response {
    let site = &at.desk.site.public_url;
    if typed.r#as == "sheet" {
        let context = at.desk.context(&at.headers, &at.uri, CODES.to_owned());
        let drawn = codes.iter().map(|code| {
            let (before, serial) = code.item.split_once("/21/").unwrap_or((&code.item, ""));
            let symbol = Symbol::new(site, &code.address)?.inline_svg();
            let serial = base::percent::decode(serial).unwrap_or_default();
            Ok(SheetCode { gtin: before.trim_start_matches("/01/").to_owned(), serial, symbol })
        });
        return match drawn.collect::<Result<Vec<_>, labels::symbol::QrError>>() {
            Ok(drawn) => at.html(app::console::codes::sheet(typed.label.trim(), &drawn, &context)),
            Err(error) => at.failed(&error),
        };
    }
    let mut out = String::from(csv::BEGIN);
    csv::line(&mut out, ["pack", "inner_address"].map(str::to_owned));
    for code in codes {
        csv::line(&mut out, [format!("{site}{}", code.item), format!("{site}{}", code.address)]);
    }
    let mut response = private(out.into_response());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"inner-codes.csv\""));
    response
}
