//! PURE: what the console knows and how it changes. No terminal, no network, no clock.

pub mod action;
pub mod callout;
pub mod draft;
pub mod flow;
pub mod intent;
pub mod reckoning;
pub mod state;
