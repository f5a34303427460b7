use super::*;
use crate::gs1::check_digit;
use proptest::prelude::*;

fn strings(uri: &str) -> String {
    DigitalLink::parse(uri).unwrap_or_else(|e| panic!("{uri}: {e}")).element_string()
}

/// GS1's open syntax engine's cases, where they are present.
#[test]
fn vectors() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/gs1-digital-link.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is absent");
        return;
    };
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() > 50);
    for case in &cases {
        let uri = case["uri"].as_str().unwrap();
        let got = DigitalLink::parse(uri);
        assert_eq!(got.is_ok(), case["valid"].as_bool().unwrap(), "{uri}: {got:?}");
        if let (Ok(link), Some(want)) = (got, case["element_string"].as_str()) {
            assert_eq!(link.element_string(), want, "{uri}");
        }
    }
}

#[test]
fn good_ones() {
    for (uri, want) in [
        ("HTTPS://EXAMPLE.COM/01/9506000134352", "^0109506000134352"),
        ("http://[2001:db8::1]:8080/01/96385074/21/x", "^010000009638507421x"),
        ("https://e.example/a/b/01/09506000134352/22/v/10/l/21/s", "^010950600013435222v^10l^21s"),
        ("https://e.example/01/09506000134352/235/T?10=L", "^0109506000134352235T^10L"),
        ("https://e.example/01/09506000134352/00/006141411234567890", "^00006141411234567890"),
        ("https://e.example/01/09506000134352?17=271200&15=271231#x", "^01095060001343521727120015271231"),
        ("https://e.example/01/09506000134352/10/a%2Fb%25+c?q&&x=1&3103=000195", "^010950600013435210a/b%+c^3103000195"),
        ("https://e.example/414/9506000134376/254/s?", "^4149506000134376254s"),
        ("https://e.example/8004/9520614141234567?01=09506000134352", "^80049520614141234567^0109506000134352"),
        ("https://e.example/8010/9506000A/8011/7", "^80109506000A^80117"),
    ] {
        assert_eq!(strings(uri), want);
    }
}

#[test]
fn bad_ones_say_what_is_wrong() {
    use Gs1Error as E;
    let why = |uri: &str| DigitalLink::parse(uri).unwrap_err();
    let item = "https://e.example/01/09506000134352";
    assert_eq!(why(""), E::Scheme);
    assert_eq!(why("Https://e.example/01/09506000134352"), E::Scheme);
    assert_eq!(why("ftp://e.example/01/09506000134352"), E::Scheme);
    assert_eq!(why("https:///01/09506000134352"), E::Host);
    assert_eq!(why("https://a$b/01/09506000134352"), E::Host);
    assert_eq!(why("https://user@e.example/01/09506000134352"), E::Host);
    assert_eq!(why("https://e.example"), E::NoKey);
    assert_eq!(why("https://e.example/gtin/09506000134352"), E::NoKey);
    assert_eq!(why(&format!("{item}/")), E::EmptyPart);
    assert_eq!(why(&format!("{item}/10/")), E::EmptyPart);
    assert_eq!(why("https://e.example/01//09506000134352"), E::EmptyPart);
    assert_eq!(why(&format!("{item}/10/a b")), E::Character(' '));
    assert_eq!(why(&format!("{item}/10/肉")), E::Character('肉'));
    assert!(matches!(why(&format!("{item}/10/a%2")), E::Escape(_)));
    assert!(matches!(why(&format!("{item}/10/a%zz")), E::Escape(_)));
    assert!(matches!(why(&format!("{item}/10/%ff")), E::Escape(_)));
    assert!(matches!(why(&format!("{item}/10/%E8%82%89")), E::Charset { found: '肉', .. }));
    assert!(matches!(why(&format!("{item}/10/a%20b")), E::Charset { found: ' ', .. }));
    assert!(matches!(why(&format!("{item}/10/123456789012345678901")), E::Length { .. }));
    assert!(matches!(why("https://e.example/01/09506000134353"), E::CheckDigit { expected: '2', .. }));
    assert!(matches!(why("https://e.example/01/0950600013435"), E::CheckDigit { .. }));
    assert!(matches!(why("https://e.example/01/095060001343"), E::CheckDigit { .. } | E::GtinLength(_)));
    assert!(matches!(why(&format!("{item}/21/s/10/l")), E::Qualifier { qualifier, .. } if qualifier == "10"));
    assert!(matches!(why(&format!("{item}/10/l/235/t")), E::Qualifier { qualifier, .. } if qualifier == "235"));
    assert!(matches!(why(&format!("{item}/89/t")), E::Qualifier { qualifier, .. } if qualifier == "89"));
    assert!(matches!(why(&format!("{item}/21")), E::Length { ai, .. } if ai == "21"));
    assert_eq!(why(&format!("{item}?10=l")), E::BelongsInPath("10".into()));
    assert_eq!(why(&format!("{item}/10/l?22=v")), E::BelongsInPath("22".into()));
    assert_eq!(why(&format!("{item}/10/l?10=l")), E::Twice("10".into()));
    assert_eq!(why(&format!("{item}?99=a&99=a")), E::Twice("99".into()));
    assert_eq!(why(&format!("{item}?999=a")), E::UnknownAi("999".into()));
    assert_eq!(why(&format!("{item}?17=")), E::EmptyPart);
    assert!(matches!(why(&format!("{item}?17=271301")), E::Date { .. }));
    assert!(matches!(why(&format!("{item}?99=a+b")), E::Charset { found: ' ', .. }));
    assert_eq!(why(&format!("{item}/10/{}", "a".repeat(MAX_URI))), E::TooLong);
    for message in [E::Scheme, why(&format!("{item}/21/s/10/l")), why("https://e.example/01/09506000134353")] {
        assert!(message.to_string().len() > 30, "{message}");
    }
}

