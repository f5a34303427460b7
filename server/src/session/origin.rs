//! Same-origin check on every request that changes something from a browser: nobody else's page may post in a reader's name.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Middleware for all routes that a browser posts forms to.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || allowed(request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This form was sent from another site. Open the page here and send it again.\n").into_response()
}

/// Fetch metadata where the browser sends it, else Origin against Host. A client that sends neither is no browser of this decade
/// (a script, a test): SameSite=Lax keeps sessions out of such cross-site posts anyway.
fn allowed(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match text("origin") {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (header::HeaderName::from_static(k), v.parse().unwrap())).collect()
    }

    #[test]
    fn only_this_origin_may_post() {
        let host = ("host", "leaf.example:3000");
        for good in [
            vec![host],
            vec![host, ("origin", "http://leaf.example:3000")],
            vec![host, ("sec-fetch-site", "same-origin"), ("origin", "null")],
            vec![host, ("sec-fetch-site", "none")],
        ] {
            assert!(allowed(&headers(&good)), "{good:?}");
        }
        for bad in [
            vec![host, ("origin", "null")],
            vec![host, ("origin", "https://evil.example")],
            vec![host, ("origin", "http://leaf.example")],
            vec![host, ("origin", "leaf.example:3000")],
            vec![("origin", "http://leaf.example:3000")],
            vec![host, ("sec-fetch-site", "same-site"), ("origin", "http://leaf.example:3000")],
            vec![host, ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!allowed(&headers(&bad)), "{bad:?}");
        }
    }
}
