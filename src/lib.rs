//! panic-console.
pub mod app;
pub mod config;
pub mod geo;
pub mod keymap;
pub mod text;
