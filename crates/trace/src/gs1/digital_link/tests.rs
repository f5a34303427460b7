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
fn the_front_door_is_lenient_about_slash_and_query_only() {
    let want = DigitalLink::parse("https://e.example/01/09506000134352/21/s").unwrap();
    for (path, query) in [
        ("/01/09506000134352/21/s", None),
        ("/01/09506000134352/21/s/", None),
        ("/shop/zh/01/9506000134352/21/s/", Some("utm=x&999=1")),
        ("/01/09506000134352/21/%73", Some("10=lot")),
    ] {
        assert_eq!(DigitalLink::from_request(path, query).unwrap().key(), want.key(), "{path}");
    }
    assert_eq!(DigitalLink::from_request("/01/09506000134352", Some("17=271231")).unwrap().attributes().len(), 1);
    for path in ["/", "", "/01/", "/01/09506000134352//", "/01/09506000134353", "/about"] {
        assert!(DigitalLink::from_request(path, None).is_err(), "{path}");
    }
}

proptest! {
    #[test]
    fn printing_and_parsing_give_the_same(digits in "[0-9]{13}", lot in "[!-9A-Za-z:;<=>?_]{1,20}", serial in "[!-9A-Za-z_]{1,20}", stem in "[a-z]{0,8}") {
        prop_assume!(!lot.contains(['#', '$']) && !serial.contains(['#', '$']));
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
