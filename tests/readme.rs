//! The pages say what the program does, not what it did once.

use panic_console::config::{self, Flags};

const START: &str = "<!-- keys -->";
const END: &str = "<!-- /keys -->";

#[test]
fn the_keys_are_those_of_the_table() {
    let readme = include_str!("../README.md");
    let (_, after) = readme.split_once(START).expect("README.md has <!-- keys -->");
    let (shown, _) = after.split_once(END).expect("README.md has <!-- /keys --> after it");
    let made = panic_console::keymap::markdown();
    assert_eq!(shown.trim(), made.trim(), "put this between the markers of README.md:\n\n{made}");
}

#[test]
fn the_profile_shown_is_taken_as_it_stands() {
    let readme = include_str!("../README.md");
    let shown = readme
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a profile in ```toml");
    let home = tempfile::TempDir::new().unwrap();
    let file = home.path().join("config.toml");
    std::fs::write(&file, shown).unwrap();
    let flags = Flags { config: Some(file), profile: Some("staging".to_owned()), ..Flags::default() };
    let state = home.path().display().to_string();
    let env = |name: &str| match name {
        "PANIC_CLIENT_SECRET" => Some("not-a-secret".to_owned()),
        "PANIC_CONSOLE_CONFIG_DIR" | "PANIC_CONSOLE_STATE_DIR" => Some(state.clone()),
        _ => None,
    };
    let setup = config::load(&flags, &env).unwrap().console(&env).unwrap();
    assert_eq!(setup.settings.host.as_str(), "staging-panic.aura.services");
}

#[test]
fn each_dependency_has_its_reason() {
    let manifest: toml::Table = include_str!("../Cargo.toml").parse().unwrap();
    let reasons = include_str!("../docs/contributing.md").split("## Dependencies").nth(1).unwrap();
    let names: std::collections::BTreeSet<&str> =
        reasons.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').collect();
    for table in ["dependencies", "dev-dependencies"] {
        for name in manifest[table].as_table().unwrap().keys() {
            assert!(names.contains(name.as_str()), "docs/contributing.md says nothing of {name}");
        }
    }
}
