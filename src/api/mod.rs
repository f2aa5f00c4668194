//! The wire: what AURA's Panic API says and hears, and the client that speaks it.
//!
//! `model` is used by both ends, the console's client and the simulator.

pub mod model;
