//! Work beside the threads that answer, so much of a kind at once and no more. A turn is the work's and not its asker's: who hangs up does not
//! end what was begun, and would otherwise let the next begin beside it, and the next.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
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
}
