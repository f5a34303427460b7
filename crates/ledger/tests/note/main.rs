//! Notes: known answers from outside, and everything that must be refused.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod any_input;
mod form;

use ed25519_dalek::{Signer, SigningKey, Verifier, VerifyingKey};
use ledger::hash;
use ledger::note::{Checkpoint, Cosigner, KeyKind, NoteError, NoteSignature, NoteSigner, SignedNote, VKey};

const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn parse(text: &str) -> Result<SignedNote, NoteError> {
    SignedNote::parse(text.as_bytes())
}

#[test]
fn known_answer() {
    let key = VKey::parse(VKEY).unwrap();
    assert_eq!((key.name(), key.kind(), key.id()), ("example.com/foo", KeyKind::Note, [0x53, 0x0d, 0x90, 0x3a]));
    assert_eq!(key.encode(), VKEY);
    let note = parse(NOTE).unwrap();
    assert_eq!(note.text, "This is an example message.\n");
    let verified = note.verify(&[key]).unwrap();
    assert_eq!((verified.len(), verified[0].key, verified[0].time_s), (1, 0, None));
    assert_eq!(note.encode(), NOTE.as_bytes());
}

#[test]
fn checkpoint_of_the_specification() {
    // The example in C2SP tlog-checkpoint.
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint = Checkpoint::parse(text).unwrap();
    assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size, 20_852_163);
    assert_eq!(checkpoint.root.to_string(), "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
    assert_eq!(checkpoint.encode(), text);
}

/// A key of small order "verifies" many messages under lenient rules; strict verification refuses it.
#[test]
fn a_weak_key_verifies_nothing() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let public = VerifyingKey::from_bytes(&identity).unwrap();
    let key = VKey::new("weak", KeyKind::Note, public).unwrap();
    let mut bytes = vec![0; 64];
    bytes[0] = 1;
    let lenient = Verifier::verify(&public, b"anything\n", &bytes[..].try_into().unwrap());
    assert!(lenient.is_ok(), "only the strict rules refuse this signature");
    let signature = NoteSignature { name: "weak".into(), key_id: key.id(), bytes };
    let note = SignedNote { text: "anything\n".into(), signatures: vec![signature] };
    assert_eq!(note.verify(&[key]), Err(NoteError::BadSignature));
}

fn log() -> NoteSigner {
    NoteSigner::new("ledger.example/demo", &[7; 32]).unwrap()
}

fn witness() -> Cosigner {
    Cosigner::new("witness.example/w1", &[8; 32]).unwrap()
}

fn checkpoint_text() -> String {
    Checkpoint { origin: "ledger.example/demo".into(), size: 3, root: hash(b"root") }.encode()
}

fn signed() -> SignedNote {
    let text = checkpoint_text();
    let signatures = vec![log().sign(&text), log().cosigner().cosign(&text, 1_700_000_000), witness().cosign(&text, 1_700_000_060)];
    SignedNote { text, signatures }
}

#[test]
fn log_and_witness_sign() {
    let note = SignedNote::parse(&signed().encode()).unwrap();
    assert_eq!(note, signed());
    let verified = note.verify(&[log().vkey(), log().cosigner().vkey(), witness().vkey()]).unwrap();
    let times: Vec<_> = verified.iter().map(|signature| (signature.key, signature.time_s)).collect();
    assert_eq!(times, [(0, None), (1, Some(1_700_000_000)), (2, Some(1_700_000_060))]);
}

/// Key and line as Python's hashlib, base64 and cryptography make them from the same seed and text.
#[test]
fn a_cosignature_made_elsewhere() {
    let text = "ledger.example/demo\n3\nkqK3h6BtcnLfQ+r4esw7nB0xXXnVmdYcKFmDSD5DGZg=\n";
    let key = "witness.example/w1+fea3b187+BBOY9ixtGkV8UbpqS189vS9p/KkyFiGNyJl+QWvRfZPK";
    let line =
        "— witness.example/w1 /qOxhwAAAABkGFDLFKVZiL9P7jmooZba/bQ4s8iG9Ldny7E1tFCMEZhNFExsHVLZM0TcymW8soLnv8daA93vN6JrjT3cN6pIM5KfBQ==\n";
    assert_eq!(witness().vkey().encode(), key);
    let mut ours = String::new();
    witness().cosign(text, 1_679_315_147).encode(&mut ours);
    assert_eq!(ours, line);
    let verified = parse(&format!("{text}\n{line}")).unwrap().verify(&[VKey::parse(key).unwrap()]).unwrap();
    assert_eq!(verified[0].time_s, Some(1_679_315_147));
}

