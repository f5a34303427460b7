//! Codes inside packs, as tables: which were made together, and which of them were used. None of the codes stands here.

use serde::{Deserialize, Serialize};

use crate::keys::{inbox_key, pair};
use crate::record::InnerSpent;
use crate::record::deed::InnerCodes;
use crate::table::{INNER, INNER_OF};
use crate::{Changes, Index, StoreError};

/// The code inside a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InnerRow {
    /// The member that had it made, of which the code is made too.
    pub member: String,
    /// Id of those it was made with.
    pub batch: String,
    /// When.
    pub at_ms: u64,
    /// When it was used.
    #[serde(default)]
    pub spent_ms: Option<u64>,
}

/// Codes that were made together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InnerBatch {
    /// What they are for.
    pub label: String,
    /// When they were made.
    pub at_ms: u64,
    /// How many.
    pub codes: u32,
    /// How many of them were used.
    pub spent: u32,
}

pub(crate) fn put(changes: &mut Changes, codes: InnerCodes) -> Result<(), StoreError> {
    let mut made = 0;
    for item in &codes.items {
        // What this member had made before stays, used or not; what a former owner of the number had made is over.
        let before = changes.get_json::<InnerRow>(INNER, item.as_bytes())?;
        if before.is_none_or(|row| row.member != codes.member) {
            let row = InnerRow { member: codes.member.clone(), batch: codes.id.clone(), at_ms: codes.at_ms, spent_ms: None };
            changes.put_json(INNER, item.as_bytes(), &row);
            made += 1;
        }
    }
    if made > 0 {
        let batch = InnerBatch { label: codes.label, at_ms: codes.at_ms, codes: made, spent: 0 };
        changes.put_json(INNER_OF, &inbox_key(&codes.member, codes.at_ms, &codes.id), &batch);
    }
    Ok(())
}

/// The first use counts, and no later one.
pub(super) fn spend(changes: &mut Changes, spent: &InnerSpent) -> Result<(), StoreError> {
    let row = changes.get_json::<InnerRow>(INNER, spent.item.as_bytes())?;
    let Some(mut row) = row.filter(|row| row.member == spent.member && row.spent_ms.is_none()) else { return Ok(()) };
    row.spent_ms = Some(spent.at_ms);
    changes.put_json(INNER, spent.item.as_bytes(), &row);
    let key = inbox_key(&row.member, row.at_ms, &row.batch);
    if let Some(mut batch) = changes.get_json::<InnerBatch>(INNER_OF, &key)? {
        batch.spent += 1;
        changes.put_json(INNER_OF, &key, &batch);
    }
    Ok(())
}

impl Index {
    /// The code inside a pack, where one was made.
    pub fn inner(&self, item: &str) -> Result<Option<InnerRow>, StoreError> {
        self.get_json(INNER, item.as_bytes())
    }

    /// The codes for the inside of packs that a member had made, those together as one, newest first.
    pub fn inner_of(&self, member: &str) -> impl Iterator<Item = Result<InnerBatch, StoreError>> + use<> {
        self.json_rows(INNER_OF, &pair(member, "")).rev().map(|row| Ok(row?.1))
    }
}
