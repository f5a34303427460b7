//! Every route of the console for every role, and nothing of the console outside the table.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::StatusCode;

use crate::feedback::tests::{GOOD, ITEM, PASSWORD, RESALE, WUTONG, house, row_at};
use crate::session::accounts::{self, May, Role};

/// All of them: method, address, what it needs.
const ROUTES: &[(&str, &str, May)] = &[
    ("get", "/console/comments", May::Read),
    ("get", "/console/comments.csv", May::Export),
    ("get", "/console/comments.xlsx", May::Export),
    ("get", "/console/comments/{id}", May::Read),
    ("get", "/console/comments/{id}/photos/{place}", May::Read),
    ("post", "/console/comments/{id}/answer", May::Answer),
    ("post", "/console/comments/{id}/here", May::Work),
    ("post", "/console/filters", May::Read),
    ("post", "/console/filters/{id}/remove", May::Read),
    ("post", "/console/comments/{id}/note", May::Work),
    ("post", "/console/comments/{id}/assign", May::Assign),
    ("post", "/console/comments/{id}/put-off", May::Work),
    ("post", "/console/comments/{id}/{step}", May::Work),
    ("post", "/console/ticked", May::Assign),
    ("get", "/console/answers", May::Ready),
    ("post", "/console/answers", May::Ready),
    ("post", "/console/answers/{id}/remove", May::Ready),
    ("get", "/console/alerts", May::Alerts),
    ("post", "/console/alerts/rules", May::Alerts),
    ("post", "/console/alerts/rules/{id}/remove", May::Alerts),
    ("post", "/console/alerts/webhooks", May::Alerts),
    ("post", "/console/alerts/mail", May::Alerts),
    ("get", "/console/alerts/addresses/{id}", May::Alerts),
    ("post", "/console/alerts/addresses/{id}/{what}", May::Alerts),
    ("post", "/console/alerts/messages/{id}/replay", May::Alerts),
    ("post", "/console/alerts/subscriptions/{id}/remove", May::Alerts),
    ("get", "/console/figures", May::Figures),
    ("get", "/console/figures.csv", May::Figures),
    ("get", "/console/codes", May::Freeze),
    ("post", "/console/codes", May::Freeze),
    ("post", "/console/codes/release", May::Freeze),
    ("post", "/console/codes/inner", May::Freeze),
    ("get", "/console/partners", May::SeePermissions),
    ("post", "/console/partners", May::Permissions),
    ("post", "/console/partners/end", May::Permissions),
    ("post", "/console/partners/ask", May::Permissions),
    ("post", "/console/partners/decline", May::Permissions),
    ("post", "/console/partners/withdraw", May::Permissions),
    ("get", "/console/objections", May::SeePermissions),
    ("post", "/console/objections", May::Objections),
    ("post", "/console/objections/end", May::Objections),
    ("get", "/console/account", May::Own),
    ("post", "/console/account/password", May::Own),
    ("post", "/console/account/sessions", May::Own),
    ("get", "/console/account/factor", May::Own),
    ("post", "/console/account/factor", May::Own),
    ("post", "/console/account/factor/off", May::Own),
    ("post", "/console/account/factor/codes", May::Own),
    ("get", "/console/team", May::Accounts),
    ("post", "/console/team/invite", May::Accounts),
    ("post", "/console/team/role", May::Accounts),
    ("post", "/console/team/reset", May::Accounts),
    ("post", "/console/team/end", May::Accounts),
    ("post", "/console/team/links/end", May::Accounts),
    ("post", "/console/team/rule", May::Accounts),
    ("get", "/console/keys", May::Keys),
    ("post", "/console/keys", May::Keys),
    ("post", "/console/keys/end", May::Keys),
    ("get", "/console/trail", May::Accounts),
    ("get", "/console/trail.csv", May::Accounts),
];

/// Fields for every form: those of each are there, and nothing comes of them.
const FIELDS: &[(&str, &str)] = &[
    ("text", ""),
    ("url", ""),
    ("address", ""),
    ("title", ""),
    ("to", "nobody"),
    ("until", ""),
    ("partner", "nobody"),
    ("owner", "nobody"),
    ("old", ""),
    ("new", ""),
    ("again", ""),
    ("session", "none"),
    ("seed", ""),
    ("code", ""),
    ("password", ""),
    ("account", "nobody"),
    ("name", ""),
    ("link", "none"),
    ("label", ""),
    ("reason", ""),
    ("item", "none"),
    ("items", ""),
    ("as", ""),
    ("key", "none"),
    ("factor", "none"),
    ("entry", "none"),
    ("goods", ""),
];

