//! The hands of the devices' screen on the simulator that ships, and on the profile's own list.

use super::*;
use crate::api::client::{Connection, Credentials, CustomerSetup};
use crate::app::callout::Classification;
use crate::app::state::Dialect;
use crate::sim::{Options, Running, Simulator};
use secrecy::SecretString;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tempfile::TempDir;

struct Rig {
    running: Running,
    client: Client,
    control: Control,
    devices: Devices,
}

async fn simulator() -> Running {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Simulator::start(Options { listen, ..Options::default() }).await.unwrap()
}

fn client(running: &Running, read_only: bool) -> Client {
    let text = |text: &str| text.to_owned();
    let connection = Connection {
        base_url: running.v2(),
        realm: None,
        dialect: Dialect::V2,
        credentials: Credentials {
            client_id: text("demo-client"),
            client_secret: SecretString::from("demo-secret"),
            user: None,
        },
        customer: CustomerSetup {
            name: text("Jane"),
            surname: text("Doe"),
            mobile: text("+27000004567"),
            subscription_type_id: 4,
            ..CustomerSetup::default()
        },
        response_type_id: 1,
        classification: Classification::Test,
        internal_test: false,
        request_type: None,
        read_only,
        token_file: None,
        customer_file: None,
        connect_timeout: Connection::CONNECT_TIMEOUT,
        total_timeout: Connection::TOTAL_TIMEOUT,
        proxy: false,
        ca: None,
    };
    Client::new(connection, Arc::new(|| Clock::wall().now())).unwrap()
}

impl Rig {
    async fn start() -> Self {
        let running = simulator().await;
        let client = client(&running, false);
        let control = Control::new(&running.control(), Clock::wall()).unwrap();
        Self { running, client, control, devices: Devices::new(Clock::wall(), None) }
    }

    async fn told(&self, order: Order) -> Told {
        match self.devices.carry_out(order, &self.client, Some(&self.control)).await.unwrap() {
            Answer::Devices(told) => told,
            other => panic!("{other:?}"),
        }
    }

    async fn survey(&self) -> Survey {
        match self.told(Order::Survey).await {
            Told::Surveyed(survey) => *survey,
            other => panic!("{other:?}"),
        }
    }

    async fn exchange(&self, order: Order) -> Exchange {
        exchange(self.told(order).await)
    }

    async fn say(&self, device: &Device, say: Say) -> Exchange {
        self.exchange(saying(device, say)).await
    }
}

fn exchange(told: Told) -> Exchange {
    match told {
        Told::Exchanged { exchange, trouble: None } => *exchange,
        other => panic!("{other:?}"),
    }
}

fn here() -> Position {
    Position::new(-26.1091, 28.083).unwrap()
}

fn saying(device: &Device, say: Say) -> Order {
    let place = if let Say::Move(to) = say { to } else { here() };
    let level = if let Say::Battery(level) = say { level } else { 88.0 };
    Order::Say { device: Box::new(device.clone()), say, place, accuracy: Some(8.0), level }
}

fn link(template: &str, serial: &str) -> Order {
    Order::Link {
        template: template.into(),
        serial: serial.into(),
        supplier: "".into(),
        customer: None,
        alias: "Front desk".into(),
    }
}

#[tokio::test]
async fn a_device_from_its_link_to_its_unlink() {
    let rig = Rig::start().await;
    let empty = rig.survey().await;
    let names: Vec<&str> = empty.kinds.iter().map(|kind| kind.name.as_str()).collect();
    assert_eq!((empty.devices.len(), names), (0, vec!["example-devices", "sigfox-button"]));

    let linked = rig.exchange(link("example-devices", "SN-0001-A1B2C3D4")).await;
    assert_eq!(
        (linked.request.as_str(), linked.came.unwrap().device.unwrap().as_str()),
        ("POST /devices", "A1B2C3D4")
    );
    assert!(linked.sent.as_str().contains("\"deviceSerial\":\"SN-0001-A1B2C3D4\""));
    let device = rig.survey().await.devices.remove(0);
    assert_eq!(
        (device.id.as_str(), device.alias.as_str(), device.template.as_str(), device.customer_name.as_str()),
        ("A1B2C3D4", "Front desk", "example-devices", "Jane Doe")
    );
    assert!(device.battery.is_none() && device.last_event.is_none() && device.callout.is_none());

    let pressed = rig.say(&device, Say::Press).await;
    let resolved = pressed.came.unwrap();
    assert_eq!((resolved.event.as_str(), pressed.place), ("NEW_CALLOUT", Some(here())));
    let sent: serde_json::Value = serde_json::from_str(pressed.sent.as_str()).unwrap();
    assert_eq!((&sent["message_type"], &sent["location"]["latitude"]), (&1.into(), &(-26.1091).into()));
    let device = rig.survey().await.devices.remove(0);
    assert!(device.active && device.callout == resolved.callout && device.callout.is_some());
    assert_eq!(device.last_event.as_ref().unwrap().name.as_str(), "NEW_CALLOUT");
    assert_eq!(device.place, Some(here()), "where its callout is");

    let to = Position::new(-26.2, 28.1).unwrap();
    let moved = rig.say(&device, Say::Move(to)).await;
    assert_eq!((moved.came.unwrap().callout, moved.place), (device.callout.clone(), Some(to)));
    assert_eq!(rig.survey().await.devices[0].place, Some(to));
    let told = rig.say(&device, Say::Battery(7.0)).await;
    assert_eq!((told.came.unwrap().battery, told.place), (Some(7.0), None));
    assert!(rig.survey().await.devices[0].is_low());
    assert!(rig.say(&device, Say::Cancel).await.came.is_ok());
    assert!(!rig.survey().await.devices[0].active);
    let refused = rig.say(&device, Say::Cancel).await;
    assert!(refused.came.unwrap_err().message.as_str().contains("no active callout"));
    assert!(!refused.sent.is_empty(), "what was refused is shown as it went out");

    let unlinked = rig.exchange(Order::Unlink { device: device.id.clone() }).await;
    assert_eq!((unlinked.request.as_str(), unlinked.came.is_ok()), ("DELETE /devices/A1B2C3D4", true));
    assert!(rig.survey().await.devices.is_empty());
    let again = rig.exchange(Order::Unlink { device: device.id.clone() }).await;
    assert_eq!(again.came.unwrap_err().kind, FailureKind::NotFound);
    rig.running.stop().await;
}

