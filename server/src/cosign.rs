//! Who signs beside the log. A witness looks that the log only grows; a mirror also reads every entry and computes tree and map
//! anew. Each is a process of its own, with its own key and storage, best run by somebody else. The server gathers their
//! co-signatures; a page never waits for them.
//!
//! Both answer `POST /add-checkpoint` as C2SP's tlog-witness says.

pub mod children;
pub mod client;
pub mod follow;
pub mod gather;
pub mod party;
pub mod protocol;
pub mod store;
