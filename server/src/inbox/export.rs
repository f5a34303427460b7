//! The list as a spreadsheet file.

use app::context::Lang;
use app::feedback::words::{iso, name};
use trace::feedback::{Comment, Said};

use crate::csv::{BEGIN, line};

/// The whole file.
pub fn csv(rows: &[Comment], lang: Lang) -> String {
    let mut out = String::from(BEGIN);
    line(
        &mut out,
        ["number", "received", "product", "gtin", "lot", "serial", "store", "rating", "topic", "state", "text", "answers", "replies"]
            .map(str::to_owned),
    );
    for comment in rows {
        let text = match (&comment.text, comment.held) {
            (_, Some(_)) => String::new(),
            (Some(text), None) => text.clone(),
            (None, None) => String::new(),
        };
        line(
            &mut out,
            [
                comment.number(),
                iso(comment.at_ms),
                name(&comment.product, lang).unwrap_or_default().to_owned(),
                comment.gtin.clone(),
                comment.lot.clone().unwrap_or_default(),
                comment.serial.clone().unwrap_or_default(),
                comment.place().and_then(|store| name(&store.names, lang)).unwrap_or_default().to_owned(),
                comment.rating.number().to_string(),
                comment.topic.value().to_owned(),
                comment.state().value().to_owned(),
                text,
                joined(comment.answers().map(|(_, said)| said)),
                if comment.held.is_some() { String::new() } else { joined(comment.replies()) },
            ],
        );
    }
    out
}

/// Notes are left out: a file goes further than those whom they were written for.
fn joined<'a>(said: impl Iterator<Item = &'a Said>) -> String {
    said.filter_map(|said| said.text.as_deref()).collect::<Vec<_>>().join("\n\n")
}
