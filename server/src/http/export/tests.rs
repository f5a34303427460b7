use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use store::record::Scope;
use store::record::deed::Act;

use super::EXPORTS_A_DAY;
use crate::feedback::tests::{GOOD, House, ITEM, house, row_at};
use crate::session::{keys, team};

async fn key(house: &House, member: &str, scopes: &[Scope]) -> String {
    keys::make(&house.desk.engine, member, "", "reports", scopes).await.unwrap()
}

async fn letters(house: &House) -> [String; 2] {
    let contact = ("contact", b"mei@b.example".as_slice());
    let mut ids = Vec::new();
    for (item, text) in [(ITEM, "zqfirst words"), ("/01/06912345678902", "zqsecond words")] {
        let sent = house.comment(item, &[GOOD[0], GOOD[1], ("text", text.as_bytes()), contact], &[]).await;
        ids.push(row_at(house, sent.to()).comment.id);
    }
    ids.try_into().unwrap()
}

#[tokio::test]
async fn a_program_gets_what_the_console_exports_and_the_trail_says_so() {
    let house = house().await;
    letters(&house).await;
    let owner = house.signed_in("talanuur").await;
    let key = key(&house, "talanuur.example", &[Scope::Letters]).await;
    for query in
        ["", "?words=zqfirst", "?lot=2611-044", "?lot=none", "?view=to-do&sort=waiting&product=06912345678902", "?lang=zh", "?state=closed"]
    {
        let console = house.get(&format!("/console/comments.csv{query}"), &owner).await;
        let program = house.keyed(&format!("/api/letters.csv{query}"), &key).await;
        // The same letters, with headings and words for who reads them.
        let (program_text, console_text) = (program.text(), console.text());
        let numbers = |text: &str| text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((program.status, numbers(&program_text)), (console.status, numbers(&console_text)), "{query}");
        assert!(program_text.contains("\"number\",\"received\"") && !console_text.contains("\"received\""), "{query}");
        assert_eq!(console_text.contains("收到时间（UTC+8）"), query == "?lang=zh");
        for (name, value) in [
            ("content-type", "text/csv; charset=utf-8"),
            ("cache-control", "no-store"),
            ("content-disposition", "attachment; filename=\"letters.csv\""),
        ] {
            assert_eq!(program.headers[name], value);
        }
    }
    let none = house.keyed("/api/letters.csv?lot=none", &key).await.text();
    assert_eq!(none.lines().count(), 1, "{none}");
    let narrowed = house.keyed("/api/letters.csv?words=zqfirst", &key).await.text();
    assert!(narrowed.contains("zqfirst words") && !narrowed.contains("zqsecond") && !narrowed.contains("mei@b"), "{narrowed}");
    let sheet = house.keyed("/api/letters.xlsx", &key).await;
    assert_eq!((sheet.status, sheet.headers["content-type"].as_bytes()), (StatusCode::OK, crate::inbox::export::XLSX.as_bytes()));
    let id = keys::id(&keys::of(&house.desk.engine, "talanuur.example").unwrap()[0]);
    let trail = house.get("/console/trail", &owner).await.text();
    for line in [
        format!("<b>the key {id}</b> took 2 letters away as a file (XLSX)"),
        format!("<b>the key {id}</b> took 1 letter away as a file (CSV)"),
        "<b>talanuur</b> took 2 letters away as a file (CSV)".to_owned(),
    ] {
        assert!(trail.contains(&line), "{line}: {trail}");
    }
    // Another member's trail says nothing of it.
    let rival = house.signed_in("other").await;
    assert!(!house.get("/console/trail", &rival).await.text().contains("took"));
}

