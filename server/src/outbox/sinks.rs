//! A web server and a mail server of a test: real sockets of this machine, that hand over what comes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

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

impl Sink {
    pub(crate) fn new(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (say, came) = mpsc::channel();
        let mut answers: Vec<String> = answers.iter().map(|head| (*head).to_owned()).collect();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    continue;
                }
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                let mut headers = Vec::new();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    let Some((name, value)) = line.trim_end().split_once(": ") else { break };
                    headers.push((name.to_ascii_lowercase(), value.to_owned()));
                }
                let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                if say.send(Came { path, headers, body }).is_err() {
                    return;
                }
                let head = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
                let _ = stream.write_all(format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes());
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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (say, came) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut write = |line: &str| stream.write_all(format!("{line}\r\n").as_bytes()).is_ok();
                let (mut mail, mut inside) = (String::new(), false);
                write("220 sink.test");
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) == 0 {
                        break;
                    }
                    let word = line.trim_end().to_ascii_uppercase();
                    if inside {
                        if word == "." {
                            inside = false;
                            let _ = say.send(std::mem::take(&mut mail));
                            write("250 taken");
                        } else {
                            mail += &line;
                        }
                        continue;
                    }
                    mail += &line;
                    match word.split([' ', ':']).next().unwrap_or_default() {
                        "DATA" => {
                            inside = true;
                            write("354 go on");
                        }
                        "RCPT" => drop(write(answer)),
                        "QUIT" => {
                            write("221 bye");
                            break;
                        }
                        _ => drop(write("250 sink.test")),
                    }
                }
            }
        });
        Self { port, came }
    }

    /// All that came so far, each with its body as it is read.
    pub(crate) fn came(&self) -> Vec<String> {
        self.came.try_iter().map(|mail| readable(&mail)).collect()
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
