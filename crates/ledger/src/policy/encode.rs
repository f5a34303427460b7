//! Writing a policy file: the same policy as was read, without its comments, thresholds as numbers.

use super::{Policy, Quorum};
use crate::note::decimal;
use crate::prelude::*;

impl Policy {
    /// The policy's text.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        for log in &self.logs {
            line(&mut text, &["log", &log.vkey.encode(), log.url.as_deref().unwrap_or_default()]);
        }
        line(&mut text, &["governance", &self.governance.encode()]);
        for witness in &self.witnesses {
            let url = witness.url.as_deref().unwrap_or_default();
            line(&mut text, &["witness", &witness.name, &witness.vkey.encode(), url]);
        }
        for group in &self.groups {
            let threshold = number(group.threshold as u64);
            let mut items = vec!["group", &group.name, &threshold];
            items.extend(group.members.iter().map(|member| self.member_name(*member)));
            line(&mut text, &items);
        }
        let quorum = match self.quorum {
            Quorum::Pending => "pending",
            Quorum::Of(member) => self.member_name(member),
        };
        line(&mut text, &["quorum", quorum]);
        if let Some(mirrors) = self.mirrors {
            line(&mut text, &["mirrors", self.member_name(mirrors)]);
        }
        line(&mut text, &["fresh", &number(self.fresh.warn_s), &number(self.fresh.stale_s)]);
        line(&mut text, &["keys", "plain"]);
        text
    }
}

fn line(text: &mut String, items: &[&str]) {
    for (place, item) in items.iter().filter(|item| !item.is_empty()).enumerate() {
        if place > 0 {
            text.push(' ');
        }
        text.push_str(item);
    }
    text.push('\n');
}

fn number(value: u64) -> String {
    let mut text = String::new();
    decimal::push(value, &mut text);
    text
}
