//! What is counted of a desk's goods: visits, checks on phones, letters. Bars are drawn here, and each of their numbers stands in a table.

use std::fmt::Write as _;

use leptos::prelude::*;
use trace::format::shown;
use trace::page::Format;

use super::inbox::span;
use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::item::grouped;
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// How long letters waited for their first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Half of them no longer than this.
    pub half_ms: u64,
    /// How many were answered.
    pub count: u64,
}

/// Numbers of one thing. Of visits and checks 0 stands for fewer than can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Opened pages.
    pub opened: u64,
    /// Codes scanned for the first time.
    pub first: u64,
    /// Checks that ended well.
    pub verified: u64,
    /// That found something wrong.
    pub failed: u64,
    /// That came to no decision.
    pub undecided: u64,
    /// Letters.
    pub letters: u64,
    /// Those of them that are not held.
    pub rated: u64,
    /// The stars of those together.
    pub stars: u64,
    /// Those that were answered.
    pub answered: Option<Answered>,
}

/// Rows with what they are of: its name, and what stands under it.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The largest.
    pub rows: Vec<((String, String), Row)>,
    /// How many more there are.
    pub more: usize,
}

/// The page.
#[derive(Clone, Debug)]
pub struct FiguresPage {
    /// Who reads.
    pub reader: Reader,
    /// What the member is called.
    pub member: String,
    /// What its store is called.
    pub place: Option<String>,
    /// First day, YYYY-MM-DD; as it was typed, where that is none.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The range as an address has it.
    pub query: String,
    /// The range, where it is one of the usual.
    pub days: Option<u32>,
    /// The usual ranges.
    pub usual: Vec<u32>,
    /// The longest one.
    pub longest: u32,
    /// All together.
    pub all: Row,
    /// Each day of the range.
    pub days_shown: Vec<(String, Row)>,
    /// By product.
    pub products: Table,
    /// By lot.
    pub lots: Table,
    /// By store.
    pub stores: Table,
    /// Checks are counted, and this desk reads them.
    pub checks: bool,
    /// It is a store's own desk.
    pub by_store: bool,
    /// The smallest count that can be read.
    pub together: u64,
    /// Days that counts wait for others of their lot and store.
    pub patience: u32,
    /// Not all was looked at.
    pub cut: bool,
    /// What is wrong with the range.
    pub fault: Option<Fault>,
}

/// A count that is too small to be read.
pub fn few(together: u64, lang: Lang) -> String {
    fill(lang, "figures.few", &[("n", &together.to_string())])
}

/// The mean of stars, to a tenth.
pub fn mean(stars: u64, letters: u64) -> String {
    let tenths = (stars * 20 + letters) / (letters * 2).max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Draws it.
pub fn page(page: &FiguresPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "figures.title");
    let what = match &page.place {
        Some(place) => fill(lang, "figures.what.store", &[("place", place)]),
        None => fill(lang, "figures.what", &[("member", &page.member)]),
    };
    let demo = context.demo.then(|| view! { <p class="soft">{text(lang, "figures.demo")}</p> });
    let checks = match (page.by_store, page.checks) {
        (true, _) => Some("figures.checks.store"),
        (false, false) => Some("figures.checks.off"),
        (false, true) => None,
    };
    let file = format!("/console/figures.csv{}", page.query);
    let stores = (!page.by_store).then(|| table(page, "figures.stores", &page.stores, lang));
    let body = view! {
        <main class="list figures" id="main">
            <h1>{title}</h1>
            <p class="soft">{what}</p>
            {demo}
            {page.reader.freezes.then(|| view! { <p><a href="/console/codes">{text(lang, "codes.title")}</a></p> })}
            {ranges(page, lang)}
            {totals(page, lang)}
            {charts(page, lang)}
            {days(page, lang)}
            {table(page, "figures.products", &page.products, lang)}
            {table(page, "figures.lots", &page.lots, lang)}
            {stores}
            <h2 class="title">{text(lang, "figures.how")}</h2>
            <p>{text(lang, "figures.how.opened")}</p>
            <p>{fill(lang, "figures.together", &[("n", &page.together.to_string()), ("days", &page.patience.to_string())])}</p>
            {checks.map(|key| view! { <p>{text(lang, key)}</p> })}
            {page.checks.then(|| view! { <p>{text(lang, "figures.checks.what")}</p> })}
            {page.cut.then(|| view! { <p>{text(lang, "figures.cut")}</p> })}
            <nav class="paging"><a href=file download="">{text(lang, "figures.csv")}</a></nav>
        </main>
    };
    frame(&page.reader, "/console/figures", title.to_owned(), 0, body, context)
}

