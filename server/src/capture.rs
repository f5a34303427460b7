//! One capture: a member's EPCIS document on its way into the ledger, event by event, with a result for each.
//!
//! The same code serves the HTTP interface, the command line and the demo's loader. Nothing of a document is taken before all of
//! it was read; with `Behaviour::Rollback` (EPCIS' default) nothing is taken while any event is wrong.

mod check;
mod outcome;
mod recorded;

use engine::{Accepted, Engine, NewEvent, Submission, SubmitError};
use engine::{GROUP_BYTES, GROUP_COMMANDS};
use store::record::{Location, StateRecord};
use trace::draft::{self, Draft};
use trace::epcis;

use self::check::{Good, Prepared, prepare};
pub use self::outcome::{Behaviour, CaptureError, DOCUMENT_BYTES_MAX, EVENTS_MAX, EventResult, Options, Outcome};
use self::outcome::{MISSING_TOLD, problem};
use self::recorded::{event_id, find, record_at, resolve, target};
use crate::authority::Resolved;
use crate::turns::Turns;

/// Documents that are read and checked at the same time: each takes a thread for up to a second, and pages need threads too.
const CHECKS_AT_ONCE: usize = 2;
static CHECKS: Turns = Turns::new(CHECKS_AT_ONCE);

/// Reads and checks what came, beside the threads that answer, when its turn comes.
pub(crate) async fn checked<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, CaptureError> {
    CHECKS.take(work).await.map_err(internal)
}

/// Signs for members that keep their own key: the demo's loader has one. `None`: the service signs with the key it keeps.
pub type Sign<'a> = Option<&'a (dyn Fn(&NewEvent) -> Submission + Sync)>;

/// Runs a capture of `text`, posted by `member`.
pub async fn run(engine: &Engine, member: &str, text: &str, options: Options, sign: Sign<'_>) -> Result<Outcome, CaptureError> {
    let prepared = {
        let (engine, member, text, own_key) = (engine.clone(), member.to_owned(), text.to_owned(), sign.is_some());
        checked(move || prepare(&engine, &member, &text, options, own_key)).await??
    };
    let Prepared { locations, masters, checked, ignored } = prepared;
    let capture = Capture { engine, member, sign };
    let all_good = checked.iter().all(|one| one.as_ref().is_ok_and(|good| good.left_out.is_empty()));
    let take = !options.dry_run && (all_good || options.behaviour == Behaviour::Proceed);
    if take {
        capture.take_master_data(&locations, &masters).await?;
    }
    let (mut events, mut together) = (Vec::new(), Vec::new());
    for result in checked {
        match result {
            Err(refused) => events.push(*refused),
            Ok(good) if !take => events.push(good.result(if options.dry_run { "valid" } else { "not taken" })),
            // They share the sequencer's groups: one by one each would wait for the disk.
            Ok(good) if good.event.error.is_none() && sign.is_none() => together.push(good),
            // What is taken back may be among those before it.
            Ok(good) => {
                events.extend(capture.take_all(std::mem::take(&mut together)).await?);
                events.push(capture.take(good).await?);
            }
        }
    }
    events.extend(capture.take_all(together).await?);
    events.sort_by_key(|result| result.event);
    let success = all_good && events.iter().all(|e| e.outcome != "refused");
    Ok(Outcome { success, events, master_data: if take { masters.len() + locations.len() } else { 0 }, ignored })
}

struct Capture<'a> {
    engine: &'a Engine,
    member: &'a str,
    sign: Sign<'a>,
}

