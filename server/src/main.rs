//! The binary `leafproof`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main(server::serve::serve)
}
