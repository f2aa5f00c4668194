//! Fixed locations: places known beforehand, from where a callout can be raised without a fix of the
//! moment (reference §8.1); and where there is coverage (§5).
//!
//! A callout from a place belongs to the customer that the place is linked to, as long as that one has
//! no other callout: nobody has two, and a panic here is never answered with a callout elsewhere. Else
//! it belongs to nobody. Then a record of the place's own stands where every callout has its customer,
//! so that the chat, the control room and v1 have a name to show. It is kept beside the customers, not
//! among them: nothing that looks for customers finds it, and the API shows its id as null.

mod coverage;
mod raise;

pub use coverage::Coverage;

use super::World;
use super::command::{Refusal, Reply};
use super::event::{Event, Happened};
use super::id::{CustomerId, PlaceId, SourceId};
use super::record::{CustomerFields, CustomerRecord, Report};
use crate::geo::Position;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What may be asked about places.
#[derive(Clone, Debug)]
pub enum PlaceCommand {
    Create {
        source: SourceId,
        change: Box<PlaceChange>,
    },
    Update {
        source: SourceId,
        place: PlaceId,
        change: Box<PlaceChange>,
    },
    /// Creates it, or updates the one that has its reference.
    Import {
        source: SourceId,
        change: Box<PlaceChange>,
    },
    Delete {
        source: SourceId,
        place: PlaceId,
    },
    Raise(PlaceRaise),
    /// Replaces what was.
    SetCoverage(Box<Coverage>),
}

/// A callout at a place.
#[derive(Clone, Debug)]
pub struct PlaceRaise {
    pub source: SourceId,
    pub at: At,
    /// `None`: nobody in particular; an active callout of the place is given back.
    pub who: Option<super::Who>,
    pub response_type_id: i64,
    pub classification_id: i64,
    pub internal_test: bool,
    pub check_subscription: bool,
}

/// How a request names a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    Id(PlaceId),
    Reference(String),
}

/// What a request says of a place. `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaceChange {
    pub external_reference_id: Option<String>,
    pub location_identifier: Option<String>,
    pub latitude: Option<String>,
    pub longitude: Option<String>,
    pub customer: Option<Option<CustomerId>>,
    pub location_type: Option<Option<i64>>,
    pub description: Option<Option<String>>,
    pub additional_information: Option<Option<String>>,
    pub formatted_address: Option<Option<String>>,
    pub w3w: Option<Option<String>>,
    pub duress_code: Option<Option<String>>,
}

/// As an integrator has described it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceFields {
    pub external_reference_id: String,
    pub location_identifier: String,
    /// The digits as they were given.
    pub latitude: String,
    pub longitude: String,
    pub customer: Option<CustomerId>,
    pub location_type: Option<i64>,
    pub description: Option<String>,
    pub additional_information: Option<String>,
    pub formatted_address: Option<String>,
    pub w3w: Option<String>,
    pub duress_code: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceRecord {
    pub id: PlaceId,
    pub source: SourceId,
    pub fields: PlaceFields,
    pub position: Position,
    /// As of `updated_at`: coverage may have been set anew since.
    pub medical_coverage: bool,
    pub security_coverage: bool,
    /// Deleted ones stay known, since old callouts still name them.
    pub deleted: bool,
    /// A customer record of the place itself, for callouts that are nobody's, once it was needed.
    pub occupant: Option<CustomerId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What has happened to places.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PlaceEvent {
    Put {
        place: PlaceId,
        source: SourceId,
        fields: Box<PlaceFields>,
        position: Position,
        medical_coverage: bool,
        security_coverage: bool,
    },
    Deleted {
        place: PlaceId,
    },
    /// A record of the place's own, for callouts that are nobody's.
    GivenOccupant {
        place: PlaceId,
        customer: CustomerId,
    },
    CoverageSet {
        coverage: Box<Coverage>,
    },
}

impl PlaceEvent {
    pub(super) fn last_id(&self) -> Option<u64> {
        match self {
            Self::Put { place, .. } => Some(place.0),
            Self::GivenOccupant { customer, .. } => Some(customer.0),
            Self::Deleted { .. } | Self::CoverageSet { .. } => None,
        }
    }
}

/// Where a callout was raised from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledFrom {
    pub place: PlaceId,
    /// The report that is the place; a later one has left it.
    report: u64,
    /// It is nobody's: its customer is a record of the place.
    pub of_nobody: bool,
}

/// Part of the world's tables.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Places {
    records: BTreeMap<PlaceId, PlaceRecord>,
    occupants: BTreeMap<CustomerId, CustomerRecord>,
    coverage: Coverage,
}

impl Places {
    pub(super) fn records(&self) -> impl Iterator<Item = &PlaceRecord> {
        self.records.values()
    }

    /// What a new callout knows of where it was raised.
    pub(super) fn called_from(&self, place: PlaceId, whose: CustomerId, report: &Report) -> CalledFrom {
        CalledFrom { place, report: report.id, of_nobody: self.occupants.contains_key(&whose) }
    }

