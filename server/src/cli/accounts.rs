//! `leafproof user …` and `leafproof key …`

use engine::Engine;
use store::record::deed::{Act, Change};
use store::record::{ApiKey, Scope, StateRecord, User};
use store::table::{API_KEYS, USERS};

use super::{Data, Failure, named, open};
use crate::session::accounts::{Role, create};
use crate::session::keys::{self, id};
use crate::session::team::{self, LINK_HOURS};

#[derive(clap::Subcommand)]
pub(super) enum UserCommand {
    /// Make an account, or give one a new password
    Add(AddUser),
    /// End an account: nobody signs in with it, and its sessions open nothing more
    End {
        /// Its name
        name: String,
        #[command(flatten)]
        data: Data,
    },
    /// Make a link by which an account sets a new password: for the last owner of a member, whom no colleague can help
    Reset {
        /// Its name
        name: String,
        /// Switch off its second factor too
        #[arg(long)]
        without_factor: bool,
        #[command(flatten)]
        data: Data,
    },
    /// List the accounts
    List {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(clap::Args)]
pub(super) struct AddUser {
    /// The name to sign in with
    name: String,
    /// Whose account it is
    #[arg(long)]
    member: String,
    /// owner, editor, answerer, reader, store or staff
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
        /// What it opens: capture (send records), query (read them), letters (export letters); once for each. It is never changed later
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scope, default_values = ["capture", "query"])]
        scopes: Vec<Scope>,
        #[command(flatten)]
        data: Data,
    },
    /// End a key: it opens nothing more
    End {
        /// The key itself, or its id from `leafproof key list`
        key: String,
        #[command(flatten)]
        data: Data,
    },
    /// List the keys by their ids; the keys themselves are kept nowhere
    List {
        #[command(flatten)]
        data: Data,
    },
}

pub(super) async fn user(command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Add(add) => self::add(add).await,
        UserCommand::End { name, data } => {
            end_user(&open(&data.data)?, &name).await?;
            println!("{name} cannot sign in any more, and its sessions are over.");
            Ok(())
        }
        UserCommand::Reset { name, without_factor, data } => {
            let engine = open(&data.data)?;
            let path = reset_user(&engine, &name, without_factor).await?;
            println!("{path}\nPut it behind the address of this site. It is good once, for {LINK_HOURS} hours, and kept nowhere else.");
            Ok(())
        }
        UserCommand::List { data } => {
            let mut list = String::new();
            for row in open(&data.data)?.index().json_rows::<User>(USERS, &[]) {
                let user = row?.1;
                let state = if user.disabled { "ended" } else { "active" };
                list += &format!("{}\t{}\t{}\t{state}\n", user.name, user.role, user.member);
            }
            print!("{list}");
            Ok(())
        }
    }
}

/// The accounts of members are ended by the same function as in the console; who runs the service stands in no member's trail.
async fn end_user(engine: &Engine, name: &str) -> Result<(), Failure> {
    let user = engine.index().user(name)?.ok_or_else(|| format!("there is no account {name}; `leafproof user list` names them all"))?;
    if user.role == Role::Operator.value() {
        // Of an ended account nothing is left to guess at.
        engine.state(StateRecord::User(User { disabled: true, password: String::new(), ..user })).await?;
    } else {
        team::end(engine, &user.member, "", name).await?;
    }
    Ok(())
}

async fn reset_user(engine: &Engine, name: &str, without_factor: bool) -> Result<String, Failure> {
    let user = engine.index().user(name)?.ok_or_else(|| format!("there is no account {name}; `leafproof user list` names them all"))?;
    if user.role == Role::Operator.value() {
        return Err("an operator's password is set by `leafproof user add` with the same name".into());
    }
    let (_, token) = team::reset(engine, &user.member, "", name, without_factor).await?;
    Ok(format!("/join/{token}"))
}

impl UserCommand {
    pub(super) fn data(&self) -> &Data {
        match self {
            Self::Add(AddUser { data, .. }) | Self::End { data, .. } | Self::Reset { data, .. } | Self::List { data } => data,
        }
    }

    pub(super) fn asks_for_password(&self) -> bool {
        matches!(self, Self::Add(_))
    }
}

impl KeyCommand {
    pub(super) fn data(&self) -> &Data {
        match self {
            Self::Add { data, .. } | Self::End { data, .. } | Self::List { data } => data,
        }
    }
}

/// Asks for a password where somebody can type it.
pub(super) fn password() -> std::io::Result<String> {
    if crate::door::input().is_none() {
        eprintln!("Type the password, then Enter and Ctrl-D:");
    }
    super::input()
}

async fn add(add: AddUser) -> Result<(), Failure> {
    let engine = open(&add.data.data)?;
    known(&engine, &add.member)?;
    let password = password()?;
    let password = password.trim_end_matches(['\r', '\n']);
    let display = add.display.into_iter().collect();
    let user = create(&add.name, password, add.role, &add.member, add.location.as_deref(), display)?;
    let mut deed = team::deed(&engine, &add.member, "", Act::Joined, &add.name);
    deed.detail = add.role.value().to_owned();
    deed.changes.push(Change::User(user));
    team::keep(&engine, deed).await?;
    println!("{} can sign in.", add.name);
    Ok(())
}

