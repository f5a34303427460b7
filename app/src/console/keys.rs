//! Keys for a member's programs.

use leptos::prelude::*;

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::day;
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// A key that is good.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// What it is called by; opens nothing.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What it opens, in the words of the record.
    pub opens: Vec<&'static str>,
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
    /// What a key can open, and whether it was ticked.
    pub scopes: [(&'static str, bool); 3],
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// Letters of what a key is for.
    pub label_max: usize,
}

/// The words of what a key opens.
pub fn scope_name(scope: &str, lang: Lang) -> &'static str {
    text(
        lang,
        match scope {
            "capture" => "console.keys.scope.capture",
            "query" => "console.keys.scope.query",
            "letters" => "console.keys.scope.letters",
            _ => "console.keys.scope.other",
        },
    )
}

/// The words of all that a key opens.
pub fn scope_names<'a>(scopes: impl Iterator<Item = &'a str>, lang: Lang) -> String {
    scopes.map(|scope| scope_name(scope, lang)).collect::<Vec<_>>().join(if lang == Lang::Zh { "、" } else { ", " })
}

/// Draws it.
pub fn page(page: &KeysPage, context: &PageContext) -> Markup {
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
    let rows: Vec<Markup> = page
        .keys
        .iter()
        .map(|key| {
            let since = fill(lang, "console.keys.since", &[("id", &key.id), ("day", &day(key.since_ms, lang))]);
            let label = fill(lang, "console.keys.end.of", &[("label", &key.label)]);
            view! {
                <li>
                    <p><b>{key.label.clone()}</b></p>
                    <p>{scope_names(key.opens.iter().copied(), lang)}</p>
                    <p class="soft">{since}</p>
                    <form method="post" action="/console/keys/end">
                        <input type="hidden" name="key" value=key.id.clone()/>
                        <button type="submit" class="quiet" aria-label=label>{text(lang, "console.keys.end")}</button>
                    </form>
                </li>
            }
            .markup()
        })
        .collect();
    let rows = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "console.keys.none")}</p> }.markup()
    } else {
        view! { <ul class="permissions">{rows}</ul> }.markup()
    };
    let at = |field: &str| page.fault.as_ref().filter(|fault| fault.field == field);
    let beside = |field: &'static str, id: &'static str| {
        at(field).map(|fault| view! { <p class="fault" role="alert" id=id>{said(fault, lang)}</p> })
    };
    let described = if at("label").is_some() { "e-label h-label" } else { "h-label" };
    let scopes_described = if at("scopes").is_some() { "e-scopes h-scopes" } else { "h-scopes" };
    let scopes = page.scopes.map(|(scope, ticked)| {
        view! { <label class="tick"><input type="checkbox" name=scope value="on" checked=ticked/> {scope_name(scope, lang)}</label> }
    });
    let body = view! {
        <main class="list own" id="main">
            <p><a href="/console/account">{text(lang, "console.account")}</a></p>
            <h1>{title}</h1>
            <p class="soft">{fill(lang, "console.keys.what", &[("member", &page.member)])}</p>
            {made}
            {rows}
            <h2 class="title">{text(lang, "console.keys.new")}</h2>
            <form method="post" action="/console/keys" class="answering giving">
                {beside("label", "e-label")}
                <label for="f-label">{text(lang, "console.keys.label")}</label>
                <input
                    id="f-label" name="label" required maxlength=page.label_max.to_string() value=page.typed.clone() autocomplete="off"
                    aria-invalid=at("label").map(|_| "true") aria-describedby=described
                />
                <p class="hint" id="h-label">{text(lang, "console.keys.hint")}</p>
                {beside("scopes", "e-scopes")}
                <fieldset aria-describedby=scopes_described>
                    <legend>{text(lang, "console.keys.scopes")}</legend>
                    {scopes}
                    <p class="hint" id="h-scopes">{text(lang, "console.keys.scopes.hint")}</p>
                </fieldset>
                <button type="submit">{text(lang, "console.keys.do")}</button>
            </form>
        </main>
    };
    frame(&page.reader, "/console/account", title.to_owned(), 0, body, context)
}
