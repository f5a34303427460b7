//! `/console/partners`: what a member lets others say of its goods, of whose goods it may speak, and who asks whom for it.

use std::collections::BTreeMap;

use app::console::partners::{Asked, Move, PartnersPage, Party, Permission, RIGHTS, Typed, Wanted};
use app::feedback::form::Fault;
use app::feedback::words::day;
use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use engine::{RightsNow, SubmitError};
use ledger::Key;
use ledger::entry::{Custody, Grant};
use ledger::name::Name;
use store::StoreError;
use store::record::GrantRequest;
use store::record::deed::Act;
use trace::rights::{right_words, rights_of};

use super::console::{Desked, desked};
use super::feedback::see_other;
use crate::feedback::Desk;
use crate::feedback::letters::LetterError;
use crate::grants::{self, GrantError};
use crate::handover;
use crate::requests::{self, RequestError, Standing, Wish};
use crate::requests::{REQUEST_OPEN_DAYS, REQUESTS_A_DAY, REQUESTS_OPEN_OF_PARTNER};
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};
use crate::session::team;

/// Routes of the permissions.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/console/partners", get(shown).post(give))
        .route("/console/partners/end", post(end))
        .route("/console/partners/ask", post(ask))
        .route("/console/partners/decline", post(decline))
        .route("/console/partners/withdraw", post(withdraw))
        .layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// The fields of a form; a checkbox is there or not.
type Fields = BTreeMap<String, String>;

/// Which form a fault belongs to.
const GIVE: &str = "give";
const ASK: &str = "ask";

/// The year 10000: what ends later has no end, for people.
const CALENDAR_END_MS: u64 = 253_402_300_800_000;

/// The two forms of the page, with what is wrong with one of them.
#[derive(Default)]
struct Forms {
    give: Typed,
    ask: Typed,
    fault: Option<Fault>,
}

/// What a link fills in: a request that its owner is about to grant, or what a refused record needs.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Filled {
    /// A partner that asked.
    give: String,
    /// An owner to ask,
    ask: String,
    /// for this right,
    right: String,
    /// over this number.
    number: String,
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(filled): Query<Filled>, headers: HeaderMap) -> Response {
    let at = match desked(desk, uri, headers, May::SeePermissions) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let one = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let ask = Typed { member: filled.ask, rights: one(&filled.right).into_iter().collect(), scopes: filled.number };
    let give = if filled.give.is_empty() { Ok(Typed::default()) } else { granting(&at, &filled.give) };
    match give {
        Ok(give) => page(&at, Forms { give, ask, fault: None }),
        Err(error) => at.failed(&LetterError::Index(error)),
    }
}

/// The form that grants what a partner asks for. A partner has one permission, and giving another replaces it.
fn granting(at: &Desked, partner: &str) -> Result<Typed, StoreError> {
    let engine = &at.desk.engine;
    let open = requests::open_to(engine, &at.account.member)?;
    let Some(request) = open.into_iter().find(|request| request.partner == partner) else {
        return Ok(Typed { member: partner.to_owned(), ..Typed::default() });
    };
    let (rights, scopes) = with_what_it_has(engine.view().rights(), &request, engine.now_ms());
    Ok(Typed { member: partner.to_owned(), rights, scopes: scopes.join(", ") })
}

/// The permission that a partner has today.
fn in_force<'a>(rights: &'a RightsNow, request: &GrantRequest, now_ms: u64) -> Option<&'a Grant> {
    let has = rights.grant_of(&Name::member_key(&request.owner), &Name::member_key(&request.partner));
    has.filter(|has| has.rights_at(now_ms, None) != 0)
}

/// Rights and numbers of what a partner asks for; with the rights that it has, where those are for the same numbers and without an end.
/// One form for both would else give either more than anybody asked for: the owner sees what there is, and chooses.
fn with_what_it_has(rights: &RightsNow, request: &GrantRequest, now_ms: u64) -> (Vec<String>, Vec<String>) {
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list.dedup();
        list
    };
    let (mut words, scopes) = (request.rights.clone(), sorted(request.scopes.clone()));
    let same = |has: &&Grant| has.valid_until == u64::MAX && sorted(has.scopes.clone()) == scopes;
    if let Some(has) = in_force(rights, request, now_ms).filter(same) {
        words.extend(right_words(has.rights).into_iter().map(str::to_owned));
    }
    (sorted(words), scopes)
}

/// A form as it came.
fn typed(fields: &Fields, member: &str) -> Typed {
    let field = |name| fields.get(name).map(String::as_str).unwrap_or_default();
    let ticked = RIGHTS.iter().map(|(word, _)| *word).filter(|word| fields.contains_key(&format!("right-{word}")));
    Typed {
        member: field(member).trim().to_ascii_lowercase(),
        rights: ticked.map(str::to_owned).collect(),
        scopes: field("scopes").to_owned(),
    }
}

