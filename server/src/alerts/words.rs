//! What an alert says: which letters, about what, and where they are read. Never what a shopper wrote, nor how to reach it: a message
//! lies in mailboxes and logs that no "erase my words" reaches.

use app::context::Lang;
use app::feedback::words::{name, rating, topic};
use app::texts::{counted, fill, text};
use base::clock::DAY_MS;
use engine::Engine;
use serde_json::{Value, json};
use store::record::outgoing::{About, ChannelKind, RuleKind};
use store::rows::outgoing::{ChannelRow, MessageRow};
use trace::feedback::Comment;

use super::persons::token;
use super::rules::is_active;
use super::{Private, kind_word, may_be_told, private};
use crate::epcis::visible::rfc3339;
use crate::feedback::letters::LetterError;
use crate::feedback::standing::standing;
use crate::inbox::side_of_desk;
use crate::outbox::mail::Mail;
use crate::outbox::webhook::Post;
use crate::outbox::{NotMade, Parcel};

impl From<LetterError> for NotMade {
    fn from(error: LetterError) -> Self {
        Self::Later(error.to_string())
    }
}

/// What is sent of a message to an address of a desk, as it stands now.
pub fn made(engine: &Engine, public_url: &str, row: &MessageRow) -> Result<Parcel, NotMade> {
    let Some(channel) = engine.index().channel(&row.message.to)? else { return Err(NotMade::Void("the address was taken away".into())) };
    let Some(private) = private(engine, &channel.private)? else { return Err(NotMade::Void("the address was taken away".into())) };
    let asks = row.message.about == About::Confirm;
    if asks && (channel.confirmed_ms.is_some() || channel.stopped_ms.is_some()) {
        return Err(NotMade::Void("it has answered already".into()));
    }
    if !asks && !may_be_told(&channel) {
        return Err(NotMade::Void("the address did not say that it may be written to".into()));
    }
    if !is_active(engine, &channel.channel.member)? {
        return Err(NotMade::Void("its member is none any more".into()));
    }
    let said = Said { engine, public_url, row, channel: &channel };
    match channel.channel.kind {
        ChannelKind::Webhook => {
            let body = serde_json::to_vec(&said.json()?).expect("a value has string keys");
            Ok(Parcel::Post(Post { url: private.address.clone(), keys: private.keys(engine.now_ms()), gs1: false, body }))
        }
        ChannelKind::Mail => said.mail(&private).map(Parcel::Mail),
    }
}

struct Said<'a> {
    engine: &'a Engine,
    public_url: &'a str,
    row: &'a MessageRow,
    channel: &'a ChannelRow,
}

/// A letter as an alert names it.
struct Named {
    id: String,
    comment: Comment,
}

