//! The journal's promises: what was acknowledged is read back, or the journal is refused; never silently less.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, and a child prints")]

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use store::{Recovered, SaltedPart, Sync};
use store_local::journal::{Cursor, FrameType, Journal, JournalError, NewFrame, OsDisk, PartAt};

const ERASURE: &[u8] = b"erase ";

/// A frame as these tests read it back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    kind: FrameType,
    body: Vec<u8>,
    parts: Vec<PartAt>,
    next: Cursor,
}

fn open_from(path: &Path, from: Cursor) -> Result<(Journal, Recovered, Vec<Seen>), JournalError> {
    let mut seen = Vec::new();
    let (journal, recovered) = Journal::open(path, Box::new(OsDisk), from, &mut |frame| {
        let parts = frame.parts.iter().map(|(_, part)| *part).collect();
        seen.push(Seen { kind: frame.kind, body: frame.body.to_vec(), parts, next: frame.next });
        Ok(match frame.body.strip_prefix(ERASURE) {
            Some(json) => {
                let places: Vec<(u64, u32)> = serde_json::from_slice(json).map_err(|e| e.to_string())?;
                places.into_iter().map(|(at, length)| PartAt { at, length }).collect()
            }
            None => Vec::new(),
        })
    })?;
    Ok((journal, recovered, seen))
}

fn open(path: &Path) -> Result<(Journal, Recovered, Vec<Seen>), JournalError> {
    open_from(path, Cursor::default())
}

fn frame(body: &str, parts: &[&str]) -> NewFrame {
    let parts = parts.iter().map(|bytes| SaltedPart::new([7; 16], bytes.as_bytes().to_vec())).collect();
    NewFrame { kind: FrameType::State, body: body.into(), parts }
}

fn bodies(seen: &[Seen]) -> Vec<String> {
    seen.iter().map(|s| String::from_utf8_lossy(&s.body).into_owned()).collect()
}

fn journal_file(path: &Path) -> PathBuf {
    path.join("0000000000000000.journal2")
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

#[test]
fn what_was_written_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _, seen) = open(dir.path()).unwrap();
    assert!(seen.is_empty());
    let written = journal.append(&[frame("one", &["secret", ""]), frame("two", &[])], Sync::Now).unwrap();
    journal.append(&[frame("three", &[])], Sync::WithNext).unwrap();
    let secret = journal.reader().read(written[0].parts[0].1.at, written[0].parts[0].1.length).unwrap();
    assert_eq!(&secret[16..], b"secret");
    assert_eq!(journal.reader().read(written[1].body_at, 3).unwrap(), b"two");
    let end = journal.cursor();
    drop(journal);

    let (journal, recovered, seen) = open(dir.path()).unwrap();
    assert_eq!(bodies(&seen), ["one", "two", "three"]);
    assert_eq!(recovered, Recovered { frames: 3, cut: 0, reason: None });
    assert_eq!(journal.cursor(), end);
    drop(journal);
    let (_, _, rest) = open_from(dir.path(), seen[0].next).unwrap();
    assert_eq!(rest, seen[1..]);
}

/// Both who would write and who only looks are told, and the files stay as they are.
#[test]
fn a_folder_of_format_1_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("0000000000000000.journal");
    std::fs::write(&old, b"frames of another format").unwrap();
    for error in [open(dir.path()).err(), Journal::walk(dir.path(), &mut |_| Ok(Vec::new())).err()] {
        let text = error.unwrap().to_string();
        assert!(text.ends_with("is of format 1, which this version does not read; begin with a new data directory"), "{text}");
    }
    assert_eq!(std::fs::read(&old).unwrap(), b"frames of another format");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_cursor_of_another_journal_is_refused() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    open(one.path()).unwrap().0.append(&[frame("one", &[]), frame("two", &[])], Sync::Now).unwrap();
    open(other.path()).unwrap().0.append(&[frame("uno", &[]), frame("due", &[])], Sync::Now).unwrap();
    for seen in open(one.path()).unwrap().2 {
        assert!(matches!(open_from(other.path(), seen.next), Err(JournalError::UnknownCursor(_))));
    }
}

#[test]
fn a_half_written_last_frame_is_cut_and_the_journal_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path()).unwrap().0;
    journal.append(&[frame("kept", &["part"])], Sync::Now).unwrap();
    journal.append(&[frame("never acknowledged", &["half a part"])], Sync::WithNext).unwrap();
    let end = journal.cursor().position.0;
    drop(journal);
    // Cut within the last frame's part, then within its fixed bytes.
    for bytes in [end - 3, end - 60] {
        OpenOptions::new().write(true).open(journal_file(dir.path())).unwrap().set_len(bytes).unwrap();
    }
    let (mut journal, recovered, seen) = open(dir.path()).unwrap();
    assert_eq!(bodies(&seen), ["kept"]);
    assert!(recovered.cut > 0 && recovered.reason.is_some());
    journal.append(&[frame("goes on", &[])], Sync::Now).unwrap();
    drop(journal);
    assert_eq!(bodies(&open(dir.path()).unwrap().2), ["kept", "goes on"]);
}

#[test]
fn an_acknowledged_last_frame_is_never_cut() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path()).unwrap().0;
    journal.append(&[frame("kept", &[])], Sync::Now).unwrap();
    let edge = journal.cursor().position.0;
    journal.append(&[frame("acknowledged", &[])], Sync::Now).unwrap();
    let end = journal.cursor().position.0;
    drop(journal);
    for length in [end - 1, edge + 10, edge] {
        OpenOptions::new().write(true).open(journal_file(dir.path())).unwrap().set_len(length).unwrap();
        let error = open(dir.path()).err().expect("refused");
        assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
    }
}

