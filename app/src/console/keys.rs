//! Keys for a member's programs.

use leptos::prelude::*;

use super::{Reader, frame};
use crate::context::PageContext;
use crate::feedback::form::{Fault, said};
use crate::feedback::words::day;
use crate::texts::{fill, text};

/// A key that is good.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// What it is called by; opens nothing.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// Since when.
    pub since_ms: u64,
}

/// The page.
#[derive(Clone, Debug)]
pub struct KeysPage {
    /// Who reads.
    pub reader: Reader,
    /// What the member is called.
    pub member: String,
    /// Its keys, newest first.
    pub keys: Vec<KeyRow>,
    /// A key that was just made: it is shown this once.
    pub made: Option<String>,
    /// What was typed.
    pub typed: String,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// Letters of what a key is for.
    pub label_max: usize,
}

/// Draws it.
pub fn page(page: &KeysPage, context: &PageContext) -> AnyView {
    let lang = context.lang;
    let title = text(lang, "console.keys");
    let made = page.made.as_ref().map(|key| {
        view! {
            <section class="news" role="status">
                <h2 class="title">{text(lang, "console.keys.made")}</h2>
                <p class="secret"><code>{key.clone()}</code></p>
                <p>{text(lang, "console.keys.made.what")}</p>
            </section>
        }
    });
    let rows: Vec<AnyView> = page
        .keys
        .iter()
        .map(|key| {
            let since = fill(lang, "console.keys.since", &[("id", &key.id), ("day", &day(key.since_ms, lang))]);
            let label = fill(lang, "console.keys.end.of", &[("label", &key.label)]);
            view! {
                <li>
                    <p><b>{key.label.clone()}</b></p>
                    <p class="soft">{since}</p>
                    <form method="post" action="/console/keys/end">
                        <input type="hidden" name="key" value=key.id.clone()/>
                        <button type="submit" class="quiet" aria-label=label>{text(lang, "console.keys.end")}</button>
                    </form>
                </li>
            }
            .into_any()
        })
        .collect();
    let rows = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "console.keys.none")}</p> }.into_any()
    } else {
        view! { <ul class="permissions">{rows}</ul> }.into_any()
    };
    let (invalid, described) = (page.fault.as_ref().map(|_| "true"), if page.fault.is_some() { "e-label h-label" } else { "h-label" });
    let body = view! {
        <main class="list own" id="main">
            <p><a href="/console/account">{text(lang, "console.account")}</a></p>
            <h1>{title}</h1>
            <p class="soft">{fill(lang, "console.keys.what", &[("member", &page.member)])}</p>
            {made}
            {rows}
            <h2 class="title">{text(lang, "console.keys.new")}</h2>
            <form method="post" action="/console/keys" class="answering giving">
                {page.fault.as_ref().map(|fault| view! { <p class="fault" role="alert" id="e-label">{said(fault, lang)}</p> })}
                <label for="f-label">{text(lang, "console.keys.label")}</label>
                <input
                    id="f-label" name="label" required maxlength=page.label_max.to_string() value=page.typed.clone() autocomplete="off"
                    aria-invalid=invalid aria-describedby=described
                />
                <p class="hint" id="h-label">{text(lang, "console.keys.hint")}</p>
                <button type="submit">{text(lang, "console.keys.do")}</button>
            </form>
        </main>
    };
    frame(&page.reader, "/console/account", title.to_owned(), 0, body, context)
}
