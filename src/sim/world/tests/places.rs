//! Fixed locations, callouts from them, and coverage.

use super::*;
use crate::geo::area::{Area, Ring};
use proptest::prelude::*;

fn site(reference: &str) -> Box<PlaceChange> {
    Box::new(PlaceChange {
        external_reference_id: Some(reference.to_owned()),
        location_identifier: Some(format!("Branch {reference}")),
        latitude: Some("-26.10910".to_owned()),
        longitude: Some("28.0830".to_owned()),
        formatted_address: Some(Some("123 Main Street, Johannesburg".to_owned())),
        ..PlaceChange::default()
    })
}

/// What the property tests ask of places: three of them, by number.
#[derive(Clone, Debug)]
pub(super) enum Random {
    /// For one of the customers, or beyond their number for nobody.
    Raise {
        place: usize,
        customer: usize,
    },
    Link {
        place: usize,
        customer: usize,
    },
    Cover(u32),
}

pub(super) fn random() -> impl Strategy<Value = Random> {
    let pair = (0usize..3, 0usize..8);
    prop_oneof![
        3 => pair.clone().prop_map(|(place, customer)| Random::Raise { place, customer }),
        1 => pair.prop_map(|(place, customer)| Random::Link { place, customer }),
        1 => (0u32..4_000).prop_map(Random::Cover),
    ]
}

pub(super) fn create_three(rig: &mut Rig) {
    for place in 0..3 {
        rig.site(site(&reference(place)));
    }
}

fn reference(place: usize) -> String {
    format!("site_{place}")
}

pub(super) fn command(random: &Random, source: SourceId, customers: &[CustomerId]) -> Command {
    Command::Place(match random {
        Random::Raise { place, customer } => PlaceCommand::Raise(PlaceRaise {
            source,
            at: At::Reference(reference(*place)),
            who: customers.get(*customer).copied().map(Who::ById),
            response_type_id: 1,
            classification_id: 1,
            internal_test: false,
            check_subscription: false,
        }),
        Random::Link { place, customer } => {
            let customer = Some(customers.get(*customer).copied());
            let change = Box::new(PlaceChange { customer, ..*site(&reference(*place)) });
            PlaceCommand::Import { source, change }
        }
        Random::Cover(metres) => {
            let areas = vec![Area::Around { centre: scene(), metres: f64::from(*metres) }];
            PlaceCommand::SetCoverage(Box::new(Coverage([(1, areas)].into())))
        }
    })
}

impl Rig {
    fn place(&mut self, command: PlaceCommand) -> Result<Reply, Refusal> {
        self.apply(Command::Place(command))
    }

    fn create(&mut self, change: Box<PlaceChange>) -> Result<Reply, Refusal> {
        let source = self.source;
        self.place(PlaceCommand::Create { source, change })
    }

    fn site(&mut self, change: Box<PlaceChange>) -> PlaceId {
        match self.create(change) {
            Ok(Reply::Place { place, created: true }) => place,
            other => panic!("{other:?}"),
        }
    }

    fn update(&mut self, place: PlaceId, change: PlaceChange) -> Result<Reply, Refusal> {
        let source = self.source;
        self.place(PlaceCommand::Update { source, place, change: Box::new(change) })
    }

    fn raise_at(&mut self, at: At, who: Option<Who>) -> Result<Reply, Refusal> {
        let source = self.source;
        let check_subscription = who.is_some();
        self.place(PlaceCommand::Raise(PlaceRaise {
            source,
            at,
            who,
            response_type_id: 1,
            classification_id: 1,
            internal_test: false,
            check_subscription,
        }))
    }

    fn cover(&mut self, response_type: i64, areas: Vec<Area>) -> Result<Reply, Refusal> {
        let coverage = Box::new(Coverage([(response_type, areas)].into()));
        self.place(PlaceCommand::SetCoverage(coverage))
    }
}

fn by(reference: &str) -> At {
    At::Reference(reference.to_owned())
}

fn raised(reply: Result<Reply, Refusal>) -> (CalloutId, bool) {
    match reply {
        Ok(Reply::Raised { callout, newly_opened }) => (callout, newly_opened),
        other => panic!("{other:?}"),
    }
}

fn around(centre: Position) -> Vec<Area> {
    vec![Area::Around { centre, metres: 2_000.0 }]
}