/// Without the end marker, later frames still tell that earlier ones had been on disk.
#[test]
fn later_frames_vouch_for_earlier_ones() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path()).unwrap().0;
    let first = journal.append(&[frame("acknowledged", &[])], Sync::Now).unwrap();
    journal.append(&[frame("later", &[])], Sync::WithNext).unwrap();
    drop(journal);
    fs::remove_file(dir.path().join("end")).unwrap();
    overwrite(&journal_file(dir.path()), first[0].body_at, b"A");
    assert!(matches!(open(dir.path()), Err(JournalError::Damaged { position: 0, .. })));
}

#[test]
fn erased_parts_are_zeros_and_other_parts_may_not_be() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path()).unwrap().0;
    let written = journal.append(&[frame("comment", &["a name and an address", "kept"])], Sync::Now).unwrap();
    let (secret, kept) = (written[0].parts[0].1, written[0].parts[1].1);
    let record = [ERASURE, &serde_json::to_vec(&[(secret.at, secret.length)]).unwrap()].concat();
    journal.append(&[NewFrame { kind: FrameType::State, body: record, parts: Vec::new() }], Sync::Now).unwrap();
    drop(journal);
    // The process ended before the zeros were written: the next start writes them.
    assert!(fs::read(journal_file(dir.path())).unwrap().windows(7).any(|w| w == b"address"));
    drop(open(dir.path()).unwrap());
    assert!(!fs::read(journal_file(dir.path())).unwrap().windows(7).any(|w| w == b"address"));
    assert_eq!(open(dir.path()).unwrap().2.len(), 2);
    // A part nobody erased is no part of zeros.
    overwrite(&journal_file(dir.path()), kept.at, &vec![0; kept.length as usize]);
    assert!(matches!(open(dir.path()), Err(JournalError::Damaged { position: 0, .. })));
}

#[test]
fn a_missing_file_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path()).unwrap().0;
    let big = "x".repeat(33 << 20);
    for _ in 0..3 {
        journal.append(&[frame(&big, &[])], Sync::Now).unwrap();
    }
    drop(journal);
    let mut files: Vec<PathBuf> = fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "journal2"));
    assert_eq!(files.len(), 3, "64 MiB hold one frame of 33 MiB");
    assert_eq!(open(dir.path()).unwrap().2.len(), 3);
    for file in files {
        let away = dir.path().join("away");
        fs::rename(&file, &away).unwrap();
        // Without its last file the journal ends at a clean edge: only the end marker tells.
        assert!(matches!(open(dir.path()), Err(JournalError::Damaged { .. })), "{}", file.display());
        fs::rename(&away, &file).unwrap();
    }
}

#[derive(Clone, Debug)]
enum Damage {
    Truncate(u64),
    Flip(u64, u8),
    Zero(u64, u64),
    Garbage(u64, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<u64>().prop_map(Damage::Truncate),
        (any::<u64>(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        (any::<u64>(), 1..200u64).prop_map(|(at, n)| Damage::Zero(at, n)),
        (any::<u64>(), prop::collection::vec(any::<u8>(), 1..100)).prop_map(|(at, b)| Damage::Garbage(at, b)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Groups of frames, some waited for and some not, then one damage anywhere: all acknowledged frames are there, or the journal is refused.
    #[test]
    fn no_acknowledged_frame_is_lost_in_silence(
        groups in prop::collection::vec((1..4usize, any::<bool>(), 0..40usize), 1..8),
        damage in damage(),
        marker in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path()).unwrap().0;
        let (mut all, mut acknowledged) = (Vec::new(), 0);
        for (i, (count, synced, part)) in groups.iter().enumerate() {
            let frames: Vec<NewFrame> =
                (0..*count).map(|j| frame(&format!("group {i} frame {j}"), &[&"p".repeat(*part)])).collect();
            all.extend(frames.iter().map(|f| f.body.clone()));
            journal.append(&frames, if *synced { Sync::Now } else { Sync::WithNext }).unwrap();
            if *synced {
                acknowledged = all.len();
            }
        }
        drop(journal);
        let path = journal_file(dir.path());
        let mut bytes = fs::read(&path).unwrap();
        let length = bytes.len() as u64;
        match &damage {
            Damage::Truncate(at) => bytes.truncate((at % length) as usize),
            Damage::Flip(at, bit) => bytes[(at % length) as usize] ^= 1 << bit,
            Damage::Zero(at, n) => {
                let at = at % length;
                bytes[at as usize..(at + n).min(length) as usize].fill(0);
            }
            Damage::Garbage(at, garbage) => {
                let at = (at % length) as usize;
                bytes.truncate(at);
                bytes.extend_from_slice(garbage);
            }
        }
        fs::write(&path, &bytes).unwrap();
        if marker {
            // The marker of the last group may be lost in a power cut; then only a clean cut at the end can go unnoticed.
            fs::remove_file(dir.path().join("end")).unwrap();
        }
        match open(dir.path()) {
            Err(JournalError::Damaged { .. }) => {}
            Err(other) => prop_assert!(false, "{other}"),
            Ok((_, _, seen)) => {
                let read: Vec<Vec<u8>> = seen.iter().map(|s| s.body.clone()).collect();
                prop_assert_eq!(&read[..], &all[..read.len()]);
                prop_assert!(marker || read.len() >= acknowledged);
            }
        }
    }
}
