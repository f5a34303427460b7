//! By whose right something is said: what each may say, and what it changes.

use super::tests::{ITEM, Scene, beef, product, recall};
use super::*;
use crate::page::ProductStatus;
use ledger::entry::{Action, Authority, Class, Kind, level, record_role, right, role};
use ledger::public::Line;
use ledger::testing::Draft;
use serde_json::json;

const NOW: &str = "2026-11-23T00:00:00Z";
const PATH: &str = "/01/09506000134352/21/1";

/// Goods made anew, with other dates and in another lot.
fn again(lot: &str, date: &str) -> serde_json::Value {
    json!({"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "eventTime": "2026-11-10T08:00:00+08:00", "epcList": [ITEM],
        "ilmd": {"cbvmda:lotNumber": lot, "cbvmda:itemExpirationDate": date}})
}

fn date(page: &ItemPage) -> &str {
    &page.use_by.as_ref().unwrap().2.values[0]
}

fn independent(scene: &mut Scene, id: &str, seed: u8, roles: u16) {
    scene.ledger.member(id, seed, &[]);
    let mut member = scene.ledger.newest_version(id);
    (member.version, member.roles) = (2, role::MEMBER | roles);
    member.levels = if roles == role::INDEPENDENT { level::ITEM } else { 0 };
    scene.ledger.member_version(member);
}

#[test]
fn dates_and_lot_are_the_owners_and_a_partners_only_where_the_owner_gave_none() {
    let mut scene = beef();
    scene.ledger.member("packer.example", 5, &[]);
    scene.ledger.grant("brand.example", "packer.example", right::ISSUE | right::DATES);
    scene.record("packer.example", again("OTHER", "2030-01-01"));
    scene.record("stranger.example", again("FALSE", "2031-01-01"));
    let page = scene.page(ITEM, NOW);
    assert_eq!((date(&page), page.lot.as_deref()), ("2026-12-13", Some("L7")), "later, but not by the owner");
    assert!(page.nodes.iter().all(|node| node.author.id != "stranger.example"), "who has no standing does not exist for the page");

    let mut scene = Scene::default();
    scene.ledger.member("packer.example", 5, &[]);
    scene.ledger.grant("brand.example", "packer.example", right::ISSUE | right::DATES);
    scene.record("packer.example", again("P1", "2030-01-01"));
    let page = scene.page(ITEM, NOW);
    assert_eq!((date(&page), page.lot.as_deref()), ("2030-01-01", Some("P1")), "the owner lets it");

    let mut scene = Scene::default();
    scene.ledger.member("packer.example", 5, &[]);
    scene.ledger.grant("brand.example", "packer.example", right::ISSUE);
    scene.record("packer.example", again("P1", "2030-01-01"));
    let page = scene.page(ITEM, NOW);
    assert_eq!((page.use_by.clone(), page.lot.as_deref()), (None, Some("P1")), "to make goods is not to date them");
}

/// An alert needs only the right to record, whatever its action: it is nobody's birth.
#[test]
fn an_alert_in_the_form_of_a_birth_dates_nothing() {
    let mut scene = beef();
    let mut event = again("FALSE", "2031-01-01");
    event["disposition"] = json!("recalled");
    scene.record("carrier.example", event);
    let page = scene.page(ITEM, NOW);
    assert_eq!((date(&page), page.lot.as_deref()), ("2026-12-13", Some("L7")));
}

#[test]
fn words_of_the_product_are_the_owners_or_of_whom_it_lets() {
    let named = |scene: &mut Scene| scene.page(ITEM, NOW).headline.name.get("en").map(|name| name.values[0].clone());
    let mut scene = Scene::default();
    scene.ledger.grant("brand.example", "stranger.example", right::WORDS);
    scene.push("carrier.example", product("By who may only record"), 0);
    assert_eq!(named(&mut scene), None);
    scene.push("stranger.example", product("A partner's"), 0);
    assert_eq!(named(&mut scene).as_deref(), Some("A partner's"));
    scene.push("brand.example", product("The owner's"), 0);
    scene.push("stranger.example", product("A partner's, newer"), 0);
    assert_eq!(named(&mut scene).as_deref(), Some("The owner's"));
}

