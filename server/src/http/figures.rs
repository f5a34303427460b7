//! `/console/figures`: what a desk reads of visits, checks and letters; `/checked/…`, where a page says how its check ended.

use std::cell::Cell;
use std::net::SocketAddr;

use app::console::figures::{Answered, FiguresPage, Row, Table};
use app::context::Lang;
use app::feedback::form::Fault;
use app::feedback::words::name;
use app::texts::{fill, text};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Extension, FromRef, OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base::clock::{self, DAY_MS};
use ledger::name::{Level, Name};
use serde::Deserialize;
use store::rows::tally::{PATIENCE_DAYS, TOGETHER};

use super::console::{Desked, desked, member_name, place};
use super::feedback::private;
use crate::counting::Outcome;
use crate::csv;
use crate::feedback::Desk;
use crate::feedback::letters::LetterError;
use crate::figures::{self, About, FIGURES_DAYS, FIGURES_NAMED, FIGURES_SHOWN, Figures, Range, Sum};
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};

/// Bytes of the word that says how a check ended.
const OUTCOME_BYTES: usize = 16;
/// The ranges that are a tap away.
const USUAL_DAYS: [u32; 3] = [7, 30, 90];

/// Routes of the figures.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/figures", get(shown))
        .route("/console/figures.csv", get(export))
        .route("/checked/{*path}", post(checked).layer(DefaultBodyLimit::max(OUTCOME_BYTES)))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// A page says how its check ended. Whether that was counted is nobody's to know.
async fn checked(
    State(desk): State<Desk>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let link = Name::from_digital_link_path(&format!("/{path}")).ok();
    let (Some(name), Some(outcome)) = (link.filter(|name| matches!(name.level(), Level::Product | Level::Batch)), Outcome::parse(&body))
    else {
        let why = "Say verified, failed or undecided, of a product or a lot: POST /checked/01/09521234000044/10/L7\n";
        return (StatusCode::BAD_REQUEST, why).into_response();
    };
    // Global Privacy Control, and what came before it: the page sends nothing then, and nothing is taken.
    let asks_not_to = ["sec-gpc", "dnt"].iter().any(|header| headers.get(*header).is_some_and(|value| value == "1"));
    let staff = !matches!(super::signin::reader(&desk, &headers), Ok(None));
    if let Name::Gs1(fields) = &name
        && !asks_not_to
        && !staff
    {
        let get = |ai: &str| fields.iter().find(|(key, _)| key == ai).map(|(_, value)| value.as_str());
        let from = desk.client(&headers, peer.map(|peer| peer.0.0.ip()));
        figures::checked(&desk, get("01").unwrap_or_default(), get("10"), outcome, from);
    }
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    days: String,
    from: String,
    to: String,
}

/// The days that are asked for, and which of [`USUAL_DAYS`] they are; or what is wrong with them.
fn range(asked: &Asked, today: u32) -> Result<(Range, Option<u32>), Fault> {
    let fault = |key, values| Fault::new("from", key, values);
    if asked.from.is_empty() && asked.to.is_empty() {
        let days = if asked.days.is_empty() { Some(30) } else { asked.days.parse().ok() };
        let days = days.filter(|days| USUAL_DAYS.contains(days)).ok_or_else(|| fault("figures.fault.days", vec![]))?;
        return Ok((Range { from: today.saturating_sub(days - 1), to: today }, Some(days)));
    }
    let day = |text: &str| (text.len() == 10).then(|| trace::time::date(text)).flatten().and_then(day_of);
    let (Some(from), Some(to)) = (day(&asked.from), day(&asked.to)) else { return Err(fault("figures.fault.date", vec![])) };
    if from > to {
        return Err(fault("figures.fault.order", vec![]));
    }
    // The number of days, both ends among them.
    if to - from >= FIGURES_DAYS {
        return Err(fault("figures.fault.long", vec![("max", FIGURES_DAYS.to_string())]));
    }
    if from > today {
        return Err(fault("figures.fault.ahead", vec![]));
    }
    Ok((Range { from, to: to.min(today) }, None))
}

fn day_of(date: jiff::civil::Date) -> Option<u32> {
    let days = date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days();
    u32::try_from(days).ok()
}

fn today(desk: &Desk) -> u32 {
    u32::try_from(desk.engine.now_ms() / DAY_MS).unwrap_or(u32::MAX)
}

