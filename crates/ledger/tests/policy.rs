//! The policy file: its grammar, what it refuses and in which line, and what it says of co-signatures.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ledger::hash;
use ledger::note::{Checkpoint, Cosigner, NoteError, NoteSigner, SignedNote, VKey};
use ledger::policy::{Fresh, Opened, Policy, PolicyError, PolicyProblem, Standing};
use proptest::prelude::*;

const ORIGIN: &str = "ledger.example/blake3/demo";
const GOVERNANCE: &str = "ledger.example/governance";

fn log() -> NoteSigner {
    NoteSigner::new(ORIGIN, &[1; 32]).unwrap()
}

fn governance() -> NoteSigner {
    NoteSigner::new(GOVERNANCE, &[2; 32]).unwrap()
}

fn witness(number: u8) -> Cosigner {
    Cosigner::new(&format!("witness.example/w{number}"), &[100 + number; 32]).unwrap()
}

/// The lines that every policy needs, then these.
fn text(lines: &str) -> String {
    format!(
        "log {}\ngovernance {}\n{lines}",
        log().vkey(),
        governance().vkey()
    )
}

/// Witnesses w0, w1, … then these lines.
fn with_witnesses(count: u8, lines: &str) -> String {
    let witnesses: String = (0..count)
        .map(|n| format!("witness w{n} {}\n", witness(n).vkey()))
        .collect();
    text(&format!("{witnesses}{lines}"))
}

fn parse(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text.as_bytes())
}

#[test]
fn the_whole_grammar() {
    let witnesses: String = (0..6)
        .map(|n| {
            format!(
                "witness\tw{n}  {} https://w{n}.example/\n",
                witness(n).vkey()
            )
        })
        .collect();
    let text = format!(
        "# what we believe\n\n  \t\nlog {} https://ledger.example/\n  governance {}  \n{witnesses}\
         group X 2 w0 w1 w2\ngroup Y any w3 w4\n\tgroup X-and-Y all X Y\n   # mirrors\nmirrors w5\nquorum X-and-Y\n\
         fresh 1800 7200\nkeys plain\n",
        log().vkey(),
        governance().vkey(),
    );
    let policy = parse(&text).unwrap();
    assert_eq!(policy.logs()[0].vkey, log().vkey());
    assert_eq!(
        policy.logs()[0].url.as_deref(),
        Some("https://ledger.example/")
    );
    assert_eq!(policy.governance(), &governance().vkey());
    assert_eq!(
        policy.fresh(),
        Fresh {
            warn_s: 1800,
            stale_s: 7200
        }
    );
    assert_eq!(policy.witnesses().len(), 6);
    assert_eq!(
        policy.witnesses()[3].url.as_deref(),
        Some("https://w3.example/")
    );
    assert!(!policy.is_pending());
    assert_eq!(parse(&policy.encode()), Ok(policy.clone()));

    let standing =
        |numbers: &[usize]| policy.standing(&numbers.iter().map(|n| (*n, 50)).collect::<Vec<_>>());
    assert!(standing(&[0, 2, 3]).quorum());
    assert!(standing(&[0, 1, 2, 3, 4]).quorum());
    for not_enough in [
        &[][..],
        &[0, 3],
        &[0, 1, 2],
        &[3, 4],
        &[0, 1, 5],
        &[0, 0, 3],
        &[99, 98, 97],
    ] {
        assert!(!standing(not_enough).quorum(), "{not_enough:?}");
    }
    assert!(standing(&[5]).mirrors && !standing(&[0, 1, 2, 3, 4]).mirrors);
}

#[test]
fn a_ledger_without_witnesses_is_pending() {
    let policy = Policy::pending(log().vkey(), governance().vkey()).unwrap();
    assert!(policy.is_pending());
    assert_eq!(
        policy.encode(),
        text("quorum pending\nfresh 3600 86400\nkeys plain\n")
    );
    assert_eq!(parse(&policy.encode()), Ok(policy.clone()));
    let opened = policy.open(&signed(&[])).unwrap();
    assert_eq!(
        opened.standing,
        Standing {
            as_of_s: None,
            mirrors: false
        }
    );
    assert_eq!(opened.log_time_s, Some(1000));

    // Witnesses may stand there before they count.
    let policy = parse(&with_witnesses(1, "quorum pending\nmirrors w0\n")).unwrap();
    let opened = policy.open(&signed(&[(0, 2000)])).unwrap();
    assert_eq!(opened.cosigned, [(0, 2000)]);
    assert_eq!(
        opened.standing,
        Standing {
            as_of_s: None,
            mirrors: true
        }
    );

    let same_key = NoteSigner::new(GOVERNANCE, &[1; 32]).unwrap();
    let error = PolicyError {
        line: 0,
        problem: PolicyProblem::KeyTaken,
    };
    assert_eq!(Policy::pending(log().vkey(), same_key.vkey()), Err(error));
    let error = PolicyError {
        line: 0,
        problem: PolicyProblem::WrongKeyKind,
    };
    assert_eq!(
        Policy::pending(log().cosigner().vkey(), governance().vkey()),
        Err(error)
    );
}

