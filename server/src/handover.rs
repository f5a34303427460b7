//! Numbers that change hands: who had them, who has them next, and from when on. Members are told before it takes effect.

use base::clock::DAY_MS;
use ledger::Key;

use engine::RightsNow;

base::limits! {
    /// How long members are still told of numbers that changed hands.
    HANDOVER_TOLD_DAYS: u64 = 30, "days";
    /// How many of them at once, the newest.
    HANDOVERS_TOLD: usize = 100, "changes";
}

/// A prefix that changes hands, or lately did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The prefix.
    pub prefix: String,
    /// Who had it before; `None` where that is nobody who is known.
    pub from: Option<Key>,
    /// Who has it next.
    pub to: Key,
    /// From when on.
    pub at_ms: u64,
}

/// Those that lie ahead, and those of the last days; the newest first.
pub fn told(rights: &RightsNow, now_ms: u64) -> Vec<Handover> {
    let since = now_ms.saturating_sub(HANDOVER_TOLD_DAYS * DAY_MS);
    let mut moves: Vec<Handover> = Vec::new();
    for (member, prefix) in rights.members().flat_map(|member| member.prefixes.iter().map(move |prefix| (member.key(), prefix))) {
        let Some(known) = rights.register.of(prefix) else { continue };
        // The first owner took it from nobody: that is no change of hands.
        let Some((newest, before)) = known.changes.split_last().filter(|(newest, before)| newest.owner == member && !before.is_empty())
        else {
            continue;
        };
        if newest.from_ms >= since {
            let from = before.iter().rev().map(|change| change.owner).find(|owner| owner.0 != ledger::Hash::ZERO);
            moves.push(Handover { prefix: known.digits.clone(), from, to: newest.owner, at_ms: newest.from_ms });
        }
    }
    moves.sort_by(|a, b| (b.at_ms, &a.prefix).cmp(&(a.at_ms, &b.prefix)));
    moves.truncate(HANDOVERS_TOLD);
    moves
}
