//! The list as a spreadsheet file (CSV, RFC 4180). Cells that a spreadsheet would run as a formula are defused: what shoppers
//! write ends up on a brand's desk.

use app::context::Lang;
use app::feedback::words::{iso, name};
use trace::feedback::{Comment, Said};

/// Signs that begin a formula, full-width forms included.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The whole file, with a byte order mark: without it spreadsheets take Chinese for another encoding.
pub fn csv(rows: &[Comment], lang: Lang) -> String {
    let mut out = String::from("\u{feff}");
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

fn line(out: &mut String, cells: [String; 13]) {
    out.push_str(&cells.map(|cell| quoted(&cell)).join(","));
    out.push_str("\r\n");
}

fn quoted(cell: &str) -> String {
    let defuse = if cell.trim_start_matches(' ').starts_with(FORMULA) { "'" } else { "" };
    format!("\"{defuse}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn formulas_become_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a", "  =1"] {
            assert!(quoted(formula).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
