//! The inbox: filters, the list newest first, and the chosen comment beside it.

use leptos::prelude::*;
use trace::feedback::limits::READY_TITLE_CHARS_MAX;
use trace::feedback::{Comment, Rating, State, Topic};

use super::data::{Filter, InboxPage, Sort, View};
use super::letter::{people, rating_words};
use super::{frame, letter};
use crate::context::{Lang, PageContext};
use crate::feedback::words::{held_for, name, received, topic};
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// Draws it.
pub fn page(page: &InboxPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let title = text(lang, "console.comments");
    let to_do = page.counts.of(View::ToDo);
    let unanswered = match to_do {
        0 => text(lang, "console.unanswered.none").to_owned(),
        n => fill(lang, "console.unanswered", &[("n", &n.to_string())]),
    };
    let half = page.half_ms.map(|ms| {
        let joint = if lang == Lang::Zh { "，" } else { ", " };
        joint.to_owned() + &fill(lang, "console.half", &[("time", &span(ms, lang))])
    });
    let alerts = page.reader.alerts.then(|| view! { " " <a href="/console/alerts">{text(lang, "alert.title")}</a> });
    // The script shows it.
    let keys_open = context
        .files
        .inbox
        .is_some()
        .then(|| view! { <button type="button" id="keys-open" class="link" hidden>{text(lang, "keys.title")}</button> });
    let rows = view! {
        <p class="soft">{unanswered}{half}{alerts}{keys_open}</p>
        {views(page, lang)}
        {filters(page, lang)}
        {saved(page, lang)}
        {list(page, lang)}
        {paging(page, lang)}
    };
    // The page's subject is the letter where one is chosen, on a phone the only thing shown; else the list.
    let body = match &page.chosen {
        Some(chosen) => view! {
            <section class="list beside" aria-label=title><h2 class="title">{title}</h2>{rows}</section>
            {letter::view(chosen, page, context)}
        }
        .markup(),
        None => view! {
            <main class="list" id="main"><h1>{title}</h1>{rows}</main>
            <aside class="letter none"><p class="soft">{text(lang, "console.pick")}</p></aside>
        }
        .markup(),
    };
    let body = view! { {body} {keys(context)} };
    frame(&page.reader, "/console/comments", title.to_owned(), to_do, body.markup(), context)
}

/// The list of keys, with the switch that keeps them off, and the script that hears them: here alone.
fn keys(context: &PageContext) -> Option<Markup> {
    let lang = context.lang;
    let script = context.files.inbox.clone()?;
    let rows: Vec<Markup> =
        [("j", "keys.next"), ("k", "keys.before"), ("Enter", "keys.open"), ("r", "keys.answer"), ("e", "keys.close"), ("?", "keys.list")]
            .into_iter()
            .map(|(key, words)| view! { <dt><kbd>{key}</kbd></dt><dd>{text(lang, words)}</dd> }.markup())
            .collect();
    Some(
        view! {
            <dialog id="keys" aria-labelledby="keys-title">
                <h2 id="keys-title">{text(lang, "keys.title")}</h2>
                <dl class="slots">{rows}</dl>
                <label class="tick"><input type="checkbox" id="keys-on" checked/><span>{text(lang, "keys.on")}</span></label>
                <form method="dialog"><button class="quiet">{text(lang, "keys.done")}</button></form>
            </dialog>
            <script src=script defer></script>
        }
        .markup(),
    )
}

