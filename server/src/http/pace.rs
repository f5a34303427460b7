//! A body must come. Whoever announces one and then stalls holds memory and a turn; so what we wait for it, all pauses together,
//! is limited by a fixed time and by what has come. Only our waiting counts, not what we do between two pieces.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

base::limits! {
    /// What waiting for a body may take together, besides what its rate allows.
    BODY_WAIT_SECONDS: u64 = 20, "seconds";
    /// A body may take so long as it comes at this rate: the slowest line that photos are sent over.
    BODY_RATE_BYTES: u64 = 8 << 10, "bytes a second";
}

/// Middleware: gives every body its deadline, and answers 408 where it was not met.
pub async fn paced(request: Request, next: Next) -> Response {
    within(Duration::from_secs(BODY_WAIT_SECONDS), request, next).await
}

async fn within(wait: Duration, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let body =
        |body| Body::new(Paced { body, wait, received: 0, waited: Duration::ZERO, since: None, timer: None, late: Arc::clone(&late) });
    let response = next.run(request.map(body)).await;
    if !late.load(Ordering::Relaxed) {
        return response;
    }
    // A page keeps what a person typed, and says itself what went wrong.
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let mut response = if is_page {
        response
    } else {
        let why = "The rest of the request did not come in time. Nothing was taken; send it again.\n";
        why.into_response()
    };
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The body came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the rest of the body did not come in time")]
struct TooSlow;

struct Paced {
    body: Body,
    wait: Duration,
    received: u64,
    /// Waiting that is over.
    waited: Duration,
    /// Begin of the waiting under way.
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    late: Arc<AtomicBool>,
}

impl Paced {
    /// How long waiting may take altogether, after what has come.
    fn allowed(&self) -> Duration {
        self.wait + Duration::from_secs(self.received / BODY_RATE_BYTES)
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.waited += this.since.take().map_or(Duration::ZERO, |since| since.elapsed());
            this.timer = None;
            if let Some(Ok(frame)) = &frame {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            return Poll::Ready(frame);
        }
        let since = *this.since.get_or_insert_with(Instant::now);
        let until = since + this.allowed().saturating_sub(this.waited);
        let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        timer.as_mut().poll(cx).map(|()| {
            this.late.store(true, Ordering::Relaxed);
            Some(Err(axum::Error::new(TooSlow)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::Request;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    /// Some bytes, and then nothing for ever.
    struct Stalled(Option<Bytes>);

    impl HttpBody for Stalled {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            self.0.take().map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(Frame::data(bytes)))))
        }
    }

    async fn answer(body: Body) -> StatusCode {
        let short = |request, next| within(Duration::from_millis(30), request, next);
        let router = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() })).layer(from_fn(short));
        router.oneshot(Request::post("/").body(body).unwrap()).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_stalled_body_ends_and_a_whole_one_is_taken() {
        assert_eq!(answer(Body::new(Stalled(Some(Bytes::from_static(b"half"))))).await, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(answer(Body::new(Stalled(None))).await, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(answer(Body::from("whole")).await, StatusCode::OK);
    }

    #[test]
    fn what_has_come_buys_time() {
        let paced = |received| Paced {
            body: Body::empty(),
            wait: Duration::from_secs(20),
            received,
            waited: Duration::ZERO,
            since: None,
            timer: None,
            late: Arc::default(),
        };
        assert_eq!(paced(0).allowed(), Duration::from_secs(20));
        assert_eq!(paced(10 * BODY_RATE_BYTES).allowed(), Duration::from_secs(30));
    }
}
