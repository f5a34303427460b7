//! Permissions: what a member lets others say of its goods, of whose goods it may speak, who asks whom for it, and numbers that change
//! hands.

use leptos::prelude::*;

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::words::{day, moment, name};
use crate::markup::{IntoMarkup as _, Markup};
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

/// Another member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its id.
    pub id: String,
    /// Language and name of it.
    pub names: std::collections::BTreeMap<String, String>,
}

/// One permission, from the side of whoever reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The other side.
    pub who: Party,
    /// Words of its rights.
    pub rights: Vec<&'static str>,
    /// Beginnings of numbers; none: all.
    pub scopes: Vec<String>,
    /// When it was given as it is.
    pub since_ms: Option<u64>,
    /// When it ends, or ended.
    pub until_ms: Option<u64>,
    /// It has ended by then.
    pub ended: bool,
    /// When the partner's newest record of the owner's goods was logged.
    pub used_ms: Option<u64>,
}

/// A permission that is asked for, from the side of whoever reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The other side.
    pub who: Party,
    /// Words of the rights.
    pub rights: Vec<&'static str>,
    /// Beginnings of numbers; none: all.
    pub scopes: Vec<String>,
    /// Since when.
    pub asked_ms: u64,
    /// Rights and numbers that the form is filled with: what is asked for, and what there is for the same numbers.
    pub whole: (Vec<String>, Vec<String>),
    /// The permission in force, which giving one replaces.
    pub has: Option<Permission>,
}

/// How what one asked for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It waits.
    Open,
    /// The owner gave a permission since.
    Granted,
    /// It did not; from when on one may ask again, where that is not at once.
    Declined(Option<u64>),
    /// Nobody answered for so many days.
    Expired(u64),
}

/// Numbers that change hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// What they begin with.
    pub prefix: String,
    /// Who had them.
    pub from: Option<Party>,
    /// Who has them next.
    pub to: Option<Party>,
    /// From when on.
    pub at_ms: u64,
    /// It has not taken effect yet.
    pub ahead: bool,
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
    /// Who asks it for a permission.
    pub wishes: Vec<Wanted>,
    /// What it asked others for.
    pub asked: Vec<(Wanted, Asked)>,
    /// Numbers that change hands, anybody's.
    pub moves: Vec<Move>,
    /// It owns numbers, so it has something to give.
    pub owns: bool,
    /// It keeps its own key, so it signs on its own side.
    pub own_key: bool,
    /// This account gives, ends, asks and declines for its member.
    pub speaks: bool,
    /// What was wrong with the form that came; its field is the form's name, `give` or `ask`.
    pub fault: Option<Fault>,
    /// What stands in the form that gives.
    pub give: Typed,
    /// What stands in the form that asks.
    pub ask: Typed,
}

/// A form's fields as they came: a form with a fault loses none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The other member's id.
    pub member: String,
    /// Words of the rights that were ticked.
    pub rights: Vec<String>,
    /// Beginnings of numbers.
    pub scopes: String,
}

pub(super) fn page(page: &PartnersPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "console.partners");
    let ends = page.speaks && !page.own_key;
    let body = view! {
        <main class="list partners" id="main">
            <h1>{title}</h1>
            <p class="soft">{text(lang, "console.partners.what")}</p>
            {(!page.speaks).then(|| page.fault.as_ref().map(|fault| view! { <p class="fault" role="alert">{said(fault, lang)}</p> }))}
            {moves(&page.moves, lang)}
            {wishes(page, lang)}
            {page.owns.then(|| view! {
                <h2 class="title">{text(lang, "console.partners.given")}</h2>
                {permissions(&page.given, "console.partners.given.none", ends, lang)}
                {page.speaks.then(|| if page.own_key { own_key(page, lang) } else { form(page, GIVE, lang) })}
            })}
            <h2 class="title">{text(lang, "console.partners.held")}</h2>
            {permissions(&page.held, "console.partners.held.none", false, lang)}
            {asked(page, lang)}
            {page.speaks.then(|| form(page, ASK, lang))}
            {(page.owns && page.speaks).then(|| view! { <p><a href="/console/objections">{text(lang, "console.objection.link")}</a></p> })}
        </main>
    };
    frame(&page.reader, "/console/partners", title.to_owned(), 0, body, context)
}

fn called(who: &Party, lang: Lang) -> String {
    name(&who.names, lang).unwrap_or(&who.id).to_owned()
}

fn heading(who: &Party, lang: Lang) -> Markup {
    view! { <h3>{called(who, lang)} " " <small class="soft">{who.id.clone()}</small></h3> }.markup()
}

