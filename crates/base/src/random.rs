//! The one place where random bytes are asked for.

/// Bytes that nobody can guess, for keys, salts, nonces and tokens.
///
/// # Panics
/// Where the operating system gives none. That happens before a machine's random source is ready at boot, if ever; whatever would be
/// made without them (a key, a session) would be worse than no answer.
pub fn bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes, or nothing here is safe");
    bytes
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_are_alike() {
        assert_ne!(super::bytes::<16>(), super::bytes::<16>());
    }
}