#[test]
fn wrong_lines_are_named() {
    use PolicyProblem as P;
    let log_key = log().vkey();
    let w0 = witness(0).vkey();
    let w1 = witness(1).vkey();
    let same_name = Cosigner::new("witness.example/w0", &[9; 32])
        .unwrap()
        .vkey();
    let many_groups: String = (0..33).map(|n| format!("group g{n} 1 w{n}\n")).collect();
    // Each is appended to a file of two lines: log, governance.
    for (lines, line, problem) in [
        ("".to_owned(), 0, P::NoQuorum),
        ("quorum none\n".into(), 3, P::QuorumNone),
        ("quorum w0\n".into(), 3, P::UnknownName),
        ("quorum pending\nquorum pending\n".into(), 4, P::Twice),
        ("quorum\n".into(), 3, P::WrongItems),
        ("quorum pending pending\n".into(), 3, P::WrongItems),
        ("quorum pending".into(), 3, P::NoFinalLineFeed),
        ("quorum pending\r\n".into(), 3, P::ControlCharacter),
        ("# \u{7f}\nquorum pending\n".into(), 3, P::ControlCharacter),
        ("Quorum pending\n".into(), 3, P::UnknownKeyword),
        ("quorum\u{a0}pending\n".into(), 3, P::UnknownKeyword),
        ("witnes w0\n".into(), 3, P::UnknownKeyword),
        (format!("witness {w0}\n"), 3, P::WrongItems),
        (format!("witness w0 {w0} a b\n"), 3, P::WrongItems),
        ("witness w0 w0\n".into(), 3, P::BadKey(NoteError::BadKey)),
        (
            format!(
                "witness w0 {}\n",
                NoteSigner::new("x", &[5; 32]).unwrap().vkey()
            ),
            3,
            P::WrongKeyKind,
        ),
        (format!("log {w0}\n"), 3, P::WrongKeyKind),
        (format!("governance {w0}\n"), 3, P::WrongKeyKind),
        (format!("log {log_key}\n"), 3, P::KeyTaken),
        (
            format!("witness w0 {}\n", log().cosigner().vkey()),
            3,
            P::KeyTaken,
        ),
        (
            format!("witness w0 {w0}\nwitness w1 {w0}\n"),
            4,
            P::KeyTaken,
        ),
        (
            format!("witness w0 {w0}\nwitness w1 {same_name}\n"),
            4,
            P::KeyNameTaken,
        ),
        (
            format!("witness w0 {w0}\nwitness w0 {w1}\n"),
            4,
            P::NameTaken,
        ),
        (format!("witness none {w0}\n"), 3, P::ReservedName),
        (format!("witness pending {w0}\n"), 3, P::ReservedName),
        (format!("witness w0 {w0}\ngroup w0 1 w0\n"), 4, P::NameTaken),
        (
            format!("witness w0 {w0}\ngroup none 1 w0\n"),
            4,
            P::ReservedName,
        ),
        (
            format!("witness w0 {w0}\ngroup g 1 none\n"),
            4,
            P::ReservedName,
        ),
        (format!("witness w0 {w0}\ngroup g 1 g\n"), 4, P::UnknownName),
        (
            format!("group g 1 w0\nwitness w0 {w0}\n"),
            3,
            P::UnknownName,
        ),
        (
            format!("witness w0 {w0}\ngroup g 1 w0 w0\n"),
            4,
            P::AlreadyMember,
        ),
        (
            format!("witness w0 {w0}\ngroup g 1 w0\ngroup h 1 w0\n"),
            5,
            P::AlreadyMember,
        ),
        (
            format!("witness w0 {w0}\ngroup g 0 w0\n"),
            4,
            P::BadThreshold,
        ),
        (
            format!("witness w0 {w0}\ngroup g 2 w0\n"),
            4,
            P::BadThreshold,
        ),
        (
            format!("witness w0 {w0}\ngroup g 01 w0\n"),
            4,
            P::BadThreshold,
        ),
        (
            format!("witness w0 {w0}\ngroup g 18446744073709551617 w0\n"),
            4,
            P::BadThreshold,
        ),
        (
            format!("witness w0 {w0}\ngroup g some w0\n"),
            4,
            P::BadThreshold,
        ),
        ("group g all\n".into(), 3, P::BadThreshold),
        ("group g any\n".into(), 3, P::BadThreshold),
        ("group g\n".into(), 3, P::WrongItems),
        ("mirrors w0\n".into(), 3, P::UnknownName),
        ("mirrors none\n".into(), 3, P::ReservedName),
        (
            format!("witness w0 {w0}\nmirrors w0\nmirrors w0\n"),
            5,
            P::Twice,
        ),
        ("fresh 0 5\n".into(), 3, P::BadFresh),
        ("fresh 6 5\n".into(), 3, P::BadFresh),
        ("fresh 1h 5h\n".into(), 3, P::BadFresh),
        ("fresh 5\n".into(), 3, P::WrongItems),
        ("fresh 1 2\nfresh 1 2\n".into(), 4, P::Twice),
        ("keys vrf\n".into(), 3, P::KeysNotPlain),
        ("keys plain\nkeys plain\n".into(), 4, P::Twice),
        (
            format!(
                "governance {}\n",
                NoteSigner::new("g2", &[6; 32]).unwrap().vkey()
            ),
            3,
            P::Twice,
        ),
    ] {
        let error = parse(&text(&lines)).unwrap_err();
        assert_eq!(error, PolicyError { line, problem }, "{lines}");
    }
    let error = parse(&with_witnesses(33, "quorum pending\n")).unwrap_err();
    assert_eq!(
        error,
        PolicyError {
            line: 35,
            problem: P::TooMany
        }
    );
    assert_eq!(
        parse(&with_witnesses(32, &many_groups))
            .unwrap_err()
            .problem,
        P::UnknownName
    );

    let whole = |text: &[u8]| Policy::parse(text).unwrap_err();
    assert_eq!(
        whole(b""),
        PolicyError {
            line: 0,
            problem: P::NoLog
        }
    );
    assert_eq!(
        whole(b"\xff\n"),
        PolicyError {
            line: 0,
            problem: P::NotText
        }
    );
    assert_eq!(
        whole(&vec![b'\n'; 64 * 1024 + 1]),
        PolicyError {
            line: 0,
            problem: P::TooLarge
        }
    );
    let no_governance = format!("log {log_key}\nquorum pending\n");
    assert_eq!(
        whole(no_governance.as_bytes()),
        PolicyError {
            line: 0,
            problem: P::NoGovernance
        }
    );
}

