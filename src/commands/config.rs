//! `panic-console config`: the commented default, the settings that hold, where they are.

use super::{DONE, environment, print, tell};
use crate::cli::ConfigCommand;
use crate::config::{self, Flags, Folders, make_private};
use anyhow::{Context, bail};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

const EXAMPLE: &str = include_str!("../../config.example.toml");

pub fn run(command: &ConfigCommand) -> anyhow::Result<u8> {
    match command {
        ConfigCommand::Init(flags) => init(flags)?,
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

fn init(flags: &Flags) -> anyhow::Result<()> {
    let file = file(flags)?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Somebody may come to put a secret in it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut created = match options.open(&file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} is there already and stays as it is", file.display())
        }
        opened => opened.with_context(|| format!("cannot write {}", file.display()))?,
    };
    created.write_all(EXAMPLE.as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
    tell(&format!("written: {}", file.display()));
    Ok(())
}
