//! `GET`/`POST /feedback/01/…`: the comment form. `/receipt/{token}`: what became of it, for whoever has the address.

use std::net::SocketAddr;

use app::feedback::form::{Fault, FormPage, Offered, Typed};
use app::feedback::receipt::{ReceiptPage, ReplyForm};
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Form, FromRef, FromRequest, Multipart, OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use engine::StateError;
use labels::symbol::Symbol;
use ledger::name::Name;
use store::record::Public;
use store::rows::CommentRow;
use trace::feedback::comment::plain_words;
use trace::feedback::limits::{PER_ITEM_A_DAY, PER_NETWORK_AN_HOUR, PER_SHARED_CODE_A_DAY, PUBLIC_PER_ITEM_A_DAY};
use trace::feedback::{Contact, HoldReason, Rating, Text, TextFault, Token, Topic, holds_phone_number};
use trace::gs1::{DigitalLink, Gs1Error};
use trace::page::{ItemPage, Level, Seller};

use crate::feedback::letters::{self, Draft, LetterError, Written};
use crate::feedback::upload::{FORM_BYTES_MAX, Sent};
use crate::feedback::{Desk, handling, started};
use crate::http::building::{NotBuilt, build, build_of, busy};
use crate::http::headers;
use crate::session::origin::{Origin, same_origin};

/// Routes of comments.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/feedback/{*path}", get(form).post(send).layer(DefaultBodyLimit::max(FORM_BYTES_MAX)))
        .route("/receipt/{token}", get(receipt))
        .route("/receipt/{token}/file", get(file))
        .route("/receipt/{token}/erase", post(erase))
        .route("/receipt/{token}/withdraw", post(withdraw))
        .route("/receipt/{token}/reply", post(reply).layer(DefaultBodyLimit::max(FORM_BYTES_MAX)))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// Largest form without photos: its words many times over, each character nine bytes as `%E7%89%9B`.
const WORDS_FORM_BYTES_MAX: usize = 256 * 1024;

/// Whom a comment on this page goes to.
struct Addressed {
    page: ItemPage,
    brand: Option<String>,
    /// Only where its writer says so.
    seller: Option<Seller>,
}

/// The item of an address below `/feedback`, with whom a comment goes to.
fn addressed(desk: &Desk, uri: &Uri) -> Result<Addressed, Failure> {
    let path = uri.path().strip_prefix("/feedback").unwrap_or_default();
    let link = DigitalLink::from_request(path, None).map_err(Failure::Code)?;
    let name: Name = link.name();
    let view = desk.engine.view();
    let mut page = (desk.pages)(&view, &name).map_err(LetterError::Page)?.ok_or(Failure::Unknown)?;
    if !letters::store_may_read(view.rights(), &page, desk.engine.now_ms()) {
        page.store = None;
    }
    let brand = letters::owner(&desk.engine, &view, &page.gtin);
    if brand.is_none() && page.store.is_none() {
        return Err(Failure::Nobody);
    }
    let seller = letters::seller(&desk.engine, &view, &page).cloned();
    Ok(Addressed { page, brand, seller })
}

/// The same beside the threads that answer: a long history takes a while to read.
async fn addressed_apart(desk: &Desk, uri: &Uri) -> Result<Addressed, Failure> {
    let (desk, uri) = (desk.clone(), uri.clone());
    let subject =
        uri.path().strip_prefix("/feedback").and_then(|path| DigitalLink::from_request(path, None).ok()).map(|link| link.name().key());
    let work = move || addressed(&desk, &uri);
    let read = match subject {
        Some(subject) => build_of(&subject, work).await,
        None => build(work).await,
    };
    match read {
        Ok(read) => read,
        Err(NotBuilt::Busy) => Err(Failure::Busy),
        Err(ended) => Err(LetterError::Page(ended.to_string()).into()),
    }
}

async fn form(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    match addressed_apart(&desk, &uri).await {
        Ok(to) => shown(&desk, &uri, &headers, &to, Typed::default(), Vec::new(), StatusCode::OK),
        Err(failure) => failure.answer(&desk, &uri, &headers),
    }
}

