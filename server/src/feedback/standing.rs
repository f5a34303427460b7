//! How a comment stands, from the tables alone: what happened to it, as one of its readers may see it. No words are read here.
//!
//! A side of a comment is one desk: the brand that owned the number, the store's location, or the seller that its writer chose. What a
//! desk does with it (reads, closes, holds, puts off, assigns, notes) is its own; answers of brand and store are for both.

use store::public::publicity;
use store::record::{self as state, Blob, Secret};
use store::rows::{CommentRow, Event, Happened};
use trace::feedback::{Comment, HoldReason, HoldWhy, ProofState, Rating, Said, Side, StandingProduct, StoreRef, Topic, Voice};

/// The word of a side in records.
pub fn side_word(side: Side) -> &'static str {
    match side {
        Side::Brand => "brand",
        Side::Store => "store",
        Side::Seller => "seller",
    }
}

/// The side of a record's word; records of the first days name none, and only brands answered then.
pub fn side_of(word: &str) -> Side {
    match word {
        "store" => Side::Store,
        "seller" => Side::Seller,
        _ => Side::Brand,
    }
}

/// What a blob of the comment itself is named by.
pub fn secret_of(row: &CommentRow, blob: Option<Blob>) -> Option<Secret> {
    row.secrets.get(usize::from(blob?.0)).copied()
}

/// Whom a comment went to.
pub fn sides(comment: &state::Comment) -> Vec<Side> {
    let goes = [(Side::Brand, !comment.brand.is_empty()), (Side::Store, comment.store.is_some()), (Side::Seller, comment.seller.is_some())];
    goes.into_iter().filter_map(|(side, goes)| goes.then_some(side)).collect()
}

/// What was said under a comment, as this reader may see it, in order. What brand and store answer is nothing to a seller that the
/// owner did not name; a reply is for those whom its writer sent it to; a note is for its own desk.
pub fn said(row: &CommentRow, reader: Option<Side>) -> impl Iterator<Item = &Event> {
    row.events.iter().filter(move |event| match &event.what {
        Happened::Answer(answer) => reader != Some(Side::Seller) || side_of(&answer.side) == Side::Seller,
        Happened::Reply(reply) => reader.is_none_or(|side| sent_to(reply, side)),
        Happened::Note(note) => reader == Some(side_of(&note.side)),
        Happened::Step(_) | Happened::Assignment(_) => false,
    })
}

/// Whether a reply went to this side.
pub fn sent_to(reply: &state::Reply, side: Side) -> bool {
    reply.to.iter().any(|word| word == side_word(side))
}

/// A comment as it stands for one side at this time, without the words: what filters and counts need. Each side closes and holds for
/// itself. For its writer (`None`) it is held until brand or store looked, and closed once all whom it went to closed it.
pub fn standing(row: &CommentRow, reader: Option<Side>, now_ms: u64) -> Comment {
    let mut comment = begun(row, reader);
    let mut closed: Vec<(Side, u64)> = Vec::new();
    let mut photos = row.comment.photos.len();
    for event in &row.events {
        match &event.what {
            Happened::Step(step) => stepped(&mut comment, &mut closed, step),
            Happened::Answer(answer) => {
                let side = side_of(&answer.side);
                if reader != Some(Side::Seller) || side == Side::Seller {
                    let account = (reader == Some(side)).then(|| answer.by.clone());
                    let staff = answer.staff.clone().filter(|_| reader.is_some());
                    comment.said.push(Said { account, staff, public: answer.public, ..Said::new(Voice::Answer(side), answer.at_ms) });
                }
                if reader == Some(side) {
                    (comment.until_ms, comment.due) = (None, false);
                }
            }
            Happened::Reply(reply) => {
                if reader.is_none_or(|side| sent_to(reply, side)) {
                    let to = [Side::Brand, Side::Store, Side::Seller].into_iter().filter(|side| sent_to(reply, *side)).collect();
                    let bytes = reply.photos.iter().map(|photo| photo.bytes).collect();
                    comment.said.push(Said { photos: bytes, first_photo: photos, to, ..Said::new(Voice::Writer, reply.at_ms) });
                    (comment.unread, comment.until_ms) = (true, None);
                    comment.held = reply.hold.or(comment.held);
                }
                // Whoever closed it has it open again.
                closed.retain(|(side, _)| !sent_to(reply, *side));
                photos += reply.photos.len();
            }
            Happened::Note(note) => {
                if reader == Some(side_of(&note.side)) {
                    comment.said.push(Said { account: Some(note.by.clone()), ..Said::new(Voice::Note, note.at_ms) });
                }
            }
            Happened::Assignment(given) => {
                if reader == Some(side_of(&given.side)) {
                    comment.assigned.clone_from(&given.to);
                }
            }
        }
    }
    if comment.until_ms.is_some_and(|until| until <= now_ms) {
        (comment.until_ms, comment.due) = (None, true);
    }
    comment.closed_ms = match reader {
        Some(reader) => closed.iter().rev().find(|(side, _)| *side == reader).map(|(_, at)| *at),
        None => {
            let all = sides(&row.comment).iter().all(|side| closed.iter().any(|(of, _)| of == side));
            closed.iter().map(|(_, at)| *at).max().filter(|_| all)
        }
    };
    comment
}

