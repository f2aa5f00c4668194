//! panic-console: raise a panic on the AURA Panic API from the terminal, watch the response unfold,
//! and simulate the API that answers.

pub mod app;
pub mod cli;
pub mod commands;
pub mod config;
pub mod geo;
pub mod keymap;
pub mod telemetry;
pub mod text;
