//! `leafproof-site FROM TO`: the build's last step. Takes the web files as the tools left them in FROM and lays them out in TO
//! as the server serves them: named by their BLAKE3 hash, so that they may be cached for ever, with `.br` and `.gz` beside
//! them. Prints the verifier's hash and every size. In Rust, so that a machine without Node gets the same files.
#![expect(clippy::print_stdout, reason = "the table is what the command is for")]

mod compress;
mod layout;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(from), Some(to), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: leafproof-site FROM TO");
        return ExitCode::from(2);
    };
    match layout::lay_out(Path::new(&from), Path::new(&to)) {
        Ok(placed) => {
            print(&placed);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("leafproof-site: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(placed: &[layout::Placed]) {
    let width = placed.iter().map(|file| file.name.len()).max().unwrap_or(0);
    println!("{:width$}  {:>9}  {:>9}  {:>9}", "web file", "bytes", "brotli", "gzip");
    for file in placed {
        let [plain, brotli, gzip] = file.bytes;
        println!("{:width$}  {plain:>9}  {brotli:>9}  {gzip:>9}", file.name);
    }
    for file in placed.iter().filter(|file| file.name.starts_with("verifier.")) {
        println!("verifier blake3 {}", file.blake3);
    }
}
