//! The worked example of the specification, byte for byte: whoever writes a second implementation starts here.
#![expect(clippy::unwrap_used, reason = "a test's own steps cannot fail")]

use ed25519_dalek::SigningKey;
use ledger::Hash;
use ledger::entry::{
    Action, Authority, Body, Class, Custody, Entry, EventDraft, Head, Kind, ListKind, MapHead, Member, Part, Record, Ref, Status,
    TileEntry, commitment, event_id, leaf_hash, part_kind, record_role, ref_role, role, subject_proof,
};
use ledger::map::Map;
use ledger::name::Name;
use ledger::prefix::Register;
use ledger::public::{Line, PublicPart};
use ledger::tree::{Blake3, LeafIndex, Log, TreeSize, root, verify_inclusion};

const ORIGIN: &str = "ledger.example/demo";
const MEMBER_ENTRY: &str = "03020000018bcfe568000d6272616e642e6578616d706c65000000010101000100000000000000000000ffffffffffffffff00000000000000008139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b3940107393530363030300102656e000b4272616e6420466f6f6473008bb5cc2025e7c1c2536e6be6448bc95714a74f43ff7f32d5dc98069af9c701fca55d9c566a0c7885b5a6e43c3851f8de0c09861260ebf5256949f04ef31bf800";
const EVENT_ENTRY: &str = "01020000018bcfe569f404bd7795da8250c72449111d04c18084b217e7f852c56e08fccb9386e684410c00000000000000010000018bcfe5641801010025e096ba09b62dd5fd64016eb20d840c83368a29a36ea10ad21c47ec5828dfc9000000010000000000000000000000000000000000000000000000000000000000000000012000c79b1e23ac82caac120aa51592d148f6d380b38324c59923d23e66e9d5be6fb101014fdec470e0b85f74209a71af0fa2dc7b70838256a0492b241574ff9ebabf9233010104bd7795da8250c72449111d04c18084b217e7f852c56e08fccb9386e684410c00000002a180106aa78be5398ce8e8941ffb7f4f891321ad57b7c0ec440b2e44f090a2d1d38642f80effa55c050e4550c55451dd315b8198fcc060c5aa1d99b38c7046112eb9370b19a7245cea46dd855e6e9c2fbb55c860b146febb6111eb162da86603";
const ITEM_LIST: &str = "401325fcb38fb637b5918f9644ef337573b9fc740ffd9f962bfd8990b1d38deb";
const MADE_LIST: &str = "c79b1e23ac82caac120aa51592d148f6329ee8d6745b3f2dc39daf74c2bcc7d5";
const ITEM_ACC: &str = "8481b9d96fb70561642ed2cb32c0ab9abf5e9d02231142634c5c9e99d0b9e6d1";
const ITEM_VALUE: &str = "d88a626f8c918358167db6302115777cab6765d2e8e7fd3a26c56874f581b562";
const MAP_ROOT: &str = "a9268450cbf2186ea99e3198038f035eaf675840859fd8458fbc7b168845e366";
const PREFIX_LEAF: &str =
    "07393530363030300104bd7795da8250c72449111d04c18084b217e7f852c56e08fccb9386e684410c00000000000000000000018bcfe56800";
const PREFIX_ROOT: &str = "bd5ce390252071a5dc8c6b7369e3fe870804d20c9c31889755bd37fcb13f274a";
const HEAD_ENTRY: &str = "02020000018bcfe56a5800000000000000020000000000000004a9268450cbf2186ea99e3198038f035eaf675840859fd8458fbc7b168845e36600000001bd5ce390252071a5dc8c6b7369e3fe870804d20c9c31889755bd37fcb13f274a";
const MEMBER_LEN: usize = 181;
const EVENT_LEN: usize = 332;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn gs1(path: &str) -> Name {
    Name::from_digital_link_path(path).unwrap()
}

fn owner() -> Authority {
    Authority::Owner(Name::member_key("brand.example"))
}

fn member() -> Entry {
    let member_key = SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes();
    let mut member = Member {
        id: "brand.example".into(),
        version: 1,
        status: Status::Active,
        custody: Custody::Own,
        roles: role::MEMBER,
        levels: 0,
        scopes: Vec::new(),
        valid_from: 0,
        valid_until: u64::MAX,
        since: 0,
        public_key: member_key,
        prefixes: vec!["9506000".into()],
        names: vec![("en".into(), "Brand Foods".into())],
        consent: None,
        signature: [0; 64],
    };
    member.sign(ORIGIN, &SigningKey::from_bytes(&[1; 32]));
    Entry { logged_ms: 1_700_000_000_000, body: Body::Member(member) }
}

