//! The screens as a person sees them: symbols, then every run of style, since symbols alone are
//! blind to colour. Review with `cargo insta review`.

#![expect(clippy::unwrap_used, reason = "a sample that cannot be made fails its test")]

#[path = "support/picture.rs"]
mod picture;
#[path = "support/sample_states.rs"]
mod sample_states;

#[path = "screens/control.rs"]
mod control;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use panic_console::app::callout::Classification;
use panic_console::app::draft::Draft;
use panic_console::app::intent::Intent;
use panic_console::app::screen::Target;
use panic_console::app::state::{Dialog, Environment, Notice, Pane, PendingWrite, State, Tone, Watch};
use panic_console::geo::view::Spot;
use panic_console::keymap::Keymap;
use panic_console::ui::{self, Look, Signs, ThemeName};
use picture::{Picture, pane_of, screen};
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use sample_states as sample;

/// A small window, a usual one, a wide one.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

/// In a window of this size.
fn sized(mut state: State, columns: u16, rows: u16) -> State {
    (state.columns, state.rows) = (columns, rows);
    state
}

fn look(theme: ThemeName) -> Look {
    Look::new(theme, Signs::Utf8, Keymap::default(), TimeZone::UTC)
}

fn dark(state: &State, columns: u16, rows: u16) -> Picture {
    screen(state, &look(ThemeName::Dark), columns, rows)
}

macro_rules! snapshot {
    ($name:expr, $picture:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $picture);
        })
    };
}

#[path = "screens/devices.rs"]
mod devices;
#[path = "screens/profiles.rs"]
mod profiles;
#[path = "screens/still.rs"]
mod still;
#[path = "screens/traffic.rs"]
mod traffic;
#[path = "screens/watch.rs"]
mod watch;

#[test]
fn every_condition_in_each_size_and_theme() {
    let conditions: [(&str, State); 5] = [
        ("usual", sample::dispatched()),
        ("idle", sample::idle()),
        ("looking", sample::looking()),
        ("offline", sample::offline()),
        ("wide_text", sample::wide_text()),
    ];
    for (name, state) in conditions {
        for theme in ThemeName::ALL {
            for (columns, rows) in SIZES {
                let picture = screen(&state, &look(theme), columns, rows);
                snapshot!(format!("{name}_{columns}x{rows}_{theme}"), picture);
            }
        }
    }
}

#[test]
fn whole_screens() {
    let screens: [(&str, State); 4] = [
        ("raising", sample::raising()),
        ("ended", sample::ended()),
        ("production", sample::production()),
        ("read_only", sample::read_only()),
    ];
    for (name, state) in screens {
        snapshot!(format!("{name}_80x24"), dark(&state, 80, 24));
        snapshot!(format!("{name}_120x36"), dark(&state, 120, 36).without_styles());
    }
}

#[test]
fn narrow_low_and_too_small() {
    for pane in Pane::ALL {
        let mut state = sample::dispatched();
        state.focus = pane;
        snapshot!(format!("narrow_50x20_{pane:?}"), dark(&state, 50, 20).without_styles());
    }
    snapshot!("narrow_30x8", dark(&sample::idle(), 30, 8));
    snapshot!("low_100x12", dark(&sample::dispatched(), 100, 12).without_styles());
    snapshot!("too_small_20x5", dark(&sample::dispatched(), 20, 5));
}

/// Each pane empty, loading, usual, in error, and with text as the network may send it.
#[test]
fn each_pane_in_each_condition() {
    let conditions: [(&str, State); 5] = [
        ("empty", sample::idle()),
        ("loading", sample::looking()),
        ("usual", sample::dispatched()),
        ("error", sample::offline()),
        ("wide", sample::wide_text()),
    ];
    for pane in Pane::ALL {
        for (name, state) in &conditions {
            let picture = pane_of(pane, state, &look(ThemeName::Dark), 80, 24);
            snapshot!(format!("pane_{pane:?}_{name}"), picture);
        }
    }
}

