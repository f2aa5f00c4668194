//! Where a secret is found. The config names the place; only the chosen profile's are fetched.

use super::folders::Folders;
use crate::sim::DEMO_CLIENT_SECRET;
use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a command may take to tell its secret.
const PATIENCE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(5);
/// Longest secret that is read; a client secret has some tens of characters.
const MAX_BYTES: u64 = 16 * 1024;

pub const SOURCES: &str =
    "one of { env = \"NAME\" }, { file = \"path\" }, { command = [\"program\", \"argument\"] } is needed";

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretSource {
    Env(String),
    File(PathBuf),
    Command(Vec<String>),
    /// In clear in the config: taken, with a warning.
    #[serde(serialize_with = "masked")]
    Value(String),
}

fn masked<S: Serializer>(_: &String, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("***")
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "Env({name})"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Command(words) => write!(f, "Command({} …)", words.first().map_or("", String::as_str)),
            Self::Value(_) => f.write_str("Value(***)"),
        }
    }
}

/// A secret with what its owner should know about the place where it is kept.
#[derive(Debug)]
pub struct Found {
    pub secret: SecretString,
    pub warning: Option<String>,
}

impl SecretSource {
    /// What is wrong with it, as far as that can be told without looking there.
    pub fn check(&self) -> Option<&'static str> {
        match self {
            Self::Env(name) if name.trim().is_empty() => Some("the variable has no name"),
            Self::File(path) if path.as_os_str().is_empty() => Some("the file has no name"),
            Self::Command(words) if words.first().is_none_or(|word| word.trim().is_empty()) => {
                Some("the command is empty")
            }
            Self::Value(value) if value.trim().is_empty() => Some("the value is empty"),
            _ => None,
        }
    }

    /// Fetches it. The error tells the place and never what was found there.
    pub fn fetch(&self, folders: &Folders, env: super::Env<'_>) -> Result<Found, String> {
        let (text, warning) = match self {
            Self::Env(name) => (env(name).ok_or_else(|| format!("the variable {name} is not set"))?, None),
            Self::File(path) => {
                let path = folders.beside_config(path);
                let text = read(&path)?;
                (
                    text,
                    open_to_others(&path).then(|| format!("{} can be read by other users", path.display())),
                )
            }
            Self::Command(words) => (output_of(words)?, None),
            Self::Value(value) => {
                let advice = "the secret stands in clear in this file; { env = … }, { file = … } or \
                              { command = … } keeps it out";
                (value.clone(), self.is_in_clear().then(|| advice.to_owned()))
            }
        };
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(format!("{} is empty", self.place()));
        }
        Ok(Found { secret: SecretString::from(secret), warning })
    }

    /// A secret stands in the config itself. That of every simulator by default is none: it stands in the README.
    pub fn is_in_clear(&self) -> bool {
        matches!(self, Self::Value(value) if value != DEMO_CLIENT_SECRET)
    }

    fn place(&self) -> String {
        match self {
            Self::Env(name) => format!("the variable {name}"),
            Self::File(path) => path.display().to_string(),
            Self::Command(words) => format!("the output of {}", words.first().map_or("", String::as_str)),
            Self::Value(_) => "the value".to_owned(),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let refused = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(refused)?;
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(refused)?;
    Ok(text)
}

/// Whether somebody else on this machine may read it. Where there are no such bits, nobody is told.
#[cfg(unix)]
pub fn open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub fn open_to_others(_: &Path) -> bool {
    false
}

/// What a command prints. It may ask its questions on the terminal: this runs before the screen is
/// taken.
fn output_of(words: &[String]) -> Result<String, String> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("the command is empty".to_owned());
    };
    let refused = |error: std::io::Error| format!("cannot run {program}: {error}");
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn().map_err(refused)?;
    let Some(stdout) = child.stdout.take() else { return Err(format!("{program} has no output")) };
    let (send, output) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.take(MAX_BYTES).read_to_string(&mut text);
        // Nobody listens once the time is up.
        let _ = send.send(read.map(|_| text));
    });
    let Some(status) = wait(&mut child).map_err(refused)? else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("{program} gave no answer within {} s", PATIENCE.as_secs()));
    };
    if !status.success() {
        return Err(format!("{program} failed: {status}"));
    }
    match output.recv_timeout(PATIENCE) {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(_)) => Err(format!("the output of {program} is not text")),
        Err(_) => Err(format!("{program} left its output open")),
    }
}

/// Its exit status; `None` when it runs on after [`PATIENCE`].
fn wait(child: &mut std::process::Child) -> std::io::Result<Option<ExitStatus>> {
    for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(STEP);
    }
    Ok(None)
}
