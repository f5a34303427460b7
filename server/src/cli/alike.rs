//! Names of members that a reader takes for one another.

use engine::RightsNow;
use ledger::entry::Member;
use unicode_security::confusable_detection::skeleton;

/// The members, by id, with a name in any language that is one of this member's, or looks the same; ids are read as names, too.
pub(super) fn alike(rights: &RightsNow, member: &Member) -> Vec<String> {
    let looks = |member: &Member| member.names.iter().flat_map(|(_, name)| looks_of(name)).collect::<Vec<_>>();
    let new = looks(member);
    let others = rights.members().filter(|other| other.id != member.id);
    let same = others.filter(|other| looks(other).into_iter().chain(looks_of(&other.id)).any(|look| new.contains(&look)));
    let mut found: Vec<String> = same
        .map(|other| {
            let names: Vec<&str> = other.names.iter().map(|(_, name)| name.as_str()).collect();
            format!("{} ({})", other.id, names.join(" / "))
        })
        .collect();
    found.sort();
    found
}

/// What a name looks like, as written and in small letters, for a capital I is a small l to many: the skeletons of Unicode (UTS #39, 4),
/// without blanks and marks of punctuation. Not seen: names that only sound alike, ideographs that are alike but for a stroke, and one
/// that holds another's name within a longer one.
fn looks_of(name: &str) -> [String; 2] {
    [name.to_owned(), name.to_lowercase()].map(|name| {
        let bones: String = skeleton(&name).filter(|c| c.is_alphanumeric()).collect();
        // A name of punctuation alone is still somebody's.
        if bones.is_empty() { name } else { bones }
    })
}

#[cfg(test)]
mod tests {
    use ledger::testing::new_member;

    use super::*;

    fn member(id: &str, name: &str) -> Member {
        Member { names: vec![("en".to_owned(), name.to_owned())], ..new_member(id, [0; 32], &[]) }
    }

    #[test]
    fn names_that_read_alike_are_found() {
        let same = |one: &str, other: &str| looks_of(one).iter().any(|look| looks_of(other).contains(look));
        for other in [
            "Glenarra Nutrition",
            "GLENARRA NUTRITION",
            "Gl\u{435}n\u{430}rra Nutrition",
            "Glenarra-Nutrition",
            "G1enarra Nutrition",
            "GIenarra Nutrition",
            "\u{ff27}lenarra Nutrition",
        ] {
            assert!(same("Glenarra Nutrition", other), "{other}");
        }
        for other in ["Glenarra", "Glenarra Nutrition West", "Glenora Nutrition", "格伦纳拉营养", "…"] {
            assert!(!same("Glenarra Nutrition", other), "{other}");
        }
        assert!(!same("…", "—") && same("牛", "牛"));
        // Its own older versions are no others.
        let mut rights = RightsNow::default();
        rights.know_owner("glenarra.example", Vec::new(), 0, 0, Vec::new());
        assert_eq!(alike(&rights, &member("glenarra.example", "glenarra.example")), [""; 0]);
        assert_eq!(alike(&rights, &member("other.example", "Glenarra.Example")), ["glenarra.example ()"]);
    }
}
