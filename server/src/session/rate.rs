//! Limits on guessing passwords: few wrong guesses for one name from one network, more for one name from everywhere, and those
//! from one network. A stranger's guessing slows the stranger, and locks nobody out of their own account for longer than the window.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// The window in which wrong guesses count.
const WINDOW_MS: u64 = 15 * 60_000;
/// Wrong guesses for one name from one network: people mistype, twice or thrice.
const NAME_AND_NETWORK: u32 = 6;
/// Wrong guesses for one name from everywhere: guessing from many addresses.
const NAME: u32 = 60;
/// Wrong guesses from one network: an office shares one address.
const NETWORK: u32 = 60;
/// Counters kept; beyond that the oldest window is forgotten at once.
const COUNTERS_MAX: usize = 50_000;

/// Wrong guesses of the running window. In memory: a restart forgives.
#[derive(Debug, Default)]
pub struct Guesses {
    inner: Mutex<(u64, HashMap<[u8; 32], u32>)>,
}

impl Guesses {
    /// Seconds to wait before the next guess, or `None` when it may be made now.
    pub fn wait_s(&self, name: &str, from: IpAddr, now_ms: u64) -> Option<u64> {
        let mut inner = self.inner.lock().expect("no code panics while it holds this lock");
        turn(&mut inner, now_ms);
        let over = keys(name, from)
            .iter()
            .zip([NAME_AND_NETWORK, NAME, NETWORK])
            .any(|(key, limit)| inner.1.get(key).is_some_and(|&count| count >= limit));
        over.then(|| (WINDOW_MS - now_ms % WINDOW_MS).div_ceil(1_000))
    }

    /// Counts a wrong guess.
    pub fn wrong(&self, name: &str, from: IpAddr, now_ms: u64) {
        let mut inner = self.inner.lock().expect("no code panics while it holds this lock");
        turn(&mut inner, now_ms);
        if inner.1.len() >= COUNTERS_MAX {
            inner.1.clear();
        }
        for key in keys(name, from) {
            *inner.1.entry(key).or_insert(0) += 1;
        }
    }

    /// Takes back the count of a guess that was right.
    pub fn right(&self, name: &str, from: IpAddr, now_ms: u64) {
        let mut inner = self.inner.lock().expect("no code panics while it holds this lock");
        turn(&mut inner, now_ms);
        for key in keys(name, from) {
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

fn keys(name: &str, from: IpAddr) -> [[u8; 32]; 3] {
    let network = match from.to_canonical() {
        IpAddr::V4(v4) => v4.octets()[..3].to_vec(),
        IpAddr::V6(v6) => v6.octets()[..6].to_vec(),
    };
    let hash = |parts: &[&[u8]]| ledger::dk("leafproof sign-in guesses v1", parts).0;
    let name = name.as_bytes();
    [hash(&[b"both", &network, name]), hash(&[b"name", name]), hash(&[b"net", &network])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_stops_for_the_guesser_and_ends_with_the_window() {
        let guesses = Guesses::default();
        let (here, there): (IpAddr, IpAddr) = ("203.0.113.7".parse().unwrap(), "198.51.100.1".parse().unwrap());
        for _ in 0..NAME_AND_NETWORK {
            assert_eq!(guesses.wait_s("brand", here, 0), None);
            guesses.wrong("brand", here, 0);
        }
        assert_eq!(guesses.wait_s("brand", here, 1_000), Some(WINDOW_MS / 1_000 - 1));
        assert_eq!(guesses.wait_s("brand", there, 1_000), None, "the owner elsewhere is not locked out");
        assert_eq!(guesses.wait_s("store", here, 1_000), None);
        assert_eq!(guesses.wait_s("brand", here, WINDOW_MS), None);
    }

    #[test]
    fn guessing_from_everywhere_stops_too() {
        let guesses = Guesses::default();
        for i in 0..NAME {
            guesses.wrong("brand", IpAddr::from([10, 0, i as u8, 1]), 5);
        }
        assert!(guesses.wait_s("brand", IpAddr::from([10, 99, 99, 1]), 5).is_some());
        assert!(guesses.wait_s("other", IpAddr::from([10, 99, 99, 1]), 5).is_none());
    }
}
