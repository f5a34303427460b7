//! Alerts: what a desk is told of its letters, when, and at which addresses. A desk is a brand's own, or one of a store's locations;
//! each sees and changes its own alone, and every function here takes the account that asks.

pub mod persons;
pub mod rules;
pub mod sent;
pub mod words;

use engine::Engine;
use serde::{Deserialize, Serialize};
use store::record::outgoing::{About, Channel, ChannelKind, Fingerprint, Message, Outgoing, Rule, RuleKind};
use store::record::{Blob, Erase, Secret, StateRecord};
use store::rows::outgoing::{ChannelRow, RuleRow};

use crate::feedback::letters::{LetterError, turn};
use crate::outbox::{self, address, random_id, webhook};
use crate::session::accounts::Account;

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

/// Whether an address may be written to: a program's always, a person's when it said so.
pub fn may_be_told(row: &ChannelRow) -> bool {
    row.channel.kind == ChannelKind::Webhook || row.confirmed_ms.is_some()
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

#[cfg(test)]
mod tests;
