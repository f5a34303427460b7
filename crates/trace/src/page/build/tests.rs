use super::*;
use crate::draft::{self, Subjects};
use crate::epcis::{Document, parse};
use crate::format::shown;
use crate::lang::Lang;
use crate::page::{Change, Fact, Label, ProductStatus, Value as Shown, shown_pointers};
use ledger::bundle::gather;
use ledger::entry::{event_id, right};
use ledger::public::PublicPart;
use ledger::testing::{About, Draft, TestLedger};
use serde_json::{Value, json};

/// A ledger in memory with three members: the brand, which owns the goods' prefix; a carrier, which it lets record, take goods out of
/// containers and have letters; a stranger.
pub(super) struct Scene {
    pub(super) ledger: TestLedger,
}

const DAY: u64 = 86_400_000;

impl Default for Scene {
    fn default() -> Self {
        let mut ledger = TestLedger::new();
        ledger.member("brand.example", 2, &["9506000"]);
        ledger.member("carrier.example", 3, &["4012345"]);
        ledger.member("stranger.example", 4, &["4099999"]);
        ledger.grant("brand.example", "carrier.example", right::RECORD | right::PACK | right::STORE);
        Self { ledger }
    }
}

impl Scene {
    pub(super) fn push(&mut self, member: &str, draft: draft::Draft, late_ms: u64) -> u64 {
        let abouts = |all: &[draft::About]| {
            all.iter().map(|a| About { role: a.role, key: a.key, digits: a.digits.clone(), authority: None }).collect()
        };
        let (refs, records, same_as) = match &draft.subjects {
            Subjects::Named { refs, records } => (abouts(refs), abouts(records), None),
            Subjects::Same { authorities, records } => (Vec::new(), Vec::new(), Some((authorities.clone(), records.clone()))),
        };
        self.ledger.now_ms = self.ledger.now_ms.max(draft.event_ms + late_ms);
        let signed = Draft {
            class: Some(draft.class),
            event_ms: Some(draft.event_ms),
            event_id: draft.event_id.as_deref().map(|id| event_id(id.as_bytes())),
            chunk: (draft.chunk, draft.chunks),
            target: draft.target,
            refs,
            records,
            same_as,
            lines: Some(draft.public.lines().to_vec()),
            ..Draft::new(draft.kind, draft.action)
        };
        self.ledger.event(member, signed)
    }

    pub(super) fn record(&mut self, member: &str, event: Value) -> u64 {
        self.push(member, draft::event(&read(event), &places, &|_| None).unwrap().remove(0), 1000)
    }

    fn take_back(&mut self, member: &str, event: Value, index: u64) -> u64 {
        let tile = &self.ledger.tiles[index as usize];
        let e = tile.entry.event().unwrap();
        let target = draft::Target::of(e, &self.ledger.origin, tile.records.clone());
        self.push(member, draft::void(&read(event), &target).unwrap(), 1000)
    }

    fn public(&self, index: u64) -> PublicPart {
        let commitment = self.ledger.event_at(index).public_part().unwrap();
        PublicPart::parse(&self.ledger.parts[commitment].1).unwrap()
    }

    pub(super) fn page(&mut self, uri: &str, now: &str) -> ItemPage {
        let name = crate::gs1::name_of(uri).unwrap();
        let gathered = gather(&self.ledger.head(), &name).unwrap();
        let view = View {
            now_ms: crate::time::instant_ms(now).unwrap(),
            ledger_size: self.ledger.tiles.len() as u64,
            ledger_ms: self.ledger.now_ms,
            lot: Some("FROM-THE-ADDRESS".into()),
            code: CodeHistory::First,
            demo: true,
        };
        item_page(&History::from_gathered(&name, &gathered), &view)
    }
}

fn places(name: &Name) -> Option<Words> {
    let path = name.digital_link_path()?;
    path.starts_with("/414/").then(|| Words::from([("en".into(), format!("Place {path}")), ("zh".into(), "地点".into())]))
}

fn read(mut event: Value) -> crate::epcis::Event {
    let object = event.as_object_mut().unwrap();
    object
        .entry("@context")
        .or_insert(json!(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"lp": "https://leafproof.example/epcis/"}]));
    object.entry("eventTimeZoneOffset").or_insert(json!("+08:00"));
    parse(&event.to_string()).and_then(Document::all).unwrap_or_else(|e| panic!("{event}: {e:?}")).remove(0)
}

