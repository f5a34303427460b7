//! The receipt: what stands in the ledger, where the comment is now, the answers, and the way to erase one's words.

use leptos::prelude::*;
use trace::feedback::{Comment, HoldReason, NoReply, Publicity, Said, Side, StoreRef, Voice, limits};

use super::form::{Fault, beside, photos, points_at, said, summary, trap};
use super::words::{escape, held, lines, local, moment, name, publicity, time};
use crate::context::{Lang, PageContext};
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::{document, foot, top_bar};
use crate::texts::{fill, text};

/// The page.
#[derive(Clone, Debug)]
pub struct ReceiptPage {
    /// The comment as it stands.
    pub comment: Comment,
    /// Index of its entry in the ledger and when it was logged, once a signed checkpoint covers it.
    pub logged: Option<(u64, u64)>,
    /// Path of this page, `/receipt/…`.
    pub path: String,
    /// QR code of its address, as an SVG element.
    pub qr_svg: Option<String>,
    /// Address of the product's letters.
    pub letters: Option<String>,
    /// The form for a reply, or why there is none.
    pub reply: Result<ReplyForm, NoReply>,
}

/// The form for a reply, empty or as it came back.
#[derive(Clone, Debug, Default)]
pub struct ReplyForm {
    /// When it was made, signed.
    pub started: String,
    /// Words.
    pub text: String,
    /// Photos that were fine, already cleaned, in base 64.
    pub kept: Vec<String>,
    /// The independent seller was ticked.
    pub seller: bool,
    /// The trap.
    pub website: String,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Draws it.
pub fn page(page: &ReceiptPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let comment = &page.comment;
    let brand = name(&comment.brand_names, lang).unwrap_or(text(lang, "feedback.brand")).to_owned();
    let answered = comment.answers().next().is_some();
    let title = match (comment.erased_ms, answered) {
        (Some(_), _) => text(lang, "receipt.title.erased"),
        (None, true) => text(lang, "receipt.title.answered"),
        (None, false) => text(lang, "receipt.title"),
    };
    let mut about = name(&comment.product, lang).unwrap_or_default().to_owned();
    if let Some(last) = comment.serial.as_deref().or(comment.lot.as_deref()).map(last_six) {
        about.push_str(if lang == Lang::Zh { "，" } else { ", " });
        about.push_str(&fill(lang, "feedback.number", &[("last", &last)]));
    }
    let lead = match (page.logged, &comment.store) {
        (Some(_), Some(_)) => fill(lang, "receipt.lead.logged", &[("brand", &brand)]),
        (Some(_), None) => fill(lang, "receipt.lead.logged.brand", &[("brand", &brand)]),
        (None, _) if matches!(comment.held, Some(HoldReason::Network | HoldReason::Code)) => text(lang, "receipt.lead.held").to_owned(),
        (None, _) => text(lang, "receipt.lead.waiting").to_owned(),
    };
    let body = view! {
        {top_bar(context, view! { <b>{brand.clone()}</b> })}
        <main class="letter">
            <hgroup>
                <p>{about}</p>
                <h1>{title}</h1>
            </hgroup>
            <p class="to">{lead}</p>
            {answered.then(|| talk(page, &brand, lang))}
            {slip(page, &brand, lang)}
            {(!answered).then(|| talk(page, &brand, lang))}
            <section>
                <h2>{text(lang, "receipt.where")}</h2>
                {track(page, &brand, lang)}
            </section>
            {wrote(comment, lang)}
            {public(page, lang)}
            {acts(page, lang)}
        </main>
        {foot(context, ())}
    };
    let head = view! { <meta name="robots" content="noindex"/> };
    document(context, format!("{title} {}", comment.number()), super::sheet(), head, body)
}

/// The last six characters, which the pack prints bold.
pub fn last_six(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars[chars.len().saturating_sub(6)..].iter().collect()
}

fn slip(page: &ReceiptPage, brand: &str, lang: Lang) -> Markup {
    let comment = &page.comment;
    let entry = page.logged.map_or(text(lang, "receipt.entry.none").to_owned(), |(index, _)| grouped(index));
    let also = [&comment.store, &comment.seller].into_iter().flatten();
    let also: Vec<_> = also.filter_map(|place| name(&place.names, lang)).map(|place| view! { <br/>{place.to_owned()} }).collect();
    let (first, second) = comment.commitment.split_at(comment.commitment.len() / 2);
    view! {
        <section class="slip" aria-label=text(lang, "receipt.slip")>
            <p class="row"><b>"LEAFPROOF"</b><b>{text(lang, "receipt.slip")}</b></p>
            <dl>
                <dt>{text(lang, "receipt.comment")}</dt><dd><b>{comment.number()}</b></dd>
                <dt>{text(lang, "receipt.entry")}</dt><dd data-entry-index="">{entry}</dd>
                <dt>{text(lang, "receipt.received")}</dt><dd>{local(comment.at_ms)} " +08:00"</dd>
                <dt>{text(lang, "receipt.for")}</dt>
                <dd>{brand.to_owned()}{also}</dd>
                <dt class="whole">{text(lang, "receipt.fingerprint")}</dt>
                <dd class="hash">{first.to_owned()}<br/>{second.to_owned()}</dd>
            </dl>
            {page.qr_svg.clone().map(|svg| view! { <div class="qr" inner_html=svg></div> })}
            <p class="keep">{text(lang, "receipt.keep")}</p>
        </section>
    }
    .markup()
}

/// Digits in groups of three.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What was said under the comment since, and the form to say more.
fn talk(page: &ReceiptPage, brand: &str, lang: Lang) -> Option<Markup> {
    let comment = &page.comment;
    let reply = reply(page, brand, lang);
    if comment.said.is_empty() && page.reply.is_err() {
        return None;
    }
    let heading = if comment.replies().next().is_some() { "receipt.talk" } else { "receipt.answers" };
    let rows: Vec<Markup> = comment.said.iter().map(|said| one(said, comment, brand, lang)).collect();
    Some(view! { <section id="answers"><h2>{text(lang, heading)}</h2>{rows}{reply}</section> }.markup())
}

/// Who a side is, to the writer.
fn called(side: Side, comment: &Comment, brand: &str, lang: Lang) -> String {
    match side {
        Side::Brand => brand.to_owned(),
        Side::Store => place_name(comment.store.as_ref(), lang),
        Side::Seller => place_name(comment.seller.as_ref(), lang),
    }
}

fn one(said: &Said, comment: &Comment, brand: &str, lang: Lang) -> Markup {
    let Voice::Answer(side) = said.by else {
        return replied(said, comment, brand, lang);
    };
    let who = match side {
        Side::Seller => fill(lang, "receipt.seller", &[("who", &called(side, comment, brand, lang))]),
        Side::Brand | Side::Store => called(side, comment, brand, lang),
    };
    view! {
        <article class="answer">
            <p class="by"><b>{who}</b> " " {time(said.at_ms, lang)}</p>
            {lines(said.text.as_deref().unwrap_or_default())}
        </article>
    }
    .markup()
}

fn replied(said: &Said, comment: &Comment, brand: &str, lang: Lang) -> Markup {
    let Some(words) = &said.text else {
        let when = comment.erased_ms.map(|ms| fill(lang, "receipt.erased", &[("when", &moment(ms, lang))]));
        return view! { <article class="reply"><p class="by"><b>{text(lang, "receipt.you")}</b></p><p>{when}</p></article> }.markup();
    };
    let joint = if lang == Lang::Zh { "、" } else { ", " };
    let seen: Vec<String> = said.seen_by.iter().map(|side| called(*side, comment, brand, lang)).collect();
    let seen = match seen.is_empty() {
        true => text(lang, "receipt.reply.unseen").to_owned(),
        false => fill(lang, "receipt.seen", &[("who", &seen.join(joint))]),
    };
    view! {
        <article class="reply">
            <p class="by"><b>{text(lang, "receipt.you")}</b> " " {time(said.at_ms, lang)}</p>
            {lines(words)}
            {pictures(said.photos.len(), lang)}
            <p class="hint">{seen}</p>
        </article>
    }
    .markup()
}

fn pictures(count: usize, lang: Lang) -> Option<Markup> {
    let words = match count {
        0 => return None,
        1 => text(lang, "receipt.photos.one").to_owned(),
        n => fill(lang, "receipt.photos", &[("n", &n.to_string())]),
    };
    Some(view! { <p class="hint">{words}</p> }.markup())
}

/// Why no reply is taken: key and values of its words.
pub fn no_reply(why: NoReply) -> (&'static str, Vec<(&'static str, String)>) {
    match why {
        NoReply::Erased => ("receipt.reply.erased", vec![]),
        NoReply::NoAnswer => ("receipt.reply.early", vec![]),
        NoReply::Full => ("receipt.reply.full", vec![("max", limits::REPLIES_MAX.to_string())]),
        NoReply::InARow => ("receipt.reply.row", vec![("max", limits::REPLIES_IN_A_ROW_MAX.to_string())]),
    }
}

