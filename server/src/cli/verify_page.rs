//! `leafproof verify-page`: the page that checks saved proofs, for somebody else's site or a folder.

use std::path::PathBuf;

use ledger::policy::Policy;

use super::Failure;
use crate::assets::Assets;
use crate::verify_page::compose;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The rules that the page brings: whom its readers shall trust
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Where to write the page
    #[arg(long, value_name = "FILE", default_value = "verify.html")]
    out: PathBuf,
    /// Web files of the build, for the verifier in them
    #[arg(long, env = "SITE", value_name = "DIR", default_value = "target/site")]
    site: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let named = |path: &PathBuf, e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let policy = std::fs::read_to_string(&arguments.policy).map_err(|e| named(&arguments.policy, &e))?;
    Policy::parse(policy.as_bytes()).map_err(|e| named(&arguments.policy, &e))?;
    let assets = Assets::read(&arguments.site).map_err(|e| named(&arguments.site, &e))?;
    let verifier = assets.verifier_bytes().ok_or_else(|| named(&arguments.site, &"no verifier in it. Build it: make build"))?;
    let page = compose(&policy, Some(&verifier));
    std::fs::write(&arguments.out, &page.html).map_err(|e| named(&arguments.out, &e))?;
    eprintln!("{}: open it, or serve it; it loads and sends nothing", arguments.out.display());
    eprintln!("rules     BLAKE3 {}", ledger::hash(policy.as_bytes()));
    eprintln!("verifier  BLAKE3 {}", ledger::hash(&verifier));
    Ok(())
}