#[test]
fn an_error_reads_well() {
    let message = parse(&text("quorum none\n")).unwrap_err().to_string();
    assert!(
        message.starts_with("line 3: quorum none would believe the log alone"),
        "{message}"
    );
    let message = parse(&text("witness w x\n")).unwrap_err().to_string();
    assert_eq!(
        message,
        "line 3: the key cannot be read: a verifier key is written name+id+base64, the id as 8 hexadecimal digits"
    );
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.into(),
        size: 3,
        root: hash(b"root"),
    }
}

/// A checkpoint signed by the log, co-signed by it at 1000, and by these witnesses at these times.
fn signed(cosigners: &[(u8, u64)]) -> SignedNote {
    let text = checkpoint().encode();
    let mut signatures = vec![log().sign(&text), log().cosigner().cosign(&text, 1000)];
    signatures.extend(
        cosigners
            .iter()
            .map(|(number, time_s)| witness(*number).cosign(&text, *time_s)),
    );
    SignedNote { text, signatures }
}

#[test]
fn as_of_is_the_latest_time_that_still_has_a_quorum() {
    let policy = parse(&with_witnesses(
        4,
        "group two 2 w0 w1 w2\nquorum two\nmirrors w3\n",
    ))
    .unwrap();
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
            standing: Standing {
                as_of_s: Some(5),
                mirrors: false
            },
        }
    );
}

/// The log's own co-signature gives a time, and never counts as somebody else's.
#[test]
fn the_log_is_no_witness() {
    let policy = parse(&with_witnesses(1, "quorum w0\n")).unwrap();
    let opened = policy.open(&signed(&[])).unwrap();
    assert_eq!(
        (opened.standing.as_of_s, opened.log_time_s, opened.cosigned),
        (None, Some(1000), vec![])
    );
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
    let mut note = SignedNote {
        signatures: vec![other.sign(&text), other.cosigner().cosign(&text, 9)],
        text,
    };
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
        assert_eq!(
            policy.open(&note),
            Err(NoteError::BadSignature),
            "signature {index}"
        );
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
            Self::Group(threshold, members) => {
                members
                    .iter()
                    .filter(|member| member.reached(present))
                    .count()
                    >= *threshold
            }
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
                let names: Vec<String> = members
                    .iter()
                    .map(|member| member.lines(groups, out))
                    .collect();
                *groups += 1;
                out.push_str(&format!(
                    "group g{groups} {threshold} {}\n",
                    names.join(" ")
                ));
                format!("g{groups}")
            }
        }
    }
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let leaf = Just(Tree::Witness(0));
    leaf.prop_recursive(3, 12, 4, |inner| {
        (0..4_usize, prop::collection::vec(inner, 1..4))
            .prop_map(|(threshold, members)| Tree::Group(threshold, members))
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
