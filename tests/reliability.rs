//! The server and its bad clients, over raw sockets: each gets a clear refusal or a clean end, and the
//! next request is served.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

#[path = "support/asker.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod asker;
#[path = "reliability/bodies.rs"]
mod bodies;
#[path = "reliability/heads.rs"]
mod heads;
#[path = "support/raw.rs"]
mod raw;
#[path = "reliability/slow.rs"]
mod slow;

use asker::Asker;
use panic_console::sim::{Limits, Options, Running, Simulator};
use raw::{Reply, exchange};
use std::net::SocketAddr;

async fn simulator() -> Running {
    simulator_with(Limits::default()).await
}

async fn simulator_with(limits: Limits) -> Running {
    Simulator::start(Options { limits, ..Options::default() }).await.unwrap()
}

/// Sends `request` and gives the first reply; `None` for an end without one. Another connection is
/// served afterwards as if nothing had been.
async fn answered(address: SocketAddr, request: impl Into<Vec<u8>>) -> Option<Reply> {
    let request = request.into();
    let heard = exchange(address, &request).await;
    assert_alive(address).await;
    Reply::first(&heard)
}

async fn assert_alive(address: SocketAddr) {
    let heard =
        exchange(address, b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let reply = Reply::first(&heard).expect("a reply");
    assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some("ok")));
}

/// The server's token, as the text behind `Bearer`.
async fn token(running: &Running) -> String {
    let asker = Asker::nobody(&running.url());
    let credentials = serde_json::json!({ "clientId": "demo-client", "clientSecret": "demo-secret" });
    let reply = asker.post("/panic-api/v2/oauth/token", credentials).await.ok(200);
    reply["accessToken"].as_str().unwrap().to_owned()
}