#[test]
fn one_wrong_known_signature_refuses_the_whole_note() {
    let keys = [log().vkey(), log().cosigner().vkey(), witness().vkey()];
    for index in 0..3 {
        for bit in [0, 63, 64, 511, 512, 575] {
            let mut note = signed();
            let Some(byte) = note.signatures[index].bytes.get_mut(bit / 8) else {
                continue;
            };
            *byte ^= 1 << (bit % 8);
            assert_eq!(note.verify(&keys), Err(NoteError::BadSignature), "signature {index}, bit {bit}");
        }
        let mut note = signed();
        note.signatures[index].bytes.push(0);
        assert_eq!(note.verify(&keys), Err(NoteError::BadSignature));
        note.signatures[index].bytes.truncate(60);
        assert_eq!(note.verify(&keys), Err(NoteError::BadSignature));
    }
    let mut note = signed();
    note.text = note.text.replace("\n3\n", "\n4\n");
    assert_eq!(note.verify(&keys), Err(NoteError::BadSignature));
}

#[test]
fn unknown_keys_are_ignored() {
    let stranger = Cosigner::new("witness.example/w1", &[9; 32]).unwrap();
    let mut note = signed();
    // The same name with another id, and garbage under an unknown name.
    note.signatures.push(stranger.cosign(&note.text, 5));
    note.signatures.push(NoteSignature { name: "x".into(), key_id: [0; 4], bytes: vec![1] });
    assert_eq!(note.verify(&[witness().vkey()]).unwrap().len(), 1);
    assert_eq!(note.verify(&[]), Err(NoteError::NotSigned));
    let other = NoteSigner::new("other", &[1; 32]).unwrap();
    assert_eq!(note.verify(&[other.vkey()]), Err(NoteError::NotSigned));
}

/// A name and an id alone prove nothing: with the id taken over, the signature is that of a known key, and wrong.
#[test]
fn a_borrowed_key_id_is_found_out() {
    let stranger = Cosigner::new("witness.example/w1", &[9; 32]).unwrap();
    let mut note = signed();
    note.signatures[2] = NoteSignature { key_id: witness().vkey().id(), ..stranger.cosign(&note.text, 5) };
    assert_eq!(note.verify(&[witness().vkey()]), Err(NoteError::BadSignature));
}

/// A note signature is no co-signature, nor the other way round: types and messages differ.
#[test]
fn kinds_do_not_stand_for_each_other() {
    let text = checkpoint_text();
    let (note_key, cosigner_key) = (log().vkey(), log().cosigner().vkey());
    assert_ne!(note_key.id(), cosigner_key.id());
    let mut line = log().sign(&text);
    line.key_id = cosigner_key.id();
    line.bytes.splice(0..0, [0; 8]);
    let note = SignedNote { text, signatures: vec![line] };
    assert_eq!(note.verify(&[cosigner_key]), Err(NoteError::BadSignature));
}

#[test]
fn times_beyond_63_bits_are_refused() {
    let mut note = signed();
    note.signatures = vec![witness().cosign(&note.text, u64::MAX)];
    assert_eq!(note.verify(&[witness().vkey()]).unwrap()[0].time_s, Some(i64::MAX as u64));
    // Signed as it should be, but for a time that the format does not have.
    let time_s = 1_u64 << 63;
    let message = format!("cosignature/v1\ntime {time_s}\n{}", note.text);
    let signature = SigningKey::from_bytes(&[8; 32]).sign(message.as_bytes());
    note.signatures[0].bytes = [&time_s.to_be_bytes()[..], &signature.to_bytes()].concat();
    assert_eq!(note.verify(&[witness().vkey()]), Err(NoteError::BadSignature));
}

/// The text ends at the last empty line, so a text may have empty lines of its own.
#[test]
fn the_last_empty_line_divides() {
    let note = parse("a\n\n— a AAAAAAA=\n\n— b AAAAAAA=\n").unwrap();
    assert_eq!(note.text, "a\n\n— a AAAAAAA=\n");
    assert_eq!(note.signatures.len(), 1);
}