pub(super) async fn key(command: KeyCommand) -> Result<(), Failure> {
    match command {
        KeyCommand::Add { member, label, scopes, data } => make(&open(&data.data)?, member, label, &scopes).await,
        KeyCommand::End { key, data } => {
            let ended = end_key(&open(&data.data)?, &key).await?;
            println!("The key {} of {} ({}) opens nothing more.", id(&ended), ended.member, ended.label);
            Ok(())
        }
        KeyCommand::List { data } => {
            let mut list = String::new();
            for row in open(&data.data)?.index().json_rows::<ApiKey>(API_KEYS, &[]) {
                let key = row?.1;
                let since = crate::epcis::visible::rfc3339(key.created_ms);
                let state = if key.revoked { "ended" } else { "active" };
                let opens = key.scopes.iter().map(|scope| scope.value()).collect::<Vec<_>>().join(",");
                list += &format!("{}\t{}\t{since}\t{state}\t{opens}\t{}\n", id(&key), key.member, key.label);
            }
            print!("{list}");
            Ok(())
        }
    }
}

async fn end_key(engine: &Engine, named: &str) -> Result<ApiKey, Failure> {
    let hash = ledger::hash(named.as_bytes());
    let mut found = None;
    for row in engine.index().json_rows::<ApiKey>(API_KEYS, &[]) {
        found = Some(row?.1).filter(|key| key.hash == hash || id(key) == named).or(found);
    }
    let key = found.ok_or("there is no such key; `leafproof key list` shows the id of each")?;
    Ok(keys::end(engine, "", key).await?)
}

async fn make(engine: &Engine, member: String, label: String, scopes: &[Scope]) -> Result<(), Failure> {
    known(engine, &member)?;
    let text = keys::make(engine, &member, "", &label, scopes).await?;
    println!("{text}");
    Ok(())
}

fn known(engine: &Engine, member: &str) -> Result<(), Failure> {
    if engine.view().member(member)?.is_empty() {
        return Err(format!("{member} is no member; add it with `leafproof member add {member} --name en=…`").into());
    }
    Ok(())
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| "capture, query or letters is wanted".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "owner, editor, answerer, reader, store or staff is wanted".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::tests::{PASSWORD, house};

    #[tokio::test]
    async fn an_ended_account_is_out_at_once_and_may_be_made_again() {
        let house = house().await;
        let engine = &house.desk.engine;
        let cookie = house.signed_in("talanuur").await;
        assert_eq!(house.get("/console/comments", &cookie).await.status, 200);
        end_user(engine, "talanuur").await.unwrap();
        assert_eq!(house.get("/console/comments", &cookie).await.status, 303, "its session is over");
        assert_eq!(house.post("/signin", "", &[("name", "talanuur"), ("password", PASSWORD)]).await.status, 422);
        assert!(end_user(engine, "nobody").await.is_err());
        let again = create("talanuur", PASSWORD, Role::Owner, "talanuur.example", None, Default::default()).unwrap();
        engine.state(StateRecord::User(again)).await.unwrap();
        house.signed_in("talanuur").await;
    }

    #[tokio::test]
    async fn the_last_owner_is_helped_by_who_runs_the_service() {
        let house = house().await;
        let engine = &house.desk.engine;
        let path = reset_user(engine, "talanuur", false).await.unwrap();
        let done = house.post(&path, "", &[("new", "seven wet herons"), ("again", "seven wet herons")]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        assert_eq!(house.post("/signin", "", &[("name", "talanuur"), ("password", PASSWORD)]).await.status, 422);
        let trail = house.get("/console/trail", &done.session()).await.text();
        assert!(trail.contains("<b>the operator</b> made a link for a new password of talanuur"), "its owners read of it: {trail}");
        for nobody in ["nobody", "operator"] {
            assert!(reset_user(engine, nobody, false).await.is_err(), "{nobody}");
        }
        // Whom it must, it ends, the last owner too; that one is brought back the same way.
        end_user(engine, "talanuur").await.unwrap();
        assert!(house.get("/console/trail", &done.session()).await.to().starts_with("/signin"));
        let back = reset_user(engine, "talanuur", true).await.unwrap();
        assert_eq!(house.post(&back, "", &[("new", "nine dry herons"), ("again", "nine dry herons")]).await.status, 303);
    }

    #[tokio::test]
    async fn a_key_is_ended_by_itself_or_by_its_id() {
        let house = house().await;
        let engine = &house.desk.engine;
        for (text, by_id) in [("key one", false), ("key two", true)] {
            let hash = ledger::hash(text.as_bytes());
            let (member, label, scopes) = ("pinglu.example".to_owned(), "till".to_owned(), Scope::ALL.to_vec());
            let key = ApiKey { hash, member, label, created_ms: 0, scopes, revoked: false };
            engine.state(StateRecord::ApiKey(key.clone())).await.unwrap();
            let named = if by_id { id(&key) } else { text.to_owned() };
            assert_eq!(end_key(engine, &named).await.unwrap().label, "till");
            assert!(engine.index().api_key(&hash).unwrap().unwrap().revoked);
        }
        assert!(end_key(engine, "0000000000000000").await.is_err());
    }
}
