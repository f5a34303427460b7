//! All named limits of the server, for `leafproof --print-config`. Each stands beside the code that it bounds.

use base::limit::Limit;
use trace::page::Category;

/// The tables that [`base::limits!`] makes, in the order in which they are printed.
const TABLES: &[&[Limit]] = &[
    store_local::journal::LIMITS,
    crate::gather::LIMITS,
    cosign::client::LIMITS,
    store_local::LIMITS,
    base::limit::LIMITS,
    crate::serve::connections::LIMITS,
    crate::door::LIMITS,
    crate::counting::LIMITS,
    crate::feedback::handling::LIMITS,
    crate::figures::LIMITS,
    crate::http::ticked::LIMITS,
    crate::http::bodies::LIMITS,
    crate::http::building::LIMITS,
    crate::http::export::LIMITS,
    crate::inbox::LIMITS,
    crate::inbox::ready::LIMITS,
    crate::freeze::LIMITS,
    crate::inner::LIMITS,
    crate::inbox::export::LIMITS,
    crate::inbox::filters::LIMITS,
    crate::inbox::presence::LIMITS,
    crate::http::kept::LIMITS,
    crate::http::kept::names::LIMITS,
    crate::http::letters::LIMITS,
    crate::http::pace::LIMITS,
    crate::media::LIMITS,
    crate::share::LIMITS,
    crate::requests::LIMITS,
    crate::session::LIMITS,
    crate::session::team::LIMITS,
    crate::session::factor::LIMITS,
    crate::session::failures::LIMITS,
    crate::session::keys::LIMITS,
    crate::http::trail::LIMITS,
    crate::http::team::LIMITS,
    crate::handover::LIMITS,
    crate::alerts::LIMITS,
    crate::alerts::rules::LIMITS,
    crate::epcis::subscriptions::LIMITS,
    crate::http::epcis::sockets::LIMITS,
    crate::outbox::LIMITS,
    crate::outbox::address::LIMITS,
    crate::outbox::webhook::LIMITS,
    crate::outbox::mail::LIMITS,
];

/// All of them.
pub fn all() -> impl Iterator<Item = Limit> {
    TABLES.iter().chain(&engine::TABLES).copied().flatten().copied().chain(elsewhere())
}

