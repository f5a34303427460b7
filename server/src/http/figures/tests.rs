//! Figures as their desks read them, and as phones send them.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use store::record::StateRecord;
use store::record::tally::{Counts, Place, Tallied, Tally};
use store::rows::tally::TOGETHER;

use super::{Asked, range};
use crate::counting::{Goods, Outcome};
use crate::feedback::tests::{GOOD, House, ITEM, START_MS, WUTONG, house, row_at};
use crate::figures::{self, CHECKS_PER_NETWORK, FIGURES_DAYS};

const GTIN: &str = "06912345678902";
const TODAY: u32 = (START_MS / base::clock::DAY_MS) as u32;

fn place(lot: &str, store: bool) -> Place {
    Place {
        brand: "talanuur.example".to_owned(),
        gtin: GTIN.to_owned(),
        lot: Some(lot.to_owned()),
        store: store.then(|| (WUTONG.to_owned(), "pinglu.example".to_owned())),
    }
}

async fn counted(house: &House, day: u32, of: Place, counts: Counts) {
    let tally = Tally { day, rows: vec![Tallied { of, counts }] };
    house.desk.engine.state(StateRecord::Tally(tally)).await.unwrap();
}

fn opened(opened: u64) -> Counts {
    Counts { opened, ..Counts::default() }
}

/// The line of a file that begins with these cells.
fn line<'a>(csv: &'a str, begin: &str) -> Option<&'a str> {
    csv.lines().find(|line| line.starts_with(begin))
}

#[tokio::test]
async fn each_desk_reads_its_own_and_no_small_ones() {
    let house = house().await;
    counted(&house, TODAY - 2, place("2611-044", true), Counts { opened: 12, first: 4, verified: 9, ..Counts::default() }).await;
    counted(&house, TODAY - 1, place("2611-050", true), opened(4)).await;
    counted(&house, TODAY, place("=1+1", false), opened(20)).await;
    let theirs = Place { brand: "other.example".to_owned(), gtin: "06917777000000".to_owned(), ..Place::default() };
    counted(&house, TODAY, theirs, opened(4_445)).await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    house.later(30 * 60_000);
    let brand = house.signed_in("talanuur").await;
    house.post(&format!("{letter}/answer"), &brand, &[("text", "Thank you.")]).await;

    let page = house.get("/console/figures", &brand).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.text();
    // Of 12 and 20 visits 30 can be read; of 4 first scans, and of the lot with 4, nothing.
    assert!(text.contains("<dt>Opened pages</dt><dd>30</dd>") && text.contains("<dt>First scans</dt><dd>fewer than 5</dd>"), "{text}");
    assert!(text.contains("<dt>Verified on phones</dt><dd>5</dd>") && !text.contains("2611-050"), "{text}");
    assert!(
        text.contains("<dt>Mean rating</dt><dd>4.0</dd>") && text.contains("<dt>Half of the answers within</dt><dd>30 min</dd>"),
        "{text}"
    );
    assert!(text.contains("most on one day: 20") && text.contains("<svg") && !text.contains(" style="), "{text}");
    assert!(!text.contains("4,4") && !text.contains("06917777000000"), "{text}");
    let zh = house.get("/console/figures?lang=zh", &brand).await.text();
    assert!(zh.contains("<dt>首次扫描</dt><dd>不到 5</dd>"), "{zh}");

    let file = house.get("/console/figures.csv?days=7", &brand).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let csv = file.text();
    assert!(csv.starts_with("\u{feff}\"Day\",\"Product\",\"GTIN\",\"Lot\",\"Store\""), "{csv}");
    let first = line(&csv, "\"2026-11-20\"").unwrap();
    assert!(first.contains("\"2611-044\"") && first.contains("\"6901234000016\",\"10\",\"fewer than 5\",\"5\""), "{first}");
    assert!(csv.contains("\"'=1+1\",\"\",\"\",\"20\""), "{csv}");
    assert!(line(&csv, "\"2026-11-22\"").is_some_and(|line| line.contains("Grassland beef ribeye")) && !csv.contains("444"), "{csv}");
    assert!(house.get("/console/figures.csv?days=7&lang=zh", &brand).await.text().starts_with("\u{feff}\"日期\",\"产品\""));

    // The store reads what it received, with its own letters; another store of the same market nothing.
    let store = house.signed_in("wutong").await;
    let text = house.get("/console/figures", &store).await.text();
    assert!(text.contains("<dt>Opened pages</dt><dd>10</dd>") && text.contains("<dt>Letters</dt><dd>1</dd>"), "{text}");
    assert!(!text.contains("Verified on phones") && text.contains("by product and lot, not by store") && !text.contains("=1+1"), "{text}");
    let lianhe = house.signed_in("lianhe").await;
    let text = house.get("/console/figures", &lianhe).await.text();
    assert!(text.contains("<dt>Opened pages</dt><dd>fewer than 5</dd>") && !text.contains("2611") && !text.contains("ribeye"), "{text}");
    for none in ["staff", "operator"] {
        let cookie = house.signed_in(none).await;
        for path in ["/console/figures", "/console/figures.csv"] {
            assert_eq!(house.get(path, &cookie).await.status, StatusCode::FORBIDDEN, "{none} {path}");
        }
    }
}

