//! Parsers fed with anything, and laws.

use ledger::note::{Checkpoint, NoteSigner, SignedNote, VKey};
use proptest::prelude::*;

use crate::{VKEY, checkpoint_text, log, signed, witness};

proptest! {
    /// Any bytes are read or refused; what is read is written again as it was.
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(note) = SignedNote::parse(&bytes) {
            prop_assert_eq!(note.encode(), bytes);
        }
    }

    /// The same with text that looks like a note.
    #[test]
    fn any_notelike_text(text in "([a—+ =A\n]|\n\n|— a AAAAAAA=\n|example.com/foo |Uw2QOkn8|\u{2003}|\t){0,30}") {
        if let Ok(note) = SignedNote::parse(text.as_bytes()) {
            prop_assert_eq!(note.encode(), text.as_bytes());
            let key = VKey::parse(VKEY).unwrap();
            prop_assert!(note.verify(&[key]).is_err());
        }
        let _ = Checkpoint::parse(&text);
        if let Ok(key) = VKey::parse(&text) {
            prop_assert_eq!(key.encode(), text);
        }
    }

    /// A changed bit anywhere in a signed checkpoint is noticed: the note is refused, or it tells less than before.
    #[test]
    fn any_changed_bit(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut bytes = signed().encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let keys = [log().vkey(), log().cosigner().vkey(), witness().vkey()];
        let Ok(note) = SignedNote::parse(&bytes) else { return Ok(()) };
        if let Ok(verified) = note.verify(&keys) {
            // A name or id was hit, so that one line belongs to nobody known.
            prop_assert_eq!(verified.len(), 2);
            prop_assert_eq!(note.text, checkpoint_text());
        }
    }

    #[test]
    fn checkpoints_read_back(origin in "[!-~]{1,40}", size: u64, root: [u8; 32]) {
        let checkpoint = Checkpoint { origin, size, root: root.into() };
        prop_assert_eq!(Checkpoint::parse(&checkpoint.encode()), Ok(checkpoint));
    }

    #[test]
    fn keys_read_back(name in "[a-z0-9./-]{1,40}", seed: [u8; 32]) {
        let signer = NoteSigner::new(&name, &seed).unwrap();
        for key in [signer.vkey(), signer.cosigner().vkey()] {
            prop_assert_eq!(VKey::parse(&key.encode()), Ok(key));
        }
    }
}
