//! The built program under what no user does on purpose: a megabyte pasted, a window that never rests, a
//! mouse gone mad, a server that is out to break the screen.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the harness is a test too")]

#[path = "support/hostile.rs"]
mod hostile;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/terminal.rs"]
mod terminal;

use hostile::{Hostile, MESSAGES, Mode};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::fmt::Write as _;
use terminal::Session;

const IDLE: &str = "to raise a";

/// The console still answers: the help page comes and goes.
fn answers(session: &mut Session) {
    session.keys("?");
    session.wait_for(" Help ");
    session.keys("q");
    terminal::wait_until("the help page is gone", || !session.text().contains(" Help "));
}

fn quits(mut session: Session) {
    session.keys("q");
    assert_eq!(session.wait_for_exit(), 0);
    session.assert_given_back();
}

#[test]
fn a_megabyte_is_pasted() {
    let mut session = Session::start(&[]);
    session.wait_for(IDLE);
    let megabyte = "p\r\ny qC\u{1b}[31m".repeat(100_000);
    // Nothing takes text here, and none of it may count as keys.
    session.keys(&format!("\x1b[200~{megabyte}\x1b[201~"));
    answers(&mut session);
    session.wait_for(IDLE);

    session.keys("p\r");
    session.wait_for("▶ created");
    session.keys("i");
    session.wait_for("enter send");
    session.keys(&format!("\x1b[200~{}\x1b[201~", "word ".repeat(200_000)));
    session.wait_for("word word");
    session.keys("\x1b");
    session.wait_for("tab next pane");
    answers(&mut session);
    assert!(!session.text().contains("sending"), "a paste is never sent");
    quits(session);
}

#[test]
fn a_window_is_resized_two_hundred_times() {
    let mut session = Session::start(&["--speed", "20"]);
    session.wait_for(IDLE);
    session.keys("p\r");
    session.wait_for("▶ created");
    let mut random = StdRng::seed_from_u64(4);
    for _ in 0..200 {
        session.resize(random.random_range(1..260), random.random_range(1..90));
    }
    session.resize(120, 36);
    session.wait_for("Status");
    answers(&mut session);
    quits(session);
}

#[test]
fn the_mouse_storms() {
    let mut session = Session::start(&["--speed", "20"]);
    session.wait_for(IDLE);
    session.keys("p\r");
    session.wait_for("▶ created");
    let mut random = StdRng::seed_from_u64(5);
    for _ in 0..200 {
        let mut storm = String::new();
        for _ in 0..100 {
            // Presses, drags and wheels of all buttons, also outside of the window.
            let button = [0, 1, 2, 32, 34, 64, 65][random.random_range(0..7)];
            let (x, y) = (random.random_range(1..400), random.random_range(1..200));
            let end = if random.random_bool(0.5) { 'M' } else { 'm' };
            write!(storm, "\x1b[<{button};{x};{y}{end}").unwrap();
        }
        session.keys(&storm);
    }
    answers(&mut session);
    // A click on a tab may have left any screen in front: the customer's is whole when it is asked for.
    session.keys("1");
    session.wait_for("Route");
    session.wait_for("Chat");
    quits(session);
}

#[test]
fn a_hostile_server_breaks_nothing() {
    let server = Hostile::start(Mode::Escapes);
    // Without a word of our own, so that not one byte may be of that kind.
    let arguments = ["--profile", "hostile", "--no-bell", "--no-notify"];
    let mut session = Session::start_with(&server.settings(), &arguments);
    session.wait_for("Testy");
    answers(&mut session);
    session.assert_taken();

    for (mode, told) in [
        (Mode::TooLarge, "unreadable reply"),
        (Mode::Endless, "unreadable reply"),
        (Mode::Deep, "unreadable reply"),
        (Mode::CutOff, "no answer"),
    ] {
        server.be(mode);
        session.keys("u");
        session.wait_for(told);
        assert!(session.text().contains("Testy"), "{mode:?}: the last state stays\n{}", session.text());
        answers(&mut session);
        server.be(Mode::Escapes);
        session.keys("u");
        terminal::wait_until("it is live again", || session.text().contains("live ·"));
    }

    server.be(Mode::Crowded);
    session.keys("u");
    session.wait_for(&format!("message {}", MESSAGES - 1));
    answers(&mut session);

    let written = session.written();
    let has = |bytes: &[u8]| written.windows(bytes.len()).any(|window| window == bytes);
    assert!(!has(b"\x1b]"), "no title was set");
    assert!(!has(b"\x07"), "no bell was rung");
    assert!(!has("\u{202e}".as_bytes()) && !has("\u{2066}".as_bytes()), "no direction was turned");
    assert!(!has("\u{9b}".as_bytes()), "no 8-bit order came through");
    quits(session);
}

#[test]
fn a_hostile_server_puts_no_words_into_a_notification() {
    let server = Hostile::start(Mode::Escapes);
    let mut session = Session::start_with(&server.settings(), &["--profile", "hostile"]);
    session.wait_for("Testy");
    server.be(Mode::Crowded);
    session.keys("u");
    session.wait_for(&format!("message {}", MESSAGES - 1));
    answers(&mut session);

    let written = String::from_utf8_lossy(&session.written()).into_owned();
    let told: Vec<_> =
        written.split("\x1b]").skip(1).map(|rest| rest.split('\x07').next().unwrap()).collect();
    assert!(!told.is_empty(), "a new message is told");
    for text in told {
        let words = text.strip_prefix("9;").expect("nothing but a notification");
        assert!(words.len() < 80 && words.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{words:?}");
        assert!(!words.contains("message "), "what was written is not told: {words:?}");
    }
    quits(session);
}
