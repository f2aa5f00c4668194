//! Customers and their subscriptions.

use super::scalar::{integer, lenient, present_list, text};
use super::wire_time::{self, RequestTime};
use super::{Given, Id};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The `customer` block of a request: v2's create customer and v1's create callout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CustomerFields {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub name: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub surname: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub email: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub mobile: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub gender: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub date_of_birth: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub vehicle_make: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub vehicle_model: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub vehicle_colour: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub vehicle_license_plate: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub external_reference_id: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub has_medical_aid: Given<bool>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub medical_aid_scheme: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub medical_aid_number: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub medical_conditions: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub medications: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub allergies: Given<String>,
    /// Mind the small t.
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub bloodtype: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub next_of_kin_name: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub next_of_kin_number: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub family_doctor_phone_number: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub medical_other: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub business_name: Given<String>,
    /// Legacy.
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub duress_code: Given<String>,
    /// Fields that nobody documents: passed on.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

/// The `subscription` block of a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SubscriptionFields {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub subscription_type_id: Given<i64>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub valid_from: Given<RequestTime>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub valid_to: Given<RequestTime>,
}

/// `POST /customers`. The flat names are the older edition's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CreateCustomer {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub customer: Given<CustomerFields>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub subscription: Given<SubscriptionFields>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub subscription_id: Given<i64>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub first_name: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub last_name: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub mobile_number: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub email: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub external_reference_id: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub vehicle_make: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub vehicle_model: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub vehicle_colour: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub vehicle_license_plate: Given<String>,
}

impl CreateCustomer {
    /// Whether this is the older edition's form.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        let texts = [
            &self.first_name,
            &self.last_name,
            &self.mobile_number,
            &self.email,
            &self.external_reference_id,
            &self.vehicle_make,
            &self.vehicle_model,
            &self.vehicle_colour,
            &self.vehicle_license_plate,
        ];
        self.customer.is_absent() && texts.iter().any(|given| !given.is_absent())
    }

    /// The customer block, made of the older edition's flat names where there is none.
    #[must_use]
    pub fn fields(&self) -> Given<CustomerFields> {
        if !self.is_flat() {
            return self.customer.clone();
        }
        Given::Value(CustomerFields {
            name: self.first_name.clone(),
            surname: self.last_name.clone(),
            mobile: self.mobile_number.clone(),
            email: self.email.clone(),
            external_reference_id: self.external_reference_id.clone(),
            vehicle_make: self.vehicle_make.clone(),
            vehicle_model: self.vehicle_model.clone(),
            vehicle_colour: self.vehicle_colour.clone(),
            vehicle_license_plate: self.vehicle_license_plate.clone(),
            ..CustomerFields::default()
        })
    }
}

/// v2's reply to a create.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CustomerCreated {
    #[serde(deserialize_with = "lenient")]
    pub message: String,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer: CustomerRecord,
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionRecord>,
}

/// v2's reply to a read or an update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CustomerReply {
    #[serde(deserialize_with = "lenient")]
    pub message: String,
    #[serde(deserialize_with = "lenient")]
    pub customer: CustomerRecord,
}

/// A customer as v2 writes it. Fields that were not given at creation beyond these nine stay away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CustomerRecord {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text", alias = "firstName")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text", alias = "lastName")]
    pub surname: Option<String>,
    #[serde(deserialize_with = "text", alias = "mobileNumber")]
    pub mobile: Option<String>,
    #[serde(deserialize_with = "text")]
    pub email: Option<String>,
    #[serde(deserialize_with = "text")]
    pub external_reference_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub customer_source_id: Option<Id>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    /// Gender, vehicle, medical fields: those that were given.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

/// Active means: now lies between the dates and `CancelledDate` is null. Mind the capital C.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SubscriptionRecord {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "integer")]
    pub subscription_type_id: Option<i64>,
    #[serde(with = "wire_time")]
    pub valid_from: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub valid_to: Option<Timestamp>,
    #[serde(rename = "CancelledDate", alias = "cancelledDate", with = "wire_time")]
    pub cancelled_date: Option<Timestamp>,
    #[serde(rename = "CancelledReason", alias = "cancelledReason", deserialize_with = "text")]
    pub cancelled_reason: Option<String>,
    #[serde(with = "wire_time", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time", skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Only where one subscription is read.
    #[serde(deserialize_with = "present_list", skip_serializing_if = "Option::is_none")]
    pub dependants: Option<Vec<CustomerName>>,
}

/// The customer inside a v1 callout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalloutCustomer {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub surname: Option<String>,
    #[serde(deserialize_with = "text")]
    pub mobile: Option<String>,
    #[serde(deserialize_with = "text")]
    pub gender: Option<String>,
    #[serde(deserialize_with = "text")]
    pub email: Option<String>,
    #[serde(deserialize_with = "text")]
    pub vehicle_make: Option<String>,
    #[serde(deserialize_with = "text")]
    pub vehicle_model: Option<String>,
    #[serde(deserialize_with = "text")]
    pub vehicle_colour: Option<String>,
    #[serde(deserialize_with = "text")]
    pub vehicle_license_plate: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub customer_source_id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub date_of_birth: Option<String>,
    #[serde(rename = "auth0UserId", deserialize_with = "text")]
    pub auth0_user_id: Option<String>,
    /// One sample has it, as null; the others leave it out.
    #[serde(deserialize_with = "super::scalar::present", skip_serializing_if = "Option::is_none")]
    pub image_id: Option<Value>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
}

/// The customer inside a v2 callout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CustomerName {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text", alias = "firstName")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text", alias = "lastName")]
    pub surname: Option<String>,
    #[serde(deserialize_with = "text", alias = "mobileNumber")]
    pub mobile: Option<String>,
}
