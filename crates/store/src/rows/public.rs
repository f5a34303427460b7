//! Letters on the page of their product: which stand there, and how many do not and why. Both are kept as rows, so that a page costs no
//! more when ten thousand letters came.

use trace::feedback::public::{HoldWhy, Publicity, Tally};

use super::{CommentRow, Happened};
use crate::keys::inbox_key;
use crate::record::Comment;

use crate::table::{SHOWN, TALLIES};
use crate::{Changes, Index, StoreError};

/// The side that answers for the product of a letter, in records' words: the brand, or the store where nobody owns the number.
pub fn speaker(comment: &Comment) -> &'static str {
    if comment.brand.is_empty() { "store" } else { "brand" }
}

/// Whether a letter stands on its product's page: from its own record and what happened to it, nothing else. It waits for no answer: who
/// is silent hides nothing.
pub fn publicity(row: &CommentRow) -> Publicity {
    let comment = &row.comment;
    let mut waits = comment.held;
    let mut held = None;
    let mut withdrawn = false;
    for event in &row.events {
        let Happened::Step(step) = &event.what else { continue };
        match step.state.as_str() {
            "erased" => return Publicity::Erased,
            "withdrawn" => withdrawn = true,
            // Records of the first days name no side; only brands had a desk then.
            "held" if step.side == speaker(comment) || step.side.is_empty() => {
                held = Some(step.reason.as_deref().and_then(HoldWhy::parse));
            }
            "released" if step.side == speaker(comment) || step.side.is_empty() => (waits, held) = (false, None),
            _ => {}
        }
    }
    match (comment.public, withdrawn, held) {
        (None, ..) => Publicity::NotAllowed,
        (_, true, _) => Publicity::Withdrawn,
        (.., Some(why)) => Publicity::Held(why),
        _ if waits => Publicity::Waiting,
        _ => Publicity::Shown,
    }
}

/// Notes where a letter stands now, and no more where it stood before.
pub(crate) fn moved(changes: &mut Changes, row: &CommentRow, before: Option<Publicity>) -> Result<(), StoreError> {
    let now = publicity(row);
    if before == Some(now) {
        return Ok(());
    }
    let gtin = &row.comment.about.gtin;
    let mut tally: Tally = changes.get_json(TALLIES, gtin.as_bytes())?.unwrap_or_default();
    tally.moved(before, now);
    changes.put_json(TALLIES, gtin.as_bytes(), &tally);
    let key = inbox_key(gtin, row.comment.received_ms, &row.comment.id);
    match (before, now) {
        (_, Publicity::Shown) => changes.put(SHOWN, &key, &[]),
        (Some(Publicity::Shown), _) => changes.remove(SHOWN, &key),
        _ => {}
    }
    Ok(())
}

impl Index {
    /// Where the letters about a product stand.
    pub fn tally(&self, gtin: &str) -> Result<Tally, StoreError> {
        Ok(self.get_json(TALLIES, gtin.as_bytes())?.unwrap_or_default())
    }

    /// The ids of the letters on a product's page, newest first.
    pub fn shown(&self, gtin: &str) -> impl Iterator<Item = Result<String, StoreError>> + use<> {
        self.newest_of(SHOWN, gtin)
    }

    /// Whether a letter stands there now.
    pub fn is_shown(&self, comment: &Comment) -> Result<bool, StoreError> {
        Ok(self.get(SHOWN, &inbox_key(&comment.about.gtin, comment.received_ms, &comment.id))?.is_some())
    }
}
