//! `leafproof fsck`: of a folder, and of a running server by its tiles.

use cosign::client::Client;
use cosign::follow::{fetch_entries, fetch_records};
use engine::keys::Cosigners;
use server::fsck::{self, FsckError};

use super::app::{App, commissioning, key};

pub(crate) async fn serve(app: &App) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = app.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A ledger of more entries than a tile holds.
pub(crate) async fn many() -> App {
    let app = App::cosigned_by(Cosigners::default()).await;
    for _ in 0..6 {
        app.taken("brand.example", (0..60).map(|_| fresh()).collect()).await;
    }
    app
}

/// Three records more.
pub(crate) async fn taken_more(app: &App) {
    app.taken("brand.example", (0..3).map(|_| fresh()).collect()).await;
}

fn fresh() -> serde_json::Value {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(100);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    commissioning(&number.to_string(), &format!("urn:epc:id:sgtin:9521234.000004.N{number}"))
}

#[tokio::test]
async fn a_running_ledger_is_checked_by_its_tiles_alone() {
    let app = many().await;
    let url = serve(&app).await;
    let size = app.engine.view().size();
    assert!(size > 256, "more than a tile");
    let (found, other) = {
        let (url, policy) = (url.clone(), ledger::testing::TestLedger::new().policy());
        let check = move || (fsck::url(&url, None, None, &mut |_| {}), fsck::url(&url, Some(policy), None, &mut |_| {}));
        tokio::task::spawn_blocking(check).await.unwrap()
    };
    let found = found.unwrap();
    assert_eq!((found.entries, found.checkpoints), (size, 1));
    assert!(found.tiles >= 3, "two of leaves, one above");
    assert!(matches!(other, Err(FsckError::Wrong(_))), "another ledger's policy");
    // Any width that exists can be had, and the answer is for ever.
    let tile = app.get("/tile/0/000.p/7").await;
    assert_eq!((tile.status.as_u16(), tile.body.len()), (200, 7 * 32));
    assert!(tile.header("cache-control").contains("immutable"));
    assert_eq!(app.get("/tile/0/007").await.status.as_u16(), 404);
    assert_eq!(app.get("/tile/entries/1").await.status.as_u16(), 400);
    let fetched = move || {
        let client = Client::new(None);
        (fetch_entries(&client, &url, 250, 262).unwrap(), fetch_records(&client, &url, 250, 262).unwrap())
    };
    let (entries, records) = tokio::task::spawn_blocking(fetched).await.unwrap();
    assert_eq!((entries.len(), records.len()), (12, 12));
    let (leaf, own) = app.engine.view().leaf_and_records(253).unwrap();
    assert_eq!((&entries[3], &records[3]), (&leaf, &own));
    assert!(own.len().is_multiple_of(ledger::entry::RECORD_LEN));
    assert!(records.iter().any(|of_entry| !of_entry.is_empty()), "events name their items");
}

#[tokio::test]
async fn a_folder_is_checked_and_damage_is_named() {
    let app = App::new().await;
    app.taken("brand.example", vec![fresh(), fresh()]).await;
    let App { engine, router, folder } = app;
    drop((engine, router));
    let check = || fsck::directory(folder.path(), &mut |_| {});
    let found = check().unwrap();
    assert!(found.entries > 2 && found.checkpoints > 1, "{found:?}");
    let index = folder.path().join("index");
    // A node of the stored map that is lost.
    {
        use store::table::MAP_NODES;
        let index = store_local::walk::index(folder.path()).unwrap();
        let (label, _) = index.rows(MAP_NODES, &[]).next_back().unwrap().unwrap();
        let mut changes = index.changes();
        changes.remove(MAP_NODES, &label);
        changes.commit().unwrap();
        index.keeper().flush().unwrap();
    }
    assert!(matches!(check(), Err(FsckError::Wrong(why)) if why.contains("stored map")));
    std::fs::remove_dir_all(&index).unwrap();
    assert!(check().unwrap().notes[0].contains("no index"));
    let journal = folder.path().join("journal/0000000000000000.journal2");
    let mut bytes = std::fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, bytes).unwrap();
    assert!(matches!(check(), Err(FsckError::Wrong(_))));
}

#[tokio::test]
async fn tiles_are_for_members_unless_the_ledger_is_open() {
    let app = App::new().await;
    app.taken("brand.example", vec![fresh()]).await;
    for path in ["/tile/entries/000.p/1", "/tile/records/000.p/1"] {
        assert_eq!(app.get(path).await.status.as_u16(), 401);
        let bearer = format!("Bearer {}", key("rival.example"));
        let answer = app.with(axum::http::Method::GET, path, &[("authorization", &bearer)]).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert!(answer.header("cache-control").starts_with("private"));
    }
    // Hashes show that the log grows as it should, to everybody.
    let hashes = app.get("/tile/0/000.p/1").await;
    assert_eq!((hashes.status.as_u16(), hashes.header("cache-control")), (200, "public, max-age=31536000, immutable"));
    assert_eq!(hashes.header("content-type"), "application/octet-stream");
    assert_eq!(app.get("/checkpoint").await.header("content-type"), "text/plain; charset=utf-8");
}
