//! Asking the co-signers, each in a task of its own: at most once a second, with time limits, and with longer pauses while one does
//! not answer. Nobody waits for them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cosign::client::Client;
use cosign::protocol::{ADD_CHECKPOINT, AddCheckpoint, parse_answer};
use ledger::policy::Policy;

use engine::{Engine, View};

base::limits! {
    /// How often at most one co-signer is asked: under load many batches share one co-signature.
    COSIGN_EVERY_MS: u64 = 1000, "milliseconds";
    /// The longest pause before one that does not answer is asked again.
    COSIGN_BACKOFF_MS: u64 = 60_000, "milliseconds";
    /// So many of them must say that they know another history before no more records are taken; one, where there is one.
    FORKS_TO_HALT: usize = 2, "co-signers";
    /// Its answer: a few signature lines, of several kinds of keys.
    COSIGN_ANSWER_BYTES: u64 = 64 << 10, "bytes";
}

/// A co-signer, and where it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its name in the policy.
    pub name: String,
    /// The address, without `/add-checkpoint`.
    pub url: String,
}

/// The addresses that stand in a policy.
pub fn addresses(policy: &Policy) -> Vec<Address> {
    let named = policy.witnesses().iter().filter_map(|w| Some(Address { name: w.name.clone(), url: w.url.clone()? }));
    named.collect()
}

/// Starts a task for each.
pub fn start(engine: &Engine, addresses: Vec<Address>) {
    let forks = Arc::new(Forks::new(addresses.len()));
    for address in addresses {
        tokio::spawn(ask_by_itself(engine.clone(), address, Arc::clone(&forks)));
    }
}

/// Which co-signers say that they know another history. What one says alone is no proof: it, or whoever answers at its address, could stop
/// the ledger with a number. Where data was set back, all of them say so.
#[derive(Debug)]
pub struct Forks {
    said: Mutex<BTreeSet<String>>,
    enough: usize,
}

impl Forks {
    /// Among so many co-signers.
    pub fn new(cosigners: usize) -> Self {
        Self { said: Mutex::default(), enough: cosigners.min(FORKS_TO_HALT) }
    }

    /// Notes that one says so; whether it is to be believed.
    pub fn say(&self, name: &str) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert(name.to_owned());
        said.len() >= self.enough
    }

    /// Notes that one co-signed.
    pub fn unsay(&self, name: &str) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

/// What asking once came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// Its co-signature was handed to the engine.
    Signed,
    /// It did not co-sign; why.
    Refused(String),
    /// It knows another history than ours.
    Fork(String),
}

async fn ask_by_itself(engine: Engine, address: Address, forks: Arc<Forks>) {
    let mut views = engine.views();
    let mut known = 0;
    let mut pause = Duration::from_millis(COSIGN_EVERY_MS);
    let mut failing = false;
    loop {
        let view = Arc::clone(&views.borrow_and_update());
        if view.size() > 0 && engine.halted().is_none() {
            let asking = {
                let (engine, address, view) = (engine.clone(), address.clone(), Arc::clone(&view));
                tokio::task::spawn_blocking(move || {
                    let asked = ask(&engine, &Client::new(None), &address, &view, &mut known);
                    (asked, known)
                })
            };
            let asked = match asking.await {
                Ok((asked, now_known)) => {
                    known = now_known;
                    asked
                }
                Err(error) => Asked::Refused(error.to_string()),
            };
            match asked {
                Asked::Signed => {
                    forks.unsay(&address.name);
                    if failing {
                        tracing::info!(cosigner = address.name, "co-signs again");
                    }
                    (failing, pause) = (false, Duration::from_millis(COSIGN_EVERY_MS));
                }
                Asked::Refused(why) => {
                    if !failing {
                        tracing::warn!(cosigner = address.name, why, "does not co-sign; pages say what is missing, and it is asked again");
                    }
                    failing = true;
                    pause = (pause * 2).min(Duration::from_millis(COSIGN_BACKOFF_MS));
                }
                Asked::Fork(why) if !forks.say(&address.name) => {
                    tracing::error!(
                        cosigner = address.name,
                        why,
                        "says that it knows another history of this ledger; no other does, and it is asked again"
                    );
                    failing = true;
                    pause = (pause * 2).min(Duration::from_millis(COSIGN_BACKOFF_MS));
                }
                Asked::Fork(why) => {
                    tracing::error!(cosigner = address.name, why, "knows another history of this ledger: no more records are taken");
                    engine.halt(format!("the co-signer {} knows another history: {why}", address.name));
                }
            }
        }
        tokio::time::sleep(pause).await;
        if !failing {
            // The engine's own co-signatures change the note too: only a new size or a new signed time is asked about.
            let (size, signed_ms) = (view.size(), view.signed_ms());
            let new = views.wait_for(|view| (view.size(), view.signed_ms()) != (size, signed_ms)).await;
            if new.is_err() {
                return;
            }
        } else if views.has_changed().is_err() {
            return;
        }
    }
}

/// Asks one co-signer for one version. `known` is the size that it signed last, as far as is known.
pub fn ask(engine: &Engine, client: &Client, address: &Address, view: &Arc<View>, known: &mut u64) -> Asked {
    let url = format!("{}{ADD_CHECKPOINT}", address.url.trim_end_matches('/'));
    // A second try follows an answer that named the right size.
    for _ in 0..2 {
        let proof = if *known == 0 { Some(Vec::new()) } else { view.consistency(*known) };
        let Some(proof) = proof else {
            return Asked::Refused(format!("it knows size {known}, which this version does not reach"));
        };
        let body = AddCheckpoint { old: *known, proof, note: view.note().to_vec() }.encode();
        let answer = match client.post(&url, &body, COSIGN_ANSWER_BYTES) {
            Ok(answer) => answer,
            Err(why) => return Asked::Refused(why),
        };
        let said = String::from_utf8_lossy(&answer.body).trim().to_owned();
        match answer.status {
            200 => {
                let Some(signatures) = parse_answer(&answer.body) else {
                    return Asked::Refused(format!("{url} answered no signature lines"));
                };
                *known = view.size();
                for signature in signatures {
                    engine.cosign(Arc::clone(view), signature);
                }
                return Asked::Signed;
            }
            // What it was asked about is the size that it knows: it knows another root.
            409 if *known == view.size() && said.parse().is_ok_and(|size: u64| size == *known) => {
                return Asked::Fork(format!("it co-signed another root for size {known}"));
            }
            409 => match said.parse::<u64>() {
                Ok(size) if size <= view.size() => *known = size,
                Ok(size) if size <= engine.view().size() => {
                    *known = size;
                    return Asked::Refused(format!("it knows size {size} already"));
                }
                Ok(size) => return Asked::Fork(format!("it co-signed size {size}, and this ledger has {}", engine.view().size())),
                Err(_) => return Asked::Refused(format!("{url} answered 409 without a size")),
            },
            // A mirror that read what breaks the log's rules.
            422 if *known == view.size() => return Asked::Fork(said),
            status => return Asked::Refused(format!("{url} answered {status}: {said}")),
        }
    }
    Asked::Refused(format!("{url} answered 409 twice"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One co-signer, or whoever answers at its address, stopped the ledger by a number.
    #[test]
    fn one_of_several_that_says_so_stops_nothing() {
        let forks = Forks::new(3);
        assert!(!forks.say("witness-1") && !forks.say("witness-1"), "however often it says so");
        forks.unsay("witness-1");
        assert!(!forks.say("witness-2"));
        assert!(forks.say("mirror-1"), "two say so: data were set back");
        assert!(Forks::new(1).say("witness-1"), "of one alone there is no other word");
    }
}
