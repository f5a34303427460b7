//! GS1 Digital Link URIs: a strict parser, and a lenient front door for the HTTP route.

use ledger::name::Name;

use super::ai::{is_ai, is_fixed, is_key_sequence, qualifiers};
use super::{Element, Gs1Error, MAX_URI, element_fits, identity};

/// A parsed Digital Link: the primary key with its qualifiers, and the data attributes of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigitalLink {
    key: Vec<Element>,
    attributes: Vec<Element>,
}

impl DigitalLink {
    /// Reads a whole URI, strictly: any host, any stem; a trailing slash is an error.
    pub fn parse(uri: &str) -> Result<Self, Gs1Error> {
        if uri.len() > MAX_URI {
            return Err(Gs1Error::TooLong);
        }
        characters(uri)?;
        let rest =
            ["https://", "http://", "HTTPS://", "HTTP://"].iter().find_map(|scheme| uri.strip_prefix(scheme)).ok_or(Gs1Error::Scheme)?;
        let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (before_query, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = before_query.split_once('/').unwrap_or((before_query, ""));
        if host.is_empty() || !host.bytes().all(|c| c.is_ascii_alphanumeric() || b"-.:[]".contains(&c)) {
            return Err(Gs1Error::Host);
        }
        Self::from_parts(path, query)
    }

    /// Reads the path and query of a request: any stem; one trailing slash is tolerated, for people type it and servers add it.
    pub fn from_request(path: &str, query: Option<&str>) -> Result<Self, Gs1Error> {
        let query = query.unwrap_or("");
        if path.len() + query.len() > MAX_URI {
            return Err(Gs1Error::TooLong);
        }
        characters(path)?;
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        // A query from the wild (campaign tags, broken escapes) must not cost a shopper the page: what does not parse is left out.
        Self::from_parts(path, query).or_else(|_| Self::from_parts(path, ""))
    }

    fn from_parts(path: &str, query: &str) -> Result<Self, Gs1Error> {
        let key = key_of(path)?;
        let attributes = attributes_of(query, &key)?;
        Ok(Self { key, attributes })
    }

    /// The primary key first, then its qualifiers.
    pub fn key(&self) -> &[Element] {
        &self.key
    }

    /// The data attributes of the query.
    pub fn attributes(&self) -> &[Element] {
        &self.attributes
    }

    /// The value of an application identifier in the path.
    pub fn get(&self, ai: &str) -> Option<&str> {
        self.key.iter().find(|(known, _)| known == ai).map(|(_, value)| value.as_str())
    }

    /// The one name of what this link points at.
    pub fn name(&self) -> Name {
        identity::name_of_elements(&self.key)
    }

    /// Key and qualifiers as a path: RFC 3986 unreserved characters plain, all else %XX in upper case.
    pub fn path(&self) -> String {
        self.key.iter().map(|(ai, value)| format!("/{ai}/{}", escape(value))).collect()
    }

    /// The element string, `^` standing for FNC1.
    pub fn element_string(&self) -> String {
        let mut text = String::from("^");
        let mut separate = false;
        for (ai, value) in self.key.iter().chain(&self.attributes) {
            if separate {
                text.push('^');
            }
            text.push_str(ai);
            text.push_str(value);
            separate = !is_fixed(ai);
        }
        text
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(crate) fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Decodes percent-escapes once.
pub(crate) fn unescape(text: &str) -> Result<String, Gs1Error> {
    let wrong = || Gs1Error::Escape(text.to_owned());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|c| char::from(c).to_digit(16));
            let (high, low) = (digit().ok_or_else(wrong)?, digit().ok_or_else(wrong)?);
            bytes.push((high * 16 + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

/// RFC 3986: reserved, unreserved and the percent sign; nothing else.
fn characters(uri: &str) -> Result<(), Gs1Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    uri.chars().find(|c| !fits(*c)).map_or(Ok(()), |c| Err(Gs1Error::Character(c)))
}

/// Of all positions from which the whole rest of the path is a key with its qualifiers, the last counts.
fn key_of(path: &str) -> Result<Vec<Element>, Gs1Error> {
    let segments: Vec<&str> = path.split('/').collect();
    let starts = (0..segments.len()).rev().filter(|at| (segments.len() - at).is_multiple_of(2));
    for start in starts {
        let ais: Vec<&str> = segments[start..].iter().step_by(2).copied().collect();
        if is_key_sequence(&ais) {
            let elements = segments[start..].chunks_exact(2).map(|pair| element(pair[0], pair[1]));
            return elements.collect();
        }
    }
    Err(why_no_key(&segments))
}

fn element(ai: &str, value: &str) -> Result<Element, Gs1Error> {
    if value.is_empty() {
        return Err(Gs1Error::EmptyPart);
    }
    let value = element_fits(ai, &unescape(value)?)?;
    Ok((ai.to_owned(), value))
}

/// Says what is wrong with a path that holds no key: the first key-like segment tells what was meant.
fn why_no_key(segments: &[&str]) -> Gs1Error {
    let Some(start) = segments.iter().position(|segment| qualifiers(segment).is_some()) else {
        return Gs1Error::NoKey;
    };
    let rest = &segments[start..];
    let key = rest[0].to_owned();
    if rest.iter().any(|segment| segment.is_empty()) {
        return Gs1Error::EmptyPart;
    }
    if rest.len() == 1 {
        return Gs1Error::Length { ai: key, want: "some".into(), value: String::new() };
    }
    let order: Vec<String> = qualifiers(&key)
        .unwrap_or_default()
        .iter()
        .map(|order| order.iter().map(|ai| format!("({ai})")).collect::<Vec<_>>().join(" "))
        .collect();
    let order = match order.join(" or ") {
        none if none.is_empty() => "the key alone".to_owned(),
        some => some,
    };
    for count in 1..=rest.len().div_ceil(2) {
        let ais: Vec<&str> = rest.iter().step_by(2).take(count).copied().collect();
        if !is_key_sequence(&ais) {
            return Gs1Error::Qualifier { key, qualifier: ais[count - 1].to_owned(), order };
        }
    }
    let last = rest[rest.len() - 1].to_owned();
    Gs1Error::Length { ai: last, want: "some".into(), value: String::new() }
}

fn attributes_of(query: &str, key: &[Element]) -> Result<Vec<Element>, Gs1Error> {
    let mut attributes: Vec<Element> = Vec::new();
    for parameter in query.split(['&', ';']) {
        let Some((ai, value)) = parameter.split_once('=') else {
            continue;
        };
        if ai.is_empty() || !ai.bytes().all(|c| c.is_ascii_digit()) {
            continue;
        }
        if !is_ai(ai) {
            return Err(Gs1Error::UnknownAi(ai.into()));
        }
        if key.iter().chain(&attributes).any(|(known, _)| known == ai) {
            return Err(Gs1Error::Twice(ai.into()));
        }
        if belongs_in_path(ai, key) {
            return Err(Gs1Error::BelongsInPath(ai.into()));
        }
        // In a query, unlike in a path, "+" is a space; no identifier holds one.
        attributes.push(element(ai, &value.replace('+', "%20"))?);
    }
    Ok(attributes)
}

/// Whether the path could have held it beside what it holds.
fn belongs_in_path(ai: &str, key: &[Element]) -> bool {
    (1..=key.len()).any(|at| {
        let mut ais: Vec<&str> = key.iter().map(|(known, _)| known.as_str()).collect();
        ais.insert(at, ai);
        is_key_sequence(&ais)
    })
}

#[cfg(test)]
mod tests;
