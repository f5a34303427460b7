//! The draft, in this tab's session storage: gone when the tab is closed, never sent. Where storage is forbidden there is none.

use leptos::web_sys::{Storage, window};

fn storage() -> Option<Storage> {
    window()?.session_storage().ok()?
}

/// Reads it.
pub(super) fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?.filter(|text| !text.is_empty())
}

/// Keeps it.
pub(super) fn keep(key: &str, text: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, text);
    }
}

/// Forgets it.
pub(super) fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}