#[test]
fn a_warning_is_no_recall_and_gives_no_telephone() {
    let mut scene = beef();
    let mut event = recall("urn:x:warn");
    event["epcList"] = json!([ITEM]);
    event.as_object_mut().unwrap().remove("quantityList");
    let index = scene.record("carrier.example", event);
    let page = scene.page(ITEM, NOW);
    let notice = &page.notices[0];
    assert_eq!((notice.entry, notice.red, notice.phone.as_ref()), (index, false, None));
    assert_eq!(page.product, ProductStatus::InOrder { days_left: Some(20), corrected: None, corrections: 0 });
    let by_owner = scene.record("brand.example", recall("urn:x:recall"));
    let page = scene.page(ITEM, NOW);
    let order: Vec<_> = page.notices.iter().map(|notice| (notice.entry, notice.red, notice.phone.is_some())).collect();
    assert_eq!(order, [(by_owner, true, true), (index, false, false)], "what is red stands first");
    assert!(matches!(page.product, ProductStatus::Recalled(_)));
}

#[test]
fn a_partner_with_the_right_recalls_but_the_hotline_stays_the_owners() {
    let mut scene = beef();
    scene.ledger.grant("brand.example", "carrier.example", right::RECORD | right::ALERT);
    scene.record("carrier.example", recall("urn:x:recall"));
    let page = scene.page(ITEM, NOW);
    assert!(page.notices[0].red && page.notices[0].phone.is_none());
    assert!(matches!(page.product, ProductStatus::Recalled(_)));
}

/// As many alerts as no file holds: what is said of the goods is not known then, and least of all in order.
#[test]
fn nothing_is_in_order_where_alerts_were_left_out() {
    let mut scene = beef();
    for _ in 0..1_100 {
        scene.ledger.event("brand.example", Draft::observe(&[PATH]).class(Class::Alert).line(Line::text("/disposition", "damaged")));
    }
    let page = scene.page(ITEM, NOW);
    assert!(page.notices.is_empty() && page.cut);
    assert_eq!(page.product, ProductStatus::Partly);
}

/// Older records alone hide no alert, no packing, and nobody's word.
#[test]
fn records_left_out_of_a_long_list_change_no_status() {
    let mut scene = beef();
    for _ in 0..300 {
        scene.ledger.event("carrier.example", Draft::observe(&[PATH]));
    }
    let page = scene.page(ITEM, NOW);
    assert!(page.cut);
    assert_eq!(page.product, ProductStatus::InOrder { days_left: Some(20), corrected: None, corrections: 0 });
}

#[test]
fn a_record_that_never_had_words_was_not_erased() {
    let mut scene = beef();
    let mut draft = Draft::observe(&[PATH]);
    draft.lines = None;
    let index = scene.ledger.event("carrier.example", draft);
    let page = scene.page(ITEM, NOW);
    let node = page.nodes.iter().find(|node| node.entry == index);
    assert!(node.is_none_or(|node| !node.erased));
}

#[test]
fn regulators_and_independents_speak_as_what_they_are() {
    let mut scene = beef();
    independent(&mut scene, "lab.example", 6, role::INDEPENDENT);
    independent(&mut scene, "office.example", 7, role::REGULATOR);
    let live = Line::text("/lp:live/lp:href", "https://elsewhere.example");
    let said = |class| {
        Draft::observe(&[PATH]).by(Authority::Governance).class(class).line(live.clone()).line(Line::text("/lp:notice/lp:phone", "1"))
    };
    let lab = scene.ledger.event("lab.example", said(Class::Alert));
    let office = scene.ledger.event("office.example", said(Class::Alert));
    let page = scene.page(ITEM, NOW);
    let node = |index| page.nodes.iter().find(|node| node.entry == index).unwrap();
    assert_eq!((node(lab).right.clone(), node(lab).live.as_ref(), node(lab).red), (Right::Independent, None, false));
    assert_eq!((node(office).right.clone(), node(office).live.is_some(), node(office).red), (Right::Regulator, true, true));
    let phones: Vec<_> = page.notices.iter().map(|notice| (notice.entry, notice.phone.is_some())).collect();
    assert_eq!(phones, [(office, true), (lab, false)]);
}

#[test]
fn a_partner_stands_by_the_owners_word() {
    let mut scene = beef();
    let page = scene.page(ITEM, NOW);
    let received = page.nodes.last().unwrap();
    let Right::Granted { owner, since_ms } = &received.right else { panic!("{:?}", received.right) };
    assert_eq!((owner.id.as_str(), owner.own_key, *since_ms), ("brand.example", true, ledger::testing::START_MS + 3000));
    assert_eq!(page.nodes[1].right, Right::Owner);
    assert!(page.owned);
}

#[test]
fn letters_go_to_no_store_that_the_owner_does_not_name() {
    let mut scene = beef();
    scene.ledger.grant("brand.example", "stranger.example", right::RECORD);
    scene.record("stranger.example", json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "eventTime": "2026-11-08T12:00:00+08:00", "epcList": [ITEM], "readPoint": {"id": "urn:epc:id:sgln:4099999.00001.0"}}));
    assert_eq!(scene.page(ITEM, NOW).store.unwrap().member, "carrier.example");
}

