//! Sign-ins that failed, counted by account and day for the trail that owners read.
//!
//! Whoever guesses decides how many there are, so not each is written: the first ones are, then the powers of two. And nobody waits for
//! it, for an answer that takes longer would tell that the account exists.

use std::collections::HashMap;
use std::sync::Mutex;

use base::clock::DAY_MS;
use engine::Engine;
use store::record::deed::{Act, Deed};
use tokio::task::JoinHandle;

use super::accounts::Account;
use super::team;

base::limits! {
    /// So many failed sign-ins of a day are told one by one; beyond them "at least", when their number has doubled.
    FAILURES_COUNTED: u32 = 16, "sign-ins";
    /// Counts that are being written at once; where more would be, the next failure writes the number.
    FAILURES_WAITING: usize = 64, "records";
}

/// The counts of today.
#[derive(Debug, Default)]
pub struct Failures {
    counts: Mutex<(u64, HashMap<String, u32>)>,
    writing: Mutex<Vec<JoinHandle<()>>>,
}

/// The line of a day and account.
fn id(account: &str, day: u64) -> String {
    let hash = ledger::dk("leafproof failed sign-ins v1", &[account.as_bytes(), &day.to_be_bytes()]).to_string();
    hash[..16].to_owned()
}

impl Failures {
    /// Counts one more. Only accounts that there are get here, so their number is the most that is counted.
    pub fn add(&self, engine: &Engine, account: &Account) {
        let now_ms = engine.now_ms();
        let (day, id) = (now_ms / DAY_MS, id(&account.name, now_ms / DAY_MS));
        let count = {
            let mut counts = self.counts.lock().expect("no code panics while it holds this lock");
            if counts.0 != day {
                *counts = (day, HashMap::new());
            }
            // After a restart it goes on from what is written.
            let written = || engine.index().failed_sign_ins(&account.member, &id, now_ms).unwrap_or(0);
            let count = counts.1.entry(account.name.clone()).or_insert_with(written);
            *count = count.saturating_add(1);
            *count
        };
        if count > FAILURES_COUNTED && !count.is_power_of_two() {
            return;
        }
        let mut writing = self.writing.lock().expect("no code panics while it holds this lock");
        writing.retain(|task| !task.is_finished());
        if writing.len() < FAILURES_WAITING {
            let deed = Deed { id, count, ..team::deed(engine, &account.member, "", Act::SignInsFailed, &account.name) };
            let engine = engine.clone();
            writing.push(tokio::spawn(async move {
                if let Err(error) = team::keep(&engine, deed).await {
                    tracing::error!(%error, "failed sign-ins could not be written");
                }
            }));
        }
    }

    /// Waits until all that were counted are written: whoever reads them reads them all.
    pub async fn written(&self) {
        let writing = std::mem::take(&mut *self.writing.lock().expect("no code panics while it holds this lock"));
        for task in writing {
            let _ = task.await;
        }
    }
}
