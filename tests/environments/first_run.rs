//! A real profile that is not ready yet says what is missing and how to get it.

use super::*;

#[test]
fn the_steps_are_told_with_what_is_missing() {
    let user = User::with(
        "[profiles.staging]\nbase_url = \"https://staging-panic.aura.services/panic-api/v2\"\n\
         client_id = \"my-client\"\nclient_secret = { env = \"NOT_SET\" }\nplace = { latitude = 1.0, longitude = 2.0 }\n",
    );
    let told = user.run(&["--profile", "staging"]);
    assert_eq!((told.status, told.stdout.as_str()), (Some(2), ""));
    let way: Vec<&str> = told.stderr.lines().skip_while(|line| !line.starts_with("Still missing")).collect();
    assert_eq!(
        way,
        [
            "Still missing for a first callout at staging:",
            "  1. credentials   missing  AURA hands them out; the config names where they are",
            "  2. customer      missing  panic-console customer register --profile staging",
            "  3. place         done     latitude and longitude in the config",
            "  4. TEST callout  then     panic-console --profile staging, then p",
            "panic-console doctor --profile staging looks at each step.",
        ]
    );
    assert!(told.stderr.contains("profiles.staging.client_secret: the variable NOT_SET is not set"));
}

#[test]
fn what_is_wrong_rather_than_missing_gets_no_walk() {
    let user = User::with("[profiles.staging]\nclient_id = \"my-client\"\n");
    let told = user.run(&["--profile", "staging"]);
    assert_eq!(told.status, Some(2));
    assert!(told.stderr.contains("base_url: is missing") && !told.stderr.contains("Still missing"));
}
