//! `leafproof proof FILE|URL`: one record's proof as C2SP's tlog-proof, for tools that know nothing of Leafproof.

use std::path::{Path, PathBuf};

use cosign::client::Client;

use super::Failure;
use crate::tlog_proof::of_bundle;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The proof saved from an item's page (.lpb), or the page's address, http://HOST/01/…
    source: String,
    /// Index of the record in the ledger; without it the newest record of the item
    #[arg(long, value_name = "INDEX")]
    entry: Option<u64>,
    /// Where to write it, such as record.tlog-proof; without it, it is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bundle = match bundle_address(&arguments.source) {
        Some(address) => fetched(&address)?,
        None => std::fs::read(&arguments.source).map_err(|e| format!("{}: {e}", arguments.source))?,
    };
    let (_, text) = of_bundle(&bundle, arguments.entry).map_err(|e| format!("{}: {e}", arguments.source))?;
    match &arguments.out {
        Some(path) => write(path, &text)?,
        None => print!("{text}"),
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// Where the bundle of a page is; `None` for what is no address.
fn bundle_address(source: &str) -> Option<String> {
    let (scheme, rest) = source.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    Some(format!("{scheme}://{host}/bundle/{path}"))
}

fn fetched(address: &str) -> Result<Vec<u8>, Failure> {
    let answer = Client::new(None).get(address, ledger::bundle::MAX_BUNDLE as u64)?;
    if answer.status == 200 { Ok(answer.body) } else { Err(format!("{address} answered {}", answer.status).into()) }
}

#[cfg(test)]
mod tests {
    use super::bundle_address;

    #[test]
    fn a_page_has_its_bundle_beside_it() {
        let page = "http://localhost:3000/01/09521234000044/21/7K%2F2?x=1";
        assert_eq!(bundle_address(page).as_deref(), Some("http://localhost:3000/bundle/01/09521234000044/21/7K%2F2?x=1"));
        assert_eq!(bundle_address("01/proof.lpb"), None);
    }
}
