//! `leafproof serve`: wires the parts, says where to look, and runs until it is told to stop.

pub mod connections;
pub mod outgoing;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::context::{Lang, Scripts, SiteFiles};
use engine::{Engine, Options};
use tokio::net::TcpListener;
use trace::page::CodeHistory;

use crate::assets::{Assets, PAGE_SCRIPT, without_comments};
use crate::config::{Config, Switch};
use crate::demo::cosigners;
use crate::feedback::desk::Site;
use crate::feedback::{Desk, PageSource, letters};
use crate::gather;
use crate::http::kept::names::KeptNames;
use crate::http::kept::pages::KeptPages;
use crate::http::kept::proofs::KeptProofs;
use crate::media::Media;
use crate::pages::{self, Scanned};
use crate::serials::{self, Serials};
use crate::share::Room;
use crate::state::{AppState, Parts};
use crate::{cli, demo, door, http, terminal, verify_page};

/// What the page's script fetches when it is asked for.
const MORE_SCRIPT: &str = include_str!("../../public/more.js");
const DRAW_SCRIPT: &str = include_str!("../../public/draw.js");
/// Store mode's: what takes a proof apart, and the stage.
const BUNDLE_SCRIPT: &str = include_str!("../../public/bundle.js");
const STAGE_SCRIPT: &str = include_str!("../../public/stage.js");
/// Staff's: what reads the code on a pack; what decides; the scanner.
const READER_SCRIPT: &str = include_str!("../../public/reader.js");
const ADVICE_SCRIPT: &str = include_str!("../../public/advice.js");
const SCANNER_SCRIPT: &str = include_str!("../../public/scanner.js");
/// The inbox's.
const INBOX_SCRIPT: &str = include_str!("../../public/inbox.js");
const ISLANDS_SCRIPT: &str = include_str!("../../public/islands.js");
/// How often contact data past its time is looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

type Failure = Box<dyn Error + Send + Sync>;

/// Serves until Ctrl-C or SIGTERM.
pub fn serve(config: Config) -> Result<(), Failure> {
    terminal::log();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(run(config));
    // Dropping it would wait for whatever blocks, a co-signer that does not answer among it.
    runtime.shutdown_timeout(Duration::from_secs(connections::DRAIN_SECONDS));
    ended
}

async fn run(config: Config) -> Result<(), Failure> {
    base::private::own(&config.data)?;
    let mut options = Options::new(&config.data, &config.origin(), store_local::open);
    options.first.governance.clone_from(&config.governance);
    if config.demo && !config.data.join("policy").exists() {
        options.first.cosigners = cosigners::introduce(&config.data, &options.origin)?;
    }
    let opened = Engine::open(options)?;
    if let Some(reason) = &opened.recovered.reason {
        tracing::warn!(bytes = opened.recovered.cut, reason, "unacknowledged bytes were cut off the journal");
    }
    let engine = opened.engine;
    if !config.demo && engine.keys().governance().is_some() {
        tracing::warn!(
            key = %config.data.join("keys/governance").display(),
            "the governance key lies on this server, so whoever runs it can make anybody a member: right for a trial, wrong for a ledger that \
             others shall believe. Make one elsewhere (leafproof keygen governance --vkey NAME) and start a new data directory with --governance VKEY"
        );
    }
    let media = Media::open(&config.data)?;
    if config.demo {
        load_demo(&engine, &media, &config).await?;
    }
    let listener = TcpListener::bind(config.address()).await.map_err(|e| {
        format!("cannot listen on {}: {e}. Another program may be using it; choose another with PORT or --listen", config.address())
    })?;
    let address = listener.local_addr()?;
    let public_url = config.public_url.clone().unwrap_or_else(|| terminal::public_url(address));
    let state = wire(&config, engine.clone(), media, public_url.clone())?;
    let outbox = outgoing::outbox(&config.outgoing, &engine, public_url.trim_end_matches('/'))?;
    if config.outgoing.allow_local_webhooks {
        tracing::warn!(
            "webhooks may go to this machine and to networks behind it, for everybody with an account: right for tests and closed networks"
        );
    }
    outgoing::start(outbox, &engine);
    sweep_by_itself(engine.clone());
    follow_serials(state.clone());
    let policy = engine.keys().policy();
    let (_children, mut cosigners) = if config.demo && cosigners::belong_to(&config.data) {
        let local = SocketAddr::from(([127, 0, 0, 1], address.port()));
        let (data, origin) = (config.data.clone(), policy.logs()[0].vkey.name().to_owned());
        tokio::task::spawn_blocking(move || cosigners::start(&data, &origin, &format!("http://{local}"))).await?
    } else {
        Default::default()
    };
    cosigners.extend(gather::addresses(policy));
    gather::start(&engine, cosigners);
    let router = http::build_router(state).layer(axum::middleware::from_fn(http::headers::with_host));
    // Kept until the end: it closes where this one goes.
    let _door = match door::open(&engine, &config.data, cli::by_door) {
        Ok(door) => Some(door),
        Err(error) => {
            tracing::warn!(%error, "no commands are taken beside this server: it has to be stopped for `leafproof member` and the like");
            None
        }
    };
    say_where(&config, address, &public_url);
    let limits = connections::Limits::of_this_process(config.trusted_proxies > 0);
    connections::serve(listener, router, limits, told_to_stop()).await;
    tracing::info!("stopping: what is queued is written");
    Ok(())
}