/// The filters that the reader keeps, and the way to keep this one.
fn saved(page: &InboxPage, lang: Lang) -> Markup {
    let here = page.filter.query(&[]);
    let links: Vec<Markup> = page
        .saved
        .iter()
        .map(|(_, name, query)| {
            let current = (*query == here).then_some("true");
            view! { <a href=format!("/console/comments{query}") aria-current=current>{name.clone()}</a> }.markup()
        })
        .collect();
    let known = page.saved.iter().any(|(_, _, query)| *query == here);
    let keep = (!known && !here.is_empty()).then(|| {
        view! {
            <form method="post" action=format!("/console/filters{here}") class="deed">
                <label for="f-name">{text(lang, "console.filters.keep")}</label>
                <input type="text" id="f-name" name="name" required maxlength=READY_TITLE_CHARS_MAX.to_string() autocomplete="off"/>
                <button type="submit" class="quiet">{text(lang, "console.filters.keep.do")}</button>
            </form>
        }
    });
    let remove: Vec<Markup> = page
        .saved
        .iter()
        .map(|(id, name, _)| {
            let label = fill(lang, "console.filters.remove", &[("name", name)]);
            let action = format!("/console/filters/{id}/remove{here}");
            view! { <form method="post" action=action><button type="submit" class="quiet">{label}</button></form> }.markup()
        })
        .collect();
    let away = (!remove.is_empty()).then(|| {
        view! { <details class="away"><summary>{text(lang, "console.filters.away")}</summary>{remove}</details> }
    });
    if links.is_empty() && keep.is_none() {
        return ().markup();
    }
    let list = (!links.is_empty()).then(|| view! { <nav class="views" aria-label=text(lang, "console.filters")>{links}</nav> });
    view! { <div class="saved">{list}{keep}{away}</div> }.markup()
}

/// The ways to look at the list, with their counts; each keeps what else it is narrowed to.
fn views(page: &InboxPage, lang: Lang) -> Markup {
    let link = |view: Option<View>, key: &'static str, count: usize| {
        let address = format!("/console/comments{}", Filter { view, ..page.filter.clone() }.query(&[]));
        let current = (page.filter.view == view).then_some("true");
        view! { <a href=address aria-current=current>{text(lang, key)} " " <small>{count.to_string()}</small></a> }.markup()
    };
    let mut links = vec![link(None, "console.filter.all", page.counts.all)];
    links.extend(View::ALL.into_iter().map(|view| {
        let key = match view {
            View::ToDo => "console.view.to-do",
            View::Unread => "console.view.unread",
            View::Mine => "console.view.mine",
            View::Nobodys => "console.view.nobodys",
        };
        link(Some(view), key, page.counts.of(view))
    }));
    view! { <nav class="views" aria-label=text(lang, "console.views")>{links}</nav> }.markup()
}

/// A span of time in its largest whole unit.
pub(super) fn span(ms: u64, lang: Lang) -> String {
    let (key, n) = match ms / 60_000 {
        minutes @ 0..120 => ("console.minutes", minutes.max(1)),
        minutes @ 120..2_880 => ("console.hours", minutes / 60),
        minutes => ("console.days", minutes / 1_440),
    };
    fill(lang, key, &[("n", &n.to_string())])
}

/// GS1 General Specifications, AI (10).
const LOT_CHARS: &str = "20";

fn choice(value: &str, words: String, chosen: bool) -> Markup {
    view! { <option value=value.to_owned() selected=chosen>{words}</option> }.markup()
}

