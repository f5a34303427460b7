//! Errors of the interfaces for machines: problem details (RFC 9457), as EPCIS 2.0 asks for.
//!
//! The outside message is `title` and `detail`; what only the operator may know goes to the log and never in here.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::record::Scope;

use crate::share::NoShare;

/// One problem.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// `epcisException:…` where EPCIS names one, else `about:blank`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short, the same for every occurrence.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong here and how to mend it.
    pub detail: String,
    /// Seconds after which to try again.
    #[serde(skip)]
    pub retry_after_s: Option<u32>,
    /// What the key does not open.
    #[serde(skip)]
    pub scope: Option<Scope>,
}

impl Problem {
    /// A problem of one of the types EPCIS 2.0 names.
    pub fn new(status: StatusCode, kind: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            retry_after_s: None,
            scope: None,
        }
    }

    /// 400 with EPCIS' validation type.
    pub fn validation(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "epcisException:ValidationException", "The request is not valid", detail)
    }

    /// 400 for a query that cannot be answered.
    pub fn query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "epcisException:QueryParameterException", "The query is not valid", detail)
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "epcisException:SecurityException",
            "An API key is needed",
            "Send a member's API key: `Authorization: Bearer KEY`.",
        )
    }

    /// 403: the key is good, and does not open this.
    pub fn out_of_scope(needs: Scope, has: &[Scope]) -> Self {
        let has: Vec<&str> = has.iter().map(|scope| scope.value()).collect();
        let (needs_word, has) = (needs.value(), has.join(", "));
        let mut p = Self::new(
            StatusCode::FORBIDDEN,
            "epcisException:SecurityException",
            "The key does not open this",
            format!(
                "This needs a key with the scope `{needs_word}`; this one has: {has}. What a key opens is never changed. An owner of the member makes another under /console/keys, or who runs the service by `leafproof key add --scope {needs_word}`."
            ),
        );
        p.scope = Some(needs);
        p
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "epcisException:NoSuchResourceException", "Not found", detail)
    }

    /// 409: a pre-signed event has another number than its member's next one.
    pub fn sequence(expected: u64, outcome: &crate::capture::Outcome) -> Self {
        let taken = outcome.events.iter().filter(|event| !event.entries.is_empty()).count();
        let why: Vec<&str> = outcome.events.iter().flat_map(|event| &event.problems).map(String::as_str).collect();
        Self::new(
            StatusCode::CONFLICT,
            "epcisException:ImplementationException",
            "The sequence number is not the next one",
            format!(
                "expected {expected}: {}. {taken} records before it are in the ledger; number the others from there and sign them again",
                why.join("; ")
            ),
        )
    }

    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "epcisException:CaptureLimitExceededException", "The capture is too large", detail)
    }

    /// 415: another kind of body.
    pub fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "epcisException:UnsupportedMediaTypeException", "Another format is needed", detail)
    }

    /// 503: what a record names cannot be looked up, so nothing of it is signed. The cause is in the log.
    pub fn unreadable() -> Self {
        let mut p = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "epcisException:ImplementationException",
            "A look-up failed",
            "What the records name could not be looked up. Nothing was taken; send the same capture again later.",
        );
        p.retry_after_s = Some(base::limit::RETRY_AFTER_SECONDS as u32);
        p
    }

    /// 503 with `Retry-After`: the queue is full.
    pub fn busy() -> Self {
        let mut p = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "epcisException:ImplementationException",
            "Too much at once",
            "The queue is full. Nothing was taken; send the same capture again after the time in Retry-After.",
        );
        p.retry_after_s = Some(2);
        p
    }

    /// 503: more queries wait for their turn than can be answered soon.
    pub fn many_queries() -> Self {
        let mut p = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "epcisException:ImplementationException",
            "Too many queries at once",
            "Others are being answered. Ask again after the time in Retry-After, one query after the other.",
        );
        p.retry_after_s = Some(2);
        p
    }

    /// 429: more than one member may send at once.
    pub fn too_fast(detail: impl Into<String>, wait_s: u32) -> Self {
        let mut p = Self::new(StatusCode::TOO_MANY_REQUESTS, "epcisException:CaptureLimitExceededException", "Too much at once", detail);
        p.retry_after_s = Some(wait_s);
        p
    }

    /// 507: the disk has no room for records.
    pub fn no_room(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INSUFFICIENT_STORAGE, "epcisException:ImplementationException", "No room for records", detail)
    }

    /// 503: the ledger takes no records any more, for a reason that no waiting mends.
    pub fn halted(reason: &str) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "epcisException:ImplementationException",
            "The ledger takes no records",
            format!("It was halted: {reason}. Nothing was taken. Whoever runs it must look; sending it again does not help until then."),
        )
    }

    /// 503: what must be looked up cannot be read; the cause is in the log.
    pub fn unavailable() -> Self {
        let mut p = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "epcisException:ImplementationException",
            "The server cannot look it up",
            "Nothing was taken, and nothing is wrong with the request; send it again after the time in Retry-After.",
        );
        p.retry_after_s = Some(base::limit::RETRY_AFTER_SECONDS as u32);
        p
    }

    /// 500; the cause is in the log under the same number.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "epcisException:ImplementationException",
            "The server failed",
            "The cause is in the server's log. Nothing was taken.",
        )
    }
}

impl From<NoShare> for Problem {
    fn from(why: NoShare) -> Self {
        match why {
            NoShare::Day { wait_s, .. } => Self::too_fast(why.to_string(), wait_s),
            NoShare::Disk => Self::no_room(why.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(s) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(s));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // RFC 6750, 3.1.
        if let Some(scope) = self.scope
            && let Ok(value) = HeaderValue::from_str(&format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", scope.value()))
        {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}
