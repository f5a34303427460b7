//! What was done to accounts and permissions, for the owners of one member.

use leptos::prelude::*;

use super::{Reader, frame};
use crate::context::PageContext;
use crate::feedback::words::time;
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// When.
    pub at_ms: u64,
    /// Who; empty: nobody of the member's.
    pub by: String,
    /// What, in the reader's language.
    pub words: String,
}

/// The page.
#[derive(Clone, Debug)]
pub struct TrailPage {
    /// Who reads.
    pub reader: Reader,
    /// What the member is called.
    pub member: String,
    /// Lines, newest first.
    pub lines: Vec<Line>,
    /// Where the next page begins.
    pub older: Option<String>,
    /// True on a later page than the first.
    pub later: bool,
    /// As many as are looked at, where there are more.
    pub cut: Option<usize>,
}

/// Draws it.
pub fn page(page: &TrailPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "console.trail");
    let rows: Vec<Markup> = page
        .lines
        .iter()
        .map(|line| {
            view! { <li><b>{line.by.clone()}</b> " " {line.words.clone()} <p class="soft">{time(line.at_ms, lang)}</p></li> }.markup()
        })
        .collect();
    let rows = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "console.trail.none")}</p> }.markup()
    } else {
        view! { <ol class="permissions trail">{rows}</ol> }.markup()
    };
    let older = page.older.as_ref().map(|key| view! { <a href=format!("/console/trail?before={key}")>{text(lang, "console.older")}</a> });
    let newest = page.later.then(|| view! { <a href="/console/trail">{text(lang, "console.newest")}</a> });
    let cut = page.cut.map(|max| view! { <p class="soft">{fill(lang, "console.trail.cut", &[("max", &max.to_string())])}</p> });
    let body = view! {
        <main class="list own" id="main">
            <p><a href="/console/team">{text(lang, "console.team.link")}</a></p>
            <h1>{title}</h1>
            <p class="soft">{fill(lang, "console.trail.what", &[("member", &page.member)])}</p>
            {rows}
            <div class="paging">{newest} {older} <a href="/console/trail.csv">{text(lang, "console.trail.csv")}</a></div>
            {cut}
        </main>
    };
    frame(&page.reader, "/console/account", title.to_owned(), 0, body, context)
}
