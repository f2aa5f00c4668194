//! Devices: linked by their serials, and what their messages come to.

use super::*;
use crate::sim::devices::{Action, Template, shipped};
use serde_json::{Value, json};

pub(super) fn hand_in(rig: &mut Rig, templates: Vec<Template>) -> Result<Reply, Refusal> {
    rig.apply(Command::Device(DeviceCommand::HandInTemplates(templates)))
}

pub(super) fn hand_in_shipped(rig: &mut Rig) {
    hand_in(rig, shipped().collect()).unwrap();
}

fn new_link(serial: &str) -> NewLink {
    NewLink {
        known_by: KnownBy::Serial(serial.to_owned()),
        supplier: Some("ExampleDevices".to_owned()),
        type_id: None,
        alias: None,
        firmware_version: None,
    }
}

fn link_as(rig: &mut Rig, customer: CustomerId, link: NewLink) -> Result<LinkId, Refusal> {
    let (source, link) = (rig.source, Box::new(link));
    match rig.apply(Command::Device(DeviceCommand::Link { source, customer, link }))? {
        Reply::Device(DeviceReply::Linked(link)) => Ok(link),
        other => panic!("{other:?}"),
    }
}

pub(super) fn link(rig: &mut Rig, customer: CustomerId, serial: &str) -> Result<LinkId, Refusal> {
    link_as(rig, customer, new_link(serial))
}

/// What the guide's device sends, by the number of the action from 0.
pub(super) fn message(device: &str, action: usize) -> Value {
    let there = json!({ "latitude": -26.1, "longitude": 28.05, "sequenceNumber": "46" });
    let (location, body) = match action {
        0 => (there, json!({})),
        1 => (json!({}), there),
        _ => (json!({}), json!({ "batteryLevel": 72 })),
    };
    json!({
        "device_type_id": 1, "device_id": device, "message_type": action + 1,
        "location": location, "body": body,
    })
}

fn hear(rig: &mut Rig, message: Value) -> Result<DeviceHeard, Refusal> {
    let source = rig.source;
    match rig.apply(Command::Device(DeviceCommand::Hear { source, message }))? {
        Reply::Device(DeviceReply::Heard(heard)) => Ok(heard),
        other => panic!("{other:?}"),
    }
}

fn update(rig: &mut Rig, customer: CustomerId, patch: LinkPatch) -> Result<Reply, Refusal> {
    let (source, device_id, patch) = (rig.source, DEVICE.to_owned(), Box::new(patch));
    rig.apply(Command::Device(DeviceCommand::Update { source, customer, device_id, patch }))
}

fn unlink(rig: &mut Rig, device_id: &str) -> Result<Reply, Refusal> {
    let (source, device_id) = (rig.source, device_id.to_owned());
    rig.apply(Command::Device(DeviceCommand::Unlink { source, device_id }))
}

const DEVICE: &str = "A1B2C3D4";

/// With the shipped templates and one device of the rig's customer.
fn rig() -> (Rig, LinkId) {
    let mut rig = Rig::new();
    hand_in_shipped(&mut rig);
    let customer = rig.customer;
    let link = link(&mut rig, customer, "SN-0001-A1B2C3D4").unwrap();
    (rig, link)
}

fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_link_takes_its_id_from_the_serial() {
    let (mut rig, id) = rig();
    let device = rig.world.device(rig.source, DEVICE).unwrap();
    assert_eq!((device.id, device.customer, device.fields.type_id), (id, rig.customer, 1));
    assert_eq!(device.fields.serial.as_deref(), Some("SN-0001-A1B2C3D4"));
    let customer = rig.customer;
    for (link, why) in [
        (new_link("SN-0002-A1B2C3D4"), "deviceId is already in use."),
        (new_link("short"), "deviceSerial does not match the template example-devices."),
        (
            NewLink { supplier: Some("Nobody".to_owned()), ..new_link("SN-1-00000001") },
            "deviceSupplier: has no device template.",
        ),
        (NewLink { type_id: Some(9), ..new_link("SN-1-00000001") }, "deviceType: has no device template."),
        (
            NewLink { type_id: Some(2), ..new_link("no-module") },
            "deviceSerial does not match the template sigfox-button.",
        ),
        (
            NewLink { alias: Some("x".repeat(201)), ..new_link("SN-1-00000001") },
            "deviceAlias: is longer than 200 characters.",
        ),
    ] {
        assert_eq!(refused(link_as(&mut rig, customer, link)), why);
    }
    assert_eq!(refused(link(&mut rig, CustomerId(1), "SN-1-00000001")), "Customer not found.");
    assert_eq!(rig.world.devices().count(), 1);
    rig.assert_replays();
}

