//! The doctor finds what is wrong, says what mends it, and touches nothing.

use super::network::{Fake, closed_port};
use super::serve::Serve;
use super::*;

/// The verdict of one check, with what was found and what mends it.
#[track_caller]
fn check(report: &Value, name: &str) -> (String, String, String) {
    let checks = report["checks"].as_array().unwrap();
    let check =
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name}: {report}"));
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    (text("verdict"), text("found"), text("mend"))
}

#[track_caller]
fn verdict(report: &Value, name: &str) -> String {
    check(report, name).0
}

#[test]
fn the_demo_is_in_order_without_any_settings() {
    let user = User::new();
    let told = user.run(&["doctor", "--json"]);
    let report = told.json();
    assert_eq!(
        (told.status, report["verdict"].as_str(), report["profile"].as_str()),
        (Some(0), Some("warning"), Some("demo"))
    );
    for name in ["config", "profile", "server", "clock", "token", "state"] {
        assert_eq!(verdict(&report, name), "ok", "{name}: {report}");
    }
    assert_eq!(verdict(&report, "terminal"), "warning", "there is none");
    assert!(!user.path("state/profiles/demo/world.sqlite").exists(), "the demo's world is not touched");

    let text = user.run(&["doctor"]).done();
    assert!(text.starts_with("ok       config       no file"), "{text}");
}

#[test]
fn a_profile_that_works_is_told_so_and_keeps_no_token() {
    let serve = Serve::launch(Serve::command(&[]));
    let user = User::at(&format!("{}/panic-api/v2", serve.url()), "customer = { id = 1 }");
    let told = user.run(&["doctor", "--profile", "mine", "--json"]);
    let report = told.json();
    assert_eq!((told.status, told.stderr.as_str()), (Some(0), ""), "{report}");
    for name in ["config", "profile", "credentials", "customer", "server", "clock", "token", "state"] {
        assert_eq!(verdict(&report, name), "ok", "{name}: {report}");
    }
    assert!(check(&report, "token").1.starts_with("obtained, good for "), "{report}");
    assert!(!user.path("state/profiles/mine/token.json").exists());
}

#[test]
fn a_wrong_secret_is_a_problem_and_never_shown() {
    let serve = Serve::launch(Serve::command(&[]));
    let user =
        User::at(&format!("{}/panic-api/v2", serve.url()), "customer = { id = 1 }").set("MINE", SECRET);
    for words in [&["doctor", "--profile", "mine"][..], &["doctor", "--profile", "mine", "--json"]] {
        let told = user.run(words);
        assert_eq!(told.status, Some(1), "{}", told.stdout);
        assert!(!format!("{told:?}").contains(SECRET));
        assert!(told.stdout.contains("refused our credentials"), "{}", told.stdout);
    }
    user.keeps_nowhere(SECRET);
}

#[test]
fn what_is_missing_is_a_check_of_its_own() {
    let base_url = format!("http://127.0.0.1:{}/panic-api/v2", closed_port());
    let user = User::with(&format!("[profiles.mine]\nbase_url = \"{base_url}\"\n"));
    let told = user.run(&["doctor", "--profile", "mine", "--json"]);
    let report = told.json();
    assert_eq!((told.status, report["verdict"].as_str()), (Some(1), Some("problem")));
    for name in ["credentials", "customer", "place", "server"] {
        let (verdict, found, mend) = check(&report, name);
        assert_eq!(verdict, "problem", "{name}");
        assert!(!found.is_empty() && !mend.is_empty(), "{name}: {report}");
    }
    assert_eq!(check(&report, "customer").2, "panic-console customer register --profile mine");
    assert!(check(&report, "server").1.contains("no connection"), "{report}");
    assert_eq!(verdict(&report, "token"), "warning", "not asked for");
}

#[test]
fn broken_settings_are_a_problem_and_the_rest_is_looked_at_all_the_same() {
    let user = User::with("theme = \"blu\"\n");
    let told = user.run(&["doctor", "--json"]);
    let report = told.json();
    assert_eq!((told.status, told.stderr.as_str()), (Some(1), ""));
    let (verdict_of_config, found, _) = check(&report, "config");
    assert!(verdict_of_config == "problem" && found.contains("config.toml:1: theme"), "{report}");
    assert_eq!(verdict(&report, "state"), "ok");
}

#[test]
fn a_clock_that_is_wrong_is_seen_by_the_server_s_date() {
    for (date, expected) in [("Wed, 10 Jan 2024 10:34:45 GMT", "problem"), ("", "warning")] {
        let fake = Fake::answering(date);
        let user = User::at(&format!("http://127.0.0.1:{}/panic-api/v2", fake.port), "customer = { id = 1 }");
        let report = user.run(&["doctor", "--profile", "mine", "--json"]).json();
        assert_eq!(verdict(&report, "server"), "ok", "{report}");
        let (verdict, found, _) = check(&report, "clock");
        assert_eq!(verdict, expected, "{found}");
        assert!(date.is_empty() || found.contains("ahead of the server's"), "{found}");
    }
}

#[test]
fn it_writes_nothing_to_the_server() {
    let fake = Fake::answering("");
    let user = User::at(
        &format!("http://127.0.0.1:{}/panic-api", fake.port),
        "dialect = \"v1\"\nuser = { email = \"jane.doe@example.com\", password = { env = \"PASSWORD\" } }\n\
         customer = { name = \"Jane\", surname = \"Doe\", mobile = \"+27000000002\" }",
    )
    .set("PASSWORD", SECRET);
    let told = user.run(&["doctor", "--profile", "mine", "--json"]);
    let (verdict, _, mend) = check(&told.json(), "token");
    assert_eq!(
        (verdict.as_str(), mend.as_str()),
        ("warning", "panic-console customer register --profile mine")
    );
    let asked = fake.seen();
    let lines: Vec<&str> = asked.iter().filter_map(|request| request.lines().next()).collect();
    let harmless = |line: &&str| line.starts_with("GET ") || line.starts_with("POST /panic-api/oauth/token ");
    assert!(lines.len() >= 2 && lines.iter().all(harmless), "{lines:?}");
    assert!(!told.stdout.contains(SECRET));
}

#[cfg(unix)]
#[test]
fn a_state_folder_that_cannot_be_is_a_problem() {
    let user = User::new();
    fs::write(user.path("state"), b"a file, no folder").unwrap();
    let told = user.run(&["doctor", "--json"]);
    let (verdict, _, mend) = check(&told.json(), "state");
    assert_eq!((told.status, verdict.as_str()), (Some(1), "problem"));
    assert!(mend.contains("PANIC_CONSOLE_STATE_DIR"));
}

#[test]
fn a_terminal_is_told_with_its_size() {
    let user = User::new().set("TERM", "xterm-256color").set("LC_ALL", "C.UTF-8");
    let (status, shown) = user.answering(&["doctor"], &[]);
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("ok       terminal     160×40 · UTF-8 · 256 colours"), "{shown}");
}
