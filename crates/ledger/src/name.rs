//! Names of subjects, and the keys made from them.
//!
//! A name is canonical: whoever parses GS1 syntax (the crate `trace`) has padded, decoded and checked it before. Here only
//! the byte form is checked, so that every name has one encoding and one key.

use crate::prelude::*;

use crate::bytes::{Reader, Truncated, Writer};
use crate::hash::{Key, dk};
use crate::text;

/// A GS1 application identifier and its value, e.g. `("01", "09506000134352")`.
pub type Field = (String, String);

/// Most fields of a GS1 name: no key with its qualifiers has more than three.
pub const MAX_FIELDS: usize = 4;
/// Longest value of an application identifier (GS1 General Specifications, section 3.2: 90 characters).
pub const MAX_VALUE: usize = 90;
/// Longest printed code and transformation id: a QR symbol holds no more than 4,296 characters.
pub const MAX_TEXT: usize = 4_296;
/// Longest member id.
pub const MAX_MEMBER_ID: usize = 64;

/// The name of something that entries are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// A GS1 key with the qualifiers that belong to its identity.
    Gs1(Vec<Field>),
    /// A code as printed, that is no GS1 key.
    Printed(String),
    /// A member, by id.
    Member(String),
    /// A transformation, by its transformationID.
    Transformation(String),
    /// Feedback on a GS1 key.
    Feedback(Vec<Field>),
    /// Something about the ledger's own operation.
    System(System),
}

/// Subjects of the operator's own notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Hashes of published verifiers.
    Verifier,
    /// Reports on the ledger's operation.
    Report,
}

/// What level of packing a GS1 name of a trade item has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// One item with a serial: (01,21) or (01,235).
    Item,
    /// A batch: (01,10).
    Batch,
    /// A product: (01).
    Product,
    /// Anything else: a container, a place, a document, no GS1 key at all.
    Other,
}

reasons! {
    /// Why bytes or a path are no name.
    NameError {
        Truncated "the name ends too early",
        TrailingBytes "bytes are left over after the name",
        UnknownKind "the name is of no known kind",
        FieldCount "a GS1 name has one to four fields",
        ApplicationIdentifier "an application identifier has two to four digits",
        Value "a GS1 value has 1 to 90 printable ASCII characters",
        Text "the text is empty, too long, not UTF-8, or has control characters",
        MemberId "a member id has 1 to 64 characters of a-z, 0-9, dot and hyphen",
        Path "not a canonical Digital Link path: unreserved characters plain, all else %XX in upper case",
    }
}

impl From<Truncated> for NameError {
    fn from(_: Truncated) -> Self {
        Self::Truncated
    }
}

