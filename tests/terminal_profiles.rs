//! The built program going from one profile to another in one terminal.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the harness is a test too")]

#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/serve.rs"]
mod serve;
#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/terminal.rs"]
mod terminal;

use serve::Serve;
use terminal::{Session, wait_until};

const IDLE: &str = "to raise a";
const HERE: &str = "▶";

/// Two profiles: one on this server, one that lacks its secret.
fn settings(serve: &Serve) -> String {
    format!(
        "[profiles.broken]\nbase_url = \"{url}/panic-api/v2\"\nclient_id = \"demo-client\"\n\
         client_secret = {{ env = \"NOT_SET_ANYWHERE\" }}\nplace = {{ latitude = -26.1, longitude = 28.0 }}\n\
         customer = {{ name = \"Jane\", surname = \"Doe\", mobile = \"+27000004567\" }}\n\
         [profiles.local]\nbase_url = \"{url}/panic-api/v2\"\nclient_id = \"demo-client\"\n\
         client_secret = {{ value = \"demo-secret\" }}\nplace = {{ latitude = -26.1, longitude = 28.0 }}\n\
         customer = {{ name = \"Jane\", surname = \"Doe\", mobile = \"+27000004567\" }}\n",
        url = serve.url()
    )
}

/// Opens the list and waits for it.
fn open_list(session: &mut Session) {
    session.keys("P");
    session.wait_for("Profiles");
    session.wait_for("now");
}

/// The demo is the first of the list, `broken` the second, `local` the third.
fn go_to(session: &mut Session, row: usize) {
    open_list(session);
    session.keys("\x1b[H");
    session.keys(&"j".repeat(row));
    session.keys("\r");
}

fn lock_is_free(session: &Session, profile: &str) -> bool {
    let lock = session.home().join("state/profiles").join(profile).join("resume.lock");
    std::fs::File::open(lock).is_ok_and(|file| file.try_lock().is_ok())
}

#[test]
fn there_and_back_and_the_callout_is_found_again() {
    let serve = Serve::launch(Serve::command(&[]));
    let mut session = Session::start_with(&settings(&serve), &["--speed", "2"]);
    session.wait_for(IDLE);
    session.keys("p\r");
    session.wait_for(&format!("{HERE} created"));

    go_to(&mut session, 2);
    session.wait_for("is active.");
    session.keys("n");
    session.wait_for(&format!("{HERE} created"));
    go_to(&mut session, 2);
    session.wait_for("Leave this profile?");
    session.keys("y");
    session.wait_for("LOCAL");
    session.wait_for(IDLE);
    session.assert_taken();
    assert!(lock_is_free(&session, "demo") && !lock_is_free(&session, "local"));

    go_to(&mut session, 0);
    session.wait_for("DEMO");
    session.wait_for("created");
    session.wait_for("location");
    assert!(lock_is_free(&session, "local") && !lock_is_free(&session, "demo"));
    // Taken once and given back once: nobody saw the shell in between.
    let written = String::from_utf8_lossy(&session.written()).into_owned();
    assert_eq!((written.matches("\x1b[?1049h").count(), written.matches("\x1b[?1049l").count()), (1, 0));
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
    session.assert_given_back();
}

#[test]
fn one_that_is_not_ready_names_the_setting_and_nothing_is_left() {
    let serve = Serve::launch(Serve::command(&[]));
    let mut session = Session::start_with(&settings(&serve), &[]);
    session.wait_for(IDLE);
    go_to(&mut session, 1);
    session.wait_for("broken is not ready");
    session.wait_for("profiles.broken.client_secret");
    session.wait_for("NOT_SET_ANYWHERE is not set");
    session.wait_for("DEMO");
    session.keys("\x1b");
    session.wait_for("to raise a");

    // Mended in the file while the console runs: it holds with the next look.
    let file = session.home().join("config/config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("env = \"NOT_SET_ANYWHERE\"", "value = \"demo-secret\"")).unwrap();
    go_to(&mut session, 1);
    session.wait_for("LOCAL");
    session.wait_for(IDLE);
    session.signal("TERM");
    assert_eq!(session.wait_for_exit(), 143);
    session.assert_given_back();
}

#[test]
fn one_that_does_not_run_leads_back() {
    let serve = Serve::launch(Serve::command(&[]));
    let mut session = Session::start_with(&settings(&serve), &["--profile", "local"]);
    session.wait_for(IDLE);
    let world = session.home().join("state/profiles/demo");
    std::fs::create_dir_all(&world).unwrap();
    std::fs::write(world.join("world.sqlite"), b"not a database, and longer than a header of one would be")
        .unwrap();
    go_to(&mut session, 0);
    session.wait_for("demo does not start");
    session.wait_for("LOCAL");
    wait_until("the profile is this console's again", || !lock_is_free(&session, "local"));
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
    session.assert_given_back();
}
