//! The list as a file: CSV for programs and whoever likes it, XLSX for people. Both hold the same letters, and nothing that their reader may
//! not read; notes are in neither, for a file goes further than those whom they were written for.

use app::console::inbox::state_words;
use app::context::Lang;
use app::feedback::words::{OFFSET_MS, iso, local, name, topic};
use app::texts::text;
use rust_xlsxwriter::{Color, ExcelDateTime, Format, Url, Workbook, Worksheet, XlsxError};
use trace::feedback::limits::PHOTOS_MAX;
use trace::feedback::{Comment, Publicity, Said};

use crate::csv::{BEGIN, line};

base::limits! {
    /// Characters of one cell, which is what spreadsheet programs take; of more the end is left out, and a mark says so.
    CELL_CHARS: usize = 32_767, "UTF-16 units";
    /// Links of one sheet, below the 65,530 that spreadsheet programs take; further ones are written as words.
    SHEET_LINKS: usize = 65_000, "links";
}

/// The media type of an XLSX file.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Headings of a program's CSV file, column by column those of [`COLUMNS`]: the same in every language.
const NAMES: [&str; COLUMNS.len()] = [
    "number", "received", "product", "gtin", "lot", "serial", "store", "rating", "topic", "state", "public", "assigned", "text",
    "answered", "answers", "replies", "photos",
];

/// Whom a CSV file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Headings and words in the reader's language.
    Person,
    /// Names that stay the same.
    Program,
}

/// The whole file, with the columns of [`xlsx`]: times in UTC, a person's in the service's own time; photos as their addresses below `site`,
/// with blanks between.
pub fn csv(rows: &[Comment], lang: Lang, site: &str, reader: Reader) -> String {
    let mut out = String::from(BEGIN);
    let for_person = reader == Reader::Person;
    let time = |ms| if for_person { local(ms) } else { iso(ms) };
    line(
        &mut out,
        std::array::from_fn::<_, { COLUMNS.len() }, _>(|at| if for_person { text(lang, COLUMNS[at].0) } else { NAMES[at] }.to_owned()),
    );
    for comment in rows {
        let public = comment.publicity == Publicity::Shown;
        let photos: Vec<String> = (0..photos(comment)).map(|place| photo_at(&letter_at(site, comment), place)).collect();
        line(
            &mut out,
            [
                comment.number(),
                time(comment.at_ms),
                name(&comment.product, lang).unwrap_or_default().to_owned(),
                comment.gtin.clone(),
                comment.lot.clone().unwrap_or_default(),
                comment.serial.clone().unwrap_or_default(),
                place(comment, lang),
                comment.rating.number().to_string(),
                if for_person { topic(comment.topic, lang) } else { comment.topic.value() }.to_owned(),
                if for_person { state_words(comment.state(), lang) } else { comment.state().value() }.to_owned(),
                match (for_person, public) {
                    (true, true) => text(lang, "export.yes").to_owned(),
                    (true, false) => text(lang, "export.no").to_owned(),
                    (false, public) => public.to_string(),
                },
                comment.assigned.clone().unwrap_or_default(),
                words(comment),
                comment.first_answer_ms().map(time).unwrap_or_default(),
                joined(comment.answers().map(|(_, said)| said)),
                replies(comment),
                photos.join(" "),
            ],
        );
    }
    out
}

fn letter_at(site: &str, comment: &Comment) -> String {
    format!("{site}/console/comments/{}", comment.id)
}

fn photo_at(letter: &str, place: usize) -> String {
    format!("{letter}/photos/{place}")
}

/// A held letter's photos are looked at in the console, with its words.
fn photos(comment: &Comment) -> usize {
    if comment.held.is_some() { 0 } else { comment.photos.len().min(PHOTOS_MAX) }
}

/// What held letters say stands in no file.
fn words(comment: &Comment) -> String {
    comment.text.clone().filter(|_| comment.held.is_none()).unwrap_or_default()
}

fn replies(comment: &Comment) -> String {
    if comment.held.is_some() { String::new() } else { joined(comment.replies()) }
}

fn place(comment: &Comment, lang: Lang) -> String {
    comment.place().and_then(|store| name(&store.names, lang)).unwrap_or_default().to_owned()
}

fn joined<'a>(said: impl Iterator<Item = &'a Said>) -> String {
    said.filter_map(|said| said.text.as_deref()).collect::<Vec<_>>().join("\n\n")
}

/// Headings of the XLSX file, each with its column's width in characters.
const COLUMNS: [(&str, f64); 17] = [
    ("export.number", 14.0),
    ("export.received", 17.0),
    ("export.product", 24.0),
    ("export.gtin", 16.0),
    ("export.lot", 14.0),
    ("export.serial", 18.0),
    ("export.place", 24.0),
    ("export.rating", 8.0),
    ("export.topic", 20.0),
    ("export.state", 12.0),
    ("export.public", 12.0),
    ("export.assigned", 24.0),
    ("export.text", 60.0),
    ("export.answered", 17.0),
    ("export.answers", 60.0),
    ("export.replies", 60.0),
    ("export.photos", 10.0),
];

