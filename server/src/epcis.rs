//! EPCIS 2.0 answers: which events a member may see, and how each is written.

pub mod filter;
pub mod identity;
pub mod query;
pub mod search;
pub mod visible;
