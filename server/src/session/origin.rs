//! Same-origin check on every request that changes something from a browser: nobody else's page may post in a reader's name.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Scheme, host and port (RFC 6454, 4), in the one spelling in which they are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// Of a web address, or of an `Origin` header, which has no path.
    pub fn of(address: &str) -> Option<Origin> {
        let uri: Uri = address.parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let usual = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        Some(Origin { host: uri.host()?.to_ascii_lowercase(), port: uri.port_u16().unwrap_or(usual), scheme })
    }
}

/// Middleware for all routes that a browser posts forms to; its state is the origin of the public address.
pub async fn same_origin(State(public): State<Option<Origin>>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || allowed(request.headers(), public.as_ref()) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This form was sent from another site. Open the page here and send it again.\n").into_response()
}

/// Fetch metadata where the browser sends it, else Origin: the public address, which a proxy before us may have turned into another
/// Host; or the Host that was asked, over http, which is all this server speaks itself. A client that sends neither is no browser of
/// this decade (a script, a test): SameSite=Lax keeps sessions out of such cross-site posts anyway.
fn allowed(headers: &HeaderMap, public: Option<&Origin>) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else {
        return true;
    };
    let Some(origin) = Origin::of(origin) else {
        return false;
    };
    let asked = text(header::HOST.as_str()).and_then(|host| Origin::of(&format!("http://{host}")));
    Some(&origin) == public || Some(&origin) == asked.as_ref()
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
        let public = Origin::of("https://id.example.com");
        for good in [
            vec![host],
            vec![host, ("origin", "http://leaf.example:3000")],
            vec![host, ("origin", "http://LEAF.example:3000")],
            vec![("host", "leaf.example"), ("origin", "http://leaf.example:80")],
            vec![host, ("sec-fetch-site", "same-origin"), ("origin", "null")],
            vec![host, ("sec-fetch-site", "none")],
            // A proxy gave us another Host, or none.
            vec![host, ("origin", "https://id.example.com")],
            vec![("origin", "https://id.example.com:443")],
        ] {
            assert!(allowed(&headers(&good), public.as_ref()), "{good:?}");
        }
        for bad in [
            vec![host, ("origin", "null")],
            vec![host, ("origin", "")],
            vec![host, ("origin", "https://evil.example")],
            vec![host, ("origin", "http://leaf.example")],
            vec![host, ("origin", "leaf.example:3000")],
            vec![host, ("origin", "x://leaf.example:3000")],
            vec![host, ("origin", "https://leaf.example:3000")],
            vec![host, ("origin", "http://id.example.com")],
            vec![host, ("origin", "https://id.example.com:8443")],
            vec![host, ("origin", "https://id.example.com.evil.example")],
            vec![("origin", "http://leaf.example:3000")],
            vec![host, ("sec-fetch-site", "same-site"), ("origin", "http://leaf.example:3000")],
            vec![host, ("sec-fetch-site", "cross-site"), ("origin", "https://id.example.com")],
        ] {
            assert!(!allowed(&headers(&bad), public.as_ref()), "{bad:?}");
        }
    }
}
