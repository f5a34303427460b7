//! The member whose API key came with a request, where the key opens what the route does. As an extractor it stands before the body: nobody
//! without such a key makes this server read, and keep in memory, what they send. Everything is looked up anew for each request, so what was ended opens nothing more.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use engine::Engine;
use ledger::entry::Status;
use store::record::{ApiKey, Scope};

use super::problem::Problem;
use crate::state::AppState;

/// The id of a member whose key sends records.
#[derive(Clone, Debug)]
pub struct Capturing(pub String);

/// The id of a member whose key reads records.
#[derive(Clone, Debug)]
pub struct Querying(pub String);

impl FromRequestParts<AppState> for Capturing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        opened(&state.engine, &parts.headers, Scope::Capture).map(|key| Self(key.member))
    }
}

impl FromRequestParts<AppState> for Querying {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        opened(&state.engine, &parts.headers, Scope::Query).map(|key| Self(key.member))
    }
}

/// The API key that came with the request, where it opens this; a key that was ended, or whose member was, is none.
pub fn opened(engine: &Engine, headers: &HeaderMap, needs: Scope) -> Result<ApiKey, Problem> {
    let text = given(headers).ok_or_else(Problem::unauthorized)?;
    let found = engine.index().api_key(&ledger::hash(text.as_bytes())).map_err(|e| failed(&e))?;
    let key = found.filter(|key| !key.revoked).ok_or_else(Problem::unauthorized)?;
    let versions = engine.view().member(&key.member).map_err(|e| failed(&e))?;
    match versions.last() {
        Some((_, newest)) if newest.status == Status::Active => {}
        _ => return Err(Problem::unauthorized()),
    }
    if key.scopes.contains(&needs) { Ok(key) } else { Err(Problem::out_of_scope(needs, &key.scopes)) }
}

/// The hash of the key that came with a request, by which it is kept.
pub fn hash_of(headers: &HeaderMap) -> Option<ledger::Hash> {
    given(headers).map(|key| ledger::hash(key.as_bytes()))
}

/// The name of a scheme has no case (RFC 9110, 11.1).
fn given(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|value| value.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key);
    bearer.or_else(|| text(header::HeaderName::from_static("x-api-key"))).map(str::trim)
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "an API key could not be looked up");
    Problem::unavailable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_read_in_any_case_of_the_scheme() {
        let key = |name: &'static str, value: &str| {
            given(&HeaderMap::from_iter([(header::HeaderName::from_static(name), value.parse().unwrap())])).map(str::to_owned)
        };
        for value in ["Bearer k1", "bearer k1", "BEARER  k1 "] {
            assert_eq!(key("authorization", value).as_deref(), Some("k1"), "{value}");
        }
        assert_eq!(key("x-api-key", " k1 ").as_deref(), Some("k1"));
        for value in ["Basic k1", "Bearerk1", ""] {
            assert_eq!(key("authorization", value), None, "{value}");
        }
    }
}
