//! The door of a running server: a socket in its data directory, through which `leafproof member …`, `grant …`, `objection …`, `user …` and
//! `key …` are done beside it. The command line hands its words over, the server runs the same code on the ledger that it has open, and what
//! that says comes back.
//!
//! Whoever may open the socket may read and write the files beside it, the keys among them: the door lets nobody in who is not in already.
//! A command that names a file of its reader's own (a secret, `--out`) does not go through it.

use std::io::{Read as _, Write as _};
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
}

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
pub fn knock(data: &Path, words: Vec<String>, input: impl FnOnce() -> std::io::Result<String>) -> Option<Result<Told, Failure>> {
    // What is left of a server that was killed answers nobody.
    let door = UnixStream::connect(data.join(NAME)).ok()?;
    Some(ask(door, words, input))
}

fn ask(mut door: UnixStream, words: Vec<String>, input: impl FnOnce() -> std::io::Result<String>) -> Result<Told, Failure> {
    let asked = serde_json::to_vec(&Asked { words, input: input()? })?;
    door.write_all(&asked)?;
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
    let mut asked = Vec::new();
    (&mut door).take(DOOR_BYTES).read_to_end(&mut asked)?;
    let Asked { words, input } = serde_json::from_slice(&asked)?;
    // A value may be a key, so none is told.
    tracing::info!(command = words.get(1..3).map(|words| words.join(" ")), "a command came by the door");
    let answer = runtime.block_on(done(engine, words, input, work));
    Ok(door.write_all(&serde_json::to_vec(&answer)?)?)
}

/// Does a command for a guest.
async fn done(engine: Engine, words: Vec<String>, input: String, work: Do) -> Told {
    let guest = Guest { engine, input, said: Mutex::default() };
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
        done(engine.clone(), words(line), input.to_owned(), crate::cli::by_door).await
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

    /// Nothing goes through the door that reads or writes a file in its caller's name, nor what is no command of this kind.
    #[tokio::test]
    async fn the_door_takes_no_files_and_no_other_commands() {
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

    #[tokio::test(flavor = "multi_thread")]
    async fn a_command_comes_through_the_socket_and_a_closed_door_answers_nobody() {
        let house = house().await;
        let folder = tempfile::tempdir().unwrap();
        // What a killed server left.
        drop(std::os::unix::net::UnixListener::bind(folder.path().join(NAME)).unwrap());
        let knock = |line: &'static str| {
            let data = folder.path().to_owned();
            let knocked = move || knock(&data, words(line), || Ok(String::new())).map(|told| told.unwrap().failed);
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