fn event() -> TileEntry {
    let public = PublicPart::build(vec![Line::text("/type", "ObjectEvent"), Line::text("/action", "ADD")]).unwrap();
    let item =
        |serial: &str| Record { role: record_role::OBJECT, authority: 0, key: gs1(&format!("/01/09506000134352/21/{serial}")).key() };
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
        authorities: vec![owner()],
        refs: vec![Ref { role: ref_role::BATCH, authority: 0, key: gs1("/01/09506000134352/10/L7").key() }],
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
    assert_eq!(bytes.len(), MEMBER_LEN);
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
    assert_eq!(bytes.len(), EVENT_LEN);
    assert_eq!(Entry::parse(&bytes), Ok(tile.entry.clone()));
    let event = tile.entry.event().unwrap();
    assert_eq!(event.check_records(&tile.records), Ok(()));
    assert_eq!(event.body_hash(ORIGIN).to_string(), "a80b6c56897855e895c9208b5b0d8e394ff1469096dec4f240ea7e8a1f4d548c");
    assert_eq!(event.subject_root.to_string(), "a180106aa78be5398ce8e8941ffb7f4f891321ad57b7c0ec440b2e44f090a2d1");
    assert_eq!(event.public_part().unwrap().to_string(), "4fdec470e0b85f74209a71af0fa2dc7b70838256a0492b241574ff9ebabf9233");
    let member_key = SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes();
    assert!(event.verify(ORIGIN, &member_key));
    assert!(!event.verify("other.example/demo", &member_key));
    let tile_bytes = tile.encode().unwrap();
    assert_eq!(tile_bytes.len(), EVENT_LEN + 2 * 34);
    assert_eq!(TileEntry::parse(&tile_bytes), Ok(tile.clone()));
    assert_eq!(tile.leaf_len(&tile_bytes), EVENT_LEN);
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
    assert_eq!(leaves[0].to_string(), "cafcb51f6e4c6df511325410adca3ba7dfefd170f869e5c26083cd1772332e20");
    assert_eq!(leaves[1].to_string(), "d8eca6191e2b2dee11d124e6d085a6f82748e782cbbef193aff2df554dd54b96");
    let item = owner().list(ListKind::Own, &gs1("/01/09506000134352/21/A%2F1").key());
    let made = owner().list(ListKind::Made, &gs1("/01/09506000134352/10/L7").key());
    assert_eq!(item.to_string(), ITEM_LIST);
    assert_eq!(made.to_string(), MADE_LIST);
    let mut map = Map::new();
    let mut register = Register::default();
    for (index, (entry, records)) in [(&member, &[][..]), (&event.entry, &event.records)].into_iter().enumerate() {
        for joined in entry.lists(records) {
            let mut list = Head::default();
            list.push(index as u64, &leaves[index], joined.chain);
            map.insert(&joined.key, list.value(&joined.key));
            if joined.key == item {
                assert_eq!((list.all.count, list.alerts.count, list.facts.count), (1, 0, 1));
                assert_eq!(list.all.acc, list.facts.acc);
                assert_eq!(list.all.acc.to_string(), ITEM_ACC);
                assert_eq!(list.value(&joined.key).to_string(), ITEM_VALUE);
            }
        }
        if let Some(member) = entry.member() {
            register.take(member, index as u64, entry.logged_ms);
        }
    }
    assert_eq!((map.len(), map.root().to_string().as_str()), (4, MAP_ROOT));
    assert_eq!((register.len(), register.root().to_string().as_str()), (1, PREFIX_ROOT));
    assert_eq!(hex(&register.of("9506000134352").unwrap().bytes()), PREFIX_LEAF);
    let body =
        MapHead { covers: 2, key_count: map.len(), map_root: map.root(), prefix_count: register.len(), prefix_root: register.root() };
    let bytes = Entry { logged_ms: 1_700_000_000_600, body: Body::MapHead(body) }.encode();
    assert_eq!(hex(&bytes), HEAD_ENTRY);
    assert_eq!(bytes.len(), 94);
    let all = [leaves[0], leaves[1], leaf_hash(&bytes)];
    assert_eq!(root::<Log>(&all).to_string(), "e19b2cf23939072a743b4556f2eb8b04a6095a468f46ff32374e108783e755cf");
}
