//! Whether a request is a person's scan: a page opened as a document by a browser, once.
//!
//! HEAD, prefetch, link previews (chat apps fetch an address before a person opens it), crawlers, reloads within one visit,
//! staff and demo views do not count. Nothing about the reader is kept: the answer is one bit.

use axum::http::{HeaderMap, Method};

/// Words in a user agent that name a program, not a person's browser.
const PROGRAMS: [&str; 14] = [
    "bot",
    "spider",
    "crawl",
    "preview",
    "curl",
    "wget",
    "python",
    "facebookexternalhit",
    "whatsapp/",
    "telegram",
    "slack",
    "headlesschrome/lighthouse",
    "monitor",
    "http-client",
];

/// True where this request is a scan. `staff` is true for a signed-in reader.
pub fn counts(method: &Method, headers: &HeaderMap, staff: bool) -> bool {
    if method != Method::GET || staff {
        return false;
    }
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
    // Fetch metadata: a document, opened by navigation. Browsers without these headers are taken by their Accept alone.
    if !matches!(text("sec-fetch-dest"), "" | "document") || !matches!(text("sec-fetch-mode"), "" | "navigate") {
        return false;
    }
    // A scan comes from outside this site: following a link inside it (language switch, back from a form) is the same visit.
    // Only the first page opens a code anew: there people type it.
    let typed = text("referer")
        .split_once("://")
        .is_some_and(|(_, rest)| rest.split_once('/').is_some_and(|(_, path)| path.is_empty() || path.starts_with('?')));
    if (text("sec-fetch-site") == "same-origin" && !typed) || text("cache-control") == "max-age=0" {
        return false;
    }
    let purpose = format!("{} {} {}", text("purpose"), text("sec-purpose"), text("x-moz")).to_ascii_lowercase();
    if purpose.contains("prefetch") || purpose.contains("preview") || purpose.contains("prerender") {
        return false;
    }
    if !text("accept").contains("text/html") {
        return false;
    }
    let agent = text("user-agent").to_ascii_lowercase();
    agent.starts_with("mozilla/") && !PROGRAMS.iter().any(|p| agent.contains(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut h = HeaderMap::new();
        h.insert("accept", "text/html,*/*".parse().unwrap());
        h.insert("user-agent", PHONE.parse().unwrap());
        for (k, v) in pairs {
            h.insert(*k, v.parse().unwrap());
        }
        h
    }

    #[test]
    fn a_browser_opening_the_page_counts() {
        assert!(counts(&Method::GET, &headers(&[]), false));
        let h = headers(&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "none")]);
        assert!(counts(&Method::GET, &h, false));
    }

    #[test]
    fn a_code_typed_on_the_first_page_counts_and_a_link_inside_the_site_does_not() {
        let from = |page: &str| counts(&Method::GET, &headers(&[("sec-fetch-site", "same-origin"), ("referer", page)]), false);
        assert!(from("https://id.example.com/") && from("https://id.example.com/?lang=zh"));
        assert!(!from("https://id.example.com/01/09521234000044/21/7K") && !from("https://id.example.com/console/"));
    }

    #[test]
    fn nothing_else_counts() {
        assert!(!counts(&Method::HEAD, &headers(&[]), false));
        assert!(!counts(&Method::GET, &headers(&[]), true), "staff");
        for (k, v) in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("sec-fetch-dest", "empty"),
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-site", "same-origin"),
            ("cache-control", "max-age=0"),
            ("accept", "application/linkset+json"),
            ("user-agent", "WhatsApp/2.23.20 A"),
            ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
            ("user-agent", "Mozilla/5.0 facebookexternalhit/1.1"),
            ("user-agent", "curl/8.0"),
        ] {
            assert!(!counts(&Method::GET, &headers(&[(k, v)]), false), "{k}: {v}");
        }
    }
}
