//! Limits on guessing passwords, by who guesses: few wrong guesses for one name from one network, more from one network altogether,
//! and few from a browser that signed in under that name before, whatever comes from its network.
//!
//! There is no limit on a name alone, but for the digits of a second factor: with one, anybody could lock a name's owner out. Guessing from many networks gets six guesses
//! from each in a quarter of an hour; against that stand passwords of ten characters and more, and a hash that takes its time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use super::cookie::Device;

/// The window in which wrong guesses count.
const WINDOW_MS: u64 = 15 * 60_000;
/// Wrong guesses for one name from one network: people mistype, twice or thrice.
const NAME_AND_NETWORK: u32 = 6;
/// Wrong guesses from one network: an office shares one address.
const NETWORK: u32 = 60;
/// Wrong guesses of the six digits for one name from browsers that are not known, whatever network they come from: a million codes, three of
/// which are good, must not be tried from everywhere. It stops nobody who has a recovery code, or signed in with this browser before.
const DIGITS: u32 = 10;
/// Wrong guesses from a browser that signed in under this name before. Beyond them it counts like any other of its network.
const DEVICE: u32 = 10;
/// Counters kept; beyond that the oldest window is forgotten at once.
const COUNTERS_MAX: usize = 50_000;

/// Who guesses.
#[derive(Clone, Copy, Debug)]
pub struct Guesser<'a> {
    /// The name it guesses for.
    pub name: &'a str,
    /// Its address.
    pub from: IpAddr,
    /// Its device cookie, where that belongs to this name.
    pub device: Option<Device>,
    /// What it guesses.
    pub what: Secret,
}

/// What is guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// A password, or a recovery code: too long to be found by trying.
    Long,
    /// The six digits of an authenticator. Only who has the password comes so far.
    Digits,
}

/// Wrong guesses of the running window. In memory: a restart forgives.
#[derive(Debug, Default)]
pub struct Guesses {
    inner: Mutex<(u64, HashMap<[u8; 32], u32>)>,
}

impl Guesses {
    /// Seconds to wait before the next guess, or `None` when it may be made now.
    pub fn wait_s(&self, guesser: Guesser<'_>, now_ms: u64) -> Option<u64> {
        let mut inner = self.inner.lock().expect("no code panics while it holds this lock");
        turn(&mut inner, now_ms);
        let over = counters(&inner.1, guesser).iter().any(|(key, limit)| inner.1.get(key).is_some_and(|count| count >= limit));
        over.then(|| (WINDOW_MS - now_ms % WINDOW_MS).div_ceil(1_000))
    }

    /// Counts a wrong guess.
    pub fn wrong(&self, guesser: Guesser<'_>, now_ms: u64) {
        let mut inner = self.inner.lock().expect("no code panics while it holds this lock");
        turn(&mut inner, now_ms);
        if inner.1.len() >= COUNTERS_MAX {
            inner.1.clear();
        }
        for (key, _) in counters(&inner.1, guesser) {
            *inner.1.entry(key).or_insert(0) += 1;
        }
    }

    /// Takes back the count of a guess that was right.
    pub fn right(&self, guesser: Guesser<'_>, now_ms: u64) {
        let mut inner = self.inner.lock().expect("no code panics while it holds this lock");
        turn(&mut inner, now_ms);
        for (key, _) in counters(&inner.1, guesser) {
            if let Some(count) = inner.1.get_mut(&key) {
                *count = count.saturating_sub(1);
            }
        }
    }
}

fn turn(inner: &mut (u64, HashMap<[u8; 32], u32>), now_ms: u64) {
    if inner.0 != now_ms / WINDOW_MS {
        *inner = (now_ms / WINDOW_MS, HashMap::new());
    }
}