/// Limits that are plain constants; the reason in full is in each one's own comment.
fn elsewhere() -> Vec<Limit> {
    use trace::feedback::limits as comment;
    let limit = |name, value: usize, unit, reason| Limit { name, value: value as u64, unit, reason };
    vec![
        limit(
            "EVENT_AHEAD_MS",
            ledger::entry::MAX_EVENT_AHEAD_MS as usize,
            "milliseconds",
            "How far an event's time may lie after its logging; the verifier refuses more.",
        ),
        limit("CAPTURE_EVENTS", crate::capture::EVENTS_MAX, "events", "One capture: what one answer can list and one batch holds."),
        limit("CAPTURE_BYTES", crate::capture::DOCUMENT_BYTES_MAX, "bytes", "One EPCIS document."),
        limit("QUERY_PAGE", crate::epcis::query::PER_PAGE_MAX, "events", "One page of a query: its answer stays under a few hundred kB."),
        limit("QUERY_VALUES", crate::epcis::query::VALUES_MAX, "values", "Values of one query parameter."),
        limit("MEDIA_BYTES", crate::media::FILE_BYTES_MAX, "bytes", "One picture, document or film."),
        limit("FORM_BYTES", crate::http::BODY_BYTES_MAX, "bytes", "A body where no route names another: forms without photos."),
        limit(
            "QR_CONTENT_BYTES",
            labels::symbol::CONTENT_BYTES_MAX,
            "bytes",
            "An address in a symbol: beyond it modules get too small for a phone.",
        ),
        limit(
            "LOG_MESSAGES",
            store::rows::outgoing::LOG_MESSAGES,
            "messages",
            "The log of one address: the oldest that are done go first, and are counted.",
        ),
        limit("LOG_ATTEMPTS", store::rows::outgoing::ATTEMPTS_KEPT, "attempts", "Of one message, the newest."),
        limit(
            "SCANS_OFTEN",
            Category::UsedUp.often().unlike as usize,
            "unlike visits",
            "From here on the code of goods with a date is called unusual.",
        ),
        limit(
            "SCANS_OFTEN_DAYS",
            Category::UsedUp.often().days as usize,
            "days",
            "On so many days at least: no single day makes a warning.",
        ),
        limit(
            "SCANS_OFTEN_KEPT",
            Category::Kept.often().unlike as usize,
            "unlike visits",
            "The same of goods without a date, which are kept for years.",
        ),
        limit("SCANS_OFTEN_KEPT_DAYS", Category::Kept.often().days as usize, "days", "The same."),
        limit(
            "SCANS_UNLIKE_A_DAY",
            crate::scans::UNLIKE_A_DAY as usize,
            "unlike visits",
            "More of one day do not count: it is loud, not telling.",
        ),
        limit(
            "FIGURES_TOGETHER",
            store::rows::tally::TOGETHER as usize,
            "visits",
            "Fewer are in no figure, and follow from none: they become readable together.",
        ),
        limit(
            "FIGURES_PATIENCE",
            store::rows::tally::PATIENCE_DAYS as usize,
            "days",
            "So long counts of one lot at one store wait for others, before they are counted with a larger place's.",
        ),
        limit(
            "FIGURES_PLACES_WAITING",
            store::rows::tally::PLACES_WAITING,
            "places",
            "Of one product in one book: one row of some kilobytes, read and written each second.",
        ),
        limit(
            "PASSWORD_CHARS",
            crate::session::password::PASSWORD_CHARS_MIN,
            "characters",
            "A password at least: length is what makes guessing hopeless.",
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
        limit("COMMENT_ANSWERS", comment::ANSWERS_MAX, "answers", "Of one side under one comment: a letter gets answers, not a chat."),
        limit("COMMENT_REPLIES", comment::REPLIES_MAX, "replies", "Of a comment's writer: as many as one side has answers."),
        limit("COMMENT_REPLIES_IN_A_ROW", comment::REPLIES_IN_A_ROW_MAX, "replies", "Before anybody answers again: no stream of them."),
        limit("COMMENT_NOTES", comment::NOTES_MAX, "notes", "Of one desk on one comment."),
        limit("COMMENT_PHOTOS", comment::PHOTOS_MAX, "photos", "Front, back and the spot."),
        limit("COMMENT_PHOTO_BYTES", comment::PHOTO_BYTES_MAX, "bytes", "One uploaded photo."),
        limit("COMMENT_PHOTO_KEPT_BYTES", comment::PHOTO_KEPT_BYTES_MAX, "bytes", "As it is kept; larger ones are made smaller."),
        limit(
            "PHOTOS_PER_NETWORK",
            comment::PHOTOS_PER_NETWORK_AN_HOUR as usize,
            "an hour",
            "Three with each letter that is not held; further ones are not taken, their letters are.",
        ),
        limit("COMMENTS_PER_ITEM", comment::PER_ITEM_A_DAY, "a day", "One household writes one or two; a copied code writes many."),
        limit("COMMENTS_PUBLIC_PER_ITEM", comment::PUBLIC_PER_ITEM_A_DAY, "a day", "Of those that everybody may read; further ones wait."),
        limit("COMMENTS_PER_SHARED_CODE", comment::PER_SHARED_CODE_A_DAY, "a day", "Many packs share a batch's code."),
        limit("COMMENTS_PER_NETWORK", comment::PER_NETWORK_AN_HOUR as usize, "an hour", "Further ones are held for a look."),
        limit(
            "COMMENTS_TAKEN_PER_NETWORK",
            comment::TAKEN_PER_NETWORK_AN_HOUR as usize,
            "an hour",
            "Further ones go back to their writers, words and all: a script writes hundreds a second.",
        ),
        limit(
            "COMMENTS_HELD_PER_DESK",
            comment::HELD_PER_DESK_A_DAY,
            "a day",
            "Held because many came from their network; further such ones go back. All others are taken.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// How many files below this folder declare limits.
    fn declaring(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| match path.is_dir() {
                true => declaring(&path),
                false => usize::from(std::fs::read_to_string(&path).unwrap().lines().any(|line| line.ends_with("limits! {"))),
            })
            .sum()
    }

    #[test]
    fn no_table_is_left_out_and_every_limit_has_a_name_of_its_own() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let declared: usize = ["base", "cosign", "engine", "labels", "store-local"]
            .iter()
            .map(|name| declaring(&root.join("crates").join(name).join("src")))
            .sum();
        // The macro's own example is in a file that declares a table too.
        assert_eq!(TABLES.len() + engine::TABLES.len(), declared + declaring(&root.join("server/src")));
        let mut names: Vec<_> = all().map(|limit| limit.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(all().all(|limit| limit.value > 0 && limit.reason.ends_with('.')));
    }
}
