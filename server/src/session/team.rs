//! Who may sign in for a member: inviting, roles, new passwords, ending. Each is one record with its line in the trail
//! (`store::record::deed`). What is done to accounts is done one after the other, so that two owners cannot end each other at once.

use engine::{Engine, StateError};
use ledger::name::Name;
use store::StoreError;
use store::record::deed::{Act, Change, Deed, Factor, HouseRule, Link};
use store::record::{StateRecord, User, Words};
use tokio::sync::{Mutex, MutexGuard};

use super::accounts::{Account, NAME_CHARS_MAX};
use super::password::{self, PasswordFault};
use super::roles::Role;

base::limits! {
    /// How long a link to a new account or a new password is good: over a weekend.
    LINK_HOURS: u64 = 72, "hours";
    /// Open links of one member: as many as a department that begins on one day.
    LINKS_OPEN: usize = 50, "links";
    /// Accounts of one member, ended ones among them: their names stand beside answers and are given to nobody else.
    ACCOUNTS_OF_MEMBER: usize = 500, "accounts";
    /// What owners of one member do to its accounts in 24 hours, ending aside: nobody fills the trail so that older lines are not found.
    DEEDS_A_DAY: usize = 500, "deeds";
    /// Codes that one member freezes or releases in 24 hours: packs that were stolen or copied, each looked at. A whole lot is a recall.
    FREEZES_A_DAY: usize = 200, "codes";
    /// Newest lines of one member's trail that are counted for what may still be done today: more than all limits of a day together.
    DEEDS_LOOKED_AT: usize = 3_000, "deeds";
    /// Letters of a new account's name before its `@`.
    LOCAL_NAME_CHARS: usize = 32, "characters";
}

/// Random bytes of a link.
const TOKEN_BYTES: usize = 20;

/// Why something is not done to an account.
#[derive(Debug, thiserror::Error)]
pub enum TeamFault {
    /// No name for an account.
    #[error("the name is not 1 to {LOCAL_NAME_CHARS} of a-z, 0-9, '.', '-', '_'")]
    Name,
    /// It has been given.
    #[error("there is or was an account of this name")]
    Taken,
    /// It waits for whoever was invited.
    #[error("there is an open invitation for this name")]
    Invited,
    /// None of the roles that an owner gives.
    #[error("no role that can be given")]
    Role,
    /// A role at a place without the place, or the other way.
    #[error("a store's role needs the store's location number, with a right check digit")]
    Location,
    /// As many accounts as there can be.
    #[error("a member has at most {ACCOUNTS_OF_MEMBER} accounts")]
    Full,
    /// As many links as there can be.
    #[error("a member has at most {LINKS_OPEN} open links")]
    ManyLinks,
    /// As much was done in the last 24 hours as can be.
    #[error("{DEEDS_A_DAY} things were done to this member's accounts in 24 hours, which is the most: ending an account always goes")]
    ManyToday,
    /// No such account here.
    #[error("there is no account of this name here")]
    Unknown,
    /// Nobody would be left to say who may sign in.
    #[error("it is the last owner")]
    LastOwner,
    /// A link that is used, taken back, or too old.
    #[error("the link is good no more")]
    Over,
    /// Who asks it of others has none.
    #[error("the owner has no second factor")]
    NoFactor,
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// It could not be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tables.
    #[error(transparent)]
    Index(#[from] StoreError),
}

/// What is done to accounts waits for each other.
pub async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

/// A line of the trail, without what it changes yet.
pub fn deed(engine: &Engine, member: &str, by: &str, act: Act, about: &str) -> Deed {
    let id = u64::from_be_bytes(base::random::bytes());
    Deed {
        id: format!("{id:016x}"),
        member: member.to_owned(),
        by: by.to_owned(),
        at_ms: engine.now_ms(),
        act,
        about: about.to_owned(),
        detail: String::new(),
        count: 0,
        changes: Vec::new(),
    }
}

/// Keeps it: on disk when this returns.
pub async fn keep(engine: &Engine, deed: Deed) -> Result<(), StateError> {
    engine.state(StateRecord::Deed(Box::new(deed))).await
}

/// Whether an owner may do one thing more today. Codes and files have limits of their own: who may freeze the ones or take the others keeps
/// no owner from its accounts.
pub fn room(engine: &Engine, member: &str) -> Result<(), TeamFault> {
    let apart = |act| matches!(act, Act::CodeFrozen | Act::CodeReleased | Act::LettersTaken | Act::InnerTaken);
    let today = since(engine, member, base::clock::DAY_MS, |deed| usize::from(!apart(deed.act)))?;
    if today < DEEDS_A_DAY { Ok(()) } else { Err(TeamFault::ManyToday) }
}

/// How much of this was done within this time, the newest of the trail first.
pub fn since(engine: &Engine, member: &str, within_ms: u64, weigh: impl Fn(&Deed) -> usize) -> Result<usize, StoreError> {
    let since_ms = engine.now_ms().saturating_sub(within_ms);
    let mut found = 0;
    for row in engine.index().deeds(member).take(DEEDS_LOOKED_AT) {
        let (_, deed) = row?;
        found += if deed.at_ms > since_ms { weigh(&deed) } else { 0 };
    }
    Ok(found)
}

/// The accounts of a member, by name, ended ones among them; who runs the service is none of them.
pub fn users(engine: &Engine, member: &str) -> Result<Vec<User>, StoreError> {
    let all = engine.index().users_of(member).take(ACCOUNTS_OF_MEMBER).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|user| user.role != Role::Operator.value()).collect())
}

