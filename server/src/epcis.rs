//! EPCIS 2.0 answers: which events a member may see, and how each is written.

pub mod document;
pub mod filter;
pub mod identity;
pub mod query;
pub mod schedule;
pub mod search;
pub mod subscriptions;
pub mod visible;