#[tokio::test]
async fn a_raw_uplink_goes_out_as_its_frame() {
    let rig = Rig::start().await;
    rig.survey().await;
    rig.exchange(link("sigfox-button", "SIGFOX-BTN-1A2B3C")).await;
    let device = rig.survey().await.devices.remove(0);
    let pressed = rig.say(&device, Say::Press).await;
    assert!(pressed.sent.as_str().contains("\"data\":\"10f070114810bd20300458\""), "its battery at 88 % too");
    let told = rig.survey().await.devices[0].battery.map(|battery| battery.level);
    assert_eq!(told, Some(88.0));
    rig.running.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_link_is_told_by_its_field() {
    let rig = Rig::start().await;
    let wrong = rig.told(link("sigfox-button", "SN-0001-A1B2C3D4")).await;
    let Told::Wrong { field, why } = wrong else { panic!("{wrong:?}") };
    assert_eq!((field.as_str(), why.as_str()), ("deviceSerial", "does not match the template sigfox-button"));
    rig.exchange(link("example-devices", "SN-0001-A1B2C3D4")).await;
    let twice = rig.exchange(link("example-devices", "SN-0001-A1B2C3D4")).await;
    assert_eq!(twice.came.unwrap_err().kind, FailureKind::Refused);
    let gone = rig.devices.carry_out(link("nobodys", "SN-1"), &rig.client, Some(&rig.control)).await;
    assert_eq!(gone.unwrap_err().kind, FailureKind::Forbidden);
    rig.running.stop().await;
}

#[tokio::test]
async fn one_that_may_only_look_sends_nothing() {
    let rig = Rig::start().await;
    rig.exchange(link("example-devices", "SN-0001-A1B2C3D4")).await;
    let device = rig.survey().await.devices.remove(0);
    let watcher = client(&rig.running, true);
    for order in [
        link("example-devices", "SN-0002-A1B2C3D5"),
        saying(&device, Say::Press),
        saying(&device, Say::Cancel),
        saying(&device, Say::Battery(5.0)),
        Order::Unlink { device: device.id.clone() },
    ] {
        let told = rig.devices.carry_out(order, &watcher, Some(&rig.control)).await.unwrap();
        let Answer::Devices(told) = told else { panic!("{told:?}") };
        assert_eq!(exchange(told).came.unwrap_err().kind, FailureKind::Forbidden);
    }
    assert_eq!(rig.survey().await.devices, [device]);
    rig.running.stop().await;
}

#[tokio::test]
async fn where_no_simulator_lists_them_the_profile_keeps_its_own() {
    let running = simulator().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("devices.json");
    let client = client(&running, false);
    let devices = Devices::new(Clock::wall(), Some(Roster::at(file.clone())));
    let list = async || match devices.carry_out(Order::Survey, &client, None).await.unwrap() {
        Answer::Devices(Told::Surveyed(survey)) => survey.devices,
        other => panic!("{other:?}"),
    };
    let send = async |order| match devices.carry_out(order, &client, None).await.unwrap() {
        Answer::Devices(told) => exchange(told),
        other => panic!("{other:?}"),
    };
    assert!(list().await.is_empty());
    send(link("example-devices", "SN-0001-A1B2C3D4")).await;
    let device = list().await.remove(0);
    assert_eq!((device.key.as_str(), device.serial.as_str()), ("A1B2C3D4", "SN-0001-A1B2C3D4"));
    let pressed = send(saying(&device, Say::Press)).await.came.unwrap();
    send(saying(&device, Say::Battery(7.0))).await;
    let device = list().await.remove(0);
    assert!(device.active && device.callout == pressed.callout && device.is_low());
    assert_eq!(device.place, Some(here()));
    send(saying(&device, Say::Cancel)).await;
    assert!(!list().await[0].active);
    let refused = send(saying(&device, Say::Cancel)).await;
    assert!(refused.came.is_err());
    assert_eq!(list().await[0].last_event.as_ref().unwrap().name.as_str(), "CALLOUT_CANCELLED");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&file, "{half").unwrap();
    let failure = devices.carry_out(Order::Survey, &client, None).await.unwrap_err();
    assert!(failure.message.as_str().contains("devices.json is damaged"), "{}", failure.message);
    let told = devices.carry_out(saying(&device, Say::Battery(8.0)), &client, None).await.unwrap();
    let Answer::Devices(Told::Exchanged { exchange, trouble }) = told else { panic!("{told:?}") };
    assert!(exchange.came.is_ok() && trouble.is_some(), "it was said, and not kept");
    assert_eq!(std::fs::read(&file).unwrap(), b"{half", "what is damaged stays as it is");
    running.stop().await;
}
