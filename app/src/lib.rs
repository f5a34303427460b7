//! The pages: document shell, pages, components and islands. It knows the page model of `trace` and nothing of storage or HTTP.
//!
//! Feature `ssr` renders whole pages to one string; feature `hydrate` holds the islands alone.

pub mod islands;

#[cfg(feature = "ssr")]
pub mod console;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod feedback;
#[cfg(feature = "ssr")]
pub mod inner;
#[cfg(feature = "ssr")]
pub mod item;
#[cfg(feature = "ssr")]
pub mod marks;
#[cfg(feature = "ssr")]
pub mod markup;
#[cfg(feature = "ssr")]
pub mod plain;
#[cfg(feature = "ssr")]
pub mod render;
#[cfg(feature = "ssr")]
pub mod scanner;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod stage;
#[cfg(feature = "ssr")]
pub mod style;
#[cfg(feature = "ssr")]
pub mod texts;
#[cfg(feature = "ssr")]
pub mod verify;

#[cfg(all(feature = "ssr", any(test, feature = "fixture")))]
pub mod fixture;
