//! The profiles of the config, and the way from one to another inside the console. What a profile needs is
//! looked for by the runtime; what is asked first, and when it is left, is decided here.

use super::action::{Effect, Exit, Outcome};
use super::state::{Call, Dialect, Dialog, Environment, State, Tone, Watch};
use super::{Effects, calls};
use crate::app::action::Answer;
use crate::text::DisplayText;
use serde::{Deserialize, Serialize};

/// What of a profile can be told without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// A plain word: a profile's name has letters, digits, - and _ only.
    pub name: DisplayText,
    pub host: DisplayText,
    pub environment: Environment,
    pub dialect: Dialect,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profiles {
    /// In the order in which they are shown. Empty where nothing can be switched: in a recording, in tests.
    pub list: Vec<Listed>,
    /// Another console has this profile too, so nothing of this one is there for the next start.
    pub forgetful: bool,
}

impl Profiles {
    /// The place in the list of the profile that the console is on.
    pub fn here(&self, state: &State) -> Option<usize> {
        self.list.iter().position(|listed| listed.name == state.settings.profile)
    }
}

/// Whether a console could start on a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Ready,
    /// Each reason names the setting with its file and line.
    NotReady {
        why: Vec<DisplayText>,
    },
}

/// A profile that was chosen and is not ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub profile: DisplayText,
    pub why: Vec<DisplayText>,
}

/// The list, beginning at the profile that the console is on.
pub(super) fn open(state: &mut State) -> Effects {
    let chosen = state.profiles.here(state).unwrap_or(0);
    state.dialog = Some(Dialog::Profiles { chosen, refused: None });
    Vec::new()
}

/// Rows down; another row is another question, so what was refused goes.
pub(super) fn choose(state: &mut State, rows: i16) -> Effects {
    let last = state.profiles.list.len().saturating_sub(1);
    let Some(Dialog::Profiles { chosen, refused }) = &mut state.dialog else { return Vec::new() };
    *chosen = chosen.saturating_add_signed(isize::from(rows)).min(last);
    *refused = None;
    stop_looking(state)
}

/// Nobody waits any more for what was asked about a profile.
pub(super) fn stop_looking(state: &mut State) -> Effects {
    calls::abandon(state, |call| matches!(call, Call::Profile { .. }))
}

/// The chosen one is looked at before anything is left: who stays loses nothing.
pub(super) fn go(state: &mut State, chosen: usize) -> Effects {
    let Some(listed) = state.profiles.list.get(chosen) else { return Vec::new() };
    let profile = listed.name.clone();
    if state.profiles.here(state) == Some(chosen) {
        state.dialog = None;
        state.tell(Tone::Info, &format!("this is {profile} already"));
        return Vec::new();
    }
    if matches!(state.watch, Watch::Raising { .. }) {
        state.dialog = None;
        state.tell(Tone::Warning, "a panic is being raised: wait for it, or stop it first");
        return Vec::new();
    }
    let mut effects = stop_looking(state);
    let call = calls::start_beside(state, Call::Profile { profile: chosen });
    effects.push(Effect::LookAt { call, profile });
    effects
}

/// What came of looking. Somebody who closed the list meanwhile stays.
pub(super) fn reply(state: &mut State, profile: usize, outcome: Outcome) -> Effects {
    let why = match outcome {
        Ok(Answer::Profile(Verdict::Ready)) => None,
        Ok(Answer::Profile(Verdict::NotReady { why })) => Some(why),
        Ok(_) => Some(vec![calls::unexpected().message]),
        Err(failure) => Some(vec![failure.message]),
    };
    let Some(Dialog::Profiles { refused, .. }) = &mut state.dialog else { return Vec::new() };
    let Some(listed) = state.profiles.list.get(profile) else { return Vec::new() };
    match why {
        Some(why) => *refused = Some(Refused { profile: listed.name.clone(), why }),
        None if is_live(state) || listed.environment.asks_first() => {
            state.dialog = Some(Dialog::Leave { profile });
        }
        None => return leave(state, profile),
    }
    Vec::new()
}

/// Whether a callout would be left behind.
pub(crate) fn is_live(state: &State) -> bool {
    matches!(state.watch, Watch::Live(_))
}

/// Ends this profile's run. What is followed is on disk already, as for any other end.
pub(super) fn leave(state: &mut State, profile: usize) -> Effects {
    state.dialog = None;
    if matches!(state.watch, Watch::Raising { .. }) {
        state.tell(Tone::Warning, "a panic is being raised: wait for it, or stop it first");
        return Vec::new();
    }
    if let Some(listed) = state.profiles.list.get(profile) {
        let told = format!("going to {}", listed.name);
        state.tell(Tone::Info, &told);
        state.exit = Some(Exit::Switch(profile));
    }
    Vec::new()
}
