//! What the operator says of messages that leave: whether closed networks may be reached, and the mail server.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

/// How the way to the mail server is kept from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SmtpTls {
    /// Plain at first, then TLS or nothing
    #[default]
    Starttls,
    /// TLS from the first byte
    Tls,
    /// None: for a mail server on this machine
    None,
}

/// Settings of what leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct Outgoing {
    /// Send webhooks to loopback and private addresses, and over http: for tests and closed networks, where everybody with an account may reach what this server reaches
    #[arg(long, env = "ALLOW_LOCAL_WEBHOOKS")]
    pub allow_local_webhooks: bool,
    /// File of certificates (PEM) of the authorities that webhooks and the mail server are believed by, in place of the public ones: for closed networks that have their own
    #[arg(long, env = "OUTGOING_CA", value_name = "FILE")]
    pub outgoing_ca: Option<PathBuf>,
    /// The mail server that alerts are sent by; without it there are none by mail
    #[arg(long, env = "SMTP_HOST", value_name = "HOST", requires = "smtp_from")]
    pub smtp_host: Option<String>,
    /// Its port; without it the usual one: 587 for starttls, 465 for tls, 25 for none
    #[arg(long, env = "SMTP_PORT", value_name = "PORT")]
    pub smtp_port: Option<u16>,
    /// How the way to it is kept from others
    #[arg(long, env = "SMTP_TLS", value_enum, default_value_t)]
    pub smtp_tls: SmtpTls,
    /// The name to sign in there with
    #[arg(long, env = "SMTP_USER", value_name = "NAME", requires = "smtp_password_file")]
    pub smtp_user: Option<String>,
    /// File that holds the password for it, and nothing else
    #[arg(long, env = "SMTP_PASSWORD_FILE", value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,
    /// The address that mail comes from
    #[arg(long, env = "SMTP_FROM", value_name = "ADDRESS")]
    pub smtp_from: Option<String>,
}

impl Outgoing {
    /// The mail server's port.
    pub fn port(&self) -> u16 {
        self.smtp_port.unwrap_or(match self.smtp_tls {
            SmtpTls::Starttls => 587,
            SmtpTls::Tls => 465,
            SmtpTls::None => 25,
        })
    }

    /// The mail server, for people.
    pub fn said(&self) -> String {
        self.smtp_host.as_ref().map_or_else(|| "(none: no alerts by mail)".to_owned(), |host| format!("{host}:{}", self.port()))
    }
}

/// The certificates in a file, each as its own PEM text.
pub fn authorities(path: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("the certificates of authorities, {}: {error}", path.display()))?;
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = text.split_inclusive(END).filter_map(|block| block.find("-----BEGIN CERTIFICATE-----").map(|at| block[at..].to_owned()));
    let all: Vec<String> = blocks.filter(|block| block.ends_with(END)).collect();
    if all.is_empty() { Err(format!("{} holds no certificate in PEM", path.display())) } else { Ok(all) }
}

/// The password in a file, without its line end.
pub fn password(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("the password of the mail server, {}: {error}", path.display()))?;
    if std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0) {
        tracing::warn!(file = %path.display(), "others on this machine may read the mail server's password: chmod 600 it");
    }
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.contains(['\r', '\n']) {
        return Err(format!("{} must hold the mail server's password in one line, and nothing else", path.display()));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        for (text, expected) in [
            ("secret\n", Some("secret")),
            ("secret\r\n", Some("secret")),
            (" s p ", Some(" s p ")),
            ("", None),
            ("\n", None),
            ("a\nb\n", None),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(password(&path).ok().as_deref(), expected, "{text:?}");
        }
        assert!(password(&folder.path().join("nowhere")).unwrap_err().contains("nowhere"));
    }

    #[test]
    fn the_port_follows_from_how_the_way_is_kept() {
        let of = |smtp_tls, smtp_port| Outgoing { smtp_tls, smtp_port, ..Outgoing::default() }.port();
        assert_eq!(
            [of(SmtpTls::Starttls, None), of(SmtpTls::Tls, None), of(SmtpTls::None, None), of(SmtpTls::Tls, Some(2525))],
            [587, 465, 25, 2525]
        );
    }
}
