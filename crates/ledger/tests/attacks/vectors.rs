//! The files of `docs/vectors` are what the cases make, byte for byte, and what came of them is what they say. After a change that
//! is meant: `LEAFPROOF_WRITE_VECTORS=1 cargo test -p ledger --features testing --test attacks`, and look at what changed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ledger::bytes::Writer;
use ledger::policy::Policy;
use ledger::testing::{START_MS, name};
use ledger::verify::{Memory, verify};

use crate::cases::{self, Case, Rules};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors")
}

/// As `remember` of crates/verifier takes it.
fn kept(memory: &[Memory]) -> Vec<u8> {
    let mut out = Writer::default();
    for one in memory {
        out.s16(&one.note).u8(one.consistency.len() as u8);
        for hash in &one.consistency {
            out.put(&hash.0);
        }
    }
    out.finish()
}

fn report(case: &Case) -> ledger::verify::Report {
    let policy = Policy::parse(case.policy.text().as_bytes()).unwrap();
    verify(&case.file, &policy, Some(&name(case.subject).bytes()), START_MS + case.later_ms, &case.kept)
}

#[test]
fn every_case_ends_as_it_must() {
    let mut wrong = Vec::new();
    for case in cases::all() {
        let report = report(&case);
        let (step, word) = report.failure.as_ref().map_or(("", ""), |f| (f.step.word(), f.problem.word()));
        if [report.state.word(), step, word] != case.outcome {
            wrong.push((case.name, report.state.word(), step, word, case.outcome));
        }
        for says in case.says {
            let (sign, line) = says.split_at(1);
            // A star stands for any one field.
            let fits = |other: &str| {
                let mut fields = other.split('\t');
                line.split('\t').all(|wanted| fields.next().is_some_and(|field| wanted == "*" || field == wanted))
            };
            let there = report.text.lines().any(|other| if line.contains('*') { fits(other) } else { other.starts_with(line) });
            if there != (sign == "+") {
                eprintln!("{}\n{}", case.name, report.text);
                wrong.push((case.name, says, "", "", case.outcome));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_files_are_what_the_cases_make() {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for rules in [Rules::Pending, Rules::Quorum, Rules::Revoked] {
        files.insert(rules.file().to_owned(), rules.text().into_bytes());
    }
    let mut table = String::from("# case\tpolicy\tsubject\tnow, ms\tkept\tstate\tstep\tword\n");
    for case in cases::all() {
        let memory = if case.kept.is_empty() { "-".to_owned() } else { format!("{}.kept", case.name) };
        let [state, step, word] = case.outcome.map(|field| if field.is_empty() { "-" } else { field });
        let now = START_MS + case.later_ms;
        table += &format!("{}\t{}\t{}\t{now}\t{memory}\t{state}\t{step}\t{word}\n", case.name, case.policy.file(), case.subject);
        if !case.kept.is_empty() {
            files.insert(memory, kept(&case.kept));
        }
        files.insert(format!("{}.report", case.name), report(&case).text.into_bytes());
        let before = files.insert(format!("{}.lpb", case.name), case.file);
        assert!(before.is_none(), "{} stands twice", case.name);
    }
    files.insert("cases.tsv".to_owned(), table.into_bytes());
    let folder = folder();
    if std::env::var_os("LEAFPROOF_WRITE_VECTORS").is_some() {
        for old in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
            if old.file_name() != "README.md" {
                std::fs::remove_file(old.path()).unwrap();
            }
        }
        for (name, bytes) in &files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let there = std::fs::read_dir(&folder).unwrap().filter(|entry| entry.as_ref().unwrap().file_name() != "README.md").count();
    assert_eq!(there, files.len(), "no file is left over, none is missing");
    for (name, bytes) in &files {
        assert!(std::fs::read(folder.join(name)).unwrap() == *bytes, "{name} differs from what its case makes");
    }
}

#[test]
fn the_specification_has_every_word() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/SPECIFICATION.md");
    let text = std::fs::read_to_string(path).unwrap();
    for (word, message) in ledger::verify::Problem::WORDS {
        assert!(text.contains(&format!("| `{word}` | {message} |\n")), "{word}: {message}");
    }
}

/// Both languages have a sentence for each word by which a whole proof can fail, on the page.
#[test]
fn the_page_has_words_for_every_word() {
    for language in ["en", "zh"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../app/texts/shopper.{language}.tsv"));
        let text = std::fs::read_to_string(path).unwrap();
        for (word, _) in ledger::verify::Problem::WORDS {
            assert!(text.contains(&format!("more.word.{word}\t")), "{language}: {word}");
        }
        // Those of form, of the file and of the note share one sentence each.
        for word in ["file", "note", "form"] {
            assert!(text.contains(&format!("more.word.{word}\t")), "{language}: {word}");
        }
        // Whatever state a check ends in has words, of the page or of the script.
        for state in ["unissued", "unowned"] {
            assert!(text.contains(&format!("more.{state}\t")) && text.contains(&format!("more.{state}.one\t")), "{language}: {state}");
        }
    }
}
