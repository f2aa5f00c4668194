//! What the page tells of a callout, at each of its steps.

use super::*;
use proptest::prelude::*;

fn at(time: &str) -> Timestamp {
    format!("2026-06-10T{time}Z").parse().unwrap()
}

fn home() -> Position {
    Position::new(-26.1091, 28.0830).unwrap()
}

fn created() -> Seen {
    let streets = Streets::around(home(), 1);
    let customer = Place { position: home(), accuracy: Some(35.0), fresh: true };
    Seen {
        id: CalloutId(1_004),
        status: Status::Created,
        created_at: at("09:00:00"),
        acknowledged_at: None,
        resolved_at: None,
        cancel_asked: false,
        stood_down: false,
        legs: Vec::new(),
        helper: None,
        eta: None,
        next_report: None,
        map: Some(Map {
            streets,
            customer,
            responder: None,
            way: Vec::new(),
            driven: Vec::new(),
            whole: false,
        }),
    }
}

fn sent() -> Leg {
    let dispatched_at = at("09:02:00");
    Leg { manual: false, dispatched_at, arrived_at: None, completed_at: None, retracted_at: None }
}

fn helper() -> Helper {
    Helper {
        supplier: Some(Supplier {
            name: "Example Response".to_owned(),
            number: "+27 11 555 0100".to_owned(),
        }),
        responder: Some(Responder {
            name: "Testy McTestFace".to_owned(),
            callsign: "Tango 19".to_owned(),
            vehicle: "White Boxcart Cardboard".to_owned(),
            plate: "TEST 09 GP".to_owned(),
        }),
    }
}

fn dispatched() -> Seen {
    let from = home().towards(45.0, 800.0);
    let mut seen = created();
    let map = seen.map.as_mut().unwrap();
    map.responder = Some(Place { position: from, accuracy: Some(10.0), fresh: true });
    map.way = map.streets.route(from, home());
    let eta = Eta { duration_s: 175, distance_m: 1_213, at: at("09:03:05"), fresh: true };
    let (status, acknowledged_at) = (Status::Dispatched, Some(at("09:01:00")));
    Seen { status, acknowledged_at, legs: vec![sent()], helper: Some(helper()), eta: Some(eta), ..seen }
}

fn part(seen: &Seen, id: &str) -> String {
    Parts::of(seen).part(id).to_owned()
}

/// The titles of the status flow, with a sign for done, now and to come.
fn flow(seen: &Seen) -> Vec<String> {
    let html = part(seen, "flow");
    let rows = html.split("<li class=\"").skip(1);
    rows.map(|row| {
        let (class, rest) = row.split_once('"').unwrap();
        let title = rest.split("class=\"what\">").nth(1).unwrap().split('<').next().unwrap();
        format!("{class}: {title}")
    })
    .collect()
}

#[test]
fn nobody_has_seen_it_yet() {
    assert!(part(&created(), "headline").contains("has not acknowledged it yet"));
    let expected = [
        "now: Callout created",
        "ahead: Control room acknowledged",
        "ahead: Responder dispatched",
        "ahead: Responder arrived",
        "ahead: Responder completed",
        "ahead: Callout closed",
    ];
    assert_eq!(flow(&created()), expected);
}

#[test]
fn an_eta_says_when_it_was_reported_and_is_rounded_up() {
    let eta = part(&dispatched(), "eta");
    for words in ["<strong>3</strong> min", "1.2 km to go", "As reported at", "2026-06-10T09:03:05Z"] {
        assert!(eta.contains(words), "{words}: {eta}");
    }
    assert!(!eta.contains("Not live"));
}

#[test]
fn what_is_old_is_not_told_as_live() {
    let mut seen = dispatched();
    seen.eta = seen.eta.map(|eta| Eta { fresh: false, ..eta });
    let map = seen.map.as_mut().unwrap();
    map.responder = map.responder.map(|place| Place { fresh: false, ..place });
    let eta = part(&seen, "eta");
    assert!(
        eta.contains("Was expected in") && eta.contains("Not live.") && eta.contains("class=\"eta old\"")
    );
    let map = part(&seen, "map");
    assert!(map.contains("last known place") && map.contains("class=\"responder old\""), "{map}");
}

#[test]
fn the_second_responder_comes_after_the_first_turned_back() {
    let first = Leg { retracted_at: Some(at("09:04:00")), ..sent() };
    let turned_back = Seen {
        status: Status::ResponderCancelled,
        legs: vec![first],
        helper: None,
        eta: None,
        ..dispatched()
    };
    assert!(part(&turned_back, "headline").contains("Finding another responder"));
    let last_two = ["now back: Responder cancelled", "ahead: Another responder dispatched"];
    assert_eq!(flow(&turned_back)[3..5], last_two);
    let second = Leg { dispatched_at: at("09:05:00"), ..sent() };
    let again = Seen { legs: vec![first, second], ..dispatched() };
    let expected = [
        "done: Callout created",
        "done: Control room acknowledged",
        "done: Responder dispatched",
        "done back: Responder cancelled",
        "now: Another responder dispatched",
        "ahead: Responder arrived",
        "ahead: Responder completed",
        "ahead: Callout closed",
    ];
    assert_eq!(flow(&again), expected);
}

