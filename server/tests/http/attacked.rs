//! What was broken by attacking a running demo, each as its attacker did it: members against brands, pages and the service.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use ed25519_dalek::SigningKey;
use engine::Submission;
use ledger::entry::{
    Action, Authority, Event, EventDraft, Kind, Member, Record, Ref, Status, level, part_kind, record_role, ref_role, role,
};
use ledger::name::Name;
use ledger::policy::Policy;
use ledger::presigned::Presigned;
use ledger::verify::{Report, State, verify};
use serde_json::{Value, json};
use server::grants;
use server::share::Shares;
use trace::rights::rights_of;

use super::app::{App, ITEM, ITEM_URN, commissioning, document, key, observed};
use super::presigned::{change_of, entry, outcome, own_of};

const BRAND: &str = "brand.example";
const RIVAL: &str = "rival.example";
const TIME: &str = "/eventTime\ts2026-01-05T17:00:00+08:00\n";
const SOURCE: &str = r#"{"epcList":["urn:epc:id:sgtin:9521234.000004.7K2M9"]}"#;

/// The brand's item, and a member with a key of its own that governance made an independent for items.
async fn beside_an_independent() -> (App, SigningKey) {
    let app = App::new().await;
    app.taken(BRAND, vec![commissioning("1", ITEM_URN)]).await;
    let signer = own_of(&app, RIVAL, 9).await;
    change_of(&app, RIVAL, |member| (member.roles, member.levels) = (role::MEMBER | role::INDEPENDENT, level::ITEM)).await;
    (app, signer)
}

/// What an independent says of the brand's item.
fn inspected(app: &App, signer: &SigningKey, seq: u64, change: impl FnOnce(&mut EventDraft)) -> Presigned {
    let lines = format!("{TIME}/x:number\ts{seq}\n");
    entry(app, signer, RIVAL, &[(part_kind::PUBLIC, &lines), (part_kind::SOURCE, SOURCE)], |draft| {
        (draft.seq, draft.action, draft.authorities) = (seq, Action::Observe, vec![Authority::Governance]);
        change(draft);
    })
}

/// A correction of this kind, of what an independent said, with these lines.
fn about(app: &App, signer: &SigningKey, kind: Kind, target: &Presigned, seq: u64, lines: &str, erased: &[u8]) -> Presigned {
    let event = event_of(target).clone();
    let body = event.body_hash(app.engine.keys().origin());
    let mut made = entry(app, signer, RIVAL, &[(part_kind::PUBLIC, lines)], |draft| {
        (draft.seq, draft.kind, draft.action, draft.class) = (seq, kind, Action::None, event.class);
        (draft.target, draft.authorities) = (body, event.authorities.clone());
        let gone = event.parts.iter().filter(|part| erased.contains(&part.kind));
        draft.parts.extend(gone.map(|part| ledger::entry::Part { kind: part.kind | part_kind::ERASED, ..*part }));
    });
    // The id of a correction is not the helper's to choose.
    let ledger::entry::Body::Event(signed) = &mut made.tile.entry.body else { panic!() };
    signed.event_id = if kind == Kind::Void { event.event_id } else { ledger::audit::erasure_id(&body) };
    signed.sign(app.engine.keys().origin(), signer);
    made
}

fn event_of(entry: &Presigned) -> &Event {
    entry.tile.entry.event().unwrap()
}

fn report(app: &App, path: &str) -> Report {
    let name = Name::from_digital_link_path(path).unwrap();
    let policy = Policy::parse(app.engine.keys().policy().encode().as_bytes()).unwrap();
    verify(&app.engine.bundle(&name).unwrap(), &policy, Some(&name.bytes()), base::clock::now_ms(), &[])
}

async fn is_taken(app: &App, entry: Presigned) {
    assert_eq!(outcome(app, RIVAL, entry).await, ("captured".to_owned(), String::new()));
}

async fn is_refused(app: &App, entry: Presigned, says: &str) {
    let (outcome, why) = outcome(app, RIVAL, entry).await;
    assert!(outcome == "refused" && why.contains(says), "{outcome}: {why}");
}

/// 16,000 levels of a field's name ended the process when an owner asked for its events.
#[tokio::test]
async fn a_correction_has_no_deeper_lines_than_a_record() {
    let (app, signer) = beside_an_independent().await;
    let said = inspected(&app, &signer, 1, |_| ());
    is_taken(&app, said.clone()).await;
    for (kind, erased) in [(Kind::Void, &[][..]), (Kind::Erase, &[1, 2])] {
        let deep = format!("{}a\tsb\n", "/".repeat(16_000));
        is_refused(&app, about(&app, &signer, kind, &said, 2, &deep, erased), "nested too deep").await;
    }
    assert_eq!(app.get(ITEM).await.status, StatusCode::OK);
}

