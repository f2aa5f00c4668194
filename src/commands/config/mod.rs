//! `panic-console config`: the commented default, the settings that hold, where they are.

mod init;

use super::{DONE, environment, print};
use crate::cli::ConfigCommand;
use crate::config::{self, Flags, Folders};
use std::path::PathBuf;

pub fn run(command: &ConfigCommand) -> anyhow::Result<u8> {
    match command {
        ConfigCommand::Init { flags, force } => init::run(&file(flags)?, *force)?,
        ConfigCommand::Show { flags, json } => {
            let config = config::load(flags, &environment)?;
            print(&if *json { config.to_json()? + "\n" } else { config.to_toml()? })?;
        }
        ConfigCommand::Path(flags) => print(&format!("{}\n", file(flags)?.display()))?,
    }
    Ok(DONE)
}

/// Where the file is, whatever stands in it.
fn file(flags: &Flags) -> anyhow::Result<PathBuf> {
    Ok(Folders::named_by(flags, &environment)?.config_file)
}
