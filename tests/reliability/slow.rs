//! Clients that keep the server waiting. Its limits are narrowed here, so that nobody waits for the
//! real ones; that these are kept, too, is shown beside `Patient` by a clock that a test turns.

use super::{assert_alive, simulator_with, token};
use crate::asker::Asker;
use crate::raw::{PATIENCE, Reply, hear, send, to_the_end};
use panic_console::sim::Limits;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

const SHORT: Duration = Duration::from_millis(300);

fn narrow() -> Limits {
    Limits { headers: SHORT, idle: SHORT, request: SHORT, reply: SHORT, ..Limits::default() }
}

/// Sends byte by byte until the server has had enough.
async fn trickle(stream: &mut TcpStream) {
    let trickling = async {
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, trickling).await.expect("the server never had enough");
}

#[tokio::test]
async fn headers_that_never_end_are_dropped() {
    let running = simulator_with(narrow()).await;
    let mut slow = TcpStream::connect(running.address).await.unwrap();
    send(&mut slow, b"GET /health HTTP/1.1\r\nX-Slow: ").await;
    trickle(&mut slow).await;
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(to_the_end(&mut silent).await.0, b"", "nothing was asked, nothing is said");
    assert_alive(running.address).await;
    running.stop().await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_in_time() {
    let running = simulator_with(narrow()).await;
    let mut slow = TcpStream::connect(running.address).await.unwrap();
    let head = "POST /panic-api/v2/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
    send(&mut slow, head.as_bytes()).await;
    let reply = Reply::first(&hear(&mut slow).await).expect("a reply");
    reply.refused(408, "too long");
    // The rest of that body is not waited for.
    trickle(&mut slow).await;
    assert_alive(running.address).await;
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_says_no_more_is_ended() {
    let running = simulator_with(narrow()).await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    send(&mut idle, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let (heard, error) = to_the_end(&mut idle).await;
    assert_eq!((Reply::first(&heard).unwrap().status, error), (200, None));
    running.stop().await;
}

/// Asks and never reads: its replies fill every buffer, and then its time is over.
#[tokio::test]
async fn a_client_that_never_reads_is_let_go() {
    let running = simulator_with(Limits { reply: SHORT, ..Limits::default() }).await;
    let token = token(&running).await;
    let asker = Asker::nobody(&running.url()).with(&token);
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;
    let request = format!(
        "GET /panic-api/callouts/{callout}?shouldIncludeRoute=true HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    let mut deaf = TcpStream::connect(running.address).await.unwrap();
    let asking = async { while deaf.write_all(request.as_bytes()).await.is_ok() {} };
    timeout(PATIENCE, asking).await.expect("the server keeps on writing to nobody");
    assert_alive(running.address).await;
    running.stop().await;
}

/// More connections than there are places: the others wait, and none is lost.
#[tokio::test]
async fn where_all_places_are_taken_the_next_one_waits() {
    let running = simulator_with(Limits { connections: 4, headers: SHORT, ..Limits::default() }).await;
    let mut idle = Vec::new();
    for _ in 0..8 {
        idle.push(TcpStream::connect(running.address).await.unwrap());
    }
    assert_alive(running.address).await;
    running.stop().await;
}
