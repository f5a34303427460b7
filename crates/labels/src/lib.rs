//! What is printed: the QR symbol of an address, and the label that goes on a pack. It knows nothing of ledgers or HTTP.

pub mod label;
pub mod symbol;
pub mod terminal;
