//! One thin file for each command.

mod ask;
pub mod config;
pub mod console;
pub mod customer;
mod demo;
pub mod device;
pub mod doctor;
mod first_run;
mod profiles;
pub mod serve;
pub mod shell;
pub mod token;
pub mod watch;

use crate::cli::{Cli, Command};
use crate::config::{ConfigError, ConsoleSetup, Flags};
use crate::runtime::clock::Clock;
use crate::sim::StartError;
use crate::sim::faults::NotRules;
use crate::telemetry;
use jiff::SignedDuration;
use std::io::{self, ErrorKind, Write};

/// Done.
pub const DONE: u8 = 0;
/// It was tried, and failed.
pub const FAILED: u8 = 1;
/// The flags or settings are wrong; nothing was tried.
pub const WRONG_USAGE: u8 = 2;

/// The flags ask for something that cannot be; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub(crate) String);

/// Carries out the command; gives the exit status.
pub fn run(cli: &Cli) -> anyhow::Result<u8> {
    match &cli.command {
        None => start_console(&cli.flags),
        Some(Command::Completions(args)) => shell::completions(args),
        Some(Command::Config(args)) => config::run(&args.command),
        Some(Command::Customer(args)) => customer::run(args),
        Some(Command::Device(args)) => device::run(args),
        Some(Command::Doctor(args)) => doctor::run(args),
        Some(Command::Man(args)) => shell::man(args),
        Some(Command::Serve(args)) => start_serve(args),
        Some(Command::Token(args)) => token::run(args),
        Some(Command::Watch(args)) => watch::run(args),
    }
}

/// The exit status that an error stands for.
pub fn status_of(error: &anyhow::Error) -> u8 {
    let usage = error.downcast_ref::<StartError>().is_some_and(StartError::is_usage);
    let usage = usage || error.is::<ConfigError>() || error.is::<first_run::NotReady>();
    let usage = usage || error.is::<Usage>() || error.is::<NotRules>();
    if usage { WRONG_USAGE } else { FAILED }
}

fn start_console(flags: &Flags) -> anyhow::Result<u8> {
    let config = crate::config::load(flags, &environment)?;
    let (mut setup, typed) = match config.console(&environment) {
        Ok(setup) => (setup, None),
        Err(problems) => first_run::walk(&config, flags, problems)?,
    };
    setup.warnings.extend(first_run::advice(&config.model.profile, &setup));
    let profiles = profiles::Profiles::new(flags, &config.model.profile, typed);
    logged(setup, |setup| console::run(setup, profiles, flags.plain))
}

/// With its log, and its warnings told.
fn logged(
    mut setup: ConsoleSetup,
    run: impl FnOnce(ConsoleSetup) -> anyhow::Result<u8>,
) -> anyhow::Result<u8> {
    // A disk that takes no log is no reason to let nobody call for help.
    let log = telemetry::to_file(&setup.folders.log(), setup.log_level);
    let _guard = log.unwrap_or_else(|error| {
        setup.warnings.push(format!("no log is written: {}: {error}", setup.folders.log().display()));
        None
    });
    for warning in &setup.warnings {
        tracing::warn!("{warning}");
        tell(&format!("warning: {warning}"));
    }
    run(setup)
}

fn start_serve(args: &serve::ServeArgs) -> anyhow::Result<u8> {
    telemetry::to_stderr(args.log_level)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve::run(args.clone()))?;
    Ok(DONE)
}

/// The variables of this process, as [`crate::config::load`] looks them up.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The time of day.
fn wall_clock() -> Clock {
    Clock::wall()
}

/// As somebody would say it: `45 s`, `59 min`, `3 h`, `30 days`, `500 years`.
fn in_words(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (minutes, hours, days) {
        (..2, ..) => format!("{seconds} s"),
        (_, ..2, _) => format!("{minutes} min"),
        (_, _, ..2) => format!("{hours} h"),
        (_, _, ..730) => format!("{days} days"),
        _ => format!("{} years", days / 365),
    }
}

/// The data that was asked for. A reader who has seen enough is no failure.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A line for the person, apart from the data. Nobody may be there to read it.
pub fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_one_unit() {
        let of = |seconds| in_words(SignedDuration::from_secs(seconds));
        assert_eq!([of(0), of(119), of(120)], ["0 s", "119 s", "2 min"]);
        assert_eq!([of(7_199), of(7_200), of(172_799)], ["119 min", "2 h", "47 h"]);
        assert_eq!([of(172_800), of(86_400 * 365 * 500)], ["2 days", "500 years"]);
    }
}
