//! Every limit of the server, named, with its reason; `leafproof --print-config` prints them.

/// For limits that are counted in days: their milliseconds.
pub const DAY_MS: u64 = 86_400_000;

/// A limit as it is printed.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: u64,
    /// In what it counts.
    pub unit: &'static str,
    /// Why it is there.
    pub reason: &'static str,
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr, $unit:literal, $reason:literal;)*) => {
        $(#[doc = $reason] pub const $name: $type = $value;)*

        /// All of them, in the order they are declared.
        pub const ALL: &[Limit] = &[$(Limit { name: stringify!($name), value: $name as u64, unit: $unit, reason: $reason },)*];
    };
}

limits! {
    JOURNAL_FILE_BYTES: u64 = 64 << 20, "bytes", "One journal file: what recovery reads into memory at once.";
    QUEUE_COMMANDS: usize = 4096, "commands", "Submissions and state records waiting for the sequencer; more are answered with 503 and Retry-After.";
    QUEUE_BYTES: usize = 64 << 20, "bytes", "Their bytes together: what waiting work may take of the memory.";
    GROUP_COMMANDS: usize = 512, "commands", "Commands that share one fsync and one checkpoint: a comment never waits behind more records than these.";
    GROUP_BYTES: usize = 8 << 20, "bytes", "Their bytes together: one write to the journal.";
    ALERTS_HELD: usize = 10_000, "counts", "Alerts counted in memory, by list and author; what is put out is counted again from the list.";
    SUBMISSION_BYTES: usize = 16 << 20, "bytes", "One submission with its parts, or one state record with its texts and photographs.";
    MAP_NOTE_CHANGES: usize = 2_000, "changes", "Changes of the map until its nodes are noted in the index: few at a time would write the upper ones again and again, many take long to make up for after a crash.";
    MAP_HELD_CHANGES: usize = 100_000, "changes", "Changes of the map until its nodes are put out of memory, some 250 bytes each; they are fetched again when somebody asks.";
    RECOSIGN_SECONDS: u64 = 600, "seconds", "A quiet ledger's checkpoint gets a new signed time this often, so that it never turns stale by itself.";
    COSIGN_EVERY_MS: u64 = 1000, "milliseconds", "How often at most one co-signer is asked: under load many batches share one co-signature.";
    COSIGN_CONNECT_MS: u64 = 3000, "milliseconds", "How long a co-signer may take to accept a connection.";
    COSIGN_TOTAL_MS: u64 = 20_000, "milliseconds", "How long it may take to answer; a mirror reads what is new before it does.";
    COSIGN_BACKOFF_MS: u64 = 60_000, "milliseconds", "The longest pause before one that does not answer is asked again.";
    COSIGN_ANSWER_BYTES: u64 = 64 << 10, "bytes", "Its answer: a few signature lines, of several kinds of keys.";
    COSIGN_SIZES: usize = 4, "checkpoints", "Sizes for which co-signatures are gathered at the same time; each keeps a version of the map.";
    SCAN_FLUSH_MS: u64 = 1000, "milliseconds", "Scan counts are gathered this long before they are written: a crash forgets no more than that.";
    INDEX_CACHE_BYTES: u64 = 64 << 20, "bytes", "sled's page cache.";
    INDEX_FLUSH_MS: u64 = 500, "milliseconds", "How often sled writes to disk by itself; what it loses is rebuilt from the journal.";
    INDEX_LOCK_WAIT_MS: u64 = 5000, "milliseconds", "How long an index that another process or thread is just closing is waited for.";
    RETRY_AFTER_SECONDS: u64 = 2, "seconds", "What a refused client is told to wait: the queue drains in less.";
    CONNECTIONS: usize = 4096, "connections", "Open at once, and never more than half of the files this process may open: the rest is for journal, index and media.";
    CONNECTIONS_ADDRESS_SHARE: usize = 4, "of all", "One address (IPv6: one /64) has at most this part of them: an office behind one address fits, and nobody takes all. Proxies of ours are not counted.";
    HEAD_SECONDS: u64 = 15, "seconds", "For a request's head, and between two requests: a phone on a slow line sends its head at once.";
    BODY_WAIT_SECONDS: u64 = 20, "seconds", "What waiting for a body may take together, besides what its rate allows.";
    BODY_RATE_BYTES: u64 = 8 << 10, "bytes a second", "A body may take so long as it comes at this rate: the slowest line that photos are sent over.";
    ANSWER_STALL_SECONDS: u64 = 30, "seconds", "How long an answer may wait until its reader takes ANSWER_STEP_BYTES more.";
    ANSWER_STEP_BYTES: usize = 16 << 10, "bytes", "What a reader must take in that time: less is nobody reading.";
    DRAIN_SECONDS: u64 = 10, "seconds", "How long a stopping server waits for answers under way; what was acknowledged is on disk in any case.";
    MEDIA_MEMBER_BYTES: u64 = 2 << 30, "bytes", "Pictures, documents and films of one member: thousands of photos; each answer to an upload says how much is used.";
    MEDIA_MEMBER_MINUTE_BYTES: u64 = 32 << 20, "bytes a minute", "What one member may bring at once; more is answered with 429 and Retry-After.";
    REQUESTS_OPEN_OF_PARTNER: usize = 16, "requests", "Open requests for permission of one member: more owners than it can start with at once.";
    REQUESTS_A_DAY: usize = 16, "a day", "Owners that one member asked within a day and has a request with, taken back or not: nobody asks all of them at once.";
    REQUESTS_OPEN_TO_OWNER: usize = 200, "requests", "Open requests to one owner, one of each member: a list that a person can still read.";
    REQUEST_AGAIN_DAYS: u64 = 30, "days", "After an owner declined, the same member asks again no sooner.";
    REQUEST_OPEN_DAYS: u64 = 90, "days", "A request that nobody answers ends by itself, and takes up no room any more.";
    HANDOVER_TOLD_DAYS: u64 = 30, "days", "How long members are still told of numbers that changed hands.";
    HANDOVERS_TOLD: usize = 100, "changes", "How many of them at once, the newest.";
    EVENT_AHEAD_MS: u64 = ledger::entry::MAX_EVENT_AHEAD_MS, "milliseconds", "How far an event's time may lie after its logging; the verifier refuses more.";
}