async fn send(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, request: Request) -> Response {
    let headers = request.headers().clone();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let to = match addressed_apart(&desk, &uri).await {
        Ok(to) => to,
        Err(failure) => return failure.answer(&desk, &uri, &headers),
    };
    let sent = match read(&desk, request).await {
        Ok(sent) => sent,
        Err(refused) => return refused,
    };
    let now_ms = desk.engine.now_ms();
    let (mut faults, busy) = (sent.faults.clone(), sent.busy);
    let checked = checked(&sent, &mut faults);
    let form = started::parse(&desk.form_key, &to.page.path, &sent.started);
    // What came with no form of this item names nobody, so nobody gets it; of one that was cut off that is said already.
    if form.is_none() && !faults.iter().any(|fault| fault.key == "feedback.fault.cut") {
        faults.push(whole("feedback.fault.form"));
    }
    // The form names its receivers, and nobody else gets the letter: not whoever became the store since, nor whom somebody wrote into it.
    if form.as_ref().is_some_and(|form| !form.names(&desk.form_key, &receivers(&to.page, to.brand.as_deref()))) {
        faults.push(whole("feedback.fault.receivers"));
    }
    let seller = to.seller.as_ref().filter(|seller| value(seller) == sent.typed.seller);
    if seller.is_none() && !sent.typed.seller.is_empty() {
        faults.push(Fault { field: "seller", key: "feedback.fault.seller", values: Vec::new() });
    }
    if busy {
        faults.insert(0, whole("feedback.fault.busy"));
        return shown(&desk, &uri, &headers, &to, sent.typed, faults, StatusCode::SERVICE_UNAVAILABLE);
    }
    let Some((rating, topic, text, contact)) = checked.filter(|_| faults.is_empty()) else {
        return shown(&desk, &uri, &headers, &to, sent.typed, faults, StatusCode::UNPROCESSABLE_ENTITY);
    };
    if !desk.takes_photos(desk.client(&headers, peer), sent.photos.len(), now_ms) {
        let faults = vec![Fault { field: "photo", key: "feedback.fault.photo.network", values: Vec::new() }];
        return shown(&desk, &uri, &headers, &to, sent.typed, faults, StatusCode::TOO_MANY_REQUESTS);
    }
    let in_time = form.as_ref().is_some_and(|form| form.in_time(now_ms));
    let has_number = holds_phone_number(text.as_str());
    // Everybody reads what holders of a pack say; a made-up code, or one that many packs share, makes nobody a holder.
    let public = (sent.typed.public && one_pack(&to.page)).then_some(Public { photos: sent.typed.public_photos });
    // What is too much waits for a person: who comes after a script cannot help it. What is far too much goes back to its writer.
    let hold = || {
        let from = desk.client(&headers, peer);
        let for_desk = answers_for(to.brand.as_deref(), to.page.store.as_ref().map(|store| store.member.as_str()));
        if !desk.takes_from(from, for_desk, now_ms) {
            return Err(letters::TooMany);
        }
        let came = desk.networks.add(from, now_ms);
        let many = came > PER_NETWORK_AN_HOUR;
        let quota = match (to.page.level, public) {
            (Level::Item, Some(_)) => PUBLIC_PER_ITEM_A_DAY,
            (Level::Item, None) => PER_ITEM_A_DAY,
            _ => PER_SHARED_CODE_A_DAY,
        };
        let quota_left = desk.nth_today(&to.page.path, now_ms) <= quota;
        let reasons = [
            (many, HoldReason::Network),
            (!quota_left, HoldReason::Code),
            (!in_time, HoldReason::Quick),
            (has_number, HoldReason::PhoneNumber),
        ];
        let reason = reasons.into_iter().find_map(|(holds, reason)| holds.then_some(reason));
        // Only who comes from a network of many: a code that others wrote much about is closed to nobody.
        let takes = reason != Some(HoldReason::Network) || desk.holds_more(for_desk, now_ms);
        if takes { Ok(reason) } else { Err(letters::TooMany) }
    };
    let language = desk.context(&headers, &uri, String::new()).lang.tag();
    let brand = to.brand.clone();
    let (form, photos) = (form.as_ref(), sent.photos);
    let draft = Draft { form, page: &to.page, brand, seller, rating, topic, text, contact, photos, public, language, at_ms: now_ms };
    match letters::write(&desk.engine, draft, hold).await {
        Ok(Written::Kept(token)) => see_other(&format!("/receipt/{token}")),
        // The form comes back as a new one, good for one comment more.
        Ok(Written::Spent) => {
            let spent = vec![whole("feedback.fault.spent")];
            shown(&desk, &uri, &headers, &to, sent.typed, spent, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Ok(Written::Many) => {
            let many = vec![whole("feedback.fault.many")];
            shown(&desk, &uri, &headers, &to, sent.typed, many, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(LetterError::State(StateError::Overloaded | StateError::Stopped)) => {
            let faults = vec![whole("feedback.fault.busy")];
            shown(&desk, &uri, &headers, &to, sent.typed, faults, StatusCode::SERVICE_UNAVAILABLE)
        }
        Err(error) => Failure::from(error).answer(&desk, &uri, &headers),
    }
}

/// Whose desk letters of one network and held ones are counted for: who answers for the product.
fn answers_for<'a>(brand: Option<&'a str>, store: Option<&'a str>) -> &'a str {
    brand.or(store).unwrap_or_default()
}

/// Reads the body by its type.
async fn read(desk: &Desk, request: Request) -> Result<Sent, Response> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let (head, body) = request.into_parts();
        // A form without photos is small; the route's own limit is for those with some.
        let body = axum::body::to_bytes(body, WORDS_FORM_BYTES_MAX).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        let request = Request::from_parts(head, body.into());
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, &()).await.map_err(IntoResponse::into_response)?;
        return Ok(Sent::from_pairs(pairs));
    }
    let form = Multipart::from_request(request, &()).await.map_err(IntoResponse::into_response)?;
    Ok(Sent::from_multipart(form, &desk.uploads, &desk.darkroom).await)
}

fn whole(key: &'static str) -> Fault {
    Fault { field: "", key, values: Vec::new() }
}

/// Every field by its rule; the faults of all of them, not of the first.
fn checked(sent: &Sent, faults: &mut Vec<Fault>) -> Option<(Rating, Topic, Text, Option<Contact>)> {
    let mut wrong = |field, key, values| faults.push(Fault { field, key, values });
    let rating = Rating::parse(&sent.typed.rating);
    if rating.is_none() {
        wrong("rating", "feedback.fault.rating", vec![]);
    }
    let topic = Topic::parse(&sent.typed.topic);
    if topic.is_none() {
        wrong("topic", "feedback.fault.topic", vec![]);
    }
    let words = text(&sent.typed.text, faults);
    let mut wrong = |field, key, values| faults.push(Fault { field, key, values });
    let contact = match Contact::parse(&sent.typed.contact) {
        Ok(contact) => Some(contact),
        Err(TextFault::TooLong { chars, max }) => {
            wrong("contact", "feedback.fault.contact.long", sizes(chars, max));
            None
        }
        Err(TextFault::Empty) => Some(None),
    };
    if !sent.typed.website.is_empty() {
        wrong("website", "feedback.fault.website", vec![]);
    }
    Some((rating?, topic?, words?, contact?))
}

fn sizes(chars: usize, max: usize) -> Vec<(&'static str, String)> {
    vec![("chars", chars.to_string()), ("max", max.to_string())]
}

/// The words of a comment or a reply.
fn text(typed: &str, faults: &mut Vec<Fault>) -> Option<Text> {
    let (key, values) = match Text::parse(typed) {
        Ok(text) => return Some(text),
        Err(TextFault::Empty) => ("feedback.fault.text.empty", Vec::new()),
        Err(TextFault::TooLong { chars, max }) => ("feedback.fault.text.long", sizes(chars, max)),
    };
    faults.push(Fault { field: "text", key, values });
    None
}

/// Whether anybody would read a comment about this item: else its page asks for none.
pub(super) fn is_read(desk: &Desk, page: &ItemPage) -> bool {
    page.store.is_some() || letters::owner(&desk.engine, &desk.engine.view(), &page.gtin).is_some()
}

/// Whom a form on this page names; the seller is named by its own box.
pub(crate) fn receivers(page: &ItemPage, brand: Option<&str>) -> String {
    let store = page.store.as_ref().map(|store| format!("{} {}", store.location, store.member));
    format!("{}\n{}", brand.unwrap_or_default(), store.unwrap_or_default())
}

/// What the box of an independent seller sends.
fn value(seller: &Seller) -> String {
    format!("{} {}", seller.member, seller.location)
}

/// A form with nothing typed, made now.
fn blank(desk: &Desk, page: &ItemPage, brand: Option<&str>, seller: Option<&Seller>) -> FormPage {
    let code = page.serial.as_deref().or(page.lot.as_deref());
    FormPage {
        item: page.path.clone(),
        product: plain_words(&page.headline.name),
        last: code.map(app::feedback::receipt::last_six),
        brand: if brand.is_some() { plain_words(&page.headline.brand) } else { Default::default() },
        store: page.store.as_ref().map(|store| plain_words(&store.name)),
        seller: seller.map(|seller| Offered { value: value(seller), names: seller.names.clone() }),
        letters: letters::address(&page.gtin),
        for_all: one_pack(page),
        started: started::sign(&desk.form_key, &page.path, &receivers(page, brand), desk.engine.now_ms()),
        typed: Typed::default(),
        faults: Vec::new(),
    }
}

/// Whether the code is one pack's, of which its number's owner recorded something, or whom it lets: an independent could number packs.
fn one_pack(page: &ItemPage) -> bool {
    page.level == Level::Item && page.vouched
}

/// The form, with what was typed and what is wrong with it.
fn shown(desk: &Desk, uri: &Uri, headers: &HeaderMap, to: &Addressed, typed: Typed, faults: Vec<Fault>, status: StatusCode) -> Response {
    let page = &to.page;
    let context = desk.context(headers, uri, format!("/feedback{}", page.path));
    let mut form = blank(desk, page, to.brand.as_deref(), to.seller.as_ref());
    (form.typed, form.faults) = (typed, faults);
    let mut response = private(headers::page(app::feedback::form(&form, &context)));
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

/// Nobody keeps a copy, nobody lists it, and its address is told to no other site.
pub(super) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}

pub(super) fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    private(response)
}

