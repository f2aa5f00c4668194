//! Where we are, and what of it is known.

use crate::app::callout::Fix;
use crate::geo::Position;
use crate::location::{Playback, Reception};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Our own place, where it came from, and what of it was said to the control room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnPosition {
    /// What the receiver last reported: what is shown and sent.
    pub fix: Fix,
    /// Where we are, which only the receiver knows.
    pub place: Position,
    pub way: Way,
    /// `None` while we stand still.
    pub moving: Option<Moving>,
    /// How long we moved before we last stood still.
    pub moved_for: SignedDuration,
    /// To move with the first action.
    pub sets_out: bool,
    pub driving_kmh: f64,
    pub reception: Reception,
    /// Since when the receiver has reported nothing.
    pub lost: Option<Timestamp>,
    /// Where we have been, oldest first, at most [`OwnPosition::TRAIL`] places.
    pub trail: VecDeque<Position>,
    pub last_sent: Option<(Fix, Timestamp)>,
    /// Fixes too vague to send: the best of them, and since when none was good.
    pub held: Option<Held>,
}

impl OwnPosition {
    pub const TRAIL: usize = 60;
}

/// What moves us, when we move.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Way {
    #[default]
    Walk,
    /// A track of a file.
    Track(Playback),
    /// Along the streets to a place that was picked on the map.
    Drive(Playback),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moving {
    pub since: Timestamp,
    /// When the last step was taken.
    pub last: Timestamp,
    /// How long on the same way before that.
    pub before: SignedDuration,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub since: Timestamp,
    pub best: Fix,
    pub count: u32,
}
