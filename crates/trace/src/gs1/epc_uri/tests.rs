use super::*;
use crate::gs1::{DigitalLink, name_of, object_name};
use proptest::prelude::*;

fn path(uri: &str) -> String {
    name_of(uri).unwrap_or_else(|e| panic!("{uri}: {e}")).digital_link_path().unwrap()
}

#[test]
fn every_scheme_has_its_key() {
    for (uri, want) in [
        ("urn:epc:id:sgtin:0614141.107346.2018", "/01/10614141073464/21/2018"),
        ("urn:epc:id:sgtin:9506000.013435.A%2F1", "/01/09506000134352/21/A%2F1"),
        ("urn:epc:id:sgtin:9506000.013435.a.b", "/01/09506000134352/21/a.b"),
        ("urn:epc:class:lgtin:4012345.012345.998877", "/01/04012345123456/10/998877"),
        ("urn:epc:class:lgtin:4023333.002000.2019-10-07", "/01/04023333020008/10/2019-10-07"),
        ("urn:epc:idpat:sgtin:4012345.098765.*", "/01/04012345987652"),
        ("urn:epc:idpat:sgtin:4012345.098765.7", "/01/04012345987652/21/7"),
        ("urn:epc:id:sscc:4012345.0000000333", "/00/040123450000003338"),
        ("urn:epc:id:sgln:0614141.00777.0", "/414/0614141007776"),
        ("urn:epc:id:sgln:4012345.00011.987", "/414/4012345000115/254/987"),
        ("urn:epc:id:pgln:4012345.00225", "/417/4012345002256"),
        ("urn:epc:id:grai:4012345.66666.87", "/8003/0401234566666387"),
        ("urn:epc:idpat:grai:4012345.66666.*", "/8003/04012345666663"),
        ("urn:epc:id:giai:4012345.AAbb", "/8004/4012345AAbb"),
        ("urn:epc:id:gsrn:4012345.9876540000", "/8018/401234598765400000"),
        ("urn:epc:id:gsrnp:4012345.0000098765", "/8017/401234500000987658"),
        ("urn:epc:id:gdti:4012345.55555.98", "/253/401234555555498"),
        ("urn:epc:idpat:gdti:4012345.55555.*", "/253/4012345555554"),
        ("urn:epc:id:cpi:4012345.ABC.123", "/8010/4012345ABC/8011/123"),
        ("urn:epc:idpat:cpi:4012345.ABC.*", "/8010/4012345ABC"),
        ("urn:epc:id:sgcn:4012345.99999.44", "/255/401234599999044"),
        ("urn:epc:id:ginc:4012345.333", "/401/4012345333"),
        ("urn:epc:id:gsin:4012345.999987654", "/402/40123459999876541"),
        ("urn:epc:id:itip:4012345.012345.01.02.999", "/8006/040123451234560102/21/999"),
        ("urn:epc:idpat:itip:4012345.012345.01.02.*", "/8006/040123451234560102"),
        ("urn:epc:id:upui:4012345.012345.AB12", "/01/04012345123456/235/AB12"),
        ("URN:EPC:id:upui:4012345.012345.AB12", "/01/04012345123456/235/AB12"),
    ] {
        assert_eq!(path(uri), want, "{uri}");
        // The path itself, as a Digital Link, is the same thing.
        assert_eq!(path(&format!("https://any.example/stem{want}")), want);
    }
}

#[test]
fn one_item_has_one_key_however_it_is_written() {
    let key = name_of("urn:epc:id:sgtin:9506000.013435.A%2F1").unwrap().key();
    for uri in [
        "https://id.gs1.org/01/09506000134352/21/A%2F1",
        "HTTPS://BRAND.EXAMPLE/01/9506000134352/21/%41%2f1",
        "http://x/stem/01/09506000134352/10/L7/21/A%2F1?17=271231",
        "https://x/01/09506000134352/22/V/21/A%2F1#top",
        "urn:epc:id:sgtin:950600.0013435.A%2f1",
        "urn:epc:idpat:sgtin:9506000.013435.A%2F1",
    ] {
        assert_eq!(name_of(uri).unwrap().key(), key, "{uri}");
    }
    assert_ne!(name_of("https://x/01/09506000134352/21/a%2F1").unwrap().key(), key, "case of a serial counts");
    assert_ne!(name_of("https://x/01/09506000134352/21/0A%2F1").unwrap().key(), key, "leading zeros of a serial count");
    let place = name_of("urn:epc:id:sgln:0614141.00777.0").unwrap();
    assert_eq!(name_of("https://x/414/0614141007776/254/0").unwrap(), place);
    assert_ne!(name_of("https://x/414/0614141007776/254/1").unwrap(), place);
}

