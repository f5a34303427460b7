//! The page behind a link: whoever opens it sets a password.

use leptos::prelude::*;

use super::account::new_password;
use super::team::{colon, role_name, role_words};
use crate::context::PageContext;
use crate::feedback::form::{Fault, said};
use crate::shell::{document, foot, top_bar};
use crate::texts::{fill, text};

/// The page.
#[derive(Clone, Debug)]
pub struct JoinPage {
    /// What stands in the address.
    pub token: String,
    /// What the member is called.
    pub member: String,
    /// The account's name.
    pub account: String,
    /// The role's word of a new account.
    pub role: Option<String>,
    /// What its place is called.
    pub place: Option<String>,
    /// What is wrong with the password.
    pub fault: Option<Fault>,
    /// Letters of a password, at least.
    pub password_min: usize,
    /// After which a shared tablet is signed out.
    pub idle_minutes: u64,
}

/// Draws it.
pub fn page(page: &JoinPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let (title, words) = match &page.role {
        Some(_) => ("console.join", fill(lang, "console.join.what", &[("member", &page.member), ("name", &page.account)])),
        None => ("console.join.reset", fill(lang, "console.join.reset.what", &[("name", &page.account)])),
    };
    let title = text(lang, title);
    let role = page.role.as_ref().map(|role| {
        let place = page.place.as_ref().map(|place| fill(lang, "console.account.where", &[("place", place)]));
        view! { <p class="soft">{role_name(role, lang)} {colon(lang)}{role_words(role, page.idle_minutes, lang)} " " {place}</p> }
    });
    let body = view! {
        {top_bar(context, view! { <b>"Leafproof"</b> })}
        <main class="signin" id="main">
            <h1>{title}</h1>
            <p>{words}</p>
            {role}
            {page.fault.as_ref().map(|fault| view! { <p class="fault" role="alert" id="e-password">{said(fault, lang)}</p> })}
            <form method="post" action=format!("/join/{}", page.token)>
                <input type="hidden" name="username" autocomplete="username" value=page.account.clone()/>
                {new_password(page.fault.as_ref(), page.password_min, lang)}
                <button type="submit">{text(lang, "console.join.do")}</button>
            </form>
        </main>
        {foot(context, ())}
    };
    let head = view! { <meta name="robots" content="noindex"/> };
    document(context, title.to_owned(), super::STYLE.as_str(), head, body)
}
