//! The form. A plain multipart POST; when it comes back, every field holds what was typed and its fault stands beside it.

use leptos::prelude::*;
use trace::feedback::{Rating, Topic, limits};
use trace::page::Words;

use super::words::{escape, name, rating, topic};
use crate::context::{Lang, PageContext};
use crate::islands::CommentForm;
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::{document, foot, top_bar};
use crate::texts::{Piece, fill, pieces, text};

/// What is wrong with which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field's name; empty for the whole form.
    pub field: &'static str,
    /// Key of the words.
    pub key: &'static str,
    /// Their values.
    pub values: Vec<(&'static str, String)>,
}

impl Fault {
    /// These words at that field.
    pub fn new(field: &'static str, key: &'static str, values: Vec<(&'static str, String)>) -> Self {
        Self { field, key, values }
    }
}

/// What the shopper typed, kept when the form comes back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Rating, as sent.
    pub rating: String,
    /// Topic, as sent.
    pub topic: String,
    /// Words.
    pub text: String,
    /// Contact.
    pub contact: String,
    /// The independent seller that was ticked.
    pub seller: String,
    /// It may stand on the product's page.
    pub public: bool,
    /// Its photos too.
    pub public_photos: bool,
    /// The trap.
    pub website: String,
    /// Photos that were fine, already cleaned, in base 64: they come along in the next try.
    pub kept: Vec<String>,
}

/// A receiver that gets the letter only where its writer ticks it.
#[derive(Clone, Debug)]
pub struct Offered {
    /// What the ticked box sends: nobody else than it names gets the letter.
    pub value: String,
    /// Its name by language.
    pub names: Words,
}

