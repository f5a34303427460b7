//! Pages of brands and stores: sign-in, and the inbox of comments. Plain links and forms; nothing here needs a script.

pub mod account;
pub mod alerts;
pub mod codes;
pub mod data;
pub mod factor;
pub mod figures;
pub mod inbox;
pub mod join;
pub mod keys;
pub mod letter;
pub mod objections;
pub mod partners;
pub mod ready;
pub mod signin;
pub mod team;
pub mod ticked;
pub mod trail;

use std::sync::LazyLock;

use leptos::prelude::*;

use crate::context::PageContext;
use crate::feedback::words::escape;
use crate::markup::{IntoMarkup as _, Markup};
use crate::render::html;
use crate::shell::{document, other_language, skip, top_bar};
use crate::style;
use crate::texts::{fill, text};

static STYLE: LazyLock<String> = LazyLock::new(|| {
    let own = concat!(include_str!("../../style/console.css"), include_str!("../../style/figures.css"));
    style::plain().to_owned() + &style::small(own)
});

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

/// One's own account.
pub fn account(page: &account::AccountPage, context: &PageContext) -> String {
    html(|| account::page(page, context))
}

/// The second factor of one's own account.
pub fn factor(page: &factor::FactorPage, context: &PageContext) -> String {
    html(|| factor::page(page, context))
}

/// The second step of signing in.
pub fn code(page: &factor::CodePage, context: &PageContext) -> String {
    html(|| factor::code(page, context))
}

/// Who may sign in for a member.
pub fn team(page: &team::TeamPage, context: &PageContext) -> String {
    html(|| team::page(page, context))
}

/// The page behind a link.
pub fn join(page: &join::JoinPage, context: &PageContext) -> String {
    html(|| join::page(page, context))
}

/// Keys for programs.
pub fn keys(page: &keys::KeysPage, context: &PageContext) -> String {
    html(|| keys::page(page, context))
}

/// What was done.
pub fn trail(page: &trail::TrailPage, context: &PageContext) -> String {
    html(|| trail::page(page, context))
}

/// Frozen codes.
pub fn codes(page: &codes::CodesPage, context: &PageContext) -> String {
    html(|| codes::page(page, context))
}

/// What is counted of a desk's goods.
pub fn figures(page: &figures::FiguresPage, context: &PageContext) -> String {
    html(|| figures::page(page, context))
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
    /// The name that it signs in with.
    pub login: String,
    /// It reads letters.
    pub letters: bool,
    /// It answers them.
    pub answers: bool,
    /// It notes on them, closes, holds, assigns and puts them off.
    pub works: bool,
    /// It says what its desk is told of.
    pub alerts: bool,
    /// It keeps answers ready.
    pub readies: bool,
    /// It takes letters along as a file.
    pub exports: bool,
    /// It reads figures.
    pub figures: bool,
    /// It freezes codes.
    pub freezes: bool,
    /// It sees permissions.
    pub partners: bool,
    /// It has a password and sessions of its own to look after.
    pub owns: bool,
    /// It is a device that many share: after so many minutes without use it is signed out.
    pub shared: Option<u64>,
}

/// What a shared tablet says of itself: always, and when it is about to be signed out; style alone brings the second one up in its minute.
fn tablet(minutes: u64, context: &PageContext) -> Markup {
    let lang = context.lang;
    let before = minutes.saturating_sub(1);
    view! {
        <aside class="tablet" aria-label=text(lang, "console.role.staff")>
            <p>{fill(lang, "console.tablet", &[("n", &minutes.to_string())])}</p>
            <p class="soon">{fill(lang, "console.tablet.soon", &[("n", &before.to_string())])}</p>
        </aside>
    }
    .markup()
}

/// The words of a form that came after its session was over.
pub fn kept(words: &str, signin: &str, context: &PageContext) -> String {
    html(|| {
        let lang = context.lang;
        let title = text(lang, "console.signin");
        let body = view! {
            {top_bar(context, view! { <b>"Leafproof"</b> })}
            <main class="signin answering" id="main">
                <h1>{title}</h1>
                <p>{text(lang, "console.tablet.kept")}</p>
                <label for="f-words">{text(lang, "console.tablet.words")}</label>
                <textarea id="f-words" rows="8" readonly inner_html=escape(words)></textarea>
                <p><a href=signin.to_owned()>{text(lang, "console.signin.do")}</a></p>
            </main>
        };
        let head = view! { <meta name="robots" content="noindex"/> };
        document(context, title.to_owned(), STYLE.as_str(), head, body)
    })
}

/// Rail on wide screens; on phones a bar of sections at the foot, and one's own account at the head. The sections that exist, no others.
fn frame(who: &Reader, here: &str, title: String, unanswered: usize, body: impl IntoView, context: &PageContext) -> Markup {
    let lang = context.lang;
    let name = who.name.clone();
    let count = (unanswered > 0).then(|| view! { <small>{unanswered.to_string()}</small> });
    let current = |section: &str| (section == here).then_some("page");
    let body = view! {
        {skip(text(lang, "console.skip"), "#main")}
        <div class="console">
            <nav class="rail" aria-label=text(lang, "console.rail")>
                <b>{name.clone()}</b>
                <span class="sections">
                {who.letters.then(|| view! { <a href="/console/comments" aria-current=current("/console/comments")>{text(lang, "console.comments")} " " {count}</a> })}
                {who.figures.then(|| view! { <a href="/console/figures" aria-current=current("/console/figures")>{text(lang, "figures.title")}</a> })}
                {who.partners.then(|| view! { <a href="/console/partners" aria-current=current("/console/partners")>{text(lang, "console.partners")}</a> })}
                <a href="/demo/">{text(lang, "console.stage")}</a>
                <a href="/scanner/">{text(lang, "console.scanner")}</a>
                </span>
                <span class="end">
                    {who.owns.then(|| view! { <a href="/console/account" aria-current=current("/console/account")>{text(lang, "console.account")}</a> })}
                    {other_language(context, None)}
                    <form method="post" action="/signout"><button type="submit" class="link">{text(lang, "console.signout")}</button></form>
                </span>
            </nav>
            {who.shared.map(|minutes| tablet(minutes, context))}
            // Its type ends here: all sections' types within one another are too deep for the compiler.
            {body.markup()}
        </div>
    }
    .markup();
    let head = view! { <meta name="robots" content="noindex"/> };
    document(context, format!("{title}, {name}"), STYLE.as_str(), head, body)
}
