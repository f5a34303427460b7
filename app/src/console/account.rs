//! One's own account: password, second factor, and where one is signed in.

use leptos::prelude::*;

use super::team::{colon, role_name, role_words};
use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::{day, moment};
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{counted, fill, text};

/// A session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// What it is called by; opens nothing.
    pub id: String,
    /// When it began.
    pub begun_ms: u64,
    /// When it was used last.
    pub used_ms: u64,
    /// Which browser, in a word or two; empty where that is not known.
    pub browser: String,
    /// It is the one that reads.
    pub here: bool,
}

/// The page.
#[derive(Clone, Debug)]
pub struct AccountPage {
    /// Who reads.
    pub reader: Reader,
    /// Its role's word.
    pub role: String,
    /// What its place is called.
    pub place: Option<String>,
    /// It says who may sign in.
    pub leads: bool,
    /// Since when it has a second factor, and how many recovery codes are left.
    pub factor: Option<(u64, usize)>,
    /// Its sessions, this one first.
    pub sessions: Vec<SessionRow>,
    /// What is wrong with a new password.
    pub fault: Option<Fault>,
    /// The key of what was just done.
    pub done: Option<&'static str>,
    /// Letters of a password, at least and at most.
    pub password: (usize, usize),
    /// After which a shared tablet is signed out.
    pub idle_minutes: u64,
}

/// Draws it.
pub fn page(page: &AccountPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "console.account");
    let done = page.done.map(|key| view! { <p class="news" role="status">{text(lang, key)}</p> });
    let place = page.place.as_ref().map(|place| view! { <p class="soft">{fill(lang, "console.account.where", &[("place", place)])}</p> });
    let leads = page.leads.then(|| {
        view! {
            <p><a href="/console/team">{text(lang, "console.team.link")}</a></p>
            <p><a href="/console/keys">{text(lang, "console.keys")}</a></p>
            <p><a href="/console/trail">{text(lang, "console.trail")}</a></p>
        }
    });
    let body = view! {
        <main class="list ready own" id="main">
            <h1>{title}</h1>
            {done}
            <p>{fill(lang, "console.account.you", &[("name", &page.reader.login)])}</p>
            <p class="soft">{role_name(&page.role, lang)} {colon(lang)}{role_words(&page.role, page.idle_minutes, lang)}</p>
            {place}
            {leads}
            <h2 class="title" id="factor">{text(lang, "console.factor")}</h2>
            {factor(page, lang)}
            <h2 class="title" id="sessions">{text(lang, "console.sessions")}</h2>
            {sessions(page, lang)}
            <h2 class="title" id="password">{text(lang, "console.password")}</h2>
            <form method="post" action="/console/account/password" class="answering giving">
                {page.fault.as_ref().map(|fault| view! { <p class="fault" role="alert" id="e-password">{said(fault, lang)}</p> })}
                <input type="hidden" name="username" autocomplete="username" value=page.reader.login.clone()/>
                {field("old", "console.password.old", "current-password", page.fault.as_ref(), None, lang)}
                {new_password(page.fault.as_ref(), page.password.0, lang)}
                <button type="submit">{text(lang, "console.password.do")}</button>
            </form>
        </main>
    };
    frame(&page.reader, "/console/account", title.to_owned(), 0, body, context)
}

/// A password's field; what is typed into one never comes back.
pub fn field(
    name: &'static str,
    label: &'static str,
    fills: &'static str,
    fault: Option<&Fault>,
    hint: Option<&'static str>,
    lang: Lang,
) -> Markup {
    let id = format!("f-{name}");
    let wrong = fault.filter(|fault| fault.field == name).map(|_| "true");
    let described = [fault.map(|_| "e-password"), hint].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let described = Some(described).filter(|ids| !ids.is_empty());
    view! {
        <label for=id.clone()>{text(lang, label)}</label>
        <input id=id name=name type="password" required maxlength="400" autocomplete=fills aria-invalid=wrong aria-describedby=described/>
    }
    .markup()
}

/// The two fields of a new password.
pub fn new_password(fault: Option<&Fault>, min: usize, lang: Lang) -> Markup {
    view! {
        {field("new", "console.password.new", "new-password", fault, Some("h-new"), lang)}
        <p class="hint" id="h-new">{fill(lang, "console.password.hint", &[("min", &min.to_string())])}</p>
        {field("again", "console.password.again", "new-password", fault, None, lang)}
    }
    .markup()
}

fn factor(page: &AccountPage, lang: Lang) -> Markup {
    let words = match page.factor {
        None => text(lang, "console.factor.off").to_owned(),
        Some((since, 0)) => fill(lang, "console.factor.on.none", &[("day", &day(since, lang))]),
        Some((since, left)) => {
            let key = counted(lang, "console.factor.on", left as u64);
            fill(lang, key, &[("day", &day(since, lang)), ("n", &left.to_string())])
        }
    };
    let link = if page.factor.is_some() { "console.factor" } else { "console.factor.begin" };
    view! { <p class="soft">{words}</p> <p><a href="/console/account/factor">{text(lang, link)}</a></p> }.markup()
}

fn sessions(page: &AccountPage, lang: Lang) -> Markup {
    let rows: Vec<Markup> = page
        .sessions
        .iter()
        .map(|row| {
            let browser = if row.browser.is_empty() { text(lang, "console.session.unknown").to_owned() } else { row.browser.clone() };
            let (begun, used) = (moment(row.begun_ms, lang), moment(row.used_ms, lang));
            let label = fill(lang, "console.session.end.of", &[("browser", &browser), ("begun", &begun)]);
            let act = if row.here {
                view! { <p class="soft">{text(lang, "console.session.here")}</p> }.markup()
            } else {
                view! {
                    <form method="post" action="/console/account/sessions">
                        <input type="hidden" name="session" value=row.id.clone()/>
                        <button type="submit" class="quiet" aria-label=label>{text(lang, "console.session.end")}</button>
                    </form>
                }
                .markup()
            };
            let words = fill(lang, "console.session.begun", &[("begun", &begun), ("used", &used)]);
            view! { <li><h3>{browser}</h3> <p>{words}</p> {act}</li> }.markup()
        })
        .collect();
    let others = if page.sessions.len() > 1 {
        view! {
            <form method="post" action="/console/account/sessions">
                <button type="submit" class="quiet" name="session" value="others">{text(lang, "console.session.others")}</button>
            </form>
        }
        .markup()
    } else {
        view! { <p class="soft">{text(lang, "console.session.alone")}</p> }.markup()
    };
    view! { <ul class="permissions">{rows}</ul> {others} }.markup()
}
