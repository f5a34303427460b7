//! What was sent to one address, and what a person reads who says whether it wants that.

use leptos::prelude::*;

use super::{AddressState, state_words};
use crate::console::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::{moment, time};
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::{document, foot, top_bar};
use crate::texts::{counted, fill, text};

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is to be sent then.
    Waiting(u64),
    /// It arrived.
    Delivered,
    /// It was given up.
    Failed,
}

/// A message.
#[derive(Clone, Debug)]
pub struct MessageEntry {
    /// Its id in our records.
    pub id: String,
    /// Its id as it is sent.
    pub shown_id: String,
    /// About what: `test`, `confirm`, or a rule's word with how many letters.
    pub about: (&'static str, u64),
    /// When it was made.
    pub at_ms: u64,
    /// How it stands.
    pub sent: Sent,
    /// Attempts: when, and what was answered.
    pub attempts: Vec<(u64, String)>,
    /// Who sent it again, and when.
    pub replayed: Option<(String, u64)>,
    /// Whether it can be sent again.
    pub again: bool,
}

/// The log of one address.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// Who reads.
    pub reader: Reader,
    /// The address.
    pub address: String,
    /// How it stands.
    pub state: AddressState,
    /// Its messages, newest first.
    pub messages: Vec<MessageEntry>,
    /// How many older ones are not kept.
    pub gone: u64,
    /// What is wrong with what was asked.
    pub fault: Option<Fault>,
}

/// What a message is about.
fn about((word, n): (&str, u64), lang: Lang) -> String {
    let key = match word {
        "test" => "alert.log.about.test",
        "confirm" => "alert.log.about.confirm",
        "illness" => counted(lang, "alert.log.about.illness", n),
        "fakes" => counted(lang, "alert.log.about.fakes", n),
        "rating" => "alert.log.about.rating",
        "records" => "alert.log.about.records",
        _ => counted(lang, "alert.log.about.letter", n),
    };
    fill(lang, key, &[("n", &n.to_string())])
}

/// Draws it.
pub fn page(page: &LogPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let title = fill(lang, "alert.log", &[("address", &page.address)]);
    let rows: Vec<Markup> = page.messages.iter().map(|message| row(message, lang)).collect();
    let list = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "alert.log.none")}</p> }.markup()
    } else {
        view! { <p class="soft">{text(lang, "alert.log.wait")}</p> <ol class="permissions">{rows}</ol> }.markup()
    };
    let gone = (page.gone > 0).then(|| {
        let key = counted(lang, "alert.log.gone", page.gone);
        view! { <p class="soft">{fill(lang, key, &[("n", &page.gone.to_string())])}</p> }
    });
    let fault = page.fault.as_ref().map(|fault| view! { <p class="fault" role="alert">{said(fault, lang)}</p> });
    let body = view! {
        <main class="list ready alerts" id="main">
            <h1>{title.clone()}</h1>
            {state_words(page.state, lang)}
            <p><a href="/console/alerts">{text(lang, "alert.title")}</a></p>
            {fault}
            {list}
            {gone}
        </main>
    };
    frame(&page.reader, "/console/comments", title, 0, body, context)
}

fn row(message: &MessageEntry, lang: Lang) -> Markup {
    let what = about(message.about, lang);
    let stands = match message.sent {
        Sent::Waiting(due) => fill(lang, "alert.log.waiting", &[("when", &moment(due, lang))]),
        Sent::Delivered => text(lang, "alert.log.delivered").to_owned(),
        Sent::Failed => text(lang, "alert.log.failed").to_owned(),
    };
    let attempts: Vec<Markup> =
        message.attempts.iter().map(|(at, answer)| view! { <li>{time(*at, lang)} ": " {answer.clone()}</li> }.markup()).collect();
    let attempts = (!attempts.is_empty()).then(|| view! { <ul class="soft">{attempts}</ul> });
    let replayed = message.replayed.as_ref().map(|(who, at)| {
        let words = fill(lang, "alert.log.replayed", &[("who", who), ("when", &moment(*at, lang))]);
        view! { <p class="soft">{words}</p> }
    });
    let again = message.again.then(|| {
        let label = fill(lang, "alert.log.replay.of", &[("what", &what), ("when", &moment(message.at_ms, lang))]);
        let action = format!("/console/alerts/messages/{}/replay", message.id);
        view! { <form method="post" action=action><button type="submit" class="quiet" aria-label=label>{text(lang, "alert.log.replay")}</button></form> }
    });
    let failed = (message.sent == Sent::Failed).then_some("fault");
    view! {
        <li>
            <h2>{what} " " <small class="soft">{time(message.at_ms, lang)}</small></h2>
            <p class=failed>{stands}</p>
            {attempts}
            {replayed}
            <p class="hint">{text(lang, "alert.log.id")} " " <code>{message.shown_id.clone()}</code></p>
            {again}
        </li>
    }
    .markup()
}

/// How the question to a person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// It can say yes or no.
    Open,
    /// It said yes, and can say no.
    On,
    /// It said no.
    Off,
    /// It did not say anything in time.
    Late,
}

/// What a person reads that was asked.
pub fn question(who: &str, question: Question, here: &str, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "alert.person");
    let sentence = |key| fill(lang, key, &[("who", who)]);
    let button = |value: &'static str, key, class: &'static str| {
        view! { <button type="submit" name="answer" value=value class=class>{text(lang, key)}</button> }.markup()
    };
    let (words, buttons) = match question {
        Question::Open => {
            (sentence("alert.person.ask"), vec![button("yes", "alert.person.yes", ""), button("no", "alert.person.no", "quiet")])
        }
        Question::On => (sentence("alert.person.on"), vec![button("no", "alert.person.stop", "quiet")]),
        Question::Off => (sentence("alert.person.stopped"), vec![]),
        Question::Late => (sentence("alert.person.late"), vec![button("no", "alert.person.no", "quiet")]),
    };
    let form = (!buttons.is_empty()).then(|| view! { <form method="post" action=here.to_owned() class="answering steps">{buttons}</form> });
    let body = view! {
        {top_bar(context, view! { <b>{title}</b> })}
        <main class="signin console" id="main"><h1>{title}</h1><p>{words}</p>{form}</main>
        {foot(context, ())}
    };
    let head = view! { <meta name="robots" content="noindex"/> <meta name="referrer" content="no-referrer"/> };
    document(context, title.to_owned(), super::super::STYLE.as_str(), head, body).markup()
}
