//! One comment, whole: words, photos, how the proof stood, where it is now, and the answer.

use leptos::prelude::*;
use trace::feedback::{Comment, HoldWhy, Publicity, Rating, Said, Side, StandingProduct, State, Voice, limits};

use super::data::{InboxPage, Letter};
use crate::context::{Lang, PageContext};
use crate::feedback::form::said;
use crate::feedback::receipt::{grouped, last_six};
use crate::feedback::words::{day, escape, held_for, held_why, lines, local, moment, name, rating, time, topic};
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// Draws it.
pub fn view(letter: &Letter, page: &InboxPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let comment = &letter.comment;
    let joint = if lang == Lang::Zh { "，" } else { ", " };
    let product = name(&comment.product, lang).unwrap_or(&comment.gtin).to_owned();
    let mut where_from = Vec::new();
    if let Some(lot) = &comment.lot {
        where_from.push(fill(lang, "console.lot", &[("lot", lot)]));
    }
    if let Some(serial) = &comment.serial {
        where_from.push(fill(lang, "feedback.number", &[("last", &last_six(serial))]));
    }
    if let Some(store) = comment.store.as_ref().and_then(|store| name(&store.names, lang)) {
        where_from.push(store.to_owned());
    }
    let also = comment.seller.as_ref().filter(|_| comment.reader != Some(Side::Seller)).and_then(|seller| name(&seller.names, lang));
    let also = also.map(|who| view! { <p class="soft">{fill(lang, "console.seller", &[("who", who)])}</p> });
    let work = comment.assigned.as_ref().map(|who| joint.to_owned() + &fill(lang, "console.assigned", &[("who", who)]));
    let until = comment.until_ms.map(|ms| view! { <p class="soft">{fill(lang, "console.put-off", &[("day", &day(ms, lang))])}</p> });
    let back = format!("/console/comments{}", page.filter.query(&[]));
    // Who owns the number is asked when it is frozen.
    let freezes = page.reader.freezes && comment.serial.is_some() && comment.reader == Some(Side::Brand);
    let freeze = freezes.then(|| {
        let form = format!("/console/codes?code={}", escape(&comment.item));
        view! { <p><a href=form>{text(lang, "codes.of.letter")}</a></p> }
    });
    view! {
        <main class="letter" id="main">
            <a class="back" href=back>{text(lang, "console.list")}</a>
            <p class="soft">{comment.number()}{joint}{time(comment.at_ms, lang)}</p>
            <h1>{product}</h1>
            <p class="soft">{where_from.join(joint)}</p>
            {also}
            <p class="soft">{rating_words(comment.rating, lang)}{joint}{topic(comment.topic, lang)}{work}</p>
            {until}
            {public(comment, lang)}
            {presence(letter, page, context)}
            {words(comment, lang)}
            {photos(comment, lang)}
            {contact(comment, lang)}
            {talk(comment, lang)}
            {proof(comment, lang)}
            {track(letter, lang)}
            {acts(letter, page, lang)}
            <p><a href=comment.item.clone()>{text(lang, "console.item")}</a></p>
            {freeze}
        </main>
    }
    .markup()
}

fn words(comment: &Comment, lang: Lang) -> Markup {
    match (comment.erased_ms, &comment.text) {
        (Some(ms), _) => view! { <p>{fill(lang, "console.erased", &[("when", &moment(ms, lang))])}</p> }.markup(),
        (None, None) => ().markup(),
        (None, Some(text_of)) if comment.held.is_some() => view! {
            <p class="soft">{comment.held.map(|reason| held_for(reason, comment.held_why, lang))}</p>
            <details>
                <summary>{text(lang, "console.held.show")}</summary>
                {lines(text_of)}
            </details>
        }
        .markup(),
        (None, Some(words)) => lines(words),
    }
}

fn photos(comment: &Comment, lang: Lang) -> Option<Markup> {
    let bytes: Vec<u64> = comment.photos.iter().map(|photo| photo.bytes).collect();
    pictures(comment, &bytes, 0, lang)
}