/// The links of a member that are still good, newest first.
pub fn links(engine: &Engine, member: &str) -> Result<Vec<Link>, StoreError> {
    let now_ms = engine.now_ms();
    let all = engine.index().links_of(member).take(2 * LINKS_OPEN).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|link| link.until_ms > now_ms).collect())
}

fn user(engine: &Engine, member: &str, name: &str) -> Result<User, TeamFault> {
    let user = engine.index().user(name)?;
    user.filter(|user| user.member == member && user.role != Role::Operator.value()).ok_or(TeamFault::Unknown)
}

/// What an owner types for a new account.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The name before its `@`.
    pub local: String,
    /// The role's word.
    pub role: String,
    /// A store's location number, or its Digital Link path.
    pub location: String,
}

/// The whole name of a new account: it ends in its member's id, so no two members meet in a name, and none learns another's.
pub fn whole_name(local: &str, member: &str) -> Result<String, TeamFault> {
    let local = local.trim().to_lowercase();
    let local = local.strip_suffix(&format!("@{member}")).unwrap_or(&local);
    let fits = (1..=LOCAL_NAME_CHARS).contains(&local.len())
        && local.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte));
    let whole = format!("{local}@{member}");
    if fits && whole.len() <= NAME_CHARS_MAX { Ok(whole) } else { Err(TeamFault::Name) }
}

/// A role that an owner gives, with the place of those that stand at one.
fn placed(role: &str, location: &str) -> Result<(Role, Option<String>), TeamFault> {
    let role = Role::GIVEN.into_iter().find(|given| given.value() == role).ok_or(TeamFault::Role)?;
    if !role.needs_location() {
        return Ok((role, None));
    }
    let digits = location.trim().trim_start_matches("/414/");
    let path = format!("/414/{digits}");
    let whole = digits.len() == 13 && digits.bytes().all(|byte| byte.is_ascii_digit()) && checks(digits);
    let known = whole && Name::from_digital_link_path(&path).is_ok();
    if known { Ok((role, Some(path))) } else { Err(TeamFault::Location) }
}

/// The check digit of a GS1 number.
fn checks(digits: &str) -> bool {
    let sum: u32 = digits.bytes().rev().enumerate().map(|(n, byte)| u32::from(byte - b'0') * if n % 2 == 0 { 1 } else { 3 }).sum();
    sum.is_multiple_of(10)
}

/// A new link's secret, and its hash.
fn token() -> (String, ledger::Hash) {
    let text: String = base::random::bytes::<TOKEN_BYTES>().iter().map(|byte| format!("{byte:02x}")).collect();
    let hash = ledger::hash(text.as_bytes());
    (text, hash)
}

