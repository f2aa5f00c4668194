//! Templates under test: the shipped ones, wrong ones, and messages there and back.

use super::file::{parse, with_own};
use super::*;
use crate::geo::Position;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn example() -> Template {
    shipped().next().unwrap()
}

fn sigfox() -> Template {
    shipped().nth(1).unwrap()
}

fn outgoing(action: Action) -> Outgoing {
    Outgoing {
        action,
        device: "A1B2C3D4".to_owned(),
        position: Position::new(-26.1091, 28.083),
        accuracy: Some(8.0),
        level: Some(88.0),
        sequence: 46,
        at: Timestamp::from_second(1_781_083_800).unwrap(),
    }
}

fn fault(template: &Template, message: &Value) -> String {
    template.read(message).unwrap_err().to_string()
}

#[test]
fn both_shipped_ones_can_be_taken() {
    let names: Vec<_> = shipped().map(|template| (template.name, template.type_id)).collect();
    assert_eq!(names, [("example-devices".to_owned(), 1), ("sigfox-button".to_owned(), 2)]);
    assert_eq!(with_own(Vec::new()).unwrap().len(), SHIPPED.len());
}

#[test]
fn a_template_survives_json() {
    for template in shipped() {
        let json = serde_json::to_value(&template).unwrap();
        assert_eq!(serde_json::from_value::<Template>(json).unwrap(), template);
    }
}

#[test]
fn the_device_comes_out_of_the_serial() {
    assert_eq!(example().device_id("SN-0001-A1B2C3D4").unwrap(), "A1B2C3D4");
    assert_eq!(sigfox().device_id("SIGFOX-BTN-1A2B3C").unwrap(), "1A2B3C");
    for serial in ["SHORT", "", "SN 0001 A1B2C3D4", "\nSN-0001-A1B2C3D4", &"x".repeat(500)] {
        let fault = example().device_id(serial).unwrap_err().to_string();
        assert_eq!(fault, "deviceSerial does not match the template example-devices.");
    }
    let mut template = example();
    for (device, id) in [
        (DevicePart::Whole, "SN-0001-A1B2C3D4"),
        (DevicePart::First(7), "SN-0001"),
        (DevicePart::Characters(4, 7), "0001"),
        (DevicePart::Last(1), "4"),
    ] {
        template.serial.device = device;
        assert_eq!(template.device_id("SN-0001-A1B2C3D4").unwrap(), id);
    }
    for device in [DevicePart::Last(17), DevicePart::First(17), DevicePart::Characters(9, 17)] {
        template.serial.device = device;
        assert!(template.device_id("SN-0001-A1B2C3D4").is_err());
    }
}

#[test]
fn a_pattern_matches_whole_serials_and_takes_linear_time() {
    assert!(!Pattern::new("[a-z]+").unwrap().matches("abc1"));
    assert!(!Pattern::new("a|b").unwrap().matches("ab"));
    assert!(Pattern::new("a)|(?:b").unwrap_err().contains("pattern"));
    assert!(Pattern::new(&"a".repeat(257)).is_err());
    assert!(Pattern::new("(a{1000}){1000}").is_err());
    // A backtracking engine would need the age of the universe for this one.
    assert!(!Pattern::new("(a*)*(a*)*b").unwrap().matches(&"a".repeat(128)));
}

#[test]
fn a_raw_frame_is_read_byte_by_byte() {
    let message = json!({ "device": "1A2B3C", "time": 1, "seqNumber": 46, "data": "11f070114810BD20300458" });
    let heard = sigfox().read(&message).unwrap();
    let expected = Heard {
        action: Action::Callout,
        position: Position::new(-26.1091, 28.083),
        accuracy: Some(8.0),
        level: Some(88.0),
    };
    assert_eq!(heard, expected);
    // Battery: its own kind, the position left at zero.
    let battery = json!({ "device": "1A2B3C", "data": "4000000000000000000014" });
    let heard = sigfox().read(&battery).unwrap();
    assert_eq!((heard.action, heard.position, heard.level), (Action::Battery, None, Some(20.0)));
}