/// Limits that stand beside the code they bound, for `--print-config`; the reason in full is in each one's own comment.
pub fn elsewhere() -> Vec<Limit> {
    use trace::feedback::limits as comment;
    let limit = |name, value: usize, unit, reason| Limit { name, value: value as u64, unit, reason };
    vec![
        limit("CAPTURE_EVENTS", crate::capture::EVENTS_MAX, "events", "One capture: what one answer can list and one batch holds."),
        limit("CAPTURE_BYTES", crate::capture::DOCUMENT_BYTES_MAX, "bytes", "One EPCIS document."),
        limit("QUERY_PAGE", crate::epcis::query::PER_PAGE_MAX, "events", "One page of a query: its answer stays under a few hundred kB."),
        limit("QUERY_VALUES", crate::epcis::query::VALUES_MAX, "values", "Values of one query parameter."),
        limit("MEDIA_BYTES", crate::media::FILE_BYTES_MAX, "bytes", "One picture, document or film."),
        limit("FORM_BYTES", crate::http::BODY_BYTES_MAX, "bytes", "A body where no route names another: forms without photos."),
        limit(
            "QR_CONTENT_BYTES",
            crate::qr::CONTENT_BYTES_MAX,
            "bytes",
            "An address in a symbol: beyond it modules get too small for a phone.",
        ),
        limit("SCANS_OFTEN", crate::scans::OFTEN_UNLIKE as usize, "unlike visits", "From here on a code is called unusual."),
        limit("SCANS_OFTEN_DAYS", crate::scans::OFTEN_DAYS as usize, "days", "On so many days at least: no single day makes a warning."),
        limit(
            "SCANS_UNLIKE_A_DAY",
            crate::scans::UNLIKE_A_DAY as usize,
            "unlike visits",
            "More of one day do not count: it is loud, not telling.",
        ),
        limit("BUNDLE_BYTES", ledger::bundle::MAX_BUNDLE, "bytes", "One proof: a phone on a slow line must still load it."),
        limit("BUNDLE_ENTRIES", ledger::bundle::MAX_ENTRIES, "entries", "Entries of one proof."),
        limit(
            "ALERT_BYTES",
            ledger::audit::MAX_ALERT_BYTES,
            "bytes",
            "Public part of an alert by who is neither the owner of the number nor a regulator: none is left out of a file, so all must fit.",
        ),
        limit(
            "OBJECTION_REASON_CHARS",
            crate::objection::REASON_CHARS_MAX,
            "characters",
            "An objection stands beside a record, in two or three lines.",
        ),
        limit("OBJECTION_GOODS", crate::objection::GOODS_MAX, "addresses", "Goods that one objection names."),
        limit("COMMENT_CHARS", comment::TEXT_CHARS_MAX, "characters", "A comment: a screenful or two."),
        limit("COMMENT_PHOTOS", comment::PHOTOS_MAX, "photos", "Front, back and the spot."),
        limit("COMMENT_PHOTO_BYTES", comment::PHOTO_BYTES_MAX, "bytes", "One uploaded photo."),
        limit("COMMENTS_PER_ITEM", comment::PER_ITEM_A_DAY, "a day", "One household writes one or two; a copied code writes many."),
        limit("COMMENTS_PER_SHARED_CODE", comment::PER_SHARED_CODE_A_DAY, "a day", "Many packs share a batch's code."),
        limit(
            "COMMENTS_PER_NETWORK",
            comment::PER_NETWORK_AN_HOUR as usize,
            "an hour",
            "Further ones are held for a look; nobody is refused.",
        ),
    ]
}