/// A file of 3 MB, each of whose entries asked for lists of millions, stopped all answers for minutes.
#[tokio::test]
async fn lists_of_gaps_are_not_built() {
    let (app, signer) = beside_an_independent().await;
    let lines: String = (0..100).map(|n| format!("/x:{n:03}{}/a\tsb\n", "/1999".repeat(29))).collect();
    let gaps = entry(&app, &signer, RIVAL, &[(part_kind::PUBLIC, &lines), (part_kind::SOURCE, SOURCE)], |draft| {
        (draft.action, draft.authorities) = (Action::Observe, vec![Authority::Governance]);
    });
    is_refused(&app, gaps, "too many places").await;
}

/// A context of 150 kB was written out at each of 20,000 fields: all memory for a document of 366 kB. In XML it stood in each event.
#[tokio::test]
async fn a_small_document_does_not_ask_for_much() {
    let app = App::new().await;
    let long = format!("https://rival.example/{}", "x".repeat(150_000));
    let with_fields = |uri: &str, count: usize| {
        let mut event = commissioning("1", ITEM_URN);
        event["@context"] = json!([{ "x": uri }]);
        for number in 0..count {
            event[format!("x:{number}")] = json!("a");
        }
        document(vec![event])
    };
    for (document, says) in
        [(with_fields(&long, 3), "at most 256"), (with_fields("https://rival.example/", 20_001), "more than 20000 fields")]
    {
        let answer = app.capture(BRAND, &document, &[], "?dryRun=true").await.text();
        assert!(answer.contains(says) && answer.len() < 5_000, "{}", &answer[..500.min(answer.len())]);
    }
    let mut named = commissioning(&"9".repeat(12), ITEM_URN);
    named["eventID"] = json!(format!("urn:x:{}", "i".repeat(1_000_000)));
    named["action"] = json!("x".repeat(100_000));
    let answer = app.capture(BRAND, &document(vec![named]), &[], "?dryRun=true").await.text();
    assert!(answer.contains("at most 2000") && answer.len() < 10_000, "{} bytes", answer.len());
}

/// The first erasure of a record is the record's: one that left the public part, and a second that took it, made the page red.
#[tokio::test]
async fn an_erasure_is_whole_and_comes_once() {
    let (app, signer) = beside_an_independent().await;
    let said = inspected(&app, &signer, 1, |_| ());
    is_taken(&app, said.clone()).await;
    let reason = "/lp:reason\tsasked\n/type\tsErasure\n";
    for parts in [&[1][..], &[2]] {
        is_refused(&app, about(&app, &signer, Kind::Erase, &said, 2, reason, parts), "names all parts").await;
    }
    // A thousand erasures of one record, each under an id of its own, left no room for the owner's records.
    let mut again = about(&app, &signer, Kind::Erase, &said, 2, reason, &[1, 2]);
    let ledger::entry::Body::Event(event) = &mut again.tile.entry.body else { panic!() };
    event.event_id = ledger::entry::event_id(b"one more");
    event.sign(app.engine.keys().origin(), &signer);
    is_refused(&app, again, "urn:leafproof:erasure:").await;
    is_taken(&app, about(&app, &signer, Kind::Erase, &said, 2, reason, &[1, 2])).await;
    let report = report(&app, ITEM);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
}

/// A product in a correction, which names nothing: every page of the goods failed at it.
#[tokio::test]
async fn a_correction_names_no_product() {
    let (app, signer) = beside_an_independent().await;
    let said = inspected(&app, &signer, 1, |_| ());
    is_taken(&app, said.clone()).await;
    for (kind, erased) in [(Kind::Void, &[][..]), (Kind::Erase, &[1, 2])] {
        let lines = "/type\tsObjectEvent\n@product\t/01/09521234000099\n";
        is_refused(&app, about(&app, &signer, kind, &said, 2, lines, erased), "names no product").await;
    }
}

