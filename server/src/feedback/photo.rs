//! Photos of comments: decoded within limits, turned upright, made smaller and written anew as JPEG, so that nothing of the
//! upload but its pixels is kept: no place, no device, no time.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;
use trace::feedback::limits::{PHOTO_KEPT_BYTES_MAX, PHOTO_SIDE_MAX};

/// Pixels of an upload: the largest phone cameras of 2026 in their default mode.
const PIXELS_MAX: u64 = 50_000_000;
/// Bytes a decoder may take: 50 million pixels of three bytes, and its own tables.
const DECODE_BYTES_MAX: u64 = 160 * 1024 * 1024;
/// Quality of the kept JPEG: print on a label stays readable, 2,000 px give about 400 kB.
const JPEG_QUALITY: u8 = 82;
/// Quality of one that is too large at that.
const JPEG_QUALITY_LOW: u8 = 60;

/// Why a photo was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoFault {
    /// Not one of the kinds we read.
    #[error("this is no JPEG, PNG or WebP picture")]
    Kind,
    /// More pixels or memory than the limits allow.
    #[error("this picture is larger than {} million pixels", PIXELS_MAX / 1_000_000)]
    TooLarge,
    /// The file is damaged.
    #[error("this picture could not be read: the file is damaged or cut off")]
    Damaged,
}

/// A photo as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanPhoto {
    /// JPEG, at most [`PHOTO_SIDE_MAX`] on a side, no metadata.
    pub jpeg: Vec<u8>,
}

/// Cleans photos, one at a time for the whole process: a decode may take 160 MiB.
#[derive(Clone, Debug)]
pub struct Darkroom {
    one: Arc<Semaphore>,
}

impl Default for Darkroom {
    fn default() -> Darkroom {
        Darkroom { one: Arc::new(Semaphore::new(1)) }
    }
}

impl Darkroom {
    /// Cleans one upload on a thread that may block.
    pub async fn develop(&self, upload: Vec<u8>) -> Result<CleanPhoto, PhotoFault> {
        let permit = Arc::clone(&self.one).acquire_owned().await.expect("this semaphore is never closed");
        tokio::task::spawn_blocking(move || {
            let _one_at_a_time = permit;
            clean(&upload)
        })
        .await
        // A decoder that panics on a hostile file must not take the comment with it.
        .unwrap_or(Err(PhotoFault::Damaged))
    }
}

/// The work itself.
fn clean(upload: &[u8]) -> Result<CleanPhoto, PhotoFault> {
    let format = match image::guess_format(upload) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) => format,
        _ => return Err(PhotoFault::Kind),
    };
    if format == ImageFormat::Jpeg && !ends(upload) {
        return Err(PhotoFault::Damaged);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX || decoder.total_bytes() > DECODE_BYTES_MAX {
        return Err(PhotoFault::TooLarge);
    }
    let orientation = decoder.orientation().map_err(fault)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    if picture.width().max(picture.height()) > PHOTO_SIDE_MAX {
        picture = picture.thumbnail(PHOTO_SIDE_MAX, PHOTO_SIDE_MAX);
    }
    picture.apply_orientation(orientation);
    let mut picture = on_white(picture);
    let mut jpeg = Vec::new();
    // Of noise, which no camera gives, even the second is too large; then it is made smaller until it fits.
    for quality in std::iter::once(JPEG_QUALITY).chain(std::iter::repeat(JPEG_QUALITY_LOW)) {
        jpeg.clear();
        JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(&picture).map_err(fault)?;
        if jpeg.len() <= PHOTO_KEPT_BYTES_MAX {
            break;
        }
        if quality == JPEG_QUALITY_LOW {
            picture = picture.thumbnail(picture.width() * 3 / 4, picture.height() * 3 / 4);
        }
    }
    Ok(CleanPhoto { jpeg })
}

/// Whether a JPEG has its end (EOI, ISO/IEC 10918-1, B.1.1). The decoder fills what is missing with grey and says nothing. What
/// stands after the end is no matter: phones put films there.
fn ends(jpeg: &[u8]) -> bool {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    loop {
        // Pictures' bytes have each 0xff followed by 0x00 or a restart marker; before a marker may stand any number of 0xff.
        let Some(at) = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0x01 | 0xd0..=0xd7 | 0xff)) else {
            return false;
        };
        if rest[at + 1] == 0xd9 {
            return true;
        }
        let Some(&[high, low]) = rest.get(at + 2..at + 4) else {
            return false;
        };
        rest = rest.get(at + 2 + usize::from(u16::from_be_bytes([high, low])).max(2)..).unwrap_or_default();
    }
}

/// JPEG has no transparency: what was transparent becomes white, not black.
fn on_white(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.into_rgb8());
    }
    let mut flat = image::RgbImage::new(picture.width(), picture.height());
    for (to, from) in flat.pixels_mut().zip(picture.into_rgba8().pixels()) {
        let alpha = u16::from(from[3]);
        for channel in 0..3 {
            to[channel] = ((u16::from(from[channel]) * alpha + 255 * (255 - alpha)) / 255) as u8;
        }
    }
    DynamicImage::ImageRgb8(flat)
}

