//! A shopper's comment: the form, the receipt at its private address, and the product's letters that everybody may read. All are whole
//! without scripts.

pub mod form;
pub mod letters;
pub mod receipt;
pub mod words;

use std::sync::LazyLock;

use crate::context::PageContext;
use crate::render::html;
use crate::style;

static STYLE: LazyLock<String> = LazyLock::new(|| {
    style::plain().to_owned() + &style::small(concat!(include_str!("../../style/form.css"), include_str!("../../style/feedback.css")))
});

/// The page with the form, empty or as it came back.
pub fn form(page: &form::FormPage, context: &PageContext) -> String {
    html(|| form::page(page, context))
}

/// The receipt.
pub fn receipt(page: &receipt::ReceiptPage, context: &PageContext) -> String {
    html(|| receipt::page(page, context))
}

/// The letters about a product that everybody may read.
pub fn letters(page: &letters::LettersPage, context: &PageContext) -> String {
    html(|| letters::page(page, context))
}

/// Style of these pages.
pub(crate) fn sheet() -> &'static str {
    &STYLE
}