    pub(super) fn occupant(&self, customer: CustomerId) -> Option<&CustomerRecord> {
        self.occupants.get(&customer)
    }
}

/// A kind of place.
#[derive(Clone, Copy, Debug)]
pub struct LocationType {
    pub id: i64,
    pub value: &'static str,
    pub description: &'static str,
    pub address_type: &'static str,
}

const fn kind(
    id: i64,
    value: &'static str,
    description: &'static str,
    address_type: &'static str,
) -> LocationType {
    LocationType { id, value, description, address_type }
}

/// Nothing documents which there are.
pub const LOCATION_TYPES: [LocationType; 6] = [
    kind(1, "RESIDENTIAL", "A home", "RESIDENTIAL"),
    kind(2, "ESTATE", "A residential estate or complex", "RESIDENTIAL"),
    kind(3, "COMMERCIAL", "A shop, branch or office", "BUSINESS"),
    kind(4, "INDUSTRIAL", "A plant, warehouse or yard", "BUSINESS"),
    kind(5, "INSTITUTION", "A school, clinic or public building", "BUSINESS"),
    kind(6, "OTHER", "Another place", "OTHER"),
];

/// Response types whose coverage a place tells.
const SECURITY: i64 = 1;
const MEDICAL: i64 = 2;

/// What can be read.
impl World {
    /// Those of a source that were not deleted, oldest first.
    pub fn places(&self, source: SourceId) -> impl Iterator<Item = &PlaceRecord> {
        let ids = self.index.places.get(&source).into_iter().flat_map(|known| known.values());
        let mut ids: Vec<PlaceId> = ids.copied().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| self.tables.places.records.get(&id))
    }

    /// `None` for a deleted one and another source's, as for an unknown one.
    pub fn place(&self, source: SourceId, id: PlaceId) -> Option<&PlaceRecord> {
        let record = self.tables.places.records.get(&id)?;
        (record.source == source && !record.deleted).then_some(record)
    }

    pub fn place_by_reference(&self, source: SourceId, reference: &str) -> Option<&PlaceRecord> {
        self.place(source, *self.index.places.get(&source)?.get(reference)?)
    }

    /// The place that a callout was raised from, also when it has been deleted since.
    pub fn place_of(&self, callout: &super::CalloutRecord) -> Option<&PlaceRecord> {
        self.tables.places.records.get(&callout.called_from?.place)
    }

    /// The address of where help is wanted: known while that is the place itself.
    pub fn address_of(&self, callout: &super::CalloutRecord) -> Option<&str> {
        let from = callout.called_from.filter(|from| from.report == callout.location.id)?;
        self.tables.places.records.get(&from.place)?.fields.formatted_address.as_deref()
    }

    /// Active callouts that were raised from a place, oldest first.
    pub fn active_at(&self, place: PlaceId) -> impl Iterator<Item = &super::CalloutRecord> {
        let ids = self.index.active_at.get(&place).into_iter().flatten();
        ids.filter_map(|id| self.callout_by_id(*id))
    }
}

impl World {
    pub(super) fn decide_place(
        &mut self,
        command: PlaceCommand,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        match command {
            PlaceCommand::Create { source, change } => self.put_place(source, None, *change, now, out),
            PlaceCommand::Update { source, place, change } => {
                let known = self.place(source, place).ok_or(UNKNOWN)?.id;
                self.put_place(source, Some(known), *change, now, out)
            }
            PlaceCommand::Import { source, change } => {
                let reference = change.external_reference_id.as_deref().unwrap_or_default();
                let known = self.place_by_reference(source, reference.trim()).map(|known| known.id);
                self.put_place(source, known, *change, now, out)
            }
            PlaceCommand::Delete { source, place } => {
                self.place(source, place).ok_or(UNKNOWN)?;
                self.emit(now, Happened::Place(PlaceEvent::Deleted { place }), out);
                Ok(Reply::Done)
            }
            PlaceCommand::Raise(raise) => self.raise_at_place(raise, now, out),
            PlaceCommand::SetCoverage(coverage) => self.set_coverage(coverage, now, out),
        }
    }

    fn put_place(
        &mut self,
        source: SourceId,
        known: Option<PlaceId>,
        change: PlaceChange,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let before = known.and_then(|id| self.place(source, id)).map(|record| &record.fields);
        let fields = changed(before, change)?;
        let position = position(&fields)?;
        let same = self.place_by_reference(source, &fields.external_reference_id);
        if same.is_some_and(|same| Some(same.id) != known) {
            return Err(Refusal::Duplicate { field: "externalReferenceId" });
        }
        if fields.customer.is_some_and(|id| self.customer(source, id).is_none()) {
            return Err(Refusal::Invalid { field: "customerId", why: "is not a known customer" });
        }
        let is_known = |id| LOCATION_TYPES.iter().any(|kind| kind.id == id);
        if fields.location_type.is_some_and(|id| !is_known(id)) {
            return Err(Refusal::Invalid { field: "calloutLocationTypeId", why: "is none of 1 to 6" });
        }
        let place = known.unwrap_or_else(|| PlaceId(self.ids().take()));
        let event = PlaceEvent::Put {
            place,
            source,
            fields: Box::new(fields),
            position,
            medical_coverage: self.covered(MEDICAL, position),
            security_coverage: self.covered(SECURITY, position),
        };
        self.emit(now, Happened::Place(event), out);
        Ok(Reply::Place { place, created: known.is_none() })
    }
}

