//! `leafproof user …` and `leafproof key …`

use std::io::Read as _;

use super::{Data, Failure, named, open};
use crate::engine::Engine;
use crate::engine::state::{ApiKey, StateRecord};
use crate::session::accounts::{Role, create};

#[derive(clap::Subcommand)]
pub(super) enum UserCommand {
    /// Make an account, or give one a new password
    Add(AddUser),
}

#[derive(clap::Args)]
pub(super) struct AddUser {
    /// The name to sign in with
    name: String,
    /// Whose account it is
    #[arg(long)]
    member: String,
    /// brand, store or staff
    #[arg(long, value_parser = role)]
    role: Role,
    /// A store's location as Digital Link path, such as /414/6901234000018
    #[arg(long)]
    location: Option<String>,
    /// How the account is shown, in a language; once for each language
    #[arg(long = "display", value_name = "LANGUAGE=NAME", value_parser = named)]
    display: Vec<(String, String)>,
    #[command(flatten)]
    data: Data,
}

#[derive(clap::Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key for a member; it is printed once and kept nowhere
    Add {
        /// Whose
        #[arg(long)]
        member: String,
        /// What it is for
        #[arg(long, default_value = "command line")]
        label: String,
        #[command(flatten)]
        data: Data,
    },
}

/// Random characters of an API key: 160 bits.
const KEY_BYTES: usize = 20;

pub(super) async fn user(command: UserCommand) -> Result<(), Failure> {
    let UserCommand::Add(add) = command;
    let engine = open(&add.data.data)?;
    known(&engine, &add.member)?;
    eprintln!("Type the password, then Enter and Ctrl-D:");
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    let display = add.display.into_iter().collect();
    let user = create(&add.name, password, add.role, &add.member, add.location.as_deref(), display)?;
    engine.state(StateRecord::User(user)).await?;
    println!("{} can sign in.", add.name);
    Ok(())
}

pub(super) async fn key(command: KeyCommand) -> Result<(), Failure> {
    let KeyCommand::Add { member, label, data } = command;
    let engine = open(&data.data)?;
    known(&engine, &member)?;
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|e| format!("the operating system gave no random bytes: {e}"))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = ApiKey { hash: ledger::hash(text.as_bytes()), member, label, created_ms: engine.now_ms(), revoked: false };
    engine.state(StateRecord::ApiKey(key)).await?;
    println!("{text}");
    Ok(())
}

fn known(engine: &Engine, member: &str) -> Result<(), Failure> {
    if engine.view().member(member)?.is_empty() {
        return Err(format!("{member} is no member; add it with `leafproof member add {member} --name en=…`").into());
    }
    Ok(())
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "brand, store or staff is wanted".to_owned())
}
