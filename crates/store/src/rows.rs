//! How records become tables. [`apply`] is the one place; it runs for new records and when the rows are made again, in the order in
//! which they were committed, so it must depend on nothing but the record, its parts and the tables.

use std::collections::BTreeSet;

use ledger::Hash;
use serde::{Deserialize, Serialize};

use crate::keys::{inbox_key, pair};
use crate::record::{
    Answer, Assignment, Blob, CaptureJob, Comment, CommentState, GrantRequest, Milestone, NamedQuery, Note, ReadyAnswer, Reply,
    SavedFilter, Scans, Secret, StateRecord, User,
};
use crate::table::{
    API_KEYS, CAPTURE_JOBS, CAPTURE_JOBS_OF, COMMENTS, INBOX, LOCATIONS, MILESTONES, QUERIES, READY_ANSWERS, RECEIPTS, REQUESTS,
    REQUESTS_OF, SAVED_FILTERS, SCANS, USERS, USERS_OF,
};
use crate::{Changes, Index, StoreError};

pub mod inner;
pub mod outgoing;
pub mod public;
pub mod tally;

/// How often the pages of an item were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScanCount {
    /// First day, days since 1970.
    pub first_day: u32,
    /// Last day.
    pub last_day: u32,
    /// Days with scans.
    pub days: u64,
    /// Scans.
    pub count: u64,
}

impl ScanCount {
    /// With further scans of a day.
    pub fn add(self, day: u32, count: u64) -> Self {
        if self.count == 0 {
            return Self { first_day: day, last_day: day, days: 1, count };
        }
        Self {
            first_day: self.first_day.min(day),
            last_day: self.last_day.max(day),
            days: self.days + u64::from(day > self.last_day),
            count: self.count + count,
        }
    }
}

/// A comment with what happened to it. Blobs are named through `secrets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentRow {
    /// As it came.
    pub comment: Comment,
    /// The comment's blobs, in its order: `comment.text` is an index into them.
    pub secrets: Vec<Secret>,
    /// What happened to it, oldest first. One list: what came after what decides how it stands, and two may have one time.
    pub events: Vec<Event>,
}

/// Something that happened to a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub what: Happened,
    /// Its blobs, in its order.
    #[serde(default)]
    pub secrets: Vec<Secret>,
}

impl Event {
    /// What a blob of it is named by.
    pub fn secret(&self, blob: Blob) -> Option<Secret> {
        self.secrets.get(usize::from(blob.0)).copied()
    }
}

/// What happened to a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// It was read, closed, held.
    Step(CommentState),
    /// It was answered.
    Answer(Answer),
    /// Its writer replied.
    Reply(Reply),
    /// Somebody noted something.
    Note(Note),
    /// It became somebody's work.
    Assignment(Assignment),
}

/// A ready answer, with what its words are named by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyAnswerRow {
    /// As it came.
    pub answer: ReadyAnswer,
    /// Title and words.
    pub words: Option<Secret>,
}

/// A saved filter, with what its words are named by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilterRow {
    /// As it came.
    pub filter: SavedFilter,
    /// Name and query.
    pub words: Option<Secret>,
}