const UNKNOWN: Refusal = Refusal::NotFound { what: "Fixed location" };

/// Every field of a place as it will be. Texts are taken without the blanks around them.
fn changed(before: Option<&PlaceFields>, change: PlaceChange) -> Result<PlaceFields, Refusal> {
    let required = |new: Option<String>, old: fn(&PlaceFields) -> &String, field| {
        let text = new.or_else(|| before.map(old).cloned()).unwrap_or_default().trim().to_owned();
        let missing = Refusal::Invalid { field, why: "is missing or blank" };
        if text.is_empty() { Err(missing) } else { Ok(text) }
    };
    let optional = |new: Option<Option<String>>, old: fn(&PlaceFields) -> &Option<String>| {
        let text = new.unwrap_or_else(|| before.and_then(|before| old(before).clone()));
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    Ok(PlaceFields {
        external_reference_id: required(
            change.external_reference_id,
            |old| &old.external_reference_id,
            "externalReferenceId",
        )?,
        location_identifier: required(
            change.location_identifier,
            |old| &old.location_identifier,
            "locationIdentifier",
        )?,
        latitude: required(change.latitude, |old| &old.latitude, "latitude")?,
        longitude: required(change.longitude, |old| &old.longitude, "longitude")?,
        customer: change.customer.unwrap_or_else(|| before.and_then(|before| before.customer)),
        location_type: change.location_type.unwrap_or_else(|| before.and_then(|before| before.location_type)),
        description: optional(change.description, |old| &old.description),
        additional_information: optional(change.additional_information, |old| &old.additional_information),
        formatted_address: optional(change.formatted_address, |old| &old.formatted_address),
        w3w: optional(change.w3w, |old| &old.w3w),
        duress_code: optional(change.duress_code, |old| &old.duress_code),
    })
}

fn position(fields: &PlaceFields) -> Result<Position, Refusal> {
    let degrees = |text: &str, field| {
        let number: Option<f64> = text.parse().ok();
        number.filter(|number| number.is_finite()).ok_or(Refusal::Invalid { field, why: "is not a number" })
    };
    let latitude = degrees(&fields.latitude, "latitude")?;
    let longitude = degrees(&fields.longitude, "longitude")?;
    Position::new(latitude, longitude).ok_or(if latitude.abs() > 90.0 {
        Refusal::Invalid { field: "latitude", why: "is not from -90 to 90" }
    } else {
        Refusal::Invalid { field: "longitude", why: "is not from -180 to 180" }
    })
}

/// Applying events: see [`super::fold`].
impl World {
    pub(super) fn fold_place(&mut self, event: &PlaceEvent, at: Timestamp) {
        match event {
            PlaceEvent::Put { place, source, fields, position, medical_coverage, security_coverage } => {
                let known = self.tables.places.records.remove(place);
                if let Some(known) = &known {
                    self.index.remove_place(known);
                }
                let record = PlaceRecord {
                    id: *place,
                    source: *source,
                    fields: fields.as_ref().clone(),
                    position: *position,
                    medical_coverage: *medical_coverage,
                    security_coverage: *security_coverage,
                    deleted: false,
                    occupant: known.as_ref().and_then(|known| known.occupant),
                    created_at: known.map_or(at, |known| known.created_at),
                    updated_at: at,
                };
                self.index.add_place(&record);
                self.tables.places.occupy(&record);
                self.tables.places.records.insert(*place, record);
            }
            PlaceEvent::Deleted { place } => {
                if let Some(record) = self.tables.places.records.get_mut(place) {
                    self.index.remove_place(record);
                    record.deleted = true;
                    record.updated_at = at;
                }
            }
            PlaceEvent::GivenOccupant { place, customer } => {
                let Places { records, .. } = &mut self.tables.places;
                let Some(record) = records.get_mut(place) else { return };
                record.occupant = Some(*customer);
                let record = record.clone();
                self.tables.places.occupy(&record);
            }
            PlaceEvent::CoverageSet { coverage } => self.tables.places.coverage = coverage.as_ref().clone(),
        }
    }
}

impl Places {
    /// Brings the customer record of the place itself in line with it.
    fn occupy(&mut self, place: &PlaceRecord) {
        let Some(customer) = place.occupant else { return };
        let name = place.fields.location_identifier.clone();
        let record = CustomerRecord {
            id: customer,
            source: place.source,
            fields: CustomerFields { name, ..CustomerFields::default() },
            user: None,
            deleted_at: None,
            created_at: place.created_at,
            updated_at: place.updated_at,
        };
        self.occupants.insert(customer, record);
    }
}