/// Salts of public parts are in every proof. A part of another's record in one's own was erased with that, or came back with it.
#[tokio::test]
async fn no_record_takes_the_part_of_another() {
    let (app, signer) = beside_an_independent().await;
    let view = app.engine.view();
    let brands = (0..view.size()).filter_map(|index| view.entry(index).unwrap().entry.event().cloned()).next().unwrap();
    let (salt, words) = ledger::bundle::Source::part(&*view, brands.public_part().unwrap()).unwrap().unwrap();
    let copied = |seq: u64| {
        let mut made = entry(&app, &signer, RIVAL, &[(part_kind::PUBLIC, TIME)], |draft| {
            draft.seq = seq;
            draft.records[0].key = Name::from_digital_link_path("/01/09529999000014/21/OWN").unwrap().key();
            draft.event_ms = brands.event_ms;
            draft.parts[0].commitment = *brands.public_part().unwrap();
        });
        made.parts = vec![(salt, words.clone())];
        made
    };
    is_refused(&app, copied(1), "under another record").await;
    // Nor after its author erased it.
    let bearer = format!("Bearer {}", key(BRAND));
    let id = "urn:uuid:00000000-0000-4000-8000-000000000001";
    let erased = app.with(Method::DELETE, &format!("/epcis/v2/events/{id}?reason=asked"), &[("authorization", &bearer)]).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.text());
    is_refused(&app, copied(1), "under another record").await;
    assert_eq!(app.engine.view().part_bytes(brands.public_part().unwrap()).unwrap(), None);
    // Twice in one record, or in two chunks of one event, which are erased apart.
    let twice = inspected(&app, &signer, 1, |draft| {
        let public = draft.parts[0].commitment;
        draft.parts.push(ledger::entry::Part { kind: 4, commitment: public });
    });
    let twice = Presigned { parts: [twice.parts.clone(), vec![twice.parts[0].clone()]].concat(), ..twice };
    is_refused(&app, twice, "under another record").await;
    let chunk = |seq: u64, chunk: u16, first: Option<&Presigned>, shared: &[u8]| {
        let mut made = inspected(&app, &signer, 7, |draft| (draft.seq, draft.chunk, draft.chunks) = (seq, chunk, 3));
        let ledger::entry::Body::Event(event) = &mut made.tile.entry.body else { panic!() };
        for (place, first) in first.into_iter().flat_map(|first| event_of(first).parts.iter().zip(&first.parts)).enumerate() {
            if shared.contains(&first.0.kind) {
                (event.parts[place], made.parts[place]) = (*first.0, first.1.clone());
            }
        }
        event.event_id = ledger::entry::event_id(b"chunks");
        event.sign(app.engine.keys().origin(), &signer);
        made
    };
    let first = chunk(1, 0, None, &[]);
    is_taken(&app, first.clone()).await;
    for shared in [&[1][..], &[1, 2]] {
        is_refused(&app, chunk(2, 1, Some(&first), shared), "under another record").await;
    }
    // The record as it came may stand once for all of them.
    is_taken(&app, chunk(2, 1, Some(&first), &[2])).await;
}

/// An independent, or a partner, named goods by their keys alone: beyond its role, and without a word that anybody could find them by.
#[tokio::test]
async fn who_speaks_of_others_goods_names_them() {
    let (app, signer) = beside_an_independent().await;
    let bare = entry(&app, &signer, RIVAL, &[(part_kind::PUBLIC, TIME)], |draft| {
        (draft.action, draft.authorities) = (Action::Observe, vec![Authority::Governance]);
    });
    is_refused(&app, bare, "names all its goods").await;
    let product = r#"{"quantityList":[{"epcClass":"https://id.gs1.org/01/09521234000044"}]}"#;
    let beyond = entry(&app, &signer, RIVAL, &[(part_kind::PUBLIC, TIME), (part_kind::SOURCE, product)], |draft| {
        (draft.action, draft.authorities) = (Action::Observe, vec![Authority::Governance]);
        draft.records[0].key = Name::from_digital_link_path("/01/09521234000044").unwrap().key();
    });
    is_refused(&app, beyond, "by a right that it does not have").await;
}

/// Whoever came first with a serial and took its words away hid the pack from people who type it.
#[tokio::test]
async fn who_erases_its_record_of_a_pack_hides_nothing() {
    let app = App::new().await;
    let (urn, path) = ("urn:epc:id:sgtin:9521234.000004.M4R8WQ2HTX9KDC", "/01/09521234000044/21/M4R8WQ2HTX9KDC");
    app.taken("store.example", vec![observed("1", urn, "receiving", "urn:epc:id:sgln:9521272.00018.0")]).await;
    app.taken(BRAND, vec![commissioning("2", urn)]).await;
    assert_eq!(app.get("/find?code=M4R8WQ2HTX9KDC").await.header("location"), path);
    let bearer = format!("Bearer {}", key("store.example"));
    let id = "urn:uuid:00000000-0000-4000-8000-000000000001";
    let erased = app.with(Method::DELETE, &format!("/epcis/v2/events/{id}?reason=asked"), &[("authorization", &bearer)]).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.text());
    assert_eq!(app.get("/find?code=M4R8WQ2HTX9KDC").await.header("location"), path);
}

