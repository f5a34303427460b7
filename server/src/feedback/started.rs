//! When a form was made, and whom it named as receivers, signed into it: `milliseconds.nonce.receivers.mac`. It tells a person from a
//! program that posts at once, and needs no memory here. It is bound to the item and spent by its first comment: that comment's id is
//! made from it, so the table of comments knows for ever which forms were sent. A comment goes nowhere that its form did not name.

use trace::feedback::limits::{WRITING_MS_MAX, WRITING_MS_MIN};

/// A form that this service made for this item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    at_ms: u64,
    named: String,
    value: String,
}

/// The hidden field's value, another for each form. `receivers` is whom it names, in any words that differ where they do.
pub fn sign(key: &[u8; 32], item: &str, receivers: &str, now_ms: u64) -> String {
    let nonce = u64::from_be_bytes(base::random::bytes());
    let head = format!("{now_ms}.{nonce:016x}.{}", named(key, receivers));
    let mac = mac(key, item, &head);
    format!("{head}.{mac}")
}

/// Reads the field; `None` for anything that this service did not make for this item.
pub fn parse(key: &[u8; 32], item: &str, value: &str) -> Option<Started> {
    let (head, given) = value.rsplit_once('.')?;
    let mut fields = head.split('.');
    let (at_ms, _nonce, named) = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?.to_owned());
    // blake3::Hash compares in constant time.
    let same = blake3::hash(given.as_bytes()) == blake3::hash(mac(key, item, head).as_bytes());
    same.then(|| Started { at_ms, named, value: value.to_owned() })
}

impl Started {
    /// True where it was made no less than three seconds and no more than days ago.
    pub fn in_time(&self, now_ms: u64) -> bool {
        (WRITING_MS_MIN..=WRITING_MS_MAX).contains(&now_ms.saturating_sub(self.at_ms))
    }

    /// Whether these are the receivers that the form named.
    pub fn names(&self, key: &[u8; 32], receivers: &str) -> bool {
        self.named == named(key, receivers)
    }

    /// Sixteen bytes that only this service can make from this form: for the comment's id, and with its content for its receipt.
    pub fn derived(&self, key: &[u8; 32], content: &[u8]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(b"spent").update(self.value.as_bytes()).update(&[0]).update(content);
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        short
    }
}

/// 64 bits in hex: enough to tell two sets of receivers apart, which nobody outside chooses freely.
fn named(key: &[u8; 32], receivers: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(b"named").update(receivers.as_bytes());
    hasher.finalize().to_hex()[..16].to_owned()
}

/// 128 bits in hex.
fn mac(key: &[u8; 32], item: &str, head: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(b"made").update(head.as_bytes()).update(&[0]).update(item.as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_form_of_this_item_after_three_seconds() {
        let (key, item, made) = ([7; 32], "/01/1/21/A", 1_000_000);
        let value = sign(&key, item, "brand store", made);
        let started = parse(&key, item, &value).unwrap();
        assert!(started.names(&key, "brand store") && !started.names(&key, "brand other"));
        assert!(!started.in_time(made + WRITING_MS_MIN - 1) && started.in_time(made + WRITING_MS_MIN));
        assert!(started.in_time(made + WRITING_MS_MAX) && !started.in_time(made + WRITING_MS_MAX + 1));
        assert_eq!(parse(&key, "/01/1/21/B", &value), None);
        assert_eq!(parse(&[8; 32], item, &value), None);
        let earlier = value.replacen("1000000", "999999", 1);
        for wrong in ["", ".", "..", "1000000.", "1000000.0.", "1000000.0.0.0", &earlier, "x.y.z"] {
            assert_eq!(parse(&key, item, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn two_forms_of_one_moment_are_two() {
        let key = [7; 32];
        let [one, two] = [(); 2].map(|()| parse(&key, "/01/1", &sign(&key, "/01/1", "", 5)).unwrap());
        assert_eq!(one.derived(&key, b"words"), one.derived(&key, b"words"));
        assert_ne!(one.derived(&key, b"words"), two.derived(&key, b"words"));
        assert_ne!(one.derived(&key, b"words"), one.derived(&key, b"other words"));
    }
}
