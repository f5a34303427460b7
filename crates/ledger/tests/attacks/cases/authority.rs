//! Who speaks about whose goods: what a stranger, a partner, an independent, the operator try.

use ledger::bundle::Bundle;
use ledger::entry::{Action, Authority, Body, Class, Entry, Kind, ListKind, Status, grant_list, level, record_role, right, role};
use ledger::name::Name;
use ledger::prefix::HANDOVER_MS;
use ledger::public::Line;
use ledger::testing::{Draft, TestLedger, name};

use super::{CASE, COW, Case, FINE, ITEM, LOT, MADE, PALLET, PRODUCT, case, history, own};

const UNISSUED: [&str; 3] = ["unissued", "", ""];
const FAKE: &str = "/01/09506000134352/21/fake";
const RIVAL: &str = "stranger.example";
const BRAND: &str = "brand.example";
const CARRIER: &str = "carrier.example";
const MILK: &str = "/01/04012345000009/10/M1";
const RIVALS_PALLET: &str = "/00/040123450000000018";
/// A pack of who joins late.
const LATE: &str = "/01/05000000000005/21/1";
/// Under a prefix that no member has.
const NOBODYS_PALLET: &str = "/00/050000000000000012";

fn key(member: &str) -> ledger::Key {
    Name::member_key(member)
}

fn recall(path: &str) -> Draft {
    Draft::observe(&[path]).class(Class::Alert).line(Line::text("/disposition", "recalled"))
}

/// The owner of a number joins, and numbers a pack in a lot.
fn late(l: &mut TestLedger) {
    l.member("late.example", 7, &["5000000"]);
    l.event("late.example", Draft::commission(&[LATE]).batch("/01/05000000000005/10/L"));
}

/// Whatever it is, it changes nothing: ten records as before, no alert, nobody else's word.
const NOTHING: &[&str] = &["+counts\t10\t10\t0\t1", "-alert", "-correction", "+issued\t7", "+headline\t8"];

fn with(
    name: &'static str,
    subject: &'static str,
    outcome: [&'static str; 3],
    says: &'static [&'static str],
    change: fn(&mut TestLedger),
) -> Case {
    let mut ledger = history();
    change(&mut ledger);
    Case { subject, says, ..case(name, ledger.bundle(subject), outcome) }
}

