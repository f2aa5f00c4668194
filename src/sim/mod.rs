//! The simulator of the Panic API.

pub mod scenario;
pub mod streets;
pub mod world;
