//! The thread: one list item per record, from the origin to here.

use leptos::prelude::*;
use trace::format::shown;
use trace::page::{Change, Fact, File, Inputs, ItemPage, Live, Node, Picture, Right, Signed, Value, Video};

use crate::context::{Lang, PageContext};
use crate::item::chart::{chart, ticks};
use crate::marks::{author, fact, fact_of, foreign, label, ours, ours_with, own, words, words_of};
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{counted, fill, text};

/// All records with their heading.
pub fn thread(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let n = page.nodes.len();
    let head = &page.headline;
    let heading = words_of(head.entry, &head.story, lang).unwrap_or_else(|| text(lang, "story.heading").markup());
    let line = words_of(head.entry, &head.story2, lang)
        .or_else(|| (n > 0).then(|| fill(lang, counted(lang, "story.records", n as u64), &[("n", &n.to_string())]).markup()));
    let elsewhere = super::of_many_packs(page).then(|| view! { <p>{text(lang, "pack.story")}</p> });
    let first_made = page.nodes.iter().find(|node| node.inputs.is_some()).map(|node| node.number);
    view! {
        <section class="story" id="story">
            <h2>{heading}</h2>
            {line.map(|line| view! { <p class="from">{line}</p> })}
            {elsewhere}
            {page.zone.as_ref().map(|zone| view! { <p class="zone">{fill(lang, "story.zone", &[("zone", zone)])}</p> })}
        </section>
        <ol class="thread">{page.nodes.iter().map(|one| node(one, page.owned, first_made, context)).collect_view()}</ol>
        {page.cut.then(|| view! { <p class="cut">{text(lang, "records.cut")}</p> })}
    }
    .markup()
}

fn node(node: &Node, owned: bool, first_made: Option<usize>, context: &PageContext) -> Markup {
    let lang = context.lang;
    let number = node.number.to_string();
    let title = words(&node.title, lang).unwrap_or_else(|| fact(&node.step, lang));
    let class = match (node.alert && !node.disputed, node.corrected.is_some()) {
        (true, _) if node.red => "node alarm",
        (true, _) => "node warned",
        (_, true) => "node corrected",
        _ => "node",
    };
    let (first, rest) = split(node);
    let list = |facts: &[&Fact]| view! { <dl class="facts">{facts.iter().map(|f| row(f, context)).collect_view()}</dl> }.markup();
    let facts = (!first.is_empty()).then(|| list(&first));
    let rest = (!rest.is_empty()).then(|| {
        view! { <details class="rest"><summary>{ours(text(lang, "node.rest"))}</summary>{list(&rest)}</details> }
    });
    let body = view! {
        {facts}
        {node.packs.as_ref().map(|p| ticks(p, context))}
        {node.charts.iter().map(|c| chart(c, context)).collect_view()}
        {node.pictures.iter().map(|p| picture(p, lang)).collect_view()}
        {node.video.as_ref().map(|v| video(v, lang))}
        {node.live.as_ref().map(|l| live(l, lang))}
    };
    // Whom the owner did not name is heard, but does not talk between those whom it did.
    let body = match node.right {
        Right::Independent => view! { <details class="apart"><summary>{ours(text(lang, "node.apart"))}</summary>{body}</details> }.markup(),
        _ => body.markup(),
    };
    view! {
        <li class=class id=format!("r{number}") data-entry=node.entry.to_string() data-right=node.right.word()>
            <i class="k" aria-hidden="true"></i>
            <div class="at">
                <p class="when">{fact(&node.when, lang)}</p>
            </div>
            <h3>{title}</h3>
            <div class="place">
                <p>{words(&node.place, lang)}</p>
                <p>{author(&node.author, context)}</p>
                {right(&node.right, owned, lang)}
            </div>
            <div class="body">
                {correction(node, lang)}
                {node.erased.then(|| erasure(node, lang))}
                {node.disputed.then(|| view! { <p class="struck">{ours(text(lang, "node.right.struck"))}</p> })}
                {objection(node, context)}
                {made_of(node, first_made == Some(node.number), context)}
                {body}
            </div>
            <div class="end">
                <details class="rec">
                    <summary>
                        <span class="res">{fill(lang, "js.notchecked", &[("n", &number)])}</span>
                        <span class="open">{text(lang, "node.receipt")}</span>
                    </summary>
                    <div class="slip"><p>{text(lang, "node.receipt.off")}</p></div>
                </details>
                {rest}
            </div>
        </li>
    }
    .markup()
}

/// How many facts of a record stand on a stage.
const ON_STAGE: usize = 3;

