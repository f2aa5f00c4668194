//! What a webhook is sent: a thing as it was when the event happened.

use super::view_people::{customer_record, subscription_record};
use super::view_v2;
use crate::api::model::webhook::{ToldCallout, WebhookPayload};
use crate::sim::world::{CalloutRecord, Delivery, Pending, Picture, World};

pub fn payload(world: &World, pending: &Pending) -> WebhookPayload {
    let Pending { delivery, picture } = pending;
    let message = delivery.topic.as_str().to_owned();
    let empty = WebhookPayload { message, ..WebhookPayload::default() };
    match picture {
        Picture::Callout(record) => about_callout(world, record, delivery, empty),
        Picture::Customer(record) => WebhookPayload { customer: Some(customer_record(record)), ..empty },
        Picture::Subscription(record) => {
            WebhookPayload { subscription: Some(subscription_record(record)), ..empty }
        }
    }
}

fn about_callout(
    world: &World,
    record: &CalloutRecord,
    delivery: &Delivery,
    empty: WebhookPayload,
) -> WebhookPayload {
    let told = delivery.topic.is_of_responder();
    let callout =
        ToldCallout { callout: view_v2::flat(record, None), kind: told.then(|| view_v2::kind(record)) };
    let information = || view_v2::incident_information(world, record, delivery.at);
    WebhookPayload { callout: Some(callout), incident_information: told.then(information), ..empty }
}
