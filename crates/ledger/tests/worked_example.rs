//! The worked example of the specification, byte for byte: whoever writes a second implementation starts here.
#![expect(clippy::unwrap_used, reason = "a test's own steps cannot fail")]

use ed25519_dalek::SigningKey;
use ledger::Hash;
use ledger::entry::{
    Accumulator, Action, Body, Class, Custody, Entry, EventDraft, Kind, MapHead, Member, Part, Prefix, Record, Ref, Status, TileEntry,
    commitment, event_id, leaf_hash, part_kind, prefix_flag, record_role, ref_role, role, subject_proof,
};
use ledger::map::Map;
use ledger::name::Name;
use ledger::public::{Line, PublicPart};
use ledger::tree::{Blake3, LeafIndex, TreeSize, root, verify_inclusion};

const ORIGIN: &str = "ledger.example/blake3/demo";
const MEMBER_ENTRY: &str = "03010000018bcfe568000d6272616e642e6578616d706c6500000001010100010000000000000000ffffffffffffffff00000000000000008139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394010107393530363030300102656e000b4272616e6420466f6f6473e7e2572fccd412f5ec5b507fcb75a61f882e17bfa5effe5fe20b1ac6b85b7f50deff7a1974511d00af05cc671007034077d364608bf50daa33e67a3150b15307";
const EVENT_ENTRY: &str = "01010000018bcfe569f404bd7795da8250c72449111d04c18084b217e7f852c56e08fccb9386e684410c00000000000000010000018bcfe5641801010025e096ba09b62dd5fd64016eb20d840c83368a29a36ea10ad21c47ec5828dfc90000000100000000000000000000000000000000000000000000000000000000000000000120c79b1e23ac82caac120aa51592d148f6d380b38324c59923d23e66e9d5be6fb101014fdec470e0b85f74209a71af0fa2dc7b70838256a0492b241574ff9ebabf9233000000023fac86d2bc218cac0f269a0bb056e3bab0e3712dab9bfc5c84e8e8fb6361bc01514807428a6a27e467fd870fda145095773f1517cd1b7e1d15492bcaec17e22bc33ad1c88268927f236aded967ee9a27f8d60fddd35417c2387f7d2bddd3c107";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn gs1(path: &str) -> Name {
    Name::from_digital_link_path(path).unwrap()
}

fn member() -> Entry {
    let member_key = SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes();
    let mut member = Member {
        id: "brand.example".into(),
        version: 1,
        status: Status::Active,
        custody: Custody::Own,
        roles: role::MEMBER,
        valid_from: 0,
        valid_until: u64::MAX,
        since: 0,
        public_key: member_key,
        prefixes: vec![Prefix { flags: prefix_flag::OWNER, digits: "9506000".into() }],
        names: vec![("en".into(), "Brand Foods".into())],
        signature: [0; 64],
    };
    member.sign(ORIGIN, &SigningKey::from_bytes(&[1; 32]));
    Entry { logged_ms: 1_700_000_000_000, body: Body::Member(member) }
}

fn event() -> TileEntry {
    let public = PublicPart::build(vec![Line::text("/type", "ObjectEvent"), Line::text("/action", "ADD")]).unwrap();
    let item = |serial: &str| Record { role: record_role::OBJECT, key: gs1(&format!("/01/09506000134352/21/{serial}")).key() };
    let draft = EventDraft {
        member: Name::member_key("brand.example"),
        seq: 1,
        event_ms: 1_699_999_999_000,
        kind: Kind::Object,
        action: Action::Add,
        class: Class::Ordinary,
        event_id: event_id(b"urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"),
        chunk: 0,
        chunks: 1,
        target: Hash::ZERO,
        refs: vec![Ref { role: ref_role::BATCH, key: gs1("/01/09506000134352/10/L7").key() }],
        parts: vec![Part { kind: part_kind::PUBLIC, commitment: commitment(&[7; 16], &public.encode()) }],
        records: vec![item("A%2F1"), item("A%2F2")],
    };
    let (event, records) = draft.sign(ORIGIN, &SigningKey::from_bytes(&[2; 32]));
    TileEntry { entry: Entry { logged_ms: 1_700_000_000_500, body: Body::Event(event) }, records }
}

