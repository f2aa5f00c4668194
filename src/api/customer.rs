//! Whose panic it is, in v2: the customer that a callout is created for.

use super::client::{Connection, CustomerSetup};
use super::error::ApiError;
use super::kept::KeptFile;
use super::model::customer::{CreateCustomer, CustomerFields, SubscriptionFields};
use super::model::wire_time::RequestTime;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// A new subscription begins a little in the past: the server's clock may be behind ours, and a
/// subscription that has not begun yet lets no callout through.
const BEGINS_EARLIER: SignedDuration = SignedDuration::from_mins(10);
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The customer's id: given by the profile, else the one that was created before and kept.
pub(crate) struct Customers {
    given: Option<i64>,
    kept: Mutex<Slot>,
    file: Option<Arc<KeptFile>>,
}

#[derive(Default)]
pub(crate) struct Slot {
    id: Option<i64>,
    file_was_read: bool,
}

impl Customers {
    pub(crate) fn new(given: Option<i64>, file: Option<KeptFile>) -> Self {
        Self { given, kept: Mutex::default(), file: file.map(Arc::new) }
    }

    /// Whether the profile itself says who it is. Such an id is never replaced.
    pub(crate) fn is_given(&self) -> bool {
        self.given.is_some()
    }

    pub(crate) async fn known(&self) -> Option<i64> {
        match self.given {
            Some(id) => Some(id),
            None => self.slot().await.id,
        }
    }

    /// The kept id, held so that two panics at once do not create two customers.
    pub(crate) async fn slot(&self) -> MutexGuard<'_, Slot> {
        let mut slot = self.kept.lock().await;
        if !std::mem::replace(&mut slot.file_was_read, true)
            && let Some(file) = self.file.clone()
        {
            slot.id = tokio::task::spawn_blocking(move || file.load()).await.ok().flatten();
        }
        slot
    }

    pub(crate) async fn keep(&self, slot: &mut Slot, id: i64) {
        slot.id = Some(id);
        if let Some(file) = self.file.clone() {
            // What could not be kept has been logged; the id in memory serves this process.
            let _ = tokio::task::spawn_blocking(move || file.save(id)).await;
        }
    }

    /// Forgets an id that the server does not know, unless another task has replaced it already.
    pub(crate) async fn forget(&self, lost: i64) {
        let mut slot = self.slot().await;
        if slot.id == Some(lost) {
            slot.id = None;
            if let Some(file) = self.file.clone() {
                let _ = tokio::task::spawn_blocking(move || file.forget()).await;
            }
        }
    }
}

impl Slot {
    pub(crate) fn id(&self) -> Option<i64> {
        self.id
    }
}

/// The customer block of both dialects.
pub(crate) fn fields(setup: &CustomerSetup) -> CustomerFields {
    CustomerFields {
        name: setup.name.as_str().into(),
        surname: setup.surname.as_str().into(),
        mobile: setup.mobile.as_str().into(),
        email: setup.email.clone().into(),
        gender: setup.gender.clone().into(),
        vehicle_make: setup.vehicle_make.clone().into(),
        vehicle_model: setup.vehicle_model.clone().into(),
        vehicle_colour: setup.vehicle_colour.clone().into(),
        vehicle_license_plate: setup.vehicle_license_plate.clone().into(),
        ..CustomerFields::default()
    }
}

/// The customer with a subscription for a year, in one request.
pub(crate) fn creation(connection: &Connection, now: Timestamp) -> Result<CreateCustomer, ApiError> {
    let setup = &connection.customer;
    let missing = [("name", &setup.name), ("surname", &setup.surname), ("mobile", &setup.mobile)]
        .into_iter()
        .find(|(_, value)| value.trim().is_empty());
    if let Some((field, _)) = missing {
        return Err(ApiError::Settings(format!("the profile has no customer.{field}: a callout needs it")));
    }
    let from = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let from = from.checked_sub(BEGINS_EARLIER).unwrap_or(from);
    let to = from.checked_add(YEAR).unwrap_or(Timestamp::MAX);
    Ok(CreateCustomer {
        customer: fields(setup).into(),
        subscription: SubscriptionFields {
            subscription_type_id: setup.subscription_type_id.into(),
            valid_from: RequestTime(from).into(),
            valid_to: RequestTime(to).into(),
        }
        .into(),
        ..CreateCustomer::default()
    })
}
