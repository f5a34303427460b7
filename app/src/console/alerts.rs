//! What a desk is told of its letters, and where: rules, addresses, and what was sent to each.

pub mod log;

use leptos::prelude::*;

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::moment;
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// A rule, or what was chosen for one.
#[derive(Clone, Debug, Default)]
pub struct RuleEntry {
    /// Its id; empty for a new one.
    pub id: String,
    /// Its word.
    pub kind: String,
    /// At most one message in so many minutes.
    pub minutes: u32,
    /// Ids of the addresses.
    pub to: Vec<String>,
    /// When it told something last.
    pub told_ms: Option<u64>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// How an address stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressState {
    /// Nothing was sent to it.
    New,
    /// Something is on its way.
    Waits,
    /// The last message arrived.
    Works,
    /// It did not.
    Fails,
    /// It was asked whether it may be written to, and can say so until then.
    Asked(u64),
    /// It did not say so in time.
    Expired,
    /// It wants nothing more.
    Stopped,
    /// The API key that asked for it was ended.
    Ended,
}

/// A subscription of a program to records.
#[derive(Clone, Debug)]
pub struct SubscriptionEntry {
    /// Its id.
    pub id: String,
    /// The name of its query.
    pub query: String,
    /// Where its messages go.
    pub address: String,
    /// How it stands.
    pub state: AddressState,
}

/// An address.
#[derive(Clone, Debug)]
pub struct AddressEntry {
    /// Its id.
    pub id: String,
    /// A person's.
    pub mail: bool,
    /// Where it is.
    pub address: String,
    /// Which account gave it.
    pub by: String,
    /// How it stands.
    pub state: AddressState,
    /// What is wrong with what was asked of it.
    pub fault: Option<Fault>,
}

/// A secret that is shown this once.
#[derive(Clone, Debug)]
pub struct ShownSecret {
    /// Whose.
    pub address: String,
    /// It.
    pub secret: String,
    /// There was one before.
    pub rotated: bool,
}

/// What was typed for a new address.
#[derive(Clone, Debug, Default)]
pub struct NewAddress {
    /// The address.
    pub typed: String,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// The page.
#[derive(Clone, Debug)]
pub struct AlertsPage {
    /// Who reads.
    pub reader: Reader,
    /// Rules that are kept.
    pub rules: Vec<RuleEntry>,
    /// What was chosen for a new one.
    pub new_rule: RuleEntry,
    /// Addresses.
    pub addresses: Vec<AddressEntry>,
    /// Subscriptions of programs to records.
    pub subscriptions: Vec<SubscriptionEntry>,
    /// What was typed for a new web address.
    pub webhook: NewAddress,
    /// What was typed for a new mail address.
    pub mail: NewAddress,
    /// The language chosen for it.
    pub mail_language: &'static str,
    /// Whether this service sends mail.
    pub sends_mail: bool,
    /// A secret.
    pub secret: Option<ShownSecret>,
    /// What is wrong with no field of the page.
    pub fault: Option<Fault>,
    /// Most rules, most addresses.
    pub max: (usize, usize),
    /// All rules, by their words.
    pub kinds: Vec<&'static str>,
    /// How many minutes can be chosen.
    pub minutes: &'static [u32],
}

/// The words of a rule.
fn kind_words(kind: &str, lang: Lang) -> &'static str {
    text(
        lang,
        match kind {
            "illness" => "alert.rule.illness",
            "fakes" => "alert.rule.fakes",
            "rating" => "alert.rule.rating",
            _ => "alert.rule.letter",
        },
    )
}

fn minutes_words(minutes: u32, lang: Lang) -> &'static str {
    text(
        lang,
        match minutes {
            5 => "alert.rule.minutes.5",
            15 => "alert.rule.minutes.15",
            60 => "alert.rule.minutes.60",
            360 => "alert.rule.minutes.360",
            _ => "alert.rule.minutes.1440",
        },
    )
}

