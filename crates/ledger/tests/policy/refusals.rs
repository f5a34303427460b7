//! What the grammar refuses, and in which line.

use ledger::note::{Cosigner, NoteError, NoteSigner};
use ledger::policy::{Policy, PolicyError, PolicyProblem};

use crate::{log, parse, text, with_witnesses, witness};

#[test]
fn wrong_lines_are_named() {
    use PolicyProblem as P;
    let log_key = log().vkey();
    let w0 = witness(0).vkey();
    let w1 = witness(1).vkey();
    let same_name = Cosigner::new("witness.example/w0", &[9; 32]).unwrap().vkey();
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
        (format!("witness w0 {}\n", NoteSigner::new("x", &[5; 32]).unwrap().vkey()), 3, P::WrongKeyKind),
        (format!("log {w0}\n"), 3, P::WrongKeyKind),
        (format!("governance {w0}\n"), 3, P::WrongKeyKind),
        (format!("log {log_key}\n"), 3, P::KeyTaken),
        (format!("witness w0 {}\n", log().cosigner().vkey()), 3, P::KeyTaken),
        (format!("witness w0 {w0}\nwitness w1 {w0}\n"), 4, P::KeyTaken),
        (format!("witness w0 {w0}\nwitness w1 {same_name}\n"), 4, P::KeyNameTaken),
        (format!("witness w0 {w0}\nwitness w0 {w1}\n"), 4, P::NameTaken),
        (format!("witness none {w0}\n"), 3, P::ReservedName),
        (format!("witness pending {w0}\n"), 3, P::ReservedName),
        (format!("witness w0 {w0}\ngroup w0 1 w0\n"), 4, P::NameTaken),
        (format!("witness w0 {w0}\ngroup none 1 w0\n"), 4, P::ReservedName),
        (format!("witness w0 {w0}\ngroup g 1 none\n"), 4, P::ReservedName),
        (format!("witness w0 {w0}\ngroup g 1 g\n"), 4, P::UnknownName),
        (format!("group g 1 w0\nwitness w0 {w0}\n"), 3, P::UnknownName),
        (format!("witness w0 {w0}\ngroup g 1 w0 w0\n"), 4, P::AlreadyMember),
        (format!("witness w0 {w0}\ngroup g 1 w0\ngroup h 1 w0\n"), 5, P::AlreadyMember),
        (format!("witness w0 {w0}\ngroup g 0 w0\n"), 4, P::BadThreshold),
        (format!("witness w0 {w0}\ngroup g 2 w0\n"), 4, P::BadThreshold),
        (format!("witness w0 {w0}\ngroup g 01 w0\n"), 4, P::BadThreshold),
        (format!("witness w0 {w0}\ngroup g 18446744073709551617 w0\n"), 4, P::BadThreshold),
        (format!("witness w0 {w0}\ngroup g some w0\n"), 4, P::BadThreshold),
        ("group g all\n".into(), 3, P::BadThreshold),
        ("group g any\n".into(), 3, P::BadThreshold),
        ("group g\n".into(), 3, P::WrongItems),
        ("mirrors w0\n".into(), 3, P::UnknownName),
        ("mirrors none\n".into(), 3, P::ReservedName),
        (format!("witness w0 {w0}\nmirrors w0\nmirrors w0\n"), 5, P::Twice),
        ("fresh 0 5\n".into(), 3, P::BadFresh),
        ("fresh 6 5\n".into(), 3, P::BadFresh),
        ("fresh 1h 5h\n".into(), 3, P::BadFresh),
        ("fresh 5\n".into(), 3, P::WrongItems),
        ("fresh 1 2\nfresh 1 2\n".into(), 4, P::Twice),
        ("keys vrf\n".into(), 3, P::KeysNotPlain),
        ("keys plain\nkeys plain\n".into(), 4, P::Twice),
        (format!("governance {}\n", NoteSigner::new("g2", &[6; 32]).unwrap().vkey()), 3, P::Twice),
    ] {
        let error = parse(&text(&lines)).unwrap_err();
        assert_eq!(error, PolicyError { line, problem }, "{lines}");
    }
    let error = parse(&with_witnesses(33, "quorum pending\n")).unwrap_err();
    assert_eq!(error, PolicyError { line: 35, problem: P::TooMany });
    assert_eq!(parse(&with_witnesses(32, &many_groups)).unwrap_err().problem, P::UnknownName);

    let whole = |text: &[u8]| Policy::parse(text).unwrap_err();
    assert_eq!(whole(b""), PolicyError { line: 0, problem: P::NoLog });
    assert_eq!(whole(b"\xff\n"), PolicyError { line: 0, problem: P::NotText });
    assert_eq!(whole(&vec![b'\n'; 64 * 1024 + 1]), PolicyError { line: 0, problem: P::TooLarge });
    let no_governance = format!("log {log_key}\nquorum pending\n");
    assert_eq!(whole(no_governance.as_bytes()), PolicyError { line: 0, problem: P::NoGovernance });
}

#[test]
fn an_error_reads_well() {
    let message = parse(&text("quorum none\n")).unwrap_err().to_string();
    assert!(message.starts_with("line 3: quorum none would believe the log alone"), "{message}");
    let message = parse(&text("witness w x\n")).unwrap_err().to_string();
    assert_eq!(message, "line 3: the key cannot be read: a verifier key is written name+id+base64, the id as 8 hexadecimal digits");
}
