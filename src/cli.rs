//! The command line: what may be said, not what is done about it.

use crate::commands::customer::CustomerArgs;
use crate::commands::device::DeviceArgs;
use crate::commands::doctor::DoctorArgs;
use crate::commands::serve::ServeArgs;
use crate::commands::shell::{CompletionsArgs, ManArgs};
use crate::commands::token::TokenArgs;
use crate::commands::watch::WatchArgs;
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
    /// Print a shell's completions
    Completions(CompletionsArgs),
    /// Write the commented default, show the settings that hold, tell where they are
    Config(ConfigArgs),
    /// Register the customer of a profile, with a subscription
    Customer(CustomerArgs),
    /// Act as an IoT device: link, press, move, cancel, battery, unlink
    Device(DeviceArgs),
    /// Look whether everything is in order, and tell what mends it
    Doctor(DoctorArgs),
    /// Print the manual page of the program, or of a command
    Man(ManArgs),
    /// Run the simulator alone, for other apps; one line of JSON tells where it is
    Serve(ServeArgs),
    /// Tell what a token says of itself
    Token(TokenArgs),
    /// Watch live callouts: those named, or all active ones of the customer source
    Watch(WatchArgs),
}

#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write the commented default; on a terminal it asks for an environment of yours to put in
    Init {
        #[command(flatten)]
        flags: Flags,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
    /// The settings that hold, each with where it came from; secrets masked
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
