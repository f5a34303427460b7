//! QR symbols and labels: quiet zone 4, error correction M, readable text below, sizes in millimetres
//! (GS1 General Specifications, 5.9 and GS1 Digital Link; `../shared/design/standards.md`).
//!
//! What a symbol says is made here once ([`Symbol::new`]); SVG and PNG are two drawings of the same modules.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white on each side (ISO/IEC 18004, 5.3.8).
pub const QUIET_MODULES: usize = 4;
/// Side of one module where the caller names none: inside 0.396 to 0.990 mm, the range for the point of sale.
pub const MODULE_MM_DEFAULT: f64 = 0.50;
/// Smallest and largest module that scanners at the point of sale must read (GS1 General Specifications, table 5).
pub const MODULE_MM_RANGE: (f64, f64) = (0.396, 0.990);
/// Dots per module in a PNG; 10 keeps edges sharp on 300 and 600 dpi printers.
pub const PNG_DOTS_PER_MODULE: usize = 10;
/// Longest address a symbol may hold: beyond it modules get too small for a phone at arm's length.
pub const CONTENT_BYTES_MAX: usize = 400;

/// Why no symbol was made.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum QrError {
    /// The address is too long.
    #[error("the address has {0} bytes, a symbol holds at most {CONTENT_BYTES_MAX} here: use a shorter PUBLIC_URL")]
    TooLong(usize),
    /// The module size is out of range.
    #[error("a module of {0} mm is outside 0.396 to 0.990 mm: name a size in that range, for example ?x=0.5")]
    Module(f64),
    /// The encoder refused.
    #[error("the address cannot be drawn as a QR symbol: {0}")]
    Encoder(String),
}

/// A QR symbol with the text that stands under it.
pub struct Symbol {
    code: QrCode,
    /// The address inside.
    pub content: String,
    /// The readable lines below, e.g. `(01) 09521234000044` and `(21) 7K2M9QX4TD3HWZ`.
    pub lines: Vec<String>,
}

impl Symbol {
    /// Makes the symbol of a Digital Link `path` (canonical, starting with `/`) under `public_url`.
    ///
    /// Scheme and host are written in capitals: they are matched without case, and QR's alphanumeric mode has capitals only.
    pub fn new(public_url: &str, path: &str) -> Result<Self, QrError> {
        let content = format!("{}{}", upper_host(public_url), path);
        if content.len() > CONTENT_BYTES_MAX {
            return Err(QrError::TooLong(content.len()));
        }
        let code = QrCode::with_error_correction_level(content.as_bytes(), EcLevel::M).map_err(|e| QrError::Encoder(e.to_string()))?;
        let lines = element_lines(path);
        Ok(Self { code, content, lines })
    }

