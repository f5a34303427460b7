//! Who may sign in for a member, open links, inviting, and what is asked of all.

use leptos::prelude::*;

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::moment;
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// The words of roles that are given, each with the keys of its name and of what it may do.
pub const ROLES: [(&str, &str, &str); 7] = [
    ("owner", "console.role.owner", "console.role.owner.what"),
    ("editor", "console.role.editor", "console.role.editor.what"),
    ("answerer", "console.role.answerer", "console.role.answerer.what"),
    ("reader", "console.role.reader", "console.role.reader.what"),
    ("store", "console.role.store", "console.role.store.what"),
    ("staff", "console.role.staff", "console.role.staff.what"),
    ("operator", "console.role.operator", "console.role.operator.what"),
];

/// A role's name.
pub fn role_name(role: &str, lang: Lang) -> &'static str {
    ROLES.iter().find(|(word, ..)| *word == role).map_or("", |(_, name, _)| text(lang, name))
}

/// What stands between a word and its explanation.
pub fn colon(lang: Lang) -> &'static str {
    if lang == Lang::Zh { "：" } else { ": " }
}

/// What it may do.
pub fn role_words(role: &str, idle_minutes: u64, lang: Lang) -> String {
    ROLES
        .iter()
        .find(|(word, ..)| *word == role)
        .map_or_else(String::new, |(_, _, what)| fill(lang, what, &[("n", &idle_minutes.to_string())]))
}

/// An account.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name that it signs in with.
    pub name: String,
    /// Its role's word.
    pub role: String,
    /// Its location number, and what that is called.
    pub place: Option<(String, String)>,
    /// It has a second factor.
    pub factor: bool,
    /// It was ended.
    pub ended: bool,
    /// It is who reads.
    pub me: bool,
}

/// A link that waits.
#[derive(Clone, Debug)]
pub struct Open {
    /// What it is called by; opens nothing.
    pub id: String,
    /// The account.
    pub account: String,
    /// The role's word of a new account.
    pub role: Option<String>,
    /// Who made it; empty: the operator.
    pub by: String,
    /// How long it is good.
    pub until_ms: u64,
}

/// A link that was just made: its address is shown this once.
#[derive(Clone, Debug)]
pub struct Made {
    /// The account.
    pub account: String,
    /// The whole address.
    pub address: String,
    /// How long it is good.
    pub until_ms: u64,
}

/// The form of an invitation, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Name.
    pub local: String,
    /// Role.
    pub role: String,
    /// Location.
    pub location: String,
}

/// The page.
#[derive(Clone, Debug)]
pub struct TeamPage {
    /// Who reads.
    pub reader: Reader,
    /// What the member is called.
    pub member: String,
    /// Its id.
    pub member_id: String,
    /// Accounts, by name.
    pub people: Vec<Person>,
    /// Open links, newest first.
    pub open: Vec<Open>,
    /// What was just made.
    pub made: Option<Made>,
    /// What was typed.
    pub typed: Typed,
    /// What is wrong, and with which account's form; an empty name: the invitation, `*`: the rule.
    pub fault: Option<(String, Fault)>,
    /// A second factor is asked of all.
    pub rule: bool,
    /// The member's places: location number and name.
    pub places: Vec<(String, String)>,
    /// After which a shared tablet is signed out.
    pub idle_minutes: u64,
}

/// Draws it.
pub fn page(page: &TeamPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "console.team");
    let made = page.made.as_ref().map(|made| {
        let until = moment(made.until_ms, lang);
        view! {
            <section class="news" role="status" id="made">
                <h2 class="title">{fill(lang, "console.team.made", &[("name", &made.account)])}</h2>
                <p class="secret"><code>{made.address.clone()}</code></p>
                <p>{fill(lang, "console.team.made.what", &[("until", &until)])}</p>
            </section>
        }
        .markup()
    });
    let people: Vec<Markup> = page.people.iter().map(|person| entry(person, page, lang)).collect();
    let places: Vec<Markup> =
        page.places.iter().map(|(number, name)| view! { <option value=number.clone()>{name.clone()}</option> }.markup()).collect();
    let body = view! {
        <main class="list ready team" id="main">
            <p><a href="/console/account">{text(lang, "console.account")}</a></p>
            <h1>{title}</h1>
            <p class="soft">{fill(lang, "console.team.what", &[("member", &page.member)])}</p>
            {made}
            <div class="people">{people}</div>
            <datalist id="places">{places}</datalist>
            {open(page, lang)}
            {invite(page, lang)}
            {rule(page, lang)}
            <p><a href="/console/trail">{text(lang, "console.trail")}</a></p>
        </main>
    };
    frame(&page.reader, "/console/account", title.to_owned(), 0, body, context)
}

