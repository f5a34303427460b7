//! What every part of the server needs of the machine it runs on: the clock, random bytes, a folder that is one process's and one
//! user's alone, secret files; and the type of a named limit. It knows nothing of ledgers, goods or HTTP.

pub mod clock;
pub mod disk;
pub mod limit;
pub mod lock;
pub mod percent;
pub mod private;
pub mod random;
pub mod secret;