/// A record as store mode shows it, for the next row of eyes: what, where, by whom and when, a few facts, one picture, one film. Marked as
/// on an item's page, for the tablet compares it in the same way.
pub fn card(node: &Node, owned: bool, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = words(&node.title, lang).unwrap_or_else(|| fact(&node.step, lang));
    let rows: Vec<Markup> = node.facts.iter().filter(|fact| fact.file.is_none()).take(ON_STAGE).map(|fact| row(fact, context)).collect();
    view! {
        <article class="card" data-entry=node.entry.to_string() data-right=node.right.word() hidden>
            <div class="told">
                <p class="when">{fact(&node.when, lang)}</p>
                <h2>{title}</h2>
                <p class="by">{author(&node.author, context)}</p>
                <p class="where">{words(&node.place, lang)}</p>
                {right(&node.right, owned, lang)}
                {node.corrected.is_some().then(|| correction(node, lang))}
                {node.erased.then(|| erasure(node, lang))}
                {(!rows.is_empty()).then(|| view! { <dl class="facts">{rows}</dl> })}
                {node.video.as_ref().map(|v| video(v, lang))}
            </div>
            {node.pictures.first().map(|p| picture(p, lang))}
        </article>
    }
    .markup()
}

/// Facts that are shown at once, and those folded below them: what the author says third and later, what makes a batch, amounts. A
/// state, a date, a document and a measured value are never folded, nor anything of an alert; the script holds the page to this (`LESS`).
fn split(node: &Node) -> (Vec<&Fact>, Vec<&Fact>) {
    let whole = node.alert || node.corrected.is_some() || node.right == Right::Independent;
    let (rest, first): (Vec<&Fact>, Vec<&Fact>) = node.facts.iter().partition(|fact| !whole && is_less(fact));
    if first.is_empty() { (node.facts.iter().collect(), Vec::new()) } else { (first, rest) }
}

/// How many facts of an author's own stand before the fold.
const OWN_FIRST: usize = 2;

fn is_less(fact: &Fact) -> bool {
    let signed = match &fact.value {
        Value::One(signed) => Some(signed),
        Value::Words(words) => words.values().next(),
    };
    let Some(pointer) = signed.and_then(|signed| signed.pointers.first()) else { return false };
    let own = pointer.strip_prefix("/lp:facts/").and_then(|rest| rest.split('/').next()).and_then(|number| number.parse::<usize>().ok());
    let batch = pointer.strip_prefix("/ilmd/cbvmda:").is_some_and(|field| !field.ends_with("Date"));
    (fact.file.is_none() && own.is_some_and(|number| number >= OWN_FIRST)) || batch || pointer.contains("uantityList/")
}

/// By whose right the record stands, where that tells something: an owner's and its partners' records are what everybody expects.
fn right(right: &Right, owned: bool, lang: Lang) -> Option<Markup> {
    let key = match right {
        Right::Owner | Right::Granted { .. } => return None,
        Right::Regulator => "node.right.regulator",
        Right::Independent => "node.right.independent",
        Right::Unowned if owned => "node.right.unowned",
        Right::Unowned => "node.right.nobody",
    };
    Some(view! { <p class="late right">{ours(text(lang, key))}</p> }.markup())
}

/// Who says of what it was made; and once that amounts are not proven.
fn made_of(node: &Node, first: bool, context: &PageContext) -> Option<Markup> {
    let lang = context.lang;
    let (word, key) = match node.inputs? {
        Inputs::Confirmed => ("confirmed", "node.made.confirmed"),
        Inputs::Named => ("named", "node.made.named"),
        Inputs::Said => ("said", "node.made.said"),
    };
    let who = ours_with(lang, key, |_| author(&node.author, context));
    let amounts = first.then(|| view! { <p class="late">{ours(text(lang, "node.made.amounts"))}</p> });
    Some(view! { <p class="made" data-made=word>{who}</p> {amounts} }.markup())
}

/// What the owner of the number has against the record. Both stand, and the reader judges.
fn objection(node: &Node, context: &PageContext) -> Option<Markup> {
    let lang = context.lang;
    let objection = node.objection.as_ref()?;
    let key = if own(&objection.words, lang).is_some() { "node.objected" } else { "node.objected.bare" };
    let said = ours_with(lang, key, |slot| match slot {
        "who" => author(&objection.author, context),
        _ => words(&objection.words, lang).markup(),
    });
    Some(
        view! { <p class="objection" data-e=objection.entry.to_string()>{said} " " <small>{fact(&objection.when, lang)}</small></p> }
            .markup(),
    )
}