pub(super) fn product(name: &str) -> draft::Draft {
    let document = json!({"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-01T00:00:00Z", "epcisBody": {"eventList": []},
        "epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [{"id": "https://x.example/01/09506000134352",
            "attributes": [{"id": "lp:name/en", "attribute": name}, {"id": "lp:phone", "attribute": "400"}, {"id": "lp:picture/file", "attribute": "ab".repeat(32)}]}]}]}}});
    let read = parse(&document.to_string()).unwrap();
    draft::master_data(&read.master.products[0], read.created_ms.unwrap()).unwrap()
}

pub(super) const ITEM: &str = "urn:epc:id:sgtin:9506000.013435.1";
const PALLET: &str = "urn:epc:id:sscc:9506000.0000000001";

/// Cattle lot -> cut into packs -> packed on a pallet -> carried -> received; and noise that belongs to others.
pub(super) fn beef() -> Scene {
    let mut scene = Scene::default();
    scene.push("brand.example", product("Old name"), 0);
    scene.push("brand.example", product("Beef"), 0);
    scene.push("stranger.example", product("A stranger's name"), 0);
    scene.record("brand.example", json!({"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "eventTime": "2026-11-01T08:00:00+08:00", "quantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.012345.C9", "quantity": 38, "uom": "HEA"}],
        "readPoint": {"id": "urn:epc:id:sgln:9506000.00001.0"}, "lp:title": {"en": "Raised", "zh": "饲养"}, "lp:facts": [{"lp:label": {"en": "Pasture", "zh": "草场"}, "lp:value": 2140, "lp:uom": "HAR"}]}));
    scene.record("brand.example", json!({"type": "TransformationEvent", "bizStep": "creating_class_instance", "eventTime": "2026-11-02T08:00:00+08:00", "eventID": "urn:x:cut", "inputQuantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.012345.C9"}],
        "outputEPCList": [ITEM, "urn:epc:id:sgtin:9506000.013435.2"], "ilmd": {"cbvmda:lotNumber": "L7", "cbvmda:itemExpirationDate": "2026-12-13", "cbvmda:countryOfOrigin": "CN"},
        "lp:packs": {"lp:count": 96, "lp:label": {"en": "packs", "zh": "盒"}}, "certificationInfo": "https://cert.example/1"}));
    scene.record("brand.example", json!({"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "eventTime": "2026-11-03T08:00:00+08:00", "parentID": PALLET, "childEPCs": [ITEM]}));
    scene.record("carrier.example", json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "transporting", "disposition": "in_transit", "eventTime": "2026-11-04T08:00:00+08:00", "epcList": [PALLET], "lp:limit": {"lp:max": 4, "lp:uom": "CEL"},
        "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 2.5, "uom": "CEL", "time": "2026-11-04T10:00:00+08:00"}, {"type": "Temperature", "value": 1.9, "uom": "CEL", "time": "2026-11-04T09:00:00+08:00"}, {"type": "RelativeHumidity", "meanValue": 80, "uom": "P1"}]}]}));
    scene.record("carrier.example", json!({"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "eventTime": "2026-11-05T08:00:00+08:00", "parentID": PALLET}));
    scene.record("carrier.example", json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "eventTime": "2026-11-06T08:00:00+08:00", "epcList": [PALLET]}));
    scene.record("carrier.example", json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "eventTime": "2026-11-05T12:00:00+08:00", "epcList": [ITEM], "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"}, "eventID": "urn:x:got"}));
    scene
}

fn texts(facts: &[Fact], lang: Lang) -> Vec<(String, String)> {
    let label = |label: &Label| match label {
        Label::Ours(term) => crate::words::word(term, lang),
        Label::Signed(words) => words[lang.tag()].values[0].clone(),
        Label::Term(term) => shown(term.format, &term.values, lang),
    };
    let value = |value: &Shown| match value {
        Shown::One(one) => shown(one.format, &one.values, lang),
        Shown::Words(words) => words[lang.tag()].values[0].clone(),
    };
    facts.iter().map(|fact| (label(&fact.label), value(&fact.value))).collect()
}

#[test]
fn the_whole_way_of_a_pack() {
    let page = beef().page(ITEM, "2026-11-23T00:00:00Z");
    assert_eq!(
        (page.path.as_str(), page.level, page.lot.as_deref(), page.serial.as_deref()),
        ("/01/09506000134352/21/1", Level::Item, Some("L7"), Some("1"))
    );
    let steps: Vec<(&str, Through, usize)> =
        page.nodes.iter().map(|node| (node.step.values[0].as_str(), node.through, node.number)).collect();
    assert_eq!(
        steps,
        [
            ("commissioning", Through::Input, 1),
            ("creating_class_instance", Through::Item, 2),
            ("packing", Through::Item, 3),
            ("transporting", Through::Container, 4),
            ("unpacking", Through::Container, 5),
            ("receiving", Through::Item, 6),
        ]
    );
    assert_eq!(page.headline.name["en"].values, ["Beef"], "the newest by the prefix's owner");
    assert_eq!(page.headline.picture.as_ref().unwrap().file.hash.len(), 64);
    let (field, _, date) = page.use_by.clone().unwrap();
    assert_eq!((field.as_str(), date.values[0].as_str()), ("itemExpirationDate", "2026-12-13"));
    assert_eq!(page.product, ProductStatus::InOrder { days_left: Some(20), corrected: None, corrections: 0 });
    let store = page.store.unwrap();
    assert_eq!((store.location.as_str(), store.member.as_str()), ("/414/4012345000016", "carrier.example"));
    let first = &page.nodes[0];
    assert_eq!(
        (first.title["zh"].values[0].as_str(), first.author.own_key, first.author.names["en"].as_str()),
        ("饲养", true, "Member brand.example")
    );
    assert_eq!(texts(&first.facts, Lang::En), [("Pasture".into(), "2,140\u{a0}ha".into()), ("Quantity".into(), "38\u{a0}head".into())]);
    assert_eq!(
        texts(&page.nodes[1].facts, Lang::En),
        [
            ("Certificate".into(), "https://cert.example/1".into()),
            ("Country of origin".into(), "China".into()),
            ("Use by".into(), "13 Dec 2026".into()),
            ("Lot number".into(), "L7".into())
        ]
    );
    assert_eq!(page.nodes[1].packs.as_ref().unwrap().count.values, ["96"]);
    let road = &page.nodes[3];
    assert!(road.author.own_key);
    let readings: Vec<&str> = road.charts[0].readings.iter().map(|(_, value)| value.values[0].as_str()).collect();
    assert_eq!((road.charts.len(), readings, road.charts[0].limit.is_some()), (1, vec!["1.9", "2.5"], true));
    assert_eq!(texts(&road.facts, Lang::Zh), [("平均相对湿度".into(), "80\u{a0}%".into())], "in transit is no news");
    assert_eq!(shown(road.when.format, &road.when.values, Lang::En), "4 Nov, 08:00");
    assert!(!page.cut && page.notices.is_empty());
}

#[test]
fn an_offset_is_named_once_and_a_year_where_it_changes() {
    use crate::page::times::shorten;
    let page = beef().page(ITEM, "2026-11-23T00:00:00Z");
    let formats = |nodes: &[crate::page::Node]| nodes.iter().map(|node| node.when.format).collect::<Vec<_>>();
    assert_eq!(page.zone.as_deref(), Some("UTC+8"));
    assert_eq!(formats(&page.nodes[..3]), [Format::Local, Format::Moment, Format::Moment]);
    assert!(page.nodes[3].charts[0].readings.iter().all(|(time, _)| time.format == Format::Moment));
    let with = |at: usize, time: &str, offset: &str| {
        let mut nodes = page.nodes.clone();
        nodes.iter_mut().for_each(|node| node.when.format = Format::Time);
        nodes[at].when.values = vec![time.to_owned(), offset.to_owned()];
        (shorten(&mut nodes), formats(&nodes[..3]))
    };
    assert_eq!(with(1, "2027-01-01T00:00:00Z", "+08:00"), (Some("UTC+8".into()), vec![Format::Local; 3]), "the year changes twice");
    assert_eq!(with(5, "2026-11-20T00:00:00Z", "-03:30"), (None, vec![Format::Time; 3]), "one on another clock: all name theirs");
    assert_eq!(with(5, "yesterday", "+08:00"), (None, vec![Format::Time; 3]), "one that is no time");
}

#[test]
fn expiry_counts_days() {
    let mut scene = beef();
    assert_eq!(
        scene.page(ITEM, "2026-12-13T23:00:00Z").product,
        ProductStatus::InOrder { days_left: Some(0), corrected: None, corrections: 0 }
    );
    assert_eq!(scene.page(ITEM, "2026-12-15T01:00:00Z").product, ProductStatus::Expired(2));
    assert_eq!(scene.page("urn:epc:id:sgtin:9506000.099999.1", "2026-12-15T01:00:00Z").product, ProductStatus::Unknown);
}

pub(super) fn recall(id: &str) -> Value {
    json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "holding", "disposition": "recalled", "eventID": id, "eventTime": "2026-11-20T22:00:00Z", "quantityList": [{"epcClass": "urn:epc:class:lgtin:9506000.013435.L7"}],
        "lp:notice": {"lp:do": {"en": "Bring it back"}, "lp:phone": "+86 1"}})
}

