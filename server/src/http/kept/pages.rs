//! Pages of goods that were rendered once, for the next reader: as long as nothing that they show has changed.
//!
//! A page is the same for everybody but for one line, how often its code was opened. So what stands before and after that line is kept,
//! and compressed once: the line goes between the two, as a piece of its own, for brotli streams can be joined. Nothing private is in a
//! page, and one whose address has a query of its own is not kept.
//!
//! A checkpoint alone makes no page old. What does: an entry more in one of its lists, another member or permission, and the time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::context::Lang;
use axum::body::Bytes;
use axum::http::HeaderValue;
use engine::{View, ViewError};
use ledger::Key;
use trace::page::Category;

use super::generations::Generations;
use super::{Lists, PAGE_KEPT_SECONDS, PAGES_KEPT_BYTES};
use crate::counting::Goods;
use crate::http::compress::{self, Quality};

/// Which rendering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Which {
    /// The subject.
    pub name: Key,
    /// The lot in the address.
    pub lot: Option<String>,
    /// The reader's language.
    pub lang: Lang,
    /// For a phone.
    pub phone: bool,
}

/// All that are kept.
pub struct KeptPages(Generations<Which, Kept>);

impl Default for KeptPages {
    fn default() -> Self {
        Self(Generations::new(PAGES_KEPT_BYTES))
    }
}

/// A page, around the line about its code.
pub struct Kept {
    before: Bytes,
    after: Bytes,
    envelope: Envelope,
    of: Version,
    made: Instant,
    /// The size of the newest version of the ledger in which it was found unchanged.
    found_in: AtomicU64,
    small: Mutex<Small>,
}

/// What goes with a page.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Its content security policy.
    pub policy: HeaderValue,
    /// What its readers load with it, and its linkset.
    pub links: HeaderValue,
    /// What its figures are counted under.
    pub goods: Goods,
    /// From when on its code is called unusual.
    pub category: Category,
}

/// Compressed forms, made when they are asked for.
#[derive(Default)]
struct Small {
    whole: Option<Whole>,
    /// What stands before and after the line, to be joined.
    pieces: Option<(Bytes, Bytes)>,
}

/// The page compressed in one, some hundred bytes smaller than in pieces.
struct Whole {
    line: String,
    bytes: Bytes,
    quality: Quality,
    made: Instant,
}

impl Small {
    /// Whether it is time to take some more over it, for another line or where it was made in haste.
    fn is_due(&self) -> bool {
        self.whole.as_ref().is_none_or(|whole| whole.made.elapsed() >= WHOLE_AGAIN)
    }
}

/// A page whose line changes with each visit is compressed in one no more often than this: what is beyond that is joined of pieces.
const WHOLE_AGAIN: Duration = Duration::from_millis(200);

/// What a page was made from.
#[derive(Debug, PartialEq, Eq)]
pub struct Version {
    lists: Lists,
    /// How many members and permissions had come.
    rights: u64,
}

impl Version {
    /// Of these lists in this version of the ledger.
    pub fn of(view: &View, lists: impl Iterator<Item = Key>) -> Result<Self, ViewError> {
        Ok(Self { lists: Lists::of(view, lists)?, rights: view.rights().changes() })
    }

    fn is_still(&self, view: &View) -> bool {
        self.rights == view.rights().changes() && self.lists.are_still(view)
    }
}

impl KeptPages {
    /// A rendering that is as good as a new one.
    pub fn get(&self, which: &Which, view: &View) -> Option<Arc<Kept>> {
        let kept = self.0.get(which)?;
        kept.is_fresh(view).then_some(kept)
    }

    /// Keeps a rendering, in which `line` is the line about the code.
    pub fn put(&self, which: Which, html: &str, line: &str, envelope: Envelope, of: Version, size: u64) -> Option<Arc<Kept>> {
        let kept = Arc::new(Kept::new(html, line, envelope, of, size)?);
        // Its compressed forms weigh about half as much as the page.
        self.0.put(which, Arc::clone(&kept), html.len() * 3 / 2 + kept.of.lists.weight());
        Some(kept)
    }
}

impl Kept {
    /// `None` where the line does not stand in the page just once.
    fn new(html: &str, line: &str, envelope: Envelope, of: Version, size: u64) -> Option<Self> {
        let (before, after) = html.split_once(line).filter(|(_, after)| !line.is_empty() && !after.contains(line))?;
        Some(Self {
            before: Bytes::copy_from_slice(before.as_bytes()),
            after: Bytes::copy_from_slice(after.as_bytes()),
            envelope,
            of,
            made: Instant::now(),
            found_in: AtomicU64::new(size),
            small: Mutex::default(),
        })
    }

    fn is_fresh(&self, view: &View) -> bool {
        if self.made.elapsed() > Duration::from_secs(PAGE_KEPT_SECONDS) {
            return false;
        }
        if self.found_in.load(Ordering::Relaxed) == view.size() {
            return true;
        }
        let still = self.of.is_still(view);
        if still {
            self.found_in.store(view.size(), Ordering::Relaxed);
        }
        still
    }

    /// What goes with it.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The page with this line.
    pub fn plain(&self, line: &str) -> [Bytes; 3] {
        [self.before.clone(), Bytes::copy_from_slice(line.as_bytes()), self.after.clone()]
    }

