//! Islands of the shopper's pages. Each improves a form that works without it, and carries `data-ready` once it does.

#![allow(missing_docs, reason = "the island macro writes a struct of the fields without their words")]

#[cfg(feature = "hydrate")]
mod draft;
#[cfg(feature = "hydrate")]
mod photos;

use leptos::prelude::*;

/// Their words by language. The bundle carries them, so that no page has to.
pub const WORDS: [&str; 2] = [include_str!("../texts/island.en.tsv"), include_str!("../texts/island.zh.tsv")];

/// Beside the comment form's words: counts characters, keeps the draft in this tab, makes photos small before they are sent.
#[island]
pub fn CommentForm(
    /// What stands here without scripts.
    at_most: String,
    /// The reader's language: 0 English, 1 Chinese.
    lang: usize,
    /// Characters that fit.
    max: u32,
    /// Longest side of a photo in pixels.
    side: u32,
) -> impl IntoView {
    let count = RwSignal::new(at_most);
    let note = RwSignal::new(String::new());
    let root = NodeRef::<leptos::html::Output>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(form) = root.get().and_then(|output| output.closest("form").ok().flatten()) else {
            return;
        };
        improve(&form, Words(lang), max, side, count, note);
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (lang, max, side);
    view! {
        <output node_ref=root for="f-text">{move || count.get()}</output>
        " "
        <small role="status">{move || note.get()}</small>
    }
}

/// The words in one language.
#[cfg(feature = "hydrate")]
#[derive(Clone, Copy)]
struct Words(usize);

#[cfg(feature = "hydrate")]
impl Words {
    fn get(self, key: &str) -> &'static str {
        let rows = WORDS[self.0.min(1)].lines();
        rows.filter_map(|row| row.split_once('\t')).find(|(name, _)| *name == key).map_or("", |(_, text)| text)
    }
}

#[cfg(feature = "hydrate")]
fn improve(form: &leptos::web_sys::Element, words: Words, max: u32, side: u32, count: RwSignal<String>, note: RwSignal<String>) {
    use leptos::wasm_bindgen::{JsCast as _, closure::Closure};
    use leptos::web_sys::{HtmlInputElement, HtmlTextAreaElement};
    let field = |name: &str| form.query_selector(name).ok().flatten();
    let Some(area) = field("textarea").and_then(|e| e.dyn_into::<HtmlTextAreaElement>().ok()) else {
        return;
    };
    let key = format!("draft {}", form.get_attribute("action").unwrap_or_default());
    if area.value().is_empty()
        && let Some(text) = draft::read(&key)
    {
        area.set_value(&text);
        note.set(words.get("island.draft").to_owned());
    }
    let counted = move |text: &str| {
        let n = text.encode_utf16().count().to_string();
        count.set(words.get("island.count").replace("{n}", &n).replace("{max}", &max.to_string()));
    };
    counted(&area.value());
    let typed = area.clone();
    let draft_key = key.clone();
    let on_input = Closure::<dyn FnMut()>::new(move || {
        let text = typed.value();
        draft::keep(&draft_key, &text);
        counted(&text);
    });
    let _ = area.add_event_listener_with_callback("input", on_input.as_ref().unchecked_ref());
    on_input.forget();
    // Sending ends the draft: what comes back from the server has its own words.
    let on_submit = Closure::<dyn FnMut()>::new(move || draft::forget(&key));
    let _ = form.add_event_listener_with_callback("submit", on_submit.as_ref().unchecked_ref());
    on_submit.forget();
    if let Some(input) = field("input[type=file]").and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        photos::shrink_on_change(input, side, ["island.shrunk.one", "island.shrunk"].map(|key| words.get(key)), note);
    }
    let _ = form.set_attribute("data-ready", "");
}
