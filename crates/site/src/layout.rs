//! Where each file goes and what it is called.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::compress;

/// Digits of the hash in a file's name: 40 bits, enough to tell builds apart in a browser's cache; the full hash is printed and shown. Pages
/// and scripts carry eight such names before anything is verified.
const NAME_HASH_DIGITS: usize = 10;

/// A file as it was placed.
#[derive(Debug)]
pub(crate) struct Placed {
    /// Its path below the target folder, with `/`.
    pub(crate) name: String,
    /// Its BLAKE3 hash, hex.
    pub(crate) blake3: String,
    /// Sizes: as it is, brotli, gzip.
    pub(crate) bytes: [usize; 3],
}

/// Fills `to` anew from `from`: files of `verifier*.wasm` and below `pkg/` and `reader/` get their hash into the name, all others keep it
/// (browsers ask for `favicon.ico` by that name). What was in `to` is gone only when the new folder is complete.
pub(crate) fn lay_out(from: &Path, to: &Path) -> io::Result<Vec<Placed>> {
    let fresh = beside(to, "new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let mut names = Vec::new();
    collect(from, "", &mut names)?;
    names.sort();
    let placed = names.iter().map(|name| place(from, &fresh, name)).collect::<io::Result<Vec<_>>>()?;
    let old = beside(to, "old");
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    if to.exists() {
        fs::rename(to, &old)?;
    }
    fs::rename(&fresh, to)?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(placed)
}

fn beside(folder: &Path, what: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    let read = fs::read_dir(folder).map_err(|e| io::Error::new(e.kind(), format!("cannot read the folder {}: {e}", folder.display())))?;
    for entry in read {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn place(from: &Path, to: &Path, name: &str) -> io::Result<Placed> {
    let plain = fs::read(from.join(name))?;
    let blake3 = blake3::hash(&plain).to_hex().to_string();
    let name = served_name(name, &blake3);
    let target = to.join(&name);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    let (brotli, gzip) = (compress::brotli(&plain), compress::gzip(&plain));
    let bytes = [plain.len(), brotli.len(), gzip.len()];
    // A form that saves nothing (a picture that is compressed already) would only cost the reader time.
    for (suffix, form) in [(".br", &brotli), (".gz", &gzip)] {
        if form.len() < plain.len() {
            fs::write(to.join(format!("{name}{suffix}")), form)?;
        }
    }
    fs::write(target, plain)?;
    Ok(Placed { name, blake3, bytes })
}

/// `verifier.wasm` -> `verifier.<hash>.wasm`, `pkg/leafproof.js` -> `pkg/leafproof.<hash>.js`, `reader/reader.js` -> `reader/reader.<hash>.js`.
fn served_name(name: &str, blake3: &str) -> String {
    let hashed = name.starts_with("pkg/") || name.starts_with("reader/") || (name.starts_with("verifier") && name.ends_with(".wasm"));
    // Snippets of wasm-bindgen import each other by path.
    match name.rsplit_once('.') {
        Some((stem, extension)) if hashed && !name.contains("/snippets/") => {
            format!("{stem}.{}.{extension}", &blake3[..NAME_HASH_DIGITS])
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_content_and_the_old_ones_go() {
        let folder = std::env::temp_dir().join(format!("leafproof-site-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::create_dir_all(from.join("pkg")).unwrap();
        fs::create_dir_all(&to).unwrap();
        fs::write(to.join("verifier.0000000000000000.wasm"), "the last build's").unwrap();
        fs::write(from.join("verifier.wasm"), "v".repeat(100)).unwrap();
        fs::write(from.join("pkg/leafproof.js"), "j").unwrap();
        fs::write(from.join("robots.txt"), "User-agent: *").unwrap();

        let placed = lay_out(&from, &to).unwrap();

        let hash = blake3::hash("v".repeat(100).as_bytes()).to_hex().to_string();
        let verifier = format!("verifier.{}.wasm", &hash[..NAME_HASH_DIGITS]);
        assert_eq!(placed.iter().find(|p| p.name == verifier).unwrap().blake3, hash);
        let mut names = Vec::new();
        collect(&to, "", &mut names).unwrap();
        names.sort();
        let script = format!("pkg/leafproof.{}.js", &blake3::hash(b"j").to_hex()[..NAME_HASH_DIGITS]);
        assert_eq!(names, [script, "robots.txt".to_owned(), verifier.clone(), format!("{verifier}.br"), format!("{verifier}.gz")]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = lay_out(Path::new("/no/such/folder"), &std::env::temp_dir().join("never-made")).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder"), "{error}");
    }
}