/// The records that end links: those whose time is over, and of the rest those that this says.
fn ended(engine: &Engine, member: &str, ends: impl Fn(&Link) -> bool) -> Result<Vec<Change>, StoreError> {
    let now_ms = engine.now_ms();
    let mut changes = Vec::new();
    for link in engine.index().links_of(member).take(2 * LINKS_OPEN) {
        let link = link?;
        if link.until_ms <= now_ms || ends(&link) {
            changes.push(Change::Link(Link { ended: true, ..link }));
        }
    }
    Ok(changes)
}

/// Invites somebody; what stands in the link's address.
pub async fn invite(engine: &Engine, by: &Account, wish: &Wish) -> Result<(Link, String), TeamFault> {
    let _turn = turn().await;
    room(engine, &by.member)?;
    let name = whole_name(&wish.local, &by.member)?;
    let (role, location) = placed(&wish.role, &wish.location)?;
    if engine.index().user(&name)?.is_some() {
        return Err(TeamFault::Taken);
    }
    let open = links(engine, &by.member)?;
    if open.iter().any(|link| link.account == name) {
        return Err(TeamFault::Invited);
    }
    if open.len() >= LINKS_OPEN {
        return Err(TeamFault::ManyLinks);
    }
    if users(engine, &by.member)?.len() + open.iter().filter(|link| link.role.is_some()).count() >= ACCOUNTS_OF_MEMBER {
        return Err(TeamFault::Full);
    }
    let (text, hash) = token();
    let now_ms = engine.now_ms();
    let link = Link {
        hash,
        member: by.member.clone(),
        account: name.clone(),
        role: Some(role.value().to_owned()),
        location,
        without_factor: false,
        by: by.name.clone(),
        made_ms: now_ms,
        until_ms: now_ms + LINK_HOURS * 3_600_000,
        ended: false,
    };
    let mut deed = deed(engine, &by.member, &by.name, Act::Invited, &name);
    deed.detail = role.value().to_owned();
    deed.changes = ended(engine, &by.member, |_| false)?;
    deed.changes.push(Change::Link(link.clone()));
    keep(engine, deed).await?;
    Ok((link, text))
}

/// Makes a link by which a colleague, or one that was ended, sets a new password. An older one of the same account is over. `by` is empty
/// where who runs the service does it.
pub async fn reset(engine: &Engine, member: &str, by: &str, name: &str, without_factor: bool) -> Result<(Link, String), TeamFault> {
    let _turn = turn().await;
    // Who runs the service helps whenever it is asked to.
    if !by.is_empty() {
        room(engine, member)?;
    }
    user(engine, member, name)?;
    let older = links(engine, member)?;
    if older.iter().filter(|link| link.account != name).count() >= LINKS_OPEN {
        return Err(TeamFault::ManyLinks);
    }
    let (text, hash) = token();
    let now_ms = engine.now_ms();
    let link = Link {
        hash,
        member: member.to_owned(),
        account: name.to_owned(),
        role: None,
        location: None,
        without_factor,
        by: by.to_owned(),
        made_ms: now_ms,
        until_ms: now_ms + LINK_HOURS * 3_600_000,
        ended: false,
    };
    let mut deed = deed(engine, member, by, Act::ResetMade, name);
    deed.detail = if without_factor { "without_factor".to_owned() } else { String::new() };
    deed.changes = ended(engine, member, |link| link.account == name)?;
    deed.changes.push(Change::Link(link.clone()));
    keep(engine, deed).await?;
    Ok((link, text))
}

/// Takes back an open link of one's own member; one that is gone already is no fault.
pub async fn end_link(engine: &Engine, by: &Account, hash: &str) -> Result<(), TeamFault> {
    let _turn = turn().await;
    let Some(link) = links(engine, &by.member)?.into_iter().find(|link| link.hash.to_string() == hash) else {
        return Ok(());
    };
    let mut deed = deed(engine, &by.member, &by.name, Act::LinkEnded, &link.account);
    deed.changes = ended(engine, &by.member, |other| other.hash == link.hash)?;
    Ok(keep(engine, deed).await?)
}