#[test]
fn what_is_wrong_with_a_frame_is_named() {
    let with = |data: Value| fault(&sigfox(), &json!({ "device": "1A2B3C", "data": data }));
    for (data, why) in [
        (json!("11f"), "data has an odd number of hex digits."),
        (json!("11xx"), "data holds something else than hex digits."),
        (json!("é1"), "data holds something else than hex digits."),
        (json!(11), "data is not a text of hex digits."),
        (json!(null), "data is required."),
        (json!(""), "data is too short: kind stands in byte 0."),
        (json!("11f0701148"), "data is too short: longitude stands in bytes 5 to 8."),
        (json!("11f070114810bd203004"), "data is too short: battery stands in byte 10."),
        (json!("11f070114810bd2030045800aa"), "data is longer than 12 bytes."),
        (json!("51f070114810bd20300458"), "data (kind) is no action of the template sigfox-button."),
        (json!("118000000010bd20300458"), "data (latitude) must be from -90 to 90."),
        (json!("11f07011487fffffff0458"), "data (longitude) must be from -180 to 180."),
        (json!("40000000000000000000ff"), "data (battery) must be from 0 to 100."),
    ] {
        assert_eq!(with(data), why);
    }
}

#[test]
fn what_is_wrong_with_a_message_is_named() {
    let message = |kind: Value, location: Value, body: Value| json!({ "device_type_id": 1, "device_id": "A1B2C3D4", "message_type": kind, "location": location, "body": body });
    let there = json!({ "latitude": -26.1, "longitude": 28.1 });
    for (message, why) in [
        (message(json!(null), there.clone(), json!({})), "message_type is required."),
        (
            message(json!(9), there.clone(), json!({})),
            "message_type is no action of the template example-devices.",
        ),
        (message(json!([1]), there.clone(), json!({})), "message_type is neither a text nor a whole number."),
        (message(json!(1), json!({}), there.clone()), "location.latitude is required."),
        (message(json!(1), json!({ "latitude": 1 }), json!({})), "location.longitude is required."),
        (
            message(json!(1), json!({ "latitude": "x", "longitude": 1 }), json!({})),
            "location.latitude is not a number.",
        ),
        (
            message(json!(2), there.clone(), json!({ "latitude": 91, "longitude": 1 })),
            "body.latitude must be from -90 to 90.",
        ),
        (
            message(json!(2), there.clone(), json!({ "latitude": 9, "longitude": 181 })),
            "body.longitude must be from -180 to 180.",
        ),
        (
            message(json!(1), json!({ "latitude": 1, "longitude": 1, "accuracy": -1 }), json!({})),
            "location.accuracy must not be negative.",
        ),
        (message(json!(4), json!({}), json!({})), "body.batteryLevel is required."),
        (
            message(json!(4), json!({}), json!({ "batteryLevel": 101 })),
            "body.batteryLevel must be from 0 to 100.",
        ),
    ] {
        assert_eq!(fault(&example(), &message), why);
    }
    // As the rest of the API: numeric strings are numbers, and 1 may come as text.
    let texts = message(json!("1"), json!({ "latitude": "-26.1", "longitude": "28.1" }), json!({}));
    assert_eq!(example().read(&texts).unwrap().position, Position::new(-26.1, 28.1));
}

#[test]
fn the_guide_s_messages_are_written_as_it_shows_them() {
    let written = |action| example().write(&outgoing(action)).unwrap();
    assert_eq!(
        written(Action::Callout),
        json!({
            "device_type_id": 1, "device_id": "A1B2C3D4", "message_type": 1,
            "location": { "latitude": -26.1091, "longitude": 28.083, "accuracy": 8, "sequenceNumber": "46" },
        })
    );
    assert_eq!(written(Action::Cancel)["body"], json!({ "sequenceNumber": "46" }));
    assert_eq!(written(Action::Battery)["body"], json!({ "batteryLevel": 88 }));
    assert_eq!(
        sigfox().write(&Outgoing { device: "1A2B3C".to_owned(), ..outgoing(Action::Callout) }).unwrap(),
        json!({ "device": "1A2B3C", "time": 1_781_083_800, "seqNumber": 46, "data": "10f070114810bd20300458" })
    );
}

