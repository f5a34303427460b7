//! The running hash over a subject's entries, whose value the map holds: it binds every entry and their order.

use crate::hash::{Hash, Key, dk};

/// Count and running hash of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Accumulator {
    /// How many entries.
    pub count: u32,
    /// The hash over them.
    pub acc: Hash,
}

impl Accumulator {
    /// Takes the next entry of the list.
    pub fn push(&mut self, index: u64, leaf_hash: &Hash) {
        self.acc = dk("leafproof item-acc v1", &[&self.acc.0, &index.to_be_bytes(), &leaf_hash.0]);
        self.count += 1;
    }

    /// The value under this key in the map.
    pub fn value(&self, key: &Key) -> Hash {
        dk("leafproof item-head v1", &[key.as_bytes(), &self.count.to_be_bytes(), &self.acc.0])
    }
}
