//! The embedded keeper does what the contract says.

use std::time::Duration;

use store_local::{Local, Options};

#[test]
fn the_embedded_keeper_conforms() {
    store::testing::conforms(
        || tempfile::tempdir().expect("a folder for the test"),
        |folder| {
            let options = Options { lock_wait: Duration::ZERO, ..Options::default() };
            Box::new(Local::open(folder.path(), options, false).expect("it opens"))
        },
    );
}
