//! Writes a page of the fixture to standard output: `cargo run -p app --features ssr,fixture --example page -- en beef`.
#![allow(clippy::print_stdout, reason = "this is its whole purpose")]

use app::context::Lang;
use app::{fixture, render, texts};

fn main() {
    let mut words = std::env::args().skip(1);
    let lang = if words.next().as_deref() == Some("zh") { Lang::Zh } else { Lang::En };
    let mut context = fixture::context(lang);
    let kind = words.next().unwrap_or_default();
    if words.next().as_deref() == Some("plain") {
        context.files = std::sync::Arc::default();
    }
    let html = match kind.as_str() {
        "recalled" => render::item(&fixture::recalled(), true, &context),
        "scanned" => render::item(&fixture::scanned(), true, &context),
        "unknown" => render::unknown("/01/09521234000044/21/7K2M9QX4TD8HWZ", 412_906, true, Some("/01/09521234000044"), &context),
        "bad" => render::bad_code("/01/0952123400004", "The GTIN has 13 digits; it needs 8, 12, 13 or 14.", &context),
        "home" => render::home(&[], &context),
        "words" => texts::script_words(lang, None, |_| String::new()),
        _ => render::item(&fixture::beef(), true, &context),
    };
    print!("{html}");
}
