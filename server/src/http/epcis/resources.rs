//! What can be browsed (EPCIS 2.0, 12.5): event types, EPCs, business steps, places and dispositions, each with its events.
//!
//! A list holds what stands in events that the reader may see, and nothing else: whether something is known to this ledger beyond
//! that is nobody's business. Pages follow record order and read a bounded number of entries, so a name can come again on a later page.

use std::collections::BTreeSet;

use axum::extract::{MatchedPath, OriginalUri, Path, State};
use axum::response::Response;
use engine::{View, ViewError};
use serde_json::Value;
use trace::epcis::{EventType, cbv};
use trace::words::bare;

use super::events::{answer, found, not_answered, reader};
use super::{Page, below, collection, failed, next_page, unknown_token};
use crate::epcis::filter;
use crate::epcis::query::Query;
use crate::epcis::search::{SCAN_ENTRIES_MAX, canonical};
use crate::epcis::visible::{self, Reader};
use crate::http::building::query;
use crate::http::keyed::Querying;
use crate::http::problem::Problem;
use crate::state::AppState;

/// The standard's event types.
const EVENT_TYPES: [&str; 5] = ["AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent"];

/// One kind of what can be browsed.
struct Kind {
    /// Its word in the address.
    word: &'static str,
    /// Names that the standard itself lists.
    standard: &'static [&'static str],
    /// Fields of an event that hold further ones.
    fields: &'static [&'static str],
    /// The query's parameter that asks for the events of one; EPCs have lists of their own in the ledger.
    parameter: Option<&'static str>,
}

const KINDS: [Kind; 6] = [
    Kind { word: "eventTypes", standard: &EVENT_TYPES, fields: &[], parameter: Some("eventType") },
    Kind {
        word: "epcs",
        standard: &[],
        fields: &["/epcList", "/parentID", "/childEPCs", "/inputEPCList", "/outputEPCList"],
        parameter: None,
    },
    Kind { word: "bizSteps", standard: cbv::BIZ_STEPS, fields: &["/bizStep"], parameter: Some("EQ_bizStep") },
    Kind { word: "bizLocations", standard: &[], fields: &["/bizLocation/id"], parameter: Some("EQ_bizLocation") },
    Kind { word: "readPoints", standard: &[], fields: &["/readPoint/id"], parameter: Some("EQ_readPoint") },
    Kind { word: "dispositions", standard: cbv::DISPOSITIONS, fields: &["/disposition"], parameter: Some("EQ_disposition") },
];

fn kind_of(path: &MatchedPath) -> Result<&'static Kind, Problem> {
    let word = below(path).split('/').nth(1);
    KINDS.iter().find(|kind| Some(kind.word) == word).ok_or_else(|| failed("resource", &path.as_str()))
}

/// Where a list goes on: standard names first, then the entries of the ledger, and of an entry the names that were not given yet.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    at: u64,
    given: usize,
}

impl Position {
    fn parse(token: &str) -> Option<Self> {
        let (at, given) = token.split_once('-')?;
        Some(Self { at: at.parse().ok()?, given: given.parse().ok()? })
    }
}

/// `GET /{kind}`.
pub(super) async fn list(
    State(state): State<AppState>,
    Querying(member): Querying,
    path: MatchedPath,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    let reader = reader(&state, member)?;
    let kind = kind_of(&path)?;
    let page = Page::parse(&uri)?;
    let start = match &page.token {
        Some(token) => Position::parse(token).ok_or_else(unknown_token)?,
        None => Position::default(),
    };
    let view = state.engine.view();
    let member = reader.id.clone();
    let names = query(&member, move || names(&view, &reader, kind, start, page.per_page)).await;
    let (names, next) = names.map_err(not_answered)?.map_err(|e| failed("list", &e))?;
    Ok(collection(names, next.map(|next| next_page(&uri, &format!("{}-{}", next.at, next.given)))))
}

fn names(
    view: &View,
    reader: &Reader,
    kind: &Kind,
    start: Position,
    per_page: usize,
) -> Result<(Vec<String>, Option<Position>), ViewError> {
    let standard = kind.standard.len() as u64;
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    let mut here = start;
    let end = if kind.fields.is_empty() { standard } else { standard + view.size() };
    let read_to = start.at.max(standard).saturating_add(SCAN_ENTRIES_MAX as u64);
    while here.at < end {
        if here.at == read_to {
            return Ok((names, Some(here)));
        }
        let there = match usize::try_from(here.at).ok().and_then(|at| kind.standard.get(at)) {
            Some(name) => vec![(*name).to_owned()],
            None => {
                let event = visible::read(view, here.at - standard, reader, &|before| !before.is_empty())?;
                event.map(|event| named_in(&event.json, kind)).unwrap_or_default()
            }
        };
        for name in there.into_iter().skip(here.given) {
            if names.len() == per_page {
                return Ok((names, Some(here)));
            }
            here.given += 1;
            if seen.insert(name.clone()) {
                names.push(name);
            }
        }
        here = Position { at: here.at + 1, given: 0 };
    }
    Ok((names, None))
}

/// Names of this kind in an event, beyond the standard's.
fn named_in(event: &Value, kind: &Kind) -> Vec<String> {
    let values = kind.fields.iter().filter_map(|field| event.pointer(field));
    let texts = values.flat_map(trace::epcis::listed).filter_map(Value::as_str);
    texts.filter(|text| !kind.standard.contains(&bare(text))).map(str::to_owned).collect()
}

/// `GET /{kind}/{name}`: what there is of it, which is its events.
pub(super) async fn one(
    State(state): State<AppState>,
    Querying(member): Querying,
    path: MatchedPath,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let reader = reader(&state, member)?;
    let kind = kind_of(&path)?;
    if !is_standard(kind, &name) {
        let mut query = query_of(kind, &name, "")?;
        query.per_page = 1;
        let (page, next) = found(&state, reader, query).await?;
        if page.is_empty() && next.is_none() {
            return Err(Problem::not_found(format!("No event that you may see names {name} among its {}.", kind.word)));
        }
    }
    Ok(collection(vec!["events".to_owned()], None))
}

/// `GET /{kind}/{name}/events`.
pub(super) async fn events(
    State(state): State<AppState>,
    Querying(member): Querying,
    path: MatchedPath,
    Path(name): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    let query = query_of(kind_of(&path)?, &name, uri.query().unwrap_or(""))?;
    answer(&state, &uri, member, query).await
}

fn is_standard(kind: &Kind, name: &str) -> bool {
    kind.standard.contains(&bare(name))
}

fn query_of(kind: &Kind, name: &str, query: &str) -> Result<Query, Problem> {
    if kind.word == "eventTypes" && EventType::parse(name).is_none() {
        return Err(Problem::not_found(format!("{name} is no event type that is recorded here; they are {}.", EVENT_TYPES.join(", "))));
    }
    let mut parsed = Query::parse(query, canonical).map_err(Problem::query)?;
    match kind.parameter {
        Some(parameter) => parsed.filters.extend(filter::parse(parameter, &[name.to_owned()], &canonical).map_err(Problem::query)?),
        None => parsed.about(canonical(name).map_err(Problem::query)?),
    }
    Ok(parsed)
}
