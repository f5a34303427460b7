//! Which files are kept, by their bytes alone: a name or a header can say anything. What every phone's browser shows is kept; what
//! only looks like it from its first bytes is not: RIFF holds sound, too, and the box format of MP4 holds HEIC, AVIF and M4A.

/// What may be stored: extension and media type.
pub(super) const KINDS: [(&str, &str); 8] = [
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("webp", "image/webp"),
    ("pdf", "application/pdf"),
    ("webm", "video/webm"),
    ("mp4", "video/mp4"),
    // Kept by older versions; none comes in any more.
    ("txt", "text/plain; charset=utf-8"),
];

/// Brands that say: a film as MP4 (ISO/IEC 14496-12 and -14, Apple's M4V). Others share the box format and are something else.
const FILM_BRANDS: [&[u8; 4]; 12] =
    [b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"mmp4"];
/// Longest `ftyp` box that is read: a brand and some sixty compatible ones.
const FTYP_BYTES_MAX: usize = 256;
/// Where `<svg` must stand at the latest: behind an XML declaration, a document type and a licence.
const SVG_WITHIN_BYTES: usize = 4096;
/// Where a Matroska file's document type must stand at the latest: its first element is short.
const DOCTYPE_WITHIN_BYTES: usize = 64;

/// Extension and media type of these bytes.
pub(super) fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let extension = match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [b'%', b'P', b'D', b'F', b'-', ..] => "pdf",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        [0x1a, 0x45, 0xdf, 0xa3, ..] if holds(bytes, DOCTYPE_WITHIN_BYTES, b"\x42\x82\x84webm") => "webm",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] if is_film(bytes) => "mp4",
        _ if is_drawing(bytes) => "svg",
        _ => return None,
    };
    KINDS.into_iter().find(|(known, _)| *known == extension)
}

fn holds(bytes: &[u8], within: usize, what: &[u8]) -> bool {
    bytes[..bytes.len().min(within)].windows(what.len()).any(|window| window == what)
}

/// Box length, `ftyp`, major brand, version, compatible brands.
fn is_film(bytes: &[u8]) -> bool {
    let Some((length, brand)) = bytes.first_chunk::<4>().zip(bytes.get(8..12)) else {
        return false;
    };
    let length = u32::from_be_bytes(*length) as usize;
    (16..=FTYP_BYTES_MAX).contains(&length) && length.is_multiple_of(4) && FILM_BRANDS.iter().any(|film| film.as_slice() == brand)
}

fn is_drawing(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &[u8]| text.len() >= with.len() && text[..with.len()].eq_ignore_ascii_case(with);
    begins(b"<svg") || ((begins(b"<?xml") || begins(b"<!--") || begins(b"<!DOCTYPE svg")) && holds(text, SVG_WITHIN_BYTES, b"<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(brand: &[u8; 4], compatible: &[u8]) -> Vec<u8> {
        let length = (16 + compatible.len()) as u32;
        [&length.to_be_bytes()[..], b"ftyp", brand, &[0; 4], compatible, b"\0\0\0\x08free"].concat()
    }

    #[test]
    fn kinds_are_told_by_what_they_are() {
        let type_of = |bytes: &[u8]| kind_of(bytes).map(|(_, media_type)| media_type);
        for (bytes, media_type) in [
            (b"<svg xmlns='x'/>".to_vec(), "image/svg+xml"),
            (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a licence -->\n<svg/>".to_vec(), "image/svg+xml"),
            (b"\x89PNG\r\n\x1a\n....".to_vec(), "image/png"),
            (b"\xff\xd8\xff\xe0....".to_vec(), "image/jpeg"),
            (b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), "image/webp"),
            (b"%PDF-1.7".to_vec(), "application/pdf"),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm".to_vec(), "video/webm"),
            (boxed(b"isom", b"isomiso2avc1mp41"), "video/mp4"),
            (boxed(b"mp42", b""), "video/mp4"),
            (boxed(b"iso6", &[b'x'; 36]), "video/mp4"),
        ] {
            assert_eq!(type_of(&bytes), Some(media_type), "{:?}", String::from_utf8_lossy(&bytes));
        }
        for other in [
            boxed(b"heic", b"mif1heic"),
            boxed(b"mif1", b"mif1heic"),
            boxed(b"msf1", b"hevc"),
            boxed(b"avif", b"mif1avif"),
            boxed(b"avis", b"msf1"),
            boxed(b"M4A ", b"isommp42"),
            boxed(b"M4B ", b""),
            boxed(b"qt  ", b""),
            boxed(b"3gp4", b""),
            b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ".to_vec(),
            b"\xff\x0a\x10".to_vec(),
            b"\0\0\0\x07ftypisom".to_vec(),
            b"\0\0\0\x20ftyp".to_vec(),
            b"RIFF\0\0\0\0WAVEfmt ".to_vec(),
            b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska".to_vec(),
            b"<?xml version='1.0'?><rss/>".to_vec(),
            b"<html><svg/></html>".to_vec(),
            b"GIF89a".to_vec(),
            Vec::new(),
        ] {
            assert_eq!(type_of(&other), None, "{:?}", String::from_utf8_lossy(&other));
        }
    }
}
