//! What leaves this server: who makes the words of a message, by what it is sent, and the tasks that look for what is to be told.

use std::sync::Arc;

use engine::Engine;
use store::record::outgoing::About;
use ureq::tls::Certificate;

use crate::alerts::{rules, words};
use crate::epcis::subscriptions;
use crate::outbox::mail::Mailer;
use crate::outbox::settings::{Outgoing, authorities};
use crate::outbox::webhook::Reach;
use crate::outbox::{Compose, Outbox, Ways};

/// The outbox of a server at this address.
pub fn outbox(settings: &Outgoing, engine: &Engine, public_url: &str) -> Result<Outbox, String> {
    let mailer = Mailer::new(settings, public_url)?;
    let authorities = settings.outgoing_ca.as_deref().map(authorities).transpose()?;
    let read = |pem: String| Certificate::from_pem(pem.as_bytes()).map_err(|error| format!("--outgoing-ca: {error}"));
    let authorities = authorities.map(|all| all.into_iter().map(read).collect::<Result<_, _>>()).transpose()?;
    let ways = Ways { reach: Reach { local: settings.allow_local_webhooks, authorities }, mailer };
    Ok(Outbox::new(engine.clone(), compose(engine.clone(), public_url.to_owned()), ways))
}

fn compose(engine: Engine, public_url: String) -> Compose {
    Arc::new(move |row| match row.message.about {
        About::Records { from, until } => subscriptions::made(&engine, row, from, until),
        _ => words::made(&engine, &public_url, row),
    })
}

/// Looks and sends for as long as the server runs.
pub fn start(outbox: Outbox, engine: &Engine) {
    tokio::spawn(rules::run(engine.clone()));
    tokio::spawn(subscriptions::run(engine.clone()));
    tokio::spawn(outbox.run());
}
