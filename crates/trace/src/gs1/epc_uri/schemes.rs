//! How each EPC scheme becomes a GS1 key: which digits go where, and what its serial is.

use crate::gs1::digital_link::unescape;
use crate::gs1::{Element, Gs1Error, check_digit, element_fits};

/// Splits `company.reference` and joins the digits; both must be digits, `total` together.
fn digits(scheme: &str, company: &str, reference: &str, total: usize) -> Result<String, Gs1Error> {
    let error = |rule: String| Gs1Error::Epc { scheme: scheme.to_owned(), rule };
    if reference == "*" {
        return Err(error("a pattern may leave the serial open, not the reference: name the product or asset type".into()));
    }
    if !(6..=12).contains(&company.len()) || !company.bytes().all(|c| c.is_ascii_digit()) {
        return Err(error(format!("the company prefix {company:?} must have 6 to 12 digits")));
    }
    if company.len() + reference.len() != total || !reference.bytes().all(|c| c.is_ascii_digit()) {
        return Err(error(format!("company prefix and reference must have {total} digits together, {company}.{reference} has not")));
    }
    Ok(format!("{company}{reference}"))
}

/// The same where the reference's first digit (indicator, extension) goes to the front; with check digit.
fn turned(scheme: &str, company: &str, reference: &str, total: usize) -> Result<String, Gs1Error> {
    digits(scheme, company, reference, total)?;
    let first = reference.get(..1).ok_or_else(|| Gs1Error::Epc { scheme: scheme.to_owned(), rule: "the reference is empty".into() })?;
    Ok(checked(format!("{first}{company}{}", &reference[1..])))
}

fn checked(digits: String) -> String {
    let check = check_digit(&digits);
    digits + check.encode_utf8(&mut [0; 4])
}

/// A part that may hold escapes; the characters that must be escaped in a URN are refused plain.
fn plain(scheme: &str, part: &str) -> Result<String, Gs1Error> {
    if let Some(found) = part.chars().find(|c| !c.is_ascii_graphic() || "\"&/<>?#".contains(*c)) {
        let rule = format!("{found:?} must be written percent-encoded");
        return Err(Gs1Error::Epc { scheme: scheme.to_owned(), rule });
    }
    unescape(part)
}

