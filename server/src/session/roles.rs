//! Roles, and what each of them may do: one table. Every route of the console names what it needs ([`May`]) and asks [`may`]; the test
//! of `http/console.rs` walks all routes for all roles.

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Speaks for its member, and says who else may sign in for it.
    Owner,
    /// Speaks for its member: letters, permissions, objections.
    Editor,
    /// Answers letters.
    Answerer,
    /// Reads letters.
    Reader,
    /// Reads and answers the letters about items its location received last.
    Store,
    /// The tablet that those of a store share: reads its letters, and answers with the code of whoever writes.
    Staff,
    /// Runs this service: comments are letters to others, so it reads none.
    Operator,
}

/// What somebody does in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Comes in at all.
    Enter,
    /// Reads letters, those of its desk.
    Read,
    /// Takes letters away as a file.
    Export,
    /// Answers letters.
    Answer,
    /// Notes on letters, closes, holds and puts them off; a letter can be its work.
    Work,
    /// Says whose work a letter is.
    Assign,
    /// Keeps answers ready.
    Ready,
    /// Sees how a letter's writer can be reached, where the desk may.
    Contact,
    /// Says what its desk is told of, and where.
    Alerts,
    /// Reads figures of its desk.
    Figures,
    /// Freezes codes, and releases them.
    Freeze,
    /// Sees the permissions between its member and others.
    SeePermissions,
    /// Gives, ends and asks for them.
    Permissions,
    /// Objects to records.
    Objections,
    /// Says who may sign in for its member, and reads what was done.
    Accounts,
    /// Makes and ends keys for its member's programs.
    Keys,
    /// Changes its own password, second factor and sessions. A tablet that many share has none of its own.
    Own,
}

impl May {
    /// All of them, in the order of the table.
    pub const ALL: [May; 17] = [
        May::Enter,
        May::Read,
        May::Export,
        May::Answer,
        May::Work,
        May::Assign,
        May::Ready,
        May::Contact,
        May::Alerts,
        May::Figures,
        May::Freeze,
        May::SeePermissions,
        May::Permissions,
        May::Objections,
        May::Accounts,
        May::Keys,
        May::Own,
    ];
}

/// The table: for each role one sign per [`May::ALL`].
const TABLE: [(Role, &str); 7] = [
    //                enter read export answer work assign ready contact alerts figures freeze see give object accounts keys own
    (Role::Owner, "x x x x x x x x x x x x x x x x x"),
    (Role::Editor, "x x x x x x x x x x x x x x - - x"),
    (Role::Answerer, "x x x x x x - x x x - x - - - - x"),
    (Role::Reader, "x x x - - - - x - x - x - - - - x"),
    (Role::Store, "x x x x x x x x x x - x - - - - x"),
    (Role::Staff, "x x - x - - - - - - - - - - - - -"),
    (Role::Operator, "x - - - - - - - - - - - - - - - x"),
];

/// Whether a role may do this.
pub fn may(role: Role, what: May) -> bool {
    let row = TABLE.iter().find(|(of, _)| *of == role).map_or("", |(_, row)| row);
    row.split(' ').nth(what as usize) == Some("x")
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 7] = [Role::Owner, Role::Editor, Role::Answerer, Role::Reader, Role::Store, Role::Staff, Role::Operator];
    /// Those that an owner can give; who runs the service is not a member's to say.
    pub const GIVEN: [Role; 6] = [Role::Owner, Role::Editor, Role::Answerer, Role::Reader, Role::Store, Role::Staff];

    /// Its word in records and on the command line.
    pub fn value(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Editor => "editor",
            Role::Answerer => "answerer",
            Role::Reader => "reader",
            Role::Store => "store",
            Role::Staff => "staff",
            Role::Operator => "operator",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.value() == text)
    }

    /// Whether it stands at one place of its member's, not for the whole of it.
    pub fn needs_location(self) -> bool {
        matches!(self, Role::Store | Role::Staff)
    }

    /// Whether many use it on one device.
    pub fn shared(self) -> bool {
        self == Role::Staff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_in_the_order_of_its_columns() {
        for (n, what) in May::ALL.into_iter().enumerate() {
            assert_eq!(what as usize, n, "{what:?}");
        }
        assert_eq!(TABLE.map(|(role, _)| role), Role::ALL);
        for (role, row) in TABLE {
            let signs: Vec<_> = row.split(' ').collect();
            assert_eq!(signs.len(), May::ALL.len(), "{role:?}");
            assert!(signs.iter().all(|sign| ["x", "-"].contains(sign)), "{role:?}");
            assert_eq!(Role::parse(role.value()), Some(role));
        }
    }

    #[test]
    fn who_may_what() {
        let all = |what| -> Vec<&str> { Role::ALL.into_iter().filter(|role| may(*role, what)).map(Role::value).collect() };
        assert_eq!(all(May::Accounts), ["owner"]);
        assert_eq!(all(May::Keys), ["owner"]);
        assert_eq!(all(May::Permissions), ["owner", "editor"]);
        assert_eq!(all(May::Objections), ["owner", "editor"]);
        assert_eq!(all(May::Answer), ["owner", "editor", "answerer", "store", "staff"]);
        assert_eq!(all(May::Work), ["owner", "editor", "answerer", "store"]);
        assert_eq!(all(May::Freeze), ["owner", "editor"]);
        assert_eq!(all(May::Figures), ["owner", "editor", "answerer", "reader", "store"], "no tablet that many share, no operator");
        assert!(!may(Role::Operator, May::Read), "who runs the post reads no letters");
        assert!(!may(Role::Staff, May::Contact) && !may(Role::Staff, May::Export), "nothing to take along from a shared tablet");
        assert!(!may(Role::Staff, May::Own), "nobody of many changes the password of all");
    }
}