#[test]
fn a_recall_of_the_lot_stands_above_everything_until_it_is_taken_back() {
    let mut scene = beef();
    let index = scene.record("brand.example", recall("urn:x:recall"));
    let page = scene.page(ITEM, "2026-12-15T01:00:00Z");
    assert_eq!(page.product, ProductStatus::Recalled("2026-11-21".into()), "its author's local day; it outranks expiry");
    let notice = &page.notices[0];
    assert_eq!((notice.entry, notice.number, notice.what_to_do["en"].values[0].as_str()), (index, 7, "Bring it back"));
    assert_eq!(notice.phone.as_ref().unwrap().values, ["+86 1"]);
    assert!(page.nodes[6].alert && page.nodes[6].through == Through::Batch);
    // Erased words: the safety notice stays.
    let commitment = *scene.ledger.event_at(index).public_part().unwrap();
    scene.ledger.parts.remove(&commitment);
    let page = scene.page(ITEM, "2026-11-23T01:00:00Z");
    assert_eq!((page.notices.len(), page.product.clone()), (1, ProductStatus::Alert(String::new(), "2026-11-20".into())));
    assert!(page.nodes[6].erased && page.nodes[6].when.pointers == ["#at"]);
    // Taken back.
    let mut scene = beef();
    let index = scene.record("brand.example", recall("urn:x:recall"));
    let mut declared = recall("urn:x:recall");
    declared["errorDeclaration"] = json!({"declarationTime": "2026-11-22T00:00:00+08:00", "reason": "did_not_occur", "lp:reason": {"en": "Wrong lot", "zh": "批号有误"}});
    let by = scene.take_back("brand.example", declared, index);
    let page = scene.page(ITEM, "2026-11-23T01:00:00Z");
    assert!(page.notices.is_empty());
    assert_eq!(page.product, ProductStatus::InOrder { days_left: Some(20), corrected: Some("2026-11-22".into()), corrections: 1 });
    let correction = page.nodes[6].corrected.as_ref().unwrap();
    assert_eq!(
        (correction.by_entry, correction.words["zh"].values[0].as_str(), correction.reason.as_ref().unwrap().values[0].as_str()),
        (by, "批号有误", "did_not_occur")
    );
    assert_eq!(page.nodes.len(), 7, "a correction marks its node and is none itself");
}

