//! What a page must be told besides its content: language and addresses.

use std::sync::Arc;

pub use trace::lang::Lang;

/// Addresses of the files a page loads, known at start. Where one is missing the page still shows every fact and says "not
/// checked".
#[derive(Clone, Debug, Default)]
pub struct SiteFiles {
    /// The item page's scripts with their English words.
    pub scripts_en: Option<Scripts>,
    /// The same in Chinese.
    pub scripts_zh: Option<Scripts>,
    /// The style of what an item's page needs after its check, `style::later`, e.g. `/later.0123.css`.
    pub later: Option<String>,
    /// The verifier, e.g. `/verifier.0123.wasm`.
    pub verifier: Option<String>,
    /// BLAKE3 of the verifier, hex; shown at the foot of every item's page.
    pub verifier_hash: Option<String>,
    /// `public/islands.js` with the addresses of the islands' bundle, which it loads when a form is touched.
    pub islands: Option<String>,
    /// `public/inbox.js`: keys and presence, on the inbox alone.
    pub inbox: Option<String>,
    /// The licences of the reader of codes that `public/reader.js` loads, where the build brought it.
    pub reader_licence: Option<String>,
    /// Whether phones say how their checks ended.
    pub counts: bool,
}

/// Addresses of the item page's scripts in one language; the first two have their words before them.
#[derive(Clone, Debug)]
pub struct Scripts {
    /// `public/page.js` (`texts::script_words`), e.g. `/page.en.0123.js`.
    pub page: String,
    /// `public/more.js` (`texts::more_words`), which the other one fetches when it is asked for.
    pub more: String,
    /// `public/draw.js`, the same in every language: pages with drawings need it.
    pub draw: String,
    /// `public/bundle.js` and `public/stage.js` (`texts::stage_words`): store mode alone.
    pub stage: String,
    /// `public/reader.js` (`texts::reader_words`): what reads the code on a pack, for staff's pages.
    pub reader: String,
    /// `public/advice.js` and `public/scanner.js` (`texts::scanner_words`): the staff scanner alone.
    pub scanner: String,
}

/// Everything a page is rendered with besides its content.
#[derive(Clone, Debug)]
pub struct PageContext {
    /// The reader's language.
    pub lang: Lang,
    /// Where this service is reached, without a slash at the end, e.g. `https://id.talanuur.example`.
    pub public_url: String,
    /// Path and query of this page without `lang`, e.g. `/01/…/21/…`; the language switch adds `lang` to it.
    pub here: String,
    /// Files the page loads.
    pub files: Arc<SiteFiles>,
    /// The reader's device calls itself a phone.
    pub phone: bool,
    /// Demo data: invented companies, one operator.
    pub demo: bool,
}

impl PageContext {
    /// Host name (with port) people compare with the one printed beside the code.
    pub fn host(&self) -> &str {
        self.public_url.split_once("://").map_or(self.public_url.as_str(), |(_, host)| host)
    }

    /// The scripts in the reader's language.
    pub fn scripts(&self) -> Option<&Scripts> {
        match self.lang {
            Lang::En => self.files.scripts_en.as_ref(),
            Lang::Zh => self.files.scripts_zh.as_ref(),
        }
    }

    /// This page's address in another language.
    pub fn in_language(&self, lang: Lang) -> String {
        let joint = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{joint}lang={}", self.here, lang.tag())
    }
}
