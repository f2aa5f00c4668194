//! The last line: news while it lives, else the few keys that are most useful now.

use super::Look;
use super::layout::Shape;
use super::lines::{self, Parts};
use super::{signs, traffic};
use crate::app::control::{Form, Part, Reach};
use crate::app::countdown_can_be_cut;
use crate::app::devices;
use crate::app::intent::Intent;
use crate::app::map;
use crate::app::screen::Screen;
use crate::app::state::{Delivery, Dialog, Pane, State, Tone, Watch};
use crate::app::traffic::Focus;
use crate::app::watching::Watching;
use crate::keymap::Scope;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Returns where the cursor stands, if an input line takes the footer's place.
pub(super) fn draw(
    state: &State,
    look: &Look,
    shape: Shape,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    if let Some(cursor) = traffic::footer_line(state, look, area, buf) {
        return Some(cursor);
    }
    let width = area.width.saturating_sub(2);
    let line = match &state.notice {
        // In front of a question its keys matter more than any news.
        Some(notice) if notice.until > state.now && state.dialog.is_none() => {
            let style = match notice.tone {
                Tone::Info => look.theme.info,
                Tone::Warning => look.theme.warn,
                Tone::Problem => look.theme.danger,
            };
            let sign = if notice.tone == Tone::Info { signs::LIVE } else { signs::WARNING };
            Line::from(Span::styled(format!("{sign} {}", notice.text), style))
        }
        _ => hints(state, look, shape).fit(usize::from(width), "   ", Style::new()),
    };
    lines::put(buf, area.x + 1, area.y, width, &line);
    None
}

fn hints(state: &State, look: &Look, shape: Shape) -> Parts<'static> {
    let mut parts = Parts::default();
    for (importance, (scope, intent)) in (1u8..).zip(useful(state)) {
        // Help and quit are how one finds everything else.
        // So is the next pane, where only one is shown.
        let importance = match intent {
            Intent::Help | Intent::Quit => 1,
            Intent::NextPane if shape == Shape::Single || hides_parts(state) => 1,
            _ => importance,
        };
        if let Some(hint) = hint(look, scope, intent, sifts(state)) {
            parts.add(importance, hint);
        }
    }
    parts
}

/// What is typed looks for something and goes nowhere.
fn sifts(state: &State) -> bool {
    state.traffic.typing.is_some() || state.watching.as_ref().is_some_and(|watching| watching.typing)
}

/// The control room has parts that there is no room for, and no other way to find them.
fn hides_parts(state: &State) -> bool {
    state.screen == Screen::Control && state.columns < State::SPLIT
}

/// `p raise a panic`. `None` for an intent that has no key there.
fn hint(look: &Look, scope: Scope, intent: Intent, sifts: bool) -> Option<Line<'static>> {
    let bound = look.keys.bindings().iter().find(|bound| bound.scope == scope && bound.intent == intent)?;
    let help = if (scope, intent) == (Scope::Text, Intent::Submit) && sifts { "done" } else { bound.help };
    Some(Line::from(vec![
        Span::styled(look.keys.keys_of(scope, intent), look.theme.key),
        Span::styled(format!(" {help}"), look.theme.muted),
    ]))
}