async fn load_demo(engine: &Engine, media: &Media, config: &Config) -> Result<(), Failure> {
    if config.data.join("demo.tsv").exists() {
        return Ok(());
    }
    if engine.view().size() > 0 {
        let why = "holds records, but its demo was not loaded whole: choose a new folder with DATA or --data, or delete this one";
        return Err(format!("{} {why}", config.data.display()).into());
    }
    tracing::info!(data = %config.data.display(), "loading the demo");
    demo::load(engine, media, &config.data, |line| tracing::info!("{line}")).await?;
    Ok(())
}

/// All that handlers need, from an open engine.
pub fn wire(config: &Config, engine: Engine, media: Media, public_url: String) -> Result<AppState, Failure> {
    let site = config.site();
    let mut assets = match Assets::read(&site) {
        Ok(assets) => assets,
        Err(e) => {
            tracing::warn!(folder = %site.display(), error = %e, "no web files: pages cannot check anything. Build them: make build");
            Assets::default()
        }
    };
    let served = |name: &Option<String>| name.as_ref().map(|n| format!("/_/{n}"));
    let verifier = served(&assets.verifier);
    let verifier_hash = assets.verifier_hash.clone();
    let islands = served(&assets.islands).zip(served(&assets.islands_wasm)).map(|(js, wasm)| {
        let script = ISLANDS_SCRIPT.replace("{js}", &js).replace("{wasm}", &wasm);
        format!("/_/{}", assets.add("islands", "js", without_comments(&script).into_bytes()))
    });
    let later = format!("/_/{}", assets.add("later", "css", app::style::later().as_bytes().to_vec()));
    let is_demo = config.demo || config.data.join("demo.tsv").exists();
    // The build makes scripts small where it has Node; without it they lose their comments here.
    let small =
        |assets: &Assets, stem: &str, source: &str| assets.text(&format!("scripts/{stem}.js")).unwrap_or_else(|| without_comments(source));
    let drawing = small(&assets, "draw", DRAW_SCRIPT);
    let draw = format!("/_/{}", assets.add("draw", "js", drawing.into_bytes()));
    let inbox = small(&assets, "inbox", INBOX_SCRIPT);
    let inbox = Some(format!("/_/{}", assets.add("inbox", "js", inbox.into_bytes())));
    let bundle = small(&assets, "bundle", BUNDLE_SCRIPT);
    let advice = small(&assets, "advice", ADVICE_SCRIPT);
    let [reader_script, reader_wasm, reader_licence] = [".js", ".wasm", ".txt"].map(|end| served(&assets.reader(end)));
    if reader_script.is_none() {
        tracing::warn!("no reader of codes in the web files: staff's pages read them only where the browser can. Build it: make build");
    }
    let counts = config.count_checks == Switch::On;
    let policy = engine.keys().policy().encode();
    let mut scripts = |lang: Lang| {
        let mut add = |stem: &str, words: String, source: &str| {
            let text = words + &small(&assets, stem, source);
            format!("/_/{}", assets.add(&format!("{stem}.{}", lang.tag()), "js", text.into_bytes()))
        };
        let more = add("more", app::texts::more_words(lang, counts), MORE_SCRIPT);
        let site = app::texts::Site {
            public_url: &public_url,
            verifier: verifier.as_deref(),
            policy: &policy,
            more: &more,
            draw: &draw,
            later: &later,
            demo: is_demo,
        };
        let hash = |bytes: &[u8]| ledger::hash(bytes).to_string();
        let known = app::texts::script_words(lang, verifier_hash.as_deref(), hash) + &app::texts::script_site(&site, hash);
        let page = add("page", known, PAGE_SCRIPT);
        let stage = add("stage", app::texts::stage_words(lang) + &bundle, STAGE_SCRIPT);
        let words = app::texts::reader_words(lang, reader_script.as_deref(), reader_wasm.as_deref());
        let reader = add("reader", words, READER_SCRIPT);
        let scanner = add("scanner", app::texts::scanner_words(lang) + &advice, SCANNER_SCRIPT);
        Some(Scripts { page, more, draw: draw.clone(), stage, reader, scanner })
    };
    let (scripts_en, scripts_zh) = (scripts(Lang::En), scripts(Lang::Zh));
    if assets.verifier.is_none() {
        tracing::warn!(folder = %site.display(), "no verifier: pages will say that nothing was checked. Build it: make build");
    }
    let files =
        Arc::new(SiteFiles { scripts_en, scripts_zh, later: Some(later), verifier, verifier_hash, islands, inbox, reader_licence, counts });
    let source: PageSource =
        Arc::new(move |view, name| pages::about(view, name, Scanned { lot: None, code: CodeHistory::NotCounted, demo: is_demo }));
    let about = Site {
        public_url: public_url.clone(),
        files: Arc::clone(&files),
        demo: is_demo,
        trusted_proxies: config.trusted_proxies,
        alerts: crate::alerts::Ways { local: config.outgoing.allow_local_webhooks, mail: config.outgoing.smtp_host.is_some() },
        count_checks: counts,
    };
    let desk = Desk::open(&config.data, engine.clone(), source, about)?;
    let verify_page = verify_page::compose(&policy, assets.verifier_bytes().as_deref());
    let demo_items = if is_demo { demo::items()? } else { Vec::new() };
    Ok(AppState::new(Parts {
        serials: Serials::new(engine.clone()),
        engine,
        assets,
        media,
        room: Room::new(config.data.clone(), config.shares),
        desk,
        pages: KeptPages::default(),
        names: KeptNames::default(),
        proofs: KeptProofs::default(),
        files,
        demo: is_demo,
        demo_items,
        public_url,
        open_tiles: is_demo || config.open_tiles,
        policy: policy.into_bytes(),
        verify_page,
    }))
}

