//! What a policy says of signed checkpoints, quorums of any shape, and the parser fed with anything.

use ledger::hash;
use ledger::note::{Checkpoint, NoteError, NoteSigner, SignedNote, VKey};
use ledger::policy::{Opened, Policy, Standing};
use proptest::prelude::*;

use crate::{ORIGIN, log, parse, text, with_witnesses, witness};

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.into(), size: 3, root: hash(b"root") }
}

/// A checkpoint signed by the log, co-signed by it at 1000, and by these witnesses at these times.
pub(crate) fn signed(cosigners: &[(u8, u64)]) -> SignedNote {
    let text = checkpoint().encode();
    let mut signatures = vec![log().sign(&text), log().cosigner().cosign(&text, 1000)];
    signatures.extend(cosigners.iter().map(|(number, time_s)| witness(*number).cosign(&text, *time_s)));
    SignedNote { text, signatures }
}

#[test]
fn as_of_is_the_latest_time_that_still_has_a_quorum() {
    let policy = parse(&with_witnesses(4, "group two 2 w0 w1 w2\nquorum two\nmirrors w3\n")).unwrap();
    let opened = |cosigners: &[(u8, u64)]| policy.open(&signed(cosigners)).unwrap();
    for (cosigners, as_of_s, mirrors) in [
        (&[][..], None, false),
        (&[(0, 500)], None, false),
        (&[(0, 500), (3, 900)], None, true),
        (&[(0, 500), (1, 700)], Some(500), false),
        (&[(1, 700), (2, 600), (0, 500)], Some(600), false),
        (&[(0, 500), (1, 500), (2, 500), (3, 1)], Some(500), true),
        // A name counts once, with its latest time.
        (&[(0, 500), (0, 800)], None, false),
        (&[(0, 900), (1, 600), (0, 500)], Some(600), false),
        (&[(0, 500), (1, 600), (0, 900)], Some(600), false),
        (&[(0, 0), (1, 0)], Some(0), false),
    ] {
        let standing = opened(cosigners).standing;
        assert_eq!(standing, Standing { as_of_s, mirrors }, "{cosigners:?}");
        assert_eq!(standing.quorum(), as_of_s.is_some());
    }
    assert_eq!(
        opened(&[(2, 5), (0, 7)]),
        Opened {
            checkpoint: checkpoint(),
            log: 0,
            log_time_s: Some(1000),
            cosigned: vec![(0, 7), (2, 5)],
            standing: Standing { as_of_s: Some(5), mirrors: false },
        }
    );
}

/// The log's own co-signature gives a time, and never counts as somebody else's.
#[test]
fn the_log_is_no_witness() {
    let policy = parse(&with_witnesses(1, "quorum w0\n")).unwrap();
    let opened = policy.open(&signed(&[])).unwrap();
    assert_eq!((opened.standing.as_of_s, opened.log_time_s, opened.cosigned), (None, Some(1000), vec![]));
}

#[test]
fn only_the_log_of_that_name_can_sign() {
    let policy = parse(&with_witnesses(1, "quorum w0\n")).unwrap();
    // Witnesses alone are not enough, nor is the log's co-signature.
    let mut note = signed(&[(0, 5)]);
    note.signatures.remove(0);
    assert_eq!(policy.open(&note), Err(NoteError::NotSigned));
    // Nor is another log of the policy, signing in this one's name.
    let other = NoteSigner::new("other.example/log", &[3; 32]).unwrap();
    let both = parse(&text(&format!("log {}\nquorum pending\n", other.vkey()))).unwrap();
    let text = checkpoint().encode();
    let mut note = SignedNote { signatures: vec![other.sign(&text), other.cosigner().cosign(&text, 9)], text };
    assert_eq!(both.open(&note), Err(NoteError::NotSigned));
    note.signatures.push(log().sign(&note.text));
    let opened = both.open(&note).unwrap();
    assert_eq!((opened.log, opened.log_time_s), (0, None));
    // A stranger's signature under the log's name is nobody's.
    let stranger = NoteSigner::new(ORIGIN, &[4; 32]).unwrap();
    note.signatures = vec![stranger.sign(&note.text)];
    assert_eq!(both.open(&note), Err(NoteError::NotSigned));
    // A text that is no checkpoint.
    note.text = "hello\n".into();
    assert_eq!(both.open(&note), Err(NoteError::BadCheckpoint));
}