fn reply(page: &ReceiptPage, brand: &str, lang: Lang) -> Markup {
    let form = match &page.reply {
        Ok(form) => form,
        // Nothing was asked, or the words say already that they are gone.
        Err(NoReply::NoAnswer | NoReply::Erased) => return ().markup(),
        Err(why) => {
            let (key, values) = no_reply(*why);
            let words = said(&Fault::new("", key, values), lang);
            return view! { <p class="hint">{words}</p> }.markup();
        }
    };
    let comment = &page.comment;
    let store = comment.store.as_ref().map(|store| place_name(Some(store), lang));
    let key = match (&comment.brand, &store) {
        (Some(_), Some(_)) => "feedback.to.both",
        (None, Some(_)) => "feedback.to.store",
        _ => "feedback.to.brand",
    };
    let to = fill(lang, key, &[("brand", brand), ("store", store.as_deref().unwrap_or_default())]);
    let described = match points_at(&form.faults, "text") {
        Some(fault) => format!("{fault} h-text"),
        None => "h-text".to_owned(),
    };
    let seller = comment.seller.as_ref().map(|seller| {
        let who = place_name(Some(seller), lang);
        view! {
            <div class="ask">
                <label class="also">
                    <input type="checkbox" id="f-seller" name="seller" value="yes" checked=form.seller aria-describedby="h-seller"/>
                    <span>{fill(lang, "feedback.seller", &[("who", &who)])}</span>
                </label>
                <p class="hint" id="h-seller">{text(lang, "feedback.seller.hint")}</p>
            </div>
        }
    });
    view! {
        {summary(&form.faults, lang)}
        <form method="post" enctype="multipart/form-data" action=format!("{}/reply", page.path) id="reply" class="replying">
            <div class="ask">
                <label for="f-text">{text(lang, "receipt.reply")}</label>
                {beside(&form.faults, "text", lang)}
                <textarea
                    id="f-text" name="text" rows="4" required maxlength=limits::TEXT_CHARS_MAX.to_string()
                    aria-invalid=points_at(&form.faults, "text").map(|_| "true") aria-describedby=described
                    inner_html=escape(&form.text)
                ></textarea>
                <p class="hint" id="h-text">{to}<br/>{text(lang, "feedback.text.hint")}</p>
            </div>
            {photos(&form.kept, &form.faults, lang)}
            {seller}
            {trap(&form.website, &form.faults, lang)}
            <input type="hidden" name="started" value=form.started.clone()/>
            <p class="send">
                <button type="submit">{text(lang, "receipt.reply.do")}</button>
                <small>{text(lang, "receipt.reply.note")}</small>
            </p>
        </form>
    }
    .markup()
}

