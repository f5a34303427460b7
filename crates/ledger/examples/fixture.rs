//! Writes a good and two attacked bundles with their native reports into a folder, for checks of other verifiers:
//! `cargo run -p ledger --example fixture --features testing -- DIR`.

use std::path::Path;

use ledger::entry::Action;
use ledger::testing::{Draft, TestLedger, name};
use ledger::verify::verify;

const ITEM: &str = "/01/09506000134352/21/1";
const CASE: &str = "/00/106141412345678908";

fn main() -> std::io::Result<()> {
    let dir = std::env::args().nth(1).ok_or_else(|| std::io::Error::other("name a folder"))?;
    let dir = Path::new(&dir);
    std::fs::create_dir_all(dir)?;
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.head();
    let made = ledger.event("brand.example", Draft::commission(&[ITEM]).batch("/01/09506000134352/10/L7"));
    ledger.event("brand.example", Draft::master_data("/01/09506000134352"));
    ledger.event("brand.example", Draft::pack(Action::Add, CASE, &[ITEM]));
    ledger.event("brand.example", Draft::observe(&[CASE]));
    ledger.correct("brand.example", made + 3, Draft::void());
    let good = ledger.bundle(ITEM);
    let mut path = ledger.parts_of_bundle(ITEM);
    for entry in &mut path.entries {
        if let Some(path) = &mut entry.path {
            path.reverse();
        }
    }
    let mut list = ledger.parts_of_bundle(ITEM);
    list.lists[0].key = list.lists[1].key;
    let (policy, expected) = (ledger.policy(), name(ITEM).bytes());
    std::fs::write(dir.join("policy"), policy.encode())?;
    std::fs::write(dir.join("name"), &expected)?;
    std::fs::write(dir.join("now"), ledger.now_ms.to_string())?;
    for (case, file) in [("good", good), ("path-swapped", path.encode()), ("list-of-another", list.encode())] {
        let report = verify(&file, &policy, Some(&expected), ledger.now_ms, &[]);
        std::fs::write(dir.join(format!("{case}.bundle")), &file)?;
        std::fs::write(dir.join(format!("{case}.report")), &report.text)?;
    }
    Ok(())
}