/// Photos of the comment or of a reply; `first` is where they begin among all of them.
fn pictures(comment: &Comment, bytes: &[u64], first: usize, lang: Lang) -> Option<Markup> {
    (!bytes.is_empty()).then(|| {
        let kb = bytes.iter().sum::<u64>().div_ceil(1_024).to_string();
        let words = match bytes.len() {
            1 => fill(lang, "console.photos.one", &[("kb", &kb)]),
            n => fill(lang, "console.photos", &[("n", &n.to_string()), ("kb", &kb)]),
        };
        let pictures: Vec<Markup> = (first..first + bytes.len())
            .map(|place| {
                let address = format!("/console/comments/{}/photos/{place}", comment.id);
                let alt = fill(lang, "console.photo.alt", &[("n", &(place + 1).to_string())]);
                view! { <a href=address.clone()><img src=address.clone() alt=alt width="96" height="72" loading="lazy"/></a> }.markup()
            })
            .collect();
        view! { <div class="photos">{pictures}<small>{words}</small></div> }.markup()
    })
}

fn contact(comment: &Comment, lang: Lang) -> Option<Markup> {
    comment.contact.as_ref().map(|contact| {
        let days = limits::CONTACT_DAYS_AFTER_ANSWER.to_string();
        let ends = match comment.contact_ends_ms() {
            Some(ms) => fill(lang, "console.contact.until", &[("day", &day(ms, lang))]),
            None => fill(lang, "console.contact.after", &[("days", &days)]),
        };
        view! {
            <h2>{text(lang, "console.contact")}</h2>
            <p>{contact.clone()} <small class="soft">" " {ends}</small></p>
        }
        .markup()
    })
}

fn proof(comment: &Comment, lang: Lang) -> Markup {
    let proof = &comment.proof;
    let product = text(
        lang,
        match proof.product {
            StandingProduct::Recalled => "console.then.recalled",
            StandingProduct::Alert => "console.then.alert",
            StandingProduct::Expired => "console.then.expired",
            StandingProduct::InOrder => "console.then.in-order",
            StandingProduct::Unknown => "console.then.unknown",
        },
    );
    let records = fill(lang, "console.then.records", &[("n", &proof.records.to_string())]);
    let ledger = fill(lang, "console.then.ledger", &[("size", &grouped(proof.ledger_size)), ("when", &moment(proof.ledger_ms, lang))]);
    view! {
        <h2>{text(lang, "console.then")}</h2>
        <ul class="then"><li>{records}</li><li>{ledger}</li><li>{product}</li></ul>
    }
    .markup()
}

fn knot(done: bool, words: String, ms: Option<u64>, lang: Lang) -> Markup {
    let class = if done { "done" } else { "open" };
    view! { <li class=class><b>{words}</b><span>{ms.map(|ms| time(ms, lang))}</span></li> }.markup()
}

fn track(letter: &Letter, lang: Lang) -> Markup {
    let comment = &letter.comment;
    let mut rows = vec![knot(true, text(lang, "console.written").to_owned(), Some(comment.at_ms), lang)];
    rows.push(match letter.logged {
        Some((index, ms)) => knot(true, fill(lang, "console.logged", &[("n", &grouped(index))]), Some(ms), lang),
        None => knot(false, text(lang, "console.logged.none").to_owned(), None, lang),
    });
    if comment.brand.is_some() {
        let ms = comment.seen_brand_ms;
        rows.push(knot(ms.is_some(), text(lang, "console.seen.brand").to_owned(), ms, lang));
    }
    if comment.store.is_some() {
        let ms = comment.seen_store_ms;
        rows.push(knot(ms.is_some(), text(lang, "console.seen.store").to_owned(), ms, lang));
    }
    if comment.seller.is_some() {
        let ms = comment.seen_seller_ms;
        rows.push(knot(ms.is_some(), text(lang, "console.seen.seller").to_owned(), ms, lang));
    }
    let answered = comment.first_answer_ms();
    rows.push(knot(answered.is_some(), text(lang, "console.answered").to_owned(), answered, lang));
    if let Some(ms) = comment.closed_ms {
        rows.push(knot(true, text(lang, "console.closed").to_owned(), Some(ms), lang));
    }
    view! { <ol class="track">{rows}</ol> }.markup()
}

/// What was said under it, in order.
fn talk(comment: &Comment, lang: Lang) -> Vec<Markup> {
    comment.said.iter().map(|one| said_so(one, comment, lang)).collect()
}

