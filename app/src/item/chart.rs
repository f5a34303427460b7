//! A chart of measured values, drawn by the server from the very readings in the table below it. The page's script draws it again
//! from the verified values and compares, so the arithmetic here is whole numbers and stands in `public/draw.js` a second time.

use leptos::prelude::*;
use trace::format::shown;
use trace::page::{Chart, Signed};

use crate::context::PageContext;
use crate::marks::{fact, label, ours};
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::text;

/// Drawing units: ten to a pixel at 302 pixels.
const WIDTH: f64 = 3020.0;
/// The line lies between these heights, counted from the top.
const TOP: f64 = 200.0;
const BOTTOM: f64 = 880.0;

/// Where the points of a line lie.
#[derive(Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The path's `d`.
    pub path: String,
    /// Height of the limit.
    pub limit: Option<i64>,
    /// Index and place of the highest reading.
    pub highest: (usize, i64, i64),
    /// Height at which the highest is named: above its ring, and below it where the limit's line runs there.
    pub named: i64,
}

/// How far below the limit a ring lies whose name above it would cross the limit's line.
const CROSSED: std::ops::Range<i64> = 41..220;

/// Draws values at their times (milliseconds) with their limit; `None` where fewer than two times differ.
pub fn draw(points: &[(f64, f64)], limit: Option<f64>) -> Option<Drawn> {
    let (first, last) = (points.first()?.0, points.last()?.0);
    if last <= first {
        return None;
    }
    let all = || points.iter().map(|p| p.1).chain(limit);
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    #[expect(clippy::cast_possible_truncation, reason = "rounded, within the drawing")]
    let place = |value: f64| (BOTTOM - (value - low) / span * (BOTTOM - TOP)).round() as i64;
    #[expect(clippy::cast_possible_truncation, reason = "rounded, within the drawing")]
    let across = |time: f64| ((time - first) / (last - first) * WIDTH).round() as i64;
    let mut path = String::new();
    let mut highest = 0;
    for (at, (time, value)) in points.iter().enumerate() {
        path += &format!("{}{} {}", if at == 0 { 'M' } else { 'L' }, across(*time), place(*value));
        if *value > points[highest].1 {
            highest = at;
        }
    }
    let (time, value) = points[highest];
    let (limit, top) = (limit.map(place), place(value));
    let crossed = limit.is_some_and(|limit| CROSSED.contains(&(top - limit)));
    let named = if crossed { top + 250 } else { top - 80 };
    Some(Drawn { path, limit, highest: (highest, across(time), top), named })
}

fn number(signed: &Signed) -> Option<f64> {
    signed.values.first()?.parse().ok()
}

fn time(signed: &Signed) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this era are below 2^53")]
    trace::time::instant_ms(signed.values.first()?).map(|ms| ms as f64)
}

