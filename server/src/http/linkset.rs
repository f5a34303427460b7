//! The resolver's answer for machines: an RFC 9264 linkset with GS1 link types (GS1-Conformant Resolver 1.2; GS1 Web Vocabulary).

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value, json};

use super::headers;

/// Namespace of GS1 link types.
const VOC: &str = "https://gs1.org/voc/";
/// The same namespace as it is written elsewhere: where the vocabulary is published, and as a prefix.
const OTHER_VOCS: [&str; 5] =
    ["https://ref.gs1.org/voc/", "http://ref.gs1.org/voc/", "http://gs1.org/voc/", "https://www.gs1.org/voc/", "gs1:"];
/// Media type of a linkset (RFC 9264, 4.2).
pub const MEDIA_TYPE: &str = "application/linkset+json";

/// One link of one level.
#[derive(Clone, Debug)]
pub struct Link {
    /// Link type without namespace, e.g. `traceability`.
    pub link_type: &'static str,
    /// Path and query below the public address.
    pub href: String,
    /// Words for a person.
    pub title: String,
    /// Media type of the target.
    pub media_type: &'static str,
    /// Languages the target is written in; empty where it has none.
    pub languages: &'static [&'static str],
}

/// One level: item, batch, product.
#[derive(Clone, Debug)]
pub struct Level {
    /// Canonical Digital Link path.
    pub path: String,
    /// What it is.
    pub description: String,
    /// Its links; the first is the default.
    pub links: Vec<Link>,
}

/// The languages of the pages, as the GS1 linkset schema takes them.
pub const PAGE_LANGUAGES: &[&str] = &["zh-CN", "en"];

impl Level {
    /// What it is, in words that are never empty: GS1's schema asks for an itemDescription where no name is signed too.
    pub fn words(&self) -> &str {
        if self.description.is_empty() { &self.path } else { &self.description }
    }
}

/// Whether a linkset is wanted by `Accept` (RFC 9110, 12.5.1): named, not refused by `q=0`, and not wanted less than a page.
pub fn accepted(request: &HeaderMap) -> bool {
    let weight = |media_type: &str| {
        let lines = request.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
        let mut ranges = lines.flat_map(|line| line.split(',')).map(|range| range.split(';').map(str::trim));
        ranges.find_map(|mut parts| parts.next().filter(|range| range.eq_ignore_ascii_case(media_type)).map(|_| headers::weight(parts)))
    };
    weight(MEDIA_TYPE).is_some_and(|linkset| linkset > 0.0 && weight("text/html").is_none_or(|page| linkset >= page))
}

/// Links of the level at `path`: the page first.
pub fn level(path: &str, description: &str, in_ledger: bool) -> Level {
    let title = if description.is_empty() { path.to_owned() } else { description.to_owned() };
    let page =
        |link_type| Link { link_type, href: path.to_owned(), title: title.clone(), media_type: "text/html", languages: PAGE_LANGUAGES };
    let mut links = vec![page("traceability"), page("pip")];
    if in_ledger {
        links.push(Link {
            link_type: "verificationService",
            href: format!("/bundle{path}"),
            title: format!("{title}: proof to take away"),
            media_type: "application/octet-stream",
            languages: &[],
        });
        links.push(Link {
            link_type: "leaveReview",
            href: format!("/feedback{path}"),
            title: format!("{title}: comment to brand and store"),
            media_type: "text/html",
            languages: PAGE_LANGUAGES,
        });
        // Letters that everybody reads are a product's: an item's own would be for whoever knows its serial.
        if path.matches('/').count() == 2 && path.starts_with("/01/") {
            links.push(Link {
                link_type: "review",
                href: format!("/letters{path}"),
                title: format!("{title}: letters about this product, with answers"),
                media_type: "text/html",
                languages: PAGE_LANGUAGES,
            });
        }
        links.push(Link {
            link_type: "epcis",
            href: format!("/epcis/v2/epcs/{}/events", base::percent::component(path)),
            title: format!("{title}: EPCIS events (key needed)"),
            media_type: "application/json",
            languages: &[],
        });
    }
    Level { path: path.to_owned(), description: description.to_owned(), links }
}

/// The linkset document; `query` (with `?`) is passed on to every target.
pub fn document(public_url: &str, levels: &[Level], query: &str) -> Value {
    let base = public_url.trim_end_matches('/');
    let contexts: Vec<Value> = levels
        .iter()
        .map(|level| {
            let mut context = Map::new();
            context.insert("anchor".into(), json!(format!("{base}{}", level.path)));
            context.insert("itemDescription".into(), json!(level.words()));
            if let Some(first) = level.links.first() {
                context.insert(format!("{VOC}defaultLink"), json!([target(base, first, query)]));
            }
            for link in &level.links {
                context.insert(format!("{VOC}{}", link.link_type), json!([target(base, link, query)]));
            }
            Value::Object(context)
        })
        .collect();
    json!({ "linkset": contexts })
}

