//! `leafproof grant …`: what the owner of numbers lets others say of its goods.

use std::path::PathBuf;

use base::clock::now_ms;
use base::secret::write_whole;
use engine::{Engine, RightsNow};
use ledger::entry::{Body, Entry, Grant, TileEntry};
use ledger::name::Name;
use ledger::presigned::{self, Presigned};
use trace::rights::{RIGHTS, right_words, rights_of};

use super::members::moment;
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
    /// Beginning of the numbers it is about, without a GTIN's first digit; once for each; none: all of the owner's. Digits alone are
    /// compared: a product's whole number also lets in the owner's pallets (SSCC), places and assets whose numbers begin with it
    #[arg(long = "scope", value_name = "DIGITS")]
    scopes: Vec<String>,
    /// Until when (RFC 3339); without it, a permission in force keeps its end
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
                let (before, end) = kept(&known.rights()?, &between, &scopes, now_ms());
                return elsewhere(&known, &between, asked | before, scopes, until.unwrap_or(end));
            }
            let engine = open(&between.data.data)?;
            let (before, end) = kept(engine.view().rights(), &between, &scopes, engine.now_ms());
            let mut grant = next(&engine, &between.owner, &between.partner, asked | before, scopes)?;
            grant.valid_until = until.unwrap_or(end);
            settle(&engine, grant, &between).await
        }
        Command::End(End { between }) => {
            if let Some(known) = known(&between)? {
                return elsewhere(&known, &between, 0, Vec::new(), u64::MAX);
            }
            let engine = open(&between.data.data)?;
            let grant = next(&engine, &between.owner, &between.partner, 0, Vec::new())?;
            settle(&engine, grant, &between).await
        }
        Command::List { member, data } => list(&open(&data.data)?, member.as_deref()),
    }
}

/// The rights and the end that the next version of a permission takes over: of one that ended, nothing. A scope is about all rights
/// of a permission, so other scopes make it anew.
fn kept(rights: &RightsNow, between: &Between, scopes: &[String], now_ms: u64) -> (u16, u64) {
    let before = rights.grant_of(&Name::member_key(&between.owner), &Name::member_key(&between.partner));
    let in_force = before.filter(|grant| grant.scopes == scopes && grant.rights_at(now_ms, None) != 0);
    in_force.map_or((0, u64::MAX), |grant| (grant.rights, grant.valid_until))
}

/// What the owner knows where there is no ledger.
fn known(between: &Between) -> Result<Option<Known>, Failure> {
    between.known.as_deref().map(|path| read_known(path, &between.owner)).transpose()
}

/// Signs a permission on the owner's side, into a file.
fn elsewhere(known: &Known, between: &Between, rights: u16, scopes: Vec<String>, until: u64) -> Result<(), Failure> {
    let (Some(key), Some(out)) = (&between.key, &between.out) else {
        return Err("name the key and the file to write: --key, --out".into());
    };
    let before = known.given.iter().find(|given| given.partner == between.partner).map_or(0, |given| given.version);
    let (owner, partner) = (Name::member_key(&between.owner), Name::member_key(&between.partner));
    let mut grant = grants::unsigned(owner, partner, before + 1, rights, scopes);
    grant.valid_until = until;
    grant.check_form()?;
    let said = say(&grant, now_ms());
    grant.sign(&known.origin, &read_key(key)?);
    let tile = TileEntry { entry: Entry { logged_ms: now_ms(), body: Body::Grant(grant) }, records: Vec::new() };
    let bytes = presigned::encode(&known.origin, &[Presigned { tile, parts: Vec::new() }])?;
    write_whole(out, &bytes, 0o644).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("{} lets {}: {said}", between.owner, between.partner);
    println!("{0}: signed. Next: leafproof capture {0} --url SERVER --key KEY", out.display());
    Ok(())
}

async fn settle(engine: &Engine, grant: Grant, between: &Between) -> Result<(), Failure> {
    let key = between.key.as_deref().map(read_key).transpose()?;
    let said = say(&grant, engine.now_ms());
    let accepted = grants::give(engine, grant, key.as_ref()).await?;
    println!("{} lets {}: {said}, entry {}", between.owner, between.partner, accepted.index);
    Ok(())
}

fn say(grant: &Grant, now_ms: u64) -> String {
    if grant.rights == 0 {
        return "nothing any more".to_owned();
    }
    let scopes = match grant.scopes.as_slice() {
        [] => "all its goods".to_owned(),
        some => format!("numbers that begin with {}, those of pallets, places and assets too", some.join(", ")),
    };
    let until = match grant.valid_until {
        u64::MAX => String::new(),
        end => format!("{}{}", if end < now_ms { ", ended " } else { ", until " }, moment(end)),
    };
    format!("{} ({scopes}){until}", right_words(grant.rights).join(", "))
}

