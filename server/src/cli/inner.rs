//! `leafproof inner …`: codes inside packs.

use super::{Data, Failure, open};
use crate::http::codes::item;
use crate::inner::{Maker, batches, make};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make the codes inside packs, named on standard input, one on a line; asked for again, a pack's code is the same. Prints for each pack its
    /// path and the inner address, to put behind the address of this site
    Make {
        /// The member that owns the numbers
        #[arg(long)]
        member: String,
        /// What they are for, such as the lot
        #[arg(long)]
        label: String,
        #[command(flatten)]
        data: Data,
    },
    /// List what was made, with how many codes were used
    List {
        /// Whose
        #[arg(long)]
        member: String,
        #[command(flatten)]
        data: Data,
    },
}

impl Command {
    pub(super) fn data(&self) -> &Data {
        match self {
            Self::Make { data, .. } | Self::List { data, .. } => data,
        }
    }

    pub(super) fn reads_input(&self) -> bool {
        matches!(self, Self::Make { .. })
    }
}

pub(super) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Make { member, label, data } => {
            let engine = open(&data.data)?;
            let lines = super::input()?;
            let maker = Maker { member: &member, by: "", label: &label };
            for code in make(&engine, maker, &lines, |line| item(line).ok()).await? {
                println!("{}\t{}", code.item, code.address);
            }
        }
        Command::List { member, data } => {
            for batch in batches(&open(&data.data)?, &member)? {
                let at = crate::epcis::visible::rfc3339(batch.at_ms);
                println!("{at}\t{}\t{}\t{}", batch.codes, batch.spent, batch.label);
            }
        }
    }
    Ok(())
}
