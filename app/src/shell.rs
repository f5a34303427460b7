//! The document around every page: head, top bar, clauses, foot.

use leptos::prelude::*;

use crate::context::{Lang, PageContext};
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{Piece, fill, pieces, text};

/// A knot on a thread, in ink; drawn here, so that no request asks for it. `public/more.js` has it too.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M8 0v16' stroke='%238a867c'/%3E%3Ccircle cx='8' cy='8' r='5' fill='%238a867c'/%3E%3C/svg%3E";

/// The whole document. `style` is inlined, so that one request shows the page; `head` holds what a page adds (preloads, scripts).
pub fn document(context: &PageContext, title: String, style: impl Into<String>, head: impl IntoView, body: impl IntoView) -> Markup {
    let tint = |colour: &'static str, scheme: &'static str| {
        leptos::html::meta().attr("name", "theme-color").content(colour).attr("media", scheme).markup()
    };
    let tints = [tint("#faf9f5", "(prefers-color-scheme:light)"), tint("#151513", "(prefers-color-scheme:dark)")];
    whole(context, title, ICON, style.into(), view! { {tints} {head} }, body)
}

/// The same for an item's page: its script draws the icon after the check, and nobody waits for its hundred bytes, nor for a tinted toolbar.
pub fn document_of_item(context: &PageContext, title: String, style: String, head: impl IntoView, body: impl IntoView) -> Markup {
    whole(context, title, "data:,", style, head, body)
}

fn whole(context: &PageContext, title: String, icon: &'static str, style: String, head: impl IntoView, body: impl IntoView) -> Markup {
    view! {
        <html lang=language(context.lang)>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover"/>
                <title>{title}</title>
                <meta name="format-detection" content="telephone=no"/>
                <link rel="icon" href=icon/>
                <style inner_html=style></style>
                {head.markup()}
            </head>
            <body>{body.markup()}</body>
        </html>
    }
    .markup()
}

/// The value of `lang` attributes.
pub fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    }
}

/// For whoever goes by keys, before all else: to what the page is about. Seen where it has the focus.
pub fn skip(words: &'static str, to: &'static str) -> Markup {
    view! { <a class="skip" href=to>{words}</a> }.markup()
}

/// The way to the same page in the other language.
pub fn other_language(context: &PageContext, class: Option<&'static str>) -> Markup {
    let (other, word) = match context.lang {
        Lang::En => (Lang::Zh, "中文"),
        Lang::Zh => (Lang::En, "English"),
    };
    view! { <a class=class href=context.in_language(other) lang=language(other) hreflang=language(other)>{word}</a> }.markup()
}

/// Whose page this is, and the same page in the other language.
pub fn top_bar(context: &PageContext, name: impl IntoView) -> Markup {
    view! {
        <header class="top">
            <div class="who">{name.into_view()}</div>
            {other_language(context, Some("tap"))}
        </header>
    }
    .markup()
}

/// A heading with its text and what can be done; from 896 px the heading hangs on the axis.
pub fn clause(id: &'static str, heading: &'static str, body: impl IntoView) -> Markup {
    view! {
        <section class="clause" id=id>
            <h2>{heading}</h2>
            <div>{body.into_view()}</div>
        </section>
    }
    .markup()
}

/// The last lines of every page: whose site this is, and what it never asks for.
pub fn foot(context: &PageContext, more: impl IntoView) -> Markup {
    foot_with(context, more, ())
}

/// The same on a page that checks itself: with what it was checked, for experts.
pub fn foot_of_check(context: &PageContext, more: impl IntoView, also: Option<Markup>) -> Markup {
    let verifier = context.files.verifier_hash.clone().map(|hash| {
        view! {
            <p>
                {text(context.lang, "foot.verifier")} " "
                <code>{hash}</code>
            </p>
        }
    });
    let experts = (verifier.is_some() || also.is_some()).then(|| {
        view! { <details class="table"><summary>{text(context.lang, "foot.experts")}</summary> {verifier} {also}</details> }
    });
    foot_with(context, more, experts)
}

fn foot_with(context: &PageContext, more: impl IntoView, experts: impl IntoView) -> Markup {
    view! {
        <footer class="foot">
            {more.into_view()}
            <p>{fill(context.lang, "foot.site", &[("host", context.host())])}</p>
            {context.demo.then(|| view! { <p>{text(context.lang, "foot.demo")}</p> })}
            {experts.into_view()}
        </footer>
    }
    .markup()
}

/// "on this phone" on narrow screens, "in this browser" on wide ones; one word serves both in Chinese.
pub fn here(lang: Lang) -> Markup {
    let (phone, browser) = (text(lang, "js.here.p"), text(lang, "js.here.b"));
    if phone == browser { phone.markup() } else { view! { <span class="p">{phone}</span><span class="b">{browser}</span> }.markup() }
}

/// A text with values and with "on this phone" at `{here}`.
pub fn say(lang: Lang, key: &'static str, values: &[(&str, &str)]) -> Vec<Markup> {
    pieces(text(lang, key))
        .map(|piece| match piece {
            Piece::Text(words) => words.markup(),
            Piece::Slot("here") => here(lang),
            Piece::Slot(name) => {
                values.iter().find(|(slot, _)| *slot == name).map_or_else(String::new, |(_, value)| (*value).to_owned()).markup()
            }
        })
        .collect()
}

/// Where a code is typed; `hint` is the id of what says which.
pub fn code_input(value: &str, hint: &'static str) -> Markup {
    view! {
        <input
            id="code" name="code" type="text" value=value.to_owned() required autocomplete="off" autocapitalize="characters"
            spellcheck="false" maxlength="400" aria-describedby=hint
        />
    }
    .markup()
}

/// A plain GET form that takes the printed number or the whole address.
pub fn type_form(context: &PageContext, value: &str) -> Markup {
    let lang = context.lang;
    view! {
        <form class="type" id="type" action="/find" method="get" role="search">
            <input type="hidden" name="lang" value=lang.tag()/>
            <label for="code">{text(lang, "type.label")}</label>
            {code_input(value, "code-hint")}
            <p class="hint" id="code-hint">{text(lang, "type.hint")}</p>
            <button class="go">{text(lang, "type.go")}</button>
        </form>
    }
    .markup()
}
