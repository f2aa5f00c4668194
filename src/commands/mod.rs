//! One thin file for each command.

pub mod config;
pub mod console;
mod demo;
pub mod device;
pub mod serve;

use crate::cli::{Cli, Command};
use crate::config::{ConfigError, Flags};
use crate::sim::StartError;
use crate::sim::faults::NotRules;
use crate::telemetry;
use std::io::{self, ErrorKind, Write};

/// Done.
pub const DONE: u8 = 0;
/// It was tried, and failed.
pub const FAILED: u8 = 1;
/// The flags or settings are wrong; nothing was tried.
pub const WRONG_USAGE: u8 = 2;

/// Carries out the command; gives the exit status.
pub fn run(cli: &Cli) -> anyhow::Result<u8> {
    match &cli.command {
        None => start_console(&cli.flags),
        Some(Command::Config(args)) => config::run(&args.command),
        Some(Command::Device(args)) => device::run(args),
        Some(Command::Serve(args)) => start_serve(args),
    }
}

/// The exit status that an error stands for.
pub fn status_of(error: &anyhow::Error) -> u8 {
    let usage = error.downcast_ref::<StartError>().is_some_and(StartError::is_usage);
    let usage = usage || error.is::<ConfigError>() || error.is::<device::Usage>() || error.is::<NotRules>();
    if usage { WRONG_USAGE } else { FAILED }
}

fn start_console(flags: &Flags) -> anyhow::Result<u8> {
    let mut setup = crate::config::load(flags, &environment)?.console(&environment)?;
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
    console::run(setup)
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
