//! Pages, proofs and linksets that are made from the ledger take turns, and so do queries over its events. Each holds a whole history in
//! memory while it is made, and any member can make one long: without a limit some hundred requests at once for such an item would take
//! all memory, for all pages.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ledger::Key;
use tokio::task::JoinError;

use crate::session::network;
use crate::turns::{Each, Turns};

base::limits! {
    /// Pages, proofs and linksets made at the same time: a long history takes tens of megabytes meanwhile.
    BUILDS_AT_ONCE: usize = 8, "builds";
    /// Of one subject.
    BUILDS_OF_ONE: usize = 1, "builds";
    /// What is made about no one subject at the same time, such as the choices of a typed code: each may read some long histories.
    OTHERS_AT_ONCE: usize = 2, "builds";
    /// Searches of one network for a typed code at the same time.
    SEARCHES_OF_ONE: usize = 1, "searches";
    /// Queries over events at the same time: each reads up to some ten thousand entries, and pages are for shoppers who wait.
    QUERIES_AT_ONCE: usize = 2, "queries";
    /// Queries of one member at the same time: others' do not wait for all of its own.
    QUERIES_OF_ONE: usize = 1, "queries";
    /// Lists, searches and figures of the console at the same time: shoppers' pages do not wait for them.
    DESKS_AT_ONCE: usize = 4, "lists";
    /// The same for the accounts and keys of one member: whoever searches again and again waits for itself.
    DESKS_OF_ONE: usize = 1, "lists";
    /// Documents that are read or wait for their turn, all together.
    CAPTURES_KIB: usize = 64 << 10, "KiB";
    /// The same of one member.
    CAPTURES_OF_ONE_KIB: usize = 16 << 10, "KiB";
    /// How long one waits for its turn before it is answered with 503.
    BUILD_WAIT_MS: u64 = 10_000, "milliseconds";
}

static BUILDS: Turns = Turns::new(BUILDS_AT_ONCE);
static DESKS: Turns = Turns::new(DESKS_AT_ONCE);
static OTHERS: Turns = Turns::new(OTHERS_AT_ONCE);
static QUERIES: Turns = Turns::new(QUERIES_AT_ONCE);

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum NotBuilt {
    /// Too much is being made.
    #[error("too much is being made at once")]
    Busy,
    /// The work ended without a result.
    #[error(transparent)]
    Ended(#[from] JoinError),
}

/// Makes something about no one subject beside the threads that answer, when its turn comes.
pub async fn build<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotBuilt> {
    in_turn(&OTHERS, work).await
}

/// Looks for what somebody of this network typed: whoever searches again and again waits for itself.
pub async fn search<T: Send + 'static>(from: IpAddr, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotBuilt> {
    static EACH: Each<IpAddr> = Each::new(SEARCHES_OF_ONE);
    of_one(&EACH, &network::of(from), &OTHERS, work).await
}

/// Makes something about a subject: who asks for one long history again and again, each time by another address of it, waits for itself.
pub async fn build_of<T: Send + 'static>(subject: &Key, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotBuilt> {
    static EACH: Each<Key> = Each::new(BUILDS_OF_ONE);
    of_one(&EACH, subject, &BUILDS, work).await
}

/// Reads many letters for a member, as the console's lists do.
pub async fn list<T: Send + 'static>(member: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotBuilt> {
    static EACH: Each<String> = Each::new(DESKS_OF_ONE);
    of_one(&EACH, &member.to_owned(), &DESKS, work).await
}

/// An answer that is made so. `what` is for the operator's log.
pub async fn built(what: &'static str, work: impl FnOnce() -> Response + Send + 'static) -> Response {
    answered(what, build(work).await)
}

/// The same about a subject.
pub async fn built_of(subject: &Key, what: &'static str, work: impl FnOnce() -> Response + Send + 'static) -> Response {
    answered(what, build_of(subject, work).await)
}

/// An answer of the console: it may read many letters.
pub async fn listed(member: &str, what: &'static str, work: impl FnOnce() -> Response + Send + 'static) -> Response {
    answered(what, list(member, work).await)
}

fn answered(what: &'static str, made: Result<Response, NotBuilt>) -> Response {
    match made {
        Ok(response) => response,
        Err(NotBuilt::Busy) => busy(),
        Err(error) => {
            tracing::error!(%error, what, "it could not be made");
            (StatusCode::INTERNAL_SERVER_ERROR, "This could not be made. The cause is in the server's log. Please try again.\n")
                .into_response()
        }
    }
}

/// Looks through events for a member in the same way.
pub async fn query<T: Send + 'static>(member: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotBuilt> {
    static EACH: Each<String> = Each::new(QUERIES_OF_ONE);
    of_one(&EACH, &member.to_owned(), &QUERIES, work).await
}

/// Takes a subject's or a member's own turn, and then one of all.
async fn of_one<K: Ord + Clone, T: Send + 'static>(
    each: &'static Each<K>,
    whose: &K,
    turns: &'static Turns,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NotBuilt> {
    let own = each.take_within(whose, 1, Duration::from_millis(BUILD_WAIT_MS)).await.ok_or(NotBuilt::Busy)?;
    in_turn(turns, move || {
        let _own = own;
        work()
    })
    .await
}

/// A turn that does not come in time is not waited for; one that came is.
async fn in_turn<T: Send + 'static>(turns: &'static Turns, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotBuilt> {
    Ok(turns.take_within(Duration::from_millis(BUILD_WAIT_MS), work).await.ok_or(NotBuilt::Busy)??)
}

/// What somebody is told whose turn did not come.
pub fn busy() -> Response {
    let words = "The server has too much to do just now. Please try again in a moment.\n此刻访问较多，请稍后再试。\n";
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, words).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(base::limit::RETRY_AFTER_SECONDS));
    response
}
