//! Secret files: seeds of keys that only their owner may read, and files that are written whole or not at all.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Why a secret file could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It cannot be read or written.
    #[error("the key file {path}: {source}. Mend its permissions, or restore it from a backup")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It does not hold a seed.
    #[error("{0} does not hold a key (64 hexadecimal digits); restore it from a backup")]
    BadFile(PathBuf),
}

/// The seed in a file, if it is there.
pub fn seed(path: &Path) -> Result<Option<[u8; 32]>, SecretError> {
    match fs::read_to_string(path) {
        Ok(text) => parse(text.trim()).map(Some).ok_or_else(|| SecretError::BadFile(path.to_owned())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SecretError::Io { path: path.to_owned(), source }),
    }
}

/// The seed in a file; a new one is written to it where it is not there.
pub fn seed_or_new(path: &Path) -> Result<[u8; 32], SecretError> {
    match seed(path)? {
        Some(seed) => Ok(seed),
        None => {
            let seed = crate::random::bytes();
            write_seed(path, &seed)?;
            Ok(seed)
        }
    }
}

/// Writes a seed, on disk when this returns.
pub fn write_seed(path: &Path, seed: &[u8; 32]) -> Result<(), SecretError> {
    let text = seed.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    write_whole(path, text.as_bytes(), 0o600).map_err(|source| SecretError::Io { path: path.to_owned(), source })
}

fn parse(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return None;
    }
    let mut seed = [0; 32];
    for (byte, at) in seed.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(seed)
}

/// Writes a file whole or not at all, on disk when this returns.
pub fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        // A bare name lies in the folder one is in.
        Some(parent) if parent.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_seed_is_made_once_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert_eq!(seed(&path).unwrap(), None);
        let made = seed_or_new(&path).unwrap();
        assert_eq!(seed(&path).unwrap(), Some(made));
        assert_eq!(seed_or_new(&path).unwrap(), made);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for bad in ["", "00", &"0g".repeat(32), &"AB".repeat(32), &"é".repeat(32)] {
            fs::write(&path, bad).unwrap();
            assert!(matches!(seed_or_new(&path), Err(SecretError::BadFile(_))), "{bad}");
        }
    }
}
