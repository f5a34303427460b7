//! `/console/partners`: what a member lets others say of its goods, and of whose goods it may speak.

use std::collections::BTreeMap;

use app::console::partners::{PartnersPage, Permission, RIGHTS, Typed};
use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use ledger::Key;
use ledger::entry::{Custody, Grant};
use ledger::name::Name;

use super::feedback::{private, see_other};
use super::inbox::{Desked, desked};
use crate::authority::{right_words, rights_of};
use crate::engine::SubmitError;
use crate::feedback::Desk;
use crate::grants::{self, GrantError};
use crate::http::headers;
use crate::session::accounts::{Account, Role};
use crate::session::origin::{Origin, same_origin};

/// Routes of the permissions.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/partners", get(shown).post(give))
        .route("/console/partners/end", post(end))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// The fields of a form; a checkbox is there or not.
type Fields = BTreeMap<String, String>;

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers) {
        Ok(at) => page(&at, None, Typed::default()),
        Err(response) => response,
    }
}

async fn give(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let at = match desked(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let field = |name| fields.get(name).map(String::as_str).unwrap_or_default();
    let ticked = RIGHTS.iter().map(|(word, _)| *word).filter(|word| fields.contains_key(&format!("right-{word}")));
    let typed = Typed {
        partner: field("partner").trim().to_ascii_lowercase(),
        rights: ticked.map(str::to_owned).collect(),
        scopes: field("scopes").to_owned(),
    };
    let rights = rights_of(typed.rights.iter().map(String::as_str)).unwrap_or(0);
    let scopes = typed.scopes.split([' ', ',', '，', '、']).map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    let fault = if rights == 0 { Some("console.partners.fault.rights") } else { changed(&at, &typed.partner, rights, scopes).await.err() };
    match fault {
        None => see_other("/console/partners"),
        Some(fault) => page(&at, Some(fault), typed),
    }
}

async fn end(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let at = match desked(desk, uri, headers) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let partner = fields.get("partner").cloned().unwrap_or_default();
    match changed(&at, &partner, 0, Vec::new()).await {
        Ok(()) => see_other("/console/partners"),
        Err(fault) => page(&at, Some(fault), Typed::default()),
    }
}

/// Gives or ends a permission of the reader's own member; the error is the key of a sentence.
async fn changed(at: &Desked, partner: &str, rights: u16, scopes: Vec<String>) -> Result<(), &'static str> {
    if !may_give(&at.account) {
        return Err("console.partners.fault.role");
    }
    let engine = &at.desk.engine;
    let told = |error: GrantError| match error {
        GrantError::Unknown(_) => "console.partners.fault.partner",
        GrantError::OwnKey(_) => "console.partners.own",
        GrantError::Nothing { .. } => "console.partners.fault.nothing",
        GrantError::Refused(SubmitError::Form(_)) => "console.partners.fault.form",
        error => {
            tracing::error!(%error, "a permission could not be given");
            "console.partners.fault.later"
        }
    };
    let grant = grants::next(engine, &at.account.member, partner, rights, scopes).map_err(told)?;
    grants::give(engine, grant, None).await.map_err(told)?;
    Ok(())
}

/// Brands speak for their member; stores and their staff do not.
fn may_give(account: &Account) -> bool {
    account.role == Role::Brand && !account.member.is_empty()
}

fn page(at: &Desked, fault: Option<&'static str>, typed: Typed) -> Response {
    let nonce = headers::nonce();
    let uri: &Uri = &at.uri;
    let context = at.desk.context(&at.headers, uri, "/console/partners".to_owned(), &nonce);
    let view = at.desk.engine.view();
    let rights = view.rights();
    let member = Name::member_key(&at.account.member);
    let own = rights.member(&member);
    let permission = |other: &Key, grant: &Grant| {
        let other = rights.member(other)?;
        Some(Permission {
            id: other.id.clone(),
            names: other.names.iter().cloned().collect(),
            rights: right_words(grant.rights),
            scopes: grant.scopes.clone(),
        })
    };
    let (mut given, mut held) = (Vec::new(), Vec::new());
    for grant in rights.grants_with(&member).filter(|grant| grant.rights != 0) {
        if grant.owner == member {
            given.extend(permission(&grant.partner, grant));
        } else {
            held.extend(permission(&grant.owner, grant));
        }
    }
    given.sort_by(|a, b| a.id.cmp(&b.id));
    held.sort_by(|a, b| a.id.cmp(&b.id));
    let page = PartnersPage {
        reader: at.reader(context.lang),
        member: at.account.member.clone(),
        given,
        held,
        owns: own.is_some_and(|own| !own.prefixes.is_empty()),
        own_key: own.is_some_and(|own| own.custody == Custody::Own),
        may_give: may_give(&at.account),
        fault,
        typed,
    };
    let mut response = private(headers::page(app::console::partners(&page, &context), &nonce));
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}
