//! Accounts and what is done to them, as tables.

use ledger::Hash;

use crate::keys::{inbox_key, pair};
use crate::record::User;
use crate::record::deed::{Act, Change, Deed, Factor, Freeze, HouseRule, Link};
use crate::table::{API_KEYS, DEEDS, FACTORS, FROZEN, FROZEN_OF, HOUSE_RULES, LINKS, LINKS_OF, USERS, USERS_OF};
use crate::{Changes, Index, StoreError};

const DAY_MS: u64 = 86_400_000;

/// Puts a deed into the tables.
pub(crate) fn apply(changes: &mut Changes, mut deed: Deed) -> Result<(), StoreError> {
    for change in std::mem::take(&mut deed.changes) {
        match change {
            Change::User(user) => put_user(changes, &user)?,
            Change::Link(link) => {
                let of = inbox_key(&link.member, link.made_ms, &link.hash.to_string());
                if link.ended {
                    changes.remove(LINKS, &link.hash.0);
                    changes.remove(LINKS_OF, &of);
                } else {
                    changes.put(LINKS_OF, &of, &[]);
                    changes.put_json(LINKS, &link.hash.0, &link);
                }
            }
            Change::Factor(factor) if factor.seed.is_empty() => changes.remove(FACTORS, factor.account.as_bytes()),
            Change::Factor(factor) => changes.put_json(FACTORS, factor.account.as_bytes(), &factor),
            Change::Key(key) => changes.put_json(API_KEYS, &key.hash.0, &key),
            Change::Freeze(freeze) => {
                // A number may have changed hands since.
                if let Some(before) = changes.get_json::<Freeze>(FROZEN, freeze.item.as_bytes())? {
                    changes.remove(FROZEN_OF, &pair(&before.member, &before.item));
                }
                if freeze.reason.is_some() {
                    changes.put(FROZEN_OF, &pair(&freeze.member, &freeze.item), &[]);
                    changes.put_json(FROZEN, freeze.item.as_bytes(), &freeze);
                } else {
                    changes.remove(FROZEN, freeze.item.as_bytes());
                }
            }
            Change::Inner(codes) => crate::rows::inner::put(changes, codes)?,
            Change::Rule(rule) => changes.put_json(HOUSE_RULES, rule.member.as_bytes(), &rule),
        }
    }
    if deed.act != Act::StepUsed {
        // A day's failures have one line, at the day's begin.
        let counted = deed.act == Act::SignInsFailed;
        let at_ms = if counted { deed.at_ms - deed.at_ms % DAY_MS } else { deed.at_ms };
        let key = inbox_key(&deed.member, at_ms, &deed.id);
        // Two counts that were written at once may come in either order.
        let more = counted.then(|| changes.get_json::<Deed>(DEEDS, &key)).transpose()?.flatten().is_some_and(|was| was.count > deed.count);
        if !more {
            changes.put_json(DEEDS, &key, &deed);
        }
    }
    Ok(())
}

/// An account, new or changed.
pub(crate) fn put_user(changes: &mut Changes, user: &User) -> Result<(), StoreError> {
    // An account may go over to another member.
    if let Some(before) = changes.get_json::<User>(USERS, user.name.as_bytes())? {
        changes.remove(USERS_OF, &pair(&before.member, &before.name));
    }
    changes.put(USERS_OF, &pair(&user.member, &user.name), &[]);
    changes.put_json(USERS, user.name.as_bytes(), user);
    Ok(())
}

impl Index {
    /// The link of this hash, while it is open; its time may be over.
    pub fn link(&self, hash: &Hash) -> Result<Option<Link>, StoreError> {
        self.get_json(LINKS, &hash.0)
    }

    /// A member's open links, newest first; those whose time is over among them.
    pub fn links_of(&self, member: &str) -> impl Iterator<Item = Result<Link, StoreError>> + use<> {
        let this = self.clone();
        self.newest_of(LINKS_OF, member).filter_map(move |hash| {
            let read = || hash?.parse().map_or(Ok(None), |hash| this.link(&hash));
            read().transpose()
        })
    }

    /// An account's second factor.
    pub fn factor(&self, account: &str) -> Result<Option<Factor>, StoreError> {
        self.get_json(FACTORS, account.as_bytes())
    }

    /// What is asked of all accounts of a member.
    pub fn house_rule(&self, member: &str) -> Result<Option<HouseRule>, StoreError> {
        self.get_json(HOUSE_RULES, member.as_bytes())
    }

    /// How a code was frozen, while it is.
    pub fn frozen(&self, item: &str) -> Result<Option<Freeze>, StoreError> {
        self.get_json(FROZEN, item.as_bytes())
    }

    /// The codes that a member froze and did not release.
    pub fn frozen_of(&self, member: &str) -> impl Iterator<Item = Result<Freeze, StoreError>> + use<> {
        let this = self.clone();
        let prefix = pair(member, "");
        self.rows(FROZEN_OF, &prefix).filter_map(move |row| {
            let read = || this.frozen(&String::from_utf8_lossy(&row?.0[prefix.len()..]));
            read().transpose()
        })
    }

    /// What was done at a member, newest first, each with the key that a next page begins behind.
    pub fn deeds(&self, member: &str) -> impl Iterator<Item = Result<(String, Deed), StoreError>> + use<> {
        let prefix = pair(member, "");
        let at = prefix.len();
        self.json_rows(DEEDS, &prefix).rev().map(move |row| {
            let (key, deed): (Vec<u8>, Deed) = row?;
            Ok((key[at..].iter().map(|byte| format!("{byte:02x}")).collect(), deed))
        })
    }

    /// How many sign-ins of an account failed on the day of this time, as the trail has it: the id of that line, and the count.
    pub fn failed_sign_ins(&self, member: &str, id: &str, at_ms: u64) -> Result<u32, StoreError> {
        let row: Option<Deed> = self.get_json(DEEDS, &inbox_key(member, at_ms - at_ms % DAY_MS, id))?;
        Ok(row.map_or(0, |deed| deed.count))
    }
}