#[test]
fn a_press_opens_a_real_callout_and_a_second_press_comes_to_it() {
    let (mut rig, link) = rig();
    let heard = hear(&mut rig, message(DEVICE, 0)).unwrap();
    let callout = heard.callout.unwrap();
    assert_eq!((heard.link, heard.action, heard.numeric), (link, Action::Callout, false));
    let record = rig.record(callout);
    assert_eq!((record.response_type_id, record.classification_id, record.internal_test), (1, 1, false));
    assert_eq!((record.customer, record.location.position), (rig.customer, at(-26.1, 28.05)));
    assert_eq!(hear(&mut rig, message(DEVICE, 0)).unwrap().callout, Some(callout));
    assert_eq!(rig.world.callouts().count(), 1);
    let device = rig.world.device(rig.source, DEVICE).unwrap();
    assert_eq!(device.callout, Some(callout));
    rig.assert_replays();
}

#[test]
fn a_press_comes_to_the_callout_that_the_customer_has_already() {
    let (mut rig, _) = rig();
    let callout = rig.raise();
    assert_eq!(refused(hear(&mut rig, message(DEVICE, 1))), "The device has no active callout.");
    assert_eq!(hear(&mut rig, message(DEVICE, 0)).unwrap().callout, Some(callout));
    assert_eq!(rig.record(callout).location.position, scene(), "a press moves nothing");
    assert_eq!(hear(&mut rig, message(DEVICE, 1)).unwrap().callout, Some(callout));
    assert_eq!(rig.record(callout).location.position, at(-26.1, 28.05));
}

#[test]
fn a_cancel_ends_the_device_s_own_callout() {
    let (mut rig, _) = rig();
    for action in [1, 2] {
        let why = refused(hear(&mut rig, message(DEVICE, action)));
        assert_eq!(why, "The device has no active callout.");
    }
    let callout = hear(&mut rig, message(DEVICE, 0)).unwrap().callout.unwrap();
    assert_eq!(hear(&mut rig, message(DEVICE, 2)).unwrap().callout, Some(callout));
    assert_eq!(rig.status(callout), "closed");
    assert_eq!(refused(hear(&mut rig, message(DEVICE, 2))), "The device has no active callout.");
    let next = hear(&mut rig, message(DEVICE, 0)).unwrap().callout;
    assert_ne!(next, Some(callout), "a closed one is over");
    rig.assert_replays();
}

#[test]
fn the_battery_is_kept_with_its_time() {
    let (mut rig, _) = rig();
    rig.after(5.0);
    let heard = hear(&mut rig, message(DEVICE, 3)).unwrap();
    assert_eq!((heard.action, heard.callout, heard.level), (Action::Battery, None, Some(72.0)));
    let device = rig.world.device(rig.source, DEVICE).unwrap();
    assert_eq!(device.battery, Some(Battery { level: 72.0, at: rig.now }));
    assert_eq!(device.last_event, Some(LastEvent { action: Action::Battery, at: rig.now }));
    rig.assert_replays();
}

