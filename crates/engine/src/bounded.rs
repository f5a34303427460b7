//! How many ordinary records one author may put into a list that no owner keeps: governance's, and that of a number which nobody owns.
//! Whoever may write there without asking could fill it, until a page cannot load what others recorded beside it. Alerts and what is taken
//! back have a quota of their own ([`ledger::audit::Quota`]); owners and regulators say as much as they must.

use ledger::Key;
use ledger::entry::{Authority, Chain, Class, Event, ListKind, Record, record_role};

base::limits! {
    /// Ordinary records of one independent about one subject.
    INDEPENDENT_RECORDS: u32 = 32, "records";
    /// Ordinary records of one author about one subject whose number nobody owns.
    UNOWNED_RECORDS: u32 = 128, "records";
    /// A list of fewer rows is not read to count one author's: all of it counts.
    COUNTED_FROM: u32 = 16, "records";
}

/// The lists of this event that are bounded so, each with its limit; to be asked where its author is limited at all.
pub fn bounded(event: &Event, records: &[Record]) -> impl Iterator<Item = (Key, u32)> {
    let counts = !event.corrects() && event.class != Class::Alert;
    let own = records.iter().filter(move |record| counts && record.role & record_role::BULK == 0);
    own.filter_map(move |record| {
        let authority = event.authority(record.authority);
        let limit = match authority {
            Authority::Governance => INDEPENDENT_RECORDS,
            Authority::Unowned(_) => UNOWNED_RECORDS,
            _ => return None,
        };
        Some((authority.list(ListKind::Own, &record.key), limit))
    })
}

/// Whether an entry of such a list is one of them.
pub(crate) fn counts(event: &Event, author: &Key, chain: Chain) -> bool {
    event.member == *author && chain != Chain::Alert && !event.corrects()
}
