//! `leafproof objection …`: the owner of a number objects to what another recorded of its goods.

use std::path::{Path, PathBuf};

use base::clock::now_ms;
use base::secret::write_whole;
use engine::NewEvent;
use ledger::entry::{Authority, Record, record_role};
use ledger::name::Name;
use ledger::presigned;
use ledger::{Hash, Key};

use super::own_key::{presigned_event, read_key};
use super::{Data, Failure, named, open};
use crate::http::objections::ToSign;
use crate::objection::{Reason, end, ending, event_id, object, objection};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Object to a record; both stand side by side then, nothing is hidden
    Add(Add),
    /// Sign an objection on the owner's own side, where there is no ledger
    Sign(Sign),
    /// Take an objection back; both stay in the ledger, and the record is not objected to again
    End(End),
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

#[derive(clap::Args)]
pub(super) struct End {
    /// The entry of the record that was objected to
    entry: u64,
    /// Id of the member that objected
    #[arg(long, value_name = "ID")]
    owner: String,
    /// The owner's secret, from `leafproof keygen`, where it keeps its own key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// On the owner's own side, where there is no ledger: what the server's /objections/ENTRY answers to its API key
    #[arg(long, value_name = "FILE", requires_all = ["key", "out"])]
    target: Option<PathBuf>,
    /// Write what takes it back to this file for `leafproof capture`, signed, instead of taking it in here
    #[arg(long, value_name = "FILE", requires_all = ["key", "target"])]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

impl Command {
    /// The data directory of a command that names no file.
    pub(super) fn data_beside(&self) -> Option<&Data> {
        match self {
            Self::Add(Add { key, data, .. }) | Self::End(End { key, data, .. }) => key.is_none().then_some(data),
            Self::Sign(_) => None,
        }
    }
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
        Command::End(End { entry, owner, key: Some(key), target: Some(target), out: Some(out), .. }) => {
            end_elsewhere(entry, &owner, &key, &target, &out)
        }
        Command::End(End { entry, owner, key, data, .. }) => {
            let engine = open(&data.data)?;
            let key = key.as_deref().map(read_key).transpose()?;
            let accepted = end(&engine, &owner, entry, key.as_ref()).await?;
            println!("{owner} takes back its objection to entry {entry}: entry {}", accepted.index);
            Ok(())
        }
    }
}

fn sign(arguments: &Sign) -> Result<(), Failure> {
    let told = told(&arguments.target, &arguments.why.owner)?;
    let name = arguments.target.display();
    let goods = told.goods.iter().map(|key| Ok(Key(hash(&name, key)?))).collect::<Result<Vec<_>, Failure>>()?;
    let reason: Reason = arguments.why.reasons.iter().cloned().collect();
    let event = objection(&Name::member_key(&told.owner), hash(&name, &told.target)?, &goods, &reason, now_ms())?;
    written(&event, &told, &arguments.key, &arguments.out)
}

/// Signs the end of an objection on the owner's side, into a file.
fn end_elsewhere(entry: u64, owner: &str, key: &Path, target: &Path, out: &Path) -> Result<(), Failure> {
    let (told, name) = (told(target, owner)?, target.display());
    if told.entry != entry {
        return Err(format!("{name} is about entry {}, this about entry {entry}", told.entry).into());
    }
    let standing = told.objection.as_ref();
    let standing = standing.ok_or_else(|| format!("{name} holds no objection of {owner} to entry {entry} that stands; save it anew"))?;
    let record = |key: &String| Ok(Record { role: record_role::OBJECT, authority: 0, key: Key(hash(&name, key)?) });
    let records = standing.goods.iter().map(record).collect::<Result<Vec<_>, Failure>>()?;
    let id = event_id(&hash(&name, &told.target)?);
    let authorities = vec![Authority::Owner(Name::member_key(owner))];
    written(&ending(id, hash(&name, &standing.body)?, authorities, records, now_ms()), &told, key, out)
}

/// What the server told the owner of a record.
fn told(path: &Path, owner: &str) -> Result<ToSign, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{name}: {e}"))?;
    let told: ToSign = serde_json::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
    if told.owner == owner { Ok(told) } else { Err(format!("{name} is for {}, this signs for {owner}", told.owner).into()) }
}

fn hash(name: &impl std::fmt::Display, text: &str) -> Result<Hash, Failure> {
    Ok(text.parse::<Hash>().map_err(|e| format!("{name}: {e}"))?)
}

fn written(event: &NewEvent, told: &ToSign, key: &Path, out: &Path) -> Result<(), Failure> {
    let ToSign { origin, owner, next_seq, .. } = told;
    let signed = presigned_event(event, origin, Name::member_key(owner), *next_seq, &read_key(key)?)?;
    let bytes = presigned::encode(origin, &[signed])?;
    write_whole(out, &bytes, 0o644).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("{0}: signed, number {next_seq}. Next: leafproof capture {0} --url SERVER --key KEY", out.display());
    Ok(())
}
