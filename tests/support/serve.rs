//! `panic-console serve` as a process that a test may kill.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// One that answers. Killed when it goes.
pub struct Serve {
    child: Child,
    url: String,
}

impl Serve {
    /// The built binary with these flags, on a free port.
    pub fn command(flags: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_panic-console"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "off"]).args(flags);
        command
    }

    /// Returns once it has printed its one line.
    pub fn launch(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("one line of JSON");
        Self { child, url: ready["url"].as_str().unwrap().to_owned() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing is finished, flushed or closed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _waited_for_already = self.child.wait();
    }
}
