//! Request lines and headers.

use super::{answered, assert_alive, simulator, token};
use crate::raw::{Reply, send, to_the_end};
use tokio::net::TcpStream;

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[tokio::test]
async fn paths_that_play_tricks_lead_nowhere() {
    let running = simulator().await;
    let token = token(&running).await;
    for (path, status) in [
        ("//panic-api/v2/callouts/1", 404),
        ("/panic-api//v2/callouts/1", 404),
        ("/panic-api/v2/../../control/callouts", 404),
        ("/panic-api/v2/%2e%2e/%2e%2e/control/callouts", 404),
        ("/panic-api/v2/callouts/..", 400),
        ("/panic-api/v2/callouts/%2e%2e", 400),
        ("/panic-api/v2/callouts/%2e%2e%2fcontrol", 400),
        ("/panic-api/v2/callouts/1%00", 400),
        ("/panic-api/v2/callouts/%00", 400),
        ("/panic-api/v2/callouts/%ff%fe", 400),
        ("/panic-api/v2/callouts/%zz", 400),
        ("/panic-api/v2/callouts/1/", 404),
        ("/panic-api/v2/callouts/99999999999999999999999", 400),
        ("/panic-api/v2/callouts/1;a=b", 400),
        ("/PANIC-API/v2/callouts/1", 404),
        ("/.", 404),
        ("/?", 404),
    ] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
        let reply = answered(running.address, request).await.expect(path);
        assert_eq!(reply.status, status, "{path}: {reply:?}");
        assert!(reply.json()["message"].is_string(), "{path}: {reply:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn bytes_that_no_path_has_are_refused() {
    let running = simulator().await;
    for path in [&b"/panic-api/v2/callouts/\xff\xfe"[..], b"/health\x00", b"/hea lth", b"/health\x7f"] {
        let request = [b"GET ", path, b" HTTP/1.1\r\nHost: localhost\r\n\r\n"].concat();
        let reply = answered(running.address, request).await.expect("a reply");
        assert!((400..500).contains(&reply.status), "{path:?}: {reply:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_path_or_header_without_end_is_refused() {
    let running = simulator().await;
    let long = "x".repeat(60_000);
    answered(running.address, get(&format!("/{long}"))).await.unwrap().refused(404, "not found");
    let endless = "x".repeat(200_000);
    let reply = answered(running.address, get(&format!("/{endless}"))).await.unwrap();
    assert!([414, 431].contains(&reply.status), "{}", reply.status);
    let header = format!("GET /health HTTP/1.1\r\nHost: localhost\r\nX-More: {endless}\r\n\r\n");
    assert_eq!(answered(running.address, header).await.unwrap().status, 431);
    running.stop().await;
}

#[tokio::test]
async fn every_form_of_target_has_an_answer() {
    let running = simulator().await;
    let at = running.address;
    for (request, status) in [
        (format!("GET http://{at}/health HTTP/1.1\r\nHost: {at}\r\n\r\n"), 200),
        (format!("GET http://{at}/nothing HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 404),
        ("GET * HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 404),
        (format!("CONNECT {at} HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        ("GET health HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 404),
    ] {
        let reply = answered(at, request.clone()).await.expect(&request);
        assert_eq!(reply.status, status, "{request}{}", reply.head);
    }
    running.stop().await;
}

#[tokio::test]
async fn unknown_methods_and_versions() {
    let running = simulator().await;
    for method in ["FOO", "TRACE", "PROPFIND", "get", "DELETE"] {
        let request = format!("{method} /panic-api/v2/callouts/1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        answered(running.address, request).await.expect(method).refused(404, "not found");
    }
    let old = answered(running.address, "GET /health HTTP/1.0\r\n\r\n").await.unwrap();
    assert_eq!((old.status, old.json()["status"].as_str()), (200, Some("ok")));
    for line in ["GET /health HTTP/9.9", "GET /health", "\u{1F4A3}", "PRI * HTTP/2.0"] {
        let reply = answered(running.address, format!("{line}\r\nHost: localhost\r\n\r\n")).await;
        assert!(reply.is_none_or(|reply| (400..600).contains(&reply.status)), "{line}");
    }
    running.stop().await;
}

/// A connection of HTTP/1.0 ends with its reply, so the reply needs no length.
#[tokio::test]
async fn the_old_version_ends_with_its_reply() {
    let running = simulator().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    send(&mut stream, b"GET /health HTTP/1.0\r\n\r\n").await;
    let (heard, error) = to_the_end(&mut stream).await;
    assert_eq!((Reply::first(&heard).unwrap().status, error), (200, None));
    running.stop().await;
}

#[tokio::test]
async fn headers_that_are_none_are_refused() {
    let running = simulator().await;
    for header in ["No colon", ": nameless", "Spaced : x", "Bad\u{1}Name: x", "X: a\u{0}b", " Folded: x"] {
        let request = format!("GET /health HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
        let reply = answered(running.address, request).await.expect(header);
        assert_eq!(reply.status, 400, "{header}");
    }
    running.stop().await;
}

#[tokio::test]
async fn requests_behind_one_another_are_answered_in_their_order() {
    let running = simulator().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let post = "POST /panic-api/v2/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    let last = "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    send(&mut stream, [&get("/health"), post, &get("/health"), last].concat().as_bytes()).await;
    let (mut heard, error) = to_the_end(&mut stream).await;
    let mut statuses = Vec::new();
    while let Some(reply) = Reply::first(&heard) {
        statuses.push(reply.status);
        heard = reply.rest;
    }
    assert_eq!((statuses, error), (vec![200, 400, 200, 404], None));
    assert_alive(running.address).await;
    running.stop().await;
}

/// What follows a request that cannot be read is not taken for another request.
#[tokio::test]
async fn nothing_is_smuggled_behind_a_broken_request() {
    let running = simulator().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let broken =
        "POST /control/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}";
    send(&mut stream, [broken, &get("/health")].concat().as_bytes()).await;
    let (heard, _) = to_the_end(&mut stream).await;
    let reply = Reply::first(&heard).expect("a reply");
    assert_eq!((reply.status, reply.rest.len()), (400, 0), "{reply:?}");
    assert_alive(running.address).await;
    running.stop().await;
}