fn said_so(one: &Said, comment: &Comment, lang: Lang) -> Markup {
    let (class, who) = match one.by {
        Voice::Writer => ("reply", "console.replied.by"),
        Voice::Answer(Side::Brand) => ("answer", "console.answered.brand"),
        Voice::Answer(Side::Store) => ("answer", "console.answered.store"),
        Voice::Answer(Side::Seller) => ("answer", "console.answered.seller"),
        Voice::Note => ("note", "console.noted"),
    };
    let joint = if lang == Lang::Zh { "，" } else { ", " };
    let account: Vec<String> = one.account.iter().chain(&one.staff).map(|who| format!("{joint}{who}")).collect();
    let public = one.public.then(|| format!("{joint}{}", text(lang, "console.answered.public")));
    let words = match &one.text {
        None => view! { <p class="soft">{text(lang, "console.said.erased")}</p> }.markup(),
        // What is held is held with all that its writer said.
        Some(words) if one.by == Voice::Writer && comment.held.is_some() => {
            view! { <details><summary>{text(lang, "console.held.show")}</summary>{lines(words)}</details> }.markup()
        }
        Some(words) => lines(words),
    };
    view! {
        <article class=class>
            <p class="soft">{text(lang, who)}{account}{joint}{time(one.at_ms, lang)}{public}</p>
            {words}
            {pictures(comment, &one.photos, one.first_photo, lang)}
        </article>
    }
    .markup()
}

fn acts(letter: &Letter, page: &InboxPage, lang: Lang) -> Markup {
    let comment = &letter.comment;
    if !page.reader.answers {
        return view! { <p class="soft">{text(lang, "console.answer.none")}</p> }.markup();
    }
    // After each step the list is what it was before.
    let query = page.filter.query(&[]);
    let to = |step: &str| format!("/console/comments/{}/{step}{query}", comment.id);
    let button = |step: &str, key: &'static str| {
        view! { <form method="post" action=to(step)><button type="submit" class="quiet">{text(lang, key)}</button></form> }.markup()
    };
    let close = match comment.closed_ms {
        None => view! {
            <form method="post" action=to("close")><button type="submit" class="quiet" data-key="e">{text(lang, "console.close")}</button></form>
        }
        .markup(),
        Some(_) => button("reopen", "console.reopen"),
    };
    let back = comment.until_ms.map(|_| button("reopen", "console.put-off.end"));
    let hold = match comment.state() {
        State::Held => button("release", "console.release"),
        _ => holding(letter, to("hold"), lang),
    };
    let answer = if comment.reader.is_some_and(|side| comment.takes_answers(side)) || !letter.typed.answer.is_empty() {
        form(letter, page, to("answer"), lang)
    } else {
        view! { <p class="soft">{text(lang, "console.answer.full")}</p> }.markup()
    };
    if !page.reader.works {
        return answer;
    }
    let note = (comment.erased_ms.is_none() || !letter.typed.note.is_empty()).then(|| note(letter, to("note"), lang));
    let put_off = comment.closed_ms.is_none().then(|| put_off(letter, to("put-off"), page.now_ms, lang));
    view! {
        {answer}
        {note}
        <div class="steps">{close}{back}</div>
        {hold}
        {assign(letter, to("assign"), lang)}
        {put_off}
    }
    .markup()
}

/// Holding asks why: everybody reads the reason where the letter would stand on the product's page.
fn holding(letter: &Letter, action: String, lang: Lang) -> Markup {
    let reasons: Vec<Markup> =
        HoldWhy::ALL.into_iter().map(|why| view! { <option value=why.value()>{held_why(why, lang)}</option> }.markup()).collect();
    view! {
        <form method="post" action=action class="deed">
            <label for="f-reason">{text(lang, "console.hold.why")}</label>
            {beside(letter, "reason", lang)}
            <select
                id="f-reason" name="reason" required aria-describedby=described(letter, "reason") aria-invalid=wrong(letter, "reason")
            >
                <option value="">{text(lang, "console.hold.choose")}</option>
                {reasons}
            </select>
            <button type="submit" class="quiet">{text(lang, "console.hold")}</button>
            <p class="hint" id="h-reason">{text(lang, "console.hold.hint")}</p>
        </form>
    }
    .markup()
}

/// Whether everybody reads the letter, to a desk.
fn public(comment: &Comment, lang: Lang) -> Option<Markup> {
    let key = match comment.publicity {
        Publicity::NotAllowed | Publicity::Erased => return None,
        Publicity::Shown => "console.public.shown",
        Publicity::Withdrawn => "console.public.withdrawn",
        Publicity::Waiting => "console.public.waiting",
        Publicity::Held(_) => "console.public.held",
    };
    let letters = format!("/letters/01/{}", comment.gtin);
    Some(view! { <p class="soft">{text(lang, key)} " " <a href=letters>{text(lang, "console.public.see")}</a></p> }.markup())
}

