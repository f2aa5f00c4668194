//! Ids of the world. All kinds share one counter, so an id never repeats and never changes its kind.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A tenant: whoever holds one client id.
    SourceId,
    CustomerId,
    SubscriptionId,
    /// A user registered through v1.
    UserId,
    CalloutId,
    SupplierId,
    /// The link of a device to a customer.
    LinkId,
    ResponderId,
    /// The overall rating of a callout.
    RatingId,
    /// A fixed location.
    PlaceId,
    /// One entry of a callout's event stream.
    EntryId,
    /// A scenario as it stood when the autopilot was set to it.
    ScenarioId,
}

/// Ids to be given away by one decision. The counter itself moves only when the events that carry
/// them are applied, so a decision that is given up costs none.
#[derive(Debug)]
pub(super) struct Ids(pub(super) u64);

impl Ids {
    pub(super) fn take(&mut self) -> u64 {
        self.take_block(1)
    }

    /// The first of `count` ids in a row.
    pub(super) fn take_block(&mut self, count: u64) -> u64 {
        let first = self.0;
        self.0 += count;
        first
    }
}