/// The chart with its table.
pub fn chart(chart: &Chart, context: &PageContext) -> Markup {
    let lang = context.lang;
    let points: Option<Vec<(f64, f64)>> = chart.readings.iter().map(|(t, v)| Some((time(t)?, number(v)?))).collect();
    let drawn = points.and_then(|points| draw(&points, chart.limit.as_ref().and_then(number)));
    let picture = drawn.map(|drawn| picture(chart, &drawn, context));
    let rows = chart
        .readings
        .iter()
        .map(|(time, value)| view! { <tr><td>{fact(time, lang)}</td><td>{fact(value, lang)}</td></tr> })
        .collect_view();
    view! {
        {picture}
        <details class="table">
            <summary>{ours(text(lang, "node.table"))}</summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{ours(text(lang, "node.table.time"))}</th>
                        <th scope="col">{label(&chart.kind, lang)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .markup()
}

fn picture(chart: &Chart, drawn: &Drawn, context: &PageContext) -> Markup {
    let lang = context.lang;
    let (at, x, y) = drawn.highest;
    let top = &chart.readings[at].1;
    // To the side where there is room.
    let anchor = if x > 2300 {
        "end"
    } else if x > 700 {
        "mid"
    } else {
        ""
    };
    let limit = chart.limit.as_ref().zip(drawn.limit).map(|(limit, y)| {
        view! {
            <path class="limit" d=format!("M0 {y}H3020")/>
            <text class="end" x="3020" y=(y - 50).to_string()>
                {ours_with_svg(limit, context)}
            </text>
        }
    });
    let ends = chart.readings.first().zip(chart.readings.last()).map(|((first, _), (last, _))| {
        view! { <figcaption class="ends">{fact(first, lang)}{fact(last, lang)}</figcaption> }
    });
    view! {
        <figure class="chart">
            <svg viewBox="0 0 3020 960" aria-hidden="true">
                {limit}
                <path class="base" d="M0 950H3020"/>
                <path class="line" data-chart=top.pointers.first().cloned() d=drawn.path.clone()/>
                <circle cx=x.to_string() cy=y.to_string() r="36"/>
                <text
                    class=anchor x=x.to_string() y=drawn.named.to_string()
                    data-p=top.pointers.join(" ") data-f=top.format.attribute()
                >
                    {shown(top.format, &top.values, lang)}
                </text>
            </svg>
            {ends}
        </figure>
    }
    .markup()
}

/// "limit 4 °C" as spans of a drawing.
fn ours_with_svg(limit: &Signed, context: &PageContext) -> Vec<Markup> {
    let lang = context.lang;
    crate::texts::pieces(text(lang, "node.limit"))
        .map(|piece| match piece {
            crate::texts::Piece::Text(words) => view! { <tspan data-o="">{words}</tspan> }.markup(),
            crate::texts::Piece::Slot(_) => view! {
                <tspan data-p=limit.pointers.join(" ") data-f=limit.format.attribute()>{shown(limit.format, &limit.values, lang)}</tspan>
            }
            .markup(),
        })
        .collect()
}

/// The strip of packs a transformation made.
pub fn ticks(packs: &trace::page::Packs, context: &PageContext) -> Markup {
    let lang = context.lang;
    let count = packs.ticks();
    let step = 3020 / count.max(1);
    let path: String = (0..count).map(|i| format!("M{} 0v160", 10 + i * step)).collect();
    view! {
        <figure class="ticks">
            <svg viewBox="0 0 3020 160" aria-hidden="true"><path d=path/></svg>
            <figcaption>{fact(&packs.count, lang)} " " {crate::marks::words(&packs.label, lang)}</figcaption>
        </figure>
    }
    .markup()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `app/drawn.tsv` holds [`draw`] and `Leafproof.draw` of public/draw.js to the same arithmetic: made here, asked there
    /// (end2end/unit). After a change of it: `DRAWN=write cargo test -p app drawn`.
    #[test]
    fn charts_are_drawn_as_the_script_draws_them() {
        let mut seed = 20_261_130_u64;
        let mut dice = |sides: u64| {
            // Knuth's, for numbers that are the same everywhere.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        let mut rows = String::new();
        for _ in 0..120 {
            let (start, scale) = (1_790_000_000_000 + dice(1_000_000), [0.001, 0.1, 1.0, 1000.0][usize::try_from(dice(4)).unwrap()]);
            let mut time = start;
            #[expect(clippy::cast_precision_loss, reason = "small numbers, and milliseconds of this era")]
            let points: Vec<(f64, f64)> = (0..2 + dice(12))
                .map(|_| {
                    time += 1 + dice(7_200_000);
                    (time as f64, (dice(400) as f64 - 150.0) * scale)
                })
                .collect();
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let limit = (dice(3) > 0).then(|| (dice(400) as f64 - 150.0) * scale);
            let drawn = draw(&points, limit).unwrap();
            let (top, x, y) = drawn.highest;
            let pairs: Vec<String> = points.iter().map(|(time, value)| format!("[{time},{value}]")).collect();
            let height = drawn.limit.map_or_else(|| "null".to_owned(), |height| height.to_string());
            rows += &format!("[{}]\t{}\t", pairs.join(","), limit.map_or_else(|| "null".to_owned(), |limit| limit.to_string()));
            rows += &format!(
                "{{\"path\":\"{}\",\"limit\":{height},\"top\":{top},\"x\":{x},\"y\":{y},\"named\":{}}}\n",
                drawn.path, drawn.named
            );
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/drawn.tsv");
        if std::env::var_os("DRAWN").is_some() {
            std::fs::write(file, &rows).unwrap();
        }
        assert!(std::fs::read_to_string(file).unwrap() == rows, "app/drawn.tsv is of another arithmetic: DRAWN=write makes it anew");
    }

    #[test]
    fn a_strip_has_a_tick_for_each_pack_that_the_door_lets_in() {
        let ticks = |count: &str| {
            let signed =
                |value: &str| trace::page::Signed { pointers: vec![], values: vec![value.to_owned()], format: trace::page::Format::Number };
            trace::page::Packs { count: signed(count), label: std::collections::BTreeMap::new() }.ticks()
        };
        // The same as in end2end/unit/formats.test.mjs.
        for (count, expected) in [
            ("0", 0),
            ("1", 1),
            ("60", 60),
            ("61", 60),
            ("999999999", 60),
            ("1000000000", 0),
            ("4294967296", 0),
            ("1e3", 0),
            ("007", 0),
            ("", 0),
            ("9.5", 0),
        ] {
            assert_eq!(ticks(count), expected, "{count}");
        }
    }

    #[test]
    fn a_line_lies_between_its_lowest_and_its_highest() {
        let drawn = draw(&[(0.0, 1.0), (50.0, 3.0), (100.0, 2.0)], Some(4.0)).unwrap();
        assert_eq!(drawn.path, "M0 880L1510 427L3020 653");
        assert_eq!((drawn.limit, drawn.highest, drawn.named), (Some(200), (1, 1510, 427), 347));
        let named = |limit| draw(&[(0.0, 1.0), (50.0, 3.5), (100.0, 2.0)], limit).unwrap().named;
        assert_eq!((named(Some(4.0)), named(None)), (563, 120), "below its ring where the limit's line runs above it");
        assert_eq!(draw(&[(5.0, 1.0)], None), None);
    }
}
