//! Which entries of the ledger answer a query, read in the order asked for until a page is full.

use engine::{Engine, View, ViewError};
use ledger::name::Name;
use serde_json::Value;

use super::identity;
use super::query::Query;
use super::visible::{self, Reader, Visible};

/// Entries one query reads at the most before it answers with what it has and a token for the rest.
pub const SCAN_ENTRIES_MAX: usize = 20_000;

/// Bytes of events after which a page ends, with a token for the rest: one event may be of megabytes.
pub const PAGE_BYTES_MAX: usize = 4 << 20;

/// Any way to write an EPC or place, as its canonical path.
pub fn canonical(epc: &str) -> Result<String, String> {
    let name =
        if epc.starts_with('/') { trace::gs1::DigitalLink::from_request(epc, None).map(|l| l.name()) } else { trace::gs1::name_of(epc) };
    let name = name.map_err(|e| format!("\"{epc}\" is no EPC: {e}"))?;
    name.digital_link_path().ok_or_else(|| format!("\"{epc}\" is no GS1 key"))
}

/// The events with this id that the reader may see: its own, and others' whose public part has it.
pub fn called(engine: &Engine, reader: &Reader, id: &str) -> Result<Vec<Visible>, ViewError> {
    let view = engine.view();
    let mut page = Vec::new();
    let mut members = engine.index().members().collect::<Result<Vec<_>, _>>()?;
    // Others may use the same id: what the reader recorded under it comes first.
    members.sort_by_key(|member| *member != reader.id);
    for member in members {
        let own = member == reader.id;
        let identity = if own { identity::named(engine, &view, &member, id)? } else { ledger::entry::event_id(id.as_bytes()) };
        let author = Name::member_key(&member);
        for index in identity::entries(&view, &author, &identity)? {
            // Of an event in pieces the first gives all of it.
            let is_it = |event: &Visible| event.json.get("eventID").and_then(Value::as_str) == Some(id);
            page.extend(visible::read(&view, index, reader, &|before| !before.is_empty())?.filter(is_it));
        }
    }
    Ok(page)
}

/// Reads entries in the order asked for until the page is full. The second value is where the next page starts.
///
/// Pages follow record order, which never changes; inside a page events are sorted as asked. Sorting all events ever recorded by
/// event time would need every one of them for each answer.
pub fn select(view: &View, reader: &Reader, query: &Query) -> Result<(Vec<Visible>, Option<u64>), ViewError> {
    let mut page = Vec::new();
    let mut last = None;
    let (order, listed) = candidates(view, query)?;
    // An event in several entries is answered once, for the first of them that is asked for, on whatever page that is.
    let again = |before: &[u64]| before.iter().any(|piece| listed.as_ref().is_none_or(|listed| listed.binary_search(piece).is_ok()));
    let mut bytes = 0;
    for (read, index) in order.enumerate() {
        if read == SCAN_ENTRIES_MAX || page.len() == query.per_page || bytes >= PAGE_BYTES_MAX {
            sort(&mut page, query);
            return Ok((page, last));
        }
        last = Some(index);
        if let Some(event) = visible::read(view, index, reader, &again)?
            && query.matches(
                &event.json,
                (!event.own).then_some(&event.records),
                i64::try_from(event.record_ms).unwrap_or(i64::MAX),
                &canonical,
            )
        {
            bytes += event.bytes;
            page.push(event);
        }
    }
    sort(&mut page, query);
    Ok((page, None))
}

fn sort(page: &mut [Visible], query: &Query) {
    if query.by_event_time {
        page.sort_by_key(|v| v.json.get("eventTime").and_then(Value::as_str).and_then(|t| t.parse::<jiff::Timestamp>().ok()));
        if !query.ascending {
            page.reverse();
        }
    }
}

type Candidates = (Box<dyn Iterator<Item = u64>>, Option<Vec<u64>>);

/// Indices to look at, in their order: the lists of the EPCs asked for, or all; and these lists, ascending, beginning with the first page.
fn candidates(view: &View, query: &Query) -> Result<Candidates, ViewError> {
    let epcs = query.epcs();
    if epcs.is_empty() {
        let all = match query.after {
            Some(after) if query.ascending => after.saturating_add(1)..view.size(),
            Some(after) => 0..after.min(view.size()),
            None => 0..view.size(),
        };
        return Ok((if query.ascending { Box::new(all) } else { Box::new(all.rev()) }, None));
    }
    let mut listed = Vec::new();
    for path in epcs {
        let Ok(link) = trace::gs1::DigitalLink::from_request(path, None) else { continue };
        listed.extend(view.about(&link.name().key())?);
    }
    listed.sort_unstable();
    listed.dedup();
    let mut indices = listed.clone();
    if let Some(after) = query.after {
        indices.retain(|i| if query.ascending { *i > after } else { *i < after });
    }
    if !query.ascending {
        indices.reverse();
    }
    Ok((Box::new(indices.into_iter()), Some(listed)))
}
