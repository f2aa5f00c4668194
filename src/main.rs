//! Flags in, exit status out; the rest is the library's.

use clap::Parser;
use panic_console::cli::Cli;
use panic_console::commands;
use std::process::ExitCode;

fn main() -> ExitCode {
    // A wrong usage ends here, with status 2.
    let cli = Cli::parse();
    let status = commands::run(&cli).unwrap_or_else(|error| {
        commands::tell(&format!("panic-console: {error:#}"));
        commands::status_of(&error)
    });
    ExitCode::from(status)
}
