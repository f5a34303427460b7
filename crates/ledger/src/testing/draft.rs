//! Events in few words.

use crate::entry::{Action, Authority, Class, EventDraft, Kind, Part, Record, Ref, record_role, ref_role};
use crate::hash::{Hash, Key};
use crate::name::Name;
use crate::prefix::Register;
use crate::prelude::*;
use crate::public::{Line, PublicPart};

use super::name;

/// A subject or a reference of a draft.
#[derive(Clone, Debug)]
pub struct About {
    /// Its role.
    pub role: u8,
    /// Its key.
    pub key: Key,
    /// The digits of its number.
    pub digits: String,
    /// By whose right; `None`: the number's owner's, or nobody's.
    pub authority: Option<Authority>,
}

/// An event to be signed by a test's member.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Kind.
    pub kind: Kind,
    /// Action.
    pub action: Action,
    /// Class; `None` for ordinary, or the target's in a correction.
    pub class: Option<Class>,
    /// When it happened; `None` for when it is logged.
    pub event_ms: Option<u64>,
    /// `None` for one made from member and number.
    pub event_id: Option<Hash>,
    /// Chunk, and of how many.
    pub chunk: (u16, u16),
    /// Target.
    pub target: Hash,
    /// References.
    pub refs: Vec<About>,
    /// Subjects.
    pub records: Vec<About>,
    /// Authorities and subjects as another entry has them.
    pub same_as: Option<(Vec<Authority>, Vec<Record>)>,
    /// By whose right all of it is said, where not by the owners'.
    pub authority: Option<Authority>,
    /// Public lines; `None` for no public part.
    pub lines: Option<Vec<Line>>,
    /// Further parts.
    pub parts: Vec<Part>,
}

impl Draft {
    /// An event without subjects yet.
    pub fn new(kind: Kind, action: Action) -> Self {
        Self {
            kind,
            action,
            class: None,
            event_ms: None,
            event_id: None,
            chunk: (0, 1),
            target: Hash::ZERO,
            refs: Vec::new(),
            records: Vec::new(),
            same_as: None,
            authority: None,
            lines: Some(vec![Line::text("/type", "Test")]),
            parts: Vec::new(),
        }
    }

    /// Items come into being.
    pub fn commission(items: &[&str]) -> Self {
        Self::new(Kind::Object, Action::Add).subjects(record_role::OBJECT, items)
    }

    /// Something was observed.
    pub fn observe(subjects: &[&str]) -> Self {
        Self::new(Kind::Object, Action::Observe).subjects(record_role::OBJECT, subjects)
    }

    /// Children go into a container (ADD) or come out (DELETE); no child: all of them.
    pub fn pack(action: Action, container: &str, children: &[&str]) -> Self {
        Self::new(Kind::Aggregation, action)
            .refer(ref_role::PARENT, container)
            .subjects(record_role::PARENT, &[container])
            .subjects(record_role::CHILD, children)
    }

    /// Inputs become outputs.
    pub fn transform(inputs: &[&str], outputs: &[&str]) -> Self {
        let mut draft =
            Self::new(Kind::Transformation, Action::None).subjects(record_role::INPUT, inputs).subjects(record_role::OUTPUT, outputs);
        for input in inputs {
            draft = draft.refer(ref_role::INPUT, input);
        }
        draft
    }

    /// Attributes of a product.
    pub fn master_data(product: &str) -> Self {
        Self::new(Kind::MasterData, Action::None).subjects(record_role::OBJECT, &[product])
    }

    /// Takes an entry back; the target is set by `TestLedger::correct`.
    pub fn void() -> Self {
        Self::new(Kind::Void, Action::None)
    }

    /// Erases these commitments, kinds as in the target.
    pub fn erase(parts: &[Part]) -> Self {
        let mut draft = Self::new(Kind::Erase, Action::None);
        draft.parts = parts.iter().map(|p| Part { kind: p.kind | 0x80, commitment: p.commitment }).collect();
        draft
    }

    /// Adds subjects in a role.
    pub fn subjects(mut self, role: u8, paths: &[&str]) -> Self {
        self.records.extend(paths.iter().map(|path| about(role, path)));
        self
    }

    /// Adds a reference.
    pub fn refer(mut self, role: u8, path: &str) -> Self {
        self.refs.push(about(role, path));
        self
    }

    /// Says all of it by this right.
    pub fn by(mut self, authority: Authority) -> Self {
        self.authority = Some(authority);
        self
    }

    /// Sets the batch of the objects.
    pub fn batch(self, path: &str) -> Self {
        self.refer(ref_role::BATCH, path)
    }

    /// Says to whom its first subject went.
    pub fn received_by(mut self, member: &str) -> Self {
        let digits = self.records.first().map_or_else(String::new, |about| about.digits.clone());
        self.refs.push(About { role: ref_role::RECEIVER, key: Name::member_key(member), digits, authority: None });
        self
    }

    /// Sets the time it happened.
    pub fn at(mut self, event_ms: u64) -> Self {
        self.event_ms = Some(event_ms);
        self
    }

    /// Sets the class.
    pub fn class(mut self, class: Class) -> Self {
        self.class = Some(class);
        self
    }

    /// Adds a public line.
    pub fn line(mut self, line: Line) -> Self {
        self.lines.get_or_insert_default().push(line);
        self
    }

    pub(super) fn class_or(&self, otherwise: Class) -> Option<Class> {
        Some(self.class.unwrap_or(otherwise))
    }

    pub(super) fn public_part(&self) -> Option<Vec<u8>> {
        let lines = self.lines.clone()?;
        Some(PublicPart::build(lines).expect("tests write good lines").encode())
    }

    pub(super) fn event(self, member: Key, seq: u64, (index, now_ms): (u64, u64), id: Hash, register: &Register) -> EventDraft {
        let mut authorities: Vec<Authority> = Vec::new();
        let mut place = |about: &About| {
            let owner = || register.owner_at(&about.digits, index, now_ms).map(Authority::Owner);
            let authority = about.authority.or(self.authority).or_else(owner).unwrap_or_else(|| Authority::unowned(&about.digits));
            let place = authorities.iter().position(|known| *known == authority).unwrap_or(authorities.len());
            if place == authorities.len() {
                authorities.push(authority);
            }
            place as u8
        };
        let mut records: Vec<Record> =
            self.records.iter().map(|about| Record { role: about.role, authority: place(about), key: about.key }).collect();
        let mut refs: Vec<Ref> = self.refs.iter().map(|about| Ref { role: about.role, authority: place(about), key: about.key }).collect();
        if let Some((of, same)) = self.same_as {
            for r in &mut refs {
                r.authority = of.iter().position(|known| *known == authorities[usize::from(r.authority)]).unwrap_or(0) as u8;
            }
            (authorities, records) = (of, same);
        }
        EventDraft {
            member,
            seq,
            event_ms: self.event_ms.unwrap_or(now_ms),
            kind: self.kind,
            action: self.action,
            class: self.class.unwrap_or(Class::Ordinary),
            event_id: self.event_id.unwrap_or(id),
            chunk: self.chunk.0,
            chunks: self.chunk.1,
            target: self.target,
            authorities,
            refs,
            parts: self.parts,
            records,
        }
    }
}

/// Something with a Digital Link path.
pub fn about(role: u8, path: &str) -> About {
    let name = name(path);
    About { role, key: name.key(), digits: name.digits().unwrap_or_default().to_owned(), authority: None }
}
