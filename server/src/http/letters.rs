//! `/letters/01/{gtin}`: the letters about a product that their writers let everybody read. A page of its own, and no part of `/01/…`:
//! there every word is signed or ours, and a stranger's beside them could say that all is verified.

use app::feedback::letters::LettersPage;
use axum::Router;
use axum::extract::{FromRef, OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde::Deserialize;
use trace::feedback::Tally;
use trace::feedback::comment::plain_words;
use trace::gs1::DigitalLink;
use trace::page::Headline;

use super::feedback::{Failure, private, see_other};
use crate::feedback::Desk;
use crate::feedback::letters::{self, LetterError};
use crate::http::building::{built, built_of};
use crate::http::headers;

base::limits! {
    /// Letters on one page: a few screens of a phone.
    LETTERS_PAGE: usize = 20, "letters";
    /// The newest letters of a product that can be paged through: nobody reads further, and the last page must not cost more than the first.
    LETTERS_LISTED: usize = 5_000, "letters";
}

/// Routes of the letters that everybody reads.
pub fn routes<S>() -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/letters/{*path}", get(shown)).route("/letter/{id}/photos/{place}", get(photo))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    before: String,
}

async fn shown(State(desk): State<Desk>, OriginalUri(uri): OriginalUri, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let path = uri.path().strip_prefix("/letters").unwrap_or_default();
    let subject = DigitalLink::from_request(path, None).ok().and_then(|link| link.name().product()).map(|name| name.key());
    let read = move || made(&desk, &uri, &asked, &headers).unwrap_or_else(|failure| failure.answer(&desk, &uri, &headers));
    // The product's name is read with its history, which may be long.
    match subject {
        Some(subject) => built_of(&subject, "a product's letters", read).await,
        None => built("a product's letters", read).await,
    }
}

fn made(desk: &Desk, uri: &Uri, asked: &Asked, headers: &HeaderMap) -> Result<Response, Failure> {
    let path = uri.path().strip_prefix("/letters").unwrap_or_default();
    let link = DigitalLink::from_request(path, None).map_err(Failure::Code)?;
    let name = link.name().product().ok_or(Failure::Unknown)?;
    let product = name.digital_link_path().ok_or(Failure::Unknown)?;
    // An item's letters are its product's: what one writer of many wrote about this very pack is nobody's to look up by its serial.
    if product != path {
        let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
        return Ok(see_other(&format!("/letters{product}{query}")));
    }
    let engine = &desk.engine;
    let index = engine.index();
    let gtin = name.gtin().ok_or(Failure::Unknown)?.to_owned();
    let tally = index.tally(&gtin).map_err(LetterError::Index)?;
    // Of some products nothing is recorded but packs; their letters stand here all the same.
    let page = (desk.pages)(&engine.view(), &name).map_err(LetterError::Page)?;
    let headline = match page {
        Some(page) => page.headline,
        None if tally == Tally::default() => return Err(Failure::Unknown),
        None => Headline::default(),
    };
    let before = Some(asked.before.as_str()).filter(|id| !id.is_empty());
    let mut ids = index.shown(&gtin).take(LETTERS_LISTED);
    if let Some(before) = before {
        // Where that one was taken off since, nothing older is found: the first page leads on.
        ids.find(|id| id.as_ref().map_or(true, |id| id == before)).transpose().map_err(LetterError::Index)?;
    }
    let (mut rows, mut older) = (Vec::new(), None);
    for id in ids {
        let id = id.map_err(LetterError::Index)?;
        if rows.len() == LETTERS_PAGE {
            older = rows.last().map(|letter: &trace::feedback::Comment| letter.id.clone());
            break;
        }
        rows.extend(letters::published(engine, &id)?);
    }
    let brand = letters::owner(engine, &engine.view(), &gtin);
    let page = LettersPage {
        product,
        name: plain_words(&headline.name),
        brand: if brand.is_some() { plain_words(&headline.brand) } else { Default::default() },
        tally,
        letters: rows,
        older,
        later: before.is_some(),
        listed_max: LETTERS_LISTED as u64,
    };
    let context = desk.context(headers, uri, uri.path().to_owned());
    Ok(private(headers::page(app::feedback::letters(&page, &context))))
}

/// A photo that its writer lets everybody see, for as long as the letter stands there.
async fn photo(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    Path((id, place)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Response {
    match letters::published_photo(&desk.engine, &id, place) {
        Ok(Some(jpeg)) => {
            let mut response = private(jpeg.into_response());
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
            response
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => Failure::from(error).answer(&desk, &uri, &headers),
    }
}

#[cfg(test)]
mod tests;
