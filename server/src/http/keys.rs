//! `/console/keys`: keys for a member's programs; owners alone come here.

use app::console::keys::{KeyRow, KeysPage};
use app::feedback::form::Fault;
use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use store::record::{ApiKey, Scope};

use super::console::{Desked, desked, member_name};
use super::feedback::see_other;
use crate::feedback::Desk;
use crate::session::accounts::May;
use crate::session::keys::{self, KEY_LABEL_CHARS, KEYS_OF_MEMBER, KeyFault};
use crate::session::origin::{Origin, same_origin};
use crate::session::team::DEEDS_A_DAY;

/// Its address.
const KEYS: &str = "/console/keys";

/// Routes of the keys.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/keys", get(shown).post(make))
        .route("/console/keys/end", post(end))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// What stands besides the list.
#[derive(Default)]
struct Extra {
    made: Option<String>,
    typed: Typed,
    fault: Option<Fault>,
}

fn page(at: &Desked, extra: Extra) -> Response {
    let context = at.desk.context(&at.headers, &at.uri, KEYS.to_owned());
    let found = match keys::of(&at.desk.engine, &at.account.member) {
        Ok(found) => found,
        Err(error) => return at.failed(&error),
    };
    let faulty = extra.fault.is_some();
    let scopes = extra.typed.scopes();
    let row = |key: ApiKey| KeyRow {
        id: keys::id(&key),
        opens: key.scopes.iter().map(|scope| scope.value()).collect(),
        label: key.label,
        since_ms: key.created_ms,
    };
    let page = KeysPage {
        reader: at.reader(context.lang),
        member: member_name(&at.desk, &at.account.member, context.lang),
        keys: found.into_iter().map(row).collect(),
        made: extra.made,
        typed: extra.typed.label,
        scopes: Scope::ALL.map(|scope| (scope.value(), scopes.contains(&scope))),
        fault: extra.fault,
        label_max: KEY_LABEL_CHARS,
    };
    let mut response = at.html(app::console::keys(&page, &context));
    if faulty {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::Keys) {
        Ok(at) => page(&at, Extra::default()),
        Err(response) => response,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    label: String,
    key: String,
    capture: String,
    query: String,
    letters: String,
}

impl Typed {
    fn scopes(&self) -> Vec<Scope> {
        let ticked = [(&self.capture, Scope::Capture), (&self.query, Scope::Query), (&self.letters, Scope::Letters)];
        ticked.into_iter().filter(|(box_, _)| !box_.is_empty()).map(|(_, scope)| scope).collect()
    }
}

async fn make(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(typed): Form<Typed>) -> Response {
    let at = match desked(desk, uri, headers, May::Keys) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let fault = match keys::make(&at.desk.engine, &at.account.member, &at.account.name, &typed.label, &typed.scopes()).await {
        Ok(text) => return page(&at, Extra { made: Some(text), ..Extra::default() }),
        Err(KeyFault::Label) => Fault::new("label", "console.keys.fault.label", vec![("max", KEY_LABEL_CHARS.to_string())]),
        Err(KeyFault::Nothing) => Fault::new("scopes", "console.keys.fault.nothing", vec![]),
        Err(KeyFault::Full) => Fault::new("label", "console.keys.fault.full", vec![("max", KEYS_OF_MEMBER.to_string())]),
        Err(KeyFault::ManyToday) => Fault::new("label", "console.team.today", vec![("max", DEEDS_A_DAY.to_string())]),
        Err(error) => return at.failed(&error),
    };
    page(&at, Extra { typed, fault: Some(fault), ..Extra::default() })
}

async fn end(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(typed): Form<Typed>) -> Response {
    let at = match desked(desk, uri, headers, May::Keys) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let engine = &at.desk.engine;
    // One of the member's own; one that is gone already is no fault, and another's is not there.
    let found = match keys::of(engine, &at.account.member) {
        Ok(found) => found.into_iter().find(|key| keys::id(key) == typed.key),
        Err(error) => return at.failed(&error),
    };
    if let Some(key) = found
        && let Err(error) = keys::end(engine, &at.account.name, key).await
    {
        return at.failed(&error);
    }
    see_other(KEYS)
}

#[cfg(test)]
mod tests {
    use axum::http::{StatusCode, header};
    use store::record::Scope;

    use crate::feedback::tests::house;

    #[tokio::test]
    async fn a_key_is_made_shown_once_and_ended_by_its_own_owners() {
        let house = house().await;
        let (owner, rival) = (house.signed_in("talanuur").await, house.signed_in("other").await);
        let engine = &house.desk.engine;
        for wrong in ["", " ", "two\nlines", &"x".repeat(61)] {
            let back = house.post("/console/keys", &owner, &[("label", wrong), ("query", "on")]).await;
            assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
            assert!(back.text().contains("at most 60 characters"), "{}", back.text());
        }
        let nothing = house.post("/console/keys", &owner, &[("label", "zq kept")]).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nothing.text().contains("at least one") && nothing.text().contains("value=\"zq kept\""), "{}", nothing.text());
        let made =
            house.post("/console/keys", &owner, &[("label", "warehouse <zq>"), ("member", "other.example"), ("letters", "on")]).await;
        let text = made.text();
        let key = text.split("<code>").nth(1).unwrap()[..40].to_owned();
        assert!(made.headers[header::CACHE_CONTROL] == "no-store" && text.contains("warehouse &lt;zq&gt;"), "{text}");
        let kept = engine.index().api_key(&ledger::hash(key.as_bytes())).unwrap().unwrap();
        assert_eq!((kept.member.as_str(), kept.revoked, kept.scopes), ("talanuur.example", false, vec![Scope::Letters]));
        assert!(!house.on_disk(key.as_bytes()), "kept as a hash");
        let list = house.get("/console/keys", &owner).await.text();
        let id = list.split("name=\"key\" value=\"").nth(1).unwrap()[..16].to_owned();
        assert!(!list.contains(&key) && list.contains("warehouse") && list.contains("Export letters"));
        // Another member's owner sees it nowhere, and ends it by no name.
        assert!(!house.get("/console/keys", &rival).await.text().contains("warehouse"));
        house.post("/console/keys/end", &rival, &[("key", &id)]).await;
        assert!(!engine.index().api_key(&kept.hash).unwrap().unwrap().revoked);
        assert_eq!(house.post("/console/keys/end", &owner, &[("key", &id)]).await.to(), "/console/keys");
        assert!(engine.index().api_key(&kept.hash).unwrap().unwrap().revoked);
        assert!(!house.get("/console/keys", &owner).await.text().contains("warehouse"));
        let trail = house.get("/console/trail", &owner).await.text();
        assert!(trail.contains(&format!("made the key {id}: Export letters")) && trail.contains(&format!("ended the key {id}")), "{trail}");
        for n in 0..super::KEYS_OF_MEMBER {
            assert_eq!(
                house.post("/console/keys", &owner, &[("label", &n.to_string()), ("capture", "on")]).await.status,
                StatusCode::OK,
                "{n}"
            );
        }
        let full = house.post("/console/keys", &owner, &[("label", "one more"), ("capture", "on")]).await;
        assert!(full.text().contains("There are 50 keys") && full.text().contains("value=\"one more\""), "{}", full.text());
    }
}