#[test]
fn the_front_door_gives_every_spelling_its_one_address() {
    let item = "/01/09506000134352/21/s";
    for path in [
        "/01/09506000134352/21/s",
        "/01/09506000134352/21/s/",
        "//01///9506000134352/21/s//",
        "/shop/zh/01/9506000134352/21/s/",
        "/%30%31/%309506000134352/%32%31/%73",
        "/21/s/01/09506000134352",
        "/shop/21/s/01/09506000134352",
    ] {
        assert_eq!(DigitalLink::from_request(path, None).unwrap().path(), item, "{path}");
    }
    let encoded = |path: &str| DigitalLink::from_request(path, None).unwrap().path();
    assert_eq!(encoded("/01/09506000134352/21/a%2fb%2B"), "/01/09506000134352/21/a%2Fb%2B");
    assert_eq!(encoded("/01/09506000134352/21/a+b"), "/01/09506000134352/21/a%2Bb");
    assert_ne!(encoded("/01/09506000134352/21/S"), item, "case is part of a serial");
}

#[test]
fn the_front_door_puts_qualifiers_in_order() {
    let ordered = "/01/09506000134352/22/v/10/l/21/s";
    for path in ["/01/09506000134352/21/s/10/l/22/v", "/x/01/09506000134352/10/l/21/s/22/v", "/10/l/01/09506000134352/22/v/21/s"] {
        assert_eq!(DigitalLink::from_request(path, None).unwrap().path(), ordered, "{path}");
    }
    for path in ["/01/09506000134352/21/s/21/t", "/01/09506000134352/21/s/235/t", "/01/09506000134352/21/s/89/t"] {
        assert!(DigitalLink::from_request(path, None).is_err(), "{path}");
    }
    // A stem that only looks like a qualifier's number stays a stem.
    assert_eq!(DigitalLink::from_request("/10/a b/01/09506000134352".replace(' ', "%20").as_str(), None).unwrap().key().len(), 1);
}

