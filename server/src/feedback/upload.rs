//! Reads the form as it was sent, multipart or urlencoded, within limits of memory. What cannot be taken is noted as a fault
//! beside its field; everything else is kept, so that nothing a person wrote is lost.

use std::sync::Arc;

use app::feedback::form::{Fault, Typed};
use axum::body::Bytes;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use trace::feedback::limits::{PHOTO_BYTES_MAX, PHOTOS_MAX, TEXT_CHARS_MAX};

use super::photo::{Darkroom, PhotoFault};

/// Largest form: three photos at their largest, and the words.
pub const FORM_BYTES_MAX: usize = PHOTOS_MAX * PHOTO_BYTES_MAX + 8 * 1024 * 1024;
/// Largest field of words: far more than fits, so that too long a text comes back whole and can be shortened.
const WORDS_BYTES_MAX: usize = 64 * TEXT_CHARS_MAX;
/// Parts of a form: its fields, its photos kept and new, and as many again for a browser that sends empty ones.
const PARTS_MAX: usize = 4 * (9 + PHOTOS_MAX);
/// Largest kept photo in base 64: a cleaned JPEG of 2,000 px.
const KEPT_BYTES_MAX: usize = 6 * 1024 * 1024;

/// The form as it was sent, photos cleaned.
#[derive(Debug, Default)]
pub struct Sent {
    /// The words.
    pub typed: Typed,
    /// The hidden field.
    pub started: String,
    /// Cleaned photos.
    pub photos: Vec<Vec<u8>>,
    /// What could not be taken.
    pub faults: Vec<Fault>,
    /// True where there was no room for the upload just now.
    pub busy: bool,
}

fn fault(key: &'static str, values: Vec<(&'static str, String)>) -> Fault {
    Fault { field: "photo", key, values }
}

impl Sent {
    /// From a urlencoded form, which carries no photos.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Sent {
        let mut sent = Sent::default();
        for (name, value) in pairs {
            sent.word(&name, value);
        }
        sent
    }

    /// From a multipart form. It is read to its end, or to what is too much, before any photo is decoded.
    pub async fn from_multipart(mut form: Multipart, room: &Arc<Semaphore>, darkroom: &Darkroom) -> Sent {
        let mut sent = Sent::default();
        let mut held: Option<OwnedSemaphorePermit> = None;
        let mut uploads: Vec<(usize, Vec<u8>)> = Vec::new();
        let (mut seen, mut parts) = (0, 0);
        loop {
            parts += 1;
            if parts > PARTS_MAX {
                sent.too_many();
                break;
            }
            let field = match form.next_field().await {
                Ok(Some(field)) => field,
                Ok(None) => break,
                Err(error) => {
                    // What came before is kept.
                    sent.faults.push(broken_off(&error, seen.max(1)));
                    break;
                }
            };
            let name = field.name().unwrap_or_default().to_owned();
            let is_photo = name == "photo" && field.file_name().is_some();
            let limit = if is_photo {
                PHOTO_BYTES_MAX
            } else if name == "kept" {
                KEPT_BYTES_MAX
            } else {
                WORDS_BYTES_MAX
            };
            // Words need no turn: however many photos wait or stall, a comment without any is taken.
            let room = (is_photo || name == "kept").then_some(room);
            match read(field, limit, room, &mut held).await {
                Ok(Read::Whole(bytes)) if is_photo || name == "kept" => {
                    let bytes = if is_photo { Some(bytes) } else { from_base64(&bytes) };
                    // A file field left empty comes as a photo of no bytes.
                    if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
                        seen += 1;
                        if seen <= PHOTOS_MAX { uploads.push((seen, bytes)) } else { sent.too_many() }
                    }
                }
                Ok(Read::Whole(bytes)) => sent.word(&name, String::from_utf8_lossy(&bytes).into_owned()),
                Ok(Read::TooLarge) => {
                    seen += 1;
                    if seen <= PHOTOS_MAX { sent.faults.push(too_large(seen)) } else { sent.too_many() }
                }
                Ok(Read::NoRoom) => {
                    sent.busy = true;
                    break;
                }
                Err(error) => {
                    sent.faults.push(broken_off(&error, seen + 1));
                    break;
                }
            }
        }
        for (number, bytes) in uploads {
            sent.photo(bytes, number, darkroom).await;
        }
        sent
    }

    /// Said once, however many there are.
    fn too_many(&mut self) {
        let many = fault("feedback.fault.photo.many", vec![("n", PHOTOS_MAX.to_string())]);
        if !self.faults.contains(&many) {
            self.faults.push(many);
        }
    }

    fn word(&mut self, name: &str, value: String) {
        match name {
            "rating" => self.typed.rating = value,
            "topic" => self.typed.topic = value,
            "text" => self.typed.text = value,
            "contact" => self.typed.contact = value,
            "seller" => self.typed.seller = value,
            "public" => self.typed.public = !value.is_empty(),
            "public-photos" => self.typed.public_photos = !value.is_empty(),
            "website" => self.typed.website = value,
            "started" => self.started = value,
            _ => {}
        }
    }

    async fn photo(&mut self, bytes: Vec<u8>, number: usize, darkroom: &Darkroom) {
        let n = ("n", number.to_string());
        match darkroom.develop(bytes).await {
            Ok(clean) => {
                self.typed.kept.push(to_base64(&clean.jpeg));
                self.photos.push(clean.jpeg);
            }
            Err(PhotoFault::Kind) => self.faults.push(fault("feedback.fault.photo.kind", vec![n])),
            Err(PhotoFault::TooLarge) => self.faults.push(too_large(number)),
            Err(PhotoFault::Damaged) => self.faults.push(fault("feedback.fault.photo.damaged", vec![n])),
        }
    }
}

