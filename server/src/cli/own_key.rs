//! `leafproof keygen` and `leafproof sign`: a member's own key, and records signed with it on the member's side.

use std::path::{Path, PathBuf};

use base::clock::now_ms;
use base::secret::{seed, seed_or_new, write_whole};
use ed25519_dalek::SigningKey;
use engine::{NewEvent, RightsNow, SignedEvent};
use ledger::Key;
use ledger::entry::{Body, Entry, Event, Kind, Record, TileEntry, event_id};
use ledger::name::Name;
use ledger::note::{KeyKind, VKey};
use ledger::presigned::{self, Presigned};
use trace::draft::{self, Draft, Target};
use trace::epcis;

use super::Failure;
use crate::authority::{self, Saying};
use crate::erase;
use crate::presign;

#[derive(clap::Args)]
pub(super) struct Keygen {
    /// Where the secret goes; only its owner may read it. Keep a copy where no server is
    file: PathBuf,
    /// Also print the key as one that signs notes under this name, as a policy's governance line needs it
    #[arg(long, value_name = "NAME")]
    vkey: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct Sign {
    /// EPCIS 2.0 document (JSON)
    #[arg(required_unless_present = "erase")]
    file: Option<PathBuf>,
    /// Instead of a document: erase the words of the record with this eventID, which --of holds
    #[arg(long, value_name = "EVENT_ID", conflicts_with = "file", requires_all = ["reason", "out"])]
    erase: Option<String>,
    /// Why; everybody can read it, so do not repeat what is erased
    #[arg(long, requires = "erase")]
    reason: Option<String>,
    /// The member's id
    #[arg(long)]
    member: String,
    /// Its secret, from `leafproof keygen`
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Who owns which numbers and what the member may say of them: what the server's /rights answers to its API key
    #[arg(long, value_name = "FILE", required_unless_present = "erase")]
    rights: Option<PathBuf>,
    /// The ledger's name, from the server's /presigned or its policy
    #[arg(long)]
    origin: String,
    /// The member's next number, from the server's /presigned; 1 for its first record
    #[arg(long, value_name = "N")]
    seq: u64,
    /// For an errorDeclaration or an erasure: an earlier signed capture that holds the record it is about; as often as there are such files
    #[arg(long, visible_alias = "of", value_name = "FILE.lps")]
    corrects: Vec<PathBuf>,
    /// Where the signed capture goes; without it beside FILE, ending in .lps
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn keygen(arguments: &Keygen) -> Result<(), Failure> {
    let path = &arguments.file;
    if path.exists() {
        return Err(format!("{} is there already; a key is never overwritten. Choose another name", path.display()).into());
    }
    let seed = seed_or_new(path)?;
    let public = SigningKey::from_bytes(&seed).verifying_key();
    println!("secret      {}", path.display());
    println!("public key  {}", ledger::Hash(public.to_bytes()));
    if let Some(name) = &arguments.vkey {
        println!("vkey        {}", VKey::new(name, KeyKind::Note, public)?);
    }
    Ok(())
}

/// The key in a file of 64 hexadecimal digits.
pub(super) fn read_key(path: &Path) -> Result<SigningKey, Failure> {
    let seed = seed(path)?.ok_or_else(|| format!("{} is not there", path.display()))?;
    Ok(SigningKey::from_bytes(&seed))
}

pub(super) fn sign(arguments: &Sign) -> Result<(), Failure> {
    let earlier = earlier(arguments)?;
    let key = read_key(&arguments.key)?;
    let mut entries = Vec::new();
    if let Some(file) = &arguments.file {
        let name = file.display();
        let text = std::fs::read_to_string(file).map_err(|e| format!("{name}: {e}"))?;
        let rights = read_rights(arguments)?;
        let drafts = drafts(&text, &arguments.origin, &earlier, &rights).map_err(|e| format!("{name}: {e}"))?;
        for (draft, seq) in drafts.into_iter().zip(arguments.seq..) {
            entries.push(signed(draft, arguments, seq, &key, &rights)?);
        }
    }
    if let Some(id) = &arguments.erase {
        entries = erasures(id, arguments, earlier, &key)?;
    }
    let count = entries.len();
    let bytes = presigned::encode(&arguments.origin, &entries)?;
    let beside = || arguments.file.as_ref().map(|file| file.with_extension("lps"));
    let out = arguments.out.clone().or_else(beside).ok_or("name the file to write with --out")?;
    write_whole(&out, &bytes, 0o644).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("{}: {count} records, numbers {} to {}", out.display(), arguments.seq, arguments.seq + count as u64 - 1);
    println!("Next: leafproof capture {} --url SERVER --key KEY", out.display());
    Ok(())
}

/// The member's own events in the files that hold what is taken back.
fn earlier(arguments: &Sign) -> Result<Vec<(Event, Vec<Record>)>, Failure> {
    let author = Name::member_key(&arguments.member);
    let mut events = Vec::new();
    for path in &arguments.corrects {
        let name = path.display();
        let bytes = std::fs::read(path).map_err(|e| format!("{name}: {e}"))?;
        let (origin, entries) = presigned::parse(&bytes).map_err(|e| format!("{name}: {e}"))?;
        if origin != arguments.origin {
            return Err(format!("{name} was signed for the ledger {origin}, this is for {}", arguments.origin).into());
        }
        for entry in entries {
            match entry.tile.entry.body {
                Body::Event(event) if event.member == author => events.push((event, entry.tile.records)),
                _ => {}
            }
        }
    }
    Ok(events)
}

/// What takes back the earlier event that a declaration is about: one entry for each of its entries, however it would be cut today.
fn voids(event: &epcis::Event, kind: Kind, origin: &str, earlier: &[(Event, Vec<Record>)]) -> Result<Vec<Draft>, Failure> {
    let text = event.event_id.as_deref().ok_or("an errorDeclaration names the record that it takes back by its eventID")?;
    let id = event_id(text.as_bytes());
    let originals: Vec<_> = earlier.iter().filter(|(logged, _)| logged.event_id == id && logged.kind == kind).collect();
    if originals.first().is_none_or(|(logged, _)| originals.len() != usize::from(logged.chunks)) {
        return Err(format!(
            "the record {text} that the errorDeclaration takes back is in none of the files given, or not all of it: name the .lps file that holds it with --corrects"
        )
        .into());
    }
    let mut drafts = Vec::new();
    for (logged, records) in originals {
        drafts.push(draft::void(event, &Target::of(logged, origin, records.clone()))?);
    }
    Ok(drafts)
}

/// What a document says, as it is to be signed.
fn drafts(text: &str, origin: &str, earlier: &[(Event, Vec<Record>)], rights: &RightsNow) -> Result<Vec<Draft>, Failure> {
    let document = epcis::parse(text).map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let at_ms = document.created_ms.unwrap_or_else(now_ms);
    let locations = document.master.locations;
    let place = |name: &Name| locations.iter().find(|l| l.name == *name).map(|l| l.words.clone());
    let mut drafts = Vec::new();
    for product in &document.master.products {
        drafts.push(draft::master_data(product, at_ms)?);
    }
    for event in document.events {
        let event = event.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
        let made = draft::event(&event, &place, &|digits| rights.owner_key(digits, now_ms()))?;
        drafts.extend(match made.first() {
            Some(original) if event.error.is_some() => voids(&event, original.kind, origin, earlier)?,
            _ => made,
        });
    }
    if drafts.is_empty() || drafts.len() > presigned::MAX_ENTRIES {
        return Err(format!("it makes {} records; a pre-signed capture holds 1 to {}", drafts.len(), presigned::MAX_ENTRIES).into());
    }
    Ok(drafts)
}

/// The erasure of the words of an earlier event: one entry for each of its entries.
fn erasures(id: &str, arguments: &Sign, earlier: Vec<(Event, Vec<Record>)>, key: &SigningKey) -> Result<Vec<Presigned>, Failure> {
    let wanted = event_id(id.as_bytes());
    let targets = earlier.into_iter().filter(|(event, _)| event.event_id == wanted && !matches!(event.kind, Kind::Void | Kind::Erase));
    let author = Name::member_key(&arguments.member);
    let mut entries = Vec::new();
    for ((target, records), seq) in targets.zip(arguments.seq..) {
        let erasure = erase::erasure(&arguments.origin, &target, records, arguments.reason.as_deref().unwrap_or_default())?;
        entries.push(presigned_event(&erasure, &arguments.origin, author, seq, key)?);
    }
    if entries.is_empty() {
        return Err(format!(
            "no record of {} with the eventID {id} is in the files given: name the .lps file that holds it with --of",
            arguments.member
        )
        .into());
    }
    Ok(entries)
}

/// An event as it is posted, under its author's number.
pub(super) fn presigned_event(event: &NewEvent, origin: &str, author: Key, seq: u64, key: &SigningKey) -> Result<Presigned, Failure> {
    let SignedEvent { event, records, parts } = presign::sign(event, origin, author, seq, key);
    event.check_form()?;
    let tile = TileEntry { entry: Entry { logged_ms: now_ms(), body: Body::Event(event) }, records };
    Ok(Presigned { tile, parts: parts.into_iter().map(|(_, salt, bytes)| (salt, bytes)).collect() })
}

/// What the server told a member about rights.
pub(super) fn read_known(path: &Path, member: &str) -> Result<authority::Known, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{name}: {e}"))?;
    let known: authority::Known = serde_json::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
    if known.member == member { Ok(known) } else { Err(format!("{name} is about {}, this signs for {member}", known.member).into()) }
}

fn read_rights(arguments: &Sign) -> Result<RightsNow, Failure> {
    let missing = "--rights is missing: save what the server's /rights answers to the member's API key";
    let path = arguments.rights.as_ref().ok_or(missing)?;
    Ok(read_known(path, &arguments.member)?.rights()?)
}

fn signed(draft: Draft, arguments: &Sign, seq: u64, key: &SigningKey, rights: &RightsNow) -> Result<Presigned, Failure> {
    let about = authority::resolve(rights, &arguments.member, Saying::of(&draft, now_ms()), &draft.subjects);
    let about = about.map_err(|missing| missing.into_iter().map(|m| m.why).collect::<Vec<_>>().join("; "))?;
    let id = match &draft.event_id {
        Some(text) => event_id(text.as_bytes()),
        None => event_id(&base::random::bytes::<16>()),
    };
    presigned_event(&about.event(&draft, id), &arguments.origin, Name::member_key(&arguments.member), seq, key)
}