#[test]
fn what_cannot_be_written_is_named() {
    let refused = |template: &Template, out: Outgoing| template.write(&out).unwrap_err().to_string();
    assert_eq!(
        refused(&example(), Outgoing { position: None, ..outgoing(Action::Callout) }),
        "latitude is required."
    );
    assert_eq!(
        refused(&sigfox(), Outgoing { accuracy: Some(600.0), ..outgoing(Action::Location) }),
        "accuracy does not go into the frame's field accuracy."
    );
    let mut template = example();
    template.action.cancel.clear();
    let why = refused(&template, outgoing(Action::Cancel));
    assert_eq!(why, "cancel is unknown to the template example-devices.");
    template.message.device = At::Number(Pointer::try_from("/device_id".to_owned()).unwrap());
    assert!(
        refused(&template, outgoing(Action::Battery)).starts_with("device_id is written as a whole number")
    );
    let numbered = Outgoing { device: "26217939".to_owned(), ..outgoing(Action::Battery) };
    assert_eq!(template.write(&numbered).unwrap()["device_id"], 26_217_939);
}

/// A shipped template with one line replaced by another.
fn with(from: &str, to: &str, index: usize) -> Result<Template, String> {
    let text = SHIPPED[index].1;
    assert!(text.contains(from), "{from}");
    parse("mine.toml", &text.replacen(from, to, 1)).map_err(|error| error.to_string())
}

/// The line of a shipped template on which `text` begins.
fn line(text: &str, index: usize) -> usize {
    let text_of = SHIPPED[index].1;
    text_of[..text_of.find(text).unwrap()].lines().count() + 1
}

#[test]
fn an_error_names_file_line_and_field() {
    for (index, from, to, field, why) in [
        (0, "type = 1", "type = \"x\"", "type", "invalid type"),
        (0, "type = 1", "type = 0", "type", "is not a positive number"),
        (0, "type = 1", "kind = 1", "kind", "unknown key"),
        (0, "name = \"example-devices\"", "name = \"My Devices\"", "name", "1 to 64 of a-z"),
        (0, "pattern = '[0-9A-Za-z._:-]{8,64}'", "pattern = '[0-9'", "serial.pattern", "is not a pattern"),
        (0, "device = { last = 8 }", "device = { last = 0 }", "serial.device", "takes no character"),
        (0, "device = { last = 8 }", "device = { group = \"id\" }", "serial.device", "no group id"),
        (0, "device = { last = 8 }", "device = { characters = [4, 2] }", "serial.device", "count from 1"),
        (0, "device = \"/device_id\"", "device = \"device_id\"", "message.device", "is not a pointer"),
        (0, "location = [2]", "location = [1]", "action.location", "means something already"),
        (0, "battery = [4]", "battery = [4.5]", "action.battery", "expected a whole number or a text"),
        (
            0,
            "level = \"/body/batteryLevel\"",
            "level = { frame = \"battery\" }",
            "battery.level",
            "no field battery",
        ),
        (1, "callout = [1]", "callout = [\"1\"]", "action.callout", "the frame holds numbers"),
        (1, "bytes = 11", "bytes = 13", "frame.bytes", "is not from 1 to most"),
        (1, "bits = 4", "bits = 40", "frame.fields.0.bits", "is not from 1 to 32"),
        (1, "byte = 10", "byte = 11", "frame.fields.5.byte", "ends behind the 11 bytes"),
        (1, "scale = 1e-7", "scale = 0.0", "frame.fields.2.scale", "other than 0"),
    ] {
        let error = with(from, to, index).unwrap_err();
        let place = format!("mine.toml:{}: {field}", line(from, index));
        assert!(error.starts_with(&place), "{place} is not in: {error}");
        assert!(error.contains(why), "{why} is not in: {error}");
    }
}

#[test]
fn what_is_missing_is_named_where_it_is_missing() {
    let error = with("latitude = \"/location/latitude\"\n", "", 0).unwrap_err();
    assert!(
        error.starts_with(&format!("mine.toml:{}: callout.latitude: is missing", line("[callout]", 0))),
        "{error}"
    );
    let error = with("[action]\nfield = \"/message_type\"", "[action]", 0).unwrap_err();
    assert!(error.contains("missing key `field`"), "{error}");
    let error = parse("mine.toml", "name = ").unwrap_err().to_string();
    assert!(error.starts_with("mine.toml:1: "), "{error}");
}

