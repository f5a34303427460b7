//! What lies ready for all requests of comments, sign-in and inbox: the engine, the pages of items, counts, keys, turns.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};

use app::context::{Lang, PageContext, SiteFiles};
use axum::http::{HeaderMap, Uri};
use base::clock::DAY_MS;
use engine::{Engine, View};
use ledger::name::Name;
use tokio::sync::Semaphore;
use trace::feedback::limits::{HELD_PER_DESK_A_DAY, PHOTOS_PER_NETWORK_AN_HOUR, TAKEN_PER_NETWORK_AN_HOUR};
use trace::page::ItemPage;

use super::photo::Darkroom;
use crate::counting::Counting;
use crate::http::language;
use crate::inbox::presence::Presence;
use crate::scans::Kinds;
use crate::session::failures::Failures;
use crate::session::folder::FolderError;
use crate::session::network::NetworkCounts;
use crate::session::rate::Guesses;
use crate::session::{self, Sessions};

/// Bytes of photos held in memory at once, in KiB: four people with three of the largest each. Words take none of it.
const UPLOAD_KIB: usize = 192 * 1024;
/// Items counted a day; beyond that further ones are not limited.
const ITEMS_MAX: usize = 200_000;

/// Makes an item's page of one version of the ledger; `None` where nothing is known of it.
pub type PageSource = Arc<dyn Fn(&View, &Name) -> Result<Option<ItemPage>, String> + Send + Sync>;

/// What the pages need to know of this site.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Where it is reached, without a slash at the end.
    pub public_url: String,
    /// Files that pages load.
    pub files: Arc<SiteFiles>,
    /// Demo data.
    pub demo: bool,
    /// How many proxies of ours stand before this server: the N-th address from the right of `X-Forwarded-For` is the client's.
    pub trusted_proxies: usize,
    /// By what alerts leave.
    pub alerts: crate::alerts::Ways,
    /// Phones say how their checks ended.
    pub count_checks: bool,
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Parts>);

/// The parts.
pub struct Parts {
    /// Records in, views out.
    pub engine: Engine,
    /// Items' pages.
    pub pages: PageSource,
    /// This site.
    pub site: Site,
    /// Cleans photos.
    pub darkroom: Darkroom,
    /// Comments per network.
    pub networks: NetworkCounts,
    /// Photos of each network.
    pub photos: NetworkCounts,
    /// Wrong codes of the inside of packs, per network.
    pub inner_guesses: NetworkCounts,
    /// Wrong passwords.
    pub guesses: Guesses,
    /// Sign-ins that failed, for those whose accounts they were tried with.
    pub failures: Failures,
    /// Who is signed in.
    pub sessions: Sessions,
    /// Kinds of visits today.
    pub kinds: Kinds,
    /// What is counted for figures.
    pub counting: Counting,
    /// Who is at which letter.
    pub presence: Presence,
    /// Room for uploads, in KiB.
    pub uploads: Arc<Semaphore>,
    /// Signs when a form was made.
    pub form_key: [u8; 32],
    items: Mutex<(u64, HashMap<String, usize>)>,
}

impl std::ops::Deref for Desk {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Desk {
    /// Opens the sessions in their own folder of the data directory.
    pub fn open(data: &Path, engine: Engine, pages: PageSource, site: Site) -> Result<Desk, FolderError> {
        Ok(Desk::over(session::folder::open(&data.join("sessions"))?, engine, pages, site))
    }

    /// Over a table of sessions; a temporary one in tests.
    pub fn over(sessions: Sessions, engine: Engine, pages: PageSource, site: Site) -> Desk {
        let form_key = engine.secret("comment forms");
        Desk(Arc::new(Parts {
            engine,
            pages,
            site,
            darkroom: Darkroom::default(),
            networks: NetworkCounts::default(),
            photos: NetworkCounts::default(),
            inner_guesses: NetworkCounts::default(),
            guesses: Guesses::default(),
            failures: Failures::default(),
            sessions,
            kinds: Kinds::default(),
            counting: Counting::default(),
            presence: Presence::default(),
            uploads: Arc::new(Semaphore::new(UPLOAD_KIB)),
            form_key,
            items: Mutex::default(),
        }))
    }

    /// True where this site is reached over https: then cookies are bound to it.
    pub fn https(&self) -> bool {
        self.site.public_url.starts_with("https://")
    }