fn filters(page: &InboxPage, lang: Lang) -> Markup {
    let filter = &page.filter;
    let all = || choice("", text(lang, "console.filter.all").to_owned(), false);
    let products: Vec<Markup> =
        page.products.iter().map(|(gtin, name)| choice(gtin, name.clone(), filter.product.as_ref() == Some(gtin))).collect();
    let ratings: Vec<Markup> = Rating::ALL
        .into_iter()
        .map(|value| choice(&value.number().to_string(), rating_words(value, lang), filter.rating == Some(value)))
        .collect();
    let topics: Vec<Markup> =
        Topic::ALL.into_iter().map(|value| choice(value.value(), topic(value, lang).to_owned(), filter.topic == Some(value))).collect();
    let states: Vec<Markup> = State::ALL
        .into_iter()
        .map(|value| choice(value.value(), state_words(value, lang).to_owned(), filter.state == Some(value)))
        .collect();
    let stores: Vec<Markup> =
        page.stores.iter().map(|(location, name)| choice(location, name.clone(), filter.store.as_ref() == Some(location))).collect();
    // Who sees the letters of one store alone has none to choose.
    let stores = (stores.len() > 1 || filter.store.is_some()).then(|| {
        view! { <label>{text(lang, "console.filter.store")} <select name="store">{all()}{stores}</select></label> }
    });
    let sorts: Vec<Markup> = Sort::ALL
        .into_iter()
        .map(|value| {
            let words = match value {
                Sort::Newest => "console.sort.newest",
                Sort::Waiting => "console.sort.waiting",
                Sort::Rating => "console.sort.rating",
            };
            choice(value.value(), text(lang, words).to_owned(), filter.sort == value)
        })
        .collect();
    // What narrows the list, or sorts it otherwise than usual, is in sight.
    let narrowed = Filter { words: None, view: None, ..filter.clone() } != Filter::default();
    let day = |label: &'static str, name: &'static str, value: &Option<String>| {
        view! { <label>{text(lang, label)} <input type="date" name=name value=value.clone().unwrap_or_default()/></label> }.markup()
    };
    view! {
        <form class="filter" method="get" action="/console/comments" role="search" aria-label=text(lang, "console.filter")>
            <label>
                {text(lang, "console.filter.words")}
                <input type="search" name="words" maxlength="100" value=filter.words.clone().unwrap_or_default()/>
            </label>
            <button type="submit" class="quiet">{text(lang, "console.filter.do")}</button>
            {filter.view.map(|view| view! { <input type="hidden" name="view" value=view.value()/> })}
            <details open=narrowed>
                <summary>{text(lang, "console.filter")}</summary>
                <div class="narrow">
                    {day("console.filter.since", "since", &filter.since)}
                    {day("console.filter.until", "until", &filter.until)}
                    {stores}
                    <label>{text(lang, "console.filter.product")} <select name="product">{all()}{products}</select></label>
                    <label>
                        {text(lang, "console.filter.lot")}
                        <input name="lot" maxlength=LOT_CHARS autocomplete="off" value=filter.lot.clone().unwrap_or_default()/>
                    </label>
                    <label>{text(lang, "console.filter.rating")} <select name="rating">{all()}{ratings}</select></label>
                    <label>{text(lang, "console.filter.topic")} <select name="topic">{all()}{topics}</select></label>
                    <label>{text(lang, "console.filter.state")} <select name="state">{all()}{states}</select></label>
                    <label>{text(lang, "console.sort")} <select name="sort">{sorts}</select></label>
                </div>
            </details>
        </form>
    }
    .markup()
}

/// The word of a state.
pub fn state_words(state: State, lang: Lang) -> &'static str {
    text(
        lang,
        match state {
            State::New => "console.state.new",
            State::Open => "console.state.open",
            State::Waiting => "console.state.waiting",
            State::Answered => "console.state.answered",
            State::Closed => "console.state.closed",
            State::Held => "console.state.held",
        },
    )
}

/// Class of the knot that shows a state: hollow waits, solid is done, dotted is held.
pub fn knot(state: State) -> &'static str {
    match state {
        State::New | State::Open => "knot open",
        State::Waiting => "knot waiting",
        State::Answered | State::Closed => "knot done",
        State::Held => "knot held",
    }
}

fn list(page: &InboxPage, lang: Lang) -> Markup {
    if page.rows.is_empty() {
        let (heading, words) = if page.filter.is_empty() {
            ("console.empty", "console.empty.what")
        } else {
            ("console.empty.filter", "console.empty.filter.what")
        };
        return view! { <h2>{text(lang, heading)}</h2><p>{text(lang, words)}</p> }.markup();
    }
    let rows: Vec<Markup> = page.rows.iter().map(|comment| row(comment, page, lang)).collect();
    view! {
        <div class="head" aria-hidden="true">
            {page.reader.works.then(|| view! { <span></span> })}
            <span></span>
            <span>{text(lang, "console.col.received")}</span>
            <span>{text(lang, "console.col.comment")}</span>
            <span>{text(lang, "console.col.store")}</span>
            <span>{text(lang, "console.col.rating")}</span>
        </div>
        {ticking(page, rows, lang)}
    }
    .markup()
}

