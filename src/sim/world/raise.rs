//! The customer's side of a callout: raise, move, write, cancel.

use super::World;
use super::command::{CancelOutcome, Raise, Refusal, Reply, Who};
use super::event::{Change, Event, Happened};
use super::id::{CalloutId, CustomerId, EntryId, PlaceId, SourceId, UserId};
use super::record::{CalloutRecord, CustomerFields, Report, Role, Status};
use super::webhook::{About, Topic};
use crate::geo::Position;
use jiff::Timestamp;

/// Security, medical, demo.
pub(super) const RESPONSE_TYPES: std::ops::RangeInclusive<i64> = 1..=3;

/// The customer block of a request, with the user whose token sent it.
type Block = (Box<CustomerFields>, Option<UserId>);

impl World {
    pub(super) fn raise(
        &mut self,
        raise: Raise,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        self.raise_from(None, raise, now, out)
    }

    /// `from`: the fixed location that it is raised from.
    pub(super) fn raise_from(
        &mut self,
        from: Option<PlaceId>,
        raise: Raise,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        check(&raise)?;
        let source = raise.source;
        let (known, block): (Option<CustomerId>, Option<Block>) = match raise.who {
            Who::ById(id) => {
                let customer = self.customer(source, id).ok_or(Refusal::NotFound { what: "Customer" })?;
                (Some(customer.id), None)
            }
            Who::ByBlock { fields, user } => {
                let known = self.customer_of_block(source, &fields, user)?;
                (known.map(|customer| customer.id), Some((fields, user)))
            }
            Who::OfPlace(place) => {
                if let Some(active) = self.active_at(place).next() {
                    return Ok(Reply::Raised { callout: active.id, newly_opened: false });
                }
                (self.whose(place), None)
            }
        };
        // An emergency that is under way is never answered with a refusal.
        if let Some(active) = known.and_then(|id| self.active_of_customer(source, id)) {
            return Ok(Reply::Raised { callout: active.id, newly_opened: false });
        }
        if raise.check_subscription && !known.is_some_and(|id| self.has_active_subscription(id, now)) {
            return Err(Refusal::NoSubscription);
        }
        let customer = match (known, block) {
            (known, Some((fields, user))) => self.keep_block(source, known, fields, user, now, out),
            (Some(known), None) => known,
            (None, None) => {
                let place = from.ok_or(Refusal::NotFound { what: "Customer" })?;
                self.give_occupant(place, now, out)
            }
        };
        let mut ids = self.ids();
        let callout = CalloutId(ids.take());
        let (position, accuracy) = (raise.position, raise.accuracy);
        let what = Happened::Raised {
            callout,
            customer,
            detail: ids.take(),
            location: Report { id: ids.take(), position, accuracy, at: now },
            response_type_id: raise.response_type_id,
            classification_id: raise.classification_id,
            internal_test: raise.internal_test,
            from,
        };
        self.emit(now, what, out);
        self.consider(callout, now, out);
        self.find_responders(callout, now, out);
        Ok(Reply::Raised { callout, newly_opened: true })
    }

    pub(super) fn update_location(
        &mut self,
        source: SourceId,
        callout: CalloutId,
        (position, accuracy): (Position, Option<f64>),
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        check_accuracy(accuracy)?;
        if !self.own(source, callout)?.is_active() {
            return Err(Refusal::Closed);
        }
        let report = Report { id: self.ids().take(), position, accuracy, at: now };
        self.change(callout, Change::Located { report }, now, out);
        Ok(Reply::Callout(callout))
    }

    pub(super) fn send_event(
        &mut self,
        source: SourceId,
        callout: CalloutId,
        author: String,
        text: String,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        self.open(source, callout)?;
        if text.trim().is_empty() {
            return Err(Refusal::Invalid { field: "event", why: "is empty" });
        }
        let entry = self.comment(callout, (Role::User, author, text), now, out);
        Ok(Reply::Commented { callout, entry })
    }

    /// Soft cancel: a wish. The response goes on until a controller has spoken with the customer.
    pub(super) fn dismiss(
        &mut self,
        source: SourceId,
        callout: CalloutId,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        if !self.open(source, callout)?.cancelled_by_customer {
            self.change(callout, Change::CancelAsked, now, out);
            self.notify_of(Topic::SoftCancelled, About::Callout(callout), now, out);
        }
        Ok(Reply::Callout(callout))
    }

    pub(super) fn cancel(
        &mut self,
        source: SourceId,
        callout: CalloutId,
        safe_code: Option<&str>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let record = self.open(source, callout)?;
        if let Some(code) = safe_code {
            if code.len() != 4 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Refusal::Invalid { field: "safeCode", why: "is not four digits" });
            }
            if self.safe_code(record).as_deref() != Some(code) {
                let entry = EntryId(self.ids().take());
                self.change(callout, Change::Duress { entry }, now, out);
                return Ok(Reply::Cancelled { callout, outcome: CancelOutcome::Duress });
            }
        }
        let (status, stood_down) = (record.status, record.stood_down);
        if safe_code.is_some() && !record.cancelled_by_customer {
            self.change(callout, Change::CancelAsked, now, out);
        }
        if stood_down {
            return Ok(Reply::Cancelled { callout, outcome: CancelOutcome::StandingDown });
        }
        let entry = EntryId(self.ids().take());
        // Who is already on the scene cannot be called back; the state machine has no such step.
        if status == Status::Dispatched {
            self.change(callout, Change::Retracted { entry, stood_down: true }, now, out);
            return Ok(Reply::Cancelled { callout, outcome: CancelOutcome::StandingDown });
        }
        self.notify_of(Topic::NoLongerRequiresResponse, About::Callout(callout), now, out);
        let incident_details = Some("Cancelled.".to_owned());
        self.change(callout, Change::Closed { entry, incident_details }, now, out);
        Ok(Reply::Cancelled { callout, outcome: CancelOutcome::Closed })
    }

    /// Last four digits of the registered number. A number with fewer matches no code.
    fn safe_code(&self, record: &CalloutRecord) -> Option<String> {
        let mobile = &self.customer_of(record)?.fields.mobile;
        let digits: Vec<char> = mobile.chars().filter(char::is_ascii_digit).collect();
        Some(digits.last_chunk::<4>()?.iter().collect())
    }

    fn own(&self, source: SourceId, callout: CalloutId) -> Result<&CalloutRecord, Refusal> {
        self.callout(source, callout).ok_or(Refusal::NotFound { what: "Callout" })
    }

    fn open(&self, source: SourceId, callout: CalloutId) -> Result<&CalloutRecord, Refusal> {
        let record = self.own(source, callout)?;
        let closed = Refusal::Invalid { field: "calloutId", why: "the callout is closed" };
        if record.is_active() { Ok(record) } else { Err(closed) }
    }
}

fn check(raise: &Raise) -> Result<(), Refusal> {
    if !RESPONSE_TYPES.contains(&raise.response_type_id) {
        return Err(Refusal::Invalid { field: "responseTypeId", why: "is none of 1, 2 and 3" });
    }
    if raise.classification_id < 1 {
        return Err(Refusal::Invalid { field: "calloutClassificationId", why: "is not a positive number" });
    }
    check_accuracy(raise.accuracy)
}

fn check_accuracy(accuracy: Option<f64>) -> Result<(), Refusal> {
    let good = accuracy.is_none_or(|metres| metres.is_finite() && metres >= 0.0);
    if good { Ok(()) } else { Err(Refusal::Invalid { field: "accuracy", why: "is not a distance" }) }
}
