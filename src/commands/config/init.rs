//! `panic-console config init`: the commented default, and on a terminal a first environment in it.

use crate::app::state::Dialect;
use crate::commands::{ask, tell};
use crate::config::{DEMO, make_private};
use crate::geo::Position;
use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use toml::Value;

const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// The hosts that AURA names, and the one that `serve` listens on.
const HOSTS: [(&str, &str); 3] = [
    ("staging", "https://staging-panic.aura.services"),
    ("production", "https://panic.aura.services"),
    ("local", "http://127.0.0.1:3005"),
];

/// What was asked for an environment.
struct Answers {
    name: String,
    base_url: String,
    dialect: Dialect,
    client_id: String,
    secret: Secret,
    place: Option<Position>,
}

enum Secret {
    /// In a variable of this name.
    Variable(String),
    /// Typed in; kept in a file of its own.
    Typed(SecretString),
}

pub fn run(file: &Path, force: bool) -> anyhow::Result<()> {
    // Before anybody has answered anything.
    if file.exists() && !force {
        bail!("{} is there already and stays as it is; --force writes over it", file.display());
    }
    let answers = if ask::is_possible() { questions()? } else { None };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let mut text = EXAMPLE.to_owned();
    if let Some(answers) = &answers {
        if let Secret::Typed(secret) = &answers.secret {
            let kept = secret_file(file, &answers.name);
            write(&kept, secret.expose_secret(), force)?;
            tell(&format!("written: {}", kept.display()));
        }
        text.push('\n');
        text.push_str(&profile(answers));
    }
    write(file, &text, force)?;
    tell(&format!("written: {}", file.display()));
    if let Some(answers) = answers {
        next(&answers);
    }
    Ok(())
}

/// `None` when the demo is all that is wanted.
fn questions() -> io::Result<Option<Answers>> {
    tell("An environment of AURA's, or a server of your own. Nothing is sent now.");
    let name = ask::until("Name of its profile (Enter: only the demo)", "", |answer| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if answer == DEMO {
            Err("demo is built in: another name".to_owned())
        } else if answer.len() <= 32 && answer.chars().all(plain) {
            Ok(answer.to_owned())
        } else {
            Err("up to 32 letters, digits, - and _".to_owned())
        }
    })?;
    if name.is_empty() {
        return Ok(None);
    }
    let usual = if HOSTS.iter().any(|(host, _)| *host == name) { name.as_str() } else { "staging" };
    let host = ask::until("Host: staging, production or local", usual, |answer| {
        let known = HOSTS.iter().find(|(host, _)| *host == answer);
        known.map(|(_, url)| *url).ok_or_else(|| "one of these three words".to_owned())
    })?;
    let dialect = ask::until("Dialect: v2, or v1 for the API of 2020", "v2", |answer| match answer {
        "v1" => Ok(Dialect::V1),
        "v2" => Ok(Dialect::V2),
        _ => Err("v1 or v2".to_owned()),
    })?;
    let path = if dialect == Dialect::V2 { "/panic-api/v2" } else { "/panic-api" };
    let client_id = ask::until("Client id", "", |answer| {
        if answer.is_empty() {
            Err("it is needed: AURA gave it with the secret".to_owned())
        } else {
            Ok(answer.to_owned())
        }
    })?;
    let variable = format!("PANIC_{}_SECRET", name.to_ascii_uppercase().replace('-', "_"));
    let typed = ask::hidden(&format!("Client secret (not shown; Enter: it is in the variable {variable})"))?;
    let place = ask::until("Where you stand, as -26.1091,28.083 (Enter: later)", "", place)?;
    let empty = typed.expose_secret().trim().is_empty();
    let secret = if empty { Secret::Variable(variable) } else { Secret::Typed(typed) };
    Ok(Some(Answers { name, base_url: format!("{host}{path}"), dialect, client_id, secret, place }))
}

fn place(answer: &str) -> Result<Option<Position>, String> {
    if answer.is_empty() {
        return Ok(None);
    }
    let wrong = || "latitude and longitude with a comma between them".to_owned();
    let (latitude, longitude) = answer.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
    let position = Position::new(number(latitude)?, number(longitude)?);
    position.map(Some).ok_or_else(|| "that is not on the earth".to_owned())
}

/// The profile as it stands in the file, below the commented default.
fn profile(answers: &Answers) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let name = &answers.name;
    let dialect = if answers.dialect == Dialect::V2 { "v2" } else { "v1" };
    let secret = match &answers.secret {
        Secret::Variable(variable) => format!("{{ env = {} }}", quoted(variable)),
        Secret::Typed(_) => format!("{{ file = {} }}", quoted(&format!("{name}.secret"))),
    };
    let mut text = format!(
        "[profiles.{name}]\nbase_url = {}\ndialect = \"{dialect}\"\nclient_id = {}\nclient_secret = {secret}\n",
        quoted(&answers.base_url),
        quoted(&answers.client_id),
    );
    match answers.place {
        Some(place) => {
            let (latitude, longitude) = (place.latitude(), place.longitude());
            let _ = write!(
                text,
                "\n[profiles.{name}.place]\nlatitude = {latitude:?}\nlongitude = {longitude:?}\n"
            );
        }
        None => {
            let _ =
                write!(text, "\n# [profiles.{name}.place]\n# latitude = -26.1091\n# longitude = 28.083\n");
        }
    }
    text
}

fn next(answers: &Answers) {
    let name = &answers.name;
    if let Secret::Variable(variable) = &answers.secret {
        tell(&format!("next: export {variable}=…"));
    }
    tell(&format!("next: panic-console doctor --profile {name}"));
    tell(&format!("next: panic-console customer register --profile {name}"));
}

fn secret_file(config: &Path, name: &str) -> PathBuf {
    config.with_file_name(format!("{name}.secret"))
}

/// Readable by its owner only from the first byte on. What is there is replaced as a whole, or stays.
fn write(file: &Path, text: &str, force: bool) -> anyhow::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let target = if force { file.with_file_name(name) } else { file.to_owned() };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&target).and_then(|mut new| new.write_all(text.as_bytes()));
    let written = written.and_then(|()| if force { fs::rename(&target, file) } else { Ok(()) });
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("{} is there already and stays as it is; --force writes over it", file.display())
        }
        written => written.with_context(|| format!("cannot write {}", file.display())),
    }
}
