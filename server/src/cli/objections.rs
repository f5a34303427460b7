//! `leafproof objection …`: the owner of a number objects to what another recorded of its goods.

use std::path::PathBuf;

use base::clock::now_ms;
use base::secret::write_whole;
use ledger::name::Name;
use ledger::presigned;
use ledger::{Hash, Key};

use super::own_key::{presigned_event, read_key};
use super::{Data, Failure, named, open};
use crate::http::objections::ToSign;
use crate::objection::{Reason, object, objection};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Object to a record; both stand side by side then, nothing is hidden
    Add(Add),
    /// Sign an objection on the owner's own side, where there is no ledger
    Sign(Sign),
}

#[derive(clap::Args)]
struct Why {
    /// Id of the member that owns the number
    #[arg(long, value_name = "ID")]
    owner: String,
    /// Why, in a language of the page; once for each
    #[arg(long = "reason", required = true, value_name = "LANGUAGE=TEXT", value_parser = named)]
    reasons: Vec<(String, String)>,
}

#[derive(clap::Args)]
pub(super) struct Add {
    /// The record's entry, as its receipt on the page names it
    entry: u64,
    #[command(flatten)]
    why: Why,
    /// Address of the goods, /01/…/21/…, where an independent recorded it; once for each
    #[arg(long = "goods", value_name = "PATH")]
    goods: Vec<String>,
    /// The owner's secret, from `leafproof keygen`, where it keeps its own key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

#[derive(clap::Args)]
pub(super) struct Sign {
    /// What the server's /objections/ENTRY answers to the owner's API key
    target: PathBuf,
    #[command(flatten)]
    why: Why,
    /// The owner's secret, from `leafproof keygen`
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Write the signed objection to this file, for `leafproof capture`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(Add { entry, why, goods, key, data }) => {
            let engine = open(&data.data)?;
            let reason: Reason = why.reasons.into_iter().collect();
            let key = key.as_deref().map(read_key).transpose()?;
            let accepted = object(&engine, &why.owner, entry, &goods, &reason, key.as_ref()).await?;
            println!("{} objects to entry {entry}: entry {}", why.owner, accepted.index);
            Ok(())
        }
        Command::Sign(arguments) => sign(&arguments),
    }
}

fn sign(arguments: &Sign) -> Result<(), Failure> {
    let name = arguments.target.display();
    let text = std::fs::read_to_string(&arguments.target).map_err(|e| format!("{name}: {e}"))?;
    let ToSign { origin, owner, target, goods, next_seq, .. } = serde_json::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
    if owner != arguments.why.owner {
        return Err(format!("{name} is for {owner}, this signs for {}", arguments.why.owner).into());
    }
    let hash = |text: &String| text.parse::<Hash>().map_err(|e| format!("{name}: {e}"));
    let goods = goods.iter().map(|key| hash(key).map(Key)).collect::<Result<Vec<_>, _>>()?;
    let reason: Reason = arguments.why.reasons.iter().cloned().collect();
    let owner = Name::member_key(&owner);
    let event = objection(&owner, hash(&target)?, &goods, &reason, now_ms())?;
    let signed = presigned_event(&event, &origin, owner, next_seq, &read_key(&arguments.key)?)?;
    let bytes = presigned::encode(&origin, &[signed])?;
    let out = arguments.out.display();
    write_whole(&arguments.out, &bytes, 0o644).map_err(|e| format!("{out}: {e}"))?;
    println!("{out}: signed, number {next_seq}. Next: leafproof capture {out} --url SERVER --key KEY");
    Ok(())
}
