//! The Leafproof server: what the parties do (capture, permissions, comments, accounts), and HTTP, command line, configuration and wiring
//! around it. The ledger itself is the crate `engine`'s, which all of this asks.

pub mod alerts;
pub mod assets;
pub mod authority;
pub mod capture;
pub mod cli;
pub mod config;
pub mod csp;
pub mod demo;
pub mod door;
pub mod epcis;
pub mod erase;
pub mod feedback;
pub mod fsck;
pub mod gather;
pub mod grants;
pub mod handover;
pub mod http;
pub mod inbox;
pub mod limits;
pub mod media;
pub mod ml_dsa;
pub mod objection;
pub mod outbox;
pub mod pages;
pub mod presign;
pub mod presigned;
pub mod requests;
pub mod scans;
pub mod serials;
pub mod serve;
pub mod session;
pub mod state;
pub mod terminal;
pub mod tlog_proof;
pub mod verify_page;
