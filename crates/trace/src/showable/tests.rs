use super::*;
use crate::format::shown;
use crate::lang::Lang;
use crate::page::Format;
use proptest::prelude::*;

fn fault(text: &str) -> String {
    words(text).map_or_else(|fault| fault.to_string(), |()| String::new())
}

/// What the HTML parser and a browser's layout make of text between two tags (HTML 13.2.3.5 and CSS Text 4.1.1).
fn through_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let parsed = escaped.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}").replace("&lt;", "<").replace("&amp;", "&");
    let mut seen = String::new();
    for c in parsed.chars() {
        let c = if matches!(c, '\t' | '\n' | '\u{c}') { ' ' } else { c };
        if c != ' ' || !seen.ends_with(' ') {
            seen.push(c);
        }
    }
    seen.trim_matches(' ').to_owned()
}

#[test]
fn words_as_people_write_them_pass() {
    for text in [
        "Ribeye, 320 g",
        "眼肉牛排，产自锡林郭勒",
        "Füße & <b> \"quotes\" \\ back",
        "می‌خواهم",
        "क्‍ष",
        "ᠮᠣᠩᠭᠣᠯ\u{180e}ᠠ",
        "❤\u{fe0f} 👩\u{200d}🌾",
        "葛\u{e0100}城",
        "a\u{a0}b",
        "全角　空格",
        "Ệ e\u{302}\u{323}",
        "\"",
        "'",
        "\\",
        "…",
        "№ 5",
        "가",
        "ཀཱ",
        "🐄",
        "ⵣ",
    ] {
        assert_eq!(fault(text), "", "{text:?}");
    }
    assert_eq!(fault(&"词".repeat(TEXT_CHARS_MAX)), "");
    assert_eq!(fault("word ".repeat(399).trim()), "");
}

#[test]
fn what_a_page_would_change_or_hide_is_refused_by_name() {
    for (text, says) in [
        ("", "empty"),
        (" a", "begins or ends"),
        ("a\u{3000}", "begins or ends"),
        ("a  b", "two blanks"),
        ("a\r\nb", "U+000D"),
        ("a\rb", "U+000D"),
        ("a\nb", "U+000A"),
        ("a\tb", "U+0009"),
        ("a\0b", "U+0000"),
        ("a\u{85}b", "U+0085"),
        ("a\u{2028}b", "U+2028"),
        ("gnp.exe\u{202e}", "U+202E"),
        ("a\u{2066}b\u{2069}", "U+2066"),
        ("a\u{200f}b", "U+200F"),
        ("a\u{200b}b", "U+200B"),
        ("a\u{200d}b", "U+200D"),
        ("a\u{feff}b", "U+FEFF"),
        ("a\u{ad}b", "U+00AD"),
        ("\u{2800}", "U+2800"),
        ("a\u{fe0f}\u{fe0f}", "U+FE0F"),
        ("a\u{e0041}", "U+E0041"),
        ("a\u{fffe}", "U+FFFE"),
        ("\u{e123}", "U+E123"),
        ("a\u{301}\u{301}\u{301}\u{301}\u{301}", "U+0301"),
    ] {
        assert!(fault(text).contains(says), "{text:?}: {}", fault(text));
    }
    for mark in [
        '\u{300}',
        '\u{345}',
        '\u{5b0}',
        '\u{64b}',
        '\u{670}',
        '\u{711}',
        '\u{7eb}',
        '\u{947}',
        '\u{e31}',
        '\u{e47}',
        '\u{eb1}',
        '\u{f39}',
        '\u{f71}',
        '\u{102d}',
        '\u{1ab0}',
        '\u{20d0}',
        '\u{20dd}',
        '\u{302a}',
        '\u{3099}',
        '\u{fb1e}',
        '\u{fe20}',
        '\u{1d165}',
    ] {
        for text in [mark.to_string(), format!("{mark}{mark}"), format!("{mark} {mark}"), format!("{mark}\u{a0}{mark}")] {
            assert_eq!(words(&text), Err(Fault::Unseen), "{text:?}");
        }
        assert_eq!(fault(&format!("a{mark}")), "", "a{mark}");
    }
    for hidden in [
        "\u{3164}",
        "\u{115f}",
        "\u{1160}",
        "\u{ffa0}",
        "\u{2800}",
        "\u{fe0f}",
        "\u{e0100}",
        "\u{e0020}",
        "\u{200d}",
        "\u{fff0}",
        "\u{110bd}",
        "\u{a0}\u{a0}",
    ] {
        assert!(words(hidden).is_err(), "{hidden:?}");
    }
    assert_eq!(words(&"a".repeat(WORD_CHARS_MAX + 1)), Err(Fault::Word));
    assert_eq!(words(&"词".repeat(TEXT_CHARS_MAX + 1)), Err(Fault::Long));
}