#[tokio::test]
async fn looking_again_and_other_ranges_tell_nothing_of_few() {
    let house = house().await;
    let brand = house.signed_in("talanuur").await;
    let read = async |range: &str| {
        let text = house.get(&format!("/console/figures?{range}"), &brand).await.text();
        let at = text.split("<dt>Opened pages</dt><dd>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        at.parse::<u64>().unwrap_or(0)
    };
    let ranges = ["days=7", "days=30", "from=2026-11-16&to=2026-11-21", "from=2026-11-16&to=2026-11-20"];
    let mut before = [0; 4];
    for visit in 0..23u32 {
        counted(&house, TODAY - visit % 4, place(["A", "B"][visit as usize % 2], visit % 3 == 0), opened(1)).await;
        let mut now = [0; 4];
        for (seen, range) in now.iter_mut().zip(ranges) {
            *seen = read(range).await;
        }
        for (n, was) in now.iter().zip(before) {
            assert!(n % TOGETHER == 0 && (n - was) % TOGETHER == 0, "{visit}: {now:?} after {before:?}");
        }
        assert!((now[0] - now[2]) % TOGETHER == 0 && (now[2] - now[3]) % TOGETHER == 0, "{now:?}");
        before = now;
    }
    assert!(before[0] >= 10, "{before:?}");
}

#[tokio::test]
async fn a_range_that_is_none_is_said_and_comes_back() {
    let house = house().await;
    let brand = house.signed_in("talanuur").await;
    for (asked, en, zh) in [
        ("days=8", "ranges of 7, 30 and 90 days", "可选 7、30、90 天"),
        ("days=-1", "ranges of 7, 30 and 90 days", "可选 7、30、90 天"),
        ("from=2026-11-01", "the first and the last day", "请填写起止日期"),
        ("from=2026-02-30&to=2026-03-01", "the first and the last day", "请填写起止日期"),
        ("from=%3Cb%3E&to=2026-03-01", "the first and the last day", "请填写起止日期"),
        ("from=2026-11-02&to=2026-11-01", "comes after the last", "开始日期晚于结束日期"),
        ("from=2020-01-01&to=2026-11-01", "longer than 366 days", "超过 366 天"),
        ("from=2030-01-01&to=2030-01-02", "days to come", "还没到的日子"),
    ] {
        for (lang, said) in [("en", en), ("zh", zh)] {
            for page in ["figures", "figures.csv"] {
                let answer = house.get(&format!("/console/{page}?{asked}&lang={lang}"), &brand).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{asked}");
                assert!(answer.text().contains(said) && !answer.text().contains("<b>\""), "{asked}: {}", answer.text());
            }
        }
    }
    let long = Asked { from: "2025-11-22".into(), to: "2026-11-22".into(), ..Asked::default() };
    assert_eq!(range(&long, TODAY).unwrap().0.to - range(&long, TODAY).unwrap().0.from + 1, FIGURES_DAYS);
}

/// How a phone says it.
async fn say(house: &House, path: &str, body: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.ask(request.body(Body::from(body.to_owned())).unwrap()).await.status
}

#[tokio::test]
async fn a_check_is_a_bare_word_of_a_page_that_was_opened() {
    let house = house().await;
    let (desk, here) = (&house.desk, IpAddr::from([203, 0, 113, 7]));
    let now_ms = desk.engine.now_ms();
    let goods = Goods { gtin: GTIN.to_owned(), lot: Some("2611-044".to_owned()), store: None };
    let due = |n: usize| (0..n).filter(|_| desk.counting.says(GTIN, now_ms)).count();
    let path = format!("/checked/01/{GTIN}");
    for _ in 0..3 {
        figures::opened(desk, &goods, false, here);
    }
    // What is no such word, of no such thing, says so.
    for (path, body, status) in [
        (path.as_str(), "", StatusCode::BAD_REQUEST),
        (&path, "Verified", StatusCode::BAD_REQUEST),
        (&path, "verified by somebody", StatusCode::PAYLOAD_TOO_LARGE),
        (&format!("{path}/21/7K2M9QX4TD3HWZ"), "verified", StatusCode::BAD_REQUEST),
        ("/checked/414/6901234000016", "verified", StatusCode::BAD_REQUEST),
        ("/checked/nonsense", "verified", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(say(&house, path, body, &[]).await, status, "{path} {body}");
    }
    // Another site's page is refused; who asks not to be tracked, and staff, are answered as all are, and not counted.
    assert_eq!(say(&house, &path, "failed", &[("sec-fetch-site", "cross-site")]).await, StatusCode::FORBIDDEN);
    let staff = house.signed_in("wutong").await;
    for quiet in [("sec-gpc", "1"), ("dnt", "1"), ("cookie", staff.as_str())] {
        assert_eq!(say(&house, &path, "failed", &[quiet]).await, StatusCode::NO_CONTENT);
    }
    // One of the three says it; then two are left to.
    assert_eq!(say(&house, &format!("{path}/10/2611-044"), "verified", &[("sec-fetch-site", "same-origin")]).await, StatusCode::NO_CONTENT);
    assert_eq!(due(9), 2);
    // A product of which nobody opened a page has no checks, nor has one that nobody owns, nor the next day.
    figures::checked(desk, GTIN, None, Outcome::Failed, here);
    assert_eq!(due(1), 0);
    figures::opened(desk, &goods, false, here);
    assert!(!desk.counting.says(GTIN, now_ms + base::clock::DAY_MS));
    // One network says no more than so much, however many pages it opens.
    house.later(3_600_000);
    let now_ms = desk.engine.now_ms();
    for n in 0..2 * CHECKS_PER_NETWORK {
        desk.counting.opens(GTIN, now_ms);
        figures::checked(desk, GTIN, None, Outcome::Failed, IpAddr::from([203, 0, 113, n as u8]));
    }
    let left = (0..3 * CHECKS_PER_NETWORK).filter(|_| desk.counting.says(GTIN, now_ms)).count();
    assert_eq!(left, CHECKS_PER_NETWORK as usize);
}
