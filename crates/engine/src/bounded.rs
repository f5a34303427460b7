//! How much one author may put into a list that is not its own: ordinary records where no owner asks it to, in governance's lists and those
//! of a number which nobody owns; and facts, which no page leaves out, in an owner's that lets it speak. Whoever may write there could fill
//! them, until a page cannot load what others recorded beside it: with records that are taken back too, for no page leaves that out either.
//! Alerts, and what partners take back, have a quota of their own ([`ledger::audit::Quota`]); owners and regulators say as much as they must.

use ledger::Key;
use ledger::entry::{Action, Authority, Chain, Class, Entry, Event, Kind, ListKind, Record, record_role};

base::limits! {
    /// Ordinary records of one independent about one subject.
    INDEPENDENT_RECORDS: u32 = 32, "records";
    /// Records of one author about one subject whose number nobody owns. Goods are made of many such inputs, and a page leaves none of their
    /// facts out, nor what is taken back: twenty full ones of one author still fit it, unless they were erased too.
    UNOWNED_RECORDS: u32 = 16, "records";
    /// What such an author takes back of them or unpacks: each once, and some unpackings that were typed wrong.
    UNOWNED_ENDED: u32 = 20, "records";
    /// Facts of one partner about one subject: that it was made, what it is called, what it was packed in.
    PARTNER_FACTS: u32 = 128, "records";
    /// Facts of one partner about one subject that may have as many public lines as any record: the next are short.
    PARTNER_LONG_FACTS: u32 = 16, "records";
    /// The public part of those next ones: so many of them fit one file beside what others say.
    PARTNER_FACT_BYTES: usize = 2 << 10, "bytes";
}

/// Records of one author in one list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Without alerts, and without what takes back.
    pub all: u32,
    /// Those of them that are facts.
    pub facts: u32,
    /// What takes back.
    pub taken_back: u32,
    /// Those of all that unpack.
    pub unpacked: u32,
}

impl Said {
    /// Counts a row of that author's.
    pub fn take(&mut self, event: &Event, chain: Chain) {
        if event.kind == Kind::Erase {
            // Never refused, so never counted.
        } else if event.corrects() {
            self.taken_back += 1;
        } else if chain != Chain::Alert {
            self.all += 1;
            self.facts += u32::from(chain == Chain::Fact);
            self.unpacked += u32::from(unpacks(event));
        }
    }
}

/// A list that is bounded so.
pub struct Bounded {
    /// Which.
    pub list: Key,
    /// What its author may have there.
    pub limit: u32,
    of: What,
}

/// What of an author's is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    All,
    Facts,
    TakenBack,
    Begun,
    Ended,
}

impl Bounded {
    /// The most bytes that one more may have, where this one has more.
    pub const fn too_long(&self, said: Said, bytes: usize) -> Option<usize> {
        if matches!(self.of, What::Facts) && said.facts >= PARTNER_LONG_FACTS && bytes > PARTNER_FACT_BYTES {
            Some(PARTNER_FACT_BYTES)
        } else {
            None
        }
    }

    /// Whether there is no room for one more.
    pub const fn is_full(&self, said: Said) -> bool {
        let count = match self.of {
            What::All => said.all,
            What::Facts => said.facts,
            What::TakenBack => said.taken_back,
            What::Begun => said.all - said.unpacked,
            What::Ended => said.taken_back + said.unpacked,
        };
        count >= self.limit
    }
}

/// Whoever packed sixteen times can still unpack.
fn unpacks(event: &Event) -> bool {
    event.packs() && event.action == Action::Delete
}

/// The lists of this event that are bounded so; to be asked where its author is limited at all.
pub fn bounded<'a>(entry: &'a Entry, event: &'a Event, records: &'a [Record]) -> impl Iterator<Item = Bounded> + 'a {
    // Personal data can be erased whatever else was said; each record is erased once, so there are no more erasures than records.
    let counts = event.kind != Kind::Erase && (event.corrects() || event.class != Class::Alert);
    let own = records.iter().filter(move |record| counts && record.role & record_role::BULK == 0);
    own.filter_map(move |record| {
        let authority = event.authority(record.authority);
        let is_fact = Chain::of(entry, record.role) == Chain::Fact;
        let (limit, of) = match authority {
            Authority::Governance if event.corrects() => (INDEPENDENT_RECORDS, What::TakenBack),
            Authority::Governance => (INDEPENDENT_RECORDS, What::All),
            Authority::Unowned(_) if event.corrects() || unpacks(event) => (UNOWNED_ENDED, What::Ended),
            Authority::Unowned(_) => (UNOWNED_RECORDS, What::Begun),
            Authority::Owner(owner) if owner != event.member && is_fact && !event.corrects() => (PARTNER_FACTS, What::Facts),
            _ => return None,
        };
        Some(Bounded { list: authority.list(ListKind::Own, &record.key), limit, of })
    })
}
