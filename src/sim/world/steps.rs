//! The control room's steps: the state machine of reference §9, and nothing beside it.

use super::World;
use super::command::{Refusal, Reply, Step};
use super::crew::Sent;
use super::drive::{Journey, Route};
use super::event::{Change, Event, Happened};
use super::id::{CalloutId, EntryId, Ids, ResponderId, SupplierId};
use super::record::{CONTROLLER, CalloutRecord, Candidate, Handling, Outcome, Role, Status};
use super::trouble::Trouble;
use crate::geo::Position;
use crate::sim::scenario::{Drive, Scenario, USUAL_DRIVE};
use jiff::Timestamp;

impl CalloutRecord {
    /// The control API's words for the steps that are possible now.
    pub fn allowed_steps(&self) -> Vec<&'static str> {
        let mut steps = Vec::new();
        match self.status {
            Status::Created => {
                let open = [
                    ("acknowledge", self.acknowledged_at.is_none()),
                    ("own", self.owned_at.is_none()),
                    ("verify", self.verified_at.is_none()),
                ];
                steps.extend(open.into_iter().filter(|(_, open)| *open).map(|(step, _)| step));
                steps.extend(self.ways_to_send());
            }
            Status::ResponderCancelled if !self.stood_down => steps.extend(self.ways_to_send()),
            Status::Dispatched => steps.extend(["cancel-responder", "arrive"]),
            Status::Arrived => steps.push("complete"),
            Status::ResponderCancelled | Status::Completed => {}
            Status::Closed => return steps,
        }
        steps.push("close");
        steps
    }

    fn ways_to_send(&self) -> impl Iterator<Item = &'static str> {
        let send = !self.awaits_verification();
        let steps = [
            ("dispatch", send),
            ("dispatch-manually", send),
            ("decline", self.open_candidates().next().is_some()),
        ];
        steps.into_iter().filter(|(_, open)| *open).map(|(step, _)| step)
    }

    /// Who has been found and has neither declined nor gone.
    pub fn open_candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(|candidate| {
            !candidate.declined && !candidate.acknowledged && candidate.retracted_at.is_none()
        })
    }
}

/// What the autopilot does instead when a step was refused.
pub(super) fn fallback(refusal: &Refusal) -> Option<Step> {
    matches!(refusal, Refusal::NoResponder { .. } | Refusal::NotCovered { .. })
        .then_some(Step::DispatchManually { supplier_id: None })
}

impl World {
    /// A person's own step: the autopilot leaves the callout to them.
    pub(super) fn controller_step(
        &mut self,
        callout: CalloutId,
        step: &Step,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let record = self.known(callout)?;
        let taken_over = record.plan.is_some();
        let allowed = |refusal: Refusal| refusal.with_allowed(|| self.allowed_steps(record));
        let consequences = self.consequences(record, step, now).map_err(allowed)?;
        if taken_over {
            self.change(callout, Change::TakenOver, now, out);
        }
        if self.tells_steps() {
            self.emit_all(now, consequences, out);
        } else {
            for what in consequences {
                self.happen(now, what, out);
            }
        }
        Ok(Reply::Callout(callout))
    }

