//! The traffic screen.

use super::{SIZES, dark, look, picture::screen};
#[allow(dead_code, reason = "the benchmarks use the rest")]
#[path = "../support/traffic_states.rs"]
mod traffic_states;

use super::sample_states;
use jiff::SignedDuration;
use panic_console::app::intent::Intent;
use panic_console::app::screen::Target;
use panic_console::app::state::State;
use panic_console::app::traffic::{Spot, View};
use panic_console::ui::{self, ThemeName};
use traffic_states as sample;

fn up(state: State, rows: usize) -> State {
    sample::press(state, &vec![Intent::ScrollUp; rows])
}

#[test]
fn the_traffic_in_each_size_and_theme() {
    for theme in ThemeName::ALL {
        for (columns, rows) in SIZES {
            let state = sample::traffic(columns, rows);
            snapshot!(
                format!("traffic_{columns}x{rows}_{theme}"),
                screen(&state, &look(theme), columns, rows)
            );
        }
    }
}

#[test]
fn its_situations() {
    use Intent::{CopyCurlWithToken, Export, Find, NextMatch, NextView, Open, PanRight, ScrollDown, Submit};
    for (columns, rows) in [(80, 24), (120, 36)] {
        let all = || sample::traffic(columns, rows);
        let filtered = sample::write(sample::press(all(), &[Find]), "callouts -same");
        let nothing = sample::write(sample::press(all(), &[Find]), "webhooks");
        let reading = sample::press(all(), &[NextView, Open, ScrollDown, ScrollDown, ScrollDown]);
        let searching = sample::write(sample::press(reading.clone(), &[Find]), "eta");
        let found = sample::press(searching.clone(), &[Submit, NextMatch]);
        let aside = sample::press(reading.clone(), &[PanRight, PanRight]);
        let situations: Vec<(&str, State)> = vec![
            ("aside", aside),
            ("empty", sample::empty(columns, rows)),
            ("same", up(all(), 7)),
            ("changes", up(all(), 4)),
            ("failed", up(all(), 1)),
            ("first", up(all(), 20)),
            ("request", sample::press(up(all(), 21), &[NextView, NextView])),
            ("filter", filtered),
            ("filter_nothing", nothing),
            ("reading", reading),
            ("searching", searching),
            ("found", found),
            ("export", sample::press(all(), &[Export])),
        ];
        for (name, state) in situations {
            snapshot!(
                format!("traffic_{name}_{columns}x{rows}"),
                dark(&state, columns, rows).without_styles()
            );
        }
        let asked = sample::press(all(), &[CopyCurlWithToken]);
        snapshot!(format!("traffic_token_{columns}x{rows}"), dark(&asked, columns, rows).without_styles());
    }
    snapshot!("traffic_50x12", dark(&sample::traffic(50, 12), 50, 12).without_styles());
    snapshot!("traffic_30x8", dark(&sample::traffic(30, 8), 30, 8).without_styles());
}

/// Drawing and the mouse agree: where a row's words are, the mouse finds that row.
#[test]
fn the_mouse_finds_what_is_drawn() {
    for (columns, rows) in SIZES {
        let state = sample::traffic(columns, rows);
        let text = dark(&state, columns, rows).without_styles().to_string();
        let hits = |word: &str| {
            let (y, line) = text.lines().enumerate().find(|(_, line)| line.contains(word)).unwrap();
            let x = line.split(word).next().unwrap().chars().count();
            ui::hit(&state, columns, rows, u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
        };
        let timed_out = state.traffic.log.last().unwrap() - 1;
        assert_eq!(hits("8.0 s"), Some(Target::Traffic(Spot::Exchange(timed_out))), "{text}");
        assert_eq!(hits("reply"), Some(Target::Traffic(Spot::View(View::Reply))), "{text}");
        assert_eq!(hits("The one before failed"), Some(Target::Traffic(Spot::Row(0))), "{text}");
    }
}

/// The same row is drawn on the same line, however many exchanges come.
#[test]
fn nothing_jumps() {
    for (columns, rows) in SIZES {
        let mut state = up(sample::traffic(columns, rows), 9);
        let drawn = |state: &State| {
            let text = dark(state, columns, rows).without_styles().to_string();
            text.lines().filter(|line| !line.contains(" of ")).map(str::to_owned).collect::<Vec<_>>()
        };
        let before = drawn(&state);
        let newest = state.traffic.log.exchange(state.traffic.log.last().unwrap()).unwrap().exchange;
        for turn in 0..rows {
            let mut next = newest.clone();
            next.at = newest.at + SignedDuration::from_secs(turn.into());
            state = sample::hear(state, next);
        }
        let after = drawn(&state);
        if rows < 30 {
            assert_eq!(before, after);
        }
        assert_eq!(before[..12], after[..12], "where there is room below, new ones appear there");
    }
}

#[test]
fn hostile_text_draws_nothing_of_its_own() {
    let mut state = sample::traffic(120, 36);
    let mut hostile = state.traffic.log.exchange(1).unwrap().exchange;
    hostile.path = "/x\u{1b}[2J\u{202e}消防車".into();
    hostile.reply.body = Some(panic_console::traffic::Body::new("{\"\u{202e}evil\":\"\\u001b]0;x\\u0007\"}"));
    state = sample::press(sample::hear(state, hostile), &[Intent::NextView]);
    let picture = dark(&state, 120, 36).without_styles();
    assert!(
        picture.cells().all(|cell| !cell.symbol().contains(['\u{1b}', '\u{202e}', '\u{7}'])),
        "{picture}"
    );
    assert!(picture.to_string().contains("\\u202eevil"), "{picture}");
}
