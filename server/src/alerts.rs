//! Alerts: what a desk is told of its letters, when, and at which addresses. A desk is a brand's own, or one of a store's locations;
//! each sees and changes its own alone, and every function here takes the account that asks.

pub mod rules;
pub mod words;

use std::fmt::Write as _;

use base::clock::DAY_MS;
use engine::Engine;
use ledger::Hash;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::record::outgoing::{About, Channel, ChannelKind, ChannelState, Fingerprint, Message, Outgoing, Replay, Rule, RuleKind};
use store::record::{Blob, Erase, Secret, StateRecord};
use store::rows::outgoing::{ChannelRow, MessageRow, RuleRow, Standing, SubscriptionRow};

use crate::epcis::subscriptions::{self, SubscriptionError};
use crate::feedback::letters::{LetterError, turn};
use crate::outbox::{self, address, mail, random_id, webhook};
use crate::session::accounts::{Account, speaks};

impl From<SubscriptionError> for LetterError {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::Index(error) => Self::Index(error),
            SubscriptionError::View(error) => Self::View(error),
            SubscriptionError::State(error) => Self::State(error),
            SubscriptionError::Ended => Self::State(engine::StateError::Stopped),
        }
    }
}

base::limits! {
    /// Addresses of one desk.
    ALERT_ADDRESSES: usize = 10, "addresses";
    /// Rules of one desk.
    ALERT_RULES: usize = 20, "rules";
    /// How often one person's address is asked in a day whether it may be written to, whoever wants it.
    MAIL_ASKED_A_DAY: usize = 3, "mails";
    /// How many addresses of persons one member asks in a day: nobody mails strangers through this service.
    MAIL_ASKS_A_DAY: usize = 10, "mails";
    /// How long an address that wanted nothing more is not asked again.
    MAIL_REFUSED_DAYS: u64 = 90, "days";
    /// How long the way to say yes is open.
    MAIL_CONFIRM_DAYS: u64 = 7, "days";
    /// How often an address is tested.
    ALERT_TEST_PAUSE_MS: u64 = 60_000, "milliseconds";
}

/// Within how many minutes a rule tells at most once, as they are offered.
pub const MINUTES: [u32; 5] = [5, 15, 60, 360, 1440];
/// All rules, in the order of the form.
pub const KINDS: [RuleKind; 4] = [RuleKind::Illness, RuleKind::Fakes, RuleKind::Rating, RuleKind::Letter];

/// The form's value of a rule.
pub fn kind_word(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::Letter => "letter",
        RuleKind::Illness => "illness",
        RuleKind::Fakes => "fakes",
        RuleKind::Rating => "rating",
    }
}

/// Reads the form's value.
pub fn kind_of(word: &str) -> Option<RuleKind> {
    KINDS.into_iter().find(|kind| kind_word(*kind) == word)
}

/// What nobody else reads of an address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private {
    /// Web address, or a person's.
    pub address: String,
    /// What signs: the newest first, each with the end of its time.
    #[serde(default)]
    pub secrets: Vec<(String, Option<u64>)>,
}

impl std::fmt::Debug for Private {
    /// Neither is anything for a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Private {{ {} secrets }}", self.secrets.len())
    }
}

impl Private {
    /// The keys that sign at this time.
    pub fn keys(&self, now_ms: u64) -> Vec<Vec<u8>> {
        let signing = self.secrets.iter().filter(|(_, until)| until.is_none_or(|until| now_ms < until));
        signing.filter_map(|(secret, _)| webhook::secret_bytes(secret)).collect()
    }
}

/// An address with what is known of it.
#[derive(Clone, Debug)]
pub struct Known {
    /// As it stands.
    pub row: ChannelRow,
    /// Where it is.
    pub private: Private,
}

/// Why something is not kept or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// There is nothing of this id here.
    Gone,
    /// As many as there can be.
    Full,
    /// The address is none that can be used.
    Url(address::UrlFault),
    /// It is no mail address.
    NoMail,
    /// This service sends no mail.
    NoMailServer,
    /// The address is here already.
    Twice,
    /// It was asked often enough today, or wants nothing more.
    Asked,
    /// It did not say yet that it may be written to.
    Unconfirmed,
    /// One is on its way, or was sent a moment ago.
    Soon,
    /// A rule without an address tells nobody.
    Nobody,
}

/// What the operator's settings say to this.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ways {
    /// Closed networks are permitted.
    pub local: bool,
    /// There is a mail server.
    pub mail: bool,
}