/// A rival recorded its own goods at the brand's place, under the brand's eventID: the brand's programs read of a recall.
#[tokio::test]
async fn what_a_rival_says_of_its_own_goods_is_in_nobody_elses_answers() {
    const PLACE: &str = "urn:epc:id:sgln:9521234.00018.0";
    let app = App::new().await;
    app.taken(BRAND, vec![observed("1", ITEM_URN, "storing", PLACE)]).await;
    let recalled = |id: &str, epc: &str| {
        let mut event = observed(id, epc, "storing", PLACE);
        event["disposition"] = json!("recalled");
        event
    };
    app.taken(RIVAL, vec![recalled("1", "urn:epc:id:sgtin:9529999.000001.OWN")]).await;
    let bearer = format!("Bearer {}", key(BRAND));
    let asks = async |path: &str| app.with(Method::GET, &format!("/epcis/v2/events{path}"), &[("authorization", &bearer)]).await;
    let own = asks("/urn:uuid:00000000-0000-4000-8000-000000000001").await.events();
    assert!(own.len() == 1 && own[0].get("disposition").is_none(), "{own:?}");
    assert_eq!(asks("?EQ_disposition=recalled").await.events(), Vec::<Value>::new());
    // Nor is it heard for a permission that the brand never asked for, over goods of the rival's own.
    let gift = grants::next(&app.engine, RIVAL, BRAND, rights_of(["contact"]).unwrap(), Vec::new()).unwrap();
    grants::give(&app.engine, gift, None).await.unwrap();
    assert_eq!(asks("?EQ_disposition=recalled").await.events(), Vec::<Value>::new());
    // One whom the brand lets speak of its goods is heard, by its name.
    let grant = grants::next(&app.engine, BRAND, RIVAL, rights_of(["record"]).unwrap(), Vec::new()).unwrap();
    grants::give(&app.engine, grant, None).await.unwrap();
    app.taken(RIVAL, vec![observed("2", ITEM_URN, "inspecting", PLACE)]).await;
    let heard = asks("?EQ_bizStep=inspecting").await.events();
    assert_eq!(heard.iter().map(|event| &event["lp:recordedBy"]).collect::<Vec<_>>(), [RIVAL]);
}

/// A pallet with a number of nobody's is open to all: a stranger's warning on it stood above the brand's page.
#[tokio::test]
async fn strangers_say_nothing_of_goods_by_a_pallet_that_nobody_owns() {
    const PALLET: &str = "urn:epc:id:sscc:9588888.0000000001";
    let app = App::new().await;
    let mut packed = commissioning("2", ITEM_URN);
    (packed["type"], packed["bizStep"]) = (json!("AggregationEvent"), json!("packing"));
    (packed["parentID"], packed["childEPCs"]) = (json!(PALLET), json!([ITEM_URN]));
    packed.as_object_mut().unwrap().remove("epcList");
    app.taken(BRAND, vec![commissioning("1", ITEM_URN), packed]).await;
    app.taken(BRAND, vec![observed("3", PALLET, "storing", "urn:epc:id:sgln:9521234.00018.0")]).await;
    let mut warning = observed("4", PALLET, "inspecting", "urn:epc:id:sgln:9529999.00018.0");
    (warning["disposition"], warning["lp:notice"]) = (json!("recalled"), json!({ "lp:do": { "en": "Sold by thieves." } }));
    // Whoever owns the number one day would find the warning above its goods.
    let refused = app.capture(RIVAL, &document(vec![warning]), &[], "").await.json();
    assert!(refused.to_string().contains("from independents and regulators alone"), "{refused:#}");
    app.taken(RIVAL, vec![observed("5", PALLET, "shipping", "urn:epc:id:sgln:9529999.00018.0")]).await;
    let page = app.get(&format!("{ITEM}?lang=en")).await.text();
    assert!(!page.contains("thieves") && !page.contains(RIVAL), "{page}");
    let report = report(&app, ITEM);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
    let nodes = report.text.lines().filter(|line| line.starts_with("node\t")).count();
    assert_eq!(nodes, 3, "the packer's own word of it stays: {}", report.text);
}

