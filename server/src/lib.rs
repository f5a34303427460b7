//! The Leafproof server: configuration, journal, sequencer, index, HTTP, command line.
//!
//! `engine` is the heart: one writer that puts records into the journal, the tree and the map, and signs. All else asks it.

pub mod engine;
pub mod index;
pub mod journal;
pub mod keys;
pub mod limits;
pub mod assets;
pub mod demo_template;
pub mod media;
pub mod percent;
pub mod qr;
pub mod terminal;
pub mod label;
