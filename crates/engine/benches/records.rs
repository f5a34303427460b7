//! How fast records go into the log and what an entry costs on disk: `cargo bench --bench records [-- EVENTS]`. Events of one item each, in
//! lots of a hundred, over a real disk; everything beyond HTTP and EPCIS.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use engine::{Engine, NewEvent, Options, Submission};
use ledger::Hash;
use ledger::entry::{Action, Authority, Class, Custody, Kind, Member, Record, Ref, event_id, part_kind, record_role, ref_role};
use ledger::name::Name;
use ledger::testing;

const MEMBER: &str = "beihe.example";
/// Events of one measurement, if the command line says nothing else.
const EVENTS: u32 = 10_000;

fn gs1(parts: &[(&str, &str)]) -> Name {
    Name::Gs1(parts.iter().map(|(ai, value)| ((*ai).to_owned(), (*value).to_owned())).collect())
}

/// Every third event makes an item, the two after it are about it.
fn event(n: u32) -> Submission {
    let (item, step) = (n / 3, n % 3);
    let lot = format!("L{}", item / 100);
    let public =
        format!("/bizStep\twobserving\n/eventID\tsurn:uuid:{n:032x}\n/eventTime\tt2026-11-29T08:00:00Z\n/lp:title/en\tsStep {step}\n");
    let source = format!("{{\"type\":\"ObjectEvent\",\"eventID\":\"urn:uuid:{n:032x}\",\"note\":\"{}\"}}", "x".repeat(500));
    let makes = step == 0;
    let batch = Ref { role: ref_role::BATCH, authority: 0, key: gs1(&[("01", "09506000134352"), ("10", &lot)]).key() };
    let event = NewEvent {
        event_ms: 1_690_000_000_000,
        kind: Kind::Object,
        action: if makes { Action::Add } else { Action::Observe },
        class: Class::Ordinary,
        event_id: event_id(format!("event {n}").as_bytes()),
        chunk: 0,
        chunks: 1,
        target: Hash::ZERO,
        authorities: vec![Authority::Owner(Name::member_key(MEMBER))],
        refs: if makes { vec![batch] } else { Vec::new() },
        records: vec![Record {
            role: record_role::OBJECT,
            authority: 0,
            key: gs1(&[("01", "09506000134352"), ("21", &format!("S{item}"))]).key(),
        }],
        parts: vec![(part_kind::PUBLIC, public.into_bytes()), (part_kind::SOURCE, source.into_bytes())],
        parts_of: None,
        erased: Vec::new(),
    };
    Submission::Custodial { member: MEMBER.to_owned(), event: Box::new(event) }
}

fn bytes_of(submission: &Submission) -> usize {
    let Submission::Custodial { event, .. } = submission else { return 0 };
    event.parts.iter().map(|(_, bytes)| bytes.len()).sum()
}

fn weight(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { weight(&entry.path()) } else { entry.metadata().map_or(0, |m| m.len()) }).sum()
}

#[tokio::main]
async fn main() {
    let events = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(EVENTS);
    println!("{:>8} {:>10} {:>12} {:>12} {:>14} {:>12}", "clients", "events", "events/s", "p99 ms", "journal B/ev.", "index B/ev.");
    for clients in [1_u32, 16, 64, 512] {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(Options::new(folder.path(), "ledger.test/bench", store_local::open)).unwrap().engine;
        let mut member =
            Member { custody: Custody::Held, ..testing::new_member(MEMBER, engine.keys().make_member().unwrap(), &["9506000"]) };
        member.sign(engine.keys().origin(), engine.keys().governance().unwrap());
        engine.submit(Submission::Member(Box::new(member))).await.unwrap();
        let events = if clients == 1 { events / 10 } else { events };
        let next = Arc::new(AtomicU32::new(0));
        let begun = Instant::now();
        let workers = (0..clients).map(|_| {
            let (engine, next) = (engine.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                let mut times = Vec::new();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= events {
                        break times;
                    }
                    let begun = Instant::now();
                    engine.submit(event(n)).await.unwrap();
                    times.push(begun.elapsed());
                }
            })
        });
        let mut times = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            times.extend(worker.await.unwrap());
        }
        let seconds = begun.elapsed().as_secs_f64();
        times.sort_unstable();
        let size = engine.view().size();
        drop(engine);
        let payload = bytes_of(&event(0)) as u64;
        let each = |name: &str| weight(&folder.path().join(name)) / u64::from(events);
        println!(
            "{clients:>8} {events:>10} {:>12.0} {:>12.1} {:>14} {:>12}   payload {payload}, {size} entries",
            f64::from(events) / seconds,
            times[times.len() * 99 / 100].as_secs_f64() * 1000.0,
            each("journal"),
            each("index"),
        );
    }
}
