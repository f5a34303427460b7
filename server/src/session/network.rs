//! Where a request comes from, as coarsely as a limit needs it: the hash of a /24 or /48 under a salt that is made anew every day
//! and never leaves this process. Nothing of it is stored.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// Networks counted at once. When the table is full, further ones are not counted: a limit here never refuses a person.
const NETWORKS_MAX: usize = 50_000;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Counts per network and hour.
#[derive(Debug)]
pub struct NetworkCounts {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    day: u64,
    hour: u64,
    salt: [u8; 32],
    counts: HashMap<[u8; 16], u32>,
}

impl Default for NetworkCounts {
    fn default() -> NetworkCounts {
        NetworkCounts { inner: Mutex::new(Inner { day: 0, hour: 0, salt: base::random::bytes(), counts: HashMap::new() }) }
    }
}

impl NetworkCounts {
    /// How many came from the network of this address this hour.
    pub fn count(&self, address: IpAddr, now_ms: u64) -> u32 {
        let mut inner = self.inner.lock().expect("no code panics while it holds this lock");
        inner.turn(now_ms);
        let key = hashed(&inner.salt, "", address);
        inner.counts.get(&key).copied().unwrap_or(0)
    }

    /// Counts one more from this address and returns how many came from its network this hour, this one included.
    pub fn add(&self, address: IpAddr, now_ms: u64) -> u32 {
        self.add_to("", address, now_ms)
    }

    /// The same of those that came to somebody, by a name: what one network sends to one leaves its room for others.
    pub fn add_to(&self, whom: &str, address: IpAddr, now_ms: u64) -> u32 {
        let mut inner = self.inner.lock().expect("no code panics while it holds this lock");
        inner.turn(now_ms);
        let key = hashed(&inner.salt, whom, address);
        if inner.counts.len() >= NETWORKS_MAX && !inner.counts.contains_key(&key) {
            return 1;
        }
        let count = inner.counts.entry(key).or_insert(0);
        *count = count.saturating_add(1);
        *count
    }
}

impl Inner {
    fn turn(&mut self, now_ms: u64) {
        if self.day != now_ms / DAY_MS {
            self.day = now_ms / DAY_MS;
            self.salt = base::random::bytes();
            self.counts.clear();
        }
        if self.hour != now_ms / HOUR_MS {
            self.hour = now_ms / HOUR_MS;
            self.counts.clear();
        }
    }
}

/// The network that an address belongs to, as its first address: a /24, or a /48, which is the most that a customer has.
pub fn of(address: IpAddr) -> IpAddr {
    // A socket for both kinds writes IPv4 addresses as IPv6 ones.
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            IpAddr::from([a, b, c, 0, 0, 0, 0, 0])
        }
    }
}

/// The network, and to whom, under the salt.
fn hashed(salt: &[u8; 32], whom: &str, address: IpAddr) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_keyed(salt);
    match of(address) {
        IpAddr::V4(v4) => hasher.update(b"4").update(&v4.octets()),
        IpAddr::V6(v6) => hasher.update(b"6").update(&v6.octets()),
    };
    hasher.update(whom.as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_count_together_and_the_hour_forgets() {
        let counts = NetworkCounts::default();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!((counts.count(ip("203.0.113.7"), 0), counts.add(ip("203.0.113.7"), 0)), (0, 1));
        assert_eq!(counts.count(ip("203.0.113.200"), 0), 1, "looking counts nothing");
        assert_eq!(counts.add(ip("203.0.113.200"), 1), 2);
        assert_eq!(counts.add(ip("::ffff:203.0.113.9"), 1), 3, "mapped addresses are the same network");
        assert_eq!(counts.add(ip("203.0.114.7"), 2), 1);
        assert_eq!((counts.add_to("a", ip("203.0.114.7"), 2), counts.add_to("b", ip("203.0.114.7"), 2)), (1, 1), "each has its own count");
        assert_eq!(counts.add(ip("2001:db8:1::1"), 2), 1);
        assert_eq!(counts.add(ip("2001:db8:1:ffff::9"), 2), 2);
        assert_eq!(counts.add(ip("2001:db8:2::1"), 2), 1);
        assert_eq!(counts.add(ip("203.0.113.7"), HOUR_MS), 1);
    }

    #[test]
    fn a_network_is_what_one_customer_may_have() {
        let of = |text: &str| of(text.parse().unwrap()).to_string();
        assert_eq!([of("::ffff:192.0.2.77"), of("192.0.2.1")], ["192.0.2.0", "192.0.2.0"]);
        assert_eq!([of("2001:db8:1:2::1"), of("2001:db8:2::")], ["2001:db8:1::", "2001:db8:2::"]);
    }

    #[test]
    fn two_salts_share_nothing() {
        let address: IpAddr = "203.0.113.7".parse().unwrap();
        assert_ne!(hashed(&base::random::bytes(), "", address), hashed(&base::random::bytes(), "", address));
    }
}
