//! Master data of a document's header: products, which become entries, and the member's own names of locations.

use ledger::name::{Level, Name};
use serde_json::Value;

use super::check::Check;

/// What a header said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MasterData {
    /// Products and batches.
    pub products: Vec<Product>,
    /// Locations with names.
    pub locations: Vec<Location>,
    /// Types of vocabularies that are legal and say nothing that a page shows.
    pub ignored: Vec<String>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its id, as it came: `lp:name/en`.
    pub id: String,
    /// Its value.
    pub value: Value,
}

/// Attributes of one product or batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its name.
    pub name: Name,
    /// Its attributes, in the order they came.
    pub attributes: Vec<Attribute>,
    /// The vocabulary element as it came.
    pub json: Value,
}

/// A location's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its name.
    pub name: Name,
    /// Words by language.
    pub words: crate::page::Words,
}

/// Vocabularies of which a page shows something.
const SHOWN: [&str; 4] = ["EPCClass", "Location", "ReadPoint", "BusinessLocation"];
/// Ignored types that an answer names; more would say the same.
const MAX_IGNORED: usize = 20;

/// The value of an attribute of the Core Business Vocabulary (CBV 2.0, 10), however its id is written.
pub(crate) fn cbv_attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    const STARTS: [&str; 3] = ["urn:epcglobal:cbv:mda#", "urn:epcglobal:cbv:mda:", "cbvmda:"];
    let is_it = |id: &str| STARTS.iter().any(|start| id.strip_prefix(start) == Some(name));
    attributes.iter().find(|attribute| is_it(&attribute.id))?.value.as_str()
}

/// The language of a text that comes without one: Chinese where it has an ideograph, else English, the page's other language.
pub(crate) fn language_of(text: &str) -> &'static str {
    if text.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')) { "zh" } else { "en" }
}

pub(super) fn master_data(check: &mut Check, at: &str, header: &Value) -> MasterData {
    let mut data = MasterData::default();
    let Some(header) = check.object(at, header) else {
        return data;
    };
    check.names(at, header, &["epcisMasterData"], true);
    let Some(master) = header.get("epcisMasterData") else {
        return data;
    };
    let at = format!("{at}/epcisMasterData");
    let Some(master) = check.object(&at, master) else {
        return data;
    };
    check.names(&at, master, &["vocabularyList"], true);
    let Some(list) = master.get("vocabularyList") else {
        return data;
    };
    let at = format!("{at}/vocabularyList");
    for (number, vocabulary) in check.list(&at, list).iter().enumerate() {
        let at = format!("{at}/{number}");
        let Some(object) = check.object(&at, vocabulary) else {
            continue;
        };
        check.names(&at, object, &["type", "vocabularyElementList"], true);
        let Some(kind) = object.get("type") else {
            check.add(&format!("{at}/type"), "is missing; for products write urn:epcglobal:epcis:vtype:EPCClass");
            continue;
        };
        check.uri(&format!("{at}/type"), kind);
        if let Some(kind) = kind.as_str()
            && !SHOWN.contains(&kind.rsplit(':').next().unwrap_or_default())
            && !data.ignored.iter().any(|known| known == kind)
            && data.ignored.len() < MAX_IGNORED
        {
            data.ignored.push(kind.to_owned());
        }
        let kind = kind.as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default();
        let Some(elements) = object.get("vocabularyElementList") else {
            continue;
        };
        let at = format!("{at}/vocabularyElementList");
        for (number, element) in check.list(&at, elements).iter().enumerate() {
            vocabulary_element(check, &format!("{at}/{number}"), kind, element, &mut data);
        }
    }
    data
}

fn vocabulary_element(check: &mut Check, at: &str, kind: &str, element: &Value, data: &mut MasterData) {
    let Some(object) = check.object(at, element) else {
        return;
    };
    check.names(at, object, &["id", "attributes", "children"], true);
    let Some(id) = object.get("id") else {
        check.add(&format!("{at}/id"), "is missing");
        return;
    };
    check.uri(&format!("{at}/id"), id);
    let mut attributes: Vec<Attribute> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    if let Some(list) = object.get("attributes") {
        let at = format!("{at}/attributes");
        for (number, attribute) in check.list(&at, list).iter().enumerate() {
            let at = format!("{at}/{number}");
            let Some(attribute) = check.object(&at, attribute) else {
                continue;
            };
            check.names(&at, attribute, &["id", "attribute"], true);
            match attribute.get("id").map(|id| (check.uri(&format!("{at}/id"), id), id.as_str()).1) {
                Some(Some(id)) if !seen.insert(id) => check.add(&format!("{at}/id"), format!("{id:?} stands twice")),
                Some(Some(id)) => {
                    let value = attribute.get("attribute").cloned().unwrap_or(Value::Null);
                    attributes.push(Attribute { id: id.to_owned(), value });
                }
                Some(None) => {}
                None => check.add(&format!("{at}/id"), "is missing"),
            }
        }
    }
    if let Some(children) = object.get("children") {
        let at = format!("{at}/children");
        for (number, child) in check.list(&at, children).iter().enumerate() {
            check.uri(&format!("{at}/{number}"), child);
        }
    }
    let Some(id) = id.as_str() else { return };
    match kind {
        "EPCClass" => match crate::gs1::object_name(id) {
            Ok(name) if matches!(name.level(), Level::Product | Level::Batch) => {
                data.products.push(Product { name, attributes, json: element.clone() });
            }
            Ok(name) if name.level() == Level::Item => check.add(&format!("{at}/id"), "names one item; a class is a product or a batch"),
            // Classes of assets and documents are legal; no page is about them.
            Ok(_) => {}
            Err(error) => check.add(&format!("{at}/id"), error.to_string()),
        },
        "Location" | "ReadPoint" | "BusinessLocation" => {
            let name = crate::gs1::object_name(id);
            // A page shows the languages it is written in; names in others are legal and stay in the document.
            let mut words: crate::page::Words = ["en", "zh"]
                .iter()
                .filter_map(|tag| {
                    let said = attributes.iter().find(|a| a.id.strip_prefix("lp:name/") == Some(*tag))?;
                    Some(((*tag).to_owned(), said.value.as_str()?.to_owned()))
                })
                .collect();
            if words.is_empty()
                && let Some(name) = cbv_attribute(&attributes, "name")
            {
                words.insert(language_of(name).to_owned(), name.to_owned());
            }
            for (tag, text) in &words {
                if let Err(fault) = crate::showable::words(text) {
                    check.add(&format!("{at}/attributes (the name in {tag})"), fault.to_string());
                }
            }
            match name {
                Ok(name) => data.locations.push(Location { name, words }),
                Err(error) => check.add(&format!("{at}/id"), error.to_string()),
            }
        }
        // Other vocabularies are legal and say nothing that a page shows.
        _ => {}
    }
}