/// The fault of one form.
fn fault_of<'a>(page: &'a TeamPage, form: &str) -> Option<&'a Fault> {
    page.fault.as_ref().filter(|(of, _)| of == form).map(|(_, fault)| fault)
}

fn alert(fault: Option<&Fault>, id: &str, lang: Lang) -> Option<Markup> {
    fault.map(|fault| view! { <p class="fault" role="alert" id=id.to_owned()>{said(fault, lang)}</p> }.markup())
}

/// Roles to choose from, with what each may do.
fn roles(chosen: &str, lang: Lang) -> Vec<Markup> {
    ROLES
        .iter()
        .filter(|(word, ..)| *word != "operator")
        .map(|(word, name, _)| view! { <option value=*word selected=*word == chosen>{text(lang, name)}</option> }.markup())
        .collect()
}

/// An account: a line, with what can be done to it behind it.
fn entry(person: &Person, page: &TeamPage, lang: Lang) -> Markup {
    let joint = if lang == Lang::Zh { "，" } else { ", " };
    let mut words = vec![role_name(&person.role, lang).to_owned()];
    words.extend(person.place.iter().map(|(_, name)| name.clone()));
    if person.ended {
        words = vec![text(lang, "console.team.ended").to_owned()];
    }
    if person.factor {
        words.push(text(lang, "console.team.factor").to_owned());
    }
    if person.me {
        words.push(text(lang, "console.team.me").to_owned());
    }
    let fault = fault_of(page, &person.name);
    let key = person.name.replace('@', "-at-");
    let (role_id, place_id, fault_id) = (format!("r-{key}"), format!("p-{key}"), format!("e-{key}"));
    let hidden = || view! { <input type="hidden" name="account" value=person.name.clone()/> };
    let place = person.place.as_ref().map(|(number, _)| number.clone()).unwrap_or_default();
    let forms = if person.ended {
        view! {
            <form method="post" action="/console/team/reset" class="giving">
                {hidden()} <button type="submit" class="quiet">{text(lang, "console.team.back")}</button>
            </form>
        }
        .markup()
    } else {
        let factor = person.factor.then(|| {
            view! { <fieldset><label><input type="checkbox" name="factor" value="off"/>{text(lang, "console.team.reset.factor")}</label></fieldset> }
        });
        let end = fill(lang, "console.team.end.of", &[("name", &person.name)]);
        view! {
            <form method="post" action="/console/team/role" class="giving">
                {hidden()}
                <label for=role_id.clone()>{text(lang, "console.team.role")}</label>
                <select id=role_id.clone() name="role">{roles(&person.role, lang)}</select>
                <label for=place_id.clone()>{text(lang, "console.team.place")}</label>
                <input id=place_id name="location" inputmode="numeric" list="places" value=place maxlength="32" autocomplete="off"/>
                <p class="hint">{text(lang, "console.team.place.hint")} " " {text(lang, "console.team.role.note")}</p>
                <button type="submit" class="quiet">{text(lang, "console.team.role.do")}</button>
            </form>
            <form method="post" action="/console/team/reset" class="giving">
                {hidden()} {factor}
                <button type="submit" class="quiet">{text(lang, "console.team.reset")}</button>
            </form>
            <form method="post" action="/console/team/end" class="giving">
                {hidden()}
                <p class="hint">{text(lang, "console.team.end.note")}</p>
                <button type="submit" class="quiet" aria-label=end>{text(lang, "console.team.end")}</button>
            </form>
        }
        .markup()
    };
    view! {
        <details class="kept" open=fault.is_some()>
            <summary><b>{person.name.clone()}</b> " " <span class="soft">{words.join(joint)}</span></summary>
            {alert(fault, &fault_id, lang)}
            {forms}
        </details>
    }
    .markup()
}

