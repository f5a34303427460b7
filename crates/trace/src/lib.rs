//! What a record means: GS1 keys, EPCIS events, members, master data, item history, comment rules.
//! Storage stands behind a trait; no HTTP, no UI.

pub mod draft;
pub mod epcis;
pub mod feedback;
pub mod format;
pub mod gs1;
pub mod history;
pub mod lang;
pub mod member;
pub mod number;
pub mod page;
pub mod rights;
pub mod showable;
pub mod time;
pub mod words;
