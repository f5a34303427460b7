//! EPC URIs (`urn:epc:id:…`, `urn:epc:class:lgtin:…`, `urn:epc:idpat:…`), as far as they are GS1 keys.
//!
//! An EPC URI shows where the company prefix ends; the key itself does not need to know. Check digits, which EPC URIs leave
//! out, are computed.

mod schemes;

use ledger::name::Name;

use super::{Element, Gs1Error, MAX_URI, identity};

/// A parsed EPC URI: the GS1 key with its serial part, if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpcUri {
    elements: Vec<Element>,
    class: bool,
}

impl EpcUri {
    /// Reads an EPC URI; the words `urn:epc:` are matched without case, all else with case.
    pub fn parse(uri: &str) -> Result<Self, Gs1Error> {
        if uri.len() > MAX_URI {
            return Err(Gs1Error::TooLong);
        }
        let not_epc = || Gs1Error::NotEpc(uri.to_owned());
        let start = uri.get(..8).ok_or_else(not_epc)?;
        if !start.eq_ignore_ascii_case("urn:epc:") {
            return Err(not_epc());
        }
        let mut words = uri[8..].splitn(3, ':');
        let (Some(form), Some(scheme), Some(rest)) = (words.next(), words.next(), words.next()) else {
            return Err(not_epc());
        };
        let parts: Vec<&str> = rest.split('.').collect();
        match form {
            "class" if scheme == "lgtin" => {}
            "id" if scheme != "lgtin" => {}
            "idpat" if scheme != "lgtin" => {}
            _ => return Err(not_epc()),
        }
        let mut starred = false;
        let elements = schemes::elements(scheme, &parts, &mut starred, &not_epc)?;
        if starred && form != "idpat" {
            let rule = "\"*\" stands in patterns (urn:epc:idpat:…) only; a serial \"*\" is written %2A".to_owned();
            return Err(Gs1Error::Epc { scheme: scheme.to_owned(), rule });
        }
        Ok(Self { elements, class: form == "class" || starred })
    }

    /// Key first, then the serial part.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// True for a class of objects (a lot, or a pattern with `*`), false for one object.
    pub fn is_class(&self) -> bool {
        self.class
    }

    /// The one name of what this URI points at.
    pub fn name(&self) -> Name {
        identity::name_of_elements(&self.elements)
    }
}

#[cfg(test)]
mod tests;