    /// The symbol of a text as it is, without lines below: what an app reads, not an address.
    pub fn of(text: &str) -> Result<Self, QrError> {
        if text.len() > CONTENT_BYTES_MAX {
            return Err(QrError::TooLong(text.len()));
        }
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).map_err(|e| QrError::Encoder(e.to_string()))?;
        Ok(Self { code, content: text.to_owned(), lines: Vec::new() })
    }

    /// Modules on one side, quiet zone not counted.
    pub fn width(&self) -> usize {
        self.code.width()
    }

    /// True where the module at column `x`, row `y` is dark.
    pub fn dark(&self, x: usize, y: usize) -> bool {
        self.code[(x, y)] == Color::Dark
    }

    /// One SVG path over all dark modules, one run of a row at a time, the quiet zone included in its coordinates.
    pub fn path_data(&self) -> String {
        let mut d = String::new();
        for y in 0..self.width() {
            let mut x = 0;
            while x < self.width() {
                let start = x;
                while x < self.width() && self.dark(x, y) {
                    x += 1;
                }
                if x > start {
                    let _ = write!(d, "M{} {}h{}v1h-{}z", start + QUIET_MODULES, y + QUIET_MODULES, x - start, x - start);
                }
                x += 1;
            }
        }
        d
    }

    /// The bare symbol as an SVG element for a page, sized by the page.
    pub fn inline_svg(&self) -> String {
        let side = self.width() + 2 * QUIET_MODULES;
        format!(
            r#"<svg viewBox="0 0 {side} {side}" role="img" aria-label="{}" shape-rendering="crispEdges"><path d="{}"/></svg>"#,
            escape(&self.content),
            self.path_data()
        )
    }

    /// The symbol as SVG with its text below; `module_mm` is the side of one module.
    pub fn svg(&self, module_mm: f64) -> Result<String, QrError> {
        check_module(module_mm)?;
        let side = self.width() + 2 * QUIET_MODULES;
        let text_modules = 2.6_f64;
        let height = side as f64 + text_modules * self.lines.len() as f64;
        let longest = self.lines.iter().map(String::len).max().unwrap_or(1).max(1);
        // A monospaced glyph is 0.6 em wide: the longest line must fit between the outer edges.
        let font = ((side as f64 - 2.0) / (longest as f64 * 0.6)).min(2.2);
        let mut out = String::new();
        let _ = write!(
            out,
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{:.2}mm" height="{:.2}mm" viewBox="0 0 {side} {height:.2}" role="img" aria-label="{}"><path fill="#fff" d="M0 0h{side}v{height:.2}H0z"/><path shape-rendering="crispEdges" d="{}"/>"##,
            side as f64 * module_mm,
            height * module_mm,
            escape(&self.content),
            self.path_data()
        );
        for (n, line) in self.lines.iter().enumerate() {
            let _ = write!(
                out,
                r#"<text x="{:.2}" y="{:.2}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="{font:.3}" text-anchor="middle">{}</text>"#,
                side as f64 / 2.0,
                side as f64 + text_modules * (n as f64 + 0.5),
                escape(line)
            );
        }
        out.push_str("</svg>");
        Ok(out)
    }

    /// The symbol as a black and white PNG with its text below and its real size in the `pHYs` chunk.
    pub fn png(&self, module_mm: f64) -> Result<Vec<u8>, QrError> {
        check_module(module_mm)?;
        let raster = self.raster();
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, raster.width as u32, raster.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let dots_per_metre = (PNG_DOTS_PER_MODULE as f64 / module_mm * 1000.0).round() as u32;
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: dots_per_metre, yppu: dots_per_metre, unit: png::Unit::Meter }));
        let written = encoder.write_header().and_then(|mut w| w.write_image_data(&raster.luma));
        written.map_err(|e| QrError::Encoder(e.to_string()))?;
        Ok(out)
    }

    /// Grey pixels of symbol and text.
    fn raster(&self) -> Raster {
        let dots = PNG_DOTS_PER_MODULE;
        let side = (self.width() + 2 * QUIET_MODULES) * dots;
        let longest = self.lines.iter().map(|l| l.chars().count()).max().unwrap_or(1).max(1);
        // Whole multiples of the 8-dot font, as large as the symbol's width allows.
        let scale = (side / (8 * (longest + 1))).clamp(1, 3);
        let line_height = 10 * scale;
        let mut r = Raster::white(side, side + line_height * self.lines.len() + dots * 2);
        for y in 0..self.width() {
            for x in 0..self.width() {
                if self.dark(x, y) {
                    r.fill((x + QUIET_MODULES) * dots, (y + QUIET_MODULES) * dots, dots);
                }
            }
        }
        for (n, line) in self.lines.iter().enumerate() {
            let left = (side.saturating_sub(line.chars().count() * 8 * scale)) / 2;
            for (i, c) in line.chars().enumerate() {
                r.glyph(c, left + i * 8 * scale, side + n * line_height, scale);
            }
        }
        r
    }
}

struct Raster {
    width: usize,
    height: usize,
    luma: Vec<u8>,
}

impl Raster {
    fn white(width: usize, height: usize) -> Self {
        Self { width, height, luma: vec![255; width * height] }
    }

    fn fill(&mut self, x: usize, y: usize, side: usize) {
        for row in y..(y + side).min(self.height) {
            let from = row * self.width + x.min(self.width);
            let to = row * self.width + (x + side).min(self.width);
            self.luma[from..to].fill(0);
        }
    }

    fn glyph(&mut self, c: char, x: usize, y: usize, scale: usize) {
        use font8x8::UnicodeFonts as _;
        let Some(rows) = font8x8::BASIC_FONTS.get(c) else { return };
        for (dy, row) in rows.iter().enumerate() {
            for dx in 0..8 {
                if row & (1 << dx) != 0 {
                    self.fill(x + dx * scale, y + dy * scale, scale);
                }
            }
        }
    }
}

