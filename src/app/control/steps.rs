//! The controller's steps on the chosen callout, under the control API's names.

use super::model::Step;
use super::{Asked, Form, Order, Pick, Refused, Taken, poll};
use crate::app::Effects;
use crate::app::callout::CalloutId;
use crate::app::calls;
use crate::app::intent::Intent;
use crate::app::state::{Call, Dialog, State, Tone};

pub(super) fn of(intent: Intent) -> Option<Step> {
    Some(match intent {
        Intent::Acknowledge => Step::Acknowledge,
        Intent::Own => Step::Own,
        Intent::Verify => Step::Verify,
        Intent::Dispatch => Step::Dispatch,
        Intent::DispatchManually => Step::DispatchManually,
        Intent::Decline => Step::Decline,
        Intent::CancelResponder => Step::CancelResponder,
        Intent::Arrive => Step::Arrive,
        Intent::Complete => Step::Complete,
        Intent::Close => Step::Close,
        _ => return None,
    })
}

/// One that the state machine does not allow is not even asked for: what is possible is known.
pub(super) fn take(state: &mut State, step: Step) -> Effects {
    if !state.may_control() {
        return Vec::new();
    }
    let Some(case) = state.control.case() else {
        state.tell(Tone::Warning, "there is no callout to act on");
        return Vec::new();
    };
    let callout = case.id.clone();
    if is_under_way(state, &callout) {
        return Vec::new();
    }
    if !case.allows(step) {
        let why = possible(&case.allowed).into();
        state.control.refused = Some(Refused { callout, what: step.name().into(), why });
        return Vec::new();
    }
    let vehicle = match state.control.pick {
        Pick::Vehicle(id) => Some(id),
        Pick::Nearest | Pick::Company(_) => None,
    };
    let company = match state.control.pick {
        Pick::Company(id) => Some(id),
        Pick::Nearest | Pick::Vehicle(_) => None,
    };
    let taken = match step {
        Step::Dispatch => Taken::Dispatch { responder: vehicle },
        Step::DispatchManually => Taken::DispatchManually { supplier: company },
        Step::Decline => Taken::Decline { responder: vehicle },
        Step::Complete => {
            state.dialog = Some(Dialog::Control(Form::outcome(callout)));
            return Vec::new();
        }
        Step::Close => {
            state.dialog = Some(Dialog::Control(Form::close(callout)));
            return Vec::new();
        }
        plain => Taken::Plain(plain),
    };
    order(state, callout, taken)
}

pub(super) fn order(state: &mut State, callout: CalloutId, step: Taken) -> Effects {
    state.control.refused = None;
    let asked = Asked::Step { callout: callout.clone(), step: step.step() };
    vec![poll::send(state, asked, Order::Step { callout, step })]
}

/// A key pressed twice is one step.
fn is_under_way(state: &State, callout: &CalloutId) -> bool {
    calls::is_waiting(
        state,
        |call| matches!(call, Call::Control(Asked::Step { callout: busy, .. }) if busy == callout),
    )
}

fn possible(allowed: &[Step]) -> String {
    if allowed.is_empty() {
        return "the callout is closed".to_owned();
    }
    let names: Vec<&str> = allowed.iter().map(|step| step.name()).collect();
    format!("not possible now; possible: {}", names.join(", "))
}
