//! The command line. Each command is a file of its own; only here is anything printed for people.

/// As std's, but that a reader that has gone (`leafproof member list | head`) is no fault: what the command does, it does to its end.
macro_rules! print {
    ($($words:tt)*) => { $crate::cli::out(format_args!($($words)*)) };
}
/// See `print`.
macro_rules! println {
    ($($words:tt)*) => { print!("{}\n", format_args!($($words)*)) };
}
/// As std's, but that a command that came by the door says it at the other side.
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::cli::err(format_args!("{}\n", format_args!($($words)*))) };
}

mod accounts;
mod alike;
mod capture;
mod fsck;
mod generate;
mod grants;
mod inner;
mod members;
mod objections;
mod own_key;
mod party;
mod post;
mod proof;
mod verify;
mod verify_page;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use engine::{Engine, Options};

use crate::config::Config;
use crate::door;

/// Why a command failed: what is wrong and how to mend it, in one sentence for people.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Proves what happened to a product, to everyone who holds it.
#[derive(Parser)]
#[command(name = "leafproof", version, about)]
struct Cli {
    /// Print all settings and limits with their reasons, and end
    #[arg(long)]
    print_config: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages, proofs, records and comments
    Serve {
        #[command(flatten)]
        config: Config,
        /// Print all settings and limits with their reasons, and end
        #[arg(long)]
        print_config: bool,
    },
    /// Make synthetic, plausible EPCIS histories; the same seed makes the same
    Generate(generate::Arguments),
    #[command(flatten)]
    Beside(Beside),
    /// Make a key of your own: a member's, or governance's
    Keygen(own_key::Keygen),
    /// Sign records on your own side, for members that keep their key
    Sign(own_key::Sign),
    /// Check a proof that was saved from a page, offline
    Verify(verify::Arguments),
    /// Write one record's proof in the format of C2SP's tlog-proof, for other tools
    Proof(proof::Arguments),
    /// Write the page that checks saved proofs, for another site or a folder
    VerifyPage(verify_page::Arguments),
    /// Derive root, tiles, map and signatures anew, and compare
    Fsck(fsck::Arguments),
    /// Co-sign a log: look that it only grows, and nothing else
    Witness(party::WitnessArguments),
    /// Co-sign a log after reading and checking every entry of it
    Mirror(party::MirrorArguments),
    /// Print the policy by which readers check this ledger
    Policy {
        #[command(flatten)]
        data: Data,
    },
}

/// What a server that runs over the data directory does as well.
#[derive(Subcommand)]
enum Beside {
    /// Put EPCIS 2.0 documents into the ledger
    Capture(capture::Arguments),
    /// Members: who may sign records
    Member {
        #[command(subcommand)]
        command: members::Command,
    },
    /// Permissions: what the owner of numbers lets others say of its goods
    Grant {
        #[command(subcommand)]
        command: grants::Command,
    },
    /// Objections: what an owner says against another's record of its goods
    Objection {
        #[command(subcommand)]
        command: objections::Command,
    },
    /// Codes inside packs
    Inner {
        #[command(subcommand)]
        command: inner::Command,
    },
    /// Accounts: who may sign in
    User {
        #[command(subcommand)]
        command: accounts::UserCommand,
    },
    /// Keys for the capture interface
    Key {
        #[command(subcommand)]
        command: accounts::KeyCommand,
    },
}

fn out(words: std::fmt::Arguments<'_>) {
    if door::say(words, false) {
        return;
    }
    match std::io::stdout().lock().write_fmt(words) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("leafproof: standard output: {error}");
            std::process::exit(1);
        }
        _ => {}
    }
}

fn err(words: std::fmt::Arguments<'_>) {
    if !door::say(words, true) {
        std::eprint!("{words}");
    }
}

/// What stands on standard input, to its end.
fn input() -> std::io::Result<String> {
    match door::input() {
        Some(text) => Ok(text),
        None => std::io::read_to_string(std::io::stdin()),
    }
}

/// Which data directory.
#[derive(clap::Args)]
struct Data {
    /// Directory that holds everything
    #[arg(long, env = "DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
}

/// How the program serves; the binary hands in its own.
pub type Serve = fn(Config) -> Result<(), Failure>;