#[test]
fn the_branches_of_the_flow() {
    let branches: Vec<(&str, State)> = vec![
        ("created", sample::created()),
        ("manual", sample::manual()),
        ("responder_cancelled", sample::responder_cancelled()),
        ("dispatched_again", sample::dispatched_again()),
        ("soft_cancelled", sample::soft_cancelled()),
        ("arrived", sample::arrived()),
        ("closed", sample::ended()),
        ("false_alarm", sample::false_alarm()),
        ("unknown_status", sample::unknown_status()),
        ("stale", sample::stale()),
        ("raising_again", sample::raising_again()),
        ("refused", sample::refused()),
    ];
    for (name, state) in branches {
        for pane in [Pane::Flow, Pane::Responder] {
            let picture = pane_of(pane, &state, &look(ThemeName::Dark), 120, 36);
            snapshot!(format!("branch_{name}_{pane:?}"), picture.without_styles());
        }
    }
}

#[test]
fn what_was_verified_is_not_promised_any_more() {
    let mut state = sample::created();
    let flow = |state: &State| pane_of(Pane::Flow, state, &look(ThemeName::Dark), 120, 36).to_string();
    assert!(flow(&state).contains("A controller verifies a TEST"));
    let Watch::Live(followed) = &mut state.watch else { panic!("{state:?}") };
    followed.callout.times.verified = Some(sample::at(20));
    assert!(!flow(&state).contains("A controller verifies a TEST"), "{}", flow(&state));
}

#[test]
fn the_map_in_its_situations() {
    let situations: Vec<(&str, State)> = vec![
        ("just_heard", sample::just_heard()),
        ("estimated", sample::dispatched()),
        ("stale", sample::stale()),
        ("walking", sample::walking()),
        ("held_back", sample::held_back()),
        ("no_fix", sample::no_fix()),
        ("target", sample::pressed(in_route(sample::dispatched()), &[Intent::PickTarget, Intent::PanUp])),
        ("manual", sample::manual()),
    ];
    for (name, state) in situations {
        snapshot!(format!("map_{name}"), pane_of(Pane::Route, &state, &look(ThemeName::Dark), 120, 36));
    }
}

fn in_route(mut state: State) -> State {
    state.focus = Pane::Route;
    state
}

#[test]
fn without_a_fix_header_and_pane_say_since_when() {
    for (columns, rows) in [(80, 24), (120, 36)] {
        let picture = dark(&sample::no_fix(), columns, rows).without_styles().to_string();
        assert!(picture.lines().take(2).any(|line| line.contains("no fix for 34 s")), "{picture}");
        assert!(picture.contains("! No fix for 34 s") && !picture.contains('◆'), "{picture}");
    }
}

/// Whole screens with the map in the focus, as far as the person changed it.
#[test]
fn the_map_in_each_size_and_theme() {
    let focused = in_route;
    let mut streets = sample::dispatched();
    streets.map.streets = Some(1);
    let maps: [(&str, State); 5] = [
        ("base", focused(sample::on_ground(4_000))),
        ("streets", focused(streets.clone())),
        ("responder", sample::pressed(focused(streets.clone()), &[Intent::FollowNext])),
        ("nearer", sample::pressed(focused(streets.clone()), &[Intent::ZoomIn, Intent::ZoomIn])),
        ("by_hand", sample::pressed(focused(streets), &[Intent::ZoomOut, Intent::PanUp, Intent::PanLeft])),
    ];
    for (name, state) in maps {
        for theme in ThemeName::ALL {
            for (columns, rows) in SIZES {
                let picture = pane_of(Pane::Route, &state, &look(theme), columns, rows);
                let picture = if rows == 36 { picture } else { picture.without_styles() };
                // Only the styles differ from theme to theme.
                if rows == 36 || theme == ThemeName::Dark {
                    snapshot!(format!("map_{name}_{columns}x{rows}_{theme}"), picture);
                }
            }
        }
    }
}

