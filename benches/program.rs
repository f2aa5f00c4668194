//! What the built program costs in a real pseudo-terminal of 120×36: `cargo bench --bench program`. It takes
//! about a minute and a half, most of it waiting: what a console does while nothing happens is the point.

#![expect(clippy::unwrap_used, reason = "a program that does not start ends the benchmark")]
#![expect(clippy::disallowed_methods, reason = "here the clock is the instrument")]
#![expect(clippy::print_stdout, reason = "the figures are the output")]

#[path = "support/program.rs"]
mod program;

use program::{Program, median, ms};
use std::time::Duration;

const STARTS: usize = 15;
const KEYS: usize = 100;
/// How long the console is watched without a callout, and with one.
const QUIET: Duration = Duration::from_secs(30);

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
