//! The style sheets, put together and made small once at start; every page carries its own inlined, so one request shows it. What an
//! item's page needs only after its check (form, paper, receipts, failures) is a file of its own, [`later`].

use std::sync::LazyLock;

/// Tokens and the parts every page has.
const BASE: [&str; 2] = [include_str!("../../style/tokens.css"), include_str!("../../style/base.css")];
/// An item's page and those beside it: all that its facts need.
const ITEM: &str = include_str!("../../style/item.css");
/// Receipts, films, what failed.
const LATER: &str = include_str!("../../style/later.css");

/// From 896 px on.
const WIDE: &str = include_str!("../../style/wide.css");

static SHOPPER: LazyLock<String> = LazyLock::new(|| small(&(BASE.concat() + ITEM + WIDE)));
static PHONE: LazyLock<String> = LazyLock::new(|| small(&(BASE.concat() + ITEM)));
static AFTER: LazyLock<String> =
    LazyLock::new(|| small(&([WIDE, LATER, include_str!("../../style/form.css"), include_str!("../../style/print.css")].concat())));
static VERIFY: LazyLock<String> = LazyLock::new(|| small(&(BASE.concat() + ITEM + LATER + include_str!("../../style/verify.css"))));
static PLAIN: LazyLock<String> = LazyLock::new(|| small(&BASE.concat()));

/// The style of an item's page and those beside it.
pub fn shopper() -> &'static str {
    &SHOPPER
}

/// The same for a phone, which needs the rules for wide screens only when it is turned: they come with [`later`].
pub fn phone() -> &'static str {
    &PHONE
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
