//! The autopilot's place in its scenario, kept with each callout. It holds no list of steps: the next
//! beat and when it is due follow from the scenario, the phase and when the phase began.

use super::event::{Change, Event};
use super::id::{CalloutId, EntryId, ScenarioId};
use super::record::{CalloutRecord, Outcome, Role, Status};
use super::steps::fallback;
use super::{Step, World, drive};
use crate::sim::scenario::{Act, Phase, Scenario};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub scenario: ScenarioId,
    pub phase: Phase,
    /// Beats of the phase that have been played.
    cursor: usize,
    since: Timestamp,
    /// When the next beat is due; `None`: nothing moves before somebody else acts.
    pub due: Option<Timestamp>,
}

type Scenarios = BTreeMap<ScenarioId, Scenario>;

impl Plan {
    pub(super) fn new(scenario: ScenarioId) -> Self {
        Self { scenario, phase: Phase::Raised, cursor: 0, since: Timestamp::MIN, due: None }
    }
}

impl CalloutRecord {
    /// Begins a phase of the plan, if there is one.
    pub(super) fn enter(&mut self, phase: Phase, at: Timestamp, scenarios: &Scenarios) {
        if let Some(plan) = &mut self.plan {
            (plan.phase, plan.cursor, plan.since) = (phase, 0, at);
        }
        self.set_due(scenarios);
    }

    pub(super) fn next_beat(&mut self, scenarios: &Scenarios) {
        if let Some(plan) = &mut self.plan {
            plan.cursor += 1;
        }
        self.set_due(scenarios);
    }

    fn set_due(&mut self, scenarios: &Scenarios) {
        let due = self.beat(scenarios).map(|(due, _)| due);
        if let Some(plan) = &mut self.plan {
            plan.due = due;
        }
    }

    fn beat<'s>(&self, scenarios: &'s Scenarios) -> Option<(Timestamp, &'s Act)> {
        let plan = self.plan.as_ref()?;
        let scenario = scenarios.get(&plan.scenario)?;
        let journey = self.assignment().and_then(|assignment| assignment.journey.as_ref());
        let drive_ms = journey.map_or(scenario.drive.unknown_route_ms(), |journey| journey.duration_ms);
        let (offset, act) = scenario.beat(plan.phase, drive_ms, plan.cursor)?;
        Some((drive::later(plan.since, offset), act))
    }

    /// The phase that a change begins. A cancel by the customer is seen through to the end: what
    /// happens on the way there does not lead back into the response.
    pub(super) fn phase_after(&self, change: &Change) -> Option<Phase> {
        let phase = self.plan.as_ref()?.phase;
        match change {
            Change::Retracted { stood_down: true, .. } => Some(Phase::StoodDown),
            _ if phase == Phase::StoodDown => None,
            // Whoever gave a wrong safe code may be made to say that all is well.
            Change::CancelAsked if self.status != Status::Completed && !self.duress => Some(Phase::Dismissed),
            _ if phase == Phase::Dismissed => None,
            Change::Dispatched { .. } | Change::DispatchedManually { .. } if self.assignments.len() > 1 => {
                Some(Phase::DispatchedAgain)
            }
            Change::Dispatched { .. } | Change::DispatchedManually { .. } => Some(Phase::Dispatched),
            Change::Retracted { .. } => Some(Phase::ResponderCancelled),
            Change::Arrived { .. } => Some(Phase::Arrived),
            Change::Completed { .. } => Some(Phase::Completed),
            _ => None,
        }
    }
}

