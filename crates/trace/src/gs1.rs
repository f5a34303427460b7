//! GS1 keys: check digits, application identifiers, Digital Link URIs (syntax 1.6), EPC URIs, element strings.
//!
//! Every way of writing one item ends in exactly one [`ledger::name::Name`]: host, stem, scheme, data attributes and
//! zero-suppression are dropped here, at the edge, and nothing inside has to think of them again.
//!
//! ```
//! use trace::gs1::name_of;
//! let link = name_of("https://brand.example/x/01/9506000134352/10/L7/21/A%2F1?17=271231")?;
//! let urn = name_of("urn:epc:id:sgtin:9506000.013435.A%2F1")?;
//! assert_eq!(link, urn);
//! assert_eq!(link.digital_link_path().as_deref(), Some("/01/09506000134352/21/A%2F1"));
//! # Ok::<(), trace::gs1::Gs1Error>(())
//! ```

mod ai;
mod compressed;
mod digital_link;
pub mod element_string;
mod epc_uri;
mod error;
mod gtin;
mod identity;

pub use ai::{check_digit, element_fits};
pub use compressed::is_compressed;
pub use digital_link::{DigitalLink, escape};
pub use epc_uri::EpcUri;
pub use error::{Gs1Error, Letters};
pub use gtin::Gtin;
pub use identity::{fields_of, name_of, object_name};

/// One application identifier with its value.
pub type Element = (String, String);

/// Longest URI that is looked at: the longest legal Digital Link has far less, and a QR code holds no more.
pub const MAX_URI: usize = 2_000;