    /// What a page is rendered with. `here` is the address the language switch leads to.
    pub fn context(&self, headers: &HeaderMap, uri: &Uri, here: String) -> PageContext {
        let accept = headers.get(axum::http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let lang = if language::choose(uri.query(), accept) == "zh" { Lang::Zh } else { Lang::En };
        PageContext {
            lang,
            public_url: self.site.public_url.clone(),
            here,
            files: Arc::clone(&self.site.files),
            // The word that browsers on phones are told apart by (MDN, Browser detection using the user agent).
            phone: headers
                .get(axum::http::header::USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|agent| agent.contains("Mobi")),
            demo: self.site.demo,
        }
    }

    /// Where a request comes from. Anyone can write `X-Forwarded-For`, so only as many entries as there are proxies of ours count.
    pub fn client(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> IpAddr {
        client(self.site.trusted_proxies, headers, peer)
    }

    /// Whether so many more photos of this network may be kept this hour; they count if so.
    pub fn takes_photos(&self, from: IpAddr, photos: usize, now_ms: u64) -> bool {
        (0..photos).all(|_| self.photos.add(from, now_ms) <= PHOTOS_PER_NETWORK_AN_HOUR)
    }

    /// Whether one more letter or reply of this network is taken for this desk this hour; it counts.
    pub fn takes_from(&self, from: IpAddr, desk: &str, now_ms: u64) -> bool {
        self.networks.add_to(&format!("to {desk}"), from, now_ms) <= TAKEN_PER_NETWORK_AN_HOUR
    }

    /// Whether one more letter may be held for this desk today because many came from its network; it counts if so.
    pub fn holds_more(&self, desk: &str, now_ms: u64) -> bool {
        // No path of a code begins with a letter.
        self.nth_today(&format!("held for {desk}"), now_ms) <= HELD_PER_DESK_A_DAY
    }

    /// The how manyth letter on this code today this one is. Counted in memory: a restart forgives, and where too many codes are written about
    /// to count them all, each is the first.
    pub fn nth_today(&self, item: &str, now_ms: u64) -> usize {
        let mut items = self.items.lock().expect("no code panics while it holds this lock");
        if items.0 != now_ms / DAY_MS {
            *items = (now_ms / DAY_MS, HashMap::new());
        }
        if items.1.len() >= ITEMS_MAX && !items.1.contains_key(item) {
            return 1;
        }
        let count = items.1.entry(item.to_owned()).or_insert(0);
        *count += 1;
        *count
    }
}

fn client(proxies: usize, headers: &HeaderMap, peer: Option<IpAddr>) -> IpAddr {
    let unknown = IpAddr::from([0, 0, 0, 0]);
    let lines = headers.get_all("x-forwarded-for").iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let listed: Vec<String> = lines.flat_map(|line| line.split(',').map(|entry| entry.trim().to_owned()).collect::<Vec<_>>()).collect();
    match listed.len().checked_sub(proxies) {
        // What a proxy wrote and cannot be read is nobody's network, and not the proxy's own: from there everybody comes.
        Some(place) if proxies > 0 => address(&listed[place]).unwrap_or(unknown),
        _ => peer.unwrap_or(unknown),
    }
}

/// An address as proxies write it, some with the port (RFC 7239, 6 says how; `X-Forwarded-For` has no standard).
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse().ok().or_else(|| entry.parse().ok().map(|socket: SocketAddr| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::tests::house;

    #[tokio::test]
    async fn letters_are_counted_by_code_and_day() {
        let house = house().await;
        let nth = |item: &str, now_ms| house.desk.nth_today(item, now_ms);
        assert_eq!([nth("/01/1/21/A", 5), nth("/01/1/21/A", 5), nth("/01/1/21/B", 5), nth("/01/1/21/A", DAY_MS)], [1, 2, 1, 1]);
    }

    #[test]
    fn a_client_is_what_the_last_trusted_proxy_saw() {
        let seen = |proxies: usize, lines: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", axum::http::HeaderValue::from_bytes(line).unwrap());
            }
            client(proxies, &headers, Some("192.0.2.1".parse().unwrap())).to_string()
        };
        assert_eq!(seen(0, &[b"203.0.113.7"]), "192.0.2.1", "nobody is trusted");
        assert_eq!(seen(1, &[b"198.51.100.1, 203.0.113.7"]), "203.0.113.7", "what a client made up stands before");
        assert_eq!(seen(2, &[b"198.51.100.1", b"203.0.113.7"]), "198.51.100.1", "several lines are one list");
        assert_eq!(seen(1, &[]), "192.0.2.1", "not through the proxy");
        // A byte that is no ASCII takes nobody out of the network that the proxy saw, and none of the lines away.
        assert_eq!(seen(1, &[b"\xff, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen(1, &[b"198.51.100.1", b"\xff, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen(1, &[b"198.51.100.1", b"\xff"]), "0.0.0.0", "one place for all that cannot be read");
        assert_eq!(seen(1, &[b"203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!([seen(1, &[b"[2001:db8::1]:443"]), seen(1, &[b"[2001:db8::1]"])], ["2001:db8::1", "2001:db8::1"]);
    }
}