#[test]
fn a_record_that_was_taken_back_shows_what_its_author_put_in_its_place() {
    let seen = |id: &str, facts: &[(&str, f64)]| {
        let facts: Vec<Value> =
            facts.iter().map(|(label, value)| json!({"lp:label": {"en": label}, "lp:value": value, "lp:uom": "CEL"})).collect();
        json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "inspecting", "eventTime": "2026-11-07T08:00:00+08:00", "eventID": id,
            "epcList": [ITEM], "lp:facts": facts})
    };
    let old = seen("urn:x:old", &[("On arrival", 19.0), ("Shelf", 1.5), ("Door", 3.0), ("Core", 4.0)]);
    let new = seen("urn:x:new", &[("On arrival", 1.9), ("Shelf", 1.5), ("Window", 3.0)]);
    let declared = |event: &Value, names: &str| {
        let mut event = event.clone();
        event["errorDeclaration"] =
            json!({"declarationTime": "2026-11-08T00:00:00+08:00", "reason": "incorrect_data", "correctiveEventIDs": [names]});
        event
    };
    let changes = |scene: &mut Scene, index: u64| -> Vec<Change> {
        let page = scene.page(ITEM, "2026-11-23T01:00:00Z");
        let node = page.nodes.iter().find(|node| node.entry == index).unwrap();
        assert!(node.corrected.is_some());
        node.facts.iter().map(|fact| fact.change.clone()).collect()
    };
    let mut scene = beef();
    let index = scene.record("carrier.example", old.clone());
    scene.take_back("carrier.example", declared(&old, "urn:x:new"), index);
    assert_eq!(changes(&mut scene, index), vec![Change::Gone; 4], "nothing is in its place yet");
    // The name alone is anybody's.
    scene.record("brand.example", new.clone());
    assert_eq!(changes(&mut scene, index), vec![Change::Gone; 4], "another author's record");
    let now = scene.record("carrier.example", new.clone());
    let [Change::Now(entry, Shown::One(value)), Change::Kept, Change::Gone, Change::Gone] = &changes(&mut scene, index)[..] else {
        panic!("{:?}", changes(&mut scene, index))
    };
    assert_eq!((*entry, value.values.join(" ").as_str(), value.format), (now, "1.9 CEL", Format::Quantity));
    scene.take_back("carrier.example", declared(&new, "urn:x:old"), now);
    assert_eq!(changes(&mut scene, index), vec![Change::Gone; 4], "taken back as well");
}

