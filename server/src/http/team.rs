//! `/console/team`: who may sign in for a member; owners alone come here. `/join/…`: the page behind a link.

use app::console::join::JoinPage;
use app::console::team::{Made, Open, Person, TeamPage, Typed};
use app::context::Lang;
use app::feedback::form::Fault;
use app::feedback::words::name;
use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use store::StoreError;
use store::record::Location;
use store::record::deed::Link;
use store::table::LOCATIONS;

use super::account::{Chosen, not_taken};
use super::console::{Desked, desked, member_name, place};
use super::feedback::{private, see_other};
use super::signin::{first_step_done, unknown};
use crate::feedback::Desk;
use crate::http::headers;
use crate::session::IDLE_MINUTES;
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};
use crate::session::password::PASSWORD_CHARS_MIN;
use crate::session::team::{self, ACCOUNTS_OF_MEMBER, DEEDS_A_DAY, LINK_HOURS, LINKS_OPEN, LOCAL_NAME_CHARS, TeamFault, Wish};

/// Its address.
const TEAM: &str = "/console/team";

base::limits! {
    /// Places that are offered to choose from; others are typed.
    PLACES_OFFERED: usize = 200, "places";
    /// Names of places that are looked through for those.
    PLACES_LOOKED_AT: usize = 20_000, "names";
}

/// Routes of a member's accounts.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/team", get(shown))
        .route("/console/team/invite", post(invite))
        .route("/console/team/role", post(set_role))
        .route("/console/team/reset", post(reset))
        .route("/console/team/end", post(end))
        .route("/console/team/links/end", post(end_link))
        .route("/console/team/rule", post(rule))
        .route("/join/{token}", get(opened).post(join))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// What is shown besides the list.
#[derive(Default)]
struct Extra {
    made: Option<(Link, String)>,
    typed: Typed,
    fault: Option<(String, Fault)>,
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => page(&at, Extra::default()),
        Err(response) => response,
    }
}

fn page(at: &Desked, extra: Extra) -> Response {
    let faulty = extra.fault.is_some();
    match read(at, extra) {
        Ok(mut response) => {
            if faulty {
                *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            }
            response
        }
        Err(error) => at.failed(&error),
    }
}

fn read(at: &Desked, extra: Extra) -> Result<Response, StoreError> {
    let context = at.desk.context(&at.headers, &at.uri, TEAM.to_owned());
    let (lang, engine, member) = (context.lang, &at.desk.engine, &at.account.member);
    let mut people = Vec::new();
    for user in team::users(engine, member)? {
        people.push(Person {
            place: place(at, user.location.as_deref(), lang)?,
            factor: engine.index().factor(&user.name)?.is_some(),
            ended: user.disabled,
            me: user.name == at.account.name,
            role: user.role,
            name: user.name,
        });
    }
    // Who signs in stands before who does not any more.
    people.sort_by(|one, two| (one.ended, &one.name).cmp(&(two.ended, &two.name)));
    let open = team::links(engine, member)?.into_iter().map(|link| Open {
        id: link.hash.to_string(),
        account: link.account,
        role: link.role,
        by: link.by,
        until_ms: link.until_ms,
    });
    let page = TeamPage {
        reader: at.reader(lang),
        member: member_name(&at.desk, member, lang),
        member_id: member.clone(),
        people,
        open: open.collect(),
        made: extra.made.map(|(link, token)| Made {
            address: format!("{}/join/{token}", at.desk.site.public_url.trim_end_matches('/')),
            account: link.account,
            until_ms: link.until_ms,
        }),
        typed: extra.typed,
        fault: extra.fault,
        rule: team::needs_factor(engine, member)?,
        places: places(at, lang)?,
        idle_minutes: IDLE_MINUTES,
    };
    Ok(at.html(app::console::team(&page, &context)))
}

