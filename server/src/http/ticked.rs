//! `/console/ticked`: one thing done to several letters at once, after it was said how many they are.

use app::console::ticked::{Deed, TickedPage};
use app::feedback::form::Fault;
use axum::Router;
use axum::extract::{Form, FromRef, OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::post;
use trace::feedback::Side;

use super::console::{Desked, desked};
use super::feedback::see_other;
use crate::feedback::Desk;
use crate::feedback::handling::{self, Done, Step};
use crate::feedback::letters::LetterError;
use crate::inbox::{self, PAGE_ROWS};
use crate::session::accounts::May;
use crate::session::origin::{Origin, same_origin};

base::limits! {
    /// Letters that one step is taken on at once: one page of the list, so that whoever takes it has seen them.
    TICKED_MAX: usize = PAGE_ROWS, "letters";
}

/// Routes of what is done to several letters.
pub fn routes<S>(public_url: &str) -> Router<S>
where
    Desk: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/console/ticked", post(ticked)).layer(from_fn_with_state(Origin::of(public_url), same_origin))
}

/// What was asked for.
struct Asked {
    ids: Vec<String>,
    deed: Deed,
    /// How many were named is what was wanted.
    sure: bool,
}

fn asked(fields: Vec<(String, String)>) -> Asked {
    let mut asked = Asked { ids: Vec::new(), deed: Deed::Close, sure: false };
    let (mut assign, mut to) = (false, None);
    for (name, value) in fields {
        match name.as_str() {
            // One id twice is one letter.
            "id" if !asked.ids.contains(&value) && asked.ids.len() <= TICKED_MAX => asked.ids.push(value),
            "do" => assign = value == "assign",
            "to" => to = Some(value).filter(|to| !to.is_empty()),
            "sure" => asked.sure = true,
            _ => {}
        }
    }
    if assign {
        asked.deed = Deed::Assign(to);
    }
    asked
}

async fn ticked(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let at = match desked(desk, uri, headers, May::Assign) {
        Ok(at) => at,
        Err(response) => return response,
    };
    let asked = asked(fields);
    match done(&at, asked).await {
        Ok(response) => response,
        Err(error) => at.failed(&error),
    }
}

async fn done(at: &Desked, asked: Asked) -> Result<Response, LetterError> {
    let engine = &at.desk.engine;
    let back = format!("/console/comments{}", at.filter().query(&[]));
    let colleagues = inbox::colleagues(engine, &at.account)?;
    let mut letters = Vec::new();
    for id in &asked.ids {
        // Whoever names a letter that is not its own learns nothing: it is as if there were none.
        if let Some((row, side)) = inbox::find(engine, &at.account, id)? {
            letters.push((row.comment.id.clone(), side, inbox::letter(engine, &at.account, &row, side, &colleagues)?));
        }
    }
    let fault = if asked.ids.len() > TICKED_MAX {
        Some(Fault::new("", "console.ticked.many", vec![("max", TICKED_MAX.to_string())]))
    } else if letters.is_empty() {
        Some(Fault::new("", "console.ticked.none", vec![]))
    } else if matches!(&asked.deed, Deed::Assign(Some(to)) if !colleagues.contains(to)) {
        Some(Fault::new("", "console.assign.fault", vec![]))
    } else {
        None
    };
    if fault.is_none() && asked.sure {
        let of = letters.into_iter().map(|(id, side, _)| (id, side)).collect();
        return match all(at, of, &asked.deed).await? {
            true => Ok(see_other(&back)),
            false => Ok(at.said(StatusCode::CONFLICT, "console.comments", "console.step.full")),
        };
    }
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let context = at.desk.context(&at.headers, &at.uri, back.clone());
    let letters = letters.into_iter().map(|(_, _, comment)| comment).collect();
    let action = format!("/console/ticked{}", at.filter().query(&[]));
    let page = TickedPage { reader: at.reader(context.lang), deed: asked.deed, letters, back, action, fault };
    let mut response = at.html(app::console::ticked(&page, &context));
    *response.status_mut() = status;
    Ok(response)
}

/// Does it to each; false where one could not take it.
async fn all(at: &Desked, letters: Vec<(String, Side)>, deed: &Deed) -> Result<bool, LetterError> {
    let (engine, by) = (&at.desk.engine, at.account.name.as_str());
    let mut whole = true;
    for (id, side) in letters {
        let done = match deed {
            Deed::Close => handling::step(engine, &id, Step::Close, by, side).await?,
            Deed::Assign(to) => handling::assign(engine, &id, to.clone(), by, side).await?,
        };
        whole &= done != Done::Full;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests;