/// Persons are asked one after the other: two members that ask one address see each other.
static ASKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

type Outcome<T> = Result<Result<T, NotDone>, LetterError>;

fn is_mine(account: &Account, member: &str, location: Option<&str>) -> bool {
    account.member == member && account.location.as_deref() == location
}

/// Address and secrets in a blob.
pub fn private(engine: &Engine, secret: &Secret) -> Result<Option<Private>, LetterError> {
    Ok(engine.blob(secret)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// The addresses of this account's desk, oldest first.
pub fn channels(engine: &Engine, account: &Account) -> Result<Vec<Known>, LetterError> {
    let mut all = Vec::new();
    for row in engine.index().channels(&account.member, account.location.as_deref())? {
        if let Some(private) = private(engine, &row.private)? {
            all.push(Known { row, private });
        }
    }
    all.sort_by(|one, two| (one.row.channel.at_ms, &one.row.channel.id).cmp(&(two.row.channel.at_ms, &two.row.channel.id)));
    Ok(all)
}

/// One of them.
pub fn channel(engine: &Engine, account: &Account, id: &str) -> Result<Option<Known>, LetterError> {
    let row = engine.index().channel(id)?.filter(|row| is_mine(account, &row.channel.member, row.channel.location.as_deref()));
    let Some(row) = row else { return Ok(None) };
    Ok(private(engine, &row.private)?.map(|private| Known { row, private }))
}

/// The rules of this account's desk.
pub fn rules(engine: &Engine, account: &Account) -> Result<Vec<RuleRow>, LetterError> {
    let mut all = engine.index().rules(&account.member, account.location.as_deref())?;
    all.sort_by(|one, two| (one.rule.at_ms, &one.rule.id).cmp(&(two.rule.at_ms, &two.rule.id)));
    Ok(all)
}

async fn put(engine: &Engine, record: Outgoing) -> Result<(), LetterError> {
    Ok(engine.state(StateRecord::Outgoing(record)).await?)
}

fn new_channel(engine: &Engine, account: &Account, kind: ChannelKind, language: &str, asked: Vec<Fingerprint>) -> Channel {
    Channel {
        id: random_id(),
        member: account.member.clone(),
        location: account.location.clone(),
        kind,
        private: Some(Blob(0)),
        asked,
        language: language.to_owned(),
        by: account.name.clone(),
        at_ms: engine.now_ms(),
    }
}

async fn keep(engine: &Engine, channel: Channel, private: &Private, before: Option<Secret>) -> Result<(), LetterError> {
    let blob = serde_json::to_vec(private).expect("texts are JSON");
    engine.state_with(StateRecord::Outgoing(Outgoing::Channel(channel)), vec![blob]).await?;
    overwrite(engine, before).await
}

async fn overwrite(engine: &Engine, before: Option<Secret>) -> Result<(), LetterError> {
    if let Some(secret) = before {
        let reason = "an address was changed or taken away".to_owned();
        engine.state(StateRecord::Erase(Erase { secrets: vec![secret], reason, at_ms: engine.now_ms() })).await?;
    }
    Ok(())
}

/// Whether there is room for one more address, and none is there twice.
fn room(known: &[Known], address: &str) -> Result<(), NotDone> {
    if known.iter().any(|known| known.private.address == address) {
        return Err(NotDone::Twice);
    }
    if known.len() >= ALERT_ADDRESSES { Err(NotDone::Full) } else { Ok(()) }
}

/// Adds a program's address; gives its id and the secret, which is shown this once.
pub async fn add_webhook(engine: &Engine, account: &Account, ways: Ways, url: &str, language: &str) -> Outcome<(String, String)> {
    let url = url.trim();
    if let Err(fault) = address::parse(url, ways.local) {
        return Ok(Err(NotDone::Url(fault)));
    }
    let _turn = turn(&account.member).await;
    if let Err(why) = room(&channels(engine, account)?, url) {
        return Ok(Err(why));
    }
    let secret = webhook::new_secret();
    let channel = new_channel(engine, account, ChannelKind::Webhook, language, Vec::new());
    let id = channel.id.clone();
    keep(engine, channel, &Private { address: url.to_owned(), secrets: vec![(secret.clone(), None)] }, None).await?;
    Ok(Ok((id, secret)))
}

/// Gives a program's address a new secret, shown this once. The one before signs beside it for a day; older ones end.
pub async fn rotate(engine: &Engine, account: &Account, id: &str) -> Outcome<String> {
    let _turn = turn(&account.member).await;
    let known = channel(engine, account, id)?.filter(|known| known.row.channel.kind == ChannelKind::Webhook);
    let Some(Known { row, private }) = known else { return Ok(Err(NotDone::Gone)) };
    let (now_ms, secret) = (engine.now_ms(), webhook::new_secret());
    let before = private.secrets.first().map(|(old, _)| (old.clone(), Some(now_ms + webhook::WEBHOOK_ROTATION_MS)));
    let secrets = std::iter::once((secret.clone(), None)).chain(before).collect();
    keep(engine, Channel { private: Some(Blob(0)), ..row.channel }, &Private { secrets, ..private }, Some(row.private)).await?;
    Ok(Ok(secret))
}

/// A hash that nobody else can make.
fn fingerprint(engine: &Engine, of: &str, text: &str) -> Fingerprint {
    let key = engine.secret("addresses of persons");
    Fingerprint(Hash(*blake3::keyed_hash(&key, [of.as_bytes(), &[0], text.as_bytes()].concat().as_slice()).as_bytes()))
}

/// Whether a person's address may be asked now; the hashes by which that is counted.
fn may_ask(engine: &Engine, account: &Account, address: &str) -> Result<Result<Vec<Fingerprint>, NotDone>, StoreError> {
    let now_ms = engine.now_ms();
    let (person, member) = (fingerprint(engine, "person", &address.to_lowercase()), fingerprint(engine, "member", &account.member));
    let today = |asked: &[u64]| asked.iter().filter(|at| **at + DAY_MS > now_ms).count();
    let (by_person, by_member) = (engine.index().mailed(&person.0)?, engine.index().mailed(&member.0)?);
    let refused = by_person.refused_ms.is_some_and(|at| at + MAIL_REFUSED_DAYS * DAY_MS > now_ms);
    if refused || today(&by_person.asked_ms) >= MAIL_ASKED_A_DAY || today(&by_member.asked_ms) >= MAIL_ASKS_A_DAY {
        return Ok(Err(NotDone::Asked));
    }
    Ok(Ok(vec![person, member]))
}

/// Adds a person's address. It is asked once, and told nothing before it says yes.
pub async fn add_mail(engine: &Engine, account: &Account, ways: Ways, address: &str, language: &str) -> Outcome<String> {
    let address = address.trim();
    if !ways.mail {
        return Ok(Err(NotDone::NoMailServer));
    }
    if mail::address(address).is_none() {
        return Ok(Err(NotDone::NoMail));
    }
    let (_turn, _asking) = (turn(&account.member).await, ASKING.lock().await);
    if let Err(why) = room(&channels(engine, account)?, address) {
        return Ok(Err(why));
    }
    let asked = match may_ask(engine, account, address)? {
        Ok(asked) => asked,
        Err(why) => return Ok(Err(why)),
    };
    let channel = new_channel(engine, account, ChannelKind::Mail, language, asked);
    let id = channel.id.clone();
    keep(engine, channel, &Private { address: address.to_owned(), secrets: Vec::new() }, None).await?;
    put(engine, Outgoing::Message(message(account, &id, About::Confirm, engine.now_ms()))).await?;
    Ok(Ok(id))
}

/// Asks a person's address once more.
pub async fn ask_again(engine: &Engine, account: &Account, id: &str) -> Outcome<()> {
    let (_turn, _asking) = (turn(&account.member).await, ASKING.lock().await);
    let waits = |known: &Known| known.row.channel.kind == ChannelKind::Mail && known.row.confirmed_ms.is_none();
    let Some(Known { row, private }) = channel(engine, account, id)?.filter(waits) else { return Ok(Err(NotDone::Gone)) };
    let asked = match may_ask(engine, account, &private.address)? {
        Ok(asked) => asked,
        Err(why) => return Ok(Err(why)),
    };
    let at_ms = engine.now_ms();
    let again = Channel { private: Some(Blob(0)), asked, at_ms, ..row.channel };
    keep(engine, again, &private, Some(row.private)).await?;
    put(engine, Outgoing::Message(message(account, id, About::Confirm, at_ms))).await?;
    Ok(Ok(()))
}

fn message(account: &Account, to: &str, about: About, at_ms: u64) -> Message {
    outbox::message(&account.member, to, about, at_ms)
}

/// Takes an address away, out of the rules too; its messages go with it.
pub async fn remove_channel(engine: &Engine, account: &Account, id: &str) -> Outcome<()> {
    let _turn = turn(&account.member).await;
    let Some(known) = channel(engine, account, id)? else { return Ok(Err(NotDone::Gone)) };
    for row in rules(engine, account)?.into_iter().filter(|row| row.rule.channels.iter().any(|of| of == id)) {
        let channels = row.rule.channels.iter().filter(|of| *of != id).cloned().collect();
        put(engine, Outgoing::Rule(Rule { channels, ..row.rule })).await?;
    }
    put(engine, Outgoing::Channel(Channel { private: None, asked: Vec::new(), ..known.row.channel })).await?;
    overwrite(engine, Some(known.row.private)).await?;
    Ok(Ok(()))
}

/// Sends a message about nothing.
pub async fn test(engine: &Engine, account: &Account, id: &str) -> Outcome<()> {
    let _turn = turn(&account.member).await;
    let Some(known) = channel(engine, account, id)? else { return Ok(Err(NotDone::Gone)) };
    if !may_be_told(&known.row) {
        return Ok(Err(NotDone::Unconfirmed));
    }
    let now_ms = engine.now_ms();
    let (log, _) = engine.index().log(id)?;
    let soon = |row: &MessageRow| row.message.about == About::Test && (waits(row) || row.message.at_ms + ALERT_TEST_PAUSE_MS > now_ms);
    if log.iter().any(soon) {
        return Ok(Err(NotDone::Soon));
    }
    put(engine, Outgoing::Message(message(account, id, About::Test, now_ms))).await?;
    Ok(Ok(()))
}

fn waits(row: &MessageRow) -> bool {
    matches!(row.standing, Standing::Waiting { .. })
}

/// Whether an address may be written to: a program's always, a person's when it said so.
pub fn may_be_told(row: &ChannelRow) -> bool {
    row.channel.kind == ChannelKind::Webhook || row.confirmed_ms.is_some()
}

/// A subscription of a member's program to records.
#[derive(Clone, Debug)]
pub struct Subscribed {
    /// As it stands.
    pub row: SubscriptionRow,
    /// Where its messages go.
    pub dest: String,
    /// The key that asked for it still opens something.
    pub open: bool,
}

fn subscribed(engine: &Engine, row: SubscriptionRow) -> Result<Option<Subscribed>, LetterError> {
    let open = subscriptions::is_open(engine, &row.subscription)?;
    Ok(subscriptions::private(engine, &row)?.map(|private| Subscribed { row, dest: private.dest, open }))
}

/// What programs with a key of this account's member subscribed to: for who speaks for the member, so that a subscription that nobody
/// there made is found.
pub fn subscriptions_of(engine: &Engine, account: &Account) -> Result<Vec<Subscribed>, LetterError> {
    let mut all = Vec::new();
    if speaks(account) {
        for row in engine.index().subscriptions(&account.member, "")? {
            all.extend(subscribed(engine, row)?);
        }
    }
    Ok(all)
}

/// One of them.
pub fn subscription(engine: &Engine, account: &Account, id: &str) -> Result<Option<Subscribed>, LetterError> {
    let row = engine.index().subscription(id)?.filter(|row| speaks(account) && row.subscription.member == account.member);
    row.map_or(Ok(None), |row| subscribed(engine, row))
}

/// Ends one of them.
pub async fn end_subscription(engine: &Engine, account: &Account, id: &str) -> Outcome<()> {
    let Some(found) = subscription(engine, account, id)? else { return Ok(Err(NotDone::Gone)) };
    subscriptions::end(engine, found.row).await?;
    Ok(Ok(()))
}

/// To whom a message goes, as this account's desk knows it.
#[derive(Clone, Debug)]
pub enum Receiver {
    /// An address of alerts.
    Channel(Known),
    /// A subscription to records.
    Subscription(Subscribed),
}

/// Who has this id at the desk of this account.
pub fn receiver(engine: &Engine, account: &Account, id: &str) -> Result<Option<Receiver>, LetterError> {
    Ok(match channel(engine, account, id)? {
        Some(known) => Some(Receiver::Channel(known)),
        None => subscription(engine, account, id)?.map(Receiver::Subscription),
    })
}

/// The messages to a receiver of this desk, newest first, and how many older ones are not in the log any more.
pub fn log(engine: &Engine, account: &Account, id: &str) -> Result<Option<(Receiver, Vec<MessageRow>, u64)>, LetterError> {
    let Some(receiver) = receiver(engine, account, id)? else { return Ok(None) };
    let (rows, gone) = engine.index().log(id)?;
    Ok(Some((receiver, rows, gone)))
}

/// Sends a message again that was given up or taken; gives the address that it is for.
pub async fn replay(engine: &Engine, account: &Account, id: &str) -> Outcome<String> {
    let _turn = turn(&account.member).await;
    let Some(row) = engine.index().message(id)? else { return Ok(Err(NotDone::Gone)) };
    let Some(receiver) = receiver(engine, account, &row.message.to)? else { return Ok(Err(NotDone::Gone)) };
    if waits(&row) || row.attempts.last().is_some_and(|last| last.at_ms + ALERT_TEST_PAUSE_MS > engine.now_ms()) {
        return Ok(Err(NotDone::Soon));
    }
    // What asks a person is counted when it is asked, not when it is sent.
    if row.message.about == About::Confirm || matches!(&receiver, Receiver::Channel(known) if !may_be_told(&known.row)) {
        return Ok(Err(NotDone::Unconfirmed));
    }
    let replay = Replay { message: id.to_owned(), by: account.name.clone(), at_ms: engine.now_ms() };
    put(engine, Outgoing::Replay(replay)).await?;
    Ok(Ok(row.message.to))
}

/// Keeps a new rule, or changes one.
pub async fn keep_rule(engine: &Engine, account: &Account, id: Option<&str>, kind: RuleKind, minutes: u32, to: Vec<String>) -> Outcome<()> {
    let _turn = turn(&account.member).await;
    let rows = rules(engine, account)?;
    if id.is_some_and(|id| !rows.iter().any(|row| row.rule.id == id)) {
        return Ok(Err(NotDone::Gone));
    }
    if id.is_none() && rows.len() >= ALERT_RULES {
        return Ok(Err(NotDone::Full));
    }
    let known = channels(engine, account)?;
    let channels: Vec<String> = known.iter().map(|known| known.row.channel.id.clone()).filter(|own| to.contains(own)).collect();
    if channels.is_empty() {
        return Ok(Err(NotDone::Nobody));
    }
    let rule = Rule {
        id: id.map_or_else(random_id, str::to_owned),
        member: account.member.clone(),
        location: account.location.clone(),
        kind: Some(kind),
        channels,
        minutes,
        by: account.name.clone(),
        at_ms: rows.iter().find(|row| Some(row.rule.id.as_str()) == id).map_or(engine.now_ms(), |row| row.rule.at_ms),
    };
    put(engine, Outgoing::Rule(rule)).await?;
    Ok(Ok(()))
}

/// Takes a rule away.
pub async fn remove_rule(engine: &Engine, account: &Account, id: &str) -> Outcome<()> {
    let _turn = turn(&account.member).await;
    let Some(row) = rules(engine, account)?.into_iter().find(|row| row.rule.id == id) else { return Ok(Err(NotDone::Gone)) };
    put(engine, Outgoing::Rule(Rule { kind: None, ..row.rule })).await?;
    Ok(Ok(()))
}

/// What stands in the address by which a person says yes or no: made of this server's secret, so nothing has to be kept.
pub fn token(engine: &Engine, channel: &Channel) -> String {
    let key = engine.secret("answers of persons");
    let hash = blake3::keyed_hash(&key, channel.id.as_bytes());
    hash.as_bytes()[..16].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The address that a person's link names, where its token is right.
pub fn by_token(engine: &Engine, id: &str, given: &str) -> Result<Option<ChannelRow>, StoreError> {
    let row = engine.index().channel(id)?.filter(|row| row.channel.kind == ChannelKind::Mail);
    // Hashes are compared, so that the time it takes tells nothing.
    let hash = |text: &str| blake3::hash(text.as_bytes());
    Ok(row.filter(|row| hash(&token(engine, &row.channel)) == hash(given)))
}

/// Whether a person can still say yes by the link that it has.
pub fn may_confirm(engine: &Engine, row: &ChannelRow) -> bool {
    row.stopped_ms.is_none() && row.channel.at_ms + MAIL_CONFIRM_DAYS * DAY_MS > engine.now_ms()
}

/// A person says whether it may be written to.
pub async fn answered(engine: &Engine, row: &ChannelRow, confirmed: bool) -> Result<(), LetterError> {
    let state = ChannelState { id: row.channel.id.clone(), confirmed, at_ms: engine.now_ms() };
    put(engine, Outgoing::ChannelState(state)).await
}

#[cfg(test)]
mod tests;
