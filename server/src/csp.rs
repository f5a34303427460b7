//! Content security policies name what stands in a page by its hash (CSP 3, 2.3.1), so that a page is the same for everybody.

use ledger::note::base64;
use sha2::{Digest as _, Sha256};

/// The source expression of a style or script that stands in a page.
pub fn source_of(inline: &str) -> String {
    let mut source = "'sha256-".to_owned();
    base64::encode(&Sha256::digest(inline.as_bytes()), &mut source);
    source + "'"
}

#[cfg(test)]
mod tests {
    /// The example of CSP 3, 2.3.1 ("alert('Hello, world.');").
    #[test]
    fn the_example_of_the_standard() {
        assert_eq!(super::source_of("alert('Hello, world.');"), "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    }
}
