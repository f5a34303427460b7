//! The sign-in page.

use leptos::prelude::*;

use crate::context::PageContext;
use crate::shell::{document, foot, top_bar};
use crate::texts::{fill, text};

/// What went wrong with the last try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInFault {
    /// Name and password do not fit; it does not say which.
    Wrong,
    /// Too many wrong tries; minutes to wait.
    Wait(u64),
    /// The second step took too long.
    Over,
    /// The accounts cannot be read: nothing is known of name or password.
    Failed,
}

/// The page.
#[derive(Clone, Debug, Default)]
pub struct SignInPage {
    /// The name typed.
    pub name: String,
    /// What went wrong.
    pub fault: Option<SignInFault>,
    /// Where to go afterwards, a path of this site.
    pub next: Option<String>,
    /// A shared tablet that nobody used for so many minutes.
    pub idle: Option<u64>,
}

/// Draws it.
pub fn page(page: &SignInPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let title = text(lang, "console.signin");
    let fault = page.fault.map(|fault| {
        let words = match fault {
            SignInFault::Wrong => text(lang, "console.signin.wrong").to_owned(),
            SignInFault::Over => text(lang, "console.code.over").to_owned(),
            SignInFault::Failed => text(lang, "console.signin.failed").to_owned(),
            SignInFault::Wait(minutes) => fill(lang, "console.signin.wait", &[("n", &minutes.to_string())]),
        };
        view! { <p class="fault" role="alert" id="e-signin">{words}</p> }
    });
    let idle = page.idle.map(|minutes| {
        view! { <p class="news" role="status">{fill(lang, "console.tablet.out", &[("n", &minutes.to_string())])}</p> }
    });
    let invalid = page.fault.map(|_| "true");
    let described = page.fault.map(|_| "e-signin");
    let body = view! {
        {top_bar(context, view! { <b>"Leafproof"</b> })}
        <main class="signin">
            <h1>{title}</h1>
            <p>{text(lang, "console.signin.why")}</p>
            {idle}
            {fault}
            <form method="post" action="/signin">
                <label for="f-name">{text(lang, "console.signin.name")}</label>
                <input id="f-name" name="name" required autocomplete="username" autocapitalize="none" spellcheck="false"
                    value=page.name.clone() aria-invalid=invalid aria-describedby=described/>
                <label for="f-password">{text(lang, "console.signin.password")}</label>
                <input id="f-password" name="password" type="password" required autocomplete="current-password"
                    aria-invalid=invalid aria-describedby=described/>
                {page.next.clone().map(|next| view! { <input type="hidden" name="next" value=next/> })}
                <button type="submit">{text(lang, "console.signin.do")}</button>
            </form>
        </main>
        {foot(context, ())}
    };
    let head = view! { <meta name="robots" content="noindex"/> };
    document(context, title.to_owned(), super::STYLE.as_str(), head, body)
}
