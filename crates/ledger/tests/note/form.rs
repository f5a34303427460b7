//! Whatever has another form than the one spelling is refused.

use ledger::note::{Checkpoint, MAX_NOTE_BYTES, NoteError, SignedNote, VKey};

use crate::parse;

#[test]
fn checkpoints_have_one_spelling() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let good = format!("a\n7\n{root}\n");
    assert!(Checkpoint::parse(&good).is_ok());
    for bad in [
        format!("\n7\n{root}\n"),
        format!("a\n07\n{root}\n"),
        format!("a\n+7\n{root}\n"),
        format!("a\n\n{root}\n"),
        format!("a\n-1\n{root}\n"),
        format!("a\n18446744073709551616\n{root}\n"),
        format!("a\n7\n{root}"),
        format!("a\n7\n{root}\nextension\n"),
        format!("a\n7\n{root}\n\n"),
        format!("a\n7\n{}\n", root.trim_end_matches('=')),
        // The unused bits of the last digit.
        format!("a\n7\n{}\n", root.replace("2I=", "2J=")),
        format!("a\n7\n{}\n", "AAAA"),
        String::new(),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(NoteError::BadCheckpoint), "{bad:?}");
    }
}

#[test]
fn keys_have_one_spelling() {
    for (bad, error) in [
        ("", NoteError::BadKey),
        ("example.com/foo", NoteError::BadKey),
        ("example.com/foo+530d903a", NoteError::BadKey),
        ("example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NoteError::BadKey),
        ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NoteError::BadKey),
        ("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NoteError::KeyIdMismatch),
        ("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NoteError::KeyIdMismatch),
        ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NoteError::BadKeyName),
        ("a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NoteError::BadKeyName),
        ("a\u{2003}b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NoteError::BadKeyName),
        ("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NoteError::UnknownKeyType),
        ("example.com/foo+530d903a+AQ==", NoteError::BadPublicKey),
        ("example.com/foo+530d903a+", NoteError::BadKey),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ", NoteError::BadKey),
    ] {
        assert_eq!(VKey::parse(bad), Err(error), "{bad}");
    }
}

#[test]
fn malformed_notes_are_refused() {
    let line = "— a AAAAAAA=\n";
    assert!(parse(&format!("text\n\n{line}")).is_ok());
    for (bad, error) in [
        (String::new(), NoteError::NoSignatures),
        ("\n".into(), NoteError::NoSignatures),
        ("text\n".into(), NoteError::NoSignatures),
        ("text\n\n".into(), NoteError::NoSignatures),
        (format!("text\n{line}"), NoteError::NoSignatures),
        (format!("text\n\n{}", line.trim_end()), NoteError::NoSignatures),
        (format!("text\n\n{line}\n"), NoteError::NoSignatures),
        (format!("text\n\n{line}x\n"), NoteError::BadSignatureLine),
        (format!("text\n\n{line} \n"), NoteError::BadSignatureLine),
        (format!("te\txt\n\n{line}"), NoteError::NotText),
        (format!("text\r\n\n{line}"), NoteError::NotText),
        (format!("text\0\n\n{line}"), NoteError::NotText),
        ("text\n\n- a AAAAAAA=\n".into(), NoteError::BadSignatureLine),
        ("text\n\n— a  AAAAAAA=\n".into(), NoteError::BadSignatureLine),
        ("text\n\n—  AAAAAAA=\n".into(), NoteError::BadSignatureLine),
        ("text\n\n— a+b AAAAAAA=\n".into(), NoteError::BadSignatureLine),
        ("text\n\n— a AAAAAAA\n".into(), NoteError::BadSignatureLine),
        ("text\n\n— a AAAAAAB=\n".into(), NoteError::BadSignatureLine),
        ("text\n\n— a AAAAAA==\n".into(), NoteError::BadSignatureLine),
        ("text\n\n— a AAA=\n".into(), NoteError::BadSignatureLine),
        ("text\n\n— a\n".into(), NoteError::BadSignatureLine),
        (format!("text\n\n{}", line.repeat(17)), NoteError::TooManySignatures),
    ] {
        assert_eq!(parse(&bad), Err(error), "{bad:?}");
    }
    assert_eq!(parse(&format!("text\n\n{}", line.repeat(16))).unwrap().signatures.len(), 16);
    let long = "x".repeat(MAX_NOTE_BYTES);
    assert_eq!(parse(&format!("{long}\n\n{line}")), Err(NoteError::TooLarge));
    assert_eq!(SignedNote::parse(b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n"), Err(NoteError::NotText));
}
