//! What the simulator says to others: JSON, posted to an address that an integrator gave us, once.
//! Whoever calls this decides how often and when to try again.
//!
//! An address is checked before it is kept: https, or this machine without TLS where the operator
//! allows that. What comes back is a status and the beginning of a reply; a redirect is such a reply
//! and is not followed, since nobody registered where it leads. The query of an address and the bodies
//! may hold secrets and people: neither is ever logged here or shown by `Debug`.

use crate::api::is_loopback_host;
use axum::http::{HeaderMap, HeaderValue, header};
use reqwest::Url;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::sync::OnceCell;

/// For a whole try, from the look-up of the name to the end of the reply (reference §8.3). By the
/// clock on the wall: the other side does not know ours.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much of a reply is read; nobody needs more of it.
const LARGEST_REPLY: usize = 4 * 1_024;

/// Longest address that is kept.
const LONGEST_URL: usize = 2_048;

/// What belongs to the connection, not to who registered: these would break or redirect it.
const NOT_THEIRS: [header::HeaderName; 9] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
];

/// The rest of what ends at the next host.
const HOP_BY_HOP: [&str; 4] =
    ["keep-alive", "proxy-authenticate", "proxy-connection", "proxy-authentication-info"];

/// Whether a header is not for them to set.
pub fn is_of_the_connection(name: &header::HeaderName) -> bool {
    NOT_THEIRS.contains(name) || HOP_BY_HOP.contains(&name.as_str())
}

/// Posts to checked addresses.
#[derive(Debug)]
pub struct Outgoing {
    allow_loopback_http: bool,
    patience: Duration,
    clients: [OnceCell<reqwest::Client>; 3],
}

/// How an address is reached: each way has its own client, made when first needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The proxies of the environment hold.
    Abroad,
    /// TLS to this machine: no proxy.
    Here,
    /// Neither TLS nor proxy.
    HereInClear,
}

/// An address that may be posted to. Only [`Outgoing::check`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    way: Way,
}

impl Target {
    /// As it was given, query included: for showing it to its owner, never for a log.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.url.host_str().unwrap_or_default())
    }
}

/// Why an address is not posted to; the message names the field that held it and nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct UnfitUrl {
    field: &'static str,
    why: &'static str,
}

/// How one try went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `reply`: its first `LARGEST_REPLY` bytes.
    Answered {
        status: u16,
        reply: Vec<u8>,
    },
    Failed(FailureKind),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// No name, no route, nobody listens, no TLS that we trust.
    #[error("could not connect")]
    NotConnected,
    #[error("timed out")]
    TimedOut,
    /// It may have heard of it.
    #[error("connection lost")]
    Lost,
    #[error("the HTTP client cannot start")]
    NoClient,
}

impl Outcome {
    /// Whether the other side has taken it: 2xx (reference §8.3).
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Answered { status: 200..=299, .. })
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::Failed(_) => None,
        }
    }
}

/// As a log may have it: the status or the kind of failure.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, .. } => write!(f, "status {status}"),
            Self::Failed(kind) => kind.fmt(f),
        }
    }
}

impl Outgoing {
    pub fn new(allow_loopback_http: bool) -> Self {
        Self { allow_loopback_http, patience: PATIENCE, clients: Default::default() }
    }

    /// `field` is where the address stood in the request.
    pub fn check(&self, field: &'static str, url: &str) -> Result<Target, UnfitUrl> {
        let unfit = |why| UnfitUrl { field, why };
        if url.len() > LONGEST_URL {
            return Err(unfit("is longer than 2048 characters"));
        }
        let url = Url::parse(url).map_err(|_| unfit("is not a URL; it looks like https://host/path"))?;
        let way = match (url.scheme(), is_loopback_host(url.as_str())) {
            ("https", false) => Way::Abroad,
            ("https", true) => Way::Here,
            ("http", true) if self.allow_loopback_http => Way::HereInClear,
            ("http", true) => {
                return Err(unfit(
                    "must be https (http:// to this machine is taken after --allow-http-webhooks)",
                ));
            }
            _ => return Err(unfit("must be https")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unfit("must not hold a user name or a password"));
        }
        Ok(Target { url, way })
    }

