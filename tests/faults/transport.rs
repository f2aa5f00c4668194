//! What goes over the wire, byte by byte.

use super::Rig;
use crate::raw::{Reply, hear, send, to_the_end};
use reqwest::Method;
use serde_json::json;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;

impl Rig {
    /// A read of the callout, as bytes.
    fn request(&self) -> String {
        let built = self.asker.request(Method::GET, "/").build().unwrap();
        let token = built.headers()["authorization"].to_str().unwrap();
        format!("GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n", self.path(""))
    }

    /// All that the server says to it, and how it ends.
    async fn broken(&self, fault: &str) -> (Vec<u8>, Option<ErrorKind>) {
        self.put(json!([{ "times": 1, "fault": fault }])).await;
        let mut stream = TcpStream::connect(self.running.address).await.unwrap();
        send(&mut stream, self.request().as_bytes()).await;
        let heard = to_the_end(&mut stream).await;
        // Whoever comes next is served, and other connections were never touched.
        let mut next = TcpStream::connect(self.running.address).await.unwrap();
        send(&mut next, self.request().as_bytes()).await;
        assert_eq!(Reply::first(&hear(&mut next).await).unwrap().status, 200);
        heard
    }
}

#[tokio::test]
async fn empty_response_ends_the_connection_without_a_word() {
    let rig = Rig::new().await;
    assert_eq!(rig.broken("EMPTY_RESPONSE").await, (Vec::new(), None));
}

#[tokio::test]
async fn connection_reset_by_peer_is_a_reset() {
    let rig = Rig::new().await;
    let (heard, error) = rig.broken("CONNECTION_RESET_BY_PEER").await;
    assert_eq!((heard, error), (Vec::new(), Some(ErrorKind::ConnectionReset)));
}

#[tokio::test]
async fn random_data_then_close_is_no_http() {
    let rig = Rig::new().await;
    let (heard, error) = rig.broken("RANDOM_DATA_THEN_CLOSE").await;
    assert!(heard.len() > 100 && !heard.starts_with(b"HTTP"), "{heard:?}");
    assert_eq!(error, None);
    // The same seed, the same noise.
    assert_eq!(rig.broken("RANDOM_DATA_THEN_CLOSE").await.0, heard);
}

#[tokio::test]
async fn malformed_response_chunk_begins_well() {
    let rig = Rig::new().await;
    let (heard, error) = rig.broken("MALFORMED_RESPONSE_CHUNK").await;
    let reply = Reply::first(&heard).expect("a head");
    assert_eq!((reply.status, reply.header("transfer-encoding"), error), (200, Some("chunked"), None));
    let size = reply.body.split(|byte| *byte == b'\r').next().unwrap();
    assert!(!size.is_empty() && !size.iter().all(u8::is_ascii_hexdigit), "{size:?}");
}

/// The pieces of a chunked body.
fn chunks(mut body: &[u8]) -> Vec<&[u8]> {
    let mut chunks = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").expect("the size of a chunk");
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return chunks;
        }
        chunks.push(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
}

#[tokio::test]
async fn chunked_dribble_sends_the_whole_reply_in_pieces() {
    let rig = Rig::new().await;
    let whole = rig.asker.get(&rig.path("")).await.ok(200);
    rig.put_fault(json!({ "chunked-dribble": { "chunks": 5, "totalMs": 400 } })).await;
    let mut stream = TcpStream::connect(rig.running.address).await.unwrap();
    let request = rig.request().replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let began = Instant::now();
    send(&mut stream, request.as_bytes()).await;
    let (heard, error) = to_the_end(&mut stream).await;
    assert!(began.elapsed() >= Duration::from_millis(400), "{:?}", began.elapsed());
    let reply = Reply::first(&heard).unwrap();
    assert_eq!((reply.status, reply.header("content-length"), error), (200, None, None));
    let pieces = chunks(&reply.body);
    assert_eq!(pieces.len(), 5);
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&pieces.concat()).unwrap(), whole);
}

#[tokio::test]
async fn delay_is_real_time_and_the_reply_is_the_usual_one() {
    let rig = Rig::new().await;
    for delay in [
        json!({ "fixed": 300 }),
        json!({ "uniform": { "lower": 300, "upper": 310 } }),
        json!({ "lognormal": { "median": 300, "sigma": 0 } }),
    ] {
        rig.put_fault(json!({ "delay": delay })).await;
        let began = Instant::now();
        rig.read().await;
        assert!(began.elapsed() >= Duration::from_millis(299), "{delay}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn status_stands_in_place_of_the_reply() {
    let rig = Rig::new().await;
    let status = json!({ "code": 503, "retryAfter": 7, "message": "Not now." });
    rig.put_fault(json!({ "status": status })).await;
    let reply = rig.asker.request(Method::GET, &rig.path("")).send().await.unwrap();
    assert_eq!((reply.status().as_u16(), &reply.headers()["retry-after"]), (503, &"7".parse().unwrap()));
    assert_eq!(reply.json::<serde_json::Value>().await.unwrap(), json!({ "message": "Not now." }));
    rig.put_fault(json!({ "status": { "code": 502 } })).await;
    rig.asker.get(&rig.path("")).await.refused(502, "Bad Gateway.");
}

/// Whether the deed was done is what tells a lost request from a lost reply.
#[tokio::test]
async fn a_request_is_lost_unless_the_rule_says_that_it_is_carried_out() {
    let rig = Rig::new().await;
    for (fault, carried_out) in [
        (json!("EMPTY_RESPONSE"), false),
        (json!("EMPTY_RESPONSE"), true),
        (json!("CONNECTION_RESET_BY_PEER"), true),
        (json!({ "status": { "code": 500 } }), false),
        (json!({ "status": { "code": 500 } }), true),
    ] {
        let text = format!("{fault} {carried_out}");
        rig.put(json!([{ "method": "POST", "carriedOut": carried_out, "fault": fault }])).await;
        let line = json!({ "source": "customer", "event": text });
        let sent = rig.asker.request(Method::POST, &rig.path("/events")).json(&line).send().await;
        assert!(sent.is_err() || sent.is_ok_and(|reply| reply.status() == 500));
        rig.off().await;
        let events = rig.read().await["calloutEvents"].to_string();
        let there = events.contains(&serde_json::to_string(&text).unwrap());
        assert_eq!(there, carried_out, "{text}: {events}");
    }
}
