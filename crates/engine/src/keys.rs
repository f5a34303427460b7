//! The keys this server signs with, each in a file of its own that only its owner may read. They are made at first start
//! and never logged.
//!
//! The log key signs checkpoints. The governance key signs who is a member: in the demo it lies here too, and the page says that one operator runs
//! everything; a server without that file works, it just cannot admit members by itself. Custodial keys belong to members
//! who let this service keep them.

use std::path::{Path, PathBuf};
use std::sync::RwLock;
use std::{collections::HashMap, fmt, fs, io};

use base::secret::{SecretError, seed, seed_or_new, write_seed, write_whole};
use ed25519_dalek::SigningKey;
use ledger::note::{KeyKind, NoteError, NoteSigner, VKey};
use ledger::policy::{Policy, PolicyError};

/// What can be wrong with the keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read or written, or does not hold a key.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The ledger's name cannot be a key's name.
    #[error("{origin} cannot be a ledger's name: {source}. Give another one with --origin")]
    BadOrigin {
        /// The name.
        origin: String,
        /// Why.
        source: NoteError,
    },
    /// The policy file is not this ledger's.
    #[error("the policy file {path}: {what}. Restore it from a backup")]
    BadPolicy {
        /// The file.
        path: PathBuf,
        /// Why.
        what: String,
    },
}

/// Who co-signs a new ledger, for its first policy.
#[derive(Clone, Debug, Default)]
pub struct Cosigners {
    /// Name in the policy and key of each witness.
    pub witnesses: Vec<(String, VKey)>,
    /// The same of each mirror.
    pub mirrors: Vec<(String, VKey)>,
}

/// What the first start is told; later it stands in the policy.
#[derive(Clone, Debug, Default)]
pub struct First {
    /// Who co-signs.
    pub cosigners: Cosigners,
    /// The governance key, where it lies elsewhere; else one is made here.
    pub governance: Option<VKey>,
}

/// The quorum is a majority of the witnesses and the mirrors together, and every mirror vouches for the map. Without any the quorum is pending.
fn first_policy(log: &VKey, governance: &VKey, cosigners: &Cosigners) -> Result<Policy, PolicyError> {
    let Cosigners { witnesses, mirrors } = cosigners;
    if mirrors.is_empty() || witnesses.is_empty() {
        return Policy::pending(log.clone(), governance.clone());
    }
    let mut text = format!("log {log}\ngovernance {governance}\n");
    for (name, vkey) in witnesses.iter().chain(mirrors) {
        text += &format!("witness {name} {vkey}\n");
    }
    let names = |of: &[(String, VKey)]| of.iter().map(|(name, _)| format!(" {name}")).collect::<String>();
    text += &format!("group mirrors all{}\n", names(mirrors));
    // A name can be in one group only, so the mirrors count as one more party beside the witnesses.
    text += &format!("group cosigners {}{} mirrors\n", witnesses.len().div_ceil(2) + 1, names(witnesses));
    text += "mirrors mirrors\nquorum cosigners\nkeys plain\n";
    Policy::parse(text.as_bytes())
}

/// All keys of a data directory.
pub struct Keys {
    directory: PathBuf,
    log: NoteSigner,
    governance: Option<SigningKey>,
    policy: Policy,
    secret: [u8; 32],
    members: RwLock<HashMap<[u8; 32], SigningKey>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("log", &self.log.vkey()).finish_non_exhaustive()
    }
}

