//! What every request handler gets: one handle, cheap to clone, to the parts the program was wired from.

use std::sync::Arc;

use crate::assets::Assets;
use crate::config::Config;
use crate::engine::Engine;
use crate::media::Media;

/// Shared by all handlers.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts.
pub struct Parts {
    /// Records in, views out.
    pub engine: Engine,
    /// Settings.
    pub config: Config,
    /// Web files of the build.
    pub assets: Assets,
    /// Files that records point at.
    pub media: Media,
    /// The page script's file name by language.
    pub page_script: [(&'static str, String); 2],
    /// The address in every code and link.
    pub public_url: String,
    /// The policy file's bytes, as phones fetch it.
    pub policy: Vec<u8>,
}

impl AppState {
    /// Wires the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The address in every code and link, without a slash at its end.
    pub fn public_url(&self) -> &str {
        self.public_url.trim_end_matches('/')
    }

    /// File name of the page script in `lang`.
    pub fn page_script(&self, lang: &str) -> &str {
        let found = self.page_script.iter().find(|(l, _)| *l == lang).or(self.page_script.first());
        found.map_or("", |(_, name)| name.as_str())
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
