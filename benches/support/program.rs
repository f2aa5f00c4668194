//! The built program in a pseudo-terminal of 120×36, watched from outside.
//!
//! Wake-ups, memory and processor time are read from `/proc`, so those need Linux.

#![allow(dead_code, reason = "not every benchmark measures everything")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::fs;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ROWS: u16 = 36;
const COLUMNS: u16 = 120;
/// A program that shows nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// The kernel's unit of processor time in `/proc`, a hundredth of a second on every usual Linux.
const TICK_MS: u64 = 10;

pub fn median(samples: &mut [Duration]) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}

pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

pub struct Program {
    child: Box<dyn Child + Send + Sync>,
    started: Instant,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    writer: Box<dyn Write + Send>,
    _master: Box<dyn MasterPty + Send>,
    home: TempDir,
}

impl Program {
    pub fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), &[])
    }

    /// With its folders below this one, and these arguments.
    pub fn start_in(home: TempDir, arguments: &[&str]) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_panic-console"));
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env("PANIC_CONSOLE_CONFIG_DIR", home.path().join("config"));
        command.env("PANIC_CONSOLE_STATE_DIR", home.path().join("state"));
        command.cwd(home.path());
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(NonZero::new(ROWS).unwrap(), NonZero::new(COLUMNS).unwrap(), 0);
        Self { child, started, output, screen, writer, _master: pair.master, home }
    }

    /// How long after its start the screen held this.
    pub fn shown(&mut self, text: &str) -> Duration {
        self.read_until(text, true).saturating_duration_since(self.started)
    }

    /// Waits until the screen holds this no more.
    pub fn gone(&mut self, text: &str) {
        self.read_until(text, false);
    }

    fn read_until(&mut self, text: &str, holds: bool) -> Instant {
        let mut at = Instant::now();
        while self.shows(text) != holds {
            let Ok((then, bytes)) = self.output.recv_timeout(PATIENCE) else {
                panic!("waited in vain for {text:?}:\n{}", self.screen.screen().contents());
            };
            self.screen.process(&bytes);
            at = then;
        }
        at
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Whether the screen holds this, as far as it was read.
    pub fn shows(&self, text: &str) -> bool {
        self.screen.screen().contents().contains(text)
    }

    /// How long after the key the screen held this, which it did not before.
    pub fn until(&mut self, key: &str, text: &str) -> Duration {
        self.output_for(Duration::ZERO);
        assert!(!self.shows(text), "{text:?} is there before {key:?}");
        let pressed = Instant::now();
        self.writer.write_all(key.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        let shown = self.shown(text);
        shown.saturating_sub(pressed.duration_since(self.started))
    }

    /// How long after the key the first bytes came. What follows is waited for.
    pub fn press(&mut self, key: &str) -> Duration {
        self.output_for(Duration::from_millis(20));
        let pressed = Instant::now();
        self.writer.write_all(key.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        let (at, bytes) = self.output.recv_timeout(PATIENCE).unwrap();
        self.screen.process(&bytes);
        at.duration_since(pressed)
    }

    /// Bytes that it writes in this time.
    pub fn output_for(&mut self, time: Duration) -> usize {
        let end = Instant::now() + time;
        let mut count = 0;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((_, bytes)) => {
                    count += bytes.len();
                    self.screen.process(&bytes);
                }
                Err(RecvTimeoutError::Timeout) => return count,
                Err(RecvTimeoutError::Disconnected) => panic!("it ended by itself"),
            }
        }
    }

    fn proc(&self, file: &str) -> Option<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.process_id()?)).ok()
    }

    /// How often one of its threads slept and was woken.
    pub fn wake_ups(&self) -> Option<u64> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.process_id()?)).ok()?;
        let counts = tasks.filter_map(|task| {
            let status = fs::read_to_string(task.ok()?.path().join("status")).ok()?;
            number_after(&status, "\nvoluntary_ctxt_switches:")
        });
        Some(counts.sum())
    }

    pub fn resident(&self) -> Option<f64> {
        let kilobytes = number_after(&self.proc("status")?, "\nVmRSS:")?;
        u32::try_from(kilobytes).ok().map(f64::from)
    }

    pub fn processor_time(&self) -> Option<Duration> {
        let stat = self.proc("stat")?;
        // The fields after the name in parentheses; user and system time are the 12th and 13th of them.
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks: u64 = fields.get(11..13)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
        Some(Duration::from_millis(ticks * TICK_MS))
    }

    pub fn end(&mut self) {
        self.writer.write_all(b"\x03").unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn number_after(text: &str, label: &str) -> Option<u64> {
    let (_, rest) = text.split_once(label)?;
    rest.split_whitespace().next()?.parse().ok()
}