/// An item made by the brand of the rival's milk, which the rival lets it name.
fn made_of_milk(name: &'static str, says: &'static [&'static str], before: fn(&mut TestLedger)) -> Case {
    let mut ledger = history();
    ledger.grant(RIVAL, BRAND, right::INPUT);
    before(&mut ledger);
    ledger.event(BRAND, Draft::transform(&[MILK], &[FAKE]));
    Case { subject: FAKE, says, ..case(name, ledger.bundle(FAKE), FINE) }
}

fn nothing(name: &'static str, change: fn(&mut TestLedger)) -> Case {
    with(name, ITEM, FINE, NOTHING, change)
}

fn independent(l: &mut TestLedger, levels: u8, scopes: &[&str]) {
    l.member("lab.example", 5, &[]);
    let mut version = l.newest_version("lab.example");
    (version.version, version.roles, version.levels) = (2, role::MEMBER | role::INDEPENDENT, levels);
    version.scopes = scopes.iter().map(|digits| (*digits).to_owned()).collect();
    l.member_version(version);
}

fn regulator(l: &mut TestLedger) {
    l.member("regulator.example", 6, &[]);
    let mut version = l.newest_version("regulator.example");
    (version.version, version.roles) = (2, role::REGULATOR);
    l.member_version(version);
}

pub(crate) fn logged() -> Vec<Case> {
    let mut cases = vec![
        // A stranger, in the list of the true owner, of governance, of the time before, of itself.
        nothing("strangers-recall-of-an-item", |l| {
            l.event(RIVAL, recall(ITEM));
        }),
        nothing("strangers-recall-of-a-lot", |l| {
            l.event(RIVAL, recall(LOT));
        }),
        nothing("strangers-recall-of-a-product", |l| {
            l.event(RIVAL, recall(PRODUCT));
        }),
        nothing("strangers-recall-as-if-governance-let-it", |l| {
            l.event(RIVAL, recall(ITEM).by(Authority::Governance));
        }),
        nothing("strangers-recall-as-if-nobody-owned-the-number", |l| {
            l.event(RIVAL, recall(ITEM).by(Authority::unowned("9506000134352")));
        }),
        nothing("authority-of-another-owner", |l| {
            l.event(RIVAL, recall(ITEM).by(Authority::Owner(key(RIVAL))));
        }),
        nothing("strangers-new-date", |l| {
            let date = Line::text("/ilmd/cbvmda:itemExpirationDate", "2031-01-01");
            l.event(RIVAL, Draft::commission(&[ITEM]).line(date));
        }),
        nothing("strangers-words-for-a-product", |l| {
            l.event(RIVAL, Draft::master_data(PRODUCT).line(Line::text("/name/en", "Poison")));
        }),
        nothing("strangers-event-that-receives-the-item", |l| {
            l.event(RIVAL, Draft::observe(&[ITEM, LOT]).line(Line::text("/bizStep", "retail_selling")));
        }),
        nothing("strangers-record-that-no-page-can-show", |l| {
            l.event(RIVAL, Draft::observe(&[PRODUCT]).line(Line::text("/lp:title/en", "a\rb")));
        }),
        nothing("strangers-void", |l| {
            l.correct(RIVAL, MADE, Draft::void());
        }),
        nothing("strangers-erasure-of-a-strangers-record", |l| {
            let claim = l.event(RIVAL, Draft::observe(&[ITEM]));
            let parts = l.event_at(claim).parts.clone();
            l.correct(RIVAL, claim, Draft::erase(&parts));
        }),
        nothing("strangers-pallet-with-an-alert", |l| {
            l.event(RIVAL, Draft::pack(Action::Add, RIVALS_PALLET, &[ITEM]));
            l.event(RIVAL, recall(RIVALS_PALLET));
        }),
        nothing("strangers-three-hundred-records-over-a-lot", |l| {
            for _ in 0..300 {
                l.event(RIVAL, Draft::observe(&[LOT]).by(Authority::Owner(key(RIVAL))));
            }
        }),
        with("strangers-end-of-a-recall", ITEM, FINE, &["+alert\t18\tred"], |l| {
            let alert = l.event(BRAND, recall(LOT));
            l.correct(RIVAL, alert, Draft::new(Kind::Object, Action::Observe).class(Class::AlertWithdrawn));
        }),
        with("strangers-unpacking-before-an-alert", ITEM, FINE, &["+alert\t20\tred"], |l| {
            l.grant(BRAND, CARRIER, right::RECORD | right::PACK | right::ALERT);
            l.event(CARRIER, Draft::pack(Action::Add, PALLET, &[ITEM]));
            l.event(CARRIER, recall(PALLET));
            l.event(RIVAL, Draft::pack(Action::Delete, PALLET, &[ITEM]));
        }),
        with("commissioning-by-a-stranger", FAKE, UNISSUED, &["+counts\t1\t1\t0", "+issued\tnone"], |l| {
            l.event(RIVAL, Draft::commission(&[FAKE]));
        }),
        with("never-issued-under-three-hundred-records", FAKE, ["failed", "issued", "never-issued"], &[], |l| {
            for _ in 0..300 {
                l.event(CARRIER, Draft::observe(&[FAKE]));
            }
        }),
        // A recall is never pushed out.
        with("recall-under-three-hundred-records", ITEM, FINE, &["+alert\t18\tred", "-cut"], |l| {
            l.event(BRAND, recall(LOT));
            for _ in 0..300 {
                l.event(CARRIER, Draft::observe(&[LOT]));
            }
        }),
        with("recall-under-records-that-are-taken-back", ITEM, FINE, &["+alert\t18\tred", "+cut"], |l| {
            l.event(BRAND, recall(LOT));
            for _ in 0..510 {
                let record = l.event(CARRIER, Draft::observe(&[ITEM]));
                l.correct(CARRIER, record, Draft::void());
            }
        }),
        with("recall-of-a-pallet-under-three-hundred-records", ITEM, FINE, &["+alert\t20\tred", "-cut"], |l| {
            l.grant(BRAND, CARRIER, right::RECORD | right::PACK | right::ALERT);
            l.event(CARRIER, Draft::pack(Action::Add, PALLET, &[ITEM]));
            l.event(CARRIER, recall(PALLET));
            for _ in 0..300 {
                l.event(CARRIER, Draft::observe(&[ITEM]));
            }
        }),
        with("regulators-recall-under-the-owners-alerts", ITEM, FINE, &["+alert\t20\tred", "+cut"], |l| {
            regulator(l);
            l.event("regulator.example", recall(LOT).by(Authority::Governance));
            for _ in 0..1100 {
                l.event(BRAND, Draft::observe(&[LOT]).class(Class::Alert).line(Line::text("/disposition", "damaged")));
            }
        }),
        nothing("goods-named-by-a-transformation-that-did-not-make-them", |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            let own = "/01/04012345000009/10/M2";
            l.event(RIVAL, Draft::transform(&[MILK], &[]).subjects(record_role::OBJECT, &[ITEM]).batch(own));
            l.event(RIVAL, recall(own));
        }),
        with("recall-under-the-records-of-three-hundred-partners", ITEM, FINE, &["+alert\t18\tred"], |l| {
            l.event(BRAND, recall(LOT));
            for number in 0..300_u16 {
                let partner = format!("partner{number}.example");
                l.member(&partner, (10 + number % 240) as u8, &[]);
                l.grant(BRAND, &partner, right::RECORD);
                l.event(&partner, Draft::observe(&[LOT]));
            }
        }),
        // A partner, beyond what it may.
        nothing("grant-beyond-its-scope", |l| {
            l.grant_in(BRAND, RIVAL, right::RECORD | right::ALERT, &["9506000134369"]);
            l.event(RIVAL, recall(ITEM));
        }),
        nothing("grant-after-its-end", |l| {
            l.grant(BRAND, RIVAL, right::RECORD | right::ALERT);
            l.grant(BRAND, RIVAL, 0);
            l.event(RIVAL, recall(ITEM));
        }),
        nothing("grant-out-of-its-time", |l| {
            let mut grant = l.next_grant(BRAND, RIVAL, right::RECORD | right::ALERT, &[]);
            grant.valid_until = l.now_ms;
            l.grant_version(BRAND, grant);
            l.event(RIVAL, recall(ITEM));
        }),
        nothing("grant-of-another-right", |l| {
            l.grant(BRAND, RIVAL, right::STORE);
            l.event(RIVAL, recall(ITEM));
        }),
        nothing("record-used-to-pack-then-an-alert-on-ones-own-pallet", |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            l.event(RIVAL, Draft::pack(Action::Add, RIVALS_PALLET, &[ITEM]));
            l.event(RIVAL, recall(RIVALS_PALLET));
        }),
        with("pack-used-for-an-alert-on-ones-own-pallet", ITEM, FINE, &["+alert\t20\twarning", "-alert\t20\tred"], |l| {
            l.grant(BRAND, RIVAL, right::PACK);
            l.event(RIVAL, Draft::pack(Action::Add, RIVALS_PALLET, &[ITEM]));
            l.event(RIVAL, recall(RIVALS_PALLET));
        }),
        nothing("record-used-to-describe", |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            l.event(RIVAL, Draft::master_data(PRODUCT));
        }),
        with("record-used-to-issue", FAKE, UNISSUED, &["+issued\tnone"], |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            l.event(RIVAL, Draft::commission(&[FAKE]));
        }),
        with("record-used-to-name-outputs", FAKE, UNISSUED, &["+issued\tnone"], |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            l.event(RIVAL, Draft::transform(&[COW], &[FAKE]));
        }),
        with("issue-outside-its-product", FAKE, UNISSUED, &["+issued\tnone"], |l| {
            l.grant_in(BRAND, RIVAL, right::ISSUE, &["9506000134369"]);
            l.event(RIVAL, Draft::commission(&[FAKE]));
        }),
        with("good-issue-by-grant", FAKE, FINE, &["+issued\t19", "+standing\t1\tgranted\t18\tbrand.example\town"], |l| {
            l.grant_in(BRAND, RIVAL, right::ISSUE, &["9506000134352"]);
            l.event(RIVAL, Draft::commission(&[FAKE]));
        }),
        with("void-of-an-issue-by-a-partner-whose-grant-ended", FAKE, FINE, &["+issued\t19", "-correction"], |l| {
            l.grant(BRAND, RIVAL, right::ISSUE);
            let issue = l.event(RIVAL, Draft::commission(&[FAKE]));
            l.grant(BRAND, RIVAL, 0);
            l.correct(RIVAL, issue, Draft::void());
        }),
        with("good-record-made-before-its-grant-ended", ITEM, FINE, &["+counts\t11\t11\t0"], |l| {
            l.event(CARRIER, Draft::observe(&[ITEM]));
            l.grant(BRAND, CARRIER, 0);
        }),
        with("warning-by-a-partner", ITEM, FINE, &["+alert\t18\twarning"], |l| {
            l.event(CARRIER, recall(ITEM));
        }),
        with("recall-by-a-partner-who-may", ITEM, FINE, &["+alert\t19\tred"], |l| {
            l.grant(BRAND, CARRIER, right::RECORD | right::PACK | right::ALERT);
            l.event(CARRIER, recall(ITEM));
        }),
        with("back-dated-unpacking-before-a-containers-alert", ITEM, FINE, &["+alert\t19\twarning"], |l| {
            let at = l.now_ms;
            l.event(CARRIER, Draft::pack(Action::Add, PALLET, &[ITEM]));
            l.event(CARRIER, recall(PALLET));
            l.event(CARRIER, Draft::pack(Action::Delete, PALLET, &[ITEM]).at(at));
        }),
        with("good-input-of-its-author", ITEM, FINE, &["+input\t7\t*\town"], |_| {}),
        made_of_milk("good-input-that-its-owner-lets-be-named", &["+input\t19\t*\tnamed"], |_| {}),
        made_of_milk("good-input-confirmed-by-its-owner", &["+input\t20\t*\tconfirmed"], |l| {
            l.event(RIVAL, Draft::observe(&[MILK]).received_by(BRAND));
        }),
        made_of_milk("input-confirmed-by-an-owner-that-did-not", &["+input\t21\t*\tnamed"], |l| {
            l.grant(RIVAL, BRAND, right::INPUT | right::RECORD);
            l.event(BRAND, Draft::observe(&[MILK]).received_by(BRAND));
        }),
        made_of_milk("input-of-which-another-lot-was-confirmed", &["+input\t20\t*\tnamed"], |l| {
            l.event(RIVAL, Draft::observe(&["/01/04012345000009/10/M2"]).received_by(BRAND));
        }),
        made_of_milk("input-that-went-to-another", &["+input\t20\t*\tnamed"], |l| {
            l.event(RIVAL, Draft::observe(&[MILK]).received_by(CARRIER));
        }),
        made_of_milk("input-that-went-there-after-it-was-used", &["+input\t20\t*\tnamed"], |l| {
            let later = l.now_ms + 500_000;
            l.event(RIVAL, Draft::observe(&[MILK]).received_by(BRAND).at(later));
        }),
        made_of_milk("confirmation-of-an-input-taken-back", &["+input\t21\t*\tnamed"], |l| {
            let said = l.event(RIVAL, Draft::observe(&[MILK]).received_by(BRAND));
            l.correct(RIVAL, said, Draft::void());
        }),
        made_of_milk("confirmation-of-an-input-whose-use-its-owner-no-longer-lets-name", &["+input\t21\t*\tsaid"], |l| {
            l.event(RIVAL, Draft::observe(&[MILK]).received_by(BRAND));
            l.grant(RIVAL, BRAND, 0);
        }),
        made_of_milk("input-named-under-a-permission-for-other-goods", &["+input\t20\t*\tsaid"], |l| {
            l.grant_in(RIVAL, BRAND, right::INPUT, &["0401234500002"]);
        }),
        with("input-that-its-owner-did-not-name", FAKE, FINE, &["+input\t18\t"], |l| {
            l.event(BRAND, Draft::transform(&["/01/04012345000009/10/M1"], &[FAKE]));
        }),
        with("record-used-to-issue-as-an-alert", FAKE, UNISSUED, &["+issued\tnone"], |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            l.event(RIVAL, Draft::commission(&[FAKE]).class(Class::Alert).line(Line::text("/disposition", "damaged")));
        }),
        with("independent-that-issues-as-an-alert", FAKE, UNISSUED, &["+issued\tnone"], |l| {
            independent(l, level::ITEM, &[]);
            let damaged = Line::text("/disposition", "damaged");
            l.event("lab.example", Draft::commission(&[FAKE]).class(Class::Alert).line(damaged).by(Authority::Governance));
        }),
        with("words-used-to-issue-a-product", "/01/09506000134376", UNISSUED, &["+issued\tnone"], |l| {
            l.grant(BRAND, RIVAL, right::WORDS);
            l.event(RIVAL, Draft::master_data("/01/09506000134376"));
        }),
        with("end-of-an-alert-that-packs", ITEM, FINE, &["-alert", "+counts\t12\t12\t0\t1"], |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            let about = |mut draft: Draft| {
                draft.refs = Draft::pack(Action::Add, RIVALS_PALLET, &[]).refs;
                draft
            };
            let on = Draft::new(Kind::Aggregation, Action::Observe).class(Class::Alert).line(Line::text("/disposition", "damaged"));
            let alert = l.event(RIVAL, about(on.subjects(2, &[RIVALS_PALLET]).subjects(4, &[ITEM])));
            l.correct(RIVAL, alert, about(Draft::new(Kind::Aggregation, Action::Add)).class(Class::AlertWithdrawn));
            l.event(RIVAL, recall(RIVALS_PALLET));
        }),
        with("record-used-to-give-another-lot", ITEM, FINE, &["-alert", "+counts\t11\t11\t0\t1"], |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            l.event(BRAND, recall("/01/09506000134352/10/L8"));
            l.event(RIVAL, Draft::observe(&[ITEM]).batch("/01/09506000134352/10/L8"));
        }),
        nothing("movement-of-an-item-as-if-of-many", |l| {
            l.event(CARRIER, Draft::new(Kind::Object, Action::Observe).class(Class::Movement).subjects(0x81, &[ITEM]));
        }),
        with("recall-under-a-thousand-corrections", ITEM, FINE, &["+alert\t19\tred", "+cut"], thousand_corrections),
        with("good-lot-of-goods-that-were-damaged-when-made", LOT, FINE, &["-alert", "+issued\t18"], |l| {
            let damaged = Line::text("/disposition", "damaged");
            l.event(BRAND, Draft::commission(&[FAKE]).batch(LOT).class(Class::Alert).line(damaged));
        }),
        // Long lists that are honest.
        with("good-container-that-a-regulator-sees-often", ITEM, FINE, &["-cut", "+stay"], |l| {
            regulator(l);
            let lorry = "/00/106141412345678922";
            let seen = || Draft::observe(&[lorry]).by(Authority::Governance);
            l.event("regulator.example", seen());
            l.event(CARRIER, Draft::pack(Action::Add, lorry, &[ITEM]));
            for _ in 0..300 {
                l.event("regulator.example", seen());
            }
        }),
        with("good-container-that-many-partners-pack", ITEM, FINE, &["+cut", "+stay"], |l| {
            l.event(CARRIER, Draft::pack(Action::Add, PALLET, &[ITEM]));
            for number in 0..80_u8 {
                let partner = format!("partner{number}.example");
                l.member(&partner, 10 + number, &[]);
                l.grant(CARRIER, &partner, right::PACK);
                l.event(&partner, Draft::pack(Action::Add, PALLET, &[&format!("/01/09506000134369/21/{number}")]));
            }
        }),
        // The signed grant itself.
        with("grant-signed-by-another", ITEM, ["failed", "standing", "grant-signature"], &[], |l| {
            let grant = l.next_grant(BRAND, RIVAL, right::RECORD, &[]);
            l.grant_version(RIVAL, grant);
            l.event(RIVAL, Draft::observe(&[ITEM]));
        }),
        with("grant-version-appended-again", ITEM, ["failed", "standing", "grant-versions"], &[], |l| {
            let mut grant = l.next_grant(BRAND, CARRIER, right::RECORD | right::PACK, &[]);
            grant.version = 1;
            l.grant_version(BRAND, grant);
            l.event(CARRIER, Draft::observe(&[ITEM]));
        }),
        // Roles that governance gave.
        with("good-independents-record", ITEM, FINE, &["+standing\t10\tindependent\t-\t-\t-", "+counts\t11\t11\t0"], |l| {
            independent(l, level::ITEM, &[]);
            l.event("lab.example", Draft::observe(&[ITEM]).by(Authority::Governance));
        }),
        with("independents-alert-is-a-warning", ITEM, FINE, &["+alert\t20\twarning"], |l| {
            independent(l, level::ITEM, &[]);
            l.event("lab.example", recall(ITEM).by(Authority::Governance));
        }),
        nothing("independent-on-a-product", |l| {
            independent(l, level::ITEM, &[]);
            l.event("lab.example", recall(PRODUCT).by(Authority::Governance));
        }),
        nothing("independent-beyond-its-scope", |l| {
            independent(l, level::ITEM, &["4012345"]);
            l.event("lab.example", recall(ITEM).by(Authority::Governance));
        }),
        nothing("independent-that-issues", |l| {
            independent(l, level::ITEM, &[]);
            l.event("lab.example", Draft::commission(&[ITEM]).by(Authority::Governance));
        }),
        with("good-regulators-recall", ITEM, FINE, &["+alert\t20\tred"], |l| {
            regulator(l);
            l.event("regulator.example", recall(LOT).by(Authority::Governance));
        }),
        with("regulators-stolen-key", ITEM, FINE, &["-alert", "+mark\t10\tdisputed"], |l| {
            regulator(l);
            l.event("regulator.example", recall(ITEM).by(Authority::Governance));
            let mut version = l.newest_version("regulator.example");
            (version.version, version.status) = (3, Status::Compromised);
            l.member_version(version);
        }),
        with("independents-stolen-key", ITEM, FINE, &["-alert", "+mark\t10\tdisputed"], |l| {
            independent(l, level::ITEM, &[]);
            l.event("lab.example", Draft::observe(&[ITEM]).by(Authority::Governance));
            let mut version = l.newest_version("lab.example");
            (version.version, version.status) = (3, Status::Compromised);
            l.member_version(version);
        }),
        with(
            "strangers-warning-on-a-pallet-of-nobodys",
            ITEM,
            FINE,
            // The packing and what the packer says of the pallet; what the stranger says is a claim.
            &["-alert", "+counts\t12\t12\t0\t1"],
            |l| {
                l.event(BRAND, Draft::pack(Action::Add, NOBODYS_PALLET, &[ITEM]));
                l.event(RIVAL, recall(NOBODYS_PALLET));
                l.event(RIVAL, Draft::observe(&[NOBODYS_PALLET]));
                l.event(BRAND, Draft::observe(&[NOBODYS_PALLET]));
            },
        ),
        with("good-objection-of-the-owner", ITEM, FINE, &["+mark\t10\tobjected\t21", "+about\t11\t20"], |l| {
            independent(l, level::ITEM, &[]);
            let record = l.event("lab.example", Draft::observe(&[ITEM]).by(Authority::Governance));
            let mut objection = Draft::new(Kind::Objection, Action::None).subjects(1, &[ITEM]);
            objection.target = l.body_hash(record);
            l.event(BRAND, objection);
        }),
        with("good-objection-taken-back", ITEM, FINE, &["-mark\t10\tobjected", "+mark\t11\tvoided"], |l| {
            independent(l, level::ITEM, &[]);
            let record = l.event("lab.example", Draft::observe(&[ITEM]).by(Authority::Governance));
            let mut objection = Draft::new(Kind::Objection, Action::None).subjects(1, &[ITEM]);
            objection.target = l.body_hash(record);
            let objection = l.event(BRAND, objection);
            l.correct(BRAND, objection, Draft::void());
        }),
        with("objection-by-a-stranger", ITEM, FINE, NOTHING, |l| {
            let mut objection = Draft::new(Kind::Objection, Action::None).subjects(1, &[ITEM]);
            objection.target = l.body_hash(MADE);
            l.event(RIVAL, objection);
        }),
        with("objection-to-a-regulator", ITEM, FINE, &["+alert\t20\tred", "-mark\t10\tobjected"], |l| {
            regulator(l);
            let alert = l.event("regulator.example", recall(ITEM).by(Authority::Governance));
            let mut objection = Draft::new(Kind::Objection, Action::None).subjects(1, &[ITEM]);
            objection.target = l.body_hash(alert);
            l.event(BRAND, objection);
        }),
        // Whose number it is.
        with("unowned-goods", "/01/05000000000005/21/1", ["unowned", "", ""], &["+number\t5000000000005\t-"], |l| {
            l.event(RIVAL, Draft::commission(&["/01/05000000000005/21/1"]));
        }),
        with(
            "good-records-from-before-the-owner-joined",
            "/01/05000000000005/21/1",
            FINE,
            &["+standing\t0\tunowned", "+issued\t20"],
            |l| {
                l.event(RIVAL, Draft::observe(&["/01/05000000000005/21/1"]));
                l.member("late.example", 7, &["5000000"]);
                l.event("late.example", Draft::commission(&["/01/05000000000005/21/1"]));
            },
        ),
        with("issued-before-the-owner-joined", "/01/05000000000005/21/1", ["unowned", "", ""], &["+standing\t0\tunowned"], |l| {
            l.event(RIVAL, Draft::commission(&["/01/05000000000005/21/1"]));
            l.member("late.example", 7, &["5000000"]);
        }),
        // What strangers made, packed or numbered as goods of nobody's leads their own goods' records into no page of the later owner.
        with("made-of-a-rivals-goods-before-the-owner-joined", LATE, FINE, &["+standing\t0\tunowned", "-alert"], |l| {
            l.event(RIVAL, Draft::transform(&[MILK], &[LATE]));
            late(l);
            l.event(RIVAL, recall(MILK));
        }),
        with("lot-made-of-a-rivals-goods-before-the-owner-joined", LATE, FINE, &["+standing\t0\tunowned", "-alert"], |l| {
            l.event(RIVAL, Draft::transform(&[MILK], &["/01/05000000000005/10/L"]));
            late(l);
            l.event(RIVAL, recall(MILK));
        }),
        with("packed-into-a-rivals-case-before-the-owner-joined", LATE, FINE, &["+standing\t0\tunowned", "-alert"], |l| {
            l.event(RIVAL, Draft::pack(Action::Add, RIVALS_PALLET, &[LATE]));
            late(l);
            l.event(RIVAL, recall(RIVALS_PALLET));
        }),
        // An input that nobody owns is everybody's to write about: who names it as such is heard, and nobody else.
        with("input-of-nobodys-made-of-a-rivals-goods", FAKE, FINE, &["-alert", "-input\t20"], |l| {
            l.event(BRAND, Draft::transform(&["/01/05000000000005/10/S"], &[FAKE]));
            l.event(RIVAL, Draft::transform(&[MILK], &["/01/05000000000005/10/S"]));
            l.event(RIVAL, recall(MILK));
        }),
        with("input-of-nobodys-under-a-permission-for-something-else", FAKE, FINE, &["-alert", "-input\t20"], |l| {
            l.grant(BRAND, RIVAL, right::INPUT | right::STORE);
            l.event(BRAND, Draft::transform(&["/01/05000000000005/10/S"], &[FAKE]));
            l.event(RIVAL, Draft::transform(&[MILK], &["/01/05000000000005/10/S"]));
            l.event(RIVAL, recall(MILK));
        }),
        // Whom the owner lets record is heard over an input of nobody's, without an alert or a packing of its own beside it.
        with("good-input-of-nobodys-seen-by-a-partner", FAKE, FINE, &["+standing\t2\tunowned"], |l| {
            l.grant(BRAND, RIVAL, right::RECORD);
            l.event(BRAND, Draft::transform(&["/01/05000000000005/10/S"], &[FAKE]));
            l.event(RIVAL, Draft::observe(&["/01/05000000000005/10/S"]));
        }),
        // What the owner itself said before its number was its own leads on: its recall of the lot reaches the pack.
        with("recall-of-a-lot-that-the-owner-named-before-it-joined", LATE, FINE, &["+alert\t22\tred"], |l| {
            l.member("late.example", 7, &[]);
            l.event("late.example", Draft::commission(&[LATE]).batch("/01/05000000000005/10/L"));
            l.member("late.example", 7, &["5000000"]);
            l.event("late.example", Draft::commission(&[LATE]));
            l.event("late.example", recall("/01/05000000000005/10/L"));
        }),
        with("prefix-that-changed-hands-yesterday", ITEM, FINE, NOTHING, |l| {
            hand_over(l);
            l.event("heir.example", recall(ITEM).by(Authority::Owner(key("heir.example"))));
        }),
        // Between two owners a number is free to nobody.
        with("strangers-alert-between-two-owners", ITEM, ["unowned", "", ""], NOTHING, |l| {
            let mut version = l.newest_version(BRAND);
            (version.version, version.prefixes) = (2, Vec::new());
            version.consent(&l.origin, &l.keys[BRAND]);
            l.member_version(version);
            l.member("heir.example", 8, &["9506000"]);
            l.event(CARRIER, recall(ITEM).by(Authority::unowned("9506000134352")));
        }),
        with("good-prefix-that-changed-hands", ITEM, FINE, &["+alert\t20\tred"], |l| {
            hand_over(l);
            l.now_ms += HANDOVER_MS;
            l.event("heir.example", recall(ITEM).by(Authority::Owner(key("heir.example"))));
        }),
        with("two-owners-for-one-number", ITEM, UNISSUED, &["+issued\tnone"], |l| {
            l.member("late.example", 7, &["950600013"]);
        }),
        with("former-owner-shown", ITEM, ["failed", "relations", "owner"], &[], |l| {
            let before = l.register.clone();
            let mut version = l.newest_version(BRAND);
            (version.version, version.prefixes) = (2, Vec::new());
            version.consent(&l.origin, &l.keys[BRAND]);
            l.member_version(version);
            l.register = before;
            l.event(BRAND, recall(ITEM));
        }),
        // The operator's map and its log say different things.
        with("member-that-the-log-does-not-have", ITEM, ["failed", "author", "inclusion"], &[], |l| put_another_into_the_log(l, 1)),
        with("grant-that-the-log-does-not-have", ITEM, ["failed", "standing", "inclusion"], &[], |l| put_another_into_the_log(l, 3)),
        with("context-that-the-log-does-not-have", ITEM, ["failed", "inclusion", "inclusion"], &[], |l| {
            put_another_into_the_log(l, super::CONTEXT)
        }),
        // What the operator lets out of its own log.
        with("unsigned-record-that-decides", ITEM, ["failed", "signature", "signature"], &[], |l| {
            let (mut event, records) = l.sign(CARRIER, Draft::pack(Action::Delete, CASE, &[]).at(1));
            event.signature[0] ^= 1;
            l.append(Entry { logged_ms: l.now_ms, body: Body::Event(event) }, records);
        }),
    ];
    for depth in [2, 3, 64] {
        cases.push(loop_of_containers(depth));
    }
    cases
}

