//! How much room a disk has left.

use std::io;
use std::path::Path;

/// Bytes that this process may still write on the disk of `path`, without those that are the system administrator's alone.
pub fn free(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