/// Puts a record, whose parts have these commitments, into the tables.
pub fn apply(changes: &mut Changes, record: StateRecord, parts: &[Hash]) -> Result<(), StoreError> {
    match record {
        StateRecord::Scans(scans) => count(changes, &scans)?,
        StateRecord::User(user) => crate::deeds::put_user(changes, &user)?,
        StateRecord::Deed(deed) => crate::deeds::apply(changes, *deed)?,
        StateRecord::ApiKey(key) => changes.put_json(API_KEYS, &key.hash.0, &key),
        StateRecord::Location(location) => {
            changes.put_json(LOCATIONS, &pair(&location.path, &location.member), &location);
        }
        StateRecord::CaptureJob(job) => {
            changes.put(CAPTURE_JOBS_OF, &inbox_key(&job.member, job.created_ms, &job.id), &[]);
            changes.put_json(CAPTURE_JOBS, job.id.as_bytes(), &job);
        }
        StateRecord::Query(query) => {
            let key = pair(&query.member, &query.name);
            if query.query.is_some() { changes.put_json(QUERIES, &key, &query) } else { changes.remove(QUERIES, &key) }
        }
        StateRecord::Comment(comment) => add_comment(changes, comment, parts)?,
        StateRecord::CommentState(state) => happened(changes, &state.comment.clone(), Happened::Step(state), parts)?,
        StateRecord::Answer(answer) => happened(changes, &answer.comment.clone(), Happened::Answer(answer), parts)?,
        StateRecord::Reply(reply) => happened(changes, &reply.comment.clone(), Happened::Reply(reply), parts)?,
        StateRecord::Note(note) => happened(changes, &note.comment.clone(), Happened::Note(note), parts)?,
        StateRecord::Assignment(to) => happened(changes, &to.comment.clone(), Happened::Assignment(to), parts)?,
        StateRecord::ReadyAnswer(answer) => {
            let key = ready_key(&answer.member, answer.location.as_deref(), &answer.id);
            match answer.words {
                Some(words) => {
                    let words = parts.get(usize::from(words.0)).copied().map(Secret);
                    changes.put_json(READY_ANSWERS, &key, &ReadyAnswerRow { answer, words });
                }
                None => changes.remove(READY_ANSWERS, &key),
            }
        }
        StateRecord::SavedFilter(filter) => {
            let key = ready_key(&filter.member, Some(&filter.account), &filter.id);
            match filter.words {
                Some(words) => {
                    let words = parts.get(usize::from(words.0)).copied().map(Secret);
                    changes.put_json(SAVED_FILTERS, &key, &SavedFilterRow { filter, words });
                }
                None => changes.remove(SAVED_FILTERS, &key),
            }
        }
        // A day has one for ever: the first.
        StateRecord::Milestone(milestone) => {
            if changes.get(MILESTONES, &milestone.day.to_be_bytes())?.is_none() {
                changes.put_json(MILESTONES, &milestone.day.to_be_bytes(), &milestone);
            }
        }
        StateRecord::GrantRequest(request) => {
            changes.put(REQUESTS_OF, &pair(&request.partner, &request.owner), &[]);
            changes.put_json(REQUESTS, &pair(&request.owner, &request.partner), &request);
        }
        StateRecord::InnerSpent(spent) => inner::spend(changes, &spent)?,
        StateRecord::Tally(tally) => tally::apply(changes, &tally)?,
        StateRecord::Outgoing(record) => outgoing::apply(changes, record, parts)?,
        // The keeper overwrites the parts; tables hold only their commitments.
        StateRecord::Erase(_) => {}
    }
    Ok(())
}

fn count(changes: &mut Changes, scans: &Scans) -> Result<(), StoreError> {
    for (key, count) in &scans.counts {
        let old: ScanCount = changes.get_json(SCANS, key.as_bytes())?.unwrap_or_default();
        changes.put_json(SCANS, key.as_bytes(), &old.add(scans.day, u64::from(*count)));
    }
    Ok(())
}

fn add_comment(changes: &mut Changes, comment: Comment, parts: &[Hash]) -> Result<(), StoreError> {
    let places = comment.store.iter().chain(&comment.seller);
    let members: BTreeSet<&String> = std::iter::once(&comment.brand).chain(places.map(|(_, member)| member)).collect();
    for member in members {
        changes.put(INBOX, &inbox_key(member, comment.received_ms, &comment.id), &[]);
        outgoing::letter_came(changes, member, &comment.id)?;
    }
    changes.put(RECEIPTS, &comment.token.0, comment.id.as_bytes());
    let secrets = parts.iter().copied().map(Secret).collect();
    let id = comment.id.clone();
    let row = CommentRow { comment, secrets, events: Vec::new() };
    changes.put_json(COMMENTS, id.as_bytes(), &row);
    public::moved(changes, &row, None)
}

fn happened(changes: &mut Changes, id: &str, what: Happened, parts: &[Hash]) -> Result<(), StoreError> {
    // A record about a comment that is not there says nothing.
    if let Some(mut row) = changes.get_json::<CommentRow>(COMMENTS, id.as_bytes())? {
        let before = public::publicity(&row);
        row.events.push(Event { what, secrets: parts.iter().copied().map(Secret).collect() });
        changes.put_json(COMMENTS, id.as_bytes(), &row);
        public::moved(changes, &row, Some(before))?;
    }
    Ok(())
}

/// A desk's ready answers, or an account's filters.
fn ready_key(member: &str, location: Option<&str>, id: &str) -> Vec<u8> {
    [member.as_bytes(), &[0], location.unwrap_or_default().as_bytes(), &[0], id.as_bytes()].concat()
}

impl Index {
    /// How often an item's pages were opened, as far as it was written.
    pub fn scans(&self, key_hex: &str) -> Result<ScanCount, StoreError> {
        Ok(self.get_json(SCANS, key_hex.as_bytes())?.unwrap_or_default())
    }

    /// A comment.
    pub fn comment(&self, id: &str) -> Result<Option<CommentRow>, StoreError> {
        self.get_json(COMMENTS, id.as_bytes())
    }

    /// The id of the comment that this receipt token belongs to.
    pub fn receipt(&self, token: &Hash) -> Result<Option<String>, StoreError> {
        let id = self.get(RECEIPTS, &token.0)?;
        Ok(id.and_then(|id| String::from_utf8(id).ok()))
    }