/// What may be said, of which numbers.
fn rights_of(rights: &[&'static str], scopes: &[String], lang: Lang) -> Markup {
    let rights: Vec<_> =
        RIGHTS.iter().filter(|(word, _)| rights.contains(word)).map(|(_, key)| view! { <li>{text(lang, key)}</li> }).collect();
    let scopes = match scopes {
        [] => text(lang, "console.partners.all").to_owned(),
        some => fill(lang, "console.partners.some", &[("numbers", &some.join(text(lang, "console.partners.and")))]),
    };
    view! { <ul>{rights}</ul> <p class="soft">{scopes}</p> }.markup()
}

/// A form of one button about one other member.
fn act(action: &'static str, field: &'static str, id: &str, button: &'static str, label: &'static str, lang: Lang) -> Markup {
    view! {
        <form method="post" action=format!("/console/partners/{action}")>
            <input type="hidden" name=field value=id.to_owned()/>
            <button type="submit" class="quiet" aria-label=fill(lang, label, &[("who", id)])>{text(lang, button)}</button>
        </form>
    }
    .markup()
}

/// When a permission ends, or that it has.
fn until(one: &Permission, lang: Lang) -> Option<String> {
    let key = if one.ended { "console.partners.ended" } else { "console.partners.until" };
    one.until_ms.map(|ms| fill(lang, key, &[("when", &moment(ms, lang))]))
}

/// What a partner has today, beside a form that would replace it.
fn today(has: &Permission, lang: Lang) -> Markup {
    view! {
        <div class="today">
            <p>{text(lang, "console.partners.has")}</p>
            {rights_of(&has.rights, &has.scopes, lang)}
            {until(has, lang).map(|until| view! { <p class="soft">{until}</p> })}
            <p>{text(lang, "console.partners.has.replaced")}</p>
        </div>
    }
    .markup()
}

fn permissions(all: &[Permission], none: &'static str, ends: bool, lang: Lang) -> Markup {
    if all.is_empty() {
        return view! { <p>{text(lang, none)}</p> }.markup();
    }
    let row = |one: &Permission| {
        let since = one.since_ms.map(|ms| fill(lang, "console.partners.since", &[("day", &day(ms, lang))]));
        // Letters that are read, and goods that are named as inputs, leave no record of the owner's goods.
        let recorded = one.rights.iter().any(|right| !["store", "contact", "input"].contains(right));
        let used = match one.used_ms {
            Some(ms) => fill(lang, "console.partners.used", &[("day", &day(ms, lang))]),
            None if recorded => text(lang, "console.partners.unused").to_owned(),
            None => String::new(),
        };
        view! {
            <li>
                {heading(&one.who, lang)}
                {rights_of(&one.rights, &one.scopes, lang)}
                <p class="soft">{since} {if lang == Lang::Zh { "" } else { " " }} {used}</p>
                {until(one, lang).map(|until| view! { <p class=if one.ended { "" } else { "soft" }>{until}</p> })}
                {(ends && !one.ended).then(|| act("end", "partner", &one.who.id, "console.partners.end", "console.partners.end.of", lang))}
            </li>
        }
    };
    view! { <ul class="permissions">{all.iter().map(row).collect_view()}</ul> }.markup()
}

/// Numbers that change hands: everybody is told, before and for some time after.
fn moves(moves: &[Move], lang: Lang) -> Option<Markup> {
    let row = |one: &Move| {
        let nobody = || text(lang, "console.partners.move.nobody").to_owned();
        let who = |party: &Option<Party>| party.as_ref().map_or_else(nobody, |party| format!("{} ({})", called(party, lang), party.id));
        let key = if one.ahead { "console.partners.move.ahead" } else { "console.partners.move.done" };
        let words = fill(
            lang,
            key,
            &[("prefix", &one.prefix), ("from", &who(&one.from)), ("to", &who(&one.to)), ("when", &moment(one.at_ms, lang))],
        );
        view! { <li>{words}</li> }
    };
    (!moves.is_empty()).then(|| {
        view! {
            <h2 class="title">{text(lang, "console.partners.moves")}</h2>
            <ul class="permissions">{moves.iter().map(row).collect_view()}</ul>
            <p class="soft">{text(lang, "console.partners.moves.what")}</p>
        }
        .markup()
    })
}

/// Who asks for a permission.
fn wishes(page: &PartnersPage, lang: Lang) -> Option<Markup> {
    let row = |one: &Wanted| {
        let grant = if page.own_key {
            let rights: String = one.whole.0.iter().map(|right| format!(" --right {right}")).collect();
            let scopes: String = one.whole.1.iter().map(|scope| format!(" --scope {scope}")).collect();
            command(&page.member, &one.who.id, &format!("{rights}{scopes}")).markup()
        } else {
            let address = format!("/console/partners?give={}#give", one.who.id);
            view! { <p><a href=address>{text(lang, "console.partners.wish.fill")}</a></p> }.markup()
        };
        view! {
            <li>
                {heading(&one.who, lang)}
                {rights_of(&one.rights, &one.scopes, lang)}
                <p class="soft">{fill(lang, "console.partners.wish.since", &[("day", &day(one.asked_ms, lang))])}</p>
                {one.has.as_ref().map(|has| today(has, lang))}
                {grant}
                {act("decline", "partner", &one.who.id, "console.partners.decline", "console.partners.decline.of", lang)}
            </li>
        }
    };
    (!page.wishes.is_empty()).then(|| {
        view! {
            <h2 class="title" id="wishes">{text(lang, "console.partners.wishes")}</h2>
            <ul class="permissions">{page.wishes.iter().map(row).collect_view()}</ul>
        }
        .markup()
    })
}

/// What the reader's member asked others for.
fn asked(page: &PartnersPage, lang: Lang) -> Option<Markup> {
    let row = |(one, how): &(Wanted, Asked)| {
        let on = |key, ms| fill(lang, key, &[("day", &day(ms, lang))]);
        let state = match how {
            Asked::Open => on("console.partners.asked.open", one.asked_ms),
            Asked::Granted => text(lang, "console.partners.asked.granted").to_owned(),
            Asked::Declined(Some(again)) => on("console.partners.asked.declined", *again),
            Asked::Declined(None) => text(lang, "console.partners.asked.ended").to_owned(),
            Asked::Expired(days) => fill(lang, "console.partners.asked.expired", &[("days", &days.to_string())]),
        };
        let open = *how == Asked::Open;
        view! {
            <li>
                {heading(&one.who, lang)}
                {rights_of(&one.rights, &one.scopes, lang)}
                <p>{state}</p>
                {open.then(|| act("withdraw", "owner", &one.who.id, "console.partners.withdraw", "console.partners.withdraw.of", lang))}
            </li>
        }
    };
    (!page.asked.is_empty()).then(|| {
        view! {
            <h2 class="title">{text(lang, "console.partners.asked")}</h2>
            <ul class="permissions">{page.asked.iter().map(row).collect_view()}</ul>
        }
        .markup()
    })
}

/// What an owner that keeps its own key runs to give a permission.
fn command(member: &str, partner: &str, rights: &str) -> Markup {
    let line = format!("leafproof grant add --owner {member} --partner {partner}{rights} --key FILE --rights rights.json --out grant.lps");
    view! { <pre tabindex="0"><code>{line}</code></pre> }.markup()
}

/// The key lies with the owner, so the permission is signed there.
fn own_key(page: &PartnersPage, lang: Lang) -> Markup {
    view! { <p>{text(lang, "console.partners.own")}</p> {command(&page.member, "ID", " --right record")} }.markup()
}

/// One of the two forms: its name, where it goes to, the field of the other member, and the keys of its words.
struct Form {
    name: &'static str,
    action: &'static str,
    field: &'static str,
    title: &'static str,
    member: &'static str,
    rights: &'static str,
    hint: &'static str,
    button: &'static str,
}

const GIVE: Form = Form {
    name: "give",
    action: "/console/partners",
    field: "partner",
    title: "console.partners.give",
    member: "console.partners.id",
    rights: "console.partners.rights",
    hint: "console.partners.scopes.hint",
    button: "console.partners.do",
};

const ASK: Form = Form {
    name: "ask",
    action: "/console/partners/ask",
    field: "owner",
    title: "console.partners.ask",
    member: "console.partners.ask.id",
    rights: "console.partners.ask.may",
    hint: "console.partners.ask.hint",
    button: "console.partners.ask.do",
};

fn form(page: &PartnersPage, form: Form, lang: Lang) -> Markup {
    let Form { name, action, field, title, member, rights, hint, button } = form;
    let typed = if name == GIVE.name { &page.give } else { &page.ask };
    let fault = page.fault.as_ref().filter(|fault| fault.field == name);
    let wrong = fault.map(|fault| view! { <p class="fault" role="alert" id=format!("{name}-fault")>{said(fault, lang)}</p> });
    let (id, scopes) = (format!("{name}-{field}"), format!("{name}-scopes"));
    let replaced = page.given.iter().find(|given| name == GIVE.name && given.who.id == typed.member && !given.ended);
    let boxes = RIGHTS.map(|(word, key)| {
        let ticked = typed.rights.iter().any(|right| right == word);
        view! { <label><input type="checkbox" name=format!("right-{word}") checked=ticked/> " " {text(lang, key)}</label> }
    });
    view! {
        <form method="post" action=action class="answering giving" id=name>
            <h3>{text(lang, title)}</h3>
            {wrong}
            <label for=id.clone()>{text(lang, member)}</label>
            <input id=id name=field required maxlength="64" autocapitalize="none" spellcheck="false" value=typed.member.clone()
                aria-invalid=fault.map(|_| "true") aria-describedby=fault.map(|_| format!("{name}-fault"))/>
            <fieldset><legend>{text(lang, rights)}</legend>{boxes.into_iter().collect_view()}</fieldset>
            <label for=scopes.clone()>{text(lang, "console.partners.scopes")}</label>
            <input id=scopes.clone() name="scopes" inputmode="numeric" maxlength="255" value=typed.scopes.clone()
                aria-describedby=format!("{scopes}-hint")/>
            <p class="hint" id=format!("{scopes}-hint")>{text(lang, hint)}</p>
            {replaced.map(|has| today(has, lang))}
            <button type="submit">{text(lang, button)}</button>
        </form>
    }
    .markup()
}
