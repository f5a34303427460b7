//! Connections: who is let in, how long they may keep us waiting, and how they end. `axum::serve` has no time limits and no caps,
//! so the loop is ours; what a request is answered with is the router's business.
//!
//! A connection that waits for a request costs nobody anything when it is ended: where there is no room for a newcomer, the one
//! that waits longest goes, of the same address where that address has its share. So a thousand half requests keep out nobody.
//! Only when all are in the midst of an answer is a newcomer refused, with a few bytes and no work.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep};
use tower::ServiceExt as _;

use crate::http::bodies::holding;

base::limits! {
    /// Open at once, and never more than half of the files this process may open: the rest is for journal, index and media.
    CONNECTIONS: usize = 4096, "connections";
    /// One address (IPv6: one /64) has at most this part of them: an office behind one address fits, and nobody takes all.
    /// Proxies of ours are not counted.
    CONNECTIONS_ADDRESS_SHARE: usize = 4, "of all";
    /// For a request's head, and between two requests: a phone on a slow line sends its head at once.
    HEAD_SECONDS: u64 = 15, "seconds";
    /// How long an answer may wait until its reader takes ANSWER_STEP_BYTES more.
    ANSWER_STALL_SECONDS: u64 = 30, "seconds";
    /// What a reader must take in that time: less is nobody reading.
    ANSWER_STEP_BYTES: usize = 16 << 10, "bytes";
    /// How long a stopping server waits for answers under way; what was acknowledged is on disk in any case.
    DRAIN_SECONDS: u64 = 10, "seconds";
}

/// Bytes of a request's head: a Digital Link and cookies fit many times over.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Files a process may open where the system does not say: what most systems begin with.
const FILES_UNKNOWN: usize = 1024;
/// Pause after the system refused a connection: descriptors come free when others end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// For the last bytes of an answer, when the server stops.
const FLUSH: Duration = Duration::from_secs(1);
/// What a refused connection is told, if it listens.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// How many, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub all: usize,
    /// The same from one address.
    pub per_address: usize,
    /// For a request's head, and between requests.
    pub head: Duration,
    /// For each step of an answer that its reader must take.
    pub stall: Duration,
    /// For answers under way when the server stops.
    pub drain: Duration,
}

impl Limits {
    /// By the named limits and what the system lets this process open. Behind proxies of ours all come from a few addresses.
    pub fn of_this_process(behind_proxies: bool) -> Self {
        let files = files_allowed(&std::fs::read_to_string("/proc/self/limits").unwrap_or_default());
        let all = CONNECTIONS.min(files / 2).max(1);
        Self {
            all,
            per_address: if behind_proxies { all } else { (all / CONNECTIONS_ADDRESS_SHARE).max(1) },
            head: Duration::from_secs(HEAD_SECONDS),
            stall: Duration::from_secs(ANSWER_STALL_SECONDS),
            drain: Duration::from_secs(DRAIN_SECONDS),
        }
    }
}

/// The soft limit of open files in `/proc/self/limits`.
fn files_allowed(limits: &str) -> usize {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    match line.and_then(|rest| rest.split_whitespace().next()) {
        Some("unlimited") => usize::MAX,
        Some(number) => number.parse().unwrap_or(FILES_UNKNOWN),
        None => FILES_UNKNOWN,
    }
}

/// Serves until `stop`, then lets answers under way come to their end, for a bounded time.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let door = Arc::new(Door { limits, inner: Mutex::default() });
    let (stopping, stopped) = watch::channel(false);
    let mut running = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            Some(_) = running.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match Door::admit(&door, peer.ip()) {
                Some(place) => {
                    running.spawn(connection(stream, peer, router.clone(), Arc::new(place), limits, stopped.clone()));
                }
                None => drop(stream.try_write(REFUSAL)),
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    // Nobody left to tell is fine.
    let _ = stopping.send(true);
    let all_done = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, all_done).await.is_err() {
        tracing::warn!("answers that were not taken in time are cut off");
    }
    running.shutdown().await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    place: Arc<Place>,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) {
    // Answers are written whole; waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let at = Arc::clone(&place);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let busy = Busy::begin(&at);
        let router = router.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let Ok(response) = router.oneshot(request).await;
            // As long as its answer lives, a connection is busy.
            Ok::<Response, Infallible>(holding(response, busy))
        }
    });
    let io = TokioIo::new(Taken::new(stream, limits.stall));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(io, service)
        // A WebSocket goes on by itself, under limits of its own.
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        // How it ended is the other side's business: it went away, sent nonsense, or kept us waiting.
        _ = connection.as_mut() => return,
        () = place.leave.notified() => return,
        // Told to stop, or whoever would tell is gone.
        _ = stopped.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    // One that waits has at most the end of its last answer to send.
    let patience = if place.is_waiting() { FLUSH.min(limits.drain) } else { limits.drain };
    let _ = tokio::time::timeout(patience, connection).await;
}