impl Said<'_> {
    /// The letters that this desk may read now, newest first.
    fn letters(&self, ids: &[String]) -> Result<Vec<Named>, NotMade> {
        let channel = &self.channel.channel;
        let mut named = Vec::new();
        for id in ids.iter().rev() {
            let Some(row) = self.engine.index().comment(id)? else { continue };
            if let Some(side) = side_of_desk(&channel.member, channel.location.as_deref(), &row.comment) {
                named.push(Named { id: id.clone(), comment: standing(&row, Some(side), self.engine.now_ms()) });
            }
        }
        if named.is_empty() { Err(NotMade::Void("none of its letters can be read here any more".into())) } else { Ok(named) }
    }

    fn link(&self, id: &str) -> String {
        format!("{}/console/comments/{id}", self.public_url)
    }

    fn json(&self) -> Result<Value, NotMade> {
        let (kind, data) = match &self.row.message.about {
            About::Letters { rule, letters, more, ratings } => {
                let named = self.letters(letters)?;
                let list: Vec<Value> = named.iter().map(|named| self.letter(named)).collect();
                let mut data = json!({
                    "rule": kind_word(*rule), "count": list.len() as u64 + more, "letters": list, "more": more,
                    "link": format!("{}/console/comments", self.public_url),
                });
                if let Some((count, sum)) = ratings {
                    data["ratings"] =
                        json!({ "days": super::rules::ALERT_RATINGS_MS / DAY_MS, "count": count, "average": average(*count, *sum) });
                }
                (format!("letters.{}", kind_word(*rule)), data)
            }
            About::Test => ("test".to_owned(), json!({ "link": format!("{}/console/alerts", self.public_url) })),
            About::Confirm | About::Records { .. } => return Err(NotMade::Void("it is for another kind of address".into())),
        };
        Ok(json!({ "type": kind, "timestamp": rfc3339(self.row.message.at_ms), "data": data }))
    }

    fn letter(&self, Named { id, comment }: &Named) -> Value {
        json!({
            "number": comment.number(), "received": rfc3339(comment.at_ms), "gtin": comment.gtin, "lot": comment.lot, "product": comment.product,
            "topic": comment.topic.value(), "rating": comment.rating.number(), "link": self.link(id),
        })
    }

    fn mail(&self, private: &Private) -> Result<Mail, NotMade> {
        let lang = if self.channel.channel.language == "zh" { Lang::Zh } else { Lang::En };
        let stop = format!("{}/alerts/mail/{}/{}", self.public_url, self.channel.channel.id, token(self.engine, &self.channel.channel));
        let whose = self.whose(lang)?;
        let (subject, lines) = match &self.row.message.about {
            About::Confirm => {
                let days = super::MAIL_CONFIRM_DAYS.to_string();
                let values = [("who", whose.as_str()), ("link", stop.as_str()), ("days", days.as_str())];
                (fill(lang, "alert.mail.confirm.subject", &values), fill(lang, "alert.mail.confirm", &values))
            }
            About::Test => {
                let values = [("who", whose.as_str())];
                (fill(lang, "alert.mail.test.subject", &values), fill(lang, "alert.mail.test", &values))
            }
            About::Letters { rule, letters, more, ratings } => self.told(*rule, &self.letters(letters)?, *more, *ratings, lang),
            About::Records { .. } => return Err(NotMade::Void("it is for another kind of address".into())),
        };
        let foot = match self.row.message.about {
            About::Confirm => String::new(),
            _ => format!("\r\n\r\n-- \r\n{}", fill(lang, "alert.mail.foot", &[("who", &whose), ("link", &stop)])),
        };
        // In a text a line end is written as \n; a mail wants both signs (RFC 5322, 2.3).
        let words = lines.replace("\\n", "\r\n");
        Ok(Mail { to: private.address.clone(), subject, text: words + &foot + "\r\n", stop })
    }

    /// Whose alerts these are, by the name that governance signed.
    fn whose(&self, lang: Lang) -> Result<String, NotMade> {
        let id = &self.channel.channel.member;
        let versions = self.engine.view().member(id).map_err(|error| NotMade::Later(error.to_string()))?;
        let names = versions.last().map(|(_, member)| member.names.iter().cloned().collect::<trace::page::Words>()).unwrap_or_default();
        Ok(name(&names, lang).unwrap_or(id).to_owned())
    }

    fn told(&self, rule: RuleKind, named: &[Named], more: u64, ratings: Option<(u64, u64)>, lang: Lang) -> (String, String) {
        let count = named.len() as u64 + more;
        let (n, first) = (count.to_string(), &named[0].comment);
        let what = self.what(first, lang);
        let (many, average) = ratings.map_or((0, String::new()), |(count, sum)| (count, average(count, sum).to_string()));
        let many = many.to_string();
        let values = [("n", n.as_str()), ("what", what.as_str()), ("average", average.as_str()), ("many", many.as_str())];
        let key = match rule {
            RuleKind::Letter => counted(lang, "alert.mail.letter", count),
            RuleKind::Illness => counted(lang, "alert.mail.illness", count),
            RuleKind::Fakes => counted(lang, "alert.mail.fakes", count),
            RuleKind::Rating => "alert.mail.rating",
        };
        let subject = fill(lang, key, &values);
        let mut lines = vec![format!("{subject}{}", text(lang, "alert.mail.stop-sign")), String::new()];
        for Named { id, comment } in named {
            let number = comment.number();
            let what = self.what(comment, lang);
            let values = [
                ("number", number.as_str()),
                ("what", what.as_str()),
                ("topic", topic(comment.topic, lang)),
                ("rating", rating(comment.rating, lang)),
            ];
            lines.push(fill(lang, "alert.mail.line", &values));
            lines.push(format!("  {}", self.link(id)));
        }
        if more > 0 {
            lines.push(fill(lang, counted(lang, "alert.mail.more", more), &[("n", &more.to_string())]));
        }
        lines.extend([String::new(), fill(lang, "alert.mail.list", &[("link", &format!("{}/console/comments", self.public_url))])]);
        (subject, lines.join("\r\n"))
    }

    /// The product and its lot.
    fn what(&self, comment: &Comment, lang: Lang) -> String {
        let product = name(&comment.product, lang).unwrap_or(&comment.gtin);
        match &comment.lot {
            Some(lot) => fill(lang, "alert.mail.what", &[("product", product), ("lot", lot)]),
            None => product.to_owned(),
        }
    }
}

/// To one place after the point, rounded down: what is told as bad is never shown as good.
fn average(count: u64, sum: u64) -> f64 {
    (sum * 10 / count.max(1)) as f64 / 10.0
}
