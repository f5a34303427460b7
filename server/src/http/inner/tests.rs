use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use proptest::prelude::*;
use store::record::deed::Act;
use trace::page::CodeHistory;

use super::*;
use crate::feedback::tests::{Answered, House, ITEM, house, opened};
use crate::inner::{INNER_A_DAY, INNER_AT_ONCE, INNER_FILES_A_DAY, Inside, Maker, address, make};
use crate::session::team;

const HERE: &str = "203.0.113.7:40000";
const THERE: &str = "198.51.100.9:40000";

fn read(line: &str) -> Option<Name> {
    Name::from_digital_link_path(line).ok()
}

async fn made(house: &House, items: &str) -> Vec<Inside> {
    let maker = Maker { member: "talanuur.example", by: "talanuur", label: "lot 7" };
    make(&house.desk.engine, maker, items, read).await.unwrap()
}

async fn ask(house: &House, method: Method, path: &str, from: &str, headers: &[(&str, &str)]) -> Answered {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(from.parse::<SocketAddr>().unwrap()));
    house.ask(request).await
}

fn outer(house: &House, item: &str) -> CodeHistory {
    crate::freeze::history(&house.desk.engine, &read(item).unwrap(), CodeHistory::First)
}

#[tokio::test]
async fn opening_it_in_any_way_uses_nothing_and_one_tap_uses_it_once() {
    let house = house().await;
    let inner = made(&house, ITEM).await.remove(0).address;
    let preview: [&[(&str, &str)]; 4] = [
        &[],
        &[("sec-purpose", "prefetch")],
        &[("user-agent", "facebookexternalhit/1.1")],
        &[("user-agent", "WeChat"), ("purpose", "preview")],
    ];
    for method in [Method::GET, Method::HEAD] {
        for headers in preview {
            let page = ask(&house, method.clone(), &inner, HERE, headers).await;
            assert_eq!((page.status, page.headers["cache-control"].as_bytes()), (StatusCode::OK, b"no-store".as_slice()));
            assert!(page.headers["x-robots-tag"].to_str().unwrap().contains("noindex"));
        }
    }
    let page = ask(&house, Method::GET, &format!("{inner}?lang=en"), HERE, &[]).await.text();
    assert!(page.contains("I have opened this pack") && page.contains("Grassland beef ribeye") && page.contains("TD3HWZ"), "{page}");
    assert_eq!(page.matches("<form").count(), 1);
    // Another site's page cannot tap for its reader.
    for headers in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        assert_eq!(ask(&house, Method::POST, &inner, HERE, &[headers]).await.status, StatusCode::FORBIDDEN);
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        assert_eq!(ask(&house, method, &inner, HERE, &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(outer(&house, ITEM), CodeHistory::First, "nothing was used");

    let done = ask(&house, Method::POST, &format!("{inner}?lang=en"), HERE, &[]).await.text();
    assert!(done.contains("Nobody used this code before you") && done.contains("22 Nov 2026, 21:12 UTC+8"), "{done}");
    assert_eq!(outer(&house, ITEM), CodeHistory::Opened { day: "2026-11-22".to_owned() });
    house.later(3 * 3_600_000);
    for (method, lang, said) in [
        (Method::POST, "en", "This code was used before"),
        (Method::GET, "en", "It was used on 22 Nov 2026, 21:12 UTC+8"),
        (Method::POST, "zh", "使用时间：2026年11月22日 21:12 UTC+8"),
    ] {
        let again = ask(&house, method, &format!("{inner}?lang={lang}"), THERE, &[]).await.text();
        assert!(again.contains(said) && !again.contains("<form"), "{said}: {again}");
    }
    // The day by our clock: it is the 23rd there since 16:00 UTC, and the first use stays the first.
    assert_eq!(outer(&house, ITEM), CodeHistory::Opened { day: "2026-11-22".to_owned() });
    let owner = house.signed_in("talanuur").await;
    let list = house.get("/console/codes", &owner).await.text();
    assert!(list.contains("lot 7") && list.contains("1 code, 1 used"), "{list}");
    assert!(!house.get("/console/codes", &house.signed_in("other").await).await.text().contains("lot 7"));
}

#[tokio::test]
async fn of_many_at_once_one_is_the_first() {
    let house = house().await;
    let inner = made(&house, ITEM).await.remove(0).address;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (desk, path) = (house.desk.clone(), inner.clone());
        all.spawn(async move {
            let (code, name) = parse(&path).unwrap();
            inner::spend(&desk.engine, &name, code).await.unwrap()
        });
    }
    let uses = all.join_all().await;
    assert_eq!(uses.iter().filter(|came| matches!(came, Use::Now(_))).count(), 1, "{uses:?}");
}

#[tokio::test]
async fn a_wrong_code_says_nothing_of_the_right_one() {
    let house = house().await;
    let other = ITEM.replace("7K2M9QX4TD3HWZ", "7K2M9QX4TD3HW2");
    let third = ITEM.replace("7K2M9QX4TD3HWZ", "7K2M9QX4TD3HW3");
    let codes = made(&house, &format!("{ITEM}\n{other}\n")).await;
    ask(&house, Method::POST, &codes[0].address, HERE, &[]).await;
    let code = |inside: &Inside| inside.address.split('/').nth(2).unwrap().to_owned();
    // Of the used one, of the one not used, of one that has none; the code of another pack is as wrong as any.
    let wrong = code(&codes[1]);
    let mut pages = Vec::new();
    for (item, typed) in [(ITEM, wrong.clone()), (&other, code(&codes[0])), (&third, wrong)] {
        for method in [Method::GET, Method::POST] {
            let page = ask(&house, method, &address(&typed, item), THERE, &[]).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND);
            let serial = item.rsplit('/').next().unwrap();
            pages.push(page.text().replace(serial, "S").replace(&serial[8..], "S").replace(&typed, "C"));
        }
    }
    assert!(pages.windows(2).all(|two| two[0] == two[1]), "{pages:?}");
    assert!(!pages[0].contains("2026"), "{}", pages[0]);
    assert_eq!(outer(&house, &other), CodeHistory::First);
    for malformed in [
        "/inner/",
        "/inner/abc/01/06912345678902/21/A",
        "/inner/x",
        &codes[0].address.to_uppercase(),
        &codes[0].address.replace("/21/", "/10/"),
    ] {
        for method in [Method::GET, Method::POST] {
            let page = ask(&house, method, malformed, THERE, &[]).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{malformed}");
        }
    }
}

