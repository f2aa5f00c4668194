//! A real profile that is not ready yet says what is missing and how to get it.

use super::network::control_callouts;
use super::serve::Serve;
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

/// The API's own number for it.
const TEST: i64 = 2;

/// Raises in the console that is on the screen now, and leaves it. It is, once the terminal was
/// told to show a screen of its own.
fn raise_and_quit(session: &mut Session, serve: &Serve) -> Value {
    session.wait_for("\u{1b}[?1049h");
    // A countdown, and Enter sends at once.
    session.type_in("p\r");
    let callouts = control_callouts(serve, |callouts| callouts.as_array().is_some_and(|all| !all.is_empty()));
    session.type_in("q");
    callouts[0].clone()
}

#[test]
fn on_a_terminal_it_is_gone_through_up_to_a_test_callout() {
    let serve = Serve::launch(Serve::command(&[]));
    let mut user = User::at(&format!("{}/panic-api/v2", serve.url()), "");
    user.variables.retain(|(name, _)| name != "MINE");
    let mut session = Session::start(&user, &["--profile", "mine"]);
    for (question, answer) in [
        ("for this run only; Enter: stop): ", "demo-secret"),
        ("Register one now? [y/N]: ", "y"),
        ("Name: ", "Jane"),
        ("Surname: ", "Doe"),
        ("+27000000002: ", "+27000000002"),
    ] {
        session.wait_for(question);
        session.type_in(&format!("{answer}\r"));
    }
    let callout = raise_and_quit(&mut session, &serve);
    let (status, shown) = session.end();
    assert_eq!(status, 0, "{shown}");
    assert!(!shown.contains("demo-secret"));
    assert_eq!(callout["calloutClassificationId"], TEST, "{callout}");
    user.keeps_nowhere("demo-secret");
}

#[test]
fn who_has_no_secret_to_type_gets_the_steps() {
    let mut user = User::at("https://staging-panic.aura.services/panic-api/v2", "");
    user.variables.clear();
    let (status, shown) = user.answering(&["--profile", "mine"], &[("Enter: stop): ", "")]);
    assert_eq!(status, 2, "{shown}");
    assert!(shown.contains("1. credentials   missing"), "{shown}");
}

/// What a person types next must be seen again.
#[test]
fn a_signal_in_a_hidden_question_gives_the_terminal_back() {
    for (signal, expected) in [("TERM", 143), ("HUP", 129)] {
        let mut user = User::at("https://staging-panic.aura.services/panic-api/v2", "");
        user.variables.clear();
        let mut session = Session::start(&user, &["--profile", "mine"]);
        session.wait_for("Enter: stop): ");
        let hidden = session.local_modes();
        assert_eq!(hidden & (ECHO | LINES), 0, "what is typed is not shown");
        let pid = session.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert_eq!(session.child.wait().unwrap().exit_code(), expected, "{signal}");
        assert_eq!(session.local_modes() & (ECHO | LINES), ECHO | LINES, "{signal}");
    }
}

/// `docs/guides/real-environment.md`, gone on this machine: `local` where the guide says staging.
#[test]
fn the_guide_leads_to_a_test_callout() {
    let serve = Serve::launch(Serve::command(&[]));
    let user = User::new();
    let answers = [
        ("(Enter: only the demo): ", "local"),
        ("[local]: ", ""),
        ("[v2]: ", ""),
        ("Client id: ", "demo-client"),
        ("PANIC_LOCAL_SECRET): ", "demo-secret"),
        ("(Enter: later): ", "-26.1091,28.083"),
    ];
    assert_eq!(user.answering(&["config", "init"], &answers).0, 0);
    // The guide's simulator listens on its usual port; this one on a free one.
    let config = user.path("config/config.toml");
    let text = fs::read_to_string(&config).unwrap().replace("http://127.0.0.1:3005", serve.url());
    fs::write(&config, text).unwrap();

    let doctor = user.run(&["doctor", "--profile", "local"]);
    assert!(doctor.status == Some(1) && doctor.stdout.contains("customer register"), "{}", doctor.stdout);
    let register = ["customer", "register", "--profile", "local"];
    let jane = [("Name: ", "Jane"), ("Surname: ", "Doe"), ("+27000000002: ", "+27000000002")];
    let (status, shown) = user.answering(&register, &jane);
    assert_eq!(status, 0, "{shown}");
    let doctor = user.run(&["doctor", "--profile", "local"]);
    assert_eq!(doctor.status, Some(0), "{}", doctor.stdout);

    let mut session = Session::start(&user, &["--profile", "local"]);
    let callout = raise_and_quit(&mut session, &serve);
    assert_eq!(session.end().0, 0);
    assert_eq!(callout["calloutClassificationId"], TEST, "{callout}");
}