/// What anybody may write beside the owner's records is bounded, for each author and subject.
#[tokio::test]
async fn nobody_fills_a_page_from_beside() {
    let app = App::new().await;
    app.taken(BRAND, vec![commissioning("1", ITEM_URN)]).await;
    change_of(&app, RIVAL, |member| (member.roles, member.levels) = (role::MEMBER | role::INDEPENDENT, level::ITEM)).await;
    let looks = |from: u32, to: u32, epc: &str| -> Vec<Value> {
        (from..to).map(|n| observed(&n.to_string(), epc, "inspecting", "urn:epc:id:sgln:9529999.00018.0")).collect()
    };
    app.taken(RIVAL, looks(100, 132, ITEM_URN)).await;
    for (from, epc, most, said) in [(132, ITEM_URN, 1, "32 events"), (1_000, "urn:epc:id:sscc:9588888.0000000001", 17, "16 events")] {
        let answer = app.capture(RIVAL, &document(looks(from, from + most, epc)), &[], "").await.json();
        let last = answer["events"].as_array().unwrap().last().unwrap();
        assert!(answer["success"] == false && last["problems"][0].as_str().unwrap().contains(said), "{answer}");
    }
    // What no page leaves out, too, and what is taken back of it: a page loads it of each of its inputs.
    let packed = |n: u32| {
        let mut packed = commissioning(&n.to_string(), ITEM_URN);
        (packed["type"], packed["bizStep"]) = (json!("AggregationEvent"), json!("packing"));
        (packed["parentID"], packed["childEPCs"]) =
            (json!(format!("urn:epc:id:sscc:9529999.{n:010}")), json!(["urn:epc:id:sgtin:9588888.000004.1"]));
        packed.as_object_mut().unwrap().remove("epcList");
        packed
    };
    app.taken(RIVAL, (3_000..3_016).map(packed).collect()).await;
    let answer = app.capture(RIVAL, &document(vec![packed(3_016)]), &[], "").await.text();
    assert!(answer.contains("16 events"), "{answer}");
    let unpacked = |n: u32| {
        let mut out = packed(3_500 + n);
        out["parentID"] = packed(3_000 + n)["parentID"].clone();
        (out["action"], out["bizStep"], out["eventTime"]) = (json!("DELETE"), json!("unpacking"), json!("2026-11-21T08:00:00Z"));
        out
    };
    app.taken(RIVAL, (0..4).map(unpacked).collect()).await;
    let taken_back = |n: u32| {
        let mut wrong = packed(n);
        wrong["errorDeclaration"] = json!({ "declarationTime": "2026-11-20T08:00:00Z", "reason": "did_not_occur" });
        wrong
    };
    app.taken(RIVAL, (3_000..3_016).map(taken_back).collect()).await;
    let answer = app.capture(RIVAL, &document(vec![unpacked(4)]), &[], "").await.text();
    assert!(answer.contains("20 events"), "{answer}");
    // What somebody's name stands in can be erased all the same.
    let id = packed(3_003)["eventID"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {}", key(RIVAL));
    let erased = app.with(Method::DELETE, &format!("/epcis/v2/events/{id}?reason=asked"), &[("authorization", &bearer)]).await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.text());
    // One row of another's is not counted as the member's own.
    let other = |n: u32| observed(&n.to_string(), "urn:epc:id:sscc:9588888.0000000077", "inspecting", "urn:epc:id:sgln:9529999.00018.0");
    app.taken("store.example", vec![other(4_000)]).await;
    app.taken(RIVAL, (4_001..4_017).map(other).collect()).await;
    let answer = app.capture(RIVAL, &document(vec![other(4_017)]), &[], "").await.text();
    assert!(answer.contains("16 events"), "{answer}");
    let mut long = observed("2000", "urn:epc:id:sgtin:9521234.000004.OTHER", "inspecting", "urn:epc:id:sgln:9529999.00018.0");
    long["lp:facts"] =
        (0..3).map(|n| json!({ "lp:label": { "en": format!("Report {n}") }, "lp:text": "word ".repeat(390).trim() })).collect();
    let answer = app.capture(RIVAL, &document(vec![long]), &[], "").await.text();
    assert!(answer.contains("4096 bytes"), "{answer}");
    // The writer asks as well: what is signed elsewhere comes by no other way.
    let signer = own_of(&app, RIVAL, 9).await;
    let seq = app.engine.view().newest_seq(&Name::member_key(RIVAL)).unwrap() + 1;
    is_refused(&app, inspected(&app, &signer, seq, |_| ()), "32 events").await;
}

