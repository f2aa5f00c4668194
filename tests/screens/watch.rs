//! Many callouts that are watched.

use super::{SIZES, look, picture::screen, sample_states};
#[allow(dead_code, reason = "the benchmarks use the rest")]
#[path = "../support/watch_states.rs"]
mod watch_states;

use panic_console::app::intent::Intent;
use panic_console::app::screen::Target;
use panic_console::app::state::State;
use panic_console::ui::{self, Signs, ThemeName};
use watch_states as sample;

fn text(state: &State, columns: u16, rows: u16) -> String {
    screen(state, &look(ThemeName::Dark), columns, rows).without_styles().to_string()
}

#[test]
fn the_watch_in_each_size_and_theme() {
    for theme in ThemeName::ALL {
        for (columns, rows) in SIZES {
            let state = sample::press(sample::with_news(columns, rows), &[Intent::ScrollDown]);
            snapshot!(format!("watch_{columns}x{rows}_{theme}"), screen(&state, &look(theme), columns, rows));
        }
    }
}

#[test]
fn its_situations() {
    use Intent::{DismissClosed, Find, NextPane, Open, ScrollToEnd};
    for (columns, rows) in [(80, 24), (120, 36)] {
        let of = |make: fn(u16, u16) -> State| make(columns, rows);
        let situations: Vec<(&str, State)> = vec![
            ("asking", of(sample::started)),
            ("none", of(sample::none)),
            ("refused", of(sample::refused)),
            ("stale", of(sample::stale)),
            ("wide", of(sample::wide)),
            ("thousand", sample::press(sample::many(1_000, columns, rows), &[ScrollToEnd])),
            ("filter", sample::write(sample::press(of(sample::with_news), &[Find]), "dispatched")),
            ("no_match", sample::write(sample::press(of(sample::with_news), &[Find]), "nobody")),
            ("dismissed", sample::press(of(sample::with_news), &[DismissClosed])),
            ("in_route", sample::press(of(sample::with_news), &[NextPane, NextPane, NextPane])),
            ("in_panes", sample::press(of(sample::with_news), &[Open])),
        ];
        for (name, state) in situations {
            let picture = screen(&state, &look(ThemeName::Dark), columns, rows);
            snapshot!(format!("watch_{name}_{columns}x{rows}"), picture.without_styles());
        }
    }
}

#[test]
fn a_narrow_window_shows_the_list_or_a_pane() {
    let list = sample::with_news(50, 20);
    snapshot!("watch_narrow_50x20", screen(&list, &look(ThemeName::Dark), 50, 20).without_styles());
    let pane = sample::press(list, &[Intent::Open]);
    snapshot!("watch_narrow_pane_50x20", screen(&pane, &look(ThemeName::Dark), 50, 20).without_styles());
    snapshot!(
        "watch_30x8",
        screen(&sample::with_news(30, 8), &look(ThemeName::Dark), 30, 8).without_styles()
    );
}

#[test]
fn what_must_not_be_missed_is_said_in_words_in_every_theme() {
    for theme in ThemeName::ALL {
        let state = sample::with_news(120, 36);
        let picture = screen(&state, &look(theme), 120, 36).without_styles().to_string();
        for word in ["! DURESS", "SOFT CANCEL", "2 new", "READ-ONLY", "dispatched"] {
            assert!(picture.contains(word), "{word} in {theme}:\n{picture}");
        }
    }
    // Also when the filter hides their rows.
    let hidden = sample::write(sample::press(sample::with_news(120, 36), &[Intent::Find]), "completed");
    let picture = text(&hidden, 120, 36);
    assert!(picture.contains(" 1 DURESS ") && !picture.contains("! DURESS"), "{picture}");
}

#[test]
fn old_words_are_marked_and_no_eta_counts_on() {
    let marked = |picture: &str| {
        let is_age = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        picture.lines().filter(|line| line.split("! ").skip(1).any(is_age)).count()
    };
    let fresh = text(&sample::many(12, 120, 36), 120, 36);
    assert_eq!(marked(&fresh), 0, "{fresh}");
    let stale = text(&sample::stale(120, 36), 120, 36);
    assert!(marked(&stale) >= 7, "{stale}");
}

#[test]
fn text_from_outside_breaks_no_row() {
    for (columns, rows) in SIZES {
        let state = sample::wide(columns, rows);
        let picture = text(&state, columns, rows);
        assert!(!picture.contains(['\u{1b}', '\u{202e}']), "{picture}");
        for line in picture.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= usize::from(columns), "{line}");
        }
    }
}

#[test]
fn no_size_breaks_it_and_plain_terminals_get_plain_signs() {
    let states = [sample::with_news(120, 36), sample::wide(120, 36), sample::none(120, 36)];
    for state in &states {
        for (columns, rows) in (1..220).step_by(13).flat_map(|x| (1..60).step_by(5).map(move |y| (x, y))) {
            let mut state = state.clone();
            (state.columns, state.rows) = (columns, rows);
            let _ = screen(&state, &look(ThemeName::Dark), columns, rows);
        }
    }
    let mut plain = look(ThemeName::Dark);
    plain.signs = Signs::Ascii;
    let picture = screen(&sample::with_news(80, 24), &plain, 80, 24).without_styles().to_string();
    assert!(picture.is_ascii(), "{picture}");
}

#[test]
fn the_mouse_finds_the_row_that_is_drawn() {
    for (columns, rows) in [(80, 24), (120, 36), (200, 60), (50, 20)] {
        let state = sample::press(sample::with_news(columns, rows), &[Intent::PageDown]);
        let picture = text(&state, columns, rows);
        let lines: Vec<&str> = picture.lines().collect();
        let watching = state.watching.as_ref().unwrap();
        let mut found = 0;
        for y in 0..rows {
            if let Some(Target::Watched(Some(row))) = ui::hit(&state, columns, rows, 5, y) {
                let id = watching.order[usize::try_from(row).unwrap()].as_str();
                assert!(lines[usize::from(y)].contains(id), "{id} in {}", lines[usize::from(y)]);
                found += 1;
            }
        }
        assert!(found >= 4, "{found} of {columns}x{rows}");
    }
}