/// Draws it.
pub fn page(page: &AlertsPage, context: &PageContext) -> impl IntoView + use<> {
    let lang = context.lang;
    let title = text(lang, "alert.title");
    let secret = page.secret.as_ref().map(|secret| shown_once(secret, lang));
    let fault = page.fault.as_ref().map(|fault| view! { <p class="fault" role="alert">{said(fault, lang)}</p> });
    let body = view! {
        <main class="list ready alerts" id="main">
            <h1>{title}</h1>
            <p class="soft">{text(lang, "alert.what")}</p>
            <p><a href="/console/comments">{text(lang, "alert.back")}</a></p>
            {fault}
            {secret}
            {rules(page, lang)}
            {addresses(page, lang)}
            {subscriptions(page, lang)}
        </main>
    };
    frame(&page.reader, "/console/comments", title.to_owned(), 0, body, context)
}

fn shown_once(secret: &ShownSecret, lang: Lang) -> Markup {
    let heading = fill(lang, "alert.secret", &[("address", &secret.address)]);
    let rotated = secret.rotated.then(|| view! { <p>{text(lang, "alert.secret.rotated")}</p> });
    view! {
        <section class="shown-once" role="status">
            <h2>{heading}</h2>
            <p><code>{secret.secret.clone()}</code></p>
            <p>{text(lang, "alert.secret.once")}</p>
            {rotated}
            <p class="soft">{text(lang, "alert.secret.how")}</p>
        </section>
    }
    .markup()
}

fn rules(page: &AlertsPage, lang: Lang) -> Markup {
    let kept: Vec<Markup> = page.rules.iter().map(|rule| kept(rule, page, lang)).collect();
    let none = page.rules.is_empty().then(|| view! { <p class="soft">{text(lang, "alert.rules.none")}</p> });
    let heading = if page.rules.is_empty() { "alert.rule.first" } else { "alert.rule.new" };
    let new = if page.addresses.is_empty() {
        ().markup()
    } else if page.rules.len() < page.max.0 || page.new_rule.fault.is_some() {
        view! { <h3 class="new">{text(lang, heading)}</h3> {rule_form(&page.new_rule, page, lang)} }.markup()
    } else {
        view! { <p class="soft">{fill(lang, "alert.rule.full", &[("max", &page.max.0.to_string())])}</p> }.markup()
    };
    view! { <h2 class="title">{text(lang, "alert.rules")}</h2> {none} {kept} {new} }.markup()
}

fn kept(rule: &RuleEntry, page: &AlertsPage, lang: Lang) -> Markup {
    let what = kind_words(&rule.kind, lang);
    let told = match rule.told_ms {
        Some(at_ms) => fill(lang, "alert.rule.told", &[("when", &moment(at_ms, lang))]),
        None => text(lang, "alert.rule.never").to_owned(),
    };
    let remove = format!("/console/alerts/rules/{}/remove", rule.id);
    let label = fill(lang, "alert.rule.remove.of", &[("what", what)]);
    view! {
        <details class="kept" open=rule.fault.is_some()>
            <summary>{what} " " <small class="soft">{told}</small></summary>
            {rule_form(rule, page, lang)}
            <form method="post" action=remove><button type="submit" class="quiet" aria-label=label>{text(lang, "alert.rule.remove")}</button></form>
        </details>
    }
    .markup()
}

