//! From whatever a member wrote to the one name of the thing.

use ledger::name::Name;

use super::{DigitalLink, Element, EpcUri, Gs1Error};

/// Key and identifying qualifiers only: (01,21), else (01,235), else (01,10), else (01); other keys keep the qualifiers that
/// make another thing of them. Lot and variant beside a serial are facts about the item, not part of its name.
pub(crate) fn name_of_elements(elements: &[Element]) -> Name {
    let Some(key) = elements.first() else {
        return Name::Gs1(Vec::new());
    };
    let order: &[&str] = match key.0.as_str() {
        "01" => &["21", "235", "10"],
        "414" => &["254"],
        "8006" => &["21"],
        "8010" => &["8011"],
        _ => &[],
    };
    let mut fields = vec![key.clone()];
    // Extension "0" of a location means "no extension" in EPC URIs, so it names the same place.
    let qualifier = order.iter().find_map(|ai| elements.iter().find(|(known, value)| known == ai && (known != "254" || value != "0")));
    fields.extend(qualifier.cloned());
    Name::Gs1(fields)
}

/// The name that a Digital Link or EPC URI stands for.
pub fn name_of(uri: &str) -> Result<Name, Gs1Error> {
    fields_of(uri).map(|elements| name_of_elements(&elements))
}

/// All path elements of a Digital Link or EPC URI, lot and variant included.
pub fn fields_of(uri: &str) -> Result<Vec<Element>, Gs1Error> {
    if is_urn(uri) { Ok(EpcUri::parse(uri)?.elements().to_vec()) } else { Ok(DigitalLink::parse(uri)?.key().to_vec()) }
}

/// The name of an object in an event: a GS1 key where the URI is one; any other URI is the object's own printed code. A URI
/// that tries to be a GS1 key and fails is refused: taken as it is, it would be a second name for the same thing.
pub fn object_name(uri: &str) -> Result<Name, Gs1Error> {
    match name_of(uri) {
        Ok(name) => Ok(name),
        Err(Gs1Error::NoKey | Gs1Error::Scheme | Gs1Error::Host) if !is_urn(uri) => Ok(Name::Printed(uri.to_owned())),
        Err(Gs1Error::NotEpc(_)) if is_foreign_epc(uri) => Ok(Name::Printed(uri.to_owned())),
        Err(error) => Err(error),
    }
}

fn is_urn(uri: &str) -> bool {
    uri.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("urn:epc:"))
}

/// EPC schemes that are no GS1 keys (general identifiers, defence, aerospace, containers, ships).
fn is_foreign_epc(uri: &str) -> bool {
    let scheme = uri.split(':').nth(3).unwrap_or_default();
    ["gid", "usdod", "adi", "bic", "imovn"].contains(&scheme)
}
