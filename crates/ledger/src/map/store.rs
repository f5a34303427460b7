//! Where a map's nodes lie that are not in memory.

use core::convert::Infallible;
use core::fmt;

use crate::hash::{Hash, Key};
use crate::prelude::*;

/// A place outside of memory for the nodes of one map, each under its label; a newer node takes the place of an older one.
pub trait MapNodes {
    /// Why it cannot be read.
    type Error;

    /// The row of the inner node with this label, as [`super::Map::store`] handed it out.
    fn inner(&self, label: &[u8]) -> Result<Option<Vec<u8>>, Self::Error>;

    /// The value that the key has now.
    fn value(&self, key: &Key) -> Result<Option<Hash>, Self::Error>;
}

/// For maps that lie in memory as a whole.
#[derive(Clone, Copy, Debug)]
pub struct AllInMemory;

impl MapNodes for AllInMemory {
    type Error = Infallible;

    fn inner(&self, _: &[u8]) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(None)
    }

    fn value(&self, _: &Key) -> Result<Option<Hash>, Infallible> {
        Ok(None)
    }
}

/// Why a node outside of memory cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapReadError<E> {
    /// Its place cannot be read.
    Nodes(E),
    /// It is not there, or another one is: this version of the map is too old, or the place does not belong to it.
    Lost,
}

impl<E: fmt::Display> fmt::Display for MapReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nodes(error) => error.fmt(f),
            Self::Lost => f.write_str("a node of the map is not stored, or a newer one is"),
        }
    }
}
