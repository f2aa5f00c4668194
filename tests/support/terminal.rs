//! A pseudo-terminal with the console in it.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use panic_console::app::action::{Effect, Outcome};
use panic_console::app::callout::Classification;
use panic_console::app::state::{Dialect, Environment, Settings, State};
use panic_console::geo::Position;
use panic_console::keymap::Keymap;
use panic_console::runtime::Console;
use panic_console::runtime::clock::Clock;
use panic_console::runtime::effects::Api;
use panic_console::runtime::terminal::TerminalScreen;
use panic_console::ui::{Look, Signs, ThemeName};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Set for the child that is to panic.
pub const PANICKING: &str = "PANIC_CONSOLE_TEST_PANICKING";

const ROWS: u16 = 36;
const COLUMNS: u16 = 120;
/// Hundredths of a second that anything may take on a busy machine.
const PATIENCE: usize = 6_000;

/// Checks again and again, and fails when it takes for ever.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..PATIENCE {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("never came: {what}");
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a window of no size")
}

/// The process, if it runs.
pub fn pid_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let state = stat.rsplit(')').next()?.trim_start().chars().next()?;
    (state != 'Z').then_some(pid)
}

pub struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    screen: Arc<Mutex<vt100::Parser>>,
    written: Arc<Mutex<Vec<u8>>>,
    reader: Option<thread::JoinHandle<()>>,
    home: Arc<TempDir>,
}

impl Session {
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), arguments)
    }

    /// With these settings in its config file.
    pub fn start_with(settings: &str, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("config");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), settings).unwrap();
        Self::start_in(Arc::new(home), arguments)
    }

    /// With these bytes where the demo keeps its world.
    pub fn start_with_world(bytes: &[u8]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("state/profiles/demo");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("world.sqlite"), bytes).unwrap();
        Self::start_in(Arc::new(home), &[])
    }

    /// Another console with the same folders.
    pub fn start_again(&self, arguments: &[&str]) -> Self {
        Self::start_in(Arc::clone(&self.home), arguments)
    }

    fn start_in(home: Arc<TempDir>, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_panic-console"));
        command.args(arguments);
        Self::spawn(home, command)
    }

    pub fn start_panicking() -> Self {
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "panicking_child", "--nocapture"]);
        command.env(PANICKING, "1");
        Self::spawn(Arc::new(tempfile::tempdir().unwrap()), command)
    }

    fn spawn(home: Arc<TempDir>, mut command: CommandBuilder) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        private(&mut command, home.path());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(ROWS), cells(COLUMNS), 0)));
        let mut output = pair.master.try_clone_reader().unwrap();
        let shown = Arc::clone(&screen);
        let written = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&written);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                log.lock().unwrap().extend_from_slice(&buffer[..count]);
                shown.lock().unwrap().process(&buffer[..count]);
            }
        });
        let writer = Some(pair.master.take_writer().unwrap());
        Self { child, master: Some(pair.master), writer, screen, written, reader: Some(reader), home }
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub fn keys(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let done = std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(done.success());
    }

    pub fn resize(&self, cols: u16, rows: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(cells(rows), cells(cols));
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Everything that holds the terminal open is dropped, as when its window is closed.
    pub fn close_window(&mut self) {
        self.writer = None;
        self.master = None;
        // The reader holds the other end open until the process is gone; leave it to itself.
        self.reader = None;
        self.signal("HUP");
    }

    /// Every byte that it wrote to the terminal.
    #[allow(dead_code, reason = "not every test looks at the bytes")]
    pub fn written(&self) -> Vec<u8> {
        self.written.lock().unwrap().clone()
    }

    #[allow(dead_code, reason = "not every test looks at files")]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// As it is now, with its colours.
    #[allow(dead_code, reason = "not every test takes pictures")]
    pub fn screen(&self) -> vt100::Screen {
        self.screen.lock().unwrap().screen().clone()
    }

    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    pub fn wait_for(&self, text: &str) {
        for _ in 0..PATIENCE {
            if self.text().contains(text) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{text:?} never came; the screen holds:\n{}", self.text());
    }

    pub fn wait_for_exit(&mut self) -> u32 {
        let mut status = None;
        wait_until("the end of the process", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        self.writer = None;
        // What was written last is on the screen before anybody looks.
        if let Some(reader) = self.reader.take() {
            wait_until("the end of the output", || reader.is_finished());
        }
        status.unwrap().exit_code()
    }

    pub fn assert_taken(&self) {
        let parser = self.screen.lock().unwrap();
        assert!(parser.screen().alternate_screen() && parser.screen().bracketed_paste());
    }

    /// Main screen, cursor shown, no paste or mouse mode, line mode with echo.
    pub fn assert_given_back(&self) {
        let parser = self.screen.lock().unwrap();
        let screen = parser.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        let modes = self.master.as_ref().unwrap().get_termios().expect("the terminal's modes");
        let (echo, lines) = (0o10, 0o2);
        assert_eq!(modes.local_flags.bits() & (echo | lines), echo | lines, "line mode and echo");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Nothing of the machine's own settings reaches the program under test.
fn private(command: &mut CommandBuilder, home: &Path) {
    for name in ["NO_COLOR", "COLORTERM", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("LC_ALL", "C.UTF-8");
    command.env("TZ", "UTC");
    command.env("RUST_BACKTRACE", "0");
    command.env("HOME", home);
    command.env("PANIC_CONSOLE_CONFIG_DIR", home.join("config"));
    command.env("PANIC_CONSOLE_STATE_DIR", home.join("state"));
    command.cwd(home);
}

/// The real screen and the real loop, with a request that panics.
pub fn panic_in_the_console() {
    let look = Look::new(ThemeName::Dark, Signs::Utf8, Keymap::default(), TimeZone::UTC);
    panic_console::runtime::terminal::install_panic_hook();
    let console = Console {
        state: State::new(settings(), None),
        screen: TerminalScreen::take(look).unwrap(),
        input: futures_util::stream::pending::<std::io::Result<crossterm::event::Event>>(),
        signals: None,
        api: Panics,
        clock: Clock::wall(),
        keymap: Keymap::default(),
        memory: None,
        resume: None,
        troubles: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(console.run(COLUMNS, ROWS)).unwrap();
}

struct Panics;

impl Api for Panics {
    async fn call(&self, _order: Effect) -> Outcome {
        panic!("a bug in a task")
    }
}

fn settings() -> Settings {
    Settings {
        profile: "local".into(),
        host: "127.0.0.1".into(),
        environment: Environment::Local,
        dialect: Dialect::V2,
        poll_every: SignedDuration::from_secs(15),
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
