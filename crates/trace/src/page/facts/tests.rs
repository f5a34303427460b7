use super::*;
use ledger::public::{Line, PublicPart};
use serde_json::{Value as Json, json};

/// Lines by short names: `1/0/value` of a report, `1/time` of its sensor, `max` and `uom` of the limit.
type Short = BTreeMap<String, String>;

/// Numbers in an order that looks like none, the same on every machine (xorshift64*).
struct Dice(u64);

impl Dice {
    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40).unwrap();
        all[number % all.len()]
    }
}

/// A sensor's readings as members write them: one kind under several names, in several elements, with times of their own, of the sensor,
/// or none, in order or not, in one unit or several, and what is no number or no time.
fn event(dice: &mut Dice) -> Short {
    let kinds = [
        "gs1:Temperature",
        "Temperature",
        "https://gs1.org/voc/Temperature",
        "https://x.example/Temperature",
        "x:Foo",
        "gs1:RelativeHumidity",
    ];
    let times = [
        "2026-11-01T08:00:00+08:00",
        "2026-11-01T00:00:00Z",
        "2026-11-01T00:30:00.25Z",
        "2026-11-01T00:30:00.2509Z",
        "2026-10-31T14:00:00-10:00",
        "2026-11-01T02:00:00.057Z",
    ];
    let (few, many) = (dice.of(&[true, false]), dice.of(&[1, 2, 3]));
    let mut lines = Short::new();
    for element in 0..many {
        if dice.of(&[true, true, false]) {
            lines.insert(format!("{element}/time"), dice.of(&times).to_owned());
        }
        for report in 0..dice.of(&[1, 2, 3, 2, 3, 11]) {
            let at = format!("{element}/{report}");
            let kind = if few { kinds[0] } else { dice.of(&kinds) };
            if dice.of(&[9, 9, 9, 9, 9, 0]) > 0 {
                lines.insert(format!("{at}/type"), kind.to_owned());
            }
            lines.insert(
                format!("{at}/{}", dice.of(&["value", "value", "value", "value", "value", "minValue"])),
                dice.of(&["3", "4.5", "-2", "0.10", "3", "12"]).to_owned(),
            );
            if dice.of(&[true, false]) {
                lines.insert(format!("{at}/time"), dice.of(&times).to_owned());
            }
            let unit = if few { "CEL" } else { dice.of(&["CEL", "CEL", "CEL", "FAH", ""]) };
            if !unit.is_empty() {
                lines.insert(format!("{at}/uom"), unit.to_owned());
            }
        }
    }
    // What no door lets in, of a log that has it all the same.
    if let Some((pointer, wrong)) =
        dice.of(&[None, None, None, Some(("value", "1e3")), Some(("time", "yesterday")), Some(("time", "1969-12-31T23:59:59Z"))])
    {
        lines.insert(format!("0/0/{pointer}"), wrong.to_owned());
    }
    for (name, value) in [("max", "4"), ("uom", "CEL")] {
        if dice.of(&[true, true, false]) {
            lines.insert(name.to_owned(), value.to_owned());
        }
    }
    lines
}

fn part(lines: &Short) -> PublicPart {
    let pointer = |short: &str| match short.split('/').collect::<Vec<_>>()[..] {
        [element, report, name] => format!("/sensorElementList/{element}/sensorReport/{report}/{name}"),
        [element, name] => format!("/sensorElementList/{element}/sensorMetadata/{name}"),
        _ => format!("/lp:limit/lp:{short}"),
    };
    PublicPart::build(lines.iter().map(|(short, value)| Line::text(pointer(short), value)).collect()).unwrap()
}

/// What the page draws of them: of each chart whether it has a limit, and its readings, each `1/0`, or `1/0 sensor` where its time is
/// the sensor's.
fn drawn(lines: &Short) -> Json {
    let part = part(lines);
    let chart = |chart: Chart| {
        let reading = |(time, value): &(Signed, Signed)| {
            let (at, last) = value.pointers[0].rsplit_once('/').unwrap();
            let short = at.replace("/sensorElementList/", "").replace("/sensorReport/", "/");
            assert_eq!(last, "value");
            if time.pointers[0] == format!("{at}/time") { short } else { format!("{short} sensor") }
        };
        json!([chart.limit.is_some(), chart.readings.iter().map(reading).collect::<Vec<_>>()])
    };
    Json::Array(charts(Lines(Some(&part))).into_iter().map(chart).collect())
}

/// `app/charts.tsv` holds this and `Leafproof.charts` of public/draw.js to the same rule: made here, asked there (end2end/unit).
/// After a change of the rule: `CHARTS=write cargo test -p trace charts`.
#[test]
fn charts_are_those_that_the_script_draws_again() {
    let mut dice = Dice(20_261_130);
    let rows: String = (0..120)
        .map(|_| {
            let lines = event(&mut dice);
            format!("{}\t{}\n", json!(lines), drawn(&lines))
        })
        .collect();
    assert!(["\t[]", "[true,", "[false,", " sensor\""].iter().all(|found| rows.matches(found).count() > 15));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../app/charts.tsv");
    if std::env::var_os("CHARTS").is_some() {
        std::fs::write(file, &rows).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap() == rows, "app/charts.tsv is another rule's: CHARTS=write makes it anew");
}

#[test]
fn readings_of_one_moment_or_in_two_units_are_rows_and_no_line() {
    let mut lines: Short = Short::new();
    for (short, value) in
        [("0/0/value", "3"), ("0/1/value", "4"), ("0/0/uom", "CEL"), ("0/1/uom", "CEL"), ("0/time", "2026-11-01T00:00:00Z")]
    {
        lines.insert(short.to_owned(), value.to_owned());
    }
    let counts = |lines: &Short| {
        let part = part(lines);
        (charts(Lines(Some(&part))).len(), facts(Lines(Some(&part))).len())
    };
    assert_eq!(counts(&lines), (0, 2), "one moment");
    lines.insert("0/1/time".to_owned(), "2026-11-01T01:00:00Z".to_owned());
    assert_eq!(counts(&lines), (1, 0));
    lines.insert("0/1/uom".to_owned(), "FAH".to_owned());
    assert_eq!(counts(&lines), (0, 2), "two units");
}