fn stepped(comment: &mut Comment, closed: &mut Vec<(Side, u64)>, step: &state::CommentState) {
    let at = Some(step.at_ms);
    let side = side_of(&step.side);
    let mine = comment.reader == Some(side);
    match step.state.as_str() {
        "seen" => {
            let seen = match side {
                Side::Brand => &mut comment.seen_brand_ms,
                Side::Store => &mut comment.seen_store_ms,
                Side::Seller => &mut comment.seen_seller_ms,
            };
            *seen = seen.or(at);
            comment.unread &= !mine;
            for said in comment.said.iter_mut().filter(|said| said.to.contains(&side) && !said.seen_by.contains(&side)) {
                said.seen_by.push(side);
            }
        }
        "closed" => {
            closed.push((side, step.at_ms));
            if mine {
                (comment.until_ms, comment.due) = (None, false);
            }
        }
        "reopened" => {
            closed.retain(|(of, _)| *of != side);
            if mine {
                comment.due |= comment.until_ms.take().is_some();
            }
        }
        "put-off" if mine => comment.until_ms = step.until_ms,
        "held" if mine => {
            comment.held = Some(HoldReason::Reader);
            comment.held_why = step.reason.as_deref().and_then(HoldWhy::parse);
        }
        "released" if mine || (comment.reader.is_none() && side != Side::Seller) => (comment.held, comment.held_why) = (None, None),
        "erased" => comment.erased_ms = comment.erased_ms.or(at),
        _ => {}
    }
}

/// A comment as it came.
fn begun(row: &CommentRow, reader: Option<Side>) -> Comment {
    let record = &row.comment;
    let about = &record.about;
    let unknown = ProofState { records: 0, own_key: 0, ledger_size: 0, ledger_ms: 0, product: StandingProduct::Unknown };
    Comment {
        id: record.id.clone(),
        item: record.item.clone(),
        gtin: about.gtin.clone(),
        lot: record.lot.clone(),
        serial: about.serial.clone(),
        product: about.product.clone(),
        brand_names: about.brand_names.clone(),
        brand: Some(record.brand.clone()).filter(|brand| !brand.is_empty()),
        store: record.store.clone().map(|(location, member)| StoreRef { location, member, names: about.store_names.clone() }),
        seller: record.seller.clone().map(|(location, member)| StoreRef { location, member, names: about.seller_names.clone() }),
        rating: record.rating.and_then(|number| Rating::try_from(number).ok()).unwrap_or(Rating::ALL[2]),
        topic: Topic::parse(&record.topic).unwrap_or(Topic::Other),
        text: None,
        contact: None,
        photos: Vec::new(),
        proof: about.proof.clone().unwrap_or(unknown),
        at_ms: record.received_ms,
        commitment: secret_of(row, record.text).map(|secret| secret.0.to_string()).unwrap_or_default(),
        held: record.held.then_some(about.hold.unwrap_or(HoldReason::Reader)),
        seen_brand_ms: None,
        seen_store_ms: None,
        seen_seller_ms: None,
        said: Vec::new(),
        unread: true,
        assigned: None,
        until_ms: None,
        due: false,
        language: record.language.clone(),
        reader,
        closed_ms: None,
        erased_ms: None,
        publicity: publicity(row),
        public_photos: record.public.is_some_and(|public| public.photos),
        held_why: None,
    }
}
