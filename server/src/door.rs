//! The door of a running server: a socket in its data directory, through which `leafproof member …`, `grant …`, `objection …`, `user …` and
//! `key …` and `capture …` are done beside it. The command line hands its words over, with the files that they name; the server runs the same
//! code on the ledger that it has open, and what that says comes back.
//!
//! Whoever may open the socket may read and write the files beside it, the keys among them: the door lets nobody in who is not in already.
//! The server opens no file that a command names: it has what came along. A command that writes one (`--out`), or names a secret of its
//! reader's own, does not go through the door.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use engine::Engine;
use serde::{Deserialize, Serialize};

/// Why a command failed, as the command line says it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Does the command that these words give, for whoever is at the door: the command line hands in its own.
pub type Do = fn(Vec<String>) -> Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

base::limits! {
    /// The words of one command that comes by the door.
    DOOR_BYTES: u64 = 64 << 10, "bytes";
    /// The files that come with it.
    DOOR_FILES_BYTES: u64 = 256 << 20, "bytes";
    /// How long one may be in coming.
    DOOR_SECONDS: u64 = 10, "seconds";
}

/// Its name in the data directory.
const NAME: &str = "door";

/// A command.
#[derive(Serialize, Deserialize)]
struct Asked {
    /// As the process was given them, its own name first.
    words: Vec<String>,
    /// What stands on its standard input: a password.
    input: String,
    /// Names of the files that follow, one after the other, each with its length.
    files: Vec<(PathBuf, u64)>,
}

/// Files that come along, by the names that the command gives them.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// What it came to.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What it says on its standard output.
    pub out: String,
    /// And beside it.
    pub err: String,
    /// Why it failed, if it did.
    pub failed: Option<String>,
}

/// A command that is done for somebody at the door.
struct Guest {
    engine: Engine,
    input: String,
    files: Files,
    said: Mutex<Told>,
}

tokio::task_local! {
    static GUEST: Guest;
}

/// The ledger that is open, where this is the server.
pub fn engine() -> Option<Engine> {
    GUEST.try_with(|guest| guest.engine.clone()).ok()
}

/// What stands on standard input, where that is at the other side of the door.
pub fn input() -> Option<String> {
    GUEST.try_with(|guest| guest.input.clone()).ok()
}

/// A file that a command names: read here, or brought along by whoever is at the door.
pub fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let brought = GUEST.try_with(|guest| guest.files.iter().find(|(name, _)| name == path).map(|(_, bytes)| bytes.clone()));
    match brought {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(std::io::Error::new(std::io::ErrorKind::NotFound, "it did not come along with the command")),
        Err(_) => read_here(path, DOOR_FILES_BYTES),
    }
}

/// A device or a pipe that never ends is not read to its end.
fn read_here(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max { Err(std::io::Error::other(too_long())) } else { Ok(bytes) }
}

fn too_long() -> String {
    format!("these files have more than {DOOR_FILES_BYTES} bytes together: name fewer of them at once")
}

/// Says something at the other side of the door; false where there is none.
pub fn say(words: std::fmt::Arguments<'_>, is_error: bool) -> bool {
    let said = GUEST.try_with(|guest| {
        let mut said = guest.said.lock().unwrap_or_else(PoisonError::into_inner);
        let to = if is_error { &mut said.err } else { &mut said.out };
        to.push_str(&words.to_string());
    });
    said.is_ok()
}

/// Hands a command to the server that runs over this directory; `None` where none does.
pub fn knock(
    data: &Path,
    words: Vec<String>,
    input: impl FnOnce() -> std::io::Result<String>,
    files: &[&Path],
) -> Option<Result<Told, Failure>> {
    // What is left of a server that was killed answers nobody.
    let door = UnixStream::connect(data.join(NAME)).ok()?;
    Some(ask(door, words, input, files))
}

fn ask(
    mut door: UnixStream,
    words: Vec<String>,
    input: impl FnOnce() -> std::io::Result<String>,
    files: &[&Path],
) -> Result<Told, Failure> {
    let (mut brought, mut left) = (Files::new(), DOOR_FILES_BYTES);
    for path in files {
        let bytes = read_here(path, left).map_err(|e| format!("{}: {e}", path.display()))?;
        left -= bytes.len() as u64;
        brought.push((path.to_path_buf(), bytes));
    }
    let lengths: Vec<_> = brought.iter().map(|(path, bytes)| (path.clone(), bytes.len() as u64)).collect();
    let mut asked = serde_json::to_vec(&Asked { words, input: input()?, files: lengths })?;
    asked.push(b'\n');
    door.write_all(&asked)?;
    for (_, bytes) in &brought {
        door.write_all(bytes)?;
    }
    door.shutdown(std::net::Shutdown::Write)?;
    let mut answer = Vec::new();
    door.read_to_end(&mut answer)?;
    Ok(serde_json::from_slice(&answer)
        .map_err(|_| "the running server gave no answer; its log may say why. Ask again, or stop it first")?)
}

