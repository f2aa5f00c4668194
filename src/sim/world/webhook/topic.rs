//! The events that a webhook can ask for, under AURA's names, and which of them a change is.

use super::About;
use crate::sim::world::event::{Change, Happened};
use crate::sim::world::membership::MembershipEvent;
use crate::sim::world::record::Handling;
use serde::{Deserialize, Serialize};

macro_rules! topics {
    ($($topic:ident = $name:literal),* $(,)?) => {
        /// Stored under the API's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Topic {
            $(#[serde(rename = $name)] $topic),*
        }

        impl Topic {
            pub const ALL: &[Self] = &[$(Self::$topic),*];

            /// The API's name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$topic => $name),*
                }
            }
        }
    };
}

topics! {
    NewCallout = "NEW_CALLOUT",
    ManuallyDispatched = "RESPONDER_MANUALLY_DISPATCHED",
    Acknowledged = "RESPONDER_ACKNOWLEDGED_CALLOUT",
    AcknowledgedWithEta = "RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA",
    Arrived = "RESPONDER_ARRIVED_ON_SCENE",
    Completed = "RESPONDER_COMPLETED",
    Owned = "CALLOUT_OWNED",
    EventsChanged = "CALLOUT_EVENTS_CHANGED",
    SoftCancelled = "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER",
    NoLongerRequiresResponse = "CALLOUT_NO_LONGER_REQUIRES_RESPONSE",
    Closed = "CALLOUT_CLOSED",
    SubscriptionCreated = "SUBSCRIPTION_CREATED",
    SubscriptionUpdated = "SUBSCRIPTION_UPDATED",
    SubscriptionCancelled = "SUBSCRIPTION_CANCELLED",
    SubscriptionCancelledFailed = "SUBSCRIPTION_CANCELLED_FAILED",
    CreatedCustomer = "CREATED_CUSTOMER",
    UpdatedCustomer = "UPDATED_CUSTOMER",
    DeletedCustomer = "DELETED_CUSTOMER",
}

impl Topic {
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.as_str() == name)
    }

    /// Whether the delivery tells of the responder, too.
    pub fn is_of_responder(self) -> bool {
        matches!(
            self,
            Self::ManuallyDispatched
                | Self::Acknowledged
                | Self::AcknowledgedWithEta
                | Self::Arrived
                | Self::Completed
        )
    }

    /// The name that the same event had before.
    pub(super) fn older_name(self) -> Option<Self> {
        (self == Self::Acknowledged).then_some(Self::AcknowledgedWithEta)
    }
}

/// What an event is to whoever asked to be told, in the order of telling. The stream of a callout
/// changes with each entry, its own steps included; that is told first, so that `CALLOUT_CLOSED` is
/// the last word.
///
/// Not here: a soft cancel and the end of a cancelled callout. `CancelAsked` and `Closed` happen for
/// other reasons too, so these are told where they are decided.
pub(super) fn of(what: &Happened) -> Option<(About, &'static [Topic])> {
    let told: (About, &'static [Topic]) = match what {
        Happened::Raised { callout, .. } => (About::Callout(*callout), &[Topic::NewCallout]),
        Happened::Callout { callout, change } => (About::Callout(*callout), of_change(change)),
        Happened::CustomerCreated { customer, .. } => (About::Customer(*customer), &[Topic::CreatedCustomer]),
        Happened::CustomerUpdated { customer, .. } => (About::Customer(*customer), &[Topic::UpdatedCustomer]),
        Happened::SubscriptionCreated { subscription, .. } => {
            (About::Subscription(*subscription), &[Topic::SubscriptionCreated])
        }
        Happened::DependantAdded { subscription, .. }
        | Happened::Membership(MembershipEvent::SubscriptionChanged { subscription, .. }) => {
            (About::Subscription(*subscription), &[Topic::SubscriptionUpdated])
        }
        Happened::Membership(MembershipEvent::CustomerDeleted { customer }) => {
            (About::Customer(*customer), &[Topic::DeletedCustomer])
        }
        Happened::Membership(MembershipEvent::SubscriptionCancelled { subscription, .. }) => {
            (About::Subscription(*subscription), &[Topic::SubscriptionCancelled])
        }
        Happened::Membership(MembershipEvent::SubscriptionCancelFailed { subscription }) => {
            (About::Subscription(*subscription), &[Topic::SubscriptionCancelledFailed])
        }
        _ => return None,
    };
    Some(told)
}

fn of_change(change: &Change) -> &'static [Topic] {
    match change {
        Change::Handled { handling: Handling::Owned, .. } => &[Topic::EventsChanged, Topic::Owned],
        Change::Dispatched { .. } => &[Topic::EventsChanged, Topic::Acknowledged],
        Change::DispatchedManually { .. } => &[Topic::EventsChanged, Topic::ManuallyDispatched],
        Change::Retracted { stood_down: true, .. } => {
            &[Topic::EventsChanged, Topic::NoLongerRequiresResponse]
        }
        Change::Arrived { .. } => &[Topic::EventsChanged, Topic::Arrived],
        Change::Completed { .. } => &[Topic::EventsChanged, Topic::Completed],
        Change::Closed { .. } => &[Topic::EventsChanged, Topic::Closed],
        Change::Commented { .. }
        | Change::Handled { .. }
        | Change::Duress { .. }
        | Change::Retracted { .. } => &[Topic::EventsChanged],
        _ => &[],
    }
}
