//! Store mode: the item's page on a stage, for a tablet that staff hold towards a doubting customer. Six scenes in one document, so that
//! nothing has to be loaded between them; `public/stage.js` shows one at a time, checks, breaks and mends.
//!
//! It shows the facts of the item's page, marked in the same way, and says nothing of the result of any check: that is the script's.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use leptos::prelude::*;
use trace::page::{ItemPage, Level, Node, ProductStatus};

use crate::context::{Lang, PageContext};
use crate::item::node::card;
use crate::marks::{fact, plain, words, words_of};
use crate::markup::{IntoMarkup as _, Markup};
use crate::render;
use crate::shell::{code_input, document, other_language};
use crate::style;
use crate::texts::{counted, fill, text};

static STYLE: LazyLock<String> = LazyLock::new(|| style::plain().to_owned() + &style::small(include_str!("../../style/stage.css")));

/// Scenes of the stage.
const SCENES: usize = 6;
/// As many tiles as one screen holds without scrolling.
pub const TILES_MAX: usize = 6;

/// Goods that can be chosen at the start.
#[derive(Clone, Debug)]
pub struct Tile {
    /// Canonical Digital Link path.
    pub path: String,
    /// Name of the product in the reader's language.
    pub name: String,
    /// One line about it.
    pub note: String,
    /// Address of its picture.
    pub picture: Option<String>,
}

/// What came of a typed code that leads to no stage.
#[derive(Clone, Debug)]
pub struct Said {
    /// What was typed.
    pub code: String,
    /// Why it leads nowhere, or that there is a choice.
    pub why: String,
    /// The tiles are what fits.
    pub several: bool,
}

/// Where staff choose what to show: tiles, and a number to type.
pub fn start(tiles: &[Tile], said: Option<&Said>, context: &PageContext) -> String {
    render::html(|| start_page(tiles, said, context))
}

/// The stage of an item, a batch or a product. `other` is the address of another product's item, whose record is the stranger's.
pub fn scenes(page: &ItemPage, other: Option<&str>, context: &PageContext) -> String {
    render::html(|| stage(page, other, context))
}

fn start_page(tiles: &[Tile], said: Option<&Said>, context: &PageContext) -> Markup {
    let lang = context.lang;
    let shelf = tiles
        .iter()
        .map(|tile| {
            let picture = tile.picture.clone().map(|at| view! { <img src=at alt="" width="160" height="120"/> });
            view! {
                <li>
                    <a href=format!("/demo{}?lang={}", tile.path, lang.tag())>
                        {picture}<b>{tile.name.clone()}</b><small>{tile.note.clone()}</small>
                    </a>
                </li>
            }
        })
        .collect_view();
    let heading = if said.is_some_and(|said| said.several) { "stage.start.choices" } else { "stage.start.tiles" };
    let shelf = (!tiles.is_empty()).then(|| view! { <h2 class="quiet">{text(lang, heading)}</h2> <ul class="tiles">{shelf}</ul> });
    let value = said.map_or("", |said| said.code.as_str());
    let why = said.map(|said| view! { <p class="warn" id="why" role="alert">{said.why.clone()}</p> });
    let body = view! {
        <main class="start" data-lang=lang.tag()>
            <header class="top">
                <span class="quiet">{text(lang, "stage.title")}</span>
                <span class="links">{other_language(context, None)} <a href="/">{text(lang, "stage.start.leave")}</a></span>
            </header>
            <h1>{text(lang, "stage.start.heading")}</h1>
            <p class="lead">{text(lang, "stage.start.lead")}</p>
            <form class="type" action="/demo/find" method="get" role="search">
                <input type="hidden" name="lang" value=lang.tag()/>
                <label for="code">{text(lang, "stage.start.type")}</label>
                {code_input(value, "hint")}
                <button class="main">{text(lang, "stage.start.go")}</button>
                <button type="button" class="scan needs" hidden>{text(lang, "stage.start.scan")}</button>
                <button type="button" class="photo needs" hidden>{text(lang, "stage.start.photo")}</button>
                <input type="file" accept="image/*" capture="environment" aria-label=text(lang, "stage.start.photo") hidden/>
                <p class="quiet" id="hint">{text(lang, "stage.start.hint")}</p>
                {why}
                <p class="warn" id="seen" role="status"></p>
            </form>
            <video class="seeing" muted playsinline hidden></video>
            // The script fills it with what was shown on this device last, which it has here without a network too.
            <section class="shelf" hidden><h2 class="quiet">{text(lang, "stage.start.shelf")}</h2><ul class="tiles"></ul></section>
            {shelf}
            <p class="quiet ways">
                <a href=format!("/scanner/?lang={}", lang.tag())>{text(lang, "stage.start.scanner")}</a>
                {tiles.first().map(|tile| view! {
                    " " <a href=format!("/demo{}?lang={}#loop", tile.path, lang.tag())>{text(lang, "stage.start.loop")}</a>
                })}
                " " <span class="needs" data-ready="" hidden></span>
            </p>
            <p class="quiet foot">
                {text(lang, "stage.start.free")} " " {context.demo.then(|| text(lang, "stage.start.demo"))}
            </p>
        </main>
    };
    let reader = context.scripts().map(|scripts| view! { <script src=scripts.reader.clone() defer></script> });
    framed(context, text(lang, "stage.title").to_owned(), reader.markup(), body.markup())
}