/// A partner that may record buries a recall under corrections of its own words, which a shortened list carries all the same.
fn thousand_corrections(l: &mut TestLedger) {
    l.grant(BRAND, RIVAL, right::RECORD);
    l.event(BRAND, recall(LOT));
    for _ in 0..1_030 {
        let seen = l.event(RIVAL, Draft::observe(&[LOT]));
        l.correct(RIVAL, seen, Draft::void());
    }
}

/// In the signed tree another entry stands at this index than the one that the map's lists were made from.
fn put_another_into_the_log(l: &mut TestLedger, at: u64) {
    let mut tree = ledger::tree::MemoryTree::new();
    for (index, tile) in (0..).zip(&l.tiles) {
        let mut leaf = tile.entry.encode();
        if index == at {
            leaf[9] ^= 1;
        }
        tree.append(ledger::entry::leaf_hash(&leaf));
    }
    l.tree = tree;
}

/// The brand retires, an heir takes its prefix.
fn hand_over(l: &mut TestLedger) {
    let mut version = l.newest_version(BRAND);
    (version.version, version.status) = (2, Status::Retired);
    l.member_version(version);
    l.member("heir.example", 8, &["9506000"]);
}

fn loop_of_containers(length: u8) -> Case {
    let mut ledger = history();
    let serial = |number: u8| {
        let digits = format!("0614141{:010}", u64::from(number) + 77);
        let sum: u32 = digits.bytes().enumerate().map(|(at, c)| u32::from(c - b'0') * if at % 2 == 0 { 3 } else { 1 }).sum();
        format!("/00/{digits}{}", (10 - sum % 10) % 10)
    };
    ledger.event(CARRIER, Draft::pack(Action::Add, &serial(0), &[ITEM]));
    for number in 0..length {
        ledger.event(CARRIER, Draft::pack(Action::Add, &serial((number + 1) % length), &[&serial(number)]));
    }
    let (name, says): (_, &[&str]) = match length {
        2 => ("containers-in-a-loop-of-2", &["+cut"]),
        3 => ("containers-in-a-loop-of-3", &["+cut"]),
        _ => ("containers-in-a-loop-of-64", &["+cut"]),
    };
    Case { says, ..case(name, ledger.bundle(ITEM), FINE) }
}

