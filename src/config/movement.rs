//! The files that the settings name for movement and map: read once, at the start, and refused with the
//! setting, the file and the line.

use super::{Config, ConfigError};
use crate::geo::layer::{self, Layer};
use crate::location::{self, Playback, Reception, Source};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How the person moves and what lies under their map.
#[derive(Clone, Debug, PartialEq)]
pub struct Movement {
    pub source: Source,
    pub track: Option<Playback>,
    pub reception: Reception,
    pub speed_kmh: Option<f64>,
    pub base: Option<Layer>,
}

impl Movement {
    /// Of somebody who only watches others.
    pub(super) fn none(base: Option<Layer>) -> Self {
        let (source, reception) = (Source::default(), Reception::default());
        Self { source, track: None, reception, speed_kmh: None, base }
    }
}

impl Config {
    pub(super) fn movement(&self) -> Result<Movement, ConfigError> {
        let given = &self.model.location;
        let mut problems = Vec::new();
        let mut read = |setting: &str, path: &Path, most: u64| {
            let path = self.folders.beside_config(path);
            let text = text_of(&path, most).map_err(|problem| format!("{}: {problem}", path.display()));
            let place = self.places.of(setting);
            text.map(|text| (text, path.display().to_string(), place.clone()))
                .map_err(|problem| problems.push(format!("{place}: {problem}")))
                .ok()
        };
        let file = given.file.as_deref().and_then(|path| read("location.file", path, location::MOST_BYTES));
        let base = self.model.map.base.as_deref().and_then(|path| read("map.base", path, layer::MOST_BYTES));
        let mut track = None;
        if let Some((text, path, place)) = file {
            match location::playback(given.source, &text, given.speed_kmh, given.looped) {
                Ok(playback) => track = Some(playback),
                Err(fault) => problems.push(format!("{place}: {}", fault.of_file(&path))),
            }
        }
        let mut lines = None;
        if let Some((text, path, place)) = base {
            match Layer::read(&text) {
                Ok(layer) => lines = Some(layer),
                Err(fault) => problems.push(format!("{place}: {}", fault.of_file(&path))),
            }
        }
        if !problems.is_empty() {
            return Err(ConfigError::of_settings(problems));
        }
        let (source, reception, speed_kmh) = (given.source, given.accuracy_model, given.speed_kmh);
        Ok(Movement { source, track, reception, speed_kmh, base: lines })
    }
}

/// The whole file, if it is text and not too large.
fn text_of(path: &Path, most: u64) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    let mut text = String::new();
    File::open(path).map_err(cannot)?.take(most + 1).read_to_string(&mut text).map_err(cannot)?;
    if text.len() as u64 > most {
        return Err(format!("is larger than {} MB", most / 1024 / 1024));
    }
    Ok(text)
}
