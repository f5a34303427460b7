//! Headers that every answer carries, and the policy of pages: nothing from elsewhere, no script but this site's files.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use crate::assets::without_comments;
use crate::csp;

/// Headers of every answer.
pub async fn common(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let not_modified = response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    let set = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(), microphone=()"),
    ];
    for (name, value) in set {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // A 304 replaces the headers that the browser kept: it must leave the page's own policy alone.
    if !(not_modified || headers.contains_key(header::CONTENT_SECURITY_POLICY)) {
        let closed = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");
        headers.insert(header::CONTENT_SECURITY_POLICY, closed);
    }
    response
}

/// A service worker's script. It may fetch from this site, and nothing else.
pub fn worker(script: &str) -> Response {
    let mut response = without_comments(script).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; connect-src 'self'"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// 400 for a request of HTTP/1.1 that names no host, several, or none that can be (RFC 9112, 3.2). It stands before the router, so
/// that only what came over a connection is asked.
pub async fn with_host(request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let one = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.is_empty() || Authority::try_from(host.as_bytes()).is_ok_and(|host| !host.as_str().contains('@')),
        (None, _) => request.version() != Version::HTTP_11,
        _ => false,
    };
    if one {
        return next.run(request).await;
    }
    (StatusCode::BAD_REQUEST, "A request of HTTP/1.1 names one host: send a Host line, such as Host: id.example.com.\n").into_response()
}

/// The weight among a range's parameters (RFC 9110, 12.4.2), its name in any case; 1 where there is none, 0 where it is no number.
pub fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> f32 {
    let weight = parameters.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value)
    });
    weight.map_or(1.0, |q| q.trim().parse().unwrap_or(0.0))
}

/// 128 random bits as hex digits.
pub fn random_hex() -> String {
    format!("{:032x}", u128::from_be_bytes(base::random::bytes()))
}

/// A page with the policy that fits it: scripts are files of this site and nothing else, styles too, and the one that stands in the page
/// itself is named by its hash. So the same page has the same policy for everybody.
pub fn page(html: String) -> Response {
    let policy = policy(&html);
    let mut response = Html(html).into_response();
    page_headers(&mut response, policy);
    response
}

/// What a page's answer says besides the page.
pub fn page_headers(response: &mut Response, policy: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language, User-Agent"));
}

/// The content security policy of a page.
pub fn policy(html: &str) -> HeaderValue {
    let style = html.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).map(|(style, _)| csp::source_of(style));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src {} 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'",
        style.unwrap_or_default()
    );
    HeaderValue::from_str(&policy).expect("base64 and fixed words")
}

/// The header `Link` of both; either may be empty. Paths of names are percent-encoded, so a value always is one.
pub fn links(linkset: &str, preloads: &str) -> HeaderValue {
    let both: Vec<&str> = [linkset, preloads].into_iter().filter(|links| !links.is_empty()).collect();
    HeaderValue::from_str(&both.join(", ")).expect("addresses are percent-encoded")
}

/// Bytes that never change under their name.
pub fn immutable(response: &mut Response) {
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, forever);
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use axum::{Router, middleware};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn a_request_names_one_host() {
        let router = Router::new().route("/", get(|| async { "ok" })).layer(middleware::from_fn(with_host));
        for (version, hosts, status) in [
            (Version::HTTP_11, &["id.example.com"][..], StatusCode::OK),
            (Version::HTTP_11, &["[::1]:3000"], StatusCode::OK),
            (Version::HTTP_11, &[], StatusCode::BAD_REQUEST),
            (Version::HTTP_11, &["a.example", "b.example"], StatusCode::BAD_REQUEST),
            (Version::HTTP_11, &["a b"], StatusCode::BAD_REQUEST),
            (Version::HTTP_11, &["user@a.example"], StatusCode::BAD_REQUEST),
            (Version::HTTP_10, &[], StatusCode::OK),
        ] {
            let mut request = Request::builder().uri("/").version(version);
            for host in hosts {
                request = request.header(header::HOST, *host);
            }
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), status, "{version:?} {hosts:?}");
        }
    }
}