#[test]
fn wrong_ones_are_refused() {
    for uri in [
        "",
        "urn:epc:",
        "urn:epc:id:sgtin",
        "urn:epc:id:sgtin:",
        "urn:epc:id:sgtin:0614141",
        "urn:epc:id:sgtin:0614141.107346",
        "urn:epc:id:sgtin:0614141.107346.",
        "urn:epc:id:sgtin:0614141.10734.1",
        "urn:epc:id:sgtin:06141.41107346.1",
        "urn:epc:id:sgtin:0614141.10734x.1",
        "urn:epc:id:sgtin:0614141.107346.*",
        "urn:epc:id:sgtin:0614141.107346.a/b",
        "urn:epc:id:sgtin:0614141.107346.%2",
        "urn:epc:id:sgtin:0614141.107346.123456789012345678901",
        "urn:epc:id:sgtin:0614141.107346.牛",
        "urn:epc:id:sgtin:0614141.107346.a%20b",
        "urn:epc:idpat:sgtin:0614141.*.*",
        "urn:epc:idpat:sgtin:*.*.*",
        "urn:epc:id:lgtin:4012345.012345.9",
        "urn:epc:class:sgtin:4012345.012345.9",
        "urn:epc:tag:sgtin-96:3.0614141.107346.1",
        "urn:epc:id:sscc:4012345.0000000333.1",
        "urn:epc:id:sscc:4012345.000000033",
        "urn:epc:idpat:sscc:4012345.*",
        "urn:epc:idpat:giai:4012345.*",
        "urn:epc:id:giai:4012345.",
        "urn:epc:id:itip:4012345.012345.03.02.9",
        "urn:epc:id:cpi:4012345.abc.1",
        "urn:epc:id:sgcn:4012345.99999.x",
        "urn:epc:id:sgln:4012345.00011",
        "urn:epc:id:gid:1.2.3",
        "urn:epc:id:nothing:1.2.3",
        "urn:epc:id:sgtin:牛牛.1.1",
    ] {
        assert!(EpcUri::parse(uri).is_err(), "{uri}");
    }
}

#[test]
fn other_uris_are_printed_codes_but_broken_keys_are_not() {
    for uri in ["urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", "https://example.com/objects/7", "urn:epc:id:gid:1.2.3"] {
        assert_eq!(object_name(uri).unwrap(), Name::Printed(uri.into()));
    }
    for uri in ["https://example.com/01/09506000134353", "urn:epc:id:sgtin:0614141.1.1", "https://example.com/01/09506000134352/"] {
        assert!(object_name(uri).is_err(), "{uri}");
    }
}

proptest! {
    #[test]
    fn urn_and_digital_link_give_the_same_key(all in "[0-9]{13}", split in 6usize..=12, serial in "[A-Za-z0-9!'()*+,;:=_.-]{1,20}") {
        prop_assume!(serial != "." && serial != "..");
        prop_assume!(serial != "*");  // in an idpat it leaves the serial open; in an id it must be escaped
        let (company, reference) = all.split_at(split);
        let serial_urn: String = serial.clone();
        let urn = format!("urn:epc:id:sgtin:{company}.{reference}.{serial_urn}");
        prop_assume!(!reference.is_empty());
        let urn = EpcUri::parse(&urn).unwrap();
        let link = DigitalLink::parse(&format!("https://x{}", urn.name().digital_link_path().unwrap())).unwrap();
        prop_assert_eq!(link.name().key(), urn.name().key());
        prop_assert_eq!(link.get("21"), Some(serial.as_str()));
    }

    #[test]
    fn any_text_is_answered(rest in "[a-z]{0,6}:[a-z]{0,6}:[0-9.*%a-z:]{0,30}", text in ".{0,40}") {
        let _ = EpcUri::parse(&format!("urn:epc:{rest}"));
        let _ = object_name(&text);
    }
}

#[test]
fn a_serial_that_browsers_take_away_is_refused_in_a_urn_too() {
    for uri in ["urn:epc:id:sgtin:9506000.013435...", "urn:epc:id:sgtin:9506000.013435.%2E%2e", "urn:epc:class:lgtin:9506000.013435.."] {
        assert!(matches!(EpcUri::parse(uri), Err(Gs1Error::Dots { .. })), "{uri}");
    }
    assert!(EpcUri::parse("urn:epc:id:sgtin:9506000.013435.a.b").is_ok());
}
