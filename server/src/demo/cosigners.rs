//! The demo's co-signers: two witnesses and a mirror, as processes of their own that end with the server. They show how it works; they
//! are run by the one operator, and the page says so.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use engine::keys::Cosigners;
use ledger::note::VKey;

use crate::gather::Address;

/// What a party prints once it listens, before its address.
pub const LISTENING: &str = "listening on ";

/// Name and role of each.
const PARTIES: [(&str, Role); 3] = [("witness-1", Role::Witness), ("witness-2", Role::Witness), ("mirror-1", Role::Mirror)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Witness,
    Mirror,
}

/// Running co-signers; they end when this is dropped, or when this process dies: each one watches its standard input.
#[derive(Default)]
pub struct Children(Vec<Child>);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // One that has ended already needs no telling.
            drop(child.stdin.take());
            drop(child.wait());
        }
    }
}

/// Lets each make its key, for the policy of a new ledger.
pub fn introduce(data: &Path, origin: &str) -> Result<Cosigners, String> {
    let mut cosigners = Cosigners::default();
    for (name, role) in PARTIES {
        let output =
            command(data, origin, name, role)?.arg("--print-vkey").output().map_err(|e| format!("{name} cannot be started: {e}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let vkey =
            VKey::parse(text.trim()).map_err(|e| format!("{name} printed no key: {e}. {}", String::from_utf8_lossy(&output.stderr)))?;
        let of = if role == Role::Mirror { &mut cosigners.mirrors } else { &mut cosigners.witnesses };
        of.push((name.to_owned(), vkey));
    }
    Ok(cosigners)
}

/// Whether this directory's policy counts on them.
pub fn belong_to(data: &Path) -> bool {
    PARTIES.iter().all(|(name, _)| folder(data, name).join("key").exists())
}

/// Starts them beside a server that listens on `url`. One that cannot be started is missing, and pages say so.
pub fn start(data: &Path, origin: &str, url: &str) -> (Children, Vec<Address>) {
    let (mut children, mut addresses) = (Vec::new(), Vec::new());
    for (name, role) in PARTIES {
        match start_one(data, origin, name, role, url) {
            Ok((child, address)) => {
                tracing::info!(name, url = address.url, pid = child.id(), "co-signs beside this server, for the demo");
                children.push(child);
                addresses.push(address);
            }
            Err(why) => tracing::error!(name, why, "a co-signer of the demo is missing"),
        }
    }
    (Children(children), addresses)
}

fn start_one(data: &Path, origin: &str, name: &str, role: Role, url: &str) -> Result<(Child, Address), String> {
    let mut command = command(data, origin, name, role)?;
    command.args(["--policy"]).arg(data.join("policy")).args(["--listen", "127.0.0.1:0", "--until-eof"]);
    if role == Role::Mirror {
        command.args(["--log", url]);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it was asked for");
    let read = BufReader::new(stdout).read_line(&mut line);
    match (read, line.trim().strip_prefix(LISTENING)) {
        (Ok(_), Some(url)) => Ok((child, Address { name: name.to_owned(), url: url.to_owned() })),
        _ => {
            drop(child.kill());
            drop(child.wait());
            Err("it ended before it listened; what it said stands above".to_owned())
        }
    }
}

fn command(data: &Path, origin: &str, name: &str, role: Role) -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|e| format!("this program cannot find itself: {e}"))?;
    let mut command = Command::new(program);
    command.arg(if role == Role::Mirror { "mirror" } else { "witness" });
    command.arg("--data").arg(folder(data, name)).arg("--name").arg(format!("{origin}/{name}"));
    Ok(command)
}

fn folder(data: &Path, name: &str) -> PathBuf {
    data.join("cosigners").join(name)
}
