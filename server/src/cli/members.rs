//! `leafproof member …`: who may sign. A version counts once the governance key has signed it; where that key lies elsewhere, the version
//! travels as a file: `--out` here, `approve` there, `import` here.

use std::path::{Path, PathBuf};

use base::clock::now_ms;
use base::secret::write_whole;
use engine::{Engine, Submission};
use ledger::entry::{Body, Custody, Entry, Member, Status, TileEntry, level, role};
use ledger::presigned::{self, Presigned};

use super::alike::alike;
use super::own_key::read_key;
use super::{Data, Failure, named, open};
use crate::door;
use crate::presigned::names_can_be_shown;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Admit a member, with a key that this service keeps for it, or its own
    Add(Add),
    /// Give a member a new key of its own; the old one signs no more
    Rotate(Rotate),
    /// End a member's key
    Revoke(Revoke),
    /// Sign a version of a member with the governance key, where that lies
    Approve(Approve),
    /// Take in an approved version
    Import(Import),
    /// List the members
    List {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(clap::Args)]
pub(super) struct Add {
    /// Its id: 1 to 64 of a-z, 0-9, dot and hyphen, such as beihe.example
    id: String,
    /// Its name in a language; once for each language
    #[arg(long = "name", required = true, value_name = "LANGUAGE=NAME", value_parser = named)]
    names: Vec<(String, String)>,
    /// A GS1 company prefix it owns, or the 13 digits of one product (its GTIN without the first); once for each
    #[arg(long = "prefix", value_name = "DIGITS")]
    prefixes: Vec<String>,
    /// It speaks of goods whose owner did not name it (laboratory, inspector, second-hand trade): of item, batch or product; once for each
    #[arg(long = "independent", value_name = "LEVEL", value_parser = ["item", "batch", "product"])]
    independent: Vec<String>,
    /// Beginning of the numbers that an independent may speak of, of products, pallets and assets alike; once for each; none: all
    #[arg(long = "scope", value_name = "DIGITS", requires = "independent")]
    scopes: Vec<String>,
    /// It is a regulator
    #[arg(long)]
    regulator: bool,
    /// It may erase the words of others
    #[arg(long)]
    may_erase: bool,
    /// Its own public key, from its `leafproof keygen`; without it this service keeps a key for it
    #[arg(long, value_name = "HEX")]
    public_key: Option<ledger::Hash>,
    /// Admit it although another member has this name, or one that looks the same
    #[arg(long)]
    same_name: bool,
    #[command(flatten)]
    to: To,
}

#[derive(clap::Args)]
pub(super) struct Rotate {
    /// Its id
    id: String,
    /// Its new public key, from its `leafproof keygen`
    #[arg(long, value_name = "HEX")]
    public_key: ledger::Hash,
    #[command(flatten)]
    to: To,
}

#[derive(clap::Args)]
pub(super) struct Revoke {
    /// Its id
    id: String,
    /// The key got into other hands, at this time (RFC 3339): records logged from then on are disputed. Without it the key only retires
    #[arg(long, value_name = "TIME")]
    since: Option<jiff::Timestamp>,
    #[command(flatten)]
    to: To,
}

#[derive(clap::Args)]
struct To {
    /// Write the version to this file for `member approve`, instead of signing it here
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

#[derive(clap::Args)]
pub(super) struct Approve {
    /// The version, from --out
    file: PathBuf,
    /// The governance secret, from `leafproof keygen`
    #[arg(long, value_name = "FILE")]
    governance: PathBuf,
}

#[derive(clap::Args)]
pub(super) struct Import {
    /// The approved version
    file: PathBuf,
    /// Take it in although another member has this name, or one that looks the same
    #[arg(long)]
    same_name: bool,
    #[command(flatten)]
    data: Data,
}

impl Command {
    /// The data directory of a command that a running server does as well: one that writes no file and reads no key.
    pub(super) fn data_beside(&self) -> Option<&Data> {
        match self {
            Self::Add(Add { to, .. }) | Self::Rotate(Rotate { to, .. }) | Self::Revoke(Revoke { to, .. }) => {
                to.out.is_none().then_some(&to.data)
            }
            Self::List { data } => Some(data),
            Self::Import(Import { data, .. }) => Some(data),
            Self::Approve(_) => None,
        }
    }