impl Name {
    /// The bytes that are hashed.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            Self::Gs1(fields) => put_fields(out.u8(1), fields),
            Self::Printed(text) => out.u8(2).s16(text.as_bytes()),
            Self::Member(id) => out.u8(3).put(id.as_bytes()),
            Self::Transformation(text) => out.u8(4).put(text.as_bytes()),
            Self::Feedback(fields) => put_fields(out.u8(5), fields),
            Self::System(System::Verifier) => out.u8(6).put(b"verifier"),
            Self::System(System::Report) => out.u8(6).put(b"report"),
        }
        .finish()
    }

    /// Reads the bytes of a name; only the canonical form is accepted.
    pub fn parse(bytes: &[u8]) -> Result<Self, NameError> {
        let mut r = Reader::new(bytes);
        let name = Self::read(&mut r);
        r.whole()?;
        let name = name?;
        if r.is_empty() { Ok(name) } else { Err(NameError::TrailingBytes) }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, NameError> {
        Ok(match r.u8() {
            1 => Self::Gs1(fields(r)?),
            2 => Self::Printed(plain_text(r.s16())?),
            3 => Self::Member(member_id(r.rest())?),
            4 => Self::Transformation(plain_text(r.rest())?),
            5 => Self::Feedback(fields(r)?),
            6 => Self::System(match r.rest() {
                b"verifier" => System::Verifier,
                b"report" => System::Report,
                _ => return Err(NameError::Text),
            }),
            _ => return Err(NameError::UnknownKind),
        })
    }

    /// The key under which the map lists the entries about this subject.
    pub fn key(&self) -> Key {
        key_of(&self.bytes())
    }

    /// The key of a member, by id.
    pub fn member_key(id: &str) -> Key {
        Key(dk("leafproof subject v1", &[&[3], id.as_bytes()]))
    }

    /// The level, where this is a trade item.
    pub fn level(&self) -> Level {
        let Self::Gs1(fields) = self else {
            return Level::Other;
        };
        let ai = |i: usize| fields.get(i).map(|(ai, _)| ai.as_str());
        match (ai(0), ai(1)) {
            (Some("01"), None) => Level::Product,
            (Some("01"), Some("21" | "235")) => Level::Item,
            (Some("01"), Some("10")) => Level::Batch,
            _ => Level::Other,
        }
    }

    /// The GTIN of an item, batch or product.
    pub fn gtin(&self) -> Option<&str> {
        match self {
            Self::Gs1(fields) if self.level() != Level::Other => fields.first().map(|(_, value)| value.as_str()),
            _ => None,
        }
    }

    /// The product of an item or a batch, and a product itself.
    pub fn product(&self) -> Option<Self> {
        self.gtin().map(|gtin| Self::Gs1(core::iter::once(("01".to_owned(), gtin.to_owned())).collect()))
    }

    /// The canonical Digital Link path, `/01/…/21/…`: RFC 3986 unreserved characters plain, all else %XX in upper case.
    pub fn digital_link_path(&self) -> Option<String> {
        let (Self::Gs1(fields) | Self::Feedback(fields)) = self else {
            return None;
        };
        let mut path = String::new();
        for (ai, value) in fields {
            path.push('/');
            path.push_str(ai);
            path.push('/');
            for byte in value.bytes() {
                if is_unreserved(byte) {
                    path.push(char::from(byte));
                } else {
                    let mut hex = String::new();
                    crate::hash::push_hex(&[byte], &mut hex);
                    path.push('%');
                    for digit in hex.bytes() {
                        path.push(char::from(digit.to_ascii_uppercase()));
                    }
                }
            }
        }
        Some(path)
    }

    /// Reads a canonical Digital Link path back into the GS1 name. Not a front door: addresses are parsed by `trace`.
    pub fn from_digital_link_path(path: &str) -> Result<Self, NameError> {
        let mut rest = path.strip_prefix('/').ok_or(NameError::Path)?;
        let mut name = Writer::new();
        name.u8(1);
        // Empty or missing pieces do not come back in the comparison below.
        while !rest.is_empty() {
            let ai = text::next(&mut rest, b"/");
            let value = unescape(text::next(&mut rest, b"/"))?;
            name.s8(ai.as_bytes()).s8(&value);
        }
        let name = Self::parse(&name.finish())?;
        if name.digital_link_path().as_deref() == Some(path) { Ok(name) } else { Err(NameError::Path) }
    }
}

/// The key of a name given as bytes.
pub fn key_of(name: &[u8]) -> Key {
    Key(dk("leafproof subject v1", &[name]))
}

/// True for a member id: 1 to 64 bytes of `[a-z0-9.-]`.
pub fn is_member_id(id: &[u8]) -> bool {
    (1..=MAX_MEMBER_ID).contains(&id.len()) && id.iter().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn put_fields<'a>(out: &'a mut Writer, fields: &[Field]) -> &'a mut Writer {
    for (ai, value) in fields {
        out.s8(ai.as_bytes()).s8(value.as_bytes());
    }
    out
}

fn fields(r: &mut Reader<'_>) -> Result<Vec<Field>, NameError> {
    let mut fields = Vec::new();
    while !r.is_empty() {
        let ai = r.s8();
        let value = r.s8();
        if !(2..=4).contains(&ai.len()) || !ai.iter().all(u8::is_ascii_digit) {
            return Err(NameError::ApplicationIdentifier);
        }
        if value.is_empty() || value.len() > MAX_VALUE || !value.iter().all(u8::is_ascii_graphic) {
            return Err(NameError::Value);
        }
        fields.push((plain_text(ai)?, plain_text(value)?));
    }
    if (1..=MAX_FIELDS).contains(&fields.len()) { Ok(fields) } else { Err(NameError::FieldCount) }
}