/// Somebody changed the file on its way, or the operator its answer.
pub(crate) fn spoiled() -> Vec<Case> {
    let made = |name, step, word, change: fn(&mut Bundle)| {
        let mut bundle = history().parts_of_bundle(ITEM);
        change(&mut bundle);
        case(name, bundle.encode(), ["failed", step, word])
    };
    let recalled = |name, word, change: fn(&mut Bundle)| {
        let mut ledger = history();
        ledger.event(BRAND, recall(LOT));
        for _ in 0..300 {
            ledger.event(CARRIER, Draft::observe(&[LOT]));
        }
        let mut bundle = ledger.parts_of_bundle(ITEM);
        change(&mut bundle);
        case(name, bundle.encode(), ["failed", "lists", word])
    };
    vec![
        made("limit-of-entries-that-is-none", "file", "file", |b| b.most_entries = 64),
        made("owner-left-out", "relations", "prefix-missing", |b| b.prefixes.clear()),
        made("rival-owner-shown", "lists", "prefix-proof", |b| b.prefixes[0].prefix.changes[0].owner = key(RIVAL)),
        made("prefix-of-another-in-its-place", "relations", "prefix-missing", |b| {
            b.prefixes = history().register.prove("4012345000009");
        }),
        made("neighbours-that-are-none", "relations", "prefix-missing", |b| {
            let register = history().register;
            b.prefixes = [register.prove("0614141"), register.prove("4012345")].concat();
        }),
        {
            let mut ledger = history();
            ledger.grant(BRAND, CARRIER, 0);
            let mut b = ledger.parts_of_bundle(ITEM);
            let list = b.lists.iter_mut().find(|l| l.key == grant_list(&key(BRAND), &key(CARRIER))).unwrap().content.as_mut().unwrap();
            let index = list.rows.pop().unwrap().index;
            list.count -= 1;
            b.entries.retain(|entry| entry.index != index);
            case("end-of-a-grant-left-out", b.encode(), ["failed", "lists", "map-proof"])
        },
        made("grants-list-left-out", "relations", "list-missing", |b| super::drop_key(b, grant_list(&key(BRAND), &key(CARRIER)))),
        made("grant-without-a-path", "standing", "path-missing", |b| {
            b.entries.iter_mut().find(|e| e.index == 3).unwrap().path = None;
        }),
        made("member-without-a-path", "author", "path-missing", |b| {
            b.entries.iter_mut().find(|e| e.index == 1).unwrap().path = None;
        }),
        made("record-that-decides-without-a-path", "inclusion", "path-missing", |b| {
            b.entries.iter_mut().find(|e| e.index == super::CONTEXT).unwrap().path = None;
        }),
        made("list-of-governance-left-out", "relations", "list-missing", |b| {
            super::drop_key(b, Authority::Governance.list(ListKind::Own, &name(ITEM).key()));
        }),
        recalled_lot_as_head("long-list-with-an-alert-reduced-to-its-head", |l| {
            l.event(BRAND, recall(LOT));
            for _ in 0..300 {
                l.event(CARRIER, Draft::observe(&[LOT]));
            }
        }),
        recalled_lot_as_head("alert-left-out-of-a-list-that-is-cut", thousand_corrections),
        // Fewer entries are a limit like any other: what has room in it has to be there.
        with_fewer("lot-left-out-under-a-lower-limit", |b| b.most_entries = 512),
        recalled("alert-left-out-of-a-shortened-list", "map-proof", |b| drop_early(b, 18)),
        recalled("row-in-no-chain-of-a-shortened-list", "row-extra", |b| {
            let list = b.lists.iter_mut().find(|l| l.key == own(LOT)).unwrap().content.as_mut().unwrap();
            list.from += 1;
        }),
    ]
}

