//! The demo's documents carry days relative to the day of loading; this turns them into plain EPCIS documents.
//! Grammar: `server/demo/README.md`.

use jiff::civil::Date;

/// What a document may name.
pub struct Template<'a> {
    /// The day of loading.
    pub today: Date,
    /// Hash and size of a media file by name.
    pub file: &'a dyn Fn(&str) -> Option<(String, usize)>,
}

impl Template<'_> {
    /// Fills in a document. An unknown placeholder is an error that shows it.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let end = rest[start..].find("}}").ok_or_else(|| "a placeholder is not closed by }}".to_owned())? + start;
            out.push_str(&rest[..start]);
            let placeholder = &rest[start + 2..end];
            out.push_str(&self.value(placeholder).ok_or_else(|| format!("{{{{{placeholder}}}}} is no placeholder of the demo"))?);
            rest = &rest[end + 2..];
            // A size is a number: it is the whole string, and the string's quotes go with it.
            if placeholder.starts_with("bytes:") && rest.starts_with('"') {
                let quote = out.rfind('"').ok_or_else(|| format!("{{{{{placeholder}}}}} must be a whole string"))?;
                out.remove(quote);
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn value(&self, placeholder: &str) -> Option<String> {
        if let Some(name) = placeholder.strip_prefix("file:") {
            return Some((self.file)(name)?.0);
        }
        if let Some(name) = placeholder.strip_prefix("bytes:") {
            return Some((self.file)(name)?.1.to_string());
        }
        let day = placeholder.strip_prefix('D')?;
        let (offset, time) = day.split_once('T').map_or((day, None), |(d, t)| (d, Some(t)));
        let days: i64 = if offset.is_empty() { 0 } else { offset.parse().ok()? };
        let date = self.today.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        Some(time.map_or_else(|| date.to_string(), |t| format!("{date}T{t}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_files_and_mistakes() {
        let t = Template { today: jiff::civil::date(2026, 11, 22), file: &|name| (name == "a.svg").then(|| ("ab".to_owned(), 12)) };
        assert_eq!(
            t.fill(r#"{"a":"{{D-14T18:00:00+08:00}}","b":"{{D+21}}","c":"{{D}}","d":"{{file:a.svg}}","e":"{{bytes:a.svg}}","f":{{bytes:a.svg}}}"#).unwrap(),
            r#"{"a":"2026-11-08T18:00:00+08:00","b":"2026-12-13","c":"2026-11-22","d":"ab","e":12,"f":12}"#
        );
        assert!(t.fill("{{file:b.svg}}").unwrap_err().contains("b.svg"));
        assert!(t.fill("{{D+x}}").is_err());
        assert!(t.fill("{{D").is_err());
    }
}
