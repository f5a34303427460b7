//! The owner of a number objects to what another recorded of its goods. Nothing is hidden by it: both stand side by side.

use leptos::prelude::*;

use super::{Reader, frame};
use crate::context::{Lang, PageContext};
use crate::feedback::form::{Fault, said};
use crate::feedback::receipt::grouped;
use crate::feedback::words::{escape, moment, name};
use crate::markup::{IntoMarkup as _, Markup};
use crate::texts::{fill, text};

/// The form's fields as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Typed {
    /// The record's entry.
    pub entry: String,
    /// Addresses of goods.
    pub goods: String,
    /// The reason in English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl Typed {
    /// The entry's number, as people copy it: `#12,345` too.
    pub fn number(&self) -> Option<u64> {
        self.entry.trim().trim_start_matches('#').replace(',', "").parse().ok()
    }
}

/// The record that is objected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its entry.
    pub entry: u64,
    /// Its author's id.
    pub who: String,
    /// Its author's names.
    pub names: std::collections::BTreeMap<String, String>,
    /// When it happened.
    pub at_ms: u64,
    /// Of how many of the owner's goods.
    pub goods: usize,
}

/// What was just recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing.
    Nothing,
    /// An objection.
    Objected {
        /// The record.
        target: u64,
        /// The objection.
        index: u64,
    },
    /// An objection's end.
    TakenBack {
        /// The record.
        target: u64,
        /// The end.
        index: u64,
    },
}

/// The page.
#[derive(Clone, Debug)]
pub struct ObjectionPage {
    /// Who reads.
    pub reader: Reader,
    /// The reader's member.
    pub member: String,
    /// This account objects for its member.
    pub speaks: bool,
    /// The member keeps its own key.
    pub own_key: bool,
    /// What the number in the form leads to.
    pub subject: Option<Shown>,
    /// That record and the member's objection to it, while that stands.
    pub standing: Option<(u64, u64)>,
    /// The fields.
    pub typed: Typed,
    /// What is wrong with which of them.
    pub fault: Option<Fault>,
    /// What was just recorded.
    pub done: Done,
    /// Characters of a reason.
    pub reason_max: usize,
}

pub(super) fn page(page: &ObjectionPage, context: &PageContext) -> Markup {
    let lang = context.lang;
    let title = text(lang, "console.objection");
    let done = match page.done {
        Done::Nothing => None,
        Done::Objected { target, index } => Some(("console.objection.done", target, index)),
        Done::TakenBack { target, index } => Some(("console.objection.ended", target, index)),
    };
    let done = done.map(|(key, target, index)| {
        let words = fill(lang, key, &[("target", &grouped(target)), ("n", &grouped(index))]);
        view! { <p role="status">{words}</p> }
    });
    let body = view! {
        <main class="list partners" id="main">
            <p><a href="/console/partners">{text(lang, "console.partners")}</a></p>
            <h1>{title}</h1>
            <p class="soft">{text(lang, "console.objection.what")}</p>
            {done}
            {if page.own_key { own_key(page, lang) } else { view! { {take_back(page, lang)} {form(page, lang)} }.markup() }}
        </main>
    };
    frame(&page.reader, "/console/partners", title.to_owned(), 0, body, context)
}

/// The key lies with the owner, so the objection is signed there.
fn own_key(page: &ObjectionPage, lang: Lang) -> Markup {
    let sign = format!("leafproof objection sign target.json --owner {} --reason en=TEXT --key FILE --out objection.lps", page.member);
    let end = format!("leafproof objection end ENTRY --target target.json --owner {} --key FILE --out objection.lps", page.member);
    view! {
        <p>{text(lang, "console.objection.own")}</p>
        <pre tabindex="0"><code>{sign}</code></pre>
        <p>{text(lang, "console.objection.own.end")}</p>
        <pre tabindex="0"><code>{end}</code></pre>
    }
    .markup()
}

/// The objection that stands, with the button that takes it back.
fn take_back(page: &ObjectionPage, lang: Lang) -> Option<Markup> {
    let (target, index) = page.standing?;
    let words = fill(lang, "console.objection.stands", &[("target", &grouped(target)), ("n", &grouped(index))]);
    let form = view! {
        <form method="post" action="/console/objections/end" class="answering giving">
            <p id="stands">{words}</p>
            <input type="hidden" name="entry" value=target.to_string()/>
            <button type="submit" aria-describedby="stands" disabled=!page.speaks>{text(lang, "console.objection.end")}</button>
        </form>
    };
    Some(form.markup())
}

fn beside(page: &ObjectionPage, field: &str, lang: Lang) -> Option<Markup> {
    let fault = page.fault.as_ref().filter(|fault| fault.field == field)?;
    Some(view! { <p class="fault" role="alert" id=format!("e-{field}")>{said(fault, lang)}</p> }.markup())
}

fn form(page: &ObjectionPage, lang: Lang) -> Markup {
    let typed = &page.typed;
    let invalid = |field: &str| page.fault.as_ref().filter(|fault| fault.field == field).map(|_| "true");
    let points = |field: &str, hint: &str| match invalid(field) {
        Some(_) => format!("e-{field} {hint}"),
        None => hint.to_owned(),
    };
    let subject = page.subject.as_ref().map(|found| {
        let who = name(&found.names, lang).unwrap_or(&found.who);
        let values = [
            ("n", &*grouped(found.entry)),
            ("who", who),
            ("id", &found.who),
            ("when", &moment(found.at_ms, lang)),
            ("goods", &found.goods.to_string()),
        ];
        view! { <p>{fill(lang, "console.objection.found", &values)}</p> }
    });
    let max = page.reason_max.to_string();
    let reason = |field: &'static str, label: &'static str, words: &str| {
        let id = format!("reason-{field}");
        view! {
            <label for=id.clone()>{text(lang, label)}</label>
            {beside(page, field, lang)}
            <textarea id=id name=field rows="3" maxlength=max.clone() lang=field
                aria-invalid=invalid(field) aria-describedby=points(field, "reason-hint") inner_html=escape(words)></textarea>
        }
    };
    view! {
        <form method="post" action="/console/objections" class="answering giving">
            {beside(page, "", lang)}
            <label for="entry">{text(lang, "console.objection.entry")}</label>
            {beside(page, "entry", lang)}
            <input id="entry" name="entry" required inputmode="numeric" maxlength="24" value=typed.entry.clone()
                aria-invalid=invalid("entry") aria-describedby=points("entry", "entry-hint")/>
            <p class="hint" id="entry-hint">{text(lang, "console.objection.entry.hint")}</p>
            {subject}
            <label for="goods">{text(lang, "console.objection.goods")}</label>
            {beside(page, "goods", lang)}
            <input id="goods" name="goods" maxlength="2000" value=typed.goods.clone()
                aria-invalid=invalid("goods") aria-describedby=points("goods", "goods-hint")/>
            <p class="hint" id="goods-hint">{text(lang, "console.objection.goods.hint")}</p>
            {reason("zh", "console.objection.zh", &typed.zh)}
            {reason("en", "console.objection.en", &typed.en)}
            <p class="hint" id="reason-hint">{fill(lang, "console.objection.reason.hint", &[("max", &max)])}</p>
            <button type="submit" disabled=!page.speaks>{text(lang, "console.objection.do")}</button>
            <button type="submit" class="quiet" formmethod="get" formnovalidate=true disabled=!page.speaks>{text(lang, "console.objection.look")}</button>
        </form>
    }
    .markup()
}
