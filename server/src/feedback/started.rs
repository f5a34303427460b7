//! When a form was made, signed into it: `milliseconds.mac`. It tells a person from a program that posts at once, and needs no
//! memory here. It is bound to the item, so a harvested one opens one form for some days.

use trace::feedback::limits::{WRITING_MS_MAX, WRITING_MS_MIN};

/// The hidden field's value.
pub fn sign(key: &[u8; 32], item: &str, now_ms: u64) -> String {
    format!("{now_ms}.{}", mac(key, item, now_ms))
}

/// True where this service made the form for this item, no less than three seconds and no more than days ago.
pub fn fits(key: &[u8; 32], item: &str, value: &str, now_ms: u64) -> bool {
    let Some((at, given)) = value.split_once('.') else {
        return false;
    };
    let Ok(at_ms) = at.parse::<u64>() else {
        return false;
    };
    let age_ms = now_ms.saturating_sub(at_ms);
    // blake3::Hash compares in constant time.
    let same = blake3::hash(given.as_bytes()) == blake3::hash(mac(key, item, at_ms).as_bytes());
    same && (WRITING_MS_MIN..=WRITING_MS_MAX).contains(&age_ms)
}

/// 128 bits in hex.
fn mac(key: &[u8; 32], item: &str, at_ms: u64) -> String {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(&at_ms.to_be_bytes()).update(item.as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_form_of_this_item_after_three_seconds() {
        let (key, item, made) = ([7; 32], "/01/1/21/A", 1_000_000);
        let value = sign(&key, item, made);
        assert!(!fits(&key, item, &value, made + WRITING_MS_MIN - 1));
        assert!(fits(&key, item, &value, made + WRITING_MS_MIN));
        assert!(fits(&key, item, &value, made + WRITING_MS_MAX));
        assert!(!fits(&key, item, &value, made + WRITING_MS_MAX + 1));
        assert!(!fits(&key, "/01/1/21/B", &value, made + 10_000));
        assert!(!fits(&[8; 32], item, &value, made + 10_000));
        let earlier = value.replacen("1000000", "999999", 1);
        for wrong in ["", ".", "1000000.", &earlier, "x.y"] {
            assert!(!fits(&key, item, wrong, made + 10_000), "{wrong}");
        }
    }
}
