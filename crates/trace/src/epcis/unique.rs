//! A key that stands twice in an object: readers disagree about which value counts, so such a document is no message (RFC 7493, 2.3).

use std::collections::BTreeSet;

use super::check::token;

/// Where the reader is.
enum Inside {
    Object { keys: BTreeSet<String>, now: String },
    List(usize),
}

/// JSON Pointer of the first key that its object holds already, in a text that was read as JSON before.
pub(super) fn repeated(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut inside: Vec<Inside> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => inside.push(Inside::Object { keys: BTreeSet::new(), now: String::new() }),
            b'[' => inside.push(Inside::List(0)),
            b'}' | b']' => drop(inside.pop()),
            b',' => {
                if let Some(Inside::List(number)) = inside.last_mut() {
                    *number += 1;
                }
            }
            b'"' => {
                let end = end_of_string(bytes, at);
                let is_key = bytes[end..].iter().find(|c| !c.is_ascii_whitespace()) == Some(&b':');
                if let Some(Inside::Object { keys, now }) = inside.last_mut()
                    && is_key
                {
                    // Decoded, or "a" and its escape \u0061 would pass for two keys.
                    *now = serde_json::from_str(&text[at..end]).unwrap_or_default();
                    if !keys.insert(now.clone()) {
                        return Some(pointer(&inside));
                    }
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the closing quote of the string that opens at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != b'"' {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    (end + 1).min(bytes.len())
}

fn pointer(inside: &[Inside]) -> String {
    let part = |one: &Inside| match one {
        Inside::Object { now, .. } => format!("/{}", token(now)),
        Inside::List(number) => format!("/{number}"),
    };
    inside.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::repeated;

    #[test]
    fn keys_that_stand_twice_are_named() {
        for text in [
            r#"{"a":{"b":1},"b":["b","b"],"c":[{"b":1},{"b":1}]}"#,
            r#"{"a":"\"b\": {","b" : "a","x":{"a":"a"}}"#,
            r#"["a","a"]"#,
            r#"{"a":"a","A":"a","b\\":1}"#,
        ] {
            assert_eq!(repeated(text), None, "{text}");
        }
        for (text, at) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"l":[0,{"x/y":{"k":1 , "k" :2}}]}"#, "/l/1/x~1y/k"),
            (r#"{"a":1,"\u0061":2}"#, "/a"),
            (r#"{"a":{},"b":[],"a":[]}"#, "/a"),
        ] {
            assert_eq!(repeated(text).as_deref(), Some(at), "{text}");
        }
    }
}
