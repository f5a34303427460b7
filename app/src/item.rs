//! The page of an item, batch or product: notice, plate, name, three lines, thread, hand, clauses, foot.

use leptos::prelude::*;
use trace::format::shown;
use trace::page::{Chart, Fact, Format, ItemPage, Label, Level, Node, Notice, Picture, ProductStatus, Right, Signed, Value};
use trace::words::is_seldom;

use crate::context::{Lang, PageContext};
use crate::marks::{author, fact, fact_of, foreign, ours, ours_with, own, plain, words, words_of};
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::{clause, document_of_item, foot_of_check, skip, top_bar, type_form};
use crate::style;
use crate::texts::{Piece, page_words, pieces, text};

pub mod chart;
pub mod clauses;
pub mod node;
pub mod voices;

#[cfg(test)]
mod tests;

/// The whole document.
pub fn page(page: &ItemPage, comments: bool, context: &PageContext) -> Markup {
    let lang = context.lang;
    let head = &page.headline;
    let unit = (page.level == Level::Unit).then(|| text(lang, unit_kind(page)).to_owned());
    let name = unit.or_else(|| plain(&head.name, lang)).unwrap_or_else(|| page.path.clone());
    let brand = words_of(head.entry, &head.brand, lang).unwrap_or_else(|| context.host().to_owned().markup());
    let title = match plain(&head.brand, lang) {
        Some(brand) => format!("{name} · {brand}"),
        None => name,
    };
    let body = view! {
        {skip(text(lang, "story.skip"), "#story")}
        {top_bar(context, brand).markup()}
        <main data-words=page_words(lang, context.files.verifier_hash.as_deref())>
            {page.notices.iter().map(|n| notice(n, context)).collect_view()}
            {(!has_alert(page) && is_over(page)).then(|| expired(page, context))}
            <div class="first">
                {head.picture.as_ref().map(|p| plate(p, page, context))}
                <div class="headline">
                    {headline(page, context)}
                    {voices::voices(page, context)}
                </div>
            </div>
            {of_many_packs(page).then(|| own_pack(context))}
            {node::thread(page, context)}
            {hand(page, context)}
            {clauses::clauses(page, comments, context)}
        </main>
        {foot_of_check(context, clauses::who_answers(page, context), Some(clauses::experts(page, context))).markup()}
        {clauses::action_bar(page, comments, context)}
    };
    let has = style::Has {
        asks: of_many_packs(page),
        wide: !context.phone,
        chart: is_drawn(page),
        notice: !page.notices.is_empty() || is_over(page),
    };
    let head = view! { {shared(page, &title, context)} {checks_head(context, &page.path, says_more(page), is_drawn(page))} };
    document_of_item(context, title, style::item(has), head, body.markup())
}

/// What a link to this page shows in a chat, from signed words. Only a product's page may stand in a search engine: an item's
/// belongs to whoever holds it.
fn shared(page: &ItemPage, title: &str, context: &PageContext) -> Markup {
    let lang = context.lang;
    let head = &page.headline;
    let words: Vec<String> = [&head.description, &head.origin].into_iter().filter_map(|words| plain(words, lang)).collect();
    let words = words.join(if lang == Lang::Zh { "" } else { " " });
    let picture = head.picture.as_ref().map(|picture| format!("{}/media/{}", context.public_url, picture.file.hash));
    view! {
        {(page.level != Level::Product).then(|| view! { <meta name="robots" content="noindex"/> })}
        <meta name="description" content=words.clone()/>
        {og("og:title", title.to_owned())}
        {og("og:description", words)}
        {og("og:type", "product".to_owned())}
        {og("og:url", format!("{}{}", context.public_url, page.path))}
        {picture.map(|address| og("og:image", address))}
    }
    .markup()
}

fn og(property: &'static str, content: String) -> Markup {
    leptos::html::meta().attr("property", property).content(content).markup()
}

/// Whether the check will ask for `more.js`: the page has an alert, a date that is over, a correction, an objection, an erased record, a
/// word that few goods use. Asked for when it is needed it would take a request of its own, over half a second on a slow network.
/// Where the server does not foresee it the script asks all the same, only later.
fn says_more(page: &ItemPage) -> bool {
    let plain = matches!(page.product, ProductStatus::InOrder { corrected: None, .. }) && page.level != Level::Unit;
    !plain || !page.notices.is_empty() || page.nodes.iter().any(seldom)
}

