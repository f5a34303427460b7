//! Who signs beside the log. A witness looks that the log only grows; a mirror also reads every entry and computes tree and map
//! anew. Each is a process of its own, with its own key and storage, best run by somebody else. It knows the log by what the log
//! publishes, and nothing of how a server keeps it.
//!
//! Both answer `POST /add-checkpoint` as C2SP's tlog-witness says ([`party::Party::add`] decides, the program carries it over HTTP).

pub mod client;
pub mod follow;
pub mod party;
pub mod protocol;
pub mod store;