fn fault(error: image::ImageError) -> PhotoFault {
    match error {
        image::ImageError::Limits(_) => PhotoFault::TooLarge,
        image::ImageError::Unsupported(_) => PhotoFault::Kind,
        _ => PhotoFault::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90])))
    }

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG with an Exif block: orientation 6 (turned right) and a GPS directory with a recognisable latitude.
    fn jpeg_with_gps(picture: &DynamicImage) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
            let mut bytes = tag.to_be_bytes().to_vec();
            bytes.extend(kind.to_be_bytes());
            bytes.extend(count.to_be_bytes());
            bytes.extend(value);
            bytes
        };
        let gps_at: u32 = 8 + 2 + 2 * 12 + 4;
        let degrees_at = gps_at + 2 + 2 * 12 + 4;
        let orientation = entry(0x0112, 3, 1, [0, 6, 0, 0]);
        let pointer = entry(0x8825, 4, 1, gps_at.to_be_bytes());
        let north = entry(1, 2, 2, *b"N\0\0\0");
        let latitude = entry(2, 5, 3, degrees_at.to_be_bytes());
        tiff.extend([0, 2]);
        tiff.extend(orientation);
        tiff.extend(pointer);
        tiff.extend([0; 4]);
        tiff.extend([0, 2]);
        tiff.extend(north);
        tiff.extend(latitude);
        tiff.extend([0; 4]);
        for part in [30u32, 1, 16, 1, 31415, 1000] {
            tiff.extend(part.to_be_bytes());
        }
        let mut app1 = b"Exif\0\0".to_vec();
        app1.extend(tiff);
        app1.extend(b"SecretCamera 9000");
        let plain = encoded(picture, ImageFormat::Jpeg);
        let mut out = plain[..2].to_vec();
        out.extend([0xff, 0xe1]);
        out.extend(((app1.len() + 2) as u16).to_be_bytes());
        out.extend(app1);
        out.extend(&plain[2..]);
        out
    }

    fn holds(haystack: &[u8], needle: &[u8]) -> bool {
        haystack.windows(needle.len()).any(|window| window == needle)
    }

    #[test]
    fn what_no_camera_gives_is_made_smaller_until_it_fits() {
        let mut state = 1u32;
        let noise = image::RgbImage::from_fn(1_900, 1_900, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            image::Rgb(state.to_le_bytes()[1..].try_into().unwrap())
        });
        let kept = clean(&encoded(&DynamicImage::ImageRgb8(noise), ImageFormat::Png)).unwrap().jpeg;
        assert!(kept.len() <= PHOTO_KEPT_BYTES_MAX, "{}", kept.len());
        assert!(image::load_from_memory(&kept).unwrap().width() > 500);
    }

    #[test]
    fn place_and_device_are_gone_and_the_picture_is_upright() {
        let upload = jpeg_with_gps(&sample(64, 32));
        let latitude: Vec<u8> = [31415u32, 1000].iter().flat_map(|n| n.to_be_bytes()).collect();
        assert!(holds(&upload, b"Exif") && holds(&upload, b"SecretCamera") && holds(&upload, &latitude));
        let kept = clean(&upload).unwrap().jpeg;
        for secret in [&b"Exif"[..], b"SecretCamera", &latitude] {
            assert!(!holds(&kept, secret));
        }
        let picture = image::load_from_memory(&kept).unwrap();
        assert_eq!((picture.width(), picture.height()), (32, 64), "orientation 6 was applied before it was dropped");
    }

    #[test]
    fn large_pictures_become_small_and_small_ones_stay() {
        let kept = image::load_from_memory(&clean(&encoded(&sample(2_500, 500), ImageFormat::Png)).unwrap().jpeg).unwrap();
        assert_eq!((kept.width(), kept.height()), (2_000, 400));
        let kept = image::load_from_memory(&clean(&encoded(&sample(30, 20), ImageFormat::WebP)).unwrap().jpeg).unwrap();
        assert_eq!((kept.width(), kept.height()), (30, 20));
    }

    #[test]
    fn transparent_becomes_white() {
        let clear = DynamicImage::ImageRgba8(image::RgbaImage::new(16, 16));
        let kept = image::load_from_memory(&clean(&encoded(&clear, ImageFormat::Png)).unwrap().jpeg).unwrap().into_rgb8();
        assert!(kept.pixels().all(|p| p.0.iter().all(|&c| c > 250)));
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        // A PNG that claims 60,000 x 60,000 pixels in a few bytes.
        let mut bomb = encoded(&sample(1, 1), ImageFormat::Png);
        bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(clean(&bomb), Err(PhotoFault::TooLarge));
    }

    #[test]
    fn wrong_kinds_and_damage_are_told_apart() {
        for wrong in [&b""[..], b"hello", b"GIF89a\x01\0\x01\0", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"] {
            assert_eq!(clean(wrong), Err(PhotoFault::Kind), "{wrong:?}");
        }
        let whole = encoded(&sample(64, 64), ImageFormat::Png);
        assert_eq!(clean(&whole[..whole.len() / 2]), Err(PhotoFault::Damaged));
        // Wherever a JPEG is cut off; and what follows its end is no part of it.
        let whole = jpeg_with_gps(&sample(64, 64));
        for kept in (3..whole.len()).step_by(7).chain([whole.len() - 1, whole.len() - 2]) {
            assert_eq!(clean(&whole[..kept]), Err(PhotoFault::Damaged), "{kept} of {}", whole.len());
        }
        assert!(clean(&[&whole[..], b"\0\0\0\x18ftypmp42"].concat()).is_ok());
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        })
    }
}
