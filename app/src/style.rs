//! The style sheets, put together and made small once at start; every page carries its own inlined, so one request shows it. What an
//! item's page needs only after its check (receipts, failures, paper) is a file of its own, [`later`].

use std::sync::LazyLock;

/// Tokens and the parts every page has.
const BASE: [&str; 2] = [include_str!("../../style/tokens.css"), include_str!("../../style/base.css")];
/// An item's page: what every one has.
const ITEM: &str = include_str!("../../style/item.css");
const CHART: &str = concat!(include_str!("../../style/table.css"), include_str!("../../style/chart.css"));
const TABLE: &str = include_str!("../../style/table.css");
const NOTICE: &str = include_str!("../../style/notice.css");
/// From 896 px on.
const WIDE: &str = include_str!("../../style/wide.css");
/// Films, receipts, what was corrected or failed.
const LATER: &str = include_str!("../../style/later.css");
/// Pages beside an item's.
const BESIDE: &str = include_str!("../../style/plain.css");

/// The sheet of an item's page in its parts.
static PARTS: LazyLock<[String; 4]> = LazyLock::new(|| [small(&(BASE.concat() + ITEM)), small(WIDE), small(CHART), small(NOTICE)]);
static SIDE: LazyLock<String> = LazyLock::new(|| small(&(BASE.concat() + ITEM + WIDE + TABLE + BESIDE)));
static AFTER: LazyLock<String> = LazyLock::new(|| small(&[WIDE, TABLE, LATER, include_str!("../../style/print.css")].concat()));
static VERIFY: LazyLock<String> =
    LazyLock::new(|| small(&(BASE.concat() + ITEM + CHART + BESIDE + LATER + include_str!("../../style/verify.css"))));
static PLAIN: LazyLock<String> = LazyLock::new(|| small(&BASE.concat()));

/// What an item's page has, beyond what each of them has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Has {
    /// A form for a code: the style of the pages beside it, which holds for all screens.
    pub asks: bool,
    /// A screen that may be wide. A phone needs those rules only when it is turned: they come with [`later`].
    pub wide: bool,
    /// Measured values, drawn.
    pub chart: bool,
    /// An alert, or a date that is over.
    pub notice: bool,
}

/// The style of an item's page.
pub fn item(has: Has) -> String {
    let ([always, wide, chart, notice], beside) = (&*PARTS, &*SIDE);
    let parts = [(has.asks, beside), (!has.asks, always), (!has.asks && has.wide, wide), (has.chart, chart), (has.notice, notice)];
    parts.iter().filter(|(is, _)| *is).map(|(_, part)| part.as_str()).collect()
}

/// What the style of a page that checks itself can be made of, in its order.
pub fn parts() -> [&'static str; 5] {
    let [always, wide, chart, notice] = &*PARTS;
    [beside(), always, wide, chart, notice]
}

/// The style of the pages beside an item's.
pub fn beside() -> &'static str {
    &SIDE
}

/// What an item's page needs after its check, and on paper. Rules for wide screens stand here once more, before those that build on them.
pub fn later() -> &'static str {
    &AFTER
}

/// The style of the page that checks a saved file.
pub fn verify() -> &'static str {
    &VERIFY
}

/// Tokens and base alone: what pages with a sheet of their own begin with.
pub fn plain() -> &'static str {
    &PLAIN
}

/// Without comments and needless space. It knows only the CSS written here: no space is dropped inside strings or `calc()`.
pub fn small(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    let mut quote: Option<char> = None;
    while let Some(c) = rest.chars().next() {
        if quote.is_none() && rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match quote {
            Some(open) => {
                out.push(c);
                if c == open {
                    quote = None;
                }
            }
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                out.push(c);
            }
            None if c.is_whitespace() => {
                let next = rest.trim_start().chars().next();
                if !out.ends_with(['{', '}', ';', ':', ',', '>', ' ']) && !matches!(next, Some('{' | '}' | ';' | ',' | '>') | None) {
                    out.push(' ');
                }
            }
            None => {
                if c == '}' && out.ends_with(';') {
                    out.pop();
                }
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::small;

    #[test]
    fn space_goes_where_it_means_nothing() {
        assert_eq!(
            small("a > b {\n  margin: 0 calc(1px + 2px);\n  content: \" a  b \"; /* why */\n}\n"),
            "a>b{margin:0 calc(1px + 2px);content:\" a  b \"}"
        );
        assert_eq!(small("@media (min-width: 5px) and (x:y) { a :first-child{} }"), "@media (min-width:5px) and (x:y){a :first-child{}}");
    }
}