/// Head and scripts: the page's own, which brings formats and the verifier's loader, what reads codes where one is asked for, then the stage's.
fn framed(context: &PageContext, title: String, reader: Markup, body: Markup) -> Markup {
    let scripts = context.scripts().map(|scripts| {
        view! {
            <script src=scripts.page.clone() defer></script>
            {reader}
            <script src=scripts.stage.clone() defer></script>
        }
    });
    let head = view! { <meta name="robots" content="noindex"/> {scripts} };
    document(context, title, STYLE.as_str(), head, body)
}

/// All that has to be there without a network: this page and the first in both languages, with their scripts.
fn kept(path: &str, context: &PageContext) -> String {
    let files = &context.files;
    let mut all: Vec<String> = [Lang::En, Lang::Zh]
        .into_iter()
        .flat_map(|lang| [format!("/demo{path}?lang={}", lang.tag()), format!("/demo/?lang={}", lang.tag())])
        .chain([format!("/demo{path}"), "/demo/".to_owned(), "/policy".to_owned(), format!("/bundle{path}"), format!("/qr/svg{path}")])
        .collect();
    all.extend(
        [&files.scripts_en, &files.scripts_zh]
            .into_iter()
            .flatten()
            .flat_map(|scripts| [scripts.page.clone(), scripts.reader.clone(), scripts.stage.clone()]),
    );
    all.extend(files.verifier.clone());
    all.join(" ")
}

fn stage(page: &ItemPage, other: Option<&str>, context: &PageContext) -> Markup {
    let lang = context.lang;
    let head = &page.headline;
    let name = plain(&head.name, lang).unwrap_or_else(|| page.path.clone());
    let title = format!("{name} · {}", text(lang, "stage.title"));
    let knots = page.nodes.iter().map(|node| knot(node, lang)).collect_view();
    let cards = page.nodes.iter().map(|node| card(node, page.owned, context)).collect_view();
    let shown = words_of(head.entry, &head.name, lang).unwrap_or_else(|| page.path.clone().markup());
    let body = view! {
        <main
            class="stage" data-stage=page.path.clone() data-other=other.map(str::to_owned) data-demo=context.demo.then_some("")
            data-keep=kept(&page.path, context)
        >
            <svg class="demo" viewBox="0 0 1024 768" preserveAspectRatio="xMidYMid meet" aria-hidden="true">
                <text transform="rotate(-24 512 384)" x="512" y="500" text-anchor="middle">"DEMO"</text>
            </svg>
            <nav class="rail" aria-label=text(lang, "stage.rail")>
                <ol class="line">{knots}</ol>
                <p class="hand"><i class="k" aria-hidden="true"></i><span class="t">{text(lang, "stage.hand")}</span></p>
            </nav>
            <div class="set">
                <header class="top">
                    <p class="said" role="status"></p>
                    <p class="quiet what">{shown}</p>
                    <span class="links">
                        <button type="button" class="link notes" aria-pressed="false">{text(lang, "stage.notes")}</button>
                        {other_language(context, None)}
                        <a class="out" href=format!("/demo/?lang={}", lang.tag())>{text(lang, "stage.leave")}</a>
                    </span>
                </header>
                {recalls(page, lang)}
                <noscript><p class="warn">{text(lang, "stage.off")}</p></noscript>
                {(1..=SCENES).map(|k| scene(k, page, context)).collect_view()}
                <div class="cards">{cards}</div>
                <section class="scene none" hidden><h1></h1><p class="lead"></p></section>
                {bar(lang)}
            </div>
            <p class="quiet sheet" aria-hidden="true">{text(lang, "stage.sheet")}</p>
        </main>
    };
    framed(context, title, ().markup(), body.markup())
}