    /// The file that it reads.
    pub(super) fn file(&self) -> Option<&Path> {
        if let Self::Import(Import { file, .. }) = self { Some(file) } else { None }
    }
}

pub(super) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(add).await,
        Command::Rotate(Rotate { id, public_key, to }) => {
            let engine = open(&to.data.data)?;
            let mut member = next(&engine, &id)?;
            (member.status, member.custody, member.since) = (Status::Active, Custody::Own, 0);
            member.public_key = public_key.0;
            settle(&engine, member, to.out.as_deref()).await
        }
        Command::Revoke(Revoke { id, since, to }) => {
            let engine = open(&to.data.data)?;
            let mut member = next(&engine, &id)?;
            (member.status, member.since) = match since {
                Some(since) => (Status::Compromised, u64::try_from(since.as_millisecond()).unwrap_or(0)),
                None => (Status::Retired, 0),
            };
            settle(&engine, member, to.out.as_deref()).await
        }
        Command::Approve(arguments) => approve(&arguments),
        Command::Import(Import { file, same_name, data }) => {
            let engine = open(&data.data)?;
            let member = read(&file, engine.keys().origin())?.1;
            names_can_be_shown(&member)?;
            // A version that has to end a key is not kept waiting for its name.
            let named_before = engine.view().member(&member.id)?.last().is_some_and(|(_, before)| before.names == member.names);
            if !named_before {
                name_is_its_own(&engine, &member, same_name)?;
            }
            submit(&engine, member).await
        }
        Command::List { data } => list(&data),
    }
}

async fn add(add: Add) -> Result<(), Failure> {
    let engine = open(&add.to.data.data)?;
    if let Some((_, member)) = engine.view().member(&add.id)?.last() {
        return Err(format!("{} is a member already, since version {}", add.id, member.version).into());
    }
    let levels = add.independent.iter().fold(0, |levels, word| {
        levels
            | match word.as_str() {
                "item" => level::ITEM,
                "batch" => level::BATCH,
                _ => level::PRODUCT,
            }
    });
    let roles = [(true, role::MEMBER), (add.regulator, role::REGULATOR), (add.may_erase, role::ERASE), (levels != 0, role::INDEPENDENT)];
    let mut member = Member {
        id: add.id,
        version: 1,
        status: Status::Active,
        custody: if add.public_key.is_some() { Custody::Own } else { Custody::Held },
        roles: roles.iter().filter(|(given, _)| *given).fold(0, |roles, (_, role)| roles | role),
        levels,
        scopes: add.scopes,
        valid_from: 0,
        valid_until: u64::MAX,
        since: 0,
        public_key: [0; 32],
        prefixes: add.prefixes,
        names: add.names,
        consent: None,
        signature: [0; 64],
    };
    member.check_form()?;
    names_can_be_shown(&member)?;
    name_is_its_own(&engine, &member, add.same_name)?;
    if engine.keys().governance().is_none() && add.to.out.is_none() {
        return Err(NO_GOVERNANCE.into());
    }
    member.public_key = match add.public_key {
        Some(key) => key.0,
        None => engine.keys().make_member()?,
    };
    settle(&engine, member, add.to.out.as_deref()).await
}

/// A name is all that a shopper reads of a member: two alike are one to them.
fn name_is_its_own(engine: &Engine, member: &Member, same_name: bool) -> Result<(), Failure> {
    let others = alike(engine.view().rights(), member);
    if others.is_empty() {
        return Ok(());
    }
    let others = others.join(", ");
    if !same_name {
        let why = "this name, or one that looks the same, is that of";
        return Err(format!("{why} {others}; choose another, or say --same-name if both are to have it").into());
    }
    println!("note: {} looks the same by its name as {others}", member.id);
    Ok(())
}

const NO_GOVERNANCE: &str = "the governance key is not on this machine: write the version to a file with --out, have it signed by `leafproof member approve` \
     where the key lies, and bring it back with `leafproof member import`";

/// The version after a member's newest one, the same in all else.
fn next(engine: &Engine, id: &str) -> Result<Member, Failure> {
    let newest = engine.view().member(id)?.pop();
    let (_, member) = newest.ok_or_else(|| format!("{id} is no member; `leafproof member list` names them"))?;
    Ok(Member { version: member.version + 1, consent: None, signature: [0; 64], ..member })
}

/// Writes a version to a file, or signs and submits it.
async fn settle(engine: &Engine, mut member: Member, out: Option<&Path>) -> Result<(), Failure> {
    if let Some(out) = out {
        write(out, engine.keys().origin(), member)?;
        println!(
            "{}: not yet approved. Next, where the governance key lies: leafproof member approve {0} --governance FILE",
            out.display()
        );
        return Ok(());
    }
    let governance = engine.keys().governance().ok_or(NO_GOVERNANCE)?;
    member.sign(engine.keys().origin(), governance);
    submit(engine, member).await
}

