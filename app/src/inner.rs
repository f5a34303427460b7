//! The page of a code inside a pack: what the tap does, in plain words, and one button. What it says of a used code is no verdict on the pack.

use leptos::prelude::*;
use trace::page::Words;

use crate::context::{Lang, PageContext};
use crate::feedback::receipt::last_six;
use crate::feedback::sheet;
use crate::feedback::words::{day, moment, name};
use crate::markup::{IntoMarkup as _, Markup};
use crate::render::html;
use crate::shell::{document, foot, top_bar};
use crate::texts::{fill, text};

/// How the code stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not used.
    Fresh,
    /// Used by this tap.
    Now {
        /// When. Everybody reads the day of it from now on.
        at_ms: u64,
    },
    /// Used before.
    Spent {
        /// When.
        at_ms: u64,
    },
    /// The number has another owner since.
    Over,
    /// No code of ours.
    Wrong,
    /// Too many wrong codes came from this network.
    Many,
    /// It cannot be looked up just now.
    Busy,
}

/// The page.
#[derive(Clone, Debug)]
pub struct InnerPage {
    /// How the code stands.
    pub state: State,
    /// What the product is called, for whoever has the code.
    pub product: Words,
    /// What its brand is called.
    pub brand: Words,
    /// What the pack's own page says that nobody should miss, in the reader's language.
    pub worries: Vec<String>,
    /// The address outside of the pack, where the code's own names one.
    pub item: Option<String>,
}

impl InnerPage {
    /// With nothing said of the pack.
    pub fn bare(state: State) -> Self {
        Self { state, product: Words::new(), brand: Words::new(), worries: Vec::new(), item: None }
    }
}

/// The page as HTML.
pub fn render(page: &InnerPage, context: &PageContext) -> String {
    html(|| drawn(page, context))
}

fn drawn(page: &InnerPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let (title, leads): (_, Vec<String>) = said(&page.state, lang);
    let about = page.item.as_ref().map(|item| about(page, item, lang));
    let button = (page.state == State::Fresh).then(|| {
        view! {
            <form method="post" action=format!("{}?lang={}", context.here, lang.tag())><button type="submit" class="go">{text(lang, "inner.do")}</button></form>
            <p class="hint">{text(lang, "inner.do.hint")}</p>
        }
    });
    let worries = (!page.worries.is_empty()).then(|| {
        let said: Vec<Markup> = page.worries.iter().map(|worry| view! { <li>{worry.clone()}</li> }.markup()).collect();
        view! {
            <div class="faults" role="alert">
                <p>{text(lang, "inner.worry")}</p>
                <ul>{said}</ul>
                {page.item.as_ref().map(|item| view! { <a href=item.clone()>{text(lang, "inner.worry.page")}</a> })}
            </div>
        }
    });
    let whose = name(&page.brand, lang).unwrap_or("Leafproof").to_owned();
    let leads: Vec<Markup> = leads.into_iter().map(|lead| view! { <p class="to">{lead}</p> }.markup()).collect();
    let acts = page.item.as_ref().map(|item| {
        let write = matches!(page.state, State::Spent { .. } | State::Wrong)
            .then(|| view! { <a href=format!("/feedback{item}")>{text(lang, "inner.write")}</a> });
        view! { <nav class="acts"><a href=item.clone()>{text(lang, "inner.outer")}</a>{write}</nav> }
    });
    let body = view! {
        {top_bar(context, view! { <b>{whose}</b> })}
        <main class="letter inner" id="main">
            <hgroup>
                {about}
                <h1>{title}</h1>
            </hgroup>
            {worries}
            {leads}
            {button}
            {acts}
        </main>
        {foot(context, ())}
    };
    let head = view! { <meta name="robots" content="noindex"/> };
    document(context, title.to_owned(), sheet(), head, body)
}

fn about(page: &InnerPage, item: &str, lang: Lang) -> Markup {
    let serial = last_six(item.rsplit('/').next().unwrap_or_default());
    let product = name(&page.product, lang).map(str::to_owned);
    let of = fill(lang, "inner.serial", &[("serial", &serial)]);
    view! { <p>{product.map(|product| product + if lang == Lang::Zh { "，" } else { ", " })}{of}</p> }.markup()
}

fn said(state: &State, lang: Lang) -> (&'static str, Vec<String>) {
    let say = |key| text(lang, key).to_owned();
    match state {
        State::Fresh => (text(lang, "inner.fresh"), vec![say("inner.fresh.what"), say("inner.fresh.then")]),
        State::Now { at_ms } => {
            let what = fill(lang, "inner.now.what", &[("when", &moment(*at_ms, lang))]);
            (text(lang, "inner.now"), vec![what, fill(lang, "inner.now.then", &[("day", &day(*at_ms, lang))])])
        }
        State::Spent { at_ms } => {
            let what = fill(lang, "inner.spent.what", &[("when", &moment(*at_ms, lang))]);
            (text(lang, "inner.spent"), vec![what, say("inner.spent.then")])
        }
        State::Over => (text(lang, "inner.over"), vec![say("inner.over.what")]),
        State::Wrong => (text(lang, "inner.wrong"), vec![say("inner.wrong.what")]),
        State::Many => (text(lang, "inner.many"), vec![say("inner.many.what")]),
        State::Busy => (text(lang, "inner.busy"), vec![say("inner.busy.what")]),
    }
}
