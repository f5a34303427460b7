//! Below the thread: what was checked, what comes with this pack, where to write, and who answers.

use leptos::prelude::*;
use trace::gs1::escape;
use trace::page::{ItemPage, Level, ProductStatus};

use crate::context::PageContext;
use crate::item::{call, grouped, hotline, moment, telephone};
use crate::marks::{fact_of, plain, words_of};
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::clause;
use crate::texts::{Piece, fill, pieces, text};

/// All of them, in their order.
pub fn clauses(page: &ItemPage, comments: bool, context: &PageContext) -> Markup {
    let bad_news =
        page.notices.iter().any(|notice| notice.red) || matches!(page.product, ProductStatus::Recalled(_) | ProductStatus::Alert(..));
    view! {
        {later(context)}
        {checked(page, context)}
        {(!bad_news && !page.nodes.is_empty()).then(|| offer(page, context))}
        {comments.then(|| tell(page, context))}
        {paper(page, context)}
    }
    .markup()
}

/// The style of what follows. Whatever stands in `noscript` is shown at once where scripts are off, and elsewhere put in place by
/// `public/page.js` when its check has ended: a shopper waits for neither receipts nor paper.
fn later(context: &PageContext) -> Option<Markup> {
    let address = context.files.later.clone()?;
    Some(view! { <noscript><link rel="stylesheet" href=address/></noscript> }.markup())
}

/// The take-away proof's file name.
fn file_name(page: &ItemPage) -> String {
    let code = page.serial.as_ref().or(page.lot.as_ref()).unwrap_or(&page.gtin);
    let plain: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("leafproof-{plain}.lpb")
}

fn checked(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let off = fill(
        lang,
        if page.nodes.is_empty() { "checked.off.words" } else { "checked.off" },
        &[("n", &page.nodes.len().to_string()), ("size", &grouped(page.ledger_size)), ("when", &moment(page.ledger_ms, context))],
    );
    let body = view! {
        <p id="checked">{off}</p>
        <p id="limit">{text(lang, "checked.limit.off")}</p>
        <ul class="acts">
            <li><a href=format!("/bundle{}", page.path) download=file_name(page) id="save">{text(lang, "checked.save")}</a></li>
            <li><a href="/verify" id="elsewhere">{text(lang, "checked.verify")}</a></li>
            <li class="needs" hidden><button type="button" id="again">{text(lang, "checked.again")}</button></li>
        </ul>
    };
    clause("checked-part", text(lang, "checked.heading"), body.markup()).markup()
}

fn offer(page: &ItemPage, context: &PageContext) -> Option<Markup> {
    let words = words_of(page.headline.entry, &page.headline.offer, context.lang)?;
    Some(clause("offer", text(context.lang, "offer.heading"), view! { <p>{words}</p> }.markup()).markup())
}

/// For those who want to know more exactly: the rules of the check, and the newest record for other tools.
pub fn experts(page: &ItemPage, context: &PageContext) -> Markup {
    view! {
        <p id="rules"></p>
        <p><a class="tap" href=format!("/proof{}", page.path)>{text(context.lang, "checked.tlog")}</a></p>
    }
    .markup()
}

/// To brand and store. A recall does not end it.
fn tell(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let head = &page.headline;
    let brand = || {
        words_of(head.entry, &head.brand, lang)
            .or_else(|| words_of(head.entry, &head.company, lang))
            .unwrap_or_else(|| context.host().to_owned().markup())
    };
    let store = page.store.as_ref().filter(|store| plain(&store.name, lang).is_some());
    let key = if store.is_some() { "tell.both" } else { "tell.brand" };
    let goes = pieces(text(lang, key))
        .map(|piece| match piece {
            Piece::Text(words) => words.markup(),
            Piece::Slot("brand") => brand(),
            Piece::Slot(_) => store.and_then(|s| words_of(Some(s.entry), &s.name, lang)).markup(),
        })
        .collect_view();
    let body = view! {
        <p>{goes}</p>
        <p>{text(lang, "tell.receipt")}</p>
        <a class="go" href=format!("/feedback{}", page.path)>{text(lang, "tell.write")}</a>
    };
    clause("tell", text(lang, "tell.heading"), body.markup()).markup()
}

/// On paper alone: the code to scan again. Paper cannot check itself.
fn paper(page: &ItemPage, context: &PageContext) -> Markup {
    let address = format!("{}{}", context.public_url, context.here);
    view! {
        <aside class="paper" aria-hidden="true">
            <noscript><img class="qr" src=format!("/qr/svg{}", page.path) alt=""/></noscript>
            <p>{address}</p>
            <p><span id="printed"></span> " " {text(context.lang, "print.note")}</p>
        </aside>
    }
    .markup()
}

/// Company, address, hotline, store; then the code itself.
pub fn who_answers(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let head = &page.headline;
    let phone = head.phone.as_ref().zip(head.entry).map(|(phone, entry)| {
        view! { <p><a class="tap" href=telephone(phone)>{fact_of(entry, phone, lang)}</a></p> }
    });
    let company = words_of(head.entry, &head.company, lang).map(|c| view! { <p><b>{c}</b></p> });
    let address = words_of(head.entry, &head.address, lang).map(|a| view! { <p>{a}</p> });
    let store = page.store.as_ref().and_then(|s| words_of(Some(s.entry), &s.name, lang)).map(|s| view! { <p>{s}</p> });
    // What goods travel in belongs to no product.
    let number = match page.level {
        Level::Unit => page.path.rsplit('/').next().unwrap_or_default().to_owned().markup(),
        _ => view! { <a href=format!("/01/{}", page.gtin)>{page.gtin.clone()}</a> }.markup(),
    };
    let comma = if lang == crate::context::Lang::Zh { "，" } else { ", " };
    let serial = page.serial.as_ref().map(|serial| format!("{comma}{} {serial}", text(lang, "foot.serial")));
    let lot = page.lot.as_ref().map(|lot| {
        let label = text(lang, "foot.lot");
        if page.lot_has_page {
            let address = format!("/01/{}/10/{}", page.gtin, escape(lot));
            view! { {comma} <a href=address>{label} " " {lot.clone()}</a> }.markup()
        } else {
            view! { {comma} {label} " " {lot.clone()} }.markup()
        }
    });
    view! {
        <section aria-label=text(lang, "foot.answers")>
            {company} {address} {phone} {store}
        </section>
        <p class="code">{number}{serial}{lot}</p>
    }
    .markup()
}

/// Phones only: what a hand can reach. Beside a recall that is the telephone.
pub fn action_bar(page: &ItemPage, comments: bool, context: &PageContext) -> Markup {
    let lang = context.lang;
    let alert = page.notices.iter().find(|notice| notice.red).and_then(|notice| hotline(notice, page));
    let call = alert.map(|(phone, entry)| call(phone, entry, Some("go"), lang));
    let write = || {
        let address = format!("/feedback{}", page.path);
        comments.then(|| view! { <a class="go" href=address>{text(lang, "tell.write")}</a> }.markup())
    };
    view! {
        <nav class="bar" aria-label=text(lang, "tell.heading")>
            <a href=format!("/bundle{}", page.path) download=file_name(page)>{text(lang, "checked.save")}</a>
            {call.or_else(write)}
        </nav>
    }
    .markup()
}
