//! The limits of comments, each with its reason, in one place.

/// Letters of a comment. A screenful or two: enough for a complaint with its story, short enough to be read.
pub const TEXT_CHARS_MAX: usize = 1_000;
/// Letters of a contact: an e-mail address is at most 254 bytes, but nobody's is over 120.
pub const CONTACT_CHARS_MAX: usize = 120;
/// Letters of an answer: twice a comment's, for an answer explains.
pub const ANSWER_CHARS_MAX: usize = 2_000;
/// Answers of one side under one comment: a letter gets answers, not a chat.
pub const ANSWERS_MAX: usize = 20;
/// Replies of a comment's writer: as many as one side has answers.
pub const REPLIES_MAX: usize = 20;
/// Replies in a row, before anybody answers again: an afterthought or two, not a stream.
pub const REPLIES_IN_A_ROW_MAX: usize = 3;
/// Letters of a note that colleagues leave each other on a comment: as many as an answer's, which it may prepare.
pub const NOTE_CHARS_MAX: usize = 2_000;
/// Letters of a ready answer's title: one line of a list.
pub const READY_TITLE_CHARS_MAX: usize = 60;
/// Notes of one desk on one comment.
pub const NOTES_MAX: usize = 50;
/// Photos of a comment: front, back and the spot.
pub const PHOTOS_MAX: usize = 3;
/// Bytes of one uploaded photo: 50-megapixel phones write about 12 to 15 MB.
pub const PHOTO_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a photo as it is kept.
pub const PHOTO_KEPT_BYTES_MAX: usize = 1 << 20;
/// Photos from one network an hour: three with each letter that is not held. Else one connection fills the disk.
pub const PHOTOS_PER_NETWORK_AN_HOUR: u32 = 60;
/// Longest side of a photo as it is kept: readable small print, some 400 kB.
pub const PHOTO_SIDE_MAX: u32 = 2_000;
/// Shortest time between seeing the form and sending it: no person is faster.
pub const WRITING_MS_MIN: u64 = 3_000;
/// Longest time: a form left open over a weekend still works, a harvested one does not work for ever.
pub const WRITING_MS_MAX: u64 = 4 * 24 * 3_600_000;
/// Comments on one item's code a day before further ones are held for a look. One household writes one or two; a copied code writes many.
pub const PER_ITEM_A_DAY: usize = 20;
/// Letters for everybody on one item's code a day before further ones wait for the brand to look.
pub const PUBLIC_PER_ITEM_A_DAY: usize = 3;
/// The same for a batch's or product's code: many packs share it.
pub const PER_SHARED_CODE_A_DAY: usize = 500;
/// Comments from one network an hour before further ones are held for a look: a shop's Wi-Fi is one address.
pub const PER_NETWORK_AN_HOUR: u32 = 20;
/// Comments from one network for one desk an hour before further ones go back to their writers, words and all: a script writes hundreds a
/// second, which would push true ones out of a desk's lists and fill the disk.
pub const TAKEN_PER_NETWORK_AN_HOUR: u32 = 100;
/// Comments for one desk a day that are held because many came from their network; further such ones go back. All others are taken.
pub const HELD_PER_DESK_A_DAY: usize = 500;
/// Days a contact is kept after the first answer.
pub const CONTACT_DAYS_AFTER_ANSWER: u64 = 30;
/// Held comments whose entries are logged an hour though nobody looked at them: none stays without its entry for ever, and who writes
/// thousands makes the ledger no longer than this.
pub const HELD_ENTRIES_AN_HOUR: usize = 20;
