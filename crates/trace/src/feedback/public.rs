//! Letters on a product's page: whether one stands there, and if not, why. Its writer has to have said yes; who answers for the product
//! can hold it, and has to say why, in one of a few words that can be counted. That a letter is bad is none of them.

use serde::{Deserialize, Serialize};

/// Why a desk holds a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldWhy {
    /// It names somebody, or says how to reach them.
    Personal,
    /// It insults or threatens somebody.
    Abuse,
    /// It advertises something else.
    Advertising,
    /// It is about another product, or about none.
    OffTopic,
    /// It has words that the law may forbid; somebody looks into it.
    Legal,
}

impl HoldWhy {
    /// All of them, in the order of the form.
    pub const ALL: [HoldWhy; 5] = [HoldWhy::Personal, HoldWhy::Abuse, HoldWhy::Advertising, HoldWhy::OffTopic, HoldWhy::Legal];

    /// The form's value, also the key of its words.
    pub fn value(self) -> &'static str {
        match self {
            HoldWhy::Personal => "personal",
            HoldWhy::Abuse => "abuse",
            HoldWhy::Advertising => "advertising",
            HoldWhy::OffTopic => "off-topic",
            HoldWhy::Legal => "legal",
        }
    }

    /// Reads the form's value.
    pub fn parse(text: &str) -> Option<HoldWhy> {
        HoldWhy::ALL.into_iter().find(|why| why.value() == text)
    }
}

/// Whether a letter stands on its product's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Publicity {
    /// It does.
    Shown,
    /// Its writer did not allow it.
    #[default]
    NotAllowed,
    /// Its writer allowed it and took that back.
    Withdrawn,
    /// Its writer erased it.
    Erased,
    /// It was held when it came, and nobody who answers for the product has looked at it.
    Waiting,
    /// Who answers for the product holds it; without a reason where it was held before reasons were asked for.
    Held(Option<HoldWhy>),
}

impl Publicity {
    /// All of them, in the order in which a page counts them.
    pub const ALL: [Publicity; 11] = [
        Publicity::Shown,
        Publicity::NotAllowed,
        Publicity::Withdrawn,
        Publicity::Erased,
        Publicity::Waiting,
        Publicity::Held(Some(HoldWhy::Personal)),
        Publicity::Held(Some(HoldWhy::Abuse)),
        Publicity::Held(Some(HoldWhy::Advertising)),
        Publicity::Held(Some(HoldWhy::OffTopic)),
        Publicity::Held(Some(HoldWhy::Legal)),
        Publicity::Held(None),
    ];

    /// Its place in [`Publicity::ALL`].
    pub fn place(self) -> usize {
        Publicity::ALL.iter().position(|one| *one == self).expect("all of them are listed")
    }

    /// Whether an answer could be read beside it, now or once nobody holds it.
    pub fn allowed(self) -> bool {
        matches!(self, Publicity::Shown | Publicity::Waiting | Publicity::Held(_))
    }
}

/// How many letters about a product came, and where they are: of each of [`Publicity::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    counts: Vec<u64>,
}

impl Tally {
    /// One letter more that stands so, or one that stood otherwise before.
    pub fn moved(&mut self, before: Option<Publicity>, now: Publicity) {
        self.counts.resize(Publicity::ALL.len(), 0);
        if let Some(before) = before {
            self.counts[before.place()] = self.counts[before.place()].saturating_sub(1);
        }
        self.counts[now.place()] += 1;
    }

    /// How many stand so.
    pub fn of(&self, publicity: Publicity) -> u64 {
        self.counts.get(publicity.place()).copied().unwrap_or(0)
    }

    /// How many came.
    pub fn received(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_has_a_place_and_a_reason_one_spelling() {
        for (place, one) in Publicity::ALL.into_iter().enumerate() {
            assert_eq!(one.place(), place);
        }
        for why in HoldWhy::ALL {
            assert_eq!(HoldWhy::parse(why.value()), Some(why));
            assert_eq!(serde_json::to_string(&why).unwrap(), format!("\"{}\"", why.value()));
            assert!(Publicity::ALL.contains(&Publicity::Held(Some(why))));
        }
        for wrong in ["", "Abuse", "bad", "off_topic"] {
            assert_eq!(HoldWhy::parse(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_in_the_count(walks in proptest::collection::vec(proptest::collection::vec(0usize..11, 1..8), 0..20)) {
            let mut tally = Tally::default();
            for walk in &walks {
                let mut before = None;
                for place in walk {
                    tally.moved(before, Publicity::ALL[*place]);
                    before = Some(Publicity::ALL[*place]);
                }
            }
            prop_assert_eq!(tally.received(), walks.len() as u64);
            for one in Publicity::ALL {
                let there = walks.iter().filter(|walk| walk.last() == Some(&one.place())).count();
                prop_assert_eq!(tally.of(one), there as u64);
            }
        }
    }
}
