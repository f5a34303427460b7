//! Mail, by the operator's own mail server. To people who said that they want it, and once to ask them.

use std::time::Duration;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, SmtpTransport, Transport as _};

use super::settings::{Outgoing, SmtpTls, authorities, password};
use super::webhook::NotTaken;

base::limits! {
    /// How long the mail server may take for each of its answers.
    SMTP_ANSWER_MS: u64 = 15_000, "milliseconds";
    /// Longest address of a person (RFC 5321, 4.5.3.1).
    MAIL_ADDRESS_BYTES: usize = 254, "bytes";
}

/// A mail as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Words.
    pub text: String,
    /// Where its reader says that it wants nothing more.
    pub stop: String,
}

impl std::fmt::Debug for Mail {
    /// Without whom it is for and the address that speaks for them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail {{ {} bytes }}", self.text.len())
    }
}

/// The way to the operator's mail server.
#[derive(Clone, Debug)]
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
    /// What stands behind the @ of a message's id.
    host: String,
}

impl Mailer {
    /// By these settings; `None` where they name no mail server.
    pub fn new(settings: &Outgoing, public_url: &str) -> Result<Option<Self>, String> {
        let Some(server) = &settings.smtp_host else { return Ok(None) };
        let from = settings.smtp_from.as_deref().unwrap_or_default();
        let from: Mailbox =
            from.parse().map_err(|_| format!("--smtp-from {from:?} is no mail address: write for example alerts@example.com"))?;
        let tls = || tls(server, settings).map_err(|error| format!("TLS for {server}: {error}"));
        let tls = match settings.smtp_tls {
            SmtpTls::Starttls => Tls::Required(tls()?),
            SmtpTls::Tls => Tls::Wrapper(tls()?),
            SmtpTls::None => Tls::None,
        };
        let host =
            public_url.split_once("://").map_or(public_url, |(_, rest)| rest).split([':', '/']).next().unwrap_or("localhost").to_owned();
        let mut transport = SmtpTransport::builder_dangerous(server)
            .port(settings.port())
            .tls(tls)
            .hello_name(ClientId::Domain(host.clone()))
            .timeout(Some(Duration::from_millis(SMTP_ANSWER_MS)));
        if let Some(user) = &settings.smtp_user {
            let file = settings.smtp_password_file.as_deref().ok_or("--smtp-user needs --smtp-password-file")?;
            transport = transport.credentials(Credentials::new(user.clone(), password(file)?));
        }
        Ok(Some(Self { transport: transport.build(), from, host }))
    }

    /// Sends a mail. Its id is the message's, so that a mail program shows one that came twice once.
    pub fn send(&self, mail: &Mail, id: &str) -> Result<String, NotTaken> {
        let to = address(&mail.to).ok_or_else(|| NotTaken::for_good("it is no mail address"))?;
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.clone())
            .message_id(Some(format!("<{id}@{}>", self.host)))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| NotTaken::for_good(error.to_string()))?;
        // Nobody's holiday notice answers it (RFC 3834), and mail programs show a way out (RFC 2369).
        for (name, value) in [("Auto-Submitted", "auto-generated".to_owned()), ("List-Unsubscribe", format!("<{}>", mail.stop))] {
            message.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
        match self.transport.send(&message) {
            Ok(answer) => Ok(format!("SMTP {}", answer.code())),
            Err(error) => {
                let why = match error.status() {
                    Some(code) => format!("SMTP {code}"),
                    None if error.is_timeout() => "no answer of the mail server in time".to_owned(),
                    None if error.is_tls() => "the mail server's TLS is not as it must be".to_owned(),
                    None => "the mail server cannot be reached, or does not do what is needed".to_owned(),
                };
                Err(if error.is_permanent() { NotTaken::for_good(why) } else { NotTaken::now(why) })
            }
        }
    }
}

fn tls(server: &str, settings: &Outgoing) -> Result<TlsParameters, String> {
    let mut tls = TlsParameters::builder(server.to_owned());
    if let Some(file) = &settings.outgoing_ca {
        tls = tls.certificate_store(CertificateStore::None);
        for pem in authorities(file)? {
            tls = tls.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(|error| error.to_string())?);
        }
    }
    tls.build().map_err(|error| error.to_string())
}

/// An address of a person; `None` where it is none, or could be read as more than one.
pub fn address(text: &str) -> Option<Address> {
    let plain = text.len() <= MAIL_ADDRESS_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"(),:;<>[\\]%".contains(&byte));
    let address: Address = text.parse().ok().filter(|_| plain)?;
    // A name of one word is a machine of this network.
    Some(address).filter(|address| address.domain().contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address() {
        for good in ["mei@brand.example", "mei.chen+alerts@mail.brand.example"] {
            assert!(address(good).is_some(), "{good}");
        }
        for wrong in [
            "",
            "mei",
            "mei@",
            "@brand.example",
            "mei@localhost",
            "mei@brand.example,bo@brand.example",
            "Mei <mei@brand.example>",
            "mei@brand.example\r\nBcc: bo@brand.example",
            "\"a b\"@brand.example",
            "mei@[127.0.0.1]",
            "mei%other@brand.example",
            "美@brand.example",
        ] {
            assert!(address(wrong).is_none(), "{wrong}");
        }
        assert!(address(&format!("{}@brand.example", "a".repeat(MAIL_ADDRESS_BYTES))).is_none());
    }
}