/// A stolen key of an independent had signed of anybody's goods, and revoking it made their pages red.
#[tokio::test]
async fn a_revoked_independents_records_are_struck() {
    let (app, signer) = beside_an_independent().await;
    is_taken(&app, inspected(&app, &signer, 1, |_| ())).await;
    change_of(&app, RIVAL, |member| (member.status, member.since) = (Status::Compromised, 0)).await;
    let report = report(&app, ITEM);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
    assert!(report.text.contains("\tdisputed\t"), "{}", report.text);
    assert!(app.get(&format!("{ITEM}?lang=en")).await.text().contains("This record does not count"));
}

/// One large document: its record stands once, however many entries it takes, and a query reads it once.
#[tokio::test]
async fn a_large_document_stands_once() {
    let app = App::new().await;
    let epcs: Vec<String> = (0..6_000).map(|n| format!("urn:epc:id:sgtin:9521234.000004.{n:06}")).collect();
    let mut event = observed("1", ITEM_URN, "storing", "urn:epc:id:sgln:9521234.00018.0");
    event["epcList"] = json!(epcs);
    let before = app.folder.path().join("journal");
    let size =
        |folder: &std::path::Path| -> u64 { std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum() };
    let (was, bytes) = (size(&before), event.to_string().len() as u64);
    let job = app.taken(BRAND, vec![event.clone()]).await;
    assert_eq!(job["events"][0]["entries"].as_array().unwrap().len(), 4);
    let grown = size(&before) - was;
    assert!(grown < 3 * bytes, "{grown} bytes of journal for a document of {bytes}");
    let view = app.engine.view();
    let sources: std::collections::BTreeSet<_> = (0..view.size())
        .filter_map(|index| view.entry(index).unwrap().entry.event().cloned())
        .flat_map(|event| event.parts.into_iter().filter(|part| part.kind == part_kind::SOURCE))
        .map(|part| part.commitment)
        .collect();
    assert_eq!(sources.len(), 1);
    let bearer = format!("Bearer {}", key(BRAND));
    let found = app.with(Method::GET, "/epcis/v2/events", &[("authorization", &bearer)]).await.events();
    assert!(found.len() == 1 && found[0]["epcList"].as_array().unwrap().len() == 6_000);
    // The same again is the same; erased, none of its entries has it.
    assert_eq!(app.capture(BRAND, &document(vec![event]), &[], "").await.json()["events"][0]["outcome"], "already captured");
    let id = "urn:uuid:00000000-0000-4000-8000-000000000001";
    let erased = app.with(Method::DELETE, &format!("/epcis/v2/events/{id}?reason=asked"), &[("authorization", &bearer)]).await;
    assert_eq!(erased.status, StatusCode::OK);
    assert!(sources.iter().all(|part| app.engine.view().part_bytes(part).unwrap().is_none()));
}

/// What a member sends in a day is counted, whatever becomes of it; a trial is not.
#[tokio::test]
async fn a_member_fills_no_disk() {
    let app = App::sharing(Shares { keep_free_mib: 0, member_day_mib: 1 }).await;
    let mut heavy = commissioning("1", ITEM_URN);
    heavy["x:note"] = json!("n".repeat(400_000));
    let mut event = document(vec![heavy]);
    event["@context"].as_array_mut().unwrap().push(json!({ "x": "https://x.example/" }));
    assert_eq!(app.capture(BRAND, &event, &[], "?dryRun").await.status, StatusCode::OK);
    for _ in 0..2 {
        assert_eq!(app.capture(BRAND, &event, &[], "").await.status, StatusCode::ACCEPTED);
    }
    let full = app.capture(BRAND, &event, &[], "").await;
    assert_eq!(full.status, StatusCode::TOO_MANY_REQUESTS, "{}", full.text());
    assert!(full.text().contains("of at most 1048576") && full.header("retry-after").parse::<u32>().unwrap() <= 86_400, "{}", full.text());
    assert_eq!(app.capture(RIVAL, &document(vec![]), &[], "").await.status, StatusCode::ACCEPTED, "each has its own share");
}

/// A disk that is nearly full is no reason to die in the middle of a write.
#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_no_records_and_shows_those_it_has() {
    let app = App::sharing(Shares { keep_free_mib: u64::MAX, member_day_mib: 1 }).await;
    for (method, path) in [("POST", "/epcis/v2/capture"), ("POST", "/epcis/v2/events"), ("PUT", "/media")] {
        let sent = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", key(BRAND)))
            .header("content-type", "application/json");
        let full = app.send(sent.body(Body::from("{}")).unwrap()).await;
        assert_eq!(full.status, StatusCode::INSUFFICIENT_STORAGE, "{path}: {}", full.text());
    }
    assert_eq!(app.get("/checkpoint").await.status, StatusCode::OK);
}

