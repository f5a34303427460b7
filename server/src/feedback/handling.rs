//! What is done with a comment: read, answered, replied to, noted on, assigned, put off, closed, held. Each is a record of its own, and
//! on disk when these return. Who may do it is decided before, in `crate::inbox`.

use engine::Engine;
use store::record::{self as state, Answer, Assignment, Blob, CommentState, Note, StateRecord};
use store::rows::{CommentRow, Happened};
use trace::feedback::{AnswerText, HoldReason, HoldWhy, NoReply, NoteText, Side, Text};

use super::letters::{LetterError, log_released, turn};
use super::standing::{side_of, side_word, sides, standing};
use super::started::Started;

base::limits! {
    /// Steps and assignments of one desk on one comment: years of work on it, and the row that every list reads stays small.
    COMMENT_STEPS: usize = 500, "steps";
    /// The shortest code of somebody at a shared tablet: two initials.
    STAFF_CODE_CHARS_MIN: usize = 2, "characters";
    /// The longest: what a person types without looking it up.
    STAFF_CODE_CHARS: usize = 6, "characters";
    /// How far a comment can be put off: a season. Beyond that it is closed, and its writer's reply opens it.
    PUT_OFF_DAYS: u64 = 90, "days";
}

/// What a reader can do to a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Opened it.
    Seen,
    /// It is done.
    Close,
    /// It is not.
    Reopen,
    /// Somebody should look again, for this reason; where its desk answers for the product it stands on no page until then.
    Hold(HoldWhy),
    /// Somebody did.
    Release,
    /// It comes back at this time.
    PutOff(u64),
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Step::Seen => "seen",
            Step::Close => "closed",
            Step::Reopen => "reopened",
            Step::Hold(_) => "held",
            Step::Release => "released",
            Step::PutOff(_) => "put-off",
        }
    }
}

/// Who of a shared tablet writes: initials, or the characters of a badge. It tells colleagues apart and names nobody to anybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffCode(String);

impl StaffCode {
    /// Letters and digits of any script, small ones as capitals, so that one person has one code.
    pub fn parse(typed: &str) -> Option<Self> {
        let code = typed.trim().to_uppercase();
        let fits = (STAFF_CODE_CHARS_MIN..=STAFF_CODE_CHARS).contains(&code.chars().count()) && code.chars().all(char::is_alphanumeric);
        fits.then_some(Self(code))
    }
}

/// Who answers.
#[derive(Clone, Debug)]
pub struct By<'a> {
    /// The account.
    pub account: &'a str,
    /// For which side.
    pub side: Side,
    /// At a shared tablet, who.
    pub staff: Option<StaffCode>,
    /// For everybody on the product's page.
    pub public: bool,
}

impl<'a> By<'a> {
    /// An account of one person.
    pub fn account(account: &'a str, side: Side) -> Self {
        Self { account, side, staff: None, public: false }
    }
}

/// What became of something that was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is kept.
    Kept,
    /// Nothing was kept: this much of its kind is the most.
    Full,
    /// Nothing was kept: so much more was said under the comment than its author had seen.
    Changed(usize),
    /// Nothing was kept: its writer erased the comment.
    Erased,
    /// Nothing was kept: an answer for everybody, to a comment that its writer does not let everybody read.
    Private,
}

/// The comment as it is now; nothing is done to one that is gone.
fn now(engine: &Engine, id: &str) -> Result<Option<CommentRow>, LetterError> {
    Ok(engine.index().comment(id)?)
}

/// Whether one desk did to a comment what one can do.
fn full(row: &CommentRow, side: Side) -> bool {
    let own = row.events.iter().filter(|event| match &event.what {
        Happened::Step(step) => side_of(&step.side) == side,
        Happened::Assignment(given) => side_of(&given.side) == side,
        Happened::Answer(_) | Happened::Reply(_) | Happened::Note(_) => false,
    });
    own.count() >= COMMENT_STEPS
}

/// Keeps a step.
pub async fn step(engine: &Engine, id: &str, step: Step, by: &str, side: Side) -> Result<Done, LetterError> {
    let _turn = turn(id).await;
    let Some(row) = now(engine, id)? else { return Ok(Done::Kept) };
    if full(&row, side) {
        return Ok(Done::Full);
    }
    let until_ms = match step {
        Step::PutOff(until_ms) => Some(until_ms),
        _ => None,
    };
    let reason = match step {
        Step::Hold(why) => Some(why.value().to_owned()),
        _ => None,
    };
    let record = CommentState {
        comment: id.to_owned(),
        state: step.word().to_owned(),
        by: by.to_owned(),
        side: side_word(side).to_owned(),
        at_ms: engine.now_ms(),
        until_ms,
        reason,
    };
    engine.state(StateRecord::CommentState(record)).await?;
    // Whom the owner did not name lifts no limit: together with a script it would make entries without end.
    if step == Step::Release && side != Side::Seller {
        log_released(engine, id).await?;
    }
    Ok(Done::Kept)
}

