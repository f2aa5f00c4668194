//! One table of bindings. It resolves keys, and makes the footer, the help page and the README.

use crate::app::control::{Form, Part};
use crate::app::devices;
use crate::app::intent::Intent;
use crate::app::map as the_map;
use crate::app::screen::Screen;
use crate::app::state::{Dialog, Pane, State};
use serde::{Deserialize, Serialize};

mod crossterm;
mod key;
mod map;
#[cfg(test)]
mod tests;

pub use key::{Key, KeyPress};
pub use map::{BadKeys, Bound, KeyOrKeys, Keymap, Row, name_of};

/// Where a binding holds. The scopes that are active are computed from the state at each key, most
/// specific first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// A countdown stands in front: Enter cuts it short.
    Dialog,
    /// A question about something that cannot be taken back: Enter is the harmless answer.
    Question,
    /// The help page is open.
    Help,
    /// The palette is open: its input line has the keys, and its rows can be chosen.
    Palette,
    /// An input line has the keys: plain characters are text.
    Text,
    /// The chat pane has the focus, its input line has not.
    Chat,
    /// A map has the focus.
    Map,
    /// A place is being picked on it.
    Aim,
    /// The list of profiles is open.
    Profiles,
    /// A form with rows stands in front of the control room.
    Form,
    /// A vehicle is being placed on the map.
    Moving,
    /// The control room's map has the focus.
    RoomMap,
    /// In the control room, but not in an input line or dialog.
    Control,
    /// A device is being moved by the arrow keys.
    Shifting,
    /// On the devices' screen, but not in an input line or dialog.
    Devices,
    /// On the customer's screen, but not in an input line or dialog.
    Panes,
    /// While callouts are watched, but not in an input line or dialog.
    Watch,
    /// On the traffic screen, but not in an input line or dialog.
    Traffic,
    /// On every screen, but not in an input line or dialog.
    Screens,
    /// Everywhere.
    Any,
}

impl Scope {
    /// In the order in which the help page and the README show them.
    pub const ALL: [Self; 20] = [
        Self::Screens,
        Self::Panes,
        Self::Map,
        Self::Aim,
        Self::Chat,
        Self::Watch,
        Self::Traffic,
        Self::Control,
        Self::RoomMap,
        Self::Moving,
        Self::Devices,
        Self::Shifting,
        Self::Form,
        Self::Text,
        Self::Palette,
        Self::Profiles,
        Self::Dialog,
        Self::Question,
        Self::Help,
        Self::Any,
    ];

