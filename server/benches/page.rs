//! What a page costs, step by step: `cargo bench -p server --bench page`. Medians, in microseconds, of the demo's item with the most
//! records; one thread, everything in memory.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and fails by panicking")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use app::context::{Lang, PageContext};
use app::render;
use engine::{Engine, Options, View};
use ledger::name::Name;
use server::http::compress::Quality;
use server::media::Media;
use server::pages::{self, Scanned};
use server::{demo, serials};
use trace::history::History;
use trace::page::CodeHistory;

/// Runs of each step; the median is what is printed.
const RUNS: usize = 300;

fn step<T>(name: &str, mut run: impl FnMut() -> T) -> T {
    let mut times = Vec::with_capacity(RUNS);
    let mut last = black_box(run());
    for _ in 0..RUNS {
        let begun = Instant::now();
        last = black_box(run());
        times.push(begun.elapsed().as_nanos());
    }
    times.sort_unstable();
    println!("{name:<44}{:>10.1} µs", times[RUNS / 2] as f64 / 1000.0);
    last
}

fn scanned() -> Scanned {
    Scanned { lot: None, code: CodeHistory::NotCounted, demo: true }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(Options::new(folder.path(), "ledger.test/bench", store_local::open)).unwrap().engine;
    let media = Media::open(folder.path()).unwrap();
    demo::load(&engine, &media, folder.path(), |_| ()).await.unwrap();
    let serials = serials::Serials::new(engine.clone());
    while serials.follow(serials::ROUND).unwrap() > 0 {}
    let view = engine.view();
    let name = longest(&view);
    println!("{} entries; {}\n", view.size(), name.digital_link_path().unwrap());
    steps(&view, &name, &context(&name));
    drop(engine);
    assert!(Path::new(folder.path()).exists());
}

fn longest(view: &View) -> Name {
    let items = demo::items().unwrap();
    let names = items.iter().map(|item| Name::from_digital_link_path(&item.path).unwrap());
    names.max_by_key(|name| pages::page(view, name, scanned()).unwrap().map_or(0, |page| page.nodes.len())).unwrap()
}

fn context(name: &Name) -> PageContext {
    PageContext {
        lang: Lang::En,
        public_url: "https://id.example.com".to_owned(),
        here: name.digital_link_path().unwrap(),
        files: std::sync::Arc::default(),
        phone: true,
        demo: true,
    }
}

fn steps(view: &View, name: &Name, context: &PageContext) {
    step("is it known", || view.knows(name));
    let gathered = step("gather: history and proofs", || ledger::bundle::gather(view, name).unwrap());
    step("history with words", || History::from_gathered(name, &gathered));
    let page = step("page as data, from the store", || pages::page(view, name, scanned()).unwrap().unwrap());
    let html = step("page as HTML", || render::item(&page, true, context));
    let bundle = step("bundle, from the store", || view.bundle(name).unwrap());
    for (what, bytes) in [("page", html.as_bytes()), ("bundle", &bundle[..])] {
        for quality in [Quality::Quick, Quality::Small] {
            let small = step(&format!("{what}, brotli, {quality:?}"), || server::http::compress::brotli(bytes, quality));
            println!("{:>44}{:>10} of {} bytes", "", small.len(), bytes.len());
        }
    }
    let mut entries: Vec<u64> = gathered.entries.keys().copied().collect();
    entries.sort_unstable();
    println!("\n{} entries, {} lists, {} parts", entries.len(), gathered.bundle.lists.len(), gathered.bundle.parts.len());
    step("all entries, read", || entries.iter().map(|index| view.tile_bytes(*index).unwrap().len()).sum::<usize>());
    step("all inclusion proofs", || {
        entries.iter().map(|index| ledger::bundle::Source::inclusion(view, *index).unwrap().len()).sum::<usize>()
    });
    let keys: Vec<_> = gathered.bundle.lists.iter().map(|list| list.key).collect();
    step("all lists, read", || keys.iter().map(|key| view.list(key).unwrap().len()).sum::<usize>());
    step("all map proofs", || {
        for key in &keys {
            black_box(ledger::bundle::Source::map_proof(view, key).unwrap());
        }
    });
    let parts: Vec<_> = gathered.bundle.parts.iter().map(|part| part.commitment).collect();
    step("all parts, read", || parts.iter().map(|part| view.part_bytes(part).unwrap().map_or(0, |bytes| bytes.len())).sum::<usize>());
}
