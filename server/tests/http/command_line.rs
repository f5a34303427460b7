//! The command line as a shell runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use server::engine::{Engine, Options};

fn leafproof(data: &Path, arguments: &[&str], stdout: Stdio) -> Output {
    let child =
        Command::new(env!("CARGO_BIN_EXE_leafproof")).args(arguments).env("DATA", data).stdout(stdout).stderr(Stdio::piped()).spawn();
    child.unwrap().wait_with_output().unwrap()
}

#[test]
fn a_reader_that_has_gone_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    drop(Engine::open(Options::new(folder.path(), "ledger.test/pipes")).unwrap());
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
    drop(Engine::open(Options::new(folder.path(), "ledger.test/names")).unwrap());
    for (name, why) in [("en=gnp.\u{202e}exe", "U+202E"), ("en=two  blanks", "two blanks"), ("zh= edge", "blank")] {
        let done = leafproof(folder.path(), &["member", "add", "a.example", "--name", name], Stdio::piped());
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && said.contains("the member's name in") && said.contains(why), "{said}");
    }
    let listed = leafproof(folder.path(), &["member", "list"], Stdio::piped());
    assert!(listed.stdout.is_empty(), "{}", String::from_utf8_lossy(&listed.stdout));
}
