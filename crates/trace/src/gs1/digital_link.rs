//! GS1 Digital Link URIs: a strict parser, and a lenient front door for what people open and type.

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

    /// Reads the path and query of a request: any stem, and whatever names the same thing. Slashes too many, escapes that need
    /// not be, qualifiers in another order are understood; [`Self::path`] is the one spelling to send the reader to. A query
    /// from the wild (campaign tags, broken escapes) must not cost a shopper the page: what does not parse is left out, alone.
    pub fn from_request(path: &str, query: Option<&str>) -> Result<Self, Gs1Error> {
        let query = query.unwrap_or("");
        if path.len() + query.len() > MAX_URI {
            return Err(Gs1Error::TooLong);
        }
        characters(path)?;
        let path = without_needless_escapes(path);
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let mut key = key_in_any_order(&segments)?;
        // A serial in the query belongs into the path: without it the page would be the product's, and say nothing of this pack.
        if let Some(serial) = parameters(query).find_map(|parameter| parameter.strip_prefix("21="))
            && !key.iter().any(|(ai, _)| ai == "21")
            && let Ok(fuller) = key_in_any_order(&[&segments[..], &["21", serial]].concat())
            && fuller.len() > key.len()
        {
            key = fuller;
        }
        let mut attributes = Vec::new();
        for parameter in parameters(query) {
            if let Ok(Some(attribute)) = attribute_of(parameter, &key, &attributes) {
                attributes.push(attribute);
            }
        }
        Ok(Self { key, attributes })
    }

    /// Puts the elements of an element string into the order of a Digital Link. An attribute with a wrong value is left out; a
    /// key or qualifier with one is an error, for without it the link would name something else.
    pub fn from_elements(elements: &[Element]) -> Result<Self, Gs1Error> {
        // An element string is about its GTIN where it has one: other keys beside it are facts.
        let is_key = |ai: &str| qualifiers(ai).is_some();
        let first = elements.iter().find(|(ai, _)| ai == "01").or_else(|| elements.iter().find(|(ai, _)| is_key(ai)));
        let (key_ai, _) = first.ok_or(Gs1Error::NoKey)?;
        let mut key: Vec<Element> = Vec::new();
        let mut attributes: Vec<Element> = Vec::new();
        for (ai, value) in elements {
            let in_path = ai == key_ai || may_qualify(ai, key_ai);
            let value = match element_fits(ai, value) {
                Ok(value) => value,
                Err(wrong) if in_path => return Err(wrong),
                Err(_) => continue,
            };
            let list = if in_path { &mut key } else { &mut attributes };
            match list.iter().find(|(known, _)| known == ai) {
                Some((_, same)) if *same == value => {}
                Some(_) if in_path => return Err(Gs1Error::Twice(ai.clone())),
                Some(_) => {}
                None => list.push((ai.clone(), value)),
            }
        }
        let sorted = in_order(key_ai, &key).ok_or_else(|| {
            let other = key.iter().rev().map(|(ai, _)| ai).find(|ai| *ai != key_ai).cloned().unwrap_or_default();
            Gs1Error::Qualifier { key: key_ai.clone(), qualifier: other, order: order_of(key_ai) }
        })?;
        Ok(Self { key: sorted, attributes })
    }

    fn from_parts(path: &str, query: &str) -> Result<Self, Gs1Error> {
        let key = key_of(path)?;
        let mut attributes = Vec::new();
        for parameter in parameters(query) {
            attributes.extend(attribute_of(parameter, &key, &attributes)?);
        }
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
pub fn escape(value: &str) -> String {
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

/// Decodes the escapes of unreserved characters, which say the same without them (RFC 3986, 6.2.2.2); all others stay.
fn without_needless_escapes(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3).unwrap_or(&rest[at..at + 1]);
        match unescape(escape).ok().filter(|plain| plain.bytes().all(|c| c.is_ascii_alphanumeric() || b"-._~".contains(&c))) {
            Some(plain) => text.push_str(&plain),
            None => text.push_str(escape),
        }
        rest = &rest[at + escape.len()..];
    }
    text + rest
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

/// The same for the front door: where no such position is, its pairs may stand in any order; and pairs before the key that can
/// only be its qualifiers are no stem, or `/21/A/01/…` would open the product with the serial dropped.
fn key_in_any_order(segments: &[&str]) -> Result<Vec<Element>, Gs1Error> {
    let pairs = |start: usize| segments[start..].chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned()));
    let fits = |start: usize| in_order(segments[start], &pairs(start).collect::<Vec<_>>());
    let starts = || (0..segments.len()).rev().filter(|at| (segments.len() - at).is_multiple_of(2));
    let strictly = |start: &usize| is_key_sequence(&segments[*start..].iter().step_by(2).copied().collect::<Vec<_>>());
    let start = starts().find(strictly).or_else(|| starts().find(|start| fits(*start).is_some()));
    let Some(start) = start else {
        return Err(why_no_key(segments));
    };
    let mut found: Vec<Element> = pairs(start).collect();
    for before in (0..start).rev().skip(1).step_by(2) {
        let (ai, value) = (segments[before], segments[before + 1]);
        let more = [&found[..], &[(ai.to_owned(), value.to_owned())]].concat();
        if in_order(segments[start], &more).is_none() || element(ai, value).is_err() {
            break;
        }
        found = more;
    }
    let sorted = in_order(segments[start], &found).unwrap_or(found);
    sorted.iter().map(|(ai, value)| element(ai, value)).collect()
}

