//! Reduced motion: a picture that changes when something happened, and not because time goes by.

use super::{control, dark, look, picture::screen, sample_states as sample, with_dialog};
use jiff::SignedDuration;
use panic_console::app::action::{Action, Timer};
use panic_console::app::callout::Status;
use panic_console::app::state::{Dialog, State, Watch};
use panic_console::app::timers::deadlines;
use panic_console::app::update;
use panic_console::ui::ThemeName;

fn still(mut state: State) -> State {
    state.still = true;
    state
}

fn situations() -> Vec<(&'static str, State)> {
    let ends = sample::now() + SignedDuration::from_secs(60);
    vec![
        ("looking", sample::looking()),
        ("idle", sample::idle()),
        ("raising", sample::raising()),
        ("raising_again", sample::raising_again()),
        ("created", sample::created()),
        ("dispatched", sample::dispatched()),
        ("just_heard", sample::just_heard()),
        ("stale", sample::stale()),
        ("offline", sample::offline()),
        ("arrived", sample::arrived()),
        ("ended", sample::ended()),
        ("held_back", sample::held_back()),
        ("no_fix", sample::no_fix()),
        ("control", control::usual()),
        ("split", control::split(control::usual())),
        ("countdown", with_dialog(sample::idle(), Dialog::Countdown { ends })),
    ]
}

/// The state at the seconds after, if nothing came but the clock.
fn later(state: &State, seconds: i64) -> State {
    let now = sample::now() + SignedDuration::from_secs(seconds);
    update(state.clone(), Action::Tick { timer: Timer::Display, now }).0
}

#[test]
fn ten_seconds_in_which_nothing_happened_change_nothing() {
    for (name, state) in situations() {
        let state = still(state);
        for (columns, rows) in [(80, 24), (120, 36), (200, 60)] {
            let shown = |state: &State| screen(state, &look(ThemeName::Dark), columns, rows).to_string();
            let before = shown(&later(&state, 0));
            for seconds in 1..=10 {
                assert_eq!(
                    shown(&later(&state, seconds)),
                    before,
                    "{name} {columns}x{rows} after {seconds} s"
                );
            }
        }
    }
}

/// That the test above could fail: the same pictures move where motion is not reduced.
#[test]
fn with_motion_the_same_ten_seconds_move() {
    for (name, state) in situations() {
        let quiet = ["looking", "idle", "ended"].contains(&name);
        let shown = |state: &State| screen(state, &look(ThemeName::Dark), 120, 36).to_string();
        assert_eq!(shown(&later(&state, 0)) == shown(&later(&state, 10)), quiet, "{name}");
    }
}

#[test]
fn nobody_is_woken_for_a_second_that_passed() {
    for (name, state) in situations() {
        let now = state.now;
        let woken = deadlines(&still(state.clone())).display;
        let expected = match (&state.dialog, &state.watch) {
            (Some(Dialog::Countdown { ends }), _) => Some(*ends),
            // What is live stops being live by the clock alone, and that must be seen.
            (_, Watch::Live(followed)) => {
                Some(followed.seen_at + state.settings.poll_every * 2 + SignedDuration::from_millis(1))
                    .filter(|at| *at > now)
            }
            _ => None,
        };
        assert_eq!(woken, expected, "{name}");
    }
}

#[test]
fn what_is_not_live_any_more_is_seen_to_be_so() {
    let state = still(sample::dispatched());
    let at = deadlines(&state).display.unwrap();
    let after = update(state.clone(), Action::Tick { timer: Timer::Display, now: at }).0;
    let told = dark(&after, 120, 36).to_string();
    assert!(told.contains("! stale · 12:02:56"), "{told}");
    assert!(dark(&state, 120, 36).to_string().contains("● live · 12:02:56"));
}

/// Never drawn as if it were there now, since nothing moves it on.
#[test]
fn the_responder_is_where_they_were_heard_of_and_hollow() {
    let state = still(sample::just_heard());
    let told = dark(&state, 120, 36).to_string();
    assert!(told.contains("responder, last known"), "{told}");
    let Some(followed) = state.followed() else { panic!("nobody is followed") };
    assert_eq!(followed.callout.status, Status::Dispatched);
}

#[test]
fn pictures() {
    for (name, state) in situations() {
        if ["dispatched", "offline", "held_back", "control", "countdown"].contains(&name) {
            let state = still(state);
            snapshot!(format!("still_{name}_80x24"), dark(&state, 80, 24).without_styles());
            snapshot!(format!("still_{name}_120x36"), dark(&state, 120, 36).without_styles());
        }
    }
}
