//! The folder of sessions. What is in it can be made again by signing in, so a store that cannot be read keeps no server from
//! starting: it is discarded, and the log says so.

use std::path::{Path, PathBuf};

use store_local::Scratch;

use super::Sessions;

/// No store could be made.
#[derive(Debug, thiserror::Error)]
#[error("the folder of sessions {path}: {why}. Mend its permissions, or delete it: everybody then signs in again")]
pub struct FolderError {
    path: PathBuf,
    why: String,
}

/// Opens the sessions. Whoever calls holds the data directory's lock, so nobody else has this folder.
pub fn open(path: &Path) -> Result<Sessions, FolderError> {
    let failed = |why: String| FolderError { path: path.to_owned(), why };
    let why = match Scratch::open(path) {
        Ok(table) => return Ok(Sessions::new(table)),
        Err(error) => error.to_string(),
    };
    tracing::warn!(folder = %path.display(), why, "the sessions cannot be read and are discarded: everybody signs in again");
    std::fs::remove_dir_all(path).map_err(|e| failed(e.to_string()))?;
    Scratch::open(path).map(Sessions::new).map_err(|e| failed(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::accounts::{Account, Role};
    use super::*;

    fn stored(folder: &Path) -> Vec<PathBuf> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { all.extend(stored(&path)) } else { all.push(path) }
        }
        all
    }

    #[test]
    fn what_is_whole_is_kept_and_what_is_damaged_is_discarded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions");
        let account = Account {
            name: "brand".into(),
            password: "phc".into(),
            role: Role::Owner,
            member: "talanuur.example".into(),
            location: None,
            display: Default::default(),
        };
        for damage in ["", "db", "conf"] {
            let sessions = open(&path).unwrap();
            let token = sessions.begin(&account, "", 0).unwrap();
            sessions.table.flush().unwrap();
            drop(sessions);
            for file in stored(&path).iter().filter(|file| !damage.is_empty() && file.file_name().is_some_and(|n| n == damage)) {
                let noise: Vec<u8> = (0..std::fs::metadata(file).unwrap().len()).map(|n| (n * 167 + n / 7) as u8 | 1).collect();
                std::fs::write(file, noise).unwrap();
            }
            let again = open(&path).unwrap();
            assert_eq!(!again.of(&account, Some(&token), 0).unwrap().is_empty(), damage.is_empty(), "{damage}");
            again.begin(&account, "", 0).unwrap();
        }
        std::fs::remove_dir_all(&path).unwrap();
        std::fs::write(&path, b"a file where the folder should be").unwrap();
        assert!(open(&path).is_err_and(|error| error.to_string().contains("sessions")));
    }
}
