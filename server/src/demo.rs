//! The demo: three scenes of invented companies, loaded into a fresh data directory through the same capture that members use.
//! Members that "keep their own key" have it in `DATA/demo-members/`, the member's side of the demo; the server never reads it
//! after loading.

pub mod cosigners;
pub mod figures;
pub mod letters;
pub mod template;

use std::collections::BTreeMap;
use std::path::Path;

use base::clock::now_ms;
use ed25519_dalek::SigningKey;
use engine::{Engine, Submission};
use include_dir::{Dir, include_dir};
use ledger::entry::{Custody, Kind, Member, Status, level, role};
use ledger::name::Name;
use serde::Deserialize;
use store::record::deed::{Act, Change};
use store::record::{ApiKey, Scans, Scope, StateRecord, scan_key};
use trace::page::Words;
use trace::rights::rights_of;

use crate::capture::{self, Behaviour, Options};
use crate::grants;
use crate::inner;
use crate::media::Media;
use crate::objection;
use crate::presign;
use crate::scans;
use crate::session::accounts::{self, Role};
use crate::session::team;
use crate::state::DemoItem;
use template::Template;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo");

/// The scenes, in the order they are shown.
const SCENES: [&str; 3] = ["beef", "formula", "handbag"];

/// Password of every demo account: it opens invented data on a machine that says "demo" on every page.
const PASSWORD_DIGITS: usize = 12;

#[derive(Deserialize)]
struct MembersFile {
    members: Vec<MemberFile>,
    grants: Vec<GrantFile>,
}

/// What the owner of numbers lets a partner say of its goods.
#[derive(Deserialize)]
struct GrantFile {
    owner: String,
    partner: String,
    rights: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

#[derive(Deserialize)]
struct MemberFile {
    id: String,
    names: BTreeMap<String, String>,
    custody: String,
    roles: Vec<String>,
    prefixes: Vec<String>,
}

#[derive(Deserialize)]
struct SceneFile {
    title: Words,
    items: Vec<ItemFile>,
    captures: Vec<CaptureFile>,
    #[serde(default)]
    objections: Vec<ObjectionFile>,
    #[serde(default)]
    inner: Vec<InnerFile>,
    accounts: BTreeMap<String, AccountFile>,
}

#[derive(Deserialize)]
struct ItemFile {
    path: String,
    title: Words,
}

#[derive(Deserialize)]
struct CaptureFile {
    file: String,
    member: String,
}

#[derive(Deserialize)]
struct ObjectionFile {
    by: String,
    event: String,
    author: String,
    reason: objection::Reason,
}

/// The code inside a pack.
#[derive(Deserialize)]
struct InnerFile {
    item: String,
    member: String,
    label: String,
    spent: bool,
}

#[derive(Deserialize)]
struct AccountFile {
    login: String,
    member: String,
    role: String,
    #[serde(default)]
    location: Option<String>,
    name: Words,
}

#[derive(Deserialize)]
struct ScansFile {
    scans: Vec<ScanFile>,
}

#[derive(Deserialize)]
struct ScanFile {
    path: String,
    first: String,
    days: u32,
    count: u32,
}

/// Why the demo could not be loaded: what and where.
#[derive(Debug, thiserror::Error)]
#[error("the demo could not be loaded: {0}")]
pub struct DemoError(String);

fn wrong(what: impl std::fmt::Display) -> DemoError {
    DemoError(what.to_string())
}

/// The items that `/` links, whether loaded now or before.
pub fn items() -> Result<Vec<DemoItem>, DemoError> {
    let mut items = Vec::new();
    for scene in SCENES {
        let file: SceneFile = json(&format!("{scene}/scene.json"))?;
        items.extend(file.items.into_iter().map(|i| DemoItem { path: i.path, scene: file.title.clone(), title: i.title }));
    }
    Ok(items)
}

/// Loads all scenes. `said` gets a line for each step. Writes `DATA/demo.tsv` (accounts and API keys) at the end: a data
/// directory without it was not loaded whole.
pub async fn load(engine: &Engine, media: &Media, data: &Path, mut said: impl FnMut(String)) -> Result<(), DemoError> {
    // The demo's day is counted in its own time zone, UTC+08:00.
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let today = jiff::Timestamp::from_millisecond(now_ms() as i64).map_err(wrong)?.to_zoned(zone).date();
    let mut secrets = String::new();
    for scene in SCENES {
        let file: SceneFile = json(&format!("{scene}/scene.json"))?;
        let members: MembersFile = json(&format!("{scene}/members.json"))?;
        said(format!(
            "{}: {} members, {} documents",
            file.title.get("en").map_or(scene, String::as_str),
            members.members.len(),
            file.captures.len()
        ));
        let mut own = BTreeMap::new();
        for member in &members.members {
            if let Some(key) = join(engine, member, data).await? {
                own.insert(member.id.clone(), key);
            }
            let text = secret::<20>();
            let key = ApiKey {
                hash: ledger::hash(text.as_bytes()),
                member: member.id.clone(),
                label: "demo".to_owned(),
                created_ms: now_ms(),
                scopes: Scope::ALL.to_vec(),
                revoked: false,
            };
            engine.state(StateRecord::ApiKey(key)).await.map_err(wrong)?;
            secrets += &format!("key\t{}\t{text}\n", member.id);
        }
        for grant in &members.grants {
            let rights = rights_of(grant.rights.iter().map(String::as_str)).map_err(|word| wrong(format!("{word} is no right")))?;
            let version = grants::next(engine, &grant.owner, &grant.partner, rights, grant.scopes.clone()).map_err(wrong)?;
            grants::give(engine, version, own.get(&grant.owner)).await.map_err(wrong)?;
        }
        let files = store_media(scene, media, today)?;
        for document in &file.captures {
            capture_one(engine, scene, document, own.get(&document.member), &files, today).await?;
        }
        for one in &file.objections {
            object(engine, one, own.get(&one.by)).await?;
        }
        for one in &file.inner {
            secrets += &format!("inner\t{}\t{}\n", one.item, inside(engine, one).await?);
        }
        for account in file.accounts.values() {
            let password = secret::<PASSWORD_DIGITS>();
            let role =
                Role::parse(&account.role).ok_or_else(|| wrong(format!("{} has the unknown role {}", account.login, account.role)))?;
            let location = account.location.as_deref();
            let user = accounts::create(&account.login, &password, role, &account.member, location, account.name.clone()).map_err(wrong)?;
            let mut deed = team::deed(engine, &account.member, "", Act::Joined, &account.login);
            deed.detail = role.value().to_owned();
            deed.changes.push(Change::User(user));
            team::keep(engine, deed).await.map_err(wrong)?;
            secrets += &format!("account\t{}\t{password}\n", account.login);
        }
    }
    load_scans(engine, today).await?;
    letters::load(engine, &json("letters.json")?).await.map_err(wrong)?;
    figures::load(engine, &items()?).await.map_err(wrong)?;
    let path = data.join("demo.tsv");
    write_private(&path, secrets.as_bytes()).map_err(|e| wrong(format!("{}: {e}", path.display())))
}

fn json<T: for<'de> Deserialize<'de>>(path: &str) -> Result<T, DemoError> {
    serde_json::from_str(text(path)?).map_err(|e| wrong(format!("{path}: {e}")))
}

fn text(path: &str) -> Result<&'static str, DemoError> {
    FILES.get_file(path).and_then(|f| f.contents_utf8()).ok_or_else(|| wrong(format!("{path} is missing")))
}

