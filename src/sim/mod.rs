//! The simulator of the AURA Panic API.

pub mod auth;
pub mod clock;
pub mod store;
