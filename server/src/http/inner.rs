//! `/inner/{code}/01/{gtin}/21/{serial}`: the address inside a pack. Opening it, however often and by whatever program, changes nothing; its
//! one button uses the code. Whole without scripts.

use std::net::SocketAddr;

use app::context::Lang;
use app::inner::{InnerPage, State as Shown};
use app::item::voices::worries;
use app::texts::text;
use axum::Router;
use axum::extract::{ConnectInfo, Extension, FromRef, OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use ledger::name::{Level, Name};
use trace::feedback::comment::plain_words;
use trace::gs1::DigitalLink;
use trace::page::CodeHistory;

use super::building::build_of;
use super::feedback::private;
use super::headers;
use crate::feedback::Desk;
use crate::freeze;
use crate::inner::{self, CODE_LETTERS, INNER_GUESSES, InnerFault, Standing, Use};
use crate::session::origin::{Origin, same_origin};

/// Routes of codes inside packs.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/inner/{*path}", get(open).post(tap)).layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// Code and pack of an address below `/inner/`; what is not of its form is nothing that we made.
pub(super) fn parse(path: &str) -> Option<(&str, Name)> {
    let (code, item) = path.strip_prefix("/inner/")?.split_once('/')?;
    let formed = code.len() == CODE_LETTERS && code.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte));
    let name = DigitalLink::from_request(&format!("/{item}"), None).ok()?.name();
    (formed && name.level() == Level::Item).then_some((code, name))
}

type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

async fn open(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, peer: Peer, headers: HeaderMap) -> Response {
    answered(desk, uri, peer, headers, false).await
}

async fn tap(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, peer: Peer, headers: HeaderMap) -> Response {
    answered(desk, uri, peer, headers, true).await
}

async fn answered(desk: Desk, uri: Uri, peer: Peer, headers: HeaderMap, uses: bool) -> Response {
    let (from, now_ms) = (desk.client(&headers, peer.map(|Extension(peer)| peer.0.ip())), desk.engine.now_ms());
    if desk.inner_guesses.count(from, now_ms) >= INNER_GUESSES {
        let mut response = page(&desk, &uri, &headers, InnerPage::bare(Shown::Many));
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("3600"));
        return response;
    }
    // What another site's page loads here is no visitor's guess: such pages would lock their visitors' networks out. Nor is what is no code.
    let guessed = || {
        let elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        if uses || !elsewhere {
            desk.inner_guesses.add(from, now_ms);
        }
    };
    let Some((code, name)) = parse(uri.path()) else {
        return page(&desk, &uri, &headers, InnerPage::bare(Shown::Wrong));
    };
    let came = if uses {
        inner::spend(&desk.engine, &name, code).await
    } else {
        inner::look(&desk.engine, &name, code).map(Use::Not).map_err(InnerFault::from)
    };
    let shown = match came {
        Ok(Use::Now(at_ms)) => Shown::Now { at_ms },
        Ok(Use::Not(Standing::Fresh)) => Shown::Fresh,
        Ok(Use::Not(Standing::Spent(at_ms))) => Shown::Spent { at_ms },
        Ok(Use::Not(Standing::Over)) => Shown::Over,
        Ok(Use::Not(Standing::Wrong)) => Shown::Wrong,
        Err(error) => {
            tracing::error!(%error, "the code inside a pack could not be looked up or used");
            let mut response = page(&desk, &uri, &headers, InnerPage::bare(Shown::Busy));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(base::limit::RETRY_AFTER_SECONDS));
            return response;
        }
    };
    let item = name.digital_link_path();
    if shown == Shown::Wrong {
        guessed();
        return page(&desk, &uri, &headers, InnerPage { item, ..InnerPage::bare(shown) });
    }
    // Whoever has the code reads what it belongs to. Where that cannot be made just now it may have been recalled, and is not said to be well.
    let (worker, lang) = (desk.clone(), desk.context(&headers, &uri, String::new()).lang);
    let (subject, state) = (name.key(), shown.clone());
    let told = match build_of(&subject, move || told(&worker, &name, shown, lang)).await {
        Ok(Ok(told)) => Ok(told),
        Ok(Err(why)) => Err(why),
        Err(error) => Err(error.to_string()),
    };
    let told = told.unwrap_or_else(|why| {
        tracing::warn!(why, "the page of a pack could not be read");
        InnerPage { worries: vec![text(lang, "inner.worry.unread").to_owned()], ..InnerPage::bare(state) }
    });
    page(&desk, &uri, &headers, InnerPage { item, ..told })
}

/// With what is said of the pack, or where that is not recorded yet, of its product.
fn told(desk: &Desk, name: &Name, shown: Shown, lang: Lang) -> Result<InnerPage, String> {
    let view = desk.engine.view();
    let mut found = (desk.pages)(&view, name)?;
    if let (None, Some(product)) = (&found, name.product()) {
        found = (desk.pages)(&view, &product)?;
    }
    let Some(mut page) = found else { return Ok(InnerPage::bare(shown)) };
    page.code = freeze::history(&desk.engine, name, CodeHistory::NotCounted);
    Ok(InnerPage {
        product: plain_words(&page.headline.name),
        brand: plain_words(&page.headline.brand),
        worries: worries(&page, lang),
        ..InnerPage::bare(shown)
    })
}

fn page(desk: &Desk, uri: &Uri, request: &HeaderMap, page: InnerPage) -> Response {
    let status = match page.state {
        Shown::Wrong => StatusCode::NOT_FOUND,
        Shown::Many => StatusCode::TOO_MANY_REQUESTS,
        Shown::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let context = desk.context(request, uri, uri.path().to_owned());
    let mut response = private(headers::page(app::inner::render(&page, &context)));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
