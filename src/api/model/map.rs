//! The map picture of a closed callout (reference §6.8).

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The reply to `GET /callouts/{calloutId}/maps`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MapReply {
    pub url: MapUrl,
    /// The picture itself, where a server sends it along.
    pub image: Option<String>,
}

/// Opens the picture to whoever holds it. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct MapUrl(pub String);

impl fmt::Debug for MapUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MapUrl(***)")
    }
}
