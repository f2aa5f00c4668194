//! Tenants, customers, their subscriptions, and the users of v1.

use super::World;
use super::command::{NewSubscription, Refusal, Reply};
use super::event::{Event, Happened};
use super::id::{CustomerId, SourceId, SubscriptionId, UserId};
use super::mobile::{is_number, mobile_key};
use super::record::{CustomerFields, CustomerRecord, PasswordHash};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// What a v1 user is given without asking (reference §2.4).
const USER_SUBSCRIPTION: NewSubscription =
    NewSubscription { subscription_type_id: 1, valid_from: None, valid_to: None };

pub(super) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

impl World {
    pub(super) fn open_source(&mut self, client_id: String, now: Timestamp, out: &mut Vec<Event>) -> Reply {
        if let Some(source) = self.source(&client_id) {
            return Reply::Source(source);
        }
        let source = SourceId(self.ids().take());
        self.emit(now, Happened::SourceOpened { source, client_id }, out);
        Reply::Source(source)
    }

    pub(super) fn create_customer(
        &mut self,
        source: SourceId,
        fields: Box<CustomerFields>,
        (new, existing): (Option<NewSubscription>, Option<SubscriptionId>),
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        check_fields(&fields)?;
        if new.is_some() && existing.is_some() {
            return Err(Refusal::Invalid { field: "subscriptionId", why: "excludes subscription" });
        }
        let dates = new.as_ref().map(|new| validity(new, now)).transpose()?;
        if existing.is_some_and(|id| self.subscription(source, id).is_none()) {
            return Err(Refusal::Invalid { field: "subscriptionId", why: "is not a known subscription" });
        }
        let ended = |id| self.subscription(source, id).is_some_and(|record| record.has_ended(now));
        if existing.is_some_and(ended) {
            let why = "is cancelled or has lapsed: create a new one";
            return Err(Refusal::Invalid { field: "subscriptionId", why });
        }
        if self.by_mobile(source, &fields.mobile).is_some() {
            return Err(Refusal::Duplicate { field: "mobile" });
        }
        let customer = self.add_customer(source, fields, now, out);
        let created =
            new.zip(dates).map(|(new, dates)| self.subscribe(customer, &new, dates, vec![], now, out));
        if let Some(subscription) = existing {
            self.emit(now, Happened::DependantAdded { subscription, customer }, out);
        }
        Ok(Reply::Customer { customer, subscription: created.or(existing) })
    }

    pub(super) fn create_subscription(
        &mut self,
        source: SourceId,
        customer: CustomerId,
        new: &NewSubscription,
        dependants: Vec<CustomerId>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        if self.customer(source, customer).is_none() {
            return Err(Refusal::NotFound { what: "Customer" });
        }
        let dependants = self.dependants(source, customer, dependants)?;
        let dates = validity(new, now)?;
        if self.holds_active_subscription(customer, now) {
            return Err(Refusal::Duplicate { field: "An active subscription" });
        }
        Ok(Reply::Subscription(self.subscribe(customer, new, dates, dependants, now, out)))
    }

    pub(super) fn register_user(
        &mut self,
        source: SourceId,
        email: &str,
        password_hash: PasswordHash,
        mobile: Option<String>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let email = email.trim().to_owned();
        if email.len() < 3 || !email.contains('@') {
            return Err(Refusal::Invalid { field: "email", why: "is not shaped like a mail address" });
        }
        if self.user_by_email(source, &email).is_some() {
            return Err(Refusal::Duplicate { field: "email" });
        }
        let mobile = mobile.filter(|mobile| !mobile.trim().is_empty());
        if mobile.as_deref().is_some_and(|mobile| !is_number(mobile)) {
            return Err(Refusal::Invalid { field: "mobileNumber", why: "is not a phone number" });
        }
        let known = mobile.as_deref().and_then(|mobile| self.by_mobile(source, mobile));
        if known.is_some_and(|customer| customer.user.is_some()) {
            return Err(Refusal::Duplicate { field: "mobileNumber" });
        }
        let dates = validity(&USER_SUBSCRIPTION, now)?;
        let known = known.map(|customer| customer.id);
        let customer = known.unwrap_or_else(|| {
            let mobile = mobile.unwrap_or_default();
            let fields = CustomerFields { mobile, email: Some(email.clone()), ..CustomerFields::default() };
            self.add_customer(source, Box::new(fields), now, out)
        });
        let user = UserId(self.ids().take());
        self.emit(now, Happened::UserRegistered { user, source, email, password_hash, customer }, out);
        if !self.has_active_subscription(customer, now) {
            self.subscribe(customer, &USER_SUBSCRIPTION, dates, vec![], now, out);
        }
        Ok(Reply::User { user, customer })
    }

