//! Names of products, for lists in which people choose: whoever searches reads no history again and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::Key;
use trace::page::SignedWords;

use super::generations::Generations;

base::limits! {
    /// Names that are kept, about.
    NAMES_KEPT_BYTES: usize = 1 << 20, "bytes";
    /// For how long: a new name is seen in lists after that.
    NAME_KEPT_SECONDS: u64 = 60, "seconds";
}

/// Names by product.
pub struct KeptNames(Generations<Key, Named>);

struct Named {
    names: SignedWords,
    since: Instant,
}

impl Default for KeptNames {
    fn default() -> Self {
        Self(Generations::new(NAMES_KEPT_BYTES))
    }
}

impl KeptNames {
    /// A product's name in a language, else in English; empty where it has none. `read` reads it.
    pub fn of(&self, product: Key, lang: &str, read: impl FnOnce() -> Option<SignedWords>) -> String {
        let kept = self.0.get(&product).filter(|named| named.since.elapsed() < Duration::from_secs(NAME_KEPT_SECONDS));
        let named = kept.unwrap_or_else(|| {
            let named = Arc::new(Named { names: read().unwrap_or_default(), since: Instant::now() });
            let weight = named.names.values().flat_map(|signed| &signed.values).map(String::len).sum::<usize>() + 256;
            self.0.put(product, Arc::clone(&named), weight);
            named
        });
        let signed = named.names.get(lang).or_else(|| named.names.get("en"));
        signed.and_then(|signed| signed.values.first()).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use ledger::Hash;
    use trace::page::{Format, Signed};

    use super::*;

    #[test]
    fn a_name_is_read_once() {
        let (kept, product) = (KeptNames::default(), Key(Hash([1; 32])));
        let signed = |name: &str| Signed { pointers: Vec::new(), format: Format::Text, values: vec![name.to_owned()] };
        let names = || Some([("en".to_owned(), signed("Milk")), ("zh".to_owned(), signed("牛奶"))].into_iter().collect());
        assert_eq!(kept.of(product, "zh", names), "牛奶");
        assert_eq!(kept.of(product, "fr", || panic!("it is known")), "Milk");
        assert_eq!(kept.of(Key(Hash([2; 32])), "en", || None), "");
    }
}
