//! The data folder is its owner's alone: it holds keys, password hashes, sessions and the words of comments. Folders are 0700 and
//! files 0600, those included that sled makes while the server runs, and those that an older version left readable.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::Mode;

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;

/// The folder cannot be made its owner's alone.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be kept from other users of this machine: {source}. It must belong to the user that runs leafproof: chown -R it")]
pub struct PrivateError {
    path: PathBuf,
    source: io::Error,
}

/// From now on nothing that this process makes can be read by others, and nothing in this folder, which is made if it is not there.
pub fn own(data: &Path) -> Result<(), PrivateError> {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    mend(data)
}

fn mend(data: &Path) -> Result<(), PrivateError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| PrivateError { path, source }
    };
    fs::DirBuilder::new().recursive(true).mode(FOLDER).create(data).map_err(failed(data))?;
    set(data, &fs::metadata(data).map_err(failed(data))?, FOLDER).map_err(failed(data))?;
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
            let entry = entry.map_err(failed(&folder))?;
            let path = entry.path();
            // Not what a link points at: that may lie elsewhere, for others.
            let found = match entry.metadata() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                found => found.map_err(failed(&path))?,
            };
            if found.is_dir() {
                set(&path, &found, FOLDER).map_err(failed(&path))?;
                folders.push(path);
            } else if found.is_file() {
                set(&path, &found, FILE).map_err(failed(&path))?;
            }
        }
    }
    Ok(())
}

fn set(path: &Path, found: &fs::Metadata, mode: u32) -> io::Result<()> {
    if found.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_others_could_read_is_closed_and_links_lead_nowhere() {
        let home = tempfile::tempdir().unwrap();
        let (data, outside) = (home.path().join("data"), home.path().join("outside"));
        fs::create_dir_all(data.join("index/blobs")).unwrap();
        for (path, bits) in
            [(&outside, 0o644), (&data.join("policy"), 0o644), (&data.join("index/db"), 0o664), (&data.join("media"), 0o400)]
        {
            fs::write(path, b"x").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
        }
        for folder in ["", "index", "index/blobs"] {
            fs::set_permissions(data.join(folder), fs::Permissions::from_mode(0o755)).unwrap();
        }
        std::os::unix::fs::symlink(&outside, data.join("link")).unwrap();
        mend(&data).unwrap();
        assert_eq!(["", "index", "index/blobs"].map(|folder| mode(&data.join(folder))), [FOLDER; 3]);
        assert_eq!(["policy", "index/db", "media"].map(|file| mode(&data.join(file))), [FILE; 3]);
        assert_eq!(mode(&outside), 0o644);
        let new = home.path().join("a/new/one");
        mend(&new).unwrap();
        assert_eq!(mode(&new), FOLDER);
    }
}
