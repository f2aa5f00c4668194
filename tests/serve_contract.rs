//! `panic-console serve` as other people's tests rely on it: the built binary, its flags, its one line
//! and its exit status.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

#[path = "support/asker.rs"]
mod asker;
#[path = "serve_contract/requests.rs"]
mod requests;

use asker::{Asker, send};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

fn serve(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_panic-console"));
    command.arg("serve").args(flags).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// `serve` that answers.
struct Served {
    child: Child,
    stdout: BufReader<ChildStdout>,
    ready: Value,
}

impl Served {
    fn start(flags: &[&str]) -> Self {
        Self::listening("127.0.0.1:0", flags)
    }

    fn listening(listen: &str, flags: &[&str]) -> Self {
        let flags = [&["--listen", listen], flags].concat();
        let mut child = serve(&flags).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).expect("one line of JSON");
        Self { child, stdout, ready }
    }

    fn on(state: &Path) -> Self {
        Self::start(&["--state", state.to_str().unwrap()])
    }

    fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    fn address(&self) -> &str {
        self.url().strip_prefix("http://").unwrap()
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for the end; gives the exit status and what else came on stdout.
    fn end(mut self) -> (ExitStatus, String) {
        let status = wait(&mut self.child);
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (status, rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("it did not end");
}

/// Wants a start to fail with `code`, nothing on stdout, and every one of `words` on stderr.
fn refused(flags: &[&str], code: i32, words: &[&str]) {
    let output = serve(flags).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(output.stdout.is_empty(), "{:?}", output.stdout);
    for word in words {
        assert!(message.contains(word), "{word} is not in: {message}");
    }
}

#[tokio::test]
async fn one_line_tells_where_it_is() {
    let served = Served::start(&["--client-id", "acme", "--client-secret", "hush"]);
    let url = served.url();
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{url}");
    let expected = json!({
        "url": url,
        "v2": format!("{url}/panic-api/v2"),
        "v1": format!("{url}/panic-api"),
        "control": format!("{url}/control"),
        "clientId": "acme",
    });
    assert_eq!(served.ready, expected);
    let asker = Asker::nobody(url);
    let right = json!({ "clientId": "acme", "clientSecret": "hush" });
    asker.post("/panic-api/v2/oauth/token", right.clone()).await.ok(200);
    asker.post("/development/panic-api/v2/oauth/token", right.clone()).await.ok(200);
    asker.post("/development/panic-api/oauth/token", right).await.ok(200);
    let wrong = json!({ "clientId": "demo-client", "clientSecret": "demo-secret" });
    asker.post("/panic-api/v2/oauth/token", wrong).await.refused(401, "credentials");
    assert_eq!(asker.get("/health").await.ok(200)["status"], "ok");
}

#[test]
fn both_signals_end_it_in_order_with_nothing_more_on_stdout() {
    for signal in ["TERM", "INT"] {
        let served = Served::start(&[]);
        served.signal(signal);
        let (status, rest) = served.end();
        assert_eq!((status.code(), rest.as_str()), (Some(0), ""), "{signal}");
    }
}

#[test]
fn an_open_connection_does_not_hold_up_the_end() {
    let served = Served::start(&[]);
    let mut idle = TcpStream::connect(served.address()).unwrap();
    idle.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let began = Instant::now();
    served.signal("TERM");
    assert_eq!(served.end().0.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn half_a_request_holds_up_the_end_for_less_than_five_seconds() {
    let served = Served::start(&[]);
    let mut half = TcpStream::connect(served.address()).unwrap();
    half.write_all(
        b"POST /panic-api/v2/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    )
    .unwrap();
    // Another connection is answered, so this one was taken too.
    let mut other = TcpStream::connect(served.address()).unwrap();
    other.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    other.read_exact(&mut [0; 12]).unwrap();
    let began = Instant::now();
    served.signal("TERM");
    assert_eq!(served.end().0.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn default_credentials_stay_on_loopback() {
    let flags = ["--listen", "0.0.0.0:0"];
    refused(&flags, 2, &["--client-id", "--client-secret", "0.0.0.0"]);
    refused(&["--listen", "0.0.0.0:0", "--client-id", "acme"], 2, &["default client secret"]);
}

#[test]
fn wrong_flags_are_wrong_usage() {
    refused(&["--speed", "0"], 2, &["--speed"]);
    refused(&["--autopilot", "nobody"], 2, &["scenario: unknown", "happy-path"]);
    refused(&["--speed", "-1"], 2, &["--speed", "not from 0.1 to 600"]);
    refused(&["--listen", "localhost"], 2, &["--listen"]);
    for flag in ["--client-id", "--client-secret", "--control-token"] {
        refused(&[flag, ""], 2, &[flag, "must not be empty"]);
    }
}

#[test]
fn a_port_in_use_is_a_failure() {
    let served = Served::start(&[]);
    refused(&["--listen", served.address()], 1, &["cannot listen on", served.address()]);
}

#[tokio::test]
async fn off_loopback_the_control_side_wants_its_token() {
    let flags = ["--client-secret", "hush"];
    let served = Served::listening("0.0.0.0:0", &flags);
    let url = served.url().replace("0.0.0.0", "127.0.0.1");
    Asker::nobody(&url).get("/control/clock").await.refused(403, "--control-token");

    let served = Served::listening("0.0.0.0:0", &[&flags[..], &["--control-token", "sesame"]].concat());
    let url = served.url().replace("0.0.0.0", "127.0.0.1");
    let nobody = Asker::nobody(&url);
    nobody.get("/control/clock").await.refused(401, "control token");
    nobody.with("sesam").get("/control/clock").await.refused(401, "control token");
    nobody.with("sesame").get("/control/clock").await.ok(200);
    nobody.get("/health").await.ok(200);
}

#[tokio::test]
async fn the_control_side_answers_no_other_site() {
    let served = Served::start(&[]);
    let asker = Asker::nobody(served.url());
    let with = |name: &str, value: &str| asker.request(Method::GET, "/control/clock").header(name, value);
    send(with("Host", "evil.example.com")).await.refused(403, "own address");
    send(with("Host", "localhost:1")).await.ok(200);
    send(with("Origin", "http://evil.example.com")).await.refused(403, "other sites");
    send(with("Origin", "null")).await.refused(403, "other sites");
    send(with("Origin", served.url())).await.ok(200);
}

/// A state file in a folder of its own.
fn state() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("world.db");
    (folder, path)
}

#[tokio::test]
async fn what_was_answered_outlives_sigkill() {
    let (_folder, path) = state();
    let mut served = Served::on(&path);
    let asker = Asker::server(served.url()).await;
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;
    asker.step(callout, "acknowledge").await;
    let event = json!({ "source": "customer", "event": "I am in the garage" });
    asker.post(&format!("/panic-api/v2/callouts/{callout}/events"), event).await.ok(200);
    let before = asker.get(&format!("/panic-api/callouts/{callout}?shouldIncludeEvents=true")).await.ok(200);
    served.child.kill().unwrap();
    served.child.wait().unwrap();

    let served = Served::on(&path);
    let token = asker.request(Method::GET, "/").build().unwrap();
    let token =
        token.headers()["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
    // The token outlives the restart too.
    let asker = Asker::nobody(served.url()).with(&token);
    let after = asker.get(&format!("/panic-api/callouts/{callout}?shouldIncludeEvents=true")).await.ok(200);
    assert_eq!(after, before);
}

/// What the clock shows, in text that sorts as its times do.
async fn shown(served: &Served) -> String {
    let clock = Asker::nobody(served.url()).get("/control/clock").await.ok(200);
    clock["now"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_clock_never_goes_back_whatever_ended_it() {
    for (flags, body, signal) in [
        (&[][..], json!({ "advance": 300 }), "KILL"),
        (&[], json!({ "advance": 300 }), "TERM"),
        (&[], json!({ "speed": 600 }), "KILL"),
        (&["--speed", "60"], json!({ "advance": 0 }), "KILL"),
        (&["--speed", "60"], json!({ "advance": 0 }), "TERM"),
        (&["--speed", "600"], json!({ "advance": 600, "speed": 1 }), "KILL"),
    ] {
        let (_folder, path) = state();
        let served = Served::start(&[&["--state", path.to_str().unwrap()], flags].concat());
        Asker::nobody(served.url()).post("/control/clock", body.clone()).await.ok(200);
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = shown(&served).await;
        served.signal(signal);
        served.end();
        let after = shown(&Served::on(&path)).await;
        assert!(after >= before, "{flags:?} {body} {signal}: {before}, then {after}");
    }
}

#[tokio::test]
async fn another_client_id_on_the_same_file_sees_nothing_of_it() {
    let (_folder, path) = state();
    let served = Served::on(&path);
    let asker = Asker::server(served.url()).await;
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;
    served.signal("TERM");
    assert_eq!(served.end().0.code(), Some(0));

    let state = path.to_str().unwrap();
    let served = Served::start(&["--state", state, "--client-id", "other", "--client-secret", "hush"]);
    let nobody = Asker::nobody(served.url());
    let credentials = json!({ "clientId": "other", "clientSecret": "hush" });
    let token = nobody.post("/panic-api/v2/oauth/token", credentials).await.ok(200);
    let other = nobody.with(token["accessToken"].as_str().unwrap());
    for path in [
        format!("/panic-api/v2/customers/{customer}"),
        format!("/panic-api/v2/customers/{customer}/callouts"),
        format!("/panic-api/v2/callouts/{callout}"),
        format!("/panic-api/v2/callouts/{callout}/events"),
        format!("/panic-api/callouts/{callout}"),
    ] {
        other.get(&path).await.refused(404, "not found");
    }
    for operation in ["location", "dismiss", "cancel", "events"] {
        let body = json!({ "latitude": 1, "longitude": 2, "source": "customer", "event": "x" });
        let path = format!("/panic-api/v2/callouts/{callout}/{operation}");
        other.post(&path, body).await.refused(404, "not found");
    }
    assert_eq!(other.get("/panic-api/v2/callouts/activeCallouts").await.ok(200), json!([]));
}

#[test]
fn a_file_in_use_newer_or_damaged_is_refused_and_left_alone() {
    let (_folder, path) = state();
    let flags = ["--listen", "127.0.0.1:0", "--state", path.to_str().unwrap()];
    let served = Served::on(&path);
    refused(&flags, 1, &["world.db", "in use by another process"]);
    served.signal("TERM");
    assert_eq!(served.end().0.code(), Some(0));
    let good = fs::read(&path).unwrap();

    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&9_i32.to_be_bytes());
    let half = good[..good.len() / 2].to_vec();
    let text = b"not a database at all".to_vec();
    for (bytes, what) in [(newer, "newer version"), (half, "damaged"), (text, "not a state file")] {
        fs::write(&path, &bytes).unwrap();
        refused(&flags, 1, &["world.db", what, "left as it is"]);
        assert_eq!(fs::read(&path).unwrap(), bytes, "{what}: touched");
    }
    let beside: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
    fs::write(&path, &good).unwrap();
    drop(Served::on(&path));
}