fn target(base: &str, link: &Link, query: &str) -> Value {
    let mut t = Map::new();
    t.insert("href".into(), json!(format!("{base}{}{query}", link.href)));
    t.insert("title".into(), json!(link.title));
    t.insert("type".into(), json!(link.media_type));
    if !link.languages.is_empty() {
        t.insert("hreflang".into(), json!(link.languages));
    }
    Value::Object(t)
}

const DEFAULT: &str = "defaultLink";

/// The link type without its namespace, however that is written.
fn word(link_type: &str) -> &str {
    std::iter::once(VOC).chain(OTHER_VOCS).find_map(|voc| link_type.strip_prefix(voc)).unwrap_or(link_type)
}

/// Whether the default link is asked for.
pub fn is_default(link_type: &str) -> bool {
    word(link_type) == DEFAULT
}

/// The link of a requested type (`gs1:traceability`, a full URI or the bare word), nearest level first.
pub fn find<'a>(levels: &'a [Level], link_type: &str) -> Option<&'a Link> {
    let word = word(link_type);
    if word == DEFAULT {
        return levels.first()?.links.first();
    }
    levels.iter().flat_map(|l| &l.links).find(|l| l.link_type == word)
}

/// The resolver's self-description at `/.well-known/gs1resolver`.
pub fn resolver_description(public_url: &str, name: &str) -> Value {
    json!({
        "name": name,
        "resolverRoot": public_url.trim_end_matches('/'),
        "supportedPrimaryKeys": ["01"],
        "linkTypeDefaultCanBeLinkset": false,
        "validationVersion": "GS1 Digital Link URI syntax 1.6",
        "supportedLinkType": [{ "namespace": VOC, "prefix": "gs1:" }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn every_level_has_exactly_one_default_that_is_also_listed() {
        let levels = [level("/01/09521234000044/21/A", "Ribeye", true), level("/01/09521234000044", "", true)];
        let doc = document("https://id.example.com/", &levels, "?17=261213");
        let contexts = doc["linkset"].as_array().unwrap();
        assert_eq!(contexts.len(), 2);
        for c in contexts {
            let default = c["https://gs1.org/voc/defaultLink"].as_array().unwrap();
            assert_eq!(default.len(), 1);
            assert!(default[0]["type"] == "text/html" && default[0]["hreflang"].as_array().is_some_and(|all| !all.is_empty()));
            assert!(!c["itemDescription"].as_str().unwrap().is_empty(), "the schema asks for words without master data too");
            assert_eq!(default[0], c["https://gs1.org/voc/traceability"][0]);
            for (key, targets) in c.as_object().unwrap() {
                if key.starts_with(VOC) {
                    for t in targets.as_array().unwrap() {
                        assert!(t["href"].as_str().unwrap().starts_with("https://id.example.com/"));
                        assert!(t["href"].as_str().unwrap().ends_with("?17=261213"));
                        assert!(!t["title"].as_str().unwrap().is_empty() && !t["type"].as_str().unwrap().is_empty());
                        assert!(t.get("rel").is_none());
                    }
                }
            }
        }
        assert_eq!(contexts[0]["anchor"], "https://id.example.com/01/09521234000044/21/A");
    }

    #[test]
    fn a_linkset_is_served_where_it_is_wanted() {
        let wants = |lines: &[&'static str]| accepted(&lines.iter().map(|line| (header::ACCEPT, HeaderValue::from_static(line))).collect());
        for yes in [
            &["application/linkset+json"][..],
            &["Application/Linkset+JSON; Q=0.5"],
            &["text/html;q=0.1", "application/linkset+json;q=0.9"],
            &["text/html, application/linkset+json"],
        ] {
            assert!(wants(yes), "{yes:?}");
        }
        for no in [
            &[][..],
            &["application/linkset+json;q=0"],
            &["application/linkset+json; Q=0.000, */*"],
            &["text/html, application/linkset+json;q=0.5"],
            &["application/linkset+jsonx"],
            &["*/*"],
        ] {
            assert!(!wants(no), "{no:?}");
        }
    }

    #[test]
    fn link_types_are_found_by_word_prefix_and_uri() {
        let levels = [level("/01/09521234000044", "", true)];
        for name in ["gs1:leaveReview", "leaveReview", "https://gs1.org/voc/leaveReview", "https://ref.gs1.org/voc/leaveReview"] {
            assert_eq!(find(&levels, name).unwrap().link_type, "leaveReview");
        }
        assert!(find(&levels, "gs1:dpp").is_none());
        assert_eq!(find(&levels, "gs1:defaultLink").unwrap().link_type, "traceability");
    }
}