/// The rows; where the reader may do something to them, in a form that does it to the ticked ones.
fn ticking(page: &InboxPage, rows: Vec<Markup>, lang: Lang) -> Markup {
    let rows = view! { <ol class="rows">{rows}</ol> };
    if !page.reader.works {
        return rows.markup();
    }
    let action = format!("/console/ticked{}", page.filter.query(&[]));
    view! {
        <form method="post" action=action class="ticking">
            {rows}
            <fieldset class="steps">
                <legend>{text(lang, "console.ticked")}</legend>
                <button type="submit" class="quiet" name="do" value="close">{text(lang, "console.close")}</button>
                <span class="deed">
                    <label for="f-all">{text(lang, "console.assign")}</label>
                    <select id="f-all" name="to">{people(&page.colleagues, Some(&page.reader.login), lang)}</select>
                    <button type="submit" class="quiet" name="do" value="assign">{text(lang, "console.assign.do")}</button>
                </span>
            </fieldset>
        </form>
    }
    .markup()
}

fn row(comment: &Comment, page: &InboxPage, lang: Lang) -> Markup {
    let state = comment.state();
    let store = comment.place().and_then(|store| name(&store.names, lang)).unwrap_or(text(lang, "console.store.none"));
    let product = name(&comment.product, lang).unwrap_or(&comment.gtin).to_owned();
    let address = format!("/console/comments/{}{}", comment.id, page.filter.query(&[]));
    let chosen = page.chosen.as_ref().is_some_and(|letter| letter.comment.id == comment.id);
    let joint = if lang == Lang::Zh { "，" } else { ", " };
    let work = comment.assigned.as_ref().map(|who| joint.to_owned() + &fill(lang, "console.assigned", &[("who", who)]));
    let tick = page.reader.works.then(|| {
        let label = fill(lang, "console.tick", &[("number", &comment.number())]);
        view! { <input type="checkbox" name="id" value=comment.id.clone() aria-label=label/> }
    });
    // Said in words as well as by weight.
    let unread = comment.unread.then(|| view! { <b class="unread">{text(lang, "console.unread")}</b>" " });
    let class = match (chosen, comment.unread) {
        (true, _) => "row chosen",
        (false, true) => "row unread",
        (false, false) => "row",
    };
    view! {
        <li class=class>
            {tick}
            <span class=knot(state) role="img" aria-label=state_words(state, lang)></span>
            <time datetime=crate::feedback::words::iso(comment.at_ms)>{received(comment.at_ms, page.now_ms, lang)}</time>
            <a href=address aria-current=chosen.then_some("true")>
                <span class="excerpt">{excerpt(comment, lang)}</span>
                <small>{unread}{product}{joint}{topic(comment.topic, lang)}{work}</small>
            </a>
            <span class="store">{store.to_owned()}</span>
            <span class="rating">{rating_words(comment.rating, lang)}</span>
        </li>
    }
    .markup()
}

/// The words, or why they are not shown in the list.
fn excerpt(comment: &Comment, lang: Lang) -> String {
    use crate::feedback::words::day;
    match (comment.erased_ms, comment.held, &comment.text) {
        (Some(ms), ..) => fill(lang, "console.erased", &[("when", &day(ms, lang))]),
        (None, Some(reason), _) => held_for(reason, comment.held_why, lang),
        // The last thing that its writer said is what it is about now.
        (None, None, words) => match comment.replies().last().and_then(|said| said.text.as_ref()) {
            Some(reply) => fill(lang, "console.replied", &[("words", reply)]),
            None => words.clone().unwrap_or_default(),
        },
    }
}

fn paging(page: &InboxPage, lang: Lang) -> Markup {
    let newest = page.later.then(|| {
        let address = format!("/console/comments{}", page.filter.query(&[]));
        view! { <a href=address>{text(lang, "console.newest")}</a> }
    });
    let older = page.older.as_ref().map(|from| {
        let address = format!("/console/comments{}", page.filter.query(&[("before", from)]));
        view! { <a href=address rel="next">{text(lang, "console.older")}</a> }
    });
    let export = (page.reader.exports && !page.rows.is_empty()).then(|| {
        let query = page.filter.query(&[]);
        view! {
            <a href=format!("/console/comments.xlsx{query}") download="">{text(lang, "console.export.xlsx")}</a>
            <a href=format!("/console/comments.csv{query}") download="">{text(lang, "console.export")}</a>
        }
    });
    view! { <nav class="paging">{newest}{older}{export}</nav> }.markup()
}
