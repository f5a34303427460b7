//! Product status: recalls, other alerts, the date on the pack, corrections.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ledger::entry::{Kind, right};
use ledger::relations::Through;
use ledger::standing::Standing;

use super::lines::Lines;
use super::{Format, Notice, ProductStatus, Signed};
use crate::history::{History, HistoryEntry};

/// The fields that may hold the date, the strictest first.
const DATES: [&str; 3] = ["itemExpirationDate", "bestBeforeDate", "sellByDate"];

/// The date on the pack, from the newest standing record that made the item or its batch, or speaks of it as master data: by the
/// owner of the number; by whom the owner lets give dates only where it gave none itself.
pub(super) fn use_by(history: &History) -> Option<(String, u64, Signed)> {
    history.said(right::DATES, |entry| {
        let own = matches!(entry.related.through, Through::Item | Through::Batch);
        let (of, lines) = (entry.event.kind, Lines(entry.public.as_ref()));
        let at = match of {
            Kind::MasterData => "",
            _ => "/ilmd",
        };
        if !own || !(entry.brings_forth() || of == Kind::MasterData) {
            return None;
        }
        DATES.iter().find_map(|field| {
            let signed = lines.one(Format::Date, &format!("{at}/cbvmda:{field}"), &[])?;
            Some(((*field).to_owned(), entry.related.index, signed))
        })
    })
}

pub(super) fn day_of(ms: u64) -> Date {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX).to_zoned(TimeZone::UTC).date()
}

/// The local day of an event, as its author wrote it.
fn local_day(entry: &HistoryEntry) -> String {
    let lines = Lines(entry.public.as_ref());
    let offset = lines.get("/eventTimeZoneOffset").and_then(crate::time::offset_minutes).unwrap_or(0);
    let shifted = i64::try_from(entry.event.event_ms).unwrap_or(i64::MAX).saturating_add(i64::from(offset) * 60_000);
    day_of(u64::try_from(shifted).unwrap_or(0)).to_string()
}

/// `notices` are the alerts and warnings in force; a recall outranks every other alert, and a warning changes nothing.
pub(super) fn status(history: &History, notices: &[Notice], use_by: Option<&(String, u64, Signed)>, now_ms: u64) -> ProductStatus {
    let alerts: Vec<(&HistoryEntry, &str)> = notices
        .iter()
        .filter(|notice| notice.red)
        .filter_map(|notice| history.entry(notice.entry))
        .map(|entry| (entry, Lines(entry.public.as_ref()).get("/disposition").unwrap_or("")))
        .collect();
    if let Some((entry, _)) = alerts.iter().find(|(_, term)| crate::words::bare(term) == "recalled") {
        return ProductStatus::Recalled(local_day(entry));
    }
    if let Some((entry, term)) = alerts.first() {
        return ProductStatus::Alert((*term).to_owned(), local_day(entry));
    }
    let days_left = use_by.and_then(|(_, _, signed)| crate::time::date(signed.values.first()?)).and_then(|date| {
        let span = day_of(now_ms).until((jiff::Unit::Day, date)).ok()?;
        Some(i64::from(span.get_days()))
    });
    if let Some(days) = days_left.filter(|days| *days < 0) {
        return ProductStatus::Expired(-days);
    }
    if !history.relations.cut.is_empty() {
        return ProductStatus::Partly;
    }
    if !history.entries.iter().any(HistoryEntry::is_node) {
        return ProductStatus::Unknown;
    }
    // What somebody takes back that the owner did not name, or from before the owner, says nothing of the owner's goods.
    let owners = |entry: &&HistoryEntry| entry.is_node() && matches!(entry.related.standing, Standing::Owner | Standing::Granted(_));
    let voids: Vec<&HistoryEntry> =
        history.entries.iter().filter(owners).filter_map(|entry| history.entry(entry.related.voided_by?)).collect();
    // By whole seconds, as the verifier's report has them.
    let corrected = voids.iter().max_by_key(|void| void.event.event_ms / 1000).map(|void| local_day(void));
    ProductStatus::InOrder { days_left, corrected, corrections: voids.len() }
}