/// What the script compares with words that come with `more.js`.
fn seldom(node: &Node) -> bool {
    let by_no_leave = matches!(node.right, Right::Regulator | Right::Unowned);
    let state = node.alert || node.corrected.is_some() || node.objection.is_some() || node.erased || node.live.is_some() || by_no_leave;
    let step = node.title.is_empty() && has_seldom_word(&node.step);
    let label = |label: &Label| matches!(label, Label::Ours(term) if is_seldom(term));
    let fact = |fact: &Fact| label(&fact.label) || matches!(&fact.value, Value::One(signed) if has_seldom_word(signed));
    let chart = |chart: &Chart| {
        let values = chart.readings.iter().map(|(_, value)| value).chain(&chart.limit);
        label(&chart.kind) || values.into_iter().any(has_seldom_word)
    };
    state || step || node.facts.iter().any(fact) || node.charts.iter().any(chart)
}

fn has_seldom_word(signed: &Signed) -> bool {
    match (signed.format, signed.values.as_slice()) {
        (Format::Word, [term]) => is_seldom(term),
        (Format::Quantity, [_, unit]) => is_seldom(&format!("unit:{unit}")),
        _ => false,
    }
}

fn has_chart(page: &ItemPage) -> bool {
    page.nodes.iter().any(|node| !node.charts.is_empty())
}

/// Something is recalled, or the like; a warning is less.
fn has_alert(page: &ItemPage) -> bool {
    page.notices.iter().any(|notice| notice.red)
}

/// Past its date.
fn is_over(page: &ItemPage) -> bool {
    matches!(page.product, ProductStatus::Expired(_))
}