/// Who else of the desk is at this letter; the script keeps it up to date, and says above the answer where more was said meanwhile. A shared
/// tablet asks for nothing by itself: it would never seem unused.
fn presence(letter: &Letter, page: &InboxPage, context: &PageContext) -> Option<Markup> {
    page.reader.works.then(|| {
        let lang = context.lang;
        let asks = format!("/console/comments/{}/here?lang={}", letter.comment.id, lang.tag());
        let seen = letter.comment.said.len().to_string();
        view! { <p class="soft" id="presence" role="status" data-here=asks data-seen=seen>{others(&letter.others, lang)}</p> }.markup()
    })
}

/// Who else is at a letter, in words; empty for nobody.
pub fn others(others: &[(String, bool)], lang: Lang) -> String {
    let said = |(who, writing): &(String, bool)| {
        fill(lang, if *writing { "console.presence.writing" } else { "console.presence.reading" }, &[("who", who)])
    };
    others.iter().map(said).collect::<Vec<_>>().join(if lang == Lang::Zh { "" } else { " " })
}

/// The box that makes an answer one for everybody, where that can be.
fn for_everybody(letter: &Letter, lang: Lang) -> Option<Markup> {
    let comment = &letter.comment;
    let can = comment.publicity.allowed() && comment.reader.is_some_and(|side| comment.speaks(side));
    can.then(|| {
        view! {
            <label class="tick">
                <input type="checkbox" name="public" value="yes" checked=letter.typed.public aria-describedby="h-public"/>
                <span>{text(lang, "console.answer.public")}</span>
            </label>
            <p class="hint" id="h-public">{text(lang, "console.answer.public.hint")}</p>
        }
        .markup()
    })
}

/// The fault of a field, with an id that the field points at.
fn beside(letter: &Letter, field: &'static str, lang: Lang) -> Option<Markup> {
    let fault = letter.fault.as_ref().filter(|fault| fault.field == field)?;
    Some(view! { <p class="fault" id=format!("e-{field}") role="alert">{said(fault, lang)}</p> }.markup())
}

