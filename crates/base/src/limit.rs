//! Named limits. Each stands beside the code that it bounds, declared by [`limits!`](crate::limits!), which also makes a table of them;
//! `leafproof --print-config` prints the tables of all parts.

/// A limit as it is printed.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: u64,
    /// In what it counts.
    pub unit: &'static str,
    /// Why it is there.
    pub reason: &'static str,
}

/// Declares limits as constants whose documentation is their reason, and `LIMITS`, the table of them.
///
/// ```
/// base::limits! {
///     /// How many files are read at once.
///     FILES: usize = 4, "files";
/// }
/// assert_eq!((FILES, LIMITS[0].name, LIMITS[0].value), (4, "FILES", 4));
/// assert_eq!(LIMITS[0].reason, "How many files are read at once.");
/// ```
#[macro_export]
macro_rules! limits {
    ($($(#[doc = $reason:literal])+ $name:ident: $type:ty = $value:expr, $unit:literal;)+) => {
        $($(#[doc = $reason])+ pub const $name: $type = $value;)+

        /// The limits of this part, in the order in which they are declared.
        pub const LIMITS: &[$crate::limit::Limit] = &[$($crate::limit::Limit {
            name: stringify!($name),
            value: $name as u64,
            unit: $unit,
            reason: $crate::limit::trimmed(concat!($($reason),+)),
        },)+];
    };
}

/// Documentation without the blank that it begins with.
#[doc(hidden)]
pub const fn trimmed(text: &'static str) -> &'static str {
    text.trim_ascii()
}

crate::limits! {
    /// What a refused client is told to wait: the queue drains in less.
    RETRY_AFTER_SECONDS: u64 = 2, "seconds";
}
