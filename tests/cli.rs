//! The built program: what it prints where, and the status it ends with.
#![expect(clippy::unwrap_used, reason = "clippy allows it in tests, but not in what prepares them")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn run(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panic-console"))
        .args(arguments)
        .env_clear()
        .env("PANIC_CONSOLE_CONFIG_DIR", home.join("config"))
        .env("PANIC_CONSOLE_STATE_DIR", home.join("state"))
        .output()
        .unwrap()
}

fn told(output: &Output) -> (Option<i32>, &str, &str) {
    let text = |bytes| std::str::from_utf8(bytes).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn init_writes_the_commented_default_and_never_over_a_file() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("config/config.toml");
    let written = run(home.path(), &["config", "init"]);
    assert_eq!(told(&written), (Some(0), "", format!("written: {}\n", file.display()).as_str()));
    assert_eq!(fs::read_to_string(&file).unwrap(), include_str!("../config.example.toml"));

    fs::write(&file, "theme = \"light\"\n").unwrap();
    let refused = run(home.path(), &["config", "init"]);
    let message = format!(
        "panic-console: {} is there already and stays as it is; --force writes over it\n",
        file.display()
    );
    assert_eq!(told(&refused), (Some(1), "", message.as_str()));
    assert_eq!(fs::read_to_string(&file).unwrap(), "theme = \"light\"\n");
}

#[test]
fn path_tells_where_it_is_even_if_it_cannot_be_read() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("config/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "theme = blu\n").unwrap();
    let path = run(home.path(), &["config", "path"]);
    assert_eq!(told(&path), (Some(0), format!("{}\n", file.display()).as_str(), ""));
}

#[test]
fn show_prints_the_settings_and_nothing_else() {
    let home = TempDir::new().unwrap();
    let shown = run(home.path(), &["config", "show", "--scenario", "false-alarm"]);
    let (status, toml, errors) = told(&shown);
    assert_eq!((status, errors), (Some(0), ""));
    assert!(toml.contains("scenario = \"false-alarm\""), "{toml}");
    let shown = run(home.path(), &["config", "show", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(json["poll_seconds"], 15);
}

#[test]
fn wrong_settings_and_wrong_usage_end_with_2() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("mine.toml");
    fs::write(&file, "log_level = \"info\"\ntheme = \"blu\"\n").unwrap();
    let file = file.display().to_string();
    let expected = format!(
        "panic-console: {file}:2: theme: unknown value `blu`, expected one of `dark`, `light`, `mono`\n"
    );
    for arguments in [vec!["config", "show", "--config", &file], vec!["--config", &file]] {
        let refused = run(home.path(), &arguments);
        assert_eq!(told(&refused), (Some(2), "", expected.as_str()));
    }
    for arguments in [vec!["--theme", "blu"], vec!["fly"], vec!["config"], vec!["--speed", "fast"]] {
        let refused = run(home.path(), &arguments);
        let (status, stdout, _) = told(&refused);
        assert_eq!((status, stdout), (Some(2), ""), "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_asked_for_data() {
    let home = TempDir::new().unwrap();
    let (help, version) = (run(home.path(), &["--help"]), run(home.path(), &["--version"]));
    let (status, text, errors) = told(&help);
    assert_eq!((status, errors), (Some(0), ""));
    for flag in ["--profile", "--config", "--theme", "--speed", "--scenario", "--read-only", "--log-level"] {
        assert!(text.contains(flag), "{flag} in {text}");
    }
    assert_eq!(told(&version), (Some(0), concat!("panic-console ", env!("CARGO_PKG_VERSION"), "\n"), ""));
}