/// A word people can type: letters and digits that cannot be taken for each other.
fn secret<const LENGTH: usize>() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    base::random::bytes::<LENGTH>().iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])).collect()
}

/// Makes a member. Where it keeps its own key, the key is made on its side and handed back to sign with.
async fn join(engine: &Engine, file: &MemberFile, data: &Path) -> Result<Option<SigningKey>, DemoError> {
    let keys = engine.keys();
    let governance = keys.governance().ok_or_else(|| wrong("the governance key is not on this machine"))?;
    let own = if file.custody == "own" { Some(presign::member_side_key(data, &file.id).map_err(wrong)?) } else { None };
    let public_key = match &own {
        Some(key) => key.verifying_key().to_bytes(),
        None => keys.make_member().map_err(wrong)?,
    };
    let mut member = Member {
        id: file.id.clone(),
        version: 1,
        status: Status::Active,
        custody: if own.is_some() { Custody::Own } else { Custody::Held },
        roles: file.roles.iter().fold(role::MEMBER, |roles, word| {
            roles
                | match word.as_str() {
                    "regulator" => role::REGULATOR,
                    "independent" => role::INDEPENDENT,
                    _ => 0,
                }
        }),
        levels: if file.roles.iter().any(|word| word == "independent") { level::ITEM } else { 0 },
        scopes: Vec::new(),
        valid_from: 0,
        valid_until: u64::MAX,
        since: 0,
        public_key,
        prefixes: file.prefixes.clone(),
        names: file.names.iter().map(|(l, n)| (l.clone(), n.clone())).collect(),
        consent: None,
        signature: [0; 64],
    };
    member.sign(keys.origin(), governance);
    engine.submit(Submission::Member(Box::new(member))).await.map_err(|e| wrong(format!("{}: {e}", file.id)))?;
    Ok(own)
}

type Files = BTreeMap<String, (String, usize)>;

/// Stores a scene's pictures; drawings of documents carry dates, which are filled in first.
fn store_media(scene: &str, media: &Media, today: jiff::civil::Date) -> Result<Files, DemoError> {
    let mut files = Files::new();
    let folder = FILES.get_dir(format!("{scene}/media")).ok_or_else(|| wrong(format!("{scene}/media is missing")))?;
    let nothing = |_: &str| None;
    let template = Template { today, file: &nothing };
    for file in folder.files() {
        let name = file.path().file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let bytes = match file.contents_utf8() {
            Some(text) if name.ends_with(".svg") => template.fill(text).map_err(|e| wrong(format!("{name}: {e}")))?.into_bytes(),
            _ => file.contents().to_vec(),
        };
        let hash = media.put(&bytes).map_err(|e| wrong(format!("{name}: {e}")))?;
        files.insert(name, (hash.to_string(), bytes.len()));
    }
    Ok(files)
}

