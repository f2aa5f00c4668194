//! What the client makes of trouble.

use super::*;
use jiff::SignedDuration;
use tokio::io::AsyncReadExt as _;

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(connection(&url, Dialect::V2), clock()).unwrap();
    assert_eq!(kind(client.update_location(&id(), fix()).await), FailureKind::Unreachable);
}

#[tokio::test]
async fn a_server_that_never_answers_leaves_it_open_what_was_done() {
    let server = Server::start(|_, _| Answer::Never).await;
    let mut connection = server.connection(Dialect::V2);
    connection.total_timeout = Duration::from_millis(300);
    let client = Client::new(connection, clock()).unwrap();
    assert_eq!(kind(client.say(&id(), "hello").await), FailureKind::Unanswered);
    assert_eq!(server.calls(), ["POST /callouts/992011/events"], "one attempt");
}

#[tokio::test]
async fn without_a_token_in_time_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut connection = connection(&format!("http://{}", listener.local_addr().unwrap()), Dialect::V2);
    connection.total_timeout = Duration::from_millis(300);
    let client = Client::new(connection, clock()).unwrap();
    assert_eq!(kind(client.say(&id(), "hello").await), FailureKind::Unreachable);
}

#[tokio::test]
async fn a_connection_that_breaks_off_leaves_it_open_what_was_done() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let token = r#"{"accessToken":"t","tokenType":"Bearer","expiresIn":60}"#;
        let reply =
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{token}", token.len());
        for answer in [reply.as_str(), "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"callout\":"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            assert!(stream.read(&mut buffer).await.unwrap() > 0);
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await.unwrap();
        }
    });
    let client = Client::new(connection(&url, Dialect::V1), clock()).unwrap();
    assert_eq!(kind(client.raise(fix()).await), FailureKind::Unanswered);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/elsewhere" => ok(callout("created")),
        _ => Answer::Text(307, &[("location", "/panic-api/elsewhere")], ""),
    })
    .await;
    let failure = Failure::from(server.client(Dialect::V1).read(&id()).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.message.as_str().contains("redirects are not followed"), "{}", failure.message);
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn read_only_sends_nothing() {
    let server = Server::start(|_, _| ok(callout("created"))).await;
    let mut connection = server.connection(Dialect::V2);
    connection.read_only = true;
    let client = Client::new(connection, clock()).unwrap();
    assert_eq!(kind(client.raise(fix()).await), FailureKind::Forbidden);
    assert_eq!(kind(client.update_location(&id(), fix()).await), FailureKind::Forbidden);
    assert_eq!(kind(client.update_location_and_return(&id(), fix()).await), FailureKind::Forbidden);
    assert_eq!(kind(client.say(&id(), "hello").await), FailureKind::Forbidden);
    assert_eq!(kind(client.dismiss(&id()).await), FailureKind::Forbidden);
    assert_eq!(kind(client.cancel(&id(), None).await), FailureKind::Forbidden);
    assert!(server.seen().is_empty());
    client.read(&id()).await.unwrap();
}

#[tokio::test]
async fn errors_carry_the_server_s_message() {
    let server =
        Server::start(|_, _| Answer::Json(500, json!({ "message": "the\u{1b}[31m database" }))).await;
    let failure = Failure::from(server.client(Dialect::V2).dismiss(&id()).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Server);
    assert!(failure.message.as_str().contains("500: the database"), "{}", failure.message);

    let page = "<html><head><title>Bad</title></head><body>nginx</body></html>";
    let server = Server::start(move |_, _| Answer::Text(502, &[("content-type", "text/html")], page)).await;
    let failure = Failure::from(server.client(Dialect::V2).dismiss(&id()).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Server);
    assert!(failure.message.as_str().contains("502: Bad Gateway"), "{}", failure.message);
    assert!(!failure.message.as_str().contains('<'), "{}", failure.message);
}

#[tokio::test]
async fn too_many_tells_how_long_to_wait() {
    let server =
        Server::start(|_, _| Answer::Text(429, &[("retry-after", "10")], r#"{"message":"slow down"}"#)).await;
    let failure = Failure::from(server.client(Dialect::V1).read(&id()).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::TooMany);
    assert_eq!(failure.retry_after, Some(SignedDuration::from_secs(10)));
}

#[tokio::test]
async fn a_success_that_is_no_callout_is_unreadable() {
    for body in ["<html></html>", "{}", r#"{"callout":{"id":"../../x","status":"created"}}"#, "[1,2]", ""] {
        let server = Server::start(move |_, _| Answer::Text(200, &[], body)).await;
        for dialect in [Dialect::V1, Dialect::V2] {
            assert_eq!(kind(server.client(dialect).read(&id()).await), FailureKind::Unreadable, "{body}");
        }
    }
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    static HUGE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let huge: &'static str = HUGE.get_or_init(|| format!("\"{}\"", "x".repeat(5 * 1024 * 1024)));
    let server = Server::start(move |_, _| Answer::Text(200, &[], huge)).await;
    let failure = Failure::from(server.client(Dialect::V1).read(&id()).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Unreadable);
    assert!(failure.message.as_str().contains("4 MiB"), "{}", failure.message);
}

#[tokio::test]
async fn missing_settings_are_named() {
    let server = Server::start(|_, _| ok(json!({}))).await;
    let mut connection = server.connection(Dialect::V2);
    connection.customer.mobile = " ".to_owned();
    let failure = Failure::from(Client::new(connection, clock()).unwrap().raise(fix()).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.message.as_str().contains("customer.mobile"), "{}", failure.message);
    assert!(server.seen().is_empty());
}

#[test]
fn nothing_private_is_printed() {
    let printed = format!("{:?}", connection("http://127.0.0.1:1", Dialect::V1));
    let customer = format!("{:?}", connection("http://127.0.0.1:1", Dialect::V1).customer);
    for private in ["demo-secret", "Jane", "Doe", "27821234567"] {
        assert!(!printed.contains(private) && !customer.contains(private), "{printed} {customer}");
    }
}

/// Answers `requests` requests on one connection, then closes it.
async fn serve_one_connection(listener: &TcpListener, requests: usize) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let body = r#"{"accessToken":"t","tokenType":"Bearer","expiresIn":3600}"#;
    let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    for _ in 0..requests {
        let mut buffer = [0; 4096];
        assert!(stream.read(&mut buffer).await.unwrap() > 0);
        tokio::io::AsyncWriteExt::write_all(&mut stream, reply.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_a_restart_closed_is_not_used_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (closed, restarted) = tokio::sync::oneshot::channel();
    let server = tokio::spawn(async move {
        serve_one_connection(&listener, 2).await;
        closed.send(()).unwrap();
        serve_one_connection(&listener, 1).await;
    });
    let client = Client::new(connection(&url, Dialect::V2), clock()).unwrap();
    assert_eq!(client.update_location(&id(), fix()).await.unwrap(), Located::Taken);
    restarted.await.unwrap();
    // The news of the closing has to cross the loopback interface; a restart takes longer than this.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(client.say(&id(), "hello").await.unwrap(), None, "sent on a new connection");
    server.await.unwrap();
}
