//! Comments: from a shopper's form to the brand's inbox and back to the receipt.
//!
//! `Desk` is what lies ready for all requests; `letters` is the one place that turns the engine's records into comments and back.

pub mod desk;
pub mod letters;
pub mod photo;
pub mod started;
pub mod upload;

pub use desk::{Desk, PageSource, Site};

#[cfg(test)]
pub(crate) mod tests;