/// The form is larger than a form may be, or it stopped coming.
fn broken_off(error: &MultipartError, number: usize) -> Fault {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large(number);
    }
    Fault { field: "", key: "feedback.fault.cut", values: Vec::new() }
}

fn too_large(number: usize) -> Fault {
    let mb = (PHOTO_BYTES_MAX >> 20).to_string();
    fault("feedback.fault.photo.large", vec![("n", number.to_string()), ("mb", mb)])
}

enum Read {
    Whole(Vec<u8>),
    TooLarge,
    NoRoom,
}

/// Reads one field. Beyond its limit the bytes are read past and dropped, so that the fields behind it still arrive.
async fn read(
    mut field: Field<'_>,
    limit: usize,
    room: Option<&Arc<Semaphore>>,
    held: &mut Option<OwnedSemaphorePermit>,
) -> Result<Read, MultipartError> {
    let mut bytes = Vec::new();
    let mut dropped = false;
    while let Some(chunk) = field.chunk().await? {
        let chunk: Bytes = chunk;
        if dropped || bytes.len() + chunk.len() > limit {
            dropped = true;
            bytes = Vec::new();
            continue;
        }
        if let Some(room) = room {
            // Pieces are as long as they come, some a few bytes.
            let kib = ((bytes.len() + chunk.len()).div_ceil(1_024) - bytes.len().div_ceil(1_024)) as u32;
            let Ok(more) = Arc::clone(room).try_acquire_many_owned(kib) else {
                return Ok(Read::NoRoom);
            };
            match held {
                Some(permit) => permit.merge(more),
                None => *held = Some(more),
            }
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(if dropped { Read::TooLarge } else { Read::Whole(bytes) })
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64 (RFC 4648, 4), padded.
fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, &byte| (group << 8) | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * place)) as usize & 63] as char;
            out.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    out
}

/// The same backwards; `None` for anything else. What comes out is decoded as a picture again, so nothing here is trusted.
fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.iter().copied().filter(|b| !matches!(b, b'=' | b'\r' | b'\n')).collect();
    let mut out = Vec::with_capacity(digits.len() / 4 * 3);
    for chunk in digits.chunks(4) {
        let mut group = 0u32;
        for &digit in chunk {
            group = (group << 6) | DIGITS.iter().position(|&d| d == digit)? as u32;
        }
        group <<= 6 * (4 - chunk.len());
        out.extend_from_slice(&group.to_be_bytes()[1..chunk.len().max(1)]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base_64_of_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")] {
            assert_eq!(to_base64(plain.as_bytes()), coded);
            assert_eq!(from_base64(coded.as_bytes()).unwrap(), plain.as_bytes());
        }
        assert_eq!(from_base64(b"<svg>"), None);
    }

    proptest! {
        #[test]
        fn base_64_comes_back(bytes: Vec<u8>) {
            prop_assert_eq!(from_base64(to_base64(&bytes).as_bytes()), Some(bytes));
        }
    }
}
