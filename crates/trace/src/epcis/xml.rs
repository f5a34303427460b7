//! EPCIS documents in XML, 1.0 to 1.2 and 2.0, read as the JSON of EPCIS 2.0, which all rules are written for. The way is that of the
//! standard's own style sheets (gs1/EPCIS, XSL): what 1.2 hides in `extension` and `baseExtension` stands in the event itself.
//!
//! Nothing is fetched and nothing is expanded: of a document type the name is passed over, as GS1's own examples have one, and one that
//! declares anything is refused; so there are no entities but XML's own five. What a parser could be made to work on for long is counted
//! before it begins.
//!
//! An event's source record are its very bytes, in a shell that holds what its document said around them: the namespaces.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Number, Value, json};

use super::{LP_NAMESPACE, hash};

/// Deepest nesting of elements. EPCIS needs ten levels, extensions some more.
const DEPTH_MAX: usize = 32;
/// Most attributes of an element: a sensor report has 22.
const ATTRIBUTES_MAX: usize = 64;
/// Most elements, texts and comments of a document: 500 events of 800.
const NODES_MAX: u32 = 400_000;

/// Most declarations of namespaces: 500 events that declare 40 each.
const DECLARATIONS_MAX: usize = 20_000;

/// Namespaces that say nothing of their own.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const CBVMDA: [&str; 2] = ["urn:epcglobal:cbv:mda", "urn:epcglobal:cbv:mda:"];
/// Beginnings of the namespaces of EPCIS itself.
const EPCIS: [&str; 2] = ["urn:epcglobal:epcis", "https://ref.gs1.org/standards/epcis"];

/// Lists of EPCs.
const EPCS: [&str; 4] = ["epcList", "childEPCs", "inputEPCList", "outputEPCList"];
/// Lists of classes with quantities.
const QUANTITIES: [&str; 4] = ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"];
/// Lists of typed references.
const TYPED: [&str; 3] = ["bizTransactionList", "sourceList", "destinationList"];
/// Attributes of a sensor report that are numbers.
const NUMBERS: [&str; 7] = ["value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"];
/// Our own fields that are lists, also of one.
const LISTS: [&str; 2] = ["facts", "pictures"];
const EVENTS: [&str; 6] =
    ["ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent", "QuantityEvent"];

/// A document of XML as JSON, and the source record of each of its events.
pub(super) struct Read {
    pub(super) json: Value,
    pub(super) sources: Vec<Vec<u8>>,
}

