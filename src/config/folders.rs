//! Where files are kept.

use super::{ConfigError, Env, Flags};
use etcetera::{BaseStrategy, choose_base_strategy};
use std::io;
use std::path::{Path, PathBuf};

const NAME: &str = "panic-console";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// `PANIC_CONSOLE_CONFIG_DIR`, else the user's folder for settings.
    pub config: PathBuf,
    /// `PANIC_CONSOLE_STATE_DIR`, else the user's folder for state: log, tokens, what is resumed.
    pub state: PathBuf,
    /// The config file: the one that was named, else `config.toml` in the folder.
    pub config_file: PathBuf,
    home: Option<PathBuf>,
}

impl Folders {
    /// The folders and the config file that flags and environment name, without a look inside.
    pub fn named_by(flags: &Flags, env: Env<'_>) -> Result<Self, ConfigError> {
        Self::find(named_file(flags, env), env).ok_or_else(|| {
            ConfigError::one("no home folder: set PANIC_CONSOLE_CONFIG_DIR and PANIC_CONSOLE_STATE_DIR")
        })
    }

    /// `None` when the user has no home and nothing names a folder either.
    fn find(config_file: Option<PathBuf>, env: Env<'_>) -> Option<Self> {
        let users = choose_base_strategy().ok();
        let named = |variable: &str| env(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
        let config = named("PANIC_CONSOLE_CONFIG_DIR")
            .or_else(|| users.as_ref().map(|users| users.config_dir().join(NAME)))?;
        let state = named("PANIC_CONSOLE_STATE_DIR").or_else(|| {
            let users = users.as_ref()?;
            Some(users.state_dir().unwrap_or_else(|| users.data_dir()).join(NAME))
        })?;
        let config_file = config_file.unwrap_or_else(|| config.join("config.toml"));
        Some(Self { config, state, config_file, home: users.map(|users| users.home_dir().to_owned()) })
    }

    /// A path of the config file: relative ones begin where that file lies, `~/` at home.
    pub fn beside_config(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => self.config_file.parent().unwrap_or(&self.config).join(path),
        }
    }

    /// What one profile keeps. Its name is a plain word, so it cannot lead elsewhere.
    pub fn of_profile(&self, profile: &str) -> PathBuf {
        self.state.join("profiles").join(profile)
    }

    pub fn log(&self) -> PathBuf {
        self.state.join("log")
    }

    /// Archives and bodies that were asked for on the traffic screen.
    pub fn traffic(&self) -> PathBuf {
        self.state.join("traffic")
    }
}

/// The config file that somebody asked for, which then must be there.
pub fn named_file(flags: &Flags, env: Env<'_>) -> Option<PathBuf> {
    let variable = || env("PANIC_CONSOLE_CONFIG").filter(|value| !value.is_empty());
    flags.config.clone().or_else(|| variable().map(PathBuf::from))
}

/// Makes the folder if it is not there, for its owner only: tokens and places lie in it.
pub fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
