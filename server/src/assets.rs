//! The web files the build left in `target/site`: script, verifier, islands. Read once at start; names carry their hash, so
//! they are cached for ever. Where a file is missing the pages still work, say "not checked", and the log says what to build.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use axum::body::Bytes;

/// The page's script; each language gets its words before it.
pub const PAGE_SCRIPT: &str = include_str!("../../public/page.js");

/// One file with its ready-made compressed forms.
#[derive(Clone, Debug)]
pub struct Asset {
    /// As it is.
    pub plain: Bytes,
    /// Brotli, where the build made it.
    pub brotli: Option<Bytes>,
    /// Gzip, where the build made it.
    pub gzip: Option<Bytes>,
    /// Media type.
    pub media_type: &'static str,
}

/// All web files by the path they are served at.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    files: HashMap<String, Asset>,
    /// File name of the verifier, e.g. `verifier.0123456789abcdef.wasm`.
    pub verifier: Option<String>,
    /// BLAKE3 of the verifier, hex.
    pub verifier_hash: Option<String>,
    /// File name of the islands' loader module, e.g. `leafproof.<hash>.js`.
    pub islands: Option<String>,
    /// File name of the islands' WASM.
    pub islands_wasm: Option<String>,
}

impl Assets {
    /// Reads a folder as the build left it.
    pub fn read(folder: &Path) -> std::io::Result<Self> {
        let mut assets = Self::default();
        assets.read_folder(folder, "")?;
        assets.verifier = assets.name_like("verifier", ".wasm");
        assets.verifier_hash =
            assets.verifier.as_ref().and_then(|name| assets.files.get(name)).map(|a| blake3::hash(&a.plain).to_hex().to_string());
        assets.islands = assets.name_like("pkg/", ".js");
        assets.islands_wasm = assets.name_like("pkg/", ".wasm");
        Ok(assets)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|n| n.to_str()) else { continue };
            if path.is_dir() {
                self.read_folder(&path, &format!("{prefix}{name}/"))?;
            } else if !name.ends_with(".br") && !name.ends_with(".gz") {
                let beside = |suffix: &str| fs::read(format!("{}{suffix}", path.display())).ok().map(Bytes::from);
                let asset =
                    Asset { plain: fs::read(&path)?.into(), brotli: beside(".br"), gzip: beside(".gz"), media_type: media_type(name) };
                self.files.insert(format!("{prefix}{name}"), asset);
            }
        }
        Ok(())
    }

    fn name_like(&self, start: &str, end: &str) -> Option<String> {
        let mut names: Vec<&String> = self.files.keys().filter(|n| n.starts_with(start) && n.ends_with(end)).collect();
        names.sort();
        names.first().map(|n| (*n).clone())
    }

    /// The file of the reader of codes that ends so, where the build had Node to bring it.
    pub fn reader(&self, end: &str) -> Option<String> {
        self.name_like("reader/", end)
    }

    /// A file made at start, not by the build (the page script of a language): its name gets ten digits of the hash of its bytes, as the
    /// build's files do (`site`, `NAME_HASH_DIGITS`).
    pub fn add(&mut self, stem: &str, extension: &str, bytes: Vec<u8>) -> String {
        let hash = blake3::hash(&bytes).to_hex();
        let name = format!("{stem}.{}.{extension}", &hash.as_str()[..10]);
        let brotli = Some(compress(&bytes));
        self.files.insert(name.clone(), Asset { plain: bytes.into(), brotli, gzip: None, media_type: media_type(&name) });
        name
    }

    /// A text among the files.
    pub fn text(&self, name: &str) -> Option<String> {
        self.files.get(name).and_then(|asset| String::from_utf8(asset.plain.to_vec()).ok())
    }

    /// The verifier itself.
    pub fn verifier_bytes(&self) -> Option<Bytes> {
        self.verifier.as_ref().and_then(|name| self.files.get(name)).map(|asset| asset.plain.clone())
    }

    /// Finds a file by its path below `/_/`.
    pub fn get(&self, name: &str) -> Option<&Asset> {
        self.files.get(name)
    }
}

fn compress(bytes: &[u8]) -> Bytes {
    let mut out = Vec::new();
    // The mode without a guess at text takes 43 bytes less for the page's script in Chinese.
    let mode = brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_FONT;
    let params = brotli::enc::BrotliEncoderParams { quality: 11, mode, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).expect("writing to memory cannot fail");
    out.into()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        _ => "application/octet-stream",
    }
}

/// The script without its comment lines and indentation: what a phone need not load. Only whole lines go, so no string or
/// expression can be hit; the script keeps its comments on lines of their own.
pub fn without_comments(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut inside = false;
    for line in script.lines().map(str::trim) {
        let begins = line.starts_with("/*");
        if !(inside || begins || line.starts_with("//") || line.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
        inside = (inside || begins) && !line.ends_with("*/");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comment_lines_go_and_code_stays() {
        let script = "// a\n  const a = 'http://b'; // c\n/** d\n * e */\n/* f */\n\n  g();\n";
        assert_eq!(without_comments(script), "const a = 'http://b'; // c\ng();\n");
    }
}
