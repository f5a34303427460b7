//! What leaves this server: who makes the words of a message, by what it is sent, and the tasks that look for what is to be told.

use std::sync::Arc;

use engine::Engine;
use store::record::outgoing::About;

use crate::alerts::{rules, words};
use crate::epcis::subscriptions;
use crate::outbox::mail::Mailer;
use crate::outbox::settings::Outgoing;
use crate::outbox::{Compose, Outbox, Ways};

/// The outbox of a server at this address.
pub fn outbox(settings: &Outgoing, engine: &Engine, public_url: &str) -> Result<Outbox, String> {
    let mailer = Mailer::new(settings, public_url)?;
    let ways = Ways { local: settings.allow_local_webhooks, mailer };
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