/// The check's script and what it loads, asked for at once; without the script nothing of it is. `more` where it needs `more.js` too, `drawn`
/// where it compares drawings.
pub fn checks_head(context: &PageContext, path: &str, more: bool, drawn: bool) -> Markup {
    let Some(scripts) = context.scripts() else {
        return ().markup();
    };
    let verifier = context.files.verifier.clone().map(|address| {
        view! { <link rel="preload" r#as="fetch" href=address crossorigin="anonymous"/> }
    });
    // The script first: plain HTTP/1.1 has six connections, and what is asked for seventh waits for one of them.
    view! {
        <script src=scripts.page.clone() defer></script>
        {verifier}
        <link rel="preload" r#as="fetch" href=format!("/bundle{path}") crossorigin="anonymous"/>
        {drawn.then(|| view! { <link rel="preload" r#as="script" href=scripts.draw.clone()/> })}
        {more.then(|| view! { <link rel="preload" r#as="script" href=scripts.more.clone()/> })}
    }
    .markup()
}

/// What an answer's header `Link` asks a browser to load before it has begun to read the page (RFC 8288; `rel=preload`, HTML 4.6.7.18): the
/// picture of the first screen, and the script, so that it has the slow network to itself until verifier and bundle are asked for. It works
/// while they come; had it to share with them it would begin 150 ms later.
pub fn preloads(page: Option<&ItemPage>, context: &PageContext) -> String {
    let picture = page.and_then(|page| page.headline.picture.as_ref());
    let picture = picture.map(|picture| format!("</media/{}>; rel=preload; as=image; fetchpriority=high", picture.file.hash));
    let script = context.scripts().map(|scripts| format!("<{}>; rel=preload; as=script", scripts.page));
    picture.into_iter().chain(script).collect::<Vec<_>>().join(", ")
}

/// Whether the check will make drawings again.
fn is_drawn(page: &ItemPage) -> bool {
    has_chart(page) || page.nodes.iter().any(|node| node.packs.is_some())
}

/// A recall or another alert: the instruction first, then why, then what the shopper gets, then whom to call. A warning begins with
/// whose it is, for it is nobody's order.
fn notice(notice: &Notice, context: &PageContext) -> Markup {
    let lang = context.lang;
    if !notice.red {
        return warning(notice, context);
    }
    let heading = words(&notice.what_to_do, lang).unwrap_or_else(|| ours(text(lang, "notice.do")));
    let signed = pieces(text(lang, "notice.signed"))
        .map(|piece| match piece {
            Piece::Text(words) => ours(words),
            Piece::Slot("who") => author(&notice.author, context),
            Piece::Slot(_) => fact(&notice.when, lang),
        })
        .collect_view();
    let call = signed_hotline(notice).map(|(phone, entry)| view! { <p class="call">{call(phone, entry, None, lang)}</p> });
    view! {
        <section class="notice alert" data-e=notice.entry.to_string()>
            <h2>{heading}</h2>
            <p>{words(&notice.why, lang)}" "{words(&notice.what_you_get, lang)}</p>
            {call}
            <p class="by">
                {signed} " "
                <a href=format!("#r{}", notice.number)>{ours(text(lang, "notice.full"))}</a>
            </p>
        </section>
    }
    .markup()
}

/// Whom to call about an alert: a partner may recall for the owner, but it is the owner's number that people call.
fn hotline<'a>(notice: &'a Notice, page: &'a ItemPage) -> Option<(&'a Signed, u64)> {
    signed_hotline(notice).or_else(|| page.headline.phone.as_ref().zip(page.headline.entry))
}

/// The number that an alert itself names. Beside its author's name stands no other.
fn signed_hotline(notice: &Notice) -> Option<(&Signed, u64)> {
    notice.phone.as_ref().map(|phone| (phone, notice.entry))
}

fn warning(notice: &Notice, context: &PageContext) -> Markup {
    let lang = context.lang;
    let heading = ours_with(lang, "notice.warning", |_| author(&notice.author, context));
    let said = [&notice.what_to_do, &notice.why, &notice.what_you_get];
    let said = said.into_iter().filter_map(|one| words(one, lang)).map(|one| view! { {one} " " }).collect_view();
    view! {
        <section class="notice warning" data-e=notice.entry.to_string()>
            <h2>{heading}</h2>
            <p>{said}</p>
            <p class="by">
                {ours(text(lang, "notice.warning.not"))} " " {fact(&notice.when, lang)} " "
                <a href=format!("#r{}", notice.number)>{ours(text(lang, "notice.full"))}</a>
            </p>
        </section>
    }
    .markup()
}

/// Past its date: our own words with the signed date and the signed telephone number.
fn expired(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let date = page.use_by.as_ref().map(|(_, entry, signed)| ours_with(lang, "notice.expired.date", |_| fact_of(*entry, signed, lang)));
    let phone = page.headline.phone.as_ref().zip(page.headline.entry);
    let call = phone.map(|(phone, entry)| view! { <p class="call">{call(phone, entry, None, lang)}</p> });
    view! {
        <section class="notice expired">
            <h2>{ours(text(lang, "notice.expired"))}</h2>
            <p>{date} " " {ours(text(lang, "notice.expired.do"))}</p>
            {call}
        </section>
    }
    .markup()
}

/// Dials the signed number, and says so.
fn call(phone: &Signed, entry: u64, class: Option<&'static str>, lang: Lang) -> Markup {
    let words = ours_with(lang, "notice.call", |_| fact_of(entry, phone, lang));
    view! { <a class=class href=telephone(phone)><span>{words}</span></a> }.markup()
}

fn telephone(phone: &Signed) -> String {
    let dialled = phone.values.iter().flat_map(|value| value.chars()).filter(|c| c.is_ascii_digit() || *c == '+');
    format!("tel:{}", dialled.collect::<String>())
}

/// The product alone on a flat ground, with its scale. Its size is known before it is loaded, so nothing moves.
fn plate(picture: &Picture, page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let head = &page.headline;
    let (width, height) = picture.size.unwrap_or((780, 528));
    let alt = own(&picture.alt, lang);
    view! {
        <figure class="plate">
            <img
                src=format!("/media/{}", picture.file.hash) width=width.to_string() height=height.to_string()
                alt=alt.map(|(_, s)| shown(s.format, &s.values, lang)).unwrap_or_default() lang=alt.and_then(|(tag, _)| foreign(tag, lang))
                data-e=head.entry.map(|e| e.to_string()) data-h=picture.file.pointer.clone()
                data-alt=alt.map(|(_, s)| s.pointers.join(" ")) fetchpriority="high"
            />
            <figcaption>
                <span class="scale">{words_of(head.entry, &head.picture_scale, lang)}</span>
                {words_of(head.entry, &head.picture_size, lang)}
            </figcaption>
        </figure>
    }
    .markup()
}

/// What goods travel in has no name of its own but its number.
fn unit(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    view! {
        <div class="name">
            <p class="from"><code>{page.path.clone()}</code></p>
            <h1>{text(lang, unit_kind(page))}</h1>
            <p>{text(lang, "unit.text")}</p>
        </div>
    }
    .markup()
}

/// The text that says what it is, by its GS1 key.
fn unit_kind(page: &ItemPage) -> &'static str {
    match page.path.split('/').nth(1) {
        Some("00") => "unit.sscc",
        Some("8003") => "unit.grai",
        _ => "unit.giai",
    }
}

/// Origin, name, one line, date.
fn headline(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    if page.level == Level::Unit {
        return unit(page, context);
    }
    let head = &page.headline;
    let name = words_of(head.entry, &head.name, lang).unwrap_or_else(|| view! { <code>{page.path.clone()}</code> }.markup());
    let until = page.use_by.as_ref().map(|(term, entry, signed)| {
        let date = fact_of(*entry, signed, lang);
        view! { <p class="until">{until_word(term, context)} " " {date}</p> }
    });
    view! {
        <div class="name">
            <p class="from">{words_of(head.entry, &head.origin, lang)}</p>
            <h1>{name}</h1>
            <p>{words_of(head.entry, &head.description, lang)}</p>
            {until}
        </div>
    }
    .markup()
}

fn until_word(term: &str, context: &PageContext) -> &'static str {
    let key = match term {
        "itemExpirationDate" | "expirationDate" => "name.until.itemExpirationDate",
        "bestBeforeDate" => "name.until.bestBeforeDate",
        "sellByDate" => "name.until.sellByDate",
        _ => "name.until.other",
    };
    text(context.lang, key)
}

/// A product, or a lot, of which nothing is recorded itself: records are of its packs.
fn of_many_packs(page: &ItemPage) -> bool {
    page.nodes.is_empty() && matches!(page.level, Level::Product | Level::Batch)
}

/// A product's barcode is the same on every pack, so the page asks for the pack's own code: only there are records of it.
fn own_pack(context: &PageContext) -> Markup {
    let lang = context.lang;
    let body = view! { <p>{text(lang, "pack.text")}</p> {type_form(context, "")} };
    clause("pack", text(lang, "pack.heading"), body.markup()).markup()
}

/// Where the thread ends: a dotted ring that never fills.
fn hand(page: &ItemPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let compare = match (page.level, &page.serial, &page.lot) {
        (Level::Item, Some(serial), _) => Some((text(lang, "hand.compare"), last(serial))),
        (_, _, Some(lot)) => Some((text(lang, "hand.batch"), lot.clone())),
        _ => None,
    };
    view! {
        <section class="hand">
            <i class="k" aria-hidden="true"></i>
            <p class="when">{text(lang, "hand.now")}</p>
            <h3>{text(lang, "hand.heading")}</h3>
            <p>{text(lang, if of_many_packs(page) { "pack.hand" } else { "hand.text" })}</p>
            {compare.map(|(words, code)| view! { <p>{words} " " <b>{code}</b></p> })}
        </section>
    }
    .markup()
}

/// The last six characters, which a person can compare at a glance.
fn last(serial: &str) -> String {
    let all: Vec<char> = serial.chars().collect();
    if all.len() <= 6 { serial.to_owned() } else { format!("…{}", all[all.len() - 6..].iter().collect::<String>()) }
}

/// A number with its digits grouped.
pub fn grouped(number: u64) -> String {
    shown(Format::Number, &[number.to_string()], trace::lang::Lang::En)
}

/// A moment in the reader's form, in UTC.
pub fn moment(ms: u64, context: &PageContext) -> String {
    shown(Format::Time, &[iso(ms)], context.lang)
}

/// Milliseconds since 1970 as RFC 3339 in UTC, whole seconds (days to civil date after Howard Hinnant's algorithm).
pub fn iso(ms: u64) -> String {
    let seconds = ms / 1000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod small_tests {
    use super::*;

    #[test]
    fn milliseconds_become_civil_time() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(1_709_164_799_000), "2024-02-28T23:59:59Z");
        assert_eq!(iso(1_709_164_800_000), "2024-02-29T00:00:00Z");
        assert_eq!(iso(1_795_356_123_000), "2026-11-22T14:02:03Z");
    }

    #[test]
    fn a_serial_is_compared_by_its_end() {
        assert_eq!(last("7K2M9QX4TD3HWZ"), "…TD3HWZ");
        assert_eq!(last("AB12"), "AB12");
    }
}
