//! `/console/comments`: the inbox. Everything here is decided by `inbox::may_read`.

use app::console::data::{Filter, InboxPage, Letter, Sort, Typed, View};
use app::feedback::form::Fault;
use app::feedback::words::name;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRef, OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base::clock::DAY_MS;
use serde::Deserialize;
use store::rows::CommentRow;
use trace::feedback::limits::NOTES_MAX;
use trace::feedback::{AnswerText, HoldWhy, NoteText, Rating, Side, State as Standing, TextFault, Topic};

use super::console::{Desked, desked, kept};
use super::feedback::{private, see_other};
use crate::feedback::Desk;
use crate::feedback::handling::{self, By, Done, PUT_OFF_DAYS, STAFF_CODE_CHARS, STAFF_CODE_CHARS_MIN, StaffCode, Step};
use crate::feedback::letters::{self, LetterError};
use crate::feedback::standing::standing;
use crate::inbox::{self, PAGE_ROWS, filters, ready};
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};

/// Routes of the inbox.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console", get(|| async { see_other("/console/comments") }))
        .route("/console/comments", get(list))
        .route("/console/comments/{id}", get(open))
        .route("/console/comments/{id}/photos/{place}", get(photo))
        .route("/console/comments/{id}/answer", post(answer))
        .route("/console/comments/{id}/here", post(here))
        .route("/console/comments/{id}/note", post(note))
        .route("/console/comments/{id}/assign", post(assign))
        .route("/console/comments/{id}/put-off", post(put_off))
        .route("/console/comments/{id}/{step}", post(step))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// Characters that are looked for in letters, and of a store's location.
const WORDS_CHARS: usize = 100;

/// The query string as it comes; what cannot be read narrows nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    words: String,
    since: String,
    until: String,
    store: String,
    product: String,
    lot: String,
    rating: String,
    topic: String,
    state: String,
    view: String,
    sort: String,
    before: String,
}

impl Asked {
    pub(super) fn filter(&self) -> Filter {
        let digits = |text: &str| !text.is_empty() && text.len() <= 14 && text.bytes().all(|b| b.is_ascii_digit());
        let day = |text: &String| Some(text.clone()).filter(|text| text.len() == 10 && trace::time::date(text).is_some());
        let words: String = self.words.trim().chars().take(WORDS_CHARS).collect();
        Filter {
            words: Some(words).filter(|words| !words.is_empty()),
            since: day(&self.since),
            until: day(&self.until),
            store: Some(self.store.clone()).filter(|location| location.starts_with('/') && location.len() <= WORDS_CHARS),
            product: Some(self.product.clone()).filter(|gtin| digits(gtin)),
            lot: Some(self.lot.trim().to_owned()).filter(|lot| !lot.is_empty() && lot.chars().count() <= WORDS_CHARS),
            rating: Rating::parse(&self.rating),
            topic: Topic::parse(&self.topic),
            state: Standing::parse(&self.state),
            view: View::parse(&self.view),
            sort: Sort::parse(&self.sort),
        }
    }

