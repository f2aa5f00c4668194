//! Bodies: too large, too deep, broken, of another kind, of no certain length.

use super::{answered, assert_alive, simulator, token};
use crate::asker::Asker;
use panic_console::sim::Running;
use serde_json::json;

const TOKEN: &str = "/panic-api/v2/oauth/token";

fn post(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}")
}

fn sized(path: &str, body: &str) -> String {
    post(path, &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()), body)
}

#[tokio::test]
async fn json_that_cannot_be_read_says_why() {
    let running = simulator().await;
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    for (body, words) in [
        ("{", "not valid JSON"),
        ("{\"clientId\":}", "not valid JSON"),
        ("{\"clientId\":\"a\",}", "not valid JSON"),
        ("{} {}", "not valid JSON"),
        ("{'clientId':'a'}", "not valid JSON"),
        ("{\"clientId\":\"\\ud800\"}", "not valid JSON"),
        ("{\"clientId\":1e999}", "not valid JSON"),
        ("{\"clientId\":NaN}", "not valid JSON"),
        ("\u{feff}{}", "not valid JSON"),
        (" ", "not valid JSON"),
        ("null", "JSON object"),
        ("[]", "JSON object"),
        ("\"text\"", "JSON object"),
        (&deep, "recursion limit"),
        ("{\"clientId\":{}}", "clientId"),
        ("{\"clientId\":\"a\",\"clientSecret\":[1]}", "clientSecret"),
    ] {
        answered(running.address, sized(TOKEN, body)).await.expect(body).refused(400, words);
    }
    running.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let running = simulator().await;
    let head = post(TOKEN, "Content-Type: application/json\r\nContent-Length: 16\r\n", "");
    let request = [head.as_bytes(), b"{\"clientId\":\"\xff\"}"].concat();
    answered(running.address, request).await.unwrap().refused(400, "not valid JSON");
    running.stop().await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_and_without_a_length() {
    let running = simulator().await;
    let large = format!("{{\"clientId\":\"{}\"}}", "x".repeat(1_100_000));
    answered(running.address, sized(TOKEN, &large)).await.unwrap().refused(413, "1 MiB");
    let chunk = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let request = post(TOKEN, "Transfer-Encoding: chunked\r\n", &chunk);
    answered(running.address, request).await.unwrap().refused(413, "1 MiB");
    // Refused by its length alone: nothing of it is waited for.
    let announced = post(TOKEN, "Content-Length: 999999999999\r\n", "{");
    answered(running.address, announced).await.unwrap().refused(413, "1 MiB");
    running.stop().await;
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let running = simulator().await;
    let body = r#"{"clientId":"demo-client","clientSecret":"demo-secret"}"#;
    for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", "\u{1}"] {
        let headers = format!("Content-Type: {media}\r\nContent-Length: {}\r\n", body.len());
        let reply = answered(running.address, post(TOKEN, &headers, body)).await.expect(media);
        assert!([400, 415].contains(&reply.status), "{media}: {reply:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn lengths_that_contradict_are_refused() {
    let running = simulator().await;
    for headers in [
        "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: 2, 3\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
    ] {
        let reply = answered(running.address, post(TOKEN, headers, "{}")).await.expect(headers);
        assert_eq!(reply.status, 400, "{headers}");
    }
    running.stop().await;
}

#[tokio::test]
async fn chunks_of_a_wrong_size_are_refused() {
    let running = simulator().await;
    for body in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}garbage\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n{}",
    ] {
        let request = post(TOKEN, "Transfer-Encoding: chunked\r\n", body);
        let reply = answered(running.address, request).await.expect(body);
        assert_eq!(reply.status, 400, "{body:?}");
    }
    let good = post(TOKEN, "Transfer-Encoding: chunked\r\n", "1\r\n{\r\n1;ext=1\r\n}\r\n0\r\n\r\n");
    answered(running.address, good).await.unwrap().refused(400, "clientId is required");
    running.stop().await;
}

/// The number of active callouts, as the control side counts them.
async fn callouts(running: &Running) -> usize {
    let all = Asker::nobody(&running.url()).get("/control/callouts").await.ok(200);
    all.as_array().unwrap().len()
}

/// A body that breaks off half way does nothing, whatever it would have done.
#[tokio::test]
async fn half_a_request_is_no_request() {
    let running = simulator().await;
    let token = token(&running).await;
    let asker = Asker::nobody(&running.url()).with(&token);
    let customer = asker.customer("+27821234567").await;
    let body = json!({ "location": { "latitude": 1, "longitude": 2 }, "responseTypeId": 1 }).to_string();
    let path = format!("/panic-api/v2/customers/{customer}/callouts");
    for length in [body.len() + 1, body.len() * 2] {
        let headers = format!("Authorization: Bearer {token}\r\nContent-Length: {length}\r\n");
        let mut stream = tokio::net::TcpStream::connect(running.address).await.unwrap();
        crate::raw::send(&mut stream, post(&path, &headers, &body).as_bytes()).await;
        drop(stream);
        assert_alive(running.address).await;
    }
    assert_eq!(callouts(&running).await, 0);
    let headers = format!("Authorization: Bearer {token}\r\nContent-Length: {}\r\n", body.len());
    assert_eq!(answered(running.address, post(&path, &headers, &body)).await.unwrap().status, 200);
    assert_eq!(callouts(&running).await, 1);
    running.stop().await;
}
