//! `leafproof verify FILE --policy FILE`: the check of the page, offline, with the reader's own copy of the rules.

use std::path::PathBuf;
use std::process::ExitCode;

use base::clock::now_ms;
use ledger::bundle::Bundle;
use ledger::name::Name;
use ledger::policy::Policy;
use ledger::verify::{Report, State, verify};
use serde_json::{Map, Value, json};

use super::Failure;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The proof saved from an item's page (.lpb)
    file: PathBuf,
    /// The ledger's policy: whom you trust; from the site's /policy, or better from somebody else
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The address or Digital Link path on the label in your hand, such as /01/09521234000044/21/7K2M9QX4TD3HWZ; without it the
    /// report says what the file is about, and you compare
    #[arg(long, value_name = "CODE")]
    item: Option<String>,
    /// Signature lines of co-signers for the checkpoint in the file, beside those that it has: what witnesses answered elsewhere, by
    /// ML-DSA-44 too, which pages leave out
    #[arg(long, value_name = "FILE")]
    cosignatures: Option<PathBuf>,
    /// The whole report as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the report. Ends with 0 verified, 1 failed, 2 unusable, 3 not yet co-signed, 4 stale, 5 not issued, 6 nobody's number, 7 verified
/// but cut: an alert may be among what the limits left out.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    check(arguments).unwrap_or_else(|failure| {
        eprintln!("leafproof: {failure}");
        ExitCode::from(2)
    })
}

fn check(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let read = |path: &PathBuf| std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    let mut file = read(&arguments.file)?;
    if let Some(path) = &arguments.cosignatures {
        let mut bundle = Bundle::parse(&file).map_err(|e| format!("{}: {e}", arguments.file.display()))?;
        bundle.note.extend_from_slice(&read(path)?);
        file = bundle.encode();
    }
    let policy = Policy::parse(&read(&arguments.policy)?).map_err(|e| format!("{}: {e}", arguments.policy.display()))?;
    let policy = policy.counting_ml_dsa(crate::ml_dsa::verify);
    let expected = arguments.item.as_deref().map(name_of).transpose()?;
    let report = verify(&file, &policy, expected.as_ref().map(|n| n.bytes()).as_deref(), now_ms(), &[]);
    if arguments.json {
        println!("{:#}", as_json(&report));
    } else {
        print!("{}", as_text(&report));
    }
    Ok(ExitCode::from(match report.state {
        State::Verified if is_cut(&report) => 7,
        State::Verified => 0,
        State::Failed => 1,
        State::Unusable => 2,
        State::NotCosigned => 3,
        State::Stale => 4,
        State::Unissued => 5,
        State::Unowned => 6,
    }))
}

fn name_of(code: &str) -> Result<Name, String> {
    use crate::http::typed::{Code, Read, read};
    match read(code) {
        Read::Code(Code { links, .. }) if links.len() == 1 => Ok(links[0].name()),
        Read::Wrong(wrong) | Read::Code(Code { links: _, serials: _, wrong: Some(wrong) }) => Err(format!("{code}: {wrong}")),
        _ => {
            Err(format!("{code} is no code of one item: give the address or the numbers on the label, such as (01)09521234000044(21)7K2M"))
        }
    }
}

/// Whether the limits left out more than older records of a list, behind which no alert can be.
fn is_cut(report: &Report) -> bool {
    report.text.lines().any(|line| line.starts_with("cut\t"))
}

/// Lines of the report (its grammar: `ledger::verify::report`) as fields.
fn lines(report: &Report) -> impl Iterator<Item = Vec<String>> {
    report.text.lines().map(|line| line.split('\t').map(unescape).collect())
}

/// As `ledger::public::escape` wrote it.
fn unescape(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    let mut rest = field.chars();
    while let Some(c) = rest.next() {
        out.extend(if c == '\\' {
            rest.next().map(|c| match c {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                c => c,
            })
        } else {
            Some(c)
        });
    }
    out
}

/// One line of a terminal: nothing in a signed word may look like a line of this program, or turn the direction of reading.
fn printable(text: &str) -> String {
    let harmless = |c: char| !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().flat_map(|c| if harmless(c) { vec![c] } else { c.escape_default().collect() }).collect()
}

fn as_json(report: &Report) -> Value {
    let mut out = Map::new();
    out.insert("state".to_owned(), json!(report.state.word()));
    out.insert(
        "failure".to_owned(),
        report.failure.as_ref().map_or(Value::Null, |f| json!({ "step": f.step.word(), "problem": f.problem.message(), "entry": f.entry })),
    );
    out.insert("report".to_owned(), Value::Array(lines(report).map(|l| json!(l)).collect()));
    Value::Object(out)
}

