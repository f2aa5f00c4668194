//! panic-console
