//! `panic-console watch` as the built program, against `serve`: in a pipe, in a terminal, and what it
//! refuses.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/asker.rs"]
mod asker;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/serve.rs"]
mod serve;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/terminal.rs"]
mod terminal;

use asker::Asker;
use serde_json::{Value, json};
use serve::Serve;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use tempfile::TempDir;
use terminal::Session;

/// On this machine once a second.
const OFTEN: &str = "poll_seconds = 1\n";

fn command(home: &TempDir, arguments: &[&str]) -> Command {
    let config = home.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    let file = config.join("config.toml");
    if !file.exists() {
        std::fs::write(file, OFTEN).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_panic-console"));
    command.arg("watch").args(arguments).env_clear();
    command.env("PANIC_CONSOLE_CONFIG_DIR", config).env("PANIC_CONSOLE_STATE_DIR", home.path().join("state"));
    command
}

/// Runs to its end with nobody at the keys.
fn output(home: &TempDir, arguments: &[&str]) -> Output {
    command(home, arguments).stdin(Stdio::null()).output().unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let output = output(&TempDir::new().unwrap(), arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_is_no_id_is_refused_by_name() {
    let told = refused(&["--url", "http://127.0.0.1:1", "1005", "../customers/7", "a b"]);
    assert!(told.contains(r#""../customers/7", "a b" are not callout ids"#), "{told}");
    assert!(!told.contains("1005"), "{told}");
}

#[test]
fn the_demo_says_what_can_be_watched_instead() {
    let told = refused(&[]);
    assert!(
        told.contains("panic-console serve") && told.contains("--url") && told.contains("--profile"),
        "{told}"
    );
}

#[test]
fn v1_without_ids_asks_for_them() {
    let home = TempDir::new().unwrap();
    std::fs::create_dir_all(home.path().join("config")).unwrap();
    let profile = "[profiles.old]\nbase_url = \"http://127.0.0.1:1/panic-api\"\ndialect = \"v1\"\n\
        client_id = \"demo-client\"\nclient_secret = { value = \"demo-secret\" }\n";
    std::fs::write(home.path().join("config/config.toml"), profile).unwrap();
    let output = output(&home, &["--profile", "old"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("v1") && told.contains("ids"), "{told}");
}

#[test]
fn a_url_must_be_safe_to_send_a_secret_to() {
    let told =
        refused(&["--url", "http://panic.example.com", "--client-id", "me", "--client-secret", "hush"]);
    assert!(told.contains("in clear") && !told.contains("hush"), "{told}");
}

/// The program in a pipe.
struct Piped {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    heard: Vec<String>,
    _home: TempDir,
}

impl Piped {
    /// Its input stays open, so that it does not end by itself.
    fn start(arguments: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let mut command = command(&home, arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, heard: Vec::new(), _home: home }
    }

    /// Reads on until a line fits; the end of the output fails.
    fn wait_for(&mut self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            self.heard.push(line.clone());
            if fits(&line) {
                return line;
            }
        }
        panic!("{what} never came:\n{}", self.heard.join("\n"));
    }

    fn event(&mut self, callout: i64, event: &str) -> Value {
        let id = callout.to_string();
        let line = self.wait_for(&format!("{event} of {id}"), |line| {
            let read: Value = serde_json::from_str(line).expect(line);
            read["callout"] == id.as_str() && read["event"] == event
        });
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn raised(asker: &Asker, count: usize) -> Vec<i64> {
    let mut callouts = Vec::new();
    for number in 0..count {
        let customer = asker.customer(&format!("+2700000{number:04}")).await;
        callouts.push(asker.callout(customer).await);
    }
    callouts
}

#[tokio::test(flavor = "multi_thread")]
async fn dozens_are_told_as_json_from_active_to_closed_and_nothing_is_written() {
    let server = Serve::launch(Serve::command(&["--keep-requests", "5000"]));
    let asker = Asker::server(server.url()).await;
    let callouts = raised(&asker, 36).await;
    let mut piped = Piped::start(&["--json", "--url", server.url()]);
    let mut listed = BTreeSet::new();
    while listed.len() < callouts.len() {
        let line = piped.wait_for("an active one", |line| line.contains("\"event\":\"active\""));
        let read: Value = serde_json::from_str(&line).unwrap();
        listed.insert(read["callout"].as_str().unwrap().to_owned());
    }
    assert_eq!(listed, callouts.iter().map(ToString::to_string).collect());

    let one = callouts[20];
    for step in ["acknowledge", "own", "verify", "dispatch"] {
        asker.step(one, step).await;
    }
    let told = piped.event(one, "dispatched");
    assert!(told["etaSeconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{told}");
    assert_eq!(told["status"], "Responder Dispatched");
    let said = json!({ "message": "Are you safe?", "from": "Thandi" });
    asker.post(&format!("/control/callouts/{one}/comments"), said).await.ok(200);
    assert_eq!(piped.event(one, "message")["message"], "Are you safe?");
    asker.post(&format!("/panic-api/v2/callouts/{one}/cancel"), json!({ "safeCode": "9999" })).await;
    piped.event(one, "duress");
    let customer = asker.customer("+27000009999").await;
    let new = asker.callout(customer).await;
    piped.event(new, "new");
    for step in ["arrive", "complete", "close"] {
        asker.step(one, step).await;
    }
    piped.event(one, "closed");

    let requests = asker.get("/control/requests").await.ok(200);
    let rows = requests["requests"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let read = rows.iter().filter(|row| text(row, "query").contains("shouldIncludeRoute"));
    assert!(read.count() >= 36, "they were read");
    let written = rows.iter().filter(|row| text(row, "method") != "GET").map(|row| text(row, "path"));
    let written: Vec<String> = written.filter(|path| path.contains("/panic-api/v2/callouts/")).collect();
    assert_eq!(written, [format!("/panic-api/v2/callouts/{one}/cancel")], "the one of this test alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn named_ones_end_it_when_all_are_over_and_an_unknown_one_is_a_failure() {
    let server = Serve::launch(Serve::command(&[]));
    let asker = Asker::server(server.url()).await;
    let callouts = raised(&asker, 3).await;
    for callout in &callouts[..2] {
        asker.step(*callout, "acknowledge").await;
        asker.step(*callout, "close").await;
    }
    let ids: Vec<String> = callouts.iter().map(ToString::to_string).collect();
    let home = TempDir::new().unwrap();
    let over = output(&home, &["--plain", "--url", server.url(), &ids[0], &ids[1]]);
    let told = String::from_utf8(over.stdout).unwrap();
    assert_eq!(over.status.code(), Some(0), "{told}");
    assert!(told.contains("watches 2 callouts") && told.matches("closed").count() >= 2, "{told}");
    assert!(!told.contains(&ids[2]) && !told.contains('\x1b') && !told.contains('\x07'), "{told}");
    let unknown = output(&home, &["--url", server.url(), "999999"]);
    let told = String::from_utf8(unknown.stdout).unwrap();
    assert_eq!(unknown.status.code(), Some(1), "{told}");
    assert!(told.contains("999999 not known to the server"), "{told}");
}

/// Steps that ring, one after the other, in a terminal; gives the bytes that were written.
async fn rung(flags: &[&str]) -> String {
    let server = Serve::launch(Serve::command(&[]));
    let asker = Asker::server(server.url()).await;
    let callouts = raised(&asker, 12).await;
    let url = server.url().to_owned();
    let arguments: Vec<String> =
        ["watch", "--url", &url].iter().chain(flags).map(ToString::to_string).collect();
    let mut session = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut session = Session::start_with(OFTEN, &arguments);
        session.wait_for("12 active");
        session.wait_for("No messages yet.");
        session.keys("/dispatched\r");
        session.wait_for("0 of 12");
        session
    })
    .await
    .unwrap();
    let one = callouts[5];
    for step in ["acknowledge", "own", "verify", "dispatch"] {
        asker.step(one, step).await;
    }
    let mut session = tokio::task::spawn_blocking(move || {
        session.wait_for("● dispatched");
        session.wait_for("1 of 12");
        session.keys("\x1b");
        session.wait_for("○ created");
        session
    })
    .await
    .unwrap();
    for step in ["arrive", "complete", "close"] {
        asker.step(one, step).await;
    }
    tokio::task::spawn_blocking(move || {
        session.wait_for("1 closed");
        session.keys("X");
        session.wait_for("1 dismissed");
        session.keys("U");
        session.wait_for("1 is back");
        session.keys("q");
        assert_eq!(session.wait_for_exit(), 0);
        session.assert_given_back();
        String::from_utf8_lossy(&session.written()).into_owned()
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_terminal_it_rings_and_notifies_by_id_and_state_only() {
    let written = rung(&[]).await;
    let told: Vec<&str> =
        written.split("\x1b]9;").skip(1).filter_map(|rest| rest.split('\x07').next()).collect();
    assert!(told.iter().any(|text| text.contains("responder dispatched")), "{told:?}");
    assert!(
        told.iter().all(|text| text.starts_with("panic-console: ") && !text.contains("Jane")),
        "{told:?}"
    );
    assert!(written.matches('\x07').count() >= 2 * told.len(), "each with its bell");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_can_be_switched_off() {
    let written = rung(&["--no-bell", "--no-notify"]).await;
    assert!(!written.contains('\x07') && !written.contains("\x1b]9;"));
}
