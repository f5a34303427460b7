//! Rows about the log, over the embedded keeper.

use ledger::entry::{Chain, Joined};
use ledger::{Hash, Key};
use store::{Index, Writer as _};
use store_local::{Local, Options};

#[test]
fn a_list_begins_with_its_first_entry_and_a_subject_has_those_of_all_its_lists() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = Local::open(folder.path(), Options::default(), false).unwrap().keeper();
    let index = Index::new(keeper);
    let key = |half: u8, rest: u8| Key(Hash([[half; 16], [rest; 16]].concat().try_into().unwrap()));
    let subject = key(7, 0);
    assert_eq!(index.first_of(&key(7, 1)).unwrap(), None);
    let mut changes = index.changes();
    for (list, at) in [(key(7, 9), 4), (key(7, 1), 6), (key(7, 1), 8), (key(7, 9), 9), (key(8, 1), 2)] {
        let joined = Joined { key: list, role: 1, position: 0, chain: Chain::Plain };
        changes.push_list(&joined, at, &Hash::ZERO).unwrap();
    }
    changes.commit().unwrap();
    assert_eq!([key(7, 9), key(7, 1), key(7, 2)].map(|list| index.first_of(&list).unwrap()), [Some(4), Some(6), None]);
    assert_eq!(index.beside(&subject, 9).unwrap(), [4, 6, 8]);
}