/// Who is in.
struct Door {
    limits: Limits,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Counts entries and ends of answers: the order of waiting.
    clock: u64,
    open: BTreeMap<u64, Open>,
    per_address: HashMap<Address, usize>,
}

struct Open {
    from: Address,
    /// Since when it waits for a request; `None` in the midst of one.
    waits_since: Option<u64>,
    leave: Arc<Notify>,
}

/// An IPv4 address, or a /64 of IPv6, which one household has.
type Address = [u8; 8];

fn address(ip: IpAddr) -> Address {
    let mut out = [0; 8];
    match ip.to_canonical() {
        // No address of the wide internet begins with 0100::/64 (RFC 6666), so the two kinds do not meet.
        IpAddr::V4(v4) => {
            out[0] = 1;
            out[4..].copy_from_slice(&v4.octets());
        }
        IpAddr::V6(v6) => out.copy_from_slice(&v6.octets()[..8]),
    }
    out
}

impl Door {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// A place for a newcomer; `None` where there is none.
    fn admit(door: &Arc<Door>, ip: IpAddr) -> Option<Place> {
        let from = address(ip);
        let mut inner = door.inner();
        if inner.per_address.get(&from).is_some_and(|count| *count >= door.limits.per_address) {
            inner.make_room(|open| open.from == from)?;
        } else if inner.open.len() >= door.limits.all {
            inner.make_room(|_| true)?;
        }
        inner.clock += 1;
        let (id, leave) = (inner.clock, Arc::new(Notify::new()));
        inner.open.insert(id, Open { from, waits_since: Some(id), leave: Arc::clone(&leave) });
        *inner.per_address.entry(from).or_insert(0) += 1;
        Some(Place { id, leave, door: Arc::clone(door) })
    }
}

impl Inner {
    /// Ends the connection of these that waits longest.
    fn make_room(&mut self, of: impl Fn(&Open) -> bool) -> Option<()> {
        let waiting = self.open.iter().filter(|(_, open)| of(open)).filter_map(|(id, open)| Some((open.waits_since?, *id)));
        let (_, id) = waiting.min()?;
        self.open.get(&id)?.leave.notify_one();
        self.remove(id);
        Some(())
    }

    fn remove(&mut self, id: u64) {
        let Some(open) = self.open.remove(&id) else { return };
        if let Some(count) = self.per_address.get_mut(&open.from) {
            *count -= 1;
            if *count == 0 {
                self.per_address.remove(&open.from);
            }
        }
    }
}

/// A connection's place, given back when it ends.
struct Place {
    id: u64,
    leave: Arc<Notify>,
    door: Arc<Door>,
}

impl Place {
    fn is_waiting(&self) -> bool {
        self.door.inner().open.get(&self.id).is_none_or(|open| open.waits_since.is_some())
    }

    fn set(&self, waiting: bool) {
        let mut inner = self.door.inner();
        inner.clock += 1;
        let now = inner.clock;
        if let Some(open) = inner.open.get_mut(&self.id) {
            open.waits_since = waiting.then_some(now);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.door.inner().remove(self.id);
    }
}

/// Held from a request's head to the end of its answer.
struct Busy(Arc<Place>);

impl Busy {
    fn begin(place: &Arc<Place>) -> Self {
        place.set(false);
        Self(Arc::clone(place))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// A stream whose reader must take what is written: an answer that nobody reads ends.
struct Taken<S> {
    stream: S,
    limit: Duration,
    timer: Pin<Box<Sleep>>,
    /// Bytes that must go before the timer is set anew; `None` while nothing waits.
    wanted: Option<usize>,
}

impl<S> Taken<S> {
    fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, timer: Box::pin(tokio::time::sleep(limit)), wanted: None }
    }

    fn watched(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.wanted = self.wanted.and_then(|wanted| wanted.checked_sub(bytes)).filter(|wanted| *wanted > 0);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(failed) => Poll::Ready(failed),
            Poll::Pending => {
                if self.wanted.is_none() {
                    self.wanted = Some(ANSWER_STEP_BYTES);
                    let until = Instant::now() + self.limit;
                    self.timer.as_mut().reset(until);
                }
                self.timer.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Taken<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Taken<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watched(cx, written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watched(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // All was taken, so nothing waits any more.
        self.wanted = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
