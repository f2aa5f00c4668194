//! A config file made by answering questions is one that is taken.

use super::*;
use serde_json::json;

const EXAMPLE: &str = include_str!("../../config.example.toml");

#[cfg(unix)]
#[track_caller]
fn is_private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
}

#[cfg(not(unix))]
fn is_private(_: &std::path::Path) {}

#[test]
fn on_a_terminal_it_asks_and_the_secret_gets_a_file_of_its_own() {
    let user = User::new();
    let (status, shown) = user.answering(
        &["config", "init"],
        &[
            ("(Enter: only the demo): ", "mine space"),
            ("(Enter: only the demo): ", "mine"),
            ("[staging]: ", "production"),
            ("[v2]: ", ""),
            ("Client id: ", "my \"client\""),
            ("PANIC_MINE_SECRET): ", SECRET),
            ("(Enter: later): ", "-95,28"),
            ("(Enter: later): ", "-26.1091, 28.083"),
        ],
    );
    assert_eq!(status, 0, "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("next: panic-console doctor --profile mine"), "{shown}");
    let (config, secret) = (user.path("config/config.toml"), user.path("config/mine.secret"));
    is_private(&config);
    is_private(&secret);
    assert_eq!(fs::read_to_string(&secret).unwrap(), SECRET);
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.starts_with(EXAMPLE) && !text.contains(SECRET), "{text}");

    let shown = user.run(&["config", "show", "--json", "--profile", "mine"]).json();
    let mine = &shown["profiles"]["mine"];
    assert_eq!(mine["base_url"], "https://panic.aura.services/panic-api/v2");
    assert_eq!(mine["client_id"], "my \"client\"");
    assert_eq!(
        (mine["place"]["latitude"].as_f64(), mine["place"]["longitude"].as_f64()),
        (Some(-26.1091), Some(28.083))
    );
}

#[test]
fn a_secret_may_stay_in_its_variable_and_the_place_for_later() {
    let user = User::new();
    let (status, shown) = user.answering(
        &["config", "init"],
        &[
            ("(Enter: only the demo): ", "local"),
            ("[local]: ", ""),
            ("[v2]: ", "v3"),
            ("[v2]: ", "v1"),
            ("Client id: ", "demo-client"),
            ("PANIC_LOCAL_SECRET): ", ""),
            ("(Enter: later): ", ""),
        ],
    );
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("next: export PANIC_LOCAL_SECRET="), "{shown}");
    let shown = user.run(&["config", "show", "--json"]).json();
    let local = &shown["profiles"]["local"];
    assert_eq!(
        (local["base_url"].as_str(), local["dialect"].as_str()),
        (Some("http://127.0.0.1:3005/panic-api"), Some("v1"))
    );
    assert_eq!(local["client_secret"]["env"], "PANIC_LOCAL_SECRET");
    assert!(local["place"].is_null() && !user.path("config/local.secret").exists());
}

#[test]
fn enter_alone_writes_the_default_and_nothing_more() {
    let user = User::new();
    let (status, shown) = user.answering(&["config", "init"], &[("(Enter: only the demo): ", "")]);
    assert_eq!(status, 0, "{shown}");
    assert_eq!(fs::read_to_string(user.path("config/config.toml")).unwrap(), EXAMPLE);
}

#[test]
fn who_stops_in_the_middle_has_written_nothing() {
    let user = User::new();
    let answers = [("(Enter: only the demo): ", "mine"), ("[staging]: ", "\u{4}")];
    let (status, shown) = user.answering(&["config", "init"], &answers);
    assert!(status == 1 && shown.contains("stopped: nothing was done"), "{status}: {shown}");
    assert!(!user.path("config/config.toml").exists());
}

#[test]
fn a_file_that_is_there_is_written_over_only_when_told() {
    let user = User::with("theme = \"light\"\n");
    let (status, shown) = user.answering(&["config", "init"], &[]);
    assert!(status == 1 && shown.contains("--force writes over it"), "{status}: {shown}");
    assert_eq!(fs::read_to_string(user.path("config/config.toml")).unwrap(), "theme = \"light\"\n");
    let told = user.run(&["config", "init", "--force"]);
    assert_eq!((told.status, told.stdout.as_str()), (Some(0), ""), "{}", told.stderr);
    assert_eq!(fs::read_to_string(user.path("config/config.toml")).unwrap(), EXAMPLE);
    is_private(&user.path("config/config.toml"));
    let names = fs::read_dir(user.path("config")).unwrap().count();
    assert_eq!(names, 1, "no temporary file is left behind");
}

#[test]
fn show_tells_the_theme_that_nothing_names() {
    let theme = |user: &User| {
        let json = user.run(&["config", "show", "--json"]).json();
        (json["theme"].clone(), json["sources"]["theme"].clone())
    };
    assert_eq!(theme(&User::new()), (json!("dark"), json!({ "from": "default" })));
    let mono = User::new().set("NO_COLOR", "1");
    assert_eq!(theme(&mono), (json!("mono"), json!({ "from": "environment", "name": "NO_COLOR" })));
    let text = mono.run(&["config", "show"]).done();
    assert!(text.starts_with("# theme = \"mono\"") && text.contains("# NO_COLOR"), "{text}");
}

#[test]
fn show_tells_where_each_value_came_from() {
    let user = User::with("poll_seconds = 12\nlog_level = \"warn\"\n[demo]\nspeed = 2.0\n")
        .set("PANIC_CONSOLE_LOG_LEVEL", "debug");
    let words = ["config", "show", "--speed", "5", "--theme", "mono", "--read-only"];
    let text = user.run(&words).done();
    let line =
        |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().split_once("  # ").unwrap();
    for (setting, source) in [
        ("poll_seconds = 12", "file, line 1"),
        ("locate_seconds = 10", "default"),
        ("log_level = \"debug\"", "PANIC_CONSOLE_LOG_LEVEL"),
        ("theme = \"mono\"", "--theme"),
        ("read_only = true", "--read-only"),
        ("speed = 5.0", "--speed"),
    ] {
        let (given, from) = line(setting.split(" =").next().unwrap());
        assert_eq!((given.trim_end(), from), (setting, source));
    }
    let json = user.run(&[&words[..], &["--json"]].concat()).json();
    assert_eq!((json["poll_seconds"].as_i64(), json["demo"]["speed"].as_f64()), (Some(12), Some(5.0)));
    let sources = &json["sources"];
    assert_eq!(
        (sources["poll_seconds"]["from"].as_str(), sources["poll_seconds"]["line"].as_i64()),
        (Some("file"), Some(1))
    );
    assert_eq!(sources["demo.speed"]["name"], "--speed");
    assert_eq!(sources["log_level"]["from"], "environment");
    assert_eq!(sources["demo.seed"]["from"], "default");
}
