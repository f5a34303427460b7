//! The inbox as a file: for accounts out of the console, for a member's programs by a key that opens letters (`/api/letters.csv`, `.xlsx`).
//! Both are one function over one list. Each file has its line in the member's trail, on disk before the file leaves.

use app::context::Lang;
use app::texts::{fill, text};
use axum::Router;
use axum::extract::{FromRef, OriginalUri, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base::clock::DAY_MS;
use engine::{Engine, StateError};
use store::StoreError;
use store::record::Scope;
use store::record::deed::Act;

use super::building::{NotBuilt, list};
use super::console::desked;
use super::feedback::private;
use super::inbox::Asked;
use super::keyed;
use super::problem::Problem;
use crate::feedback::Desk;
use crate::feedback::letters::LetterError;
use crate::inbox::export::{Reader, XLSX, csv, xlsx};
use crate::inbox::{self, LOOKED_AT_MAX};
use crate::session::accounts::{Account, May, Role};
use crate::session::{keys, team};

base::limits! {
    /// Files of letters that the accounts of one member take in 24 hours, and as many that its programs take: one asks every five minutes. Each
    /// has a line in the trail, and nobody fills that.
    EXPORTS_A_DAY: usize = 300, "files";
}

/// Routes of the files.
pub fn routes<S>() -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    // Each GET makes a file and has a line in the trail: HEAD, which would take neither home, is not answered by making one.
    Router::new()
        .route("/console/comments.csv", get(|state, uri, asked, headers| console(state, uri, asked, headers, Kind::Csv)).head(head))
        .route("/console/comments.xlsx", get(|state, uri, asked, headers| console(state, uri, asked, headers, Kind::Xlsx)).head(head))
        .route("/api/letters.csv", get(|state, uri, asked, headers| program(state, uri, asked, headers, Kind::Csv)).head(head))
        .route("/api/letters.xlsx", get(|state, uri, asked, headers| program(state, uri, asked, headers, Kind::Xlsx)).head(head))
}

#[derive(Clone, Copy)]
enum Kind {
    /// Lines of text; whom they are for is [`Reader`]'s to say.
    Csv,
    /// A workbook, for people.
    Xlsx,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    fn answer(self, bytes: Vec<u8>) -> Response {
        let (media_type, disposition) = match self {
            Self::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"letters.csv\""),
            Self::Xlsx => (XLSX, "attachment; filename=\"letters.xlsx\""),
        };
        let mut response = private(bytes.into_response());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
        response
    }
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
enum ExportFault {
    #[error("{EXPORTS_A_DAY} files were taken in 24 hours, which is the most")]
    ManyToday,
    #[error(transparent)]
    Turn(#[from] NotBuilt),
    #[error(transparent)]
    Letter(#[from] LetterError),
    #[error(transparent)]
    Sheet(#[from] rust_xlsxwriter::XlsxError),
    #[error(transparent)]
    Index(#[from] StoreError),
    #[error(transparent)]
    State(#[from] StateError),
}

/// Who takes a file: an account, or a key by its id.
struct Taker {
    account: Account,
    key: Option<String>,
}

async fn head() -> impl axum::response::IntoResponse {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")])
}

async fn console(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    kind: Kind,
) -> Response {
    let at = match desked(desk, uri, headers, May::Export) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let lang = at.desk.context(&at.headers, &at.uri, String::new()).lang;
    let taker = Taker { account: at.account.clone(), key: None };
    match made(&at.desk, taker, asked.filter(), lang, kind).await {
        Ok(response) => response,
        Err(ExportFault::ManyToday) => {
            let context = at.desk.context(&at.headers, &at.uri, "/console/comments".to_owned());
            let words = fill(lang, "console.export.today", &[("max", &EXPORTS_A_DAY.to_string())]);
            let mut response = at.html(app::console::message(&at.reader(lang), text(lang, "console.export.many"), &words, &context));
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response
        }
        Err(error) => at.failed(&error),
    }
}

async fn program(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    kind: Kind,
) -> Response {
    let key = match keyed::opened(&desk.engine, &headers, Scope::Letters) {
        Ok(key) => key,
        Err(problem) => return problem.into_response(),
    };
    // A program that narrows by what is not understood must not get all instead.
    let filter = match Asked::strictly(asked) {
        Ok(filter) => filter,
        Err(why) => return Problem::new(StatusCode::BAD_REQUEST, "about:blank", "The filter is not understood", why).into_response(),
    };
    let lang = desk.context(&headers, &uri, String::new()).lang;
    let id = keys::id(&key);
    // It reads what an account of its member that reads letters does.
    let account = Account {
        name: String::new(),
        password: String::new(),
        role: Role::Reader,
        member: key.member,
        location: None,
        display: Default::default(),
    };
    match made(&desk, Taker { account, key: Some(id) }, filter, lang, kind).await {
        Ok(response) => response,
        Err(error) => refused(&error).into_response(),
    }
}

fn refused(error: &ExportFault) -> Problem {
    match error {
        ExportFault::ManyToday => {
            let why = format!("Keys of this member took {EXPORTS_A_DAY} files in the last 24 hours, which is the most.");
            let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "about:blank", "Too many files in a day", why);
            problem.retry_after_s = Some(3_600);
            problem
        }
        error => {
            tracing::error!(%error, "a file of letters could not be made");
            Problem::unavailable()
        }
    }
}

async fn made(desk: &Desk, taker: Taker, filter: app::console::data::Filter, lang: Lang, kind: Kind) -> Result<Response, ExportFault> {
    room(&desk.engine, &taker)?;
    let (worker, account) = (desk.clone(), taker.account.clone());
    let reader = if taker.key.is_some() { Reader::Program } else { Reader::Person };
    let work = move || -> Result<(usize, Vec<u8>), ExportFault> {
        let rows = inbox::list(&worker.engine, &account, &filter, None, LOOKED_AT_MAX)?.rows;
        let file = match kind {
            Kind::Csv => csv(&rows, lang, &worker.site.public_url, reader).into_bytes(),
            Kind::Xlsx => xlsx(&rows, lang, &worker.site.public_url)?,
        };
        Ok((rows.len(), file))
    };
    let (letters, file) = list(&taker.account.member, work).await??;
    let _turn = team::turn().await;
    room(&desk.engine, &taker)?;
    let (by, key) = (taker.key.as_ref().unwrap_or(&taker.account.name), taker.key.as_deref().unwrap_or_default());
    let mut deed = team::deed(&desk.engine, &taker.account.member, by, Act::LettersTaken, key);
    deed.detail = kind.word().to_owned();
    deed.count = u32::try_from(letters).unwrap_or(u32::MAX);
    team::keep(&desk.engine, deed).await?;
    Ok(kind.answer(file))
}

/// Programs and people have each their own: neither keeps the other from its letters.
fn room(engine: &Engine, taker: &Taker) -> Result<(), ExportFault> {
    let by_key = taker.key.is_some();
    let taken = team::since(engine, &taker.account.member, DAY_MS, |deed| {
        usize::from(deed.act == Act::LettersTaken && by_key != deed.about.is_empty())
    })?;
    if taken < EXPORTS_A_DAY { Ok(()) } else { Err(ExportFault::ManyToday) }
}

#[cfg(test)]
mod tests;