pub(super) fn elements(scheme: &str, parts: &[&str], starred: &mut bool, not_epc: &dyn Fn() -> Gs1Error) -> Result<Vec<Element>, Gs1Error> {
    let count = |want: usize| {
        if parts.len() == want {
            Ok(())
        } else {
            let rule = format!("{want} parts separated by dots expected, {} found", parts.len());
            Err(Gs1Error::Epc { scheme: scheme.to_owned(), rule })
        }
    };
    // Serials may hold dots; everything after the fixed parts belongs to them.
    let tail = |from: usize| {
        if parts.len() > from {
            Ok(parts[from..].join("."))
        } else {
            let rule = format!("{} parts separated by dots expected, {} found", from + 1, parts.len());
            Err(Gs1Error::Epc { scheme: scheme.to_owned(), rule })
        }
    };
    *starred = serial_part(scheme).is_some_and(|at| parts.get(at..) == Some(&["*"]));
    let with_serial = |ai: &str, key: String, serial_ai: &str, serial: String| -> Result<Vec<Element>, Gs1Error> {
        let mut elements = vec![(ai.to_owned(), element_fits(ai, &key)?)];
        if serial != "*" {
            elements.push((serial_ai.to_owned(), element_fits(serial_ai, &plain(scheme, &serial)?)?));
        }
        Ok(elements)
    };
    let alone = |ai: &str, key: String| -> Result<Vec<Element>, Gs1Error> { Ok(vec![(ai.to_owned(), element_fits(ai, &key)?)]) };
    let appended = |ai: &str, key: String, serial: String| -> Result<Vec<Element>, Gs1Error> {
        let serial = if serial == "*" { String::new() } else { filled(scheme, plain(scheme, &serial)?)? };
        alone(ai, key + &serial)
    };
    match scheme {
        "sgtin" => with_serial("01", turned(scheme, parts[0], part(parts, 1), 13)?, "21", tail(2)?),
        "lgtin" => with_serial("01", turned(scheme, parts[0], part(parts, 1), 13)?, "10", tail(2)?),
        "upui" => with_serial("01", turned(scheme, parts[0], part(parts, 1), 13)?, "235", tail(2)?),
        "sscc" => {
            count(2)?;
            alone("00", turned(scheme, parts[0], part(parts, 1), 17)?)
        }
        "sgln" => with_serial("414", checked(digits(scheme, parts[0], part(parts, 1), 12)?), "254", tail(2)?),
        "pgln" => {
            count(2)?;
            alone("417", checked(digits(scheme, parts[0], part(parts, 1), 12)?))
        }
        "grai" => appended("8003", format!("0{}", checked(digits(scheme, parts[0], part(parts, 1), 12)?)), tail(2)?),
        "gdti" => appended("253", checked(digits(scheme, parts[0], part(parts, 1), 12)?), tail(2)?),
        "sgcn" => appended("255", checked(digits(scheme, parts[0], part(parts, 1), 12)?), tail(2)?),
        "gsrn" => {
            count(2)?;
            alone("8018", checked(digits(scheme, parts[0], part(parts, 1), 17)?))
        }
        "gsrnp" => {
            count(2)?;
            alone("8017", checked(digits(scheme, parts[0], part(parts, 1), 17)?))
        }
        "gsin" => {
            count(2)?;
            alone("402", checked(digits(scheme, parts[0], part(parts, 1), 16)?))
        }
        "giai" => alone("8004", company(scheme, parts[0])? + &reference(scheme, tail(1)?)?),
        "ginc" => alone("401", company(scheme, parts[0])? + &reference(scheme, tail(1)?)?),
        "cpi" => {
            let key = company(scheme, parts[0])? + &reference(scheme, part(parts, 1).to_owned())?;
            count(3)?;
            with_serial("8010", key, "8011", tail(2)?)
        }
        "itip" => {
            let gtin = turned(scheme, parts[0], part(parts, 1), 13)?;
            if part(parts, 2).len() != 2 || part(parts, 3).len() != 2 {
                return Err(Gs1Error::Epc { scheme: scheme.to_owned(), rule: "piece and total have two digits each".to_owned() });
            }
            with_serial("8006", format!("{gtin}{}{}", part(parts, 2), part(parts, 3)), "21", tail(4)?)
        }
        _ => Err(not_epc()),
    }
}

/// Which part of a scheme is the serial, the only one that a pattern may leave open.
fn serial_part(scheme: &str) -> Option<usize> {
    match scheme {
        "sgtin" | "upui" | "sgln" | "grai" | "gdti" | "sgcn" | "cpi" => Some(2),
        "itip" => Some(4),
        _ => None,
    }
}

fn part<'a>(parts: &[&'a str], at: usize) -> &'a str {
    parts.get(at).copied().unwrap_or_default()
}

fn filled(scheme: &str, text: String) -> Result<String, Gs1Error> {
    if text.is_empty() { Err(Gs1Error::Epc { scheme: scheme.to_owned(), rule: "the serial is empty".into() }) } else { Ok(text) }
}

fn company(scheme: &str, company: &str) -> Result<String, Gs1Error> {
    if (6..=12).contains(&company.len()) && company.bytes().all(|c| c.is_ascii_digit()) {
        Ok(company.to_owned())
    } else {
        let rule = format!("the company prefix {company:?} must have 6 to 12 digits");
        Err(Gs1Error::Epc { scheme: scheme.to_owned(), rule })
    }
}

fn reference(scheme: &str, text: String) -> Result<String, Gs1Error> {
    if text == "*" {
        let rule = "a pattern over all references of a company names no single thing; list the objects".to_owned();
        return Err(Gs1Error::Epc { scheme: scheme.to_owned(), rule });
    }
    filled(scheme, plain(scheme, &text)?)
}
