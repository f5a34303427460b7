//! Permissions: what a member lets others say of its goods, and of whose goods it may speak.

use leptos::prelude::*;

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::words::name;
use crate::texts::{fill, text};

/// The words of rights, in the order of the form, each with the key of its sentence.
pub const RIGHTS: [(&str, &str); 9] = [
    ("record", "console.right.record"),
    ("pack", "console.right.pack"),
    ("issue", "console.right.issue"),
    ("input", "console.right.input"),
    ("alert", "console.right.alert"),
    ("dates", "console.right.dates"),
    ("words", "console.right.words"),
    ("store", "console.right.store"),
    ("contact", "console.right.contact"),
];

/// One permission, from the side of whoever reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The other member's id.
    pub id: String,
    /// Language and name of it.
    pub names: std::collections::BTreeMap<String, String>,
    /// Words of its rights.
    pub rights: Vec<&'static str>,
    /// Beginnings of numbers; none: all.
    pub scopes: Vec<String>,
}

/// The page.
#[derive(Clone, Debug)]
pub struct PartnersPage {
    /// Who reads.
    pub reader: Reader,
    /// The reader's member.
    pub member: String,
    /// What it lets others say.
    pub given: Vec<Permission>,
    /// What others let it say.
    pub held: Vec<Permission>,
    /// It owns numbers, so it has something to give.
    pub owns: bool,
    /// It keeps its own key, so it signs on its own side.
    pub own_key: bool,
    /// This account may give and end.
    pub may_give: bool,
    /// What was wrong with the form that came: the key of a sentence.
    pub fault: Option<&'static str>,
    /// What was typed into it.
    pub typed: Typed,
}

/// The form's fields as they came: a form with a fault loses none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The partner.
    pub partner: String,
    /// Words of the rights that were ticked.
    pub rights: Vec<String>,
    /// Beginnings of numbers.
    pub scopes: String,
}

pub(super) fn page(page: &PartnersPage, context: &PageContext) -> AnyView {
    let lang = context.lang;
    let title = text(lang, "console.partners");
    let ends = page.may_give && !page.own_key;
    let body = view! {
        <main class="list partners">
            <h1>{title}</h1>
            <p class="soft">{text(lang, "console.partners.what")}</p>
            {page.owns.then(|| view! {
                <h2 class="title">{text(lang, "console.partners.given")}</h2>
                {permissions(&page.given, "console.partners.given.none", ends, lang)}
                {page.may_give.then(|| if page.own_key { own_key(page, lang) } else { form(page, lang) })}
            })}
            <h2 class="title">{text(lang, "console.partners.held")}</h2>
            {permissions(&page.held, "console.partners.held.none", false, lang)}
        </main>
    };
    frame(&page.reader, "/console/partners", title.to_owned(), 0, body, context)
}

fn permissions(all: &[Permission], none: &'static str, ends: bool, lang: Lang) -> AnyView {
    if all.is_empty() {
        return view! { <p>{text(lang, none)}</p> }.into_any();
    }
    let row = |one: &Permission| {
        let rights: Vec<_> =
            RIGHTS.iter().filter(|(word, _)| one.rights.contains(word)).map(|(_, key)| view! { <li>{text(lang, key)}</li> }).collect();
        let scopes = match one.scopes.as_slice() {
            [] => text(lang, "console.partners.all").to_owned(),
            some => fill(lang, "console.partners.some", &[("numbers", &some.join(text(lang, "console.partners.and")))]),
        };
        let end = ends.then(|| {
            let label = fill(lang, "console.partners.end.of", &[("who", &one.id)]);
            view! {
                <form method="post" action="/console/partners/end">
                    <input type="hidden" name="partner" value=one.id.clone()/>
                    <button type="submit" class="quiet" aria-label=label>{text(lang, "console.partners.end")}</button>
                </form>
            }
        });
        view! {
            <li>
                <h3>{name(&one.names, lang).unwrap_or(&one.id).to_owned()} " " <small class="soft">{one.id.clone()}</small></h3>
                <ul>{rights}</ul>
                <p class="soft">{scopes}</p>
                {end}
            </li>
        }
    };
    view! { <ul class="permissions">{all.iter().map(row).collect_view()}</ul> }.into_any()
}

/// The key lies with the owner, so the permission is signed there.
fn own_key(page: &PartnersPage, lang: Lang) -> AnyView {
    let command =
        format!("leafproof grant add --owner {} --partner ID --right record --key FILE --rights rights.json --out grant.lps", page.member);
    view! { <p>{text(lang, "console.partners.own")}</p> <pre tabindex="0"><code>{command}</code></pre> }.into_any()
}

fn form(page: &PartnersPage, lang: Lang) -> AnyView {
    let wrong = page.fault.map(|key| view! { <p class="fault" role="alert" id="partner-fault">{text(lang, key)}</p> });
    let invalid = page.fault.map(|_| "true");
    let typed = &page.typed;
    let boxes = RIGHTS.map(|(word, key)| {
        let ticked = typed.rights.iter().any(|right| right == word);
        view! { <label><input type="checkbox" name=format!("right-{word}") checked=ticked/> " " {text(lang, key)}</label> }
    });
    view! {
        <form method="post" action="/console/partners" class="answering giving">
            <h3>{text(lang, "console.partners.give")}</h3>
            {wrong}
            <label for="partner">{text(lang, "console.partners.id")}</label>
            <input id="partner" name="partner" required maxlength="64" autocapitalize="none" spellcheck="false" value=typed.partner.clone()
                aria-invalid=invalid aria-describedby=page.fault.map(|_| "partner-fault")/>
            <fieldset><legend>{text(lang, "console.partners.rights")}</legend>{boxes.into_iter().collect_view()}</fieldset>
            <label for="scopes">{text(lang, "console.partners.scopes")}</label>
            <input id="scopes" name="scopes" inputmode="numeric" maxlength="255" value=typed.scopes.clone() aria-describedby="scopes-hint"/>
            <p class="hint" id="scopes-hint">{text(lang, "console.partners.scopes.hint")}</p>
            <button type="submit">{text(lang, "console.partners.do")}</button>
        </form>
    }
    .into_any()
}
