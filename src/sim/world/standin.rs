//! The vehicles that the simulator itself puts where there are none: who they are, and where they stand.

use super::World;
use super::event::Happened;
use super::id::{Ids, ResponderId};
use super::record::{ResponderFields, ResponderRecord, Service, SupplierFields};
use crate::geo::Position;
use crate::geo::streets::{mix, pick, share};

/// One of them, not yet in the world.
pub(super) struct StandIn {
    pub responder: ResponderId,
    pub position: Position,
    pub made: Vec<Happened>,
}

impl World {
    /// `count` vehicles of two companies, 600 to 1500 m away, the same for the same place, seed and
    /// number of `others` who are in range already.
    pub(super) fn stand_ins(
        &self,
        place: Position,
        others: &[&ResponderRecord],
        count: u64,
        ids: &mut Ids,
    ) -> Vec<StandIn> {
        let (suppliers, mut companies) = self.two_suppliers(ids);
        let streets = self.streets(place);
        let spot = self.spot(place);
        let mut known: Vec<ResponderFields> = others.iter().map(|other| other.fields.clone()).collect();
        let first = others.len() as u64;
        let make = |number: u64| {
            let hash = mix(spot ^ mix(number));
            let bearing = 360.0 * share(mix(hash ^ 1));
            let metres = 600.0 + 900.0 * share(mix(hash ^ 2));
            let responder = ResponderId(ids.take());
            let position = streets.on_street(place.towards(bearing, metres));
            let fields = demo_responder(mix(hash ^ 3), responder, &known);
            known.push(fields.clone());
            let mut made = std::mem::take(&mut companies);
            made.push(Happened::ResponderCreated {
                responder,
                fix: ids.take(),
                position,
                supplier: suppliers[usize::from(number % 2 == 1)],
                fields: Box::new(fields),
                active: true,
                service: Service::default(),
            });
            StandIn { responder, position, made }
        };
        (first..first + count).map(make).collect()
    }

    /// Two to four, by the place.
    pub(super) fn usual_stand_ins(&self, place: Position) -> u64 {
        2 + self.spot(place) % 3
    }

    fn spot(&self, place: Position) -> u64 {
        mix(place.latitude().to_bits() ^ mix(place.longitude().to_bits() ^ self.seed()))
    }
}

/// Companies that do not exist, with numbers that nobody has.
pub(super) fn demo_supplier(number: usize) -> SupplierFields {
    let (name, contact, person) = [
        ("Example Armed Response", "+27000000001", "Demo Contact One"),
        ("Lantern Watch Security", "+27000000002", "Demo Contact Two"),
    ][number % 2];
    SupplierFields {
        name: name.to_owned(),
        contact_number: contact.to_owned(),
        email: format!("supplier.{}@example.com", number + 1),
        contact_person: person.to_owned(),
        address: format!("{} Protea Street", 16 + number),
        region: String::new(),
    }
}

const OFFICERS: [(&str, &str); 16] = [
    ("Testy", "McTestFace"),
    ("Sample", "Mokoena"),
    ("Demo", "Dlamini"),
    ("Mock", "van der Test"),
    ("Fixture", "Naidoo"),
    ("Stubs", "Sithole"),
    ("Trial", "Botha"),
    ("Example", "Khumalo"),
    ("Pilot", "Ndlovu"),
    ("Dummy", "Jacobs"),
    ("Proof", "Maseko"),
    ("Draft", "Pillay"),
    ("Rehearsal", "Smit"),
    ("Model", "Zulu"),
    ("Practice", "Adams"),
    ("Proxy", "Molefe"),
];
const CARS: [(&str, &str); 5] = [
    ("Boxcart", "Cardboard"),
    ("Demo Motors", "Patrol"),
    ("Mockwagen", "Gulf"),
    ("Testoyota", "Hilander"),
    ("Sampler", "Pickup"),
];
const COLOURS: [&str; 5] = ["White", "Silver", "Purple", "Blue", "Red"];
const CALLSIGNS: [&str; 6] = ["Alpha", "Bravo", "Delta", "Kilo", "Sierra", "Tango"];

/// The entry of a list that a hash comes to, or the next one that is not taken; of a list that is all
/// taken, the first of these.
fn untaken<T>(list: &[T], hash: u64, taken: impl Fn(&T) -> bool) -> &T {
    let first = usize::try_from(hash % list.len() as u64).unwrap_or(0);
    let (behind, from) = (&list[..first], &list[first..]);
    from.iter().chain(behind).find(|entry| !taken(entry)).unwrap_or(&list[first])
}

/// Nobody shares a name, a callsign or a plate with a vehicle that stands near.
fn demo_responder(hash: u64, id: ResponderId, known: &[ResponderFields]) -> ResponderFields {
    let officer = untaken(&OFFICERS, hash >> 8, |(name, _)| known.iter().any(|other| other.name == *name));
    let car = pick(&CARS, hash >> 16);
    let callsigns: Vec<String> =
        CALLSIGNS.iter().flat_map(|word| (11..=99).map(move |number| format!("{word} {number}"))).collect();
    let callsign =
        untaken(&callsigns, hash >> 24, |callsign| known.iter().any(|other| other.callsign == *callsign));
    let plates: Vec<String> = (0..100).map(|number| format!("TEST {number:02} GP")).collect();
    let plate =
        untaken(&plates, id.0, |plate| known.iter().any(|other| other.vehicle_license_plate == *plate));
    ResponderFields {
        name: officer.0.to_owned(),
        surname: officer.1.to_owned(),
        callsign: callsign.clone(),
        mobile: format!("+27000{:06}", id.0 % 1_000_000),
        vehicle_make: car.0.to_owned(),
        vehicle_model: car.1.to_owned(),
        vehicle_colour: pick(&COLOURS, hash >> 40).to_owned(),
        vehicle_license_plate: plate.clone(),
    }
}