/// One record of a lot, or of a product, would make its author the store of packs that others sell.
#[test]
fn nobody_becomes_the_store_of_a_whole_lot_or_product() {
    let mut scene = beef();
    scene.ledger.grant("brand.example", "stranger.example", right::RECORD | right::STORE);
    let sold = |goods: serde_json::Value| {
        let mut event = json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "retail_selling", "eventTime": "2026-11-09T12:00:00+08:00", "readPoint": {"id": "urn:epc:id:sgln:4099999.00001.0"}});
        event.as_object_mut().unwrap().extend(goods.as_object().unwrap().clone());
        event
    };
    let lot = "https://x.example/01/09506000134352/10/L7";
    for class in [lot, "https://x.example/01/09506000134352"] {
        scene.record("stranger.example", sold(json!({"quantityList": [{"epcClass": class}]})));
        assert_eq!(scene.page(ITEM, NOW).store.unwrap().member, "carrier.example", "{class}");
        assert_eq!(scene.page(class, NOW).store, None, "{class}: in many stores at once");
    }
    scene.record("stranger.example", sold(json!({"epcList": [ITEM]})));
    assert_eq!(scene.page(ITEM, NOW).store.unwrap().member, "stranger.example", "who received the item itself");
}

/// A store that received the pallet received what stood on it then.
#[test]
fn a_store_that_received_the_pallet_is_the_store_of_what_was_on_it() {
    let mut scene = Scene::default();
    let (item, pallet) = ("urn:epc:id:sgtin:9506000.013435.1", "urn:epc:id:sscc:9506000.0000000001");
    scene.record("brand.example", json!({"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "eventTime": "2026-11-02T08:00:00+08:00", "epcList": [item]}));
    scene.record("brand.example", json!({"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "eventTime": "2026-11-03T08:00:00+08:00", "parentID": pallet, "childEPCs": [item]}));
    scene.record("carrier.example", json!({"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "receiving", "eventTime": "2026-11-04T08:00:00+08:00", "epcList": [pallet], "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"}}));
    assert_eq!(scene.page(ITEM, NOW).store.unwrap().member, "carrier.example");
}

/// Everybody may take back what it said itself. Of the goods only what their owner, or whom it lets, takes back says something.
#[test]
fn only_corrections_of_whom_the_owner_lets_change_the_products_line() {
    let mut scene = beef();
    independent(&mut scene, "lab.example", 6, role::INDEPENDENT);
    let status = |scene: &mut Scene| scene.page(ITEM, NOW).product;
    let in_order = |corrected: Option<&str>, corrections| ProductStatus::InOrder {
        days_left: Some(20),
        corrected: corrected.map(str::to_owned),
        corrections,
    };
    let take_back = |scene: &mut Scene, member: &str, by| {
        let said = scene.ledger.event(member, Draft { authority: by, ..Draft::observe(&[PATH]) });
        let index = scene.ledger.correct(member, said, Draft::void());
        assert_eq!(scene.page(ITEM, NOW).nodes.iter().find(|node| node.entry == said).unwrap().corrected.as_ref().unwrap().by_entry, index);
    };
    take_back(&mut scene, "lab.example", Some(Authority::Governance));
    assert_eq!(status(&mut scene), in_order(None, 0));
    take_back(&mut scene, "carrier.example", None);
    let ProductStatus::InOrder { corrected: Some(_), corrections: 1, .. } = status(&mut scene) else { panic!("{:?}", status(&mut scene)) };
    take_back(&mut scene, "brand.example", None);
    let ProductStatus::InOrder { corrected: Some(_), corrections: 2, .. } = status(&mut scene) else { panic!("{:?}", status(&mut scene)) };
}

#[test]
fn an_independent_that_sold_the_item_is_offered_a_letter_by_the_name_that_governance_gave_it() {
    let mut scene = beef();
    independent(&mut scene, "resale.example", 7, role::INDEPENDENT);
    let at = |step: &str, by| {
        let draft = Draft::observe(&[PATH]).line(Line::text("/bizStep", step));
        Draft { authority: by, ..draft.line(Line::text("/readPoint/id", "urn:epc:id:sgln:4099999.00001.0")) }
    };
    let independent = Some(Authority::Governance);
    scene.ledger.event("resale.example", at("inspecting", independent));
    assert_eq!(scene.page(ITEM, NOW).seller, None, "to have it is not to sell it");
    for (member, by) in [("stranger.example", None), ("stranger.example", independent), ("carrier.example", None)] {
        scene.ledger.event(member, at("retail_selling", by));
    }
    assert_eq!(scene.page(ITEM, NOW).seller, None, "neither a stranger nor whom the owner names");
    scene.ledger.event("resale.example", at("retail_selling", independent));
    let page = scene.page(ITEM, NOW);
    let seller = page.seller.unwrap();
    assert_eq!((seller.member.as_str(), seller.location.as_str()), ("resale.example", "/414/4099999000012"));
    assert_eq!(page.store.unwrap().member, "carrier.example", "nor does it become the store");
}

#[test]
fn an_objection_stands_beside_what_it_is_about() {
    let mut scene = beef();
    let said = scene.ledger.event("carrier.example", Draft::observe(&[PATH]));
    let mut objection =
        Draft::new(Kind::Objection, Action::None).subjects(record_role::OBJECT, &[PATH]).line(Line::text("/lp:reason/en", "Not so"));
    objection.target = scene.ledger.body_hash(said);
    let by = scene.ledger.event("brand.example", objection);
    let page = scene.page(ITEM, NOW);
    let node = page.nodes.iter().find(|node| node.entry == said).unwrap();
    let objection = node.objection.as_ref().unwrap();
    assert_eq!((objection.entry, objection.words["en"].values[0].as_str(), objection.author.id.as_str()), (by, "Not so", "brand.example"));
    assert!(page.nodes.iter().all(|node| node.entry != by), "it is no step of the goods");
}

#[test]
fn the_weakest_input_gives_the_words() {
    let mut scene = beef();
    assert_eq!(scene.page(ITEM, NOW).nodes[1].inputs, None, "of its own goods");
    let (pack, milk, flour) = ("/01/09506000134352/21/9", "/01/04012345000016/10/M", "/01/04099999000011/10/F");
    scene.ledger.grant("carrier.example", "brand.example", right::INPUT);
    let made = |scene: &mut Scene, inputs: &[&str]| {
        let mut scene_ledger = scene.ledger.clone();
        scene_ledger.event("brand.example", Draft::transform(inputs, &[pack]));
        let mut other = Scene { ledger: scene_ledger };
        other.page("urn:epc:id:sgtin:9506000.013435.9", NOW).nodes.iter().find_map(|node| node.inputs)
    };
    assert_eq!(made(&mut scene, &[milk]), Some(Inputs::Named));
    assert_eq!(made(&mut scene, &[milk, flour]), Some(Inputs::Said));
    scene.ledger.event("carrier.example", Draft::observe(&[milk]).received_by("brand.example"));
    assert_eq!(made(&mut scene, &[milk]), Some(Inputs::Confirmed));
    assert_eq!(made(&mut scene, &[milk, "/01/09506000134352/21/7"]), Some(Inputs::Confirmed), "its own goods need no word of others");
    assert_eq!(made(&mut scene, &[milk, flour]), Some(Inputs::Said));
}

#[test]
fn what_was_said_before_the_owner_joined_is_marked_so_and_gives_way() {
    let mut scene = Scene::default();
    let (item, path) = ("urn:epc:id:sgtin:9521234.000004.1", "/01/09521234000044/21/1");
    let birth = |date| Draft::commission(&[path]).line(Line::text("/ilmd/cbvmda:itemExpirationDate", date));
    scene.ledger.event("stranger.example", birth("2030-01-01"));
    let page = scene.page(item, NOW);
    assert_eq!((page.nodes[0].right.clone(), date(&page), page.owned), (Right::Unowned, "2030-01-01", false));
    scene.ledger.member("late.example", 8, &["9521234"]);
    let page = scene.page(item, NOW);
    assert_eq!((page.use_by, page.vouched, page.nodes.len()), (None, false, 1), "neither a date nor a pack of the owner's");
    scene.ledger.event("late.example", birth("2027-01-01"));
    let page = scene.page(item, NOW);
    assert_eq!((page.nodes[0].right.clone(), date(&page), page.owned), (Right::Unowned, "2027-01-01", true));
}

#[test]
fn an_alert_by_a_stolen_key_is_struck() {
    let mut scene = beef();
    let index = scene.record("brand.example", recall("urn:x:recall"));
    let mut stolen = scene.ledger.newest_version("brand.example");
    (stolen.version, stolen.status, stolen.since) = (2, ledger::entry::Status::Compromised, 1);
    scene.ledger.member_version(stolen);
    let page = scene.page(ITEM, NOW);
    assert!(page.notices.is_empty() && page.nodes.iter().any(|node| node.entry == index && node.disputed));
}
