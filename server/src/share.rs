//! What members may put on the disk by records: so much each in a day, and room that nobody's records and files take. Without the first one
//! member could fill the disk in an hour; without the second a full disk would end the process in the middle of a write.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

base::limits! {
    /// Captures and files are refused while the disk has less left; letters, erasures and co-signed versions go on.
    KEEP_FREE_MIB: u64 = 1 << 10, "MiB, unless --keep-free-mib says otherwise";
    /// Captures of one member in a day (UTC): some four million records.
    MEMBER_DAY_MIB: u64 = 4 << 10, "MiB, unless --member-day-mib says otherwise";
}

const DAY_MS: u64 = 86_400_000;

/// Settings of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
pub struct Shares {
    /// What the disk must have left before captures and files are taken, in MiB
    #[arg(long, env = "KEEP_FREE_MIB", default_value_t = KEEP_FREE_MIB, value_name = "MIB")]
    pub keep_free_mib: u64,
    /// What one member may send as captures in a day, in MiB
    #[arg(long, env = "MEMBER_DAY_MIB", default_value_t = MEMBER_DAY_MIB, value_name = "MIB")]
    pub member_day_mib: u64,
}

impl Default for Shares {
    fn default() -> Self {
        Self { keep_free_mib: KEEP_FREE_MIB, member_day_mib: MEMBER_DAY_MIB }
    }
}

/// Why nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoShare {
    /// The member sent all that it may today.
    #[error(
        "{sent} bytes of yours came today, of at most {allowed}: send this after midnight (UTC), or ask whoever runs this service for more"
    )]
    Day {
        /// Until now.
        sent: u64,
        /// In a day.
        allowed: u64,
        /// When there is room again.
        wait_s: u32,
    },
    /// The disk is nearly full.
    #[error(
        "the disk of this service is nearly full, and it takes no records until whoever runs it makes room; nothing of yours was taken"
    )]
    Disk,
}

/// Who brought how much today. A start begins anew: nobody but the operator can make one.
#[derive(Debug)]
pub struct Room {
    data: PathBuf,
    shares: Shares,
    today: Mutex<Today>,
}

#[derive(Debug, Default)]
struct Today {
    day: u64,
    /// By member's id; a member has one entry, so there are no more than members.
    bytes: HashMap<String, u64>,
}

impl Room {
    /// On the disk of this data directory.
    pub fn new(data: PathBuf, shares: Shares) -> Self {
        Self { data, shares, today: Mutex::default() }
    }

    /// Whether the disk has more left than is kept free. A disk that does not say is taken at its word when it is written to.
    pub fn on_disk(&self) -> Result<(), NoShare> {
        match base::disk::free(&self.data) {
            Ok(free) if free < self.shares.keep_free_mib.saturating_mul(1 << 20) => {
                tracing::error!(free, keep_free_mib = self.shares.keep_free_mib, "the disk is nearly full: no records and files are taken");
                Err(NoShare::Disk)
            }
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "how much room the disk has left cannot be read");
                Ok(())
            }
        }
    }

    /// Takes up a member's share for what it sent, or says why not; then nothing of it is taken up.
    pub fn take(&self, member: &str, bytes: usize, now_ms: u64) -> Result<(), NoShare> {
        self.on_disk()?;
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        let day = now_ms / DAY_MS;
        if today.day != day {
            *today = Today { day, bytes: HashMap::new() };
        }
        let allowed = self.shares.member_day_mib.saturating_mul(1 << 20);
        let sent = today.bytes.get(member).copied().unwrap_or(0);
        let then = sent.saturating_add(bytes as u64);
        if then > allowed {
            let wait_s = u32::try_from((DAY_MS - now_ms % DAY_MS).div_ceil(1_000)).unwrap_or(u32::MAX);
            return Err(NoShare::Day { sent, allowed, wait_s });
        }
        today.bytes.insert(member.to_owned(), then);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_s_share_ends_with_the_day_and_is_each_member_s_own() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::new(folder.path().to_owned(), Shares { keep_free_mib: 0, member_day_mib: 1 });
        let evening = 5 * DAY_MS - 1_500;
        assert_eq!(room.take("a", 1 << 19, evening), Ok(()));
        assert_eq!(room.take("a", 1 << 19, evening), Ok(()));
        assert_eq!(room.take("a", 1, evening), Err(NoShare::Day { sent: 1 << 20, allowed: 1 << 20, wait_s: 2 }));
        assert_eq!(room.take("b", 1 << 20, evening), Ok(()));
        assert_eq!(room.take("a", 1 << 20, evening + 1_500), Ok(()));
    }

    #[test]
    fn what_the_disk_must_keep_free_is_nobody_s() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::new(folder.path().to_owned(), Shares { keep_free_mib: u64::MAX, member_day_mib: 1 });
        assert_eq!(room.take("a", 1, 0), Err(NoShare::Disk));
    }
}
