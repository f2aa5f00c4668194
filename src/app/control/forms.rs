//! What is asked before a step: the outcome, what to note of the incident, which canned reply. Enter
//! goes through each of them; nothing of it has to be filled in.

use super::model::{Outcome, Step};
use super::{Taken, steps, talk};
use crate::app::Effects;
use crate::app::callout::CalloutId;
use crate::app::draft::Draft;
use crate::app::state::{Dialog, State, Tone};
use crate::text::DisplayText;
use serde::{Deserialize, Serialize};

/// Characters of the incident's details.
const LONGEST_DETAILS: usize = 400;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Form {
    Outcome { callout: CalloutId, outcome: Outcome, row: usize },
    Close { callout: CalloutId, details: Draft },
    Canned { row: usize },
}

impl Form {
    /// The fields of an outcome, as the control API has them.
    pub const OUTCOME: [&'static str; 3] = ["anyInjuries", "customerHappy", "followUpRequired"];

    pub(super) fn outcome(callout: CalloutId) -> Self {
        Self::Outcome { callout, outcome: Outcome::default(), row: 0 }
    }

    pub(super) fn close(callout: CalloutId) -> Self {
        Self::Close { callout, details: Draft::with_limit(LONGEST_DETAILS) }
    }

    /// Its input line, if it has one.
    pub(in crate::app) fn line(&mut self) -> Option<&mut Draft> {
        match self {
            Self::Close { details, .. } => Some(details),
            Self::Outcome { .. } | Self::Canned { .. } => None,
        }
    }

    fn step(&self) -> Option<(&CalloutId, Step)> {
        match self {
            Self::Outcome { callout, .. } => Some((callout, Step::Complete)),
            Self::Close { callout, .. } => Some((callout, Step::Close)),
            Self::Canned { .. } => None,
        }
    }
}

/// A character in a form that has no input line: a number chooses, a blank switches.
pub(in crate::app) fn typed(state: &mut State, character: char) -> Option<Effects> {
    let canned = state.control.canned.len();
    let number = character.to_digit(10).and_then(|digit| usize::try_from(digit).ok()?.checked_sub(1));
    match (&mut state.dialog, number) {
        (Some(Dialog::Control(Form::Canned { .. })), Some(number)) if number < canned => {
            return Some(talk::insert(state, number));
        }
        (Some(Dialog::Control(Form::Outcome { outcome, row, .. })), number) => {
            if let Some(number) = number.filter(|number| *number < Form::OUTCOME.len()) {
                *row = number;
                switch(outcome, number);
            } else if character == ' ' {
                switch(outcome, *row);
            }
        }
        (Some(Dialog::Control(Form::Canned { .. })), _) => {}
        _ => return None,
    }
    Some(Vec::new())
}

fn switch(outcome: &mut Outcome, row: usize) {
    let field = match row {
        0 => &mut outcome.any_injuries,
        1 => &mut outcome.customer_happy,
        _ => &mut outcome.follow_up_required,
    };
    *field = !*field;
}

/// The arrow keys in a form with rows.
pub(super) fn scroll(state: &mut State, rows: i16) {
    let canned = state.control.canned.len();
    let (row, count) = match &mut state.dialog {
        Some(Dialog::Control(Form::Outcome { row, .. })) => (row, Form::OUTCOME.len()),
        Some(Dialog::Control(Form::Canned { row })) => (row, canned),
        _ => return,
    };
    *row = row.saturating_add_signed(isize::from(rows)).min(count.saturating_sub(1));
}

/// Enter.
pub(in crate::app) fn answer(state: &mut State, form: Form) -> Effects {
    let (callout, taken) = match form {
        Form::Canned { row } => return talk::insert(state, row),
        Form::Outcome { callout, outcome, .. } => (callout, Taken::Complete(outcome)),
        Form::Close { callout, details } => {
            let incident = (!details.is_blank()).then(|| DisplayText::new(details.value()));
            (callout, Taken::Close { incident })
        }
    };
    steps::order(state, callout, taken)
}

/// A question about a step that is possible no more asks nothing.
pub(super) fn settle(state: &mut State) {
    let Some(Dialog::Control(form)) = &state.dialog else { return };
    let Some((callout, step)) = form.step() else { return };
    let possible = state.control.cases.iter().any(|case| case.id == *callout && case.allows(step));
    if !possible {
        let told = format!("{} is not possible any more: nothing was done", step.name());
        state.dialog = None;
        state.tell(Tone::Info, &told);
    }
}