#[tokio::test]
async fn who_guesses_stops_and_others_do_not() {
    let house = house().await;
    let inner = made(&house, ITEM).await.remove(0).address;
    let wrong = address(&"a".repeat(CODE_LETTERS), ITEM);
    // Pictures on another site's page, and what is no code, are nobody's guesses.
    for _ in 0..INNER_GUESSES {
        assert_eq!(ask(&house, Method::GET, &wrong, HERE, &[("sec-fetch-site", "cross-site")]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(ask(&house, Method::GET, "/inner/x1", HERE, &[]).await.status, StatusCode::NOT_FOUND);
    }
    for n in 0..INNER_GUESSES {
        let method = if n % 2 == 0 { Method::POST } else { Method::GET };
        assert_eq!(ask(&house, method, &wrong, HERE, &[]).await.status, StatusCode::NOT_FOUND, "{n}");
    }
    for (path, neighbour) in [(&wrong, HERE), (&inner, "203.0.113.99:1")] {
        for (lang, said) in [("en", "Too many wrong codes"), ("zh", "错误的码太多")] {
            let over = ask(&house, Method::POST, &format!("{path}?lang={lang}"), neighbour, &[]).await;
            assert_eq!((over.status, over.headers["retry-after"].as_bytes()), (StatusCode::TOO_MANY_REQUESTS, b"3600".as_slice()));
            assert!(over.text().contains(said), "{}", over.text());
        }
    }
    assert_eq!(outer(&house, ITEM), CodeHistory::First);
    assert_eq!(ask(&house, Method::GET, &inner, THERE, &[]).await.status, StatusCode::OK);
    house.later(3_600_000);
    assert_eq!(ask(&house, Method::POST, &inner, HERE, &[]).await.status, StatusCode::OK);
    assert_ne!(outer(&house, ITEM), CodeHistory::First);
}

#[tokio::test]
async fn an_answered_tap_is_on_disk_and_no_code_is() {
    let house = house().await;
    let inner = made(&house, ITEM).await.remove(0).address;
    let code = inner.split('/').nth(2).unwrap().to_owned();
    ask(&house, Method::POST, &inner, HERE, &[]).await;
    assert!(!house.on_disk(code.as_bytes()));
    assert!(!house.on_disk(b"203.0.113"), "nor where the tap came from");
    // What a killed process leaves: the folder as it is now.
    let House { desk, now, folder } = house;
    drop(desk);
    let again = House { desk: opened(&folder, &now), now, folder };
    assert_eq!(outer(&again, ITEM), CodeHistory::Opened { day: "2026-11-22".to_owned() });
    assert_eq!(made(&again, ITEM).await[0].address, inner, "the same code once more");
    assert!(ask(&again, Method::GET, &format!("{inner}?lang=en"), HERE, &[]).await.text().contains("This code was used before"));
}

#[tokio::test]
async fn codes_are_made_for_ones_own_packs_all_or_none() {
    let house = house().await;
    let owner = house.signed_in("talanuur").await;
    let send = async |items: &str, label: &str, lang: &str| {
        house.post(&format!("/console/codes/inner?lang={lang}"), &owner, &[("items", items), ("label", label), ("as", "csv")]).await
    };
    let many = (0..=INNER_AT_ONCE).map(|n| format!("{ITEM}{n}\n")).collect::<String>();
    let theirs = format!("{ITEM}\n\n/01/06917777000000/21/A");
    for (items, label, en, zh) in [
        (" \n ", "lot", "Name the packs", "请填写商品"),
        (ITEM, " ", "at most 60 characters", "最多 60 个字符"),
        (ITEM, &"x".repeat(61), "at most 60 characters", "最多 60 个字符"),
        (&format!("{ITEM}\n/01/06912345678902"), "lot", "Line 2 is not the code", "第 2 行不是单件商品的码"),
        (&theirs, "lot", "Line 3: the number", "第 3 行：这款商品的编码"),
        (&many, "lot", "At most 1000 codes", "一次最多生成 1000 个码"),
    ] {
        for (lang, said) in [("en", en), ("zh", zh)] {
            let back = send(items, label, lang).await;
            assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(back.text().contains(said), "{said}: {}", back.text());
        }
    }
    assert!(house.get("/console/codes", &owner).await.text().contains("No codes were made yet"), "nothing of them was made");
    // As people have them: an address of this site, numbers with brackets, twice the same.
    let typed = format!("http://leaf.test{ITEM}\r\n(01)06912345678902(21)7K2M9QX4TD3HWZ\n/01/06912345678902/21/A%2FB\n");
    let file = send(&typed, " 2611-044 <zq>", "en").await;
    let text = file.text();
    assert_eq!((file.status, file.headers["cache-control"].as_bytes()), (StatusCode::OK, b"no-store".as_slice()));
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains(&format!("\"http://leaf.test{ITEM}\",\"http://leaf.test/inner/")) && text.contains("/21/A%2FB\""), "{text}");
    let sheet = house.post("/console/codes/inner", &owner, &[("items", &typed), ("label", "2611-044 <zq>"), ("as", "sheet")]).await.text();
    assert_eq!(sheet.matches("<svg").count(), 2);
    assert!(sheet.contains("2611-044 &lt;zq&gt;") && sheet.contains("<b>A/B</b>"), "{sheet}");
    let trail = house.get("/console/trail", &owner).await.text();
    assert_eq!(trail.matches("took the codes inside 2 packs: 2611-044 &lt;zq&gt;").count(), 2, "{trail}");
    let list = house.get("/console/codes", &owner).await.text();
    assert_eq!(list.matches("2 codes, 0 used").count(), 1, "taken again they are no more: {list}");
}

#[tokio::test]
async fn a_day_has_its_most_codes_and_files() {
    let house = house().await;
    let engine = &house.desk.engine;
    let owner = house.signed_in("talanuur").await;
    let line = async |count: usize| {
        let mut deed = team::deed(engine, "talanuur.example", "talanuur", Act::InnerTaken, "lot");
        deed.count = count as u32;
        team::keep(engine, deed).await.unwrap();
    };
    line(INNER_A_DAY - 1).await;
    let send = async |items: &str| house.post("/console/codes/inner", &owner, &[("items", items), ("label", "lot")]).await;
    let over = send(&format!("{ITEM}\n{ITEM}2")).await;
    assert!(over.status == StatusCode::UNPROCESSABLE_ENTITY && over.text().contains("20000 codes"), "{}", over.text());
    assert_eq!(send(ITEM).await.status, StatusCode::OK);
    house.later(base::clock::DAY_MS + 1);
    let owner = house.signed_in("talanuur").await;
    for _ in 0..INNER_FILES_A_DAY {
        line(1).await;
    }
    let over = house.post("/console/codes/inner", &owner, &[("items", ITEM), ("label", "lot")]).await;
    assert!(over.status == StatusCode::UNPROCESSABLE_ENTITY && over.text().contains("200 files"), "{}", over.text());
    let invited = house.post("/console/team/invite", &owner, &[("name", "mei"), ("role", "reader")]).await;
    assert_eq!(invited.status, StatusCode::OK, "it keeps no owner from its accounts");
}

proptest! {
    #[test]
    fn an_address_names_its_code_and_its_pack(serial in "[!-~]{1,20}", code in "[a-z2-7]{26}") {
        let item = format!("/01/06912345678902/21/{}", base::percent::component(&serial));
        if let Ok(link) = DigitalLink::from_request(&item, None) {
            let whole = address(&code, &link.name().digital_link_path().unwrap());
            prop_assert_eq!(parse(&whole), Some((code.as_str(), link.name())));
        }
    }
}

#[tokio::test]
async fn who_opens_a_recalled_pack_reads_so_before_all_else() {
    let house = house().await;
    let item = ITEM.rsplit_once('/').unwrap().0.to_owned() + "/Z1";
    let inner = made(&house, &item).await.remove(0).address;
    for (method, lang, said) in
        [(Method::GET, "en", "Recalled on 24 Nov 2026"), (Method::POST, "en", "Recalled on 24 Nov 2026"), (Method::GET, "zh", "召回")]
    {
        let page = ask(&house, method, &format!("{inner}?lang={lang}"), HERE, &[]).await.text();
        let (worry, lead) = (page.find(said).unwrap(), page.find("<p class=\"to\"").unwrap());
        assert!(worry < lead && page.contains("role=\"alert\""), "{page}");
    }
    // What cannot be read may be a recall.
    let broken = made(&house, &format!("{}/BROKEN", ITEM.rsplit_once('/').unwrap().0)).await.remove(0).address;
    let page = ask(&house, Method::GET, &format!("{broken}?lang=en"), HERE, &[]).await.text();
    assert!(page.contains("Whether it was recalled cannot be read") && !page.contains("the disk is slow"), "{page}");
    let sound = made(&house, ITEM).await.remove(0).address;
    let page = ask(&house, Method::GET, &format!("{sound}?lang=en"), HERE, &[]).await.text();
    assert!(!page.contains("role=\"alert\"") && page.contains("<b>Talanuur</b>"), "{page}");
}