/// Whether a text is XML, as far as its first character tells.
pub(super) fn is_xml(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// Reads a document. `Err` says what is wrong with it as XML, or that it is none of EPCIS.
pub(super) fn read(text: &str) -> Result<Read, String> {
    let doctype = bounded(text)?;
    // The parser sees blanks in its place. It would take any other for a mistake, so whatever stands in it comes to nothing.
    let blank = |at: Range<usize>| [&text[..at.start], &" ".repeat(at.len()), &text[at.end..]].concat();
    let plain: Cow<'_, str> = doctype.map_or(text.into(), |at| blank(at).into());
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&plain, options).map_err(|error| format!("is no XML that can be read: {error}"))?;
    let root = document.root_element();
    let mut names = Names::default();
    let mut sources = Vec::new();
    let mut event = |node: Node<'_, '_>| {
        sources.push(source(text, node));
        names.event(node)
    };
    let mut json = match root.tag_name().name() {
        kind if EVENTS.contains(&kind) => event(root),
        "EPCISDocument" | "EPCISQueryDocument" => {
            let mut found = Vec::new();
            match root.descendants().find(|node| is(*node, "EventList")) {
                Some(list) => events_in(list, &mut found),
                None => return Err("has no EventList; it stands in EPCISBody".to_owned()),
            }
            let list: Vec<Value> = found.into_iter().map(event).collect();
            let mut json = json!({ "type": "EPCISDocument" });
            for name in ["schemaVersion", "creationDate"] {
                if let Some(value) = root.attribute(name) {
                    json[name] = json!(value);
                }
            }
            if matches!(root.attribute("schemaVersion"), Some("1" | "1.0" | "1.1" | "1.2")) {
                json["schemaVersion"] = json!("2.0");
            }
            if let Some(master) = root.descendants().find(|node| is(*node, "EPCISMasterData")) {
                json["epcisHeader"] = json!({ "epcisMasterData": { "vocabularyList": names.vocabularies(master) } });
            }
            json["epcisBody"] = json!({ "eventList": list });
            json
        }
        other => return Err(format!("begins with <{other}>; it must be an EPCISDocument, an EPCISQueryDocument or one event")),
    };
    json["@context"] = json!(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", names.context()]);
    Ok(Read { json, sources })
}

/// The event that a source record of XML holds, with the meanings of its prefixes.
pub(super) fn event_of(source: &str) -> Option<Value> {
    bounded(source).ok()?;
    let document = Document::parse(source).ok()?;
    let mut names = Names::default();
    let mut json = names.event(document.root_element().first_element_child()?);
    let context = names.context();
    if context.as_object().is_some_and(|context| !context.is_empty()) {
        json["@context"] = json!([context]);
    }
    Some(json)
}

/// Refuses what a parser would take long for, or should not see at all; what is no XML is left for the parser to name. Where a document
/// type stands before the root it says where.
fn bounded(text: &str) -> Result<Option<Range<usize>>, String> {
    if text.matches("xmlns").nth(DECLARATIONS_MAX).is_some() {
        return Err(format!("declares namespaces more than {DECLARATIONS_MAX} times"));
    }
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    let (mut doctype, mut begun) = (None, false);
    while let Some(open) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'<')) {
        at += open;
        let rest = &text[at..];
        let passed = |end: &str| rest.find(end).map(|found| found + end.len());
        let length = if rest.starts_with("<!--") {
            passed("-->")
        } else if rest.starts_with("<![CDATA[") {
            passed("]]>")
        } else if rest.starts_with("<?") {
            passed("?>")
        } else if rest.starts_with("<!") {
            let length = doctype_length(rest).filter(|_| doctype.is_none() && !begun).ok_or(DECLARES)?;
            doctype = Some(at..at + length);
            Some(length)
        } else if rest.starts_with("</") {
            depth = depth.saturating_sub(1);
            passed(">")
        } else {
            let tag = start_tag(rest.as_bytes());
            if tag.attributes > ATTRIBUTES_MAX {
                return Err(format!("has an element with more than {ATTRIBUTES_MAX} attributes"));
            }
            begun = true;
            depth += usize::from(!tag.closed);
            if depth > DEPTH_MAX {
                return Err(format!("is nested deeper than {DEPTH_MAX} elements"));
            }
            tag.length
        };
        match length {
            Some(length) => at += length,
            None => break,
        }
    }
    Ok(doctype)
}

const DECLARES: &str = "has a document type that declares something, or stands where none may (<!DOCTYPE … [ … ]>, <!ENTITY …>), which is not read here: leave it out";

/// The length of a document type without declarations.
fn doctype_length(text: &str) -> Option<usize> {
    let name = text.strip_prefix("<!DOCTYPE")?;
    let mut quote = None;
    for (at, byte) in name.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[' | b'<') => return None,
            (None, b'>') => return Some(text.len() - name.len() + at + 1),
            (None, _) => {}
        }
    }
    None
}

struct Tag {
    length: Option<usize>,
    attributes: usize,
    closed: bool,
}

fn start_tag(bytes: &[u8]) -> Tag {
    let mut tag = Tag { length: None, attributes: 0, closed: false };
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'=') => tag.attributes += 1,
            (None, b'>') => {
                tag.length = Some(at + 1);
                tag.closed = bytes[at - 1] == b'/';
                break;
            }
            _ => {}
        }
    }
    tag
}

/// An element of EPCIS: without a namespace, as the schemas have it, or in one of EPCIS' own, as some write it.
fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && is_epcis(node.tag_name().namespace())
}

fn is_epcis(namespace: Option<&str>) -> bool {
    namespace.is_none_or(|uri| EPCIS.iter().any(|start| uri.starts_with(start)))
}

/// The standard's name of an element; `None`: a field of somebody's own.
fn standard<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    is_epcis(node.tag_name().namespace()).then(|| node.tag_name().name())
}

fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

