//! Work beside the threads that answer, so much of a kind at once and no more. A turn is the work's and not its asker's: who hangs up does not
//! end what was begun, and would otherwise let the next begin beside it, and the next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::timeout;

/// The turns of one kind of work.
#[derive(Debug)]
pub struct Turns(Semaphore);

impl Turns {
    /// So many at once.
    pub const fn new(at_once: usize) -> Self {
        Self(Semaphore::const_new(at_once))
    }

    /// Does the work when its turn comes.
    pub async fn take<T: Send + 'static>(&'static self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
        run(self.0.acquire().await.expect("turns are never closed"), work).await
    }

    /// The same; `None` where the turn does not come in this time.
    pub async fn take_within<T: Send + 'static>(
        &'static self,
        wait: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<Result<T, JoinError>> {
        let turn = timeout(wait, self.0.acquire()).await.ok()?.expect("turns are never closed");
        Some(run(turn, work).await)
    }
}

/// So much at once of each member or subject, beside what all of them may.
#[derive(Debug)]
pub struct Each<K> {
    at_once: usize,
    all: Mutex<BTreeMap<K, Arc<Semaphore>>>,
}

/// Those whose semaphores are held in memory before those that nobody uses just now are dropped.
const HELD: usize = 1_024;

impl<K: Ord + Clone> Each<K> {
    /// So much of each.
    pub const fn new(at_once: usize) -> Self {
        Self { at_once, all: Mutex::new(BTreeMap::new()) }
    }

    /// Takes `much` of this one's, when there is room in this time. More than its whole share is never there.
    pub async fn take_within(&self, whose: &K, much: usize, wait: Duration) -> Option<OwnedSemaphorePermit> {
        let own = {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= HELD {
                all.retain(|_, own| Arc::strong_count(own) > 1);
            }
            Arc::clone(all.entry(whose.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.at_once))))
        };
        let much = u32::try_from(much).ok().filter(|much| *much as usize <= self.at_once)?;
        timeout(wait, own.acquire_many_owned(much)).await.ok()?.ok()
    }
}

/// Room that all have together, of which each has a share.
#[derive(Debug)]
pub struct Room<K> {
    all: Semaphore,
    each: Each<K>,
}

/// A place in a room, given back when this is dropped.
#[derive(Debug)]
pub struct Place {
    _own: OwnedSemaphorePermit,
    _all: SemaphorePermit<'static>,
}

impl<K: Ord + Clone> Room<K> {
    /// So much for all, and so much of it for each.
    pub const fn new(all: usize, of_one: usize) -> Self {
        Self { all: Semaphore::const_new(all), each: Each::new(of_one) }
    }

    /// Takes `much` of this one's share and of the room, when there is so much in this time. Its own first: who takes and does not use waits
    /// for itself.
    pub async fn take_within(&'static self, whose: &K, much: usize, wait: Duration) -> Option<Place> {
        let own = self.each.take_within(whose, much, wait).await?;
        let all = timeout(wait, self.all.acquire_many(u32::try_from(much).ok()?)).await.ok()?.ok()?;
        Some(Place { _own: own, _all: all })
    }
}

async fn run<T: Send + 'static>(turn: SemaphorePermit<'static>, work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    spawn_blocking(move || {
        let _turn = turn;
        work()
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn whoever_hangs_up_leaves_its_turn_to_the_work() {
        static TURNS: Turns = Turns::new(1);
        let (begun, is_begun) = tokio::sync::oneshot::channel();
        let (end, ended) = mpsc::channel::<()>();
        let first = tokio::spawn(TURNS.take(move || {
            begun.send(()).unwrap();
            ended.recv().unwrap();
        }));
        is_begun.await.unwrap();
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        let (early, is_early) = mpsc::channel();
        let second = tokio::spawn(TURNS.take(move || early.send(()).unwrap()));
        // The second had every chance to begin, and could not.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(is_early.try_recv().is_err() && TURNS.0.available_permits() == 0);
        end.send(()).unwrap();
        second.await.unwrap().unwrap();
        is_early.recv().unwrap();
    }

    #[tokio::test]
    async fn each_has_a_share_of_its_own() {
        static EACH: Each<&str> = Each::new(2);
        let now = Duration::ZERO;
        let first = EACH.take_within(&"a", 2, now).await.unwrap();
        assert!(EACH.take_within(&"a", 1, now).await.is_none());
        let other = EACH.take_within(&"b", 1, now).await.unwrap();
        drop(first);
        assert!(EACH.take_within(&"a", 3, now).await.is_none());
        // Those that nobody uses are dropped, and what is in use is not given out twice.
        for n in 0..2 * HELD {
            let name: &'static str = n.to_string().leak();
            assert!(EACH.take_within(&name, 1, now).await.is_some());
        }
        assert!(EACH.all.lock().unwrap().len() <= HELD);
        assert!(EACH.take_within(&"b", 2, now).await.is_none());
        drop(other);
        assert!(EACH.take_within(&"b", 2, now).await.is_some());
    }
}