    /// The filter of a program: what cannot be read is said, instead of narrowing nothing.
    pub(super) fn strictly(pairs: Vec<(String, String)>) -> Result<Filter, String> {
        let mut asked = Self::default();
        for (name, value) in pairs {
            let place = match name.as_str() {
                "words" => &mut asked.words,
                "since" => &mut asked.since,
                "until" => &mut asked.until,
                "store" => &mut asked.store,
                "product" => &mut asked.product,
                "lot" => &mut asked.lot,
                "rating" => &mut asked.rating,
                "topic" => &mut asked.topic,
                "state" => &mut asked.state,
                "view" => &mut asked.view,
                "sort" => &mut asked.sort,
                "lang" => continue,
                _ => {
                    return Err(format!(
                        "{name:?} is no filter: words, since, until, store, product, lot, rating, topic, state, view, sort, lang"
                    ));
                }
            };
            *place = value;
        }
        let filter = asked.filter();
        let wrong = |name: &str, what: &str| Err(format!("{name} is not understood: {what}"));
        if asked.words.trim().chars().count() > WORDS_CHARS {
            return wrong("words", &format!("at most {WORDS_CHARS} characters"));
        }
        if (filter.since.is_none() && !asked.since.is_empty()) || (filter.until.is_none() && !asked.until.is_empty()) {
            return wrong("since or until", "a day such as 2026-11-30");
        }
        if filter.store.is_none() && !asked.store.is_empty() {
            return wrong("store", "a location as Digital Link path, such as /414/6901234000018");
        }
        if filter.product.is_none() && !asked.product.is_empty() {
            return wrong("product", "a GTIN of 14 digits");
        }
        if filter.lot.is_none() && !asked.lot.is_empty() {
            return wrong("lot", "a lot as it is printed");
        }
        if filter.rating.is_none() && !asked.rating.is_empty() {
            return wrong("rating", "1 to 5");
        }
        if filter.topic.is_none() && !asked.topic.is_empty() {
            return wrong("topic", &format!("one of {}", Topic::ALL.map(Topic::value).join(", ")));
        }
        if filter.state.is_none() && !asked.state.is_empty() {
            return wrong("state", &format!("one of {}", Standing::ALL.map(Standing::value).join(", ")));
        }
        // A key is nobody whose work a letter could be.
        if !asked.view.is_empty() && (filter.view.is_none() || filter.view == Some(View::Mine)) {
            return wrong("view", "to-do, unread or nobodys");
        }
        if !asked.sort.is_empty() && filter.sort == Sort::Newest && asked.sort != Sort::Newest.value() {
            return wrong("sort", &format!("one of {}", Sort::ALL.map(Sort::value).join(", ")));
        }
        Ok(filter)
    }

