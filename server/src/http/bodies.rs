//! What an answer holds in memory while somebody reads it slowly: a kept page is shared by all its readers, and one that was made for a single
//! reader has its place among those under way.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::building::BUILD_WAIT_MS;
use crate::session::network;
use crate::turns::{Each, Place, Room};

base::limits! {
    /// Pages made for one reader each, all together, until they are read: a reader may take hours.
    UNDER_WAY_KIB: usize = 192 << 10, "KiB";
    /// The same of one network.
    UNDER_WAY_OF_ONE_KIB: usize = 32 << 10, "KiB";
    /// A page up to this is small: it does not wait for room behind large ones.
    SMALL_KIB: usize = 256, "KiB";
    /// Small ones, all together.
    SMALL_UNDER_WAY_KIB: usize = 64 << 10, "KiB";
    /// The same of one network.
    SMALL_UNDER_WAY_OF_ONE_KIB: usize = 8 << 10, "KiB";
    /// What a connection is handed of an answer at once: it takes the next when it has sent some of what it has.
    PIECE_BYTES: usize = 32 << 10, "bytes";
}

/// Pieces of a page, one after the other.
struct Pieces(VecDeque<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

/// A body of these pieces, of which none is copied.
pub fn of_pieces(pieces: impl IntoIterator<Item = Bytes>) -> Body {
    Body::new(Pieces(pieces.into_iter().filter(|piece| !piece.is_empty()).collect()))
}

/// A place for so many bytes that somebody of this network will read; `None` where there is none in time.
pub async fn room(from: IpAddr, bytes: usize) -> Option<Place> {
    room_within(from, bytes, Duration::from_millis(BUILD_WAIT_MS)).await
}

/// Held from before a page is made for a reader of this network until it has its place: of those that are made and wait for one, there is
/// one of each network. `None` where its turn does not come in time.
pub async fn making(from: IpAddr) -> Option<OwnedSemaphorePermit> {
    static EACH: Each<IpAddr> = Each::new(1);
    EACH.take_within(&network::of(from), 1, Duration::from_millis(BUILD_WAIT_MS)).await
}

async fn room_within(from: IpAddr, bytes: usize, wait: Duration) -> Option<Place> {
    static SMALL: Room<IpAddr> = Room::new(SMALL_UNDER_WAY_KIB, SMALL_UNDER_WAY_OF_ONE_KIB);
    static LARGE: Room<IpAddr> = Room::new(UNDER_WAY_KIB, UNDER_WAY_OF_ONE_KIB);
    let kib = bytes.div_ceil(1_024);
    if kib <= SMALL_KIB {
        return SMALL.take_within(&network::of(from), kib, wait).await;
    }
    LARGE.take_within(&network::of(from), kib.min(UNDER_WAY_OF_ONE_KIB), wait).await
}

/// An answer with what it holds until it was read but for its end, or its reader has gone. It goes in pieces: of an answer in one the
/// connection would take all at once, and drop what is held while its reader has hardly begun.
pub fn holding<T: Send + Unpin + 'static>(response: Response, held: T) -> Response {
    response.map(|body| Body::new(Holding { body, rest: Bytes::new(), _held: held }))
}

struct Holding<T> {
    body: Body,
    /// What is left of a piece that was too long.
    rest: Bytes,
    _held: T,
}

impl<T: Unpin> HttpBody for Holding<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => return other,
            }
        }
        let length = self.rest.len().min(PIECE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, of_body) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(rest + of_body.lower());
        if let Some(upper) = of_body.upper() {
            hint.set_upper(rest + upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn pieces_are_one_body_of_known_length() {
        let body = of_pieces([Bytes::from_static(b"ab"), Bytes::new(), Bytes::from_static(b"c")]);
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(3), false));
        assert_eq!(to_bytes(body, 10).await.unwrap(), "abc");
        assert_eq!(to_bytes(of_pieces([]), 10).await.unwrap(), "");
    }

    #[tokio::test]
    async fn a_slow_reader_holds_its_networks_place_and_no_others() {
        let now = Duration::ZERO;
        let (slow, next_door) = ("2001:db8:1:2::1".parse().unwrap(), "2001:db8:1:ffff::9".parse().unwrap());
        let held = room_within(slow, UNDER_WAY_OF_ONE_KIB << 10, now).await.unwrap();
        let reading = holding(Response::new(Body::from("page")), held);
        let large = (SMALL_KIB << 10) + 1;
        assert!(room_within(next_door, large, now).await.is_none());
        assert!(room_within("2001:db8:2::1".parse().unwrap(), large, now).await.is_some());
        assert!(room_within(next_door, SMALL_KIB << 10, now).await.is_some(), "a small page has room beside large ones");
        drop(reading);
        assert!(room_within(next_door, large, now).await.is_some());
    }

    #[tokio::test]
    async fn what_is_held_stays_until_the_last_piece_is_asked_for() {
        let held = std::sync::Arc::new(());
        let whole = vec![7; 2 * PIECE_BYTES + 1];
        let response = holding(Response::new(Body::from(whole.clone())), std::sync::Arc::clone(&held));
        let mut body = response.into_body();
        let mut read = Vec::new();
        for length in [PIECE_BYTES, PIECE_BYTES, 1] {
            assert!(!body.is_end_stream() && std::sync::Arc::strong_count(&held) == 2);
            assert_eq!(body.size_hint().exact(), Some((whole.len() - read.len()) as u64));
            let piece = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            let piece = piece.unwrap().unwrap().into_data().unwrap();
            assert_eq!(piece.len(), length);
            read.extend_from_slice(&piece);
        }
        assert!(body.is_end_stream() && read == whole);
    }
}