fn open(page: &TeamPage, lang: Lang) -> Markup {
    let rows: Vec<Markup> = page
        .open
        .iter()
        .map(|link| {
            let by = if link.by.is_empty() { text(lang, "console.team.operator").to_owned() } else { link.by.clone() };
            let until = moment(link.until_ms, lang);
            let words = match &link.role {
                Some(role) => fill(lang, "console.team.open.new", &[("role", role_name(role, lang)), ("by", &by), ("until", &until)]),
                None => fill(lang, "console.team.open.reset", &[("by", &by), ("until", &until)]),
            };
            let label = fill(lang, "console.team.open.end.of", &[("name", &link.account)]);
            view! {
                <li>
                    <h3>{link.account.clone()}</h3>
                    <p>{words}</p>
                    <form method="post" action="/console/team/links/end">
                        <input type="hidden" name="link" value=link.id.clone()/>
                        <button type="submit" class="quiet" aria-label=label>{text(lang, "console.team.open.end")}</button>
                    </form>
                </li>
            }
            .markup()
        })
        .collect();
    let rows = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "console.team.open.none")}</p> }.markup()
    } else {
        view! { <ul class="permissions">{rows}</ul> }.markup()
    };
    view! { <h2 class="title" id="open">{text(lang, "console.team.open")}</h2> {rows} }.markup()
}

fn invite(page: &TeamPage, lang: Lang) -> Markup {
    let fault = fault_of(page, "");
    let wrong = |field: &str| fault.filter(|fault| fault.field == field).map(|_| "true");
    let described = |hint: &str| if fault.is_some() { format!("e-invite {hint}") } else { hint.to_owned() };
    let whole = format!("…\u{2060}@{}", page.member_id);
    let chosen = if page.typed.role.is_empty() { "answerer" } else { page.typed.role.as_str() };
    let what: Vec<Markup> = ROLES
        .iter()
        .filter(|(word, ..)| *word != "operator")
        .map(|(word, name, _)| view! { <dt>{text(lang, name)}</dt><dd>{role_words(word, page.idle_minutes, lang)}</dd> }.markup())
        .collect();
    view! {
        <h2 class="title" id="invite">{text(lang, "console.team.invite")}</h2>
        <form method="post" action="/console/team/invite" class="answering giving">
            {alert(fault, "e-invite", lang)}
            <label for="f-name">{text(lang, "console.team.name")}</label>
            <input
                id="f-name" name="name" required maxlength="100" value=page.typed.local.clone() autocomplete="off" autocapitalize="none"
                spellcheck="false" aria-invalid=wrong("name") aria-describedby=described("h-name")
            />
            <p class="hint" id="h-name">{fill(lang, "console.team.name.hint", &[("name", &whole)])}</p>
            <label for="f-role">{text(lang, "console.team.role")}</label>
            <select id="f-role" name="role" aria-invalid=wrong("role") aria-describedby="h-role">{roles(chosen, lang)}</select>
            <dl class="slots" id="h-role">{what}</dl>
            <label for="f-place">{text(lang, "console.team.place")}</label>
            <input
                id="f-place" name="location" inputmode="numeric" list="places" maxlength="32" value=page.typed.location.clone() autocomplete="off"
                aria-invalid=wrong("location") aria-describedby=described("h-place")
            />
            <p class="hint" id="h-place">{text(lang, "console.team.place.hint")}</p>
            <button type="submit">{text(lang, "console.team.invite.do")}</button>
        </form>
    }
    .markup()
}

fn rule(page: &TeamPage, lang: Lang) -> Markup {
    let (words, act, value) = match page.rule {
        true => ("console.team.rule.on", "console.team.rule.undo", "off"),
        false => ("console.team.rule.off", "console.team.rule.do", "on"),
    };
    view! {
        <h2 class="title" id="rule">{text(lang, "console.team.rule")}</h2>
        {alert(fault_of(page, "*"), "e-rule", lang)}
        <p class="soft">{text(lang, words)}</p>
        <form method="post" action="/console/team/rule">
            <button type="submit" class="quiet" name="factor" value=value>{text(lang, act)}</button>
        </form>
    }
    .markup()
}
