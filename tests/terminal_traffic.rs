//! The traffic screen of the built program in a pseudo-terminal, up to the clipboard and the archive.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the harness is a test too")]

#[allow(dead_code, reason = "the other terminal tests use the rest")]
#[path = "support/terminal.rs"]
mod terminal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use terminal::Session;

/// What the terminal was given for its clipboard, newest last.
fn copied(session: &Session) -> Vec<String> {
    let output = String::from_utf8_lossy(&session.written()).into_owned();
    let texts = output.split("\x1b]52;c;").skip(1).filter_map(|rest| rest.split('\x07').next());
    texts.map(|text| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()).collect()
}

#[test]
fn a_poll_is_found_read_copied_and_exported() {
    let mut session = Session::start(&["--speed", "5"]);
    session.wait_for("to raise a");
    session.keys("p\r");
    session.wait_for("▶ created");
    session.keys("4");
    session.wait_for("/oauth/token");
    session.keys("/");
    session.wait_for("filter:");
    session.keys("get callouts route\r");
    session.wait_for("GET /callouts/");
    session.keys("v\r");
    session.wait_for("\"status\":");

    session.keys("y");
    session.wait_for("$TOKEN stands for the token");
    terminal::wait_until("the command", || !copied(&session).is_empty());
    let curl = copied(&session).pop().unwrap();
    assert!(
        curl.starts_with("curl 'http://127.0.0.1:") && curl.contains("/panic-api/v2/callouts/"),
        "{curl}"
    );
    assert!(curl.ends_with("-H \"authorization: Bearer $TOKEN\""), "{curl}");

    session.keys("Y");
    session.wait_for("Copy the token?");
    assert_eq!(copied(&session).len(), 1, "nothing before the answer");
    session.keys("y");
    session.wait_for("with the real token");
    terminal::wait_until("the command with the token", || copied(&session).len() == 2);
    let token = copied(&session).pop().unwrap();
    assert!(token.contains("-H 'authorization: Bearer eyJ"), "{token}");
    let secret = token.split("Bearer ").nth(1).unwrap().trim_end_matches('\'').to_owned();

    session.keys("b");
    session.wait_for("copied the body");
    terminal::wait_until("the body", || copied(&session).len() == 3);
    let body: Value = serde_json::from_str(&copied(&session).pop().unwrap()).unwrap();
    assert!(body.get("callout").is_some() || body.get("id").is_some(), "{body}");

    let archive = session.home().join("session.har");
    session.keys("e");
    session.wait_for("HAR file:");
    session.keys(&format!("{}\r", archive.display()));
    session.wait_for("exchanges written to");
    let written = std::fs::read_to_string(&archive).unwrap();
    let har: Value = serde_json::from_str(&written).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    assert!(entries.len() >= 4, "the filter holds back nothing: {}", entries.len());
    assert!(!written.contains(&secret) && !written.contains("demo-secret"), "secrets are masked");
    assert!(!session.text().contains(&secret), "and not on the screen either");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&archive).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
    session.assert_given_back();
}
