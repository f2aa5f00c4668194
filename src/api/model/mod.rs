//! The shapes on the wire, as reference §2 to §8 give them, one file per concern.
//!
//! Writing is exact: the key set of the example files, nulls written as `null`, a key left out only
//! where some sample leaves it out. Reading is tolerant (reference §10): a field that is missing or of
//! a strange kind becomes `None`, an empty list or `Given::Wrong`, and costs nothing else of the reply.

pub mod callout_v1;
pub mod callout_v2;
pub mod customer;
pub mod device;
pub mod event;
pub mod feedback;
pub mod given;
pub mod location;
pub mod map;
pub mod place;
pub mod reply;
pub mod request;
pub mod route;
pub mod scalar;
pub mod schema;
pub mod service;
pub mod signup;
pub mod subscription;
pub mod token;
pub mod webhook;
pub mod wire_time;

pub use given::Given;
pub use scalar::{Id, Number, TextNumber};