/// A page looks for what goods are packed in, and for what that is packed in.
#[tokio::test]
async fn nothing_is_packed_into_itself() {
    let app = App::new().await;
    app.taken(BRAND, vec![commissioning("1", ITEM_URN)]).await;
    let mut packed = commissioning("2", ITEM_URN);
    (packed["type"], packed["bizStep"]) = (json!("AggregationEvent"), json!("packing"));
    (packed["parentID"], packed["childEPCs"]) = (json!(ITEM_URN), json!([ITEM_URN]));
    packed.as_object_mut().unwrap().remove("epcList");
    let job = app.capture(BRAND, &document(vec![packed]), &[], "").await.json();
    assert!(job["success"] == false && job.to_string().contains("packs goods into themselves"), "{job:#}");
}

/// Engine and mirrors agree on who may sign: whoever found a key keeps it.
#[tokio::test]
async fn a_key_that_was_lost_does_not_come_back() {
    let (app, _) = beside_an_independent().await;
    change_of(&app, RIVAL, |member| (member.status, member.since) = (Status::Compromised, 1)).await;
    let (_, lost) = app.engine.view().member(RIVAL).unwrap().pop().unwrap();
    let again = |change: fn(&mut Member)| {
        let mut member = lost.clone();
        (member.version, member.status, member.since) = (member.version + 1, Status::Active, 0);
        change(&mut member);
        member.sign(app.engine.keys().origin(), app.engine.keys().governance().unwrap());
        app.engine.submit(Submission::Member(Box::new(member)))
    };
    let refused = again(|_| ()).await.unwrap_err().to_string();
    assert!(refused.contains("comes back with a new one"), "{refused}");
    again(|member| member.public_key = SigningKey::from_bytes(&[77; 32]).verifying_key().to_bytes()).await.unwrap();
}

/// A partner for one product took all records from any other item of that owner, as the output of transformations.
#[tokio::test]
async fn a_transformations_id_is_no_number_of_anybodys() {
    let app = App::new().await;
    app.taken(BRAND, vec![commissioning("1", ITEM_URN)]).await;
    let signer = own_of(&app, RIVAL, 9).await;
    let grant = grants::next(&app.engine, BRAND, RIVAL, rights_of(["issue"]).unwrap(), vec!["09521234000051".to_owned()]).unwrap();
    grants::give(&app.engine, grant, None).await.unwrap();
    let key = Name::from_digital_link_path(ITEM).unwrap().key();
    let owner = Authority::Owner(Name::member_key(BRAND));
    for (seq, role) in [record_role::TRANSFORMATION, record_role::TRANSFORMATION | record_role::OUTPUT].into_iter().enumerate() {
        let made = entry(&app, &signer, RIVAL, &[(part_kind::PUBLIC, TIME)], |draft| {
            (draft.seq, draft.kind, draft.action) = (seq as u64 + 1, Kind::Transformation, Action::None);
            (draft.records, draft.authorities) = (vec![Record { role, authority: 0, key }], vec![owner]);
            draft.refs = vec![Ref { role: ref_role::TRANSFORMATION, authority: 0, key }];
        });
        is_refused(&app, made, "names all its goods in its source record").await;
    }
}

/// Facts are never left out, so a partner's are counted: a thousand of a product and no page of it could load all.
#[tokio::test]
async fn a_partner_says_so_often_that_something_was_made() {
    let app = App::new().await;
    app.taken(BRAND, vec![commissioning("1", ITEM_URN)]).await;
    let grant = grants::next(&app.engine, BRAND, RIVAL, rights_of(["issue", "record"]).unwrap(), Vec::new()).unwrap();
    grants::give(&app.engine, grant, None).await.unwrap();
    let made = |from: u32, to: u32| -> Vec<Value> {
        let lot = |n: u32| {
            let mut event = commissioning(&n.to_string(), ITEM_URN);
            event.as_object_mut().unwrap().remove("epcList");
            event["quantityList"] = json!([{ "epcClass": "urn:epc:class:lgtin:9521234.000004.L7", "quantity": 5 }]);
            event
        };
        (from..to).map(lot).collect()
    };
    app.taken(RIVAL, made(100, 164)).await;
    // Long ones are few: a hundred of 16 KiB in the lists of item, lot and product would fill the file.
    let mut long = made(400, 401).remove(0);
    long["lp:facts"] =
        (0..2).map(|n| json!({ "lp:label": { "en": format!("Report {n}") }, "lp:text": "word ".repeat(390).trim() })).collect();
    let refused = app.capture(RIVAL, &document(vec![long]), &[], "").await.json();
    assert!(refused["success"] == false && refused.to_string().contains("may have 2048 bytes"), "{refused:#}");
    app.taken(RIVAL, made(164, 228)).await;
    let one_more = app.capture(RIVAL, &document(made(228, 229)), &[], "").await.json();
    assert!(one_more["success"] == false && one_more.to_string().contains("128 that they were made"), "{one_more:#}");
    // What is no fact is not counted so, and the owner says as much as it must.
    let mut looked = observed("900", ITEM_URN, "inspecting", "urn:epc:id:sgln:9529999.00018.0");
    looked.as_object_mut().unwrap().remove("epcList");
    looked["quantityList"] = json!([{ "epcClass": "urn:epc:class:lgtin:9521234.000004.L7", "quantity": 5 }]);
    app.taken(RIVAL, vec![looked]).await;
    app.taken(BRAND, made(300, 301)).await;
}

