//! The autopilot's place in its scenario, kept with each callout. It holds no list of steps: the next
//! beat and when it is due follow from the scenario, the phase and when the phase began.

use super::event::{Change, Event};
use super::id::{CalloutId, ScenarioId};
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
    /// The scenario's `duress` beats, once a wrong safe code was given: they are played beside the
    /// phases, since the response goes on.
    #[serde(default)]
    aside: Option<Aside>,
    /// When the next beat is due; `None`: nothing moves before somebody else acts.
    pub due: Option<Timestamp>,
}

/// As the phase of a plan: how many beats have been played, and when the first second began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Aside {
    cursor: usize,
    since: Timestamp,
}

/// Which of a plan's two lists a beat is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Phase,
    Aside,
}

type Scenarios = BTreeMap<ScenarioId, Scenario>;

impl Plan {
    pub(super) fn new(scenario: ScenarioId) -> Self {
        Self { scenario, phase: Phase::Raised, cursor: 0, since: Timestamp::MIN, aside: None, due: None }
    }
}

impl CalloutRecord {
    /// Begins a phase of the plan, if there is one.
    pub(super) fn enter(&mut self, phase: Phase, at: Timestamp, scenarios: &Scenarios) {
        if let Some(plan) = &mut self.plan {
            (plan.phase, plan.cursor, plan.since) = (phase, 0, at);
            if phase == Phase::StoodDown {
                plan.aside = None;
            }
        }
        self.set_due(scenarios);
    }

    /// Begins the beats beside the phases; a second wrong code changes nothing.
    pub(super) fn enter_aside(&mut self, at: Timestamp, scenarios: &Scenarios) {
        if let Some(plan) = self.plan.as_mut().filter(|plan| plan.phase != Phase::StoodDown) {
            plan.aside.get_or_insert(Aside { cursor: 0, since: at });
        }
        self.set_due(scenarios);
    }

    pub(super) fn next_aside(&mut self, scenarios: &Scenarios) {
        if let Some(aside) = self.plan.as_mut().and_then(|plan| plan.aside.as_mut()) {
            aside.cursor += 1;
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
        let due = self.beat(scenarios).map(|(due, ..)| due);
        if let Some(plan) = &mut self.plan {
            plan.due = due;
        }
    }

    /// The beat that comes next, of either list; at the same time the phase's.
    fn beat<'s>(&self, scenarios: &'s Scenarios) -> Option<(Timestamp, &'s Act, Part)> {
        let plan = self.plan.as_ref()?;
        let scenario = scenarios.get(&plan.scenario)?;
        let aside = plan.aside.as_ref().and_then(|aside| {
            let (offset, act) = scenario.beat(Phase::Duress, 0, aside.cursor)?;
            Some((drive::later(aside.since, offset), act, Part::Aside))
        });
        let phase = self.phase_beat(plan, scenario).map(|(due, act)| (due, act, Part::Phase));
        phase.into_iter().chain(aside).min_by_key(|(due, ..)| *due)
    }

    fn phase_beat<'s>(&self, plan: &Plan, scenario: &'s Scenario) -> Option<(Timestamp, &'s Act)> {
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
            Change::Completed { .. } if self.duress => Some(Phase::CompletedAfterDuress),
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
        let (act, part) = act.map_or((None, Part::Phase), |(_, act, part)| (Some(act.clone()), part));
        let played = if part == Part::Phase { Change::Played } else { Change::PlayedAside };
        self.change(callout, played, due, out);
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
        let (author, body) = (author.to_owned(), self.spoken(record, text, at));
        self.comment(callout, (Role::Admin, author, body), at, out);
    }

    /// Until somebody is there, at least one. Where no vehicle reports, a controller goes by how long
    /// the drive will usually take.
    fn minutes_left(&self, record: &CalloutRecord, at: Timestamp) -> u64 {
        let assignment = record.assignment();
        let eta = assignment.and_then(|_| record.eta(at)).map(|eta| u64::from(eta.duration_s));
        let seconds = eta.unwrap_or_else(|| {
            let whole = self.drive_of(record).unknown_route_ms();
            let gone = assignment.map_or(0, |sent| at.duration_since(sent.dispatched_at).as_millis());
            whole.saturating_sub(u64::try_from(gone).unwrap_or(0)).div_ceil(1_000)
        });
        seconds.div_ceil(60).max(1)
    }

    /// Fills in the names of a line. Where nobody is known by name, it speaks of "an officer".
    fn spoken(&self, record: &CalloutRecord, text: &str, at: Timestamp) -> String {
        let assignment = record.assignment();
        let responder = assignment.and_then(|assignment| self.responder(assignment.responder?));
        let supplier = assignment.and_then(|assignment| self.supplier(assignment.supplier));
        let minutes = self.minutes_left(record, at);
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
