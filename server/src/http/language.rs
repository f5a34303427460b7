//! Which language a reader gets: `?lang=` first, then `Accept-Language` (RFC 9110, 12.5.4), else English.

/// Languages every page is written in.
pub const LANGUAGES: [&str; 2] = ["zh", "en"];

/// Picks the language of a page.
pub fn choose(query: Option<&str>, accept_language: Option<&str>) -> &'static str {
    let asked = query.and_then(|q| q.split('&').find_map(|p| p.strip_prefix("lang=")));
    if let Some(l) = asked.and_then(known) {
        return l;
    }
    let mut best: Option<(&'static str, f32)> = None;
    for range in accept_language.unwrap_or("").split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some(language) = parts.next().and_then(known) else { continue };
        let q = super::headers::weight(parts);
        if q > 0.0 && best.is_none_or(|(_, b)| q > b) {
            best = Some((language, q));
        }
    }
    best.map_or("en", |(l, _)| l)
}

fn known(tag: &str) -> Option<&'static str> {
    let primary = tag.split('-').next().unwrap_or("").to_ascii_lowercase();
    LANGUAGES.into_iter().find(|l| *l == primary)
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn the_switch_wins_then_the_highest_weight_then_english() {
        assert_eq!(choose(Some("17=261213&lang=zh"), Some("en")), "zh");
        assert_eq!(choose(Some("lang=fr"), Some("zh-CN,zh;q=0.9,en;q=0.8")), "zh");
        assert_eq!(choose(None, Some("fr, en;q=0.4, zh-Hans;q=0.5")), "zh");
        assert_eq!(choose(None, Some("zh;q=0, en;q=0.1")), "en");
        assert_eq!(choose(None, Some("zh;Q=0, en;q=0.1")), "en");
        assert_eq!(choose(None, None), "en");
        assert_eq!(choose(None, Some("de")), "en");
    }
}
