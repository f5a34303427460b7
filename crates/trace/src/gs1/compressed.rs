//! Compressed Digital Links (GS1 Digital Link: Compression, 1.0): one segment of base64url in place of the key. They are named,
//! not read: the readable form stands in every standard symbol, and a second decoder of one name would be a second front door.

/// Shortest segment that can hold a GTIN: 8 bits say so, 47 bits are its digits, six bits go into each character.
const SHORTEST: usize = 10;

/// Whether the last segment of a path without a readable key begins as a compressed link does: with the two digits that begin a
/// primary key, four bits each, or with the number of one of the standard's combinations that begin with a GTIN.
pub fn is_compressed(path: &str) -> bool {
    let last = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let value = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let Some(six) = last.bytes().map(value).collect::<Option<Vec<u8>>>().filter(|six| six.len() >= SHORTEST) else {
        return false;
    };
    let first = (six[0] << 2) | (six[1] >> 4);
    matches!(first, 0x00 | 0x01 | 0x25 | 0x40 | 0x41 | 0x80) || (first >> 4 <= 1 && first & 0xf >= 0xa)
}

#[cfg(test)]
mod tests {
    use super::is_compressed;

    #[test]
    fn compressed_links_and_what_is_none() {
        // The standard's example of (01)05412345000013.
        for yes in ["/ARHKVAdpQg", "/some/stem/ARHKVAdpQg/", "/DBHKVAdpQgqrSxK_?x=1"] {
            assert!(is_compressed(yes), "{yes}");
        }
        for no in ["", "/", "/about", "/favicon.ico", "/wp-login.php", "/contact-us-now", "/administrator", "/ARHKVAdp", "/robots.txt"] {
            assert!(!is_compressed(no), "{no}");
        }
    }
}
