//! Files that records point at: pictures, documents, recorded video. A file is named by its BLAKE3 hash, which stands in a signed
//! line; so it can be cached for ever and the phone can compare it. Stored under `DATA/media/<hash>.<extension>`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ledger::Hash;

/// Largest file: 45 s of phone video, a scanned report.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What may be stored: extension, media type, how the bytes begin.
const KINDS: [(&str, &str, &[&[u8]]); 8] = [
    ("svg", "image/svg+xml", &[b"<svg", b"<?xml"]),
    ("png", "image/png", &[b"\x89PNG\r\n\x1a\n"]),
    ("jpg", "image/jpeg", &[b"\xff\xd8\xff"]),
    ("webp", "image/webp", &[b"RIFF"]),
    ("pdf", "application/pdf", &[b"%PDF-"]),
    ("webm", "video/webm", &[b"\x1a\x45\xdf\xa3"]),
    ("mp4", "video/mp4", &[b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x1cftyp", b"\x00\x00\x00\x20ftyp"]),
    ("txt", "text/plain; charset=utf-8", &[]),
];

/// Why a file was not stored or not found.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// Too large.
    #[error("the file has {0} bytes, at most {FILE_BYTES_MAX} are kept: make it smaller")]
    TooLarge(usize),
    /// Unknown bytes.
    #[error("the file is of no kind that is kept here: send SVG, PNG, JPEG, WebP, PDF, WebM or MP4")]
    Kind,
    /// The disk.
    #[error("the file could not be written: {0}")]
    Io(#[from] std::io::Error),
}

/// The folder of files.
#[derive(Clone, Debug)]
pub struct Media {
    folder: PathBuf,
}

impl Media {
    /// Opens the folder, making it where it is missing.
    pub fn open(data: &Path) -> Result<Self, MediaError> {
        let folder = data.join("media");
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Stores a file; when it returns, the file is on disk. The same bytes are one file.
    pub fn put(&self, bytes: &[u8]) -> Result<Hash, MediaError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(MediaError::TooLarge(bytes.len()));
        }
        let (extension, ..) = kind_of(bytes).ok_or(MediaError::Kind)?;
        let hash = Hash(*blake3::hash(bytes).as_bytes());
        let path = self.folder.join(format!("{hash}.{extension}"));
        if path.exists() {
            return Ok(hash);
        }
        let temporary = self.folder.join(format!("{hash}.part"));
        let mut file = fs::File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        fs::File::open(&self.folder)?.sync_all()?;
        Ok(hash)
    }

    /// Finds a file by its hash: its bytes and media type. `None` where there is none.
    pub fn get(&self, hash: &Hash) -> Option<(Vec<u8>, &'static str)> {
        KINDS.iter().find_map(|(extension, media_type, _)| {
            let bytes = fs::read(self.folder.join(format!("{hash}.{extension}"))).ok()?;
            Some((bytes, *media_type))
        })
    }
}

fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let found = KINDS.iter().find(|(_, _, starts)| starts.iter().any(|s| bytes.starts_with(s)))?;
    Some((found.0, found.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_the_hash_of_its_bytes() {
        let folder = std::env::temp_dir().join(format!("leafproof-media-{}", std::process::id()));
        let media = Media::open(&folder).unwrap();
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        let hash = media.put(svg).unwrap();
        assert_eq!(media.put(svg).unwrap(), hash);
        assert_eq!(media.get(&hash), Some((svg.to_vec(), "image/svg+xml")));
        assert_eq!(media.get(&Hash([0; 32])), None);
        assert!(matches!(media.put(b"<html>"), Err(MediaError::Kind)));
        assert!(matches!(media.put(&vec![0; FILE_BYTES_MAX + 1]), Err(MediaError::TooLarge(_))));
        fs::remove_dir_all(folder).unwrap();
    }
}
