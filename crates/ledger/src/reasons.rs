//! Why something is refused: an enum with one variant for each reason, and a sentence for each.
//!
//! Whoever reads a file with the command line, or sends one to the server, is told the reason. The page says only at which step and in
//! which record a check failed, so the feature `small` makes all reasons of a kind one value, and their checks branches to one place.

/// `Name { A "sentence", B(Payload) "sentence", }`; after `kept:` stand reasons that `small` keeps apart.
macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $(($payload:ty))? $message:literal,)* } $(kept: { $($kept:ident $kept_message:literal,)* })?) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is explained by its sentence")]
        #[cfg(not(feature = "small"))]
        pub enum $name {
            $($variant $(($payload))?,)*
            $($($kept,)*)?
        }

        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "it stands for all")]
        #[cfg(feature = "small")]
        pub enum $name {
            Refused,
            $($($kept,)*)?
        }

        #[cfg(feature = "small")]
        #[allow(missing_docs, non_upper_case_globals, non_snake_case, dead_code, reason = "they stand for the variants of the other enum")]
        impl $name {
            $(reasons!(@one $variant $(($payload))?);)*
        }

        impl $name {
            /// What is wrong, in words.
            #[cfg(not(feature = "small"))]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$variant $((reasons!(@any $payload)))? => $message,)*
                    $($(Self::$kept => $kept_message,)*)?
                }
            }

            /// The page has words of its own.
            #[cfg(feature = "small")]
            pub const fn message(self) -> &'static str {
                ""
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.message())
            }
        }

        impl core::error::Error for $name {}
    };
    (@one $variant:ident) => { pub const $variant: Self = Self::Refused; };
    (@one $variant:ident ($payload:ty)) => { pub const fn $variant(_: $payload) -> Self { Self::Refused } };
    (@any $payload:ty) => { _ };
}
