//! Where AURA's responders go at all. Outside it nobody is rung, and a controller can only send a
//! company by phone.

use super::super::command::{Refusal, Reply};
use super::super::event::{Event, Happened};
use super::super::raise::RESPONSE_TYPES;
use super::super::record::CalloutRecord;
use super::super::{Step, World};
use super::PlaceEvent;
use crate::geo::Position;
use crate::geo::area::Area;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Areas by response type. A type that is not in here is covered everywhere, one without an area
/// nowhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Coverage(pub BTreeMap<i64, Vec<Area>>);

/// Bounds the time that a raise takes.
const MOST_AREAS: usize = 100;

/// Longer than any way on the earth is not a radius.
const LONGEST_RADIUS_M: f64 = 20_100_000.0;

impl Coverage {
    pub fn contains(&self, response_type: i64, place: Position) -> bool {
        self.0.get(&response_type).is_none_or(|areas| areas.iter().any(|area| area.contains(place)))
    }
}

impl World {
    pub fn coverage(&self) -> &Coverage {
        &self.tables.places.coverage
    }

    pub fn covered(&self, response_type: i64, place: Position) -> bool {
        self.coverage().contains(response_type, place)
    }

    /// [`CalloutRecord::allowed_steps`], less those that the coverage rules out.
    pub fn allowed_steps(&self, record: &CalloutRecord) -> Vec<&'static str> {
        let mut steps = record.allowed_steps();
        if !self.covered(record.response_type_id, record.location.position) {
            steps.retain(|step| *step != DISPATCH);
        }
        steps
    }

    /// Whether a step is possible now.
    pub(in super::super) fn check_step(&self, record: &CalloutRecord, step: &Step) -> Result<(), Refusal> {
        let step = step.name();
        let allowed_now = self.allowed_steps(record);
        if allowed_now.contains(&step) {
            Ok(())
        } else if step == DISPATCH && record.allowed_steps().contains(&step) {
            Err(Refusal::NotCovered { allowed_now })
        } else {
            Err(Refusal::NotAllowed { step, allowed_now })
        }
    }

    pub(super) fn set_coverage(
        &mut self,
        coverage: Box<Coverage>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let refused = |why| Err(Refusal::Invalid { field: "coverage", why });
        for (response_type, areas) in &coverage.0 {
            if !RESPONSE_TYPES.contains(response_type) {
                return refused("names an unknown response type");
            }
            if areas.len() > MOST_AREAS {
                return refused("has more than 100 areas for a response type");
            }
            let is_radius = |area: &Area| match area {
                Area::Around { metres, .. } => *metres > 0.0 && *metres <= LONGEST_RADIUS_M,
                Area::Within(_) => true,
            };
            if !areas.iter().all(is_radius) {
                return refused("has a radius that is not a distance");
            }
        }
        self.emit(now, Happened::Place(PlaceEvent::CoverageSet { coverage }), out);
        Ok(Reply::Done)
    }
}

/// The step that needs coverage.
const DISPATCH: &str = "dispatch";
