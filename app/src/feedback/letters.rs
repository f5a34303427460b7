//! The letters about a product that their writers let everybody read, with the answers meant for everybody; and how many more came, and
//! why those do not stand here. Who holds a letter is named with its reason, so that none is hidden unseen.

use leptos::prelude::*;
use trace::feedback::{Comment, HoldWhy, Publicity, Tally, Voice};
use trace::page::Words;

use super::receipt::grouped;
use super::words::{held_why, month, name, public_lines, time, topic};
use crate::console::letter::rating_words;
use crate::context::{Lang, PageContext};
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::{document, foot, top_bar};
use crate::texts::{counted, fill, text};

/// The page.
#[derive(Clone, Debug)]
pub struct LettersPage {
    /// The product's address.
    pub product: String,
    /// Its name.
    pub name: Words,
    /// The brand's name; empty where nobody owns the number.
    pub brand: Words,
    /// Where all letters about it stand.
    pub tally: Tally,
    /// Those of this page, newest first.
    pub letters: Vec<Comment>,
    /// The last of them, where there are more.
    pub older: Option<String>,
    /// True on a later page than the first.
    pub later: bool,
    /// The most that can be paged through.
    pub listed_max: u64,
}

impl LettersPage {
    fn address(&self) -> String {
        format!("/letters{}", self.product)
    }
}

/// Draws it.
pub fn page(page: &LettersPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let brand = name(&page.brand, lang).unwrap_or(text(lang, "letters.speaker")).to_owned();
    let title = text(lang, "letters.title");
    let product = name(&page.name, lang).unwrap_or(&page.product).to_owned();
    let rows: Vec<Markup> = page.letters.iter().map(|letter| one(letter, &brand, lang)).collect();
    let body = view! {
        {top_bar(context, view! { <a class="tap" href=page.product.clone()>{text(lang, "letters.product")}</a> <b>{brand.clone()}</b> })}
        <main class="letter letters">
            <hgroup>
                <p>{product.clone()}</p>
                <h1>{title}</h1>
            </hgroup>
            {count(page, &brand, lang)}
            {rows}
            {paging(page, lang)}
            <nav class="acts"><a href=format!("/feedback{}", page.product)>{text(lang, "letters.write")}</a></nav>
        </main>
        {foot(context, ())}
    };
    // Who takes a letter off does not want it found elsewhere for weeks.
    let head = view! { <meta name="robots" content="noindex"/> };
    document(context, format!("{title}, {product}"), super::sheet(), head, body)
}

/// How many came, how many stand here, why the others do not, and who says so.
fn count(page: &LettersPage, brand: &str, lang: Lang) -> Markup {
    let tally = &page.tally;
    let (received, here) = (tally.received(), tally.of(Publicity::Shown));
    if received == 0 {
        return view! { <p class="to">{text(lang, "letters.none")}</p> }.markup();
    }
    let said = |key: &'static str, n: u64, more: &[(&str, &str)]| {
        let n_words = grouped(n);
        let values: Vec<(&str, &str)> = more.iter().copied().chain([("n", n_words.as_str()), ("who", brand)]).collect();
        fill(lang, counted(lang, key, n), &values)
    };
    let hidden = Publicity::ALL.into_iter().filter(|one| *one != Publicity::Shown).filter_map(|one| {
        let n = tally.of(one);
        let words = match one {
            Publicity::Shown => return None,
            Publicity::NotAllowed => said("letters.not-allowed", n, &[]),
            Publicity::Withdrawn => said("letters.withdrawn", n, &[]),
            Publicity::Erased => said("letters.erased", n, &[]),
            Publicity::Waiting => said("letters.waiting", n, &[]),
            Publicity::Held(why) => {
                let why: Option<HoldWhy> = why;
                said("letters.held", n, &[("why", why.map_or(text(lang, "letters.why.none"), |why| held_why(why, lang)))])
            }
        };
        (n > 0).then(|| view! { <li>{words}</li> }.markup())
    });
    let hidden: Vec<Markup> = hidden.collect();
    let rest = (!hidden.is_empty()).then(|| {
        view! { <h2>{said("letters.hidden", received - here, &[])}</h2><ul>{hidden}</ul> }
    });
    let listed = (here > page.listed_max).then(|| fill(lang, "letters.listed", &[("max", &grouped(page.listed_max))]));
    view! {
        <p class="to">{said("letters.count", received, &[("shown", &grouped(here))])} " " {listed}</p>
        <section class="tally">
            {rest}
            <p class="hint">{text(lang, "letters.counted")}</p>
        </section>
    }
    .markup()
}

fn one(letter: &Comment, brand: &str, lang: Lang) -> Markup {
    let joint = if lang == Lang::Zh { "，" } else { ", " };
    let photos = letter.public_photos.then(|| pictures(letter, lang));
    let store = letter.store.as_ref().and_then(|store| name(&store.names, lang));
    let answers: Vec<Markup> = letter
        .answers()
        .filter(|(side, said)| said.public && letter.speaks(*side))
        .filter_map(|(_, said)| {
            let words = said.text.as_deref()?;
            let who = if letter.brand.is_some() { brand } else { store.unwrap_or(brand) };
            let by = view! { <p class="by"><b>{fill(lang, "letters.answer", &[("who", who)])}</b> " " {time(said.at_ms, lang)}</p> };
            Some(view! { <div class="answer">{by}{public_lines(words)}</div> }.markup())
        })
        .collect();
    debug_assert!(letter.said.iter().all(|said| said.by != Voice::Note), "notes are for their desk alone");
    view! {
        <article>
            <h2>{rating_words(letter.rating, lang)}</h2>
            <p class="by"><small>{topic(letter.topic, lang)}{joint}{month(letter.at_ms, lang)}</small></p>
            {public_lines(letter.text.as_deref().unwrap_or_default())}
            {photos}
            {answers}
        </article>
    }
    .markup()
}

fn pictures(letter: &Comment, lang: Lang) -> Markup {
    let pictures: Vec<Markup> = (0..letter.photos.len())
        .map(|place| {
            let address = format!("/letter/{}/photos/{place}", letter.id);
            let alt = fill(lang, "letters.photo", &[("n", &(place + 1).to_string())]);
            view! { <a href=address.clone()><img src=address.clone() alt=alt width="96" height="72" loading="lazy"/></a> }.markup()
        })
        .collect();
    view! { <div class="photos">{pictures}</div> }.markup()
}

fn paging(page: &LettersPage, lang: Lang) -> Option<Markup> {
    let newest = page.later.then(|| view! { <a href=page.address()>{text(lang, "letters.newest")}</a> });
    let older = page.older.as_ref().map(|from| {
        let address = format!("{}?before={from}", page.address());
        view! { <a href=address rel="next">{text(lang, "letters.older")}</a> }
    });
    (newest.is_some() || older.is_some()).then(|| view! { <nav class="paging">{newest}{older}</nav> }.markup())
}