#[test]
fn without_a_subscription_a_press_does_nothing_at_all() {
    let (mut rig, _) = rig();
    rig.now += jiff::SignedDuration::from_hours(400 * 24);
    let before = rig.log.len();
    assert_eq!(hear(&mut rig, message(DEVICE, 0)), Err(Refusal::NoSubscription));
    assert_eq!(rig.log.len(), before);
    assert_eq!(rig.world.device(rig.source, DEVICE).unwrap().last_event, None);
}

#[test]
fn whose_message_it_is_must_be_known() {
    let (mut rig, _) = rig();
    let with = |field: &str, value: Value| {
        let mut message = message(DEVICE, 0);
        message[field] = value;
        message
    };
    for (message, why) in [
        (json!({}), "device_type_id is required."),
        (with("device_type_id", json!(9)), "device_type_id has no device template."),
        (with("device_type_id", json!(null)), "device_type_id is required."),
        (with("device_id", json!("00000000")), "device_id is not a linked device of this type."),
        (with("device_id", json!(null)), "device_id is required."),
        (with("device_id", json!([])), "device_id is neither a text nor a whole number."),
        (json!({ "device": DEVICE, "data": "11" }), "device is not a linked device of this type."),
    ] {
        assert_eq!(refused(hear(&mut rig, message)), why);
    }
    let Ok(Reply::Source(other)) = rig.apply(Command::OpenSource { client_id: "other".to_owned() }) else {
        panic!("no source")
    };
    rig.source = other;
    assert_eq!(
        refused(hear(&mut rig, message(DEVICE, 0))),
        "device_id is not a linked device of this type.",
        "another source's"
    );
    assert_eq!(refused(unlink(&mut rig, DEVICE)), "Device not found.");
}

#[test]
fn a_raw_uplink_finds_its_device_by_the_id_alone() {
    let (mut rig, _) = rig();
    let customer = rig.customer;
    let sigfox = NewLink { supplier: Some("examplesigfox".to_owned()), ..new_link("SIGFOX-BTN-1A2B3C") };
    let sigfox = link_as(&mut rig, customer, sigfox).unwrap();
    let uplink = json!({ "device": "1A2B3C", "data": "11f070114810bd20300458" });
    let heard = hear(&mut rig, uplink).unwrap();
    assert_eq!((heard.link, heard.action), (sigfox, Action::Callout));
    let device = rig.world.device_by_link(sigfox).unwrap();
    assert_eq!(device.battery.map(|battery| battery.level), Some(88.0), "each frame tells it");
    assert_eq!(rig.record(heard.callout.unwrap()).location.position, at(-26.1091, 28.083));
    rig.assert_replays();
}

#[test]
fn a_numeric_id_is_known_as_such() {
    let (mut rig, _) = rig();
    let customer = rig.customer;
    link(&mut rig, customer, "SN-26217939").unwrap();
    let mut message = message("", 0);
    message["device_id"] = json!(26_217_939);
    assert!(hear(&mut rig, message).unwrap().numeric);
}

#[test]
fn an_update_changes_alias_and_type() {
    let (mut rig, id) = rig();
    let customer = rig.customer;
    let patch = LinkPatch { alias: Some("Front desk".to_owned()), ..LinkPatch::default() };
    update(&mut rig, customer, patch).unwrap();
    assert_eq!(rig.world.device_by_link(id).unwrap().fields.alias.as_deref(), Some("Front desk"));
    let typed = |type_id| LinkPatch { type_id: Some(type_id), ..LinkPatch::default() };
    assert_eq!(refused(update(&mut rig, customer, typed(9))), "deviceTypeId: has no device template.");
    let why = refused(update(&mut rig, customer, typed(2)));
    assert_eq!(why, "deviceTypeId: reads another deviceId out of the serial.");
    let twin = Template { name: "twin".to_owned(), type_id: 7, ..shipped().next().unwrap() };
    rig.apply(Command::Device(DeviceCommand::PutTemplate(Box::new(twin)))).unwrap();
    update(&mut rig, customer, typed(7)).unwrap();
    assert_eq!(rig.world.device_by_link(id).unwrap().fields.type_id, 7);
    assert_eq!(refused(update(&mut rig, CustomerId(1), typed(7))), "Device not found.");
    rig.assert_replays();
}