fn text_of(node: Node<'_, '_>) -> String {
    let text: String = node.children().filter(Node::is_text).filter_map(|part| part.text()).collect();
    text.trim().to_owned()
}

/// Events of a list; 1.2 puts those that came later into extensions of the list.
fn events_in<'a, 'i>(list: Node<'a, 'i>, found: &mut Vec<Node<'a, 'i>>) {
    for node in elements(list) {
        match standard(node) {
            Some("extension") => events_in(node, found),
            _ => found.push(node),
        }
    }
}

/// The name that a text ends with: what stands before a colon.
fn prefix_before(text: &str) -> &str {
    let begin = text.char_indices().rev().take_while(|(_, c)| c.is_alphanumeric() || "._-".contains(*c)).last();
    begin.map_or("", |(at, _)| &text[at..])
}

/// An event's bytes as they came, inside an element that declares what it uses of what is declared around it: all of it would stand in
/// the record of each event.
fn source(text: &str, event: Node<'_, '_>) -> Vec<u8> {
    let mut shell = String::from("<EventList");
    let around = event.parent_element().into_iter().flat_map(|parent| parent.namespaces());
    let mut seen = BTreeMap::new();
    for namespace in around {
        seen.insert(namespace.name(), namespace.uri());
    }
    let Range { start, end } = event.range();
    let event = &text[start..end];
    // A longer URI is refused where it is used.
    let prefixes: BTreeSet<&str> = event.match_indices(':').map(|(at, _)| prefix_before(&event[..at])).collect();
    let used = |prefix: &str, uri: &str| {
        uri.len() <= hash::PREFIX_URI_BYTES_MAX && (prefix.is_empty() || prefix != "xml" && prefixes.contains(prefix))
    };
    for (prefix, uri) in seen.into_iter().filter(|(prefix, uri)| used(prefix.unwrap_or_default(), uri)) {
        let uri = uri.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        match prefix {
            Some(prefix) => shell += &format!(" xmlns:{prefix}=\"{uri}\""),
            None => shell += &format!(" xmlns=\"{uri}\""),
        }
    }
    format!("{shell}>{event}</EventList>").into_bytes()
}

/// Prefixes of namespaces, as the document has them; each stands for one.
#[derive(Default)]
struct Names {
    prefixes: BTreeMap<String, String>,
    taken: BTreeMap<String, String>,
    numbers: BTreeMap<String, u32>,
}

impl Names {
    fn context(&self) -> Value {
        Value::Object(self.taken.iter().filter(|(prefix, _)| *prefix != "cbvmda").map(|(p, uri)| (p.clone(), json!(uri))).collect())
    }

    fn qualified(&mut self, node: Node<'_, '_>, namespace: Option<&str>, name: &str) -> String {
        let Some(uri) = namespace else { return name.to_owned() };
        if let Some(prefix) = self.prefixes.get(uri) {
            return format!("{prefix}:{name}");
        }
        let wished = match uri {
            uri if CBVMDA.contains(&uri) => "cbvmda",
            LP_NAMESPACE => "lp",
            uri => node.lookup_prefix(uri).unwrap_or("ns"),
        };
        // Of a prefix that stands for many namespaces each gets the next number, without a search from the first.
        let ours = uri == LP_NAMESPACE || CBVMDA.contains(&uri);
        let number = self.numbers.entry(wished.to_owned()).or_insert(u32::from(!ours && ["lp", "cbvmda"].contains(&wished)));
        let mut prefix = wished.to_owned();
        loop {
            *number += 1;
            if *number > 1 {
                prefix = format!("{wished}{number}");
            }
            if !self.taken.contains_key(&prefix) {
                break;
            }
        }
        self.taken.insert(prefix.clone(), uri.to_owned());
        self.prefixes.insert(uri.to_owned(), prefix.clone());
        format!("{prefix}:{name}")
    }

    fn event(&mut self, node: Node<'_, '_>) -> Value {
        let mut event = Map::new();
        event.insert("type".to_owned(), json!(node.tag_name().name()));
        self.fields(node, &mut event);
        Value::Object(event)
    }

