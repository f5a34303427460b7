//! The two encodings that lie beside each file. Made once, at build time, as small as they get.

use std::io::Write as _;

/// Best compression: these bytes are made once and sent for ever.
const BROTLI_QUALITY: i32 = 11;
/// The largest window that every browser accepts.
const BROTLI_WINDOW_BITS: i32 = 22;

/// Brotli at its best.
pub(crate) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW_BITS,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).expect("writing to memory cannot fail");
    out
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
