//! Reading scenarios, and what is said of a bad one.

use super::*;

const SMALL: &str = r#"
name = "small"
description = "One line."
controller = "Demo Controller"
[drive]
seconds = 60
[[raised]]
after = 3
say = "Hello {customer}."
[[raised]]
after = 1
do = "acknowledge"
[[dispatched]]
share = 0.5
do = "cancel-responder"
"#;

#[test]
fn all_shipped_scenarios_can_be_read() {
    let names =
        ["happy-path", "manual-dispatch", "responder-cancelled", "nobody-available", "false-alarm", "duress"];
    for (text, name) in SHIPPED.into_iter().zip(names) {
        assert_eq!(Scenario::parse(name, text).unwrap().name, name);
        assert!(Scenario::named(name).is_some());
    }
    assert!(Scenario::named("no-such").is_none());
}

#[test]
fn beats_come_in_order_of_time_whatever_the_order_of_the_file() {
    let scenario = Scenario::parse("small.toml", SMALL).unwrap();
    assert_eq!(scenario.beat(Phase::Raised, 0, 0), Some((1_000, &Act::Acknowledge)));
    assert!(matches!(scenario.beat(Phase::Raised, 0, 1), Some((3_000, Act::Say(_)))));
    assert_eq!(scenario.beat(Phase::Raised, 0, 2), None);
    assert_eq!(scenario.beat(Phase::Dispatched, 60_000, 0), Some((30_000, &Act::CancelResponder)));
    assert_eq!(scenario.beat(Phase::DispatchedAgain, 60_000, 0), scenario.beat(Phase::Dispatched, 60_000, 0),);
}

#[test]
fn what_is_written_down_reads_back_equal() {
    for scenario in Scenario::shipped() {
        let json = serde_json::to_string(&scenario).unwrap();
        assert_eq!(serde_json::from_str::<Scenario>(&json).unwrap(), scenario);
    }
}

#[test]
fn errors_name_the_file_the_line_and_the_field() {
    for (from, to, words) in [
        ("after = 3", "aftr = 3", ["line 8", "aftr"]),
        ("after = 3", "after = -3", ["line 8", "after: between"]),
        ("after = 3", "", ["line 7", "either after or share"]),
        ("say = \"Hello {customer}.\"", "say = \"{custmer}\"", ["line 9", "names in braces"]),
        ("do = \"acknowledge\"", "do = \"acknowlege\"", ["line 12", "acknowlege"]),
        ("do = \"acknowledge\"", "", ["after = 1", "either do or say"]),
        ("do = \"acknowledge\"", "do = \"own\"\ndetails = \"x\"", ["after = 1", "details"]),
        ("seconds = 60", "seconds = 0", ["line 5", "seconds: between"]),
        ("seconds = 60", "", ["line 5", "either seconds or speed-kmh"]),
        ("share = 0.5", "share = 1.5", ["line 14", "share: between"]),
        ("[[dispatched]]", "[[arrived]]", ["arrived", "share is only for"]),
        ("name = \"small\"", "name = \" \"", ["name", "is empty"]),
        ("[drive]", "vehicles = 13\n[drive]", ["vehicles", "at most 12"]),
        ("[[dispatched]]", "[[duress]]", ["duress", "share is only for"]),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let error = Scenario::parse("small.toml", &SMALL.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.starts_with("small.toml: "), "{error}");
        for word in words {
            assert!(error.contains(word), "{word} in: {error}");
        }
    }
}

#[test]
fn parameters_change_the_timing_within_bounds() {
    let small = || Scenario::parse("small.toml", SMALL).unwrap();
    let slow = small().with(Params { pace: Some(2.0), drive_seconds: None }).unwrap();
    assert_eq!(slow.beat(Phase::Raised, 0, 0), Some((2_000, &Act::Acknowledge)));
    assert_eq!(slow.drive, Drive::Seconds(120.0));
    let short = small().with(Params { pace: None, drive_seconds: Some(9.0) }).unwrap();
    assert_eq!(short.drive, Drive::Seconds(9.0));
    assert!(small().with(Params { pace: Some(0.0), drive_seconds: None }).is_err());
    assert!(small().with(Params { pace: None, drive_seconds: Some(f64::NAN) }).is_err());
}

#[test]
fn a_speed_becomes_a_time_by_the_length_of_the_route() {
    assert_eq!(Drive::SpeedKmh(36.0).milliseconds(500.0), 50_000);
    assert_eq!(Drive::Seconds(75.0).milliseconds(500.0), 75_000);
}

#[test]
fn a_scenario_in_a_request_is_read_as_its_file_is() {
    for scenario in Scenario::shipped() {
        let json = serde_json::to_value(&scenario).unwrap();
        assert_eq!(Scenario::from_json(&json).unwrap(), scenario);
    }
    let small = || serde_json::to_value(Scenario::parse("small.toml", SMALL).unwrap()).unwrap();
    for (pointer, value, words) in [
        ("/raised/1/do", serde_json::json!("wave"), ["scenario.raised[1]: ", "wave"]),
        ("/raised/0/after", serde_json::json!(-1), ["scenario.raised[0]: ", "after: between"]),
        ("/drive/seconds", serde_json::json!(0), ["scenario.drive: ", "seconds: between"]),
        ("/name", serde_json::json!(" "), ["scenario.name: ", "is empty"]),
        ("/name", serde_json::json!("off"), ["scenario.name: ", "off"]),
        ("/name", serde_json::json!(4), ["scenario: ", "invalid type"]),
    ] {
        let mut bad = small();
        *bad.pointer_mut(pointer).unwrap() = value;
        let error = Scenario::from_json(&bad).unwrap_err();
        assert!(error.starts_with(words[0]) && error.contains(words[1]), "{error}");
    }
}
