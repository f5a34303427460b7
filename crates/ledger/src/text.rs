//! Cutting text at single ASCII characters. The standard library's searchers do more, and each use of them is a kilobyte of the
//! verifier.

/// What stands before and after the first of these ASCII characters.
#[inline(never)]
pub(crate) fn cut<'a>(text: &'a str, at: &[u8]) -> Option<(&'a str, &'a str)> {
    for (place, byte) in text.bytes().enumerate() {
        if at.contains(&byte) {
            // An ASCII byte is a whole character, so both places are boundaries.
            return text.get(..place).zip(text.get(place + 1..));
        }
    }
    None
}

/// One word of a list with single spaces between, counted from 0. A list for each enum: a table of addresses would be larger than the
/// words.
#[inline(never)]
pub(crate) fn nth(words: &'static str, place: usize) -> &'static str {
    let mut rest = words;
    for _ in 0..place {
        next(&mut rest, b" ");
    }
    next(&mut rest, b" ")
}

/// The place of a word in such a list, counted from 0; beyond every list where it is not there.
#[inline(never)]
pub(crate) fn place(words: &str, word: &str) -> usize {
    let (mut rest, mut place) = (words, 0);
    while !rest.is_empty() {
        if next(&mut rest, b" ") == word {
            return place;
        }
        place += 1;
    }
    usize::MAX
}

/// The bytes as text, if they are UTF-8.
#[cfg(not(feature = "small"))]
pub(crate) fn utf8(bytes: &[u8]) -> Option<&str> {
    core::str::from_utf8(bytes).ok()
}

#[cfg(feature = "small")]
pub(crate) use crate::small::heap::text_of as utf8;

/// Takes the piece before the next of these ASCII characters off the text, or all of it.
pub(crate) fn next<'a>(text: &mut &'a str, at: &[u8]) -> &'a str {
    let (piece, rest) = cut(text, at).unwrap_or((text, ""));
    *text = rest;
    piece
}