#[test]
fn the_mouse_finds_the_cell_of_the_map() {
    let state = sample::dispatched();
    for (columns, rows) in SIZES {
        let picture = dark(&state, columns, rows).without_styles().to_string();
        let lines: Vec<Vec<char>> = picture.lines().map(|line| line.chars().collect()).collect();
        let of = |x: u16, y: u16| match ui::hit(&state, columns, rows, x, y) {
            Some(Target::Map(spot)) => Some(spot),
            _ => None,
        };
        let spots: Vec<(u16, u16, Spot)> = (0..rows)
            .flat_map(|y| (0..columns).map(move |x| (x, y)))
            .filter_map(|(x, y)| Some((x, y, of(x, y)?)))
            .collect();
        let (x, y, first) = spots[0];
        assert_eq!((first.column, first.row), (0, 0));
        assert_eq!(spots.len(), usize::from(first.columns) * usize::from(first.rows));
        assert!(spots.iter().all(|(to_x, to_y, spot)| (to_x - x, to_y - y) == (spot.column, spot.row)));
        let frame = panic_console::app::map::shown(&state);
        let own = spots.iter().min_by(|a, b| {
            let away = |spot: &Spot| state.own.fix.position.distance_to(spot.place(&frame));
            away(&a.2).total_cmp(&away(&b.2))
        });
        let (x, y, _) = own.unwrap();
        assert_eq!(lines[usize::from(*y)][usize::from(*x)], '◆', "{picture}");
    }
    let asked = with_dialog(state, Dialog::ConfirmSoftCancel);
    assert!((0..36).all(|y| ui::hit(&asked, 120, 36, 70, y).is_none()), "a dialog takes the mouse too");
}

#[test]
fn the_chat_in_its_situations() {
    let mut back = sample::long_chat(60);
    back.chat.scroll = 12;
    back.chat.unread = 2;
    let mut oldest = sample::long_chat(60);
    oldest.chat.scroll = 59;
    let mut writing = sample::dispatched();
    writing.focus = Pane::Chat;
    writing.chat.writing = true;
    "I can see the car from the window of the bathroom, it stands 前の門の前に now"
        .chars()
        .for_each(|c| writing.chat.draft.insert(c));
    for (name, state) in [("scrolled_back", back), ("oldest", oldest), ("writing", writing)] {
        let picture = pane_of(Pane::Chat, &state, &look(ThemeName::Dark), 80, 24);
        snapshot!(format!("chat_{name}"), picture);
    }
}

fn with_dialog(mut state: State, dialog: Dialog) -> State {
    state.dialog = Some(dialog);
    state
}

fn typed(text: &str) -> Draft {
    let mut draft = Draft::with_limit(8);
    text.chars().for_each(|c| draft.insert(c));
    draft
}

#[test]
fn dialogs() {
    let ends = sample::now() + SignedDuration::from_secs(5);
    let mut real = sample::production();
    real.watch = Watch::Idle;
    let problem = Some("four digits, or the word cancel to cancel without a code".into());
    let mut says = real.clone();
    says.watch = sample::dispatched().watch;
    "The gate code is 4711 and the dog is friendly".chars().for_each(|c| says.chat.draft.insert(c));
    let mut test = real.clone();
    test.settings.classification = Classification::Test;
    let mut first = test.clone();
    first.registers = true;
    let ask = |state: State, write| with_dialog(state, Dialog::ConfirmWrite { write });
    let dialogs: Vec<(&str, State)> = vec![
        ("confirm_raise", ask(test, PendingWrite::Raise)),
        ("confirm_first_raise", ask(first, PendingWrite::Raise)),
        ("confirm_message", ask(says, PendingWrite::Message)),
        ("countdown", with_dialog(sample::idle(), Dialog::Countdown { ends })),
        ("countdown_real", with_dialog(real.clone(), Dialog::Countdown { ends })),
        ("type_real", with_dialog(real, Dialog::TypeReal { draft: typed("RE") })),
        ("soft_cancel", with_dialog(sample::dispatched(), Dialog::ConfirmSoftCancel)),
        ("safe_code", with_dialog(sample::dispatched(), Dialog::SafeCode { draft: typed("47"), problem })),
        ("help", with_dialog(sample::idle(), Dialog::Help { scroll: 9 })),
        ("palette", with_dialog(sample::dispatched(), Dialog::Palette { draft: typed("clock"), chosen: 1 })),
        ("palette_nothing", with_dialog(sample::idle(), Dialog::Palette { draft: typed("xyz"), chosen: 0 })),
    ];
    for (name, state) in dialogs {
        snapshot!(format!("dialog_{name}_80x24"), dark(&state, 80, 24).without_styles());
        snapshot!(format!("dialog_{name}_30x8"), dark(&state, 30, 8).without_styles());
    }
}

