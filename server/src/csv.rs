//! Spreadsheet files (CSV, RFC 4180). Cells that a spreadsheet would run as a formula are defused: what strangers write ends up on a desk.

/// The mark that such a file begins with: without it spreadsheets take Chinese for another encoding.
pub const BEGIN: char = '\u{feff}';

/// Signs that begin a formula, full-width forms included.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Writes a line.
pub fn line<const CELLS: usize>(out: &mut String, cells: [String; CELLS]) {
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