/// Contact data is kept no longer than the form promised.
fn sweep_by_itself(engine: Engine) {
    tokio::spawn(async move {
        loop {
            if let Err(error) = letters::sweep(&engine).await {
                tracing::error!(%error, "contact data past its time could not be erased");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    });
}

/// The rows of serials follow the log, a few hundred entries at a time, so that a search hardly ever waits for them.
fn follow_serials(state: AppState) {
    tokio::spawn(async move {
        let mut views = state.engine.views();
        loop {
            let follower = state.clone();
            match tokio::task::spawn_blocking(move || follower.serials.follow(serials::ROUND)).await {
                Ok(Ok(left)) if left > 0 => continue,
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::error!(%error, "the serials of new records could not be noted"),
                Err(_) => return,
            }
            if views.changed().await.is_err() {
                return;
            }
        }
    });
}

#[expect(clippy::print_stdout, reason = "what a person and a script need to know stands on standard output")]
fn say_where(config: &Config, address: SocketAddr, public_url: &str) {
    let local =
        format!("http://{}", if address.ip().is_unspecified() { SocketAddr::new([127, 0, 0, 1].into(), address.port()) } else { address });
    println!("listening {local}");
    println!("\n  Leafproof is at {public_url}");
    if let Ok(demo_items) = demo::items()
        && config.demo
    {
        println!(
            "\n  Items of the demo (invented companies, one operator; its members were approved at once, by a key that lies here too):"
        );
        for item in &demo_items {
            println!("    {public_url}{:<48} {}", item.path, item.title.get("en").map_or("", String::as_str));
        }
        if let Some(first) = demo_items.first() {
            println!("\n  A label to print:  {public_url}/label/60x40{}", first.path);
        }
        let secrets = std::fs::read_to_string(config.data.join("demo.tsv")).unwrap_or_default();
        println!("\n  Inside two of them, used by a tap; the code of the second was used already:");
        for address in secrets.lines().filter_map(|l| l.strip_prefix("inner\t")?.split('\t').nth(1)) {
            println!("    {public_url}{address}");
        }
        println!("\n  Sign in at {public_url}/signin as");
        for line in secrets.lines().filter_map(|l| l.strip_prefix("account\t")) {
            if let Some((login, password)) = line.split_once('\t') {
                println!("    {login:<44} {password}");
            }
        }
    }
    if !address.ip().is_loopback() {
        if let Some(code) = labels::terminal::qr(public_url) {
            println!("\n{code}\n  Scan with a phone on the same network: {public_url}");
        }
    } else {
        println!("\n  To scan with a real phone: LISTEN=0.0.0.0 make run");
    }
    println!("\n  Ctrl-C stops it; everything acknowledged is on disk in {}.", config.data.display());
}

/// Ctrl-C or SIGTERM.
pub(crate) async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! { () = interrupted => (), () = terminated => () }
}