/// Whether somebody else is left who says who may sign in.
fn another_owner(engine: &Engine, member: &str, than: &str) -> Result<bool, StoreError> {
    let mut all = users(engine, member)?.into_iter().filter(|user| user.name != than).filter_map(Account::of);
    Ok(all.any(|account| account.role == Role::Owner))
}

/// Gives an account another role. Its sessions are over, and where it is an owner no more, so are the links that it made.
pub async fn set_role(engine: &Engine, by: &Account, name: &str, role: &str, location: &str) -> Result<(), TeamFault> {
    let _turn = turn().await;
    let user = user(engine, &by.member, name)?;
    let before = Account::of(user.clone()).ok_or(TeamFault::Unknown)?;
    let (role, location) = placed(role, location)?;
    if (before.role, &before.location) == (role, &location) {
        return Ok(());
    }
    room(engine, &by.member)?;
    let falls = before.role == Role::Owner && role != Role::Owner;
    if falls && !another_owner(engine, &by.member, name)? {
        return Err(TeamFault::LastOwner);
    }
    let mut deed = deed(engine, &by.member, &by.name, Act::RoleChanged, name);
    deed.detail = format!("{} {}", before.role.value(), role.value());
    if falls {
        deed.changes = ended(engine, &by.member, |link| link.by == name)?;
    }
    // A device that many share has no second factor of one of them.
    if role.shared() {
        deed.changes.push(Change::Factor(no_factor(name)));
    }
    deed.changes.push(Change::User(User { role: role.value().to_owned(), location, ..user }));
    Ok(keep(engine, deed).await?)
}

/// Ends an account: its sessions, its second factor, links for it, and links that it made are over. Its name stays its own.
pub async fn end(engine: &Engine, member: &str, by: &str, name: &str) -> Result<(), TeamFault> {
    let _turn = turn().await;
    let user = user(engine, member, name)?;
    if user.disabled {
        return Ok(());
    }
    // Who runs the service may end whom it must.
    if !by.is_empty() && user.role == Role::Owner.value() && !another_owner(engine, member, name)? {
        return Err(TeamFault::LastOwner);
    }
    let mut deed = deed(engine, member, by, Act::AccountEnded, name);
    deed.changes = ended(engine, member, |link| link.account == name || link.by == name)?;
    deed.changes.push(Change::Factor(no_factor(name)));
    // Of an ended account nothing is left to guess at.
    deed.changes.push(Change::User(User { disabled: true, password: String::new(), ..user }));
    Ok(keep(engine, deed).await?)
}

/// A link that is good now.
pub fn link(engine: &Engine, token: &str) -> Result<Option<Link>, StoreError> {
    if token.len() != 2 * TOKEN_BYTES {
        return Ok(None);
    }
    let link = engine.index().link(&ledger::hash(token.as_bytes()))?;
    Ok(link.filter(|link| link.until_ms > engine.now_ms()))
}

/// Uses a link: the account with this password is there, and the link is not, when this returns.
pub async fn join(engine: &Engine, token: &str, password: String, display: Words) -> Result<Account, TeamFault> {
    // Hashed before the turn: it takes its time, and looks at nothing.
    let found = link(engine, token)?.ok_or(TeamFault::Over)?;
    let phc = password::hashed(password, found.account.clone(), found.member.clone()).await?;
    let _turn = turn().await;
    let link = link(engine, token)?.ok_or(TeamFault::Over)?;
    let before = engine.index().user(&link.account)?;
    let (user, act) = match (&link.role, before) {
        (Some(role), None) => {
            let user = User {
                name: link.account.clone(),
                password: phc,
                member: link.member.clone(),
                role: role.clone(),
                location: link.location.clone(),
                display,
                disabled: false,
            };
            (user, Act::Joined)
        }
        (None, Some(before)) if before.member == link.member => (User { password: phc, disabled: false, ..before }, Act::ResetUsed),
        _ => return Err(TeamFault::Over),
    };
    let mut deed = deed(engine, &link.member, &link.account, act, &link.account);
    deed.detail = user.role.clone();
    deed.changes = ended(engine, &link.member, |other| other.hash == link.hash || other.account == link.account)?;
    if link.without_factor {
        deed.changes.push(Change::Factor(no_factor(&link.account)));
    }
    deed.changes.push(Change::User(user.clone()));
    let account = Account::of(user).ok_or(TeamFault::Over)?;
    keep(engine, deed).await?;
    Ok(account)
}

