//! A cache with a limit: what was used in this generation or the one before stays, the rest goes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by key, up to about a limit of bytes. Never a source of truth.
pub struct Generations<K, V> {
    /// Half the limit: what one generation may weigh.
    half: usize,
    held: Mutex<Held<K, V>>,
}

struct Held<K, V> {
    young: HashMap<K, (Arc<V>, usize)>,
    weight: usize,
    old: HashMap<K, (Arc<V>, usize)>,
}

impl<K: Eq + Hash + Clone, V> Generations<K, V> {
    /// Of at most so many bytes.
    pub fn new(limit: usize) -> Self {
        Self { half: limit / 2, held: Mutex::new(Held { young: HashMap::new(), weight: 0, old: HashMap::new() }) }
    }

    /// What is held of this key.
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = held.young.get(key) {
            return Some(Arc::clone(value));
        }
        let (value, weight) = held.old.remove(key)?;
        held.add(key.clone(), Arc::clone(&value), weight, self.half);
        Some(value)
    }

    /// Holds a value of about so many bytes.
    pub fn put(&self, key: K, value: Arc<V>, weight: usize) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.old.remove(&key);
        held.add(key, value, weight, self.half);
    }
}

impl<K: Eq + Hash, V> Held<K, V> {
    fn add(&mut self, key: K, value: Arc<V>, weight: usize, half: usize) {
        if self.weight + weight > half {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        if let Some((_, before)) = self.young.insert(key, (value, weight)) {
            self.weight -= before;
        }
        self.weight += weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_limit_holds() {
        let cache = Generations::new(100);
        for n in 0..1_000_u32 {
            cache.put(n, Arc::new(n), 10);
            assert_eq!(cache.get(&0).as_deref(), Some(&0), "asked for all the time");
            let held = cache.held.lock().unwrap();
            assert!(held.weight <= 50 && held.young.len() + held.old.len() <= 10);
        }
        assert!(cache.get(&500).is_none());
        assert_eq!(cache.get(&999).as_deref(), Some(&999));
        cache.put(999, Arc::new(7), 20);
        assert_eq!(cache.get(&999).as_deref(), Some(&7));
    }
}
