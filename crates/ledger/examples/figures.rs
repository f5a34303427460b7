//! Bundle size and verification time for items with 8, 32 and 128 records, in a ledger of some hundred and of 100,000 entries.
//!
//!     cargo run --release -p ledger --example figures -- FOLDER
//!
//! leaves the bundles and their policy in FOLDER, for `scripts/figures.mjs` to check them in Chromium.

#![expect(clippy::print_stdout, reason = "it prints figures")]

use std::path::PathBuf;
use std::time::Instant;

use ledger::entry::right;
use ledger::public::Line;
use ledger::testing::{Draft, TestLedger, name};
use ledger::verify::verify;

/// Who signs, in turn.
const MEMBERS: [&str; 4] = ["ranch.example", "plant.example", "carrier.example", "store.example"];
/// Checks of each bundle; the median counts.
const RUNS: usize = 31;

/// A record as long as the demo's: some 1,100 bytes of public lines.
fn record(draft: Draft, number: usize) -> Draft {
    (0..18).fold(draft, |draft, line| {
        draft.line(Line::text(format!("/lp:facts/{line:02}/lp:text/en"), format!("Fact {line} of record {number}, in some words more")))
    })
}

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("usage: figures FOLDER"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    println!("entries  records  bundle bytes  native ms");
    for others in [500, 100_000] {
        let mut ledger = TestLedger::new();
        for (seed, member) in (2..).zip(MEMBERS) {
            let prefixes: &[&str] = if seed == 2 { &["9506000"] } else { &[] };
            ledger.member(member, seed, prefixes);
        }
        for partner in &MEMBERS[1..] {
            ledger.grant(MEMBERS[0], partner, right::RECORD);
        }
        let others: Vec<String> = (0..others).map(|n| format!("/01/09506000134352/21/other{n}")).collect();
        for other in &others {
            ledger.event(MEMBERS[0], Draft::commission(&[other]));
        }
        for records in [8, 32, 128] {
            let item = format!("/01/09506000134352/21/with{records}");
            ledger.event(MEMBERS[0], record(Draft::commission(&[&item]), 0));
            for number in 1..records {
                ledger.event(MEMBERS[number % MEMBERS.len()], record(Draft::observe(&[&item]), number));
            }
            let bundle = ledger.bundle(&item);
            let (policy, expected) = (ledger.policy(), name(&item).bytes());
            let mut times: Vec<f64> = (0..RUNS)
                .map(|_| {
                    let start = Instant::now();
                    let report = verify(&bundle, &policy, Some(&expected), ledger.now_ms, &[]);
                    assert!(report.failure.is_none(), "{}", report.text);
                    start.elapsed().as_secs_f64() * 1e3
                })
                .collect();
            times.sort_by(f64::total_cmp);
            println!("{:7}  {records:7}  {:12}  {:9.2}", ledger.tiles.len(), bundle.len(), times[RUNS / 2]);
            let stem = format!("{}-{records}", others.len());
            std::fs::write(folder.join(format!("{stem}.lpb")), &bundle).expect("the folder can be written");
            std::fs::write(folder.join("policy"), policy.encode()).expect("the folder can be written");
        }
    }
}