#[test]
fn a_wrong_signature_of_any_known_key_refuses() {
    let policy = parse(&with_witnesses(2, "quorum w0\n")).unwrap();
    for index in 0..4 {
        let mut note = signed(&[(0, 5), (1, 6)]);
        *note.signatures[index].bytes.last_mut().unwrap() ^= 0x10;
        assert_eq!(policy.open(&note), Err(NoteError::BadSignature), "signature {index}");
    }
}

/// A random forest of groups over some witnesses, and its text.
#[derive(Clone, Debug)]
enum Tree {
    Witness(usize),
    Group(usize, Vec<Tree>),
}

impl Tree {
    fn reached(&self, present: &[usize]) -> bool {
        match self {
            Self::Witness(number) => present.contains(number),
            Self::Group(threshold, members) => members.iter().filter(|member| member.reached(present)).count() >= *threshold,
        }
    }

    /// Numbers the witnesses from 0, in order.
    fn number(&mut self, next: &mut usize) {
        match self {
            Self::Witness(number) => {
                *number = *next;
                *next += 1;
            }
            Self::Group(threshold, members) => {
                *threshold = 1 + *threshold % members.len();
                members.iter_mut().for_each(|member| member.number(next));
            }
        }
    }

    /// Writes the groups, innermost first, and gives the name of this one.
    fn lines(&self, groups: &mut usize, out: &mut String) -> String {
        match self {
            Self::Witness(number) => format!("w{number}"),
            Self::Group(threshold, members) => {
                let names: Vec<String> = members.iter().map(|member| member.lines(groups, out)).collect();
                *groups += 1;
                out.push_str(&format!("group g{groups} {threshold} {}\n", names.join(" ")));
                format!("g{groups}")
            }
        }
    }
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let leaf = Just(Tree::Witness(0));
    leaf.prop_recursive(3, 12, 4, |inner| {
        (0..4_usize, prop::collection::vec(inner, 1..4)).prop_map(|(threshold, members)| Tree::Group(threshold, members))
    })
    .prop_map(|mut tree| {
        tree.number(&mut 0);
        tree
    })
}

proptest! {
    #[test]
    fn quorums_of_any_shape(tree in any_tree(), times in prop::collection::vec((0..12_usize, 0..6_u64), 0..12)) {
        let mut lines = String::new();
        let name = tree.lines(&mut 0, &mut lines);
        let policy = parse(&with_witnesses(30, &format!("{lines}quorum {name}\n"))).unwrap();
        prop_assert_eq!(parse(&policy.encode()), Ok(policy.clone()));
        let expected = (0..6_u64).rev().find(|from| {
            let present: Vec<usize> = times.iter().filter(|(_, time)| time >= from).map(|(who, _)| *who).collect();
            tree.reached(&present)
        });
        prop_assert_eq!(policy.standing(&times).as_of_s, expected);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Policy::parse(&bytes);
    }

    /// Lines made of the grammar's own words, in any order: read, or refused, never a panic; what is read is written
    /// so that it reads the same.
    #[test]
    fn any_policylike_text(words in prop::collection::vec(0..24_usize, 0..40), complete: bool) {
        let keys: Vec<VKey> = (0..3).map(|n| witness(n).vkey()).collect();
        let (log_key, key0, key1) = (log().vkey().encode(), keys[0].encode(), keys[1].encode());
        let vocabulary = [
            "\n", "\n", "\n", "log", "witness", "group", "quorum", "governance", "mirrors", "fresh", "keys", "plain", "none",
            "pending", "a", "b", "any", "all", "1", "2", "#", &log_key, &key0, &key1,
        ];
        let body = words.iter().map(|word| vocabulary[*word]).collect::<Vec<_>>().join(" ");
        let text = if complete { text(&format!("quorum pending\n{body}\n")) } else { body };
        if let Ok(policy) = parse(&text) {
            prop_assert_eq!(parse(&policy.encode()), Ok(policy.clone()));
            let _ = policy.open(&signed(&[(0, 1)]));
        }
    }
}