fn place_name(place: Option<&StoreRef>, lang: Lang) -> String {
    place.and_then(|place| name(&place.names, lang)).unwrap_or(text(lang, "console.col.store")).to_owned()
}

/// One knot of the track: done or not, its words, what stands below.
fn knot(done: bool, words: String, below: Markup) -> Markup {
    let class = if done { "done" } else { "open" };
    view! { <li class=class><b>{words}</b><span>{below}</span></li> }.markup()
}

fn track(page: &ReceiptPage, brand: &str, lang: Lang) -> Markup {
    let comment = &page.comment;
    let not_yet = || text(lang, "receipt.none").markup();
    let at = |ms: Option<u64>| ms.map_or_else(not_yet, |ms| time(ms, lang));
    let mut rows = vec![knot(true, text(lang, "receipt.written").to_owned(), time(comment.at_ms, lang))];
    rows.push(match page.logged {
        Some((index, ms)) => {
            let entry = fill(lang, "receipt.logged.at", &[("n", &grouped(index))]);
            let below = view! { {time(ms, lang)} ", " {entry} }.markup();
            knot(true, text(lang, "receipt.logged").to_owned(), below)
        }
        None => knot(false, text(lang, "receipt.logged").to_owned(), not_yet()),
    });
    if let Some(reason) = comment.held {
        let why = fill(lang, "receipt.held.why", &[("why", held(reason, lang))]);
        rows.push(view! { <li class="held"><b>{text(lang, "receipt.held")}</b><span>{why}</span></li> }.markup());
    }
    if comment.brand.is_some() {
        let words = fill(lang, "receipt.seen", &[("who", brand)]);
        rows.push(knot(comment.seen_brand_ms.is_some(), words, at(comment.seen_brand_ms)));
    }
    if comment.store.is_some() {
        rows.push(knot(comment.seen_store_ms.is_some(), text(lang, "receipt.seen.store").to_owned(), at(comment.seen_store_ms)));
    }
    if let Some(seller) = comment.seller.as_ref().and_then(|seller| name(&seller.names, lang)) {
        let words = fill(lang, "receipt.seen", &[("who", seller)]);
        rows.push(knot(comment.seen_seller_ms.is_some(), words, at(comment.seen_seller_ms)));
    }
    let answered = comment.first_answer_ms();
    if answered.is_some() || comment.closed_ms.is_none() {
        rows.push(knot(answered.is_some(), text(lang, "receipt.answered").to_owned(), at(answered)));
    }
    if let Some(ms) = comment.closed_ms {
        rows.push(knot(true, text(lang, "receipt.closed").to_owned(), time(ms, lang)));
    }
    view! { <ol class="track">{rows}</ol> }.markup()
}

