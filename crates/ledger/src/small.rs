//! BLAKE3, SHA-2, the check of an Ed25519 signature, lists and text in few bytes of code, for the phone: the verifier of a page is built with the
//! feature `small`, everything else with the crates `blake3`, `sha2` and `ed25519-dalek`. Those are faster and weigh three times as
//! much on a slow network. There are no secrets here, so nothing has to take the same time for every input.
//!
//! What only writers and servers need (`bundle::build`, `audit`, the keeping of trees) is left out with that feature.
//!
//! The tests below hold these functions equal to the crates, on inputs made for disagreement too; `crates/verifier/tests/parity.mjs` holds
//! whole reports equal.

pub(crate) mod blake3;
pub(crate) mod ed25519;
mod field;
pub(crate) mod heap;
#[cfg(feature = "small")]
pub(crate) mod kept;
pub(crate) mod sha2;

#[cfg(test)]
mod tests;