#[test]
fn called_off_nobody_else_is_announced() {
    let first = Leg { retracted_at: Some(at("09:04:00")), ..sent() };
    let (status, cancel_asked) = (Status::ResponderCancelled, true);
    let off =
        Seen { status, cancel_asked, stood_down: true, legs: vec![first], helper: None, ..dispatched() };
    assert!(part(&off, "headline").contains("Response called off"));
    assert_eq!(part(&off, "notice"), "", "it is confirmed already");
    assert_eq!(flow(&off).last().unwrap(), "ahead: Callout closed");
    assert!(!flow(&off).iter().any(|row| row.contains("ahead: Responder")), "{:?}", flow(&off));
}

#[test]
fn a_soft_cancel_is_shown_and_stops_nothing() {
    let seen = Seen { cancel_asked: true, ..dispatched() };
    assert!(part(&seen, "notice").contains("The response goes on"));
    assert!(part(&seen, "eta").contains("Arrives in about"));
}

#[test]
fn a_company_sent_by_phone_has_no_place_and_a_number_to_call() {
    let legs = vec![Leg { manual: true, ..sent() }];
    let by_phone = Some(Helper { responder: None, ..helper() });
    let seen = Seen { legs, helper: by_phone, eta: None, map: created().map, ..dispatched() };
    assert!(flow(&seen).contains(&"now: Supplier dispatched by phone".to_owned()));
    assert!(part(&seen, "headline").contains("cannot be shown here"));
    assert!(part(&seen, "helper").contains("href=\"tel:+27115550100\""));
    assert!(!part(&seen, "helper").contains("Callsign"));
    assert!(part(&seen, "map").contains("No responder&#39;s place is known"));
}

#[test]
fn on_scene_and_afterwards_there_is_nothing_to_wait_for() {
    let legs = vec![Leg { arrived_at: Some(at("09:06:00")), ..sent() }];
    let here = Seen { status: Status::Arrived, legs, eta: None, ..dispatched() };
    assert!(part(&here, "headline").contains("Responder is here"));
    assert!(part(&here, "helper").contains("Who is here"));
    let legs = vec![Leg { completed_at: Some(at("09:20:00")), ..here.legs[0] }];
    let done = Seen { status: Status::Completed, legs, ..here };
    assert!(part(&done, "headline").contains("Responder has finished"));
    assert_eq!(flow(&done)[4], "now: Responder completed");
}

#[test]
fn a_closed_callout_tells_what_was_and_not_who_or_where() {
    let closed = Seen {
        status: Status::Closed,
        resolved_at: Some(at("09:10:00")),
        helper: None,
        eta: None,
        map: None,
        ..dispatched()
    };
    let page = page(&closed, at("09:11:00"));
    assert!(page.contains("This callout is closed") && page.contains("09:10 UTC"));
    for word in ["Testy", "<svg", "tel:", "<script", "http-equiv=\"refresh\""] {
        assert!(!page.contains(word), "{word}");
    }
    // What never happened is not announced any more.
    assert_eq!(flow(&closed).last().unwrap(), "now: Callout closed");
    assert!(!flow(&closed).iter().any(|row| row.starts_with("ahead")));
}

#[test]
fn equal_looks_make_equal_pages() {
    assert_eq!(Parts::of(&dispatched()), Parts::of(&dispatched()));
}

#[test]
fn the_map_is_told_in_words() {
    let map = part(&dispatched(), "map");
    let words = "Map: the responder is north-east of the customer and has 1.2 km to go.";
    assert!(map.contains(words), "{map}");
}

#[test]
fn the_picture_is_a_png_of_the_same_drawing() {
    let map = dispatched().map.unwrap();
    let png = picture(&map).unwrap();
    let pixels = tiny_skia::Pixmap::decode_png(&png).unwrap();
    assert_eq!((pixels.width(), pixels.height()), (800, 600));
    let has = |colour: [u8; 3]| {
        pixels.pixels().iter().any(|pixel| [pixel.red(), pixel.green(), pixel.blue()] == colour)
    };
    assert!(has([0xb3, 0x26, 0x1e]) && has([0x14, 0x55, 0xa8]), "the pin and the responder");
    let nobody = picture(&created().map.unwrap()).unwrap();
    let pixels = tiny_skia::Pixmap::decode_png(&nobody).unwrap();
    let blue = |pixel: &tiny_skia::PremultipliedColorU8| pixel.blue() == 0xa8 && pixel.red() == 0x14;
    assert!(!pixels.pixels().iter().any(blue));
}

proptest! {
    #[test]
    fn no_text_of_the_world_becomes_markup(name in ".*", number in ".*", plate in ".*", callsign in ".*") {
        let mut seen = dispatched();
        let helper = seen.helper.as_mut().unwrap();
        helper.supplier = Some(Supplier { name: name.clone(), number });
        let vehicle = name.clone();
        helper.responder = Some(Responder { name, callsign, vehicle, plate });
        let page = page(&seen, at("09:03:06"));
        let plain = self::page(&dispatched(), at("09:03:06"));
        // The same tags, but for those that stand or fall with a field.
        let tags = |page: &str| {
            let names = page.split('<').skip(1).map(|tag| tag.split([' ', '>']).next().unwrap().to_owned());
            names.collect::<std::collections::BTreeSet<_>>()
        };
        prop_assert!(tags(&page).is_subset(&tags(&plain)), "{:?}", tags(&page));
        prop_assert!(page.len() < 50_000);
    }
}
