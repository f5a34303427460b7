//! Whether a letter names illness or harm, by words of both languages. It errs towards yes: a brand that is told once too often has lost
//! a minute. Nothing is decided by it but who is told.

/// Beginnings of English words.
const STEMS: [&str; 24] = [
    "vomit",
    "diarrh",
    "poison",
    "hospital",
    "allerg",
    "nause",
    "fever",
    "sick",
    "illness",
    "unwell",
    "cramp",
    "chok",
    "salmonell",
    "listeri",
    "anaphyl",
    "stomach",
    "faint",
    "dizz",
    "ambulanc",
    "bleed",
    "swollen",
    "swelling",
    "hives",
    "injur",
];

/// English words that are beginnings of others.
const WORDS: [&str; 6] = ["ill", "rash", "rashes", "doctor", "clinic", "threw up"];

/// Chinese words, which stand anywhere.
const CHINESE: [&str; 32] = [
    "生病",
    "病了",
    "呕吐",
    "吐了",
    "想吐",
    "腹泻",
    "拉肚子",
    "拉稀",
    "腹痛",
    "肚子疼",
    "肚子痛",
    "胃疼",
    "胃痛",
    "中毒",
    "过敏",
    "发烧",
    "发高烧",
    "恶心",
    "住院",
    "医院",
    "急诊",
    "看医生",
    "头晕",
    "晕倒",
    "皮疹",
    "起疹",
    "红疹",
    "窒息",
    "噎",
    "出血",
    "不舒服",
    "救护车",
];

/// Whether these words name illness or harm.
pub fn names_illness(text: &str) -> bool {
    let text = text.to_lowercase();
    let starts = |at: usize| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let ends = |at: usize| !text[at..].chars().next().is_some_and(char::is_alphanumeric);
    CHINESE.iter().any(|word| text.contains(word))
        || STEMS.iter().any(|stem| text.match_indices(stem).any(|(at, _)| starts(at)))
        || WORDS.iter().any(|word| text.match_indices(word).any(|(at, _)| starts(at) && ends(at + word.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illness_is_named_in_both_languages() {
        for named in [
            "My son vomited all night",
            "We were both ILL after dinner.",
            "felt sick",
            "Got a rash, went to the doctor",
            "food poisoning?",
            "孩子喝完就吐了",
            "全家拉肚子，去了医院",
            "我对花生过敏，包装上没写",
            "吃完不舒服",
        ] {
            assert!(names_illness(named), "{named}");
        }
        for not in [
            "The seal was still intact and we will buy it again",
            "Delivered in a village, chilled, grilled, brilliant",
            "a trashed box",
            "味道很好，下次还买",
            "包装坏了",
            "homesickness is not our topic, said the fillet",
            "",
        ] {
            assert!(!names_illness(not), "{not}");
        }
    }
}