/// The comment a private address opens.
fn opened(desk: &Desk, token: &str) -> Result<(Token, CommentRow), Failure> {
    let token = Token::parse(token).ok_or(Failure::Receipt)?;
    let index = desk.engine.index();
    let id = index.receipt(&ledger::Hash(token.stored())).map_err(LetterError::Index)?.ok_or(Failure::Receipt)?;
    let row = index.comment(&id).map_err(LetterError::Index)?.ok_or(Failure::Receipt)?;
    Ok((token, row))
}

async fn receipt(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let made = opened(&desk, &token).and_then(|(token, row)| shown_receipt(&desk, &uri, &headers, token, &row, None));
    made.unwrap_or_else(|failure| failure.answer(&desk, &uri, &headers))
}

/// The receipt as it stands; with a reply that came back, its form has the words.
fn shown_receipt(
    desk: &Desk,
    uri: &Uri,
    headers: &HeaderMap,
    token: Token,
    row: &CommentRow,
    back: Option<ReplyForm>,
) -> Result<Response, Failure> {
    let path = format!("/receipt/{token}");
    let context = desk.context(headers, uri, path.clone());
    let comment = letters::load(&desk.engine, row, None)?;
    let started = started::sign(&desk.form_key, &path, "", desk.engine.now_ms());
    let reply = match (back, comment.takes_reply()) {
        (Some(back), _) => Ok(ReplyForm { started, ..back }),
        (None, Ok(())) => Ok(ReplyForm { started, ..ReplyForm::default() }),
        (None, Err(why)) => Err(why),
    };
    let page = ReceiptPage {
        letters: letters::address(&comment.gtin),
        comment,
        logged: letters::logged(&desk.engine, &desk.engine.view(), row).map_err(LetterError::View)?,
        qr_svg: Symbol::new(&desk.site.public_url, &path).ok().map(|symbol| symbol.inline_svg()),
        path,
        reply,
    };
    Ok(private(headers::page(app::feedback::receipt(&page, &context))))
}