fn row(fact_row: &Fact, context: &PageContext) -> Markup {
    let lang = context.lang;
    let label = label(&fact_row.label, lang);
    let value = match &fact_row.value {
        Value::One(signed) => Some(fact(signed, lang)),
        Value::Words(value) => words(value, lang),
    };
    let value = match &fact_row.file {
        None => value.markup(),
        Some(file) => view! {
            <a href=format!("/media/{}", file.hash) data-h=file.pointer.clone()>{value}</a>
            " "
            {file_note(file)}
        }
        .markup(),
    };
    // Struck through, because its author took it back; both stay provable.
    let value = match &fact_row.change {
        Change::Kept => value,
        Change::Gone => view! { <del>{value}</del> }.markup(),
        Change::Now(entry, now) => view! { <del>{value}</del> " " <ins>{instead(*entry, now, lang)}</ins> }.markup(),
    };
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.markup()
}

/// What another record has in a fact's place.
fn instead(entry: u64, value: &Value, lang: Lang) -> Option<Markup> {
    match value {
        Value::One(signed) => Some(fact_of(entry, signed, lang)),
        Value::Words(value) => words_of(Some(entry), value, lang),
    }
}

/// "PDF, 214 kB": from the signed media type and size beside the hash.
fn file_note(file: &File) -> Markup {
    let kind = file.media_type.rsplit('/').next().unwrap_or_default();
    let kind = kind.split('+').next().unwrap_or_default().to_uppercase();
    let note = match file.bytes {
        Some(bytes) => format!("{kind}, {} kB", bytes.div_ceil(1000)),
        None => kind,
    };
    view! { <small data-k=file.pointer.clone()>{note}</small> }.markup()
}

fn picture(picture: &Picture, lang: Lang) -> Markup {
    let alt = own(&picture.alt, lang);
    let (width, height) = picture.size.unwrap_or((640, 480));
    view! {
        <img
            class="pic" src=format!("/media/{}", picture.file.hash) width=width.to_string() height=height.to_string()
            alt=alt.map(|(_, s)| shown(s.format, &s.values, lang)).unwrap_or_default() lang=alt.and_then(|(tag, _)| foreign(tag, lang))
            data-h=picture.file.pointer.clone() data-alt=alt.map(|(_, s)| s.pointers.join(" "))
        />
    }
    .markup()
}

/// A link that works without scripts; with them the film opens in its place, on tap, after its hash was compared.
fn video(video: &Video, lang: Lang) -> Markup {
    let seconds = video.seconds.as_ref().map(|s: &Signed| {
        view! { " " <small>{ours_with(lang, "node.seconds", |_| fact(s, lang))}</small> }
    });
    view! {
        <p class="film">
            <a href=format!("/media/{}", video.file.hash) type=video.file.media_type.clone() data-h=video.file.pointer.clone() data-film="">
                {words(&video.label, lang)}
            </a>
            {seconds}
            <small class="line">{ours(text(lang, "node.video"))}</small>
        </p>
    }
    .markup()
}

fn live(live: &Live, lang: Lang) -> Markup {
    let address = live.href.values.first().cloned().unwrap_or_default();
    // A signed value is an address of somebody else's choice: only https is ever a link.
    let link = if address.starts_with("https://") {
        view! {
            <a href=address rel="external noopener nofollow" data-h=live.href.pointers.join(" ")>{words(&live.label, lang)}</a>
        }
        .markup()
    } else {
        words(&live.label, lang).markup()
    };
    view! { <p class="film">{link}<small class="line">{ours(text(lang, "node.live"))}</small></p> }.markup()
}

/// The place of a record whose words are gone, and why they are.
fn erasure(node: &Node, lang: Lang) -> Markup {
    let why = node.erased_why.as_ref().map(|(entry, reason)| view! { " " {crate::marks::fact_of(*entry, reason, lang)} });
    view! { <p class="gone">{ours(text(lang, "node.erased"))}{why}</p> }.markup()
}

fn correction(node: &Node, lang: Lang) -> Option<Markup> {
    let correction = node.corrected.as_ref()?;
    let why = own(&correction.words, lang)
        .map(|_| words_of(Some(correction.by_entry), &correction.words, lang).markup())
        .or_else(|| correction.reason.as_ref().map(|r| fact_of(correction.by_entry, r, lang)));
    let mut why = Some(why.markup());
    let reason = ours_with(lang, "node.corrected", |_| why.take().unwrap_or_else(|| ().markup()));
    let at = ours_with(lang, "node.corrected.at", |_| fact_of(correction.by_entry, &correction.at, lang));
    Some(view! { <p class="note">{reason} " " <small>{at}</small></p> }.markup())
}
