//! `leafproof member …`

use ledger::entry::{Custody, Member, Prefix, Status, prefix_flag, role};

use super::{Data, Failure, named, open};
use crate::engine::Submission;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Admit a member, with a key that this service keeps for it
    Add(Add),
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
    /// A GS1 company prefix it owns, or a whole GTIN of 14 digits; once for each
    #[arg(long = "prefix", value_name = "DIGITS")]
    prefixes: Vec<String>,
    /// A prefix whose owner lets this member issue under it
    #[arg(long = "delegate", value_name = "DIGITS")]
    delegates: Vec<String>,
    /// It is a regulator
    #[arg(long)]
    regulator: bool,
    #[command(flatten)]
    data: Data,
}

pub(super) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(add).await,
        Command::List { data } => list(&data),
    }
}

async fn add(add: Add) -> Result<(), Failure> {
    let engine = open(&add.data.data)?;
    let keys = engine.keys();
    let governance = keys
        .governance()
        .ok_or("the governance key is not on this machine: have the member signed where it lies, and submit the signed entry")?;
    if let Some((_, member)) = engine.view().member(&add.id)?.last() {
        return Err(format!("{} is a member already, since version {}", add.id, member.version).into());
    }
    let prefixes = add.prefixes.into_iter().map(|digits| Prefix { flags: prefix_flag::OWNER, digits });
    let delegates = add.delegates.into_iter().map(|digits| Prefix { flags: prefix_flag::DELEGATE, digits });
    let mut member = Member {
        id: add.id,
        version: 1,
        status: Status::Active,
        custody: Custody::Held,
        roles: if add.regulator { role::MEMBER | role::REGULATOR } else { role::MEMBER },
        valid_from: 0,
        valid_until: u64::MAX,
        since: 0,
        public_key: [0; 32],
        prefixes: prefixes.chain(delegates).collect(),
        names: add.names,
        signature: [0; 64],
    };
    member.check_form()?;
    member.public_key = keys.make_member()?;
    member.sign(keys.origin(), governance);
    let accepted = engine.submit(Submission::Member(Box::new(member.clone()))).await?;
    println!("{} is a member: entry {}. Next: leafproof key add --member {0}", member.id, accepted.index);
    Ok(())
}

fn list(data: &Data) -> Result<(), Failure> {
    let engine = open(&data.data)?;
    let view = engine.view();
    for id in engine.index().members() {
        if let Some((index, member)) = view.member(&id?)?.pop() {
            let key = if member.custody == Custody::Own { "own key" } else { "key held here" };
            let names: Vec<&str> = member.names.iter().map(|(_, name)| name.as_str()).collect();
            println!("{}\t{}\tversion {}\t{key}\tentry {index}", member.id, names.join(" / "), member.version);
        }
    }
    Ok(())
}
