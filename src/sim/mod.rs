//! The simulator of the AURA Panic API.

pub mod auth;
pub mod clock;
pub mod scenario;
pub mod store;
pub mod streets;
pub mod world;
