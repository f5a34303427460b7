//! The browser bundle of the shopper's pages: it hydrates the islands of `app` and does nothing else. A crate of its own, and a
//! `cdylib` alone, because only then the linker optimises over crate borders.

// Without this line the islands' exports vanish.
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page, before it starts its islands.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
