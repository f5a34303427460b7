//! The pages beside an item's: unknown code, bad code, the first page, a message.

mod wrong;

use leptos::prelude::*;

use crate::context::PageContext;
use crate::item::voices::voice;
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::{clause, document, foot_of_check, say, top_bar, type_form};
use crate::style;
use crate::texts::{fill, page_words, text};

pub use wrong::wrong_words;

/// One of several things that a typed code may mean.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Canonical Digital Link path.
    pub path: String,
    /// Name of the product in the reader's language; empty where none is known.
    pub name: String,
    /// Name of whoever owns its number, as governance signed it; empty where nobody does.
    pub owner: String,
}

/// One item of the demo on the first page.
#[derive(Clone, Debug)]
pub struct DemoItem {
    /// Canonical Digital Link path.
    pub path: String,
    /// Name of the product in the reader's language.
    pub name: String,
    /// What this item shows, one line.
    pub note: String,
}

fn frame(context: &PageContext, title: String, head: impl IntoView, body: impl IntoView) -> Markup {
    let host = context.host().to_owned();
    let bar = top_bar(context, host).markup();
    let foot = foot_of_check(context, (), None).markup();
    let paper = context.files.later.clone().map(|address| view! { <link rel="stylesheet" href=address media="print"/> });
    document(
        context,
        title,
        style::beside(),
        view! { {paper} {head} },
        view! {
            {bar}
            {body.into_view()}
            {foot}
        },
    )
}

/// No record of a well-formed code.
pub fn unknown(path: &str, ledger_size: u64, reportable: bool, product: Option<&str>, context: &PageContext) -> Markup {
    let lang = context.lang;
    let size = crate::item::grouped(ledger_size);
    let head = crate::item::checks_head(context, path, true, false);
    let dotted = view! { <svg class="m" viewBox="0 0 20 24" aria-hidden="true"><path class="dot" d="M10 2v20"/></svg> };
    let tally = crate::item::voices::tally(0);
    let square = crate::item::voices::square("none");
    let voices = view! {
        <div class="voices">
            {voice("records", dotted.markup(), text(lang, "voice.records"), say(lang, "unknown.records", &[]).markup(), None, false)}
            {voice("code", tally, text(lang, "voice.code"), text(lang, "unknown.codeline").markup(), None, false)}
            {voice("product", square, text(lang, "voice.product"), text(lang, "product.unknown").markup(), None, false)}
        </div>
    };
    let report =
        reportable.then(|| view! { <ul class="acts"><li><a href=format!("/feedback{path}")>{text(lang, "unknown.report")}</a></li></ul> });
    let product = product.map(|product| {
        view! {
            <p>{text(lang, "unknown.product")}</p>
            <ul class="acts"><li><a href=product.to_owned()>{text(lang, "unknown.product.see")}</a></li></ul>
        }
    });
    frame(
        context,
        text(lang, "unknown.title").to_owned(),
        head,
        view! {
            <main class="lone" data-absent="" data-words=page_words(lang, context.files.verifier_hash.as_deref())>
                <div class="name">
                    <p class="from">{text(lang, "unknown.code")} " " <code>{path.to_owned()}</code></p>
                    <h1>{text(lang, "unknown.title")}</h1>
                    <p>{fill(lang, "unknown.size", &[("size", &size)])}</p>
                </div>
                {voices}
                {clause("do", text(lang, "unknown.do"), view! {
                    {type_form(context, "")}
                    {report}
                    {product}
                    <p>{text(lang, "unknown.staff")}</p>
                }.markup())}
                {clause("how", text(lang, "unknown.how"), view! {
                    <p>{text(lang, "unknown.how.1")}</p>
                    <p>{fill(lang, "unknown.how.2", &[("host", context.host())])}</p>
                }.markup())}
                <div class="hand bare">
                    <i class="k" aria-hidden="true"></i>
                    <p>{text(lang, "unknown.thread")}</p>
                </div>
            </main>
        }
        .markup(),
    )
}

/// Not a code at all.
pub fn bad_code(code: &str, wrong: &str, context: &PageContext) -> Markup {
    let lang = context.lang;
    let again = view! {
        {type_form(context, code)}
        <p>{text(lang, "bad.example")}</p>
        <p>{text(lang, "bad.again")}</p>
    };
    let typed = view! {
        <div><dt>{text(lang, "bad.shown")}</dt><dd><code>{code.to_owned()}</code></dd></div>
        <div><dt>{text(lang, "bad.wrong")}</dt><dd>{wrong.to_owned()}</dd></div>
    };
    about_typed(context, "bad.title", typed.markup(), (), "bad.type", again.markup())
}