#[test]
fn a_strangers_correction_takes_nothing_back() {
    let mut scene = beef();
    let index = scene.record("brand.example", recall("urn:x:recall"));
    let mut declared = recall("urn:x:recall");
    declared["errorDeclaration"] = json!({"declarationTime": "2026-11-22T00:00:00+08:00"});
    scene.take_back("carrier.example", declared, index);
    assert!(matches!(scene.page(ITEM, "2026-11-23T01:00:00Z").product, ProductStatus::Recalled(_)));
}

#[test]
fn late_records_say_so_and_batches_have_no_code_history() {
    let mut scene = beef();
    let event = json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "inspecting", "disposition": "conformant", "eventTime": "2026-11-06T08:00:00+08:00", "epcList": [ITEM]});
    let draft = draft::event(&read(event), &places, &|_| None).unwrap().remove(0);
    scene.push("brand.example", draft.clone(), DAY);
    scene.push("brand.example", draft, DAY + 1);
    let page = scene.page(ITEM, "2026-11-23T01:00:00Z");
    let late: Vec<bool> = page.nodes.iter().rev().take(2).map(|node| node.recorded_ms.is_some()).collect();
    assert_eq!(late, [true, false]);
    assert_eq!(texts(&page.nodes[6].facts, Lang::En), [("State".into(), "Meets the requirements".into())]);
    assert_eq!(page.code, CodeHistory::First);
    let batch = scene.page("https://x.example/01/09506000134352/10/L7", "2026-11-23T01:00:00Z");
    assert_eq!((batch.level, batch.code, batch.lot.as_deref()), (Level::Batch, CodeHistory::Shared, Some("L7")));
}

/// Every line that must be shown has an element on the page: a fact with that pointer.
#[test]
fn nothing_that_must_be_shown_is_left_out() {
    let mut scene = beef();
    scene.record("brand.example", recall("urn:x:recall"));
    let hash = "cd".repeat(32);
    scene.record("brand.example", json!({"type": "ObjectEvent", "action": "OBSERVE", "eventTime": "2026-11-07T08:00:00+08:00", "epcList": [ITEM], "bizStep": "inspecting", "disposition": "conformant", "lp:title": {"zh": "检验"},
        "lp:facts": [{"lp:label": {"en": "Lab"}, "lp:text": "Ref 5"}, {"lp:label": {"en": "Valid"}, "lp:date": "2027-01-01"}, {"lp:label": {"en": "At"}, "lp:time": "2026-11-07T08:00:00+08:00"}, {"lp:label": {"en": "Report", "zh": "报告"}, "lp:text": {"en": "ok", "zh": "合格"}, "lp:file": hash, "lp:fileType": "application/pdf", "lp:fileBytes": 9}],
        "lp:pictures": [{"lp:file": hash, "lp:fileType": "image/svg+xml", "lp:alt": {"en": "a", "zh": "b"}, "lp:width": 4, "lp:height": 3}], "lp:video": {"lp:file": hash, "lp:seconds": 5, "lp:label": {"en": "film"}},
        "lp:live": {"lp:href": "https://live.example", "lp:label": {"en": "live"}}, "lp:limit": {"lp:max": 4},
        "sensorElementList": [{"sensorMetadata": {"time": "2026-11-07T08:00:00Z"}, "sensorReport": [{"type": "Temperature", "value": 5, "uom": "CEL"}, {"type": "Temperature", "value": 41, "uom": "FAH"}, {"type": "example:own", "minValue": 1, "maxValue": 2}]}],
        "persistentDisposition": {"set": ["recalled"]}, "ext:free": {"en": "x"}}));
    let page = scene.page(ITEM, "2026-11-23T01:00:00Z");
    for lang in [Lang::En, Lang::Zh] {
        for node in &page.nodes {
            let lines = scene.public(node.entry);
            let have = pointers(node, lang);
            for pointer in shown_pointers(lines.lines(), lang) {
                assert!(have.contains(&pointer), "entry {}: {pointer} is not on the page: {have:?}", node.entry);
            }
            assert!(have.iter().all(|pointer| lines.get(pointer).is_some()), "{have:?}");
        }
    }
    let node = page.nodes.iter().find(|node| node.step.values[0] == "inspecting").unwrap();
    assert_eq!((node.pictures[0].size, node.facts[3].file.as_ref().unwrap().bytes, node.charts.len()), (Some((4, 3)), Some(9), 0));
}

