//! Requests for permission: a member asks the owner of numbers, who gives a permission or declines. Both sides see how it stands.
//!
//! A request has no words of anybody's, only whose it is, rights and numbers: it is no way to write to an owner. There is one for each
//! owner and partner at most, and a limit on either side.

use base::clock::DAY_MS;
use engine::{Engine, RightsNow, StateError};
use ledger::entry::Status;
use ledger::name::Name;
use store::StoreError;
use store::record::{GrantRequest, StateRecord};
use tokio::sync::Mutex;
use trace::rights::{right_words, rights_of};

use crate::grants::unsigned;

base::limits! {
    /// Open requests for permission of one member: more owners than it can start with at once.
    REQUESTS_OPEN_OF_PARTNER: usize = 16, "requests";
    /// Requests of one member within a day, taken back or not, to one owner or many: nobody asks all of them at once, or one without end.
    REQUESTS_A_DAY: usize = 16, "a day";
    /// Open requests to one owner, one of each member: a list that a person can still read.
    REQUESTS_OPEN_TO_OWNER: usize = 200, "requests";
    /// After an owner declined, the same member asks again no sooner.
    REQUEST_AGAIN_DAYS: u64 = 30, "days";
    /// A request that nobody answers ends by itself, and takes up no room any more.
    REQUEST_OPEN_DAYS: u64 = 90, "days";
}

/// Requests are few and made by people: one after the other, each sees those before it in the table, and no limit is passed by two at once.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Waits for the owner.
    Open,
    /// The owner gave a permission since; perhaps another than was asked for.
    Granted,
    /// The owner declined, or ended what it gave; when that was, where the request itself says so.
    Declined(Option<u64>),
    /// The owner did not answer for [`REQUEST_OPEN_DAYS`].
    Expired,
    /// The partner took it back.
    Withdrawn,
}

