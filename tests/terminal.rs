//! The built binary in a real pseudo-terminal: what it shows, and that the terminal is given back.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the harness is a test too")]

#[path = "support/terminal.rs"]
mod terminal;

use terminal::{Session, pid_of};

/// The invitation of a console without a callout.
const IDLE: &str = "to raise a";
/// Stands before the status that the callout is in.
const HERE: &str = "▶";

#[test]
fn quit_gives_the_terminal_back() {
    let mut session = Session::start(&[]);
    session.wait_for(IDLE);
    session.assert_taken();
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
    session.assert_given_back();
}

#[test]
fn ctrl_c_quits() {
    let mut session = Session::start(&[]);
    session.wait_for(IDLE);
    session.keys("\x03");
    assert_eq!(session.wait_for_exit(), 0);
    session.assert_given_back();
}

#[test]
fn sigterm_and_sigint_give_it_back_and_tell_the_shell() {
    for (signal, status) in [("TERM", 143), ("INT", 130)] {
        let mut session = Session::start(&[]);
        session.wait_for(IDLE);
        session.signal(signal);
        assert_eq!(session.wait_for_exit(), status, "{signal}");
        session.assert_given_back();
    }
}

#[test]
fn sighup_ends_the_process() {
    let mut session = Session::start(&[]);
    session.wait_for(IDLE);
    session.signal("HUP");
    assert_eq!(session.wait_for_exit(), 129);
}

#[test]
fn a_closed_window_leaves_no_process_behind() {
    let mut session = Session::start(&[]);
    session.wait_for(IDLE);
    let pid = session.pid();
    session.close_window();
    terminal::wait_until("the process is gone", || pid_of(pid).is_none());
}

#[test]
fn a_panic_gives_it_back_and_is_told_after_that() {
    let mut session = Session::start_panicking();
    assert_ne!(session.wait_for_exit(), 0);
    session.assert_given_back();
    assert!(session.text().contains("a bug in a task"), "{}", session.text());
}

/// Not a test of its own: the child of the one above, which runs this binary again.
#[test]
fn panicking_child() {
    if std::env::var_os(terminal::PANICKING).is_some() {
        terminal::panic_in_the_console();
    }
}

#[test]
fn a_paste_becomes_one_line_and_is_not_sent() {
    let mut session = Session::start(&["--speed", "5"]);
    session.wait_for(IDLE);
    session.keys("p\r");
    session.wait_for(&format!("{HERE} created"));
    session.keys("i");
    session.keys("\x1b[200~two\nlines\x1b[201~");
    session.wait_for("two lines");
    session.keys("\x1b");
    // Escape and a letter in one breath would be the letter with alt.
    session.wait_for("tab next pane");
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
}

#[test]
fn a_resized_window_is_drawn_anew() {
    let mut session = Session::start(&[]);
    session.wait_for(IDLE);
    session.resize(20, 6);
    session.wait_for("Needs");
    session.resize(120, 36);
    session.wait_for(IDLE);
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
}

#[test]
fn a_whole_response_in_turn() {
    let mut session = Session::start_with("poll_seconds = 5", &["--speed", "20"]);
    session.wait_for(IDLE);
    session.keys("p\r");
    for status in ["created", "Responder Dispatched", "Responder Arrived", "Responder Completed"] {
        session.wait_for(&format!("{HERE} {status}"));
    }
    session.wait_for("✓ closed");
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
}

#[test]
fn a_killed_console_finds_its_callout_again() {
    for end in ["KILL", "quit"] {
        let mut session = Session::start(&[]);
        session.wait_for(IDLE);
        session.keys("p\r");
        session.wait_for(&format!("{HERE} created"));
        if end == "quit" {
            session.keys("q");
        } else {
            session.signal("KILL");
        }
        session.wait_for_exit();
        let mut again = session.start_again(&[]);
        again.wait_for(&format!("{HERE} created"));
        again.wait_for("location");
        again.keys("q");
        assert_eq!(again.wait_for_exit(), 0);
    }
}

#[test]
fn a_damaged_world_of_the_demo_is_told_after_the_terminal_is_given_back() {
    let mut session = Session::start_with_world(b"not a database, and longer than a header of one would be");
    assert_eq!(session.wait_for_exit(), 1);
    session.assert_given_back();
    assert!(session.text().contains("world.sqlite"), "{}", session.text());
}

/// The number behind the last of these words on the screen.
fn number_after(text: &str, word: &str) -> String {
    let (_, after) = text.rsplit_once(word).unwrap_or_else(|| panic!("no {word:?} in:\n{text}"));
    after.chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn a_device_from_its_link_over_its_callout_to_its_unlink() {
    let mut session = Session::start(&[]);
    session.wait_for(IDLE);
    session.keys("3");
    session.wait_for("No device yet: press l to link one.");
    session.keys("l");
    session.wait_for("Link a device");
    session.keys("short\r");
    session.wait_for("! does not match the template");
    session.keys("\x15SN-0001-A1B2C3D4\r");
    session.wait_for("A1B2C3D4 is linked");
    session.wait_for("Device A1B2C3D4");
    session.keys("p");
    session.wait_for("A1B2C3D4: NEW_CALLOUT, callout ");
    let callout = number_after(&session.text(), "NEW_CALLOUT, callout ");
    // Both of its ways, once the customer's screen knows that it is its own.
    session.wait_for(&format!("{callout} · active   enter control room   1 your screen"));
    session.keys("\r");
    session.wait_for(&format!("Callout {callout}"));
    session.wait_for("Jane Doe");
    session.keys("1");
    session.wait_for("created");
    session.wait_for("REAL");
    session.keys("3");
    session.wait_for("POST /deviceEvent");
    session.keys("b");
    session.wait_for("in percent");
    session.keys("7\r");
    session.wait_for("LOW 7%");
    session.keys("c");
    session.wait_for("CALLOUT_CANCELLED");
    session.wait_for(&format!("{callout} · over"));
    session.keys("x");
    session.wait_for("Unlink the device?");
    session.keys("y");
    session.wait_for("No device yet");
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
}
