//! Plain mode: the built program in a pipe, lines in and lines out.

#![expect(clippy::unwrap_used, reason = "the harness is a test too")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;

struct Piped {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    heard: Vec<String>,
    _home: TempDir,
}

impl Piped {
    fn start(arguments: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_panic-console"))
            .args(arguments)
            .env_clear()
            .env("PANIC_CONSOLE_CONFIG_DIR", home.path().join("config"))
            .env("PANIC_CONSOLE_STATE_DIR", home.path().join("state"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, heard: Vec::new(), _home: home }
    }

    fn say(&mut self, lines: &str) {
        self.child.stdin.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
    }

    /// Reads on until a line has this; the end of the output fails.
    fn wait_for(&mut self, text: &str) {
        while !self.heard.last().is_some_and(|line| line.contains(text)) {
            match self.lines.next() {
                Some(line) => self.heard.push(line.unwrap()),
                None => panic!("{text:?} never came:\n{}", self.heard.join("\n")),
            }
        }
    }

    /// Nothing more is said to it.
    fn end_of_input(&mut self) {
        drop(self.child.stdin.take());
    }

    fn exit(mut self) -> (Option<i32>, String) {
        let rest = self.lines.map(Result::unwrap);
        self.heard.extend(rest);
        (self.child.wait().unwrap().code(), self.heard.join("\n"))
    }
}

#[test]
fn a_pipe_raises_a_panic_and_hears_it_to_its_end() {
    let mut piped = Piped::start(&["--speed", "60"]);
    // All at once, as `printf … |` does: nothing is lost while the console is still looking.
    piped.say("raise\nconfirm\n");
    piped.wait_for("is active");
    piped.say("say I am at the gate\n");
    piped.end_of_input();
    let (status, heard) = piped.exit();
    assert_eq!(status, Some(0), "{heard}");
    assert!(heard.contains("classification TEST"), "{heard}");
    for step in [
        "step 1: created",
        "Responder Dispatched",
        "Responder Arrived",
        "Responder Completed",
        "step 8: closed",
    ] {
        assert_eq!(heard.matches(step).count(), 1, "{step}:\n{heard}");
    }
    for text in ["responder: ", "ETA ", "message from controller", "message from you: I am at the gate"] {
        assert!(heard.contains(text), "{text}:\n{heard}");
    }
    assert!(!heard.contains('\x1b'), "no escape sequence:\n{heard}");
}

#[test]
fn without_a_callout_the_end_of_the_input_is_the_end() {
    let mut piped = Piped::start(&["--plain"]);
    piped.end_of_input();
    let (status, heard) = piped.exit();
    assert_eq!(status, Some(0));
    assert!(heard.contains("no active callout"), "{heard}");
}

#[test]
fn the_status_is_told_once_more_when_it_is_asked_for() {
    let mut piped = Piped::start(&["--plain", "--speed", "60", "--scenario", "happy-path"]);
    piped.say("raise\nconfirm\n");
    piped.wait_for("Responder Dispatched");
    piped.wait_for("message from controller");
    piped.say("status\n");
    piped.wait_for("classification TEST");
    let again = |text: &str, heard: &[String]| heard.iter().filter(|line| line.contains(text)).count();
    piped.wait_for("step 1: created");
    piped.wait_for("responder: ");
    assert_eq!(again("is active", &piped.heard), 2, "{:?}", piped.heard);
    piped.say("quit\n");
    assert_eq!(piped.exit().0, Some(0));
}

#[test]
fn help_lists_commands_that_are_taken() {
    let mut piped = Piped::start(&["--plain"]);
    piped.say("help\n");
    piped.wait_for("quit: quit");
    assert!(piped.heard.iter().any(|line| line.ends_with("soft-cancel: soft cancel")), "{:?}", piped.heard);
    piped.say("frobnicate\nrais\nstatus\n");
    piped.wait_for("there is no such command: frobnicate");
    piped.wait_for("there is no such command: rais");
    piped.say("quit\n");
    assert_eq!(piped.exit().0, Some(0));
}