fn wrote(comment: &Comment, lang: Lang) -> Markup {
    let body = match (&comment.text, comment.erased_ms) {
        (_, Some(ms)) => view! { <p>{fill(lang, "receipt.erased", &[("when", &moment(ms, lang))])}</p> }.markup(),
        (Some(words), None) => view! { {lines(words)} {pictures(comment.photos.len(), lang)} }.markup(),
        (None, None) => ().markup(),
    };
    view! { <section><h2>{text(lang, "receipt.words")}</h2>{body}</section> }.markup()
}

/// Whether everybody reads it on the product's page, and why not; and the way to take it off.
fn public(page: &ReceiptPage, lang: Lang) -> Option<Markup> {
    let stands = page.comment.publicity;
    // Its erasure is said above.
    if matches!(stands, Publicity::NotAllowed | Publicity::Erased) {
        return None;
    }
    let letters = page.letters.clone().map(|address| view! { " " <a href=address>{text(lang, "receipt.public.see")}</a> });
    let off = stands.allowed().then(|| {
        view! {
            <form method="post" action=format!("{}/withdraw", page.path)>
                <p class="hint">{text(lang, "receipt.public.off.what")}</p>
                <button type="submit" class="quiet">{text(lang, "receipt.public.off")}</button>
            </form>
        }
    });
    Some(
        view! {
            <section id="public">
                <h2>{text(lang, "receipt.public")}</h2>
                <p>{publicity(stands, lang)}{letters}</p>
                {off}
            </section>
        }
        .markup(),
    )
}

fn acts(page: &ReceiptPage, lang: Lang) -> Markup {
    let erase = page.comment.erased_ms.is_none().then(|| {
        view! {
            <details>
                <summary>{text(lang, "receipt.erase")}</summary>
                <form method="post" action=format!("{}/erase", page.path)>
                    <p>{text(lang, "receipt.erase.what")}</p>
                    <button type="submit" class="quiet">{text(lang, "receipt.erase.do")}</button>
                </form>
            </details>
        }
    });
    view! {
        <nav class="acts">
            <a href=format!("{}/file", page.path) download="">{text(lang, "receipt.save")}</a>
            <a href=page.comment.item.clone()>{text(lang, "receipt.item")}</a>
            {erase}
        </nav>
    }
    .markup()
}