#[test]
fn without_utf8_every_cell_is_plain() {
    let mut look = look(ThemeName::Mono);
    look.signs = Signs::Ascii;
    let countdown = Dialog::Countdown { ends: sample::now() + SignedDuration::from_secs(3) };
    for state in [
        sample::dispatched(),
        sample::wide_text(),
        sample::ended(),
        sample::held_back(),
        with_dialog(sample::idle(), countdown),
    ] {
        let picture = screen(&state, &look, 120, 36);
        assert!(picture.cells().all(|cell| cell.symbol().is_ascii()), "{picture}");
    }
    snapshot!("ascii_120x36", screen(&sample::dispatched(), &look, 120, 36).without_styles());
}

#[test]
fn mono_sets_no_colour_anywhere() {
    let states = [
        sample::dispatched(),
        sample::production(),
        sample::offline(),
        sample::held_back(),
        sample::ended(),
        with_dialog(sample::production(), Dialog::TypeReal { draft: typed("") }),
        with_dialog(sample::idle(), Dialog::Help { scroll: 0 }),
    ];
    for state in states {
        for (columns, rows) in [(80, 24), (120, 36), (50, 20)] {
            let picture = screen(&state, &look(ThemeName::Mono), columns, rows);
            let plain = picture.cells().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset);
            assert!(plain, "{picture}");
        }
    }
}

#[test]
fn body_text_is_the_terminal_s_own_colour() {
    for theme in [ThemeName::Dark, ThemeName::Light] {
        assert_eq!(look(theme).theme.text.fg, None);
        assert_eq!(look(theme).theme.strong.fg, None);
    }
}

#[test]
fn production_is_marked_from_edge_to_edge() {
    const SIZES: [(u16, u16); 8] =
        [(80, 24), (120, 36), (200, 60), (60, 18), (50, 20), (100, 12), (30, 8), (20, 5)];
    let mut offline = sample::offline();
    offline.settings = sample::settings(Environment::Production);
    for state in [sample::production(), offline] {
        for (theme, (columns, rows)) in
            ThemeName::ALL.iter().flat_map(|theme| SIZES.map(|size| (*theme, size)))
        {
            let picture = screen(&state, &look(theme), columns, rows);
            let alarm = look(theme).theme.alarm;
            let marked = |cell: &Cell| {
                let coloured = Some(cell.bg) == alarm.bg && Some(cell.fg) == alarm.fg;
                let plain = !cell.modifier.contains(Modifier::DIM);
                (theme == ThemeName::Mono || coloured) && plain && cell.modifier.contains(alarm.add_modifier)
            };
            let header = if rows < 18 { 1 } else { 2 };
            let mut cells = picture.cells().take(usize::from(columns * header));
            assert!(cells.all(marked), "{columns}x{rows} {theme}: {picture}");
        }
    }
}

/// What decides about safety stays in the header however narrow the screen is.
#[test]
fn the_header_never_drops_what_matters() {
    for columns in 30..140 {
        let text = dark(&sample::production(), columns, 24).to_string();
        let header: String = text.lines().take(2).collect();
        for needed in ["PRODUCTION", "REAL", "live"] {
            assert!(header.contains(needed), "{needed} at {columns}: {header}");
        }
        let text = dark(&sample::offline(), columns, 24).to_string();
        let header: String = text.lines().take(2).collect();
        for needed in ["DEMO", "TEST", "offline", "retry in 8 s"] {
            assert!(header.contains(needed), "{needed} at {columns}: {header}");
        }
    }
}

#[test]
fn the_data_s_age_is_on_every_pane_when_the_link_is_down() {
    for pane in Pane::ALL {
        let picture = pane_of(pane, &sample::offline(), &look(ThemeName::Dark), 80, 24).to_string();
        let border = picture.lines().next().unwrap();
        assert!(border.contains("48 s old"), "{border}");
    }
}

