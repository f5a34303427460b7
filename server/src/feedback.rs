//! Comments: from a shopper's form to the brand's inbox and back to the receipt.
//!
//! `Desk` is what lies ready for all requests; `letters` and `handling` are the places that turn the
//! engine's records into comments and back; `standing` says how one stands for whom.

pub mod desk;
pub mod handling;
pub mod letters;
pub mod photo;
pub mod standing;
pub mod started;
pub mod upload;

pub use desk::{Desk, PageSource, Site};

#[cfg(test)]
pub(crate) mod tests;