impl Keys {
    /// The keys in `data/keys` and the policy in `data/policy`; at first start they are made, for a ledger named `origin` that these
    /// parties co-sign. Later both stand in the policy, and neither is looked at.
    pub fn open(data: &Path, origin: &str, first: &First) -> Result<Self, KeyError> {
        let directory = data.join("keys");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| KeyError::Secret(SecretError::Io { path, source })
        };
        fs::create_dir_all(directory.join("members")).map_err(failed(&directory))?;
        let policy_path = data.join("policy");
        let bad = |what: String| KeyError::BadPolicy { path: policy_path.clone(), what };
        let known = match fs::read(&policy_path) {
            Ok(bytes) => Some(Policy::parse(&bytes).map_err(|e: PolicyError| bad(e.to_string()))?),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(failed(&policy_path)(e)),
        };
        let origin = known.as_ref().map_or(origin, |policy| policy.logs()[0].vkey.name()).to_owned();
        // Made at first start alone: later a missing key is a fault, and a new one would not fit the policy.
        let made = |name: &str, first: bool| {
            let path = directory.join(name);
            if first { seed_or_new(&path).map(Some) } else { seed(&path) }
        };
        let log_seed = made("log", known.is_none())?;
        let log_seed = log_seed.ok_or_else(|| bad("keys/log is missing".to_owned()))?;
        let log = NoteSigner::new(&origin, &log_seed).map_err(|source| KeyError::BadOrigin { origin: origin.clone(), source })?;
        let make = known.is_none() && first.governance.is_none();
        let governance = made("governance", make)?.map(|s| SigningKey::from_bytes(&s));
        let own = match &governance {
            Some(key) => {
                let name = format!("{origin}/governance");
                let vkey = VKey::new(&name, KeyKind::Note, key.verifying_key());
                Some(vkey.map_err(|source| KeyError::BadOrigin { origin: origin.clone(), source })?)
            }
            None => None,
        };
        let policy = match (known, first.governance.clone().or(own)) {
            (Some(policy), _) => policy,
            (None, Some(vkey)) => {
                let policy = first_policy(&log.vkey(), &vkey, &first.cosigners).map_err(|e| bad(e.to_string()))?;
                write_whole(&policy_path, policy.encode().as_bytes(), 0o644).map_err(failed(&policy_path))?;
                policy
            }
            (None, None) => {
                return Err(bad("neither the policy nor a governance key is there".to_owned()));
            }
        };
        if policy.logs()[0].vkey != log.vkey() {
            return Err(bad("its log key is not the one in keys/log".to_owned()));
        }
        let secret = seed_or_new(&directory.join("secret"))?;
        let mut members = HashMap::new();
        let path = directory.join("members");
        for entry in fs::read_dir(&path).map_err(failed(&path))? {
            let path = entry.map_err(failed(&path))?.path();
            // One that a crash left half-written was never a member's key.
            if path.extension().is_some() {
                continue;
            }
            if let Some(seed) = seed(&path)? {
                let key = SigningKey::from_bytes(&seed);
                members.insert(key.verifying_key().to_bytes(), key);
            }
        }
        Ok(Self { directory, log, governance, policy, secret, members: RwLock::new(members) })
    }

    /// Whether there are keys in this data folder: then it belongs to a ledger.
    pub fn exist(data: &Path) -> bool {
        ["policy", "keys/log"].iter().any(|mark| data.join(mark).exists())
    }

    /// The ledger's name.
    pub fn origin(&self) -> &str {
        self.policy.logs()[0].vkey.name()
    }

    /// The policy that readers check this ledger by.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Signs checkpoints.
    pub fn log(&self) -> &NoteSigner {
        &self.log
    }

    /// Signs members, where the key lies on this server.
    pub fn governance(&self) -> Option<&SigningKey> {
        self.governance.as_ref()
    }

    /// Members are checked with this key.
    pub fn governance_public(&self) -> &[u8; 32] {
        self.policy.governance().public().as_bytes()
    }

    /// A secret for one purpose, the same for ever.
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        ledger::dk("leafproof server secret v1", &[&self.secret, purpose.as_bytes()]).0
    }

    /// The private key of a member that this service keeps.
    pub fn member(&self, public: &[u8; 32]) -> Option<SigningKey> {
        self.members.read().unwrap_or_else(|e| e.into_inner()).get(public).cloned()
    }

    /// Makes a key for a member, on disk when this returns, and hands back its public side.
    pub fn make_member(&self) -> Result<[u8; 32], KeyError> {
        let seed = base::random::bytes();
        let key = SigningKey::from_bytes(&seed);
        let public = key.verifying_key().to_bytes();
        let path = self.directory.join("members").join(ledger::Hash(public).to_string());
        write_seed(&path, &seed)?;
        self.members.write().unwrap_or_else(|e| e.into_inner()).insert(public, key);
        Ok(public)
    }
}
