//! The label that goes on a pack: a typographic object with real millimetres, drawn as SVG. The printed rings are hollow:
//! paper cannot check; they close on the phone.

use std::fmt::Write as _;

use crate::symbol::{QUIET_MODULES, Symbol, escape};

/// What is printed beside the symbol. Empty texts leave their line out.
#[derive(Clone, Debug, Default)]
pub struct LabelText {
    /// Brand, both languages as far as signed: "塔拉诺尔 Talanuur".
    pub brand: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Name in English.
    pub name_en: String,
    /// Weight and packing.
    pub description: String,
    /// Batch.
    pub lot: String,
    /// Use-by date, `YYYY-MM-DD`.
    pub use_by: String,
    /// Serial.
    pub serial: String,
    /// How many records stand behind it: the row of hollow rings.
    pub records: usize,
}

/// The two sizes of pack labels, with the module size that fits each (inside the range of `symbol::MODULE_MM_RANGE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 60 × 40 mm, for 300 dpi thermal printers.
    Pack,
    /// 40 × 25 mm.
    Small,
}

impl Size {
    /// From the word in the address: `60x40` or `40x25`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "60x40" => Some(Self::Pack),
            "40x25" => Some(Self::Small),
            _ => None,
        }
    }

    fn millimetres(self) -> (f64, f64) {
        match self {
            Self::Pack => (60.0, 40.0),
            Self::Small => (40.0, 25.0),
        }
    }

    /// Largest side of the symbol with its quiet zone.
    fn symbol_mm(self) -> f64 {
        match self {
            Self::Pack => 26.0,
            Self::Small => 19.0,
        }
    }
}

/// Draws the label. `None` where the symbol's modules would get smaller than scanners read: use the larger label or a shorter address.
pub fn svg(size: Size, symbol: &Symbol, text: &LabelText) -> Option<String> {
    let (width, height) = size.millimetres();
    let modules = symbol.width() + 2 * QUIET_MODULES;
    let module_mm = (size.symbol_mm() / modules as f64).min(0.63);
    if module_mm < crate::symbol::MODULE_MM_RANGE.0 {
        return None;
    }
    let side = module_mm * modules as f64;
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}" font-family="'Noto Sans CJK SC','Noto Sans SC','PingFang SC',sans-serif"><path fill="#fff" d="M0 0h{width}v{height}H0z"/>"##
    );
    let top = 2.0;
    let left = 2.0;
    let _ = write!(
        out,
        r#"<g transform="translate({left} {top}) scale({module_mm:.4})"><path shape-rendering="crispEdges" d="{}"/></g>"#,
        symbol.path_data()
    );
    let (first, last) = split_serial(&text.serial);
    let _ = write!(
        out,
        r#"<text x="{:.2}" y="{:.2}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="2.1">{} <tspan font-weight="700">{}</tspan></text>"#,
        left + module_mm * QUIET_MODULES as f64,
        top + side + 1.2,
        escape(first),
        escape(last)
    );
    let x = left + side + 1.0;
    match size {
        Size::Pack => pack_lines(&mut out, x, text),
        Size::Small => small_lines(&mut out, x, text),
    }
    out.push_str("</svg>");
    Some(out)
}

fn pack_lines(out: &mut String, x: f64, text: &LabelText) {
    line(out, x, 6.4, 2.4, 400, &text.brand);
    line(out, x, 11.0, 4.0, 700, &text.name_zh);
    line(out, x, 14.8, 2.6, 400, &text.name_en);
    for (y, label, value) in [(19.4, "净含量", &text.description), (22.6, "批次", &text.lot), (25.8, "保质期至", &text.use_by)] {
        if !value.is_empty() {
            line(out, x, y, 2.3, 400, label);
            line(out, x + 10.6, y, 2.3, 400, value);
        }
    }
    out.push_str(r##"<path stroke="#000" stroke-width=".3" d="M4 31h52"/>"##);
    line(out, 4.0, 34.2, 2.2, 400, "扫码，由您的手机核验");
    line(out, 4.0, 37.4, 2.2, 400, "Scan. Your phone checks.");
    rings(out, text.records);
}

fn small_lines(out: &mut String, x: f64, text: &LabelText) {
    line(out, x, 5.0, 3.0, 700, &text.name_zh);
    line(out, x, 9.0, 2.1, 400, &text.description);
    line(out, x, 12.0, 2.1, 400, &text.lot);
    if !text.use_by.is_empty() {
        line(out, x, 15.0, 2.1, 400, &format!("至 {}", text.use_by));
    }
    line(out, x, 19.4, 2.1, 400, "扫码核验");
}

/// One hollow ring a record, at most twelve.
fn rings(out: &mut String, records: usize) {
    let n = records.min(12);
    if n == 0 {
        return;
    }
    let from = 56.0 - 2.4 * (n as f64 - 1.0);
    let _ = write!(out, r##"<path stroke="#000" stroke-width=".2" d="M{from:.1} 35.4H56"/>"##);
    for i in 0..n {
        let cx = from + 2.4 * i as f64;
        let _ = write!(out, r##"<circle cx="{cx:.1}" cy="35.4" r=".5" fill="#fff" stroke="#000" stroke-width=".25"/>"##);
    }
}

fn line(out: &mut String, x: f64, y: f64, size: f64, weight: u16, text: &str) {
    if !text.is_empty() {
        let _ = write!(out, r#"<text x="{x:.2}" y="{y:.2}" font-size="{size}" font-weight="{weight}">{}</text>"#, escape(text));
    }
}

/// The last six characters are printed bold: they are what a shopper compares with the page.
fn split_serial(serial: &str) -> (&str, &str) {
    let at = serial.char_indices().rev().nth(5).map_or(0, |(i, _)| i);
    serial.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_its_size_its_words_and_no_markup_from_outside() {
        let symbol = Symbol::new("https://id.example.com", "/01/09521234000044/21/7K2M9QX4TD3HWZ").unwrap();
        let text = LabelText { name_en: "A<b>".into(), serial: "7K2M9QX4TD3HWZ".into(), records: 8, ..LabelText::default() };
        let svg = svg(Size::Pack, &symbol, &text).unwrap();
        assert!(svg.contains(r#"width="60mm" height="40mm""#) && svg.contains("A&lt;b&gt;"));
        assert!(svg.contains(r#">7K2M9QX4 <tspan font-weight="700">TD3HWZ<"#), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 8);
    }

    #[test]
    fn a_symbol_too_dense_for_the_label_is_refused() {
        let long = Symbol::new(&format!("https://{}.example.com", "a".repeat(120)), "/01/09521234000044/21/7K2M9QX4TD3HWZ").unwrap();
        assert!(svg(Size::Small, &long, &LabelText::default()).is_none());
    }
}