    /// Who a v1 customer block speaks of, if anyone known. With a user token it is that user's own
    /// customer, unless the number is another customer's; then that must be nobody else's user.
    pub(super) fn customer_of_block(
        &self,
        source: SourceId,
        fields: &CustomerFields,
        user: Option<UserId>,
    ) -> Result<Option<&CustomerRecord>, Refusal> {
        check_fields(fields)?;
        let by_mobile = self.by_mobile(source, &fields.mobile);
        let Some(id) = user else { return Ok(by_mobile) };
        let user = self.user(source, id).ok_or(Refusal::NotFound { what: "User" })?;
        match by_mobile {
            Some(customer) if customer.user.is_some_and(|other| other != id) => {
                Err(Refusal::Duplicate { field: "customer.mobile" })
            }
            Some(customer) => Ok(Some(customer)),
            None => Ok(self.customer(source, user.customer)),
        }
    }

    /// Brings the world in line with a customer block that was accepted.
    pub(super) fn keep_block(
        &mut self,
        source: SourceId,
        known: Option<CustomerId>,
        fields: Box<CustomerFields>,
        user: Option<UserId>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> CustomerId {
        let customer = match known {
            None => self.add_customer(source, fields, now, out),
            Some(customer) => {
                let before = self.customer(source, customer).map(|customer| &customer.fields);
                let fields = Box::new(over(before, *fields));
                if before != Some(&*fields) {
                    self.emit(now, Happened::CustomerUpdated { customer, fields }, out);
                }
                customer
            }
        };
        if let Some(user) = user
            && self.user(source, user).is_some_and(|user| user.customer != customer)
        {
            self.emit(now, Happened::UserLinked { user, customer }, out);
        }
        customer
    }

    fn add_customer(
        &mut self,
        source: SourceId,
        fields: Box<CustomerFields>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> CustomerId {
        let customer = CustomerId(self.ids().take());
        self.emit(now, Happened::CustomerCreated { customer, source, fields }, out);
        customer
    }

    fn subscribe(
        &mut self,
        customer: CustomerId,
        new: &NewSubscription,
        (valid_from, valid_to): (Timestamp, Timestamp),
        dependants: Vec<CustomerId>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> SubscriptionId {
        let subscription = SubscriptionId(self.ids().take());
        let subscription_type_id = new.subscription_type_id;
        let what = Happened::SubscriptionCreated {
            subscription,
            customer,
            subscription_type_id,
            valid_from,
            valid_to,
            dependants,
        };
        self.emit(now, what, out);
        subscription
    }

    pub(super) fn by_mobile(&self, source: SourceId, mobile: &str) -> Option<&CustomerRecord> {
        self.customer(source, *self.index.mobiles.get(&source)?.get(&mobile_key(mobile))?)
    }

    fn holds_active_subscription(&self, customer: CustomerId, now: Timestamp) -> bool {
        self.subscriptions(customer).any(|held| held.customer == customer && held.is_active(now))
    }
}

/// What a person cannot be without.
fn check_fields(fields: &CustomerFields) -> Result<(), Refusal> {
    check_given(Some(&fields.name), Some(&fields.surname), Some(&fields.mobile))
}

/// The same of those that were given.
pub(super) fn check_given(
    name: Option<&str>,
    surname: Option<&str>,
    mobile: Option<&str>,
) -> Result<(), Refusal> {
    let required = [("customer.name", name), ("customer.surname", surname), ("customer.mobile", mobile)];
    match required.into_iter().find(|(_, text)| text.is_some_and(|text| text.trim().is_empty())) {
        Some((field, _)) => Err(Refusal::Invalid { field, why: "is missing or blank" }),
        None if mobile.is_some_and(|mobile| !is_number(mobile)) => {
            Err(Refusal::Invalid { field: "customer.mobile", why: "is not a phone number" })
        }
        None => Ok(()),
    }
}

/// A block names only what the app knows: what it leaves out stays.
fn over(before: Option<&CustomerFields>, new: CustomerFields) -> CustomerFields {
    let Some(before) = before.cloned() else { return new };
    let mut other = before.other;
    other.extend(new.other);
    CustomerFields {
        name: new.name,
        surname: new.surname,
        mobile: new.mobile,
        email: new.email.or(before.email),
        gender: new.gender.or(before.gender),
        date_of_birth: new.date_of_birth.or(before.date_of_birth),
        vehicle_make: new.vehicle_make.or(before.vehicle_make),
        vehicle_model: new.vehicle_model.or(before.vehicle_model),
        vehicle_colour: new.vehicle_colour.or(before.vehicle_colour),
        vehicle_license_plate: new.vehicle_license_plate.or(before.vehicle_license_plate),
        external_reference_id: new.external_reference_id.or(before.external_reference_id),
        other,
    }
}

/// From now on and for a year, unless said otherwise (reference §5).
fn validity(new: &NewSubscription, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
    if new.subscription_type_id < 1 {
        return Err(Refusal::Invalid { field: "subscriptionTypeId", why: "is not a positive number" });
    }
    let from = new.valid_from.unwrap_or(now);
    let year_on = || from.to_zoned(TimeZone::UTC).checked_add(1.year()).map(|end| end.timestamp());
    let to = match new.valid_to {
        Some(to) => to,
        None => year_on().map_err(|_| Refusal::Invalid { field: "validFrom", why: "is out of range" })?,
    };
    if to <= from {
        return Err(Refusal::Invalid { field: "validTo", why: "is not after validFrom" });
    }
    Ok((from, to))
}
