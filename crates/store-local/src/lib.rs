//! The embedded keeper: a journal of frames, which is the truth, and an index in sled, which is made again from it. One data folder,
//! one process.

mod frames;
pub mod journal;
mod keeper;
mod local;
mod scratch;
pub mod walk;

pub use keeper::{LIMITS, SledError};
pub use local::{Local, OpenError, Options, open, opener};
pub use scratch::{Scratch, ScratchError};
