//! The specification's worked example of a pre-signed capture: this code, the file in `docs/` and the Python script beside it say the
//! same bytes. `make test` runs the script.

use ed25519_dalek::SigningKey;
use ledger::Hash;
use ledger::entry::{
    Action, Authority, Body, Class, Entry, EventDraft, Kind, Part, Record, TileEntry, commitment, event_id, part_kind, record_role,
};
use ledger::name::Name;
use ledger::presigned::{Presigned, encode, parse};

const EXAMPLE: &[u8] = include_bytes!("../../../docs/presigned.lps");
const ORIGIN: &str = "ledger.example/demo";

#[test]
fn the_worked_example() {
    let (salt, public) = ([7; 16], b"/action\tsADD\n/type\tsObjectEvent\n".to_vec());
    let draft = EventDraft {
        member: Name::member_key("brand.example"),
        seq: 1,
        event_ms: 1_700_000_000_000,
        kind: Kind::Object,
        action: Action::Add,
        class: Class::Ordinary,
        event_id: event_id(b"urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"),
        chunk: 0,
        chunks: 1,
        target: Hash::ZERO,
        authorities: vec![Authority::Owner(Name::member_key("brand.example"))],
        refs: Vec::new(),
        parts: vec![Part { kind: part_kind::PUBLIC, commitment: commitment(&salt, &public) }],
        records: vec![Record {
            role: record_role::OBJECT,
            authority: 0,
            key: Name::Gs1(vec![("01".to_owned(), "09506000134352".to_owned()), ("21".to_owned(), "A/1".to_owned())]).key(),
        }],
    };
    let key = SigningKey::from_bytes(&[2; 32]);
    let (event, records) = draft.sign(ORIGIN, &key);
    assert!(event.verify(ORIGIN, &key.verifying_key().to_bytes()));
    let tile = TileEntry { entry: Entry { logged_ms: 1_700_000_000_000, body: Body::Event(event) }, records };
    let entries = vec![Presigned { tile, parts: vec![(salt, public)] }];
    assert_eq!(encode(ORIGIN, &entries).as_deref(), Ok(EXAMPLE));
    assert_eq!(parse(EXAMPLE), Ok((ORIGIN.to_owned(), entries)));
}