#[tokio::test]
async fn a_key_that_does_not_open_letters_gets_none_and_is_told_what_it_lacks() {
    let house = house().await;
    letters(&house).await;
    let without = key(&house, "talanuur.example", &[Scope::Capture, Scope::Query]).await;
    let with = key(&house, "talanuur.example", &[Scope::Letters]).await;
    for path in ["/api/letters.csv", "/api/letters.xlsx", "/api/letters.csv?since=nonsense"] {
        let back = house.keyed(path, &without).await;
        assert_eq!(back.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(back.headers[header::WWW_AUTHENTICATE], "Bearer error=\"insufficient_scope\", scope=\"letters\"");
        let text = back.text();
        assert!(text.contains("scope `letters`") && text.contains("this one has: capture, query") && !text.contains("zqfirst"), "{text}");
        assert_eq!(house.keyed(path, "nobody's").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            house.get(path, &house.signed_in("talanuur").await).await.status,
            StatusCode::UNAUTHORIZED,
            "a cookie opens no interface"
        );
    }
    assert_eq!(house.keyed("/api/letters.csv", &with).await.status, StatusCode::OK);
    let kept = house.desk.engine.index().api_key(&ledger::hash(with.as_bytes())).unwrap().unwrap();
    keys::end(&house.desk.engine, "", kept).await.unwrap();
    assert_eq!(house.keyed("/api/letters.csv", &with).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_filter_that_is_not_understood_is_no_reason_to_send_all() {
    let house = house().await;
    letters(&house).await;
    let key = key(&house, "talanuur.example", &[Scope::Letters]).await;
    for (query, said) in [
        ("since=yesterday", "a day such as"),
        ("until=2026-02-30", "a day such as"),
        ("store=wutong", "/414/"),
        ("product=beef", "GTIN"),
        ("rating=six", "1 to 5"),
        ("topic=weather", "one of "),
        ("state=gone", "one of "),
        ("view=mine", "nobodys"),
        ("view=all", "nobodys"),
        ("sort=random", "newest"),
        ("words=%E7%89%9B&page=2", "is no filter"),
        ("before=00", "is no filter"),
        (&format!("words={}", "a".repeat(101)), "at most 100"),
    ] {
        let back = house.keyed(&format!("/api/letters.csv?{query}"), &key).await;
        assert_eq!(back.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(back.text().contains(said) && !back.text().contains("zqfirst"), "{query}: {}", back.text());
    }
    let all = "words=&since=2020-01-01&until=&store=&product=&rating=&topic=&state=&view=&sort=newest&lang=en";
    assert!(house.keyed(&format!("/api/letters.csv?{all}"), &key).await.text().contains("zqfirst"));
}

#[tokio::test]
async fn a_day_has_its_most_and_programs_keep_nobody_from_the_console() {
    let house = house().await;
    letters(&house).await;
    let owner = house.signed_in("talanuur").await;
    let key = key(&house, "talanuur.example", &[Scope::Letters]).await;
    let engine = &house.desk.engine;
    for _ in 0..EXPORTS_A_DAY {
        team::keep(engine, team::deed(engine, "talanuur.example", "k", Act::LettersTaken, "k")).await.unwrap();
    }
    let over = house.keyed("/api/letters.csv", &key).await;
    assert_eq!((over.status, over.headers["retry-after"].as_bytes()), (StatusCode::TOO_MANY_REQUESTS, b"3600".as_slice()));
    assert!(over.text().contains("took 300 files"), "{}", over.text());
    assert_eq!(house.get("/console/comments.csv", &owner).await.status, StatusCode::OK);
    for _ in 1..EXPORTS_A_DAY {
        team::keep(engine, team::deed(engine, "talanuur.example", "talanuur", Act::LettersTaken, "")).await.unwrap();
    }
    for (lang, said) in [("en", "300 files of letters were taken"), ("zh", "已导出 300 个留言文件")] {
        let over = house.get(&format!("/console/comments.xlsx?lang={lang}"), &owner).await;
        assert!(over.status == StatusCode::TOO_MANY_REQUESTS && over.text().contains(said), "{}", over.text());
    }
    // HEAD would make the same file for nobody.
    let head = Request::head("/api/letters.csv").header("authorization", format!("Bearer {key}")).body(Body::empty()).unwrap();
    let answer = house.ask(head).await;
    assert_eq!((answer.status, answer.headers["allow"].as_bytes()), (StatusCode::METHOD_NOT_ALLOWED, b"GET".as_slice()));
    // Nor from its accounts.
    let invited = house.post("/console/team/invite", &owner, &[("name", "mei"), ("role", "reader")]).await;
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.text());
    house.later(base::clock::DAY_MS + 1);
    assert_eq!(house.keyed("/api/letters.csv", &key).await.status, StatusCode::OK);
}
