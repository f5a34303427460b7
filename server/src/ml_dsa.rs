//! The check of ML-DSA-44 signatures (FIPS 204, empty context), for co-signatures of type 0x06 on the command line.

use ml_dsa::signature::Verifier as _;
use ml_dsa::{EncodedVerifyingKey, MlDsa44, Signature, VerifyingKey};

/// Whether this key signed this message. Bytes that are no key or no signature signed nothing.
pub fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = EncodedVerifyingKey::<MlDsa44>::try_from(key) else {
        return false;
    };
    let Ok(signature) = Signature::<MlDsa44>::try_from(signature) else {
        return false;
    };
    VerifyingKey::<MlDsa44>::decode(&key).verify(message, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use ledger::note::{NoteSignature, SignedNote, VKey, base64, subtree_message};
    use ledger::policy::Policy;
    use ledger::testing::TestLedger;
    use ml_dsa::signature::Signer as _;
    use ml_dsa::{Seed, SigningKey};
    use sha2::Digest as _;

    use super::*;

    const NAME: &str = "pq.example/w";

    /// Key line and signature line of a witness, put together here as tlog-cosignature says.
    fn witness(text: &str, time_s: u64) -> (String, NoteSignature) {
        let signer = SigningKey::<MlDsa44>::from_seed(&Seed::from([5; 32]));
        let mut typed = vec![6];
        typed.extend_from_slice(&signer.expanded_key().verifying_key().encode());
        assert_eq!(typed.len(), 1 + 1312);
        let id = &sha2::Sha256::digest([NAME.as_bytes(), b"\n", &typed].concat())[..4];
        let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut vkey = format!("{NAME}+{hex}+");
        base64::encode(&typed, &mut vkey);
        let mut bytes = time_s.to_be_bytes().to_vec();
        bytes.extend_from_slice(&signer.sign(&subtree_message(NAME, time_s, text).unwrap()).encode());
        assert_eq!(bytes.len(), 8 + 2420);
        (vkey, NoteSignature { name: NAME.to_owned(), key_id: id.try_into().unwrap(), bytes })
    }

    #[test]
    fn the_command_line_counts_what_a_phone_takes_for_silence() {
        let mut ledger = TestLedger::new();
        ledger.member("brand.example", 2, &["9506000"]);
        ledger.head();
        let mut note = SignedNote::parse(&ledger.note(&[])).unwrap();
        let (vkey, signature) = witness(&note.text, 1_700_000_000);
        assert_eq!(VKey::parse(&vkey).unwrap().encode(), vkey);
        let plain = ledger.policy().encode();
        let lines = plain.lines().filter(|line| !line.starts_with("quorum") && !line.starts_with("witness") && !line.starts_with("group"));
        let kept: Vec<&str> = lines.filter(|line| !line.starts_with("mirrors")).collect();
        let text = format!("{}\nwitness pq {vkey}\nquorum pq\n", kept.join("\n"));
        let phone = Policy::parse(text.as_bytes()).unwrap();
        let desk = phone.clone().counting_ml_dsa(verify);
        note.signatures.push(signature.clone());
        assert_eq!(phone.open(&note).unwrap().standing.as_of_s, None);
        assert_eq!(desk.open(&note).unwrap().standing.as_of_s, Some(1_700_000_000));
        // One wrong bit, of the time or of the signature, refuses the note there; a phone does not look.
        for at in [7, 8, 1000, 8 + 2419] {
            let mut changed = signature.clone();
            changed.bytes[at] ^= 1;
            *note.signatures.last_mut().unwrap() = changed;
            assert!(desk.open(&note).is_err(), "byte {at}");
            assert!(phone.open(&note).is_ok());
        }
        note.signatures.last_mut().unwrap().bytes.pop();
        assert!(desk.open(&note).is_err());
    }

    #[test]
    fn the_signed_message_is_that_of_the_specification() {
        let text = "example.com/sofa\n258\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n";
        let expected = [
            &b"subtree/v1\n\0\x0cpq.example/w"[..],
            &[0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb],
            b"\x10example.com/sofa",
            &[0; 8],
            &[0, 0, 0, 0, 0, 0, 1, 2],
            &[0; 31],
            &[1],
        ]
        .concat();
        assert_eq!(subtree_message(NAME, 1_679_315_147, text), Some(expected));
    }
}
