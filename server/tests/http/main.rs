//! The whole site through its router, without a port: records in, pages and proofs out.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

#[allow(dead_code, reason = "the mail server of the crate's own tests")]
#[path = "../../src/outbox/sinks.rs"]
mod sinks;

mod app;
mod attacked;
mod authority;
mod browse;
mod capture;
mod codes;
mod command_line;
mod cosign;
mod erase;
mod figures;
mod files;
mod find;
mod fsck;
mod inner;
mod keyed;
mod milestones;
mod objections;
mod outside;
mod page;
mod presigned;
mod query;
mod resolver;
mod scanner;
mod stage;
mod subscriptions;