/// An open door; it closes when this is dropped.
pub struct Door {
    path: PathBuf,
    opened: tokio::task::JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.opened.abort();
        drop(std::fs::remove_file(&self.path));
    }
}

/// Opens the door of this directory, which this process holds.
pub fn open(engine: &Engine, data: &Path, work: Do) -> std::io::Result<Door> {
    let path = data.join(NAME);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = tokio::net::UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let engine = engine.clone();
    let opened = tokio::spawn(async move {
        loop {
            match listener.accept().await {
                // One after the other: nobody hands in so many.
                Ok((guest, _)) => {
                    let (engine, runtime) = (engine.clone(), tokio::runtime::Handle::current());
                    let received = tokio::task::spawn_blocking(move || receive(engine, guest.into_std()?, &runtime, work));
                    if let Err(error) = received.await.map_err(Failure::from).flatten() {
                        tracing::warn!(%error, "a command at the door was not answered");
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the door takes no commands any more: restart to open it again");
                    return;
                }
            }
        }
    });
    Ok(Door { path, opened })
}

/// Reads what somebody asks at the door, does it, and answers: on a thread that may wait.
fn receive(engine: Engine, mut door: UnixStream, runtime: &tokio::runtime::Handle, work: Do) -> Result<(), Failure> {
    door.set_nonblocking(false)?;
    door.set_read_timeout(Some(Duration::from_secs(DOOR_SECONDS)))?;
    door.set_write_timeout(Some(Duration::from_secs(DOOR_SECONDS)))?;
    let mut from = BufReader::new(&mut door);
    let mut asked = Vec::new();
    (&mut from).take(DOOR_BYTES).read_until(b'\n', &mut asked)?;
    let Asked { words, input, files: named } = serde_json::from_slice(&asked)?;
    if named.iter().try_fold(0u64, |sum, (_, length)| sum.checked_add(*length)).is_none_or(|sum| sum > DOOR_FILES_BYTES) {
        return Err("more files came than the door takes".into());
    }
    let mut files = Files::new();
    for (path, length) in named {
        let mut bytes = Vec::new();
        if (&mut from).take(length).read_to_end(&mut bytes)? as u64 != length {
            return Err("a file was cut off on its way".into());
        }
        files.push((path, bytes));
    }
    // A value may be a key, so none is told.
    tracing::info!(command = words.get(1..3).map(|words| words.join(" ")), "a command came by the door");
    let answer = runtime.block_on(done(engine, words, input, files, work));
    Ok(door.write_all(&serde_json::to_vec(&answer)?)?)
}

/// Does a command for a guest.
async fn done(engine: Engine, words: Vec<String>, input: String, files: Files, work: Do) -> Told {
    let guest = Guest { engine, input, files, said: Mutex::default() };
    let work = async {
        let failed = work(words).await.err().map(|failure| failure.to_string());
        GUEST.with(|guest| Told { failed, ..std::mem::take(&mut *guest.said.lock().unwrap_or_else(PoisonError::into_inner)) })
    };
    GUEST.scope(guest, work).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::tests::house;

    fn words(line: &str) -> Vec<String> {
        std::iter::once("leafproof").chain(line.split(' ')).map(str::to_owned).collect()
    }

    async fn asked(engine: &Engine, line: &str, input: &str) -> Told {
        done(engine.clone(), words(line), input.to_owned(), Files::new(), crate::cli::by_door).await
    }

    #[tokio::test]
    async fn commands_are_done_beside_the_server() {
        let house = house().await;
        let engine = &house.desk.engine;
        let before = engine.view().size();
        let made = asked(engine, "member add mill.example --name en=Mill --prefix 9529999", "").await;
        assert_eq!((made.failed, made.err.as_str()), (None, ""));
        assert!(made.out.starts_with("mill.example: version 1, active") && engine.view().size() > before, "{}", made.out);
        assert!(asked(engine, "member list", "").await.out.contains("mill.example\tMill\tversion 1, active"));
        let key = asked(engine, "key add --member mill.example", "").await.out;
        assert!(engine.index().api_key(&ledger::hash(key.trim().as_bytes())).unwrap().is_some());
        let user = asked(engine, "user add mill --member mill.example --role owner", "a long password of its own\n").await;
        assert_eq!((user.failed, user.out.as_str()), (None, "mill can sign in.\n"));
        let again = asked(engine, "member add mill.example --name en=Mill", "").await;
        assert!(again.failed.is_some_and(|why| why.contains("mill.example")) && again.out.is_empty());
    }

    /// Files come along with a command; the server opens none in its caller's name.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_command_brings_its_files() {
        let house = house().await;
        let engine = &house.desk.engine;
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(asked(engine, "member add mill.example --name en=Mill --prefix 9529999", "").await.failed, None);
        let event = serde_json::json!({
            "eventID": "urn:uuid:00000000-0000-4000-8000-000000000001", "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning",
            "eventTime": "2026-01-05T17:00:00+08:00", "eventTimeZoneOffset": "+08:00", "epcList": ["urn:epc:id:sgtin:9529999.000004.A1"],
        });
        let document = serde_json::json!({
            "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": "2026-01-05T08:00:00Z", "epcisBody": { "eventList": [event] },
        });
        let (own, missing) = (folder.path().join("own.json"), folder.path().join("missing.json"));
        std::fs::write(&own, document.to_string()).unwrap();
        let door = open(engine, folder.path(), crate::cli::by_door).unwrap();
        let knock = |named: &Path, brought: Vec<PathBuf>| {
            let (data, line) = (folder.path().to_owned(), format!("capture --member mill.example {}", named.display()));
            let knocked = move || {
                let files: Vec<&Path> = brought.iter().map(PathBuf::as_path).collect();
                super::knock(&data, words(&line), || Ok(String::new()), &files).unwrap()
            };
            tokio::task::spawn_blocking(knocked)
        };
        let told = knock(&own, vec![own.clone()]).await.unwrap().unwrap();
        assert!(told.failed.is_none() && told.out.contains("1 events, captured"), "{told:?}");
        assert!(knock(&missing, vec![missing.clone()]).await.unwrap().is_err());
        // Named, but not brought: the server reads nothing of its own.
        let told = knock(&own, vec![]).await.unwrap().unwrap();
        assert!(told.failed.is_some_and(|why| why.contains("did not come along")));
        drop(door);
    }

    /// Nothing goes through the door that writes a file or reads a secret in its caller's name, nor what is no command of this kind.
    #[tokio::test]
    async fn the_door_opens_no_files_and_takes_no_other_commands() {
        let house = house().await;
        let engine = &house.desk.engine;
        for line in [
            "member add mill.example --name en=Mill --out /tmp/version",
            "member import /etc/passwd",
            "objection add 7 --owner a.example --reason en=No --key /etc/passwd /01/09506000134352",
            "capture --member mill.example /etc/passwd",
            "serve",
            "fsck",
        ] {
            let answer = asked(engine, line, "").await;
            assert!(answer.failed.is_some() && answer.out.is_empty(), "{line}: {}", answer.out);
        }
        assert!(asked(engine, "no such command", "").await.failed.is_some());
    }

    #[test]
    fn a_file_without_an_end_is_not_read_to_its_end() {
        let endless = super::read_here(Path::new("/dev/zero"), 1_000).unwrap_err();
        assert_eq!(endless.to_string(), super::too_long());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_command_comes_through_the_socket_and_a_closed_door_answers_nobody() {
        let house = house().await;
        let folder = tempfile::tempdir().unwrap();
        // What a killed server left.
        drop(std::os::unix::net::UnixListener::bind(folder.path().join(NAME)).unwrap());
        let knock = |line: &'static str| {
            let data = folder.path().to_owned();
            let knocked = move || knock(&data, words(line), || Ok(String::new()), &[]).map(|told| told.unwrap().failed);
            tokio::task::spawn_blocking(knocked)
        };
        assert_eq!(knock("member list").await.unwrap(), None);
        let door = open(&house.desk.engine, folder.path(), crate::cli::by_door).unwrap();
        assert_eq!(std::fs::metadata(folder.path().join(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(knock("member list").await.unwrap(), Some(None));
        let refused = knock("user end nobody").await.unwrap();
        assert!(matches!(&refused, Some(Some(why)) if why.contains("nobody")), "{refused:?}");
        drop(door);
        assert_eq!(knock("member list").await.unwrap(), None);
        assert!(!folder.path().join(NAME).exists());
    }
}