#[test]
fn no_two_templates_share_a_name_or_a_type() {
    let named = |origin: &str, name: &str, type_id: i64| {
        (origin.to_owned(), Template { name: name.to_owned(), type_id, ..example() })
    };
    let all = with_own(vec![named("a.toml", "example-devices", 9)]).unwrap();
    assert_eq!(all.iter().map(|template| template.type_id).collect::<Vec<_>>(), [9, 2]);
    let twice =
        with_own(vec![named("a.toml", "mine", 8), named("b.toml", "mine", 9)]).unwrap_err().to_string();
    assert_eq!(twice, "b.toml: name: a.toml has the name mine too");
    let shared = with_own(vec![named("a.toml", "mine", 1)]).unwrap_err().to_string();
    assert_eq!(shared, "a.toml: type: the shipped template example-devices has the type 1 too");
}

#[test]
fn a_folder_gives_its_toml_files_in_order() {
    let folder = tempfile::TempDir::new().unwrap();
    assert!(file::load(folder.path()).unwrap_err().to_string().contains("holds no *.toml"));
    for (name, text) in SHIPPED {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::write(folder.path().join("readme.md"), "not a template").unwrap();
    let loaded = file::load(folder.path()).unwrap();
    assert_eq!(loaded.iter().map(|(_, template)| template.type_id).collect::<Vec<_>>(), [1, 2]);
    assert!(file::load(&folder.path().join("gone.toml")).unwrap_err().to_string().contains("gone.toml"));
}

fn field() -> impl Strategy<Value = Field> {
    let whole = (1usize..=4).prop_map(|bytes| (Some(bytes), None, None));
    let part = (0usize..8, 1usize..=32).prop_map(|(bit, bits)| (None, Some(bit), Some(bits)));
    (prop_oneof![whole, part], 0usize..4, any::<bool>(), any::<bool>()).prop_map(
        |((bytes, bit, bits), byte, signed, little)| {
            let endian = if little { Endian::Little } else { Endian::Big };
            let name = "x".to_owned();
            Field { name, byte, bytes, bit, bits, signed, endian, scale: 1.0, offset: 0.0, unit: None }
        },
    )
}

proptest! {
    #[test]
    fn a_number_comes_out_of_a_frame_as_it_went_in(
        field in field(), number in any::<i32>(), mut frame in prop::array::uniform12(any::<u8>()),
    ) {
        prop_assume!(field.fault().is_none());
        let before = frame;
        let raw = i64::from(number);
        if field.put_raw(raw, &mut frame) {
            prop_assert_eq!(field.raw(&frame), Some(raw));
        } else {
            prop_assert_eq!(frame, before, "what does not go in changes nothing");
        }
        // Nothing beside the field was touched: putting the old number back restores every bit.
        let old = field.raw(&before).unwrap();
        prop_assert!(field.put_raw(old, &mut frame));
        prop_assert_eq!(frame, before);
    }

    #[test]
    fn what_is_written_reads_as_it_was_meant(
        latitude in -900_000_000i32..=900_000_000, longitude in -1_800_000_000i32..=1_800_000_000,
        half_metres in 0u8..=255, level in 0u8..=100, action in 0usize..4,
    ) {
        let out = Outgoing {
            position: Position::new(f64::from(latitude) / 1e7, f64::from(longitude) / 1e7),
            accuracy: Some(f64::from(half_metres) * 2.0),
            level: Some(f64::from(level)),
            ..outgoing(Action::ALL[action])
        };
        for template in shipped() {
            let message = template.write(&out).unwrap();
            let heard = template.read(&message).unwrap();
            prop_assert_eq!(heard.action, out.action);
            prop_assert_eq!(template.sender(&message).unwrap().to_string(), out.device.as_str());
            if matches!(heard.action, Action::Callout | Action::Location) {
                prop_assert_eq!(heard.position, out.position);
                prop_assert_eq!(heard.accuracy, out.accuracy);
            }
            if heard.action == Action::Battery {
                prop_assert_eq!(heard.level, out.level);
            }
        }
    }

    #[test]
    fn no_message_can_bring_it_down(hex in "[0-9a-fA-Fx]{0,30}", kind in any::<i64>(), text in ".{0,20}") {
        for template in shipped() {
            for message in [
                json!({ "device": text, "data": hex }),
                json!({ "device_type_id": 1, "device_id": text, "message_type": kind % 6, "location": { "latitude": kind, "longitude": text }, "body": text }),
            ] {
                let _read_or_refused = template.read(&message);
                let _known_or_not = template.sender(&message);
            }
        }
    }
}
