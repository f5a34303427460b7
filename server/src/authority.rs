//! By whose right a member speaks of the goods that an event names, found before it is signed; and, where there is no such right,
//! whose permission is missing and how to ask for it.

use ledger::Key;
use ledger::entry::{Action, Authority, Class, Kind, Record, Ref, in_scopes, level, record_role, ref_role, right, role};
use ledger::name::{Level, Name};
use ledger::standing::needs;
use trace::draft::{About, Subjects};

use serde::{Deserialize, Serialize};

use crate::engine::{NewEvent, RightsNow};

/// Subjects and references with their authorities, as an event has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The authorities.
    pub authorities: Vec<Authority>,
    /// References.
    pub refs: Vec<Ref>,
    /// Subjects.
    pub records: Vec<Record>,
}

/// Something that the member may not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The subject.
    pub key: Key,
    /// A sentence: whose permission is missing, and how to ask for it.
    pub why: String,
}

/// What is to be said: kind, action and class of the event, and when.
#[derive(Clone, Copy, Debug)]
pub struct Saying {
    /// Kind.
    pub kind: Kind,
    /// Action.
    pub action: Action,
    /// Class.
    pub class: Class,
    /// When it would be logged.
    pub now_ms: u64,
}

/// The authorities of everything that an event names, or what is missing.
pub fn resolve(rights: &RightsNow, author: &str, saying: Saying, subjects: &Subjects) -> Result<Resolved, Vec<Missing>> {
    let (refs, records) = match subjects {
        Subjects::Named { refs, records } => (refs, records),
        Subjects::Same { authorities, records } => {
            return Ok(Resolved { authorities: authorities.clone(), refs: Vec::new(), records: records.clone() });
        }
    };
    let author_key = Name::member_key(author);
    let (mut resolved, mut missing) = (Resolved::default(), Vec::new());
    for about in records {
        match of_record(rights, author, &author_key, saying, about) {
            Ok(authority) => {
                let authority = place(&mut resolved.authorities, authority);
                resolved.records.push(Record { role: about.role, authority, key: about.key });
            }
            Err(why) => missing.push(Missing { key: about.key, why }),
        }
    }
    for about in refs {
        // Where its record is looked for; of a claim, with the owner of the number.
        let record = resolved.records.iter().find(|record| record.key == about.key && about.role != ref_role::BATCH);
        let by = record.and_then(|record| resolved.authorities.get(usize::from(record.authority))).copied();
        let by = by.filter(|by| *by != Authority::Claim).unwrap_or_else(|| of_reference(rights, &author_key, saying.now_ms, about));
        let authority = place(&mut resolved.authorities, by);
        resolved.refs.push(Ref { role: about.role, authority, key: about.key });
    }
    if resolved.authorities.len() > ledger::entry::MAX_AUTHORITIES {
        let why = "the event is about goods of more than eight owners; send one event for each of them".to_owned();
        missing.push(Missing { key: author_key, why });
    }
    if missing.is_empty() { Ok(resolved) } else { Err(missing) }
}

fn place(authorities: &mut Vec<Authority>, authority: Authority) -> u8 {
    let known = authorities.iter().position(|known| *known == authority);
    let place = known.unwrap_or_else(|| {
        authorities.push(authority);
        authorities.len() - 1
    });
    u8::try_from(place).unwrap_or(u8::MAX)
}

fn of_record(rights: &RightsNow, author: &str, author_key: &Key, saying: Saying, about: &About) -> Result<Authority, String> {
    let role = about.role & !record_role::BULK;
    if role == record_role::TRANSFORMATION {
        return Ok(Authority::Owner(*author_key));
    }
    let needed = needs(saying.kind, saying.action, saying.class, role);
    let owner = rights.register.owner_at(&about.digits, u64::MAX, saying.now_ms);
    if let Some(owner) = owner
        && (owner == *author_key || rights.grants(&owner, author_key, needed, &about.digits, saying.now_ms))
    {
        return Ok(Authority::Owner(owner));
    }
    if let Some(member) = rights.member(author_key)
        && needed & right::RECORD != 0
    {
        let levels = match about.level {
            Level::Item => level::ITEM,
            Level::Batch => level::BATCH,
            Level::Product => level::PRODUCT,
            Level::Other => 0,
        };
        let independent = member.roles & role::INDEPENDENT != 0 && member.levels & levels != 0 && in_scopes(&member.scopes, &about.digits);
        if member.roles & role::REGULATOR != 0 || independent {
            return Ok(Authority::Governance);
        }
    }
    match owner {
        None => Ok(Authority::unowned(&about.digits)),
        // That something of another was used, its user may say; that it came from there, its owner alone.
        Some(_) if role == record_role::INPUT => Ok(Authority::Claim),
        Some(owner) => {
            let owner = rights.member(&owner).map(|owner| owner.id.as_str());
            Err(explain(author, about.path.as_deref(), owner, needed))
        }
    }
}

/// Where the records of what an event refers to are to be looked for: with the owner of its number.
fn of_reference(rights: &RightsNow, author: &Key, now_ms: u64, about: &About) -> Authority {
    if about.role == ref_role::TRANSFORMATION {
        return Authority::Owner(*author);
    }
    match rights.register.owner_at(&about.digits, u64::MAX, now_ms) {
        Some(owner) => Authority::Owner(owner),
        None => Authority::unowned(&about.digits),
    }
}