/// Reads figures on a thread that may wait for the disk.
async fn read(at: Desked, work: impl FnOnce(&Desked) -> Result<Response, LetterError> + Send + 'static) -> Response {
    at.listed("figures", move |at| work(at).unwrap_or_else(|error| at.failed(&error))).await
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::Figures) {
        Ok(at) => read(at, move |at| page(at, &asked)).await,
        Err(response) => response,
    }
}

fn page(at: &Desked, asked: &Asked) -> Result<Response, LetterError> {
    let today = today(&at.desk);
    let usual = Asked::default();
    let (found, fault) = match range(asked, today) {
        Ok(found) => (Ok(found), None),
        Err(fault) => (range(&usual, today), Some(fault)),
    };
    // The usual range is always one.
    let (range, days) = found.unwrap_or((Range { from: today, to: today }, None));
    let (from, to) =
        if fault.is_some() { (asked.from.clone(), asked.to.clone()) } else { (clock::date(range.from), clock::date(range.to)) };
    let kept = days.map_or_else(|| format!("?from={from}&to={to}"), |days| format!("?days={days}"));
    let context = at.desk.context(&at.headers, &at.uri, format!("/console/figures{}", if fault.is_some() { "" } else { &kept }));
    let lang = context.lang;
    let figures = figures::read(&at.desk.engine, &at.account, range)?;
    let names = Names { at, figures: &figures, lang, looked: Cell::new(0) };
    let location = at.account.location.as_deref().filter(|_| at.account.role.needs_location());
    let by_day = figures.by(|about| about.day);
    let days_shown = (range.from..=range.to).map(|day| (clock::date(day), row(by_day.get(&day).unwrap_or(&Sum::default())))).collect();
    let products = table(figures.by(|about| about.gtin.clone()), |gtin| (names.product(gtin), gtin.clone()));
    let lots = table(figures.by(|about| (about.gtin.clone(), about.lot.clone())), |(gtin, lot)| (names.lot(lot), names.product(gtin)));
    let stores = if location.is_some() {
        Table::default()
    } else {
        table(figures.by(|about| about.store.clone()), |store| (names.store(store), String::new()))
    };
    let page = FiguresPage {
        reader: at.reader(lang),
        member: member_name(&at.desk, &at.account.member, lang),
        place: place(at, location, lang)?.map(|(_, name)| name),
        from,
        to,
        query: kept,
        days,
        usual: USUAL_DAYS.to_vec(),
        longest: FIGURES_DAYS,
        all: row(figures.by(|_| ()).get(&()).unwrap_or(&Sum::default())),
        days_shown,
        products,
        lots,
        stores,
        checks: at.desk.site.count_checks && location.is_none(),
        by_store: location.is_some(),
        together: TOGETHER,
        patience: PATIENCE_DAYS,
        cut: figures.cut,
        fault,
    };
    let faulty = page.fault.is_some();
    let mut response = at.html(app::console::figures(&page, &context));
    if faulty {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn row(sum: &Sum) -> Row {
    let counts = sum.counts;
    Row {
        opened: counts.opened,
        first: counts.first,
        verified: counts.verified,
        failed: counts.failed,
        undecided: counts.undecided,
        letters: sum.letters,
        rated: sum.rated,
        stars: sum.stars,
        answered: sum.half_ms().map(|half_ms| Answered { half_ms, count: sum.waits_ms.len() as u64 }),
    }
}

/// The largest of them.
fn table<K: Ord>(sums: std::collections::BTreeMap<K, Sum>, mut names: impl FnMut(&K) -> (String, String)) -> Table {
    let mut sums: Vec<(K, Sum)> = sums.into_iter().collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse((sum.counts.opened, sum.letters)));
    let more = sums.len().saturating_sub(FIGURES_SHOWN);
    let rows = sums.iter().take(FIGURES_SHOWN).map(|(key, sum)| (names(key), row(sum))).collect();
    Table { rows, more }
}

/// What products, lots and stores are called.
struct Names<'a> {
    at: &'a Desked,
    figures: &'a Figures,
    lang: Lang,
    /// How many names were looked up.
    looked: Cell<usize>,
}

