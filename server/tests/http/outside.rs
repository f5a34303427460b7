//! Our log, read by code that knows nothing of us: a C2SP client that others wrote. No crate of our own takes part but the server.

use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Error, Hash, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record, prove_tree, record_hash,
};

use super::app::App;
use super::fsck::{many, serve, taken_more};

/// The tiles of a server, over plain HTTP.
struct Reader {
    url: String,
}

impl Reader {
    fn get(&self, path: &str) -> Vec<u8> {
        let mut response = ureq::get(format!("{}/{path}", self.url)).call().unwrap();
        response.body_mut().read_to_vec().unwrap()
    }

    /// The newest checkpoint, once its note is verified with this key.
    fn checkpoint(&self, vkey: &str) -> Checkpoint {
        let note = Note::from_bytes(&self.get("checkpoint")).unwrap();
        let (signed, _) = note.verify(&VerifierList::new(vec![Box::new(StandardVerifier::new(vkey).unwrap())])).unwrap();
        assert_eq!(signed.len(), 1);
        Checkpoint::from_bytes(note.text()).unwrap()
    }

    fn entry(&self, index: u64, size: u64) -> Vec<u8> {
        let (tile, width) = (index / 256, (size - index / 256 * 256).min(256));
        let suffix = if width < 256 { format!(".p/{width}") } else { String::new() };
        let bundle = self.get(&format!("tile/entries/{tile:03}{suffix}"));
        let mut rest = &bundle[..];
        let mut entries = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
            entries.push(entry.to_vec());
            rest = after;
        }
        assert_eq!(entries.len() as u64, width);
        entries.swap_remove((index % 256) as usize)
    }
}

impl TileReader for Reader {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        // The crate writes the height into its paths, as the Go checksum database does; C2SP fixes it at 8 and leaves it out.
        Ok(tiles.iter().map(|tile| self.get(&tile.path().replacen("tile/8/", "tile/", 1))).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// What the policy names the log by.
fn vkey(app: &App) -> String {
    app.engine.keys().policy().logs()[0].vkey.encode()
}

#[tokio::test]
async fn a_client_that_others_wrote_follows_the_log() {
    let app = many().await;
    let reader = Reader { url: serve(&app).await };
    let key = vkey(&app);
    let (old, reader) = tokio::task::spawn_blocking({
        let key = key.clone();
        move || (reader.checkpoint(&key), reader)
    })
    .await
    .unwrap();
    assert!(old.size() > 256, "more than a tile");
    taken_more(&app).await;
    let checked = move || {
        let new = reader.checkpoint(&key);
        assert!(new.size() > old.size());
        let hashes = TileHashReader::new(new.size(), *new.hash(), &reader);
        for index in [0, 1, 255, 256, old.size() - 1, new.size() - 1] {
            let leaf = record_hash(&reader.entry(index, new.size()));
            let proof = prove_record(new.size(), index, &hashes).unwrap();
            check_record(&proof, new.size(), *new.hash(), index, leaf).unwrap();
            assert!(check_record(&proof, new.size(), *new.hash(), index, Hash([0; 32])).is_err());
        }
        let proof = prove_tree(new.size(), old.size(), &hashes).unwrap();
        check_tree(&proof, new.size(), *new.hash(), old.size(), *old.hash()).unwrap();
    };
    tokio::task::spawn_blocking(checked).await.unwrap();
}
