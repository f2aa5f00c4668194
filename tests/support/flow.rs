//! A console on the real loop, and the simulator as the program that ships.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use panic_console::api::client::{Client, Connection, Credentials, CustomerSetup};
use panic_console::app::action::Exit;
use panic_console::app::callout::Classification;
use panic_console::app::state::{Demo, Dialect, Environment, Settings, State};
use panic_console::geo::Position;
use panic_console::keymap::Keymap;
use panic_console::runtime::Console;
use panic_console::runtime::clock::Clock;
use panic_console::runtime::control::Control;
use panic_console::runtime::devices::Devices;
use panic_console::runtime::memory::Memory;
use panic_console::runtime::remote::Remote;
use panic_console::runtime::terminal::Screen;
use secrecy::SecretString;
use serde_json::Value;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Hundredths of a second that anything may take on a busy machine.
const PATIENCE: usize = 9_000;

/// `panic-console serve` as a process of its own.
pub struct Server {
    child: Child,
    port: u16,
    arguments: Vec<String>,
    _folder: TempDir,
}

impl Server {
    pub fn start(autopilot: &str, speed: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("world.sqlite").display().to_string();
        Self::launch(folder, autopilot, speed, &["--state", &state])
    }

    pub fn start_in_memory(autopilot: &str, speed: f64) -> Self {
        Self::launch(tempfile::tempdir().unwrap(), autopilot, speed, &[])
    }

    fn launch(folder: TempDir, autopilot: &str, speed: f64, more: &[&str]) -> Self {
        let speed = speed.to_string();
        let arguments: Vec<String> = ["--autopilot", autopilot, "--speed", &speed]
            .iter()
            .chain(more)
            .map(ToString::to_string)
            .collect();
        let (child, port) = spawn(0, &arguments);
        Self { child, port, arguments, _folder: folder }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// SIGKILL: nothing is flushed, nothing said.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// On the same port, with the same state file.
    pub fn start_again(&mut self) {
        (self.child, self.port) = spawn(self.port, &self.arguments);
    }

    pub fn stop(mut self) {
        self.kill();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, arguments: &[String]) -> (Child, u16) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_panic-console"))
        .arg("serve")
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).expect("the line that serve prints");
    let port = ready["url"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    (child, port)
}

/// Keeps the state that was last drawn.
#[derive(Clone)]
struct Seen(Arc<Mutex<State>>);

impl Screen for Seen {
    fn show(&mut self, state: &State) -> io::Result<()> {
        *self.0.lock().unwrap() = state.clone();
        Ok(())
    }
}

pub struct Flow {
    seen: Seen,
    keys: mpsc::UnboundedSender<Event>,
    task: JoinHandle<io::Result<(State, Exit)>>,
    folder: TempDir,
}

impl Flow {
    pub fn open(server: &Server, dialect: Dialect) -> Self {
        Self::open_in(server, dialect, tempfile::tempdir().unwrap())
    }

    pub fn open_in(server: &Server, dialect: Dialect, folder: TempDir) -> Self {
        let clock = Clock::starting_at(Timestamp::UNIX_EPOCH);
        let path = match dialect {
            Dialect::V1 => "/panic-api",
            Dialect::V2 => "/panic-api/v2",
        };
        let connection = connection(server.url(path), dialect, &folder);
        let control = Control::new(&server.url("/control"), clock.clone()).unwrap();
        let (keys, input) = mpsc::unbounded_channel();
        let demo = Demo { speed: 1.0, scenario: "test".into() };
        let seen = Seen(Arc::new(Mutex::new(State::new(settings(dialect), Some(demo.clone())))));
        let memory = Memory::open(folder.path().join("resume.json")).unwrap().expect("the only console");
        let resume = memory.recall().unwrap();
        let screen = seen.clone();
        let task = tokio::spawn(async move {
            // Both sides go by one clock, as in the demo.
            control.follow_clock().await.expect("the simulator's clock");
            let now = clock.clone();
            let client = Client::new(connection, Arc::new(move || now.now())).unwrap();
            let devices = Devices::new(clock.clone(), None);
            let console = Console {
                state: State::new(settings(dialect), Some(demo)),
                screen,
                input: Box::pin(stream::unfold(input, |mut input| async {
                    Some((Ok(input.recv().await?), input))
                })),
                signals: None,
                api: Remote { client, control: Some(control), devices },
                clock,
                keymap: Keymap::default(),
                memory: Some(memory),
                resume,
                troubles: Vec::new(),
            };
            console.run(120, 36).await
        });
        Self { seen, keys, task, folder }
    }

    /// The state as it was last drawn.
    pub fn state(&self) -> State {
        self.seen.0.lock().unwrap().clone()
    }

    /// Keys in the config's notation, with blanks between them.
    pub fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            let code = match key {
                "enter" => KeyCode::Enter,
                "esc" => KeyCode::Esc,
                "space" => KeyCode::Char(' '),
                other => KeyCode::Char(other.chars().next().unwrap()),
            };
            self.keys.send(Event::Key(KeyEvent::new(code, KeyModifiers::NONE))).unwrap();
        }
    }

    /// Writes a message in the chat and leaves the input line.
    pub async fn write(&mut self, text: &str) {
        self.press("i");
        self.keys.send(Event::Paste(text.to_owned())).unwrap();
        self.press("enter esc");
        self.wait("the input line is left", |flow| {
            let chat = flow.state().chat;
            !chat.writing && chat.draft.value().is_empty()
        })
        .await;
    }

    pub async fn wait(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..PATIENCE {
            if is_so(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never came: {what}; {:#?}", self.state());
    }

    /// Quits; gives the folder for a console that opens again.
    pub async fn quit(mut self) -> TempDir {
        self.press("q");
        let (_, exit) = self.task.await.unwrap().unwrap();
        assert_eq!(exit, Exit::Quit);
        self.folder
    }
}

fn settings(dialect: Dialect) -> Settings {
    Settings {
        profile: "local".into(),
        host: "127.0.0.1".into(),
        environment: Environment::Local,
        dialect,
        // More often than in real life, so that a busy machine misses no status.
        poll_every: SignedDuration::from_secs(5),
        locate_every: SignedDuration::from_secs(10),
        read_only: false,
        classification: Classification::Test,
        response_type_id: 1,
        start: Position::new(-26.1091, 28.083).unwrap(),
        accuracy: 8.0,
        walking_speed: 1.4,
        seed: 7,
    }
}

fn connection(base_url: String, dialect: Dialect, folder: &TempDir) -> Connection {
    Connection {
        base_url,
        dialect,
        credentials: Credentials {
            client_id: "demo-client".to_owned(),
            client_secret: SecretString::from("demo-secret"),
            user: None,
        },
        customer: CustomerSetup {
            id: None,
            name: "Jane".to_owned(),
            surname: "Doe".to_owned(),
            mobile: "+27821234567".to_owned(),
            email: None,
            gender: None,
            vehicle_make: None,
            vehicle_model: None,
            vehicle_colour: None,
            vehicle_license_plate: None,
            subscription_type_id: 4,
        },
        response_type_id: 1,
        classification: Classification::Test,
        internal_test: false,
        request_type: None,
        read_only: false,
        token_file: Some(folder.path().join("token.json")),
        customer_file: Some(folder.path().join("customer.json")),
        connect_timeout: Connection::CONNECT_TIMEOUT,
        total_timeout: Connection::TOTAL_TIMEOUT,
        proxy: false,
        ca: None,
        realm: None,
    }
}
