//! From one version of the ledger to the page of a subject.

use base::clock::now_ms;
use ledger::Key;
use ledger::name::{Level, Name};
use trace::history::History;
use trace::page::{CodeHistory, ItemPage, View as Around, item_page};

use engine::View;

use crate::feedback::letters;

/// What the ledger does not say: the scanned lot, the code's history, whether this is the demo.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// Lot in the scanned address.
    pub lot: Option<String>,
    /// Code history.
    pub code: CodeHistory,
    /// Demo data.
    pub demo: bool,
}

/// The page of `name`; `None` where no entry is about it, or none of those that are about an item is by somebody who may speak of it.
pub fn page(view: &View, name: &Name, scanned: Scanned) -> Result<Option<ItemPage>, String> {
    Ok(page_with_lists(view, name, scanned)?.map(|(page, _)| page))
}

/// The same, with the keys of the lists that it was made from: nothing else in the ledger changes it, but members and permissions.
pub fn page_with_lists(view: &View, name: &Name, scanned: Scanned) -> Result<Option<(ItemPage, Vec<Key>)>, String> {
    if !view.knows(name) {
        return Ok(None);
    }
    let (page, lists) = made(view, name, scanned)?;
    // What the limits left out may speak of it: that nobody does would be a claim.
    Ok((page.recorded || name.level() != Level::Item).then_some((page, lists)))
}

/// What a letter may be about: what is known, and a code that nobody registered under a product that is. Such a letter is how a
/// brand learns of made-up labels.
pub fn about(view: &View, name: &Name, scanned: Scanned) -> Result<Option<ItemPage>, String> {
    if may_be_reported(view, name) { made(view, name, scanned).map(|(page, _)| Some(page)) } else { Ok(None) }
}

/// Whether [`about`] gives anything.
pub fn may_be_reported(view: &View, name: &Name) -> bool {
    view.knows(name) || name.product().is_some_and(|product| view.knows(&product))
}

/// The page and its lists.
fn made(view: &View, name: &Name, scanned: Scanned) -> Result<(ItemPage, Vec<Key>), String> {
    let gathered = ledger::bundle::gather(view, name).map_err(|e| format!("{e:?}"))?;
    let around = Around {
        now_ms: now_ms(),
        ledger_size: view.size(),
        ledger_ms: view.signed_ms(),
        lot: scanned.lot,
        code: scanned.code,
        demo: scanned.demo,
    };
    let lists = gathered.bundle.lists.iter().map(|list| list.key).collect();
    let history = History::from_gathered(name, &gathered);
    let mut page = item_page(&history, &around);
    // Nobody is told that a letter goes to whom it does not go to.
    if !letters::store_may_read(view.rights(), &page, around.now_ms) {
        page.store = None;
    }
    Ok((page, lists))
}
