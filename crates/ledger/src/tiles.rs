//! Where the log's tiles lie, as C2SP's tlog-tiles has them, and our own tiles of records beside them.

use alloc::format;
use alloc::string::{String, ToString as _};

/// Hashes of a full tile.
pub const TILE_WIDTH: u64 = 256;
/// Levels of the tree that one level of tiles spans.
pub const TILE_HEIGHT: u8 = 8;
/// Levels of tiles over a tree of 2^63 leaves.
pub const TILE_LEVELS: u8 = 8;
/// Levels that a path may name.
const LEVELS_NAMED: u8 = 64;

/// The path of the entries of a tile, of which the first `width` are wanted.
pub fn entries_path(tile: u64, width: u64) -> String {
    format!("/tile/entries/{}", number_path(tile, width))
}

/// The path of the records of these entries.
pub fn records_path(tile: u64, width: u64) -> String {
    format!("/tile/records/{}", number_path(tile, width))
}

/// The path of a tile of hashes.
pub fn hashes_path(level: u8, tile: u64, width: u64) -> String {
    format!("/tile/{level}/{}", number_path(tile, width))
}

/// `x001/x234/067`, and `.p/<width>` where it is not full.
fn number_path(tile: u64, width: u64) -> String {
    let mut path = format!("{:03}", tile % 1000);
    let mut rest = tile / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH {
        path += &format!(".p/{width}");
    }
    path
}

/// Reads what [`number_path`] writes, and nothing else.
fn parse_number(path: &str) -> Option<(u64, u64)> {
    let (number, width) = match path.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok().filter(|w| (1..TILE_WIDTH).contains(w))?),
        None => (path, TILE_WIDTH),
    };
    let mut tile: u64 = 0;
    for group in number.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        tile = tile.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    (number_path(tile, width) == path).then_some((tile, width))
}

/// What a path below `/tile/` asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Hashes of a level of the tree.
    Hashes {
        /// Which level of tiles.
        level: u8,
        /// Which tile of it.
        tile: u64,
        /// How many of its hashes, from the first on.
        width: u64,
    },
    /// Leaves.
    Entries {
        /// Those below which tile.
        tile: u64,
        /// How many of them.
        width: u64,
    },
    /// The records of the same leaves.
    Records {
        /// Those below which tile.
        tile: u64,
        /// Of how many leaves.
        width: u64,
    },
}

/// Reads a path below `/tile/`; each tile has one.
pub fn parse(path: &str) -> Option<Wanted> {
    let (kind, number) = path.split_once('/')?;
    let (tile, width) = parse_number(number)?;
    Some(match kind {
        "entries" => Wanted::Entries { tile, width },
        "records" => Wanted::Records { tile, width },
        _ => {
            let level = kind.parse().ok().filter(|level: &u8| *level < LEVELS_NAMED && level.to_string() == kind)?;
            Wanted::Hashes { level, tile, width }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_tlog_tiles() {
        assert_eq!(hashes_path(0, 1_234_067, 256), "/tile/0/x001/x234/067");
        assert_eq!(hashes_path(1, 0, 5), "/tile/1/000.p/5");
        assert_eq!(entries_path(67, 256), "/tile/entries/067");
        assert_eq!(parse("0/x001/x234/067"), Some(Wanted::Hashes { level: 0, tile: 1_234_067, width: 256 }));
        assert_eq!(parse("63/000"), Some(Wanted::Hashes { level: 63, tile: 0, width: 256 }));
        assert_eq!(records_path(1000, 3), "/tile/records/x001/000.p/3");
        assert_eq!(parse("records/001"), Some(Wanted::Records { tile: 1, width: 256 }));
        assert_eq!(parse("entries/000.p/255"), Some(Wanted::Entries { tile: 0, width: 255 }));
    }

    #[test]
    fn each_tile_has_one_path() {
        for bad in [
            "",
            "0",
            "0/",
            "0/1",
            "0/0001",
            "0/x000/001",
            "0/001/002",
            "0/x001",
            "00/001",
            "64/001",
            "-1/000",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/05",
            "0/000.p/",
            "entries/",
            "data/000",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
