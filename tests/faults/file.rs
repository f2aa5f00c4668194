//! `serve --faults FILE`.

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use tempfile::TempDir;

fn serve(text: &str) -> (TempDir, Command) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("faults.toml");
    fs::write(&path, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_panic-console"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "off", "--faults"]).arg(path);
    (folder, command)
}

#[test]
fn a_file_of_faults_holds_from_the_start() {
    let (_folder, mut command) = serve(
        "[[rules]]\nroute = \"/callouts/{callout}\"\n\
         fault = { status = { code = 503, message = \"Not now.\" } }\n",
    );
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let address = ready["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = b"GET /panic-api/v2/callouts/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(heard.starts_with("HTTP/1.1 503") && heard.ends_with("{\"message\":\"Not now.\"}"), "{heard}");
}

#[test]
fn a_file_that_cannot_be_is_refused_by_name_line_and_field() {
    for (text, words) in [
        ("seed = 1\n\n[[rules]]\nfault = \"EMPTY_RESPONSE\"\nshare = 2.0\n", "faults.toml:5: share: "),
        ("[[rules]]\nfault = \"FIRE\"\n", "faults.toml:2: unknown variant `FIRE`"),
        ("[[rules]]\nfault = \"EMPTY_RESPONSE\"\nroute = \"/nothing\"\n", "rules[0].route: no such route"),
        ("rules = 7\n", "faults.toml:1: "),
    ] {
        let (_folder, mut command) = serve(text);
        let output = command.output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(output.stdout.is_empty() && message.contains(words), "{words} is not in: {message}");
    }
}
