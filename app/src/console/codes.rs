//! Codes of single packs that a brand froze.

use leptos::prelude::*;
use trace::page::FreezeReason;

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::time;
use crate::texts::{fill, text};

/// A frozen code.
#[derive(Clone, Debug)]
pub struct CodeRow {
    /// The item's address on this site.
    pub item: String,
    /// Why.
    pub reason: Option<FreezeReason>,
    /// Since when.
    pub at_ms: u64,
    /// By which account.
    pub by: String,
}

/// The page.
#[derive(Clone, Debug)]
pub struct CodesPage {
    /// Who reads.
    pub reader: Reader,
    /// What the member is called.
    pub member: String,
    /// Frozen codes, newest first.
    pub rows: Vec<CodeRow>,
    /// The code as it was typed.
    pub code: String,
    /// The reason that was chosen.
    pub reason: Option<FreezeReason>,
    /// What is wrong.
    pub fault: Option<Fault>,
    /// Bytes of what is typed.
    pub code_max: usize,
}

/// The words of a reason.
pub fn reason_name(reason: FreezeReason, lang: Lang) -> &'static str {
    text(
        lang,
        match reason {
            FreezeReason::Stolen => "codes.reason.stolen",
            FreezeReason::Copied => "codes.reason.copied",
            FreezeReason::Withdrawn => "codes.reason.withdrawn",
        },
    )
}

/// Draws it.
pub fn page(page: &CodesPage, context: &PageContext) -> AnyView {
    let lang = context.lang;
    let title = text(lang, "codes.title");
    let rows: Vec<AnyView> = page.rows.iter().map(|row| frozen(row, lang)).collect();
    let rows = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "codes.none")}</p> }.into_any()
    } else {
        view! { <ul class="permissions">{rows}</ul> }.into_any()
    };
    let at = |field: &str| page.fault.as_ref().filter(|fault| fault.field == field);
    let beside = |field: &'static str, id: &'static str| {
        at(field).map(|fault| view! { <p class="fault" role="alert" id=id>{said(fault, lang)}</p> })
    };
    let reasons: Vec<AnyView> = FreezeReason::ALL
        .into_iter()
        .map(|reason| {
            let chosen = page.reason == Some(reason);
            view! { <option value=reason.value() selected=chosen>{reason_name(reason, lang)}</option> }.into_any()
        })
        .collect();
    let described = if at("code").is_some() { "e-code h-code" } else { "h-code" };
    let body = view! {
        <main class="list own" id="main">
            <p><a href="/console/figures">{text(lang, "figures.title")}</a></p>
            <h1>{title}</h1>
            <p class="soft">{fill(lang, "codes.what", &[("member", &page.member)])}</p>
            {rows}
            <h2 class="title">{text(lang, "codes.new")}</h2>
            <form method="post" action="/console/codes" class="answering giving">
                {beside("code", "e-code")}
                <label for="f-code">{text(lang, "codes.code")}</label>
                <input
                    id="f-code" name="code" required maxlength=page.code_max.to_string() value=page.code.clone() autocomplete="off"
                    spellcheck="false" aria-invalid=at("code").map(|_| "true") aria-describedby=described
                />
                <p class="hint" id="h-code">{text(lang, "codes.code.hint")}</p>
                {beside("reason", "e-reason")}
                <label for="f-reason">{text(lang, "codes.reason")}</label>
                <select
                    id="f-reason" name="reason" required
                    aria-invalid=at("reason").map(|_| "true") aria-describedby=at("reason").map(|_| "e-reason")
                >
                    <option value="">{text(lang, "codes.reason.choose")}</option>
                    {reasons}
                </select>
                <button type="submit">{text(lang, "codes.do")}</button>
            </form>
        </main>
    };
    frame(&page.reader, "/console/figures", title.to_owned(), 0, body, context)
}

fn frozen(row: &CodeRow, lang: Lang) -> AnyView {
    let reason = row.reason.map_or("", |reason| reason_name(reason, lang));
    let label = fill(lang, "codes.release.of", &[("item", &row.item)]);
    view! {
        <li>
            <p><a href=row.item.clone()>{row.item.clone()}</a></p>
            <p>{reason}</p>
            <p class="soft">{row.by.clone()} ", " {time(row.at_ms, lang)}</p>
            <form method="post" action="/console/codes/release">
                <input type="hidden" name="item" value=row.item.clone()/>
                <button type="submit" class="quiet" aria-label=label>{text(lang, "codes.release")}</button>
            </form>
        </li>
    }
    .into_any()
}