#[test]
fn a_place_needs_its_four_fields_and_a_reference_of_its_own() {
    let mut rig = Rig::new();
    let blank = Some(" ".to_owned());
    for (change, wrong) in [
        (PlaceChange { external_reference_id: None, ..*site("a") }, "externalReferenceId"),
        (PlaceChange { location_identifier: blank, ..*site("a") }, "locationIdentifier"),
        (PlaceChange { latitude: Some("north".to_owned()), ..*site("a") }, "latitude"),
        (PlaceChange { latitude: Some("-91".to_owned()), ..*site("a") }, "latitude"),
        (PlaceChange { longitude: Some("NaN".to_owned()), ..*site("a") }, "longitude"),
        (PlaceChange { longitude: Some("180.5".to_owned()), ..*site("a") }, "longitude"),
        (PlaceChange { customer: Some(Some(CustomerId(1))), ..*site("a") }, "customerId"),
        (PlaceChange { location_type: Some(Some(7)), ..*site("a") }, "calloutLocationTypeId"),
    ] {
        let Err(Refusal::Invalid { field, .. }) = rig.create(Box::new(change)) else { panic!("{wrong}") };
        assert_eq!(field, wrong);
    }
    assert_eq!(rig.world.places(rig.source).count(), 0);
    let (a, b) = (rig.site(site("a")), rig.site(site("b")));
    let taken = Refusal::Duplicate { field: "externalReferenceId" };
    assert_eq!(rig.create(site("a")), Err(taken.clone()));
    let same = PlaceChange { external_reference_id: Some("a".to_owned()), ..PlaceChange::default() };
    assert_eq!(rig.update(b, same.clone()), Err(taken));
    rig.update(a, same).unwrap();
    let source = rig.source;
    rig.place(PlaceCommand::Delete { source, place: a }).unwrap();
    assert!(rig.world.place(source, a).is_none() && rig.world.place_by_reference(source, "a").is_none());
    assert_ne!(rig.site(site("a")), a, "the reference is free again");
    rig.assert_replays();
}

#[test]
fn a_place_is_its_source_s_own() {
    let mut rig = Rig::new();
    let place = rig.site(site("a"));
    let Ok(Reply::Source(other)) = rig.apply(Command::OpenSource { client_id: "other".to_owned() }) else {
        panic!()
    };
    let unknown = Err(Refusal::NotFound { what: "Fixed location" });
    assert_eq!(rig.place(PlaceCommand::Delete { source: other, place }), unknown);
    assert_eq!(rig.place(PlaceCommand::Update { source: other, place, change: site("b") }), unknown);
    rig.place(PlaceCommand::Create { source: other, change: site("a") }).unwrap();
    assert_eq!(rig.world.places(other).count(), 1);
}

#[test]
fn an_update_changes_what_it_names() {
    let mut rig = Rig::new();
    let place = rig.site(site("a"));
    rig.after(5.0);
    let change = PlaceChange {
        description: Some(Some("  Downtown ".to_owned())),
        formatted_address: Some(None),
        latitude: Some("-26.2".to_owned()),
        ..PlaceChange::default()
    };
    rig.update(place, change).unwrap();
    let record = rig.world.place(rig.source, place).unwrap();
    assert_eq!(record.fields.description.as_deref(), Some("Downtown"));
    assert_eq!(record.fields.formatted_address, None);
    assert_eq!((record.fields.external_reference_id.as_str(), record.position), ("a", at(-26.2, 28.083)));
    assert_eq!(record.updated_at.duration_since(record.created_at), SignedDuration::from_secs(5));
    rig.assert_replays();
}

#[test]
fn an_import_creates_or_updates_by_reference() {
    let mut rig = Rig::new();
    let source = rig.source;
    let Ok(Reply::Place { place, created: true }) =
        rig.place(PlaceCommand::Import { source, change: site("a") })
    else {
        panic!()
    };
    let padded = PlaceChange { external_reference_id: Some(" a ".to_owned()), ..*site("a") };
    let again = rig.place(PlaceCommand::Import { source, change: Box::new(padded) });
    assert_eq!(again, Ok(Reply::Place { place, created: false }));
}

#[test]
fn a_callout_of_nobody_belongs_to_its_place() {
    let mut rig = Rig::new();
    let place = rig.site(site("a"));
    let (callout, _) = raised(rig.raise_at(by("a"), None));
    let record = rig.record(callout);
    assert_eq!(record.customer_id(), None);
    assert_eq!((record.location.position, record.location.accuracy), (at(-26.1091, 28.083), None));
    assert_eq!(rig.world.place_of(record).unwrap().id, place);
    assert_eq!(rig.world.address_of(record), Some("123 Main Street, Johannesburg"));
    assert_eq!(rig.world.customer_of(record).unwrap().fields.name, "Branch a");
    assert!(rig.world.customer(rig.source, record.customer).is_none(), "not one of the customers");
    assert!(!record.candidates.is_empty());
    assert_eq!(raised(rig.raise_at(by("a"), None)), (callout, false));
    assert_eq!(raised(rig.raise_at(At::Id(place), None)), (callout, false));
    rig.steps(callout, "dispatch arrive complete close");
    let (second, newly_opened) = raised(rig.raise_at(by("a"), None));
    assert!(newly_opened && second != callout);
    assert_eq!(rig.record(second).customer, rig.record(callout).customer, "one record is enough");
    rig.assert_replays();
}

