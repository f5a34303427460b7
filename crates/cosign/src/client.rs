//! HTTP between log and co-signers, with time limits. What is exchanged is signed, so plain http loses no trust; a co-signer behind
//! https is reached through a proxy of this machine.

use std::time::Duration;

base::limits! {
    /// How long a co-signer may take to accept a connection.
    COSIGN_CONNECT_MS: u64 = 3000, "milliseconds";
    /// How long it may take to answer; a mirror reads what is new before it does.
    COSIGN_TOTAL_MS: u64 = 20_000, "milliseconds";
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, up to the limit that was asked for.
    pub body: Vec<u8>,
}

/// Asks other processes.
#[derive(Clone, Debug)]
pub struct Client {
    agent: ureq::Agent,
    bearer: Option<String>,
}

impl Client {
    /// With an API key, where tiles are for members only.
    pub fn new(key: Option<&str>) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_connect(Some(Duration::from_millis(COSIGN_CONNECT_MS)))
            .timeout_global(Some(Duration::from_millis(COSIGN_TOTAL_MS)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self { agent: config.into(), bearer: key.map(|key| format!("Bearer {key}")) }
    }

    /// GET; an error says what to do.
    pub fn get(&self, url: &str, most: u64) -> Result<Answer, String> {
        plain(url)?;
        let mut request = self.agent.get(url);
        if let Some(bearer) = &self.bearer {
            request = request.header("Authorization", bearer);
        }
        read(url, request.call(), most)
    }

    /// POST.
    pub fn post(&self, url: &str, body: &[u8], most: u64) -> Result<Answer, String> {
        plain(url)?;
        read(url, self.agent.post(url).header("Content-Type", "text/plain; charset=utf-8").send(body), most)
    }
}

/// This program speaks plain http alone.
fn plain(url: &str) -> Result<(), String> {
    if url.starts_with("https://") {
        return Err(format!(
            "{url}: this program speaks http alone. Let a proxy on this machine carry it, for example \
             `socat TCP-LISTEN:8080,bind=127.0.0.1,fork OPENSSL:HOST:443`, and name http://127.0.0.1:8080 instead; what comes is signed and checked here"
        ));
    }
    Ok(())
}

fn read(url: &str, response: Result<ureq::http::Response<ureq::Body>, ureq::Error>, most: u64) -> Result<Answer, String> {
    let mut response = response.map_err(|e| format!("{url}: {e}. Is that server running, and is the address right?"))?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(most).read_to_vec().map_err(|e| format!("{url}: {e}"))?;
    Ok(Answer { status, body })
}