fn date(day: &str, lang: Lang) -> String {
    shown(Format::Date, &[day], lang)
}

fn ranges(page: &FiguresPage, lang: Lang) -> Markup {
    let usual: Vec<Markup> = page
        .usual
        .iter()
        .map(|days| {
            let current = (page.days == Some(*days)).then_some("true");
            let words = fill(lang, "figures.days", &[("n", &days.to_string())]);
            view! { <a href=format!("/console/figures?days={days}") aria-current=current>{words}</a> }.markup()
        })
        .collect();
    let invalid = page.fault.as_ref().map(|_| "true");
    let described = if page.fault.is_some() { "e-range h-range" } else { "h-range" };
    let field = |label: &'static str, name: &'static str, value: &str| {
        view! {
            <label>
                {text(lang, label)}
                <input type="date" name=name required value=value.to_owned() aria-invalid=invalid aria-describedby=described/>
            </label>
        }
        .markup()
    };
    view! {
        <nav class="views" aria-label=text(lang, "figures.range")>{usual}</nav>
        <form class="filter range" method="get" action="/console/figures" aria-label=text(lang, "figures.range")>
            {page.fault.as_ref().map(|fault| view! { <p class="fault" role="alert" id="e-range">{said(fault, lang)}</p> })}
            {field("figures.from", "from", &page.from)}
            {field("figures.to", "to", &page.to)}
            <button type="submit" class="quiet">{text(lang, "figures.show")}</button>
            <p class="hint" id="h-range">{fill(lang, "figures.range.hint", &[("max", &page.longest.to_string())])}</p>
        </form>
    }
    .markup()
}

/// A count of visits or checks, in words where it is too small.
fn counted(count: u64, page: &FiguresPage, lang: Lang) -> String {
    if count == 0 { few(page.together, lang) } else { grouped(count) }
}

fn rating(row: &Row, lang: Lang) -> String {
    if row.rated == 0 { text(lang, "figures.none").to_owned() } else { mean(row.stars, row.rated) }
}

fn first_answer(row: &Row, lang: Lang) -> String {
    row.answered.map_or_else(|| text(lang, "figures.none").to_owned(), |answered| span(answered.half_ms, lang))
}

fn totals(page: &FiguresPage, lang: Lang) -> Markup {
    let all = &page.all;
    let count = |count: u64| counted(count, page, lang);
    let mut rows = vec![("figures.opened", count(all.opened)), ("figures.first", count(all.first))];
    if page.checks {
        rows.extend([
            ("figures.verified", count(all.verified)),
            ("figures.failed", count(all.failed)),
            ("figures.undecided", count(all.undecided)),
        ]);
    }
    rows.extend([
        ("figures.letters", grouped(all.letters)),
        ("figures.rating", rating(all, lang)),
        ("figures.half", first_answer(all, lang)),
    ]);
    let rows: Vec<Markup> =
        rows.into_iter().map(|(key, value)| view! { <div><dt>{text(lang, key)}</dt><dd>{value}</dd></div> }.markup()).collect();
    view! { <dl class="totals">{rows}</dl> }.markup()
}

/// Height of a drawing's highest bar, in units of its own.
const HIGH: u64 = 100;
/// Width of a day, a gap to the next one included.
const WIDE: usize = 10;

fn charts(page: &FiguresPage, lang: Lang) -> Markup {
    let mut all = vec![chart(page, "figures.opened", |row| row.opened, page.together, lang)];
    if page.checks {
        all.push(chart(page, "figures.verified", |row| row.verified, page.together, lang));
    }
    all.push(chart(page, "figures.letters", |row| row.letters, 1, lang));
    view! { <div class="charts">{all}</div> }.markup()
}

/// A bar for each day; `least` is the smallest count that a day without a bar may hide.
fn chart(page: &FiguresPage, key: &'static str, of: impl Fn(&Row) -> u64, least: u64, lang: Lang) -> Markup {
    let values: Vec<u64> = page.days_shown.iter().map(|(_, row)| of(row)).collect();
    let most = values.iter().copied().max().unwrap_or(0);
    let width = values.len().max(1) * WIDE;
    // Where there are many days the gaps go first.
    let gap = if values.len() > 120 { 0 } else { 2 };
    let mut bars = String::new();
    for (n, value) in values.iter().enumerate().filter(|(_, value)| **value > 0) {
        let height = (value * HIGH).div_ceil(most).max(2);
        let _ = write!(bars, "M{} {}h{}v{height}h-{}z", n * WIDE, HIGH - height, WIDE - gap, WIDE - gap);
    }
    let (first, last) = (page.days_shown.first(), page.days_shown.last());
    let [first, last] = [first, last].map(|day| day.map_or_else(String::new, |(day, _)| date(day, lang)));
    let peak = page.days_shown.iter().zip(&values).find(|(_, value)| **value == most && most > 0);
    let peak = match peak {
        Some(((day, _), _)) => fill(lang, "figures.peak", &[("n", &grouped(most)), ("day", &date(day, lang))]),
        None if least > 1 => fill(lang, "figures.peak.few", &[("n", &least.to_string())]),
        None => text(lang, "figures.peak.none").to_owned(),
    };
    let label = fill(lang, "figures.chart", &[("what", text(lang, key)), ("first", &first), ("last", &last), ("peak", &peak)]);
    view! {
        <figure class="bars">
            <figcaption><b>{text(lang, key)}</b>" "<span>{peak}</span></figcaption>
            <svg viewBox=format!("0 0 {width} {HIGH}") preserveAspectRatio="none" role="img" aria-label=label>
                <path d=bars/>
            </svg>
            <div class="ends" aria-hidden="true"><span>{first}</span><span>{last}</span></div>
        </figure>
    }
    .markup()
}

