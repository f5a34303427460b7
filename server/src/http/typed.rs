//! A code as a person types it: an address, the element string printed under the symbol, or bare digits. It becomes a Digital
//! Link path; whether that is a good one is for the parser to say.

use crate::percent;

/// Longest input: a Digital Link with every part at its longest.
pub const TYPED_BYTES_MAX: usize = 600;

/// Turns what was typed into a path that starts with `/`. `None` where nothing like a code can be seen in it.
pub fn path(typed: &str) -> Option<String> {
    let text = typed.trim();
    if text.is_empty() || text.len() > TYPED_BYTES_MAX {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        let after = &text[text.find("://")? + 3..];
        return Some(after[after.find('/')?..].to_owned());
    }
    if text.starts_with('/') {
        return Some(text.to_owned());
    }
    if text.starts_with('(') {
        return elements(text);
    }
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (digits.chars().all(|c| c.is_ascii_digit()) && matches!(digits.len(), 8 | 12 | 13 | 14)).then(|| format!("/01/{digits}"))
}

/// `(01) 09521234000044 (21) 7K2M` -> `/01/09521234000044/21/7K2M`. A value ends where the next `(NN)` begins.
fn elements(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.strip_prefix('(') {
        let (ai, after) = open.split_once(')')?;
        if !(2..=4).contains(&ai.len()) || !ai.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let end = next_ai(after).unwrap_or(after.len());
        let mut value = after[..end].trim().to_owned();
        if ai == "01" {
            value.retain(|c| !c.is_whitespace());
        }
        out.push_str(&format!("/{ai}/{}", percent::component(&value)));
        rest = &after[end..];
    }
    (!out.is_empty() && rest.is_empty()).then_some(out)
}

fn next_ai(text: &str) -> Option<usize> {
    text.match_indices('(').map(|(i, _)| i).find(|&i| {
        let ai = text[i + 1..].split(')').next().unwrap_or("");
        text[i + 1..].contains(')') && (2..=4).contains(&ai.len()) && ai.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn what_people_type() {
        for (typed, expected) in [
            ("https://ID.example.com/s/01/09521234000044/21/7K", Some("/s/01/09521234000044/21/7K")),
            (" (01) 0952 1234 000044 (21) 7K2M/9 ", Some("/01/09521234000044/21/7K2M%2F9")),
            ("(01)09521234000044(10)A(1)", Some("/01/09521234000044/10/A%281%29")),
            ("9521234000044", Some("/01/9521234000044")),
            ("952-1234 000044", Some("/01/9521234000044")),
            ("/01/09521234000044", Some("/01/09521234000044")),
            ("hello", None),
            ("", None),
            ("(xx)1", None),
        ] {
            assert_eq!(path(typed).as_deref(), expected, "{typed}");
        }
    }
}
