//! Pages of brands and stores: sign-in, and the inbox of comments. Plain links and forms; nothing here needs a script.

pub mod alerts;
pub mod data;
pub mod inbox;
pub mod letter;
pub mod objections;
pub mod partners;
pub mod ready;
pub mod signin;
pub mod ticked;

use std::sync::LazyLock;

use leptos::prelude::*;

use crate::context::PageContext;
use crate::render::html;
use crate::shell::{document, other_language, skip};
use crate::style;
use crate::texts::text;

static STYLE: LazyLock<String> = LazyLock::new(|| style::plain().to_owned() + &style::small(include_str!("../../style/console.css")));

/// The sign-in page.
pub fn signin(page: &signin::SignInPage, context: &PageContext) -> String {
    html(|| signin::page(page, context))
}

/// The inbox, with a comment beside the list where one was chosen.
pub fn inbox(page: &data::InboxPage, context: &PageContext) -> String {
    html(|| inbox::page(page, context))
}

/// Permissions.
pub fn partners(page: &partners::PartnersPage, context: &PageContext) -> String {
    html(|| partners::page(page, context))
}

/// The answers that a desk keeps ready.
pub fn ready(page: &ready::ReadyPage, context: &PageContext) -> String {
    html(|| ready::page(page, context))
}

/// What is about to be done to several comments.
pub fn ticked(page: &ticked::TickedPage, context: &PageContext) -> String {
    html(|| ticked::page(page, context))
}

/// An owner objects to a record.
pub fn objection(page: &objections::ObjectionPage, context: &PageContext) -> String {
    html(|| objections::page(page, context))
}

/// What a desk is told of.
pub fn alerts(page: &alerts::AlertsPage, context: &PageContext) -> String {
    html(|| alerts::page(page, context))
}

/// What was sent to one address.
pub fn alerts_log(page: &alerts::log::LogPage, context: &PageContext) -> String {
    html(|| alerts::log::page(page, context))
}

/// The question to a person whether it may be written to.
pub fn alerts_question(who: &str, question: alerts::log::Question, here: &str, context: &PageContext) -> String {
    html(|| alerts::log::question(who, question, here, context))
}

/// A page of one message inside the console.
pub fn message(who: &Reader, heading: &str, words: &str, context: &PageContext) -> String {
    html(|| {
        let body = view! { <main class="list" id="main"><h1>{heading.to_owned()}</h1><p>{words.to_owned()}</p></main> };
        frame(who, "/console/comments", heading.to_owned(), 0, body, context)
    })
}

/// Who reads.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Its name, as the rail shows it.
    pub name: String,
    /// True where it may answer, close and hold.
    pub writes: bool,
}

/// Rail on wide screens, bar at the foot of phones; the sections that exist, no others.
fn frame(who: &Reader, here: &str, title: String, unanswered: usize, body: impl IntoView, context: &PageContext) -> AnyView {
    let lang = context.lang;
    let name = who.name.clone();
    let count = (unanswered > 0).then(|| view! { <small>{unanswered.to_string()}</small> });
    let current = |section: &str| (section == here).then_some("page");
    let body = view! {
        {skip(text(lang, "console.skip"), "#main")}
        <div class="console">
            <nav class="rail" aria-label=text(lang, "console.rail")>
                <b>{name.clone()}</b>
                <a href="/console/comments" aria-current=current("/console/comments")>{text(lang, "console.comments")} " " {count}</a>
                <a href="/console/partners" aria-current=current("/console/partners")>{text(lang, "console.partners")}</a>
                <a href="/demo/">{text(lang, "console.stage")}</a>
                <a href="/scanner/">{text(lang, "console.scanner")}</a>
                <span class="end">
                    {other_language(context, None)}
                    <form method="post" action="/signout"><button type="submit" class="link">{text(lang, "console.signout")}</button></form>
                </span>
            </nav>
            // Its type ends here: all sections' types within one another are too deep for the compiler.
            {body.into_any()}
        </div>
    }
    .into_any();
    let head = view! { <meta name="robots" content="noindex"/> };
    document(context, format!("{title}, {name}"), STYLE.as_str(), head, body)
}
