//! What stands in front of the panes, and the input lines.

use super::action::{Effect, SafeCode};
use super::devices::Form;
use super::draft::Draft;
use super::screen::{self, Screen};
use super::state::{Call, Dialog, PendingWrite, State, Tone, Watch};
use super::{Effects, calls, chat, control, devices, notify, profiles, raise, traffic, watching};
use crate::text::DisplayText;
use tui_input::InputRequest;

/// A word in place of the safe code: cancel without one.
const WITHOUT_CODE: &str = "cancel";
/// Rows that the help page can be scrolled; the page itself stops at its own end.
const HELP_ROWS: u16 = 200;

/// Whether what comes next is text and no order.
pub(super) fn asks_for_text(state: &mut State) -> bool {
    line(state).is_some()
}

/// The input line that has the keys, if any.
fn line(state: &mut State) -> Option<&mut Draft> {
    if state.is_blind() {
        return None;
    }
    if state.dialog.is_none() && state.screen == Screen::Customer && state.is_watching() {
        return watching::line(state);
    }
    if state.dialog.is_none() && state.screen == Screen::Traffic {
        return traffic::line(state);
    }
    match &mut state.dialog {
        Some(Dialog::TypeReal { draft } | Dialog::SafeCode { draft, .. } | Dialog::Palette { draft, .. }) => {
            Some(draft)
        }
        Some(Dialog::Control(form)) => form.line(),
        Some(Dialog::Devices(form)) => devices::line(form),
        Some(_) => None,
        None if state.screen == Screen::Control => state.control.line(),
        None => state.chat.writing.then_some(&mut state.chat.draft),
    }
}

pub(super) fn typed(state: &mut State, character: char) -> Effects {
    if let Some(effects) = control::typed(state, character) {
        return effects;
    }
    if devices::typed(state, character) {
        return Vec::new();
    }
    if let Some(line) = line(state) {
        line.insert(character);
        traffic::edited(state);
        watching::edited(state);
    }
    first_match(state);
    Vec::new()
}

/// A paste is text and never an order: line breaks are spaces by now. The word that sends somebody is
/// typed letter by letter, so that it is never what the clipboard happened to hold.
pub(super) fn pasted(state: &mut State, text: &DisplayText) -> Effects {
    if matches!(state.dialog, Some(Dialog::TypeReal { .. } | Dialog::Devices(Form::Press { .. }))) {
        return Vec::new();
    }
    if let Some(line) = line(state) {
        text.as_str().chars().for_each(|character| line.insert(character));
        traffic::edited(state);
        watching::edited(state);
    }
    first_match(state);
    Vec::new()
}

pub(super) fn edit(state: &mut State, request: InputRequest) -> Effects {
    if let Some(line) = line(state) {
        line.edit(request);
        traffic::edited(state);
        watching::edited(state);
    }
    first_match(state);
    Vec::new()
}

/// Other words in the palette have other matches.
fn first_match(state: &mut State) {
    if let Some(Dialog::Palette { chosen, .. }) = &mut state.dialog {
        *chosen = 0;
    }
}

/// A panic is never raised by a countdown that nobody can see.
pub(super) fn resized(state: &mut State, columns: u16, rows: u16) -> Effects {
    let was_split = state.is_split();
    (state.columns, state.rows) = (columns, rows);
    if was_split && !state.is_split() {
        state.tell(Tone::Info, &screen::needs_columns(columns));
    } else if state.notice.as_ref().is_some_and(|notice| screen::is_about_columns(notice.text.as_str())) {
        state.notice = None;
    }
    if state.is_blind() && matches!(state.dialog, Some(Dialog::Countdown { .. })) {
        return back(state);
    }
    traffic::resized(state);
    watching::resized(state);
    Vec::new()
}

/// A countdown ran out, or news have been on the screen for long enough.
pub(super) fn due(state: &mut State) -> Effects {
    if state.notice.as_ref().is_some_and(|notice| notice.until <= state.now) {
        state.notice = None;
    }
    match state.dialog {
        Some(Dialog::Countdown { ends }) if ends <= state.now => raise::go(state),
        _ => notify::due(state),
    }
}

/// Yes, do it.
pub(super) fn confirm(state: &mut State) -> Effects {
    match state.dialog {
        // The Enter that ended the word may still be held down: these seconds cannot be cut short.
        Some(Dialog::Countdown { .. }) if raise::needs_the_word(state) => Vec::new(),
        Some(Dialog::Countdown { .. }) => raise::go(state),
        Some(Dialog::ConfirmWrite { write }) => {
            state.dialog = None;
            agreed(state, write)
        }
        Some(Dialog::ConfirmSoftCancel) => {
            state.dialog = None;
            soft_cancel(state)
        }
        Some(Dialog::Devices(_)) => match state.dialog.take() {
            Some(Dialog::Devices(form)) => devices::confirm(state, form),
            _ => Vec::new(),
        },
        Some(Dialog::CopyToken) => {
            state.dialog = None;
            traffic::copy_with_token(state)
        }
        Some(Dialog::Leave { profile }) => profiles::leave(state, profile),
        _ => submit(state),
    }
}

/// Whether this write waits for a yes; then it is asked for.
pub(super) fn asks_first(state: &mut State, write: PendingWrite) -> bool {
    let asks = state.settings.environment.asks_first();
    if asks {
        state.dialog = Some(Dialog::ConfirmWrite { write });
    }
    asks
}

