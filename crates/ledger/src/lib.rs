//! What Leafproof proves, as bytes: names, entries, tree, map, notes, policy, bundle, and their verification.
//!
//! The same code runs on the server, on the command line and, compiled to WASM, in the shopper's browser. It knows no
//! clock, no randomness and no I/O, and it returns an error, never panics, on any input.

#![no_std]

#[cfg_attr(not(feature = "small"), macro_use)]
extern crate alloc;
#[cfg(test)]
extern crate std;

#[macro_use]
mod reasons;

#[cfg(not(feature = "small"))]
pub mod audit;
pub mod bundle;
pub mod bytes;
pub mod ed25519;
pub mod entry;
pub mod hash;
pub mod map;
pub mod name;
pub mod note;
pub mod policy;
pub mod prefix;
#[cfg(not(feature = "small"))]
pub mod presigned;
pub mod public;
pub mod relations;
#[cfg(any(test, feature = "small"))]
mod small;
pub mod standing;
#[cfg(all(not(feature = "small"), any(test, feature = "testing")))]
pub mod testing;
mod text;
pub mod tiles;
pub mod tree;
pub mod verify;

/// What `std` would have in scope. Without it the verifier's WASM is a third smaller.
pub(crate) mod prelude {
    pub(crate) use crate::owned::{String, ToOwned, Vec};
    pub(crate) use alloc::boxed::Box;
    #[cfg(test)]
    pub(crate) use alloc::string::ToString;
}

/// What holds bytes, text and lists here: `alloc`'s own, and with the feature `small` those that the verifier of a page is built with.
pub mod owned {
    #[cfg(feature = "small")]
    pub use crate::small::heap::{String, ToOwned, Vec};
    #[cfg(not(feature = "small"))]
    pub use alloc::{borrow::ToOwned, string::String, vec::Vec};
}

pub use hash::{Hash, Key, dk, hash};