/// The key and its qualifiers in their order; `None` where one of them does not belong to it, or stands twice.
fn in_order(key: &str, elements: &[Element]) -> Option<Vec<Element>> {
    qualifiers(key)?.iter().find_map(|order| {
        let place = |ai: &str| if ai == key { Some(0) } else { order.iter().position(|known| *known == ai).map(|at| at + 1) };
        let mut placed = elements.iter().map(|element| Some((place(&element.0)?, element))).collect::<Option<Vec<_>>>()?;
        placed.sort_by_key(|(at, _)| *at);
        let once = placed.windows(2).all(|two| two[0].0 < two[1].0);
        (once && placed.first().is_some_and(|(at, _)| *at == 0)).then(|| placed.into_iter().map(|(_, element)| element.clone()).collect())
    })
}

fn may_qualify(ai: &str, key: &str) -> bool {
    qualifiers(key).unwrap_or_default().iter().flatten().any(|known| *known == ai)
}

/// The order of a key's qualifiers, for people.
fn order_of(key: &str) -> String {
    let all = qualifiers(key).unwrap_or_default();
    let words = |order: &Vec<&str>| order.iter().map(|ai| format!("({ai})")).collect::<Vec<_>>().join(" ");
    match all.iter().map(words).collect::<Vec<_>>().join(" or ") {
        none if none.is_empty() => "the key alone".to_owned(),
        some => some,
    }
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
    for count in 1..=rest.len().div_ceil(2) {
        let ais: Vec<&str> = rest.iter().step_by(2).take(count).copied().collect();
        if !is_key_sequence(&ais) {
            return Gs1Error::Qualifier { key, qualifier: ais[count - 1].to_owned(), order: order_of(ais[0]) };
        }
    }
    let last = rest[rest.len() - 1].to_owned();
    Gs1Error::Length { ai: last, want: "some".into(), value: String::new() }
}

fn parameters(query: &str) -> impl Iterator<Item = &str> {
    query.split(['&', ';'])
}

/// The data attribute in a parameter of the query; `None` where its name is no number.
fn attribute_of(parameter: &str, key: &[Element], before: &[Element]) -> Result<Option<Element>, Gs1Error> {
    let Some((ai, value)) = parameter.split_once('=') else {
        return Ok(None);
    };
    if ai.is_empty() || !ai.bytes().all(|c| c.is_ascii_digit()) {
        return Ok(None);
    }
    if !is_ai(ai) {
        return Err(Gs1Error::UnknownAi(ai.into()));
    }
    if key.iter().chain(before).any(|(known, _)| known == ai) {
        return Err(Gs1Error::Twice(ai.into()));
    }
    if belongs_in_path(ai, key) {
        return Err(Gs1Error::BelongsInPath(ai.into()));
    }
    // In a query, unlike in a path, "+" is a space; no identifier holds one.
    element(ai, &value.replace('+', "%20")).map(Some)
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