/// Runs the command that the process was started with.
pub fn main(serve: Serve) -> ExitCode {
    match run(Cli::parse(), serve) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("leafproof: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli, serve: Serve) -> Result<ExitCode, Failure> {
    let done = match cli.command {
        Some(Command::Fsck(arguments)) => return Ok(fsck::run(&arguments)),
        Some(Command::Verify(arguments)) => return Ok(verify::run(&arguments)),
        Some(Command::Serve { config, print_config }) if print_config || cli.print_config => {
            print!("{}", config.print());
            Ok(())
        }
        Some(Command::Serve { config, .. }) => serve(config),
        _ if cli.print_config => {
            let defaults = Cli::parse_from(["leafproof", "serve"]);
            match defaults.command {
                Some(Command::Serve { config, .. }) => print!("{}", config.print()),
                _ => return Err("serve has no settings".into()),
            }
            Ok(())
        }
        Some(Command::Keygen(arguments)) => own_key::keygen(&arguments),
        Some(Command::Sign(arguments)) => own_key::sign(&arguments),
        Some(Command::Proof(arguments)) => proof::run(&arguments),
        Some(Command::VerifyPage(arguments)) => verify_page::run(&arguments),
        Some(Command::Generate(arguments)) => generate::run(&arguments),
        Some(Command::Beside(command)) => command.run(),
        Some(Command::Witness(arguments)) => block_on(party::witness(arguments)),
        Some(Command::Mirror(arguments)) => block_on(party::mirror(arguments)),
        Some(Command::Policy { data }) => {
            let path = data.data.join("policy");
            let policy = std::fs::read_to_string(&path)
                .map_err(|e| format!("{}: {e}. Start the server once, or name its directory with --data", path.display()))?;
            print!("{policy}");
            Ok(())
        }
        None => Err("say what to do: `leafproof serve`, or `leafproof --help` for all commands".into()),
    };
    done.map(|()| ExitCode::SUCCESS)
}

impl Beside {
    /// By the server that runs over its data directory, else here.
    fn run(self) -> Result<(), Failure> {
        let input = || match &self {
            Self::Inner { command } if command.reads_input() => input(),
            _ if self.asks_for_password() => accounts::password(),
            _ => Ok(String::new()),
        };
        match self.data().and_then(|data| door::knock(data, std::env::args().collect(), input, &self.files())) {
            Some(told) => say(&told?),
            None => block_on(self.work()),
        }
    }

    /// The data directory, unless the command writes a file or reads a secret of whoever gives it: such a one no server does.
    fn data(&self) -> Option<&Path> {
        let data = match self {
            Self::Capture(arguments) => arguments.data_beside(),
            Self::Member { command } => command.data_beside(),
            Self::Grant { command } => command.data_beside(),
            Self::Objection { command } => command.data_beside(),
            Self::Inner { command } => Some(command.data()),
            Self::User { command } => Some(command.data()),
            Self::Key { command } => Some(command.data()),
        };
        data.map(|data| data.data.as_path())
    }

    /// The files that it reads.
    fn files(&self) -> Vec<&Path> {
        match self {
            Self::Capture(arguments) => arguments.files(),
            Self::Member { command } => command.file().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn asks_for_password(&self) -> bool {
        matches!(self, Self::User { command } if command.asks_for_password())
    }

    async fn work(self) -> Result<(), Failure> {
        match self {
            Self::Capture(arguments) => capture::run(arguments).await,
            Self::Member { command } => members::run(command).await,
            Self::Grant { command } => grants::run(command).await,
            Self::Objection { command } => objections::run(command).await,
            Self::Inner { command } => inner::run(command).await,
            Self::User { command } => accounts::user(command).await,
            Self::Key { command } => accounts::key(command).await,
        }
    }
}

/// Does a command for whoever is at the door of this server.
pub fn by_door(words: Vec<String>) -> Pin<Box<dyn Future<Output = Result<(), Failure>>>> {
    Box::pin(async {
        match Cli::try_parse_from(words)?.command {
            Some(Command::Beside(command)) if command.data().is_some() => command.work().await,
            _ => Err("this is not done beside a running server: stop it first".into()),
        }
    })
}

/// Says what a running server said.
fn say(told: &door::Told) -> Result<(), Failure> {
    err(format_args!("{}", told.err));
    out(format_args!("{}", told.out));
    told.failed.as_ref().map_or(Ok(()), |why| Err(why.as_str().into()))
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Opens an existing data directory for a command, if it is not open already.
fn open(data: &Path) -> Result<Engine, Failure> {
    if let Some(engine) = door::engine() {
        return Ok(engine);
    }
    if !data.join("policy").exists() {
        let why = format!("{} holds no ledger; `leafproof serve --data {0}` makes one", data.display());
        return Err(why.into());
    }
    base::private::own(data)?;
    let opened = Engine::open(Options::new(data, "unused/where/the/policy/names/it", store_local::open))?;
    if let Some(reason) = opened.recovered.reason {
        eprintln!("leafproof: {} unacknowledged bytes were cut off the journal: {reason}", opened.recovered.cut);
    }
    Ok(opened.engine)
}

/// `en=Beihe Dairy` as language and name.
fn named(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((language, name)) if !language.is_empty() && !name.is_empty() => Ok((language.to_owned(), name.to_owned())),
        _ => Err("LANGUAGE=NAME is wanted, such as en=Beihe".to_owned()),
    }
}
