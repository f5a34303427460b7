//! `/console/alerts`: what a desk is told of its letters, and where; `/alerts/mail/…`: where a person says whether it wants that.

use app::console::alerts::log::{LogPage, MessageEntry, Sent};
use app::console::alerts::{AddressEntry, AddressState, AlertsPage, NewAddress, RuleEntry, ShownSecret, SubscriptionEntry};
use app::context::Lang;
use app::feedback::form::Fault;
use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use base::clock::DAY_MS;
use serde::Deserialize;
use store::record::outgoing::{About, ChannelKind, Subscription};
use store::rows::outgoing::{ChannelRow, MessageRow, RuleRow, Standing};

use super::console::{Desked, desked};
use super::feedback::{private, see_other};
use crate::alerts::persons;
use crate::alerts::sent::{self, Receiver, Subscribed};
use crate::alerts::{
    self, ALERT_ADDRESSES, ALERT_RULES, KINDS, Known, MAIL_CONFIRM_DAYS, MINUTES, NotDone, Ways, kind_of, kind_word, may_be_told,
};
use crate::feedback::Desk;
use crate::feedback::letters::LetterError;
use crate::http::headers;
use crate::outbox::address::{UrlFault, WEBHOOK_URL_BYTES};
use crate::outbox::shown_id;
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};

mod person;

const HERE: &str = "/console/alerts";

/// Routes of alerts.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/alerts", get(list))
        .route("/console/alerts/rules", post(keep_rule))
        .route("/console/alerts/rules/{id}/remove", post(remove_rule))
        .route("/console/alerts/webhooks", post(add_webhook))
        .route("/console/alerts/mail", post(add_mail))
        .route("/console/alerts/addresses/{id}", get(log))
        .route("/console/alerts/addresses/{id}/{what}", post(address))
        .route("/console/alerts/messages/{id}/replay", post(replay))
        .route("/console/alerts/subscriptions/{id}/remove", post(end_subscription))
        .route("/alerts/mail/{id}/{token}", get(person::asked).post(person::answered))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// Who may say what a desk is told of.
#[expect(clippy::result_large_err, reason = "the answer goes straight out")]
fn answering(desk: Desk, uri: Uri, headers: HeaderMap) -> Result<Desked, Response> {
    desked(desk, uri, headers, May::Alerts)
}

/// The sentence of why something was not done.
fn fault(why: NotDone) -> Fault {
    let max = |max: usize| vec![("max", max.to_string())];
    let (key, values) = match why {
        NotDone::Gone => ("alert.gone", vec![]),
        NotDone::Full => ("alert.full", max(ALERT_ADDRESSES)),
        NotDone::Url(UrlFault::Unreadable) => ("alert.url.unreadable", vec![]),
        NotDone::Url(UrlFault::TooLong) => ("alert.url.long", max(WEBHOOK_URL_BYTES)),
        NotDone::Url(UrlFault::NotHttps) => ("alert.url.https", vec![]),
        NotDone::Url(UrlFault::HasUser) => ("alert.url.user", vec![]),
        NotDone::Url(UrlFault::Local) => ("alert.url.local", vec![]),
        NotDone::NoMail => ("alert.mail.none", vec![]),
        NotDone::NoMailServer => ("alert.mail.off", vec![]),
        NotDone::Twice => ("alert.twice", vec![]),
        NotDone::Asked => ("alert.asked", vec![]),
        NotDone::Unconfirmed => ("alert.unconfirmed", vec![]),
        NotDone::Soon => ("alert.soon", vec![]),
        NotDone::Nobody => ("alert.rule.nobody", vec![]),
    };
    Fault::new("", key, values)
}

fn ways(desk: &Desk) -> Ways {
    desk.site.alerts
}

async fn list(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    match answering(desk, uri, headers) {
        Ok(at) => Back::default().shown(&at, StatusCode::OK),
        Err(response) => response,
    }
}

/// What comes back with the page: what was typed, and what is wrong with it.
#[derive(Default)]
struct Back {
    rule: Option<RuleEntry>,
    webhook: NewAddress,
    mail: NewAddress,
    language: Option<&'static str>,
    /// What is wrong with an address, or with none.
    address: Option<(String, Fault)>,
    fault: Option<Fault>,
    secret: Option<(String, String, bool)>,
}

