//! panic-console: raise a panic on the AURA Panic API from the terminal, watch the response unfold,
//! and simulate the API that answers.
//!
//! - [`app`]: what the console knows and how it changes, pure; [`ui`] draws it, [`keymap`] reads keys,
//!   [`runtime`] touches the world.
//! - [`api`]: the wire, used by both ends; [`sim`]: the other end.
//! - [`cli`], [`commands`], [`config`], [`telemetry`]: how the program is started.
//! - [`geo`], [`location`], [`text`], [`traffic`]: places, where the person is, words from outside, and what
//!   went over the wire.

pub mod api;
pub mod app;
pub mod cli;
pub mod commands;
pub mod config;
pub mod geo;
pub mod keymap;
pub mod location;
pub mod runtime;
pub mod sim;
pub mod telemetry;
pub mod text;
pub mod traffic;
pub mod ui;