fn member_id(bytes: &[u8]) -> Result<String, NameError> {
    if is_member_id(bytes) { plain_text(bytes) } else { Err(NameError::MemberId) }
}

fn plain_text(bytes: &[u8]) -> Result<String, NameError> {
    match text::utf8(bytes) {
        Some(text) if !text.is_empty() && text.len() <= MAX_TEXT && is_plain(text) => Ok(text.to_owned()),
        _ => Err(NameError::Text),
    }
}

/// True for text without control characters below 0x20 and without 0x7F.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b >= 0x20 && b != 0x7f)
}

fn unescape(text: &str) -> Result<Vec<u8>, NameError> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(if byte == b'%' {
            let mut digit = || bytes.next().and_then(|d| char::from(d).to_digit(16)).ok_or(NameError::Path);
            (digit()? * 16 + digit()?) as u8
        } else {
            byte
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Name {
        Name::Gs1(vec![("01".into(), "09506000134352".into()), ("21".into(), "A/1".into())])
    }

    #[test]
    fn the_worked_example_names_and_keys() {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex(&item().bytes()), "010230310e303935303630303031333433353202323103412f31");
        assert_eq!(item().key().to_string(), "401325fcb38fb637b5918f9644ef3375faa181c5af649bed17d3ccb0b92e3119");
        let product = item().product().unwrap();
        assert_eq!(product.key().to_string(), "c5bc903c265d8bbe1478d839ca2cc18bad3c2f610974828f4986a787d5dcd230");
        let batch = Name::from_digital_link_path("/01/09506000134352/10/L7").unwrap();
        assert_eq!(batch.key().to_string(), "c79b1e23ac82caac120aa51592d148f6d380b38324c59923d23e66e9d5be6fb1");
        assert_eq!(Name::member_key("brand.example").to_string(), "04bd7795da8250c72449111d04c18084b217e7f852c56e08fccb9386e684410c");
        assert_eq!(Name::Member("brand.example".into()).key(), Name::member_key("brand.example"));
    }

    #[test]
    fn paths_are_canonical_and_round_trip() {
        assert_eq!(item().digital_link_path().unwrap(), "/01/09506000134352/21/A%2F1");
        assert_eq!(Name::from_digital_link_path("/01/09506000134352/21/A%2F1").unwrap(), item());
        for path in ["/01/09506000134352/21/A%2f1", "/01/09506000134352/21/%411", "/01/09506000134352/", "01/1", "/", "/01", "/01/1%2"] {
            assert!(Name::from_digital_link_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn levels() {
        let level = |path: &str| Name::from_digital_link_path(path).unwrap().level();
        assert_eq!(level("/01/09506000134352/21/1"), Level::Item);
        assert_eq!(level("/01/09506000134352/235/1"), Level::Item);
        assert_eq!(level("/01/09506000134352/10/1"), Level::Batch);
        assert_eq!(level("/01/09506000134352"), Level::Product);
        assert_eq!(level("/00/106141412345678908"), Level::Other);
        assert_eq!(item().gtin(), Some("09506000134352"));
    }

    #[test]
    fn only_the_canonical_form_parses() {
        let names = [
            item(),
            Name::Printed("abc 1".into()),
            Name::Member("a.b-1".into()),
            Name::Transformation("urn:x".into()),
            Name::Feedback(vec![("01".into(), "09506000134352".into())]),
            Name::System(System::Verifier),
            Name::System(System::Report),
        ];
        for name in names {
            assert_eq!(Name::parse(&name.bytes()), Ok(name));
        }
        for (bytes, error) in [
            (&b""[..], NameError::Truncated),
            (b"\x07a", NameError::UnknownKind),
            (b"\x01", NameError::FieldCount),
            (b"\x01\x0201\x00", NameError::Value),
            (b"\x01\x01a\x01a", NameError::ApplicationIdentifier),
            (b"\x01\x0201\x02a ", NameError::Value),
            (b"\x02\x00\x01ab", NameError::TrailingBytes),
            (b"\x02\x00\x00", NameError::Text),
            (b"\x03Brand", NameError::MemberId),
            (b"\x04\x1f", NameError::Text),
            (b"\x06other", NameError::Text),
        ] {
            assert_eq!(Name::parse(bytes), Err(error), "{bytes:?}");
        }
    }
}
