//! `panic-console` without a command: the console itself.

use crate::config::ConsoleSetup;

/// Runs the console to its end; gives the exit status.
pub fn run(setup: ConsoleSetup) -> anyhow::Result<u8> {
    let ConsoleSetup { settings, .. } = setup;
    anyhow::bail!("this build has no runtime for the profile {}", settings.profile)
}