/// Whose permission is missing, and how to get it.
pub fn explain(author: &str, path: Option<&str>, owner: Option<&str>, needed: u16) -> String {
    let goods = path.map_or_else(|| "one of these goods".to_owned(), str::to_owned);
    let Some(owner) = owner else {
        return format!("{author} has no right to say this of {goods}: it is neither the owner of its number nor named by it");
    };
    let words = right_words(needed);
    match words.first() {
        Some(word) => format!(
            "{author} may not say this of {goods}: its number belongs to {owner}, who has not granted the right \"{word}\"; ask {owner} to run \
             `leafproof grant add --owner {owner} --partner {author} --right {word}`, or to give it at /console/partners"
        ),
        None => format!("only {owner}, who owns the number of {goods}, may say this of it"),
    }
}

/// The words of rights, in the order of their bits.
pub const RIGHTS: [(u16, &str); 9] = [
    (right::ISSUE, "issue"),
    (right::RECORD, "record"),
    (right::PACK, "pack"),
    (right::DATES, "dates"),
    (right::WORDS, "words"),
    (right::ALERT, "alert"),
    (right::STORE, "store"),
    (right::INPUT, "input"),
    (right::CONTACT, "contact"),
];

/// The words of these rights.
pub fn right_words(rights: u16) -> Vec<&'static str> {
    RIGHTS.iter().filter(|(bit, _)| rights & bit != 0).map(|(_, word)| *word).collect()
}

/// The rights of these words; an unknown one is the error.
pub fn rights_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<u16, String> {
    words.into_iter().try_fold(0, |rights, word| {
        let known = RIGHTS.iter().find(|(_, known)| *known == word);
        known.map(|(bit, _)| rights | bit).ok_or_else(|| word.to_owned())
    })
}

impl NewEvent {
    /// Takes authorities, references and subjects over.
    pub fn about(mut self, resolved: Resolved) -> Self {
        (self.authorities, self.refs, self.records) = (resolved.authorities, resolved.refs, resolved.records);
        self
    }
}

/// What a member knows of rights on its own side, as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The ledger's name, which every signature covers.
    pub origin: String,
    /// The member.
    pub member: String,
    /// Its governance roles that matter, as in its MEMBER entry.
    pub roles: u16,
    /// Of an independent: levels.
    pub levels: u8,
    /// Of an independent: scopes.
    pub scopes: Vec<String>,
    /// Prefix and id of its owner.
    pub owners: Vec<(String, String)>,
    /// What owners let the member say.
    pub grants: Vec<KnownGrant>,
    /// What the member lets others say; the next version of a permission has the next number.
    pub given: Vec<Given>,
}

/// A grant that the member gave, ended ones too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The partner's id.
    pub partner: String,
    /// Its newest version.
    pub version: u32,
    /// Words of its rights; none: ended.
    pub rights: Vec<String>,
    /// Beginnings of numbers; none: all.
    pub scopes: Vec<String>,
}

/// A grant that the member holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownGrant {
    /// The owner's id.
    pub owner: String,
    /// Words of its rights.
    pub rights: Vec<String>,
    /// Beginnings of numbers; none: all of the owner's.
    pub scopes: Vec<String>,
    /// First millisecond.
    pub valid_from: u64,
    /// Last.
    pub valid_until: u64,
}

impl Known {
    /// What this member needs to know.
    pub fn of(origin: &str, rights: &RightsNow, id: &str) -> Self {
        let key = Name::member_key(id);
        let words = |bits| right_words(bits).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let gave = rights.grants_with(&key).filter(|grant| grant.owner == key);
        let given = gave.filter_map(|grant| {
            let partner = rights.member(&grant.partner)?.id.clone();
            Some(Given { partner, version: grant.version, rights: words(grant.rights), scopes: grant.scopes.clone() })
        });
        let given = given.collect();
        let own = rights.member(&key);
        let mut owners: Vec<(String, String)> =
            rights.members().flat_map(|member| member.prefixes.iter().map(|prefix| (prefix.clone(), member.id.clone()))).collect();
        owners.sort();
        let held = rights.grants_with(&key).filter(|grant| grant.partner == key && grant.rights != 0);
        let grants = held.filter_map(|grant| {
            Some(KnownGrant {
                owner: rights.member(&grant.owner)?.id.clone(),
                rights: words(grant.rights),
                scopes: grant.scopes.clone(),
                valid_from: grant.valid_from,
                valid_until: grant.valid_until,
            })
        });
        Self {
            origin: origin.to_owned(),
            given,
            member: id.to_owned(),
            roles: own.map_or(0, |own| own.roles),
            levels: own.map_or(0, |own| own.levels),
            scopes: own.map(|own| own.scopes.clone()).unwrap_or_default(),
            grants: grants.collect(),
            owners,
        }
    }

    /// The same as rights to resolve with.
    pub fn rights(&self) -> Result<RightsNow, String> {
        let mut rights = RightsNow::default();
        let mut owners: std::collections::BTreeMap<&str, Vec<String>> = std::collections::BTreeMap::new();
        owners.entry(&self.member).or_default();
        for (prefix, owner) in &self.owners {
            owners.entry(owner).or_default().push(prefix.clone());
        }
        for (id, prefixes) in owners {
            let own = id == self.member;
            let (roles, levels) = if own { (self.roles, self.levels) } else { (role::MEMBER, 0) };
            rights.know_owner(id, prefixes, roles, levels, if own { self.scopes.clone() } else { Vec::new() });
        }
        for grant in &self.grants {
            let bits = rights_of(grant.rights.iter().map(String::as_str)).map_err(|word| format!("the right {word:?} is not known"))?;
            rights.know_grant(&grant.owner, &self.member, bits, grant.scopes.clone(), (grant.valid_from, grant.valid_until));
        }
        Ok(rights)
    }
}