#[test]
fn member_entry() {
    let entry = member();
    let bytes = entry.encode();
    assert_eq!(hex(&bytes), MEMBER_ENTRY);
    assert_eq!(bytes.len(), 179);
    assert_eq!(Entry::parse(&bytes), Ok(entry.clone()));
    let Body::Member(member) = entry.body else { unreachable!() };
    let governance = SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
    assert_eq!(hex(&governance), "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
    assert!(member.verify(ORIGIN, &governance));
    assert!(!member.verify("other.example/blake3/demo", &governance));
}

#[test]
fn event_entry() {
    let tile = event();
    let bytes = tile.entry.encode();
    assert_eq!(hex(&bytes), EVENT_ENTRY);
    assert_eq!(bytes.len(), 297);
    assert_eq!(Entry::parse(&bytes), Ok(tile.entry.clone()));
    let event = tile.entry.event().unwrap();
    assert_eq!(event.check_records(&tile.records), Ok(()));
    assert_eq!(event.body_hash(ORIGIN).to_string(), "e29ccf74d687557fb52ba23b4a2d839af066facc6b484f5789659bbc7d743528");
    assert_eq!(event.subject_root.to_string(), "3fac86d2bc218cac0f269a0bb056e3bab0e3712dab9bfc5c84e8e8fb6361bc01");
    assert_eq!(event.public_part().unwrap().to_string(), "4fdec470e0b85f74209a71af0fa2dc7b70838256a0492b241574ff9ebabf9233");
    let member_key = SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes();
    assert!(event.verify(ORIGIN, &member_key));
    assert!(!event.verify("other.example/blake3/demo", &member_key));
    let tile_bytes = tile.encode().unwrap();
    assert_eq!(tile_bytes.len(), 297 + 2 * 33);
    assert_eq!(TileEntry::parse(&tile_bytes), Ok(tile.clone()));
    assert_eq!(tile.leaf_len(&tile_bytes), 297);
    for position in 0..2_u32 {
        let proof = subject_proof(&tile.records, position).unwrap();
        let leaf = tile.records[position as usize].leaf();
        let (at, size) = (LeafIndex(position.into()), TreeSize(2));
        assert_eq!(verify_inclusion::<Blake3>(at, size, &leaf, &proof, &event.subject_root), Ok(()));
    }
}

#[test]
fn lists_map_and_root() {
    let (member, event) = (member(), event());
    let leaves = [leaf_hash(&member.encode()), leaf_hash(&event.entry.encode())];
    assert_eq!(leaves[0].to_string(), "93b9718c21ee30567b04f9325de0e79db7e87358ba39a3d9da6c56f28c92c8fd");
    assert_eq!(leaves[1].to_string(), "2011aec66af7fd3000417726fce50b9d877713bfb051399e41181364b77b2ef4");
    let item = gs1("/01/09506000134352/21/A%2F1").key();
    let mut map = Map::new();
    for (index, keys) in [member.list_keys(&[]), event.entry.list_keys(&event.records)].into_iter().enumerate() {
        for key in keys {
            let mut list = Accumulator::default();
            list.push(index as u64, &leaves[index]);
            map.insert(&key, list.value(&key));
            if key == item {
                assert_eq!(list.acc.to_string(), "2066a29d30f7ca44df57bdb41bb6d7fac77b50cb881d7f8fa451fa9a8afda512");
                assert_eq!(list.value(&key).to_string(), "54d5fb3c54961574b20ca1835f36a1f553184c42f103c25e25738ad54c0b255a");
            }
        }
    }
    assert_eq!(map.root().to_string(), "7777ed6e01ace2885c041f00c671dd3f60fd35d3642b00d55e1b57e07223cb44");
    let head =
        Entry { logged_ms: 1_700_000_000_600, body: Body::MapHead(MapHead { covers: 2, key_count: map.len(), map_root: map.root() }) };
    let bytes = head.encode();
    assert_eq!(
        hex(&bytes),
        "02010000018bcfe56a58000000000000000200000000000000037777ed6e01ace2885c041f00c671dd3f60fd35d3642b00d55e1b57e07223cb44"
    );
    assert_eq!(bytes.len(), 58);
    let all = [leaves[0], leaves[1], leaf_hash(&bytes)];
    assert_eq!(root::<Blake3>(&all).to_string(), "4d37ed144e04ec18c5589f5b45dd981525245abba412fb55d7e0146c4e25ee2d");
}