    /// Comments for a member, newest first, as brand or as store.
    pub fn inbox(&self, member: &str) -> impl Iterator<Item = Result<CommentRow, StoreError>> + use<> {
        let this = self.clone();
        self.newest_of(INBOX, member).filter_map(move |id| id.and_then(|id| this.comment(&id)).transpose())
    }

    /// A member's own name of a place.
    pub fn location(&self, path: &str, member: &str) -> Result<Option<crate::record::Location>, StoreError> {
        self.get_json(LOCATIONS, &pair(path, member))
    }

    /// An account.
    pub fn user(&self, name: &str) -> Result<Option<crate::record::User>, StoreError> {
        self.get_json(USERS, name.as_bytes())
    }

    /// The accounts of a member, by name; those taken away among them.
    pub fn users_of(&self, member: &str) -> impl Iterator<Item = Result<User, StoreError>> + use<> {
        let this = self.clone();
        let prefix = pair(member, "");
        self.rows(USERS_OF, &prefix).filter_map(move |row| {
            let read = || this.user(&String::from_utf8_lossy(&row?.0[prefix.len()..]));
            read().transpose()
        })
    }

    /// A ready answer of a desk: of a member's own, or of one of its stores.
    pub fn ready_answer(&self, member: &str, location: Option<&str>, id: &str) -> Result<Option<ReadyAnswerRow>, StoreError> {
        self.get_json(READY_ANSWERS, &ready_key(member, location, id))
    }

    /// All of them.
    pub fn ready_answers(&self, member: &str, location: Option<&str>) -> impl Iterator<Item = Result<ReadyAnswerRow, StoreError>> + use<> {
        self.json_rows(READY_ANSWERS, &ready_key(member, location, "")).map(|row| Ok(row?.1))
    }

    /// An account's saved filters.
    pub fn saved_filters(&self, member: &str, account: &str) -> impl Iterator<Item = Result<SavedFilterRow, StoreError>> + use<> {
        self.json_rows(SAVED_FILTERS, &ready_key(member, Some(account), "")).map(|row| Ok(row?.1))
    }

    /// An API key by the hash of its text.
    pub fn api_key(&self, hash: &Hash) -> Result<Option<crate::record::ApiKey>, StoreError> {
        self.get_json(API_KEYS, &hash.0)
    }

    /// The checkpoint that phones keep of a day.
    pub fn milestone(&self, day: u32) -> Result<Option<Milestone>, StoreError> {
        self.get_json(MILESTONES, &day.to_be_bytes())
    }

    /// A member's named query.
    pub fn query(&self, member: &str, name: &str) -> Result<Option<NamedQuery>, StoreError> {
        self.get_json(QUERIES, &pair(member, name))
    }

    /// A member's named queries, by name.
    pub fn queries(&self, member: &str) -> impl Iterator<Item = Result<NamedQuery, StoreError>> + use<> {
        self.json_rows(QUERIES, &pair(member, "")).map(|row| Ok(row?.1))
    }

    /// A member's capture jobs, newest first.
    pub fn capture_jobs(&self, member: &str) -> impl Iterator<Item = Result<CaptureJob, StoreError>> + use<> {
        let this = self.clone();
        self.newest_of(CAPTURE_JOBS_OF, member).filter_map(move |id| id.and_then(|id| this.capture_job(&id)).transpose())
    }

    /// A partner's request to an owner.
    pub fn request(&self, owner: &str, partner: &str) -> Result<Option<GrantRequest>, StoreError> {
        self.get_json(REQUESTS, &pair(owner, partner))
    }

    /// All requests to an owner: one of each partner at most.
    pub fn requests_to(&self, owner: &str) -> impl Iterator<Item = Result<GrantRequest, StoreError>> + use<> {
        self.json_rows(REQUESTS, &pair(owner, "")).map(|row| Ok(row?.1))
    }

    /// All requests of a partner: one to each owner at most.
    pub fn requests_of(&self, partner: &str) -> impl Iterator<Item = Result<GrantRequest, StoreError>> + use<> {
        let this = self.clone();
        let partner = partner.to_owned();
        let prefix = pair(&partner, "");
        self.rows(REQUESTS_OF, &prefix).filter_map(move |row| {
            let read = || {
                let (key, _) = row?;
                this.request(&String::from_utf8_lossy(&key[prefix.len()..]), &partner)
            };
            read().transpose()
        })
    }

    /// A capture job.
    pub fn capture_job(&self, id: &str) -> Result<Option<crate::record::CaptureJob>, StoreError> {
        self.get_json(CAPTURE_JOBS, id.as_bytes())
    }
}