#[test]
fn the_record_of_nobody_bears_the_name_that_the_place_has_now() {
    let mut rig = Rig::new();
    let place = rig.site(site("a"));
    let (callout, _) = raised(rig.raise_at(by("a"), None));
    let change = PlaceChange { location_identifier: Some("North Gate".to_owned()), ..PlaceChange::default() };
    rig.update(place, change).unwrap();
    assert_eq!(rig.world.customer_of(rig.record(callout)).unwrap().fields.name, "North Gate");
    let source = rig.source;
    rig.place(PlaceCommand::Delete { source, place }).unwrap();
    let record = rig.record(callout);
    assert_eq!(rig.world.customer_of(record).unwrap().fields.name, "North Gate");
    assert!(record.is_active() && rig.world.address_of(record).is_some(), "help still comes");
    rig.assert_replays();
}

#[test]
fn a_callout_of_a_linked_place_is_the_customer_s_unless_they_have_another() {
    let mut rig = Rig::new();
    let customer = rig.customer;
    rig.site(Box::new(PlaceChange { customer: Some(Some(customer)), ..*site("a") }));
    let (callout, _) = raised(rig.raise_at(by("a"), None));
    assert_eq!(rig.record(callout).customer_id(), Some(customer));
    assert_eq!(rig.world.active_of_customer(rig.source, customer).unwrap().id, callout);
    let raising = rig.raising();
    assert_eq!(raised(rig.apply(Command::Raise(raising))), (callout, false));
    rig.steps(callout, "close");
    let elsewhere = rig.raise_as(Raise { position: at(-26.3, 28.3), ..rig.raising() });
    let (here, newly_opened) = raised(rig.raise_at(by("a"), None));
    assert!(newly_opened && here != elsewhere, "help goes to the place");
    assert_eq!(rig.record(here).customer_id(), None);
    assert_eq!(rig.record(here).location.position, at(-26.1091, 28.083));
    rig.assert_replays();
}

#[test]
fn a_customer_raises_from_a_place_by_the_customer_s_rules() {
    let mut rig = Rig::new();
    let place = rig.site(site("a"));
    let customer = rig.customer;
    let (callout, _) = raised(rig.raise_at(At::Id(place), Some(Who::ById(customer))));
    assert_eq!(rig.record(callout).customer_id(), Some(rig.customer));
    assert_eq!(raised(rig.raise_at(At::Id(place), Some(Who::ById(customer)))), (callout, false));
    assert_eq!(raised(rig.raise_at(by("a"), None)), (callout, false), "one that is active there");
    let source = rig.source;
    let command = Command::CreateCustomer {
        source,
        fields: person("+27820000001"),
        subscription: None,
        subscription_id: None,
    };
    let Ok(Reply::Customer { customer, .. }) = rig.apply(command) else { panic!() };
    let refused = rig.raise_at(At::Id(place), Some(Who::ById(customer)));
    assert_eq!(refused, Err(Refusal::NoSubscription));
    for (at, field) in [(At::Id(PlaceId(1)), "predefinedLocationId"), (by("unknown"), "externalReferenceId")]
    {
        let refused = rig.raise_at(at, None);
        assert_eq!(refused, Err(Refusal::Invalid { field, why: "is not a known fixed location" }));
    }
}

#[test]
fn an_address_is_told_until_the_callout_leaves_the_place() {
    let mut rig = Rig::new();
    rig.site(site("a"));
    let (callout, _) = raised(rig.raise_at(by("a"), None));
    rig.locate(callout, scene()).unwrap();
    let record = rig.record(callout);
    assert_eq!(rig.world.address_of(record), None);
    assert!(rig.world.place_of(record).is_some());
}

