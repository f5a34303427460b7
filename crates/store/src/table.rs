//! The tables, each with its own first byte. A byte once used is never given to another table; 0x01, 0x04 and 0x7f are a keeper's own.

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table(pub(crate) u8);

/// Single values: the newest checkpoint, the map, how far other rows go.
pub const META: Table = Table(0x00);
/// map key 32 | index u64 → chain u8 | count u32 | accumulator 32, of the list with this entry.
pub const LISTS: Table = Table(0x02);
/// The same keys, of alerts and facts alone → chain u8 | count u32 | accumulator 32, of that chain with this entry.
pub const CHAINS: Table = Table(0x0c);
/// map key 32 → count u32 | accumulator 32, of all rows, of alerts, of facts.
pub const HEADS: Table = Table(0x03);
/// member key 32 | event id 32 | kind u8 | chunk u16 → index u64.
pub const EVENT_IDS: Table = Table(0x05);
/// body hash 32 → index u64.
pub const BODIES: Table = Table(0x06);
/// member key 32 → the member's newest seq u64.
pub const SEQS: Table = Table(0x07);
/// member id → nothing.
pub const MEMBERS: Table = Table(0x08);
/// map key 32 of a list of grants → when its newest version was logged, u64.
pub const GRANTS: Table = Table(0x0a);
/// owner's member key 32 | partner's 32 → when the partner's newest record of the owner's goods was logged, u64.
pub const GRANT_USES: Table = Table(0x0b);
/// label of an inner node of the map → its children (`ledger::map::Map::store`). The leaves are the heads.
pub const MAP_NODES: Table = Table(0x09);

/// item key, hex → [`crate::rows::ScanCount`].
pub const SCANS: Table = Table(0x20);
/// name → User.
pub const USERS: Table = Table(0x21);
/// hash 32 → ApiKey.
pub const API_KEYS: Table = Table(0x22);
/// location path | 0x00 | member id → Location.
pub const LOCATIONS: Table = Table(0x23);
/// id → CaptureJob.
pub const CAPTURE_JOBS: Table = Table(0x24);
/// id → [`crate::rows::CommentRow`].
pub const COMMENTS: Table = Table(0x25);
/// member id | 0x00 | received_ms u64 | id → nothing; a comment stands under its brand and under each store's or seller's member that it went to.
pub const INBOX: Table = Table(0x26);
/// receipt token's hash 32 → comment id.
pub const RECEIPTS: Table = Table(0x27);
/// day u32 → [`crate::record::Milestone`].
pub const MILESTONES: Table = Table(0x28);
/// owner's id | 0x00 | partner's id → [`crate::record::GrantRequest`].
pub const REQUESTS: Table = Table(0x29);
/// member id | 0x00 | created_ms u64 | id of a capture job → nothing.
pub const CAPTURE_JOBS_OF: Table = Table(0x2a);
/// member id | 0x00 | name → [`crate::record::NamedQuery`].
pub const QUERIES: Table = Table(0x2b);
/// partner's id | 0x00 | owner's id → nothing: the same requests from the other side.
pub const REQUESTS_OF: Table = Table(0x2c);
/// member id | 0x00 | account's name → nothing.
pub const USERS_OF: Table = Table(0x2d);
/// member id | 0x00 | location, empty for the brand's own | 0x00 | id → [`crate::rows::ReadyAnswerRow`].
pub const READY_ANSWERS: Table = Table(0x2e);
/// GTIN | 0x00 | received_ms u64 | id of a comment that stands on its product's page → nothing.
pub const SHOWN: Table = Table(0x50);
/// GTIN → [`trace::feedback::public::Tally`].
pub const TALLIES: Table = Table(0x51);
/// member id | 0x00 | account's name | 0x00 | id → [`crate::rows::SavedFilterRow`].
pub const SAVED_FILTERS: Table = Table(0x52);
/// hash 32 of what stands in a link's address → [`crate::record::deed::Link`].
pub const LINKS: Table = Table(0x38);
/// member id | 0x00 | made_ms u64 | the hash in hex → nothing.
pub const LINKS_OF: Table = Table(0x39);
/// account's name → [`crate::record::deed::Factor`].
pub const FACTORS: Table = Table(0x3a);
/// member id → [`crate::record::deed::HouseRule`].
pub const HOUSE_RULES: Table = Table(0x3b);
/// member id | 0x00 | at_ms u64 | id → [`crate::record::deed::Deed`] without its changes.
pub const DEEDS: Table = Table(0x3c);
/// turned serial | 0x00 | item path → index u64 of the first entry whose record names the item.
pub const SERIALS: Table = Table(0x30);

/// id of an address → [`crate::rows::outgoing::ChannelRow`].
pub const CHANNELS: Table = Table(0x40);
/// member id | 0x00 | location, empty for the brand's own | 0x00 | id of an address → nothing.
pub const CHANNELS_OF: Table = Table(0x41);
/// id of a rule → [`crate::rows::outgoing::RuleRow`].
pub const RULES: Table = Table(0x42);
/// member id | 0x00 | location, empty for the brand's own | 0x00 | id of a rule → nothing.
pub const RULES_OF: Table = Table(0x43);
/// id of a subscription → [`crate::rows::outgoing::SubscriptionRow`].
pub const SUBSCRIPTIONS: Table = Table(0x44);
/// member id | 0x00 | name of a query | 0x00 | id of a subscription → nothing.
pub const SUBSCRIPTIONS_OF: Table = Table(0x45);
/// id of a message → [`crate::rows::outgoing::MessageRow`].
pub const OUTBOX: Table = Table(0x46);
/// due_ms u64 | id of a message that waits → nothing.
pub const DUE: Table = Table(0x47);
/// id of an address or a subscription → [`crate::rows::outgoing::LogRow`].
pub const LOGS: Table = Table(0x48);
/// keyed hash of a person's address 32 → [`crate::rows::outgoing::MailedRow`].
pub const MAILED: Table = Table(0x49);
/// member id | 0x00 | number u64 → comment id: a member's letters in the order in which they came in.
pub const LETTERS: Table = Table(0x4a);
/// member id → how many of them.
pub const LETTERS_COUNT: Table = Table(0x4b);

/// member id | 0x00 | location, empty for the member's own | 0x00 | day u32 | GTIN | 0x00 | lot | 0x00 | location of the store, space, its member →
/// [`crate::record::tally::Counts`] that can be read.
pub const FIGURES: Table = Table(0x53);
/// member id | 0x00 | location, empty for the member's own | 0x00 | GTIN → counts that wait until they are enough to be read.
pub const FIGURES_WAITING: Table = Table(0x54);
/// an item's Digital Link path → [`crate::record::deed::Freeze`].
pub const FROZEN: Table = Table(0x55);
/// member id | 0x00 | the path of an item that it froze → nothing.
pub const FROZEN_OF: Table = Table(0x56);
/// an item's Digital Link path → [`crate::rows::inner::InnerRow`].
pub const INNER: Table = Table(0x57);
/// member id | 0x00 | at_ms u64 | id → [`crate::rows::inner::InnerBatch`].
pub const INNER_OF: Table = Table(0x58);