    /// The page with this line, as brotli, if that needs no compressing but of the line; and whether it pays to make it smaller.
    pub fn ready(&self, line: &str) -> Option<(Bytes, bool)> {
        let pieces = {
            let small = self.small.lock().unwrap_or_else(PoisonError::into_inner);
            match (&small.whole, &small.pieces) {
                (Some(whole), _) if whole.line == line && (whole.quality != Quality::Quick || !small.is_due()) => {
                    return Some((whole.bytes.clone(), whole.quality != Quality::Smallest));
                }
                (_, Some(pieces)) if !small.is_due() => pieces.clone(),
                _ => return None,
            }
        };
        join(&pieces, line).map(|joined| (joined, false))
    }

    /// Makes the page with this line as small as can be, for the next who asks, where that was not done.
    pub fn make_smallest(&self, line: &str) {
        let lock = || self.small.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |whole: &Whole| whole.line == line && whole.quality != Quality::Smallest;
        if !lock().whole.as_ref().is_some_and(is_due) {
            return;
        }
        let bytes = Bytes::from(compress::brotli(&self.plain(line).concat(), Quality::Smallest));
        let mut small = lock();
        if let Some(before) = small.whole.take_if(|whole| is_due(whole)) {
            // Rarely the better search finds the worse way.
            let bytes = if bytes.len() < before.bytes.len() { bytes } else { before.bytes };
            small.whole = Some(Whole { bytes, quality: Quality::Smallest, made: Instant::now(), ..before });
        }
    }

    /// The same, made now, which takes its time: in one where there is time for it and for the first line that comes, else of pieces.
    pub fn compressed(&self, line: &str, quality: Quality) -> Bytes {
        let (in_one, pieces) = {
            let small = self.small.lock().unwrap_or_else(PoisonError::into_inner);
            (small.whole.is_none() || (quality == Quality::Small && small.is_due()), small.pieces.clone())
        };
        if !in_one {
            let made = || (compress::first_piece(&self.before, quality).into(), compress::piece(&self.after, quality).into());
            let pieces = pieces.unwrap_or_else(made);
            if let Some(joined) = join(&pieces, line) {
                self.small.lock().unwrap_or_else(PoisonError::into_inner).pieces = Some(pieces);
                return joined;
            }
        }
        let bytes = Bytes::from(compress::brotli(&self.plain(line).concat(), quality));
        let whole = Whole { line: line.to_owned(), bytes: bytes.clone(), quality, made: Instant::now() };
        self.small.lock().unwrap_or_else(PoisonError::into_inner).whole = Some(whole);
        bytes
    }
}

fn join((before, after): &(Bytes, Bytes), line: &str) -> Option<Bytes> {
    compress::joined(&[before, &compress::piece(line.as_bytes(), Quality::Quick), after])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(html: &str, line: &str) -> Option<Kept> {
        let value = HeaderValue::from_static("");
        Kept::new(
            html,
            line,
            Envelope { policy: value.clone(), links: value, goods: Goods::default(), category: Category::UsedUp },
            Version { lists: Lists(Vec::new()), rights: 0 },
            1,
        )
    }

    fn unpacked(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        brotli::BrotliDecompress(&mut &bytes[..], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn any_line_stands_where_the_first_stood_compressed_or_not() {
        let words = "<p>what stands in every page, and 牛 too</p>".repeat(300);
        let html = format!("<style>a{{}}</style>{words}<p>opened once</p>{words}");
        for quality in [Quality::Quick, Quality::Small] {
            let kept = kept(&html, "<p>opened once</p>").unwrap();
            assert_eq!(kept.ready("<p>opened once</p>"), None);
            assert_eq!(unpacked(&kept.compressed("<p>opened once</p>", quality)), html);
            let ready = |line: &str| kept.ready(line).map(|(bytes, _)| bytes);
            let again = ready("<p>opened once</p>").unwrap_or_else(|| kept.compressed("<p>opened once</p>", quality));
            assert_eq!(unpacked(&again), html);
            kept.make_smallest("<p>opened twice</p>");
            assert!(kept.ready("<p>opened once</p>").is_none_or(|(_, smaller)| smaller), "another line makes nothing smaller");
            kept.make_smallest("<p>opened once</p>");
            let (smallest, smaller) = kept.ready("<p>opened once</p>").unwrap();
            assert_eq!((unpacked(&smallest), smaller), (html.clone(), false));
            assert!(smallest.len() <= again.len());
            for line in ["<p>opened 2 times</p>", "", "<p>opened 2 times</p>", "<p>opened 1,000 times, from 牛 to 牛</p>"] {
                let wanted = html.replace("<p>opened once</p>", line);
                assert_eq!(kept.plain(line).concat(), wanted.as_bytes());
                let bytes = ready(line).unwrap_or_else(|| kept.compressed(line, quality));
                assert_eq!(unpacked(&bytes), wanted);
            }
            // In haste it is joined of pieces, and nothing is compressed but the line.
            let joined = kept.compressed("<p>opened a third time</p>", Quality::Quick);
            assert_eq!(unpacked(&joined), html.replace("<p>opened once</p>", "<p>opened a third time</p>"));
            assert!(kept.small.lock().unwrap().pieces.is_some());
        }
    }

    #[test]
    fn a_line_that_does_not_stand_there_once_keeps_nothing() {
        assert!(kept("abc", "d").is_none() && kept("abcb", "b").is_none() && kept("abc", "").is_none());
    }
}
