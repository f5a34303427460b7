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
use ledger::tree::{Blake3, LeafIndex, Log, TreeSize, root, verify_inclusion};

const ORIGIN: &str = "ledger.example/demo";
const MEMBER_ENTRY: &str = "03010000018bcfe568000d6272616e642e6578616d706c6500000001010100010000000000000000ffffffffffffffff00000000000000008139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394010107393530363030300102656e000b4272616e6420466f6f64733e51cd86954867916abf95787afa07b203bb4046a7ae0b78a64d6eb33c8830221e9822bced2c8ed64df689c579ca6316879d6a4a48317e1132a22813d4a9610e";
const EVENT_ENTRY: &str = "01010000018bcfe569f404bd7795da8250c72449111d04c18084b217e7f852c56e08fccb9386e684410c00000000000000010000018bcfe5641801010025e096ba09b62dd5fd64016eb20d840c83368a29a36ea10ad21c47ec5828dfc90000000100000000000000000000000000000000000000000000000000000000000000000120c79b1e23ac82caac120aa51592d148f6d380b38324c59923d23e66e9d5be6fb101014fdec470e0b85f74209a71af0fa2dc7b70838256a0492b241574ff9ebabf9233000000023fac86d2bc218cac0f269a0bb056e3bab0e3712dab9bfc5c84e8e8fb6361bc0132bbfb12346803a0f50a93803056b5528b14fd7dc9ff814e4fc56baf21265d2254708977f77489375355ce4bfb09381f42b5ba9b717965f27e9ec703113f1d0c";

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
    assert!(!member.verify("other.example/demo", &governance));
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
    assert_eq!(event.body_hash(ORIGIN).to_string(), "3ec865eacc255e6dccc73274ff5027319169016ba4e013ce61e1095269fdf350");
    assert_eq!(event.subject_root.to_string(), "3fac86d2bc218cac0f269a0bb056e3bab0e3712dab9bfc5c84e8e8fb6361bc01");
    assert_eq!(event.public_part().unwrap().to_string(), "4fdec470e0b85f74209a71af0fa2dc7b70838256a0492b241574ff9ebabf9233");
    let member_key = SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes();
    assert!(event.verify(ORIGIN, &member_key));
    assert!(!event.verify("other.example/demo", &member_key));
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
    assert_eq!(leaves[0].to_string(), "aaad69e3ed437766683f6bb9974ec53aa876da21ca9e2662e8f1a6e3d010a506");
    assert_eq!(leaves[1].to_string(), "bd203f30abac3519b2b12b2faada60365a765f136a8337ce45a0f04e3d8990f6");
    let item = gs1("/01/09506000134352/21/A%2F1").key();
    let mut map = Map::new();
    for (index, keys) in [member.list_keys(&[]), event.entry.list_keys(&event.records)].into_iter().enumerate() {
        for key in keys {
            let mut list = Accumulator::default();
            list.push(index as u64, &leaves[index]);
            map.insert(&key, list.value(&key));
            if key == item {
                assert_eq!(list.acc.to_string(), "e689c9e44e1d79a3309d59320cc701195cf3acec2c7ebdfaa3273d8942b8782f");
                assert_eq!(list.value(&key).to_string(), "ce320709c2577185948c2ebc9e0b801dc2beb9aa4f6bc399749c4274f0dc3f5f");
            }
        }
    }
    assert_eq!(map.root().to_string(), "bb5f32e51b375d44267e54e485305fdbb4553d67f5fd216b5c8cac8ecd6b860f");
    let head =
        Entry { logged_ms: 1_700_000_000_600, body: Body::MapHead(MapHead { covers: 2, key_count: map.len(), map_root: map.root() }) };
    let bytes = head.encode();
    assert_eq!(
        hex(&bytes),
        "02010000018bcfe56a5800000000000000020000000000000003bb5f32e51b375d44267e54e485305fdbb4553d67f5fd216b5c8cac8ecd6b860f"
    );
    assert_eq!(bytes.len(), 58);
    let all = [leaves[0], leaves[1], leaf_hash(&bytes)];
    assert_eq!(root::<Log>(&all).to_string(), "0d4b88e83bc9b180cf46ccfbdd37a72f044e9c06c72c3f1da71a367d0945ce0c");
}