/// What is counted for this guesser, each with its limit: its device alone as long as that has guesses left.
fn counters(counts: &HashMap<[u8; 32], u32>, guesser: Guesser<'_>) -> Vec<([u8; 32], u32)> {
    let hash = |parts: &[&[u8]]| ledger::dk("leafproof sign-in guesses v1", parts).0;
    let digits = guesser.what == Secret::Digits;
    let name = &[&[u8::from(digits)], guesser.name.as_bytes()].concat();
    if let Some(device) = guesser.device {
        let key = hash(&[b"device", &device.0, name]);
        if counts.get(&key).is_none_or(|count| *count < DEVICE) {
            return vec![(key, DEVICE)];
        }
    }
    let network = match guesser.from.to_canonical() {
        IpAddr::V4(v4) => v4.octets()[..3].to_vec(),
        IpAddr::V6(v6) => v6.octets()[..6].to_vec(),
    };
    let mut all = vec![(hash(&[b"both", &network, name]), NAME_AND_NETWORK), (hash(&[b"net", &network]), NETWORK)];
    if digits {
        all.push((hash(&[b"digits", name]), DIGITS));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(name: &'static str, network: [u8; 2]) -> Guesser<'static> {
        Guesser { name, from: IpAddr::from([10, network[0], network[1], 7]), device: None, what: Secret::Long }
    }

    #[test]
    fn guessing_stops_for_the_guesser_and_ends_with_the_window() {
        let guesses = Guesses::default();
        let (here, there) = (from("brand", [1, 1]), from("brand", [1, 2]));
        for _ in 0..NAME_AND_NETWORK {
            assert_eq!(guesses.wait_s(here, 0), None);
            guesses.wrong(here, 0);
        }
        assert_eq!(guesses.wait_s(here, 1_000), Some(WINDOW_MS / 1_000 - 1));
        assert_eq!(guesses.wait_s(there, 1_000), None, "the owner elsewhere is not locked out");
        assert_eq!(guesses.wait_s(from("store", [1, 1]), 1_000), None);
        assert_eq!(guesses.wait_s(here, WINDOW_MS), None);
    }

    #[test]
    fn strangers_from_everywhere_lock_no_owner_out() {
        let guesses = Guesses::default();
        for n in 0..200 {
            for _ in 0..NAME_AND_NETWORK {
                guesses.wrong(from("brand", [2, n]), 5);
            }
        }
        assert!(guesses.wait_s(from("brand", [2, 199]), 5).is_some());
        assert_eq!(guesses.wait_s(from("brand", [3, 1]), 5), None);
    }

    #[test]
    fn six_digits_are_not_tried_from_everywhere_and_the_owner_still_comes_in() {
        let guesses = Guesses::default();
        let digits = |n| Guesser { what: Secret::Digits, ..from("brand", [6, n]) };
        for n in 0..DIGITS as u8 {
            assert_eq!(guesses.wait_s(digits(n), 5), None);
            guesses.wrong(digits(n), 5);
        }
        assert!(guesses.wait_s(digits(99), 5).is_some(), "a network that never guessed");
        assert_eq!(guesses.wait_s(Guesser { device: Some(Device([7; 16])), ..digits(99) }, 5), None, "the owner's browser");
        assert_eq!(guesses.wait_s(from("brand", [6, 99]), 5), None, "a recovery code, a password");
        assert_eq!(guesses.wait_s(digits(99), WINDOW_MS), None, "and not for ever");
    }

    #[test]
    fn one_network_stops_whatever_the_names() {
        let guesses = Guesses::default();
        for _ in 0..NETWORK / 4 {
            for name in ["a1", "a2", "a3", "a4"] {
                guesses.wrong(from(name, [4, 1]), 5);
            }
        }
        assert!(guesses.wait_s(from("a5", [4, 1]), 5).is_some());
    }

    #[test]
    fn a_known_browser_is_counted_by_itself() {
        let guesses = Guesses::default();
        let stranger = from("brand", [5, 1]);
        let owner = Guesser { device: Some(Device([1; 16])), ..stranger };
        for _ in 0..NAME_AND_NETWORK {
            guesses.wrong(stranger, 5);
        }
        assert!(guesses.wait_s(stranger, 5).is_some());
        assert_eq!(guesses.wait_s(owner, 5), None, "the same network, another browser");
        for _ in 0..DEVICE {
            guesses.wrong(owner, 5);
        }
        assert!(guesses.wait_s(owner, 5).is_some(), "a stolen cookie opens no endless guessing");
        assert_eq!(guesses.wait_s(Guesser { device: Some(Device([2; 16])), ..stranger }, 5), None);
    }
}