fn scopes(typed: &Typed) -> Vec<String> {
    typed.scopes.split([' ', ',', '，', '、']).map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

async fn give(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let at = match desked(desk, uri, headers, May::Permissions) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let give = typed(&fields, "partner");
    let rights = rights_of(give.rights.iter().map(String::as_str)).unwrap_or(0);
    let done = if rights == 0 { Err("console.partners.fault.rights") } else { changed(&at, &give.member, rights, scopes(&give)).await };
    match done {
        Ok(()) => see_other("/console/partners"),
        Err(key) => page(&at, Forms { give, fault: Some(Fault::new(GIVE, key, vec![])), ..Forms::default() }),
    }
}

async fn end(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let at = match desked(desk, uri, headers, May::Permissions) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let partner = fields.get("partner").cloned().unwrap_or_default();
    match changed(&at, &partner, 0, Vec::new()).await {
        Ok(()) => see_other("/console/partners"),
        Err(key) => page(&at, Forms { fault: Some(Fault::new(GIVE, key, vec![])), ..Forms::default() }),
    }
}

/// Gives or ends a permission of the reader's own member; the error is the key of a sentence.
async fn changed(at: &Desked, partner: &str, rights: u16, scopes: Vec<String>) -> Result<(), &'static str> {
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
    let act = if rights == 0 { Act::PermissionEnded } else { Act::PermissionGiven };
    let mut deed = team::deed(engine, &at.account.member, &at.account.name, act, partner);
    deed.detail = right_words(rights).join(" ");
    // The permission itself stands in the ledger, whatever becomes of the line about who gave it.
    if let Err(error) = team::keep(engine, deed).await {
        tracing::error!(%error, "a permission's line in the trail could not be kept");
    }
    Ok(())
}

async fn ask(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let at = match desked(desk, uri, headers, May::Permissions) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let ask = typed(&fields, "owner");
    let wish = Wish { owner: ask.member.clone(), rights: ask.rights.clone(), scopes: scopes(&ask) };
    let done = requests::ask(&at.desk.engine, &at.account.member, wish).await;
    answered(&at, ask, done.map(|_| ()))
}

async fn decline(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let at = match desked(desk, uri, headers, May::Permissions) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let partner = fields.get("partner").cloned().unwrap_or_default();
    answered(&at, Typed::default(), requests::decline(&at.desk.engine, &at.account.member, &partner).await)
}

async fn withdraw(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let at = match desked(desk, uri, headers, May::Permissions) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let owner = fields.get("owner").cloned().unwrap_or_default();
    answered(&at, Typed::default(), requests::withdraw(&at.desk.engine, &owner, &at.account.member).await)
}

fn answered(at: &Desked, ask: Typed, done: Result<(), RequestError>) -> Response {
    match done {
        Ok(()) => see_other("/console/partners"),
        Err(error) => page(at, Forms { ask, fault: Some(told(at, error)), ..Forms::default() }),
    }
}

/// A fault of a request, in the reader's language.
fn told(at: &Desked, error: RequestError) -> Fault {
    let lang = at.desk.context(&at.headers, &at.uri, String::new()).lang;
    let on = |key, ms| vec![(key, day(ms, lang))];
    let (key, values) = match error {
        RequestError::Owner(_) => ("console.partners.ask.owner", vec![]),
        RequestError::Own => ("console.partners.ask.own", vec![]),
        RequestError::Rights => ("console.partners.ask.rights", vec![]),
        RequestError::Form => ("console.partners.fault.form", vec![]),
        RequestError::Numbers { scope, owner } => ("console.partners.ask.numbers", vec![("number", scope), ("who", owner)]),
        RequestError::Have(_) => ("console.partners.ask.have", vec![]),
        RequestError::Open { asked_ms, .. } => ("console.partners.ask.open", on("day", asked_ms)),
        RequestError::Declined { declined_ms, .. } => ("console.partners.ask.declined", on("day", requests::again_ms(declined_ms))),
        RequestError::ManyOpen => ("console.partners.ask.many", vec![("max", REQUESTS_OPEN_OF_PARTNER.to_string())]),
        RequestError::ManyToday => ("console.partners.ask.today", vec![("max", REQUESTS_A_DAY.to_string())]),
        RequestError::Full(who) => ("console.partners.ask.full", vec![("who", who)]),
        RequestError::Nothing => ("console.partners.ask.nothing", vec![]),
        error @ (RequestError::State(_) | RequestError::Index(_)) => {
            tracing::error!(%error, "a request for permission could not be kept");
            ("console.partners.fault.later", vec![])
        }
    };
    Fault::new(ASK, key, values)
}

