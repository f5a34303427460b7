//! What every request handler gets: one handle, cheap to clone, to the parts the program was wired from.

use std::sync::Arc;

use axum::extract::FromRef;
use engine::Engine;

use crate::assets::Assets;
use crate::feedback::Desk;
use crate::http::kept::names::KeptNames;
use crate::http::kept::pages::KeptPages;
use crate::http::kept::proofs::KeptProofs;
use crate::media::Media;
use crate::share::Room;
use crate::verify_page::StandingPage;

/// Shared by all handlers.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// An item of the demo.
#[derive(Clone, Debug)]
pub struct DemoItem {
    /// Its address.
    pub path: String,
    /// What the scene is about.
    pub scene: trace::page::Words,
    /// What this item shows.
    pub title: trace::page::Words,
}

/// The parts.
pub struct Parts {
    /// Records in, views out.
    pub engine: Engine,
    /// Items by their serials.
    pub serials: crate::serials::Serials,
    /// Web files of the build.
    pub assets: Assets,
    /// Files that records point at.
    pub media: Media,
    /// What members may put on the disk.
    pub room: Room,
    /// Comments, sign-in, inbox.
    pub desk: Desk,
    /// Pages that were rendered a moment ago.
    pub pages: KeptPages,
    /// Names of products.
    pub names: KeptNames,
    /// Proofs that were built once.
    pub proofs: KeptProofs,
    /// Addresses of the web files, as pages name them.
    pub files: Arc<app::context::SiteFiles>,
    /// Demo data: pages say so.
    pub demo: bool,
    /// Items that `/` links in the demo.
    pub demo_items: Vec<DemoItem>,
    /// The address in every code and link.
    pub public_url: String,
    /// Whether everybody may read the whole log as tiles, or members only.
    pub open_tiles: bool,
    /// The policy file's bytes, as whoever keeps or checks it elsewhere fetches it; a page's script has them in it.
    pub policy: Vec<u8>,
    /// The page that checks a saved proof.
    pub verify_page: StandingPage,
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
}

impl FromRef<AppState> for Desk {
    fn from_ref(state: &AppState) -> Self {
        state.desk.clone()
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
