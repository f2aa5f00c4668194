//! The guides for people, gone through as they are written: every command typed, every key pressed, everything
//! that is promised looked for on the screen.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the harness is a test too")]
#![cfg(unix)]

#[path = "support/script.rs"]
mod script;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/serve.rs"]
mod serve;
#[allow(dead_code, reason = "the other terminal tests use the rest")]
#[path = "support/terminal.rs"]
mod terminal;

use script::Step;
use serve::Serve;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use terminal::Session;

/// Where `serve` listens when nobody says otherwise, as the guides have it. A test takes any free port.
const WRITTEN: &str = "127.0.0.1:3005";
/// What the reader's shell prints behind each block.
const DONE: &str = "--- done";

/// A reader at a desk: a console, a simulator, and a shell that remembers.
struct Reader {
    guide: &'static str,
    settings: String,
    serve: Option<Serve>,
    console: Option<Session>,
    shell: Option<Shell>,
}

struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Shell {
    fn open() -> Self {
        let mut command = Command::new("sh");
        command.env("no_proxy", "127.0.0.1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// Everything that it prints.
    fn run(&mut self, script: &str) -> String {
        write!(self.input, "{script}\nprintf '\\n%s\\n' '{DONE}'\n").unwrap();
        self.input.flush().unwrap();
        let mut printed = String::new();
        while !printed.ends_with(&format!("{DONE}\n")) {
            let count = self.output.read_line(&mut printed).unwrap();
            assert!(count > 0, "the shell ended over:\n{script}\nhaving printed:\n{printed}");
        }
        printed
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _waited_for_already = self.child.wait();
    }
}

impl Reader {
    fn of(guide: &'static str) -> Self {
        Self { guide, settings: String::new(), serve: None, console: None, shell: None }
    }

    /// What is written, with the address that there is here.
    fn here(&self, written: &str) -> String {
        match &self.serve {
            Some(serve) => written.replace(WRITTEN, serve.url().trim_start_matches("http://")),
            None => written.to_owned(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Settings(text) => self.settings = self.here(&text),
            Step::Serve(flags) => {
                let flags: Vec<_> = flags.iter().map(String::as_str).collect();
                self.serve = Some(Serve::launch(Serve::command(&flags)));
            }
            Step::Console(arguments) => {
                self.leave();
                let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
                let session = Session::start_with(&self.settings, &arguments);
                session.resize(150, 40);
                self.console = Some(session);
            }
            Step::Shell { script, prints } => {
                let script = self.here(&script);
                let printed = self.shell.get_or_insert_with(Shell::open).run(&script);
                let mut rest = &*printed;
                for line in prints {
                    let at = rest.find(&line).unwrap_or_else(|| {
                        panic!(
                            "{}: {line:?} is not printed, or not there, by\n{script}\n{printed}",
                            self.guide
                        )
                    });
                    rest = &rest[at + line.len()..];
                }
            }
            Step::Press { keys, see } => {
                let session = self.console.as_mut().expect("a console is open");
                let before = session.text();
                let is_news = keys.is_empty() || see.iter().any(|text| !before.contains(text));
                assert!(is_news, "{}: {see:?} was there before {keys:?}", self.guide);
                for key in keys {
                    session.keys(&key);
                }
                for text in see {
                    session.wait_for(&text);
                }
            }
        }
    }

    /// Out of the console, if the guide has not said so already.
    fn leave(&mut self) {
        if let Some(mut session) = self.console.take() {
            session.keys("q");
            assert_eq!(session.wait_for_exit(), 0);
            session.assert_given_back();
        }
    }
}

fn go_through(guide: &'static str) {
    let path = format!("{}/docs/guides/{guide}", env!("CARGO_MANIFEST_DIR"));
    let steps = script::steps(&std::fs::read_to_string(path).unwrap());
    let looked = steps.iter().filter(|step| matches!(step, Step::Press { .. })).count();
    assert!(looked >= 10, "{guide}: only {looked} steps were understood");
    let mut reader = Reader::of(guide);
    for step in steps {
        reader.take(step);
    }
    reader.leave();
}

#[test]
fn the_demo() {
    go_through("demo.md");
}

#[test]
fn the_test_by_hand() {
    go_through("testing.md");
}
