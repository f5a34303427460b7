//! The command line as a shell runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use engine::{Engine, Options};
use server::capture::{self, Behaviour};
use server::grants;
use trace::rights::rights_of;

use crate::app::{ITEM_URN, commissioning, document, join, observed};

fn leafproof(data: &Path, arguments: &[&str], stdout: Stdio) -> Output {
    let child =
        Command::new(env!("CARGO_BIN_EXE_leafproof")).args(arguments).env("DATA", data).stdout(stdout).stderr(Stdio::piped()).spawn();
    child.unwrap().wait_with_output().unwrap()
}

#[test]
fn a_reader_that_has_gone_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    drop(Engine::open(Options::new(folder.path(), "ledger.test/pipes", store_local::open)).unwrap());
    let add = leafproof(folder.path(), &["member", "add", "a.example", "--name", "en=A"], Stdio::piped());
    assert!(add.status.success(), "{}", String::from_utf8_lossy(&add.stderr));
    for command in [&["member", "list"][..], &["policy"], &["--print-config"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = leafproof(folder.path(), command, writer.into());
        assert!(done.status.success() && done.stderr.is_empty(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

#[test]
fn a_name_that_no_page_can_show_is_refused_before_a_key_is_made() {
    let folder = tempfile::tempdir().unwrap();
    drop(Engine::open(Options::new(folder.path(), "ledger.test/names", store_local::open)).unwrap());
    for (name, why) in [("en=gnp.\u{202e}exe", "U+202E"), ("en=two  blanks", "two blanks"), ("zh= edge", "blank")] {
        let done = leafproof(folder.path(), &["member", "add", "a.example", "--name", name], Stdio::piped());
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && said.contains("the member's name in") && said.contains(why), "{said}");
    }
    let listed = leafproof(folder.path(), &["member", "list"], Stdio::piped());
    assert!(listed.stdout.is_empty(), "{}", String::from_utf8_lossy(&listed.stdout));
}

#[test]
fn a_second_member_of_a_name_is_admitted_only_by_saying_so() {
    let folder = tempfile::tempdir().unwrap();
    drop(Engine::open(Options::new(folder.path(), "ledger.test/names", store_local::open)).unwrap());
    let add = |id: &str, name: &str, more: &[&str]| {
        let arguments = [&["member", "add", id, "--name", "zh=甲", "--name", name], more].concat();
        let done = leafproof(folder.path(), &arguments, Stdio::piped());
        (done.status.success(), format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)))
    };
    let first = leafproof(folder.path(), &["member", "add", "glenarra.example", "--name", "en=Glenarra Nutrition"], Stdio::piped());
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    for name in ["en=Glenarra Nutrition", "en=GLENARRA nutrition", "en=Gl\u{435}n\u{430}rra Nutrition", "fr=glenarra.example"] {
        let (taken, said) = add("rival.example", name, &[]);
        assert!(!taken && said.contains("glenarra.example (Glenarra Nutrition)") && said.contains("--same-name"), "{name}: {said}");
    }
    let listed = leafproof(folder.path(), &["member", "list"], Stdio::piped());
    assert_eq!(String::from_utf8_lossy(&listed.stdout).lines().count(), 1, "nothing was admitted");
    assert!(add("west.example", "en=Glenarra Nutrition West", &[]).0);
    let (taken, said) = add("rival.example", "en=Glenarra Nutrition", &["--same-name"]);
    assert!(taken && said.contains("looks the same"), "{said}");
}

#[tokio::test]
async fn an_owner_objects_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(Options::new(folder.path(), "ledger.test/objections", store_local::open)).unwrap().engine;
    for (id, prefix) in [("brand.example", "9521234"), ("store.example", "9521272")] {
        join(&engine, id, prefix).await;
    }
    let grant = grants::next(&engine, "brand.example", "store.example", rights_of(["record"]).unwrap(), Vec::new()).unwrap();
    grants::give(&engine, grant, None).await.unwrap();
    let received = observed("2", ITEM_URN, "receiving", "urn:epc:id:sgln:9521272.00018.0");
    let mut entry = 0;
    for (member, event) in [("brand.example", commissioning("1", ITEM_URN)), ("store.example", received)] {
        let options = capture::Options { behaviour: Behaviour::Rollback, dry_run: false, now_ms: engine.now_ms() };
        let outcome = capture::run(&engine, member, &document(vec![event]).to_string(), options, None).await.unwrap();
        assert!(outcome.success, "{outcome:?}");
        entry = outcome.events[0].entries[0];
    }
    drop(engine);
    let entry = entry.to_string();
    for (owner, reason, taken, said) in [
        ("store.example", "en=Not so.", false, "your own record"),
        ("brand.example", "fr=Non.", false, "en or zh"),
        ("brand.example", "en=Not so.", true, "brand.example objects to entry"),
        ("brand.example", "en=Again.", false, "already"),
    ] {
        let done = leafproof(folder.path(), &["objection", "add", &entry, "--owner", owner, "--reason", reason], Stdio::piped());
        let words = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() == taken && words.contains(said), "{owner} {reason}: {words}");
    }
}
