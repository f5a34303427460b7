//! Accounts: who may sign in, for whom, and what they may do.

use engine::Engine;
use ledger::entry::Status;
use store::record::{User, Words};

use super::SessionError;

pub use super::roles::{May, Role, may};

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name to sign in with.
    pub name: String,
    /// argon2 string.
    pub password: String,
    /// What it may do.
    pub role: Role,
    /// Member id.
    pub member: String,
    /// A store's location as Digital Link path.
    pub location: Option<String>,
    /// Display name by language.
    pub display: Words,
}

/// The longest name to sign in with: what an owner chose, `@`, and its member's id.
pub const NAME_CHARS_MAX: usize = 100;

/// Why an account is not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountFault {
    /// Name.
    #[error("the account's name {0:?} is not 2 to {NAME_CHARS_MAX} of a-z, 0-9, '.', '-', '_', '@'")]
    Name(String),
    /// Member.
    #[error("the member id {0:?} is not 1 to 64 of a-z, 0-9, '.', '-'")]
    Member(String),
    /// Location.
    #[error("a store or staff account needs a location as Digital Link path, such as /414/6901234000018; the others take none")]
    Location,
    /// Password.
    #[error(transparent)]
    Password(#[from] super::password::PasswordFault),
}

/// The record of a new account, or of a new password for an old one. Hashes the password, which takes about 30 ms: not for an
/// async thread. Hand it to `Engine::state` as `StateRecord::User`.
pub fn create(name: &str, password: &str, role: Role, member: &str, location: Option<&str>, display: Words) -> Result<User, AccountFault> {
    let of = |text: &str, signs: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || signs.as_bytes().contains(&b));
    if !(2..=NAME_CHARS_MAX).contains(&name.len()) || !of(name, ".-_@") {
        return Err(AccountFault::Name(name.to_owned()));
    }
    if !(1..=64).contains(&member.len()) || !of(member, ".-") {
        return Err(AccountFault::Member(member.to_owned()));
    }
    if role.needs_location() != location.is_some() || location.is_some_and(|path| !path.starts_with("/414/")) {
        return Err(AccountFault::Location);
    }
    Ok(User {
        name: name.to_owned(),
        password: super::password::hash(password, name, member)?,
        member: member.to_owned(),
        role: role.value().to_owned(),
        location: location.map(str::to_owned),
        display,
        disabled: false,
    })
}

/// The account of this name, as it is now: none where it was ended, or its member was.
pub fn find(engine: &Engine, name: &str) -> Result<Option<Account>, SessionError> {
    let Some(account) = engine.index().user(name)?.and_then(Account::of) else {
        return Ok(None);
    };
    // Who runs the service need not be a member.
    let ended = engine.view().member(&account.member)?.last().is_some_and(|(_, newest)| newest.status != Status::Active);
    Ok(Some(account).filter(|_| !ended))
}

impl Account {
    /// Whether it may do this: what its role may, for a member that it has.
    pub fn may(&self, what: May) -> bool {
        may(self.role, what) && (!self.member.is_empty() || self.role == Role::Operator)
    }

    /// The account of a stored record; `None` where it was taken away or its role is unknown to this version.
    pub fn of(user: User) -> Option<Account> {
        let role = Role::parse(&user.role)?;
        if user.disabled || user.password.is_empty() || role.needs_location() != user.location.is_some() {
            return None;
        }
        Some(Account {
            name: user.name,
            password: user.password,
            role,
            member: user.member,
            location: user.location,
            display: user.display,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_made_whole_or_not_at_all() {
        let make = |name, role, location| create(name, "grassland-2026", role, "talanuar.example", location, Words::new());
        let user = make("wutong", Role::Store, Some("/414/6901234000018")).unwrap();
        assert_eq!(Account::of(user.clone()).unwrap().role, Role::Store);
        assert_eq!(Account::of(User { disabled: true, ..user.clone() }), None);
        assert_eq!(Account::of(User { role: "brand".into(), ..user.clone() }), None);
        assert_eq!(Account::of(User { location: None, ..user }), None, "a store without a location would see nothing or all");
        assert_eq!(make("wutong", Role::Store, None), Err(AccountFault::Location));
        assert_eq!(make("brand", Role::Owner, Some("/414/6901234000018")), Err(AccountFault::Location));
        assert!(matches!(make("Brand", Role::Owner, None), Err(AccountFault::Name(_))));
        assert!(matches!(create("brand", "short", Role::Owner, "a.example", None, Words::new()), Err(AccountFault::Password(_))));
    }
}
