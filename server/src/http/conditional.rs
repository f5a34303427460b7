//! Conditional requests and ranges (RFC 9110, 13 and 14), as far as this site answers them: strong tags, one range of bytes.
//!
//! tower-http answers them for files in a folder; bundles and media are neither, and what is left fits a page.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// Whether `If-None-Match` names this representation: in any line, in a list, by `*`, and weakly compared (8.8.3.2).
pub fn is_known(request: &HeaderMap, etag: &str) -> bool {
    let lines = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    lines.into_iter().any(|line| line.trim() == "*" || tags(line).any(|tag| tag == etag))
}

/// The opaque tags of a list, with their quotes and without `W/`. A tag may hold a comma.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let start = rest.find('"')?;
        let end = start + 1 + rest[start + 1..].find('"')?;
        let tag = &rest[start..=end];
        rest = &rest[end + 1..];
        Some(tag)
    })
}

/// 304 with the headers that the whole answer would have for caches (15.4.5).
pub fn not_modified(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = axum::body::Body::empty();
    for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LENGTH, header::CONTENT_DISPOSITION] {
        response.headers_mut().remove(name);
    }
    response
}

/// What a request wants of `total` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    Whole,
    /// From, up to but not including.
    Part(usize, usize),
    /// A range that has none of them.
    Nothing,
}

/// Reads `Range` and `If-Range`. Only GET has ranges (14.2); what breaks the grammar, and several ranges, get the whole.
pub fn wanted(method: &Method, request: &HeaderMap, etag: &str, total: usize) -> Wanted {
    let mut lines = request.get_all(header::RANGE).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return Wanted::Whole };
    // Dates cannot be compared, for no answer names one; tags are compared strongly (13.1.5).
    let is_current = request.get(header::IF_RANGE).is_none_or(|tag| tag.as_bytes() == etag.as_bytes());
    if method != Method::GET || !is_current {
        return Wanted::Whole;
    }
    range(line.to_str().unwrap_or_default(), total).unwrap_or(Wanted::Whole)
}

/// `None` where it is no single range of bytes.
fn range(text: &str, total: usize) -> Option<Wanted> {
    let (unit, range) = text.split_once('=')?;
    let (from, to) = range.trim().split_once('-')?;
    let number = |digits: &str| {
        let fits = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
        // More digits than a number holds are more bytes than there are.
        fits.then(|| digits.parse::<usize>().unwrap_or(usize::MAX))
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (start, end) = if from.is_empty() {
        (total.saturating_sub(number(to)?), total)
    } else {
        let start = number(from)?;
        let end = if to.is_empty() { total } else { number(to).filter(|last| *last >= start)?.saturating_add(1).min(total) };
        (start, end)
    };
    Some(if start < end { Wanted::Part(start, end) } else { Wanted::Nothing })
}

/// The bytes that are wanted, with their status.
pub fn answer(bytes: Vec<u8>, wanted: Wanted) -> Response {
    let total = bytes.len();
    let (mut response, range) = match wanted {
        Wanted::Whole => (bytes.into_response(), None),
        Wanted::Part(from, to) => {
            let part = (StatusCode::PARTIAL_CONTENT, bytes[from..to].to_vec());
            (part.into_response(), Some(format!("bytes {from}-{}/{total}", to - 1)))
        }
        Wanted::Nothing => (StatusCode::RANGE_NOT_SATISFIABLE.into_response(), Some(format!("bytes */{total}"))),
    };
    let headers = response.headers_mut();
    if let Some(range) = range {
        headers.insert(header::CONTENT_RANGE, HeaderValue::from_str(&range).expect("digits"));
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(lines: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let mut request = HeaderMap::new();
        for (name, value) in lines {
            request.append(name, HeaderValue::from_static(value));
        }
        request
    }

    #[test]
    fn tags_in_lists_and_weak_ones() {
        for yes in ["\"a\"", "W/\"a\"", "\"x\", \"a\"", "\"x\",W/\"a\" ", "*", " * ", "\"x,y\", \"a\""] {
            assert!(is_known(&with(&[(header::IF_NONE_MATCH, yes)]), "\"a\""), "{yes}");
        }
        for no in ["", "a", "\"b\"", "\"A\"", "\"a", "\"x,\"a\"", "\"*\""] {
            assert!(!is_known(&with(&[(header::IF_NONE_MATCH, no)]), "\"a\""), "{no}");
        }
        assert!(is_known(&with(&[(header::IF_NONE_MATCH, "\"x\""), (header::IF_NONE_MATCH, "\"a\"")]), "\"a\""), "a second line");
        assert!(!is_known(&HeaderMap::new(), "\"a\""));
    }

    #[test]
    fn ranges() {
        let of = |text: &'static str| wanted(&Method::GET, &with(&[(header::RANGE, text)]), "\"a\"", 10);
        for (text, want) in [
            ("bytes=0-3", Wanted::Part(0, 4)),
            ("Bytes=2-", Wanted::Part(2, 10)),
            ("bytes=-3", Wanted::Part(7, 10)),
            ("bytes=-30", Wanted::Part(0, 10)),
            ("bytes=9-99999999999999999999999", Wanted::Part(9, 10)),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=99999999999999999999999-", Wanted::Nothing),
            ("bytes=3-2", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(of(text), want, "{text}");
        }
        assert_eq!(wanted(&Method::GET, &with(&[(header::RANGE, "bytes=-0")]), "\"a\"", 0), Wanted::Nothing);
    }

    #[test]
    fn a_range_counts_for_get_alone_and_only_of_what_was_begun() {
        let range = (header::RANGE, "bytes=0-3");
        let of = |method: Method, if_range: Option<&'static str>| {
            let lines: Vec<_> = std::iter::once(range.clone()).chain(if_range.map(|tag| (header::IF_RANGE, tag))).collect();
            wanted(&method, &with(&lines), "\"a\"", 10)
        };
        assert_eq!(of(Method::GET, Some("\"a\"")), Wanted::Part(0, 4));
        for (method, if_range) in [
            (Method::HEAD, None),
            (Method::HEAD, Some("\"a\"")),
            (Method::GET, Some("\"b\"")),
            (Method::GET, Some("W/\"a\"")),
            (Method::GET, Some("Sun, 29 Nov 2026 08:00:00 GMT")),
        ] {
            assert_eq!(of(method.clone(), if_range), Wanted::Whole, "{method} {if_range:?}");
        }
    }
}
