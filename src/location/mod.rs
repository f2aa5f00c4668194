//! Where the person is and what a receiver makes of it. PURE: the files are read by whoever starts the
//! console, and the time comes in with each question.

pub mod gpx;
pub mod reception;
pub mod track;

pub use reception::{Reading, Reception};
pub use track::{Playback, Track};

use crate::geo::geojson::Fault;
use serde::{Deserialize, Serialize};

/// Bytes of a file that are read at most.
pub const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// Kilometres per hour of a track without times, and of somebody who drives.
pub const USUAL_SPEED_KMH: f64 = 40.0;

/// What moves the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Nothing, until a key does.
    #[default]
    Fixed,
    Gpx,
    Geojson,
    Walk,
    /// A target that is picked on the map.
    Drive,
}

impl Source {
    /// The one that plays a file of this name.
    pub fn of_file(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "gpx" => Some(Self::Gpx),
            "geojson" | "json" => Some(Self::Geojson),
            _ => None,
        }
    }

    pub fn plays_a_file(self) -> bool {
        matches!(self, Self::Gpx | Self::Geojson)
    }
}

/// The track in a file: at a speed, or at its own times where it has them.
pub fn playback(source: Source, text: &str, speed_kmh: Option<f64>, looped: bool) -> Result<Playback, Fault> {
    let wants_times = speed_kmh.is_none();
    let track = match source {
        Source::Gpx => gpx::track(text, wants_times)?,
        _ => track::of_geojson(text, wants_times)?,
    };
    Ok(Playback::new(track, speed_kmh, looped))
}
