//! `leafproof fsck DIR|URL`: derives root, tiles, map and signatures anew, and compares.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ledger::policy::Policy;

use crate::fsck::{self, Found, FsckError};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Data directory of a stopped server, or address of a running one
    #[arg(value_name = "DIR|URL")]
    of: String,
    /// Your own copy of the policy, for a URL
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// API key, where the entries are for members only
    #[arg(long, env = "LEAFPROOF_KEY", hide_env_values = true)]
    key: Option<String>,
}

/// Ends with 0 all is well, 1 something is wrong, 2 it could not be looked at.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match check(arguments) {
        Ok(found) => {
            println!("{} entries: form, order, signatures, rights, map and root are right", found.entries);
            println!("{} signed checkpoints fit them", found.checkpoints);
            if found.tiles > 0 {
                println!("{} tiles of hashes fit them", found.tiles);
            }
            for note in found.notes {
                println!("note: {note}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("leafproof: {error}");
            ExitCode::from(if matches!(error, FsckError::Wrong(_)) { 1 } else { 2 })
        }
    }
}

fn check(arguments: &Arguments) -> Result<Found, FsckError> {
    let said = &mut |line: String| eprintln!("{line}");
    if arguments.of.starts_with("http://") || arguments.of.starts_with("https://") {
        let policy = match &arguments.policy {
            Some(path) => {
                let failed = |e: String| FsckError::Unusable(format!("{}: {e}", path.display()));
                let bytes = std::fs::read(path).map_err(|e| failed(e.to_string()))?;
                Some(Policy::parse(&bytes).map_err(|e| failed(e.to_string()))?)
            }
            None => None,
        };
        fsck::url(&arguments.of, policy, arguments.key.as_deref(), said)
    } else {
        fsck::directory(Path::new(&arguments.of), said)
    }
}