/// What nobody may sell: it is said over every scene, and what to do with it.
fn recalls(page: &ItemPage, lang: Lang) -> Markup {
    let alerts = page.notices.iter().filter(|notice| notice.red).map(|notice| {
        view! {
            <p class="recall" data-e=notice.entry.to_string()>
                <b>{words(&notice.what_to_do, lang)}</b> " " {text(lang, "stage.recalled")}
            </p>
        }
    });
    let over = matches!(page.product, ProductStatus::Expired(_)).then(|| view! { <p class="recall">{text(lang, "stage.expired")}</p> });
    view! { {alerts.collect_view()} {over} }.markup()
}

fn knot(node: &Node, lang: Lang) -> Markup {
    let title = words(&node.title, lang).unwrap_or_else(|| fact(&node.step, lang));
    view! {
        <li class="node" data-entry=node.entry.to_string()>
            <button type="button"><i class="k" aria-hidden="true"></i><span class="t">{title}</span><small class="ms"></small></button>
        </li>
    }
    .markup()
}

/// A number from one to twelve as a word, for a headline.
fn number(lang: Lang, n: usize) -> String {
    text(lang, "stage.number").split(' ').nth(n.wrapping_sub(1)).map_or_else(|| n.to_string(), str::to_owned)
}

const HEADINGS: [&str; SCENES] =
    ["stage.1.heading", "stage.2.heading", "stage.3.heading", "stage.4.heading", "stage.5.heading", "stage.6.heading"];
const NOTES: [&str; SCENES] = ["stage.1.note", "stage.2.note", "stage.3.note", "stage.4.note", "stage.5.note", "stage.6.note"];

fn scene(k: usize, page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let parties = page.nodes.iter().map(|node| node.author.id.as_str()).collect::<BTreeSet<_>>().len();
    let heading = match k {
        1 => fill(lang, counted(lang, HEADINGS[0], parties as u64), &[("n", &number(lang, parties))]),
        5 if context.demo => text(lang, "stage.5.heading.demo").to_owned(),
        _ => text(lang, HEADINGS[k - 1]).to_owned(),
    };
    let body = match k {
        1 => parties_of(page, lang),
        2 => check(lang),
        3 => letters(lang),
        4 => view! { <p class="lead">{text(lang, "stage.4.lead")}</p> <div class="told" role="status"></div> }.markup(),
        5 => others(lang),
        _ => hand(page, context),
    };
    view! {
        <section class="scene" data-scene=k.to_string() hidden>
            <p class="quiet which"></p>
            <h1 tabindex="-1">{heading}</h1>
            {body}
            <div class="note" role="note">
                <h2>{text(lang, "stage.notes.label")}</h2>
                <p>{text(lang, NOTES[k - 1])}</p>
                <button type="button" class="link print">{text(lang, "stage.print")}</button>
            </div>
        </section>
    }
    .markup()
}

