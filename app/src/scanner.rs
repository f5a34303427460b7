//! The staff scanner at `/scanner/`: the frame in which `public/scanner.js` says whether an item may be sold. The server says nothing of any
//! item here, and no advice: those come from the check in the browser alone.

use std::sync::LazyLock;

use leptos::prelude::*;

use crate::context::{Lang, PageContext};
use crate::markup::Markup;
use crate::render;
use crate::shell::{code_input, document, other_language};
use crate::style;
use crate::texts::text;

static STYLE: LazyLock<String> = LazyLock::new(|| style::plain().to_owned() + &style::small(include_str!("../../style/scanner.css")));

/// The page.
pub fn page(context: &PageContext) -> String {
    render::html(|| frame(context))
}

fn frame(context: &PageContext) -> Markup {
    let lang = context.lang;
    let licence = context.files.reader_licence.clone().map(|at| view! { " " <a href=at>{text(lang, "scanner.licence")}</a> });
    let body = view! {
        <main class="scanner" data-lang=lang.tag() data-keep=kept(context)>
            <header class="top">
                <span class="who">{text(lang, "scanner.title")}</span>
                <span class="links">
                    <a class="tap" href=format!("/demo/?lang={}", lang.tag())>{text(lang, "scanner.stage")}</a>
                    {other_language(context, Some("tap"))}
                </span>
            </header>
            // It scrolls, so keys reach it.
            <div class="both" tabindex="0">
                <section class="now">
                    <video class="seeing" muted playsinline hidden></video>
                    <div class="advice" role="status">
                        <svg class="m" viewBox="0 0 48 48" aria-hidden="true">
                            <path class="whole" d="M8 8h32v32H8z"/>
                            <path class="open" d="M9 9h30v30H9z"/>
                            <path class="struck" d="M4 44L44 4"/>
                        </svg>
                        <h1>{text(lang, "scanner.heading")}</h1>
                        <p class="line">{text(lang, "scanner.lead")}</p>
                        <div class="told"></div>
                    </div>
                    <ul class="choices"></ul>
                    <noscript><p class="warn">{text(lang, "scanner.off")}</p></noscript>
                </section>
                <section class="seen">
                    <h2>{text(lang, "scanner.list")}</h2>
                    <p class="quiet none">{text(lang, "scanner.list.none")}</p>
                    <ol></ol>
                    <button type="button" class="clear" hidden></button>
                    <p class="quiet">{text(lang, "scanner.list.note")}</p>
                    <p class="quiet">{text(lang, "scanner.limit")}</p>
                    <p class="quiet">{text(lang, "scanner.free")} {licence}</p>
                    {context.demo.then(|| view! { <p class="quiet">{text(lang, "foot.demo")}</p> })}
                    <p class="quiet ready" hidden>{text(lang, "scanner.ready")}</p>
                </section>
            </div>
            <div class="hands">
                // Without scripts it opens the item's own page.
                <form class="type" action="/find" method="get" role="search">
                    <input type="hidden" name="lang" value=lang.tag()/>
                    <label for="code">{text(lang, "scanner.type.label")}</label>
                    <div class="row">{code_input("", "hint")} <button class="go">{text(lang, "scanner.type.go")}</button></div>
                    <p class="quiet" id="hint">{text(lang, "scanner.type.hint")}</p>
                </form>
                <input type="file" accept="image/*" capture="environment" aria-label=text(lang, "scanner.photo") hidden/>
                <nav class="bar" aria-label=text(lang, "scanner.bar") hidden>
                    <button type="button" class="typing">{text(lang, "scanner.type")}</button>
                    <button type="button" class="photo">{text(lang, "scanner.photo")}</button>
                    <button type="button" class="scan">{text(lang, "scanner.scan")}</button>
                </nav>
            </div>
        </main>
    };
    let scripts = context.scripts().map(|scripts| {
        view! {
            <script src=scripts.page.clone() defer></script>
            <script src=scripts.reader.clone() defer></script>
            <script src=scripts.scanner.clone() defer></script>
        }
    });
    let head = view! { <meta name="robots" content="noindex"/> {scripts} };
    document(context, text(lang, "scanner.title").to_owned(), STYLE.as_str(), head, body)
}

/// All that has to be there without a network, in both languages; the reader's files are named by `public/reader.js`, where they are needed.
fn kept(context: &PageContext) -> String {
    let files = &context.files;
    let pages = [Lang::En, Lang::Zh].map(|lang| format!("/scanner/?lang={}", lang.tag()));
    let scripts = [&files.scripts_en, &files.scripts_zh].into_iter().flatten();
    let scripts = scripts.flat_map(|scripts| [scripts.page.clone(), scripts.reader.clone(), scripts.scanner.clone()]);
    let all = pages.into_iter().chain(["/scanner/".to_owned(), "/policy".to_owned()]).chain(scripts).chain(files.verifier.clone());
    all.collect::<Vec<_>>().join(" ")
}
