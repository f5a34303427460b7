//! The policy file: its grammar, what it refuses and in which line, and what it says of co-signatures.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod quorum;
mod refusals;

use ledger::note::{Cosigner, NoteSigner};
use ledger::policy::{Fresh, Policy, PolicyError, PolicyProblem, Standing};
use quorum::signed;

const ORIGIN: &str = "ledger.example/demo";
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
    format!("log {}\ngovernance {}\n{lines}", log().vkey(), governance().vkey())
}

/// Witnesses w0, w1, … then these lines.
fn with_witnesses(count: u8, lines: &str) -> String {
    let witnesses: String = (0..count).map(|n| format!("witness w{n} {}\n", witness(n).vkey())).collect();
    text(&format!("{witnesses}{lines}"))
}

fn parse(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text.as_bytes())
}

#[test]
fn the_whole_grammar() {
    let witnesses: String = (0..6).map(|n| format!("witness\tw{n}  {} https://w{n}.example/\n", witness(n).vkey())).collect();
    let text = format!(
        "# what we believe\n\n  \t\nlog {} https://ledger.example/\n  governance {}  \n{witnesses}\
         group X 2 w0 w1 w2\ngroup Y any w3 w4\n\tgroup X-and-Y all X Y\n   # mirrors\nmirrors w5\nquorum X-and-Y\n\
         fresh 1800 7200\nkeys plain\n",
        log().vkey(),
        governance().vkey(),
    );
    let policy = parse(&text).unwrap();
    assert_eq!(policy.logs()[0].vkey, log().vkey());
    assert_eq!(policy.logs()[0].url.as_deref(), Some("https://ledger.example/"));
    assert_eq!(policy.governance(), &governance().vkey());
    assert_eq!(policy.fresh(), Fresh { warn_s: 1800, stale_s: 7200 });
    assert_eq!(policy.witnesses().len(), 6);
    assert_eq!(policy.witnesses()[3].url.as_deref(), Some("https://w3.example/"));
    assert!(!policy.is_pending());
    assert_eq!(parse(&policy.encode()), Ok(policy.clone()));

    let standing = |numbers: &[usize]| policy.standing(&numbers.iter().map(|n| (*n, 50)).collect::<Vec<_>>());
    assert!(standing(&[0, 2, 3]).quorum());
    assert!(standing(&[0, 1, 2, 3, 4]).quorum());
    for not_enough in [&[][..], &[0, 3], &[0, 1, 2], &[3, 4], &[0, 1, 5], &[0, 0, 3], &[99, 98, 97]] {
        assert!(!standing(not_enough).quorum(), "{not_enough:?}");
    }
    assert!(standing(&[5]).mirrors && !standing(&[0, 1, 2, 3, 4]).mirrors);
}

#[test]
fn a_ledger_without_witnesses_is_pending() {
    let policy = Policy::pending(log().vkey(), governance().vkey()).unwrap();
    assert!(policy.is_pending());
    assert_eq!(policy.encode(), text("quorum pending\nfresh 3600 86400\nkeys plain\n"));
    assert_eq!(parse(&policy.encode()), Ok(policy.clone()));
    let opened = policy.open(&signed(&[])).unwrap();
    assert_eq!(opened.standing, Standing { as_of_s: None, mirrors: false });
    assert_eq!(opened.log_time_s, Some(1000));

    // Witnesses may stand there before they count.
    let policy = parse(&with_witnesses(1, "quorum pending\nmirrors w0\n")).unwrap();
    let opened = policy.open(&signed(&[(0, 2000)])).unwrap();
    assert_eq!(opened.cosigned, [(0, 2000)]);
    assert_eq!(opened.standing, Standing { as_of_s: None, mirrors: true });

    let same_key = NoteSigner::new(GOVERNANCE, &[1; 32]).unwrap();
    let error = PolicyError { line: 0, problem: PolicyProblem::KeyTaken };
    assert_eq!(Policy::pending(log().vkey(), same_key.vkey()), Err(error));
    let error = PolicyError { line: 0, problem: PolicyProblem::WrongKeyKind };
    assert_eq!(Policy::pending(log().cosigner().vkey(), governance().vkey()), Err(error));
}
