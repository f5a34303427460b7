//! `leafproof generate`: synthetic but plausible histories as EPCIS 2.0 documents; the same arguments make the same bytes.
//!
//! Items are commissioned in lots, packed into cases of 24, shipped, received at one of a few stores with a measured temperature, and
//! unpacked; now and then one is inspected. All by one member: the figures of a load test, not a story.

use std::fs;
use std::path::PathBuf;

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::Failure;

/// Items in a case.
const CASE: u64 = 24;
/// Cases in a document: what one capture takes, with room.
const CASES_IN_DOCUMENT: u64 = 4;
/// Stores that receive.
const STORES: u64 = 12;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How many items
    #[arg(long)]
    items: u64,
    /// Another seed makes other serials, times and measurements
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the documents go
    #[arg(long, default_value = "generated", value_name = "DIR")]
    out: PathBuf,
    /// The GS1 company prefix under which they are issued: 7 digits
    #[arg(long, default_value = "9529999", value_parser = prefix)]
    prefix: String,
    /// When the first lot is made
    #[arg(long, default_value = "2026-01-05T06:00:00Z")]
    start: Timestamp,
}

fn prefix(text: &str) -> Result<String, String> {
    if text.len() == 7 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("7 digits are wanted, such as 9529999".to_owned())
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    fs::create_dir_all(&arguments.out).map_err(|e| format!("{}: {e}", arguments.out.display()))?;
    let cases = arguments.items.div_ceil(CASE);
    let documents = cases.div_ceil(CASES_IN_DOCUMENT);
    for document in 0..documents {
        let mut events = Vec::new();
        for case in document * CASES_IN_DOCUMENT..((document + 1) * CASES_IN_DOCUMENT).min(cases) {
            let items = CASE.min(arguments.items - case * CASE);
            events.extend(Case::new(arguments, case, items)?.events()?);
        }
        let path = arguments.out.join(format!("{document:06}.epcis.json"));
        let text = serde_json::to_string_pretty(&wrap(arguments, events))?;
        fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        if (document + 1) % 100 == 0 || document + 1 == documents {
            eprintln!("{}/{documents} documents", document + 1);
        }
    }
    println!("{} items in {documents} documents in {}", arguments.items, arguments.out.display());
    Ok(())
}

fn wrap(arguments: &Arguments, events: Vec<Value>) -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", { "cbvmda": "urn:epcglobal:cbv:mda:" }],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": arguments.start.to_string(),
        "epcisBody": { "eventList": events },
    })
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// 14 characters of 32: a serial with 70 random bits.
    fn serial(&mut self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789X";
        (0..14).map(|_| char::from(ALPHABET[self.below(32) as usize])).collect()
    }
}

/// One case and what happens to it.
struct Case<'a> {
    arguments: &'a Arguments,
    random: Random,
    number: u64,
    items: Vec<String>,
    made: Timestamp,
}

impl<'a> Case<'a> {
    fn new(arguments: &'a Arguments, number: u64, items: u64) -> Result<Self, Failure> {
        let mut random = Random(arguments.seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ number);
        let items = (0..items).map(|_| format!("urn:epc:id:sgtin:{}.000013.{}", arguments.prefix, random.serial())).collect();
        let minutes = i64::try_from(number * 3)?;
        let made = arguments.start.checked_add(minutes.minutes())?;
        Ok(Self { arguments, random, number, items, made })
    }

    fn events(mut self) -> Result<Vec<Value>, Failure> {
        let case = format!("urn:epc:id:sscc:{}.{:010}", self.arguments.prefix, self.number);
        let plant = format!("urn:epc:id:sgln:{}.00001.0", self.arguments.prefix);
        let store = format!("urn:epc:id:sgln:{}.{:05}.0", self.arguments.prefix, 100 + self.random.below(STORES));
        let lot = format!("L{:05}", self.number / 40);
        let mut events = vec![
            json!({ "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "disposition": "active",
                    "epcList": self.items, "readPoint": { "id": plant }, "ilmd": { "cbvmda:lotNumber": lot } }),
            json!({ "type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "disposition": "in_progress",
                    "parentID": case, "childEPCs": self.items, "readPoint": { "id": plant } }),
            json!({ "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "disposition": "in_transit",
                    "epcList": [case], "readPoint": { "id": plant } }),
        ];
        let degrees = json!({ "type": "Temperature", "value": 2.0 + self.random.below(40) as f64 / 10.0, "uom": "CEL" });
        events.push(json!({ "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "disposition": "in_progress",
                    "epcList": [case], "readPoint": { "id": store }, "sensorElementList": [{ "sensorReport": [degrees] }] }));
        events.push(json!({ "type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "disposition": "in_progress",
                    "parentID": case, "childEPCs": self.items, "readPoint": { "id": store } }));
        if self.random.below(5) == 0 {
            let inspected = self.items[self.random.below(self.items.len() as u64) as usize].clone();
            events.push(json!({ "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "inspecting", "disposition": "conformant",
                        "epcList": [inspected], "readPoint": { "id": store } }));
        }
        let mut at = self.made;
        for (n, event) in events.iter_mut().enumerate() {
            event["eventTime"] = json!(at.to_string());
            event["eventTimeZoneOffset"] = json!("+00:00");
            event["eventID"] = json!(format!("urn:uuid:{}", self.uuid(n as u64)));
            at = at.checked_add(i64::try_from(20 + self.random.below(300))?.minutes())?;
        }
        Ok(events)
    }

    /// A version 4 UUID's shape from the seed, so that a document captured twice is one.
    fn uuid(&self, event: u64) -> String {
        let mut random = Random(self.arguments.seed ^ (self.number << 8 | event).wrapping_mul(0x9e6c_63d0_876a_9a69));
        let (a, b) = (random.next(), random.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 48 & 0x3fff | 0x8000,
            b & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(seed: u64) -> Arguments {
        Arguments { items: 30, seed, out: PathBuf::new(), prefix: "9529999".to_owned(), start: "2026-01-05T06:00:00Z".parse().unwrap() }
    }

    fn document(seed: u64) -> String {
        let arguments = arguments(seed);
        let events = [(0, 24), (1, 6)].map(|(case, items)| Case::new(&arguments, case, items).unwrap().events().unwrap());
        wrap(&arguments, events.concat()).to_string()
    }

    #[test]
    fn the_same_seed_makes_the_same_and_another_makes_other() {
        assert_eq!(document(7), document(7));
        assert_ne!(document(7), document(8));
    }

    #[test]
    fn what_is_made_is_valid() {
        let parsed = trace::epcis::parse(&document(7)).unwrap();
        assert!(parsed.events.len() >= 10 && parsed.events.iter().all(Result::is_ok));
    }
}
