//! Reading a data folder's journal from its first frame without changing anything: for checks of a stopped server.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use ledger::Hash;
use store::{Index, Item, Recovered, StoreError};

use crate::frames;
use crate::journal::{Frame, FrameType, Journal, PartAt};
use crate::keeper::LocalKeeper;

/// Hands every item to `visit`, in order; it answers with the parts that the item says are erased.
pub fn walk(data: &Path, visit: &mut dyn FnMut(Item<'_>) -> Result<Vec<Hash>, String>) -> Result<Recovered, StoreError> {
    let mut places: HashMap<Hash, PartAt> = HashMap::new();
    let walked = Journal::walk(&data.join("journal"), &mut |frame: &Frame<'_>| {
        places.extend(frame.parts.iter().copied());
        let erased = match frame.kind {
            FrameType::Intake => Vec::new(),
            FrameType::Batch => {
                let batch = frames::parse_batch(frame.body).ok_or("a batch that breaks the format")?;
                let entries = batch.tiles.iter().map(|(_, bytes)| *bytes).collect();
                visit(Item::Entries { first: batch.first, entries, root: batch.root })?
            }
            FrameType::Note => visit(Item::Note(frame.body))?,
            FrameType::State => {
                let parts: Vec<Hash> = frame.parts.iter().map(|(commitment, _)| *commitment).collect();
                visit(Item::Record { body: frame.body, parts: &parts })?
            }
        };
        Ok(erased.iter().filter_map(|commitment| places.get(commitment)).copied().collect())
    });
    walked.map_err(StoreError::keeper)
}

/// The rows as they are, which may lag behind.
pub fn index(data: &Path) -> Result<Index, StoreError> {
    let reader = Journal::read_only(&data.join("journal")).map_err(StoreError::keeper)?;
    let keeper = LocalKeeper::open(&data.join("index"), reader).map_err(StoreError::keeper)?;
    Ok(Index::new(Arc::new(keeper)))
}