impl Back {
    fn shown(self, at: &Desked, status: StatusCode) -> Response {
        match self.page(at) {
            Ok(mut response) => {
                *response.status_mut() = status;
                response
            }
            Err(error) => at.failed(&error),
        }
    }

    fn refused(self, at: &Desked) -> Response {
        self.shown(at, StatusCode::UNPROCESSABLE_ENTITY)
    }

    fn page(self, at: &Desked) -> Result<Response, LetterError> {
        let context = at.desk.context(&at.headers, &at.uri, HERE.to_owned());
        let engine = &at.desk.engine;
        let known = alerts::channels(engine, &at.account)?;
        let mut addresses = Vec::new();
        for known in &known {
            let (log, _) = engine.index().log(&known.row.channel.id)?;
            let of = self.address.as_ref().filter(|(id, _)| *id == known.row.channel.id);
            addresses.push(entry(known, &log, engine.now_ms(), of.map(|(_, fault)| fault.clone())));
        }
        let mut rules: Vec<RuleEntry> = alerts::rules(engine, &at.account)?.iter().filter_map(rule_entry).collect();
        let all: Vec<String> = addresses.iter().map(|address| address.id.clone()).collect();
        let mut new_rule = RuleEntry { kind: kind_word(KINDS[0]).to_owned(), minutes: 60, to: all, ..RuleEntry::default() };
        if let Some(typed) = self.rule {
            match rules.iter_mut().find(|rule| !typed.id.is_empty() && rule.id == typed.id) {
                Some(rule) => *rule = RuleEntry { told_ms: rule.told_ms, ..typed },
                // One that was taken away meanwhile can be kept as a new one.
                None => new_rule = RuleEntry { id: String::new(), ..typed },
            }
        }
        let mut subscriptions = Vec::new();
        for Subscribed { row, dest, open } in sent::subscriptions_of(engine, &at.account)? {
            let newest = engine.index().newest_message(&row.subscription.id)?.map(|message| message.standing);
            let Subscription { id, query, .. } = row.subscription;
            subscriptions.push(SubscriptionEntry { id, query, address: dest, state: subscription_state(open, newest) });
        }
        let secret = self.secret.and_then(|(id, secret, rotated)| {
            let address = addresses.iter().find(|address| address.id == id)?.address.clone();
            Some(ShownSecret { address, secret, rotated })
        });
        let page = AlertsPage {
            reader: at.reader(context.lang),
            rules,
            new_rule,
            addresses,
            subscriptions,
            webhook: self.webhook,
            mail: self.mail,
            mail_language: self.language.unwrap_or(context.lang.tag()),
            sends_mail: ways(&at.desk).mail,
            secret,
            fault: self.fault,
            max: (ALERT_RULES, ALERT_ADDRESSES),
            kinds: KINDS.map(kind_word).to_vec(),
            minutes: &MINUTES,
        };
        Ok(private(headers::page(app::console::alerts(&page, &context))))
    }
}

fn rule_entry(row: &RuleRow) -> Option<RuleEntry> {
    let rule = &row.rule;
    let kind = kind_word(rule.kind?).to_owned();
    Some(RuleEntry { id: rule.id.clone(), kind, minutes: rule.minutes, to: rule.channels.clone(), told_ms: row.told_ms, fault: None })
}

fn entry(known: &Known, log: &[MessageRow], now_ms: u64, fault: Option<Fault>) -> AddressEntry {
    let Known { row, private } = known;
    AddressEntry {
        id: row.channel.id.clone(),
        mail: row.channel.kind == ChannelKind::Mail,
        address: private.address.clone(),
        by: row.channel.by.clone(),
        state: state(row, newest(log), now_ms),
        fault,
    }
}

/// How the newest message stands that is told.
fn newest(log: &[MessageRow]) -> Option<Standing> {
    log.iter().find(|message| message.message.about != About::Confirm).map(|message| message.standing)
}

fn subscription_state(open: bool, newest: Option<Standing>) -> AddressState {
    if open { sent_state(newest) } else { AddressState::Ended }
}

