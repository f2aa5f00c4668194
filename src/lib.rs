//! panic-console.
pub mod app;
pub mod geo;
pub mod keymap;
pub mod text;
pub mod ui;
