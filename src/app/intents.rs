//! What the person wants, led to the file that knows how.

use super::action::{Effect, Exit};
use super::intent::Intent;
use super::screen::Screen;
use super::state::{Call, Dialog, Pane, State, Tone, Watch};
use super::{
    Effects, calls, chat, control, devices, dialogs, link, map, palette, position, profiles, raise, screen,
    traffic, watching,
};
use tui_input::InputRequest;

/// The speeds of the demo's clock that the keys step through.
const SPEEDS: [f64; 6] = [1.0, 2.0, 5.0, 10.0, 20.0, 60.0];
/// Messages, or rows of help, that a page key moves.
const PAGE: i16 = 10;

pub(super) fn apply(state: &mut State, intent: Intent) -> Effects {
    if state.is_blind() && intent != Intent::Quit {
        return Vec::new();
    }
    let on_customer = state.screen == Screen::Customer;
    match intent {
        Intent::ShowCustomer => screen::show(state, Screen::Customer),
        Intent::ShowControlRoom => screen::show(state, Screen::Control),
        Intent::ShowDevices => screen::show(state, Screen::Devices),
        Intent::ShowTraffic => screen::show(state, Screen::Traffic),
        Intent::Submit if on_customer && map::is_picking(state) => position::drive_to_cursor(state),
        Intent::Back if on_customer && map::is_picking(state) => {
            map::take_cursor(state);
            Vec::new()
        }
        Intent::SplitView => screen::toggle_split(state),
        Intent::OtherSide => screen::other_side(state),
        Intent::Confirm => dialogs::confirm(state),
        Intent::Submit => dialogs::submit(state),
        Intent::Back => dialogs::back(state),
        Intent::Faster => change_speed(state, |at, now| at > now, SPEEDS.iter().copied()),
        Intent::Slower => change_speed(state, |at, now| at < now, SPEEDS.iter().rev().copied()),
        Intent::Help => {
            state.dialog = Some(Dialog::Help { scroll: 0 });
            Vec::new()
        }
        Intent::Commands => palette::open(state),
        Intent::Profiles if state.is_watching() => {
            state.tell(Tone::Info, "another profile is another watch: quit, and name it with --profile");
            Vec::new()
        }
        Intent::Profiles => profiles::open(state),
        Intent::Quit => {
            state.exit = Some(Exit::Quit);
            Vec::new()
        }
        _ if matches!(state.dialog, Some(Dialog::Help { .. })) => {
            dialogs::scroll_help(state, rows(intent));
            Vec::new()
        }
        _ if matches!(state.dialog, Some(Dialog::Palette { .. })) && rows(intent) != 0 => {
            palette::choose(state, rows(intent));
            Vec::new()
        }
        _ if matches!(state.dialog, Some(Dialog::Profiles { .. })) && rows(intent) != 0 => {
            profiles::choose(state, rows(intent))
        }
        _ if devices::in_form(state, intent) => Vec::new(),
        _ if is_editing(intent) => edit(state, intent),
        of_screen => match state.screen {
            Screen::Customer if state.is_watching() => watching::apply(state, of_screen),
            Screen::Customer => customer(state, of_screen),
            Screen::Control => control::apply(state, of_screen),
            Screen::Traffic => traffic::apply(state, of_screen),
            Screen::Devices => devices::apply(state, of_screen),
        },
    }
}

fn customer(state: &mut State, intent: Intent) -> Effects {
    match intent {
        Intent::Raise => raise::ask(state),
        Intent::SoftCancel => dialogs::ask_soft_cancel(state),
        Intent::Cancel => dialogs::ask_cancel(state),
        Intent::Write => write(state),
        Intent::Retry => chat::retry(state),
        Intent::Refresh => refresh(state),
        Intent::NextPane => step_focus(state, 1),
        Intent::PreviousPane => step_focus(state, Pane::ALL.len() - 1),
        Intent::FocusUp | Intent::FocusDown | Intent::FocusLeft | Intent::FocusRight => {
            let pane = neighbour(state.focus, intent);
            focus(state, pane)
        }
        Intent::ToggleWalking => position::toggle_walking(state),
        Intent::NextReception => position::next_reception(state),
        of_map if (Intent::PanLeft..=Intent::PickTarget).contains(&of_map) => on_map(state, of_map),
        scrolling => {
            let focus = state.focus;
            wheel(state, focus, rows(scrolling))
        }
    }
}