fn page(at: &Desked, forms: Forms) -> Response {
    let fault = forms.fault.is_some();
    match read(at, forms) {
        Ok(html) => {
            let mut response = at.html(html);
            if fault {
                *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            }
            response
        }
        Err(error) => at.failed(&LetterError::Index(error)),
    }
}

fn party(rights: &RightsNow, key: &Key) -> Option<Party> {
    let member = rights.member(key)?;
    Some(Party { id: member.id.clone(), names: member.names.iter().cloned().collect() })
}

fn read(at: &Desked, forms: Forms) -> Result<String, StoreError> {
    let context = at.desk.context(&at.headers, &at.uri, "/console/partners".to_owned());
    let engine = &at.desk.engine;
    let (view, index, now_ms) = (engine.view(), engine.index(), engine.now_ms());
    let rights = view.rights();
    let id = &at.account.member;
    let member = Name::member_key(id);
    let permission = |other: &Key, grant: &Grant| -> Result<Option<Permission>, StoreError> {
        let Some(who) = party(rights, other) else { return Ok(None) };
        Ok(Some(Permission {
            who,
            rights: right_words(grant.rights),
            scopes: grant.scopes.clone(),
            since_ms: index.grant_since(&grant.key())?,
            until_ms: Some(grant.valid_until).filter(|until| *until < CALENDAR_END_MS),
            ended: grant.valid_until < now_ms,
            used_ms: index.grant_used(&grant.owner, &grant.partner)?,
        }))
    };
    let (mut given, mut held) = (Vec::new(), Vec::new());
    for grant in rights.grants_with(&member).filter(|grant| grant.rights != 0) {
        if grant.owner == member {
            given.extend(permission(&grant.partner, grant)?);
        } else {
            held.extend(permission(&grant.owner, grant)?);
        }
    }
    given.sort_by(|a, b| a.who.id.cmp(&b.who.id));
    held.sort_by(|a, b| a.who.id.cmp(&b.who.id));
    let own = rights.member(&member);
    let wanted = |request: &GrantRequest, other: &str| -> Result<Option<Wanted>, StoreError> {
        let (Some(who), other) = (party(rights, &Name::member_key(other)), Name::member_key(other)) else { return Ok(None) };
        let known = |word: &String| RIGHTS.iter().map(|(right, _)| *right).find(|right| right == word);
        let has = in_force(rights, request, now_ms).map(|has| permission(&other, has)).transpose()?.flatten();
        Ok(Some(Wanted {
            who,
            rights: request.rights.iter().filter_map(known).collect(),
            scopes: request.scopes.clone(),
            asked_ms: request.asked_ms,
            whole: with_what_it_has(rights, request, now_ms),
            has,
        }))
    };
    // A store and its staff see what is permitted, not who negotiates with whom.
    let (wishes, asked) = if at.account.may(May::Permissions) {
        let open = requests::open_to(engine, id)?;
        let asked = requests::asked_by(engine, id)?;
        let asked = asked
            .iter()
            .map(|(request, standing)| Ok(wanted(request, &request.owner)?.map(|wanted| (wanted, how(*standing)))))
            .filter_map(Result::transpose)
            .collect::<Result<_, StoreError>>()?;
        let wishes = open.iter().map(|request| wanted(request, &request.partner)).filter_map(Result::transpose);
        (wishes.collect::<Result<_, _>>()?, asked)
    } else {
        (Vec::new(), Vec::new())
    };
    let moves = handover::told(rights, now_ms).into_iter().map(|change| Move {
        prefix: change.prefix,
        from: change.from.and_then(|key| party(rights, &key)),
        to: party(rights, &change.to),
        at_ms: change.at_ms,
        ahead: change.at_ms > now_ms,
    });
    let page = PartnersPage {
        reader: at.reader(context.lang),
        member: id.clone(),
        given,
        held,
        wishes,
        asked,
        moves: moves.collect(),
        owns: own.is_some_and(|own| !own.prefixes.is_empty()),
        own_key: own.is_some_and(|own| own.custody == Custody::Own),
        speaks: at.account.may(May::Permissions),
        fault: forms.fault,
        give: forms.give,
        ask: forms.ask,
    };
    Ok(app::console::partners(&page, &context))
}

fn how(standing: Standing) -> Asked {
    match standing {
        Standing::Granted => Asked::Granted,
        Standing::Declined(at_ms) => Asked::Declined(at_ms.map(requests::again_ms)),
        Standing::Expired => Asked::Expired(REQUEST_OPEN_DAYS),
        Standing::Open | Standing::Withdrawn => Asked::Open,
    }
}

#[cfg(test)]
mod tests;