fn list(engine: &Engine, member: Option<&str>) -> Result<(), Failure> {
    let view = engine.view();
    let rights = view.rights();
    let asked = member.map(Name::member_key);
    let id = |member| rights.member(member).map_or("?", |member| member.id.as_str());
    let shown = rights.all_grants().filter(|grant| asked.is_none_or(|asked| grant.owner == asked || grant.partner == asked));
    let mut lines: Vec<String> = shown
        .map(|grant| format!("{}\t{}\t{}\tversion {}", id(&grant.owner), id(&grant.partner), say(grant, engine.now_ms()), grant.version))
        .collect();
    lines.sort();
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use engine::{Options, Submission};
    use ledger::entry::{Custody, Member, right};
    use ledger::testing::new_member;

    use super::*;

    const OWNER: &str = "brand.example";
    const PARTNER: &str = "rival.example";

    fn opened(folder: &tempfile::TempDir) -> Engine {
        Engine::open(Options::new(folder.path(), "ledger.test/grants", store_local::open)).unwrap().engine
    }

    /// A ledger of an owner and a partner, whose permission to alert ends then.
    async fn ledger(until: u64) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let engine = opened(&folder);
        for (id, prefix) in [(OWNER, "9521234"), (PARTNER, "9529999")] {
            let names = vec![("en".to_owned(), id.to_owned())];
            let mut member = Member { custody: Custody::Held, names, ..new_member(id, engine.keys().make_member().unwrap(), &[prefix]) };
            member.sign(engine.keys().origin(), engine.keys().governance().unwrap());
            engine.submit(Submission::Member(Box::new(member))).await.unwrap();
        }
        let mut grant = next(&engine, OWNER, PARTNER, right::ALERT, Vec::new()).unwrap();
        grant.valid_until = until;
        grants::give(&engine, grant, None).await.unwrap();
        folder
    }

    fn between(folder: &tempfile::TempDir) -> Between {
        let (owner, partner, data) = (OWNER.to_owned(), PARTNER.to_owned(), Data { data: folder.path().to_owned() });
        Between { owner, partner, key: None, known: None, out: None, data }
    }

    /// `grant add` of one right, without an end.
    async fn add(right: &str, between: Between) {
        let add = Add { rights: vec![right.to_owned()], scopes: Vec::new(), until: None, between };
        run(Command::Add(add)).await.unwrap();
    }

    /// A scope knows digits alone (the phone's rule, so it cannot be narrowed here): who gives one is told so.
    #[test]
    fn a_products_number_lets_in_pallets_that_begin_so_and_that_is_said() {
        let product = Name::from_digital_link_path("/01/09522012000218").unwrap();
        let pallet = Name::from_digital_link_path("/00/395220120002180017").unwrap();
        let scopes = vec![product.digits().unwrap().to_owned()];
        let grant = crate::grants::unsigned(Name::member_key(OWNER), Name::member_key(PARTNER), 1, right::RECORD, scopes);
        assert_eq!([&product, &pallet].map(|name| grant.rights_at(0, name.digits())), [right::RECORD; 2]);
        assert!(
            say(&grant, 0).contains("numbers that begin with 9522012000218, those of pallets, places and assets too"),
            "{}",
            say(&grant, 0)
        );
    }

    #[tokio::test]
    async fn what_ended_by_time_does_not_come_back_with_the_next_permission() {
        let ahead = now_ms() + 1_000_000;
        for (until, rights, end) in [
            (1_000, right::RECORD, u64::MAX),
            (ahead, right::ALERT | right::RECORD, ahead),
            (u64::MAX, right::ALERT | right::RECORD, u64::MAX),
        ] {
            // Where this service signs,
            let folder = ledger(until).await;
            add("record", between(&folder)).await;
            let engine = opened(&folder);
            let (owner, partner) = (Name::member_key(OWNER), Name::member_key(PARTNER));
            let grant = engine.view().rights().grant_of(&owner, &partner).cloned().unwrap();
            assert_eq!((grant.version, grant.rights, grant.valid_until), (2, rights, end), "{until}");
            drop(engine);
            // and on the owner's own side.
            let folder = ledger(until).await;
            let engine = opened(&folder);
            let known = Known::of(engine.keys().origin(), engine.view().rights(), OWNER, now_ms());
            let [key, rights_file, out] = ["key", "rights.json", "grant.lps"].map(|name| folder.path().join(name));
            std::fs::write(&key, ledger::Hash([7; 32]).to_string()).unwrap();
            std::fs::write(&rights_file, serde_json::to_string(&known).unwrap()).unwrap();
            drop(engine);
            add("record", Between { key: Some(key), known: Some(rights_file), out: Some(out.clone()), ..between(&folder) }).await;
            let (_, entries) = presigned::parse(&std::fs::read(&out).unwrap()).unwrap();
            let Body::Grant(grant) = &entries[0].tile.entry.body else { panic!("no permission") };
            assert_eq!((grant.version, grant.rights, grant.valid_until), (2, rights, end), "{until}, signed by the owner");
        }
    }

    #[test]
    fn a_permission_is_said_with_its_end() {
        let mut grant = grants::unsigned(Name::member_key(OWNER), Name::member_key(PARTNER), 1, right::ALERT, Vec::new());
        assert_eq!(say(&grant, 5_000), "alert (all its goods)");
        grant.valid_until = 6_000;
        assert_eq!(say(&grant, 5_000), "alert (all its goods), until 1970-01-01T00:00:06Z");
        assert_eq!(say(&grant, 7_000), "alert (all its goods), ended 1970-01-01T00:00:06Z");
    }
}