fn useful(state: &State) -> Vec<(Scope, Intent)> {
    let of = |scope: Scope, intents: &[Intent]| intents.iter().map(|intent| (scope, *intent)).collect();
    match &state.dialog {
        Some(Dialog::Help { .. }) => of(Scope::Help, &[Intent::Back, Intent::ScrollDown, Intent::ScrollUp]),
        Some(Dialog::Palette { .. }) => {
            of(Scope::Palette, &[Intent::Submit, Intent::ScrollDown, Intent::Back])
        }
        Some(Dialog::Countdown { .. }) if !countdown_can_be_cut(state) => of(Scope::Dialog, &[Intent::Back]),
        Some(Dialog::Countdown { .. }) => of(Scope::Dialog, &[Intent::Confirm, Intent::Back]),
        Some(Dialog::Profiles { .. }) => {
            of(Scope::Profiles, &[Intent::Submit, Intent::ScrollDown, Intent::Back])
        }
        Some(
            Dialog::ConfirmSoftCancel
            | Dialog::ConfirmWrite { .. }
            | Dialog::CopyToken
            | Dialog::Devices(devices::Form::Unlink { .. })
            | Dialog::Leave { .. },
        ) => of(Scope::Question, &[Intent::Confirm, Intent::Back]),
        Some(Dialog::Control(Form::Close { .. })) => of(Scope::Text, &[Intent::Submit, Intent::Back]),
        Some(Dialog::Control(_) | Dialog::Devices(_)) => Vec::new(),
        Some(Dialog::TypeReal { .. } | Dialog::SafeCode { .. }) => {
            // The box itself tells what its other keys do.
            of(Scope::Text, &[Intent::EraseLine])
        }
        None if state.control.writing => of(Scope::Text, &[Intent::Submit, Intent::Back]),
        None if state.control.moving.is_some() => in_moving(),
        None if state.chat.writing => of(Scope::Text, &[Intent::Submit, Intent::Back, Intent::PageUp]),
        None => match state.screen {
            Screen::Customer => match &state.watching {
                Some(watching) => in_watch(state, watching),
                None => in_panes(state),
            },
            Screen::Control => in_control(state),
            Screen::Traffic => on_traffic(state),
            Screen::Devices => on_devices(state),
        },
    }
}

fn on_traffic(state: &State) -> Vec<(Scope, Intent)> {
    let traffic = &state.traffic;
    if traffic.typing.is_some() {
        return [Intent::Submit, Intent::Back].map(|intent| (Scope::Text, intent)).to_vec();
    }
    let wanted: &[Intent] = match traffic.focus {
        _ if traffic.log.is_empty() => &[],
        Focus::List => &[
            Intent::Find,
            Intent::Open,
            Intent::NextView,
            Intent::CopyCurl,
            Intent::CopyBody,
            Intent::Export,
        ],
        Focus::Body => &[
            Intent::Back,
            Intent::Find,
            Intent::FoldAll,
            Intent::NextView,
            Intent::CopyBody,
            Intent::SaveBody,
            Intent::CopyCurl,
        ],
    };
    let mut useful: Vec<(Scope, Intent)> = wanted.iter().map(|intent| (Scope::Traffic, *intent)).collect();
    useful.extend([Intent::ShowCustomer, Intent::Help, Intent::Quit].map(|intent| (Scope::Screens, intent)));
    useful
}

fn on_devices(state: &State) -> Vec<(Scope, Intent)> {
    let of = |scope: Scope, intents: &[Intent]| intents.iter().map(|one| (scope, *one)).collect::<Vec<_>>();
    if state.devices.shifting.is_some() {
        return of(
            Scope::Shifting,
            &[
                Intent::Submit,
                Intent::Back,
                Intent::TypePlace,
                Intent::FocusUp,
                Intent::FocusDown,
                Intent::FocusLeft,
                Intent::FocusRight,
            ],
        );
    }
    let device = state.devices.device();
    let mut useful = Vec::new();
    if state.has_devices() && !state.settings.read_only {
        if device.is_some() {
            useful.extend(of(Scope::Devices, &[Intent::PressDevice]));
        }
        if device.is_some_and(|device| device.active) {
            useful.extend(of(Scope::Devices, &[Intent::Open, Intent::CancelDevice]));
        }
        useful.extend(of(Scope::Devices, &[Intent::LinkDevice]));
        if device.is_some() {
            useful.extend(of(
                Scope::Devices,
                &[Intent::MoveDevice, Intent::DeviceBattery, Intent::UnlinkDevice],
            ));
        }
    } else if device.is_some_and(|device| device.callout.is_some()) {
        useful.extend(of(Scope::Devices, &[Intent::Open]));
    }
    useful.extend(of(Scope::Screens, &[Intent::Help, Intent::Quit]));
    useful
}

fn in_moving() -> Vec<(Scope, Intent)> {
    use Intent::{Back, FocusDown, FocusLeft, FocusRight, FocusUp, Submit, ZoomIn, ZoomOut};
    [Submit, Back, FocusUp, FocusDown, FocusLeft, FocusRight, ZoomIn, ZoomOut]
        .map(|intent| (Scope::Moving, intent))
        .into()
}