fn utc(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| "-".to_owned(), |time| time.to_string())
}

fn as_text(report: &Report) -> String {
    let mut out = String::new();
    let mut add = |line: String| {
        out.push_str(&line);
        out.push('\n');
    };
    let field = |l: &[String], n: usize| l.get(n).map(|text| printable(text)).unwrap_or_default();
    let (mut level, mut of_itself, mut left_out) = (String::new(), false, false);
    let (mut author, mut title, mut place, mut when) = (String::new(), String::new(), String::new(), String::new());
    for l in lines(report) {
        match field(&l, 0).as_str() {
            "subject" => {
                level = field(&l, 3);
                add(format!("subject     {}   compare it with the label", field(&l, 1)));
            }
            "node" => of_itself |= field(&l, 3) == "item" || field(&l, 3) == level,
            "as-of" => add(format!("as of       {}", field(&l, 1).parse().map_or_else(|_| "-".to_owned(), utc))),
            "list" if field(&l, 2) != "bulk" && field(&l, 4) != "0" => {
                left_out = true;
                add(format!(
                    "not loaded  {} of {} records of a list ({}): the limits left them out",
                    field(&l, 4),
                    field(&l, 3),
                    field(&l, 2)
                ));
            }
            "checkpoint" => add(format!("ledger      {} #{}\nroot        {}", field(&l, 1), field(&l, 2), field(&l, 3))),
            "cosigner" => {
                let when = field(&l, 2).parse().map_or_else(|_| "-".to_owned(), utc);
                add(format!("seen by     {} at {when}", field(&l, 1)));
            }
            "complete" if field(&l, 1) == "operator" => add("complete    by the operator's own index; no mirror vouches for it".to_owned()),
            "complete" => add("complete    vouched for by mirrors".to_owned()),
            "author" => author = field(&l, 2),
            "line" if field(&l, 2) == "/lp:title/en" => title = field(&l, 4),
            "line" if field(&l, 2) == "/place/en" => place = field(&l, 4),
            "line" if field(&l, 2) == "/eventTime" => when = field(&l, 4),
            "done" => {
                let outcome =
                    if field(&l, 2) == "ok" { "fits".to_owned() } else { format!("FAILED at {}: {}", field(&l, 3), field(&l, 4)) };
                add(format!(
                    "record {:<4} {outcome:<8} {when:<26} {title}{} by {author}",
                    field(&l, 1),
                    if place.is_empty() { String::new() } else { format!(", {place},") }
                ));
                for word in [&mut author, &mut title, &mut place, &mut when] {
                    word.clear();
                }
            }
            "cut" => {
                left_out = true;
                add(format!("left out    what follows from a list ({}) beyond the limits", field(&l, 2)));
            }
            "alert" if field(&l, 2) == "red" => add(format!("alert       entry {} is in force", field(&l, 1))),
            "alert" => add(format!("warning     entry {}, not by the owner of the number", field(&l, 1))),
            "correction" => add(format!("corrected   entry {} by entry {}", field(&l, 1), field(&l, 2))),
            _ => {}
        }
    }
    let words = match report.state {
        State::Verified if is_cut(report) => "what is here is verified; not all could be loaded, and an alert may be among the rest",
        State::Verified => "verified, and seen by others",
        State::NotCosigned => "every record verified; not co-signed by anyone else yet",
        State::Stale => "every record verified, against a ledger that others have not seen for long",
        State::Failed => "FAILED",
        State::Unusable => "this file could not be checked",
        State::Unissued => "every record verified; but none says who brought this into being: its code may be made up",
        State::Unowned => "every record verified; but nobody who owns this number stands behind it",
    };
    if left_out {
        add("complete    but for what was not loaded".to_owned());
    }
    if !of_itself && matches!(report.state, State::Verified | State::NotCosigned | State::Stale) {
        add("records     none of this very code: the ledger has no such item".to_owned());
    }
    add(format!("result      {words}"));
    if let Some(failure) = &report.failure {
        add(format!("            at step {}: {}", failure.step.word(), failure.problem.message()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_signed_word_makes_no_line_of_its_own() {
        let text = printable("Packed\nresult      verified\u{9b}2J\u{202e}\t\u{7f}包装");
        assert_eq!(text, "Packed\\nresult      verified\\u{9b}2J\\u{202e}\\t\\u{7f}包装");
    }
}
