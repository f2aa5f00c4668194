//! The way to a real environment, gone with the built program: settings asked for, looked at by the
//! doctor, a token read, a customer registered. The servers are all on this machine.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[path = "environments/doctor.rs"]
mod doctor;
#[path = "environments/first_run.rs"]
mod first_run;
#[path = "environments/init.rs"]
mod init;
#[path = "environments/network.rs"]
mod network;
#[path = "environments/register.rs"]
mod register;
#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/serve.rs"]
mod serve;
#[path = "environments/shell.rs"]
mod shell;
#[path = "environments/token.rs"]
mod token;
#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/told.rs"]
mod told;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;
use told::Told;

/// What must never be seen anywhere.
const SECRET: &str = "hunter2-not-to-be-seen";

/// Somebody with folders and variables of their own.
struct User {
    home: TempDir,
    variables: Vec<(String, String)>,
}

impl User {
    fn new() -> Self {
        Self { home: TempDir::new().unwrap(), variables: Vec::new() }
    }

    fn with(settings: &str) -> Self {
        let user = Self::new();
        user.write(settings);
        user
    }

    /// A profile `mine` at this base URL, with these lines more.
    fn at(base_url: &str, more: &str) -> Self {
        Self::with(&format!(
            "[profiles.mine]\nbase_url = \"{base_url}\"\nclient_id = \"demo-client\"\n\
             client_secret = {{ env = \"MINE\" }}\nplace = {{ latitude = -26.1, longitude = 28.0 }}\n{more}\n"
        ))
        .set("MINE", "demo-secret")
    }

    fn write(&self, settings: &str) {
        fs::create_dir_all(self.path("config")).unwrap();
        fs::write(self.path("config/config.toml"), settings).unwrap();
    }

    fn set(mut self, variable: &str, value: &str) -> Self {
        self.variables.push((variable.to_owned(), value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn environment(&self) -> Vec<(String, String)> {
        let folder = |name: &str| self.path(name).display().to_string();
        let mut all = vec![
            ("PANIC_CONSOLE_CONFIG_DIR".to_owned(), folder("config")),
            ("PANIC_CONSOLE_STATE_DIR".to_owned(), folder("state")),
        ];
        all.extend(self.variables.iter().cloned());
        all
    }

    fn run(&self, words: &[&str]) -> Told {
        self.piped(words, "")
    }

    /// Without a terminal, with this on stdin.
    fn piped(&self, words: &[&str], stdin: &str) -> Told {
        let mut child = Command::new(env!("CARGO_BIN_EXE_panic-console"))
            .args(words)
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that reads nothing may be gone by now.
        let _unread = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Told::from(child.wait_with_output().unwrap())
    }

    /// In a terminal: each question is waited for by its words and then answered. Gives the status and
    /// everything that was shown.
    fn answering(&self, words: &[&str], answers: &[(&str, &str)]) -> (u32, String) {
        let mut session = Session::start(self, words);
        for (question, answer) in answers {
            session.wait_for(question);
            session.type_in(&format!("{answer}\r"));
        }
        session.end()
    }

    /// No file of this user's, config and variables aside, holds this.
    #[track_caller]
    fn keeps_nowhere(&self, text: &str) {
        let mut folders = vec![self.path("state")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    assert!(!String::from_utf8_lossy(&bytes).contains(text), "{}", path.display());
                }
            }
        }
    }
}

/// The terminal shows what is typed, and gives it a line at a time.
const ECHO: u32 = 0o10;
const LINES: u32 = 0o2;

/// More than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program in a terminal.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    writer: Box<dyn Write + Send>,
    terminal: Box<dyn MasterPty + Send>,
    shown: Vec<u8>,
    /// What was waited for up to here is not found again.
    seen: usize,
}

impl Session {
    fn start(user: &User, words: &[&str]) -> Self {
        let size = PtySize { rows: 40, cols: 160, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_panic-console"));
        command.args(words);
        command.env_clear();
        for (name, value) in user.environment() {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = mpsc::channel();
        // A read of a terminal waits for ever; the test does not.
        thread::spawn(move || {
            let mut chunk = [0; 512];
            // The end of a terminal is an error on some systems.
            while let Ok(count @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, output, writer, terminal: pair.master, shown: Vec::new(), seen: 0 }
    }

    #[track_caller]
    fn wait_for(&mut self, words: &str) {
        loop {
            let text = String::from_utf8_lossy(&self.shown[self.seen..]).into_owned();
            if let Some(at) = text.find(words) {
                self.seen += at + words.len();
                return;
            }
            match self.output.recv_timeout(PATIENCE) {
                Ok(chunk) => self.shown.extend(chunk),
                Err(why) => {
                    panic!("{words} was never shown ({why}): {}", String::from_utf8_lossy(&self.shown))
                }
            }
        }
    }

    fn type_in(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).unwrap();
    }

    /// The terminal's own flags, some of which a program takes away.
    fn local_modes(&self) -> u32 {
        self.terminal.get_termios().unwrap().local_flags.bits()
    }

    fn end(mut self) -> (u32, String) {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(chunk) => self.shown.extend(chunk),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("it never ended: {}", String::from_utf8_lossy(&self.shown))
                }
            }
        }
        (self.child.wait().unwrap().exit_code(), String::from_utf8_lossy(&self.shown).into_owned())
    }
}