#[test]
fn the_front_door_leaves_out_what_is_wrong_in_a_query_and_keeps_the_rest() {
    let attributes = |query: &str| {
        let link = DigitalLink::from_request("/01/09506000134352/21/s", Some(query)).unwrap();
        link.attributes().iter().map(|(ai, value)| format!("{ai}={value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(attributes("17=271231"), "17=271231");
    assert_eq!(attributes("3103=x&17=261213"), "17=261213");
    assert_eq!(attributes("17=261213&utm=x&999=1&10=lot&15=261301&99=%zz&3103=000195"), "17=261213 3103=000195");
    assert_eq!(attributes("17=261213&17=261214"), "17=261213");
    assert_eq!(attributes("&&=&17"), "");
}

#[test]
fn the_front_door_refuses_what_names_nothing_or_another_page() {
    for path in ["/", "", "/01/", "/01/09506000134353", "/about", "/01/09506000134352/21/%zz", "/01/09506000134352/21"] {
        assert!(DigitalLink::from_request(path, None).is_err(), "{path}");
    }
    for serial in ["..", ".", "%2e%2e", "%2E.", "%2e"] {
        let wrong = DigitalLink::from_request(&format!("/01/09506000134352/21/{serial}"), None).unwrap_err();
        assert!(matches!(wrong, Gs1Error::Dots { .. }), "{serial}: {wrong}");
    }
    for uri in [
        "https://e.example/01/09506000134352/21/..",
        "https://e.example/01/09506000134352/10/%2e/21/s",
        "https://e.example/414/9506000134376/254/..",
    ] {
        assert!(matches!(DigitalLink::parse(uri), Err(Gs1Error::Dots { .. })), "{uri}");
    }
}

#[test]
fn element_strings_are_put_in_order() {
    let of = |text: &str| {
        let elements: Vec<Element> = text.split(' ').filter_map(|e| e.split_once('=')).map(|(a, v)| (a.to_owned(), v.to_owned())).collect();
        DigitalLink::from_elements(&elements)
    };
    let link = of("17=261213 21=s 01=9506000134352 10=l 3103=x").unwrap();
    assert_eq!((link.path().as_str(), link.attributes().len()), ("/01/09506000134352/10/l/21/s", 1));
    assert_eq!(of("00=006141411234567890 01=9506000134352").unwrap().path(), "/01/09506000134352");
    assert_eq!(of("00=006141411234567890 37=12").unwrap().path(), "/00/006141411234567890");
    assert_eq!(of("21=s"), Err(Gs1Error::NoKey));
    assert_eq!(of("01=9506000134352 21=s 21=t"), Err(Gs1Error::Twice("21".into())));
    assert!(of("01=9506000134352 21=s 21=s").is_ok());
    // The product without its serial would be another thing than what was typed.
    assert!(matches!(of("01=9506000134352 21=肉"), Err(Gs1Error::Charset { .. })));
    assert!(matches!(of("01=9506000134352 21=s 235=t"), Err(Gs1Error::Qualifier { .. })));
}

proptest! {
    #[test]
    fn printing_and_parsing_give_the_same(digits in "[0-9]{13}", lot in "[!-9A-Za-z:;<=>?_]{1,20}", serial in "[!-9A-Za-z_]{1,20}", stem in "[a-z]{0,8}") {
        let plain = |text: &str| !text.contains(['#', '$']) && text != "." && text != "..";
        prop_assume!(plain(&lot) && plain(&serial));
        let gtin = format!("{digits}{}", check_digit(&digits));
        let uri = format!("https://e.example/{stem}/01/{gtin}/10/{}/21/{}", escape(&lot), escape(&serial));
        let link = DigitalLink::parse(&uri).unwrap();
        prop_assert_eq!(link.get("10"), Some(lot.as_str()));
        prop_assert_eq!(link.get("21"), Some(serial.as_str()));
        let again = DigitalLink::parse(&format!("https://other.example{}", link.path())).unwrap();
        prop_assert_eq!(&again, &link);
        prop_assert_eq!(again.name().key(), link.name().key());
    }

    #[test]
    fn any_text_is_answered(text in ".{0,80}", path in "[/0-9a-z%]{0,40}", query in "[0-9&=;%+a-z]{0,30}") {
        let _ = DigitalLink::parse(&text);
        let _ = DigitalLink::parse(&format!("https://a/{path}?{query}"));
        let _ = DigitalLink::from_request(&path, Some(&query));
    }
}