/// The same for people: headings and words in their language, times as times, numbers of goods as the text that they are, and photos and
/// letters as links to `site`, where only who may read them can. Nothing in it is a formula: what strangers write is written as strings.
pub fn xlsx(rows: &[Comment], lang: Lang, site: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(text(lang, "export.sheet"))?;
    let head = Format::new().set_bold().set_background_color(Color::RGB(0x00EF_EDE6)).set_text_wrap();
    let wrapped = Format::new().set_text_wrap().set_align(rust_xlsxwriter::FormatAlign::Top);
    let top = Format::new().set_align(rust_xlsxwriter::FormatAlign::Top);
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm").set_align(rust_xlsxwriter::FormatAlign::Top);
    sheet.set_freeze_panes(1, 1)?;
    for (at, (_, width)) in (0u16..).zip(COLUMNS) {
        sheet.set_column_width(at, width)?;
    }
    // Photos beyond the first have columns of their own, without a heading.
    for (at, (key, _)) in (0u16..).zip(COLUMNS) {
        sheet.write_string_with_format(0, at, text(lang, key), &head)?;
    }
    let mut links = 0;
    for (row, comment) in (1u32..).zip(rows) {
        let letter = letter_at(site, comment);
        link(sheet, &mut links, row, 0, &letter, &comment.number())?;
        at_time(sheet, row, 1, comment.at_ms, &time)?;
        let texts = [
            (2, name(&comment.product, lang).unwrap_or_default().to_owned(), &top),
            (3, comment.gtin.clone(), &top),
            (4, comment.lot.clone().unwrap_or_default(), &top),
            (5, comment.serial.clone().unwrap_or_default(), &top),
            (6, place(comment, lang), &top),
        ];
        write(sheet, row, texts)?;
        sheet.write_number_with_format(row, 7, f64::from(comment.rating.number()), &top)?;
        let public = if comment.publicity == Publicity::Shown { "export.yes" } else { "export.no" };
        let texts = [
            (8, topic(comment.topic, lang).to_owned(), &top),
            (9, state_words(comment.state(), lang).to_owned(), &top),
            (10, text(lang, public).to_owned(), &top),
            (11, comment.assigned.clone().unwrap_or_default(), &top),
            (12, words(comment), &wrapped),
        ];
        write(sheet, row, texts)?;
        if let Some(first) = comment.first_answer_ms() {
            at_time(sheet, row, 13, first, &time)?;
        }
        write(sheet, row, [(14, joined(comment.answers().map(|(_, said)| said)), &wrapped), (15, replies(comment), &wrapped)])?;
        for (place, at) in (0..photos(comment)).zip(16u16..) {
            link(sheet, &mut links, row, at, &photo_at(&letter, place), &(place + 1).to_string())?;
        }
    }
    book.save_to_buffer()
}

/// Strings, and never anything else.
fn write<const N: usize>(sheet: &mut Worksheet, row: u32, cells: [(u16, String, &Format); N]) -> Result<(), XlsxError> {
    for (column, words, format) in cells {
        if !words.is_empty() {
            sheet.write_string_with_format(row, column, fitting(words), format)?;
        }
    }
    Ok(())
}

fn link(sheet: &mut Worksheet, links: &mut usize, row: u32, column: u16, to: &str, words: &str) -> Result<(), XlsxError> {
    *links += 1;
    if *links > SHEET_LINKS {
        return sheet.write_string(row, column, words).map(drop);
    }
    sheet.write_url_with_text(row, column, Url::new(to), words).map(drop)
}

/// Words that fit a cell.
fn fitting(words: String) -> String {
    if words.encode_utf16().count() <= CELL_CHARS {
        return words;
    }
    let mut left = CELL_CHARS - 1;
    let kept: String = words
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    kept + "…"
}

/// A moment in the service's own time, as all its pages show them; the heading names the offset.
fn at_time(sheet: &mut Worksheet, row: u32, column: u16, ms: u64, format: &Format) -> Result<(), XlsxError> {
    let seconds = i64::try_from(ms.saturating_add(OFFSET_MS) / 1_000).unwrap_or(i64::MAX);
    match ExcelDateTime::from_timestamp(seconds) {
        Ok(moment) => sheet.write_datetime_with_format(row, column, &moment, format).map(drop),
        // A year that spreadsheets do not know.
        Err(_) => sheet.write_string_with_format(row, column, iso(ms), format).map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_for_a_cell_is_cut_between_characters_with_a_mark() {
        assert_eq!(fitting("a".repeat(CELL_CHARS)), "a".repeat(CELL_CHARS));
        for one in ["a", "牛", "🐂"] {
            let cut = fitting(one.repeat(CELL_CHARS + 1));
            assert!(cut.encode_utf16().count() <= CELL_CHARS && cut.ends_with('…') && cut.starts_with(one), "{one}");
        }
    }
}