fn wrong(letter: &Letter, field: &'static str) -> Option<&'static str> {
    letter.fault.as_ref().filter(|fault| fault.field == field).map(|_| "true")
}

/// What points at a field's hint, and its fault where there is one.
fn described(letter: &Letter, field: &'static str) -> String {
    if wrong(letter, field).is_some() { format!("e-{field} h-{field}") } else { format!("h-{field}") }
}

fn form(letter: &Letter, page: &InboxPage, action: String, lang: Lang) -> Markup {
    let seen = letter.comment.said.len();
    let news: Vec<Markup> =
        letter.comment.said.iter().skip(seen - letter.news.min(seen)).map(|one| said_so(one, &letter.comment, lang)).collect();
    let news = (!news.is_empty()).then(|| view! { <div class="news">{news}</div> });
    view! {
        {ready(letter, page, lang)}
        <form method="post" action=action class="answering" id="answering">
            <label for="f-answer">{text(lang, "console.answer")}</label>
            {beside(letter, "answer", lang)}
            {news}
            <textarea
                id="f-answer" name="text" rows="4" required maxlength=limits::ANSWER_CHARS_MAX.to_string()
                aria-describedby=described(letter, "answer") aria-invalid=wrong(letter, "answer")
                inner_html=escape(&letter.typed.answer)
            ></textarea>
            <p class="hint" id="h-answer">{text(lang, "console.answer.hint")}</p>
            {page.reader.works.then(|| view! { <p class="fault" id="news" role="status"></p> })}
            {for_everybody(letter, lang)}
            {page.reader.shared.map(|_| code(letter, lang))}
            <input type="hidden" name="seen" value=seen.to_string()/>
            <button type="submit">{text(lang, "console.answer.do")}</button>
        </form>
    }
    .markup()
}

/// At a shared tablet: who writes.
fn code(letter: &Letter, lang: Lang) -> Markup {
    view! {
        <label for="f-code">{text(lang, "console.code")}</label>
        {beside(letter, "code", lang)}
        <input
            id="f-code" name="code" class="code" required maxlength="12" autocomplete="off" autocapitalize="characters" spellcheck="false"
            value=letter.typed.code.clone() aria-describedby=described(letter, "code") aria-invalid=wrong(letter, "code")
        />
        <p class="hint" id="h-code">{text(lang, "console.code.hint")}</p>
    }
    .markup()
}

/// Puts a ready answer behind what is typed already. The two belong to the answer's form, so the words come along without a script.
fn ready(letter: &Letter, page: &InboxPage, lang: Lang) -> Markup {
    let keeps = page.reader.readies;
    if letter.ready.is_empty() {
        return keeps
            .then(|| view! { <p class="soft more"><a href="/console/answers">{text(lang, "console.ready.none")}</a></p> })
            .markup();
    }
    let titles: Vec<Markup> =
        letter.ready.iter().map(|(id, title)| view! { <option value=id.clone()>{title.clone()}</option> }.markup()).collect();
    view! {
        <div class="deed">
            <label for="f-ready">{text(lang, "console.ready.choose")}</label>
            {beside(letter, "ready", lang)}
            <select id="f-ready" name="ready" form="answering"><option value="">{text(lang, "console.ready.first")}</option>{titles}</select>
            <button type="submit" class="quiet" form="answering" name="insert" value="yes" formnovalidate="">{text(lang, "console.ready.insert")}</button>
            {keeps.then(|| view! { <p class="hint"><a href="/console/answers">{text(lang, "console.ready")}</a></p> })}
        </div>
    }
    .markup()
}

/// Open where it came back, else a line.
fn note(letter: &Letter, action: String, lang: Lang) -> Markup {
    view! {
        <details class="noting" open=wrong(letter, "note").is_some()>
            <summary>{text(lang, "console.note")}</summary>
            <form method="post" action=action class="answering">
                {beside(letter, "note", lang)}
                <textarea
                    id="f-note" name="text" rows="3" required maxlength=limits::NOTE_CHARS_MAX.to_string() aria-label=text(lang, "console.note")
                    aria-describedby=described(letter, "note") aria-invalid=wrong(letter, "note") inner_html=escape(&letter.typed.note)
                ></textarea>
                <p class="hint" id="h-note">{text(lang, "console.note.hint")}</p>
                <button type="submit" class="quiet">{text(lang, "console.note.do")}</button>
            </form>
        </details>
    }
    .markup()
}

/// Nobody, and everybody to whom work can be given.
pub fn people(colleagues: &[String], chosen: Option<&String>, lang: Lang) -> Vec<Markup> {
    let nobody = view! { <option value="" selected=chosen.is_none()>{text(lang, "console.assign.nobody")}</option> }.markup();
    let names = colleagues.iter().map(|name| {
        let chosen = chosen == Some(name);
        view! { <option value=name.clone() selected=chosen>{name.clone()}</option> }.markup()
    });
    std::iter::once(nobody).chain(names).collect()
}

fn assign(letter: &Letter, action: String, lang: Lang) -> Markup {
    view! {
        <form method="post" action=action class="deed">
            <label for="f-to">{text(lang, "console.assign")}</label>
            {beside(letter, "to", lang)}
            <select id="f-to" name="to" aria-invalid=wrong(letter, "to")>
                {people(&letter.colleagues, letter.comment.assigned.as_ref(), lang)}
            </select>
            <button type="submit" class="quiet">{text(lang, "console.assign.do")}</button>
        </form>
    }
    .markup()
}

fn put_off(letter: &Letter, action: String, now_ms: u64, lang: Lang) -> Markup {
    let tomorrow = local(now_ms.saturating_add(86_400_000))[..10].to_owned();
    view! {
        <form method="post" action=action class="deed">
            <label for="f-until">{text(lang, "console.put-off.until")}</label>
            {beside(letter, "until", lang)}
            <input
                type="date" id="f-until" name="until" required min=tomorrow value=letter.typed.until.clone()
                aria-describedby=described(letter, "until") aria-invalid=wrong(letter, "until")
            />
            <button type="submit" class="quiet">{text(lang, "console.put-off.do")}</button>
            <p class="hint" id="h-until">{text(lang, "console.put-off.hint")}</p>
        </form>
    }
    .markup()
}

/// "4, good".
pub fn rating_words(value: Rating, lang: Lang) -> String {
    fill(lang, "console.rating", &[("n", &value.number().to_string()), ("word", rating(value, lang))])
}
