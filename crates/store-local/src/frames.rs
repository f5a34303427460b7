//! Bodies of the frames about the log.
//!
//! ```text
//! INTAKE   version u8 = 1 | index u64 | leaf hash 32            parts: the entry's parts, in its order
//! BATCH    version u8 = 1 | first index u64 | count u32 × (length u32 | tile entry) | root 32
//! NOTE     the signed note
//! STATE    see `store::record`
//! ```
//!
//! An INTAKE stands before the BATCH that holds its entry, in the same group: both are on disk before either is acknowledged.
//! So the entry's bytes stand once; an INTAKE whose BATCH a crash cut off was never acknowledged and counts for nothing.

use ledger::Hash;

const VERSION: u8 = 1;

pub(crate) fn intake(index: u64, leaf_hash: &Hash) -> Vec<u8> {
    let mut body = vec![VERSION];
    body.extend_from_slice(&index.to_be_bytes());
    body.extend_from_slice(&leaf_hash.0);
    body
}

/// A BATCH body, and the offset of each tile entry in it.
pub(crate) fn batch<'a>(first: u64, tiles: impl ExactSizeIterator<Item = &'a [u8]>, root: &Hash) -> (Vec<u8>, Vec<usize>) {
    let mut body = vec![VERSION];
    body.extend_from_slice(&first.to_be_bytes());
    body.extend_from_slice(&(tiles.len() as u32).to_be_bytes());
    let mut places = Vec::with_capacity(tiles.len());
    for tile in tiles {
        body.extend_from_slice(&(tile.len() as u32).to_be_bytes());
        places.push(body.len());
        body.extend_from_slice(tile);
    }
    body.extend_from_slice(&root.0);
    (body, places)
}

/// What a BATCH says.
pub(crate) struct Batch<'a> {
    pub(crate) first: u64,
    /// Offset in the body, and bytes.
    pub(crate) tiles: Vec<(usize, &'a [u8])>,
    pub(crate) root: Hash,
}

pub(crate) fn parse_batch(body: &[u8]) -> Option<Batch<'_>> {
    let mut offset = 0;
    let mut take = |n: usize| {
        let bytes = body.get(offset..)?.get(..n)?;
        offset += n;
        Some((offset - n, bytes))
    };
    (take(1)?.1 == [VERSION]).then_some(())?;
    let first = u64::from_be_bytes(take(8)?.1.try_into().ok()?);
    let count = u32::from_be_bytes(take(4)?.1.try_into().ok()?);
    let mut tiles = Vec::new();
    for _ in 0..count {
        let length = u32::from_be_bytes(take(4)?.1.try_into().ok()?);
        tiles.push(take(length as usize)?);
    }
    let root = Hash::from_slice(take(32)?.1)?;
    (offset == body.len()).then_some(Batch { first, tiles, root })
}