    /// Heading of its keys.
    pub fn title(self) -> &'static str {
        match self {
            Self::Screens => "On every screen",
            Self::Watch => "While callouts are watched",
            Self::Panes => "On the customer's screen",
            Self::Map => "In the route pane, on its map",
            Self::Aim => "While a target is picked on the map",
            Self::Chat => "In the chat pane",
            Self::Traffic => "On the traffic screen",
            Self::Control => "In the control room",
            Self::RoomMap => "On the control room’s map",
            Self::Moving => "While a vehicle is placed",
            Self::Devices => "On the devices screen",
            Self::Shifting => "While a device is moved",
            Self::Form => "In a form or list",
            Self::Text => "While writing",
            Self::Palette => "In the command palette",
            Self::Profiles => "In the list of profiles",
            Self::Dialog => "While a panic counts down",
            Self::Question => "When asked",
            Self::Help => "On the help page",
            Self::Any => "Everywhere",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    pub scope: Scope,
    /// In the config's own notation: `p`, `C`, `ctrl-c`, `shift-tab`, `page-up`.
    pub key: &'static str,
    pub intent: Intent,
    /// What it does, in as few words as a footer has room for.
    pub help: &'static str,
}

const fn bind(scope: Scope, key: &'static str, intent: Intent, help: &'static str) -> Binding {
    Binding { scope, key, intent, help }
}

pub const BINDINGS: &[Binding] = &[
    bind(Scope::Panes, "p", Intent::Raise, "raise a panic"),
    bind(Scope::Panes, "c", Intent::SoftCancel, "soft cancel"),
    bind(Scope::Panes, "C", Intent::Cancel, "cancel with safe code"),
    bind(Scope::Panes, "i", Intent::Write, "write a message"),
    bind(Scope::Chat, "enter", Intent::Write, "write a message"),
    bind(Scope::Chat, "r", Intent::Retry, "send a failed message again"),
    bind(Scope::Map, "h", Intent::PanLeft, "map to the west"),
    bind(Scope::Map, "shift-left", Intent::PanLeft, "map to the west"),
    bind(Scope::Map, "l", Intent::PanRight, "map to the east"),
    bind(Scope::Map, "shift-right", Intent::PanRight, "map to the east"),
    bind(Scope::Map, "k", Intent::PanUp, "map to the north"),
    bind(Scope::Map, "shift-up", Intent::PanUp, "map to the north"),
    bind(Scope::Map, "j", Intent::PanDown, "map to the south"),
    bind(Scope::Map, "shift-down", Intent::PanDown, "map to the south"),
    bind(Scope::Map, "z", Intent::ZoomIn, "nearer"),
    bind(Scope::Map, "]", Intent::ZoomIn, "nearer"),
    bind(Scope::Map, "Z", Intent::ZoomOut, "farther"),
    bind(Scope::Map, "[", Intent::ZoomOut, "farther"),
    bind(Scope::Map, "f", Intent::FollowNext, "whom to follow"),
    bind(Scope::Map, "0", Intent::ResetMap, "whole map again"),
    bind(Scope::Map, "t", Intent::PickTarget, "drive somewhere"),
    bind(Scope::Aim, "enter", Intent::Submit, "drive there"),
    bind(Scope::Aim, "esc", Intent::Back, "drive nowhere"),
    bind(Scope::Aim, "left", Intent::PanLeft, "target to the west"),
    bind(Scope::Aim, "right", Intent::PanRight, "target to the east"),
    bind(Scope::Aim, "up", Intent::PanUp, "target to the north"),
    bind(Scope::Aim, "down", Intent::PanDown, "target to the south"),
    bind(Scope::Panes, "m", Intent::ToggleWalking, "start and stop moving"),
    bind(Scope::Panes, "g", Intent::NextReception, "GPS better and worse"),
    bind(Scope::Screens, "+", Intent::Faster, "demo clock faster"),
    bind(Scope::Screens, "=", Intent::Faster, "demo clock faster"),
    bind(Scope::Screens, "-", Intent::Slower, "demo clock slower"),
    bind(Scope::Panes, "u", Intent::Refresh, "update now"),
    bind(Scope::Panes, "tab", Intent::NextPane, "next pane"),
    bind(Scope::Panes, "shift-tab", Intent::PreviousPane, "previous pane"),
    bind(Scope::Panes, "up", Intent::FocusUp, "pane above"),
    bind(Scope::Panes, "down", Intent::FocusDown, "pane below"),
    bind(Scope::Panes, "left", Intent::FocusLeft, "pane to the left"),
    bind(Scope::Panes, "right", Intent::FocusRight, "pane to the right"),
    bind(Scope::Panes, "k", Intent::ScrollUp, "scroll up"),
    bind(Scope::Panes, "j", Intent::ScrollDown, "scroll down"),
    bind(Scope::Panes, "page-up", Intent::PageUp, "page up"),
    bind(Scope::Panes, "page-down", Intent::PageDown, "page down"),
    bind(Scope::Panes, "home", Intent::ScrollToStart, "oldest"),
    bind(Scope::Panes, "end", Intent::ScrollToEnd, "newest"),
    bind(Scope::Screens, "1", Intent::ShowCustomer, "customer"),
    bind(Scope::Screens, "2", Intent::ShowControlRoom, "control room"),
    bind(Scope::Screens, "3", Intent::ShowDevices, "devices"),
    bind(Scope::Screens, "4", Intent::ShowTraffic, "traffic"),
    bind(Scope::Screens, "s", Intent::SplitView, "side by side"),
    bind(Scope::Screens, "0", Intent::OtherSide, "other side"),
    bind(Scope::Screens, "P", Intent::Profiles, "another profile"),
    bind(Scope::Screens, ":", Intent::Commands, "find a command"),
    bind(Scope::Screens, "?", Intent::Help, "help"),
    bind(Scope::Screens, "q", Intent::Quit, "quit"),
    bind(Scope::Any, "ctrl-c", Intent::Quit, "quit"),
    bind(Scope::Panes, "esc", Intent::Back, "stop trying, put news away"),
    bind(Scope::Watch, "up", Intent::ScrollUp, "up"),
    bind(Scope::Watch, "k", Intent::ScrollUp, "up"),
    bind(Scope::Watch, "down", Intent::ScrollDown, "down"),
    bind(Scope::Watch, "j", Intent::ScrollDown, "down"),
    bind(Scope::Watch, "page-up", Intent::PageUp, "page up"),
    bind(Scope::Watch, "page-down", Intent::PageDown, "page down"),
    bind(Scope::Watch, "home", Intent::ScrollToStart, "first, or oldest"),
    bind(Scope::Watch, "end", Intent::ScrollToEnd, "last, or newest"),
    bind(Scope::Watch, "n", Intent::NextCallout, "next callout"),
    bind(Scope::Watch, "N", Intent::PreviousCallout, "callout before"),
    bind(Scope::Watch, "/", Intent::Find, "filter"),
    bind(Scope::Watch, "x", Intent::Dismiss, "dismiss"),
    bind(Scope::Watch, "X", Intent::DismissClosed, "dismiss all closed"),
    bind(Scope::Watch, "U", Intent::Undo, "undo dismissing"),
    bind(Scope::Watch, "u", Intent::Refresh, "update now"),
    bind(Scope::Watch, "enter", Intent::Open, "list or panes"),
    bind(Scope::Watch, "tab", Intent::NextPane, "next pane"),
    bind(Scope::Watch, "right", Intent::FocusRight, "next pane"),
    bind(Scope::Watch, "shift-tab", Intent::PreviousPane, "previous pane"),
    bind(Scope::Watch, "left", Intent::FocusLeft, "previous pane"),
    bind(Scope::Watch, "esc", Intent::Back, "filter off, to the list, put news away"),
    bind(Scope::Traffic, "up", Intent::ScrollUp, "up"),
    bind(Scope::Traffic, "k", Intent::ScrollUp, "up"),
    bind(Scope::Traffic, "down", Intent::ScrollDown, "down"),
    bind(Scope::Traffic, "j", Intent::ScrollDown, "down"),
    bind(Scope::Traffic, "page-up", Intent::PageUp, "page up"),
    bind(Scope::Traffic, "page-down", Intent::PageDown, "page down"),
    bind(Scope::Traffic, "home", Intent::ScrollToStart, "oldest, or top"),
    bind(Scope::Traffic, "end", Intent::ScrollToEnd, "newest, or bottom"),
    bind(Scope::Traffic, "tab", Intent::NextPane, "list or body"),
    bind(Scope::Traffic, "enter", Intent::Open, "read, fold"),
    bind(Scope::Traffic, "space", Intent::Open, "read, fold"),
    bind(Scope::Traffic, "v", Intent::NextView, "next view"),
    bind(Scope::Traffic, "/", Intent::Find, "filter, search"),
    bind(Scope::Traffic, "n", Intent::NextMatch, "next match"),
    bind(Scope::Traffic, "N", Intent::PreviousMatch, "match before"),
    bind(Scope::Traffic, "left", Intent::Fold, "fold"),
    bind(Scope::Traffic, "right", Intent::Unfold, "unfold"),
    bind(Scope::Traffic, "h", Intent::PanLeft, "long rows to the left"),
    bind(Scope::Traffic, "shift-left", Intent::PanLeft, "long rows to the left"),
    bind(Scope::Traffic, "l", Intent::PanRight, "long rows to the right"),
    bind(Scope::Traffic, "shift-right", Intent::PanRight, "long rows to the right"),
    bind(Scope::Traffic, "z", Intent::FoldAll, "fold all"),
    bind(Scope::Traffic, "y", Intent::CopyCurl, "copy as curl"),
    bind(Scope::Traffic, "Y", Intent::CopyCurlWithToken, "copy as curl, real token"),
    bind(Scope::Traffic, "b", Intent::CopyBody, "copy the body"),
    bind(Scope::Traffic, "w", Intent::SaveBody, "body to a file"),
    bind(Scope::Traffic, "e", Intent::Export, "export as HAR"),
    bind(Scope::Traffic, "esc", Intent::Back, "back"),
    bind(Scope::Control, "a", Intent::Acknowledge, "acknowledge"),
    bind(Scope::Control, "o", Intent::Own, "own"),
    bind(Scope::Control, "v", Intent::Verify, "verify"),
    bind(Scope::Control, "d", Intent::Dispatch, "dispatch"),
    bind(Scope::Control, "D", Intent::DispatchManually, "dispatch-manually"),
    bind(Scope::Control, "x", Intent::Decline, "decline"),
    bind(Scope::Control, "X", Intent::CancelResponder, "cancel-responder"),
    bind(Scope::Control, "r", Intent::Arrive, "arrive"),
    bind(Scope::Control, "f", Intent::Complete, "complete"),
    bind(Scope::Control, "c", Intent::Close, "close"),
    bind(Scope::Control, "i", Intent::Write, "write a message"),
    bind(Scope::Control, "t", Intent::CannedReply, "canned reply"),
    bind(Scope::Control, "p", Intent::PlaceVehicle, "place a vehicle"),
    bind(Scope::Control, "m", Intent::MoveVehicle, "move the vehicle"),
    bind(Scope::Control, "space", Intent::SwitchVehicle, "vehicle on and off"),
    bind(Scope::Control, "u", Intent::Refresh, "update now"),
    bind(Scope::Control, "tab", Intent::NextPane, "next pane"),
    bind(Scope::Control, "right", Intent::FocusRight, "next pane"),
    bind(Scope::Control, "shift-tab", Intent::PreviousPane, "previous pane"),
    bind(Scope::Control, "left", Intent::FocusLeft, "previous pane"),
    bind(Scope::Control, "up", Intent::ScrollUp, "up"),
    bind(Scope::Control, "k", Intent::ScrollUp, "up"),
    bind(Scope::Control, "down", Intent::ScrollDown, "down"),
    bind(Scope::Control, "j", Intent::ScrollDown, "down"),
    bind(Scope::Control, "page-up", Intent::PageUp, "page up"),
    bind(Scope::Control, "page-down", Intent::PageDown, "page down"),
    bind(Scope::Control, "home", Intent::ScrollToStart, "first"),
    bind(Scope::Control, "end", Intent::ScrollToEnd, "last"),
    bind(Scope::Control, "esc", Intent::Back, "the nearest again, put news away"),
    bind(Scope::RoomMap, "h", Intent::PanLeft, "map to the west"),
    bind(Scope::RoomMap, "shift-left", Intent::PanLeft, "map to the west"),
    bind(Scope::RoomMap, "l", Intent::PanRight, "map to the east"),
    bind(Scope::RoomMap, "shift-right", Intent::PanRight, "map to the east"),
    bind(Scope::RoomMap, "k", Intent::PanUp, "map to the north"),
    bind(Scope::RoomMap, "shift-up", Intent::PanUp, "map to the north"),
    bind(Scope::RoomMap, "j", Intent::PanDown, "map to the south"),
    bind(Scope::RoomMap, "shift-down", Intent::PanDown, "map to the south"),
    bind(Scope::RoomMap, "z", Intent::ZoomIn, "nearer"),
    bind(Scope::RoomMap, "]", Intent::ZoomIn, "nearer"),
    bind(Scope::RoomMap, "Z", Intent::ZoomOut, "farther"),
    bind(Scope::RoomMap, "[", Intent::ZoomOut, "farther"),
    bind(Scope::RoomMap, "w", Intent::ResetMap, "whole map again"),
    bind(Scope::Moving, "up", Intent::FocusUp, "north"),
    bind(Scope::Moving, "down", Intent::FocusDown, "south"),
    bind(Scope::Moving, "left", Intent::FocusLeft, "west"),
    bind(Scope::Moving, "right", Intent::FocusRight, "east"),
    bind(Scope::Moving, "enter", Intent::Submit, "put it here"),
    bind(Scope::Moving, "esc", Intent::Back, "leave it where it was"),
    bind(Scope::Moving, "z", Intent::ZoomIn, "nearer"),
    bind(Scope::Moving, "Z", Intent::ZoomOut, "farther"),
    bind(Scope::Devices, "l", Intent::LinkDevice, "link a device"),
    bind(Scope::Devices, "p", Intent::PressDevice, "press it"),
    bind(Scope::Devices, "m", Intent::MoveDevice, "move it"),
    bind(Scope::Devices, "g", Intent::TypePlace, "move it to a place"),
    bind(Scope::Devices, "c", Intent::CancelDevice, "cancel its callout"),
    bind(Scope::Devices, "b", Intent::DeviceBattery, "its battery"),
    bind(Scope::Devices, "x", Intent::UnlinkDevice, "unlink it"),
    bind(Scope::Devices, "enter", Intent::Open, "its callout"),
    bind(Scope::Devices, "up", Intent::ScrollUp, "up"),
    bind(Scope::Devices, "k", Intent::ScrollUp, "up"),
    bind(Scope::Devices, "down", Intent::ScrollDown, "down"),
    bind(Scope::Devices, "j", Intent::ScrollDown, "down"),
    bind(Scope::Devices, "page-up", Intent::PageUp, "page up"),
    bind(Scope::Devices, "page-down", Intent::PageDown, "page down"),
    bind(Scope::Devices, "home", Intent::ScrollToStart, "first"),
    bind(Scope::Devices, "end", Intent::ScrollToEnd, "last"),
    bind(Scope::Devices, "shift-left", Intent::PanLeft, "map to the west"),
    bind(Scope::Devices, "shift-right", Intent::PanRight, "map to the east"),
    bind(Scope::Devices, "shift-up", Intent::PanUp, "map to the north"),
    bind(Scope::Devices, "shift-down", Intent::PanDown, "map to the south"),
    bind(Scope::Devices, "z", Intent::ZoomIn, "map nearer"),
    bind(Scope::Devices, "Z", Intent::ZoomOut, "map farther"),
    bind(Scope::Devices, "w", Intent::ResetMap, "whole map again"),
    bind(Scope::Devices, "u", Intent::Refresh, "update now"),
    bind(Scope::Devices, "esc", Intent::Back, "put news away"),
    bind(Scope::Shifting, "up", Intent::FocusUp, "north"),
    bind(Scope::Shifting, "down", Intent::FocusDown, "south"),
    bind(Scope::Shifting, "left", Intent::FocusLeft, "west"),
    bind(Scope::Shifting, "right", Intent::FocusRight, "east"),
    bind(Scope::Shifting, "enter", Intent::Submit, "send it from here"),
    bind(Scope::Shifting, "z", Intent::ZoomIn, "map nearer"),
    bind(Scope::Shifting, "Z", Intent::ZoomOut, "map farther"),
    bind(Scope::Shifting, "g", Intent::TypePlace, "type the place"),
    bind(Scope::Shifting, "esc", Intent::Back, "leave it where it was"),
    bind(Scope::Form, "up", Intent::ScrollUp, "up"),
    bind(Scope::Form, "shift-tab", Intent::ScrollUp, "up"),
    bind(Scope::Form, "down", Intent::ScrollDown, "down"),
    bind(Scope::Form, "tab", Intent::ScrollDown, "down"),
    bind(Scope::Dialog, "enter", Intent::Confirm, "send at once"),
    bind(Scope::Dialog, "esc", Intent::Back, "stop, nothing is sent"),
    bind(Scope::Question, "y", Intent::Confirm, "yes, do it"),
    bind(Scope::Question, "n", Intent::Back, "no, nothing happens"),
    bind(Scope::Question, "enter", Intent::Back, "no, nothing happens"),
    bind(Scope::Question, "esc", Intent::Back, "no, nothing happens"),
    bind(Scope::Help, "esc", Intent::Back, "close help"),
    bind(Scope::Help, "q", Intent::Back, "close help"),
    bind(Scope::Help, "?", Intent::Back, "close help"),
    bind(Scope::Help, "up", Intent::ScrollUp, "scroll up"),
    bind(Scope::Help, "k", Intent::ScrollUp, "scroll up"),
    bind(Scope::Help, "down", Intent::ScrollDown, "scroll down"),
    bind(Scope::Help, "j", Intent::ScrollDown, "scroll down"),
    bind(Scope::Help, "page-up", Intent::PageUp, "page up"),
    bind(Scope::Help, "page-down", Intent::PageDown, "page down"),
    bind(Scope::Palette, "up", Intent::ScrollUp, "the one above"),
    bind(Scope::Palette, "down", Intent::ScrollDown, "the one below"),
    bind(Scope::Palette, "enter", Intent::Submit, "do it"),
    bind(Scope::Palette, "esc", Intent::Back, "close the palette"),
    bind(Scope::Profiles, "up", Intent::ScrollUp, "the one above"),
    bind(Scope::Profiles, "k", Intent::ScrollUp, "the one above"),
    bind(Scope::Profiles, "down", Intent::ScrollDown, "the one below"),
    bind(Scope::Profiles, "j", Intent::ScrollDown, "the one below"),
    bind(Scope::Profiles, "home", Intent::ScrollToStart, "the first"),
    bind(Scope::Profiles, "end", Intent::ScrollToEnd, "the last"),
    bind(Scope::Profiles, "enter", Intent::Submit, "go there"),
    bind(Scope::Profiles, "esc", Intent::Back, "stay here"),
    bind(Scope::Text, "enter", Intent::Submit, "send"),
    bind(Scope::Text, "esc", Intent::Back, "leave the line"),
    bind(Scope::Text, "backspace", Intent::EraseBack, "erase back"),
    bind(Scope::Text, "delete", Intent::EraseForward, "erase forward"),
    bind(Scope::Text, "ctrl-w", Intent::EraseWord, "erase a word"),
    bind(Scope::Text, "ctrl-u", Intent::EraseLine, "erase the line"),
    bind(Scope::Text, "left", Intent::CursorLeft, "left"),
    bind(Scope::Text, "right", Intent::CursorRight, "right"),
    bind(Scope::Text, "ctrl-left", Intent::WordLeft, "a word left"),
    bind(Scope::Text, "ctrl-right", Intent::WordRight, "a word right"),
    bind(Scope::Text, "home", Intent::CursorStart, "start of line"),
    bind(Scope::Text, "ctrl-a", Intent::CursorStart, "start of line"),
    bind(Scope::Text, "end", Intent::CursorEnd, "end of line"),
    bind(Scope::Text, "ctrl-e", Intent::CursorEnd, "end of line"),
    bind(Scope::Text, "page-up", Intent::PageUp, "scroll back"),
    bind(Scope::Text, "page-down", Intent::PageDown, "scroll on"),
];

/// The scopes whose keys hold now, most specific first.
pub fn active_scopes(state: &State) -> Vec<Scope> {
    match &state.dialog {
        Some(Dialog::Palette { .. }) => vec![Scope::Palette, Scope::Text, Scope::Any],
        Some(Dialog::Help { .. }) => vec![Scope::Help, Scope::Any],
        Some(Dialog::Profiles { .. }) => vec![Scope::Profiles, Scope::Any],
        Some(Dialog::TypeReal { .. } | Dialog::SafeCode { .. } | Dialog::Control(Form::Close { .. })) => {
            vec![Scope::Text, Scope::Any]
        }
        Some(Dialog::Countdown { .. }) => vec![Scope::Dialog, Scope::Any],
        Some(
            Dialog::ConfirmSoftCancel
            | Dialog::ConfirmWrite { .. }
            | Dialog::CopyToken
            | Dialog::Devices(devices::Form::Unlink { .. })
            | Dialog::Leave { .. },
        ) => vec![Scope::Question, Scope::Any],
        Some(Dialog::Control(_) | Dialog::Devices(devices::Form::Link(_))) => {
            vec![Scope::Text, Scope::Form, Scope::Any]
        }
        Some(Dialog::Devices(_)) => vec![Scope::Text, Scope::Any],
        None if state.chat.writing || state.control.writing => vec![Scope::Text, Scope::Any],
        None if state.control.moving.is_some() => vec![Scope::Moving, Scope::Any],
        None if state.screen == Screen::Devices && state.devices.shifting.is_some() => {
            vec![Scope::Shifting, Scope::Any]
        }
        None if state.screen == Screen::Traffic && state.traffic.typing.is_some() => {
            vec![Scope::Text, Scope::Any]
        }
        None if state.screen == Screen::Customer && state.watching.as_ref().is_some_and(|w| w.typing) => {
            vec![Scope::Text, Scope::Any]
        }
        None => scopes_of_place(state),
    }
}

/// The scopes of where the person is, whatever stands in front of it.
pub fn scopes_of_place(state: &State) -> Vec<Scope> {
    let mut scopes = match state.screen {
        Screen::Customer
            if state.watching.as_ref().is_some_and(|w| !w.focused) && state.focus == Pane::Route =>
        {
            vec![Scope::Map, Scope::Watch]
        }
        Screen::Customer if state.is_watching() => vec![Scope::Watch],
        Screen::Customer if state.focus == Pane::Chat => vec![Scope::Chat, Scope::Panes],
        Screen::Customer if the_map::is_picking(state) => vec![Scope::Aim, Scope::Map, Scope::Panes],
        Screen::Customer if state.focus == Pane::Route => vec![Scope::Map, Scope::Panes],
        Screen::Customer => vec![Scope::Panes],
        Screen::Control if state.control.focus == Part::Map => vec![Scope::RoomMap, Scope::Control],
        Screen::Control => vec![Scope::Control],
        Screen::Traffic => vec![Scope::Traffic],
        Screen::Devices => vec![Scope::Devices],
    };
    scopes.extend([Scope::Screens, Scope::Any]);
    scopes
}

/// What the palette offers: each intent of this place once, those whose help has all the typed words; behind
/// them, once something is typed, those of the other screens, with the way there.
pub fn palette(state: &State, keymap: &Keymap, typed: &str) -> Vec<Row> {
    let words = typed.to_lowercase();
    let fits = |row: &Row| words.split_whitespace().all(|word| row.help.to_lowercase().contains(word));
    let here = scopes_of_place(state);
    let mut found: Vec<Row> = Vec::new();
    for row in here.iter().flat_map(|scope| keymap.rows(*scope)).filter(|row| fits(row)) {
        if row.intent != Intent::Commands && found.iter().all(|other| other.intent != row.intent) {
            found.push(row);
        }
    }
    if words.trim().is_empty() || state.is_watching() {
        return found;
    }
    for (screen, scope, intent) in SCREENS {
        if here.contains(&scope) {
            continue;
        }
        for row in keymap.rows(scope).into_iter().filter(|row| fits(row)) {
            if found.iter().all(|other| other.help != row.help) {
                found.push(Row { intent, there: Some(screen), ..row });
            }
        }
    }
    found
}

/// The screens with the keys of each, and what leads there.
const SCREENS: [(Screen, Scope, Intent); 4] = [
    (Screen::Customer, Scope::Panes, Intent::ShowCustomer),
    (Screen::Control, Scope::Control, Intent::ShowControlRoom),
    (Screen::Devices, Scope::Devices, Intent::ShowDevices),
    (Screen::Traffic, Scope::Traffic, Intent::ShowTraffic),
];

/// The chosen row of these.
pub fn chosen_row(rows: &[Row], chosen: usize) -> Option<&Row> {
    rows.get(chosen.min(rows.len().checked_sub(1)?))
}

/// The keys as the README shows them, made from the table that resolves them.
pub fn markdown() -> String {
    let keymap = Keymap::default();
    let line = |row: &Row| {
        let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
        format!("| {} | {} |\n", keys.join(" "), row.help)
    };
    let table = |scope: Scope| {
        let lines: String = keymap.rows(scope).iter().map(line).collect();
        format!("| {} | |\n| --- | --- |\n{lines}", scope.title())
    };
    Scope::ALL.map(table).join("\n")
}
