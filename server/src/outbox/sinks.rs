//! A web server and a mail server of a test: real sockets of this machine, that hand over what comes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Came {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A web server of this test: hands over what comes, and answers with these heads, the last of them for ever.
pub(crate) struct Sink {
    pub(crate) url: String,
    came: mpsc::Receiver<Came>,
}

/// The certificates and the key of servers of these tests, by an authority of their own. Nobody else believes it.
fn tls() -> Arc<ServerConfig> {
    let (chain, key) = (include_bytes!("testing/leaf.pem"), include_bytes!("testing/leaf.key"));
    let chain = CertificateDer::pem_slice_iter(chain).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

/// A stream in both directions, plain or not.
trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

fn opened(stream: TcpStream, tls: Option<&Arc<ServerConfig>>) -> BufReader<Box<dyn Stream>> {
    BufReader::new(match tls {
        Some(tls) => Box::new(StreamOwned::new(ServerConnection::new(Arc::clone(tls)).unwrap(), stream)),
        None => Box::new(stream),
    })
}

/// One request and its answer; `None` where the other side says nothing that can be read.
fn request(stream: &mut BufReader<Box<dyn Stream>>) -> Option<Came> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Came { path, headers, body })
}

impl Sink {
    pub(crate) fn new(answers: &[&str]) -> Self {
        Self::open(answers, None)
    }

    /// Over TLS, as `localhost`.
    pub(crate) fn secret(answers: &[&str]) -> Self {
        Self::open(answers, Some(tls()))
    }

    fn open(answers: &[&str], tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = if tls.is_some() { format!("https://localhost:{}", address.port()) } else { format!("http://{address}") };
        let (say, came) = mpsc::channel();
        let mut answers: Vec<String> = answers.iter().map(|head| (*head).to_owned()).collect();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let mut stream = opened(stream, tls.as_ref());
                let Some(one) = request(&mut stream) else { continue };
                if say.send(one).is_err() {
                    return;
                }
                let head = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
                let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _ = stream.get_mut().write_all(answer.as_bytes()).and_then(|()| stream.get_mut().flush());
            }
        });
        Self { url, came }
    }

    /// All that came so far; whoever asks has waited for the attempts.
    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.try_iter().collect()
    }
}

/// A mail server of this test: takes everything, and hands over what came, whole.
pub(crate) struct MailSink {
    pub(crate) port: u16,
    came: mpsc::Receiver<String>,
}

impl MailSink {
    /// `answer`: to each recipient.
    pub(crate) fn new(answer: &'static str) -> Self {
        Self::open(answer, None)
    }

    /// With TLS from the first byte, as `localhost`.
    pub(crate) fn secret(answer: &'static str) -> Self {
        Self::open(answer, Some(tls()))
    }

    fn open(answer: &'static str, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (say, came) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                talk(&mut opened(stream, tls.as_ref()), answer, &say);
            }
        });
        Self { port, came }
    }

    /// All that came so far, each with its body as it is read.
    pub(crate) fn came(&self) -> Vec<String> {
        self.came.try_iter().map(|mail| readable(&mail)).collect()
    }
}

/// One connection's worth of SMTP.
fn talk(stream: &mut BufReader<Box<dyn Stream>>, answer: &str, say: &mpsc::Sender<String>) {
    let (mut mail, mut inside) = (String::new(), false);
    let mut reply = Some("220 sink.test");
    loop {
        if let Some(words) = reply.take() {
            let written = stream.get_mut().write_all(format!("{words}\r\n").as_bytes()).and_then(|()| stream.get_mut().flush());
            if written.is_err() || words.starts_with("221") {
                return;
            }
        }
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let word = line.trim_end().to_ascii_uppercase();
        if inside && word == "." {
            inside = false;
            let _ = say.send(std::mem::take(&mut mail));
            reply = Some("250 taken");
            continue;
        }
        mail += &line;
        if inside {
            continue;
        }
        reply = Some(match word.split([' ', ':']).next().unwrap_or_default() {
            "DATA" => {
                inside = true;
                "354 go on"
            }
            "RCPT" => answer,
            "QUIT" => "221 bye",
            _ => "250 sink.test",
        });
    }
}

/// A mail with its body decoded.
fn readable(mail: &str) -> String {
    let Some((head, body)) = mail.split_once("\r\n\r\n") else { return mail.to_owned() };
    if head.to_ascii_lowercase().contains("content-transfer-encoding: base64") {
        let bytes = ledger::note::base64::decode(&body.split_whitespace().collect::<String>()).unwrap();
        return format!("{head}\n\n{}", String::from_utf8(bytes).unwrap());
    }
    mail.replace("=\r\n", "").replace("=3D", "=")
}