/// The columns of numbers, and a row of them. A table says it short; what it means stands once under it.
fn columns(checks: bool) -> Vec<&'static str> {
    let mut keys = vec!["figures.opened", "figures.first"];
    if checks {
        keys.extend(["figures.verified", "figures.failed", "figures.undecided"]);
    }
    keys.extend(["figures.letters", "figures.rating", "figures.half"]);
    keys
}

fn numbers(row: &Row, together: u64, checks: bool, lang: Lang) -> Vec<Markup> {
    let count = |count: u64| if count == 0 { format!("<{}", together) } else { grouped(count) };
    let mut cells = vec![count(row.opened), count(row.first)];
    if checks {
        cells.extend([count(row.verified), count(row.failed), count(row.undecided)]);
    }
    cells.extend([grouped(row.letters), rating(row, lang), first_answer(row, lang)]);
    cells.into_iter().map(|cell| view! { <td>{cell}</td> }.markup()).collect()
}

/// A table that scrolls by itself where the screen is narrow.
fn scrolling(label: &'static str, first: &'static str, rows: Vec<Markup>, checks: bool, lang: Lang) -> Markup {
    let heads: Vec<Markup> = columns(checks).into_iter().map(|key| view! { <th scope="col">{text(lang, key)}</th> }.markup()).collect();
    view! {
        <div class="wide" role="region" aria-label=text(lang, label) tabindex="0">
            <table>
                <thead><tr><th scope="col">{text(lang, first)}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .markup()
}

fn days(page: &FiguresPage, lang: Lang) -> Markup {
    let rows: Vec<Markup> = page
        .days_shown
        .iter()
        .rev()
        .map(|(day, row)| {
            view! { <tr><th scope="row">{date(day, lang)}</th>{numbers(row, page.together, page.checks, lang)}</tr> }.markup()
        })
        .collect();
    view! {
        <details class="numbers">
            <summary>{text(lang, "figures.by.day")}</summary>
            {scrolling("figures.by.day", "figures.col.day", rows, page.checks, lang)}
        </details>
    }
    .markup()
}

fn table(page: &FiguresPage, key: &'static str, table: &Table, lang: Lang) -> Markup {
    let first = match key {
        "figures.products" => "figures.col.product",
        "figures.lots" => "figures.col.lot",
        _ => "figures.col.store",
    };
    // No phone knows at which store its pack was sold.
    let checks = page.checks && key != "figures.stores";
    let rows: Vec<Markup> = table
        .rows
        .iter()
        .map(|((name, under), row)| {
            let under = (!under.is_empty()).then(|| view! { <small>{under.clone()}</small> });
            view! { <tr><th scope="row">{name.clone()} {under}</th>{numbers(row, page.together, checks, lang)}</tr> }.markup()
        })
        .collect();
    let shown = if rows.is_empty() {
        view! { <p class="soft">{fill(lang, "figures.empty", &[("n", &page.together.to_string())])}</p> }.markup()
    } else {
        scrolling(key, first, rows, checks, lang)
    };
    let more = (table.more > 0).then(|| fill(lang, "figures.more", &[("n", &table.more.to_string())]));
    view! {
        <h2 class="title">{text(lang, key)}</h2>
        {shown}
        {more.map(|more| view! { <p class="soft">{more}</p> })}
    }
    .markup()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_rounded_to_a_tenth() {
        for (stars, letters, said) in [(5, 1, "5.0"), (9, 2, "4.5"), (13, 3, "4.3"), (14, 3, "4.7"), (79, 16, "4.9"), (1, 1, "1.0")] {
            assert_eq!(mean(stars, letters), said, "{stars} of {letters}");
        }
    }
}
