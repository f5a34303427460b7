//! The two encodings that lie beside each file. Made once, at build time, as small as they get.

use std::io::Write as _;

use brotli::enc::BrotliEncoderParams;
use brotli::enc::backward_references::BrotliEncoderMode;

/// Best compression: these bytes are made once and sent for ever.
const BROTLI_QUALITY: i32 = 11;
/// The largest window that every browser accepts.
const BROTLI_WINDOW_BITS: i32 = 22;

/// Brotli at its best.
pub(crate) fn brotli(bytes: &[u8]) -> Vec<u8> {
    // How the bytes before foretell the next one is guessed as for text. WebAssembly's instructions are told better by the upper bits of
    // the last byte: 264 bytes of the verifier's 30,000. So both are tried.
    let made = [BrotliEncoderMode::BROTLI_MODE_GENERIC, BrotliEncoderMode::BROTLI_FORCE_MSB_PRIOR].map(|mode| {
        let params =
            BrotliEncoderParams { quality: BROTLI_QUALITY, mode, lgwin: BROTLI_WINDOW_BITS, size_hint: bytes.len(), ..Default::default() };
        let mut out = Vec::new();
        brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).expect("writing to memory cannot fail");
        out
    });
    made.into_iter().min_by_key(Vec::len).unwrap_or_default()
}

/// Gzip at its best, for clients without brotli (and for browsers on plain http, which do not ask for it). No time stamp, so equal input gives equal bytes.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("writing to memory cannot fail");
    encoder.finish().expect("writing to memory cannot fail")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn both_give_the_bytes_back() {
        let bytes = b"leafproof ".repeat(500);
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &brotli(&bytes)[..], &mut plain).unwrap();
        assert_eq!(plain, bytes);
        plain.clear();
        flate2::read::GzDecoder::new(&gzip(&bytes)[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, bytes);
        assert!(brotli(&bytes).len() < bytes.len() / 10);
    }
}