async fn capture_one(
    engine: &Engine,
    scene: &str,
    document: &CaptureFile,
    own: Option<&SigningKey>,
    files: &Files,
    today: jiff::civil::Date,
) -> Result<(), DemoError> {
    let name = format!("{scene}/{}", document.file);
    let find = |file: &str| files.get(file).cloned();
    let filled = Template { today, file: &find }.fill(text(&name)?).map_err(|e| wrong(format!("{name}: {e}")))?;
    // A size is a number, but a template can only stand in a string.
    let filled = numbers(&filled);
    let options = Options { behaviour: Behaviour::Rollback, dry_run: false, now_ms: now_ms() };
    let sign = own.map(|key| presign::signer(engine, &document.member, key));
    let signer = sign.as_ref().map(|s| s as &(dyn Fn(&engine::NewEvent) -> Submission + Sync));
    let outcome = capture::run(engine, &document.member, &filled, options, signer).await.map_err(|e| wrong(format!("{name}: {e}")))?;
    match outcome.events.iter().find(|e| e.outcome != "captured") {
        None => Ok(()),
        Some(event) => Err(wrong(format!("{name}, event {}: {} {}", event.event + 1, event.outcome, event.problems.join("; ")))),
    }
}

async fn object(engine: &Engine, one: &ObjectionFile, own: Option<&SigningKey>) -> Result<(), DemoError> {
    let (author, id) = (Name::member_key(&one.author), ledger::entry::event_id(one.event.as_bytes()));
    let found = engine.view().find_event(&author, &id, Kind::Object as u8, 0).map_err(wrong)?;
    let index = found.ok_or_else(|| wrong(format!("{} objects to {}, which was not captured", one.by, one.event)))?;
    objection::object(engine, &one.by, index, &[], &one.reason, own).await.map(drop).map_err(wrong)
}

/// Makes the code inside a pack, and uses it where the scene says so; its address.
async fn inside(engine: &Engine, one: &InnerFile) -> Result<String, DemoError> {
    let maker = inner::Maker { member: &one.member, by: "", label: &one.label };
    let made = inner::make(engine, maker, &one.item, |line| Name::from_digital_link_path(line).ok()).await.map_err(wrong)?;
    let address = made.into_iter().next().map(|code| code.address).unwrap_or_default();
    if one.spent {
        let code = address.split('/').nth(2).unwrap_or_default();
        let name = Name::from_digital_link_path(&one.item).map_err(wrong)?;
        inner::spend(engine, &name, code).await.map_err(wrong)?;
    }
    Ok(address)
}

/// `"lp:fileBytes": "4228"` -> `"lp:fileBytes": 4228`.
fn numbers(document: &str) -> String {
    const FIELD: &str = "\"lp:fileBytes\": \"";
    let mut out = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(at) = rest.find(FIELD) {
        let (before, after) = rest.split_at(at + FIELD.len());
        let end = after.find('"').unwrap_or(0);
        out.push_str(&before[..before.len() - 1]);
        out.push_str(&after[..end]);
        rest = after.get(end + 1..).unwrap_or("");
    }
    out + rest
}

async fn load_scans(engine: &Engine, today: jiff::civil::Date) -> Result<(), DemoError> {
    let file: ScansFile = json("scans.json")?;
    let nothing = |_: &str| None;
    let template = Template { today, file: &nothing };
    let mut days: BTreeMap<u32, BTreeMap<String, u32>> = BTreeMap::new();
    for scan in &file.scans {
        let link = trace::gs1::DigitalLink::from_request(&scan.path, None).map_err(|e| wrong(format!("scans.json: {e}")))?;
        let first: jiff::civil::Date = template.fill(&scan.first).map_err(wrong)?.parse().map_err(wrong)?;
        let epoch = jiff::civil::date(1970, 1, 1);
        let first = u32::try_from(first.since(epoch).map_err(wrong)?.get_days()).map_err(wrong)?;
        for day in 0..scan.days {
            let share = scan.count / scan.days + u32::from(day < scan.count % scan.days);
            let counts = days.entry(first + day).or_default();
            let key = link.name().key();
            counts.insert(scan_key(&key), share);
            counts.insert(scan_key(&scans::unlike_key(&key)), share.min(scans::UNLIKE_A_DAY));
        }
    }
    for (day, counts) in days {
        engine.state(StateRecord::Scans(Scans { day, counts })).await.map_err(wrong)?;
    }
    Ok(())
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_become_numbers() {
        assert_eq!(super::numbers(r#"{"lp:fileBytes": "42", "a": "7"}"#), r#"{"lp:fileBytes": 42, "a": "7"}"#);
    }
}