impl Names<'_> {
    /// As a letter about it has it, else as its page has it today.
    fn product(&self, gtin: &str) -> String {
        if let Some(name) = self.figures.names.get(gtin).and_then(|names| name(names, self.lang)) {
            return name.to_owned();
        }
        if gtin.is_empty() || self.looked.replace(self.looked.get() + 1) >= FIGURES_NAMED {
            return gtin.to_owned();
        }
        let product = Name::Gs1(vec![("01".to_owned(), gtin.to_owned())]);
        let desk = &self.at.desk;
        let page = (desk.pages)(&desk.engine.view(), &product).ok().flatten();
        let names = page.map(|page| trace::feedback::comment::plain_words(&page.headline.name));
        names.and_then(|names| name(&names, self.lang).map(str::to_owned)).unwrap_or_else(|| gtin.to_owned())
    }

    fn lot(&self, lot: &str) -> String {
        if lot.is_empty() { text(self.lang, "figures.lots.rest").to_owned() } else { lot.to_owned() }
    }

    /// By its own member's name for it.
    fn store(&self, store: &str) -> String {
        let Some((location, member)) = store.split_once(' ') else { return text(self.lang, "figures.stores.rest").to_owned() };
        let known = self.at.desk.engine.index().location(location, member).ok().flatten();
        let known = known.and_then(|place| name(&place.names, self.lang).map(str::to_owned));
        known.unwrap_or_else(|| format!("{}, {}", member_name(&self.at.desk, member, self.lang), location.trim_start_matches("/414/")))
    }
}

async fn export(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::Figures) {
        Ok(at) => read(at, move |at| file(at, &asked)).await,
        Err(response) => response,
    }
}

fn file(at: &Desked, asked: &Asked) -> Result<Response, LetterError> {
    let lang = at.desk.context(&at.headers, &at.uri, String::new()).lang;
    let Ok((range, _)) = range(asked, today(&at.desk)) else {
        // The page says what is wrong with the days.
        return page(at, asked);
    };
    let figures = figures::read(&at.desk.engine, &at.account, range)?;
    let names = Names { at, figures: &figures, lang, looked: Cell::new(0) };
    let mut products: std::collections::BTreeMap<&str, String> = std::collections::BTreeMap::new();
    let mut out = String::from(csv::BEGIN);
    csv::line(&mut out, HEADINGS.map(|key| text(lang, key).to_owned()));
    for (about, sum) in &figures.rows {
        let product = products.entry(&about.gtin).or_insert_with(|| names.product(&about.gtin)).clone();
        csv::line(&mut out, cells(about, sum, product, &names, at.desk.site.count_checks));
    }
    let mut note = |words: String| {
        let mut cells: [String; HEADINGS.len()] = Default::default();
        cells[0] = words;
        csv::line(&mut out, cells);
    };
    note(fill(lang, "figures.together", &[("n", &TOGETHER.to_string()), ("days", &PATIENCE_DAYS.to_string())]));
    if !at.desk.site.count_checks {
        note(text(lang, "figures.checks.off").to_owned());
    }
    if figures.cut {
        note(text(lang, "figures.cut").to_owned());
    }
    let mut response = private(out.into_response());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"figures.csv\""));
    Ok(response)
}

/// The headings of the file.
const HEADINGS: [&str; 15] = [
    "figures.col.day",
    "figures.col.product",
    "figures.col.gtin",
    "figures.col.lot",
    "figures.col.store",
    "figures.col.location",
    "figures.opened",
    "figures.first",
    "figures.verified",
    "figures.failed",
    "figures.undecided",
    "figures.letters",
    "figures.rating",
    "figures.col.answered",
    "figures.col.half",
];

/// A row of letters has no visits to hide; one of visits never has fewer than are readable.
/// Where checks are not counted, nothing is said of them.
fn cells(about: &About, sum: &Sum, product: String, names: &Names<'_>, checks: bool) -> [String; HEADINGS.len()] {
    let counts = sum.counts;
    let few = |count: u64| if count == 0 { app::console::figures::few(TOGETHER, names.lang) } else { count.to_string() };
    let of_checks = |count| if checks { few(count) } else { String::new() };
    let rating = if sum.rated == 0 { String::new() } else { app::console::figures::mean(sum.stars, sum.rated) };
    let half = sum.half_ms().map(|ms| (ms / 60_000).max(1).to_string()).unwrap_or_default();
    let (store, location) = match about.store.split_once(' ') {
        Some((location, _)) => (names.store(&about.store), location.trim_start_matches("/414/").to_owned()),
        None => (String::new(), String::new()),
    };
    [
        clock::date(about.day),
        product,
        about.gtin.clone(),
        about.lot.clone(),
        store,
        location,
        few(counts.opened),
        few(counts.first),
        of_checks(counts.verified),
        of_checks(counts.failed),
        of_checks(counts.undecided),
        sum.letters.to_string(),
        rating,
        sum.waits_ms.len().to_string(),
        half,
    ]
}

#[cfg(test)]
mod tests;