fn part(lines: Vec<Line>) -> PublicPart {
    PublicPart::build([vec![Line::text("/eventTime", "2026-11-09T06:40:00+08:00"), Line::text("/type", "ObjectEvent")], lines].concat())
        .unwrap()
}

fn num(pointer: &str, value: &str) -> Line {
    Line { pointer: pointer.to_owned(), kind: LineKind::Num, value: value.to_owned() }
}

#[test]
fn numbers_are_those_the_formats_carry() {
    let with = |pointer: &str, value: &str| {
        event(&part(vec![
            num(pointer, value),
            Line::text("/lp:facts/0/lp:file", "cd".repeat(32)),
            Line::text("/lp:facts/0/lp:fileType", "application/pdf"),
            Line::text("/lp:facts/0/lp:label/en", "x"),
            Line::text("/lp:facts/0/lp:text", "x"),
            Line::text("/lp:pictures/0/lp:file", "cd".repeat(32)),
            Line::text("/sensorElementList/0/sensorReport/0/type", "Temperature"),
        ]))
        .map_err(|wrong| wrong.field)
    };
    let value = "/sensorElementList/0/sensorReport/0/value";
    for good in ["0", "-12.5", "320", "0.10", "123456789012345"] {
        assert_eq!(with(value, good), Ok(()), "{good}");
    }
    for bad in ["1e400", "1E3", "-0", "-0.0", "1234567890123456", "0.1234567890123456", "+1", "01", "1.", ".5"] {
        assert_eq!(with(value, bad), Err(value.to_owned()), "{bad}");
    }
    for (pointer, good, bad) in [
        ("/lp:facts/0/lp:fileBytes", "1001", "1000.5"),
        ("/lp:facts/0/lp:fileBytes", "0", "1234567890123"),
        ("/lp:packs/lp:count", "96", "9.5"),
        ("/lp:packs/lp:count", "999999999", "1000000000"),
        ("/lp:packs/lp:count", "0", "4294967296"),
        ("/lp:pictures/0/lp:height", "3000", "4000000000"),
        ("/lp:pictures/0/lp:width", "1", "0"),
    ] {
        assert_eq!(with(pointer, good), Ok(()), "{pointer} {good}");
        assert_eq!(with(pointer, bad), Err(pointer.to_owned()), "{pointer} {bad}");
    }
    // What no page shows may have any number.
    assert_eq!(with("/ex:factor", "1e-9"), Ok(()));
    let own = |text: &str| event(&part(vec![Line::text("/ex:note", text)])).is_ok();
    assert!(own("two\n\tlines  ") && own("") && !own("a\u{202e}b") && !own("a\rb"));
}

#[test]
fn sizes_types_and_telephones() {
    let file = "cd".repeat(32);
    let fault = |lines: Vec<Line>| event(&part(lines)).map_err(|wrong| wrong.fault);
    let picture = |width: &str, height: &str| {
        let side = |name: &str, value: &str| num(&format!("/lp:pictures/0/lp:{name}"), value);
        vec![Line::text("/lp:pictures/0/lp:file", file.as_str()), side("width", width), side("height", height)]
    };
    assert_eq!(fault(picture("780", "528")), Ok(()));
    assert_eq!(fault(picture("100", "401")), Err(Fault::Sides));
    let fact = |rest: Vec<Line>| [vec![Line::text("/lp:facts/0/lp:label/en", "x"), Line::text("/lp:facts/0/lp:text", "x")], rest].concat();
    let of = |value: &str| Line::text("/lp:facts/0/lp:fileType", value);
    let hash = Line::text("/lp:facts/0/lp:file", file.as_str());
    assert_eq!(fault(fact(vec![hash.clone(), of("image/svg+xml")])), Ok(()));
    assert_eq!(fault(fact(vec![hash.clone()])), Err(Fault::NoMediaType));
    assert!(matches!(fault(fact(vec![hash, of("ß/ß")])), Err(Fault::MediaType(_))));
    let phone = |value: &str| fault(vec![Line::text("/lp:notice/lp:phone", value)]);
    assert_eq!(phone("+86 400 000 0803"), Ok(()));
    assert!(matches!(phone("call us"), Err(Fault::Phone(_))));
    let many = (0..=LINES_MAX).map(|number| Line::text(format!("/ex:{number}"), "x")).collect();
    assert_eq!(fault(many), Err(Fault::Lines(LINES_MAX + 3)));
}

