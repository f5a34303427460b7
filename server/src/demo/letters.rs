//! The demo's letters: of all kinds, in both languages, with what was done to them, so that an inbox shows what it is for. They are
//! written as shoppers and desks would have written them in the days before; their entries are logged when the demo is loaded.

use base::clock::DAY_MS;
use engine::Engine;
use ledger::name::Name;
use serde::Deserialize;
use store::record::{Answer, Assignment, Blob, CommentState, Note, Public, Reply, StateRecord};
use trace::feedback::{AnswerText, Contact, HoldReason, Rating, Side, Text, TitleText, Token, Topic};
use trace::page::CodeHistory;

use crate::feedback::letters::{self, Draft, Written};
use crate::feedback::standing::{side_word, sides};
use crate::inbox::{self, ready};
use crate::pages::{self, Scanned};
use crate::session::accounts::{self, Account};

/// `letters.json`.
#[derive(Deserialize)]
pub struct LettersFile {
    letters: Vec<LetterFile>,
    answers: Vec<ReadyFile>,
}

#[derive(Deserialize)]
struct LetterFile {
    item: String,
    language: String,
    rating: u8,
    topic: String,
    hours_ago: u64,
    text: String,
    /// How its writer is reached.
    #[serde(default)]
    contact: Option<String>,
    /// A JPEG among the demo's files.
    #[serde(default)]
    photo: Option<String>,
    #[serde(default)]
    hold: Option<HoldReason>,
    /// Its writer lets it stand on the product's page.
    #[serde(default)]
    public: bool,
    #[serde(default)]
    then: Vec<Then>,
}

/// What somebody did to a letter afterwards: one of the fields below `by`.
#[derive(Deserialize)]
struct Then {
    hours_ago: u64,
    /// An account, or `writer`.
    by: String,
    #[serde(default)]
    answer: Option<String>,
    /// The answer stands on the product's page too.
    #[serde(default)]
    public: bool,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    reply: Option<String>,
    #[serde(default)]
    assign: Option<String>,
    #[serde(default)]
    put_off_days: Option<u64>,
    #[serde(default)]
    step: Option<String>,
}

#[derive(Deserialize)]
struct ReadyFile {
    by: String,
    title: String,
    text: String,
}

const HOUR_MS: u64 = 3_600_000;

/// Writes them all. What cannot be written is a fault of the file, and told with its item.
pub async fn load(engine: &Engine, file: &LettersFile) -> Result<(), String> {
    let now_ms = engine.now_ms();
    for letter in &file.letters {
        write(engine, letter, now_ms).await.map_err(|why| format!("the letter about {}: {why}", letter.item))?;
    }
    for answer in &file.answers {
        let account = account(engine, &answer.by)?;
        let title = TitleText::parse(&answer.title).map_err(|e| e.to_string())?;
        let text = AnswerText::parse(&answer.text).map_err(|e| e.to_string())?;
        ready::keep(engine, &account, None, title, text).await.map_err(|e| e.to_string())?.map_err(|why| format!("{why:?}"))?;
    }
    Ok(())
}

fn account(engine: &Engine, login: &str) -> Result<Account, String> {
    accounts::find(engine, login).map_err(|e| e.to_string())?.ok_or_else(|| format!("there is no account {login}"))
}

async fn write(engine: &Engine, letter: &LetterFile, now_ms: u64) -> Result<(), String> {
    let view = engine.view();
    let name = Name::from_digital_link_path(&letter.item).map_err(|e| e.to_string())?;
    let scanned = Scanned { lot: None, code: CodeHistory::NotCounted, demo: true };
    let page = pages::about(&view, &name, scanned)?.ok_or("nothing is known of it")?;
    let draft = Draft {
        form: None,
        page: &page,
        brand: letters::owner(engine, &view, &page.gtin),
        seller: None,
        rating: Rating::try_from(letter.rating)?,
        topic: Topic::parse(&letter.topic).ok_or("no such topic")?,
        text: Text::parse(&letter.text).map_err(|e| e.to_string())?,
        contact: letter.contact.as_deref().map(Contact::parse).transpose().map_err(|e| format!("{e:?}"))?.flatten(),
        photos: letter.photo.iter().map(|path| photo(path)).collect::<Result<_, _>>()?,
        public: letter.public.then_some(Public { photos: false }),
        language: if letter.language == "zh" { "zh" } else { "en" },
        at_ms: now_ms - letter.hours_ago * HOUR_MS,
    };
    let written = letters::write(engine, draft, || Ok(letter.hold)).await.map_err(|e| e.to_string())?;
    let Written::Kept(token) = written else { return Err("a form of its own is not spent".to_owned()) };
    let id = id_of(engine, token)?;
    for then in &letter.then {
        happened(engine, &id, then, now_ms).await?;
    }
    Ok(())
}

fn photo(path: &str) -> Result<Vec<u8>, String> {
    super::FILES.get_file(path).map(|file| file.contents().to_vec()).ok_or_else(|| format!("{path} is no file of the demo"))
}