fn rule_form(rule: &RuleEntry, page: &AlertsPage, lang: Lang) -> Markup {
    let key = if rule.id.is_empty() { "new" } else { &rule.id };
    let (kind, minutes, hint) = (format!("k-{key}"), format!("m-{key}"), format!("e-{key}"));
    let fault = rule.fault.as_ref().map(|fault| view! { <p class="fault" id=hint.clone() role="alert">{said(fault, lang)}</p> });
    let described = rule.fault.as_ref().map(|_| hint);
    let kinds: Vec<Markup> = page
        .kinds
        .iter()
        .map(|word| view! { <option value=*word selected={*word == rule.kind}>{kind_words(word, lang)}</option> }.markup())
        .collect();
    let times: Vec<Markup> = page
        .minutes
        .iter()
        .map(|of| view! { <option value=of.to_string() selected={*of == rule.minutes}>{minutes_words(*of, lang)}</option> }.markup())
        .collect();
    let to: Vec<Markup> = page
        .addresses
        .iter()
        .map(|address| {
            let ticked = rule.to.contains(&address.id);
            view! { <label class="tick"><input type="checkbox" name="to" value=address.id.clone() checked=ticked/> {address.address.clone()}</label> }
                .markup()
        })
        .collect();
    view! {
        <form method="post" action="/console/alerts/rules" class="answering giving" aria-describedby=described>
            {fault}
            <input type="hidden" name="id" value=rule.id.clone()/>
            <label for=kind.clone()>{text(lang, "alert.rule.kind")}</label>
            <select id=kind name="kind">{kinds}</select>
            <label for=minutes.clone()>{text(lang, "alert.rule.minutes")}</label>
            <select id=minutes name="minutes">{times}</select>
            <p class="hint">{text(lang, "alert.rule.digest")}</p>
            <fieldset><legend>{text(lang, "alert.rule.to")}</legend>{to}</fieldset>
            <button type="submit">{text(lang, "alert.rule.do")}</button>
        </form>
    }
    .markup()
}

fn addresses(page: &AlertsPage, lang: Lang) -> Markup {
    let rows: Vec<Markup> = page.addresses.iter().map(|address| row(address, lang)).collect();
    let list = if rows.is_empty() {
        view! { <p class="soft">{text(lang, "alert.addresses.none")}</p> }.markup()
    } else {
        view! { <ul class="permissions">{rows}</ul> }.markup()
    };
    let new = if page.addresses.len() < page.max.1 || page.webhook.fault.is_some() || page.mail.fault.is_some() {
        view! { {new_webhook(&page.webhook, lang)} {new_mail(page, lang)} }.markup()
    } else {
        view! { <p class="soft">{fill(lang, "alert.full", &[("max", &page.max.1.to_string())])}</p> }.markup()
    };
    view! { <h2 class="title">{text(lang, "alert.addresses")}</h2> {list} {new} }.markup()
}

/// The sentence of an address's state.
pub(super) fn state_words(state: AddressState, lang: Lang) -> Markup {
    let plain = |key| view! { <p class="soft">{text(lang, key)}</p> }.markup();
    match state {
        AddressState::New => plain("alert.address.new"),
        AddressState::Waits => plain("alert.address.waits"),
        AddressState::Works => plain("alert.address.works"),
        AddressState::Fails => view! { <p class="fault">{text(lang, "alert.address.fails")}</p> }.markup(),
        AddressState::Asked(until) => {
            view! { <p class="soft">{fill(lang, "alert.address.asked", &[("until", &moment(until, lang))])}</p> }.markup()
        }
        AddressState::Expired => plain("alert.address.expired"),
        AddressState::Stopped => plain("alert.address.stopped"),
        AddressState::Ended => plain("alert.address.ended"),
    }
}

fn row(address: &AddressEntry, lang: Lang) -> Markup {
    let to = |what: &str| format!("/console/alerts/addresses/{}/{what}", address.id);
    let named = |key| fill(lang, key, &[("address", &address.address)]);
    let button = |what: &str, key, of| {
        view! { <form method="post" action=to(what)><button type="submit" class="quiet" aria-label=named(of)>{text(lang, key)}</button></form> }
            .markup()
    };
    let may_be_told = !matches!(address.state, AddressState::Asked(_) | AddressState::Expired | AddressState::Stopped);
    let test = may_be_told.then(|| button("test", "alert.address.test", "alert.address.test.of"));
    let secret = (!address.mail).then(|| button("secret", "alert.address.secret", "alert.address.secret.of"));
    let ask = (!may_be_told).then(|| button("ask", "alert.address.ask", "alert.address.ask.of"));
    let kind = text(lang, if address.mail { "alert.address.mail" } else { "alert.address.webhook" });
    let fault = address.fault.as_ref().map(|fault| view! { <p class="fault" role="alert">{said(fault, lang)}</p> });
    let log = format!("/console/alerts/addresses/{}", address.id);
    view! {
        <li>
            <h3><small class="soft">{kind}</small> " " {address.address.clone()}</h3>
            {state_words(address.state, lang)}
            <p class="soft">{fill(lang, "alert.address.by", &[("who", &address.by)])}</p>
            {fault}
            <p><a href=log aria-label=named("alert.address.log.of")>{text(lang, "alert.address.log")}</a></p>
            <div class="steps">{test} {secret} {ask} {button("remove", "alert.address.remove", "alert.address.remove.of")}</div>
        </li>
    }
    .markup()
}

