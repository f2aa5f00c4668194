//! Fixed locations as v2 writes them, and coverage as the control side does.

use super::view_words::number;
use crate::api::model::Number;
use crate::api::model::place::{CoverageFields, CoveredArea, FixedLocation};
use crate::geo::area::Area;
use crate::sim::world::{Coverage, LOCATION_TYPES, PlaceRecord};
use jiff::Timestamp;

/// When our catalogue of types was made.
const CATALOGUE_SECOND: i64 = 1_748_736_000;

pub fn fixed_location(record: &PlaceRecord) -> FixedLocation {
    let fields = &record.fields;
    let kind = fields.location_type.and_then(|id| LOCATION_TYPES.iter().find(|kind| kind.id == id));
    let type_id = kind.and_then(|kind| number(kind.id.cast_unsigned()));
    let value = kind.map(|kind| kind.value.to_owned());
    let description = kind.map(|kind| kind.description.to_owned());
    let made = kind.and_then(|_| Timestamp::from_second(CATALOGUE_SECOND).ok());
    FixedLocation {
        id: number(record.id.0),
        customer_id: fields.customer.and_then(|customer| number(customer.0)),
        customer_source_id: number(record.source.0),
        external_reference_id: Some(fields.external_reference_id.clone()),
        location_identifier: Some(fields.location_identifier.clone()),
        location_description: fields.description.clone(),
        location_additional_information: fields.additional_information.clone(),
        formatted_address: fields.formatted_address.clone(),
        latitude: Some(fields.latitude.clone()),
        longitude: Some(fields.longitude.clone()),
        w3w: fields.w3w.clone(),
        callout_location_type_id: type_id.clone(),
        callout_location_type_value: value.clone(),
        callout_location_type_description: description.clone(),
        duress_code: fields.duress_code.clone(),
        medical_coverage: Some(record.medical_coverage),
        security_coverage: Some(record.security_coverage),
        in_coverage_last_checked_at: Some(record.updated_at),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        type_id,
        type_value: value,
        type_description: description,
        type_address_type: kind.map(|kind| kind.address_type.to_owned()),
        type_created_at: made,
        type_updated_at: made,
    }
}

/// Response types by the words that the control side has for them.
pub const SECURITY: i64 = 1;
pub const MEDICAL: i64 = 2;
pub const DEMO: i64 = 3;

pub fn coverage(coverage: &Coverage) -> CoverageFields {
    let areas =
        |response_type| coverage.0.get(&response_type).map(|areas| areas.iter().map(covered_area).collect());
    CoverageFields { security: areas(SECURITY), medical: areas(MEDICAL), demo: areas(DEMO) }
}

fn covered_area(area: &Area) -> CoveredArea {
    match area {
        Area::Around { centre, metres } => {
            CoveredArea { centre: (*centre).into(), radius: Number(*metres).into(), ..CoveredArea::default() }
        }
        Area::Within(ring) => {
            CoveredArea { polygon: ring.corners().to_vec().into(), ..CoveredArea::default() }
        }
    }
}
