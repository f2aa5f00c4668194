//! What the built program costs in a real pseudo-terminal of 120×36: `cargo bench --bench program`. It takes
//! about a minute and a half, most of it waiting: what a console does while nothing happens is the point.
//!
//! Wake-ups, memory and processor time are read from `/proc`, so those rows need Linux.

#![expect(clippy::unwrap_used, reason = "a program that does not start ends the benchmark")]
#![expect(clippy::disallowed_methods, reason = "here the clock is the instrument")]
#![expect(clippy::print_stdout, reason = "the figures are the output")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::fs;
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ROWS: u16 = 36;
const COLUMNS: u16 = 120;
const STARTS: usize = 15;
const KEYS: usize = 100;
/// How long the console is watched without a callout, and with one.
const QUIET: Duration = Duration::from_secs(30);
/// A program that shows nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// The kernel's unit of processor time in `/proc`, a hundredth of a second on every usual Linux.
const TICK_MS: u64 = 10;

fn main() {
    // `cargo test --benches` only asks whether it runs.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("| what | measured |\n| --- | --- |");
    let mut first = Vec::new();
    let mut ready = Vec::new();
    for _ in 0..STARTS {
        let mut program = Program::start();
        first.push(program.shown("panic-console"));
        ready.push(program.shown("to raise a"));
        program.end();
    }
    println!("| first frame after exec | {:.1} ms (median of {STARTS}) |", ms(median(&mut first)));
    println!("| simulator ready, callouts looked for | {:.1} ms |", ms(median(&mut ready)));

    let mut program = Program::start();
    program.shown("to raise a");
    program.output_for(Duration::from_secs(2));
    idle(&mut program);
    let mut keys: Vec<Duration> =
        (0..KEYS).map(|n| program.press(if n % 2 == 0 { "?" } else { "\x1b" })).collect();
    println!("| key to screen | {:.2} ms (median of {KEYS}) |", ms(median(&mut keys)));
    live(&mut program);
    program.end();
}

fn idle(program: &mut Program) {
    let before = program.wake_ups();
    let bytes = program.output_for(QUIET);
    let after = program.wake_ups();
    println!("| without a callout, for {} s | {bytes} bytes |", QUIET.as_secs());
    if let (Some(before), Some(after)) = (before, after) {
        println!("| | {} wake-ups |", after.saturating_sub(before));
    }
    if let Some(kilobytes) = program.resident() {
        println!("| | {:.1} MiB resident ({:.1} MB) |", kilobytes / 1024.0, kilobytes * 1.024 / 1000.0);
    }
}

fn live(program: &mut Program) {
    program.press("p");
    program.press("\r");
    // While the responder drives: an ETA that counts, a place that moves, a poll each 15 s.
    program.shown("▶ Responder Dispatched");
    program.output_for(Duration::from_secs(2));
    let before = program.processor_time();
    let bytes = program.output_for(QUIET);
    let per_second = bytes as u64 / QUIET.as_secs();
    println!("| with an active callout, the responder on the way | {per_second} bytes/s |");
    if let (Some(before), Some(after)) = (before, program.processor_time()) {
        let share = after.saturating_sub(before).as_secs_f64() / QUIET.as_secs_f64() * 100.0;
        println!("| | {share:.2} % of a core |");
    }
}

fn median(samples: &mut [Duration]) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

struct Program {
    child: Box<dyn Child + Send + Sync>,
    started: Instant,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    writer: Box<dyn Write + Send>,
    _master: Box<dyn MasterPty + Send>,
    _home: TempDir,
}

impl Program {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_panic-console"));
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
        Self { child, started, output, screen, writer, _master: pair.master, _home: home }
    }

    /// How long after its start the screen held this.
    fn shown(&mut self, text: &str) -> Duration {
        let mut at = Instant::now();
        while !self.screen.screen().contents().contains(text) {
            let bytes;
            (at, bytes) = self.output.recv_timeout(PATIENCE).unwrap();
            self.screen.process(&bytes);
        }
        at.saturating_duration_since(self.started)
    }

    /// How long after the key the first bytes came. What follows is waited for.
    fn press(&mut self, key: &str) -> Duration {
        self.output_for(Duration::from_millis(20));
        let pressed = Instant::now();
        self.writer.write_all(key.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        let (at, bytes) = self.output.recv_timeout(PATIENCE).unwrap();
        self.screen.process(&bytes);
        at.duration_since(pressed)
    }

    /// Bytes that it writes in this time.
    fn output_for(&mut self, time: Duration) -> usize {
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
    fn wake_ups(&self) -> Option<u64> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.process_id()?)).ok()?;
        let counts = tasks.filter_map(|task| {
            let status = fs::read_to_string(task.ok()?.path().join("status")).ok()?;
            number_after(&status, "\nvoluntary_ctxt_switches:")
        });
        Some(counts.sum())
    }

    fn resident(&self) -> Option<f64> {
        let kilobytes = number_after(&self.proc("status")?, "\nVmRSS:")?;
        u32::try_from(kilobytes).ok().map(f64::from)
    }

    fn processor_time(&self) -> Option<Duration> {
        let stat = self.proc("stat")?;
        // The fields after the name in parentheses; user and system time are the 12th and 13th of them.
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks: u64 = fields.get(11..13)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
        Some(Duration::from_millis(ticks * TICK_MS))
    }

    fn end(&mut self) {
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
