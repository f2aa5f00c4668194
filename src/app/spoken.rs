//! Orders given as lines of text instead of keys: for a screen reader, and for a pipe. A line is the name
//! of an intent as the config knows it, `say` and a message, or the answer to what was just asked.

use super::action::Exit;
use super::callout::Classification;
use super::intent::Intent;
use super::state::{Dialog, State, Tone, Watch};
use super::{Effects, dialogs, intents};
use crate::text::DisplayText;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

const SAY: &str = "say";
const STATUS: &str = "status";

/// Columns of a line that is not understood, as it is told back.
const LONGEST_ECHO: usize = 40;

/// Seconds of the person's own time before a question about a real control room can be answered: a line that was
/// written before it was asked is no answer.
const READING: f64 = 0.5;

/// Lines that may wait while the console looks for an active callout; more are told off.
const MOST_WAITING: usize = 64;

/// Takes a line. It waits until it is known whether there is a callout already, since the lines of a pipe
/// all come at once.
pub(super) fn line(state: &mut State, line: &DisplayText) -> Effects {
    if state.lines.len() < MOST_WAITING {
        state.lines.push_back(line.clone());
    } else {
        state.tell(Tone::Warning, "too many commands at once: this one is dropped");
    }
    Vec::new()
}

fn obey(state: &mut State, line: &str) -> Effects {
    let line = line.trim();
    if matches!(state.dialog, Some(Dialog::Help { .. } | Dialog::Palette { .. })) {
        // It was told when it was opened; nothing stands in front of a line.
        state.dialog = None;
    }
    if dialogs::asks_for_text(state) {
        return answer(state, line);
    }
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    if word.is_empty() {
        return Vec::new();
    }
    if word == SAY && !rest.trim().is_empty() {
        intents::apply(state, Intent::Write);
        return if state.chat.writing { answer(state, rest) } else { Vec::new() };
    }
    if line == STATUS {
        state.retold = state.retold.wrapping_add(1);
        return Vec::new();
    }
    if let Some(intent) = Intent::named(line) {
        if intent == Intent::Help && !state.is_watching() {
            state.answers.push(Said::Help);
            return Vec::new();
        }
        if intent == Intent::Confirm && was_just_asked(state) {
            state.tell(Tone::Warning, "that was said before the question: read it, then confirm");
            return Vec::new();
        }
        if intent == Intent::Raise && would_call_out(state) {
            state.tell(Tone::Warning, "a REAL panic beyond this machine is raised on the full screen only");
            return Vec::new();
        }
        if intent == Intent::Profiles {
            state.tell(Tone::Info, "lines stay on one profile: start another with --profile NAME");
            return Vec::new();
        }
        if intent == Intent::PressDevice && !state.settings.environment.is_loopback() {
            state.tell(
                Tone::Warning,
                "a press beyond this machine is REAL: it is made on the full screen only",
            );
            return Vec::new();
        }
        return intents::apply(state, intent);
    }
    if state.is_watching() {
        state.tell(Tone::Warning, "there is no such command");
        return Vec::new();
    }
    let word = crate::text::cut(line, LONGEST_ECHO);
    state.answers.push(Said::Unknown(DisplayText::from(word)));
    Vec::new()
}

/// What a line was answered with that changes nothing of the console. Many lines may come at once, and each is to
/// be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    Unknown(DisplayText),
    Help,
}

/// The newest answers; who tells them knows how many there were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    count: u64,
    newest: VecDeque<Said>,
}

impl Answers {
    fn push(&mut self, said: Said) {
        self.count += 1;
        self.newest.push_back(said);
        if self.newest.len() > MOST_WAITING {
            self.newest.pop_front();
        }
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// Those after the first `told`, as far as they are kept.
    pub fn since(&self, told: u64) -> impl Iterator<Item = &Said> {
        let new = usize::try_from(self.count.saturating_sub(told)).unwrap_or(usize::MAX);
        self.newest.iter().skip(self.newest.len().saturating_sub(new))
    }
}

fn asks_about_a_write(state: &State) -> bool {
    matches!(state.dialog, Some(Dialog::ConfirmWrite { .. }))
}

fn was_just_asked(state: &State) -> bool {
    let read_by = state.asked_at.map(|at| at + state.wall_seconds(READING));
    asks_about_a_write(state) && read_by.is_some_and(|at| state.now < at)
}

/// An empty answer is the harmless one.
fn answer(state: &mut State, text: &str) -> Effects {
    if text.trim().is_empty() {
        return dialogs::back(state);
    }
    dialogs::edit(state, tui_input::InputRequest::DeleteLine);
    dialogs::pasted(state, &text.into());
    let effects = dialogs::submit(state);
    state.chat.writing = false;
    effects
}

/// A line may come from a script, and a script must not send anybody.
fn would_call_out(state: &State) -> bool {
    state.settings.classification != Classification::Test && !state.settings.environment.is_loopback()
}

/// Nobody will give orders any more: the end comes as soon as nothing is followed.
pub(super) fn no_more(state: &mut State) -> Effects {
    state.unattended = true;
    Vec::new()
}

/// After each action: what waits is done, and the end comes when nothing is left to do.
pub(super) fn after(state: &mut State) -> Effects {
    let mut effects = Vec::new();
    while state.exit.is_none() && state.watch != Watch::Looking {
        let Some(line) = state.lines.pop_front() else { break };
        let asked = asks_about_a_write(state);
        effects.extend(obey(state, line.as_str()));
        if asks_about_a_write(state) && !asked {
            state.asked_at = Some(state.now);
            if !state.lines.is_empty() {
                state.lines.clear();
                state.tell(Tone::Warning, "what was written ahead of the question is dropped");
            }
        }
    }
    if state.unattended && asks_about_a_write(state) {
        effects.extend(dialogs::back(state));
        state.tell(Tone::Warning, "nobody is there to confirm: nothing was sent");
    }
    end_if_done(state);
    effects
}

fn end_if_done(state: &mut State) {
    let resting = matches!(state.watch, Watch::Idle | Watch::Ended { .. }) && state.in_flight.is_empty();
    let resting = state.watching.as_ref().map_or(resting, |watching| watching.is_done());
    if state.unattended && resting && state.dialog.is_none() && state.exit.is_none() {
        state.exit = Some(Exit::Quit);
    }
}
