//! What an integrator books besides panics: leads, services at a time, and coupons.

use super::World;
use super::command::{Refusal, Reply};
use super::event::{Event, Happened};
use super::id::{CustomerId, SourceId};
use super::mobile::is_number;
use super::recurrence::Repeats;
use crate::geo::Position;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A service must be asked for at least this long before it begins (reference §8.4).
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

const LONGEST_COUPON: usize = 64;

#[derive(Clone, Debug)]
pub enum ServiceCommand {
    CreateLead { source: SourceId, lead: Box<Lead> },
    Schedule { source: SourceId, id: String, service: Box<Booking> },
    CancelScheduled { source: SourceId, id: String },
    AddCoupon { source: SourceId, code: String },
    RemoveCoupon { source: SourceId, code: String },
}

/// Somebody who may become a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    pub id: String,
    pub mobile_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
}

/// A service for a customer, once or again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Booking {
    /// `guarding`, and what else there may be.
    pub kind: String,
    pub customer: CustomerId,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
    pub repeats: Repeats,
    pub position: Option<Position>,
    pub formatted_address: Option<String>,
    /// Name, instructions and details under their wire names: kept and given back, never looked at.
    pub config: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadRecord {
    pub source: SourceId,
    pub lead: Lead,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduledRecord {
    pub id: String,
    pub source: SourceId,
    pub service: Booking,
    pub cancelled_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl ScheduledRecord {
    /// When it will next begin. `None` once it was cancelled, or has begun for the last time.
    pub fn next_occurrence(&self, now: Timestamp) -> Option<Timestamp> {
        if self.cancelled_at.is_some() { None } else { self.service.repeats.next(self.service.from, now) }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ServiceEvent {
    LeadCreated { source: SourceId, lead: Box<Lead> },
    Scheduled { source: SourceId, id: String, service: Box<Booking> },
    ScheduledCancelled { id: String },
    CouponAdded { source: SourceId, code: String },
    CouponRemoved { source: SourceId, code: String },
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ServiceTables {
    leads: BTreeMap<String, LeadRecord>,
    scheduled: BTreeMap<String, ScheduledRecord>,
    coupons: BTreeMap<SourceId, BTreeSet<String>>,
}

impl World {
    pub(super) fn decide_service(
        &mut self,
        command: ServiceCommand,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let what = match command {
            ServiceCommand::CreateLead { source, lead } => {
                if !is_number(&lead.mobile_number) {
                    return Err(Refusal::Invalid { field: "mobileNumber", why: "is not a phone number" });
                }
                ServiceEvent::LeadCreated { source, lead }
            }
            ServiceCommand::Schedule { source, id, service } => {
                self.check_service(source, &service, now)?;
                ServiceEvent::Scheduled { source, id, service }
            }
            ServiceCommand::CancelScheduled { source, id } => {
                let unknown = Refusal::NotFound { what: "Scheduled request" };
                let record = self.scheduled(source, &id).ok_or(unknown)?;
                if record.cancelled_at.is_some() {
                    let why = "is cancelled already";
                    return Err(Refusal::Invalid { field: "scheduledRequestId", why });
                }
                ServiceEvent::ScheduledCancelled { id }
            }
            ServiceCommand::AddCoupon { source, code } => {
                let code = code.trim().to_owned();
                if code.is_empty() || code.len() > LONGEST_COUPON {
                    return Err(Refusal::Invalid { field: "couponCode", why: "must have 1 to 64 bytes" });
                }
                if self.coupon(source, &code).is_some() {
                    return Err(Refusal::Duplicate { field: "couponCode" });
                }
                ServiceEvent::CouponAdded { source, code }
            }
            ServiceCommand::RemoveCoupon { source, code } => {
                let code = self.coupon(source, &code).ok_or(Refusal::NotFound { what: "Coupon" })?.to_owned();
                ServiceEvent::CouponRemoved { source, code }
            }
        };
        self.emit(now, Happened::Service(what), out);
        Ok(Reply::Done)
    }

    fn check_service(&self, source: SourceId, service: &Booking, now: Timestamp) -> Result<(), Refusal> {
        self.customer(source, service.customer).ok_or(Refusal::NotFound { what: "Customer" })?;
        if service.from < now.checked_add(AHEAD).unwrap_or(Timestamp::MAX) {
            return Err(Refusal::Invalid { field: "dateFrom", why: "is less than 5 minutes ahead" });
        }
        if service.to.is_some_and(|to| to <= service.from) {
            return Err(Refusal::Invalid { field: "dateTo", why: "is not after dateFrom" });
        }
        Ok(())
    }

    pub(super) fn fold_service(&mut self, what: &ServiceEvent, at: Timestamp) {
        let tables = &mut self.tables.services;
        match what {
            ServiceEvent::LeadCreated { source, lead } => {
                let record = LeadRecord { source: *source, lead: lead.as_ref().clone(), created_at: at };
                tables.leads.insert(lead.id.clone(), record);
            }
            ServiceEvent::Scheduled { source, id, service } => {
                let record = ScheduledRecord {
                    id: id.clone(),
                    source: *source,
                    service: service.as_ref().clone(),
                    cancelled_at: None,
                    created_at: at,
                };
                tables.scheduled.insert(id.clone(), record);
            }
            ServiceEvent::ScheduledCancelled { id } => {
                if let Some(record) = tables.scheduled.get_mut(id) {
                    record.cancelled_at = Some(at);
                }
            }
            ServiceEvent::CouponAdded { source, code } => {
                tables.coupons.entry(*source).or_default().insert(code.clone());
            }
            ServiceEvent::CouponRemoved { source, code } => {
                if let Some(coupons) = tables.coupons.get_mut(source) {
                    coupons.remove(code);
                }
            }
        }
    }

    pub fn lead(&self, source: SourceId, id: &str) -> Option<&LeadRecord> {
        self.tables.services.leads.get(id).filter(|record| record.source == source)
    }

    pub fn scheduled(&self, source: SourceId, id: &str) -> Option<&ScheduledRecord> {
        self.tables.services.scheduled.get(id).filter(|record| record.source == source)
    }

    /// Of every source, for the control side.
    pub fn all_scheduled(&self) -> impl Iterator<Item = &ScheduledRecord> {
        self.tables.services.scheduled.values()
    }

    /// The coupon as it was written down; people type them in any case.
    pub fn coupon(&self, source: SourceId, code: &str) -> Option<&str> {
        self.coupons(source).find(|known| known.eq_ignore_ascii_case(code.trim()))
    }

    pub fn coupons(&self, source: SourceId) -> impl Iterator<Item = &str> {
        self.tables.services.coupons.get(&source).into_iter().flatten().map(String::as_str)
    }
}