fn check_module(mm: f64) -> Result<(), QrError> {
    if mm >= MODULE_MM_RANGE.0 && mm <= MODULE_MM_RANGE.1 { Ok(()) } else { Err(QrError::Module(mm)) }
}

/// Scheme and host in capitals, a path under them as it is.
fn upper_host(public_url: &str) -> String {
    let url = public_url.trim_end_matches('/');
    let Some(scheme_end) = url.find("://") else { return url.to_owned() };
    let host_end = url[scheme_end + 3..].find('/').map_or(url.len(), |i| scheme_end + 3 + i);
    format!("{}{}", url[..host_end].to_ascii_uppercase(), &url[host_end..])
}

/// `/01/09…/21/7K…` -> `(01) 09…`, `(21) 7K…`: the element strings a person can type.
pub fn element_lines(path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    parts
        .chunks(2)
        .filter(|p| p.len() == 2)
        .map(|p| format!("({}) {}", p[0], base::percent::decode(p[1]).unwrap_or_else(|| p[1].to_owned())))
        .collect()
}

/// Text for SVG and attributes.
pub fn escape(s: &str) -> String {
    s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/01/09521234000044/21/7K2M9QX4TD3HWZ";

    fn decode_luma(width: usize, height: usize, luma: &[u8]) -> String {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| luma[y * width + x]);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "one symbol is found");
        grids[0].decode().expect("it decodes").1
    }

    #[test]
    fn png_is_read_by_an_independent_decoder_and_has_its_size() {
        let s = Symbol::new("https://id.example.com", PATH).unwrap();
        let png_bytes = s.png(0.5).unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(&png_bytes));
        let mut reader = decoder.read_info().unwrap();
        let dims = reader.info().pixel_dims.unwrap();
        assert_eq!(dims.xppu, 20_000, "10 dots on 0.5 mm");
        let mut buf = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut buf).unwrap();
        assert_eq!(decode_luma(info.width as usize, info.height as usize, &buf), format!("HTTPS://ID.EXAMPLE.COM{PATH}"));
    }

    #[test]
    fn a_text_is_read_as_it_is_written() {
        let text =
            "otpauth://totp/leaf.example%3A3000:mei%40talanuur.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=leaf.example%3A3000";
        let raster = Symbol::of(text).unwrap().raster();
        assert_eq!(decode_luma(raster.width, raster.height, &raster.luma), text, "an authenticator takes no capitals for its scheme");
        assert_eq!(Symbol::of(&"x".repeat(CONTENT_BYTES_MAX + 1)).err(), Some(QrError::TooLong(CONTENT_BYTES_MAX + 1)));
    }

    #[test]
    fn svg_path_draws_the_same_modules_and_is_read() {
        let s = Symbol::new("http://127.0.0.1:3000/s", "/01/09521234000044/10/A%2F1").unwrap();
        let svg = s.svg(0.5).unwrap();
        let side = s.width() + 2 * QUIET_MODULES;
        let d = svg.split(r#"crispEdges" d=""#).nth(1).unwrap().split('"').next().unwrap();
        let mut r = Raster::white(side * 4, side * 4);
        for run in d.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (w, _) = rest.split_once('v').unwrap();
            let (x, y, w): (usize, usize, usize) = (x.parse().unwrap(), y.parse().unwrap(), w.parse().unwrap());
            (x..x + w).for_each(|x| r.fill(x * 4, y * 4, 4));
        }
        assert_eq!(decode_luma(r.width, r.height, &r.luma), "HTTP://127.0.0.1:3000/s/01/09521234000044/10/A%2F1");
        assert!(svg.contains("(10) A/1"), "readable text below");
    }

    #[test]
    fn bad_sizes_and_long_addresses_are_refused() {
        let s = Symbol::new("https://id.example.com", PATH).unwrap();
        assert_eq!(s.svg(0.2), Err(QrError::Module(0.2)));
        assert!(matches!(s.png(f64::NAN), Err(QrError::Module(_))));
        assert_eq!(Symbol::new(&"x".repeat(500), PATH).err(), Some(QrError::TooLong(500 + PATH.len())));
    }
}