#[test]
fn outside_the_coverage_only_a_company_can_be_sent() {
    let mut rig = Rig::new();
    rig.cover(1, around(at(-33.9, 18.4))).unwrap();
    let callout = rig.raise();
    assert!(rig.record(callout).candidates.is_empty() && rig.world.responders().next().is_none());
    let allowed_now = rig.world.allowed_steps(rig.record(callout));
    assert!(!allowed_now.contains(&"dispatch") && allowed_now.contains(&"dispatch-manually"));
    let refused = rig.step(callout, Step::Dispatch { responder_id: None });
    assert_eq!(refused, Err(Refusal::NotCovered { allowed_now }));
    rig.steps(callout, "dispatch-manually");
    let refused = rig.step(callout, Step::Dispatch { responder_id: None });
    assert!(matches!(refused, Err(Refusal::NotAllowed { step: "dispatch", .. })), "{refused:?}");
    rig.assert_replays();
}

#[test]
fn coverage_is_of_a_response_type_and_of_where_the_callout_is_now() {
    let mut rig = Rig::new();
    rig.cover(2, around(scene())).unwrap();
    let medical = |rig: &Rig| Raise { response_type_id: 2, position: at(-26.3, 28.3), ..rig.raising() };
    let callout = rig.raise_as(medical(&rig));
    assert!(!rig.world.allowed_steps(rig.record(callout)).contains(&"dispatch"));
    rig.locate(callout, scene()).unwrap();
    assert!(rig.world.allowed_steps(rig.record(callout)).contains(&"dispatch"));
    assert!(rig.world.covered(1, at(-26.3, 28.3)) && !rig.world.covered(2, at(-26.3, 28.3)));
    rig.cover(1, vec![]).unwrap();
    assert!(rig.world.covered(2, at(-26.3, 28.3)), "replaced");
    assert!(!rig.world.covered(1, scene()), "no area: nowhere");
}

#[test]
fn the_autopilot_sends_a_company_where_nobody_of_ours_goes() {
    let mut rig = Rig::on("happy-path");
    let corner = |bearing: f64| at(-33.9, 18.4).towards(bearing, 900.0);
    let border = Ring::new([0.0, 120.0, 240.0].map(corner).into()).unwrap();
    rig.cover(1, vec![Area::Within(border)]).unwrap();
    let (outside, inside) = (rig.raise(), {
        let customer = rig.new_customer("+27820000001");
        let raising = Raise { who: Who::ById(customer), position: at(-33.9, 18.4), ..rig.raising() };
        rig.raise_as(raising)
    });
    rig.after(3_600.0);
    for (callout, by_app) in [(outside, false), (inside, true)] {
        let record = rig.record(callout);
        assert_eq!((rig.status(callout), record.assignments.len()), ("closed", 1));
        assert_eq!(record.assignments[0].responder.is_some(), by_app);
    }
    rig.assert_replays();
}

#[test]
fn a_place_tells_the_coverage_of_when_it_was_last_put() {
    let mut rig = Rig::new();
    let place = rig.site(site("a"));
    let told = |rig: &Rig| {
        let record = rig.world.place(rig.source, place).unwrap();
        (record.security_coverage, record.medical_coverage)
    };
    assert_eq!(told(&rig), (true, true), "without areas everything is covered");
    rig.cover(2, around(at(-33.9, 18.4))).unwrap();
    assert_eq!(told(&rig), (true, true));
    rig.update(place, PlaceChange::default()).unwrap();
    assert_eq!(told(&rig), (true, false));
}

#[test]
fn coverage_that_is_none_is_refused() {
    let mut rig = Rig::new();
    let centre = scene();
    for (response_type, metres) in [(4, 1.0), (1, 0.0), (1, -5.0), (1, f64::NAN), (1, f64::INFINITY)] {
        let refused = rig.cover(response_type, vec![Area::Around { centre, metres }]);
        assert!(matches!(refused, Err(Refusal::Invalid { field: "coverage", .. })), "{refused:?}");
    }
    let many = vec![Area::Around { centre, metres: 1.0 }; 101];
    assert!(rig.cover(1, many).is_err());
    assert_eq!(rig.world.coverage(), &Coverage::default());
    rig.cover(1, vec![]).unwrap();
    rig.apply(Command::Reset).unwrap();
    assert_eq!(rig.world.coverage(), &Coverage::default());
    rig.assert_replays();
}

#[test]
fn a_snapshot_from_before_there_were_places_still_opens() {
    let mut rig = Rig::new();
    rig.raise();
    let mut snapshot = serde_json::to_value(&rig.world).unwrap();
    snapshot.as_object_mut().unwrap().remove("places").unwrap();
    for (_, callout) in snapshot["callouts"].as_object_mut().unwrap() {
        callout.as_object_mut().unwrap().remove("called_from").unwrap();
    }
    assert_eq!(serde_json::from_value::<World>(snapshot).unwrap(), rig.world);
}
