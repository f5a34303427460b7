//! Signed facts and our own words as marked elements (ARCHITECTURE.md, S4): what the phone compares with what was signed.

use leptos::prelude::*;
use trace::format::shown;
use trace::page::{Author, Label, Signed, SignedWords};
use trace::words::word;

use crate::context::{Lang, PageContext};
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::language;
use crate::texts::{Piece, pieces, text};

/// The reader's own words of a text in several languages; else English, else any, with their language.
pub fn own(words: &SignedWords, lang: Lang) -> Option<(&str, &Signed)> {
    words
        .get_key_value(lang.tag())
        .or_else(|| words.get_key_value("en"))
        .or_else(|| words.iter().next())
        .map(|(tag, signed)| (tag.as_str(), signed))
}

/// Plain text of signed words, for titles and attributes.
pub fn plain(words: &SignedWords, lang: Lang) -> Option<String> {
    own(words, lang).map(|(_, signed)| shown(signed.format, &signed.values, lang))
}

/// A `lang` attribute where the words are not in the reader's language.
pub fn foreign(tag: &str, lang: Lang) -> Option<String> {
    (tag != lang.tag()).then(|| if tag == "zh" { language(Lang::Zh).to_owned() } else { tag.to_owned() })
}

/// A signed fact.
pub fn fact(signed: &Signed, lang: Lang) -> Markup {
    view! {
        <span data-p=signed.pointers.join(" ") data-f=signed.format.attribute()>
            {shown(signed.format, &signed.values, lang)}
        </span>
    }
    .markup()
}

/// A signed fact from an entry named here, where no ancestor names it.
pub fn fact_of(entry: u64, signed: &Signed, lang: Lang) -> Markup {
    view! {
        <span data-e=entry.to_string() data-p=signed.pointers.join(" ") data-f=signed.format.attribute()>
            {shown(signed.format, &signed.values, lang)}
        </span>
    }
    .markup()
}

/// Signed words in the reader's language.
pub fn words(words: &SignedWords, lang: Lang) -> Option<Markup> {
    own(words, lang).map(|(tag, signed)| {
        view! {
            <span lang=foreign(tag, lang) data-p=signed.pointers.join(" ") data-f=signed.format.attribute()>
                {shown(signed.format, &signed.values, lang)}
            </span>
        }
        .markup()
    })
}

/// Signed words from an entry named here.
pub fn words_of(entry: Option<u64>, words: &SignedWords, lang: Lang) -> Option<Markup> {
    own(words, lang).map(|(tag, signed)| {
        view! {
            <span
                lang=foreign(tag, lang)
                data-e=entry.map(|e| e.to_string())
                data-p=signed.pointers.join(" ")
                data-f=signed.format.attribute()
            >
                {shown(signed.format, &signed.values, lang)}
            </span>
        }
        .markup()
    })
}

/// Our own words inside a record.
pub fn ours(words: impl Into<String>) -> Markup {
    view! { <span data-o="">{words.into()}</span> }.markup()
}

/// A text of ours inside a record, with marked values in its places.
pub fn ours_with(lang: Lang, key: &'static str, mut value: impl FnMut(&str) -> Markup) -> Vec<Markup> {
    pieces(text(lang, key))
        .map(|piece| match piece {
            Piece::Text(words) => ours(words),
            Piece::Slot(name) => value(name),
        })
        .collect()
}

/// What a fact or a measurement is called.
pub fn label(label: &Label, lang: Lang) -> Option<Markup> {
    match label {
        Label::Signed(signed) => words(signed, lang),
        Label::Ours(term) => Some(ours(word(term, lang))),
        Label::Term(term) => Some(fact(term, lang)),
    }
}

/// Who made a record, compared with the member's verified entry.
pub fn author(author: &Author, context: &PageContext) -> Markup {
    let lang = context.lang;
    let (tag, name) = author
        .names
        .get_key_value(lang.tag())
        .or_else(|| author.names.get_key_value("en"))
        .or_else(|| author.names.iter().next())
        .map_or(("en", author.id.clone()), |(tag, name)| (tag.as_str(), name.clone()));
    view! { <span data-by=author.id.clone() lang=foreign(tag, lang)>{name}</span> }.markup()
}