/// A line of a record named another pack than the record stands for, in the brand's own answers.
#[tokio::test]
async fn no_public_line_names_other_goods() {
    let (app, signer) = beside_an_independent().await;
    for line in ["/epcList/0", "/parentID", "/quantityList/0/epcClass", "/sourceList/0/source"] {
        let lines = format!("{TIME}{line}\tshttps://id.gs1.org/01/09521234000044/21/OTHER\n");
        let mut ordered: Vec<&str> = lines.lines().collect();
        ordered.sort_unstable();
        let lines = ordered.join("\n") + "\n";
        let said = entry(&app, &signer, RIVAL, &[(part_kind::PUBLIC, &lines), (part_kind::SOURCE, SOURCE)], |draft| {
            (draft.seq, draft.action, draft.authorities) = (1, Action::Observe, vec![Authority::Governance]);
        });
        is_refused(&app, said, "stand in the source record alone").await;
    }
}

/// Before a brand joined, a rival gave its products their name, a telephone number and a link; once it joined they stood above its goods.
#[tokio::test]
async fn nobody_gives_words_and_links_to_goods_of_nobodys() {
    const NOBODYS: &str = "urn:epc:id:sgtin:9522801.000001.A1";
    let app = App::new().await;
    let signer = own_of(&app, RIVAL, 9).await;
    let digits = Authority::unowned("09522801000016");
    let product = Name::from_digital_link_path("/01/09522801000016").unwrap().key();
    let words = entry(&app, &signer, RIVAL, &[(part_kind::PUBLIC, "/name/en\tsLate Brand Official\n")], |draft| {
        (draft.kind, draft.action, draft.authorities) = (Kind::MasterData, Action::None, vec![digits]);
        draft.records = vec![Record { role: record_role::OBJECT, authority: 0, key: product }];
    });
    is_refused(&app, words, "only an owner gives goods their words").await;
    let leading = format!("{TIME}/lp:live/lp:href\tshttps://rival.example/register\n/lp:live/lp:label/en\tsRegister\n");
    let link = entry(&app, &signer, RIVAL, &[(part_kind::PUBLIC, &leading)], |draft| {
        (draft.action, draft.authorities) = (Action::Observe, vec![digits]);
        draft.records = vec![Record { role: record_role::OBJECT, authority: 0, key: product }];
    });
    is_refused(&app, link, "only an owner leads shoppers somewhere").await;
    // A document that goes with such goods is taken; its words of them are not, and the answer says so.
    let mut event = observed("1", NOBODYS, "receiving", "urn:epc:id:sgln:9521258.00003.0");
    let carrier = "carrier.example";
    let mut sent = document(vec![event.clone()]);
    sent["epcisHeader"] = json!({ "epcisMasterData": { "vocabularyList": [{
        "type": "urn:epcglobal:epcis:vtype:EPCClass",
        "vocabularyElementList": [{ "id": "urn:epc:idpat:sgtin:9522801.000001.*", "attributes": [{ "id": "urn:epcglobal:cbv:mda#descriptionShort", "attribute": "Late Brand" }] }],
    }] } });
    let job = app.capture(carrier, &sent, &[], "").await.json();
    assert!(
        job["success"] == true && job["masterDataNotShown"].to_string().contains("/01/09522801000016: nobody owns this number"),
        "{job:#}"
    );
    event["eventID"] = json!("urn:uuid:00000000-0000-4000-8000-000000000077");
    event["lp:live"] = json!({ "lp:href": "https://rival.example/live", "lp:label": { "en": "Look" } });
    let job = app.capture(carrier, &document(vec![event]), &[], "").await.json();
    assert!(job["success"] == false && job.to_string().contains("only an owner leads shoppers somewhere"), "{job:#}");
}
