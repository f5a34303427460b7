//! `/verify`: one file that checks a saved proof with the network off. It carries the verifier, the rules and both languages'
//! words, loads nothing, and its policy lets it ask nobody; so it can be saved, and served by somebody else.

use leptos::prelude::*;

use crate::context::Lang;
use crate::markup::{IntoMarkup as _, Markup};
use crate::shell::language;
use crate::style;
use crate::texts::{text, verify_words};

/// What the page carries.
#[derive(Clone, Debug)]
pub struct VerifyPage {
    /// The rules, as they are given to the verifier.
    pub policy: String,
    /// The verifier, base64; empty where the server was started without one.
    pub verifier: String,
    /// Its BLAKE3, hex.
    pub verifier_hash: Option<String>,
    /// The script of [`script`].
    pub script: String,
    /// The content security policy that fits [`script`] and [`styles`]: nothing may be loaded or sent.
    pub csp: String,
}

/// The whole script: words of both languages, the reader's choice, then the two files of `public/`.
pub fn script(page_js: &str, verify_js: &str) -> String {
    let (en, zh) = (verify_words(Lang::En), verify_words(Lang::Zh));
    let choice = "const asked=location.hash.slice(1)||new URLSearchParams(location.search).get('lang')||navigator.language||'';";
    format!("const WS={{en:{en},zh:{zh}}};{choice}const W=/^zh/i.test(asked)?WS.zh:WS.en;\n{page_js}\n{verify_js}")
}

/// The style that [`html`] inlines.
pub fn styles() -> &'static str {
    style::verify()
}

/// The file.
pub fn html(page: VerifyPage) -> String {
    crate::render::html(move || {
        let (en, zh) = (body(Lang::En, &page), body(Lang::Zh, &page));
        view! {
            <html lang="en">
                <head>
                    <meta charset="utf-8"/>
                    <meta http-equiv="Content-Security-Policy" content=page.csp/>
                    <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover"/>
                    <title>{text(Lang::En, "verify.title")}</title>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="referrer" content="no-referrer"/>
                    <link rel="icon" href="data:,"/>
                    <style inner_html=styles()></style>
                </head>
                <body>
                    <header class="top verify-top">
                        <div class="who">"Leafproof"</div>
                        <button type="button" class="tap" data-tongue="zh" lang="zh-CN" hidden>"中文"</button>
                        <button type="button" class="tap" data-tongue="en" lang="en" hidden>"English"</button>
                    </header>
                    {en}
                    {zh}
                    <pre id="policy" hidden>{page.policy}</pre>
                    <pre id="verifier" hidden>{page.verifier}</pre>
                    <script inner_html=page.script></script>
                </body>
            </html>
        }
        .markup()
    })
}

fn body(lang: Lang, page: &VerifyPage) -> Markup {
    let hash = page.verifier_hash.clone().map(|hash| view! { <p class="fine">{text(lang, "verify.about.3")} " " <code>{hash}</code></p> });
    view! {
        <main class="lone verify" lang=language(lang) data-lang=lang.tag() data-title=text(lang, "verify.title")>
            <div class="name">
                <h1>{text(lang, "verify.title")}</h1>
                <p>{text(lang, "verify.lead")}</p>
                <noscript><p class="warn">{text(lang, "verify.off")}</p></noscript>
                <div class="choose needs" hidden>
                    <label class="go">{text(lang, "verify.choose")}<input type="file" class="proof" accept=".lpb,application/octet-stream"/></label>
                    <p class="hint">{text(lang, "verify.drop")}</p>
                </div>
            </div>
            <div class="state" role="status">
                <svg class="m" viewBox="0 0 20 24" aria-hidden="true"></svg>
                <div><h2></h2><p></p></div>
            </div>
            <div class="told"></div>
            <section class="clause">
                <h2>{text(lang, "verify.rules")}</h2>
                <div>
                    <p>{text(lang, "verify.rules.text")}</p>
                    <pre class="policy"></pre>
                    <label class="other needs" hidden>{text(lang, "verify.rules.choose")}<input type="file" class="rules"/></label>
                </div>
            </section>
            <section class="clause">
                <h2>{text(lang, "verify.about")}</h2>
                <div>
                    <p>{text(lang, "verify.about.1")}</p>
                    <p>{text(lang, "verify.about.2")}</p>
                    {hash}
                </div>
            </section>
        </main>
    }
    .markup()
}