/// What programs with an API key of the member subscribed to.
fn subscriptions(page: &AlertsPage, lang: Lang) -> Option<Markup> {
    let row = |of: &SubscriptionEntry| {
        let named = |key| fill(lang, key, &[("address", &of.address)]);
        let (log, remove) = (format!("/console/alerts/addresses/{}", of.id), format!("/console/alerts/subscriptions/{}/remove", of.id));
        view! {
            <li>
                <h3><small class="soft">{of.query.clone()}</small> " " {of.address.clone()}</h3>
                {state_words(of.state, lang)}
                <p><a href=log aria-label=named("alert.address.log.of")>{text(lang, "alert.address.log")}</a></p>
                <form method="post" action=remove>
                    <button type="submit" class="quiet" aria-label=named("alert.address.remove.of")>{text(lang, "alert.address.remove")}</button>
                </form>
            </li>
        }
        .markup()
    };
    let rows: Vec<Markup> = page.subscriptions.iter().map(row).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <h2 class="title">{text(lang, "alert.subscriptions")}</h2>
            <p class="soft">{text(lang, "alert.subscriptions.what")}</p>
            <ul class="permissions">{rows}</ul>
        }
        .markup()
    })
}

fn new_webhook(new: &NewAddress, lang: Lang) -> Markup {
    let fault = new.fault.as_ref().map(|fault| view! { <p class="fault" id="e-url" role="alert">{said(fault, lang)}</p> });
    let (wrong, described) = (new.fault.as_ref().map(|_| "true"), new.fault.as_ref().map(|_| "e-url"));
    view! {
        <h3 class="new">{text(lang, "alert.webhook")}</h3>
        <form method="post" action="/console/alerts/webhooks" class="answering giving">
            {fault}
            <label for="f-url">{text(lang, "alert.webhook.url")}</label>
            <input id="f-url" name="url" type="text" inputmode="url" autocomplete="off" spellcheck="false" required maxlength="1024" value=new.typed.clone()
                aria-invalid=wrong aria-describedby=described/>
            <button type="submit">{text(lang, "alert.webhook.do")}</button>
        </form>
    }
    .markup()
}

fn new_mail(page: &AlertsPage, lang: Lang) -> Markup {
    let heading = view! { <h3 class="new">{text(lang, "alert.mail")}</h3> };
    if !page.sends_mail {
        return view! { {heading} <p class="soft">{text(lang, "alert.mail.off")}</p> }.markup();
    }
    let new = &page.mail;
    let fault = new.fault.as_ref().map(|fault| view! { <p class="fault" id="e-mail" role="alert">{said(fault, lang)}</p> });
    let (wrong, described) = (new.fault.as_ref().map(|_| "true"), new.fault.as_ref().map_or("h-mail", |_| "e-mail h-mail"));
    let languages: Vec<Markup> = [("en", "English"), ("zh", "中文")]
        .into_iter()
        .map(|(tag, name)| view! { <option value=tag lang=tag selected={tag == page.mail_language}>{name}</option> }.markup())
        .collect();
    view! {
        {heading}
        <form method="post" action="/console/alerts/mail" class="answering giving">
            {fault}
            <label for="f-mail">{text(lang, "alert.mail.address")}</label>
            <input id="f-mail" name="address" type="text" inputmode="email" autocomplete="off" spellcheck="false" required maxlength="254" value=new.typed.clone()
                aria-invalid=wrong aria-describedby=described/>
            <p class="hint" id="h-mail">{text(lang, "alert.mail.hint")}</p>
            <label for="f-language">{text(lang, "alert.mail.language")}</label>
            <select id="f-language" name="language">{languages}</select>
            <button type="submit">{text(lang, "alert.mail.do")}</button>
        </form>
    }
    .markup()
}
