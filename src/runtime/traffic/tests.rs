//! Exchanges through the loop, clipboard and files.

use super::*;
use crate::traffic::curl::Curl;
use crate::traffic::{Message, Method, Side};
use jiff::SignedDuration;

fn exchange(path: &str) -> Exchange {
    Exchange {
        at: Timestamp::UNIX_EPOCH,
        took: SignedDuration::from_millis(3),
        what: "read the callout".into(),
        method: Method::Get,
        side: Side::Api,
        base: "http://127.0.0.1:3005/panic-api/v2".into(),
        path: path.into(),
        request: Message::default(),
        status: Some(200),
        reply: Message { headers: Vec::new(), size: 2, body: Some(Body::new("{}")) },
        trouble: None,
    }
}

/// Answers nothing and has this token.
struct Silent(Option<&'static str>);

impl Api for Silent {
    async fn call(&self, _order: Effect) -> Outcome {
        std::future::pending().await
    }

    async fn token(&self) -> Option<SecretString> {
        self.0.map(SecretString::from)
    }
}

fn desk(folder: &Path, tmux: bool) -> (Arc<Recorder>, Desk) {
    let (recorder, exchanges) = Recorder::new();
    (recorder, Desk::new(Some(Tap { exchanges, folder: folder.to_owned(), tmux })))
}

fn clock() -> Clock {
    Clock::starting_at("2026-03-01T12:00:41Z".parse().unwrap())
}

fn curl() -> Curl {
    Curl {
        method: Method::Get,
        url: "http://127.0.0.1:3005/x".to_owned(),
        authorized: true,
        content_type: None,
        body: None,
    }
}

/// Carries out one order; what is told, and what goes to the terminal.
async fn carried(
    desk: &mut Desk,
    order: TrafficOrder,
    log: &Shared<Log>,
    token: Option<&'static str>,
) -> (Done, String) {
    desk.start(order, log, &Arc::new(Silent(token)), clock().now());
    let Action::TrafficDone { done, .. } = desk.next(&clock()).await else { panic!("an order has an end") };
    let sequences = desk.for_terminal();
    (done, sequences.iter().map(secrecy::ExposeSecret::expose_secret).collect())
}

fn log_of(paths: &[&str]) -> Shared<Log> {
    let mut log = Shared::new(Log::default());
    for path in paths {
        log.change().push(exchange(path));
    }
    log
}

#[tokio::test]
async fn an_exchange_comes_as_an_action() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, mut desk) = desk(folder.path(), false);
    recorder.exchanged(exchange("/a"));
    recorder.exchanged(exchange("/b"));
    for path in ["/a", "/b"] {
        let Action::Exchanged { exchange, .. } = desk.next(&clock()).await else { panic!("in their order") };
        assert_eq!(exchange.path.as_str(), path);
    }
    assert!(recorder.elapsed() <= recorder.elapsed());
}

#[tokio::test]
async fn the_clipboard_gets_the_command_and_the_token_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (_recorder, mut desk) = desk(folder.path(), false);
    let log = Shared::new(Log::default());
    let copy = |with_token| TrafficOrder::CopyCurl { curl: curl(), with_token };
    let text = |sequence: &str| {
        let encoded = sequence.strip_prefix("\x1b]52;c;").unwrap().strip_suffix('\x07').unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    };
    let (done, sequence) = carried(&mut desk, copy(false), &log, Some("t0")).await;
    assert_eq!(done, Done::Copied { what: Copied::Curl, tmux: false });
    assert!(text(&sequence).contains("Bearer $TOKEN\""), "{}", text(&sequence));
    let (done, sequence) = carried(&mut desk, copy(true), &log, Some("t0")).await;
    assert_eq!(done, Done::Copied { what: Copied::CurlWithToken, tmux: false });
    assert!(text(&sequence).contains("Bearer t0'"), "{}", text(&sequence));
    let (done, sequence) = carried(&mut desk, copy(true), &log, None).await;
    assert_eq!((done, sequence.as_str()), (Done::NoToken, ""));
    let body = TrafficOrder::CopyBody { body: Body::new("it's 消防車") };
    let (_, sequence) = carried(&mut desk, body, &log, None).await;
    assert_eq!(text(&sequence), "it's 消防車");
}

#[tokio::test]
async fn tmux_is_told_itself_and_the_terminal_around_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_recorder, mut desk) = desk(folder.path(), true);
    let body = TrafficOrder::CopyBody { body: Body::new("x") };
    let (done, sequence) = carried(&mut desk, body, &Shared::default(), None).await;
    assert_eq!(done, Done::Copied { what: Copied::Body, tmux: true });
    assert_eq!(sequence, "\x1b]52;c;eA==\x07\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\");
}

#[tokio::test]
async fn the_archive_is_private_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (_recorder, mut desk) = desk(&folder.path().join("traffic"), false);
    let log = log_of(&["/a", "/b"]);
    let (done, _) = carried(&mut desk, TrafficOrder::Export { file: None }, &log, None).await;
    let Done::Exported { file, exchanges: 2 } = done else { panic!("{done:?}") };
    assert!(file.as_str().ends_with("traffic/traffic-20260301-120041.har"), "{file}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(Path::new(file.as_str())), 0o600);
        assert_eq!(mode(&folder.path().join("traffic")), 0o700);
    }
    let written = std::fs::read_to_string(file.as_str()).unwrap();
    assert_eq!(written.matches("startedDateTime").count(), 2);
    let again = TrafficOrder::Export { file: Some(file.clone()) };
    let (done, _) = carried(&mut desk, again, &log_of(&["/c"]), None).await;
    let Done::NotWritten { why } = done else { panic!("{done:?}") };
    assert!(why.as_str().contains(file.as_str()), "{why}");
    assert_eq!(std::fs::read_to_string(file.as_str()).unwrap(), written);
}

#[tokio::test]
async fn a_body_goes_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (_recorder, mut desk) = desk(folder.path(), false);
    let order = TrafficOrder::SaveBody { number: 7, body: Body::new("[1]") };
    let (done, _) = carried(&mut desk, order, &Shared::default(), None).await;
    let Done::SavedBody { file } = done else { panic!("{done:?}") };
    assert!(file.as_str().ends_with("body-7-20260301-120041.json"), "{file}");
    assert_eq!(std::fs::read_to_string(file.as_str()).unwrap(), "[1]");
}

#[test]
fn a_line_of_the_shell_is_read_as_the_shell_reads_it() {
    assert_eq!(at_home("/x.har"), Path::new("/x.har"));
    assert_eq!(at_home("x~/y.har"), Path::new("x~/y.har"));
    assert!(!at_home("~/x.har").starts_with("~"));
}
