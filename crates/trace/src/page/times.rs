//! What the times of a page leave out because it stands there already: an offset that all records share is named once, over the
//! thread; a year where it changes. Within a record, a time on the record's own clock and in its year repeats neither.

use super::{Format, Node, Signed, Value};
use crate::format::{Clock, clock};

/// Gives each time of the records its shortest clear form; the offset that they share, as it is written.
pub(super) fn shorten(nodes: &mut [Node]) -> Option<String> {
    let clocks: Vec<Option<Clock>> = nodes.iter().map(|node| clock(&node.when.values)).collect();
    let first = clocks.first().copied().flatten();
    let shared = first.filter(|first| clocks.iter().all(|one| one.is_some_and(|one| one.minutes == first.minutes)));
    let mut before = None;
    for (node, own) in nodes.iter_mut().zip(clocks) {
        let Some(own) = own else { continue };
        if shared.is_some() {
            node.when.format = if before == Some(own.year) { Format::Moment } else { Format::Local };
        }
        before = Some(own.year);
        within(node, own);
    }
    shared.map(Clock::zone)
}

fn within(node: &mut Node, own: Clock) {
    let short = |signed: &mut Signed| {
        if signed.format == Format::Time && clock(&signed.values) == Some(own) {
            signed.format = Format::Moment;
        }
    };
    for fact in &mut node.facts {
        if let Value::One(value) = &mut fact.value {
            short(value);
        }
    }
    node.charts.iter_mut().flat_map(|chart| &mut chart.readings).for_each(|(time, _)| short(time));
}