    fn fields(&mut self, node: Node<'_, '_>, event: &mut Map<String, Value>) {
        for field in elements(node) {
            let Some(name) = standard(field) else {
                self.own(field, event);
                continue;
            };
            let list = |items: Vec<Value>| (!items.is_empty()).then_some(Value::Array(items));
            let value = match name {
                "extension" | "baseExtension" => {
                    self.fields(field, event);
                    None
                }
                name if EPCS.contains(&name) => list(elements(field).map(|epc| json!(text_of(epc))).collect()),
                name if QUANTITIES.contains(&name) => list(elements(field).map(|element| self.quantity(element)).collect()),
                name if TYPED.contains(&name) => list(elements(field).map(|one| self.typed(one)).collect()),
                "readPoint" | "bizLocation" | "ilmd" => Some(self.object(field)),
                "persistentDisposition" => Some(dispositions(field)),
                "errorDeclaration" => Some(self.declaration(field)),
                "sensorElementList" => list(elements(field).map(|element| self.sensor(element)).collect()),
                "certificationInfo" => {
                    add(event, name, json!(text_of(field)), false);
                    None
                }
                // A field that EPCIS does not know comes as it is, so that the rules can name it.
                _ if elements(field).next().is_some() => Some(self.object(field)),
                _ => Some(json!(text_of(field))),
            };
            if let Some(value) = value {
                // Said twice is refused, as in JSON: a list where one value belongs.
                add(event, name, value, false);
            }
        }
    }

    /// An object of standard fields and one's own.
    fn object(&mut self, node: Node<'_, '_>) -> Value {
        let mut object = Map::new();
        self.fields(node, &mut object);
        Value::Object(object)
    }

    fn quantity(&mut self, node: Node<'_, '_>) -> Value {
        let Value::Object(mut element) = self.object(node) else { return Value::Null };
        if let Some(Value::String(text)) = element.get("quantity") {
            let number = number(text);
            element.insert("quantity".to_owned(), number);
        }
        Value::Object(element)
    }

    fn typed(&mut self, node: Node<'_, '_>) -> Value {
        let mut one = Map::new();
        if let Some(kind) = node.attribute("type") {
            one.insert("type".to_owned(), json!(kind.trim()));
        }
        one.insert(node.tag_name().name().to_owned(), json!(text_of(node)));
        Value::Object(one)
    }

    fn declaration(&mut self, node: Node<'_, '_>) -> Value {
        let mut declaration = Map::new();
        for field in elements(node) {
            match standard(field) {
                Some("correctiveEventIDs") => {
                    let ids: Vec<String> = elements(field).map(text_of).collect();
                    declaration.insert("correctiveEventIDs".to_owned(), json!(ids));
                }
                Some("extension") => self.fields(field, &mut declaration),
                Some(name) => add(&mut declaration, name, json!(text_of(field)), false),
                None => self.own(field, &mut declaration),
            }
        }
        Value::Object(declaration)
    }

    fn sensor(&mut self, node: Node<'_, '_>) -> Value {
        let mut element = Map::new();
        let mut reports = Vec::new();
        for field in elements(node) {
            match standard(field) {
                Some("sensorMetadata") => add(&mut element, "sensorMetadata", self.attributes(field), false),
                Some("sensorReport") => reports.push(self.attributes(field)),
                Some("extension") => self.fields(field, &mut element),
                Some(name) => add(&mut element, name, json!(text_of(field)), false),
                None => self.own(field, &mut element),
            }
        }
        if !reports.is_empty() {
            element.insert("sensorReport".to_owned(), Value::Array(reports));
        }
        Value::Object(element)
    }

    fn attributes(&mut self, node: Node<'_, '_>) -> Value {
        let mut object = Map::new();
        for attribute in node.attributes() {
            let text = attribute.value().trim();
            let value = match (attribute.namespace(), attribute.name()) {
                (None, name) if NUMBERS.contains(&name) => number(text),
                (None, "booleanValue") => boolean(text),
                _ => json!(text),
            };
            let name = self.qualified(node, attribute.namespace(), attribute.name());
            object.insert(name, value);
        }
        self.fields(node, &mut object);
        Value::Object(object)
    }

    /// A field of somebody's own: text, or what stands in it; several of a name are a list.
    fn own(&mut self, node: Node<'_, '_>, object: &mut Map<String, Value>) {
        let name = self.qualified(node, node.tag_name().namespace(), node.tag_name().name());
        let always = node.tag_name().namespace() == Some(LP_NAMESPACE) && LISTS.contains(&node.tag_name().name());
        let value = self.value(node);
        add(object, &name, value, always);
    }