    fn before(&self) -> Option<&str> {
        Some(self.before.as_str()).filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

async fn list(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::Read) {
        Ok(at) => at.listed("the inbox", move |at| at.shown(&asked, None, StatusCode::OK)).await,
        Err(response) => response,
    }
}

async fn open(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let at = match desked(desk, uri, headers, May::Read) {
        Ok(at) => at,
        Err(response) => return response,
    };
    match at.seen(&id).await {
        Ok(true) => at.listed("the inbox", move |at| at.shown(&asked, Some(Chosen::of(&id)), StatusCode::OK)).await,
        Ok(false) => at.missing(),
        Err(error) => at.failed(&error),
    }
}

async fn photo(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path((id, place)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Response {
    let at = match desked(desk, uri, headers, May::Read) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let engine = &at.desk.engine;
    let found = inbox::find(engine, &at.account, &id).and_then(|row| match row {
        Some((row, side)) => letters::photo(engine, &row, place, side).map_err(LetterError::View),
        None => Ok(None),
    });
    match found {
        Ok(Some(jpeg)) => {
            let mut response = private(jpeg.into_response());
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
            response
        }
        Ok(None) => at.missing(),
        Err(error) => at.failed(&error),
    }
}

#[derive(Deserialize)]
struct Written {
    text: String,
    /// How much of what was said its author had seen.
    seen: Option<usize>,
    /// A ready answer.
    #[serde(default)]
    ready: String,
    /// There where the answer is for everybody.
    public: Option<String>,
    /// At a shared tablet: who writes.
    #[serde(default)]
    code: String,
    /// There where the ready answer is to be put behind the words, and nothing sent.
    insert: Option<String>,
}

/// The letter that is shown, with what was typed at it where that comes back.
#[derive(Default)]
struct Chosen<'a> {
    id: &'a str,
    typed: Typed,
    fault: Option<Fault>,
    news: usize,
}

impl<'a> Chosen<'a> {
    fn of(id: &'a str) -> Self {
        Chosen { id, ..Chosen::default() }
    }

    /// The same with a fault at a field.
    fn with(self, field: &'static str, key: &'static str, values: Vec<(&'static str, String)>) -> Self {
        Chosen { fault: Some(Fault { field, key, values }), ..self }
    }
}

/// Key and values of what is wrong with some words.
fn wrong(fault: TextFault) -> (&'static str, Vec<(&'static str, String)>) {
    match fault {
        TextFault::Empty => ("console.answer.empty", vec![]),
        TextFault::TooLong { chars, max } => ("console.answer.long", vec![("chars", chars.to_string()), ("max", max.to_string())]),
    }
}

/// The signed-in account with the side that it writes for on this letter; else the answer to whoever asked.
#[expect(clippy::result_large_err, reason = "the answer goes straight out")]
fn writing(desk: Desk, uri: Uri, headers: HeaderMap, needs: May, id: &str) -> Result<(Desked, Side), Response> {
    let at = desked(desk, uri, headers, needs)?;
    match at.row(id) {
        Ok(Some((_, side))) => Ok((at, side)),
        Ok(None) => Err(at.missing()),
        Err(error) => Err(at.failed(&error)),
    }
}

async fn answer(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(written): Form<Written>,
) -> Response {
    if let Some(response) = kept(&desk, &uri, &headers, &written.text) {
        return response;
    }
    let (at, side) = match writing(desk, uri, headers, May::Answer, &id) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let public = written.public.is_some();
    let typed = Typed { answer: written.text.clone(), public, code: written.code.clone(), ..Typed::default() };
    let back = Chosen { typed, ..Chosen::of(&id) };
    if written.insert.is_some() {
        return at.inserted(&written, back);
    }
    let text = match AnswerText::parse(&written.text) {
        Ok(text) => text,
        Err(fault) => {
            let (key, values) = wrong(fault);
            return at.came_back(back.with("answer", key, values));
        }
    };
    if let Some(slot) = ready::left(text.as_str()) {
        let slot = vec![("slot", slot.to_owned())];
        return at.came_back(back.with("answer", "console.answer.slot", slot));
    }
    let staff = if at.account.role.shared() { StaffCode::parse(&written.code) } else { None };
    if at.account.role.shared() && staff.is_none() {
        let limits = vec![("min", STAFF_CODE_CHARS_MIN.to_string()), ("max", STAFF_CODE_CHARS.to_string())];
        return at.came_back(back.with("code", "console.code.fault", limits));
    }
    let by = By { account: &at.account.name, side, staff, public };
    match handling::answer(&at.desk.engine, &id, text, by, written.seen).await {
        Ok(Done::Full) => at.came_back(back.with("answer", "console.answer.full", vec![])),
        Ok(Done::Changed(news)) => at.came_back(Chosen { news, ..back }.with("answer", "console.answer.changed", vec![])),
        Ok(Done::Private) => at.came_back(back.with("answer", "console.answer.private", vec![])),
        Ok(Done::Kept | Done::Erased) => at.to_letter(&id),
        Err(error) => at.failed(&error),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Here {
    /// How much of what was said its reader has on the page.
    seen: usize,
    /// There where an answer is being typed.
    writing: Option<String>,
}

/// The page's script says that somebody is at a letter, and is told who else is, and whether more was said. It makes nobody's session longer
/// that ends by itself: a shared tablet does not work on letters.
async fn here(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(here): Form<Here>,
) -> Response {
    let (at, side) = match writing(desk, uri, headers, May::Work, &id) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let row = match at.row(&id) {
        Ok(Some((row, _))) => row,
        Ok(None) => return at.missing(),
        Err(error) => return at.failed(&error),
    };
    let lang = at.desk.context(&at.headers, &at.uri, String::new()).lang;
    let now_ms = at.desk.engine.now_ms();
    let others = at.desk.presence.at(&id, &at.account, here.writing.is_some(), now_ms);
    let more = standing(&row, Some(side), now_ms).said.len() > here.seen;
    let news = if more { app::texts::text(lang, "console.presence.news") } else { "" };
    private(axum::Json(serde_json::json!({ "line": app::console::letter::others(&others, lang), "news": news })).into_response())
}

async fn note(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(written): Form<Written>,
) -> Response {
    if let Some(response) = kept(&desk, &uri, &headers, &written.text) {
        return response;
    }
    let (at, side) = match writing(desk, uri, headers, May::Work, &id) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let typed = Typed { note: written.text.clone(), ..Typed::default() };
    let back = Chosen { typed, ..Chosen::of(&id) };
    let text = match NoteText::parse(&written.text) {
        Ok(text) => text,
        Err(fault) => {
            let (key, values) = wrong(fault);
            return at.came_back(back.with("note", key, values));
        }
    };
    match handling::note(&at.desk.engine, &id, text, &at.account.name, side).await {
        Ok(Done::Full) => at.came_back(back.with("note", "console.note.full", vec![("max", NOTES_MAX.to_string())])),
        Ok(Done::Erased) => at.came_back(back.with("note", "console.note.erased", vec![])),
        Ok(Done::Kept | Done::Changed(_) | Done::Private) => at.to_letter(&id),
        Err(error) => at.failed(&error),
    }
}

#[derive(Deserialize)]
struct Assigned {
    to: String,
}

async fn assign(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(given): Form<Assigned>,
) -> Response {
    let (at, side) = match writing(desk, uri, headers, May::Assign, &id) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let to = Some(given.to).filter(|name| !name.is_empty());
    match inbox::colleagues(&at.desk.engine, &at.account) {
        Ok(colleagues) if to.as_ref().is_none_or(|name| colleagues.contains(name)) => {}
        Ok(_) => return at.came_back(Chosen::of(&id).with("to", "console.assign.fault", vec![])),
        Err(error) => return at.failed(&error),
    }
    let done = handling::assign(&at.desk.engine, &id, to, &at.account.name, side).await;
    at.stepped(&id, done)
}

#[derive(Deserialize)]
struct Until {
    until: String,
}

async fn put_off(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(day): Form<Until>,
) -> Response {
    let (at, side) = match writing(desk, uri, headers, May::Work, &id) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let now_ms = at.desk.engine.now_ms();
    let until = begins_ms(&day.until).filter(|until| (now_ms + 1..=now_ms + PUT_OFF_DAYS * DAY_MS).contains(until));
    let Some(until_ms) = until else {
        let typed = Typed { until: day.until, ..Typed::default() };
        let back = Chosen { typed, ..Chosen::of(&id) };
        return at.came_back(back.with("until", "console.put-off.fault", vec![("days", PUT_OFF_DAYS.to_string())]));
    };
    let done = handling::step(&at.desk.engine, &id, Step::PutOff(until_ms), &at.account.name, side).await;
    at.stepped(&id, done)
}

/// When a day begins in the service's own time, in which all its pages tell times.
fn begins_ms(day: &str) -> Option<u64> {
    let begins = trace::time::date(Some(day).filter(|day| day.len() == 10)?)?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    u64::try_from(begins.timestamp().as_millisecond()).ok()?.checked_sub(app::feedback::words::OFFSET_MS)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stepped {
    /// Why it is held.
    reason: String,
}

async fn step(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path((id, word)): Path<(String, String)>,
    headers: HeaderMap,
    form: Result<Form<Stepped>, FormRejection>,
) -> Response {
    let (at, side) = match writing(desk, uri, headers, May::Work, &id) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let step = match word.as_str() {
        "close" => Step::Close,
        "reopen" => Step::Reopen,
        // A letter that nobody else may read then is held for a reason that can be told.
        "hold" => match HoldWhy::parse(&form.map(|Form(stepped)| stepped.reason).unwrap_or_default()) {
            Some(why) => Step::Hold(why),
            None => return at.came_back(Chosen::of(&id).with("reason", "console.hold.fault", vec![])),
        },
        "release" => Step::Release,
        _ => return at.missing(),
    };
    let done = handling::step(&at.desk.engine, &id, step, &at.account.name, side).await;
    at.stepped(&id, done)
}

impl Desked {
    fn row(&self, id: &str) -> Result<Option<(CommentRow, Side)>, LetterError> {
        inbox::find(&self.desk.engine, &self.account, id)
    }

    /// Keeps the first opening, and the first after a reply; false where there is nothing to open.
    async fn seen(&self, id: &str) -> Result<bool, LetterError> {
        let Some((row, side)) = self.row(id)? else {
            return Ok(false);
        };
        if standing(&row, Some(side), self.desk.engine.now_ms()).unread {
            handling::step(&self.desk.engine, id, Step::Seen, &self.account.name, side).await?;
        }
        Ok(true)
    }

    /// The letter's address, with what the list is narrowed to.
    fn to_letter(&self, id: &str) -> Response {
        see_other(&format!("/console/comments/{id}{}", self.filter().query(&[])))
    }

    /// After something was done to a letter.
    fn stepped(&self, id: &str, done: Result<Done, LetterError>) -> Response {
        match done {
            Ok(Done::Full) => self.said(StatusCode::CONFLICT, "console.comments", "console.step.full"),
            Ok(_) => self.to_letter(id),
            Err(error) => self.failed(&error),
        }
    }

    /// The letter with a ready answer behind what was typed.
    fn inserted(&self, written: &Written, back: Chosen) -> Response {
        let engine = &self.desk.engine;
        let found = ready::one(engine, &self.account, &written.ready);
        let read = found.and_then(|ready| {
            let (Some(ready), Some((row, side))) = (ready, self.row(back.id)?) else { return Ok(None) };
            let comment = inbox::letter(engine, &self.account, &row, side, &[])?;
            Ok(Some(ready::filled(&ready.text, &comment)))
        });
        match read {
            Ok(Some(words)) => {
                let before = written.text.trim_end();
                let joint = if before.is_empty() { "" } else { "\n\n" };
                let answer = format!("{before}{joint}{words}");
                let typed = Typed { answer, public: written.public.is_some(), code: written.code.clone(), ..Typed::default() };
                self.shown(&self.asked(), Some(Chosen { typed, ..back }), StatusCode::OK)
            }
            Ok(None) if written.ready.is_empty() => self.came_back(back.with("ready", "console.ready.first", vec![])),
            Ok(None) => self.came_back(back.with("ready", "console.ready.gone", vec![])),
            Err(error) => self.failed(&error),
        }
    }

    /// The letter with what was typed and what is wrong with it.
    fn came_back(&self, chosen: Chosen) -> Response {
        self.shown(&self.asked(), Some(chosen), StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// What the list was narrowed to.
    pub(super) fn filter(&self) -> Filter {
        self.asked().filter()
    }

    fn asked(&self) -> Asked {
        Query::try_from_uri(&self.uri).map(|Query(asked)| asked).unwrap_or_default()
    }

    fn shown(&self, asked: &Asked, chosen: Option<Chosen>, status: StatusCode) -> Response {
        match self.page(asked, chosen) {
            Ok(Some(mut response)) => {
                *response.status_mut() = status;
                response
            }
            Ok(None) => self.missing(),
            Err(error) => self.failed(&error),
        }
    }

    fn page(&self, asked: &Asked, chosen: Option<Chosen>) -> Result<Option<Response>, LetterError> {
        let context = self.desk.context(&self.headers, &self.uri, self.uri.path().to_owned());
        let lang = context.lang;
        let engine = &self.desk.engine;
        let colleagues = inbox::colleagues(engine, &self.account)?;
        let chosen = match chosen {
            None => None,
            Some(chosen) => {
                let Some((row, side)) = self.row(chosen.id)? else {
                    return Ok(None);
                };
                Some(Letter {
                    comment: inbox::letter(engine, &self.account, &row, side, &colleagues)?,
                    logged: letters::logged(engine, &engine.view(), &row)?,
                    colleagues: colleagues.clone(),
                    ready: ready::all(engine, &self.account)?.into_iter().map(|ready| (ready.id, ready.title)).collect(),
                    typed: chosen.typed,
                    fault: chosen.fault,
                    news: chosen.news,
                    others: match self.account.may(May::Work) {
                        true => self.desk.presence.at(chosen.id, &self.account, false, engine.now_ms()),
                        false => Vec::new(),
                    },
                })
            }
        };
        let filter = asked.filter();
        let listed = inbox::list(engine, &self.account, &filter, asked.before(), PAGE_ROWS)?;
        let called = |comment: &trace::feedback::Comment| name(&comment.product, lang).unwrap_or(&comment.gtin).to_owned();
        let page = InboxPage {
            reader: self.reader(lang),
            products: listed.products.iter().map(|comment| (comment.gtin.clone(), called(comment))).collect(),
            stores: listed
                .stores
                .iter()
                .filter_map(trace::feedback::Comment::place)
                .map(|store| (store.location.clone(), name(&store.names, lang).unwrap_or(&store.location).to_owned()))
                .collect(),
            filter,
            rows: listed.rows,
            counts: listed.counts,
            half_ms: listed.half_ms,
            older: listed.older,
            later: asked.before().is_some(),
            saved: filters::all(engine, &self.account)?.into_iter().map(|saved| (saved.id, saved.name, saved.query)).collect(),
            chosen,
            colleagues,
            now_ms: engine.now_ms(),
        };
        Ok(Some(self.html(app::console::inbox(&page, &context))))
    }
}
