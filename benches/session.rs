//! A long session of the built program: 100 callouts over 16 simulated hours at the highest speed of the
//! demo's clock, each raised by hand, answered by an autopilot, looked at on every screen and followed to its end:
//! `cargo bench --bench session`. It takes less than two minutes and prints what would grow if anything did.

#![expect(clippy::unwrap_used, reason = "a program that does not start ends the benchmark")]
#![expect(clippy::disallowed_methods, reason = "here the clock is the instrument")]
#![expect(clippy::print_stdout, reason = "the figures are the output")]

#[path = "support/program.rs"]
mod program;

use program::{Program, median, ms};
use std::time::{Duration, Instant};

const CALLOUTS: usize = 100;
/// The highest that the settings take.
const SPEED: u32 = 600;
/// Callouts that a row of the table sums up.
const ROW: usize = 10;
/// Nine and a half minutes from the panic to the closure, with a responder on the way for most of it.
const SCENARIO: &str = r#"
name = "long"
description = "A responder from far away."
controller = "Naledi"

[drive]
seconds = 420

[[raised]]
after = 5
do = "acknowledge"

[[raised]]
after = 10
do = "own"

[[raised]]
after = 15
do = "verify"

[[raised]]
after = 20
say = "Hello {customer}, somebody is on the way to you."

[[raised]]
after = 40
do = "dispatch"

[[dispatched]]
share = 0.5
say = "{responder} is halfway to you."

[[dispatched]]
share = 1
do = "arrive"

[[arrived]]
after = 60
do = "complete"

[[completed]]
after = 45
do = "close"
details = "All well."
"#;

/// What one callout cost.
struct Sample {
    resident: f64,
    processor: Duration,
    real: Duration,
    /// From a key to its screen: customer, control room, traffic, help.
    keys: Vec<Duration>,
}

fn main() {
    // `cargo test --benches` only asks whether it runs.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let scenario = home.path().join("long.toml");
    std::fs::write(&scenario, SCENARIO).unwrap();
    let speed = SPEED.to_string();
    let arguments = ["--speed", &speed, "--scenario", scenario.to_str().unwrap()];
    let mut program = Program::start_in(home, &arguments);
    program.shown("to raise a");
    let began = Instant::now();
    let samples: Vec<Sample> = (0..CALLOUTS).map(|_| callout(&mut program)).collect();
    let hours = began.elapsed().as_secs_f64() * f64::from(SPEED) / 3600.0;
    println!("{CALLOUTS} callouts in {hours:.1} simulated hours, clock ×{SPEED}\n");
    println!("| callouts | resident | processor, per simulated hour | key to screen, median (slowest) |");
    println!("| --- | --- | --- | --- |");
    for (row, samples) in samples.chunks(ROW).enumerate() {
        tell(row, samples);
    }
    program.end();
}

/// Raises, looks at every screen on the way, and waits for the end.
fn callout(program: &mut Program) -> Sample {
    let (began, processor) = (Instant::now(), program.processor_time().unwrap());
    program.until("p", "Raising a TEST panic in");
    program.press("\r");
    program.shown("▶ Responder Dispatched");
    let screens = [("2", "Vehicles"), ("4", "method path"), ("?", " Help ")];
    let mut keys: Vec<_> = screens.map(|(key, text)| program.until(key, text)).to_vec();
    program.press("q");
    program.gone(" Help ");
    keys.push(program.until("1", " Route "));
    program.shown("p raises a new one.");
    Sample {
        resident: program.resident().unwrap(),
        processor: program.processor_time().unwrap().saturating_sub(processor),
        real: began.elapsed(),
        keys,
    }
}

fn tell(row: usize, samples: &[Sample]) {
    let resident = samples.last().unwrap().resident / 1024.0;
    let processor: Duration = samples.iter().map(|sample| sample.processor).sum();
    let real: Duration = samples.iter().map(|sample| sample.real).sum();
    let hours = real.as_secs_f64() * f64::from(SPEED) / 3600.0;
    let mut keys: Vec<Duration> = samples.iter().flat_map(|sample| sample.keys.clone()).collect();
    println!(
        "| {} to {} | {resident:.1} MiB | {:.0} ms | {:.2} ms ({:.2} ms) |",
        row * ROW + 1,
        (row + 1) * ROW,
        ms(processor) / hours,
        ms(median(&mut keys)),
        ms(*keys.iter().max().unwrap()),
    );
}