async fn submit(engine: &Engine, member: Member) -> Result<(), Failure> {
    let accepted = engine.submit(Submission::Member(Box::new(member.clone()))).await?;
    println!("{}: version {}, {}, entry {}", member.id, member.version, status(&member), accepted.index);
    if member.version == 1 {
        println!("Next: leafproof key add --member {}", member.id);
    }
    Ok(())
}

/// Says what is about to be signed, signs it, and writes it back.
fn approve(arguments: &Approve) -> Result<(), Failure> {
    let (origin, mut member) = read_any(&arguments.file)?;
    let key = read_key(&arguments.governance)?;
    println!("ledger      {origin}");
    println!("member      {}, version {}, {}", member.id, member.version, status(&member));
    for (language, name) in &member.names {
        println!("name        {name} ({language})");
    }
    for prefix in &member.prefixes {
        println!("prefix      {prefix}");
    }
    if member.levels != 0 {
        let about = [(level::ITEM, "items"), (level::BATCH, "batches"), (level::PRODUCT, "products")];
        let about: Vec<&str> = about.iter().filter(|(bit, _)| member.levels & bit != 0).map(|(_, word)| *word).collect();
        let scopes = if member.scopes.is_empty() { "of all numbers".to_owned() } else { format!("of {}", member.scopes.join(", ")) };
        println!("speaks of   {} {scopes}", about.join(", "));
    }
    println!(
        "public key  {}, {}",
        ledger::Hash(member.public_key),
        if member.custody == Custody::Own { "its own" } else { "kept by the service" }
    );
    let roles = [
        (role::MEMBER, "member"),
        (role::REGULATOR, "regulator"),
        (role::ERASE, "may erase the words of others"),
        (role::OPERATOR, "operator"),
        (role::INDEPENDENT, "independent"),
    ];
    let given: Vec<&str> = roles.iter().filter(|(bit, _)| member.roles & bit != 0).map(|(_, name)| *name).collect();
    println!("roles       {}", given.join(", "));
    println!("valid       {} to {}", moment(member.valid_from), moment(member.valid_until));
    if member.status == Status::Compromised {
        println!("since       {}: what the key signed from then on is disputed", moment(member.since));
    }
    member.check_form()?;
    names_can_be_shown(&member)?;
    member.sign(&origin, &key);
    write(&arguments.file, &origin, member)?;
    let file = arguments.file.display();
    println!(
        "Approved. Next: leafproof capture {file} --url SERVER --key KEY (any member's), or with the server stopped: leafproof member import {file}"
    );
    Ok(())
}

/// A time in UTC; the ends of the scale are words.
pub(super) fn moment(ms: u64) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    match (ms, time) {
        (0, _) => "always".to_owned(),
        (_, Some(time)) => time.to_string(),
        (_, None) => "for ever".to_owned(),
    }
}

fn status(member: &Member) -> &'static str {
    match member.status {
        Status::Active => "active",
        Status::Retired => "retired",
        Status::Compromised => "compromised",
    }
}

fn write(path: &Path, origin: &str, member: Member) -> Result<(), Failure> {
    let tile = TileEntry { entry: Entry { logged_ms: now_ms(), body: Body::Member(member) }, records: Vec::new() };
    let bytes = presigned::encode(origin, &[Presigned { tile, parts: Vec::new() }])?;
    write_whole(path, &bytes, 0o644).map_err(|e| format!("{}: {e}", path.display()).into())
}

fn read_any(path: &Path) -> Result<(String, Member), Failure> {
    let bytes = door::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let (origin, mut entries) = presigned::parse(&bytes).map_err(|e| format!("{}: {e}", path.display()))?;
    match (entries.pop().map(|entry| entry.tile.entry.body), entries.is_empty()) {
        (Some(Body::Member(member)), true) => Ok((origin, member)),
        _ => Err(format!("{} holds no version of a member", path.display()).into()),
    }
}

fn read(path: &Path, expected: &str) -> Result<(String, Member), Failure> {
    let (origin, member) = read_any(path)?;
    if origin == expected {
        Ok((origin, member))
    } else {
        Err(format!("{} is for the ledger {origin}; this one is {expected}", path.display()).into())
    }
}

fn list(data: &Data) -> Result<(), Failure> {
    let engine = open(&data.data)?;
    let view = engine.view();
    for id in engine.index().members() {
        if let Some((index, member)) = view.member(&id?)?.pop() {
            let key = if member.custody == Custody::Own { "own key" } else { "key held here" };
            let names: Vec<&str> = member.names.iter().map(|(_, name)| name.as_str()).collect();
            let status = status(&member);
            println!("{}\t{}\tversion {}, {status}\t{key}\tentry {index}", member.id, names.join(" / "), member.version);
        }
    }
    Ok(())
}