/// Method and address of each route below `/console` in the sources of this folder.
fn in_sources(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_sources(&path, found);
        } else if path.file_stem().is_some_and(|stem| stem != "tests") {
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("\"/console") {
                let before = text[..at].trim_end();
                if !before.ends_with(".route(") {
                    continue;
                }
                let (address, rest) = text[at + 1..].split_once('"').unwrap();
                let handlers = rest.split(".route(").next().unwrap().split(".layer(").next().unwrap();
                for method in ["get", "post", "put", "delete", "any"] {
                    if handlers.contains(&format!("{method}(")) {
                        found.insert((method.to_owned(), address.to_owned()));
                    }
                }
            }
        }
    }
}

#[test]
fn every_route_of_the_console_stands_in_the_table() {
    let mut found = BTreeSet::new();
    in_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"), &mut found);
    // It leads on, and shows nothing.
    assert!(found.remove(&("get".to_owned(), "/console".to_owned())));
    let table: BTreeSet<_> = ROUTES.iter().map(|(method, address, _)| ((*method).to_owned(), (*address).to_owned())).collect();
    assert_eq!(found, table);
    assert_eq!(table.len(), ROUTES.len());
}

#[tokio::test]
async fn every_route_asks_what_the_role_may() {
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let id = row_at(&house, sent.to()).comment.id;
    for role in Role::ALL {
        let name = format!("one-{}", role.value());
        let (member, location) = match role {
            Role::Store => ("pinglu.example", Some(WUTONG)),
            Role::Staff => ("resale.example", Some(RESALE)),
            Role::Operator => ("operator.example", None),
            _ => ("talanuur.example", None),
        };
        let user = accounts::create(&name, PASSWORD, role, member, location, Default::default()).unwrap();
        house.desk.engine.state(store::record::StateRecord::User(user)).await.unwrap();
        let cookie = house.signed_in(&name).await;
        for (method, address, needs) in ROUTES {
            let path = address.replace("{id}", &id).replace("{place}", "0").replace("{step}", "nothing").replace("{what}", "nothing");
            let answer = if *method == "get" { house.get(&path, &cookie).await } else { house.post(&path, &cookie, FIELDS).await };
            let denied = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(denied, !accounts::may(role, *needs), "{role:?} {method} {path}: {} {}", answer.status, answer.text());
            assert!(!answer.to().starts_with("/signin"), "{role:?} {path}");
            // Nobody comes in without a session.
            let out = if *method == "get" { house.get(&path, "").await } else { house.post(&path, "", FIELDS).await };
            assert!(out.to().starts_with("/signin"), "{path}: {}", out.status);
        }
    }
}

#[tokio::test]
async fn a_shared_tablet_says_that_it_leaves_warns_and_leaves() {
    use crate::session::IDLE_MINUTES;
    let house = house().await;
    let sent = house.comment(ITEM, &GOOD, &[]).await;
    let letter = format!("/console/comments/{}", row_at(&house, sent.to()).comment.id);
    let staff = house.signed_in("staff").await;
    for path in ["/console/comments", letter.as_str(), "/console/partners"] {
        let page = house.get(path, &staff).await;
        let refresh = page.headers.get(axum::http::header::REFRESH).expect("the page leaves by itself");
        assert_eq!(refresh, &format!("{}; url=/signin?idle=1", IDLE_MINUTES * 60), "{path}");
        assert!(page.text().contains("Shared tablet: signed out after 10 minutes without use."), "{path}");
        // The warning comes up by style alone, a minute before.
        assert!(page.text().contains(&format!("soon 1s {}s forwards", (IDLE_MINUTES - 1) * 60)), "{path}");
    }
    let idle = house.get("/signin?idle=1", "").await.text();
    assert!(idle.contains("this tablet was not used for 10 minutes"), "{idle}");
    // A person's own desk does none of that.
    let store = house.signed_in("wutong").await;
    let page = house.get(&letter, &store).await;
    assert!(page.headers.get(axum::http::header::REFRESH).is_none() && !page.text().contains("Shared tablet"));
    // Used, it stays; unused, it is signed out on this side, whatever its browser does, and nothing that was typed is lost.
    house.later(IDLE_MINUTES * 60_000 - 1);
    assert_eq!(house.get(&letter, &staff).await.status, StatusCode::OK);
    house.later(IDLE_MINUTES * 60_000);
    let late = house.post(&format!("{letter}/answer"), &staff, &[("text", "Bring <it> back."), ("code", "ML")]).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.text().contains("Bring &lt;it&gt; back.</textarea>") && late.text().contains("/signin?next="), "{}", late.text());
    assert!(late.headers.get(axum::http::header::CACHE_CONTROL).is_some_and(|value| value == "no-store"));
    assert!(!house.get(&letter, &store).await.text().contains("Bring &lt;it&gt;"), "and nothing of it is done");
    assert!(house.get(&letter, &staff).await.to().starts_with("/signin"));
}
