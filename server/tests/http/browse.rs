//! EPCIS 2.0 REST beside capture and the event query: what can be browsed, named queries, and the description of it all.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::app::{Answer, App, ITEM_URN, commissioning, key, observed};

const FARM: &str = "urn:epc:id:sgln:9521258.00003.0";
const STORE: &str = "urn:epc:id:sgln:9521272.00018.0";
const RIVALS: &str = "urn:epc:id:sgtin:9529999.000004.R1";

async fn asked(app: &App, member: &str, method: Method, path: &str) -> Answer {
    app.with(method, &format!("/epcis/v2{path}"), &[("authorization", &format!("Bearer {}", key(member)))]).await
}

async fn get(app: &App, member: &str, path: &str) -> Answer {
    asked(app, member, Method::GET, path).await
}

async fn post(app: &App, member: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(Method::POST).uri(format!("/epcis/v2{path}"));
    let request = request.header("authorization", format!("Bearer {}", key(member))).header("content-type", "application/json");
    app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn below(address: &str) -> &str {
    address.strip_prefix("/epcis/v2").unwrap()
}

/// All names of a list, page by page, and how many pages.
async fn names(app: &App, member: &str, kind: &str, per_page: usize) -> (Vec<String>, usize) {
    let mut path = format!("/{kind}?perPage={per_page}");
    let (mut all, mut pages) = (Vec::new(), 0);
    loop {
        let answer = get(app, member, &path).await;
        assert_eq!((answer.status, &answer.json()["type"]), (StatusCode::OK, &json!("Collection")), "{}", answer.text());
        let list: Vec<String> = serde_json::from_value(answer.json()["member"].clone()).unwrap();
        assert!(list.len() <= per_page, "{list:?}");
        all.extend(list);
        pages += 1;
        match answer.next() {
            Some(next) => below(next).clone_into(&mut path),
            None => return (all, pages),
        }
    }
}

async fn history(app: &App) {
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    app.taken("rival.example", vec![commissioning("2", RIVALS)]).await;
    let mut moved = observed("3", ITEM_URN, "transporting", FARM);
    moved["disposition"] = json!("https://carrier.example/on_the_road");
    app.taken("carrier.example", vec![moved]).await;
    let pallets: Vec<String> = (1..=5).map(|n| format!("urn:epc:id:sscc:9521258.000000000{n}")).collect();
    let mut arrived = observed("4", &pallets[0], "receiving", STORE);
    arrived["epcList"] = json!(pallets);
    app.taken("carrier.example", vec![arrived]).await;
}

#[tokio::test]
async fn lists_hold_what_the_reader_may_see_and_nothing_else() {
    let app = App::new().await;
    history(&app).await;
    for (member, kind, expected) in [
        ("brand.example", "epcs", vec![ITEM_URN]),
        ("rival.example", "epcs", vec![RIVALS]),
        // A pallet of the carrier passed the store's door: the store sees the event, and no list of goods.
        ("store.example", "epcs", vec![]),
        ("store.example", "readPoints", vec![STORE]),
        ("brand.example", "readPoints", vec![FARM]),
        ("rival.example", "readPoints", vec![]),
        ("brand.example", "bizLocations", vec![]),
    ] {
        assert_eq!(names(&app, member, kind, 30).await.0, expected, "{member} {kind}");
    }
    let (carriers, pages) = names(&app, "carrier.example", "epcs", 2).await;
    assert_eq!((carriers.len(), pages), (6, 3), "an event of five goods goes over three pages: {carriers:?}");
    let (dispositions, _) = names(&app, "brand.example", "dispositions", 10).await;
    assert_eq!((dispositions.len(), dispositions.last().unwrap().as_str()), (34, "https://carrier.example/on_the_road"));
    assert_eq!(names(&app, "rival.example", "dispositions", 1000).await.0.len(), 33, "the standard's alone");
    assert_eq!(names(&app, "rival.example", "bizSteps", 1000).await.0.len(), 41);
    assert_eq!(
        names(&app, "rival.example", "eventTypes", 3).await,
        (["AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent"].map(str::to_owned).to_vec(), 2)
    );
}

#[tokio::test]
async fn one_of_a_list_is_there_for_whom_it_concerns() {
    let app = App::new().await;
    history(&app).await;
    let item = base::percent::component(ITEM_URN);
    let link = base::percent::component("https://brand.example/01/09521234000044/21/7K2M9");
    let road = base::percent::component("https://carrier.example/on_the_road");
    let farm = base::percent::component(FARM);
    for (path, brand, rival) in [
        (format!("/epcs/{item}"), 200, 404),
        (format!("/epcs/{link}"), 200, 404),
        (format!("/dispositions/{road}"), 200, 404),
        (format!("/readPoints/{farm}"), 200, 404),
        (format!("/bizLocations/{farm}"), 404, 404),
        ("/bizSteps/transporting".to_owned(), 200, 200),
        ("/bizSteps/cbv:BizStep-transporting".to_owned(), 200, 200),
        ("/bizSteps/dancing".to_owned(), 404, 404),
        ("/eventTypes/ObjectEvent".to_owned(), 200, 200),
        ("/eventTypes/QuantityEvent".to_owned(), 404, 404),
        ("/readPoints/nowhere".to_owned(), 400, 400),
    ] {
        for (member, status) in [("brand.example", brand), ("rival.example", rival)] {
            let answer = get(&app, member, &path).await;
            assert_eq!(answer.status.as_u16(), status, "{member} {path} {}", answer.text());
            if status == 200 {
                assert_eq!(answer.json()["member"], json!(["events"]));
            }
        }
    }
    for (path, count) in [
        (format!("/epcs/{item}/events"), 2),
        (format!("/epcs/{item}/events?EQ_action=ADD"), 1),
        (format!("/dispositions/{road}/events"), 1),
        (format!("/readPoints/{farm}/events"), 1),
        (format!("/bizLocations/{farm}/events"), 0),
        ("/bizSteps/transporting/events".to_owned(), 1),
        ("/eventTypes/ObjectEvent/events".to_owned(), 2),
        ("/eventTypes/AggregationEvent/events".to_owned(), 0),
    ] {
        let answer = get(&app, "brand.example", &path).await;
        assert_eq!(answer.events().len(), count, "{path} {}", answer.text());
    }
    assert_eq!(get(&app, "brand.example", "/eventTypes/QuantityEvent/events").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_named_query_is_its_members_own() {
    let app = App::new().await;
    history(&app).await;
    let sent =
        json!({"name": "moved", "query": {"EQ_bizStep": ["transporting", "receiving"], "orderBy": "recordTime", "orderDirection": "ASC"}});
    let made = post(&app, "carrier.example", "/queries", &sent).await;
    assert_eq!((made.status, made.header("location")), (StatusCode::CREATED, "/epcis/v2/queries/moved"), "{}", made.text());
    assert_eq!(post(&app, "carrier.example", "/queries", &sent).await.status, StatusCode::CONFLICT);
    assert_eq!(get(&app, "carrier.example", "/queries/moved").await.json()["query"], sent["query"]);
    for path in ["/queries/moved", "/queries/moved/events"] {
        assert_eq!(get(&app, "brand.example", path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(asked(&app, "brand.example", Method::DELETE, "/queries/moved").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&app, "brand.example", "/queries").await.json(), json!([]));

    let first = get(&app, "carrier.example", "/queries/moved/events?perPage=1").await;
    let name = &first.json()["epcisBody"]["queryResults"]["queryName"];
    assert_eq!((name, &first.events()[0]["bizStep"]), (&json!("moved"), &json!("transporting")));
    let second = get(&app, "carrier.example", below(first.next().unwrap())).await.events();
    assert_eq!(second[0]["bizStep"], "receiving");
    // The same name asks the same of another's events, and is answered from those.
    assert_eq!(post(&app, "store.example", "/queries", &sent).await.status, StatusCode::CREATED);
    let list = get(&app, "store.example", "/queries/moved/events").await.events();
    assert_eq!((list.len(), list[0].get("epcList")), (1, None), "{list:?}");

    for (body, said) in [
        (json!({"name": "a/b", "query": {}}), "name must"),
        (json!({"name": "", "query": {}}), "name must"),
        (json!({"name": "x"}), "query is missing"),
        (json!({"name": "x", "query": {"EQ_colour": ["red"]}}), "EQ_colour"),
        (json!({"name": "x", "query": {"perPage": 3}}), "perPage"),
    ] {
        let answer = post(&app, "carrier.example", "/queries", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(said), "{}", answer.text());
    }
    assert_eq!(asked(&app, "carrier.example", Method::DELETE, "/queries/moved").await.status, StatusCode::NO_CONTENT);
    assert_eq!(get(&app, "carrier.example", "/queries/moved").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&app, "store.example", "/queries/moved").await.status, StatusCode::OK, "its own is still there");
}

#[tokio::test]
async fn a_member_keeps_a_bounded_number_of_queries() {
    let app = App::new().await;
    for n in 0..100 {
        let made = post(&app, "brand.example", "/queries", &json!({"name": format!("q{n:02}"), "query": {}})).await;
        assert_eq!(made.status, StatusCode::CREATED);
    }
    let over = post(&app, "brand.example", "/queries", &json!({"name": "one-more", "query": {}})).await;
    assert_eq!(over.status, StatusCode::BAD_REQUEST);
    assert!(over.json()["detail"].as_str().unwrap().contains("100"));
    let first = get(&app, "brand.example", "/queries?perPage=60").await;
    assert_eq!((first.json().as_array().unwrap().len(), first.json()[59]["name"].clone()), (60, json!("q59")));
    let next = below(first.next().unwrap());
    let rest = get(&app, "brand.example", next).await;
    assert_eq!((rest.json().as_array().unwrap().len(), rest.header("link")), (40, ""));
    assert_eq!(get(&app, "brand.example", "/queries?nextPageToken=nobody").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_member_lists_its_own_capture_jobs() {
    let app = App::new().await;
    history(&app).await;
    let first = get(&app, "carrier.example", "/capture?perPage=1").await;
    assert_eq!(first.json()[0]["events"][0]["eventID"], "urn:uuid:00000000-0000-4000-8000-000000000004", "the newest");
    let next = below(first.next().unwrap());
    let second = get(&app, "carrier.example", next).await;
    assert_eq!((second.json().as_array().unwrap().len(), second.header("link")), (1, ""));
    // Another's job is no place to go on from.
    let brands = get(&app, "brand.example", "/capture").await.json()[0]["captureID"].as_str().unwrap().to_owned();
    assert_eq!(get(&app, "carrier.example", &format!("/capture?nextPageToken={brands}")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_no_answer_fits_is_refused() {
    let app = App::new().await;
    history(&app).await;
    let bearer = format!("Bearer {}", key("carrier.example"));
    for (accept, status) in [
        ("application/xml", StatusCode::NOT_ACCEPTABLE),
        ("text/html, application/xml;q=0.9", StatusCode::NOT_ACCEPTABLE),
        ("text/html, */*;q=0.1", StatusCode::OK),
        ("application/ld+json", StatusCode::OK),
    ] {
        let answer = app.with(Method::GET, "/epcis/v2/events", &[("authorization", &bearer), ("accept", accept)]).await;
        assert_eq!(answer.status, status, "{accept}");
    }
    let long = get(&app, "carrier.example", &format!("/events?EQ_eventID={}", "a".repeat(8200))).await;
    assert_eq!((long.status, &long.json()["type"]), (StatusCode::URI_TOO_LONG, &json!("epcisException:QueryTooComplexException")));
    let many = get(&app, "carrier.example", "/events?maxEventCount=1").await;
    assert_eq!((many.status, &many.json()["type"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("epcisException:QueryTooLargeException")));
    assert_eq!(get(&app, "carrier.example", "/events?maxEventCount=2").await.status, StatusCode::OK);
    let one = get(&app, "carrier.example", "/events?eventCountLimit=1&orderBy=recordTime").await;
    assert_eq!((one.events().len(), one.next()), (1, None), "no page after the limit");
    for (path, token) in [("/epcs", "0-%zz"), ("/capture", "%"), ("/queries", "a%2"), ("/events", "%4")] {
        let broken = get(&app, "carrier.example", &format!("{path}?nextPageToken={token}")).await;
        assert_eq!(broken.status, StatusCode::BAD_REQUEST, "{path}: {}", broken.text());
        assert!(broken.text().contains("broken percent escape") && broken.text().contains(token), "{}", broken.text());
    }
    let wrong = get(&app, "carrier.example", "/epcs?EQ_bizStep=x").await;
    assert_eq!((wrong.status, &wrong.json()["type"]), (StatusCode::BAD_REQUEST, &json!("epcisException:QueryParameterException")));
}

/// The operations of GS1's own OpenAPI document (EPCIS 2.0.1), beside `OPTIONS` for every address.
const OFFICIAL: [(&str, &[&str]); 29] = [
    ("/", &["get"]),
    ("/capture", &["get", "post"]),
    ("/capture/{captureID}", &["get"]),
    ("/events", &["get", "post"]),
    ("/events/{eventID}", &["get"]),
    ("/eventTypes", &["get"]),
    ("/eventTypes/{eventType}", &["get"]),
    ("/eventTypes/{eventType}/events", &["get"]),
    ("/epcs", &["get"]),
    ("/epcs/{epc}", &["get"]),
    ("/epcs/{epc}/events", &["get"]),
    ("/bizSteps", &["get"]),
    ("/bizSteps/{bizStep}", &["get"]),
    ("/bizSteps/{bizStep}/events", &["get"]),
    ("/bizLocations", &["get"]),
    ("/bizLocations/{bizLocation}", &["get"]),
    ("/bizLocations/{bizLocation}/events", &["get"]),
    ("/readPoints", &["get"]),
    ("/readPoints/{readPoint}", &["get"]),
    ("/readPoints/{readPoint}/events", &["get"]),
    ("/dispositions", &["get"]),
    ("/dispositions/{disposition}", &["get"]),
    ("/dispositions/{disposition}/events", &["get"]),
    ("/queries", &["get", "post"]),
    ("/queries/{queryName}", &["get", "delete"]),
    ("/queries/{queryName}/events", &["get"]),
    ("/queries/{queryName}/subscriptions", &["get", "post"]),
    ("/queries/{queryName}/subscriptions/{subscriptionID}", &["get", "delete"]),
    ("/nextPageToken/{token}", &["delete"]),
];

#[tokio::test]
async fn the_description_says_what_is_served_and_nothing_else() {
    let app = App::new().await;
    let served = app.get("/epcis/v2/openapi.json").await;
    assert_eq!(served.status, StatusCode::OK, "open to everybody");
    let described = served.json();
    let paths = described["paths"].as_object().unwrap();
    for (path, methods) in OFFICIAL {
        for method in methods.iter().chain(&["options"]) {
            assert!(paths[path].get(*method).is_some(), "{method} {path} is not described");
        }
    }
    for (path, item) in paths {
        let address = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
        let address = if address == "/" { "" } else { &address };
        for method in ["get", "post", "put", "patch", "delete", "options"] {
            let said = item.get(method).is_some();
            let answer = asked(&app, "brand.example", method.to_uppercase().parse().unwrap(), address).await;
            let served = answer.status != StatusCode::METHOD_NOT_ALLOWED && !answer.text().contains("none of the addresses");
            assert_eq!(said, served, "{method} {path}: {}", answer.text());
            if !said {
                assert_eq!(answer.header("content-type"), "application/problem+json");
                let allow = answer.header("allow").to_ascii_lowercase();
                assert!(!allow.contains(method) && allow.contains("options"), "{method} {path}: {allow}");
            }
            let open = method == "options" || path == "/";
            if said && !open {
                let without = app.with(method.to_uppercase().parse().unwrap(), &format!("/epcis/v2{address}"), &[]).await;
                assert_eq!(without.status, StatusCode::UNAUTHORIZED, "{method} {path} without a key");
            }
        }
    }
    let slashed = get(&app, "brand.example", "/").await;
    assert_eq!((slashed.status, &slashed.json()["type"]), (StatusCode::OK, &json!("Collection")));
    assert_eq!(asked(&app, "brand.example", Method::PUT, "/").await.header("allow"), "GET, HEAD, OPTIONS");
    for (method, status) in [(Method::PUT, StatusCode::METHOD_NOT_ALLOWED), (Method::OPTIONS, StatusCode::NO_CONTENT)] {
        let answer = asked(&app, "brand.example", method.clone(), "/openapi.json").await;
        assert_eq!((answer.status, answer.header("allow")), (status, "GET, HEAD, OPTIONS"), "{method}");
    }
    // Whatever is referred to is there.
    let mut references = Vec::new();
    collect(&described, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        assert!(described.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|one| collect(one, references));
        }
        Value::Array(list) => list.iter().for_each(|one| collect(one, references)),
        _ => {}
    }
}
