//! Brotli for what is made per request and every scan loads: as small as can be where the machine has time for it, quickly where it
//! has not. All other answers are compressed by the router's layer.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use brotli::concat::{BroCatli, BroCatliResult};
use brotli::enc::BrotliEncoderParams;
use brotli::enc::backward_references::BrotliEncoderMode;
use tokio::sync::Semaphore;

/// Answers that are made small at once; all beyond them are made quickly, so that no load makes a shopper wait for it.
pub const SMALL_AT_ONCE: usize = 2;

/// How small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// A page or proof is a hundred bytes less than with [`Self::Small`], which takes longer: for what is kept, when nobody waits for it.
    Smallest = 11,
    /// Measured on a page of 37 kB: 16 ms for 8.3 kB.
    Small = 10,
    /// The same page: 0.9 ms for 9.0 kB.
    Quick = 5,
}

/// Bits of the window: 256 KiB, more than pages and bundles have.
const WINDOW_BITS: i32 = 18;

static TIME_FOR_SMALL: Semaphore = Semaphore::const_new(SMALL_AT_ONCE);

/// Whether the answer to this request may have this encoding (RFC 9110, 12.5.3; an asterisk is no invitation here).
pub fn takes(request: &HeaderMap, encoding: &str) -> bool {
    let lines = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding)) && super::headers::weight(parts) > 0.0
    })
}

/// The tag of an answer that [`body`] makes for this request: other bytes, another tag (RFC 9110, 8.8.3.3).
pub fn tag(request: &HeaderMap, of: &str) -> String {
    if takes(request, "br") { format!("\"{of}-br\"") } else { format!("\"{of}\"") }
}

/// Puts the body into the answer, compressed where the request takes it.
pub async fn body(request: &HeaderMap, mut response: Response, bytes: Vec<u8>) -> Response {
    let bytes = Bytes::from(bytes);
    if !takes(request, "br") {
        return plain(response, bytes);
    }
    response.headers_mut().remove(header::CONTENT_LENGTH);
    let source = bytes.clone();
    match in_time(move |quality| brotli(&source, quality)).await {
        Ok(small) => sent(response, small.into()),
        Err(error) => {
            tracing::error!(%error, "an answer could not be compressed and is sent as it is");
            response.headers_mut().remove(header::ETAG);
            plain(response, bytes)
        }
    }
}

/// Compresses on a thread where that may take its time: small where few others do so just now, else quickly.
pub async fn in_time<T: Send + 'static>(compress: impl FnOnce(Quality) -> T + Send + 'static) -> Result<T, tokio::task::JoinError> {
    let permit = TIME_FOR_SMALL.try_acquire();
    let quality = if permit.is_ok() { Quality::Small } else { Quality::Quick };
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        compress(quality)
    })
    .await
}

/// Compresses once more what was sent, for those who ask next; where others are compressing, not now.
pub fn for_the_next(compress: impl FnOnce() + Send + 'static) {
    if let Ok(permit) = TIME_FOR_SMALL.try_acquire() {
        tokio::task::spawn_blocking(move || {
            compress();
            drop(permit);
        });
    }
}

/// Brotli of this quality, with the window and mode that fit pages and bundles.
pub fn brotli(bytes: &[u8], quality: Quality) -> Vec<u8> {
    encoded(bytes, quality, Joint::None)
}

/// The same, to be the first of those that [`joined`] joins.
pub fn first_piece(bytes: &[u8], quality: Quality) -> Vec<u8> {
    encoded(bytes, quality, Joint::First)
}

/// The same, to be a later one.
pub fn piece(bytes: &[u8], quality: Quality) -> Vec<u8> {
    encoded(bytes, quality, Joint::Later)
}

/// One stream of several, which costs no more than copying them; `None` where they were not made for it.
pub fn joined(pieces: &[&[u8]]) -> Option<Bytes> {
    let mut joiner = BroCatli::new();
    // A few bytes more for the joints.
    let mut out = vec![0; pieces.iter().map(|piece| piece.len() + 8).sum()];
    let mut written = 0;
    for piece in pieces {
        joiner.new_brotli_file();
        let mut read = 0;
        match joiner.stream(piece, &mut read, &mut out, &mut written) {
            BroCatliResult::NeedsMoreInput if read == piece.len() => {}
            _ => return None,
        }
    }
    if joiner.finish(&mut out, &mut written) != BroCatliResult::Success {
        return None;
    }
    out.truncate(written);
    Some(out.into())
}

/// Puts a body into the answer as it is, where others take it compressed.
pub fn plain(mut response: Response, bytes: impl Into<Body>) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    *response.body_mut() = bytes.into();
    response
}

/// Puts a body into the answer that is compressed already.
pub fn sent(mut response: Response, small: Bytes) -> Response {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    *response.body_mut() = Body::from(small);
    response
}

/// What a stream will be joined to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    None,
    First,
    Later,
}

/// The mode without a guess at text: on pages and scripts it is up to 43 bytes better, and most of a bundle is hashes. Bundles are told
/// still better, by 32 bytes of 9,800, with another guess at what the bytes before foretell: for the smallest both are tried.
fn encoded(bytes: &[u8], quality: Quality, joint: Joint) -> Vec<u8> {
    let modes = [BrotliEncoderMode::BROTLI_MODE_FONT, BrotliEncoderMode::BROTLI_FORCE_SIGNED_PRIOR];
    let tried = if quality == Quality::Smallest { &modes[..] } else { &modes[..1] };
    let made = tried.iter().map(|mode| {
        let mut out = Vec::with_capacity(bytes.len() / 3);
        let params = BrotliEncoderParams {
            quality: quality as i32,
            mode: *mode,
            lgwin: WINDOW_BITS,
            size_hint: bytes.len(),
            appendable: joint != Joint::None,
            catable: joint == Joint::Later,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).expect("writing to memory cannot fail");
        out
    });
    made.min_by_key(Vec::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(mut small: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        brotli::BrotliDecompress(&mut small, &mut out).unwrap();
        out
    }

    fn accepting(what: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(what))])
    }

    async fn sent(request: &HeaderMap, bytes: &[u8]) -> (Option<HeaderValue>, Vec<u8>) {
        let response = body(request, Response::default(), bytes.to_vec()).await;
        let encoding = response.headers().get(header::CONTENT_ENCODING).cloned();
        (encoding, axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    }

    #[tokio::test]
    async fn what_arrives_is_what_was_sent_with_time_and_without() {
        let page = "<p>the same words, now and then</p>".repeat(200).into_bytes();
        let (encoding, small) = sent(&accepting("gzip, br;q=0.9"), &page).await;
        assert_eq!((encoding.unwrap(), plain(&small)), (HeaderValue::from_static("br"), page.clone()));
        let busy = TIME_FOR_SMALL.acquire_many(SMALL_AT_ONCE as u32).await.unwrap();
        let (encoding, quick) = sent(&accepting("br"), &page).await;
        assert_eq!((encoding.unwrap(), plain(&quick)), (HeaderValue::from_static("br"), page.clone()));
        drop(busy);
        let mut two_lines = accepting("gzip");
        two_lines.append(header::ACCEPT_ENCODING, HeaderValue::from_static("br"));
        assert!(sent(&two_lines, &page).await.0.is_some(), "a second line counts as the first");
        for without in ["gzip", "br;q=0, gzip", "br;q=0.000", "br; Q=0", "BR ;q=0.0", "brotli", ""] {
            assert_eq!(sent(&accepting(without), &page).await, (None, page.clone()), "{without}");
        }
    }
}