fn id_of(engine: &Engine, token: Token) -> Result<String, String> {
    let id = engine.index().receipt(&ledger::Hash(token.stored())).map_err(|e| e.to_string())?;
    id.ok_or_else(|| "it was not kept".to_owned())
}

/// Keeps one thing that was done, at its own time.
async fn happened(engine: &Engine, id: &str, then: &Then, now_ms: u64) -> Result<(), String> {
    let row = engine.index().comment(id).map_err(|e| e.to_string())?.ok_or("it is gone")?;
    let (comment, by, at_ms) = (id.to_owned(), then.by.clone(), now_ms - then.hours_ago * HOUR_MS);
    if let Some(text) = &then.reply {
        let to = sides(&row.comment).into_iter().filter(|side| *side != Side::Seller).map(|side| side_word(side).to_owned()).collect();
        let random: [u8; 16] = base::random::bytes();
        let reply_id = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let reply = Reply { comment, id: reply_id, to, at_ms, text: Blob(0), photos: Vec::new(), hold: None };
        return keep(engine, StateRecord::Reply(reply), Some(text)).await;
    }
    let desk = account(engine, &by)?;
    let side = inbox::may_read(&desk, &row.comment).ok_or_else(|| format!("{by} may not read it"))?;
    let side = side_word(side).to_owned();
    let step = |state: &str, until_ms| {
        StateRecord::CommentState(CommentState {
            comment: id.to_owned(),
            state: state.to_owned(),
            by: by.clone(),
            side: side.clone(),
            at_ms,
            until_ms,
            reason: None,
        })
    };
    // Whoever does something has it open.
    keep(engine, step("seen", None), None).await?;
    if let Some(text) = &then.answer {
        let answer = Answer { comment, by, side, at_ms, text: Blob(0), staff: None, public: then.public };
        return keep(engine, StateRecord::Answer(answer), Some(text)).await;
    }
    if let Some(text) = &then.note {
        let note = Note { comment, by, side, at_ms, text: Blob(0) };
        return keep(engine, StateRecord::Note(note), Some(text)).await;
    }
    if let Some(to) = &then.assign {
        let assigned = Assignment { comment, side, to: Some(to.clone()), by, at_ms };
        return keep(engine, StateRecord::Assignment(assigned), None).await;
    }
    match (then.put_off_days, then.step.as_deref()) {
        (Some(days), _) => keep(engine, step("put-off", Some(now_ms + days * DAY_MS)), None).await,
        (None, Some("close")) => keep(engine, step("closed", None), None).await,
        _ => Err("something is done to it that is none of what can be done".to_owned()),
    }
}

async fn keep(engine: &Engine, record: StateRecord, words: Option<&String>) -> Result<(), String> {
    let blobs = words.into_iter().map(|words| words.as_bytes().to_vec()).collect();
    engine.state_with(record, blobs).await.map(drop).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_hold_what_a_page_can_show_and_a_desk_can_do() {
        let file: LettersFile = serde_json::from_str(include_str!("../../demo/letters.json")).unwrap();
        for letter in &file.letters {
            assert!(Text::parse(&letter.text).is_ok() && Topic::parse(&letter.topic).is_some() && (1..=5).contains(&letter.rating));
            assert!(["en", "zh"].contains(&letter.language.as_str()));
            let mut before = letter.hours_ago;
            for then in &letter.then {
                assert!(then.hours_ago <= before, "{}: in order", letter.text);
                before = then.hours_ago;
                assert_eq!(then.reply.is_some(), then.by == "writer");
                assert!(then.answer.iter().chain(&then.note).all(|text| AnswerText::parse(text).is_ok()));
            }
        }
        // All kinds, in both languages: an inbox without them teaches nobody.
        let some = |is: &dyn Fn(&LetterFile) -> bool| ["en", "zh"].map(|lang| file.letters.iter().any(|l| l.language == lang && is(l)));
        let then = |is: &dyn Fn(&Then) -> bool| some(&|letter: &LetterFile| letter.then.iter().any(is));
        assert_eq!(some(&|letter| letter.then.is_empty() && letter.hold.is_none()), [true, true], "new");
        assert_eq!(some(&|letter| letter.contact.is_some()), [true, true]);
        assert!(file.letters.iter().flat_map(|letter| &letter.photo).any(|path| photo(path).unwrap().starts_with(&[0xff, 0xd8])));
        assert_eq!(then(&|then| then.answer.is_some()), [true, true]);
        assert_eq!(then(&|then| then.reply.is_some()), [true, true]);
        assert_eq!(then(&|then| then.note.is_some()), [true, true]);
        assert!(some(&|letter| letter.hold.is_some()).contains(&true));
        assert!(then(&|then| then.assign.is_some()).contains(&true) && then(&|then| then.put_off_days.is_some()).contains(&true));
        for answer in &file.answers {
            assert!(TitleText::parse(&answer.title).is_ok() && ready::unknown_slot(&answer.text).is_none());
        }
    }
}
