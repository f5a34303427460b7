//! `/console/trail`: who did what to a member's accounts and permissions, for its owners.

use app::console::codes::reason_name;
use app::console::keys::scope_names;
use app::console::team::role_name;
use app::console::trail::{Line, TrailPage};
use app::context::Lang;
use app::feedback::words::iso;
use app::texts::{counted, fill, text};
use axum::Router;
use axum::extract::{FromRef, OriginalUri, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde::Deserialize;
use store::StoreError;
use store::record::deed::{Act, Deed};
use trace::page::FreezeReason;

use super::console::{Desked, desked, member_name};
use super::feedback::private;
use crate::csv;
use crate::feedback::Desk;
use crate::session::accounts::May;
use crate::session::failures::FAILURES_COUNTED;

base::limits! {
    /// Lines of the trail on one page: two screens of a desktop.
    TRAIL_ROWS: usize = 50, "lines";
    /// Newest lines of the trail that a page or a file looks at: years of a busy member.
    TRAIL_LOOKED_AT: usize = 20_000, "lines";
}

/// Routes of the trail.
pub fn routes<S>() -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/console/trail", get(shown)).route("/console/trail.csv", get(export))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    before: String,
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let at = match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => at,
        Err(response) => return response,
    };
    at.desk.failures.written().await;
    match page(&at, &asked.before) {
        Ok(response) => response,
        Err(error) => at.failed(&error),
    }
}

fn page(at: &Desked, before: &str) -> Result<Response, StoreError> {
    let context = at.desk.context(&at.headers, &at.uri, "/console/trail".to_owned());
    let later = !before.is_empty() && before.len() <= 200 && before.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (mut lines, mut older, mut looked) = (Vec::new(), None, 0);
    // Keys are of one form, so the order of their digits is that of the lines.
    for row in at.desk.engine.index().deeds(&at.account.member).take(TRAIL_LOOKED_AT) {
        looked += 1;
        let (key, deed) = row?;
        if later && key.as_str() >= before {
            continue;
        }
        if lines.len() == TRAIL_ROWS {
            older = lines.last().map(|(key, _): &(String, Line)| key.clone());
            break;
        }
        let words = words(&deed, context.lang);
        lines.push((key, Line { at_ms: deed.at_ms, by: by(&deed, context.lang), words }));
    }
    let page = TrailPage {
        reader: at.reader(context.lang),
        member: member_name(&at.desk, &at.account.member, context.lang),
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        older,
        later,
        cut: (looked == TRAIL_LOOKED_AT).then_some(TRAIL_LOOKED_AT),
    };
    Ok(at.html(app::console::trail(&page, &context)))
}

/// Who did it: failed sign-ins are nobody's of the member, as far as anybody knows.
fn by(deed: &Deed, lang: Lang) -> String {
    match (deed.act, deed.by.is_empty()) {
        (Act::SignInsFailed, _) => String::new(),
        (Act::LettersTaken, _) if !deed.about.is_empty() => fill(lang, "console.act.by_key", &[("about", &deed.about)]),
        (_, true) => text(lang, "console.team.operator").to_owned(),
        _ => deed.by.clone(),
    }
}

/// What was done, in a sentence that goes on from who did it.
fn words(deed: &Deed, lang: Lang) -> String {
    let many = u64::from(deed.count);
    let key = match deed.act {
        Act::Invited => "console.act.invited",
        Act::LinkEnded => "console.act.link_ended",
        // Who runs the service makes accounts; who was invited comes.
        Act::Joined if deed.by.is_empty() => "console.act.made",
        Act::Joined => "console.act.joined",
        Act::RoleChanged => "console.act.role_changed",
        Act::AccountEnded => "console.act.account_ended",
        Act::ResetMade if deed.detail == "without_factor" => "console.act.reset_made.factor",
        Act::ResetMade => "console.act.reset_made",
        Act::ResetUsed => "console.act.reset_used",
        Act::PasswordChanged => "console.act.password_changed",
        Act::FactorOn => "console.act.factor_on",
        Act::FactorOff => "console.act.factor_off",
        Act::CodesMade => "console.act.codes_made",
        Act::CodeUsed => "console.act.code_used",
        Act::RuleOn => "console.act.rule_on",
        Act::RuleOff => "console.act.rule_off",
        Act::SignInsFailed if deed.count > FAILURES_COUNTED => "console.act.failed.many",
        Act::SignInsFailed => counted(lang, "console.act.failed", many),
        Act::PermissionGiven => "console.act.permission_given",
        Act::PermissionEnded => "console.act.permission_ended",
        // Before keys said what they open.
        Act::KeyMade if deed.detail.is_empty() => "console.act.key_made.old",
        Act::KeyMade => "console.act.key_made",
        Act::KeyEnded => "console.act.key_ended",
        Act::CodeFrozen => "codes.act.frozen",
        Act::CodeReleased => "codes.act.released",
        Act::LettersTaken => counted(lang, "console.act.letters_taken", many),
        Act::InnerTaken => counted(lang, "codes.act.inner", many),
        // It stands in no trail.
        Act::StepUsed => return String::new(),
    };
    let arrow = if lang == Lang::Zh { "，改为" } else { " → " };
    let detail = match deed.act {
        Act::Invited => role_name(&deed.detail, lang).to_owned(),
        Act::RoleChanged => deed.detail.split(' ').map(|role| role_name(role, lang)).collect::<Vec<_>>().join(arrow),
        Act::CodeFrozen => FreezeReason::parse(&deed.detail).map_or("", |reason| reason_name(reason, lang)).to_owned(),
        Act::KeyMade => scope_names(deed.detail.split(' '), lang),
        Act::LettersTaken => deed.detail.to_uppercase(),
        Act::PermissionGiven => {
            let known =
                |word: &str| app::console::partners::RIGHTS.iter().find(|(right, _)| *right == word).map(|(_, key)| text(lang, key));
            deed.detail.split(' ').filter_map(known).collect::<Vec<_>>().join(if lang == Lang::Zh { "、" } else { ", " })
        }
        _ => deed.detail.clone(),
    };
    fill(lang, key, &[("about", &deed.about), ("detail", &detail), ("n", &many.to_string())])
}

async fn export(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    let at = match desked(desk, uri, headers, May::Accounts) {
        Ok(at) => at,
        Err(response) => return response,
    };
    at.desk.failures.written().await;
    match file(&at) {
        Ok(text) => {
            let mut response = private(text.into_response());
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
            headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"trail.csv\""));
            response
        }
        Err(error) => at.failed(&error),
    }
}

fn file(at: &Desked) -> Result<String, StoreError> {
    let lang = at.desk.context(&at.headers, &at.uri, String::new()).lang;
    let mut out = String::from(csv::BEGIN);
    csv::line(&mut out, ["time", "by", "act", "about", "detail", "count", "words"].map(str::to_owned));
    let mut all = 0;
    for row in at.desk.engine.index().deeds(&at.account.member).take(TRAIL_LOOKED_AT) {
        let (_, deed) = row?;
        all += 1;
        let act = serde_json::to_value(deed.act).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
        let count = if deed.count > 0 { deed.count.to_string() } else { String::new() };
        let words = words(&deed, lang);
        csv::line(&mut out, [iso(deed.at_ms), by(&deed, lang), act, deed.about, deed.detail, count, words]);
    }
    if all == TRAIL_LOOKED_AT {
        let cut = fill(lang, "console.trail.cut", &[("max", &all.to_string())]);
        csv::line(&mut out, [String::new(), String::new(), String::new(), String::new(), String::new(), String::new(), cut]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
