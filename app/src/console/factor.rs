//! The second factor: setting it up, its recovery codes, and the code at sign-in.

use leptos::prelude::*;

use super::account::field;
use super::team::colon;
use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::{document, foot, top_bar};
use crate::texts::{fill, text};

/// What is shown to set it up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The seed of the secret, which comes back with the form.
    pub seed: String,
    /// The secret, for an app that cannot scan.
    pub secret: String,
    /// Path data of the symbol's dark modules, and the length of a side in modules.
    pub symbol: (String, usize),
}

/// The page.
#[derive(Clone, Debug)]
pub struct FactorPage {
    /// Who reads.
    pub reader: Reader,
    /// There where it is off.
    pub setup: Option<Setup>,
    /// It is asked of every account.
    pub required: bool,
    /// What is wrong: in the fields `code` or `password` of setting up, or in `stop` or `codes`.
    pub fault: Option<Fault>,
    /// New recovery codes, shown this once.
    pub codes: Vec<String>,
}

/// Draws it.
pub fn page(page: &FactorPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "console.factor");
    let inside = if !page.codes.is_empty() {
        codes(&page.codes, lang)
    } else if let Some(setup) = &page.setup {
        begin(setup, page, lang)
    } else {
        on(page, lang)
    };
    let body = view! {
        <main class="list ready own" id="main">
            <p><a href="/console/account">{text(lang, "console.account")}</a></p>
            <h1>{title}</h1>
            {inside}
        </main>
    };
    frame(&page.reader, "/console/account", title.to_owned(), 0, body, context)
}

fn codes(codes: &[String], lang: Lang) -> Markup {
    let rows: Vec<Markup> = codes.iter().map(|code| view! { <li><code>{code.clone()}</code></li> }.markup()).collect();
    view! {
        <section class="news" role="status">
            <h2 class="title">{text(lang, "console.factor.codes")}</h2>
            <p>{text(lang, "console.factor.codes.what")}</p>
            <ol class="codes">{rows}</ol>
        </section>
        <p><a href="/console/account">{text(lang, "console.factor.done")}</a></p>
    }
    .markup()
}

fn alert(page: &FactorPage, fields: &[&str], lang: Lang) -> Option<Markup> {
    let fault = page.fault.as_ref().filter(|fault| fields.contains(&fault.field))?;
    Some(view! { <p class="fault" role="alert" id="e-password">{said(fault, lang)}</p> }.markup())
}

fn begin(setup: &Setup, page: &FactorPage, lang: Lang) -> Markup {
    let (path, side) = setup.symbol.clone();
    let wrong = page.fault.as_ref().filter(|fault| fault.field == "code").map(|_| "true");
    let described = page.fault.as_ref().map(|_| "e-password");
    let groups: Vec<String> = setup.secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    view! {
        {page.required.then(|| view! { <p class="news">{text(lang, "console.factor.required")}</p> })}
        <p>{text(lang, "console.factor.what")}</p>
        <svg class="symbol" viewBox=format!("0 0 {side} {side}") role="img" aria-label=text(lang, "console.factor.symbol") shape-rendering="crispEdges">
            <path fill="#fff" d=format!("M0 0h{side}v{side}H0z")/>
            <path fill="#000" d=path/>
        </svg>
        <p>{text(lang, "console.factor.secret")} {colon(lang)}<code class="typed">{groups.join(" ")}</code></p>
        <form method="post" action="/console/account/factor" class="answering giving">
            {alert(page, &["code", "password", "", "stop", "codes"], lang)}
            <input type="hidden" name="seed" value=setup.seed.clone()/>
            <label for="f-code">{text(lang, "console.factor.code")}</label>
            <input
                id="f-code" name="code" class="code" required inputmode="numeric" maxlength="12" autocomplete="one-time-code" aria-invalid=wrong
                aria-describedby=described
            />
            {field("password", "console.factor.password", "current-password", page.fault.as_ref(), None, lang)}
            <button type="submit">{text(lang, "console.factor.do")}</button>
        </form>
    }
    .markup()
}

fn on(page: &FactorPage, lang: Lang) -> Markup {
    let stop = if page.required {
        view! { <p class="soft">{text(lang, "console.factor.stop.required")}</p> }.markup()
    } else {
        by_password(page, "stop", "/console/account/factor/off", text(lang, "console.factor.stop"), lang)
    };
    let codes = by_password(page, "codes", "/console/account/factor/codes", text(lang, "console.factor.codes.do"), lang);
    view! {
        <h2 class="title">{text(lang, "console.factor.codes")}</h2>
        <p class="soft">{text(lang, "console.factor.codes.note")}</p>
        {codes}
        <h2 class="title">{text(lang, "console.factor.stop")}</h2>
        {stop}
    }
    .markup()
}

/// A form that asks for the account's password and nothing else. `name` is where its fault is shown.
fn by_password(page: &FactorPage, name: &'static str, action: &'static str, does: &'static str, lang: Lang) -> Markup {
    let id = format!("f-{name}");
    view! {
        <form method="post" action=action class="answering giving">
            {alert(page, &[name], lang)}
            <label for=id.clone()>{text(lang, "console.factor.password")}</label>
            <input id=id name="password" type="password" required maxlength="400" autocomplete="current-password"/>
            <button type="submit" class="quiet">{does}</button>
        </form>
    }
    .markup()
}

/// The second step of signing in.
#[derive(Clone, Debug)]
pub struct CodePage {
    /// What the first step gave, which comes back with the form.
    pub half: String,
    /// Where to go afterwards, a path of this site.
    pub next: Option<String>,
    /// What went wrong: minutes to wait, or the code.
    pub fault: Option<Option<u64>>,
}

/// Draws it.
pub fn code(page: &CodePage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let title = text(lang, "console.code.title");
    let fault = page.fault.map(|wait| {
        let words = match wait {
            Some(minutes) => fill(lang, "console.code.wait", &[("n", &minutes.to_string())]),
            None => text(lang, "console.code.wrong").to_owned(),
        };
        view! { <p class="fault" role="alert" id="e-code">{words}</p> }
    });
    let (invalid, described) = (page.fault.map(|_| "true"), page.fault.map(|_| "e-code"));
    let body = view! {
        {top_bar(context, view! { <b>"Leafproof"</b> })}
        <main class="signin" id="main">
            <h1>{title}</h1>
            <p>{text(lang, "console.code.why")}</p>
            {fault}
            <form method="post" action="/signin/code">
                <input type="hidden" name="half" value=page.half.clone()/>
                {page.next.clone().map(|next| view! { <input type="hidden" name="next" value=next/> })}
                <label for="f-code">{text(lang, "console.code.field")}</label>
                <input
                    id="f-code" name="code" class="code" required maxlength="24" autocomplete="one-time-code" autocapitalize="none" spellcheck="false"
                    aria-invalid=invalid aria-describedby=described
                />
                <button type="submit">{text(lang, "console.code.do")}</button>
            </form>
            <p><a href="/signin">{text(lang, "console.signin")}</a></p>
        </main>
        {foot(context, ())}
    };
    let head = view! { <meta name="robots" content="noindex"/> };
    document(context, title.to_owned(), super::STYLE.as_str(), head, body)
}
