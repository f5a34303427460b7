//! The answers that a desk keeps ready: each a form of its own, and one for a new one.

use leptos::prelude::*;
use trace::feedback::limits::{ANSWER_CHARS_MAX, READY_TITLE_CHARS_MAX};

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::escape;
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// A ready answer, or what was typed for one.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its id; empty for a new one.
    pub id: String,
    /// Title.
    pub title: String,
    /// Words.
    pub text: String,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// The page.
#[derive(Clone, Debug)]
pub struct ReadyPage {
    /// Who reads.
    pub reader: Reader,
    /// Those that are kept, by title.
    pub entries: Vec<Entry>,
    /// What was typed for a new one.
    pub new: Entry,
    /// The places that a letter fills.
    pub slots: &'static [&'static str],
    /// How many there can be.
    pub max: usize,
}

/// The sentence of a place.
fn slot_words(slot: &str, lang: Lang) -> &'static str {
    text(
        lang,
        match slot {
            "{product}" => "console.slot.product",
            "{item}" => "console.slot.item",
            "{lot}" => "console.slot.lot",
            "{store}" => "console.slot.store",
            "{brand}" => "console.slot.brand",
            "{number}" => "console.slot.number",
            _ => "console.slot.day",
        },
    )
}

/// Draws it.
pub fn page(page: &ReadyPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let title = text(lang, "console.ready");
    let slots: Vec<Markup> =
        page.slots.iter().map(|slot| view! { <dt><code>{*slot}</code></dt><dd>{slot_words(slot, lang)}</dd> }.markup()).collect();
    let entries: Vec<Markup> = page.entries.iter().map(|entry| kept(entry, lang)).collect();
    let new = if page.entries.len() < page.max || page.new.fault.is_some() {
        view! { <h2 class="title">{text(lang, "console.ready.new")}</h2> {form(&page.new, lang)} }.markup()
    } else {
        view! { <p class="soft">{fill(lang, "console.ready.full", &[("max", &page.max.to_string())])}</p> }.markup()
    };
    let body = view! {
        <main class="list ready" id="main">
            <h1>{title}</h1>
            <p class="soft">{text(lang, "console.ready.what")}</p>
            <p><a href="/console/comments">{text(lang, "console.list")}</a></p>
            {entries}
            {new}
            <h2 class="title">{text(lang, "console.slots")}</h2>
            <dl class="slots">{slots}</dl>
        </main>
    };
    frame(&page.reader, "/console/comments", title.to_owned(), 0, body, context)
}

/// One that is kept: a line, with its form behind it.
fn kept(entry: &Entry, lang: Lang) -> Markup {
    let remove = format!("/console/answers/{}/remove", entry.id);
    let label = fill(lang, "console.ready.remove.of", &[("title", &entry.title)]);
    view! {
        <details class="kept" open=entry.fault.is_some()>
            <summary>{entry.title.clone()}</summary>
            {form(entry, lang)}
            <form method="post" action=remove><button type="submit" class="quiet" aria-label=label>{text(lang, "console.ready.remove")}</button></form>
        </details>
    }
    .markup()
}

fn form(entry: &Entry, lang: Lang) -> Markup {
    let key = if entry.id.is_empty() { "new" } else { &entry.id };
    let (title, words, hint) = (format!("t-{key}"), format!("w-{key}"), format!("e-{key}"));
    let fault = entry.fault.as_ref().map(|fault| view! { <p class="fault" id=hint.clone() role="alert">{said(fault, lang)}</p> });
    let described = entry.fault.as_ref().map(|_| hint);
    let wrong = |field: &str| entry.fault.as_ref().filter(|fault| fault.field == field).map(|_| "true");
    let (title_wrong, text_wrong) = (wrong("title"), wrong("text"));
    view! {
        <form method="post" action="/console/answers" class="answering giving">
            {fault}
            <input type="hidden" name="id" value=entry.id.clone()/>
            <label for=title.clone()>{text(lang, "console.ready.title")}</label>
            <input id=title name="title" required maxlength=READY_TITLE_CHARS_MAX.to_string() value=entry.title.clone()
                aria-invalid=title_wrong aria-describedby=described.clone()/>
            <label for=words.clone()>{text(lang, "console.ready.text")}</label>
            <textarea id=words name="text" rows="5" required maxlength=ANSWER_CHARS_MAX.to_string()
                aria-invalid=text_wrong aria-describedby=described inner_html=escape(&entry.text)></textarea>
            <button type="submit">{text(lang, "console.ready.do")}</button>
        </form>
    }
    .markup()
}