impl Standing {
    /// Its word in the interface.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Granted => "granted",
            Self::Declined(_) => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// How a request stands at this time.
pub fn standing(request: &GrantRequest, rights: &RightsNow, now_ms: u64) -> Standing {
    let newest = rights.grant_of(&Name::member_key(&request.owner), &Name::member_key(&request.partner));
    if let Some(grant) = newest.filter(|grant| grant.version > request.version) {
        return if grant.rights == 0 { Standing::Declined(None) } else { Standing::Granted };
    }
    if request.withdrawn {
        Standing::Withdrawn
    } else if request.declined_ms.is_some() {
        Standing::Declined(request.declined_ms)
    } else if now_ms >= request.asked_ms.saturating_add(REQUEST_OPEN_DAYS * DAY_MS) {
        Standing::Expired
    } else {
        Standing::Open
    }
}

/// From when on a declined request may be made anew.
pub fn again_ms(declined_ms: u64) -> u64 {
    declined_ms.saturating_add(REQUEST_AGAIN_DAYS * DAY_MS)
}

/// Why nothing was asked, or answered.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Nobody to ask.
    #[error("{0} owns no numbers in this ledger; look at the id once more")]
    Owner(String),
    /// One's own.
    #[error("the numbers are your own: nobody has to permit you anything")]
    Own,
    /// Nothing asked for.
    #[error("name at least one right: issue, record, pack, dates, words, alert, store, input, contact")]
    Rights,
    /// Numbers that cannot be a permission's.
    #[error("the numbers have 4 to 14 digits each, and there are at most 16 of them")]
    Form,
    /// Numbers of somebody else.
    #[error("{scope} is not a number of {owner}")]
    Numbers {
        /// Which.
        scope: String,
        /// Who was asked.
        owner: String,
    },
    /// It may already.
    #[error("{0} permits you this already")]
    Have(String),
    /// It waits already.
    #[error("you asked {owner} already; withdraw that request, or wait for the answer")]
    Open {
        /// Whom.
        owner: String,
        /// When.
        asked_ms: u64,
    },
    /// It was declined lately.
    #[error("{owner} declined; you can ask again {REQUEST_AGAIN_DAYS} days after that")]
    Declined {
        /// Who.
        owner: String,
        /// When.
        declined_ms: u64,
    },
    /// The partner asks too many.
    #[error("{REQUESTS_OPEN_OF_PARTNER} of your requests are open, which is the most; withdraw one, or wait for an answer")]
    ManyOpen,
    /// The partner asks too fast.
    #[error("you asked {REQUESTS_A_DAY} times within a day, which is the most; ask again tomorrow")]
    ManyToday,
    /// The owner has too many.
    #[error("{0} has {REQUESTS_OPEN_TO_OWNER} open requests, which is the most; write to it directly")]
    Full(String),
    /// There is no such open request.
    #[error("there is no open request of that kind")]
    Nothing,
    /// It could not be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tables could not be read.
    #[error(transparent)]
    Index(#[from] StoreError),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Of whom.
    pub owner: String,
    /// Words of rights.
    pub rights: Vec<String>,
    /// Beginnings of numbers; none: all of the owner's.
    pub scopes: Vec<String>,
}

/// Asks. When this returns, the request is on disk.
pub async fn ask(engine: &Engine, partner: &str, wish: Wish) -> Result<GrantRequest, RequestError> {
    let _turn = ONE_AT_A_TIME.lock().await;
    let now_ms = engine.now_ms();
    let view = engine.view();
    let mut request = checked(view.rights(), partner, wish, now_ms)?;
    let owner = request.owner.clone();
    if let Some(before) = engine.index().request(&owner, partner)? {
        match standing(&before, view.rights(), now_ms) {
            Standing::Open => return Err(RequestError::Open { owner, asked_ms: before.asked_ms }),
            Standing::Declined(Some(declined_ms)) if now_ms < again_ms(declined_ms) => {
                return Err(RequestError::Declined { owner, declined_ms });
            }
            _ => {}
        }
    }
    let lately = |asked_ms: &u64| asked_ms.saturating_add(DAY_MS) > now_ms;
    let is_open = |request: &GrantRequest| standing(request, view.rights(), now_ms) == Standing::Open;
    let (mut open, mut today) = (0, 0);
    for other in engine.index().requests_of(partner) {
        let other = other?;
        open += usize::from(is_open(&other));
        let asks: Vec<u64> = other.earlier_ms.iter().copied().chain([other.asked_ms]).filter(lately).collect();
        today += asks.len();
        // The new request takes the place of this one, and remembers what it was.
        if other.owner == owner {
            request.earlier_ms = asks;
        }
    }
    if open >= REQUESTS_OPEN_OF_PARTNER {
        return Err(RequestError::ManyOpen);
    }
    if today >= REQUESTS_A_DAY {
        return Err(RequestError::ManyToday);
    }
    if open_to(engine, &owner)?.len() >= REQUESTS_OPEN_TO_OWNER {
        return Err(RequestError::Full(owner));
    }
    engine.state(StateRecord::GrantRequest(request.clone())).await?;
    Ok(request)
}

/// The request as it would be kept, if there is somebody to ask for something that can be given.
fn checked(rights: &RightsNow, partner: &str, wish: Wish, now_ms: u64) -> Result<GrantRequest, RequestError> {
    let (owner_key, partner_key) = (Name::member_key(&wish.owner), Name::member_key(partner));
    if owner_key == partner_key {
        return Err(RequestError::Own);
    }
    let owner = rights.member(&owner_key).filter(|owner| owner.status == Status::Active && !owner.prefixes.is_empty());
    let owner = owner.ok_or(RequestError::Owner(wish.owner))?;
    let asked = rights_of(wish.rights.iter().map(String::as_str)).map_err(|_| RequestError::Rights)?;
    if asked == 0 {
        return Err(RequestError::Rights);
    }
    unsigned(owner_key, partner_key, 1, asked, wish.scopes.clone()).check_form().map_err(|_| RequestError::Form)?;
    let touches = |scope: &str| owner.prefixes.iter().any(|prefix| scope.starts_with(prefix.as_str()) || prefix.starts_with(scope));
    if let Some(scope) = wish.scopes.iter().find(|scope| !touches(scope)) {
        return Err(RequestError::Numbers { scope: scope.clone(), owner: owner.id.clone() });
    }
    let newest = rights.grant_of(&owner_key, &partner_key);
    let has = newest.is_some_and(|grant| {
        let within = |asked: &String| grant.scopes.iter().any(|scope| asked.starts_with(scope.as_str()));
        let numbers = grant.scopes.is_empty() || (!wish.scopes.is_empty() && wish.scopes.iter().all(within));
        numbers && grant.rights_at(now_ms, None) & asked == asked
    });
    if has {
        return Err(RequestError::Have(owner.id.clone()));
    }
    Ok(GrantRequest {
        owner: owner.id.clone(),
        partner: partner.to_owned(),
        rights: right_words(asked).into_iter().map(str::to_owned).collect(),
        scopes: wish.scopes,
        version: newest.map_or(0, |grant| grant.version),
        asked_ms: now_ms,
        earlier_ms: Vec::new(),
        declined_ms: None,
        withdrawn: false,
    })
}

/// Open requests to an owner, oldest first.
pub fn open_to(engine: &Engine, owner: &str) -> Result<Vec<GrantRequest>, StoreError> {
    let (view, now_ms) = (engine.view(), engine.now_ms());
    let all = engine.index().requests_to(owner).collect::<Result<Vec<_>, _>>()?;
    let mut open: Vec<_> = all.into_iter().filter(|request| standing(request, view.rights(), now_ms) == Standing::Open).collect();
    open.sort_by_key(|request| request.asked_ms);
    Ok(open)
}

/// What a partner asked for, with how it stands, newest first; without what it took back.
pub fn asked_by(engine: &Engine, partner: &str) -> Result<Vec<(GrantRequest, Standing)>, StoreError> {
    let (view, now_ms) = (engine.view(), engine.now_ms());
    let mut asked = Vec::new();
    for request in engine.index().requests_of(partner) {
        let request = request?;
        let standing = standing(&request, view.rights(), now_ms);
        if standing != Standing::Withdrawn {
            asked.push((request, standing));
        }
    }
    asked.sort_by_key(|(request, _)| std::cmp::Reverse(request.asked_ms));
    Ok(asked)
}

/// The owner declines.
pub async fn decline(engine: &Engine, owner: &str, partner: &str) -> Result<(), RequestError> {
    answer(engine, owner, partner, |request, now_ms| request.declined_ms = Some(now_ms)).await
}

/// The partner takes its request back.
pub async fn withdraw(engine: &Engine, owner: &str, partner: &str) -> Result<(), RequestError> {
    answer(engine, owner, partner, |request, _| request.withdrawn = true).await
}

async fn answer(engine: &Engine, owner: &str, partner: &str, change: impl FnOnce(&mut GrantRequest, u64)) -> Result<(), RequestError> {
    let _turn = ONE_AT_A_TIME.lock().await;
    let now_ms = engine.now_ms();
    let open = |request: &GrantRequest| standing(request, engine.view().rights(), now_ms) == Standing::Open;
    let mut request = engine.index().request(owner, partner)?.filter(open).ok_or(RequestError::Nothing)?;
    change(&mut request, now_ms);
    engine.state(StateRecord::GrantRequest(request)).await?;
    Ok(())
}
