//! `panic-console completions` and `panic-console man`: what a package puts beside the program.

use super::{DONE, Usage, print};
use crate::cli::Cli;
use anyhow::Context;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Whose completions
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The page of one command, as `config init`; none: the program's
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

const NAME: &str = "panic-console";

pub fn completions(args: &CompletionsArgs) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut script);
    print(&String::from_utf8(script).context("the completions are no text")?)?;
    Ok(DONE)
}

pub fn man(args: &ManArgs) -> anyhow::Result<u8> {
    let mut page = Vec::new();
    clap_mangen::Man::new(named(&args.command)?).render(&mut page).context("cannot write the page")?;
    print(&String::from_utf8(page).context("the page is no text")?)?;
    Ok(DONE)
}

/// The command, which knows its whole name by now: `panic-console-config-init`.
fn named(words: &[String]) -> anyhow::Result<Command> {
    let mut command = Cli::command();
    command.build();
    for word in words {
        let found = command.find_subcommand(word).cloned();
        command = found.ok_or_else(|| Usage(format!("there is no command {NAME} {}", words.join(" "))))?;
    }
    Ok(command)
}