/// A new password for an account whose old one was just asked for. All its sessions are over.
pub async fn change_password(engine: &Engine, account: &Account, password: String) -> Result<Account, TeamFault> {
    let phc = password::hashed(password, account.name.clone(), account.member.clone()).await?;
    let _turn = turn().await;
    let user = engine.index().user(&account.name)?.filter(|user| user.password == account.password).ok_or(TeamFault::Unknown)?;
    let user = User { password: phc, ..user };
    let mut deed = deed(engine, &account.member, &account.name, Act::PasswordChanged, &account.name);
    // A link for a new password that waits somewhere would undo it.
    deed.changes = ended(engine, &account.member, |link| link.account == account.name)?;
    deed.changes.push(Change::User(user.clone()));
    let account = Account::of(user).ok_or(TeamFault::Unknown)?;
    keep(engine, deed).await?;
    Ok(account)
}

/// Whether all accounts of a member need a second factor.
pub fn needs_factor(engine: &Engine, member: &str) -> Result<bool, StoreError> {
    Ok(engine.index().house_rule(member)?.is_some_and(|rule| rule.factor))
}

/// Asks a second factor of all accounts, or does not any more. Who asks it has one.
pub async fn set_rule(engine: &Engine, by: &Account, factor: bool) -> Result<(), TeamFault> {
    let _turn = turn().await;
    if needs_factor(engine, &by.member)? == factor {
        return Ok(());
    }
    room(engine, &by.member)?;
    if factor && engine.index().factor(&by.name)?.is_none() {
        return Err(TeamFault::NoFactor);
    }
    let mut deed = deed(engine, &by.member, &by.name, if factor { Act::RuleOn } else { Act::RuleOff }, "");
    deed.changes.push(Change::Rule(HouseRule { member: by.member.clone(), factor }));
    Ok(keep(engine, deed).await?)
}

/// That an account has no second factor.
pub fn no_factor(account: &str) -> Factor {
    Factor { account: account.to_owned(), seed: String::new(), since_ms: 0, step: 0, codes: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_in_their_member() {
        for (typed, whole) in
            [("mei", "mei@talanuur.example"), (" Mei.Lin ", "mei.lin@talanuur.example"), ("mei@talanuur.example", "mei@talanuur.example")]
        {
            assert_eq!(whole_name(typed, "talanuur.example").unwrap(), whole);
        }
        for wrong in ["", "mei@other.example", "mei lin", "梅", "a@b", "x\ny", &"a".repeat(33)] {
            assert!(matches!(whole_name(wrong, "talanuur.example"), Err(TeamFault::Name)), "{wrong:?}");
        }
    }

    #[test]
    fn a_place_for_those_that_stand_at_one() {
        assert_eq!(placed("reader", "whatever").unwrap(), (Role::Reader, None));
        let wutong = Some("/414/6901234000016".to_owned());
        assert_eq!(placed("store", "6901234000016").unwrap(), (Role::Store, wutong.clone()));
        assert_eq!(placed("staff", " /414/6901234000016").unwrap(), (Role::Staff, wutong));
        for wrong in ["", "6901234000017", "690123400001", "/414/", "69012340000 6", "/01/6901234000016"] {
            assert!(matches!(placed("store", wrong), Err(TeamFault::Location)), "{wrong}");
        }
        for none in ["operator", "", "Owner", "brand"] {
            assert!(matches!(placed(none, "6901234000016"), Err(TeamFault::Role)), "{none}");
        }
    }
}