fn sent_state(newest: Option<Standing>) -> AddressState {
    match newest {
        None => AddressState::New,
        Some(Standing::Waiting { .. }) => AddressState::Waits,
        Some(Standing::Delivered) => AddressState::Works,
        Some(Standing::Failed) => AddressState::Fails,
    }
}

fn state(row: &ChannelRow, newest: Option<Standing>, now_ms: u64) -> AddressState {
    if row.stopped_ms.is_some() {
        return AddressState::Stopped;
    }
    if !may_be_told(row) {
        let until = row.channel.at_ms + MAIL_CONFIRM_DAYS * DAY_MS;
        return if until > now_ms { AddressState::Asked(until) } else { AddressState::Expired };
    }
    sent_state(newest)
}

async fn keep_rule(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let at = match answering(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let to = || fields.iter().filter(|(key, _)| key == "to").map(|(_, id)| id.clone()).take(ALERT_ADDRESSES).collect::<Vec<_>>();
    let id = field("id").to_owned();
    let minutes = field("minutes").parse().ok().filter(|minutes| MINUTES.contains(minutes));
    let (Some(kind), Some(minutes)) = (kind_of(field("kind")), minutes) else {
        let typed = RuleEntry { id, kind: field("kind").to_owned(), minutes: 60, to: to(), ..RuleEntry::default() };
        let wrong = Fault::new("", "alert.rule.unread", vec![]);
        return Back { rule: Some(RuleEntry { fault: Some(wrong), ..typed }), ..Back::default() }.refused(&at);
    };
    let old = Some(id.as_str()).filter(|id| !id.is_empty());
    match alerts::keep_rule(&at.desk.engine, &at.account, old, kind, minutes, to()).await {
        Ok(Ok(())) => see_other(HERE),
        Ok(Err(why)) => {
            let wrong = match why {
                NotDone::Full => Fault::new("", "alert.rule.full", vec![("max", ALERT_RULES.to_string())]),
                why => fault(why),
            };
            let typed = RuleEntry { id, kind: kind_word(kind).to_owned(), minutes, to: to(), told_ms: None, fault: Some(wrong) };
            Back { rule: Some(typed), ..Back::default() }.refused(&at)
        }
        Err(error) => at.failed(&error),
    }
}

async fn remove_rule(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let at = match answering(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    match alerts::remove_rule(&at.desk.engine, &at.account, &id).await {
        Ok(Ok(())) => see_other(HERE),
        Ok(Err(_)) => at.missing(),
        Err(error) => at.failed(&error),
    }
}

async fn end_subscription(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let at = match answering(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    match sent::end_subscription(&at.desk.engine, &at.account, &id).await {
        Ok(Ok(())) => see_other(HERE),
        Ok(Err(_)) => at.missing(),
        Err(error) => at.failed(&error),
    }
}

#[derive(Deserialize)]
struct NewWebhook {
    url: String,
}

async fn add_webhook(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(new): Form<NewWebhook>) -> Response {
    let at = match answering(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let lang = at.desk.context(&at.headers, &at.uri, String::new()).lang;
    match alerts::add_webhook(&at.desk.engine, &at.account, ways(&at.desk), &new.url, lang.tag()).await {
        // No page to come back to: the secret is shown in this answer alone.
        Ok(Ok((id, secret))) => Back { secret: Some((id, secret, false)), ..Back::default() }.shown(&at, StatusCode::OK),
        Ok(Err(why)) => {
            let webhook = NewAddress { typed: new.url, fault: Some(fault(why)) };
            Back { webhook, ..Back::default() }.refused(&at)
        }
        Err(error) => at.failed(&error),
    }
}

#[derive(Deserialize)]
struct NewMail {
    address: String,
    #[serde(default)]
    language: String,
}

async fn add_mail(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(new): Form<NewMail>) -> Response {
    let at = match answering(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let language = if new.language == "zh" { Lang::Zh } else { Lang::En }.tag();
    match persons::add_mail(&at.desk.engine, &at.account, ways(&at.desk), &new.address, language).await {
        Ok(Ok(_)) => see_other(HERE),
        Ok(Err(why)) => {
            let mail = NewAddress { typed: new.address, fault: Some(fault(why)) };
            Back { mail, language: Some(language), ..Back::default() }.refused(&at)
        }
        Err(error) => at.failed(&error),
    }
}

async fn address(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path((id, what)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let at = match answering(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let (engine, account) = (&at.desk.engine, &at.account);
    let done = match what.as_str() {
        "secret" => match alerts::rotate(engine, account, &id).await {
            Ok(Ok(secret)) => return Back { secret: Some((id, secret, true)), ..Back::default() }.shown(&at, StatusCode::OK),
            Ok(Err(why)) => Ok(Err(why)),
            Err(error) => Err(error),
        },
        "test" => sent::test(engine, account, &id).await,
        "ask" => persons::ask_again(engine, account, &id).await,
        "remove" => alerts::remove_channel(engine, account, &id).await,
        _ => return at.missing(),
    };
    match done {
        Ok(Ok(())) if what == "test" => see_other(&format!("/console/alerts/addresses/{id}")),
        Ok(Ok(())) => see_other(HERE),
        Ok(Err(NotDone::Gone)) => at.missing(),
        Ok(Err(why)) => Back { address: Some((id, fault(why))), ..Back::default() }.shown(&at, StatusCode::CONFLICT),
        Err(error) => at.failed(&error),
    }
}

async fn log(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match answering(desk, uri, headers) {
        Ok(at) => logged(&at, &id, None),
        Err(response) => response,
    }
}

fn logged(at: &Desked, id: &str, wrong: Option<Fault>) -> Response {
    let engine = &at.desk.engine;
    match sent::log(engine, &at.account, id) {
        Ok(Some((receiver, rows, gone))) => {
            let newest = newest(&rows);
            let (address, stands, told) = match receiver {
                Receiver::Channel(known) => (known.private.address, state(&known.row, newest, engine.now_ms()), may_be_told(&known.row)),
                Receiver::Subscription(of) => (of.dest, subscription_state(of.open, newest), of.open),
            };
            let context = at.desk.context(&at.headers, &at.uri, format!("/console/alerts/addresses/{id}"));
            let page = LogPage {
                reader: at.reader(context.lang),
                address,
                state: stands,
                messages: rows.into_iter().map(|row| message_entry(row, told)).collect(),
                gone,
                fault: wrong,
            };
            private(headers::page(app::console::alerts_log(&page, &context)))
        }
        Ok(None) => at.missing(),
        Err(error) => at.failed(&error),
    }
}

fn message_entry(row: MessageRow, told: bool) -> MessageEntry {
    let about = match &row.message.about {
        About::Test => ("test", 0),
        About::Confirm => ("confirm", 0),
        About::Letters { rule, letters, more, .. } => (kind_word(*rule), letters.len() as u64 + more),
        About::Records { .. } => ("records", 0),
    };
    let sent = match row.standing {
        Standing::Waiting { due_ms } => Sent::Waiting(due_ms),
        Standing::Delivered => Sent::Delivered,
        Standing::Failed => Sent::Failed,
    };
    MessageEntry {
        shown_id: shown_id(&row.message.id),
        id: row.message.id,
        about,
        at_ms: row.message.at_ms,
        sent,
        attempts: row.attempts.into_iter().map(|attempt| (attempt.at_ms, attempt.answer)).collect(),
        replayed: row.replayed,
        again: told && about.0 != "confirm" && !matches!(sent, Sent::Waiting(_)),
    }
}

async fn replay(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let at = match answering(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    match sent::replay(&at.desk.engine, &at.account, &id).await {
        Ok(Ok(to)) => see_other(&format!("/console/alerts/addresses/{to}")),
        Ok(Err(NotDone::Gone)) => at.missing(),
        Ok(Err(why)) => match at.desk.engine.index().message(&id) {
            Ok(Some(row)) => {
                let mut response = logged(&at, &row.message.to, Some(fault(why)));
                *response.status_mut() = StatusCode::CONFLICT;
                response
            }
            _ => at.missing(),
        },
        Err(error) => at.failed(&error),
    }
}
