//! No two files of a crate need each other, however far around: so each can be read after those that it names. A folder's own file
//! (`page.rs` for `page/`) may name its children, whose `mod` stands there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Module = Vec<String>;

/// All files of a crate, by module, without comments and without tests in the file.
fn files(folder: &Path, at: &Module, found: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, &[at.clone(), vec![stem]].concat(), found);
        } else if path.extension().is_some_and(|end| end == "rs") && stem != "tests" {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let code: Vec<&str> = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
            let module = if ["lib", "main"].contains(&stem.as_str()) { at.clone() } else { [at.clone(), vec![stem]].concat() };
            found.insert(module, code.join("\n"));
        }
    }
}

/// The paths that begin with `crate`, `super` or `self` in some code, each brace taken apart.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            expand(&[], &code[at..], &mut all);
        }
    }
    all
}

/// Reads one path at the beginning of `text`, with what its braces hold, and returns what is left of the text.
fn expand<'t>(prefix: &[String], text: &'t str, all: &mut Vec<Vec<String>>) -> &'t str {
    let (mut path, mut rest) = (prefix.to_vec(), text.trim_start());
    loop {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if end > 0 {
            path.push(rest[..end].to_owned());
        }
        rest = &rest[end..];
        let Some(after) = rest.strip_prefix("::") else { break };
        rest = after;
        let Some(mut inside) = rest.strip_prefix('{') else { continue };
        while !inside.trim_start().starts_with('}') && !inside.is_empty() {
            let left = expand(&path, inside, all);
            // Past a renaming, to the next one or the brace's end.
            let next = left.find([',', '}']).unwrap_or(left.len());
            inside = left[next..].strip_prefix(',').unwrap_or(&left[next..]);
        }
        return inside.trim_start().strip_prefix('}').unwrap_or("");
    }
    all.push(path);
    rest
}

/// The file that a path leads to.
fn resolve(from: &Module, path: &[String], files: &BTreeMap<Module, String>) -> Option<Module> {
    let mut at = if path[0] == "crate" { Module::new() } else { from.clone() };
    for step in path {
        match step.as_str() {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            name => at.push(name.to_owned()),
        }
    }
    while !at.is_empty() && !files.contains_key(&at) {
        at.pop();
    }
    (!at.is_empty() && at != *from).then_some(at)
}

fn circles(source: &Path) -> Vec<String> {
    let mut all = BTreeMap::new();
    files(source, &Module::new(), &mut all);
    let needs: BTreeMap<&Module, BTreeSet<Module>> =
        all.iter().map(|(module, code)| (module, paths(code).iter().filter_map(|path| resolve(module, path, &all)).collect())).collect();
    let reaches = |from: &Module| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(next) = open.pop() {
            open.extend(needs[&next].iter().filter(|to| seen.insert((*to).clone())).cloned());
        }
        seen
    };
    all.keys().filter(|module| reaches(module).contains(*module)).map(|module| module.join("/")).collect()
}

#[test]
fn no_files_need_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = vec![root.join("app/src"), root.join("server/src")];
    sources.extend(fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path().join("src")));
    for source in sources {
        assert_eq!(circles(&source), [""; 0], "{}", source.display());
    }
}

#[test]
fn a_circle_is_found() {
    let folder = tempfile::tempdir().unwrap();
    for (name, code) in [
        ("lib.rs", "mod a;\nmod b;\nmod c;\n"),
        ("a.rs", "use crate::{b::{One, Two as Other}, c};\n// use crate::d;\n"),
        ("b.rs", "fn f() { super::c::g() }\n"),
        ("c.rs", "use self::x;\n"),
    ] {
        fs::write(folder.path().join(name), code).unwrap();
    }
    assert_eq!(circles(folder.path()), [""; 0]);
    fs::write(folder.path().join("c.rs"), "fn g() -> crate::a::One {}\n").unwrap();
    assert_eq!(circles(folder.path()), ["a", "b", "c"]);
}
