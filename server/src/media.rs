//! Files that records point at: pictures, documents, recorded video. A file is named by its BLAKE3 hash, which stands in a signed
//! line; so it can be cached for ever and the phone can compare it. Stored under `DATA/media/<hash>.<extension>`; who brought how much
//! stands beside them in `members.tsv`.

mod kind;

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use ledger::Hash;

use kind::{KINDS, kind_of};

base::limits! {
    /// Pictures, documents and films of one member: thousands of photos; each answer to an upload says how much is used.
    MEDIA_MEMBER_BYTES: u64 = 2 << 30, "bytes";
    /// What one member may bring at once; more is answered with 429 and Retry-After.
    MEDIA_MEMBER_MINUTE_BYTES: u64 = 32 << 20, "bytes a minute";
}

/// Largest file: 45 s of phone video, a scanned report.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
const MINUTE_MS: u64 = 60_000;

/// Why a file was not stored or not found.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// Too large.
    #[error("the file has {0} bytes, at most {FILE_BYTES_MAX} are kept: make it smaller")]
    TooLarge(usize),
    /// Unknown bytes.
    #[error(
        "the file is of no kind that is kept here: send SVG, PNG, JPEG, WebP, PDF, WebM or MP4; pictures as HEIC, AVIF or JPEG XL and sound \
         are not shown by every phone"
    )]
    Kind,
    /// Its member has stored all it may.
    #[error(
        "{used} bytes of yours are kept here, of at most {MEDIA_MEMBER_BYTES}, and this file has {bytes}: ask whoever runs this service"
    )]
    Quota {
        /// What is kept.
        used: u64,
        /// The file's.
        bytes: usize,
    },
    /// Its member sends too much at once.
    #[error("more than {MEDIA_MEMBER_MINUTE_BYTES} bytes of yours came within a minute: send this file again in {wait_s} seconds")]
    Rate {
        /// When there is room again.
        wait_s: u32,
    },
    /// The disk.
    #[error("the file could not be written: {0}")]
    Io(#[from] std::io::Error),
}

/// A stored file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub hash: Hash,
    /// What its member has stored altogether.
    pub used: u64,
}

/// The folder of files.
#[derive(Clone, Debug)]
pub struct Media {
    folder: PathBuf,
    members: Arc<Mutex<HashMap<String, Brought>>>,
}

/// What a member brought.
#[derive(Clone, Copy, Debug, Default)]
struct Brought {
    all: u64,
    minute: u64,
    in_minute: u64,
}

impl Media {
    /// Opens the folder, making it where it is missing. Whoever calls holds the data directory's lock.
    pub fn open(data: &Path) -> Result<Self, MediaError> {
        let folder = data.join("media");
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            // Nobody writes now: what is half there was left by a crash.
            if path.extension().is_some_and(|extension| extension == PART) {
                fs::remove_file(path)?;
            }
        }
        let mut members: HashMap<String, Brought> = HashMap::new();
        let list = match fs::read_to_string(folder.join(LIST)) {
            Ok(list) => list,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        for line in list.lines() {
            // A line that a crash cut off counts for nobody.
            if let [member, _, bytes] = line.split('\t').collect::<Vec<_>>()[..]
                && let Ok(bytes) = bytes.parse::<u64>()
            {
                members.entry(member.to_owned()).or_default().all += bytes;
            }
        }
        Ok(Self { folder, members: Arc::new(Mutex::new(members)) })
    }

    /// Stores a member's file, within what it may bring.
    pub fn put_for(&self, member: &str, bytes: &[u8], now_ms: u64) -> Result<Stored, MediaError> {
        let (hash, path) = self.named(bytes)?;
        if is_whole(&path, bytes) {
            return Ok(Stored { hash, used: self.brought().get(member).map_or(0, |brought| brought.all) });
        }
        let size = bytes.len() as u64;
        let used = self.reserve(member, size, now_ms)?;
        let written = self.write(&path, bytes).and_then(|()| self.note(member, &hash, size));
        if let Err(error) = written {
            if let Some(brought) = self.brought().get_mut(member) {
                brought.all = brought.all.saturating_sub(size);
            }
            return Err(error.into());
        }
        Ok(Stored { hash, used })
    }

    /// Stores a file of this service itself; when it returns, the file is on disk. The same bytes are one file.
    pub fn put(&self, bytes: &[u8]) -> Result<Hash, MediaError> {
        let (hash, path) = self.named(bytes)?;
        if !is_whole(&path, bytes) {
            self.write(&path, bytes)?;
        }
        Ok(hash)
    }

