//! The chat as the controller: a line of its own for each customer, so that nothing written to one is
//! ever sent to another.

use super::{Asked, Form, Order, Part, Room, poll};
use crate::app::Effects;
use crate::app::callout::CalloutId;
use crate::app::calls;
use crate::app::draft::Draft;
use crate::app::state::{Call, Chat, Dialog, State, Tone};
use crate::text::DisplayText;

/// Characters in one message, as in the customer's chat.
pub const LONGEST: usize = Chat::LONGEST;

/// Replies to choose from, where the config has none.
pub const CANNED: [&str; 6] = [
    "We have your alarm. Help is being arranged.",
    "Are you safe where you are?",
    "A responder is on the way to you.",
    "Stay where you are if it is safe to do so.",
    "The responder is outside. Can you see the vehicle?",
    "Thank you. We are closing this callout now.",
];

impl Room {
    /// The line to the chosen customer, while it has the keys.
    pub(in crate::app) fn line(&mut self) -> Option<&mut Draft> {
        self.drafts.get_mut(self.chosen.as_ref()?).filter(|_| self.writing)
    }
}

pub(super) fn begin(state: &mut State) -> Effects {
    if let Some(callout) = open(state) {
        let room = &mut state.control;
        room.drafts.entry(callout).or_insert_with(|| Draft::with_limit(LONGEST));
        (room.writing, room.back) = (true, 0);
        room.focus(Part::Chat);
    }
    Vec::new()
}

pub(super) fn choose(state: &mut State) -> Effects {
    if open(state).is_some() {
        state.dialog = Some(Dialog::Control(Form::Canned { row: 0 }));
    }
    Vec::new()
}

/// The canned reply stands in the line: it can be changed, and Enter sends it.
pub(super) fn insert(state: &mut State, row: usize) -> Effects {
    state.dialog = None;
    let text = state.control.canned.get(row).cloned();
    let effects = begin(state);
    let room = &mut state.control;
    if let (Some(text), Some(chosen)) = (text, &room.chosen)
        && let Some(draft) = room.drafts.get_mut(chosen).filter(|_| room.writing)
    {
        text.as_str().chars().for_each(|character| draft.insert(character));
    }
    effects
}

/// The chosen callout, if somebody reads what is written to it.
fn open(state: &mut State) -> Option<CalloutId> {
    if !state.may_control() {
        return None;
    }
    let open = state.control.case().filter(|case| !case.status.is_closed()).map(|case| case.id.clone());
    if open.is_none() {
        state.tell(Tone::Warning, "there is no open callout: nobody would read it");
    }
    open
}

pub(super) fn submit(state: &mut State) -> Effects {
    let Some(callout) = state.control.chosen.clone() else { return Vec::new() };
    let is_busy = calls::is_waiting(
        state,
        |call| matches!(call, Call::Control(Asked::Say { callout: busy, .. }) if *busy == callout),
    );
    let room = &mut state.control;
    let Some(draft) = room.drafts.get_mut(&callout) else { return Vec::new() };
    if draft.is_blank() {
        room.writing = false;
        return Vec::new();
    }
    if is_busy {
        state.tell(Tone::Info, "the last message is still on its way");
        return Vec::new();
    }
    let text = DisplayText::from(draft.take());
    (room.refused, room.back) = (None, 0);
    let asked = Asked::Say { callout: callout.clone(), text: text.clone() };
    vec![poll::send(state, asked, Order::Say { callout, text })]
}

/// It did not arrive: it goes back into the line, before what was written since.
pub(super) fn give_back(state: &mut State, callout: &CalloutId, text: &DisplayText) {
    let draft = state.control.drafts.entry(callout.clone()).or_insert_with(|| Draft::with_limit(LONGEST));
    let since = draft.take();
    let between = if since.is_empty() { "" } else { " " };
    let whole = [text.as_str(), between, &since].concat();
    whole.chars().for_each(|character| draft.insert(character));
}

/// Messages of the chosen callout.
pub(super) fn spoken(room: &Room) -> (Option<CalloutId>, usize) {
    (room.chosen.clone(), room.case().map_or(0, |case| case.comments.len()))
}

/// Nobody reads what is written to a callout that is over. A view that is scrolled back stays where it
/// is; `before` is what was spoken.
pub(super) fn settle(state: &mut State, before: &(Option<CalloutId>, usize)) {
    let room = &mut state.control;
    let (chosen, now) = spoken(room);
    if room.back > 0 && chosen == before.0 {
        room.back += now.saturating_sub(before.1);
    }
    let cases = &room.cases;
    room.drafts.retain(|id, _| cases.iter().any(|case| case.id == *id && !case.status.is_closed()));
    if room.writing && room.draft().is_none() {
        room.writing = false;
        state.tell(Tone::Info, "the callout is closed: nobody would read it");
    }
}
