//! HTTP as bytes, for what no client library would send or take.

use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// More than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One reply out of what a server sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// What came behind it.
    pub rest: Vec<u8>,
}

impl Reply {
    /// The first reply in there; `None` when there is no whole head.
    pub fn first(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let (status_and_headers, rest) = (bytes[..end].to_vec(), &bytes[end + 4..]);
        let head = String::from_utf8(status_and_headers).ok()?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = header(&head, "content-length").and_then(|value| value.parse().ok());
        let (body, rest) = rest.split_at(length.unwrap_or(rest.len()).min(rest.len()));
        Some(Self { status, head, body: body.to_vec(), rest: rest.to_vec() })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Wants a refusal of the API's shape whose message holds `words`.
    #[track_caller]
    pub fn refused(&self, status: u16, words: &str) {
        assert_eq!(self.status, status, "{self:?}");
        let message = self.json()["message"].as_str().expect("a message").to_owned();
        assert!(message.contains(words), "{message}");
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    values.next().map(|(_, value)| value.trim())
}

/// Sends, and reads until the server ends the connection or one whole reply is there.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    send(&mut stream, request).await;
    hear(&mut stream).await
}

/// Sends as much as the server takes: it may have refused the rest already.
pub async fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let _refused = stream.write_all(bytes).await;
}

/// Reads until the server ends the connection or one whole reply with a length is there.
pub async fn hear(stream: &mut TcpStream) -> Vec<u8> {
    let reading = async {
        let mut heard = Vec::new();
        let mut piece = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut piece).await {
            heard.extend_from_slice(&piece[..count]);
            if is_whole(&heard) {
                break;
            }
        }
        heard
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("the server left us waiting")
}

fn is_whole(heard: &[u8]) -> bool {
    let Some(reply) = Reply::first(heard) else { return false };
    let length = reply.header("content-length").and_then(|value| value.parse().ok());
    length.is_some_and(|length: usize| reply.body.len() >= length)
}

/// Reads everything until the end of the connection; the error it ended with, if it did.
pub async fn to_the_end(stream: &mut TcpStream) -> (Vec<u8>, Option<std::io::ErrorKind>) {
    let mut heard = Vec::new();
    let reading = stream.read_to_end(&mut heard);
    let ended = tokio::time::timeout(PATIENCE, reading).await.expect("the connection never ended");
    (heard, ended.err().map(|error| error.kind()))
}
