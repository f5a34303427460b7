//! Before one thing is done to several letters: how many, and which.

use leptos::prelude::*;
use trace::feedback::Comment;

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::name;
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{counted, fill, text};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Close them.
    Close,
    /// Make them the work of this account, or of nobody.
    Assign(Option<String>),
}

/// The page.
#[derive(Clone, Debug)]
pub struct TickedPage {
    /// Who reads.
    pub reader: Reader,
    /// What is to be done.
    pub deed: Deed,
    /// To these.
    pub letters: Vec<Comment>,
    /// The list that it was asked from.
    pub back: String,
    /// Where the form goes to.
    pub action: String,
    /// Why it cannot be done.
    pub fault: Option<Fault>,
}

/// Draws it.
pub fn page(page: &TickedPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let n = page.letters.len();
    let (key, who) = match &page.deed {
        Deed::Close => (counted(lang, "console.ticked.close", n as u64), None),
        Deed::Assign(None) => (counted(lang, "console.ticked.nobody", n as u64), None),
        Deed::Assign(Some(who)) => (counted(lang, "console.ticked.assign", n as u64), Some(who.clone())),
    };
    let title = match &page.fault {
        Some(_) => text(lang, "console.ticked.not").to_owned(),
        None => fill(lang, key, &[("n", &n.to_string()), ("who", who.as_deref().unwrap_or_default())]),
    };
    let body = match &page.fault {
        Some(fault) => view! { <p class="fault" role="alert">{said(fault, lang)}</p> }.markup(),
        None => form(page, lang),
    };
    let body = view! {
        <main class="list" id="main">
            <h1>{title.clone()}</h1>
            {body}
            <p><a href=page.back.clone()>{text(lang, "console.ticked.back")}</a></p>
        </main>
    };
    frame(&page.reader, "/console/comments", title, 0, body, context)
}

fn form(page: &TickedPage, lang: Lang) -> Markup {
    let joint = if lang == Lang::Zh { "，" } else { ", " };
    let rows: Vec<Markup> = page
        .letters
        .iter()
        .map(|comment| {
            let product = name(&comment.product, lang).unwrap_or(&comment.gtin).to_owned();
            let words = comment.text.clone().filter(|_| comment.held.is_none());
            view! {
                <li>
                    {comment.number()}{joint}{product}
                    <small class="excerpt">{words}</small>
                    <input type="hidden" name="id" value=comment.id.clone()/>
                </li>
            }
            .markup()
        })
        .collect();
    let (deed, to) = match &page.deed {
        Deed::Close => ("close", String::new()),
        Deed::Assign(to) => ("assign", to.clone().unwrap_or_default()),
    };
    view! {
        <form method="post" action=page.action.clone() class="answering">
            <ul class="permissions">{rows}</ul>
            <input type="hidden" name="do" value=deed/>
            <input type="hidden" name="to" value=to/>
            <input type="hidden" name="sure" value="yes"/>
            <button type="submit">{text(lang, if deed == "close" { "console.close" } else { "console.assign.do" })}</button>
        </form>
    }
    .markup()
}
