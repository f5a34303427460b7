//! The words of the rights that an owner grants, and how to ask for one that is missing.

use ledger::entry::right;

/// Whose permission is missing, and how to get it.
pub fn explain(author: &str, path: Option<&str>, owner: Option<&str>, needed: u16) -> String {
    let goods = path.map_or_else(|| "one of these goods".to_owned(), str::to_owned);
    let Some(owner) = owner else {
        return format!("{author} has no right to say this of {goods}: it is neither the owner of its number nor named by it");
    };
    let words = right_words(needed);
    match words.first() {
        Some(word) => format!(
            "{author} may not say this of {goods}: its number belongs to {owner}, who has not granted the right \"{word}\"; ask for it at \
             /console/partners?ask={owner}&right={word}#ask, or with POST /rights/requests. {owner} sees it there, or runs \
             `leafproof grant add --owner {owner} --partner {author} --right {word}`"
        ),
        None => format!("only {owner}, who owns the number of {goods}, may say this of it"),
    }
}

/// The words of rights, in the order of their bits.
pub const RIGHTS: [(u16, &str); 9] = [
    (right::ISSUE, "issue"),
    (right::RECORD, "record"),
    (right::PACK, "pack"),
    (right::DATES, "dates"),
    (right::WORDS, "words"),
    (right::ALERT, "alert"),
    (right::STORE, "store"),
    (right::INPUT, "input"),
    (right::CONTACT, "contact"),
];

/// The words of these rights.
pub fn right_words(rights: u16) -> Vec<&'static str> {
    RIGHTS.iter().filter(|(bit, _)| rights & bit != 0).map(|(_, word)| *word).collect()
}

/// The rights of these words; an unknown one is the error.
pub fn rights_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<u16, String> {
    words.into_iter().try_fold(0, |rights, word| {
        let known = RIGHTS.iter().find(|(_, known)| *known == word);
        known.map(|(bit, _)| rights | bit).ok_or_else(|| word.to_owned())
    })
}
