//! Suppliers and responders: who is in range, who is free, and the demo vehicles that serve a place
//! where nobody has put any.

use super::command::{Command, NewResponder, Refusal, Reply, ResponderPatch, SupplierPatch};
use super::drive::Route;
use super::event::{Change, Event, Happened};
use super::id::{CalloutId, Ids, ResponderId, SupplierId};
use super::index::{CELL_DEGREES, cell_of};
use super::record::{CalloutRecord, ResponderFields, ResponderRecord, SupplierFields};
use super::steps::candidate;
use super::{SupplierRecord, World};
use crate::geo::Position;
use crate::sim::streets::{mix, pick, share};
use jiff::Timestamp;

/// How far away a responder may be to be rung, as the crow flies.
const RANGE_M: f64 = 5_000.0;
/// How many of the nearest are asked; it bounds the searches for routes as well.
const MOST_CANDIDATES: usize = 4;
const METRES_PER_DEGREE: f64 = 111_195.0;

impl World {
    pub(super) fn decide_fleet(
        &mut self,
        command: Command,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<Reply, Refusal> {
        let (events, reply) = match command {
            Command::PutSupplier(fields) => {
                check_text("name", &fields.name)?;
                let supplier = SupplierId(self.ids().take());
                (vec![Happened::SupplierPut { supplier, fields }], Reply::Supplier(supplier))
            }
            Command::PatchSupplier { supplier, patch } => {
                let fields = Box::new(patched_supplier(self.known_supplier(supplier)?, patch));
                check_text("name", &fields.name)?;
                (vec![Happened::SupplierPut { supplier, fields }], Reply::Supplier(supplier))
            }
            Command::DeleteSupplier(supplier) => {
                self.known_supplier(supplier)?;
                if self.responders().any(|responder| responder.supplier == supplier) {
                    return Err(Refusal::Invalid { field: "supplierId", why: "still has responders" });
                }
                (vec![Happened::SupplierDeleted { supplier }], Reply::Supplier(supplier))
            }
            Command::PutResponder(new) => self.new_responder(*new)?,
            Command::PatchResponder { responder, patch } => {
                (self.patched_responder(responder, *patch)?, Reply::Responder(responder))
            }
            Command::DeleteResponder(responder) => {
                if self.known_responder(responder)?.on_call.is_some() {
                    return Err(Refusal::Busy { what: "The responder" });
                }
                (vec![Happened::ResponderDeleted { responder }], Reply::Responder(responder))
            }
            _ => (Vec::new(), Reply::Done),
        };
        self.emit_all(now, events, out);
        Ok(reply)
    }

    fn new_responder(&self, new: NewResponder) -> Result<(Vec<Happened>, Reply), Refusal> {
        check_text("name", &new.fields.name)?;
        let mut ids = self.ids();
        let (supplier, mut events) = self.some_supplier(new.supplier, &mut ids)?;
        let responder = ResponderId(ids.take());
        events.push(Happened::ResponderCreated {
            responder,
            fix: ids.take(),
            position: new.position,
            supplier,
            fields: Box::new(new.fields),
            active: new.active,
        });
        Ok((events, Reply::Responder(responder)))
    }

    fn patched_responder(&self, id: ResponderId, patch: ResponderPatch) -> Result<Vec<Happened>, Refusal> {
        let record = self.known_responder(id)?;
        if patch.position.is_some() && record.on_call.is_some() {
            return Err(Refusal::Busy { what: "The responder" });
        }
        let supplier = patch.supplier_id.unwrap_or(record.supplier);
        self.known_supplier(supplier)?;
        let mut fields = record.fields.clone();
        let texts = [
            (&mut fields.name, patch.name),
            (&mut fields.surname, patch.surname),
            (&mut fields.callsign, patch.callsign),
            (&mut fields.mobile, patch.mobile),
            (&mut fields.vehicle_make, patch.vehicle_make),
            (&mut fields.vehicle_model, patch.vehicle_model),
            (&mut fields.vehicle_colour, patch.vehicle_colour),
            (&mut fields.vehicle_license_plate, patch.vehicle_license_plate),
        ];
        patch_texts(texts);
        check_text("name", &fields.name)?;
        let active = patch.active.unwrap_or(record.active);
        let mut events = Vec::new();
        if (supplier, &fields, active) != (record.supplier, &record.fields, record.active) {
            let fields = Box::new(fields);
            events.push(Happened::ResponderChanged { responder: id, supplier, fields, active });
        }
        if let Some(position) = patch.position {
            events.push(Happened::ResponderPlaced { responder: id, fix: self.ids().take(), position });
        }
        Ok(events)
    }

    fn known_supplier(&self, id: SupplierId) -> Result<&SupplierRecord, Refusal> {
        self.supplier(id).filter(|supplier| !supplier.deleted).ok_or(Refusal::NotFound { what: "Supplier" })
    }

    fn known_responder(&self, id: ResponderId) -> Result<&ResponderRecord, Refusal> {
        self.responder(id)
            .filter(|responder| !responder.deleted)
            .ok_or(Refusal::NotFound { what: "Responder" })
    }

    /// One that a controller names must be able to go.
    pub(super) fn free_responder(&self, id: ResponderId) -> Result<&ResponderRecord, Refusal> {
        let responder = self.known_responder(id)?;
        match (responder.on_call, responder.active) {
            (Some(_), _) => Err(Refusal::Busy { what: "The responder" }),
            (None, false) => Err(Refusal::Invalid { field: "responderId", why: "is switched off" }),
            (None, true) => Ok(responder),
        }
    }

    /// The chosen supplier or the first; where there is none, the demo suppliers, with the events that
    /// make them.
    pub(super) fn some_supplier(
        &self,
        chosen: Option<SupplierId>,
        ids: &mut Ids,
    ) -> Result<(SupplierId, Vec<Happened>), Refusal> {
        if let Some(id) = chosen {
            return Ok((self.known_supplier(id)?.id, Vec::new()));
        }
        let (suppliers, events) = self.two_suppliers(ids);
        Ok((suppliers[0], events))
    }

    fn two_suppliers(&self, ids: &mut Ids) -> ([SupplierId; 2], Vec<Happened>) {
        let mut known = self.suppliers().map(|supplier| supplier.id);
        if let Some(first) = known.next() {
            return ([first, known.next().unwrap_or(first)], Vec::new());
        }
        let suppliers = [SupplierId(ids.take()), SupplierId(ids.take())];
        let put = |(supplier, number)| {
            let fields = Box::new(demo_supplier(number));
            Happened::SupplierPut { supplier, fields }
        };
        (suppliers, suppliers.into_iter().zip(0..).map(put).collect())
    }

    /// Responders within range, nearest first, as the crow flies.
    fn in_range(&self, place: Position) -> Vec<(f64, &ResponderRecord)> {
        let north = RANGE_M / METRES_PER_DEGREE;
        let east = north / place.latitude().to_radians().cos().max(0.05);
        let (south_row, west) = cell_of(place.latitude() - north, place.longitude() - east);
        let (north_row, last) = cell_of(place.latitude() + north, place.longitude() + east);
        let around = cell_of(0.0, 360.0 + CELL_DEGREES / 2.0).1;
        let first_column = cell_of(0.0, -180.0).1;
        let columns = (west..=last).map(|column| (column - first_column).rem_euclid(around) + first_column);
        let cells = columns.flat_map(|column| (south_row..=north_row).map(move |row| (row, column)));
        let mut found: Vec<_> = cells
            .flat_map(|cell| self.index.responders_in(cell))
            .filter_map(|id| self.responder(id))
            .map(|responder| (responder.resting.position.distance_to(place), responder))
            .filter(|(metres, _)| *metres <= RANGE_M)
            .collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
        found
    }

    fn free_in_range(&self, place: Position) -> impl Iterator<Item = &ResponderRecord> {
        let found = self.in_range(place).into_iter().map(|(_, responder)| responder);
        found.filter(|responder| responder.active && responder.on_call.is_none())
    }

    /// The nearest by the way it has to drive, of those who have not declined or turned back here.
    pub(super) fn nearest_free(&self, record: &CalloutRecord) -> Option<(ResponderId, Route)> {
        let place = record.location.position;
        let willing = |responder: &&ResponderRecord| {
            !record.candidates.iter().any(|candidate| {
                candidate.responder == responder.id
                    && (candidate.declined || candidate.retracted_at.is_some())
            })
        };
        self.free_in_range(place)
            .filter(willing)
            .take(MOST_CANDIDATES)
            .map(|responder| (responder.id, self.way(responder.resting.position, place)))
            .min_by(|a, b| a.1.length_m().total_cmp(&b.1.length_m()))
    }

    /// Who could go to a new callout. A place without any vehicle gets demo vehicles first, unless its
    /// scenario is about a place without coverage.
    pub(super) fn find_responders(&mut self, callout: CalloutId, now: Timestamp, out: &mut Vec<Event>) {
        let Some(record) = self.callout_by_id(callout) else { return };
        let place = record.location.position;
        let covered = self.autopilot().is_none_or(|scenario| scenario.coverage);
        if covered && self.in_range(place).is_empty() {
            let demo = self.demo_vehicles(place);
            self.emit_all(now, demo, out);
        }
        let Some(record) = self.callout_by_id(callout) else { return };
        let mut ids = self.ids();
        let drive = self.drive_of(record);
        let candidates: Vec<_> = self
            .free_in_range(place)
            .take(MOST_CANDIDATES)
            .map(|responder| {
                let metres = self.way(responder.resting.position, place).length_m();
                candidate(ids.take(), responder.id, (metres, drive.milliseconds(metres)), now)
            })
            .collect();
        if !candidates.is_empty() {
            self.change(callout, Change::Found { candidates }, now, out);
        }
    }

    /// Two to four vehicles of two companies, 600 to 1500 m away, the same for the same place and seed.
    fn demo_vehicles(&self, place: Position) -> Vec<Happened> {
        let mut ids = self.ids();
        let (suppliers, mut events) = self.two_suppliers(&mut ids);
        let streets = self.streets(place);
        let spot = mix(place.latitude().to_bits() ^ mix(place.longitude().to_bits() ^ self.seed()));
        let count = 2 + spot % 3;
        for number in 0..count {
            let hash = mix(spot ^ mix(number));
            let bearing = 360.0 * share(mix(hash ^ 1));
            let metres = 600.0 + 900.0 * share(mix(hash ^ 2));
            let responder = ResponderId(ids.take());
            events.push(Happened::ResponderCreated {
                responder,
                fix: ids.take(),
                position: streets.on_street(place.towards(bearing, metres)),
                supplier: suppliers[usize::from(number % 2 == 1)],
                fields: Box::new(demo_responder(mix(hash ^ 3), number, responder)),
                active: true,
            });
        }
        events
    }
}

fn check_text(field: &'static str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(Refusal::Invalid { field, why: "is missing or blank" }) } else { Ok(()) }
}

fn patch_texts<const N: usize>(texts: [(&mut String, Option<String>); N]) {
    for (text, new) in texts {
        if let Some(new) = new {
            *text = new;
        }
    }
}

fn patched_supplier(record: &SupplierRecord, patch: SupplierPatch) -> SupplierFields {
    let mut fields = record.fields.clone();
    let texts = [
        (&mut fields.name, patch.name),
        (&mut fields.contact_number, patch.contact_number),
        (&mut fields.email, patch.email),
        (&mut fields.contact_person, patch.contact_person),
        (&mut fields.address, patch.address),
        (&mut fields.region, patch.region),
    ];
    patch_texts(texts);
    fields
}

/// Companies that do not exist, with numbers that nobody has.
fn demo_supplier(number: usize) -> SupplierFields {
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

/// Neighbours in this list never share a place, so two vehicles at one scene never share a name.
const OFFICERS: [(&str, &str); 8] = [
    ("Testy", "McTestFace"),
    ("Sample", "Mokoena"),
    ("Demo", "Dlamini"),
    ("Mock", "van der Test"),
    ("Fixture", "Naidoo"),
    ("Stubs", "Sithole"),
    ("Trial", "Botha"),
    ("Example", "Khumalo"),
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

fn demo_responder(hash: u64, number: u64, id: ResponderId) -> ResponderFields {
    let first = usize::try_from((hash >> 8) % 2).unwrap_or(0);
    let officer = OFFICERS[(2 * usize::try_from(number % 4).unwrap_or(0) + first) % OFFICERS.len()];
    let car = pick(&CARS, hash >> 16);
    ResponderFields {
        name: officer.0.to_owned(),
        surname: officer.1.to_owned(),
        callsign: format!("{} {}", pick(&CALLSIGNS, hash >> 24), 11 + 10 * number + (hash >> 32) % 9),
        mobile: format!("+27000{:06}", id.0 % 1_000_000),
        vehicle_make: car.0.to_owned(),
        vehicle_model: car.1.to_owned(),
        vehicle_colour: pick(&COLOURS, hash >> 40).to_owned(),
        vehicle_license_plate: format!("TEST {:02} GP", id.0 % 100),
    }
}