impl Capture<'_> {
    async fn take_master_data(&self, locations: &[epcis::Location], masters: &[Draft]) -> Result<(), CaptureError> {
        for location in locations {
            let Some(path) = location.name.digital_link_path() else { continue };
            let known = self.engine.index().location(&path, self.member).map_err(internal)?;
            if known.is_some_and(|k| k.names == location.words) {
                continue;
            }
            let record = Location { member: self.member.to_owned(), path, names: location.words.clone() };
            self.engine.state(StateRecord::Location(record)).await.map_err(internal)?;
        }
        for draft in masters {
            self.submit(draft, None).await?.map_err(|why| CaptureError::Document(vec![problem("/epcisHeader/epcisMasterData", why)]))?;
        }
        Ok(())
    }

    /// Records events that take nothing back.
    async fn take_all(&self, goods: Vec<Good>) -> Result<Vec<EventResult>, CaptureError> {
        let (mut submissions, mut asked) = (Vec::new(), Vec::new());
        for good in &goods {
            let drafts = good.drafts.iter().map(|(draft, by)| self.submission(draft, by.as_ref()));
            let drafts = drafts.collect::<Result<Result<Vec<_>, _>, _>>()?;
            asked.push(drafts.map(|drafts| {
                let count = drafts.len();
                submissions.extend(drafts);
                count
            }));
        }
        let mut answers = self.submit_all(submissions).await.into_iter();
        let mut results = Vec::new();
        for (good, asked) in goods.iter().zip(asked) {
            let mut result = good.result("captured");
            let answers = match asked {
                Ok(count) => answers.by_ref().take(count).collect::<Vec<_>>(),
                Err(why) => {
                    results.push(refuse(result, why));
                    continue;
                }
            };
            let (mut repeats, mut refused) = (0, None);
            for answer in &answers {
                match answered(answer)? {
                    Ok(accepted) => {
                        repeats += usize::from(accepted.is_repeat());
                        result.entry(accepted);
                    }
                    Err(why) => refused = refused.or(Some(why)),
                }
            }
            if repeats == answers.len() {
                "already captured".clone_into(&mut result.outcome);
            }
            results.push(match refused {
                Some(why) => refuse(result, why),
                None => result,
            });
        }
        Ok(results)
    }

    /// As much at a time as one group of the sequencer holds, so that a large document leaves the queue room for others.
    async fn submit_all(&self, submissions: Vec<Submission>) -> Vec<Result<Accepted, SubmitError>> {
        let (mut answers, mut group, mut bytes) = (Vec::new(), Vec::new(), 0);
        for submission in submissions {
            let more = submission.bytes();
            if group.len() == GROUP_COMMANDS || bytes + more > GROUP_BYTES {
                answers.extend(self.engine.submit_all(std::mem::take(&mut group)).await);
                bytes = 0;
            }
            bytes += more;
            group.push(submission);
        }
        answers.extend(self.engine.submit_all(group).await);
        answers
    }

    /// Records an event; one with an errorDeclaration is recorded where it is not known yet, then taken back.
    async fn take(&self, good: Good) -> Result<EventResult, CaptureError> {
        let mut result = good.result("captured");
        let mut repeats = 0;
        let mut submissions = 0;
        for (draft, by) in &good.drafts {
            let known = if good.event.error.is_some() { self.known(draft)? } else { None };
            let index = match known {
                Some(index) => index,
                None => {
                    submissions += 1;
                    match self.submit(draft, by.as_ref()).await? {
                        Ok(accepted) => {
                            repeats += usize::from(accepted.is_repeat());
                            result.entry(&accepted);
                            accepted.index
                        }
                        Err(why) => return Ok(refuse(result, why)),
                    }
                }
            };
            if good.event.error.is_some() {
                submissions += 1;
                let target = target(&self.engine.view(), index)?;
                let voiding = match draft::void(&good.event, &target) {
                    Ok(draft) => draft,
                    Err(e) => return Ok(refuse(result, e.to_string())),
                };
                match self.submit(&voiding, None).await? {
                    Ok(accepted) => {
                        repeats += usize::from(accepted.is_repeat());
                        result.entry(&accepted);
                    }
                    Err(why) => return Ok(refuse(result, why)),
                }
            }
        }
        if repeats == submissions {
            "already captured".clone_into(&mut result.outcome);
        }
        Ok(result)
    }

    /// The entry of the original of an event that is to be taken back.
    fn known(&self, draft: &Draft) -> Result<Option<u64>, CaptureError> {
        let view = self.engine.view();
        find(&view, self.member, draft, &event_id(self.engine, &view, self.member, draft)?)
    }

    async fn submit(&self, draft: &Draft, by: Option<&Resolved>) -> Result<Result<Accepted, String>, CaptureError> {
        match self.submission(draft, by)? {
            Ok(submission) => answered(&self.engine.submit(submission).await).map(|answer| answer.cloned()),
            Err(why) => Ok(Err(why)),
        }
    }

    fn submission(&self, draft: &Draft, by: Option<&Resolved>) -> Result<Result<Submission, String>, CaptureError> {
        let view = self.engine.view();
        let id = event_id(self.engine, &view, self.member, draft)?;
        let by = if let Some(index) = find(&view, self.member, draft, &id)? {
            // What stands there was said by the rights of then.
            let (old, records) = record_at(&view, index)?;
            Resolved::as_in(&old, records)
        } else {
            match by.cloned().map_or_else(|| resolve(&view, self.member, self.engine.now_ms(), draft), Ok) {
                Ok(by) => by,
                Err(missing) => return Ok(Err(missing.into_iter().take(MISSING_TOLD).map(|m| m.why).collect::<Vec<_>>().join("; "))),
            }
        };
        Ok(Ok(match self.sign {
            // Whoever signs elsewhere makes salts of its own.
            Some(sign) => sign(&by.event(draft, id)),
            None => Submission::Custodial { member: self.member.to_owned(), event: Box::new(by.next_event(draft, id)) },
        }))
    }
}

/// The engine's answer, as a capture gives it: to come again later concerns all of it.
fn answered(answer: &Result<Accepted, SubmitError>) -> Result<Result<&Accepted, String>, CaptureError> {
    match answer {
        Ok(accepted) => Ok(Ok(accepted)),
        Err(SubmitError::Overloaded | SubmitError::Stopped) => Err(CaptureError::Busy),
        Err(e) => Ok(Err(e.to_string())),
    }
}

fn refuse(mut result: EventResult, why: String) -> EventResult {
    "refused".clone_into(&mut result.outcome);
    result.problems.push(why);
    result
}

fn internal(e: impl std::fmt::Display) -> CaptureError {
    CaptureError::Internal(e.to_string())
}