/// Keeps an answer. Whoever wrote it had seen this much of what was said; where there is more by now, it comes back to be read first.
pub async fn answer(engine: &Engine, id: &str, text: AnswerText, by: By<'_>, seen: Option<usize>) -> Result<Done, LetterError> {
    let _turn = turn(id).await;
    let Some(row) = now(engine, id)? else { return Ok(Done::Kept) };
    let stands = standing(&row, Some(by.side), engine.now_ms());
    if let Some(news) = stands.said.len().checked_sub(seen.unwrap_or(usize::MAX)).filter(|news| *news > 0) {
        return Ok(Done::Changed(news));
    }
    if !stands.takes_answers(by.side) {
        return Ok(Done::Full);
    }
    if by.public && !(stands.publicity.allowed() && stands.speaks(by.side)) {
        return Ok(Done::Private);
    }
    let record = Answer {
        comment: id.to_owned(),
        by: by.account.to_owned(),
        side: side_word(by.side).to_owned(),
        at_ms: engine.now_ms(),
        text: Blob(0),
        staff: by.staff.map(|code| code.0),
        public: by.public,
    };
    engine.state_with(StateRecord::Answer(record), vec![text.as_str().as_bytes().to_vec()]).await?;
    Ok(Done::Kept)
}

/// Keeps a note. None is written on words that their writer erased: it could only repeat them.
pub async fn note(engine: &Engine, id: &str, text: NoteText, by: &str, side: Side) -> Result<Done, LetterError> {
    let _turn = turn(id).await;
    let Some(row) = now(engine, id)? else { return Ok(Done::Kept) };
    let stands = standing(&row, Some(side), engine.now_ms());
    if stands.erased_ms.is_some() {
        return Ok(Done::Erased);
    }
    if stands.notes().count() >= trace::feedback::limits::NOTES_MAX {
        return Ok(Done::Full);
    }
    let record =
        Note { comment: id.to_owned(), by: by.to_owned(), side: side_word(side).to_owned(), at_ms: engine.now_ms(), text: Blob(0) };
    engine.state_with(StateRecord::Note(record), vec![text.as_str().as_bytes().to_vec()]).await?;
    Ok(Done::Kept)
}

/// Keeps whose work a comment is.
pub async fn assign(engine: &Engine, id: &str, to: Option<String>, by: &str, side: Side) -> Result<Done, LetterError> {
    let _turn = turn(id).await;
    let Some(row) = now(engine, id)? else { return Ok(Done::Kept) };
    if standing(&row, Some(side), engine.now_ms()).assigned == to {
        return Ok(Done::Kept);
    }
    if full(&row, side) {
        return Ok(Done::Full);
    }
    let record = Assignment { comment: id.to_owned(), side: side_word(side).to_owned(), to, by: by.to_owned(), at_ms: engine.now_ms() };
    engine.state(StateRecord::Assignment(record)).await?;
    Ok(Done::Kept)
}

/// A reply that passed every rule.
#[derive(Debug)]
pub struct Reply<'a> {
    /// The form it came with, where this service made it.
    pub form: Option<&'a Started>,
    /// The words.
    pub text: Text,
    /// Cleaned photos.
    pub photos: Vec<Vec<u8>>,
    /// To the independent seller as well.
    pub to_seller: bool,
    /// Why it is held, if it is.
    pub hold: Option<HoldReason>,
}

/// Keeps a reply, for the desks that the comment went to: it is open and unread there from then on. Like answers it stands in no ledger.
/// `Err(NoReply)` inside where none is taken.
pub async fn reply(engine: &Engine, id: &str, reply: Reply<'_>) -> Result<Result<(), NoReply>, LetterError> {
    let _turn = turn(id).await;
    let Some(row) = now(engine, id)? else { return Ok(Err(NoReply::Erased)) };
    let mut blobs = vec![reply.text.as_str().as_bytes().to_vec()];
    let random = base::random::bytes();
    let reply_id = reply.form.map_or(random, |form| {
        let hashes: Vec<u8> = reply.photos.iter().flat_map(|jpeg| *blake3::hash(jpeg).as_bytes()).collect();
        form.derived(&engine.secret("replies of forms"), &[blobs[0].as_slice(), &[0], &hashes].concat())
    });
    let reply_id: String = reply_id.iter().map(|byte| format!("{byte:02x}")).collect();
    // The same form with the same words, sent twice.
    if row.events.iter().any(|event| matches!(&event.what, Happened::Reply(kept) if kept.id == reply_id)) {
        return Ok(Ok(()));
    }
    if let Err(none) = standing(&row, None, engine.now_ms()).takes_reply() {
        return Ok(Err(none));
    }
    let to = sides(&row.comment).into_iter().filter(|side| *side != Side::Seller || reply.to_seller);
    let mut photos = Vec::new();
    for jpeg in reply.photos {
        photos.push(state::Photo { blob: Blob(blobs.len() as u16), media_type: "image/jpeg".to_owned(), bytes: jpeg.len() as u64 });
        blobs.push(jpeg);
    }
    let record = state::Reply {
        comment: id.to_owned(),
        id: reply_id,
        to: to.map(|side| side_word(side).to_owned()).collect(),
        at_ms: engine.now_ms(),
        text: Blob(0),
        photos,
        hold: reply.hold,
    };
    engine.state_with(StateRecord::Reply(record), blobs).await?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests;
