//! What Leafproof proves, as bytes: names, entries, tree, map, notes, policy, bundle, and their verification.
//!
//! The same code runs on the server, on the command line and, compiled to WASM, in the shopper's browser. It knows no
//! clock, no randomness and no I/O, and it returns an error, never panics, on any input.

#![no_std]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

#[macro_use]
mod reasons;

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
pub mod presigned;
pub mod public;
pub mod relations;
#[cfg(any(test, feature = "small"))]
mod small;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
pub mod tree;
pub mod verify;

/// What `std` would have in scope. Without it the verifier's WASM is a third smaller.
pub(crate) mod prelude {
    pub(crate) use alloc::borrow::ToOwned;
    pub(crate) use alloc::boxed::Box;
    pub(crate) use alloc::string::String;
    #[cfg(test)]
    pub(crate) use alloc::string::ToString;
    pub(crate) use alloc::vec::Vec;
}

pub use hash::{Hash, Key, dk, hash};