/// All pointers a page in this language has elements for.
fn pointers(node: &Node, lang: Lang) -> Vec<String> {
    let mut all: Vec<&Signed> = vec![&node.when, &node.step];
    let words = |words: &'_ SignedWords| [lang.tag(), "en", "zh"].iter().find_map(|tag| words.get(*tag)).cloned();
    let mut owned: Vec<Signed> = [&node.title, &node.place].into_iter().filter_map(words).collect();
    for fact in &node.facts {
        match &fact.value {
            Shown::One(one) => all.push(one),
            Shown::Words(some) => owned.extend(words(some)),
        }
        if let Label::Signed(some) = &fact.label {
            owned.extend(words(some));
        }
    }
    for chart in &node.charts {
        all.extend(chart.readings.iter().flat_map(|(time, value)| [time, value]));
    }
    owned.extend(node.pictures.iter().filter_map(|picture| words(&picture.alt)));
    for (label, one) in [
        (node.video.as_ref().map(|v| &v.label), node.video.as_ref().and_then(|v| v.seconds.as_ref())),
        (node.live.as_ref().map(|l| &l.label), node.live.as_ref().map(|l| &l.href)),
        (node.packs.as_ref().map(|p| &p.label), node.packs.as_ref().map(|p| &p.count)),
    ] {
        owned.extend(label.and_then(words));
        all.extend(one);
    }
    let mut have: Vec<String> = all.into_iter().chain(&owned).flat_map(|signed| signed.pointers.clone()).collect();
    have.extend(node.pictures.iter().map(|picture| picture.file.pointer.clone()));
    have
}

#[test]
fn the_must_show_rule_word_by_word() {
    let part = |pairs: &[(&str, &str)]| PublicPart::build(pairs.iter().map(|(p, v)| ledger::public::Line::text(*p, *v)).collect()).unwrap();
    let lines = part(&[
        ("/action", "ADD"),
        ("/bizStep", "shipping"),
        ("/disposition", "in_transit"),
        ("/eventTime", "t"),
        ("/ilmd/cbvmda:lotNumber", "L"),
        ("/ilmd/cbvmda:unheard", "L"),
        ("/ilmd/ex:lotNumber", "L"),
        ("/lp:facts/0/lp:label/zh", "x"),
        ("/lp:facts/0/lp:text", "y"),
        ("/lp:facts/0/lp:fileType", "z"),
        ("/lp:facts/0/lp:file", "z"),
        ("/lp:pictures/0/lp:file", "h"),
        ("/lp:unknown/en", "x"),
        ("/place/en", "p"),
        ("/place/zh", "q"),
        ("/sensorElementList/0/sensorReport/0/uom", "CEL"),
        ("/sensorElementList/0/sensorReport/0/value", "1"),
        ("/type", "ObjectEvent"),
    ]);
    assert_eq!(
        shown_pointers(lines.lines(), Lang::En),
        [
            "/bizStep",
            "/eventTime",
            "/ilmd/cbvmda:lotNumber",
            "/lp:facts/0/lp:label/zh",
            "/lp:facts/0/lp:text",
            "/lp:pictures/0/lp:file",
            "/place/en",
            "/sensorElementList/0/sensorReport/0/value"
        ]
    );
    assert!(shown_pointers(lines.lines(), Lang::Zh).contains(&"/place/zh".to_owned()));
    let lines =
        part(&[("/disposition", "urn:epcglobal:cbv:disp:recalled"), ("/eventTime", "t"), ("/lp:title/zh", "x"), ("/type", "ObjectEvent")]);
    assert_eq!(shown_pointers(lines.lines(), Lang::En), ["/disposition", "/eventTime", "/lp:title/zh"]);
}
