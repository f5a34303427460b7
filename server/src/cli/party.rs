//! `leafproof witness` and `leafproof mirror`: co-signers, each a process of its own.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cosign::party::Party;
use cosign::store;
use ledger::note::VKey;
use ledger::policy::Policy;

use super::Failure;
use crate::demo::cosigners::LISTENING;
use crate::http::cosigner::router;
use crate::serve::connections;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Directory of its key and of what it signed; a co-signer that loses this cannot go on
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Its key's name, such as witness.example.org/leafproof
    #[arg(long)]
    name: String,
    /// The policy that names the log: what its server answers under /policy
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:3100", value_name = "ADDR")]
    listen: SocketAddr,
    /// Make the key if there is none, print its public side for policies, and end
    #[arg(long)]
    print_vkey: bool,
    /// End when standard input ends: for whoever starts it as a child
    #[arg(long, hide = true)]
    until_eof: bool,
}

#[derive(clap::Args)]
pub(super) struct WitnessArguments {
    #[command(flatten)]
    common: Arguments,
    /// Key of a log to witness, beside those of the policy or instead; any log that keeps to C2SP's tlog-checkpoint. May be repeated
    #[arg(long = "log", value_name = "VKEY")]
    logs: Vec<String>,
}

#[derive(clap::Args)]
pub(super) struct MirrorArguments {
    #[command(flatten)]
    common: Arguments,
    /// Address of the log's server, whose tiles are read
    #[arg(long, value_name = "URL", required_unless_present = "print_vkey")]
    log: Option<String>,
    /// API key, where the log's entries are for members only
    #[arg(long, env = "LEAFPROOF_KEY", hide_env_values = true)]
    key: Option<String>,
}

pub(super) async fn witness(arguments: WitnessArguments) -> Result<(), Failure> {
    let WitnessArguments { common, logs } = arguments;
    if print_vkey(&common)? {
        return Ok(());
    }
    let mut keys = Vec::new();
    for log in logs {
        keys.push(VKey::parse(&log).map_err(|e| format!("--log {log}: {e}"))?);
    }
    if common.policy.is_some() || keys.is_empty() {
        keys.extend(policy(&common)?.logs().iter().map(|log| log.vkey.clone()));
    }
    let party = Party::witness(&common.data, &common.name, keys, base::clock::system())?;
    serve(party, &common).await
}

pub(super) async fn mirror(arguments: MirrorArguments) -> Result<(), Failure> {
    let MirrorArguments { common, log, key } = arguments;
    if print_vkey(&common)? {
        return Ok(());
    }
    let policy = policy(&common)?;
    let log = log.ok_or("--log is missing")?;
    let party = Party::mirror(&common.data, &common.name, &policy, base::clock::system(), &log, key.as_deref())?;
    serve(party, &common).await
}

fn print_vkey(arguments: &Arguments) -> Result<bool, Failure> {
    if arguments.print_vkey {
        println!("{}", store::cosigner(&arguments.data, &arguments.name)?.vkey());
    }
    Ok(arguments.print_vkey)
}

fn policy(arguments: &Arguments) -> Result<Policy, Failure> {
    let path: &Path =
        arguments.policy.as_deref().ok_or("no log is named: --policy FILE says which, and for a witness --log VKEY does too")?;
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Policy::parse(&bytes).map_err(|e| format!("{}: {e}", path.display()).into())
}

async fn serve(party: Party, arguments: &Arguments) -> Result<(), Failure> {
    base::private::own(&arguments.data)?;
    crate::terminal::log();
    let listener = tokio::net::TcpListener::bind(arguments.listen).await.map_err(|e| format!("{}: {e}", arguments.listen))?;
    tracing::info!(vkey = %party.vkey(), "co-signing");
    println!("{LISTENING}http://{}", listener.local_addr()?);
    let until_eof = arguments.until_eof;
    let stop = async move {
        if until_eof {
            let (gone, told) = tokio::sync::oneshot::channel();
            std::thread::spawn(move || {
                drop(std::io::stdin().read_to_end(&mut Vec::new()));
                let _ = gone.send(());
            });
            drop(told.await);
        } else {
            crate::serve::told_to_stop().await;
        }
    };
    connections::serve(listener, router(Arc::new(party)), connections::Limits::of_this_process(false), stop).await;
    Ok(())
}