pub(super) fn on_map(state: &mut State, intent: Intent) -> Effects {
    match intent {
        Intent::PanLeft => map::pan(state, -1.0, 0.0),
        Intent::PanRight => map::pan(state, 1.0, 0.0),
        Intent::PanUp => map::pan(state, 0.0, 1.0),
        Intent::PanDown => map::pan(state, 0.0, -1.0),
        Intent::ZoomIn => map::zoom(state, 1),
        Intent::ZoomOut => map::zoom(state, -1),
        Intent::FollowNext => map::follow_next(state),
        Intent::ResetMap => map::reset(state),
        Intent::PickTarget => map::pick(state),
        _ => {}
    }
    Vec::new()
}

/// Rows down that a scrolling intent means: of a page, or messages towards the newest.
pub(super) fn rows(intent: Intent) -> i16 {
    match intent {
        Intent::ScrollUp => -1,
        Intent::ScrollDown => 1,
        Intent::PageUp => -PAGE,
        Intent::PageDown => PAGE,
        Intent::ScrollToStart => i16::MIN,
        Intent::ScrollToEnd => i16::MAX,
        _ => 0,
    }
}

fn is_editing(intent: Intent) -> bool {
    (Intent::EraseBack..=Intent::CursorEnd).contains(&intent)
}

fn edit(state: &mut State, intent: Intent) -> Effects {
    let request = match intent {
        Intent::EraseBack => InputRequest::DeletePrevChar,
        Intent::EraseForward => InputRequest::DeleteNextChar,
        Intent::EraseWord => InputRequest::DeletePrevWord,
        Intent::EraseLine => InputRequest::DeleteLine,
        Intent::CursorLeft => InputRequest::GoToPrevChar,
        Intent::CursorRight => InputRequest::GoToNextChar,
        Intent::WordLeft => InputRequest::GoToPrevWord,
        Intent::WordRight => InputRequest::GoToNextWord,
        Intent::CursorStart => InputRequest::GoToStart,
        Intent::CursorEnd => InputRequest::GoToEnd,
        _ => return Vec::new(),
    };
    dialogs::edit(state, request)
}

fn write(state: &mut State) -> Effects {
    if state.settings.read_only {
        state.tell(Tone::Warning, "read-only: nothing can be written from here");
    } else if matches!(state.watch, Watch::Live(_)) {
        state.focus = Pane::Chat;
        state.chat.writing = true;
        state.chat.unread = 0;
    } else {
        state.tell(Tone::Warning, "no active callout: there is nobody to write to");
    }
    Vec::new()
}

fn refresh(state: &mut State) -> Effects {
    match &state.watch {
        Watch::Idle | Watch::Ended { .. } => link::find(state),
        _ => link::poll_now(state),
    }
}

pub(super) fn focus(state: &mut State, pane: Pane) -> Effects {
    if state.dialog.is_some() {
        return Vec::new();
    }
    state.focus = pane;
    if pane == Pane::Chat {
        if state.chat.scroll == 0 {
            state.chat.unread = 0;
        }
    } else {
        state.chat.writing = false;
    }
    Vec::new()
}

fn step_focus(state: &mut State, by: usize) -> Effects {
    let at = Pane::ALL.iter().position(|pane| *pane == state.focus).unwrap_or(0);
    focus(state, Pane::ALL[(at + by) % Pane::ALL.len()])
}

/// Status flow and responder stand on the left, route and chat on the right.
fn neighbour(pane: Pane, intent: Intent) -> Pane {
    match (intent, pane) {
        (Intent::FocusUp, Pane::Responder) | (Intent::FocusLeft, Pane::Route) => Pane::Flow,
        (Intent::FocusUp, Pane::Chat) | (Intent::FocusRight, Pane::Flow) => Pane::Route,
        (Intent::FocusDown, Pane::Flow) | (Intent::FocusLeft, Pane::Chat) => Pane::Responder,
        (Intent::FocusDown, Pane::Route) | (Intent::FocusRight, Pane::Responder) => Pane::Chat,
        _ => pane,
    }
}

pub(super) fn wheel(state: &mut State, pane: Pane, lines: i16) -> Effects {
    if lines != 0 && !dialogs::scroll_help(state, lines) && pane == Pane::Chat {
        chat::scroll(state, -isize::from(lines));
    }
    Vec::new()
}

fn change_speed(
    state: &mut State,
    is_next: impl Fn(f64, f64) -> bool,
    mut speeds: impl Iterator<Item = f64>,
) -> Effects {
    let Some(demo) = &state.demo else {
        state.tell(Tone::Info, "only the demo's clock can be changed");
        return Vec::new();
    };
    let now = demo.speed;
    let Some(speed) = speeds.find(|speed| is_next(*speed, now)) else { return Vec::new() };
    if calls::is_waiting(state, |call| matches!(call, Call::Speed)) {
        return Vec::new();
    }
    let call = calls::start(state, Call::Speed);
    vec![Effect::SetSpeed { call, speed }]
}
