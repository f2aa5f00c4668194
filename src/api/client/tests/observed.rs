//! What an observer of the client hears, and what it never does.

use super::super::super::observed::Observer;
use super::*;
use crate::traffic::{Exchange, Method as Asked, Trouble};
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use std::collections::VecDeque;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// A clock that goes on by 7 ms each time it is looked at.
#[derive(Default)]
struct Notes {
    heard: Mutex<Vec<Exchange>>,
    looked: AtomicUsize,
}

impl Observer for Notes {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(7) * u32::try_from(self.looked.fetch_add(1, Ordering::SeqCst)).unwrap()
    }

    fn exchanged(&self, exchange: Exchange) {
        self.heard.lock().unwrap().push(exchange);
    }
}

impl Notes {
    fn heard(&self) -> Vec<Exchange> {
        self.heard.lock().unwrap().clone()
    }

    fn text(&self) -> String {
        serde_json::to_string(&self.heard()).unwrap()
    }
}

fn watched(connection: Connection) -> (Client, Arc<Notes>) {
    let notes = Arc::new(Notes::default());
    let observer: Arc<dyn Observer> = notes.clone();
    (Client::new(connection, clock()).unwrap().observed_by(observer), notes)
}

/// Answers each connection with the next of these, byte for byte.
async fn raw(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/panic-api", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut answers = VecDeque::from(answers);
        while let Some(answer) = answers.pop_front() {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            assert!(stream.read(&mut buffer).await.unwrap() > 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

fn whole(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

const TOKEN: &str = r#"{"accessToken":"hush-hush","tokenType":"Bearer","expiresIn":3600}"#;

#[tokio::test]
async fn every_exchange_is_heard_of_and_no_secret_with_it() {
    let url = "http://127.0.0.1/track/7?sessionToken=hush&calloutId=7";
    let server = Server::start(move |seen, _| match seen.path.as_str() {
        path if path.ends_with("/events") => {
            Answer::Text(503, &[("retry-after", "9"), ("set-cookie", "a=hush"), ("server", "x")], "busy")
        }
        _ => ok(json!({ "callout": { "id": 992_011, "status": "created", "url": url, "echo": "t1" } })),
    })
    .await;
    let (client, notes) = watched(server.connection(Dialect::V2));
    client.read(&id()).await.unwrap();
    client.cancel(&id(), Some(&SafeCode("4321".to_owned()))).await.unwrap();
    let heard = notes.heard();
    let lines: Vec<String> = heard
        .iter()
        .map(|exchange| format!("{} {} {:?}", exchange.method.as_str(), exchange.path, exchange.status))
        .collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[0], "POST /oauth/token Some(200)", "the exchange for a token comes first");
    assert!(lines.contains(&"GET /callouts/992011/events Some(503)".to_owned()), "{lines:?}");
    assert!(lines[3].contains("/cancel"), "{lines:?}");
    let text = notes.text();
    for secret in ["demo-secret", "hush", "4321"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("demo-client") && text.contains("track/7?sessionToken=***"), "{text}");
    let events = heard.iter().find(|exchange| exchange.path.as_str().ends_with("/events")).unwrap();
    assert_eq!((events.method, events.at, events.base.as_str()), (Asked::Get, at(0), server.url.as_str()));
    assert_eq!(events.request.header("authorization"), Some("Bearer ***"));
    assert_eq!(events.reply.header("retry-after"), Some("9"));
    assert_eq!(events.reply.body.as_ref().unwrap().as_str(), "busy");
    assert!(events.took > SignedDuration::ZERO);
    assert_eq!(
        client.held_token().await.map(|token| token.expose_secret().to_owned()),
        Some("t1".to_owned())
    );
}

#[tokio::test]
async fn a_token_that_a_server_sends_back_is_masked_too() {
    let reply = "<p>who is hush-hush?</p>";
    let url = raw(vec![whole(TOKEN), whole(reply)]).await;
    let (client, notes) = watched(connection(&url, Dialect::V1));
    assert!(client.read(&id()).await.is_err(), "it is no callout");
    assert_eq!(notes.heard()[1].reply.body.as_ref().unwrap().as_str(), "<p>who is ***?</p>");
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_heard_of() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (client, notes) = watched(connection(&url, Dialect::V2));
    assert!(client.read(&id()).await.is_err());
    let heard = notes.heard();
    assert!(!heard.is_empty());
    assert!(heard.iter().all(|exchange| exchange.trouble == Some(Trouble::NoConnection)), "{heard:?}");
    assert!(heard.iter().all(|exchange| exchange.status.is_none()));
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_heard_of_as_far_as_it_came() {
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"callout\":{\"status\":\"cré".to_owned();
    let url = raw(vec![whole(TOKEN), broken]).await;
    let (client, notes) = watched(connection(&url, Dialect::V1));
    assert!(client.read(&id()).await.is_err());
    let exchange = &notes.heard()[1];
    assert_eq!((exchange.status, exchange.trouble), (Some(200), Some(Trouble::CutOff)));
    assert_eq!(exchange.reply.body.as_ref().unwrap().as_str(), "{\"callout\":{\"status\":\"cré");
}

#[tokio::test]
async fn a_reply_that_never_comes_and_one_that_is_too_large_are_heard_of() {
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 10_000_000);
    let url = raw(vec![whole(TOKEN), endless]).await;
    let (client, notes) = watched(connection(&url, Dialect::V1));
    assert!(client.read(&id()).await.is_err());
    assert_eq!(notes.heard()[1].trouble, Some(Trouble::TooLarge));

    let server = Server::start(|_, _| Answer::Never).await;
    let mut connection = server.connection(Dialect::V1);
    connection.total_timeout = Duration::from_millis(300);
    let (client, notes) = watched(connection);
    assert!(client.read(&id()).await.is_err());
    let trouble = notes.heard()[1].trouble;
    assert!(matches!(trouble, Some(Trouble::TimedOut | Trouble::GivenUp)), "{trouble:?}");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_heard_of() {
    let server = Server::start(|_, _| Answer::Never).await;
    let (client, notes) = watched(server.connection(Dialect::V1));
    let asked = server.clone();
    let task = tokio::spawn(async move { client.read(&id()).await.is_ok() });
    while asked.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let heard = notes.heard();
    assert_eq!(heard.last().unwrap().trouble, Some(Trouble::GivenUp));
}