    fn named(&self, bytes: &[u8]) -> Result<(Hash, PathBuf), MediaError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(MediaError::TooLarge(bytes.len()));
        }
        let (extension, _) = kind_of(bytes).ok_or(MediaError::Kind)?;
        let hash = Hash(*blake3::hash(bytes).as_bytes());
        Ok((hash, self.folder.join(format!("{hash}.{extension}"))))
    }

    fn brought(&self) -> MutexGuard<'_, HashMap<String, Brought>> {
        self.members.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn reserve(&self, member: &str, size: u64, now_ms: u64) -> Result<u64, MediaError> {
        let mut members = self.brought();
        let brought = members.entry(member.to_owned()).or_default();
        if brought.all + size > MEDIA_MEMBER_BYTES {
            return Err(MediaError::Quota { used: brought.all, bytes: size as usize });
        }
        if brought.minute != now_ms / MINUTE_MS {
            (brought.minute, brought.in_minute) = (now_ms / MINUTE_MS, 0);
        }
        if brought.in_minute + size > MEDIA_MEMBER_MINUTE_BYTES {
            return Err(MediaError::Rate { wait_s: (MINUTE_MS - now_ms % MINUTE_MS).div_ceil(1_000) as u32 });
        }
        brought.in_minute += size;
        brought.all += size;
        Ok(brought.all)
    }

    /// Into a file of its own, which becomes the named one when it is whole and on disk: two uploads of the same bytes at once, or a
    /// crash, leave no short file under the name.
    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let temporary = path.with_extension(format!("{}.{PART}", crate::http::headers::random_hex()));
        let written = fs::File::create_new(&temporary)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            // Why it failed is what matters; the next start removes what is left.
            let _ = fs::remove_file(&temporary);
        }
        written?;
        fs::File::open(&self.folder)?.sync_all()
    }

    fn note(&self, member: &str, hash: &Hash, size: u64) -> std::io::Result<()> {
        // The lock keeps two lines from mixing.
        let _members = self.brought();
        let mut list = fs::OpenOptions::new().create(true).append(true).open(self.folder.join(LIST))?;
        list.write_all(format!("{member}\t{hash}\t{size}\n").as_bytes())?;
        list.sync_all()
    }

    /// Finds a file by its hash: its bytes and media type. `None` where there is none.
    pub fn get(&self, hash: &Hash) -> Option<(Vec<u8>, &'static str)> {
        KINDS.iter().find_map(|(extension, media_type)| {
            let bytes = fs::read(self.folder.join(format!("{hash}.{extension}"))).ok()?;
            Some((bytes, *media_type))
        })
    }
}

/// The end of the name of a file that is being written.
const PART: &str = "part";
/// Who brought what: member, hash, bytes.
const LIST: &str = "members.tsv";

/// Whether the file is there; a short one, which an older version could leave, is not.
fn is_whole(path: &Path, bytes: &[u8]) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(n: usize, size: usize) -> Vec<u8> {
        let mut bytes = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"a{n}\"/>").into_bytes();
        bytes.resize(size.max(bytes.len()), b' ');
        bytes
    }

    #[test]
    fn a_file_is_found_by_the_hash_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let media = Media::open(folder.path()).unwrap();
        let svg = svg(1, 0);
        let hash = media.put(&svg).unwrap();
        assert_eq!(media.put(&svg).unwrap(), hash);
        assert_eq!(media.get(&hash), Some((svg, "image/svg+xml")));
        assert_eq!(media.get(&Hash([0; 32])), None);
        assert!(matches!(media.put(b"<html>"), Err(MediaError::Kind)));
        assert!(matches!(media.put(&vec![0; FILE_BYTES_MAX + 1]), Err(MediaError::TooLarge(_))));
    }

    #[test]
    fn uploads_at_once_and_what_a_crash_left_give_one_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = svg(1, 100_000);
        let hash = Hash(*blake3::hash(&bytes).as_bytes());
        let inside = folder.path().join("media");
        fs::create_dir(&inside).unwrap();
        fs::write(inside.join(format!("{hash}.svg")), &bytes[..40]).unwrap();
        fs::write(inside.join(format!("{hash}.0123.part")), &bytes[..40]).unwrap();
        let media = Media::open(folder.path()).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| media.put(&bytes).unwrap());
            }
        });
        assert_eq!(media.get(&hash).unwrap().0, bytes);
        let names: Vec<_> = fs::read_dir(&inside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [std::ffi::OsString::from(format!("{hash}.svg"))]);
    }

    #[test]
    fn a_member_brings_so_much_a_minute_and_a_restart_forgets_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let media = Media::open(folder.path()).unwrap();
        let files = MEDIA_MEMBER_MINUTE_BYTES / FILE_BYTES_MAX as u64;
        for n in 0..files as usize {
            media.put_for("brand.example", &svg(n, FILE_BYTES_MAX), 1_000).unwrap();
        }
        let next = svg(99, 1_000);
        assert!(matches!(media.put_for("brand.example", &next, 2_000), Err(MediaError::Rate { wait_s: 58 })));
        let again = media.put_for("brand.example", &svg(0, FILE_BYTES_MAX), 2_000).unwrap();
        assert_eq!(again.used, files * FILE_BYTES_MAX as u64, "what is there costs nothing");
        assert_eq!(media.put_for("rival.example", &svg(98, 1_000), 2_000).unwrap().used, 1_000);
        assert_eq!(media.put_for("brand.example", &next, MINUTE_MS).unwrap().used, again.used + 1_000);
        let media = Media::open(folder.path()).unwrap();
        assert_eq!(media.put_for("brand.example", &next, 0).unwrap().used, again.used + 1_000);
        media.brought().get_mut("brand.example").unwrap().all = MEDIA_MEMBER_BYTES;
        assert!(matches!(media.put_for("brand.example", &svg(100, 0), 0), Err(MediaError::Quota { .. })));
    }
}
