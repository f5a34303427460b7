//! `leafproof grant …`: what the owner of numbers lets others say of its goods.

use std::path::PathBuf;

use base::clock::now_ms;
use base::secret::write_whole;
use engine::Engine;
use ledger::entry::{Body, Entry, Grant, TileEntry};
use ledger::name::Name;
use ledger::presigned::{self, Presigned};
use trace::rights::{RIGHTS, right_words, rights_of};

use super::own_key::{read_key, read_known};
use super::{Data, Failure, open};
use crate::authority::Known;
use crate::grants::{self, next};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Let a partner say something of an owner's goods; rights that it has already stay
    Add(Add),
    /// End what a partner may say; what it said in time stays
    End(End),
    /// List who may say what, of whose goods
    List {
        /// Only where this member is owner or partner
        #[arg(long, value_name = "ID")]
        member: Option<String>,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(clap::Args)]
pub(super) struct Between {
    /// Id of the member that owns the numbers
    #[arg(long, value_name = "ID")]
    owner: String,
    /// Id of the member that is let
    #[arg(long, value_name = "ID")]
    partner: String,
    /// The owner's secret, from `leafproof keygen`, where it keeps its own key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// On the owner's own side, where there is no ledger: what the server's /rights answers to its API key
    #[arg(id = "known", long = "rights", value_name = "FILE", requires_all = ["key", "out"])]
    known: Option<PathBuf>,
    /// Write the signed permission to this file for `leafproof capture`, instead of taking it in here
    #[arg(long, value_name = "FILE", requires_all = ["key", "known"])]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

#[derive(clap::Args)]
pub(super) struct Add {
    /// issue (number goods), record (what happens to them), pack, dates, words (describe), alert (recall), store (get letters), input (name
    /// as used), contact (see how to reach a letter's writer); once for each
    #[arg(long = "right", required = true, value_name = "RIGHT", value_parser = RIGHTS.map(|(_, word)| word))]
    rights: Vec<String>,
    /// Beginning of the numbers it is about, without a GTIN's first digit; once for each; none: all of the owner's
    #[arg(long = "scope", value_name = "DIGITS")]
    scopes: Vec<String>,
    /// Until when (RFC 3339)
    #[arg(long, value_name = "TIME")]
    until: Option<jiff::Timestamp>,
    #[command(flatten)]
    between: Between,
}

#[derive(clap::Args)]
pub(super) struct End {
    #[command(flatten)]
    between: Between,
}

impl Command {
    /// The data directory of a command that names no file.
    pub(super) fn data_beside(&self) -> Option<&Data> {
        match self {
            Self::Add(Add { between, .. }) | Self::End(End { between }) => between.key.is_none().then_some(&between.data),
            Self::List { data, .. } => Some(data),
        }
    }
}

pub(super) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(Add { rights, scopes, until, between }) => {
            let asked = rights_of(rights.iter().map(String::as_str)).map_err(|word| format!("{word} is no right"))?;
            let until = until.map(|until| u64::try_from(until.as_millisecond()).map_err(|_| "--until lies before 1970")).transpose()?;
            if let Some(known) = known(&between)? {
                let before = known.given.iter().find(|given| given.partner == between.partner && given.scopes == scopes);
                let before = rights_of(before.iter().flat_map(|given| &given.rights).map(String::as_str)).unwrap_or(0);
                return elsewhere(&known, &between, asked | before, scopes, until);
            }
            let engine = open(&between.data.data)?;
            let (owner, partner) = (Name::member_key(&between.owner), Name::member_key(&between.partner));
            // A scope is about all rights of a permission, so other scopes make it anew.
            let before = engine.view().rights().grant_of(&owner, &partner).filter(|grant| grant.scopes == scopes).map_or(0, |g| g.rights);
            let mut grant = next(&engine, &between.owner, &between.partner, asked | before, scopes)?;
            grant.valid_until = until.unwrap_or(u64::MAX);
            settle(&engine, grant, &between).await
        }
        Command::End(End { between }) => {
            if let Some(known) = known(&between)? {
                return elsewhere(&known, &between, 0, Vec::new(), None);
            }
            let engine = open(&between.data.data)?;
            let grant = next(&engine, &between.owner, &between.partner, 0, Vec::new())?;
            settle(&engine, grant, &between).await
        }
        Command::List { member, data } => list(&open(&data.data)?, member.as_deref()),
    }
}

/// What the owner knows where there is no ledger.
fn known(between: &Between) -> Result<Option<Known>, Failure> {
    between.known.as_deref().map(|path| read_known(path, &between.owner)).transpose()
}

/// Signs a permission on the owner's side, into a file.
fn elsewhere(known: &Known, between: &Between, rights: u16, scopes: Vec<String>, until: Option<u64>) -> Result<(), Failure> {
    let (Some(key), Some(out)) = (&between.key, &between.out) else {
        return Err("name the key and the file to write: --key, --out".into());
    };
    let before = known.given.iter().find(|given| given.partner == between.partner).map_or(0, |given| given.version);
    let (owner, partner) = (Name::member_key(&between.owner), Name::member_key(&between.partner));
    let mut grant = grants::unsigned(owner, partner, before + 1, rights, scopes);
    grant.valid_until = until.unwrap_or(u64::MAX);
    grant.check_form()?;
    grant.sign(&known.origin, &read_key(key)?);
    let tile = TileEntry { entry: Entry { logged_ms: now_ms(), body: Body::Grant(grant) }, records: Vec::new() };
    let bytes = presigned::encode(&known.origin, &[Presigned { tile, parts: Vec::new() }])?;
    write_whole(out, &bytes, 0o644).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("{0}: signed. Next: leafproof capture {0} --url SERVER --key KEY", out.display());
    Ok(())
}

async fn settle(engine: &Engine, grant: Grant, between: &Between) -> Result<(), Failure> {
    let key = between.key.as_deref().map(read_key).transpose()?;
    let said = say(&grant);
    let accepted = grants::give(engine, grant, key.as_ref()).await?;
    println!("{} lets {}: {said}, entry {}", between.owner, between.partner, accepted.index);
    Ok(())
}

fn say(grant: &Grant) -> String {
    if grant.rights == 0 {
        return "nothing any more".to_owned();
    }
    let scopes =
        if grant.scopes.is_empty() { "all its goods".to_owned() } else { format!("numbers that begin with {}", grant.scopes.join(", ")) };
    format!("{} ({scopes})", right_words(grant.rights).join(", "))
}

fn list(engine: &Engine, member: Option<&str>) -> Result<(), Failure> {
    let view = engine.view();
    let rights = view.rights();
    let asked = member.map(Name::member_key);
    let id = |member| rights.member(member).map_or("?", |member| member.id.as_str());
    let shown = rights.all_grants().filter(|grant| asked.is_none_or(|asked| grant.owner == asked || grant.partner == asked));
    let mut lines: Vec<String> =
        shown.map(|grant| format!("{}\t{}\t{}\tversion {}", id(&grant.owner), id(&grant.partner), say(grant), grant.version)).collect();
    lines.sort();
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}
