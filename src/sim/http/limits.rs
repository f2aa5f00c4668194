//! What a connection may cost us: how many there are, and how long each may keep us waiting.

use std::time::Duration;

/// The bounds of the server. A test narrows them; there are no flags for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time. More wait in the system's queue until one ends.
    pub connections: usize,
    /// From the first byte of a request, or from the connection, to the end of its headers.
    pub headers: Duration,
    /// Between two requests. Longer than the slowest poll of any client that the API allows.
    pub idle: Duration,
    /// One request, from its headers to its answer, its body included.
    pub request: Duration,
    /// How long a peer may take to fetch what lies ready for it.
    pub reply: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            headers: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            request: Duration::from_secs(30),
            reply: Duration::from_secs(30),
        }
    }
}