/// A serial or an ending that leads to no one item: `why` says what to do.
pub fn not_found(code: &str, why: &str, context: &PageContext) -> Markup {
    let why = view! { <p>{why.to_owned()}</p> };
    about_typed(context, "find.title", typed(code, context), why, "find.again", type_form(context, code))
}

/// Several things fit what was typed: the person says which. Where not all of them stand here, how to ask for one alone comes first.
pub fn choose(code: &str, choices: &[Choice], more: bool, context: &PageContext) -> Markup {
    let lang = context.lang;
    let rows = choices
        .iter()
        .map(|choice| {
            let printed = printed(&choice.path);
            let name = if choice.name.is_empty() { printed.clone() } else { choice.name.clone() };
            let below = (name != printed).then(|| view! { <small><code>{printed}</code></small> });
            let owner =
                (!choice.owner.is_empty()).then(|| view! { <small>{fill(lang, "choose.owner", &[("who", &choice.owner)])}</small> });
            view! {
                <li><a href=format!("{}?lang={}", choice.path, lang.tag())>{name}{owner}{below}</a></li>
            }
        })
        .collect_view();
    let all = view! {
        <p>{text(lang, if more { "choose.more" } else { "choose.text" })}</p>
        <ul class="acts">{rows}</ul>
    };
    about_typed(context, "choose.title", typed(code, context), all, "choose.none", type_form(context, code))
}

fn typed(code: &str, context: &PageContext) -> Markup {
    view! { <div><dt>{text(context.lang, "find.typed")}</dt><dd><code>{code.to_owned()}</code></dd></div> }.markup()
}

/// An answer to what a person typed: what it was, what came of it, and the form again.
fn about_typed(
    context: &PageContext,
    title: &'static str,
    typed: Markup,
    said: impl IntoView + 'static,
    again: &'static str,
    form: Markup,
) -> Markup {
    let title = text(context.lang, title);
    frame(
        context,
        title.to_owned(),
        (),
        view! {
            <main class="lone">
                <div class="name">
                    <h1>{title}</h1>
                    <dl class="facts">{typed}</dl>
                    {said}
                </div>
                {clause("do", text(context.lang, again), form)}
            </main>
        }
        .markup(),
    )
}

/// `/01/…/21/…` as it stands under a symbol: `(01) … (21) …`.
fn printed(path: &str) -> String {
    let link = trace::gs1::DigitalLink::from_request(path, None);
    let elements = link.map(|link| link.key().iter().map(|(ai, value)| format!("({ai}) {value}")).collect::<Vec<_>>());
    elements.map_or_else(|_| path.to_owned(), |all| all.join(" "))
}

/// The first page.
pub fn home(items: &[DemoItem], context: &PageContext) -> Markup {
    let lang = context.lang;
    let demo = (!items.is_empty()).then(|| {
        let rows = items
            .iter()
            .map(|item| {
                view! {
                    <li><a href=item.path.clone()>{item.name.clone()}<small>{item.note.clone()}</small></a></li>
                }
            })
            .collect_view();
        clause(
            "demo",
            text(lang, "home.demo"),
            view! {
                <p>{text(lang, "home.demo.text")}</p>
                <ul class="acts">{rows}</ul>
            }
            .markup(),
        )
    });
    frame(
        context,
        text(lang, "home.title").to_owned(),
        (),
        view! {
            <main class="lone">
                <div class="name">
                    <h1>{text(lang, "home.title")}</h1>
                    <p>{text(lang, "home.lead")}</p>
                    {type_form(context, "")}
                </div>
                {demo}
                {clause("how", text(lang, "home.how"), view! {
                    <p>{text(lang, "home.how.1")}</p>
                    <p>{text(lang, "home.how.2")}</p>
                    <p>{text(lang, if context.files.counts { "home.how.counted" } else { "home.how.3" })}</p>
                    <ul class="acts">
                        <li><a href=format!("/demo/?lang={}", lang.tag())>{text(lang, "home.stage")}</a></li>
                        <li><a href="/signin">{text(lang, "home.staff")}</a></li>
                    </ul>
                }.markup())}
            </main>
        }
        .markup(),
    )
}

/// One message.
pub fn message(heading: &str, words: &str, context: &PageContext) -> Markup {
    frame(
        context,
        heading.to_owned(),
        (),
        view! {
            <main class="lone">
                <div class="name">
                    <h1>{heading.to_owned()}</h1>
                    <p>{words.to_owned()}</p>
                    <ul class="acts"><li><a href="/">{text(context.lang, "message.home")}</a></li></ul>
                </div>
            </main>
        }
        .markup(),
    )
}
