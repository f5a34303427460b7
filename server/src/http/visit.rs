//! Whether a request is a person's scan: a page opened as a document by a browser, once.
//!
//! HEAD, prefetch, link previews (chat apps fetch an address before a person opens it), crawlers, reloads within one visit,
//! staff and demo views do not count, and one phone counts once a day: an item's page carries a mark of the day, the same for
//! everybody, as its entity tag. A browser that kept the page sends the mark back when it opens it again, whether by a scan or a reload,
//! and so says "already counted today" and nothing else. The page itself is made anew each time.
//!
//! Nothing about the reader is kept: whether it counts, and of which of some hundred kinds it is.

use axum::http::{HeaderMap, HeaderValue, Method, header};

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

/// The entity tag of an item's page: counted on this day. Weak, since it says nothing about the page's bytes (RFC 9110, 8.8.1).
pub fn mark(day: u32) -> HeaderValue {
    HeaderValue::from_str(&format!("W/\"counted-{day}\"")).expect("ASCII letters and digits")
}

fn counted_today(headers: &HeaderMap, day: u32) -> bool {
    let mark = mark(day);
    let listed = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    listed.into_iter().any(|tag| mark.as_bytes() == tag.trim().as_bytes())
}

/// What a visit has in common with millions of others: system, browser and language, each one of a handful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(u8);

impl Kind {
    /// By what the browser says of itself.
    pub fn of(headers: &HeaderMap) -> Kind {
        const SYSTEMS: [&str; 4] = ["iphone", "android", "windows", "macintosh"];
        // The more particular ones first: all of them also call themselves Safari.
        const BROWSERS: [&str; 6] = ["micromessenger", "alipayclient", "firefox", "edg/", "chrome", "safari"];
        const LANGUAGES: [&str; 2] = ["zh", "en"];
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_ascii_lowercase();
        let (agent, language) = (text(header::USER_AGENT), text(header::ACCEPT_LANGUAGE));
        let place = |of: &[&str], fits: &dyn Fn(&str) -> bool| of.iter().position(|word| fits(word)).unwrap_or(of.len());
        let system = place(&SYSTEMS, &|word| agent.contains(word));
        let browser = place(&BROWSERS, &|word| agent.contains(word));
        let language = place(&LANGUAGES, &|word| language.starts_with(word));
        Kind(((system * (BROWSERS.len() + 1) + browser) * (LANGUAGES.len() + 1) + language) as u8)
    }

    /// Its place in a set of all kinds.
    pub fn bit(self) -> u128 {
        1 << self.0
    }
}

/// True where this request is a scan. `staff` is true for a signed-in reader, `day` is today.
pub fn counts(method: &Method, headers: &HeaderMap, staff: bool, day: u32) -> bool {
    if method != Method::GET || staff || counted_today(headers, day) {
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
    if (text("sec-fetch-site") == "same-origin" && !typed) || matches!(text("cache-control"), "max-age=0" | "no-cache") {
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

    const TODAY: u32 = 20_786;

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
        assert!(counts(&Method::GET, &headers(&[]), false, TODAY));
        let h = headers(&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "none")]);
        assert!(counts(&Method::GET, &h, false, TODAY));
    }

    #[test]
    fn a_code_typed_on_the_first_page_counts_and_a_link_inside_the_site_does_not() {
        let from = |page: &str| counts(&Method::GET, &headers(&[("sec-fetch-site", "same-origin"), ("referer", page)]), false, TODAY);
        assert!(from("https://id.example.com/") && from("https://id.example.com/?lang=zh"));
        assert!(!from("https://id.example.com/01/09521234000044/21/7K") && !from("https://id.example.com/console/"));
    }

    #[test]
    fn nothing_else_counts() {
        assert!(!counts(&Method::HEAD, &headers(&[]), false, TODAY));
        assert!(!counts(&Method::GET, &headers(&[]), true, TODAY), "staff");
        for (k, v) in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("sec-fetch-dest", "empty"),
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-site", "same-origin"),
            ("cache-control", "max-age=0"),
            ("cache-control", "no-cache"),
            ("if-none-match", "W/\"counted-20786\""),
            ("if-none-match", "\"other\", W/\"counted-20786\""),
            ("accept", "application/linkset+json"),
            ("user-agent", "WhatsApp/2.23.20 A"),
            ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
            ("user-agent", "Mozilla/5.0 facebookexternalhit/1.1"),
            ("user-agent", "curl/8.0"),
        ] {
            assert!(!counts(&Method::GET, &headers(&[(k, v)]), false, TODAY), "{k}: {v}");
        }
    }

    #[test]
    fn a_new_day_counts_again_and_the_mark_is_everybodys() {
        let yesterday = headers(&[("if-none-match", "W/\"counted-20785\"")]);
        assert!(counts(&Method::GET, &yesterday, false, TODAY));
        assert_eq!(mark(TODAY), "W/\"counted-20786\"");
    }

    #[test]
    fn all_kinds_fit_into_one_set() {
        let last = headers(&[("accept-language", "fr")]);
        let other = HeaderMap::from_iter([(header::USER_AGENT, "x".parse().unwrap()), (header::ACCEPT_LANGUAGE, "fr".parse().unwrap())]);
        assert!(Kind::of(&last).0 < Kind::of(&other).0 && Kind::of(&other).0 < 128);
        assert_eq!(Kind::of(&headers(&[])), Kind::of(&headers(&[("accept", "x")])));
    }
}