/// The member's own places, by number.
fn places(at: &Desked, lang: Lang) -> Result<Vec<(String, String)>, StoreError> {
    let mut found = Vec::new();
    for row in at.desk.engine.index().json_rows::<Location>(LOCATIONS, b"/414/").take(PLACES_LOOKED_AT) {
        let place = row?.1;
        let number = place.path.trim_start_matches("/414/");
        if place.member == at.account.member && !number.contains('/') {
            found.push((number.to_owned(), name(&place.names, lang).unwrap_or(number).to_owned()));
            if found.len() == PLACES_OFFERED {
                break;
            }
        }
    }
    Ok(found)
}

/// A fault of an account's form, in the reader's language.
fn told(fault: &TeamFault) -> Fault {
    let max = |max: usize| vec![("max", max.to_string())];
    match fault {
        TeamFault::Name => Fault::new("name", "console.team.name.fault", max(LOCAL_NAME_CHARS)),
        TeamFault::Taken => Fault::new("name", "console.team.name.taken", vec![]),
        TeamFault::Invited => Fault::new("name", "console.team.name.open", vec![]),
        TeamFault::Role => Fault::new("role", "console.team.role.fault", vec![]),
        TeamFault::Location => Fault::new("location", "console.team.place.fault", vec![]),
        TeamFault::Full => Fault::new("", "console.team.full", max(ACCOUNTS_OF_MEMBER)),
        TeamFault::ManyLinks => Fault::new("", "console.team.links.full", max(LINKS_OPEN)),
        TeamFault::ManyToday => Fault::new("", "console.team.today", max(DEEDS_A_DAY)),
        TeamFault::Unknown => Fault::new("", "console.team.unknown", vec![]),
        TeamFault::LastOwner => Fault::new("", "console.team.owner.last", vec![]),
        TeamFault::NoFactor => Fault::new("", "console.team.rule.fault", vec![]),
        TeamFault::Password(fault) => not_taken(*fault),
        TeamFault::Over | TeamFault::State(_) | TeamFault::Index(_) => {
            tracing::error!(error = %fault, "an account could not be changed");
            Fault::new("", "console.team.later", vec![])
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Invited {
    name: String,
    role: String,
    location: String,
}

async fn invite(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(typed): Form<Invited>) -> Response {
    let at = match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let wish = Wish { local: typed.name, role: typed.role, location: typed.location };
    match team::invite(&at.desk.engine, &at.account, &wish).await {
        Ok(made) => page(&at, Extra { made: Some(made), ..Extra::default() }),
        Err(fault) => {
            let typed = Typed { local: wish.local, role: wish.role, location: wish.location };
            page(&at, Extra { typed, fault: Some((String::new(), told(&fault))), ..Extra::default() })
        }
    }
}

/// One account; other fields are those of each form.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Account {
    account: String,
    role: String,
    location: String,
    factor: String,
    link: String,
}

/// The page after something was done to an account, or with what is wrong beside it.
fn done(at: &Desked, account: String, done: Result<(), TeamFault>) -> Response {
    match done {
        Ok(()) => see_other(TEAM),
        // Whoever is not here has no form to say it at.
        Err(TeamFault::Unknown) => at.missing(),
        Err(fault) => page(at, Extra { fault: Some((account, told(&fault))), ..Extra::default() }),
    }
}

async fn set_role(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(form): Form<Account>) -> Response {
    let at = match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let result = team::set_role(&at.desk.engine, &at.account, &form.account, &form.role, &form.location).await;
    done(&at, form.account, result)
}

async fn reset(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(form): Form<Account>) -> Response {
    let at = match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let without_factor = form.factor == "off";
    match team::reset(&at.desk.engine, &at.account.member, &at.account.name, &form.account, without_factor).await {
        Ok(made) => page(&at, Extra { made: Some(made), ..Extra::default() }),
        Err(fault) => done(&at, form.account, Err(fault)),
    }
}

async fn end(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(form): Form<Account>) -> Response {
    let at = match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let result = team::end(&at.desk.engine, &at.account.member, &at.account.name, &form.account).await;
    done(&at, form.account, result)
}

async fn end_link(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(form): Form<Account>) -> Response {
    let at = match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let result = team::end_link(&at.desk.engine, &at.account, &form.link).await;
    done(&at, String::new(), result)
}

async fn rule(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(form): Form<Account>) -> Response {
    let at = match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => at,
        Err(response) => return response,
    };
    // Whatever is neither changes nothing.
    let result = match form.factor.as_str() {
        "on" => team::set_rule(&at.desk.engine, &at.account, true).await,
        "off" => team::set_rule(&at.desk.engine, &at.account, false).await,
        _ => Ok(()),
    };
    done(&at, "*".to_owned(), result)
}

/// Looking at a link uses nothing: programs that preview links look at all of them.
async fn opened(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Path(token): Path<String>, headers: HeaderMap) -> Response {
    match team::link(&desk.engine, &token) {
        Ok(Some(link)) => join_page(&desk, &uri, &headers, &token, &link, None),
        Ok(None) => over(&desk, &uri, &headers),
        Err(error) => unknown(&desk, &uri, &headers, &error.into()),
    }
}

/// Nobody learns of the link from an address that this page leads to.
fn secret(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn join_page(desk: &Desk, uri: &Uri, headers: &HeaderMap, token: &str, link: &Link, fault: Option<Fault>) -> Response {
    let context = desk.context(headers, uri, uri.path().to_owned());
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let called = |path: &String| {
        let known = desk.engine.index().location(path, &link.member).ok().flatten();
        known.and_then(|place| name(&place.names, context.lang).map(str::to_owned)).unwrap_or_else(|| path.replace("/414/", ""))
    };
    let page = JoinPage {
        token: token.to_owned(),
        member: member_name(desk, &link.member, context.lang),
        account: link.account.clone(),
        role: link.role.clone(),
        place: link.location.as_ref().map(called),
        fault,
        password_min: PASSWORD_CHARS_MIN,
        idle_minutes: IDLE_MINUTES,
    };
    let mut response = secret(private(headers::page(app::console::join(&page, &context))));
    *response.status_mut() = status;
    response
}

/// The same words for every link that is good no more, and for one that never was.
fn over(desk: &Desk, uri: &Uri, headers: &HeaderMap) -> Response {
    let context = desk.context(headers, uri, uri.path().to_owned());
    let words = app::texts::fill(context.lang, "console.join.over.what", &[("hours", &LINK_HOURS.to_string())]);
    let html = app::render::message(app::texts::text(context.lang, "console.join.over"), &words, &context);
    let mut response = secret(private(headers::page(html)));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

async fn join(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Response {
    let link = match team::link(&desk.engine, &token) {
        Ok(Some(link)) => link,
        Ok(None) => return over(&desk, &uri, &headers),
        Err(error) => return unknown(&desk, &uri, &headers, &error.into()),
    };
    let password = match chosen.password(&link.account, &link.member) {
        Ok(password) => password,
        Err(fault) => return join_page(&desk, &uri, &headers, &token, &link, Some(fault)),
    };
    // A new account is called as its desk is: by its place, or as whoever invited it.
    let index = desk.engine.index();
    let display = match &link.location {
        Some(path) => index.location(path, &link.member).map(|place| place.map(|place| place.names)),
        None => index.user(&link.by).map(|user| user.map(|user| user.display)),
    };
    let display = match display {
        Ok(display) => display.unwrap_or_default(),
        Err(error) => return unknown(&desk, &uri, &headers, &error.into()),
    };
    match team::join(&desk.engine, &token, password, display).await {
        // A second factor is asked after a new password too: the link replaces the password alone.
        Ok(account) => first_step_done(&desk, &uri, &headers, &account, None).await,
        Err(TeamFault::Over) => over(&desk, &uri, &headers),
        Err(fault) => join_page(&desk, &uri, &headers, &token, &link, Some(told(&fault))),
    }
}

#[cfg(test)]
pub(crate) mod tests;
