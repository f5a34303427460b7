//! `leafproof capture FILE…`: the same capture that the HTTP interface runs, on a data directory whether a server runs over it or not, or
//! through a server elsewhere with `--url`.

use std::path::{Path, PathBuf};

use super::{Data, Failure, open, post};
use crate::capture::{Behaviour, Options, run as capture};
use crate::door;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// EPCIS 2.0 documents (JSON); with --url also pre-signed captures (.lps)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Who captures; this service must keep its key
    #[arg(long, required_unless_present = "url")]
    member: Option<String>,
    /// A running server to send to instead, such as http://127.0.0.1:3000; needs --key
    #[arg(long, requires = "key")]
    url: Option<String>,
    /// The member's API key, for --url
    #[arg(long, env = "LEAFPROOF_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Say what would happen, and take nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    data: Data,
}

impl Arguments {
    /// The data directory, unless another server is named.
    pub(super) fn data_beside(&self) -> Option<&Data> {
        self.url.is_none().then_some(&self.data)
    }

    pub(super) fn files(&self) -> Vec<&Path> {
        self.files.iter().map(PathBuf::as_path).collect()
    }
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match (&arguments.url, &arguments.key, &arguments.member) {
        (Some(url), Some(key), _) => send(&arguments, url, key),
        (_, _, Some(member)) => take(&arguments, member).await,
        _ => Err("say who captures with --member, or which server with --url and --key".into()),
    }
}

async fn take(arguments: &Arguments, member: &str) -> Result<(), Failure> {
    let engine = open(&arguments.data.data)?;
    let mut refused = 0;
    for (n, path) in arguments.files.iter().enumerate() {
        let text = read(path)?;
        let options = Options { behaviour: Behaviour::Rollback, dry_run: arguments.dry_run, now_ms: engine.now_ms() };
        let outcome = capture(&engine, member, &text, options, None).await.map_err(|e| format!("{}: {e}", path.display()))?;
        for event in outcome.events.iter().filter(|event| !event.problems.is_empty()) {
            eprintln!("{}, event {}: {}", path.display(), event.event + 1, event.problems.join("; "));
        }
        refused += usize::from(!outcome.success);
        let what = if outcome.success { "captured" } else { "refused" };
        let (events, of) = (outcome.events.len(), arguments.files.len());
        println!("{}/{of} {}: {events} events, {what}", n + 1, path.display());
    }
    println!("The ledger has {} entries.", engine.view().size());
    if refused > 0 { Err(format!("{refused} of {} documents were refused", arguments.files.len()).into()) } else { Ok(()) }
}

fn send(arguments: &Arguments, url: &str, key: &str) -> Result<(), Failure> {
    let mut refused = 0;
    for (n, path) in arguments.files.iter().enumerate() {
        let bytes = door::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let signed = bytes.starts_with(ledger::presigned::MAGIC);
        let content_type = if signed { crate::presigned::CONTENT_TYPE } else { "application/json" };
        let query = if arguments.dry_run { "?dryRun=true" } else { "" };
        let answer = post::post(url, &format!("/epcis/v2/capture{query}"), key, content_type, &bytes)?;
        let job: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let taken = (200..300).contains(&answer.status) && job["success"] == true;
        if !taken {
            refused += 1;
            eprintln!("{}: {} {}", path.display(), answer.status, answer.body);
        }
        let what = if taken { "captured" } else { "refused" };
        println!("{}/{} {}: {what}", n + 1, arguments.files.len(), path.display());
    }
    if refused > 0 { Err(format!("{refused} of {} documents were refused", arguments.files.len()).into()) } else { Ok(()) }
}

fn read(path: &Path) -> Result<String, Failure> {
    let bytes = door::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    String::from_utf8(bytes).map_err(|e| format!("{}: it is not UTF-8: {e}", path.display()).into())
}