fn agreed(state: &mut State, write: PendingWrite) -> Effects {
    match write {
        PendingWrite::Raise => {
            raise::count_down(state);
            Vec::new()
        }
        PendingWrite::Message => chat::send(state),
        PendingWrite::Retry => chat::send_again(state),
        PendingWrite::Device => devices::agreed(state),
    }
}

/// Enter in an input line.
pub(super) fn submit(state: &mut State) -> Effects {
    match state.dialog.take() {
        Some(Dialog::TypeReal { draft }) => {
            if draft.value() == raise::WORD {
                raise::count_down(state);
            } else {
                state.dialog = Some(Dialog::TypeReal { draft });
            }
            Vec::new()
        }
        Some(Dialog::SafeCode { draft, .. }) => submit_code(state, draft),
        Some(Dialog::Control(form)) => control::answer(state, form),
        Some(list @ Dialog::Profiles { chosen, .. }) => {
            state.dialog = Some(list);
            profiles::go(state, chosen)
        }
        Some(Dialog::Devices(form)) => devices::answer(state, form),
        Some(other) => {
            state.dialog = Some(other);
            Vec::new()
        }
        None if state.screen == Screen::Traffic => traffic::submit(state),
        None if state.screen == Screen::Control => control::submit(state),
        None if state.screen == Screen::Devices => devices::submit(state),
        None if state.is_watching() => watching::submit(state),
        None => chat::submit(state),
    }
}

/// Out of what stands in front, out of the input line, or out of a raise that waits.
pub(super) fn back(state: &mut State) -> Effects {
    if let Some(dialog) = state.dialog.take() {
        if matches!(dialog, Dialog::Countdown { .. } | Dialog::TypeReal { .. } | Dialog::ConfirmWrite { .. })
        {
            state.tell(Tone::Info, "stopped: nothing was sent");
        }
        devices::refused_to_send(state);
        return profiles::stop_looking(state);
    }
    if state.screen == Screen::Traffic {
        return traffic::back(state);
    }
    if state.screen == Screen::Control {
        return control::back(state);
    }
    if state.screen == Screen::Devices {
        return devices::back(state);
    }
    if state.is_watching() {
        return watching::back(state);
    }
    if state.chat.writing {
        state.chat.writing = false;
        return Vec::new();
    }
    if matches!(state.watch, Watch::Raising { .. }) {
        return raise::give_up(state);
    }
    state.notice = None;
    Vec::new()
}

pub(super) fn ask_soft_cancel(state: &mut State) -> Effects {
    if may_cancel(state) {
        state.dialog = Some(Dialog::ConfirmSoftCancel);
    }
    Vec::new()
}

pub(super) fn ask_cancel(state: &mut State) -> Effects {
    use super::state::Dialect;
    if state.settings.dialect == Dialect::V1 {
        state.tell(Tone::Warning, "v1 of the API has no cancel but the soft one");
    } else if may_cancel(state) {
        let draft = Draft::with_limit(WITHOUT_CODE.len());
        state.dialog = Some(Dialog::SafeCode { draft, problem: None });
    }
    Vec::new()
}

fn may_cancel(state: &mut State) -> bool {
    if state.settings.read_only {
        state.tell(Tone::Warning, "read-only: nothing can be cancelled from here");
        return false;
    }
    let is_live = matches!(state.watch, Watch::Live(_));
    if !is_live {
        state.tell(Tone::Warning, "no active callout: there is nothing to cancel");
    }
    is_live
}

fn soft_cancel(state: &mut State) -> Effects {
    let Watch::Live(followed) = &state.watch else { return Vec::new() };
    let callout = followed.callout.id.clone();
    let call = calls::start(state, Call::SoftCancel);
    vec![Effect::SoftCancel { call, callout }]
}

/// Four digits, or the word that cancels without a code. An empty line cancels nothing: Enter alone
/// must not end a response.
fn submit_code(state: &mut State, draft: Draft) -> Effects {
    let typed = draft.value().trim();
    let safe_code = if typed == WITHOUT_CODE {
        None
    } else if typed.len() == 4 && typed.chars().all(|c| c.is_ascii_digit()) {
        Some(SafeCode(typed.to_owned()))
    } else {
        let problem = Some("four digits, or the word cancel to cancel without a code".into());
        state.dialog = Some(Dialog::SafeCode { draft, problem });
        return Vec::new();
    };
    let Watch::Live(followed) = &state.watch else { return Vec::new() };
    let callout = followed.callout.id.clone();
    let call = calls::start(state, Call::Cancel);
    vec![Effect::Cancel { call, callout, safe_code }]
}

/// A question about a callout that has ended asks nothing any more.
pub(super) fn callout_over(state: &mut State) {
    let of_chat = Dialog::ConfirmWrite { write: PendingWrite::Message };
    let again = Dialog::ConfirmWrite { write: PendingWrite::Retry };
    if state.dialog == Some(of_chat) || state.dialog == Some(again) {
        state.dialog = None;
        state.tell(Tone::Info, "the callout ended first: nothing was sent");
    }
    if matches!(state.dialog, Some(Dialog::ConfirmSoftCancel | Dialog::SafeCode { .. })) {
        state.dialog = None;
        state.tell(Tone::Info, "the callout ended first: nothing was cancelled");
    }
}

pub(super) fn scroll_help(state: &mut State, rows: i16) -> bool {
    let Some(Dialog::Help { scroll }) = &mut state.dialog else { return false };
    *scroll = scroll.saturating_add_signed(rows).min(HELP_ROWS);
    true
}