/// The steps stand beside the callout.
fn in_control(state: &State) -> Vec<(Scope, Intent)> {
    let mut useful = Vec::new();
    let mut add = |scope: Scope, intents: &[Intent]| useful.extend(intents.iter().map(|one| (scope, *one)));
    if state.reach() == Reach::Simulator {
        if state.control.focus == Part::Map {
            add(Scope::RoomMap, &[Intent::ZoomIn, Intent::ZoomOut, Intent::ResetMap]);
        }
        if !state.settings.read_only {
            if state.control.case().is_some_and(|case| !case.status.is_closed()) {
                add(Scope::Control, &[Intent::Write, Intent::CannedReply]);
            }
            add(Scope::Control, &[Intent::PlaceVehicle]);
            if state.control.picked().is_some() {
                add(Scope::Control, &[Intent::MoveVehicle, Intent::SwitchVehicle]);
            }
        }
        add(Scope::Control, &[Intent::NextPane]);
    }
    if state.is_split() {
        add(Scope::Screens, &[Intent::OtherSide]);
    }
    add(Scope::Screens, &[Intent::SplitView, Intent::Help, Intent::Quit]);
    useful
}

fn in_panes(state: &State) -> Vec<(Scope, Intent)> {
    let mut useful = Vec::new();
    let writable = !state.settings.read_only;
    let mut add =
        |scope: Scope, intents: &[Intent]| useful.extend(intents.iter().map(|intent| (scope, *intent)));
    if map::is_picking(state) {
        add(Scope::Aim, &[Intent::Submit, Intent::Back]);
    }
    if state.focus == Pane::Route {
        add(Scope::Map, &[Intent::FollowNext, Intent::ZoomIn, Intent::ZoomOut, Intent::PickTarget]);
    }
    match &state.watch {
        Watch::Live(_) if writable => {
            add(Scope::Panes, &[Intent::Write, Intent::SoftCancel, Intent::Cancel]);
        }
        Watch::Looking | Watch::Idle | Watch::Ended { .. } if writable => {
            add(Scope::Panes, &[Intent::Raise]);
        }
        Watch::Raising { .. } if writable => add(Scope::Panes, &[Intent::Back]),
        _ => {}
    }
    add(Scope::Panes, &[Intent::NextPane]);
    if matches!(state.watch, Watch::Live(_)) {
        add(Scope::Panes, &[Intent::Refresh]);
    }
    add(Scope::Panes, &[Intent::ToggleWalking, Intent::NextReception]);
    if state.demo.is_some() {
        add(Scope::Screens, &[Intent::Faster]);
    }
    if state.is_split() {
        add(Scope::Screens, &[Intent::OtherSide]);
    }
    add(Scope::Screens, &[Intent::Commands, Intent::Help, Intent::Quit]);
    let failed = state.chat.outbox.iter().any(|message| matches!(message.delivery, Delivery::Failed { .. }));
    if failed && writable && state.focus == Pane::Chat && matches!(state.watch, Watch::Live(_)) {
        useful.insert(0, (Scope::Chat, Intent::Retry));
    }
    useful
}

/// While callouts are watched.
fn in_watch(state: &State, watching: &Watching) -> Vec<(Scope, Intent)> {
    if watching.typing {
        return [Intent::Submit, Intent::Back].map(|intent| (Scope::Text, intent)).to_vec();
    }
    let mut useful: Vec<(Scope, Intent)> = Vec::new();
    let mut add = |scope: Scope, intents: &[Intent]| useful.extend(intents.iter().map(|one| (scope, *one)));
    if !watching.focused {
        add(Scope::Watch, &[Intent::Back, Intent::NextCallout, Intent::NextPane]);
        if state.focus == Pane::Route {
            add(Scope::Map, &[Intent::FollowNext, Intent::ZoomIn, Intent::ZoomOut]);
        }
    } else if !watching.entries.is_empty() {
        add(Scope::Watch, &[Intent::Open, Intent::Find]);
    }
    if watching.closed() > 0 {
        add(Scope::Watch, &[Intent::Dismiss, Intent::DismissClosed]);
    }
    if !watching.dismissed.is_empty() {
        add(Scope::Watch, &[Intent::Undo]);
    }
    add(Scope::Watch, &[Intent::Refresh]);
    add(Scope::Screens, &[Intent::Commands, Intent::Help, Intent::Quit]);
    useful
}
