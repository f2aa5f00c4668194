//! The command line: what may be said, not what is done about it.

use crate::commands::device::DeviceArgs;
use crate::commands::serve::ServeArgs;
use crate::config::Flags;
use clap::{Args, Parser, Subcommand};

/// Raise a panic, watch the response unfold, and simulate the API that answers
///
/// Without a command: the console, on the simulator that it carries.
#[derive(Debug, Parser)]
#[command(name = "panic-console", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub flags: Flags,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the commented default, show the settings that hold, tell where they are
    Config(ConfigArgs),
    /// Act as an IoT device: link, press, move, cancel, battery, unlink
    Device(DeviceArgs),
    /// Run the simulator alone, for other apps; one line of JSON tells where it is
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write the commented default; a file that is there stays as it is
    Init(Flags),
    /// The settings that hold, secrets masked
    Show {
        #[command(flatten)]
        flags: Flags,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Where the config file is, or would be
    Path(Flags),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_stand_alone_or_after_their_command() {
        let cli = Cli::try_parse_from(["panic-console", "--profile", "staging", "--read-only"]).unwrap();
        assert_eq!(cli.flags.profile.as_deref(), Some("staging"));
        assert!(cli.flags.read_only);
        let cli = Cli::try_parse_from(["panic-console", "config", "show", "--json", "--profile", "staging"])
            .unwrap();
        let Some(Command::Config(ConfigArgs { command: ConfigCommand::Show { flags, json } })) = cli.command
        else {
            panic!("{cli:?}")
        };
        assert!(json && flags.profile.as_deref() == Some("staging"));
    }
}