    /// The autopilot's step.
    pub(super) fn step(
        &mut self,
        callout: CalloutId,
        step: &Step,
        at: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<(), Refusal> {
        let consequences = self.consequences(self.known(callout)?, step, at)?;
        self.emit_all(at, consequences, out);
        Ok(())
    }

    pub(super) fn known(&self, callout: CalloutId) -> Result<&CalloutRecord, Refusal> {
        self.callout_by_id(callout).ok_or(Refusal::NotFound { what: "Callout" })
    }

    /// What a step brings about, decided in full before any of it happens.
    fn consequences(
        &self,
        record: &CalloutRecord,
        step: &Step,
        now: Timestamp,
    ) -> Result<Vec<Happened>, Refusal> {
        self.check_step(record, step)?;
        let mut ids = self.ids();
        let change = match step {
            Step::Acknowledge => handled(&mut ids, Handling::Acknowledged),
            Step::Own => handled(&mut ids, Handling::Owned),
            Step::Verify => handled(&mut ids, Handling::Verified),
            Step::Dispatch { responder_id } => return self.dispatch(record, *responder_id, ids, now),
            Step::DispatchManually { supplier_id } => return self.send_supplier(record, *supplier_id, ids),
            Step::Decline { responder_id } => {
                Change::Declined { responder: who_declines(record, *responder_id)? }
            }
            Step::CancelResponder => Change::Retracted { entry: EntryId(ids.take()), stood_down: false },
            Step::Arrive => Change::Arrived { entry: EntryId(ids.take()), fix: ids.take(), eta: ids.take() },
            Step::Complete { any_injuries, customer_happy, follow_up_required } => Change::Completed {
                entry: EntryId(ids.take()),
                outcome: Outcome {
                    any_injuries: *any_injuries,
                    customer_happy: *customer_happy,
                    follow_up_required: *follow_up_required,
                },
            },
            Step::Close { incident_details } => {
                Change::Closed { entry: EntryId(ids.take()), incident_details: incident_details.clone() }
            }
        };
        Ok(vec![Happened::Callout { callout: record.id, change }])
    }

    fn dispatch(
        &self,
        record: &CalloutRecord,
        chosen: Option<ResponderId>,
        mut ids: Ids,
        now: Timestamp,
    ) -> Result<Vec<Happened>, Refusal> {
        let to = record.location.position;
        let nobody = Refusal::NoResponder { allowed_now: Vec::new() };
        if self.is_in(record.id, Trouble::NobodyAvailable) {
            return Err(nobody);
        }
        let callout = record.id;
        let mut declined = None;
        let Sent { responder, supplier, route, made } = match chosen {
            None => {
                let first = self.nearest_free(record, &mut ids).ok_or(nobody)?;
                match self.declined_first(record, &first, &mut ids) {
                    None => first,
                    Some((change, next)) => {
                        declined = Some(Happened::Callout { callout, change });
                        next
                    }
                }
            }
            Some(id) => {
                let responder = self.free_responder(id)?;
                let route = self.way(responder.resting.position, to);
                Sent { responder: id, supplier: responder.supplier, route, made: Vec::new() }
            }
        };
        let metres = route.length_m();
        let duration_ms = self.drive_of(record).milliseconds(metres);
        let mut events = made;
        events.extend(declined);
        if !record.candidates.iter().any(|candidate| candidate.responder == responder) {
            let candidates = vec![candidate(ids.take(), responder, (metres, duration_ms), now)];
            events.push(Happened::Callout { callout, change: Change::Found { candidates } });
        }
        let reports = Journey::reports(duration_ms);
        let journey = Journey {
            route,
            departed: now,
            duration_ms,
            first_fix: ids.take_block(reports),
            first_eta: ids.take_block(reports),
        };
        let entry = EntryId(ids.take());
        let change = Change::Dispatched { entry, responder, supplier, journey: Box::new(journey) };
        events.push(Happened::Callout { callout, change });
        Ok(events)
    }

    fn send_supplier(
        &self,
        record: &CalloutRecord,
        chosen: Option<SupplierId>,
        mut ids: Ids,
    ) -> Result<Vec<Happened>, Refusal> {
        let (supplier, mut events) = self.some_supplier(chosen, &mut ids)?;
        let entry = EntryId(ids.take());
        let change = Change::DispatchedManually { entry, supplier };
        events.push(Happened::Callout { callout: record.id, change });
        Ok(events)
    }

    pub(super) fn drive_of(&self, record: &CalloutRecord) -> Drive {
        let scenario = record.scenario().and_then(|id| self.tables.scenarios.get(&id));
        scenario.map_or(USUAL_DRIVE, |scenario| scenario.drive)
    }

    pub(super) fn way(&self, from: Position, to: Position) -> Route {
        Route::new(&self.streets(to).route(from, to))
    }

    pub(super) fn controller_comment(
        &mut self,
        callout: CalloutId,
        message: String,
        from: Option<String>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let record = self.known(callout)?;
        if !record.is_active() {
            return Err(Refusal::Invalid { field: "calloutId", why: "the callout is closed" });
        }
        if message.trim().is_empty() {
            return Err(Refusal::Invalid { field: "message", why: "is empty" });
        }
        let author = from.unwrap_or_else(|| CONTROLLER.name.to_owned());
        let entry = self.comment(callout, (Role::Admin, author, message), now, out);
        Ok(Reply::Commented { callout, entry })
    }

    /// The same scenario again changes nothing; another one is for the callouts raised from now on.
    pub(super) fn set_autopilot(
        &mut self,
        to: Option<Box<Scenario>>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Reply {
        if self.autopilot() != to.as_deref() {
            let id = super::ScenarioId(self.ids().take());
            self.emit(now, Happened::AutopilotSet { to: to.map(|scenario| (id, scenario)) }, out);
        }
        Reply::Done
    }
}

fn handled(ids: &mut Ids, handling: Handling) -> Change {
    Change::Handled { entry: EntryId(ids.take()), handling }
}

fn who_declines(record: &CalloutRecord, chosen: Option<ResponderId>) -> Result<ResponderId, Refusal> {
    let mut open = record.open_candidates();
    let found = match chosen {
        Some(id) => open.find(|candidate| candidate.responder == id),
        None => open.min_by_key(|candidate| candidate.distance_m),
    };
    found.map(|candidate| candidate.responder).ok_or(Refusal::NotFound { what: "Responder in range" })
}

pub(super) fn candidate(
    id: u64,
    responder: ResponderId,
    (metres, ms): (f64, u64),
    at: Timestamp,
) -> Candidate {
    Candidate {
        id,
        responder,
        distance_m: super::drive::whole(metres),
        duration_s: u32::try_from(ms.div_ceil(1_000)).unwrap_or(u32::MAX),
        requested: false,
        declined: false,
        acknowledged: false,
        retracted_at: None,
        created_at: at,
        updated_at: at,
    }
}
