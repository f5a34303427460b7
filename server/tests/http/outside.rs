//! Our log, read by code that knows nothing of us: a C2SP client that others wrote. No crate of our own takes part but the server.

use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Error, Hash, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record, prove_tree, record_hash,
};

use server::tlog_proof::{TlogProofError, of_bundle};

use super::app::{App, ITEM, ITEM_URN, commissioning, observed};
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

/// A tlog-proof taken apart as its specification says: extra data, index, hashes, note.
fn taken_apart(proof: &str) -> (Vec<u8>, u64, Vec<Hash>, String) {
    let (head, note) = proof.split_once("\n\n").unwrap();
    let mut lines = head.split('\n');
    assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
    let extra = base64(lines.next().unwrap().strip_prefix("extra ").unwrap());
    let index = lines.next().unwrap().strip_prefix("index ").unwrap().parse().unwrap();
    let hashes = lines.map(|line| Hash::parse_hash(line).unwrap()).collect();
    (extra, index, hashes, note.to_owned())
}

/// RFC 4648, section 4, bit by bit.
fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = text.trim_end_matches('=').bytes().flat_map(|byte| {
        let value = alphabet.iter().position(|letter| *letter == byte).unwrap();
        (0..6).rev().map(move |bit| value >> bit & 1)
    });
    let bits: Vec<usize> = bits.collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | *bit as u8)).collect()
}

#[tokio::test]
async fn a_record_is_proven_to_who_knows_the_specifications_alone() {
    let app = App::new().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app.taken("brand.example", vec![observed("2", ITEM_URN, "storing", "urn:epc:id:sgln:9521234.00000.0")]).await;
    let newest = app.get(&format!("/proof{ITEM}")).await;
    assert_eq!(newest.status.as_u16(), 200, "{}", newest.text());
    assert!(newest.header("content-disposition").ends_with(".tlog-proof\""));
    let proof = newest.text();
    let (leaf, index, path, note) = taken_apart(&proof);
    let note = Note::from_bytes(note.as_bytes()).unwrap();
    note.verify(&VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey(&app)).unwrap())])).unwrap();
    let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
    check_record(&path, checkpoint.size(), *checkpoint.hash(), index, record_hash(&leaf)).unwrap();
    // The page leads to it.
    assert!(app.get(ITEM).await.text().contains(&format!("href=\"/proof{ITEM}\"")));

    // Any record of the item, by its index, from the address and from the saved file alike.
    let bundle = app.get(&format!("/bundle{ITEM}")).await.body;
    assert_eq!(of_bundle(&bundle, None).unwrap(), (index, proof));
    let Err(TlogProofError::NotHere { has, .. }) = of_bundle(&bundle, Some(u64::MAX)) else { panic!("no log has it") };
    let older = *has.iter().find(|other| **other < index).unwrap();
    let answer = app.get(&format!("/proof{ITEM}?entry={older}")).await.text();
    assert_eq!(of_bundle(&bundle, Some(older)).unwrap().1, answer);
    let (leaf, index, path, _) = taken_apart(&answer);
    check_record(&path, checkpoint.size(), *checkpoint.hash(), index, record_hash(&leaf)).unwrap();

    for (path, status) in [
        (format!("/proof{ITEM}?entry=999999"), 404),
        (format!("/proof{ITEM}?entry=x"), 400),
        ("/proof/01/09521234000044/21/NEVERSEEN".to_owned(), 404),
        ("/proof/01/1".to_owned(), 400),
    ] {
        assert_eq!(app.get(&path).await.status.as_u16(), status, "{path}");
    }
    // What is no saved proof is said to be none.
    assert!(matches!(of_bundle(b"LPB1", None), Err(TlogProofError::Bundle(_))));
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
