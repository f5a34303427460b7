//! `/verify` as one file: put together from its script, its style, the rules and the verifier. The server serves it, and
//! `leafproof verify-page` writes it for somebody else's site or a folder.

use app::verify::{VerifyPage, html, script, styles};
use axum::body::Bytes;
use ledger::note::base64;

use crate::assets::{PAGE_SCRIPT, without_comments};
use crate::csp;

const VERIFY_SCRIPT: &str = include_str!("../../public/verify.js");

/// The file and the policy that it is served with.
#[derive(Clone, Debug)]
pub struct StandingPage {
    /// HTML, complete in itself.
    pub html: Bytes,
    /// Content security policy: its own script and style, nothing loaded, nothing sent. It stands in the file too.
    pub csp: String,
}

/// Makes the file. Without a verifier it says that it cannot check.
pub fn compose(policy: &str, verifier: Option<&[u8]>) -> StandingPage {
    let script = script(&without_comments(PAGE_SCRIPT), &without_comments(VERIFY_SCRIPT));
    let csp = format!(
        "default-src 'none'; script-src {} 'wasm-unsafe-eval'; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        csp::source_of(&script),
        csp::source_of(styles())
    );
    let mut encoded = String::new();
    base64::encode(verifier.unwrap_or_default(), &mut encoded);
    let page = VerifyPage {
        policy: policy.to_owned(),
        verifier: encoded,
        verifier_hash: verifier.map(|bytes| ledger::hash(bytes).to_string()),
        script,
        csp: csp.clone(),
    };
    StandingPage { html: html(page).into(), csp }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_what_it_needs_and_asks_nobody() {
        let page = compose("log <a>&b\n", Some(b"\0asm"));
        let html = std::str::from_utf8(&page.html).unwrap();
        assert!(html.contains("<pre id=\"policy\" hidden>log &lt;a&gt;&amp;b\n</pre>"), "the rules, escaped");
        assert!(html.contains(">AGFzbQ==</pre>"), "the verifier");
        let body = &html[html.find("<body").unwrap()..];
        let inline = &body[body.find("<script>").unwrap() + 8..body.rfind("</script>").unwrap()];
        assert!(page.csp.contains(&csp::source_of(inline)), "the policy names the script as it stands in the file");
        assert!(!inline.contains("</script") && !inline.contains("<!--"));
        for outside in ["src=\"/", "href=\"/", "href=\"http", "src=\"http"] {
            assert!(!html.contains(outside), "{outside}");
        }
    }
}
