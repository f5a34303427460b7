//! What every page of the console begins with: who is signed in, and whether its role may do what the address is for.
//!
//! [`desked`] is the one door. It takes what the route needs ([`May`]) and asks the table in `session/roles.rs`; the test below walks all
//! routes for all roles, and fails where one is missing from it.

use app::console::Reader;
use app::context::Lang;
use app::feedback::words::name;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use base::percent;
use ledger::name::Name;
use store::StoreError;

use super::building::listed;
use super::feedback::{private, see_other};
use super::signin::{SIGN_IN, reader, unknown};
use crate::feedback::Desk;
use crate::http::headers;
use crate::session::accounts::{Account, May};
use crate::session::{IDLE_MINUTES, team};

/// Where a second factor is set up.
pub(super) const FACTOR: &str = "/console/account/factor";

/// What a console request knows.
pub(super) struct Desked {
    pub(super) desk: Desk,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) account: Account,
}

/// The signed-in reader, if its role may do this; else the way to sign in, or why not.
#[expect(clippy::result_large_err, reason = "the answer goes straight out")]
pub(super) fn desked(desk: Desk, uri: Uri, headers: HeaderMap, needs: May) -> Result<Desked, Response> {
    match reader(&desk, &headers) {
        Ok(Some(account)) => {
            let at = Desked { desk, uri, headers, account };
            match at.lacks_factor() {
                // Where one sets it up is the one place that is open.
                Ok(true) if needs != May::Own => Err(see_other(FACTOR)),
                Ok(_) if at.account.may(needs) => Ok(at),
                Ok(_) => Err(at.denied()),
                Err(error) => Err(at.failed(&error)),
            }
        }
        Err(error) => Err(unknown(&desk, &uri, &headers, &error)),
        Ok(None) => {
            let next = uri.path_and_query().map_or("/console/comments", |path| path.as_str());
            Err(see_other(&format!("{SIGN_IN}?next={}", percent::component(next))))
        }
    }
}

/// What came after a session was over: nothing of it is done, and what was typed stands there, to be copied. Only who sent it gets to see it.
pub(super) fn kept(desk: &Desk, uri: &Uri, headers: &HeaderMap, words: &str) -> Option<Response> {
    let over = matches!(reader(desk, headers), Ok(None)) && !words.trim().is_empty();
    over.then(|| {
        let context = desk.context(headers, uri, uri.path().to_owned());
        let next = uri.path().rsplit_once('/').map_or("/console/comments", |(letter, _)| letter);
        let html = app::console::kept(words, &format!("{SIGN_IN}?next={}", percent::component(next)), &context);
        let mut response = private(headers::page(html));
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        response
    })
}

/// A place's number and what its own member calls it.
pub(super) fn place(at: &Desked, location: Option<&str>, lang: Lang) -> Result<Option<(String, String)>, StoreError> {
    let Some(path) = location else { return Ok(None) };
    let number = path.trim_start_matches("/414/").to_owned();
    let known = at.desk.engine.index().location(path, &at.account.member)?;
    let called = known.and_then(|place| name(&place.names, lang).map(str::to_owned)).unwrap_or_else(|| number.clone());
    Ok(Some((number, called)))
}

/// What a member is called by itself.
pub(super) fn member_name(desk: &Desk, member: &str, lang: Lang) -> String {
    let view = desk.engine.view();
    let names = view.rights().member(&Name::member_key(member)).map(|member| member.names.iter().cloned().collect());
    names.and_then(|names| name(&names, lang).map(str::to_owned)).unwrap_or_else(|| member.to_owned())
}

impl Desked {
    /// Answers on a thread that may wait for the disk, in its member's turn: a search opens many letters.
    pub(super) async fn listed(self, what: &'static str, work: impl FnOnce(&Self) -> Response + Send + 'static) -> Response {
        let member = self.account.member.clone();
        listed(&member, what, move || work(&self)).await
    }

    /// Whether the owner asks a second factor that this account has not.
    fn lacks_factor(&self) -> Result<bool, StoreError> {
        let engine = &self.desk.engine;
        let asked = self.account.may(May::Own) && team::needs_factor(engine, &self.account.member)?;
        Ok(asked && engine.index().factor(&self.account.name)?.is_none())
    }

    /// Who reads, as the rail of each page shows it.
    pub(super) fn reader(&self, lang: Lang) -> Reader {
        let account = &self.account;
        Reader {
            name: name(&account.display, lang).unwrap_or(&account.member).to_owned(),
            login: account.name.clone(),
            letters: account.may(May::Read),
            answers: account.may(May::Answer),
            works: account.may(May::Work),
            alerts: account.may(May::Alerts),
            readies: account.may(May::Ready),
            exports: account.may(May::Export),
            figures: account.may(May::Figures),
            freezes: account.may(May::Freeze),
            partners: account.may(May::SeePermissions),
            owns: account.may(May::Own),
            shared: account.role.shared().then_some(IDLE_MINUTES),
        }
    }

    /// A page that nobody else may keep.
    pub(super) fn html(&self, html: String) -> Response {
        let mut response = private(headers::page(html));
        // A shared tablet leaves by itself: what stands on it is not for whoever picks it up next. A page that stays open counts as no use.
        if self.account.role.shared()
            && let Ok(value) = HeaderValue::from_str(&format!("{}; url={SIGN_IN}?idle=1", IDLE_MINUTES * 60))
        {
            response.headers_mut().insert(header::REFRESH, value);
        }
        response
    }

    /// A page of one message.
    pub(super) fn said(&self, status: StatusCode, heading: &'static str, words: &'static str) -> Response {
        let context = self.desk.context(&self.headers, &self.uri, "/console/comments".to_owned());
        let say = |key| app::texts::text(context.lang, key);
        let mut response = self.html(app::console::message(&self.reader(context.lang), say(heading), say(words), &context));
        *response.status_mut() = status;
        response
    }

    /// The role may not do this.
    fn denied(&self) -> Response {
        match self.account.may(May::Read) {
            true => self.said(StatusCode::FORBIDDEN, "console.denied", "console.denied.what"),
            false => self.said(StatusCode::FORBIDDEN, "console.none.role", "console.none.role.what"),
        }
    }

    /// The same words whether there is no such comment or it is somebody else's.
    pub(super) fn missing(&self) -> Response {
        self.said(StatusCode::NOT_FOUND, "console.missing", "console.missing.what")
    }

    /// Something failed on this side.
    pub(super) fn failed(&self, error: &dyn std::error::Error) -> Response {
        // What went wrong inside is for the operator's log, not for the page.
        tracing::error!(%error, "a page of the console could not be made");
        let mut response = self.said(StatusCode::SERVICE_UNAVAILABLE, "console.comments", "feedback.fault.busy");
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(base::limit::RETRY_AFTER_SECONDS));
        response
    }
}

#[cfg(test)]
mod tests;
