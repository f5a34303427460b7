//! From a component tree to one whole HTML string: no streaming, no router, nothing that needs a script to be read.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use trace::page::{Category, CodeHistory, ItemPage};

use crate::context::PageContext;
use crate::{item, plain};

/// Renders a view as it stands. Islands inside it find the shared context they need.
pub fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    format!("<!DOCTYPE html>{}", fragment(view))
}

fn fragment<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| view().into_view().to_html());
    drop(owner);
    without_markers(&html)
}

/// Leptos marks where its text nodes part. Only an island's own inside is ever hydrated, so only there the marks are needed; in
/// the rest of an item's page they weigh half a kilobyte.
fn without_markers(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<leptos-island") {
        let end = rest[at..].find("</leptos-island>").map_or(rest.len(), |e| at + e);
        out += &rest[..at].replace("<!>", "");
        out += &rest[at..end];
        rest = &rest[end..];
    }
    out + &rest.replace("<!>", "")
}

/// An item's, batch's or product's page; `comments` where there is somebody to read them.
pub fn item(page: &ItemPage, comments: bool, context: &PageContext) -> String {
    html(|| item::page(page, comments, context))
}

/// What the readers of [`item()`]'s page, or of another page that is checked, load first, as its answer's `Link` header says it.
pub fn preloads(page: Option<&ItemPage>, context: &PageContext) -> String {
    item::preloads(page, context)
}

/// The one line of [`item()`]'s page that differs from reader to reader: how often its code was opened.
pub fn code(code: &CodeHistory, goods: Category, context: &PageContext) -> String {
    fragment(|| item::voices::code(code, goods, context))
}

/// 404: this ledger holds nothing for a well-formed code. It warns without accusing.
/// Where its product is known (`reportable`) the label can be reported to the brand.
pub fn unknown(path: &str, ledger_size: u64, reportable: bool, product: Option<&str>, context: &PageContext) -> String {
    html(|| plain::unknown(path, ledger_size, reportable, product, context))
}

/// 400: not a code; says what is wrong and offers to type it.
pub fn bad_code(code: &str, wrong: &str, context: &PageContext) -> String {
    html(|| plain::bad_code(code, wrong, context))
}

/// A serial or an ending that leads to no one item.
pub fn not_found(code: &str, why: &str, context: &PageContext) -> String {
    html(|| plain::not_found(code, why, context))
}

/// 300: several things fit what was typed.
pub fn choose(code: &str, choices: &[plain::Choice], more: bool, context: &PageContext) -> String {
    html(|| plain::choose(code, choices, more, context))
}

/// `/`: for people without a code in hand.
pub fn home(demo_items: &[plain::DemoItem], context: &PageContext) -> String {
    html(|| plain::home(demo_items, context))
}

/// A page of one message: a fault, a limit reached, a page that is not there.
pub fn message(heading: &str, words: &str, context: &PageContext) -> String {
    html(|| plain::message(heading, words, context))
}

#[cfg(test)]
mod tests {
    use super::without_markers;

    #[test]
    fn markers_stay_inside_islands_alone() {
        let island = "<leptos-island data-component=\"A\">a<!>b</leptos-island>";
        assert_eq!(without_markers(&format!("<p>a<!>b</p>{island}<i>c<!></i>{island}<!>")), format!("<p>ab</p>{island}<i>c</i>{island}"));
    }
}
