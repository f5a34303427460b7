//! What every page of the console begins with: who is signed in, and whether its role may do what the address is for.
//!
//! [`desked`] is the one door. It takes what the route needs ([`May`]) and asks the table in `session/roles.rs`; the test below walks all
//! routes for all roles, and fails where one is missing from it.

use app::console::Reader;
use app::feedback::words::name;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use base::percent;

use super::feedback::{private, see_other};
use super::signin::{SIGN_IN, reader, unknown};
use crate::feedback::Desk;
use crate::http::headers;
use crate::session::accounts::{Account, May};

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
            if at.account.may(needs) { Ok(at) } else { Err(at.denied()) }
        }
        Err(error) => Err(unknown(&desk, &uri, &headers, &error)),
        Ok(None) => {
            let next = uri.path_and_query().map_or("/console/comments", |path| path.as_str());
            Err(see_other(&format!("{SIGN_IN}?next={}", percent::component(next))))
        }
    }
}

impl Desked {
    /// Who reads, as the rail of each page shows it.
    pub(super) fn reader(&self, lang: app::context::Lang) -> Reader {
        let account = &self.account;
        Reader {
            name: name(&account.display, lang).unwrap_or(&account.member).to_owned(),
            login: account.name.clone(),
            letters: account.may(May::Read),
            answers: account.may(May::Answer),
            works: account.may(May::Work),
            readies: account.may(May::Ready),
            partners: account.may(May::SeePermissions),
            owns: account.may(May::Own),
            shared: account.role.shared(),
        }
    }

    /// A page that nobody else may keep.
    pub(super) fn html(&self, html: String) -> Response {
        private(headers::page(html))
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