#[test]
fn an_unlinked_device_says_nothing_more_and_its_callout_goes_on() {
    let (mut rig, _) = rig();
    let callout = hear(&mut rig, message(DEVICE, 0)).unwrap().callout.unwrap();
    unlink(&mut rig, DEVICE).unwrap();
    assert_eq!(refused(unlink(&mut rig, DEVICE)), "Device not found.");
    assert!(refused(hear(&mut rig, message(DEVICE, 2))).starts_with("device_id"));
    assert_eq!(rig.status(callout), "created");
    let customer = rig.customer;
    link(&mut rig, customer, "SN-0001-A1B2C3D4").unwrap();
    rig.assert_replays();
}

#[test]
fn the_older_link_names_the_device_id_itself() {
    let mut rig = Rig::new();
    hand_in_shipped(&mut rig);
    let (customer, source) = (rig.customer, rig.source);
    let older =
        |id: &str| NewLink { known_by: KnownBy::DeviceId(id.to_owned()), supplier: None, ..new_link("") };
    link_as(&mut rig, customer, older("panic-button-001")).unwrap();
    let device = rig.world.device(source, "panic-button-001").unwrap();
    assert_eq!((device.fields.type_id, &device.fields.serial), (1, &None));
    assert!(hear(&mut rig, message("panic-button-001", 0)).is_ok());
    assert_eq!(refused(link_as(&mut rig, customer, older(" "))), "deviceId: is blank.");
}

#[test]
fn the_same_files_again_leave_no_trace() {
    let mut rig = Rig::new();
    hand_in_shipped(&mut rig);
    let before = rig.log.len();
    hand_in_shipped(&mut rig);
    assert_eq!(rig.log.len(), before);

    let changed = Template { description: "changed".to_owned(), ..shipped().next().unwrap() };
    hand_in(&mut rig, vec![changed]).unwrap();
    let kept: Vec<_> = rig.world.device_templates().map(|kept| kept.template.description.as_str()).collect();
    assert_eq!(kept, ["changed"], "one is new, one is gone");
    rig.assert_replays();
}

#[test]
fn what_the_control_side_gave_is_not_replaced_by_a_file() {
    let mut rig = Rig::new();
    hand_in_shipped(&mut rig);
    let own = Template { description: "mine".to_owned(), ..shipped().next().unwrap() };
    let put = |template: Template| Command::Device(DeviceCommand::PutTemplate(Box::new(template)));
    rig.apply(put(own.clone())).unwrap();
    hand_in_shipped(&mut rig);
    assert_eq!(rig.world.device_template("example-devices").unwrap().template, own);

    let clash = Template { name: "other".to_owned(), ..own };
    let why = refused(hand_in(&mut rig, vec![clash.clone()]));
    assert_eq!(why, "other has a type that belongs to a template which the control side gave.");
    assert_eq!(refused(rig.apply(put(clash))), "type is already in use.");
    let nameless = Template { name: String::new(), type_id: 8, ..shipped().next().unwrap() };
    assert!(refused(rig.apply(put(nameless))).starts_with("name is not"));
    rig.assert_replays();
}

#[test]
fn a_reset_takes_the_devices_and_leaves_the_templates() {
    let (mut rig, _) = rig();
    rig.apply(Command::Reset).unwrap();
    assert_eq!((rig.world.devices().count(), rig.world.device_templates().count()), (0, 2));
    assert!(rig.world.device(rig.source, DEVICE).is_none());
    rig.assert_replays();
}

#[test]
fn a_world_from_before_there_were_devices_still_opens() {
    let (rig, _) = rig();
    let mut json = serde_json::to_value(&rig.world).unwrap();
    json.as_object_mut().unwrap().remove("devices").unwrap();
    let world: World = serde_json::from_value(json).unwrap();
    assert_eq!((world.devices().count(), world.device_templates().count()), (0, 0));
}