#[test]
fn an_estimate_is_hollow_and_a_stale_place_too() {
    let map = |state: &State| pane_of(Pane::Route, state, &look(ThemeName::Dark), 120, 36).to_string();
    let (heard, estimated) = (map(&sample::just_heard()), map(&sample::dispatched()));
    assert!(heard.contains("● responder") && !heard.contains('○'), "{heard}");
    assert!(estimated.contains("○ responder, estimated") && !estimated.contains('●'), "{estimated}");
    let stale = map(&sample::stale());
    assert!(stale.contains('○') && !stale.contains('●'), "{stale}");
}

#[test]
fn news_take_the_footer_until_they_are_old() {
    let mut state = sample::dispatched();
    let text = "cannot write to disk".into();
    state.notice = Some(Notice { text, tone: Tone::Problem, until: sample::now() });
    let footer =
        |state: &State| dark(state, 80, 24).without_styles().to_string().lines().nth(23).unwrap().to_owned();
    assert!(footer(&state).contains("help"), "{}", footer(&state));
    state.notice.as_mut().unwrap().until = sample::now() + SignedDuration::from_secs(1);
    assert_eq!(footer(&state).trim(), "! cannot write to disk");
}

#[test]
fn the_mouse_finds_the_pane_that_is_drawn_there() {
    let state = sample::dispatched();
    for (columns, rows) in [(80, 24), (120, 36), (50, 20)] {
        let text = dark(&state, columns, rows).without_styles().to_string();
        for (pane, title) in [
            (Pane::Flow, "Status"),
            (Pane::Responder, "Responder"),
            (Pane::Route, "Route"),
            (Pane::Chat, "Chat"),
        ] {
            let corners = ["╭", "┏"].map(|corner| format!("{corner} {title} "));
            let found = text.lines().enumerate().find_map(|(y, line)| {
                let at = corners.iter().find_map(|corner| line.find(corner.as_str()))?;
                Some((line, at, y))
            });
            let Some((line, at, y)) = found else {
                assert!(columns < 60 && pane != state.focus, "{title} is not drawn");
                continue;
            };
            let x = u16::try_from(line[..at].chars().count()).unwrap();
            let y = u16::try_from(y).unwrap();
            assert_eq!(ui::hit(&state, columns, rows, x, y), Some(Target::Pane(pane)));
        }
    }
    assert_eq!(ui::hit(&state, 80, 24, 3, 0), None, "the header is no pane");
    let asked = with_dialog(state, Dialog::ConfirmSoftCancel);
    assert_eq!(ui::hit(&asked, 80, 24, 10, 10), None, "a dialog takes the mouse too");
}

#[test]
fn no_size_and_no_state_breaks_the_drawing() {
    let states = vec![
        sample::idle(),
        sample::wide_text(),
        sample::walking(),
        sample::long_chat(300),
        sample::long_route(600),
        sample::on_ground(2_000),
        with_dialog(sample::idle(), Dialog::Countdown { ends: sample::now() }),
        with_dialog(sample::idle(), Dialog::Help { scroll: u16::MAX }),
        with_dialog(sample::dispatched(), Dialog::SafeCode { draft: typed("cancel"), problem: None }),
        with_dialog(sample::dispatched(), Dialog::TypeReal { draft: typed("REAL") }),
    ];
    for mut state in states {
        for pane in Pane::ALL {
            state.focus = pane;
            for (columns, rows) in (1..130).step_by(11).flat_map(|x| (1..50).step_by(5).map(move |y| (x, y)))
            {
                let _ = dark(&state, columns, rows);
            }
        }
    }
}

#[test]
fn a_real_callout_is_called_real_whatever_the_settings_say() {
    let mut state = sample::dispatched();
    state.settings = sample::settings(Environment::Staging);
    if let Watch::Live(followed) = &mut state.watch {
        followed.callout.classification = Some(Classification::Real);
    }
    assert!(dark(&state, 80, 24).to_string().lines().next().unwrap().contains("REAL"));
}