fn parties_of(page: &ItemPage, lang: Lang) -> Markup {
    let n = page.nodes.len();
    let goods = page.headline.picture.as_ref().map(|picture| {
        view! {
            <p class="goods" data-e=page.headline.entry.map(|entry| entry.to_string())>
                <img src=format!("/media/{}", picture.file.hash) alt="" data-h=picture.file.pointer.clone()/>
            </p>
        }
    });
    view! {
        <p class="lead">{fill(lang, counted(lang, "stage.1.lead", n as u64), &[("n", &n.to_string())])}</p>
        {goods}
    }
    .markup()
}

fn check(lang: Lang) -> Markup {
    view! {
        <p class="lead">{text(lang, "stage.2.lead")}</p>
        <p class="press"><button type="button" class="main check">{text(lang, "stage.2.check")}</button></p>
        <div class="told" role="status"></div>
        <p class="quiet tap" hidden>{text(lang, "stage.2.tap")}</p>
        <div class="signer"></div>
    }
    .markup()
}

fn letters(lang: Lang) -> Markup {
    view! {
        <p class="lead">{text(lang, "stage.3.lead")}</p>
        <div class="fields" role="group"></div>
        <div class="rows">
            <div class="row signed"><p class="l">{text(lang, "stage.signed")}</p><div><p class="v"></p><code></code></div></div>
            <div class="row screen"><p class="l">{text(lang, "stage.screen")}</p><div><p class="v"></p><code></code></div></div>
        </div>
        <div class="told" role="status"></div>
    }
    .markup()
}

fn others(lang: Lang) -> Markup {
    view! {
        <p class="lead seen"></p>
        <dl class="facts cosigners"></dl>
        <div class="told" role="status"></div>
        <div class="try" hidden><h2 class="quiet">{text(lang, "stage.5.try")}</h2><div class="breaks"></div></div>
    }
    .markup()
}

/// What no check reaches: the dotted ring, and what to do instead.
fn hand(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let batch = page.level != Level::Item;
    let code = page.serial.as_ref().or(page.lot.as_ref()).unwrap_or(&page.gtin);
    let letters: Vec<char> = code.chars().collect();
    let last: String = if batch { code.clone() } else { letters[letters.len().saturating_sub(LAST)..].iter().collect() };
    let ask = text(lang, if batch { "stage.6.hand.batch" } else { "stage.6.hand" });
    view! {
        <div class="two">
            <div>
                <p>{ask}</p>
                <p class="last"><i class="k" aria-hidden="true"></i> <b>{last}</b></p>
                <p>{text(lang, "stage.6.copy")}</p>
            </div>
            <figure>
                <img
                    class="qr" src=format!("/qr/svg{}", page.path) alt=format!("{}{}", context.public_url, page.path)
                    width="208" height="208"
                />
                <figcaption>
                    <b>{text(lang, "stage.6.own")}</b>
                    <small>{text(lang, "stage.6.elsewhere")} " " {context.host().to_owned()} "/verify"</small>
                </figcaption>
            </figure>
        </div>
        <p class="press">
            <a class="quiet-button" href=format!("/feedback{}", page.path)>{text(lang, "stage.6.write")}</a>
            <button type="button" class="quiet-button again">{text(lang, "stage.6.again")}</button>
        </p>
    }
    .markup()
}

/// How many characters of a serial are compared with the pack.
const LAST: usize = 6;

fn bar(lang: Lang) -> Markup {
    let numbers =
        (1..=SCENES).map(|k| view! { <li><button type="button" data-go=k.to_string()>{k.to_string()}</button></li> }).collect_view();
    view! {
        <nav class="bar needs" hidden aria-label=text(lang, "stage.jump")>
            <button type="button" class="undo" hidden>{text(lang, "stage.undo")}</button>
            <button type="button" class="back">{text(lang, "stage.back")}</button>
            <button type="button" class="main next">{text(lang, "stage.next")}</button>
            <details class="jump">
                <summary><span class="at"></span></summary>
                <ol>{numbers}</ol>
            </details>
        </nav>
    }
    .markup()
}
