//! Codes of single packs that a brand froze.

use leptos::prelude::*;
use trace::page::{Category, FreezeReason};

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::time;
use crate::markup::{IntoMarkup as _, Markup};
use crate::render::html;
use crate::shell::document;
use crate::texts::{counted, fill, text};

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

/// Codes for the inside of packs that were made together.
#[derive(Clone, Debug)]
pub struct InnerBatchRow {
    /// What they are for.
    pub label: String,
    /// Since when.
    pub at_ms: u64,
    /// How many.
    pub codes: u64,
    /// How many of them were used.
    pub spent: u64,
}

/// The form for more of them, as it came.
#[derive(Clone, Debug, Default)]
pub struct InnerForm {
    /// The packs, one on a line.
    pub items: String,
    /// What the codes are for.
    pub label: String,
    /// A sheet instead of a list.
    pub sheet: bool,
    /// The most at once.
    pub max: usize,
    /// Letters of what they are for.
    pub label_max: usize,
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
    /// Codes for the inside of packs, newest first.
    pub inner: Vec<InnerBatchRow>,
    /// The form for more.
    pub form: InnerForm,
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
pub fn page(page: &CodesPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "codes.title");
    let rows: Vec<Markup> = page.rows.iter().map(|row| frozen(row, lang)).collect();
    let rows = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "codes.none")}</p> }.markup()
    } else {
        view! { <ul class="permissions">{rows}</ul> }.markup()
    };
    let at = |field: &str| page.fault.as_ref().filter(|fault| fault.field == field);
    let beside = |field: &'static str, id: &'static str| {
        at(field).map(|fault| view! { <p class="fault" role="alert" id=id>{said(fault, lang)}</p> })
    };
    let reasons: Vec<Markup> = FreezeReason::ALL
        .into_iter()
        .map(|reason| {
            let chosen = page.reason == Some(reason);
            view! { <option value=reason.value() selected=chosen>{reason_name(reason, lang)}</option> }.markup()
        })
        .collect();
    let described = if at("code").is_some() { "e-code h-code" } else { "h-code" };
    let body = view! {
        <main class="list own" id="main">
            <p><a href="/console/figures">{text(lang, "figures.title")}</a></p>
            <h1>{title}</h1>
            <h2 class="title">{text(lang, "codes.frozen")}</h2>
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
            <h2 class="title">{text(lang, "codes.often")}</h2>
            <p class="soft">{often(lang)}</p>
            {inner(page, lang)}
        </main>
    };
    frame(&page.reader, "/console/figures", title.to_owned(), 0, body, context)
}

fn inner(page: &CodesPage, lang: Lang) -> Markup {
    let rows: Vec<Markup> = page.inner.iter().map(|row| batch(row, lang)).collect();
    let rows = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "codes.inner.none")}</p> }.markup()
    } else {
        view! { <ul class="permissions">{rows}</ul> }.markup()
    };
    let form = &page.form;
    let at = |field: &str| page.fault.as_ref().filter(|fault| fault.field == field);
    let beside = |field: &'static str, id: &'static str| {
        at(field).map(|fault| view! { <p class="fault" role="alert" id=id>{said(fault, lang)}</p> })
    };
    let items = if at("items").is_some() { "e-items h-items" } else { "h-items" };
    let label = if at("label").is_some() { "e-label h-label" } else { "h-label" };
    view! {
        <h2 class="title" id="inner">{text(lang, "codes.inner.title")}</h2>
        <p class="soft">{text(lang, "codes.inner.what")}</p>
        {rows}
        <h2 class="title">{text(lang, "codes.inner.new")}</h2>
        <form method="post" action="/console/codes/inner" class="answering giving">
            {beside("items", "e-items")}
            <label for="f-items">{text(lang, "codes.inner.items")}</label>
            <textarea
                id="f-items" name="items" rows="5" required spellcheck="false" autofocus=at("items").is_some() aria-invalid=at("items").map(|_| "true")
                aria-describedby=items
            >{form.items.clone()}</textarea>
            <p class="hint" id="h-items">{fill(lang, "codes.inner.items.hint", &[("max", &form.max.to_string())])}</p>
            {beside("label", "e-label")}
            <label for="f-label">{text(lang, "codes.inner.label")}</label>
            <input
                id="f-label" name="label" required maxlength=form.label_max.to_string() value=form.label.clone() autocomplete="off"
                autofocus=at("label").is_some()
                aria-invalid=at("label").map(|_| "true") aria-describedby=label
            />
            <p class="hint" id="h-label">{text(lang, "codes.inner.label.hint")}</p>
            <label for="f-as">{text(lang, "codes.inner.as")}</label>
            <select id="f-as" name="as">
                <option value="csv">{text(lang, "codes.inner.as.csv")}</option>
                <option value="sheet" selected=form.sheet>{text(lang, "codes.inner.as.sheet")}</option>
            </select>
            <button type="submit">{text(lang, "codes.inner.do")}</button>
        </form>
    }
    .markup()
}

fn batch(row: &InnerBatchRow, lang: Lang) -> Markup {
    let (n, spent) = (row.codes.to_string(), row.spent.to_string());
    view! {
        <li>
            <p>{row.label.clone()}</p>
            <p>{fill(lang, counted(lang, "codes.inner.batch", row.codes), &[("n", &n), ("spent", &spent)])}</p>
            <p class="soft">{time(row.at_ms, lang)}</p>
        </li>
    }
    .markup()
}

/// A symbol for the inside of a pack.
#[derive(Clone, Debug)]
pub struct SheetCode {
    /// The pack's GTIN.
    pub gtin: String,
    /// Its serial.
    pub serial: String,
    /// The symbol, as an SVG element that we drew.
    pub symbol: String,
}

/// A sheet of them, to print.
pub fn sheet(label: &str, codes: &[SheetCode], context: &PageContext) -> String {
    html(|| {
        let lang = context.lang;
        let title = fill(lang, "codes.inner.sheet", &[("label", label)]);
        let many = codes.len() as u64;
        let what = fill(lang, counted(lang, "codes.inner.sheet.what", many), &[("n", &many.to_string())]);
        let codes: Vec<Markup> = codes
            .iter()
            .map(|code| {
                view! {
                    <li><div inner_html=code.symbol.clone()></div><p>{code.gtin.clone()}<br/><b>{code.serial.clone()}</b></p></li>
                }
                .markup()
            })
            .collect();
        let body = view! {
            <main class="sheet" id="main">
                <p><a href="/console/codes">{text(lang, "codes.title")}</a></p>
                <h1>{title.clone()}</h1>
                <p>{what}</p>
                <ul>{codes}</ul>
            </main>
        };
        let head = view! { <meta name="robots" content="noindex"/> };
        document(context, title, super::STYLE.clone(), head, body)
    })
}

fn frozen(row: &CodeRow, lang: Lang) -> Markup {
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
    .markup()
}
/// From when on a code counts as scanned too often, of both sorts of goods.
fn often(lang: Lang) -> String {
    let (used_up, kept) = (Category::UsedUp.often(), Category::Kept.often());
    let [n, days, more, later] = [used_up.unlike, used_up.days, kept.unlike, kept.days].map(|number| number.to_string());
    fill(lang, "codes.often.what", &[("n", &n), ("days", &days), ("more", &more), ("later", &later)])
}