/// The writer's reply to the answers. Whatever is wrong with it, its words come back.
async fn reply(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(token): Path<String>, request: Request) -> Response {
    let headers = request.headers().clone();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let (token, row) = match opened(&desk, &token) {
        Ok(opened) => opened,
        Err(failure) => return failure.answer(&desk, &uri, &headers),
    };
    let sent = match read(&desk, request).await {
        Ok(sent) => sent,
        Err(refused) => return refused,
    };
    let mut faults = sent.faults.clone();
    let text = text(&sent.typed.text, &mut faults);
    if !sent.typed.website.is_empty() {
        faults.push(Fault { field: "website", key: "feedback.fault.website", values: Vec::new() });
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if sent.busy {
        faults.insert(0, whole("feedback.fault.busy"));
        status = StatusCode::SERVICE_UNAVAILABLE;
    }
    let path = format!("/receipt/{token}");
    let now_ms = desk.engine.now_ms();
    let form = started::parse(&desk.form_key, &path, &sent.started);
    let to_seller = !sent.typed.seller.is_empty();
    if faults.is_empty() && !desk.takes_photos(desk.client(&headers, peer), sent.photos.len(), now_ms) {
        faults.push(Fault { field: "photo", key: "feedback.fault.photo.network", values: Vec::new() });
        status = StatusCode::TOO_MANY_REQUESTS;
    }
    let from = desk.client(&headers, peer);
    let came = if faults.is_empty() { desk.networks.add(from, now_ms) } else { 0 };
    let brand = Some(row.comment.brand.as_str()).filter(|brand| !brand.is_empty());
    let for_desk = answers_for(brand, row.comment.store.as_ref().map(|(_, member)| member.as_str()));
    if came > 0 && !desk.takes_from(from, for_desk, now_ms) {
        faults.push(whole("feedback.fault.many"));
        status = StatusCode::TOO_MANY_REQUESTS;
    }
    if let Some(text) = text.filter(|_| faults.is_empty()) {
        let many = came > PER_NETWORK_AN_HOUR;
        let in_time = form.as_ref().is_some_and(|form| form.in_time(now_ms));
        let reasons =
            [(many, HoldReason::Network), (!in_time, HoldReason::Quick), (holds_phone_number(text.as_str()), HoldReason::PhoneNumber)];
        let hold = reasons.into_iter().find_map(|(holds, reason)| holds.then_some(reason));
        let reply = handling::Reply { form: form.as_ref(), text, photos: sent.photos, to_seller, hold };
        match handling::reply(&desk.engine, &row.comment.id, reply).await {
            Ok(Ok(())) => return see_other(&format!("{path}#answers")),
            Ok(Err(why)) => {
                let (key, values) = app::feedback::receipt::no_reply(why);
                faults.push(Fault { field: "", key, values });
            }
            Err(LetterError::State(StateError::Overloaded | StateError::Stopped)) => {
                faults.push(whole("feedback.fault.busy"));
                status = StatusCode::SERVICE_UNAVAILABLE;
            }
            Err(error) => return Failure::from(error).answer(&desk, &uri, &headers),
        }
    }
    let typed = sent.typed;
    let back = ReplyForm { started: String::new(), text: typed.text, kept: typed.kept, seller: to_seller, website: typed.website, faults };
    let made = shown_receipt(&desk, &uri, &headers, token, &row, Some(back));
    let mut response = made.unwrap_or_else(|failure| failure.answer(&desk, &uri, &headers));
    *response.status_mut() = status;
    response
}

/// The receipt as a text file: everything one needs to check the fingerprint elsewhere, but the salt, which goes with the words.
async fn file(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let made = opened(&desk, &token).and_then(|(token, row)| {
        let comment = letters::load(&desk.engine, &row, None)?;
        let logged = letters::logged(&desk.engine, &desk.engine.view(), &row).map_err(LetterError::View)?;
        let entry = logged.map_or("-".to_owned(), |(index, _)| index.to_string());
        let text = format!(
            "LEAFPROOF RECEIPT\r\ncomment      {}\r\nitem         {}{}\r\nledger       {}\r\nledger entry {entry}\r\nreceived     {}\r\nfingerprint  {}\r\nthis page    {}/receipt/{token}\r\n",
            comment.number(),
            desk.site.public_url,
            comment.item,
            desk.engine.view().origin(),
            app::feedback::words::iso(comment.at_ms),
            comment.commitment,
            desk.site.public_url,
        );
        let mut response = private(text.into_response());
        let name = format!("attachment; filename=\"{}.txt\"", comment.number());
        if let Ok(value) = HeaderValue::from_str(&name) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
        Ok(response)
    });
    made.unwrap_or_else(|failure| failure.answer(&desk, &uri, &headers))
}

async fn erase(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let (token, row) = match opened(&desk, &token) {
        Ok(opened) => opened,
        Err(failure) => return failure.answer(&desk, &uri, &headers),
    };
    match letters::erase(&desk.engine, &row).await {
        Ok(()) => see_other(&format!("/receipt/{token}")),
        Err(error) => Failure::from(error).answer(&desk, &uri, &headers),
    }
}

async fn withdraw(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let (token, row) = match opened(&desk, &token) {
        Ok(opened) => opened,
        Err(failure) => return failure.answer(&desk, &uri, &headers),
    };
    match letters::withdraw(&desk.engine, &row).await {
        Ok(()) => see_other(&format!("/receipt/{token}#public")),
        Err(error) => Failure::from(error).answer(&desk, &uri, &headers),
    }
}

/// Why a page cannot be shown.
pub(super) enum Failure {
    /// Not a code.
    Code(Gs1Error),
    /// Nothing is known of it.
    Unknown,
    /// Nobody to send to.
    Nobody,
    /// The address opens no receipt.
    Receipt,
    /// Its turn did not come.
    Busy,
    /// This server's fault.
    Inside(LetterError),
}

impl From<LetterError> for Failure {
    fn from(error: LetterError) -> Failure {
        Failure::Inside(error)
    }
}

impl Failure {
    pub(super) fn answer(self, desk: &Desk, uri: &Uri, headers: &HeaderMap) -> Response {
        let context = desk.context(headers, uri, uri.path().to_owned());
        let say = |key| app::texts::text(context.lang, key).to_owned();
        let (status, heading, words) = match self {
            Failure::Code(wrong) => (StatusCode::BAD_REQUEST, say("feedback.title"), app::plain::wrong_words(context.lang, &wrong)),
            Failure::Unknown => (StatusCode::NOT_FOUND, say("feedback.title"), say("feedback.fault.item")),
            Failure::Nobody => (StatusCode::NOT_FOUND, say("feedback.title"), say("feedback.fault.nobody")),
            Failure::Receipt => (StatusCode::NOT_FOUND, say("receipt.unknown"), say("receipt.unknown.why")),
            Failure::Busy => return busy(),
            Failure::Inside(error) => {
                // What went wrong inside is for the operator's log, not for the page.
                eprintln!("comments: {error}");
                (StatusCode::SERVICE_UNAVAILABLE, say("feedback.title"), say("feedback.fault.busy"))
            }
        };
        let mut response = private(headers::page(app::render::message(&heading, &words, &context)));
        *response.status_mut() = status;
        response
    }
}
