//! The whole site through its router, without a port: records in, pages and proofs out.

mod app;
mod capture;
mod page;
mod query;
mod resolver;