#[test]
fn what_the_script_demands_has_a_place() {
    let field = |lines: Vec<Line>| event(&part(lines)).err().map(|wrong| wrong.field);
    let text = |pointer: &str| Line::text(pointer, "x");
    assert_eq!(field(vec![text("/place/en"), text("/lp:title/zh")]), None);
    for lines in [
        vec![text("/place/fr")],
        vec![text("/lp:title/fr")],
        vec![text("/lp:facts/0/lp:label/en")],
        vec![text("/lp:facts/00/lp:text"), text("/lp:facts/00/lp:label/en")],
        vec![text("/lp:facts/0/lp:text"), text("/lp:facts/0/lp:uom")],
        vec![num("/lp:facts/0/lp:value", "1"), text("/lp:facts/0/lp:text")],
        vec![Line::text("/lp:live/lp:href", "javascript:alert(1)")],
        vec![text("/lp:packs/lp:label/en")],
    ] {
        let last = lines.last().unwrap().pointer.clone();
        assert!(field(lines).is_some(), "{last}");
    }
    // A measurement of somebody's own is shown as it was signed.
    let own = vec![
        Line::text("/sensorElementList/0/sensorReport/0/type", "https://member.example/measure/shake"),
        num("/sensorElementList/0/sensorReport/0/value", "3"),
    ];
    assert_eq!(field(own), None);
}

proptest! {
    /// The law: what the rules accept stands on the page as it was signed, in every format.
    #[test]
    fn accepted_words_come_back_from_html(text in prop_oneof![
        "\\PC{0,40}",
        "[a-c \\t\\r\\n\u{a0}\u{200b}\u{202e}\u{feff}牛<&]{0,12}",
    ]) {
        if words(&text).is_ok() {
            for format in [Format::Text, Format::Word, Format::Date, Format::Time, Format::Number] {
                let made = shown(format, &[text.as_str()], Lang::En);
                prop_assert_eq!(through_html(&made), made);
            }
            let made = shown(Format::Quantity, &["1", text.as_str()], Lang::Zh);
            prop_assert_eq!(through_html(&made), made);
        } else {
            prop_assert!(!words(&text).unwrap_err().to_string().is_empty());
        }
    }

    /// A record of any lines that the rules accept has all that the script demands on its page, numbers in their form.
    #[test]
    fn accepted_records_are_shown(
        values in proptest::collection::btree_map(0usize..14, "[a-z0-9.e:/-]{0,6}", 0..8),
    ) {
        const POINTERS: [&str; 14] = ["/bizStep", "/disposition", "/lp:facts/0/lp:label/en", "/lp:facts/0/lp:text", "/lp:facts/0/lp:value",
            "/lp:facts/0/lp:uom", "/lp:facts/0/lp:text/zh", "/lp:live/lp:href", "/lp:live/lp:label/en", "/lp:packs/lp:count", "/place/en",
            "/sensorElementList/0/sensorReport/0/type", "/sensorElementList/0/sensorReport/0/uom", "/sensorElementList/0/sensorReport/0/value"];
        let part = part(values.iter().map(|(at, value)| Line::text(POINTERS[*at], value.as_str())).collect());
        if event(&part).is_ok() {
            prop_assert_eq!(page::unshown(&part), None);
            for pointer in [POINTERS[4], POINTERS[13]] {
                if let Some(value) = part.get(pointer) {
                    prop_assert_ne!(shown(Format::Number, &[value, "x"], Lang::En), shown(Format::Number, &[value], Lang::En));
                }
            }
        }
    }
}
