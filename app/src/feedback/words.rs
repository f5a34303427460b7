//! Words that comments share: ratings, topics, moments, names.

use leptos::prelude::*;
use trace::feedback::{HoldReason, HoldWhy, Publicity, Rating, Topic};
use trace::format::shown;
use trace::page::{Format, Words};

use crate::context::Lang;
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// Offset that times of this service are shown in. A shopper's own zone is not asked for; the offset stands beside every time.
const OFFSET_MINUTES: i64 = 8 * 60;
const OFFSET: &str = "+08:00";
/// The same in milliseconds.
pub const OFFSET_MS: u64 = OFFSET_MINUTES as u64 * 60_000;

/// The word of a rating.
pub fn rating(rating: Rating, lang: Lang) -> &'static str {
    text(
        lang,
        match rating.number() {
            1 => "feedback.rating.1",
            2 => "feedback.rating.2",
            3 => "feedback.rating.3",
            4 => "feedback.rating.4",
            _ => "feedback.rating.5",
        },
    )
}

/// The words of a topic.
pub fn topic(topic: Topic, lang: Lang) -> &'static str {
    text(
        lang,
        match topic {
            Topic::Taste => "feedback.topic.taste",
            Topic::Packaging => "feedback.topic.packaging",
            Topic::Freshness => "feedback.topic.freshness",
            Topic::Label => "feedback.topic.label",
            Topic::SuspectedFake => "feedback.topic.suspected-fake",
            Topic::Other => "feedback.topic.other",
        },
    )
}

/// Why a comment is held, to its writer.
pub fn held(reason: HoldReason, lang: Lang) -> &'static str {
    text(
        lang,
        match reason {
            HoldReason::Network => "receipt.held.network",
            HoldReason::Code => "receipt.held.code",
            HoldReason::PhoneNumber => "receipt.held.phone-number",
            HoldReason::Quick => "receipt.held.quick",
            HoldReason::Reader => "receipt.held.reader",
        },
    )
}

/// Why a desk holds a comment.
pub fn held_why(why: HoldWhy, lang: Lang) -> &'static str {
    text(
        lang,
        match why {
            HoldWhy::Personal => "letters.why.personal",
            HoldWhy::Abuse => "letters.why.abuse",
            HoldWhy::Advertising => "letters.why.advertising",
            HoldWhy::OffTopic => "letters.why.off-topic",
            HoldWhy::Legal => "letters.why.legal",
        },
    )
}

/// Where one's own comment stands for everybody.
pub fn publicity(stands: Publicity, lang: Lang) -> String {
    let key = match stands {
        Publicity::Shown => "receipt.public.shown",
        Publicity::NotAllowed => "receipt.public.not-allowed",
        Publicity::Withdrawn => "receipt.public.withdrawn",
        Publicity::Erased => "receipt.public.erased",
        Publicity::Waiting => "receipt.public.waiting",
        Publicity::Held(Some(why)) => return fill(lang, "receipt.public.held", &[("why", held_why(why, lang))]),
        Publicity::Held(None) => "receipt.public.held.none",
    };
    text(lang, key).to_owned()
}

/// The month of a moment: all that everybody learns of when a comment came.
pub fn month(ms: u64, lang: Lang) -> String {
    let day = day(ms, lang);
    match lang {
        Lang::En => day.split_once(' ').map_or_else(|| day.clone(), |(_, month)| month.to_owned()),
        Lang::Zh => day.split_inclusive('月').next().unwrap_or_default().to_owned(),
    }
}

/// A name in the reader's language, else English, else any.
pub fn name(words: &Words, lang: Lang) -> Option<&str> {
    words.get(lang.tag()).or_else(|| words.get("en")).or_else(|| words.values().next()).map(String::as_str)
}

/// Why a desk does not see the words of a letter at once.
pub fn held_for(reason: HoldReason, why: Option<HoldWhy>, lang: Lang) -> String {
    let key = match (reason, why) {
        (HoldReason::Network, _) => "console.held.network",
        (HoldReason::Code, _) => "console.held.code",
        (HoldReason::PhoneNumber, _) => "console.held.phone-number",
        (HoldReason::Quick, _) => "console.held.quick",
        (HoldReason::Reader, Some(why)) => return fill(lang, "console.held.why", &[("why", held_why(why, lang))]),
        (HoldReason::Reader, None) => "console.held.reader",
    };
    text(lang, key).to_owned()
}

/// A moment as people read it, with its offset.
pub fn moment(ms: u64, lang: Lang) -> String {
    shown(Format::Time, &[iso(ms).as_str(), OFFSET], lang)
}

/// A moment as an element.
pub fn time(ms: u64, lang: Lang) -> Markup {
    view! { <time datetime=iso(ms)>{moment(ms, lang)}</time> }.markup()
}

/// The day of a moment.
pub fn day(ms: u64, lang: Lang) -> String {
    shown(Format::Date, &[&local(ms)[..10]], lang)
}

/// Hour and minute today, else the day: the inbox's first column.
pub fn received(ms: u64, now_ms: u64, lang: Lang) -> String {
    let (then, now) = (local(ms), local(now_ms));
    if then[..10] == now[..10] { then[11..16].to_owned() } else { day(ms, lang) }
}

/// RFC 3339 in UTC.
pub fn iso(ms: u64) -> String {
    let (days, second) = (ms / 86_400_000, ms / 1_000 % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

/// The same in the service's own time, without an offset.
pub fn local(ms: u64) -> String {
    let text = iso(ms.saturating_add(OFFSET_MS));
    text.trim_end_matches('Z').replace('T', " ")
}

/// Days since 1970 as a date of the Gregorian calendar (Howard Hinnant's `civil_from_days`); clamped to the year 9999.
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days.min(2_932_896) + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + u64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// Text for between two tags: set as `inner_html` where an empty string must stay empty.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Words that everybody reads, with their line ends kept and marked as what they are: a screen reader speaks them so, and a page in one
/// direction keeps words of the other apart. Of the two languages of this service; Chinese is told by its characters.
pub fn public_lines(words: &str) -> Markup {
    let han = words.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'));
    let lang = if han { "zh-CN" } else { "en" };
    view! { <p class="said" lang=lang dir="auto">{words.to_owned()}</p> }.markup()
}

/// Words with their line ends kept.
pub fn lines(words: &str) -> Markup {
    view! { <p class="said">{words.to_owned()}</p> }.markup()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_the_services_own_time_with_its_offset() {
        assert_eq!(iso(1_795_353_164_000), "2026-11-22T13:12:44Z");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(moment(1_795_353_164_000, Lang::En), "22 Nov 2026, 21:12 UTC+8");
        assert_eq!(moment(1_795_353_164_000, Lang::Zh), "2026年11月22日 21:12 UTC+8");
        assert_eq!(month(1_795_353_164_000, Lang::En), "Nov 2026");
        assert_eq!(month(1_795_353_164_000, Lang::Zh), "2026年11月");
        assert_eq!(received(1_795_353_164_000, 1_795_353_200_000, Lang::En), "21:12");
        assert_eq!(received(1_795_353_164_000, 1_795_453_200_000, Lang::En), "22 Nov 2026");
        assert!(iso(u64::MAX).starts_with("9999-12-31"));
    }
}
