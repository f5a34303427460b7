//! Who else of a desk has a letter open: in memory alone, for less than a minute, told to the same desk and nobody else. It stops nobody;
//! that two answers of one moment see each other is `feedback::handling`'s.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::session::accounts::Account;

base::limits! {
    /// How long somebody counts as being at a letter: four times what the page's script waits between two words of it.
    PRESENCE_SECONDS: u64 = 40, "seconds";
    /// Letters that somebody has open at once; at further ones nobody sees each other.
    PRESENCE_LETTERS: usize = 5_000, "letters";
    /// Accounts at one letter.
    PRESENCE_ACCOUNTS: usize = 20, "accounts";
}

/// Somebody at a letter.
#[derive(Clone, Debug)]
struct Here {
    member: String,
    location: Option<String>,
    account: String,
    writing: bool,
    at_ms: u64,
}

impl Here {
    fn is_over(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.at_ms) >= PRESENCE_SECONDS * 1_000
    }
}

/// All of them, by letter.
#[derive(Debug, Default)]
pub struct Presence(Mutex<HashMap<String, Vec<Here>>>);

impl Presence {
    /// This account is at this letter now. Gives who else of its desk is, and whether they write, by name.
    pub fn at(&self, letter: &str, account: &Account, writing: bool, now_ms: u64) -> Vec<(String, bool)> {
        let mut all = self.0.lock().expect("no code panics while it holds this lock");
        if !all.contains_key(letter) && all.len() >= PRESENCE_LETTERS {
            all.retain(|_, here| {
                here.retain(|one| !one.is_over(now_ms));
                !here.is_empty()
            });
            if all.len() >= PRESENCE_LETTERS {
                return Vec::new();
            }
        }
        let here = all.entry(letter.to_owned()).or_default();
        here.retain(|one| !one.is_over(now_ms) && one.account != account.name);
        let same = |one: &&Here| one.member == account.member && one.location == account.location;
        let mut others: Vec<(String, bool)> = here.iter().filter(same).map(|one| (one.account.clone(), one.writing)).collect();
        others.sort_unstable();
        if here.len() < PRESENCE_ACCOUNTS {
            let (member, location) = (account.member.clone(), account.location.clone());
            here.push(Here { member, location, account: account.name.clone(), writing, at_ms: now_ms });
        }
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::accounts::Role;

    fn account(name: &str, member: &str, location: Option<&str>) -> Account {
        Account {
            name: name.to_owned(),
            password: String::new(),
            member: member.to_owned(),
            role: if location.is_some() { Role::Store } else { Role::Answerer },
            location: location.map(str::to_owned),
            display: Default::default(),
        }
    }

    #[test]
    fn those_of_one_desk_see_each_other_for_less_than_a_minute_and_nobody_else_does() {
        let presence = Presence::default();
        let [mei, jun] = ["mei", "jun"].map(|name| account(name, "brand.example", None));
        let other = account("eve", "other.example", None);
        let stores = ["/414/1", "/414/2"].map(|place| account(place, "brand.example", Some(place)));
        assert_eq!(presence.at("a", &mei, false, 0), []);
        assert_eq!(presence.at("a", &jun, true, 1_000), [("mei".to_owned(), false)]);
        assert_eq!(presence.at("a", &mei, true, 2_000), [("jun".to_owned(), true)]);
        assert_eq!(presence.at("b", &mei, false, 2_000), [], "another letter");
        for one in [&other, &stores[0], &stores[1]] {
            assert_eq!(presence.at("a", one, true, 2_000), [], "another desk");
        }
        assert_eq!(presence.at("a", &jun, false, 3_000), [("mei".to_owned(), true)]);
        let later = 2_000 + PRESENCE_SECONDS * 1_000;
        assert_eq!(presence.at("a", &jun, false, later - 1), [("mei".to_owned(), true)]);
        assert_eq!(presence.at("a", &jun, false, later), []);
    }

    #[test]
    fn however_many_come_it_holds_no_more_than_its_limits() {
        let presence = Presence::default();
        let reader = account("mei", "brand.example", None);
        for n in 0..PRESENCE_LETTERS + 10 {
            presence.at(&n.to_string(), &reader, false, 0);
        }
        assert_eq!(presence.0.lock().unwrap().len(), PRESENCE_LETTERS);
        presence.at("new", &reader, false, PRESENCE_SECONDS * 1_000);
        assert_eq!(presence.0.lock().unwrap().len(), 1, "what is over makes room");
        for n in 0..PRESENCE_ACCOUNTS + 10 {
            presence.at("new", &account(&n.to_string(), "brand.example", None), false, PRESENCE_SECONDS * 1_000);
        }
        assert_eq!(presence.0.lock().unwrap()["new"].len(), PRESENCE_ACCOUNTS);
    }
}