/// The page.
#[derive(Clone, Debug)]
pub struct FormPage {
    /// Canonical Digital Link path.
    pub item: String,
    /// The product's name.
    pub product: Words,
    /// The last six characters of serial or batch, to compare.
    pub last: Option<String>,
    /// The brand's name.
    pub brand: Words,
    /// The store's name, where one is known.
    pub store: Option<Words>,
    /// The independent seller to whom it can go as well.
    pub seller: Option<Offered>,
    /// Address of the letters that others let everybody read.
    pub letters: Option<String>,
    /// The code is one pack's, of which there is a record: its writer may let everybody read the letter.
    pub for_all: bool,
    /// When this form was made, signed.
    pub started: String,
    /// What was typed.
    pub typed: Typed,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Draws it.
pub fn page(page: &FormPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let brand = name(&page.brand, lang).unwrap_or(text(lang, "feedback.brand")).to_owned();
    let title = text(lang, "feedback.title");
    let back = page.item.clone();
    let body = view! {
        {top_bar(context, view! { <a class="tap" href=back>{text(lang, "feedback.back")}</a> <b>{brand.clone()}</b> })}
        <main class="letter">
            <hgroup>
                <p>{about(page, lang)}</p>
                <h1>{title}</h1>
            </hgroup>
            <p class="to">{goes_to(page, &brand, lang)}</p>
            {summary(&page.faults, lang)}
            {fields(page, lang)}
        </main>
        {foot(context, ())}
    };
    let script = island_script(context);
    document(context, format!("{title}, {brand}"), super::sheet(), script, body)
}

fn fields(page: &FormPage, lang: Lang) -> Markup {
    view! {
        <form method="post" enctype="multipart/form-data" action=format!("/feedback{}", page.item) id="letter">
            {scale(page, lang)}
            {topics(page, lang)}
            {words(page, lang)}
            {photos(&page.typed.kept, &page.faults, lang)}
            {contact(page, lang)}
            {also_to(page, lang)}
            {page.for_all.then(|| public(page, lang))}
            {trap(&page.typed.website, &page.faults, lang)}
            <input type="hidden" name="started" value=page.started.clone()/>
            <p class="send">
                <button type="submit">{text(lang, "feedback.send")}</button>
                <small>{text(lang, "feedback.send.note")}</small>
            </p>
        </form>
    }
    .markup()
}

/// Product and the characters to compare with the pack.
fn about(page: &FormPage, lang: Lang) -> String {
    let mut line = name(&page.product, lang).unwrap_or_default().to_owned();
    if let Some(last) = &page.last {
        line.push_str(if lang == Lang::Zh { "，" } else { ", " });
        line.push_str(&fill(lang, "feedback.number", &[("last", last)]));
    }
    line
}

fn goes_to(page: &FormPage, brand: &str, lang: Lang) -> Vec<Markup> {
    let store = page.store.as_ref().and_then(|words| name(words, lang));
    let key = match (page.brand.is_empty(), store.is_some()) {
        (false, true) => "feedback.to.both",
        (true, true) => "feedback.to.store",
        _ => "feedback.to.brand",
    };
    pieces(text(lang, key))
        .map(|piece| match piece {
            Piece::Text(words) => words.markup(),
            Piece::Slot("store") => view! { <b>{store.unwrap_or_default().to_owned()}</b> }.markup(),
            Piece::Slot(_) => view! { <b>{brand.to_owned()}</b> }.markup(),
        })
        .collect()
}

/// Faults of the whole form, and links to the fields that need a look.
pub(super) fn summary(faults: &[Fault], lang: Lang) -> Option<Markup> {
    (!faults.is_empty()).then(|| {
        let rows: Vec<Markup> = faults
            .iter()
            .map(|fault| {
                let words = said(fault, lang);
                if fault.field.is_empty() {
                    view! { <li>{words}</li> }.markup()
                } else {
                    view! { <li><a href=format!("#f-{}", fault.field)>{words}</a></li> }.markup()
                }
            })
            .collect();
        view! { <div class="faults" role="alert"><p>{text(lang, "feedback.fault.head")}</p><ul>{rows}</ul></div> }.markup()
    })
}

/// A fault in words.
pub(crate) fn said(fault: &Fault, lang: Lang) -> String {
    let values: Vec<(&str, &str)> = fault.values.iter().map(|(key, value)| (*key, value.as_str())).collect();
    fill(lang, fault.key, &values)
}

/// The faults of a field, with an id that the field points at.
pub(super) fn beside(faults: &[Fault], field: &'static str, lang: Lang) -> Option<Markup> {
    let words: Vec<String> = faults.iter().filter(|f| f.field == field).map(|f| said(f, lang)).collect();
    (!words.is_empty()).then(|| view! { <p class="fault" id=format!("e-{field}")>{words.join(" ")}</p> }.markup())
}

pub(super) fn points_at(faults: &[Fault], field: &'static str) -> Option<String> {
    faults.iter().any(|f| f.field == field).then(|| format!("e-{field}"))
}

fn scale(page: &FormPage, lang: Lang) -> Markup {
    let rows: Vec<Markup> = Rating::ALL
        .into_iter()
        .map(|value| {
            let number = value.number().to_string();
            let chosen = page.typed.rating == number;
            view! {
                <label>
                    <input type="radio" name="rating" value=number checked=chosen required/>
                    <span>{rating(value, lang)}</span>
                </label>
            }
            .markup()
        })
        .collect();
    view! {
        <fieldset class="scale" id="f-rating" aria-describedby=points_at(&page.faults, "rating")>
            <legend>{text(lang, "feedback.rating")}</legend>
            {beside(&page.faults, "rating", lang)}
            <div>{rows}</div>
        </fieldset>
    }
    .markup()
}

fn topics(page: &FormPage, lang: Lang) -> Markup {
    let rows: Vec<Markup> = Topic::ALL
        .into_iter()
        .map(|value| {
            let chosen = page.typed.topic == value.value();
            view! {
                <label>
                    <input type="radio" name="topic" value=value.value() checked=chosen required/>
                    <span>{topic(value, lang)}</span>
                </label>
            }
            .markup()
        })
        .collect();
    view! {
        <fieldset class="rows" id="f-topic" aria-describedby=points_at(&page.faults, "topic")>
            <legend>{text(lang, "feedback.topic")}</legend>
            {beside(&page.faults, "topic", lang)}
            {rows}
        </fieldset>
    }
    .markup()
}

fn words(page: &FormPage, lang: Lang) -> Markup {
    let max = limits::TEXT_CHARS_MAX;
    let described = match points_at(&page.faults, "text") {
        Some(fault) => format!("{fault} h-text"),
        None => "h-text".to_owned(),
    };
    view! {
        <div class="ask">
            <label for="f-text">{text(lang, "feedback.text")}</label>
            {beside(&page.faults, "text", lang)}
            <textarea
                id="f-text" name="text" rows="5" required maxlength=max.to_string()
                aria-invalid=points_at(&page.faults, "text").map(|_| "true") aria-describedby=described
                inner_html=escape(&page.typed.text)
            ></textarea>
            <div class="hint" id="h-text">
                <span>{text(lang, "feedback.text.hint")}</span>
                <CommentForm
                    at_most=fill(lang, "feedback.text.max", &[("max", &number(max))])
                    lang=lang as usize
                    max=max as u32
                    side=limits::PHOTO_SIDE_MAX
                />
            </div>
        </div>
    }
    .markup()
}

/// Digits in groups of three, as the pictures show them.
fn number(n: usize) -> String {
    if n >= 1_000 { format!("{},{:03}", n / 1_000, n % 1_000) } else { n.to_string() }
}

/// The field for photos, with those that came along from the last try.
pub(super) fn photos(kept: &[String], faults: &[Fault], lang: Lang) -> Markup {
    let count = limits::PHOTOS_MAX.to_string();
    let kept: Vec<Markup> = kept
        .iter()
        .enumerate()
        .map(|(place, photo)| {
            view! {
                <label class="kept">
                    <input type="checkbox" name="kept" value=photo.clone() checked/>
                    <img src=format!("data:image/jpeg;base64,{photo}") alt="" width="72"/>
                    <span>{fill(lang, "feedback.photo.kept", &[("n", &(place + 1).to_string())])}</span>
                </label>
            }
            .markup()
        })
        .collect();
    view! {
        <div class="ask">
            <label for="f-photo">{text(lang, "feedback.photo")}</label>
            {beside(faults, "photo", lang)}
            {kept}
            <input type="file" id="f-photo" name="photo" multiple accept="image/jpeg,image/png,image/webp" aria-describedby="h-photo"/>
            <p class="hint" id="h-photo">{fill(lang, "feedback.photo.hint", &[("n", &count)])}</p>
        </div>
    }
    .markup()
}

fn contact(page: &FormPage, lang: Lang) -> Markup {
    let days = limits::CONTACT_DAYS_AFTER_ANSWER.to_string();
    view! {
        <div class="ask">
            <label for="f-contact">{text(lang, "feedback.contact")}</label>
            {beside(&page.faults, "contact", lang)}
            <input
                type="text" id="f-contact" name="contact" autocomplete="off" maxlength=limits::CONTACT_CHARS_MAX.to_string()
                value=page.typed.contact.clone() aria-describedby="h-contact"
            />
            <p class="hint" id="h-contact">{fill(lang, "feedback.contact.hint", &[("days", &days)])}</p>
        </div>
    }
    .markup()
}

/// The independent seller, never ticked for anybody.
fn also_to(page: &FormPage, lang: Lang) -> Option<Markup> {
    let fault = beside(&page.faults, "seller", lang);
    if page.seller.is_none() && fault.is_none() {
        return None;
    }
    let choice = page.seller.as_ref().map(|seller| {
        let who = name(&seller.names, lang).unwrap_or(&seller.value).to_owned();
        let ticked = page.typed.seller == seller.value;
        view! {
            <label class="also">
                <input type="checkbox" id="f-seller" name="seller" value=seller.value.clone() checked=ticked aria-describedby="h-seller"/>
                <span>{fill(lang, "feedback.seller", &[("who", &who)])}</span>
            </label>
            <p class="hint" id="h-seller">{text(lang, "feedback.seller.hint")}</p>
        }
    });
    Some(view! { <div class="ask">{fault}{choice}</div> }.markup())
}

/// Whether everybody may read it on the product's page: never ticked for anybody. What is shown stands beside the box.
fn public(page: &FormPage, lang: Lang) -> Markup {
    let others = page.letters.clone().map(|address| view! { " " <a href=address>{text(lang, "feedback.public.others")}</a> });
    view! {
        <div class="ask">
            <label class="also">
                <input type="checkbox" id="f-public" name="public" value="yes" checked=page.typed.public aria-describedby="h-public"/>
                <span>{text(lang, "feedback.public")}</span>
            </label>
            <p class="hint" id="h-public">{text(lang, "feedback.public.hint")}{others}</p>
            <label class="also">
                <input type="checkbox" id="f-public-photos" name="public-photos" value="yes" checked=page.typed.public_photos/>
                <span>{text(lang, "feedback.public.photos")}</span>
            </label>
        </div>
    }
    .markup()
}

/// A field that people do not see and programs fill in. Filled by a person's browser all the same, it is shown, with the reason.
pub(super) fn trap(website: &str, faults: &[Fault], lang: Lang) -> Markup {
    let class = if website.is_empty() { "trap" } else { "ask" };
    view! {
        <div class=class>
            <label for="f-website">{text(lang, "feedback.website")}</label>
            {beside(faults, "website", lang)}
            <input type="text" id="f-website" name="website" autocomplete="off" tabindex="-1" value=website.to_owned()/>
        </div>
    }
    .markup()
}

/// Loads the islands when the form is first touched: the bundle only improves the form, so nobody waits for it.
fn island_script(context: &PageContext) -> Option<Markup> {
    let address = context.files.islands.clone()?;
    Some(view! { <script src=address defer></script> }.markup())
}