/// The lot's list with its counts alone: proven, and silent about the recall.
fn recalled_lot_as_head(name: &'static str, change: fn(&mut TestLedger)) -> Case {
    let mut ledger = history();
    change(&mut ledger);
    let mut bundle = ledger.parts_of_bundle(ITEM);
    let (count, head) = ledger.list_head(&own(LOT));
    let list = bundle.lists.iter_mut().find(|l| l.key == own(LOT)).unwrap().content.as_mut().unwrap();
    (list.count, list.from, list.acc_from, list.head) = (count, count, head.all.acc, Some((head.alerts, head.facts)));
    list.rows.clear();
    let listed: Vec<u64> = bundle.lists.iter().flat_map(|l| l.rows()).map(|row| row.index).collect();
    bundle.entries.retain(|e| listed.contains(&e.index));
    super::forget_parts(&mut bundle);
    case(name, bundle.encode(), ["failed", "relations", "list-short"])
}

fn with_fewer(name: &'static str, change: fn(&mut Bundle)) -> Case {
    let case_as_whole = recalled_lot_as_head(name, |l| {
        l.event(BRAND, recall(LOT));
    });
    let mut bundle = Bundle::parse(&case_as_whole.file).unwrap();
    change(&mut bundle);
    case(name, bundle.encode(), case_as_whole.outcome)
}

fn drop_early(b: &mut Bundle, index: u64) {
    let list = b.lists.iter_mut().find(|l| l.key == own(LOT)).unwrap().content.as_mut().unwrap();
    assert!(list.early() > 0 && list.rows.iter().any(|row| row.index == index));
    list.rows.retain(|row| row.index != index);
    b.entries.retain(|entry| entry.index != index);
    super::forget_parts(b);
}
