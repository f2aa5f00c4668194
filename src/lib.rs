//! panic-console.
pub mod api;
pub mod app;
pub mod geo;
pub mod keymap;
pub mod sim;
pub mod text;