    fn value(&mut self, node: Node<'_, '_>) -> Value {
        let text = text_of(node);
        let attributes: Vec<_> = node.attributes().filter(|attribute| attribute.namespace() != Some(XSI)).collect();
        if attributes.is_empty() && elements(node).next().is_none() {
            let kind = node.attribute((XSI, "type")).and_then(|kind| kind.rsplit(':').next());
            return match kind {
                Some("integer" | "int" | "long" | "short" | "decimal" | "double" | "float" | "nonNegativeInteger" | "positiveInteger") => {
                    number(&text)
                }
                Some("boolean") => boolean(&text),
                _ => json!(text),
            };
        }
        let mut object = Map::new();
        for attribute in attributes {
            let name = self.qualified(node, attribute.namespace(), attribute.name());
            object.insert(format!("@{name}"), json!(attribute.value()));
        }
        for field in elements(node) {
            self.own(field, &mut object);
        }
        if !text.is_empty() {
            object.insert("#text".to_owned(), json!(text));
        }
        Value::Object(object)
    }

    fn vocabularies(&mut self, master: Node<'_, '_>) -> Vec<Value> {
        let mut all = Vec::new();
        for vocabulary in master.descendants().filter(|node| is(*node, "Vocabulary")) {
            let mut list = Vec::new();
            for element in vocabulary.descendants().filter(|node| is(*node, "VocabularyElement")) {
                let mut attributes: Vec<(String, Value)> = Vec::new();
                for attribute in elements(element).filter(|node| is(*node, "attribute")) {
                    let (id, value) = (attribute.attribute("id").unwrap_or_default().to_owned(), self.value_of_attribute(attribute));
                    // Several of an id are one list.
                    match attributes.last_mut().filter(|(last, _)| *last == id) {
                        Some((_, Value::Array(values))) => values.push(value),
                        Some((_, one)) => *one = json!([one.take(), value]),
                        None => attributes.push((id, value)),
                    }
                }
                let attributes: Vec<Value> = attributes.into_iter().map(|(id, value)| json!({ "id": id, "attribute": value })).collect();
                let children: Vec<String> =
                    elements(element).filter(|node| is(*node, "children")).flat_map(elements).map(text_of).collect();
                let mut said = json!({ "id": element.attribute("id").unwrap_or_default(), "attributes": attributes });
                if !children.is_empty() {
                    said["children"] = json!(children);
                }
                list.push(said);
            }
            all.push(json!({ "type": vocabulary.attribute("type").unwrap_or_default(), "vocabularyElementList": list }));
        }
        all
    }

    fn value_of_attribute(&mut self, node: Node<'_, '_>) -> Value {
        if elements(node).next().is_none() {
            return json!(text_of(node));
        }
        let mut object = Map::new();
        for field in elements(node) {
            self.own(field, &mut object);
        }
        Value::Object(object)
    }
}

fn dispositions(node: Node<'_, '_>) -> Value {
    let mut object = Map::new();
    for field in elements(node) {
        add(&mut object, field.tag_name().name(), json!(text_of(field)), true);
    }
    Value::Object(object)
}

/// Adds a field; what is there already becomes a list with it.
fn add(object: &mut Map<String, Value>, name: &str, value: Value, list: bool) {
    match object.get_mut(name) {
        None => {
            object.insert(name.to_owned(), if list { Value::Array(vec![value]) } else { value });
        }
        Some(Value::Array(values)) => values.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}

/// A number as it is written where JSON can write it so, else in its shortest form; what is none stays text, for the rules to name.
fn number(text: &str) -> Value {
    let parsed = serde_json::from_str::<Number>(text).ok().or_else(|| serde_json::from_str(&hash::number(text)?).ok());
    parsed.map_or_else(|| json!(text), Value::Number)
}

fn boolean(text: &str) -> Value {
    match text {
        "true" | "1" => Value::Bool(true),
        "false" | "0" => Value::Bool(false),
        other => json!(other),
    }
}

#[cfg(test)]
mod tests;