    /// One try. Headers that belong to the connection are left out, and the body is always JSON.
    pub async fn post_json(&self, target: &Target, headers: &HeaderMap, body: Vec<u8>) -> Outcome {
        let outcome = match self.client(target.way).await {
            Ok(client) => post(client, target, headers.clone(), body).await,
            Err(kind) => Outcome::Failed(kind),
        };
        tracing::debug!(host = target.url.host_str(), %outcome, "posted");
        outcome
    }

    async fn client(&self, way: Way) -> Result<&reqwest::Client, FailureKind> {
        let cell = &self.clients[way as usize];
        cell.get_or_try_init(|| async { build(way, self.patience) }).await.map_err(|_| FailureKind::NoClient)
    }
}

fn build(way: Way, patience: Duration) -> reqwest::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("panic-console/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(patience)
        // A receiver that was restarted has closed it: what is sent into such a one is lost.
        .pool_max_idle_per_host(0);
    if way != Way::Abroad {
        // Whatever a hosts file says: this machine is this machine.
        let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        builder =
            builder.no_proxy().resolve_to_addrs("localhost", &here).resolve_to_addrs("localhost.", &here);
    }
    if way == Way::HereInClear {
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

async fn post(client: &reqwest::Client, target: &Target, mut headers: HeaderMap, body: Vec<u8>) -> Outcome {
    for name in &NOT_THEIRS {
        headers.remove(name);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = match client.post(target.url.clone()).headers(headers).body(body).send().await {
        Ok(response) => response,
        Err(error) => return Outcome::Failed(kind_of(&error)),
    };
    let status = response.status().as_u16();
    let mut reply = Vec::new();
    // The status is the answer; a reply that breaks off changes nothing about it.
    while let Ok(Some(chunk)) = response.chunk().await {
        reply.extend_from_slice(&chunk[..chunk.len().min(LARGEST_REPLY - reply.len())]);
        if reply.len() == LARGEST_REPLY {
            break;
        }
    }
    Outcome::Answered { status, reply }
}

fn kind_of(error: &reqwest::Error) -> FailureKind {
    if error.is_timeout() {
        FailureKind::TimedOut
    } else if error.is_connect() {
        FailureKind::NotConnected
    } else {
        FailureKind::Lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    /// Takes one request, answers with `reply`, and gives the request back.
    async fn listener(reply: impl Into<Vec<u8>>) -> (String, JoinHandle<String>) {
        let reply = reply.into();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/hook?token=SECRET", listener.local_addr().unwrap());
        let heard = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            while !heard.ends_with(b"}") {
                let mut some = [0; 1_024];
                match stream.read(&mut some).await.unwrap() {
                    0 => break,
                    read => heard.extend_from_slice(&some[..read]),
                }
            }
            // Who has read enough may be gone already.
            let _ = stream.write_all(&reply).await;
            String::from_utf8(heard).unwrap()
        });
        (url, heard)
    }

    fn answer(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    }

    async fn post_to(url: &str, headers: &HeaderMap) -> Outcome {
        let outgoing = Outgoing::new(true);
        let target = outgoing.check("url", url).unwrap();
        outgoing.post_json(&target, headers, br#"{"message":"NEW_CALLOUT"}"#.to_vec()).await
    }

    #[test]
    fn only_https_and_with_the_switch_this_machine_is_posted_to() {
        let (strict, lax) = (Outgoing::new(false), Outgoing::new(true));
        for url in ["https://hooks.example.com/a?b=c", "https://127.0.0.1:8443/", "HTTPS://[::1]/x"] {
            assert!(strict.check("url", url).is_ok() && lax.check("url", url).is_ok(), "{url}");
        }
        for url in ["http://127.0.0.1:80/", "http://localhost:9/x", "http://[::1]:9"] {
            let refused = strict.check("callbackUrl", url).unwrap_err().to_string();
            assert!(refused.starts_with("callbackUrl must be https"), "{refused}");
            assert!(lax.check("callbackUrl", url).is_ok(), "{url}");
        }
        let long = format!("https://hooks.example.com/{}", "x".repeat(LONGEST_URL));
        for url in [
            "http://hooks.example.com/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@hooks.example.com/",
            "https://user:word@hooks.example.com/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "/hook",
            "https://",
            "",
            &long,
        ] {
            let refused = lax.check("url", url).unwrap_err().to_string();
            assert!(refused.starts_with("url ") && !refused.contains("example"), "{url}: {refused}");
        }
    }

    #[test]
    fn a_target_shows_its_host_and_no_more() {
        let target = Outgoing::new(false).check("url", "https://hooks.example.com/p?token=SECRET").unwrap();
        assert_eq!(format!("{target:?}"), "Target(hooks.example.com)");
        assert_eq!(target.as_str(), "https://hooks.example.com/p?token=SECRET");
    }

    #[tokio::test]
    async fn headers_and_body_arrive_but_the_connection_stays_ours() {
        let (url, heard) = listener(answer("204 No Content", "")).await;
        let mut headers = HeaderMap::new();
        headers.insert("x-hook-token", HeaderValue::from_static("word"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        headers.insert(header::HOST, HeaderValue::from_static("elsewhere.example.com"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("3"));
        let outcome = post_to(&url, &headers).await;
        assert!(outcome.is_accepted() && outcome.status() == Some(204), "{outcome}");
        let heard = heard.await.unwrap().to_ascii_lowercase();
        assert!(heard.starts_with("post /hook?token=secret http/1.1"), "{heard}");
        assert!(heard.contains("x-hook-token: word") && heard.contains("content-type: application/json"));
        assert!(heard.ends_with(r#"{"message":"new_callout"}"#), "{heard}");
        assert!(!heard.contains("elsewhere") && !heard.contains("text/plain"), "{heard}");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let (elsewhere, never) = listener(answer("200 OK", "")).await;
        let redirect = format!("HTTP/1.1 307 Moved\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
        let (url, heard) = listener(redirect).await;
        let outcome = post_to(&url, &HeaderMap::new()).await;
        assert_eq!(outcome, Outcome::Answered { status: 307, reply: Vec::new() });
        assert!(!outcome.is_accepted());
        heard.await.unwrap();
        assert!(!never.is_finished());
        never.abort();
    }

    #[tokio::test]
    async fn of_an_endless_reply_the_beginning_is_read() {
        let mut endless = b"HTTP/1.1 500 Oh\r\ncontent-length: 999999999\r\n\r\n".to_vec();
        endless.resize(endless.len() + 2 * LARGEST_REPLY, b'x');
        let (url, _heard) = listener(endless).await;
        let Outcome::Answered { status: 500, reply } = post_to(&url, &HeaderMap::new()).await else {
            panic!("no answer");
        };
        assert_eq!(reply, vec![b'x'; LARGEST_REPLY]);
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/", nobody.local_addr().unwrap());
        let silent = Outgoing { patience: Duration::from_millis(50), ..Outgoing::new(true) };
        let target = silent.check("url", &url).unwrap();
        let outcome = silent.post_json(&target, &HeaderMap::new(), b"{}".to_vec()).await;
        assert_eq!(outcome, Outcome::Failed(FailureKind::TimedOut));
        drop(nobody);
        let outcome = post_to(&url, &HeaderMap::new()).await;
        assert_eq!(outcome, Outcome::Failed(FailureKind::NotConnected));
        let (url, heard) = listener("").await;
        assert_eq!(post_to(&url, &HeaderMap::new()).await, Outcome::Failed(FailureKind::Lost));
        heard.await.unwrap();
    }
}