impl World {
    /// Plays the next beat of a callout's plan at the time it was due. A step that the state machine
    /// does not allow any more is passed over.
    pub(super) fn play(&mut self, callout: CalloutId, due: Timestamp, out: &mut Vec<Event>) {
        let act = self.callout_by_id(callout).and_then(|record| record.beat(&self.tables.scenarios));
        let act = act.map(|(_, act)| act.clone());
        self.change(callout, Change::Played, due, out);
        let step = match act {
            None => return,
            Some(Act::Say(text)) => return self.say(callout, &text, due, out),
            Some(Act::Ring) => return self.ring(callout, due, out),
            Some(Act::Decline) => return self.decline_all(callout, due, out),
            Some(Act::Acknowledge) => Step::Acknowledge,
            Some(Act::Own) => Step::Own,
            Some(Act::Verify) => Step::Verify,
            Some(Act::Dispatch) => Step::Dispatch { responder_id: None },
            Some(Act::DispatchManually) => Step::DispatchManually { supplier_id: None },
            Some(Act::CancelResponder) => Step::CancelResponder,
            Some(Act::Arrive) => Step::Arrive,
            Some(Act::Complete) => Step::completion(Outcome::default()),
            Some(Act::Close(incident_details)) => Step::Close { incident_details },
        };
        if let Err(refusal) = self.step(callout, &step, due, out)
            && let Some(instead) = fallback(&refusal)
        {
            // Nobody is free on the app: a company is sent by phone, as a control room would.
            let _not_allowed_either = self.step(callout, &instead, due, out);
        }
    }

    fn ring(&mut self, callout: CalloutId, at: Timestamp, out: &mut Vec<Event>) {
        let open =
            self.callout_by_id(callout).is_some_and(|record| record.open_candidates().next().is_some());
        if open {
            self.change(callout, Change::Rung, at, out);
        }
    }

    fn decline_all(&mut self, callout: CalloutId, at: Timestamp, out: &mut Vec<Event>) {
        let Some(record) = self.callout_by_id(callout) else { return };
        let open: Vec<_> = record.open_candidates().map(|candidate| candidate.responder).collect();
        for responder in open {
            self.change(callout, Change::Declined { responder }, at, out);
        }
    }

    fn say(&mut self, callout: CalloutId, text: &str, at: Timestamp, out: &mut Vec<Event>) {
        let Some(record) = self.callout_by_id(callout) else { return };
        let Some(plan) = &record.plan else { return };
        let author = self.tables.scenarios.get(&plan.scenario).map_or("", |scenario| &scenario.controller);
        let comment = Change::Commented {
            entry: EntryId(self.ids().take()),
            role: Role::Admin,
            author: author.to_owned(),
            body: self.spoken(record, text, at),
        };
        self.change(callout, comment, at, out);
    }

    /// Fills in the names of a line. Where nobody is known by name, it speaks of "an officer".
    fn spoken(&self, record: &CalloutRecord, text: &str, at: Timestamp) -> String {
        let assignment = record.assignment();
        let responder = assignment.and_then(|assignment| self.responder(assignment.responder?));
        let supplier = assignment.and_then(|assignment| self.supplier(assignment.supplier));
        let minutes = record.eta(at).map_or(0, |eta| eta.duration_s.div_ceil(60));
        let words = |name: &str| match (name, responder) {
            ("customer", _) => self
                .customer_of(record)
                .map(|customer| customer.fields.name.trim())
                .filter(|name| !name.is_empty())
                .map_or_else(|| "there".to_owned(), str::to_owned),
            ("responder", Some(responder)) => responder.fields.name.clone(),
            ("callsign", Some(responder)) => responder.fields.callsign.clone(),
            ("vehicle", Some(responder)) => {
                let fields = &responder.fields;
                format!(
                    "{} {} {} ({})",
                    fields.vehicle_colour.to_lowercase(),
                    fields.vehicle_make,
                    fields.vehicle_model,
                    fields.vehicle_license_plate
                )
            }
            ("responder", None) => "An officer".to_owned(),
            ("callsign", None) => "The vehicle".to_owned(),
            ("vehicle", None) => "marked vehicle".to_owned(),
            ("supplier", _) => supplier
                .map_or_else(|| "a security company".to_owned(), |supplier| supplier.fields.name.clone()),
            ("minutes", _) => match minutes {
                0 => "a few minutes".to_owned(),
                1 => "1 minute".to_owned(),
                more => format!("{more} minutes"),
            },
            _ => String::new(),
        };
        filled(text, words)
    }
}

/// Replaces each `{name}`. What is filled in is not looked through again.
fn filled(text: &str, words: impl Fn(&str) -> String) -> String {
    let mut parts = text.split('{');
    let mut line = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        line.push_str(&words(name));
        line.push_str(rest);
    }
    line
}
